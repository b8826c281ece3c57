//! What readers asked for, counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Within how long answers are counted that were made in no more: one from memory takes a tenth of a millisecond, and one
/// from the archive waits for a disk.
const WITHIN: [Duration; 5] = [
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(25),
    Duration::from_millis(100),
    Duration::from_secs(1),
];

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
    /// How many were made within each of [`WITHIN`].
    within: [u64; WITHIN.len()],
}

impl Traffic {
    /// Counts an answer.
    pub(super) fn note(&self, path: &str, status: u16, took: Duration) {
        let mut counts = self.counts();
        counts.took += took;
        for (count, within) in counts.within.iter_mut().zip(WITHIN) {
            *count += u64::from(took <= within);
        }
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

    /// Returns how many answers were made within each of some spans, the shortest first.
    pub fn within(&self) -> Vec<(Duration, u64)> {
        WITHIN.into_iter().zip(self.counts().within).collect()
    }

    /// Returns how long all answers took together.
    pub fn took(&self) -> Duration {
        self.counts().took
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_counted_in_all_spans_that_it_was_made_in() {
        let traffic = Traffic::default();
        for micros in [200, 5000, 30_000, 9_000_000] {
            traffic.note("/all.atom", 200, Duration::from_micros(micros));
        }
        let counts: Vec<u64> = traffic
            .within()
            .into_iter()
            .map(|(_, count)| count)
            .collect();
        assert_eq!(counts, [1, 2, 2, 3, 3]);
        assert_eq!(traffic.answers().values().sum::<u64>(), 4);
    }
}
