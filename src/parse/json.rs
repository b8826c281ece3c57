//! JSON Feed 1.0 and 1.1, and documents that come near: no version, numbers for ids, `null` everywhere.
//!
//! Our own reader, not that of feed-rs, which refuses a version that it does not know and an id that is a
//! number. A value of the wrong type is as if it were not there. What is beyond a limit is passed over
//! while parsing, never held.

mod lenient;
mod mend;

use super::address::absolute;
use super::defects::Defects;
use super::hints::{Asked, MAX_HUBS};
use super::references::without_numbers;
use super::texts::{self, MAX_PARTS};
use super::vocabulary::Slot;
use super::{MAX_ENTRIES, Newest, Order, ParseError, dates};
use crate::model::{
    Category, Cut, Enclosure, FeedProfile, Format, ParsedEntry, ParsedFeed, Person, Text,
};
use crate::text::is_forbidden_in_xml;
use jiff::Timestamp;
use lenient::{Scalar, Value};
use serde::Deserialize;
use std::borrow::Cow;
use url::Url;

/// Items: as many of the first as are taken, and of the last.
type Items = Value<ItemObject, MAX_ENTRIES, MAX_ENTRIES>;
type Authors = Value<AuthorObject, MAX_PARTS>;
type Attachments = Value<AttachmentObject, MAX_PARTS>;

/// Members of a feed that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FeedObject {
    title: Scalar,
    home_page_url: Scalar,
    feed_url: Scalar,
    language: Scalar,
    author: Authors,
    authors: Authors,
    next_url: Scalar,
    hubs: Value<HubObject, MAX_HUBS>,
    items: Items,
}

/// Members of a hub that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct HubObject {
    url: Scalar,
}

/// Members of an item that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ItemObject {
    id: Scalar,
    url: Scalar,
    external_url: Scalar,
    title: Scalar,
    summary: Scalar,
    content_html: Scalar,
    content_text: Scalar,
    date_published: Scalar,
    date_modified: Scalar,
    language: Scalar,
    author: Authors,
    authors: Authors,
    tags: Value<serde::de::IgnoredAny, MAX_PARTS>,
    image: Scalar,
    banner_image: Scalar,
    attachments: Attachments,
}

/// Members of an author that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AuthorObject {
    name: Scalar,
    url: Scalar,
}

/// Members of an attachment that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AttachmentObject {
    url: Scalar,
    mime_type: Scalar,
    size_in_bytes: Scalar,
}

/// Tells whether a text that has a brace first goes on as an object does: behind words the brace may be one of theirs.
pub(super) fn is_object(text: &str) -> bool {
    let inside = text.strip_prefix('{').map(str::trim_start);
    inside.is_some_and(|it| it.starts_with(['"', '}']))
}

/// Reads a JSON Feed that came from `url`.
///
/// # Errors
/// [`ParseError::NotAFeed`] when it is no JSON object with an array of items.
pub(super) fn read(
    text: &str,
    url: Option<&Url>,
    mut defects: Defects,
) -> Result<ParsedFeed, ParseError> {
    let mended = mend::mend(text);
    if matches!(mended, Cow::Owned(_)) {
        defects.note("bad-json", || {
            "what is not quite JSON was mended".to_owned()
        });
    }
    // What follows the feed, such as the comment of a cache, is no part of it.
    let mut deserializer = serde_json::Deserializer::from_str(&mended);
    let document: Value<FeedObject, 0> = Value::deserialize(&mut deserializer)
        .map_err(|error| ParseError::other(format!("JSON that cannot be read ({error})")))?;
    let feed = match document {
        Value::Object(feed) if matches!(feed.items, Value::List(_)) => *feed,
        _ => {
            return Err(ParseError::other("a JSON document without items"));
        }
    };
    let home = feed.home_page_url.into_text();
    let own = feed.feed_url.into_text();
    let base = url
        .cloned()
        .or_else(|| own.as_deref().and_then(super::address::base))
        .or_else(|| home.as_deref().and_then(super::address::base));
    let reader = Reader {
        base: base.as_ref(),
        defects: &mut defects,
    };
    let entries = reader.entries(feed.items);
    let absolute = |it| address(it, base.as_ref()).as_deref().and_then(absolute);
    let mut asked = Asked::default();
    let hubs = feed.hubs.into_objects().map(|hub| ("hub", hub.url));
    for (rel, url) in hubs.chain([("next", feed.next_url)]) {
        if let Some(url) = url.into_text().and_then(|it| address(it, base.as_ref())) {
            asked.link(rel, &url);
        }
    }
    let profile = FeedProfile {
        title: short(feed.title),
        home_url: home.and_then(absolute),
        self_url: own.and_then(absolute),
        language: short(feed.language),
        authors: people(feed.authors, feed.author, base.as_ref()),
        ..FeedProfile::default()
    };
    Ok(ParsedFeed {
        format: Format::Json,
        profile,
        hints: asked.finish(),
        entries,
        withdrawals: Vec::new(),
        defects: defects.into_vec(),
        // One that ends too soon cannot be read.
        cut: Cut::Nowhere,
    })
}

