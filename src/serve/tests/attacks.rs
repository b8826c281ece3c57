//! Clients that mean harm, or do it: slow, silent, many, huge, or not speaking HTTP at all (S19).
//!
//! Nothing here waits for a span of time: a test reads until the server closes, within limits that are short.

use super::{ATOM, Limits, MODIFIED, PATIENCE, Reply, Resource, Server, documents};
use rustix::process::{Resource as Limited, Rlimit, getrlimit, setrlimit};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// As short as the limit under test may be; others are as in service, or never reached.
const SHORT: Duration = Duration::from_millis(30);

const LONG: Limits = Limits {
    head_time: PATIENCE,
    patience: PATIENCE,
    life: PATIENCE,
    grace: PATIENCE,
    ..Limits::DEFAULT
};

/// More than the buffers of two sockets take, so that who does not read stops the writer.
const HUGE: usize = 16 * 1024 * 1024;

const GET: &[u8] = b"GET /small.atom HTTP/1.1\r\nHost: x\r\n\r\n";

const GET_HUGE: &[u8] = b"GET /huge.atom HTTP/1.1\r\nHost: x\r\n\r\n";

/// Sends these bytes, and returns what came until the server closed; nothing where it reset.
fn say(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut socket = server.connect();
    socket.write_all(bytes).ok();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).ok();
    answer
}

fn status(answer: &[u8]) -> Option<u16> {
    (!answer.is_empty()).then(|| Reply::read(answer).status)
}

/// Puts a document on the shelf that no socket takes in one go.
fn shelve_huge(server: &Server) {
    let mut resources = documents(&super::body());
    let huge = Resource::new(ATOM, vec![b'x'; HUGE], MODIFIED.parse().unwrap());
    resources.insert("/huge.atom".to_owned(), Arc::new(huge));
    server.shelf.replace(resources);
}

/// Asks for it, and reads no more than that it is being answered.
fn stuck(server: &Server) -> TcpStream {
    if server.shelf.get("/huge.atom").is_none() {
        shelve_huge(server);
    }
    let mut socket = server.connect();
    socket.write_all(GET_HUGE).unwrap();
    let mut first = [0; 12];
    socket.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    socket
}

fn is_served(server: &Server) {
    assert_eq!(server.ask("GET /small.atom", &[]).status, 200);
}

#[test]
fn s19_a_head_that_does_not_come_ends_its_connection() {
    let server = Server::within(Limits {
        head_time: SHORT,
        ..LONG
    });
    for bytes in [
        &b""[..],
        b"GET",
        b"GET /small.atom HTTP/1.1\r\nHost: x\r\nA:",
    ] {
        let answer = say(&server, bytes);
        assert!(matches!(status(&answer), None | Some(408)), "{bytes:?}");
    }
    is_served(&server);
}

#[test]
fn s19_a_connection_that_is_kept_for_nothing_ends() {
    let server = Server::within(Limits {
        head_time: SHORT,
        ..LONG
    });
    let answer = say(&server, GET);
    assert_eq!(status(&answer), Some(200));
    assert!(answer.ends_with(b"<feed/>"));
}

#[test]
fn s19_a_connection_ends_however_it_fares() {
    let server = Server::within(Limits {
        life: SHORT,
        grace: SHORT,
        ..LONG
    });
    shelve_huge(&server);
    let mut socket = server.connect();
    socket.write_all(&GET_HUGE.repeat(50)).unwrap();
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).ok();
    assert!(rest.len() < 50 * HUGE, "it was cut off");
    is_served(&server);
}

/// Twenty times as many as there are places, all silent.
#[test]
fn s19_silent_connections_give_way() {
    let limits = Limits {
        connections: 20,
        ..LONG
    };
    let server = Server::within(limits);
    let mut silent: Vec<TcpStream> = Vec::new();
    for number in 0..400 {
        let mut socket = server.connect();
        if number % 2 == 0 {
            socket.write_all(b"GET /small.atom HTTP/1.1\r\nX").unwrap();
        }
        silent.push(socket);
    }
    is_served(&server);
    let mut first = silent.swap_remove(0);
    let mut answer = Vec::new();
    first.read_to_end(&mut answer).ok();
    assert!(answer.is_empty(), "it was closed");
}

