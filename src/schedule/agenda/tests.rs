//! Hosts and their feeds, step by step.

mod any_order;
mod convoy;
mod redirects;

use super::*;
use crate::schedule::Refusal;
use std::collections::BTreeMap;

const GAP: Duration = Duration::from_secs(3);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn agenda(hosts: &[&str]) -> Agenda {
    Agenda::new(hosts.iter().map(|host| Arc::from(*host)).collect(), GAP)
}

fn put(agenda: &mut Agenda, feeds: &[(usize, i64)]) {
    for (feed, due) in feeds {
        agenda.put(*feed, at(*due));
    }
}

/// Takes what is due and may go at a second.
fn take(agenda: &mut Agenda, second: i64) -> Option<usize> {
    agenda.take(at(second), at(second)).map(|turn| turn.feed)
}

fn refusal(retry_after: Option<u64>, crowded: bool) -> End {
    End::Refused(Refusal {
        retry_after: retry_after.map(Duration::from_secs),
        crowded,
        again: false,
    })
}

#[test]
fn feeds_come_in_order_of_their_due_instants() {
    let mut agenda = agenda(&["c", "b", "a"]);
    put(&mut agenda, &[(0, 30), (1, 10), (2, 20)]);
    assert_eq!(agenda.next_at(), Some(at(10)));
    assert_eq!(take(&mut agenda, 9), None);
    let taken: Vec<_> = std::iter::from_fn(|| take(&mut agenda, 25)).collect();
    assert_eq!(taken, [1, 2]);
    assert_eq!(agenda.next_at(), Some(at(30)));
}

/// P32: one request at a time per host, a gap between two, and nobody else waits.
#[test]
fn a_host_holds_back_its_own_feeds_only() {
    let mut agenda = agenda(&["a", "a", "b"]);
    put(&mut agenda, &[(0, 10), (1, 10), (2, 10)]);
    assert_eq!(take(&mut agenda, 10), Some(0));
    assert_eq!(take(&mut agenda, 10), Some(2));
    assert_eq!(take(&mut agenda, 10), None, "a is busy");
    agenda.finish(0, End::Answered, at(12));
    assert_eq!(take(&mut agenda, 14), None, "a rests");
    assert_eq!(agenda.held_until(), Some(at(15)));
    assert_eq!(take(&mut agenda, 15), Some(1));
}

/// Whoever is meant goes ahead of all, due or not; P32 holds for it as well.
#[test]
fn one_that_is_meant_is_taken_out() {
    let mut agenda = agenda(&["a", "a", "b"]);
    put(&mut agenda, &[(0, 10), (1, 99)]);
    assert_eq!(agenda.take_out(2, at(10)), None, "it is not here");
    let turn = agenda.take_out(1, at(10)).unwrap();
    assert_eq!((turn.feed, &*turn.host), (1, "a"));
    assert_eq!(agenda.take_out(0, at(10)), None, "a is busy");
    assert_eq!(agenda.chance_of(0), None);
    agenda.finish(1, End::Nothing, at(12));
    assert_eq!(agenda.chance_of(0).map(|(_, at)| at), Some(at(15)));
    assert_eq!(agenda.take_out(0, at(14)), None, "a rests");
    assert_eq!(take(&mut agenda, 14), None);
    assert_eq!(agenda.take_out(0, at(15)).map(|it| it.feed), Some(0));
    assert_eq!(agenda.next_at(), None, "nobody stands twice");
}

