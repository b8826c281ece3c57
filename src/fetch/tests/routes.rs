//! What a feed says of how it is fetched: name, time, networks, proxy.

use super::*;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Returns a target behind a proxy.
fn behind(proxy: &str, url: &str) -> Target {
    let proxy = Proxy::new(proxy.parse().unwrap()).unwrap();
    Target {
        route: Route {
            proxy: Some(proxy.with_credentials("me%41", "can:ary@/é")),
            ..Route::default()
        },
        ..target(url)
    }
}

/// Settings under which nothing is reached that is not public.
fn closed() -> Settings {
    Settings::default()
}

async fn outcome(settings: &Settings, target: &Target) -> Fetched {
    fetch_with(settings, target, &Validators::default()).await
}

/// P29: the suffix follows the name, wherever the feed leads; a header of the feed's own says it all.
#[tokio::test]
async fn user_agents() {
    let agents = async |feed: &dyn Fn(&str) -> Target| {
        let home = Origin::start(|_, _| Reply::ok("x")).await;
        let end = home.url("/");
        let away = Origin::start(move |_, _| Reply::redirect(302, &end)).await;
        outcome(&settings(), &feed(&away.url("/"))).await;
        let sent = |origin: &Origin| {
            let agent = origin.last_field("user-agent").unwrap();
            String::from_utf8(agent).unwrap()
        };
        (sent(&away), sent(&home))
    };
    let name = Settings::default().user_agent;
    let suffixed = |url: &str| Target {
        user_agent_suffix: Some("desk/7 (news)".into()),
        ..target(url)
    };
    let expected = format!("{name} desk/7 (news)");
    assert_eq!(
        agents(&suffixed).await,
        (expected.clone(), expected.clone())
    );
    let own = |url: &str| Target {
        headers: vec![Header {
            name: "user-agent".into(),
            value: "own/1".into(),
        }],
        ..suffixed(url)
    };
    assert_eq!(agents(&own).await, ("own/1".to_owned(), expected));
    let broken = Target {
        user_agent_suffix: Some("a\nb".into()),
        ..target("http://127.0.0.1:1/")
    };
    let fetched = outcome(&settings(), &broken).await;
    let expected = "the feed's header `user-agent` cannot be sent";
    assert_eq!(failure(&fetched).1, expected);
}

/// P40: a feed that needs longer has longer, and one that should be short is cut short.
#[tokio::test]
async fn time_limits_of_a_feed() {
    let origin = Origin::start(|_, _| Reply::raw("").and_hang()).await;
    let target = Target {
        timeout: Some(Duration::from_millis(200)),
        ..target(&origin.url("/"))
    };
    let fetched = outcome(&settings(), &target).await;
    let expected = format!(
        "no response from {} within 100ms, half of `timeout`",
        origin.address
    );
    assert_eq!(failure(&fetched), (FailureKind::Timeout, &*expected));
}

/// S2: the networks of a feed stand in the place of all others, for it alone.
#[tokio::test]
async fn networks_of_a_feed() {
    let origin = Origin::start(|_, _| Reply::ok("x")).await;
    let of = |networks: &[&str]| Target {
        route: Route {
            allow_networks: Some(networks.iter().map(|net| net.parse().unwrap()).collect()),
            ..Route::default()
        },
        ..target(&origin.url("/"))
    };
    for (settings, target, expected) in [
        (closed(), target(&origin.url("/")), "blocked"),
        (closed(), of(&["127.0.0.1/32"]), "modified"),
        (closed(), of(&["127.0.0.2/32"]), "blocked"),
        (settings(), target(&origin.url("/")), "modified"),
        (settings(), of(&[]), "blocked"),
        (settings(), of(&["127.0.0.2/32"]), "blocked"),
    ] {
        let fetched = outcome(&settings, &target).await;
        assert_eq!(fetched.outcome.name(), expected, "{target:?}");
    }
}

