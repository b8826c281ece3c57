//! Redirects: followed by us, hop by hop, behind the guard.

use super::*;
use crate::clock::Clock as _;
use crate::model::FailureKind::{Blocked, Redirect};
use crate::model::Hop;
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::SignedDuration;

/// P22: the five that a GET can follow.
#[tokio::test]
async fn redirects_are_followed_and_recorded() {
    for status in [301, 302, 303, 307, 308] {
        let origin = Origin::start(move |path, _| match path {
            "/a" => Reply::redirect(status, "b?x=1#part"),
            _ => Reply::ok("x"),
        })
        .await;
        let fetched = fetch(&origin.url("/a")).await;
        assert_eq!(fetched.outcome, Outcome::Modified, "{status}");
        assert_eq!(fetched.url, origin.url("/b?x=1"));
        let url = origin.url("/b?x=1");
        assert_eq!(fetched.hops, [Hop { status, url }]);
        assert!(!origin.requests()[1].contains("referer"), "P31");
    }
}

/// P32: who looks asks a host no sooner again than polls do, be that for a redirect or for another address; another host is
/// free.
#[tokio::test]
async fn p32_a_look_leaves_pauses_between_the_requests_to_a_host() {
    let there = Origin::start(|_, _| Reply::ok("x")).await;
    let away = there.url("/c");
    let here = Origin::start(move |path, _| match path {
        "/a" => Reply::redirect(301, "/b"),
        "/away" => Reply::redirect(301, &away),
        _ => Reply::ok("x"),
    })
    .await;
    let settings = Settings {
        host_gap: Duration::from_secs(3),
        ..settings()
    };
    let fetcher = Fetcher::new(&settings).unwrap();
    let (clock, none) = (clock(), Validators::default());
    for (path, paused) in [("/a", 3), ("/b", 3), ("/away", 3), ("/b", 3)] {
        let before = clock.now();
        let target = target(&here.url(path));
        let answer = fetcher.fetch(&target, &none, &clock).await;
        assert_eq!(answer.outcome, Outcome::Modified, "{path}");
        let waited = clock.now().duration_since(before).as_secs();
        assert_eq!(waited, paused, "{path}");
    }
    // Whoever has rested is not waited for, and a clock that is set back holds up nobody for longer.
    for (passed, paused) in [(4, 0), (1, 2), (-3600, 3)] {
        clock.jump(SignedDuration::from_secs(passed));
        let before = clock.now();
        let target = target(&here.url("/b"));
        fetcher.fetch(&target, &none, &clock).await;
        let waited = clock.now().duration_since(before).as_secs();
        assert_eq!(waited, paused, "{passed}");
    }
    // Where hosts rest for long between two polls, who looks is not kept for that.
    let host_gap = Duration::from_hours(1);
    let patient = Fetcher::new(&Settings {
        host_gap,
        ..settings
    })
    .unwrap();
    for paused in [0, 5] {
        let before = clock.now();
        patient.fetch(&target(&here.url("/b")), &none, &clock).await;
        assert_eq!(clock.now().duration_since(before).as_secs(), paused);
    }
}

/// P24.
#[tokio::test]
async fn redirects_that_cannot_be_followed() {
    let check = async |location: &'static str, kind: FailureKind, expected: &str| {
        let origin = Origin::start(move |path, _| match path.strip_prefix("/n/") {
            Some(number) => {
                let next = number.parse::<u32>().unwrap() + 1;
                Reply::redirect(302, &format!("/n/{next}"))
            }
            None => Reply::new(&format!("HTTP/1.1 302 Found{location}"), "<rss/>"),
        })
        .await;
        let fetched = fetch(&origin.url("/")).await;
        let (found, message) = failure(&fetched);
        let message = message.replace(&origin.address.to_string(), "A");
        assert_eq!((found, message.as_str()), (kind, expected), "{location:?}");
        assert_eq!(fetched.status, Some(302));
    };
    check("", Redirect, "302 Found from A leads nowhere").await;
    check(
        "\nlocation: http://[",
        Redirect,
        "302 Found from A leads nowhere",
    )
    .await;
    check(
        "\nlocation: /",
        Redirect,
        "redirects lead in a circle, back to A",
    )
    .await;
    check(
        "\nlocation: #top",
        Redirect,
        "redirects lead in a circle, back to A",
    )
    .await;
    check(
        "\nlocation: /n/1",
        Redirect,
        "more than 10 redirects, the last by A",
    )
    .await;
    check(
        "\nlocation: file:///etc/passwd",
        Blocked,
        "redirect refused: `file` addresses are not fetched, only http and https",
    )
    .await;
    check(
        "\nlocation: http://10.0.0.1/",
        Blocked,
        "redirect refused: 10.0.0.1 is not a public address and not in allow-networks",
    )
    .await;
}

