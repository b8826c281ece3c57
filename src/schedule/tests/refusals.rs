//! Feeds whose origin asked for patience, and feeds that are said to be gone.

use super::*;

fn refused(refusals: u32) -> FeedState {
    FeedState {
        refusals,
        last_success_at: Some(now() - HOUR),
        ..with_rhythm(4 * HOUR)
    }
}

/// P18: half as long again for each refusal, up to max-interval, and beside what the publisher says.
#[test]
fn refusals_lengthen_the_interval() {
    let rhythm = "the feed publishes about every 4 h";
    for (refusals, expected, words) in [
        (0, 2 * HOUR, ""),
        (1, 3 * HOUR, "; a refusal makes that 3 h"),
        (2, 270 * MINUTE, "; 2 refusals make that 4 h 30 min"),
        (7, DAY, "; 7 refusals make that 1 d"),
        (u32::MAX, DAY, "; 8 refusals make that 1 d"),
    ] {
        let state = refused(refusals);
        let (wait, reason) = adaptive::interval(&state, &Freshness::default(), &adaptive(), now());
        assert_eq!((wait, reason), (expected, format!("{rhythm}{words}")));
    }
    let fresh = fresh(4 * HOUR);
    let (wait, reason) = adaptive::interval(&refused(1), &fresh, &adaptive(), now());
    assert_eq!(wait, 6 * HOUR);
    let said = "the publisher says that it stays fresh for 4 h; a refusal makes that 6 h";
    assert_eq!(reason, said);
    // Where the operator or the publisher has the longest already, nothing is to be said.
    let slow = with_rhythm(10 * DAY);
    let slow = FeedState {
        refusals: 3,
        ..slow
    };
    let (wait, reason) = adaptive::interval(&slow, &Freshness::default(), &adaptive(), now());
    assert_eq!(wait, DAY);
    assert!(!reason.contains("refusal"), "{reason}");
    let polled = poll(&refused(3), &Outcome::Modified, fresh, &every(HOUR));
    assert_eq!(polled.next_due_at, Some(now() + HOUR));
}

/// P18: each refusal counts, with Retry-After or without, and no other failure does.
#[test]
fn refusals_are_counted() {
    let mut state = with_rhythm(4 * HOUR);
    for (outcome, freshness, expected) in [
        (Outcome::Throttled, Freshness::default(), 1),
        (Outcome::Throttled, asked(MINUTE), 2),
        (failed(), Freshness::default(), 2),
        (Outcome::Gone, Freshness::default(), 2),
        (Outcome::Modified, Freshness::default(), 2),
    ] {
        state = poll(&state, &outcome, freshness, &adaptive());
        assert_eq!(state.refusals, expected, "{outcome:?}");
    }
    let many = failures_in_a_row(&Outcome::Throttled, &adaptive(), 40);
    assert_eq!(many[39].refusals, 8);
}

/// P19: a proxy that is not reached is no failure of the feed, however often; it is tried again soon by every schedule, and
/// what was there before stays.
#[test]
fn p19_a_proxy_that_is_not_reached_is_held_against_no_feed() {
    let outcome = Outcome::Failed(Failure::new(
        FailureKind::Proxy,
        "the proxy p:1 cannot be reached",
    ));
    let ill = FeedState {
        health: Health::Failing,
        failures: 4,
        last_error: "503".to_owned(),
        ..with_rhythm(4 * HOUR)
    };
    for (before, policy, pause) in [
        (with_rhythm(4 * HOUR), adaptive(), 5 * MINUTE),
        (FeedState::default(), adaptive(), 5 * MINUTE),
        (ill, adaptive(), 5 * MINUTE),
        (with_rhythm(4 * HOUR), every(DAY), 5 * MINUTE),
        (with_rhythm(4 * HOUR), every(MINUTE), MINUTE),
        (with_rhythm(4 * HOUR), cron("0 6 1 1 *"), 5 * MINUTE),
    ] {
        let mut state = before.clone();
        for _ in 0..3 {
            state = poll(&state, &outcome, Freshness::default(), &policy);
            let reason = "the proxy p:1 cannot be reached: tried again after";
            check(&state, pause, &format!("{reason} {}", span(pause)));
        }
        let told = |state: &FeedState| (state.health, state.failures, state.last_error.clone());
        assert_eq!(told(&state), told(&before));
        assert_eq!(state.last_success_at, before.last_success_at);
    }
}

/// P18: the pause after a refusal that is its host's, in minutes, by what the host asks for and what the last
/// poll was.
#[test]
fn p18_a_crowded_host_is_left_alone_for_a_quarter_of_an_hour() {
    let well = || FeedState {
        last_poll_at: Some(now() - HOUR),
        last_success_at: Some(now() - HOUR),
        ..with_rhythm(4 * HOUR)
    };
    let again = |failures| FeedState {
        last_poll_at: Some(now() - MINUTE),
        failures,
        ..well()
    };
    for (before, retry_after, minutes, failures) in [
        (with_rhythm(HOUR), None, 15, 0),
        (with_rhythm(HOUR), Some(1), 15, 0),
        (well(), None, 15, 0),
        (well(), Some(0), 15, 0),
        (well(), Some(59), 15, 0),
        (well(), Some(7200), 120, 0),
        (again(0), Some(1), 30, 1),
        (again(1), None, 60, 2),
        (again(2), Some(7260), 121, 3),
        (again(3), Some(7260), 240, 4),
        (again(40), None, 24 * 60, 41),
    ] {
        let asked = Freshness {
            retry_after: retry_after.map(Duration::from_secs),
            ..Freshness::default()
        };
        for policy in [adaptive(), every(MINUTE), cron("* * * * *")] {
            let polled = poll(&before, &Outcome::Crowded, asked, &policy);
            let wait = polled.next_due_at.unwrap().duration_since(now());
            let wait = Duration::try_from(wait).unwrap();
            let least = minutes * MINUTE;
            assert!(
                wait >= least && wait <= least * 11 / 10,
                "{before:?} {asked:?} {wait:?}"
            );
            assert_eq!(polled.failures, failures, "{before:?}");
            let is_failing = polled.health == Health::Failing;
            assert_eq!(is_failing, failures > 0, "{before:?}");
            assert_eq!(polled.refusals, 0);
        }
    }
}

