//! Cron lines: the standard five fields over the `cron` crate.
//!
//! The crate wants a field of seconds in front and counts weekdays from 1 = Sunday, so a plain `1-5`
//! would silently mean Sunday to Thursday (zslayton/cron#113). This wrapper takes what crontab(5)
//! takes: minute, hour, day of month, month, day of week, with 0 and 7 both Sunday, and names.
//! As there, a line that restricts both the day of month and the day of week fires on either; the crate
//! by itself asks for both at once. Times are UTC.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A parsed cron line; two lines are equal when their text is.
#[derive(Clone)]
pub struct CronLine {
    text: String,
    /// One, or two when the line fires on either of two kinds of days.
    schedules: Arc<[cron::Schedule]>,
}

impl CronLine {
    /// Returns the first instant after `after` at which the line fires, `None` when it never will.
    pub fn next_after(&self, after: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let after = chrono::DateTime::from_timestamp(after.as_second(), 0)?;
        let firings = self.schedules.iter();
        let next = firings.filter_map(|s| s.after(&after).next()).min()?;
        jiff::Timestamp::from_second(next.timestamp()).ok()
    }

    /// Returns the first instant from `from` on at which the line fires, `from` itself included.
    pub(super) fn first_from(&self, from: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let before = from.saturating_sub(jiff::SignedDuration::from_nanos(1));
        self.next_after(before.unwrap_or(from))
    }
}

impl PartialEq for CronLine {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for CronLine {}

impl fmt::Debug for CronLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CronLine({:?})", self.text)
    }
}

impl fmt::Display for CronLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
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
            .collect::<Result<_, _>>();
        Ok(Self {
            text: fields.join(" "),
            schedules: schedules.map_err(|error| CronError {
                message: error.to_string(),
                field: None,
            })?,
        })
    }
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
        parse(alone).map_err(|_| bad_field(at, written))?;
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
        let step: usize = step
            .map_or(Ok(1), str::parse)
            .ok()
            .filter(|step| *step > 0)
            .ok_or_else(|| bad_field(4, field))?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            Some((first, last)) => (weekday(first, field)?, weekday(last, field)?),
            None => (weekday(range, field)?, weekday(range, field)?),
        };
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
    let by_number = || name.parse().ok().filter(|day| *day <= 7);
    by_name
        .map(|(_, day)| day)
        .or_else(by_number)
        .ok_or_else(|| bad_field(4, field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(line: &str, after: &str) -> String {
        let line: CronLine = line.parse().unwrap();
        line.next_after(after.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn five_fields_with_sunday_as_0_and_7() {
        // 2026-11-22 is a Sunday.
        for (line, after, expected) in [
            (
                "*/15 * * * *",
                "2026-11-22T10:01:00Z",
                "2026-11-22T10:15:00Z",
            ),
            (
                "0 6 * * 1-5",
                "2026-11-22T10:00:00Z",
                "2026-11-23T06:00:00Z",
            ),
            ("0 6 * * 0", "2026-11-23T10:00:00Z", "2026-11-29T06:00:00Z"),
            ("0 6 * * 7", "2026-11-23T10:00:00Z", "2026-11-29T06:00:00Z"),
            (
                "0 6 * * sun",
                "2026-11-23T10:00:00Z",
                "2026-11-29T06:00:00Z",
            ),
            (
                "0 6 * * 5-7",
                "2026-11-22T10:00:00Z",
                "2026-11-27T06:00:00Z",
            ),
            (
                "30 5 1 jan *",
                "2026-11-22T10:00:00Z",
                "2027-01-01T05:30:00Z",
            ),
            // Either the 13th or a Friday; a star on one side restricts nothing.
            ("0 6 13 * 5", "2026-11-22T10:00:00Z", "2026-11-27T06:00:00Z"),
            ("0 6 13 * 5", "2026-12-11T10:00:00Z", "2026-12-13T06:00:00Z"),
            (
                "0 6 13 * */1",
                "2026-11-22T10:00:00Z",
                "2026-12-13T06:00:00Z",
            ),
            (
                "0 6 * * mon,wed",
                "2026-11-23T10:00:00Z",
                "2026-11-25T06:00:00Z",
            ),
        ] {
            assert_eq!(next(line, after), expected, "{line}");
        }
    }

    #[test]
    fn wrong_lines_name_the_field() {
        for (line, field) in [
            ("0 6 * *", None),
            ("0 0 6 * * *", None),
            ("61 * * * *", Some(0)),
            ("* 24 * * *", Some(1)),
            ("* * 32 * *", Some(2)),
            ("* * * smarch *", Some(3)),
            ("* * * * 8", Some(4)),
            ("* * * * 5-1", Some(4)),
            ("* * * * */0", Some(4)),
        ] {
            assert_eq!(line.parse::<CronLine>().unwrap_err().field, field, "{line}");
        }
    }
}
