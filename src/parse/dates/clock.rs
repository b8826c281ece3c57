//! Times of day.

use super::letters::{digits, is_letter, is_number};
use jiff::civil::{Date, DateTime, Time};

/// A time of day as it was written; [`Clock::on`] tells whether there is such a one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    /// Of the second.
    pub(super) nanosecond: i32,
    /// Whether seconds were written, as programs do.
    pub(super) is_exact: bool,
}

impl Clock {
    /// Reads `10:00`, `9:05:00`, `10:00:00.25` and, as .NET prints it, `10:00:00:250`; returns what follows.
    pub(super) fn read(text: &str, separator: char) -> Option<(Self, &str)> {
        let (hour, rest) = two_digits(text)?;
        let (minute, rest) = two_digits(rest.strip_prefix(separator)?)?;
        let mut clock = Self {
            hour,
            minute,
            ..Self::default()
        };
        let Some((second, rest)) = rest.strip_prefix(separator).and_then(two_digits) else {
            return Some((clock, rest));
        };
        clock.second = second;
        clock.is_exact = true;
        let (nanosecond, rest) = fraction(rest);
        clock.nanosecond = nanosecond;
        Some((clock, rest))
    }

    /// Reads `10`, `1000`, `100000` and `100000.25`, the basic form of ISO 8601.
    pub(super) fn compact(text: &str) -> Option<(Self, &str)> {
        let (run, rest) = digits(text);
        if !matches!(run.len(), 2 | 4 | 6) {
            return None;
        }
        let is_exact = run.len() == 6;
        let (hour, run) = two_digits(run)?;
        let (minute, run) = two_digits(run).unwrap_or_default();
        let (second, _) = two_digits(run).unwrap_or_default();
        let (nanosecond, rest) = if is_exact { fraction(rest) } else { (0, rest) };
        let clock = Self {
            hour,
            minute,
            second,
            nanosecond,
            is_exact,
        };
        Some((clock, rest))
    }

    /// Reads `8 pm`, `10h30`, `10h`, and `10 h 30` when `is_dated`: before a date the number would be its day.
    ///
    /// `pm` is not read here but stays in what follows.
    pub(super) fn spoken(text: &str, is_dated: bool) -> Option<(Self, &str)> {
        let (hour, after) = two_digits(text)?;
        let clock = Self {
            hour,
            ..Self::default()
        };
        let after = after.trim_start();
        if Half::behind(after).is_some() {
            return Some((clock, after));
        }
        let rest = after.strip_prefix(['h', 'u'])?; // heures, horas, uur
        let minutes = if is_dated { rest.trim_start() } else { rest };
        match two_digits(minutes) {
            Some((minute, rest)) => Some((Self { minute, ..clock }, rest)),
            None => (!rest.starts_with(is_letter)).then_some((clock, rest)),
        }
    }

    /// Returns the time of day in 24 hours; one past 12 is in them already.
    pub(super) fn in_half(mut self, half: Option<Half>) -> Self {
        if let Some(half) = half.filter(|_| self.hour <= 12) {
            self.hour = self.hour % 12 + if half == Half::Afternoon { 12 } else { 0 };
        }
        self
    }

    /// Returns the time on a day; `None` when no clock shows it.
    ///
    /// 24:00:00 is the next midnight. A leap second is the one before it, which is all that jiff knows.
    pub(super) fn on(self, date: Date) -> Option<DateTime> {
        if (self.hour, self.minute, self.second, self.nanosecond) == (24, 0, 0, 0) {
            return Some(date.tomorrow().ok()?.to_datetime(Time::midnight()));
        }
        let second = if self.second == 60 { 59 } else { self.second };
        let time = Time::new(self.hour, self.minute, second, self.nanosecond);
        Some(date.to_datetime(time.ok()?))
    }
}

/// One or two digits.
fn two_digits(text: &str) -> Option<(i8, &str)> {
    let length = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    Some((digits.parse().ok()?, rest))
}

/// Digits of .NET's milliseconds, which stand behind a colon; fewer are one colon too many.
const MILLISECOND_DIGITS: usize = 3;

/// The nanoseconds of a fraction, or none where there is none; digits beyond are dropped.
fn fraction(text: &str) -> (i32, &str) {
    let (run, rest) = digits(text.strip_prefix(['.', ',', ':']).unwrap_or_default());
    if run.is_empty() || text.starts_with(':') && run.len() != MILLISECOND_DIGITS {
        return (0, text);
    }
    let nine = run.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanosecond = nine.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    (nanosecond, rest)
}

/// Tells whether a text goes on as no time of day does: one number too many.
pub(super) fn is_overlong(rest: &str) -> bool {
    is_number(rest.strip_prefix(':').unwrap_or(rest))
}

/// Half of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

/// Halves of the day by name, in words that nothing else ends in: English `am` is German for `on`, so it
/// counts right behind a time alone.
const HALVES: [(&str, Half); 15] = [
    ("pm", Half::Afternoon),
    // Chinese
    ("上午", Half::Morning),
    ("凌晨", Half::Morning),
    ("早上", Half::Morning),
    ("清晨", Half::Morning),
    ("中午", Half::Afternoon),
    ("下午", Half::Afternoon),
    ("傍晚", Half::Afternoon),
    ("晚上", Half::Afternoon),
    // Japanese
    ("午前", Half::Morning),
    ("午後", Half::Afternoon),
    // Korean
    ("오전", Half::Morning),
    ("새벽", Half::Morning),
    ("오후", Half::Afternoon),
    ("저녁", Half::Afternoon),
];

impl Half {
    /// Reads `am`, `p.m.`, `a. m.`, Greek `μ.μ.`, and returns what follows.
    pub(super) fn behind(text: &str) -> Option<(Self, &str)> {
        let first = text.chars().next()?;
        let half = match first {
            'a' | 'π' => Self::Morning,
            'p' | 'μ' => Self::Afternoon,
            _ => return None,
        };
        let rest = text.strip_prefix(first)?;
        let rest = rest.strip_prefix('.').map_or(rest, str::trim_start);
        let rest = rest.strip_prefix(['m', 'μ'])?;
        (!rest.starts_with(is_letter)).then_some((half, rest))
    }

    /// Returns the half that a word names, `下午` as well as `星期一下午`.
    pub(super) fn named(word: &str) -> Option<Self> {
        let named = |name: &str| word == name || !name.is_ascii() && word.ends_with(name);
        let found = HALVES.iter().find(|(name, _)| named(name));
        found.map(|&(_, half)| half)
    }
}
