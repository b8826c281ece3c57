//! What made a rule true as evidence that a person can read.

use super::Standing;
use super::lexicon::Lexicon;
use super::matcher::{RuleId, Strength, Trail};
use super::reading::{Hit, Reading};
use crate::model::{Entry, Evidence};
use std::collections::{BTreeMap, BTreeSet};

/// Pieces of evidence kept for a topic: enough to see why, little enough to store with every entry.
const MAX_EVIDENCE: usize = 16;

/// The term of the evidence that a topic is given, whatever the entry says: the key of `feeds.toml` that gives it.
pub const GIVEN: &str = "topics";

/// That a rule holds.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// How strongly.
    pub(super) strength: Strength,
    /// What shows it, at most [`MAX_EVIDENCE`] pieces and one for the feed.
    pub(super) evidence: Vec<Evidence>,
    /// Whether it holds for the story alone: other rules find it so, and the entry does not have it by itself.
    pub(super) with_story: bool,
}

/// Returns what a trail shows: the strongest place of each term, facts, what shows the topics that it
/// rests on, then the other places, cut at [`MAX_EVIDENCE`].
///
/// Each term comes before any comes twice, so that a word on every line never hides the others.
pub(super) fn evidence(
    lexicon: &Lexicon,
    reading: &Reading<'_>,
    outcomes: &BTreeMap<RuleId, Outcome>,
    trail: Trail,
) -> Vec<Evidence> {
    let (first, again) = in_order(trail.hits);
    let of_hit = |hit: &Hit| {
        let pattern = lexicon.pattern(hit.pattern)?;
        Some(Evidence {
            field: hit.field.name().to_owned(),
            term: pattern.written.clone(),
            alias: pattern.alias.clone(),
            text: reading.words(hit).to_owned(),
            position: hit.first,
        })
    };
    let mut shown: Vec<Evidence> = first.iter().take(MAX_EVIDENCE).filter_map(of_hit).collect();
    let facts = each_once(trail.facts).into_iter();
    shown.extend(facts.filter_map(|id| lexicon.facts().evidence(id, reading.fact(id)?)));
    let topics = each_once(trail.topics).into_iter();
    let outcomes = topics.filter_map(|rule| outcomes.get(&rule));
    for piece in outcomes.flat_map(|outcome| &outcome.evidence) {
        if shown.len() < MAX_EVIDENCE && !shown.contains(piece) {
            shown.push(piece.clone());
        }
    }
    let left = MAX_EVIDENCE.saturating_sub(shown.len());
    shown.extend(again.iter().take(left).filter_map(of_hit));
    shown.truncate(MAX_EVIDENCE);
    shown
}

/// Returns things in the order in which they come first, each once: numbers tell what other rules were read before.
fn each_once<T: Copy + Ord>(mut things: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    things.retain(|thing| seen.insert(*thing));
    things
}

/// Returns the strongest hit of each pattern, and then the others, each once. Of several at one word, the query's order
/// decides.
fn in_order(mut hits: Vec<(Hit, f64)>) -> (Vec<Hit>, Vec<Hit>) {
    let mut met = BTreeSet::new();
    hits.retain(|(hit, _)| met.insert((hit.field, hit.first, hit.pattern)));
    hits.sort_by_key(|(hit, _)| (hit.field, hit.first));
    hits.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let mut seen = BTreeSet::new();
    let hits = hits.into_iter().map(|(hit, _)| hit);
    hits.partition(|hit| seen.insert(hit.pattern))
}

impl Outcome {
    /// Returns what a rule comes to that inherits this outcome from a topic.
    pub(super) fn inherited_from(&self, topic: &str) -> Self {
        let shown = std::iter::once(inherited_from(topic)).chain(self.evidence.iter().cloned());
        Self {
            strength: self.strength,
            evidence: shown.take(MAX_EVIDENCE).collect(),
            with_story: false,
        }
    }

    /// Returns what a rule comes to that takes the story of the entry.
    pub(super) fn taken_with_story(topic: &str, min_score: f64) -> Self {
        Self {
            strength: Strength::fact(min_score),
            evidence: vec![taken_with_story(topic)],
            with_story: true,
        }
    }
}

/// Returns the evidence for a topic that has what another one has.
pub(super) fn inherited_from(topic: &str) -> Evidence {
    Evidence {
        field: "topic".to_owned(),
        term: "inherits".to_owned(),
        alias: None,
        text: topic.to_owned(),
        position: 0,
    }
}

/// Returns the evidence for a rule that asks for a topic which has the entry with its story.
fn taken_with_story(topic: &str) -> Evidence {
    Evidence {
        field: "topic".to_owned(),
        term: "story-pull".to_owned(),
        alias: None,
        text: topic.to_owned(),
        position: 0,
    }
}

/// Returns the evidence for a topic that all entries of a feed have: by its group, or else by itself.
pub(super) fn given(entry: &Entry, standing: &Standing<'_>) -> Evidence {
    let (field, text) = match standing.group {
        Some(group) => ("group", group),
        None => ("feed", entry.feed.as_str()),
    };
    Evidence {
        field: field.to_owned(),
        term: GIVEN.to_owned(),
        alias: None,
        text: text.to_owned(),
        position: 0,
    }
}
