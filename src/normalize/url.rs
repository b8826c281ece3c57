//! The URL identity of an entry, and the link that readers get.
//!
//! [`canonical_url`] is a key and never shown: https, no `www.` or `m.`, no tracking, parameters sorted,
//! AMP and mobile forms led back. [`published_url`] is the publisher's own link with only redirect
//! wrappers and tracking parameters gone. Both are offline: a redirector whose target is not in its
//! address (shorteners, newer Google News links) stays what it is.

use super::url_rules::{Wrapped, is_tracking, is_tracking_by_value, wrapped};
use std::borrow::Cow;
use std::fmt::Write;
use url::Url;

/// Longer addresses are data, not links, and the work here must stay small.
pub(super) const MAX_URL_BYTES: usize = 4096;

/// Wrappers in wrappers, or forms in forms, that are followed; nobody nests deeper in earnest.
const MAX_ROUNDS: usize = 8;

/// Leading labels of a host that name a form of a site, not another site.
const FORM_LABELS: &[&str] = &["www", "www2", "m", "mobile", "amp"];

/// Documents that a server shows for their directory.
const INDEX_FILES: &[&str] = &[
    "/index.html",
    "/index.htm",
    "/index.php",
    "/default.asp",
    "/default.aspx",
];

/// Returns the URL identity of a link: equal for all forms of one address.
///
/// `None` for what is no http(s) address, or is longer than 4 KiB, or wraps others too deeply. Applying
/// it twice equals applying it once. It is a key: nothing promises that it can be fetched.
pub(super) fn canonical_url(url: &str) -> Option<String> {
    if url.len() > MAX_URL_BYTES {
        return None;
    }
    let mut current = step(url)?;
    for _ in 0..MAX_ROUNDS {
        let next = step(&current)?;
        if next == current {
            return Some(current);
        }
        current = next;
    }
    None
}

/// Returns the link to publish: wrappers led to their target and tracking parameters dropped, all else
/// as the publisher wrote it.
///
/// `None` for what is no http(s) address (S15), or is longer than 4 KiB.
pub(super) fn published_url(url: &str) -> Option<String> {
    if url.len() > MAX_URL_BYTES {
        return None;
    }
    let mut text = Cow::Borrowed(url.trim());
    for _ in 0..MAX_ROUNDS {
        let parsed = http_url(&text)?;
        match unwrap(&parsed) {
            Some(inner) => text = Cow::Owned(inner),
            None => return Some(without_tracking(&text, parsed)),
        }
    }
    None
}

/// Parses an absolute http or https address with a host.
pub(super) fn http_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Drops the tracking parameters of an address; without any, the publisher's own spelling stays.
fn without_tracking(text: &str, mut url: Url) -> String {
    let kept = url.query().map(|query| {
        let kept: Vec<&str> = query.split('&').filter(|part| !tracks(part)).collect();
        (kept.len() < query.split('&').count()).then(|| kept.join("&"))
    });
    let fragment_tracks = url.fragment().is_some_and(tracks);
    if fragment_tracks {
        url.set_fragment(None);
    }
    match kept.flatten() {
        Some(query) => url.set_query((!query.is_empty()).then_some(query.as_str())),
        None if fragment_tracks || !is_plain(text) => {}
        None => return text.to_owned(),
    }
    url.into()
}

/// Tells, without parsing, that an address is an absolute http(s) one which needs no escape. `false`
/// says nothing.
pub(super) fn is_plain_address(value: &str) -> bool {
    let Some(rest) = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"))
    else {
        return false;
    };
    let (host, tail) = match rest.bytes().position(|b| matches!(b, b'/' | b'?' | b'#')) {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    // A host that ends in a letter is no IP address, and one without `--` no punycode to be checked.
    host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.ends_with(|c: char| c.is_ascii_alphabetic())
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && !host.contains("--")
        && !host.contains("..")
        && is_plain(tail)
}

/// Tells whether a part of an address can be published as it stands: printable ASCII that needs no escape.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| {
        b.is_ascii_graphic()
            && !matches!(
                b,
                b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
            )
    })
}

/// Tells whether `name=value`, as it stands in an address, is tracking whatever the value.
fn tracks(parameter: &str) -> bool {
    is_tracking(&lower_parameter(parameter).0)
}

/// Tells whether a parameter is tracking by its name or by its value.
fn may_track(parameter: &str) -> bool {
    let (name, value) = lower_parameter(parameter);
    is_tracking(&name) || is_tracking_by_value(&name, &value)
}

/// Returns name and value of a parameter in lower case.
fn lower_parameter(parameter: &str) -> (String, String) {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    // A feed that escapes twice leaves `&amp;utm_source=..` in its links.
    let name = name.strip_prefix("amp;").unwrap_or(name);
    (name.to_ascii_lowercase(), value.to_ascii_lowercase())
}

