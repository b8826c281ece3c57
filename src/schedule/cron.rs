//! Cron lines: the standard five fields over the `cron` crate, in the civil time of a zone.
//!
//! The crate wants a field of seconds in front and counts weekdays from 1 = Sunday, so a plain `1-5`
//! would silently mean Sunday to Thursday (zslayton/cron#113). This wrapper takes what crontab(5)
//! takes: minute, hour, day of month, month, day of week, with 0 and 7 both Sunday, and names. The
//! crate's own `?` is refused: to crontab it is nothing, and a reader cannot tell whether it restricts.
//! As there, a line that restricts both the day of month and the day of week fires on either; the crate
//! by itself asks for both at once.
//!
//! The crate is asked in UTC alone. Given a zone, it leaves out what falls into the hour that a clock
//! skips, and gives the hour that it repeats twice and out of order. So it searches the civil calendar,
//! as if clocks were never changed, and [`civil`] says at which instant a civil time comes.

use super::civil;
use cron::TimeUnitSpec;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A parsed cron line and the time zone that its times are of; UTC unless told otherwise.
///
/// Two lines are equal when their texts and the rules of their zones are.
#[derive(Clone)]
pub struct CronLine {
    text: String,
    /// One, or two when the line fires on either of two kinds of days.
    schedules: Arc<[cron::Schedule]>,
    /// Whether it names each hour of its days, so that it means a rhythm and no time of the day.
    is_hourly: bool,
    zone: TimeZone,
}

impl CronLine {
    /// Returns the line with its times read as those of a zone.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
    }

    /// Returns the first instant after `after` at which the line fires, `None` when it never will: the
    /// calendar of the crate ends with 2100, and begins with 1970.
    ///
    /// Each civil minute that the line names fires once, in the order of the calendar:
    ///
    /// - One that the zone's clock skips fires at the end of the gap. Several of one gap fire together,
    ///   and together with one that stands there anyway, so no instant fires twice.
    /// - One that the clock shows twice fires the first time only, but for lines that name each hour:
    ///   `*/15 * * * *` means a rhythm, and would be silent for longer than an hour in that night. So
    ///   it goes by the clock through the repeated hour as well, as cron(8) of Debian has it.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let first = self.first_time_after(after)?;
        let again = self.is_hourly.then(|| self.shown_between(after, first));
        again.flatten().or(Some(first))
    }

    /// Returns the first instant after `after` at which a civil minute that the line names comes the
    /// first time.
    fn first_time_after(&self, after: Timestamp) -> Option<Timestamp> {
        /// The minutes of 52 hours: offsets lie within 26 hours of UTC (the bounds of jiff), so no clock
        /// shows more of them again. What it shows again came the first time, and is passed over.
        const MOST_REPEATED: usize = 52 * 60;
        let first = self.next_civil(self.zone.to_datetime(after));
        let civil = std::iter::successors(first, |last| self.next_civil(*last));
        let firings = civil.take(MOST_REPEATED);
        let mut firings = firings.filter_map(|civil| civil::first_at(&self.zone, civil));
        firings.find(|at| *at > after)
    }

    /// Returns the first instant between two at which the clock shows a minute that the line names, as it
    /// may for the second time.
    fn shown_between(&self, after: Timestamp, end: Timestamp) -> Option<Timestamp> {
        const SECOND: SignedDuration = SignedDuration::from_secs(1);
        let changes = self.zone.following(after);
        let changes = changes.map(|change| change.timestamp());
        let changes = changes.take_while(|at| *at < end);
        // What stands at a change counts, what stands at `after` does not.
        let since = changes.filter_map(|at| Some((at.checked_sub(SECOND).ok()?, at)));
        let spans = std::iter::once((after, after)).chain(since);
        let shown = spans.filter_map(|(before, from)| {
            let offset = self.zone.to_offset(from);
            let shown = self.next_civil(offset.to_datetime(before))?;
            let at = offset.to_timestamp(shown).ok()?;
            (at < end && self.zone.to_offset(at) == offset).then_some(at)
        });
        shown.min()
    }

    /// Returns the instants after `after` at which the line fires, as the clocks of its zone show them.
    pub fn firings_after(&self, after: Timestamp) -> impl Iterator<Item = Zoned> + '_ {
        let firings = std::iter::successors(self.next_after(after), |last| self.next_after(*last));
        firings.map(|at| at.to_zoned(self.zone.clone()))
    }

    /// Returns the first civil time after `after` that the line names.
    fn next_civil(&self, after: DateTime) -> Option<DateTime> {
        /// The second before the calendar of the crate begins, which takes no year before it.
        const BEFORE_ALL: i64 = -1;
        const SECOND: i128 = 1_000_000_000;
        // The crate reckons with instants: a civil time is to it one of a clock that shows UTC.
        let after = Offset::UTC.to_timestamp(after).ok()?;
        let after = i64::try_from(after.as_nanosecond().div_euclid(SECOND)).ok()?;
        let after = chrono::DateTime::from_timestamp(after.max(BEFORE_ALL), 0)?;
        let firings = self.schedules.iter();
        let next = firings.filter_map(|s| s.after(&after).next()).min()?;
        let next = Timestamp::from_second(next.timestamp()).ok()?;
        Some(Offset::UTC.to_datetime(next))
    }

    /// Returns the first instant from `from` on at which the line fires, `from` itself included.
    pub fn first_from(&self, from: Timestamp) -> Option<Timestamp> {
        let before = from.saturating_sub(SignedDuration::from_nanos(1));
        self.next_after(before.unwrap_or(from))
    }
}

