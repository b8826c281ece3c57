//! The module as a client sees it: real sockets on loopback, requests byte by byte.

mod archives;
mod attacks;
mod browsers;
mod conditions;
mod ending;
mod forms;
mod operators;
mod protected;
mod scripts;

use super::connections::{Desk, serve_within};
use super::limits::Limits;
use super::{Resource, Shelf, Vitals};
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const ATOM: &str = "application/atom+xml; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const MODIFIED: &str = "2026-11-25T10:00:00.5Z";
const LAST_MODIFIED: &str = "Wed, 25 Nov 2026 10:00:00 GMT";
const CACHED: &str = "public, max-age=300, stale-if-error=86400";

/// Longer than any answer takes; ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; stopped and joined when it is dropped.
struct Server {
    runtime: Runtime,
    address: SocketAddr,
    shelf: Arc<Shelf>,
    vitals: Arc<Vitals>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    fn start() -> Self {
        Self::within(Limits::DEFAULT)
    }

    fn within(limits: Limits) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let shelf = Arc::new(Shelf::new());
        let vitals = Arc::new(Vitals::new());
        shelf.replace(documents(&body()));
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { stopped.await.unwrap_or(()) };
        let desk = Desk {
            shelf: shelf.clone(),
            vitals: vitals.clone(),
        };
        let task = runtime.spawn(serve_within(limits, listener, desk, stopped));
        Self {
            runtime,
            address,
            shelf,
            vitals,
            stop: Some(stop),
            task: Some(task),
        }
    }

    fn connect(&self) -> TcpStream {
        let socket = TcpStream::connect(self.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    }

    /// Sends a request of its own connection and reads until the server closes it.
    fn ask(&self, line: &str, fields: &[&str]) -> Reply {
        self.ask_of("x", line, fields)
    }

    /// The same, of a host by the name that the client has for it.
    fn ask_of(&self, host: &str, line: &str, fields: &[&str]) -> Reply {
        let mut socket = self.connect();
        let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close");
        let lines = [&[head.as_str()], fields, &["", ""]].concat();
        let request = lines.join("\r\n");
        socket.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).unwrap();
        Reply::read(&bytes)
    }

    /// Asks the server to end and waits until it did.
    fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            self.runtime.block_on(task).unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

