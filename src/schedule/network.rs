//! Whether it is our own network that is down: when one host after the other cannot be reached and none
//! answers, the feeds are not to blame.
//!
//! Feeds that were failing already, or that an outage excused before, are no evidence of one: a handful of
//! dead hosts must not stop all others again and again.
//!
//! A feed that could not be reached is held in doubt until a host answers after that was seen: then the network works,
//! and the failure is the feed's own. Where feeds are polled together, the others may all have answered a moment before:
//! where few fail beside them, that is their own half a minute later as well. When as many hosts as are enough cannot be
//! reached and none answers, the network is down: nothing is counted against anybody, and one request at a time, of feeds
//! that are due, finds out when it is back. Other feeds of a host that counts fail at once, until it answers.
//!
//! A host on this machine, or in a network of ours, answers whatever becomes of the way to all others. So its answers count
//! only while no others are known to answer.

use crate::model::Reached;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Hosts that cannot be reached, one after the other, before the network is thought to be down. Three in
/// a row are stale addresses that happen to be due together; every one more makes that ten times rarer.
const ENOUGH: usize = 5;

/// How long none answers before that: a burst of dead hosts fails at once, and who lives answers meanwhile.
const SETTLED: SignedDuration = SignedDuration::from_secs(30);

/// What answers so shortly before another host fails was asked together with it: polls that are due at once begin within
/// a moment, and a refusal takes as long as an answer.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);

/// For how long a host that is not near is known to answer. Outages are shorter; and where few hosts are not near, and are gone
/// for good, those that are count again after it.
const KNOWN: SignedDuration = SignedDuration::from_hours(24);

/// With fewer hosts than this, the network's failure cannot be told from theirs.
const FEWEST: usize = 3;

/// How long a feed is in doubt at most: where nobody else is asked for so long, it is counted.
const DOUBT: SignedDuration = SignedDuration::from_hours(1);

/// Pause after the first attempt that failed while the network is down; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_mins(1);

/// Longest pause between two attempts: all goes on within a quarter of the least interval.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);

/// Doublings after which the pause is the longest.
const MAX_DOUBLINGS: u32 = 4;

/// What is to become of a failure to reach a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is the host's own.
    Counts,
    /// That is not known yet.
    Open,
    /// The network is down: this one and those in doubt do not count.
    Down,
}

/// An attempt to reach a host that failed.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// When it began.
    pub began_at: Timestamp,
    /// When it was seen to have failed.
    pub failed_at: Timestamp,
}

/// A host that could not be reached since one answered.
#[derive(Clone, Copy, Debug)]
struct Unreached {
    /// When that was seen first.
    failed_at: Timestamp,
    /// Whether it could be before.
    is_evidence: bool,
}

/// What is known of our own network.
#[derive(Debug, Default)]
pub struct Network {
    /// Hosts in the configuration.
    hosts: usize,
    unreached: BTreeMap<Arc<str>, Unreached>,
    /// Hosts whose failures count until they answer.
    dead: BTreeSet<Arc<str>>,
    /// When the last attempt was seen to have failed.
    failed_at: Option<Timestamp>,
    /// When the last answer came.
    answered_at: Option<Timestamp>,
    /// When the last one came of a host that is not near.
    far_answered_at: Option<Timestamp>,
    down_since: Option<Timestamp>,
    /// Attempts that failed since it is down.
    probes: u32,
}

impl Network {
    /// Says how many hosts the feeds are on.
    pub fn set_hosts(&mut self, hosts: usize) {
        self.hosts = hosts;
    }

    /// Returns since when the network is down.
    pub fn down_since(&self) -> Option<Timestamp> {
        self.down_since
    }

    /// Tells whether a host answered since the start.
    pub fn has_answered(&self) -> bool {
        self.answered_at.is_some()
    }

    /// Takes in that a host could not be reached. `is_evidence`: whether it could be so far.
    pub fn unreachable(&mut self, host: &Arc<str>, is_evidence: bool, attempt: Attempt) -> Doubt {
        let failed_at = attempt.failed_at;
        self.failed_at = self.failed_at.max(Some(failed_at));
        if self.down_since.is_some() {
            self.probes = self.probes.saturating_add(1);
            return Doubt::Down;
        }
        let is_known = self.dead.contains(host) || self.answered_after(failed_at);
        if self.hosts < FEWEST || is_known {
            return Doubt::Counts;
        }
        let unreached = self.unreached.entry(Arc::clone(host));
        let seen = unreached.or_insert(Unreached {
            failed_at,
            is_evidence,
        });
        seen.is_evidence |= is_evidence;
        self.look(failed_at)
    }

