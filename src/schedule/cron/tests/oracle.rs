//! The same firings as croner's, another reading of crontab(5), over ten years of made-up lines.
//!
//! The two differ where clocks are changed, by intent: of a line that names more than one time of the day
//! croner skips what a gap leaves out, and repeats an overlap. Days of a change are left to `zones`. Nor
//! do they agree on a day field that begins with a star and goes on, such as `*/2`: for crontab(5) it
//! restricts nothing, so both fields must hold, and croner is told so.

use super::*;
use croner::parser::CronParser;
use jiff::civil::{Date, date};
use jiff::{ToSpan, Zoned};

/// Lines that are made: enough for each form of a field to meet each other.
const LINES: usize = 300;

/// Each is asked for after an instant of each of these years, in each zone.
const YEARS: std::ops::Range<i16> = 2020..2030;

/// Firings that are compared after each of these.
const FIRINGS: usize = 3;

const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
];

/// A series of numbers that is the same each time (`SplitMix64`).
struct Dice(u64);

impl Dice {
    /// Returns a number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// A field: its least and its greatest number, and the names of its numbers from the least on.
struct Field(u64, u64, &'static str);

const FIELDS: [Field; 5] = [
    Field(0, 59, ""),
    Field(0, 23, ""),
    Field(1, 31, ""),
    Field(1, 12, "jan feb MAR apr may Jun jul aug sep oct nov dec"),
    Field(0, 7, "sun MON tue wed thu fri Sat"),
];

impl Field {
    /// Returns the text of a field: a star, a step, a number, a name, a range, or a list of them.
    fn made(&self, dice: &mut Dice) -> String {
        match dice.roll(8) {
            0..=2 => "*".to_owned(),
            3 => format!("*/{}", 1 + dice.roll(self.1)),
            4..=5 => self.part(dice),
            _ => {
                let parts = (0..2 + dice.roll(3)).map(|_| self.part(dice));
                parts.collect::<Vec<_>>().join(",")
            }
        }
    }

    fn part(&self, dice: &mut Dice) -> String {
        let Self(least, greatest, _) = *self;
        let from = least + dice.roll(greatest - least + 1);
        let to = from + dice.roll(greatest - from + 1);
        match (dice.roll(6), self.name(from), self.name(to)) {
            (0, Some(name), _) => name.to_owned(),
            (1, Some(from), Some(to)) => format!("{from}-{to}"),
            (2, ..) => format!("{from}-{to}"),
            (3, ..) => format!("{from}-{to}/{}", 1 + dice.roll(greatest)),
            _ => from.to_string(),
        }
    }

    fn name(&self, number: u64) -> Option<&'static str> {
        let mut names = self.2.split_whitespace().zip(self.0..);
        let own = names.find(|(_, of)| *of == number);
        own.map(|(name, _)| name)
    }
}

/// Returns lines that fire at all: `0 0 31 2 *` is a line as well.
fn made_lines(dice: &mut Dice) -> Vec<String> {
    let lines = std::iter::repeat_with(|| FIELDS.map(|field| field.made(dice)).join(" "));
    let next = |text: &str| line(text, "UTC").next_after(Timestamp::UNIX_EPOCH);
    lines
        .filter(|text| next(text).is_some())
        .take(LINES)
        .collect()
}

fn croner(text: &str) -> croner::Cron {
    let days = |at| text.split(' ').nth(at).unwrap().starts_with('*');
    let both = days(2) || days(4);
    let parser = CronParser::builder().dom_and_dow(both).build();
    parser.parse(text).unwrap()
}

/// Tells whether the clocks of a zone are changed on a day, or right at its end.
fn is_changed(zone: &TimeZone, day: Date) -> bool {
    let offset = |day: Date| zone.to_offset(day.to_zoned(zone.clone()).unwrap().timestamp());
    offset(day) != offset(day.tomorrow().unwrap())
}

/// Compares firings after `at` until one is on a day of a change, and returns how many.
fn compare(line: &CronLine, croner: &croner::Cron, at: Zoned) -> usize {
    let mut last = at;
    for count in 0..FIRINGS {
        let ours = line.next_after(last.timestamp()).unwrap();
        let ours = ours.to_zoned(line.zone.clone());
        let theirs = croner.find_next_occurrence(&last, false).unwrap();
        let days = [last.date(), ours.date(), theirs.date()];
        if days.iter().any(|day| is_changed(&line.zone, *day)) {
            return count;
        }
        assert_eq!(ours, theirs, "{line} after {last}");
        last = theirs;
    }
    FIRINGS
}

#[test]
fn croner_finds_the_same_over_ten_years() {
    const MINUTES: u64 = 365 * 24 * 60;
    let mut dice = Dice(2026);
    let mut count = 0;
    let places = ZONES.map(|zone| YEARS.map(move |year| (zone, year)));
    let places: Vec<(&str, i16)> = places.into_iter().flatten().collect();
    for text in made_lines(&mut dice) {
        let croner = croner(&text);
        for (zone, year) in &places {
            let line = line(&text, zone);
            let start = date(*year, 1, 1).to_zoned(line.zone.clone()).unwrap();
            let minutes = i64::try_from(dice.roll(MINUTES)).unwrap();
            count += compare(&line, &croner, start + minutes.minutes());
        }
    }
    let most = LINES * ZONES.len() * YEARS.count() * FIRINGS;
    // So few are on the days of a change.
    assert!(count > most * 9 / 10, "{count} of {most}");
}
