//! One poll: what the fetch brought, what became of it, and the record that lands in the store.

use super::{Entry, FeedId, FeedProfile, FeedState, GuidHealth, Rules, TopicMatch, Withdrawal};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a poll failed, for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The name did not resolve.
    Dns,
    /// No connection.
    Connect,
    /// The proxy that is asked in the origin's place was not reached, which is no fault of the feed.
    Proxy,
    /// The TLS handshake failed.
    Tls,
    /// The poll ran into its time limit (P40).
    Timeout,
    /// The address or scheme is one that we do not fetch (S1, S2).
    Blocked,
    /// A status code that the other outcomes do not know.
    Http,
    /// A redirect that cannot be followed (P24).
    Redirect,
    /// Body or head over the limit (S8, S9).
    TooLarge,
    /// The body broke off or could not be decoded (P41).
    Broken,
    /// The document is not a feed.
    NotAFeed,
    /// The parser gave up or panicked.
    Parse,
    /// Our own store refused the record.
    Store,
}

impl FailureKind {
    /// Returns the stable name used in the database, in JSON and in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Blocked => "blocked",
            Self::Http => "http",
            Self::Redirect => "redirect",
            Self::TooLarge => "too-large",
            Self::Broken => "broken",
            Self::NotAFeed => "not-a-feed",
            Self::Parse => "parse",
            Self::Store => "store",
        }
    }

    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Dns,
        Self::Connect,
        Self::Proxy,
        Self::Tls,
        Self::Timeout,
        Self::Blocked,
        Self::Http,
        Self::Redirect,
        Self::TooLarge,
        Self::Broken,
        Self::NotAFeed,
        Self::Parse,
        Self::Store,
    ];

    /// Says what it means, in a sentence for the operator.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Dns => "The name of the host leads to no address.",
            Self::Connect => "The host takes no connection.",
            Self::Proxy => {
                "What `proxy` names refuses, or is not found; that is no fault of the feed."
            }
            Self::Tls => {
                "The host does not prove by its certificate who it is, or speaks no TLS that we do."
            }
            Self::Timeout => "The answer did not come within `timeout`.",
            Self::Blocked => "The address is not public, or its scheme is none that is fetched.",
            Self::Http => {
                "The host answers with a status that is neither a document nor a redirect."
            }
            Self::Redirect => {
                "It is redirected to where nobody can follow: in a circle, too often, or to what is no address."
            }
            Self::TooLarge => "The document is larger than `max-body`.",
            Self::Broken => "The answer broke off, or its compression is damaged.",
            Self::NotAFeed => "There is a document, and it is no feed.",
            Self::Parse => "The document could not be read.",
            Self::Store => "What it brought could not be stored in our own database.",
        }
    }

    /// Tells whether the failure says that the origin could not be reached at all.
    pub fn is_unreachable(self) -> bool {
        matches!(
            self,
            Self::Dns | Self::Connect | Self::Proxy | Self::Tls | Self::Timeout
        )
    }
}

/// A poll that brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// For machines.
    pub kind: FailureKind,
    /// For people: one line, no secrets, no control characters.
    pub message: String,
    /// Whether it proves that the proxy that was asked is there, whatever becomes of the origin.
    pub proxy_answered: bool,
}

impl Failure {
    /// Puts kind and words together.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            proxy_answered: false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// How a poll ended, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A document that differs from the last one.
    Modified,
    /// 304, or a 200 with the bytes we already have (P26).
    NotModified,
    /// 410 Gone (P21).
    Gone,
    /// 429, or 503 with a `Retry-After`: the origin asks for patience (P17, P18).
    Throttled,
    /// 429 from a host that was asked for another feed shortly before: its pace is at fault, and
    /// not the feed, unless that comes to nothing again and again (P18).
    Crowded,
    /// Anything else.
    Failed(Failure),
}

impl Outcome {
    /// Returns the stable name used in the database, in JSON and in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Modified => "modified",
            Self::NotModified => "not-modified",
            Self::Gone => "gone",
            Self::Throttled => "throttled",
            Self::Crowded => "crowded",
            Self::Failed(failure) => failure.kind.name(),
        }
    }

    /// Tells whether the feed answered as it should.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Modified | Self::NotModified)
    }

    /// Tells whether the feed's proxy was not reached: that says nothing of the feed, nor of its host.
    pub fn is_of_proxy(&self) -> bool {
        matches!(self, Self::Failed(failure) if failure.kind == FailureKind::Proxy)
    }

    /// Tells whether the feed's proxy answered, but for the origin.
    pub fn proves_proxy(&self) -> bool {
        matches!(self, Self::Failed(failure) if failure.proxy_answered)
    }
}

