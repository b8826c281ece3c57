//! Which parts of an address are secrets by their names, or look so (S7).

use std::borrow::Cow;
use std::ops::Range;

/// How the names of query parameters end whose values are secrets: `access_token`, `apikey`, `auth`, `torrent_pass`.
///
/// `code` is none: countries and languages have codes, too.
const SECRET_ENDINGS: [&str; 17] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "key",
    "auth",
    "sig",
    "signature",
    "hash",
    "jwt",
    "session",
    "sessionid",
    "sessid",
    "credential",
];

/// Last words of such names that are too short to be looked for at the end of other words.
const SECRET_WORDS: [&str; 4] = ["otp", "pin", "pw", "sid"];

/// Letters and digits of the shortest part of a path that counts as drawn by lot: 80 bits in hexadecimal.
const DRAWN_LEAST: usize = 20;

/// Returns the query of an address, without the `?`, with `***` for the values that are secrets.
pub fn masked_query(query: &str) -> String {
    let pairs: Vec<Cow<'_, str>> = query.split('&').map(masked).collect();
    pairs.join("&")
}

/// Tells whether [`masked_query`] would mask something of an address; any text may be given.
pub fn has_secret_query(address: &str) -> bool {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    query.split('&').any(is_secret)
}

/// Tells whether a path of an address holds what only few are to know: a parameter that is a secret by its name
/// (`;jsessionid=..`), or a part that nobody thought up, as addresses of feeds for one subscriber have.
///
/// A guess, and a careful one: of the address of a feed that looks so, nobody is told.
pub fn has_secret_path(path: &str) -> bool {
    path.split('/').any(|part| {
        let mut pieces = part.split(';');
        let name = pieces.next().unwrap_or_default();
        is_drawn(name) || pieces.any(is_secret)
    })
}

/// Tells whether a name looks drawn by lot: hexadecimal, with hyphens as in a UUID, or capitals, small letters and digits in
/// one piece.
fn is_drawn(name: &str) -> bool {
    let name = name.split('.').next().unwrap_or_default();
    let long = |text: &str| text.len() >= DRAWN_LEAST;
    let digits: String = name.chars().filter(|c| *c != '-').collect();
    let has = |text: &str, is: fn(&char) -> bool| text.chars().any(|c| is(&c));
    let is_hexadecimal = long(&digits)
        && digits.chars().all(|c| c.is_ascii_hexdigit())
        && has(&digits, char::is_ascii_digit)
        && has(&digits, char::is_ascii_alphabetic);
    let is_mixed = |piece: &str| {
        long(piece)
            && has(piece, char::is_ascii_digit)
            && has(piece, char::is_ascii_uppercase)
            && has(piece, char::is_ascii_lowercase)
            && piece.chars().all(|c| c.is_ascii_alphanumeric())
    };
    is_hexadecimal || name.split(['-', '_']).any(is_mixed)
}

/// Returns the places of the values that [`masked_query`] would mask in the addresses of a text, which end at
/// white space, a quote or an angle bracket. In ascending order.
pub fn secret_query_values(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "\"'<>".contains(c);
    let mut found = Vec::new();
    let mut at = 0;
    for piece in text.split_inclusive(ends) {
        let address = piece.trim_end_matches(ends);
        if let Some((before, query)) = address.split_once('?') {
            let query = query.split_once('#').map_or(query, |(query, _)| query);
            let mut from = at + before.len() + 1;
            for pair in query.split('&') {
                let name = pair.find('=').filter(|_| is_secret(pair));
                found.extend(name.map(|name| from + name + 1..from + pair.len()));
                from += pair.len() + 1;
            }
        }
        at += piece.len();
    }
    found
}

fn masked(pair: &str) -> Cow<'_, str> {
    match pair.split_once('=') {
        Some((name, _)) if is_secret(pair) => Cow::Owned(format!("{name}=***")),
        _ => Cow::Borrowed(pair),
    }
}

fn is_secret(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(name, _)| {
        let name = name.to_ascii_lowercase();
        let last = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
        SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending))
            || last.is_some_and(|last| SECRET_WORDS.contains(&last))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_is_what_counts_as_secret_s7() {
        for (query, expected) in [
            ("", ""),
            ("a=1&b", "a=1&b"),
            ("key", "key"),
            ("keyword=x&author=1", "keyword=x&author=1"),
            ("b=%20&Access_Token=x=&c", "b=%20&Access_Token=***&c"),
            ("sig=1&apikey=2", "sig=***&apikey=***"),
            ("user=me&pw=1&hash=2", "user=me&pw=***&hash=***"),
            (
                "torrent_pass=1&PHPSESSID=2&jwt=3",
                "torrent_pass=***&PHPSESSID=***&jwt=***",
            ),
            ("x-sid=1&session=2", "x-sid=***&session=***"),
            (
                "reside=1&spin=2&country_code=in",
                "reside=1&spin=2&country_code=in",
            ),
        ] {
            assert_eq!(masked_query(query), expected);
            let address = format!("https://a.example/f?{query}#token=x");
            assert_eq!(has_secret_query(&address), query != expected, "{query}");
        }
        assert!(!has_secret_query("urn:uuid:1"));
    }

    #[test]
    fn a_path_that_nobody_thought_up_is_a_secret_s7() {
        for (path, expected) in [
            ("", false),
            ("/feed.xml", false),
            ("/2026/11/26/a-long-name-of-a-feed-with-2-numbers", false),
            ("/feeds/12345678901234567890/feed", false),
            ("/categories;page=2/feed", false),
            ("/decade-of-a-facade/feed", false),
            ("/Society-And-Culture-2026-Part-2", false),
            ("/feed;jsessionid=1", true),
            ("/rss/5d41d8cd98f00b204e98/feed.xml", true),
            ("/private/1225c695-cfb8-4ebb-aaaa-80da344efa6a.rss", true),
            ("/u/dGhpcyBpcyBubyB3b3Jk12/feed", true),
        ] {
            assert_eq!(has_secret_path(path), expected, "{path}");
        }
    }

    #[test]
    fn secrets_are_found_in_a_text_s7() {
        for (text, expected) in [
            ("", vec![]),
            ("a ? token=1 & key=2", vec![]),
            ("url = \"http://a.example/f\"\nkey = \"?\"", vec![]),
            ("\"https://a.example/?a=1&token=x?y=&b\"", vec!["x?y="]),
            (
                "'/?key=1#sig=2'</?sig=3>\u{2003}?auth=й",
                vec!["1", "3", "й"],
            ),
            ("?token=", vec![""]),
        ] {
            let found = secret_query_values(text).into_iter();
            let found: Vec<&str> = found.filter_map(|span| text.get(span)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
