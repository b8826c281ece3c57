//! Jitter: a small delay that differs from feed to feed, so that feeds do not come in step (P13).

use jiff::Timestamp;
use std::time::Duration;

/// Jitter is at most the span over this: a tenth.
const SHARE: u32 = 10;

/// Longest jitter: enough to spread thousands of feeds, and no news is later for it than it must.
pub(super) const LONGEST: Duration = Duration::from_mins(30);

/// Returns `at` delayed by a part of `span`, the wait that ends there. Never earlier than `at`.
pub(super) fn delayed(at: Timestamp, span: Duration, seed: &str) -> Timestamp {
    spread(at, longest(span), seed)
}

/// Returns `at` delayed by less than `most`, which is at most [`LONGEST`]. Never earlier than `at`.
///
/// The delay is a hash of the feed (`seed`) and the instant: other feeds get another one, and so does
/// the next poll of the same feed, but asking twice gives the same answer.
pub(super) fn spread(at: Timestamp, most: Duration, seed: &str) -> Timestamp {
    let mut hasher = blake3::Hasher::new();
    hasher.update(seed.as_bytes());
    hasher.update(&at.as_second().to_le_bytes());
    let [a, b, c, d, ..] = *hasher.finalize().as_bytes();
    let most = most.min(LONGEST).as_nanos();
    let delay = most * u128::from(u32::from_le_bytes([a, b, c, d])) / (1 << u32::BITS);
    // At most half an hour: fits.
    let delay = Duration::from_nanos(u64::try_from(delay).unwrap_or_default());
    later(at, delay)
}

/// Returns the longest delay that [`delayed`] gives to a wait.
pub(super) fn longest(span: Duration) -> Duration {
    (span / SHARE).min(LONGEST)
}

/// Adds a span to an instant; the end of time is the end.
pub(super) fn later(at: Timestamp, span: Duration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
