//! Polls that reached nobody, and whose fault that is.
//!
//! While the network is down the daemon by itself makes one attempt at a time, with a pause after each. What somebody asks
//! for is tried at once all the same, since that is what who mended the network does: what a command names, and of all
//! feeds, or of those that a reload brings, one at each of a few hosts. One answer has all the others go on. These attempts
//! change nothing of when the daemon makes its own, and one that reaches nobody is not counted against a feed either; nor is
//! its feed excused by it: it is as good evidence of the next outage as before.
//!
//! While it is not known whose fault it is, the feed is asked again soon; of one that was well nothing is counted before. What
//! its next poll comes to takes the place of what is in doubt; so while that is under way nothing is decided of it.

use super::active::Active;
use super::leg::Ended;
use super::orders::{MOST_TOLD, said};
use super::{Daemon, Polling, report};
use crate::control::InDoubt;
use crate::fetch;
use crate::model::{FeedId, PollRecord, Reached};
use crate::schedule::{self, Doubt, Turn};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;

mod doubtful;
#[cfg(test)]
mod tests;

pub(super) use doubtful::Doubtful;

/// What who waits for a poll is told then.
const NETWORK_DOWN: &str = "no host can be reached: the network of the daemon is down";

/// So many hosts are tried of many that are asked for: the first alone might be one that is dead.
const TRIED: usize = 5;

/// A feed that was well is asked once more before it fails, if that is within so long: who is away for a moment, as in a
/// restart, costs no whole pause. That of an hourly feed is an hour.
const SOON: SignedDuration = SignedDuration::from_mins(2);

/// A feed that may be tried while the network is down.
#[derive(Debug)]
struct Chance {
    feed: FeedId,
    host: Arc<str>,
    /// From when on its host may be asked.
    at: Timestamp,
    is_failing: bool,
    /// Whether it is on this machine or in a network of ours, as far as the configuration tells.
    is_near: bool,
}

/// Returns one feed at each of a few hosts: of those that did not fail before first, and of hosts that have rested. Who
/// is near proves no way to all others, and is passed over unless there is nobody else.
fn few(mut chances: Vec<Chance>) -> Vec<FeedId> {
    if chances.iter().any(|it| !it.is_near) {
        chances.retain(|it| !it.is_near);
    }
    chances.sort_by_key(|it| (it.is_failing, it.at));
    let mut hosts = BTreeSet::new();
    let first = chances
        .into_iter()
        .filter(|it| hosts.insert(Arc::clone(&it.host)));
    first.take(TRIED).map(|it| it.feed).collect()
}

impl Daemon {
    /// Has these feeds tried at once where the network is down.
    pub(super) fn try_all(&mut self, feeds: impl IntoIterator<Item = FeedId>) {
        if self.network.down_since().is_some() {
            self.tries.extend(feeds);
        }
    }

    /// Has one of these feeds at each of a few hosts tried at once where the network is down.
    pub(super) fn try_some(&mut self, feeds: &mut dyn Iterator<Item = &FeedId>) {
        // Of a hundred thousand feeds nobody goes through all for nothing.
        if self.network.down_since().is_none() {
            return;
        }
        let chances = feeds.filter_map(|feed| self.chance_of(feed));
        let tried = few(chances.collect());
        self.try_all(tried);
    }

    fn chance_of(&self, feed: &FeedId) -> Option<Chance> {
        let number = self.active.number(feed)?;
        let target = &self.active.feed(number)?.target;
        let networks = target.route.allow_networks.as_ref();
        let has_networks = networks.is_some_and(|it| !it.is_empty());
        let (host, at) = self.agenda.chance_of(number)?;
        Some(Chance {
            feed: feed.clone(),
            host,
            at,
            is_failing: self.failing.contains_key(feed),
            is_near: has_networks || !fetch::is_public(&target.url),
        })
    }

