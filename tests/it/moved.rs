//! Feeds that moved for good, seen from their publishers: P22, P23 and what they owe P10, P25 and S6.

use crate::origin::{Asked, Origin, Reply};
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use jiff::{SignedDuration, Timestamp};
use merganser::daemon::PollReport;
use merganser::model::{FeedId, FeedState, Health};
use serde_json::Value;
use std::sync::Arc;

fn day(day: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * day)
}

fn moved(status: u16, to: &str) -> Reply {
    Reply::status(status).header("location", to)
}

fn feed() -> Reply {
    Reply::feed(rss("a", &[("one", "First", 5)]))
}

fn state(test: &mut TestDaemon) -> FeedState {
    let feed = [FeedId::new("old-xml")];
    test.daemon().store().feed_states(&feed).unwrap().remove(0)
}

fn adopted(test: &mut TestDaemon) -> Option<String> {
    Some(state(test).moved?.adopted?.seen.url)
}

/// A daemon whose feed, configured at /old.xml, was led to /new.xml until that was believed.
async fn adopting() -> TestDaemon {
    let mut test = TestDaemon::with_feeds(&["/old.xml"]).await;
    test.origin.say("/old.xml", moved(301, "/new.xml"));
    test.origin.say("/new.xml", feed());
    let reports = test.run_for(day(4)).await;
    let new = test.origin.url("/new.xml");
    assert!(news(&reports).contains(&format!("is asked at {new} from now on")));
    assert_eq!(adopted(&mut test), Some(new));
    test
}

/// What the log is told of a move, which is told once.
fn news(reports: &[PollReport]) -> String {
    let mut news = reports.iter().filter_map(|report| report.moved.clone());
    let first = news.next().unwrap_or_default();
    assert_eq!(news.next(), None);
    first
}

fn unconditional(asked: &[Asked]) -> usize {
    asked.iter().filter(|asked| !asked.is_conditional()).count()
}

/// P22, P10, P25: days of agreement move the feed, which costs the new address no request without its
/// validators.
#[tokio::test]
async fn p22_a_feed_that_moved_for_good_is_asked_there() {
    let mut test = adopting().await;
    let asked = test.origin.asked_for("/old.xml");
    assert!(asked.len() >= 5, "{} requests at the old one", asked.len());
    let days = asked.last().unwrap().at.duration_since(asked[0].at);
    assert!(days >= day(2), "after {days}");
    assert_eq!(unconditional(&asked), asked.len(), "P25");

    test.restart().await;
    test.run_for(day(4)).await;
    assert_eq!(test.origin.asked_for("/old.xml").len(), asked.len());
    let new = test.origin.asked_for("/new.xml");
    assert!(new.len() > asked.len());
    assert_eq!(unconditional(&new), 1);
    test.finish().await;
}

/// P22: what is said for the time being, or of a page, moves nothing.
#[tokio::test]
async fn p22_other_redirects_are_followed_and_not_believed() {
    let page = Reply::feed("<!doctype html><html><head><title>Log in</title></head></html>");
    for (status, reply) in [(302, feed()), (303, feed()), (307, feed()), (301, page)] {
        let mut test = TestDaemon::with_feeds(&["/old.xml"]).await;
        test.origin.say("/old.xml", moved(status, "/new.xml"));
        test.origin.say("/new.xml", reply);
        test.run_for(day(8)).await;
        assert_eq!(state(&mut test).moved, None, "{status}");
        let all = test.origin.asked_for("/new.xml").len();
        assert_eq!(test.origin.asked_for("/old.xml").len(), all);
        test.finish().await;
    }
}

/// P22: where the new address fails the configured one is asked again; nothing is gone for a 410 there.
#[tokio::test]
async fn p22_an_address_that_fails_is_given_up() {
    for (status, polls) in [(500, 3), (410, 1)] {
        let mut test = adopting().await;
        let before = test.origin.asked();
        test.origin.say("/new.xml", Reply::status(status));
        test.origin.say("/old.xml", feed());
        let reports = test.run_for(day(2)).await;
        assert!(news(&reports).contains("its configured address again"));
        let asked = test.origin.asked();
        let paths: Vec<&str> = asked[before.len()..]
            .iter()
            .map(|asked| asked.path.as_str())
            .collect();
        assert!(paths[..polls].iter().all(|path| *path == "/new.xml"));
        assert!(paths.len() > polls, "{status}: {paths:?}");
        assert!(paths[polls..].iter().all(|path| *path == "/old.xml"));
        let state = state(&mut test);
        assert_eq!((state.moved, state.health), (None, Health::Ok));
        test.finish().await;
    }
}

