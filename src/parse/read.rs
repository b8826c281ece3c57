//! Feed-rs's view of the repaired document to ours.

use super::address::absolute;
use super::defects::Defects;
use super::repair::{Aside, Repaired};
use super::texts::line;
use super::{ParseError, dates, references};
use crate::model::{
    Category, Enclosure, FeedProfile, ParsedEntry, ParsedFeed, Person, Text, TextKind,
};
use chrono::{DateTime, Utc};
use feed_rs::model::{Entry, Feed, Link};
use feed_rs::parser::{Builder, Parser};
use jiff::Timestamp;
use url::Url;

/// Has feed-rs read `repaired`.
///
/// # Errors
/// [`ParseError::Broken`] when feed-rs refuses it, which is a fault of ours: the repaired document is
/// well-formed and holds only what feed-rs knows.
pub(super) fn read(repaired: Repaired, defects: Defects) -> Result<ParsedFeed, ParseError> {
    let feed = parser()
        .parse(repaired.xml.as_bytes())
        .map_err(|error| ParseError::Broken(error.to_string()))?;
    if feed.entries.len() != repaired.asides.len() {
        return Err(ParseError::Broken(
            "feed-rs counts other entries".to_owned(),
        ));
    }
    let profile = profile(&feed, repaired.language.as_deref());
    let entries = feed.entries.into_iter().zip(repaired.asides);
    Ok(ParsedFeed {
        format: repaired.format,
        profile,
        hints: repaired.hints,
        entries: entries.map(|(it, aside)| entry(it, aside)).collect(),
        withdrawals: repaired.withdrawals,
        defects: defects.into_vec(),
        cut: repaired.cut,
    })
}

/// A parser that reads our dates and never makes up an id: one that is missing stays empty.
fn parser() -> Parser {
    Builder::new()
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|text| dates::parse(text).and_then(to_chrono))
        .build()
}

fn profile(feed: &Feed, language: Option<&str>) -> FeedProfile {
    let link = |rel: &str| {
        let found = feed.links.iter().find(|it| it.rel.as_deref() == Some(rel));
        found.and_then(|it| absolute(&it.href))
    };
    FeedProfile {
        id: non_empty(line(&feed.id)),
        title: plain(feed.title.as_ref()),
        home_url: link("alternate"),
        self_url: link("self"),
        language: language.map(line).and_then(non_empty),
        authors: people(feed.authors.clone()),
        rights: plain(feed.rights.as_ref()),
        updated_at: feed.updated.or(feed.published).and_then(from_chrono),
    }
}

fn entry(entry: Entry, aside: Aside) -> ParsedEntry {
    let mut url = None;
    let mut enclosures: Vec<Enclosure> = Vec::new();
    for link in entry.links {
        if link.rel.as_deref() != Some("enclosure") {
            url = url.or(non_empty(link.href));
        } else if enclosures.iter().all(|it| it.url != link.href) {
            enclosures.extend(enclosure(link));
        }
    }
    ParsedEntry {
        id: non_empty(entry.id),
        url,
        original_url: aside.original_url,
        title: entry.title.map(text).unwrap_or_default(),
        summary: aside.summary,
        content: aside.content,
        published_at: entry.published.and_then(from_chrono),
        updated_at: entry.updated.and_then(from_chrono),
        authors: people(entry.authors),
        categories: entry.categories.into_iter().map(category).collect(),
        enclosures,
        image: aside.image.as_deref().and_then(absolute),
        language: aside.language.as_deref().map(line).and_then(non_empty),
        source: aside.source,
        base_url: aside.base,
    }
}

fn text(text: feed_rs::model::Text) -> Text {
    Text {
        kind: kind_of(text.content_type.as_str()),
        value: text.content,
    }
}

/// A text of the feed as one plain line.
fn plain(text: Option<&feed_rs::model::Text>) -> Option<String> {
    let text = text?;
    non_empty(match kind_of(text.content_type.as_str()) {
        TextKind::Plain => line(&text.content),
        TextKind::Html => line(&references::plain(&text.content)),
    })
}

fn kind_of(media_type: &str) -> TextKind {
    match media_type {
        "text/plain" => TextKind::Plain,
        _ => TextKind::Html,
    }
}

fn people(people: Vec<feed_rs::model::Person>) -> Vec<Person> {
    let named = people.into_iter().filter_map(|it| {
        Some(Person {
            name: it.name.as_deref().map(line).and_then(non_empty)?,
            email: it.email.as_deref().map(line).and_then(non_empty),
            url: it.uri.as_deref().and_then(absolute),
        })
    });
    named.collect()
}

fn category(category: feed_rs::model::Category) -> Category {
    Category {
        term: category.term,
        scheme: category.scheme.filter(|it| Url::parse(it).is_ok()),
        label: category.label,
    }
}

fn enclosure(link: Link) -> Option<Enclosure> {
    Some(Enclosure {
        url: absolute(&link.href)?,
        media_type: link.media_type,
        length: link.length.filter(|&it| it > 0),
    })
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn to_chrono(instant: Timestamp) -> Option<DateTime<Utc>> {
    let nanoseconds = u32::try_from(instant.subsec_nanosecond()).unwrap_or(0);
    DateTime::from_timestamp(instant.as_second(), nanoseconds)
}

fn from_chrono(instant: DateTime<Utc>) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(instant.timestamp_subsec_nanos()).unwrap_or(0);
    Timestamp::new(instant.timestamp(), nanoseconds).ok()
}
