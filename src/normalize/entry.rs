//! One entry on its way: cleaned, and then given its id and keys.

use super::Origin;
use super::html::{Base, Markup, sanitise};
use super::keys;
use super::parts::{categories, enclosures, people, source};
use super::picture;
use super::plain::line;
use super::times::times;
use super::url::{canonical_url, published_url};
use crate::model::{Entry, GivenId, IdentityBy, Key, ParsedEntry, Text};
use crate::text::fold;
use std::fmt::Write;

/// A longer id is data, not an id, and would be the key of a table.
const MAX_ID_BYTES: usize = 4096;

/// Longest language tag that is believed; RFC 5646, 4.4.1 has 35 for those in use.
const MAX_LANGUAGE_BYTES: usize = 35;

/// An entry that lacks only its id and its keys.
///
/// The document it stands in may still take `id` or `canonical` from it.
pub(super) struct Draft {
    /// All but `entry_id`, `given`, `by_address` and `keys`.
    pub(super) entry: Entry,
    /// The publisher's id, where there is one.
    pub(super) id: Option<String>,
    /// The URL identity; the front page of a site is none.
    pub(super) canonical: Option<String>,
    /// The id that it is given where the publisher gave none, or none that can be believed.
    given_id: String,
}

impl Draft {
    /// Cleans one entry.
    pub(super) fn new(parsed: &ParsedEntry, origin: &Origin<'_>) -> Self {
        let rules = origin.url_rules;
        let links = [&parsed.original_url, &parsed.url];
        let mut links = links.into_iter().flatten();
        let url = links.find_map(|it| published_url(it, rules));
        let Texts { summary, content } = Texts::new(parsed, url.as_deref(), origin);
        let times = times(parsed, origin.now);
        let own_language = language(parsed.language.as_deref());
        let mut entry = Entry {
            feed: origin.feed.clone(),
            entry_id: String::new(),
            given: None,
            by_address: false,
            keys: Vec::new(),
            url,
            title: line(&parsed.title),
            summary: optional(summary.html),
            content: optional(content.html),
            summary_text: summary.text,
            content_text: content.text,
            authors: people(&parsed.authors),
            categories: categories(&parsed.categories),
            enclosures: enclosures(&parsed.enclosures),
            language_given: own_language.is_none(),
            language: own_language.or_else(|| language(origin.language)),
            published_at: times.published_at,
            updated_at: times.updated_at,
            dated: times.dated,
            exact: times.exact,
            source: parsed.source.as_ref().and_then(source),
            content_digest: [0; 16],
        };
        entry.content_digest = content_digest(&entry);
        let canonical = entry
            .url
            .as_deref()
            .and_then(|url| canonical_url(url, rules))
            .filter(|url| keys::names_a_document(url));
        Self {
            id: parsed.id.clone().filter(|id| is_id(id)),
            given_id: given_id(&entry, canonical.as_deref()),
            canonical,
            entry,
        }
    }

    /// Returns what tells drafts of one id apart: the address, or the title where there is none, or the
    /// words where there is neither.
    pub(super) fn place(&self) -> String {
        match &self.canonical {
            Some(url) => url.clone(),
            None if self.entry.title.is_empty() => self.given_id.clone(),
            None => fold(&self.entry.title),
        }
    }

    /// Gives the entry its id and keys.
    ///
    /// Where it goes by the publisher's id it has the given one beside it, unless that id is to be believed
    /// whatever it is. An entry without an address carries the key of both: nothing else would find it
    /// when it comes under another id, if it has few words.
    pub(super) fn finish(self, identity: IdentityBy) -> Entry {
        let Self {
            mut entry,
            id,
            canonical,
            given_id,
        } = self;
        let id = id.filter(|_| identity != IdentityBy::Link);
        let given = GivenId {
            key: keys::guid(&entry.feed, &given_id),
            id: given_id,
        };
        entry.keys = keys_of(&entry, canonical.as_deref());
        let Some(id) = id else {
            entry.keys.insert(0, given.key);
            entry.entry_id = given.id;
            entry.by_address = true;
            return entry;
        };
        if canonical.is_none() {
            entry.keys.insert(0, given.key);
        }
        entry.keys.insert(0, keys::guid(&entry.feed, &id));
        entry.entry_id = id;
        entry.given = (identity == IdentityBy::Auto).then_some(given);
        entry
    }
}

