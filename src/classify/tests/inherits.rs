//! Topics that take what other topics match.

use super::*;
use crate::model::Scope;

fn heir(name: &str, query: &str, inherits: &[&str]) -> Rule {
    Rule {
        inherits: inherits.iter().map(|name| (*name).to_owned()).collect(),
        ..rule(name, query, 0.0)
    }
}

/// The topics of a text by these rules, checked against evaluating all of them.
fn topics(rules: &[Rule], title: &str) -> Vec<TopicMatch> {
    let classifier = Classifier::compile(&[], rules).unwrap();
    let entry = entry(title, "", "");
    let found = classifier.classify(&entry, &Standing::default());
    let by_all = classifier.classify_by_all(&entry, &Standing::default());
    assert_eq!(found, by_all);
    for verdict in why(&[], rules, &entry, &Standing::default()) {
        let holds = found.iter().any(|found| found.topic == verdict.label);
        assert_eq!(verdict.holds, holds, "{verdict:?}");
    }
    found
}

fn names(rules: &[Rule], title: &str) -> Vec<String> {
    topics(rules, title)
        .into_iter()
        .map(|it| it.topic)
        .collect()
}

#[test]
fn a_topic_has_what_those_have_that_it_inherits_from() {
    // Heirs stand before those they inherit from, which says nothing of the order of evaluation.
    let rules = [
        heir("world", "", &["energy", "india"]),
        heir("energy", "oil", &["gas"]),
        rule("india", "Modi", 0.0),
        rule("gas", "gas -laughing", 0.0),
        rule("referring", "topic:energy -topic:india", 0.0),
    ];
    for (title, expected) in [
        ("Gas is dear", &["energy", "gas", "referring", "world"][..]),
        ("Oil is dear", &["energy", "referring", "world"]),
        ("Modi on gas", &["energy", "gas", "india", "world"]),
        ("Modi speaks", &["india", "world"]),
        ("Laughing gas", &[]),
    ] {
        assert_eq!(names(&rules, title), expected, "{title}");
    }
}

/// `min-score` is about the words of the topic's own query, and so is its own score.
#[test]
fn what_is_inherited_has_score_and_evidence_of_where_it_is_from() {
    let strict = Rule {
        min_score: 100.0,
        ..heir("world", "gas", &["gas", "price"])
    };
    let rules = [strict, rule("gas", "gas", 0.0), rule("price", "gas^3", 0.0)];
    let found = topics(&rules, "Gas is dear");
    let score = |name: &str| found.iter().find(|it| it.topic == name).unwrap().score;
    assert!(score("price") > score("gas"));
    assert!((score("world") - score("price")).abs() < 1e-9);
    let world = found.iter().find(|it| it.topic == "world").unwrap();
    let (first, second) = (&world.evidence[0], &world.evidence[1]);
    assert_eq!(
        (first.field.as_str(), first.text.as_str()),
        ("topic", "price")
    );
    assert_eq!(first.term, "inherits");
    assert_eq!(
        (second.field.as_str(), second.text.as_str()),
        ("title", "Gas")
    );
}

fn hindi() -> Scope {
    Scope {
        languages: vec!["hi".to_owned()],
        ..Scope::default()
    }
}

#[test]
fn a_scope_holds_for_what_is_inherited_and_is_not() {
    let scoped = |rule: Rule| Rule {
        scope: hindi(),
        ..rule
    };
    let rules = [heir("world", "", &["gas"]), scoped(rule("gas", "gas", 0.0))];
    assert!(names(&rules, "Gas is dear").is_empty());
    let rules = [scoped(heir("world", "", &["gas"])), rule("gas", "gas", 0.0)];
    assert_eq!(names(&rules, "Gas is dear"), ["gas"]);
}

#[test]
fn what_is_missing_is_told_of_all() {
    let rules = [
        heir("world", "coal", &["gas", "oil"]),
        rule("gas", "gas", 0.0),
        rule("oil", "oil", 0.0),
    ];
    let entry = entry("Modi speaks", "", "");
    let told = why(&[], &rules, &entry, &Standing::default()).remove(0);
    assert_eq!(
        told.missing,
        [
            "`coal` does not occur",
            "it inherits from `gas`, `oil`, and is in none of these"
        ]
    );
}