/// Equal routes share their clients, others do not.
#[test]
fn one_way_for_each_route() {
    let routes = Routes::new(&settings()).unwrap();
    let networks = Route {
        allow_networks: Some(Vec::new()),
        ..Route::default()
    };
    let proxied = behind("http://proxy.example", "http://a.example").route;
    let all = [Route::default(), networks, proxied];
    for (one, first) in all.iter().enumerate() {
        for (other, second) in all.iter().enumerate() {
            let way = |route: &Route| routes.way(route, Settings::TIMEOUT);
            let same = Arc::ptr_eq(&way(first), &way(&second.clone()));
            assert_eq!(same, one == other, "{first:?} {second:?}");
        }
    }
    let shown = format!("{routes:?} {all:?}");
    assert!(!shown.contains("ary"), "{shown}");
}

/// S2, S6: the proxy may be where no feed may be, gets the whole address and its own credentials, and
/// names are left to it; what is not public is not asked for through it either.
#[tokio::test]
async fn http_proxies() {
    let proxy = Origin::start(|address, _| match address {
        "http://feeds.example.invalid/a" => Reply::redirect(302, "http://other.example.invalid/b"),
        "http://other.example.invalid/b" => Reply::redirect(302, "http://10.0.0.1/c"),
        _ => Reply::ok("x"),
    })
    .await;
    let mut target = behind(&proxy.url(""), "http://you:their@feeds.example.invalid/a");
    target.headers.push(Header {
        name: "x-api-key".into(),
        value: "canary".into(),
    });
    let fetched = outcome(&closed(), &target).await;
    let expected = "redirect refused: 10.0.0.1 is not a public address and not in allow-networks";
    assert_eq!(failure(&fetched), (FailureKind::Blocked, expected));

    let requests = proxy.requests();
    let field =
        |name: &str, value: &str| format!("{name}: Basic {}", BASE64_STANDARD.encode(value));
    let (ours, theirs) = (
        field("proxy-authorization", "me%41:can:ary@/é"),
        field("authorization", "you:their"),
    );
    let sent: Vec<_> = requests
        .iter()
        .map(|request| {
            let has = |field: &str| request.lines().any(|line| line == field);
            (has(&ours), has(&theirs), has("x-api-key: canary"))
        })
        .collect();
    assert_eq!(
        sent,
        [(true, true, true), (true, false, false)],
        "{requests:?}"
    );
}

/// Failures say whom the proxy was asked for, or that it was not reached itself; and no secret.
#[tokio::test]
async fn proxies_that_fail() {
    let refusing = Origin::start(|_, _| Reply::new("HTTP/1.1 407 Who are you", "")).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed_port = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let unknown = format!("http://{}.example", "a".repeat(70));
    let unreached = |proxy: &str, why: &str| format!("the proxy {proxy} cannot be reached{why}");
    for (proxy, url, kind, expected) in [
        (
            refusing.url(""),
            "http://a.invalid/",
            FailureKind::Http,
            "407 Proxy Authentication Required".to_owned(),
        ),
        (
            refusing.url(""),
            "https://a.invalid/",
            FailureKind::Connect,
            format!(
                "the proxy {} opens no way to a.invalid:443: it answered 407 to CONNECT",
                refusing.address
            ),
        ),
        (
            format!("http://{closed_port}"),
            "http://a.invalid/",
            FailureKind::Proxy,
            unreached(&closed_port, ": refused"),
        ),
        (
            format!("http://{closed_port}"),
            "https://a.invalid/",
            FailureKind::Proxy,
            unreached(&closed_port, ": refused"),
        ),
        (
            format!("socks5h://{closed_port}"),
            "http://a.invalid/",
            FailureKind::Proxy,
            unreached(&closed_port, ""),
        ),
        (
            unknown.clone(),
            "http://a.invalid/",
            FailureKind::Proxy,
            unreached(
                &format!("{}:80", unknown.trim_start_matches("http://")),
                ": ",
            ),
        ),
        (
            "socks5://127.0.0.1:9".to_owned(),
            "http://a.invalid/",
            FailureKind::Dns,
            "cannot resolve a.invalid".to_owned(),
        ),
    ] {
        let fetched = outcome(&closed(), &behind(&proxy, url)).await;
        let (is, message) = failure(&fetched);
        assert_eq!(is, kind, "{proxy} {url}: {message}");
        assert!(message.starts_with(&expected), "{proxy} {url}: {message}");
        assert!(!format!("{fetched:?}").contains("ary"), "{fetched:?}");
    }
}

