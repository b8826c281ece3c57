//! Whether it is our own network that is down: when one host after the other cannot be reached and none
//! answers, the feeds are not to blame.
//!
//! Feeds that were failing already, or that an outage excused before, are no evidence of one: a handful of
//! dead hosts must not stop all others again and again.
//!
//! A feed that could not be reached is held in doubt until a host answers after that was seen: then the network works,
//! and the failure is the feed's own. Where feeds are polled together, the others may all have answered a moment before:
//! where few fail beside them, or another feed of the host failed already, that is their own half a minute later as well;
//! where many do, the next host that is asked shows what it is, or an hour. Meanwhile it is asked again itself, after a minute,
//! then after two, up to a quarter of an hour: if it answers, there was nothing. That these reach nobody either tells no more
//! than the first did: hosts that are dead would make an outage. When as many hosts as are enough cannot be
//! reached and none answers, neither after them nor beside the last of them, the network is down: nothing is counted against
//! anybody, and one request at a time, of feeds that are due, finds out when it is back.
//!
//! A host on this machine, or in a network of ours, answers whatever becomes of the way to all others. So its answers count
//! only while no others are known to answer.

use crate::model::Reached;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Hosts that cannot be reached, one after the other, before the network is thought to be down. Three in
/// a row are stale addresses that happen to be due together; every one more makes that ten times rarer.
const ENOUGH: usize = 5;

/// How long none answers before that: a burst of dead hosts fails at once, and who lives answers meanwhile.
const SETTLED: SignedDuration = SignedDuration::from_secs(30);

/// What answers so shortly before another host fails was asked together with it: polls that are due at once begin within
/// a moment, and a refusal takes as long as an answer.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);

/// For how long a host that is not near is known to answer. Whoever is needed to mend a way has been called by then; and where
/// few hosts are not near, and are gone for good, those that are count again after it.
const KNOWN: SignedDuration = SignedDuration::from_hours(24);

/// With fewer hosts than this, the network's failure cannot be told from theirs.
const FEWEST: usize = 3;

/// How long a feed is in doubt at most: where nobody else is asked for so long, it is counted.
const DOUBT: SignedDuration = SignedDuration::from_hours(1);

/// Pause after the first attempt that failed while the network is down, or that is in doubt; it doubles with each.
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
    /// When the last attempt began.
    began_at: Timestamp,
    /// Whether it could be before.
    is_evidence: bool,
}

/// What is known of our own network.
#[derive(Debug, Default)]
pub struct Network {
    /// Hosts in the configuration.
    hosts: usize,
    /// Those of them of which a feed is evidence if it fails.
    well: usize,
    unreached: BTreeMap<Arc<str>, Unreached>,
    /// Hosts of which a failure counted, until they answer.
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
    /// Says how many hosts the feeds are on, and which are among them.
    pub fn set_hosts(&mut self, hosts: usize, is_one: &dyn Fn(&Arc<str>) -> bool) {
        self.hosts = hosts;
        self.dead.retain(is_one);
    }

    /// Says at how many of them a feed was well before what is in doubt: that counts where few hosts are evidence.
    pub fn set_well(&mut self, hosts: usize) {
        self.well = hosts;
    }

    /// Tells whether so few hosts are evidence that it counts how many could be, with the one that fails now.
    pub fn is_of_few(&self) -> bool {
        (FEWEST..ENOUGH).contains(&(self.evidence().count() + 1))
    }

    /// Returns since when the network is down; nothing while it is not taken to be.
    pub fn down_since(&self) -> Option<Timestamp> {
        self.down_since
    }

    /// Takes in that a host could not be reached. `is_evidence`: whether it could be so far.
    pub fn unreachable(&mut self, host: &Arc<str>, is_evidence: bool, attempt: Attempt) -> Doubt {
        let failed_at = attempt.failed_at;
        self.failed_at = self.failed_at.max(Some(failed_at));
        if self.down_since.is_some() {
            self.probes = self.probes.saturating_add(1);
            return Doubt::Down;
        }
        if self.hosts < FEWEST || self.answered_after(failed_at) {
            return Doubt::Counts;
        }
        let mut seen = Unreached {
            failed_at,
            began_at: attempt.began_at,
            is_evidence,
        };
        if let Some(before) = self.unreached.get(host)
            && (before.is_evidence || !is_evidence)
        {
            (seen.failed_at, seen.is_evidence) = (before.failed_at, before.is_evidence);
        }
        self.unreached.insert(Arc::clone(host), seen);
        self.look(failed_at)
    }