/// P9, P10, P22: feeds.toml with the adopted address is the same feed; with any other it is another one.
#[tokio::test]
async fn p22_the_address_in_the_file_may_follow() {
    let mut test = adopting().await;
    let asked = test.origin.asked().len();
    let due = test.daemon().next_due_at().unwrap().as_second();
    test.config = test.config.replace("/old.xml", "/new.xml");
    test.restart().await;
    assert_eq!(test.daemon().next_due_at().unwrap().as_second(), due);
    test.run_due().await;
    assert_eq!(test.origin.asked().len(), asked, "P11: nothing is due");
    test.run_for(day(4)).await;
    assert_eq!(state(&mut test).moved, None);
    assert_eq!(unconditional(&test.origin.asked_for("/new.xml")), 1);
    test.finish().await;

    let mut test = adopting().await;
    test.origin.say("/other.xml", feed());
    test.config = test.config.replace("/old.xml", "/other.xml");
    test.restart().await;
    test.run_for(day(1)).await;
    assert_eq!(state(&mut test).moved, None);
    let asked = test.origin.asked_for("/other.xml");
    assert!(!asked[0].is_conditional() && asked[1].is_conditional());
    test.finish().await;
}

/// S6, P9: what the operator gave for an origin stays there. Once the file gives it to the new origin the
/// feed is another one.
#[tokio::test]
async fn s6_headers_stay_with_their_origin_when_a_feed_moves() {
    let key = "headers = { x-key = \"canary\" }\n";
    let config = format!("[[feed]]\nid = \"old-xml\"\nurl = \"ORIGIN/old.xml\"\n{key}");
    let mut test = TestDaemon::start(&config).await;
    let elsewhere = Origin::start(Arc::clone(&test.clock)).await;
    let new = elsewhere.url("/new.xml");
    test.origin.say("/old.xml", moved(308, &new));
    elsewhere.say("/new.xml", feed());
    test.run_for(day(6)).await;
    assert_eq!(adopted(&mut test).as_ref(), Some(&new));
    let is_told = |asked: &Asked| asked.headers.contains_key("x-key");
    assert!(test.origin.asked().iter().all(is_told));
    assert!(!elsewhere.asked().iter().any(is_told));

    test.config = test.config.replace(&test.origin.url("/old.xml"), &new);
    test.restart().await;
    test.run_due().await;
    let last = elsewhere.asked().pop().unwrap();
    assert!(is_told(&last) && !last.is_conditional());
    test.finish().await;
}

/// S6: on the same origin they go along.
#[tokio::test]
async fn s6_headers_go_along_on_the_same_origin() {
    let key = "headers = { x-key = \"canary\" }\n";
    let config = format!("[[feed]]\nid = \"old-xml\"\nurl = \"ORIGIN/old.xml\"\n{key}");
    let mut test = TestDaemon::start(&config).await;
    test.origin.say("/old.xml", moved(301, "/new.xml"));
    test.origin.say("/new.xml", feed());
    test.run_for(day(6)).await;
    assert!(adopted(&mut test).is_some());
    let asked = test.origin.asked_for("/new.xml");
    assert!(asked.iter().all(|it| it.headers.contains_key("x-key")));
    test.config = test.config.replace("/old.xml", "/new.xml");
    test.restart().await;
    test.run_for(day(2)).await;
    assert_eq!(unconditional(&test.origin.asked_for("/new.xml")), 1);
    test.finish().await;
}