/// P32, P18: what the database tells of earlier requests. Seconds before the start at which each feed was asked,
/// and whether its host is known to have refused -> when the next feed may go, whether that is crowded, and for
/// which of the hosts there is a row.
#[test]
fn p32_pauses_outlive_a_restart() {
    let hour = 3600;
    for (asked, refused, expected, crowded, known) in [
        (vec![None, None], false, 0, false, 0),
        (vec![Some(1), None], false, 2, true, 1),
        (vec![Some(1), Some(2)], false, 2, true, 1),
        (vec![Some(2), Some(1)], false, 2, true, 1),
        // Of itself alone.
        (vec![None, Some(1)], false, 2, false, 1),
        // Of no concern to the pause: nothing is noted of it.
        (vec![Some(3), None], false, 0, false, 0),
        (vec![Some(3), None], true, 97, true, 1),
        (vec![Some(hour), None], true, 0, false, 1),
        // The clock was set back, a little or much.
        (vec![Some(-1), None], false, 3, true, 1),
        (vec![Some(-hour), None], false, 0, false, 0),
        (vec![Some(-hour), None], true, 0, false, 1),
    ] {
        let now = at(1_000_000);
        let mut agenda = agenda(&["a", "a"]);
        if refused {
            let pace = HostPace {
                gap: Duration::from_secs(100),
                rests_until: None,
                refused_at: now - Duration::from_hours(24),
            };
            agenda.remember("a", pace, now);
        }
        for (feed, before) in asked.iter().enumerate() {
            if let Some(before) = before {
                agenda.recall(feed, now - SignedDuration::from_secs(*before), now);
            }
        }
        assert_eq!(agenda.hosts.len(), known, "{asked:?} {refused}");
        agenda.put(1, now);
        let at_once = agenda.take(now, now);
        let next = agenda
            .next_at()
            .filter(|_| at_once.is_none())
            .unwrap_or(now);
        assert_eq!(next.duration_since(now).as_secs(), expected, "{asked:?}");
        let turn = at_once.or_else(|| agenda.take(next, next));
        let turn = turn.unwrap();
        assert_eq!(
            (turn.feed, turn.crowded),
            (1, crowded),
            "{asked:?} {refused}"
        );
    }
    // No number, no host.
    agenda(&["a"]).recall(7, at(0), at(0));
}

/// P18: 503 without a word: the host's feeds wait for a minute, then for longer, until one is answered.
#[test]
fn p18_a_host_in_trouble_is_left_alone_for_minutes() {
    let mut agenda = agenda(&["a", "a", "b"]);
    let mut now = at(0);
    for (end, pause) in [
        (End::Troubled, 60),
        (End::Troubled, 120),
        (End::Nothing, 120),
        (End::Troubled, 240),
        (End::Answered, 3),
        (End::Troubled, 60),
        (refusal(Some(10), false), 10),
        (End::Troubled, 60),
    ] {
        put(&mut agenda, &[(0, 0), (2, 0)]);
        let feeds = [agenda.take(now, now), agenda.take(now, now)];
        let feeds = feeds.map(|turn| turn.unwrap().feed);
        assert!(feeds.contains(&0) && feeds.contains(&2), "{end:?}");
        agenda.finish(2, End::Answered, now);
        assert_eq!(
            agenda.finish(0, end, now).is_some(),
            matches!(end, End::Refused(_))
        );
        put(&mut agenda, &[(1, 0)]);
        assert_eq!(agenda.take(now, now), None, "{end:?}");
        let free_at = agenda.next_at().unwrap();
        assert_eq!(free_at.duration_since(now).as_secs(), pause, "{end:?}");
        let rests = agenda.at_rest(now);
        let expected = [(0, free_at), (1, free_at)];
        let expected = if end == End::Answered {
            &[][..]
        } else {
            &expected
        };
        assert_eq!(rests, expected, "{end:?}");
        agenda.withdraw(1);
        now = free_at.max(now + GAP);
    }
}

/// A poll that began before this agenda: its host's other feeds wait, and each comes once.
#[test]
fn a_host_that_was_busy_before_is_busy() {
    let mut agenda = agenda(&["a", "a", "a"]);
    put(&mut agenda, &[(1, 10), (2, 10)]);
    agenda.occupy(0, "a");
    assert_eq!(take(&mut agenda, 10), None);
    agenda.finish(0, End::Answered, at(10));
    assert_eq!(take(&mut agenda, 13), Some(1));
    agenda.finish(1, End::Answered, at(13));
    agenda.finish(1, End::Answered, at(20));
    assert_eq!(take(&mut agenda, 16), Some(2));
    agenda.finish(2, End::Answered, at(17));
    assert_eq!(take(&mut agenda, 99), None);
    assert_eq!(agenda.next_at(), None);
}

#[test]
fn a_rested_host_delays_no_later_feed() {
    let mut agenda = agenda(&["a", "a"]);
    put(&mut agenda, &[(0, 10)]);
    assert_eq!(take(&mut agenda, 10), Some(0));
    agenda.finish(0, End::Answered, at(11));
    put(&mut agenda, &[(1, 60)]);
    assert_eq!(take(&mut agenda, 60), Some(1));
}

