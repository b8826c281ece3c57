//! What the operator may say about when a feed is polled.

use super::CronLine;
use std::time::Duration;

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
    /// Adaptive polling is never faster (P12).
    pub min_interval: Duration,
    /// Adaptive polling is never slower; a publisher's freshness counts up to this (P15).
    pub max_interval: Duration,
    /// The longest pause after failures (P19).
    pub backoff_max: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        const HOUR: Duration = Duration::from_hours(1);
        Self {
            schedule: Schedule::Adaptive,
            min_interval: HOUR,
            max_interval: 24 * HOUR,
            backoff_max: 24 * HOUR,
        }
    }
}

impl Policy {
    /// Returns the shortest wait between two polls: `every`'s own, else `min_interval`. Back-off
    /// starts from it.
    pub(super) fn shortest(&self) -> Duration {
        match self.schedule {
            Schedule::Every(span) => span,
            Schedule::Adaptive | Schedule::Cron(_) => self.min_interval,
        }
    }
}
