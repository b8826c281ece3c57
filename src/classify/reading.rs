//! One entry as the rules see it: where in its texts each set of terms occurs.
//!
//! An entry is read once, whatever the number of rules: every word is folded and looked up, and the
//! places of all patterns are noted. The rules then only compare places.

use super::exclusion::strike;
use super::facts::FactId;
use super::lexicon::{Forms, Lexicon, Pattern, PatternId, SetId};
use super::spoken::{guess, said_or};
use super::stems::go_by_language;
use super::syntax::Part;
use super::{Spoken, Standing};
use crate::model::Entry;
use crate::text::{Languages, Word, without_joined, words};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

/// Words read of one text. What an article is about is said well before; the rest of a longer text
/// (a whole book, a data dump) would only cost time and memory.
const MAX_WORDS: usize = 10_000;

/// Length of the lead in words: the first two or three sentences of a news text.
const LEAD_WORDS: usize = 60;

/// A text of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// Its title.
    Title,
    /// Its summary.
    Summary,
    /// Its content.
    Content,
}

impl Field {
    /// The name in evidence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Summary => "summary",
            Self::Content => "content",
        }
    }
}

/// What a place counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// The title.
    Title,
    /// The first words of the body.
    Lead,
    /// What comes after them.
    Rest,
}

/// A pattern at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// What was found.
    pub(super) pattern: PatternId,
    /// In which text.
    pub(super) field: Field,
    /// Its first word, counted from 0 in that text.
    pub(super) first: u32,
    /// Its last word.
    pub(super) last: u32,
    /// What the place counts by.
    pub(super) zone: Zone,
    /// Its first byte in the text.
    start: usize,
    /// The byte after its last.
    end: usize,
}

impl Hit {
    /// Tells whether it is in this part of the entry; `None` is the whole of it.
    pub(super) fn is_in(&self, part: Option<Part>) -> bool {
        match part {
            None => true,
            Some(Part::Title) => self.field == Field::Title,
            Some(Part::Body) => self.field != Field::Title,
        }
    }
}

/// What an entry has of all that the rules ask for.
pub(super) struct Reading<'a> {
    entry: &'a Entry,
    /// The language that its words tell, once somebody asked for it: to find out takes time.
    guessed: OnceCell<Option<&'static str>>,
    /// The hits of all sets, those of a set together, in order of field and word.
    hits: Vec<(SetId, Hit)>,
    /// The sets that have any, in order, and where their hits are among them.
    sets: Vec<(SetId, Range<usize>)>,
    /// Phrases within which hits do not count, in order of field and word.
    excluded: Vec<Hit>,
    /// The facts that hold, with the values that show them.
    facts: BTreeMap<FactId, String>,
}

impl<'a> Reading<'a> {
    /// Reads an entry for the words and facts of `lexicon`.
    pub(super) fn new(lexicon: &Lexicon, entry: &'a Entry, standing: &Standing<'_>) -> Self {
        let mut reading = Self {
            entry,
            guessed: OnceCell::new(),
            hits: Vec::new(),
            sets: Vec::new(),
            excluded: Vec::new(),
            facts: BTreeMap::new(),
        };
        reading.facts = lexicon.facts().of(entry, &|| reading.spoken(), standing);
        reading.read(lexicon, Field::Title, &entry.title, 0);
        let before = reading.read(lexicon, Field::Summary, summary(entry), 0);
        reading.read(lexicon, Field::Content, &entry.content_text, before);
        strike(lexicon, &mut reading.hits, &reading.excluded);
        reading.sort();
        reading
    }

    /// Brings the hits of each set together.
    fn sort(&mut self) {
        self.hits.sort_by_key(|(set, _)| *set);
        let mut start = 0;
        for hits in self.hits.chunk_by(|(one, _), (next, _)| one == next) {
            let end = start + hits.len();
            let set = hits.first().map(|(set, _)| *set);
            self.sets.extend(set.map(|set| (set, start..end)));
            start = end;
        }
    }

    /// Returns the hits of a set in order of field and word.
    pub(super) fn hits(&self, set: SetId) -> impl Iterator<Item = Hit> {
        let at = self.sets.binary_search_by_key(&set, |(set, _)| *set);
        let range = at.ok().and_then(|at| self.sets.get(at));
        let hits = range.and_then(|(_, range)| self.hits.get(range.clone()));
        hits.into_iter().flatten().map(|(_, hit)| *hit)
    }

    /// Returns the sets that have a hit, and whether it has one in the title and in the body.
    pub(super) fn present(&self) -> impl Iterator<Item = (SetId, bool, bool)> {
        self.sets.iter().filter_map(|(set, range)| {
            let hits = self.hits.get(range.clone())?;
            let is_title = |(_, hit): &(SetId, Hit)| hit.field == Field::Title;
            Some((*set, is_title(hits.first()?), !is_title(hits.last()?)))
        })
    }

    /// Returns the facts that hold.
    pub(super) fn facts(&self) -> impl Iterator<Item = FactId> {
        self.facts.keys().copied()
    }

    /// Returns the value that shows a fact, if it holds.
    pub(super) fn fact(&self, fact: FactId) -> Option<&str> {
        self.facts.get(&fact).map(String::as_str)
    }

