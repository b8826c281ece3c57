//! How hosts are treated as a whole, and what is not held against them. Names cite docs/protocol.md.

use crate::origin::{Origin, Reply};
use crate::test_daemon::{TestDaemon, rss};
use crate::wanted;
use jiff::SignedDuration;
use merganser::control::{Awaited, Request, Resting};
use merganser::daemon::{Choice, Progress};
use merganser::model::{FeedId, Health};
use std::sync::Arc;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn document(title: &str) -> Reply {
    Reply::feed(rss(title, &[("one", "First", 5)]))
}

/// A daemon with one feed at each of so many hosts.
pub(crate) async fn with_hosts(hosts: usize) -> (TestDaemon, Vec<Origin>) {
    with_hosts_under("", hosts).await
}

/// The same with settings of `[fetch]`.
async fn with_hosts_under(settings: &str, hosts: usize) -> (TestDaemon, Vec<Origin>) {
    let first = "[[feed]]\nid = \"first-xml\"\nurl = \"ORIGIN/first.xml\"\n";
    let mut test = TestDaemon::start(&format!("{settings}\n{first}")).await;
    test.origin.say("/first.xml", document("first"));
    let mut origins = vec![test.origin.clone()];
    for n in 1..hosts {
        let origin = Origin::start(Arc::clone(&test.clock)).await;
        origin.say("/feed.xml", document("more"));
        let feed = format!(
            "[[feed]]\nid = \"m{n}\"\nurl = \"{}\"\n",
            origin.url("/feed.xml")
        );
        test.config.push_str(&feed);
        origins.push(origin);
    }
    test.restart().await;
    (test, origins)
}

/// Returns the states of all feeds.
pub(crate) fn states(test: &mut TestDaemon) -> Vec<(FeedId, Health, u32)> {
    let rows = test.daemon().store().feeds().unwrap();
    let rows = rows.into_iter();
    rows.map(|row| (row.id, row.state.health, row.state.failures))
        .collect()
}

fn requests(origins: &[Origin]) -> usize {
    origins.iter().map(|origin| origin.asked().len()).sum()
}

/// P18: one feed is refused, its siblings wait as well, over a restart too; another host does not.
#[tokio::test]
async fn p18_a_refusal_is_heeded_by_the_whole_host() {
    for (reply, rest) in [
        (Reply::status(429).header("retry-after", "1800"), HOUR / 2),
        (Reply::status(503).header("retry-after", "1800"), HOUR / 2),
        (Reply::status(429), HOUR * 4),
    ] {
        let feeds = ["/a.xml", "/b.xml", "/c.xml"];
        let mut test = TestDaemon::with_feeds(&feeds).await;
        let other = Origin::start(Arc::clone(&test.clock)).await;
        other.say("/feed.xml", document("other"));
        let feed = format!(
            "[[feed]]\nid = \"other\"\nurl = \"{}\"\n",
            other.url("/feed.xml")
        );
        test.config.push_str(&feed);
        test.restart().await;
        test.origin.say("/a.xml", reply);
        test.origin.say("/b.xml", document("b"));
        test.origin.say("/c.xml", document("c"));
        let began = test.now();
        test.run_for(HOUR / 4).await;
        assert_eq!(other.asked().len(), 1);
        assert_eq!(test.origin.asked().len(), 1, "the siblings wait");
        test.restart().await;
        test.run_for(rest).await;
        for path in ["/b.xml", "/c.xml"] {
            let asked = test.origin.asked_for(path);
            let first = asked.first().unwrap().at;
            assert!(first.duration_since(began) >= rest, "{path} at {first}");
        }
        test.finish().await;
    }
}

