//! The store as its callers see it; what must always hold is checked when a test ends.

mod alike;
mod asking;
mod carriers;
mod claims;
mod crowds;
mod deleted;
mod faults;
mod gauges;
mod guids;
mod histories;
mod holdings;
mod languages;
mod late;
mod leads;
mod limits;
mod loops;
mod migrations;
mod opening;
mod orders;
mod partings;
mod plans;
mod polls;
mod retention;
mod revisions;
mod rules;
mod shares;
mod stories;
mod story_changes;
mod story_dates;
mod story_entries;
mod story_heirs;
mod tellers;
mod transitions;
mod verdicts;
mod withdrawn;

use super::{FeedSeed, Seeds, Settings, Store, StoreError, Writer, open};
use crate::model::{
    Article, Entry, EntryRecord, Evidence, FeedId, FeedProfile, FeedState, Health, Key, KeyKind,
    Outcome, Outlet, PollCounts, PollRecord, TopicMatch, Validators,
};
use crate::publish::{Output, Selection};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

impl Store {
    /// Returns the newest articles, of one label or of all, as an output of so many lists them.
    fn articles(&self, label: Option<&str>, items: usize) -> Result<Vec<Article>, StoreError> {
        let selection = label.map_or(Selection::All, |label| Selection::Label(label.to_owned()));
        let output = Output {
            items,
            stay: Duration::ZERO,
            ..Output::new("all", "All", selection)
        };
        self.window(&output, items)
    }

    /// Returns those of them that so many outlets carry.
    fn carried(
        &self,
        label: Option<&str>,
        outlets: u64,
        items: usize,
    ) -> Result<Vec<Article>, StoreError> {
        let selection = label.map_or(Selection::All, |label| Selection::Label(label.to_owned()));
        let output = Output {
            items,
            stay: Duration::ZERO,
            min_sources: outlets,
            ..Output::new("all", "All", selection)
        };
        self.window(&output, items)
    }
}

/// When the tests begin.
fn start() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// So many hours after the beginning.
fn hour(hours: i64) -> Timestamp {
    start() + SignedDuration::from_hours(hours)
}

/// Runs a future to its end.
fn wait<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

/// Gives a writer its thread.
#[expect(
    clippy::disallowed_methods,
    reason = "stands for the daemon, which spawns"
)]
fn spawn(writer: Writer) -> JoinHandle<()> {
    std::thread::spawn(move || writer.run())
}

/// A store on a file of its own.
struct Scene {
    directory: TempDir,
    store: Option<Store>,
    thread: Option<JoinHandle<()>>,
}

impl Scene {
    /// Opens a new store and runs its writer.
    fn new() -> Self {
        let mut scene = Self::idle();
        scene.restart();
        scene
    }

    /// A directory without a store.
    fn idle() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            store: None,
            thread: None,
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("merganser.db")
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    /// Closes the store, if it is open, and opens it again.
    fn restart(&mut self) {
        self.close();
        let (store, writer) = Store::open(&self.path(), "news.example", start()).unwrap();
        self.store = Some(store);
        self.thread = Some(spawn(writer));
    }

