//! Outputs that are not for everybody.

use super::{ATOM, CACHED, HTML, MODIFIED, Resource, Server, documents};
use crate::serve::{Expected, Lock, Terms};
use std::collections::BTreeMap;
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
        keyed: None,
        counted_as: None,
    };
    resources.insert("/desk.atom".to_owned(), Arc::new(resource.on(terms)));
    server.shelf.replace(resources);
    server
}

#[test]
fn u31_a_protected_output_wants_its_key() {
    let server = server();
    let etag = server.shelf.get("/desk.atom").unwrap().etag();
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
    assert_eq!(open.field("cache-control"), CACHED);
}

/// Who gave the key in the address finds it in the links of the page; who gave it as a password does not.
#[test]
fn u31_a_page_leads_on_as_it_was_reached() {
    let server = Server::start();
    let terms = |page: Option<&str>| Terms {
        lock: Some(Lock::new(KEY)),
        page: page.map(str::to_owned),
        link: None,
        keyed: page.is_none().then(|| "/desk.html?".to_owned()),
        counted_as: None,
    };
    let at = MODIFIED.parse().unwrap();
    let resource = |media_type, body: &str, page| {
        let resource = Resource::new(media_type, body.as_bytes().to_vec(), at);
        Arc::new(resource.on(terms(page)))
    };
    let mut resources = documents(&super::body());
    let feed = resource(ATOM, "<feed/>", Some("/desk.html"));
    resources.insert("/desk.atom".to_owned(), feed);
    resources.insert("/desk.html".to_owned(), resource(HTML, "plain", None));
    resources.insert("/desk.html?".to_owned(), resource(HTML, "keyed", None));
    server.shelf.replace(resources);
    let basic = "Authorization: Basic ZGVzazpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=";
    let browser = "Sec-Fetch-Dest: document";
    let with_key = |path: &str| format!("GET {path}?key={KEY}");
    for (line, fields, expected) in [
        (with_key("/desk.html"), &[][..], "keyed"),
        (with_key("/desk.html"), &[basic][..], "keyed"),
        (with_key("/desk.atom"), &[browser][..], "keyed"),
        (with_key("/desk.atom"), &[][..], "<feed/>"),
        ("GET /desk.html".to_owned(), &[basic][..], "plain"),
        ("GET /desk.atom".to_owned(), &[basic, browser][..], "plain"),
        ("GET /desk.html?".to_owned(), &[basic][..], "plain"),
        ("GET /desk.html?key=wrong".to_owned(), &[basic][..], "plain"),
    ] {
        let reply = server.ask(&line, fields);
        assert_eq!(reply.status, 200, "{line}");
        assert_eq!(reply.body, expected.as_bytes(), "{line} {fields:?}");
        assert_eq!(reply.field("referrer-policy"), "no-referrer");
        assert_eq!(reply.field("cache-control"), "private, max-age=300");
        let inm = format!("If-None-Match: {}", reply.field("etag"));
        let again = server.ask(&line, &[fields, &[&*inm]].concat());
        assert_eq!(again.status, 304, "{line}");
    }
    for line in [
        "GET /desk.html?",
        "GET /desk.html?key=",
        "GET /desk.html?%3F",
    ] {
        assert_eq!(server.ask(line, &[]).status, 401, "{line}");
    }
    assert_eq!(server.ask("GET /desk.html%3F", &[]).status, 404);
}

/// U27, U31: what is not there yet is no unknown feed, which readers would drop; who has no key is told as ever.
#[test]
fn u27_what_is_not_there_yet_is_said_to_come() {
    let server = Server::start();
    let lock = Some(Lock::new(KEY));
    let expected = [
        ("/all.atom", None),
        ("/wet.atom", None),
        ("/desk.atom", lock.clone()),
        // Where the pages of stories are, which are everybody's.
        ("/stories.atom", lock),
    ];
    let expected = expected.map(|(path, lock)| (path.to_owned(), Expected { lock }));
    server.shelf.expect(BTreeMap::from(expected));
    assert_eq!(server.ask("GET /all.atom", &[]).status, 200);
    for line in [
        "GET /wet.atom",
        "HEAD /wet.atom",
        "GET /wet/0123456789abcdef/3.atom",
        "GET /stories/0123456789abcdef.html",
        &format!("GET /desk.atom?key={KEY}"),
        &format!("GET /desk/0123456789abcdef/3.atom?key={KEY}"),
        &format!("GET /stories/0123456789abcdef/3.atom?key={KEY}"),
    ] {
        let reply = server.ask(line, &["If-None-Match: *"]);
        assert_eq!(reply.status, 503, "{line}");
        assert_eq!(reply.field("retry-after"), "30");
        assert_eq!(reply.field("cache-control"), "no-store");
    }
    for (line, expected) in [
        ("GET /desk.atom", 401),
        ("GET /desk/0123456789abcdef/3.atom", 401),
        ("GET /stories/0123456789abcdef/3.atom", 401),
        ("GET /dry.atom", 404),
        ("GET /dry/0123456789abcdef/3.atom", 404),
        ("GET /we/0123456789abcdef/3.atom", 404),
        // It is there, and has no archive.
        ("GET /all/0123456789abcdef/3.atom", 404),
        ("POST /wet.atom", 405),
        ("OPTIONS /wet.atom", 204),
        ("OPTIONS /desk.atom", 405),
        ("POST /dry.atom", 404),
    ] {
        assert_eq!(server.ask(line, &[]).status, expected, "{line}");
    }
}
