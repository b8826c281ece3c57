//! Who is to be asked next: feeds in order of their due instants, one request at a time per host.
//!
//! Knows feeds as numbers and hosts by their authority, and reads no clock. A host that is busy, or that
//! was asked less than its gap ago, holds back its own feeds and nobody else's (P32). A host that
//! refused is left alone and asked more slowly, whichever of its feeds it refused (P18).
//!
//! A poll that is redirected to another host goes on as that host's next request ([`Agenda::go_on`]):
//! while it waits there, it keeps the first host from nobody.

use super::backoff::THROTTLED;
use super::pace::{self, Refusal};
use crate::model::HostPace;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Requests to a host this close together may be too many for it; what lies further apart is not what a
/// refusal is about.
const CROWD: Duration = Duration::from_hours(1);

/// Hosts that only redirects led to are forgotten when so many more are known than feeds have.
const STRANGERS: usize = 1024;

/// A ready host: when it is free, the feed that waits first, its name.
type Ready = (Timestamp, usize, Arc<str>);

/// A host: what is under way there, and what waits.
#[derive(Clone, Debug, Default)]
struct Host {
    /// The feed that it is being asked for.
    busy: Option<usize>,
    /// When its last request ended.
    asked_at: Option<Timestamp>,
    /// The feed of that request.
    asked_for: Option<usize>,
    /// When it last answered without refusing.
    answered_at: Option<Timestamp>,
    /// What it wants, where it refused.
    pace: Option<HostPace>,
    /// Its feeds that are due, in order of arrival, and since when.
    waiting: VecDeque<(Timestamp, usize)>,
    /// When the first of them may go, and which it is; set while it stands in the set of ready hosts.
    ready: Option<(Timestamp, usize)>,
}

impl Host {
    fn gap(&self, least: Duration) -> Duration {
        self.pace.map_or(least, |pace| pace.gap.max(least))
    }

    /// Returns when it may be asked again, as far as it alone is concerned.
    fn free_at(&self, gap: Duration) -> Timestamp {
        let rested = self
            .asked_at
            .map_or(Timestamp::MIN, |at| later(at, self.gap(gap)));
        let until = self.pace.and_then(|pace| pace.rests_until);
        rested.max(until.unwrap_or(Timestamp::MIN))
    }

    fn shift(&mut self, moved: &dyn Fn(Timestamp) -> Timestamp) {
        self.asked_at = self.asked_at.map(moved);
        self.answered_at = self.answered_at.map(moved);
        self.ready = self.ready.map(|(at, feed)| (moved(at), feed));
        for (at, _) in &mut self.waiting {
            *at = moved(*at);
        }
        if let Some(pace) = &mut self.pace {
            pace.rests_until = pace.rests_until.map(moved);
            pace.refused_at = moved(pace.refused_at);
        }
    }

    /// Tells whether nothing would be lost with it.
    fn is_blank(&self, gap: Duration, now: Timestamp) -> bool {
        self.busy.is_none()
            && self.waiting.is_empty()
            && self.pace.is_none()
            && self.free_at(gap) <= now
    }
}

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

/// How a request ended, as far as its host's pace depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With an answer.
    Answered,
    /// With a refusal.
    Refused(Refusal),
    /// With nothing, or with nothing that says anything of the host.
    Nothing,
}

/// The feeds that wait for their polls.
#[derive(Debug, Default)]
pub struct Agenda {
    /// The host of each feed's own address.
    host_of: Vec<Arc<str>>,
    /// Hosts that redirects led polls to, where these wait or are under way.
    elsewhere: BTreeMap<usize, Arc<str>>,
    hosts: BTreeMap<Arc<str>, Host>,
    /// Least pause between two requests to a host.
    gap: Duration,
    due: BTreeSet<(Timestamp, usize)>,
    /// Idle hosts that feeds wait for, by when they are free and then by the feed that waits first: those
    /// that stand together in the file are asked, and stored, together.
    ready: BTreeSet<Ready>,
}

impl Agenda {
    /// Starts empty, for feeds numbered by their place in `host_of`, with a least pause of `gap` between
    /// the end of a request to a host and the start of the next.
    pub fn new(host_of: Vec<Arc<str>>, gap: Duration) -> Self {
        Self {
            host_of,
            gap,
            ..Self::default()
        }
    }