    /// Returns what is read.
    pub(super) fn entry(&self) -> &'a Entry {
        self.entry
    }

    /// Returns the language that it is in.
    pub(super) fn spoken(&self) -> Spoken<'a> {
        let guess = || *self.guessed.get_or_init(|| guess(self.entry));
        said_or(self.entry, guess)
    }

    /// Returns the words of a hit as they stand in the text.
    pub(super) fn words(&self, hit: &Hit) -> &'a str {
        let text = self.text(hit.field);
        text.get(hit.start..hit.end).unwrap_or_default()
    }

    fn text(&self, field: Field) -> &'a str {
        match field {
            Field::Title => &self.entry.title,
            Field::Summary => &self.entry.summary_text,
            Field::Content => &self.entry.content_text,
        }
    }

    /// Notes every pattern of a text, which begins `before` words after the beginning of the body.
    /// Returns how many words it has.
    fn read(&mut self, lexicon: &Lexicon, field: Field, text: &str, before: usize) -> usize {
        let tag = go_by_language(text).then(|| self.spoken().tag);
        let languages = Languages::of(tag.flatten());
        let passage = Passage::new(lexicon, languages, field, text, before);
        for at in 0..passage.words.len() {
            for (pattern, hit) in passage.hits_at(lexicon, at) {
                self.note(pattern, hit);
            }
        }
        passage.words.len()
    }

    fn note(&mut self, pattern: &Pattern, hit: Hit) {
        if !pattern.excludes.is_empty() {
            self.excluded.push(hit);
        }
        self.hits.extend(pattern.sets.iter().map(|set| (*set, hit)));
    }
}

/// A word of a text and what the lexicon knows of it.
struct Marked<'l> {
    forms: Forms<'l>,
    start: usize,
    /// Where it begins without what is written before it.
    bare_start: usize,
    end: usize,
}

/// Looks up a word, as it stands and without the small words that are written as one with it.
fn marked<'l>(
    lexicon: &'l Lexicon,
    languages: Languages,
    text: &str,
    word: &Word<'_>,
) -> Marked<'l> {
    let bare = without_joined(word, text, languages);
    let bare_start = bare.first().map_or(word.start, |bare| bare.start);
    let bare = bare
        .iter()
        .filter_map(|bare| lexicon.marks(bare, text, languages));
    Marked {
        forms: Forms {
            whole: lexicon.marks(word, text, languages),
            bare: bare.collect(),
        },
        start: word.start,
        bare_start,
        end: word.end,
    }
}

/// One text of an entry, its words looked up.
struct Passage<'t, 'l> {
    field: Field,
    text: &'t str,
    /// Words of the body before it.
    before: usize,
    words: Vec<Marked<'l>>,
}

impl<'t, 'l> Passage<'t, 'l> {
    fn new(
        lexicon: &'l Lexicon,
        languages: Languages,
        field: Field,
        text: &'t str,
        before: usize,
    ) -> Self {
        let words = words(text).take(MAX_WORDS);
        let words = words.map(|word| marked(lexicon, languages, text, &word));
        Self {
            field,
            text,
            before,
            words: words.collect(),
        }
    }

    /// Returns the patterns that begin at a word.
    fn hits_at<'p>(
        &'p self,
        lexicon: &'p Lexicon,
        at: usize,
    ) -> impl Iterator<Item = (&'p Pattern, Hit)> {
        let first = self.words.get(at).map(|word| &word.forms);
        let first = first.filter(|forms| !forms.are_unknown());
        let following = self.words.get(at + 1..).unwrap_or_default();
        let following = following.iter().map(|word| &word.forms);
        let patterns = first.map(|first| lexicon.patterns_at(first, following));
        let hits = patterns.into_iter().flatten();
        hits.filter_map(move |(id, pattern, is_bare)| {
            let hit = self.hit(id, pattern, at)?;
            let word = self.words.get(at).filter(|_| is_bare);
            let start = word.map_or(hit.start, |word| word.bare_start);
            Some((pattern, Hit { start, ..hit }))
        })
    }

    /// Returns the hit of a pattern whose folded words stand at `at`; `None` when its letters differ.
    fn hit(&self, id: PatternId, pattern: &Pattern, at: usize) -> Option<Hit> {
        let last = at + pattern.len() - 1;
        let found = self.words.get(at..=last)?;
        let mut written = found.iter().map(|word| {
            let starts = [word.start, word.bare_start];
            starts.map(|start| self.text.get(start..word.end).unwrap_or_default())
        });
        pattern.accepts(&mut written).then_some(Hit {
            pattern: id,
            field: self.field,
            first: place(at),
            last: place(last),
            zone: zone(self.field, self.before + at),
            start: found.first()?.start,
            end: found.last()?.end,
        })
    }
}

/// Returns the summary unless the content begins with it, as in most feeds that carry both: what stands
/// there once must not count twice. One that ends within a word of the content is a text of its own: its
/// last word is no word of the content.
fn summary(entry: &Entry) -> &str {
    let shown = entry
        .summary_text
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '…' | '.' | '[' | ']'));
    match entry.content_text.strip_prefix(shown) {
        Some(after) if !after.starts_with(char::is_alphanumeric) => "",
        _ => &entry.summary_text,
    }
}

fn zone(field: Field, at: usize) -> Zone {
    match field {
        Field::Title => Zone::Title,
        _ if at < LEAD_WORDS => Zone::Lead,
        _ => Zone::Rest,
    }
}

/// A word's number as it is stored; at most [`MAX_WORDS`], so that it always fits.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
