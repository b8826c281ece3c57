//! What a few changed words mean: a correction that readers are told of, or nothing.
//!
//! Most small changes of a text are none of the publisher's doing, or put right what everybody read rightly.
//! So it is not how much changed that says so here, but what: a number, a negation or a name in the place of
//! another in a sentence of the lead that stays as it was; any other word that is another one and no other
//! spelling only where the publisher dates the change.
//!
//! Rejected: words gained and lost by the whole text. "12 comments" is a number in the place of another, too,
//! and only the sentence around it tells that it counts by itself.

use super::discriminators::{is_count, is_discriminator, is_month};
use crate::model::Meaning;
use crate::text::{Language, Languages, Word, is_stop_word, is_stop_word_anywhere, stem, words};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Words of a text that are looked at: what a report is about stands in its first paragraphs, and lower down
/// are lists of others, calls and credits. A sentence that begins within them counts whole.
const LEAD_WORDS: usize = 120;

/// Words that a sentence has at the most. What is longer is a table or a list without stops.
const SENTENCE_WORDS: usize = 80;

/// Words that the two sentences begin and end with in common, at the least. A counter ("3 min read", "9
/// comments") and a date line have fewer.
const CONTEXT_WORDS: usize = 4;

/// Words between them that may be others: a name or a number with its unit. More is a sentence written anew,
/// which the share of changed words judges.
const SPAN_WORDS: usize = 3;

/// Words beside a number that may say that it runs by itself: "12 new comments", "updated at 5 pm".
const BESIDE: usize = 2;

/// Letters up to which a word is another one by one letter ("Iran", "Iraq"); of longer ones many differ by it
/// that are one word ("organise", "organize").
const SHORT_LETTERS: usize = 4;

/// Letters up to which words of one spelling differ by one, above which by two.
const MIDDLE_LETTERS: usize = 7;

/// Letters of a word whose spelling is looked at: a longer one is an address or a hash.
const WORD_LETTERS: usize = 32;

/// Who rewrote a text, as far as a small change is judged by it.
#[derive(Clone, Copy, Debug)]
pub struct Rewriting {
    /// The languages that its words may be in.
    pub languages: Languages,
    /// Whether the publisher dates it later than what stood there.
    pub is_dated: bool,
}

/// Returns what the most telling change between the leads of two texts is.
pub(super) fn meaning(old: &str, new: &str, languages: Languages) -> Option<Meaning> {
    let (old, new) = (lead(old), lead(new));
    let old_ones: HashSet<_> = old.iter().map(Sentence::key).collect();
    let new_ones: HashSet<_> = new.iter().map(Sentence::key).collect();
    let gone = old
        .iter()
        .filter(|sentence| !new_ones.contains(&sentence.key()));
    let come: Vec<_> = new
        .iter()
        .filter(|sentence| !old_ones.contains(&sentence.key()))
        .collect();
    gone.filter_map(|gone| {
        let changes = come.iter().filter_map(|come| Change::new(gone, come));
        changes.max_by_key(Change::context)?.meaning(languages)
    })
    .max()
}

/// Words of a title that are looked at: a longer one is none.
const TITLE_WORDS: usize = 60;

/// Tells whether two titles differ, and by nothing but numbers that run by themselves and their units: each beside a word
/// that says so. A number, a date or an hour alone is news in a title.
pub(super) fn differs_by_what_runs(old: &str, new: &str) -> bool {
    let [old, new] = [old, new].map(|title| words(title).take(TITLE_WORDS + 1).collect::<Vec<_>>());
    let is_known = |at| runs_at(&old, at) && runs_at(&new, at);
    let mut pairs = old.iter().zip(&new).enumerate();
    old.len() == new.len()
        && old.len() <= TITLE_WORDS
        && pairs.all(|(at, (one, other))| one.folded == other.folded || is_known(at))
}