/// Who answered is near, as a proxy is wherever it stands; and nobody did where the last request came to nothing.
#[tokio::test]
async fn who_answers_shows_the_way() {
    let origin = Origin::start(|address, _| match address {
        "/gone" => Reply::redirect(302, "http://127.0.0.1:1/"),
        "/bad" => Reply::new("HTTP/1.1 502 Bad Gateway", ""),
        _ => Reply::ok("x"),
    })
    .await;
    for (target, is_near) in [
        (target(&origin.url("/")), Some(true)),
        (target(&origin.url("/bad")), Some(true)),
        (target(&origin.url("/gone")), None),
        (target("http://127.0.0.1:1/"), None),
        (behind(&origin.url(""), "http://a.invalid/"), Some(true)),
    ] {
        let fetched = outcome(&settings(), &target).await;
        let reached = fetched.reached.map(|it| it.is_near);
        assert_eq!(reached, is_near, "{:?}", fetched.outcome);
        assert!(fetched.asked_at.is_some());
    }
}

/// P20: what a proxy refuses is not asked again.
#[tokio::test]
async fn p20_a_proxy_that_refuses_is_asked_once() {
    for status in [403, 407, 502, 504] {
        let head = format!("HTTP/1.1 {status} No");
        for url in ["http://a.invalid/", "https://a.invalid/"] {
            let head = head.clone();
            let proxy = Origin::start(move |_, _| Reply::new(&head, "")).await;
            let fetched = outcome(&closed(), &behind(&proxy.url(""), url)).await;
            assert!(!fetched.outcome.is_success());
            let asked = (proxy.requests().len(), proxy.connections());
            assert_eq!(asked, (1, 1), "{status} {url}");
        }
    }
}

/// The words are the client's, and change with it: then no proxy is named any more.
#[tokio::test]
async fn what_a_proxy_says_to_connect_is_told_as_its_own() {
    for (head, expected) in [
        (
            "HTTP/1.1 403 No\r\n\r\n",
            "it answered CONNECT with a refusal",
        ),
        ("HTTP/1.1 407 Who\r\n\r\n", "it answered 407 to CONNECT and"),
        ("", "it hung up on CONNECT"),
    ] {
        let proxy = Origin::start(move |_, _| Reply::raw(head)).await;
        let target = behind(&proxy.url(""), "https://a.invalid/");
        let fetched = outcome(&closed(), &target).await;
        let place = &proxy.address;
        let told = format!("the proxy {place} opens no way to a.invalid:443: {expected}");
        let (kind, message) = failure(&fetched);
        assert_eq!(kind, FailureKind::Connect);
        assert!(message.starts_with(&told), "{message}");
        assert!(fetched.outcome.proves_proxy());
    }
}

/// One that answers was reached, whatever it says of whom it was asked for; and so was one that is silent, as far as
/// anybody can tell.
#[tokio::test]
async fn proxies_that_do_not_reach_the_origin() {
    for reply in [&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0][..], &[]] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("socks5h://{}", listener.local_addr().unwrap());
        let proxy = Proxy::new(proxy.parse().unwrap()).unwrap();
        let target = Target {
            route: Route {
                proxy: Some(proxy),
                ..Route::default()
            },
            timeout: Some(Duration::from_millis(600)),
            ..target("http://a.invalid/")
        };
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let [_, methods] = read(&mut stream).await;
            let methods = &mut vec![0; methods.into()];
            stream.read_exact(methods).await.unwrap();
            stream.write_all(&[5, 0]).await.unwrap();
            let [_, _, _, _] = read(&mut stream).await;
            text(&mut stream).await;
            read::<2>(&mut stream).await;
            stream.write_all(reply).await.unwrap();
            std::future::pending::<()>().await;
        };
        let settings = closed();
        let fetched = tokio::select! {
            fetched = outcome(&settings, &target) => fetched,
            () = serve => unreachable!(),
        };
        let (kind, message) = failure(&fetched);
        assert_eq!(kind, FailureKind::Connect, "{message}");
        assert!(message.contains("by the proxy 127.0.0.1:"), "{message}");
        let answers = !reply.is_empty();
        assert_eq!(fetched.outcome.proves_proxy(), answers, "{message}");
    }
}