/// Asks on a connection that is kept, and reads the answer to its end.
fn ask_on(mut socket: &TcpStream) -> bool {
    // Nothing can be sent to who closed, or nothing comes.
    let mut answer = Vec::new();
    socket.write_all(GET).ok();
    while !answer.ends_with(b"<feed/>") {
        let mut piece = [0; 1024];
        match socket.read(&mut piece) {
            Ok(read) if read > 0 => answer.extend(&piece[..read]),
            _ => return false,
        }
    }
    status(&answer) == Some(200)
}

/// A thousand readers that were answered and keep their connections: twice as many as there are places in service.
#[test]
fn s19_a_thousand_that_keep_their_connections_hinder_nobody() {
    // Their ends of these are ours as well, which is more than a process may have open where nobody raised that.
    let open = getrlimit(Limited::Nofile);
    let most = Rlimit {
        current: open.maximum,
        ..open
    };
    setrlimit(Limited::Nofile, most).unwrap();
    let server = Server::within(LONG);
    let mut kept = Vec::new();
    for _ in 0..1000 {
        let socket = server.connect();
        assert!(ask_on(&socket));
        kept.push(socket);
    }
    is_served(&server);
    assert!(ask_on(&kept[999]), "who came last is still there");
    assert!(!ask_on(&kept[0]), "who was silent longest gave way");
}

#[test]
fn s19_who_does_not_read_gives_way() {
    let limits = Limits {
        connections: 4,
        patience: SHORT,
        ..LONG
    };
    let server = Server::within(limits);
    let stuck: Vec<TcpStream> = (0..4).map(|_| stuck(&server)).collect();
    for _ in 0..4 {
        is_served(&server);
    }
    drop(stuck);
}

/// Who is answered and has not been for long keeps the place, even if that makes another wait; and no longer than it takes:
/// the limit is beyond what this test waits for.
#[test]
fn s19_who_reads_keeps_the_place() {
    let limits = Limits {
        connections: 1,
        patience: 10 * PATIENCE,
        head_time: 10 * PATIENCE,
        life: 10 * PATIENCE,
        ..LONG
    };
    let server = Server::within(limits);
    let mut reader = stuck(&server);
    let mut waiting = server.connect();
    waiting.write_all(GET).unwrap();
    let mut left = HUGE;
    let mut buffer = vec![0; 1024 * 1024];
    while left > 0 {
        let read = reader.read(&mut buffer).unwrap();
        assert!(read > 0, "cut off, {left} bytes before the end");
        left = left.saturating_sub(read);
    }
    let mut first = [0; 12];
    waiting.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
}

#[test]
fn s19_pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    let mut socket = server.connect();
    for _ in 0..2000 {
        socket.write_all(GET).unwrap();
    }
    socket
        .write_all(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    is_served(&server);
    let mut answers = String::new();
    socket.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2000);
    assert!(answers.ends_with("not found"));
}

#[test]
fn s19_heads_are_bounded_in_every_direction() {
    let server = Server::start();
    let long = "a".repeat(20 * 1024);
    let fields = (0..150).map(|number| format!("X-{number}: y\r\n"));
    let fields: String = fields.collect();
    for (head, expected) in [
        (format!("GET /{long} HTTP/1.1\r\n\r\n"), [414, 431]),
        (format!("{long} / HTTP/1.1\r\n\r\n"), [400, 431]),
        (format!("GET / HTTP/1.1\r\n{long}: y\r\n\r\n"), [431, 400]),
        (format!("GET / HTTP/1.1\r\n{fields}\r\n"), [431, 400]),
    ] {
        let answer = say(&server, head.as_bytes());
        // The server may close before it has taken everything; then the answer may be lost.
        let status = status(&answer);
        assert!(
            status.is_none_or(|status| expected.contains(&status)),
            "{status:?}"
        );
    }
    is_served(&server);
}

