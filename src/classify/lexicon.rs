//! The words that the rules ask for, numbered, so that an entry is compared with all rules in one pass.
//!
//! A *pattern* is a word or phrase together with the alias it came from. A *set* is what one operand of
//! a query asks for: one pattern, or all patterns of an alias. Words that no rule names are unknown
//! here, and cost an entry one lookup each, however many rules there are.
//!
//! What a pattern finds, and in which order those of a set are met at one place, depends on no other pattern: a rule finds
//! among others what it finds alone.

use super::aliases::Exclusion;
use super::facts::{Fact, FactId, Facts};
use super::stems::Stems;
use super::syntax::{Form, Term};
use crate::text::{Languages, Word, words};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// Number of a known word or beginning of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct WordId(usize);

/// Number of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PatternId(usize);

/// Number of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SetId(pub(super) usize);

/// A word or phrase that rules look for.
#[derive(Debug)]
pub(super) struct Pattern {
    /// As the operator wrote it.
    pub(super) written: String,
    /// The alias that lists it.
    pub(super) alias: Option<String>,
    /// The sets it is in.
    pub(super) sets: Vec<SetId>,
    /// Of a phrase that aliases exclude, those whose terms do not count within it; empty for another.
    pub(super) excludes: BTreeSet<String>,
    /// The sets of which it is an exclusion, in order.
    pub(super) excluded_from: Vec<SetId>,
    /// Its words after the first, which must follow one another.
    following: Vec<WordId>,
    /// Its words letter by letter, for an exact pattern; empty for a folded one.
    letters: Vec<String>,
    /// Whether capitals are told from small letters: those of an exact pattern that has some, or is excluded.
    cased: bool,
}

impl Pattern {
    /// How many words it is long.
    pub(super) fn len(&self) -> usize {
        self.following.len() + 1
    }

    /// Tells whether `written`, the words of a text as they stand and without what is written as one with them, have the
    /// letters that are asked for.
    pub(super) fn accepts(&self, written: &mut dyn Iterator<Item = [&str; 2]>) -> bool {
        self.letters.iter().all(|wanted| {
            let next = written.next();
            next.is_some_and(|forms| forms.into_iter().any(|word| self.spells(word, wanted)))
        })
    }

    fn spells(&self, word: &str, wanted: &str) -> bool {
        let bare = word.strip_suffix("'s").or(word.strip_suffix("’s"));
        let mut spelled = [Some(word), bare].into_iter().flatten();
        spelled.any(|word| word == wanted || !self.cased && word.to_lowercase() == wanted)
    }
}

/// A known beginning of words.
#[derive(Debug)]
struct Prefix {
    /// [`head`] of the text: what most comparisons are decided by, at the price of one of numbers.
    head: u64,
    text: String,
    id: WordId,
    /// The longest other prefix that this one begins with: its index.
    shorter: Option<usize>,
}

/// What is known of one word of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks<'l> {
    word: Known,
    /// The words that have its stem.
    akin: &'l [WordId],
    /// Index of the longest known prefix.
    prefix: Option<usize>,
}

/// What is known of a word of a text as it stands, and without the small words that are written as one with it.
#[derive(Debug, Default)]
pub(super) struct Forms<'l> {
    /// As it stands.
    pub(super) whole: Option<Marks<'l>>,
    /// What else it may be, the longest first; empty for nearly every word.
    pub(super) bare: Vec<Marks<'l>>,
}

impl<'l> Forms<'l> {
    /// Tells whether no rule asks for it.
    pub(super) fn are_unknown(&self) -> bool {
        self.whole.is_none() && self.bare.is_empty()
    }

    /// Returns them in order, each with whether it is a bare one.
    fn all(&self) -> impl Iterator<Item = (Marks<'l>, bool)> + Clone + use<'_, 'l> {
        let bare = self.bare.iter().map(|marks| (*marks, true));
        self.whole
            .map(|marks| (marks, false))
            .into_iter()
            .chain(bare)
    }
}

/// A known word, which may be asked for in two ways.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// As it stands.
    literal: Option<WordId>,
    /// In any of its forms.
    plain: Option<WordId>,
}

