//! What a topic takes beside what its query finds, and what it may not hold.

use super::*;
use crate::model::{FeedId, Feeds, Scope};
use std::sync::Arc;

/// Checks which problem a text has above a feed, and what is said of it.
#[track_caller]
fn check(text: &str, expected: &str, help: &str) {
    let problems = problems(&with_feed(text));
    let [problem] = &problems[..] else {
        panic!("{problems:?}")
    };
    let place = problem.start;
    let told = format!("{} {}:{}", problem.code.name(), place.line, place.column);
    assert_eq!(
        (told.as_str(), problem.help.as_str()),
        (expected, help),
        "{text}"
    );
}

#[test]
fn a_topic_takes_and_leaves_out() {
    let config = config(
        r#"
        [group.press]
        [group.hobby]
        [[feed]]
        id = "a"
        url = "https://a.org/feed"
        group = "press"
        [[feed]]
        id = "b"
        url = "https://b.org/feed"
        group = "press"
        [[feed]]
        id = "c"
        url = "https://c.org/feed"
        [[topic]]
        name = "gas"
        query = "gas"
        include-feeds = ["c"]
        include-groups = ["press"]
        exclude-feeds = ["b"]
        exclude-groups = ["hobby"]
        include-languages = ["en", "hi"]
        exclude-languages = ["en-AU"]
        story-pull = true
        [[topic]]
        name = "oil"
        query = "oil"
        [[topic]]
        name = "energy"
        inherits = ["gas", "oil"]
        [[output]]
        path = "gas"
        select = "topic:gas"
        min-sources = 3
        "#,
    );
    let [gas, oil, energy] = &config.rules[..] else {
        panic!("{:?}", config.rules)
    };
    let feeds = |group: Option<&str>, names: &[&str]| Feeds {
        group: group.map(str::to_owned),
        feeds: Arc::new(names.iter().map(FeedId::new).collect()),
    };
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    let scope = Scope {
        feeds: vec![feeds(None, &["c"]), feeds(Some("press"), &["a", "b"])],
        not_feeds: vec![feeds(None, &["b"]), feeds(Some("hobby"), &[])],
        languages: tags(&["en", "hi"]),
        not_languages: tags(&["en-AU"]),
    };
    assert_eq!((&gas.scope, gas.pulls), (&scope, true));
    assert_eq!((&oil.scope, oil.pulls), (&Scope::default(), false));
    assert_eq!(
        (energy.query.as_str(), &energy.inherits[..]),
        ("", &["gas".to_owned(), "oil".to_owned()][..])
    );
    assert_eq!(config.outputs[0].min_sources, 3);
}

#[test]
fn what_a_topic_cannot_inherit() {
    for (text, expected, help) in [
        (
            "name = \"a\"\ninherits = [\"gas\", \"gsa\"]\n[[topic]]\nname = \"gas\"\nquery = \"x\"",
            "bad-query 3:21",
            "did you mean `gas`?",
        ),
        (
            "name = \"a\"\ninherits = [\"b\"]\n[[topic]]\nname = \"b\"\nquery = \"x\"\ninherits = [\"a\"]",
            "bad-query 7:14",
            "take this reference out, or one further along that way",
        ),
        (
            "name = \"a\"\ninherits = []",
            "missing-key 1:1",
            "write what to look for: `query = 'summit'`",
        ),
        (
            "name = \"a\"\ninherits = [\"a\"]\nquery = 1",
            "wrong-type 4:9",
            "write `query = \"summit\"`",
        ),
        (
            "name = \"a\"\nquery = \"x\"\ninherits = \"gas\"",
            "wrong-type 4:12",
            "write `inherits = [\"gas\"]`",
        ),
    ] {
        let text = format!("[[topic]]\n{text}");
        check(&text, expected, help);
    }
}

