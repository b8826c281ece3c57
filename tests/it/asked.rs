//! Polls that the real `merganser poll` asks of a daemon, and feeds that `preview` asks by their ids.

use crate::checking::{get, serves_at};
use crate::origin::{Origin, Reply};
use crate::program::{Place, QUIET, Running};
use crate::test_daemon::{START, rss};
use jiff::{SignedDuration, Timestamp};
use merganser::clock::ManualClock;
use merganser::daemon::StateDir;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::thread::JoinHandle;

async fn origin() -> Origin {
    let origin = Origin::start(Arc::new(ManualClock::new(START.parse().unwrap()))).await;
    origin.say("/a.xml", Reply::feed(rss("a", &[("a", "First", 5)])));
    origin
}

fn config(origin: &Origin, keys: &str) -> String {
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow-networks = [\"127.0.0.1/32\"]\nhost-gap = \"0s\"\n\
         [[feed]]\nid = \"a\"\nurl = \"{}\"\n{keys}",
        origin.url("/a.xml")
    )
}

/// The publisher is asked once for each time, by the daemon; what came of it is printed as ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_poll_beside_a_daemon_is_done_by_it() {
    let origin = origin().await;
    let place = Place::new(&config(&origin, ""));
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    origin.arrival("/a.xml").await;
    // What is under way would be what is waited for.
    let is_stored = |_| place.print(&["export"]).contains("First");
    assert!((0..300).any(is_stored));
    let news = rss("a", &[("a", "First", 5), ("b", "Second", 4)]);
    origin.say("/a.xml", Reply::feed(news));
    let told = place.print(&["poll", "a", "--format", "json"]);
    let polled: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&polled["feed"], &polled["outcome"]),
        (&"a".into(), &"modified".into())
    );
    assert_eq!(
        (polled["new"].as_u64(), polled["status"].as_u64()),
        (Some(1), Some(200))
    );
    assert_eq!(origin.asked().len(), 2, "{:?}", origin.asked());
    let told = place.print(&["poll", "a", "--force"]);
    assert!(told.contains("1 feed: 1 modified"), "{told}");
    let told = place.print(&["poll", "--all"]);
    assert!(told.contains("1 feed is asked by the daemon"), "{told}");
    let told = place.print(&["poll", "--all", "--format", "json"]);
    let accepted: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(accepted["accepted"], 1, "{told}");
    assert!(
        accepted["unpolled"].as_array().unwrap().is_empty(),
        "{told}"
    );
    let told = place.print(&["poll", "--format", "json"]);
    assert!(told.contains("\"accepted\":0"), "{told}");
    // Of what went well nothing is told where nobody wants that.
    for quiet in [
        &["poll", "-q"][..],
        &["poll", "-q", "--all"],
        &["poll", "-q", "a"],
    ] {
        assert_eq!(place.print(quiet), "", "{quiet:?}");
    }
    let errors = place.fail(&["poll", "nobody"], 1);
    assert!(errors.contains("nobody"), "{errors}");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// What asks for patience of an hour.
fn refusal() -> Reply {
    Reply::status(429).header("Retry-After", "3600")
}

/// A group of which one feed answers, one is lost and one is off; and a host with two feeds that answers so for the first.
async fn a_group_and_a_busy_host(busy: Reply) -> (Place, [Origin; 2]) {
    let origin = origin().await;
    // At a host of its own, which rests then.
    let refusing = self::origin().await;
    refusing.say("/busy.xml", busy);
    let feed = |id: &str, keys: &str| {
        let is_there = ["busy", "idle"].contains(&id);
        let host = if is_there { &refusing } else { &origin };
        let url = host.url(&format!("/{id}.xml"));
        format!("[[feed]]\nid = \"{id}\"\nurl = \"{url}\"\n{keys}")
    };
    let in_group = "group = \"wire\"\n";
    let place = Place::new(&format!(
        "{}{in_group}{}{}{}[group.wire]\n[group.empty]\n",
        config(&origin, ""),
        feed("lost", in_group),
        feed("off", "group = \"wire\"\nenabled = false\n"),
        [feed("busy", ""), feed("idle", "")].concat(),
    ));
    (place, [origin, refusing])
}

