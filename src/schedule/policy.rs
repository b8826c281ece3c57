//! What the operator may say about when a feed is polled.

use super::CronLine;
use std::time::Duration;

/// The least interval where neither operator nor publisher names another: what publishers who measure
/// their pollers ask for (P12).
const HOUR: Duration = Duration::from_hours(1);

/// The least interval that a publisher's hints give leave for: beyond four polls an hour it is push that
/// is wanted, and an hour's news is not later for it by more than minutes (P12).
pub const FASTEST: Duration = Duration::from_mins(15);

/// When a feed is polled, in the operator's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Schedule {
    /// By the feed's own rhythm and the publisher's hints.
    #[default]
    Adaptive,
    /// At a fixed interval.
    Every(Duration),
    /// By a cron line.
    Cron(CronLine),
}

/// The bounds within which a feed is polled: `[defaults]`, a group's and the feed's own keys merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// When.
    pub schedule: Schedule,
    /// Adaptive polling is never faster (P12). `None` leaves it to the publisher: an hour, down to
    /// [`FASTEST`] where the feed's hints allow it.
    pub min_interval: Option<Duration>,
    /// Adaptive polling is never slower; a publisher's freshness counts up to this (P15).
    pub max_interval: Duration,
    /// The longest pause after failures (P19).
    pub backoff_max: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            schedule: Schedule::Adaptive,
            min_interval: None,
            max_interval: 24 * HOUR,
            backoff_max: 24 * HOUR,
        }
    }
}

impl Policy {
    /// Returns the least interval of a feed whose publisher says nothing.
    pub fn least_interval(&self) -> Duration {
        self.min_interval.unwrap_or(HOUR)
    }

    /// Returns the shortest wait between two polls: `every`'s own, else the least interval. Back-off
    /// starts from it.
    pub(super) fn shortest(&self) -> Duration {
        match self.schedule {
            Schedule::Every(span) => span,
            Schedule::Adaptive | Schedule::Cron(_) => self.least_interval(),
        }
    }
}
