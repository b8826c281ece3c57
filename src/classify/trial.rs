//! Texts of the operator's own that a rule is tried on, and why it says what it says of them.
//!
//! A sample is classified as an entry is. The reason is found by asking the parts of the query one by one,
//! each as a query of its own: that takes a compilation for each, and so is for faults only.

use super::parser::parse;
use super::syntax::{Kind, Node};
use super::{Alias, Classifier, Rule};
use crate::model::{Entry, FeedId, TopicMatch};
use jiff::Timestamp;

/// Parts of a query that a reason names; what they say of it together fits in a line.
const MAX_PARTS: usize = 4;

/// Characters of a part that a reason shows: a part may be as long as its query.
const MAX_SHOWN: usize = 60;

/// A text to try a rule on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The title; may be empty.
    pub title: String,
    /// The summary as plain text; may be empty.
    pub summary: String,
    /// Its language tag.
    pub language: Option<String>,
}

impl Sample {
    /// Returns it as an entry of a feed that is like no other.
    fn entry(&self) -> Entry {
        Entry {
            feed: FeedId::new("example"),
            entry_id: "example".to_owned(),
            given: None,
            by_address: false,
            keys: Vec::new(),
            url: None,
            title: self.title.clone(),
            summary: None,
            content: None,
            summary_text: self.summary.clone(),
            content_text: String::new(),
            authors: Vec::new(),
            categories: Vec::new(),
            enclosures: Vec::new(),
            language: self.language.clone(),
            published_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            dated: true,
            exact: true,
            source: None,
            content_digest: [0; 16],
        }
    }
}

impl Classifier {
    /// Returns what a rule finds in a sample; `None` where the sample is not in its topic.
    pub fn try_rule(&self, name: &str, sample: &Sample) -> Option<TopicMatch> {
        let found = self.classify(&sample.entry(), &[]);
        found.into_iter().find(|found| found.topic == name)
    }
}

/// Returns in words by what a rule holds of a sample: the score and the matches.
pub fn why_in(found: &TopicMatch) -> String {
    let pieces = found.evidence.iter().take(MAX_PARTS).map(|piece| {
        let alias = piece.alias.as_ref().map(|name| format!(" (@{name})"));
        let alias = alias.unwrap_or_default();
        format!("{}:\"{}\"{alias}", piece.field, piece.text)
    });
    let pieces: Vec<String> = pieces.collect();
    format!("score {:.1} by {}", found.score, pieces.join(", "))
}

/// Returns in words why a rule does not hold of a sample: what is missing, what excludes it, or how far the
/// score falls short.
pub fn why_out(aliases: &[Alias], rule: &Rule, sample: &Sample) -> String {
    let asked = Asked {
        aliases,
        entry: &sample.entry(),
    };
    if let Some(score) = asked.score(&rule.query) {
        let least = rule.min_score;
        return format!("score {score:.1}, and `min-score` is {least:.1}");
    }
    let mut reasons = Vec::new();
    if let Ok(node) = parse(&rule.query) {
        asked.failing(&node, "", &mut reasons);
    }
    reasons.truncate(MAX_PARTS);
    reasons.join("; ")
}

/// An entry that is asked query by query.
struct Asked<'a> {
    aliases: &'a [Alias],
    entry: &'a Entry,
}

impl Asked<'_> {
    /// Returns the score of a query; `None` where it does not hold, or is none by itself.
    fn score(&self, query: &str) -> Option<f64> {
        let rule = Rule {
            name: String::new(),
            query: query.to_owned(),
            min_score: 0.0,
        };
        let classifier = Classifier::compile(self.aliases, &[rule]).ok()?;
        let found = classifier.classify(self.entry, &[]);
        found.first().map(|found| found.score)
    }

    /// Adds why a node does not hold. `fields` are those around it, as they are written.
    fn failing(&self, node: &Node, fields: &str, reasons: &mut Vec<String>) {
        match &node.kind {
            Kind::In(part, query) => self.failing(query, &format!("{fields}{part}"), reasons),
            Kind::Boost(query, _) => self.failing(query, fields, reasons),
            Kind::And(legs) => {
                for leg in legs {
                    self.leg(leg, fields, reasons);
                }
            }
            Kind::Near(first, rest) => {
                let before = reasons.len();
                let operands = std::iter::once(&**first).chain(rest.iter().map(|(_, node)| node));
                for operand in operands {
                    self.leg(operand, fields, reasons);
                }
                if reasons.len() == before {
                    reasons.push(format!("too far apart for `{fields}{}`", shown(node)));
                }
            }
            _ => reasons.push(format!("nothing for `{fields}{}`", shown(node))),
        }
    }

    /// Adds why a leg of AND, or an operand of NEAR, does not hold, if it does not.
    fn leg(&self, leg: &Node, fields: &str, reasons: &mut Vec<String>) {
        match &leg.kind {
            Kind::In(part, query) => self.leg(query, &format!("{fields}{part}"), reasons),
            Kind::Not(query) if self.score(&within(fields, query)).is_some() => {
                reasons.push(format!("`-{fields}{}` excludes it", shown(query)));
            }
            Kind::Not(_) => {}
            _ if self.score(&within(fields, leg)).is_none() => {
                self.failing(leg, fields, reasons);
            }
            _ => {}
        }
    }
}

/// Returns the query that asks a node within fields.
fn within(fields: &str, node: &Node) -> String {
    format!("{fields}({node})")
}

/// Returns a node as it is written, cut where it is long.
fn shown(node: &Node) -> String {
    let written = match &node.kind {
        Kind::And(_) | Kind::Or(_) | Kind::Near(..) => format!("({node})"),
        _ => node.to_string(),
    };
    match written.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", written.get(..end).unwrap_or_default()),
        None => written,
    }
}
