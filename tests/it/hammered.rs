//! Readers who ask while outputs change, again and again (U27).

use crate::origin::{Origin, Reply};
use crate::test_daemon::{START, rss};
use flate2::read::GzDecoder;
use jiff::SignedDuration;
use merganser::clock::ManualClock;
use merganser::config;
use merganser::daemon::{Daemon, StateDir};
use merganser::serve;
use std::collections::BTreeMap;
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How often outputs change, and after how many changes the daemon is another.
const PUBLISHES: u32 = 1000;
const LIFE: u32 = 200;

/// What is asked for each time, in different codings.
const ASKED: [(&str, &str); 6] = [
    ("/all.atom", "identity"),
    ("/all.atom", "gzip"),
    ("/all.atom", "br"),
    ("/all.rss", "gzip"),
    ("/all.json", "br"),
    ("/all.html", "zstd"),
];

const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"
[fetch]
allow-networks = ["127.0.0.1/32"]
[[output]]
path = "all"
items = 2
stay = "1s"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
schedule = "every 15m"
"#;

/// A daemon with a socket, and where that is.
async fn start(
    directory: &Path,
    origin: &Origin,
    clock: &Arc<ManualClock>,
) -> (Daemon, SocketAddr) {
    let text = CONFIG.replace("ORIGIN", &origin.url(""));
    let config = config::read(&text, &|_| None).unwrap().config;
    let listener = serve::bind(config.server.listen).await.unwrap();
    let address = listener.local_addr().unwrap();
    let state = StateDir::claim(directory).unwrap();
    let clock: Arc<ManualClock> = Arc::clone(clock);
    let daemon = Daemon::build(config, state, clock, Some(listener)).await;
    (daemon.unwrap(), address)
}

/// What a reader gets: the document, unpacked, which is as long as it was said to be; and whether it was packed.
async fn get(address: SocketAddr, (path, coding): (&str, &str)) -> (Vec<u8>, bool) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {coding}\r\nConnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    socket.read_to_end(&mut reply).await.unwrap();
    let end = reply.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&reply[..end]).to_lowercase();
    let body = &reply[end + 4..];
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())),
        "{head}"
    );
    let is_packed = head.contains(&format!("\r\ncontent-encoding: {coding}\r\n"));
    let mut plain = Vec::new();
    let mut unpacked: Box<dyn Read> = match coding {
        "gzip" if is_packed => Box::new(GzDecoder::new(body)),
        "br" if is_packed => Box::new(brotli::Decompressor::new(body, 4096)),
        "zstd" if is_packed => Box::new(zstd::Decoder::new(body).unwrap()),
        _ => Box::new(body),
    };
    unpacked.read_to_end(&mut plain).unwrap();
    drop(unpacked);
    (plain, is_packed)
}

/// The documents that are served now.
fn served(daemon: &Daemon) -> BTreeMap<&'static str, Vec<u8>> {
    let body = |path| daemon.shelf().get(path).unwrap().body().to_vec();
    ["/all.atom", "/all.rss", "/all.json", "/all.html"]
        .map(|path| (path, body(path)))
        .into()
}

/// Each answer is whole, and what was served before that change or after it.
#[tokio::test]
async fn u27_every_answer_through_a_thousand_changes_is_one_of_what_was_published() {
    let directory = TempDir::new().unwrap();
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let origin = Origin::start(Arc::clone(&clock)).await;
    let (mut daemon, mut address) = start(directory.path(), &origin, &clock).await;
    let mut before = served(&daemon);
    for round in 0..PUBLISHES {
        let (guid, title) = (format!("g{round}"), format!("Bulletin number {round}"));
        let document = rss("a", &[(&guid, &title, 4)]);
        origin.say("/a.xml", Reply::feed(document));
        clock.advance(SignedDuration::from_mins(20));
        let asked = ASKED.map(|asked| get(address, asked));
        let asked = futures_util::future::join_all(asked);
        let (polled, answers) = tokio::join!(daemon.run_due(), asked);
        assert_eq!(polled.unwrap().len(), 1, "{round}");
        feed_rs::parser::parse(&answers[0].0[..]).unwrap();
        // What is published is packed.
        let (whole, is_packed) = get(address, ("/all.rss", "gzip")).await;
        assert!(is_packed, "{round}");
        let after = served(&daemon);
        assert_eq!(whole, after["/all.rss"], "{round}");
        assert_ne!(before["/all.atom"], after["/all.atom"], "{round}");
        // A document that changed goes out as it is for a moment.
        for ((path, coding), (answer, _)) in ASKED.into_iter().zip(answers) {
            let is_published = answer == before[path] || answer == after[path];
            assert!(is_published, "{round}: {path} in {coding}");
        }
        before = after;
        if round % LIFE == LIFE - 1 {
            // By now all forms are made.
            let shelf = daemon.shelf().all();
            assert!(shelf.values().all(|it| it.is_complete()), "{round}");
            daemon.stop().await;
            (daemon, address) = start(directory.path(), &origin, &clock).await;
            assert_eq!(served(&daemon), before, "{round}");
        }
    }
    daemon.stop().await;
}
