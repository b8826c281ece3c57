//! What left outputs that tell of it (RFC 6721): what they listed last, and is no entry of theirs any more.
//!
//! What a window only pushed out is an entry still, and in the archive. What retention took was not taken back by
//! anybody: nothing is told of it. What a publisher withdrew goes as well, and is told (`withdrawn.rs`). What left and is listed
//! again is dated after what was told of it, or who deletes what he is told would have the older word stand against it.

use super::archived::{self, Asked};
use super::feeds::limit_of;
use super::rows::At;
use super::writer::Pen;
use super::{Store, StoreError, retain};
use crate::publish::{Deleted, Output, Turnover};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};

/// For so long it is told that an entry left: who reads once a week is told.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// For so long it is remembered: a merganser that was told remembers it as long.
const REMEMBERED_FOR: SignedDuration = retain::KEYS_KEPT;

/// How many are remembered of an output: a feed that takes back and puts back all that it has, at each poll, has more by a night.
const REMEMBERED: i64 = 10_000;

/// By how much what comes back is dated after what was told of it, at the least, in milliseconds: documents tell seconds.
const A_SECOND: i64 = 1000;

/// What is told to have left, the last first.
pub(super) const TOLD: &str = "
    SELECT entry, deleted_at FROM deleted
    WHERE output = ?1 AND deleted_at >= ?3 AND relisted_at IS NULL
    ORDER BY deleted_at DESC, entry DESC LIMIT ?2";

/// What came back, of what is listed.
pub(super) const RELISTED: &str = "
    SELECT d.entry, d.relisted_at FROM listed AS l
    CROSS JOIN deleted AS d ON d.output = l.output AND d.entry = l.entry
    WHERE l.output = ?1 AND d.relisted_at IS NOT NULL";

/// Forgets what left long ago, and what is more than is remembered; but nothing that is listed: that would be dated as before.
pub(super) const FORGET: &str = "
    DELETE FROM deleted WHERE output = ?1
        AND deleted_at < max(?2, coalesce((
            SELECT deleted_at FROM deleted WHERE output = ?1 ORDER BY deleted_at DESC LIMIT 1 OFFSET ?3), ?2))
        AND NOT EXISTS (SELECT 1 FROM listed AS l WHERE l.output = deleted.output AND l.entry = deleted.entry)";

/// Notes which entries left: no earlier than they were listed again, should the clock have been set back.
macro_rules! leaves {
    ($which:literal) => {
        concat!(
            "INSERT INTO deleted (output, entry, deleted_at) ",
            $which,
            " ON CONFLICT (output, entry) DO UPDATE
                 SET deleted_at = max(excluded.deleted_at, coalesce(relisted_at, 0)), relisted_at = NULL"
        )
    };
}

/// Notes that an entry left an output.
const LEAVES: &str = leaves!("VALUES (?1, ?2, ?3)");

/// Notes that an article left all outputs that list it.
pub(super) const TELL: &str = leaves!("SELECT output, entry, ?2 FROM listed WHERE article = ?1");

/// Notes that it is listed again.
const RELISTS: &str = "
    UPDATE deleted SET relisted_at = max(?3, deleted_at + ?4)
    WHERE output = ?1 AND entry = ?2 AND relisted_at IS NULL";

impl Store {
    /// Notes what an output lists, published ids each with the article that stands for it, and returns what left it of late and
    /// what came back. Blocks.
    pub fn note_turnover(
        &self,
        output: &Output,
        listed: Vec<(String, i64)>,
        now: Timestamp,
    ) -> std::result::Result<Turnover, StoreError> {
        let output = output.clone();
        self.write_blocking(move |pen| note(pen, &output, &listed, now))
    }

    /// Returns what left an output of late and what came back, as it was noted.
    pub fn turnover(
        &self,
        output: &Output,
        now: Timestamp,
    ) -> std::result::Result<Turnover, StoreError> {
        self.pool.read(|connection| read(connection, output, now))
    }
}

fn note(
    pen: &mut Pen<'_>,
    output: &Output,
    listed: &[(String, i64)],
    now: Timestamp,
) -> Result<Turnover> {
    let connection = pen.connection;
    // While nobody knows what the output has, it lists nothing, and nothing left it.
    if let Some(asked) = Asked::new(connection, &pen.identity.authority, output)? {
        let before = listed_before(connection, output)?;
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
            // What was withdrawn since the list was read is told to have left, whoever has its number by now.
            if before.get(*id) != Some(article) && asked.has(*article, id)? {
                put_on(connection, (output, id), *article, now)?;
            }
        }
    }
    connection.prepare_cached(FORGET)?.execute((
        output.ledger(),
        At(before(now, REMEMBERED_FOR)),
        REMEMBERED,
    ))?;
    read(connection, output, now)
}

fn before(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.saturating_sub(span).unwrap_or(Timestamp::MIN)
}

fn listed_before(connection: &Connection, output: &Output) -> Result<BTreeMap<String, i64>> {
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
            .prepare_cached(LEAVES)?
            .execute((output.ledger(), id, At(at)))?;
    }
    connection
        .prepare_cached("DELETE FROM listed WHERE output = ?1 AND entry = ?2")?
        .execute((output.ledger(), id))?;
    Ok(())
}

/// Notes that an article that is about to go is no entry any more of the outputs that list it, as its publisher took it back.
pub(super) fn tell(connection: &Connection, article: i64, at: Timestamp) -> Result<()> {
    connection
        .prepare_cached(TELL)?
        .execute((article, At(at)))?;
    connection
        .prepare_cached("DELETE FROM listed WHERE article = ?1")?
        .execute([article])?;
    Ok(())
}

/// Notes that an entry is listed; it may have come back.
fn put_on(
    connection: &Connection,
    (output, id): (&Output, &str),
    article: i64,
    now: Timestamp,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO listed (output, entry, article) VALUES (?1, ?2, ?3)",
        )?
        .execute((output.ledger(), id, article))?;
    connection
        .prepare_cached(RELISTS)?
        .execute((output.ledger(), id, At(now), A_SECOND))?;
    Ok(())
}

fn read(connection: &Connection, output: &Output, now: Timestamp) -> Result<Turnover> {
    let told = (
        output.ledger(),
        limit_of(output.most()),
        At(before(now, TOLD_FOR)),
    );
    let deleted = connection
        .prepare_cached(TOLD)?
        .query_map(told, |row| {
            Ok(Deleted {
                id: row.get(0)?,
                at: row.get::<_, At>(1)?.0,
            })
        })?
        .collect::<Result<_>>()?;
    let relisted = connection
        .prepare_cached(RELISTED)?
        .query_map([output.ledger()], |row| {
            Ok((row.get(0)?, row.get::<_, At>(1)?.0))
        })?
        .collect::<Result<_>>()?;
    Ok(Turnover { deleted, relisted })
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
