//! When a feed is due by what is stored of it: at the start and after a reload.

use super::backoff::{self, BELIEVED_AFTER, LONGEST_RETRY_AFTER, PROXY, THROTTLED, UNRESOLVED};
use super::jitter::{self, delayed, later};
use super::network::pause_after;
use super::policy::{FASTEST, Policy, Schedule};
use super::{periods, rest, words};
use crate::model::{FeedState, Health};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Returns when a feed is due by its stored state and the present policy; `now` when it is overdue,
/// `None` when it is never due (gone, or a cron line that fires no more).
///
/// - A feed that was never polled is due now.
/// - One whose last poll lies further ahead than its shortest interval, because the clock was wrong then or
///   is now, is due within that interval, at an instant of its own: after a clock was set back that is every
///   feed (R7). What lies less far ahead may have been just now, and is kept.
/// - What the last poll decided stands (P10, P11) as far as the policy allows it today: a shorter
///   `max-interval`, another `every` or another cron line take effect at once, and an instant that
///   the policy could never have given, because the clock jumped, is brought back into reach.
/// - A feed whose archive is being read is due now, for the next document of it (P39).
/// - A running `Retry-After` ends first, whatever the policy.
/// - Under `adaptive`, what was missed while the feed rests waits until it does no more (P35).
pub fn due_at(state: &FeedState, policy: &Policy, seed: &str, now: Timestamp) -> Option<Timestamp> {
    if state.health == Health::Gone {
        return None;
    }
    let held_until = held_until(state, now);
    let Some(last_poll_at) = state.last_poll_at else {
        return Some(held_until.max(now));
    };
    if reads_archive(state) {
        return Some(held_until.max(now));
    }
    let allowed_at = match &policy.schedule {
        _ if last_poll_at <= later(now, policy.shortest()) => {
            allowed_at(state, policy, seed, last_poll_at)?
        }
        Schedule::Cron(_) => now,
        _ => periods::own(now, policy.shortest(), seed),
    };
    let allowed_at = allowed_at.max(held_until);
    let due_at = match &policy.schedule {
        Schedule::Cron(line) => line.first_from(allowed_at)?.max(now),
        Schedule::Every(_) => allowed_at.max(now),
        Schedule::Adaptive => rest::until(allowed_at.max(now), &state.hints, seed),
    };
    Some(due_at)
}

/// Returns the same of a feed whose last poll did not reach its proxy (P19): when that is tried again, as the poll decided.
/// That was no request to the publisher, so the distances to one do not hold, which by a daily schedule are a day.
pub fn due_after_proxy(
    state: &FeedState,
    policy: &Policy,
    seed: &str,
    now: Timestamp,
) -> Option<Timestamp> {
    let due_at = due_at(state, policy, seed, now)?;
    let Some(decided) = state.next_due_at else {
        return Some(due_at);
    };
    // A stored instant further ahead comes of a clock that jumped, or of a rest.
    let latest = later(later(now, PROXY), jitter::longest(PROXY));
    let furthest = furthest_by(policy, latest, state, seed);
    let soon = decided.clamp(now, furthest);
    Some(due_at.min(soon.max(held_until(state, now))))
}

/// Returns the same of a feed whose last poll was refused because its host was asked for too many (P18): when that poll decided,
/// whatever the schedule. A short `every` would have the host asked before it has rested, a cron line the feed a day later.
pub fn due_after_crowd(
    state: &FeedState,
    policy: &Policy,
    seed: &str,
    now: Timestamp,
) -> Option<Timestamp> {
    let decided = match state.next_due_at {
        Some(decided) if state.health != Health::Gone => decided,
        _ => return due_at(state, policy, seed, now),
    };
    // A stored instant further ahead comes of a clock that jumped, or of a rest.
    let polled_at = state.last_poll_at.map_or(now, |at| at.min(now));
    let longest = backoff::crowd(state.failures, policy).max(asked(state, polled_at));
    let latest = later(later(polled_at, longest), jitter::longest(longest));
    let furthest = furthest_by(policy, latest, state, seed);
    let due_at = decided.clamp(now, furthest.max(now));
    let due_at = due_at.max(held_until(state, now));
    Some(match policy.schedule {
        Schedule::Adaptive => rest::until(due_at, &state.hints, seed),
        _ => due_at,
    })
}