    /// Has some of the feeds tried that the configuration in force asks for and the one `before` did not, or not there.
    pub(super) fn try_what_is_new(&mut self, before: &Active) {
        let active = Arc::clone(&self.active);
        self.tries.retain(|feed| active.number(feed).is_some());
        self.forced.retain(|feed| active.number(feed).is_some());
        if self.network.down_since().is_none() {
            return;
        }
        let now = self.clock.now();
        let was_there = |number: usize| {
            let feed = active.feed(number)?;
            let before = before.feed(before.number(&feed.id)?)?;
            Some(before.enabled && before.target == feed.target)
        };
        let feeds = active.config.feeds.iter().enumerate();
        let new = feeds.filter(|(number, _)| {
            let is_due = self.agenda.due_at(*number).is_some_and(|at| at <= now);
            is_due && was_there(*number) != Some(true)
        });
        let new: Vec<FeedId> = new.map(|(_, feed)| feed.id.clone()).collect();
        self.try_some(&mut new.iter());
    }

    /// Takes out of the agenda what is to be tried although the network is down, and may be now.
    ///
    /// Whatever a poll comes to has to take its feed out of `tries`: one that stays would be tried again whenever its host
    /// has rested, due or not.
    pub(super) fn take_tries(&mut self, now: Timestamp) -> Vec<Turn> {
        let places = self.places();
        let numbers = self.tries.iter().filter_map(|it| self.active.number(it));
        let turns = numbers.filter_map(|number| self.agenda.take_out(number, now));
        turns.take(places).collect()
    }

    /// Returns when the next of them may be, now at the earliest: it is told as well.
    pub(super) fn next_try_at(&self) -> Option<Timestamp> {
        let numbers = self.tries.iter().filter_map(|it| self.active.number(it));
        let chances = numbers.filter_map(|number| self.agenda.chance_of(number));
        let first = chances.map(|(_, at)| at).min();
        first.map(|at| at.max(self.clock.now()))
    }

    /// Takes in that a feed could not be reached that was tried by somebody's wish: it stays due, as somebody asked for it.
    fn tried_in_vain(&mut self, record: &PollRecord) {
        let feed = &record.feed;
        self.reschedule(feed, Some(self.clock.now()));
        self.ask_once_more(feed, &|| report::unreached(record));
        self.force_again(feed);
    }

    /// Has everything of a feed fetched again by its next poll where that was wanted of the one that reached nobody.
    fn force_again(&mut self, feed: &FeedId) {
        if self.forced.remove(feed) {
            self.wanted.choose(feed, true);
        }
    }

    /// Takes in a poll that could not reach its host; `again`: the feed is asked again soon, while it is in doubt.
    ///
    /// A feed that failed before, or that an outage excused and that has not answered since, is no evidence
    /// of another.
    pub(super) fn doubt(&mut self, doubtful: Doubtful, again: bool) {
        let before = self.take_doubt(&doubtful.record.feed);
        let doubtful = doubtful.after(before);
        let record = &doubtful.record;
        if self.tries.remove(&record.feed) {
            return self.tried_in_vain(record);
        }
        let failed_before = self.failing.contains_key(&record.feed);
        let is_evidence = !failed_before && !self.excused.contains(&record.feed);
        let was_down = self.network.down_since().is_some();
        if is_evidence && self.network.is_of_few() {
            self.network.set_well(self.well_hosts(&self.active));
        }
        let (host, attempt) = (&doubtful.host, doubtful.last());
        let doubt = self.network.unreachable(host, is_evidence, attempt);
        if doubt == Doubt::Down {
            self.put_in_doubt(doubtful);
            return self.went_down(was_down);
        }
        let now = self.clock.now();
        let at = if self.wanted.is_chosen(&record.feed).is_some() {
            // As due as before, whatever becomes of the wish.
            Some(now)
        } else {
            self.due_again_at(&doubtful, now).filter(|_| again)
        };
        let is_put = self.reschedule(&record.feed, at);
        let is_wanted = self.ask_once_more(&record.feed, &|| report::doubted(record));
        // One that never answered is not known to be away for a moment only.
        let was_well = !failed_before && record.state.last_success_at.is_some();
        let is_first = doubtful.repeats == 0 && was_well;
        let is_soon = at.is_some_and(|at| at.duration_since(now) <= SOON);
        let waits = is_wanted || (is_first && is_put && is_soon);
        // Others may have answered since the first attempt.
        let counts = doubt == Doubt::Counts || self.network.counts(host, doubtful.first, now);
        if counts && !waits {
            return self.settle(doubtful);
        }
        let mut doubtful = doubtful;
        if waits {
            doubtful.wait(now);
        }
        self.put_in_doubt(doubtful);
    }