/// The next poll that is told of a feed is at no instant at which its host is let rest, whoever tells it: not where it refused,
/// nor where it is in trouble for a minute, which the daemon alone knows.
#[tokio::test(flavor = "multi_thread")]
async fn no_poll_is_announced_while_a_host_is_let_rest() {
    let minute = SignedDuration::from_mins(1);
    for (busy, logged, rest) in [
        (refusal(), "it rests until", minute * 58),
        (Reply::status(503), "503", minute / 2),
    ] {
        let (place, _origins) = a_group_and_a_busy_host(busy).await;
        let began = Timestamp::now();
        let mut running = Running::start(&place);
        let address = serves_at(&mut running);
        running.wait_for(logged);
        let rested = began + rest;
        let next = |feeds: &Value, key: &str| -> Vec<Timestamp> {
            let feeds = feeds.as_array().unwrap().iter();
            let of_host = feeds.filter(|feed| feed["id"] == "busy" || feed["id"] == "idle");
            let next = of_host.map(|feed| feed[key].as_str().unwrap_or_default());
            next.map(|at| at.parse().unwrap_or(began)).collect()
        };
        let listed = place.print(&["list", "--format", "json"]);
        let listed: Vec<Value> = listed
            .lines()
            .map(|it| serde_json::from_str(it).unwrap())
            .collect();
        let status = place.run(&["status", "--format", "json"]).stdout;
        let status: Value = serde_json::from_slice(&status).unwrap();
        let board: Value = serde_json::from_str(&get(&address, "/status.json")).unwrap();
        for (feeds, key) in [
            (&listed.into(), "next_poll"),
            (&status["feeds"], "next_poll"),
            (&board["feeds"], "next_poll_at"),
        ] {
            let found = next(feeds, key);
            assert_eq!(found.len(), 2);
            assert!(found.iter().all(|at| *at > rested), "{logged}: {feeds}");
        }
        for arguments in [&["status"][..], &["status", "idle"], &["why", "idle"]] {
            let told = String::from_utf8(place.run(arguments).stdout).unwrap();
            let is_told = told.contains("its host rests") || told.contains("its host is let rest");
            assert!(is_told, "{logged}: {arguments:?}: {told}");
        }
        running.signal("-TERM");
        running.end();
    }
}

/// A group is polled without what is off in it, and of what fails one line tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_polled() {
    let (place, _origins) = a_group_and_a_busy_host(refusal()).await;
    let told = place.print(&["poll", "--group", "wire"]);
    assert!(told.contains("2 feeds: 1 modified"), "{told}");
    assert_eq!(told.matches("404 Not Found").count(), 1, "{told}");
    let told = place.print(&["poll", "--group", "wire", "--format", "plain"]);
    let lines: Vec<Vec<&str>> = told.lines().map(|it| it.split('\t').collect()).collect();
    assert_eq!(lines.len(), 2, "{told}");
    for line in lines {
        match line.as_slice() {
            ["a", "not-modified", "304", ..] => assert_ne!(line[9], "not-modified"),
            [
                "lost",
                "http",
                "404",
                "0",
                _,
                "0",
                "0",
                "0",
                due,
                "404 Not Found",
            ] => {
                assert!(due.ends_with('Z'), "{due}");
            }
            other => panic!("{other:?}"),
        }
    }
    for (group, why) in [
        (
            "wiree",
            "no group `wiree` in feeds.toml: did you mean `wire`?",
        ),
        ("empty", "no feed of group `empty` is enabled"),
    ] {
        let errors = place.fail(&["poll", "--group", group], 1);
        assert!(errors.contains(why), "{errors}");
    }
}

