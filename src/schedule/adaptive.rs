//! The interval of a feed that is polled by its own rhythm and the publisher's hints.

use super::policy::Policy;
use super::words;
use crate::model::{FeedState, Freshness};
use std::time::Duration;

/// Polling twice per gap finds an entry, on average, a quarter of a gap after it came out, and rarely
/// misses one in a feed that shows few (P37).
const POLLS_PER_GAP: u32 = 2;

/// Returns how long to wait after a poll that succeeded, between `min-interval` and `max-interval`,
/// and why.
///
/// Half the feed's rhythm; `min-interval` while it is unknown. The feed's `ttl` (P34) and the
/// response's freshness (P15) only lengthen it.
pub(super) fn interval(
    state: &FeedState,
    freshness: &Freshness,
    policy: &Policy,
) -> (Duration, String) {
    let mut best = by_rhythm(state.rhythm, policy);
    let hints = [
        (state.hints.ttl, "the feed's ttl is"),
        (
            freshness.lifetime,
            "the publisher says that it stays fresh for",
        ),
    ];
    for (hint, said) in hints {
        if let Some(hint) = hint.filter(|hint| (*hint).min(policy.max_interval) > best.0) {
            best = by_hint(hint, said, policy);
        }
    }
    best
}

fn by_rhythm(rhythm: Option<Duration>, policy: &Policy) -> (Duration, String) {
    let (shortest, longest) = (policy.min_interval, policy.max_interval);
    let Some(rhythm) = rhythm else {
        let reason = format!(
            "its rhythm is unknown: min-interval is {}",
            words::span(shortest)
        );
        return (shortest, reason);
    };
    let said = format!("the feed publishes about every {}", words::span(rhythm));
    let half = rhythm / POLLS_PER_GAP;
    // `min` wins over `max` when the operator has them crossed.
    if half < shortest || longest < shortest {
        return (
            shortest,
            format!("{said}: min-interval is {}", words::span(shortest)),
        );
    }
    if half > longest {
        return (
            longest,
            format!("{said}: max-interval is {}", words::span(longest)),
        );
    }
    (half, said)
}

fn by_hint(hint: Duration, said: &str, policy: &Policy) -> (Duration, String) {
    let said = format!("{said} {}", words::span(hint));
    let longest = policy.max_interval;
    if hint > longest {
        return (
            longest,
            format!("{said}: max-interval is {}", words::span(longest)),
        );
    }
    (hint, said)
}
