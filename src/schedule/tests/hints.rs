//! What a feed itself asks of those who poll it.

use super::*;
use jiff::civil::Weekday;

fn resting(skip_hours: &[i8], skip_days: &[Weekday]) -> FeedState {
    FeedState {
        hints: Hints {
            skip_hours: skip_hours.to_vec(),
            skip_days: skip_days.to_vec(),
            ..Hints::default()
        },
        ..with_rhythm(2 * HOUR)
    }
}

/// P35: `now` is a Sunday's noon; the poll would be due between 13:00 and 13:06.
#[test]
fn rests_put_a_poll_off_to_the_next_allowed_hour() {
    let all_but = |kept: i8| (0..24).filter(|hour| *hour != kept).collect::<Vec<i8>>();
    for (hours, days, start, reason) in [
        (
            vec![13],
            vec![],
            "2026-11-01T14:00:00Z",
            "the feed rests until 14:00 UTC (skipHours)",
        ),
        (
            vec![0, 1, 13, 14, 15, 23],
            vec![],
            "2026-11-01T16:00:00Z",
            "the feed rests until 16:00 UTC (skipHours)",
        ),
        (
            (13..24).chain(0..6).collect(),
            vec![],
            "2026-11-02T06:00:00Z",
            "the feed rests until 06:00 UTC (skipHours)",
        ),
        (
            vec![],
            vec![Weekday::Sunday, Weekday::Saturday],
            "2026-11-02T00:00:00Z",
            "the feed rests until Monday 00:00 UTC (skipDays)",
        ),
        (
            all_but(12),
            vec![],
            "2026-11-02T12:00:00Z",
            "the feed rests until 12:00 UTC (skipHours)",
        ),
        (
            vec![0, 1, 2, 3],
            vec![Weekday::Sunday],
            "2026-11-02T04:00:00Z",
            "the feed rests until Monday 04:00 UTC (skipDays, skipHours)",
        ),
        // An hour a week is left, and it was the last one: all but a week to wait.
        (
            all_but(12),
            vec![
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
                Weekday::Saturday,
            ],
            "2026-11-08T12:00:00Z",
            "the feed rests until Sunday 12:00 UTC (skipDays, skipHours)",
        ),
    ] {
        let state = resting(&hours, &days);
        let polled = poll(
            &state,
            &Outcome::Modified,
            Freshness::default(),
            &adaptive(),
        );
        let start: Timestamp = start.parse().unwrap();
        let due_at = polled.next_due_at.unwrap();
        assert!(start <= due_at && due_at < start + 30 * MINUTE, "{due_at}");
        let before = "the feed publishes about every 2 h";
        assert_eq!(polled.due_reason, format!("{before}; {reason}"));
        // P11: a restart keeps it.
        assert_eq!(due_at_start(&polled, now() + HOUR), due_at);
    }
}

fn due_at_start(state: &FeedState, at: Timestamp) -> Timestamp {
    due_at(state, &adaptive(), SEED, at).unwrap()
}

/// P35: no hour of the feed's rest is meant, it is no rest, or the operator has the say.
#[test]
fn rests_that_put_off_nothing() {
    let all: Vec<i8> = (0..24).collect();
    for hours in [&[12, 14, 15][..], &all] {
        let polled = poll(
            &resting(hours, &[Weekday::Monday]),
            &Outcome::NotModified,
            Freshness::default(),
            &adaptive(),
        );
        check(&polled, HOUR, "the feed publishes about every 2 h");
    }
    let state = resting(&[12, 13, 14], &[Weekday::Sunday]);
    for (policy, reason) in [
        (every(HOUR), "every 1 h by feeds.toml"),
        (cron("0 13 * * *"), "cron line `0 13 * * *` by feeds.toml"),
    ] {
        let polled = poll(&state, &Outcome::Modified, Freshness::default(), &policy);
        assert_eq!(polled.next_due_at, Some(now() + HOUR));
        assert_eq!(polled.due_reason, reason);
        assert_eq!(due_at(&polled, &policy, SEED, now()), Some(now() + HOUR));
    }
}

/// P35: feeds that rest until the same hour come apart, and within it.
#[test]
fn rests_end_at_another_moment_for_each_feed() {
    let hours: Vec<i8> = (0..24).filter(|hour| *hour != 20).collect();
    let state = resting(&hours, &[]);
    let due = |seed: &str| {
        let freshness = Freshness::default();
        let (outcome, policy) = (Outcome::Modified, adaptive());
        let polled = advance(&state, &outcome, &freshness, &policy, seed, now());
        polled.next_due_at.unwrap()
    };
    let mut seen: Vec<Timestamp> = (0..100).map(|n| due(&format!("feed-{n}"))).collect();
    seen.sort_unstable();
    seen.dedup_by_key(|at| at.as_second() / 60);
    let start: Timestamp = "2026-11-01T20:00:00Z".parse().unwrap();
    assert!(start <= seen[0] && seen[seen.len() - 1] < start + 30 * MINUTE);
    assert!(seen.len() > 20, "{} minutes", seen.len());
}

/// P35: a feed that fails, or was asked to wait, rests as any other; what was missed while the daemon was
/// down does not come in a rest.
#[test]
fn rests_hold_after_failures_and_restarts() {
    let state = resting(&[13, 14, 15, 16], &[]);
    let failing = poll(&state, &failed(), Freshness::default(), &adaptive());
    let start: Timestamp = "2026-11-01T17:00:00Z".parse().unwrap();
    assert!(failing.next_due_at.unwrap() >= start);
    let reason = "first failure: paused 1 h; the feed rests until 17:00 UTC (skipHours)";
    assert_eq!(failing.due_reason, reason);
    let refused = poll(&state, &Outcome::Throttled, asked(2 * HOUR), &adaptive());
    assert!(refused.next_due_at.unwrap() >= start);

    let slept = FeedState {
        next_due_at: Some(now()),
        last_poll_at: Some(now() - 2 * HOUR),
        ..state
    };
    let due_at = due_at_start(&slept, now() + 90 * MINUTE);
    assert!(start <= due_at && due_at < start + 30 * MINUTE);
    assert_eq!(due_at_start(&slept, start), start);
}
