//! Stage parse: turns the bytes of a feed document into a parsed feed and a list of defects.
//!
//! ```text
//! bytes --charset--> characters --doctype--> --repair--> canonical Atom --feed-rs--> read --> ParsedFeed
//!                              |                 \--long texts, hints ------------/
//!                              \--json----------------------------------------------------/
//! ```
//!
//! Knows every dialect of feeds and every fault that they commonly have; knows nothing of HTTP, of other
//! feeds or of what is stored. Bad markup is no error: it is read as well as it can be, and what was wrong
//! is a [`crate::model::Defect`]. An error means that there is no feed in the document.
//!
//! Invariants: total, and linear in the length of the document; nothing held is more than a small multiple
//! of it; no entry, text or list is over its limit ([`MAX_ENTRIES`], S12); the same bytes give the same
//! result; no id is ever made up, a missing one is `None`; entities of a DTD add 1 MiB at most (S10).
//!
//! Feed-rs stays behind `read`: its types leave this module nowhere. It is given one dialect only, in which
//! it has no known panic; should it find a new one, [`parse`] catches it.

mod address;
mod canonical;
mod charset;
mod dates;
mod defects;
mod discover;
mod doctype;
#[doc(hidden)]
pub mod fuzzing;
mod hints;
mod json;
mod markup;
mod opml;
mod page;
mod people;
mod read;
mod references;
mod repair;
mod source;
#[cfg(test)]
mod tests;
mod texts;
mod twice;
mod vocabulary;

pub use discover::{FeedLink, Found};
pub use opml::{List, MAX_SUBSCRIPTIONS};
pub use texts::line;

use crate::model::{Failure, FailureKind, ParsedEntry, ParsedFeed};
use defects::Defects;
use jiff::Timestamp;
use std::any::Any;
use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};
use thiserror::Error;

/// How many entries of one document are read: of more the first, or the last where by their dates the newest stand there.
///
/// The largest feeds that people subscribe to have some hundreds. 200,000 items in 5 MB took feed-rs 174 MB,
/// so the limit holds while parsing and not after (S12). Both ends were rejected: in a document whose length stays, old
/// entries move from the middle, where nobody read them, to an end.
pub const MAX_ENTRIES: usize = 2000;

/// How many entries one document may withdraw; of more the first are read. Each is looked up in the database, and who
/// withdraws all that was listed has as many as entries.
const MAX_WITHDRAWALS: usize = MAX_ENTRIES;

/// How many entries are passed in search of the last: those beyond are not read, nor is what else stands there. A real one
/// has two hundred bytes at least, so that a body of the usual limit has half as many; a million empty ones would take a
/// second each time.
const MOST_PASSED: usize = 100_000;

/// At which end of a document its newest entries stand, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newest {
    First,
    Last,
}

/// Which way the dates of entries run, from one to the next: the first of all may be pinned, or dated wrongly.
#[derive(Debug, Default)]
struct Order {
    last: Option<Timestamp>,
    /// How many are dated after the one before, less those that are dated before it.
    later: i32,
}

impl Order {
    /// Takes the date of the next entry.
    fn note(&mut self, date: Option<Timestamp>) {
        let Some(date) = date else { return };
        self.later += match self.last.map(|last| date.cmp(&last)) {
            Some(Ordering::Greater) => 1,
            Some(Ordering::Less) => -1,
            Some(Ordering::Equal) | None => 0,
        };
        self.last = Some(date);
    }

    /// Returns where the newest stand: without dates, or where they run either way, those are the first.
    fn newest(&self) -> Newest {
        if self.later > 0 {
            Newest::Last
        } else {
            Newest::First
        }
    }
}

/// What is told of a document that has more entries than are read.
fn left_out(read: Newest) -> String {
    match read {
        Newest::First => format!("only the first {MAX_ENTRIES} entries were read"),
        Newest::Last => {
            format!("only the last {MAX_ENTRIES} of up to {MOST_PASSED} entries were read")
        }
    }
}

/// A document as it was fetched.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The decoded body.
    pub bytes: &'a [u8],
    /// `charset` of its `Content-Type`; the rest of that field is of no interest (P43).
    pub charset: Option<&'a str>,
    /// Where it came from, the base of relative links. May be empty or longer than any: then the address
    /// that the document gives for itself or its site takes its place, and without one relative links
    /// stay relative.
    pub url: &'a str,
}

/// Why there is no feed in a document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// It is something else.
    #[error("{0}")]
    NotAFeed(NotAFeed),
    /// It is a feed that could not be read: a fault of ours.
    #[error("the feed could not be read: {0}")]
    Broken(String),
    /// Reading it panicked: a fault of ours.
    #[error("the parser panicked: {0}")]
    Panicked(String),
}

