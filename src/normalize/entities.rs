//! Character references of HTML: `&eacute;`, `&#8217;`, `&#x2019;`.
//!
//! Names come from the table that the HTML parser of `ammonia` brings with it, so both readings of a
//! text agree.

use super::chars::is_forbidden;
use markup5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Bytes of the longest name, its semicolon included (`CounterClockwiseContourIntegral;`).
const MAX_NAME_BYTES: usize = 32;

/// Digits of the largest code point, with some leading zeros that people write.
const MAX_DIGITS: usize = 10;

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// The character.
    pub(super) first: char,
    /// Some names stand for two.
    pub(super) second: Option<char>,
    /// Bytes of the reference after its `&`.
    pub(super) len: usize,
}

/// Reads the reference whose `&` stands before `text`, which must end in a semicolon.
///
/// `None` for anything else, and for references to characters that we do not keep (S13).
pub(super) fn reference(text: &str) -> Option<Reference> {
    match text.strip_prefix('#') {
        Some(digits) => numeric(digits),
        None => named(text),
    }
}

/// Reads what follows `&#`.
fn numeric(text: &str) -> Option<Reference> {
    let (digits, radix, before) = match text.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16, "#x".len()),
        None => (text, 10, "#".len()),
    };
    let count = digits
        .bytes()
        .take(MAX_DIGITS + 1)
        .take_while(|b| char::from(*b).is_digit(radix))
        .count();
    if !digits.get(count..)?.starts_with(';') {
        return None;
    }
    let code = u32::from_str_radix(digits.get(..count)?, radix).ok()?;
    let first = windows_1252(code).or_else(|| char::from_u32(code))?;
    (!is_forbidden(first)).then_some(Reference {
        first,
        second: None,
        len: before + count + 1,
    })
}

/// References to C1 controls mean the characters of windows-1252, as every browser reads them.
fn windows_1252(code: u32) -> Option<char> {
    let at = usize::try_from(code.checked_sub(0x80)?).ok()?;
    C1_REPLACEMENTS.get(at).copied().flatten()
}

/// Reads a name and its semicolon.
fn named(text: &str) -> Option<Reference> {
    let semicolon = text
        .bytes()
        .take(MAX_NAME_BYTES)
        .position(|b| !b.is_ascii_alphanumeric())?;
    let name = text.get(..=semicolon).filter(|name| name.ends_with(';'))?;
    let &(first, second) = NAMED_ENTITIES.get(name)?;
    Some(Reference {
        first: char::from_u32(first).filter(|&c| c != '\0')?,
        second: char::from_u32(second).filter(|&c| c != '\0'),
        len: name.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_up_to_their_semicolon() {
        for (text, expected) in [
            ("amp;T", Some(("&", 4))),
            ("mdash;b", Some(("—", 6))),
            ("#8217;s", Some(("’", 6))),
            ("#x2019;s", Some(("’", 7))),
            ("#X2019;", Some(("’", 7))),
            ("#150;", Some(("–", 5))),
            ("acE;", Some(("∾\u{333}", 4))),
            ("CounterClockwiseContourIntegral;", Some(("∳", 32))),
            ("T", None),
            ("amp", None),
            ("nosuch;", None),
            (";", None),
            ("#;", None),
            ("#0;", None),
            ("#1;", None),
            ("#xD800;", None),
            ("#x110000;", None),
            ("#99999999999999;", None),
            ("é;", None),
        ] {
            let read = reference(text).map(|found| {
                let read: String = [Some(found.first), found.second]
                    .into_iter()
                    .flatten()
                    .collect();
                (read, found.len)
            });
            assert_eq!(read, expected.map(|(c, len)| (c.to_owned(), len)), "{text}");
        }
    }
}
