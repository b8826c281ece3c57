//! What the operator may say about storage.

use crate::model::FeedId;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What may be kept of one feed, within what is kept of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// How long its entries are kept; `None`: as long as all.
    pub retention: Option<Duration>,
    /// At most so many articles that it leads are kept, listed or not, the oldest leave first; those that
    /// other feeds carry, too, stay.
    pub max_entries: Option<u64>,
}

/// The table `[storage]`, and what feeds say of the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The database file, relative to the state directory.
    pub path: PathBuf,
    /// How long an article is kept after it was first seen and once no feed lists it any more.
    pub retention: Duration,
    /// At most so many entries are kept, the oldest leave first; `None`: as many as `retention` allows.
    pub max_entries: Option<u64>,
    /// Limits of feeds that have any.
    pub limits: BTreeMap<FeedId, Limits>,
}

impl Default for Settings {
    fn default() -> Self {
        const DAY: Duration = Duration::from_hours(24);
        Self {
            path: PathBuf::from("merganser.db"),
            retention: 180 * DAY,
            max_entries: None,
            limits: BTreeMap::new(),
        }
    }
}