/// What a document is that is no feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAFeed {
    /// An HTML page, and the feeds that it leads to, the likeliest first.
    Page {
        /// How they were found.
        found: Found,
        /// At most eight; none when the page leads to none and where it came from is not known.
        feeds: Vec<FeedLink>,
    },
    /// A page by which the firm named keeps programs from the site.
    Wall(&'static str),
    /// Something else, in words: `an XML document <opml>`.
    Other(String),
}

impl ParseError {
    /// Makes the error of a document that is `what`, in words.
    fn other(what: impl Into<String>) -> Self {
        Self::NotAFeed(NotAFeed::Other(what.into()))
    }

    /// Returns the failure of the poll that brought the document.
    pub fn failure(&self) -> Failure {
        let kind = match self {
            Self::NotAFeed(_) => FailureKind::NotAFeed,
            Self::Broken(_) | Self::Panicked(_) => FailureKind::Parse,
        };
        Failure::new(kind, self.to_string())
    }
}

/// Reads a document of any family.
///
/// Entries are in document order, none merged, none dropped up to [`MAX_ENTRIES`]. Links are absolute where
/// they can be made so. Takes time in proportion to the length of the document; the caller bounds that.
///
/// # Errors
/// [`ParseError::NotAFeed`] when it is no feed; the message says what it is instead. The others are faults
/// of the program, told apart so that they are reported and not blamed on the publisher.
///
/// # Example
/// ```
/// use merganser::parse::{Document, parse};
///
/// let bytes = b"<rss><channel><title>News</title><item><title>One & only</title></item></channel></rss>";
/// let feed = parse(&Document { bytes, charset: None, url: "https://news.example/feed" }).unwrap();
/// assert_eq!(feed.entries[0].title.value, "One & only");
/// ```
pub fn parse(document: &Document<'_>) -> Result<ParsedFeed, ParseError> {
    guarded(|| read_document(document))
}

/// Reads one item of a JSON Feed, version 1.1, that stands alone, as `replay` is given them.
///
/// # Errors
/// [`ParseError::Broken`] when `text` is no JSON object.
pub fn json_item(text: &str) -> Result<ParsedEntry, ParseError> {
    guarded(|| json::item(text))
}

/// Reads a list of subscriptions: OPML of any version, in any encoding, well-formed or not.
///
/// At most [`MAX_SUBSCRIPTIONS`] feeds are read; entities of a DTD add 1 MiB at most (S10).
///
/// # Errors
/// [`ParseError::NotAFeed`] when it is no such list; the message says what it is instead.
pub fn subscriptions(bytes: &[u8]) -> Result<List, ParseError> {
    guarded(|| {
        let mut defects = Defects::default();
        let text = charset::decode(bytes, None, &mut defects);
        opml::read(&doctype::resolve(&text, &mut defects))
    })
}

/// How a file begins that gzip packed (RFC 1952, 2.3.1).
const GZIP: [u8; 3] = [0x1F, 0x8B, 8];

fn read_document(document: &Document<'_>) -> Result<ParsedFeed, ParseError> {
    if document.bytes.starts_with(&GZIP) {
        return Err(ParseError::other(
            "a file packed by gzip without a `Content-Encoding` that says so (see whether the address without `.gz` has the \
             feed, else its server has to say it)",
        ));
    }
    let mut defects = Defects::default();
    let text = charset::decode(document.bytes, document.charset, &mut defects);
    let url = address::base(document.url);
    // Whatever stands before the first of these, such as a warning of the server's, is no part of it.
    let start = text.find(['<', '{']);
    let (before, body) = text
        .split_at_checked(start.unwrap_or(0))
        .unwrap_or_default();
    if body.starts_with('{') && before.trim() == "[" {
        return Err(ParseError::other("a JSON document without items"));
    }
    if body.starts_with('{') && (before.trim().is_empty() || json::is_object(body)) {
        return json::read(body, url.as_ref(), defects);
    }
    if text.trim().is_empty() {
        return Err(ParseError::other("an empty document"));
    }
    let text = doctype::resolve(&text, &mut defects);
    let repaired = repair::repair(&text, url.as_ref(), &mut defects)?;
    read::read(repaired, defects)
}

/// Turns a panic into an error: one document must never take the daemon down.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParseError>) -> Result<T, ParseError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|panic| Err(ParseError::Panicked(panic_text(&*panic))))
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a message").to_owned()
}
