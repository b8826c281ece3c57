//! What was read from a document as plain JSON.
//!
//! What is empty or absent is left out, so a new field changes no old expectation. A text is
//! `{"html": "..."}` or `{"plain": "..."}`, a defect one line, an instant in RFC 3339, a duration in
//! seconds. The structs are taken apart field by field: the compiler names a field that is not told here.

use jiff::Timestamp;
use jiff::civil::Weekday;
use merganser::model::{
    Category, Cloud, Defect, Enclosure, Failure, FeedProfile, Hints, ParsedEntry, ParsedFeed,
    Person, Source, Text, TextKind, Withdrawal,
};
use merganser::parse::{FeedLink, NotAFeed, ParseError};
use serde::{Serialize, Serializer};
use std::time::Duration;

/// A JSON value whose members keep their order.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Plain {
    Nothing,
    Number(u64),
    Line(String),
    List(Vec<Plain>),
    #[serde(serialize_with = "in_order")]
    Members(Vec<(&'static str, Plain)>),
}

fn in_order<S: Serializer>(
    members: &[(&'static str, Plain)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
}

impl Plain {
    fn is_empty(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Number(_) => false,
            Self::Line(line) => line.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Members(members) => members.is_empty(),
        }
    }
}

/// An object of those members that are not empty.
fn members<const N: usize>(members: [(&'static str, Plain); N]) -> Plain {
    let kept = members.into_iter().filter(|(_, value)| !value.is_empty());
    Plain::Members(kept.collect())
}

/// Tells a whole document.
pub(crate) fn feed(feed: ParsedFeed) -> Plain {
    let ParsedFeed {
        format,
        profile,
        hints,
        entries,
        withdrawals,
        defects,
        // Told by a defect.
        cut: _,
    } = feed;
    members([
        ("format", format.to_string().into()),
        ("profile", profile.into()),
        ("hints", hints.into()),
        ("entries", entries.into()),
        ("withdrawals", withdrawals.into()),
        ("defects", defects.into()),
    ])
}

/// Tells why there is no feed in a document, and which feeds it leads to.
pub(crate) fn error(error: &ParseError) -> Plain {
    let Failure { kind, message, .. } = error.failure();
    let feeds = match error {
        ParseError::NotAFeed(NotAFeed::Page { feeds, .. }) => feeds.clone(),
        _ => Vec::new(),
    };
    members([
        ("failure", kind.name().to_owned().into()),
        ("message", message.into()),
        ("feeds", feeds.into()),
    ])
}

impl From<FeedLink> for Plain {
    fn from(link: FeedLink) -> Self {
        let FeedLink { url, title } = link;
        members([("url", url.into()), ("title", title.into())])
    }
}

impl From<FeedProfile> for Plain {
    fn from(profile: FeedProfile) -> Self {
        let FeedProfile {
            id,
            title,
            home_url,
            self_url,
            language,
            authors,
            rights,
            updated_at,
        } = profile;
        members([
            ("id", id.into()),
            ("title", title.into()),
            ("home_url", home_url.into()),
            ("self_url", self_url.into()),
            ("language", language.into()),
            ("authors", authors.into()),
            ("rights", rights.into()),
            ("updated_at", updated_at.into()),
        ])
    }
}

impl From<Hints> for Plain {
    fn from(hints: Hints) -> Self {
        let Hints {
            ttl,
            skip_hours,
            skip_days,
            update_period,
            update_base,
            hubs,
            cloud,
            prev_archive,
            next_page,
        } = hints;
        members([
            ("ttl", ttl.into()),
            ("skip_hours", skip_hours.into()),
            ("skip_days", skip_days.into()),
            ("update_period", update_period.into()),
            ("update_base", update_base.into()),
            ("hubs", hubs.into()),
            ("cloud", cloud.into()),
            ("prev_archive", prev_archive.into()),
            ("next_page", next_page.into()),
        ])
    }
}

impl From<Cloud> for Plain {
    fn from(cloud: Cloud) -> Self {
        let Cloud {
            url,
            protocol,
            procedure,
        } = cloud;
        members([
            ("url", url.into()),
            ("protocol", protocol.into()),
            ("procedure", procedure.into()),
        ])
    }
}

impl From<Withdrawal> for Plain {
    fn from(withdrawal: Withdrawal) -> Self {
        let Withdrawal {
            id,
            at,
            // Told by normalize.
            restored_at: _,
        } = withdrawal;
        members([("id", id.into()), ("at", at.into())])
    }
}

impl From<ParsedEntry> for Plain {
    fn from(entry: ParsedEntry) -> Self {
        let ParsedEntry {
            id,
            url,
            original_url,
            title,
            summary,
            content,
            published_at,
            updated_at,
            authors,
            categories,
            enclosures,
            image,
            language,
            source,
            base_url,
        } = entry;
        members([
            ("id", id.into()),
            ("url", url.into()),
            ("original_url", original_url.into()),
            ("title", title.into()),
            ("summary", summary.into()),
            ("content", content.into()),
            ("published_at", published_at.into()),
            ("updated_at", updated_at.into()),
            ("authors", authors.into()),
            ("categories", categories.into()),
            ("enclosures", enclosures.into()),
            ("image", image.into()),
            ("language", language.into()),
            ("source", source.into()),
            ("base_url", base_url.into()),
        ])
    }
}

impl From<Text> for Plain {
    fn from(text: Text) -> Self {
        let Text { value, kind } = text;
        let kind = match kind {
            TextKind::Plain => "plain",
            TextKind::Html => "html",
        };
        members([(kind, value.into())])
    }
}

impl From<Person> for Plain {
    fn from(person: Person) -> Self {
        let Person { name, email, url } = person;
        members([
            ("name", name.into()),
            ("email", email.into()),
            ("url", url.into()),
        ])
    }
}

impl From<Category> for Plain {
    fn from(category: Category) -> Self {
        let Category {
            term,
            scheme,
            label,
        } = category;
        members([
            ("term", term.into()),
            ("scheme", scheme.into()),
            ("label", label.into()),
        ])
    }
}

impl From<Enclosure> for Plain {
    fn from(enclosure: Enclosure) -> Self {
        let Enclosure {
            url,
            media_type,
            length,
        } = enclosure;
        members([
            ("url", url.into()),
            ("media_type", media_type.into()),
            ("length", length.into()),
        ])
    }
}

impl From<Source> for Plain {
    fn from(source: Source) -> Self {
        let Source {
            id,
            title,
            home_url,
            self_url,
            updated_at,
            authors,
            rights,
        } = source;
        members([
            ("id", id.into()),
            ("title", title.into()),
            ("home_url", home_url.into()),
            ("self_url", self_url.into()),
            ("updated_at", updated_at.into()),
            ("authors", authors.into()),
            ("rights", rights.into()),
        ])
    }
}

impl From<Defect> for Plain {
    fn from(defect: Defect) -> Self {
        Self::Line(defect.to_string())
    }
}

impl From<Timestamp> for Plain {
    fn from(instant: Timestamp) -> Self {
        Self::Line(instant.to_string())
    }
}

impl From<Duration> for Plain {
    fn from(duration: Duration) -> Self {
        Self::Number(duration.as_secs())
    }
}

impl From<Weekday> for Plain {
    fn from(day: Weekday) -> Self {
        Self::Line(format!("{day:?}"))
    }
}

impl From<i8> for Plain {
    fn from(number: i8) -> Self {
        Self::Number(u64::try_from(number).unwrap())
    }
}

impl From<String> for Plain {
    fn from(line: String) -> Self {
        Self::Line(line)
    }
}

impl From<u64> for Plain {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Plain {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, T::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Plain {
    fn from(list: Vec<T>) -> Self {
        Self::List(list.into_iter().map(T::into).collect())
    }
}
