//! Up to which entry readers may have seen what is stored.
//!
//! What a story takes from an entry (`asking.rs`) is taken at once from one that nobody can have seen, and only after it
//! was judged again from all others: readers keep what they see for a moment, and are not shown for a moment what
//! they are not to see. So whoever reads for readers says so before, and the writer asks. In memory: after a start
//! readers may have seen all. An entry that was edited since is one that they have seen, with the labels that it had then:
//! those are remembered, and what the edit brought is what nobody has seen.

use super::{Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Edited entries that are remembered: what polls bring between two publishings. Of more, readers have seen all.
const EDITED: usize = 1024;

/// All entries may have been seen.
const ALL: i64 = i64::MAX;

/// What readers may have seen; shared by a store and its writer.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// The number of the newest entry that may have been read for them.
    up_to: Arc<AtomicI64>,
    /// Of entries that were edited since, the names of the labels that they had.
    edited: Arc<Mutex<BTreeMap<i64, BTreeSet<String>>>>,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            up_to: Arc::new(AtomicI64::new(ALL)),
            edited: Arc::default(),
        }
    }
}

impl Shown {
    /// Returns up to which entry all may have been seen.
    pub(super) fn up_to(&self) -> i64 {
        self.up_to.load(Ordering::Acquire)
    }

    /// Tells whether it is of account which labels an entry had before an edit: not of one that nobody has seen, nor after
    /// its first edit.
    pub(super) fn wants(&self, entry: i64) -> bool {
        let up_to = self.up_to();
        let edited = self.edited();
        up_to != ALL && entry <= up_to && edited.len() < EDITED && !edited.contains_key(&entry)
    }

    /// Remembers which labels an entry had that is edited.
    pub(super) fn remember(&self, entry: i64, had: BTreeSet<String>) {
        self.edited().insert(entry, had);
    }

    /// Returns the entries that were edited since, each with the labels that readers may have seen of it.
    pub(super) fn edited_since(&self) -> BTreeMap<i64, BTreeSet<String>> {
        self.edited().clone()
    }

    /// What is half done of it is whole: each step is one call.
    fn edited(&self) -> MutexGuard<'_, BTreeMap<i64, BTreeSet<String>>> {
        self.edited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Notes that all that is stored now is about to be read for readers.
    pub fn note_shown(&self) -> Result<(), StoreError> {
        let newest = self.pool.read(|connection| {
            connection.query_row("SELECT coalesce(max(id), 0) FROM entries", [], |row| {
                row.get(0)
            })
        })?;
        self.shown.edited().clear();
        self.shown.up_to.store(newest, Ordering::Release);
        Ok(())
    }
}
