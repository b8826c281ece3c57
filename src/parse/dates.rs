//! Dates as publishers write them.
//!
//! RFC 822 with its many accidents (named zones, two-digit years, no seconds, months in other languages,
//! American order) and ISO 8601 down to a year alone. A date that cannot be true is no date: zero values
//! of programs, 1970-01-01T00:00:00Z, the far future. What is ambiguous (`07/08/2026`) is no date either.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// Longer texts are no dates.
const MAX_LENGTH: usize = 100;

/// No entry is older than this: 0001-01-01, 1899-12-30 and 1900-01-01 are zero values of programs.
const EARLIEST_YEAR: i16 = 1901;

/// No entry is dated later than this; whether a date lies in the near future only `normalize` can tell.
const LATEST_YEAR: i16 = 2100;

/// Two digits below this are years of this century (RFC 2822, 4.3).
const CENTURY_PIVOT: i16 = 50;

/// Returns the instant that `text` names; `None` when it names none, or one that cannot be true.
///
/// A date without a time is midnight, a time without a zone is UTC.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LENGTH {
        return None;
    }
    let (civil, offset) = iso(text).or_else(|| words(text))?;
    let instant = offset.to_timestamp(civil).ok()?;
    let is_plausible = (EARLIEST_YEAR..=LATEST_YEAR).contains(&civil.year());
    (is_plausible && instant != Timestamp::UNIX_EPOCH).then_some(instant)
}

/// `2026-11-25T10:00:00+05:30`, its shortened forms, and the compact `20261125T100000Z`.
fn iso(text: &str) -> Option<(DateTime, Offset)> {
    let text = text.trim_start_matches('+');
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits != 4 && digits != 8 {
        return None;
    }
    let (day, rest) = if digits == 8 {
        compact_date(text)?
    } else {
        dashed_date(text)?
    };
    let rest = rest.trim_start_matches(['T', 't', ' ', ',']);
    if rest.is_empty() {
        return Some((day.to_datetime(Time::midnight()), Offset::UTC));
    }
    let (clock, zone) = clock(rest)?;
    Some((at(day, clock)?, offset(zone).unwrap_or(Offset::UTC)))
}

fn compact_date(text: &str) -> Option<(Date, &str)> {
    let (digits, rest) = text.split_at_checked(8)?;
    let (year, rest_of_date) = digits.split_at_checked(4)?;
    let (month, day) = rest_of_date.split_at_checked(2)?;
    Some((
        day_of(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?,
        rest,
    ))
}

/// Year, month and day between `-` or `/`, the last two optional.
fn dashed_date(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = number(text)?;
    let Some((month, rest)) = rest.strip_prefix(['-', '/']).and_then(number) else {
        return rest.is_empty().then_some((day_of(year, 1, 1)?, rest));
    };
    let month = i8::try_from(month).ok()?;
    let Some((day, rest)) = rest.strip_prefix(['-', '/']).and_then(number) else {
        return rest.is_empty().then_some((day_of(year, month, 1)?, rest));
    };
    Some((day_of(year, month, i8::try_from(day).ok()?)?, rest))
}

/// Everything else, word by word: `Mon, 22 Jul 2024 10:00 IST`, `July 22, 2024`, `22.07.2024 10:00`.
fn words(text: &str) -> Option<(DateTime, Offset)> {
    let mut parts = Parts::default();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')')) {
        parts.take(word);
    }
    let year = match parts.year? {
        short @ 0..100 if short < CENTURY_PIVOT => short + 2000,
        short @ 0..100 => short + 1900,
        long => long,
    };
    let day = day_of(year, parts.month?, parts.day?)?;
    Some((
        at(day, parts.clock.unwrap_or_default())?,
        parts.offset.unwrap_or(Offset::UTC),
    ))
}

/// What the words of a date have told so far.
#[derive(Debug, Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    clock: Option<Clock>,
    offset: Option<Offset>,
}

