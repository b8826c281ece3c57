//! What `parse` reads from a document: the publisher's words, before we make anything of them.

use super::{Category, Enclosure, Person, Source};
use jiff::Timestamp;
use jiff::civil::Weekday;
use std::fmt;
use std::time::Duration;

/// The family of a feed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Atom 0.3 or 1.0.
    Atom,
    /// RSS 0.9x or 2.0.
    Rss,
    /// RSS 0.90, 1.0 or 1.1 (RDF).
    Rdf,
    /// JSON Feed.
    Json,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Rdf => "rdf",
            Self::Json => "json",
        })
    }
}

/// Whether a text is to be read as characters or as markup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextKind {
    /// Characters as they stand (Atom `type="text"`, JSON `content_text`).
    Plain,
    /// HTML, or something that may be: RSS does not say.
    #[default]
    Html,
}

/// A text of the publisher, after XML decoding and before any cleaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The characters.
    pub value: String,
    /// How to read them.
    pub kind: TextKind,
}

impl Text {
    /// A text that may hold markup.
    pub fn html(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            kind: TextKind::Html,
        }
    }

    /// A text without markup.
    pub fn plain(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            kind: TextKind::Plain,
        }
    }
}

/// A recoverable fault in a document: reading went on, something was mended or left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// A stable name in kebab-case, one of [`DEFECTS`](super::DEFECTS).
    pub code: &'static str,
    /// What was found and what became of it, one sentence.
    pub message: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// What a document says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedProfile {
    /// `atom:id` of the feed, where it has one.
    pub id: Option<String>,
    /// Title as plain text.
    pub title: Option<String>,
    /// Address of the site, absolute.
    pub home_url: Option<String>,
    /// Address that the feed gives for itself, absolute.
    pub self_url: Option<String>,
    /// Language tag.
    pub language: Option<String>,
    /// Authors of the feed as a whole.
    pub authors: Vec<Person>,
    /// Rights statement as plain text.
    pub rights: Option<String>,
    /// When the publisher says that it changed.
    pub updated_at: Option<Timestamp>,
}

/// What a document asks of those who poll it, and where else its entries are to be had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// RSS `ttl`: for so long a copy may be kept (P34).
    pub ttl: Option<Duration>,
    /// Hours of the day in UTC, 0 to 23 and sorted, at which nothing new is to be had (RSS `skipHours`,
    /// P35). Never all of them.
    pub skip_hours: Vec<i8>,
    /// Days in UTC, Monday first, on which nothing new is to be had (RSS `skipDays`, P35). Never all.
    pub skip_days: Vec<Weekday>,
    /// How often it changes: `sy:updatePeriod` over `sy:updateFrequency` (P36).
    pub update_period: Option<Duration>,
    /// From when the periods count (`sy:updateBase`).
    pub update_base: Option<Timestamp>,
    /// WebSub hubs, absolute.
    pub hubs: Vec<String>,
    /// RSS `cloud`.
    pub cloud: Option<Cloud>,
    /// The document with the entries before these (RFC 5005, 4), absolute.
    pub prev_archive: Option<String>,
    /// The next page of this document (RFC 5005, 3; JSON Feed `next_url`), absolute.
    pub next_page: Option<String>,
}

/// Where one may ask to be told of changes (RSS 2.0, `cloud`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// Address made of domain, port and path.
    pub url: String,
    /// `http-post`, `xml-rpc` or `soap`.
    pub protocol: String,
    /// Name of the procedure to call, empty for `http-post`.
    pub procedure: String,
}

/// One entry as it stands in one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedEntry {
    /// The publisher's id byte for byte (guid, atom:id, JSON id); `None` when it gave none. White space
    /// around an id in XML is the layout of the markup and no part of it.
    pub id: Option<String>,
    /// The entry's own link made absolute; neither unwrapped nor cleaned.
    pub url: Option<String>,
    /// The publisher's link, absolute, where `url` is that of a service which counts readers
    /// (`feedburner:origLink`).
    pub original_url: Option<String>,
    /// Title.
    pub title: Text,
    /// Summary or description.
    pub summary: Option<Text>,
    /// Full content.
    pub content: Option<Text>,
    /// First publication as the publisher gives it.
    pub published_at: Option<Timestamp>,
    /// Last change as the publisher gives it.
    pub updated_at: Option<Timestamp>,
    /// Authors of the entry.
    pub authors: Vec<Person>,
    /// The publisher's labels.
    pub categories: Vec<Category>,
    /// Attached media, absolute addresses.
    pub enclosures: Vec<Enclosure>,
    /// The picture that stands for it, absolute.
    pub image: Option<String>,
    /// Language tag of the entry.
    pub language: Option<String>,
    /// `atom:source` of an entry that was itself aggregated.
    pub source: Option<Source>,
    /// The `xml:base` of summary and content, absolute; `None` where none is written. The address of the
    /// document does not stand in for it: what is relative in an entry is so to the entry's own page.
    pub base_url: Option<String>,
}

/// The publisher's word that an entry is none any more (RFC 6721).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The id of the entry, as [`ParsedEntry::id`] has it.
    pub id: String,
    /// When it was withdrawn.
    pub at: Timestamp,
    /// When it was put back since, where the document that says so lists it, too.
    pub restored_at: Option<Timestamp>,
}

/// Whether a document ends before its elements do: sloppily written, or cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// It ends as it should.
    #[default]
    Nowhere,
    /// Where no entry is open.
    Between,
    /// In its last entry: there may have been more of that.
    InEntry,
}

/// A document, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedFeed {
    /// Its family.
    pub format: Format,
    /// What it says of itself.
    pub profile: FeedProfile,
    /// What it asks of pollers.
    pub hints: Hints,
    /// Its entries in document order, none merged, none dropped up to the cap.
    pub entries: Vec<ParsedEntry>,
    /// What it says is none any more, in document order, up to a cap.
    pub withdrawals: Vec<Withdrawal>,
    /// What was wrong with it.
    pub defects: Vec<Defect>,
    /// Whether it ends too soon.
    pub cut: Cut,
}

impl ParsedFeed {
    /// Tells whether it has more entries than were read.
    pub fn has_more(&self) -> bool {
        self.defects.iter().any(|it| it.code == "too-many-entries")
    }
}