    /// Takes over what is known of hosts from an agenda that ends: no host is asked sooner for it.
    ///
    /// What was under way is so no more: [`Self::occupy`] says what still is.
    pub fn succeed(&mut self, before: &Self) {
        self.hosts = before.hosts.clone();
        for host in self.hosts.values_mut() {
            host.busy = None;
            host.asked_for = None;
            host.waiting.clear();
            host.ready = None;
        }
    }

    /// Says what is known from earlier of a host that refused. A rest that ends further from `now` than
    /// any that is granted comes of a clock that jumped.
    pub fn remember(&mut self, authority: &str, pace: HostPace, now: Timestamp) {
        let furthest = later(now, THROTTLED);
        let pace = HostPace {
            rests_until: pace.rests_until.map(|until| until.min(furthest)),
            ..pace
        };
        self.hosts.entry(authority.into()).or_default().pace = Some(pace);
    }

    /// Enters a feed that is not in the agenda and not being polled.
    pub fn put(&mut self, feed: usize, due_at: Timestamp) {
        self.elsewhere.remove(&feed);
        self.due.insert((due_at, feed));
    }

    /// Enters a feed whose poll is under way and leads to `authority`: it is the next there.
    pub fn go_on(&mut self, feed: usize, authority: &str, now: Timestamp) {
        let host: Arc<str> = authority.into();
        self.elsewhere.insert(feed, Arc::clone(&host));
        self.sweep(now);
        let entry = self.hosts.entry(Arc::clone(&host)).or_default();
        entry.waiting.push_front((now, feed));
        if let Some((at, first)) = entry.ready.take() {
            self.ready.remove(&(at, first, Arc::clone(&host)));
        }
        self.make_ready(&host);
    }

    /// Says that `feed`, whose turn it is, is to be had at another host than its own address names: it
    /// waits there, and the host that was kept for it is free as if it had not been.
    pub fn divert(&mut self, turn: &Turn, authority: &str, now: Timestamp) {
        if let Some(host) = self.hosts.get_mut(&turn.host) {
            host.busy = None;
        }
        self.make_ready(&turn.host);
        self.go_on(turn.feed, authority, now);
    }

    /// Returns the earliest instant at which [`Self::take`] may yield a feed.
    ///
    /// A feed whose host is busy does not count: its turn comes with [`Self::finish`].
    pub fn next_at(&self) -> Option<Timestamp> {
        let due = self.due.first().map(|(at, _)| *at);
        due.into_iter().chain(self.held_until()).min()
    }

    /// Returns when a feed is due that waits here.
    pub fn due_at(&self, feed: usize) -> Option<Timestamp> {
        let waiting = self.hosts.values().flat_map(|host| host.waiting.iter());
        self.due
            .iter()
            .chain(waiting)
            .find(|(_, it)| *it == feed)
            .map(|(at, _)| *at)
    }
    /// Lets a feed wait at another host, from when it is put the next time.
    pub fn rehost(&mut self, feed: usize, authority: &str) {
        if let Some(host) = self.host_of.get_mut(feed) {
            *host = authority.into();
        }
    }
    /// Takes a feed out, wherever it waits.
    pub fn withdraw(&mut self, _feed: usize) {}

    /// Returns how many feeds wait that are due by `instant`.
    pub fn due_by(&self, instant: Timestamp) -> usize {
        let due = self.due.iter().take_while(|(at, _)| *at <= instant).count();
        due + self
            .hosts
            .values()
            .map(|host| host.waiting.len())
            .sum::<usize>()
    }

    /// Returns the feeds that are due and held back by their hosts, with these, and until when they are
    /// at least.
    pub fn waiting(&self) -> Vec<(usize, Arc<str>, Timestamp)> {
        let hosts = self.hosts.iter();
        let waiting = hosts.flat_map(|(name, host)| {
            let free_at = host.free_at(self.gap);
            let feeds = host.waiting.iter();
            feeds.map(move |(_, feed)| (*feed, Arc::clone(name), free_at))
        });
        waiting.collect()
    }

    /// Tells when the next feed that is due, but held back by its host, may go.
    pub fn held_until(&self) -> Option<Timestamp> {
        self.ready.first().map(|(at, ..)| *at)
    }

