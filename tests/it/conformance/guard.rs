//! Where no request goes, whoever asks for it: other schemes, addresses that are not public, by whatever
//! spelling, name or redirect (S1 to S6). Connections are counted where they would arrive.

use super::rig::{HOUR, Rig, clock, failure, feed};
use super::trap::Trap;
use super::wire::{Answer, Request, Wire};
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use merganser::model::{FailureKind, Outcome};
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

fn document() -> Answer {
    Answer::ok(rss("a", &[("one", "First", 5)]))
}

/// Addresses of this machine where nobody is to come: nothing but 127.0.0.1 may be asked, and that at the
/// publisher's port only.
const INSIDE: [&str; 4] = ["127.0.0.2", "127.0.0.1", "127.9.9.9", "::1"];

/// Not public, in networks of all kinds; what leads to 127.0.0.1, which the rig allows, is left out.
const NOT_PUBLIC: &str = "
    0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.1.2.3 10.255.255.255 100.64.0.0 100.100.100.200
    100.127.255.255 127.0.0.0 127.0.0.2 127.0.1.1 127.9.9.9 127.255.255.254 127.255.255.255
    169.254.0.1 169.254.169.254 169.254.255.255 172.16.0.0 172.17.0.1 172.31.255.255 192.0.0.1
    192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.0 198.19.255.255
    198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.254 255.255.255.255
    [::] [::1] [0:0:0:0:0:0:0:1] [::2] [::7f00:2] [::127.0.0.2] [::10.0.0.1] [::ffff:127.0.0.2]
    [::ffff:7f00:2] [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::ffff:0:127.0.0.2]
    [64:ff9b::127.0.0.2] [64:ff9b::10.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [64:ff9b:1::7f00:2]
    [100::1] [100:0:0:1::1] [2001::1] [2001:0:7f00:2::] [2001:10::1] [2001:20::1] [2001:1ff:ffff::1]
    [2001:db8::1] [2002:7f00:2::] [2002:a00:1::1] [2002:808:808::1] [3fff::1] [3fff:fff::1]
    [4000::1] [5f00::1] [fc00::1] [fd00:ec2::254] [fdff::1] [fe80::1] [febf::1] [fec0::1] [ff02::1]
    [ff0e::1]
";

/// Polls a feed at each of these addresses, and one that `wire` redirects to it, and checks that none is
/// fetched.
async fn none_is_fetched(wire: Wire, mut test: TestDaemon, hosts: &str, trap: &Trap) {
    let hosts: Vec<&str> = hosts.split_whitespace().collect();
    for (n, host) in hosts.iter().enumerate() {
        let target = address(host, trap.port, &format!("/redirect/{n}"));
        wire.say(&format!("/to/{n}"), Answer::redirect(302, &target));
        let direct = address(host, trap.port, &format!("/direct/{n}"));
        test.config
            .push_str(&feed(&format!("direct-{n}"), &direct, ""));
        let redirected = wire.url(&format!("/to/{n}"));
        test.config
            .push_str(&feed(&format!("redirected-{n}"), &redirected, ""));
    }
    test.restart().await;
    let reports = test.run_due().await;
    assert_eq!(reports.len(), hosts.len() * 2);
    for report in &reports {
        let (kind, message) = failure(report);
        assert_eq!(kind, FailureKind::Blocked, "{}: {message}", report.feed);
        let redirected = report.feed.as_str().starts_with("redirected");
        assert_eq!(
            message.starts_with("redirect refused"),
            redirected,
            "{message}"
        );
    }
    assert_eq!(wire.connections(), hosts.len());
    trap.is_untouched();
    test.finish().await;
}

fn address(host: &str, port: u16, path: &str) -> String {
    format!("http://{host}:{port}{path}")
}

/// A daemon that may ask `network` only, with a publisher at `host`.
async fn within(network: &str, host: &str) -> (Wire, TestDaemon) {
    let clock = clock();
    let wire = Wire::start(host, Arc::clone(&clock)).await;
    let config = format!("[fetch]\nallow-networks = [\"{network}\"]\n");
    (wire, TestDaemon::under(clock, config).await)
}

/// In the file, at a redirect, and at the second.
#[tokio::test]
async fn s1_only_http_and_https_are_fetched() {
    let targets = [
        "file:///etc/passwd",
        "ftp://127.0.0.1/feed.xml",
        "gopher://127.0.0.1/feed.xml",
        "data:text/xml,%3Crss/%3E",
        "feed://127.0.0.1/feed.xml",
        "ws://127.0.0.1/feed.xml",
        "javascript:alert(1)",
    ];
    for target in targets {
        let config = feed("a", target, "");
        assert!(
            merganser::config::read(&config, &|_| None).is_err(),
            "{target}"
        );
        let mut rig = Rig::with_feeds(&["a"]).await;
        rig.wire.say_each(
            "/a",
            [Answer::redirect(302, target), Answer::redirect(301, "/b")],
        );
        rig.wire.say("/b", Answer::redirect(308, target));
        for _ in 0..2 {
            let report = rig.poll_next().await.remove(0);
            let (kind, message) = failure(&report);
            assert_eq!(kind, FailureKind::Blocked, "{message}");
            assert!(message.starts_with("redirect refused"), "{message}");
        }
        assert_eq!(rig.wire.connections(), 3);
        rig.test.finish().await;
    }
}

/// Each as the address of a feed and as the target of a redirect.
#[tokio::test]
async fn s2_addresses_that_are_not_public_are_not_reached() {
    let trap = Trap::set(&INSIDE);
    let (wire, test) = within("127.0.0.1/32", "127.0.0.1").await;
    none_is_fetched(wire, test, NOT_PUBLIC, &trap).await;
}

/// Of any status, at any step; a proxy that the environment names is not asked either.
#[tokio::test(flavor = "multi_thread")]
async fn s3_what_is_checked_is_what_is_dialled() {
    let trap = Trap::set(&["127.0.0.2", "::1"]);
    let port = trap.port;
    for target in [
        format!("http://127.0.0.2:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.2]:{port}/"),
        format!("https://127.0.0.2:{port}/"),
        format!("//127.0.0.2:{port}/"),
        format!("\\\\127.0.0.2:{port}\\"),
        format!("http://127.0.0.1@127.0.0.2:{port}/"),
        format!("http://127.0.0.1%2f@[::1]:{port}/"),
    ] {
        let mut rig = Rig::with_feeds(&["a"]).await;
        let far = [301, 302, 303, 307, 308].map(|status| Answer::redirect(status, &target));
        let near = Answer::redirect(302, "/b");
        rig.wire.say_each("/a", far.into_iter().chain([near]));
        rig.wire.say("/b", Answer::redirect(302, &target));
        for _ in 0..6 {
            let report = rig.poll_next().await.remove(0);
            assert_eq!(failure(&report).0, FailureKind::Blocked, "{target}");
        }
        assert_eq!(rig.wire.connections(), 7, "{target}");
        rig.test.finish().await;
    }

    let wire = Wire::start("127.0.0.1", clock()).await;
    wire.say("/a", document());
    let allow = "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n";
    let place = Place::new(&format!("{allow}{}", feed("a", &wire.url("/a"), "")));
    let mut command = place.command(&["poll", "--all"]);
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, format!("http://127.0.0.2:{port}"));
    }
    assert!(command.output().unwrap().status.success());
    assert_eq!(wire.requests().len(), 1);
    trap.is_untouched();
}

