//! Spellings of other tools, which are refused: as words they would find something, and seldom what was meant.
//!
//! `!Brensk` is NOT in some readers, and here it would ask for Brensk. Knows the spelling alone.

use super::lexer::Fault;
use std::ops::Range;

/// What other tools write before a word, what it is, and what is written here.
const BEFORE: &[(char, &str, &str)] = &[
    ('!', "NOT", "write `-` before what is excluded: `-sport`"),
    (
        '+',
        "\"must\"",
        "leave it out: what stands side by side must all be there",
    ),
    (
        '/',
        "the beginning of a regular expression",
        "write words, `oil*` for what begins so, and OR between several",
    ),
    (
        '~',
        "a distance",
        "write `oil NEAR/3 price` for words that stand near one another",
    ),
];

/// What other tools write within a word.
const WITHIN: &[(&str, &str)] = &[
    ("|", "write `OR` between the two"),
    ("&&", "write `AND` between the two, or nothing but a space"),
];

/// Returns what is wrong with a token that begins with a character, which stands at `span`.
pub(super) fn before(first: char, span: &Range<usize>) -> Option<Fault> {
    let (_, meaning, help) = BEFORE.iter().find(|(c, ..)| *c == first)?;
    let message = format!("`{first}` is {meaning} elsewhere, and nothing here");
    let help = format!("{help}; in quotes it is text");
    Some(Fault::new(span.clone(), message, help))
}

/// Returns what is wrong with a word, which begins at a byte.
pub(super) fn within(word: &str, start: usize) -> Option<Fault> {
    for (mark, help) in WITHIN {
        if let Some(at) = word.find(mark) {
            let span = start + at..start + at + mark.len();
            let message = format!("`{mark}` is no operator here");
            let help = format!("{help}; in quotes it is text");
            return Some(Fault::new(span, message, help));
        }
    }
    if let Some(at) = word.find(['<', '>']) {
        let help = match word.get(..at) {
            Some("score") => "the least score is a key of the topic: `min-score = 2`",
            _ => "in quotes it is text",
        };
        let message = format!("`{word}` is no condition here");
        return Some(Fault::new(start..start + word.len(), message, help));
    }
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let bare = bare.strip_suffix('~').filter(|bare| !bare.is_empty())?;
    Some(Fault::new(
        start + bare.len()..start + word.len(),
        "`~` is \"spelled about so\" elsewhere, and nothing here",
        format!("write the spellings with OR between them, or `{bare}*` for what begins so"),
    ))
}