#[derive(Debug)]
struct Reply {
    status: u16,
    fields: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Reply {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let field = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Self {
            status: status.parse().unwrap(),
            fields: lines.map(field).collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn inflated(&self) -> String {
        let mut text = String::new();
        GzDecoder::new(&*self.body)
            .read_to_string(&mut text)
            .unwrap();
        text
    }
}

fn body() -> String {
    "<feed>news</feed>\n".repeat(200)
}

fn documents(body: &str) -> BTreeMap<String, Arc<Resource>> {
    let resource = |media_type, body: &str| {
        let modified_at = MODIFIED.parse().unwrap();
        let resource = Resource::new(media_type, body.as_bytes().to_vec(), modified_at);
        resource.complete();
        Arc::new(resource)
    };
    BTreeMap::from([
        ("/all.atom".to_owned(), resource(ATOM, body)),
        ("/small.atom".to_owned(), resource(ATOM, "<feed/>")),
        ("/".to_owned(), resource(HTML, "<!doctype html>")),
    ])
}

fn etag(server: &Server) -> String {
    server.shelf.get("/all.atom").unwrap().etag()
}

#[test]
fn u16_conditional_requests() {
    let server = Server::start();
    let etag = etag(&server);
    let inm = |value: &str| format!("If-None-Match: {value}");
    let ims = |value: &str| format!("If-Modified-Since: {value}");
    let weak = format!("W/{etag}");
    let older = "Wed, 25 Nov 2026 09:59:59 GMT";
    let newer = "Thu, 26 Nov 2026 10:00:00 GMT";
    for (fields, expected) in [
        (vec![], 200),
        (vec![inm(&etag)], 304),
        (vec![inm(&weak)], 304),
        (vec![inm(&format!("\"x\", W/\"y\",{etag}"))], 304),
        (vec![inm("*")], 304),
        (vec![inm("\"x\"")], 200),
        (vec![ims(LAST_MODIFIED)], 304),
        (vec![ims(newer)], 304),
        (vec![ims(older)], 200),
        (vec![ims("nonsense")], 200),
        (vec![inm("\"x\""), ims(LAST_MODIFIED)], 200),
        (vec![inm(&etag), ims(older)], 304),
    ] {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let reply = server.ask("GET /all.atom", &fields);
        assert_eq!(reply.status, expected, "{fields:?}");
        assert_eq!(server.ask("HEAD /all.atom", &fields).status, expected);
    }
}

#[test]
fn u17_a_304_has_its_fields_and_no_body() {
    let server = Server::start();
    let etag = etag(&server);
    let reply = server.ask("GET /all.atom", &[&format!("If-None-Match: {etag}")]);
    assert_eq!(reply.status, 304);
    assert_eq!(reply.field("etag"), etag);
    assert_eq!(reply.field("vary"), "accept-encoding");
    assert_eq!(reply.field("cache-control"), CACHED);
    assert_eq!(reply.field("last-modified"), LAST_MODIFIED);
    assert!(reply.fields.contains_key("date"));
    assert!(!reply.fields.contains_key("content-length"), "{reply:?}");
    assert!(reply.body.is_empty());
}

#[test]
fn u18_either_form_revalidates_the_other() {
    let server = Server::start();
    let plain = server.ask("GET /all.atom", &[]);
    let gzip = server.ask("GET /all.atom", &["Accept-Encoding: gzip"]);
    assert_eq!(plain.field("content-encoding"), "");
    assert_eq!(gzip.field("content-encoding"), "gzip");
    assert_eq!(gzip.field("vary"), "accept-encoding");
    assert_eq!(plain.field("vary"), "accept-encoding");
    assert_ne!(plain.field("etag"), gzip.field("etag"), "they are strong");
    for tag in [plain.field("etag"), gzip.field("etag")] {
        let inm = format!("If-None-Match: {tag}");
        for accept in ["Accept-Encoding: gzip", "Accept-Encoding: identity"] {
            let reply = server.ask("GET /all.atom", &[&inm, accept]);
            assert_eq!(reply.status, 304, "{tag} {accept}");
        }
    }
}

#[test]
fn u19_gzip_is_the_same_document_and_only_where_it_pays() {
    let server = Server::start();
    let reply = server.ask("GET /all.atom", &["Accept-Encoding: br;q=0.9, gzip"]);
    assert_eq!(reply.inflated(), body());
    assert_eq!(reply.field("content-length"), reply.body.len().to_string());
    assert!(reply.body.len() < body().len());
    let plain = server.ask("GET /all.atom", &["Accept-Encoding: gzip;q=0"]);
    assert_eq!(plain.body, body().as_bytes());
    let small = server.ask("GET /small.atom", &["Accept-Encoding: gzip"]);
    assert_eq!(small.field("content-encoding"), "");
    assert_eq!(small.body, b"<feed/>");
}

#[test]
fn u20_head_is_get_without_a_body() {
    let server = Server::start();
    for path in ["/all.atom", "/", "/healthz", "/nowhere"] {
        for fields in [&[][..], &["Accept-Encoding: gzip"]] {
            let mut get = server.ask(&format!("GET {path}"), fields);
            let mut head = server.ask(&format!("HEAD {path}"), fields);
            assert!(head.body.is_empty());
            assert_eq!(head.status, get.status);
            get.fields.remove("date");
            head.fields.remove("date");
            assert_eq!(head.fields, get.fields, "{path}");
        }
    }
}

#[test]
fn u20_other_methods_and_paths_are_refused() {
    let server = Server::start();
    for (line, expected) in [
        ("POST /all.atom", 405),
        ("PUT /", 405),
        ("DELETE /healthz", 405),
        ("OPTIONS /", 405),
        ("BREW /all.atom", 405),
        ("GET /geopolitics.atom", 404),
        ("POST /nowhere", 404),
        ("GET /all.atom?x=1", 200),
        ("GET http://elsewhere.example/all.atom", 200),
        ("get /all.atom", 405),
        ("OPTIONS *", 404),
        ("CONNECT inside.example:80", 404),
    ] {
        let reply = server.ask(line, &["Content-Length: 0"]);
        assert_eq!(reply.status, expected, "{line}");
        let allow = match line.split(' ').nth(1) {
            _ if expected != 405 => "",
            Some("/all.atom") => "GET, HEAD, OPTIONS",
            _ => "GET, HEAD",
        };
        assert_eq!(reply.field("allow"), allow, "{line}");
    }
    let reply = server.ask("GET /all.atom", &["Range: bytes=0-9"]);
    assert_eq!((reply.status, reply.body.len()), (200, body().len()));
}

#[test]
fn u21_u22_u26_documents_say_what_they_are() {
    let server = Server::start();
    let feed = server.ask("GET /all.atom", &[]);
    assert_eq!(feed.field("content-type"), ATOM);
    assert_eq!(feed.field("x-content-type-options"), "nosniff");
    assert_eq!(feed.field("access-control-allow-origin"), "*");
    assert_eq!(feed.field("cache-control"), CACHED);
    let page = server.ask("GET /", &[]);
    assert_eq!(page.field("content-type"), HTML);
    assert_eq!(page.field("access-control-allow-origin"), "");
}

#[test]
fn s16_pages_and_errors_are_guarded_and_echo_nothing() {
    let server = Server::start();
    for (line, fields) in [
        ("GET /", &[][..]),
        ("GET /<script>alert(1)</script>", &[]),
        ("GET /%3Cscript%3E", &[]),
        ("SCRIPT /all.atom", &["X: <script>"]),
        ("GET /healthz", &[]),
    ] {
        let reply = server.ask(line, fields);
        let text = String::from_utf8_lossy(&reply.body).to_lowercase();
        assert!(!text.contains("script"), "{line}: {text}");
        if reply.status == 400 {
            // hyper's own answer to what is no request: no body, nothing to guard.
            assert!(reply.body.is_empty());
            continue;
        }
        let policy = reply.field("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{line}");
        assert!(!policy.contains("unsafe"), "{line}");
        assert_eq!(reply.field("x-content-type-options"), "nosniff");
        assert_eq!(reply.field("referrer-policy"), "no-referrer");
    }
}

#[test]
fn s19_only_the_path_table_is_served() {
    let server = Server::start();
    for path in [
        "/../feeds.toml",
        "/./all.atom",
        "/..;/all.atom",
        "/%2e%2e/feeds.toml",
        "/%2Fall.atom",
        "all.atom",
        "//all.atom",
        "/all.atom/",
        "/%61ll.atom",
        "/all.atom%00",
        "/ALL.atom",
        "/all",
        "/etc/passwd",
    ] {
        assert_eq!(
            server.ask(&format!("GET {path}"), &[]).status,
            404,
            "{path}"
        );
    }
}

#[test]
fn s19_a_head_beyond_the_limit_is_refused() {
    let server = Server::start();
    let fits = format!("X: {}", "a".repeat(8 * 1024));
    assert_eq!(server.ask("GET /all.atom", &[&fits]).status, 200);
    let long = "a".repeat(32 * 1024);
    let mut socket = server.connect();
    let request = format!("GET /all.atom HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n");
    // The server may close before it has taken everything; then the answer is lost, and that is fine.
    let mut bytes = Vec::new();
    if socket.write_all(request.as_bytes()).is_ok() && socket.read_to_end(&mut bytes).is_ok() {
        assert_eq!(Reply::read(&bytes).status, 431);
    }
    assert_eq!(server.ask("GET /all.atom", &[]).status, 200);
}

#[test]
fn s19_silent_connections_do_not_hinder_others() {
    let server = Server::start();
    let silent: Vec<TcpStream> = (0..100).map(|_| server.connect()).collect();
    for mut socket in &silent {
        socket.write_all(b"GET /all.atom HTTP/1.1\r\nX").unwrap();
    }
    assert_eq!(server.ask("GET /all.atom", &[]).status, 200);
}

#[test]
fn who_answers_lives_and_need_not_be_ready() {
    let server = Server::start();
    let alive = server.ask("GET /healthz", &[]);
    assert_eq!((alive.status, &*alive.body), (200, &b"ok"[..]));
    assert_eq!(alive.field("cache-control"), "no-cache");
    let starting = server.ask("GET /readyz", &[]);
    let unready = &b"{\"ready\":false,\"reasons\":[\"starting\"]}"[..];
    assert_eq!((starting.status, &*starting.body), (503, unready));
    assert_eq!(starting.field("cache-control"), "no-store");
}

#[test]
fn u27_readers_see_the_old_or_the_new() {
    let server = Server::start();
    for round in 0..50 {
        server
            .shelf
            .replace(documents(&format!("{round} {}", body())));
        let reply = server.ask("GET /all.atom", &[]);
        let text = String::from_utf8(reply.body.clone()).unwrap();
        assert!(text.starts_with(&format!("{round} ")));
        let digest: String = blake3::hash(&reply.body)
            .to_hex()
            .chars()
            .take(32)
            .collect();
        assert_eq!(reply.field("etag"), format!("\"{digest}\""));
    }
    server.shelf.replace(BTreeMap::new());
    assert_eq!(server.ask("GET /all.atom", &[]).status, 404);
    assert!(server.shelf.all().is_empty());
}

#[test]
fn connections_are_kept_alive_and_pipelined() {
    let server = Server::start();
    let mut socket = server.connect();
    let get = "GET /small.atom HTTP/1.1\r\nHost: x\r\n";
    let requests = format!("{get}\r\n{get}\r\n{get}Connection: close\r\n\r\n");
    socket.write_all(requests.as_bytes()).unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("200 OK").count(), 3);
}

#[test]
fn r13_stopping_ends_idle_connections_and_refuses_new_ones() {
    let mut server = Server::start();
    let mut idle = server.connect();
    idle.write_all(b"GET /small.atom HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    server.stop();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(b"<feed/>"));
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn u8_resources_are_deterministic() {
    let one = Resource::new(ATOM, body().into_bytes(), MODIFIED.parse().unwrap());
    let two = Resource::new(ATOM, body().into_bytes(), MODIFIED.parse().unwrap());
    assert_eq!(one.etag(), two.etag());
    assert_eq!(one.body(), two.body());
    assert_eq!(one.body(), body());
    assert_eq!(one.etag().len(), "\"\"".len() + 32);
}

#[test]
fn a_document_takes_less_memory_than_it_is_long() {
    // Entries of some two thousand characters, each with words of its own.
    let entry = |number: usize| {
        let noise = blake3::hash(&number.to_le_bytes()).to_hex();
        let words = noise.as_bytes().chunks(4).map(String::from_utf8_lossy);
        let words: Vec<String> = words.map(|it| format!("the {it} of a harbour")).collect();
        format!(
            "<entry><title>{number}</title><content>{}</content></entry>\n",
            words.join(", ").repeat(5)
        )
    };
    let body: String = (0..100).map(entry).collect();
    let resource = Resource::new(ATOM, body.clone().into_bytes(), MODIFIED.parse().unwrap());
    resource.complete();
    assert!(
        resource.size() < body.len() / 2,
        "{} of {}",
        resource.size(),
        body.len()
    );
    assert_eq!(resource.body(), body);
    let small = Resource::new(ATOM, b"<feed/>".to_vec(), MODIFIED.parse().unwrap());
    assert_eq!(small.size(), b"<feed/>".len());
}
