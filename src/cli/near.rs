//! Addresses that are stored and are spelled nearly like one that is not: a letter is missing, or the end was cut off.

use crate::store::{Store, StoreError};

/// Addresses that are offered: more are a list, and `merganser search` makes better ones.
const OFFERED: usize = 3;

/// Letters that may differ, at one place.
const SLIPS: usize = 3;

/// Letters of a path from which on it may be the beginning of another: a section has thousands that begin with it.
const BEGINNING: usize = 8;

/// Returns the addresses stored lately at the host of `name` that are nearly it, the likeliest first; none of what is no address.
pub(super) fn addresses(store: &Store, name: &str) -> Result<Vec<String>, StoreError> {
    let bare = bare(name);
    let Some((host, path)) = bare.split_once('/') else {
        return Ok(Vec::new());
    };
    if path.is_empty() || !host.contains(['.', ':']) || host.contains(char::is_whitespace) {
        return Ok(Vec::new());
    }
    let stored = store.addresses_with(&format!("{host}/"))?;
    Ok(nearest(bare, stored))
}

fn nearest(bare: &str, stored: Vec<String>) -> Vec<String> {
    let near = stored.into_iter().filter_map(|url| {
        let slips = slips(bare, self::bare(&url))?;
        Some((slips, url))
    });
    let mut near: Vec<(usize, String)> = near.collect();
    // Of those that are as near the newest come first, as they are.
    near.sort_by_key(|(slips, _)| *slips);
    let mut urls: Vec<String> = near.into_iter().map(|(_, url)| url).collect();
    urls.dedup();
    urls.truncate(OFFERED);
    urls
}

/// Returns what of an address tells it from others.
fn bare(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    rest.trim_end_matches('/')
}

/// Returns how many letters differ between two addresses where that is at one place, and few, and no number stands in the
/// place of another; of one that begins the other, more than that. `None` where they are others.
fn slips(one: &str, other: &str) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let path = one.iter().skip_while(|it| **it != '/').count();
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
    let is_cut_off = one.is_empty() && path >= BEGINNING;
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
        ];
        for (name, expected) in [
            ("https://news.example/harbour-reopen", &stored[..2]),
            ("news.example/harbour-reopenss", &stored[..2]),
            ("http://news.example/harbuor-reopens", &stored[..2]),
            ("https://news.example/2026/harb", &stored[2..3]),
            ("https://news.example/a/12349", &[]),
            ("https://news.example/a/1234", &stored[3..6]),
            ("https://news.example/museum", &[]),
            ("https://news.example/h", &[]),
        ] {
            let all = stored.map(str::to_owned).to_vec();
            assert_eq!(nearest(bare(name), all), expected, "{name}");
        }
    }
}
