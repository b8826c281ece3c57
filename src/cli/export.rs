//! `merganser export`: every stored entry, or the feeds, for programs.

use super::exit::{Failure, say};
use super::progress::Bar;
use super::{Places, edits, import};
use crate::config::{Config, FeedSettings};
use crate::fetch;
use crate::model::{StoredEntry, Subscription, TopicMatch};
use crate::publish;
use crate::store::Store;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufWriter, Write, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// What to print, and how
    #[arg(long, value_enum, default_value_t)]
    format: What,
    /// Of feeds: print those too whose addresses hold a credential
    #[arg(long)]
    secrets: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum What {
    /// The stored entries, an object in a line each
    #[default]
    Jsonl,
    /// The feeds of feeds.toml, for other programs and for `merganser import`
    Opml,
    /// The same as one object
    Json,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let mut out = BufWriter::new(stdout().lock());
    match options.format {
        What::Jsonl => {
            let store = Store::open_read_only(&places.database()?)?;
            let bar = Bar::beside_output("entries written");
            let (mut written, of) = (0, store.totals()?.entries);
            store.export(&mut |entry| {
                written += 1;
                bar.tell(written, of);
                writeln!(out, "{}", object(&entry))
            })?;
        }
        What::Opml => {
            let config = places.load_without_secrets()?;
            let feeds = subscriptions(&config, options.secrets);
            let known = titles(places, &config);
            let list = publish::subscriptions_opml(&config.site.title, &feeds, &known);
            out.write_all(&list)?;
        }
        What::Json => {
            let config = places.load_without_secrets()?;
            let feeds = subscriptions(&config, options.secrets);
            writeln!(out, "{}", import::json::write(&feeds))?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Returns what feeds call themselves, by their ids. Where no database can be read nothing is known: a list needs none.
fn titles(places: &Places, config: &Config) -> BTreeMap<String, String> {
    let store = places.store(&config.storage).ok();
    let titles = store.and_then(|store| store.feed_titles().ok());
    let titles = titles.unwrap_or_default().into_iter();
    titles.map(|(id, title)| (id.to_string(), title)).collect()
}

/// Returns the feeds of the file. Those whose addresses hold a credential (S7) are left out and named, unless
/// they are asked for.
fn subscriptions(config: &Config, with_secrets: bool) -> Vec<Subscription> {
    let is_shown = |feed: &&FeedSettings| {
        let url = &feed.target.url;
        let is_open = !fetch::has_secrets(url);
        if !is_open && !with_secrets {
            let (id, url) = (&feed.id, fetch::shown(url));
            say(&format!(
                "left out: {id}: {url} holds a credential; --secrets prints it"
            ));
        }
        is_open || with_secrets
    };
    let feeds = config.feeds.iter().filter(is_shown);
    let feeds = feeds.map(|feed| Subscription {
        id: Some(feed.id.to_string()),
        url: feed.target.url.to_string(),
        title: feed.title.clone().unwrap_or_default(),
        folders: feed.group.iter().cloned().collect(),
        is_off: !feed.enabled,
    });
    feeds.collect()
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
        "last_edit": entry.last_edit.as_ref().map(edits::last),
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
