//! An origin on loopback that speaks TLS, with HTTP/2 or HTTP/1.1 inside, and a proxy that leads there.

use super::*;
use crate::fetch::tls::Tls;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{HandshakeKind, ServerConfig};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// A certificate of `localhost` and `*.test.localhost` that signed itself, good from 2020 to 2120.
const CERTIFICATE: &[u8] = include_bytes!("localhost.crt");

/// Its key, which opens nothing.
const KEY: &[u8] = include_bytes!("localhost.key");

/// Returns a fetcher that knows the certificate.
pub(super) fn trusting(settings: &Settings) -> Fetcher {
    let mut fetcher = Fetcher::new(settings).unwrap();
    fetcher.routes.tls = Arc::new(Tls::trusting(CERTIFICATE));
    fetcher
}

#[derive(Debug, Default)]
struct Seen {
    full: AtomicUsize,
    resumed: AtomicUsize,
    requests: Mutex<Vec<HeaderMap>>,
}

/// One origin; stops when dropped.
pub(super) struct TlsOrigin {
    pub(super) address: SocketAddr,
    seen: Arc<Seen>,
    _task: JoinSet<()>,
}

impl TlsOrigin {
    /// Answers everything with a document, and offers these protocols.
    pub(super) async fn start(protocols: &[&str]) -> Self {
        let certificate = vec![CERTIFICATE.to_vec().into()];
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(KEY.to_vec());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(certificate, key.into())
            .unwrap();
        config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new().unwrap();
        config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, mut task) = (Arc::new(Seen::default()), JoinSet::new());
        task.spawn(accept(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            Arc::clone(&seen),
        ));
        Self {
            address,
            seen,
            _task: task,
        }
    }

    /// Returns an address here; any host will do.
    pub(super) fn url(&self, host: &str) -> String {
        format!("https://{host}.test.localhost:{}/", self.address.port())
    }

    /// Returns how many handshakes were full and how many resumed a session.
    pub(super) fn handshakes(&self) -> (usize, usize) {
        let count = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        (count(&self.seen.full), count(&self.seen.resumed))
    }

    /// Returns the header fields of the requests so far.
    pub(super) fn requests(&self) -> Vec<HeaderMap> {
        self.seen.requests.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, seen: Arc<Seen>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve(stream, acceptor.clone(), Arc::clone(&seen)));
    }
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, seen: Arc<Seen>) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let connection = stream.get_ref().1;
    let count = match connection.handshake_kind() {
        Some(HandshakeKind::Resumed) => &seen.resumed,
        _ => &seen.full,
    };
    count.fetch_add(1, Ordering::SeqCst);
    let is_http2 = connection.alpn_protocol() == Some(b"h2");
    let answer = service_fn(|request: Request<hyper::body::Incoming>| {
        let mut requests = seen.requests.lock().unwrap();
        requests.push(request.headers().clone());
        std::future::ready(Ok::<_, Infallible>(Response::new(Body::from("<rss/>"))))
    });
    let stream = TokioIo::new(stream);
    // The client may hang up at any time.
    if is_http2 {
        let builder = http2::Builder::new(TokioExecutor::new());
        builder.serve_connection(stream, answer).await.ok();
    } else {
        let builder = http1::Builder::new();
        builder.serve_connection(stream, answer).await.ok();
    }
}

/// A proxy that makes a tunnel to one origin, whatever it is asked for.
pub(super) struct Tunnel {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _task: JoinSet<()>,
}

impl Tunnel {
    pub(super) async fn start(origin: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut task = JoinSet::new();
        task.spawn(pass_on(listener, origin, Arc::clone(&asked)));
        Self {
            address,
            asked,
            _task: task,
        }
    }

    /// Returns what it was asked so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn pass_on(listener: TcpListener, origin: SocketAddr, asked: Arc<Mutex<Vec<String>>>) {
    let mut tunnels = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tunnels.spawn(tunnel(stream, origin, Arc::clone(&asked)));
    }
}

async fn tunnel(mut stream: TcpStream, origin: SocketAddr, asked: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_buf(&mut request).await.unwrap();
    }
    asked
        .lock()
        .unwrap()
        .push(String::from_utf8(request).unwrap());
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let mut origin = TcpStream::connect(origin).await.unwrap();
    copy_bidirectional(&mut stream, &mut origin).await.ok();
}
