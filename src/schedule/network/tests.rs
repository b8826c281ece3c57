use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn network(hosts: usize) -> Network {
    let mut network = Network::default();
    network.set_hosts(hosts, &|_| true);
    network.set_well(hosts);
    network
}

/// An attempt that failed at once.
fn attempt(second: i64) -> Attempt {
    Attempt {
        began_at: at(second),
        failed_at: at(second),
    }
}

fn fail(network: &mut Network, host: &str, second: i64) -> Doubt {
    network.unreachable(&Arc::from(host), true, attempt(second))
}

fn answer(network: &mut Network, second: i64) -> Option<Timestamp> {
    network.answered(Reached {
        at: at(second),
        is_near: false,
    })
}

#[test]
fn five_hosts_without_an_answer_are_the_network() {
    let mut network = network(100);
    for (second, host) in (0..).zip(["a", "b", "b", "c", "d"]) {
        assert_eq!(fail(&mut network, host, second), Doubt::Open, "{host}");
    }
    assert_eq!(network.settled_at(), None);
    assert_eq!(
        fail(&mut network, "e", 9),
        Doubt::Open,
        "who lives may answer yet"
    );
    assert_eq!(network.settled_at(), Some(at(30)));
    assert_eq!(network.look(at(29)), Doubt::Open);
    assert_eq!(network.look(at(30)), Doubt::Down);
    assert_eq!(network.down_since(), Some(at(0)));
    assert_eq!(fail(&mut network, "a", 31), Doubt::Down);
    assert_eq!(answer(&mut network, 70), Some(at(0)));
    assert_eq!(network.down_since(), None);
    assert_eq!(fail(&mut network, "a", 80), Doubt::Open);
}

#[test]
fn an_answer_that_comes_later_makes_a_failure_count() {
    let mut network = network(100);
    assert_eq!(fail(&mut network, "a", 10), Doubt::Open);
    answer(&mut network, 11);
    answer(&mut network, 4);
    assert!(network.counts("x", attempt(10), at(10)));
    assert_eq!(fail(&mut network, "b", 10), Doubt::Counts, "told of late");
    assert_eq!(fail(&mut network, "b", 11), Doubt::Open);
}

/// Who is asked together with others that answered counts once it is known that it is few that fail.
#[test]
fn an_answer_of_the_moment_before_counts_when_the_dust_has_settled() {
    let lost = Attempt {
        began_at: at(10),
        failed_at: at(20),
    };
    for (answered_at, counts_at) in [(9, 3620), (10, 50), (20, 50), (21, 20)] {
        let mut network = network(100);
        answer(&mut network, answered_at);
        assert_eq!(network.counts_at("x", lost), at(counts_at), "{answered_at}");
        assert!(
            !network.counts("x", lost, at(counts_at - 1)),
            "{answered_at}"
        );
        assert!(network.counts("x", lost, at(counts_at)), "{answered_at}");
    }
}

/// Of many that begin at once some answer, and then no more: the next that is asked shows whether that is an outage.
#[test]
fn many_that_fail_beside_an_answer_are_waited_for() {
    let lost = |second| Attempt {
        began_at: at(10),
        failed_at: at(second),
    };
    for is_back in [true, false] {
        let mut network = network(100);
        answer(&mut network, 10);
        for (host, second) in [("a", 20), ("b", 21), ("c", 22), ("d", 23), ("e", 24)] {
            let counts_at = network.counts_at("a", lost(20));
            assert_eq!(counts_at, at(50), "{host}: few fail");
            let doubt = network.unreachable(&Arc::from(host), true, lost(second));
            assert_eq!(doubt, Doubt::Open, "{host}");
        }
        assert!(!network.is_suspected());
        assert_eq!(network.counts_at("a", lost(20)), at(3620));
        if is_back {
            answer(&mut network, 90);
            assert_eq!(network.counts_at("a", lost(20)), at(20));
        } else {
            assert_eq!(fail(&mut network, "f", 90), Doubt::Open);
            assert_eq!(
                network.settled_at(),
                Some(at(120)),
                "who lives may answer yet"
            );
        }
    }
}

/// Who fails although it answered before is evidence from then on, whatever its host did before.
#[test]
fn evidence_is_as_old_as_its_first() {
    let mut network = network(3);
    let host = Arc::from("a");
    network.unreachable(&host, false, attempt(10));
    for (host, second) in [("a", 50), ("b", 51), ("c", 52)] {
        assert_eq!(fail(&mut network, host, second), Doubt::Open);
    }
    assert_eq!(network.settled_at(), Some(at(80)));
    network.note_dead(&host, true);
    assert_eq!(
        network.settled_at(),
        None,
        "it counts, and the network works"
    );
}

/// A host has many feeds, and they fail one after the other: what counts is when the first did.
#[test]
fn hosts_with_many_feeds_put_nothing_off() {
    let mut network = network(5);
    for second in 0..30 {
        for host in ["a", "b", "c", "d", "e"] {
            assert_eq!(fail(&mut network, host, second), Doubt::Open);
        }
    }
    assert_eq!(network.settled_at(), Some(at(30)));
}

