//! `merganser export`: every stored entry, for programs.

use super::Places;
use super::exit::Failure;
use crate::model::{StoredEntry, TopicMatch};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::io::{BufWriter, Write, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// How to print the entries: one JSON object a line
    #[arg(long, value_enum, default_value_t)]
    format: Lines,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Lines {
    #[default]
    Jsonl,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Lines::Jsonl = options.format;
    let config = places.load_without_secrets()?;
    let store = places.store(&config.storage)?;
    let mut out = BufWriter::new(stdout().lock());
    store.export(&mut |entry| writeln!(out, "{}", object(&entry)))?;
    out.flush()?;
    Ok(())
}

/// Returns an entry as `export` and `explain --format json` print it.
pub(super) fn object(entry: &StoredEntry) -> Value {
    json!({
        "feed": entry.feed.as_str(),
        "entry_id": entry.entry_id,
        "url": entry.url,
        "title": entry.title,
        "published": entry.published_at.to_string(),
        "first_seen": entry.first_seen_at.to_string(),
        "article": format!("a{}", entry.article),
        "story": entry.story.map(|story| format!("s{story}")),
        "story_reason": entry.story_reason,
        "topics": topics(&entry.topics),
        "story_topics": story_topics(entry),
        "revisions": entry.revisions,
        "reason": { "code": entry.reason.kind.name(), "text": entry.reason.text },
    })
}

fn topics(topics: &[TopicMatch]) -> Vec<Value> {
    let object = |label: &TopicMatch| {
        json!({
            "topic": label.topic,
            "score": label.score,
            "evidence": label.evidence,
        })
    };
    let topics = topics.iter().filter(|label| label.is_topic());
    topics.map(object).collect()
}

/// Returns the topics that it is in with its story alone.
fn story_topics(entry: &StoredEntry) -> Vec<&str> {
    let own = |topic: &str| entry.topics.iter().any(|it| it.topic == topic);
    let taken = entry.shares.iter().filter(|share| share.takes);
    let topics = taken.map(|share| share.topic.as_str());
    topics.filter(|topic| !own(topic)).collect()
}