    /// Takes in that a failure of a host counts: so it is no evidence of an outage. `is_home`: whether feeds have it for
    /// theirs; to how many others publishers lead them, nobody knows.
    pub fn note_dead(&mut self, host: &Arc<str>, is_home: bool) {
        self.unreached.remove(host);
        if is_home {
            self.dead.insert(Arc::clone(host));
        }
    }

    /// Takes in that a host is there.
    pub fn note_alive(&mut self, host: &str) {
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
        let is_suspected = self.is_suspected();
        let since = self.alone().map(|it| it.failed_at).min();
        let since = since.filter(|_| is_suspected)?;
        Some(later(since, SETTLED))
    }

    /// Tells whether as many hosts as are enough could not be reached that could be before, and none answered since, nor
    /// beside the last of them: of those that begin together with others that answer, any number may be dead.
    pub fn is_suspected(&self) -> bool {
        let are_enough = self.hosts >= FEWEST && self.evidence().count() >= self.needed();
        are_enough && self.alone().next().is_some()
    }

    /// Returns how much evidence is enough: of few hosts, what of them was well before, as nobody else can be evidence.
    fn needed(&self) -> usize {
        self.well.clamp(FEWEST, ENOUGH)
    }

    /// Returns the evidence beside which nobody answered.
    fn alone(&self) -> impl Iterator<Item = &Unreached> {
        self.evidence()
            .filter(|it| !self.is_answered_beside(it.began_at))
    }

    fn evidence(&self) -> impl Iterator<Item = &Unreached> {
        self.unreached.values().filter(|it| it.is_evidence)
    }

    fn enough(&self) -> usize {
        self.hosts.min(ENOUGH)
    }

    /// Takes the network to be down: since the first failure beside which nobody answered, as far as there is one.
    pub fn go_down(&mut self, now: Timestamp) -> Doubt {
        let since = self.alone().map(|it| it.failed_at).min();
        self.down_since = Some(since.map_or(now, |at| at.min(now)));
        self.unreached.clear();
        self.dead.clear();
        self.probes = 0;
        Doubt::Down
    }

    /// Returns how long to wait before the next attempt while the network is down.
    pub fn probe_pause(&self) -> Duration {
        pause_after(self.probes)
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

    /// Tells whether a host answered that was asked together with what began at an instant, or later.
    fn is_answered_beside(&self, began_at: Timestamp) -> bool {
        self.answered_after(began_at.saturating_sub(MOMENT).unwrap_or(Timestamp::MIN))
    }

    /// Tells whether an attempt that is in doubt counts by `now`.
    pub fn counts(&self, host: &str, attempt: Attempt, now: Timestamp) -> bool {
        // The second is for a clock that was set back.
        self.counts_at(host, attempt) <= now || now.duration_since(attempt.failed_at) <= -DOUBT
    }

    /// Returns when an attempt in doubt counts if nothing more is heard until then, and the network does not go down.
    pub fn counts_at(&self, host: &str, attempt: Attempt) -> Timestamp {
        let failed_at = attempt.failed_at;
        if self.hosts < FEWEST || self.answered_after(failed_at) {
            return failed_at;
        }
        // Where many fail, the network may have failed in between.
        let are_few = self.unreached.len() < self.enough();
        let is_known = self.is_answered_beside(attempt.began_at) || self.dead.contains(host);
        let is_settled = are_few && is_known;
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
            unreached.began_at = moved(unreached.began_at);
        }
    }
}

/// Returns how long to wait before another attempt, where so many came after the first and were in vain.
pub(super) fn pause_after(times: u32) -> Duration {
    let grown = FIRST_PAUSE.saturating_mul(1 << times.min(MAX_DOUBLINGS));
    grown.min(LONGEST_PAUSE)
}

fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