/// What publishers write into `Location`: spaces, raw UTF-8, a path only, credentials of their own (S6).
#[tokio::test]
async fn locations_as_they_are_written() {
    let check = async |location: &str, expected: &str| {
        let location = location.to_owned();
        let origin = Origin::start(move |path, _| match path {
            "/a/start" => Reply::redirect(302, &location),
            _ => Reply::ok("x"),
        })
        .await;
        let fetched = fetch(&origin.url("/a/start")).await;
        assert_eq!(fetched.url, origin.url(expected));
        assert!(!origin.requests()[1].contains("authorization"), "S6");
    };
    check("/b c", "/b%20c").await;
    check("  b  ", "/a/b").await;
    check("/новости", "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8").await;
    check("?page=1", "/a/start?page=1").await;
    check("../../b/./c", "/b/c").await;
    check("\\b", "/b").await;
    let home = Origin::start(|_, _| Reply::ok("x")).await;
    let with_userinfo = format!("http://you:theirs@{}/end#x", home.address);
    let origin = Origin::start(move |_, _| Reply::redirect(302, &with_userinfo)).await;
    let fetched = fetch(&origin.url("/")).await;
    assert_eq!(fetched.url, home.url("/end"));
    assert!(!home.requests()[0].contains("authorization"), "S6");
}

#[tokio::test]
async fn a_circle_of_two() {
    let origin = Origin::start(|path, _| match path {
        "/a" => Reply::redirect(302, "/b"),
        _ => Reply::redirect(302, "/a"),
    })
    .await;
    let fetched = fetch(&origin.url("/start")).await;
    assert_eq!(failure(&fetched).0, Redirect);
    assert_eq!(origin.requests().len(), 3);
}

/// S3: nothing behind the guard sees as much as a connection.
#[tokio::test]
async fn redirects_do_not_pass_the_guard() {
    let inside = Origin::start_at("127.0.0.2", |_, _| Reply::ok("x")).await;
    let port = inside.address.port();
    for location in [
        format!("http://127.0.0.2:{port}/"),
        format!("http://0x7f.2:{port}/"),
        format!("http://[::ffff:127.0.0.2]:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://2130706434:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://[64:ff9b::7f00:2]:{port}/"),
        format!("http://127.0.0.1@127.0.0.2:{port}/"),
        format!("\\\\127.0.0.2:{port}\\"),
        format!("https://127.0.0.2:{port}/"),
        format!("//127.0.0.2:{port}/"),
    ] {
        let origin = Origin::start(move |_, _| Reply::redirect(301, &location)).await;
        let fetched = fetch(&origin.url("/")).await;
        assert_eq!(failure(&fetched).0, Blocked, "{fetched:?}");
        assert_eq!(fetched.url, origin.url("/"));
    }
    assert_eq!(inside.requests().len(), 0);
    assert_eq!(inside.connections(), 0);
}

