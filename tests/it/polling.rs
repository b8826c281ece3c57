//! Many feeds of many hosts, good and bad, over a long time. What single ones are promised is in
//! `conformance`.

use crate::origin::{Origin, Reply};
use crate::test_daemon::{TestDaemon, rss};
use jiff::{SignedDuration, Timestamp};
use merganser::model::Outcome;
use std::collections::HashMap;
use std::sync::Arc;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn day(day: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * day)
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