    fn close(&mut self) {
        self.store = None;
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    fn record(&self, record: PollRecord) -> PollCounts {
        wait(record_one(self.store(), record)).unwrap()
    }

    fn retain(&self, now: Timestamp, settings: &Settings) -> u64 {
        wait(self.store().retain((now, now), settings)).unwrap()
    }

    /// Reads one value with a connection of its own.
    fn value<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let connection = open::reader(&self.path()).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Changes the database behind the store's back.
    fn meddle(&self, sql: &str) {
        raw(&self.path()).execute_batch(sql).unwrap();
    }

    fn titles(&self, label: Option<&str>) -> Vec<String> {
        let articles = self.store().articles(label, 100).unwrap();
        articles.into_iter().map(|article| article.title).collect()
    }
}

/// What must hold of every database at every time.
const INVARIANTS: [(&str, &str); 19] = [
    (
        "every key finds an entry",
        "SELECT count(*) FROM keys WHERE entry NOT IN (SELECT id FROM entries)",
    ),
    (
        "every entry lists its keys",
        "SELECT (SELECT count(*) FROM keys) - (SELECT coalesce(sum(length(keys)), 0) / 17 FROM entries)",
    ),
    (
        "an article has one lead",
        "SELECT count(*) FROM articles AS a
         WHERE 1 <> (SELECT count(*) FROM entries WHERE article = a.id AND leads = 1)",
    ),
    (
        "only entries with an article have texts",
        "SELECT count(*) FROM entries AS e
         WHERE (article IS NULL) = EXISTS (SELECT 1 FROM texts WHERE entry = e.id)",
    ),
    (
        "only stored articles are compared",
        "SELECT count(*) FROM (
             SELECT article FROM vectors UNION SELECT article FROM postings
             EXCEPT SELECT id FROM articles)",
    ),
    (
        "what finds an article has a vector",
        "SELECT count(*) FROM (SELECT article FROM postings EXCEPT SELECT article FROM vectors)",
    ),
    (
        "a story has two articles at least",
        "SELECT count(*) FROM stories AS s
         WHERE 2 > (SELECT count(*) FROM articles WHERE story = s.id)",
    ),
    (
        "only articles of a story have a reason for it",
        "SELECT count(*) FROM articles WHERE story IS NULL AND story_reason IS NOT NULL",
    ),
    (
        "a story knows how many reports it has",
        "SELECT count(*) FROM stories AS s
         WHERE reports <> (SELECT count(*) FROM articles WHERE story = s.id)",
    ),
    (
        "shares of stories are counted",
        "SELECT count(*) FROM (
             SELECT a.story, l.label, count(*) FROM labels AS l
             JOIN articles AS a ON a.id = l.article JOIN pulling AS p ON p.stored_as = l.label
             WHERE a.story IS NOT NULL GROUP BY a.story, l.label
             EXCEPT SELECT story, label, members FROM shares)",
    ),
    (
        "there are no others",
        "SELECT count(*) FROM (
             SELECT story, label, members FROM shares EXCEPT
             SELECT a.story, l.label, count(*) FROM labels AS l
             JOIN articles AS a ON a.id = l.article JOIN pulling AS p ON p.stored_as = l.label
             WHERE a.story IS NOT NULL GROUP BY a.story, l.label)",
    ),
    (
        "shares are weighed",
        "SELECT count(*) FROM shares AS h JOIN stories AS s ON s.id = h.story
         WHERE pulled <> (members >= 2 AND members * 2 >= reports)
             OR newest_at <> (SELECT max(published_at) FROM articles WHERE story = s.id)",
    ),
    (
        "an article came to a label with an entry that it has",
        "SELECT count(*) FROM joined AS j LEFT JOIN entries AS e ON e.id = j.entry
         WHERE e.article IS NOT j.article",
    ),
    (
        "no two entries of an output of stories have one name",
        "SELECT count(*) FROM heirs JOIN stories USING (founder)",
    ),
    (
        // What was withdrawn and came back, which its entry says, has its id again, and no name by it.
        "an heir is of nobody who is stored, but of what came back",
        "SELECT count(*) FROM heirs AS h JOIN articles AS a ON a.atom_id = rtrim(h.founder, char(10))
         WHERE NOT EXISTS (SELECT 1 FROM entries WHERE article = a.id AND published_as IS NOT NULL)",
    ),
    (
        "a story with a name has dates",
        "SELECT count(*) FROM stories
         WHERE founder IS NOT NULL AND (published_at IS NULL OR updated_at IS NULL)",
    ),
    (
        "what is gone is of something that is there",
        "SELECT count(*) FROM gone_voices
         WHERE holder NOT IN (SELECT id FROM stories) AND -holder NOT IN (SELECT id FROM articles)",
    ),
    (
        "every match is listed",
        "SELECT count(*) FROM (
             SELECT m.label, a.published_at, a.id FROM matches AS m
             JOIN entries AS e ON e.id = m.entry JOIN articles AS a ON a.id = e.article
             EXCEPT SELECT label, published_at, article FROM labels)",
    ),
    (
        "nothing else is listed",
        "SELECT count(*) FROM (
             SELECT label, published_at, article FROM labels EXCEPT
             SELECT m.label, a.published_at, a.id FROM matches AS m
             JOIN entries AS e ON e.id = m.entry JOIN articles AS a ON a.id = e.article)",
    ),
];

impl Drop for Scene {
    fn drop(&mut self) {
        self.close();
        if std::thread::panicking() || !self.path().exists() {
            return;
        }
        let integrity: String = self.value("PRAGMA integrity_check");
        assert_eq!(integrity, "ok");
        assert_eq!(
            self.value::<i64>("SELECT count(*) FROM pragma_foreign_key_check"),
            0
        );
        for (what, sql) in INVARIANTS {
            assert_eq!(self.value::<i64>(sql), 0, "{what}");
        }
        alike::check(&open::reader(&self.path()).unwrap());
    }
}

/// Stores a single poll.
async fn record_one(store: &Store, poll: PollRecord) -> Result<PollCounts, StoreError> {
    store.record(vec![poll]).await?.remove(0)
}

/// A connection without our settings.
#[expect(
    clippy::disallowed_methods,
    reason = "stands for another program that has the file open"
)]
fn raw(path: &std::path::Path) -> Connection {
    Connection::open(path).unwrap()
}

