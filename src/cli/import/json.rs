//! Subscriptions as `export --format json` writes them.

use crate::cli::table::cut;
use crate::model::Subscription;
use crate::parse::line;
use serde_json::{Value, json};

/// What is written, and the one version that is read: another one may mean something else by the same members.
pub(in crate::cli) const VERSION: u64 = 1;

/// How much is shown of a version, which may be anything.
const LONGEST_VERSION: usize = 40;

/// Writes feeds as one object.
pub(in crate::cli) fn write(feeds: &[Subscription]) -> Value {
    let feeds = feeds.iter().map(|feed| {
        json!({
            "id": feed.id,
            "url": feed.url,
            "title": feed.title,
            "groups": feed.folders,
            "enabled": !feed.is_off,
        })
    });
    json!({ "version": VERSION, "feeds": feeds.collect::<Vec<_>>() })
}

/// Reads such an object; `None` for anything else. Members that lack are empty.
///
/// # Errors
///
/// What it says its version is, where that is another one.
pub(in crate::cli) fn read(bytes: &[u8]) -> Result<Option<Vec<Subscription>>, String> {
    let object: Option<Value> = serde_json::from_slice(bytes).ok();
    let Some(feeds) = object.as_ref().and_then(|it| it.get("feeds")) else {
        return Ok(None);
    };
    let version = object.as_ref().and_then(|it| it.get("version"));
    match version {
        Some(version) if version.as_u64() != Some(VERSION) => {
            return Err(cut(&line(&version.to_string()), LONGEST_VERSION));
        }
        _ => {}
    }
    Ok(feeds.as_array().map(|feeds| subscriptions(feeds)))
}

/// Reads the feeds. Their names are cleaned as those of OPML are: the list may be anybody's, and they are printed. Addresses
/// stay as they are, since another spelling may be another address.
fn subscriptions(feeds: &[Value]) -> Vec<Subscription> {
    let text = |feed: &Value, key| feed.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let name = |feed: &Value, key| text(feed, key).as_deref().map(line);
    let feeds = feeds.iter().map(|feed| {
        let folders = feed.get("groups").and_then(Value::as_array);
        let folders = folders.into_iter().flatten().filter_map(Value::as_str);
        Subscription {
            id: name(feed, "id"),
            url: text(feed, "url").unwrap_or_default(),
            title: name(feed, "title").unwrap_or_default(),
            folders: folders.map(line).collect(),
            is_off: feed.get("enabled").and_then(Value::as_bool) == Some(false),
        }
    });
    feeds.collect()
}
