//! Words of a text with their places.

use super::fold_into;
use unicode_segmentation::UnicodeSegmentation;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its folded form, a possessive `'s` removed.
    pub folded: String,
    /// Byte at which it begins in the text.
    pub start: usize,
    /// Byte after its end.
    pub end: usize,
}

/// Returns the words of `text` in order (UAX #29); punctuation and white space are not among them.
///
/// A hyphen separates: `Russia-India` is two words, so that either is found. An apostrophe does not,
/// but a possessive `'s` is not part of the word.
pub fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    text.unicode_word_indices().map(|(start, word)| {
        let mut folded = String::with_capacity(word.len());
        fold_into(word, &mut folded);
        if folded.len() > 2 && folded.ends_with("'s") {
            folded.truncate(folded.len() - 2);
        }
        Word {
            folded,
            start,
            end: start + word.len(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_split_and_folded() {
        for (text, expected) in [
            ("Modi’s Balancing Act", vec!["modi", "balancing", "act"]),
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
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        let text = "«Визит» Моди";
        for word in words(text) {
            let written = text.get(word.start..word.end).unwrap();
            assert_eq!(crate::text::fold(written), word.folded);
        }
    }
}