#[test]
fn circles_and_unknown_topics_are_problems() {
    for (rules, expected) in [
        (
            vec![
                heir("a", "", &["b"]),
                heir("b", "x", &["c"]),
                heir("c", "", &["a"]),
            ],
            "2.0 the topic rests on itself: topic:a -> topic:b -> topic:c -> topic:a",
        ),
        (
            vec![heir("a", "", &["a"])],
            "0.0 the topic rests on itself: topic:a -> topic:a",
        ),
        // In one circle with what a query names.
        (
            vec![heir("a", "x", &["b"]), rule("b", "topic:a", 0.0)],
            "1 the topic rests on itself: topic:a -> topic:b -> topic:a",
        ),
        (
            vec![heir("a", "x", &["gas", "gsa"]), rule("gas", "x", 0.0)],
            "0.1 there is no topic `gsa`; did you mean `gas`?",
        ),
        (
            vec![heir("a", "x", &["output:b"]), rule("output:b", "x", 0.0)],
            "0.0 there is no topic `output:b`",
        ),
    ] {
        let problems = Classifier::compile(&[], &rules).unwrap_err();
        let told = problems.iter().map(|problem| {
            let place = match &problem.place {
                Place::Inherited { rule, which } => format!("{rule}.{which}"),
                Place::Rule { rule } => rule.to_string(),
                Place::Alias { .. } => "alias".to_owned(),
            };
            let help = Some(&problem.help).filter(|help| help.starts_with("did"));
            let help = help.map_or(String::new(), |help| format!("; {help}"));
            format!("{place} {}{help}", problem.message)
        });
        assert_eq!(told.collect::<Vec<_>>(), [expected]);
    }
}

/// Half of each level's rules inherit from both of the level before: 2^64 ways, and as many levels.
#[test]
fn a_lattice_of_heirs_is_explained_in_its_own_size() {
    let mut rules = vec![rule("a0", "gas", 0.0), rule("b0", "oil", 0.0)];
    for level in 1..=64 {
        let from = [format!("a{}", level - 1), format!("b{}", level - 1)];
        let from: Vec<&str> = from.iter().map(String::as_str).collect();
        rules.push(heir(&format!("a{level}"), "", &from));
        rules.push(heir(&format!("b{level}"), "", &from));
    }
    for (title, holds) in [("Gas is dear", true), ("Modi speaks", false)] {
        let entry = entry(title, "", "");
        let told = why(&[], &rules, &entry, &Standing::default());
        assert_eq!(told.iter().filter(|it| it.holds).count() > 100, holds);
        let last = why_one(&[], &rules, &rules[129], &entry, &Standing::default());
        assert_eq!(&last, told.last().unwrap());
    }
}

/// What takes whole stories has an entry for those that ask, wherever they do, and not by itself.
#[test]
fn topics_that_take_the_story_of_an_entry_hold_for_who_asks() {
    let lima = Rule {
        pulls: true,
        ..rule("lima", "quake", 2.0)
    };
    let with = ["lima".to_owned()];
    for (query, title, with_story, expected) in [
        ("topic:lima", "Power is back", true, true),
        ("topic:lima", "Power is back", false, false),
        ("topic:lima -power", "Power is back", true, false),
        ("topic:lima power", "Power is back", true, true),
        ("power -topic:lima", "Power is back", true, false),
        ("power -topic:lima", "Power is back", false, true),
        ("power OR topic:lima", "Tents came", true, true),
        ("ATLEAST/2(tents, topic:lima)", "Tents came", true, true),
        ("topic:between", "Tents came", true, true),
        ("topic:hindi", "Tents came", true, false),
    ] {
        let scoped = Rule {
            scope: hindi(),
            ..heir("hindi", "", &["lima"])
        };
        let between = heir("between", "", &["lima"]);
        let rules = [lima.clone(), between, scoped, rule("t", query, 0.0)];
        let standing = Standing {
            with_story: if with_story { &with } else { &[] },
            ..Standing::default()
        };
        let entry = entry(title, "", "");
        let classifier = Classifier::compile(&[], &rules).unwrap();
        let found = classifier.classify(&entry, &standing);
        let has = |name: &str| found.iter().any(|it| it.topic == name);
        assert_eq!(has("t"), expected, "{query} {title}");
        assert_eq!((has("between"), has("lima")), (with_story, false));
        assert_eq!(found, classifier.classify_by_all(&entry, &standing));
        let told = why(&[], &rules, &entry, &standing);
        assert_eq!(told[3].holds, expected, "{query} {title}");
    }
}

#[test]
fn what_an_entry_may_lose_by_its_story_is_known() {
    let rule = |name: &str, query: &str| Rule::new(name, query);
    for (rules, expected) in [
        (&[("b", "gas topic:a")][..], &[][..]),
        (&[("b", "gas -topic:a")], &["b"]),
        (
            &[("b", "gas -(oil topic:a)"), ("c", "topic:b")],
            &["b", "c"],
        ),
        (&[("b", "topic:a"), ("c", "gas -topic:b")], &["c"]),
        (&[("b", "oil"), ("c", "gas -topic:b topic:a")], &[]),
    ] {
        let of = |pulls| {
            let a = Rule {
                pulls,
                ..rule("a", "oil")
            };
            let others = rules.iter().map(|(name, query)| rule(name, query));
            let rules: Vec<Rule> = others.chain([a]).collect();
            digests(&[], &rules, &[]).excluding
        };
        assert_eq!(
            of(true).into_iter().collect::<Vec<_>>(),
            expected,
            "{rules:?}"
        );
        assert!(of(false).is_empty(), "{rules:?}");
    }
    let pulling = |name, query| Rule {
        pulls: true,
        ..rule(name, query)
    };
    let both = [pulling("a", "oil"), pulling("b", "gas -topic:a")];
    assert!(digests(&[], &both, &[]).excluding.is_empty());
}
