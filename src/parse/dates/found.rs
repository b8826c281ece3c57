//! What has been found of a date, and what it comes to.

use super::Reading;
use super::clock::{Clock, Half};
use super::numbers::full_year;
use super::units::Unit;
use super::zones::Zone;
use jiff::civil::Date;
use jiff::tz::Offset;

/// A month that stands in a number or between two: no other word takes its place.
pub(super) const CERTAIN: u8 = u8::MAX;

/// What a month beside a number counts, against a word in the weekday's place (`January, 29 Mar 2021`).
pub(super) const BESIDE_A_NUMBER: u8 = 2;

/// What a word counts that is a month and nothing else (`mar. 12 mars 2024`).
pub(super) const SURE: u8 = 1;

/// Vietnamese counts its weekdays, Monday as the second (`Thứ 2, 22/07/2024`), Saturday as the seventh.
const LAST_WEEKDAY: i8 = 7;

/// The parts of a date that the words of a text have told so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    pub(super) year: Option<i16>,
    month: Option<i8>,
    /// How much the word counts that the month is from.
    weight: u8,
    pub(super) day: Option<i8>,
    pub(super) clock: Option<Clock>,
    pub(super) half: Option<Half>,
    /// Distance from Greenwich; it counts for more than a name.
    pub(super) offset: Option<Offset>,
    pub(super) zone: Option<Zone>,
}

impl Found {
    /// Takes a whole date; `None` when a number before it was no day of the week.
    pub(super) fn take_date(&mut self, date: Date) -> Option<()> {
        if self.day.is_some_and(|day| day > LAST_WEEKDAY) {
            return None;
        }
        self.year = Some(date.year());
        self.day = Some(date.day());
        self.take_month(date.month(), CERTAIN);
        Some(())
    }

    /// Takes a month unless a word of more weight has told one.
    pub(super) fn take_month(&mut self, month: i8, weight: u8) {
        if weight >= self.weight {
            self.month = Some(month);
            self.weight = weight;
        }
    }

    /// Takes a number of which only its size tells what it is; tells whether there was a place for it.
    ///
    /// A year short of four digits comes behind its day, or it might be anything.
    pub(super) fn take_number(&mut self, digits: &str) -> bool {
        let day = digits.parse().ok().filter(|day| (1..=31).contains(day));
        if self.day.is_none() && digits.len() <= 2 && day.is_some() {
            self.day = day;
            return true;
        }
        let may_be_year = digits.len() == 4 || self.day.is_some();
        let year = full_year(digits).filter(|_| may_be_year && self.year.is_none());
        self.year = self.year.or(year);
        year.is_some()
    }

    /// Takes a number of something; `None` when it cannot be one.
    ///
    /// A year of two digits may be one of an emperor of Japan, one of three of the Republic of China.
    pub(super) fn take_counted(&mut self, unit: Unit, digits: &str) -> Option<()> {
        let number: i16 = digits.parse().ok()?;
        let small = i8::try_from(number).ok();
        match unit {
            Unit::Year if digits.len() == 4 => self.year = Some(number),
            Unit::Year => return None,
            Unit::Month => self.take_month(small?, CERTAIN),
            Unit::Day => self.day = Some(small?),
            Unit::Hour => self.clock.get_or_insert_default().hour = small?,
            Unit::Minute => self.clock.as_mut()?.minute = small?,
            Unit::Second => self.clock.as_mut()?.second = small?,
        }
        Some(())
    }

    /// Tells whether a whole date may come yet: none has, and no month that stands beside a number.
    pub(super) fn has_room_for_date(&self) -> bool {
        self.year.is_none() && self.weight < BESIDE_A_NUMBER + SURE
    }

    /// Tells whether the day is complete.
    pub(super) fn is_dated(&self) -> bool {
        self.year.is_some() && self.month.is_some() && self.day.is_some()
    }

    /// Returns what the parts come to; a month without a day and a time begins with its first.
    pub(super) fn reading(self) -> Option<Reading> {
        let day = match self.day {
            None if self.clock.is_none() => 1,
            day => day?,
        };
        let fixed = self.offset.map(Zone::Fixed);
        Some(Reading {
            date: Date::new(self.year?, self.month?, day).ok()?,
            clock: self.clock.unwrap_or_default().in_half(self.half),
            zone: fixed.or(self.zone).unwrap_or(Zone::UTC),
        })
    }
}
