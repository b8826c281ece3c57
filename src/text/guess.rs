//! The language that a text is in, told by its small words.
//!
//! For texts of which neither they nor their feed say it. A wrong language is worse than none: it takes an entry out of
//! the topics of its own, and its words apart by the rules of another. So it is told only of a text with a body, long
//! enough and without code or much of another script, in which one language leads all others clearly; the languages
//! that are told are few, and others have their words here so that they are taken for none of them
//! (`function_words.rs`).
//!
//! Words of grammar and not rows of letters: a model of these makes of each text the nearest language that it has, most
//! of all of a short one. Measured on 1,016 labelled items of news and 23,668 pieces of one text in 500 languages, these
//! lists told none of the first wrong and less than two in a hundred of the second, most of these Chinese of one kind or
//! another; the crate whatlang told 4 and 2,913 wrong where it called itself sure, in ten times the time, and whichlang
//! 30 and more than 10,000.

use super::function_words::{GRAMMARS, Grammar};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Words that are looked at, title and body together: more say the same again.
const MOST_WORDS: usize = 60;

/// Bytes that are looked at of each text, for one that is hardly words.
const MOST_BYTES: usize = 1_536;

/// The body has so many words at least. A title is mostly names, and one that its feed repeats as the body is still
/// a title.
const LEAST_WORDS: usize = 10;

/// One in so many words is of the language, at least; of running text it is every second to third. Lists of names,
/// tables and languages that are not here have fewer.
const ONE_IN: usize = 5;

/// So many words at least speak for the language and not for another.
const LEAST_LEAD: usize = 3;

/// And so many times as many as speak for the other and not for it: neighbours share half of their small words, and a
/// text may quote another language.
const TIMES_AS_MANY: usize = 3;

/// So many different words at least: a language may have another meaning for one that it uses all the time.
const LEAST_KINDS: usize = 4;

/// One in so many words is in another script, at most; names of companies are.
const ONE_OF_ANOTHER_SCRIPT_IN: usize = 4;

/// One in so many pieces between spaces has characters of code, at most.
const ONE_OF_CODE_IN: usize = 6;

/// One in so many letters is none of the alphabet of the language, at most. One letter of a name may be.
const ONE_FOREIGN_LETTER_IN: usize = 50;

/// The longest word of grammar in bytes; longer ones are not looked up.
const LONGEST: usize = 27;

/// Letters by which a word is of the languages that have them, as if they were words of their grammar.
const TELLING: [char; 4] = ['ã', 'õ', 'ы', 'э'];

/// A Chinese text has so many letters at least: about two make a word.
const LEAST_HAN: usize = 2 * LEAST_WORDS;

/// Of a Chinese text one in so many letters is of grammar, at least.
const ONE_GRAMMAR_LETTER_IN: usize = 25;

/// Letters of Chinese grammar, in both ways of writing.
const CHINESE: &str = "的是在了和不有这這与與为為于於对對将將也";

/// What is known of a word of grammar.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// The languages that it is of, a bit for each.
    of: u64,
    /// Its number; none of a single letter, which many languages have for something else.
    kind: Option<u16>,
}

/// The words of grammar of all languages.
static MARKS: LazyLock<HashMap<&'static str, Mark>> = LazyLock::new(|| {
    let mut marks: HashMap<&'static str, Mark> = HashMap::new();
    let words = GRAMMARS.iter().zip(0_u32..);
    let words = words.flat_map(|(grammar, bit)| grammar.words.split(' ').map(move |it| (it, bit)));
    for ((word, bit), kind) in words.zip(0..) {
        let kind = word.chars().nth(1).map(|_| kind);
        marks.entry(word).or_insert(Mark { of: 0, kind }).of |= 1 << bit;
    }
    marks
});

/// Returns the tag of the language that an entry is in by its title and body together, where they tell.
///
/// `None` of a title alone, of a text that is too short, mixed or code, and of one in a language that is not told.
/// Takes no longer for a longer text.
pub fn guess_language(title: &str, body: &str) -> Option<&'static str> {
    let (title, body) = (head(title), head(body));
    if body.trim() == title.trim() {
        return None;
    }
    let mut text = Text::default();
    text.read(body);
    if text.words < LEAST_WORDS {
        return None;
    }
    text.read(title);
    if text.code * ONE_OF_CODE_IN > text.pieces {
        return None;
    }
    let script = text.script()?;
    if script == Script::Han {
        return text.is_chinese().then_some("zh");
    }
    let grammar = text.leader()?;
    if title.is_ascii() && body.is_ascii() {
        return grammar.tag;
    }
    let (letters, foreign) = foreign([title, body], script, grammar.letters);
    grammar
        .tag
        .filter(|_| foreign * ONE_FOREIGN_LETTER_IN <= letters)
}

/// Returns the beginning of a text.
fn head(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MOST_BYTES))
        .unwrap_or(text)
}

/// A script by which languages are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Devanagari,
    Arabic,
    Han,
    Other,
}

impl Script {
    /// All of them.
    const ALL: [Self; 6] = [
        Self::Latin,
        Self::Cyrillic,
        Self::Devanagari,
        Self::Arabic,
        Self::Han,
        Self::Other,
    ];

    fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' | '\u{AA}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => Self::Latin,
            '\u{400}'..='\u{52F}' => Self::Cyrillic,
            '\u{900}'..='\u{97F}' => Self::Devanagari,
            '\u{600}'..='\u{6FF}' => Self::Arabic,
            '\u{3400}'..='\u{9FFF}' => Self::Han,
            _ => Self::Other,
        }
    }
}

