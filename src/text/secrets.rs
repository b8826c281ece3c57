//! Which parts of an address are secrets by their names (S7).

use std::borrow::Cow;

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
}
