//! Whether this user may write what a writer writes, found out before anything is touched (R9).
//!
//! SQLite finds out while it opens, and leaves a log and an index beside a file that it may not write. So the directory
//! and the files are asked for before, and whoever is refused is told what hinders and what helps.

use super::StoreError;
use super::open::beside;
use rustix::fs::{Access, access};
use rustix::process::geteuid;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What lies beside a database while it is written.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];

/// What helps where a directory above may not be entered.
const CLOSED_ABOVE: &str =
    "a directory above it is closed to this user: run this as root, or as the user of the daemon";

/// The bit of a mode by which the owner may write.
const OWNER_WRITES: u32 = 0o200;

/// Refuses a directory in which this user may not make files.
pub(super) fn refuse_closed(directory: &Path) -> Result<(), StoreError> {
    refuse(directory, Access::WRITE_OK | Access::EXEC_OK)
}

/// Refuses a database that this user may not write, or may not write beside.
pub(super) fn refuse_unwritable(database: &Path) -> Result<(), StoreError> {
    refuse_closed(directory_of(database))?;
    BESIDE
        .iter()
        .try_for_each(|suffix| refuse(&beside(database, suffix), Access::WRITE_OK))
}

/// Tells whether this user may not write a database: what it makes beside one would be in the way of who may.
pub(super) fn is_for_others(database: &Path) -> bool {
    refuse_unwritable(database).is_err()
}

/// Tells whether this user may not make files beside a database: then its log cannot be read either.
pub(super) fn is_closed(database: &Path) -> bool {
    refuse_closed(directory_of(database)).is_err()
}

fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Refuses what is there and may not be used in this way. What is not there is made.
fn refuse(path: &Path, way: Access) -> Result<(), StoreError> {
    let cause = match access(path, way) {
        Err(error) => io::Error::from(error),
        Ok(()) => return Ok(()),
    };
    if cause.kind() == ErrorKind::NotFound {
        return Ok(());
    }
    Err(StoreError::Unwritable {
        path: path.to_path_buf(),
        advice: advice(cause.kind(), fs::metadata(path).ok().as_ref()),
        cause,
    })
}

/// Returns what helps where a directory cannot be made: it may be there, in one that only its owner may enter.
pub(super) fn advice_to_make(directory: &Path) -> String {
    make_advice(directory, geteuid().as_raw())
}

/// The same, for this user.
fn make_advice(directory: &Path, user: u32) -> String {
    let path = std::path::absolute(directory).unwrap_or_else(|_| directory.to_path_buf());
    let is_missing = |error: &io::Error| error.kind() == ErrorKind::NotFound;
    let mut above = path.ancestors();
    let there = above.find(|it| !fs::metadata(it).as_ref().is_err_and(is_missing));
    match there {
        Some(there) if there.is_dir() && is_closed_by_mode(there, user) => format!(
            "the mode of {} lets nobody write there: `chmod u+w` lets its owner, or name another directory with --state",
            there.display()
        ),
        Some(there) if there.is_dir() => format!(
            "it may make nothing in {}: make it as root and give it to this user (`chown`), or name another with --state",
            there.display()
        ),
        _ => CLOSED_ABOVE.to_owned(),
    }
}

/// Tells whether a directory is this user's, who may not write there by its mode. Of another's it would open it to that one
/// alone.
fn is_closed_by_mode(directory: &Path, user: u32) -> bool {
    let is_closed = |found: &Metadata| found.uid() == user && found.mode() & OWNER_WRITES == 0;
    fs::metadata(directory).is_ok_and(|found| is_closed(&found))
}

/// Returns what helps where something cannot be read: it is another user's, mostly.
pub(super) fn advice_to_read(path: &Path, kind: ErrorKind) -> String {
    read_advice(path, kind, |it| access(it, Access::READ_OK).is_err())
}