    /// Takes out a feed to ask for now: due by `due_by`, its host idle and rested at `now`.
    ///
    /// Its host is busy until [`Self::finish`].
    pub fn take(&mut self, due_by: Timestamp, now: Timestamp) -> Option<Turn> {
        self.queue_due(due_by);
        let (at, _, name) = self.ready.first().cloned()?;
        if at > now {
            return None;
        }
        self.ready.pop_first();
        let host = self.hosts.get_mut(&name)?;
        host.ready = None;
        let (_, feed) = host.waiting.pop_front()?;
        host.busy = Some(feed);
        let by_another = host.asked_for.is_some_and(|last| last != feed);
        let lately = host.asked_at.is_some_and(|at| now < later(at, CROWD));
        Some(Turn {
            feed,
            host: name,
            crowded: by_another && lately,
        })
    }

    /// Says that `feed` is being polled already, by a poll that this agenda did not start: its host is
    /// busy until [`Self::finish`].
    pub fn occupy(&mut self, feed: usize, authority: &str) {
        let host: Arc<str> = authority.into();
        if self.host_of.get(feed).is_some_and(|own| *own != host) {
            self.elsewhere.insert(feed, Arc::clone(&host));
        }
        let entry = self.hosts.entry(Arc::clone(&host)).or_default();
        entry.busy = Some(feed);
        if let Some((at, first)) = entry.ready.take() {
            self.ready.remove(&(at, first, host));
        }
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
        let name = self
            .elsewhere
            .remove(&feed)
            .or_else(|| self.host_of.get(feed).cloned())?;
        let gap = self.gap;
        let host = self
            .hosts
            .get_mut(&name)
            .filter(|host| host.busy == Some(feed))?;
        host.busy = None;
        let before = host.pace;
        match end {
            End::Answered => {
                host.answered_at = Some(now);
                host.pace.take_if(|pace| pace::is_forgiven(pace, now));
            }
            End::Refused(refusal) => {
                let since_answer = host.answered_at.map(|at| now.duration_since(at));
                let since_answer = since_answer.and_then(|it| Duration::try_from(it).ok());
                host.pace = Some(pace::refused(refusal, host.gap(gap), since_answer, now));
            }
            End::Nothing => {}
        }
        host.asked_at = Some(now);
        host.asked_for = Some(feed);
        let pace = host.pace;
        self.make_ready(&name);
        (pace != before).then_some((name, pace))
    }

    /// Moves every instant by `span`: the clock was set, and as much real time is left as before. Feeds
    /// that go by the clock on the wall are due when `on_the_wall` says.
    pub fn shift(
        &mut self,
        span: SignedDuration,
        on_the_wall: &dyn Fn(usize, Timestamp) -> Option<Timestamp>,
    ) {
        let moved = |at: Timestamp| at.saturating_add(span).unwrap_or(at);
        let due = self.due.iter();
        let due = due.map(|(at, feed)| {
            (
                on_the_wall(*feed, moved(*at)).unwrap_or_else(|| moved(*at)),
                *feed,
            )
        });
        self.due = due.collect();
        for host in self.hosts.values_mut() {
            host.shift(&moved);
        }
        let ready = self.ready.iter();
        let ready = ready.map(|(at, feed, host)| (moved(*at), *feed, Arc::clone(host)));
        self.ready = ready.collect();
    }

    /// Moves what is due to the queues of the hosts.
    fn queue_due(&mut self, due_by: Timestamp) {
        while let Some((at, feed)) = self.due.first().copied() {
            if at > due_by {
                break;
            }
            self.due.pop_first();
            let Some(name) = self.host_of.get(feed).cloned() else {
                continue;
            };
            let host = self.hosts.entry(Arc::clone(&name)).or_default();
            host.waiting.push_back((at, feed));
            self.make_ready(&name);
        }
    }

    /// Enters a host among the ready ones, if it is idle and somebody waits for it.
    fn make_ready(&mut self, name: &Arc<str>) {
        let gap = self.gap;
        let Some(host) = self.hosts.get_mut(name) else {
            return;
        };
        let Some((due_at, feed)) = host.waiting.front().copied() else {
            return;
        };
        if host.busy.is_none() && host.ready.is_none() {
            let at = host.free_at(gap).max(due_at);
            host.ready = Some((at, feed));
            self.ready.insert((at, feed, Arc::clone(name)));
        }
    }

    /// Forgets hosts of which nothing is to be remembered, when there are many.
    fn sweep(&mut self, now: Timestamp) {
        if self.hosts.len() > self.host_of.len() + STRANGERS {
            let gap = self.gap;
            self.hosts.retain(|_, host| !host.is_blank(gap, now));
        }
    }
}

fn later(at: Timestamp, span: Duration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