/// A client that passes the proxy over would dial by itself: an address that it cannot read is refused.
#[test]
fn proxies_that_cannot_be() {
    for url in [
        "ftp://a.example",
        "socks4://a.example",
        "socks5:a.example",
        "data:,x",
    ] {
        assert_eq!(Proxy::new(url.parse().unwrap()), None, "{url}");
    }
    let proxy = Proxy::new("socks5://a.example".parse().unwrap()).unwrap();
    let proxy = proxy.with_credentials("a b\\\"<>^`{|}", "\u{7f}é%zz");
    let routes = Routes::new(&settings()).unwrap();
    let route = Route {
        proxy: Some(proxy),
        ..Route::default()
    };
    let url = "http://a.example/".parse().unwrap();
    assert!(routes.way(&route, Settings::TIMEOUT).caller(&url).is_ok());
}

/// S2, S5: `socks5` leaves the names to us and `socks5h` to the proxy.
#[tokio::test]
async fn socks_proxies() {
    let check = async |scheme: &str, settings: &Settings, url: &str, expected: &str| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let target = behind(&address, url);
        let (fetch, mut asked) = (outcome(settings, &target), String::new());
        let fetched = tokio::select! {
            fetched = fetch => fetched,
            never = serve_socks(listener, &mut asked) => never,
        };
        let found = match &fetched.outcome {
            Outcome::Failed(failure) => &failure.message,
            _ => &asked,
        };
        assert_eq!(found, expected, "{scheme} {url}");
    };
    let refused = "10.0.0.1 is not a public address and not in allow-networks";
    let this_machine = "a.localhost is this machine and loopback is not in allow-networks";
    let unknown = "http://a.invalid:81/";
    check(
        "socks5h",
        &closed(),
        unknown,
        "a.invalid:81 for me%41:can:ary@/é",
    )
    .await;
    check("socks5h", &closed(), "http://10.0.0.1/", refused).await;
    check("socks5h", &closed(), "http://a.localhost/", this_machine).await;
    check("socks5", &closed(), "http://a.localhost/", this_machine).await;
    let known = "http://a.localhost:81/";
    check(
        "socks5",
        &settings(),
        known,
        "127.0.0.1:81 for me%41:can:ary@/é",
    )
    .await;
}

/// Is a SOCKS5 proxy (RFC 1928, 1929) and whatever is asked for through it, for one request. Notes what
/// that was and who asked.
async fn serve_socks(listener: TcpListener, asked: &mut String) -> Fetched {
    let (mut stream, _) = listener.accept().await.unwrap();
    let [_, methods] = read(&mut stream).await;
    stream
        .read_exact(&mut vec![0; methods.into()])
        .await
        .unwrap();
    stream.write_all(&[5, 2]).await.unwrap();
    let [_] = read(&mut stream).await;
    let (user, password) = (text(&mut stream).await, text(&mut stream).await);
    stream.write_all(&[1, 0]).await.unwrap();
    let [_, _, _, kind] = read(&mut stream).await;
    let host = if kind == 1 {
        read::<4>(&mut stream)
            .await
            .map(|byte| byte.to_string())
            .join(".")
    } else {
        text(&mut stream).await
    };
    let port = u16::from_be_bytes(read(&mut stream).await);
    *asked = format!("{host}:{port} for {user}:{password}");
    let reply = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    stream.write_all(&reply).await.unwrap();
    let ok = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx";
    stream.write_all(ok).await.unwrap();
    std::future::pending().await
}

async fn read<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// Reads a text that its length goes before.
async fn text(stream: &mut TcpStream) -> String {
    let [length] = read(stream).await;
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}
