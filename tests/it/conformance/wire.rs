//! A publisher made of raw bytes: what it sends is what its script says, what it is asked is kept as it
//! came, one request a connection.

use jiff::Timestamp;
use merganser::clock::{Clock, ManualClock};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a test waits for a stalled exchange before it fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is sent, and what happens then.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    bytes: Vec<u8>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    HangUp,
    Silence,
    Drip(&'static [u8]),
}

impl Answer {
    /// A head, `200 OK` and lines of fields, and a body that ends with the connection.
    pub(super) fn new(head: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Self {
        let mut bytes = b"HTTP/1.1 ".to_vec();
        for line in head.as_ref().split(|byte| *byte == b'\n') {
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"connection: close\r\n\r\n");
        bytes.extend_from_slice(body.as_ref());
        Self::raw(bytes)
    }

    /// These bytes and no more.
    pub(super) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            end: End::HangUp,
        }
    }

    pub(super) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::new("200 OK", body)
    }

    pub(super) fn redirect(status: u16, location: &str) -> Self {
        Self::new(format!("{status} Moved\nlocation: {location}"), "")
    }

    /// Stays silent afterwards, instead of hanging up.
    pub(super) fn and_stall(mut self) -> Self {
        self.end = End::Silence;
        self
    }

    /// Keeps the first half of the bytes.
    pub(super) fn cut_in_half(mut self) -> Self {
        self.bytes.truncate(self.bytes.len() / 2);
        self
    }

    /// Sends `drop` again and again afterwards, until the client hangs up.
    pub(super) fn and_drip(mut self, drop: &'static [u8]) -> Self {
        self.end = End::Drip(drop);
        self
    }

    /// Tells whether the client gets all of it.
    pub(super) fn is_whole(&self) -> bool {
        self.end == End::HangUp
    }

    pub(super) fn field(&self, name: &str) -> Option<Vec<u8>> {
        field(&self.bytes, name)
    }

    pub(super) fn status(&self) -> u16 {
        let line = String::from_utf8_lossy(&self.bytes[..12.min(self.bytes.len())]).into_owned();
        let status = line.split(' ').nth(1);
        status.and_then(|it| it.parse().ok()).unwrap_or_default()
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) at: Timestamp,
    pub(super) bytes: Vec<u8>,
}

impl Request {
    pub(super) fn path(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        text.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// Returns the value of a field, byte for byte.
    pub(super) fn field(&self, name: &str) -> Option<Vec<u8>> {
        field(&self.bytes, name)
    }

    pub(super) fn is_conditional(&self) -> bool {
        self.field("if-none-match").is_some() || self.field("if-modified-since").is_some()
    }
}

/// Returns the value of a field of a head.
fn field(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut lines = bytes.split(|byte| *byte == b'\n').skip(1);
    let mut head = lines.by_ref().take_while(|line| *line != b"\r");
    head.find_map(|line| {
        let (found, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(b":")?.trim_ascii();
        found
            .eq_ignore_ascii_case(name.as_bytes())
            .then(|| value.to_vec())
    })
}

/// A request with its answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) request: Request,
    pub(super) answer: Answer,
}

type Script = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

/// What the tasks of a wire share.
struct Book {
    clock: Arc<ManualClock>,
    scripts: Mutex<HashMap<String, Script>>,
    exchanges: Mutex<Vec<Exchange>>,
    connections: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    /// How many answers fell silent.
    stalls: watch::Sender<usize>,
}

impl Book {
    fn answer(&self, request: Request) -> Answer {
        let script = self.scripts.lock().unwrap().get(&request.path()).cloned();
        let answer = script.map_or_else(
            || Answer::new("404 Not Found", ""),
            |script| script(&request),
        );
        self.exchanges.lock().unwrap().push(Exchange {
            request,
            answer: answer.clone(),
        });
        answer
    }
}

/// The publisher, there until it is dropped.
pub(super) struct Wire {
    pub(super) address: SocketAddr,
    book: Arc<Book>,
    _task: JoinSet<()>,
}

impl Wire {
    /// Starts one at a free port of `host`.
    pub(super) async fn start(host: &str, clock: Arc<ManualClock>) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::new(Book {
            clock,
            scripts: Mutex::default(),
            exchanges: Mutex::default(),
            connections: AtomicUsize::default(),
            under_way: AtomicUsize::default(),
            most_under_way: AtomicUsize::default(),
            stalls: watch::Sender::new(0),
        });
        let mut task = JoinSet::new();
        task.spawn(run(listener, Arc::clone(&book)));
        Self {
            address,
            book,
            _task: task,
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Has each request for a path answered by a function of it from now on.
    pub(super) fn script(
        &self,
        path: &str,
        script: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) {
        let mut scripts = self.book.scripts.lock().unwrap();
        scripts.insert(path.to_owned(), Arc::new(script));
    }

    /// Sets what is said at a path from now on.
    pub(super) fn say(&self, path: &str, answer: Answer) {
        self.script(path, move |_| answer.clone());
    }

    /// Sets what is said at a path, one after the other; the last holds for good.
    pub(super) fn say_each(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        let answers = Mutex::new(VecDeque::from_iter(answers));
        self.script(path, move |_| {
            let mut answers = answers.lock().unwrap();
            let next = answers.front().cloned().unwrap();
            if answers.len() > 1 {
                answers.pop_front();
            }
            next
        });
    }

    /// Returns what was asked and answered so far, in order.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.book.exchanges.lock().unwrap().clone()
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        let exchanges = self.exchanges().into_iter();
        exchanges.map(|exchange| exchange.request).collect()
    }

    pub(super) fn requests_for(&self, path: &str) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|request| request.path() == path);
        requests
    }

    /// Returns how many connections were made, with a request or without.
    pub(super) fn connections(&self) -> usize {
        self.book.connections.load(Ordering::SeqCst)
    }

    /// Returns how many requests were under way at once, at most.
    pub(super) fn most_under_way(&self) -> usize {
        self.book.most_under_way.load(Ordering::SeqCst)
    }

    /// Waits until so many answers in all have fallen silent.
    pub(super) async fn stalled(&self, times: usize) {
        let mut stalls = self.book.stalls.subscribe();
        let stalled = stalls.wait_for(|stalls| *stalls >= times);
        tokio::time::timeout(PATIENCE, stalled)
            .await
            .unwrap()
            .unwrap();
    }
}

async fn run(listener: TcpListener, book: Arc<Book>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        book.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(exchange(stream, Arc::clone(&book)));
    }
}

async fn exchange(mut stream: TcpStream, book: Arc<Book>) {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let under_way = book.under_way.fetch_add(1, Ordering::SeqCst) + 1;
    book.most_under_way.fetch_max(under_way, Ordering::SeqCst);
    let at = book.clock.now();
    let answer = book.answer(Request { at, bytes });
    // The client may hang up first, when it has seen enough.
    stream.write_all(&answer.bytes).await.ok();
    book.under_way.fetch_sub(1, Ordering::SeqCst);
    match answer.end {
        End::HangUp => {}
        End::Silence => {
            book.stalls.send_modify(|stalls| *stalls += 1);
            std::future::pending::<()>().await;
        }
        End::Drip(drop) => while stream.write_all(drop).await.is_ok() {},
    }
    stream.shutdown().await.ok();
    // Reads to the end, or unread bytes would turn the close into a reset.
    stream.read_to_end(&mut Vec::new()).await.ok();
}
