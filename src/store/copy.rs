//! A copy of the database that is whole, beside a daemon that writes, and a smaller one in its place.

mod alike;

use super::open::{self, still_reader};
use super::{StateLock, StoreError, permit, seal};
use crate::model::Watch;
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::Path;

pub use alike::is_copy;

/// Writes what the database at `from` holds at this moment to a new file at `to`, and reads that through.
///
/// What is written meanwhile is not in the copy, and waits for nothing. The copy has no free pages. A file at
/// `to` is refused. `watch` is told of the MiB copied.
///
/// # Errors
///
/// When either cannot be read or written, and [`StoreError::Spoilt`] when the copy is found not to be whole.
pub fn copy(from: &Path, to: &Path, watch: &Watch) -> Result<(), StoreError> {
    open::refuse_strangers(from)?;
    let connection = open::reader(from)?;
    let failed = |error: rusqlite::Error| match StoreError::sqlite(to, &error) {
        // What is read is the database, and the copy has nothing yet that could be damaged.
        StoreError::Damaged { detail, .. } => StoreError::Damaged {
            path: from.to_path_buf(),
            detail,
        },
        error => error,
    };
    let name = to.to_string_lossy().into_owned();
    let of = used(&connection).map_err(failed)?;
    let (part, told) = (to.to_path_buf(), watch.clone());
    open::watched(&connection, move || {
        let there = fs::metadata(&part).map_or(0, |it| it.len());
        told.tell(there / MIB, of / MIB);
    })
    .map_err(failed)?;
    connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(failed)?;
    read_through(to, watch)
}

/// Reads a copy through that was just made. Nobody has it yet, so that there is nothing to be saved from one that is not
/// whole.
fn read_through(copy: &Path, watch: &Watch) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::sqlite(copy, &error);
    let read = still_reader(copy).and_then(|connection| {
        let told = watch.clone();
        open::watched(&connection, move || told.tell(0, 0)).map_err(failed)?;
        whole(&connection, copy)
    });
    read.map_err(|error| match error {
        StoreError::Damaged { path, detail } => StoreError::Spoilt { path, detail },
        error => error,
    })
}

/// Returns about how many bytes a copy of the database at `path` has: what is in use of it, with what its log holds.
///
/// # Errors
///
/// When it is no database of ours, or cannot be read.
pub fn size_of_copy(path: &Path) -> Result<u64, StoreError> {
    open::refuse_strangers(path)?;
    let connection = open::reader(path)?;
    used(&connection).map_err(|error| StoreError::sqlite(path, &error))
}

/// What is told of a copy is counted in these.
const MIB: u64 = 1 << 20;

/// Returns how many bytes of a database are in use.
fn used(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |pragma: &str| {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
    };
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    let bytes = pages.saturating_mul(number("page_size")?);
    Ok(u64::try_from(bytes).unwrap_or_default())
}

/// Gives back what the database at `path` no longer needs of the disk.
///
/// `_lock` shows that no other process of ours has it open for writing. It takes as much room as the database
/// for the time being, and a database that was cut off in between is whole.
///
/// # Errors
///
/// When it is no database of ours, or cannot be written.
pub fn shrink(_lock: &StateLock, path: &Path, watch: &Watch) -> Result<(), StoreError> {
    open::refuse_strangers(path)?;
    permit::refuse_unwritable(path)?;
    let failed = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    seal::break_open(path).map_err(|error| StoreError::access("write", path, error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open::connect(path.as_os_str(), flags).map_err(failed)?;
    let told = watch.clone();
    open::watched(&connection, move || told.tell(0, 0)).map_err(failed)?;
    connection
        .execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
        .map_err(failed)?;
    whole(&connection, path)?;
    connection.close().map_err(|(_, error)| failed(error))
}

/// Refuses a database of which a page or an index does not fit.
fn whole(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    open::passes(connection, "PRAGMA integrity_check(1)", path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open::APPLICATION_ID;

    /// What was removed has its pages in the file still, and what is in the log is not in the file yet.
    #[test]
    fn a_copy_has_what_is_in_use() {
        let directory = tempfile::tempdir().unwrap();
        let (path, to) = (directory.path().join("a.db"), directory.path().join("copy"));
        let connection = open::connect(path.as_os_str(), OpenFlags::default()).unwrap();
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA application_id = {APPLICATION_ID};
                 CREATE TABLE gone (note); CREATE TABLE notes (note);
                 INSERT INTO gone VALUES (zeroblob(4000000));
                 PRAGMA wal_checkpoint(TRUNCATE);
                 DELETE FROM gone; INSERT INTO notes VALUES (zeroblob(1000000));"
            ))
            .unwrap();
        let size = size_of_copy(&path).unwrap();
        copy(&path, &to, &Watch::default()).unwrap();
        assert_eq!(size, fs::metadata(&to).unwrap().len());
        assert!(fs::metadata(&path).unwrap().len() > size);
    }

    /// A disk that keeps something else than was written shows when the copy is read.
    #[test]
    fn a_copy_that_is_not_whole_is_told_as_that() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("copy");
        let connection = open::connect(path.as_os_str(), OpenFlags::default()).unwrap();
        let sql = "CREATE TABLE notes (note); INSERT INTO notes VALUES ('otters')";
        connection.execute_batch(sql).unwrap();
        connection.close().unwrap();
        read_through(&path, &Watch::default()).unwrap();
        let pages = fs::read(&path).unwrap();
        for (kept, what) in [
            (vec![b'x'; pages.len()], "other"),
            (pages[..4096].to_vec(), "half"),
        ] {
            fs::write(&path, kept).unwrap();
            let error = read_through(&path, &Watch::default()).unwrap_err();
            assert!(
                matches!(error, StoreError::Spoilt { .. }),
                "{what}: {error}"
            );
        }
    }
}
