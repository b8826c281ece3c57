//! What left outputs that tell of it (RFC 6721): what they listed last, and is no entry of theirs any more.
//!
//! What a window only pushed out is an entry still, and in the archive. What retention took was not taken back by
//! anybody: nothing is told of it.

use super::archived::{self, Asked};
use super::feeds::limit_of;
use super::rows::At;
use super::writer::Pen;
use super::{Store, StoreError};
use crate::publish::{Deleted, Output};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};

/// For so long it is told that an entry left: who reads once a week is told.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Store {
    /// Notes what an output lists, published ids each with the article that stands for it, and returns what left it of late,
    /// the last first. Blocks.
    pub fn note_deleted(
        &self,
        output: &Output,
        listed: Vec<(String, i64)>,
        now: Timestamp,
    ) -> std::result::Result<Vec<Deleted>, StoreError> {
        let output = output.clone();
        self.write_blocking(move |pen| note(pen, &output, &listed, now))
    }

    /// Returns what left an output of late, as it was noted.
    pub fn deleted(
        &self,
        output: &Output,
        now: Timestamp,
    ) -> std::result::Result<Vec<Deleted>, StoreError> {
        self.pool.read(|connection| read(connection, output, now))
    }
}

fn note(
    pen: &mut Pen<'_>,
    output: &Output,
    listed: &[(String, i64)],
    now: Timestamp,
) -> Result<Vec<Deleted>> {
    let connection = pen.connection;
    // While nobody knows what the output has, it lists nothing, and nothing left it.
    if let Some(asked) = Asked::new(connection, &pen.identity.authority, output)? {
        let before = before(connection, output)?;
        let held: BTreeMap<&str, i64> = listed
            .iter()
            .map(|(id, article)| (id.as_str(), *article))
            .collect();
        let left = before
            .iter()
            .filter(|(id, _)| !held.contains_key(id.as_str()));
        for (id, article) in left {
            let is_deleted = asked.was_taken_out(*article, &archived::key(id))?;
            take_off(connection, output, id, is_deleted.then_some(now))?;
        }
        for (id, article) in &held {
            if before.get(*id) != Some(article) {
                put_on(connection, output, id, *article)?;
            }
        }
    }
    connection
        .prepare_cached("DELETE FROM deleted WHERE output = ?1 AND deleted_at < ?2")?
        .execute((output.ledger(), At(told_since(now))))?;
    read(connection, output, now)
}

fn told_since(now: Timestamp) -> Timestamp {
    now.saturating_sub(TOLD_FOR).unwrap_or(Timestamp::MIN)
}

fn before(connection: &Connection, output: &Output) -> Result<BTreeMap<String, i64>> {
    connection
        .prepare_cached("SELECT entry, article FROM listed WHERE output = ?1")?
        .query_map([output.ledger()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Notes that an entry is listed no more, and whether it is none any more.
fn take_off(
    connection: &Connection,
    output: &Output,
    id: &str,
    deleted_at: Option<Timestamp>,
) -> Result<()> {
    if let Some(at) = deleted_at {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO deleted (output, entry, deleted_at) VALUES (?1, ?2, ?3)",
            )?
            .execute((output.ledger(), id, At(at)))?;
    }
    connection
        .prepare_cached("DELETE FROM listed WHERE output = ?1 AND entry = ?2")?
        .execute((output.ledger(), id))?;
    Ok(())
}

/// Notes that an entry is listed; it may have come back.
fn put_on(connection: &Connection, output: &Output, id: &str, article: i64) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO listed (output, entry, article) VALUES (?1, ?2, ?3)",
        )?
        .execute((output.ledger(), id, article))?;
    connection
        .prepare_cached("DELETE FROM deleted WHERE output = ?1 AND entry = ?2")?
        .execute((output.ledger(), id))?;
    Ok(())
}

fn read(connection: &Connection, output: &Output, now: Timestamp) -> Result<Vec<Deleted>> {
    let most = limit_of(output.most());
    connection
        .prepare_cached(
            "SELECT entry, deleted_at FROM deleted WHERE output = ?1 AND deleted_at >= ?3
             ORDER BY deleted_at DESC, entry LIMIT ?2",
        )?
        .query_map((output.ledger(), most, At(told_since(now))), |row| {
            Ok(Deleted {
                id: row.get(0)?,
                at: row.get::<_, At>(1)?.0,
            })
        })?
        .collect()
}

/// Forgets what was noted under other names than these.
pub(super) fn forget(connection: &Connection, ledgers: &BTreeSet<String>) -> Result<()> {
    let noted: BTreeSet<String> = connection
        .prepare_cached("SELECT output FROM listed UNION SELECT output FROM deleted")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_>>()?;
    for sql in [
        "DELETE FROM listed WHERE output = ?1",
        "DELETE FROM deleted WHERE output = ?1",
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        for output in noted.difference(ledgers) {
            statement.execute([output])?;
        }
    }
    Ok(())
}
