//! Dates in any form, read piece by piece: `Mon, 22 Jul 2024 10:00 IST`, `July 22, 2024`, `22.07.2024`.
//!
//! Every number must find its place, for one too many says that the text is not what it seems; words that
//! nobody knows are passed over, for there are weekdays in a hundred languages.

use super::Reading;
use super::clock::{Clock, Half, is_overlong};
use super::found::{BESIDE_A_NUMBER, CERTAIN, Found, SURE};
use super::letters::{digits, is_letter, is_number, letters};
use super::numbers::{self, Dated};
use super::units::{self, Unit};
use super::{months, zones};

/// Words between a time and its zone.
const OF_TIME: [&str; 6] = ["uhr", "h", "hrs", "hours", "hod", "ч"];

/// How long the years are to which times are glued.
const YEAR_DIGITS: usize = 4;

/// Returns what a folded text says.
pub(super) fn read(text: &str) -> Option<Reading> {
    let mut reader = Reader {
        rest: text,
        found: Found::default(),
        is_after_number: false,
        depth: 0,
        is_past_zone: false,
    };
    while let Some(first) = reader.rest.chars().next() {
        reader.step(first)?;
    }
    reader.found.reading()
}

/// A text half read.
struct Reader<'a> {
    rest: &'a str,
    found: Found,
    /// Whether no more than unknown words came since the last number.
    is_after_number: bool,
    /// How many parentheses are open.
    depth: usize,
    /// Whether a word behind the time was no zone, so that the next ones are none either.
    is_past_zone: bool,
}

