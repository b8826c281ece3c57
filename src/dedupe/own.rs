//! Which of the feed's own stored entries an entry is.
//!
//! Its publisher's id says so, unless that is known to be, or looks as if it were, another article's
//! (`ids.rs`). So before an id is believed against what address and headline say, it is asked whether the
//! entry is stored elsewhere in the feed. Where a feed goes by addresses, the address says so: a rewritten
//! headline or a correction belongs to what readers have been shown, under whatever id it was stored. Where the
//! document has dropped an id, what it has at that one's address is the entry under its next id.

use super::Sign;
use super::guards::{Titles, is_given, objection, texts_are_alike, texts_differ};
use super::ids::{is_another, is_later, is_next_version};
use super::reuse::{is_other_news, is_reworded};
use crate::model::{Entry, KeyKind, Known, Place};

/// What the feed's own stored entries are to an entry.
pub(super) enum Own<'k> {
    /// One of them is the entry, and tells this of its id.
    Itself(&'k Known, Sign),
    /// One has its id and is another article; none is the entry.
    Other(&'k Known),
    /// One has its id and its address, and both went on to other news (`reuse.rs`).
    Former(&'k Known),
    /// None is known by its id.
    Nothing,
}

/// Finds an entry among what shares a key with it.
pub(super) fn own<'k>(entry: &Entry, known: &[&'k Known]) -> Own<'k> {
    let namesake = namesake(entry, known);
    if entry.by_address {
        let itself = at_its_address(entry, known).or(namesake);
        return itself.map_or(Own::Nothing, |itself| Own::Itself(itself, Sign::Silent));
    }
    match namesake {
        Some(former) if is_other_news(entry, former) => Own::Former(former),
        Some(itself) if is_certain(entry, itself) => Own::Itself(itself, kept(entry)),
        other => match (elsewhere(entry, known, other), other) {
            (Some((itself, sign)), _) => Own::Itself(itself, sign),
            (None, Some(other)) if is_another(entry, other) => Own::Other(other),
            (None, Some(itself)) => Own::Itself(itself, kept(entry)),
            (None, None) => match renamed(entry, known) {
                Some(itself) => Own::Itself(itself, Sign::Renamed),
                None => Own::Nothing,
            },
        },
    }
}

/// Tells whether the holders of the strongest key are enough to find an entry by.
pub(super) fn is_settled(entry: &Entry, known: &[&Known]) -> bool {
    let has_address = || entry.keys.iter().any(|key| key.kind == KeyKind::Url);
    namesake(entry, known).is_some_and(|itself| {
        let is_edited = itself.content_digest != entry.content_digest;
        if is_edited && is_reworded(entry, &itself.title, &itself.text) {
            // It may be what another article says.
            false
        } else if entry.by_address {
            itself.leads || !has_address()
        } else {
            is_certain(entry, itself) && !is_other_news(entry, itself)
        }
    })
}

/// Tells whether what a feed withdrew says nothing of an entry: it is another, or is dated after that (RFC 6721, 3). Nothing that
/// one feed withdraws is withheld from another, whatever that says of where it has it from: neither can be believed to speak for
/// the other. What has no date came no later.
pub(super) fn is_void(entry: &Entry, known: &Known) -> bool {
    let Some(withdrawn_at) = known.withdrawn_at else {
        return false;
    };
    // By its id of now or of before a renaming.
    let had_id = known.key.kind == KeyKind::Guid && !is_given(entry, known);
    let is_named = known.entry_id == entry.entry_id || had_id || entry.by_address;
    // As precise as what is stored.
    let is_later = entry.updated_at.as_millisecond() > withdrawn_at.as_millisecond();
    known.feed != entry.feed || !is_named || entry.dated && is_later
}

/// Tells whether two known ones are one stored entry.
pub(super) fn is_row(one: &Known, other: &Known) -> bool {
    one.feed == other.feed && one.entry_id == other.entry_id
}

/// Tells whether what has the id of an entry is the entry without a doubt: the id must be believed, or the
/// address or all that it says is the same.
fn is_certain(entry: &Entry, namesake: &Known) -> bool {
    entry.given.is_none()
        || namesake.content_digest == entry.content_digest
        || namesake.place == Place::Same
}

/// Returns what an entry tells that is known by its id.
pub(super) fn kept(entry: &Entry) -> Sign {
    match entry.given {
        Some(_) => Sign::Kept,
        None => Sign::Silent,
    }
}

