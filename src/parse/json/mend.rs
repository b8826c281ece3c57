//! What is not quite JSON, made JSON: as templates write it that put texts between quotes as they are.
//!
//! Mended is what has one meaning only: raw line ends and tabs in a string, half of a surrogate pair, an
//! escape that there is not, a comma behind the last element. A quote in a string has none.

use std::borrow::Cow;

/// Returns `text` with its faults mended; unchanged when it has none of these.
pub(super) fn mend(text: &str) -> Cow<'_, str> {
    let mut mender = Mender {
        text,
        at: 0,
        kept: 0,
        out: String::new(),
    };
    while let Some(byte) = mender.peek(0) {
        match byte {
            b'"' => mender.string(),
            b',' if mender.is_last_comma() => mender.replace(1, ""),
            _ => mender.at += 1,
        }
    }
    mender.finish()
}

/// A text half looked through.
struct Mender<'a> {
    text: &'a str,
    /// Where the pass stands.
    at: usize,
    /// Up to where `text` was copied to `out` or replaced in it.
    kept: usize,
    out: String,
}

impl<'a> Mender<'a> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Goes from the opening quote of a string past its closing one.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.escape(),
                b'\n' => self.replace(1, "\\n"),
                b'\r' => self.replace(1, "\\r"),
                b'\t' => self.replace(1, "\\t"),
                0..b' ' => self.replace(1, ""),
                _ => self.at += 1,
            }
        }
    }

    /// Goes past an escape.
    fn escape(&mut self) {
        match self.peek(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => self.unicode(),
            // `\'` and its like mean the character; at the end of the text nothing is left to mend.
            _ => self.replace(1, ""),
        }
    }

    /// Goes past `\uXXXX`, or two of them that are one character.
    fn unicode(&mut self) {
        const ESCAPE: usize = "\\uXXXX".len();
        match (self.unit(0), self.unit(ESCAPE)) {
            (None, _) => self.replace(1, "\\\\"),
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => self.at += 2 * ESCAPE,
            (Some(0xD800..0xE000), _) => self.replace(ESCAPE, "\\ufffd"),
            _ => self.at += ESCAPE,
        }
    }

    /// The UTF-16 unit that an escape stands for.
    fn unit(&self, ahead: usize) -> Option<u16> {
        let escape = self.text.get(self.at + ahead..)?.strip_prefix("\\u")?;
        let digits = escape.get(..4)?;
        let is_hex = digits.bytes().all(|it| it.is_ascii_hexdigit());
        is_hex.then(|| u16::from_str_radix(digits, 16).ok())?
    }

    /// Tells whether nothing but the end of an array or object follows the comma here.
    fn is_last_comma(&self) -> bool {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        rest.trim_ascii_start().starts_with([']', '}'])
    }

    /// Puts `with` in the place of the next `length` bytes, all ASCII.
    fn replace(&mut self, length: usize, with: &str) {
        self.out
            .push_str(self.text.get(self.kept..self.at).unwrap_or_default());
        self.out.push_str(with);
        self.at += length;
        self.kept = self.at;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.kept == 0 {
            return Cow::Borrowed(self.text);
        }
        self.out
            .push_str(self.text.get(self.kept..).unwrap_or_default());
        Cow::Owned(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_quite_json_becomes_json() {
        for (text, expected) in [
            (r#"{"a": [1, "b,]"], "c": "\u00e9\ud83d\ude00\"\\"}"#, None),
            ("{\n\t\"a\": 1 }", None),
            ("{\"a\": \"b\nc\td\r\"}", Some(r#"{"a": "b\nc\td\r"}"#)),
            ("\"a\u{1}b\"", Some("\"ab\"")),
            (r#""\ud83d""#, Some(r#""\ufffd""#)),
            (r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#)),
            (r#""\ude00x""#, Some(r#""\ufffdx""#)),
            (r#""it\'s \x""#, Some(r#""it's x""#)),
            (r#""\u12""#, Some(r#""\\u12""#)),
            (r#""C:\user""#, Some(r#""C:\\user""#)),
            (r#"{"a": [1, 2, ], }"#, Some(r#"{"a": [1, 2 ] }"#)),
            (r#""open \"#, Some(r#""open "#)),
        ] {
            let mended = mend(text);
            assert_eq!(mended, expected.unwrap_or(text), "{text}");
            assert_eq!(mend(&mended), mended, "{text}: once is enough");
        }
    }

    #[test]
    fn commas_before_blanks_take_linear_time() {
        let text = format!("[{}", ",   ".repeat(100_000));
        assert_eq!(mend(&text), text);
        let blanks = format!("[{},{}", " ".repeat(100_000), " ".repeat(100_000));
        assert_eq!(mend(&blanks), blanks);
    }
}
