//! What an operator is told who wrote a query that cannot work.

use super::*;
use crate::classify::parser::{MAX_DEPTH, parse};

/// Checks that each query has the one problem, at these of its bytes, with these words.
fn check_problems(table: &[[&str; 4]]) {
    for [query, at, message, help] in table {
        let problems = compile(query).err().unwrap_or_default();
        let [problem] = problems.as_slice() else {
            panic!("{query}: {problems:?}");
        };
        assert_eq!(query.get(problem.span.clone()), Some(*at), "{query}");
        assert!(problem.message.contains(message), "{query}: {problem:?}");
        assert!(problem.help.contains(help), "{query}: {problem:?}");
    }
}

#[test]
fn spelling_mistakes_have_place_and_help() {
    check_problems(&[
        ["", "", "an empty query", "at least one word"],
        ["  ", "  ", "an empty query", "at least one word"],
        [
            "\"a b",
            "\"a b",
            "quote that nothing closes",
            "end of the phrase",
        ],
        [
            "a or b",
            "or",
            "operators are in capitals",
            "write `OR`, or `\"or\"`",
        ],
        [
            "a near/5 b",
            "near/5",
            "operators are in capitals",
            "`NEAR/5`",
        ],
        ["a NEAR b", "NEAR", "largest distance", "`NEAR/10`"],
        ["a NEAR/0 b", "NEAR/0", "largest distance", "`NEAR/10`"],
        ["a NEAR/99999999999 b", "NEAR/99999999999", "1 to 1000", ""],
        [
            "@indai",
            "@indai",
            "unknown alias `@indai`",
            "did you mean `@india`?",
        ],
        ["@japan", "@japan", "unknown alias `@japan`", "[alias]"],
        ["@ india", "@", "without a name", "`@india`"],
        ["intext:hi", "intext:", "unknown field", "`title:`, `body:`"],
        ["*", "*", "`*` holds no word", "AND, OR"],
        ["oil \"\"", "\"\"", "no word to look for", "AND, OR"],
        ["oil =\"\"", "=", "wants a word, not a phrase", ""],
        [
            "site:*.bbc.co.uk",
            "site:*.bbc.co.uk",
            "asks for hosts below a site",
            "write `site:bbc.co.uk`",
        ],
        ["a & b", "&", "no word to look for", "AND, OR"],
        ["a - b", "-", "stands alone", "`-sport`"],
        ["sanc*tion", "sanc*", "inside a word", "at the end"],
        ["=US*", "=US*", "a whole word", "`US*`"],
        ["ATLEAST(a, b)", "ATLEAST", "how many", "ATLEAST/2("],
        ["a^0", "^0", "above 0", "^2"],
    ]);
}

/// A number is a site as a whole, and a language goes by its short name.
#[test]
fn values_that_no_entry_can_have_are_told_with_what_is_meant() {
    check_problems(&[
        [
            "site:http://127.0.0.1/",
            "site:http://127.0.0.1/",
            "no domain",
            "write `site:127.0.0.1`",
        ],
        [
            "site:127.0.0.1:8080",
            "site:127.0.0.1:8080",
            "no domain",
            "write `site:127.0.0.1`",
        ],
        [
            "site:http://[::1]:80/a",
            "site:http://[::1]:80/a",
            "no domain",
            "write `site:[::1]`",
        ],
        [
            "lang:klingon",
            "lang:klingon",
            "no language tag",
            "`lang:hi`",
        ],
    ]);
}

#[test]
fn spellings_of_other_tools_have_place_and_help() {
    check_problems(&[
        ["oil !Brensk", "!", "NOT elsewhere", "`-sport`"],
        ["oil -!Brensk", "!", "NOT elsewhere", "`-sport`"],
        ["oil +gas", "+", "\"must\" elsewhere", "leave it out"],
        ["/oil.s/", "/", "regular expression", "`oil*`"],
        ["\"crude oil\"~3", "~", "a distance", "NEAR/3"],
        ["oil~2 gas", "~2", "spelled about so", "`oil*`"],
        ["ölpreis~", "~", "spelled about so", "`ölpreis*`"],
        ["oil|gas", "|", "no operator here", "write `OR`"],
        ["oil || gas", "|", "no operator here", "write `OR`"],
        ["oil && gas", "&&", "no operator here", "write `AND`"],
        [
            "oil^2 score>2",
            "score>2",
            "no condition here",
            "`min-score = 2`",
        ],
        ["oil price<=3", "price<=3", "no condition here", "in quotes"],
        [
            "=\"Crude Oil\"",
            "=",
            "a word, not a phrase",
            "\"=Crude Oil\"",
        ],
        ["'Ndrangheta boss", "'", "nothing closes", "apostrophe"],
    ]);
}

