//! Languages of words, as far as stems and lists go by them.

use super::{Word, fold};
use rust_stemmers::{Algorithm, Stemmer};
use std::borrow::Cow;

/// A longer word is none: an address, a hash, a row of letters.
const MAX_STEMMED_BYTES: usize = 64;

/// A language that words are taken apart in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, and what is written in Latin letters and does not say what it is.
    English,
    /// French.
    French,
    /// German.
    German,
    /// Hindi.
    Hindi,
    /// Italian.
    Italian,
    /// Portuguese.
    Portuguese,
    /// Russian, and what is written in Cyrillic letters and does not say what it is.
    Russian,
    /// Spanish.
    Spanish,
    /// Another one: its words stand as they are.
    Other,
}

/// The languages that words of a text may be in, by their script.
///
/// The script comes first: a Russian text has English names in it, and feeds name the language of their
/// software. Of languages that share a script the tag of the text decides.
#[derive(Clone, Copy, Debug)]
pub struct Languages {
    latin: Language,
    cyrillic: Language,
    devanagari: Language,
    /// Whether Arabic letters are Arabic.
    arabic: bool,
}

impl Languages {
    /// Returns those of a text with this language tag, or with none.
    pub fn of(tag: Option<&str>) -> Self {
        let primary = tag.and_then(|tag| tag.split('-').next()).unwrap_or("");
        let primary = primary.to_ascii_lowercase();
        let is_other_script = OTHER_SCRIPTS.binary_search(&primary.as_str()).is_ok();
        Self {
            latin: match primary.as_str() {
                "fr" => Language::French,
                "de" => Language::German,
                "it" => Language::Italian,
                "pt" => Language::Portuguese,
                "es" => Language::Spanish,
                _ if is_other_script => Language::English,
                _ => Language::Other,
            },
            cyrillic: match primary.as_str() {
                "be" | "bg" | "kk" | "ky" | "mk" | "mn" | "sr" | "tg" | "uk" => Language::Other,
                _ => Language::Russian,
            },
            devanagari: match primary.as_str() {
                "mr" | "ne" => Language::Other,
                _ => Language::Hindi,
            },
            arabic: !matches!(
                primary.as_str(),
                "fa" | "ur" | "ps" | "sd" | "ug" | "ku" | "ckb" | "ks" | "pa"
            ),
        }
    }

    /// Tells whether a word may have an apostrophe in the place of the vowel before it: `l'Inde`.
    pub(super) fn elide(self) -> bool {
        matches!(self.latin, Language::French | Language::Italian)
    }

    /// Tells whether small words are written as one with a word in Arabic letters.
    pub(super) fn join_arabic(self) -> bool {
        self.arabic
    }

    /// Returns the language of a word.
    pub fn word(self, word: &str) -> Language {
        match Script::of(word) {
            Script::Latin => self.latin,
            Script::Cyrillic => self.cyrillic,
            Script::Devanagari => self.devanagari,
            Script::Other => Language::Other,
        }
    }
}

/// Languages of which Latin letters say nothing: none, English, and those that are written otherwise.
const OTHER_SCRIPTS: &[&str] = &[
    "", "am", "ar", "be", "bg", "bn", "el", "en", "fa", "gu", "he", "hi", "hy", "ja", "ka", "kk",
    "km", "kn", "ko", "ky", "lo", "mk", "ml", "mn", "mr", "my", "ne", "pa", "ru", "si", "ta", "te",
    "tg", "th", "uk", "und", "ur", "zh",
];

/// A script that tells languages apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Devanagari,
    Other,
}

impl Script {
    /// Returns the script of the first letter of a word.
    fn of(word: &str) -> Self {
        match word.chars().find(|c| c.is_alphabetic()) {
            Some('a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}') => Self::Latin,
            Some('\u{400}'..='\u{52F}') => Self::Cyrillic,
            Some('\u{900}'..='\u{97F}') => Self::Devanagari,
            _ => Self::Other,
        }
    }
}

