//! Dates in numbers alone, and numbers that are dates alone.

use super::letters::{digits, letters};
use super::months;
use jiff::Timestamp;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::Offset;

/// Two digits below this are years of this century (RFC 2822, 4.3).
const CENTURY_PIVOT: i16 = 50;

/// A date in one piece, and what follows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dated<'a> {
    /// `None` when the calendar has no such day, or the order of the fields is anyone's guess.
    pub(super) date: Option<Date>,
    /// What follows.
    pub(super) rest: &'a str,
    /// Whether the year came first: then ISO 8601 rules what follows.
    pub(super) is_iso: bool,
}

/// Reads a number that is the whole text: Unix time, or a year.
///
/// Ten digits are seconds, thirteen milliseconds: since 2001 and till 2286.
pub(super) fn alone(text: &str) -> Option<Timestamp> {
    let (run, rest) = digits(text);
    if !rest.is_empty() || run.starts_with('0') {
        return None;
    }
    match run.len() {
        4 => midnight(run),
        10 => Timestamp::from_second(run.parse().ok()?).ok(),
        13 => Timestamp::from_millisecond(run.parse().ok()?).ok(),
        _ => None,
    }
}

fn midnight(year: &str) -> Option<Timestamp> {
    let date = Date::new(year.parse().ok()?, 1, 1).ok()?;
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// Reads the date that `text` begins with, where it is all of one piece.
pub(super) fn read(text: &str) -> Option<Dated<'_>> {
    let forms = [compact, ordinal, week, triple, year_and_month];
    forms.into_iter().find_map(|form| form(text))
}

/// Returns a year of so many digits: two or three are short for one of our time (RFC 2822, 4.3).
pub(super) fn full_year(digits: &str) -> Option<i16> {
    let year: i16 = digits.parse().ok()?;
    match digits.len() {
        1 | 2 if year < CENTURY_PIVOT => Some(year + 2000),
        1..=3 => Some(year + 1900),
        4 => Some(year),
        _ => None,
    }
}

/// `20240722`, also with a time glued to it, which then follows.
fn compact(text: &str) -> Option<Dated<'_>> {
    let (run, _) = digits(text);
    if !matches!(run.len(), 8 | 12 | 14) {
        return None;
    }
    let (date, rest) = text.split_at_checked(8)?;
    let (year, date) = date.split_at_checked(4)?;
    let (month, day) = date.split_at_checked(2)?;
    Some(Dated {
        date: day_of(year, month, day),
        rest,
        is_iso: true,
    })
}

/// `2024-204` and `2024204`: the day of the year.
fn ordinal(text: &str) -> Option<Dated<'_>> {
    let (run, rest) = digits(text);
    let (year, (day, rest)) = match run.len() {
        4 => (run, digits(rest.strip_prefix('-')?)),
        7 => {
            let (year, day) = run.split_at_checked(4)?;
            (year, (day, rest))
        }
        _ => return None,
    };
    let is_alone = day.len() == 3 && !rest.starts_with('-');
    is_alone.then(|| Dated {
        date: day_of_year(year, day),
        rest,
        is_iso: true,
    })
}

fn day_of_year(year: &str, day: &str) -> Option<Date> {
    let date = Date::new(year.parse().ok()?, 1, 1).ok()?;
    date.with().day_of_year(day.parse().ok()?).build().ok()
}

/// `2024W301`, also with hyphens: a week and its day, or a week alone, whose Monday is meant.
fn week(text: &str) -> Option<Dated<'_>> {
    let (year, rest) = digits(text);
    let rest = rest.strip_prefix('-').unwrap_or(rest).strip_prefix('w')?;
    let (run, rest) = digits(rest);
    let (week, day) = run.split_at_checked(2)?;
    let (day, rest) = match rest.strip_prefix('-').map(digits) {
        Some((number, rest)) if day.is_empty() => (number, rest),
        _ => (day, rest),
    };
    (year.len() == 4).then(|| Dated {
        date: day_of_week(year, week, if day.is_empty() { "1" } else { day }),
        rest,
        is_iso: true,
    })
}

