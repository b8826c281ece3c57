//! A configuration that changes under a running daemon; see also `program` for SIGHUP itself.

use crate::origin::{Asked, Origin, Reply};
use crate::program::{Place, QUIET, Running};
use crate::test_daemon::{START, TestDaemon, rss};
use jiff::SignedDuration;
use merganser::clock::ManualClock;
use serde_json::Value;
use std::sync::Arc;

/// Feeds that did not change keep schedule and validators through a changed file.
#[tokio::test]
async fn an_unchanged_feed_is_not_asked_again() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    test.origin
        .say("/a.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    test.origin
        .say("/b.xml", Reply::feed(rss("b", &[("two", "Second", 5)])));
    test.run_due().await;
    let b = test.origin.url("/b.xml");
    let another = format!("[[feed]]\nid = \"b\"\nurl = \"{b}\"\n");
    test.config.push_str(&another);
    test.restart().await;
    test.run_due().await;
    assert_eq!(test.origin.asked_for("/a.xml").len(), 1);
    assert_eq!(test.origin.asked_for("/b.xml").len(), 1);
    test.run_for(SignedDuration::from_hours(48)).await;
    let asked = test.origin.asked_for("/a.xml");
    assert!(asked.iter().skip(1).all(Asked::is_conditional));
    test.finish().await;
}

/// P9: who asks makes another resource of an address; how it is asked does not.
#[tokio::test]
async fn p9_who_asks_voids_the_validators_and_how_does_not() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let (direct, proxied) = ("/a.xml".to_owned(), test.origin.url("/a.xml"));
    for path in [&direct, &proxied] {
        let document = Reply::feed(rss("a", &[("one", "First", 5)]));
        test.origin.say(path, document);
    }
    test.run_due().await;
    let proxy = format!("proxy = \"{}\"", test.origin.url(""));
    for (line, path, is_conditional) in [
        ("user-agent-suffix = \"desk/7\"", &direct, true),
        ("timeout = \"20s\"", &direct, true),
        (&proxy, &proxied, true),
        ("auth = { bearer = \"token\" }", &proxied, false),
        ("headers = { X-Client = \"desk\" }", &proxied, false),
    ] {
        let before = test.origin.asked().len();
        test.config = format!("{}{line}\n", test.config);
        test.restart().await;
        test.run_for(SignedDuration::from_hours(25)).await;
        let next = &test.origin.asked()[before];
        let (found, expected) = ((&next.path, next.is_conditional()), (path, is_conditional));
        assert_eq!(found, expected, "{line}");
    }
    test.finish().await;
}

/// A feed that leaves the file is polled no more; its articles stay.
#[tokio::test]
async fn a_removed_feed_is_polled_no_more() {
    let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml"]).await;
    test.origin
        .say("/a.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    test.origin
        .say("/b.xml", Reply::feed(rss("b", &[("two", "Second", 5)])));
    test.run_due().await;
    let end = test.config.rfind("[[feed]]").unwrap();
    test.config.truncate(end);
    test.restart().await;
    test.run_for(SignedDuration::from_hours(48)).await;
    assert_eq!(test.origin.asked_for("/b.xml").len(), 1);
    let all = test.output("/all.atom");
    assert!(all.contains("First") && all.contains("Second"));
    test.finish().await;
}

/// A real daemon with feeds of one host, the first of them waiting for its answer.
struct Busy {
    origin: Origin,
    place: Place,
    running: Running,
}

impl Busy {
    async fn start() -> Self {
        let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
        let origin = Origin::start(clock).await;
        for path in ["/a.xml", "/b.xml", "/c.xml", "/d.xml"] {
            let title = format!("Told at {path}");
            let body = rss("busy", &[(&path[1..2], &title, 5)]);
            origin.say(path, Reply::feed(body));
        }
        origin.hold("/a.xml");
        let place = Place::new(&config(&origin, &["/a.xml", "/b.xml"]));
        let running = Running::start(&place);
        origin.arrival("/a.xml").await;
        Self {
            origin,
            place,
            running,
        }
    }

    /// Puts feeds at these paths in force, by SIGHUP.
    fn reload(&mut self, paths: &[&str]) {
        let text = config(&self.origin, paths);
        self.place.write("feeds.toml", text);
        self.running.signal("-HUP");
        self.running.wait_for("was reloaded");
    }

    /// Stops the daemon and returns how each feed fares.
    fn end(self) -> Vec<(String, String)> {
        self.running.signal("-TERM");
        assert_eq!(self.running.end().0, Some(0));
        let status = self.place.print(&["status", "--format", "json"]);
        let status: Value = serde_json::from_str(&status).unwrap();
        let feed = |feed: &Value| {
            let text = |key: &str| feed[key].as_str().unwrap().to_owned();
            (text("id"), text("state"))
        };
        status["feeds"]
            .as_array()
            .unwrap()
            .iter()
            .map(feed)
            .collect()
    }
}

/// Feeds named f0, f1 .. at these paths of an origin.
fn config(origin: &Origin, paths: &[&str]) -> String {
    let feed = |(n, path): (usize, &&str)| {
        format!("[[feed]]\nid = \"f{n}\"\nurl = \"{}\"\n", origin.url(path))
    };
    let feeds: String = paths.iter().enumerate().map(feed).collect();
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n{feeds}"
    )
}

