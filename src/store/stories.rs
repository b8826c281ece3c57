//! Which articles report one event: carries out what `dedupe` says of them.
//!
//! A story has two articles at least: it is born when a second one joins a first, and gone when one is left.
//! Its number is never used again.

use super::founders;
use super::rows::At;
use super::vectors::{self, Company, Neighbour};
use super::{carriers, gone_voices, shares, tellers};
use crate::dedupe::{self, Fit, Group, Vector};
use crate::normalize;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeMap;

/// Other stories that one article may show to be its own: a summary of the day touches on many.
const MOST_MERGED: usize = 3;

/// Reports of a story that is looked through when one of them leaves: a larger one does not hang by one.
const MOST_PARTED: i64 = 64;

/// Reports of a story by which it is compared with another, the newest: what it has come to.
const COMPARED_REPORTS: i64 = 12;

/// How many reports a story has from an instant on, up to a number.
pub(super) const REPORTS_SINCE: &str = "SELECT count(*) FROM (
    SELECT 1 FROM articles INDEXED BY articles_by_story
    WHERE story = ?1 AND published_at >= ?3 LIMIT ?2)";

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
    match best.group.story {
        Some(story) => enter(connection, article, story, company, best)?,
        None => begin(connection, article, company, best, at)?,
    }
    for other in others.iter().take(MOST_MERGED) {
        if dedupe::may_be_one(best.group, other.group) {
            merge(connection, article, other)?;
        }
    }
    carriers::count(connection, article)
}

/// Compares an article with others anew: its lead says something else than before, or another entry leads.
///
/// It stays in its story while it fits there, else it leaves for another or for none, and the story falls
/// apart where it alone held it together. What is too old to be compared stays where it is.
pub(super) fn compare_again(connection: &Connection, article: i64, at: Timestamp) -> Result<()> {
    vectors::remove(connection, article)?;
    let Some(mut company) = vectors::company_of(connection, article, at)? else {
        return Ok(());
    };
    vectors::insert(connection, article, &company)?;
    // It must not be counted among the reports that it is measured by.
    if let Some(story) = leave(connection, article)? {
        let groups = groups(connection, &company)?;
        let fits = dedupe::fits(&groups, company.terms.len(), company.published_at);
        if let Some(fit) = fits.iter().find(|fit| fit.group.story == Some(story)) {
            return enter(connection, article, story, &company, fit);
        }
        carriers::recount_article(connection, article)?;
        split(connection, story, at)?;
        vectors::read_stories(connection, &mut company)?;
    }
    join(connection, article, &company, at)
}

/// Compares an article anew that was corrected `at` now, and dates the entry as changed that stands for it, alone or as what
/// tells its story (U7). Where it comes to a story by that, the story grows, which is no change of what it told.
pub(super) fn compare_corrected(
    connection: &Connection,
    article: i64,
    at: Timestamp,
) -> Result<()> {
    let before = story(connection, article)?;
    if before.is_none() {
        founders::change_alone(connection, article, at)?;
    }
    compare_again(connection, article, at)?;
    match (before, story(connection, article)?) {
        (Some(before), Some(after)) if before == after => {
            tellers::note_change(connection, (after, article), at)
        }
        (Some(_), None) => founders::change_alone(connection, article, at),
        _ => Ok(()),
    }
}

/// Takes an article out of its story and returns that, which may be left with one article or none.
pub(super) fn leave(connection: &Connection, article: i64) -> Result<Option<i64>> {
    let story = story(connection, article)?;
    if story.is_some() {
        assign(connection, article, None, None)?;
    }
    Ok(story)
}

/// Puts an article into a story, for a reason, or takes it out of its own.
fn assign(
    connection: &Connection,
    article: i64,
    to: Option<i64>,
    reason: Option<&str>,
) -> Result<()> {
    let from = story(connection, article)?;
    connection
        .prepare_cached("UPDATE articles SET story = ?2, story_reason = ?3 WHERE id = ?1")?
        .execute((article, to, reason))?;
    if let Some(story) = to {
        carriers::raise(
            connection,
            story,
            carriers::of_article(connection, article)?,
        )?;
    }
    shares::moved(connection, article, from, to)
}

