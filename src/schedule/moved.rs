//! Where a feed moved to, by the redirects that its polls met (P22).
//!
//! One 301 proves little: parked domains, captive portals and slips in a server's configuration say it
//! too, and browsers that believed the first one were stuck with it. So an address is believed when poll
//! after poll for days was led there and found the feed. It is given up more easily than it is adopted:
//! asking the configured address again costs one redirect, and being wrong costs the feed.
//!
//! Only polls that succeed say where a feed is. One that fails without a redirect says nothing of that,
//! and sightings before it stand.

#[cfg(test)]
mod tests;

use crate::model::{Adopted, Hop, Moved, Outcome, Sighting};
use crate::text::{has_secret_query, masked_query};
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// Sightings in a row after which an address may be adopted. The first two or three may be one incident
/// seen by a feed that is polled hourly; a feed that is polled daily takes five days.
const ADOPT_AFTER: u32 = 5;

/// Least time from the first sighting to the one that adopts: longer than a broken deployment or an
/// expired domain stays unnoticed on any day but a holiday.
const ADOPT_SPAN: SignedDuration = SignedDuration::from_hours(48);

/// Returns what makes a move sure, in words that follow "after".
pub fn what_is_sure() -> String {
    format!(
        "{ADOPT_AFTER} polls in a row over {} hours",
        ADOPT_SPAN.as_hours()
    )
}

/// Polls in a row that may fail at an adopted address. With the pauses between them that is three hours
/// at least; then the configured address is worth asking, which may lead elsewhere by now.
const GIVE_UP_AFTER: u32 = 3;

/// Longest address that is remembered, in bytes. Real ones have under 300, and what is longer than this
/// many servers refuse.
const LONGEST_URL: usize = 2048;

/// Returns what is known of a feed's move after a poll at `now`, `None` where there is nothing to tell.
///
/// `configured` is the feed's address without credentials; `hops` are the redirects of the poll, from the
/// address that was asked: the adopted one where there is one, else the configured one.
///
/// - A poll that succeeded at the end of permanent redirects alone (301, 308) sights their last address;
///   another than before begins a new count. Without redirects, with a temporary one among them, or with
///   a step from https to http, it ends the count: what http carries anybody may have written.
/// - The fifth sighting in a row, two days or more after the first, adopts the address. From then on
///   sightings are those of where it leads in its turn; back to the configured one ends the story.
/// - An adopted address is given up after three failures in a row, refusals for now (429, 503) aside,
///   and after the first 410: the feed may have moved again.
/// - An address whose query holds a secret by its name is sighted without that, and never adopted: nothing
///   secret reaches the database (S7).
pub fn moved_after(
    before: Option<&Moved>,
    configured: &str,
    hops: &[Hop],
    outcome: &Outcome,
    now: Timestamp,
) -> Option<Moved> {
    let before = before.cloned().unwrap_or_default();
    let after = match outcome {
        Outcome::Modified | Outcome::NotModified => found(before, configured, hops, now),
        Outcome::Throttled | Outcome::Crowded => before,
        Outcome::Gone => failed(before, hops, 1),
        Outcome::Failed(_) => failed(before, hops, GIVE_UP_AFTER),
    };
    (after != Moved::default()).then_some(after)
}

/// The poll found the feed.
fn found(before: Moved, configured: &str, hops: &[Hop], now: Timestamp) -> Moved {
    let asked = before
        .adopted
        .as_ref()
        .map_or(configured, |it| &it.seen.url);
    let sighted = destination(asked, hops).map(|url| sighting(before.sighted, url, now));
    match sighted {
        Some(seen) if is_believed(&seen, now) && seen.url == configured => Moved::default(),
        Some(seen) if is_believed(&seen, now) => Moved {
            adopted: Some(Adopted {
                seen,
                failures: 0,
                fingerprint: None,
            }),
            ..Moved::default()
        },
        sighted => Moved {
            sighted,
            adopted: before.adopted.map(|it| Adopted { failures: 0, ..it }),
            given_up: None,
        },
    }
}

/// The poll found no feed; an adopted address is given up when it is the `last` in a row.
fn failed(before: Moved, hops: &[Hop], last: u32) -> Moved {
    let sighted = before.sighted.filter(|_| hops.iter().all(is_permanent));
    let Some(adopted) = before.adopted else {
        return Moved { sighted, ..before };
    };
    let failures = adopted.failures.saturating_add(1);
    if failures >= last {
        return Moved {
            given_up: Some(adopted.seen),
            ..Moved::default()
        };
    }
    Moved {
        sighted,
        adopted: Some(Adopted {
            failures,
            ..adopted
        }),
        given_up: None,
    }
}

/// Counts one more sighting of `url`.
fn sighting(before: Option<Sighting>, url: String, now: Timestamp) -> Sighting {
    match before.filter(|seen| seen.url == url) {
        // A clock that was ahead then must not hold it up.
        Some(seen) => Sighting {
            count: seen.count.saturating_add(1),
            first_seen_at: seen.first_seen_at.min(now),
            url,
        },
        None => Sighting {
            url,
            first_seen_at: now,
            count: 1,
        },
    }
}

/// Tells whether an address was seen often and long enough, and can be kept.
fn is_believed(seen: &Sighting, now: Timestamp) -> bool {
    seen.count >= ADOPT_AFTER
        && now.duration_since(seen.first_seen_at) >= ADOPT_SPAN
        && !has_secret_query(&seen.url)
}

/// Returns where a chain of redirects leads for good, fit to be stored (S7).
fn destination(asked: &str, hops: &[Hop]) -> Option<String> {
    let last = hops.last()?;
    let froms = std::iter::once(asked).chain(hops.iter().map(|hop| hop.url.as_str()));
    let is_weakened = froms
        .zip(hops)
        .any(|(from, to)| is_https(from) && !is_https(&to.url));
    if is_weakened || !hops.iter().all(is_permanent) || last.url.len() > LONGEST_URL {
        return None;
    }
    let mut url = Url::parse(&last.url).ok()?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let masked = url.query().map(masked_query);
    if has_secret_query(&last.url) {
        url.set_query(masked.as_deref());
    }
    url.set_fragment(None);
    Some(url.into())
}

fn is_permanent(hop: &Hop) -> bool {
    matches!(hop.status, 301 | 308)
}

fn is_https(url: &str) -> bool {
    url.starts_with("https:")
}
