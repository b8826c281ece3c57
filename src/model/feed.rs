//! What we remember about a feed between two polls.

use super::{Guids, Hints};
use jiff::Timestamp;
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The operator's stable name of a feed: `[a-z0-9-]+` in `feeds.toml`, any text in a replay.
///
/// The address of a feed may change; its id is what the CLI, the logs and the database go by. Cheap to
/// clone, as each poll does several times.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedId(Arc<str>);

impl FeedId {
    /// Wraps a name.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(name.as_ref().into())
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A map by feeds is asked by name.
impl Borrow<str> for FeedId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How validators are used in a request. Follows from what is known of the feed, and is not stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Both go out (P1).
    #[default]
    Both,
    /// Both go out, and the answer may hold what is new alone (P38; RFC 3229).
    Delta,
    /// The date goes out alone, where there is one: the origin never matches its own tags (P27).
    Date,
}

/// The HTTP validators of the last response that was stored, byte for byte (P1, P2, P3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The address whose response carried them; they are sent to no other (P25). It is only compared,
    /// and its query may hold a secret, so this is the hexadecimal BLAKE3 digest of it (S7).
    pub url: String,
    /// The `ETag` field, which may hold bytes that are not UTF-8 (RFC 9110, 8.8.3).
    pub etag: Option<Vec<u8>>,
    /// The `Last-Modified` field.
    pub last_modified: Option<Vec<u8>>,
    /// No validator, but kept with them: for how long a copy is fresh by `Cache-Control`, which stands until a
    /// later response says otherwise (P6; RFC 9111, 3.2).
    pub max_age: Option<Duration>,
    /// What the next request makes of them.
    pub condition: Condition,
}

impl Validators {
    /// Tells whether there is nothing to make a request conditional with.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// How a feed fares, as `status` shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// Never polled.
    #[default]
    New,
    /// The last poll succeeded.
    Ok,
    /// The last poll failed; polled again after a growing pause.
    Failing,
    /// The origin answered 410 Gone twice, a day apart; polled no more until the operator says so (P21).
    Gone,
}

impl Health {
    /// All states, in the order in which `status` lists them.
    pub const ALL: [Self; 4] = [Self::New, Self::Ok, Self::Failing, Self::Gone];

    /// Returns the stable name used in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }
}

/// Everything that one poll leaves behind for the next: the row `feeds` of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedState {
    /// When the feed may and should be polled next; `None` while it has never been polled or is gone.
    pub next_due_at: Option<Timestamp>,
    /// Why then, in words for the operator.
    pub due_reason: String,
    /// When it was last polled, with whatever outcome.
    pub last_poll_at: Option<Timestamp>,
    /// When a poll last succeeded (a document read, or "not modified").
    pub last_success_at: Option<Timestamp>,
    /// Polls that failed since the last success.
    pub failures: u32,
    /// An instant before which the origin asked not to come back; even `poll --all` heeds it.
    pub retry_after_at: Option<Timestamp>,
    /// Present state in one word.
    pub health: Health,
    /// What the last failure was; empty after a success.
    pub last_error: String,
    /// What makes the next request conditional.
    pub validators: Validators,
    /// BLAKE3 of the last body that was stored, so that an equal 200 is "not modified" (P26).
    pub body_digest: Option<[u8; 32]>,
    /// What the last document that was read asks of pollers; holds across 304s.
    pub hints: Hints,
    /// Median gap between the entries of the last document that was read; `None` when it dates too few.
    pub rhythm: Option<Duration>,
    /// What is known of its publisher's ids.
    pub guids: Guids,
    /// Date of the newest entry of the last document that was read; `None` when it dates none.
    pub newest_at: Option<Timestamp>,
    /// When the first of the 410s in a row was seen (P21).
    pub gone_at: Option<Timestamp>,
    /// Refusals (429, or 503 with a `Retry-After`) that are not yet forgiven: they lengthen the interval (P18).
    pub refusals: u32,
    /// Conditional requests in a row that were answered in full with the bytes that we had (P27).
    pub deaf_tags: u32,
    /// Documents in a row that came from another address than the validators were for, which then helped nothing:
    /// redirects to an address that is signed anew each time (P12).
    pub astray: u32,
    /// Where it moved to, as far as permanent redirects tell (P22).
    pub moved: Option<Moved>,
    /// Whether there were polls and none of them read a whole document with an entry in it: the first that does
    /// brings a backlog, and no news.
    pub is_blank: bool,
    /// What is left to fetch of the feed's archive (P39).
    pub backfill: Option<Backfill>,
}

impl FeedState {
    /// Tells whether nothing was read of the feed yet: what it brings then is its backlog.
    pub fn awaits_first(&self) -> bool {
        self.last_success_at.is_none() || self.is_blank
    }
}

/// What is known of where a feed moved to, by permanent redirects (P22).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Where they lead from the address that is asked, and not often enough yet to be believed.
    pub sighted: Option<Sighting>,
    /// The address that is asked in place of the configured one.
    pub adopted: Option<Adopted>,
    /// An address that was adopted and failed; kept to be told until a poll succeeds.
    pub given_up: Option<Sighting>,
}

/// An address to which permanent redirects led, poll after poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Without credentials and, where its query holds secrets, without these (S7).
    pub url: String,
    /// When they were first seen to lead there.
    pub first_seen_at: Timestamp,
    /// How many polls in a row were led there and found the feed.
    pub count: u32,
}

/// An address that took the place of the configured one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The address, and what made it believed.
    pub seen: Sighting,
    /// Polls in a row that failed there; one that was refused for now (429, 503) is not counted.
    pub failures: u32,
    /// What the feed's fingerprint will be once it is configured at this address, so that the change is
    /// known for what it is; `None` until that was reckoned.
    pub fingerprint: Option<[u8; 16]>,
}

/// The rest of a feed's archive, still to be fetched after its first poll (P39; RFC 5005).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// Address of the next document.
    pub url: String,
    /// Documents fetched so far.
    pub pages: u32,
}

/// What a host that refused is believed to want; one that never refused has none (P18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPace {
    /// Least pause from the end of a request to the start of the next, as far as its refusals tell; zero
    /// where they were not about it.
    pub gap: Duration,
    /// When the silence ends that it asked for.
    pub rests_until: Option<Timestamp>,
    /// When it last refused, but for what is one feed's own matter.
    pub refused_at: Timestamp,
}
