//! What a new configuration takes from readers is taken at once: an output that is protected or gone from it is
//! not served as before until all is rendered anew, which may take long and may fail.
//!
//! Nothing is rendered for it but the index and the list of outputs. A document that is locked now keeps its bytes
//! and gets its lock; what is gone is 404; pages of stories that may name a topic of what is locked are 404 until
//! they are rendered. A publishing that was under way is for the configuration before, and comes to nothing.
//! Outputs for everybody may name the topic of what is locked, as before, until they are rendered: their articles
//! are not taken from anybody.

use super::Daemon;
use super::press::{Archives, Press, Printed, keyed_path, paths_of};
use super::served::Served;
use crate::config::Config;
use crate::publish::{self, Output};
use crate::serve::{Expected, Lock, Resource};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is not for those any more who had it.
#[derive(Debug, Default)]
struct Closed {
    /// The paths of documents that are no more.
    gone: BTreeSet<String>,
    /// The outputs that are no more.
    outputs: BTreeSet<String>,
    /// The outputs that are locked, or have another key, and their locks.
    locked: BTreeMap<String, Lock>,
}

impl Closed {
    fn of(before: &Config, now: &Config) -> Self {
        let paths = |config: &Config| -> BTreeSet<String> {
            let outputs = config.outputs.iter();
            outputs
                .flat_map(|output| paths_of(output).chain([keyed_path(output)]))
                .collect()
        };
        let names = |config: &Config| -> BTreeSet<String> {
            let outputs = config.outputs.iter();
            outputs.map(|output| output.path.clone()).collect()
        };
        let locks = now.locks.iter();
        let locked = locks.filter(|(path, lock)| before.locks.get(*path) != Some(lock));
        Self {
            gone: &paths(before) - &paths(now),
            outputs: &names(before) - &names(now),
            locked: locked
                .map(|(path, lock)| (path.clone(), lock.clone()))
                .collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.outputs.is_empty() && self.locked.is_empty()
    }
}

impl Daemon {
    /// Has those who ask for an output that is not rendered yet told that it comes.
    pub(super) fn expect_outputs(&self) {
        let config = &self.active.config;
        let expected = config.outputs.iter().flat_map(|output| {
            let lock = config.locks.get(&output.path);
            paths_of(output).map(move |path| {
                (
                    path,
                    Expected {
                        lock: lock.cloned(),
                    },
                )
            })
        });
        self.shelf.expect(expected.collect());
    }

    /// Takes from the shelf what the configuration before had for readers and the one in force has not, or has for
    /// some only; has the files follow before anything else is done.
    pub(super) fn close(&mut self, before: &Config) {
        let closed = Closed::of(before, &self.active.config);
        if closed.is_empty() {
            return;
        }
        let press = self.press(self.clock.now());
        self.shelf.close(|documents, archives| {
            let documents = press.documents_but(&closed, documents);
            (documents, archives_but(&closed, archives))
        });
        self.chores.files_from = Some(self.clock.now());
        self.chores.files.come_first = true;
    }
}

impl Press {
    /// Returns the documents of the shelf without what is closed.
    fn documents_but(
        &self,
        closed: &Closed,
        held: &Arc<BTreeMap<String, Arc<Resource>>>,
    ) -> BTreeMap<String, Arc<Resource>> {
        let mut documents = BTreeMap::clone(held);
        let told = self.told_stories();
        documents.retain(|path, _| {
            let is_story = publish::is_story_page(path.trim_start_matches('/'));
            let is_told = closed.locked.is_empty() && told.contains(path);
            !closed.gone.contains(path) && (!is_story || is_told)
        });
        for output in &self.active.config.outputs {
            if let Some(lock) = closed.locked.get(&output.path) {
                lock_up(&mut documents, output, lock);
            }
        }
        let mut printed = Printed::of(self.cards.clone());
        self.print_pages(&mut printed, &Served::Shelved(Arc::clone(held)));
        documents.extend(printed.resources);
        documents
    }

    /// Returns where the pages of stories are served that outputs for everybody tell.
    fn told_stories(&self) -> BTreeSet<String> {
        let told = self
            .open_outputs()
            .filter_map(|it| self.cards.get(&it.path));
        told.flat_map(|told| told.stories.iter().cloned()).collect()
    }
}

/// Returns the archives of the shelf without what is closed.
fn archives_but(closed: &Closed, held: &Archives) -> Archives {
    let mut archives = held.clone();
    archives.retain(|path, _| !closed.outputs.contains(path));
    for (path, lock) in &closed.locked {
        if let Some(archive) = archives.get_mut(path) {
            Arc::make_mut(archive).lock = Some(lock.clone());
        }
    }
    archives
}

/// Puts a lock on all documents of an output. The page with the former key in its links is let go.
fn lock_up(documents: &mut BTreeMap<String, Arc<Resource>>, output: &Output, lock: &Lock) {
    documents.remove(&keyed_path(output));
    for path in paths_of(output) {
        if let Some(held) = documents.get_mut(&path) {
            *held = Arc::new(held.locked(lock.clone()));
        }
    }
}
