//! Words that small words are written as one with: `l'Inde`, `dell'India`, `والهند`.
//!
//! Which ones are taken off goes by the language of the text, as elsewhere a word may just begin so (`d'Artagnan`,
//! `L'Oréal` in English news). What is taken off leaves something that may be another word: Arabic `بروسيا` is "in
//! Russia" and Prussia. So it is for who asks which of some known words a text has, and finds none as it stands.

use super::{Languages, Word};
use std::borrow::Cow;

/// What stands before an apostrophe in French and Italian and is a word of its own.
const ELIDED: &[&str] = &[
    "all", "anch", "c", "coll", "com", "d", "dall", "degl", "dell", "dov", "gl", "j", "jusqu", "l",
    "lorsqu", "m", "n", "nell", "puisqu", "qu", "quell", "quest", "quoiqu", "s", "sull", "t", "un",
    "v",
];

/// The Arabic article.
const ARTICLE: &str = "ال";

/// Arabic `and`, `so`: they stand first.
const CONJUNCTIONS: [char; 2] = ['و', 'ف'];

/// Arabic `in`, `as`, `for`: they stand before the noun or its article.
const PREPOSITIONS: [char; 3] = ['ب', 'ك', 'ل'];

/// `For` and the article grow together.
const FOR_THE: &str = "لل";

/// Fewer Arabic letters are hardly a noun: roots have three.
const LEAST_LETTERS: usize = 3;

/// Returns what a word of `text` may be without the small words that are written as one with it, in these languages;
/// what takes off the least comes first.
pub fn without_joined<'t>(word: &Word<'t>, text: &'t str, languages: Languages) -> Vec<Word<'t>> {
    if languages.elide() && word.folded.contains('\'') {
        return elided(word, text).into_iter().collect();
    }
    let is_arabic = matches!(word.folded.chars().next(), Some('\u{620}'..='\u{64A}'));
    if !is_arabic || !languages.join_arabic() {
        return Vec::new();
    }
    let bare = bare_arabic(&word.folded).into_iter();
    let bare = bare.map(|folded| Word {
        folded: Cow::Owned(folded),
        ..*word
    });
    bare.collect()
}

fn elided<'t>(word: &Word<'t>, text: &'t str) -> Option<Word<'t>> {
    let (before, folded) = word.folded.split_once('\'')?;
    if folded.is_empty() || ELIDED.binary_search(&before).is_err() {
        return None;
    }
    let written = text.get(word.start..word.end)?;
    let (at, apostrophe) = written
        .char_indices()
        .find(|(_, c)| matches!(c, '\'' | '’' | '‘' | '＇'))?;
    Some(Word {
        folded: Cow::Owned(folded.to_owned()),
        start: word.start + at + apostrophe.len_utf8(),
        end: word.end,
    })
}

/// Returns what an Arabic word may be without its first letters, the longest first.
fn bare_arabic(word: &str) -> Vec<String> {
    let mut bare: Vec<String> = Vec::new();
    for base in [Some(word), word.strip_prefix(CONJUNCTIONS)]
        .into_iter()
        .flatten()
    {
        let noun = base.strip_prefix(PREPOSITIONS);
        let with_article = base
            .strip_prefix(FOR_THE)
            .map(|noun| format!("{ARTICLE}{noun}"));
        let nouns = [Some(base), noun].into_iter().flatten();
        let nouns = nouns.flat_map(|noun| [Some(noun), noun.strip_prefix(ARTICLE)]);
        let after = base.strip_prefix(FOR_THE);
        bare.extend(
            nouns
                .chain([after])
                .flatten()
                .map(str::to_owned)
                .chain(with_article),
        );
    }
    bare.retain(|it| it != word && it.chars().count() >= LEAST_LETTERS);
    bare.sort_by_key(|it| std::cmp::Reverse(it.len()));
    bare.dedup();
    bare
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;
    use proptest::prelude::*;

    fn bare(text: &str, tag: Option<&str>) -> Vec<String> {
        let word = words(text).next().unwrap();
        let found = without_joined(&word, text, Languages::of(tag));
        found
            .into_iter()
            .map(|word| word.folded.into_owned())
            .collect()
    }

    #[test]
    fn small_words_are_taken_off_by_language() {
        for (text, tag, expected) in [
            ("l'Inde", Some("fr"), &["inde"][..]),
            ("L’Inde", Some("fr-CA"), &["inde"]),
            ("qu'Élysée", Some("fr"), &["elysee"]),
            ("dell’India", Some("it"), &["india"]),
            ("l'Inde", None, &[]),
            ("d'Artagnan", Some("en"), &[]),
            ("aujourd'hui", Some("fr"), &[]),
            ("l'", Some("fr"), &[]),
            ("والهند", Some("ar"), &["الهند", "هند"]),
            ("والهند", None, &["الهند", "هند"]),
            ("والهند", Some("fa"), &[]),
            ("بالهند", Some("en"), &["الهند", "هند"]),
            ("للهند", Some("ar"), &["الهند", "لهند", "هند"]),
            ("وللهند", Some("ar"), &["الهند", "للهند", "لهند", "هند"]),
            ("بروسيا", Some("ar"), &["روسيا"]),
            ("فروسيا", Some("ar"), &["روسيا"]),
            ("ولد", Some("ar"), &[]),
            ("Modi", Some("ar"), &[]),
        ] {
            let mut found = bare(text, tag);
            let mut expected: Vec<String> = expected.iter().map(|it| (*it).to_owned()).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{text} {tag:?}");
        }
        assert!(ELIDED.is_sorted());
    }

    #[test]
    fn the_place_is_that_of_the_word_itself() {
        let text = "l’Inde";
        let word = words(text).next().unwrap();
        let found = without_joined(&word, text, Languages::of(Some("fr"))).remove(0);
        assert_eq!(text.get(found.start..found.end), Some("Inde"));
    }

    proptest! {
        #[test]
        fn taking_off_is_total(text in "([ا-ي]{0,9}|[a-z]{0,4}['’][à-ÿa-z]{0,5}|\\PC{0,9})", tag in "(fr|it|ar|fa|en)") {
            for word in words(&text) {
                for bare in without_joined(&word, &text, Languages::of(Some(&tag))) {
                    prop_assert!(bare.folded.len() <= word.folded.len() + ARTICLE.len());
                    prop_assert!(text.get(bare.start..bare.end).is_some());
                }
            }
        }
    }
}
