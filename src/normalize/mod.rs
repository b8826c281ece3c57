//! Stage normalize: makes entries of what a publisher wrote, clean, dated and with identity keys.
//!
//! Pure: the feed, its address and the present instant come as an [`Origin`]. Knows nothing of the
//! store and of other entries than those of the same document; whether an entry is new, edited or a
//! copy is for `dedupe` to say, which goes by the keys made here.
//!
//! What holds of every [`Entry`] that leaves this stage:
//!
//! - its HTML came through the allow-list of `html` (S14), its one-line texts are plain (U12), every
//!   field is clean (S15), and nothing in it is forbidden in XML (S13);
//! - every address in it is absolute http(s), but for `mailto:` links in HTML (U9);
//! - its times are plausible and `updated_at` is never before `published_at` (U7);
//! - its `entry_id` is the publisher's byte for byte, or a given one that is the same whenever the entry
//!   comes again with the same headline, or where it has no address of its own, with the same words; neither
//!   it nor a key depends on the place in the document (`document.rs`);
//! - the work is linear in the size of the entry, whatever is in it.

mod chars;
mod document;
mod entry;
#[doc(hidden)]
pub mod fuzzing;
mod html;
mod ids;
mod keys;
mod parts;
mod picture;
mod plain;
mod rule_file;
mod times;
mod tracking;
mod url;
mod url_rules;
mod withdrawals;
mod wrappers;

pub use ids::Ids;
pub use keys::{host_and_site, site, url_keys};
pub use rule_file::{RuleFile, RuleFileError};
pub use url::bare_escapes;
pub use url_rules::{SiteRule, UrlRules, named_site};

use crate::model::{Entry, FeedId, FeedProfile, IdentityBy, ParsedEntry, ParsedFeed, Withdrawal};
use document::settle;
use entry::Draft;
use jiff::Timestamp;

/// Where entries come from, and when.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The feed they stand in: the scope of their ids.
    pub feed: &'a FeedId,
    /// The address of the document: what addresses in HTML are relative to when the entry has neither an
    /// `xml:base` nor a link (U9). Its query and fragment are not used.
    pub url: &'a str,
    /// The language of entries that name none.
    pub language: Option<&'a str>,
    /// The instant of the poll: the date of entries without a plausible one (U7).
    pub now: Timestamp,
    /// What tells its entries apart, by the operator's word and what is known of its ids.
    pub identity: IdentityBy,
    /// What the operator says of addresses. Keys that are stored already stay as they were made.
    pub url_rules: &'a UrlRules,
}

/// What is made of a document.
#[derive(Clone, Debug)]
pub struct Normalized {
    /// Its entries, in its order; each `entry_id` occurs once.
    pub entries: Vec<Entry>,
    /// What it says is none any more, by ids that its entries go by; none of them is among these but what was put back since (`restored_at`).
    pub withdrawals: Vec<Withdrawal>,
    /// What it proves of its ids.
    pub ids: Ids,
}

/// Returns the entries of a document, and what it proves of its ids.
///
/// Unless the operator wants otherwise, ids that the document itself proves to be none are not believed:
/// those that several articles have, and all of them where that is the rule. Neither is one address of a
/// whole list. Of an entry that is there more than once the latest version stays. One that the document lists and withdraws
/// is there where it is dated after that.
pub fn normalize(parsed: &ParsedFeed, origin: &Origin<'_>) -> Normalized {
    let drafts = parsed
        .entries
        .iter()
        .map(|entry| Draft::new(entry, origin))
        .collect();
    settle(drafts, parsed, origin)
}

/// Returns what a feed says of itself, no longer than may be written with each of its entries.
pub fn profile(profile: FeedProfile) -> FeedProfile {
    FeedProfile {
        authors: parts::of_source(profile.authors),
        ..profile
    }
}

/// Returns the text of safe HTML, such as [`Entry`] holds it, white space collapsed.
pub fn plain_text(html: &str) -> String {
    plain::text(html)
}

/// Returns one entry alone, its id and address taken at their word.
pub fn entry(parsed: &ParsedEntry, origin: &Origin<'_>) -> Entry {
    Draft::new(parsed, origin).finish(origin.identity)
}

#[cfg(test)]
mod tests;
