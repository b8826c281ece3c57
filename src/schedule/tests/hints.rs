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
        let polled = advance(state.clone(), &outcome, &freshness, &policy, seed, now());
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

fn updated_every(period: Duration, base: Option<&str>, rhythm: Duration) -> FeedState {
    FeedState {
        hints: Hints {
            update_period: Some(period),
            update_base: base.map(|base| base.parse().unwrap()),
            ..Hints::default()
        },
        ..with_rhythm(rhythm)
    }
}

/// P36: daily over two is twelve hours, up to max-interval, and never less than anything else says.
#[test]
fn update_periods_lengthen_the_wait() {
    for (period, rhythm, expected, reason) in [
        (
            12 * HOUR,
            2 * HOUR,
            12 * HOUR,
            "the feed's update period is 12 h",
        ),
        (
            30 * DAY,
            2 * HOUR,
            DAY,
            "the feed's update period is 30 d: max-interval is 1 d",
        ),
        (
            HOUR,
            8 * HOUR,
            4 * HOUR,
            "the feed publishes about every 8 h",
        ),
    ] {
        let state = updated_every(period, None, rhythm);
        let polled = poll(
            &state,
            &Outcome::Modified,
            Freshness::default(),
            &adaptive(),
        );
        check(&polled, expected, reason);
    }
    let state = updated_every(12 * HOUR, None, 2 * HOUR);
    let polled = poll(&state, &Outcome::NotModified, fresh(13 * HOUR), &adaptive());
    let reason = "the publisher says that it stays fresh for 13 h";
    check(&polled, 13 * HOUR, reason);
}

/// P36: with a base, polls come as a period begins, but not before they may.
#[test]
fn update_periods_begin_at_their_base() {
    let base = |base| updated_every(12 * HOUR, Some(base), 2 * HOUR);
    let begins = "the next of the feed's update periods of 12 h begins";
    let plain = "the feed's update period is 12 h";
    for (at, lifetime, expected, reason) in [
        ("2000-01-01T18:00:00Z", 0, 6 * HOUR, begins),
        ("2040-06-01T13:30:00Z", 0, 90 * MINUTE, begins),
        ("2000-01-01T12:00:00Z", 0, 12 * HOUR, begins),
        ("2000-01-01T18:00:00Z", 5, 6 * HOUR, begins),
        // The least interval, or another hint, reaches beyond the next start.
        ("2000-01-01T12:40:00Z", 0, 12 * HOUR, plain),
        ("2000-01-01T18:00:00Z", 7, 12 * HOUR, plain),
    ] {
        let freshness = fresh(lifetime * HOUR);
        let polled = poll(&base(at), &Outcome::Modified, freshness, &adaptive());
        check(&polled, expected, reason);
    }
}

/// P12: an hour between two polls, less only by the publisher's leave or the operator's order. Spans in
/// minutes: `ttl`, freshness, `min-interval`, the wait.
#[test]
fn quick_feeds_are_asked_as_often_as_they_allow() {
    let minutes = |span: Option<u32>| span.map(|span| span * MINUTE);
    for (ttl, lifetime, min, expected, reason) in [
        // Nobody gives leave, and "ask each time" is none.
        (None, None, None, 60, ": the least is 1 h"),
        (None, Some(0), None, 60, ": the least is 1 h"),
        (
            None,
            Some(20),
            None,
            20,
            ": its publisher allows a poll every 20 min",
        ),
        (
            Some(5),
            Some(0),
            None,
            15,
            ": its publisher allows a poll every 15 min",
        ),
        // The longest word counts.
        (
            Some(40),
            Some(5),
            None,
            40,
            ": its publisher allows a poll every 40 min",
        ),
        (Some(60), Some(5), None, 60, ": the least is 1 h"),
        // The operator's word is kept, either way.
        (Some(5), Some(1), Some(30), 30, ": min-interval is 30 min"),
        (None, None, Some(5), 5, ""),
    ] {
        let mut state = with_rhythm(10 * MINUTE);
        state.hints.ttl = minutes(ttl);
        let freshness = Freshness {
            lifetime: minutes(lifetime),
            retry_after: None,
        };
        let policy = Policy {
            min_interval: minutes(min),
            ..adaptive()
        };
        let polled = poll(&state, &Outcome::Modified, freshness, &policy);
        let reason = format!("the feed publishes about every 10 min{reason}");
        check(&polled, expected * MINUTE, &reason);
    }
}

/// P12: a slow feed wants no more than it did, and one whose rhythm is unknown no more than an hour.
#[test]
fn leave_is_not_a_wish() {
    for (state, expected, reason) in [
        (
            with_rhythm(8 * HOUR),
            4 * HOUR,
            "the feed publishes about every 8 h",
        ),
        (validated(), HOUR, "its rhythm is unknown: the least is 1 h"),
    ] {
        let polled = poll(&state, &Outcome::Modified, fresh(MINUTE), &adaptive());
        check(&polled, expected, reason);
    }
}

/// P12: a feed that has to send the whole document each time is asked half as often.
#[test]
fn feeds_without_validators_are_asked_less() {
    let costly = |rhythm| FeedState {
        rhythm,
        ..FeedState::default()
    };
    let set = Policy {
        min_interval: Some(30 * MINUTE),
        ..adaptive()
    };
    let narrow = Policy {
        max_interval: HOUR,
        ..adaptive()
    };
    for (rhythm, freshness, policy, expected, reason) in [
        (
            None,
            Freshness::default(),
            adaptive(),
            2 * HOUR,
            "its rhythm is unknown: without validators the least is 2 h",
        ),
        (
            Some(10 * MINUTE),
            fresh(Duration::ZERO),
            adaptive(),
            2 * HOUR,
            "the feed publishes about every 10 min: without validators the least is 2 h",
        ),
        (
            Some(10 * HOUR),
            Freshness::default(),
            adaptive(),
            10 * HOUR,
            "the feed publishes about every 10 h and has no validators",
        ),
        // It says how often to come.
        (
            Some(10 * HOUR),
            fresh(HOUR),
            adaptive(),
            5 * HOUR,
            "the feed publishes about every 10 h",
        ),
        (
            Some(10 * MINUTE),
            Freshness::default(),
            set,
            30 * MINUTE,
            "the feed publishes about every 10 min: min-interval is 30 min",
        ),
        (
            Some(10 * MINUTE),
            Freshness::default(),
            narrow,
            HOUR,
            "the feed publishes about every 10 min: without validators the least is 1 h",
        ),
    ] {
        let polled = poll(&costly(rhythm), &Outcome::Modified, freshness, &policy);
        check(&polled, expected, reason);
    }
}