/// Tells whether a word of a title is a number that runs by itself, or its unit: the next word before or after it that
/// is neither, grammar aside, says so.
fn runs_at(title: &[Word<'_>], at: usize) -> bool {
    let is_count = |word: &Word<'_>| is_numeric(&word.folded) || RUNNING.contains(&*word.folded);
    let says = |word: &Word<'_>| TITLE_RUNNING.contains(&*word.folded);
    let is_passed =
        |word: &&Word<'_>| !says(word) && (is_count(word) || is_stop_word_anywhere(&word.folded));
    let (before, from) = title.split_at_checked(at).unwrap_or_default();
    let before = before.iter().rev().find(|word| !is_passed(word));
    let after = from.iter().skip(1).find(|word| !is_passed(word));
    from.first().is_some_and(is_count) && (before.is_some_and(says) || after.is_some_and(says))
}

/// A sentence in its words.
struct Sentence<'a> {
    text: &'a str,
    words: Vec<Word<'a>>,
}

impl Sentence<'_> {
    /// Returns its words as they are compared.
    fn key(&self) -> Vec<&str> {
        self.words.iter().map(|word| &*word.folded).collect()
    }
}

/// Returns the sentences that a text begins with.
fn lead(text: &str) -> Vec<Sentence<'_>> {
    let mut count = 0;
    let mut rest = text;
    std::iter::from_fn(|| {
        if rest.is_empty() || count >= LEAD_WORDS {
            return None;
        }
        let (text, after) = sentence(rest);
        rest = after;
        let words: Vec<_> = words(text).take(SENTENCE_WORDS + 1).collect();
        count += words.len();
        Some(Sentence { text, words })
    })
    .filter(|sentence| (CONTEXT_WORDS..=SENTENCE_WORDS).contains(&sentence.words.len()))
    .collect()
}

/// Splits a text after its first sentence. That "U.S." ends none is not seen, and need not be: it ends one in
/// both texts.
fn sentence(text: &str) -> (&str, &str) {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_end = match c {
            '\n' | '。' | '！' | '？' | '।' => true,
            '.' | '!' | '?' | '…' => chars.peek().is_some_and(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if is_end {
            return text
                .split_at_checked(at + c.len_utf8())
                .unwrap_or((text, ""));
        }
    }
    (text, "")
}

/// What differs between two sentences that begin and end alike.
struct Change<'a> {
    old: Side<'a>,
    new: Side<'a>,
}

/// What one of them has of its own.
struct Side<'a> {
    sentence: &'a Sentence<'a>,
    /// Words before it.
    start: usize,
    /// Words before what follows it.
    end: usize,
}

impl<'a> Change<'a> {
    /// Compares two sentences; `None` where they are not the same sentence.
    fn new(old: &'a Sentence<'a>, new: &'a Sentence<'a>) -> Option<Self> {
        let common = |count: usize, (old, new): (&Word<'_>, &Word<'_>)| {
            let next = (old.folded == new.folded).then_some(count + 1);
            next.ok_or(count)
        };
        let pairs = || old.words.iter().zip(&new.words);
        let start = pairs().try_fold(0, common).unwrap_or_else(|count| count);
        let shorter = old.words.len().min(new.words.len());
        let back = old.words.iter().rev().zip(new.words.iter().rev());
        let tail = back.take(shorter - start).try_fold(0, common);
        let tail = tail.unwrap_or_else(|count| count);
        let side = |sentence: &'a Sentence<'a>| Side {
            sentence,
            start,
            end: sentence.words.len() - tail,
        };
        let change = Self {
            old: side(old),
            new: side(new),
        };
        let is_small = [&change.old, &change.new]
            .iter()
            .all(|side| side.own().len() <= SPAN_WORDS);
        (is_small && change.context() >= CONTEXT_WORDS).then_some(change)
    }

    /// Counts the words that both sentences have.
    fn context(&self) -> usize {
        self.old.sentence.words.len() - self.old.own().len()
    }

    /// Returns what it means.
    fn meaning(&self, languages: Languages) -> Option<Meaning> {
        let (old, new) = (&self.old, &self.new);
        if old.negations(languages) != new.negations(languages) {
            return Some(Meaning::Sense);
        }
        let [here, there] =
            [(old, new), (new, old)].map(|(side, other)| side.others(other, languages));
        let names =
            |side: &Side<'_>, words: &[&Word<'_>]| words.iter().any(|word| side.names(word));
        match () {
            () if names(old, &here) && names(new, &there) => Some(Meaning::Sense),
            () if self.counts_otherwise() => Some(Meaning::Number),
            () if !here.is_empty() && !there.is_empty() => Some(Meaning::Word),
            () => None,
        }
    }

    /// Tells whether there are other numbers in the place of numbers that do not run by themselves. That one is
    /// written out and the other in digits tells nothing.
    fn counts_otherwise(&self) -> bool {
        let [old, new] = [&self.old, &self.new].map(Side::numbers);
        let kinds = |numbers: &[String]| numbers.iter().map(|n| is_numeric(n)).collect::<Vec<_>>();
        old != new && kinds(&old) == kinds(&new) && !self.old.runs() && !self.new.runs()
    }
}