/// A poll that is redirected waits for the other host only, takes turns with those that wait there, and has
/// the first host to itself no longer.
#[test]
fn a_redirected_poll_is_the_next_of_the_other_host() {
    let mut agenda = agenda(&["a", "a", "b", "b"]);
    put(&mut agenda, &[(0, 1), (1, 1), (2, 1), (3, 2)]);
    assert_eq!(take(&mut agenda, 1), Some(0));
    assert_eq!(take(&mut agenda, 1), Some(2));
    agenda.finish(0, End::Answered, at(5));
    agenda.go_on(0, "b", at(5));
    assert_eq!(take(&mut agenda, 8), Some(1), "a is free again");
    assert_eq!(take(&mut agenda, 8), None, "b is busy");
    agenda.finish(2, End::Answered, at(9));
    assert_eq!(take(&mut agenda, 12), Some(0));
    agenda.finish(0, End::Answered, at(13));
    assert_eq!(take(&mut agenda, 16), Some(3));
    agenda.put(0, at(20));
    agenda.finish(1, End::Answered, at(13));
    assert_eq!(take(&mut agenda, 20), Some(0), "at its own host");
}

#[test]
fn a_diverted_feed_costs_its_own_host_nothing() {
    let mut agenda = agenda(&["a", "a"]);
    put(&mut agenda, &[(0, 1), (1, 2)]);
    let turn = agenda.take(at(2), at(2)).unwrap();
    agenda.divert(&turn, "b", at(2));
    let order = [take(&mut agenda, 2), take(&mut agenda, 2)];
    assert!(
        order.contains(&Some(0)) && order.contains(&Some(1)),
        "{order:?}"
    );
}

/// P18: whichever feed was refused, its host rests, and nobody else does.
#[test]
fn p18_a_refusal_holds_back_the_whole_host() {
    let mut agenda = agenda(&["a", "a", "b"]);
    put(&mut agenda, &[(0, 0), (1, 0), (2, 60)]);
    assert_eq!(take(&mut agenda, 0), Some(0));
    let changed = agenda.finish(0, refusal(Some(600), false), at(1));
    let (host, pace) = changed.unwrap();
    assert_eq!((&*host, pace.unwrap().rests_until), ("a", Some(at(601))));
    assert_eq!(agenda.at_rest(at(600)), [(0, at(601)), (1, at(601))]);
    assert_eq!(agenda.at_rest(at(601)), []);
    assert_eq!(take(&mut agenda, 60), Some(2));
    assert_eq!(take(&mut agenda, 600), None);
    assert_eq!(take(&mut agenda, 601), Some(1));
}

#[test]
fn a_host_is_crowded_by_other_feeds_only_and_for_an_hour() {
    let mut agenda = agenda(&["a", "a"]);
    let mut crowded = |feed: usize, second: i64| {
        agenda.put(feed, at(second));
        let turn = agenda.take(at(second), at(second)).unwrap();
        agenda.finish(feed, End::Answered, at(second));
        turn.crowded
    };
    assert!(!crowded(0, 0), "the first");
    assert!(!crowded(0, 10), "the same");
    assert!(crowded(1, 20));
    assert!(!crowded(0, 3620), "an hour later");
}

/// A feed may ask its host twice within a poll: for what its address leads to, or for its archive. The
/// sibling that was asked for before that is seen all the same.
#[test]
fn p18_a_feed_does_not_hide_its_siblings() {
    let mut agenda = agenda(&["a", "a"]);
    put(&mut agenda, &[(0, 0), (1, 3)]);
    assert_eq!(take(&mut agenda, 0), Some(0));
    agenda.finish(0, End::Answered, at(0));
    for second in [3, 6, 9] {
        let turn = agenda.take(at(second), at(second)).unwrap();
        assert_eq!((turn.feed, turn.crowded), (1, true), "second {second}");
        agenda.finish(1, End::Answered, at(second));
        agenda.go_on(1, "a", at(second));
    }
    let turn = agenda.take(at(3600), at(3600)).unwrap();
    assert!(!turn.crowded, "an hour after the sibling");
}

/// After a reload it is known for whom a host was asked, under its new number: one that is not there any more was another.
#[test]
fn p18_after_a_reload_the_last_request_was_for_the_same() {
    for (number, second, crowded) in [
        (Some(1), 10, false),
        (None, 3599, true),
        (None, 3600, false),
    ] {
        let mut before = agenda(&["a", "b"]);
        put(&mut before, &[(0, 0)]);
        assert_eq!(take(&mut before, 0), Some(0));
        before.finish(0, End::Answered, at(0));
        let mut agenda = agenda(&["b", "a"]);
        agenda.succeed(&before, &|feed| number.filter(|_| feed == 0));
        put(&mut agenda, &[(1, second)]);
        let turn = agenda.take(at(second), at(second)).unwrap();
        assert_eq!((turn.feed, turn.crowded), (1, crowded), "{number:?}");
    }
}

