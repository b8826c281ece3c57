//! Who spoke in reports that retention took: they count for as long as the story does, or the article that is left
//! of it.
//!
//! Kept is what counting goes by, and not a number: who owns a feed is the operator's word, and another one
//! tomorrow. Who holds them is a story, or an article under its number with a minus.

use super::carriers::Speaker;
use super::rows::RoleName;
use crate::model::Role;
use crate::normalize;
use rusqlite::{Connection, Result, Row};

/// Voices kept of a story: three for each that anybody may ask for, as several feeds may have one owner.
const KEPT: i64 = 64;

/// Who speaks in the entries of an article, as far as there is room.
const SPEAKERS: &str = "
    SELECT e.feed, t.url, t.source IS NOT NULL FROM entries AS e INDEXED BY entries_by_article
    CROSS JOIN texts AS t ON t.entry = e.id WHERE e.article = ?1 LIMIT ?2";

/// What is kept of a story, and of the first of its articles.
pub(super) const OF_STORY: &str = "
    SELECT f.owner, v.site, f.name, f.role, v.passed_on FROM (
        SELECT ?1 AS holder
        UNION ALL
        SELECT * FROM (SELECT -id FROM articles INDEXED BY articles_by_story
            WHERE story = ?1 ORDER BY published_at, id LIMIT ?2)) AS h
    CROSS JOIN gone_voices AS v ON v.holder = h.holder
    CROSS JOIN feeds AS f ON f.id = v.feed LIMIT ?2";

/// What is kept of an article.
pub(super) const OF_ARTICLE: &str = "
    SELECT f.owner, v.site, f.name, f.role, v.passed_on FROM gone_voices AS v
    CROSS JOIN feeds AS f ON f.id = v.feed WHERE v.holder = -?1 LIMIT ?2";

/// The stories and articles, from one on, that a feed spoke of in what is gone.
pub(super) const HOLDERS: &str = "
    SELECT DISTINCT holder FROM gone_voices INDEXED BY gone_voices_by_feed
    WHERE feed = ?1 AND holder > ?2 ORDER BY holder LIMIT ?3";

/// Keeps who speaks in an article of a story, before retention takes it.
pub(super) fn keep(connection: &Connection, article: i64, story: i64) -> Result<()> {
    let kept: i64 = connection
        .prepare_cached("SELECT count(*) FROM gone_voices WHERE holder = ?1")?
        .query_row([story], |row| row.get(0))?;
    let room = (KEPT - kept).max(0);
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO gone_voices (holder, feed, site, passed_on) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let mut speakers = connection.prepare_cached(SPEAKERS)?;
    let mut rows = speakers.query((article, room))?;
    while let Some(row) = rows.next()? {
        let (feed, url, passed_on): (i64, Option<String>, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let site = url.as_deref().and_then(normalize::site);
        insert.execute((story, feed, site.unwrap_or_default(), passed_on))?;
    }
    hand_over(connection, -article, story)
}

/// Gives what one holds to another, as far as there is room.
fn hand_over(connection: &Connection, from: i64, to: i64) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO gone_voices (holder, feed, site, passed_on)
             SELECT ?2, feed, site, passed_on FROM gone_voices WHERE holder = ?1
             LIMIT max(0, ?3 - (SELECT count(*) FROM gone_voices WHERE holder = ?2))",
        )?
        .execute((from, to, KEPT))?;
    forget(connection, from)
}

/// Forgets what is kept of an article, which is gone or counted anew.
pub(super) fn forget_article(connection: &Connection, article: i64) -> Result<()> {
    forget(connection, -article)
}

/// Forgets what is kept of a story that falls apart: nobody knows of which part it was.
pub(super) fn forget_story(connection: &Connection, story: i64) -> Result<()> {
    forget(connection, story)
}

fn forget(connection: &Connection, holder: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM gone_voices WHERE holder = ?1")?
        .execute([holder])?;
    Ok(())
}

/// Gives what is kept of a story to the article that is left of it, or to none.
pub(super) fn leave_to(connection: &Connection, story: i64, last: Option<i64>) -> Result<()> {
    match last {
        Some(last) => hand_over(connection, story, -last),
        None => forget(connection, story),
    }
}

/// Gives what is kept of a story to another that it becomes a part of.
pub(super) fn merge(connection: &Connection, from: i64, into: i64) -> Result<()> {
    hand_over(connection, from, into)
}

/// Reads who is heard by one of these queries.
pub(super) fn speaker(row: &Row<'_>) -> Result<Speaker> {
    let site: String = row.get(1)?;
    let is_aggregator = row.get::<_, RoleName>(3)?.0 == Role::Aggregator;
    Ok((
        row.get(0)?,
        Some(site).filter(|site| !site.is_empty()),
        row.get(2)?,
        is_aggregator || row.get(4)?,
    ))
}
