//! Texts without case and accents, and how they fall into numbers and words.

use crate::text::fold;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Returns the form of a text in which two spellings of a month are equal.
///
/// Lower case without accents, however they were composed; Korean syllables whole; Turkish dotless i, all
/// dashes, and the digits of Hindi as in ASCII; no marks of direction, which some browsers print into dates.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded = fold(text);
    let visible = folded.nfc().filter(|&c| !is_invisible(c));
    visible.map(plain).collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn plain(c: char) -> char {
    match c {
        'ı' => 'i',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '०'..='९' => char::from_digit(u32::from(c) - u32::from('०'), 10).unwrap_or(c),
        other => other,
    }
}

/// Splits the digits off that a text begins with; there may be none.
pub(super) fn digits(text: &str) -> (&str, &str) {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(length).unwrap_or((text, ""))
}

/// Splits the letters off that a text begins with; there may be none.
pub(super) fn letters(text: &str) -> (&str, &str) {
    let length = text.find(|c| !is_letter(c)).unwrap_or(text.len());
    text.split_at_checked(length).unwrap_or((text, ""))
}

/// Tells whether a character is part of a word; the vowel signs of Hindi are.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_combining_mark(c)
}

/// Tells whether a text begins with a digit.
pub(super) fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}