/// The same, of who is refused by what `is_closed`.
fn read_advice(path: &Path, kind: ErrorKind, is_closed: impl Fn(&Path) -> bool) -> String {
    /// The bit of a mode by which the owner may read.
    const OWNER_READS: u32 = 0o400;
    let mut above = path.ancestors().filter(|it| !it.as_os_str().is_empty());
    let there = above.find_map(|it| Some((it, fs::metadata(it).ok()?)));
    match (kind, there) {
        (ErrorKind::NotADirectory, Some((there, _))) => {
            format!(
                "{} is no directory: name one with --state, or move it away",
                there.display()
            )
        }
        (ErrorKind::PermissionDenied, Some((there, found))) if is_closed(there) => {
            let (there, owner, mode) = (there.display(), found.uid(), found.mode() & 0o777);
            if mode & OWNER_READS == 0 {
                format!(
                    "the mode of {there} is {mode:03o}: `chmod u+rwX` lets its owner, the user {owner}, read it"
                )
            } else {
                format!("{there} belongs to the user {owner}: ask as that user, or as root")
            }
        }
        _ => "see that this user may read and write there".to_owned(),
    }
}

/// Returns what helps.
fn advice(kind: ErrorKind, found: Option<&Metadata>) -> String {
    match found {
        _ if kind == ErrorKind::ReadOnlyFilesystem => {
            "its file system is mounted for reading only: mount it for writing, or name another directory with --state"
                .to_owned()
        }
        Some(found) if found.mode() & OWNER_WRITES == 0 => format!(
            "its mode is {:o}: `chmod u+w` lets its owner, the user {}, write",
            found.mode() & 0o777,
            found.uid()
        ),
        Some(found) => format!(
            "it belongs to the user {}: run this as that user or as root, or give it to this one (`chown`)",
            found.uid()
        ),
        None => CLOSED_ABOVE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_helps_goes_by_what_hinders() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.db");
        fs::write(&path, "").unwrap();
        let said = |kind, mode| {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            advice(kind, Some(&fs::metadata(&path).unwrap()))
        };
        for (kind, mode, expected) in [
            (ErrorKind::ReadOnlyFilesystem, 0o600, "mount it for writing"),
            (
                ErrorKind::PermissionDenied,
                0o444,
                "its mode is 444: `chmod u+w`",
            ),
            (ErrorKind::PermissionDenied, 0o644, "belongs to the user"),
        ] {
            let said = said(kind, mode);
            assert!(said.contains(expected), "{said}");
        }
        assert!(advice(ErrorKind::PermissionDenied, None).contains("above it"));
    }

    /// Of a directory that is ours the mode is what hinders, and nobody need be root; of another's it is not.
    #[test]
    fn what_cannot_be_made_goes_by_the_directory_above() {
        let place = tempfile::tempdir().unwrap();
        let new = place.path().join("state/new");
        let owner = fs::metadata(place.path()).unwrap().uid();
        let another = owner + 1;
        for (user, mode, expected) in [
            (owner, 0o555, "`chmod u+w`"),
            (owner, 0o755, "as root"),
            (another, 0o555, "as root"),
            (another, 0o755, "as root"),
        ] {
            fs::set_permissions(place.path(), Permissions::from_mode(mode)).unwrap();
            let said = make_advice(&new, user);
            assert!(said.contains(expected), "{user}, {mode:o}: {said}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_somebodys() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("state/a.db");
        fs::write(place.path().join("state"), "").unwrap();
        for (kind, mode, expected) in [
            (ErrorKind::NotADirectory, 0o600, "/state is no directory: "),
            (
                ErrorKind::PermissionDenied,
                0o600,
                "/state belongs to the user ",
            ),
            (
                ErrorKind::PermissionDenied,
                0o000,
                "/state is 000: `chmod u+rwX`",
            ),
            (ErrorKind::TimedOut, 0o600, "see that this user may read"),
        ] {
            let above = path.parent().unwrap();
            fs::set_permissions(above, Permissions::from_mode(mode)).unwrap();
            let said = read_advice(&path, kind, |_| true);
            assert!(said.contains(expected), "{said}");
        }
        // Something beside it is closed.
        let said = read_advice(&path, ErrorKind::PermissionDenied, |_| false);
        assert!(said.contains("see that this user may read"), "{said}");
    }

    #[test]
    fn what_is_ours_or_not_there_is_let_be() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.db");
        refuse_unwritable(&path).unwrap();
        fs::write(&path, "").unwrap();
        refuse_unwritable(&path).unwrap();
        assert!(!is_closed(&path));
    }
}