/// One round towards the identity.
fn step(text: &str) -> Option<String> {
    let text: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{200B}'..='\u{200D}' | '\u{FEFF}'))
        .collect();
    let url = http_url(&text.replace("&amp;", "&"))?;
    if let Some(inner) = unwrap(&url) {
        return Some(inner);
    }
    let mut identity = String::with_capacity(text.len());
    identity.push_str("https://");
    identity.push_str(site_host(&url)?);
    if let Some(port) = url.port() {
        // Writing to a String cannot fail.
        let _ = write!(identity, ":{port}");
    }
    identity.push_str(&canonical_path(&tidy_path(url.path())));
    push_query(url.query().unwrap_or_default(), &mut identity);
    if let Some(fragment) = url.fragment().filter(|f| f.starts_with(['!', '/'])) {
        identity.push('#');
        identity.push_str(fragment);
    }
    Some(identity)
}

/// Returns the host without the labels that name only a form of the site.
fn site_host(url: &Url) -> Option<&str> {
    let mut host = url.host_str()?.trim_end_matches('.');
    while let Some((label, rest)) = host.split_once('.') {
        // `m.co.uk` is a site of that name, not the mobile form of `co.uk`.
        if !FORM_LABELS.contains(&label) || psl::domain_str(rest).is_none() {
            break;
        }
        host = rest;
    }
    (!host.is_empty()).then_some(host)
}

/// Returns the address inside a known wrapper.
fn unwrap(url: &Url) -> Option<String> {
    let path = tidy_path(url.path());
    let inner = match wrapped(site_host(url)?, &path)? {
        Wrapped::Parameter(names) => url
            .query_pairs()
            .find(|(name, _)| names.contains(&name.as_ref()))?
            .1
            .into_owned(),
        Wrapped::BarePath(start) => format!("https://{}{}", path.get(start..)?, tail(url)),
        Wrapped::FullPath(start) => {
            // The path was tidied, so the two slashes after the scheme have become one.
            let (scheme, rest) = path.get(start..)?.split_once(":/")?;
            format!("{scheme}://{}{}", rest.trim_start_matches('/'), tail(url))
        }
    };
    http_url(&inner).map(|_| inner)
}

/// Query and fragment of an address as text.
fn tail(url: &Url) -> String {
    let mut tail = String::new();
    if let Some(query) = url.query() {
        tail.push('?');
        tail.push_str(query);
    }
    if let Some(fragment) = url.fragment() {
        tail.push('#');
        tail.push_str(fragment);
    }
    tail
}

/// Returns a path with one spelling of escapes, single slashes and no session id.
fn tidy_path(path: &str) -> String {
    let path = path.split(";jsessionid=").next().unwrap_or_default();
    let mut tidy = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        tidy.push('/');
        push_escaped(segment, &mut tidy);
    }
    if path.ends_with('/') || tidy.is_empty() {
        tidy.push('/');
    }
    tidy
}

/// Drops what names only a form of the document: AMP, index files, the closing slash.
fn canonical_path(path: &str) -> String {
    let mut path = path;
    loop {
        let shorter = path.strip_suffix('/').unwrap_or(path);
        let shorter = shorter.strip_suffix("/amp").unwrap_or(shorter);
        let shorter = shorter.strip_suffix(".amp").unwrap_or(shorter);
        let shorter = INDEX_FILES
            .iter()
            .find_map(|file| shorter.strip_suffix(file))
            .unwrap_or(shorter);
        let shorter = match shorter.strip_prefix("/amp") {
            Some(rest) if rest.starts_with('/') => rest,
            _ => shorter,
        };
        if shorter == path {
            return path.to_owned();
        }
        path = shorter;
    }
}

/// Appends the parameters that matter, sorted.
fn push_query(query: &str, identity: &mut String) {
    let mut kept: Vec<String> = query
        .split(['&', ';'])
        .filter(|part| !part.is_empty() && *part != "amp" && !may_track(part))
        .map(|part| {
            let mut tidy = String::with_capacity(part.len());
            push_escaped(part, &mut tidy);
            tidy
        })
        .collect();
    kept.sort_unstable();
    for (at, part) in kept.iter().enumerate() {
        identity.push(if at == 0 { '?' } else { '&' });
        identity.push_str(part);
    }
}

