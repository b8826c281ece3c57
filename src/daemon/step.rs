//! One round: polls what is due or chosen.

use super::leg::Leg;
use super::poll::Spine;
use super::report::{PollReport, STORE_RETRY};
use super::take_in::next_ended;
use super::{Daemon, Polling};
use crate::model::{FeedId, FeedState, Health, Validators};
use crate::schedule::{Agenda, End, Turn};
use crate::store::StoreError;
use jiff::Timestamp;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

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
    /// These were not, since their hosts rest for longer than is waited for, and why.
    Left(Vec<(FeedId, String)>),
    /// No host answers: our own network is taken to be down, and nothing more is polled. The first that was tried, and what
    /// came of it, where that is still known.
    Offline(Option<(FeedId, String)>),
}

/// How long a round waits for a host that rests, at least: a few times the pause that any host has. One
/// that refused may rest for hours.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a poll is made for.
#[derive(Clone, Copy, Debug, Default)]
struct Wish {
    /// Somebody wants it.
    is_wanted: bool,
    /// And by it all that the feed has.
    is_forced: bool,
    /// It repeats one that is in doubt.
    is_repeat: bool,
}

/// How a round treats its feeds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// Feeds due by this instant are polled.
    pub(super) due_by: Timestamp,
    /// Whether polled feeds enter the agenda again.
    pub(super) again: bool,
    /// Whether the feeds were chosen, due or not: then it is they who are asked, and not their archives.
    pub(super) chosen: bool,
    /// [`Choice::force`].
    pub(super) force: bool,
}

