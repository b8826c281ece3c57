//! How many independent outlets carry an article: those that have an entry of it, or of another report of its
//! story.
//!
//! It is counted when an entry or a report comes, and the most that was ever counted is kept: what readers
//! were shown does not go because retention took the oldest report (`gone_voices.rs`). A story that falls apart, or
//! of which a feed has another owner than before, is counted anew. Nothing is counted beyond what anybody may ask for.

use super::gone_voices;
use super::late;
use super::rows::{RoleName, integer};
use crate::dedupe::{Voice, voices};
use crate::model::Role;
use crate::normalize;
use crate::publish::Output;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use std::collections::BTreeSet;

/// Entries of a story that are looked at, the first published first. Only a story of fewer outlets than
/// anybody asks for is counted at all; one that has so many entries is a series of one of them.
const LOOKED_AT: i64 = 256;

/// Who speaks in an entry: owner, site, feed, and whether it is passed on.
pub(super) type Speaker = (Option<String>, Option<String>, String, bool);

/// The columns of an entry `e`, its texts `t` and its feed `f` that say who speaks.
macro_rules! speakers {
    ($articles:literal) => {
        concat!(
            "SELECT f.owner, t.url, f.name, f.role, t.source IS NOT NULL FROM ",
            $articles,
            " CROSS JOIN texts AS t ON t.entry = e.id
              CROSS JOIN feeds AS f ON f.id = e.feed LIMIT ?2"
        )
    };
}

/// Who speaks in a story, and who spoke in what is gone of it.
const OF_STORY: [&str; 2] = [
    speakers!(
        "(SELECT id FROM articles WHERE story = ?1 ORDER BY published_at, id) AS a
     CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id"
    ),
    gone_voices::OF_STORY,
];

/// Who speaks in the reports of a story, each by the entry that tells it.
pub(super) const OF_REPORTS: &str = speakers!(
    "(SELECT id FROM articles WHERE story = ?1 ORDER BY published_at, id) AS a
     CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1"
);

/// The same of an article.
const OF_ARTICLE: [&str; 2] = [
    speakers!("(SELECT id, feed FROM entries WHERE article = ?1 ORDER BY id) AS e"),
    gone_voices::OF_ARTICLE,
];

/// Counts the outlets of an article and its story, to which an entry or a report came.
pub(super) fn count(connection: &Connection, article: i64) -> Result<()> {
    let (story, held) = standing(connection, article)?;
    if held >= integer(Output::MOST_SOURCES) {
        return Ok(());
    }
    if let Some(story) = story {
        let (heard, _) = heard(connection, OF_STORY, story)?;
        return raise(connection, story, heard);
    }
    let (heard, _) = heard(connection, OF_ARTICLE, article)?;
    raise_article(connection, article, heard)
}

/// Says that an article by itself has so many outlets at least.
fn raise_article(connection: &Connection, article: i64, outlets: i64) -> Result<()> {
    let raised = connection
        .prepare_cached("UPDATE articles SET outlets = ?2 WHERE id = ?1 AND outlets < ?2")?
        .execute((article, outlets))?;
    if raised > 0 {
        late::carried(connection, article)?;
    }
    Ok(())
}

/// Says that a story has so many outlets at least.
pub(super) fn raise(connection: &Connection, story: i64, outlets: i64) -> Result<()> {
    let raised = connection
        .prepare_cached("UPDATE stories SET outlets = ?2 WHERE id = ?1 AND outlets < ?2")?
        .execute((story, outlets))?;
    if raised > 0 {
        late::told(connection, story, None)?;
    }
    Ok(())
}

/// Returns the outlets of an article itself.
pub(super) fn of_article(connection: &Connection, article: i64) -> Result<i64> {
    connection
        .prepare_cached("SELECT outlets FROM articles WHERE id = ?1")?
        .query_row([article], |row| row.get(0))
}

/// Returns the outlets of a story.
pub(super) fn of_story(connection: &Connection, story: i64) -> Result<i64> {
    connection
        .prepare_cached("SELECT outlets FROM stories WHERE id = ?1")?
        .query_row([story], |row| row.get(0))
}

/// Counts the outlets of an article by itself anew; returns how many entries were read.
pub(super) fn recount_article(connection: &Connection, article: i64) -> Result<usize> {
    let (heard, read) = heard(connection, OF_ARTICLE, article)?;
    connection
        .prepare_cached("UPDATE articles SET outlets = ?2 WHERE id = ?1 AND outlets > ?2")?
        .execute((article, heard))?;
    raise_article(connection, article, heard)?;
    Ok(read)
}

