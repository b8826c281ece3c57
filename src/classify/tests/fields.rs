//! What is asked of an entry beside its texts: fields, other topics, and how they count.

use super::*;
use crate::model::{Category, Enclosure, Person};
use jiff::SignedDuration;

/// An entry with something in every field.
fn report() -> Entry {
    let published_at: jiff::Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
    Entry {
        url: Some("https://www.bbc.co.uk/news/Oil-1?x=2".to_owned()),
        authors: vec![Person {
            name: "Zoë Müller".to_owned(),
            ..Person::default()
        }],
        categories: vec![Category {
            term: "oil-markets".to_owned(),
            label: Some("Oil Markets".to_owned()),
            ..Category::default()
        }],
        enclosures: vec![Enclosure {
            url: "https://a.example/1.mp3".to_owned(),
            media_type: Some("audio/mpeg; rate=1".to_owned()),
            length: None,
        }],
        language: Some("en-GB".to_owned()),
        published_at,
        ..entry("Oil price", "Crude is up, says the minister", "")
    }
}

/// Where it stands, a day and a half after it was published.
fn standing() -> Standing<'static> {
    Standing {
        group: Some("markets"),
        site: |url| url.contains("bbc.co.uk").then(|| "bbc.co.uk".to_owned()),
        now: Some(report().published_at + SignedDuration::from_hours(36)),
        ..Standing::default()
    }
}

/// Returns what `report` is in by these rules.
fn found(rules: &[Rule], standing: &Standing<'_>) -> Vec<TopicMatch> {
    let classifier = Classifier::compile_for_now(&aliases(), rules).unwrap();
    classifier.classify(&report(), standing)
}

fn score(query: &str) -> Option<f64> {
    let found = found(&[rule("t", query, 0.0)], &standing()).pop();
    found.map(|found| found.score)
}

#[test]
fn values_are_whole_folded_and_may_hold_stars() {
    for (query, expected) in [
        ("author:\"zoe muller\"", true),
        ("author:Zoë*", true),
        ("author:*", true),
        ("author:zoe", false),
        ("category:oil-markets", true),
        ("category:\"Oil Markets\"", true),
        ("category:oil", false),
        ("url:https://www.bbc.co.uk/news/oil-1?x=2", true),
        ("url:*/news/*", true),
        ("url:*/sport/*", false),
        ("site:bbc.co.uk", true),
        ("site:bbc.*", true),
        ("site:dw.com", false),
        ("site:(dw.com OR bbc.co.uk)", true),
        ("site:(dw.com OR example.org) oil", false),
        ("feed:wire", true),
        ("feed:w*", true),
        ("group:markets", true),
        ("group:sport", false),
        ("lang:en", true),
        ("lang:EN-gb", true),
        ("lang:en-US", false),
        ("lang:(hi OR en) oil", true),
        ("lang:(-hi en)", true),
        ("type:audio", true),
        ("type:audio/mpeg", true),
        ("type:audio/*", true),
        ("type:video", false),
        ("age:<2d", true),
        ("age:<36h", false),
        ("age:>36h", false),
        ("age:>1d", true),
        ("age:(<1h OR >1d)", true),
        // A blank behind the colon changes nothing, as behind that of `title:`.
        ("site: bbc.co.uk", true),
        ("site: dw.com", false),
        ("author: \"zoe muller\" oil", true),
        ("lang: (hi OR en) oil", true),
        ("oil -lang: en", false),
        ("feed:and", false),
        ("oil -lang:en", false),
        ("oil -site:(dw.com OR example.org)", true),
        ("ATLEAST/2(lang:en, feed:wire, oil)", true),
    ] {
        assert_eq!(score(query).is_some(), expected, "{query}");
    }
}

#[test]
fn facts_are_no_weakest_leg() {
    let oil = score("oil").unwrap();
    for (query, expected) in [
        ("lang:en", 4.0),
        ("lang:en feed:wire", 4.0),
        ("lang:en oil", oil),
        ("oil lang:en site:bbc.co.uk", oil),
        ("lang:en oil^5", 5.0 * oil),
        ("lang:en OR oil", 4.0 + oil),
        (
            "lang:(en OR hi) (oil OR price OR crude)",
            2.0 * oil + 12.0 / 7.0,
        ),
        ("lang:en^2", 8.0),
    ] {
        let score = score(query).unwrap();
        assert!((score - expected).abs() < 1e-9, "{query}: {score}");
    }
}

#[test]
fn boosts_hold_of_any_unit() {
    let near = score("crude NEAR/3 minister");
    assert_eq!(
        score("crude^2 NEAR/9 minister^2"),
        score("(crude^2 NEAR/9 minister^2)")
    );
    assert_eq!(near, None);
    let once = score("crude NEAR/9 minister").unwrap();
    assert!(score("crude^2 NEAR/9 minister^2").unwrap() > once);
    let both = score("(crude NEAR/9 minister)^2").unwrap();
    assert!((both - 2.0 * once).abs() < 1e-9);
}

