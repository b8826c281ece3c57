//! Redirectors, caches and archives whose addresses hold the address that they lead to.

/// Where a redirector, cache or archive keeps the address that it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapped {
    /// In one of these query parameters.
    Parameter(&'static [&'static str]),
    /// In the path, after this many bytes; without its scheme, which is https.
    BarePath(usize),
    /// In the path, after this many bytes, the scheme included.
    FullPath(usize),
}

/// Tells what a host (without `www.` and the like) and a path wrap, if they are known to.
pub(super) fn wrapped(host: &str, path: &str) -> Option<Wrapped> {
    match host {
        "bing.com" if path == "/news/apiclick.aspx" => Some(Wrapped::Parameter(&["url"])),
        "l.facebook.com" | "lm.facebook.com" | "facebook.com" if path == "/l.php" => {
            Some(Wrapped::Parameter(&["u"]))
        }
        "out.reddit.com" => Some(Wrapped::Parameter(&["url"])),
        "news.google.com" if path == "/news/url" => Some(Wrapped::Parameter(&["url"])),
        "web.archive.org" => after_segments(path, "/web/", 1).map(Wrapped::FullPath),
        "archive.is" | "archive.ph" | "archive.today" | "archive.md" | "archive.li"
        | "archive.vn" | "archive.fo" => after_segments(path, "/o/", 1).map(Wrapped::FullPath),
        _ if host.ends_with(".cdn.ampproject.org") || host == "cdn.ampproject.org" => {
            amp_cache(path)
        }
        _ if is_google(host) => google(path),
        _ => None,
    }
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

/// `/c/s/example.org/..`: content, viewer and image documents of the AMP cache, over TLS.
fn amp_cache(path: &str) -> Option<Wrapped> {
    ["/c/s/", "/v/s/", "/i/s/"]
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
            ("archive.ph", "/AbC", None),
            (
                "a-org.cdn.ampproject.org",
                "/c/s/a.org/b",
                Some(Wrapped::BarePath(5)),
            ),
        ] {
            assert_eq!(wrapped(host, path), expected, "{host}{path}");
        }
    }
}
