//! Any query compiles or has a problem in it, printing and parsing keep it what it is, and it is evaluated
//! alike by candidates and by all rules, with evidence, on any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use merganser::classify::fuzzing::printed;
use merganser::classify::{Alias, Classifier, Place, Rule, Standing};
use merganser::model::{Entry, FeedId};

fuzz_target!(|input: (&str, &str, &str, &str)| {
    let (query, other, title, text) = input;
    if let Some(once) = printed(query) {
        assert_eq!(printed(&once).as_ref(), Some(&once), "{query:?}");
    }
    let aliases = [Alias {
        name: "a".to_owned(),
        terms: vec!["oil".to_owned(), "New Delhi".to_owned(), other.to_owned()],
    }];
    let rules = [Rule::new("t", query), Rule::new("other", other)];
    let classifier = match Classifier::compile_for_now(&aliases, &rules) {
        Ok(classifier) => classifier,
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                let place = match problem.place {
                    Place::Rule { rule: 0 } => query,
                    _ => other,
                };
                let is_foreign = matches!(problem.place, Place::Alias { term: 0 | 1, .. });
                assert!(
                    is_foreign || place.get(problem.span.clone()).is_some(),
                    "{problem:?}"
                );
            }
            return;
        }
    };
    let entry = entry(title, text);
    let standing = Standing {
        group: Some("world"),
        site: |_| Some("news.example".to_owned()),
        now: Some(jiff::Timestamp::UNIX_EPOCH),
        ..Standing::default()
    };
    let found = classifier.classify(&entry, &standing);
    assert_eq!(
        found,
        classifier.classify_by_all(&entry, &standing),
        "{input:?}"
    );
    for found in found {
        assert!(
            !found.evidence.is_empty() && found.score.is_finite(),
            "{input:?}"
        );
    }
});

fn entry(title: &str, text: &str) -> Entry {
    Entry {
        feed: FeedId::new("wire"),
        given: None,
        by_address: false,
        entry_id: "1".to_owned(),
        keys: Vec::new(),
        url: Some("https://news.example/1".to_owned()),
        title: title.to_owned(),
        summary: None,
        content: None,
        summary_text: String::new(),
        content_text: text.to_owned(),
        authors: Vec::new(),
        categories: Vec::new(),
        enclosures: Vec::new(),
        // Without one, its words tell it.
        language: text.len().is_multiple_of(2).then(|| "en-GB".to_owned()),
        published_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
        dated: true,
        exact: true,
        source: None,
        language_given: false,
        content_digest: [0; 16],
    }
}
