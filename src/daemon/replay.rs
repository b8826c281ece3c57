//! A history of entries through the pipeline, each with the clock at its own time.

use super::Daemon;
use crate::config::FeedSettings;
use crate::model::{EntryRecord, FeedId, ParsedEntry, PollCounts};
use crate::normalize::{self, Origin};
use crate::store::StoreError;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use jiff::Timestamp;

/// One entry that a feed had at some time.
#[derive(Clone, Debug)]
pub struct PastEntry {
    /// The feed; it need not be configured.
    pub feed: FeedId,
    /// When it was seen.
    pub at: Timestamp,
    /// What was seen.
    pub entry: ParsedEntry,
}

/// Entries handed to the writer and not yet written: enough to fill its transactions, few enough to
/// keep memory flat.
const UNDER_WAY: usize = 512;

impl Daemon {
    /// Stores the entries in the order given, as if each had been polled at its time, and returns what
    /// became of them. Neither schedules nor validators of the feeds change.
    ///
    /// # Errors
    /// When the database cannot be written; what was stored before stays.
    pub async fn replay(
        &self,
        entries: impl Iterator<Item = PastEntry>,
    ) -> Result<PollCounts, StoreError> {
        let mut sums = PollCounts::default();
        let mut under_way = FuturesOrdered::new();
        for past in entries {
            let record = self.past_record(&past);
            under_way.push_back(self.store.import(past.feed, past.at, vec![record]));
            if under_way.len() >= UNDER_WAY
                && let Some(counts) = under_way.next().await
            {
                add(&mut sums, &counts?);
            }
        }
        while let Some(counts) = under_way.next().await {
            add(&mut sums, &counts?);
        }
        Ok(sums)
    }

    /// The pure stages for one past entry: normalize, classify.
    fn past_record(&self, past: &PastEntry) -> EntryRecord {
        let number = self.active.number(&past.feed);
        let settings: Option<&FeedSettings> = number.and_then(|number| self.active.feed(number));
        let url = settings.map(|feed| feed.target.url.as_str());
        let origin = Origin {
            feed: &past.feed,
            url: url.unwrap_or_default(),
            language: settings.and_then(|feed| feed.language.as_deref()),
            now: past.at,
        };
        let entry = normalize::entry(&past.entry, &origin);
        let given = settings
            .map(|feed| feed.topics.as_slice())
            .unwrap_or_default();
        EntryRecord {
            topics: self.active.classifier.classify(&entry, given),
            entry,
            keep: true,
        }
    }
}

fn add(sums: &mut PollCounts, counts: &PollCounts) {
    sums.seen += counts.seen;
    sums.new += counts.new;
    sums.revised += counts.revised;
    sums.copies += counts.copies;
}
