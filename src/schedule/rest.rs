//! The hours and days at which a publisher asks to be left alone (RSS `skipHours` and `skipDays`, P35).
//!
//! What falls due then is put off to the first hour that is allowed: never brought forward, since the
//! entries of the last hour before a rest are not there yet.

use super::jitter;
use crate::model::Hints;
use jiff::Timestamp;
use jiff::civil::Weekday;

const HOUR: i64 = 3600;
const HOURS_OF_A_DAY: i64 = 24;
const HOURS_OF_A_WEEK: i64 = 7 * HOURS_OF_A_DAY;

/// 1970-01-01, from which hours count here, was a Thursday.
const FIRST_WEEKDAY: i64 = 3;

/// A poll that is put off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    /// When it is allowed.
    pub(super) until: Timestamp,
    /// Why, in words that follow a reason and `; `.
    pub(super) reason: String,
}

/// Tells whether a feed rests at any time.
pub(super) fn is_asked_for(hints: &Hints) -> bool {
    !hints.skip_hours.is_empty() || !hints.skip_days.is_empty()
}

/// Returns what becomes of a poll that is due at `at`; `None` where it may take place then, or where no
/// hour of the week is left for it, which is no wish that can be granted. After six days and 23 hours one
/// comes that is allowed, so a rest is shorter than a week.
///
/// The hour that is allowed is whole, and jitter is at most half of it: feeds that rest until the same
/// hour come apart, and none of them in a later hour that is skipped again.
pub(super) fn at(at: Timestamp, hints: &Hints, seed: &str) -> Option<Rest> {
    if !is_asked_for(hints) {
        return None;
    }
    let first = at.as_second().div_euclid(HOUR);
    let mut hours = (first..first.saturating_add(HOURS_OF_A_WEEK)).map(|hour| skipped(hour, hints));
    let mut by = hours.next().filter(|by| by.any())?;
    for (length, next) in (1..).zip(hours) {
        if !next.any() {
            let start = first.saturating_add(length).saturating_mul(HOUR);
            let start = Timestamp::from_second(start).ok()?;
            return Some(Rest {
                until: jitter::spread(start, jitter::LONGEST, seed),
                reason: by.reason(start),
            });
        }
        by = by.and(next);
    }
    None
}

/// Returns `at`, or the first instant after it at which the feed does not rest.
pub(super) fn until(at: Timestamp, hints: &Hints, seed: &str) -> Timestamp {
    self::at(at, hints, seed).map_or(at, |rest| rest.until)
}

/// What hours are skipped by.
#[derive(Clone, Copy, Debug)]
struct By {
    hours: bool,
    days: bool,
}

impl By {
    fn any(self) -> bool {
        self.hours || self.days
    }

    fn and(self, other: Self) -> Self {
        Self {
            hours: self.hours || other.hours,
            days: self.days || other.days,
        }
    }

    fn reason(self, start: Timestamp) -> String {
        let (form, what) = match (self.days, self.hours) {
            (false, _) => ("%H:%M", "skipHours"),
            (true, false) => ("%A %H:%M", "skipDays"),
            (true, true) => ("%A %H:%M", "skipDays, skipHours"),
        };
        format!("the feed rests until {} UTC ({what})", start.strftime(form))
    }
}

/// Tells by what an hour is skipped, counted from 1970.
fn skipped(hour: i64, hints: &Hints) -> By {
    let of_day = hour.rem_euclid(HOURS_OF_A_DAY);
    let weekday = (hour.div_euclid(HOURS_OF_A_DAY) + FIRST_WEEKDAY).rem_euclid(7);
    let is_it = |day: &Weekday| i64::from(day.to_monday_zero_offset()) == weekday;
    By {
        hours: hints.skip_hours.iter().any(|it| i64::from(*it) == of_day),
        days: hints.skip_days.iter().any(is_it),
    }
}