#[test]
fn s19_what_is_no_request_ends_its_connection() {
    let server = Server::start();
    for bytes in [
        &b"\r\n\r\n\r\n"[..],
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /small.atom HTTP/9.9\r\n\r\n",
        b"GET /small.atom\r\n\r\n",
        b"GET /sm\x00all.atom HTTP/1.1\r\n\r\n",
        b"GET /small.atom HTTP/1.1\r\nA: b\x00c\r\n\r\n",
        b"GET /small.atom HTTP/1.1\r\n folded\r\n\r\n",
        b"\xff\xfe\xfd\r\n\r\n",
    ] {
        let mut socket = server.connect();
        socket.write_all(bytes).ok();
        socket.shutdown(std::net::Shutdown::Write).ok();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).ok();
        let status = status(&answer);
        assert!(
            matches!(status, None | Some(400 | 505)),
            "{bytes:?}: {status:?}"
        );
    }
    is_served(&server);
}

/// A body is never read on: one that is sent all the same cannot be taken for another request.
#[test]
fn s19_bodies_smuggle_nothing() {
    let server = Server::start();
    let inner = "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = inner.len();
    for (fields, body) in [
        (format!("Content-Length: {length}\r\n"), inner.to_owned()),
        (
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
            format!("0\r\n\r\n{inner}"),
        ),
        (
            "Content-Length: 1\r\nContent-Length: 2\r\n".to_owned(),
            inner.to_owned(),
        ),
        (
            "Transfer-Encoding: chunked, identity\r\n".to_owned(),
            format!("0\r\n\r\n{inner}"),
        ),
    ] {
        let request = format!("GET /small.atom HTTP/1.1\r\nHost: x\r\n{fields}\r\n{body}");
        let mut socket = server.connect();
        socket.write_all(request.as_bytes()).unwrap();
        socket.shutdown(std::net::Shutdown::Write).ok();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).ok();
        let refused = answer.contains(" 400 ");
        let once = answer.matches("HTTP/1.1").count() <= 1;
        assert!(refused || once, "{fields}: {answer}");
        assert!(
            !answer.contains(" 404 ") || answer.contains("400"),
            "{fields}: {answer}"
        );
    }
    is_served(&server);
}

/// Which host is meant is said once (RFC 9112, 3.2), but by who speaks HTTP/1.0.
#[test]
fn s19_a_request_names_one_host() {
    let server = Server::start();
    for (head, expected) in [
        ("HTTP/1.1\r\nHost: x", 200),
        ("HTTP/1.1\r\nHost:", 200),
        ("HTTP/1.1\r\nHost: [::1]:8420", 200),
        ("HTTP/1.0", 200),
        ("HTTP/1.1", 400),
        ("HTTP/1.1\r\nHost: x\r\nHost: x", 400),
        ("HTTP/1.0\r\nHost: x\r\nHost: y", 400),
        ("HTTP/1.1\r\nHost: x y", 400),
        ("HTTP/1.1\r\nHost: user@x", 400),
        ("HTTP/1.1\r\nHost: user:word@127.0.0.1:8420", 400),
    ] {
        let request = format!("GET /small.atom {head}\r\nConnection: close\r\n\r\n");
        let answer = say(&server, request.as_bytes());
        assert_eq!(status(&answer), Some(expected), "{head}");
    }
    for (authority, expected) in [("x", 200), ("user@x", 400)] {
        let line = format!("GET http://{authority}/small.atom");
        assert_eq!(server.ask(&line, &[]).status, expected, "{line}");
    }
}

/// The upload of somebody who sends for ever ends with the answer to its head.
#[test]
fn s19_a_body_without_end_is_not_read() {
    let server = Server::start();
    let mut socket = server.connect();
    socket
        .write_all(b"POST /small.atom HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        .unwrap();
    let piece = vec![0; 1024 * 1024];
    let refused = (0..1000).any(|_| socket.write_all(&piece).is_err());
    assert!(refused, "a gigabyte was taken");
    is_served(&server);
}

#[test]
fn r13_what_is_on_its_way_arrives_after_a_stop() {
    let mut server = Server::within(LONG);
    let mut reader = stuck(&server);
    drop(server.stop.take());
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    let body = rest.iter().rev().take_while(|byte| **byte == b'x').count();
    assert_eq!(body, HUGE);
    server.stop();
}