/// Returns the stored entry of the same feed and id; one that has another id by now, under which the document lists it as well,
/// is not that.
fn namesake<'k>(entry: &Entry, known: &[&'k Known]) -> Option<&'k Known> {
    let holders = known.iter().filter(|known| {
        let is_own = known.feed == entry.feed && !is_given(entry, known);
        known.key.kind == KeyKind::Guid && is_own && !known.is_beside
    });
    best(holders.copied(), &entry.entry_id)
}

/// Returns what the feed had at the address of an entry. A page that goes on to something else, a day later,
/// under a headline and with a text of its own, is not that.
fn at_its_address<'k>(entry: &Entry, known: &[&'k Known]) -> Option<&'k Known> {
    let holders = known.iter().filter(|known| {
        let titles = || Titles::new(&entry.title, &known.title);
        known.key.kind == KeyKind::Url
            && known.feed == entry.feed
            && (!is_later(entry, known) || titles().are_related() || texts_are_alike(entry, known))
    });
    best(holders.copied(), &entry.entry_id)
}

/// Returns the entry that is stored under the id that it would be given, or, where its publisher's is that
/// of `namesake`, at its address; with what that tells of the ids.
fn elsewhere<'k>(
    entry: &Entry,
    known: &[&'k Known],
    namesake: Option<&Known>,
) -> Option<(&'k Known, Sign)> {
    let given = entry.given.as_ref()?;
    let is_moved = |known: &Known| {
        known.key.kind == KeyKind::Url && namesake.is_some_and(|other| !is_row(known, other))
    };
    let own = known.iter().filter(|known| {
        known.feed == entry.feed && (known.entry_id == given.id || is_moved(known))
    });
    let itself = best(own.copied(), &given.id)?;
    let goes_by_it = |known: &Known| is_given(entry, known) && is_row(known, itself);
    let is_known = itself.entry_id == given.id || known.iter().any(|known| goes_by_it(known));
    let sign = if is_known {
        Sign::StillReused
    } else {
        Sign::Reused
    };
    Some((itself, sign))
}

/// Returns what the feed had at the address of an entry under an id that its document lists no more: the publisher changed it,
/// as some do at each edit, and others when their software is another one. What the feed brings a day later under the same
/// headline, with a text of its own, is the next part of a series, and what is dated before what stands there a cache's.
fn renamed<'k>(entry: &Entry, known: &[&'k Known]) -> Option<&'k Known> {
    entry.given.as_ref()?;
    let holders = known.iter().filter(|known| {
        let is_left = known.is_left && !known.is_new && known.entry.is_some();
        let is_own = known.key.kind == KeyKind::Url && known.feed == entry.feed;
        is_own && is_left && is_next(entry, known)
    });
    // Of several the last one is what stood there until now.
    holders
        .copied()
        .max_by_key(|known| (known.leads, known.published_at, known.entry))
}

/// Tells whether an entry is what its feed had at its address, edited since.
fn is_next(entry: &Entry, known: &Known) -> bool {
    if known.content_digest == entry.content_digest {
        return true;
    }
    if is_older(entry, known) {
        return false;
    }
    if is_later(entry, known) && !texts_are_alike(entry, known) {
        return false;
    }
    if texts_differ(entry, known) {
        return false;
    }
    // A number in the headline is no other article under the next version of an id, where the text is that of before: the next
    // notice of a page that has them one at a time may be called so, too.
    let is_version = || {
        is_next_version(&entry.entry_id, &known.entry_id)
            && Titles::new(&entry.title, &known.title).are_related()
            && texts_are_alike(entry, known)
    };
    objection(entry, known, false).is_none() || is_version()
}

/// Tells whether an entry is dated before what its feed had at its address. What has no date of a change is compared by that of
/// publication: other software has the one and not the other. Where what is known has no date, that is when we saw it.
fn is_older(entry: &Entry, known: &Known) -> bool {
    let is_changed = entry.updated_at != entry.published_at;
    let is_before = if is_changed {
        entry.updated_at < known.updated_at
    } else {
        entry.published_at < known.published_at
    };
    entry.dated && known.dated && is_before
}

/// Returns of several stored entries the one that readers see: that which leads its article, then one that
/// is more than a memory, then the one with this id, then the earliest.
fn best<'k>(rows: impl Iterator<Item = &'k Known>, id: &str) -> Option<&'k Known> {
    let rank = |known: &&Known| {
        let is_gone = known.entry.is_none();
        (
            (!known.leads, is_gone, known.entry_id != id),
            (known.published_at, known.entry),
        )
    };
    rows.min_by(|one, other| {
        let by_rank = rank(one).cmp(&rank(other));
        by_rank.then_with(|| one.entry_id.cmp(&other.entry_id))
    })
}
