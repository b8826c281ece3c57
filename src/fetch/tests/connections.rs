//! Connections: which are kept, what becomes of those that are gone, and which address is dialled.

use super::client::CONNECT_TIMEOUT;
use super::tls_origin::{TlsOrigin, trusting};
use super::*;
use std::net::SocketAddr;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<rss/>";

/// An origin that keeps its connections as it is told; stops when dropped.
struct Keeper {
    address: SocketAddr,
    /// The connection of each request, from 1, and its path.
    asked: Arc<Mutex<Vec<(usize, String)>>>,
    _task: JoinSet<()>,
}

impl Keeper {
    /// Says `script(connection, request on it, path)`, both from 1; hangs up where that is nothing.
    async fn start(
        script: impl Fn(usize, usize, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, mut task) = (Arc::new(Mutex::new(Vec::new())), JoinSet::new());
        let note = Arc::clone(&asked);
        task.spawn(accept(listener, move |connection, request, path| {
            note.lock().unwrap().push((connection, path.to_owned()));
            script(connection, request, path)
        }));
        Self {
            address,
            asked,
            _task: task,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the connection of each request so far.
    fn connections(&self) -> Vec<usize> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|(connection, _)| *connection).collect()
    }
}

async fn accept(
    listener: TcpListener,
    script: impl Fn(usize, usize, &str) -> Option<String> + Send + Sync + 'static,
) {
    let script = Arc::new(script);
    let mut connections = JoinSet::new();
    for connection in 1.. {
        let (stream, _) = listener.accept().await.unwrap();
        let script = Arc::clone(&script);
        let answer = move |request, path: &str| script(connection, request, path);
        connections.spawn(converse(stream, answer));
    }
}

async fn converse(mut stream: TcpStream, answer: impl Fn(usize, &str) -> Option<String> + Send) {
    for number in 1.. {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let text = String::from_utf8(request).unwrap();
        let path = text.split(' ').nth(1).unwrap();
        let Some(answer) = answer(number, path) else {
            return;
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// Asks for addresses in turn and returns how it went.
async fn ask(fetcher: &Fetcher, urls: &[String]) -> Vec<&'static str> {
    let (none, clock) = (Validators::default(), clock());
    let mut outcomes = Vec::new();
    for url in urls {
        let target = target(url);
        let answer = fetcher.fetch(&target, &none, &clock).await;
        outcomes.push(answer.outcome.name());
    }
    outcomes
}

async fn ask_often(origin: &Keeper, times: usize) -> Vec<&'static str> {
    let fetcher = Fetcher::new(&settings()).unwrap();
    ask(&fetcher, &vec![origin.url("/"); times]).await
}

/// From the second request on, a host that is asked again soon keeps its connection.
#[tokio::test]
async fn several_feeds_of_a_host_share_a_connection() {
    let origin = Keeper::start(|_, _, _| Some(OK.to_owned())).await;
    assert_eq!(ask_often(&origin, 5).await, ["modified"; 5]);
    assert_eq!(origin.connections(), [1, 2, 2, 2, 2]);
}

/// The same with TLS, where it pays most, by either protocol.
#[tokio::test]
async fn several_feeds_of_a_host_share_a_handshake() {
    for protocol in ["h2", "http/1.1"] {
        let origin = TlsOrigin::start(&[protocol]).await;
        let fetcher = trusting(&settings());
        let urls = vec![origin.url("a"); 5];
        assert_eq!(ask(&fetcher, &urls).await, ["modified"; 5]);
        assert_eq!(origin.requests().len(), 5);
        assert_eq!(origin.handshakes(), (1, 1), "{protocol}");
        let others: Vec<String> = (0..5).map(|n| origin.url(&format!("h{n}"))).collect();
        ask(&fetcher, &others).await;
        assert_eq!(origin.handshakes(), (6, 1), "{protocol}");
    }
}

/// A redirect within the host goes by the connection that it came on, body or not.
#[tokio::test]
async fn redirects_share_the_connection_of_their_host() {
    for body in ["", "<a href=\"/b\">over there</a>"] {
        let moved = format!(
            "HTTP/1.1 301 Moved\r\nlocation: /b\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let origin = Keeper::start(move |_, _, path| match path {
            "/a" => Some(moved.clone()),
            _ => Some(OK.to_owned()),
        })
        .await;
        let fetcher = Fetcher::new(&settings()).unwrap();
        let urls = vec![origin.url("/a"); 3];
        assert_eq!(ask(&fetcher, &urls).await, ["modified"; 3]);
        assert_eq!(origin.connections(), [1, 2, 2, 2, 2, 2], "{body}");
    }
}

