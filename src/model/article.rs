//! An article as it is published: what `store` reads for `publish`.

use super::{Category, Enclosure, FeedId, Person, Source, StoryMark};
use jiff::Timestamp;

/// Another entry of the same article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Title of the feed it stands in.
    pub feed_title: String,
    /// Where it can be read.
    pub url: String,
}

/// Another article that reports the event of an article: one of its story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its title as plain text; may be empty.
    pub title: String,
    /// Title of the feed that tells it.
    pub feed_title: String,
    /// Where it can be read.
    pub url: String,
    /// First publication.
    pub published_at: Timestamp,
    /// Whether it came too late for that date, so that nobody is said to have been first by it.
    pub is_backdated: bool,
}

/// One article, told by its lead entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The published `atom:id`: fixed when the article was first stored, never recomputed (U2).
    pub atom_id: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// Title as plain text; empty when the publisher gave none.
    pub title: String,
    /// Summary as sanitised HTML.
    pub summary: Option<String>,
    /// Content as sanitised HTML.
    pub content: Option<String>,
    /// Authors of the entry; may be empty (U6 says whom to name then).
    pub authors: Vec<Person>,
    /// The publisher's labels.
    pub categories: Vec<Category>,
    /// Names of our topics, sorted.
    pub topics: Vec<String>,
    /// Attached media.
    pub enclosures: Vec<Enclosure>,
    /// Language tag.
    pub language: Option<String>,
    /// First publication.
    pub published_at: Timestamp,
    /// When the entry that tells it was first seen.
    pub first_seen_at: Timestamp,
    /// When the first was seen of its entries that may be told; `None` of what stands for a story.
    pub known_at: Option<Timestamp>,
    /// Last significant change; never goes backwards (U7).
    pub updated_at: Timestamp,
    /// The feed that the lead entry came from (U5).
    pub source: Source,
    /// Which feed of ours that is; `None` where the entry names a source of its own.
    pub feed: Option<FeedId>,
    /// The other entries of the article, oldest first.
    pub copies: Vec<Copy>,
    /// Who published it first; `None` where that is the lead entry.
    pub first: Option<Copy>,
    /// The other reports of its story that can be read somewhere, oldest first, up to
    /// [`Article::REPORTS`].
    pub reports: Vec<Report>,
    /// Its story; `None` for one that nothing else reports.
    pub story: Option<StoryMark>,
}

impl Article {
    /// Other reports of a story that are told of one of them. A story that a hundred outlets report would
    /// else say so a hundred times, in a hundred entries.
    pub const REPORTS: usize = 20;
}
