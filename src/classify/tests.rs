//! The language end to end: queries against entries, problems, and properties of the parser.

use super::parser::{MAX_DEPTH, parse};
use super::*;
use crate::model::{Evidence, FeedId};
use proptest::prelude::*;

fn entry(title: &str, summary: &str, content: &str) -> Entry {
    Entry {
        feed: FeedId::new("wire"),
        entry_id: "1".to_owned(),
        keys: Vec::new(),
        url: None,
        title: title.to_owned(),
        summary: None,
        content: None,
        summary_text: summary.to_owned(),
        content_text: content.to_owned(),
        authors: Vec::new(),
        categories: Vec::new(),
        enclosures: Vec::new(),
        language: None,
        published_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
        dated: true,
        source: None,
        content_digest: [0; 16],
    }
}

fn alias(name: &str, terms: &[&str]) -> Alias {
    Alias {
        name: name.to_owned(),
        terms: terms.iter().map(|term| (*term).to_owned()).collect(),
    }
}

fn aliases() -> Vec<Alias> {
    vec![
        alias(
            "india",
            &[
                "India",
                "Indian*",
                "New Delhi",
                "Modi",
                "मोदी",
                "भारत",
                "Индия",
            ],
        ),
        alias("russia", &["Russia*", "Putin", "Кремль", "Путин*"]),
        alias("both", &["@india", "@russia", "BRICS"]),
    ]
}

fn rule(name: &str, query: &str, min_score: f64) -> Rule {
    Rule {
        name: name.to_owned(),
        query: query.to_owned(),
        min_score,
    }
}

fn compile(query: &str) -> Result<Classifier, Vec<RuleProblem>> {
    Classifier::compile(&aliases(), &[rule("t", query, 0.0)])
}

fn matched(query: &str, entry: &Entry) -> Option<TopicMatch> {
    compile(query).unwrap().classify(entry, &[]).pop()
}

#[test]
fn queries_hold_or_not() {
    let visit = entry(
        "Modi’s Moscow visit: an S-400 deal",
        "Putin will meet the Élysée envoy, says the U.S.",
        "Sanctions and the price cap on oil. India buys discounted crude.",
    );
    for (query, expected) in [
        // words are whole, folded, and lose a possessive
        ("modi", true),
        ("Mod", false),
        ("elysee", true),
        ("Sanction", false),
        ("sanction*", true),
        ("sanctions*", true),
        // AND, OR, NOT and how they bind
        ("Modi Putin", true),
        ("Modi AND Xi", false),
        ("Xi OR Modi Putin", true),
        ("(Xi OR Modi) Biden", false),
        ("Xi Biden OR Modi", true),
        ("Modi -Xi", true),
        ("Modi NOT Putin", false),
        ("Modi -(Xi Putin)", true),
        ("Modi -title:Putin", true),
        ("Modi title:-Putin", true),
        ("Modi -body:Putin", false),
        // phrases
        ("\"price cap\"", true),
        ("“price cap”", true),
        ("\"cap price\"", false),
        ("\"discounted cru*\"", true),
        ("S-400", true),
        ("\"s 400\"", true),
        // never across texts
        ("\"deal Putin\"", false),
        ("deal NEAR/2 Putin", false),
        // fields
        ("title:Moscow", true),
        ("body:Moscow", false),
        ("title:(Moscow deal)", true),
        ("body:(Putin crude)", true),
        ("title:@russia", false),
        // exact words
        ("=Modi", true),
        ("=modi", false),
        ("=U.S", true),
        ("=us", false),
        ("=S-400", true),
        ("=s-400", false),
        // aliases
        ("@india @russia", true),
        ("body:@both", true),
        // proximity, in either order; the distance counts words, neighbours are 1 apart
        ("Putin NEAR/4 envoy", false),
        ("Putin NEAR/5 envoy", true),
        ("envoy NEAR/5 Putin", true),
        ("title:@india NEAR/2 (visit OR trip)", true),
        ("(Xi OR title:Modi) NEAR/1 Moscow", true),
        ("Modi NEAR/1 Moscow NEAR/1 visit", true),
        ("Modi NEAR/1 visit NEAR/1 Moscow", false),
        ("\"price cap\" NEAR/2 oil", true),
        ("title:(Modi NEAR/3 deal)", false),
        // the same mention is not near itself
        ("Modi NEAR/5 @india", false),
        // ATLEAST
        ("ATLEAST/2(Modi, Xi, Putin)", true),
        ("ATLEAST/2(Modi, Xi, Biden OR Trump)", false),
        // boosts change the score alone
        ("Modi^2 Putin^0.5", true),
    ] {
        assert_eq!(matched(query, &visit).is_some(), expected, "{query}");
    }
}

