//! A history of entries through the pipeline, each with the clock at its own time.

use super::active::Active;
use super::writer::WriterThread;
use super::{StartError, StateDir, reading, relabel, start};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, FeedSettings, standing};
use crate::model::{Entry, EntryRecord, FeedId, Key, ParsedEntry, PollCounts};
use crate::normalize::{self, Origin};
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// One entry that a feed had at some time.
#[derive(Clone, Debug)]
pub struct PastEntry {
    /// The feed, by its id or its address; it need not be configured.
    pub feed: FeedId,
    /// When it was seen.
    pub at: Timestamp,
    /// What was seen.
    pub entry: ParsedEntry,
}

/// Entries handed to the writer whose answers are not yet there: enough to fill its transactions, which take
/// 64, while as many wait for the next.
const UNDER_WAY: usize = 256;

/// Bytes of text in them: an entry may have a megabyte, and its texts are there several times over. Some
/// thousand usual entries, so that only long ones wait for it.
const BYTES_UNDER_WAY: usize = 16 << 20;

/// A database that a history is written into. It is told who speaks in the configured feeds, for that decides
/// what readers see; none is taken up: what their next polls go by stays.
#[derive(Debug)]
pub struct Replay {
    active: Arc<Active>,
    /// The feeds by their addresses; of several at one only the id tells which is meant.
    addressed: BTreeMap<Key, Option<FeedId>>,
    /// When the history begins.
    from: Timestamp,
    store: Store,
    writer: WriterThread,
    state: StateDir,
}

impl Replay {
    /// Opens the database over a claimed state directory, for a history that begins at `from`; one that is made
    /// here is as old as it.
    ///
    /// # Errors
    /// As [`super::Daemon::build`].
    pub fn open(config: Config, state: StateDir, from: Timestamp) -> Result<Self, StartError> {
        let active = Arc::new(Active::new(config)?);
        let (store, writer) = start::open(&active.config, &state, from, None)?;
        Ok(Self {
            addressed: addressed(&active.config),
            from,
            active,
            store,
            writer,
            state,
        })
    }

    /// Stores the entries in the order given, as if each had been polled at its time, and returns what
    /// became of them. What is stored already is labelled by the rules of the configuration first, and told by the
    /// feeds that it has lead.
    ///
    /// # Errors
    /// When the database cannot be written; what was stored before stays.
    pub async fn run(
        &self,
        entries: impl Iterator<Item = PastEntry>,
    ) -> Result<PollCounts, StoreError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        self.store
            .name_outlets(Arc::clone(&self.active), self.from)
            .await?;
        self.store.choose_leads(self.from).await?;
        relabel::relabel(&self.store, &self.active, &clock).await?;
        let mut sums = PollCounts::default();
        let (mut under_way, mut bytes) = (VecDeque::new(), 0);
        for mut past in entries {
            past.feed = self.feed(past.feed);
            let record = self.past_record(&past);
            let size = size(&record.entry);
            bytes += size;
            while (under_way.len() >= UNDER_WAY || bytes > BYTES_UNDER_WAY)
                && let Some((answer, size)) = under_way.pop_front()
            {
                add(&mut sums, &answer.await?);
                bytes -= size;
            }
            // One after the other: what becomes of an entry is up to those that are stored before it.
            let records = (vec![record], Arc::clone(&self.active.rules));
            let queued = self.store.queue_import(past.feed, past.at, records);
            under_way.push_back((queued.await?, size));
        }
        for (answer, _) in under_way {
            add(&mut sums, &answer.await?);
        }
        // What asks for a topic that takes whole stories is judged when these are told.
        relabel::relabel(&self.store, &self.active, &clock).await?;
        Ok(sums)
    }

    /// Waits until all is written.
    pub async fn close(self) {
        start::close(self.store, self.writer, self.state).await;
    }

    /// Returns the feed that a history means: one that is configured under this id or at this address, else one
    /// of its own.
    fn feed(&self, named: FeedId) -> FeedId {
        if self.active.number(&named).is_some() {
            return named;
        }
        let address = address(named.as_str(), &self.active.config);
        let feed = address.and_then(|address| self.addressed.get(&address)?.clone());
        feed.unwrap_or(named)
    }

    /// The pure stages for one past entry: normalize, classify.
    fn past_record(&self, past: &PastEntry) -> EntryRecord {
        let number = self.active.number(&past.feed);
        let settings: Option<&FeedSettings> = number.and_then(|number| self.active.feed(number));
        let url = settings.map(|feed| reading::base(feed.target.url.as_str()));
        let origin = Origin {
            feed: &past.feed,
            url: url.as_deref().unwrap_or_default(),
            language: settings.and_then(|feed| feed.language.as_deref()),
            now: past.at,
            identity: settings.map(|feed| feed.identity).unwrap_or_default(),
            url_rules: &self.active.config.url_rules,
        };
        let entry = normalize::entry(&past.entry, &origin);
        EntryRecord {
            topics: self.active.classifier.classify(&entry, &standing(settings)),
            entry,
            keep: true,
        }
    }
}

/// Returns what is one for all ways to write an address; `None` where the text is none.
fn address(text: &str, config: &Config) -> Option<Key> {
    normalize::url_keys(text, &config.url_rules)
        .first()
        .copied()
}

/// Returns the feeds by their addresses.
fn addressed(config: &Config) -> BTreeMap<Key, Option<FeedId>> {
    let mut feeds = BTreeMap::new();
    for feed in &config.feeds {
        if let Some(address) = address(feed.target.url.as_str(), config) {
            let id = Some(feed.id.clone());
            feeds
                .entry(address)
                .and_modify(|it| *it = None)
                .or_insert(id);
        }
    }
    feeds
}

/// Returns how many bytes of text an entry has.
fn size(entry: &Entry) -> usize {
    let markup = [&entry.summary, &entry.content].into_iter().flatten();
    let texts = [&entry.title, &entry.summary_text, &entry.content_text];
    markup.chain(texts).map(String::len).sum()
}

fn add(sums: &mut PollCounts, counts: &PollCounts) {
    sums.seen += counts.seen;
    sums.new += counts.new;
    sums.revised += counts.revised;
    sums.copies += counts.copies;
}
