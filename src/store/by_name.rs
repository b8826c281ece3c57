//! The row that has the name of an entry: its feed, and its id there.

use super::rows::instant;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row};

/// What is stored of an entry, or remembered.
pub(super) const NAMED: &str = "
    SELECT e.id, e.article, e.keys, e.withdrawn_at, t.updated_at,
        e.published_at <> e.first_seen_at AS is_dated,
        iif(e.withdrawn_at IS NULL, NULL, iif(e.published_as = '', e.entry_id, e.published_as)) AS former_id
    FROM entries AS e LEFT JOIN texts AS t ON t.entry = e.id
    WHERE e.entry_id = ?1 AND e.feed = ?2";

/// A row of `entries`.
pub(super) struct Named {
    pub(super) number: i64,
    /// Its article; of what is only remembered none.
    pub(super) article: Option<i64>,
    /// Its keys, packed.
    pub(super) keys: Vec<u8>,
    pub(super) withdrawn_at: Option<Timestamp>,
    /// When it was changed last, as its publisher dates it.
    pub(super) updated_at: Option<Timestamp>,
    /// By which id it was published until its publisher withdrew it, where that was its article's.
    pub(super) former_id: Option<String>,
}

/// Finds the row of an entry.
pub(super) fn find(connection: &Connection, feed: i64, entry_id: &str) -> Result<Option<Named>> {
    connection
        .prepare_cached(NAMED)?
        .query_row((entry_id, feed), named)
        .optional()
}

fn named(row: &Row<'_>) -> Result<Named> {
    let (is_dated, updated_at): (bool, _) = (row.get("is_dated")?, instant(row, "updated_at")?);
    Ok(Named {
        number: row.get("id")?,
        article: row.get("article")?,
        keys: row.get("keys")?,
        withdrawn_at: instant(row, "withdrawn_at")?,
        updated_at: updated_at.filter(|_| is_dated),
        former_id: row.get("former_id")?,
    })
}