/// Returns the stem of a word of `text`: what its inflected forms have in common, folded.
///
/// By the Snowball algorithms, which ask for the word with its accents; so this takes it from the text. A
/// word with digits, and one of a language without an algorithm, is its folded form.
pub fn stem<'a>(word: &Word<'a>, text: &'a str, language: Language) -> Cow<'a, str> {
    let algorithm = match language {
        Language::English => Algorithm::English,
        Language::French => Algorithm::French,
        Language::German => Algorithm::German,
        Language::Italian => Algorithm::Italian,
        Language::Portuguese => Algorithm::Portuguese,
        Language::Russian => Algorithm::Russian,
        Language::Spanish => Algorithm::Spanish,
        Language::Hindi | Language::Other => return word.folded.clone(),
    };
    let is_word = |text: &str| {
        text.len() <= MAX_STEMMED_BYTES && text.chars().all(|c| c.is_alphabetic() || c == '\'')
    };
    if !is_word(&word.folded) {
        return word.folded.clone();
    }
    let stemmer = Stemmer::create(algorithm);
    if word.folded.is_ascii() && language == Language::English {
        return Cow::Owned(stemmer.stem(&word.folded).into_owned());
    }
    let own = text
        .get(word.start..word.end)
        .unwrap_or_default()
        .to_lowercase();
    Cow::Owned(fold(&stemmer.stem(&own)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;
    use proptest::prelude::*;

    fn stems(text: &str, tag: Option<&str>) -> String {
        let stems =
            words(text).map(|word| stem(&word, text, Languages::of(tag).word(&word.folded)));
        stems.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn inflected_forms_have_one_stem() {
        for (tag, forms) in [
            (None, "visit visits visited visiting"),
            (Some("en"), "Sanction SANCTIONS sanctioned"),
            (None, "Россия России Россией"),
            (Some("ru"), "санкции санкциям санкциями"),
            (Some("fr"), "élection élections"),
            (Some("de"), "Wahl Wahlen"),
            (Some("es"), "elección elecciones"),
        ] {
            let stems = stems(forms, tag);
            let first = stems.split(' ').next();
            assert!(
                stems.split(' ').all(|stem| Some(stem) == first),
                "{forms}: {stems}"
            );
        }
    }

    #[test]
    fn the_script_comes_before_the_tag() {
        for (word, tag, expected) in [
            ("visit", None, Language::English),
            ("visit", Some("en-GB"), Language::English),
            ("visit", Some("ru"), Language::English),
            ("visite", Some("FR-ca"), Language::French),
            ("bezoek", Some("nl"), Language::Other),
            ("Россия", None, Language::Russian),
            ("Россия", Some("en"), Language::Russian),
            ("Київ", Some("uk"), Language::Other),
            ("भारत", Some("en"), Language::Hindi),
            ("भारत", Some("mr"), Language::Other),
            ("Новости", Some("de"), Language::Russian),
            ("印度", None, Language::Other),
            ("2024", None, Language::Other),
        ] {
            assert_eq!(Languages::of(tag).word(word), expected, "{word} {tag:?}");
        }
    }

    #[test]
    fn tags_of_other_scripts_are_sorted() {
        assert!(OTHER_SCRIPTS.is_sorted());
    }

    #[test]
    fn what_is_no_word_stands_as_it_is() {
        assert_eq!(stems("S400s b2b मोदियों", None), "s400s b2b मोदियों");
    }

    proptest! {
        #[test]
        fn stemming_is_total(text in "\\PC{0,40}", tag in "(en|fr|de|it|pt|es|ru)") {
            stems(&text, Some(&tag));
        }

        #[test]
        fn stemming_is_total_on_words(
            text in "([a-zà-ÿ']{1,30}|[а-яё]{1,30}|[a-zßœæıİ]{1,30})",
            tag in "(en|fr|de|it|pt|es|ru)",
        ) {
            stems(&text, Some(&tag));
        }
    }
}
