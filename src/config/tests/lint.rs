//! What compiles and is hardly what was meant.

use super::broken::check_above_feed;
use super::*;

#[test]
fn aliases_that_no_query_names() {
    let aliases = "[alias]\na = [\"x\", \"@b\"]\nb = [\"y\"]\nc = [\"z\"]\n";
    let topic = "[[topic]]\nname = \"t\"\nquery = \"@a\"\n";
    check_above_feed(&format!("{aliases}{topic}"), &["unused-alias 4:1"]);
    let output = "[[output]]\npath = \"p\"\nselect = \"@c @a\"\n";
    check_above_feed(&format!("{aliases}{output}"), &[]);
    // what takes the place of a pack is used where that is
    let aliases =
        "[alias]\n\"country/north-korea\" = [\"Juche\"]\n\"country/japan\" = [\"Tokyo\"]\n";
    let topic = "[[topic]]\nname = \"t\"\nquery = \"@region/koreas\"\n";
    check_above_feed(&format!("{aliases}{topic}"), &["unused-alias 3:1"]);
}

/// Without outputs each topic has one; with one, a topic has what selects it or names it.
#[test]
fn topics_that_nobody_is_shown() {
    let topics = "[[topic]]\nname = \"a\"\nquery = \"x\"\n[[topic]]\nname = \"b\"\nquery = \"y\"\n";
    let output = |select: &str| format!("[[output]]\npath = \"p\"\nselect = '{select}'\n");
    let heir = "[[topic]]\nname = \"c\"\ninherits = [\"b\"]\n";
    for (more, expected) in [
        (String::new(), &[][..]),
        (
            output("*"),
            &["unpublished-topic 2:8", "unpublished-topic 5:8"],
        ),
        (output("topic:a"), &["unpublished-topic 5:8"]),
        (output("z topic:a -topic:b"), &[]),
        (
            format!("{heir}{}", output("topic:a")),
            &["unpublished-topic 8:8"],
        ),
        (format!("{heir}{}", output("topic:(a OR c)")), &[]),
    ] {
        check_above_feed(&format!("{topics}{more}"), expected);
    }
}

/// Who protects a topic and forgets `select` locks up everything.
#[test]
fn an_output_with_the_name_of_a_topic_holds_it() {
    let topic = "[[topic]]\nname = \"a\"\nquery = \"x\"\n";
    for (select, expected) in [
        ("", &["whole-output 5:8"][..]),
        ("select = \"*\"", &["unpublished-topic 2:8"]),
        ("select = \"topic:a\"", &[]),
    ] {
        let output = format!("[[output]]\npath = \"a\"\n{select}\n");
        check_above_feed(&format!("{topic}{output}"), expected);
    }
}

/// A topic's name alone is a word, and hardly meant as one.
#[test]
fn an_output_that_looks_for_the_name_of_a_topic_is_told() {
    let topic = |name: &str| format!("[[topic]]\nname = \"{name}\"\nquery = \"x\"\n");
    let topics = format!("{}{}", topic("oil"), topic("gas"));
    for (select, expected) in [
        ("oil", &["unpublished-topic 5:8", "topic-as-word 9:11"][..]),
        ("oil OR gas", &["topic-as-word 9:11", "topic-as-word 9:18"]),
        (
            "oil OR price",
            &["unpublished-topic 2:8", "unpublished-topic 5:8"],
        ),
        (
            "\"oil\"",
            &["unpublished-topic 2:8", "unpublished-topic 5:8"],
        ),
        ("topic:oil OR topic:gas", &[]),
    ] {
        let output = format!("[[output]]\npath = \"p\"\nselect = '{select}'\n");
        check_above_feed(&format!("{topics}{output}"), expected);
    }
    // Where the query of a topic says so, a word is meant.
    check_above_feed(&topic("x"), &[]);
}

