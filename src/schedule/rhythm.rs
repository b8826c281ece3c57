//! How often a feed publishes, by the dates of its entries.

use jiff::Timestamp;
use std::time::Duration;

/// How many of the newest dates count: a feed's pace is that of now, not of its archive.
const RECENT: usize = 20;

/// Fewer gaps than these say nothing: two entries may be a day apart in a feed of a year.
const LEAST_GAPS: usize = 3;

/// Entries closer than this came out together: what counts is the gap to the next batch.
const BATCH: Duration = Duration::from_mins(1);

/// Returns the median gap between the dates of a document's entries, in whatever order they come.
///
/// Only the newest twenty count, and entries less than a minute apart count as one. `None` when fewer
/// than three gaps are left.
pub fn rhythm(dates: &[Timestamp]) -> Option<Duration> {
    let mut newest = dates.to_vec();
    newest.sort_unstable_by(|a, b| b.cmp(a));
    newest.truncate(RECENT);
    let pairs = newest.iter().zip(newest.iter().skip(1));
    let mut gaps: Vec<Duration> = pairs
        .filter_map(|(later, earlier)| Duration::try_from(later.duration_since(*earlier)).ok())
        .filter(|gap| *gap >= BATCH)
        .collect();
    if gaps.len() < LEAST_GAPS {
        return None;
    }
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gaps in minutes, from the newest entry back.
    fn of_gaps(gaps: &[i64]) -> Option<u64> {
        let mut at = 1_800_000_000;
        let mut dates = vec![Timestamp::from_second(at).unwrap()];
        for gap in gaps {
            at -= gap * 60;
            dates.push(Timestamp::from_second(at).unwrap());
        }
        dates.reverse();
        rhythm(&dates).map(|span| span.as_secs() / 60)
    }

    #[test]
    fn median_gap() {
        assert_eq!(rhythm(&[]), None);
        assert_eq!(of_gaps(&[60, 60]), None);
        assert_eq!(of_gaps(&[60, 60, 60]), Some(60));
        assert_eq!(of_gaps(&[60, 10, 10_000]), Some(60));
        assert_eq!(of_gaps(&[0, 0, 0, 0, 0, 0]), None);
        // Four batches of three, a day apart.
        assert_eq!(
            of_gaps(&[0, 0, 1440, 0, 0, 1440, 0, 0, 1440, 0, 0]),
            Some(1440)
        );
        // A busy past counts no more.
        let slow = [vec![1440; 20], vec![1; 200]].concat();
        assert_eq!(of_gaps(&slow), Some(1440));
    }

    #[test]
    fn the_ends_of_time() {
        let dates = [
            Timestamp::MIN,
            Timestamp::MAX,
            Timestamp::UNIX_EPOCH,
            Timestamp::MIN,
        ];
        assert_eq!(rhythm(&dates), None);
    }
}