/// Returns when a feed is due that may be asked by now, where its last poll was kept from asking: at once.
pub fn due_as_let_in(state: &FeedState, now: Timestamp) -> Timestamp {
    held_until(state, now).max(now)
}

/// Returns when a feed is asked again whose last poll reached nobody, while it is not known whose fault that is, and was asked
/// again so many times since; `None` for never. `state`: as that poll would have it.
///
/// A cron line says so itself (P15), and a `Retry-After` on the way ends first (P17).
pub fn due_in_doubt(
    state: &FeedState,
    policy: &Policy,
    repeats: u32,
    now: Timestamp,
) -> Option<Timestamp> {
    match &policy.schedule {
        Schedule::Cron(_) => state.next_due_at,
        _ => Some(later(now, pause_after(repeats)).max(held_until(state, now))),
    }
}

/// Instants that are told apart: what is stored is so exact that equal ones are equal, and less is seen by nobody.
const APART: SignedDuration = SignedDuration::from_secs(1);

/// Returns when a feed is due, and why, where its last poll decided otherwise, after a change of its schedule above all: what
/// is stored of it is neither to be gone by then nor to be told. `due_at`: when it is due by now, as [`due_at`] has it.
pub fn decided_anew(
    state: &FeedState,
    due_at: Option<Timestamp>,
    policy: &Policy,
    now: Timestamp,
) -> Option<(Option<Timestamp>, String)> {
    state.last_poll_at?;
    if state.health == Health::Gone || reads_archive(state) {
        return None;
    }
    let stands = stands(state, due_at, now);
    let fails = state.failures > 0;
    let reason = match &policy.schedule {
        Schedule::Every(span) if !fails => words::every(*span),
        Schedule::Cron(line) if due_at.is_none() => words::fires_no_more(line),
        Schedule::Cron(line) => words::by_line(line),
        _ if stands => words::OF_BEFORE.to_owned(),
        // A pause is one also where it is longer by now, as a trial by hand makes it.
        _ if fails && due_at >= state.next_due_at => state.due_reason.clone(),
        _ => words::ANEW.to_owned(),
    };
    if !stands {
        return Some((due_at, reason));
    }
    // As soon as by a schedule of which nothing is in the file any more, or overdue by both.
    let told = &state.due_reason;
    let is_of_before = told.contains(words::BY_FILE) && !told.starts_with(&reason);
    is_of_before.then_some((state.next_due_at, reason))
}

/// Tells whether a feed is due when its last poll decided: at once, where that is past.
fn stands(state: &FeedState, due_at: Option<Timestamp>, now: Timestamp) -> bool {
    match (state.next_due_at, due_at) {
        (None, None) => true,
        (Some(decided), Some(due_at)) => {
            // The poll spread the end of a `Retry-After`, too, which may have come since.
            let held_until = held_until(state, now);
            let spread = held_until..=later(held_until, jitter::LONGEST);
            let is_spread = due_at == held_until.max(now) && spread.contains(&decided);
            is_spread || decided.max(now).duration_since(due_at).abs() < APART
        }
        _ => false,
    }
}

/// Tells whether a feed's archive is read on with at once (P39): not while the feed fails, or its origin
/// refuses.
pub fn reads_archive(state: &FeedState) -> bool {
    state.backfill.is_some() && state.failures == 0 && state.retry_after_at.is_none()
}

/// Returns when a running `Retry-After` ends, the past when there is none. A stored end that lies
/// further ahead than one can be asked for comes of a clock that jumped.
fn held_until(state: &FeedState, now: Timestamp) -> Timestamp {
    let furthest = later(now, LONGEST_RETRY_AFTER);
    state
        .retry_after_at
        .map_or(Timestamp::MIN, |at| at.min(furthest))
}

