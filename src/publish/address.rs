//! Addresses, languages, media types and mail addresses in the form in which they may be published.
//!
//! The W3C validator accepts less than the standards do in places; what it would flag is put into a form
//! that it takes, or left out.

use crate::text::{is_spelled, spelled};
use url::{Host, Url};

/// The languages of ISO 639-1. Tags beyond them (three letters, private use) are left out: validators
/// know old lists of those, and a wrong `xml:lang` is worse for a reader's screen reader than none.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co \
    cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr \
    ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg \
    li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi \
    pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl \
    tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Returns an absolute http(s) address in ASCII, or `None` for anything else (U9, S15).
///
/// Spaces, letters beyond ASCII and what RFC 3986 does not allow are percent-encoded. Userinfo is a
/// credential and goes (S7). An IPv6 literal is no address that a reader elsewhere could use.
pub(super) fn web(address: &str) -> Option<String> {
    if is_spelled(address) {
        return Some(address.to_owned());
    }
    parsed(address)
}

/// Returns what [`web`] does, by the rules of URLs.
fn parsed(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    if !matches!(url.scheme(), "http" | "https") || matches!(url.host()?, Host::Ipv6(_)) {
        return None;
    }
    Some(spelled(url))
}

/// Tells whether the host of `url` is a dotted name or number, which RSS asks of enclosures.
pub(super) fn has_dotted_host(url: &str) -> bool {
    let host = Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    host.contains('.') && host.split('.').all(is_host_label)
}

fn is_host_label(label: &str) -> bool {
    label.starts_with(|c: char| c.is_ascii_alphanumeric())
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Returns a language tag that begins with an ISO 639-1 code, `en_US` as `en-US`.
pub(super) fn language(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    let mut subtags = tag.split('-');
    let primary = subtags.next()?;
    let known = LANGUAGES
        .split_whitespace()
        .any(|language| language.eq_ignore_ascii_case(primary));
    let well_formed = subtags.all(is_subtag);
    (known && well_formed).then_some(tag)
}

/// A subtag of RFC 5646: up to eight letters and digits.
fn is_subtag(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Returns a media type in lower case without parameters, if it is one (RFC 6838, 4.2).
pub(super) fn media_type(text: &str) -> Option<String> {
    let essence = text.split(';').next()?.trim().to_ascii_lowercase();
    let (kind, subtype) = essence.split_once('/')?;
    (is_token(kind) && is_token(subtype)).then_some(essence)
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c))
}

/// Returns a mail address if it is one that Atom allows (RFC 4287, 3.2.3): ASCII, a dotted domain.
pub(super) fn email(text: &str) -> Option<String> {
    let address = text.trim();
    let (local, domain) = address.rsplit_once('@')?;
    let local_fits = !local.is_empty()
        && local
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-+.'!#$%&*/=?^`{|}~".contains(c));
    let domain_fits = domain.contains('.') && domain.split('.').all(is_host_label);
    (local_fits && domain_fits).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn u9_addresses_are_absolute_ascii_http() {
        for (address, expected) in [
            ("https://example.org", Some("https://example.org/")),
            (
                "http://example.org/a b?q=[1]|2",
                Some("http://example.org/a%20b?q=%5B1%5D%7C2"),
            ),
            (
                "https://example.org/ख़बर",
                Some("https://example.org/%E0%A4%96%E0%A4%BC%E0%A4%AC%E0%A4%B0"),
            ),
            (
                "https://example.org/a#refsponi#ref=rss",
                Some("https://example.org/a#refsponi%23ref=rss"),
            ),
            ("https://пример.рф/", Some("https://xn--e1afmkfd.xn--p1ai/")),
            (
                "https://user:secret@example.org/",
                Some("https://example.org/"),
            ),
            (
                "https://example.org/a#b^{c}",
                Some("https://example.org/a#b%5E%7Bc%7D"),
            ),
            ("https://example.org/100%", Some("https://example.org/100%")),
            ("http://[::1]/", None),
            ("/relative", None),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("mailto:a@example.org", None),
            ("https://", None),
            ("", None),
        ] {
            assert_eq!(web(address).as_deref(), expected, "{address}");
        }
    }

    proptest! {
        #[test]
        fn u9_a_published_address_is_published_as_it_is(address in "https?://[a-z.-]{1,8}/[ -~ä]{0,12}") {
            if let Some(published) = web(&address) {
                prop_assert_eq!(web(&published), Some(published.clone()));
                prop_assert_eq!(parsed(&published), Some(published));
            }
        }
    }

    #[test]
    fn u13_languages_are_known_ones() {
        for (tag, expected) in [
            ("en", Some("en")),
            ("en_US", Some("en-US")),
            (" hi-IN ", Some("hi-IN")),
            ("zh-Hant-TW", Some("zh-Hant-TW")),
            ("EN", Some("EN")),
            ("english", None),
            ("xx", None),
            ("en-", None),
            ("en us", None),
            ("", None),
        ] {
            assert_eq!(language(tag).as_deref(), expected, "{tag}");
        }
    }

    #[test]
    fn media_types_lose_parameters() {
        for (text, expected) in [
            ("audio/MPEG", Some("audio/mpeg")),
            ("text/html; charset=utf-8", Some("text/html")),
            ("image/svg+xml", Some("image/svg+xml")),
            ("mp3", None),
            ("a b/c", None),
            ("/", None),
        ] {
            assert_eq!(media_type(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn mail_addresses_are_strict() {
        for (text, fits) in [
            ("ann@example.org", true),
            ("a.b+c@mail.example.org", true),
            ("ann@localhost", false),
            ("ann at example.org", false),
            ("Ann <ann@example.org>", false),
            ("анна@example.org", false),
            ("@example.org", false),
        ] {
            assert_eq!(email(text).is_some(), fits, "{text}");
        }
    }

    #[test]
    fn enclosure_hosts_have_a_dot() {
        for (url, expected) in [
            ("https://cdn.example.org/a", true),
            ("http://127.0.0.1:8000/a", true),
            ("http://localhost/a", false),
            ("http://a_b.example.org/", false),
        ] {
            assert_eq!(has_dotted_host(url), expected, "{url}");
        }
    }
}
