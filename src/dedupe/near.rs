//! Copies that no key finds: wire reports under another headline, at another outlet.
//!
//! Candidates come from the terms that they share ([`super::Vector`]); here the words themselves are
//! compared. A likeness of terms alone hides nothing: two reports of one event reach .90 and more.

use super::discriminators::is_count;
use super::guards::{TITLE_SPAN, Titles};
use crate::model::{Entry, FeedId, Reason, ReasonKind, Verdict};
use crate::text::{is_stop_word_anywhere, units, words};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How alike two texts must be for their words to be compared: below it no labelled copy was found, and
/// the texts need not be read from the store.
pub const NEAR_LIKENESS: f32 = 0.5;

/// Words of a text that are compared, in their order.
const COMPARED_WORDS: usize = 200;

/// Words of a text among which those of its title are looked for: an article; a book must not hold up the
/// writer.
const FORM_WORDS: usize = 5000;

/// Words in a row that two texts share by no accident.
const SHINGLE_WORDS: usize = 3;

/// Such rows that the shorter text must have: two or three sentences. The only sentence of a short notice is
/// written alike by whoever writes it.
const LEAST_SHINGLES: usize = 20;

/// Share of the shorter text's rows that copies have in common, in per cent. Labelled copies with other
/// headlines have 73 and more, reports of one event written anew 56 and less.
const COPIED_PERCENT: usize = 65;

/// Words that turn the sense of a headline around, folded.
const TURNING: &[&str] = &[
    "denied",
    "denies",
    "deny",
    "fails",
    "failed",
    "halts",
    "keine",
    "never",
    "nicht",
    "no",
    "non",
    "not",
    "pas",
    "rejects",
    "sin",
    "without",
    "нет",
    "не",
    "नहीं",
];

/// Share of all words of two titles that both have, in per cent. Headlines of one wire report are edited, and
/// keep half; a press release is given another headline by each paper, and each of these is a report.
const COPIED_TITLE_PERCENT: usize = 50;

/// A stored article whose terms are like those of an entry, told by its lead.
#[derive(Clone, Debug)]
pub struct Near {
    /// The article.
    pub article: i64,
    /// Who carries it: feeds, and the registrable domains of the addresses there.
    pub outlets: Vec<(FeedId, Option<String>)>,
    /// The feed of the entry that tells it.
    pub feed: FeedId,
    /// That entry's id.
    pub entry_id: String,
    /// Its title.
    pub title: String,
    /// Its plain text, summary and content.
    pub text: String,
    /// When it was published.
    pub published_at: Timestamp,
}

/// Decides whether an entry that no key knows is a copy of a stored article: the first of `near` whose
/// words it has.
///
/// Only of one that no feed and no site of its own carries: an outlet that reports the news of its own report under
/// another address wants both read, and its series would fall together.
pub fn near_copy(entry: &Entry, site: Option<&str>, near: &[Near]) -> Option<Verdict> {
    let is_own = |(feed, other): &(FeedId, Option<String>)| {
        *feed == entry.feed || site.is_some() && other.as_deref() == site
    };
    let is_foreign = |near: &&Near| !near.outlets.iter().any(is_own);
    near.iter()
        .filter(is_foreign)
        .find_map(|near| Some((near, copied(entry, near)?)))
        .map(|(near, percent)| Verdict::Copy {
            article: near.article,
            reason: Reason {
                kind: ReasonKind::SameWords,
                text: format!(
                    "{percent} % of the shorter text, word by word, as in {} in feed {}",
                    near.entry_id.escape_debug(),
                    near.feed
                ),
            },
        })
}

/// Returns how much of the shorter text of the two is in the other, in per cent, if it is enough and nothing
/// speaks against a copy. Without texts nothing is: "Hayden P. dies at 36" is written alike by everybody.
fn copied(entry: &Entry, near: &Near) -> Option<usize> {
    let gap = entry.published_at.duration_since(near.published_at).abs();
    let titles = Titles::new(&entry.title, &near.title);
    if gap > TITLE_SPAN || !titles.share(COPIED_TITLE_PERCENT) || titles.disagree() {
        return None;
    }
    let own = format!("{} {}", entry.summary_text, entry.content_text);
    copied_percent(&own, &near.text)
        .filter(|percent| *percent >= COPIED_PERCENT)
        .filter(|_| !differ_in_sense(&titles))
        .filter(|_| !are_filled_in(&titles, (&entry.title, &own), (&near.title, &near.text)))
}