/// Ways to write 127.0.0.1, and to mean it.
const LOOPBACK: &str = "
    2130706433 0x7F.1 0x7f000001 0177.0.0.1 017700000001 127.1 127.0.1 127.0.0.1. １２７．０．０．１
    ①②⑦.⓪.⓪.① 127。0。0。1 127｡0｡0｡1 %31%32%37.0.0.1 [::ffff:127.0.0.1] [0:0:0:0:0:ffff:7f00:1] 0
    localhost LOCALHOST localhost. foo.localhost foo.localhost. ｌｏｃａｌｈｏｓｔ
";

/// With only 127.0.0.3 allowed none of them is dialled. With 127.0.0.1 allowed each is that address, but
/// for `0`, which is 0.0.0.0.
#[tokio::test]
async fn s4_odd_spellings_are_what_they_mean() {
    let trap = Trap::set(&["127.0.0.1", "::1"]);
    let (wire, test) = within("127.0.0.3/32", "127.0.0.3").await;
    none_is_fetched(wire, test, LOOPBACK, &trap).await;

    let (wire, mut test) = within("127.0.0.1/32", "127.0.0.1").await;
    let spellings = LOOPBACK.split_whitespace();
    let reached: Vec<&str> = spellings.filter(|host| *host != "0").collect();
    for (n, host) in reached.iter().enumerate() {
        let path = format!("/{n}");
        wire.say(&path, document());
        let url = address(host, wire.address.port(), &path);
        test.config.push_str(&feed(&format!("f{n}"), &url, ""));
    }
    test.restart().await;
    for report in test.run_due().await {
        assert_eq!(report.outcome, Outcome::Modified, "{}", report.feed);
    }
    assert_eq!(wire.requests().len(), reached.len());
    test.finish().await;
}

