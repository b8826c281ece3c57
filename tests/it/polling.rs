//! How publishers are treated, seen from the publisher. Names cite docs/protocol.md.

use crate::origin::{Origin, Reply};
use crate::test_daemon::{TestDaemon, rss};
use jiff::{SignedDuration, Timestamp};
use merganser::daemon::{Choice, Progress};
use merganser::model::{FeedId, Outcome};
use std::collections::HashMap;
use std::sync::Arc;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn day(day: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * day)
}

/// P1, P10, P11: one unconditional request in a month of polls and restarts, validators echoed, never a
/// request before its time.
#[tokio::test]
async fn p10_one_unconditional_request_ever() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let body = rss("a", &[("one", "First", 5)]);
    let modified = "Tue, 24 Nov 2026 05:00:00 GMT";
    test.origin.say(
        "/a.xml",
        Reply::feed(body).header("last-modified", modified),
    );
    for _ in 0..4 {
        test.run_for(day(1)).await;
        test.restart().await;
        let before = test.origin.asked().len();
        test.run_due().await;
        assert_eq!(
            test.origin.asked().len(),
            before,
            "P11: polled at start, before it was due"
        );
    }
    let asked = test.origin.asked();
    assert!(asked.len() > 5, "{} requests in four days", asked.len());
    let unconditional = asked.iter().filter(|asked| !asked.is_conditional()).count();
    assert_eq!(unconditional, 1);
    assert!(
        asked
            .iter()
            .skip(1)
            .all(|asked| asked.headers["if-modified-since"] == modified)
    );
    for pair in asked.windows(2) {
        assert!(
            pair[1].at.duration_since(pair[0].at) >= HOUR,
            "P12: {} then {}",
            pair[0].at,
            pair[1].at
        );
    }
    test.finish().await;
}

/// P5, P6, P7: the next request carries what the last response carried, whatever its body.
#[tokio::test]
async fn p5_validators_of_every_response_are_kept() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let body = rss("a", &[("one", "First", 5)]);
    let reply = |etag: Option<&str>, status| {
        let reply = Reply {
            status,
            body: body.clone().into_bytes(),
            ..Reply::default()
        };
        match etag {
            Some(etag) => reply.header("etag", etag),
            None => reply,
        }
    };
    let steps = [
        (reply(Some("W/\"1\""), 200), None),
        // the same bytes with another tag, P5
        (reply(Some("\"2\""), 200), Some("W/\"1\"")),
        // a 304 with a new tag, P6
        (reply(Some("\"3\""), 304), Some("\"2\"")),
        // a 304 that is silent keeps it
        (reply(None, 304), Some("\"3\"")),
        // a 200 without a tag drops it, P7
        (reply(None, 200), Some("\"3\"")),
        (reply(None, 200), None),
    ];
    for (reply, expected) in steps {
        test.origin.say("/a.xml", reply);
        test.run_due().await;
        let asked = test.origin.asked().pop().unwrap();
        let sent = asked
            .headers
            .get("if-none-match")
            .map(|tag| tag.to_str().unwrap());
        assert_eq!(sent, expected);
        test.run_for(day(2)).await;
    }
    test.finish().await;
}

/// P8: a response that cannot be read leaves the validators of the last one that could.
#[tokio::test]
async fn p8_an_unreadable_update_is_asked_for_again() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    test.origin
        .say("/a.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    test.run_due().await;
    let good = test.origin.asked_for("/a.xml").len();
    test.origin.say(
        "/a.xml",
        Reply::feed("<html><title>Maintenance</title></html>"),
    );
    test.run_for(day(2)).await;
    let asked = test.origin.asked_for("/a.xml");
    let tags: Vec<_> = asked[good..]
        .iter()
        .map(|asked| &asked.headers["if-none-match"])
        .collect();
    assert!(tags.len() > 1);
    assert!(
        tags.iter().all(|tag| *tag == tags[0]),
        "the tag of the HTML page was kept"
    );
    test.origin
        .say("/a.xml", Reply::feed(rss("a", &[("two", "Second", 6)])));
    test.run_for(day(2)).await;
    assert!(test.output("/all.atom").contains("Second"));
    test.finish().await;
}

