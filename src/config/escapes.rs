//! Where a part of a TOML string with escapes stands in the file.
//!
//! The parser hands over what a string says and where the whole of it stands. A caret has to stand under one word of it,
//! so the string is read along once more, and only where a problem is shown.

use std::ops::Range;

/// Returns where the bytes `part` of what a string says stand in the string as written, quotes included; `None` for
/// what is no basic string.
pub(super) fn part(raw: &str, part: &Range<usize>) -> Option<Range<usize>> {
    let quote = ["\"\"\"", "\""]
        .into_iter()
        .find(|quote| raw.starts_with(quote))?;
    let inner = raw.strip_prefix(quote)?.strip_suffix(quote)?;
    // A line end right after the opening quotes says nothing.
    let content = match quote.len() {
        3 => inner
            .strip_prefix("\r\n")
            .or(inner.strip_prefix('\n'))
            .unwrap_or(inner),
        _ => inner,
    };
    let before = quote.len() + inner.len() - content.len();
    let (mut at, mut said) = (0, 0);
    let mut start = None;
    while let Some(piece) = Piece::first(content.get(at..)?) {
        if said >= part.start && piece.says > 0 {
            start.get_or_insert(at);
        }
        // Of nothing, the place is before what comes next.
        if said >= part.end && start.is_some() {
            break;
        }
        at += piece.bytes;
        said += piece.says;
    }
    Some(before + start.unwrap_or(at)..before + at)
}

/// A character of a string as it is written, and how many bytes it says.
struct Piece {
    bytes: usize,
    says: usize,
}

impl Piece {
    fn first(content: &str) -> Option<Self> {
        let first = content.chars().next()?;
        if first != '\\' {
            let bytes = first.len_utf8();
            return Some(Self { bytes, says: bytes });
        }
        let escape = content.chars().nth(1)?;
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            // It joins the line to the next word.
            c if c.is_ascii_whitespace() => {
                let rest = content.get(1..)?;
                let bytes = content.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
                return Some(Self { bytes, says: 0 });
            }
            _ => {
                return Some(Self {
                    bytes: 1 + escape.len_utf8(),
                    says: 1,
                });
            }
        };
        let bytes = 2 + digits;
        let number = u32::from_str_radix(content.get(2..bytes)?, 16).ok()?;
        let says = char::from_u32(number)?.len_utf8();
        Some(Self { bytes, says })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a string says, by the parser.
    fn value(raw: &str) -> Option<String> {
        let table: toml::Table = toml::from_str(&format!("a = {raw}\n")).ok()?;
        Some(table.get("a")?.as_str()?.to_owned())
    }

    #[test]
    fn each_word_is_found_where_it_is_written() {
        for (raw, word, written) in [
            (r#""say \"oil\" gaz""#, "gaz", "gaz"),
            (r#""say \"oil\" gaz""#, "oil", "oil"),
            (r#""say \"oil\" gaz""#, "\"oil\"", r#"\"oil\""#),
            (r#""a\\b\tgaz""#, "gaz", "gaz"),
            (r#""\u041C\u0438\U00000440 gaz""#, "gaz", "gaz"),
            (
                r#""\u041C\u0438\U00000440 gaz""#,
                "Мир",
                r"\u041C\u0438\U00000440",
            ),
            (r#""г\u0430з gaz""#, "газ", r"г\u0430з"),
            ("\"\"\"\noil \\\n   gaz\"\"\"", "gaz", "gaz"),
            ("\"\"\"\r\noil\\\"\r\ngaz\r\n\"\"\"", "gaz", "gaz"),
            ("\"\"\"oil \\\r\n\r\n \tgaz\"\"\"", "gaz", "gaz"),
            ("\"\"\"a \"quote\" \\u0067az\"\"\"", "gaz", r"\u0067az"),
        ] {
            let said = value(raw).unwrap();
            let from = said.find(word).unwrap();
            let place = part(raw, &(from..from + word.len())).unwrap();
            assert_eq!(raw.get(place), Some(written), "{raw}");
        }
    }

    #[test]
    fn the_ends_and_nothing_are_found() {
        let raw = r#""\"a\"""#;
        assert_eq!(part(raw, &(0..3)), Some(1..6));
        assert_eq!(part(raw, &(3..3)), Some(6..6));
        assert_eq!(part(raw, &(0..0)), Some(1..1));
        assert_eq!(part("'a'", &(0..1)), None);
    }

    proptest! {
        /// A letter that stands once in what a string says is found where it stands, whatever is around it.
        #[test]
        fn a_letter_is_found_among_escapes(
            before in r#"(\\["\\tn]|\\u00e9|[a-m .é]|\\\n {0,3}|\r?\n){0,8}"#,
            after in r#"(\\["\\tn]|[a-m .é]|\\\n {0,3}){0,8}"#,
        ) {
            let raw = format!("\"\"\"{before}Z{after}\"\"\"");
            if let Some(said) = value(&raw) {
                let from = said.find('Z').unwrap();
                let place = part(&raw, &(from..from + 1)).unwrap();
                prop_assert_eq!(raw.get(place), Some("Z"));
            }
        }
    }
}
