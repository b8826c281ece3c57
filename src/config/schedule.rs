//! The grammar of `schedule`: `adaptive`, `every 15m`, or a cron line.

use super::names::shown;
use super::problem::{Code, Fault};
use super::values::{SECOND, duration, written};
use crate::schedule::{CronLine, Schedule};
use jiff::Timestamp;
use std::ops::Range;
use std::time::Duration;

const HELP: &str = "write `adaptive`, `every 15m`, or a cron line such as `*/30 6-23 * * *`";

/// What the fields of a cron line may have, in their order.
const FIELDS: [&str; 5] = [
    "minutes are 0 to 59: `*/30` is every half hour, `0,30` the same",
    "hours are 0 to 23: `6-23` is from six until midnight",
    "days of the month are 1 to 31",
    "months are 1 to 12, or `jan` to `dec`",
    "days of the week are 0 to 7, or `sun` to `sat`: `1-5` is Monday to Friday",
];

/// Reads a schedule. A fault of a cron line points at the field at fault. The time zone of a line may be
/// said elsewhere, so here it is UTC.
pub(super) fn schedule(text: &str) -> Result<Schedule, Fault> {
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["adaptive"] => Ok(Schedule::Adaptive),
        ["every", interval] => {
            let interval = duration(interval, SECOND);
            let interval = interval.map_err(|fault| match meant(text) {
                Some(interval) => Fault::new(fault.code, fault.message, every(&interval)),
                None => fault,
            });
            let interval = interval.map_err(|fault| fault.at(word(text, 1)))?;
            Ok(Schedule::Every(interval))
        }
        [] | [_] | ["every", ..] => {
            let message = format!("`{}` is no schedule", shown(text));
            let help = meant(text).map(|interval| every(&interval));
            let help = help.unwrap_or_else(|| HELP.to_owned());
            Err(Fault::new(Code::BadSchedule, message, help))
        }
        _ => cron(text),
    }
}

fn every(interval: &str) -> String {
    format!("write `every {interval}`")
}

/// Returns which interval is meant by what other programs take for one: `@daily`, `hourly`, `15m`, `every 5 m`, `every 5
/// minutes`.
fn meant(text: &str) -> Option<String> {
    const NAMED: [(&str, &str); 11] = [
        ("hourly", "1h"),
        ("hour", "1h"),
        ("daily", "1d"),
        ("midnight", "1d"),
        ("day", "1d"),
        ("weekly", "7d"),
        ("week", "7d"),
        ("monthly", "30d"),
        ("month", "30d"),
        ("yearly", "365d"),
        ("annually", "365d"),
    ];
    let words = text.trim().trim_start_matches('@').to_ascii_lowercase();
    let words = words.trim_start_matches("every").trim_start();
    if let Some((_, interval)) = NAMED.iter().find(|(name, _)| *name == words) {
        return Some((*interval).to_owned());
    }
    let spelled = in_letters(words);
    let interval = spelled.as_deref().unwrap_or(words);
    duration(interval, SECOND).ok().map(written)
}

/// Returns an interval whose unit is a word with a letter for that: `5 minutes` as `5m`.
fn in_letters(interval: &str) -> Option<String> {
    let (number, unit) = interval.split_at(interval.find(char::is_alphabetic)?);
    let letter = match unit.trim_end_matches('s') {
        "sec" | "second" => 's',
        "min" | "minute" => 'm',
        "hr" | "hour" => 'h',
        "day" => 'd',
        "week" => 'w',
        _ => return None,
    };
    Some(format!("{}{letter}", number.trim_end()))
}

fn cron(text: &str) -> Result<Schedule, Fault> {
    let line: CronLine = text.parse().map_err(|error: crate::schedule::CronError| {
        let help = error.field.and_then(|field| FIELDS.get(field));
        let fault = Fault::new(Code::BadSchedule, error.message, *help.unwrap_or(&HELP));
        match error.field {
            Some(field) => fault.at(word(text, field)),
            None => fault,
        }
    })?;
    if line.next_after(Timestamp::UNIX_EPOCH).is_none() {
        let message = format!("`{}` never comes", shown(text));
        return Err(Fault::new(
            Code::BadSchedule,
            message,
            "there is no such day in any year",
        ));
    }
    Ok(Schedule::Cron(line))
}

