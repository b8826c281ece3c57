//! What storing one new entry costs, at the window that is there: `cargo bench --bench stories`.
//!
//! `MERGANSER_ENTRIES` says how many entries are stored before, all of one week (20,000 by default; 700,000
//! take minutes). Prints mean, median and 99th percentile of the next ones, a commit each, and the memory
//! of the process. Texts are made of a vocabulary in which words are as unequal as in a language, and each
//! event has some words of its own.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a bench reads the clock and the environment, prints, and stops where it cannot go on"
)]

use jiff::{SignedDuration, Timestamp};
use merganser::model::{EntryRecord, FeedId, IdentityBy};
use merganser::normalize::{self, Origin, UrlRules};
use merganser::parse;
use merganser::store::Store;
use std::env;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Entries that are measured.
const MEASURED: u64 = 2_000;

/// Entries handed to the store at a time before that.
const BATCH: u64 = 200;

/// Words of the language.
const VOCABULARY: u64 = 60_000;

/// Words of an entry, the first ten of which are its title.
const WORDS: u64 = 45;

/// Entries of an event.
const REPORTS: u64 = 8;

/// Outlets.
const FEEDS: u64 = 900;

fn main() {
    // `cargo bench` and `cargo test --benches` pass arguments for a harness that is not here.
    let before = env::var("MERGANSER_ENTRIES").map_or(20_000, |number| number.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("merganser.db");
    let (store, writer) = Store::open(&path, "bench.example", at(0, before)).unwrap();
    let writing = std::thread::spawn(move || writer.run());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let began = Instant::now();
    for first in (0..before).step_by(BATCH as usize) {
        let records: Vec<_> = (first..before.min(first + BATCH))
            .map(|n| record(n, before))
            .collect();
        runtime
            .block_on(store.import(feed(first), at(first, before), (records, Arc::default())))
            .unwrap();
    }
    let filling = began.elapsed();
    let mut times: Vec<Duration> = (before..before + MEASURED)
        .map(|number| {
            let (feed, record) = (feed(number), record(number, before));
            let began = Instant::now();
            let import = store.import(feed, at(number, before), (vec![record], Arc::default()));
            runtime.block_on(import).unwrap();
            began.elapsed()
        })
        .collect();
    times.sort();
    let mean = times.iter().sum::<Duration>() / times.len() as u32;
    let share = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "{before} entries stored, {:.0} a second",
        before as f64 / filling.as_secs_f64()
    );
    println!(
        "the next: mean {mean:.0?}, median {:.0?}, 99 % within {:.0?}",
        share(50),
        share(99)
    );
    println!("memory at the most: {}", memory());
    drop(store);
    writing.join().unwrap();
}

/// When an entry comes: all of them within one week.
fn at(number: u64, all: u64) -> Timestamp {
    let week = SignedDuration::from_hours(7 * 24).as_secs() as u64;
    let seconds = number * week / all.max(1);
    Timestamp::from_second(1_772_000_000 + seconds.cast_signed()).unwrap()
}

/// Which outlet brings an entry: a batch is one's.
fn outlet(number: u64) -> u64 {
    number / BATCH % FEEDS
}

fn feed(number: u64) -> FeedId {
    FeedId::new(format!("feed-{}", outlet(number)))
}

/// Makes an entry.
fn record(number: u64, all: u64) -> EntryRecord {
    let event = number / REPORTS / FEEDS * FEEDS + number % FEEDS;
    let mut text = String::new();
    for place in 0..WORDS {
        let dice = chance(number, place);
        // A third of the words are those of the event.
        let word = if dice.is_multiple_of(3) {
            VOCABULARY + event * 15 + chance(dice, 1) % 15
        } else {
            common(chance(dice, 2))
        };
        write!(text, "w{word}x ").unwrap();
    }
    let cut = text.match_indices(' ').nth(9).map_or(0, |(at, _)| at);
    let (title, text) = text.split_at(cut);
    let item = serde_json::json!({
        "id": number.to_string(),
        "url": format!("https://outlet{}.example/news/{number}", outlet(number)),
        "title": title,
        "content_text": text,
        "date_published": at(number, all).to_string(),
    });
    let parsed = parse::json_item(&item.to_string()).unwrap();
    let id = feed(number);
    let origin = Origin {
        feed: &id,
        url: "https://bench.example/feed",
        language: Some("en"),
        now: at(number, all),
        identity: IdentityBy::Auto,
        url_rules: &UrlRules::default(),
    };
    EntryRecord {
        entry: normalize::entry(&parsed, &origin),
        topics: Vec::new(),
        keep: true,
    }
}

/// Returns a word of the language: the first are as common as "the", the last hardly occur.
fn common(dice: u64) -> u64 {
    let share = (dice % 1_000_000) as f64 / 1e6;
    (VOCABULARY as f64).powf(share) as u64
}

/// A number that follows from two others and looks like chance.
fn chance(one: u64, other: u64) -> u64 {
    let hash = blake3::hash(format!("{one} {other}").as_bytes());
    u64::from_le_bytes(*hash.as_bytes().first_chunk().unwrap()) >> 8
}

/// What the kernel says of the memory that the process has had.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map_or("unknown", |line| line.trim_start_matches("VmHWM:").trim())
        .to_owned()
}
