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

/// What is written as one with an article or a preposition is found by the word alone, in languages that write so.
#[test]
fn words_are_found_behind_what_is_written_as_one_with_them() {
    for (query, text, language, expected) in [
        ("Inde", "La Russie et l'Inde", Some("fr"), "Inde"),
        ("Inde", "La Russie et l’Inde", Some("fr"), "Inde"),
        (
            "\"et Inde\"",
            "La Russie et l’Inde",
            Some("fr"),
            "et l’Inde",
        ),
        ("=Inde", "La Russie et l’Inde", Some("fr"), "Inde"),
        ("ind*", "La Russie et l’Inde", Some("fr"), "Inde"),
        ("\"l'Inde\"", "La Russie et l’Inde", Some("fr"), "l’Inde"),
        (
            "\"Côte d'Ivoire\"",
            "En Côte d’Ivoire",
            Some("fr"),
            "Côte d’Ivoire",
        ),
        ("India", "Il governo dell'India", Some("it"), "India"),
        ("India", "Il governo dell'India", None, ""),
        ("الهند", "روسيا والهند", Some("ar"), "والهند"),
        ("الهند", "زيارة للهند", None, "للهند"),
        ("روسيا", "مؤتمر بروسيا", Some("ar"), "بروسيا"),
        ("=روسيا", "مؤتمر بروسيا", Some("ar"), ""),
        ("روسيا", "مؤتمر بروسيا", Some("ur"), ""),
    ] {
        let classifier = Classifier::compile(&[], &[rule("t", query, 0.0)]).unwrap();
        let entry = Entry {
            language: language.map(str::to_owned),
            ..entry(text, "", "")
        };
        let found = classifier.classify(&entry, &Standing::default());
        let found = found.first().map(|found| found.evidence[0].text.as_str());
        assert_eq!(
            found.unwrap_or_default(),
            expected,
            "{query} in {text} {language:?}"
        );
    }
}

/// However many terms of an alias find one mention, it counts once.
#[test]
fn a_place_counts_once_for_an_alias() {
    let of = |terms: &[&str], query: &str| {
        let alias = Alias {
            name: "india".to_owned(),
            terms: terms.iter().map(|term| (*term).to_owned()).collect(),
        };
        let classifier = Classifier::compile(&[alias], &[rule("t", query, 0.0)]).unwrap();
        let entry = entry("Indians in New Delhi meet Putin", "", "The India of Delhi");
        classifier
            .classify(&entry, &Standing::default())
            .remove(0)
            .score
    };
    for query in [
        "@india",
        "@india NEAR/9 Putin",
        "(@india OR Delhi) NEAR/9 Putin",
    ] {
        let one = of(&["India*", "New Delhi", "Delhi"], query);
        let other = of(
            &[
                "India*",
                "Indian*",
                "Indians",
                "India",
                "New Delhi",
                "Delhi",
            ],
            query,
        );
        assert!((one - other).abs() < 1e-9, "{query}: {one} {other}");
    }
    let more = of(&["India*", "New Delhi"], "@india OR Delhi");
    assert!(more > of(&["India*", "New Delhi"], "@india"), "OR adds up");
}

/// What is ASCII without an apostrophe is read alike in every language: no language of Latin letters has stems that count.
#[test]
fn plain_letters_are_read_alike_in_every_language() {
    use crate::classify::stems::{STEMMED, go_by_language};
    use crate::text::Language;

    assert_eq!(STEMMED, [Language::Russian]);
    for (text, expected) in [
        ("Sanctions on oil, 2026", false),
        ("", false),
        ("l'Inde", true),
        ("l’Inde", true),
        ("санкции", true),
        ("S-400 & более", true),
    ] {
        assert_eq!(go_by_language(text), expected, "{text}");
    }
}
