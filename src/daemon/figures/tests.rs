//! What is told, after a few things that happened.

mod next_polls;

use super::*;
use crate::clock::ManualClock;
use crate::config;
use crate::model::{Failure, FailureKind, FeedState, Health, Outcome, PollCounts, Wire};
use crate::schedule::End;
use crate::store::Work;
use jiff::SignedDuration;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn row(id: &str) -> Row {
    let config = format!("[[feed]]\nid = \"{id}\"\nurl = \"https://{id}.example/feed\"\n");
    let state = FeedState {
        health: Health::Ok,
        ..FeedState::default()
    };
    Row::new(&config_of(&config).feeds[0], &state, None)
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
        reached: None,
        wire: Wire {
            head_after: Some(Duration::from_millis(20)),
            coding: Some("gzip"),
        },
        counts: PollCounts::default(),
        next_due_at: Some(NOW),
        retry_after_at: None,
        due_reason: "it fails".to_owned(),
        guids_failed: None,
        end: End::Answered,
        health,
        failures,
        newest_at: None,
        rhythm: None,
        unstored: None,
        ended_at: None,
        asked_at: None,
        moves_to: None,
        is_own_output: None,
        moved: None,
    }
}

fn config_of(text: &str) -> Config {
    config::read(text, &|_| None).unwrap().config
}

fn figures() -> Figures {
    let figures = Figures::new(Arc::new(ManualClock::new(NOW)), PathBuf::from("none.db"));
    let mut feeds = ["good", "bad", "off"].map(row);
    feeds[2].enabled = false;
    figures.take_up(feeds.to_vec(), &config_of(""));
    figures
}

/// What somebody is needed for stands before all feeds, on the page and for programs.
#[test]
fn what_is_needed_comes_first() {
    let figures = figures();
    assert!(!figures.page().contains("Needs you"));
    assert!(figures.json().contains("\"needs_you\":[]"));
    let need = Need::new("network", "it is <DOWN>".to_owned(), NOW);
    figures.stand("3 feeds", vec![need], 0);
    figures.roads(true, 2);
    let page = figures.page();
    let place = |part: &str| page.find(part).unwrap();
    assert!(
        place("<strong>network</strong>") < place("3 feeds"),
        "{page}"
    );
    let since = "<time datetime=\"1970-01-01T00:00:00Z\">1970-01-01 00:00 UTC</time>";
    let told = format!("(since {since}): it is &lt;DOWN&gt;");
    assert!(page.contains(&told), "{page}");
    let told = "{\"what\":\"network\",\"why\":\"it is <DOWN>\",\"since\":\"1970-01-01T00:00:00Z\",\"can_wait\":false}";
    assert!(figures.json().contains(told), "{}", figures.json());
    let metrics = figures.metrics(&Traffic::default());
    assert!(metrics.contains("\nmerganser_network_up 0\n"), "{metrics}");
    let proxies = "\nmerganser_proxies_unreached 2\n";
    assert!(metrics.contains(proxies), "{metrics}");
}

/// Commands are told from words, an odd backtick is one; and of many needs it is told first how many feeds there are.
#[test]
fn r20_the_page_can_be_read() {
    let figures = figures();
    let need = |what: &str| Need::new(what, "`a` <b> `c`, or an odd ` one".to_owned(), NOW);
    figures.stand("3 feeds", vec![need("x")], 0);
    let page = figures.page();
    assert!(
        page.contains("`a` &lt;b&gt; `c`, or an odd ` one"),
        "{page}"
    );
    let is_first = |page: &str| page.find("feeds 3: ") < page.find("Needs you");
    assert!(!is_first(&page), "{page}");
    let health = "href=\"status/health.atom\"";
    assert_eq!(page.matches(health).count(), 2, "{page}");
    assert!(
        page.contains("for feed readers: <a href=\"status/health.atom\">/status/health.atom</a>"),
        "{page}"
    );
    let need = |what: &str| Need::new(what, "`a` <b> `c`".to_owned(), NOW);
    let needs = ["x", "y", "z", "more"].map(need);
    figures.stand("3 feeds", needs.to_vec(), 0);
    let page = figures.page();
    assert!(
        page.contains("<code>a</code> &lt;b&gt; <code>c</code></li>"),
        "{page}"
    );
    assert!(is_first(&page), "{page}");
    assert_eq!(page.matches("feeds 3: ").count(), 1, "{page}");
}