#[test]
fn what_a_topic_cannot_take() {
    for (line, expected, help) in [
        (
            "include-feeds = [\"one\", \"on\"]",
            "unknown-feed 4:25",
            "did you mean `one`?",
        ),
        (
            "exclude-feeds = [\"wire\"]",
            "unknown-feed 4:18",
            "there is only `one`",
        ),
        (
            "exclude-groups = [\"press\"]",
            "unknown-group 4:19",
            "write `[group.press]`, or leave the name out",
        ),
        (
            "include-groups = []",
            "bad-value 4:18",
            "write `include-groups = [\"world\"]`, or leave the key out",
        ),
        (
            "include-languages = [\"en_GB\"]",
            "bad-language 4:22",
            "write a tag such as `en`, `hi` or `pt-BR`",
        ),
        (
            "exclude-feed = [\"one\"]",
            "unknown-key 4:1",
            "did you mean `exclude-feeds`?",
        ),
        (
            "include-feeds = \"one\"",
            "wrong-type 4:17",
            "write `include-feeds = [\"one\"]`",
        ),
        (
            "story-pull = \"half\"",
            "wrong-type 4:14",
            "write `story-pull = true` or `story-pull = false`",
        ),
    ] {
        let text = format!("[[topic]]\nname = \"a\"\nquery = \"a\"\n{line}");
        check(&text, expected, help);
    }
}

#[test]
fn how_many_outlets_an_output_cannot_ask_for() {
    let number = "write a whole number from 1 to 20";
    for (sources, expected) in [
        ("0", "bad-value 3:15"),
        ("21", "bad-value 3:15"),
        ("\"three\"", "wrong-type 3:15"),
    ] {
        let text = format!("[[output]]\npath = \"a\"\nmin-sources = {sources}");
        check(&text, expected, number);
    }
}

/// What can hold nothing compiles, and is said to.
#[test]
fn scopes_that_hold_nothing() {
    let feeds = "[[feed]]\nid = \"two\"\nurl = \"https://example.org/2\"\ngroup = \"wire\"\nlanguage = \"en-GB\"\n\
        [[feed]]\nid = \"three\"\nurl = \"https://example.org/3\"\ngroup = \"wire\"\nlanguage = \"hi\"\n\
        [group.wire]\n";
    let out = "take a name out of `exclude-feeds` or `exclude-groups`";
    let either = "take it out of `include-languages` or of `exclude-languages`";
    for (lines, expected) in [
        (
            "include-feeds = [\"two\"]\nexclude-feeds = [\"two\"]",
            Some(("never-matches 4:18", out)),
        ),
        (
            "include-feeds = [\"two\"]\nexclude-groups = [\"wire\"]",
            Some(("never-matches 4:18", out)),
        ),
        (
            "exclude-groups = [\"wire\"]\nexclude-feeds = [\"one\"]",
            Some(("never-matches 5:18", out)),
        ),
        (
            "include-groups = [\"wire\"]\nexclude-feeds = [\"two\"]",
            None,
        ),
        ("exclude-groups = [\"wire\"]", None),
        (
            "include-languages = [\"en\"]\nexclude-languages = [\"en\"]",
            Some(("never-matches 4:22", either)),
        ),
        (
            "include-languages = [\"en-GB\", \"hi\"]\nexclude-languages = [\"en\"]",
            Some(("never-matches 4:22", either)),
        ),
        (
            "include-languages = [\"en\"]\nexclude-languages = [\"en-AU\"]",
            None,
        ),
        (
            "include-groups = [\"wire\"]\ninclude-languages = [\"hi\", \"ru\"]",
            Some((
                "never-matches 5:28",
                "write `language = \"ru\"` in the `[[feed]]` that is, or leave the tag out",
            )),
        ),
        (
            "include-groups = [\"wire\"]\ninclude-languages = [\"en\"]",
            None,
        ),
        // Of a feed that names no language nothing is known.
        ("include-languages = [\"ru\"]", None),
    ] {
        let text = format!("[[topic]]\nname = \"a\"\nquery = \"oil\"\n{lines}\n{feeds}");
        let found = problems(&with_feed(&text));
        let told = found.iter().map(|it| {
            let place = format!("{} {}:{}", it.code.name(), it.start.line, it.start.column);
            (place, it.help.as_str())
        });
        let expected = expected.map(|(place, help)| (place.to_owned(), help));
        assert!(told.eq(expected), "{lines}: {found:?}");
    }
}
