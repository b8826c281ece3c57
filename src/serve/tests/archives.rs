//! Documents of archives, which are read from files.

use super::{ATOM, Server, documents};
use crate::serve::archive::PACKED_CHUNK_BYTES;
use crate::serve::{
    ARCHIVE_SUFFIX, Archive, DISK_READERS, Lock, Resource, Terms, packed, unpacked,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const KEY: &str = "correct-horse-battery";
const GENERATION: &str = "0123456789ab";

/// A server with an archive whose documents 2 to 4 are there, and another under a lock; and where its files are.
fn server() -> (Server, TempDir) {
    let server = Server::start();
    let place = TempDir::new().unwrap();
    let archive = |name: &str, lock: Option<Lock>| {
        let directory = place.path().join(name);
        fs::create_dir_all(directory.join(GENERATION)).unwrap();
        for number in 1..=5 {
            let file = format!("{GENERATION}/{number}.atom{ARCHIVE_SUFFIX}");
            let content = packed(document(number).as_bytes()).unwrap();
            fs::write(directory.join(file), content).unwrap();
        }
        Archive {
            directory,
            generation: GENERATION.to_owned(),
            first: 2,
            last: 4,
            formats: vec![("atom", ATOM)],
            once: vec!["atom", "json"],
            former: BTreeSet::from(["ba9876543210".to_owned()]),
            lock,
        }
    };
    let archives = [("all", None), ("desk", Some(Lock::new(KEY)))]
        .map(|(name, lock)| (name.to_owned(), Arc::new(archive(name, lock))));
    let documents = documents(&super::body());
    server
        .shelf
        .replace_all(documents, BTreeMap::from(archives));
    (server, place)
}

/// Longer than what is read at a time, in either form.
fn document(number: u64) -> String {
    let noise = blake3::hash(&number.to_le_bytes()).to_hex();
    let lines = (0_u64..6000).map(|line| {
        format!(
            "<entry>{line} {}</entry>\n",
            blake3::hash(&line.to_le_bytes())
        )
    });
    format!("<feed>{noise}</feed>\n") + &lines.collect::<String>()
}

#[test]
fn u28_a_document_of_an_archive_is_kept_for_a_year() {
    let (server, place) = server();
    let path = format!("/all/{GENERATION}/3.atom");
    let plain = server.ask(&format!("GET {path}"), &[]);
    assert_eq!(plain.status, 200);
    assert_eq!(plain.body, document(3).into_bytes());
    assert_eq!(plain.field("content-length"), document(3).len().to_string());
    assert_eq!(plain.field("content-type"), ATOM);
    assert_eq!(
        plain.field("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(plain.field("vary"), "accept-encoding");
    assert_eq!(plain.field("access-control-allow-origin"), "*");
    assert_eq!(plain.field("x-content-type-options"), "nosniff");
    let gzip = server.ask(&format!("GET {path}"), &["Accept-Encoding: br, gzip"]);
    assert_eq!(gzip.field("content-encoding"), "gzip");
    assert_eq!(unpacked(&gzip.body).unwrap(), document(3).into_bytes());
    assert_ne!(gzip.field("etag"), plain.field("etag"), "U18");
    let head = server.ask(&format!("HEAD {path}"), &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.field("content-length"), plain.field("content-length"));
    for tag in [plain.field("etag"), gzip.field("etag")] {
        let reply = server.ask(&format!("GET {path}"), &[&format!("If-None-Match: {tag}")]);
        assert_eq!((reply.status, reply.body.len()), (304, 0));
        assert_eq!(reply.field("etag"), tag);
        assert_eq!(reply.field("cache-control"), plain.field("cache-control"));
    }
    let since = format!("If-Modified-Since: {}", plain.field("last-modified"));
    assert_eq!(server.ask(&format!("GET {path}"), &[&since]).status, 304);
    let other = server.ask(&format!("GET /all/{GENERATION}/4.atom"), &[]);
    assert_ne!(other.field("etag"), plain.field("etag"));

    // Somebody put back a directory of before, and another document was made in the place of one that was handed out.
    let file = format!("all/{GENERATION}/3.atom{ARCHIVE_SUFFIX}");
    let content = packed(document(77).as_bytes()).unwrap();
    fs::write(place.path().join(file), content).unwrap();
    for (tag, expected) in [("gzip", gzip.field("etag")), ("", plain.field("etag"))] {
        let fields = [
            format!("If-None-Match: {expected}"),
            format!("Accept-Encoding: {tag}"),
        ];
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        assert_eq!(server.ask(&format!("GET {path}"), &fields).status, 200);
    }
}

#[test]
fn u28_what_is_gone_is_gone_and_what_never_was_is_not_found() {
    let (server, _place) = server();
    for (path, expected) in [
        (format!("/all/{GENERATION}/2.atom"), 200),
        (format!("/all/{GENERATION}/1.atom"), 410),
        ("/all/ba9876543210/1.atom".to_owned(), 410),
        ("/all/ba9876543210/77.atom".to_owned(), 410),
        ("/all/ba9876543210/1.json".to_owned(), 410),
        ("/all/ba9876543210/1.html".to_owned(), 404),
        (format!("/all/{GENERATION}/5.atom"), 404),
        (format!("/all/{GENERATION}/0.atom"), 404),
        (format!("/all/{GENERATION}/03.atom"), 404),
        (format!("/all/{GENERATION}/+3.atom"), 404),
        (format!("/all/{GENERATION}/3.rss"), 404),
        (format!("/all/{GENERATION}/3.atom.gz"), 404),
        (format!("/all/{GENERATION}/3.atom/"), 404),
        (format!("/all/{GENERATION}/../{GENERATION}/3.atom"), 404),
        ("/all/%30123456789ab/3.atom".to_owned(), 404),
        (format!("/all//{GENERATION}/3.atom"), 404),
        ("/all/ffffffffffff/3.atom".to_owned(), 404),
        ("/none/0123456789ab/3.atom".to_owned(), 404),
        (
            format!("/all/{GENERATION}/99999999999999999999999.atom"),
            404,
        ),
    ] {
        assert_eq!(
            server.ask(&format!("GET {path}"), &[]).status,
            expected,
            "{path}"
        );
    }
    let reply = server.ask(&format!("POST /all/{GENERATION}/3.atom"), &[]);
    assert_eq!(
        (reply.status, reply.field("allow")),
        (405, "GET, HEAD, OPTIONS")
    );
}

#[test]
fn u31_an_archive_wants_the_key_of_its_output() {
    let (server, _place) = server();
    let path = format!("/desk/{GENERATION}/3.atom");
    for line in [
        format!("GET {path}"),
        format!("GET {path}?key=wrong"),
        format!("GET /desk/{GENERATION}/1.atom"),
    ] {
        let reply = server.ask(&line, &["Accept-Encoding: gzip"]);
        assert_eq!(reply.status, 401, "{line}");
        assert_eq!(reply.field("etag"), "");
    }
    let reply = server.ask(&format!("GET {path}?key={KEY}"), &[]);
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.field("cache-control"),
        "private, max-age=31536000, immutable"
    );
    assert_eq!(reply.field("access-control-allow-origin"), "");
    assert_eq!(
        server
            .ask(&format!("GET /desk/{GENERATION}/1.atom?key={KEY}"), &[])
            .status,
        410
    );
}

#[test]
fn a_file_that_is_not_there_is_not_gone_for_ever() {
    let (server, place) = server();
    let name = format!("all/{GENERATION}/3.atom{ARCHIVE_SUFFIX}");
    for content in [None, Some("no gzip at all"), Some("")] {
        fs::remove_file(place.path().join(&name)).ok();
        if let Some(content) = content {
            fs::write(place.path().join(&name), content).unwrap();
        }
        let reply = server.ask(&format!("GET /all/{GENERATION}/3.atom"), &[]);
        assert_eq!(reply.status, 503, "{content:?}");
    }
    let reply = server.ask(&format!("GET /all/{GENERATION}/3.atom"), &[]);
    assert_eq!(reply.field("cache-control"), "no-store");
    // Others are served as if nothing were.
    assert_eq!(server.ask("GET /all.atom", &[]).status, 200);
    assert_eq!(
        server
            .ask(&format!("GET /all/{GENERATION}/4.atom"), &[])
            .status,
        200
    );
}

/// Returns how many files beneath a directory this process has open.
fn open_files(directory: &Path) -> usize {
    let all = fs::read_dir("/proc/self/fd").unwrap();
    let paths = all.filter_map(|it| fs::read_link(it.unwrap().path()).ok());
    paths.filter(|path| path.starts_with(directory)).count()
}

/// Else a few hundred of them would take all descriptors of the process.
#[test]
fn s19_who_does_not_read_a_document_of_an_archive_holds_no_file() {
    let (server, place) = server();
    // More than the buffers of two sockets take, unpacked from more than one piece of its file.
    let file = format!("all/{GENERATION}/3.atom{ARCHIVE_SUFFIX}");
    let content = packed(&vec![b'x'; 64 * 1024 * 1024]).unwrap();
    fs::write(place.path().join(file), content).unwrap();
    let ask = |_| {
        let mut socket = server.connect();
        let head = format!("GET /all/{GENERATION}/3.atom HTTP/1.1\r\nHost: x\r\n\r\n");
        socket.write_all(head.as_bytes()).unwrap();
        let mut first = [0; 12];
        socket.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        socket
    };
    let stuck: Vec<TcpStream> = (0..DISK_READERS * 4).map(ask).collect();
    let open = open_files(place.path());
    assert!(open <= DISK_READERS, "{open} files are open");
    // Nor do they keep others from one.
    let other = server.ask(&format!("GET /all/{GENERATION}/4.atom"), &[]);
    assert_eq!(other.body, document(4).into_bytes());
    drop(stuck);
}

/// Whoever takes it plain has less than was announced, and knows: who takes it in gzip compares the checksum himself.
#[test]
fn a_file_that_is_not_as_it_was_written_is_not_sent_to_its_end() {
    let (server, place) = server();
    let file = format!("all/{GENERATION}/3.atom{ARCHIVE_SUFFIX}");
    let path = place.path().join(file);
    // Its end is read by itself, when all of the document is there.
    let ends_alone = |it: &Vec<u8>| (1..=8).contains(&(it.len() % PACKED_CHUNK_BYTES));
    let noise = |length| {
        let mut noise = vec![0; length];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        noise
    };
    let lengths = 9 * PACKED_CHUNK_BYTES..10 * PACKED_CHUNK_BYTES;
    let mut files = lengths.map(|length| packed(&noise(length)).unwrap());
    let content = files.find(ends_alone).unwrap();
    let document = unpacked(&content).unwrap();
    // The checksum, and the length: what there is beyond it is not sent either.
    for at in [content.len() - 8, content.len() - 4] {
        let mut spoilt = content.clone();
        spoilt[at] = spoilt[at].wrapping_sub(1);
        fs::write(&path, &spoilt).unwrap();
        let length = u32::from_le_bytes(*spoilt.last_chunk().unwrap());
        let mut socket = server.connect();
        let head = format!(
            "GET /all/{GENERATION}/3.atom HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // The end may be a reset.
        drop(socket.read_to_end(&mut answer));
        assert!(answer.starts_with(b"HTTP/1.1 200"));
        let body = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
        assert!(answer.len() - body < length.try_into().unwrap());
        assert!(document.starts_with(&answer[body..]));
    }
}

/// However many documents readers ask for, and whatever they make up, no table grows by it.
#[test]
fn what_is_many_is_counted_as_one() {
    let (server, _place) = server();
    for number in 0..=5 {
        for output in ["all", "desk", "none"] {
            server.ask(&format!("GET /{output}/{GENERATION}/{number}.atom"), &[]);
        }
    }
    let at = "2026-11-25T10:00:00Z".parse().unwrap();
    let pages = (0..20).map(|number| {
        let terms = Terms {
            counted_as: Some("/stories/.html"),
            ..Terms::default()
        };
        let page = Resource::new("text/html", b"<!doctype html>".to_vec(), at).on(terms);
        (format!("/stories/{number}.html"), Arc::new(page))
    });
    server.shelf.replace(pages.collect());
    for number in 0..30 {
        server.ask(&format!("GET /stories/{number}.html"), &[]);
    }
    let answers = server.vitals.traffic().answers();
    let answers = answers
        .iter()
        .map(|((path, status), count)| (path.as_str(), *status, *count));
    // Of each output two numbers are none of its archive, and one has no archive at all.
    let expected = [
        ("", 401, 4),
        ("", 404, 2 + 2 + 6 + 10),
        ("/all/archive", 200, 3),
        ("/all/archive", 410, 1),
        ("/stories/.html", 200, 20),
    ];
    let found: Vec<_> = answers.collect();
    assert_eq!(found, expected);
}
