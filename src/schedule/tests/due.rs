//! When a feed is due by what is stored of it.

use super::*;
use jiff::SignedDuration;

/// Stored state, policy now, hours after the last poll -> due so many minutes later (a span).
#[test]
fn due_by_stored_state() {
    let due = |state: &FeedState, policy: &Policy, at: Timestamp| {
        let due_at = due_at(state, policy, SEED, at).unwrap();
        Duration::try_from(due_at.duration_since(at)).unwrap()
    };
    let slow = poll(
        &with_rhythm(20 * HOUR),
        &Outcome::Modified,
        Freshness::default(),
        &adaptive(),
    );
    let stored = slow.next_due_at.unwrap();

    // P10, P11: what was decided stands, over restarts too; overdue is now (R8).
    assert_eq!(due_at(&slow, &adaptive(), SEED, now() + HOUR), Some(stored));
    assert_eq!(due(&slow, &adaptive(), now() + 3 * DAY), Duration::ZERO);
    assert_eq!(
        due(&FeedState::default(), &adaptive(), now()),
        Duration::ZERO
    );

    // Another policy takes effect.
    let quick = Policy {
        max_interval: 2 * HOUR,
        ..adaptive()
    };
    let wait = due(&slow, &quick, now());
    assert!(
        (2 * HOUR..=2 * HOUR + 12 * MINUTE).contains(&wait),
        "{wait:?}"
    );
    assert_eq!(due(&slow, &every(15 * MINUTE), now()), 15 * MINUTE);
    assert_eq!(due(&slow, &cron("30 12 * * *"), now()), 30 * MINUTE);
    assert_eq!(
        due(&slow, &cron("30 12 * * *"), now() + HOUR),
        Duration::ZERO
    );
    let patient = Policy {
        min_interval: Some(20 * HOUR),
        ..adaptive()
    };
    assert_eq!(due(&slow, &patient, now()), 20 * HOUR);
    assert_eq!(due_at(&slow, &cron("0 0 30 2 *"), SEED, now()), None);

    // Back-off stands, within the bounds.
    let failing = failures_in_a_row(&failed(), &adaptive(), 4).remove(3);
    assert_eq!(
        due_at(&failing, &adaptive(), SEED, now()),
        failing.next_due_at
    );
    assert_eq!(
        due_at(&failing, &every(MINUTE), SEED, now()),
        failing.next_due_at
    );
    let by_line = due_at(&failing, &cron("*/15 * * * *"), SEED, now()).unwrap();
    assert!(by_line >= failing.next_due_at.unwrap());
    assert_eq!(by_line.as_second() % 900, 0);
}

/// P12: an interval longer than `backoff-max` holds for a failing feed through a restart.
#[test]
fn a_failing_feed_keeps_its_long_interval() {
    let weekly = Policy {
        min_interval: Some(7 * DAY),
        ..adaptive()
    };
    for policy in [every(7 * DAY), weekly] {
        let failing = failures_in_a_row(&failed(), &policy, 1).remove(0);
        let stored = failing.next_due_at;
        assert!(stored >= Some(now() + 7 * DAY), "{policy:?}");
        assert_eq!(due_at(&failing, &policy, SEED, now() + HOUR), stored);

        let forgotten = FeedState {
            next_due_at: None,
            ..failing
        };
        let due = due_at(&forgotten, &policy, SEED, now() + HOUR);
        assert!(due >= Some(now() + 7 * DAY), "{policy:?}");
    }
}

/// P18: what was decided when a host was asked for too many feeds holds at a start, by any schedule, and not for longer than it can
/// have been decided for.
#[test]
fn p18_the_pause_for_a_crowd_outlasts_a_start() {
    let slow = Policy {
        min_interval: Some(2 * DAY),
        max_interval: 2 * DAY,
        ..adaptive()
    };
    let fast = Policy {
        min_interval: Some(5 * MINUTE),
        max_interval: 5 * MINUTE,
        ..adaptive()
    };
    let of_all = [
        adaptive(),
        slow,
        fast,
        every(MINUTE),
        every(7 * DAY),
        cron("0 6 * * *"),
    ];
    for policy in of_all {
        let due = |state: &FeedState| {
            let at = now() + SignedDuration::from_mins(5);
            due_after_crowd(state, &policy, SEED, at).unwrap()
        };
        let crowded = poll(
            &with_rhythm(HOUR),
            &Outcome::Crowded,
            Freshness::default(),
            &policy,
        );
        assert_eq!(Some(due(&crowded)), crowded.next_due_at, "{policy:?}");
        let held = FeedState {
            retry_after_at: Some(now() + DAY),
            ..crowded.clone()
        };
        assert_eq!(due(&held), now() + DAY, "{policy:?}");
        let gone = FeedState {
            health: Health::Gone,
            ..crowded.clone()
        };
        assert_eq!(due_after_crowd(&gone, &policy, SEED, now()), None);
        let reads = FeedState {
            backfill: Some(crate::model::Backfill {
                url: "https://example.org/2".to_owned(),
                pages: 1,
            }),
            ..crowded.clone()
        };
        assert_eq!(Some(due(&reads)), crowded.next_due_at, "{policy:?}");
        let absurd = FeedState {
            next_due_at: Some(Timestamp::MAX),
            ..crowded
        };
        assert!(due(&absurd) <= now() + 25 * MINUTE, "{policy:?}");
    }
}

