//! What addresses in a text are relative to, and which of them may stand in our HTML (S14, U9).

use super::allow::Value;
use crate::text::{is_spelled, spelled};
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use url::{ParseError, Url};

/// How many bytes of bases the relative addresses of one text may bring in (S12): a quarter of what a text
/// may have, so that they alone do not make it too long.
///
/// A link of one letter becomes as long as its base, which may have 4 KiB: half a megabyte of such links
/// would grow to two hundred. An article with thousands of links to its own site is within.
const MAX_JOINED_BYTES: usize = 128 * 1024;

/// How often the length of a short text its bases may bring in, so that many short entries do not grow a
/// thousandfold either. The shortest link has about 20 bytes, most bases less than 100.
const MAX_JOINED_TIMES: usize = 16;

/// What the bases of any text may bring in: a few of the longest.
const MIN_JOINED_BYTES: usize = 16 * 1024;

/// What relative addresses of one entry are relative to.
pub(in crate::normalize) struct Base<'a> {
    text: &'a str,
    /// Read only when a relative address turns up: most entries have none.
    url: OnceCell<Option<Url>>,
    /// What the addresses of the text at hand may bring in each time that it is read.
    room: Cell<usize>,
    /// What they may still bring in this time.
    joins_left: Cell<usize>,
}

impl<'a> Base<'a> {
    /// Wraps an address.
    pub(in crate::normalize) fn new(text: &'a str) -> Self {
        Self {
            text,
            url: OnceCell::new(),
            room: Cell::new(MAX_JOINED_BYTES),
            joins_left: Cell::new(MAX_JOINED_BYTES),
        }
    }

    /// Begins with another text, of so many bytes.
    pub(super) fn begin(&self, bytes: usize) {
        let room = bytes.saturating_mul(MAX_JOINED_TIMES);
        self.room
            .set(room.clamp(MIN_JOINED_BYTES, MAX_JOINED_BYTES));
    }

    /// Begins to read the text at hand, perhaps not for the first time: each time it has the same room.
    pub(super) fn begin_reading(&self) {
        self.joins_left.set(self.room.get());
    }

    /// Returns an address made absolute, when its scheme is http, https or, where a reader follows it
    /// by hand, mailto.
    ///
    /// A place within the page (`#top`) is nothing that could be fetched. To look costs no room, and finds
    /// only what there is room to write.
    pub(super) fn resolve<'v>(&self, value: &'v str, kind: Value) -> Option<Cow<'v, str>> {
        self.find(value, kind, 0)
    }

    /// Returns an address as [`Base::resolve`] does, to be written: what its base brings in takes room.
    pub(super) fn written<'v>(&self, value: &'v str, kind: Value) -> Option<Cow<'v, str>> {
        self.find(value, kind, self.text.len())
    }

    /// Returns an address made absolute; one that is relative takes `cost` from the room that is left.
    fn find<'v>(&self, value: &'v str, kind: Value, cost: usize) -> Option<Cow<'v, str>> {
        let value = value.trim_ascii();
        if is_spelled(value) {
            return Some(Cow::Borrowed(value));
        }
        let is_place = value.starts_with('#') && kind != Value::Link;
        let url = match Url::parse(value) {
            Err(ParseError::RelativeUrlWithoutBase) if !value.is_empty() && !is_place => {
                self.join(value, cost)?
            }
            parsed => parsed.ok()?,
        };
        match url.scheme() {
            "http" | "https" => Some(Cow::Owned(spelled(url))),
            "mailto" if kind == Value::Link => Some(Cow::Owned(url.into())),
            _ => None,
        }
    }

    /// Makes a relative address absolute, as long as there is room for it, and takes `cost` from that.
    fn join(&self, value: &str, cost: usize) -> Option<Url> {
        let left = self.joins_left.get();
        left.checked_sub(self.text.len())?;
        self.joins_left.set(left.saturating_sub(cost));
        let base = self.url.get_or_init(|| web_url(self.text));
        base.as_ref()?.join(value).ok()
    }
}

/// Reads an address of the web: what is relative to any other would be joined for nothing.
fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}