    /// Has a feed in doubt wait for the poll that somebody asked for, which is due at once.
    pub(super) fn await_wanted(&mut self, feed: &FeedId) {
        let now = self.clock.now();
        let doubtful = self.doubts.get_mut(feed).filter(|it| !it.is_asked);
        if let Some(doubtful) = doubtful {
            doubtful.wait(now);
            // As due as before, whatever becomes of the wish.
            self.reschedule(feed, Some(now));
        }
    }

    /// Returns when a feed in doubt is asked again.
    fn due_again_at(&self, doubtful: &Doubtful, now: Timestamp) -> Option<Timestamp> {
        let record = &doubtful.record;
        let feed = self.active.feed(self.active.number(&record.feed)?)?;
        schedule::due_in_doubt(&record.state, &feed.policy, doubtful.repeats, now)
    }

    /// Returns at how many hosts of a configuration a feed is evidence of an outage if it fails.
    pub(super) fn well_hosts(&self, active: &Active) -> usize {
        let is_well =
            |feed: &FeedId| !self.failing.contains_key(feed) && !self.excused.contains(feed);
        active.hosts(&is_well).len()
    }

    fn put_in_doubt(&mut self, doubtful: Doubtful) {
        self.doubts_changed = true;
        self.newest_doubt = Some(doubtful.record.feed.clone());
        self.doubts.insert(doubtful.record.feed.clone(), doubtful);
    }

    /// Returns since when the network is down, and when it is tried next; nothing where it works.
    pub(super) fn network_down(&self) -> Option<(Timestamp, Option<Timestamp>)> {
        let since = self.network.down_since()?;
        // While one is under way, its end tells.
        let next = self.next_due_at().filter(|_| self.polls.is_empty());
        Some((since, next))
    }

    /// Takes out the poll of a feed that is in doubt, if one is.
    pub(super) fn take_doubt(&mut self, feed: &FeedId) -> Option<Doubtful> {
        let doubtful = self.doubts.remove(feed);
        self.doubts_changed |= doubtful.is_some();
        doubtful
    }

    /// Says whether a poll of a feed is under way, by which what is in doubt of it is decided; tells whether anything is.
    pub(super) fn note_repeat(&mut self, feed: &FeedId, is_asked: bool) -> bool {
        let doubtful = self.doubts.get_mut(feed);
        let doubtful = doubtful.map(|it| it.is_asked = is_asked);
        self.doubts_changed |= doubtful.is_some();
        doubtful.is_some()
    }

    /// Returns the polls in doubt, as they are told: as many as an answer may hold.
    pub(super) fn in_doubt(&self) -> Vec<InDoubt> {
        let now = self.clock.now();
        let told = self.doubts.iter().take(MOST_TOLD).map(|(feed, doubtful)| {
            let number = self.active.number(feed);
            let due_at = number.and_then(|it| self.agenda.due_at(it));
            let next_poll = due_at.or(doubtful.is_asked.then_some(now));
            let record = &doubtful.record;
            InDoubt {
                feed: feed.to_string(),
                at: said(record.at),
                error: record.state.last_error.clone(),
                next_poll: next_poll.map(said).unwrap_or_default(),
            }
        });
        told.collect()
    }

    /// Hands the polls in doubt over to who tells of them, where others are in doubt than were told last: that is asked at each
    /// turn of the loop, and of a thousand each has words of its own.
    pub(super) fn tell_doubts(&mut self) {
        if mem::take(&mut self.doubts_changed) {
            self.figures.in_doubt(self.in_doubt());
        }
    }

    /// Looks whether polls in doubt count by now, or do not because the network is down.
    pub(super) fn look_at_doubts(&mut self) {
        let was_down = self.network.down_since().is_some();
        if !was_down && self.network.look(self.clock.now()) == Doubt::Down {
            self.went_down(was_down);
        }
        self.settle_what_counts();
    }

