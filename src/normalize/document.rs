//! What the entries of one document prove about each other's ids and addresses.
//!
//! Some feeds give all their entries one guid, or link all of them to one page. Taken at its word, such
//! an id would make revisions of what are articles, and all but one would be lost. So a document is
//! looked at as a whole before ids are given. Never by position: an id that depends on which entry
//! comes first changes while the feed scrolls, and everything is published again.

use super::entry::Draft;
use crate::model::Entry;
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet};

/// How often one entry may stand in a document with the same id and address: versions of it, as
/// RFC 4287, 4.1.1 allows. More, under different titles, are many entries with an id that is none.
const MAX_VERSIONS: usize = 2;

/// Gives ids and keys to the entries of one document; each id occurs once.
pub(super) fn settle(mut drafts: Vec<Draft>) -> Vec<Entry> {
    let pages = repeated(&drafts, |draft| draft.canonical.as_deref(), is_page);
    for draft in &mut drafts {
        draft.canonical.take_if(|url| pages.contains(url));
    }
    let constants = repeated(&drafts, |draft| draft.id.as_deref(), is_constant);
    for draft in &mut drafts {
        draft.id.take_if(|id| constants.contains(id));
    }
    latest(drafts.into_iter().map(Draft::finish))
}

/// Returns the names that more than one draft has and whose bearers are as `is_meant`.
fn repeated(
    drafts: &[Draft],
    name: impl Fn(&Draft) -> Option<&str>,
    is_meant: impl Fn(&[&Draft]) -> bool,
) -> BTreeSet<String> {
    let mut bearers: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
    for draft in drafts {
        if let Some(name) = name(draft) {
            bearers.entry(name).or_default().push(draft);
        }
    }
    bearers
        .into_iter()
        .filter(|(_, bearers)| bearers.len() > 1 && is_meant(bearers))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Tells whether entries of one address are a list on one page: their titles differ, and they are not
/// versions of one entry.
fn is_page(bearers: &[&Draft]) -> bool {
    let ids: BTreeSet<Option<&str>> = bearers.iter().map(|draft| draft.id.as_deref()).collect();
    let is_one = ids.len() == 1 && !ids.contains(&None) && bearers.len() <= MAX_VERSIONS;
    !is_one && distinct(bearers, |draft| fold(&draft.entry.title)) > 1
}

/// Tells whether entries of one id are not one entry: their addresses differ, or their titles where
/// they have no address.
fn is_constant(bearers: &[&Draft]) -> bool {
    let place = |draft: &Draft| {
        draft
            .canonical
            .clone()
            .unwrap_or_else(|| fold(&draft.entry.title))
    };
    distinct(bearers, place) > 1
}

/// Counts different values among drafts.
fn distinct(drafts: &[&Draft], value: impl Fn(&Draft) -> String) -> usize {
    drafts
        .iter()
        .map(|draft| value(draft))
        .collect::<BTreeSet<_>>()
        .len()
}

/// Keeps of the entries with one id that which changed last, the first of equals, where the first
/// stood.
fn latest(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries {
        let known = places.get(&entry.entry_id).copied();
        match known.and_then(|place| kept.get_mut(place)) {
            Some(before) if entry.updated_at > before.updated_at => *before = entry,
            Some(_) => {}
            None => {
                places.insert(entry.entry_id.clone(), kept.len());
                kept.push(entry);
            }
        }
    }
    kept
}