/// All words, patterns, sets and facts of the rules.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: HashMap<String, Known>,
    stems: Stems,
    /// In order of their text.
    prefixes: Vec<Prefix>,
    /// Which of them begin with a byte, for each byte: most words have few to be compared with.
    by_first_byte: Vec<Range<usize>>,
    patterns: Vec<Pattern>,
    /// The patterns that begin with a word, by its number.
    beginning: Vec<Vec<PatternId>>,
    sets: usize,
    facts: Facts,
}

impl Lexicon {
    /// How many sets there are; they are numbered from 0.
    pub(super) fn sets(&self) -> usize {
        self.sets
    }

    /// Returns what rules ask beside texts.
    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Returns all patterns.
    pub(super) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Returns a pattern; `None` only for a number of another lexicon.
    pub(super) fn pattern(&self, id: PatternId) -> Option<&Pattern> {
        self.patterns.get(id.0)
    }

    /// Looks up a word of a text in these languages; `None` when no rule asks for it.
    pub(super) fn marks(
        &self,
        word: &Word<'_>,
        text: &str,
        languages: Languages,
    ) -> Option<Marks<'_>> {
        let known = self.words.get(&*word.folded).copied();
        let akin = self.stems.of(word, text, languages);
        let prefix = self.longest_prefix(&word.folded);
        let marks = Marks {
            word: known.unwrap_or_default(),
            akin,
            prefix,
        };
        (known.is_some() || prefix.is_some() || !akin.is_empty()).then_some(marks)
    }

    /// Every prefix of a word sorts before it, and between the two stand only texts that begin with the
    /// prefix: so the last one that sorts before the word either is a prefix of it or begins with all
    /// that are.
    fn longest_prefix(&self, folded: &str) -> Option<usize> {
        let first = folded.bytes().next().map(usize::from)?;
        let range = self.by_first_byte.get(first)?;
        let wanted = (head(folded), folded);
        let before = self
            .prefixes
            .get(range.clone())?
            .partition_point(|prefix| (prefix.head, prefix.text.as_str()) <= wanted);
        let last = before.checked_sub(1).map(|at| range.start + at);
        self.prefix_chain(last)
            .find(|(_, prefix)| folded.starts_with(&prefix.text))
            .map(|(at, _)| at)
    }

    /// Returns the prefix at an index and all that it begins with, longest first.
    fn prefix_chain(&self, at: Option<usize>) -> impl Iterator<Item = (usize, &Prefix)> {
        let step = |at: usize| self.prefixes.get(at).map(|prefix| (at, prefix));
        std::iter::successors(at.and_then(step), move |(_, prefix)| {
            prefix.shorter.and_then(step)
        })
    }

    fn ids(&self, marks: Marks<'_>) -> impl Iterator<Item = WordId> {
        let Known { literal, plain } = marks.word;
        let akin = marks.akin.iter().copied();
        let akin = akin.filter(move |id| Some(*id) != plain);
        let prefixes = self.prefix_chain(marks.prefix);
        literal
            .into_iter()
            .chain(plain)
            .chain(akin)
            .chain(prefixes.map(|(_, prefix)| prefix.id))
    }

    /// Returns the patterns that begin at the first of these words and go on in the following, as far
    /// as folded forms tell, each with whether it begins with a bare form.
    pub(super) fn patterns_at<'m>(
        &'m self,
        first: &'m Forms<'m>,
        following: impl Iterator<Item = &'m Forms<'m>> + Clone,
    ) -> impl Iterator<Item = (PatternId, &'m Pattern, bool)> {
        self.ids_of(first)
            .filter_map(|(id, is_bare)| Some((self.beginning.get(id.0)?, is_bare)))
            .flat_map(|(patterns, is_bare)| patterns.iter().map(move |id| (*id, is_bare)))
            .filter_map(|(id, is_bare)| Some((id, self.pattern(id)?, is_bare)))
            .filter(move |(_, pattern, _)| {
                let mut words = following.clone();
                pattern.following.iter().all(|wanted| {
                    let next = words.next();
                    next.is_some_and(|forms| self.has(forms, *wanted))
                })
            })
    }

    /// Tells whether one of the forms is a word that is asked for.
    fn has(&self, forms: &Forms<'_>, wanted: WordId) -> bool {
        let mut ids = forms.all().flat_map(|(marks, _)| self.ids(marks));
        ids.any(|id| id == wanted)
    }

    /// Returns the numbers of all forms of a word, each once, with whether it is that of a bare one.
    fn ids_of<'m>(&'m self, forms: &'m Forms<'m>) -> impl Iterator<Item = (WordId, bool)> {
        let numbered = forms.all().enumerate();
        numbered.flat_map(move |(at, (marks, is_bare))| {
            let ids = self.ids(marks);
            let is_new = move |id: &WordId| {
                let mut before = forms.all().take(at);
                !before.any(|(marks, _)| self.ids(marks).any(|other| other == *id))
            };
            ids.filter(is_new).map(move |id| (id, is_bare))
        })
    }
}

