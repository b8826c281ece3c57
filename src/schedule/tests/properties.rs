//! What holds whatever comes together.

use super::*;
use jiff::SignedDuration;
use jiff::civil::Weekday;
use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;

fn spans() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0_u64..100_000).prop_map(Duration::from_secs),
        any::<u64>().prop_map(Duration::from_secs),
    ]
}

/// What an operator may write. Pauses of centuries would outlive the cron crate's calendar.
fn years() -> impl Strategy<Value = Duration> {
    (0_u64..400 * 86_400).prop_map(Duration::from_secs)
}

fn policies() -> impl Strategy<Value = Policy> {
    let schedules = prop_oneof![
        Just(Schedule::Adaptive),
        years().prop_map(Schedule::Every),
        Just(Schedule::Cron("*/20 3-9 * * 1-5".parse().unwrap())),
        Just(Schedule::Cron(in_paris("*/20 1-9 * * *"))),
    ];
    let min = prop::option::of(years());
    (schedules, min, years(), years()).prop_map(|(schedule, min, max, backoff)| Policy {
        schedule,
        min_interval: min,
        max_interval: max,
        backoff_max: backoff,
    })
}

/// A line of a zone whose clocks are changed within the spans of a policy.
fn in_paris(line: &str) -> CronLine {
    let paris = TimeZoneDatabase::bundled().get("Europe/Paris").unwrap();
    line.parse::<CronLine>().unwrap().in_zone(paris)
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Modified),
        Just(Outcome::NotModified),
        Just(Outcome::Throttled),
        Just(Outcome::Gone),
        Just(failed()),
    ]
}

fn hints() -> impl Strategy<Value = Hints> {
    let hours = prop::collection::vec(0_i8..24, 0..24);
    let days = prop::collection::vec(1_i8..=7, 0..7);
    let base =
        prop::option::of((0_i64..4_000_000_000).prop_map(|s| Timestamp::from_second(s).unwrap()));
    let spans = || prop::option::of(spans());
    (spans(), spans(), base, hours, days).prop_map(|(ttl, period, base, skip_hours, days)| Hints {
        ttl,
        update_period: period,
        update_base: base,
        skip_hours,
        skip_days: days
            .into_iter()
            .map(|day| Weekday::from_monday_one_offset(day).unwrap())
            .collect(),
        ..Hints::default()
    })
}

/// Returns the least interval under `adaptive`: the operator's, or what the publisher gives leave for.
fn least(state: &FeedState, lifetime: Option<Duration>, policy: &Policy) -> Duration {
    let named = [state.hints.ttl, state.hints.update_period, lifetime];
    let named = named.into_iter().flatten().filter(|it| !it.is_zero()).max();
    let allowed = named.unwrap_or(HOUR).clamp(15 * MINUTE, HOUR);
    policy.min_interval.unwrap_or(allowed)
}

/// Tells whether the feed asks to be left alone at an instant.
fn rests(state: &FeedState, at: Timestamp) -> bool {
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let hints = &state.hints;
    hints.skip_hours.contains(&at.hour()) || hints.skip_days.contains(&at.weekday())
}

fn states() -> impl Strategy<Value = FeedState> {
    let option = || prop::option::of(spans());
    // Any, and often ones as near to now as the spans of a policy: only those can come in its way.
    let near = now().as_second();
    let seconds = prop_oneof![
        0_i64..4_000_000_000,
        near - 400 * 86_400..near + 400 * 86_400
    ];
    let instants = prop_oneof![
        20 => seconds.prop_map(|second| Timestamp::from_second(second).unwrap()),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
    ];
    let instants = prop::array::uniform6(prop::option::of(instants));
    let failures = prop_oneof![Just(0), Just(1), any::<u32>()];
    let validators = prop_oneof![Just(Validators::default()), Just(validated().validators)];
    let refusals = prop_oneof![Just(0), 1_u32..9, any::<u32>()];
    (option(), hints(), failures, refusals, validators, instants).prop_map(
        |(rhythm, hints, failures, refusals, validators, instants)| {
            let [
                next_due_at,
                last_poll_at,
                last_success_at,
                retry_after_at,
                newest_at,
                gone_at,
            ] = instants;
            FeedState {
                next_due_at,
                last_poll_at,
                last_success_at,
                failures,
                retry_after_at,
                validators,
                hints,
                rhythm,
                newest_at,
                gone_at,
                refusals,
                ..FeedState::default()
            }
        },
    )
}

