//! Whether a copy of the database that was made before holds what the database holds still.

use super::whole;
use crate::model::Watch;
use crate::store::open::{self, beside, still_reader};
use crate::store::place::file;
use crate::store::{StateLock, StoreError};
use rusqlite::{Connection, Result, Row};
use std::fs;
use std::path::Path;

/// Tells whether the file at `copy` is a copy of the database at `path` as it is now: another file, whole, with the same
/// schema and in each table the same rows.
///
/// Both are read through: no number in their headers tells it, as a commit that goes to the log may leave all of them as
/// they were. What cannot be read is no copy. `_lock` shows that no other process of ours writes meanwhile.
pub fn is_copy(_lock: &StateLock, copy: &Path, path: &Path, watch: &Watch) -> bool {
    is_by_itself(copy, path) && compared(copy, path, watch).unwrap_or(false)
}

/// Tells whether a file is neither the database by another name nor one of which a log holds a part.
fn is_by_itself(copy: &Path, path: &Path) -> bool {
    let (Ok(there), Ok(here)) = (fs::symlink_metadata(copy), fs::metadata(path)) else {
        return false;
    };
    let has_log = ["-wal", "-journal"].map(|it| beside(copy, it).exists());
    there.is_file() && file(&there) != file(&here) && has_log == [false; 2]
}

fn compared(copy: &Path, path: &Path, watch: &Watch) -> Result<bool, StoreError> {
    open::refuse_strangers(copy)?;
    open::refuse_strangers(path)?;
    let (there, mut here) = (still_reader(copy)?, open::reader(path)?);
    let failed = |error: rusqlite::Error| StoreError::sqlite(copy, &error);
    let told = watch.clone();
    open::watched(&there, move || told.tell(0, 0)).map_err(failed)?;
    let moment = here.transaction().map_err(failed)?;
    if !holds_same(&there, &moment).map_err(failed)? {
        return Ok(false);
    }
    whole(&there, copy).map(|()| true)
}

fn holds_same(there: &Connection, here: &Connection) -> Result<bool> {
    const SCHEMA: &str = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2";
    for sql in ["PRAGMA user_version", SCHEMA] {
        if !answers_same(there, here, sql)? {
            return Ok(false);
        }
    }
    let mut tables = here.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let mut rows = tables.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let name = name.replace('"', "\"\"");
        // By the table itself, whose order the copy has kept: an index that has all columns may have another.
        if !answers_same(
            there,
            here,
            &format!("SELECT * FROM \"{name}\" NOT INDEXED"),
        )? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Tells whether two databases answer with the same rows in the same order.
fn answers_same(there: &Connection, here: &Connection, sql: &str) -> Result<bool> {
    let (mut there, mut here) = (there.prepare(sql)?, here.prepare(sql)?);
    let columns = there.column_count();
    let (mut there, mut here) = (there.query([])?, here.query([])?);
    loop {
        match (there.next()?, here.next()?) {
            (None, None) => return Ok(true),
            (Some(one), Some(other)) if is_same(one, other, columns)? => {}
            _ => return Ok(false),
        }
    }
}

fn is_same(one: &Row<'_>, other: &Row<'_>, columns: usize) -> Result<bool> {
    for column in 0..columns {
        if one.get_ref(column)? != other.get_ref(column)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{copy, lock};
    use rusqlite::OpenFlags;
    use std::path::PathBuf;
    use tempfile::TempDir;

    fn opened(path: &Path) -> Connection {
        open::connect(path.as_os_str(), OpenFlags::default()).unwrap()
    }

    /// Makes a database in a directory, and a copy of it; returns their paths.
    fn copied(directory: &TempDir) -> (PathBuf, PathBuf) {
        let path = directory.path().join("merganser.db");
        let connection = opened(&path);
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL;
                 CREATE TABLE notes (note TEXT, number);
                 CREATE INDEX notes_by_all ON notes (note DESC, number);
                 CREATE TABLE \"a \"\"word\" (key TEXT PRIMARY KEY) WITHOUT ROWID;
                 INSERT INTO notes VALUES ('otters', 1), ('gone', NULL), ('gulls', x'00');
                 DELETE FROM notes WHERE note = 'gone';
                 INSERT INTO \"a \"\"word\" VALUES ('heron'), ('egret');
                 PRAGMA application_id = {}; PRAGMA user_version = 3;",
                open::APPLICATION_ID
            ))
            .unwrap();
        connection.close().unwrap();
        let to = directory.path().join("copy");
        copy(&path, &to, &Watch::default()).unwrap();
        (path, to)
    }

    #[test]
    fn a_copy_is_one_until_something_is_written() {
        for (written, expected) in [
            ("", true),
            ("VACUUM", true),
            ("BEGIN; DELETE FROM notes; ROLLBACK", true),
            ("UPDATE notes SET number = '1' WHERE number = 1", false),
            ("INSERT INTO notes VALUES ('herons', 2)", false),
            ("DELETE FROM notes WHERE note = 'gulls'", false),
            (
                "UPDATE \"a \"\"word\" SET key = 'ibis' WHERE key = 'heron'",
                false,
            ),
            ("CREATE TABLE more (a)", false),
            ("DROP INDEX notes_by_all", false),
            ("PRAGMA user_version = 4", false),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let lock = lock(directory.path()).unwrap();
            let (path, copy) = copied(&directory);
            let connection = opened(&path);
            connection.execute_batch(written).unwrap();
            let found = is_copy(&lock, &copy, &path, &Watch::default());
            assert_eq!(found, expected, "{written}");
        }
    }

    #[test]
    fn what_is_no_file_by_itself_is_no_copy() {
        let directory = tempfile::tempdir().unwrap();
        let lock = lock(directory.path()).unwrap();
        let (path, copy) = copied(&directory);
        let is_one = |name: &str| {
            is_copy(
                &lock,
                &directory.path().join(name),
                &path,
                &Watch::default(),
            )
        };
        assert!(is_one("copy"));
        std::os::unix::fs::symlink(&path, directory.path().join("leads")).unwrap();
        fs::hard_link(&path, directory.path().join("same")).unwrap();
        fs::create_dir(directory.path().join("folder")).unwrap();
        fs::write(directory.path().join("other"), "pages").unwrap();
        let bytes = fs::read(&copy).unwrap();
        fs::write(directory.path().join("half"), &bytes[..bytes.len() / 2]).unwrap();
        for name in [
            "leads",
            "same",
            "folder",
            "other",
            "half",
            "nothing",
            "merganser.db",
        ] {
            assert!(!is_one(name), "{name}");
        }
        fs::write(directory.path().join("copy-wal"), "log").unwrap();
        assert!(!is_one("copy"), "what its log holds is not looked at");
    }
}