/// Reads one item that stands alone.
///
/// # Errors
/// [`ParseError::Broken`] when it is no JSON object.
pub(super) fn item(text: &str) -> Result<ParsedEntry, ParseError> {
    let value: Value<ItemObject, 1> =
        serde_json::from_str(text).map_err(|error| ParseError::Broken(error.to_string()))?;
    let Value::Object(item) = value else {
        return Err(ParseError::Broken("not a JSON object".to_owned()));
    };
    let mut reader = Reader {
        base: None,
        defects: &mut Defects::default(),
    };
    Ok(reader.entry(*item))
}

/// Returns when an item was published, or else changed.
fn date_of<const MAX: usize, const LAST: usize>(
    item: &Value<ItemObject, MAX, LAST>,
) -> Option<Timestamp> {
    let Value::Object(item) = item else {
        return None;
    };
    let dates = [&item.date_published, &item.date_modified];
    let parsed = |date: &Scalar| match date {
        Value::Text(text) => dates::parse(text),
        _ => None,
    };
    dates.into_iter().find_map(parsed)
}

/// Makes entries of items.
struct Reader<'a> {
    base: Option<&'a Url>,
    defects: &'a mut Defects,
}

impl Reader<'_> {
    fn entries(mut self, items: Items) -> Vec<ParsedEntry> {
        let mut items = items.into_elements();
        if items.len() > MAX_ENTRIES {
            let mut order = Order::default();
            let first = items.iter().take(MAX_ENTRIES);
            first.for_each(|item| order.note(date_of(item)));
            let newest = order.newest();
            match newest {
                Newest::Last => drop(items.drain(..items.len() - MAX_ENTRIES)),
                Newest::First => items.truncate(MAX_ENTRIES),
            }
            self.defects
                .note("too-many-entries", || super::left_out(newest));
        }
        let objects = items.into_iter().filter_map(Value::into_object);
        objects.map(|item| self.entry(item)).collect()
    }

    fn entry(&mut self, item: ItemObject) -> ParsedEntry {
        let id = item.id.into_literal().map(clean).map(Cow::Owned);
        let id = id.and_then(|id| texts::cap(Slot::Id, id, self.defects));
        if id.is_none() {
            self.defects
                .note("no-id", || "an entry has no id".to_owned());
        }
        let html = self.capped(Slot::Content, item.content_html);
        let plain = self.capped(Slot::Content, item.content_text);
        let url = item
            .url
            .into_text()
            .or_else(|| item.external_url.into_text());
        ParsedEntry {
            id: id.map(Cow::into_owned),
            url: url.and_then(|it| address(it, self.base)),
            original_url: None,
            title: Text::plain(self.line(Slot::Title, item.title).unwrap_or_default()),
            summary: self.line(Slot::Summary, item.summary).map(Text::plain),
            content: html.map(Text::html).or_else(|| plain.map(Text::plain)),
            published_at: self.date(item.date_published),
            updated_at: self.date(item.date_modified),
            authors: people(item.authors, item.author, self.base),
            categories: item.tags.into_texts().map(category).collect(),
            enclosures: self.enclosures(item.attachments),
            image: self
                .image(item.image)
                .or_else(|| self.image(item.banner_image)),
            language: short(item.language),
            source: None,
            base_url: None,
        }
    }

    fn date(&mut self, value: Scalar) -> Option<Timestamp> {
        let text = value.into_text()?;
        let date = dates::parse(&text);
        if date.is_none() {
            self.defects.bad_date(&text);
        }
        date
    }

    fn capped(&mut self, slot: Slot, value: Scalar) -> Option<String> {
        let text = Cow::Owned(clean(value.into_text()?));
        texts::cap(slot, text, self.defects).map(Cow::into_owned)
    }

    /// Reads a title or a summary, which is plain text and now and then taken from HTML.
    fn line(&mut self, slot: Slot, value: Scalar) -> Option<String> {
        let text = self.capped(slot, value)?;
        Some(without_numbers(&text).into_owned())
    }

    fn image(&self, value: Scalar) -> Option<String> {
        let url = address(value.into_text()?, self.base)?;
        absolute(&url)
    }

    fn enclosures(&self, attachments: Attachments) -> Vec<Enclosure> {
        let enclosure = |it: AttachmentObject| {
            let url = address(it.url.into_text()?, self.base)?;
            Some(Enclosure {
                url: absolute(&url)?,
                media_type: short(it.mime_type),
                length: it
                    .size_in_bytes
                    .into_text()
                    .and_then(|it| it.parse().ok())
                    .filter(|&it| it > 0),
            })
        };
        let mut enclosures: Vec<Enclosure> = Vec::new();
        for enclosure in attachments.into_objects().filter_map(enclosure) {
            if enclosures.iter().all(|it| it.url != enclosure.url) {
                enclosures.push(enclosure);
            }
        }
        enclosures
    }
}

