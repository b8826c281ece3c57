//! What is served now, and how the daemon is.

use super::{Archive, Lock, Report, Resource, Traffic};
use crate::publish;
use arc_swap::ArcSwap;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, MutexGuard, Notify};

/// The documents by path, `/all.atom` and so on: the whole path table (S19).
///
/// Readers take what is there without waiting; a writer puts a new table in its place. So a request
/// sees the old documents or the new ones, never some of each (U27).
#[derive(Debug, Default)]
pub struct Shelf(ArcSwap<Table>);

/// Documents by path.
type Documents = BTreeMap<String, Arc<Resource>>;

/// Archives of outputs, by their paths.
type Archives = BTreeMap<String, Arc<Archive>>;

/// What is there at one moment.
#[derive(Debug, Default)]
struct Table {
    documents: Arc<Documents>,
    /// What has come in the place of some of them since.
    ahead: Documents,
    archives: Arc<Archives>,
    /// What there will be.
    expected: Arc<BTreeMap<String, Expected>>,
    /// How often something was closed.
    edition: u64,
}

impl Table {
    /// Tells whether a document is there.
    fn has(&self, path: &str) -> bool {
        self.ahead.contains_key(path) || self.documents.contains_key(path)
    }

    /// Returns all documents.
    fn all(&self) -> Arc<Documents> {
        if self.ahead.is_empty() {
            return Arc::clone(&self.documents);
        }
        let mut all = Documents::clone(&self.documents);
        all.extend(self.ahead.clone());
        Arc::new(all)
    }
}

/// A document that will be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Who may have it; `None`: everybody.
    pub lock: Option<Lock>,
}

impl Shelf {
    /// Makes an empty one: every path is 404.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `resources` in the place of everything that was there.
    pub fn replace(&self, resources: Documents) {
        self.replace_all(resources, BTreeMap::new());
    }

    /// Puts `resources` and the archives of outputs, by their paths, in the place of everything that was there.
    pub fn replace_all(&self, resources: Documents, archives: Archives) {
        self.replace_of(self.edition(), resources, archives);
    }

    /// Does so unless something was closed since this edition: what was made of it may show that again. Tells whether
    /// it did.
    pub fn replace_of(&self, edition: u64, resources: Documents, archives: Archives) -> bool {
        let (documents, archives) = (Arc::new(resources), Arc::new(archives));
        self.put(edition, |held| Table {
            documents: Arc::clone(&documents),
            ahead: Documents::new(),
            archives: Arc::clone(&archives),
            expected: Arc::clone(&held.expected),
            edition,
        })
    }

    /// Puts some documents, and the archives of outputs, in the place of those that were there, as [`Shelf::replace_of`]
    /// does, and leaves all others: the table of thousands is not copied for a few.
    pub fn put_ahead(&self, edition: u64, some: &Documents, archives: Archives) -> bool {
        let archives = Arc::new(archives);
        self.put(edition, |held| {
            let mut ahead = held.ahead.clone();
            ahead.extend(some.clone());
            Table {
                documents: Arc::clone(&held.documents),
                ahead,
                archives: Arc::clone(&archives),
                expected: Arc::clone(&held.expected),
                edition,
            }
        })
    }

    /// Puts a table in the place of the one that is there, unless something was closed since this edition.
    fn put(&self, edition: u64, next: impl Fn(&Table) -> Table) -> bool {
        let held = self.0.rcu(|held| {
            if held.edition == edition {
                Arc::new(next(held))
            } else {
                Arc::clone(held)
            }
        });
        held.edition == edition
    }

    /// Puts what `closed` makes of the documents and archives that are there in their place, and begins an edition: nothing
    /// that was made of the one before takes their place.
    ///
    /// `closed` is asked again where others came while it made them, so that readers get nothing back that was before these.
    pub fn close(&self, closed: impl Fn(&Arc<Documents>, &Archives) -> (Documents, Archives)) {
        self.0.rcu(|held| {
            let (documents, archives) = closed(&held.all(), &held.archives);
            Table {
                documents: Arc::new(documents),
                ahead: Documents::new(),
                archives: Arc::new(archives),
                expected: Arc::clone(&held.expected),
                edition: held.edition.saturating_add(1),
            }
        });
    }