/// R7: clocks that jumped neither stop a feed nor let it loose.
#[test]
fn clocks_that_jumped() {
    let polled = poll(
        &with_rhythm(HOUR),
        &Outcome::Modified,
        Freshness::default(),
        &adaptive(),
    );
    let yesterday = now() - SignedDuration::from_hours(24);
    for (policy, shortest) in [(adaptive(), HOUR), (every(15 * MINUTE), 15 * MINUTE)] {
        let due = |seed: &str, at| due_at(&polled, &policy, seed, at).unwrap();
        let seeds: Vec<String> = (0..100).map(|n| format!("feed-{n}")).collect();
        let early = seeds
            .iter()
            .filter(|seed| due(seed, yesterday) < yesterday + shortest / 2);
        assert!(
            (30..=70).contains(&early.count()),
            "spread over {shortest:?}"
        );
        for seed in &seeds {
            let at = due(seed, yesterday);
            assert!(yesterday <= at && at <= yesterday + shortest);
            // Starting again and again puts it off no further.
            assert_eq!(due(seed, at - SignedDuration::from_secs(1)), at);
        }
    }
    let due = due_at(&polled, &cron("30 * * * *"), SEED, yesterday).unwrap();
    assert_eq!(
        due.as_second() % 3600,
        1800,
        "a cron line keeps its instants"
    );
    // A clock that is corrected by minutes: what was asked just now is not asked again.
    let just_before = now() - SignedDuration::from_mins(20);
    assert_eq!(
        due_at(&polled, &adaptive(), SEED, just_before),
        polled.next_due_at
    );

    let absurd = FeedState {
        next_due_at: Some(Timestamp::MAX),
        ..polled.clone()
    };
    let due = due_at(&absurd, &adaptive(), SEED, now()).unwrap();
    assert!(due >= now() + DAY && due <= now() + DAY + 30 * MINUTE);

    let held = FeedState {
        retry_after_at: Some(Timestamp::MAX),
        ..polled
    };
    let due = due_at(&held, &adaptive(), SEED, now()).unwrap();
    assert_eq!(due, now() + 31 * DAY);
}

#[test]
fn retry_after_holds_at_the_start_too() {
    let refused = poll(
        &FeedState::default(),
        &Outcome::Throttled,
        asked(5 * HOUR),
        &adaptive(),
    );
    for policy in [adaptive(), every(MINUTE), cron("* * * * *")] {
        let due = due_at(&refused, &policy, SEED, now() + HOUR).unwrap();
        assert!(due >= refused.retry_after_at.unwrap(), "{policy:?}");
    }
}

/// Checks what is told an hour after a poll of a feed that is due by another policy than the poll decided by.
#[track_caller]
fn check_anew(state: &FeedState, policy: &Policy, expected: Option<(Option<Timestamp>, &str)>) {
    let hour = now() + HOUR;
    let due_at = due_at(state, policy, SEED, hour);
    let expected = expected.map(|(at, why)| (at, why.to_owned()));
    let told = decided_anew(state, due_at, policy, hour);
    assert_eq!(told, expected, "{policy:?}");
}

fn polled(policy: &Policy) -> FeedState {
    poll(
        &validated(),
        &Outcome::Modified,
        Freshness::default(),
        policy,
    )
}