/// What a host is known to want outlives a reload and a restart, and a rest from a clock that jumped
/// does not last.
#[test]
fn hosts_are_known_again() {
    let mut first = agenda(&["a"]);
    put(&mut first, &[(0, 0)]);
    assert_eq!(take(&mut first, 0), Some(0));
    let (host, pace) = first.finish(0, refusal(Some(600), false), at(0)).unwrap();
    let mut reloaded = agenda(&["b", "a"]);
    reloaded.succeed(&first, &Some);
    let mut restarted = agenda(&["b", "a"]);
    restarted.remember(&host, pace.unwrap(), at(10));
    for agenda in [&mut reloaded, &mut restarted] {
        put(agenda, &[(1, 20)]);
        assert_eq!(take(agenda, 599), None);
        assert_eq!(take(agenda, 600), Some(1));
    }
    let mut jumped = agenda(&["a"]);
    jumped.remember(&host, pace.unwrap(), at(-86_400));
    put(&mut jumped, &[(0, -86_400)]);
    let four_hours = 4 * 3600;
    assert_eq!(take(&mut jumped, -86_400 + four_hours - 1), None);
    assert_eq!(take(&mut jumped, -86_400 + four_hours), Some(0));
}

/// A host that refuses one feed every other time, and none of the others, is asked more slowly twice; after a week that
/// is forgotten. Another feed that is refused says that the pace is to blame after all.
#[test]
fn p18_one_feed_slows_its_siblings_no_further() {
    const HOUR: i64 = 3600;
    let mut host = agenda(&["a", "a", "a"]);
    let learnt = |agenda: &mut Agenda, round: i64, refused: Option<usize>| {
        let start = round * 3 * HOUR;
        let mut pace = None;
        for (feed, second) in [(0, start), (1, start + HOUR / 2), (2, start + HOUR)] {
            put(agenda, &[(feed, second)]);
            assert_eq!(take(agenda, second), Some(feed), "round {round}");
            let end = match refused {
                Some(refused) if refused == feed => refusal(Some(0), true),
                _ => End::Answered,
            };
            pace = agenda.finish(feed, end, at(second)).or(pace);
        }
        pace.map(|(_, pace)| pace.map_or(0, |pace| pace.gap.as_secs()))
    };
    let refused = |round: i64| (round % 2 == 0).then_some(2);
    let rounds = |agenda: &mut Agenda, rounds: std::ops::Range<i64>| -> Vec<u64> {
        let learnt = rounds.filter_map(|round| learnt(agenda, round, refused(round)));
        learnt.collect()
    };
    assert_eq!(rounds(&mut host, 0..8), [63, 132, 132, 132]);
    let mut reloaded = agenda(&["a", "a", "a"]);
    reloaded.succeed(&host, &Some);
    assert_eq!(rounds(&mut reloaded, 8..10), [132]);
    let mut other = agenda(&["a", "a", "a"]);
    other.succeed(&reloaded, &Some);
    assert_eq!(learnt(&mut other, 10, Some(2)), Some(132));
    assert_eq!(learnt(&mut other, 11, Some(1)), Some(277));
    let later = rounds(&mut reloaded, 10..80);
    let forgiven = later.iter().position(|gap| *gap == 0).unwrap();
    assert!(later[..forgiven].iter().all(|gap| *gap == 132), "{later:?}");
    assert!(later[forgiven..].iter().all(|gap| *gap == 0), "{later:?}");
}

/// A shorter `host-gap` holds at once for a host that refused, unless it is known to want a longer one.
#[test]
fn a_host_remembers_its_own_pause_and_not_the_operators() {
    for (crowded, expected) in [(false, 60), (true, 1260)] {
        let mut before = Agenda::new(vec![Arc::from("a")], Duration::from_mins(10));
        put(&mut before, &[(0, 0)]);
        assert_eq!(take(&mut before, 0), Some(0));
        let refused = before.finish(0, refusal(Some(0), crowded), at(0));
        let mut reloaded = Agenda::new(vec![Arc::from("a")], Duration::from_mins(1));
        reloaded.succeed(&before, &Some);
        let mut restarted = Agenda::new(vec![Arc::from("a")], Duration::from_mins(1));
        restarted.remember("a", refused.unwrap().1.unwrap(), at(0));
        for agenda in [&mut reloaded, &mut restarted] {
            for second in [5000, 5000 + expected] {
                put(agenda, &[(0, 5000)]);
                assert_eq!(take(agenda, second - 1), None, "{second}");
                assert_eq!(take(agenda, second), Some(0));
                agenda.finish(0, End::Nothing, at(second));
            }
        }
    }
}