    /// Says which documents there will be, by their paths, and no others: what is asked for of them before it is there is
    /// not unknown.
    pub fn expect(&self, expected: BTreeMap<String, Expected>) {
        let expected = Arc::new(expected);
        self.0.rcu(|held| Table {
            documents: Arc::clone(&held.documents),
            ahead: held.ahead.clone(),
            archives: Arc::clone(&held.archives),
            expected: Arc::clone(&expected),
            edition: held.edition,
        });
    }

    /// Returns what is expected at `path`: a document, or what is known with one that is not there yet, which is the archive of
    /// its output, or the page of a story.
    pub(super) fn expected(&self, path: &str) -> Option<Expected> {
        let held = self.0.load();
        let expected = held.expected.get(path).or_else(|| {
            let (directory, _) = path.strip_prefix('/')?.split_once('/')?;
            // A story is told by outputs for everybody, and its name tells nothing of which.
            if publish::is_story_page(path.trim_start_matches('/')) {
                let open = held.expected.iter().filter(|(_, it)| it.lock.is_none());
                return open
                    .into_iter()
                    .find(|(path, _)| !held.has(path))
                    .map(|it| it.1);
            }
            let start = format!("/{directory}.");
            let beside = held.expected.range(start.clone()..).next();
            let (beside, expected) = beside.filter(|(path, _)| path.starts_with(&start))?;
            (!held.has(beside)).then_some(expected)
        });
        expected.cloned()
    }

    /// Returns which edition this is; it changes with [`Shelf::close`] alone.
    pub fn edition(&self) -> u64 {
        self.0.load().edition
    }

    /// Returns the document at `path`, which is compared byte for byte.
    pub fn get(&self, path: &str) -> Option<Arc<Resource>> {
        let held = self.0.load();
        let ahead = held.ahead.get(path);
        ahead.or_else(|| held.documents.get(path)).cloned()
    }

    /// Returns the archive of an output.
    pub fn archive(&self, output: &str) -> Option<Arc<Archive>> {
        self.0.load().archives.get(output).cloned()
    }

    /// Returns the present table, without archives.
    pub fn all(&self) -> Arc<Documents> {
        self.0.load().all()
    }

    /// Returns the archives of outputs, by their paths.
    pub fn archives(&self) -> Arc<Archives> {
        Arc::clone(&self.0.load().archives)
    }
}

/// What `/healthz` and `/readyz` say: who of the daemon is silent, and its own judgement of itself; and whether whoever accepts
/// readers is there.
#[derive(Debug)]
pub struct Vitals {
    state: ArcSwap<Result<(), String>>,
    /// Asks the listener for a sign of life.
    asked: Notify,
    /// How often it gave one.
    beats: AtomicU64,
    /// What operators are told, once there is somebody to tell it.
    report: OnceLock<Arc<dyn Report>>,
    /// Whose turn it is to be told what is made for each who asks.
    turn: Mutex<()>,
    traffic: Traffic,
}

impl Vitals {
    /// Makes one that is not well yet: "starting".
    pub fn new() -> Self {
        Self {
            state: ArcSwap::from_pointee(Err("starting".to_owned())),
            asked: Notify::new(),
            beats: AtomicU64::new(0),
            report: OnceLock::new(),
            turn: Mutex::const_new(()),
            traffic: Traffic::default(),
        }
    }

    /// Says from now on that all is well, or what is not, in words for the operator.
    pub fn set(&self, state: Result<(), String>) {
        self.state.store(Arc::new(state));
    }

    /// Lets operators be told from now on; who was set first stays.
    pub fn set_report(&self, report: Arc<dyn Report>) {
        drop(self.report.set(report));
    }

