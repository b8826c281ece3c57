//! Words of a query that were meant as operators.
//!
//! Knows tokens alone. A word in capitals is a name as a rule (NATO, NEARSHORE, NEA), and by itself never taken for an
//! operator: there has to be what only an operator has, its number or its list.

use super::lexer::{Fault, Token, tokens};
use super::syntax::{Form, Term};
use std::ops::Range;

/// Operators that have a number, and what each has behind it.
const NUMBERED: [(&str, &str); 3] = [("NEAR", ""), ("ONEAR", ""), ("ATLEAST", "(.., ..)")];

/// A word with more slips was hardly meant as the operator. It begins as that does, too: GEAR/5 is none.
const MOST_SLIPS: usize = 1;

/// Shorter words with a slip are names when their number stands apart: NEA 2026, NEER 110.
const LONG: usize = 5;

/// Returns what is said of words that are nearly operators with their numbers; nothing of what is no query.
pub(super) fn slips(query: &str) -> Vec<Fault> {
    let tokens = tokens(query).unwrap_or_default();
    let nexts = tokens.iter().skip(1).map(Some).chain([None]);
    let found = tokens
        .iter()
        .zip(nexts)
        .filter_map(|((token, span), next)| {
            let word = plain(token)?;
            let meant = meant(word, next.map(|(token, _)| token))?;
            Some(fault(word, &meant, span.clone()))
        });
    found.collect()
}

/// Returns the words of a query that asks for words alone and how they go together; nothing where it asks for more.
pub fn bare_words(query: &str) -> Vec<(String, Range<usize>)> {
    let tokens = tokens(query).unwrap_or_default();
    let grammar =
        |token: &Token| matches!(token, Token::Or | Token::And | Token::Open | Token::Close);
    let is_bare = |token: &Token| plain(token).is_some() || grammar(token);
    if !tokens.iter().all(|(token, _)| is_bare(token)) {
        return Vec::new();
    }
    let words = tokens.iter();
    words
        .filter_map(|(token, span)| Some((plain(token)?.to_owned(), span.clone())))
        .collect()
}

/// Returns a word that stands without quotes, `=` and `*`.
fn plain(token: &Token) -> Option<&str> {
    match token {
        Token::Term(Term {
            text,
            form: Form::Word,
            prefix: false,
        }) => Some(text),
        _ => None,
    }
}

/// Returns the operator that a word was meant for, as it is written.
fn meant(word: &str, next: Option<&Token>) -> Option<String> {
    let end = word
        .find(|c: char| !c.is_ascii_uppercase())
        .unwrap_or(word.len());
    let (letters, rest) = word.split_at(end);
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let stuck = rest.strip_prefix(['-', '=', '_', '.', '~']).unwrap_or(rest);
    let apart = next.and_then(plain).filter(|next| is_number(next));
    let is_list = matches!(next, Some(Token::Open));
    NUMBERED.into_iter().find_map(|(name, list)| {
        let is_near = is_near(letters, name);
        let number = match rest.strip_prefix('/') {
            Some(number) if is_near && is_number(number) => number,
            None if letters == name && is_number(stuck) => stuck,
            None if rest.is_empty() && is_near && name.len() >= LONG => match apart {
                Some(number) => number,
                None if is_list && !list.is_empty() => "2",
                None => return None,
            },
            _ => return None,
        };
        Some(format!("{name}/{number}{list}"))
    })
}

/// Tells whether letters are those of a name but for a slip.
fn is_near(letters: &str, name: &str) -> bool {
    let is_alike = letters.len().abs_diff(name.len()) <= MOST_SLIPS
        && letters.chars().next() == name.chars().next();
    is_alike && strsim::damerau_levenshtein(letters, name) <= MOST_SLIPS
}

fn fault(word: &str, meant: &str, span: Range<usize>) -> Fault {
    Fault::new(
        span,
        format!("`{word}` is a word to look for here, and no operator"),
        format!("write `{meant}`, or `\"{word}\"` for the word"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_with_a_slip_are_found() {
        for (query, at, meant) in [
            ("bank* NEAR5 loan", "NEAR5", "NEAR/5"),
            ("bank* NEAR-5 loan", "NEAR-5", "NEAR/5"),
            ("bank* NEAR=5 loan", "NEAR=5", "NEAR/5"),
            ("bank* NEER/10 loan", "NEER/10", "NEAR/10"),
            ("bank* NERA/10 loan", "NERA/10", "NEAR/10"),
            ("bank* ONAER/3 loan", "ONAER/3", "ONEAR/3"),
            ("ATLEST 2 oil gas", "ATLEST", "ATLEAST/2"),
            ("ATLEAST2 oil gas", "ATLEAST2", "ATLEAST/2"),
            ("ATLEST (oil gas)", "ATLEST", "ATLEAST/2"),
            ("(oil OR gas) ATLAEST/3", "ATLAEST/3", "ATLEAST/3"),
            ("title:(a NEAR9 b)", "NEAR9", "NEAR/9"),
        ] {
            let found = slips(query);
            let [found] = found.as_slice() else {
                panic!("{query}: {found:?}");
            };
            assert_eq!(query.get(found.span.clone()), Some(at), "{query}");
            assert!(
                found.help.starts_with(&format!("write `{meant}")),
                "{query}"
            );
        }
    }

    /// What a person looks for is nobody's slip.
    #[test]
    fn words_in_capitals_are_words() {
        for query in [
            "NATO",
            "NATO 2026",
            "NEARSHORE",
            "NEARS 5",
            "NEA 2026",
            "NEER 110",
            "NEAT 2",
            "NEA2026",
            "GEAR5",
            "GEAR/5",
            "YEAR/2026",
            "near5",
            "Near5",
            "nearly/5",
            "AND/OR",
            "G20 7/7",
            "LEAST 2",
            "ATLAS 5",
            "ATLAS/5",
            "ATLEAS",
            "=NEAR5",
            "\"NEAR5\" \"NEER/10\"",
            "NEAR5*",
            "oil NEAR/5 gas",
            "ATLEAST/2(oil, gas)",
            "site:(NEAR5 OR b.example)",
            "\"",
            "",
        ] {
            assert_eq!(slips(query), [], "{query}");
        }
    }

    #[test]
    fn queries_of_words_alone_have_them() {
        for (query, expected) in [
            ("harbours", &["harbours"][..]),
            (" india-russia OR (a b)", &["india-russia", "a", "b"]),
            ("harbours -a", &[]),
            ("\"harbours\"", &[]),
            ("harbour*", &[]),
            ("=harbours", &[]),
            ("topic:harbours", &[]),
            ("title:harbours", &[]),
            ("\"", &[]),
        ] {
            let found = bare_words(query);
            let words: Vec<&str> = found.iter().map(|(word, _)| word.as_str()).collect();
            assert_eq!(words, expected, "{query}");
            for (word, span) in &found {
                assert_eq!(query.get(span.clone()), Some(word.as_str()), "{query}");
            }
        }
    }
}
