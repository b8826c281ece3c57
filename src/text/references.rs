//! Character references of HTML: `&eacute;`, `&#8217;`, `&#x2019;`.
//!
//! Names come from the table that the HTML parser of `ammonia` brings with it, so all readings of a text
//! agree. Feeds use them in XML too, without declaring them.

use super::{cut, is_unwanted};
use markup5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Bytes of the longest name, its semicolon included (`CounterClockwiseContourIntegral;`).
const MAX_NAME_BYTES: usize = 32;

/// Digits of the largest code point, with some leading zeros that people write.
const MAX_DIGITS: usize = 10;

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The character; `None` when it is one that no document holds (S13), or there is none of that number.
    pub first: Option<char>,
    /// Some names stand for two.
    pub second: Option<char>,
    /// What follows the reference.
    pub rest: &'a str,
}

/// Reads the reference whose `&` stands before `text`, which must end in a semicolon; `None` for anything
/// else.
pub fn reference(text: &str) -> Option<Reference<'_>> {
    match text.strip_prefix('#') {
        Some(number) => numeric(number),
        None => named(text),
    }
}

/// Reads what follows `&#`.
fn numeric(text: &str) -> Option<Reference<'_>> {
    let (digits, radix) = match text.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    let count = digits
        .bytes()
        .take(MAX_DIGITS + 1)
        .take_while(|b| char::from(*b).is_digit(radix))
        .count();
    let (digits, rest) = digits.split_at_checked(count)?;
    let rest = rest.strip_prefix(';')?;
    let code = u32::from_str_radix(digits, radix).ok()?;
    let first = windows_1252(code).or_else(|| char::from_u32(code));
    let first = first.map(|c| if c == '\r' { '\n' } else { c }); // one kind of line end
    Some(Reference {
        first: first.filter(|&c| !is_unwanted(c)),
        second: None,
        rest,
    })
}

/// Reads two references that are the halves of one character in UTF-16, as JavaScript of old counts; the
/// first `&` stands before `text`. Browsers show nothing for them, so HTML is not read this way.
pub fn surrogate_pair(text: &str) -> Option<(char, &str)> {
    let (high, rest) = code_point(text)?;
    let (low, rest) = code_point(rest.strip_prefix('&')?)?;
    let is_pair = (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low);
    let code = is_pair.then(|| 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))?;
    Some((char::from_u32(code)?, rest))
}

/// Reads `#123;` or `#x7B;`.
fn code_point(text: &str) -> Option<(u32, &str)> {
    let number = text.strip_prefix('#')?;
    let (digits, _) = cut(number, MAX_DIGITS).split_once(';')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some((code, number.get(digits.len() + 1..)?))
}

/// Returns the character of windows-1252 that the C1 control of that number stands for: so every browser
/// reads references to them, and no text holds the controls themselves.
pub fn windows_1252(code: u32) -> Option<char> {
    let at = usize::try_from(code.checked_sub(0x80)?).ok()?;
    C1_REPLACEMENTS.get(at).copied().flatten()
}

/// Reads a name and its semicolon.
fn named(text: &str) -> Option<Reference<'_>> {
    let end = text
        .bytes()
        .take(MAX_NAME_BYTES)
        .position(|b| !b.is_ascii_alphanumeric())?;
    let (name, rest) = text.split_at_checked(end + 1)?;
    let &(first, second) = NAMED_ENTITIES.get(name).filter(|_| name.ends_with(';'))?;
    let character = |code| char::from_u32(code).filter(|&c| c != '\0');
    Some(Reference {
        first: Some(character(first)?),
        second: character(second),
        rest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_up_to_their_semicolon() {
        for (text, expected) in [
            ("amp;T", Some(("&", "T"))),
            ("mdash;b", Some(("—", "b"))),
            ("#8217;s", Some(("’", "s"))),
            ("#x2019;s", Some(("’", "s"))),
            ("#X2019;", Some(("’", ""))),
            ("#150;", Some(("–", ""))),
            ("acE;", Some(("∾\u{333}", ""))),
            ("CounterClockwiseContourIntegral;", Some(("∳", ""))),
            ("#0;x", Some(("", "x"))),
            ("#1;x", Some(("", "x"))),
            ("#129;", Some(("", ""))),
            ("#xFEFF;", Some(("", ""))),
            ("#xD800;", Some(("", ""))),
            ("#13;x", Some(("\n", "x"))),
            ("#x110000;", Some(("", ""))),
            ("T", None),
            ("amp", None),
            ("nosuch;", None),
            (";", None),
            ("#;", None),
            ("#+65;", None),
            ("#99999999999999;", None),
            ("é;", None),
        ] {
            let read = reference(text).map(|found| {
                let read: String = found.first.into_iter().chain(found.second).collect();
                (read, found.rest)
            });
            assert_eq!(
                read,
                expected.map(|(c, rest)| (c.to_owned(), rest)),
                "{text}"
            );
        }
    }

    #[test]
    fn halves_of_a_character_are_one() {
        for (text, expected) in [
            ("#55357;&#56832;x", Some(('😀', "x"))),
            ("#xD83D;&#xDE00;", Some(('😀', ""))),
            ("#xD83D;&#65;", None),
            ("#56832;&#55357;", None),
            ("#55357;x", None),
            ("amp;", None),
        ] {
            assert_eq!(surrogate_pair(text), expected, "{text}");
        }
    }
}
