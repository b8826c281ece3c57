//! JSON Feed 1.1 by its specification (U14).

use super::*;
use serde_json::Value;

/// What the specification knows of an object: key, kind, whether it must be there.
type Fields = &'static [(&'static str, Kind, bool)];

/// What may stand under a key.
#[derive(Clone, Copy)]
enum Kind {
    /// A text that is not empty.
    Text,
    /// An absolute http(s) address.
    Address,
    /// An instant of RFC 3339.
    Instant,
    /// A whole number, not negative.
    Number,
    /// Texts, each once.
    Texts,
    /// Objects, at least one.
    Objects(Fields),
    /// As many objects as there are.
    Items(Fields),
}

const AUTHOR: Fields = &[
    ("name", Kind::Text, true),
    ("url", Kind::Address, false),
    ("avatar", Kind::Address, false),
];
const ATTACHMENT: Fields = &[
    ("url", Kind::Address, true),
    ("mime_type", Kind::Text, true),
    ("title", Kind::Text, false),
    ("size_in_bytes", Kind::Number, false),
    ("duration_in_seconds", Kind::Number, false),
];
const HUB: Fields = &[("type", Kind::Text, true), ("url", Kind::Address, true)];
const ITEM: Fields = &[
    ("id", Kind::Text, true),
    ("url", Kind::Address, false),
    ("external_url", Kind::Address, false),
    ("title", Kind::Text, false),
    ("content_html", Kind::Text, true),
    ("summary", Kind::Text, false),
    ("image", Kind::Address, false),
    ("banner_image", Kind::Address, false),
    ("date_published", Kind::Instant, false),
    ("date_modified", Kind::Instant, false),
    ("authors", Kind::Objects(AUTHOR), false),
    ("tags", Kind::Texts, false),
    ("language", Kind::Text, false),
    ("attachments", Kind::Objects(ATTACHMENT), false),
];
const FEED: Fields = &[
    ("version", Kind::Text, true),
    ("title", Kind::Text, true),
    ("home_page_url", Kind::Address, false),
    ("feed_url", Kind::Address, true),
    ("description", Kind::Text, false),
    ("user_comment", Kind::Text, false),
    ("next_url", Kind::Address, false),
    ("icon", Kind::Address, false),
    ("favicon", Kind::Address, false),
    ("authors", Kind::Objects(AUTHOR), false),
    ("language", Kind::Text, false),
    ("hubs", Kind::Objects(HUB), false),
    ("items", Kind::Items(ITEM), true),
];

/// Reads a document; panics where the specification forbids something in it.
#[track_caller]
pub(super) fn parse(bytes: &[u8]) -> Value {
    let feed: Value = serde_json::from_slice(bytes).unwrap();
    check(&feed, FEED);
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert!(
        bytes.starts_with(b"{\"version\":"),
        "the version comes first"
    );
    feed
}

#[track_caller]
fn check(value: &Value, fields: Fields) {
    let object = value.as_object().unwrap();
    for &(key, kind, required) in fields {
        match object.get(key) {
            Some(value) => check_kind(key, value, kind),
            None => assert!(!required, "{key} is missing in {object:#?}"),
        }
    }
    for (key, value) in object {
        let known = fields.iter().any(|(name, _, _)| name == key);
        let extends = key.starts_with('_') && !key.contains('.') && value.is_object();
        assert!(known || extends, "{key} is no key of the format");
    }
}

#[track_caller]
fn check_kind(key: &str, value: &Value, kind: Kind) {
    let text = value.as_str().unwrap_or_default();
    let holds = match kind {
        Kind::Text => !text.is_empty(),
        Kind::Address => {
            let url = Url::parse(text).unwrap();
            matches!(url.scheme(), "http" | "https") && text.is_ascii() && !text.contains(' ')
        }
        Kind::Instant => text.parse::<Timestamp>().is_ok(),
        Kind::Number => value.as_u64().is_some(),
        Kind::Texts => {
            let texts: Vec<&str> = value
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            let once: BTreeSet<&&str> = texts.iter().collect();
            texts.len() == value.as_array().unwrap().len() && once.len() == texts.len()
        }
        Kind::Objects(fields) | Kind::Items(fields) => {
            let objects = value.as_array().unwrap();
            for object in objects {
                check(object, fields);
            }
            matches!(kind, Kind::Items(_)) || !objects.is_empty()
        }
    };
    assert!(holds, "{key} is {value}");
}

#[test]
fn u14_a_document_says_what_it_is() {
    let feed = json(&[]);
    for (key, expected) in [
        ("title", "Everything"),
        ("home_page_url", "https://feeds.example.org/all.html"),
        ("feed_url", "https://feeds.example.org/all.json"),
        ("description", "All articles of Planet"),
    ] {
        assert_eq!(feed[key], expected, "{key}");
    }
    assert_eq!(feed["authors"][0]["name"], "The Desk");
    assert_eq!(feed["items"], serde_json::json!([]));
}

#[test]
fn u14_an_item_has_a_body_and_its_summary_is_plain() {
    let html = Some("<p>At length &amp; more</p>");
    let short = Some("<p>In <b>short</b> &amp; so</p>");
    for (content, summary, body, plain) in [
        (html, short, html, Some("In short & so")),
        (html, None, html, None),
        (None, short, short, None),
        (html, Some("<img src=\"https://x.example/\">"), html, None),
        (None, None, Some("Story &lt;1"), None),
    ] {
        let mut article = article(1);
        article.title = "Story <1".to_owned();
        article.content = content.map(str::to_owned);
        article.summary = summary.map(str::to_owned);
        let feed = json(&[article]);
        let item = &feed["items"][0];
        assert_eq!(item["content_html"].as_str(), body);
        assert_eq!(item.get("summary").and_then(Value::as_str), plain);
    }
}

#[test]
fn u5_u10_what_the_format_has_no_field_for_is_an_extension() {
    let mut article = article(1);
    let copy = |feed: &str, url: &str| Copy {
        feed_title: feed.to_owned(),
        url: url.to_owned(),
    };
    article.first = Some(copy("First", "https://first.example.com/"));
    article.copies = vec![copy("Wire", "https://wire.example.com/a")];
    article.known_at = Some("2026-11-01T10:07:59.9Z".parse().unwrap());
    let feed = json(&[article]);
    assert_eq!(
        feed["items"][0]["_merganser"],
        serde_json::json!({
            "source": {
                "id": "https://news.example.com/",
                "title": "Example News",
                "feed_url": "https://news.example.com/feed",
                "home_page_url": "https://news.example.com/",
            },
            "first_seen": "2026-11-01T10:07:59Z",
            "via": {"url": "https://first.example.com/", "title": "First"},
            "related": [{"url": "https://wire.example.com/a", "title": "Wire"}],
        })
    );
}
