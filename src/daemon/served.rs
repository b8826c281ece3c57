//! What was served last, and what of it stays.

use super::press::{Press, Printed, Sheet, keyed_path, paths_of};
use super::stale::Stale;
use crate::serve::{self, Resource, Shelf};
use crate::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The least step of `Last-Modified`, which counts seconds: other bytes never have the date of those
/// before, however the clock was set.
const TICK: SignedDuration = SignedDuration::from_secs(1);

/// What a document was: the digest of its bytes, and its `Last-Modified`.
pub(super) type Mark = ([u8; 32], Timestamp);

/// The documents that were served last, by their paths.
pub(super) enum Served {
    /// As the store knows them: of all, whether or not they are on the shelf.
    Stored(BTreeMap<String, Mark>),
    /// As they are on the shelf. A path that is not there was never served, or was forgotten when it went.
    Shelved(Arc<BTreeMap<String, Arc<Resource>>>),
}

impl Served {
    /// Returns what was served at a path.
    fn get(&self, path: &str) -> Option<Mark> {
        match self {
            Self::Stored(stored) => stored.get(path).copied(),
            Self::Shelved(documents) => {
                let held = documents.get(path)?;
                Some((held.digest(), held.modified_at()))
            }
        }
    }

    /// Tells whether something was served at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.get(path).is_some()
    }

    /// Returns the paths at which something was served.
    pub(super) fn paths(&self) -> Box<dyn Iterator<Item = &String> + '_> {
        match self {
            Self::Stored(stored) => Box::new(stored.keys()),
            Self::Shelved(documents) => Box::new(documents.keys()),
        }
    }
}

impl Press {
    /// Returns what was served last. Where all is rendered the store is asked, which then is told what it could not be told
    /// before; the shelf knows the rest without being read for it.
    pub(super) fn served(&self, stale: &Stale) -> Result<Served, StoreError> {
        if stale.all {
            return self.store.rendered().map(Served::Stored);
        }
        Ok(Served::Shelved(self.shelf.all()))
    }

    /// Returns those of the paths of what was served at which nothing is any more: pages of stories that nobody tells, and
    /// documents of outputs that the configuration has no more. One that waits for its rule keeps its dates.
    pub(super) fn gone(&self, printed: &Printed, served: &Served) -> Vec<String> {
        let outputs = self.active.config.outputs.iter();
        let kept: BTreeSet<String> = outputs
            .flat_map(|output| paths_of(output).chain([keyed_path(output)]))
            .collect();
        let is_gone =
            |path: &&String| !printed.resources.contains_key(*path) && !kept.contains(*path);
        served.paths().filter(is_gone).cloned().collect()
    }

    /// Makes a resource, and notes it where its bytes are new.
    pub(super) fn lay_out(
        &self,
        printed: &mut Printed,
        served: &Served,
        sheet: Sheet,
        body: Vec<u8>,
    ) {
        let made = self.maker(served).made(sheet, body);
        made.resource.pack_quickly();
        printed.lay(made);
    }

    /// Returns what makes resources, beside what was served.
    pub(super) fn maker<'a>(&'a self, served: &'a Served) -> Maker<'a> {
        Maker {
            served,
            files: &self.files,
            shelf: &self.shelf,
            now: self.now,
        }
    }
}

/// What makes resources; several at once, too.
pub(super) struct Maker<'a> {
    served: &'a Served,
    files: &'a BTreeMap<String, Mark>,
    shelf: &'a Shelf,
    now: Timestamp,
}

impl Maker<'_> {
    /// Makes a resource, which is to be compressed yet. One that is held already is not made again: compressing takes longer than
    /// rendering, and two of it would be in memory until the shelf is swapped.
    pub(super) fn made(&self, sheet: Sheet, body: Vec<u8>) -> Made {
        let digest = serve::digest(&body);
        let is_same = |(held, _): &Mark| *held == digest;
        let served = self.served.get(&sheet.path);
        let filed = self.files.get(&sheet.path).copied();
        let held = served.filter(is_same).or(filed.filter(is_same));
        // What was served and could not be noted, and what stands in a file, is no less a date that readers have.
        let shown = self.shelf.get(&sheet.path);
        let shown = shown.map(|shown| (shown.digest(), shown.modified_at()));
        let shown = shown.into_iter().chain(filed).max_by_key(|it| it.1);
        let later = |noted: Mark| shown.filter(|shown| shown.1 > noted.1).unwrap_or(noted);
        let before = held.or(served).map(later).or(shown);
        let modified_at = match before {
            Some((held, modified_at)) if held == digest => modified_at,
            Some((_, before)) => before
                .saturating_add(TICK)
                .unwrap_or(self.now)
                .max(self.now),
            None => self.now,
        };
        let is_changed = served != Some((digest, modified_at));
        let held = self.shelf.get(&sheet.path);
        let held = held.filter(|held| held.is(&digest, modified_at, &sheet.terms));
        let resource = held.unwrap_or_else(|| {
            let resource = Resource::digested(sheet.media_type, (body, digest), modified_at);
            Arc::new(resource.on(sheet.terms))
        });
        Made {
            changed: is_changed.then_some((digest, modified_at)),
            path: sheet.path,
            resource,
        }
    }
}

/// A document that was made.
pub(super) struct Made {
    path: String,
    pub(super) resource: Arc<Resource>,
    /// Its digest and its `Last-Modified`, where they are others than were served last.
    changed: Option<Mark>,
}

impl Printed {
    /// Takes in a document.
    pub(super) fn lay(&mut self, made: Made) {
        let Made {
            path,
            resource,
            changed,
        } = made;
        let changed = changed.map(|(digest, modified_at)| (path.clone(), digest, modified_at));
        self.changed.extend(changed);
        self.resources.insert(path, resource);
    }
}
