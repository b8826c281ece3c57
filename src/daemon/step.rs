//! One round: polls what is due or chosen.

use super::poll::{PollReport, STORE_RETRY, Spine};
use super::{Daemon, Polling};
use crate::model::{FeedId, FeedState, Health, Validators};
use crate::schedule::Agenda;
use crate::store::StoreError;
use jiff::Timestamp;
use std::sync::Arc;

/// Which feeds [`Daemon::poll_now`] polls.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// All enabled feeds, due or not.
    pub all: bool,
    /// These, due or not, enabled or not; names that the configuration lacks are ignored.
    pub feeds: Vec<FeedId>,
    /// Forget validators and a 410 first: fetch and read everything again.
    pub force: bool,
}

/// How [`Daemon::poll_now`] goes.
#[derive(Clone, Debug)]
pub enum Progress<'a> {
    /// It begins.
    Begun {
        /// How many feeds are to be polled.
        total: usize,
        /// The feeds that were chosen and are not polled, and why.
        skipped: Vec<(FeedId, String)>,
    },
    /// One of them was.
    Polled(&'a PollReport),
}

/// How a round treats its feeds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// Feeds due by this instant are polled.
    pub(super) due_by: Timestamp,
    /// Whether polled feeds enter the agenda again.
    pub(super) again: bool,
    /// [`Choice::force`].
    pub(super) force: bool,
}

impl Daemon {
    /// Polls every feed that is due at this moment, publishes what changed, and removes what is too old.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn run_due(&mut self) -> Result<Vec<PollReport>, StoreError> {
        let round = Round {
            due_by: self.clock.now(),
            again: true,
            force: false,
        };
        let mut reports = Vec::new();
        self.drain(round, &mut |report| reports.push(report.clone()))
            .await?;
        self.do_chores().await;
        Ok(reports)
    }

    /// Polls the chosen feeds once, what is due where the choice is empty, and tells how it goes.
    ///
    /// Neither due instants nor back-off count for feeds chosen by name or by `all`, but an origin's
    /// `Retry-After` that is still running does (P17). Made for a daemon that ends with the round: nothing
    /// is on its agenda afterwards.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn poll_now(
        &mut self,
        choice: &Choice,
        tell: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<(), StoreError> {
        let round = Round {
            due_by: self.clock.now(),
            again: false,
            force: choice.force,
        };
        let mut skipped = Vec::new();
        if choice.all || !choice.feeds.is_empty() {
            self.agenda = self.chosen(choice, round.due_by, &mut skipped)?;
        }
        let total = self.agenda.due_by(round.due_by);
        tell(Progress::Begun { total, skipped });
        self.drain(round, &mut |report| tell(Progress::Polled(report)))
            .await?;
        if self.store_rests_until.is_none() {
            self.retain_now().await;
        }
        Ok(())
    }

    /// Enters the chosen feeds in an agenda, as due now, apart from those that must not be asked.
    fn chosen(
        &self,
        choice: &Choice,
        now: Timestamp,
        skipped: &mut Vec<(FeedId, String)>,
    ) -> Result<Agenda, StoreError> {
        let feeds = &self.active.config.feeds;
        let ids: Vec<FeedId> = feeds.iter().map(|feed| feed.id.clone()).collect();
        let states = self.store.feed_states(&ids)?;
        let mut agenda = self.active.agenda();
        for (number, (feed, state)) in feeds.iter().zip(states).enumerate() {
            let is_chosen = choice.feeds.contains(&feed.id) || (choice.all && feed.enabled);
            if !is_chosen {
                continue;
            }
            match must_not_be_asked(&state, choice.force, now) {
                Some(why) => skipped.push((feed.id.clone(), why)),
                None => agenda.put(number, now),
            }
        }
        Ok(agenda)
    }

    /// Polls until nothing is left that was due, waiting for hosts that rest.
    async fn drain(
        &mut self,
        round: Round,
        each: &mut (dyn FnMut(&PollReport) + Send),
    ) -> Result<(), StoreError> {
        loop {
            // By hand, a database that fails is the end of the round: what is fetched cannot be kept.
            let goes_on = round.again || self.store_rests_until.is_none();
            if goes_on {
                self.start_due(round)?;
            }
            // With all places taken, the end of a poll is what to wait for.
            let may_start = goes_on && !self.is_full();
            let held_until = self.agenda.held_until().filter(|_| may_start);
            if self.polls.is_empty() && held_until.is_none() {
                return Ok(());
            }
            let clock = Arc::clone(&self.clock);
            let rested = async {
                match held_until {
                    Some(at) => clock.wait_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(ended) = self.polls.join_next_with_id() => {
                    if let Some(report) = self.take_in(ended, round.again) {
                        each(&report);
                    }
                }
                () = rested => {}
            }
        }
    }

    /// Tells whether as many polls are under way as may be.
    pub(super) fn is_full(&self) -> bool {
        self.polls.len() >= self.active.in_flight_max()
    }

    /// Starts polls of feeds that are due, no more than may be under way at once.
    ///
    /// # Errors
    /// When the states of the feeds cannot be read; the feeds are put off for a while then.
    pub(super) fn start_due(&mut self, round: Round) -> Result<(), StoreError> {
        let room = self.active.in_flight_max().saturating_sub(self.polls.len());
        let now = self.clock.now();
        let taken = std::iter::from_fn(|| self.agenda.take(round.due_by, now));
        let numbers: Vec<usize> = taken.take(room).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let named = |number: usize| Some((number, self.active.feed(number)?.id.clone()));
        let (numbers, ids): (Vec<usize>, Vec<FeedId>) =
            numbers.into_iter().filter_map(named).unzip();
        let states = match self.store.feed_states(&ids) {
            Ok(states) => states,
            Err(error) => {
                self.put_off(&numbers, now);
                return Err(error);
            }
        };
        for ((number, id), state) in numbers.into_iter().zip(ids).zip(states) {
            let state = if round.force { forgetful(state) } else { state };
            self.start(number, id, state);
        }
        Ok(())
    }

    /// Enters feeds again that were taken and cannot be polled.
    fn put_off(&mut self, numbers: &[usize], now: Timestamp) {
        let later = now.saturating_add(STORE_RETRY).unwrap_or(Timestamp::MAX);
        for number in numbers {
            self.agenda.finish(*number, later);
            self.agenda.put(*number, later);
        }
    }

    fn start(&mut self, number: usize, feed: FeedId, state: FeedState) {
        let spine = Spine {
            active: Arc::clone(&self.active),
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
            readers: Arc::clone(&self.readers),
        };
        let poll = async move { spine.poll(number, state).await };
        let abort = self.polls.spawn(poll);
        self.polling.insert(abort.id(), Polling { feed, abort });
    }
}

/// Says why a feed is not asked even by hand: an origin's word counts for more than ours.
fn must_not_be_asked(state: &FeedState, force: bool, now: Timestamp) -> Option<String> {
    if state.health == Health::Gone && !force {
        return Some("is gone (410); --force asks again".to_owned());
    }
    let until = state.retry_after_at.filter(|until| *until > now)?;
    let until = until.strftime("%Y-%m-%d %H:%M UTC");
    Some(format!("its origin asked us to wait until {until}"))
}

/// Returns the state without what makes a request conditional, and without a 410 (P9, P21).
fn forgetful(state: FeedState) -> FeedState {
    FeedState {
        validators: Validators::default(),
        body_digest: None,
        health: Health::New,
        ..state
    }
}
