//! A scripted origin on loopback: raw bytes in, raw bytes out, one request a connection.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What an origin sends, and what it does then.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    bytes: Vec<u8>,
    end: End,
}

#[derive(Clone, Copy, Debug)]
enum End {
    HangUp,
    Silence,
    Drip(&'static [u8]),
}

impl Reply {
    /// Sends `head` (lines without the empty one) and `body`, then hangs up.
    pub(super) fn new(head: &str, body: impl AsRef<[u8]>) -> Self {
        let mut bytes = head.replace('\n', "\r\n").into_bytes();
        bytes.extend(b"\r\nconnection: close\r\n\r\n");
        bytes.extend(body.as_ref());
        Self::raw(bytes)
    }

    /// Sends exactly `bytes`, then hangs up.
    pub(super) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            end: End::HangUp,
        }
    }

    /// Stays silent afterwards instead of hanging up.
    pub(super) fn and_hang(mut self) -> Self {
        self.end = End::Silence;
        self
    }

    /// Sends `drop` again and again afterwards, until the client hangs up.
    pub(super) fn and_drip(mut self, drop: &'static [u8]) -> Self {
        self.end = End::Drip(drop);
        self
    }

    pub(super) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::new("HTTP/1.1 200 OK", body)
    }

    pub(super) fn redirect(status: u16, location: &str) -> Self {
        Self::new(
            &format!("HTTP/1.1 {status} Moved\nlocation: {location}"),
            "",
        )
    }
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicUsize,
}

/// One origin; stops when dropped.
pub(super) struct Origin {
    pub(super) address: SocketAddr,
    log: Arc<Mutex<Vec<Vec<u8>>>>,
    counts: Arc<Counts>,
    _task: JoinSet<()>,
}

impl Origin {
    /// Serves `script(path, number of the request)` on a free port of 127.0.0.1.
    pub(super) async fn start(
        script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_at("127.0.0.1", script).await
    }

    /// The same on another loopback address.
    pub(super) async fn start_at(
        host: &str,
        script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let counts = Arc::new(Counts::default());
        let mut task = JoinSet::new();
        task.spawn(run(
            listener,
            Arc::new(script),
            Arc::clone(&log),
            Arc::clone(&counts),
        ));
        Self {
            address,
            log,
            counts,
            _task: task,
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the requests so far, lossily as text.
    pub(super) fn requests(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        log.iter()
            .map(|request| String::from_utf8_lossy(request).into_owned())
            .collect()
    }

    /// Returns the values of a header field in the last request, byte for byte.
    pub(super) fn last_field(&self, name: &str) -> Option<Vec<u8>> {
        let log = self.log.lock().unwrap();
        let prefix = format!("{name}: ").into_bytes();
        let mut lines = log.last().unwrap().split(|byte| *byte == b'\n');
        let line = lines.find(|line| line.starts_with(&prefix))?;
        Some(line[prefix.len()..line.len() - 1].to_vec())
    }

    /// Returns how many connections were accepted.
    pub(super) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }
}

async fn run(
    listener: TcpListener,
    script: Arc<impl Fn(&str, usize) -> Reply + Send + Sync + 'static>,
    log: Arc<Mutex<Vec<Vec<u8>>>>,
    counts: Arc<Counts>,
) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        counts.connections.fetch_add(1, Ordering::SeqCst);
        let (script, log) = (Arc::clone(&script), Arc::clone(&log));
        connections.spawn(async move {
            exchange(stream, script.as_ref(), &log).await;
        });
    }
}

async fn exchange(
    mut stream: TcpStream,
    script: &(impl Fn(&str, usize) -> Reply + Sync),
    log: &Mutex<Vec<Vec<u8>>>,
) {
    let mut request = Vec::new();
    // A TLS handshake starts with 0x16 and is answered as if it were a request.
    while !request.ends_with(b"\r\n\r\n") && request.first() != Some(&0x16) {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default();
    let number = {
        let mut log = log.lock().unwrap();
        log.push(request);
        log.len()
    };
    let reply = script(path, number);
    // The client may hang up first, when it has seen enough.
    stream.write_all(&reply.bytes).await.ok();
    match reply.end {
        End::HangUp => {}
        End::Silence => std::future::pending().await,
        End::Drip(drop) => while stream.write_all(drop).await.is_ok() {},
    }
    stream.shutdown().await.ok();
    // Reads to the end, or unread bytes would turn the close into a reset.
    stream.read_to_end(&mut Vec::new()).await.ok();
}
