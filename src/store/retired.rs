//! Entries whose id and address went on to other news.
//!
//! What readers were shown of them stays published as it was. Their rows keep the id with
//! [`RETIRED`] and the number of the row after it, which no feed can bring; so the id names the new
//! entry, and the former ones stand beside it in the index of ids. They are found by their words still,
//! but neither by the id nor by the address or a part of it. What nobody was shown is forgotten instead.
//!
//! They do so at once where other outlets carry the article (`dedupe/reuse.rs`); what is taken back then has its id again.

use super::record::Poll;
use super::rows::{At, key_code};
use super::{keys, lead, texts};
use crate::model::{Entry, FeedId, Former, KeyKind, RETIRED, Said};
use crate::normalize;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result};

/// The character after [`RETIRED`]: what sorts from the one up to the other begins with the one.
const AFTER: char = '\u{1F}';

/// Former entries that are told of one: nobody reads the weather of last year.
const TOLD: i64 = 20;

/// Whether a feed had other news under an id.
pub(super) const IS_WORN: &str = "
    SELECT EXISTS (SELECT 1 FROM entries
        WHERE entry_id >= ?1 || ?2 AND entry_id < ?1 || ?3 AND feed = ?4)";

/// The same of a feed by its name.
pub(super) const WORE: &str = "
    SELECT EXISTS (SELECT 1 FROM feeds AS f CROSS JOIN entries AS e
        ON e.entry_id >= ?1 || ?2 AND e.entry_id < ?1 || ?3 AND e.feed = f.id WHERE f.name = ?4)";

/// The entries that had the id of another before it, the last ones first.
pub(super) const BEFORE: &str = "
    SELECT f.id FROM entries AS e
    CROSS JOIN entries AS f ON f.entry_id >= e.entry_id || ?2
        AND f.entry_id < e.entry_id || ?3 AND f.feed = e.feed
    WHERE e.id = ?1 ORDER BY f.id DESC LIMIT ?4";

/// The rows of a feed that had an id between two of late and have an article, those listed last first. The feed is no term of
/// an index (`+`): that of its entries would be read from end to end.
pub(super) const FORMER: &str = "
    SELECT f.id, f.title, t.updated_at FROM entries AS e
    CROSS JOIN entries AS f ON f.entry_id >= ?2 AND f.entry_id < ?3 AND +f.feed = e.feed
    CROSS JOIN texts AS t ON t.entry = f.id
    WHERE e.id = ?1 AND f.article IS NOT NULL AND f.listed_at > ?4 AND instr(f.entry_id, char(30)) > 0
    ORDER BY f.listed_at DESC, f.id DESC LIMIT ?5";

/// Those of them that are compared with what the id brings.
const COMPARED: i64 = 4;

/// For so long what a page said may be there again: a mistake is taken back the day after, and caches are out of date for hours.
const OF_LATE: SignedDuration = SignedDuration::from_hours(48);

/// Entries of other feeds in the article of one that stand there, or that it began with, but for those that follow it: under
/// its id, or taken from its feed, or both from one.
pub(super) const OTHERS: &str = "
    SELECT o.id, o.title, t.url, g.owner, s.url, f.owner FROM entries AS e
    CROSS JOIN entries AS o INDEXED BY entries_by_article
        ON o.article = e.article AND o.feed <> e.feed AND o.entry_id <> e.entry_id
    CROSS JOIN texts AS t ON t.entry = o.id
    CROSS JOIN texts AS s ON s.entry = e.id
    CROSS JOIN feeds AS f ON f.id = e.feed
    CROSS JOIN feeds AS g ON g.id = o.feed
    WHERE e.id = ?1 AND coalesce(o.origin, g.name) <> coalesce(e.origin, f.name)
        AND (instr(o.entry_id, char(30)) = 0
            OR o.id = (SELECT min(id) FROM entries WHERE article = e.article))
    ORDER BY o.id LIMIT ?2";

/// Entries that are looked at, those stored first: dozens of outlets carry one report of a wire.
const LOOKED_AT: i64 = 64;

/// Of so many the words are compared: what thousands say has words that all of these have.
const OTHERS_COMPARED: usize = 8;

impl Poll<'_, '_> {
    /// Retires the row whose id and address an entry takes; it is no longer named beside who tells its article.
    pub(super) fn retire(&mut self, former: Option<i64>) -> Result<()> {
        let Some(former) = former else {
            return Ok(());
        };
        let connection = self.pen.connection;
        retire(connection, former)?;
        connection
            .prepare_cached("UPDATE entries SET listed_at = ?2 WHERE id = ?1")?
            .execute((former, At(self.at)))?;
        let told: Option<i64> = connection
            .prepare_cached("SELECT article FROM entries WHERE id = ?1 AND leads = 1")?
            .query_row([former], |row| row.get(0))
            .optional()?
            .flatten();
        if let Some(article) = told {
            self.note_story(article)?;
            lead::hand_back(connection, (article, former), self.at)?;
        }
        self.note_entry(former)
    }

    /// Gives a row the id again that it had before, where what stood there meanwhile is retired: it tells
    /// its article again when that is chosen next, as what comes and goes would move the date without end.
    pub(super) fn revive(&mut self, number: i64, entry_id: &str) -> Result<()> {
        let connection = self.pen.connection;
        connection
            .prepare_cached("UPDATE OR IGNORE entries SET entry_id = ?2 WHERE id = ?1")?
            .execute((number, entry_id))?;
        connection
            .prepare_cached("UPDATE texts SET changed_at = ?2 WHERE entry = ?1")?
            .execute((number, At(self.at)))?;
        self.note_entry(number)
    }

    /// Notes that the article of an entry is told with others beside it than before.
    fn note_entry(&mut self, number: i64) -> Result<()> {
        let connection = self.pen.connection;
        let article: Option<i64> = connection
            .prepare_cached("SELECT article FROM entries WHERE id = ?1")?
            .query_row([number], |row| row.get(0))
            .optional()?
            .flatten();
        let Some(article) = article else {
            return Ok(());
        };
        self.note_story(article)?;
        self.note_labels(article)
    }
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

/// Tells the same of a feed by its name.
pub(super) fn wore(connection: &Connection, feed: &FeedId, entry_id: &str) -> Result<bool> {
    connection.prepare_cached(WORE)?.query_row(
        (
            entry_id,
            RETIRED.to_string(),
            AFTER.to_string(),
            feed.as_str(),
        ),
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

/// Reads what the feed of a stored entry had of late under the id of `entry`, or, where it goes by addresses, at its address:
/// there the title is a part of the id, and was another one.
pub(super) fn former(
    connection: &Connection,
    number: i64,
    (entry, at): (&Entry, Timestamp),
) -> Result<Vec<Former>> {
    let id = &entry.entry_id;
    let address = id.split_once(' ').filter(|_| entry.by_address);
    let (from, to) = match address {
        Some((address, _)) => (format!("{address} "), format!("{address}!")),
        None => (format!("{id}{RETIRED}"), format!("{id}{AFTER}")),
    };
    let since = At(at.saturating_sub(OF_LATE).unwrap_or(Timestamp::MIN));
    let mut statement = connection.prepare_cached(FORMER)?;
    let mut rows = statement.query((number, from, to, since, COMPARED))?;
    let mut former = Vec::new();
    while let Some(row) = rows.next()? {
        let (number, At(updated_at)) = (row.get(0)?, row.get(2)?);
        former.push(Former {
            number,
            updated_at,
            said: said(connection, number, row.get(1)?)?,
            others: others(connection, number)?,
        });
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
