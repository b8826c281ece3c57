//! Which labels everybody was told of, and by which rules they had been given.
//!
//! While a changed rule is applied, its label stands for what the rule before found. Whether that may be told goes by what
//! was told: the rule before may have been that of an output with a key.

use super::rows::At;
use super::{Store, StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, Result};
use std::collections::BTreeMap;

/// Labels, each with the digest of the rule by which it was given.
type Named = BTreeMap<String, [u8; 16]>;

/// What stands before a label in its row: paths begin with a slash.
const NAMED: &str = "named:";

impl Store {
    /// Returns the labels that everybody was told of last, each with the digest of the rule by which it had been given.
    pub fn named(&self) -> std::result::Result<Named, StoreError> {
        self.pool.read(read)
    }

    /// Remembers these in the place of all that were. Blocks.
    pub fn set_named(&self, named: Named, now: Timestamp) -> std::result::Result<(), StoreError> {
        if self.named()? == named {
            return Ok(());
        }
        self.write_blocking(move |pen| write(pen.connection, &named, now))
    }
}

fn read(connection: &Connection) -> Result<Named> {
    connection
        .prepare_cached(
            "SELECT substr(path, 7), digest FROM outputs WHERE path >= 'named:' AND path < 'named;'",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn write(connection: &Connection, named: &Named, now: Timestamp) -> Result<()> {
    connection.execute(
        "DELETE FROM outputs WHERE path >= 'named:' AND path < 'named;'",
        [],
    )?;
    let mut insert = connection
        .prepare_cached("INSERT INTO outputs (path, digest, modified_at) VALUES (?1, ?2, ?3)")?;
    for (label, rule) in named {
        insert.execute((format!("{NAMED}{label}"), rule, At(now)))?;
    }
    Ok(())
}