#[test]
fn other_scripts_match() {
    for (query, title, expected) in [
        ("मोदी", "प्रधानमंत्री मोदी की रूस यात्रा", true),
        ("मोद", "प्रधानमंत्री मोदी की रूस यात्रा", false),
        ("संबंध*", "भारत और रूस के संबंधों पर", true),
        ("ПУТИН*", "Встреча с Путиным", true),
        ("елка", "Ёлка", true),
        ("@india", "भारत", true),
    ] {
        let found = matched(query, &entry(title, "", "")).is_some();
        assert_eq!(found, expected, "{query} in {title}");
    }
}

#[test]
fn every_known_prefix_of_a_word_is_found() {
    let text = entry("nuclearisation", "", "");
    for query in ["n*", "nu*", "nuc*", "nuclear*", "nuclearisation*"] {
        let all = "n* OR nu* OR nub* OR nuc* OR nuclea* OR nuclear* OR nuclearisation* OR nuda*";
        let both = format!("({all}) {query} -nuclearisations* -nuclearism*");
        assert!(matched(&both, &text).is_some(), "{query}");
    }
}

#[test]
fn scores_weigh_places_and_weakest_legs() {
    let lead = "word ".repeat(60);
    let check = |query: &str, title: &str, body: &str, expected: f64| {
        let score = matched(query, &entry(title, "", body)).unwrap().score;
        assert!((score - expected).abs() < 1e-9, "{query}: {score}");
    };
    check("oil", "oil", "", 4.0 * 3.0 / 5.0);
    check("oil", "", "oil", 4.0 * 1.5 / 3.5);
    check("oil", "", &format!("{lead}oil"), 4.0 * 0.5 / 2.5);
    check("oil", "oil oil", "oil", 4.0 * 7.5 / 9.5);
    check("oil OR gas", "oil gas", "", 4.8);
    check("oil gas", "oil", "gas", 4.0 * 1.5 / 3.5);
    check("oil NEAR/1 gas", "", "oil gas", 1.5 * 4.0 * 1.5 / 3.5);
    check("ATLEAST/2(oil, gas, coal)", "oil gas", "", 4.8);
    check("oil^3", "oil", "", 7.2);
    check("oil -gas", "oil", "", 2.4);
}

#[test]
fn a_score_below_the_least_is_no_match() {
    let rules = [rule("low", "oil", 1.0), rule("high", "oil", 2.0)];
    let classifier = Classifier::compile(&[], &rules).unwrap();
    let found = classifier.classify(&entry("", "oil", ""), &[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].topic, "low");
}

#[test]
fn a_summary_that_opens_the_content_counts_once() {
    let once = matched("oil", &entry("", "", "Oil is up today")).unwrap();
    for summary in ["Oil is up", "Oil is up…", "Oil is up today [...]", ""] {
        let both = matched("oil", &entry("", summary, "Oil is up today")).unwrap();
        assert_eq!(both, once, "{summary}");
    }
    let other = matched("oil", &entry("", "Oil rises", "Oil is up today")).unwrap();
    assert_eq!(other.evidence.len(), 2);
}

fn told(evidence: &[Evidence]) -> Vec<String> {
    evidence
        .iter()
        .map(|e| {
            let alias = e.alias.as_deref().unwrap_or("-");
            format!(
                "{}:{} {} @{alias} {:?}",
                e.field, e.position, e.term, e.text
            )
        })
        .collect()
}

#[test]
fn evidence_names_term_alias_text_and_place() {
    let text = entry(
        "Visit of Modi’s envoy",
        "New Delhi said that sanctions stay. Modi spoke.",
        "",
    );
    let found = matched("@both (sanction* OR tariff OR envoy) -title:chess", &text).unwrap();
    assert_eq!(
        told(&found.evidence),
        [
            "title:2 Modi @india \"Modi’s\"",
            "title:3 envoy @- \"envoy\"",
            "summary:0 \"New Delhi\" @india \"New Delhi\"",
            "summary:4 sanction* @- \"sanctions\"",
            "summary:6 Modi @india \"Modi\"",
        ]
    );
}

#[test]
fn evidence_is_capped_and_shows_every_term() {
    let body = format!("{} gas", "oil ".repeat(500));
    let found = matched("oil gas", &entry("oil", "", &body)).unwrap();
    assert_eq!(found.evidence.len(), 16);
    assert!(found.evidence.iter().any(|e| e.term == "gas"));
    assert_eq!(found.evidence[0].field, "title");
}

#[test]
fn near_shows_only_the_places_that_are_near() {
    let text = entry("", "oil and gas, later on oil alone", "");
    let found = matched("oil NEAR/2 gas", &text).unwrap();
    assert_eq!(
        told(&found.evidence),
        ["summary:0 oil @- \"oil\"", "summary:2 gas @- \"gas\""]
    );
}

