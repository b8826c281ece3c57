//! What readers asked for, counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Answers by what was asked and what came back, and how long they took to be made.
///
/// Only paths that the configuration makes have a name of their own, so that neither readers nor news make the table
/// grow: pages of stories have one for all of them, and so have the documents of an archive. Protected ones have none
/// (U31).
#[derive(Debug, Default)]
pub struct Traffic(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    answers: BTreeMap<(String, u16), u64>,
    took: Duration,
}

impl Traffic {
    /// Counts an answer.
    pub(super) fn note(&self, path: &str, status: u16, took: Duration) {
        let mut counts = self.counts();
        counts.took += took;
        match counts.answers.get_mut(&(path.to_owned(), status)) {
            Some(count) => *count += 1,
            None => drop(counts.answers.insert((path.to_owned(), status), 1)),
        }
    }

    /// Returns how often each path was answered with each status; what is not served is at the empty path, pages
    /// of stories are at one, and the documents of an archive at one.
    pub fn answers(&self) -> BTreeMap<(String, u16), u64> {
        self.counts().answers.clone()
    }

    /// Returns how long all answers took together.
    pub fn took(&self) -> Duration {
        self.counts().took
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
