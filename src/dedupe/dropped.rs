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
    /// Whether its publisher dates it.
    pub is_dated: bool,
    /// When other words came to stand there, as far as they ever did.
    pub changed_at: Option<Timestamp>,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// Whether the last whole document of its feed has it.
    pub is_listed: bool,
}

/// In which way an entry is later than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// It was edited since.
    Edited,
    /// It is of the same feed, came since, and is dated later, or came with the document that dropped that.
    Next,
    /// It is of the same feed and came since, with the date of that.
    Moved,
}

impl Stands {
    /// Returns in which way this is later than another, if it is. What another feed has must be dated later than what was edited
    /// here as well: both may have put the same right, and were seen one after the other. `at` is when the other was dropped, where
    /// that is now.
    pub fn later(
        &self,
        other: &Self,
        (is_one_feed, at): (bool, Option<Timestamp>),
    ) -> Option<Later> {
        let since = other.changed_at.unwrap_or(other.first_seen_at);
        let is_dated_later = self.updated_at > other.updated_at && self.is_dated && other.is_dated;
        let may_be_new = is_one_feed || other.changed_at.is_none() || is_dated_later;
        if self.changed_at.is_some_and(|at| at > since) && may_be_new {
            return Some(Later::Edited);
        }
        let came_since = is_one_feed && self.is_listed && self.first_seen_at > since;
        // What is stored has thousandths of a second.
        let is_of = |at: Timestamp| at.as_millisecond() == self.first_seen_at.as_millisecond();
        let is_in_its_place = at.is_some_and(is_of);
        (came_since && self.updated_at >= other.updated_at).then_some(
            if is_dated_later || is_in_its_place {
                Later::Next
            } else {
                Later::Moved
            },
        )
    }

    /// Tells whether what was put right here may be what the other, edited later, has put right by now: it is dated no later, and
    /// what is put right next is seen here as well.
    pub fn outlasts(&self, other: &Self) -> bool {
        let were_edited = self.changed_at.is_some() && other.changed_at.is_some();
        let are_dated = self.is_dated && other.is_dated;
        self.is_listed && were_edited && are_dated && other.updated_at <= self.updated_at
    }
}

/// How two entries of an article are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinship {
    /// Whether they are of one feed.
    pub is_one_feed: bool,
    /// Whether they are of one owner, or of one feed that tells its own, by one author.
    pub is_kin: bool,
    /// Whether they are at one address.
    pub is_there: bool,
}

/// Tells whether what an entry says, which is later, may be what another's page says by now. Of one owner, or one feed, it may be in
/// any words at one address. Else it must be at that, and have most of the words, and few besides: a site may be that of all who
/// write there. One feed that gives its entries other addresses has them there now, in the same words or most of them.
pub fn is_its_next(next: &Wording, former: &Wording, kinship: Kinship, later: Later) -> bool {
    let is_same = next == former;
    let has_it = || is_same || holds(next, former) && covers(next, former) && covers(former, next);
    match (kinship.is_kin, kinship.is_there) {
        (true, true) => !is_same && (later != Later::Moved || has_it()),
        (true, false) if kinship.is_one_feed => has_it(),
        (true, false) | (false, true) => later == Later::Edited && !is_same && has_it(),
        (false, false) => false,
    }
}

/// Tells whether readers are to be told that an entry stands in the place of another: it was put right, or is the next edition.
/// `None` where the words say that: at one address the same date may be that of a correction.
pub fn is_news(kinship: Kinship, later: Later) -> Option<bool> {
    match later {
        Later::Edited => Some(true),
        Later::Next => Some(kinship.is_there),
        Later::Moved => (!kinship.is_there).then_some(false),
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
