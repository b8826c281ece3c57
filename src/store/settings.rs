//! What the operator may say about storage.

use std::path::PathBuf;
use std::time::Duration;

/// The table `[storage]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The database file, relative to the state directory.
    pub path: PathBuf,
    /// How long an article is kept after it was first seen and once no feed lists it any more.
    pub retention: Duration,
    /// At most so many entries are kept, the oldest leave first; `None`: as many as `retention` allows.
    pub max_entries: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        const DAY: Duration = Duration::from_hours(24);
        Self {
            path: PathBuf::from("merganser.db"),
            retention: 180 * DAY,
            max_entries: None,
        }
    }
}
