//! Polls that reached nobody, and whose fault that is.

use super::leg::Ended;
use super::{Daemon, Polling, report};
use crate::control::InDoubt;
use crate::model::PollRecord;
use crate::schedule::{Doubt, Network};
use jiff::Timestamp;
use std::mem;
use std::sync::Arc;

/// What who waits for a poll is told then.
const NETWORK_DOWN: &str = "no host can be reached: the network of the daemon is down";

impl Daemon {
    /// Takes in a poll that could not reach `host`.
    ///
    /// A feed that failed before, or that an outage excused and that has not answered since, is no evidence
    /// of another.
    pub(super) fn doubt(&mut self, record: PollRecord, host: &Arc<str>) {
        let failed_before = record.state.failures > 1;
        let is_evidence = !failed_before && !self.excused.contains(&record.feed);
        let was_down = self.network.down_since().is_some();
        match self
            .network
            .unreachable(host, is_evidence, self.clock.now())
        {
            Doubt::Counts => self.settle(record),
            Doubt::Open => {
                if self.wanted.is_chosen(&record.feed).is_some() {
                    // As due as before, whatever becomes of the wish.
                    self.reschedule(&record.feed, Some(self.clock.now()));
                }
                if !self.ask_once_more(&record.feed, &|| report::doubted(&record)) {
                    self.doubts.push(record);
                }
            }
            Doubt::Down => {
                self.doubts.push(record);
                self.went_down(was_down);
            }
        }
    }

    /// Returns since when the network is down, and when it is tried next; nothing where it works.
    pub(super) fn network_down(&self) -> Option<(Timestamp, Option<Timestamp>)> {
        let since = self.network.down_since()?;
        // While one is under way, its end tells.
        let next = self.next_due_at().filter(|_| self.polls.is_empty());
        Some((since, next))
    }

    /// Returns the polls in doubt, as they are told: as many as an answer may hold.
    pub(super) fn in_doubt(&self) -> Vec<InDoubt> {
        const MOST: usize = 1000;
        let told = self.doubts.iter().take(MOST).map(|record| InDoubt {
            feed: record.feed.to_string(),
            at: record.at.to_string(),
            error: record.state.last_error.clone(),
        });
        told.collect()
    }

    /// Looks whether polls in doubt count by now, or do not because the network is down.
    pub(super) fn look_at_doubts(&mut self) {
        let was_down = self.network.down_since().is_some();
        if !was_down && self.network.look(self.clock.now()) == Doubt::Down {
            self.went_down(was_down);
        }
        self.settle_what_counts();
    }

    /// Takes in that the network is down.
    fn went_down(&mut self, was_down: bool) {
        if let Some(record) = self.doubts.last().filter(|_| !was_down) {
            tracing::warn!(
                "no host can be reached: the network is down, polls are put off until one answers \
                 (feed {}: {})",
                record.feed,
                record.state.last_error
            );
        }
        self.drop_doubts();
        self.give_up_wanted(NETWORK_DOWN, true);
    }

    /// Forgets the polls in doubt: their feeds are as due as before, and no worse for it.
    fn drop_doubts(&mut self) {
        let now = self.clock.now();
        for record in mem::take(&mut self.doubts) {
            self.reschedule(&record.feed, Some(now));
            self.excused.insert(record.feed);
        }
        let pause = self.network.probe_pause();
        self.probe_from = now.saturating_add(pause).unwrap_or(now);
    }

    /// Takes in that a host answered a request that began at `began_at`.
    pub(super) fn host_answered(&mut self, began_at: Timestamp) {
        if let Some(since) = self.network.answered(began_at) {
            let since = since.strftime("%Y-%m-%d %H:%M UTC");
            tracing::info!("the network works again; it was down since {since}");
        }
        self.settle_what_counts();
    }

    /// Stores the polls in doubt that count by now.
    fn settle_what_counts(&mut self) {
        let now = self.clock.now();
        let doubts = mem::take(&mut self.doubts);
        let (count, open): (Vec<PollRecord>, Vec<PollRecord>) = doubts
            .into_iter()
            .partition(|it| self.network.counts(it.at, now));
        self.doubts = open;
        for record in count {
            self.settle(record);
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
        for record in doubts {
            self.settle(record);
        }
        any
    }

    /// Stores a poll that is in doubt no more.
    fn settle(&mut self, record: PollRecord) {
        let feed = record.feed.clone();
        let spine = self.spine();
        let store = async move { Some(Ended::Polled(Box::new(spine.store(record, None).await))) };
        let abort = self.polls.spawn(store);
        let polling = Polling {
            feed,
            began: None,
            is_of_now: false,
            abort,
        };
        self.polling.insert(polling.abort.id(), polling);
    }

    /// Returns when it is known at the latest what becomes of the first poll in doubt.
    pub(super) fn doubt_ends_at(&self) -> Option<Timestamp> {
        let doubts = self.doubts.iter();
        let doubts = doubts.map(|record| Network::counts_at(record.at));
        doubts.chain(self.network.settled_at()).min()
    }
}
