//! Stories: which articles report one event.
//!
//! An article joins the story whose reports are most like it: the mean of its likeness to the three of them
//! that are most like it, or to all where there are fewer. One report that happens to share names does not
//! draw it in, and chains do not form: on the labelled day the mean of three reaches a `BCubed` F1 of .93 to
//! .94 over thresholds from .24 to .26, where the likeness to the centre of a story, which a large one has
//! with everything, falls behind as the day grows.
//!
//! Two stories that a new report shows to be one become one, under the older id.

use super::guards::{SERIES_SPAN, Titles};
use super::{Term, Vector};
use jiff::{SignedDuration, Timestamp};

/// How far apart two reports of one event are published at most: coverage that pauses for three days is of
/// the next event.
pub const STORY_GAP: SignedDuration = SignedDuration::from_hours(72);

/// How old an article is at most when its words are compared with those of others, by its own date: a backlog of months finds
/// its company in days that are gone.
pub const COMPARED_AGE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Tells whether the words of an article are compared with those of others, for copies as for reports of one event, at an
/// instant.
pub fn is_compared(published_at: Timestamp, at: Timestamp) -> bool {
    at.duration_since(published_at) <= COMPARED_AGE
}

/// From the report that it began with a story takes others for so long. What is still news after a week is a subject,
/// and has a topic.
const STORY_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Reports of a story that a new one is compared with, those most like it.
pub const COMPARED_WITH: u8 = 3;

/// How alike an article and the reports of a story are at least.
const STORY_LIKENESS: f32 = 0.25;

/// How alike they are where there are few terms: a headline of four words shares two with many.
const SHORT_LIKENESS: f32 = 0.35;

/// Terms from which on a text is not short: a headline of ten words and a line under it.
const ENOUGH_TERMS: u16 = 20;

/// From here on a report is a likely rewrite of another: 25 of the 28 pairs among the labelled rewrites of one
/// report are above, and none of 92 pairs with other reports of the event.
const REWRITE_LIKENESS: f32 = 0.5;

/// Words that a reason tells: more than a glance nobody reads.
const TOLD_WORDS: usize = 5;

/// A stored article that shares terms with a new one.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    /// The article.
    pub article: i64,
    /// How alike the two are.
    pub likeness: f32,
    /// Whether the two are parts of a series, and so of two events.
    pub is_series: bool,
}

/// A story, or an article that is in none, as a new article meets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The story; `None` for an article that stands alone.
    pub story: Option<i64>,
    /// Those of its articles that share terms with the new one; at least one.
    pub neighbours: Vec<Neighbour>,
    /// How many articles it has that count ([`compared_from`]), as far as [`COMPARED_WITH`].
    pub reports: u8,
    /// When the report was published that it began with: what comes later can date itself before all else, and would
    /// close it to others.
    pub begun_at: Timestamp,
}

/// A group that a new article fits into.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit<'a> {
    /// The group.
    pub group: &'a Group,
    /// Mean likeness to those of its reports that are most like the article.
    pub likeness: f32,
    /// The report that is most like it.
    pub closest: &'a Neighbour,
}

/// Returns the groups that an article with so many terms fits into, the best first.
pub fn fits(groups: &[Group], terms: usize, published_at: Timestamp) -> Vec<Fit<'_>> {
    let least = least_likeness(terms);
    let mut fits: Vec<Fit<'_>> = groups
        .iter()
        .filter(|group| is_open(group, published_at))
        .filter_map(fit)
        .filter(|fit| fit.likeness >= least)
        .collect();
    fits.sort_by(|one, other| {
        let by_likeness = other.likeness.total_cmp(&one.likeness);
        by_likeness.then_with(|| one.closest.article.cmp(&other.closest.article))
    });
    fits
}

/// Returns how alike an article with so many terms and its story are at least.
pub fn least_likeness(terms: usize) -> f32 {
    let terms = u16::try_from(terms).unwrap_or(u16::MAX).min(ENOUGH_TERMS);
    let enough = f32::from(terms) / f32::from(ENOUGH_TERMS);
    SHORT_LIKENESS + (STORY_LIKENESS - SHORT_LIKENESS) * enough
}

/// Returns from when on the reports of a story count with which an article of this date is compared, whether or not they
/// are found to be like it. Those from before the story began that are too far from the article to be found do not:
/// else everything would be like none of three that somebody dated so.
pub fn compared_from(begun_at: Timestamp, published_at: Timestamp) -> Timestamp {
    let found = published_at.saturating_sub(STORY_GAP);
    found.map_or(begun_at, |found| found.min(begun_at))
}