fn day_of_week(year: &str, week: &str, day: &str) -> Option<Date> {
    let day = Weekday::from_monday_one_offset(day.parse().ok()?).ok()?;
    let date = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, day);
    date.ok().map(ISOWeekDate::date)
}

/// `2024-07`, `2024/7`: the first of a month, if that is all there is.
fn year_and_month(text: &str) -> Option<Dated<'_>> {
    let (year, rest) = digits(text);
    let (month, rest) = digits(rest.strip_prefix(['-', '/'])?);
    let is_all = year.len() == 4 && matches!(month.len(), 1 | 2) && rest.is_empty();
    is_all.then(|| Dated {
        date: day_of(year, month, "1"),
        rest,
        is_iso: true,
    })
}

/// Three fields between equal separators: `2024/7/22`, `22.07.2024`, `22-Jul-2024`, `2024. 7. 22`.
fn triple(text: &str) -> Option<Dated<'_>> {
    let (first, rest) = digits(text);
    let separator = rest.chars().next()?;
    let is_usual = matches!(separator, '-' | '/' | '.') || separator == ':' && first.len() == 4;
    if !is_usual {
        return None;
    }
    let next = |rest| spaced(rest, separator);
    let (number, after) = digits(next(rest)?);
    let (name, after) = if number.is_empty() {
        letters(after)
    } else {
        ("", after)
    };
    let month = months::named(name);
    if number.is_empty() && month.is_none() {
        return None;
    }
    let after = match after.strip_prefix('.') {
        Some(dotless) if month.is_some() && separator != '.' => dotless,
        _ => after,
    };
    let (last, rest) = digits(next(after)?);
    let date = match month {
        Some(month) => between(first, month.number, last),
        None => one_of(first, number, last, separator),
    };
    (!last.is_empty()).then_some(Dated {
        date,
        rest,
        is_iso: first.len() == 4,
    })
}

/// What follows a separator; behind a dot there may be white space.
fn spaced(text: &str, separator: char) -> Option<&str> {
    let rest = text.strip_prefix(separator)?;
    Some(if separator == '.' {
        rest.trim_start()
    } else {
        rest
    })
}

/// The date of a named month between two numbers.
fn between(first: &str, month: i8, last: &str) -> Option<Date> {
    let (year, day) = match (first.len(), last.len()) {
        (4, 1 | 2) => (first, last),
        (1 | 2, 2 | 4) => (last, first),
        _ => return None,
    };
    Date::new(full_year(year)?, month, day.parse().ok()?).ok()
}

/// The date of three numbers, if all agree what it is.
///
/// Between dots the day is first. Between strokes the American order is as common, so one of the two must
/// be impossible. Between hyphens a short year may even be the first.
fn one_of(first: &str, second: &str, third: &str, separator: char) -> Option<Date> {
    let european = || day_of(third, second, first);
    let american = || day_of(third, first, second);
    match (first.len(), third.len()) {
        (4, 1 | 2) => day_of(first, second, third),
        (1 | 2, 2 | 4) if separator == '.' => european().or_else(american),
        (1 | 2, 4) => sole([european(), american()]),
        (1 | 2, 2) if separator == '/' => sole([european(), american()]),
        (1 | 2, 2) => sole([european(), american(), day_of(first, second, third)]),
        _ => None,
    }
}

/// The only date among the readings of a text.
fn sole<const N: usize>(readings: [Option<Date>; N]) -> Option<Date> {
    let mut readings = readings.into_iter().flatten();
    let first = readings.next()?;
    readings.all(|it| it == first).then_some(first)
}

fn day_of(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(full_year(year)?, month.parse().ok()?, day.parse().ok()?).ok()
}