#[test]
fn order_counts_where_it_is_asked_for() {
    for (query, expected) in [
        ("crude ONEAR/5 minister", true),
        ("minister ONEAR/5 crude", false),
        ("minister NEAR/5 crude", true),
        ("crude ONEAR/4 minister", false),
        ("crude ONEAR/3 says ONEAR/2 minister", true),
        ("crude ONEAR/3 says ONEAR/5 up", false),
        ("crude ONEAR/3 says NEAR/5 up", true),
        ("(tax OR crude) ONEAR/5 (minister OR envoy)", true),
    ] {
        assert_eq!(score(query).is_some(), expected, "{query}");
    }
}

#[test]
fn places_weigh_what_the_topic_says() {
    let boosted = |title_boost, lead_boost| Rule {
        title_boost,
        lead_boost,
        ..Rule::new("t", "oil OR crude")
    };
    for (title, lead, expected) in [
        (3.0, 1.5, 4.0 * 3.0 / 5.0 + 4.0 * 1.5 / 3.5),
        (6.0, 1.5, 4.0 * 6.0 / 8.0 + 4.0 * 1.5 / 3.5),
        (0.0, 2.0, 2.0),
        (1e300, 0.0, 400.0 / 102.0),
    ] {
        let score = found(&[boosted(title, lead)], &standing())[0].score;
        assert!((score - expected).abs() < 1e-9, "{title} {lead}: {score}");
    }
}

#[test]
fn facts_are_evidence() {
    let query = "oil site:bbc.co.uk lang:en category:oil* -feed:x age:<2d";
    let found = found(&[rule("t", query, 0.0)], &standing());
    assert_eq!(
        told(&found[0].evidence),
        [
            "title:0 oil @- \"Oil\"",
            "site:0 site:bbc.co.uk @- \"bbc.co.uk\"",
            "lang:0 lang:en @- \"en\"",
            "category:0 category:oil* @- \"oil-markets\"",
            "age:0 age:<2d @- \"2026-03-01T10:00:00Z\"",
        ]
    );
}

#[test]
fn topics_rest_on_topics_wherever_they_stand() {
    let rules = [
        rule("narrow", "topic:wide crude", 0.0),
        rule("wide", "(oil OR gas) -topic:sport", 1.0),
        rule("sport", "chess", 0.0),
        rule("none", "topic:sport OR topic:high", 0.0),
        rule("high", "oil", 3.0),
    ];
    let topics = found(&rules, &standing());
    let names: Vec<&str> = topics.iter().map(|found| found.topic.as_str()).collect();
    assert_eq!(names, ["narrow", "wide"]);
    assert_eq!(
        told(&topics[0].evidence),
        ["summary:0 crude @- \"Crude\"", "title:0 oil @- \"Oil\""]
    );

    let given = ["sport".to_owned()];
    let by_feed = Standing {
        topics: &given,
        ..standing()
    };
    let topics = found(&rules, &by_feed);
    let names: Vec<&str> = topics.iter().map(|found| found.topic.as_str()).collect();
    assert_eq!(names, ["none", "sport"]);
    assert_eq!(told(&topics[0].evidence), ["group:0 topics @- \"markets\""]);
}

#[test]
fn a_long_chain_of_topics_is_finite() {
    let link = |at: usize| {
        let before = format!("topic:t{}", at.saturating_sub(1));
        let query = format!("{before}^100 OR {before}");
        let query = if at == 0 { "oil" } else { &query };
        rule(&format!("t{at}"), query, 0.0)
    };
    let rules: Vec<Rule> = (0..1000).rev().map(link).collect();
    let topics = found(&rules, &standing());
    assert_eq!(topics.len(), 1000);
    assert!(
        topics
            .iter()
            .all(|found| found.score.is_finite() && found.evidence.len() == 1)
    );
}

#[test]
fn what_rests_on_itself_is_a_problem() {
    let rules = [
        rule("a", "oil topic:b", 0.0),
        rule("b", "gas OR topic:c", 0.0),
        rule("c", "topic:d -topic:a", 0.0),
        rule("d", "topic:d topic:energ", 0.0),
        rule("energy", "oil", 0.0),
    ];
    let problems = Classifier::compile(&[], &rules).unwrap_err();
    let told: Vec<(&Place, &str)> = problems
        .iter()
        .map(|p| (&p.place, p.message.as_str()))
        .collect();
    let place = |rule| Place::Rule { rule };
    assert_eq!(
        told,
        [
            (
                &place(2),
                "the topic rests on itself: topic:a -> topic:b -> topic:c -> topic:a"
            ),
            (&place(3), "the topic rests on itself: topic:d -> topic:d"),
            (&place(3), "there is no topic `energ`"),
        ]
    );
    assert_eq!(problems[0].span, 9..16);
    assert_eq!(problems[2].help, "did you mean `topic:energy`?");
}

#[test]
fn ages_are_not_kept() {
    let rules = [rule("a", "oil age:<2d", 0.0)];
    let problems = Classifier::compile(&[], &rules).unwrap_err();
    assert_eq!(problems[0].span, 4..11);
    assert!(problems[0].message.contains("changes by itself"));
    let at_no_time = Standing {
        now: None,
        ..standing()
    };
    assert!(found(&rules, &at_no_time).is_empty());
}