/// Ends a story that has fewer than two articles. The last one is carried by as many outlets as the story was, and
/// stands for it where the one that it began with is stored no more.
pub(super) fn settle(connection: &Connection, story: i64) -> Result<()> {
    let is_left = connection
        .prepare_cached("SELECT 1 FROM articles WHERE story = ?1 LIMIT 1 OFFSET 1")?
        .exists([story])?;
    if is_left {
        return Ok(());
    }
    let last: Option<i64> = connection
        .prepare_cached("SELECT id FROM articles WHERE story = ?1")?
        .query_row([story], |row| row.get(0))
        .optional()?;
    gone_voices::leave_to(connection, story, last)?;
    founders::ends(connection, story)?;
    if let Some(last) = last {
        founders::bequeath(connection, story, last)?;
        connection
            .prepare_cached(
                "UPDATE articles SET outlets = (
                     SELECT max(s.outlets, articles.outlets) FROM stories AS s WHERE s.id = ?2)
                 WHERE id = ?1",
            )?
            .execute((last, story))?;
        assign(connection, last, None, None)?;
    }
    connection
        .prepare_cached("DELETE FROM stories WHERE id = ?1")?
        .execute([story])?;
    Ok(())
}

/// Parts a story whose reports do not hang together any more. The part of the report that it began with keeps number and
/// name, else the part of the one stored first: any feed can date what it brings before all else, and would take an entry
/// over that readers know (U2).
fn split(connection: &Connection, story: i64, at: Timestamp) -> Result<()> {
    let mut members: Vec<(i64, Vector)> = connection
        .prepare_cached(
            "SELECT a.id, v.vector FROM articles AS a CROSS JOIN vectors AS v ON v.article = a.id
             WHERE a.story = ?1 LIMIT ?2",
        )?
        .query_map((story, MOST_PARTED + 1), |row| {
            Ok((row.get(0)?, Vector::from_bytes(row.get_ref(1)?.as_blob()?)))
        })?
        .collect::<Result<_>>()?;
    if i64::try_from(members.len()).is_ok_and(|members| members > MOST_PARTED) {
        carriers::recount_story(connection, story)?;
        return Ok(());
    }
    let founder = founders::article(connection, story)?;
    members.sort_by_key(|(article, _)| (Some(*article) != founder, *article));
    let (articles, vectors): (Vec<i64>, Vec<Vector>) = members.into_iter().unzip();
    let mut by_part: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
    for (part, article) in dedupe::parts(&vectors).into_iter().zip(articles) {
        by_part.entry(part).or_default().push(article);
    }
    if by_part.len() > 1 {
        gone_voices::forget_story(connection, story)?;
    }
    for part in by_part.into_values().skip(1) {
        let story = match part.as_slice() {
            [first, _, ..] => Some(founders::found(connection, *first, at)?),
            _ => None,
        };
        // Why it came may name a report that is elsewhere now.
        let reason = story.map(|_| "like the others that were left when their story fell apart");
        for article in part {
            carriers::recount_article(connection, article)?;
            assign(connection, article, story, reason)?;
        }
        if let Some(story) = story {
            carriers::recount_story(connection, story)?;
        }
    }
    carriers::recount_story(connection, story)?;
    settle(connection, story)
}

/// Returns the story of an article.
fn story(connection: &Connection, article: i64) -> Result<Option<i64>> {
    let found = connection
        .prepare_cached("SELECT story FROM articles WHERE id = ?1")?
        .query_row([article], |row| row.get(0));
    found.optional().map(Option::flatten)
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
    let (reports, begun_at) = match story {
        Some(story) => {
            let begun_at = founders::begun_at(connection, story)?;
            let from = dedupe::compared_from(begun_at, company.published_at);
            (reports_since(connection, story, from)?, begun_at)
        }
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
        begun_at,
    })
}

/// Counts the reports of a story from an instant on, as far as it is compared by them.
fn reports_since(connection: &Connection, story: i64, from: Timestamp) -> Result<u8> {
    connection
        .prepare_cached(REPORTS_SINCE)?
        .query_row((story, dedupe::COMPARED_WITH, At(from)), |row| row.get(0))
}