#[test]
fn given_topics_are_never_missing() {
    let rules = [rule("energy", "oil", 1.0), rule("asia", "India", 0.0)];
    let classifier = Classifier::compile(&[], &rules).unwrap();
    let given = ["wire".to_owned(), "energy".to_owned(), "wire".to_owned()];
    let check = |title: &str, expected: &[(&str, usize)]| {
        let found = classifier.classify(&entry(title, "", ""), &given);
        let found: Vec<(&str, usize)> = found
            .iter()
            .map(|t| (t.topic.as_str(), t.evidence.len()))
            .collect();
        assert_eq!(found, expected, "{title}");
    };
    check("India", &[("asia", 1), ("energy", 1), ("wire", 1)]);
    check("oil", &[("energy", 2), ("wire", 1)]);
    let found = classifier.classify(&entry("", "", ""), &given);
    let least = found[0].score;
    assert!((least - 1.0).abs() < 1e-9, "the least score of the topic");
    assert_eq!(told(&found[0].evidence), ["feed:0 topics @- \"wire\""]);
}

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
        ["lang:hi", "lang:", "unknown field", "`title:` and `body:`"],
        ["*", "*", "`*` holds no word", "AND, OR"],
        ["a & b", "&", "no word to look for", "AND, OR"],
        ["a - b", "-", "stands alone", "`-sport`"],
        ["sanc*tion", "sanc*", "inside a word", "at the end"],
        ["=US*", "=US*", "a whole word", "`US*`"],
        ["ATLEAST(a, b)", "ATLEAST", "how many", "ATLEAST/2("],
        ["a^0", "^0", "above 0", "^2"],
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

#[test]
fn many_hits_take_linear_time_and_little_memory() {
    let words = "oil gas ".repeat(200_000);
    let text = entry("oil", &words, &words.replace("oil gas", "gas oil"));
    let found = matched("(oil NEAR/3 gas) (oil OR gas) ATLEAST/2(oil, gas)", &text).unwrap();
    assert_eq!(found.evidence.len(), 16);
}

/// Queries out of the pieces of the language, most of them well-formed.
fn pieces() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        Just("oil".to_owned()),
        Just("S-400".to_owned()),
        Just("sanction*".to_owned()),
        Just("=US".to_owned()),
        Just("\"price cap*\"".to_owned()),
        Just("@india".to_owned()),
        Just("मोदी^2.5".to_owned()),
    ];
    atom.prop_recursive(6, 40, 4, |inner| {
        let many = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many.clone().prop_map(|q| q.join(" ")),
            many.clone().prop_map(|q| q.join(" OR ")),
            many.clone().prop_map(|q| q.join(" AND NOT ")),
            many.clone().prop_map(|q| q.join(" NEAR/7 ")),
            many.prop_map(|q| format!("ATLEAST/1({})", q.join(", "))),
            inner.clone().prop_map(|q| format!("({q})")),
            inner.clone().prop_map(|q| format!("({q})^3")),
            inner.clone().prop_map(|q| format!("title:({q})")),
            inner.prop_map(|q| format!("-{q}")),
        ]
    })
}

proptest! {
    #[test]
    fn printing_and_parsing_is_a_fixpoint(query in pieces()) {
        let printed = parse(&query).unwrap().to_string();
        prop_assert_eq!(parse(&printed).unwrap().to_string(), printed);
    }

    #[test]
    fn any_text_parses_or_has_a_problem_in_it(query in "[ -~“मД–]{0,60}|([()\"^@:*,=a-]|OR |NEAR/2 |ATLEAST/1){0,30}") {
        match parse(&query) {
            Ok(node) => {
                prop_assert!(query.get(node.span.clone()).is_some());
                let printed = node.to_string();
                prop_assert_eq!(parse(&printed).unwrap().to_string(), printed);
            }
            Err(fault) => prop_assert!(query.get(fault.span).is_some()),
        }
    }

    #[test]
    fn near_agrees_with_comparing_all_places(text in "(oil |gas |tax |and ){0,14}", n in 1_usize..5, m in 1_usize..5) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let places = |word: &str| -> Vec<usize> {
            (0..words.len()).filter(|at| words[*at] == word).collect()
        };
        let expected = places("oil").into_iter().any(|oil| {
            places("gas").into_iter().any(|gas| {
                oil.abs_diff(gas) <= n && places("tax").into_iter().any(|tax| gas.abs_diff(tax) <= m)
            })
        });
        let found = matched(&format!("oil NEAR/{n} gas NEAR/{m} tax"), &entry("", &text, ""));
        prop_assert_eq!(found.is_some(), expected);
    }

    #[test]
    fn a_match_always_has_evidence(query in pieces(), text in "(oil |US |s 400|sanctions |price caps |Modi |मोदी |gas ){0,12}") {
        let Ok(classifier) = compile(&query) else { return Ok(()) };
        for found in classifier.classify(&entry("", &text, ""), &[]) {
            prop_assert!(!found.evidence.is_empty());
            prop_assert!(found.score > 0.0 && found.score.is_finite());
            for piece in &found.evidence {
                prop_assert!(text.contains(&piece.text));
            }
        }
    }
}