/// Appends text with its `%XX` in one spelling: unreserved characters bare, others in capitals (RFC 3986,
/// 6.2.2).
fn push_escaped(text: &str, tidy: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        tidy.push_str(before);
        rest = after;
        let Some(byte) = after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        else {
            tidy.push('%');
            continue;
        };
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') {
            tidy.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(tidy, "%{byte:02X}");
        }
        rest = after.get(2..).unwrap_or_default();
    }
    tidy.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(url: &str, expected: &str) {
        assert_eq!(canonical_url(url).as_deref(), Some(expected), "{url}");
    }

    #[test]
    fn the_forms_of_one_address_are_one() {
        let article = "https://example.org/world/story-1";
        for form in [
            "http://www.example.org/world/story-1/",
            "https://m.example.org/world/story-1?utm_source=rss&utm_medium=feed",
            "HTTPS://WWW.EXAMPLE.ORG:443/world//story-1#comments",
            "https://amp.example.org/world/story-1",
            "https://example.org/world/story-1/amp/",
            "https://example.org/amp/world/story-1",
            "https://example.org/world/%73tory-1?fbclid=x&amp;utm_campaign=y",
            "https://example.org/world/story-1;jsessionid=A1?ref=rss",
            "https://example.org/world/story-1?PHPSESSID=a1b2&ASPSESSIONIDQQ=C3",
            "https://example.org/world/story-1/index.html",
            "https://user:secret@example.org./world/story-1",
            "https://www.google.com/url?sa=t&url=https%3A%2F%2Fexample.org%2Fworld%2Fstory-1",
            "https://www.google.co.in/amp/s/example.org/world/story-1",
            "https://example-org.cdn.ampproject.org/c/s/example.org/world/story-1",
            "https://archive.ph/o/AbCdE/https://example.org/world/story-1",
            "https://web.archive.org/web/20260101000000/http://example.org/world/story-1",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fworld%2Fstory-1&h=A",
            " https://example.org/world/story-1\u{200B} ",
        ] {
            check(form, article);
        }
    }

    #[test]
    fn what_names_another_document_stays() {
        check("https://example.org/?p=12", "https://example.org?p=12");
        check(
            "https://example.org/a?b=2&a=1",
            "https://example.org/a?a=1&b=2",
        );
        check(
            "https://example.org/a?ref=4711",
            "https://example.org/a?ref=4711",
        );
        check("https://example.org/app#!/a", "https://example.org/app#!/a");
        check("https://m.co.uk/a", "https://m.co.uk/a");
        check(
            "https://example.org/view.php?type=newsletter",
            "https://example.org/view.php?type=newsletter",
        );
        check("https://example.org/A", "https://example.org/A");
        check("http://example.org:8080/a", "https://example.org:8080/a");
        check("http://[2001:db8::1]/a", "https://[2001:db8::1]/a");
    }

    #[test]
    fn only_web_addresses_have_an_identity() {
        for url in [
            "javascript:alert(1)",
            "urn:x:1",
            "/a",
            "",
            "mailto:a@b.org",
            "http://",
        ] {
            assert_eq!(canonical_url(url), None, "{url}");
        }
        let long = format!("https://example.org/{}", "a".repeat(MAX_URL_BYTES));
        assert_eq!(canonical_url(&long), None);
    }

    #[test]
    fn the_published_link_is_the_publishers_own() {
        for (url, expected) in [
            (
                "http://www.Example.org/a/?b=1#c",
                Some("http://www.Example.org/a/?b=1#c"),
            ),
            (
                "http://www.example.org/a/?b=1&utm_source=rss&c=2#top",
                Some("http://www.example.org/a/?b=1&c=2#top"),
            ),
            (
                "https://example.org/a?utm_source=x#xtor=RSS-1",
                Some("https://example.org/a"),
            ),
            (
                "https://www.google.com/url?q=http%3A%2F%2Fexample.org%2Fa%3Fb%3D1&sa=U",
                Some("http://example.org/a?b=1"),
            ),
            (
                "https://example.org/новости",
                Some("https://example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
            ),
            (
                "https://example.org/a?ref=rss&source=feed",
                Some("https://example.org/a?ref=rss&source=feed"),
            ),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(published_url(url).as_deref(), expected, "{url}");
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(url in "https?://((www|m|amp)\\.){0,3}(google|a)\\.(com|org)/{1,2}(amp/|s/|url|[ab%;/.]|%2[f5]|%61|index.html){0,6}(\\?([a-c&;=%]|url=|http://google.com/|utm_a=|amp;){0,6})?(#[!/a]{0,3})?") {
            if let Some(once) = canonical_url(&url) {
                prop_assert_eq!(canonical_url(&once), Some(once));
            }
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}") {
            for url in [text.clone(), format!("https://{text}"), format!("https://example.org/{text}")] {
                let published = published_url(&url);
                prop_assert!(published.is_none_or(|url| http_url(&url).is_some()));
                let canonical = canonical_url(&url);
                prop_assert!(canonical.is_none_or(|url| url.starts_with("https://")));
            }
        }
    }
}
