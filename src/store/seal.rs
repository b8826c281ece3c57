//! The seal: a note beside the database that says how its writer left it.
//!
//! Checking a database reads all of it, a second for each gigabyte. A file that is byte for byte where
//! the last writer closed it was checked when that writer opened it and written by SQLite alone since;
//! the seal, its size and time of change as they were at the end, says so. Anything else breaks it: a
//! process that was killed, a log that is left, an editor, a copy put in its place. What a disk
//! spoils without touching the time is found when the seal is too old, or when the page is read.

use super::open::beside;
use jiff::{SignedDuration, Timestamp};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// How long a check is good for, however well the database was closed since.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Returns when the database was last checked, if its seal holds at `now`.
pub(super) fn read(path: &Path, now: Timestamp) -> Option<Timestamp> {
    let text = fs::read_to_string(beside(path, "-seal")).ok()?;
    let (state, checked_at) = text.trim_end().split_once(' ')?;
    let checked_at: Timestamp = checked_at.parse().ok()?;
    let age = now.duration_since(checked_at);
    let is_fresh = age >= SignedDuration::ZERO && age <= GOOD_FOR;
    let is_whole = !has_log(path) && state == self::state(path).ok()?;
    (is_fresh && is_whole).then_some(checked_at)
}

/// Breaks the seal, if there is one: to be done before anything is written, so that whoever dies from
/// here on leaves none.
pub(super) fn break_open(path: &Path) -> io::Result<()> {
    match fs::remove_file(beside(path, "-seal")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Seals a database that is closed. Without a seal the next start checks, so failing is no fault.
pub(super) fn close(path: &Path, checked_at: Timestamp) {
    if has_log(path) {
        return;
    }
    let written = state(path).and_then(|state| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(beside(path, "-seal"))?;
        writeln!(file, "{state} {checked_at}")
    });
    if let Err(error) = written {
        tracing::debug!(%error, "the database stays unsealed");
    }
}

/// Tells whether a log was left that holds anything; readers leave empty ones.
fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Returns size and time of change of a file, as one word.
fn state(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    let changed = metadata.modified()?.duration_since(UNIX_EPOCH);
    let changed = changed.map_err(io::Error::other)?;
    Ok(format!("{}:{}", metadata.len(), changed.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_an_untouched_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        fs::write(&path, "pages").unwrap();
        let at: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let later = |hours| at + SignedDuration::from_hours(hours);
        assert_eq!(read(&path, at), None, "never sealed");
        close(&path, at);
        assert_eq!(read(&path, later(100)), Some(at));
        assert_eq!(read(&path, later(169)), None, "too old");
        assert_eq!(read(&path, later(-1)), None, "from the future");
        break_open(&path).unwrap();
        break_open(&path).unwrap();
        assert_eq!(read(&path, at), None, "broken");
        close(&path, at);
        fs::write(&path, "other pages").unwrap();
        assert_eq!(read(&path, at), None, "another file");
        close(&path, at);
        fs::write(beside(&path, "-wal"), "").unwrap();
        assert_eq!(read(&path, at), Some(at), "an empty log");
        fs::write(beside(&path, "-wal"), "frames").unwrap();
        assert_eq!(read(&path, at), None, "a log was left");
    }
}