    /// Returns who tells operators.
    pub(super) fn report(&self) -> Option<&dyn Report> {
        self.report.get().map(AsRef::as_ref)
    }

    /// Waits for the turn to be told what is made for each who asks.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Returns what was answered so far.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Asks the listener for a sign of life, which [`Vitals::beats`] counts.
    pub fn ask_listener(&self) {
        self.asked.notify_one();
    }

    /// Returns how often the listener gave one.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// Gives one each time it is asked: waits for the next.
    pub(super) async fn beat(&self) {
        self.asked.notified().await;
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns which part of the daemon gives no sign of life, in words; nothing where all do.
    pub(super) fn silent(&self) -> Option<&'static str> {
        self.report()?.silent()
    }

    /// Returns what is not well: who gives no sign of life, and what was set last.
    pub(super) fn faults(&self) -> Vec<String> {
        let silent = self.silent().map(str::to_owned);
        let said = self.state.load().as_ref().as_ref().err().cloned();
        silent.into_iter().chain(said).collect()
    }
}

impl Default for Vitals {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn documents(all: &[(&str, &str)]) -> Documents {
        let made = all.iter().map(|(path, body)| {
            let body = body.as_bytes().to_vec();
            let resource = Resource::new("text/plain", body, jiff::Timestamp::UNIX_EPOCH);
            ((*path).to_owned(), Arc::new(resource))
        });
        made.collect()
    }

    fn held(shelf: &Shelf) -> String {
        let all = shelf.all();
        let bodies = all.iter().map(|(path, held)| {
            let same = shelf.get(path).unwrap();
            assert_eq!(same.etag(), held.etag(), "{path}");
            format!("{path} {}", String::from_utf8_lossy(&held.body()))
        });
        bodies.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn u27_some_documents_come_ahead_of_the_others() {
        let shelf = Shelf::new();
        shelf.replace(documents(&[("/a", "one"), ("/b", "one")]));
        let edition = shelf.edition();
        assert!(shelf.put_ahead(edition, &documents(&[("/b", "two")]), BTreeMap::new()));
        assert!(shelf.put_ahead(edition, &documents(&[("/c", "two")]), BTreeMap::new()));
        assert_eq!(held(&shelf), "/a one, /b two, /c two");
        // Whoever replaces all leaves nothing of them.
        assert!(shelf.replace_of(edition, documents(&[("/b", "three")]), BTreeMap::new()));
        assert_eq!(held(&shelf), "/b three");
    }

    #[test]
    fn nothing_comes_ahead_of_what_was_closed_since() {
        let shelf = Shelf::new();
        let begun_at = shelf.edition();
        assert!(shelf.put_ahead(begun_at, &documents(&[("/a", "one")]), BTreeMap::new()));
        shelf.close(|_, _| (documents(&[("/b", "one")]), BTreeMap::new()));
        assert!(!shelf.put_ahead(begun_at, &documents(&[("/a", "two")]), BTreeMap::new()));
        assert_eq!(held(&shelf), "/b one");
    }

    /// U27: what came while it was being closed is closed with the rest, and nothing that was before it comes back.
    #[test]
    fn u27_what_comes_while_it_is_closed_is_not_lost() {
        let shelf = Shelf::new();
        shelf.replace(documents(&[
            ("/a", "one"),
            ("/b", "one"),
            ("/locked", "one"),
        ]));
        let begun_at = shelf.edition();
        let came = Cell::new(false);
        shelf.close(|all, archives| {
            if !came.replace(true) {
                let newer = documents(&[("/a", "two"), ("/locked", "two")]);
                assert!(shelf.put_ahead(begun_at, &newer, BTreeMap::new()));
            }
            let mut left = Documents::clone(all);
            left.remove("/locked");
            (left, archives.clone())
        });
        assert_eq!(held(&shelf), "/a two, /b one");
        assert_eq!(shelf.edition(), begun_at + 1);
    }
}