impl Parts {
    fn take(&mut self, word: &str) {
        if word.is_empty() || self.take_half(word) {
        } else if word.contains(':') && self.clock.is_none() {
            self.take_clock(word);
        } else if self.clock.is_some() && word.starts_with(['+', '-']) {
            self.offset = offset(word).or(self.offset);
        } else if word.starts_with(|c: char| c.is_ascii_digit()) {
            self.take_digits(word);
        } else if let Some(month) = month(word) {
            self.month = Some(month); // the last one: `mar. 12 mars` begins with a Tuesday
        } else if self.clock.is_some() {
            self.offset = offset(word).or(self.offset);
        }
    }

    fn take_clock(&mut self, word: &str) {
        if let Some((clock, zone)) = clock(word) {
            self.clock = Some(clock);
            self.offset = offset(zone).or(self.offset);
            self.take_half(zone);
        }
    }

    /// `am` and `pm`.
    fn take_half(&mut self, word: &str) -> bool {
        let is_afternoon = word.eq_ignore_ascii_case("pm") || word.eq_ignore_ascii_case("p.m.");
        if !is_afternoon && !word.eq_ignore_ascii_case("am") && !word.eq_ignore_ascii_case("a.m.") {
            return false;
        }
        if let Some(clock) = self.clock.as_mut().filter(|it| it.hour <= 12) {
            clock.hour = clock.hour % 12 + if is_afternoon { 12 } else { 0 };
        }
        true
    }

    /// `22`, `22nd`, `22Jul`, `2024`, `22-Jul-2024`, `22.07.2024`, `2024-07-22`.
    fn take_digits(&mut self, word: &str) {
        let parts: Vec<&str> = word
            .split(['-', '/', '.'])
            .filter(|it| !it.is_empty())
            .collect();
        if let Some((day, rest)) = iso_day(word) {
            self.take_day(day);
            self.take(rest);
        } else if let [first, second, third] = parts.as_slice() {
            self.take_joined(first, second, third, word.contains('.'));
        } else if let Some((value, rest)) = number(word) {
            let digits = word.len() - rest.len();
            if self.day.is_none() && digits <= 2 && (1..=31).contains(&value) {
                self.day = i8::try_from(value).ok();
            } else if self.year.is_none() {
                self.year = Some(value);
            }
            self.month = month(rest).or(self.month); // `30Mar`
        }
    }

    fn take_day(&mut self, day: Date) {
        self.year = Some(day.year());
        self.month = Some(day.month());
        self.day = Some(day.day());
    }

    /// Day, month and year in one word. Numbers between `/` or `-` have no order that all agree on, so
    /// they are taken only when one of them cannot be a month; numbers between dots are day first.
    fn take_joined(&mut self, first: &str, second: &str, third: &str, dotted: bool) {
        let (Some((a, _)), Some((year, _))) = (number(first), number(third)) else {
            return;
        };
        let (day, month) = match (month(second), number(second)) {
            (Some(month), _) => (a, i16::from(month)),
            (None, Some((b, _))) if dotted || a > 12 || a == b => (a, b),
            (None, Some((b, _))) if b > 12 => (b, a),
            _ => return,
        };
        self.year = Some(year);
        self.month = i8::try_from(month).ok();
        self.day = i8::try_from(day).ok();
    }
}

fn iso_day(word: &str) -> Option<(Date, &str)> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = if digits == 4 {
        dashed_date(word)?
    } else {
        return None;
    };
    word.contains(['-', '/'])
        .then_some((day, rest.trim_start_matches('T')))
}

/// A time of day; hour 24 and second 60 are allowed for.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
}

/// Reads `10:00`, `10:00:00.25`, `1000`, `100000` and returns what follows.
fn clock(text: &str) -> Option<(Clock, &str)> {
    let (hour, rest) = two_digits(text)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':').unwrap_or(rest)).unwrap_or((0, rest));
    let seconds = rest.strip_prefix([':', '.']).or_else(|| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            .then_some(rest)
    });
    let (second, rest) = seconds.and_then(two_digits).unwrap_or((0, rest));
    let (nanosecond, rest) = fraction(rest);
    let clock = Clock {
        hour,
        minute,
        second: second.min(59),
        nanosecond,
    };
    Some((clock, rest.trim_start()))
}

