//! Up to which entry readers may have seen what is stored.
//!
//! What a story takes from an entry (`asking.rs`) is taken at once from one that nobody can have seen, and only after it
//! was judged again from all others: readers keep what they see for a moment, and are not shown for a moment what
//! they are not to see. So whoever reads for readers says so before, and the writer asks. In memory: after a start
//! readers may have seen all. An entry that was edited since is one that they have seen, with the labels that it had then:
//! those are remembered, and what the edit brought is what nobody has seen.

use super::rules::{self, RuleDigests};
use super::{Store, StoreError};
use crate::model::Rules;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
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
    /// Entries that were edited since.
    edited: Arc<Mutex<Edited>>,
}

/// Of entries that were edited, the names of the labels that they had.
#[derive(Debug, Default)]
struct Edited {
    committed: BTreeMap<i64, BTreeSet<String>>,
    /// By the transaction under way, of which whoever reads for readers sees nothing yet.
    pending: BTreeMap<i64, BTreeSet<String>>,
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
        let Edited { committed, pending } = &*self.edited();
        let is_remembered = committed.contains_key(&entry) || pending.contains_key(&entry);
        let count = committed.len() + pending.len();
        up_to != ALL && entry <= up_to && count < EDITED && !is_remembered
    }

    /// Remembers which labels an entry had that is edited by the transaction under way.
    pub(super) fn remember(&self, entry: i64, had: BTreeSet<String>) {
        self.edited().pending.insert(entry, had);
    }

    /// Takes in how a transaction ended.
    pub(super) fn settle(&self, is_committed: bool) {
        let mut edited = self.edited();
        let pending = mem::take(&mut edited.pending);
        if is_committed {
            edited.committed.extend(pending);
        }
    }

    /// Returns the entries that were edited since, each with the labels that readers may have seen of it.
    pub(super) fn edited_since(&self) -> BTreeMap<i64, BTreeSet<String>> {
        let Edited { committed, pending } = &*self.edited();
        let edited = committed.iter().chain(pending);
        edited.map(|(entry, had)| (*entry, had.clone())).collect()
    }

    /// Notes that readers may see all that is committed, up to this entry.
    fn note(&self, newest: i64) {
        self.edited().committed.clear();
        self.up_to.store(newest, Ordering::Release);
    }

    /// What is half done of it is whole: each step is one call.
    fn edited(&self) -> MutexGuard<'_, Edited> {
        self.edited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Notes that all that is stored now is about to be read for readers, and returns the digests of the rules by which it
    /// has its labels, unless these are the ones that are wanted: both are asked before each publishing, and a second reading
    /// takes longer than the question. Where nobody asks for rules at all, none are others.
    pub fn note_shown(&self, wanted: &Rules) -> Result<Option<RuleDigests>, StoreError> {
        let (newest, digests) = self.pool.read(|connection| {
            let newest = "SELECT coalesce(max(id), 0) FROM entries";
            let newest = connection
                .prepare_cached(newest)?
                .query_row([], |row| row.get(0))?;
            let hold = rules::hold(connection, wanted)?;
            let digests = (!hold).then(|| rules::digests(connection));
            Ok((newest, digests.transpose()?))
        })?;
        self.shown.note(newest);
        Ok(digests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who reads while an entry is being edited sees it as it was: that is what the writer has to know then.
    #[test]
    fn what_is_being_edited_is_seen_as_it_was() {
        let shown = Shown::default();
        assert!(!shown.wants(1), "readers may have seen all");
        let had = |entry: i64| BTreeMap::from([(entry, BTreeSet::from(["zoo".to_owned()]))]);
        let edit = |entry: i64| {
            assert!(shown.wants(entry), "{entry}");
            shown.remember(entry, had(entry)[&entry].clone());
            assert!(!shown.wants(entry), "the first edit counts");
        };
        shown.note(9);
        assert!(!shown.wants(10), "nobody has seen it");
        edit(1);
        shown.settle(true);
        edit(2);
        shown.note(9);
        assert_eq!(shown.edited_since(), had(2));
        shown.settle(true);
        assert_eq!(shown.edited_since(), had(2));
        shown.note(9);
        assert_eq!(shown.edited_since(), BTreeMap::new());
        edit(3);
        shown.settle(false);
        assert_eq!(shown.edited_since(), BTreeMap::new(), "it was not edited");
    }
}
