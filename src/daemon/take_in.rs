//! What the end of a poll changes: agenda, outputs to be rendered, health, log.

use super::Daemon;
use super::poll::{self, PollReport, STORE_RETRY};
use crate::model::{FailureKind, FeedId, Outcome};
use jiff::{SignedDuration, Timestamp};
use tokio::task::{self, JoinError};

/// A poll that ended: with its report, or in a panic.
type Ended = Result<(task::Id, Option<PollReport>), JoinError>;

/// How long a feed is put off whose poll panicked, a fault of ours that asking again would repeat.
const PANIC_RETRY: SignedDuration = SignedDuration::from_hours(1);

impl Daemon {
    /// Takes in the result of a poll; `again` enters its feed in the agenda again. Returns the report,
    /// unless the poll panicked or was dropped by a reload.
    pub(super) fn take_in(&mut self, ended: Ended, again: bool) -> Option<PollReport> {
        let (task, report) = match ended {
            Ok((task, report)) => (task, report),
            Err(error) => (error.id(), None),
        };
        let feed = self.polling.remove(&task)?.feed;
        let now = self.clock.now();
        let next_due_at = if let Some(report) = &report {
            report.next_due_at
        } else {
            tracing::error!("the poll of feed {feed} panicked: please report it");
            now.checked_add(PANIC_RETRY).ok()
        };
        self.reschedule(&feed, next_due_at.filter(|_| again), now);
        let report = report?;
        self.note(&report);
        Some(report)
    }

    /// Says that the poll of a feed is over, and enters the feed again where it has a due instant.
    pub(super) fn reschedule(
        &mut self,
        feed: &FeedId,
        next_due_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        let Some(number) = self.active.number(feed) else {
            return;
        };
        let gap = self.active.config.fetch.host_gap;
        self.agenda
            .finish(number, now.checked_add(gap).unwrap_or(now));
        let enabled = self.active.feed(number).is_some_and(|feed| feed.enabled);
        if let Some(due_at) = next_due_at.filter(|_| enabled) {
            self.agenda.put(number, due_at);
        }
    }

    /// Notes what a poll changed. A record that could not be stored says nothing of its feed.
    fn note(&mut self, report: &PollReport) {
        self.chores.stale.all |= report.counts.source_changed;
        if report.counts.changed() {
            self.chores.stale.changed = true;
            let labels = report.counts.labels.iter().cloned();
            self.chores.stale.labels.extend(labels);
        }
        match &report.outcome {
            Outcome::Failed(failure) if failure.kind == FailureKind::Store => {
                self.store_failed(&failure.message);
                return;
            }
            _ => self.store_works(),
        }
        poll::log(report, self.failing.contains(&report.feed));
        if report.outcome.is_success() {
            self.failing.remove(&report.feed);
        } else if self.active.number(&report.feed).is_some() {
            self.failing.insert(report.feed.clone());
        }
    }

    /// Says that the database failed: once in the log, and in `/healthz` until it works again.
    pub(super) fn store_failed(&mut self, message: &str) {
        if self.store_rests_until.is_none() {
            tracing::error!("the database fails, polls are put off: {message}");
        }
        let until = self.clock.now().saturating_add(STORE_RETRY);
        self.store_rests_until = Some(until.unwrap_or(Timestamp::MAX));
        self.tell_vitals();
    }

    /// Says that the database works.
    pub(super) fn store_works(&mut self) {
        if self.store_rests_until.take().is_some() {
            tracing::info!("the database works again");
            self.tell_vitals();
        }
    }
}
