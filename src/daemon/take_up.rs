//! Putting a configuration in force: at the start, and at a reload while polls are under way.

use super::active::Active;
use super::ahead::Ahead;
use super::figures::Row;
use super::leg::Leg;
use super::{Daemon, Polling, moved};
use crate::config::{self, FeedSettings};
use crate::model::{FeedId, FeedState, Health, LastPoll, Outlet};
use crate::schedule::{self, Agenda, End};
use crate::store::StoreError;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;
use tokio::task;

/// Returns when a feed is due by what is stored of it and of its last poll, as far as that is known.
fn stored_due_at(
    feed: &FeedSettings,
    (state, last): (&FeedState, Option<&LastPoll>),
    now: Timestamp,
) -> Option<Timestamp> {
    let due_at = match last {
        Some(last) if last.is_of_proxy() => schedule::due_after_proxy,
        Some(last) if last.was_crowded() => schedule::due_after_crowd,
        _ => schedule::due_at,
    };
    due_at(state, &feed.policy, feed.id.as_str(), now)
}

impl Daemon {
    /// Puts a configuration in force: tells the store of its feeds and enters them in a new agenda.
    ///
    /// Polls of feeds that stay as they are go on; the others are dropped, before the store forgets what
    /// they were about. On a failure the old configuration and agenda stay, with the dropped feeds due.
    pub(super) async fn take_up(&mut self, active: Arc<Active>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let dropped = self.drop_polls(&active).await;
        self.leave_dropped(&dropped, &active);
        // What is stored may change now, of any feed.
        self.ahead.clear();
        // It goes on where it was, unless other rules are wanted now.
        self.chores.relabelling.shutdown().await;
        self.chores.rules_are_due = true;
        let taken_up = self.agenda_of(&active, now).await;
        if taken_up.is_err() {
            for feed in dropped {
                self.reschedule(&feed, Some(now));
            }
        }
        let (mut agenda, ahead, failing, rows) = taken_up?;
        let parked = mem::take(&mut self.parked).into_iter();
        let parked =
            parked.filter_map(|(number, leg)| Some((self.active.feed(number)?.id.clone(), leg)));
        let parked: Vec<(FeedId, Leg)> = parked.collect();
        for (number, leg) in parked
            .into_iter()
            .filter_map(|(id, leg)| Some((active.number(&id)?, leg)))
        {
            agenda.go_on(number, &leg.authority(), now);
            self.parked.insert(number, leg);
        }
        (self.agenda, self.ahead, self.failing) = (agenda, ahead, failing);
        self.chores.choose_leads();
        let hosts = active.hosts(&|_| true);
        self.network
            .set_hosts(hosts.len(), &|host| hosts.contains(host));
        self.network.set_well(self.well_hosts(&active));
        self.figures.take_up(rows, &active.config);
        let identity = self.store.identity().as_ref().clone();
        self.transitions.take_up(Arc::clone(&active), identity);
        self.forget_told(&active);
        self.forget_proxies(&active);
        let before = mem::replace(&mut self.active, active);
        self.rests_changed = true;
        self.enter_chosen(now);
        // The status is told before anything is polled.
        self.agenda.queue_due(now);
        self.try_what_is_new(&before);
        Ok(())
    }

    /// Makes the agenda of a configuration, reads states ahead, and tells which of its feeds fail.
    async fn agenda_of(
        &self,
        active: &Arc<Active>,
        now: Timestamp,
    ) -> Result<(Agenda, Ahead, BTreeMap<FeedId, Health>, Vec<Row>), StoreError> {
        self.store.set_feeds(Arc::clone(active), now).await?;
        self.store.want_rules(Arc::clone(&active.rules)).await?;
        let under_way = self.under_way();
        let mut agenda = active.agenda();
        agenda.succeed(&self.agenda, &|before| {
            let feed = self.active.feed(before)?;
            active.number(&feed.id)
        });
        let mut ahead = Ahead::default();
        let mut failing = BTreeMap::new();
        let mut rows = Vec::with_capacity(active.config.feeds.len());
        let last_polls = self.store.last_polls()?;
        let mut anew = Vec::new();
        self.each_state(active, &mut |number, feed, mut state| {
            let last = last_polls.get(&feed.id);
            let host = under_way.get(&feed.id);
            if let Some(Some(host)) = host {
                agenda.occupy(number, host);
            }
            let networks = feed
                .target
                .route
                .networks(&active.config.fetch.allow_networks);
            let was_blocked = last.is_some_and(LastPoll::was_blocked);
            let in_doubt_at = self.in_doubt_until(feed);
            let is_let_in = was_blocked
                && in_doubt_at.is_none()
                && config::lets_in(networks, &state.last_error);
            let running = self.running_due_at(feed).filter(|_| !is_let_in);
            let running = running.or(in_doubt_at);
            let due_at = match running {
                None if is_let_in => Some(schedule::due_as_let_in(&state, now)),
                None => stored_due_at(feed, (&state, last), now),
                due_at => due_at,
            };
            // What runs knows when it is due, and what is under way says so when it ends.
            let is_decided = feed.enabled && running.is_none() && host.is_none();
            let next = schedule::decided_anew(&state, due_at, &feed.policy, now);
            if let Some((at, reason)) = next.filter(|_| is_decided) {
                anew.push((feed.id.clone(), at, reason.clone()));
                (state.next_due_at, state.due_reason) = (at, reason);
            }
            rows.push(Row::new(feed, &state, last));
            if let Some(adopted) = moved::authority(&state) {
                agenda.rehost(number, &adopted);
            }
            if let Some(asked_at) = state.last_poll_at {
                agenda.recall(number, asked_at, now);
            }
            if let Some(due_at) = due_at.filter(|_| feed.enabled && host.is_none()) {
                agenda.put(number, due_at);
            }
            if feed.enabled && matches!(state.health, Health::Failing | Health::Gone) {
                failing.insert(feed.id.clone(), state.health);
            }
            if host.is_none() {
                ahead.keep(number, state);
            }
        })?;
        self.store.decide_anew(anew).await?;
        Ok((agenda, ahead, failing, rows))
    }

