//! Reads the reports of a story, as they are told of one of them and on the page of all.

use super::articles::title;
use super::carried::Carried;
use super::feeds::{limit_of, profile};
use super::lead;
use super::openly::Audience;
use super::rows::At;
use crate::dedupe;
use crate::model::{Article, Report, StoryReport};
use jiff::Timestamp;
use rusqlite::{Connection, Result, Row};

/// What is told of a report, then which it is, and when it and its feed came; read by place.
macro_rules! report_columns {
    () => {
        "e.title, t.url, t.language, f.name, f.given_title, f.profile,
         a.id, e.id, a.published_at, f.added_at,
         (SELECT min(s.first_seen_at) FROM entries AS s INDEXED BY entries_by_article WHERE s.article = a.id)"
    };
}
pub(super) use report_columns;

/// The articles of a story but for one that can be read somewhere, oldest first, by their lead entries.
pub(super) const OTHERS: &str = concat!(
    "SELECT ",
    report_columns!(),
    " FROM articles AS a INDEXED BY articles_by_story
    CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1
    CROSS JOIN texts AS t ON t.entry = e.id
    CROSS JOIN feeds AS f ON f.id = e.feed
    WHERE a.story = ?1 AND a.id <> ?2 AND t.url IS NOT NULL
    ORDER BY a.published_at, a.id LIMIT ?3"
);

/// The same of one entry.
const OF_ENTRY: &str = "
    SELECT e.title, t.url, t.language, f.name, f.given_title, f.profile FROM entries AS e
    CROSS JOIN texts AS t ON t.entry = e.id
    CROSS JOIN feeds AS f ON f.id = e.feed
    WHERE e.id = ?1";

/// Reads the other reports of the story of an article that an audience may be told of and that it can read somewhere, of
/// the first [`Article::REPORTS`].
pub(super) fn of_article(
    connection: &Connection,
    carried: &Carried,
    audience: &Audience<'_>,
) -> Result<Vec<Report>> {
    let mut statement = connection.prepare_cached(OTHERS)?;
    let asked = (carried.story, carried.article, limit_of(Article::REPORTS));
    let mut rows = statement.query(asked)?;
    let mut reports = Vec::new();
    while let Some(row) = rows.next()? {
        let is_backdated = is_backdated(row)?;
        let Some(told) = told(connection, (row, carried.outlets), audience)? else {
            continue;
        };
        reports.extend(told.url.map(|url| Report {
            title: told.title,
            feed_title: told.feed_title,
            url,
            published_at: told.published_at,
            is_backdated,
        }));
    }
    Ok(reports)
}

/// Tells whether a report came too late for its date, from a row of [`report_columns`].
pub(super) fn is_backdated(row: &Row<'_>) -> Result<bool> {
    let [At(published), At(added), At(arrived)] = [row.get(8)?, row.get(9)?, row.get(10)?];
    Ok(dedupe::is_backdated(published, arrived, added))
}

/// Reads what an audience is told of a report, from a row of [`report_columns`] for its lead entry and how many outlets
/// carry its story; `None` where that is nothing.
pub(super) fn told(
    connection: &Connection,
    (row, outlets): (&Row<'_>, u64),
    audience: &Audience<'_>,
) -> Result<Option<StoryReport>> {
    let (article, lead) = (row.get(6)?, row.get(7)?);
    let at = row.get::<_, At>(8)?.0;
    if audience.has_own(connection, lead, outlets)? {
        return report(row, at).map(Some);
    }
    let told = audience.told(connection, article)?;
    if told.has(lead) {
        return report(row, at).map(Some);
    }
    let Some(teller) = lead::among(connection, article, &told)? else {
        return Ok(None);
    };
    connection
        .prepare_cached(OF_ENTRY)?
        .query_row([teller], |row| report(row, at))
        .map(Some)
}

fn report(row: &Row<'_>, published_at: Timestamp) -> Result<StoryReport> {
    Ok(StoryReport {
        title: row.get(0)?,
        feed_title: title(row.get(4)?, &profile(row, 5)?, row.get(3)?),
        url: row.get(1)?,
        language: row.get(2)?,
        published_at,
    })
}
