//! What a topic may not hold, whatever it says.

use super::*;
use crate::model::{Feeds, Scope};
use std::sync::Arc;

fn out_of(feed: &str) -> Scope {
    Scope {
        not_feeds: vec![Feeds {
            group: None,
            feeds: Arc::new([FeedId::new(feed)].into()),
        }],
        ..Scope::default()
    }
}

#[test]
fn a_scope_goes_before_the_query_and_the_feed() {
    for (feed, query, given, expected) in [
        ("wire", "Modi", &[][..], false),
        ("press", "Modi", &[], true),
        ("press", "Xi", &[], false),
        ("press", "Xi", &["t"], true),
        ("wire", "Xi", &["t"], false),
        ("wire", "Modi", &["t"], false),
    ] {
        let rule = Rule {
            scope: out_of("wire"),
            ..rule("t", query, 0.0)
        };
        let classifier = Classifier::compile(&[], std::slice::from_ref(&rule)).unwrap();
        let mut entry = entry("Putin meets Modi", "", "");
        entry.feed = FeedId::new(feed);
        let given: Vec<String> = given.iter().map(|it| (*it).to_owned()).collect();
        let standing = Standing {
            topics: &given,
            ..Standing::default()
        };
        let found = classifier.classify(&entry, &standing);
        assert_eq!(!found.is_empty(), expected, "{feed} {query} {given:?}");
        let verdict = why(&[], &[rule], &entry, &standing).remove(0);
        assert_eq!(verdict.holds, expected);
        let barred = verdict.barred.as_deref();
        let says = "its feed is left out by `exclude-feeds`";
        assert_eq!(barred, (feed == "wire").then_some(says));
    }
}

#[test]
fn a_sample_is_of_no_feed() {
    let scope = Scope {
        feeds: vec![Feeds {
            group: None,
            feeds: Arc::new([FeedId::new("wire")].into()),
        }],
        languages: vec!["hi".to_owned()],
        ..Scope::default()
    };
    let rule = Rule {
        scope,
        ..rule("t", "Modi", 0.0)
    };
    let classifier = Classifier::compile(&[], &[rule]).unwrap();
    for (language, expected) in [(None, true), (Some("hi"), true), (Some("en"), false)] {
        let sample = Sample {
            title: "Putin meets Modi".to_owned(),
            summary: String::new(),
            language: language.map(str::to_owned),
        };
        let found = classifier.try_rule("t", &sample);
        assert_eq!(found.is_some(), expected, "{language:?}");
    }
}
