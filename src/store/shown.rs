//! Up to which entry readers may have seen what is stored.
//!
//! What a story takes from an entry (`asking.rs`) is taken at once from one that nobody can have seen, and only after it
//! was judged again from all others: readers keep what they see for a moment, and are not shown for a moment what
//! they are not to see. So whoever reads for readers says so before, and the writer asks. In memory: after a start
//! readers may have seen all.

use super::{Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The number of the newest entry that may have been read for readers; shared by a store and its writer.
#[derive(Clone, Debug)]
pub(super) struct Shown(Arc<AtomicI64>);

impl Default for Shown {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MAX)))
    }
}

impl Shown {
    /// Returns up to which entry all may have been seen.
    pub(super) fn up_to(&self) -> i64 {
        self.0.load(Ordering::Acquire)
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
        self.shown.0.store(newest, Ordering::Release);
        Ok(())
    }
}
