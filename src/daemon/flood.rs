//! Feeds that bring more than may be kept of them, between two rounds of retention.
//!
//! A round a day is enough for age. What counts entries would let a feed that floods fill the database
//! until then, so the entries that polls bring are counted here: nothing is asked of the database until
//! there are enough of them to be worth a look.

use crate::model::{FeedId, PollCounts};
use crate::store::Settings;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What `max-entries` may be exceeded by before it is seen to: a tenth.
const TOLERANCE: u64 = 10;

/// Least pause between two such looks: a feed with a short limit that brings something at each poll does not
/// have the outputs rendered twice each time.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// What came since it was last seen to.
#[derive(Debug)]
pub(super) struct Flood {
    /// New articles of feeds with a limit.
    of_feeds: BTreeMap<FeedId, u64>,
    /// New entries of all feeds.
    of_all: u64,
    /// Feeds that brought more than is tolerated.
    flooded: BTreeSet<FeedId>,
    /// Whether all together did.
    is_all: bool,
    /// No look before this instant.
    from: Timestamp,
}

impl Flood {
    /// Starts with nothing counted.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            of_feeds: BTreeMap::new(),
            of_all: 0,
            flooded: BTreeSet::new(),
            is_all: false,
            from: now,
        }
    }

    /// Moves the instant of the next look by `span`, because the clock was set.
    pub(super) fn shift(&mut self, span: SignedDuration) {
        self.from = self.from.saturating_add(span).unwrap_or(self.from);
    }

    /// Counts what a poll brought.
    pub(super) fn note(&mut self, feed: &FeedId, counts: &PollCounts, settings: &Settings) {
        let limits = settings.limits.get(feed);
        if let Some(most) = limits.and_then(|limits| limits.max_entries)
            && counts.new > 0
        {
            let new = self.of_feeds.entry(feed.clone()).or_default();
            *new += u64::from(counts.new);
            if *new > most / TOLERANCE {
                self.flooded.insert(feed.clone());
            }
        }
        self.of_all += u64::from(counts.new) + u64::from(counts.copies);
        let most = settings.max_entries;
        self.is_all |= most.is_some_and(|most| self.of_all > most / TOLERANCE);
    }

    /// Returns when to see to it; `None` while there is nothing to see to.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        let is_due = self.is_all || !self.flooded.is_empty();
        is_due.then_some(self.from)
    }

    /// Forgets what was counted: everything is seen to now.
    pub(super) fn clear(&mut self, now: Timestamp) {
        *self = Self::new(now.saturating_add(PAUSE).unwrap_or(now));
    }

    /// Returns the settings with the limits alone that are to be seen to, and forgets what they are about.
    pub(super) fn take(&mut self, settings: &Settings, now: Timestamp) -> Settings {
        let mut taken = settings.clone();
        taken.limits.retain(|feed, _| self.flooded.contains(feed));
        taken.max_entries = settings.max_entries.filter(|_| self.is_all);
        if self.is_all {
            self.of_all = 0;
        }
        for feed in &self.flooded {
            self.of_feeds.remove(feed);
        }
        (self.flooded, self.is_all) = (BTreeSet::new(), false);
        self.from = now.saturating_add(PAUSE).unwrap_or(now);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Limits;

    fn brought(new: u32) -> PollCounts {
        PollCounts {
            new,
            ..PollCounts::default()
        }
    }

    #[test]
    fn what_exceeds_a_limit_by_a_tenth_is_seen_to_soon() {
        let (now, feed) = (Timestamp::UNIX_EPOCH, FeedId::new("a"));
        let limits = Limits {
            max_entries: Some(100),
            ..Limits::default()
        };
        let settings = Settings {
            limits: [(feed.clone(), limits)].into(),
            max_entries: Some(1000),
            ..Settings::default()
        };
        let mut flood = Flood::new(now);
        flood.note(&feed, &brought(10), &settings);
        flood.note(&FeedId::new("b"), &brought(80), &settings);
        assert_eq!(flood.due_at(), None);
        flood.note(&feed, &brought(1), &settings);
        assert_eq!(flood.due_at(), Some(now));
        // All together are within theirs.
        let taken = flood.take(&settings, now);
        assert_eq!((taken.limits.len(), taken.max_entries), (1, None));
        assert_eq!(flood.due_at(), None);
        flood.note(&FeedId::new("b"), &brought(10), &settings);
        assert_eq!(flood.due_at(), Some(now + PAUSE));
        let taken = flood.take(&settings, now);
        assert_eq!((taken.limits.len(), taken.max_entries), (0, Some(1000)));
    }
}
