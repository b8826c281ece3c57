//! Reads the reports of a story, as they are told of one of them and on the page of all.

use super::articles::title;
use super::carried::Carried;
use super::feeds::{limit_of, profile};
use super::lead;
use super::openly::Audience;
use super::rows::{At, numbers};
use crate::dedupe;
use crate::model::{Article, Report, StoryReport};
use jiff::Timestamp;
use rusqlite::{Connection, Result, Row};
use std::collections::BTreeMap;

/// What is told of a report, then which it is, and when it and its feed came; read by place.
macro_rules! report_columns {
    () => {
        "e.title, t.url, t.language, f.name, f.given_title, f.profile,
         a.id, e.id, a.published_at, f.added_at, e.first_seen_at"
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
        let told = told(connection, (row, carried.outlets), audience)?;
        let is_backdated = is_backdated(connection, row)?;
        reports.extend(told.and_then(|it| named(it, is_backdated)));
    }
    Ok(reports)
}

/// Returns a report as it is named beside another, if it can be read somewhere.
fn named(report: StoryReport, is_backdated: bool) -> Option<Report> {
    Some(Report {
        title: report.title,
        feed_title: report.feed_title,
        url: report.url?,
        published_at: report.published_at,
        is_backdated,
    })
}

/// The same as [`OTHERS`] of each of some articles, whose numbers are given as JSON: with that first, and a row for each label
/// of a report, one for a report without any.
pub(super) const OF_ARTICLES: &str = concat!(
    "SELECT ",
    report_columns!(),
    ", j.id, m.label FROM articles AS j
    CROSS JOIN articles AS a INDEXED BY articles_by_story ON a.story = j.story AND a.id <> j.id
    CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1
    CROSS JOIN texts AS t ON t.entry = e.id
    CROSS JOIN feeds AS f ON f.id = e.feed
    LEFT JOIN matches AS m ON m.entry = e.id
    WHERE j.id IN (SELECT value FROM json_each(?1)) AND t.url IS NOT NULL
    ORDER BY j.id, a.published_at, a.id"
);

/// Reads what [`of_article`] does of each of these articles whose story has no more reports than are named beside one, by
/// number, in one go; of a larger story, all its reports would be read for each that is listed.
pub(super) fn of_articles(
    connection: &Connection,
    articles: &[Carried],
    audience: &Audience<'_>,
) -> Result<BTreeMap<i64, Vec<Report>>> {
    let most = u64::try_from(Article::REPORTS).unwrap_or(u64::MAX);
    let are_few = |it: &&Carried| it.story.is_some() && it.reports <= most.saturating_add(1);
    let asked = articles.iter().filter(are_few);
    let outlets: BTreeMap<i64, u64> = asked.map(|it| (it.article, it.outlets)).collect();
    let asked: Vec<i64> = outlets.keys().copied().collect();
    let mut reports: BTreeMap<i64, Vec<Report>> =
        asked.iter().map(|it| (*it, Vec::new())).collect();
    for draft in drafts(connection, &asked)? {
        let outlets = outlets.get(&draft.of).copied().unwrap_or_default();
        let told = if audience.has_any(connection, &draft.labels, outlets)? {
            Some(draft.report)
        } else {
            otherwise(connection, draft.which, draft.report, audience)?
        };
        let named = told.and_then(|it| named(it, draft.is_backdated));
        reports.entry(draft.of).or_default().extend(named);
    }
    Ok(reports)
}

/// A report beside an article, as its lead entry tells it.
struct Draft {
    /// The number of the article.
    of: i64,
    /// That of the report's, and of its lead entry.
    which: (i64, i64),
    report: StoryReport,
    is_backdated: bool,
    /// The names of the labels of that entry.
    labels: Vec<String>,
}

/// Reads the first [`Article::REPORTS`] reports beside each of some articles.
fn drafts(connection: &Connection, articles: &[i64]) -> Result<Vec<Draft>> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut statement = connection.prepare_cached(OF_ARTICLES)?;
    let mut rows = statement.query([numbers(articles)])?;
    let mut beside = 0;
    while let Some(row) = rows.next()? {
        let (of, which) = (row.get(11)?, (row.get(6)?, row.get(7)?));
        let label: Option<String> = row.get(12)?;
        match drafts.last_mut() {
            Some(last) if (last.of, last.which) == (of, which) => {
                last.labels.extend(label);
                continue;
            }
            Some(last) if last.of == of => beside += 1,
            _ => beside = 1,
        }
        // How many there are is counted in the story; that it was counted right is not relied on.
        if beside > Article::REPORTS {
            continue;
        }
        drafts.push(Draft {
            of,
            which,
            report: report(row, row.get::<_, At>(8)?.0)?,
            is_backdated: is_backdated(connection, row)?,
            labels: label.into_iter().collect(),
        });
    }
    Ok(drafts)
}

/// When the first entry of an article came.
pub(super) const ARRIVED: &str = "
    SELECT min(first_seen_at) FROM entries INDEXED BY entries_by_article WHERE article = ?1";

/// Tells whether a report came too late for its date, from a row of [`report_columns`].
pub(super) fn is_backdated(connection: &Connection, row: &Row<'_>) -> Result<bool> {
    let [At(published), At(added), At(led)] = [row.get(8)?, row.get(9)?, row.get(10)?];
    // Where the entry that tells it came in time, the first one did: hardly any other need be asked for.
    if !dedupe::is_backdated(published, led, added) {
        return Ok(false);
    }
    let mut statement = connection.prepare_cached(ARRIVED)?;
    let At(arrived) = statement.query_row([row.get::<_, i64>(6)?], |row| row.get(0))?;
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
    let report = report(row, at)?;
    if audience.has_own(connection, lead, outlets)? {
        return Ok(Some(report));
    }
    otherwise(connection, (article, lead), report, audience)
}

/// Reads what is told of a report, given as its lead entry tells it, where that may not be told by a label of its own.
fn otherwise(
    connection: &Connection,
    (article, lead): (i64, i64),
    own: StoryReport,
    audience: &Audience<'_>,
) -> Result<Option<StoryReport>> {
    let told = audience.told(connection, article)?;
    if told.has(lead) {
        return Ok(Some(own));
    }
    let Some(teller) = lead::among(connection, article, &told)? else {
        return Ok(None);
    };
    connection
        .prepare_cached(OF_ENTRY)?
        .query_row([teller], |row| report(row, own.published_at))
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