/// P18: a host in maintenance is not asked for each of its feeds in turn, and serves all of them once it is back.
#[tokio::test]
async fn p18_a_host_in_trouble_is_asked_by_one_feed_at_a_time() {
    let paths: Vec<String> = (0..50).map(|n| format!("/{n}.xml")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let mut test = TestDaemon::with_feeds(&paths).await;
    let other = Origin::start(Arc::clone(&test.clock)).await;
    other.say("/feed.xml", document("other"));
    let url = other.url("/feed.xml");
    let feed = format!("[[feed]]\nid = \"other\"\nurl = \"{url}\"\n");
    test.config.push_str(&feed);
    test.restart().await;
    for path in &paths {
        test.origin.say(path, Reply::status(503));
    }
    test.run_for(HOUR).await;
    let asked = test.origin.asked().len();
    assert!((5..10).contains(&asked), "{asked} requests in an hour");
    assert_eq!(other.asked().len(), 1);
    for path in &paths {
        test.origin.say(path, document("back"));
    }
    test.run_for(HOUR * 2).await;
    for path in &paths {
        assert!(!test.origin.asked_for(path).is_empty(), "{path}");
    }
    test.finish().await;
}

/// What a reload tells of the next poll is no instant that is past, where what is due waits for a host that rests.
#[tokio::test]
async fn the_next_poll_after_a_reload_is_when_the_host_has_rested() {
    let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml"]).await;
    test.origin.say("/a.xml", Reply::status(503));
    test.run_due().await;
    test.clock.advance(MINUTE / 2);
    test.config.push_str("# read again\n");
    test.reload().await;
    let status = test.daemon().status();
    assert!(status.contains("next poll 06:01 UTC"), "{status}");
    test.finish().await;
}

/// P18: the daemon says which hosts it lets rest that are in trouble, and which feeds of these a command waits for.
#[tokio::test]
async fn p18_the_rest_of_a_host_in_trouble_is_told_to_commands() {
    let (mut test, _origins) = wanted::start().await;
    test.run_due().await;
    test.clock.advance(MINUTE);
    test.origin.say("/a.xml", Reply::status(503));
    let polled = wanted::ask(&mut test, &["a"], false).await;
    test.run_due().await;
    assert_eq!(polled.await.unwrap().polled[0].status, Some(503));
    let waits = wanted::ask(&mut test, &["b", "c"], false).await;
    let until = (test.now() + MINUTE).to_string();
    let told = test.asked(Request::Status).await.await.unwrap();
    let running = told.running.unwrap();
    let host = test.origin.url("").replace("http://", "");
    let resting = Resting {
        host: host.clone(),
        until: until.clone(),
    };
    assert_eq!(running.resting, [resting]);
    let feed = "b".to_owned();
    assert_eq!(running.awaited, [Awaited { feed, host, until }]);
    test.run_for(MINUTE).await;
    assert_eq!(waits.await.unwrap().polled.len(), 2);
    let told = test.asked(Request::Status).await.await.unwrap();
    let running = told.running.unwrap();
    assert!(running.resting.is_empty() && running.awaited.is_empty());
    test.finish().await;
}

/// P32: a feed that is redirected to a host that hangs keeps neither its own host nor a place from
/// others.
#[tokio::test]
async fn p32_a_hanging_host_behind_redirects_holds_up_nobody() {
    let paths: Vec<String> = (0..60).map(|n| format!("/{n}.xml")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let mut test = TestDaemon::with_feeds(&paths).await;
    let slow = Origin::start(Arc::clone(&test.clock)).await;
    slow.hold("/slow.xml");
    for path in &paths[..50] {
        let to = slow.url("/slow.xml");
        test.origin
            .say(path, Reply::status(302).header("location", &to));
    }
    for path in &paths[50..] {
        test.origin.say(path, document("quick"));
    }
    let (origin, last) = (test.origin.clone(), *paths.last().unwrap());
    tokio::join!(test.run_due(), async {
        slow.arrival("/slow.xml").await;
        origin.arrival(last).await;
        // The host that hangs was asked once, and everybody else was served.
        assert_eq!(slow.asked().len(), 1);
        slow.release();
    });
    assert_eq!(test.origin.asked().len(), 60);
    test.finish().await;
}

/// A day without network: nobody is to blame, one request a minute finds out, and all goes on within an
/// interval.
#[tokio::test]
async fn a_day_without_network_is_held_against_nobody() {
    let (mut test, origins) = with_hosts(12).await;
    test.run_for(HOUR * 3).await;
    for origin in &origins {
        origin.down().await;
    }
    let before = requests(&origins);
    test.run_for(DAY).await;
    assert_eq!(requests(&origins), before);
    let status = test.daemon().status();
    let words = "; the network is DOWN since 09:";
    assert!(
        status.contains(words) && status.contains(", tried again at "),
        "{status}"
    );
    for origin in &origins {
        origin.up().await;
    }
    let back = test.now();
    test.run_for(HOUR + HOUR / 4).await;
    for (feed, health, failures) in states(&mut test) {
        assert_eq!((health, failures), (Health::Ok, 0), "{feed}");
    }
    for origin in &origins {
        let asked = origin.asked();
        let since: Vec<_> = asked.iter().filter(|asked| asked.at >= back).collect();
        assert!(
            !since.is_empty() && since.len() <= 2,
            "{} requests",
            since.len()
        );
    }
    test.finish().await;
}

/// P40: where packets are lost without a word, nobody is reached either, however short `timeout` is.
#[tokio::test]
async fn p40_an_outage_without_an_answer_is_held_against_nobody() {
    let (mut test, origins) = with_hosts_under("timeout = \"1s\"", 6).await;
    test.run_for(HOUR / 2).await;
    let mut dead = Vec::new();
    for origin in &origins {
        dead.push(origin.fall_mute().await);
    }
    test.run_for(HOUR).await;
    for (feed, health, failures) in states(&mut test) {
        assert_eq!((health, failures), (Health::Ok, 0), "{feed}");
    }
    drop(dead);
    let before = requests(&origins);
    for origin in &origins {
        origin.up().await;
    }
    test.run_for(HOUR / 2).await;
    assert_eq!(requests(&origins), before + origins.len());
    test.finish().await;
}

/// One host that is dead is dead, whatever the network does.
#[tokio::test]
async fn a_dead_host_among_others_fails() {
    let (mut test, origins) = with_hosts(6).await;
    origins[3].down().await;
    test.run_for(HOUR * 3).await;
    let failing = states(&mut test)
        .into_iter()
        .filter(|(_, health, _)| *health == Health::Failing);
    let failing: Vec<(FeedId, Health, u32)> = failing.collect();
    assert_eq!(failing.len(), 1);
    assert_eq!(failing[0].0.as_str(), "m3");
    assert!(failing[0].2 >= 2, "{} failures", failing[0].2);
    test.finish().await;
}

/// It is asked together with all others, whose answers come before it is seen to be dead, and with nobody after it: that is
/// known half a minute later, and not when the next is due.
#[tokio::test]
async fn a_dead_host_that_is_asked_with_all_others_fails() {
    let (mut test, origins) = with_hosts(6).await;
    origins[3].down().await;
    test.clock.advance(HOUR * 2);
    assert_eq!(test.run_due().await.len(), 5);
    let asked = requests(&origins);
    let settled_at = test.now() + MINUTE / 2;
    assert_eq!(test.daemon().next_due_at(), Some(settled_at));
    test.clock.advance(MINUTE / 2);
    let reports = test.run_due().await;
    assert_eq!((reports.len(), reports[0].feed.as_str()), (1, "m3"));
    let m3 = states(&mut test)
        .into_iter()
        .find(|(id, ..)| id.as_str() == "m3");
    let (_, health, failures) = m3.unwrap();
    assert_eq!((health, failures), (Health::Failing, 1));
    assert_eq!(requests(&origins), asked);
    test.finish().await;
}

/// Each other feed of a dead host fails as the first did, though nobody answers beside it.
#[tokio::test]
async fn all_feeds_of_a_dead_host_fail() {
    let (mut test, origins) = with_hosts(6).await;
    for n in 0..4 {
        let url = origins[3].url(&format!("/{n}.xml"));
        let feed = format!("[[feed]]\nid = \"m3-{n}\"\nurl = \"{url}\"\n");
        test.config.push_str(&feed);
    }
    origins[3].down().await;
    test.restart().await;
    test.run_due().await;
    for _ in 0..10 {
        test.clock.advance(MINUTE / 2);
        test.run_due().await;
    }
    for (feed, health, failures) in states(&mut test) {
        let is_dead = feed.as_str().starts_with("m3");
        let expected = if is_dead {
            (Health::Failing, 1)
        } else {
            (Health::Ok, 0)
        };
        assert_eq!((health, failures), expected, "{feed}");
    }
    test.finish().await;
}

/// A host that is dead already hides no outage of all others, and these fail no more in it than without.
#[tokio::test]
async fn an_outage_is_seen_beside_a_dead_host() {
    let (mut test, origins) = with_hosts(6).await;
    test.run_for(HOUR).await;
    origins[5].down().await;
    test.run_for(HOUR * 2).await;
    for origin in &origins[..5] {
        origin.down().await;
    }
    test.run_for(DAY).await;
    let status = test.daemon().status();
    assert!(status.contains("the network is DOWN"), "{status}");
    for (feed, health, failures) in states(&mut test) {
        let is_dead = feed.as_str() == "m5";
        assert_eq!(health == Health::Failing, is_dead, "{feed}");
        assert_eq!(failures > 0, is_dead, "{feed}");
    }
    test.finish().await;
}

/// R7: the clock jumps by a day, either way: no burst, no stop.
#[tokio::test]
async fn r7_a_clock_that_jumps_by_a_day_changes_nothing() {
    for jump in [DAY, -DAY] {
        let (mut test, origins) = with_hosts(5).await;
        test.run_for(HOUR / 2).await;
        let before = requests(&origins);
        test.clock.jump(jump);
        assert!(test.run_due().await.is_empty(), "a burst after {jump:#}");
        test.run_for(HOUR / 4).await;
        assert_eq!(requests(&origins), before);
        test.run_for(HOUR).await;
        assert_eq!(requests(&origins), before + origins.len(), "after {jump:#}");
        test.finish().await;
    }
}

/// R8: after a sleep of ten hours each feed is polled once.
#[tokio::test]
async fn r8_a_long_sleep_is_one_poll_for_each_feed() {
    let (mut test, origins) = with_hosts(5).await;
    test.run_due().await;
    let before = requests(&origins);
    test.clock.advance(HOUR * 10);
    test.run_due().await;
    assert_eq!(requests(&origins), before + origins.len());
    test.finish().await;
}

/// R7: a cron line goes by the wall, and waits all the same for as long as its origin asked.
#[tokio::test]
async fn r7_a_retry_after_outlasts_a_clock_that_is_set() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\nschedule = \"0 * * * *\"\n";
    let mut test = TestDaemon::start(feed).await;
    let asked_to_wait = Reply::status(429).header("retry-after", "172800");
    test.origin.say("/a.xml", asked_to_wait);
    test.run_due().await;
    let began = test.now();
    test.clock.jump(HOUR / 20);
    test.run_for(DAY).await;
    assert_eq!(test.origin.asked().len(), 1);
    test.run_for(DAY + HOUR * 2).await;
    let asked = test.origin.asked();
    assert!(asked.len() >= 2 && asked[1].at.duration_since(began) >= DAY * 2);
    test.finish().await;
}

/// R7: what is stored was told by another clock, and a reload knows better.
#[tokio::test]
async fn r7_a_reload_after_a_clock_was_set_hastens_nothing() {
    for jump in [DAY, -DAY] {
        let (mut test, origins) = with_hosts(5).await;
        test.run_for(HOUR / 2).await;
        let before = requests(&origins);
        test.clock.jump(jump);
        test.reload().await;
        assert!(test.run_due().await.is_empty(), "a burst after {jump:#}");
        test.run_for(HOUR / 4).await;
        assert_eq!(requests(&origins), before);
        test.finish().await;
    }
}

/// R13: a poll that waits for the host that it was led to holds up no stop.
#[tokio::test]
async fn r13_a_poll_that_waits_for_a_host_ends_with_the_daemon() {
    let (mut test, origins) = with_hosts(2).await;
    let asked_to_wait = Reply::status(429).header("retry-after", "10800");
    origins[1].say("/feed.xml", asked_to_wait);
    test.run_due().await;
    let away = Reply::status(302).header("location", &origins[1].url("/moved.xml"));
    test.origin.say("/first.xml", away);
    origins[1].say("/moved.xml", document("moved"));
    test.run_for(HOUR + HOUR / 4).await;
    let stopped = tokio::time::timeout(std::time::Duration::from_mins(1), test.restart());
    stopped.await.expect("the daemon stops");
    test.run_for(HOUR * 5).await;
    assert!(!origins[1].asked_for("/moved.xml").is_empty());
    test.finish().await;
}

/// As many hosts as make an outage are dead for good: they fail, and the others are asked as ever.
#[tokio::test]
async fn hosts_that_are_dead_for_good_make_no_outage() {
    let (mut test, origins) = with_hosts(10).await;
    for origin in &origins[5..] {
        origin.down().await;
    }
    test.run_for(DAY * 3).await;
    let failing = states(&mut test)
        .into_iter()
        .filter(|(_, health, _)| *health == Health::Failing);
    let failures: Vec<u32> = failing.map(|(_, _, failures)| failures).collect();
    assert_eq!(failures.len(), 5);
    assert!(
        failures.iter().all(|failures| (3..20).contains(failures)),
        "{failures:?}"
    );
    for origin in &origins[..5] {
        let asked = origin.asked().len();
        assert!(asked > 40, "{asked} requests in three days");
    }
    test.finish().await;
}

/// Who polls by hand is told of each dead host, however many come first, and of an outage where nobody
/// answers at all.
#[tokio::test]
async fn dead_hosts_and_an_outage_are_told_apart_by_hand() {
    let (mut test, origins) = with_hosts(12).await;
    let all = Choice {
        all: true,
        ..Choice::default()
    };
    for (down, expected) in [(6, (6, 6, false)), (12, (0, 0, true))] {
        for origin in &origins[..down] {
            origin.down().await;
        }
        test.clock.advance(DAY);
        let (mut well, mut failed, mut offline) = (0, 0, false);
        let tell = &mut |progress: Progress<'_>| match progress {
            Progress::Polled(report) if report.outcome.is_success() => well += 1,
            Progress::Polled(_) => failed += 1,
            Progress::Offline(tried) => {
                offline = true;
                let (_, why) = tried.unwrap();
                assert!(why.contains("refused"), "{why}");
            }
            Progress::Begun { .. } | Progress::Left(_) => {}
        };
        test.daemon().poll_now(&all, tell).await.unwrap();
        assert_eq!((well, failed, offline), expected, "{down} down");
        test.restart().await;
    }
    test.finish().await;
}
