//! Pauses that a failure, a refusal or the origin's own word imposes (P17, P18, P19).

use super::policy::{Policy, Schedule};
use super::{periods, words};
use crate::model::{Failure, FailureKind, FeedState, Freshness, Outcome};
use jiff::Timestamp;
use std::time::Duration;

/// Longest `Retry-After` that is heeded: beyond a month it is a mistake, and a feed is not given up on
/// a mistake (P17).
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(31 * 24);

/// Pause after a 429 that does not say for how long (P18): what large pollers leave; whatever
/// the operator's `backoff-max`, because it was the origin who complained.
pub(super) const THROTTLED: Duration = Duration::from_hours(4);

/// Least pause after a 429 that came because other feeds of the host were asked for shortly before (P18), whatever
/// the host says: its pace is mended, most limits are counted over no longer time, and a host that asks for a second
/// knows nothing of how many feeds it has.
pub(super) const CROWDED: Duration = Duration::from_mins(15);

/// A 410 is believed when one is seen again so much later (P21): a deployment that went wrong is mended by
/// then, and one request more is a small price for a feed that would be lost.
pub(super) const BELIEVED_AFTER: Duration = Duration::from_hours(24);

/// Refusals beyond so many are not counted: at half as much again each, an hour is a day by then, and more
/// would only take longer to be forgiven (P18).
pub(super) const MOST_REFUSALS: u32 = 8;

/// One refusal is forgiven for so long of good polls: often enough that an evening's trouble is soon over, and
/// a limit that still holds is met again twice a week at most (P18).
const FORGIVEN_AFTER: Duration = Duration::from_hours(3 * 24);

/// First pause after a name that did not resolve. It costs the publisher nothing to try again, and a
/// machine whose network comes up a minute late must not wait an hour for its news.
pub(super) const UNRESOLVED: Duration = Duration::from_mins(5);

/// Pause while the feed's proxy is not reached, however long that takes: a refused connection costs nobody much, it is not
/// the feed that fails, and what its publisher lists meanwhile is to be read as soon as the proxy runs again.
pub(super) const PROXY: Duration = Duration::from_mins(5);

/// Shortest back-off, whatever the intervals: a configuration with none must not spin.
const SHORTEST: Duration = Duration::from_secs(1);

/// Doublings after which the pause grows no more: a second is then a day and a half.
const MAX_DOUBLINGS: u32 = 17;

/// A wait that the schedule alone would not ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    /// How long from the poll on.
    pub(super) span: Duration,
    /// Why, in words.
    pub(super) reason: String,
}

/// Returns what `outcome` of a poll at `now` imposes, which left the feed as `next`; `None` after a
/// success.
pub(super) fn pause(
    outcome: &Outcome,
    next: &FeedState,
    freshness: &Freshness,
    policy: &Policy,
    now: Timestamp,
) -> Option<Pause> {
    let failures = next.failures;
    let retry_after = freshness.retry_after.map(asked);
    let own = match outcome {
        Outcome::Crowded => Some(crowded(failures, policy)),
        Outcome::Modified | Outcome::NotModified => None,
        Outcome::Gone => Some(doubted(next.gone_at.unwrap_or(now), policy, now)),
        Outcome::Throttled if retry_after.is_none() => Some(throttled(failures, policy)),
        Outcome::Throttled => Some(failed(failures, policy.shortest(), policy)),
        Outcome::Failed(failure) if outcome.is_of_proxy() => Some(unreached(failure, policy)),
        Outcome::Failed(failure) => Some(failed(failures, first(failure, policy), policy)),
    };
    match (own, retry_after) {
        (Some(own), Some(asked)) if own.span > asked.span => Some(own),
        (own, asked) => asked.or(own),
    }
}

