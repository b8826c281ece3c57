//! Being alone in a directory while files are written there: a command and a daemon, or two commands, would make each
//! other's lists wrong, and a file that is on no list is never removed.

use super::MirrorError;
use super::files::{Place, failed};
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Keeps all others out of a directory who would write there, in whatever process, until it is dropped.
#[derive(Debug)]
pub struct Alone {
    /// The directory; `None` where its file system knows no locks.
    held: Option<File>,
}

impl Drop for Alone {
    /// Gives the lock back by itself: closing the directory would not, while a process that is just being started has it.
    fn drop(&mut self) {
        if let Some(held) = &self.held {
            drop(held.unlock());
        }
    }
}

/// Waits until nobody writes in a directory, which is made where there is none, and keeps others out of it. That may take for
/// ever, where who writes does not come to an end.
///
/// # Errors
/// When the directory cannot be made or opened.
pub fn alone(directory: &Path) -> Result<Alone, MirrorError> {
    let held = open(directory)?;
    let is_locked = held.lock().is_ok();
    Ok(Alone {
        held: is_locked.then_some(held),
    })
}

/// As [`alone`], without waiting: `None` where somebody writes there.
///
/// # Errors
/// When the directory cannot be made or opened.
pub fn try_alone(directory: &Path) -> Result<Option<Alone>, MirrorError> {
    let held = open(directory)?;
    let held = match held.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        locked => locked.is_ok().then_some(held),
    };
    Ok(Some(Alone { held }))
}

fn open(directory: &Path) -> Result<File, MirrorError> {
    Place::new(directory)?;
    File::open(directory).map_err(failed("open", directory))
}

/// Returns the number of the process that writes in a directory, as far as the system tells; it may be done the moment after.
pub fn holder(directory: &Path) -> Option<u32> {
    let held = fs::metadata(directory).ok()?;
    let (major, minor) = (rustix::fs::major(held.dev()), rustix::fs::minor(held.dev()));
    let locks = fs::read_to_string("/proc/locks").ok()?;
    holder_by(&locks, &format!("{major:02x}:{minor:02x}:{}", held.ino()))
}

/// Finds the process that has a lock on a file, in lines like `1: FLOCK ADVISORY WRITE 4711 fe:01:23592 0 EOF`. Who waits for
/// one has an arrow after the number.
fn holder_by(locks: &str, place: &str) -> Option<u32> {
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let is_held = words.next() == Some("FLOCK");
        let process = words.nth(2)?;
        let is_there = is_held && words.next() == Some(place);
        // One beyond this container has no number.
        let process = process.parse().ok().filter(|number| *number > 0);
        process.filter(|_| is_there)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn one_writes_at_a_time() {
        let place = TempDir::new().unwrap();
        let www = place.path().join("www");
        let held = alone(&www).unwrap();
        assert!(try_alone(&www).unwrap().is_none());
        drop(held);
        let other = try_alone(&www).unwrap();
        assert!(other.is_some() && try_alone(&www).unwrap().is_none());
        drop(other);
        alone(&www).unwrap();
    }

    #[test]
    fn who_holds_a_file_is_told_from_who_waits() {
        let locks = "\
            1: POSIX  ADVISORY  WRITE 17 fe:01:23592 0 EOF\n\
            2: FLOCK  ADVISORY  WRITE 4711 fe:01:23592 0 EOF\n\
            2: -> FLOCK  ADVISORY  WRITE 4712 fe:01:23592 0 EOF\n\
            3: FLOCK  ADVISORY  WRITE 0 00:2d:8 0 EOF\n\
            4\n";
        for (place, expected) in [
            ("fe:01:23592", Some(4711)),
            ("fe:01:2359", None),
            ("00:2d:8", None),
        ] {
            assert_eq!(holder_by(locks, place), expected, "{place}");
        }
    }
}