impl PartialEq for CronLine {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.zone == other.zone
    }
}

impl Eq for CronLine {}

impl fmt::Debug for CronLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CronLine({self})")
    }
}

impl fmt::Display for CronLine {
    /// Writes the line between backticks, and its zone when that is not UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text)?;
        match self.zone.iana_name() {
            Some(name) if self.zone != TimeZone::UTC => write!(f, " ({name})"),
            _ => Ok(()),
        }
    }
}

/// Why a cron line was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CronError {
    /// What is wrong.
    pub message: String,
    /// The field at fault, from 0 (minute) to 4 (day of week); `None` for the line as a whole.
    pub field: Option<usize>,
}

/// Names of the five fields, for messages.
const FIELDS: [&str; 5] = ["minute", "hour", "day of month", "month", "day of week"];

impl FromStr for CronLine {
    type Err = CronError;

    fn from_str(line: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = *fields.as_slice() else {
            return Err(not_five(fields.len()));
        };
        let weekdays = weekdays(weekday)?;
        check_each([minute, hour, day, month, &weekdays], &fields)?;
        let days = if day.starts_with('*') || weekday.starts_with('*') {
            vec![(day, weekdays.as_str())]
        } else {
            vec![(day, "*"), ("*", weekdays.as_str())]
        };
        let schedules = days
            .into_iter()
            .map(|(day, weekday)| parse([minute, hour, day, month, weekday]))
            .collect::<Result<Arc<[_]>, _>>()
            .map_err(|error| CronError {
                message: error.to_string(),
                field: None,
            })?;
        Ok(Self {
            text: fields.join(" "),
            is_hourly: schedules.iter().all(is_hourly),
            schedules,
            zone: TimeZone::UTC,
        })
    }
}

/// Tells whether a schedule names each hour: `*`, `*/1` and `0-23` do.
fn is_hourly(schedule: &cron::Schedule) -> bool {
    schedule.hours().count() == 24
}

/// Parses five fields of which the last is in the crate's words.
fn parse(fields: [&str; 5]) -> Result<cron::Schedule, cron::error::Error> {
    cron::Schedule::from_str(&format!("0 {}", fields.join(" ")))
}

/// Parses each field alone, to name the one at fault by its place and as the operator wrote it.
fn check_each(fields: [&str; 5], written: &[&str]) -> Result<(), CronError> {
    for (at, (field, written)) in fields.iter().zip(written).enumerate() {
        let mut alone = ["*"; 5];
        if let Some(place) = alone.get_mut(at) {
            *place = field;
        }
        parse(alone)
            .ok()
            .filter(|_| !field.contains('?'))
            .ok_or_else(|| bad_field(at, written))?;
    }
    Ok(())
}

fn not_five(count: usize) -> CronError {
    CronError {
        message: format!(
            "a cron line has five fields (minute hour day month weekday), this has {count}"
        ),
        field: None,
    }
}

fn bad_field(at: usize, text: &str) -> CronError {
    let name = FIELDS.get(at).copied().unwrap_or("line");
    CronError {
        message: format!("`{text}` is no {name}"),
        field: Some(at),
    }
}

/// Turns a crontab weekday field (0-7, names, lists, ranges, steps) into the crate's 1 = Sunday.
fn weekdays(field: &str) -> Result<String, CronError> {
    let mut days: Vec<String> = Vec::new();
    for part in field.split(',') {
        let (range, step) = part
            .split_once('/')
            .map_or((part, None), |(r, s)| (r, Some(s)));
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            // Sunday ends a week too: `fri-sun`.
            Some((first, last)) => match (weekday(first, field)?, weekday(last, field)?) {
                (first @ 1.., 0) => (first, 7),
                days => days,
            },
            // `1/2` goes on to the end, as the crate has it in the other fields.
            None => match weekday(range, field)? {
                first if step.is_some() => (first, first.max(6)),
                day => (day, day),
            },
        };
        let step = number(step.unwrap_or("1")).filter(|step| *step > 0);
        let step = step.ok_or_else(|| bad_field(4, field))?;
        if first > last {
            return Err(bad_field(4, field));
        }
        days.extend(
            (first..=last)
                .step_by(step)
                .map(|day| (day % 7 + 1).to_string()),
        );
    }
    days.sort();
    days.dedup();
    Ok(days.join(","))
}

fn weekday(name: &str, field: &str) -> Result<u8, CronError> {
    const NAMES: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let by_name = NAMES
        .iter()
        .zip(0_u8..)
        .find(|(known, _)| name.eq_ignore_ascii_case(known));
    let by_number = || u8::try_from(number(name)?).ok().filter(|day| *day <= 7);
    by_name
        .map(|(_, day)| day)
        .or_else(by_number)
        .ok_or_else(|| bad_field(4, field))
}

/// Reads a number of digits alone: the one of Rust may have a `+`.
fn number(digits: &str) -> Option<usize> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