/// Returns the bytes of a text's word, counted from 0; of nothing at its end when it has fewer.
fn word(text: &str, index: usize) -> Range<usize> {
    let mut rest = text.len()..text.len();
    let mut from = 0;
    for (count, word) in text.split_whitespace().enumerate() {
        let start = text.get(from..).and_then(|text| text.find(word));
        let start = from + start.unwrap_or_default();
        from = start + word.len();
        if count == index {
            rest = start..from;
            break;
        }
    }
    rest
}

/// Returns the shortest pause between two polls that a schedule asks for, `None` for an adaptive one.
///
/// Of a cron line that is the pause between civil times, whatever its zone: when clocks are changed, one
/// night of the year may have a shorter one.
pub(super) fn shortest(schedule: &Schedule) -> Option<Duration> {
    /// Firings of a cron line that are looked at: a day of one that fires every two hours.
    const SAMPLED: usize = 12;
    let line = match schedule {
        Schedule::Adaptive => return None,
        Schedule::Every(interval) => return Some(*interval),
        Schedule::Cron(line) => line,
    };
    let first = line.next_after(Timestamp::UNIX_EPOCH)?;
    let firings = std::iter::successors(Some(first), |last| line.next_after(*last));
    let firings: Vec<Timestamp> = firings.take(SAMPLED).collect();
    let gaps = firings.iter().zip(firings.iter().skip(1));
    gaps.filter_map(|(one, next)| Duration::try_from(next.duration_since(*one)).ok())
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_point_at_the_word_at_fault() {
        for (text, code, part) in [
            ("adaptiv", Code::BadSchedule, None),
            ("", Code::BadSchedule, None),
            ("every", Code::BadSchedule, None),
            ("every 5 m", Code::BadSchedule, None),
            ("every  soon", Code::BadDuration, Some(7..11)),
            ("every 0s", Code::BadDuration, Some(6..8)),
            ("* * *", Code::BadSchedule, None),
            ("* 24 * * *", Code::BadSchedule, Some(2..4)),
            ("* * * * 8", Code::BadSchedule, Some(8..9)),
            ("0 0 31 2 *", Code::BadSchedule, None),
        ] {
            let fault = schedule(text).unwrap_err();
            assert_eq!((fault.code, fault.part), (code, part), "{text:?}");
        }
    }

    #[test]
    fn what_other_programs_take_is_meant() {
        for (text, help) in [
            ("@daily", "write `every 1d`"),
            ("daily", "write `every 1d`"),
            ("@hourly", "write `every 1h`"),
            ("Hourly", "write `every 1h`"),
            ("every day", "write `every 1d`"),
            ("15m", "write `every 15m`"),
            ("every 5 m", "write `every 5m`"),
            ("every 5 minutes", "write `every 5m`"),
            ("every 2 hours", "write `every 2h`"),
            ("every 90secs", "write `every 90s`"),
            ("every 1 Week", "write `every 1w`"),
            ("every few minutes", HELP),
            ("60m", "write `every 1h`"),
            ("@reboot", HELP),
            ("often", HELP),
            ("0s", HELP),
        ] {
            assert_eq!(schedule(text).unwrap_err().help, help, "{text}");
        }
    }

    #[test]
    fn shortest_pauses() {
        for (text, seconds) in [
            ("adaptive", None),
            ("every 1s", Some(1)),
            ("*/10 * * * *", Some(600)),
            ("0 6,18 * * *", Some(12 * 3600)),
            ("0,5 6 * * *", Some(300)),
        ] {
            let shortest = shortest(&schedule(text).unwrap());
            assert_eq!(shortest.map(|d| d.as_secs()), seconds, "{text}");
        }
    }
}
