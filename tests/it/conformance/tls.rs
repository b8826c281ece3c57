//! Whom the daemon believes (S20).

use super::rig::{HOUR, Rig, failure, feed};
use super::wire::Answer;
use merganser::model::FailureKind;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A certificate of `localhost` that signed itself, good from 2020 to 2120.
const CERTIFICATE: &[u8] = include_bytes!("../../../src/fetch/tests/localhost.crt");

/// Its key.
const KEY: &[u8] = include_bytes!("../../../src/fetch/tests/localhost.key");

/// Speaks TLS and says nothing in it; stops when dropped.
struct Impostor {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    /// How many clients took its word.
    believers: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Impostor {
    async fn start() -> Self {
        let key = PrivatePkcs8KeyDer::from(KEY.to_vec());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CERTIFICATE.into()], key.into())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts = <[Arc<AtomicUsize>; 2]>::default();
        let [connections, believers] = counts.clone();
        let mut task = JoinSet::new();
        task.spawn(accept(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            counts,
        ));
        Self {
            address,
            connections,
            believers,
            _task: task,
        }
    }

    /// Returns how many connections came, and how many clients took its word.
    fn seen(&self) -> (usize, usize) {
        let count = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        (count(&self.connections), count(&self.believers))
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    [connections, believers]: [Arc<AtomicUsize>; 2],
) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.fetch_add(1, Ordering::SeqCst);
        // One at a time will do: whoever refuses hangs up.
        if acceptor.accept(stream).await.is_ok() {
            believers.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Whether the operator named it, gave it credentials, or a redirect led there; again and again, and after a
/// restart. Somebody who knows the certificate has no fault to find with it.
#[tokio::test]
async fn s20_no_certificate_is_trusted_for_its_own_word() {
    let impostor = Impostor::start().await;
    let port = impostor.address.port();
    let feeds = [
        feed("named", &format!("https://localhost:{port}/a"), ""),
        feed("number", &format!("https://127.0.0.1:{port}/b"), ""),
        feed(
            "known",
            &format!("https://me:canary@localhost:{port}/c"),
            "",
        ),
        feed("led", "WIRE/d", ""),
    ];
    let mut rig = Rig::start(&feeds.concat()).await;
    let there = format!("https://localhost:{port}/e");
    rig.wire.say("/d", Answer::redirect(301, &there));
    let mut reports = rig.test.run_for(HOUR * 2).await;
    rig.test.restart().await;
    reports.extend(rig.test.run_for(HOUR * 4).await);
    assert!(reports.len() >= 8, "{reports:?}");
    for report in &reports {
        let (kind, message) = failure(report);
        assert_eq!(kind, FailureKind::Tls, "{}: {message}", report.feed);
    }
    let (connections, believers) = impostor.seen();
    assert!(connections >= reports.len());
    assert_eq!(believers, 0);
    rig.test.finish().await;

    knows(impostor.address).await;
    assert_eq!(impostor.seen().1, 1);
}

/// Makes a connection as somebody who knows the certificate.
async fn knows(address: SocketAddr) {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, stream).await.unwrap();
    // The other side has it all when it hangs up.
    stream.read_to_end(&mut Vec::new()).await.ok();
}
