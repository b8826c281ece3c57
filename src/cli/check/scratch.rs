//! Directories of looks, in which nothing stays.

use crate::daemon::{Tidying, before_interrupt};
use crate::store;
use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use tempfile::TempDir;

/// How they are called, before the process that each is of, and who may look into them.
const SCRATCH: &str = "merganser-check-";
const PRIVATE: u32 = 0o700;

/// Where processes are to be seen.
const PROCESSES: &str = "/proc";

/// Makes a directory that goes with the process, also when a signal ends that, as whoever does not want to wait for the
/// last feed sends one. What others could not take with them, since they were killed, goes too.
pub(super) fn scratch() -> io::Result<(Option<Tidying>, TempDir)> {
    let prefix = format!("{SCRATCH}{}-", std::process::id());
    let directory = tempfile::Builder::new()
        .prefix(&prefix)
        .permissions(fs::Permissions::from_mode(PRIVATE))
        .tempdir()?;
    remove_leftovers(directory.path());
    let path = directory.path().to_owned();
    // Where signals cannot be heard, it stays behind: the answers are told all the same.
    let tidying = before_interrupt(move || drop(fs::remove_dir_all(path)));
    Ok((tidying.ok(), directory))
}

/// Removes what processes that are gone left beside a directory of ours. What cannot be removed stays.
fn remove_leftovers(ours: &Path) {
    let found = ours.parent().and_then(|place| fs::read_dir(place).ok());
    let Ok(own) = fs::symlink_metadata(ours) else {
        return;
    };
    for entry in found.into_iter().flatten().flatten() {
        if is_left(&entry, own.uid()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Tells whether something was left by a process of this user that is gone. One within a container may be seen by no number,
/// but holds what it made.
fn is_left(entry: &DirEntry, user: u32) -> bool {
    let name = entry.file_name();
    let process = name.to_str().and_then(process_of);
    let is_gone = process.is_some_and(|process| !is_running(process));
    // A link is not followed.
    let is_ours = || {
        entry
            .metadata()
            .is_ok_and(|it| it.is_dir() && it.uid() == user)
    };
    is_gone && is_ours() && store::holder(&entry.path()).is_none()
}

/// Returns the process that made a directory of this name.
fn process_of(name: &str) -> Option<u32> {
    let (process, _) = name.strip_prefix(SCRATCH)?.split_once('-')?;
    process.parse().ok()
}

/// Tells whether a process runs; where that cannot be seen, it may.
fn is_running(process: u32) -> bool {
    let seen = |name: &str| Path::new(PROCESSES).join(name).exists();
    seen(&process.to_string()) || !seen("self")
}
