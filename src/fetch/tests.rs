//! Fetching against scripted origins: what goes over the wire, and what comes back as data.

mod bodies;
mod conditions;
mod connections;
mod origin;
mod redirects;
mod routes;
mod secrets;
mod secure;
mod tls_origin;

use super::*;
use crate::clock::ManualClock;
use crate::model::{FailureKind, Outcome};
use origin::{Origin, Reply};
use reqwest::header::HeaderMap;
use std::sync::Arc;
use std::time::Duration;

fn clock() -> ManualClock {
    ManualClock::new("2026-11-01T12:00:00Z".parse().unwrap())
}

/// Settings under which 127.0.0.1 may be fetched and nothing else that is not public.
fn settings() -> Settings {
    Settings {
        allow_networks: vec!["127.0.0.1/32".parse().unwrap()],
        ..Settings::default()
    }
}

fn target(url: &str) -> Target {
    Target::new(url.parse().unwrap())
}

async fn fetch_with(settings: &Settings, target: &Target, validators: &Validators) -> Fetched {
    let fetcher = Fetcher::new(settings).unwrap();
    fetcher.fetch(target, validators, &clock()).await
}

async fn fetch(url: &str) -> Fetched {
    fetch_with(&settings(), &target(url), &Validators::default()).await
}

async fn fetch_again(url: &str, validators: &Validators) -> Fetched {
    fetch_with(&settings(), &target(url), validators).await
}

/// Returns what validators remember of an address.
fn address(url: &str) -> String {
    ask::digest(&url.parse().unwrap())
}

/// Returns kind and message of a failure.
#[track_caller]
fn failure(fetched: &Fetched) -> (FailureKind, &str) {
    match &fetched.outcome {
        Outcome::Failed(failure) => (failure.kind, &failure.message),
        other => panic!("no failure but {other:?}"),
    }
}

/// P29, P30, P31, P4: every byte of a first request.
#[tokio::test]
async fn first_request_says_this_and_no_more() {
    let origin = Origin::start(|_, _| Reply::ok("<rss/>")).await;
    let fetched = fetch(&origin.url("/feed?a=b")).await;
    assert_eq!(fetched.outcome, Outcome::Modified);
    let expected = format!(
        "GET /feed?a=b HTTP/1.1\r\n\
         user-agent: merganser/{}\r\n\
         accept: application/atom+xml, application/rss+xml, application/feed+json, \
         application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1\r\n\
         accept-encoding: gzip, zstd, br, deflate\r\n\
         host: {}\r\n\r\n",
        env!("CARGO_PKG_VERSION"),
        origin.address
    );
    let mut lines: Vec<String> = origin.requests()[0].lines().map(str::to_owned).collect();
    let mut expected: Vec<String> = expected.lines().map(str::to_owned).collect();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
}

/// P1, P2, P3: whatever the bytes are.
#[tokio::test]
async fn validators_come_back_byte_for_byte() {
    for (etag, last_modified) in [
        (&b"\"abc\""[..], &b"Sun, 01 Nov 2026 10:00:00 GMT"[..]),
        (b"W/\"a b\"", b"yesterday-ish"),
        (b"W/\"caf\xe9\"", b"2026-11-01"),
        (b"unquoted", b"0"),
    ] {
        let head = [b"HTTP/1.1 200 OK\r\nconnection: close\r\netag: ", etag].concat();
        let head = [
            &head,
            &b"\r\nlast-modified: "[..],
            last_modified,
            b"\r\n\r\n<rss/>",
        ]
        .concat();
        let origin = Origin::start(move |_, _| Reply::raw(head.clone())).await;
        let first = fetch(&origin.url("/")).await;
        assert_eq!(first.validators.etag.as_deref(), Some(etag));
        fetch_again(&origin.url("/"), &first.validators).await;
        assert_eq!(origin.last_field("if-none-match").as_deref(), Some(etag));
        let sent = origin.last_field("if-modified-since");
        assert_eq!(sent.as_deref(), Some(last_modified));
    }
}

