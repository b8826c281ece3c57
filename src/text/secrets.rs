//! Which parts of an address are secrets by their names (S7).

use std::borrow::Cow;
use std::ops::Range;

/// How the names of query parameters end whose values are secrets: `access_token`, `apikey`, `auth`.
const SECRET_ENDINGS: [&str; 9] = [
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "key",
    "auth",
    "sig",
    "signature",
];

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
        SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending))
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
        ] {
            assert_eq!(masked_query(query), expected);
            let address = format!("https://a.example/f?{query}#token=x");
            assert_eq!(has_secret_query(&address), query != expected, "{query}");
        }
        assert!(!has_secret_query("urn:uuid:1"));
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
