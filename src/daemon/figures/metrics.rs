//! The metrics, by name.

use super::text::{Kind, Page};
use super::{Facts, Row, WORDS, process, storage};
use crate::serve::Traffic;
use std::collections::BTreeMap;

/// Writes all of them.
pub(super) fn page(facts: &Facts, traffic: &Traffic) -> String {
    let mut page = Page::default();
    page.metric("merganser_build_info", Kind::Gauge, "What runs.");
    let of = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("revision", env!("MERGANSER_BUILT_OF")),
        ("rustc", env!("MERGANSER_BUILT_BY")),
    ];
    page.sample("merganser_build_info", &of, 1);
    let help = "When this process started.";
    let started = facts.started_at.as_second();
    page.single("process_start_time_seconds", Kind::Gauge, help, started);
    configuration(facts, &mut page);
    feeds(facts, &mut page);
    polls(facts, &mut page);
    outcome(facts, &mut page);
    storage::write(facts, &mut page);
    readers(traffic, &mut page);
    process::write(&mut page);
    page.finish()
}

fn configuration(facts: &Facts, page: &mut Page) {
    page.single(
        "merganser_config_last_reload_successful",
        Kind::Gauge,
        "Whether the last feeds.toml that was read is in force.",
        u8::from(facts.is_last_good),
    );
    page.single(
        "merganser_config_last_reload_success_timestamp_seconds",
        Kind::Gauge,
        "Since when the configuration in force is.",
        facts.reloaded_at.as_second(),
    );
    let name = "merganser_config_reloads_total";
    page.metric(name, Kind::Counter, "Reloads, by what came of them.");
    page.sample(name, &[("result", "done")], facts.reloads.0);
    page.sample(name, &[("result", "refused")], facts.reloads.1);
    page.sample(name, &[("result", "failed")], facts.reloads.2);
}

/// So many feeds have series of their own, five each. Where there are more, those have that fail: a scrape of 100,000
/// would be 45 MB, and as many series as nobody's Prometheus wants of one target.
const EACH: usize = 10_000;

/// Tells whether a feed has series of its own.
fn has_series(facts: &Facts, row: &Row) -> bool {
    facts.feeds.len() <= EACH || matches!(row.word(), "gone" | "backoff")
}

/// A metric of each feed: its name, what it is, and its value where there is one.
type Column<'a> = (&'a str, &'a str, &'a dyn Fn(&Row) -> Option<i64>);

fn feeds(facts: &Facts, page: &mut Page) {
    let name = "merganser_feeds";
    page.metric(name, Kind::Gauge, "Feeds by how they fare.");
    // One that fails fails, whatever its last poll will count for.
    let is_in_doubt = |row: &Row| {
        matches!(row.word(), "new" | "ok") && facts.in_doubt.contains_key(row.id.as_str())
    };
    let (doubtful, others): (Vec<&Row>, Vec<&Row>) =
        facts.feeds.iter().partition(|row| is_in_doubt(row));
    page.sample(name, &[("state", "doubt")], doubtful.len());
    for word in WORDS {
        let count = others.iter().filter(|row| row.word() == word).count();
        page.sample(name, &[("state", word)], count);
    }
    let columns: [Column<'_>; 4] = [
        (
            "merganser_feed_last_success_timestamp_seconds",
            "When the feed answered as it should.",
            &|row| row.last_success_at.unix(),
        ),
        (
            "merganser_feed_next_poll_timestamp_seconds",
            "When the feed is polled next.",
            &|row| facts.next_poll(row).0.unix(),
        ),
        (
            "merganser_feed_consecutive_failures",
            "Polls that failed since the last success.",
            &|row| Some(row.failures.into()),
        ),
        (
            "merganser_feed_newest_item_timestamp_seconds",
            "Date of the newest entry of the feed's last document.",
            &|row| row.newest_at.unix(),
        ),
    ];
    for (name, help, value) in columns {
        page.metric(name, Kind::Gauge, help);
        for row in facts
            .feeds
            .iter()
            .filter(|row| row.enabled && has_series(facts, row))
        {
            if let Some(value) = value(row) {
                page.sample(name, &[("feed", row.id.as_str())], value);
            }
        }
    }
}

fn polls(facts: &Facts, page: &mut Page) {
    let name = "merganser_fetches_total";
    page.metric(name, Kind::Counter, "Polls by feed and outcome.");
    let mut rest: BTreeMap<&str, u64> = BTreeMap::new();
    for ((feed, result), count) in &facts.fetches {
        let row = super::place(&facts.feeds, feed).ok();
        let row = row.and_then(|row| facts.feeds.get(row));
        if row.is_none_or(|row| has_series(facts, row)) {
            page.sample(name, &[("feed", feed.as_str()), ("result", result)], count);
        } else {
            *rest.entry(result).or_default() += count;
        }
    }
    for (result, count) in rest {
        page.sample(name, &[("feed", ""), ("result", result)], count);
    }
    let name = "merganser_fetch_duration_seconds";
    let help = "How long the requests of a poll took, in all and to the head of the last response.";
    page.metric(name, Kind::Histogram, help);
    page.spans(name, &[("phase", "total")], &facts.fetch);
    page.spans(name, &[("phase", "ttfb")], &facts.head);
    let name = "merganser_fetch_bytes_total";
    let help = "Bytes of documents, decoded, by the coding that they came in.";
    page.metric(name, Kind::Counter, help);
    for (coding, bytes) in &facts.bytes {
        page.sample(name, &[("encoding", coding)], bytes);
    }
    page.histogram(
        "merganser_schedule_lag_seconds",
        "How late polls began: started minus due.",
        &facts.lag,
    );
    page.single(
        "merganser_fetches_in_flight",
        Kind::Gauge,
        "Polls under way.",
        facts.under_way,
    );
    page.single(
        "merganser_network_up",
        Kind::Gauge,
        "Whether any host can be reached; while none can, polls are put off.",
        u8::from(!facts.is_offline),
    );
    page.single(
        "merganser_proxies_unreached",
        Kind::Gauge,
        "Proxies of feeds that cannot be reached; nothing is counted against the feeds.",
        facts.unreached_proxies,
    );
    storage::queue(facts, page);
    entries(facts, page);
}