#[test]
fn mistakes_in_fields_have_place_and_help() {
    check_problems(&[
        [
            "sites:a.org",
            "sites:",
            "unknown field",
            "did you mean `site:`?",
        ],
        [
            "language:hi",
            "language:",
            "unknown field",
            "did you mean `lang:`?",
        ],
        ["oil lang:", "lang:", "without a value", "`lang:hi`"],
        ["oil feed: ", "feed:", "without a value", "`feed:tass`"],
        ["feed: OR oil", "feed:", "without a value", "`feed:tass`"],
        ["oil feed: AND", "feed:", "without a value", "`feed:tass`"],
        ["oil feed: -tass", "feed:", "without a value", "`feed:tass`"],
        [
            "author:\" \"",
            "author:\" \"",
            "without a value",
            "Jane Doe",
        ],
        ["author:\"a", "\"a", "nothing closes", "end of the phrase"],
        [
            "site:@press",
            "site:@",
            "an alias",
            "a.example OR b.example",
        ],
        [
            "site:www.bbc.co.uk",
            "site:www.bbc.co.uk",
            "no domain",
            "`site:bbc.co.uk`",
        ],
        [
            "site:https://dw.com/en",
            "site:https://dw.com/en",
            "no domain",
            "`site:dw.com`",
        ],
        [
            "lang:English",
            "lang:English",
            "no language tag",
            "write `lang:en`",
        ],
        ["lang:(en or hi)", "or", "operators are in capitals", "`OR`"],
    ]);
}

#[test]
fn what_a_field_cannot_do_has_place_and_help() {
    check_problems(&[
        ["age:2d", "age:2d", "`<` or `>`", "`age:<2d`"],
        ["age:<2y", "age:<2y", "s, m, h, d, w", "`age:<2d`"],
        [
            "oil age:<2d",
            "age:<2d",
            "changes by itself",
            "leave it out",
        ],
        [
            "topic:a*",
            "topic:a*",
            "no name of a topic",
            "`topic:energy`",
        ],
        [
            "topic:nobody oil",
            "topic:nobody",
            "no topic `nobody`",
            "[[topic]]",
        ],
        ["title:lang:hi", "lang:hi", "the whole entry", "beside"],
        ["body:(oil lang:hi)", "lang:hi", "the whole entry", "beside"],
        [
            "oil NEAR/3 lang:hi",
            "lang:hi",
            "has no one place",
            "joined by OR",
        ],
        ["a ONEAR b", "ONEAR", "ONEAR wants", "`ONEAR/10`"],
        ["a onear/5 b", "onear/5", "in capitals", "`ONEAR/5`"],
        ["-lang:hi", "-lang:hi", "only excludes", "write beside it"],
        ["site:(a.org", "site:(", "nothing closes", "`)`"],
    ]);
}

#[test]
fn mistakes_of_grammar_have_place_and_help() {
    check_problems(&[
        ["(a OR b", "(", "nothing closes", "`)`"],
        ["a)", ")", "closes nothing", "delete it"],
        ["a ()", "()", "empty parentheses", "a query between"],
        ["a OR", "", "ends where", "delete the operator"],
        ["AND a", "AND", "nothing before it", "both sides"],
        [
            "a NEAR/5 (b c)",
            "(b c)",
            "`b c` has no one place",
            "joined by OR",
        ],
        ["a NEAR/5 -b", "-b", "has no one place", "joined by OR"],
        ["NOT a", "NOT a", "`-a` only excludes", "write beside it"],
        ["-a -b", "-a -b", "only excludes", "write beside it"],
        ["a OR -b", "-b", "only excludes", "write beside it"],
        [
            "title:(a body:b)",
            "body:b",
            "can match nothing",
            "one of the two",
        ],
        ["a, b", ",", "outside ATLEAST", "quotes"],
        ["(a, b)", ",", "outside ATLEAST", "AND or OR"],
        ["ATLEAST/3(a, b)", "ATLEAST/3", "of 2 queries", "1 to 2"],
        ["ATLEAST/2 a", "ATLEAST/2", "in parentheses", "ATLEAST/2("],
        ["a ^2^3", "^3", "nothing before", "directly after"],
    ]);
}

