//! Our labels and why an entry has them.

use std::collections::BTreeMap;

/// One place in an entry that made a query true.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// `title`, `summary` or `content`; another field of the query, such as `site`; or `feed` with the
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
    /// put the entry there.
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
