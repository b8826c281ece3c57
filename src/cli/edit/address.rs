//! The address of a feed, as people type it and lists of subscriptions have it.

use url::{ParseError, Url};

/// What is said of a text that lacks the part that tells where to ask.
const NO_WHOLE: &str = "this is no whole address: write `https://example.org/feed.xml`";

/// How the names of files end that lists name without saying where they are: none of these is a top-level domain.
const FILES: [&str; 7] = ["xml", "rss", "atom", "rdf", "json", "php", "html"];

/// Reads an address: without `https://`, after `feed:`, with blanks around it or in it.
///
/// `feed://a.example` means http, by those who made it up; where nothing is said, https is meant.
///
/// # Errors
///
/// Says why it is none that can be fetched.
pub(in crate::cli) fn address(text: &str) -> Result<Url, String> {
    let text = text.trim();
    let whole = match after_feed(text) {
        Some(rest) if scheme(rest).is_some() => rest.to_owned(),
        Some(rest) => format!("http://{}", rest.trim_start_matches('/')),
        None if scheme(text).is_some() => text.to_owned(),
        None => {
            let rest = text.strip_prefix("//").unwrap_or(text);
            if !begins_with_host(rest) {
                return Err(NO_WHOLE.to_owned());
            }
            format!("https://{rest}")
        }
    };
    let url = Url::parse(&whole).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase | ParseError::EmptyHost => NO_WHOLE.to_owned(),
        error => format!("this is no address: {error}"),
    })?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!(
            "`{other}` addresses are not fetched, only http and https"
        )),
    }
}

/// Returns what stands after `feed:`.
fn after_feed(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once(':')?;
    name.eq_ignore_ascii_case("feed").then_some(rest)
}

/// Returns the scheme. Before a port stands a host, and no scheme.
fn scheme(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once(':')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let is_scheme = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fits);
    let is_host = rest.starts_with(|c: char| c.is_ascii_digit());
    (is_scheme && !is_host).then_some(name)
}

/// Tells whether a text without a scheme begins with a host: with a name that has a dot in it, and is not that of a
/// file, or with what is one without.
fn begins_with_host(text: &str) -> bool {
    let authority = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') {
        return true;
    }
    let name = host.split(':').next().unwrap_or_default();
    let last = name.rsplit_once('.').map(|(_, last)| last);
    let is_file = |last: &str| FILES.iter().any(|it| it.eq_ignore_ascii_case(last));
    name.eq_ignore_ascii_case("localhost") || last.is_some_and(|last| !is_file(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_as_people_write_them() {
        for (text, expected) in [
            ("https://a.example/feed", "https://a.example/feed"),
            ("a.example/feed", "https://a.example/feed"),
            ("//a.example/feed", "https://a.example/feed"),
            ("a.example", "https://a.example/"),
            ("a.example:8080/feed", "https://a.example:8080/feed"),
            ("localhost:8080/feed", "https://localhost:8080/feed"),
            ("127.0.0.1:8080", "https://127.0.0.1:8080/"),
            ("[2001:db8::1]/feed", "https://[2001:db8::1]/feed"),
            (" \thttp://a.example/feed \n", "http://a.example/feed"),
            ("http:a.example/feed", "http://a.example/feed"),
            ("feed://a.example/feed", "http://a.example/feed"),
            ("feed:a.example:80/feed", "http://a.example/feed"),
            ("feed:https://a.example/feed", "https://a.example/feed"),
            ("FEED:HTTPS://a.example/feed", "https://a.example/feed"),
            ("HTTPS://A.EXAMPLE/Feed", "https://a.example/Feed"),
            ("https://a.example/a feed", "https://a.example/a%20feed"),
            ("https://a.example/a\nfeed", "https://a.example/afeed"),
            (
                "https://bücher.example/ü",
                "https://xn--bcher-kva.example/%C3%BC",
            ),
            ("https://u:p@a.example/feed", "https://u:p@a.example/feed"),
            ("u@a.example/feed", "https://u@a.example/feed"),
            (
                "https://a.example:443/feed#new",
                "https://a.example/feed#new",
            ),
        ] {
            let read = address(text);
            assert_eq!(read.as_ref().map(Url::as_str), Ok(expected), "{text}");
        }
        for (text, why) in [
            ("", NO_WHOLE),
            ("/feed.xml", NO_WHOLE),
            ("feed.xml", NO_WHOLE),
            ("rss", NO_WHOLE),
            ("http//a.example/feed", NO_WHOLE),
            ("https://", NO_WHOLE),
            ("tel:5550100", NO_WHOLE),
            ("good morning", NO_WHOLE),
            (
                "mailto:a@b.example",
                "`mailto` addresses are not fetched, only http and https",
            ),
            (
                "javascript:alert(1)",
                "`javascript` addresses are not fetched, only http and https",
            ),
            (
                "ftp://a.example/feed",
                "`ftp` addresses are not fetched, only http and https",
            ),
            (
                "feed:ftp://a.example/feed",
                "`ftp` addresses are not fetched, only http and https",
            ),
            (
                "https://a b.example/feed",
                "this is no address: invalid international domain name",
            ),
            (
                "a.example:99999/feed",
                "this is no address: invalid port number",
            ),
        ] {
            assert_eq!(address(text).unwrap_err(), why, "{text}");
        }
    }

    proptest! {
        /// What was read reads as itself, and no text is a panic.
        #[test]
        fn an_address_stays(text in "\\PC{0,40}", path in "[a-z /#?é]{0,10}") {
            for text in [text, format!("feed://a.example/{path}"), format!("a.example/{path}")] {
                if let Ok(url) = address(&text) {
                    prop_assert_eq!(address(url.as_str()), Ok(url));
                }
            }
        }
    }
}