#[test]
fn all_problems_are_reported_at_once() {
    let aliases = [
        alias("a", &["word", "@b", "@nobody"]),
        alias("b", &["@c"]),
        alias("c", &["@a", "—", "sanc*tion", "title:x"]),
        alias("own", &["@own"]),
    ];
    let rules = [rule("x", "@a @zzz @yyyy", 0.0), rule("y", "(", 0.0)];
    let problems = Classifier::compile(&aliases, &rules).unwrap_err();
    let told: Vec<String> = problems
        .iter()
        .map(|p| match &p.place {
            Place::Alias { name, term } => format!("{name} {term}: {p}"),
            Place::Rule { rule } => format!("{rule}: {p}"),
            Place::Inherited { rule, which } => format!("{rule}.{which}: {p}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            "c 1: `—` holds no word to look for",
            "c 2: `sanc*tion` is not a term",
            "c 3: `title:x` is not a term",
            "c 0: the alias contains itself: @a -> @b -> @c -> @a",
            "a 2: unknown alias `@nobody`",
            "own 0: the alias contains itself: @own -> @own",
            "0: unknown alias `@zzz`",
            "0: unknown alias `@yyyy`",
            "1: the query ends where something to look for should stand",
        ]
    );
}

#[test]
fn an_alias_is_no_query() {
    for (term, expected) in [
        ("oil AND gas", "`AND` is no operator in an alias"),
        ("oil OR gas", "`OR` is no operator"),
        ("NOT oil", "`NOT` is no operator"),
        ("-oil AND gas", "`AND` is no operator"),
        ("oil NEAR/3 gas", "`NEAR/3` is no operator"),
        ("oil ONEAR/3 gas", "`ONEAR/3` is no operator"),
        ("нефть AND газ", "`AND` is no operator"),
        ("तेल OR गैस", "`OR` is no operator"),
        ("!oil", "signs are no operators"),
        ("+oil", "signs are no operators"),
        ("/oil/", "signs are no operators"),
        ("~oil", "signs are no operators"),
        ("oil~2", "signs are no operators"),
        ("oil|gas", "signs are no operators"),
        ("PROCTER AND GAMBLE", ""),
        ("war and peace", ""),
        ("AT&T", ""),
        ("C++", ""),
        ("OR", ""),
        ("=Oil AND Gas", ""),
        ("near the sea", ""),
    ] {
        let found = Classifier::compile(&[alias("a", &[term])], &[rule("x", "@a OR b", 0.0)]);
        let told = found.map_or_else(|problems| problems[0].to_string(), |_| String::new());
        assert_eq!(told.is_empty(), expected.is_empty(), "{term}: {told}");
        assert!(told.contains(expected), "{term}: {told}");
    }
}

#[test]
fn an_empty_alias_is_a_problem_where_it_is_used() {
    let aliases = [alias("none", &[])];
    let problems = Classifier::compile(&aliases, &[rule("x", "oil OR @none", 0.0)]).unwrap_err();
    assert_eq!(problems[0].span, 7..12);
    assert!(problems[0].message.contains("has no terms"));
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("(", ")"), ("-", ""), ("title:", ""), ("ATLEAST/1(", ")")] {
        let deep = |n: usize| format!("{}a{}", open.repeat(n), close.repeat(n));
        let problem = parse(&deep(100_000)).unwrap_err();
        assert!(problem.message.contains("nested deeper"), "{open}");
        assert!(parse(&deep(MAX_DEPTH - 1)).is_ok(), "{open}");
    }
}

/// A term is read without the blanks around it, and its place in the file is told with them; of a circle it is that of the
/// alias that is to be mended.
#[test]
fn a_reference_is_shown_where_it_stands() {
    for (term, expected) in [
        ("@nobody", "@nobody"),
        ("  @nobody ", "@nobody"),
        ("\u{a0}@ӟ", "@ӟ"),
        (" @lengthy", "@lengthy"),
        (" @a\t", "@a"),
    ] {
        let aliases = [alias("a", &[term]), alias("lengthy", &["  @a "])];
        let problems = Classifier::compile(&aliases, &[]).unwrap_err();
        let [problem] = <[RuleProblem; 1]>::try_from(problems).unwrap();
        let text = match &problem.place {
            Place::Alias { name, .. } if name == "lengthy" => "  @a ",
            _ => term,
        };
        let shown = text.get(problem.span.clone());
        let expected = if text == term { expected } else { "@a" };
        assert_eq!(shown, Some(expected), "{problem:?}");
    }
}
