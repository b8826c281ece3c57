//! Times of an entry that can be believed (U7).

use crate::model::ParsedEntry;
use jiff::{SignedDuration, Timestamp};

/// Before 1990 there were no feeds and hardly a web: such a date is a default or a mistake (1990-01-01).
const EARLIEST_SECOND: i64 = 631_152_000;

/// How far a publisher's clock may be ahead of ours (U7).
const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// When an entry was published and changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// First publication.
    pub(super) published_at: Timestamp,
    /// Last change, never before `published_at`.
    pub(super) updated_at: Timestamp,
    /// Whether the publisher said so, or we go by when we saw it.
    pub(super) dated: bool,
    /// Whether `published_at` is what the publisher said of the publication, and no other date.
    pub(super) exact: bool,
}

/// Returns the publisher's times where they are plausible, else `now`.
pub(super) fn times(parsed: &ParsedEntry, now: Timestamp) -> Times {
    let plausible = |at: Option<Timestamp>| at.filter(|&at| is_plausible(at, now));
    let updated = plausible(parsed.updated_at);
    let own = plausible(parsed.published_at);
    let published = own.or(updated);
    // A clock that is ahead must not keep its feed on top of everybody's.
    let published_at = published.unwrap_or(now).min(now);
    Times {
        published_at,
        updated_at: updated.unwrap_or(published_at).clamp(published_at, now),
        dated: published.is_some(),
        exact: own == Some(published_at),
    }
}

/// Returns when something happened by its publisher's word, where that is plausible: a clock that is ahead means now.
pub(super) fn happened(at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    is_plausible(at, now).then(|| at.min(now))
}

/// Tells whether an instant is one at which something can have been published.
fn is_plausible(at: Timestamp, now: Timestamp) -> bool {
    at.as_second() >= EARLIEST_SECOND && at.duration_since(now) <= MAX_AHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u7_only_plausible_dates_are_believed() {
        let now = "2026-01-10T12:00:00Z";
        for (published, updated, expected, dated, exact) in [
            (
                Some("2026-01-09T00:00:00Z"),
                None,
                ("2026-01-09T00:00:00Z", "2026-01-09T00:00:00Z"),
                true,
                true,
            ),
            (
                Some("2026-01-09T00:00:00Z"),
                Some("2026-01-10T00:00:00Z"),
                ("2026-01-09T00:00:00Z", "2026-01-10T00:00:00Z"),
                true,
                true,
            ),
            (
                None,
                Some("2026-01-08T00:00:00Z"),
                ("2026-01-08T00:00:00Z", "2026-01-08T00:00:00Z"),
                true,
                false,
            ),
            // The change lies before the publication.
            (
                Some("2026-01-09T00:00:00Z"),
                Some("2026-01-01T00:00:00Z"),
                ("2026-01-09T00:00:00Z", "2026-01-09T00:00:00Z"),
                true,
                true,
            ),
            // A clock a little ahead means now, the far future and the epoch mean nothing.
            (Some("2026-01-10T13:00:00Z"), None, (now, now), true, false),
            (Some("2026-01-10T13:00:01Z"), None, (now, now), false, false),
            (Some("1970-01-01T00:00:00Z"), None, (now, now), false, false),
            (None, None, (now, now), false, false),
            (
                Some("2126-01-10T00:00:00Z"),
                Some("2026-01-08T00:00:00Z"),
                ("2026-01-08T00:00:00Z", "2026-01-08T00:00:00Z"),
                true,
                false,
            ),
        ] {
            let at = |text: &str| text.parse::<Timestamp>().unwrap();
            let parsed = ParsedEntry {
                published_at: published.map(at),
                updated_at: updated.map(at),
                ..ParsedEntry::default()
            };
            let expected = Times {
                published_at: at(expected.0),
                updated_at: at(expected.1),
                dated,
                exact,
            };
            assert_eq!(
                times(&parsed, at(now)),
                expected,
                "{published:?} {updated:?}"
            );
        }
    }
}
