//! When a feed is polled next, by what is stored of it and by what feeds.toml says of it now. The loop, `merganser status` and
//! `/status` all ask here, so that they never differ.

use crate::config::FeedSettings;
use crate::model::{FeedState, LastPoll};
use crate::schedule;
use jiff::Timestamp;

/// Why a feed is polled no more that is switched off.
const OFF: &str = "`enabled = false` in feeds.toml";

/// When a feed is polled next, and why then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPoll {
    /// When; `None` for never, and before the first.
    pub at: Option<Timestamp>,
    /// Why, in words that follow "next poll at ...:".
    pub reason: String,
}

impl NextPoll {
    /// Returns it as it is told; `last`: how the last poll ended.
    pub fn of(
        feed: &FeedSettings,
        state: &FeedState,
        last: Option<&LastPoll>,
        now: Timestamp,
    ) -> Self {
        if !feed.enabled {
            return Self {
                at: None,
                reason: OFF.to_owned(),
            };
        }
        let due_at = due_at(feed, state, last, now);
        let anew = schedule::decided_anew(state, due_at, &feed.policy, now);
        let (at, reason) = anew.unwrap_or_else(|| (state.next_due_at, state.due_reason.clone()));
        Self { at, reason }
    }
}

/// Returns when a feed is due that is not switched off; `None` for never.
pub(super) fn due_at(
    feed: &FeedSettings,
    state: &FeedState,
    last: Option<&LastPoll>,
    now: Timestamp,
) -> Option<Timestamp> {
    let (policy, seed) = (&feed.policy, feed.id.as_str());
    match last.and_then(LastPoll::aside) {
        Some(aside) => schedule::due_after(aside, state, policy, seed, now),
        None => schedule::due_at(state, policy, seed, now),
    }
}
