//! Reads stored entries with the decisions taken about them.

use super::lead::{standing, standing_columns};
use super::retain::is_listed;
use super::rows::{At, KeyBytes, ReasonName, count, feed_id, instant, key_code};
use super::{Store, StoreError, feeds, labels, last_edit, retain, retired, shares};
use crate::model::{FeedId, Key, KeyKind, Reason, StoredEntry, Tombstone};
use rusqlite::{Connection, OptionalExtension, Params, Result, Row};
use std::collections::BTreeSet;

/// An answer to "what do you know of this page" holds no more entries than a person reads.
const FOUND: i64 = 100;

/// Reports of one story that are told: twice as many as the largest among fifty thousand real headlines had.
const REPORTS: i64 = 1000;

/// Entries read at a time for an export: between two of them nothing is held open.
pub(super) const CHUNK: i64 = 500;

/// Entries whose addresses are compared with one that is not found, those stored last: no index has them, and what
/// somebody asks about is mostly of these weeks.
const COMPARED: i64 = 20_000;

impl Store {
    /// Returns the addresses of the entries stored last that hold a text in whatever letters, as the name of a host with a
    /// slash in small ones, the newest first; twenty thousand are looked at.
    pub fn addresses_with(&self, part: &str) -> std::result::Result<Vec<String>, StoreError> {
        self.pool.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT url FROM (SELECT entry, url FROM texts ORDER BY entry DESC LIMIT ?1)
                     WHERE instr(lower(url), ?2) > 0 ORDER BY entry DESC",
                )?
                .query_map((COMPARED, part), |row| row.get(0))?
                .collect()
        })
    }
}

/// All columns of an entry.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            standing_columns!(),
            ", e.id, f.name, e.entry_id, t.url, e.title, e.published_at, e.first_seen_at,
                 e.article, a.atom_id, e.leads, a.story, a.story_reason,
                 coalesce((SELECT outlets FROM stories WHERE id = a.story), a.outlets) AS outlets,
                 t.reason_kind, t.reason, t.last_edit, f.owner,
                 (SELECT max(number) FROM revisions WHERE entry = e.id) AS revisions
             FROM entries AS e
             CROSS JOIN articles AS a ON a.id = e.article
             CROSS JOIN texts AS t ON t.entry = e.id
             CROSS JOIN feeds AS f ON f.id = e.feed
             WHERE ",
            $condition
        )
    };
}

/// Finds entries by the publisher's id, the published id or keys; oldest first.
pub(super) fn find(connection: &Connection, text: &str, keys: &[Key]) -> Result<Vec<StoredEntry>> {
    let numbers = numbers(connection, text, keys)?;
    let entries = numbers.into_iter().map(|number| entry(connection, number));
    entries.filter_map(Result::transpose).collect()
}

/// Finds the numbers of entries, stored or not.
fn numbers(connection: &Connection, text: &str, keys: &[Key]) -> Result<BTreeSet<i64>> {
    let mut numbers = BTreeSet::new();
    let by_id = "SELECT id FROM entries WHERE entry_id = ?1 LIMIT ?2";
    collect(connection, by_id, (text, FOUND), &mut numbers)?;
    let by_atom_id = "SELECT e.id FROM articles AS a CROSS JOIN entries AS e ON e.article = a.id
        WHERE a.atom_id = ?1 LIMIT ?2";
    collect(connection, by_atom_id, (text, FOUND), &mut numbers)?;
    for key in keys {
        let by_key = "SELECT entry FROM keys WHERE kind = ?1 AND digest = ?2 LIMIT ?3";
        let key = (key_code(key.kind), key.digest, FOUND);
        collect(connection, by_key, key, &mut numbers)?;
    }
    // What had the id of one of them before is told with it.
    for number in numbers.clone() {
        numbers.extend(retired::before(connection, number)?);
    }
    Ok(numbers)
}

/// Adds the numbers that a query finds.
fn collect(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    numbers: &mut BTreeSet<i64>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        numbers.insert(row.get(0)?);
    }
    Ok(())
}

/// Reads one entry; a tombstone is none.
fn entry(connection: &Connection, number: i64) -> Result<Option<StoredEntry>> {
    connection
        .prepare_cached(select!("e.id = ?1"))?
        .query_row([number], |row| stored(connection, row))
        .optional()
        .map(|found| found.map(|(_, entry)| entry))
}

/// Reads the entries of an article, oldest first.
pub(super) fn members(connection: &Connection, article: i64) -> Result<Vec<StoredEntry>> {
    connection
        .prepare_cached(select!("e.article = ?1 ORDER BY e.id"))?
        .query_map([article], |row| stored(connection, row))?
        .map(|row| row.map(|(_, entry)| entry))
        .collect()
}

/// Reads the entries that tell the articles of a story, the first published first.
pub(super) fn reports(connection: &Connection, story: i64) -> Result<Vec<StoredEntry>> {
    let articles: Vec<i64> = connection
        .prepare_cached(
            "SELECT id FROM articles WHERE story = ?1 ORDER BY published_at, id LIMIT ?2",
        )?
        .query_map((story, REPORTS), |row| row.get(0))?
        .collect::<Result<_>>()?;
    let mut lead = connection.prepare_cached(select!("e.article = ?1 AND e.leads = 1"))?;
    let report = |article| lead.query_row([article], |row| stored(connection, row));
    let reports = articles.into_iter().map(report);
    reports.map(|row| row.map(|(_, entry)| entry)).collect()
}