/// Tells whether a group takes an article of this date.
fn is_open(group: &Group, published_at: Timestamp) -> bool {
    published_at.duration_since(group.begun_at).abs() <= STORY_SPAN
        && !group.neighbours.iter().any(|neighbour| neighbour.is_series)
}

/// Measures how well an article fits into a group.
fn fit(group: &Group) -> Option<Fit<'_>> {
    let mut closest: Vec<&Neighbour> = group.neighbours.iter().collect();
    closest.sort_by(|one, other| {
        let by_likeness = other.likeness.total_cmp(&one.likeness);
        by_likeness.then_with(|| one.article.cmp(&other.article))
    });
    let likenesses = closest.iter().map(|neighbour| neighbour.likeness);
    Some(Fit {
        group,
        likeness: mean_of(likenesses, group.reports),
        closest: closest.first()?,
    })
}

/// Returns the mean of the highest likenesses, as many as a story of so many reports is compared by; those
/// that are not there count as none.
fn mean_of(highest_first: impl Iterator<Item = f32>, reports: u8) -> f32 {
    let compared = reports.clamp(1, COMPARED_WITH);
    let sum: f32 = highest_first.take(compared.into()).sum();
    sum / f32::from(compared)
}

/// Tells whether two groups are near enough in time to be one story.
pub fn may_be_one(one: &Group, other: &Group) -> bool {
    let gap = one.begun_at.duration_since(other.begun_at);
    gap.abs() <= STORY_SPAN
}

/// Tells whether the reports of two stories are of one event: those of the smaller are on the average as
/// like those of the larger as they would have to be to join it.
pub fn are_one_story(one: &[Vector], other: &[Vector]) -> bool {
    let (smaller, larger) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let reports = u8::try_from(larger.len()).unwrap_or(u8::MAX);
    let excess = |report: &Vector| {
        let mut likenesses: Vec<f32> = larger.iter().map(|other| report.likeness(other)).collect();
        likenesses.sort_by(|one, other| other.total_cmp(one));
        mean_of(likenesses.into_iter(), reports) - least_likeness(report.terms())
    };
    !smaller.is_empty() && smaller.iter().map(excess).sum::<f32>() >= 0.0
}

/// Returns which of the reports of a story hang together: a number for each, that of the first report of its
/// part. One that is left has the number of its own place.
///
/// Asked when a report leaves that may have held two parts together; being like one other report is enough
/// to stay, so that a story falls apart only where nothing joins it any more.
pub fn parts(reports: &[Vector]) -> Vec<usize> {
    let mut parts: Vec<usize> = (0..reports.len()).collect();
    for (place, report) in reports.iter().enumerate() {
        for (earlier, other) in reports.iter().enumerate().take(place) {
            if report.likeness(other) >= STORY_LIKENESS {
                unite(&mut parts, earlier, place);
            }
        }
    }
    parts
}

/// Makes one part of the parts that two reports are in, under the smaller number.
fn unite(parts: &mut [usize], one: usize, other: usize) {
    let (Some(&one), Some(&other)) = (parts.get(one), parts.get(other)) else {
        return;
    };
    let (kept, gone) = (one.min(other), one.max(other));
    for part in parts.iter_mut().filter(|part| **part == gone) {
        *part = kept;
    }
}

/// Tells whether so much time lies between two reports of one site that they may be parts of a series.
pub fn may_be_series(gap: SignedDuration) -> bool {
    gap.abs() > SERIES_SPAN
}

/// Tells whether two titles of one site are those of parts of a series: daily rates, briefings, "Day 34".
pub fn is_series(one: &str, other: &str) -> bool {
    Titles::new(one, other).are_parts_of_a_series()
}

/// Says why an article is in its story: how like the closest report it is, and by which words.
pub fn story_reason(terms: &[Term], own: &Vector, closest: &Vector, named: &str) -> String {
    let mut shared: Vec<(u32, f32)> = own.shared(closest).collect();
    shared.sort_by(|(one, weight), (other, others)| {
        others.total_cmp(weight).then_with(|| one.cmp(other))
    });
    let word = |(number, _): &(u32, f32)| {
        let term = terms.iter().find(|term| term.number == *number)?;
        Some(term.word.as_str())
    };
    let words: Vec<&str> = shared.iter().filter_map(word).take(TOLD_WORDS).collect();
    let likeness = own.likeness(closest);
    let what = if likeness >= REWRITE_LIKENESS {
        "likely a rewrite, or of one source"
    } else {
        "of the same event"
    };
    let (percent, words) = (likeness * 100.0, words.join(", "));
    format!("{percent:.0} % like {named}, {what} ({words})")
}
