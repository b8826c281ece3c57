//! Addresses that are stored and are spelled nearly like one that is not: a letter is missing, or the end was cut off.

use crate::store::{Store, StoreError};
use std::collections::BTreeSet;

/// Addresses that are offered: more are a list, and `merganser search` makes better ones.
const OFFERED: usize = 3;

/// Letters that may differ, at one place.
const SLIPS: usize = 3;

/// Letters of a path from which on it may be the beginning of another: a section has thousands that begin with it.
const BEGINNING: usize = 8;

/// Returns the addresses stored lately at the host of `name` that are nearly it, the likeliest first; none of what is no address.
pub(super) fn addresses(store: &Store, name: &str) -> Result<Vec<String>, StoreError> {
    let (host, path) = bare(name);
    if path.is_empty() || !host.contains(['.', ':']) || host.contains(char::is_whitespace) {
        return Ok(Vec::new());
    }
    let stored = store.addresses_with(&format!("{host}/"))?;
    Ok(nearest((&host, path), stored))
}

fn nearest((host, path): (&str, &str), stored: Vec<String>) -> Vec<String> {
    let slips = |url: &str| {
        let (other, there) = bare(url);
        // Of hosts another name is another site, however near.
        let is_there = other == host;
        is_there.then(|| slips(path, there)).flatten()
    };
    let near = stored
        .into_iter()
        .filter_map(|url| Some((slips(&url)?, url)));
    let mut near: Vec<(usize, String)> = near.collect();
    // Of those that are as near the newest come first, as they are.
    near.sort_by_key(|(slips, _)| *slips);
    let mut seen = BTreeSet::new();
    let urls = near.into_iter().map(|(_, url)| url);
    let urls = urls.filter(|url| seen.insert(url.clone()));
    urls.take(OFFERED).collect()
}

/// Returns what of an address tells it from others: its host, in small letters, and what follows from the slash on.
fn bare(url: &str) -> (String, &str) {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.trim_end_matches('/');
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.to_ascii_lowercase();
    (host.trim_start_matches("www.").to_owned(), path)
}

/// Returns how many letters differ between two paths where that is at one place, and few, and no number stands in the
/// place of another; of one that begins the other, more than that. `None` where they are others.
fn slips(one: &str, other: &str) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let length = one.len();
    let alike = |(a, b): &(&char, &char)| a == b;
    let before = one.iter().zip(&other).take_while(alike).count();
    let (one, other) = (one.get(before..)?, other.get(before..)?);
    let after = one.iter().rev().zip(other.iter().rev());
    let after = after.take_while(alike).count();
    let most = one.len().max(other.len()) - after;
    if most <= SLIPS {
        let differs = |of: &[char]| {
            let of = of.get(..of.len() - after).unwrap_or_default();
            !of.is_empty() && of.iter().all(char::is_ascii_digit)
        };
        // Another number is another article.
        return (!differs(one) || !differs(other)).then_some(most);
    }
    let is_cut_off = one.is_empty() && length >= BEGINNING;
    is_cut_off.then_some(SLIPS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_addresses_are_a_slip_away() {
        let stored = [
            "https://www.news.example/harbour-reopens",
            "https://news.example/harbour-reopens/",
            "https://news.example/2026/harbour-closes",
            "https://news.example/a/12345",
            "https://news.example/a/12346",
            "https://news.example/a/12347",
            "https://news.example/a/12348",
            "https://news.example/a/12345",
            "https://anews.example/harbour-reopens",
            "https://NEWS.example/Museum-opens",
        ];
        for (name, expected) in [
            ("https://news.example/harbour-reopen", &stored[..2]),
            ("news.example/harbour-reopenss", &stored[..2]),
            ("http://news.example/harbuor-reopens", &stored[..2]),
            ("https://news.example/2026/harb", &stored[2..3]),
            ("https://news.example/a/12349", &[]),
            ("https://news.example/a/1234", &stored[3..6]),
            ("https://news.example/museum", &[]),
            ("https://News.Example/Museum-open", &stored[9..]),
            ("https://WWW.news.example/Museum-open", &stored[9..]),
            ("https://anews.example/harbour-reopen", &stored[8..9]),
            ("https://newss.example/harbour-reopens", &[]),
            ("https://news.example/h", &[]),
        ] {
            let all = stored.map(str::to_owned).to_vec();
            let (host, path) = bare(name);
            assert_eq!(nearest((&host, path), all), expected, "{name}");
        }
    }
}