/// Tells whether a word that turns the sense is in one title alone.
fn differ_in_sense(titles: &Titles<'_>) -> bool {
    let [own, other] = titles.own_words();
    let mut differing = own.iter().chain(other);
    differing.any(|word| TURNING.contains(&word.as_ref()))
}

/// The words of a report.
struct Said<'a> {
    title: BTreeSet<Cow<'a, str>>,
    text: BTreeSet<Cow<'a, str>>,
}

/// Tells whether two reports are one form that was filled in twice: each title has a word that its own text
/// has as well, and that is nowhere in the other. "Winter storm warning for Erie County", and for Albany. Where the texts
/// have other numbers in the same places, a word of the title alone is enough: "Police warn of fake officers in Larnholm".
fn are_filled_in(titles: &Titles<'_>, own: (&str, &str), other: (&str, &str)) -> bool {
    let words = |text| -> BTreeSet<Cow<'_, str>> {
        let words = units(text).take(FORM_WORDS);
        words.map(|word| word.folded).collect()
    };
    let said = |(title, text)| Said {
        title: words(title),
        text: words(text),
    };
    let counts = have_other_numbers(own.1, other.1, FORM_WORDS);
    let (own, other) = (said(own), said(other));
    let [own_words, other_words] = titles.own_words();
    let is_filled = |words: &BTreeSet<Cow<'_, str>>, here: &Said<'_>, there: &Said<'_>| {
        words.iter().any(|word| {
            let is_there = there.title.contains(word) || there.text.contains(word);
            let is_own = counts || here.text.contains(word);
            !is_stop_word_anywhere(word) && is_own && !is_there
        })
    };
    is_filled(own_words, &own, &other) && is_filled(other_words, &other, &own)
}

/// Tells whether two texts have other numbers between the same words, among so many of each. One that stands around a text, as how
/// long it takes to read, has no place in the other.
pub(super) fn have_other_numbers(one: &str, other: &str, most: usize) -> bool {
    let (one, other) = (numbers(one, most), numbers(other, most));
    let mut places = one.iter();
    places.any(|(place, number)| other.get(place).is_some_and(|it| it != number))
}

/// Returns the numbers among the first `most` words of a text by the words before and after them; of several at one place the last.
fn numbers(text: &str, most: usize) -> BTreeMap<[Cow<'_, str>; 2], Cow<'_, str>> {
    let words = words(text).take(most).map(|word| word.folded);
    let words: Vec<_> = words.collect();
    let rows = words.array_windows();
    let places = rows.filter(|[_, word, _]| is_count(word));
    let places =
        places.map(|[before, word, after]| ([before.clone(), after.clone()], word.clone()));
    places.collect()
}

/// Returns the share of the shorter text's rows of words that the other has too, in per cent; `None` where
/// it is too short to tell.
fn copied_percent(one: &str, other: &str) -> Option<usize> {
    let (one, other) = (shingles(one), shingles(other));
    let shorter = one.len().min(other.len());
    let shared = one.intersection(&other).count();
    (shorter >= LEAST_SHINGLES).then(|| shared * 100 / shorter)
}

/// Returns the digests of the rows of words at the beginning of a text.
fn shingles(text: &str) -> BTreeSet<[u8; 8]> {
    let words: Vec<_> = words(text)
        .take(COMPARED_WORDS)
        .map(|word| word.folded)
        .collect();
    words
        .windows(SHINGLE_WORDS)
        .map(|row| {
            let mut digest = [0; 8];
            let mut hasher = blake3::Hasher::new();
            for word in row {
                hasher.update(word.as_bytes()).update(b" ");
            }
            hasher.finalize_xof().fill(&mut digest);
            digest
        })
        .collect()
}
