//! Instants that lie a span apart, and those of them that are a feed's own.

use super::jitter::later;
use jiff::Timestamp;
use std::time::Duration;

/// Returns the first instant from `from` on that lies a whole number of `span`s before or after `anchor`;
/// `from` itself for a span of nothing.
pub(super) fn next(from: Timestamp, anchor: Timestamp, span: Duration) -> Timestamp {
    let span = i128::try_from(span.as_nanos()).unwrap_or(i128::MAX);
    if span == 0 {
        return from;
    }
    let from = from.as_nanosecond();
    let wait = (anchor.as_nanosecond() - from).rem_euclid(span);
    Timestamp::from_nanosecond(from.saturating_add(wait)).unwrap_or(Timestamp::MAX)
}

/// Returns the first instant from `from` on of those that lie `span` apart and are the feed's own: others
/// (`seed`) have others, evenly spread, and whenever it is asked again they are the same.
pub(super) fn own(from: Timestamp, span: Duration, seed: &str) -> Timestamp {
    let hash = blake3::hash(seed.as_bytes());
    let start = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    // Nanoseconds: centuries at most.
    let anchor = i128::from(u64::from_le_bytes(start));
    let anchor = Timestamp::from_nanosecond(anchor).unwrap_or_default();
    next(from, anchor, span)
}

/// Tells whether one of the instants that are `span` apart and a feed's own (`seed`) lies after `from` and
/// not after `to`: what is to happen once per span, and not to all feeds at once, happens then.
pub fn comes_round(span: Duration, seed: &str, from: Timestamp, to: Timestamp) -> bool {
    own(later(from, Duration::from_nanos(1)), span, seed) <= to
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_of_a_row() {
        for (from, anchor, hours, expected) in [
            (
                "2026-11-01T12:00:00Z",
                "2000-01-01T12:00:00Z",
                24,
                "2026-11-01T12:00:00Z",
            ),
            (
                "2026-11-01T12:00:01Z",
                "2000-01-01T12:00:00Z",
                24,
                "2026-11-02T12:00:00Z",
            ),
            (
                "2026-11-01T12:00:00Z",
                "2000-01-01T06:30:00Z",
                12,
                "2026-11-01T18:30:00Z",
            ),
            (
                "2026-11-01T12:00:00Z",
                "2040-01-01T06:30:00Z",
                12,
                "2026-11-01T18:30:00Z",
            ),
            (
                "1960-01-01T00:00:00Z",
                "1970-01-01T01:00:00Z",
                24,
                "1960-01-01T01:00:00Z",
            ),
            (
                "2026-11-01T12:00:00Z",
                "2026-11-01T11:00:00Z",
                0,
                "2026-11-01T12:00:00Z",
            ),
        ] {
            assert_eq!(
                next(at(from), at(anchor), hours * HOUR),
                at(expected),
                "{from}"
            );
        }
    }

    #[test]
    fn the_ends_of_time() {
        for (from, anchor) in [
            (Timestamp::MIN, Timestamp::MAX),
            (Timestamp::MAX, Timestamp::MIN),
        ] {
            for span in [Duration::ZERO, Duration::from_nanos(1), HOUR, Duration::MAX] {
                assert!(next(from, anchor, span) >= from);
            }
        }
    }

    #[test]
    fn feeds_have_their_own() {
        let from = at("2026-11-01T12:00:00Z");
        let own = |feed: u32| own(from, HOUR, &format!("feed-{feed}"));
        let first_half = (0..100).filter(|feed| own(*feed) < from + HOUR / 2).count();
        assert!((35..=65).contains(&first_half), "{first_half}");
        assert_eq!(own(7), super::own(own(7), HOUR, "feed-7"), "stays the same");
        let (before, at) = (own(7) - Duration::from_secs(1), own(7));
        let round = |from, to| comes_round(HOUR, "feed-7", from, to);
        assert!(round(before, at) && round(at, at + HOUR));
        assert!(
            !round(before, before) && !round(at, before + HOUR),
            "once an hour"
        );
    }
}
