//! What is known of the database, and of who writes it.

use super::text::{Kind, Page, Spans};
use super::{Facts, Figures};
use crate::clock::Clock;
use crate::store::{Gauges, Onlooker, Work};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Upper ends of the buckets of what takes a transaction: a poll without news is written in a millisecond, sixty with
/// news in a tenth of a second.
const WRITE: &[Duration] = &[
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(25),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_millis(2500),
    Duration::from_secs(10),
];

/// How long a transaction takes at most that nothing holds up: sixty polls take a tenth of a second, a lock of another
/// process is waited for for less than this.
const STUCK: Duration = Duration::from_secs(30);

/// What is told of it then.
pub(super) const STUCK_WORDS: &str = "the writer of the database does not come back";

/// How often the feeds that are due are counted: of a hundred thousand that are due at once it takes a millisecond,
/// and the loop comes by with each poll.
const QUEUE_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// All of that.
#[derive(Debug)]
pub(super) struct Storage {
    /// The file whose size is told.
    path: PathBuf,
    gauges: Gauges,
    /// How long transactions took.
    writes: BTreeMap<Work, Spans>,
    /// Since when the one under way is, and how long the machine had been up then.
    writing_since: Option<(Timestamp, Duration)>,
    /// How often it failed, by the kind of failure.
    errors: BTreeMap<&'static str, u64>,
    /// Feeds that are due and wait, and when they were counted.
    due: (usize, Timestamp),
}

impl Storage {
    pub(super) fn new(path: PathBuf) -> Self {
        let writes = Work::ALL.map(|work| (work, Spans::new(WRITE)));
        // A metric that is not there yet cannot increase.
        let errors = ["full", "locked", "denied", "damaged", "other"].map(|kind| (kind, 0));
        Self {
            path,
            gauges: Gauges::default(),
            writes: BTreeMap::from(writes),
            writing_since: None,
            errors: BTreeMap::from(errors),
            due: (0, Timestamp::MIN),
        }
    }

    /// Returns how many articles and stories there are, once they were counted.
    pub(super) fn held(&self) -> Option<(u64, u64)> {
        self.gauges.held()
    }

    /// Returns the bytes of the database with its log, and those of the log.
    pub(super) fn sizes(&self) -> (u64, u64) {
        let log = self.size("-wal");
        (self.size("").saturating_add(log), log)
    }

    /// Returns the bytes of the database, or of its log.
    fn size(&self, suffix: &str) -> u64 {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        fs::metadata(path).map_or(0, |file| file.len())
    }
}

/// Looks on while the writer writes.
struct ByTheClock {
    figures: Figures,
    clock: Arc<dyn Clock>,
    began: Duration,
}

impl Onlooker for ByTheClock {
    fn begins(&mut self) {
        self.began = self.clock.uptime();
        let began = (self.clock.now(), self.began);
        self.figures.facts().storage.writing_since = Some(began);
    }

    fn ended(&mut self, work: Work) {
        let took = self.clock.uptime().saturating_sub(self.began);
        self.figures.wrote(work, took);
    }
}

impl Figures {
    /// Returns who looks on for us while the writer writes.
    pub(in crate::daemon) fn onlooker(&self, clock: Arc<dyn Clock>) -> Box<dyn Onlooker> {
        Box::new(ByTheClock {
            figures: self.clone(),
            clock,
            began: Duration::ZERO,
        })
    }

    /// Has what the store knows without being asked be told from now on.
    pub(in crate::daemon) fn look_at(&self, gauges: Gauges) {
        self.facts().storage.gauges = gauges;
    }

    /// Returns since when the writer is in a transaction from which it should have come back, and how many messages wait
    /// behind it. Whatever the clock was set to meanwhile (R7).
    pub(in crate::daemon) fn stuck(&self) -> Option<(Timestamp, usize)> {
        let now = self.clock.uptime();
        let storage = &self.facts().storage;
        let (since, began) = storage.writing_since?;
        (now.saturating_sub(began) >= STUCK).then(|| (since, storage.gauges.queue()))
    }

    /// Notes that the database failed, by the kind of failure.
    pub(in crate::daemon) fn database_failed(&self, kind: &'static str) {
        *self.facts().storage.errors.entry(kind).or_default() += 1;
    }

    /// Notes how many feeds are due and wait, if that was not done just now.
    pub(in crate::daemon) fn queue(&self, now: Timestamp, due: &dyn Fn() -> usize) {
        let storage = &mut self.facts().storage;
        if now.duration_since(storage.due.1).abs() >= QUEUE_EVERY {
            storage.due = (due(), now);
        }
    }

    /// Notes how long a transaction took.
    pub(super) fn wrote(&self, work: Work, took: Duration) {
        let storage = &mut self.facts().storage;
        storage.writing_since = None;
        if let Some(spans) = storage.writes.get_mut(&work) {
            spans.note(took);
        }
    }
}

/// Writes how many feeds wait.
pub(super) fn queue(facts: &Facts, page: &mut Page) {
    page.single(
        "merganser_queue_length",
        Kind::Gauge,
        "Feeds that are due and wait for their host, a free place, the network or the database.",
        facts.storage.due.0,
    );
}

/// Writes what is known of the database.
pub(super) fn write(facts: &Facts, page: &mut Page) {
    let storage = &facts.storage;
    held(storage, page);
    page.single(
        "merganser_db_queue_length",
        Kind::Gauge,
        "Messages that wait for the writer of the database.",
        storage.gauges.queue(),
    );
    let name = "merganser_db_transaction_duration_seconds";
    let help = "How long transactions took, from the lock to the commit.";
    page.metric(name, Kind::Histogram, help);
    for (work, spans) in &storage.writes {
        page.spans(name, &[("op", work.name())], spans);
    }
    page.single(
        "merganser_db_size_bytes",
        Kind::Gauge,
        "Size of the database, without its write-ahead log.",
        storage.size(""),
    );
    page.single(
        "merganser_db_wal_bytes",
        Kind::Gauge,
        "Size of the database's write-ahead log.",
        storage.size("-wal"),
    );
    let name = "merganser_db_errors_total";
    let help = "Times that the database failed, by what was the matter.";
    page.metric(name, Kind::Counter, help);
    for (kind, count) in &storage.errors {
        page.sample(name, &[("kind", kind)], count);
    }
}

/// Writes how much is stored, once that was counted.
fn held(storage: &Storage, page: &mut Page) {
    let held = storage.gauges.held();
    let (articles, stories) = held.map_or((None, None), |(articles, stories)| {
        (Some(articles), Some(stories))
    });
    for (name, help, count) in [
        ("merganser_articles", "Articles that are stored.", articles),
        (
            "merganser_stories",
            "Stories that several of them make.",
            stories,
        ),
    ] {
        page.metric(name, Kind::Gauge, help);
        if let Some(count) = count {
            page.sample(name, &[], count);
        }
    }
}