impl<'a> Reader<'a> {
    /// Reads the next piece; `None` when there is no date in the text.
    fn step(&mut self, first: char) -> Option<()> {
        match first {
            '0'..='9' => self.number()?,
            '+' | '-' if self.offset() => {}
            _ if is_letter(first) => self.word()?,
            _ => self.mark(first),
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        if let Some((clock, rest)) = self.time() {
            return self.take_clock(clock, rest);
        }
        if self.found.has_room_for_date()
            && let Some(dated) = numbers::read(self.rest)
        {
            return self.take_date(dated);
        }
        let (run, rest) = digits(self.rest);
        if let Some((unit, rest)) = unit_behind(rest) {
            self.rest = rest;
            return self.found.take_counted(unit, run);
        }
        let (run, rest) = self.without_clock(run, rest);
        self.rest = rest;
        self.is_after_number = true;
        let has_place = self.found.take_number(run) || self.depth > 0;
        has_place.then_some(())
    }

    /// `10:00`, `8 pm`, `10h30`; behind a date also `10.30`, which before it might be its day.
    fn time(&self) -> Option<(Clock, &'a str)> {
        let is_dated = self.found.is_dated();
        let spoken = || Clock::spoken(self.rest, is_dated);
        let dotted = || Clock::read(self.rest, '.').filter(|_| is_dated);
        Clock::read(self.rest, ':').or_else(spoken).or_else(dotted)
    }

    /// Splits a year from a time that is glued to it: `22 Jul 202410:00:00`.
    fn without_clock(&self, run: &'a str, rest: &'a str) -> (&'a str, &'a str) {
        let is_glued = matches!(run.len(), 5 | 6) && rest.starts_with(':');
        let split = self.rest.split_at_checked(YEAR_DIGITS);
        split.filter(|_| is_glued).unwrap_or((run, rest))
    }

    fn take_clock(&mut self, clock: Clock, rest: &'a str) -> Option<()> {
        if is_overlong(rest) || self.found.clock.replace(clock).is_some() {
            return None;
        }
        self.rest = rest;
        self.is_after_number = false;
        if let Some((half, rest)) = Half::behind(rest.trim_start()) {
            self.found.half = Some(half);
            self.rest = rest;
        }
        Some(())
    }

    fn take_date(&mut self, dated: Dated<'a>) -> Option<()> {
        self.found.take_date(dated.date?)?;
        self.rest = dated.rest;
        if !dated.is_iso {
            return Some(());
        }
        if let Some((clock, rest)) = iso_time(dated.rest) {
            return self.take_clock(clock, rest);
        }
        self.day_offset();
        Some(())
    }

    /// `2024-07-22-05:00`: the day of a zone (XML Schema, 3.3.9).
    fn day_offset(&mut self) {
        if let Some((offset, "")) = zones::shift(self.rest)
            && self.rest.contains(':')
        {
            self.found.offset = Some(offset);
            self.rest = "";
        }
    }

    /// Reads an offset and tells whether it was one; of two the first counts (Go prints `+0530 +0530`).
    ///
    /// A hyphen on its own is hardly a sign: `10:00 - 11:00`. Behind seconds it is.
    fn offset(&mut self) -> bool {
        let is_plus = self.rest.starts_with('+');
        let is_alone = self.rest.starts_with("- ");
        let is_expected = match self.found.clock {
            Some(clock) => clock.is_exact || !is_alone,
            None => is_plus && self.found.is_dated(),
        };
        match zones::shift(self.rest).filter(|_| is_expected) {
            Some((offset, rest)) => {
                self.found.offset.get_or_insert(offset);
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> Option<()> {
        let (word, rest) = letters(self.rest);
        self.rest = rest;
        if let Some(month) = months::named(word) {
            let is_beside = self.is_after_number || is_number(rest.trim_start_matches(is_joint));
            let beside = if is_beside { BESIDE_A_NUMBER } else { 0 };
            let sure = if month.is_sure { SURE } else { 0 };
            self.found.take_month(month.number, beside + sure);
            self.is_after_number = false;
        } else if let Some(half) = Half::named(word) {
            self.found.half = Some(half);
        } else if let Some(unit) = units::before(word) {
            return self.counted(unit);
        } else {
            self.zone(word);
        }
        Some(())
    }

    /// What Vietnamese counts; without a number its words mean nothing here.
    fn counted(&mut self, unit: Unit) -> Option<()> {
        let ahead = self.rest.trim_start();
        if is_number(ahead) {
            let (run, rest) = digits(ahead);
            self.rest = rest;
            return self.found.take_counted(unit, run);
        }
        if unit == Unit::Month
            && let Some((month, rest)) = units::counted(ahead)
        {
            self.rest = rest;
            self.found.take_month(month, CERTAIN);
        }
        Some(())
    }

    /// The first zone counts, and none that comes before anything else.
    fn zone(&mut self, word: &str) {
        let has_time = self.found.clock.is_some();
        let is_past = self.is_past_zone && self.depth == 0;
        if self.found.zone.is_none() && !is_past && (has_time || self.found.year.is_some()) {
            let seasonal = || zones::seasonal(word).filter(|_| has_time && self.found.is_dated());
            self.found.zone = zones::named(word).or_else(seasonal);
            let is_of_time = OF_TIME.contains(&word);
            self.is_past_zone |= has_time && self.found.zone.is_none() && !is_of_time;
        }
    }

    fn mark(&mut self, mark: char) {
        match mark {
            '(' | '[' => self.depth += 1,
            ')' | ']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.is_after_number &= !matches!(mark, '(' | ')' | ',' | ';');
        self.rest = self.rest.strip_prefix(mark).unwrap_or_default();
    }
}

/// What may stand between a month and the number that belongs to it.
fn is_joint(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-' | '/' | '\'')
}

/// The unit behind a number. Apart from it, a longer word is one of its own: `22 月曜日` is a Monday.
fn unit_behind(text: &str) -> Option<(Unit, &str)> {
    let apart =
        || units::behind(text.trim_start()).filter(|(_, rest)| !rest.starts_with(is_letter));
    units::behind(text).or_else(apart)
}

/// The basic form of a time behind a day, `T100000`, `T10`, ` 1000`; the extended form is read as any time.
fn iso_time(text: &str) -> Option<(Clock, &str)> {
    let bare = text.strip_prefix('t').unwrap_or(text.trim_start());
    let (run, _) = digits(bare);
    let (clock, rest) = Clock::compact(bare)?;
    let is_whole = run.len() > 2 || text.starts_with('t') || rest.is_empty();
    (is_whole && !rest.starts_with([':', '.'])).then_some((clock, rest))
}
