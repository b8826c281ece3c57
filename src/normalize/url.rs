//! The URL identity of an entry, and the link that readers get.
//!
//! [`canonical_url`] is a key and never shown: https, no `www.` or `m.`, no tracking, parameters sorted,
//! AMP and mobile forms led back. [`published_url`] is the publisher's own link with only redirect
//! wrappers and tracking parameters gone. Both are offline: a redirector whose target is not in its
//! address (shorteners, newer Google News links) stays what it is.

use super::url_rules::{Here, UrlRules};
use super::wrappers::{Wrapped, google_news, wrapped};
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
pub(super) fn canonical_url(url: &str, rules: &UrlRules) -> Option<String> {
    if url.len() > MAX_URL_BYTES {
        return None;
    }
    let mut current = step(url, rules)?;
    for _ in 0..MAX_ROUNDS {
        let next = step(&current, rules)?;
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
pub(super) fn published_url(url: &str, rules: &UrlRules) -> Option<String> {
    if url.len() > MAX_URL_BYTES {
        return None;
    }
    let mut text = Cow::Borrowed(url.trim());
    for _ in 0..MAX_ROUNDS {
        let parsed = http_url(&text)?;
        let here = rules.at(&parsed);
        match unwrap(&parsed).or_else(|| here.unwrapped(&parsed)) {
            Some(inner) => text = Cow::Owned(inner),
            None => return Some(without_tracking(&text, parsed, &here)),
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
fn without_tracking(text: &str, mut url: Url, here: &Here<'_>) -> String {
    let tracks = |parameter: &str| {
        let (name, value) = lower_parameter(parameter);
        here.tracks(&name, &value)
    };
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

/// Tells whether a part of an address can be published as it stands: printable ASCII that needs no escape.
fn is_plain(text: &str) -> bool {
    let fragment = text.split_once('#').map_or("", |(_, fragment)| fragment);
    !fragment.contains('#')
        && text.bytes().all(|b| {
            b.is_ascii_graphic()
                && !matches!(
                    b,
                    b'"' | b'<' | b'>' | b'[' | b'\\' | b']' | b'^' | b'`' | b'{' | b'|' | b'}'
                )
        })
}

/// Returns name and value of a parameter in lower case.
fn lower_parameter(parameter: &str) -> (String, String) {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    // A feed that escapes twice leaves `&amp;utm_source=..` in its links.
    let name = name.strip_prefix("amp;").unwrap_or(name);
    (name.to_ascii_lowercase(), value.to_ascii_lowercase())
}

/// One round towards the identity.
fn step(text: &str, rules: &UrlRules) -> Option<String> {
    let text: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{200B}'..='\u{200D}' | '\u{FEFF}'))
        .collect();
    let url = http_url(&text.replace("&amp;", "&"))?;
    if let Some(inner) = unwrap(&url) {
        return Some(inner);
    }
    let here = rules.at(&url);
    if let Some(inner) = here.unwrapped(&url) {
        return Some(inner);
    }
    let url = here.trimmed(&url).unwrap_or(url);
    let mut identity = String::with_capacity(text.len());
    identity.push_str("https://");
    identity.push_str(site_host(&url)?);
    if let Some(port) = url.port() {
        // Writing to a String cannot fail.
        let _ = write!(identity, ":{port}");
    }
    identity.push_str(&canonical_path(&tidy_path(url.path())));
    push_query(url.query().unwrap_or_default(), &here, &mut identity);
    if let Some(fragment) = url.fragment().filter(|f| f.starts_with(['!', '/'])) {
        identity.push('#');
        identity.push_str(fragment);
    }
    Some(identity)
}

/// Returns the host without the labels that name only a form of the site.
pub(super) fn site_host(url: &Url) -> Option<&str> {
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
        Wrapped::Token => google_news(&path)?,
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
fn push_query(query: &str, here: &Here<'_>, identity: &mut String) {
    let is_kept = |parameter: &&str| {
        let (name, value) = lower_parameter(parameter);
        !here.may_track(&name, &value)
    };
    let mut kept: Vec<String> = query
        .split(['&', ';'])
        .filter(|part| !part.is_empty() && *part != "amp")
        .filter(is_kept)
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

/// Returns an address with its `%XX` in one spelling, and nothing else changed.
pub fn bare_escapes(url: &str) -> String {
    let mut tidy = String::with_capacity(url.len());
    push_escaped(url, &mut tidy);
    tidy
}

/// Appends text with its `%XX` in one spelling: unreserved characters bare, others in capitals (RFC 3986,
/// 6.2.2).
fn push_escaped(text: &str, tidy: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        tidy.push_str(before);
        let Some((byte, after)) = escaped(after) else {
            tidy.push('%');
            rest = after;
            continue;
        };
        rest = after;
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') {
            tidy.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(tidy, "%{byte:02X}");
        }
    }
    tidy.push_str(rest);
}

/// Reads what follows a `%`: the byte that it stands for, and the rest.
pub(super) fn escaped(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    // The parser of numbers takes a sign, too.
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    Some((byte, rest))
}