impl Side<'_> {
    /// Returns the words of its own.
    fn own(&self) -> &[Word<'_>] {
        self.sentence
            .words
            .get(self.start..self.end)
            .unwrap_or_default()
    }

    /// Counts the words that say that something is not so.
    fn negations(&self, languages: Languages) -> usize {
        let own = self.own().iter();
        own.filter(|word| is_negation(&word.folded, languages))
            .count()
    }

    /// Returns the numbers, as they are compared: `1,204` is `1204`, and `3.5` is no 35.
    fn numbers(&self) -> Vec<String> {
        let is_number = |word: &&Word<'_>| is_count(&word.folded);
        let own = self.own().iter().filter(is_number);
        own.map(|word| ungrouped(&word.folded)).collect()
    }

    /// Tells whether the numbers here move by themselves: dates, times, ages, counts of readers.
    fn runs(&self) -> bool {
        let is_time = |word: &Word<'_>| is_year(&word.folded) || self.is_clock(word);
        let words = self.sentence.words.iter();
        let mut near = words
            .take(self.end + BESIDE)
            .skip(self.start.saturating_sub(BESIDE));
        self.own().iter().any(is_time) || near.any(|word| runs(&word.folded))
    }

    /// Tells whether a number is part of a time: `14:05`.
    fn is_clock(&self, word: &Word<'_>) -> bool {
        let text = self.sentence.text;
        let before = text.get(..word.start).unwrap_or_default();
        let after = text.get(word.end..).unwrap_or_default();
        is_numeric(&word.folded) && (before.ends_with(':') || after.starts_with(':'))
    }

    /// Returns its own words that say something and are no other spelling or form of one of the other side's.
    fn others(&self, there: &Self, languages: Languages) -> Vec<&Word<'_>> {
        let is_same = |word: &Word<'_>| {
            let mut others = there.own().iter();
            others.any(|other| {
                is_spelling(word, other)
                    || self.stem(word, languages) == there.stem(other, languages)
            })
        };
        let own = self.own().iter();
        own.filter(|word| tells(&word.folded, languages) && !is_same(word))
            .collect()
    }

    /// Returns the stem of a word.
    fn stem<'b>(&'b self, word: &Word<'b>, languages: Languages) -> Cow<'b, str> {
        stem(word, self.sentence.text, languages.word(&word.folded))
    }

    /// Tells whether a word is written as a name is: with a capital, and not because the sentence begins.
    fn names(&self, word: &Word<'_>) -> bool {
        let written = self.sentence.text.get(word.start..word.end);
        let is_capital = written.is_some_and(|word| word.starts_with(char::is_uppercase));
        is_capital && self.start > 0
    }
}

/// Tells whether a word says something: no grammar, no number, no date.
fn tells(word: &str, languages: Languages) -> bool {
    let is_letter = word.chars().nth(1).is_none();
    !is_letter
        && !is_discriminator(word)
        && !runs(word)
        && !is_stop_word(languages.word(word), word)
}

/// Tells whether two words may be one in two spellings.
fn is_spelling(one: &Word<'_>, other: &Word<'_>) -> bool {
    let [one, other] =
        [one, other].map(|word| word.folded.chars().take(WORD_LETTERS).collect::<Vec<_>>());
    let sorted = |word: &[char]| {
        let mut word = word.to_vec();
        word.sort_unstable();
        word
    };
    let longer = one.len().max(other.len());
    if longer >= WORD_LETTERS || sorted(&one) == sorted(&other) {
        return true;
    }
    let distance = distance(&one, &other);
    if longer <= SHORT_LETTERS {
        distance == 1 && one.len() != other.len()
    } else {
        distance <= 1 + usize::from(longer > MIDDLE_LETTERS)
    }
}

