//! What the operator may say about topics, before it is compiled.

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
    /// The query as written.
    pub query: String,
    /// The least score that counts.
    pub min_score: f64,
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
}