/// Returns the id of an entry without one: its address and its folded title, or without an address a
/// digest of what it says.
///
/// It depends on no other entry but for what is a page of many (`document.rs`), so that it stays while the
/// list around the entry grows and shrinks. It does not stay when the headline is edited, or without an
/// address any word: `dedupe` finds the entry by its address then. The address alone is no id: entries that
/// share a page would take turns under it.
fn given_id(entry: &Entry, canonical: Option<&str>) -> String {
    match canonical {
        Some(url) => format!("{url} {}", fold(&entry.title)),
        None => hex(&entry.content_digest),
    }
}

/// Returns all keys but that of the id.
fn keys_of(entry: &Entry, canonical: Option<&str>) -> Vec<Key> {
    let text = match entry.content_text.as_str() {
        "" => &entry.summary_text,
        content => content,
    };
    let mut keys = canonical.map_or_else(Vec::new, keys::of_canonical);
    keys.extend(keys::of_text(&entry.title, text));
    keys
}

/// Summary and content in both forms.
struct Texts {
    summary: Markup,
    content: Markup,
}

impl Texts {
    /// Sanitises both; a summary that says what the content says is dropped.
    ///
    /// Addresses are relative to the `xml:base` that is written, else to `url`, the entry's own page:
    /// `#note-1` is a place there and not in the feed. The feed's address is the last resort, without
    /// its query, which may hold a token that is nobody's to see.
    fn new(parsed: &ParsedEntry, url: Option<&str>, origin: &Origin<'_>) -> Self {
        let document = origin.url.split(['?', '#']).next().unwrap_or_default();
        let base = Base::new(parsed.base_url.as_deref().or(url).unwrap_or(document));
        let markup = |text: Option<&Text>| {
            text.filter(|text| !text.value.is_empty())
                .map(|text| sanitise(text, &base))
                .unwrap_or_default()
        };
        let mut content = markup(parsed.content.as_ref());
        // Feeds that put one text in both fields are common: it is read once.
        let summary = parsed
            .summary
            .as_ref()
            .filter(|summary| parsed.content.as_ref() != Some(summary));
        let mut summary = markup(summary);
        if summary.text == content.text && !content.html.is_empty() {
            summary = Markup::default();
        }
        picture::show(parsed, &base, &mut summary, &mut content);
        Self { summary, content }
    }
}

/// Returns a text that is one.
fn optional(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Tells whether an id can be one; white space alone names nothing.
pub(super) fn is_id(id: &str) -> bool {
    !id.trim().is_empty() && id.len() <= MAX_ID_BYTES
}

/// Returns a language tag that has the shape of one (RFC 5646).
fn language(tag: Option<&str>) -> Option<String> {
    let tag = tag?.trim();
    let is_tag = !tag.eq_ignore_ascii_case("und")
        && tag.starts_with(|c: char| c.is_ascii_alphabetic())
        && tag.len() <= MAX_LANGUAGE_BYTES
        && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_tag.then(|| tag.to_owned())
}

/// Digests what a reader sees: title, texts, link, attached media. Markup is left out, so that a new
/// class or a moved advertisement is no edit, and so is the query of a medium, where tokens change.
fn content_digest(entry: &Entry) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    let url = entry.url.as_deref().unwrap_or_default();
    for part in [&entry.title, &entry.summary_text, &entry.content_text, url] {
        hasher.update(part.as_bytes()).update(&[0xFF]);
    }
    for enclosure in &entry.enclosures {
        let place = enclosure.url.split(['?', '#']).next().unwrap_or_default();
        hasher.update(place.as_bytes()).update(&[0xFF]);
    }
    let mut digest = [0; 16];
    hasher.finalize_xof().fill(&mut digest);
    digest
}

/// Returns a digest as text.
fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