/// Returns names that the machine's own table gives to addresses in `127.0.0.0/8` or private networks.
fn names_of_the_machine() -> Vec<String> {
    let table = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    let lines = table.lines().map(|line| line.split('#').next().unwrap());
    let is_inside = |line: &&str| match line.split_whitespace().next().map(str::parse) {
        Some(Ok(IpAddr::V4(address))) => address.is_loopback() || address.is_private(),
        Some(Ok(IpAddr::V6(address))) => address.is_loopback(),
        _ => false,
    };
    let names = lines
        .filter(is_inside)
        .flat_map(|line| line.split_whitespace().skip(1));
    let names = names.filter(|name| !name.contains("localhost") && name.is_ascii());
    names.take(8).map(str::to_owned).collect()
}

/// What `localhost` means is not asked of a resolver and is dialled only where allowed; names that the
/// machine's table leads inside are not dialled. (Answers that change in between need a scripted resolver:
/// src/fetch/tests.)
#[tokio::test]
async fn s5_names_are_judged_by_all_their_addresses() {
    let mut rig = Rig::with_feeds(&[]).await;
    let port = rig.wire.address.port();
    let other_family = Trap::at(port, &["::1"]);
    rig.wire.say("/a", document());
    let url = address("feeds.localhost", port, "/a");
    rig.test.config.push_str(&feed("a", &url, ""));
    rig.test.restart().await;
    assert_eq!(rig.poll().await.outcome, Outcome::Modified);
    other_family.is_untouched();
    rig.test.config = rig.test.config.replace("127.0.0.1/32", "127.0.0.3/32");
    rig.test.restart().await;
    let report = rig.poll_next().await.remove(0);
    assert_eq!(failure(&report).0, FailureKind::Blocked);
    assert_eq!(rig.wire.connections(), 1);

    let trap = Trap::set(&INSIDE);
    let names = names_of_the_machine();
    for (n, name) in names.iter().enumerate() {
        let url = address(name, trap.port, &format!("/{n}"));
        rig.test.config.push_str(&feed(&format!("f{n}"), &url, ""));
    }
    rig.test.restart().await;
    let reports = rig.test.run_due().await;
    assert_eq!(reports.len(), names.len());
    for (name, report) in names.iter().zip(reports) {
        if (name.as_str(), 0).to_socket_addrs().is_ok() {
            let (kind, message) = failure(&report);
            assert_eq!(kind, FailureKind::Blocked, "{message}");
        }
    }
    trap.is_untouched();
    rig.test.finish().await;
}

/// Home, at home again, away, and home once more: what the operator gave goes only as far as home.
#[tokio::test]
async fn s6_credentials_stay_with_their_origin() {
    let clock = clock();
    let home = Wire::start("127.0.0.1", Arc::clone(&clock)).await;
    let away = Wire::start("127.0.0.1", Arc::clone(&clock)).await;
    home.say("/a", Answer::redirect(302, "/b"));
    home.say("/b", Answer::redirect(301, &away.url("/c")));
    away.say("/c", Answer::redirect(307, &home.url("/d")));
    let theirs = format!("http://you:theirs@{}/e", home.address);
    home.say("/d", Answer::redirect(302, &theirs));
    home.say("/e", document());
    let url = format!("http://me:canary@{}/a", home.address);
    let headers = "headers = { x-api-key = \"canary\", cookie = \"canary\" }";
    let allow = "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n";
    let config = format!("{allow}{}", feed("a", &url, headers));
    let mut test = TestDaemon::under(clock, config).await;
    // Without validators it is asked every two hours.
    test.run_for(HOUR * 3).await;
    let given = |request: &Request| {
        let fields = ["authorization", "x-api-key", "cookie"];
        fields.map(|name| request.field(name).is_some())
    };
    for (path, expected) in [("/a", true), ("/b", true), ("/d", false), ("/e", false)] {
        let requests = home.requests_for(path);
        assert_eq!(requests.len(), 2, "{path}");
        for request in requests {
            assert_eq!(given(&request), [expected; 3], "{path}");
        }
    }
    let basic = home.requests()[0].field("authorization").unwrap();
    assert_eq!(basic, b"Basic bWU6Y2FuYXJ5");
    assert_eq!(away.requests().len(), 2);
    for request in away.requests() {
        assert_eq!(given(&request), [false; 3]);
        assert!(!String::from_utf8_lossy(&request.bytes).contains("canary"));
    }
    test.finish().await;
}
