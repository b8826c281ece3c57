//! Folding: the form in which two spellings of a word are equal.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Returns `text` without case and accents.
///
/// Compatibility decomposition (NFKD), lower case, combining marks removed; `ё` becomes `е`, `ß` becomes
/// `ss`. Marks of scripts whose vowels are marks (Indic scripts, Thai, Lao, Tibetan, Myanmar, Khmer)
/// stay: `कीमत` is not `कमत`. What is not seen within a word goes: a soft hyphen, marks of direction, joiners of
/// words. Folding twice equals folding once.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for lower in text
        .nfkd()
        .filter(|&c| !is_dropped_mark(c))
        .flat_map(char::to_lowercase)
    {
        match lower {
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            '’' | '‘' => folded.push('\''),
            mark if is_dropped_mark(mark) => {}
            other => folded.push(other),
        }
    }
    folded
}

/// Tells whether `c` is a mark that changes no word: an accent, but no vowel sign; or nothing that is seen.
fn is_dropped_mark(c: char) -> bool {
    is_combining_mark(c) && !has_vowel_marks(c) || is_unseen(c)
}

/// Characters that say where a word may be broken and which way it runs. The joiners U+200C and U+200D are not among
/// them: they change how Indic and Persian words are written.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Blocks whose combining marks are vowels or part of a consonant: Devanagari to Myanmar, Khmer, and
/// the extensions of Devanagari and Myanmar.
fn has_vowel_marks(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{A8E0}'..='\u{A8FF}' | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_accents_and_forms_fold() {
        for (text, expected) in [
            ("Élysée", "elysee"),
            ("Krem\u{AD}lin", "kremlin"),
            ("Pu\u{200E}tin\u{2060}", "putin"),
            ("ЁЛКА", "елка"),
            ("Straße", "strasse"),
            ("ＮＡＴＯ", "nato"),
            ("Türkiye", "turkiye"),
            ("Modi’s", "modi's"),
            ("मोदी", "मोदी"),
            ("कीमत", "कीमत"),
            ("Việt", "viet"),
            ("ﬁre", "fire"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
        assert_ne!(fold("कीमत"), fold("कमत"));
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