impl Daemon {
    /// Polls every feed that is due at this moment, publishes what changed, and removes what is too old.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn run_due(&mut self) -> Result<Vec<PollReport>, StoreError> {
        self.heed_clock();
        self.heed_wanted();
        self.look_at_doubts();
        let round = Round {
            due_by: self.clock.now(),
            again: true,
            chosen: false,
            force: false,
        };
        let mut reports = Vec::new();
        self.drain(round, &mut |report| reports.push(report.clone()))
            .await?;
        self.tell_of_us();
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
            chosen: choice.all || !choice.feeds.is_empty(),
            force: choice.force,
        };
        let mut skipped = Vec::new();
        if round.chosen {
            self.agenda = self.chosen(choice, round.due_by, &mut skipped)?;
        }
        let total = self.agenda.due_by(round.due_by);
        tell(Progress::Begun { total, skipped });
        self.drain(round, &mut |report| tell(Progress::Polled(report)))
            .await?;
        if self.network.down_since().is_some() {
            let doubts = mem::take(&mut self.doubts).into_iter();
            let tried = doubts.min_by_key(|(_, it)| it.failed_at());
            tell(Progress::Offline(
                tried.map(|(feed, it)| (feed, it.record.state.last_error)),
            ));
        } else {
            tell(Progress::Left(self.left()));
        }
        if self.store_rests_until.is_none() {
            self.choose_leads_now().await;
            self.retain_now().await;
            self.relabel_now().await;
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
        let mut agenda = self.active.agenda();
        agenda.succeed(&self.agenda, &Some);
        let held_back = self.store.held_back(now)?;
        for (number, feed) in self.active.config.feeds.iter().enumerate() {
            let is_chosen = choice.feeds.contains(&feed.id) || (choice.all && feed.enabled);
            if !is_chosen {
                continue;
            }
            let state = held_back.get(&feed.id);
            match state.and_then(|state| must_not_be_asked(state, choice.force, now)) {
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
            // By hand, a database that fails is the end of the round: what is fetched cannot be kept. So
            // is a network that does.
            let works = self.store_rests_until.is_none() && self.network.down_since().is_none();
            let goes_on = round.again || works;
            if goes_on {
                self.start_due(round)?;
            }
            // With all places taken, the end of a poll is what to wait for.
            let may_start = goes_on && !self.is_full() && self.network.down_since().is_none();
            let patience = PATIENCE.max(self.active.config.fetch.host_gap);
            let latest = self.clock.now().saturating_add(patience);
            let held_until = self.agenda.held_until();
            let held_until = held_until.filter(|at| may_start && latest.is_ok_and(|it| *at <= it));
            let is_over = self.polls.is_empty() && held_until.is_none();
            if is_over && (round.again || !self.settle_doubts()) {
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
                ended = next_ended(&mut self.polls) => if let Some(ended) = ended {
                    self.take_in_all(ended, round.again, each);
                },
                () = rested => {}
            }
        }
    }

    /// Returns the feeds whose turn did not come in a round, and why.
    fn left(&self) -> Vec<(FeedId, String)> {
        let waiting = self.agenda.waiting().into_iter();
        let left = waiting.filter_map(|(number, host, until)| {
            let feed = self.active.feed(number)?.id.clone();
            let until = until.strftime("%Y-%m-%d %H:%M UTC");
            Some((
                feed,
                format!("its host {host} asked us to wait until {until}"),
            ))
        });
        left.collect()
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
        let now = self.clock.now();
        let mut turns = self.take_tries(now);
        let room = self.room(now).saturating_sub(turns.len());
        let taken = std::iter::from_fn(|| self.agenda.take(round.due_by, now));
        turns.extend(taken.take(room));
        let (parked, new): (Vec<Turn>, Vec<Turn>) = turns
            .into_iter()
            .partition(|turn| self.parked.contains_key(&turn.feed));
        for turn in parked {
            if let Some(leg) = self.parked.remove(&turn.feed) {
                self.start(turn, leg, now);
            }
        }
        let active = Arc::clone(&self.active);
        let id_of = |turn: &Turn| active.feed(turn.feed).map(|feed| &feed.id);
        let states = match self.ahead.take(&new, id_of, &self.store) {
            Ok(states) => states,
            Err(error) => {
                self.put_off(&new, now);
                return Err(error);
            }
        };
        for (turn, state) in new.into_iter().zip(states) {
            let wish = id_of(&turn)
                .map(|id| self.take_wish(id))
                .unwrap_or_default();
            let is_chosen = round.chosen || wish.is_wanted;
            let is_by_schedule = !is_chosen && !wish.is_repeat;
            if let Some(due_at) = state.next_due_at.filter(|_| is_by_schedule) {
                let late = Duration::try_from(now.duration_since(due_at));
                self.figures.began_late(late.unwrap_or_default());
            }
            let is_forced = round.force || wish.is_forced;
            let state = if is_forced { forgetful(state) } else { state };
            if let Some(leg) = Leg::first(self.spine(), turn.feed, state, !is_chosen) {
                self.start(turn, leg, now);
            }
        }
        if self.agenda.held_until().is_none() {
            self.ahead.clear();
        }
        Ok(())
    }

    /// Takes out what the poll of a feed that begins is made for. By one that is in doubt somebody may have wanted everything,
    /// and wants that of its repeat.
    fn take_wish(&mut self, feed: &FeedId) -> Wish {
        let (is_wanted, is_forced) = self.wanted.take(feed);
        let is_repeat = self.note_repeat(feed, true);
        if is_forced {
            self.forced.insert(feed.clone());
        } else if !is_repeat {
            self.forced.remove(feed);
        }
        Wish {
            is_wanted,
            is_forced: self.forced.contains(feed),
            is_repeat,
        }
    }

    /// Returns how many polls there are places for.
    pub(super) fn places(&self) -> usize {
        self.active.in_flight_max().saturating_sub(self.polls.len())
    }

    /// Returns how many polls may be started by themselves: while the network is down, one at a time.
    fn room(&self, now: Timestamp) -> usize {
        if self.network.down_since().is_none() {
            return self.places();
        }
        usize::from(self.polls.is_empty() && self.probe_from <= now)
    }

    /// Enters feeds again that were taken and cannot be polled.
    fn put_off(&mut self, turns: &[Turn], now: Timestamp) {
        let later = now.saturating_add(STORE_RETRY).unwrap_or(Timestamp::MAX);
        for turn in turns {
            self.agenda.finish(turn.feed, End::Nothing, now);
            self.agenda.put(turn.feed, later);
        }
    }

    /// Sends the next request of a poll, if it is for the host whose turn it is.
    fn start(&mut self, turn: Turn, leg: Leg, now: Timestamp) {
        let authority = leg.authority();
        if *turn.host != *authority {
            self.agenda.divert(&turn, &authority, now);
            self.parked.insert(turn.feed, leg);
            return;
        }
        let Some(feed) = self.active.feed(turn.feed).map(|feed| feed.id.clone()) else {
            return;
        };
        let is_of_now = leg.is_of_feed();
        let abort = self.polls.spawn(leg.go(turn.crowded));
        let polling = Polling {
            feed,
            host: Some(turn.host),
            is_of_now,
            abort,
        };
        self.polling.insert(polling.abort.id(), polling);
    }

    pub(super) fn spine(&self) -> Spine {
        Spine {
            active: Arc::clone(&self.active),
            clock: Arc::clone(&self.clock),
            identity: Arc::clone(self.store.identity()),
            readers: Arc::clone(&self.readers),
            gather: Arc::clone(&self.gather),
        }
    }
}

/// Says why a feed is not asked even by hand: an origin's word counts for more than ours.
pub fn must_not_be_asked(state: &FeedState, force: bool, now: Timestamp) -> Option<String> {
    if state.health == Health::Gone && !force {
        return Some("is gone (410); --force asks again".to_owned());
    }
    let until = state.retry_after_at.filter(|until| *until > now)?;
    let until = until.strftime("%Y-%m-%d %H:%M UTC");
    Some(format!("its origin asked us to wait until {until}"))
}

/// Returns the state without what makes a request conditional, and without what failed so far: the next 410
/// is the first again, and has to be seen twice (P9, P21).
fn forgetful(state: FeedState) -> FeedState {
    FeedState {
        validators: Validators::default(),
        body_digest: None,
        health: Health::New,
        failures: 0,
        last_error: String::new(),
        gone_at: None,
        ..state
    }
}