/// P22, P17: commands that look at a feed ask it where a poll does, also when the old address is somebody else's by now,
/// and not before its origin wants to be asked again.
#[tokio::test(flavor = "multi_thread")]
async fn p22_a_look_goes_where_a_poll_goes() {
    let test = adopting().await;
    let page = Reply::feed("<!doctype html><html><head><title>For sale</title></head></html>");
    test.origin.say("/old.xml", page);
    let state = test.state().to_str().unwrap().to_owned();
    let place = Place::new(&test.config);
    let before = test.origin.asked_for("/old.xml").len();
    let told = place.print(&["preview", "old-xml", "--state", &state]);
    assert!(told.contains("First"), "{told}");
    let told = place.print(&["check", "--online", "--state", &state]);
    assert!(told.contains("1 feed asked, 0 did not"), "{told}");
    assert_eq!(test.origin.asked_for("/old.xml").len(), before);
    // Of another address in the file nothing is known.
    let other = Place::new(&test.config.replace("/old.xml", "/other.xml"));
    test.origin.say(
        "/other.xml",
        Reply::status(429).header("retry-after", "7200"),
    );
    let errors = other.fail(&["preview", "old-xml", "--state", &state], 1);
    assert!(
        errors.contains("asks for patience (429): ask again after 20"),
        "{errors}"
    );

    let far: Timestamp = "2100-01-01T00:00:00Z".parse().unwrap();
    let database = rusqlite::Connection::open(test.database()).unwrap();
    let asked_to_wait = "UPDATE feeds SET retry_after_at = ?1";
    database
        .execute(asked_to_wait, [far.as_millisecond()])
        .unwrap();
    let asked = test.origin.asked().len();
    for command in [&["preview", "old-xml"][..], &["check", "--online"]] {
        let output = place.run(&[command, &["--state", &state]].concat());
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        assert!(
            told.contains("not asked: its origin asked us to wait until 2100-01-01"),
            "{told}"
        );
        assert!(command[0] == "preview" || told.contains(", 1 not asked\n"));
    }
    // Where the origin refused that feed, its host rests, and no other feed of the host is asked either.
    database
        .execute("UPDATE feeds SET failures = 1", [])
        .unwrap();
    let second = format!(
        "{}[[feed]]\nid = \"second\"\nurl = \"{}\"\n",
        test.config,
        test.origin.url("/second.xml")
    );
    let both = Place::new(&second);
    let third = test.origin.url("/third.xml");
    for command in [
        &["preview", "second"][..],
        &["check", "--online"],
        &["add", &third],
    ] {
        let output = both.run(&[command, &["--state", &state]].concat());
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        assert!(
            told.contains(" asked to be let rest until 2100-01-01 00:00 UTC"),
            "{told}"
        );
    }
    assert_eq!(test.origin.asked().len(), asked);
    test.finish().await;
}

/// P18: a host that rests, as `list` tells, is asked by no command that looks at a feed: of which feed it refused, whether it
/// said for how long, and whether a page of another host leads there makes no difference.
#[tokio::test(flavor = "multi_thread")]
async fn p18_no_look_asks_a_host_that_rests() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    test.origin.say("/a.xml", feed());
    test.run_for(SignedDuration::from_mins(1)).await;
    let url = test.origin.url("/new.xml");
    let host = url
        .trim_start_matches("http://")
        .trim_end_matches("/new.xml");
    let far: Timestamp = "2100-01-01T00:00:00Z".parse().unwrap();
    rusqlite::Connection::open(test.database())
        .unwrap()
        .execute(
            "INSERT INTO hosts (authority, gap_ms, rests_until, refused_at) VALUES (?1, 0, ?2, 0)",
            rusqlite::params![host, far.as_millisecond()],
        )
        .unwrap();
    let elsewhere = Origin::start(Arc::clone(&test.clock)).await;
    let link = format!("<link rel='alternate' type='application/rss+xml' href='{url}'>");
    elsewhere.say(
        "/",
        Reply::feed(format!("<!doctype html><html>{link}</html>")),
    );
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap().to_owned();
    let asked = test.origin.asked().len();
    for command in [
        &["preview", "a-xml"][..],
        &["check", "--online"],
        &["add", &url],
        &["add", &elsewhere.url("/")],
    ] {
        let output = place.run(&[command, &["--state", &state]].concat());
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let rests = format!("its host {host} asked to be let rest until 2100-01-01 00:00 UTC");
        assert!(told.contains(&rests), "{command:?}: {told}");
    }
    assert_eq!(test.origin.asked().len(), asked);
    assert_eq!(elsewhere.asked().len(), 1);
    test.finish().await;
}

/// P22: what one poll said is told, with what it takes to be believed.
#[tokio::test(flavor = "multi_thread")]
async fn p22_what_is_not_sure_yet_is_told() {
    let mut test = TestDaemon::with_feeds(&["/old.xml"]).await;
    test.origin.say("/old.xml", moved(301, "/new.xml"));
    test.origin.say("/new.xml", feed());
    test.run_for(SignedDuration::from_mins(10)).await;
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap().to_owned();
    let told = place.print(&["apply-redirects", "--state", &state]);
    assert_eq!(
        told,
        format!(
            "not sure yet: old-xml: led to {}, 1 time since 2026-11-24 06:00 UTC\n\
             an address is written after 5 polls in a row over 48 hours\n",
            test.origin.url("/new.xml")
        )
    );
    test.finish().await;
}

