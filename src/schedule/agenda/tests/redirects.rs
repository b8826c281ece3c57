//! Polls that go on at another host, feeds that stand elsewhere, and what is taken out again.

use super::*;

/// Plays a convoy: feeds of `a` that all redirect to `b`, which has feeds of its own; an exchange takes
/// no time, the hosts rest a gap after each. Returns for each feed how many requests to `b` it waited
/// for, and how many were before it when it came there: all of them, and those of its kind.
fn convoy(led: usize, own: usize) -> Vec<(usize, usize, usize)> {
    let mut hosts = vec!["a"; led];
    hosts.extend(vec!["b"; own]);
    let mut agenda = agenda(&hosts);
    for feed in 0..led + own {
        agenda.put(feed, at(0));
    }
    // Of feeds that wait at `b`: how many requests it had had, and who waited, when they came.
    let mut came: BTreeMap<usize, (usize, usize, usize)> = (led..led + own)
        .map(|feed| (feed, (0, feed - led, feed - led)))
        .collect();
    let mut served = 0;
    let mut waits = Vec::new();
    let mut clock = at(0);
    while !came.is_empty() || agenda.next_at().is_some() {
        clock = clock.max(agenda.next_at().unwrap());
        while let Some(turn) = agenda.take(clock, clock) {
            agenda.finish(turn.feed, End::Answered, clock);
            if &*turn.host == "a" {
                let kin = came.keys().filter(|feed| **feed < led).count();
                came.insert(turn.feed, (served, came.len(), kin));
                agenda.go_on(turn.feed, "b", clock);
            } else {
                let (before, all, kin) = came.remove(&turn.feed).unwrap();
                waits.push((served - before, all, kin));
                served += 1;
            }
        }
    }
    assert_eq!(waits.len(), led + own);
    waits
}

/// P32: whoever waits is asked for after twice as many others as were there before it, however many come
/// later, and whichever way.
#[test]
fn p32_neither_redirected_polls_nor_a_hosts_own_feeds_starve() {
    for (led, own) in [(1000, 50), (1000, 1), (50, 1000), (300, 300), (0, 20)] {
        for (waited, all, kin) in convoy(led, own) {
            let of = format!("{led} led, {own} own: {waited} after {kin} of {all}");
            assert!(waited <= 2 * kin + 1, "{of}");
        }
    }
}

/// Feeds that are always due again do not keep a redirected poll waiting, nor the other way round.
#[test]
fn p32_feeds_without_a_pause_starve_nobody() {
    let mut agenda = agenda(&["b", "b", "b", "a"]);
    put(&mut agenda, &[(0, 0), (1, 0), (2, 0)]);
    let mut turns = Vec::new();
    for second in (0..60).step_by(3) {
        if turns.len() % 5 == 4 {
            agenda.go_on(3, "b", at(second));
        }
        let feed = take(&mut agenda, second).unwrap();
        agenda.finish(feed, End::Answered, at(second));
        if feed < 3 {
            agenda.put(feed, at(second));
        }
        turns.push(feed);
    }
    let led = |turns: &[usize]| turns.iter().filter(|feed| **feed == 3).count();
    assert_eq!(led(&turns), 4, "{turns:?}");
    for turns in turns.windows(6) {
        for feed in 0..3 {
            assert!(turns.contains(&feed), "{turns:?}");
        }
    }
}

/// A feed that moved waits where it is asked, from the next time on.
#[test]
fn p22_a_feed_waits_at_the_host_that_it_is_asked_at() {
    let mut agenda = agenda(&["old", "old", "new"]);
    put(&mut agenda, &[(0, 0)]);
    let turn = agenda.take(at(0), at(0)).unwrap();
    agenda.rehost(0, "new");
    assert_eq!(take(&mut agenda, 0), None);
    agenda.finish(0, refusal(Some(600), false), at(0));
    put(&mut agenda, &[(0, 10), (1, 10), (2, 10)]);
    assert_eq!(&*turn.host, "old");
    let turn = agenda.take(at(10), at(10)).unwrap();
    assert_eq!((turn.feed, &*turn.host), (0, "new"), "the old host rests");
    assert_eq!(take(&mut agenda, 10), None, "the new one is busy");
    agenda.finish(0, End::Answered, at(10));
    let turn = agenda.take(at(13), at(13)).unwrap();
    assert_eq!(
        (turn.feed, &turn.host),
        (2, &agenda.feeds[0].home),
        "one name"
    );
    assert!(Arc::ptr_eq(&turn.host, &agenda.feeds[0].home));
    assert_eq!(take(&mut agenda, 600), Some(1));
    agenda.rehost(7, "nobody");
}

/// Wherever a feed waits, it can be taken out, and nobody else goes with it.
#[test]
fn what_is_withdrawn_is_gone_until_it_is_put_again() {
    let mut waiting = agenda(&["a", "a", "a", "b"]);
    put(&mut waiting, &[(0, 0), (1, 1), (2, 2), (3, 100)]);
    assert_eq!(take(&mut waiting, 5), Some(0));
    waiting.go_on(3, "a", at(5));
    waiting.finish(0, End::Answered, at(5));
    for withdrawn in [1, 2, 3] {
        let mut order = Vec::new();
        let mut agenda = agenda(&["a", "a", "a", "b"]);
        put(&mut agenda, &[(1, 1), (2, 2)]);
        assert_eq!(take(&mut agenda, 0), None);
        agenda.occupy(0, "a");
        assert_eq!(take(&mut agenda, 5), None);
        agenda.go_on(3, "a", at(5));
        agenda.withdraw(withdrawn);
        agenda.withdraw(0);
        assert_eq!(take(&mut agenda, 5), None, "what is asked for stays so");
        agenda.finish(0, End::Answered, at(5));
        for second in [8, 11, 14, 17] {
            let feed = take(&mut agenda, second);
            order.extend(feed);
            feed.map(|feed| agenda.finish(feed, End::Answered, at(second)));
        }
        let mut left = vec![3, 1, 2];
        left.retain(|feed| *feed != withdrawn);
        assert_eq!(order, left);
        assert_eq!(agenda.next_at(), None);
    }
    waiting.withdraw(3);
    waiting.put(3, at(200));
    waiting.withdraw(3);
    waiting.withdraw(1);
    waiting.withdraw(2);
    assert_eq!((waiting.next_at(), waiting.due_by(at(900))), (None, 0));
}

/// Who is put twice stands once, where it was put last; a request that was given up frees its host.
#[test]
fn a_feed_that_is_put_again_stands_once() {
    let mut agenda = agenda(&["a", "a"]);
    put(&mut agenda, &[(0, 10), (0, 30), (0, 20)]);
    assert_eq!(agenda.due_by(at(90)), 1);
    assert_eq!(agenda.next_at(), Some(at(20)));
    assert_eq!(take(&mut agenda, 20), Some(0));
    put(&mut agenda, &[(0, 20), (1, 20)]);
    agenda.go_on(0, "b", at(20));
    put(&mut agenda, &[(0, 21)]);
    assert_eq!(take(&mut agenda, 20), Some(1), "a is free");
    assert_eq!(agenda.finish(0, End::Answered, at(21)), None);
    assert_eq!(take(&mut agenda, 21), None, "a is busy");
    agenda.finish(1, End::Answered, at(21));
    assert_eq!(take(&mut agenda, 24), Some(0));
    agenda.finish(0, End::Answered, at(24));
    assert_eq!((agenda.next_at(), agenda.due_by(at(900))), (None, 0));
}
