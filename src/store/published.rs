//! Under which id an article is published.

use super::labels::Labelled;
use super::retired;
use super::rows::At;
use super::writer::Pen;
use crate::model::{Entry, EntryRecord, Rules};
use crate::publish;
use jiff::Timestamp;
use rusqlite::{Connection, Result};

/// Feeds that have one id, beyond which it names nothing.
const NAMESAKES: i64 = 64;

/// Whether an article of another feed was published by an id until retention took it, or its publisher its entry, or so many feeds
/// have that id that not all are looked at.
pub(super) const IS_KNOWN: &str = "
    SELECT EXISTS (SELECT 1 FROM entries WHERE published_as = ?1 AND published_as > '' AND feed <> ?2)
        OR (SELECT count(*) >= ?3 OR total(published_as = '' AND feed <> ?2) > 0
            FROM (SELECT feed, published_as FROM entries WHERE entry_id = ?1 LIMIT ?3))";

/// Whether a story, or what is left of one, goes by an id.
pub(super) const IS_FOUNDER: &str = "
    SELECT EXISTS (SELECT 1 FROM stories WHERE founder = ?1)
        OR EXISTS (SELECT 1 FROM heirs WHERE founder = ?1)";

/// Notes by which id an article was published, before it leaves, or an entry of it: of the entry whose id that is, else of the first.
const KEEP: &str = "
    UPDATE entries SET published_as = iif(entry_id = ?2, '', ?2)
    WHERE id = (SELECT id FROM entries WHERE article = ?1 ORDER BY entry_id <> ?2, id LIMIT 1)
        AND coalesce(id = ?3, 1)";

/// Notes on an entry that is back by which id it was published before.
const NOTE: &str = "UPDATE entries SET published_as = iif(entry_id = ?2, '', ?2) WHERE id = ?1";

/// What brings an entry of which an article is made.
pub(super) struct Arrival {
    /// The number of the feed.
    pub(super) feed: i64,
    /// The instant of the poll.
    pub(super) at: Timestamp,
    /// By which id the entry was published until its publisher withdrew it.
    pub(super) former_id: Option<String>,
}

/// Makes an article of an entry, under the id that it is published by for as long as it is stored (U2): the
/// publisher's where it can serve and is free, else one of our own.
///
/// Two feeds may claim one id, by accident or to pass for another; the first keeps it (U3), also when retention
/// took what had it: readers have it still. A publisher may
/// even claim an id that only we make, an output's or a story's: then another is made.
///
/// What is told to nobody but a few has an id of our own: the article may be told to everybody by a copy later, and the
/// publisher's id may be the address of what nobody is to know.
///
/// What its publisher withdrew and lists again has the id that it had, if no other feed had it as well, also where a story that it
/// began goes by that: its entry has another name since it left (`founders.rs`).
pub(super) fn insert(
    pen: &Pen<'_>,
    arrival: &Arrival,
    record: &EntryRecord,
    rules: &Rules,
) -> Result<Labelled> {
    let entry = &record.entry;
    let Arrival {
        feed,
        at,
        former_id,
    } = arrival;
    let made = |article| Labelled {
        article,
        published_at: entry.published_at,
    };
    if let Some(former_id) = former_id
        && !is_known(pen.connection, *feed, former_id)?
        && let Some(article) = put(pen.connection, former_id, entry)?
    {
        return Ok(made(article));
    }
    let authority = &pen.identity.authority;
    let mut id = publish::entry_atom_id(&entry.entry_id);
    id = id.filter(|id| !publish::is_own_atom_id(authority, id));
    let mut salted = entry.entry_id.clone();
    let is_hidden = rules.open.as_ref().is_some_and(|open| {
        let mut topics = record.topics.iter();
        !topics.any(|it| open.contains(&it.topic))
    });
    if is_hidden || retired::is_worn(pen.connection, *feed, &salted)? {
        // Readers know a worn one as that of other news, even if these are gone by now. With the instant, which nobody knows, so that it cannot be guessed from the digest either.
        (id, salted) = (None, format!("{salted}\n{at}"));
    }
    if let Some(claimed) = &id
        && is_known(pen.connection, *feed, claimed)?
    {
        id = None;
    }
    loop {
        let id = id
            .take()
            .unwrap_or_else(|| publish::minted_atom_id(authority, &entry.feed, &salted));
        if let Some(article) = claim(pen.connection, &id, entry)? {
            return Ok(made(article));
        }
        salted.push('\n');
    }
}

/// Tells whether readers know an id as that of another feed's article, which that has no more.
fn is_known(connection: &Connection, feed: i64, id: &str) -> Result<bool> {
    let mut is_known = connection.prepare_cached(IS_KNOWN)?;
    is_known.query_row((id, feed, NAMESAKES), |row| row.get(0))
}

/// Notes of an entry that is back by which id it was published before, also where it has another now: no other feed gets that.
pub(super) fn note(connection: &Connection, entry: i64, former_id: &str) -> Result<()> {
    connection
        .prepare_cached(NOTE)?
        .execute((entry, former_id))
        .map(drop)
}

/// Keeps by which id an article was published, before its entries become tombstones, or one that leaves it, if it is that one's.
pub(super) fn keep(connection: &Connection, (article, leaves): (i64, Option<i64>)) -> Result<()> {
    let atom_id: String = connection
        .prepare_cached("SELECT atom_id FROM articles WHERE id = ?1")?
        .query_row([article], |row| row.get(0))?;
    connection
        .prepare_cached(KEEP)?
        .execute((article, atom_id, leaves))?;
    Ok(())
}

/// Makes an article with this id, unless another has it, or a story that began with one.
fn claim(connection: &Connection, atom_id: &str, entry: &Entry) -> Result<Option<i64>> {
    let mut is_founder = connection.prepare_cached(IS_FOUNDER)?;
    if is_founder.query_row([atom_id], |row| row.get(0))? {
        return Ok(None);
    }
    put(connection, atom_id, entry)
}

/// Makes an article with this id, unless another has it.
fn put(connection: &Connection, atom_id: &str, entry: &Entry) -> Result<Option<i64>> {
    // Without RETURNING, which would have SQLite keep a copy of each page that is changed.
    let made = connection
        .prepare_cached(
            "INSERT INTO articles (atom_id, published_at, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (atom_id) DO NOTHING",
        )?
        .execute((atom_id, At(entry.published_at), At(entry.updated_at)))?;
    Ok((made > 0).then(|| connection.last_insert_rowid()))
}