/// What could not be sent back is not kept.
#[tokio::test]
async fn validators_that_are_no_use() {
    let long = "a".repeat(10_000);
    for value in ["", long.as_str()] {
        let head = format!("HTTP/1.1 200 OK\netag: {value}\nlast-modified: {value}");
        let origin = Origin::start(move |_, _| Reply::new(&head, "x")).await;
        let fetched = fetch(&origin.url("/")).await;
        assert_eq!(fetched.outcome, Outcome::Modified);
        assert!(fetched.validators.is_empty());
    }
}

/// P4, P7: only what the last 200 gave, never a date of our own.
#[tokio::test]
async fn validators_that_are_gone_are_not_sent() {
    let origin = Origin::start(|_, number| match number {
        1 => Reply::new(
            "HTTP/1.1 200 OK\netag: \"1\"\ndate: Sun, 01 Nov 2026 10:00:00 GMT",
            "x",
        ),
        _ => Reply::ok("y"),
    })
    .await;
    let first = fetch(&origin.url("/")).await;
    let second = fetch_again(&origin.url("/"), &first.validators).await;
    assert_eq!(origin.last_field("if-modified-since"), None);
    assert!(origin.last_field("if-none-match").is_some());
    assert!(second.validators.is_empty());
    fetch_again(&origin.url("/"), &second.validators).await;
    assert_eq!(origin.last_field("if-none-match"), None);
}

/// P20: whatever goes wrong is not tried again.
#[tokio::test]
async fn nothing_is_asked_twice() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx",
        "HTTP/1.1 503 X\r\n\r\n",
    ] {
        let origin = Origin::start(move |_, _| Reply::raw(bytes)).await;
        let fetched = fetch(&origin.url("/")).await;
        assert!(!fetched.outcome.is_success());
        assert_eq!((origin.requests().len(), origin.connections()), (1, 1));
    }
}

/// P42: a 304 and a 204 have no body, whatever they announce; nobody waits for it.
#[tokio::test]
async fn bodies_that_cannot_be_are_not_read() {
    for (status, expected) in [("304 X", "not-modified"), ("204 X", "http")] {
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: 99\r\n\r\n<rss/>");
        let origin = Origin::start(move |_, _| Reply::raw(head.clone()).and_hang()).await;
        let validators = Validators {
            url: address(&origin.url("/")),
            etag: Some(b"\"1\"".to_vec()),
            ..Validators::default()
        };
        let fetched = fetch_again(&origin.url("/"), &validators).await;
        assert_eq!(fetched.outcome.name(), expected);
        assert_eq!(fetched.body, None);
    }
}

/// P6: a 304 changes what it names and confirms the rest.
#[tokio::test]
async fn not_modified_updates_validators_and_freshness() {
    let origin = Origin::start(|_, number| match number {
        1 => Reply::new("HTTP/1.1 200 OK\netag: \"1\"\nlast-modified: then", "x"),
        _ => Reply::new(
            "HTTP/1.1 304 Not Modified\netag: \"2\"\ncache-control: max-age=7200",
            "",
        ),
    })
    .await;
    let first = fetch(&origin.url("/")).await;
    let second = fetch_again(&origin.url("/"), &first.validators).await;
    assert_eq!(second.outcome, Outcome::NotModified);
    assert_eq!(second.status, Some(304));
    assert_eq!(second.body, None);
    assert_eq!(second.validators.url, address(&origin.url("/")));
    assert_eq!(second.validators.etag.as_deref(), Some(&b"\"2\""[..]));
    assert_eq!(
        second.validators.last_modified.as_deref(),
        Some(&b"then"[..])
    );
    assert_eq!(second.freshness.lifetime, Some(Duration::from_hours(2)));
}

