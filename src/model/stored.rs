//! What the store tells of what it holds, for `status`, `explain` and `export`.

use super::{
    Completeness, FailureKind, FeedId, FeedState, LastEdit, Outcome, Outlet, Reason, Share,
    TopicMatch,
};
use jiff::Timestamp;
use std::time::Duration;

/// Who we are to the world, fixed when the database was made: from it come the ids that we mint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Authority of our `tag:` ids (RFC 4151): the host of `public-url` when the database was made. A
    /// later move changes no id (U4).
    pub authority: String,
    /// When the database was made; what an output without entries says of its last change.
    pub created_at: Timestamp,
}

/// One feed as the store knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedRow {
    /// Stable name.
    pub id: FeedId,
    /// Address without credentials.
    pub url: String,
    /// The feed's own title, empty before the first document.
    pub title: String,
    /// Its state.
    pub state: FeedState,
    /// Entries stored.
    pub entries: u64,
    /// Defects of the last document that was read, `code: message`.
    pub defects: Vec<String>,
}

impl LastPoll {
    /// Tells whether it asked for the feed, and did not reach its proxy.
    pub fn is_of_proxy(&self) -> bool {
        self.is_of_feed && self.outcome == FailureKind::Proxy.name()
    }

    /// Tells whether it asked for the feed, and its host was asked for too many (P18).
    pub fn was_crowded(&self) -> bool {
        self.is_of_feed && self.outcome == Outcome::Crowded.name()
    }

    /// Tells whether the address guard kept it from asking for the feed, or for where that led.
    pub fn was_blocked(&self) -> bool {
        self.is_of_feed && self.outcome == FailureKind::Blocked.name()
    }
}

/// How the last poll of a feed ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastPoll {
    /// Whether it asked for the feed itself, and not for a document of its archive (P39).
    pub is_of_feed: bool,
    /// Stable name of its outcome ([`super::Outcome::name`]).
    pub outcome: String,
    /// HTTP status.
    pub status: Option<u16>,
    /// Defects of the last document that was read, `code: message`.
    pub defects: Vec<String>,
}

/// One poll of a feed, as remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollRow {
    /// When.
    pub at: Timestamp,
    /// Stable name of its outcome ([`super::Outcome::name`]).
    pub outcome: String,
    /// What failed, in words; empty after a success.
    pub message: String,
    /// HTTP status.
    pub status: Option<u16>,
    /// The statuses of the redirects that led to it, in order.
    pub redirects: Vec<u16>,
    /// Decoded body bytes.
    pub bytes: u64,
    /// Wall time of the fetch.
    pub elapsed: Duration,
    /// Entries that made a new article.
    pub new: u32,
    /// Entries rewritten.
    pub revised: u32,
    /// Entries added to an article that was there.
    pub copies: u32,
    /// Entries that the feed withdrew.
    pub withdrawn: u32,
    /// When the feed was due next.
    pub next_due_at: Option<Timestamp>,
    /// Why then.
    pub due_reason: String,
}

/// One stored entry with every decision taken about it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    /// The feed it stands in.
    pub feed: FeedId,
    /// The publisher's id byte for byte, or the one given in its absence; unique within the feed. One that
    /// went on to other news has [`RETIRED`](super::RETIRED) and a number after it.
    pub entry_id: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// Title as plain text.
    pub title: String,
    /// First publication.
    pub published_at: Timestamp,
    /// When we first saw it.
    pub first_seen_at: Timestamp,
    /// Its article: an opaque number.
    pub article: i64,
    /// The article's published id.
    pub atom_id: String,
    /// Whether the article is told by this entry.
    pub leads: bool,
    /// Who speaks in its feed.
    pub outlet: Outlet,
    /// How much it tells.
    pub completeness: Completeness,
    /// Whether its publisher dated it so that it can be believed.
    pub dated: bool,
    /// Whether it passes on what another published: its feed is an aggregator, or it names its source.
    pub aggregated: bool,
    /// The article's story: an opaque number.
    pub story: Option<i64>,
    /// Why the article is in that story, in words; `None` for the one that the others joined.
    pub story_reason: Option<String>,
    /// How many independent outlets carry the article, or its story: the most that there were, as far as they
    /// are counted.
    pub outlets: u64,
    /// How much of its story is in topics that take whole stories, sorted by their names.
    pub shares: Vec<Share>,
    /// The labels it has itself, sorted by name.
    pub topics: Vec<TopicMatch>,
    /// Why it is the article that it is.
    pub reason: Reason,
    /// How often it was edited so that readers were told.
    pub revisions: u64,
    /// What its last edit was; `None` where none was seen.
    pub last_edit: Option<LastEdit>,
}

/// What an edit changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Whether it changed the title.
    pub title: bool,
    /// How much of the text it changed, in per cent.
    pub percent: u8,
}

/// What an entry said before it was edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerVersion {
    /// How many edits there were up to this one and with it.
    pub number: u64,
    /// When the edit was seen.
    pub replaced_at: Timestamp,
    /// The title until then.
    pub title: String,
    /// The text until then, plain; its beginning, where it was very long.
    pub text: String,
    /// What the edit changed.
    pub edit: Edit,
}

/// What is left of an entry that is stored no more: its keys keep it from coming back as news (R15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The feed it stood in.
    pub feed: FeedId,
    /// The publisher's id byte for byte, or the one given in its absence.
    pub entry_id: String,
    /// Title as plain text.
    pub title: String,
    /// First publication.
    pub published_at: Timestamp,
    /// When we first saw it.
    pub first_seen_at: Timestamp,
    /// When it left: retention took it, or its publisher; `None` for what was never shown: it lay beyond `first-poll-entries`, or another
    /// feed had it before and it was gone there.
    pub purged_at: Option<Timestamp>,
    /// As of when its publisher withdrew it, where that is why it left then.
    pub withdrawn_at: Option<Timestamp>,
    /// The feed that it had left, where that is why it was never shown.
    pub left: Option<FeedId>,
    /// Until when its keys are kept; `None` as long as its feed lists it.
    pub kept_until: Option<Timestamp>,
}

/// How much is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Entries.
    pub entries: u64,
    /// Articles.
    pub articles: u64,
    /// Stories, of two articles at least each.
    pub stories: u64,
    /// Entries of which only the keys are left.
    pub tombstones: u64,
    /// Bytes of the database file and its log.
    pub bytes: u64,
    /// Those of them that are its log's.
    pub log_bytes: u64,
}
