//! What failures in a row make of the wait.

use super::*;

/// P19: doubling, capped, never an end, over after one success.
#[test]
fn failures_back_off() {
    let states = failures_in_a_row(&failed(), &adaptive(), 40);
    check(&states[0], HOUR, "first failure: paused 1 h");
    check(&states[1], 2 * HOUR, "second failure in a row: paused 2 h");
    check(&states[2], 4 * HOUR, "third failure in a row: paused 4 h");
    check(&states[4], 16 * HOUR, "5th failure in a row: paused 16 h");
    check(&states[5], DAY, "6th failure in a row: paused 1 d");
    check(&states[39], DAY, "40th failure in a row: paused 1 d");
    assert_eq!(states[39].failures, 40);
    assert_eq!(states[39].health, Health::Failing);
    assert_eq!(states[39].last_error, "no answer");

    let healed = poll(
        &states[39],
        &Outcome::NotModified,
        Freshness::default(),
        &adaptive(),
    );
    check(&healed, HOUR, "its rhythm is unknown: the least is 1 h");
    assert_eq!((healed.failures, healed.health), (0, Health::Ok));
    assert_eq!(healed.last_error, "");
    assert_eq!(healed.last_success_at, Some(now()));

    let worn = FeedState {
        failures: u32::MAX,
        ..FeedState::default()
    };
    check(
        &poll(&worn, &failed(), Freshness::default(), &adaptive()),
        DAY,
        "4294967295th failure in a row: paused 1 d",
    );
}

/// How long ago the poll before was, when the feed is due, and what the poll brings.
type Case = (Duration, Duration, Outcome, Freshness);

/// P19: who looks again and again whether a host is back does not lengthen the pause. A `Retry-After` holds all the same,
/// what is better or worse than a failure begins anew, and so does what comes late, or by a policy with shorter pauses.
#[test]
fn a_trial_leaves_the_pause_as_it_is() {
    let third = &failures_in_a_row(&failed(), &adaptive(), 3)[2];
    let (none, soon, due) = (Freshness::default, 29 * MINUTE, 3 * HOUR);
    let fails = |since, due, freshness| (since, due, failed(), freshness);
    let ends = |outcome| (soon, due, outcome, none());
    let cases: [(Case, u32, Duration, &str); 7] = [
        (
            fails(soon, due, none()),
            3,
            due,
            "third failure in a row: paused 4 h",
        ),
        (
            fails(soon, MINUTE, none()),
            3,
            MINUTE,
            "third failure in a row: paused 4 h",
        ),
        (
            fails(30 * MINUTE, due, none()),
            4,
            8 * HOUR,
            "4th failure in a row: paused 8 h",
        ),
        (
            fails(soon, Duration::ZERO, none()),
            4,
            8 * HOUR,
            "4th failure in a row: paused 8 h",
        ),
        (
            fails(soon, due, asked(9 * HOUR)),
            4,
            9 * HOUR,
            "asked by Retry-After to wait 9 h",
        ),
        (
            ends(Outcome::Throttled),
            4,
            DAY,
            "the origin asks for patience: paused 1 d",
        ),
        (
            ends(Outcome::NotModified),
            0,
            HOUR,
            "its rhythm is unknown: the least is 1 h",
        ),
    ];
    for ((since, due, outcome, freshness), failures, expected, reason) in cases {
        let before = FeedState {
            last_poll_at: Some(now() - since),
            next_due_at: Some(now() + due),
            ..third.clone()
        };
        let after = poll(&before, &outcome, freshness, &adaptive());
        assert_eq!(after.failures, failures, "{reason}");
        check(&after, expected, reason);
    }
}

/// A pause that the policy would not make any more ends by it, and a cron line is kept, whoever looks when.
#[test]
fn a_trial_is_none_by_another_policy_and_keeps_a_line() {
    let third = failures_in_a_row(&failed(), &adaptive(), 3).remove(2);
    let before = FeedState {
        last_poll_at: Some(now()),
        next_due_at: Some(now() + 5 * HOUR),
        ..third
    };
    let quick = Policy {
        backoff_max: 2 * HOUR,
        ..adaptive()
    };
    let after = poll(&before, &failed(), Freshness::default(), &quick);
    check(&after, 2 * HOUR, "4th failure in a row: paused 2 h");

    let policy = cron("*/10 * * * *");
    let Schedule::Cron(line) = &policy.schedule else {
        panic!("a line");
    };
    for due in [2 * MINUTE, 20 * MINUTE] {
        let before = FeedState {
            next_due_at: line.next_after(now() + due),
            ..before.clone()
        };
        let after = poll(&before, &failed(), Freshness::default(), &policy);
        let due = after.next_due_at.unwrap();
        assert_eq!(line.first_from(due), Some(due), "{due}");
    }
}

/// A fixed schedule backs off from its own interval, and stays on its lines.
#[test]
fn failures_back_off_on_fixed_schedules() {
    let states = failures_in_a_row(&failed(), &every(15 * MINUTE), 9);
    check(&states[0], 15 * MINUTE, "first failure: paused 15 min");
    check(
        &states[1],
        30 * MINUTE,
        "second failure in a row: paused 30 min",
    );
    check(&states[8], DAY, "9th failure in a row: paused 1 d");
    check(
        &failures_in_a_row(&failed(), &every(7 * DAY), 3)[2],
        7 * DAY,
        "third failure in a row: paused 7 d",
    );

    let due = |line, count| {
        let states = failures_in_a_row(&failed(), &cron(line), count);
        states.last().unwrap().next_due_at.unwrap().to_string()
    };
    assert_eq!(due("*/15 * * * *", 1), "2026-11-01T12:15:00Z");
    assert_eq!(due("*/15 * * * *", 2), "2026-11-01T13:00:00Z");
    assert_eq!(due("*/15 * * * *", 3), "2026-11-01T15:00:00Z");
    assert_eq!(due("0 12 * * *", 1), "2026-11-02T12:00:00Z");
    assert_eq!(due("0 12 * * *", 50), "2026-11-02T12:00:00Z");
    assert_eq!(due("0 9 29 2 *", 1), "2028-02-29T09:00:00Z");
    let kept = failures_in_a_row(&failed(), &cron("0 9 29 2 *"), 1);
    assert_eq!(
        kept[0].due_reason,
        "cron line `0 9 29 2 *` by feeds.toml, which is kept after a failure, too"
    );
}