/// What was met in a text.
#[derive(Debug, Default)]
struct Text {
    /// How many words; a letter of Han is one.
    words: usize,
    /// Of these, in each script, in the order of all.
    of_script: [usize; Script::ALL.len()],
    /// The languages of each word that is of any.
    marks: Vec<Mark>,
    /// Letters of the grammar of Chinese.
    grammar: usize,
    /// What stands between spaces.
    pieces: usize,
    /// Of this, with characters of code.
    code: usize,
}

impl Text {
    /// Reads a text up to where there are words enough.
    fn read(&mut self, text: &str) {
        let mut lower = String::with_capacity(LONGEST);
        for piece in text.split_whitespace() {
            if self.words >= MOST_WORDS {
                return;
            }
            self.pieces += 1;
            if piece.contains(is_code) {
                self.code += 1;
            } else if !piece.contains(|c: char| c.is_ascii_digit()) {
                let words = piece.split(|c| !is_part_of_word(c));
                words.for_each(|word| self.take(word, &mut lower));
            }
        }
    }

    /// Takes in a word, of scripts that write no spaces each letter.
    fn take(&mut self, word: &str, lower: &mut String) {
        let Some(script) = word.chars().next().map(Script::of) else {
            return;
        };
        if matches!(script, Script::Han | Script::Other) {
            word.chars().for_each(|c| self.count(Script::of(c)));
            self.grammar += word.chars().filter(|c| CHINESE.contains(*c)).count();
            return;
        }
        self.count(script);
        if word.len() <= LONGEST {
            lower.clear();
            if word.is_ascii() {
                lower.push_str(word);
                lower.make_ascii_lowercase();
            } else {
                lower.extend(word.chars().flat_map(char::to_lowercase));
            }
            let mark = MARKS.get(lower.as_str()).copied();
            self.marks.extend(mark.or_else(|| of_letter(lower)));
        }
    }

    fn count(&mut self, script: Script) {
        self.words += 1;
        let mut counts = Script::ALL.iter().zip(&mut self.of_script);
        if let Some((_, of_script)) = counts.find(|(it, _)| **it == script) {
            *of_script += 1;
        }
    }

    /// Returns the script that hardly a word is not in.
    fn script(&self) -> Option<Script> {
        let mut counts = Script::ALL.into_iter().zip(self.of_script);
        let (script, _) = counts
            .find(|(_, count)| (self.words - count) * ONE_OF_ANOTHER_SCRIPT_IN <= self.words)?;
        Some(script)
    }

    /// Tells whether Han letters are Chinese: others have them beside letters of their own, without its grammar.
    fn is_chinese(&self) -> bool {
        self.words >= LEAST_HAN && self.grammar * ONE_GRAMMAR_LETTER_IN >= self.words
    }

    /// Returns the language that has the most words, where it leads every other.
    fn leader(&self) -> Option<&'static Grammar> {
        let all = counts(self.marks.iter().copied());
        let told = all.iter().zip(GRAMMARS).zip(0_u32..);
        let told = told.filter(|((_, grammar), _)| grammar.tag.is_some());
        let ((most, grammar), bit) = told.max_by_key(|((count, _), _)| **count)?;
        let own = || self.marks.iter().filter(|mark| mark.of & (1 << bit) != 0);
        let shared = counts(own().copied());
        let others = all.iter().zip(&shared).zip(0_u32..);
        let mut others = others.filter(|(_, other)| *other != bit);
        let leads = others.all(|((all, shared), _)| {
            let (lead, behind) = (most - shared, all - shared);
            lead >= LEAST_LEAD && lead >= behind * TIMES_AS_MANY
        });
        let mut kinds: Vec<u16> = own().filter_map(|mark| mark.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let is_language = most * ONE_IN >= self.words && kinds.len() >= LEAST_KINDS;
        (leads && is_language).then_some(grammar)
    }
}

/// Counts the words of each language.
fn counts(marks: impl Iterator<Item = Mark>) -> [usize; GRAMMARS.len()] {
    let mut counts = [0; GRAMMARS.len()];
    for mark in marks {
        let mut left = mark.of;
        while left != 0 {
            let bit = usize::try_from(left.trailing_zeros());
            if let Some(count) = bit.ok().and_then(|bit| counts.get_mut(bit)) {
                *count += 1;
            }
            left &= left - 1;
        }
    }
    counts
}

/// Counts the letters of a script in some texts, and of these the ones that are none of an alphabet.
fn foreign(texts: [&str; 2], script: Script, alphabet: &str) -> (usize, usize) {
    let letters = texts.into_iter().flat_map(str::chars);
    let letters = letters.filter(|c| Script::of(*c) == script);
    letters.fold((0, 0), |(letters, foreign), c| {
        let is_own =
            c.is_ascii() || alphabet.is_empty() || c.to_lowercase().all(|c| alphabet.contains(c));
        (letters + 1, foreign + usize::from(!is_own))
    })
}

/// Returns what a letter tells of a word that is no grammar.
fn of_letter(word: &str) -> Option<Mark> {
    let letter = word.chars().find(|c| TELLING.contains(c))?;
    let mut buffer = [0; 4];
    let letter: &str = letter.encode_utf8(&mut buffer);
    MARKS.get(letter).copied()
}

/// Tells whether a character is one of code, addresses and names of accounts, not of prose.
fn is_code(c: char) -> bool {
    matches!(
        c,
        '=' | '<'
            | '>'
            | '{'
            | '}'
            | '\\'
            | '_'
            | '#'
            | '@'
            | '/'
            | '*'
            | '+'
            | '`'
            | '|'
            | '~'
            | '^'
    )
}

/// Tells whether a character is part of a word: a letter, or a sign that hangs on one.
fn is_part_of_word(c: char) -> bool {
    c.is_alphabetic()
        || matches!(c, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{963}' | '\u{64B}'..='\u{652}')
}

#[cfg(test)]
mod tests;
