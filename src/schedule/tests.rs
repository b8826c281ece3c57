//! The schedule as tables, as properties, and as a year that is played through.

mod due;
mod failures;
mod hints;
mod properties;
mod refusals;
mod year;

use super::*;
use crate::model::{
    Failure, FailureKind, FeedState, Freshness, Health, Hints, Outcome, Validators,
};
use jiff::Timestamp;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const SEED: &str = "https://example.org/feed";

fn now() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().unwrap()
}

fn failed() -> Outcome {
    Outcome::Failed(Failure::new(FailureKind::Timeout, "no answer"))
}

fn adaptive() -> Policy {
    Policy::default()
}

fn every(span: Duration) -> Policy {
    Policy {
        schedule: Schedule::Every(span),
        ..Policy::default()
    }
}

fn cron(line: &str) -> Policy {
    Policy {
        schedule: Schedule::Cron(line.parse().unwrap()),
        ..Policy::default()
    }
}

/// A feed that can be asked conditionally.
fn validated() -> FeedState {
    FeedState {
        validators: Validators {
            etag: Some(b"\"1\"".to_vec()),
            ..Validators::default()
        },
        ..FeedState::default()
    }
}

fn with_rhythm(rhythm: Duration) -> FeedState {
    FeedState {
        rhythm: Some(rhythm),
        ..validated()
    }
}

fn fresh(lifetime: Duration) -> Freshness {
    Freshness {
        lifetime: Some(lifetime),
        retry_after: None,
    }
}

fn asked(retry_after: Duration) -> Freshness {
    Freshness {
        lifetime: None,
        retry_after: Some(retry_after),
    }
}

fn poll(state: &FeedState, outcome: &Outcome, freshness: Freshness, policy: &Policy) -> FeedState {
    advance(state.clone(), outcome, &freshness, policy, SEED, now())
}

/// Returns the wait in minutes, the jitter taken off: the due instant lies at most a tenth (or half an
/// hour) behind the minute that is returned.
#[track_caller]
fn check(polled: &FeedState, expected: Duration, reason: &str) {
    let due_at = polled.next_due_at.unwrap();
    let wait = Duration::try_from(due_at.duration_since(now())).unwrap();
    let most = expected + (expected / 10).min(30 * MINUTE);
    assert!(
        expected <= wait && wait <= most,
        "{expected:?} but {wait:?}"
    );
    assert_eq!(polled.due_reason, reason);
}

#[test]
fn rhythm_is_polled_twice_per_gap_within_bounds() {
    for (rhythm, expected, reason) in [
        (6 * HOUR, 3 * HOUR, "the feed publishes about every 6 h"),
        (
            30 * MINUTE,
            HOUR,
            "the feed publishes about every 30 min: the least is 1 h",
        ),
        (
            9 * DAY,
            DAY,
            "the feed publishes about every 9 d: max-interval is 1 d",
        ),
    ] {
        let polled = poll(
            &with_rhythm(rhythm),
            &Outcome::Modified,
            Freshness::default(),
            &adaptive(),
        );
        check(&polled, expected, reason);
    }
    let polled = poll(
        &validated(),
        &Outcome::Modified,
        Freshness::default(),
        &adaptive(),
    );
    check(&polled, HOUR, "its rhythm is unknown: the least is 1 h");
}

/// P15, P34: on a 200 and on a 304, only upwards, and up to max-interval.
#[test]
fn hints_lengthen_the_wait() {
    let state = with_rhythm(4 * HOUR);
    let with_ttl = |ttl| FeedState {
        hints: Hints {
            ttl: Some(ttl),
            ..Hints::default()
        },
        ..state.clone()
    };
    for outcome in [Outcome::Modified, Outcome::NotModified] {
        for (state, freshness, expected, reason) in [
            (
                state.clone(),
                fresh(HOUR),
                2 * HOUR,
                "the feed publishes about every 4 h",
            ),
            (
                state.clone(),
                fresh(Duration::ZERO),
                2 * HOUR,
                "the feed publishes about every 4 h",
            ),
            (
                state.clone(),
                fresh(3 * HOUR),
                3 * HOUR,
                "the publisher says that it stays fresh for 3 h",
            ),
            (
                state.clone(),
                fresh(365 * DAY),
                DAY,
                "the publisher says that it stays fresh for 365 d: max-interval is 1 d",
            ),
            (
                with_ttl(3 * HOUR),
                fresh(HOUR),
                3 * HOUR,
                "the feed's ttl is 3 h",
            ),
            (
                with_ttl(3 * HOUR),
                fresh(5 * HOUR),
                5 * HOUR,
                "the publisher says that it stays fresh for 5 h",
            ),
            (
                with_ttl(Duration::ZERO),
                fresh(HOUR),
                2 * HOUR,
                "the feed publishes about every 4 h",
            ),
            (
                with_ttl(30 * DAY),
                fresh(HOUR),
                DAY,
                "the feed's ttl is 30 d: max-interval is 1 d",
            ),
        ] {
            check(
                &poll(&state, &outcome, freshness, &adaptive()),
                expected,
                reason,
            );
        }
    }
}

#[test]
fn fixed_schedules_are_exact_and_deaf_to_hints() {
    let hint = fresh(10 * HOUR);
    let polled = poll(
        &with_rhythm(DAY),
        &Outcome::Modified,
        hint,
        &every(15 * MINUTE),
    );
    assert_eq!(polled.next_due_at, Some(now() + 15 * MINUTE));
    assert_eq!(polled.due_reason, "every 15 min by feeds.toml");

    let polled = poll(
        &with_rhythm(DAY),
        &Outcome::Modified,
        hint,
        &cron("0 6 * * *"),
    );
    assert_eq!(
        polled.next_due_at,
        Some("2026-11-02T06:00:00Z".parse().unwrap())
    );
    assert_eq!(polled.due_reason, "cron line `0 6 * * *` by feeds.toml");

    let polled = poll(&validated(), &Outcome::Modified, hint, &cron("0 0 30 2 *"));
    assert_eq!(polled.next_due_at, None);
    assert_eq!(polled.due_reason, "cron line `0 0 30 2 *` fires no more");
}

