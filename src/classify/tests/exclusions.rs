//! Phrases within which the terms of an alias do not count.

use super::*;

fn found(aliases: &[Alias], query: &str, title: &str) -> bool {
    let classifier = Classifier::compile(aliases, &[rule("t", query, 0.0)]).unwrap();
    !classifier
        .classify(&entry(title, "", ""), &Standing::default())
        .is_empty()
}

#[test]
fn a_term_within_a_phrase_does_not_count() {
    let aliases = [
        alias("india", &["India*", "-Indian Point", "-Indian summer*"]),
        alias("river", &["Indian", "-=Indian Point"]),
        alias("polish", &["Polish", "-=polish"]),
        alias("sea", &["Indian Ocean", "-Indian Ocean race"]),
        alias("wide", &["@india", "Ocean", "Indian Point"]),
        alias("wider", &["@wide", "-Ocean Drive"]),
    ];
    for (query, title, expected) in [
        ("@india", "Indian Point", false),
        ("@india", "Indian points", true),
        ("@india", "The Indian Point plant and India", true),
        ("@india", "Indian summers", false),
        ("@india", "an Indian point of view", false),
        ("@river", "an Indian point of view, Indian Point", true),
        ("@river", "Indian Point", false),
        ("@polish", "Polish troops", true),
        ("@polish", "how to polish shoes", false),
        ("-@india Point", "Indian Point", true),
        // longer than what it strikes out, and the longest of several
        ("@sea", "Indian Ocean", true),
        ("@sea", "The Indian Ocean race", false),
        // a word of the query itself is no term of the alias
        ("Indian", "Indian Point", true),
        // it counts for the alias and what that includes, wherever it is used
        ("@wide", "Indian summer", false),
        ("@wide", "Indian Point", true),
        ("@wide", "Ocean Drive", true),
        ("@wider", "Ocean Drive", false),
        ("@wider", "Indian Ocean", true),
        ("@india NEAR/5 Ocean", "Indian Point Ocean", false),
    ] {
        assert_eq!(
            found(&aliases, query, title),
            expected,
            "{query} in {title}"
        );
    }
}

#[test]
fn an_exclusion_alone_is_no_term() {
    let aliases = [alias("none", &["-Indian Point"])];
    let problems = Classifier::compile(&aliases, &[rule("t", "@none", 0.0)]).unwrap_err();
    assert!(problems[0].message.contains("has no terms"));
    for term in ["-", "-@other", "--x y", "- —"] {
        let aliases = [alias("a", &["x", term])];
        let compiled = Classifier::compile(&aliases, &[rule("t", "@a", 0.0)]);
        assert_eq!(compiled.is_err(), term != "--x y", "{term}");
    }
}

#[test]
fn many_excluded_places_take_linear_time() {
    let aliases = [alias("a", &["oil", "-palm oil", "-oil palm oil"])];
    let text = "palm oil ".repeat(4_000);
    let classifier = Classifier::compile(&aliases, &[rule("t", "@a", 0.0)]).unwrap();
    assert!(
        classifier
            .classify(&entry("", &text, ""), &Standing::default())
            .is_empty()
    );
    let text = format!("{text} oil");
    let found = classifier.classify(&entry("", &text, ""), &Standing::default());
    assert_eq!(found[0].evidence.len(), 1);
}
