//! What was served last, so that a restart does not look like news.

use super::rows::At;
use super::{Store, StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, Result};
use std::collections::BTreeMap;

/// BLAKE3 of the bytes of an output.
pub type Digest = [u8; 32];

impl Store {
    /// Returns what was served last at each path: the digest of the bytes and their `Last-Modified`.
    pub fn rendered(&self) -> Result<BTreeMap<String, (Digest, Timestamp)>, StoreError> {
        self.pool.read(read)
    }

    /// Remembers what is served now at some paths, and forgets others; those that are not named keep what was
    /// there.
    pub async fn set_rendered(
        &self,
        rendered: Vec<(String, Digest, Timestamp)>,
        gone: Vec<String>,
    ) -> Result<(), StoreError> {
        self.write(move |pen| {
            forget(pen.connection, &gone)?;
            write(pen.connection, &rendered)
        })
        .await
    }

    /// Returns what hubs were told of last, by path: what stands for the bytes and the hub.
    pub fn told(&self) -> Result<BTreeMap<String, Digest>, StoreError> {
        self.pool.read(read_told)
    }

    /// Remembers what hubs were told of at some paths, at `now`, and forgets it where there is nothing; others keep
    /// what was there.
    pub async fn set_told(
        &self,
        told: Vec<(String, Option<Digest>)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        for (path, digest) in told {
            let path = format!("{TOLD}{path}");
            match digest {
                Some(digest) => rows.push((path, digest, now)),
                None => gone.push(path),
            }
        }
        self.set_rendered(rows, gone).await
    }
}

/// What stands before a path in the row of what a hub was told of it: paths begin with a slash.
const TOLD: &str = "told:";

/// Reads what hubs were told of each path.
fn read_told(connection: &Connection) -> Result<BTreeMap<String, Digest>> {
    connection
        .prepare_cached(
            "SELECT substr(path, 6), digest FROM outputs WHERE path >= 'told:' AND path < 'told;'",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Reads what was served at each path.
pub(super) fn read(connection: &Connection) -> Result<BTreeMap<String, (Digest, Timestamp)>> {
    connection
        .prepare_cached(
            "SELECT path, digest, modified_at FROM outputs WHERE path >= '/' AND path < '0'",
        )?
        .query_map([], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get::<_, At>(2)?.0)))
        })?
        .collect()
}

/// Forgets what was served at paths that are no more.
pub(super) fn forget(connection: &Connection, gone: &[String]) -> Result<()> {
    let mut statement = connection.prepare_cached("DELETE FROM outputs WHERE path = ?1")?;
    gone.iter()
        .try_for_each(|path| statement.execute([path]).map(drop))
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
