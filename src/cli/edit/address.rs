//! The address of a feed, as people type it and lists of subscriptions have it.

use crate::text::whole_address;
use url::{ParseError, Url};

/// What is said of a text that lacks the part that tells where to ask.
const NO_WHOLE: &str = "this is no whole address: write `https://example.org/feed.xml`";

/// Reads an address: without `https://`, after `feed:`, with blanks around it or in it.
///
/// `feed://a.example` means http, by those who made it up; where nothing is said, https is meant.
///
/// # Errors
///
/// Says why it is none that can be fetched.
pub(in crate::cli) fn address(text: &str) -> Result<Url, String> {
    let whole = whole_address(text).ok_or(NO_WHOLE)?;
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