/// Counts those of a story anew; returns how many entries were read.
pub(super) fn recount_story(connection: &Connection, story: i64) -> Result<usize> {
    let (heard, read) = heard(connection, OF_STORY, story)?;
    connection
        .prepare_cached("UPDATE stories SET outlets = ?2 WHERE id = ?1 AND outlets > ?2")?
        .execute((story, heard))?;
    raise(connection, story, heard)?;
    Ok(read)
}

/// Counts those of an article and its story anew, because another owns a feed than before; the story unless it is
/// among those that are counted, to which it is added. Returns how many entries were read.
pub(super) fn recount(
    connection: &Connection,
    article: i64,
    counted: &mut BTreeSet<i64>,
) -> Result<usize> {
    let read = recount_article(connection, article)?;
    match standing(connection, article)?.0 {
        Some(story) if counted.insert(story) => Ok(read + recount_story(connection, story)?),
        _ => Ok(read),
    }
}

/// Counts anew, up to so many entries, what a feed spoke of in reports that are gone, from one holder on; returns the
/// last one, `None` where there is no other.
pub(super) fn recount_gone(
    connection: &Connection,
    (feed, after): (i64, i64),
    most: usize,
) -> Result<Option<i64>> {
    let holders: Vec<i64> = connection
        .prepare_cached(gone_voices::HOLDERS)?
        .query_map((feed, after, LOOKED_AT), |row| row.get(0))?
        .collect::<Result<_>>()?;
    let (mut read, mut last) = (0, None);
    for holder in holders {
        read += match holder.checked_neg().filter(|article| *article > 0) {
            Some(article) => recount(connection, article, &mut BTreeSet::new())?,
            None => recount_story(connection, holder)?,
        };
        last = Some(holder);
        if read >= most {
            break;
        }
    }
    Ok(last)
}

/// Counts the outlets whose reports a story has now, by who tells each: never more than there are reports. `None` where
/// these are too many to be looked at.
pub(super) fn of_reports(connection: &Connection, story: i64) -> Result<Option<u64>> {
    let mut speakers = BTreeSet::new();
    let read = listen(connection, (OF_REPORTS, story), speaker, &mut speakers)?;
    let is_counted = i64::try_from(read).is_ok_and(|read| read < LOOKED_AT);
    Ok(u64::try_from(voices_of(&speakers))
        .ok()
        .filter(|_| is_counted))
}

/// Returns the story of an article, and how many outlets count for it.
fn standing(connection: &Connection, article: i64) -> Result<(Option<i64>, i64)> {
    let found = connection
        .prepare_cached(
            "SELECT a.story, coalesce(s.outlets, a.outlets) FROM articles AS a
             LEFT JOIN stories AS s ON s.id = a.story WHERE a.id = ?1",
        )?
        .query_row([article], |row| Ok((row.get(0)?, row.get(1)?)));
    found.optional().map(|found| found.unwrap_or((None, 0)))
}

/// Counts who speaks in entries and spoke in what is gone, as far as anybody may ask; and how many were read.
fn heard(connection: &Connection, [here, gone]: [&str; 2], of: i64) -> Result<(i64, usize)> {
    let mut speakers = BTreeSet::new();
    let here = listen(connection, (here, of), speaker, &mut speakers)?;
    let gone = listen(connection, (gone, of), gone_voices::speaker, &mut speakers)?;
    let most = integer(Output::MOST_SOURCES);
    let voices = i64::try_from(voices_of(&speakers)).unwrap_or(most);
    Ok((voices.min(most), here + gone))
}

/// Adds who speaks in the first entries that a statement finds; returns how many were read.
fn listen(
    connection: &Connection,
    (statement, of): (&str, i64),
    speaker: fn(&Row<'_>) -> Result<Speaker>,
    speakers: &mut BTreeSet<Speaker>,
) -> Result<usize> {
    let mut read = 0;
    let mut statement = connection.prepare_cached(statement)?;
    for speaker in statement.query_map((of, LOOKED_AT), speaker)? {
        read += 1;
        speakers.insert(speaker?);
    }
    Ok(read)
}

fn voices_of(speakers: &BTreeSet<Speaker>) -> usize {
    voices(
        speakers
            .iter()
            .map(|(owner, site, feed, aggregated)| Voice {
                owner: owner.as_deref(),
                site: site.as_deref(),
                feed,
                aggregated: *aggregated,
            }),
    )
}

fn speaker(row: &Row<'_>) -> Result<Speaker> {
    let url: Option<String> = row.get(1)?;
    let is_aggregator = row.get::<_, RoleName>(3)?.0 == Role::Aggregator;
    Ok((
        row.get(0)?,
        url.as_deref().and_then(normalize::site),
        row.get(2)?,
        is_aggregator || row.get(4)?,
    ))
}
