//! A rule finds among others what it finds alone: what is stored of one is not judged anew when another one comes.

use super::*;
use proptest::prelude::*;

/// Aliases that include one another, share terms and exclude what the others list.
fn shared() -> [Alias; 5] {
    [
        alias("a-both", &["@india", "@x-city", "Indian Ocean race"]),
        alias(
            "india",
            &[
                "India*",
                "New Delhi",
                "Delhi",
                "санкции",
                "санкция",
                "-Indian Point",
            ],
        ),
        alias(
            "wide",
            &["@india", "Ocean", "-Indian Ocean", "-санкция суда"],
        ),
        alias("x-city", &["Delhi", "Москва", "روسيا", "Inde", "-بروسيا"]),
        alias("y-city", &["Москва", "москва", "New Delhi", "@x-city"]),
    ]
}

fn found(queries: &[&str], text: &str, language: Option<&str>) -> Vec<TopicMatch> {
    let rules: Vec<Rule> = (0..)
        .zip(queries)
        .map(|(at, query)| rule(&format!("t{at}"), query, 0.0))
        .collect();
    let classifier = Classifier::compile(&shared(), &rules).unwrap();
    let report = Entry {
        language: language.map(str::to_owned),
        ..entry(text, text, "")
    };
    classifier.classify(&report, &Standing::default())
}

#[test]
fn another_rule_changes_nothing() {
    for (query, other, text, language, expected) in [
        // a name is found as it stands, whoever asks for the word in all its forms
        ("Москва", "москва", "Встреча в Москве", None, false),
        ("москва", "Москва", "Встреча в Москве", None, true),
        ("\"новая Санкция\"", "санкция", "Новые санкции", None, false),
        // too short a stem to be looked for, unless another word begins as the text's
        ("уха", "ухищрение", "Запах ухи", None, false),
        // what is written as one with a small word, of which another rule knows the whole
        ("Inde", "l*", "La Russie et l'Inde", Some("fr"), true),
        (
            "\"et Inde\"",
            "\"l'Inde\"",
            "La Russie et l'Inde",
            Some("fr"),
            true,
        ),
        (
            "=Inde",
            "\"l'Inde\"",
            "La Russie et l’Inde",
            Some("fr"),
            true,
        ),
        ("هند", "الهند", "روسيا والهند", Some("ar"), true),
        ("روسيا", "بروسيا", "مؤتمر بروسيا", Some("ar"), true),
        ("@x-city", "روسيا", "مؤتمر بروسيا", Some("ar"), false),
        // what an alias excludes from itself and what it includes, it excludes for who names it
        ("@india", "@wide", "Indian Ocean", None, true),
        ("@wide", "@india", "Indian Ocean race", None, false),
        ("@a-both", "@wide", "Indian Ocean race", None, true),
        ("@india", "@wide", "Indian Point", None, false),
    ] {
        let alone = found(&[query], text, language);
        assert_eq!(!alone.is_empty(), expected, "{query} in {text}");
        let among = found(&[query, other], text, language);
        let among = among.into_iter().filter(|it| it.topic == "t0");
        assert_eq!(
            among.collect::<Vec<_>>(),
            alone,
            "{query} beside {other} in {text}"
        );
    }
}

fn queries() -> impl Strategy<Value = Vec<String>> {
    let atoms = [
        "@a-both",
        "@india",
        "@wide",
        "@x-city",
        "@y-city",
        "Inde",
        "\"l'Inde\"",
        "l*",
        "=Inde",
        "Москва",
        "москва",
        "=москва",
        "санкция",
        "\"новая санкция\"",
        "\"новая Санкция\"",
        "санкци*",
        "уха",
        "ухищрение",
        "روسيا",
        "بروسيا",
        "ال*",
        "هند",
        "Delhi",
        "\"New Del*\"",
        "lang:fr",
        "lang:ru",
        "feed:wire",
    ];
    let query = prop::collection::vec(prop::sample::select(atoms.to_vec()), 1..4);
    let query = (
        query,
        prop::sample::select(vec![" ", " OR ", " NEAR/3 ", " -"]),
    );
    let query = query.prop_map(|(atoms, between)| atoms.join(between));
    prop::collection::vec(query, 2..6)
}

proptest! {
    #[test]
    fn each_rule_finds_alone_what_it_finds_among_others(
        queries in queries(),
        text in "(Москве |москва |новые |санкциями |ухи |l'Inde |l’Indien |بروسيا |والهند |New |Delhi |Indian |Point |Ocean |race ){0,9}",
        lang in "(fr|ar|ru)?",
    ) {
        let report = Entry { language: Some(lang), ..entry(&text, &text, "") };
        let rules: Vec<Rule> = (0..).zip(&queries).map(|(at, query)| rule(&format!("t{at}"), query, 0.0)).collect();
        let compiles = |rule: &Rule| Classifier::compile(&shared(), std::slice::from_ref(rule)).is_ok();
        let rules: Vec<Rule> = rules.into_iter().filter(compiles).collect();
        let judge = |rules: &[Rule]| Classifier::compile(&shared(), rules).unwrap().classify(&report, &Standing::default());
        let alone: Vec<TopicMatch> = rules.iter().flat_map(|rule| judge(std::slice::from_ref(rule))).collect();
        prop_assert_eq!(judge(&rules), alone);
    }
}