/// A poll that is under way goes on through a reload, and its host stays taken: every feed is asked once.
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_during_a_poll_asks_nobody_twice() {
    let mut busy = Busy::start().await;
    busy.reload(&["/a.xml", "/b.xml", "/c.xml", "/d.xml"]);
    assert_eq!(busy.origin.asked().len(), 1, "P32: the host is taken");
    busy.origin.release();
    for path in ["/b.xml", "/c.xml", "/d.xml"] {
        busy.origin.arrival(path).await;
    }
    for path in ["/a.xml", "/b.xml", "/c.xml", "/d.xml"] {
        assert_eq!(busy.origin.asked_for(path).len(), 1, "{path}");
    }
    let states = busy.end();
    assert!(states.contains(&("f0".into(), "ok".into())), "{states:?}");
}

/// P9, P21: what an old address answers after its feed got a new one says nothing of the new one.
#[tokio::test(flavor = "multi_thread")]
async fn p9_a_late_answer_of_an_old_address_is_not_heard() {
    let mut busy = Busy::start().await;
    busy.origin.say("/a.xml", Reply::status(410));
    busy.reload(&["/c.xml", "/b.xml"]);
    busy.origin.release();
    busy.origin.arrival("/c.xml").await;
    busy.origin.arrival("/b.xml").await;
    let asked = busy.origin.asked_for("/c.xml");
    assert!(!asked[0].is_conditional());
    let states = busy.end();
    assert!(
        states.iter().all(|(_, state)| state != "failing"),
        "{states:?}"
    );
}

/// A replay takes up no feed: it needs no secrets, and what the next polls go by stays (P9, P10).
#[tokio::test(flavor = "multi_thread")]
async fn p10_a_replay_leaves_validators_alone() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let origin = Origin::start(clock).await;
    origin.say("/a.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    let secret = "headers = { authorization = { env = \"ELSEWHERE\" } }\n";
    let place = Place::new(&format!("{}{secret}", config(&origin, &["/a.xml"])));
    place.write("history.jsonl", "");
    let poll = || {
        let mut command = place.command(&["poll", "--all"]);
        assert!(
            command
                .env("ELSEWHERE", "token")
                .status()
                .unwrap()
                .success()
        );
    };
    poll();
    place.print(&["replay", "history.jsonl"]);
    poll();
    let asked = origin.asked();
    assert!(!asked[0].is_conditional() && asked[1].is_conditional());
}

/// A secret that is gone at a reload is named with its line and column, and the configuration before stays; `check` and
/// the next start name the same place and reason, and whoever puts it back is taken up.
#[test]
fn a_secret_that_is_gone_is_refused_where_it_is_named() {
    let place = Place::new("");
    let token = place.path().join("token").display().to_string();
    let text = format!("{QUIET}headers = {{ authorization = {{ file = \"{token}\" }} }}\n");
    let text = text.replace("enabled = false", "schedule = \"0 0 1 1 *\"");
    place.write("feeds.toml", &text);
    place.write("token", "one");
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    std::fs::remove_file(&token).unwrap();
    let line = text
        .lines()
        .position(|it| it.starts_with("headers"))
        .unwrap()
        + 1;
    let column = text.lines().last().unwrap().find('"').unwrap() + 1;
    let parts = [
        format!("feeds.toml:{line}:{column}"),
        format!("`{token}` cannot be read: No such file"),
    ];
    let names_it = |told: &str| {
        for part in &parts {
            assert!(told.contains(part), "{part}: {told}");
        }
    };
    names_it(&place.fail(&["reload", "--wait"], 78));
    let status = place.run(&["status"]);
    assert_eq!(status.status.code(), Some(1));
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(
        status.contains("was REJECTED") && status.contains(&parts[1]),
        "{status}"
    );
    let check = place.print(&["check"]);
    names_it(&check);
    assert!(check.contains("refuses the file"), "{check}");
    place.write("token", "two");
    place.print(&["reload", "--wait"]);
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    std::fs::remove_file(&token).unwrap();
    names_it(&place.fail(&["run"], 78));
}

/// A feed at an address that no poll may reach is polled as soon as `allow-networks` has it, and not when it was due again.
#[tokio::test]
async fn what_is_let_in_is_polled_at_once() {
    let paths = ["/a.xml", "/b.xml"];
    let mut test = TestDaemon::with_feeds(&paths).await;
    for path in paths {
        let document = rss(path, &[("one", "First", 5)]);
        test.origin.say(path, Reply::feed(document));
    }
    let open = test.config.clone();
    let closed = open.replace("127.0.0.1/32", "10.0.0.0/8");
    test.config = closed.replacen("[[feed]]", "[[feed]]\nallow-networks = [\"127.0.0.1\"]", 1);
    test.restart().await;
    let asked = |test: &TestDaemon| paths.map(|path| test.origin.asked_for(path).len());
    test.run_due().await;
    assert_eq!(asked(&test), [1, 0]);
    // What it lacks is not there yet.
    test.config = test.config.replace("10.0.0.0/8", "10.0.0.0/16");
    test.reload().await;
    assert!(test.run_due().await.is_empty());
    test.config = open.replacen("[[feed]]", "[[feed]]\nallow-networks = [\"127.0.0.1\"]", 1);
    test.reload().await;
    test.run_due().await;
    assert_eq!(asked(&test), [1, 1]);
    test.finish().await;
}
