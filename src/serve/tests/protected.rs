//! Outputs that are not for everybody.

use super::{ATOM, MODIFIED, Resource, Server, documents};
use crate::serve::{Lock, Terms};
use std::sync::Arc;

const KEY: &str = "correct-horse-battery";

fn server() -> Server {
    let server = Server::start();
    let mut resources = documents(&super::body());
    let resource = Resource::new(ATOM, super::body().into_bytes(), MODIFIED.parse().unwrap());
    let terms = Terms {
        lock: Some(Lock::new(KEY)),
        page: None,
        link: Some("<https://hub.example/>; rel=\"hub\"".to_owned()),
    };
    resources.insert("/desk.atom".to_owned(), Arc::new(resource.on(terms)));
    server.shelf.replace(resources);
    server
}

#[test]
fn u31_a_protected_output_wants_its_key() {
    let server = server();
    let etag = server.shelf.get("/desk.atom").unwrap().etag().to_owned();
    let inm = format!("If-None-Match: {etag}");
    for line in [
        "GET /desk.atom",
        "HEAD /desk.atom",
        "GET /desk.atom?key=wrong",
    ] {
        let reply = server.ask(line, &[&inm, "Accept-Encoding: gzip"]);
        assert_eq!(reply.status, 401, "{line}");
        assert!(reply.field("www-authenticate").starts_with("Basic "));
        assert_eq!(reply.field("cache-control"), "no-store");
        for field in ["etag", "last-modified", "access-control-allow-origin"] {
            assert_eq!(reply.field(field), "", "{line}");
        }
        assert!(reply.body.len() < 50);
    }
    assert_eq!(server.ask("POST /desk.atom", &[]).status, 405);
}

#[test]
fn u31_who_has_the_key_gets_it_and_no_shared_cache_does() {
    let server = server();
    // desk:correct-horse-battery
    let basic = "Authorization: Basic ZGVzazpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=";
    let by_address = format!("GET /desk.atom?key={KEY}");
    for (line, fields) in [(&*by_address, &[][..]), ("GET /desk.atom", &[basic])] {
        let reply = server.ask(line, fields);
        assert_eq!(reply.status, 200, "{line}");
        assert_eq!(reply.body, super::body().as_bytes());
        assert_eq!(reply.field("cache-control"), "private, max-age=300");
        assert_eq!(reply.field("access-control-allow-origin"), "");
        let inm = format!("If-None-Match: {}", reply.field("etag"));
        let again = server.ask(line, &[fields, &[&*inm]].concat());
        assert_eq!(again.status, 304, "{line}");
        assert_eq!(again.field("link"), "<https://hub.example/>; rel=\"hub\"");
        assert_eq!(again.field("cache-control"), "private, max-age=300");
    }
    let open = server.ask("GET /all.atom", &[]);
    assert_eq!(open.field("cache-control"), "public, max-age=300");
}
