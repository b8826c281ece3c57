//! What a text is about: its terms, and the vector by which two texts are compared.
//!
//! TF-IDF over the title and the lead, the title counted twice. On real rewrites of one report it is the
//! measure that tells them from other reports (.45 to .77 against .26 to .48), where hashes of the whole
//! (`SimHash`, `MinHash`) see nothing in common; and the lead does it better than the whole text, which wanders
//! off into background that a dozen other texts share.

use crate::model::Entry;
use crate::text::{Languages, Word, is_stop_word, stem, units, words};
use std::collections::BTreeMap;

/// Words of the text that are read: two or three sentences, in which news says what happened.
const LEAD_WORDS: usize = 60;

/// A summary of fewer words is a teaser ("Read more"), and the beginning of the content tells more.
const TEASER_WORDS: usize = 12;

/// How often a word of the title counts. Three do no better on the labelled days, one does worse.
const TITLE_TIMES: u16 = 2;

/// Terms of a text that are kept. Title and lead have 40 to 50; a text without spaces has more, for each
/// two of its letters make one.
const MOST_TERMS: usize = 96;

/// Documents whose words are presumed known before the first is read: so many that the first hundred texts
/// do not take each other's words for common, so few that a thousand are soon outweighed.
const PRIOR_DOCUMENTS: f32 = 1000.0;

/// Terms that find others: those that weigh most. On 57,000 texts eight find what ten find, and sixteen
/// find no more.
const TELLING_TERMS: usize = 8;

/// A term of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The number by which it is stored: a digest of its stem. Of a million terms a hundred share one
    /// with another, which moves no likeness by more than they weigh.
    pub number: u32,
    /// The word as it stands in the text first, folded.
    pub word: String,
    /// How often it is there, in the title twice as often.
    pub times: u16,
}

/// What a report says, as plain text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its summary; empty without one.
    pub summary: &'a str,
    /// Its content; empty without one.
    pub content: &'a str,
    /// Its language tag.
    pub language: Option<&'a str>,
}

impl<'a> Report<'a> {
    /// Returns what an entry says.
    pub fn of(entry: &'a Entry) -> Self {
        Self {
            title: &entry.title,
            summary: &entry.summary_text,
            content: &entry.content_text,
            language: entry.language.as_deref(),
        }
    }

    /// Returns the text that tells in brief what it says.
    fn lead(&self) -> &'a str {
        let is_teaser = words(self.summary).nth(TEASER_WORDS).is_none();
        if is_teaser && !self.content.is_empty() {
            self.content
        } else {
            self.summary
        }
    }
}

/// Returns the terms of title and lead, by number.
pub fn terms(report: &Report<'_>) -> Vec<Term> {
    let languages = Languages::of(report.language);
    let mut terms = Collected::default();
    terms.take(report.title, languages, TITLE_TIMES, usize::MAX);
    terms.take(report.lead(), languages, 1, LEAD_WORDS);
    terms.by_number.into_values().collect()
}

/// Terms on their way.
#[derive(Default)]
struct Collected {
    by_number: BTreeMap<u32, Term>,
}

impl Collected {
    /// Takes the first words of a text, each counted so many times.
    fn take(&mut self, text: &str, languages: Languages, times: u16, most: usize) {
        for word in units(text).take(most) {
            let language = languages.word(&word.folded);
            let is_letter = word.folded.chars().nth(1).is_none();
            if !is_letter && !is_stop_word(language, &word.folded) {
                self.count(&stem(&word, text, language), &word, times);
            }
        }
    }

    /// Counts a term.
    fn count(&mut self, stem: &str, word: &Word<'_>, times: u16) {
        let number = number(stem);
        let room = self.by_number.len() < MOST_TERMS;
        match self.by_number.get_mut(&number) {
            Some(term) => term.times = term.times.saturating_add(times),
            None if room => {
                let word = word.folded.clone().into_owned();
                let term = Term {
                    number,
                    word,
                    times,
                };
                self.by_number.insert(number, term);
            }
            None => {}
        }
    }
}

/// Returns the number of a term.
fn number(stem: &str) -> u32 {
    let mut bytes = [0; 4];
    blake3::Hasher::new()
        .update(stem.as_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    u32::from_le_bytes(bytes)
}

/// How much each term of a text weighs: a vector of length 1, by number of the term.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vector(Vec<(u32, f32)>);

/// How much is known of the terms of texts read before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Corpus {
    /// How many texts.
    pub documents: f32,
}

impl Corpus {
    /// Returns how much a term tells that so many of the texts have.
    fn telling(self, having: f32) -> f32 {
        ((self.documents + PRIOR_DOCUMENTS) / (having + 1.0))
            .ln()
            .max(0.0)
    }
}

impl Vector {
    /// Weighs terms; `having` tells for each of them how many texts of the corpus have it.
    pub fn new(terms: &[Term], corpus: Corpus, having: &[f32]) -> Self {
        let weight = |(term, having): (&Term, &f32)| {
            let weight = (1.0 + f32::from(term.times).ln()) * corpus.telling(*having);
            (term.number, weight)
        };
        let mut weights: Vec<(u32, f32)> = terms.iter().zip(having).map(weight).collect();
        let length = weights
            .iter()
            .map(|(_, weight)| weight * weight)
            .sum::<f32>();
        let length = length.sqrt();
        if length > 0.0 {
            for (_, weight) in &mut weights {
                *weight /= length;
            }
        }
        Self(weights)
    }

    /// Returns how alike two texts are: 0 with no term in common, 1 with the same at the same weights.
    pub fn likeness(&self, other: &Self) -> f32 {
        self.shared(other).map(|(_, product)| product).sum()
    }

    /// Returns the terms that two texts share, each with what it adds to their likeness.
    pub fn shared(&self, other: &Self) -> impl Iterator<Item = (u32, f32)> {
        let mut others = other.0.iter().peekable();
        self.0.iter().filter_map(move |&(number, weight)| {
            while others.next_if(|&&(other, _)| other < number).is_some() {}
            let (_, other) = others.next_if(|&&(other, _)| other == number)?;
            Some((number, weight * other))
        })
    }

    /// Returns the terms that weigh most, heaviest first: what others are found by.
    pub fn telling(&self) -> Vec<(u32, f32)> {
        let mut heaviest = self.0.clone();
        heaviest.sort_by(|(one, weight), (other, others)| {
            others.total_cmp(weight).then(one.cmp(other))
        });
        heaviest.retain(|(_, weight)| *weight > 0.0);
        heaviest.truncate(TELLING_TERMS);
        heaviest
    }

    /// Returns the numbers of its terms.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(number, _)| *number)
    }

    /// Counts its terms.
    pub(super) fn terms(&self) -> usize {
        self.0.len()
    }

    /// Writes it in eight bytes a term: number and weight, little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = |(number, weight): &(u32, f32)| [number.to_le_bytes(), weight.to_le_bytes()];
        self.0.iter().flat_map(parts).flatten().collect()
    }

    /// Reads what [`Vector::to_bytes`] wrote; what is left over at the end is no term.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (terms, _) = bytes.as_chunks::<4>().0.as_chunks::<2>();
        let term = |[number, weight]: &[[u8; 4]; 2]| {
            (u32::from_le_bytes(*number), f32::from_le_bytes(*weight))
        };
        Self(terms.iter().map(term).collect())
    }
}