/// One or two digits.
fn two_digits(text: &str) -> Option<(i8, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    Some((digits.parse().ok()?, rest))
}

fn fraction(text: &str) -> (i32, &str) {
    let Some(digits) = text.strip_prefix(['.', ',']) else {
        return (0, text);
    };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = digits.split_at_checked(length).unwrap_or((digits, ""));
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    (nine.parse().unwrap_or(0), rest)
}

fn number(text: &str) -> Option<(i16, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    Some((digits.parse().ok()?, rest))
}

fn day_of(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

fn at(day: Date, clock: Clock) -> Option<DateTime> {
    let (day, hour) = match clock.hour {
        24 => (day.tomorrow().ok()?, 0),
        hour => (day, hour),
    };
    let time = Time::new(hour, clock.minute, clock.second, clock.nanosecond).ok()?;
    Some(day.to_datetime(time))
}

/// `Z`, `GMT`, `IST`, `+0530`, `+05:30`, `-5`, `GMT+3`, `UTC-05:00`.
fn offset(text: &str) -> Option<Offset> {
    let text = text.trim();
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, shift) = text.split_at_checked(letters)?;
    match (zone(name), shift) {
        (zone, "") => Offset::from_seconds(zone? * 60).ok(),
        (zone, shift) if name.is_empty() || zone == Some(0) => shifted(shift),
        _ => None,
    }
}

fn shifted(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, rest) = two_digits(digits)?;
    let (minutes, _) = two_digits(rest.strip_prefix(':').unwrap_or(rest)).unwrap_or((0, ""));
    Offset::from_seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)).ok()
}

/// Zones by name and their minutes east of Greenwich. `IST` is India's: that is who writes it; `BST` is
/// Britain's, `EST` and `CST` are America's (RFC 822).
const ZONES: [(&str, i32); 27] = [
    ("Z UT UTC GMT WET", 0),
    ("WEST BST CET MET", 60),
    ("CEST MEST EET SAST", 120),
    ("EEST MSK TRT EAT", 180),
    ("MSD GST", 240),
    ("PKT UZT", 300),
    ("IST", 330),
    ("NPT", 345),
    ("BDT", 360),
    ("ICT WIB", 420),
    ("HKT SGT PHT AWST", 480),
    ("JST KST", 540),
    ("ACST", 570),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("NDT", -150),
    ("ADT", -180),
    ("NST", -210),
    ("EDT AST", -240),
    ("EST CDT", -300),
    ("CST MDT", -360),
    ("MST PDT", -420),
    ("PST AKDT", -480),
    ("AKST", -540),
    ("HST", -600),
];

fn zone(name: &str) -> Option<i32> {
    let is_named = |names: &str| names.split(' ').any(|it| it.eq_ignore_ascii_case(name));
    let found = ZONES.iter().find(|(names, _)| is_named(names));
    found.map(|&(_, minutes)| minutes)
}

/// How the names of months begin in English, German, French, Spanish, Italian, Portuguese, Dutch and
/// Russian.
const MONTHS: [(&str, i8); 12] = [
    ("jan ene gen янв", 1),
    ("feb fév fev фев", 2),
    ("mar mär mrt maa мар", 3),
    ("apr avr abr апр", 4),
    ("may mai maj mag mei май мая", 5),
    ("jun juin giu июн", 6),
    ("jul juil lug июл", 7),
    ("aug aoû aou ago авг", 8),
    ("sep set сен", 9),
    ("oct okt ott out окт", 10),
    ("nov ноя", 11),
    ("dec dez déc dic дек", 12),
];

fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let begins = |names: &str| names.split(' ').any(|it| word.starts_with(it));
    let found = MONTHS.iter().find(|(names, _)| begins(names));
    found.map(|&(_, month)| month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (text, expected) in [
            // RFC 822 and 2822
            ("Mon, 22 Jul 2024 10:00:00 GMT", "2024-07-22T10:00:00Z"),
            ("Mon, 22 Jul 2024 10:00:00 +0530", "2024-07-22T04:30:00Z"),
            ("Mon, 22 Jul 2024 10:00 IST", "2024-07-22T04:30:00Z"),
            ("22 Jul 24 10:00 EST", "2024-07-22T15:00:00Z"),
            ("22 Jul 99 10:00 PDT", "1999-07-22T17:00:00Z"),
            (
                "Monday, 22 July 2024 10:00:00 UTC+3",
                "2024-07-22T07:00:00Z",
            ),
            ("Mon,22 Jul 2024 10:00:00 -05:00", "2024-07-22T15:00:00Z"),
            ("Mon, 22 Jul 2024", "2024-07-22T00:00:00Z"),
            ("Mon, 22 Jul 2024 24:00:00 GMT", "2024-07-23T00:00:00Z"),
            ("Mon, 22 Jul 2024 23:59:60 GMT", "2024-07-22T23:59:59Z"),
            ("Sun, 30Mar 2025 12:41:13 +0530", "2025-03-30T07:11:13Z"),
            ("Mon, 22 Jul 2024 8:56 pm PST", "2024-07-23T04:56:00Z"),
            ("Mon, 22 Jul 2024 12:05 AM", "2024-07-22T00:05:00Z"),
            ("Mon, 22 Jul 2024 10:00:00 Nowhere", "2024-07-22T10:00:00Z"),
            // other orders
            ("Jul 22, 2024, 10:00:00", "2024-07-22T10:00:00Z"),
            ("July 22nd, 2024", "2024-07-22T00:00:00Z"),
            ("Mon Jul 22 10:00:00 MSK 2024", "2024-07-22T07:00:00Z"),
            ("22-Jul-2024 10:00:00", "2024-07-22T10:00:00Z"),
            ("22.07.2024 10:00", "2024-07-22T10:00:00Z"),
            ("22/07/2024 10:00", "2024-07-22T10:00:00Z"),
            ("07/22/2024 10:00", "2024-07-22T10:00:00Z"),
            ("Mon, 2024-07-22 10:00:00", "2024-07-22T10:00:00Z"),
            // other languages
            ("mar. 12 mars 2024 10:00:00 +0100", "2024-03-12T09:00:00Z"),
            ("Mo, 22 Juli 2024 10:00:00 CEST", "2024-07-22T08:00:00Z"),
            ("Пн, 22 июля 2024 10:00:00 +0300", "2024-07-22T07:00:00Z"),
            ("5 de agosto de 2024", "2024-08-05T00:00:00Z"),
            // ISO 8601 and its profiles
            ("2024-07-22T10:00:00Z", "2024-07-22T10:00:00Z"),
            ("2024-07-22T10:00:00.25+05:30", "2024-07-22T04:30:00.25Z"),
            ("2024-07-22T10:00-0500", "2024-07-22T15:00:00Z"),
            ("2024-07-22 10:00:00 -0500", "2024-07-22T15:00:00Z"),
            ("2024-07-22 10:00:00 EST", "2024-07-22T15:00:00Z"),
            ("2024-07-22T10:00:00", "2024-07-22T10:00:00Z"),
            ("2024-07-22", "2024-07-22T00:00:00Z"),
            ("2024-07", "2024-07-01T00:00:00Z"),
            ("2024", "2024-01-01T00:00:00Z"),
            ("2024/1/5 9:03:00", "2024-01-05T09:03:00Z"),
            ("20240722T100000Z", "2024-07-22T10:00:00Z"),
            ("20240722", "2024-07-22T00:00:00Z"),
        ] {
            let read = parse(text).map(|it| it.to_string());
            assert_eq!(read.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_true_is_no_date() {
        for text in [
            "",
            "soon",
            "0001-01-01T00:00:00Z",
            "1899-12-30T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "9999-12-31T23:59:59Z",
            "2024-13-01",
            "Mon, 31 Feb 2024 10:00:00 GMT",
            "2024-07-22T99:00:00Z",
            "07/08/2024",
            "10:00:00",
            "1721642400",
            "99999999999999999999",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"2024 ".repeat(1000)), None);
    }
}