/// P23, S7: where what one poll said is never adopted, nothing else is promised.
#[tokio::test(flavor = "multi_thread")]
async fn p23_a_secret_that_was_handed_out_is_never_promised() {
    let mut test = TestDaemon::with_feeds(&["/old.xml"]).await;
    let secret = "/new.xml?token=canary";
    test.origin.say("/old.xml", moved(301, secret));
    test.origin.say(secret, feed());
    test.run_for(SignedDuration::from_mins(10)).await;
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap().to_owned();
    let never = "never adopted, as a secret is in it: change feeds.toml yourself\n";
    let told = place.print(&["apply-redirects", "--state", &state]);
    let expected = format!(
        "left alone: old-xml: led to {}, 1 time since 2026-11-24 06:00 UTC; {never}",
        test.origin.url("/new.xml?token=***")
    );
    assert_eq!(told, expected);
    let named = place.run(&["apply-redirects", "old-xml", "--state", &state]);
    assert_eq!(named.status.code(), Some(1));
    let told = String::from_utf8(named.stdout).unwrap();
    assert!(told.ends_with(never), "{told}");
    test.finish().await;
}

/// P23: a month of polls writes nothing into the file; `apply-redirects` writes the new address and leaves
/// every other byte alone; and with that in force the feed is the one that it was (P10, P22).
#[tokio::test]
async fn p23_the_file_is_written_on_request_only() {
    let mut test = adopting().await;
    let before = format!("# my feeds\r\n{}# end", test.config);
    let place = Place::new(&before);
    let state = test.state().to_str().unwrap().to_owned();
    let file = || std::fs::read_to_string(place.path().join("feeds.toml")).unwrap();
    let apply =
        |more: &[&str]| place.print(&[&["apply-redirects", "--state", &state], more].concat());

    let told = place.print(&["status", "--state", &state]);
    assert!(told.contains("moved; "), "{told}");
    assert!(told.contains("/new.xml, seen "), "{told}");
    assert!(
        told.contains(" since 2026-11-24 06:00 UTC; adopted"),
        "{told}"
    );
    let told = place.print(&["status", "old-xml", "--format", "json", "--state", &state]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let new = test.origin.url("/new.xml");
    assert_eq!(told["feed"]["moved"]["adopted"]["url"], new.as_str());
    let told = apply(&["--dry-run"]);
    assert!(
        told.contains(&new) && told.contains("nothing written"),
        "{told}"
    );
    assert_eq!(file(), before);

    let told = apply(&[]);
    assert!(told.contains("1 address written"), "{told}");
    let expected = before.replace("/old.xml", "/new.xml");
    assert_eq!(file(), expected);
    let told = apply(&[]);
    assert!(told.contains("not in force yet"), "{told}");
    assert_eq!(file(), expected);

    test.config = file();
    test.restart().await;
    assert!(apply(&[]).contains("no feed has moved for good"));
    test.run_for(day(2)).await;
    assert_eq!(unconditional(&test.origin.asked_for("/new.xml")), 1);
    test.finish().await;
}

/// A feed that asks for patience when it is added is told as a preview tells it, and for how long.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_patience_is_added_unseen() {
    let test = adopting().await;
    let busy = Reply::status(429).header("retry-after", "7200");
    test.origin.say("/other.xml", busy);
    let place = Place::new(&test.config);
    let errors = place.fail(&["add", &test.origin.url("/other.xml")], 1);
    let patience = "asks for patience (429): ask again after 20";
    assert!(errors.contains(patience), "{errors}");
    assert!(errors.contains("`--no-fetch` adds it unseen"), "{errors}");
    test.origin.say("/other.xml", Reply::status(410));
    let errors = place.fail(&["add", &test.origin.url("/other.xml")], 1);
    assert!(
        errors.contains("410 Gone") && !errors.contains("--no-fetch"),
        "{errors}"
    );
    test.finish().await;
}

/// S8: a document over the limit would be refused unseen, too: what is to be raised is named by all who look.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_not_added_unseen() {
    let test = adopting().await;
    test.origin.say("/other.xml", Reply::feed(" ".repeat(2000)));
    let limit = "[fetch]\nmax-body = \"1KiB\"\n";
    let place = Place::new(&test.config.replace("[fetch]\n", limit));
    let address = test.origin.url("/other.xml");
    for (command, then) in [("add", "; raise that in `[fetch]`"), ("preview", "\n")] {
        let errors = place.fail(&[command, &address], 1);
        let told = format!("is over `max-body`, 1KiB{then}");
        assert!(errors.contains(&told), "{errors}");
        assert!(!errors.contains("--no-fetch"), "{errors}");
    }
    test.finish().await;
}
