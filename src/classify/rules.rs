//! What the operator may say about topics, before it is compiled.

use crate::model::Scope;
use jiff::Timestamp;
use std::ops::Range;

/// A named set of terms: one key of `[alias]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Name without `@`.
    pub name: String,
    /// Words, phrases (with spaces, without quotes), `prefix*`, `=Exact` words, or `@other`.
    pub terms: Vec<String>,
}

/// A named query: a table `[[topic]]`, or the `select` of an output.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The label that an entry gets when the query is true of it.
    pub name: String,
    /// The query as written; empty for one that only inherits.
    pub query: String,
    /// The least score that counts.
    pub min_score: f64,
    /// What a place in the title weighs, at most [`Rule::MAX_BOOST`].
    pub title_boost: f64,
    /// What a place in the lead of the body weighs, likewise.
    pub lead_boost: f64,
    /// Which entries it may hold, whatever they say and whoever gives it.
    pub scope: Scope,
    /// Whether it takes whole stories.
    pub pulls: bool,
    /// Topics whose entries it holds, too.
    pub inherits: Vec<String>,
}

impl Rule {
    /// A headline names its subject.
    pub const TITLE_BOOST: f64 = 3.0;

    /// News puts the gist into the lead.
    pub const LEAD_BOOST: f64 = 1.5;

    /// Beyond this one place decides by itself, however much more it is.
    pub const MAX_BOOST: f64 = 100.0;

    /// Returns a rule that needs no more than that its query holds.
    pub fn new(name: impl Into<String>, query: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            query: query.into(),
            min_score: 0.0,
            title_boost: Self::TITLE_BOOST,
            lead_boost: Self::LEAD_BOOST,
            scope: Scope::default(),
            pulls: false,
            inherits: Vec::new(),
        }
    }

    /// Tells whether it asks nothing itself.
    pub(super) fn only_inherits(&self) -> bool {
        !self.inherits.is_empty() && self.query.trim().is_empty()
    }
}

/// What is known of an entry beside what it says: how it came to us, and when it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The topics that the entry has by the feed it stands in.
    pub topics: &'a [String],
    /// The topics that take the story of the entry, and so have it, whatever it says.
    pub with_story: &'a [String],
    /// The group of that feed.
    pub group: Option<&'a str>,
    /// Finds the site of an address, its registrable domain. A function, because it is asked for where a
    /// rule says `site:` alone.
    pub site: fn(&str) -> Option<String>,
    /// When `age:` is asked; `None` where no rule may.
    pub now: Option<Timestamp>,
}

impl Default for Standing<'_> {
    fn default() -> Self {
        Self {
            topics: &[],
            with_story: &[],
            group: None,
            site: |_| None,
            now: None,
        }
    }
}

/// Where in the operator's words a problem stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A term of an alias.
    Alias {
        /// Name of the alias.
        name: String,
        /// Which of its terms, from 0.
        term: usize,
    },
    /// The query of a rule.
    Rule {
        /// Index into the rules given to the compiler.
        rule: usize,
    },
    /// The name of a topic that a rule inherits from.
    Inherited {
        /// Index of the rule.
        rule: usize,
        /// Which of the names, from 0.
        which: usize,
    },
}

/// One fault in a query or an alias.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleProblem {
    /// In which text.
    pub place: Place,
    /// Bytes of that text at fault.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// Whether another text is in it: one that is named and not there, or that leads back.
    pub is_of_others: bool,
}
