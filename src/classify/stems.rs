//! Words with other endings: `санкция` finds "санкции".
//!
//! A plain word of a query finds what has its stem in the language of the text. That is what the entry or its feed
//! says it is in, or else what its script says; a title alone is too short to tell. What is written as `=word` or
//! `word*`, and what an alias excludes, is found as it stands. So is a name, which begins with a capital: its stem may
//! be that of a common word (`Моди`, the man, and "моды", fashions; `Грузия`, the country, and "груз", a cargo). A
//! word of grammar is no form of another.

use super::lexicon::WordId;
use crate::text::{Language, Languages, Word, is_stop_word, stem};
use std::collections::{HashMap, HashSet};

/// The languages whose stems count: those that inflect so much that nobody lists all forms, and where it was measured
/// to do no harm.
///
/// English is not among them. Its stems are those of derived words too (independent, independence; electric,
/// electricity; mobility, mobilization), and on a thousand labelled items they took more from the shipped topics than
/// they gave: F1 of `geopolitics` fell from .920 to .906, and examples broke. Of the others nothing was measured.
pub(super) const STEMMED: &[Language] = &[Language::Russian];

/// A stem has so many letters in common with the words that it is the stem of, from the first on; others are not
/// taken apart, which costs more than all else that is done with a word of a text.
const COMMON_LETTERS: usize = 3;

/// Tells whether the words of a text may be taken apart by its language: none but other letters than those of ASCII have
/// stems that count ([`STEMMED`]), and an elision has an apostrophe.
pub(super) fn go_by_language(text: &str) -> bool {
    text.bytes().any(|b| !b.is_ascii() || b == b'\'')
}

/// The stems of the words that rules ask for.
#[derive(Debug, Default)]
pub(super) struct Stems {
    words: HashMap<(Language, String), Vec<WordId>>,
    /// How they begin.
    beginnings: HashSet<String>,
}

impl Stems {
    /// Adds a word of a term that is no name. One with a shorter stem than is looked for is found as it stands.
    pub(super) fn add(&mut self, word: &Word<'_>, text: &str, id: WordId) {
        // A query says of no language but by its script.
        let language = Languages::of(None).word(&word.folded);
        if !STEMMED.contains(&language) {
            return;
        }
        let stem = stem(word, text, language).into_owned();
        if stem.chars().nth(COMMON_LETTERS - 1).is_none() {
            return;
        }
        self.beginnings.insert(beginning(&stem).to_owned());
        let words = self.words.entry((language, stem)).or_default();
        if !words.contains(&id) {
            words.push(id);
        }
    }

    /// Sorts the words of each stem by their letters.
    pub(super) fn settle(&mut self, letters: &HashMap<WordId, &str>) {
        let all = self.words.values_mut();
        all.for_each(|words| words.sort_by_key(|id| letters.get(id)));
    }

    /// Returns the words that have the stem of a word of a text.
    pub(super) fn of(&self, word: &Word<'_>, text: &str, languages: Languages) -> &[WordId] {
        let language = languages.word(&word.folded);
        if !STEMMED.contains(&language)
            || !self.beginnings.contains(beginning(&word.folded))
            || is_stop_word(language, &word.folded)
        {
            return &[];
        }
        let stem = stem(word, text, language).into_owned();
        self.words.get(&(language, stem)).map_or(&[], Vec::as_slice)
    }
}

fn beginning(word: &str) -> &str {
    let end = word.char_indices().nth(COMMON_LETTERS);
    end.map_or(word, |(at, _)| word.get(..at).unwrap_or(word))
}