/// A feed that is named twice is polled and told of once, be it polled or held back; and nobody asks a host again for any
/// of its feeds until it may be asked.
#[tokio::test(flavor = "multi_thread")]
async fn each_feed_is_polled_once() {
    let (place, _origins) = a_group_and_a_busy_host(refusal()).await;
    place.print(&["poll", "busy", "a", "lost"]);
    for command in ["list", "status"] {
        let told = place.run(&[command, "--format", "table"]).stdout;
        let told = String::from_utf8(told).unwrap();
        let idle = told.lines().find(|line| line.starts_with("idle "));
        let idle = idle.unwrap_or_default();
        assert!(idle.contains("  in ") && !idle.contains("now"), "{told}");
        assert_eq!(
            idle.contains("its host rests"),
            command == "status",
            "{told}"
        );
    }
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let told = place.print(&["poll", "busy", "a", "busy", "a"]);
    assert!(told.contains("1 feed: 0 modified, 1 unchanged"), "{told}");
    assert_eq!(told.matches("busy  not polled").count(), 1, "{told}");
    let told = place.print(&["poll", "--group", "wire"]);
    assert!(told.contains("2 feeds: 0 modified, 1 unchanged"), "{told}");
    let output = place.run(&["poll", "--all", "--format", "plain"]);
    assert!(output.stdout.is_empty());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("2 feeds are asked by the daemon"),
        "{errors}"
    );
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// Whoever mistypes an id is told the one that may be meant.
#[test]
fn a_mistyped_feed_is_answered_with_the_one_meant() {
    let place = Place::new(QUIET);
    let errors = place.fail(&["poll", "offf"], 1);
    assert!(errors.contains("did you mean `off`?"), "{errors}");
    let errors = place.fail(&["preview", "offf"], 1);
    assert!(
        errors.contains("`offf` is no feed of feeds.toml, and no file: did you mean `off`?"),
        "{errors}"
    );
    let errors = place.fail(&["preview", "./offf"], 1);
    assert!(errors.contains("cannot read the file ./offf"), "{errors}");
}

/// One that is not polled by itself is polled when it is asked for, and one that the daemon does not know yet is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_off_is_polled_by_name() {
    let origin = origin().await;
    let text = config(&origin, "enabled = false\n");
    let place = Place::new(&text);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let told = place.print(&["poll", "a"]);
    assert!(
        told.contains("1 new") && told.contains("1 feed: 1 modified"),
        "{told}"
    );
    assert_eq!(origin.asked().len(), 1);
    place.write(
        "feeds.toml",
        format!(
            "{text}[[feed]]\nid = \"b\"\nurl = \"{}\"\n",
            origin.url("/b.xml")
        ),
    );
    let errors = place.fail(&["poll", "b"], 1);
    assert!(
        errors.contains("has no feed `b`: `merganser reload --wait`"),
        "{errors}"
    );
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// What holds the state and is not to be asked is another command: it polls nothing that is due, and who does so by a
/// timer is told that nobody did.
#[test]
fn a_poll_beside_another_command_says_that_nothing_is_polled() {
    let place = Place::new(QUIET);
    let state = StateDir::claim(&place.path().join("state")).unwrap();
    for arguments in [
        &["poll"][..],
        &["poll", "--force"],
        &["poll", "--format", "json"],
        &["poll", "--all"],
        &["poll", "off"],
    ] {
        let errors = place.fail(arguments, 74);
        assert!(
            errors.contains("is held by another merganser"),
            "{arguments:?}: {errors}"
        );
    }
    drop(state);
    let told = place.print(&["poll"]);
    assert!(told.contains("nothing is due"), "{told}");
}

