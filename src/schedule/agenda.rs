//! Who is to be polled next: feeds in order of their due instants, one at a time per host.
//!
//! Knows feeds as numbers and hosts as numbers, and reads no clock. A host that is busy, or that was
//! asked less than its gap ago, holds back its own feeds and nobody else's (P32).

use jiff::Timestamp;
use std::collections::{BTreeSet, VecDeque};

/// What a host is doing.
#[derive(Clone, Debug, Default)]
struct Host {
    /// Whether one of its feeds is being polled.
    busy: bool,
    /// When it may be asked again.
    free_at: Option<Timestamp>,
    /// Its feeds that are due, in order of arrival.
    waiting: VecDeque<usize>,
}

/// The feeds that wait for their polls.
#[derive(Debug, Default)]
pub struct Agenda {
    /// Host number of each feed.
    host_of: Vec<usize>,
    hosts: Vec<Host>,
    due: BTreeSet<(Timestamp, usize)>,
    /// Due feeds at the head of their host's queue, by when the host is free.
    held: BTreeSet<(Timestamp, usize)>,
}

impl Agenda {
    /// Starts empty, for feeds numbered by their place in `host_of`.
    pub fn new(host_of: Vec<usize>) -> Self {
        let hosts = host_of.iter().max().map_or(0, |last| last + 1);
        Self {
            host_of,
            hosts: vec![Host::default(); hosts],
            ..Self::default()
        }
    }

    /// Enters a feed that is not in the agenda and not being polled.
    pub fn put(&mut self, feed: usize, due_at: Timestamp) {
        self.due.insert((due_at, feed));
    }

    /// Returns the earliest instant at which [`Self::take`] may yield a feed.
    ///
    /// A feed whose host is busy does not count: its turn comes with [`Self::finish`].
    pub fn next_at(&self) -> Option<Timestamp> {
        let first = |set: &BTreeSet<(Timestamp, usize)>| set.first().map(|(at, _)| *at);
        first(&self.due).into_iter().chain(first(&self.held)).min()
    }

    /// Returns how many feeds wait that are due by `instant`.
    pub fn due_by(&self, instant: Timestamp) -> usize {
        let due = self.due.iter().take_while(|(at, _)| *at <= instant).count();
        due + self
            .hosts
            .iter()
            .map(|host| host.waiting.len())
            .sum::<usize>()
    }

    /// Tells when the next feed that is due, but held back by its host's gap, may go.
    pub fn held_until(&self) -> Option<Timestamp> {
        self.held.first().map(|(at, _)| *at)
    }

    /// Takes out a feed to poll now: due by `due_by`, its host idle and rested at `now`.
    ///
    /// Its host is busy until [`Self::finish`].
    pub fn take(&mut self, due_by: Timestamp, now: Timestamp) -> Option<usize> {
        self.queue_due(due_by);
        let (at, feed) = self.held.first().copied()?;
        if at > now {
            return None;
        }
        self.held.remove(&(at, feed));
        let host = self.host(feed)?;
        host.busy = true;
        host.waiting.pop_front();
        Some(feed)
    }

    /// Says that `feed` is being polled already, by a poll that this agenda did not start: its host is
    /// busy until [`Self::finish`].
    pub fn occupy(&mut self, feed: usize) {
        if let Some(host) = self.host(feed) {
            host.busy = true;
        }
    }

    /// Says that the poll of `feed` is over and that its host rests until `free_at`.
    ///
    /// Of a feed whose host is idle, it says nothing.
    pub fn finish(&mut self, feed: usize, free_at: Timestamp) {
        let Some(host) = self.host(feed).filter(|host| host.busy) else {
            return;
        };
        host.busy = false;
        host.free_at = Some(free_at);
        if let Some(next) = host.waiting.front().copied() {
            self.held.insert((free_at, next));
        }
    }

    /// Moves what is due to the queues of the hosts.
    fn queue_due(&mut self, due_by: Timestamp) {
        while let Some((at, feed)) = self.due.first().copied() {
            if at > due_by {
                break;
            }
            self.due.pop_first();
            let Some(host) = self.host(feed) else {
                continue;
            };
            host.waiting.push_back(feed);
            if host.waiting.len() == 1 && !host.busy {
                let from = host.free_at.map_or(at, |free_at| free_at.max(at));
                self.held.insert((from, feed));
            }
        }
    }

    /// Returns the host of a feed; `None` for a number that [`Self::new`] was not told of.
    fn host(&mut self, feed: usize) -> Option<&mut Host> {
        let number = self.host_of.get(feed)?;
        self.hosts.get_mut(*number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn feeds_come_in_order_of_their_due_instants() {
        let mut agenda = Agenda::new(vec![0, 1, 2]);
        for (feed, due) in [(0, 30), (1, 10), (2, 20)] {
            agenda.put(feed, at(due));
        }
        assert_eq!(agenda.next_at(), Some(at(10)));
        assert_eq!(agenda.take(at(9), at(9)), None);
        let taken: Vec<usize> = std::iter::from_fn(|| agenda.take(at(25), at(25))).collect();
        assert_eq!(taken, [1, 2]);
        assert_eq!(agenda.next_at(), Some(at(30)));
    }

    /// P32: one request at a time per host, a gap between two, and nobody else waits.
    #[test]
    fn a_host_holds_back_its_own_feeds_only() {
        let mut agenda = Agenda::new(vec![7, 7, 8]);
        for feed in 0..3 {
            agenda.put(feed, at(10));
        }
        assert_eq!(agenda.take(at(10), at(10)), Some(0));
        assert_eq!(agenda.take(at(10), at(10)), Some(2));
        assert_eq!(agenda.take(at(10), at(10)), None, "host 7 is busy");
        agenda.finish(0, at(13));
        assert_eq!(agenda.take(at(10), at(12)), None, "host 7 rests");
        assert_eq!(agenda.held_until(), Some(at(13)));
        assert_eq!(agenda.take(at(10), at(13)), Some(1));
    }

    /// A poll that began before this agenda: its host's other feeds wait, and each comes once.
    #[test]
    fn a_host_that_was_busy_before_is_busy() {
        let mut agenda = Agenda::new(vec![7, 7, 7]);
        agenda.occupy(0);
        agenda.put(1, at(10));
        agenda.put(2, at(10));
        assert_eq!(agenda.take(at(10), at(10)), None);
        agenda.finish(0, at(11));
        assert_eq!(agenda.take(at(10), at(11)), Some(1));
        agenda.finish(1, at(12));
        agenda.finish(1, at(12));
        assert_eq!(agenda.take(at(10), at(12)), Some(2));
        agenda.finish(2, at(13));
        assert_eq!(agenda.take(at(99), at(99)), None);
        assert_eq!(agenda.next_at(), None);
    }

    #[test]
    fn a_rested_host_delays_no_later_feed() {
        let mut agenda = Agenda::new(vec![0, 0]);
        agenda.put(0, at(10));
        assert_eq!(agenda.take(at(10), at(10)), Some(0));
        agenda.finish(0, at(11));
        agenda.put(1, at(60));
        assert_eq!(agenda.take(at(60), at(60)), Some(1));
    }
}
