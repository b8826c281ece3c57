//! What scripts of other sites may ask, and what they may read.

use super::Server;

/// A condition wants a question before, as browsers have it, and a script may read the tag that it is made of.
#[test]
fn u26_scripts_of_any_site_may_ask_conditionally() {
    let server = Server::start();
    let feed = server.ask("GET /all.atom", &["Origin: https://reader.example"]);
    assert_eq!(feed.field("access-control-expose-headers"), "etag, link");
    let asks = [
        "Origin: https://reader.example",
        "Access-Control-Request-Headers: if-none-match",
    ];
    let asked = server.ask("OPTIONS /all.atom", &asks);
    assert_eq!((asked.status, asked.body.len()), (204, 0));
    for (field, expected) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
        ("access-control-allow-headers", "*"),
        ("allow", "GET, HEAD, OPTIONS"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(asked.field(field), expected);
    }
    let condition = format!("If-None-Match: {}", feed.field("etag"));
    let held = server.ask("GET /all.atom", &[&condition]);
    assert_eq!(held.status, 304);
    assert_eq!(held.field("access-control-allow-origin"), "*");
    assert_eq!(held.field("access-control-expose-headers"), "etag, link");
    for (path, status) in [("/", 405), ("/healthz", 405), ("/nowhere.atom", 404)] {
        let asked = server.ask(&format!("OPTIONS {path}"), &asks);
        assert_eq!(asked.status, status, "{path}");
        assert_eq!(asked.field("access-control-allow-origin"), "", "{path}");
    }
}
