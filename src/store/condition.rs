//! What a database is like, told without touching it; and bringing one up to date on purpose.

use super::open::{self, newest_schema};
use super::pool::Pool;
use super::shown::Shown;
use super::{StateLock, Store, StoreError, seal};
use crate::model::Watch;
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;

/// What a database of ours is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its schema.
    pub schema: usize,
    /// The newest schema known here.
    pub known: usize,
}

impl Condition {
    /// Returns the names of the migrations that it lacks, in their order.
    pub fn lacking(self) -> Vec<String> {
        let mut names: Vec<String> = open::DIRECTORY
            .dirs()
            .map(|directory| directory.path().to_string_lossy().into_owned())
            .collect();
        // Their numbers have two digits.
        names.sort();
        names.split_off(self.schema.min(names.len()))
    }
}

/// Tells what the database is like, by its first page.
///
/// # Errors
///
/// When there is none, when it is not ours or newer than we are, and when it cannot be read.
pub fn condition(path: &Path) -> Result<Condition, StoreError> {
    open::refuse_strangers(path)?;
    let schema = open::schema_of(path)?;
    Ok(Condition {
        schema,
        known: newest_schema(),
    })
}

/// Tells what the database is like after reading all of it: a second for each gigabyte. `watch` is told that it goes on.
///
/// # Errors
///
/// Those of [`condition`], and when its pages do not fit together (R9).
pub fn examine(path: &Path, watch: &Watch) -> Result<Condition, StoreError> {
    let condition = condition(path)?;
    open::check(path, watch)?;
    Ok(condition)
}

/// Brings the database at `path` up to date, as a start does, and reads through what refers to what after it (R11).
///
/// `_lock` shows that no other process of ours has it open for writing.
///
/// # Errors
///
/// When there is none, when it is not ours, newer than we are or damaged, and when it cannot be written.
pub fn migrate(
    _lock: &StateLock,
    path: &Path,
    now: Timestamp,
    watch: &Watch,
) -> Result<(), StoreError> {
    // Opening makes one where there is none.
    open::refuse_strangers(path)?;
    let (connection, checked_at) = open::writer(path, "", now, watch)?;
    let failed = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    let sql = "SELECT count(*) FROM pragma_foreign_key_check";
    let strays: i64 = connection
        .query_row(sql, [], |row| row.get(0))
        .map_err(failed)?;
    if strays > 0 {
        let path = path.to_path_buf();
        let detail = format!("{strays} rows refer to what is not there");
        return Err(StoreError::Damaged { path, detail });
    }
    connection
        .close()
        .map_err(|(_, error)| StoreError::sqlite(path, &error))?;
    seal::close(path, checked_at);
    Ok(())
}

impl Store {
    /// Opens the database for reading, by one at a time, and leaves no file beside it where there was none.
    ///
    /// # Errors
    ///
    /// Those of [`Store::open_read_only`].
    pub fn look_into(path: &Path) -> Result<Self, StoreError> {
        open::refuse_strangers(path)?;
        Self::over(open::onlooker(path)?, path)
    }

    /// Makes one that reads through this connection.
    pub(super) fn over(connection: Connection, path: &Path) -> Result<Self, StoreError> {
        open::refuse_older(&connection, path)?;
        let identity =
            open::identity(&connection).map_err(|error| StoreError::sqlite(path, &error))?;
        Ok(Self {
            pool: Arc::new(Pool::new(path, Some(connection))),
            identity: Arc::new(identity),
            shown: Shown::default(),
            writer: None,
            held: Arc::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lacks_is_named_in_its_order() {
        let known = newest_schema();
        let lacking = |schema| Condition { schema, known }.lacking();
        assert!(lacking(known).is_empty());
        assert!(lacking(usize::MAX).is_empty());
        assert_eq!(lacking(0).len(), known);
        assert_eq!(lacking(0)[0], "01-init");
        assert_eq!(lacking(9)[0], "10-counts");
    }
}