/// R7: as much time is left as before, and cron lines go by the wall.
#[test]
fn r7_a_clock_that_is_set_changes_no_distance() {
    for span in [86_400, -86_400] {
        let mut agenda = agenda(&["a", "a", "b", "c"]);
        put(&mut agenda, &[(0, 10), (1, 10), (2, 50), (3, 60)]);
        assert_eq!(take(&mut agenda, 10), Some(0));
        agenda.finish(0, End::Answered, at(11));
        assert_eq!(take(&mut agenda, 11), None);
        agenda.shift(SignedDuration::from_secs(span), &|feed, moved| {
            assert_eq!(moved, at(span + [10, 10, 50, 60][feed]));
            (feed == 3).then(|| at(span + 20))
        });
        assert_eq!(take(&mut agenda, span + 13), None);
        assert_eq!(take(&mut agenda, span + 14), Some(1));
        assert_eq!(take(&mut agenda, span + 20), Some(3));
        assert_eq!(take(&mut agenda, span + 49), None);
        assert_eq!(take(&mut agenda, span + 50), Some(2));
    }
}

/// Hosts that only redirects led to do not pile up: whether they answer or refuse, by the minute or the
/// day, and over a restart.
#[test]
fn strangers_are_forgotten() {
    const WEEK: i64 = 7 * 24 * 3600;
    for (every, end) in [
        (10, End::Answered),
        (3600, refusal(None, false)),
        (3600, refusal(Some(60), true)),
        (24 * 3600, refusal(None, true)),
    ] {
        let mut agenda = agenda(&["a"]);
        let mut kept = BTreeMap::new();
        let mut most = 0;
        for stranger in 0..5_000 {
            let now = at(stranger * every);
            agenda.go_on(0, &format!("stranger-{stranger}"), now);
            assert_eq!(agenda.take(now, now).unwrap().feed, 0);
            kept.extend(agenda.finish(0, end, now));
            most = most.max(agenda.hosts.len());
        }
        assert!(most <= STRANGERS + 2, "{most} of {end:?} every {every}s");
        let mut again = Agenda::new(vec![Arc::from("a")], GAP);
        let now = at(5_000 * every);
        for (host, pace) in kept {
            again.remember(&host, pace.unwrap(), now);
        }
        let lately = usize::try_from(WEEK / every).unwrap();
        assert!(again.hosts.len() <= lately, "{}", again.hosts.len());
    }
}

/// What a sweep takes is missed by nobody: a host of the file that was asked within the hour is crowded.
#[test]
fn p18_a_sweep_forgets_no_sibling() {
    let mut agenda = agenda(&["a", "a", "b"]);
    put(&mut agenda, &[(0, 0)]);
    assert_eq!(take(&mut agenda, 0), Some(0));
    agenda.finish(0, End::Answered, at(0));
    for stranger in 0..2_000 {
        agenda.go_on(2, &format!("stranger-{stranger}"), at(stranger));
        assert_eq!(take(&mut agenda, stranger), Some(2));
        agenda.finish(2, End::Answered, at(stranger));
    }
    put(&mut agenda, &[(1, 3000)]);
    assert!(agenda.take(at(3000), at(3000)).unwrap().crowded);
}

/// With more hosts to be remembered than the bound, not every request looks through all of them.
#[test]
fn hosts_that_stay_are_looked_through_seldom() {
    let mut agenda = agenda(&["a"]);
    let mut sweeps = 0;
    for stranger in 0..10_000 {
        let before = agenda.sweep_above;
        agenda.go_on(0, &format!("stranger-{stranger}"), at(stranger));
        assert_eq!(take(&mut agenda, stranger), Some(0));
        agenda.finish(0, refusal(None, false), at(stranger));
        sweeps += usize::from(agenda.sweep_above != before);
        let bound = agenda.sweep_above.max(STRANGERS + 1);
        assert!(agenda.hosts.len() <= bound, "each request looks anew");
    }
    assert!((1..=5).contains(&sweeps), "{sweeps}");
}
