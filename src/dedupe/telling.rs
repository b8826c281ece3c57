//! Whether readers are told of an edit, and if not, why.
//!
//! What they were told before is not told again before it has stood for a while, and what changes by itself is not told at each change. A number
//! is both a correction and what runs on: of a toll that rises, or one that was wrong and is put right, readers are
//! told where the publisher dates it, and not at each look. Nothing is told without end in a day: what changes each time
//! cannot be told from news by what it says.
//!
//! Rejected: telling only what changes outside of the part that changes each time. What is added to such a page is
//! in neither, and it is told of when the day is over.

use super::correction::Rewriting;
use super::revision::{Alike, Change};
use crate::model::Telling;
use jiff::{SignedDuration, Timestamp};

/// How long after readers were told of an entry they are told of a number in the place of another again: of a toll that
/// rises all day in the morning, at noon and in the evening.
const NUMBER_SPAN: SignedDuration = SignedDuration::from_hours(3);

/// How long what was said before must stand there for readers to be told that it is said again: a wrong headline that is
/// taken back stays taken back, and caches that are out of date answer in turns.
const SETTLED: SignedDuration = SignedDuration::from_hours(3);

/// The same of a number that the publisher does not date: a temperature comes back every few hours.
const NUMBER_SETTLED: SignedDuration = DAY;

/// Changes of one entry that readers are told of in a day. A report that develops gets some new headlines in one; what is
/// another at each look (a list of others to read, a headline that is drawn by lot) gets dozens.
const TOLD_A_DAY: usize = 4;

/// The day.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What readers were told of an entry.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// When they were told of changes.
    pub told: &'a [Timestamp],
    /// How much it says now is like what was there before.
    pub alike: Alike,
    /// When they are told what they were told before, where that was seen to stand there already ([`Telling::SaidBefore`]).
    pub again: Option<Timestamp>,
}

/// Decides on a change that is seen at an instant.
pub fn telling(change: &Change, how: Rewriting, heard: Heard<'_>, at: Timestamp) -> Telling {
    if change.is_none() {
        return Telling::Same;
    }
    if change.is_cut() {
        return Telling::Cut;
    }
    if !change.counts() {
        return Telling::Small;
    }
    let is_number = change.is_of_a_number();
    let free = free(heard.told, at, heard.alike != Alike::No && is_number);
    let is_dated_number = is_number && how.is_dated;
    match heard.alike {
        Alike::ButForNumbers if is_number && !how.is_dated => return Telling::Runs,
        Alike::Yes | Alike::ButForNumbers if !is_dated_number => {
            let span = if is_number { NUMBER_SETTLED } else { SETTLED };
            // What was to be told later than that was seen by a clock that was fast.
            let latest = at.checked_add(span).ok();
            let settled = heard.again.map_or(latest, |again| latest.min(Some(again)));
            let until = settled.max(free).filter(|until| *until > at);
            return until.map_or(Telling::Told, |until| Telling::SaidBefore(Some(until)));
        }
        _ => {}
    }
    match free.filter(|free| *free > at) {
        Some(free) => Telling::Held(free),
        None => Telling::Told,
    }
}

/// Returns from when on readers may be told, where they were told before. What lies ahead is of a clock that was wrong, and
/// would hold news back for as long as it was.
fn free(told: &[Timestamp], at: Timestamp, is_number_again: bool) -> Option<Timestamp> {
    let told = told.iter().filter(|told| **told <= at);
    let last = told.clone().max().filter(|_| is_number_again);
    let after_last = last.and_then(|last| last.checked_add(NUMBER_SPAN).ok());
    let mut of_the_day: Vec<_> = told
        .filter(|told| at.duration_since(**told) < DAY)
        .collect();
    of_the_day.sort_unstable_by(|one, other| other.cmp(one));
    let oldest = of_the_day.get(TOLD_A_DAY - 1);
    let after_many = oldest.and_then(|oldest| oldest.checked_add(DAY).ok());
    after_last.max(after_many)
}

#[cfg(test)]
mod tests {
    use super::super::revision::{Counted, Version};
    use super::*;
    use crate::text::Languages;

