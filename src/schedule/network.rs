//! Whether it is our own network that is down: when one host after the other cannot be reached and none
//! answers, the feeds are not to blame.
//!
//! Feeds that were failing already, or that an outage excused before, are no evidence of one: a handful of
//! dead hosts must not stop all others again and again.
//!
//! A feed that could not be reached is held in doubt until a host answers a request that began after it:
//! then the network works, and the failure is the feed's own. When as many hosts as are enough cannot be
//! reached and none answers, the network is down: nothing is counted against anybody, and one request at
//! a time, of feeds that are due, finds out when it is back.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Hosts that cannot be reached, one after the other, before the network is thought to be down. Three in
/// a row are stale addresses that happen to be due together; every one more makes that ten times rarer.
const ENOUGH: usize = 5;

/// How long none answers before that: a burst of dead hosts fails at once, and who lives answers meanwhile.
const SETTLED: SignedDuration = SignedDuration::from_secs(30);

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

/// What is known of our own network.
#[derive(Debug, Default)]
pub struct Network {
    /// Hosts in the configuration.
    hosts: usize,
    /// Those that could not be reached since one answered.
    unreached: BTreeSet<Arc<str>>,
    /// When the first of them was tried.
    unreached_since: Option<Timestamp>,
    /// When the last request began that was answered.
    answered_since: Option<Timestamp>,
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

    /// Takes in that a host could not be reached, as was seen at `now`. `is_evidence`: whether it could be
    /// so far.
    pub fn unreachable(&mut self, host: &Arc<str>, is_evidence: bool, now: Timestamp) -> Doubt {
        if self.down_since.is_some() {
            self.probes = self.probes.saturating_add(1);
            return Doubt::Down;
        }
        if self.hosts < FEWEST {
            return Doubt::Counts;
        }
        if is_evidence {
            self.unreached.insert(Arc::clone(host));
            self.unreached_since.get_or_insert(now);
        }
        self.look(now)
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
        let since = self.unreached_since.filter(|_| self.is_suspected())?;
        since.saturating_add(SETTLED).ok()
    }

    /// Tells whether as many hosts as are enough could not be reached, and none answered since.
    pub fn is_suspected(&self) -> bool {
        self.hosts >= FEWEST && self.unreached.len() >= self.hosts.min(ENOUGH)
    }

    /// Takes the network to be down.
    pub fn go_down(&mut self, now: Timestamp) -> Doubt {
        self.unreached.clear();
        self.unreached_since = None;
        self.down_since = Some(now);
        self.probes = 0;
        Doubt::Down
    }

    /// Returns how long to wait before the next attempt while the network is down.
    pub fn probe_pause(&self) -> Duration {
        let grown = FIRST_PAUSE.saturating_mul(1 << self.probes.min(MAX_DOUBLINGS));
        grown.min(LONGEST_PAUSE)
    }

    /// Takes in that a host answered a request that began at `began_at`. Returns since when the network
    /// had been down, if it was.
    pub fn answered(&mut self, began_at: Timestamp) -> Option<Timestamp> {
        self.unreached.clear();
        self.unreached_since = None;
        self.answered_since = self.answered_since.max(Some(began_at));
        self.down_since.take()
    }

    /// Tells whether a failure that was in doubt since `seen_at` counts by `now`.
    pub fn counts(&self, seen_at: Timestamp, now: Timestamp) -> bool {
        let is_refuted = self
            .answered_since
            .is_some_and(|began_at| began_at >= seen_at);
        // The second is for a clock that was set back.
        is_refuted || now.duration_since(seen_at).abs() >= DOUBT
    }

    /// Returns when a failure in doubt since `seen_at` counts at the latest.
    pub fn counts_at(seen_at: Timestamp) -> Timestamp {
        seen_at.saturating_add(DOUBT).unwrap_or(Timestamp::MAX)
    }

    /// Moves every instant by `span`, because the clock was set.
    pub fn shift(&mut self, span: SignedDuration) {
        let moved = |at: Timestamp| at.saturating_add(span).unwrap_or(at);
        self.answered_since = self.answered_since.map(moved);
        self.down_since = self.down_since.map(moved);
        self.unreached_since = self.unreached_since.map(moved);
    }
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

    fn fail(network: &mut Network, host: &str, second: i64) -> Doubt {
        network.unreachable(&Arc::from(host), true, at(second))
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
        assert_eq!(network.answered(at(70)), Some(at(30)));
        assert_eq!(network.down_since(), None);
        assert_eq!(fail(&mut network, "a", 80), Doubt::Open);
    }

    /// An answer to a request that began before the failure was seen says nothing of what came after.
    #[test]
    fn an_answer_that_began_later_makes_a_failure_count() {
        let mut network = network(100);
        assert_eq!(fail(&mut network, "a", 10), Doubt::Open);
        assert_eq!(network.answered(at(9)), None);
        assert!(!network.counts(at(10), at(11)));
        network.answered(at(10));
        network.answered(at(4));
        assert!(network.counts(at(10), at(11)));
    }

    #[test]
    fn a_doubt_ends() {
        let network = network(100);
        assert!(!network.counts(at(0), at(3599)));
        assert!(network.counts(at(0), Network::counts_at(at(0))));
        assert!(network.counts(at(90_000), at(0)), "the clock was set back");
    }

    /// Hosts that were dead before prove nothing, however many.
    #[test]
    fn the_dead_are_no_evidence() {
        let mut network = network(100);
        for host in ["a", "b", "c", "d", "e", "f"] {
            let doubt = network.unreachable(&Arc::from(host), false, at(0));
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