/// What polls brought, and what became of it.
fn entries(facts: &Facts, page: &mut Page) {
    let name = "merganser_articles_total";
    page.metric(name, Kind::Counter, "Entries by what they came to.");
    page.sample(name, &[("result", "stored")], facts.stored);
    page.sample(name, &[("result", "duplicate")], facts.copies);
    page.sample(name, &[("result", "revised")], facts.revised);
    let name = "merganser_duplicates_total";
    let help = "Entries that are copies of articles of other feeds, by what they have in common.";
    page.metric(name, Kind::Counter, help);
    for (by, count) in &facts.copied_by {
        page.sample(name, &[("reason", by)], count);
    }
    let name = "merganser_topic_last_match_timestamp_seconds";
    page.metric(
        name,
        Kind::Gauge,
        "When an article of the topic came or changed last.",
    );
    for (topic, at) in &facts.topics {
        page.sample(name, &[("topic", topic)], at.as_second());
    }
    let name = "merganser_topic_matches_total";
    let help = "New entries that are in the topic by themselves.";
    page.metric(name, Kind::Counter, help);
    for label in &facts.labels {
        let count = facts.matches.get(label).copied().unwrap_or_default();
        page.sample(name, &[("topic", label)], count);
    }
}

/// What is published.
fn outcome(facts: &Facts, page: &mut Page) {
    page.histogram(
        "merganser_publish_latency_seconds",
        "From stored to served.",
        &facts.latency,
    );
    page.single(
        "merganser_outputs_rendered_total",
        Kind::Counter,
        "Outputs that were rendered, since what they hold may be another.",
        facts.rendered,
    );
    exports(&facts.exports, page);
    let name = "merganser_websub_pushes_total";
    page.metric(
        name,
        Kind::Counter,
        "Hubs that were told of news, by whether they heard.",
    );
    page.sample(name, &[("result", "heard")], facts.pushes.0);
    page.sample(name, &[("result", "failed")], facts.pushes.1);
}

/// What is written beside the database.
fn exports(exports: &super::Exports, page: &mut Page) {
    let name = "merganser_publish_dir_up_to_date";
    let help = "Whether the files of `publish-dir` are written; none where there are to be none, and before that was tried.";
    page.metric(name, Kind::Gauge, help);
    if let Some(is_good) = exports.files {
        page.sample(name, &[], u8::from(is_good));
    }
    let name = "merganser_publish_dir_last_success_timestamp_seconds";
    page.metric(name, Kind::Gauge, "When they were written last.");
    if let Some(at) = exports.files_at {
        page.sample(name, &[], at.as_second());
    }
    page.single(
        "merganser_archives_behind",
        Kind::Gauge,
        "Archives of outputs that cannot be brought up to date.",
        exports.archives_behind,
    );
}

/// What readers asked for, by output and format.
fn readers(traffic: &Traffic, page: &mut Page) {
    let name = "merganser_http_requests_total";
    page.metric(
        name,
        Kind::Counter,
        "Requests by output, format and status.",
    );
    let answers = traffic.answers();
    let mut sums: BTreeMap<(&str, &str, u16), u64> = BTreeMap::new();
    for ((path, status), count) in &answers {
        let (output, format) = parts(path);
        *sums.entry((output, format, *status)).or_default() += count;
    }
    for ((output, format, status), count) in sums {
        let code = status.to_string();
        let labels = [("output", output), ("format", format), ("code", &code)];
        page.sample(name, &labels, count);
    }
    let name = "merganser_http_request_duration_seconds";
    page.metric(name, Kind::Histogram, "How long answers took to be made.");
    let all: u64 = answers.values().sum();
    let bucket = format!("{name}_bucket");
    for (within, count) in traffic.within() {
        let within = within.as_secs_f64().to_string();
        page.sample(&bucket, &[("le", &within)], count);
    }
    page.sample(&bucket, &[("le", "+Inf")], all);
    page.sample(&format!("{name}_sum"), &[], traffic.took().as_secs_f64());
    page.sample(&format!("{name}_count"), &[], all);
}

/// Returns the output and the format of a path: `/all.atom`, `/`, and nothing for what is not served.
fn parts(path: &str) -> (&str, &str) {
    match path.trim_start_matches('/').rsplit_once('.') {
        Some(parts) => parts,
        None if path == "/" => ("index", "html"),
        None => (path.trim_start_matches('/'), ""),
    }
}
