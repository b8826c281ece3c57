//! Our labels and why an entry has them.

/// One place in an entry that made a query true.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// `title`, `summary`, `content`, or `feed` when the feed's group put the entry there.
    pub field: String,
    /// What the query asked for, as written: `Modi`, `"New Delhi"`, `sanction*`.
    pub term: String,
    /// The alias that brought the term, without `@`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alias: Option<String>,
    /// The words that matched, as they stand in the text.
    pub text: String,
    /// Which word of the field it begins at, from 0.
    pub position: u32,
}

/// An entry is in a topic, and this is why.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicMatch {
    /// Name of the topic; `output:PATH` for the query of an output.
    pub topic: String,
    /// Sum of the evidence, at least the topic's `min-score`.
    pub score: f64,
    /// What matched; never empty.
    pub evidence: Vec<Evidence>,
}

impl TopicMatch {
    /// Tells whether the label is a topic's, and not that of an output's own query, which is nobody's
    /// to see: names of topics hold no colon.
    pub fn is_topic(&self) -> bool {
        !self.topic.contains(':')
    }
}
