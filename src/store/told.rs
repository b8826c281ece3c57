//! What readers were told last of entries whose words were changed since, each time too little to tell.
//!
//! A text that is rewritten two words at a time is another one in the end. So an edit is compared with what readers
//! know, and not with the last step on the way to it.

use super::packed::Unpacked;
use super::writer::Pen;
use crate::dedupe::Version;
use rusqlite::{Connection, OptionalExtension, Result};

/// Title and text that readers were told last, where these are not what is stored.
pub(super) fn of(connection: &Connection, entry: i64) -> Result<Option<(String, String)>> {
    connection
        .prepare_cached("SELECT title, text FROM told WHERE entry = ?1")?
        .query_row([entry], |row| {
            Ok((row.get(0)?, row.get::<_, Unpacked>(1)?.0))
        })
        .optional()
}

/// Keeps what is stored of an entry as what readers know, unless that is kept already.
pub(super) fn keep(pen: &mut Pen<'_>, entry: i64, version: Version<'_>) -> Result<()> {
    let text = pen.packer.pack(version.text)?;
    pen.connection
        .prepare_cached("INSERT OR IGNORE INTO told (entry, title, text) VALUES (?1, ?2, ?3)")?
        .execute((entry, version.title, text))?;
    Ok(())
}

/// Forgets it: readers are told of what is stored, or that says the same.
pub(super) fn forget(connection: &Connection, entry: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM told WHERE entry = ?1")?
        .execute([entry])?;
    Ok(())
}
