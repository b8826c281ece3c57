//! Texts of the operator's own that a rule is tried on. A sample is classified as an entry is.

use super::{Classifier, Standing};
use crate::model::{Entry, FeedId, TopicMatch};
use jiff::Timestamp;

/// A text to try a rule on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The title; may be empty.
    pub title: String,
    /// The summary as plain text; may be empty.
    pub summary: String,
    /// Its language tag.
    pub language: Option<String>,
}

impl Sample {
    /// Returns it as an entry that stands in no feed: no `feed:` holds of it.
    pub fn entry(&self) -> Entry {
        Entry {
            feed: FeedId::new(""),
            entry_id: "example".to_owned(),
            given: None,
            by_address: false,
            keys: Vec::new(),
            url: None,
            title: self.title.clone(),
            summary: None,
            content: None,
            summary_text: self.summary.clone(),
            content_text: String::new(),
            authors: Vec::new(),
            categories: Vec::new(),
            enclosures: Vec::new(),
            language: self.language.clone(),
            published_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            dated: true,
            exact: true,
            source: None,
            language_given: false,
            content_digest: [0; 16],
        }
    }
}

impl Classifier {
    /// Returns what a rule finds in a sample; `None` where the sample is not in its topic.
    pub fn try_rule(&self, name: &str, sample: &Sample) -> Option<TopicMatch> {
        let found = self.classify(&sample.entry(), &Standing::default());
        found.into_iter().find(|found| found.topic == name)
    }
}