    /// Hands the state of each configured feed to `each`, with its number.
    pub(super) fn each_state(
        &self,
        active: &Active,
        each: &mut dyn FnMut(usize, &FeedSettings, FeedState),
    ) -> Result<(), StoreError> {
        self.store.each_feed_state(&mut |id, state| {
            let number = active.number(&id);
            if let Some((number, feed)) = number.and_then(|it| Some((it, active.feed(it)?))) {
                each(number, feed, state);
            }
        })
    }

    /// Returns when a feed in doubt is asked again: what changed of it changes nothing of that, or it were not in doubt any more.
    fn in_doubt_until(&self, feed: &FeedSettings) -> Option<Timestamp> {
        let number = self.active.number(&feed.id)?;
        let is_in_doubt = self.doubts.contains_key(&feed.id);
        self.agenda.due_at(number).filter(|_| is_in_doubt)
    }

    /// Returns when a feed is due by the agenda that runs, if nothing about the feed changed: that knows
    /// more than what is stored, such as that the clock was set since (R7).
    fn running_due_at(&self, feed: &FeedSettings) -> Option<Timestamp> {
        let number = self.active.number(&feed.id)?;
        let due_at = self.agenda.due_at(number)?;
        (self.active.feed(number)? == feed).then_some(due_at)
    }

    /// Returns the feeds whose polls have begun and not ended, each with the host that it is asked of
    /// right now, if it is.
    fn under_way(&self) -> BTreeMap<FeedId, Option<Arc<str>>> {
        let polling = self.polling.values();
        let polling = polling.map(|poll| (poll.feed.clone(), poll.host.clone()));
        let parked = self
            .parked
            .keys()
            .filter_map(|number| self.active.feed(*number));
        polling
            .chain(parked.map(|feed| (feed.id.clone(), None)))
            .collect()
    }

    /// Drops the polls of feeds that are not the same in another configuration, waits until they are
    /// gone, and returns the feeds.
    async fn drop_polls(&mut self, active: &Active) -> Vec<FeedId> {
        let is_same = |feed: &FeedId| {
            // What readers are shown of it changes nothing of what is asked.
            let settings = |active: &Active| {
                let mut feed = active.feed(active.number(feed)?)?.clone();
                feed.title = None;
                feed.outlet = Outlet::default();
                Some(feed)
            };
            settings(active).is_some_and(|feed| Some(feed) == settings(&self.active))
        };
        let changed = self.polling.iter().filter(|(_, poll)| !is_same(&poll.feed));
        let changed: Vec<task::Id> = changed.map(|(task, _)| *task).collect();
        let waiting = self
            .parked
            .keys()
            .filter_map(|number| self.active.feed(*number));
        // What waits would go on by the old settings, for hours where its host rests.
        let asks_alike = active.config.fetch == self.active.config.fetch;
        let unasked = self.doubts.iter().filter(|(_, it)| !it.is_asked);
        let unasked = unasked.map(|(feed, _)| feed);
        let gone: BTreeSet<FeedId> = waiting
            .map(|feed| &feed.id)
            .chain(unasked)
            .filter(|feed| !asks_alike || !is_same(feed))
            .chain(self.wanted.chosen().filter(|feed| !is_same(feed)))
            .cloned()
            .collect();
        self.doubts
            .retain(|feed, _| !gone.contains(feed) && is_same(feed));
        self.doubts_changed = true;
        for number in gone.iter().filter_map(|feed| self.active.number(feed)) {
            self.parked.remove(&number);
            self.agenda.withdraw(number);
        }
        let dropped = changed.iter().filter_map(|task| self.polling.remove(task));
        let dropped: Vec<Polling> = dropped.collect();
        let now = self.clock.now();
        for poll in &dropped {
            poll.abort.abort();
            while !poll.abort.is_finished() {
                task::yield_now().await;
            }
            if let (Some(number), Some(_)) = (self.active.number(&poll.feed), &poll.host) {
                self.agenda.finish(number, End::Nothing, now);
            }
        }
        // What they brought must not be stored over what their feeds are now.
        self.gather.flush().await;
        dropped
            .into_iter()
            .map(|poll| poll.feed)
            .chain(gone)
            .collect()
    }
}