/// A schedule that was changed since the last poll is told at once, with why: what that poll said holds no more.
#[test]
fn a_changed_schedule_is_told() {
    let (daily, weekly) = (polled(&every(DAY)), polled(&every(7 * DAY)));
    let (quick, yearly) = (polled(&adaptive()), polled(&cron("0 9 29 2 *")));
    let overdue = polled(&every(30 * MINUTE));
    let later = |hours| Some(now() + HOUR * hours);
    let reached = |state| due_at(state, &adaptive(), SEED, now() + HOUR);
    for (state, policy, at, why) in [
        (&quick, every(6 * HOUR), later(6), "every 6 h by feeds.toml"),
        (&daily, every(MINUTE), later(1), "every 1 min by feeds.toml"),
        (
            &daily,
            cron("30 * * * *"),
            later(1),
            "cron line `30 * * * *` by feeds.toml",
        ),
        (
            &daily,
            cron("0 0 30 2 *"),
            None,
            "cron line `0 0 30 2 *` fires no more",
        ),
        (&daily, adaptive(), later(24), words::OF_BEFORE),
        (&weekly, adaptive(), reached(&weekly), words::ANEW),
        (&yearly, adaptive(), reached(&yearly), words::ANEW),
        (
            &overdue,
            every(MINUTE),
            overdue.next_due_at,
            "every 1 min by feeds.toml",
        ),
    ] {
        check_anew(state, &policy, Some((at, why)));
    }
    check_anew(&daily, &every(DAY), None);
    check_anew(&quick, &adaptive(), None);
    check_anew(&FeedState::default(), &every(DAY), None);
    assert!(reached(&weekly) < later(27) && reached(&yearly) < later(27));
}

/// A pause is no interval, a trial by hand changes none, and who asked us to wait is not asked before.
#[test]
fn what_a_failure_imposes_is_told_as_that() {
    let quick = polled(&adaptive());
    let fails = |policy| poll(&quick, &failed(), Freshness::default(), &policy);
    let failing = fails(every(3 * DAY));
    let tried = FeedState {
        last_poll_at: Some(now() + 58 * MINUTE),
        ..fails(adaptive())
    };
    let refused = poll(&quick, &Outcome::Throttled, asked(5 * HOUR), &every(DAY));
    let held = FeedState {
        retry_after_at: Some(now() + 2 * HOUR),
        ..polled(&every(30 * DAY))
    };
    // The wait was over a moment ago, and the feed is asked a little later.
    let often = every(7 * MINUTE);
    let waited = asked(59 * MINUTE);
    let spread = poll(&quick, &Outcome::Modified, waited, &often);
    assert!(spread.next_due_at > Some(now() + HOUR), "{spread:?}");
    let due = |state, policy| due_at(state, policy, SEED, now() + HOUR);
    let hourly = every(HOUR);
    check_anew(
        &failing,
        &hourly,
        Some((due(&failing, &hourly), words::ANEW)),
    );
    let pause = "first failure: paused 1 h";
    check_anew(&tried, &adaptive(), Some((due(&tried, &adaptive()), pause)));
    check_anew(&refused, &every(MINUTE), None);
    check_anew(&spread, &often, None);
    check_anew(
        &held,
        &hourly,
        Some((held.retry_after_at, "every 1 h by feeds.toml")),
    );
}

/// P15, P17: a feed in doubt is asked again after a minute, two, and so on; by a cron line when that says so, and after a
/// `Retry-After` on the way in any case.
#[test]
fn due_again_while_in_doubt() {
    let line = cron("30 12 * * *");
    let fail = |policy: &Policy| {
        poll(
            &FeedState::default(),
            &failed(),
            Freshness::default(),
            policy,
        )
    };
    let lost = fail(&adaptive());
    let minutes = |repeats| {
        let at = due_in_doubt(&lost, &adaptive(), repeats, now()).unwrap();
        at.duration_since(now()).as_mins()
    };
    assert_eq!([0, 1, 2, 3, 4, 9].map(minutes), [1, 2, 4, 8, 15, 15]);
    let often = due_in_doubt(&fail(&every(MINUTE)), &every(MINUTE), 0, now());
    assert_eq!(often, Some(now() + MINUTE));
    assert_eq!(
        due_in_doubt(&fail(&line), &line, 3, now()),
        Some(now() + 30 * MINUTE)
    );
    let over = cron("0 0 30 2 *");
    assert_eq!(due_in_doubt(&fail(&over), &over, 0, now()), None);
    let patient = FeedState {
        retry_after_at: Some(now() + DAY),
        ..lost.clone()
    };
    let asked = due_in_doubt(&patient, &adaptive(), 0, now());
    assert_eq!(asked, Some(now() + DAY));
    assert_eq!(due_as_let_in(&patient, now()), now() + DAY);
    assert_eq!(due_as_let_in(&lost, now()), now());
}
