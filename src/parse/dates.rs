//! Dates as publishers write them.
//!
//! RFC 822 with its many accidents (named zones, two-digit years, no seconds, 12 hours, months in the
//! languages of those who publish, American order), ISO 8601 down to a year alone, what programs print
//! (asctime, JavaScript, Go, logs), dates in Chinese, Japanese and Korean, and Unix time. A date that cannot
//! be true is no date: zero values of programs, the far future, 31 February, hour 25, a number too many.
//! What is ambiguous (`07/08/2026`) is no date either: a wrong one does more harm than none.
//!
//! ```text
//! text --exact--> reading            what most feeds write, nothing allocated
//!      \--alone--> instant           a number that is the whole text
//!       \--folded, words--> reading  all else, piece by piece
//! ```
//!
//! Invariants: total; linear in the length of a text, which is limited; an instant that is given, printed
//! and read again is the same; what `exact` reads `words` reads alike. A date without a time is midnight,
//! a time without a zone is UTC, and so is one whose zone nobody knows (RFC 2822, 4.3); an offset that no
//! zone has is nonsense as hour 25 is. Weekdays are not believed, they are wrong too often.

mod clock;
mod exact;
mod found;
mod letters;
mod months;
mod numbers;
#[cfg(test)]
mod tests;
mod units;
mod words;
mod zones;

use clock::Clock;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use letters::folded;
use zones::Zone;

/// Longer texts are no dates. What JavaScript prints has a zone's name in letters of two bytes at its end.
const MAX_LENGTH: usize = 160;

/// No entry is older than this: 0001-01-01, 1899-12-30 and 1900-01-01 are zero values of programs.
const EARLIEST_YEAR: i16 = 1901;

/// No entry is dated later than this; whether a date lies in the near future only `normalize` can tell.
const LATEST_YEAR: i16 = 2100;

/// So near to 1970-01-01T00:00:00Z, in seconds, a date is the zero value of a program in some zone.
const EPOCH_REACH: u64 = 24 * 60 * 60;

/// Returns the instant that `text` names; `None` when it names none, or one that cannot be true.
///
/// A date without a time is midnight, a time without a zone is UTC.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LENGTH {
        return None;
    }
    let instant = match exact::read(text) {
        Some(reading) => reading.instant(),
        None => numbers::alone(text).or_else(|| words::read(&folded(text))?.instant()),
    }?;
    is_plausible(instant).then_some(instant)
}

/// Tells whether an instant is more than the zero value of a program.
fn is_plausible(instant: Timestamp) -> bool {
    let year = Offset::UTC.to_datetime(instant).year();
    (EARLIEST_YEAR..=LATEST_YEAR).contains(&year)
        && instant.as_second().unsigned_abs() > EPOCH_REACH
}

/// What a text says: a day, a time of day, and where.
#[derive(Clone, Copy, Debug)]
struct Reading {
    date: Date,
    clock: Clock,
    zone: Zone,
}

impl Reading {
    fn instant(self) -> Option<Timestamp> {
        self.zone.instant(self.clock.on(self.date)?)
    }
}
