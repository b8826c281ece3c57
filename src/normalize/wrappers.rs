//! Redirectors, caches and archives whose addresses hold the address that they lead to.
//!
//! What keeps it elsewhere (shorteners, Google News since 2024, feedproxy.google.com) stays what it is:
//! nothing here asks anybody.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Where a redirector, cache or archive keeps the address that it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapped {
    /// In one of these query parameters.
    Parameter(&'static [&'static str]),
    /// In the path, after this many bytes; without its scheme, which is https.
    BarePath(usize),
    /// In the path, after this many bytes, the scheme included.
    FullPath(usize),
    /// In the last segment of the path, as [`google_news`] reads it.
    Token,
}

/// Redirectors that have the address in a parameter, by host, path and the names of the parameter.
const REDIRECTORS: &[(&str, &str, &[&str])] = &[
    ("bing.com", "/news/apiclick.aspx", &["url"]),
    ("facebook.com", "/l.php", &["u"]),
    ("l.facebook.com", "/l.php", &["u"]),
    ("lm.facebook.com", "/l.php", &["u"]),
    ("l.instagram.com", "/", &["u"]),
    ("news.google.com", "/news/url", &["url"]),
    ("news.google.com", "/url", &["url", "q"]),
    ("youtube.com", "/redirect", &["q"]),
    ("duckduckgo.com", "/l/", &["uddg"]),
    ("vk.com", "/away.php", &["to"]),
    ("t.umblr.com", "/redirect", &["z"]),
];

/// The one archive under all its names.
const ARCHIVE_TODAY: &[&str] = &[
    "archive.fo",
    "archive.is",
    "archive.li",
    "archive.md",
    "archive.ph",
    "archive.today",
    "archive.vn",
];

/// Where Google News has its articles; the second is what its own feeds were rewritten to for a while.
const GOOGLE_NEWS: &[&str] = &["/rss/articles/", "/__i/rss/rd/articles/", "/articles/"];

/// Tells what a host (without `www.` and the like) and a path wrap, if they are known to.
pub(super) fn wrapped(host: &str, path: &str) -> Option<Wrapped> {
    let redirector = REDIRECTORS
        .iter()
        .find(|(its_host, its_path, _)| *its_host == host && *its_path == path);
    if let Some((_, _, names)) = redirector {
        return Some(Wrapped::Parameter(names));
    }
    match host {
        "out.reddit.com" => Some(Wrapped::Parameter(&["url"])),
        "web.archive.org" => after_segments(path, "/web/", 1).map(Wrapped::FullPath),
        "news.google.com" => {
            let is_article = GOOGLE_NEWS.iter().any(|prefix| path.starts_with(prefix));
            is_article.then_some(Wrapped::Token)
        }
        _ if ARCHIVE_TODAY.contains(&host) => archive_today(path).map(Wrapped::FullPath),
        _ if host.ends_with(".cdn.ampproject.org") || host == "cdn.ampproject.org" => {
            amp_cache(path)
        }
        _ if host.ends_with(".safelinks.protection.outlook.com") => {
            Some(Wrapped::Parameter(&["url"]))
        }
        _ if is_google(host) => google(path),
        _ => None,
    }
}

/// `/o/AbCdE/https:/..` from within another page, `/20260301120000/https:/..` or `/newest/https:/..` from
/// anywhere. The short `/AbCdE` does not tell.
fn archive_today(path: &str) -> Option<usize> {
    let (first, _) = path.strip_prefix('/')?.split_once('/')?;
    let is_date = first
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    match first {
        "o" => after_segments(path, "/o/", 1),
        "newest" | "oldest" => after_segments(path, "/", 1),
        _ if is_date => after_segments(path, "/", 1),
        _ => None,
    }
}

/// Returns the address in the id of a Google News article, where it is there.
///
/// Such an id is a message of Protocol Buffers in base64: a number under tag 1, then under tag 4 the
/// address, then sometimes that of its AMP form. In newer ones tag 4 holds what only Google can read.
pub(super) fn google_news(path: &str) -> Option<String> {
    /// Ids are cut short at times, with bits left over.
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let token = path.rsplit('/').next()?;
    let message = GeneralPurpose::new(&URL_SAFE, LENIENT).decode(token).ok()?;
    let [0x08, _, 0x22, rest @ ..] = message.as_slice() else {
        return None;
    };
    let (length, rest) = match rest {
        [low @ 0x80..=0xFF, high, rest @ ..] => {
            (usize::from(low & 0x7F) + usize::from(*high) * 0x80, rest)
        }
        [length, rest @ ..] => (usize::from(*length), rest),
        [] => return None,
    };
    let address = std::str::from_utf8(rest.get(..length)?).ok()?;
    Some(address.to_owned())
}

