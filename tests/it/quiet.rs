//! What the log of a service says while nothing turns: nothing.

use crate::origin::{Origin, Reply};
use crate::program::{Place, Running};
use crate::test_daemon::rss;
use merganser::clock::ManualClock;
use std::sync::Arc;

/// So many feeds as a newsroom has.
const FEEDS: usize = 150;

/// At the level of a service no poll has a line, be it the first of a feed, one with news or one without: of 150 feeds it
/// would be thousands a day, among which nobody finds the one that matters.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_fifty_feeds_are_polled_without_a_line() {
    let start = "2026-11-24T06:00:00Z".parse().unwrap();
    let origin = Origin::start(Arc::new(ManualClock::new(start))).await;
    let ids: Vec<String> = (0..FEEDS).map(|number| format!("feed-{number}")).collect();
    let feeds = ids.iter().map(|id| {
        let url = origin.url(&format!("/{id}"));
        format!("[[feed]]\nid = \"{id}\"\nurl = \"{url}\"\n")
    });
    let place = Place::new(&format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [fetch]\nallow-networks = [\"127.0.0.0/8\"]\nhost-gap = \"0s\"\n{}",
        feeds.collect::<String>()
    ));
    let say = |ids: &[String], news: &[(&str, u32)]| {
        for id in ids {
            let guids: Vec<String> = news
                .iter()
                .map(|(item, _)| format!("{item}-{id}"))
                .collect();
            let items: Vec<(&str, &str, u32)> = guids
                .iter()
                .zip(news)
                .map(|(guid, (_, hour))| (guid.as_str(), guid.as_str(), *hour))
                .collect();
            origin.say(&format!("/{id}"), Reply::feed(rss(id, &items)));
        }
    };
    say(&ids, &[("report", 2)]);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let poll: Vec<&str> = ["poll"]
        .into_iter()
        .chain(ids.iter().map(String::as_str))
        .collect();
    place.print(&poll);
    say(&ids[..FEEDS / 2], &[("report", 2), ("news", 3)]);
    place.print(&poll);
    assert!(
        origin.asked().len() >= 2 * FEEDS,
        "{}",
        origin.asked().len()
    );
    running.signal("-TERM");
    let (code, log) = running.end();
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = log.lines().collect();
    let [begun, stopping] = lines.as_slice() else {
        panic!("{log}");
    };
    assert!(begun.contains("150 feeds, 0 failing"), "{log}");
    assert!(stopping.ends_with("stopping"), "{log}");
}
