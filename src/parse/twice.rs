//! Text that was encoded twice: UTF-8 that somebody took for windows-1252 and made UTF-8 of once more, so that
//! `é` came out as `Ã©`.
//!
//! It is believed of a document as a whole or not at all: every character beyond ASCII has to stand for a byte of
//! windows-1252, and all these bytes together have to be UTF-8. Text that means what it says has an `é` before an
//! `r` somewhere, and is none.

use crate::text::windows_1252;

/// What stands where a byte of UTF-8 begins a character of several, and where one goes on.
const LEADS: std::ops::RangeInclusive<u8> = 0xC2..=0xF4;
const REST: std::ops::RangeInclusive<u8> = 0x80..=0xBF;

/// So many characters there have to be: `×` may stand before a space that does not break, and an id may be anything.
const ENOUGH: usize = 4;

/// Returns the text that was encoded twice; `None` where this was not.
pub(super) fn decoded(text: &str) -> Option<String> {
    // Nearly all that is not is told from it by its first character beyond ASCII.
    let mut beyond = text.chars().skip_while(char::is_ascii);
    let (first, second) = (beyond.next()?, beyond.next()?);
    let begins = LEADS.contains(&byte_of(first)?) && REST.contains(&byte_of(second)?);
    if !begins {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(byte_of).collect();
    let decoded = String::from_utf8(bytes?).ok()?;
    let found = decoded.chars().filter(|c| !c.is_ascii()).count();
    (found >= ENOUGH).then_some(decoded)
}

/// Returns the byte that a character stands for, in windows-1252 or in Latin-1, which have hardly any in which they
/// differ in common.
fn byte_of(c: char) -> Option<u8> {
    let latin = u8::try_from(u32::from(c)).ok();
    latin.or_else(|| (0x80..=0x9F).find(|byte| windows_1252(u32::from(*byte)) == Some(c)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::WINDOWS_1252;

    /// What comes of a text that is taken for another encoding.
    fn twice(text: &str) -> String {
        WINDOWS_1252
            .decode_without_bom_handling(text.as_bytes())
            .0
            .into_owned()
    }

    #[test]
    fn what_was_encoded_twice_is_read() {
        for text in [
            "<t>L’été, à Évreux — 20 €</t>",
            "<t>Россия и Индия</t>",
            "<t>東京 東京 😀</t>",
            "© 1, © 2, © 3, © 4",
            "\u{FEFF}<t>étés</t> \u{FEFF}",
        ] {
            assert_eq!(decoded(&twice(text)).as_deref(), Some(text));
            // By Latin-1, whose signs of control are none.
            let latin: String = text.bytes().map(char::from).collect();
            assert_eq!(decoded(&latin).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_means_what_it_says_stays() {
        let mixed = format!("{} — été", twice("à"));
        for text in [
            "",
            "plain",
            "été",
            "L’été",
            "Ã",
            "Ã©",
            "Â© Â© Â©",
            "20 €",
            "Россия",
            "東京",
            "3 ×\u{A0}4 ×\u{A0}5",
            "Ã© and é",
            &mixed,
            "Ã© and 東",
        ] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
