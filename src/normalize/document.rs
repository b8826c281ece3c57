//! What the entries of one document prove about each other's ids and addresses.
//!
//! Some feeds give all their entries one guid, or link all of them to one page. Taken at its word, such
//! an id would make revisions of what are articles, and all but one would be lost. So a document is
//! looked at as a whole before ids are given. Never by position: an id that depends on which entry
//! comes first changes while the feed scrolls, and everything is published again.
//!
//! The same entries in another order are the same entries. Which others are listed does matter: an address
//! that is a page of many when two are is that of one when one is left.

use super::entry::Draft;
use super::ids::weigh;
use super::{Normalized, Origin, withdrawals};
use crate::model::{Entry, IdentityBy, Key, KeyKind, ParsedFeed};
use crate::text::fold;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How often one entry may stand in a document with the same id and address: versions of it, as
/// RFC 4287, 4.1.1 allows. More, under different titles, are many entries with an id that is none.
const MAX_VERSIONS: usize = 2;

/// Gives ids and keys to the entries of one document; each id occurs once.
pub(super) fn settle(
    mut drafts: Vec<Draft>,
    parsed: &ParsedFeed,
    origin: &Origin<'_>,
) -> Normalized {
    let pages = pages(&drafts);
    for draft in &mut drafts {
        draft.canonical.take_if(|url| pages.contains(url));
    }
    let (ids, shared) = weigh(&drafts, &parsed.profile);
    let identity = origin.identity.after(ids.health);
    if identity == IdentityBy::Auto {
        for draft in &mut drafts {
            draft.id.take_if(|id| shared.contains(id));
        }
    }
    let mut entries = latest(drafts.into_iter().map(|draft| draft.finish(identity)));
    let is_believed = |id: &str| match identity {
        IdentityBy::Auto => !shared.contains(id),
        IdentityBy::Guid => true,
        IdentityBy::Link => false,
    };
    let told = &parsed.withdrawals;
    let withdrawals = withdrawals::settle(told, is_believed, &mut entries, origin.now);
    Normalized {
        entries,
        withdrawals,
        ids,
    }
}

/// Returns the addresses that are a list on one page and no entry's.
fn pages(drafts: &[Draft]) -> BTreeSet<String> {
    let mut bearers: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
    for draft in drafts {
        if let Some(url) = &draft.canonical {
            bearers.entry(url).or_default().push(draft);
        }
    }
    bearers
        .into_iter()
        .filter(|(_, bearers)| bearers.len() > 1 && is_page(bearers))
        .map(|(url, _)| url.to_owned())
        .collect()
}

/// Tells whether entries of one address are a list on one page: their titles differ, and they are not
/// versions of one entry.
fn is_page(bearers: &[&Draft]) -> bool {
    let ids: BTreeSet<Option<&str>> = bearers.iter().map(|draft| draft.id.as_deref()).collect();
    let is_one = ids.len() == 1 && !ids.contains(&None) && bearers.len() <= MAX_VERSIONS;
    let titles = || bearers.iter().map(|draft| fold(&draft.entry.title));
    !is_one && titles().collect::<BTreeSet<_>>().len() > 1
}

/// Keeps of the entries with one name that which changed last, where the first stood. Of equals it keeps
/// that with the greater digest: the one that stands first is another at the next poll.
fn latest(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut places: BTreeMap<Name, usize> = BTreeMap::new();
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries {
        let name = Name::of(&entry);
        let known = places.get(&name).copied();
        match known.and_then(|place| kept.get_mut(place)) {
            Some(before) if version(&entry) > version(before) => *before = entry,
            Some(_) => {}
            None => {
                places.insert(name, kept.len());
                kept.push(entry);
            }
        }
    }
    kept
}

/// What names an entry among those of its document.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    /// Its id.
    Id(String),
    /// Its address, whatever its headline: two versions of it would else overwrite each other at each poll.
    Address(Key),
}

impl Name {
    fn of(entry: &Entry) -> Self {
        let mut addresses = entry.keys.iter().filter(|key| key.kind == KeyKind::Url);
        match addresses.next() {
            Some(address) if entry.by_address => Self::Address(*address),
            _ => Self::Id(entry.entry_id.clone()),
        }
    }
}

/// Returns what tells versions of one entry apart, the latest greatest.
fn version(entry: &Entry) -> (Timestamp, [u8; 16]) {
    (entry.updated_at, entry.content_digest)
}
