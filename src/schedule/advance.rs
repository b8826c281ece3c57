//! From one poll to the next.

use super::backoff::{self, LONGEST_RETRY_AFTER, Pause};
use super::due::longest_pause;
use super::jitter::{self, delayed, later};
use super::policy::{Policy, Schedule};
use super::{CronLine, adaptive, rest, words};
use crate::model::{FeedState, Freshness, Health, Outcome};
use jiff::Timestamp;
use std::time::Duration;

/// When, and why then.
type Due = (Option<Timestamp>, String);

/// Returns the state of a feed after a poll at `now` that ended in `outcome`.
///
/// `state` is the one before the poll, with the hints, rhythm, validators and digest of what the poll
/// brought already in it; everything else is set here. `freshness` is the response's (default when
/// there was none). `seed` names the feed, for its jitter.
///
/// `next_due_at` is `None` only when the feed is gone (P21) or its cron line fires no more;
/// `due_reason` says why in words that follow "next poll at ...:".
pub fn advance(
    state: FeedState,
    outcome: &Outcome,
    freshness: &Freshness,
    policy: &Policy,
    seed: &str,
    now: Timestamp,
) -> FeedState {
    let trial = trial(&state, outcome, freshness, policy, now);
    let failures = state.failures.saturating_add(u32::from(trial.is_none()));
    let next = FeedState {
        refusals: backoff::refusals(&state, outcome, seed, now),
        ..noted(state, outcome, freshness, (failures, now))
    };
    let (next_due_at, due_reason) = if next.health == Health::Gone {
        (
            None,
            "the publisher says that the feed is gone (410)".to_owned(),
        )
    } else {
        trial.unwrap_or_else(|| due(&next, outcome, freshness, policy, seed, now))
    };
    FeedState {
        next_due_at,
        due_reason,
        ..next
    }
}

/// A failure is a trial where it comes within this share of the least pause after the poll before, and within
/// [`LONGEST_TRIAL`]: who mends a host looks again within minutes, and what comes later is another failure, whoever asked.
const TRIAL: u32 = 2;

/// See [`TRIAL`].
const LONGEST_TRIAL: Duration = Duration::from_mins(30);

/// Returns when a feed is due, as before, where a failure is a trial: how often somebody looks whether a host is back says
/// nothing of how long it will be gone, so that it neither counts nor lengthens the pause.
fn trial(
    state: &FeedState,
    outcome: &Outcome,
    freshness: &Freshness,
    policy: &Policy,
    now: Timestamp,
) -> Option<Due> {
    let Outcome::Failed(failure) = outcome else {
        return None;
    };
    let failed_before = state.health == Health::Failing && state.failures > 0;
    if !failed_before || outcome.is_of_proxy() || freshness.retry_after.is_some() {
        return None;
    }
    let (last, due_at) = (state.last_poll_at?, state.next_due_at?);
    let span = |from: Timestamp, to: Timestamp| Duration::try_from(to.duration_since(from)).ok();
    let (since, left) = (
        span(last, now)?,
        span(now, due_at).filter(|it| !it.is_zero())?,
    );
    let soon = (backoff::first(failure, policy) / TRIAL).min(LONGEST_TRIAL);
    let is_of_line = match &policy.schedule {
        Schedule::Cron(line) => line.first_from(due_at) == Some(due_at),
        _ => true,
    };
    // The policy may be another than the one that made the pause.
    let longest = longest_pause(state, policy);
    let goes_on = since < soon && left <= longest + jitter::longest(longest) && is_of_line;
    goes_on.then(|| (Some(due_at), state.due_reason.clone()))
}

