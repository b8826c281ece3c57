//! Which articles an output lists where that is not what an index has: those of a topic that takes whole
//! stories, and those that enough outlets carry.
//!
//! Neither is written down article by article, since both change with a story: when one is taken, or
//! reaches a number of outlets, all its reports are. What is listed is found at reading: the articles with
//! the label in the order of their publication, and between them the reports of the stories that the topic
//! takes, as far back as the last of the former (`shares.newest_at` leads to them). An article has its
//! place by its date, whenever it enters (U29).

use super::rows::{At, integer};
use super::shares;
use crate::model::Scope;
use jiff::Timestamp;
use rusqlite::{Connection, Result};

/// Articles that are looked at for an output of what so many outlets carry. Of usual news one in five is
/// carried by three: an output of a hundred looks at some hundreds. What twenty carry may be rare, and is
/// news in its first days or not at all; so many pass in two days of a large newsroom, and are looked at in
/// some ten milliseconds.
const LOOKED_AT: i64 = 20_000;

/// Articles with a label, newest first, and how many outlets carry each.
pub(super) const LABELLED: &str = "
    SELECT a.published_at, a.id, coalesce(s.outlets, a.outlets) FROM labels AS l
    CROSS JOIN articles AS a ON a.id = l.article
    LEFT JOIN stories AS s ON s.id = a.story
    WHERE l.label = ?2 ORDER BY l.published_at DESC, l.article DESC LIMIT ?1";

/// The same of all.
pub(super) const ALL: &str = "
    SELECT a.published_at, a.id, coalesce(s.outlets, a.outlets) FROM articles AS a
    LEFT JOIN stories AS s ON s.id = a.story
    ORDER BY a.published_at DESC, a.id DESC LIMIT ?1";

/// The reports of stories that a label takes and so many outlets carry, from an instant on, but for those that have
/// the label themselves.
pub(super) const TAKEN: &str = "
    SELECT a.published_at, a.id FROM shares AS h
    CROSS JOIN stories AS s ON s.id = h.story
    CROSS JOIN articles AS a ON a.story = h.story
    WHERE h.label = ?1 AND h.pulled = 1 AND h.newest_at >= ?2 AND a.published_at >= ?2
        AND s.outlets >= ?3
        AND NOT EXISTS (SELECT 1 FROM labels AS l
            WHERE l.label = ?1 AND l.published_at = a.published_at AND l.article = a.id)
    ORDER BY a.published_at DESC, a.id DESC LIMIT ?4";

/// An article in its place.
type Placed = (At, i64);

/// A limit for SQLite that is none.
const ALL_OF_THEM: i64 = -1;

/// Finds the newest articles of a label, by the name that it is stored as, or of all, that so many outlets carry at
/// least: first those that have the label themselves, then those that it has with their stories, each newest first,
/// as long as the function of the same place says so. Both are asked of their own, as what one of them has enough of
/// may be older than all of the other. Returns whether it looked: not where that is just what the index has.
pub(super) fn newest(
    connection: &Connection,
    name: Option<&str>,
    outlets: u64,
    [goes_on, takes_on]: [impl FnMut(Placed) -> Result<bool>; 2],
) -> Result<bool> {
    let scope = name.map(|name| shares::scope_of(connection, name));
    let scope = scope.transpose()?.flatten();
    if outlets <= 1 && scope.is_none() {
        return Ok(false);
    }
    let from = own(connection, name, outlets, goes_on)?;
    if let (Some(name), Some(scope)) = (name, scope) {
        taken(
            connection,
            (name, &scope),
            (outlets, from, LOOKED_AT),
            takes_on,
        )?;
    }
    Ok(true)
}

/// Finds the newest articles that have the label themselves, and returns since when all of them were found.
fn own(
    connection: &Connection,
    name: Option<&str>,
    outlets: u64,
    mut goes_on: impl FnMut(Placed) -> Result<bool>,
) -> Result<At> {
    let mut statement = connection.prepare_cached(name.map_or(ALL, |_| LABELLED))?;
    let mut rows = match name {
        Some(name) => statement.query((LOOKED_AT, name))?,
        None => statement.query([LOOKED_AT])?,
    };
    let (mut seen, mut from) = (0, At(Timestamp::MAX));
    while let Some(row) = rows.next()? {
        seen += 1;
        from = row.get(0)?;
        if row.get::<_, i64>(2)? >= integer(outlets) && !goes_on((from, row.get(1)?))? {
            return Ok(from);
        }
    }
    let is_all = seen < LOOKED_AT;
    Ok(if is_all { At(Timestamp::MIN) } else { from })
}

/// Finds the newest articles that the label has with their stories, from an instant on.
fn taken(
    connection: &Connection,
    (name, scope): (&str, &Scope),
    (outlets, from, most): (u64, At, i64),
    mut goes_on: impl FnMut(Placed) -> Result<bool>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(TAKEN)?;
    let mut rows = statement.query((name, from, integer(outlets), most))?;
    while let Some(row) = rows.next()? {
        let article = row.get(1)?;
        if shares::admits(connection, article, scope)? && !goes_on((row.get(0)?, article))? {
            break;
        }
    }
    Ok(())
}

/// Returns all articles of a label, by the name that it is stored as, each with its date of publication; in the order
/// of that.
pub(super) fn all(connection: &Connection, name: &str) -> Result<Vec<(Timestamp, i64)>> {
    let mut listed: Vec<Placed> = connection
        .prepare_cached("SELECT published_at, article FROM labels WHERE label = ?1")?
        .query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    if let Some(scope) = shares::scope_of(connection, name)? {
        let everything = (0, At(Timestamp::MIN), ALL_OF_THEM);
        taken(connection, (name, &scope), everything, |placed| {
            listed.push(placed);
            Ok(true)
        })?;
    }
    listed.sort_unstable();
    Ok(listed
        .into_iter()
        .map(|(at, article)| (at.0, article))
        .collect())
}

/// Returns how many reports a story has, and those that a scope holds, each with its date of publication.
pub(super) fn in_scope(
    connection: &Connection,
    story: i64,
    scope: &Scope,
) -> Result<(u64, Vec<(Timestamp, i64)>)> {
    let mut statement =
        connection.prepare_cached("SELECT published_at, id FROM articles WHERE story = ?1")?;
    let mut rows = statement.query([story])?;
    let (mut reports, mut held) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        reports += 1;
        let article = row.get(1)?;
        if shares::admits(connection, article, scope)? {
            held.push((row.get::<_, At>(0)?.0, article));
        }
    }
    Ok((reports, held))
}