/// A daemon takes commands once it has begun to serve; until then nobody is told to stop it.
#[test]
fn a_poll_beside_a_daemon_that_starts_says_so() {
    let place = Place::new(QUIET);
    let mut state = StateDir::claim(&place.path().join("state")).unwrap();
    state.fill_by(&place.path().join("feeds.toml"), true);
    for arguments in [&["poll"][..], &["poll", "--all"], &["poll", "off"]] {
        let errors = place.fail(arguments, 74);
        let pid = std::process::id();
        assert!(
            errors.contains(&format!("the daemon (process {pid}) starts")),
            "{errors}"
        );
        assert!(errors.contains("wait and try again"), "{errors}");
        assert!(!errors.contains("stop that one"), "{errors}");
    }
}

/// A daemon of which there are its answers alone: each request is given the next of them, and then it is gone.
#[expect(
    clippy::disallowed_methods,
    reason = "a daemon beside a command that blocks"
)]
pub(crate) fn answering(place: &Place, answers: Vec<Value>) -> (StateDir, JoinHandle<Vec<Value>>) {
    let state = StateDir::claim(&place.path().join("state")).unwrap();
    let listener = UnixListener::bind(place.path().join("state/control.sock")).unwrap();
    let asked = std::thread::spawn(move || {
        let answered = answers.into_iter().map(|answer| {
            let mut client = BufReader::new(listener.accept().unwrap().0);
            let mut request = String::new();
            client.read_line(&mut request).unwrap();
            writeln!(client.get_mut(), "{answer}").unwrap();
            serde_json::from_str(&request).unwrap()
        });
        answered.collect()
    });
    (state, asked)
}

/// The answer to who waits for feeds of which this one is not polled.
fn resting(feed: &str) -> Value {
    json!({ "verdict": "done", "message": "", "unpolled": [{ "feed": feed, "why": "it rests" }] })
}

/// A daemon of before an upgrade, which knows nothing of the file that is meant, polls all the same.
#[test]
fn a_daemon_of_before_is_asked_in_its_words() {
    let place = Place::new(QUIET);
    let not_known = "this daemon does not understand the request: unknown field `config`, expected one of `feeds`, `all`, `force`";
    let answers = vec![
        json!({ "verdict": "failed", "message": not_known }),
        resting("off"),
    ];
    let (_state, asked) = answering(&place, answers);
    let told = place.print(&["poll", "off"]);
    assert!(told.contains("off  not polled: it rests"), "{told}");
    let asked = asked.join().unwrap();
    let meant = place.path().join("feeds.toml").display().to_string();
    assert_eq!(asked[0]["config"], meant);
    let of_before = json!({ "ask": "poll", "feeds": ["off"], "all": false, "force": false });
    assert_eq!(asked[1], of_before);
}

/// Of more feeds than one request may name, those are told that were polled when the daemon refuses the others or is gone, and
/// how many these are.
#[test]
fn what_was_polled_before_a_request_failed_is_told() {
    let unknown =
        json!({ "verdict": "failed", "message": "the daemon that runs has no feed `f300`" });
    for (more, why) in [
        (
            vec![unknown],
            "of 1 feed nothing came back: the daemon that runs has no feed `f300`",
        ),
        // It stopped, before the next request reached it or with that in its queue.
        (vec![], "of 1 feed nothing came back: the daemon "),
    ] {
        let feed =
            |id: &String| format!("[[feed]]\nid = \"{id}\"\nurl = \"https://{id}.example/\"\n");
        let ids: Vec<String> = (0..=300).map(|number| format!("f{number}")).collect();
        let feeds: String = ids.iter().map(feed).collect();
        let place = Place::new(&format!("[server]\nlisten = \"127.0.0.1:0\"\n{feeds}"));
        let (_state, asked) = answering(&place, [vec![resting("f0")], more].concat());
        let mut command = vec!["poll"];
        command.extend(ids.iter().map(String::as_str));
        let output = place.run(&command);
        let told = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}{errors}");
        assert!(told.contains("f0  not polled: it rests"), "{told}");
        assert!(errors.contains(why), "{errors}");
        let asked = asked.join().unwrap();
        assert_eq!(asked[0]["feeds"].as_array().unwrap().len(), 300);
    }
}

