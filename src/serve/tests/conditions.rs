//! What a client says of the document that it wants.

use super::{Server, etag};

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