/// Tells whether a neighbour is another part of the series that the article is a part of.
fn is_series(connection: &Connection, company: &Company, found: &Neighbour) -> Result<bool> {
    let gap = company.published_at.duration_since(found.published_at);
    if !dedupe::may_be_series(gap) {
        return Ok(false);
    }
    let lead = vectors::lead(connection, found.article)?;
    let site = lead.url.as_deref().and_then(normalize::site);
    let is_of_one_outlet = lead.feed == company.feed || site.is_some() && site == company.site;
    Ok(is_of_one_outlet && dedupe::is_series(&company.title, &lead.title))
}

/// Makes a story of an article and another that stood alone so far. It begins with the one that was stored first, which
/// an edit may have brought to the other: readers know its entry for longer (U2).
fn begin(
    connection: &Connection,
    article: i64,
    company: &Company,
    best: &Fit<'_>,
    at: Timestamp,
) -> Result<()> {
    let closest = best.closest.article;
    let (first, second) = (article.min(closest), article.max(closest));
    let reason = reason(connection, company, closest, first)?;
    let story = founders::found(connection, first, at)?;
    assign(connection, first, Some(story), None)?;
    assign(connection, second, Some(story), Some(&reason))
}

/// Puts an article into a story, and says why.
fn enter(
    connection: &Connection,
    article: i64,
    story: i64,
    company: &Company,
    fit: &Fit<'_>,
) -> Result<()> {
    let closest = fit.closest.article;
    let reason = reason(connection, company, closest, closest)?;
    assign(connection, article, Some(story), Some(&reason))
}

/// Says how like another article one is, which of the two is `named`.
fn reason(connection: &Connection, company: &Company, other: i64, named: i64) -> Result<String> {
    let vector = vectors::read(connection, other)?.unwrap_or_default();
    let named = vectors::lead(connection, named)?.named();
    Ok(dedupe::story_reason(
        &company.terms,
        &company.vector,
        &vector,
        &named,
    ))
}

/// Makes one of the story of an article and another that it fits into, if their reports agree. The older
/// number stays.
fn merge(connection: &Connection, article: i64, other: &Fit<'_>) -> Result<()> {
    let Some(story) = story(connection, article)? else {
        return Ok(());
    };
    // One feed that reports on both is no proof, however often it does.
    let lead = vectors::lead(connection, article)?;
    let own = reports(connection, story, &lead.feed)?;
    let others = match other.group.story {
        Some(other) if other == story => return Ok(()),
        Some(other) => reports(connection, other, &lead.feed)?,
        None => vectors::read(connection, other.closest.article)?
            .into_iter()
            .collect(),
    };
    if !dedupe::are_one_story(&own, &others) {
        return Ok(());
    }
    let reason = format!("found to be of this story by {}", lead.named());
    let Some(found) = other.group.story else {
        let closest = other.closest.article;
        return assign(connection, closest, Some(story), Some(&reason));
    };
    let (older, younger) = (story.min(found), story.max(found));
    carriers::raise(connection, older, carriers::of_story(connection, younger)?)?;
    for (report, own) in with_reasons(connection, younger)? {
        assign(
            connection,
            report,
            Some(older),
            Some(own.as_ref().unwrap_or(&reason)),
        )?;
    }
    gone_voices::merge(connection, younger, older)?;
    settle(connection, younger)
}

/// Reads the reports of a story, and why each is in it.
fn with_reasons(connection: &Connection, story: i64) -> Result<Vec<(i64, Option<String>)>> {
    connection
        .prepare_cached("SELECT id, story_reason FROM articles WHERE story = ?1")?
        .query_map([story], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Reads the vectors of the newest reports of a story that a feed does not tell.
fn reports(connection: &Connection, story: i64, but: &str) -> Result<Vec<Vector>> {
    connection
        .prepare_cached(
            "SELECT v.vector FROM articles AS a
             CROSS JOIN vectors AS v ON v.article = a.id
             CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1
             CROSS JOIN feeds AS f ON f.id = e.feed
             WHERE a.story = ?1 AND f.name <> ?3
             ORDER BY a.published_at DESC, a.id DESC LIMIT ?2",
        )?
        .query_map((story, COMPARED_REPORTS, but), |row| {
            Ok(Vector::from_bytes(row.get_ref(0)?.as_blob()?))
        })?
        .collect()
}
