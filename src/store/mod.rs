//! The only module that knows SQL: one SQLite file holds all that merganser remembers.
//!
//! [`Store`] has the verbs of the domain; what they take and return is `model`. It knows `dedupe`, whose
//! questions must be put inside the write transaction, the ids of `publish`, which are fixed when an article
//! is stored, and how `normalize` makes text of HTML and sites of addresses. It reads no clock and spawns nothing: the daemon gives [`Writer::run`] a thread.
//!
//! Invariants:
//! - A poll lands whole or not at all (R4): entries, validators and next due in one transaction.
//! - `(feed, entry_id)` names one entry, and `atom_id` one article for as long as that is stored (U2, U3); then keys keep it off.
//! - An article has exactly one lead entry (`dedupe` says which), a story two articles at least, and a number that is never another's.
//! - Every key of an entry, stored or purged, finds it; no row points at nothing.
//! - What is not ours, newer or damaged is refused as it stands (R9, R10).
//!
//! Design: one writer thread that groups what waits into one commit, and readers on connections that
//! cannot write, because WAL has one writer at a time whatever one does, and many readers. A pool crate
//! was rejected: each pins a version of rusqlite. Reads block: those of feed states are short; all others are kept off the async threads.

mod archived;
mod archives;
mod articles;
mod asking;
mod by_name;
mod carried;
mod carriers;
mod condition;
mod copy;
mod corpus;
mod crowd;
mod deleted;
mod edited;
mod entries;
mod error;
mod feeds;
mod founders;
mod fresh;
mod gauges;
mod gone_voices;
mod hints;
mod holdings;
mod import;
mod joined;
mod keys;
mod labels;
mod languages;
mod last_edit;
mod late;
mod lead;
mod ledger;
mod limits;
mod listed;
mod listing;
mod lock;
mod members;
mod moves;
mod named;
mod noted;
mod open;
mod openly;
mod origin;
mod outlets;
mod outputs;
mod packed;
mod parts;
mod permit;
mod place;
mod pool;
mod published;
mod readable;
mod reckoned;
mod record;
mod reports;
mod retain;
mod retired;
mod revisions;
mod rows;
mod rules;
mod seal;
mod seeds;
mod settings;
mod shares;
mod shown;
mod snapshot;
mod stories;
mod story_pages;
mod tellers;
mod texts;
mod told;
mod transitions;
mod vectors;
mod window;
mod withdrawn;
mod writer;

#[cfg(test)]
mod tests;

pub use archives::{Arrivals, Former, Ledger, Listed, Seen, Sheet, Waiting};
pub use condition::{Condition, condition, examine, migrate};
pub use copy::{copy, is_copy, shrink, size_of_copy};
pub use error::StoreError;
pub use gauges::Gauges;
pub use holdings::{Holding, SHARED_AMONG};
pub use lock::{StateLock, Worker, holder, is_daemons, last_worker, lock, seen_holder, was_held};
pub use open::sizes;
pub use openly::Openly;
pub use outputs::Digest;
pub use readable::{Headline, Readable};
pub use rules::{Found, Judge, Pending, RuleDigests};
pub use seeds::{FeedSeed, Seeds};
pub use settings::{Limits, Settings};
pub use snapshot::Snapshot;
pub use writer::{Onlooker, Work, Writer};

use crate::model::{
    Article, FeedId, FeedRow, FeedState, FormerVersion, HostPace, Identity, Key, LastPoll,
    PollCounts, PollRecord, PollRow, StoredEntry, Tombstone, Totals,
};
use crate::publish::Output;
use gauges::Held;
use jiff::{SignedDuration, Timestamp};
use pool::Pool;
use reckoned::Span;
use retain::Progress;
use shown::Shown;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use writer::{Message, Pen};

/// All that merganser remembers. Cheap to clone; the clones share one file.
#[derive(Clone)]
pub struct Store {
    // Dropped before `writer`: the last writing connection then finds no reader and empties the log.
    pool: Arc<Pool>,
    identity: Arc<Identity>,
    shown: Shown,
    /// The way to the writer; none in a store opened for reading.
    writer: Option<mpsc::Sender<Message>>,
    /// How much is stored.
    held: Arc<Held>,
}

