//! Characters: which of them no document holds, and cutting between them.

/// Tells whether XML 1.0 has no place for `c` (2.2, Char; S13).
pub fn is_forbidden_in_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Tells whether XML forbids `c` or no reader wants it: controls of ISO 6429 (C1, DEL), the byte order mark,
/// which HTML parsers drop in some places and not in others, and what Unicode says will never be a character,
/// which HTML calls a parse error.
pub fn is_unwanted(c: char) -> bool {
    is_forbidden_in_xml(c)
        || matches!(c, '\u{7F}'..='\u{9F}' | '\u{FEFF}' | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Tells whether `c` turns the text around it: on a terminal, the rest of the line.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Returns a text as one line for people: white space as single spaces, and nothing that a terminal would obey.
pub fn one_line(text: &str) -> String {
    let words: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|&c| !is_unwanted(c) && !is_bidi_control(c))
        .collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the longest beginning of `text` of at most `bytes` bytes.
pub fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s13_what_is_wanted_is_legal_in_xml() {
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let is_legal = matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
            assert_eq!(is_forbidden_in_xml(c), !is_legal, "{c:?}");
            assert!(is_legal || is_unwanted(c), "{c:?}");
        }
        assert!(
            [
                '\u{7F}',
                '\u{85}',
                '\u{FEFF}',
                '\u{FDD0}',
                '\u{1FFFE}',
                '\u{10FFFF}'
            ]
            .into_iter()
            .all(is_unwanted)
        );
    }

    #[test]
    fn a_line_holds_nothing_that_a_terminal_obeys() {
        for (text, expected) in [
            ("a\u{1B}[31mb\u{9B}2J\u{7}", "a[31mb2J"),
            ("\u{202E}a\u{2066} \u{2069}b\u{202C}", "a b"),
            (" a\r\n\tb\u{85}c ", "a b c"),
            ("\u{FEFF}समाचार", "समाचार"),
        ] {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_cut_keeps_whole_characters() {
        assert_eq!(cut("aéb", 2), "a");
        assert_eq!(cut("aéb", 3), "aé");
        assert_eq!(cut("ab", 9), "ab");
    }
}