/// Counts the letters that have to be put in, taken out or replaced to make one word the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut left = at + 1;
        let mut next = vec![left];
        for (pair, other) in row.windows(2).zip(other) {
            if let [diagonal, above] = pair {
                left = (diagonal + usize::from(letter != other))
                    .min(above + 1)
                    .min(left + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Tells whether a word is a number in digits.
fn is_numeric(word: &str) -> bool {
    word.starts_with(char::is_numeric)
}

/// Tells whether a word is a year of our time, or looks like one.
fn is_year(word: &str) -> bool {
    word.len() == 4
        && word
            .parse()
            .is_ok_and(|year: u16| (1900..2100).contains(&year))
}

/// Returns a number without the marks between its thousands.
fn ungrouped(number: &str) -> String {
    let mut groups = number.split([',', '.']).skip(1).peekable();
    let is_grouped = groups.peek().is_some()
        && groups.all(|group| group.chars().count() == 3 && group.chars().all(char::is_numeric));
    if is_grouped {
        number.replace([',', '.'], "")
    } else {
        number.to_owned()
    }
}

/// Tells whether a word beside a number says that it moves by itself.
fn runs(word: &str) -> bool {
    is_month(word) || RUNNING.contains(word)
}

/// Tells whether a word says that something is not so.
fn is_negation(word: &str, languages: Languages) -> bool {
    let language = languages.word(word);
    language == Language::English && word.ends_with("n't") || NEGATIONS.contains(&(language, word))
}

/// The lists of negations, taken apart once.
static NEGATIONS: LazyLock<HashSet<(Language, &str)>> = LazyLock::new(|| {
    let lists = NEGATION_LISTS.iter();
    lists
        .flat_map(|(language, list)| list.split(' ').map(|word| (*language, word)))
        .collect()
});

/// What says in each language that something is not so, folded. Of two words that go together ("ne ... pas")
/// the one that is nothing else.
const NEGATION_LISTS: &[(Language, &str)] = &[
    (
        Language::English,
        "cannot neither never no nobody none nor not nothing nowhere without",
    ),
    (
        Language::French,
        "aucun aucune jamais ni pas personne rien sans",
    ),
    (
        Language::German,
        "kein keine keinem keinen keiner keines nicht nichts nie niemals niemand ohne",
    ),
    (Language::Hindi, "ना नहीं बिना मत"),
    (
        Language::Italian,
        "mai nessun nessuna nessuno niente non senza",
    ),
    (
        Language::Portuguese,
        "jamais nada nao nem nenhum nenhuma ninguem nunca sem",
    ),
    (
        Language::Russian,
        "без не нельзя нет ни никогда никто ничего",
    ),
    (
        Language::Spanish,
        "jamas nada nadie ni ninguna ninguno ningun no nunca sin",
    ),
];

/// What moves by itself, taken apart once.
static RUNNING: LazyLock<HashSet<&str>> = LazyLock::new(|| RUNNING_LIST.split(' ').collect());

/// Words that stand beside the age of a report, the time it takes to read it, and the counts of its readers.
const RUNNING_LIST: &str = "\
    ago am aufrufe clock comentarios comment commentaires commenti comments fa ha hace heures \
    horas hour hours hr hrs jours kommentare lecture leitura lesezeit lettura likes min mins \
    minute minuten minutes minuti minutos ore pm points read reads replies score seconds share \
    shares stunden tagen uhr updated upvotes views vistas votes vues комментариев комментария \
    минут минуту минуты назад просмотров часа часов घंटे टिप्पणियां पहले मिनट";

/// What runs by itself in a title, taken apart once.
static TITLE_RUNNING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| TITLE_RUNNING_LIST.split(' ').collect());

/// Words that say so there of a number beside them. "Votes", "shares", "points" and hours do not: they are the news.
const TITLE_RUNNING_LIST: &str = "\
    actualizado aggiornato ago aktualisiert aufrufe atualizado comentarios comment commentaires \
    commenti comments hace kommentare likes replies updated upvotes views visualizzazioni vistas \
    vues комментариев комментария назад обновлено просмотров टिप्पणियां पहले";