/// A digest of a text.
fn digest(text: &str) -> [u8; 16] {
    let whole = blake3::hash(text.as_bytes());
    whole.as_bytes()[..16].try_into().unwrap()
}

fn key(kind: KeyKind, text: &str) -> Key {
    let digest = digest(&format!("{kind:?} {text}"));
    Key { kind, digest }
}

/// An entry at an address of its own.
fn entry(feed: &str, name: &str) -> EntryRecord {
    let url = format!("https://news.example/{name}");
    let id = format!("https://{feed}.example/{name}");
    let mut record = EntryRecord {
        entry: Entry {
            feed: FeedId::new(feed),
            keys: vec![
                key(KeyKind::Guid, &format!("{feed} {id}")),
                key(KeyKind::Url, &url),
            ],
            entry_id: id,
            given: None,
            by_address: false,
            url: Some(url),
            title: format!("Pangolins sighted near {name}"),
            summary: Some("<p>Short.</p>".to_owned()),
            content: Some("<p>Seen at dawn.</p>".repeat(100)),
            summary_text: String::new(),
            content_text: String::new(),
            authors: Vec::new(),
            categories: Vec::new(),
            enclosures: Vec::new(),
            language: Some("en".to_owned()),
            published_at: hour(-1),
            updated_at: hour(-1),
            dated: true,
            exact: true,
            source: None,
            language_given: false,
            content_digest: [0; 16],
        },
        topics: Vec::new(),
        keep: true,
    };
    refresh(&mut record);
    record
}

/// Makes the content digest that of the texts.
fn refresh(record: &mut EntryRecord) {
    let text = format!("{} {:?}", record.entry.title, record.entry.content);
    record.entry.content_digest = digest(&text);
}

/// The entry with another text.
fn edited(mut record: EntryRecord, title: &str) -> EntryRecord {
    record.entry.title = title.to_owned();
    refresh(&mut record);
    record
}

/// The entry with these labels.
fn labelled(mut record: EntryRecord, labels: &[&str]) -> EntryRecord {
    let topics = labels.iter().map(|label| TopicMatch {
        topic: (*label).to_owned(),
        score: 1.5,
        evidence: vec![Evidence {
            field: "title".to_owned(),
            term: "pangolin*".to_owned(),
            alias: None,
            text: "Pangolins".to_owned(),
            position: 0,
        }],
    });
    record.topics = topics.collect();
    record
}

/// A poll that read a document with these entries.
fn poll(feed: &str, at: Timestamp, entries: Vec<EntryRecord>) -> PollRecord {
    PollRecord {
        feed: FeedId::new(feed),
        at,
        state: FeedState {
            next_due_at: Some(at + SignedDuration::from_hours(1)),
            due_reason: "every hour".to_owned(),
            last_poll_at: Some(at),
            last_success_at: Some(at),
            health: Health::Ok,
            validators: Validators {
                url: format!("https://{feed}.example/feed"),
                etag: Some(b"\"\xff1\"".to_vec()),
                ..Validators::default()
            },
            body_digest: Some([9; 32]),
            rhythm: Some(Duration::from_mins(30)),
            ..FeedState::default()
        },
        profile: Some(FeedProfile {
            title: Some(format!("The {feed}")),
            updated_at: Some(at),
            ..FeedProfile::default()
        }),
        outcome: Outcome::Modified,
        status: Some(200),
        redirects: Vec::new(),
        retry_after: None,
        bytes: 4096,
        elapsed: Duration::from_millis(120),
        defects: Vec::new(),
        entries,
        withdrawals: Vec::new(),
        has_more: false,
        rules: Arc::default(),
    }
}

/// A poll that brought nothing.
fn not_modified(feed: &str, at: Timestamp) -> PollRecord {
    PollRecord {
        profile: None,
        outcome: Outcome::NotModified,
        status: Some(304),
        ..poll(feed, at, Vec::new())
    }
}

/// A feed as `feeds.toml` names it, of which another `target` is something else to ask for.
fn seed(feed: &str, target: u8) -> FeedSeed {
    let mut fingerprint = [target; 16];
    for (byte, letter) in fingerprint.iter_mut().skip(1).zip(feed.bytes()) {
        *byte ^= letter;
    }
    FeedSeed {
        id: FeedId::new(feed),
        url: format!("https://{feed}.example/feed"),
        title: None,
        language: None,
        fingerprint,
        outlet: Outlet::default(),
        enabled: true,
    }
}

impl Seeds for Vec<FeedSeed> {
    fn count(&self) -> usize {
        self.len()
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.iter().position(|feed| feed.id.as_str() == name)
    }

    fn seed(&self, number: usize) -> Option<FeedSeed> {
        self.get(number).cloned()
    }
}
