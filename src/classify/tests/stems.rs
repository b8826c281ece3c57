//! Words with other endings.

use super::*;

fn found(query: &str, title: &str, language: Option<&str>) -> bool {
    let aliases = [
        alias("sanctions", &["санкция", "ценовая война", "-санкция суда"]),
        alias("envoy", &["посла"]),
    ];
    let classifier = Classifier::compile(&aliases, &[rule("t", query, 0.0)]).unwrap();
    let report = Entry {
        language: language.map(str::to_owned),
        ..entry(title, "", "")
    };
    !classifier
        .classify(&report, &Standing::default())
        .is_empty()
}

#[test]
fn words_are_found_whatever_their_endings() {
    for (query, title, expected) in [
        ("санкция", "Новые санкции против флота", true),
        ("санкциями", "Новые санкции против флота", true),
        ("\"новая санкция\"", "Новые санкции против флота", true),
        ("\"новая санкция\"", "Новые против флота санкции", false),
        ("новая NEAR/1 санкция", "Санкции, новые и старые", true),
        ("title:@sanctions", "О ценовой войне", true),
        // a name is found as it stands
        ("Моди", "В Москве открылась неделя моды", false),
        ("Моди", "Моди прибыл в Москву", true),
        ("Грузия", "Отправлен груз зерна", false),
        // as it stands
        ("=санкция", "Новые санкции против флота", false),
        ("=санкции", "Новые санкции против флота", true),
        ("санкция*", "Новые санкции против флота", false),
        ("\"новая санкци*\"", "Новые санкции против флота", true),
        // what an alias excludes is what it says
        ("@sanctions", "Санкция суда получена", false),
        ("@sanctions", "Санкции суда получены", true),
        // a word of grammar is no form of another: "после" is "after", and has the stem of "посла"
        ("@envoy", "После визита", false),
        ("@envoy", "Послы прибыли", true),
        ("после", "После визита", true),
        // measured not to help
        ("visit", "Modi visited Moscow", false),
        ("visit", "Modi's visit", true),
    ] {
        assert_eq!(found(query, title, None), expected, "{query} in {title}");
    }
}

#[test]
fn the_language_is_that_of_the_entry_or_of_its_script() {
    for (language, expected) in [
        (None, true),
        (Some("ru"), true),
        (Some("ru-RU"), true),
        // the language of the publisher's software
        (Some("en"), true),
        (Some("uk"), false),
        (Some("bg"), false),
    ] {
        let is_found = found("санкция", "Новые санкции", language);
        assert_eq!(is_found, expected, "{language:?}");
        assert!(found("санкции", "Новые санкции", language), "{language:?}");
    }
}

#[test]
fn a_form_is_one_place_and_shows_the_term() {
    let rules = [rule("t", "санкция OR санкции", 0.0)];
    let classifier = Classifier::compile(&[], &rules).unwrap();
    let found = classifier.classify(&entry("Санкции", "", ""), &Standing::default());
    assert_eq!(
        told(&found[0].evidence),
        [
            "title:0 санкция @- \"Санкции\"",
            "title:0 санкции @- \"Санкции\""
        ]
    );
    let once = matched("санкции", &entry("Санкции", "", "")).unwrap();
    assert!((once.score - 2.4).abs() < 1e-9);
}