/// A lexicon in the making.
#[derive(Default)]
pub(super) struct LexiconBuilder {
    lexicon: Lexicon,
    prefixes: BTreeMap<String, WordId>,
    /// Patterns by alias and spelling.
    known: HashMap<(Option<String>, String), PatternId>,
}

impl LexiconBuilder {
    /// Adds a set of terms, each with the alias that lists it.
    pub(super) fn add_set<'a>(
        &mut self,
        terms: impl IntoIterator<Item = (Option<&'a str>, &'a Term)>,
    ) -> SetId {
        let set = SetId(self.lexicon.sets);
        self.lexicon.sets += 1;
        for (alias, term) in terms {
            let id = self.add_pattern(alias, term, term.to_string(), term.form != Form::Exact);
            if let Some(pattern) = self.lexicon.patterns.get_mut(id.0)
                && pattern.sets.last() != Some(&set)
            {
                pattern.sets.push(set);
            }
        }
        set
    }

    /// Adds a fact.
    pub(super) fn add_fact(&mut self, fact: &Fact) -> FactId {
        self.lexicon.facts.add(fact)
    }

    /// Adds a phrase that an alias excludes from a set.
    pub(super) fn add_exclusion(&mut self, exclusion: &Exclusion<'_>, set: SetId) {
        let (alias, term) = (exclusion.alias, exclusion.term);
        let id = self.add_pattern(Some(alias), term, format!("-{term}"), false);
        if let Some(pattern) = self.lexicon.patterns.get_mut(id.0) {
            let of = exclusion.of.iter();
            pattern.excludes = of.map(|alias| (*alias).to_owned()).collect();
            pattern.excluded_from.push(set);
            // `-=polish` tells the word from the name.
            pattern.cased = true;
        }
    }

    /// Adds a pattern whose words are found in all their forms, or as they stand alone.
    fn add_pattern(
        &mut self,
        alias: Option<&str>,
        term: &Term,
        written: String,
        in_any_form: bool,
    ) -> PatternId {
        let key = (alias.map(str::to_owned), written);
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let id = PatternId(self.lexicon.patterns.len());
        let mut ids = self.word_ids(term, in_any_form).into_iter();
        if let Some(first) = ids.next()
            && let Some(beginning) = self.lexicon.beginning.get_mut(first.0)
        {
            beginning.push(id);
        }
        self.lexicon.patterns.push(Pattern {
            written: key.1.clone(),
            alias: key.0.clone(),
            sets: Vec::new(),
            excludes: BTreeSet::new(),
            excluded_from: Vec::new(),
            following: ids.collect(),
            letters: letters(term),
            cased: term.text.chars().any(char::is_uppercase),
        });
        self.known.insert(key, id);
        id
    }

    fn word_ids(&mut self, term: &Term, in_any_form: bool) -> Vec<WordId> {
        let mut found: Vec<Word<'_>> = words(&term.text).collect();
        let prefix = if term.prefix { found.pop() } else { None };
        let ids = found.into_iter();
        let mut ids: Vec<WordId> = ids
            .map(|word| {
                // A name has a number of its own, lest another rule's small letter give it forms.
                if in_any_form && !is_name(&word, &term.text) {
                    self.plain_id(&word, &term.text)
                } else {
                    self.literal_id(&word)
                }
            })
            .collect();
        ids.extend(prefix.map(|prefix| self.prefix_id(prefix.folded.into_owned())));
        ids
    }

    fn literal_id(&mut self, word: &Word<'_>) -> WordId {
        let lexicon = &mut self.lexicon;
        let known = lexicon.words.entry(word.folded.to_string()).or_default();
        let beginning = &mut lexicon.beginning;
        *known.literal.get_or_insert_with(|| new_id(beginning))
    }

    fn plain_id(&mut self, word: &Word<'_>, text: &str) -> WordId {
        let lexicon = &mut self.lexicon;
        let known = lexicon.words.entry(word.folded.to_string()).or_default();
        let beginning = &mut lexicon.beginning;
        let id = *known.plain.get_or_insert_with(|| new_id(beginning));
        lexicon.stems.add(word, text, id);
        id
    }

    /// Sorts the patterns that begin with a word by alias, and the words of a stem by their letters. The terms of one alias
    /// are in its order already: they are numbered together, when the first rule names it or what includes it.
    fn settle(&mut self) {
        let Lexicon {
            words,
            stems,
            patterns,
            beginning,
            ..
        } = &mut self.lexicon;
        let alias = |id: &PatternId| patterns.get(id.0).map(|pattern| pattern.alias.as_deref());
        for begun in beginning {
            begun.sort_by(|one, other| alias(one).cmp(&alias(other)));
        }
        let letters = words
            .iter()
            .filter_map(|(letters, known)| Some((known.plain?, letters.as_str())));
        stems.settle(&letters.collect());
    }

    fn prefix_id(&mut self, prefix: String) -> WordId {
        let beginning = &mut self.lexicon.beginning;
        *self
            .prefixes
            .entry(prefix)
            .or_insert_with(|| new_id(beginning))
    }

    /// Brings what is met at one place into an order that depends on the aliases alone, sorts the prefixes and links each
    /// with the next shorter one.
    pub(super) fn finish(mut self) -> Lexicon {
        self.settle();
        let mut sorted: Vec<Prefix> = Vec::with_capacity(self.prefixes.len());
        for (text, id) in self.prefixes {
            let mut shorter = sorted.len().checked_sub(1);
            while let Some(prefix) = shorter.and_then(|at| sorted.get(at))
                && !text.starts_with(&prefix.text)
            {
                shorter = prefix.shorter;
            }
            sorted.push(Prefix {
                head: head(&text),
                text,
                id,
                shorter,
            });
        }
        let before = |first: u16| {
            sorted.partition_point(|prefix| prefix.text.bytes().next().map(u16::from) < Some(first))
        };
        let bytes = 0..=u16::from(u8::MAX);
        self.lexicon.by_first_byte = bytes.map(|byte| before(byte)..before(byte + 1)).collect();
        self.lexicon.prefixes = sorted;
        self.lexicon
    }
}

/// Tells whether a word of a query is written as a name, which is found as it stands.
fn is_name(word: &Word<'_>, text: &str) -> bool {
    let written = text.get(word.start..word.end).unwrap_or_default();
    written.starts_with(char::is_uppercase)
}

/// Returns the first eight bytes of a text as a number: texts are in the order of their heads, and then
/// of themselves.
fn head(text: &str) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    u64::from_be_bytes(bytes)
}

fn new_id(beginning: &mut Vec<Vec<PatternId>>) -> WordId {
    beginning.push(Vec::new());
    WordId(beginning.len() - 1)
}

/// Returns the words of an exact term as they stand; none for another.
fn letters(term: &Term) -> Vec<String> {
    if term.form != Form::Exact {
        return Vec::new();
    }
    words(&term.text)
        .filter_map(|word| term.text.get(word.start..word.end))
        .map(str::to_owned)
        .collect()
}