/// Reads a chunk of entries after a number, each with its number.
pub(super) fn chunk(connection: &Connection, after: i64) -> Result<Vec<(i64, StoredEntry)>> {
    connection
        .prepare_cached(select!("e.id > ?1 ORDER BY e.id LIMIT ?2"))?
        .query_map((after, CHUNK), |row| stored(connection, row))?
        .collect()
}

/// What is left of an entry; a stored one is none.
const TOMBSTONE: &str = concat!(
    "SELECT f.name, e.entry_id, e.title, e.published_at, e.first_seen_at, e.purged_at, e.withdrawn_at, e.listed_at,
         e.keys, ",
    is_listed!(),
    " IS TRUE AS is_listed
     FROM entries AS e CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE e.id = ?2 AND e.article IS NULL"
);

/// The feed that had what has a key, and dropped it by an instant.
const LEFT: &str = "SELECT f.name FROM keys AS k
     CROSS JOIN entries AS e ON e.id = k.entry
     CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE k.kind = ?1 AND k.digest = ?2 AND f.name <> ?3 AND e.purged_at <= ?4
     ORDER BY k.entry DESC LIMIT 1";

/// Finds what is left of entries by the publisher's id or by keys; oldest first.
pub(super) fn tombstones(
    connection: &Connection,
    text: &str,
    keys: &[Key],
) -> Result<Vec<Tombstone>> {
    let numbers = numbers(connection, text, keys)?;
    let mut statement = connection.prepare_cached(TOMBSTONE)?;
    let tombstones = numbers.into_iter().map(|number| {
        let found = statement.query_row((retain::lag(), number), |row| tombstone(connection, row));
        found.optional()
    });
    tombstones.filter_map(Result::transpose).collect()
}

/// Reads what is left of an entry.
fn tombstone(connection: &Connection, row: &Row<'_>) -> Result<Tombstone> {
    let (feed, first_seen_at) = (feed_id(row, "name")?, row.get::<_, At>("first_seen_at")?);
    let purged_at = instant(row, "purged_at")?;
    let left = match purged_at {
        Some(_) => None,
        None => left(
            connection,
            row.get_ref("keys")?.as_blob()?,
            &feed,
            first_seen_at,
        )?,
    };
    let is_listed: bool = row.get("is_listed")?;
    let kept_until = row
        .get::<_, At>("listed_at")?
        .0
        .checked_add(retain::KEYS_KEPT);
    Ok(Tombstone {
        feed,
        entry_id: row.get("entry_id")?,
        title: row.get("title")?,
        published_at: row.get::<_, At>("published_at")?.0,
        first_seen_at: first_seen_at.0,
        purged_at,
        withdrawn_at: instant(row, "withdrawn_at")?,
        left,
        kept_until: kept_until.ok().filter(|_| !is_listed),
    })
}

/// Counts entries.
pub(super) fn number(connection: &Connection) -> Result<u64> {
    let sql = "SELECT count(*) FROM entries WHERE article IS NOT NULL";
    connection.query_row(sql, [], |row| row.get(0).map(count))
}

/// Returns the feed that had dropped what has the address of an entry before that came; the newest of several.
fn left(connection: &Connection, packed: &[u8], feed: &FeedId, by: At) -> Result<Option<FeedId>> {
    let (keys, _) = packed.as_chunks::<{ size_of::<KeyBytes>() }>();
    let mut statement = connection.prepare_cached(LEFT)?;
    for key in keys {
        let (kind, digest) = key.split_at(1);
        if kind != [key_code(KeyKind::Url)] {
            continue;
        }
        let asked = (kind.first(), digest, feed.as_str(), by);
        let found = statement.query_row(asked, |row| feed_id(row, "name"));
        if let Some(found) = found.optional()? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Counts entries, articles and tombstones.
pub(super) fn totals(connection: &Connection) -> Result<[u64; 4]> {
    connection.query_row(
        "SELECT (SELECT count(*) FROM entries WHERE article IS NOT NULL),
             (SELECT count(*) FROM articles),
             (SELECT count(*) FROM stories),
             (SELECT count(*) FROM entries WHERE article IS NULL)",
        [],
        |row| {
            let number = |column| row.get(column).map(count);
            Ok([number(0)?, number(1)?, number(2)?, number(3)?])
        },
    )
}

/// Reads one row and the labels of its entry.
fn stored(connection: &Connection, row: &Row<'_>) -> Result<(i64, StoredEntry)> {
    let number = row.get("id")?;
    let standing = standing(row)?;
    let entry = StoredEntry {
        feed: feed_id(row, "name")?,
        entry_id: row.get("entry_id")?,
        url: row.get("url")?,
        title: row.get("title")?,
        published_at: row.get::<_, At>("published_at")?.0,
        first_seen_at: row.get::<_, At>("first_seen_at")?.0,
        article: row.get("article")?,
        atom_id: row.get("atom_id")?,
        leads: row.get("leads")?,
        outlet: feeds::outlet(row)?,
        completeness: standing.completeness,
        dated: standing.dated,
        aggregated: standing.aggregated,
        story: row.get("story")?,
        story_reason: row.get("story_reason")?,
        outlets: count(row.get("outlets")?),
        shares: shares::of_article(connection, row.get("article")?)?,
        topics: labels::matches(connection, number)?,
        reason: Reason {
            kind: row.get::<_, ReasonName>("reason_kind")?.0,
            text: row.get("reason")?,
        },
        revisions: row.get::<_, Option<i64>>("revisions")?.map_or(0, count),
        last_edit: last_edit::of(row)?,
    };
    Ok((number, entry))
}