#[tokio::test]
async fn not_modified_without_being_asked_is_a_failure() {
    let origin = Origin::start(|_, _| Reply::new("HTTP/1.1 304 Not Modified", "")).await;
    let fetched = fetch(&origin.url("/")).await;
    let expected = "304 Not Modified to an unconditional request";
    assert_eq!(failure(&fetched), (FailureKind::Http, expected));
}

/// Has an origin answer with a head, and looks at what is made of it. A failure leaves no validators (P8).
async fn check(head: &str, expected: &str) {
    let reply = format!("{head}\netag: \"1\"");
    let origin = Origin::start(move |_, _| Reply::new(&reply, "body")).await;
    let fetched = fetch(&origin.url("/")).await;
    let said = match &fetched.outcome {
        Outcome::Failed(failure) => failure.message.replace(&origin.address.to_string(), "A"),
        other => other.name().to_owned(),
    };
    assert_eq!(said, expected, "{head}");
    let is_read = expected == "modified";
    assert_eq!(fetched.validators.is_empty(), !is_read, "{head}");
    assert_eq!(fetched.body.is_some(), is_read, "{head}");
}

/// Status lines and what they mean; what the origin wrote into the line is in no message (S18).
#[tokio::test]
async fn statuses() {
    check("HTTP/1.1 200 OK", "modified").await;
    check("HTTP/1.0 200 OK", "modified").await;
    check("HTTP/1.1 226 IM Used", "modified").await;
    check("HTTP/1.1 204 No Content", "204 No Content").await;
    check("HTTP/1.1 206 Partial Content", "206 Partial Content").await;
    check("HTTP/1.1 300 Multiple Choices", "300 Multiple Choices").await;
    check("HTTP/1.1 401 Unauthorized", "401 Unauthorized").await;
    check(
        "HTTP/1.1 404 Gone Fishing\u{1b}[31m",
        "no usable response from A: invalid HTTP status-code parsed",
    )
    .await;
    check("HTTP/1.1 404 Gone Fishing", "404 Not Found").await;
    check("HTTP/1.1 410 Gone", "gone").await;
    check("HTTP/1.1 429 Too Many Requests", "throttled").await;
    check(
        "HTTP/1.1 503 Service Unavailable",
        "503 Service Unavailable",
    )
    .await;
    let maintenance = "HTTP/1.1 503 Service Unavailable\nretry-after: 60";
    check(maintenance, "throttled").await;
    let nonsense = "HTTP/1.1 503 Service Unavailable\nretry-after: soon";
    check(nonsense, "503 Service Unavailable").await;
    check("HTTP/1.1 500 Oops", "500 Internal Server Error").await;
    check("HTTP/1.1 599 Odd", "599").await;
    check(
        "HTTP/1.1 403 Forbidden\ncf-mitigated: challenge",
        "403 Forbidden: a bot wall (Cloudflare) stands before A",
    )
    .await;
}

/// P43: bot walls are named, and nothing that only passes through one.
#[tokio::test]
async fn bot_walls() {
    let walled = |status, wall| format!("{status}: a bot wall ({wall}) stands before A");
    for (head, wall) in [
        ("202 Accepted\nx-amzn-waf-action: challenge", "AWS WAF"),
        ("200 OK\nx-vercel-mitigated: challenge", "Vercel"),
        ("403 Forbidden\nx-datadome: protected", "DataDome"),
        ("403 Forbidden\nServer: AkamaiGHost", "Akamai"),
        ("503 Service Unavailable\nserver: ddos-guard", "DDoS-Guard"),
    ] {
        let status = head.lines().next().unwrap();
        check(&format!("HTTP/1.1 {head}"), &walled(status, wall)).await;
    }
    check(
        "HTTP/1.1 404 Not Found\nserver: AkamaiGHost",
        "404 Not Found",
    )
    .await;
    check("HTTP/1.1 200 OK\nx-datadome: protected", "modified").await;
}

