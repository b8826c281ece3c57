//! A feed address in a browser.

use super::{ATOM, CACHED, HTML, MODIFIED, Resource, Server, documents};
use crate::serve::{Lock, Terms};
use std::sync::Arc;

const BROWSER: &str = "Sec-Fetch-Dest: document";

fn server(lock: Option<&str>) -> Server {
    let server = Server::start();
    let mut resources = documents(&super::body());
    let terms = |page: Option<&str>| Terms {
        lock: lock.map(Lock::new),
        link: None,
        page: page.map(str::to_owned),
        keyed: None,
        counted_as: None,
    };
    let at = MODIFIED.parse().unwrap();
    let feed = Resource::new(ATOM, super::body().into_bytes(), at).on(terms(Some("/news.html")));
    let page = Resource::new(HTML, b"<!doctype html>news".to_vec(), at).on(terms(None));
    resources.insert("/news.atom".to_owned(), Arc::new(feed));
    resources.insert("/news.html".to_owned(), Arc::new(page));
    server.shelf.replace(resources);
    server
}

#[test]
fn u25_a_browser_is_shown_the_page_of_a_feed() {
    let server = server(None);
    let reply = server.ask("GET /news.atom", &[BROWSER, "Accept: text/html"]);
    assert_eq!((reply.status, reply.field("content-type")), (200, HTML));
    assert_eq!(reply.body, b"<!doctype html>news");
    assert_eq!(reply.field("vary"), "accept-encoding, sec-fetch-dest");
    assert_eq!(reply.field("cache-control"), "private, max-age=300");
    let inm = format!("If-None-Match: {}", reply.field("etag"));
    assert_eq!(server.ask("GET /news.atom", &[BROWSER, &inm]).status, 304);
    assert_eq!(
        server.ask("GET /news.atom", &[&inm]).status,
        200,
        "a feed is no page"
    );
    let page = server.ask("GET /news.html", &[BROWSER]);
    assert_eq!(page.body, reply.body);
    assert_eq!(page.field("vary"), "accept-encoding");
    let another = server.ask("GET /news.atom", &[BROWSER, "If-Match: \"x\""]);
    assert_eq!(another.status, 412);
    assert_eq!(another.field("cache-control"), "no-store");
}

/// U23: what is accepted decides nothing, and neither do frames, images and scripts.
#[test]
fn u23_everybody_else_gets_the_feed() {
    let server = server(None);
    for field in [
        "Accept: text/html,application/xhtml+xml;q=0.9",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
        "Sec-Fetch-Dest: empty",
        "Sec-Fetch-Dest: iframe",
        "Sec-Fetch-Dest: Document",
        "Sec-Fetch-Mode: navigate",
    ] {
        let reply = server.ask("GET /news.atom", &[field]);
        assert_eq!(reply.field("content-type"), ATOM, "{field}");
        assert_eq!(reply.field("vary"), "accept-encoding, sec-fetch-dest");
        assert_eq!(reply.field("cache-control"), CACHED);
    }
    let plain = server.ask("GET /all.atom", &[BROWSER]);
    assert_eq!(plain.field("content-type"), ATOM, "it has no page");
}

/// U23: a browser sees the document itself where it asks for that, and a protected one with its key.
#[test]
fn u23_a_browser_is_shown_the_source_on_request() {
    for (lock, address) in [
        (None, "/news.atom?"),
        (Some("correct-horse"), "/news.atom?key=correct-horse&"),
    ] {
        let server = server(lock);
        for (query, is_source) in [
            ("raw", true),
            ("x=1&raw", true),
            ("raw&x=1", true),
            ("", false),
            ("raw=", false),
            ("RAW", false),
            ("xraw&raw2", false),
        ] {
            let line = format!("GET {address}{query}");
            let reply = server.ask(&line, &[BROWSER]);
            let expected = if is_source { ATOM } else { HTML };
            assert_eq!(
                (reply.status, reply.field("content-type")),
                (200, expected),
                "{line}"
            );
            assert_eq!(reply.field("vary"), "accept-encoding, sec-fetch-dest");
            assert_eq!(server.ask(&line, &[]).field("content-type"), ATOM);
        }
    }
    let locked = server(Some("correct-horse"));
    assert_eq!(locked.ask("GET /news.atom?raw", &[BROWSER]).status, 401);
}

#[test]
fn u31_the_page_of_a_protected_output_wants_the_key() {
    let server = server(Some("correct-horse-battery"));
    for line in ["GET /news.atom", "GET /news.html"] {
        assert_eq!(server.ask(line, &[BROWSER]).status, 401, "{line}");
        let with_key = format!("{line}?key=correct-horse-battery");
        let reply = server.ask(&with_key, &[BROWSER]);
        assert_eq!((reply.status, reply.field("content-type")), (200, HTML));
        assert_eq!(reply.field("cache-control"), "private, max-age=300");
    }
}
