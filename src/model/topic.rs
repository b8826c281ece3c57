//! Our labels and why an entry has them.

use super::FeedId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One place in an entry that made a query true.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// `title`, `summary` or `content`; another field of the query, such as `site`; `topic` with the term `inherits` where
    /// another topic has the entry, and with the term `story-pull` where that has it with its story; or `group` with the
    /// term `topics` when the feed's group put the entry there.
    pub field: String,
    /// What the query asked for, as written: `Modi`, `"New Delhi"`, `sanction*`, `site:bbc.co.uk`.
    pub term: String,
    /// The alias that brought the term, without `@`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alias: Option<String>,
    /// The words that matched, as they stand in the text; the value of another field.
    pub text: String,
    /// Which word of the text it begins at, from 0; 0 for what is no text.
    pub position: u32,
}

/// An entry is in a topic, and this is why.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicMatch {
    /// Name of the topic, or [`output_label`] for the query of an output.
    pub topic: String,
    /// How strongly the query holds, at least the topic's `min-score`; that itself where only the feed
    /// put the entry there, and that of the other topic where it is inherited.
    pub score: f64,
    /// What matched, the strongest places first; never empty, and cut where the list would be long, so
    /// that it need not show all that the score counts.
    pub evidence: Vec<Evidence>,
}

impl TopicMatch {
    /// Tells whether the label is a topic's; see [`is_topic`].
    pub fn is_topic(&self) -> bool {
        is_topic(&self.topic)
    }
}

/// By which rules labels are given.
///
/// The digest of a rule changes whenever it may find something else. The default is that nobody asks: labels
/// are taken as they come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Digest of all of them.
    pub whole: [u8; 16],
    /// Digest of each, by the label that it gives.
    pub of: BTreeMap<String, [u8; 16]>,
    /// Labels that take whole stories, and what they may take of them.
    pub pulls: BTreeMap<String, Scope>,
    /// Those of them that other rules ask for: with them, more changes than a list when a story is taken.
    pub asked: BTreeSet<String>,
    /// Labels that an entry may lose when a story is taken, as their rules exclude something that rests on that. Those
    /// that take stories themselves are none of them.
    pub excluding: BTreeSet<String>,
    /// Labels of which an entry has one that may ever be told to everybody; `None` where any may. It is no part of the
    /// digests: no label is given by it.
    pub open: Option<BTreeSet<String>>,
}

/// Which entries a topic may hold, whatever they say. The default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Where they stand, in one of these; anywhere if there are none.
    pub feeds: Vec<Feeds>,
    /// Where they do not stand.
    pub not_feeds: Vec<Feeds>,
    /// In which languages they are, as tags or beginnings of these; in any if there are none.
    pub languages: Vec<String>,
    /// In which they are not.
    pub not_languages: Vec<String>,
}

/// A feed, or the feeds of a group, as one word of the operator names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feeds {
    /// The group; `None` for a feed.
    pub group: Option<String>,
    /// Which feeds these are.
    pub feeds: Arc<BTreeSet<FeedId>>,
}

/// How much of a story is in a topic that takes whole stories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Name of the topic.
    pub topic: String,
    /// Reports that are in it themselves.
    pub members: u64,
    /// All reports of the story.
    pub reports: u64,
    /// Whether an article that is not in it itself is taken with the story.
    pub takes: bool,
}

/// What stands before the path of an output in the label of its own query. No name of a topic holds a
/// colon.
const OUTPUT_PREFIX: &str = "output:";

/// Returns the label under which an output keeps what its own query selects.
pub fn output_label(path: &str) -> String {
    format!("{OUTPUT_PREFIX}{path}")
}

/// Tells whether a label is a topic's, and not that of an output's own query, which is nobody's to see.
pub fn is_topic(label: &str) -> bool {
    !label.starts_with(OUTPUT_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_of_an_output_is_no_topic() {
        for (label, expected) in [
            ("energy", true),
            ("output", true),
            (&output_label("energy"), false),
        ] {
            assert_eq!(is_topic(label), expected, "{label}");
        }
    }
}