/// P17: a redirect that asks for patience is followed, and heeded.
#[tokio::test]
async fn retry_after_of_redirects() {
    let origin = Origin::start(|path, _| match path {
        "/" => Reply::new("HTTP/1.1 302 X\nretry-after: 900\nlocation: /next", ""),
        "/lost" => Reply::new("HTTP/1.1 302 X\nretry-after: 900", ""),
        _ => Reply::new("HTTP/1.1 200 OK\nretry-after: 5000", "x"),
    })
    .await;
    for path in ["/", "/lost"] {
        let span = fetch(&origin.url(path)).await.freshness.retry_after;
        assert_eq!(span.map(|span| span.as_secs()), Some(900), "{path}");
    }
}

/// P17: and only where it means something.
#[tokio::test]
async fn retry_after_is_read_from_refusals() {
    for (status, expected) in [
        (429, Some(120)),
        (503, Some(120)),
        (404, Some(120)),
        (200, None),
    ] {
        let head = format!("HTTP/1.1 {status} X\nretry-after: 120");
        let origin = Origin::start(move |_, _| Reply::new(&head, "x")).await;
        let span = fetch(&origin.url("/")).await.freshness.retry_after;
        assert_eq!(span.map(|span| span.as_secs()), expected, "{status}");
    }
}

#[tokio::test]
async fn charset_of_the_content_type() {
    for (content_type, expected) in [
        ("text/xml; charset=windows-1251", Some("windows-1251")),
        ("text/xml;foo=bar; Charset=\"UTF-8\"", Some("UTF-8")),
        ("text/xml; charset=", None),
        ("text/xml", None),
    ] {
        let head = format!("HTTP/1.1 200 OK\ncontent-type: {content_type}");
        let origin = Origin::start(move |_, _| Reply::new(&head, "x")).await;
        let fetched = fetch(&origin.url("/")).await;
        assert_eq!(fetched.charset.as_deref(), expected, "{content_type}");
    }
}

/// P40: silence ends at half the limit, before the body and in it; what never ends, at the limit.
#[tokio::test]
async fn silence_and_drips_end_at_their_limits() {
    let settings = Settings {
        timeout: Duration::from_millis(800),
        ..settings()
    };
    let check = async |reply: Reply, expected: &str| {
        let origin = Origin::start(move |_, _| reply.clone()).await;
        let target = target(&origin.url("/secret-path"));
        let fetched = fetch_with(&settings, &target, &Validators::default()).await;
        let (kind, message) = failure(&fetched);
        let message = message.replace(&origin.address.to_string(), "A");
        assert_eq!((kind, &*message), (FailureKind::Timeout, expected));
    };
    let (head, body) = ("HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n<rss>");
    let early = b"HTTP/1.1 103 Early Hints\r\n\r\n";
    tokio::join!(
        check(
            Reply::raw("").and_hang(),
            "no response from A within 400ms, half of `timeout`"
        ),
        check(
            Reply::raw(head).and_hang(),
            "no response from A within 400ms, half of `timeout`"
        ),
        check(
            Reply::raw("").and_drip(early),
            "no response from A within 400ms, half of `timeout`"
        ),
        check(
            Reply::raw(body).and_hang(),
            "no more of the body from A within 400ms, half of `timeout`"
        ),
        check(
            Reply::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                .and_drip(b"1\r\n \r\n"),
            "no complete response from A within 800ms"
        ),
    );
}

#[tokio::test]
async fn connections_that_fail_say_where() {
    let origin = Origin::start(|_, _| Reply::ok("")).await;
    let fetched = fetch(&origin.url("/").replace("http:", "https:")).await;
    assert_eq!(failure(&fetched).0, FailureKind::Tls, "{fetched:?}");
    let host = origin.url("/").replace("http://", "").replace('/', "");
    assert_eq!(failure(&fetched).1, format!("{host} {NO_TLS}"));

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let fetched = fetch(&format!("http://{address}/")).await;
    let expected = format!("connection to {address} refused");
    assert_eq!(failure(&fetched), (FailureKind::Connect, expected.as_str()));
    assert_eq!(fetched.url, format!("http://{address}/"));
    assert_eq!(fetched.status, None);
}

