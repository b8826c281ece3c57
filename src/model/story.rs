//! A story as it is published: what `store` reads for its page.

use super::Article;
use jiff::Timestamp;

/// Which story an article is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryMark {
    /// Its number in the store, which is never another's.
    pub number: i64,
    /// The published id of the article that it began with: the name by which readers know it (U2).
    pub founder: String,
}

/// The reports of one event, as far as they may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// See [`StoryMark::founder`].
    pub founder: String,
    /// The report that was published first, whole; of those that came too late for their dates only where all did.
    pub first: Article,
    /// Those published first, with that one, in the order of publication; two at least.
    pub reports: Vec<StoryReport>,
    /// How many there are besides these.
    pub more: u64,
    /// How many independent outlets tell them, of those that there are now; `None` where some may not be told, as they are
    /// counted, too, or where there are hundreds.
    pub outlets: Option<u64>,
    /// The topics that they have, by name, each with the words that were found, as they stand in the texts.
    pub topics: Vec<(String, Vec<String>)>,
}

impl Story {
    /// Returns how many reports there are.
    pub fn number(&self) -> u64 {
        let told = u64::try_from(self.reports.len()).unwrap_or(u64::MAX);
        told.saturating_add(self.more)
    }

    /// Reports that a page tells.
    pub const REPORTS: usize = 30;

    /// Words that are told of a topic.
    pub const WORDS: usize = 6;
}

/// One report of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryReport {
    /// Its title as plain text; may be empty.
    pub title: String,
    /// Title of the feed that tells it.
    pub feed_title: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// Language tag.
    pub language: Option<String>,
    /// First publication.
    pub published_at: Timestamp,
}