/// P17: floor is the normal interval, cap a month.
#[test]
fn retry_after_is_heeded_by_every_schedule() {
    let wait = "asked by Retry-After to wait 2 h";
    for policy in [adaptive(), every(15 * MINUTE)] {
        let polled = poll(&validated(), &Outcome::Throttled, asked(2 * HOUR), &policy);
        check(&polled, 2 * HOUR, wait);
        assert_eq!(polled.retry_after_at, Some(now() + 2 * HOUR));
    }
    let polled = poll(
        &validated(),
        &Outcome::Throttled,
        asked(2 * HOUR),
        &cron("5 * * * *"),
    );
    assert_eq!(
        polled.next_due_at,
        Some("2026-11-01T14:05:00Z".parse().unwrap())
    );
    assert_eq!(polled.due_reason, wait);

    let polled = poll(
        &validated(),
        &Outcome::Throttled,
        asked(MINUTE),
        &adaptive(),
    );
    check(&polled, HOUR, "first failure: paused 1 h");
    let polled = poll(
        &validated(),
        &Outcome::Throttled,
        asked(900 * DAY),
        &adaptive(),
    );
    check(&polled, 31 * DAY, "asked by Retry-After to wait 31 d");
    assert_eq!(polled.retry_after_at, Some(now() + 31 * DAY));
    let polled = poll(&validated(), &failed(), asked(5 * HOUR), &adaptive());
    check(&polled, 5 * HOUR, "asked by Retry-After to wait 5 h");

    let later = poll(
        &polled,
        &Outcome::NotModified,
        Freshness::default(),
        &adaptive(),
    );
    assert_eq!(later.retry_after_at, None);
}

fn failures_in_a_row(outcome: &Outcome, policy: &Policy, count: usize) -> Vec<FeedState> {
    let mut state = validated();
    let mut states = Vec::new();
    for _ in 0..count {
        state = poll(&state, outcome, Freshness::default(), policy);
        states.push(state.clone());
        // The clock stands still, and its time has come all the same.
        state.next_due_at = Some(now());
    }
    states
}

/// P18: at least four hours, growing.
#[test]
fn refusals_without_a_word_pause_longer() {
    let states = failures_in_a_row(&Outcome::Throttled, &adaptive(), 9);
    check(
        &states[0],
        4 * HOUR,
        "the origin asks for patience: paused 4 h",
    );
    check(
        &states[1],
        8 * HOUR,
        "the origin asks for patience: paused 8 h",
    );
    check(&states[8], DAY, "the origin asks for patience: paused 1 d");
    let impatient = Policy {
        backoff_max: MINUTE,
        ..every(MINUTE)
    };
    let states = failures_in_a_row(&Outcome::Throttled, &impatient, 2);
    check(
        &states[1],
        4 * HOUR,
        "the origin asks for patience: paused 4 h",
    );
}

/// Absurd spans end at the end of time, and do not panic.
#[test]
fn absurd_spans() {
    let absurd = Policy {
        min_interval: Some(Duration::MAX),
        max_interval: Duration::MAX,
        backoff_max: Duration::MAX,
        ..every(Duration::MAX)
    };
    for schedule in [Schedule::Adaptive, absurd.schedule.clone()] {
        let policy = Policy {
            schedule,
            ..absurd.clone()
        };
        for outcome in [Outcome::Modified, Outcome::Throttled, failed()] {
            let hints = fresh(Duration::MAX);
            let polled = poll(&with_rhythm(Duration::MAX), &outcome, hints, &policy);
            assert_eq!(polled.next_due_at, Some(Timestamp::MAX));
            assert_eq!(due_at(&polled, &policy, SEED, now()), Some(Timestamp::MAX));
        }
    }
    let polled = poll(
        &validated(),
        &failed(),
        Freshness::default(),
        &Policy {
            schedule: cron("* * * * *").schedule,
            ..absurd
        },
    );
    assert!(polled.next_due_at.is_some());
}

/// What a poll does not say stays as it was.
#[test]
fn the_rest_of_the_state_is_kept() {
    let state = FeedState {
        body_digest: Some([7; 32]),
        last_success_at: Some(Timestamp::UNIX_EPOCH),
        ..with_rhythm(HOUR)
    };
    let polled = poll(&state, &failed(), Freshness::default(), &adaptive());
    assert_eq!(polled.body_digest, state.body_digest);
    assert_eq!(polled.rhythm, state.rhythm);
    assert_eq!(polled.last_success_at, state.last_success_at);
    assert_eq!(polled.last_poll_at, Some(now()));
}

/// P13: the same feed and instant give the same delay, others give others.
#[test]
fn jitter_spreads_feeds() {
    let due = |seed: &str| {
        let state = with_rhythm(10 * HOUR);
        let polled = advance(
            state,
            &Outcome::Modified,
            &Freshness::default(),
            &adaptive(),
            seed,
            now(),
        );
        polled.next_due_at.unwrap()
    };
    let mut seen: Vec<Timestamp> = (0..100).map(|n| due(&format!("feed-{n}"))).collect();
    assert_eq!(due("feed-1"), seen[1]);
    seen.sort();
    let thirds = seen
        .iter()
        .filter(|at| **at < now() + 5 * HOUR + 10 * MINUTE)
        .count();
    assert!(
        (20..=46).contains(&thirds),
        "{thirds} of 100 in the first third"
    );
}
