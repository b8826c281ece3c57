//! The hits of a rule as evidence that a person can read.

use super::lexicon::Lexicon;
use super::reading::{Hit, Reading};
use crate::model::{Entry, Evidence};
use std::collections::BTreeSet;

/// Pieces of evidence kept for a topic: enough to see why, little enough to store with every entry.
const MAX_EVIDENCE: usize = 16;

/// Returns what the hits show: the strongest place of each term first, then the other places, cut at
/// [`MAX_EVIDENCE`].
///
/// Each term comes before any comes twice, so that a word on every line never hides the others.
pub(super) fn evidence(
    lexicon: &Lexicon,
    reading: &Reading<'_>,
    mut hits: Vec<Hit>,
) -> Vec<Evidence> {
    hits.sort_by_key(|hit| (hit.field, hit.first, hit.pattern));
    hits.dedup();
    hits.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let mut seen = BTreeSet::new();
    let (mut ordered, again): (Vec<Hit>, Vec<Hit>) =
        hits.into_iter().partition(|hit| seen.insert(hit.pattern));
    ordered.extend(again);
    ordered
        .iter()
        .take(MAX_EVIDENCE)
        .filter_map(|hit| {
            let pattern = lexicon.pattern(hit.pattern)?;
            Some(Evidence {
                field: hit.field.name().to_owned(),
                term: pattern.written.clone(),
                alias: pattern.alias.clone(),
                text: reading.words(hit).to_owned(),
                position: hit.first,
            })
        })
        .collect()
}

/// Returns the evidence for a topic that all entries of a feed have.
pub(super) fn given_by_feed(entry: &Entry) -> Evidence {
    Evidence {
        field: "feed".to_owned(),
        term: "topics".to_owned(),
        alias: None,
        text: entry.feed.to_string(),
        position: 0,
    }
}
