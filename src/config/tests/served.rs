//! Feeds that are our own outputs.

use super::broken::check;

/// A feed that is an output of ours would bring all that we publish as news; what only looks like one is
/// told, and taken.
#[test]
fn feeds_that_are_our_own_outputs() {
    let at = |server: &str, url: &str| {
        let allow = "fetch.allow-networks = [\"127.0.0.1\", \"::1\"]";
        format!("{allow}\n[server]\n{server}\n[[feed]]\nid = \"a\"\nurl = \"{url}\"\n")
    };
    let root = "public-url = \"https://news.example.org/\"";
    let path = "public-url = \"https://example.org/feeds/\"";
    for (server, url, expected) in [
        (root, "https://news.example.org/all.atom", "own-output"),
        (root, "http://news.example.org/all.rss?x", "own-output"),
        (root, "https://news.example.org/old.rss", "own-address"),
        (root, "https://news.example.org/blog/feed.xml", ""),
        (root, "https://news.example.org/feed.xml", ""),
        (root, "https://news.example.org.example/all.atom", ""),
        (path, "https://example.org/feeds/all.atom", "own-output"),
        (path, "https://example.org/feeds/feed.xml", "own-address"),
        (path, "https://example.org/feedsall.atom", ""),
        (path, "https://example.org/all.atom", ""),
        (path, "http://127.0.0.1:8420/all.atom", "own-output"),
        ("", "http://localhost:8420/all.rss", "own-output"),
        ("", "http://localhost:8420/", "own-address"),
        ("", "http://127.0.0.1:8421/all.atom", ""),
        (
            "listen = \"[::1]:80\"",
            "http://[::1]/all.atom",
            "own-output",
        ),
    ] {
        let text = at(server, url);
        let expected = match expected {
            "" => Vec::new(),
            code => vec![format!("{code} 6:7")],
        };
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(&text, &expected);
    }
}