/// `google.com`, `google.co.in`, `google.de`.
fn is_google(host: &str) -> bool {
    host.strip_prefix("google.")
        .is_some_and(|rest| rest.len() <= "com.br".len() && !rest.is_empty())
}

/// The redirector and the AMP viewer of Google.
fn google(path: &str) -> Option<Wrapped> {
    match path {
        "/url" => Some(Wrapped::Parameter(&["url", "q"])),
        _ => path
            .starts_with("/amp/s/")
            .then_some(Wrapped::BarePath("/amp/s/".len())),
    }
}

/// `/c/s/example.org/..`: content, viewer and image documents of the AMP cache, over TLS or not.
fn amp_cache(path: &str) -> Option<Wrapped> {
    ["/c/s/", "/v/s/", "/i/s/", "/c/", "/v/", "/i/"]
        .iter()
        .find(|prefix| path.starts_with(**prefix))
        .map(|prefix| Wrapped::BarePath(prefix.len()))
}

/// Returns where the path goes on after `prefix` and `count` segments more.
fn after_segments(path: &str, prefix: &str, count: usize) -> Option<usize> {
    let rest = path.strip_prefix(prefix)?;
    let (slash, _) = rest.match_indices('/').nth(count - 1)?;
    Some(prefix.len() + slash + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    #[test]
    fn wrappers_are_known_by_host_and_path() {
        for (host, path, expected) in [
            (
                "google.co.in",
                "/url",
                Some(Wrapped::Parameter(&["url", "q"])),
            ),
            ("google.com", "/amp/s/a.org/b", Some(Wrapped::BarePath(7))),
            ("google.com", "/maps", None),
            (
                "web.archive.org",
                "/web/2020/https:/a.org/",
                Some(Wrapped::FullPath(10)),
            ),
            (
                "archive.ph",
                "/o/AbC/https:/a.org/",
                Some(Wrapped::FullPath(7)),
            ),
            (
                "archive.is",
                "/2026.03.01-120000/https:/a.org/",
                Some(Wrapped::FullPath(19)),
            ),
            (
                "archive.today",
                "/newest/https:/a.org/",
                Some(Wrapped::FullPath(8)),
            ),
            ("archive.ph", "/AbC", None),
            ("archive.ph", "/AbC/again", None),
            ("l.facebook.com", "/l.php", Some(Wrapped::Parameter(&["u"]))),
            ("facebook.com", "/l.html", None),
            (
                "eur01.safelinks.protection.outlook.com",
                "/",
                Some(Wrapped::Parameter(&["url"])),
            ),
            (
                "news.google.com",
                "/rss/articles/CBMi",
                Some(Wrapped::Token),
            ),
            ("news.google.com", "/topics/CBMi", None),
            (
                "a-org.cdn.ampproject.org",
                "/c/s/a.org/b",
                Some(Wrapped::BarePath(5)),
            ),
        ] {
            assert_eq!(wrapped(host, path), expected, "{host}{path}");
        }
    }

    #[test]
    fn ids_of_google_news_hold_an_address_or_not() {
        let id = |address: &[u8], more: &[u8]| {
            let length = address.len();
            let mut message = vec![0x08, 0x13, 0x22];
            if length > 0x7F {
                message.push(u8::try_from(length & 0x7F).unwrap() | 0x80);
            }
            message.push(u8::try_from(if length > 0x7F { length >> 7 } else { length }).unwrap());
            message.extend([address, more].concat());
            format!("/rss/articles/{}", BASE64_URL_SAFE_NO_PAD.encode(message))
        };
        let long = format!("https://example.org/{}", "a".repeat(300));
        for (path, expected) in [
            (
                id(b"https://example.org/a", b""),
                Some("https://example.org/a"),
            ),
            (
                id(b"https://example.org/a", b"\xD2\x01\x03amp"),
                Some("https://example.org/a"),
            ),
            (id(long.as_bytes(), b""), Some(long.as_str())),
            (id(b"\xFF\xFE", b""), None),
            ("/rss/articles/CBMi".to_owned(), None),
            ("/rss/articles/CBMi_w".to_owned(), None),
            ("/rss/articles/!".to_owned(), None),
            ("/rss/articles/".to_owned(), None),
        ] {
            assert_eq!(google_news(&path).as_deref(), expected, "{path}");
        }
    }
}
