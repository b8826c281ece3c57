//! Subscriptions as `export --format json` writes them.

use crate::model::Subscription;
use serde_json::{Value, json};

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
    json!({ "version": 1, "feeds": feeds.collect::<Vec<_>>() })
}

/// Reads such an object; `None` for anything else. Members that lack are empty.
pub(in crate::cli) fn read(bytes: &[u8]) -> Option<Vec<Subscription>> {
    let object: Value = serde_json::from_slice(bytes).ok()?;
    let feeds = object.get("feeds")?.as_array()?;
    let text = |feed: &Value, key| feed.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let feeds = feeds.iter().map(|feed| {
        let folders = feed.get("groups").and_then(Value::as_array);
        let folders = folders.into_iter().flatten().filter_map(Value::as_str);
        Subscription {
            id: text(feed, "id"),
            url: text(feed, "url").unwrap_or_default(),
            title: text(feed, "title").unwrap_or_default(),
            folders: folders.map(ToOwned::to_owned).collect(),
            is_off: feed.get("enabled").and_then(Value::as_bool) == Some(false),
        }
    });
    Some(feeds.collect())
}