    /// Takes in that the failures of a host count.
    pub fn is_dead(&mut self, host: &Arc<str>) {
        self.dead.insert(Arc::clone(host));
    }

    /// Takes in that a host is there.
    pub fn is_alive(&mut self, host: &str) {
        self.dead.remove(host);
    }

    /// Looks whether the network is down by now.
    pub fn look(&mut self, now: Timestamp) -> Doubt {
        match self.settled_at() {
            Some(at) if at <= now => self.go_down(now),
            _ => Doubt::Open,
        }
    }

    /// Returns when the network is taken to be down, unless a host answers before.
    pub fn settled_at(&self) -> Option<Timestamp> {
        let since = self.evidence().map(|it| it.failed_at).min()?;
        let is_suspected = self.is_suspected();
        is_suspected.then(|| later(since, SETTLED))
    }

    /// Tells whether as many hosts as are enough could not be reached that could be before, and none answered since.
    pub fn is_suspected(&self) -> bool {
        self.hosts >= FEWEST && self.evidence().count() >= self.enough()
    }

    fn evidence(&self) -> impl Iterator<Item = &Unreached> {
        self.unreached.values().filter(|it| it.is_evidence)
    }

    fn enough(&self) -> usize {
        self.hosts.min(ENOUGH)
    }

    /// Takes the network to be down.
    pub fn go_down(&mut self, now: Timestamp) -> Doubt {
        self.unreached.clear();
        self.down_since = Some(now);
        self.probes = 0;
        Doubt::Down
    }

    /// Returns how long to wait before the next attempt while the network is down.
    pub fn probe_pause(&self) -> Duration {
        let grown = FIRST_PAUSE.saturating_mul(1 << self.probes.min(MAX_DOUBLINGS));
        grown.min(LONGEST_PAUSE)
    }

    /// Takes in that a host answered. Returns since when the network had been down, if it was.
    pub fn answered(&mut self, reached: Reached) -> Option<Timestamp> {
        let Reached { at, is_near } = reached;
        if !is_near {
            self.far_answered_at = self.far_answered_at.max(Some(at));
        } else if self
            .far_answered_at
            .is_some_and(|far| at < later(far, KNOWN))
        {
            return None;
        }
        self.answered_at = self.answered_at.max(Some(at));
        self.unreached.retain(|_, it| it.failed_at > at);
        // What came before the last failure says nothing of how it is now.
        self.down_since
            .take_if(|_| self.failed_at.is_none_or(|failed_at| failed_at <= at))
    }

    fn answered_after(&self, at: Timestamp) -> bool {
        self.answered_at.is_some_and(|answered| answered > at)
    }

    /// Tells whether an attempt that is in doubt counts by `now`.
    pub fn counts(&self, attempt: Attempt, now: Timestamp) -> bool {
        // The second is for a clock that was set back.
        self.counts_at(attempt) <= now || now.duration_since(attempt.failed_at) <= -DOUBT
    }

    /// Returns when an attempt in doubt counts if nothing more is heard until then, and the network does not go down.
    pub fn counts_at(&self, attempt: Attempt) -> Timestamp {
        let Attempt {
            began_at,
            failed_at,
        } = attempt;
        if self.answered_after(failed_at) {
            return failed_at;
        }
        let moment_before = began_at.saturating_sub(MOMENT).unwrap_or(Timestamp::MIN);
        // Where many fail beside an answer, the network may have failed in between.
        let are_few = self.unreached.len() < self.enough();
        let is_settled = are_few && self.answered_after(moment_before);
        later(failed_at, if is_settled { SETTLED } else { DOUBT })
    }

    /// Moves every instant by `span`, because the clock was set.
    pub fn shift(&mut self, span: SignedDuration) {
        let moved = |at: Timestamp| at.saturating_add(span).unwrap_or(at);
        self.answered_at = self.answered_at.map(moved);
        self.far_answered_at = self.far_answered_at.map(moved);
        self.down_since = self.down_since.map(moved);
        self.failed_at = self.failed_at.map(moved);
        for unreached in self.unreached.values_mut() {
            unreached.failed_at = moved(unreached.failed_at);
        }
    }
}

fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn network(hosts: usize) -> Network {
        let mut network = Network::default();
        network.set_hosts(hosts);
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
        assert_eq!(network.down_since(), Some(at(30)));
        assert_eq!(fail(&mut network, "a", 31), Doubt::Down);
        assert_eq!(answer(&mut network, 70), Some(at(30)));
        assert_eq!(network.down_since(), None);
        assert_eq!(fail(&mut network, "a", 80), Doubt::Open);
    }

    #[test]
    fn an_answer_that_comes_later_makes_a_failure_count() {
        let mut network = network(100);
        assert_eq!(fail(&mut network, "a", 10), Doubt::Open);
        answer(&mut network, 11);
        answer(&mut network, 4);
        assert!(network.counts(attempt(10), at(10)));
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
            assert_eq!(network.counts_at(lost), at(counts_at), "{answered_at}");
            assert!(!network.counts(lost, at(counts_at - 1)), "{answered_at}");
            assert!(network.counts(lost, at(counts_at)), "{answered_at}");
        }
    }

    /// Of many that begin at once some answer, and then no more. Those that never answered before prove no outage, and
    /// may all be dead; it is not known of any before another answers.
    #[test]
    fn many_that_fail_beside_an_answer_are_waited_for() {
        let lost = |second| Attempt {
            began_at: at(10),
            failed_at: at(second),
        };
        for is_evidence in [true, false] {
            let mut network = network(100);
            answer(&mut network, 10);
            for (host, second) in [("a", 20), ("b", 21), ("c", 22), ("d", 23), ("e", 24)] {
                let host = Arc::from(host);
                assert_eq!(network.counts_at(lost(20)), at(50), "{host}: few fail");
                let doubt = network.unreachable(&host, is_evidence, lost(second));
                assert_eq!(doubt, Doubt::Open, "{host}");
            }
            assert_eq!(network.counts_at(lost(20)), at(3620));
            let settled_at = is_evidence.then(|| at(50));
            assert_eq!(network.settled_at(), settled_at);
            answer(&mut network, 40);
            assert_eq!(network.counts_at(lost(20)), at(20));
        }
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

    #[test]
    fn the_other_feeds_of_a_dead_host_fail_until_it_answers() {
        let mut network = network(100);
        network.is_dead(&Arc::from("a"));
        assert_eq!(fail(&mut network, "a", 10), Doubt::Counts);
        assert_eq!(fail(&mut network, "b", 10), Doubt::Open);
        network.is_alive("a");
        assert_eq!(fail(&mut network, "a", 20), Doubt::Open);
    }

    /// A body goes on that began before the network was lost, and a redirect is followed that was.
    #[test]
    fn what_came_before_the_outage_does_not_end_it() {
        let mut network = network(3);
        for (host, second) in [("a", 10), ("b", 11), ("c", 40)] {
            fail(&mut network, host, second);
        }
        assert_eq!(network.down_since(), Some(at(40)));
        assert_eq!(answer(&mut network, 39), None);
        assert_eq!(fail(&mut network, "a", 50), Doubt::Down);
        assert_eq!(answer(&mut network, 49), None);
        assert_eq!(answer(&mut network, 50), Some(at(40)));
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
        assert!(network.counts(attempt(9), at(9)), "no other is known");
        answer(&mut network, 20);
        for host in ["a", "b", "c"] {
            fail(&mut network, host, 40);
        }
        network.answered(near(41));
        assert_eq!(network.look(at(70)), Doubt::Down);
        assert_eq!(network.answered(near(80)), None);
        assert_eq!(network.down_since(), Some(at(70)));
        assert_eq!(network.answered(near(20 + KNOWN.as_secs())), Some(at(70)));
    }

    #[test]
    fn a_doubt_ends() {
        let network = network(100);
        assert!(!network.counts(attempt(0), at(3599)));
        assert!(network.counts(attempt(0), network.counts_at(attempt(0))));
        let lead = attempt(90_000);
        assert!(network.counts(lead, at(0)), "the clock was set back");
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
}