/// P40: TLS is part of connecting, and who accepts and says nothing was not reached.
#[tokio::test]
async fn connections_that_are_not_made_say_how_long_they_had() {
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = mute.local_addr().unwrap();
    let target = Target {
        timeout: Some(Duration::from_millis(900)),
        ..target(&format!("https://{address}/"))
    };
    let fetched = fetch_with(&settings(), &target, &Validators::default()).await;
    let expected =
        format!("connection to {address} not made within 250ms, about a third of `timeout`");
    assert_eq!(failure(&fetched), (FailureKind::Connect, expected.as_str()));
}

/// A label of more than 63 letters fails in the resolver itself, without a network.
#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let name = format!("{}.example", "a".repeat(70));
    let fetched = fetch(&format!("http://{name}/")).await;
    let (kind, message) = failure(&fetched);
    assert_eq!(kind, FailureKind::Dns, "{message}");
    assert!(
        message.starts_with(&format!("cannot resolve {name}: ")),
        "{message}"
    );
}

#[tokio::test]
async fn localhost_is_fetched_when_loopback_is_allowed() {
    let origin = Origin::start(|_, _| Reply::ok("x")).await;
    let url = format!("http://a.localhost:{}/", origin.address.port());
    assert_eq!(fetch(&url).await.outcome, Outcome::Modified);
    let closed = fetch_with(&Settings::default(), &target(&url), &Validators::default()).await;
    let expected = "a.localhost is this machine and loopback is not in allow-networks";
    assert_eq!(failure(&closed), (FailureKind::Blocked, expected));
}

/// Returns a way on which nothing is allowed but what is public, and nothing was checked yet.
fn unguarded_way() -> Arc<route::Way> {
    let routes = Routes::new(&Settings::default()).unwrap();
    routes.way(&Route::default(), Settings::TIMEOUT)
}

/// S3: the client tells which address it dialled, so that the last check has something to check.
#[tokio::test]
async fn peers_are_known() {
    let origin = Origin::start(|_, _| Reply::ok("x")).await;
    let way = unguarded_way();
    let url: Url = origin.url("/").parse().unwrap();
    let caller = way.caller(&url).unwrap();
    let response = caller.get(url, HeaderMap::new()).await.unwrap();
    assert_eq!(response.remote_addr(), Some(origin.address));
}

/// S3: the guard stands in the resolver too, not only before the hop.
#[tokio::test]
async fn names_are_judged_by_what_they_resolve_to() {
    let way = unguarded_way();
    let url: Url = "http://localhost:1/".parse().unwrap();
    let caller = way.caller(&url).unwrap();
    let error = caller.get(url, HeaderMap::new()).await.unwrap_err();
    let failure = way.failure(
        &error,
        &"http://localhost:1/".parse().unwrap(),
        way.connecting(),
    );
    assert_eq!(failure.kind, FailureKind::Blocked, "{failure}");
}

/// P32: how a host may be spelt.
#[test]
fn p32_a_host_is_one_however_it_is_spelt() {
    for (url, expected) in [
        ("https://news.example/feed", "news.example:443"),
        ("https://News.Example./feed", "news.example:443"),
        (
            "https://user:pass@news.example.:443/other",
            "news.example:443",
        ),
        ("http://news.example.", "news.example:80"),
        ("http://127.0.0.1.:8080/", "127.0.0.1:8080"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ] {
        assert_eq!(authority(&url.parse().unwrap()), expected, "{url}");
    }
}

#[test]
fn a_user_agent_that_cannot_be_sent_is_an_error() {
    let settings = Settings {
        user_agent: "a\nb".into(),
        ..Settings::default()
    };
    let error = Fetcher::new(&settings).unwrap_err();
    assert!(matches!(error, FetchError::UserAgent(_)));
}
