//! What is told, after a few things that happened.

use super::*;
use crate::config;
use crate::model::{Failure, FailureKind, PollCounts};
use crate::schedule::End;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn row() -> Row {
    Row {
        enabled: true,
        health: Health::Ok,
        failures: 0,
        last_error: String::new(),
        last_success_at: None,
        next_poll_at: None,
        due_reason: "its rhythm".to_owned(),
        newest_at: None,
    }
}

fn report(feed: &str, outcome: Outcome, failures: u32) -> PollReport {
    let health = if failures > 0 {
        Health::Failing
    } else {
        Health::Ok
    };
    PollReport {
        feed: FeedId::new(feed),
        outcome,
        status: None,
        bytes: 10,
        elapsed: Duration::from_millis(80),
        counts: PollCounts::default(),
        next_due_at: Some(NOW),
        due_reason: "it fails".to_owned(),
        guids_failed: None,
        end: End::Answered,
        health,
        failures,
        newest_at: None,
        moved: None,
    }
}

fn config(text: &str) -> Config {
    config::read(text, &|_| None).unwrap().config
}

fn figures() -> Figures {
    let figures = Figures::new(NOW, PathBuf::from("none.db"));
    let feeds = ["good", "bad", "off"].map(|id| (FeedId::new(id), row()));
    let mut feeds = BTreeMap::from(feeds);
    if let Some(off) = feeds.get_mut(&FeedId::new("off")) {
        off.enabled = false;
    }
    figures.take_up(feeds, &config(""));
    figures
}

#[test]
fn polls_are_counted_by_feed_and_outcome() {
    let figures = figures();
    let failure = Failure::new(FailureKind::Timeout, "nobody <answered>");
    figures.polled(&report("good", Outcome::NotModified, 0), NOW);
    figures.polled(&report("bad", Outcome::Failed(failure), 3), NOW);
    let metrics = figures.metrics(&Traffic::default());
    for line in [
        "merganser_fetches_total{feed=\"bad\",result=\"timeout\"} 1",
        "merganser_fetches_total{feed=\"good\",result=\"not-modified\"} 1",
        "merganser_feeds{state=\"backoff\"} 1",
        "merganser_feeds{state=\"disabled\"} 1",
        "merganser_feed_consecutive_failures{feed=\"bad\"} 3",
        "merganser_feed_last_success_timestamp_seconds{feed=\"good\"} 0",
        "merganser_fetch_duration_seconds_bucket{le=\"0.1\"} 2",
        "merganser_fetch_bytes_total 20",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line} in\n{metrics}");
    }
    let page = figures.page();
    assert!(page.contains("nobody &lt;answered&gt;"), "{page}");
    assert!(
        page.find(">bad<") < page.find(">good<"),
        "who fails comes first"
    );
    let json: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
    assert_eq!(json["feeds"][0]["last_error"], "nobody <answered>");
}

/// A feed that leaves the configuration leaves no label behind.
#[test]
fn what_is_counted_of_a_feed_goes_with_it() {
    let figures = figures();
    figures.polled(&report("bad", Outcome::Modified, 0), NOW);
    let nobody = config("[server]\nadmin-from = []\n");
    figures.take_up(BTreeMap::from([(FeedId::new("good"), row())]), &nobody);
    figures.polled(&report("gone", Outcome::Modified, 0), NOW);
    let metrics = figures.metrics(&Traffic::default());
    assert!(!metrics.contains("\"bad\""), "{metrics}");
    assert!(!figures.is_for("127.0.0.1".parse().unwrap()));
}

/// So does a topic, though a poll that began before brings something to it.
#[test]
fn what_is_counted_of_a_topic_goes_with_it() {
    let figures = figures();
    let topic = |name: &str| format!("[[topic]]\nname = \"{name}\"\nquery = \"{name}\"\n");
    let both = config(&[topic("rain"), topic("wind")].concat());
    let feeds = BTreeMap::from([(FeedId::new("good"), row())]);
    figures.take_up(feeds.clone(), &both);
    let mut found = report("good", Outcome::Modified, 0);
    found.counts.labels = ["rain", "wind"].map(str::to_owned).into_iter().collect();
    figures.polled(&found, NOW);
    let is_told = |name: &str| {
        let metrics = figures.metrics(&Traffic::default());
        metrics.contains(&format!("topic=\"{name}\""))
    };
    assert!(is_told("rain") && is_told("wind"));
    figures.take_up(feeds, &config(&topic("wind")));
    assert!(!is_told("rain") && is_told("wind"));
    figures.polled(&found, NOW);
    assert!(!is_told("rain") && is_told("wind"));
}

#[test]
fn a_refused_reload_shows_until_one_is_taken() {
    let figures = figures();
    let said = |line: &str| {
        figures
            .metrics(&Traffic::default())
            .lines()
            .any(|it| it == line)
    };
    assert!(said("merganser_config_last_reload_successful 1"));
    figures.reloaded(false, NOW);
    assert!(said("merganser_config_last_reload_successful 0"));
    assert!(said("merganser_config_reloads_total{result=\"refused\"} 1"));
    figures.reloaded(true, NOW);
    assert!(said("merganser_config_last_reload_successful 1"));
}
