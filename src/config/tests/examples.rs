//! Examples of topics: kept, broken, and wrong in themselves.

use super::broken::check_above_feed;
use super::*;

const TOPIC: &str = r#"
[alias]
india = ["India", "Modi"]
russia = ["Russia", "Putin"]
[[topic]]
name = "pair"
query = "(@india NEAR/3 @russia) title:@india -title:chess"
min-score = 2
"#;

/// Returns the only problem of the topic with one more example.
fn broken(example: &str) -> Problem {
    let text = with_feed(&format!("{TOPIC}[[topic.example]]\n{example}\n"));
    let mut found = problems(&text);
    assert_eq!(found.len(), 1, "{example}: {found:?}");
    found.remove(0)
}

#[test]
fn kept_examples_are_no_problem() {
    for example in [
        "title = \"Modi meets Putin\"\nexpect = true",
        "title = \"Modi meets Putin\"\nlang = \"en\"\nexpect = true",
        "title = \"Modi travels\"\nsummary = \"India and Russia talk.\"\nexpect = true",
        "title = \"Modi meets Putin at chess\"\nexpect = false",
        "summary = \"Modi meets Putin\"\nexpect = false",
    ] {
        let text = with_feed(&format!("{TOPIC}[[topic.example]]\n{example}\n"));
        assert_eq!(problems(&text), [], "{example}");
    }
    let one_line = "example = [{ title = \"Modi meets Putin\", expect = true }, { title = \"Modi\", expect = false }]";
    assert_eq!(problems(&with_feed(&format!("{TOPIC}{one_line}"))), []);
}

#[test]
fn broken_examples_are_named_with_place_and_reason() {
    for (example, column, message, help) in [
        (
            "title = \"Modi meets Putin\"\nexpect = false",
            9,
            "takes in its example \"Modi meets Putin\": score 2.4 by title:\"Modi\" (@india), title:\"Putin\" (@russia)",
            "narrow the query or its aliases, or write `expect = true`",
        ),
        (
            "title = \"Modi flies to Paris\"\nexpect = true",
            9,
            "leaves out its example \"Modi flies to Paris\": `@russia` does not occur",
            "widen the query or its aliases, or write `expect = false`",
        ),
        (
            "title = \"Modi flies to Paris, far away from Putin\"\nexpect = true",
            9,
            "`@india NEAR/3 @russia`: the nearest are 7 words apart, `Modi` and `Putin`",
            "widen",
        ),
        (
            "title = \"Modi plays chess with Putin\"\nexpect = true",
            9,
            "`title:chess` is excluded, and occurs",
            "widen",
        ),
        (
            "summary = \"Modi meets Putin\"\nexpect = true",
            11,
            "`title:@india` does not occur",
            "widen",
        ),
    ] {
        let found = broken(example);
        assert_eq!(found.code, Code::BrokenExample, "{example}");
        assert_eq!((found.start.line, found.start.column), (10, column));
        assert!(found.message.contains("`pair`"), "{found}");
        assert!(found.message.contains(message), "{found}");
        assert!(found.help.contains(help), "{found}");
    }
}

#[test]
fn a_score_below_the_least_is_told() {
    let topic = TOPIC.replace("min-score = 2", "min-score = 9");
    let example = "example = [{ title = \"Modi meets Putin\", expect = true }]";
    let found = problems(&with_feed(&format!("{topic}{example}")));
    assert!(
        found[0]
            .message
            .ends_with("its score is 2.4, and `min-score` 9.0"),
        "{found:?}"
    );
    let loaded = read(&with_feed(&format!("{topic}{example}")), &environment);
    assert!(
        loaded.is_err(),
        "a file that breaks its examples is refused"
    );
}

/// An example has its texts and its language, and stands nowhere.
#[test]
fn what_is_no_text_holds_of_its_language_alone() {
    for (query, expect, reason) in [
        ("treaty lang:en", true, None),
        ("treaty topic:pair", true, None),
        ("treaty -feed:one -site:a.example", true, None),
        ("treaty -topic:pair", false, None),
        ("treaty feed:*", true, Some("`feed:*` does not hold")),
        (
            "treaty lang:(hi OR ru)",
            true,
            Some("none of `lang:hi OR lang:ru` holds"),
        ),
        (
            "treaty -topic:pair",
            true,
            Some("`topic:pair` is excluded, and holds"),
        ),
        (
            "treaty lang:en",
            false,
            Some("title:\"treaty\", lang:\"en\""),
        ),
    ] {
        let text = with_feed(&format!(
            "{TOPIC}[[topic]]\nname = \"b\"\nquery = \"{query}\"\n\
            [[topic.example]]\ntitle = \"Modi and Putin sign treaty\"\nlang = \"en\"\nexpect = {expect}\n"
        ));
        let found = problems(&text);
        assert_eq!(
            found.len(),
            usize::from(reason.is_some()),
            "{query}: {found:?}"
        );
        for problem in found {
            let reason = reason.unwrap_or_default();
            assert!(problem.message.contains(reason), "{query}: {problem}");
        }
    }
}

#[test]
fn every_topic_has_examples_of_its_own() {
    let text = format!(
        "{TOPIC}example = [{{ title = \"Modi\", expect = true }}]\n\
        [[topic]]\nname = \"chess\"\nquery = \"chess\"\nexample = [{{ title = \"Modi\", expect = true }}]\n"
    );
    let found = problems(&with_feed(&text));
    let topics: Vec<bool> = found
        .iter()
        .map(|p| p.message.contains("`chess`"))
        .collect();
    assert_eq!(topics, [false, true]);
}

#[test]
fn examples_that_are_none() {
    let at = "[[topic]]\nname = \"a\"\nquery = \"x\"\n[[topic.example]]\n";
    for (example, expected) in [
        ("expect = true", &["missing-key 4:1"][..]),
        ("title = \" — \"\nexpect = true", &["missing-key 4:1"]),
        ("title = \"x\"", &["missing-key 4:1"]),
        ("title = \"x\"\nexpect = \"yes\"", &["wrong-type 6:10"]),
        ("title = 1\nexpect = true", &["wrong-type 5:9"]),
        (
            "title = \"x\"\nexpect = true\nbody = \"x\"",
            &["unknown-key 7:1"],
        ),
        (
            "title = \"x\"\nexpect = true\nlang = \"english please\"",
            &["bad-language 7:8"],
        ),
        ("title = \"y\"\nexpect = true", &["broken-example 5:9"]),
    ] {
        check_above_feed(&format!("{at}{example}"), expected);
    }
    check_above_feed(
        "[[topic]]\nname = \"a\"\nquery = \"x\"\nexample = \"x\"",
        &["wrong-type 4:11"],
    );
}

#[test]
fn a_query_that_does_not_compile_is_the_only_problem() {
    let text =
        "[[topic]]\nname = \"a\"\nquery = \"(\"\nexample = [{ title = \"x\", expect = true }]";
    check_above_feed(text, &["bad-query 3:11"]);
}

#[test]
fn as_many_broken_examples_as_are_listed() {
    let example = "[[topic.example]]\ntitle = \"y\"\nexpect = true\n".repeat(500);
    let text = format!("[[topic]]\nname = \"a\"\nquery = \"x\"\n{example}");
    let found = problems(&with_feed(&text));
    assert_eq!(found.len(), 100);
    assert!(found[0].message.contains("`x` does not occur"));
    assert!(found[50].message.ends_with("its example \"y\""));
}