/// An operator with a slip is a word, and a topic that asks for it stays empty.
#[test]
fn operators_with_a_slip_are_told_at_the_word() {
    for (query, expected) in [
        ("bank* NEAR5 loan", &["misspelt-operator 3:16"][..]),
        ("bank* NEER/10 loan", &["misspelt-operator 3:16"]),
        ("ATLEST 2 (oil OR gas)", &["misspelt-operator 3:10"]),
        ("ATLEST/2(oil, gas)", &["bad-query 3:10"]),
        ("NATO NEARSHORE NEA 2026", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\n");
        check_above_feed(&text, expected);
    }
    let found = problems(&with_feed(
        "[[topic]]\nname = \"t\"\nquery = 'oil NEAR5 gas'\n",
    ))
    .remove(0);
    assert_eq!(found.help, "write `NEAR/5`, or `\"NEAR5\"` for the word");
}

#[test]
fn cron_lines_and_zones_that_are_hardly_meant() {
    for (schedule, timezone, expected) in [
        ("0 9 29 2 *", "UTC", &["rare-schedule 2:12"][..]),
        ("0 9 1 1 *", "UTC", &["rare-schedule 2:12"]),
        ("0 9 1 * *", "UTC", &[]),
        ("0 9 * * 1", "UTC", &[]),
        ("0 9 * * *", "EST", &["fixed-timezone 3:12"]),
        ("0 9 * * *", "est", &["fixed-timezone 3:12"]),
        ("0 9 * * *", "Etc/GMT+5", &["fixed-timezone 3:12"]),
        ("0 9 * * *", "Etc/GMT", &[]),
        ("0 9 * * *", "EST5EDT", &[]),
        ("0 9 * * *", "America/New_York", &[]),
    ] {
        let text = format!("[defaults]\nschedule = \"{schedule}\"\ntimezone = \"{timezone}\"\n");
        check_above_feed(&text, expected);
    }
    let text = "[defaults]\nschedule = \"0 9 * * *\"\ntimezone = \"Etc/GMT+5\"\n";
    let found = problems(&with_feed(text)).remove(0);
    assert_eq!(found.message, "`Etc/GMT+5` is 5 h behind UTC, all year");
    let found = problems(&with_feed(&text.replace("0 9 * * *", "0 9 29 2 *"))).remove(0);
    assert!(
        found.message.starts_with("it comes once in 1461 days"),
        "{found}"
    );
}

#[test]
fn rules_that_match_nothing() {
    for (query, expected) in [
        ("oil -oil", &["never-matches 3:10"][..]),
        ("title:oil -oil", &["never-matches 3:10"]),
        ("cap OR (oil gas -gas)", &["never-matches 3:22"]),
        ("title:oil -title:oil", &["never-matches 3:10"]),
        ("oil^2 -oil", &["never-matches 3:10"]),
        ("oil -title:oil", &[]),
        ("title:oil -body:oil", &[]),
        ("lang:en oil -lang:en", &["never-matches 3:10"]),
        ("feed:one oil", &[]),
        ("feed:ONE oil", &[]),
        ("feed:on* oil", &[]),
        ("feed:two oil", &["never-matches 3:10"]),
        ("oil -group:(a OR b*)", &["never-matches 3:22"]),
        ("oil OR gas OR oil", &["shadowed-term 3:24"]),
        ("sanctions OR sanction*", &["shadowed-term 3:10"]),
        (
            "sanctions^2 OR sanction* OR =Sanction",
            &["shadowed-term 3:38"],
        ),
        ("title:(oil OR OIL) OR oil", &["shadowed-term 3:24"]),
        ("oil gas OR oil", &["shadowed-term 3:10"]),
        ("oil -gas", &[]),
        ("oil the", &["stop-word 3:14"]),
        ("oil =The", &[]),
        ("\"the oil\"", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\n");
        check_above_feed(&text, expected);
    }
}

#[test]
fn parts_that_never_meet() {
    for (query, expected) in [
        ("title:oil NEAR/5 body:gas", &["never-matches 3:10"][..]),
        (
            "(title:oil OR gas) NEAR/5 body:tax NEAR/5 title:cap",
            &["never-matches 3:10"],
        ),
        ("title:oil NEAR/5 (body:gas OR cap)", &[]),
        ("body:oil NEAR/5 body:gas", &[]),
        ("(oil OR gas) -oil -gas", &["never-matches 3:10"]),
        ("title:(oil gas) -oil", &["never-matches 3:10"]),
        ("(oil OR gas) -(tax OR oil OR gas)", &["never-matches 3:10"]),
        (
            "ATLEAST/2(oil, gas, tax) -oil -gas",
            &["never-matches 3:10"],
        ),
        ("cap (oil NEAR/5 gas) -gas", &["never-matches 3:14"]),
        ("(oil OR gas) -oil", &[]),
        ("ATLEAST/2(oil, gas, tax) -oil", &[]),
        ("(oil -gas) -gas", &[]),
        ("oil lang:de lang:en", &["never-matches 3:22"]),
        (
            "oil lang:(de OR fr) lang:(en OR it)^2",
            &["never-matches 3:30"],
        ),
        ("oil site:bbc.co.uk site:dw.com", &["never-matches 3:29"]),
        ("oil lang:de lang:DE-at", &[]),
        ("oil lang:(de OR fr) lang:(en OR fr)", &[]),
        ("oil lang:de lang:*", &[]),
        ("oil category:a category:b author:c author:d", &[]),
        ("oil lang:de OR gas lang:en", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\n");
        check_above_feed(&text, expected);
    }
}

#[test]
fn conditions_that_nothing_meets() {
    for (query, more, expected) in [
        (
            "oil lang:de",
            "include-languages = ['en']",
            &["never-matches 3:14"][..],
        ),
        (
            "oil lang:de-AT",
            "exclude-languages = ['de']",
            &["never-matches 3:14"],
        ),
        ("oil lang:de", "include-languages = ['de-AT']", &[]),
        ("oil lang:de", "exclude-languages = ['de-AT']", &[]),
        ("oil OR lang:de", "include-languages = ['en']", &[]),
        (
            "oil feed:two",
            "exclude-feeds = ['two']\n[[feed]]\nid = 'two'\nurl = 'https://two.example/feed'",
            &["never-matches 3:14"],
        ),
        ("oil url:/2026/", "", &["never-matches 3:14"]),
        ("oil url:example.com*", "", &["never-matches 3:14"]),
        ("oil url:example.com", "", &["never-matches 3:14"]),
        ("oil url:https://a.example/x", "", &[]),
        ("oil url:*/2026/*", "", &[]),
        ("oil url:http*://a.example/*", "", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\n{more}\n");
        check_above_feed(&text, expected);
    }
}

#[test]
fn what_is_found_in_all_that_must_be_there() {
    for (query, expected) in [
        ("oil -oil*", &["never-matches 3:10"][..]),
        ("\"crude oil\" -oil", &["never-matches 3:10"]),
        (
            "\"crude oil price\" -\"crude oil\"",
            &["never-matches 3:10"],
        ),
        (
            "\"crude oil price\" -\"oil pric*\"",
            &["never-matches 3:10"],
        ),
        ("title:oilfield -oil*", &["never-matches 3:10"]),
        ("title:oilfield -title:oil*", &["never-matches 3:10"]),
        ("oils* -oil*", &["never-matches 3:10"]),
        ("=UK -uk", &["never-matches 3:10"]),
        ("oilfield -title:oil*", &[]),
        ("oil* -oil", &[]),
        ("\"crude oil*\" -oil", &[]),
        ("oil -\"crude oil\"", &[]),
        ("oil -=oil", &[]),
        ("\"crude oil\" -\"oil crude\"", &[]),
        // other forms begin otherwise
        ("санкция -санкция*", &[]),
        ("санкция OR санкция*", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\n");
        check_above_feed(&text, expected);
    }
}

#[test]
fn words_that_say_nothing_more() {
    for (query, more, expected) in [
        ("ATLEAST/2(oil, oil)", "", &["shadowed-term 3:25"][..]),
        ("ATLEAST/2(oil, gas)", "", &[]),
        ("oil OR (oil gas)", "", &["shadowed-term 3:17"]),
        ("title:oil OR (title:oil gas)", "", &["shadowed-term 3:23"]),
        ("oil OR (title:oil gas)", "", &[]),
        // they tell by the score
        ("oil OR (oil gas)", "min-score = 3", &[]),
        // grammar of another language than the one that the script says
        (
            "und der die",
            "",
            &["stop-word 3:10", "stop-word 3:14", "stop-word 3:18"],
        ),
        ("les OR des", "", &["stop-word 3:10", "stop-word 3:17"]),
        ("war", "", &[]),
        ("war oil", "", &[]),
        ("war oil lang:de", "", &["stop-word 3:10"]),
        ("war oil", "include-languages = ['de']", &["stop-word 3:10"]),
        ("war oil", "exclude-languages = ['de']", &[]),
        // operators of other languages
        ("Krieg UND Frieden", "", &["stop-word 3:16"]),
        ("oil ODER gas", "", &["stop-word 3:14"]),
        ("нефть ИЛИ газ", "", &["stop-word 3:16"]),
        ("oil =UND gas", "", &[]),
        ("oil Oder gas", "", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\n{more}\n");
        check_above_feed(&text, expected);
    }
}

#[test]
fn scores_that_no_text_reaches() {
    for (query, least, expected) in [
        ("oil", "4", &["never-matches 3:10"][..]),
        ("oil", "3.9", &[]),
        ("oil OR gas", "5", &[]),
        ("oil gas", "5", &["never-matches 3:10"]),
        ("oil^2", "5", &[]),
        ("oil lang:en", "4", &["never-matches 3:10"]),
        ("lang:en", "4", &[]),
        ("lang:en feed:one", "4.1", &["never-matches 3:10"]),
        ("lang:en OR feed:one", "8", &[]),
        ("oil NEAR/3 gas", "5", &[]),
        ("oil NEAR/3 gas", "6", &["never-matches 3:10"]),
        ("(oil OR gas) -tax", "7", &[]),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = '{query}'\nmin-score = {least}\n");
        check_above_feed(&text, expected);
    }
}

#[test]
fn terms_that_say_nothing() {
    let topic = "[[topic]]\nname = \"t\"\nquery = \"@a\"\n";
    for (terms, expected) in [
        ("\"sanction*\", \"sanctions\"", &["shadowed-term 2:20"][..]),
        ("\"sanctions\", \"sanction*\"", &["shadowed-term 2:7"]),
        ("\"sanctions*\", \"sanct*\"", &["shadowed-term 2:7"]),
        ("\"price cap*\", \"price caps\"", &["shadowed-term 2:21"]),
        ("\"us\", \"=US\"", &["stop-word 2:7", "shadowed-term 2:13"]),
        ("\"Kyiv\", \"KYIV\"", &["shadowed-term 2:15"]),
        ("\"New Delhi\", \"Delhi\"", &[]),
        ("\"India\", \"-India\"", &["never-matches 2:7"]),
        ("\"India\", \"-Air India\"", &[]),
        (
            "\"with\", \"की\", \"для\", \"x\"",
            &["stop-word 2:7", "stop-word 2:15", "stop-word 2:21"],
        ),
    ] {
        check_above_feed(&format!("[alias]\na = [{terms}]\n{topic}"), expected);
    }
}

#[test]
fn the_shipped_file_has_nothing_odd() {
    let found = problems(include_str!("../../../feeds.toml"));
    let odd = [
        Code::UnusedAlias,
        Code::NeverMatches,
        Code::MisspeltOperator,
        Code::TopicAsWord,
        Code::StopWord,
        Code::ShadowedTerm,
    ];
    let odd: Vec<&Problem> = found.iter().filter(|p| odd.contains(&p.code)).collect();
    assert!(odd.is_empty(), "{odd:?}");
}
