//! What was served last, so that a restart does not look like news.

use super::rows::At;
use jiff::Timestamp;
use rusqlite::{Connection, Result};
use std::collections::BTreeMap;

/// BLAKE3 of the bytes of an output.
pub type Digest = [u8; 32];

/// Reads what was served at each path.
pub(super) fn read(connection: &Connection) -> Result<BTreeMap<String, (Digest, Timestamp)>> {
    connection
        .prepare_cached("SELECT path, digest, modified_at FROM outputs")?
        .query_map([], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get::<_, At>(2)?.0)))
        })?
        .collect()
}

/// Remembers what is served at some paths.
pub(super) fn write(
    connection: &Connection,
    outputs: &[(String, Digest, Timestamp)],
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO outputs (path, digest, modified_at) VALUES (?1, ?2, ?3)",
    )?;
    for (path, digest, modified_at) in outputs {
        statement.execute((path, digest, At(*modified_at)))?;
    }
    Ok(())
}
