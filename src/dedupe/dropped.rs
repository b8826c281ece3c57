//! Who tells what the feed of who told it has dropped.
//!
//! Of the sections of a paper that list a report, the one that came first tells it for as long as it lists it. Once it has
//! dropped it, what is put right there is read in another: who was edited since has what the page says now.
//!
//! Nobody is told of one correction twice, were the excerpts others: what both put right was told by the first.

use super::lead::next_of;
use super::{Standing, Wording, covers, holds};
use jiff::Timestamp;

/// Since when an entry says what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    /// When it was changed, by its publisher.
    pub updated_at: Timestamp,
    /// When other words came to stand there, as far as they ever did.
    pub changed_at: Option<Timestamp>,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
}

impl Stands {
    /// Tells whether this was put right since another says what it says, or, of one feed, came since and is not dated before. What
    /// another feed has must be dated later than what was edited here as well: both may have put the same right, and were seen one
    /// after the other.
    pub fn is_after(&self, other: &Self, is_one_feed: bool) -> bool {
        let since = other.changed_at.unwrap_or(other.first_seen_at);
        let is_later = || other.changed_at.is_none() || self.updated_at > other.updated_at;
        let is_edited = self.changed_at.is_some_and(|at| at > since);
        let is_next = self.first_seen_at > since && self.updated_at >= other.updated_at;
        is_edited && (is_one_feed || is_later()) || is_one_feed && is_next
    }
}

/// How two entries of an article are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinship {
    /// Whether they are of one feed.
    pub is_one_feed: bool,
    /// Whether they are of one owner, or of one feed that tells its own.
    pub is_kin: bool,
    /// Whether they are at one address.
    pub is_there: bool,
}

/// Tells whether what an entry says may be what another's page says by now, which is of its outlet as far as that is known. Of one
/// owner, or one feed, it may be in any words at one address. Else it must be at that, and have most of the words, and few
/// besides: a site may be that of all who write there. One feed that gives its entries other addresses has them there now.
pub fn is_its_next(next: &Wording, former: &Wording, kinship: Kinship) -> bool {
    let is_same = next == former;
    let has_it = || holds(next, former) && covers(next, former);
    match (kinship.is_kin, kinship.is_there) {
        (true, true) => !is_same,
        (true, false) => is_same && kinship.is_one_feed || !is_same && has_it(),
        (false, true) => !is_same && has_it() && covers(former, next),
        (false, false) => false,
    }
}

/// Returns the number of the entry that is to tell an article for which one was elected: the first of those of its rank that
/// succeed it, where its feed has dropped that, else that one. Who tells it `now` and succeeds that tells it on also where the
/// feed has it again: readers have its words, and windows and caches come and go.
///
/// # Errors
///
/// Those of `succeeds`, which says whether the entry of the first number has what was put right since in the second.
pub fn successor<E>(
    members: &[Standing],
    (now, elected): (i64, i64),
    mut succeeds: impl FnMut(i64, i64) -> Result<bool, E>,
) -> Result<i64, E> {
    let mut tells = elected;
    // Each at most once, whatever `succeeds` says.
    for _ in members {
        let Some(lead) = members.iter().find(|one| one.number == tells) else {
            break;
        };
        let mut heirs = members.to_vec();
        heirs.retain(|one| {
            let may_be = lead.dropped && !lead.silent || one.number == now;
            may_be && !one.silent && one.number != tells && one.word() == lead.word()
        });
        heirs.sort_by_key(|one| (one.number != now, *one));
        let Some(next) = next_of(tells, &heirs, &mut succeeds)? else {
            break;
        };
        tells = next;
    }
    Ok(tells)
}
