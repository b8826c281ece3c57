//! Who is to be asked next: feeds in order of their due instants, one request at a time per host.
//!
//! Knows feeds as numbers and hosts by their authority, and reads no clock. A host that is busy, or that
//! was asked less than its gap ago, holds back its own feeds and nobody else's (P32). A host that
//! refused is left alone and asked more slowly, whichever of its feeds it refused (P18).
//!
//! A poll that is redirected to another host goes on as a request to that host ([`Agenda::go_on`]):
//! while it waits there, it keeps the first host from nobody. There it takes turns with the feeds that
//! are at home: neither can starve the other.
//!
//! Each feed is in one [`Place`], which says where to find it; whatever enters it takes it out of there
//! first, so that no feed stands twice.

mod host;
#[cfg(test)]
mod tests;

use super::backoff::THROTTLED;
use super::jitter::later;
use super::pace;
use crate::model::HostPace;
pub use host::End;
use host::Host;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Hosts that only redirects led to are forgotten when so many more are known than feeds have.
const STRANGERS: usize = 1024;

/// A ready host: when it is free, the feed that is next, its name.
type Ready = (Timestamp, usize, Arc<str>);

/// The feed whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Its number.
    pub feed: usize,
    /// The host that is kept for it.
    pub host: Arc<str>,
    /// Whether its host was asked for another feed within the last hour: if it refuses, that may be why.
    pub crowded: bool,
}

/// Where a feed is.
#[derive(Clone, Debug, Default)]
enum Place {
    /// Not here.
    #[default]
    Away,
    /// Among those that are not due before an instant.
    Due(Timestamp),
    /// In the queue of a host.
    Waiting(Arc<str>),
    /// Nowhere: a host is being asked for it.
    Asked(Arc<str>),
}

/// A feed.
#[derive(Debug)]
struct Feed {
    /// The host at which it waits when it is due.
    home: Arc<str>,
    place: Place,
}

/// The feeds that wait for their polls.
#[derive(Debug, Default)]
pub struct Agenda {
    feeds: Vec<Feed>,
    /// By name: looked up several times a request.
    hosts: HashMap<Arc<str>, Host>,
    /// Least pause between two requests to a host.
    gap: Duration,
    due: BTreeSet<(Timestamp, usize)>,
    /// How many feeds are in the queues of hosts.
    queued: usize,
    /// Idle hosts that feeds wait for, by when they are free and then by the feed that is next: those
    /// that stand together in the file are asked, and stored, together.
    ready: BTreeSet<Ready>,
    /// So many hosts are known when it is worth looking which can be forgotten.
    sweep_above: usize,
}

impl Agenda {
    /// Starts empty, for feeds numbered by their place in `host_of`, with a least pause of `gap` between
    /// the end of a request to a host and the start of the next.
    pub fn new(host_of: Vec<Arc<str>>, gap: Duration) -> Self {
        let feeds = host_of.into_iter().map(|home| Feed {
            home,
            place: Place::Away,
        });
        Self {
            feeds: feeds.collect(),
            gap,
            ..Self::default()
        }
    }

