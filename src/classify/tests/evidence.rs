//! What a topic that holds tells: score, evidence, and that the feed gave it.

use super::*;

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
    let found = classifier.classify(&entry("", "oil", ""), &Standing::default());
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
    for summary in ["Oil rises", "Oil is up to"] {
        let other = matched("oil", &entry("", summary, "Oil is up today")).unwrap();
        assert_eq!(other.evidence.len(), 2, "{summary}");
    }
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
    let standing = Standing {
        topics: &given,
        ..Standing::default()
    };
    let check = |title: &str, expected: &[(&str, usize)]| {
        let found = classifier.classify(&entry(title, "", ""), &standing);
        let found: Vec<(&str, usize)> = found
            .iter()
            .map(|t| (t.topic.as_str(), t.evidence.len()))
            .collect();
        assert_eq!(found, expected, "{title}");
    };
    check("India", &[("asia", 1), ("energy", 1), ("wire", 1)]);
    check("oil", &[("energy", 2), ("wire", 1)]);
    let found = classifier.classify(&entry("", "", ""), &standing);
    let least = found[0].score;
    assert!((least - 1.0).abs() < 1e-9, "the least score of the topic");
    assert_eq!(told(&found[0].evidence), ["feed:0 topics @- \"wire\""]);
}
