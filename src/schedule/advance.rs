//! From one poll to the next.

use super::backoff::{self, LONGEST_RETRY_AFTER, Pause};
use super::jitter::{delayed, later};
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
    let pause = pause_that_goes_on(&state, outcome, freshness, policy, now);
    let mut next = FeedState {
        refusals: backoff::refusals(&state, outcome, seed, now),
        ..noted(state, outcome, freshness, now)
    };
    if pause.is_some() {
        next.failures -= 1;
    }
    let (next_due_at, due_reason) = if next.health == Health::Gone {
        (
            None,
            "the publisher says that the feed is gone (410)".to_owned(),
        )
    } else {
        let new = due(&next, outcome, freshness, policy, seed, now);
        match pause {
            Some(pause) => sooner(pause, new),
            None => new,
        }
    };
    FeedState {
        next_due_at,
        due_reason,
        ..next
    }
}

/// Returns the pause that goes on of a feed which failed before and fails again, though its time had not come: somebody asked
/// for it. How often who mends a host looks whether it is back says nothing of how long it will be gone.
fn pause_that_goes_on(
    state: &FeedState,
    outcome: &Outcome,
    freshness: &Freshness,
    policy: &Policy,
    now: Timestamp,
) -> Option<Due> {
    let is_failure = matches!(outcome, Outcome::Failed(_)) && !outcome.is_of_proxy();
    let failed_before = state.health == Health::Failing && state.failures > 0;
    let due_at = state.next_due_at.filter(|at| *at > now)?;
    let goes_on = is_failure && failed_before && freshness.retry_after.is_none();
    let at = due_at.max(later(now, policy.shortest()));
    goes_on.then(|| (Some(at), state.due_reason.clone()))
}

/// Returns the sooner of two.
fn sooner(one: Due, other: Due) -> Due {
    let at = |due: &Due| due.0.unwrap_or(Timestamp::MAX);
    if at(&one) < at(&other) { one } else { other }
}

/// Returns the state with how the poll ended.
fn noted(state: FeedState, outcome: &Outcome, freshness: &Freshness, now: Timestamp) -> FeedState {
    let failures = state.failures.saturating_add(1);
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
        Schedule::Every(span) => (*span, format!("every {} by feeds.toml", words::span(*span))),
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
    let ended = || (None, format!("cron line {line} fires no more"));
    let Some(next) = line.next_after(now) else {
        return ended();
    };
    match pause.map(|pause| (later(now, pause.span), pause.reason)) {
        Some((end, reason)) if end > next => match line.first_from(end) {
            Some(at) => (Some(at), reason),
            None => ended(),
        },
        Some(_) => {
            let reason =
                format!("cron line {line} by feeds.toml, which is kept after a failure, too");
            (Some(next), reason)
        }
        None => (Some(next), format!("cron line {line} by feeds.toml")),
    }
}
