//! Years that are played through: what a feed costs, and how late its news is.

use super::*;

/// P37: a year of a feed, the requests it costs and how late its news is.
#[test]
fn a_year_played_through() {
    for (what, gap, polls, latest) in [
        ("hourly", HOUR, 7900..=8760, 67 * MINUTE),
        ("daily", DAY, 690..=731, 13 * HOUR),
        ("weekly", 7 * DAY, 350..=366, 25 * HOUR),
    ] {
        let end = now() + 365 * DAY;
        let (mut at, mut count) = (now(), 0);
        let (mut state, mut longest) = (with_rhythm(gap), Duration::ZERO);
        while at < end {
            state = advance(
                state,
                &Outcome::NotModified,
                &Freshness::default(),
                &adaptive(),
                what,
                at,
            );
            let next = state.next_due_at.unwrap();
            longest = longest.max(Duration::try_from(next.duration_since(at)).unwrap());
            at = next;
            count += 1;
        }
        assert!(polls.contains(&count), "{what}: {count} polls");
        assert!(longest <= latest, "{what}: {longest:?} between two");
    }
}

/// A publisher and the feed that lists its twenty newest entries, polled for a year.
struct Year {
    polls: usize,
    /// How long after its publication each entry was found, in the order of publication.
    delays: Vec<Duration>,
}

/// Plays a publisher through who publishes at so many hours after `now`.
fn played(hours: &[u32], policy: &Policy) -> Year {
    let published: Vec<Timestamp> = hours.iter().map(|hour| now() + *hour * HOUR).collect();
    let mut year = Year {
        polls: 0,
        delays: Vec::new(),
    };
    let (mut state, mut at) = (validated(), now());
    while at < now() + 365 * DAY {
        let out = published.partition_point(|entry| *entry <= at);
        let found = year.delays.len();
        let outcome = if out > found {
            Outcome::Modified
        } else {
            Outcome::NotModified
        };
        let late = |entry: &Timestamp| Duration::try_from(at.duration_since(*entry)).unwrap();
        year.delays.extend(published[found..out].iter().map(late));
        let listed = &published[out.saturating_sub(20)..out];
        state.rhythm = rhythm(listed);
        state.newest_at = listed.last().copied();
        state = advance(state, &outcome, &Freshness::default(), policy, SEED, at);
        at = state.next_due_at.unwrap();
        year.polls += 1;
    }
    year
}

/// P37: bursts are found as they happen, and silence costs little: what a year of each costs.
#[test]
fn silence_is_polled_less_and_bursts_are_found() {
    let day = |day: u32| day * 24;
    // Twenty entries an hour apart, once in sixty days.
    let bursty: Vec<u32> = (0..6)
        .flat_map(|n| (0..20).map(move |hour| day(60 * n) + hour))
        .collect();
    // The same once, and never again.
    let dormant: Vec<u32> = (0..20).collect();
    let weekdays: Vec<u32> = (0..365).filter(|n| n % 7 < 5).map(day).collect();

    let year = played(&dormant, &adaptive());
    // The burst and a week by the hour, a week by six hours, two by twelve, the rest by the day.
    let expected = 20 + 7 * 24 + 7 * 4 + 16 * 2 + 335;
    assert!(
        (expected * 9 / 10..=expected).contains(&year.polls),
        "{}",
        year.polls
    );

    let year = played(&bursty, &adaptive());
    assert!((1300..1600).contains(&year.polls), "{}", year.polls);
    for burst in year.delays.chunks(20) {
        let first = burst[0];
        assert!(
            first <= DAY + 30 * MINUTE,
            "a burst is found after {first:?}"
        );
        // Once it is found, what follows is found within the hour.
        let found = usize::try_from(first.as_secs() / 3600).unwrap() + 1;
        let rest = burst.iter().skip(found);
        assert!(rest.clone().all(|late| *late <= 67 * MINUTE), "{burst:?}");
    }

    let year = played(&weekdays, &adaptive());
    // By the hour while its rhythm is unknown, then twice a day.
    assert!((700..830).contains(&year.polls), "{}", year.polls);
    let latest = year.delays.iter().max().unwrap();
    assert!(*latest <= 13 * HOUR, "{latest:?}");
}

/// P37: the ladder, only where it is slower than the rhythm, and below what the publisher says.
#[test]
fn the_ladder_of_silence() {
    let silent = |days: u32, rhythm: Duration| FeedState {
        newest_at: Some(now() - days * DAY),
        ..with_rhythm(rhythm)
    };
    let hourly = "the feed publishes about every 2 h";
    for (state, expected, reason) in [
        (silent(6, 2 * HOUR), HOUR, hourly.to_owned()),
        (
            silent(7, 2 * HOUR),
            6 * HOUR,
            older("7 d: a quarter of max-interval"),
        ),
        (
            silent(14, 2 * HOUR),
            12 * HOUR,
            older("14 d: half of max-interval"),
        ),
        (silent(400, 2 * HOUR), DAY, older("400 d: max-interval")),
        (
            silent(8, 20 * HOUR),
            10 * HOUR,
            "the feed publishes about every 20 h".to_owned(),
        ),
    ] {
        let polled = poll(
            &state,
            &Outcome::NotModified,
            Freshness::default(),
            &adaptive(),
        );
        check(&polled, expected, &reason);
    }
    let unknown = FeedState {
        rhythm: None,
        ..silent(20, HOUR)
    };
    let polled = poll(
        &unknown,
        &Outcome::NotModified,
        Freshness::default(),
        &adaptive(),
    );
    check(&polled, 12 * HOUR, &older("20 d: half of max-interval"));
    let polled = poll(
        &unknown,
        &Outcome::NotModified,
        fresh(13 * HOUR),
        &adaptive(),
    );
    check(
        &polled,
        13 * HOUR,
        "the publisher says that it stays fresh for 13 h",
    );
    // An entry of tomorrow is no silence.
    let ahead = FeedState {
        newest_at: Some(Timestamp::MAX),
        ..with_rhythm(2 * HOUR)
    };
    let polled = poll(
        &ahead,
        &Outcome::NotModified,
        Freshness::default(),
        &adaptive(),
    );
    check(&polled, HOUR, hourly);
}

fn older(rest: &str) -> String {
    format!("the newest entry is {rest}").replacen(':', " old:", 1)
}