impl Store {
    /// Opens the database at `path` for reading, also beside a running daemon and as another user.
    ///
    /// What writes returns [`StoreError::ReadOnly`].
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`] when there is none, [`StoreError::Older`] when it wants migrating, and as
    /// [`Store::open`], but for damage: that shows where it is met.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        open::refuse_strangers(path)?;
        Self::over(open::reader(path)?, path)
    }

    /// Returns who we are to the world.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// Stores polls, each whole or not at all, and returns what became of the entries of each, in the order
    /// of the polls. They are written in one transaction, unless one of them fails.
    ///
    /// Waits while the writer's queue is full, and until the polls are committed.
    ///
    /// # Errors
    ///
    /// There is no writer, and nothing was stored.
    pub async fn record(
        &self,
        polls: Vec<PollRecord>,
    ) -> Result<Vec<Result<PollCounts, StoreError>>, StoreError> {
        let jobs = polls
            .into_iter()
            .map(|poll| writer::job(move |pen| record::write(pen, &poll)));
        let (jobs, answers): (Vec<_>, Vec<_>) = jobs.unzip();
        // One by one, the writer would be done with the first before the last is there.
        self.send(Message::Write(Work::Polls, jobs)).await?;
        let mut stored = Vec::with_capacity(answers.len());
        // The last to be answered is waited for first: otherwise each answer would wake who waits.
        for answer in answers.into_iter().rev() {
            stored.push(answer.await.unwrap_or_else(|_| Err(self.stopped())));
        }
        stored.reverse();
        Ok(stored)
    }

    /// Makes the configured feeds known.
    ///
    /// A feed whose fingerprint changed loses validators, body digest, failures, a 410 (P9, P21) and what
    /// was thought of its ids, unless that makes it what is asked already (P22).
    /// Feeds that are not named keep their rows and entries; no retention spares these for being
    /// listed. Where role or weight changed, [`Store::choose_leads`] has something to do.
    pub async fn set_feeds(&self, feeds: impl Seeds, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |pen| seeds::set_feeds(pen.connection, &feeds, now))
            .await
    }

    /// Chooses anew which entries tell the articles of feeds whose role, weight or owner changed, and returns how
    /// many articles are told by another now; `None` where no feed is another. In small transactions, as polls go on.
    pub async fn choose_leads(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        let batch = move |pen: &mut Pen<'_>| lead::choose_batch(pen.connection, now);
        let mut changed = None;
        while let Some(of_batch) = self.write(batch).await? {
            changed = Some(changed.unwrap_or(0) + of_batch);
        }
        Ok(changed)
    }

    /// Returns the states of feeds, in the order asked for; of an unknown one that of a new feed.
    pub fn feed_states(&self, ids: &[FeedId]) -> Result<Vec<FeedState>, StoreError> {
        self.pool.read(|connection| feeds::states(connection, ids))
    }

    /// Hands the state of every feed that was ever configured or replayed to `each`, one at a time: all of
    /// them at once would take more memory than everything else at a start.
    pub fn each_feed_state(
        &self,
        each: &mut dyn FnMut(FeedId, FeedState),
    ) -> Result<(), StoreError> {
        self.pool
            .read(|connection| feeds::each_state(connection, each))
    }

    /// Returns the states of the feeds that may not be asked at `now` by their publisher's word: that they
    /// are gone (P21), or a `Retry-After` (P17).
    pub fn held_back(&self, now: Timestamp) -> Result<BTreeMap<FeedId, FeedState>, StoreError> {
        self.pool
            .read(|connection| feeds::held_back(connection, now))
    }

    /// Returns all feeds that were ever configured or replayed, by name.
    pub fn feeds(&self) -> Result<Vec<FeedRow>, StoreError> {
        self.pool.read(feeds::rows)
    }

    /// Returns what all feeds that were ever configured or replayed call themselves.
    pub fn feed_titles(&self) -> Result<BTreeMap<FeedId, String>, StoreError> {
        self.pool.read(feeds::titles)
    }

    /// Returns the last polls of a feed, newest first; 200 are remembered (P44).
    pub fn polls(&self, feed: &FeedId, limit: usize) -> Result<Vec<PollRow>, StoreError> {
        self.pool
            .read(|connection| feeds::polls(connection, feed, limit))
    }

    /// Returns how the last poll ended of each feed that fails, that was kept by its proxy, or whose last document had
    /// defects.
    pub fn last_polls(&self) -> Result<BTreeMap<FeedId, LastPoll>, StoreError> {
        self.pool.read(feeds::last_polls)
    }

    /// Returns the hosts that refused and what they are believed to want, by authority (P18).
    pub fn hosts(&self) -> Result<Vec<(String, HostPace)>, StoreError> {
        self.pool.read(moves::hosts)
    }

    /// Remembers what hosts that refused are believed to want; `None` forgets one.
    pub async fn save_hosts(
        &self,
        hosts: Vec<(Arc<str>, Option<HostPace>)>,
    ) -> Result<(), StoreError> {
        self.write(move |pen| {
            let mut hosts = hosts.iter();
            hosts.try_for_each(|(host, pace)| moves::save_host(pen.connection, host, pace.as_ref()))
        })
        .await
    }

    /// Returns the first `most` articles that an output lists, in its order.
    pub fn window(&self, output: &Output, most: usize) -> Result<Vec<Article>, StoreError> {
        let (_, listed) = self.listed((output, None), most)?;
        Ok(listed.into_iter().map(|(_, article)| article).collect())
    }

    /// Returns the entries that go by a publisher's id, a published id or one of `keys`, oldest first,
    /// about a hundred at most.
    pub fn find(&self, url_or_id: &str, keys: &[Key]) -> Result<Vec<StoredEntry>, StoreError> {
        self.pool
            .read(|connection| entries::find(connection, url_or_id, keys))
    }

    /// Returns what is left of entries that went by a publisher's id or one of `keys` and are stored no more,
    /// oldest first, about a hundred at most.
    pub fn tombstones(&self, url_or_id: &str, keys: &[Key]) -> Result<Vec<Tombstone>, StoreError> {
        self.pool
            .read(|connection| entries::tombstones(connection, url_or_id, keys))
    }

    /// Returns the entries of an article, oldest first.
    pub fn members(&self, article: i64) -> Result<Vec<StoredEntry>, StoreError> {
        self.pool
            .read(|connection| entries::members(connection, article))
    }

    /// Returns the entries that tell the articles of a story, the first published first; a thousand at most.
    pub fn reports(&self, story: i64) -> Result<Vec<StoredEntry>, StoreError> {
        self.pool
            .read(|connection| entries::reports(connection, story))
    }

    /// Returns what an entry said before its edits, oldest first: the first version and the last ones.
    pub fn history(&self, feed: &FeedId, entry_id: &str) -> Result<Vec<FormerVersion>, StoreError> {
        self.pool
            .read(|connection| revisions::of(connection, feed, entry_id))
    }

    /// Hands every stored entry to `each`, oldest first.
    ///
    /// Read in chunks, with nothing held open while `each` runs (R6): what a poll stores meanwhile may
    /// be among them, what retention removes may be missing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sink`] with the first failure of `each`.
    pub fn export(
        &self,
        each: &mut dyn FnMut(StoredEntry) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let mut after = 0;
        loop {
            let chunk = self
                .pool
                .read(|connection| entries::chunk(connection, after))?;
            if chunk.is_empty() {
                return Ok(());
            }
            for (number, entry) in chunk {
                after = number;
                each(entry).map_err(StoreError::Sink)?;
            }
        }
    }

    /// Returns how much is stored.
    pub fn totals(&self) -> Result<Totals, StoreError> {
        let [entries, articles, stories, tombstones] = self.pool.read(entries::totals)?;
        let (bytes, log_bytes) = sizes(self.pool.path()).unwrap_or_default();
        Ok(Totals {
            entries,
            articles,
            stories,
            tombstones,
            bytes,
            log_bytes,
        })
    }

    /// Removes what is older than the settings allow and returns how many entries that were.
    ///
    /// Articles go whole: when all their entries were first seen before `until` less the retention, their feed's or that
    /// of all, and no feed lists them any more; and the oldest while there are more than `max-entries` ([`Store::trim`]).
    /// Their keys stay for 400 days after the last feed listed them (R15), refusals of hosts for eight.
    pub async fn retain(&self, (until, now): Span, settings: &Settings) -> Result<u64, StoreError> {
        let retention = SignedDuration::try_from(settings.retention).unwrap_or(SignedDuration::MAX);
        let before = until.saturating_sub(retention).unwrap_or(Timestamp::MIN);
        let old = self
            .repeat(move |pen, progress| retain::purge_old(pen.connection, progress, (before, now)))
            .await?;
        let limited = self.limited(settings, (until, now)).await?;
        let of_feeds = self
            .repeat(move |pen, progress| limits::purge_old(pen.connection, progress, &limited))
            .await?;
        let trimmed = self.trim(now, settings).await?;
        self.repeat(move |pen, progress| retain::forget(pen.connection, progress, until))
            .await?;
        self.repeat(move |pen, progress| moves::forget_hosts(pen.connection, progress, until))
            .await?;
        self.repeat(move |pen, progress| vectors::forget(pen.connection, progress, until))
            .await?;
        self.repeat(|pen, progress| corpus::forget(pen.connection, progress))
            .await?;
        Ok(old.purged + of_feeds.purged + trimmed)
    }

    /// Removes the oldest articles of feeds that lead more than their `max-entries`, unless other feeds carry
    /// them, then the oldest of all while there are more entries than that of all, listed or not; returns how many entries that were.
    pub async fn trim(&self, now: Timestamp, settings: &Settings) -> Result<u64, StoreError> {
        let limited = self.limited(settings, (now, now)).await?;
        let of_feeds = self
            .repeat(move |pen, progress| limits::purge_excess(pen.connection, progress, &limited))
            .await?;
        let Some(most) = settings.max_entries else {
            return Ok(of_feeds.purged);
        };
        // Counting takes as long as the index is, so it is the writer's to do.
        let entries = self.write(|pen| entries::number(pen.connection)).await?;
        let excess = (entries.saturating_sub(most), now);
        let of_all = self
            .repeat(move |pen, progress| retain::purge_excess(pen.connection, progress, excess))
            .await?;
        Ok(of_feeds.purged + of_all.purged)
    }

    /// Finds the feeds that have limits of their own.
    async fn limited(
        &self,
        settings: &Settings,
        span: Span,
    ) -> Result<Arc<limits::Limited>, StoreError> {
        let settings = settings.clone();
        self.write(move |pen| limits::limited(pen.connection, &settings, span).map(Arc::new))
            .await
    }

    /// Brings the log into the file and empties it (R6): for idle moments and before stopping.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Checkpoint(reply)).await?;
        answer.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    /// Repeats a piece of work until it says that all is done, letting others in between.
    async fn repeat<F>(&self, work: F) -> Result<Progress, StoreError>
    where
        F: Fn(&mut Pen<'_>, Progress) -> rusqlite::Result<Progress> + Clone + Send + 'static,
    {
        let mut progress = Progress::default();
        while !progress.done {
            let work = work.clone();
            progress = self.write(move |pen| work(pen, progress)).await?;
        }
        Ok(progress)
    }

    /// Has the writer do a piece of work; returns when it is committed.
    async fn write<F, T>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Pen<'_>) -> rusqlite::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = writer::job(work);
        self.send(Message::Write(Work::Upkeep, vec![job])).await?;
        answer.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    /// Queues a message for the writer, waiting for room.
    async fn send(&self, message: Message) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else {
            let path = self.pool.path().to_path_buf();
            return Err(StoreError::ReadOnly { path });
        };
        writer.send(message).await.map_err(|_| self.stopped())
    }

    /// Says that nobody writes any more.
    pub fn stopped(&self) -> StoreError {
        StoreError::Stopped {
            path: self.pool.path().to_path_buf(),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.pool.path())
            .finish_non_exhaustive()
    }
}
