//! Entries whose id and address went on to other news.
//!
//! What readers were shown of them stays published as it was. Their rows keep the id with
//! [`RETIRED`] and the number of the row after it, which no feed can bring; so the id names the new
//! entry, and the former ones stand beside it in the index of ids. They are found by their words still,
//! but neither by the id nor by the address or a part of it. What nobody was shown is forgotten instead.
//!
//! They do so at once where other outlets carry the article (`dedupe/reuse.rs`); what is taken back then has its id again.

use super::record::Poll;
use super::rows::key_code;
use super::{keys, labels, lead, shares, texts};
use crate::model::{KeyKind, RETIRED, Said};
use crate::normalize;
use rusqlite::{Connection, Result};

/// The character after [`RETIRED`]: what sorts from the one up to the other begins with the one.
const AFTER: char = '\u{1F}';

/// Former entries that are told of one: nobody reads the weather of last year.
const TOLD: i64 = 20;

/// Whether a feed had other news under an id.
pub(super) const IS_WORN: &str = "
    SELECT EXISTS (SELECT 1 FROM entries
        WHERE entry_id >= ?1 || ?2 AND entry_id < ?1 || ?3 AND feed = ?4)";

/// The entries that had the id of another before it, the last ones first.
pub(super) const BEFORE: &str = "
    SELECT f.id FROM entries AS e
    CROSS JOIN entries AS f ON f.entry_id >= e.entry_id || ?2
        AND f.entry_id < e.entry_id || ?3 AND f.feed = e.feed
    WHERE e.id = ?1 ORDER BY f.id DESC LIMIT ?4";

/// The rows of a feed that had an id before, where they have an article, the last ones first.
pub(super) const FORMER: &str = "
    SELECT f.id, f.title FROM entries AS e
    CROSS JOIN entries AS f ON f.entry_id >= ?2 || ?3 AND f.entry_id < ?2 || ?4 AND f.feed = e.feed
    WHERE e.id = ?1 AND f.article IS NOT NULL ORDER BY f.id DESC LIMIT ?5";

/// Those of them that are compared with what the id brings: what is taken back was there a while ago.
const COMPARED: i64 = 4;

/// Entries of other feeds in the article of one that stand there, but for those that follow it: under its id, or taken from
/// its feed, or both from one.
pub(super) const OTHERS: &str = "
    SELECT o.id, o.title, t.url, g.owner, s.url, f.owner FROM entries AS e
    CROSS JOIN entries AS o INDEXED BY entries_by_article
        ON o.article = e.article AND o.feed <> e.feed AND o.entry_id <> e.entry_id
    CROSS JOIN texts AS t ON t.entry = o.id
    CROSS JOIN texts AS s ON s.entry = e.id
    CROSS JOIN feeds AS f ON f.id = e.feed
    CROSS JOIN feeds AS g ON g.id = o.feed
    WHERE e.id = ?1 AND coalesce(o.origin, g.name) <> coalesce(e.origin, f.name)
        AND instr(o.entry_id, char(30)) = 0
    ORDER BY o.id LIMIT ?2";

/// Entries that are looked at, those stored first: dozens of outlets carry one report of a wire.
const LOOKED_AT: i64 = 64;

/// Of so many the words are compared: what thousands say has words that all of these have.
const OTHERS_COMPARED: usize = 8;

impl Poll<'_, '_> {
    /// Retires the row whose id and address an entry takes; one of the others that carry its article may tell that then.
    pub(super) fn retire(&mut self, former: Option<Retiring>) -> Result<()> {
        let Some(Retiring { number, hands_over }) = former else {
            return Ok(());
        };
        let connection = self.pen.connection;
        let (article, leads): (Option<i64>, bool) = connection
            .prepare_cached("SELECT article, leads FROM entries WHERE id = ?1")?
            .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
        retire(connection, number)?;
        let Some(article) = article else {
            return Ok(());
        };
        if leads && hands_over {
            self.note_story(article)?;
            lead::hand_over(connection, (article, number), self.at)?;
        }
        self.note_story(article)?;
        self.labels.extend(labels::of_article(connection, article)?);
        self.labels.extend(shares::taking(connection, article)?);
        Ok(())
    }
}

