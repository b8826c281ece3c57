//! What may have become an entry of an output after its archive had looked at the article (`archives.rs`).
//!
//! An archive looks at articles once, in the order of their numbers. One that gets a label later, as another feed has it too
//! or its text was edited, or that a topic takes with its story, or that another outlet carries, is none of the new
//! ones; and where it is too old to be listed, nobody would find it before all is looked through, once a day. So
//! what happened to it is written down, a row for what happened, and read when the output is published.
//! A mark at the article was rejected: each archive would have to take it away for itself.
//!
//! Rules that do not hold yet give labels to all that is stored. That is written down nowhere: another rule begins
//! another archive, which looks at everything.

use super::feeds;
use rusqlite::{Connection, Result, Row};

/// Rows that are looked at in one transaction, and reports of one story.
const LOOKED_AT: usize = 500;

/// Rows for one label, and those for all after one number up to another: of articles where `?4` says so, and of stories
/// where `?5` does.
pub(super) const ROWS: &str = "
    SELECT article, story FROM late
    WHERE number > ?1 AND number <= ?2
        AND (label = ?3 OR label IS NULL AND iif(story IS NULL, ?4, ?5)) ORDER BY number";

/// Reports of a story.
pub(super) const REPORTS: &str = "SELECT id FROM articles WHERE story = ?1 LIMIT ?2";

/// Whether an archive in force has looked at article `?1`.
macro_rules! is_noted {
    () => {
        "(SELECT max(noted_to) FROM archives WHERE ended_at IS NULL) >= ?1"
    };
}

/// What happened, and to what.
struct Event {
    article: Option<i64>,
    story: Option<i64>,
}

/// Notes that an article got a label, by the name that this is stored as.
pub(super) fn labelled(connection: &Connection, article: i64, name: &str) -> Result<()> {
    connection
        .prepare_cached(concat!(
            "INSERT INTO late (label, article) SELECT ?2, ?1 WHERE ",
            is_noted!(),
            " AND EXISTS (SELECT 1 FROM rules WHERE stored_as = ?2)"
        ))?
        .execute((article, name))?;
    Ok(())
}

/// Notes that an article came to a story, or to none, and what takes it with it.
pub(super) fn moved(connection: &Connection, article: i64, to: Option<i64>) -> Result<()> {
    connection
        .prepare_cached(concat!(
            "INSERT INTO late (label, article)
             SELECT label, ?1 FROM (
                 SELECT NULL AS label UNION ALL
                 SELECT label FROM shares WHERE story = ?2 AND pulled = 1)
             WHERE ",
            is_noted!()
        ))?
        .execute((article, to))?;
    Ok(())
}

/// Notes that an article by itself is carried by more outlets.
pub(super) fn carried(connection: &Connection, article: i64) -> Result<()> {
    connection
        .prepare_cached(concat!(
            "INSERT INTO late (article) SELECT ?1 WHERE ",
            is_noted!()
        ))?
        .execute([article])?;
    Ok(())
}

/// Notes that a label takes a story, or, for all, that more outlets carry it.
pub(super) fn told(connection: &Connection, story: i64, name: Option<&str>) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO late (label, story) SELECT ?2, ?1
             WHERE EXISTS (SELECT 1 FROM archives WHERE ended_at IS NULL)",
        )?
        .execute((story, name))?;
    Ok(())
}

/// Which rows are of account to an output.
pub(super) struct Wanted<'a> {
    /// Those for its label, by the name that this is stored as.
    pub(super) name: Option<&'a str>,
    /// Those for all of articles that came to another story or are carried by others.
    pub(super) moved: bool,
    /// Those for all of stories that others carry.
    pub(super) carried: bool,
}

/// Finds articles to which something happened after an archive looked at them, up to what the output was read with: what
/// came after that it does not list yet, and it would be archived for that. Returns them, and whether there is more.
pub(super) fn articles(
    connection: &Connection,
    (archive, up_to): (i64, i64),
    wanted: &Wanted<'_>,
) -> Result<(Vec<i64>, bool)> {
    let from: i64 = connection
        .prepare_cached("SELECT late_to FROM archives WHERE id = ?1")?
        .query_row([archive], |row| row.get(0))?;
    let to = up_to.min(from.saturating_add(feeds::limit_of(LOOKED_AT)));
    if to <= from {
        return Ok((Vec::new(), false));
    }
    let events: Vec<Event> = connection
        .prepare_cached(ROWS)?
        .query_map((from, to, wanted.name, wanted.moved, wanted.carried), event)?
        .collect::<Result<_>>()?;
    let mut articles = Vec::new();
    for Event { article, story } in events {
        articles.extend(article);
        if let Some(story) = story {
            articles.extend(reports(connection, story)?);
        }
    }
    articles.sort_unstable();
    articles.dedup();
    connection
        .prepare_cached("UPDATE archives SET late_to = ?2 WHERE id = ?1")?
        .execute((archive, to))?;
    Ok((articles, to < up_to))
}

fn event(row: &Row<'_>) -> Result<Event> {
    Ok(Event {
        article: row.get(0)?,
        story: row.get(1)?,
    })
}

fn reports(connection: &Connection, story: i64) -> Result<Vec<i64>> {
    connection
        .prepare_cached(REPORTS)?
        .query_map((story, feeds::limit_of(LOOKED_AT)), |row| row.get(0))?
        .collect()
}

/// Returns the last row, for an archive that begins and looks at everything.
pub(super) fn last(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("SELECT coalesce(max(number), 0) FROM late")?
        .query_row([], |row| row.get(0))
}

/// Forgets what all archives in force have looked at.
pub(super) fn forget(connection: &Connection) -> Result<()> {
    let last = last(connection)?;
    connection
        .prepare_cached(
            "DELETE FROM late WHERE number < ?1 AND number <= coalesce(
                 (SELECT min(late_to) FROM archives WHERE ended_at IS NULL), ?1)",
        )?
        .execute([last])?;
    Ok(())
}