/// Where a stored entry is, seen from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// One of the two has no address that names a document, or nobody looked.
    #[default]
    Unknown,
    /// At the same address, or the stored one was there before, as far as its former keys are kept. A
    /// headline or a number in the address is not enough: a series has one headline for all its parts.
    Same,
    /// At another.
    Other,
}

/// What the store knows of an entry that carries one of the keys asked for.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of a row, none of which follows from another"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The key that it shares.
    pub key: super::Key,
    /// The number of its row, be it stored or only remembered.
    pub number: i64,
    /// The stored entry; `None` when only its keys are left (purged, or skipped at the first poll).
    pub entry: Option<i64>,
    /// The article of that entry.
    pub article: Option<i64>,
    /// The feed of that entry.
    pub feed: FeedId,
    /// Whether both come from one feed in the end, by what those say that took them from others.
    pub same_source: bool,
    /// For how long readers had it before retention took it; zero while it is stored, and where it was never
    /// shown, as what is only remembered of a first poll.
    pub had: SignedDuration,
    /// Its publisher's id.
    pub entry_id: String,
    /// When it was published, as we hold it.
    pub published_at: Timestamp,
    /// Whether that is a date of the publisher's that was past when we first saw it.
    pub dated: bool,
    /// Whether the article is told by that entry.
    pub leads: bool,
    /// Whether it came with the poll at hand.
    pub is_new: bool,
    /// Whether the document at hand lists it as well, under an id of its own.
    pub is_beside: bool,
    /// Whether it is of the feed at hand, whose document, which is all that it lists, has it no more, and one entry at
    /// the address at hand.
    pub is_left: bool,
    /// Whether its feed passes it on from others: by the feed's role, or by what it says itself.
    pub is_passed_on: bool,
    /// As of when its publisher withdrew it, where it did (RFC 6721).
    pub withdrawn_at: Option<Timestamp>,
    /// Digest of what a reader sees of it now.
    pub content_digest: [u8; 16],
    /// Title of that entry, for the guards.
    pub title: String,
    /// Where it is, seen from the entry at hand; looked up only where the key is an id and the two do not
    /// say the same.
    pub place: Place,
    /// Plain text of that entry, its summary and then its content, for the guards; read only where the
    /// key is a title, or an id or the feed's own address and the two do not say the same. Empty elsewhere.
    pub text: String,
    /// What its publisher dates what stands there; looked up as `text` is, elsewhere that of publication.
    pub updated_at: Timestamp,
    /// For how long it has said what it says, as far as we saw it; looked up as `text` is, elsewhere zero.
    pub stood: SignedDuration,
    /// What some other outlets say that carry its article at pages of their own; looked up only where it is the feed's own
    /// and says something else than the entry at hand does.
    pub others: Vec<Said>,
    /// What the feed had under the id at hand of late, the last first; looked up as `others` is.
    pub former: Vec<Former>,
}

/// What a feed had under an id, and went on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The number of its row.
    pub number: i64,
    /// When it was changed last, as its publisher dated that.
    pub updated_at: Timestamp,
    /// What it says.
    pub said: Said,
    /// What other outlets say that carry its article.
    pub others: Vec<Said>,
}

/// What a stored entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its title.
    pub title: String,
    /// Its plain text, summary and then content.
    pub text: String,
}

/// What dedupe went by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind {
    /// Nothing stored shares a key, or a guard spoke against what does.
    New,
    /// The publisher's id, in the same feed.
    SameGuid,
    /// The id that is published, or that the feed gives from which it was taken.
    SameId,
    /// The canonical URL.
    SameUrl,
    /// Site and last path segment.
    SameSlug,
    /// Site and article number.
    SameNumber,
    /// Title and text.
    SameContent,
    /// Title.
    SameTitle,
    /// No key, but most of the words, in their order.
    SameWords,
}

impl ReasonKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::New,
        Self::SameGuid,
        Self::SameId,
        Self::SameUrl,
        Self::SameSlug,
        Self::SameNumber,
        Self::SameContent,
        Self::SameTitle,
        Self::SameWords,
    ];

    /// Returns the stable name used in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::SameGuid => "same-guid",
            Self::SameId => "same-id",
            Self::SameUrl => "same-url",
            Self::SameSlug => "same-slug",
            Self::SameNumber => "same-number",
            Self::SameContent => "same-content",
            Self::SameTitle => "same-title",
            Self::SameWords => "same-words",
        }
    }
}

