//! How a feed fares, in as few bytes as it takes: a row is kept of each, and there may be 100,000.

use crate::config::FeedSettings;
use crate::daemon::feed_needs::{self, Ending, Standing};
use crate::daemon::report::PollReport;
use crate::model::{FeedId, FeedState, Health, LastPoll, Outcome};
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
    /// Until when its origin wants it asked by nobody.
    pub(super) retry_after_at: Second,
    pub(super) newest_at: Second,
    /// Where it moved to for good.
    pub(super) asked_at: Option<Box<str>>,
    pub(super) ending: Ending,
    pub(super) is_own_output: bool,
}

/// The words of [`Row::word`].
pub(super) const WORDS: [&str; 5] = ["gone", "backoff", "new", "ok", "disabled"];

impl Row {
    /// Makes the row of a feed that is taken up; `last` is what the store has of its last poll, where that went badly.
    pub(in crate::daemon) fn new(
        feed: &FeedSettings,
        state: &FeedState,
        last: Option<&LastPoll>,
    ) -> Self {
        let ending = last.map(|last| Ending::of(&last.outcome, last.status));
        let (next_poll_at, due_reason) = if feed.enabled {
            (state.next_due_at, state.due_reason.as_str())
        } else {
            (None, feed_needs::OFF)
        };
        Self {
            id: feed.id.clone(),
            enabled: feed.enabled,
            health: state.health,
            failures: state.failures,
            last_error: state.last_error.as_str().into(),
            due_reason: due_reason.into(),
            last_success_at: state.last_success_at.into(),
            next_poll_at: next_poll_at.into(),
            retry_after_at: state.retry_after_at.into(),
            newest_at: state.newest_at.into(),
            asked_at: feed_needs::asked_at(state).map(Into::into),
            ending: ending.unwrap_or_default(),
            is_own_output: last.is_some_and(|last| feed_needs::is_own_output(&last.defects)),
        }
    }

    /// Returns how it is with the feed, as far as that says whether somebody is needed.
    pub(super) fn standing(&self) -> Standing<'_> {
        Standing {
            id: self.id.as_str(),
            enabled: self.enabled,
            is_own_output: self.is_own_output,
            health: self.health,
            ending: self.ending,
            failures: self.failures,
            last_error: &self.last_error,
            last_success_at: self.last_success_at.instant(),
            next_poll_at: self.next_poll_at.instant(),
            retry_after_at: self.retry_after_at.instant(),
            asked_at: self.asked_at.as_deref(),
        }
    }

    /// Returns its state as people are told it.
    pub(super) fn state(&self) -> &'static str {
        feed_needs::word(self.enabled, self.health)
    }

    /// Returns its state as metrics have it; those that a person may have to look at come first in this order.
    pub(super) fn word(&self) -> &'static str {
        match self.health {
            _ if !self.enabled => "disabled",
            Health::Gone => "gone",
            Health::Failing => "backoff",
            Health::New => "new",
            Health::Ok => "ok",
        }
    }

    /// Notes how a poll of it ended.
    pub(super) fn polled(&mut self, report: &PollReport, now: Timestamp) {
        self.health = report.health;
        self.next_poll_at = report.next_due_at.into();
        self.retry_after_at = report.retry_after_at.into();
        self.due_reason = report.due_reason.as_str().into();
        self.failures = report.failures;
        self.ending = Ending::of(report.outcome.name(), report.status);
        self.asked_at = report.asked_at.as_deref().map(Into::into);
        self.is_own_output = report.is_own_output.unwrap_or(self.is_own_output);
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