/// Returns the refusals that count after a poll at `now` of a feed whose state was `before` it.
///
/// When one is forgiven is not stored: it is at instants of the feed's own, [`FORGIVEN_AFTER`] apart, if the
/// polls before and after were good. So feeds of a host that all were refused at once do not all come
/// back at once.
pub(super) fn refusals(before: &FeedState, outcome: &Outcome, seed: &str, now: Timestamp) -> u32 {
    let count = before.refusals.min(MOST_REFUSALS);
    if *outcome == Outcome::Throttled {
        return (count + 1).min(MOST_REFUSALS);
    }
    let last_good = before.last_success_at.filter(|_| before.failures == 0);
    let is_forgiven = |last_good| periods::comes_round(FORGIVEN_AFTER, seed, last_good, now);
    if outcome.is_success() && last_good.is_some_and(is_forgiven) {
        return count.saturating_sub(1);
    }
    count
}

/// Tells whether a feed is gone that a poll at `now` found gone again, having found it so at `gone_at`.
pub(super) fn is_believed(gone_at: Timestamp, now: Timestamp) -> bool {
    left_of_doubt(gone_at, now).is_zero()
}

fn left_of_doubt(gone_at: Timestamp, now: Timestamp) -> Duration {
    let since = Duration::try_from(now.duration_since(gone_at)).unwrap_or_default();
    BELIEVED_AFTER.saturating_sub(since)
}

fn doubted(gone_at: Timestamp, policy: &Policy, now: Timestamp) -> Pause {
    Pause {
        span: left_of_doubt(gone_at, now).max(policy.shortest()),
        reason: "said to be gone (410): asked once more before it is believed".to_owned(),
    }
}

fn asked(retry_after: Duration) -> Pause {
    let span = retry_after.min(LONGEST_RETRY_AFTER);
    Pause {
        span,
        reason: format!("asked by Retry-After to wait {}", words::span(span)),
    }
}

/// Tells whether a feed that is refused because its host is crowded had come to nothing the last time, too: then
/// the pace alone is not to blame.
pub(super) fn is_refused_again(before: &FeedState) -> bool {
    before.last_poll_at > before.last_success_at
}

/// Returns the pause after a refusal that is a host's, which left its feed with so many failures.
pub(super) fn crowd(failures: u32, policy: &Policy) -> Duration {
    // The first refusal is no failure, so that the second is the first.
    let grown = doubled(CROWDED, failures.saturating_add(1));
    grown.min(policy.backoff_max).max(CROWDED)
}

fn crowded(failures: u32, policy: &Policy) -> Pause {
    let span = crowd(failures, policy);
    Pause {
        span,
        reason: format!(
            "its host is asked for too many feeds (429): paused {}, and asked more slowly",
            words::span(span)
        ),
    }
}

fn unreached(failure: &Failure, policy: &Policy) -> Pause {
    let span = policy.shortest().clamp(SHORTEST, PROXY);
    Pause {
        span,
        reason: format!("{failure}: tried again after {}", words::span(span)),
    }
}

fn throttled(failures: u32, policy: &Policy) -> Pause {
    let least = THROTTLED.max(policy.shortest());
    let span = doubled(least, failures).min(policy.backoff_max).max(least);
    Pause {
        span,
        reason: format!("the origin asks for patience: paused {}", words::span(span)),
    }
}

/// Returns the pause after the first of a row of failures.
pub(super) fn first(failure: &Failure, policy: &Policy) -> Duration {
    match failure.kind {
        FailureKind::Dns => policy.shortest().min(UNRESOLVED),
        _ => policy.shortest(),
    }
}

fn failed(failures: u32, first: Duration, policy: &Policy) -> Pause {
    let grown = doubled(first.max(SHORTEST), failures);
    let span = grown.min(policy.backoff_max).max(first);
    // The next line of a cron schedule is a pause of one step already.
    let span = match policy.schedule {
        Schedule::Cron(_) => span.saturating_sub(policy.shortest()),
        _ => span,
    };
    let in_a_row = if failures > 1 { " in a row" } else { "" };
    let nth = words::ordinal(failures);
    Pause {
        span,
        reason: format!("{nth} failure{in_a_row}: paused {}", words::span(span)),
    }
}

fn doubled(base: Duration, failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
    base.saturating_mul(1 << doublings)
}