/// How much there is of what is told as by `merganser status`, but for what only the database knows.
#[test]
fn the_page_tells_how_much_there_is() {
    let figures = figures();
    let failure = Failure::new(FailureKind::Timeout, "nobody answered");
    figures.polled(&report("bad", Outcome::Failed(failure), 1), NOW);
    let page = figures.page();
    for part in [
        "up since 1970-01-01 00:00 UTC, configuration of 1970-01-01 00:00 UTC",
        "feeds 3: ",
        "1 failing",
        "1 disabled",
        "; database 0.0 MiB, 0.0 MiB of it in its log",
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    let told: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
    assert_eq!(told["feeds_by_state"]["failing"], 1);
    assert_eq!(told["feeds_by_state"]["gone"], 0);
    assert!(told["articles"].is_null(), "they were not counted: {told}");
    assert_eq!((&told["bytes"], &told["log_bytes"]), (&0.into(), &0.into()));
}

/// What runs is told by version, revision and compiler; of a build that knows no revision, that it is not known.
#[test]
fn what_runs_is_told() {
    let metrics = figures().metrics(&Traffic::default());
    let line = metrics
        .lines()
        .find(|it| it.starts_with("merganser_build_info"));
    let labels = line.unwrap().strip_suffix("} 1").unwrap();
    let mut labels = labels.split(['{', ',']).skip(1);
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(labels.next(), Some(version.as_str()));
    assert!(
        labels.next().unwrap().starts_with("revision=\""),
        "{metrics}"
    );
    let compiler = labels.next().unwrap();
    assert!(compiler.starts_with("rustc=\"1."), "{compiler}");
    assert_eq!(labels.next(), None);
}

/// Feeds that need somebody are told as `merganser status` tells them, after what the daemon itself is in need of;
/// what can wait comes last.
#[test]
fn feeds_that_need_somebody_are_told() {
    let figures = figures();
    let need = Need::new("network", "it is DOWN".to_owned(), NOW);
    figures.stand("3 feeds", vec![need], 0);
    let failure = Failure::new(FailureKind::Http, "404 <Not Found>");
    let mut missing = report("bad", Outcome::Failed(failure), 1);
    missing.status = Some(404);
    let mut moved = report("good", Outcome::NotModified, 0);
    moved.asked_at = Some("https://new.example/".to_owned());
    figures.polled(&moved, NOW);
    figures.polled(&missing, NOW);
    let told: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
    let needs = told["needs_you"].as_array().unwrap().iter();
    let whats = needs.map(|need| (need["what"].as_str(), need["can_wait"].as_bool()));
    assert_eq!(
        whats.collect::<Vec<_>>(),
        [
            (Some("network"), Some(false)),
            (Some("bad"), Some(false)),
            (Some("good"), Some(true))
        ]
    );
    assert_eq!(told["feeds"][0]["state"], "failing");
    assert_eq!(told["feeds"][2]["state"], "disabled");
    let page = figures.page();
    let missing = "<li><strong>bad</strong>: 404 &lt;Not Found&gt; (nothing is there); <code>merganser why bad</code></li>";
    assert!(page.contains(missing), "{page}");
    assert!(
        page.contains("<strong>good</strong> (can wait): moved for good"),
        "{page}"
    );
    // Nothing of it holds any more.
    figures.polled(&report("bad", Outcome::Modified, 0), NOW);
    figures.polled(&report("good", Outcome::Modified, 0), NOW);
    figures.stand("3 feeds", Vec::new(), 0);
    assert!(figures.json().contains("\"needs_you\":[]"));
}

#[test]
fn polls_are_counted_by_feed_and_outcome() {
    let figures = figures();
    let failure = Failure::new(FailureKind::Timeout, "nobody <answered>");
    figures.polled(&report("good", Outcome::NotModified, 0), NOW);
    let mute = PollReport {
        wire: Wire::default(),
        ..report("bad", Outcome::Failed(failure), 3)
    };
    figures.polled(&mute, NOW);
    let metrics = figures.metrics(&Traffic::default());
    for line in [
        "merganser_fetches_total{feed=\"bad\",result=\"timeout\"} 1",
        "merganser_fetches_total{feed=\"good\",result=\"not-modified\"} 1",
        "merganser_feeds{state=\"backoff\"} 1",
        "merganser_feeds{state=\"disabled\"} 1",
        "merganser_feed_consecutive_failures{feed=\"bad\"} 3",
        "merganser_feed_last_success_timestamp_seconds{feed=\"good\"} 0",
        "merganser_fetch_duration_seconds_bucket{phase=\"total\",le=\"0.1\"} 2",
        "merganser_fetch_duration_seconds_bucket{phase=\"ttfb\",le=\"0.05\"} 1",
        "merganser_fetch_duration_seconds_count{phase=\"ttfb\"} 1",
        "merganser_fetch_bytes_total{encoding=\"gzip\"} 10",
        "merganser_fetch_bytes_total{encoding=\"identity\"} 0",
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

/// The page ends where nobody reads on; programs get all.
#[test]
fn the_page_of_many_feeds_shows_those_that_need_somebody() {
    let figures = Figures::new(Arc::new(ManualClock::new(NOW)), PathBuf::from("none.db"));
    let feeds = (0..1200).map(|number| Row {
        id: FeedId::new(format!("feed-{number:04}")),
        ..row("any")
    });
    figures.take_up(feeds.collect(), &config_of(""));
    let failure = Failure::new(FailureKind::Timeout, "nobody answered");
    figures.polled(&report("feed-1199", Outcome::Failed(failure), 3), NOW);
    let page = figures.page();
    assert_eq!(page.matches("<tr><th scope=\"row\">").count(), 1000);
    assert!(page.contains("<p>200 more feeds"), "{page}");
    assert!(page.find("feed-1199") < page.find("feed-0000"));
    let json: serde_json::Value = serde_json::from_str(&figures.json()).unwrap();
    assert_eq!(json["feeds"].as_array().map(Vec::len), Some(1200));
    assert_eq!(json["feeds"][0]["next_poll_at"], "1970-01-01T00:00:00Z");
    assert_eq!(json["feeds"][1]["next_poll_at"], serde_json::Value::Null);
}

/// A narrow screen has a block for each row, with why on a line of its own; what is too wide all the same scrolls for itself,
/// by the keyboard too. The longest id, which may be broken, pushes nothing out.
#[test]
fn the_table_of_feeds_is_readable_on_any_screen() {
    let figures = Figures::new(Arc::new(ManualClock::new(NOW)), PathBuf::from("none.db"));
    figures.take_up(vec![row("any")], &config_of(""));
    let scrolls =
        "<div class=\"wide\" role=\"region\" aria-label=\"Feeds\" tabindex=\"0\">\n<table>";
    assert!(figures.page().contains(scrolls), "{}", figures.page());
    let (wide, narrow) = crate::publish::STYLE
        .split_once("@media (max-width: 70rem) {")
        .unwrap();
    let rule = |part: &'static str, of: &str| {
        let mut rules = part.split('}').map(str::trim);
        rules.find(|it| it.contains(of)).unwrap_or_default()
    };
    assert!(rule(wide, ".wide {").contains("overflow-x: auto;"));
    assert!(rule(wide, "td {").contains("white-space: nowrap;"));
    assert!(rule(wide, "tbody th {").contains("white-space: normal;"));
    let blocks = rule(narrow, "table,");
    assert!(blocks.contains("tbody th") && blocks.contains("td:last-child"));
    assert!(blocks.contains("display: block;"));
    // A block has no head that says what its parts are.
    for (number, label) in [(3, "failures"), (4, "last success"), (5, "next poll")] {
        let found = rule(narrow, &format!("td:nth-child({number})"));
        let found = if found.is_empty() {
            rule(narrow, "td:nth-child(n + 3)")
        } else {
            found
        };
        assert!(found.contains(label), "{label}");
        let head = format!("<th scope=\"col\">{label}</th>");
        assert!(figures.page().contains(&head));
    }
}

/// What failing feeds did is told of each, that of the others together.
#[test]
fn of_very_many_feeds_those_that_fail_have_series() {
    let figures = Figures::new(Arc::new(ManualClock::new(NOW)), PathBuf::from("none.db"));
    let feeds = (0..=10_000).map(|number| Row {
        id: FeedId::new(format!("feed-{number:05}")),
        ..row("any")
    });
    figures.take_up(feeds.collect(), &config_of(""));
    let failure = Failure::new(FailureKind::Timeout, "nobody answered");
    figures.polled(&report("feed-00001", Outcome::NotModified, 0), NOW);
    figures.polled(&report("feed-00002", Outcome::NotModified, 0), NOW);
    figures.polled(&report("feed-00003", Outcome::Failed(failure), 3), NOW);
    let metrics = figures.metrics(&Traffic::default());
    let lines: Vec<&str> = metrics
        .lines()
        .filter(|it| it.contains("feed=\""))
        .collect();
    let expected = [
        "merganser_feed_next_poll_timestamp_seconds{feed=\"feed-00003\"} 0",
        "merganser_feed_consecutive_failures{feed=\"feed-00003\"} 3",
        "merganser_fetches_total{feed=\"feed-00003\",result=\"timeout\"} 1",
        "merganser_fetches_total{feed=\"\",result=\"not-modified\"} 2",
    ];
    assert_eq!(lines, expected);
}

/// A feed that leaves the configuration leaves no label behind.
#[test]
fn what_is_counted_of_a_feed_goes_with_it() {
    let figures = figures();
    figures.polled(&report("bad", Outcome::Modified, 0), NOW);
    let nobody = config_of("[server]\nadmin-from = []\n");
    figures.take_up(vec![row("good")], &nobody);
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
    let both = config_of(&[topic("rain"), topic("wind")].concat());
    let feeds = vec![row("good")];
    figures.take_up(feeds.clone(), &both);
    let mut found = report("good", Outcome::Modified, 0);
    found.counts.labels = ["rain", "wind"].map(str::to_owned).into_iter().collect();
    figures.polled(&found, NOW);
    let is_told = |name: &str| {
        let metrics = figures.metrics(&Traffic::default());
        metrics.contains(&format!("topic=\"{name}\""))
    };
    assert!(is_told("rain") && is_told("wind"));
    figures.take_up(feeds, &config_of(&topic("wind")));
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
    figures.reloaded(false, false, NOW);
    figures.reloaded(false, true, NOW);
    assert!(said("merganser_config_last_reload_successful 0"));
    assert!(said("merganser_config_reloads_total{result=\"refused\"} 1"));
    figures.reloaded(true, false, NOW);
    assert!(said("merganser_config_last_reload_successful 1"));
}

/// What came to topics is counted by entry, also while nothing came; what is written and waits is told as it is.
#[test]
fn topics_and_the_database_are_counted() {
    let figures = figures();
    let topic = |name: &str| format!("[[topic]]\nname = \"{name}\"\nquery = \"{name}\"\n");
    let config = config_of(&[topic("asia"), topic("rain")].concat());
    figures.take_up(vec![row("good")], &config);
    let mut brought = report("good", Outcome::Modified, 0);
    brought.counts.matches = BTreeMap::from([("asia".to_owned(), 2), ("gone".to_owned(), 1)]);
    figures.polled(&brought, NOW);
    figures.polled(&brought, NOW);
    let later = NOW + SignedDuration::from_millis(500);
    figures.queue(NOW, &|| 7);
    figures.queue(later, &|| panic!("it was counted just now"));
    figures.wrote(Work::Polls, Duration::from_millis(4));
    figures.wrote(Work::Upkeep, Duration::from_mins(1));
    figures.database_failed("full");
    let metrics = figures.metrics(&Traffic::default());
    for line in [
        "merganser_topic_matches_total{topic=\"asia\"} 4",
        "merganser_topic_matches_total{topic=\"rain\"} 0",
        "merganser_queue_length 7",
        "merganser_db_queue_length 0",
        "merganser_db_transaction_duration_seconds_bucket{op=\"polls\",le=\"0.001\"} 0",
        "merganser_db_transaction_duration_seconds_bucket{op=\"polls\",le=\"0.005\"} 1",
        "merganser_db_transaction_duration_seconds_bucket{op=\"upkeep\",le=\"10\"} 0",
        "merganser_db_transaction_duration_seconds_count{op=\"upkeep\"} 1",
        "merganser_db_errors_total{kind=\"full\"} 1",
        "merganser_db_errors_total{kind=\"damaged\"} 0",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line} in\n{metrics}");
    }
    assert!(!metrics.contains("topic=\"gone\""), "{metrics}");
}

/// A loop that does not come by hangs, once it has begun.
#[test]
fn r16_a_loop_that_does_not_come_by_is_dead() {
    let clock = Arc::new(ManualClock::new(NOW));
    let figures = Figures::new(Arc::<ManualClock>::clone(&clock), "none.db".into());
    clock.advance(SignedDuration::from_hours(1));
    assert_eq!(figures.silent(), None);
    for _ in 0..2 {
        figures.stand("3 feeds", Vec::new(), 0);
        clock.jump(SignedDuration::from_hours(1));
        clock.advance(SignedDuration::from_secs(59));
        assert_eq!(figures.silent(), None);
        clock.advance(SignedDuration::from_secs(1));
        let silent = "the scheduler gives no sign of life";
        assert_eq!(figures.silent(), Some(silent));
    }
}

/// A writer that does not come back from a transaction is known until it does, and to who asks for health as to who asks
/// what is needed; a clock that is set is no time that it takes.
#[test]
fn r16_whoever_looks_on_knows_how_long_it_takes() {
    let clock = Arc::new(ManualClock::new(NOW));
    let figures = Figures::new(Arc::<ManualClock>::clone(&clock), "none.db".into());
    let mut onlooker = figures.onlooker(Arc::<ManualClock>::clone(&clock));
    let is_stuck = || {
        let stuck = figures.stuck();
        assert_eq!(figures.silent().is_some(), stuck.is_some());
        stuck
    };
    assert_eq!(is_stuck(), None);
    onlooker.begins();
    clock.jump(SignedDuration::from_hours(1));
    clock.advance(SignedDuration::from_secs(29));
    assert_eq!(is_stuck(), None);
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(is_stuck(), Some((NOW, 0)));
    onlooker.ended(Work::Upkeep);
    assert_eq!(is_stuck(), None);
    let metrics = figures.metrics(&Traffic::default());
    let line = "merganser_db_transaction_duration_seconds_sum{op=\"upkeep\"} 30";
    assert!(metrics.lines().any(|it| it == line), "{metrics}");
}
