//! The two forms that most feeds write, read as they stand: nothing is copied, nothing allocated.

use super::Reading;
use super::clock::Clock;
use super::letters::digits;
use super::months;
use super::zones::{self, Zone};
use jiff::civil::Date;

/// Returns what a date of RFC 3339 or of RFC 822 in English says; `None` for anything out of the ordinary.
pub(super) fn read(text: &str) -> Option<Reading> {
    match text.as_bytes().first()? {
        b'0'..=b'9' => rfc3339(text).or_else(|| rfc822(text)),
        _ => rfc822(text),
    }
}

/// `2024-07-22T10:00:00+05:30`
fn rfc3339(text: &str) -> Option<Reading> {
    let (year, rest) = field(text, 4)?;
    let (month, rest) = field(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = field(rest.strip_prefix('-')?, 2)?;
    let (clock, rest) = Clock::read(rest.strip_prefix(['T', 't', ' '])?, ':')?;
    let date = date(year, month.parse().ok()?, day)?;
    let zone = zone(rest)?;
    Some(Reading { date, clock, zone })
}

/// `Mon, 22 Jul 2024 10:00:00 +0530`
fn rfc822(text: &str) -> Option<Reading> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let (day, rest) = digits(text.strip_prefix(", ").unwrap_or(text));
    let (month, rest) = rest.strip_prefix(' ')?.split_at_checked(3)?;
    let (year, rest) = field(rest.strip_prefix(' ')?, 4)?;
    let (clock, rest) = Clock::read(rest.strip_prefix(' ')?, ':')?;
    let date = date(year, months::abbreviated(month)?, day)?;
    let zone = zone(rest)?;
    Some(Reading { date, clock, zone })
}

/// So many digits and no more.
fn field(text: &str, length: usize) -> Option<(&str, &str)> {
    let (run, rest) = digits(text);
    (run.len() == length).then_some((run, rest))
}

fn date(year: &str, month: i8, day: &str) -> Option<Date> {
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// What is left of a date is a zone that we know, or nothing.
fn zone(rest: &str) -> Option<Zone> {
    match rest.trim_start() {
        "" => Some(Zone::UTC),
        offset if offset.starts_with(['+', '-']) => match zones::shift(offset)? {
            (fixed, "") if !offset.contains(' ') => Some(Zone::Fixed(fixed)),
            _ => None,
        },
        name => zones::named(name),
    }
}
