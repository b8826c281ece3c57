//! How addresses are spelled.

use std::borrow::Cow;
use std::fmt::Write;

/// Percent-encodes what the url crate leaves as it is in an address, as browsers do, and RFC 3986 forbids: `|`, `^`, a
/// second `#`. What is encoded stays as it is, so that doing it twice changes nothing.
///
/// Whoever publishes an address, in a field or in HTML, has it from here, so that one address has one spelling: to many
/// readers two are two pictures.
pub fn percent_encoded(url: &str) -> Cow<'_, str> {
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
