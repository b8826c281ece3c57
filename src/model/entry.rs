//! An entry after normalisation, and the small parts it is made of.

use super::FeedId;
use jiff::Timestamp;
use std::fmt;

/// A person or organisation named as author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Name as plain text, never empty.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Absolute http(s) address.
    pub url: Option<String>,
}

impl Person {
    /// Returns all that it says.
    pub fn texts(&self) -> impl Iterator<Item = &String> {
        let others = [self.email.as_ref(), self.url.as_ref()];
        [&self.name].into_iter().chain(others.into_iter().flatten())
    }
}

/// A label that the publisher gave an entry; our own labels are topics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Category {
    /// The label as plain text.
    pub term: String,
    /// Absolute IRI of the scheme.
    pub scheme: Option<String>,
    /// Text for people.
    pub label: Option<String>,
}

impl Category {
    /// Returns all that it says.
    pub fn texts(&self) -> impl Iterator<Item = &String> {
        let others = [self.scheme.as_ref(), self.label.as_ref()];
        [&self.term].into_iter().chain(others.into_iter().flatten())
    }
}

/// A medium attached to an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enclosure {
    /// Absolute http(s) address.
    pub url: String,
    /// Media type.
    pub media_type: Option<String>,
    /// Length in bytes.
    pub length: Option<u64>,
}

/// The feed an entry came from, as `atom:source` will say (U5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Absolute IRI that names the feed.
    pub id: String,
    /// Title as plain text, never empty.
    pub title: String,
    /// Address of the site.
    pub home_url: Option<String>,
    /// Address of the feed, without credentials.
    pub self_url: Option<String>,
    /// When the feed last changed.
    pub updated_at: Option<Timestamp>,
    /// Authors of the feed.
    pub authors: Vec<Person>,
    /// Rights statement.
    pub rights: Option<String>,
}

impl Source {
    /// Returns all that it says in words and addresses.
    pub fn texts(&self) -> impl Iterator<Item = &String> {
        let others = [&self.home_url, &self.self_url, &self.rights];
        let others = others.into_iter().flatten();
        let authors = self.authors.iter().flat_map(Person::texts);
        [&self.id, &self.title]
            .into_iter()
            .chain(others)
            .chain(authors)
    }
}

/// What kind of fact makes two entries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// The publisher's id, valid within its feed.
    Guid,
    /// An id that says what it names everywhere: one that is published, or that the feed gives from which
    /// an entry was taken. Looked up, and never stored as a key.
    Published,
    /// The canonical URL, valid everywhere.
    Url,
    /// Site and last path segment, valid everywhere for a while.
    Slug,
    /// Site and the article number in the path, valid everywhere for a while.
    ArticleNumber,
    /// The normalised title and text, valid everywhere for a while.
    Content,
    /// The normalised title alone, valid everywhere for a while and under more conditions.
    Title,
}

/// One identity key of an entry.
///
/// The digest is BLAKE3 over kind, scope and text, cut to 128 bits: a publisher cannot make one that
/// meets another's, as it could with a fast hash, so the text need not be stored beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What was digested.
    pub kind: KeyKind,
    /// The digest.
    pub digest: [u8; 16],
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}:", self.kind)?;
        self.digest
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The id that we give an entry, and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenId {
    /// Address and folded title, or without an address a digest of what the entry says.
    pub id: String,
    /// The key under which it is found, of the kind of a publisher's id.
    pub key: Key,
}

/// What follows the id of a stored entry when id and address went on to other news, and then a number: no
/// feed can hold it, as XML forbids it and what reads JSON drops it (S13).
pub const RETIRED: char = '\u{1E}';

/// Returns the id that a stored entry has in its feed, or had there.
pub fn publishers_id(entry_id: &str) -> &str {
    entry_id.split(RETIRED).next().unwrap_or(entry_id)
}

/// Tells whether id and address of a stored entry went on to other news.
pub fn is_retired(entry_id: &str) -> bool {
    entry_id.contains(RETIRED)
}

/// An entry of one feed, ready to be compared, labelled and stored.
///
/// All texts are clean: titles plain, HTML sanitised with absolute addresses, nothing that XML forbids.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells of another part, and they go together in any way"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The feed it stands in.
    pub feed: FeedId,
    /// The publisher's id byte for byte, or the one given in its absence; unique within the feed.
    pub entry_id: String,
    /// The id by which it goes should the publisher's turn out to be none; `None` where it goes by one
    /// that was given already, or must go by the publisher's.
    pub given: Option<GivenId>,
    /// Whether it goes by its address, where it has one: its publisher gave it no id, or none that is
    /// believed.
    pub by_address: bool,
    /// Identity keys, strongest first.
    pub keys: Vec<Key>,
    /// Where it can be read: its own link, redirect wrappers and tracking removed.
    pub url: Option<String>,
    /// Title as plain text; may be empty.
    pub title: String,
    /// Summary as sanitised HTML.
    pub summary: Option<String>,
    /// Content as sanitised HTML.
    pub content: Option<String>,
    /// Plain text of the summary, for matching; empty without one.
    pub summary_text: String,
    /// Plain text of the content, for matching; empty without one.
    pub content_text: String,
    /// Authors; may be empty.
    pub authors: Vec<Person>,
    /// The publisher's labels.
    pub categories: Vec<Category>,
    /// Attached media.
    pub enclosures: Vec<Enclosure>,
    /// Language tag of entry or feed.
    pub language: Option<String>,
    /// Whether that is what feeds.toml says, because neither entry nor feed says one; or none says one.
    pub language_given: bool,
    /// First publication: the publisher's date where it is plausible, else when we first saw it.
    pub published_at: Timestamp,
    /// Last change: the publisher's where plausible, never before `published_at`.
    pub updated_at: Timestamp,
    /// Whether the publisher dated it, or `published_at` is when we first saw it.
    pub dated: bool,
    /// Whether `published_at` is to the second what the publisher calls its publication: neither that of
    /// a change nor cut to the present.
    pub exact: bool,
    /// `atom:source` of an entry that was itself aggregated.
    pub source: Option<Source>,
    /// BLAKE3 of what a reader sees (title, text, links), so that an edit is told from a touch.
    pub content_digest: [u8; 16],
}