    /// Takes over what is known of hosts from an agenda that ends: no host is asked sooner for it.
    ///
    /// What was under way is so no more: [`Self::occupy`] says what still is. `number_of`: the number of a feed by that of
    /// before; `None` for one that is not there any more.
    pub fn succeed(&mut self, before: &Self, number_of: &dyn Fn(usize) -> Option<usize>) {
        #[expect(
            clippy::iter_over_hash_type,
            reason = "what is known of one host changes nothing of another"
        )]
        for (name, known) in &before.hosts {
            self.hosts
                .entry(Arc::clone(name))
                .or_default()
                .succeed(known, number_of);
            self.refresh(name);
        }
    }

    /// Says what is known from earlier of a host that refused, unless that is past. A rest that ends
    /// further from `now` than any that is granted, and a refusal yet to come, are those of a clock that
    /// jumped.
    pub fn remember(&mut self, authority: &str, pace: HostPace, now: Timestamp) {
        let furthest = later(now, THROTTLED);
        let pace = HostPace {
            rests_until: pace.rests_until.map(|until| until.min(furthest)),
            refused_at: pace.refused_at.min(now),
            ..pace
        };
        if !pace::is_past(&pace, now) {
            let name = self.name(authority);
            self.hosts.entry(Arc::clone(&name)).or_default().pace = Some(pace);
            self.refresh(&name);
        }
    }

    /// Says when the home of a feed was last asked for it, as it was stored: the pause after it outlives a restart
    /// (P32), and so does what it says of a refusal (P18).
    ///
    /// What a pause no longer depends on is passed over, since there are many hosts; of one that refused before,
    /// and is known for that, the last hour counts. An instant that lies ahead is now, or of a clock that jumped.
    pub fn recall(&mut self, feed: usize, asked_at: Timestamp, now: Timestamp) {
        let distance = now.duration_since(asked_at).unsigned_abs();
        let Some(feeds) = self.feeds.get(feed).filter(|_| distance < host::CROWD) else {
            return;
        };
        let name = Arc::clone(&feeds.home);
        if distance < self.gap || self.hosts.contains_key(&name) {
            let host = self.hosts.entry(Arc::clone(&name)).or_default();
            host.recall(feed, asked_at.min(now));
            self.refresh(&name);
        }
    }

    /// Enters a feed, wherever it was: what was being asked for it is asked no more.
    pub fn put(&mut self, feed: usize, due_at: Timestamp) {
        self.withdraw(feed);
        self.release(feed);
        self.place(feed, Place::Due(due_at));
    }

    /// Enters a feed whose poll is under way and leads to `authority`: it waits there behind those that
    /// were led there before, and takes turns with the feeds of that host.
    pub fn go_on(&mut self, feed: usize, authority: &str, now: Timestamp) {
        self.withdraw(feed);
        self.release(feed);
        let name = self.name(authority);
        self.queue((now, feed), name, true);
    }

    /// Says that `feed`, whose turn it is, is to be had at another host than the one it waited for: it
    /// waits there, and the host that was kept for it is free as if it had not been.
    pub fn divert(&mut self, turn: &Turn, authority: &str, now: Timestamp) {
        self.go_on(turn.feed, authority, now);
    }

    /// Takes out a feed wherever it waits. One that is being asked for stays so.
    pub fn withdraw(&mut self, feed: usize) {
        match self.place_of(feed) {
            Place::Due(at) => {
                self.due.remove(&(at, feed));
            }
            Place::Waiting(name) => {
                if let Some(host) = self.hosts.get_mut(&name) {
                    host.remove(feed);
                }
                self.refresh(&name);
            }
            Place::Away | Place::Asked(_) => return,
        }
        self.place(feed, Place::Away);
    }

    /// Says that from now on a feed waits at another host when it is due. Where it stands in a queue or
    /// is being asked for, it is left until it is entered anew.
    pub fn rehost(&mut self, feed: usize, authority: &str) {
        let name = self.name(authority);
        if let Some(feed) = self.feeds.get_mut(feed) {
            feed.home = name;
        }
    }

    /// Tells whether a feed waits at a host when it is due.
    pub fn is_home(&self, feed: usize, authority: &str) -> bool {
        let feed = self.feeds.get(feed);
        feed.is_some_and(|feed| *feed.home == *authority)
    }

    /// Returns the earliest instant at which [`Self::take`] may yield a feed.
    ///
    /// A feed whose host is busy does not count: its turn comes with [`Self::finish`].
    pub fn next_at(&self) -> Option<Timestamp> {
        let due = self.due.first().map(|(at, _)| *at);
        due.into_iter().chain(self.held_until()).min()
    }

    /// Returns when a feed is due, or was, that waits here for a poll of its own.
    pub fn due_at(&self, feed: usize) -> Option<Timestamp> {
        match &self.feeds.get(feed)?.place {
            Place::Due(at) => Some(*at),
            Place::Waiting(host) => self.hosts.get(host)?.due_at(feed),
            Place::Away | Place::Asked(_) => None,
        }
    }

    /// Returns the host that a feed is to be asked of next, and until when that rests, as far as is known.
    pub fn rest_of(&self, feed: usize) -> Option<(Arc<str>, Timestamp)> {
        let feed = self.feeds.get(feed)?;
        let name = match &feed.place {
            Place::Waiting(name) | Place::Asked(name) => name,
            Place::Away | Place::Due(_) => &feed.home,
        };
        let host = self.hosts.get(name)?;
        Some((Arc::clone(name), host.free_at(self.gap)))
    }

    /// Returns the hosts that refused, or are in trouble, and are let rest, each with until when.
    pub fn resting(&self, now: Timestamp) -> BTreeMap<&str, Timestamp> {
        let hosts = self.hosts.iter();
        let rests = hosts.filter_map(|(name, host)| Some((&**name, host.rests_until()?)));
        rests.filter(|(_, until)| *until > now).collect()
    }

    /// Returns the feeds whose home is one of these, each with until when.
    pub fn at_rest(&self, now: Timestamp) -> Vec<(usize, Timestamp)> {
        let rests = self.resting(now);
        if rests.is_empty() {
            return Vec::new();
        }
        let feeds = self.feeds.iter().enumerate();
        let at_rest = feeds.filter_map(|(feed, it)| Some((feed, *rests.get(&*it.home)?)));
        at_rest.collect()
    }

    /// Returns how many feeds wait that are due by `instant`.
    pub fn due_by(&self, instant: Timestamp) -> usize {
        let due = self.due.iter().take_while(|(at, _)| *at <= instant).count();
        due + self.queued
    }

    /// Returns the feeds that are due and held back by their hosts, with these, and until when they are
    /// at least, host by host.
    pub fn waiting(&self) -> Vec<(usize, Arc<str>, Timestamp)> {
        let hosts = self.hosts.iter();
        let waiting = hosts.flat_map(|(name, host)| {
            let free_at = host.free_at(self.gap);
            let feeds = host.waiting();
            feeds.map(move |feed| (feed, Arc::clone(name), free_at))
        });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_by(|(_, one, _), (_, other, _)| one.cmp(other));
        waiting
    }

    /// Tells when the next feed that is due, but held back by its host, may go.
    pub fn held_until(&self) -> Option<Timestamp> {
        self.ready.first().map(|(at, ..)| *at)
    }

    /// Takes out a feed to ask for now: due by `due_by`, its host idle and rested at `now`.
    ///
    /// Its host is busy until [`Self::finish`].
    pub fn take(&mut self, due_by: Timestamp, now: Timestamp) -> Option<Turn> {
        self.sweep(now);
        self.queue_due(due_by.min(now));
        let (_, _, name) = self.ready.first().filter(|(at, ..)| *at <= now).cloned()?;
        let feed = self.hosts.get_mut(&name)?.take()?;
        self.asked(feed, name, now)
    }

    /// Takes out one feed to ask for now, due or not, ahead of all who wait: its host is idle and rested at `now`.
    ///
    /// Its host is busy until [`Self::finish`].
    pub fn take_out(&mut self, feed: usize, now: Timestamp) -> Option<Turn> {
        let (name, _) = self.chance_of(feed).filter(|(_, at)| *at <= now)?;
        self.withdraw(feed);
        let host = self.hosts.entry(Arc::clone(&name)).or_default();
        host.busy = Some(feed);
        self.asked(feed, name, now)
    }

    /// Notes that a host is asked for a feed, by which it is busy.
    fn asked(&mut self, feed: usize, name: Arc<str>, now: Timestamp) -> Option<Turn> {
        let crowded = self.hosts.get(&name)?.is_crowded(feed, now);
        self.refresh(&name);
        self.place(feed, Place::Asked(Arc::clone(&name)));
        Some(Turn {
            feed,
            host: name,
            crowded,
        })
    }

    /// Returns whom [`Self::take_out`] would have asked for a feed, and from when on; `None` where the feed does not wait
    /// here, or its host is busy.
    pub fn chance_of(&self, feed: usize) -> Option<(Arc<str>, Timestamp)> {
        let waiting = self.feeds.get(feed)?;
        let name = match &waiting.place {
            Place::Due(_) => &waiting.home,
            Place::Waiting(name) => name,
            Place::Away | Place::Asked(_) => return None,
        };
        let free_at = match self.hosts.get(name) {
            Some(host) if host.busy.is_some() => return None,
            Some(host) => host.free_at(self.gap),
            None => Timestamp::MIN,
        };
        Some((Arc::clone(name), free_at))
    }

    /// Says that `feed` is being polled already, by a poll that this agenda did not start: its host is
    /// busy until [`Self::finish`].
    pub fn occupy(&mut self, feed: usize, authority: &str) {
        self.withdraw(feed);
        self.release(feed);
        let name = self.name(authority);
        let host = self.hosts.entry(Arc::clone(&name)).or_default();
        if let Some(other) = host.busy.replace(feed) {
            self.place(other, Place::Away);
        }
        self.refresh(&name);
        self.place(feed, Place::Asked(name));
    }

    /// Says that the request for `feed` is over at `now`; its host rests from then on. Returns the host
    /// and what is to be remembered of it, where that changed.
    ///
    /// Of a feed that is not being asked for, it says nothing.
    pub fn finish(
        &mut self,
        feed: usize,
        end: End,
        now: Timestamp,
    ) -> Option<(Arc<str>, Option<HostPace>)> {
        let Place::Asked(name) = self.place_of(feed) else {
            return None;
        };
        self.place(feed, Place::Away);
        let gap = self.gap;
        let host = self.hosts.get_mut(&name)?;
        let before = host.pace;
        host.finish(feed, end, gap, now);
        let pace = host.pace;
        self.refresh(&name);
        (pace != before).then_some((name, pace))
    }

    /// Moves every instant by `span`: the clock was set, and as much real time is left as before. Feeds
    /// that go by the clock on the wall are due when `on_the_wall` says, given when they would be.
    pub fn shift(
        &mut self,
        span: SignedDuration,
        on_the_wall: &dyn Fn(usize, Timestamp) -> Option<Timestamp>,
    ) {
        let moved = |at: Timestamp| at.saturating_add(span).unwrap_or(at);
        for (at, feed) in std::mem::take(&mut self.due) {
            let at = moved(at);
            let at = on_the_wall(feed, at).unwrap_or(at);
            self.place(feed, Place::Due(at));
        }
        let names: Vec<Arc<str>> = self.hosts.keys().cloned().collect();
        for name in names {
            if let Some(host) = self.hosts.get_mut(&name) {
                host.shift(&moved);
            }
            self.refresh(&name);
        }
    }

    /// Moves what is due to the queues of the hosts, as [`Self::take`] does: until then [`Self::next_at`] does not know when these
    /// are free.
    pub fn queue_due(&mut self, due_by: Timestamp) {
        while let Some((at, feed)) = self.due.first().copied().filter(|(at, _)| *at <= due_by) {
            self.due.pop_first();
            if let Some(home) = self.feeds.get(feed).map(|feed| Arc::clone(&feed.home)) {
                self.queue((at, feed), home, false);
            }
        }
    }

    /// Lets a feed that is nowhere wait for a host. Nobody waits who has no number here.
    fn queue(&mut self, waiter: (Timestamp, usize), name: Arc<str>, is_led: bool) {
        let (_, feed) = waiter;
        if feed < self.feeds.len() {
            let host = self.hosts.entry(Arc::clone(&name)).or_default();
            host.push(waiter, is_led);
            self.refresh(&name);
            self.place(feed, Place::Waiting(name));
        }
    }

    /// Frees the host that is being asked for a feed, as if it had not been.
    fn release(&mut self, feed: usize) {
        if let Place::Asked(name) = self.place_of(feed) {
            if let Some(host) = self.hosts.get_mut(&name) {
                host.busy = None;
            }
            self.place(feed, Place::Away);
            self.refresh(&name);
        }
    }

    fn place_of(&self, feed: usize) -> Place {
        let feed = self.feeds.get(feed);
        feed.map_or(Place::Away, |feed| feed.place.clone())
    }

    /// Notes where a feed is, among the due ones as well if it is there.
    fn place(&mut self, number: usize, place: Place) {
        if let Some(feed) = self.feeds.get_mut(number) {
            if let Place::Due(at) = &place {
                self.due.insert((*at, number));
            }
            let is_queued = |place: &Place| usize::from(matches!(place, Place::Waiting(_)));
            self.queued = (self.queued + is_queued(&place)).saturating_sub(is_queued(&feed.place));
            feed.place = place;
        }
    }

    /// Returns the name of a host, shared where it is known.
    fn name(&self, authority: &str) -> Arc<str> {
        let known = self.hosts.get_key_value(authority);
        known.map_or_else(|| authority.into(), |(name, _)| Arc::clone(name))
    }

    /// Sees to it that a host stands among the ready ones as it should: while it is idle and somebody
    /// waits for it.
    fn refresh(&mut self, name: &Arc<str>) {
        let gap = self.gap;
        let Some(host) = self.hosts.get_mut(name) else {
            return;
        };
        let next = host.next(gap);
        let before = std::mem::replace(&mut host.ready, next);
        if before == next {
            return;
        }
        if let Some((at, feed)) = before {
            self.ready.remove(&(at, feed, Arc::clone(name)));
        }
        if let Some((at, feed)) = next {
            self.ready.insert((at, feed, Arc::clone(name)));
        }
    }

    /// Forgets hosts of which nothing is to be remembered, when there are many: of those that stay, as
    /// many again may come before it looks anew.
    fn sweep(&mut self, now: Timestamp) {
        let bound = self.feeds.len().saturating_add(STRANGERS);
        if self.hosts.len() > self.sweep_above.max(bound) {
            let gap = self.gap;
            self.hosts.retain(|_, host| !host.is_blank(gap, now));
            self.sweep_above = self.hosts.len().saturating_mul(2);
        }
    }
}
