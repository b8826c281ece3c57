//! A publisher on loopback that answers as it is told and remembers what it was asked.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use merganser::clock::{Clock, ManualClock};
use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// How long a request may take to come before a test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// Longest body of a request.
const BODY_BYTES: usize = 64 * 1024;

/// What the origin says at a path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether a request with the reply's ETag or Last-Modified gets a 304.
    pub(crate) conditional: bool,
    /// Whether no tag is ever matched, and a request with one gets the body, whatever its date (P27).
    pub(crate) deaf_to_tags: bool,
}

impl Reply {
    /// A document with validators, the ETag made from its bytes.
    pub(crate) fn feed(body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let etag = format!("\"{}\"", &blake3::hash(&body).to_hex()[..16]);
        Self {
            status: 200,
            headers: vec![("etag".into(), etag)],
            body,
            conditional: true,
            ..Self::default()
        }
    }

    /// A status without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn is_conditional(&self) -> bool {
        self.headers.contains_key("if-none-match") || self.headers.contains_key("if-modified-since")
    }
}

#[derive(Debug)]
struct Script {
    clock: Arc<ManualClock>,
    replies: Mutex<HashMap<String, Reply>>,
    asked: Mutex<Vec<Asked>>,
    /// How many requests came.
    arrivals: watch::Sender<usize>,
    /// The path whose answers are held back.
    held: watch::Sender<Option<String>>,
}

impl Script {
    /// Returns what is said at a path to a body: what is for its words alone, else what is for all.
    fn reply(&self, path: &str, body: &str) -> Reply {
        let replies = self.replies.lock().unwrap();
        let of_words = replies.iter().find(|(at, _)| {
            let words = at.strip_prefix(path).and_then(|at| at.strip_prefix(' '));
            words.is_some_and(|words| body.contains(words))
        });
        let reply = of_words.map(|(_, reply)| reply).or(replies.get(path));
        reply.cloned().unwrap_or_else(|| Reply::status(404))
    }
}

/// The origin, running until it is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    script: Arc<Script>,
    address: SocketAddr,
    serving: Arc<Mutex<Serving>>,
}

/// What takes connections.
#[derive(Debug)]
struct Serving {
    task: AbortHandle,
    /// The socket at which it listens.
    socket: std::net::TcpStream,
}

impl Origin {
    /// Starts an origin at a port of its own.
    pub(crate) async fn start(clock: Arc<ManualClock>) -> Self {
        let script = Arc::new(Script {
            clock,
            replies: Mutex::default(),
            asked: Mutex::default(),
            arrivals: watch::Sender::new(0),
            held: watch::Sender::new(None),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = serve(listener, &script);
        Self {
            script,
            address,
            serving: Arc::new(Mutex::new(serving)),
        }
    }

    /// Refuses connections from now on.
    pub(crate) async fn down(&self) {
        let task = {
            let serving = self.serving.lock().unwrap();
            // A process that another test starts has the socket as well until it runs its own program, and keeps it open:
            // closing it here is not enough. One that is down already cannot be shut down, nor need it be.
            drop(serving.socket.shutdown(Shutdown::Both));
            serving.task.clone()
        };
        task.abort();
        while !task.is_finished() {
            tokio::task::yield_now().await;
        }
    }

    /// Answers no attempt to connect from now on, neither yes nor no, for as long as what is returned lives.
    pub(crate) async fn fall_mute(&self) -> (TcpListener, TcpStream) {
        self.down().await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        // One that waits to be accepted fills the queue: who comes after it gets no answer.
        let listener = socket.listen(0).unwrap();
        let waiting = TcpStream::connect(self.address).await.unwrap();
        (listener, waiting)
    }

    /// Takes connections again.
    pub(crate) async fn up(&self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        *self.serving.lock().unwrap() = serve(listener, &self.script);
    }

    /// Returns the address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets what is said at a path from now on.
    pub(crate) fn say(&self, path: &str, reply: Reply) {
        self.script
            .replies
            .lock()
            .unwrap()
            .insert(path.into(), reply);
    }

    /// Sets what is said at a path to requests whose body has these words, whatever is said to others.
    pub(crate) fn say_where(&self, path: &str, words: &str, reply: Reply) {
        self.say(&format!("{path} {words}"), reply);
    }

    /// Holds back what is said at a path until [`Origin::release`].
    pub(crate) fn hold(&self, path: &str) {
        self.script.held.send_replace(Some(path.into()));
    }

    /// Lets the answers go that are held back.
    pub(crate) fn release(&self) {
        self.script.held.send_replace(None);
    }

    /// Waits for the first request for a path.
    pub(crate) async fn arrival(&self, path: &str) {
        let mut arrivals = self.script.arrivals.subscribe();
        let arrived = arrivals.wait_for(|_| !self.asked_for(path).is_empty());
        tokio::time::timeout(PATIENCE, arrived)
            .await
            .unwrap()
            .unwrap();
    }

    /// Returns every request so far, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().unwrap().clone()
    }

    /// Returns the requests for one path.
    pub(crate) fn asked_for(&self, path: &str) -> Vec<Asked> {
        self.asked()
            .into_iter()
            .filter(|asked| asked.path == path)
            .collect()
    }
}

fn serve(listener: TcpListener, script: &Arc<Script>) -> Serving {
    let router = axum::Router::new()
        .fallback(answer)
        .with_state(Arc::clone(script));
    let socket = listener.as_fd().try_clone_to_owned().unwrap().into();
    let task = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
    Serving { task, socket }
}

async fn answer(State(script): State<Arc<Script>>, request: Request) -> Response {
    let path = request.uri().to_string();
    let headers = request.headers().clone();
    let method = request.method().to_string();
    let body = axum::body::to_bytes(request.into_body(), BODY_BYTES).await;
    let body = String::from_utf8_lossy(&body.unwrap()).into_owned();
    script.asked.lock().unwrap().push(Asked {
        at: script.clock.now(),
        method,
        path: path.clone(),
        headers: headers.clone(),
        body: body.clone(),
    });
    script.arrivals.send_modify(|arrivals| *arrivals += 1);
    let mut held = script.held.subscribe();
    let free = held.wait_for(|held| held.as_ref() != Some(&path)).await;
    drop(free.unwrap());
    let reply = script.reply(&path, &body);
    let held = |name: &str, validator: &str| {
        let said = reply.headers.iter().find(|(header, _)| header == validator);
        said.is_some_and(|(_, value)| headers.get(name).is_some_and(|sent| sent == value))
    };
    let unchanged = if headers.contains_key("if-none-match") && reply.deaf_to_tags {
        false
    } else {
        held("if-none-match", "etag") || held("if-modified-since", "last-modified")
    };
    let status = if reply.conditional && unchanged {
        304
    } else {
        reply.status
    };
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    let body = if status == 304 {
        Vec::new()
    } else {
        reply.body
    };
    response.body(Body::from(body)).unwrap()
}