/// P17, P19, P21: patience where it is asked for, back-off where there is trouble, rest where it is gone.
#[tokio::test]
async fn p19_failures_back_off_and_recover() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    test.origin.say("/a.xml", Reply::status(500));
    test.run_for(day(3)).await;
    let asked = test.origin.asked_for("/a.xml");
    let gaps: Vec<SignedDuration> = asked
        .windows(2)
        .map(|pair| pair[1].at.duration_since(pair[0].at))
        .collect();
    assert!(
        gaps.windows(2).all(|pair| pair[1] * 2 > pair[0]),
        "{gaps:?}"
    );
    assert!(
        gaps.iter()
            .all(|gap| *gap <= SignedDuration::from_hours(27)),
        "P19: never given up: {gaps:?}"
    );
    assert!(gaps.last() > gaps.first());
    test.origin
        .say("/a.xml", Reply::feed(rss("a", &[("one", "Recovered", 5)])));
    let reports = test.run_for(day(2)).await;
    assert!(
        reports
            .iter()
            .any(|report| report.outcome == Outcome::Modified)
    );
    test.finish().await;
}

#[tokio::test]
async fn p17_retry_after_holds_even_a_poll_by_hand() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    test.origin
        .say("/a.xml", Reply::status(429).header("retry-after", "7200"));
    test.run_due().await;
    let choice = Choice {
        all: true,
        force: true,
        ..Choice::default()
    };
    test.daemon().poll_now(&choice, &mut |_| {}).await.unwrap();
    assert_eq!(test.origin.asked().len(), 1);
    test.restart().await;
    test.run_for(day(1)).await;
    let asked = test.origin.asked();
    assert!(asked[1].at.duration_since(asked[0].at) >= HOUR * 2);
    test.finish().await;
}

#[tokio::test]
async fn p21_a_feed_that_is_gone_rests_until_it_is_forced() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    test.origin.say("/a.xml", Reply::status(410));
    test.run_for(day(5)).await;
    test.restart().await;
    test.run_for(day(5)).await;
    let asked = test.origin.asked();
    assert_eq!(asked.len(), 2, "requests to a feed that is gone");
    let gap = asked[1].at.duration_since(asked[0].at);
    assert!(gap >= day(1), "a second look after {gap:?}");
    test.origin
        .say("/a.xml", Reply::feed(rss("a", &[("one", "Back", 5)])));
    let feeds = vec![FeedId::new("a-xml")];
    let choice = Choice {
        feeds,
        force: true,
        ..Choice::default()
    };
    let mut outcomes = Vec::new();
    test.daemon()
        .poll_now(&choice, &mut |progress| {
            if let Progress::Polled(report) = progress {
                outcomes.push(report.outcome.clone());
            }
        })
        .await
        .unwrap();
    assert_eq!(outcomes, [Outcome::Modified]);
    test.finish().await;
}

/// P21: a 410 that is over when it is looked at again was a mistake, and the next one is the first again.
#[tokio::test]
async fn p21_one_410_is_not_believed() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let body = rss("a", &[("one", "First", 5)]);
    test.origin.say("/a.xml", Reply::feed(body.clone()));
    test.run_due().await;
    for _ in 0..3 {
        test.origin.say("/a.xml", Reply::status(410));
        let reports = test.run_for(HOUR * 20).await;
        assert_eq!(reports.len(), 1, "{reports:?}");
        assert!(reports[0].due_reason.contains("asked once more"));
        test.origin.say("/a.xml", Reply::feed(body.clone()));
        let reports = test.run_for(HOUR * 10).await;
        let last = reports.last().unwrap();
        assert_eq!(last.outcome, Outcome::NotModified);
    }
    test.finish().await;
}

/// P32: feeds of one host are asked one after the other, with the gap between.
#[tokio::test]
async fn p32_one_request_at_a_time_per_host() {
    let paths: Vec<String> = (0..20).map(|n| format!("/{n}.xml")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let mut test = TestDaemon::with_feeds(&paths).await;
    for path in &paths {
        test.origin
            .say(path, Reply::feed(rss("a", &[("one", "First", 5)])));
    }
    test.run_due().await;
    let asked = test.origin.asked();
    assert_eq!(asked.len(), 20);
    for pair in asked.windows(2) {
        assert!(pair[1].at.duration_since(pair[0].at) >= SignedDuration::from_secs(1));
    }
    test.finish().await;
}

/// More hosts than may be polled at once: all have their turn, each host one at a time.
#[tokio::test]
async fn many_hosts_share_few_places() {
    let mut test = TestDaemon::with_feeds(&["/first.xml"]).await;
    let mut origins = Vec::new();
    for n in 0..40 {
        let origin = Origin::start(Arc::clone(&test.clock)).await;
        origin.say(
            "/feed.xml",
            Reply::feed(rss("many", &[("one", "First", 5)])),
        );
        let url = origin.url("/feed.xml");
        let feed = format!("[[feed]]\nid = \"m{n}\"\nurl = \"{url}\"\n");
        test.config.push_str(&feed);
        origins.push(origin);
    }
    test.restart().await;
    let reports = test.run_due().await;
    assert_eq!(reports.len(), 41);
    assert!(origins.iter().all(|origin| origin.asked().len() == 1));
    test.finish().await;
}

/// P26: a 200 with the bytes we have is no news, and costs no reading.
#[tokio::test]
async fn p26_the_same_bytes_are_not_modified() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let body = rss("a", &[("one", "First", 5)]).into_bytes();
    let reply = Reply {
        status: 200,
        body,
        ..Reply::default()
    };
    test.origin.say("/a.xml", reply);
    let first = test.run_due().await;
    assert_eq!(first[0].outcome, Outcome::Modified);
    let rest = test.run_for(day(1)).await;
    assert!(!rest.is_empty());
    assert!(
        rest.iter()
            .all(|report| report.outcome == Outcome::NotModified)
    );
    test.finish().await;
}