proptest! {
    /// P12, P13, P17: never before any of the least waits, whatever comes together.
    #[test]
    fn never_early(
        state in states(),
        outcome in outcomes(),
        policy in policies(),
        lifetime in prop::option::of(spans()),
        retry_after in prop::option::of(spans()),
    ) {
        let freshness = Freshness { lifetime, retry_after };
        let polled = poll(&state, &outcome, freshness, &policy);
        let Some(due) = polled.next_due_at else {
            let since = now().duration_since(state.gone_at.unwrap());
            prop_assert!(outcome == Outcome::Gone && since >= SignedDuration::from_hours(24));
            return Ok(());
        };
        prop_assert!(polled.gone_at.is_none_or(|at| outcome != Outcome::Gone || due >= at + DAY));
        prop_assert!(due >= now());
        if let Some(span) = retry_after {
            prop_assert!(due >= later(span.min(31 * DAY)));
            prop_assert!(polled.retry_after_at.unwrap() <= due);
        }
        match &policy.schedule {
            Schedule::Adaptive => {
                prop_assert!(due >= later(least(&state, lifetime, &policy)));
                prop_assert!(!rests(&state, due));
            }
            Schedule::Every(span) => prop_assert!(due >= later(*span)),
            Schedule::Cron(line) => prop_assert_eq!(line.first_from(due), Some(due)),
        }
        prop_assert!(!polled.due_reason.is_empty());
    }

    /// Any state at any time: no panic, and nothing that is due before it was asked.
    #[test]
    fn the_ends_of_time(
        state in states(),
        outcome in outcomes(),
        policy in policies(),
        lifetime in prop::option::of(spans()),
        at in prop_oneof![Just(Timestamp::MIN), Just(Timestamp::MAX), Just(Timestamp::UNIX_EPOCH)],
    ) {
        let freshness = Freshness { lifetime, retry_after: lifetime };
        let polled = advance(state.clone(), &outcome, &freshness, &policy, SEED, at);
        prop_assert!(polled.next_due_at.is_none_or(|due| due >= at));
        for state in [state, polled] {
            let due = due_at(&state, &policy, SEED, at);
            prop_assert!(due.is_none_or(|due| due >= at));
        }
    }

    /// A longer hint never makes an earlier poll, jitter apart, once there is one.
    #[test]
    fn hints_are_monotone(
        state in states(),
        hinted in any::<bool>(),
        one in spans(),
        other in spans(),
    ) {
        let (shorter, longer) = (one.min(other), one.max(other));
        prop_assume!(!shorter.is_zero());
        let hints = if hinted { state.hints.clone() } else { Hints::default() };
        let state = FeedState { hints, ..state };
        let wait = |span| adaptive::interval(&state, &fresh(span), &adaptive(), now()).0;
        prop_assert!(wait(shorter) <= wait(longer));
        prop_assert!((15 * MINUTE..=DAY).contains(&wait(longer)));
    }

    /// P11: asked at any time before, a restart does not change what the poll decided.
    #[test]
    fn restarts_change_nothing(
        state in states(),
        outcome in outcomes(),
        retry_after in prop::option::of(spans()),
        schedule in prop_oneof![
            Just(Schedule::Adaptive),
            Just(Schedule::Every(7 * MINUTE)),
            Just(cron("*/5 * * * *").schedule),
            Just(cron("*/20 3-9 * * 1-5").schedule),
            Just(Schedule::Cron(in_paris("*/20 1-9 * * *"))),
        ],
        minutes in 0_u64..3000,
    ) {
        let policy = Policy { schedule, ..Policy::default() };
        let retry_after = retry_after.filter(|_| !outcome.is_success());
        let freshness = Freshness { lifetime: None, retry_after };
        let polled = poll(&state, &outcome, freshness, &policy);
        let at = later(Duration::from_mins(minutes));
        let rest = |due| match policy.schedule {
            Schedule::Adaptive => rest::until(due, &state.hints, SEED),
            _ => due,
        };
        let expected = polled.next_due_at.map(|due| rest(due.max(at)));
        prop_assert_eq!(due_at(&polled, &policy, SEED, at), expected);
    }

    /// What the last poll decided is told for as long as the schedule is the same, whatever came of it; in an hour in which a
    /// publisher wants to be left alone, what is overdue is told anew.
    #[test]
    fn what_was_decided_is_told(
        state in states(),
        outcome in prop_oneof![outcomes(), Just(unreached()), Just(Outcome::Crowded)],
        retry_after in prop::option::of(spans()),
        schedule in prop_oneof![
            Just(Schedule::Adaptive),
            Just(Schedule::Every(7 * MINUTE)),
            Just(Schedule::Every(2 * DAY)),
            Just(cron("*/20 3-9 * * 1-5").schedule),
        ],
        minutes in prop_oneof![Just(0), 0_u64..3000],
        seed in "[a-z]{3}",
    ) {
        let policy = Policy { schedule, ..Policy::default() };
        // A proxy that is not reached says nothing.
        let retry_after = retry_after.filter(|_| !outcome.is_of_proxy());
        let freshness = Freshness { lifetime: None, retry_after };
        let polled = advance(state, &outcome, &freshness, &policy, &seed, now());
        let at = later(Duration::from_mins(minutes));
        let due = match &outcome {
            Outcome::Crowded => due_after_crowd(&polled, &policy, &seed, at),
            it if it.is_of_proxy() => due_after_proxy(&polled, &policy, &seed, at),
            _ => due_at(&polled, &policy, &seed, at),
        };
        prop_assume!(!rests(&polled, at));
        prop_assert_eq!(decided_anew(&polled, due, &policy, at), None);
    }

    /// P12 at the start: whatever is stored, never sooner than the policy allows, and not in the past.
    /// Only a stored instant can be sooner: that of a name that did not resolve, or one that the publisher
    /// gave leave for.
    #[test]
    fn due_keeps_the_distance(state in states(), policy in policies()) {
        let at = now();
        if let Some(due) = due_at(&state, &policy, SEED, at) {
            prop_assert!(due >= at);
            if let Some(last) = state.last_poll_at.filter(|last| *last <= at) {
                let after = |span: Duration| last.saturating_add(span).unwrap();
                let whole = policy.shortest();
                let is_sooner = state.next_due_at.is_some_and(|stored| stored < after(whole));
                let shortest = match policy.schedule {
                    Schedule::Cron(_) => Duration::ZERO,
                    _ if state.failures > 0 && is_sooner => whole.min(5 * MINUTE),
                    Schedule::Adaptive if policy.min_interval.is_none() && is_sooner => 15 * MINUTE,
                    _ => whole,
                };
                prop_assert!(due >= after(shortest));
            }
        }
    }
}

fn unreached() -> Outcome {
    Outcome::Failed(Failure::new(FailureKind::Proxy, "refused"))
}

fn later(span: Duration) -> Timestamp {
    now().saturating_add(span).unwrap()
}
