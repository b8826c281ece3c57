//! TLS: who is trusted, and who is known again.

use super::tls_origin::{TlsOrigin, Tunnel, trusting};
use super::*;

async fn ask(fetcher: &Fetcher, url: &str) -> Fetched {
    let target = target(url);
    let none = Validators::default();
    fetcher.fetch(&target, &none, &clock()).await
}

/// S20: a certificate that nobody vouches for, and one of another name.
#[tokio::test]
async fn s20_certificates_are_verified() {
    let origin = TlsOrigin::start(&["h2"]).await;
    let unknown = Fetcher::new(&settings()).unwrap();
    let fetched = ask(&unknown, &origin.url("a")).await;
    assert_eq!(failure(&fetched).0, FailureKind::Tls, "{fetched:?}");
    let other_name = format!("https://a.localhost:{}/", origin.address.port());
    let fetched = ask(&trusting(&settings()), &other_name).await;
    assert_eq!(failure(&fetched).0, FailureKind::Tls, "{fetched:?}");
    let fetched = ask(&trusting(&settings()), &origin.url("a")).await;
    assert_eq!(fetched.outcome, Outcome::Modified);
    assert_eq!(origin.requests().len(), 1);
}

/// More hosts than rustls remembers by itself are known again, round after round.
#[tokio::test]
async fn sessions_are_resumed() {
    const HOSTS: usize = 64;
    let origin = TlsOrigin::start(&["http/1.1"]).await;
    let fetcher = trusting(&settings());
    // No third round: by then connections are kept.
    for round in 0..2 {
        for host in 0..HOSTS {
            let answer = ask(&fetcher, &origin.url(&format!("h{host}"))).await;
            assert_eq!(answer.outcome, Outcome::Modified);
        }
        assert_eq!(origin.handshakes(), (HOSTS, round * HOSTS));
    }
}

/// Whoever comes through a proxy is not known by a visit without it, nor the other way round (RFC 8446, C.4).
#[tokio::test]
async fn sessions_are_of_one_way() {
    let origin = TlsOrigin::start(&["http/1.1"]).await;
    let tunnel = Tunnel::start(origin.address).await;
    let fetcher = trusting(&settings());
    let proxy = Proxy::new(format!("http://{}", tunnel.address).parse().unwrap()).unwrap();
    let other = proxy.clone().with_credentials("another", "identity");
    for (host, proxy, handshakes) in [
        ("a", None, (1, 0)),
        ("a", Some(&proxy), (2, 0)),
        ("a", None, (2, 1)),
        ("a", Some(&proxy), (2, 2)),
        ("b", Some(&proxy), (3, 2)),
        ("b", Some(&other), (4, 2)),
    ] {
        let target = Target {
            route: Route {
                proxy: proxy.cloned(),
                ..Route::default()
            },
            ..target(&origin.url(host))
        };
        let none = Validators::default();
        let answer = fetcher.fetch(&target, &none, &clock()).await;
        assert_eq!(answer.outcome, Outcome::Modified, "{answer:?}");
        assert_eq!(origin.handshakes(), handshakes, "{host} {proxy:?}");
    }
}

/// S6: what is for the proxy stays with it, and what is for the origin goes through it unseen.
#[tokio::test]
async fn tunnels() {
    let origin = TlsOrigin::start(&["h2"]).await;
    let tunnel = Tunnel::start(origin.address).await;
    let proxy = Proxy::new(format!("http://{}", tunnel.address).parse().unwrap());
    let target = Target {
        headers: vec![Header::bearer("their-canary")],
        route: Route {
            proxy: Some(proxy.unwrap().with_credentials("me", "our-canary")),
            ..Route::default()
        },
        ..target("https://feeds.test.localhost/")
    };
    let none = Validators::default();
    let closed = trusting(&Settings::default());
    let fetched = closed.fetch(&target, &none, &clock()).await;
    let expected = "feeds.test.localhost is this machine and loopback is not in allow-networks";
    assert_eq!(failure(&fetched).1, expected);
    let open = trusting(&settings());
    let fetched = open.fetch(&target, &none, &clock()).await;
    assert_eq!(fetched.outcome, Outcome::Modified, "{fetched:?}");
    let asked = tunnel.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("CONNECT feeds.test.localhost:443 HTTP/1.1\r\n"));
    assert!(
        asked[0].contains("roxy-") && !asked[0].contains("their-canary"),
        "{asked:?}"
    );
    let requests = origin.requests();
    assert_eq!(requests[0]["authorization"], "Bearer their-canary");
    assert!(!requests[0].contains_key("proxy-authorization"));
}
