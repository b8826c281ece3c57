//! The language end to end: queries against entries.

mod alone;
mod evidence;
mod exclusions;
mod fields;
mod inherits;
mod packs;
mod problems;
mod properties;
mod queries;
mod scopes;
mod spoken;
mod stems;
mod why;

use super::*;
use crate::model::{Evidence, FeedId};

fn entry(title: &str, summary: &str, content: &str) -> Entry {
    Entry {
        feed: FeedId::new("wire"),
        given: None,
        by_address: false,
        entry_id: "1".to_owned(),
        keys: Vec::new(),
        url: None,
        title: title.to_owned(),
        summary: None,
        content: None,
        summary_text: summary.to_owned(),
        content_text: content.to_owned(),
        authors: Vec::new(),
        categories: Vec::new(),
        enclosures: Vec::new(),
        language: None,
        published_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
        dated: true,
        exact: true,
        source: None,
        language_given: false,
        content_digest: [0; 16],
    }
}

fn alias(name: &str, terms: &[&str]) -> Alias {
    Alias {
        name: name.to_owned(),
        terms: terms.iter().map(|term| (*term).to_owned()).collect(),
    }
}

fn aliases() -> Vec<Alias> {
    vec![
        alias(
            "india",
            &[
                "India",
                "Indian*",
                "New Delhi",
                "Modi",
                "मोदी",
                "भारत",
                "Индия",
            ],
        ),
        alias("russia", &["Russia*", "Putin", "Кремль", "Путин*"]),
        alias("both", &["@india", "@russia", "BRICS"]),
    ]
}

fn rule(name: &str, query: &str, min_score: f64) -> Rule {
    Rule {
        min_score,
        ..Rule::new(name, query)
    }
}

fn compile(query: &str) -> Result<Classifier, Vec<RuleProblem>> {
    Classifier::compile(&aliases(), &[rule("t", query, 0.0)])
}

fn matched(query: &str, entry: &Entry) -> Option<TopicMatch> {
    let classifier = compile(query).unwrap();
    classifier.classify(entry, &Standing::default()).pop()
}

fn told(evidence: &[Evidence]) -> Vec<String> {
    evidence
        .iter()
        .map(|e| {
            let alias = e.alias.as_deref().unwrap_or("-");
            format!(
                "{}:{} {} @{alias} {:?}",
                e.field, e.position, e.term, e.text
            )
        })
        .collect()
}
