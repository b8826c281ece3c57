//! Which characters may stand in what we store (S13).

use crate::text::{is_bidi_control, is_unwanted};
use std::borrow::Cow;

/// Tells whether `c` may not stand in a one-line text such as a title: also what reorders the text
/// around it (bidirectional overrides and isolates), what shows nothing, and the mark of a decoding fault.
pub(super) fn is_forbidden_in_line(c: char) -> bool {
    is_unwanted(c) || is_bidi_control(c) || matches!(c, '\u{200B}' | '\u{FFFD}')
}

/// Returns `text` without unwanted characters and with line ends as `\n`.
pub(super) fn without_unwanted(text: &str) -> Cow<'_, str> {
    // `fold` looks at many bytes at a time, which `any` cannot.
    let may_hold_one = |found, byte| found | may_be_unwanted(byte);
    if !text.bytes().fold(false, may_hold_one) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // A line feed follows and ends the line.
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => clean.push('\n'),
            c if is_unwanted(c) => {}
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// Tells whether a byte of UTF-8 may belong to an unwanted character or a carriage return: those, C2
/// (leads C1) and EF (leads U+FEFF, U+FFFE). Wrong alarms cost a copy, nothing else.
fn may_be_unwanted(byte: u8) -> bool {
    (byte < b' ' && byte != b'\n' && byte != b'\t') || matches!(byte, 0x7F | 0xC2 | 0xEF)
}

/// Appends `c`, white space as one space between words and none at the beginning.
pub(super) fn push_collapsed(c: char, line: &mut String) {
    if !c.is_whitespace() {
        line.push(c);
    } else if !line.is_empty() && !line.ends_with(' ') {
        line.push(' ');
    }
}

/// Parts the text of a `<sup>` that follows from the end of a line when it is a number: `10<sup>6</sup>`
/// is not 106, and the mark of a note is no part of a word. `1<sup>st</sup>` stays one word.
pub(super) fn part_raised(text: &str, line: &mut String) {
    if text.starts_with(char::is_numeric) && !line.ends_with(['(', '[']) {
        push_collapsed(' ', line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s13_what_xml_forbids_goes() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a\0b\u{1}c\u{B}d\u{FFFE}e\u{FFFF}f", "abcdef"),
            ("a\tb\nc\r\nd\re", "a\tb\nc\nd\ne"),
            ("a\u{80}b\u{9F}c\u{7F}", "abc"),
            ("né à\u{A0}la carte", "né à\u{A0}la carte"),
            ("\u{1F600}\u{FFFD}", "\u{1F600}\u{FFFD}"),
            ("\u{FEFF}a\u{FEFF}b", "ab"),
        ] {
            assert_eq!(without_unwanted(text), expected, "{text:?}");
        }
    }
}
