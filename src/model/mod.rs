//! Plain data that the stages hand to each other: feeds, entries, articles, polls.
//!
//! Knows nothing but itself: no I/O, no clock, no logic beyond constructors and tiny accessors.
//! A type lives here when two modules that must not know each other both speak of it.
//! Instants are [`jiff::Timestamp`] and their names end in `_at`.

mod article;
mod defects;
mod edits;
mod entry;
mod feed;
mod fetched;
mod guids;
mod outlet;
mod parsed;
mod poll;
mod stored;
mod story;
mod subscription;
mod topic;
mod transition;
mod watch;

pub use article::{Article, Copy, Report};
pub use defects::DEFECTS;
pub use edits::{LastEdit, Meaning, Telling};
pub use entry::{
    Category, Enclosure, Entry, GivenId, Key, KeyKind, Person, RETIRED, Source, is_retired,
    publishers_id,
};
pub use feed::{
    Adopted, Backfill, Condition, FeedId, FeedState, Health, HostPace, Moved, Sighting, Validators,
};
pub use fetched::{Fetched, Freshness, Hop, Reached, Wire};
pub use guids::{GuidHealth, Guids, IdentityBy};
pub use outlet::{Completeness, Outlet, Role};
pub use parsed::{
    Cloud, Cut, Defect, FeedProfile, Format, Hints, ParsedEntry, ParsedFeed, Text, TextKind,
    Withdrawal,
};
pub use poll::{
    EntryRecord, Failure, FailureKind, Former, Known, Outcome, Place, PollCounts, PollRecord,
    Reason, ReasonKind, Said, Verdict,
};
pub use stored::{
    Edit, FeedRow, FormerVersion, Identity, LastPoll, PollRow, StoredEntry, Tombstone, Totals,
};
pub use story::{Story, StoryMark, StoryReport};
pub use subscription::Subscription;
pub use topic::{Evidence, Feeds, Rules, Scope, Share, TopicMatch, is_topic, output_label};
pub use transition::{About, Transition, Turn};
pub use watch::Watch;