/// Returns the state with how the poll ended.
///
/// `failures`: how many there are in a row if this is one.
fn noted(
    state: FeedState,
    outcome: &Outcome,
    freshness: &Freshness,
    (failures, now): (u32, Timestamp),
) -> FeedState {
    let gone_at = gone_at(&state, outcome, now);
    let (health, failures, last_error) = match outcome {
        Outcome::Modified | Outcome::NotModified => (Health::Ok, 0, String::new()),
        Outcome::Crowded if backoff::is_refused_again(&state) => {
            let error = "its host refused it again (429), though it was asked more slowly";
            (Health::Failing, failures, error.to_owned())
        }
        // Not the feed's fault: it is as well as it was.
        Outcome::Crowded => (state.health, state.failures, state.last_error.clone()),
        _ if outcome.is_of_proxy() => (state.health, state.failures, state.last_error.clone()),
        Outcome::Gone => {
            let believed = gone_at.is_some_and(|at| backoff::is_believed(at, now));
            let health = if believed {
                Health::Gone
            } else {
                Health::Failing
            };
            (health, failures, "410 Gone".to_owned())
        }
        Outcome::Throttled => {
            let error = "the origin refused for now (429 or 503)".to_owned();
            (Health::Failing, failures, error)
        }
        Outcome::Failed(failure) => (Health::Failing, failures, failure.message.clone()),
    };
    let retry_after = freshness
        .retry_after
        .map(|span| span.min(LONGEST_RETRY_AFTER));
    FeedState {
        last_poll_at: Some(now),
        last_success_at: outcome
            .is_success()
            .then_some(now)
            .or(state.last_success_at),
        failures,
        retry_after_at: retry_after.map(|span| later(now, span)),
        health,
        last_error,
        gone_at,
        ..state
    }
}

/// Returns when the first of the 410s in a row was seen; other failures are no row of their own, since they
/// say nothing of whether the feed is there.
fn gone_at(state: &FeedState, outcome: &Outcome, now: Timestamp) -> Option<Timestamp> {
    match outcome {
        Outcome::Modified | Outcome::NotModified => None,
        // One that lies ahead comes of a clock that jumped.
        Outcome::Gone => state.gone_at.filter(|at| *at <= now).or(Some(now)),
        Outcome::Throttled | Outcome::Crowded | Outcome::Failed(_) => state.gone_at,
    }
}

fn due(
    next: &FeedState,
    outcome: &Outcome,
    freshness: &Freshness,
    policy: &Policy,
    seed: &str,
    now: Timestamp,
) -> Due {
    let pause = backoff::pause(outcome, next, freshness, policy, now);
    let (span, reason) = match &policy.schedule {
        // Nobody would wait a day because a host was asked too fast, or a proxy did not run.
        Schedule::Cron(line) if *outcome != Outcome::Crowded && !outcome.is_of_proxy() => {
            return by_line(line, pause, now);
        }
        Schedule::Cron(_) => (Duration::ZERO, String::new()),
        Schedule::Every(span) => (*span, words::every(*span)),
        Schedule::Adaptive => adaptive::interval(next, freshness, policy, now),
    };
    let spread = |span| delayed(later(now, span), span, seed);
    let (at, reason) = match pause {
        // A feed that brought nothing waits for this alone, which may be shorter than its interval.
        Some(pause) if pause.span >= span || !outcome.is_success() => {
            (spread(pause.span), pause.reason)
        }
        _ if policy.schedule == Schedule::Adaptive => (spread(span), reason),
        _ => (later(now, span), reason),
    };
    let rests = policy.schedule == Schedule::Adaptive;
    match rest::at(at, &next.hints, seed).filter(|_| rests) {
        Some(rest) => (Some(rest.until), format!("{reason}; {}", rest.reason)),
        None => (Some(at), reason),
    }
}

/// Returns the very next firing of a cron line, or the first one after a pause that outlasts it: a line says when the feed
/// may be asked, and at no other time, however far the next is after a failure (P15); what comes of a crowded host or of a
/// proxy is not asked here.
fn by_line(line: &CronLine, pause: Option<Pause>, now: Timestamp) -> Due {
    let ended = || (None, words::fires_no_more(line));
    let Some(next) = line.next_after(now) else {
        return ended();
    };
    match pause.map(|pause| (later(now, pause.span), pause.reason)) {
        Some((end, reason)) if end > next => match line.first_from(end) {
            Some(at) => (Some(at), reason),
            None => ended(),
        },
        Some(_) => {
            let reason = format!(
                "{}, which is kept after a failure, too",
                words::by_line(line)
            );
            (Some(next), reason)
        }
        None => (Some(next), words::by_line(line)),
    }
}