/// A row that loses its id and address.
#[derive(Clone, Copy)]
pub(super) struct Retiring {
    pub(super) number: i64,
    /// Whether others that carry its article may tell it from then on.
    pub(super) hands_over: bool,
}

/// Takes id and address from an entry, stored or not, and what was read off the address. Of one that was published by its
/// own id the id is written down: readers know it (U3).
fn retire(connection: &Connection, number: i64) -> Result<()> {
    let (packed, was_shown): (Vec<u8>, bool) = connection
        .prepare_cached(
            "SELECT keys, article IS NOT NULL OR purged_at IS NOT NULL FROM entries WHERE id = ?1",
        )?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !was_shown {
        return keys::forget(connection, number, &packed);
    }
    let taken = [
        KeyKind::Guid,
        KeyKind::Url,
        KeyKind::Slug,
        KeyKind::ArticleNumber,
    ];
    let taken = taken.map(key_code);
    let kept = keys::without(&packed, &taken);
    keys::remove(connection, number, &packed)?;
    keys::insert(connection, number, &kept)?;
    connection
        .prepare_cached(
            "UPDATE entries SET entry_id = entry_id || ?2 || id, keys = ?3,
                 published_as = iif(published_as = '', entry_id, published_as) WHERE id = ?1",
        )?
        .execute((number, RETIRED.to_string(), kept))?;
    Ok(())
}

/// Tells whether a feed had other news under this id before.
pub(super) fn is_worn(connection: &Connection, feed: i64, entry_id: &str) -> Result<bool> {
    connection.prepare_cached(IS_WORN)?.query_row(
        (entry_id, RETIRED.to_string(), AFTER.to_string(), feed),
        |row| row.get(0),
    )
}

/// Returns the numbers of the entries that had the id of a stored entry before it.
pub(super) fn before(connection: &Connection, number: i64) -> Result<Vec<i64>> {
    connection
        .prepare_cached(BEFORE)?
        .query_map(
            (number, RETIRED.to_string(), AFTER.to_string(), TOLD),
            |row| row.get(0),
        )?
        .collect()
}

/// Gives a row the id again that it had before: what stood there meanwhile is retired.
pub(super) fn revive(connection: &Connection, number: i64, entry_id: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE entries SET entry_id = ?2 WHERE id = ?1")?
        .execute((number, entry_id))?;
    Ok(())
}

/// Reads what the feed of a stored entry had under an id before, by the numbers of these rows, the last ones first.
pub(super) fn former(
    connection: &Connection,
    number: i64,
    entry_id: &str,
) -> Result<Vec<(i64, Said)>> {
    let (retired, after) = (RETIRED.to_string(), AFTER.to_string());
    let mut statement = connection.prepare_cached(FORMER)?;
    let mut rows = statement.query((number, entry_id, retired, after, COMPARED))?;
    let mut former = Vec::new();
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        former.push((number, said(connection, number, row.get(1)?)?));
    }
    Ok(former)
}

/// Reads what other outlets say that carry the article of a stored entry, at sites of their own.
pub(super) fn others(connection: &Connection, number: i64) -> Result<Vec<Said>> {
    let mut statement = connection.prepare_cached(OTHERS)?;
    let mut rows = statement.query((number, LOOKED_AT))?;
    let mut others = Vec::new();
    while others.len() < OTHERS_COMPARED
        && let Some(row) = rows.next()?
    {
        let is_same = |one: Option<String>, other: Option<String>| one.is_some() && one == other;
        let site = |column| -> Result<Option<String>> {
            let url: Option<String> = row.get(column)?;
            Ok(url.as_deref().and_then(normalize::site))
        };
        if !is_same(row.get(3)?, row.get(5)?) && !is_same(site(2)?, site(4)?) {
            others.push(said(connection, row.get(0)?, row.get(1)?)?);
        }
    }
    Ok(others)
}

/// Reads how the text of a stored entry begins.
fn said(connection: &Connection, number: i64, title: String) -> Result<Said> {
    let text = texts::beginning(connection, number)?;
    Ok(Said { title, text })
}
