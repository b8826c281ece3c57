//! One process per state directory (R12).

use super::place::Place;
use super::{StoreError, permit};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

/// Name of the lock file in the state directory.
const FILE: &str = "merganser.lock";

/// A pid has at most ten digits; more is not read, whoever wrote the file.
const PID_BYTES: u64 = 16;

/// Holds the state directory for this process until it is dropped, or until the process ends,
/// however it ends.
///
/// The file stays: removing it would let a third process lock a new one beside a second that still
/// waits on the old.
#[derive(Debug)]
pub struct StateLock {
    file: File,
    place: Place,
}

impl StateLock {
    /// Refuses a state directory whose lock is not ours any more: it is gone, or another process may hold one like it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Displaced`].
    pub fn check(&self) -> Result<(), StoreError> {
        self.place.check()
    }
}

impl Drop for StateLock {
    /// Gives the lock back by itself: closing the file would not, while a process that is just being started still has
    /// its copy of it.
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}

/// Takes the state directory for this process, making it (mode 0700) where it is missing.
///
/// # Errors
///
/// [`StoreError::Locked`] with the holder's pid when another process has it, and
/// [`StoreError::Access`] when the directory or the lock file cannot be made, and [`StoreError::Unwritable`] when this user
/// may make no files there.
pub fn lock(state: &Path) -> Result<StateLock, StoreError> {
    let path = state.join(FILE);
    let failed = |error| StoreError::access("create", &path, error);
    directory(state).map_err(|error| StoreError::access("create", state, error))?;
    permit::refuse_closed(state)?;
    let mut file = options().open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = written(&file);
            return Err(StoreError::Locked { path, pid });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).map_err(failed)?;
    writeln!(file, "{}", std::process::id()).map_err(failed)?;
    let place = Place::holding(&file.metadata().map_err(failed)?, &path);
    Ok(StateLock { file, place })
}

/// Makes the state directory and those above it.
fn directory(state: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(state)
}

/// Opens the file without emptying it: until the lock is ours, it names another.
fn options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Returns the pid of the process that holds the state directory, `None` when none does.
///
/// Takes and changes nothing; a process may come or go the moment after.
pub fn holder(state: &Path) -> Option<u32> {
    let file = File::open(state.join(FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => written(&file),
        _ => None,
    }
}

/// Tells whether a process holds the state directory or did once, as far as this user may look into it.
pub fn was_held(state: &Path) -> bool {
    state.join(FILE).exists()
}

/// Reads the pid in the lock file.
fn written(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_BYTES).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r12_a_second_opener_is_told_who_holds_the_state() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("new/state");
        assert!(!was_held(&state));
        let held = lock(&state).unwrap();
        let error = lock(&state).unwrap_err();
        let us = std::process::id();
        assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. } if pid == us));
        assert!(error.to_string().contains(&format!("process {us}")));
        assert_eq!(holder(&state), Some(us));
        drop(held);
        assert_eq!(holder(&state), None);
        assert!(was_held(&state));
        lock(&state).unwrap();
    }

    #[test]
    fn r9_a_state_that_cannot_be_made_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("file");
        std::fs::write(&state, "").unwrap();
        let text = lock(&state).unwrap_err().to_string();
        assert!(
            text.contains("cannot create") && text.contains("file"),
            "{text}"
        );
    }
}