    /// Takes in that the network is down. What is asked for from now on is tried all the same.
    fn went_down(&mut self, was_down: bool) {
        let newest = self.newest_doubt.take();
        let newest = newest.and_then(|feed| self.doubts.get(&feed));
        if let Some(Doubtful { record, .. }) = newest.filter(|_| !was_down) {
            tracing::warn!(
                "no host can be reached: the network is down, polls are put off until one answers \
                 (feed {}: {})",
                record.feed,
                record.state.last_error
            );
        }
        self.drop_doubts();
        if !was_down {
            self.give_up_wanted(NETWORK_DOWN, true);
        }
    }

    /// Forgets the polls in doubt: their feeds are as due as before, and no worse for it.
    fn drop_doubts(&mut self) {
        let now = self.clock.now();
        self.doubts_changed = true;
        for (feed, doubtful) in mem::take(&mut self.doubts) {
            if !doubtful.is_asked {
                self.reschedule(&feed, Some(now));
                self.force_again(&feed);
            }
            self.excused.insert(feed);
        }
        let pause = self.network.probe_pause();
        self.probe_from = now.saturating_add(pause).unwrap_or(now);
    }

    /// Takes in when the host answered that was asked last, if it did.
    pub(super) fn host_answered(&mut self, reached: Option<Reached>) {
        let Some(mut reached) = reached else {
            return;
        };
        // The clock may have been set since.
        reached.at = reached.at.min(self.clock.now());
        if let Some(since) = self.network.answered(reached) {
            self.tries.clear();
            let since = since.strftime("%Y-%m-%d %H:%M UTC");
            tracing::info!("the network works again; it was down since {since}");
        }
        self.settle_what_counts();
    }

    /// Stores the polls in doubt that count by now.
    fn settle_what_counts(&mut self) {
        let (network, now) = (&self.network, self.clock.now());
        let counts = |_: &FeedId, it: &mut Doubtful| {
            !it.is_pending(now) && network.counts(&it.host, it.first, now)
        };
        let count: Vec<(FeedId, Doubtful)> = self.doubts.extract_if(.., counts).collect();
        for (_, doubtful) in count {
            self.settle(doubtful);
        }
    }

    /// Stores all polls in doubt, at the end of a round that nothing follows, unless it is the network that
    /// is down. Tells whether there are any to wait for.
    pub(super) fn settle_doubts(&mut self) -> bool {
        if self.network.is_suspected() {
            self.network.go_down(self.clock.now());
            return false;
        }
        let doubts = mem::take(&mut self.doubts);
        let any = !doubts.is_empty();
        for (_, doubtful) in doubts {
            self.settle(doubtful);
        }
        any
    }

    /// Stores a poll that is in doubt no more.
    fn settle(&mut self, doubtful: Doubtful) {
        self.doubts_changed = true;
        let Doubtful { record, host, .. } = doubtful;
        let feed = record.feed.clone();
        let number = self.active.number(&feed);
        let is_home = number.is_some_and(|number| self.agenda.is_home(number, &host));
        self.network.note_dead(&host, is_home);
        if let Some(number) = number {
            self.agenda.withdraw(number);
        }
        let spine = self.spine();
        let store = async move { Some(Ended::Polled(Box::new(spine.store(record, None).await))) };
        let abort = self.polls.spawn(store);
        let polling = Polling {
            feed,
            host: None,
            is_of_now: false,
            abort,
        };
        self.polling.insert(polling.abort.id(), polling);
    }

    /// Returns when it is known at the latest what becomes of the first poll in doubt.
    pub(super) fn doubt_ends_at(&self) -> Option<Timestamp> {
        let waiting = self.doubts.values().filter(|it| !it.is_asked);
        let counted = waiting.map(|it| {
            let counts_at = self.network.counts_at(&it.host, it.first);
            it.waits_until
                .map_or(counts_at, |until| until.max(counts_at))
        });
        counted.chain(self.network.settled_at()).min()
    }
}
