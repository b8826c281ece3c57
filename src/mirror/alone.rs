//! Being alone in a directory while files are written there: a command and a daemon, or two commands, would make each
//! other's lists wrong, and a file that is on no list is never removed.

use super::MirrorError;
use super::files::{Place, failed};
use std::fs::File;
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

/// Waits until nobody writes in a directory, which is made where there is none, and keeps others out of it. To be refused
/// was rejected: of two commands at a time the later has what is newer.
///
/// # Errors
/// When the directory cannot be made or opened.
pub fn alone(directory: &Path) -> Result<Alone, MirrorError> {
    Place::new(directory)?;
    let held = File::open(directory).map_err(failed("open", directory))?;
    let is_locked = held.lock().is_ok();
    Ok(Alone {
        held: is_locked.then_some(held),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::TryLockError;
    use tempfile::TempDir;

    #[test]
    fn one_writes_at_a_time() {
        let place = TempDir::new().unwrap();
        let www = place.path().join("www");
        let held = alone(&www).unwrap();
        let other = File::open(&www).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        other.try_lock().unwrap();
        drop(other.unlock());
        alone(&www).unwrap();
    }
}
