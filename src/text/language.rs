//! Languages of words, as far as stems and lists go by them.

use super::{Word, fold};
use rust_stemmers::{Algorithm, Stemmer};
use std::borrow::Cow;

/// A longer word is none: an address, a hash, a row of letters.
const MAX_STEMMED_BYTES: usize = 64;

/// A language that words are taken apart in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl Language {
    /// Returns the language of a word in a text with a language tag, or with none.
    ///
    /// The script comes first: a Russian text has English names in it, and feeds name the language of their
    /// software. Of languages that share a script the tag decides.
    pub fn of(word: &str, tag: Option<&str>) -> Self {
        let primary = tag.and_then(|tag| tag.split('-').next()).unwrap_or("");
        let is = |name: &str| primary.eq_ignore_ascii_case(name);
        match Script::of(word) {
            Script::Latin if is("fr") => Self::French,
            Script::Latin if is("de") => Self::German,
            Script::Latin if is("it") => Self::Italian,
            Script::Latin if is("pt") => Self::Portuguese,
            Script::Latin if is("es") => Self::Spanish,
            Script::Latin if is_of_other_script(primary) => Self::English,
            Script::Cyrillic if is_of_other_script(primary) && !is_of_cyrillic(primary) => {
                Self::Russian
            }
            Script::Cyrillic if is("ru") => Self::Russian,
            Script::Devanagari if !is("mr") && !is("ne") => Self::Hindi,
            _ => Self::Other,
        }
    }
}

/// Tells whether Latin letters in a text with this tag say nothing of their language but that it is not the
/// text's: it has no tag, is English, or is written otherwise.
fn is_of_other_script(primary: &str) -> bool {
    const OTHERS: &[&str] = &[
        "", "am", "ar", "be", "bg", "bn", "el", "en", "fa", "gu", "he", "hi", "hy", "ja", "ka",
        "kk", "km", "kn", "ko", "ky", "lo", "mk", "ml", "mn", "mr", "my", "ne", "pa", "ru", "si",
        "ta", "te", "tg", "th", "uk", "ur", "und", "zh",
    ];
    OTHERS
        .binary_search(&primary.to_ascii_lowercase().as_str())
        .is_ok()
}

/// Tells whether a language other than Russian is written in Cyrillic letters.
fn is_of_cyrillic(primary: &str) -> bool {
    ["be", "bg", "kk", "ky", "mk", "mn", "tg", "uk"]
        .iter()
        .any(|other| primary.eq_ignore_ascii_case(other))
}

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
        let stems = words(text).map(|word| stem(&word, text, Language::of(&word.folded, tag)));
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
            ("印度", None, Language::Other),
            ("2024", None, Language::Other),
        ] {
            assert_eq!(Language::of(word, tag), expected, "{word} {tag:?}");
        }
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