/// Returns for how long the last poll was asked to wait.
fn asked(state: &FeedState, last_poll_at: Timestamp) -> Duration {
    let asked = state.retry_after_at.unwrap_or(last_poll_at);
    let asked = Duration::try_from(asked.duration_since(last_poll_at)).unwrap_or_default();
    asked.min(LONGEST_RETRY_AFTER)
}

/// Returns the instant before which the last poll and the policy allow no other.
fn allowed_at(
    state: &FeedState,
    policy: &Policy,
    seed: &str,
    last_poll_at: Timestamp,
) -> Option<Timestamp> {
    let is_failing = state.failures > 0;
    let reach = match &policy.schedule {
        Schedule::Cron(line) if !is_failing => return line.next_after(last_poll_at),
        Schedule::Every(span) if !is_failing => return Some(later(last_poll_at, *span)),
        // Its firings are its distances.
        Schedule::Cron(_) => (Duration::ZERO, longest_pause(state, policy)),
        _ if is_failing => (shortest_pause(state, policy), longest_pause(state, policy)),
        _ => (shortest_interval(state, policy), longest_interval(policy)),
    };
    Some(within(state, reach, seed, last_poll_at))
}

/// Returns the shortest interval that a poll can have decided on: whether the publisher gave leave for it is
/// not stored. Without a stored instant, nothing does.
fn shortest_interval(state: &FeedState, policy: &Policy) -> Duration {
    match (policy.min_interval, state.next_due_at) {
        (None, Some(_)) => FASTEST,
        _ => policy.least_interval(),
    }
}

/// Returns the longest interval that a poll can have decided on.
fn longest_interval(policy: &Policy) -> Duration {
    policy.max_interval.max(policy.least_interval())
}

/// Returns the shortest pause that a failure can have imposed. Which failure it was is not stored: a
/// stored instant may be that of a name that did not resolve; without one, nothing allows less than
/// the policy's own distance.
fn shortest_pause(state: &FeedState, policy: &Policy) -> Duration {
    match state.next_due_at {
        Some(_) => policy.shortest().min(UNRESOLVED),
        None => policy.shortest(),
    }
}

/// Returns the longest pause that a failure can have imposed: an interval longer than `backoff-max`
/// holds for a failing feed too.
pub(super) fn longest_pause(state: &FeedState, policy: &Policy) -> Duration {
    let doubt = state.gone_at.map_or(Duration::ZERO, |_| BELIEVED_AFTER);
    let imposed = THROTTLED.max(doubt);
    policy.backoff_max.max(imposed).max(policy.shortest())
}

/// Returns the stored instant, brought between the shortest and the longest wait after the last poll.
fn within(
    state: &FeedState,
    (shortest, longest): (Duration, Duration),
    seed: &str,
    last_poll_at: Timestamp,
) -> Timestamp {
    let longest = longest.max(shortest).max(asked(state, last_poll_at));
    let earliest = later(last_poll_at, shortest);
    let latest = later(last_poll_at, longest);
    let furthest = furthest(later(latest, jitter::longest(longest)), state, seed);
    match state.next_due_at {
        None => delayed(earliest, shortest, seed),
        Some(stored) if stored > furthest => delayed(latest, longest, seed),
        Some(stored) => stored.max(earliest),
    }
}

/// Returns how late a poll can be that was due by `latest`, where only some schedules heed when a feed rests.
fn furthest_by(policy: &Policy, latest: Timestamp, state: &FeedState, seed: &str) -> Timestamp {
    match policy.schedule {
        Schedule::Adaptive => furthest(latest, state, seed),
        _ => latest,
    }
}

/// Returns how late a poll can be that was due by `latest`: a rest of the feed may have put it off.
fn furthest(latest: Timestamp, state: &FeedState, seed: &str) -> Timestamp {
    if rest::is_asked_for(&state.hints) {
        later(rest::until(latest, &state.hints, seed), jitter::LONGEST)
    } else {
        latest
    }
}
