//! The interval of a feed that is polled by its own rhythm and the publisher's hints.

use super::jitter::later;
use super::policy::Policy;
use super::{periods, words};
use crate::model::{FeedState, Freshness, Hints};
use jiff::Timestamp;
use std::time::Duration;

/// Polling twice per gap finds an entry, on average, a quarter of a gap after it came out, and rarely
/// misses one in a feed that shows few (P37).
const POLLS_PER_GAP: u32 = 2;

/// A wait, and why so long.
type Wait = (Duration, String);

/// Returns how long to wait after a poll at `now` that succeeded, between `min-interval` and
/// `max-interval`, and why.
///
/// Half the feed's rhythm; `min-interval` while it is unknown. The feed's `ttl` (P34), its update period
/// (P36) and the response's freshness (P15) only lengthen it.
pub(super) fn interval(
    state: &FeedState,
    freshness: &Freshness,
    policy: &Policy,
    now: Timestamp,
) -> Wait {
    let mut best = by_rhythm(state.rhythm, policy);
    let hints = [
        (state.hints.ttl, "the feed's ttl is"),
        (
            freshness.lifetime,
            "the publisher says that it stays fresh for",
        ),
    ];
    for (hint, said) in hints {
        if let Some(hint) = longer(hint, &best, policy) {
            best = by_hint(hint, said, policy);
        }
    }
    match longer(state.hints.update_period, &best, policy) {
        Some(period) => by_period(period, &state.hints, best.0, policy, now),
        None => best,
    }
}

/// Returns the hint where it asks for more than `best`, as far as it counts.
fn longer(hint: Option<Duration>, best: &Wait, policy: &Policy) -> Option<Duration> {
    hint.filter(|hint| (*hint).min(policy.max_interval) > best.0)
}

fn by_rhythm(rhythm: Option<Duration>, policy: &Policy) -> Wait {
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

fn by_hint(hint: Duration, said: &str, policy: &Policy) -> Wait {
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

/// Waits as long as the feed says that it stays as it is; with a base, until the first period begins at
/// which it is allowed again, `least` from now: what it brings is then found when it is new, and not
/// somewhere in the period.
///
/// Where `least` nearly fills a period the next start may lie beyond `max-interval`: the period alone
/// counts then.
fn by_period(
    period: Duration,
    hints: &Hints,
    least: Duration,
    policy: &Policy,
    now: Timestamp,
) -> Wait {
    let start = hints
        .update_base
        .map(|base| periods::next(later(now, least), base, period));
    let wait = start.and_then(|start| Duration::try_from(start.duration_since(now)).ok());
    match wait.filter(|wait| *wait <= policy.max_interval) {
        Some(wait) => {
            let period = words::span(period);
            let reason = format!("the next of the feed's update periods of {period} begins");
            (wait, reason)
        }
        None => by_hint(period, "the feed's update period is", policy),
    }
}
