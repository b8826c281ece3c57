//! Events that the journal knows by an id: `journalctl MESSAGE_ID=..`, and `journalctl -x` explains them by
//! `systemd/merganser.catalog`.

/// A poll of a feed failed, as the first in a row.
pub(in crate::daemon) const FEED_FAILS: &str = "62b89790461e43de9bad0a7d2e4772b7";
/// A feed answers that failed.
pub(in crate::daemon) const FEED_RECOVERED: &str = "319d1937dd5f4f0ab8ab3d7c530a5eb8";
/// A feeds.toml was refused.
pub(in crate::daemon) const RELOAD_REFUSED: &str = "115b8daf14924fbd95f37cbe2469b373";
/// A feeds.toml is in force.
pub(in crate::daemon) const RELOAD_DONE: &str = "864c401d23564e9f8a241bf71cbfebf0";
/// The database failed.
pub(in crate::daemon) const DATABASE_FAILS: &str = "00e7d968aa5e4f2c902dc8aa92b16a7e";