/// By its id a feed is asked as a poll asks it, with what it sends along, and nothing is stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_previewed_by_its_id() {
    let origin = origin().await;
    let place = Place::new(&config(
        &origin,
        "headers = { X-Desk = { file = \"desk\" } }\n",
    ));
    let errors = place.fail(&["preview", "a"], 78);
    assert!(
        errors.contains("feeds.toml:") && errors.contains("desk"),
        "{errors}"
    );
    let desk = place.path().join("desk").display().to_string();
    let header = format!("headers = {{ X-Desk = {{ file = \"{desk}\" }} }}\n");
    place.write("feeds.toml", config(&origin, &header));
    place.write("desk", "seven");
    let told = place.print(&["preview", "a"]);
    assert!(told.contains("First"), "{told}");
    let asked = origin.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].headers.get("x-desk").unwrap(), "seven");
    assert!(!place.path().join("state/merganser.db").exists());
    let errors = place.fail(&["preview", "b"], 1);
    assert!(
        errors.contains("`b` is no feed of feeds.toml, and no file"),
        "{errors}"
    );
}

/// A feed that is added is taken up by the daemon that runs and polled at once, whether or not it watches the file, and
/// what came is told.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_is_polled_at_once() {
    let origin = origin().await;
    for watch in [false, true] {
        let config = config(&origin, "").replace("[fetch]", &format!("watch = {watch}\n[fetch]"));
        let place = Place::new(&config);
        let mut running = Running::start(&place);
        running.wait_for("serving at");
        let news = [("b", "Second thoughts", 4), ("c", "Third reading", 3)];
        origin.say("/b.xml", Reply::feed(rss("b", &news)));
        let told = place.print(&["add", &origin.url("/b.xml"), "--id", "b"]);
        let words = "the daemon took that up and polled the feed: 2 new articles; `merganser why b` tells more\n";
        assert!(told.ends_with(words), "{told}");
        assert!(place.print(&["export"]).contains("Third reading"));
        running.wait_for("was reloaded");

        origin.say("/c.xml", Reply::feed(rss("c", &news)));
        let unseen = place.print(&["add", &origin.url("/c.xml"), "--id", "c", "--no-fetch"]);
        let words = if watch {
            "takes that up by itself"
        } else {
            "`merganser reload --wait` puts"
        };
        assert!(unseen.contains(words), "{unseen}");
        running.signal("-TERM");
        assert_eq!(running.end().0, Some(0));
    }
}

/// A daemon that does not take the file up goes on as before, and whoever added the feed is told why; a daemon of another
/// file is none that is meant.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_and_not_taken_up_is_told() {
    let origin = origin().await;
    origin.say("/b.xml", Reply::feed(rss("b", &[("b", "Second", 4)])));
    let before = config(&origin, "");
    let place = Place::new(&before);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.write("draft.toml", &before);
    let draft = [
        "add",
        &origin.url("/b.xml"),
        "--id",
        "b",
        "--config",
        "draft.toml",
    ];
    let told = place.print(&draft);
    assert!(
        told.contains("nobody polls it yet (the daemon that is asked runs "),
        "{told}"
    );

    place.write("feeds.toml", before.replace("127.0.0.1:0", "127.0.0.1:1"));
    let refused = place.fail(&["add", &origin.url("/b.xml"), "--id", "b"], 1);
    for words in [
        "the feed is in the file, and the daemon did not take it up",
        "`listen`",
    ] {
        assert!(refused.contains(words), "{words} in\n{refused}");
    }
    let file = std::fs::read_to_string(place.path().join("feeds.toml")).unwrap();
    assert!(file.contains("id = \"b\""), "{file}");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}