/// R14: what one origin does is that feed's outcome; the others are polled all the same.
#[tokio::test]
async fn r14_bad_feeds_harm_no_other() {
    let bad = [
        "/html", "/empty", "/huge", "/away", "/loop", "/none", "/noise",
    ];
    let mut paths = bad.to_vec();
    paths.extend(["/good1", "/good2"]);
    let mut test = TestDaemon::with_feeds(&paths).await;
    let say = |path: &str, reply: Reply| test.origin.say(path, reply);
    say(
        "/html",
        Reply::feed("<!doctype html><html><head><title>Hello</title></head></html>"),
    );
    say("/empty", Reply::feed(""));
    say("/huge", Reply::feed(vec![b' '; 20 * 1024 * 1024]));
    say(
        "/away",
        Reply::status(302).header("location", "http://127.0.0.2:9/feed"),
    );
    say("/loop", Reply::status(301).header("location", "/loop"));
    say("/noise", Reply::feed(b"\x00\xff\xfe\x01<<<&&&".to_vec()));
    for (path, title) in [("/good1", "Good one"), ("/good2", "Good two")] {
        say(path, Reply::feed(rss("good", &[(&path[1..], title, 5)])));
    }
    let reports = test.run_due().await;
    assert_eq!(reports.len(), paths.len());
    for report in &reports {
        let good = report.feed.as_str().starts_with("good");
        assert_eq!(
            report.outcome.is_success(),
            good,
            "{}: {:?}",
            report.feed,
            report.outcome
        );
    }
    let all = test.output("/all.atom");
    assert!(all.contains("Good one") && all.contains("Good two"));
    test.finish().await;
}

/// What a feed of the simulated month says on a day: its last five daily reports, or trouble.
fn daily(feed: usize, day: u32) -> Reply {
    if feed == 7 && (10..12).contains(&day) {
        return Reply::status(503);
    }
    let report = |day: u32| {
        (
            format!("f{feed}-d{day}"),
            format!("Report {day} of feed {feed}"),
        )
    };
    let items: Vec<(String, String)> = (day.saturating_sub(4)..=day).map(report).collect();
    let items: Vec<(&str, &str, u32)> = items
        .iter()
        .map(|(guid, title)| (guid.as_str(), title.as_str(), 5))
        .collect();
    Reply::feed(rss("month", &items))
}

/// A month of twenty feeds by four schedules, with an outage and restarts: every report is published
/// once, no feed is asked twice within an hour.
#[tokio::test]
async fn a_simulated_month() {
    let schedules = ["adaptive", "every 1h", "0 */2 * * *", "adaptive"];
    let feed = |(n, schedule): (usize, &&str)| {
        format!("[[feed]]\nid = \"f{n}\"\nurl = \"ORIGIN/{n}.xml\"\nschedule = \"{schedule}\"\n")
    };
    let config: String = schedules
        .iter()
        .cycle()
        .enumerate()
        .take(20)
        .map(feed)
        .collect();
    let mut test = TestDaemon::start(&config).await;
    let mut published = 0;
    for number in 0..30 {
        for feed in 0..20 {
            test.origin
                .say(&format!("/{feed}.xml"), daily(feed, number));
        }
        let reports = test.run_for(day(1)).await;
        published += reports.iter().map(|report| report.counts.new).sum::<u32>();
        if number % 10 == 9 {
            test.restart().await;
        }
    }
    assert_eq!(published, 30 * 20, "every entry is published once");
    let asked = test.origin.asked();
    assert!(asked.len() > 5_000, "{} polls", asked.len());
    let mut last: HashMap<&str, Timestamp> = HashMap::new();
    for asked in &asked {
        if let Some(before) = last.insert(&asked.path, asked.at) {
            let gap = asked.at.duration_since(before);
            assert!(
                gap >= SignedDuration::from_mins(59),
                "{}: {gap:?}",
                asked.path
            );
        }
    }
    test.finish().await;
}
