//! One round: polls what is due or chosen, and takes in the results.

use super::poll::{PollReport, Spine};
use super::{Daemon, poll};
use crate::model::{FailureKind, FeedId, FeedState, Health, Outcome, Validators};
use crate::schedule::Agenda;
use crate::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::task::{self, JoinError};

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
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// So many feeds are to be polled.
    Begun(usize),
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

/// A poll that ended: with its report, or in a panic.
type Ended = Result<(task::Id, Option<PollReport>), JoinError>;

/// How long a feed is put off whose poll panicked, a fault of ours that asking again would repeat.
const PANIC_RETRY: SignedDuration = SignedDuration::from_hours(1);

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
        self.publish().await;
        self.retain().await;
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
        if choice.all || !choice.feeds.is_empty() {
            self.agenda = self.chosen(choice, round.due_by)?;
        }
        tell(Progress::Begun(self.agenda.due_by(round.due_by)));
        self.drain(round, &mut |report| tell(Progress::Polled(report)))
            .await
    }

    /// Enters the chosen feeds in an agenda, as due now.
    fn chosen(&self, choice: &Choice, now: Timestamp) -> Result<Agenda, StoreError> {
        let feeds = &self.active.config.feeds;
        let ids: Vec<FeedId> = feeds.iter().map(|feed| feed.id.clone()).collect();
        let states = self.store.feed_states(&ids)?;
        let mut agenda = self.active.agenda();
        for (number, (feed, state)) in feeds.iter().zip(states).enumerate() {
            let wanted = choice.feeds.contains(&feed.id) || (choice.all && feed.enabled);
            let gone = state.health == Health::Gone && !choice.force;
            let told_to_wait = state.retry_after_at.is_some_and(|until| until > now);
            if wanted && !gone && !told_to_wait {
                agenda.put(number, now);
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
            self.start_due(round)?;
            let held_until = self.agenda.held_until();
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

    /// Starts polls of feeds that are due, as many as may be under way.
    pub(super) fn start_due(&mut self, round: Round) -> Result<(), StoreError> {
        let room = self.active.in_flight_max().saturating_sub(self.polls.len());
        let now = self.clock.now();
        let numbers: Vec<usize> = std::iter::from_fn(|| self.agenda.take(round.due_by, now))
            .take(room)
            .collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let feeds = numbers
            .iter()
            .filter_map(|number| self.active.feed(*number));
        let ids: Vec<FeedId> = feeds.map(|feed| feed.id.clone()).collect();
        let states = self.store.feed_states(&ids)?;
        for ((number, id), state) in numbers.into_iter().zip(ids).zip(states) {
            let state = if round.force { forgetful(state) } else { state };
            self.start(number, id, state);
        }
        Ok(())
    }

    fn start(&mut self, number: usize, id: FeedId, state: FeedState) {
        let spine = Spine {
            active: Arc::clone(&self.active),
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
        };
        let task = self
            .polls
            .spawn(async move { spine.poll(number, state).await });
        self.polling.insert(task.id(), id);
    }

    /// Takes in the result of a poll: agenda, log, outputs to be rendered. Returns the report unless
    /// the poll panicked.
    pub(super) fn take_in(&mut self, ended: Ended, again: bool) -> Option<PollReport> {
        let (task, report) = match ended {
            Ok((task, report)) => (task, report),
            Err(error) => (error.id(), None),
        };
        let feed = self.polling.remove(&task)?;
        let now = self.clock.now();
        let next_due_at = if let Some(report) = &report {
            report.next_due_at
        } else {
            tracing::error!("the poll of feed {feed} panicked: please report it");
            now.checked_add(PANIC_RETRY).ok()
        };
        if let Some(number) = self.active.number(&feed) {
            let gap = self.active.config.fetch.host_gap;
            self.agenda
                .finish(number, now.checked_add(gap).unwrap_or(now));
            let enabled = self.active.feed(number).is_some_and(|feed| feed.enabled);
            if let Some(due_at) = next_due_at.filter(|_| again && enabled) {
                self.agenda.put(number, due_at);
            }
        }
        let report = report?;
        self.note(&report);
        Some(report)
    }

    /// Notes what a poll changed: outputs, health, whether the database works.
    fn note(&mut self, report: &PollReport) {
        if report.counts.changed() {
            self.stale.changed = true;
            self.stale
                .labels
                .extend(report.counts.labels.iter().cloned());
        }
        match &report.outcome {
            Outcome::Failed(failure) if failure.kind == FailureKind::Store => {
                self.store_failed(&failure.message);
            }
            _ => self.store_works(),
        }
        poll::log(report, self.failing.contains(&report.feed));
        if report.outcome.is_success() {
            self.failing.remove(&report.feed);
        } else {
            self.failing.insert(report.feed.clone());
        }
    }
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