/// P20: an origin that closes what we keep costs nothing, and at most one more request where it does so at
/// the very moment.
#[tokio::test]
async fn p20_a_kept_connection_that_is_gone_is_no_failure() {
    // Closed between two polls: nobody can say whether we see it in time.
    let closing = Keeper::start(|_, request, _| (request == 1).then(|| OK.to_owned())).await;
    assert_eq!(ask_often(&closing, 5).await, ["modified"; 5]);
    assert!(
        closing.connections().len() <= 8,
        "{:?}",
        closing.connections()
    );

    // Closed in place of an answer.
    let silent = Keeper::start(|connection, request, _| {
        (connection != 2 || request == 1).then(|| OK.to_owned())
    })
    .await;
    assert_eq!(ask_often(&silent, 4).await, ["modified"; 4]);
    assert_eq!(silent.connections(), [1, 2, 2, 3, 4]);
}

/// P20: and that one is not repeated either, nor is anything on a new connection.
#[tokio::test]
async fn p20_nothing_is_asked_a_third_time() {
    let broken = Keeper::start(|connection, _, _| (connection == 1).then(|| OK.to_owned())).await;
    assert_eq!(ask_often(&broken, 2).await, ["modified", "broken"]);
    assert_eq!(broken.connections(), [1, 2]);
    let twice = Keeper::start(|connection, request, _| {
        (connection <= 2 && request == 1).then(|| OK.to_owned())
    })
    .await;
    assert_eq!(
        ask_often(&twice, 3).await,
        ["modified", "modified", "broken"]
    );
    assert_eq!(twice.connections(), [1, 2, 2, 3]);
    let garbage = Keeper::start(|_, request, _| match request {
        1 => Some(OK.to_owned()),
        _ => Some("ICY 200 OK\r\n\r\n".to_owned()),
    })
    .await;
    assert_eq!(
        ask_often(&garbage, 3).await,
        ["modified", "modified", "broken"]
    );
    assert_eq!(garbage.connections(), [1, 2, 2]);
}

/// P40: who cannot be connected to was not reached, however short the time limit; who took the connection and
/// says nothing was.
#[tokio::test]
async fn p40_who_was_not_reached_is_told_from_who_is_silent() {
    let short = Settings {
        timeout: Duration::from_secs(1),
        ..settings()
    };
    for (queue, expected) in [(0, FailureKind::Connect), (9, FailureKind::Timeout)] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(queue).unwrap();
        let address = listener.local_addr().unwrap();
        let waiting = TcpStream::connect(address).await.unwrap();
        let url = format!("http://{address}/");
        let fetched = fetch_with(&short, &target(&url), &Validators::default()).await;
        assert_eq!(failure(&fetched).0, expected, "{fetched:?}");
        drop(waiting);
    }
}

/// A name with addresses of both families: one that refuses, or is dead, costs a moment and not the time
/// to connect (RFC 8305).
#[tokio::test]
async fn one_family_may_be_out_of_order() {
    let both = Settings {
        allow_networks: ["127.0.0.1/32", "::1/128"]
            .map(|net| net.parse().unwrap())
            .to_vec(),
        timeout: CONNECT_TIMEOUT / 2,
        ..Settings::default()
    };
    for is_dead in [false, true] {
        let first = TcpSocket::new_v4().unwrap();
        first.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = first.local_addr().unwrap().port();
        let Ok(second) = TcpListener::bind(("::1", port)).await else {
            // Without IPv6 there is one family, and one that somebody uses is not ours to test with.
            return;
        };
        let mut task = JoinSet::new();
        task.spawn(async move {
            let (stream, _) = second.accept().await.unwrap();
            converse(stream, |_, _| Some(OK.to_owned())).await;
        });
        // One that waits to be accepted fills the queue: who comes after it gets no answer.
        let full = if is_dead {
            let listener = first.listen(0).unwrap();
            let address = listener.local_addr().unwrap();
            let waiting = TcpStream::connect(address).await.unwrap();
            Ok((listener, waiting))
        } else {
            Err(first)
        };
        let url = format!("http://both.localhost:{port}/");
        let fetched = fetch_with(&both, &target(&url), &Validators::default()).await;
        assert_eq!(fetched.outcome, Outcome::Modified, "{is_dead} {fetched:?}");
        drop(full);
    }
}
