//! How addresses are spelled.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::Ipv4Addr;
use url::Url;

/// Returns an address as we spell it: percent-encoded, and without userinfo, which is a credential (S7).
///
/// Whoever publishes an address, in a field or in HTML, has it from here, so that one address has one spelling: to many
/// readers two are two pictures.
pub fn spelled(mut url: Url) -> String {
    // Both fail only for addresses that cannot have userinfo, which then have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    percent_encoded(url.as_str()).into_owned()
}

/// Tells whether an address is one of http(s) that [`spelled`] leaves as it is for certain: nearly all are, and parsing each
/// of them was a fifth of rendering. A host in letters that is no number, or one of four numbers, and a port that is not the
/// scheme's own; then a path and a query of what needs no encoding, without a segment that may be a dot.
pub fn is_spelled(address: &str) -> bool {
    let secure = address.strip_prefix("https://");
    let rest = secure.or_else(|| address.strip_prefix("http://"));
    let Some((authority, path)) = rest.and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let own = if secure.is_some() { 443 } else { 80 };
    let is_kept = |c: u8| c.is_ascii_alphanumeric() || b"/?-_.~!$&()*+,;=:@%".contains(&c);
    (is_plain_host(host) || host.parse::<Ipv4Addr>().is_ok())
        && port.is_none_or(|port| is_plain_port(port, own))
        && path.bytes().all(is_kept)
        && !path.starts_with('.')
        && !["/.", "%2e", "%2E"].iter().any(|it| path.contains(it))
}

fn is_plain_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_kept = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        !label.is_empty() && !label.starts_with("xn--") && label.bytes().all(is_kept)
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.split('.').all(is_label) && last.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_plain_port(port: &str, own: u16) -> bool {
    let has_zero = port.starts_with('0') && port != "0";
    let is_number = !has_zero && port.bytes().all(|c| c.is_ascii_digit());
    is_number && port.parse::<u16>().is_ok_and(|port| port != own)
}

/// Percent-encodes what the url crate leaves as it is in an address, as browsers do, and RFC 3986 forbids: `|`, `^`, a
/// second `#`. What is encoded stays as it is, so that doing it twice changes nothing.
fn percent_encoded(url: &str) -> Cow<'_, str> {
    let mut has_fragment = false;
    let Some((start, _)) = url.char_indices().find(|(_, c)| {
        let stays = stays(*c, has_fragment);
        has_fragment |= *c == '#';
        !stays
    }) else {
        return Cow::Borrowed(url);
    };
    let (head, tail) = url.split_at(start);
    let mut text = String::with_capacity(url.len() + 2);
    text.push_str(head);
    let mut has_fragment = head.contains('#');
    for c in tail.chars() {
        if stays(c, has_fragment) {
            has_fragment |= c == '#';
            text.push(c);
        } else {
            encode_into(&mut text, c);
        }
    }
    Cow::Owned(text)
}

/// Tells whether a character may stand in an address; what follows the first `#` may hold no other.
fn stays(c: char, has_fragment: bool) -> bool {
    c.is_ascii_alphanumeric() || ";/?:@&=+$.-_!~*'()%,".contains(c) || (c == '#' && !has_fragment)
}

/// Appends `c` as the percent-encoded bytes of its UTF-8 form.
fn encode_into(text: &mut String, c: char) {
    let mut buffer = [0; 4];
    for byte in c.encode_utf8(&mut buffer).bytes() {
        // Writing to a string does not fail.
        write!(text, "%{byte:02X}").ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is taken as it is is what the rules of URLs make of it.
        #[test]
        fn u9_what_stays_as_it_is_is_what_parsing_leaves(
            address in "https?://([a-z0-9.-]{1,6}(xn--)?[a-zA-Z0-9._:@-]{0,6}|[0-9]{1,3}([.][0-9]{1,3}){3})(:[0-9+]{0,6}|:443|:80)?/[a-z/?#.%2eE|'~^ ä\\\\-]{0,8}"
        ) {
            if is_spelled(&address) {
                let parsed = Url::parse(&address).ok().map(spelled);
                prop_assert_eq!(parsed, Some(address));
            }
        }
    }

    #[test]
    fn u9_most_addresses_are_not_parsed() {
        for (address, expected) in [
            (
                "https://www.example.org/world-europe-66146672?ref=rss&at=%C3%A4",
                true,
            ),
            ("http://example.org/", true),
            ("https://example.org", false),
            ("https://example.org/a#b", false),
            ("https://example.org/./a", false),
            ("https://example.org/a/%2e%2E/b", false),
            ("https://example.org/../a", false),
            ("https://127.0.0.1/", true),
            ("http://127.0.0.1:8080/a", true),
            ("https://example.org:80/", true),
            ("https://example.org:0/", true),
            ("https://example.org:0443/", false),
            ("https://example.org:65536/", false),
            ("https://example.org:+8/", false),
            ("https://example.org:/", false),
            ("https://example.org:1:2/", false),
            ("http://example.org:80/", false),
            ("https://127.0.0.01/", false),
            ("https://127.0.0.256/", false),
            ("https://127.1/", false),
            ("https://example.0x1/", false),
            ("https://xn--0.example/", false),
            ("https://example.org:443/", false),
            ("https://example..org/", false),
            ("HTTPS://example.org/", false),
            ("https://example.org/a b", false),
            ("https://example.org/a\\b", false),
        ] {
            assert_eq!(is_spelled(address), expected, "{address}");
        }
    }

    #[test]
    fn u9_an_address_has_one_spelling() {
        for (url, expected) in [
            ("https://example.org/a?b=%7C&c#d", None),
            ("https://example.org/a|b", Some("https://example.org/a%7Cb")),
            (
                "https://example.org/a#b#c|#",
                Some("https://example.org/a#b%23c%7C%23"),
            ),
            (
                "https://example.org/a|b#c#d",
                Some("https://example.org/a%7Cb#c%23d"),
            ),
            ("https://example.org/é", Some("https://example.org/%C3%A9")),
            ("", None),
        ] {
            let found = percent_encoded(url);
            assert_eq!(found, expected.unwrap_or(url));
            assert_eq!(
                matches!(found, Cow::Borrowed(_)),
                expected.is_none(),
                "{url}"
            );
            assert_eq!(percent_encoded(&found), found);
        }
    }
}