/// JSON can escape characters that XML forbids; the decoder saw only the escapes.
fn clean(text: String) -> String {
    if text.contains(is_forbidden_in_xml) {
        return text.replace(is_forbidden_in_xml, "");
    }
    text
}

fn short(value: Scalar) -> Option<String> {
    Some(texts::line(&without_numbers(&value.into_text()?))).filter(|line| !line.is_empty())
}

/// An address, absolute where it can be made so, else as it stands.
fn address(text: String, base: Option<&Url>) -> Option<String> {
    if text.len() > texts::MAX_ADDRESS {
        return None;
    }
    let joined = match base {
        Some(base) => base.join(&text).ok(),
        None => Url::parse(&text).ok(),
    };
    Some(joined.map_or_else(|| clean(text), String::from))
}

/// Authors of version 1.1, else the one of version 1.0.
fn people(many: Authors, one: Authors, base: Option<&Url>) -> Vec<Person> {
    let person = |author| person(author, base);
    let mut people: Vec<Person> = many
        .into_elements()
        .into_iter()
        .filter_map(person)
        .collect();
    if people.is_empty() {
        people.extend(one.into_elements().into_iter().filter_map(person));
    }
    people
}

/// An author; one that is a text is named by it.
fn person(author: Authors, base: Option<&Url>) -> Option<Person> {
    let Value::Object(author) = author else {
        let name = Some(texts::line(&author.into_text()?)).filter(|line| !line.is_empty());
        return Some(Person {
            name: name?,
            ..Person::default()
        });
    };
    let url = author.url.into_text().and_then(|it| address(it, base));
    Some(Person {
        name: short(author.name)?,
        email: None,
        url: url.as_deref().and_then(absolute),
    })
}

fn category(tag: String) -> Category {
    Category {
        term: texts::short(&clean(tag)).to_owned(),
        ..Category::default()
    }
}
