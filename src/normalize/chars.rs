//! Which characters may stand in what we store (S13).

use std::borrow::Cow;

/// Tells whether XML 1.0 forbids `c`, or it is one that no reader wants: a control of ISO 6429 (C1, DEL),
/// or a byte order mark, which HTML parsers drop in some places and not in others.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Tells whether `c` may not stand in a one-line text such as a title: also what reorders the text
/// around it (bidirectional overrides and isolates), what shows nothing, and the mark of a decoding fault.
pub(super) fn is_forbidden_in_line(c: char) -> bool {
    is_forbidden(c)
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{FFFD}')
}

/// Returns `text` without forbidden characters and with line ends as `\n`.
pub(super) fn without_forbidden(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(may_be_forbidden) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // A line feed follows and ends the line.
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => clean.push('\n'),
            c if is_forbidden(c) => {}
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// Tells whether a byte of UTF-8 may belong to a forbidden character or a carriage return: those, C2
/// (leads C1) and EF (leads U+FEFF, U+FFFE). Wrong alarms cost a copy, nothing else.
fn may_be_forbidden(byte: u8) -> bool {
    (byte < b' ' && byte != b'\n' && byte != b'\t') || matches!(byte, 0x7F | 0xC2 | 0xEF)
}

/// Returns the longest beginning of `text` of at most `bytes` bytes.
pub(super) fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Appends `c`, white space as one space between words and none at the beginning.
pub(super) fn push_collapsed(c: char, line: &mut String) {
    if !c.is_whitespace() {
        line.push(c);
    } else if !line.is_empty() && !line.ends_with(' ') {
        line.push(' ');
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
            assert_eq!(without_forbidden(text), expected, "{text:?}");
        }
    }

    #[test]
    fn s13_every_character_left_is_legal_in_xml() {
        let all: String = (0..=0x10_FFFF).filter_map(char::from_u32).collect();
        for c in without_forbidden(&all).chars() {
            assert!(
                matches!(c, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..),
                "{c:?}"
            );
        }
    }

    #[test]
    fn a_cut_keeps_whole_characters() {
        assert_eq!(cut("aéb", 2), "a");
        assert_eq!(cut("aéb", 3), "aé");
        assert_eq!(cut("ab", 9), "ab");
    }
}