/// Why dedupe decided as it did; stored with the entry and told by `explain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// For machines.
    pub kind: ReasonKind,
    /// In words, with the other entry named where there is one.
    pub text: String,
}

/// What is to become of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing like it is stored: a new article.
    New(Reason),
    /// The same entry of the same feed, edited: `entry` is rewritten.
    Revision {
        /// The stored entry.
        entry: i64,
        /// Why.
        reason: Reason,
    },
    /// The same entry of the same feed, untouched.
    Unchanged {
        /// The stored entry.
        entry: i64,
    },
    /// The same article in another place: a new entry of `article`.
    Copy {
        /// The stored article.
        article: i64,
        /// Why.
        reason: Reason,
    },
    /// Was known once and is gone by retention, or was beyond the first poll's cap: not stored again.
    Forgotten,
}

/// An entry with what the pure stages made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryRecord {
    /// The entry.
    pub entry: Entry,
    /// The labels it has: topics, and `output:PATH` for outputs that select by a query of their own.
    pub topics: Vec<TopicMatch>,
    /// `false` for the part of a new feed's backlog beyond `first-poll-entries`: its keys are
    /// remembered, so that it is not news at the second poll, and nothing else of it is kept.
    pub keep: bool,
}

impl EntryRecord {
    /// Returns what was polled under the id that its entry is given, as if the publisher had none for it.
    #[must_use]
    pub fn under_given_id(&self) -> Self {
        let mut record = self.clone();
        let entry = &mut record.entry;
        if let (Some(given), Some(strongest)) = (entry.given.take(), entry.keys.first_mut()) {
            *strongest = given.key;
            entry.entry_id = given.id;
        }
        record
    }
}

/// What one poll brought: lands in the store in one transaction, whole or not at all (R4).
#[derive(Clone, Debug, PartialEq)]
pub struct PollRecord {
    /// The feed polled.
    pub feed: FeedId,
    /// When.
    pub at: Timestamp,
    /// The feed's state after the poll.
    pub state: FeedState,
    /// The feed's own words, when a whole document was read, or the beginning of one where no whole one was yet: only what
    /// such a one does not list is gone.
    pub profile: Option<FeedProfile>,
    /// How it ended.
    pub outcome: Outcome,
    /// HTTP status.
    pub status: Option<u16>,
    /// The statuses of the redirects that led to it, in order.
    pub redirects: Vec<u16>,
    /// For how long the origin asked to be left alone.
    pub retry_after: Option<Duration>,
    /// Decoded body bytes.
    pub bytes: u64,
    /// Wall time of the fetch.
    pub elapsed: Duration,
    /// Faults of the document, `code: message`; of one that is not whole none, but that it was cut off.
    pub defects: Vec<String>,
    /// The entries in document order.
    pub entries: Vec<EntryRecord>,
    /// What the feed withdraws, each id once, none of them among the entries but what was put back since.
    pub withdrawals: Vec<Withdrawal>,
    /// Whether the document has more than these: what it lists is not known then.
    pub has_more: bool,
    /// By which rules they have their labels.
    pub rules: Arc<Rules>,
}

impl PollRecord {
    /// Tells whether its defects take the place of those before: what brings no whole document says nothing of them.
    pub fn tells_defects(&self) -> bool {
        self.profile.is_some() || !self.defects.is_empty()
    }
}

/// What became of the entries of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PollCounts {
    /// Entries of the document that were looked at.
    pub seen: u32,
    /// Entries that made a new article.
    pub new: u32,
    /// Entries rewritten.
    pub revised: u32,
    /// Entries that were stored, and that the feed withdrew.
    pub withdrawn: u32,
    /// Entries added to an article that was there.
    pub copies: u32,
    /// How many of these by each kind of reason, by its name.
    pub copied_by: BTreeMap<&'static str, u32>,
    /// Whether entries wait to be judged again: those that were labelled by other rules than those that hold, and
    /// those whose story is taken by a topic, or no more.
    pub unlabelled: bool,
    /// Labels (topics and output selections) whose articles changed, sorted.
    pub labels: Vec<String>,
    /// How many new entries have each of them by themselves.
    pub matches: BTreeMap<String, u32>,
    /// Whether the feed said something else of itself than before.
    pub renamed: bool,
    /// Whether that stands in what is published of it: in every entry.
    pub source_changed: bool,
    /// What is known of the feed's ids after the poll.
    pub guid_health: GuidHealth,
}

impl PollCounts {
    /// Tells whether anything that is published may have changed.
    pub fn changed(&self) -> bool {
        let brought = self.new > 0 || self.revised > 0 || self.copies > 0;
        brought || self.withdrawn > 0 || self.source_changed
    }
}
