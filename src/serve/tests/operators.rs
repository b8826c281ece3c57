//! What is made for each operator who asks.

use super::{Reply, Server};
use crate::serve::{Report, Resource, Traffic};
use serde_json::Value;
use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;

/// Tells so many lines, the same to everybody.
#[derive(Debug)]
struct Lines(usize);

/// What part of a daemon that tells no line gives no sign of life.
const SILENT: &str = "nobody tells anything";

impl Lines {
    fn told(&self, what: &str) -> String {
        let line = |number| format!("<tr><th>{what}-{number}</th><td>ok</td></tr>\n");
        (0..self.0).map(line).collect()
    }
}

impl Report for Lines {
    fn is_for(&self, client: IpAddr) -> bool {
        client.is_loopback()
    }

    fn metrics(&self, _: &Traffic) -> String {
        self.told("metrics")
    }

    fn silent(&self) -> Option<&'static str> {
        (self.0 == 0).then_some(SILENT)
    }

    fn page(&self) -> String {
        self.told("page")
    }

    fn json(&self) -> String {
        self.told("json")
    }

    fn document(&self, _: &str) -> Option<Arc<Resource>> {
        None
    }
}

const PATHS: [(&str, &str); 3] = [
    ("/metrics", "metrics"),
    ("/status", "page"),
    ("/status.json", "json"),
];

fn server(lines: usize) -> Server {
    let server = Server::start();
    server.vitals.set_report(Arc::new(Lines(lines)));
    server
}

fn ask(server: &Server, line: &str, accept: &str) -> Reply {
    let fields: Vec<&str> = Some(accept)
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    let reply = server.ask_of("127.0.0.1", line, &fields);
    assert_eq!(reply.status, 200, "{line}");
    assert_eq!(reply.field("vary"), "accept-encoding");
    assert_eq!(reply.field("cache-control"), "no-store");
    assert_eq!(reply.field("etag"), "");
    reply
}

#[test]
fn u19_what_is_made_for_each_who_asks_is_compressed_for_who_takes_it() {
    // More than is compressed at a time.
    let server = server(10_000);
    for (path, what) in PATHS {
        let told = Lines(10_000).told(what);
        for (accept, coding) in [
            ("", ""),
            ("Accept-Encoding: gzip, deflate, br", "gzip"),
            ("Accept-Encoding: x-gzip", "gzip"),
            ("Accept-Encoding: *", "gzip"),
            ("Accept-Encoding: br", ""),
            ("Accept-Encoding: gzip;q=0", ""),
            ("Accept-Encoding: *;q=0", ""),
            ("Accept-Encoding: gzip;q=0.5, identity", ""),
        ] {
            let reply = ask(&server, &format!("GET {path}"), accept);
            assert_eq!(reply.field("content-encoding"), coding, "{path} {accept}");
            assert_eq!(reply.field("content-length"), reply.body.len().to_string());
            if coding.is_empty() {
                assert_eq!(reply.body, told.as_bytes());
            } else {
                assert_eq!(reply.inflated(), told);
                assert!(reply.body.len() < told.len() / 4, "{}", reply.body.len());
            }
            // U20: the same fields, without the bytes.
            let mut head = ask(&server, &format!("HEAD {path}"), accept);
            let mut get = reply;
            for reply in [&mut head, &mut get] {
                reply.fields.remove("date");
            }
            assert_eq!(head.fields, get.fields);
            assert!(head.body.is_empty());
        }
    }
}

#[test]
fn u19_what_is_small_is_told_as_it_is() {
    let server = server(1);
    for (path, what) in PATHS {
        let reply = ask(&server, &format!("GET {path}"), "Accept-Encoding: gzip");
        assert_eq!(reply.field("content-encoding"), "", "{path}");
        assert_eq!(reply.body, Lines(1).told(what).as_bytes());
    }
}

/// Nobody takes the turn of the others with him.
#[test]
fn who_leaves_while_it_is_made_holds_up_nobody() {
    let server = server(10_000);
    for _ in 0..20 {
        let mut socket = server.connect();
        let head = "GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n";
        socket.write_all(head.as_bytes()).unwrap();
    }
    let reply = ask(&server, "GET /status", "Accept-Encoding: gzip");
    assert_eq!(reply.inflated(), Lines(10_000).told("page"));
}

/// R16: who gives no sign of life is dead; what fails is not, and makes the daemon no less than unready (R5).
#[test]
fn r16_who_is_silent_is_told_beside_what_fails() {
    let fails = "the database fails";
    for (lines, state, health, reasons) in [
        (1, Ok(()), "ok", vec![]),
        (1, Err(fails), "ok", vec![fails]),
        (0, Ok(()), SILENT, vec![SILENT]),
        (0, Err(fails), SILENT, vec![SILENT, fails]),
    ] {
        let server = server(lines);
        server.vitals.set(state.map_err(str::to_owned));
        let told = |path: &str| {
            let reply = server.ask(&format!("GET {path}"), &[]);
            (reply.status, String::from_utf8(reply.body).unwrap())
        };
        let code = |is_well| if is_well { 200 } else { 503 };
        assert_eq!(told("/healthz"), (code(health == "ok"), health.to_owned()));
        let (is_ready, reasons) = (reasons.is_empty(), Value::from(reasons));
        let ready = format!("{{\"ready\":{is_ready},\"reasons\":{reasons}}}");
        assert_eq!(told("/readyz"), (code(is_ready), ready));
    }
}