    fn hour(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000 + hours)
    }

    const TOLL: [&str; 2] = [
        "The landslide left 12 dead in two villages of the north.",
        "The landslide left 21 dead in two villages of the north.",
    ];

    const VERDICT: [&str; 2] = [
        "The owner of the mill was found guilty of arson on Friday.",
        "The owner of the mill was found not guilty of arson on Friday.",
    ];

    /// What becomes of a change at hour 10, where readers were told of others at these hours.
    fn check(texts: [&str; 2], is_dated: bool, alike: Alike, told: &[i64], expected: Telling) {
        check_again(texts, is_dated, (alike, None), told, expected);
    }

    /// The same of what waits for an hour to be told again.
    fn check_again(
        [old, new]: [&str; 2],
        is_dated: bool,
        (alike, again): (Alike, Option<i64>),
        told: &[i64],
        expected: Telling,
    ) {
        let [old, new] = [old, new].map(|text| Counted::new(Version { title: "", text }));
        let how = Rewriting {
            languages: Languages::of(None),
            is_dated,
        };
        let change = Change::new(&old, &new, how);
        let times: Vec<Timestamp> = told.iter().map(|at| hour(*at)).collect();
        let heard = Heard {
            told: &times,
            alike,
            again: again.map(hour),
        };
        let found = telling(&change, how, heard, hour(10));
        assert_eq!(found, expected, "{is_dated} {alike:?} {told:?}");
    }

    #[test]
    fn what_is_told_again_waits_its_while() {
        use Alike::{ButForNumbers, No, Yes};
        use Telling::{Held, Runs, SaidBefore, Told};
        for (is_dated, alike, told, expected) in [
            (false, No, &[][..], Told),
            (false, No, &[9], Told),
            (false, ButForNumbers, &[1], Runs),
            (false, Yes, &[1], SaidBefore(Some(hour(34)))),
            (true, ButForNumbers, &[1, 7], Told),
            (true, ButForNumbers, &[1, 8], Held(hour(11))),
            (true, ButForNumbers, &[8, 1], Held(hour(11))),
            // The clock was a year fast.
            (true, ButForNumbers, &[8770], Told),
            (true, ButForNumbers, &[8770, 8], Held(hour(11))),
            // What was wrong is put right.
            (true, Yes, &[7], Told),
            (true, Yes, &[9], Held(hour(12))),
        ] {
            check(TOLL, is_dated, alike, told, expected);
        }
        for (told, expected) in [
            (&[-14, 7, 8, 9][..], Told),
            (&[-13, 7, 8, 9], Held(hour(11))),
            (&[9, 8, 7, -13, -12], Held(hour(12))),
            (&[-13, 9, 9, 9, 9], Held(hour(33))),
        ] {
            check(VERDICT, false, No, told, expected);
        }
        check(TOLL, true, ButForNumbers, &[-13, 6, 7, 8], Held(hour(11)));
        check(TOLL, true, ButForNumbers, &[-12, 5, 6, 6], Held(hour(12)));
        let [_, toll] = TOLL;
        let same = [
            "Seen at dawn. 12 minutes ago.",
            "Seen at DAWN. 13 minutes ago.",
        ];
        check(same, true, No, &[], Telling::Same);
        let small = toll.replace("villages", "hamlets");
        check([toll, &small], false, No, &[], Telling::Small);
        check([toll, &small], true, No, &[], Told);
        let later = SaidBefore(Some(hour(13)));
        for (alike, expected) in [(No, Told), (Yes, later), (ButForNumbers, later)] {
            for is_dated in [true, false] {
                check(VERDICT, is_dated, alike, &[9], expected);
            }
        }
    }

    /// What was taken back stands there for hours: then it is told, unless readers were told enough that day.
    #[test]
    fn what_was_said_before_is_told_when_it_has_stood_for_a_while() {
        use Telling::{SaidBefore, Told};
        for (again, told, expected) in [
            (Some(12), &[9][..], SaidBefore(Some(hour(12)))),
            (Some(10), &[7], Told),
            // The clock was a year fast.
            (Some(8770), &[7], SaidBefore(Some(hour(13)))),
            (Some(2), &[1], Told),
            (Some(10), &[-16, 1, 2, 3], Told),
            (Some(10), &[-12, 1, 2, 3], SaidBefore(Some(hour(12)))),
            (None, &[-10, 1, 2, 3], SaidBefore(Some(hour(14)))),
        ] {
            let heard = (Alike::Yes, again);
            check_again(VERDICT, false, heard, told, expected);
            check_again(VERDICT, true, heard, told, expected);
        }
        check_again(TOLL, false, (Alike::Yes, Some(10)), &[-14], Told);
    }
}
