//! Polls that reached nobody: whose fault that is, and the clock that was set.

use super::leg::Ended;
use super::{Daemon, Polling};
use crate::model::PollRecord;
use crate::schedule::{Doubt, Network, Schedule};
use jiff::{SignedDuration, Timestamp};
use std::mem;
use std::sync::Arc;

/// A clock that differs by more than this from what passed was set; less is a correction of its pace.
const CLOCK_SET: SignedDuration = SignedDuration::from_mins(1);

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
            Doubt::Open => self.doubts.push(record),
            Doubt::Down => {
                self.doubts.push(record);
                self.went_down(was_down);
            }
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
            self.doubts.clear();
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
        let store = async move { Some(Ended::Polled(Box::new(spine.store(record).await))) };
        let abort = self.polls.spawn(store);
        let began = None;
        self.polling
            .insert(abort.id(), Polling { feed, abort, began });
    }

    /// Returns when it is known at the latest what becomes of the first poll in doubt.
    pub(super) fn doubt_ends_at(&self) -> Option<Timestamp> {
        let doubts = self.doubts.iter();
        let doubts = doubts.map(|record| Network::counts_at(record.at));
        doubts.chain(self.network.settled_at()).min()
    }

    /// Looks whether the clock was set since it was looked at last: then as much real time is left until
    /// each poll as before, whatever the clock says, and only cron lines go by it (R7).
    pub(super) fn heed_clock(&mut self) {
        let (now, uptime) = (self.clock.now(), self.clock.uptime());
        let (then, uptime_then) = mem::replace(&mut self.looked_at, (now, uptime));
        let passed = SignedDuration::try_from(uptime.saturating_sub(uptime_then));
        let set_by = now.duration_since(then) - passed.unwrap_or_default();
        if set_by.abs() <= CLOCK_SET {
            return;
        }
        tracing::warn!("the clock was set by {set_by:#}: feeds are polled as if it had not been");
        let active = Arc::clone(&self.active);
        let moved = |at: Timestamp| at.saturating_add(set_by).unwrap_or(at);
        self.agenda.shift(set_by, &|number, moved_at| {
            let Schedule::Cron(line) = &active.feed(number)?.policy.schedule else {
                return None;
            };
            let due_at = moved_at.saturating_sub(set_by).ok()?;
            // What was put off for another reason than its line comes no sooner for it.
            if line.next_after(then) == Some(due_at) {
                line.next_after(now)
            } else {
                line.first_from(moved_at)
            }
        });
        self.network.shift(set_by);
        for record in &mut self.doubts {
            record.at = moved(record.at);
            let state = &mut record.state;
            for at in [
                &mut state.next_due_at,
                &mut state.last_poll_at,
                &mut state.retry_after_at,
            ] {
                *at = at.map(moved);
            }
        }
        self.probe_from = moved(self.probe_from);
        self.chores.shift(set_by);
        if let Some(until) = &mut self.store_rests_until {
            *until = until.saturating_add(set_by).unwrap_or(now);
        }
    }
}