/// P18: one is forgiven for three days of good polls, and not all feeds are forgiven at once.
#[test]
fn refusals_are_forgiven_one_by_one() {
    let days_until = |seed: &str, forgiven: u32| {
        let mut state = refused(8);
        let mut at = now();
        while state.refusals > 8 - forgiven {
            state = advance(
                state,
                &Outcome::NotModified,
                &Freshness::default(),
                &adaptive(),
                seed,
                at,
            );
            at = state.next_due_at.unwrap();
        }
        at.duration_since(now()).as_hours() / 24
    };
    for feed in 0..10 {
        let seed = format!("feed-{feed}");
        let (first, all) = (days_until(&seed, 1), days_until(&seed, 8));
        assert!(first <= 4, "{seed}: {first} days");
        assert!((21..=25).contains(&all), "{seed}: {all} days");
    }
    let mut first: Vec<i64> = (0..40)
        .map(|feed| days_until(&format!("feed-{feed}"), 1))
        .collect();
    first.sort_unstable();
    first.dedup();
    assert!(first.len() >= 3, "{first:?}");

    // Polls that fail forgive nothing, nor does the first good one after them.
    let mut state = refused(8);
    let mut at = now();
    for n in 0..40 {
        let outcome = if n % 2 == 0 {
            failed()
        } else {
            Outcome::NotModified
        };
        state = advance(
            state,
            &outcome,
            &Freshness::default(),
            &adaptive(),
            SEED,
            at,
        );
        at += 5 * DAY;
    }
    assert_eq!(state.refusals, 8);
}

const DOUBTED: &str = "said to be gone (410): asked once more before it is believed";

/// P21: one 410 is a failure whose pause is a day, or the interval where that is longer.
#[test]
fn the_first_410_is_doubted() {
    let weekly = Policy {
        min_interval: Some(7 * DAY),
        ..adaptive()
    };
    for (policy, wait) in [
        (adaptive(), DAY),
        (every(MINUTE), DAY),
        (every(3 * DAY), 3 * DAY),
        (weekly, 7 * DAY),
    ] {
        let polled = poll(
            &with_rhythm(HOUR),
            &Outcome::Gone,
            Freshness::default(),
            &policy,
        );
        check(&polled, wait, DOUBTED);
        assert_eq!((polled.health, polled.failures), (Health::Failing, 1));
        assert_eq!(
            (polled.gone_at, polled.last_error.as_str()),
            (Some(now()), "410 Gone")
        );
        let hour_later = now() + HOUR;
        assert_eq!(
            due_at(&polled, &policy, SEED, hour_later),
            polled.next_due_at
        );
    }
    let line = cron("0 9 * * *");
    let polled = poll(
        &with_rhythm(HOUR),
        &Outcome::Gone,
        Freshness::default(),
        &line,
    );
    let due = "2026-11-03T09:00:00Z".parse().unwrap();
    assert_eq!(
        (polled.next_due_at, polled.due_reason.as_str()),
        (Some(due), DOUBTED)
    );
    assert_eq!(due_at(&polled, &line, SEED, now()), Some(due));
    let asked_longer = asked(3 * DAY);
    let polled = poll(
        &with_rhythm(HOUR),
        &Outcome::Gone,
        asked_longer,
        &adaptive(),
    );
    check(&polled, 3 * DAY, "asked by Retry-After to wait 3 d");
}

/// P21: the second, a day later, is believed, whatever came between but a success.
#[test]
fn gone_is_never_due() {
    let first_seen = |ago: Duration| FeedState {
        gone_at: Some(now() - ago),
        ..with_rhythm(HOUR)
    };
    for policy in [adaptive(), every(MINUTE), cron("* * * * *")] {
        let between = poll(
            &first_seen(2 * DAY),
            &failed(),
            Freshness::default(),
            &policy,
        );
        for state in [first_seen(DAY), between] {
            let polled = poll(&state, &Outcome::Gone, Freshness::default(), &policy);
            assert_eq!((polled.next_due_at, polled.health), (None, Health::Gone));
            assert_eq!(
                polled.due_reason,
                "the publisher says that the feed is gone (410)"
            );
            assert_eq!(due_at(&polled, &policy, SEED, now() + 900 * DAY), None);
        }
    }
    // Asked too soon, by hand: still a day after the first.
    let soon = first_seen(10 * HOUR);
    let polled = poll(&soon, &Outcome::Gone, Freshness::default(), &adaptive());
    check(&polled, 14 * HOUR, DOUBTED);
    assert_eq!(
        (polled.gone_at, polled.health),
        (soon.gone_at, Health::Failing)
    );
    // It was there in the meantime, or it was gone in the future.
    let back = poll(
        &first_seen(2 * DAY),
        &Outcome::NotModified,
        Freshness::default(),
        &adaptive(),
    );
    assert_eq!((back.gone_at, back.health), (None, Health::Ok));
    let ahead = FeedState {
        gone_at: Some(now() + DAY),
        ..with_rhythm(HOUR)
    };
    for state in [back, ahead] {
        let polled = poll(&state, &Outcome::Gone, Freshness::default(), &adaptive());
        assert_eq!(
            (polled.gone_at, polled.health),
            (Some(now()), Health::Failing)
        );
    }
}
