//! What a client says of the document that it wants, and how long it may keep what it gets.

use super::{CACHED, MODIFIED, Resource, Server, documents, etag};
use crate::serve::Lock;
use std::sync::Arc;

#[test]
fn u16_who_wants_another_document_is_told_that_it_is_not_this() {
    let server = Server::start();
    let reply = server.ask("GET /all.atom", &["If-Match: \"x\""]);
    assert_eq!(
        (reply.status, reply.field("cache-control")),
        (412, "no-store")
    );
    assert_eq!(reply.field("access-control-allow-origin"), "*");
    let wanted = format!("If-Match: {}", etag(&server));
    assert_eq!(server.ask("GET /all.atom", &[&wanted]).status, 200);
    // It goes before the other condition.
    let both = [wanted.clone(), wanted.replace("If-Match", "If-None-Match")];
    let both = both.each_ref().map(String::as_str);
    assert_eq!(server.ask("GET /all.atom", &both).status, 304);
}

/// What is no document is kept by nobody while we fail: neither an error, nor what was refused, nor health.
#[test]
fn u21_caches_keep_documents_for_a_while_and_for_a_day_while_we_fail() {
    let server = Server::start();
    for path in ["/all.atom", "/small.atom", "/"] {
        assert_eq!(
            server
                .ask(&format!("GET {path}"), &[])
                .field("cache-control"),
            CACHED
        );
    }
    for (line, field) in [
        ("GET /nowhere", "If-None-Match: *"),
        ("GET /all.atom", "If-Match: \"x\""),
        ("POST /all.atom", "Content-Length: 0"),
        ("GET /healthz", "Accept: */*"),
    ] {
        let reply = server.ask(line, &[field]);
        assert!(!reply.field("cache-control").contains("stale"), "{line}");
    }
}

/// U21: an icon, which browsers ask for with each page, is another with another version at most.
#[test]
fn u21_caches_keep_a_picture_for_a_week() {
    let server = Server::start();
    let mut resources = documents(&super::body());
    let icon = Resource::new("image/png", b"icon".to_vec(), MODIFIED.parse().unwrap());
    let locked = icon.clone().locked(Lock::new("correct-horse"));
    resources.insert("/icon".to_owned(), Arc::new(icon));
    resources.insert("/locked".to_owned(), Arc::new(locked));
    server.shelf.replace(resources);
    for (line, expected) in [
        ("GET /icon", "public, max-age=604800, stale-if-error=86400"),
        ("GET /locked?key=correct-horse", "private, max-age=300"),
    ] {
        let reply = server.ask(line, &[]);
        assert_eq!(
            (reply.status, reply.field("cache-control")),
            (200, expected)
        );
        let inm = format!("If-None-Match: {}", reply.field("etag"));
        let again = server.ask(line, &[&inm]);
        assert_eq!(
            (again.status, again.field("cache-control")),
            (304, expected)
        );
    }
}
