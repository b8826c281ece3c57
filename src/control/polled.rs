//! What polls came to that a command asked for.

use serde::{Deserialize, Serialize};

/// What a poll came to, as a command prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polled {
    /// The feed.
    pub feed: String,
    /// The name of its outcome.
    pub outcome: String,
    /// What failed, without advice.
    pub message: Option<String>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Decoded body bytes.
    pub bytes: u64,
    /// Wall time of the fetch.
    pub elapsed_ms: u64,
    /// Entries that were new,
    pub new: u32,
    /// edited,
    pub revised: u32,
    /// or copies of what others have;
    pub copies: u32,
    /// and those that the feed withdrew.
    #[serde(default)]
    pub withdrawn: u32,
    /// When the feed is due next, as RFC 3339 has it.
    pub next_due: Option<String>,
    /// Why then.
    pub reason: String,
    /// What it came to in words, where it did not end well.
    pub words: String,
    /// Whether its host was not reached.
    pub is_unreachable: bool,
    /// Whether what it brought could not be stored.
    pub is_unstored: bool,
}

/// A feed that was not polled, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpolled {
    /// The feed.
    pub feed: String,
    /// Why.
    pub why: String,
    /// Whether it was to be polled, and something came between; else its publisher's word holds it back.
    #[serde(default)]
    pub is_open: bool,
}
