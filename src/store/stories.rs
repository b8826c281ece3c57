//! Which articles report one event: carries out what `dedupe` says of them.

use super::labels::Labelled;
use super::rows::At;
use super::vectors::{self, Company, Neighbour};
use crate::dedupe::{self, Fit, Group, Vector};
use crate::model::Entry;
use jiff::Timestamp;
use rusqlite::{Connection, Result};
use std::collections::BTreeMap;

/// Other stories that one article may show to be its own.
const MOST_MERGED: usize = 3;

/// Reports of a story that is looked through when one of them leaves: a larger one does not hang by one.
const MOST_PARTED: i64 = 64;

/// Reports of a story that it is compared by with another, the newest.
const COMPARED_REPORTS: i64 = 12;

/// Puts a stored article into the story that it reports, if there is one.
pub(super) fn join(
    connection: &Connection,
    article: i64,
    company: &Company,
    at: Timestamp,
) -> Result<()> {
    let groups = groups(connection, company)?;
    let fits = dedupe::fits(&groups, company.terms.len(), company.published_at);
    let Some((best, others)) = fits.split_first() else {
        return Ok(());
    };
    let closest = best.closest.article;
    let story = story_of(connection, best, at)?;
    let reason = reason(connection, company, closest)?;
    connection
        .prepare_cached("UPDATE articles SET story = ?2, story_reason = ?3 WHERE id = ?1")?
        .execute((article, story, reason))?;
    for other in others.iter().take(MOST_MERGED) {
        merge(connection, article, story, other)?;
    }
    Ok(())
}

/// Compares an article that this entry tells in other words than before with others anew.
pub(super) fn compare_again(
    connection: &Connection,
    listed: Labelled,
    entry: &Entry,
    at: Timestamp,
) -> Result<()> {
    let Labelled {
        article,
        published_at,
    } = listed;
    vectors::remove(connection, article)?;
    let Some(company) = vectors::company(connection, entry, published_at, at)? else {
        return Ok(());
    };
    vectors::insert(connection, article, &company)?;
    rejoin(connection, article, &company, at)
}

/// Puts an article whose text was rewritten where it belongs now: it stays in its story while it fits, else
/// it leaves for another or for none, and the story falls apart where it alone held it together.
fn rejoin(connection: &Connection, article: i64, company: &Company, at: Timestamp) -> Result<()> {
    let Some(story) = story(connection, article)? else {
        return join(connection, article, company, at);
    };
    let groups = groups(connection, company)?;
    let fits = dedupe::fits(&groups, company.terms.len(), company.published_at);
    if fits.iter().any(|fit| fit.group.story == Some(story))
        || reports(connection, story)?.len() < 2
    {
        return Ok(());
    }
    connection
        .prepare_cached("UPDATE articles SET story = NULL, story_reason = NULL WHERE id = ?1")?
        .execute([article])?;
    split(connection, story, at)?;
    join(connection, article, company, at)
}

/// Parts a story whose reports do not hang together any more. The part of the oldest report keeps the
/// number.
fn split(connection: &Connection, story: i64, at: Timestamp) -> Result<()> {
    let members: Vec<(i64, Vector)> = connection
        .prepare_cached(
            "SELECT a.id, v.vector FROM articles AS a CROSS JOIN vectors AS v ON v.article = a.id
             WHERE a.story = ?1 ORDER BY a.published_at, a.id LIMIT ?2",
        )?
        .query_map((story, MOST_PARTED + 1), |row| {
            Ok((row.get(0)?, Vector::from_bytes(row.get_ref(1)?.as_blob()?)))
        })?
        .collect::<Result<_>>()?;
    if i64::try_from(members.len()).is_ok_and(|members| members > MOST_PARTED) {
        return Ok(());
    }
    let (articles, vectors): (Vec<i64>, Vec<Vector>) = members.into_iter().unzip();
    let mut by_part: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
    for (part, article) in dedupe::parts(&vectors).into_iter().zip(articles) {
        by_part.entry(part).or_default().push(article);
    }
    for part in by_part.into_values().skip(1) {
        let story = match part.len() {
            1 => None,
            _ => Some(born(connection, at)?),
        };
        for article in part {
            connection
                .prepare_cached("UPDATE articles SET story = ?2 WHERE id = ?1")?
                .execute((article, story))?;
        }
    }
    Ok(())
}

/// Makes a story.
fn born(connection: &Connection, at: Timestamp) -> Result<i64> {
    connection
        .prepare_cached("INSERT INTO stories (born_at) VALUES (?1)")?
        .execute([At(at)])?;
    Ok(connection.last_insert_rowid())
}

/// Returns the story of an article.
fn story(connection: &Connection, article: i64) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT story FROM articles WHERE id = ?1")?
        .query_row([article], |row| row.get(0))
}

