//! How a feed fares, in as few bytes as it takes: a row is kept of each, and there may be 100,000.

use crate::config::FeedSettings;
use crate::daemon::report::PollReport;
use crate::model::{FeedId, FeedState, Health, Outcome};
use jiff::Timestamp;

/// How a feed fares.
#[derive(Clone, Debug)]
pub(in crate::daemon) struct Row {
    pub(super) id: FeedId,
    pub(super) enabled: bool,
    pub(super) health: Health,
    pub(super) failures: u32,
    pub(super) last_error: Box<str>,
    pub(super) due_reason: Box<str>,
    pub(super) last_success_at: Second,
    pub(super) next_poll_at: Second,
    pub(super) newest_at: Second,
}

/// The words of [`Row::word`].
pub(super) const WORDS: [&str; 4] = ["gone", "backoff", "ok", "disabled"];

impl Row {
    /// Makes the row of a feed that is taken up.
    pub(in crate::daemon) fn new(feed: &FeedSettings, state: &FeedState) -> Self {
        Self {
            id: feed.id.clone(),
            enabled: feed.enabled,
            health: state.health,
            failures: state.failures,
            last_error: state.last_error.as_str().into(),
            due_reason: state.due_reason.as_str().into(),
            last_success_at: state.last_success_at.into(),
            next_poll_at: state.next_due_at.into(),
            newest_at: state.newest_at.into(),
        }
    }

    /// Returns its state in one word; those that a person may have to look at come first in this order.
    pub(super) fn word(&self) -> &'static str {
        match self.health {
            _ if !self.enabled => "disabled",
            Health::Gone => "gone",
            Health::Failing => "backoff",
            Health::New | Health::Ok => "ok",
        }
    }

    /// Notes how a poll of it ended.
    pub(super) fn polled(&mut self, report: &PollReport, now: Timestamp) {
        self.health = report.health;
        self.next_poll_at = report.next_due_at.into();
        self.due_reason = report.due_reason.as_str().into();
        self.failures = report.failures;
        if report.newest_at.is_some() {
            self.newest_at = report.newest_at.into();
        }
        match &report.outcome {
            Outcome::Failed(failure) => self.last_error = failure.message.as_str().into(),
            outcome if outcome.is_success() => {
                self.last_success_at = Some(now).into();
                self.last_error = Box::default();
            }
            outcome => self.last_error = outcome.name().into(),
        }
    }
}

/// An instant to the second, or never: a third as large as what it is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Second(i64);

impl Second {
    /// No instant has so small a number of seconds.
    const NEVER: i64 = i64::MIN;

    /// Returns the seconds since 1970, `None` for never.
    pub(super) fn unix(self) -> Option<i64> {
        Some(self.0).filter(|second| *second != Self::NEVER)
    }

    /// Returns the instant.
    pub(super) fn instant(self) -> Option<Timestamp> {
        self.unix()
            .and_then(|second| Timestamp::from_second(second).ok())
    }
}

impl From<Option<Timestamp>> for Second {
    fn from(at: Option<Timestamp>) -> Self {
        Self(at.map_or(Self::NEVER, Timestamp::as_second))
    }
}
