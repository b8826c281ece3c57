//! The language of entries that say none: what feeds.toml says of their feed, and another when it says another.
//!
//! It is written with each entry, since whatever reads one needs it. So a changed `language` rewrites the entries of its
//! feed, in small transactions between polls and from where it was broken off, and they are judged again.

use super::{Store, StoreError, rules};
use crate::model::FeedId;
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeMap;

/// Entries of a feed that are looked at in one transaction.
const BATCH: i64 = 500;

impl Store {
    /// Gives entries the language that feeds.toml says of their feed since it was changed, and returns how many have
    /// another now. They wait to be judged again.
    pub async fn apply_languages(&self) -> std::result::Result<u64, StoreError> {
        let mut changed = 0;
        while let Some(of_batch) = self.write(|pen| batch(pen.connection)).await? {
            changed += of_batch;
        }
        Ok(changed)
    }

    /// Returns which language feeds.toml says, by feed.
    pub fn languages(&self) -> std::result::Result<BTreeMap<FeedId, Option<String>>, StoreError> {
        self.pool.read(|connection| {
            connection
                .prepare_cached("SELECT name, language FROM feeds WHERE configured = 1")?
                .query_map([], |row| {
                    let name: String = row.get(0)?;
                    Ok((FeedId::new(name), row.get(1)?))
                })?
                .collect()
        })
    }
}

/// Notes which language a feed is said to be in.
pub(super) fn set(connection: &Connection, feed: &str, language: Option<&str>) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE feeds SET language = ?2, speaks_to = 0 WHERE name = ?1 AND language IS NOT ?2",
        )?
        .execute((feed, language))?;
    Ok(())
}

/// Gives some entries of one feed its language; returns how many have another now, `None` when there is nothing to do.
fn batch(connection: &Connection) -> Result<Option<u64>> {
    let next: Option<(i64, i64, Option<String>)> = connection
        .prepare_cached(
            "SELECT id, speaks_to, language FROM feeds WHERE speaks_to IS NOT NULL ORDER BY id",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((feed, after, language)) = next else {
        return Ok(None);
    };
    let entries: Vec<i64> = connection
        .prepare_cached(
            "SELECT id FROM entries INDEXED BY entries_by_feed
             WHERE feed = ?1 AND article IS NOT NULL AND id > ?2 ORDER BY id LIMIT ?3",
        )?
        .query_map((feed, after, BATCH), |row| row.get(0))?
        .collect::<Result<_>>()?;
    let mut changed = 0;
    for entry in &entries {
        let rewritten = connection
            .prepare_cached(
                "UPDATE texts SET language = ?2, language_given = 1 WHERE entry = ?1
                 AND (language_given = 1 OR language IS NULL) AND language IS NOT ?2",
            )?
            .execute((entry, &language))?;
        if rewritten > 0 {
            rules::enqueue(connection, *entry)?;
            changed += 1;
        }
    }
    connection
        .prepare_cached("UPDATE feeds SET speaks_to = ?2 WHERE id = ?1")?
        .execute((feed, entries.last()))?;
    Ok(Some(changed))
}
