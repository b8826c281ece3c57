//! What is served now, and how the daemon is.

use super::{Archive, Report, Resource, Traffic};
use arc_swap::ArcSwap;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// The documents by path, `/all.atom` and so on: the whole path table (S19).
///
/// Readers take what is there without waiting; a writer puts a new table in its place. So a request
/// sees the old documents or the new ones, never some of each (U27).
#[derive(Debug, Default)]
pub struct Shelf(ArcSwap<Table>);

/// What is there at one moment.
#[derive(Debug, Default)]
struct Table {
    documents: Arc<BTreeMap<String, Arc<Resource>>>,
    archives: Arc<BTreeMap<String, Arc<Archive>>>,
    /// How often something was closed.
    edition: u64,
}

impl Shelf {
    /// Makes an empty one: every path is 404.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `resources` in the place of everything that was there.
    pub fn replace(&self, resources: BTreeMap<String, Arc<Resource>>) {
        self.replace_all(resources, BTreeMap::new());
    }

    /// Puts `resources` and the archives of outputs, by their paths, in the place of everything that was there.
    pub fn replace_all(
        &self,
        resources: BTreeMap<String, Arc<Resource>>,
        archives: BTreeMap<String, Arc<Archive>>,
    ) {
        self.replace_of(self.edition(), resources, archives);
    }

    /// Does so unless something was closed since this edition: what was made of it may show that again. Tells whether
    /// it did.
    pub fn replace_of(
        &self,
        edition: u64,
        resources: BTreeMap<String, Arc<Resource>>,
        archives: BTreeMap<String, Arc<Archive>>,
    ) -> bool {
        let next = Arc::new(Table {
            documents: Arc::new(resources),
            archives: Arc::new(archives),
            edition,
        });
        let held = self.0.rcu(|held| {
            let is_of_it = held.edition == edition;
            Arc::clone(if is_of_it { &next } else { held })
        });
        held.edition == edition
    }

    /// Puts these in the place of everything that was there, and begins an edition: nothing that was made of the one
    /// before takes their place.
    pub fn close(
        &self,
        resources: BTreeMap<String, Arc<Resource>>,
        archives: BTreeMap<String, Arc<Archive>>,
    ) {
        let (documents, archives) = (Arc::new(resources), Arc::new(archives));
        self.0.rcu(|held| Table {
            documents: Arc::clone(&documents),
            archives: Arc::clone(&archives),
            edition: held.edition.saturating_add(1),
        });
    }

    /// Returns which edition this is; it changes with [`Shelf::close`] alone.
    pub fn edition(&self) -> u64 {
        self.0.load().edition
    }

    /// Returns the document at `path`, which is compared byte for byte.
    pub fn get(&self, path: &str) -> Option<Arc<Resource>> {
        self.0.load().documents.get(path).cloned()
    }

    /// Returns the archive of an output.
    pub fn archive(&self, output: &str) -> Option<Arc<Archive>> {
        self.0.load().archives.get(output).cloned()
    }

    /// Returns the present table, without archives.
    pub fn all(&self) -> Arc<BTreeMap<String, Arc<Resource>>> {
        Arc::clone(&self.0.load().documents)
    }

    /// Returns the archives of outputs, by their paths.
    pub fn archives(&self) -> Arc<BTreeMap<String, Arc<Archive>>> {
        Arc::clone(&self.0.load().archives)
    }
}

/// What `/healthz` says: the daemon's own judgement of itself; and whether whoever accepts readers is there.
#[derive(Debug)]
pub struct Vitals {
    state: ArcSwap<Result<(), String>>,
    /// Asks the listener for a sign of life.
    asked: Notify,
    /// How often it gave one.
    beats: AtomicU64,
    /// What operators are told, once there is somebody to tell it.
    report: OnceLock<Arc<dyn Report>>,
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

    /// Returns what was set last.
    pub fn get(&self) -> Arc<Result<(), String>> {
        self.state.load_full()
    }
}

impl Default for Vitals {
    fn default() -> Self {
        Self::new()
    }
}