/// P25: another target gets no validators of this one, and the same target gets its own.
#[tokio::test]
async fn validators_go_to_the_address_that_gave_them() {
    let origin = Origin::start(|path, number| match (path, number) {
        ("/a", 5..) => Reply::redirect(302, "/c"),
        ("/a", _) => Reply::redirect(302, "/b"),
        _ => Reply::new("HTTP/1.1 200 OK\netag: \"1\"", "x"),
    })
    .await;
    let first = fetch(&origin.url("/a")).await;
    assert_eq!(first.validators.url, address(&origin.url("/b")));
    fetch_again(&origin.url("/a"), &first.validators).await;
    fetch_again(&origin.url("/a"), &first.validators).await;
    let conditional: Vec<(String, bool)> = origin
        .requests()
        .iter()
        .map(|request| {
            (
                request.chars().take(6).collect(),
                request.contains("if-none-match"),
            )
        })
        .collect();
    let expected = [
        ("/a", false),
        ("/b", false),
        ("/a", false),
        ("/b", true),
        ("/a", false),
        ("/c", false),
    ];
    assert_eq!(
        conditional,
        expected.map(|(path, sent)| (format!("GET {path}"), sent))
    );
}

/// S6: same origin keeps what the operator gave, another port is another origin, for good.
#[tokio::test]
async fn credentials_stay_with_their_origin() {
    // Paths carry where home is: /start/HOME -> /same/HOME -> other/HOME -> HOME/end.
    let other = Origin::start(|path, _| Reply::redirect(302, &format!("http:/{path}/end"))).await;
    let away = other.url("");
    let home = Origin::start(move |path, _| match path.split_at_checked(6) {
        Some(("/start", home)) => Reply::redirect(302, &format!("/same/{home}")),
        Some(("/same/", home)) => Reply::redirect(302, &format!("{away}{home}")),
        _ => Reply::ok("x"),
    })
    .await;
    let authority = home.address;
    let target = Target {
        headers: vec![Header {
            name: "X-Api-Key".into(),
            value: "canary".into(),
        }],
        ..target(&format!("http://me:canary@{authority}/start/{authority}"))
    };
    fetch_with(&settings(), &target, &Validators::default()).await;
    let sent = |request: &String| {
        (
            request.contains("authorization: Basic"),
            request.contains("x-api-key"),
        )
    };
    assert_eq!(
        home.requests().iter().map(sent).collect::<Vec<_>>(),
        [(true, true), (true, true), (false, false)]
    );
    assert_eq!(
        other.requests().iter().map(sent).collect::<Vec<_>>(),
        [(false, false)]
    );
}

/// Two feeds that redirect to each other's host cannot lock each other out, with one slot for all.
#[tokio::test]
async fn a_hop_lets_go_of_its_host_first() {
    let cross = |path: &str, _| match path.strip_prefix("/to/") {
        Some(other) => Reply::redirect(302, &format!("http://{other}/end")),
        None => Reply::ok("x"),
    };
    let (a, b) = (Origin::start(cross).await, Origin::start(cross).await);
    let (to_b, to_a) = (format!("/to/{}", b.address), format!("/to/{}", a.address));
    let (first, second) = (target(&a.url(&to_b)), target(&b.url(&to_a)));
    let one_slot = Settings {
        concurrency: 1,
        ..settings()
    };
    let (fetcher, clock, none) = (
        Fetcher::new(&one_slot).unwrap(),
        clock(),
        Validators::default(),
    );
    let polls: FuturesUnordered<_> = [&first, &second]
        .map(|target| fetcher.fetch(target, &none, &clock))
        .into_iter()
        .collect();
    let ends: Vec<String> = polls.map(|fetched| fetched.url).collect().await;
    assert_eq!(ends.len(), 2);
    assert!(
        ends.contains(&a.url("/end")) && ends.contains(&b.url("/end")),
        "{ends:?}"
    );
}

/// P21: a detour that is gone does not end the feed.
#[tokio::test]
async fn p21_only_a_permanent_redirect_leads_to_the_end() {
    for (status, expected) in [
        (301, "gone"),
        (308, "gone"),
        (302, "http"),
        (303, "http"),
        (307, "http"),
    ] {
        let origin = Origin::start(move |path, _| match path {
            "/" => Reply::redirect(status, "/b"),
            "/b" => Reply::redirect(301, "/c"),
            _ => Reply::new("HTTP/1.1 410 Gone\nretry-after: 60", ""),
        })
        .await;
        let fetched = fetch(&origin.url("/")).await;
        assert_eq!(
            (fetched.outcome.name(), fetched.status),
            (expected, Some(410)),
            "{status}"
        );
    }
}
