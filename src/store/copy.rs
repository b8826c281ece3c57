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
/// When either cannot be read or written, or when the copy is found to be damaged.
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
    let copy = still_reader(to)?;
    let told = watch.clone();
    open::watched(&copy, move || told.tell(0, 0)).map_err(failed)?;
    whole(&copy, to)
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