/// Gathers those that are like an article by their stories.
fn groups(connection: &Connection, company: &Company) -> Result<Vec<Group>> {
    let mut by_story: BTreeMap<(Option<i64>, i64), Vec<&Neighbour>> = BTreeMap::new();
    for neighbour in &company.neighbours {
        let alone = neighbour.story.map_or(neighbour.article, |_| 0);
        by_story
            .entry((neighbour.story, alone))
            .or_default()
            .push(neighbour);
    }
    let least = dedupe::least_likeness(company.terms.len());
    by_story
        .into_iter()
        .filter(|(_, neighbours)| neighbours.iter().any(|found| found.likeness >= least))
        .map(|((story, _), neighbours)| group(connection, company, story, &neighbours))
        .collect()
}

/// Reads what dedupe wants to know of a story, or of an article that is in none.
fn group(
    connection: &Connection,
    company: &Company,
    story: Option<i64>,
    neighbours: &[&Neighbour],
) -> Result<Group> {
    let (reports, first_published_at) = match story {
        Some(story) => connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM (SELECT 1 FROM articles WHERE story = ?1 LIMIT ?2)),
                     (SELECT min(published_at) FROM articles WHERE story = ?1)",
            )?
            .query_row((story, dedupe::COMPARED), |row| {
                Ok((row.get(0)?, row.get::<_, At>(1)?.0))
            })?,
        None => (
            1,
            neighbours
                .first()
                .map_or(company.published_at, |neighbour| neighbour.published_at),
        ),
    };
    let neighbour = |found: &&Neighbour| {
        Ok(dedupe::Neighbour {
            article: found.article,
            likeness: found.likeness,
            is_series: is_series(connection, company, found)?,
        })
    };
    Ok(Group {
        story,
        neighbours: neighbours.iter().map(neighbour).collect::<Result<_>>()?,
        reports,
        first_published_at,
    })
}

/// Tells whether a neighbour is another part of the series that the article is a part of.
fn is_series(connection: &Connection, company: &Company, found: &Neighbour) -> Result<bool> {
    let gap = company.published_at.duration_since(found.published_at);
    if company.site.is_none() || company.site != found.site || !dedupe::may_be_series(gap) {
        return Ok(false);
    }
    let (title, _) = vectors::told(connection, found.article)?;
    Ok(dedupe::is_series(&company.title, &title))
}

/// Returns the story of the best fit, which is born now if an article stood alone so far.
fn story_of(connection: &Connection, best: &Fit<'_>, at: Timestamp) -> Result<i64> {
    if let Some(story) = best.group.story {
        return Ok(story);
    }
    let story = born(connection, at)?;
    connection
        .prepare_cached("UPDATE articles SET story = ?2 WHERE id = ?1")?
        .execute((best.closest.article, story))?;
    Ok(story)
}

/// Makes one of the story that an article joined and another that it fits into, if their reports agree. The
/// older number stays.
fn merge(connection: &Connection, article: i64, joined: i64, other: &Fit<'_>) -> Result<()> {
    // What was merged for the fit before may have moved the article.
    let story = story(connection, article)?.unwrap_or(joined);
    let Some(found) = other.group.story else {
        let closest = other.closest.article;
        let alone: Vec<Vector> = vectors::read(connection, closest)?.into_iter().collect();
        if dedupe::are_one_story(&reports(connection, story)?, &alone) {
            let (title, feed) = vectors::told(connection, article)?;
            let reason = format!("joined to the story by {title:?} in feed {feed}");
            connection
                .prepare_cached("UPDATE articles SET story = ?2, story_reason = ?3 WHERE id = ?1")?
                .execute((closest, story, reason))?;
        }
        return Ok(());
    };
    let (older, younger) = (story.min(found), story.max(found));
    let are_one = older != younger
        && dedupe::are_one_story(&reports(connection, older)?, &reports(connection, younger)?);
    if are_one {
        connection
            .prepare_cached("UPDATE articles SET story = ?2 WHERE story = ?1")?
            .execute((younger, older))?;
        connection
            .prepare_cached("UPDATE stories SET merged_into = ?2 WHERE id = ?1")?
            .execute((younger, older))?;
    }
    Ok(())
}

/// Reads the vectors of the newest reports of a story.
fn reports(connection: &Connection, story: i64) -> Result<Vec<Vector>> {
    connection
        .prepare_cached(
            "SELECT v.vector FROM articles AS a CROSS JOIN vectors AS v ON v.article = a.id
             WHERE a.story = ?1 ORDER BY a.published_at DESC, a.id DESC LIMIT ?2",
        )?
        .query_map((story, COMPARED_REPORTS), |row| {
            Ok(Vector::from_bytes(row.get_ref(0)?.as_blob()?))
        })?
        .collect()
}

/// Says why an article joins the story of another.
fn reason(connection: &Connection, company: &Company, closest: i64) -> Result<String> {
    let (title, feed) = vectors::told(connection, closest)?;
    let vector = vectors::read(connection, closest)?.unwrap_or_default();
    let named = format!("{title:?} in feed {feed}");
    Ok(dedupe::story_reason(
        &company.terms,
        &company.vector,
        &vector,
        &named,
    ))
}