/// What counted of a host has its other feeds fail as well, but in an outage, and until it answers.
#[test]
fn the_other_feeds_of_a_dead_host_wait_for_half_a_minute() {
    let mut network = network(100);
    network.note_dead(&Arc::from("a"), true);
    assert_eq!(fail(&mut network, "a", 10), Doubt::Open);
    assert_eq!(network.counts_at("a", attempt(10)), at(40));
    assert_eq!(network.counts_at("b", attempt(10)), at(3610));
    for host in ["b", "c", "d", "e"] {
        assert_eq!(fail(&mut network, host, 11), Doubt::Open);
    }
    assert!(network.is_suspected(), "it is evidence as any other");
    assert_eq!(network.counts_at("a", attempt(10)), at(3610));
    network.go_down(at(40));
    answer(&mut network, 50);
    fail(&mut network, "a", 60);
    assert_eq!(network.counts_at("a", attempt(60)), at(3660));
    network.note_dead(&Arc::from("a"), true);
    network.note_alive("a");
    assert_eq!(network.counts_at("a", attempt(60)), at(3660));
}

/// A body goes on that began before the network was lost, and a redirect is followed that was.
#[test]
fn what_came_before_the_outage_does_not_end_it() {
    let mut network = network(3);
    for (host, second) in [("a", 10), ("b", 11), ("c", 40)] {
        fail(&mut network, host, second);
    }
    assert_eq!(network.down_since(), Some(at(10)));
    assert_eq!(answer(&mut network, 39), None);
    assert_eq!(fail(&mut network, "a", 50), Doubt::Down);
    assert_eq!(answer(&mut network, 49), None);
    assert_eq!(answer(&mut network, 50), Some(at(10)));
}

/// Told of late, an answer takes away what it refutes, and leaves what came after it.
#[test]
fn an_answer_refutes_what_was_seen_before_it() {
    let mut network = network(100);
    for (host, second) in [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5), ("f", 6)] {
        assert_eq!(fail(&mut network, host, second), Doubt::Open, "{host}");
    }
    answer(&mut network, 1);
    assert_eq!(network.settled_at(), Some(at(32)));
    answer(&mut network, 2);
    assert_eq!(network.settled_at(), None);
}

/// Who is near answers whatever becomes of the way to all others, and that is heeded where no others are known.
#[test]
fn who_is_near_shows_nothing_of_the_way_to_others() {
    let near = |second| Reached {
        at: at(second),
        is_near: true,
    };
    let mut network = network(3);
    network.answered(near(10));
    assert!(network.counts("x", attempt(9), at(9)), "no other is known");
    answer(&mut network, 20);
    for host in ["a", "b", "c"] {
        fail(&mut network, host, 40);
    }
    network.answered(near(41));
    assert_eq!(network.look(at(70)), Doubt::Down);
    assert_eq!(network.answered(near(80)), None);
    assert_eq!(network.down_since(), Some(at(40)));
    assert_eq!(network.answered(near(20 + KNOWN.as_secs())), Some(at(40)));
}

#[test]
fn a_doubt_ends() {
    let network = network(100);
    assert!(!network.counts("x", attempt(0), at(3599)));
    assert!(network.counts("x", attempt(0), network.counts_at("x", attempt(0))));
    let lead = attempt(90_000);
    assert!(network.counts("x", lead, at(0)), "the clock was set back");
}

/// Hosts that were dead before prove nothing, however many.
#[test]
fn the_dead_are_no_evidence() {
    let mut network = network(100);
    for host in ["a", "b", "c", "d", "e", "f"] {
        let doubt = network.unreachable(&Arc::from(host), false, attempt(0));
        assert_eq!(doubt, Doubt::Open, "{host}");
    }
}

#[test]
fn attempts_become_rarer() {
    let mut network = network(3);
    let mut pauses = Vec::new();
    for (second, host) in (0..)
        .step_by(20)
        .zip(["a", "b", "c", "a", "b", "c", "a", "b"])
    {
        if fail(&mut network, host, second) == Doubt::Down {
            pauses.push(network.probe_pause().as_secs() / 60);
        }
    }
    assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
}

#[test]
fn few_hosts_tell_less() {
    assert_eq!(fail(&mut network(2), "a", 0), Doubt::Counts);
    let mut three = network(3);
    assert_eq!(fail(&mut three, "a", 0), Doubt::Open);
    assert_eq!(fail(&mut three, "b", 0), Doubt::Open);
    assert_eq!(fail(&mut three, "c", 30), Doubt::Down);
}

/// Hosts, how many of them were well, and how many of those fail now: whether that is suspected to be the network.
#[test]
fn of_few_hosts_those_that_were_well_tell() {
    for (hosts, well, failing, expected) in [
        (4, 3, 3, true),
        (4, 3, 2, false),
        (4, 4, 3, false),
        (4, 2, 2, false),
        (12, 4, 4, true),
        (12, 4, 3, false),
        (100, 4, 4, true),
        (100, 84, 4, false),
        (100, 84, 5, true),
        (3, 2, 2, false),
        (2, 2, 2, false),
    ] {
        let mut network = network(hosts);
        network.set_well(well);
        for host in 0..failing {
            fail(&mut network, &format!("well-{host}"), 1);
        }
        let case = (hosts, well, failing);
        assert_eq!(network.is_suspected(), expected, "{case:?}");
    }
}

/// Which hosts are dead is forgotten of those that the configuration has no more, and never known of where redirects lead.
#[test]
fn the_dead_are_hosts_of_feeds() {
    let mut network = network(100);
    network.note_dead(&Arc::from("a"), true);
    network.note_dead(&Arc::from("led-to"), false);
    fail(&mut network, "z", 10);
    let half_a_minute = |network: &Network, host| network.counts_at(host, attempt(10)) == at(40);
    assert!(half_a_minute(&network, "a") && !half_a_minute(&network, "led-to"));
    network.set_hosts(99, &|host| **host != *"a");
    assert!(!half_a_minute(&network, "a"));
}
