//! Words of a text with their places.

use super::fold;
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Its folded form, a possessive `'s` removed; the text's own where it stands so in it.
    pub folded: Cow<'a, str>,
    /// Byte at which it begins in the text.
    pub start: usize,
    /// Byte after its end.
    pub end: usize,
}

/// Returns the words of `text` in order (UAX #29); punctuation and white space are not among them.
///
/// A hyphen separates: `Russia-India` is two words, so that either is found. An apostrophe does not,
/// but a possessive `'s` is not part of the word.
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    pieces(text).flat_map(|(offset, piece)| {
        piece.unicode_word_indices().map(move |(at, word)| Word {
            folded: bare(folded(word)),
            start: offset + at,
            end: offset + at + word.len(),
        })
    })
}

/// Returns the words of `text`, and in the place of single letters of scripts that write no spaces (Han,
/// kana, Thai, Lao, Khmer, Myanmar) each two of them that stand together: what a word is there only a
/// dictionary knows, and one letter is in every text.
pub fn units(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut before: Option<Word<'_>> = None;
    words(text).filter_map(move |word| {
        if !is_part_of_a_run(&word) {
            before = None;
            return Some(word);
        }
        let pair = before.take().filter(|before| before.end == word.start);
        let pair = pair.map(|before| Word {
            folded: Cow::Owned(format!("{}{}", before.folded, word.folded)),
            start: before.start,
            end: word.end,
        });
        before = Some(word);
        pair
    })
}

/// Tells whether a word is one letter of a script that writes no spaces.
fn is_part_of_a_run(word: &Word<'_>) -> bool {
    matches!(
        word.folded.chars().next(),
        Some(
            '\u{E00}'..='\u{EFF}'
            | '\u{1000}'..='\u{109F}'
            | '\u{1780}'..='\u{17FF}'
            | '\u{3040}'..='\u{30FF}'
            | '\u{3400}'..='\u{9FFF}'
            | '\u{20000}'..='\u{3FFFF}',
        )
    )
}

/// Returns the text in pieces that end in a space, each with the byte at which it begins.
///
/// No word holds a space, and none depends on what is beyond one. So the words of a piece are those of
/// the text, and a piece that is all ASCII is taken apart several times as fast: hardly any news is
/// without a typographic quote, which would keep the whole from it.
fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let rest = text.get(next..).filter(|rest| !rest.is_empty())?;
        let piece = rest.get(..piece_bytes(rest))?;
        let start = next;
        next += piece.len();
        Some((start, piece))
    })
}

/// Returns how long the first piece is: all up to the first word with other characters than ASCII, or
/// that word.
fn piece_bytes(text: &str) -> usize {
    let ascii = text.bytes().take_while(u8::is_ascii).count();
    let (before, after) = text.split_at_checked(ascii).unwrap_or((text, ""));
    match before.rfind(' ') {
        _ if after.is_empty() => ascii,
        Some(space) => space + 1,
        None => ascii + after.find(' ').map_or(after.len(), |space| space + 1),
    }
}

/// Returns the folded form of a word; most are in it.
fn folded(word: &str) -> Cow<'_, str> {
    let is_folded = |b: u8| b.is_ascii() && !b.is_ascii_uppercase();
    if word.bytes().all(is_folded) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(fold(word))
    }
}

/// Removes a possessive `'s`.
fn bare(folded: Cow<'_, str>) -> Cow<'_, str> {
    let length = match folded.strip_suffix("'s") {
        Some(bare) if !bare.is_empty() => bare.len(),
        _ => return folded,
    };
    match folded {
        Cow::Borrowed(word) => Cow::Borrowed(word.get(..length).unwrap_or(word)),
        Cow::Owned(mut word) => {
            word.truncate(length);
            Cow::Owned(word)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_split_and_folded() {
        for (text, expected) in [
            ("Modi’s Balancing Act", vec!["modi", "balancing", "act"]),
            (
                "India's and india's own",
                vec!["india", "and", "india", "own"],
            ),
            (
                "Russia-India S-400 deal",
                vec!["russia", "india", "s", "400", "deal"],
            ),
            ("U.S. sanctions, 3.5%", vec!["u.s", "sanctions", "3.5"]),
            (
                "प्रधानमंत्री मोदी की यात्रा",
                vec!["प्रधानमंत्री", "मोदी", "की", "यात्रा"],
            ),
            ("Визит Моди", vec!["визит", "моди"]),
            ("", vec![]),
        ] {
            let folded: Vec<_> = words(text).map(|word| word.folded).collect();
            assert_eq!(folded, expected, "{text}");
        }
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        let text = "«Визит» Моди";
        for word in words(text) {
            let written = text.get(word.start..word.end).unwrap();
            assert_eq!(fold(written), word.folded);
        }
    }

    proptest! {
        #[test]
        fn pieces_have_the_words_of_the_whole(text in "([a-zA-Z0-9 '.,:_-]|[ \u{301}\u{200D}\u{AD}’é”\u{A0}]|[א\u{5F3}カ\u{1F1E6}\u{1F468}ไก]|\\PC){0,40}") {
            // A vowel sign that lost its letter hangs on the space before it, which is no part of a word.
            let bare = |(at, word): (usize, &str)| {
                let bare = word.trim_start_matches(' ');
                (at + word.len() - bare.len(), bare.to_owned())
            };
            let whole: Vec<_> = text.unicode_word_indices().map(bare).collect();
            let found: Vec<_> = words(&text)
                .filter_map(|word| Some((word.start, text.get(word.start..word.end)?.to_owned())))
                .collect();
            prop_assert_eq!(found, whole);
        }
    }
}
