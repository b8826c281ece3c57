//! Makes of a story one entry: told by its best report, and published when the one was that it began with.
//!
//! The entry has the id and the date of its founder (`founders.rs`), also where that is gone, and title, text
//! and media of the report of the first role and the highest weight, of equals the one that tells most, and then the one
//! stored first: `dedupe::leads` says which. Growth moves no date: `updated` moves when a report is corrected that tells the
//! story (U7). It is the story's own, and the same in every output: an id has one date of change, whoever tells it where.

use super::lead::{self, standing_columns};
use super::openly::Audience;
use super::rows::RoleName;
use super::{articles, founders, labels, rules, shares};
use crate::dedupe::{self, Standing};
use crate::model::{Article, Role, is_topic};
use crate::publish::{self, Candidate};
use jiff::Timestamp;
use rusqlite::{Connection, Result, Row};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Reports among which the one is looked for that tells a story, and whose topics the story has, those published
/// first, and beside them the one that it began with: what thousands have in common is hardly a story.
const TELLERS: usize = 64;

/// How many of them are of one feed: a quarter, so that none has all places by dating what it brings before all else.
const OF_ONE_FEED: usize = 16;

/// Reports that are looked at to find these, where one feed has most of them: that takes two milliseconds, and a feed
/// that is to have more brings no more than two thousand entries at a time.
pub(super) const LOOKED_AT: i64 = 2048;

/// What decides of a report whether it tells its story, and whether it has label `?2`.
macro_rules! members {
    ($from:literal, $which:literal) => {
        concat!(
            "SELECT a.id, e.feed, f.role, f.weight,
                 ?2 IS NULL OR EXISTS (
                     SELECT 1 FROM labels
                     WHERE label = ?2 AND published_at = a.published_at AND article = a.id
                 ) AS is_listed
             FROM ",
            $from,
            " CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1
             CROSS JOIN feeds AS f ON f.id = e.feed WHERE ",
            $which
        )
    };
}

/// The reports of a story, those published first.
pub(super) const MEMBERS: &str = members!(
    "articles AS a INDEXED BY articles_by_story",
    "a.story = ?1 ORDER BY a.published_at, a.id LIMIT ?3"
);

/// One of them.
const MEMBER: &str = members!("articles AS a", "a.id = ?1");

/// The report of a story that was published last.
const NEWEST: &str = "
    SELECT id FROM articles INDEXED BY articles_by_story WHERE story = ?1
    ORDER BY published_at DESC, id DESC LIMIT 1";

/// Whether an article has a label by itself.
const LISTED: &str = "
    SELECT 1 FROM labels INDEXED BY labels_by_arrival WHERE label = ?1 AND article = ?2";

/// What decides between reports of feeds that the operator ranks alike.
const STANDING: &str = concat!(
    "SELECT ",
    standing_columns!(),
    " FROM entries AS e INDEXED BY entries_by_article
     CROSS JOIN texts AS t ON t.entry = e.id
     CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE e.article = ?1 AND e.leads = 1"
);

/// A report of a story.
struct Member {
    number: i64,
    /// The feed that tells it.
    feed: i64,
    /// Whether the output holds it by itself.
    is_listed: bool,
    /// What decides first who tells the story.
    word: (Role, Reverse<i64>),
}

/// Reads the entry that stands for the story of an article, or for the article where it is in none, in an output
/// of what has `label`; `None` where none of its entries may be told.
pub(super) fn entry(
    connection: &Connection,
    authority: &str,
    (candidate, label): (&Candidate, Option<&str>),
    audience: &Audience<'_>,
) -> Result<Option<Article>> {
    let mut told = None;
    if let Some(story) = candidate.story {
        told = of_story(connection, story, (candidate, label), audience)?;
    }
    if told.is_none() {
        told = alone(connection, (candidate.number, label), audience)?;
    }
    Ok(told.map(|(mut article, founder)| {
        article.atom_id = publish::story_atom_id(authority, &founder);
        article
    }))
}

/// Reads an article that stands for itself, or for what is left of a story, and by which name it goes.
fn alone(
    connection: &Connection,
    (number, label): (i64, Option<&str>),
    audience: &Audience<'_>,
) -> Result<Option<(Article, String)>> {
    let Some(mut article) = articles::one(connection, (number, label), audience)? else {
        return Ok(None);
    };
    (article.published_at, article.updated_at) = founders::dates_alone(connection, number)?;
    Ok(Some((article, founders::of_article(connection, number)?)))
}

/// Reads a story as an article, and by which name it goes; `None` where it is gone.
///
/// It is told by what the output holds: what a topic leaves out is not shown for being of a story.
fn of_story(
    connection: &Connection,
    story: i64,
    (candidate, label): (&Candidate, Option<&str>),
    audience: &Audience<'_>,
) -> Result<Option<(Article, String)>> {
    let members = members(connection, story, (candidate.number, label))?;
    let founder = founders::of_story(connection, story)?;
    let teller = teller(connection, &members, candidate.number)?;
    let (Some(founder), Some(teller)) = (founder, teller) else {
        return Ok(None);
    };
    let Some(mut article) = articles::one(connection, (teller.number, label), audience)? else {
        return Ok(None);
    };
    if let Some(dates) = founders::dates(connection, story)? {
        (article.published_at, article.updated_at) = dates;
    }
    // Its reports came one after the other, and another tells it tomorrow.
    article.known_at = None;
    let topics = labels::of_articles(connection, members.iter().map(|member| member.number))?;
    let topics = rules::labels_of(connection, topics)?;
    article.topics = topics.into_iter().filter(|label| is_topic(label)).collect();
    Ok(Some((article, founder)))
}

/// Returns the report that tells a story, of those that an output holds by themselves and the one for which it holds
/// the story.
fn teller<'a>(
    connection: &Connection,
    members: &'a [Member],
    candidate: i64,
) -> Result<Option<&'a Member>> {
    let held = members
        .iter()
        .filter(|member| member.is_listed || member.number == candidate);
    let best = held.clone().map(|member| member.word).min();
    // What the operator ranks lower tells it in no case, and need not be read.
    let peers: Vec<&Member> = held.filter(|it| Some(it.word) == best).collect();
    if let [teller] = peers.as_slice() {
        return Ok(Some(teller));
    }
    let standings = peers.iter().map(|member| standing(connection, member));
    let standings = standings.collect::<Result<Vec<_>>>()?;
    Ok(dedupe::leads(&standings).and_then(|at| peers.get(at).copied()))
}

/// Reads what decides about a report; of two, the one whose article was stored first is the first.
fn standing(connection: &Connection, member: &Member) -> Result<Standing> {
    let standing = connection
        .prepare_cached(STANDING)?
        .query_row([member.number], lead::standing)?;
    Ok(Standing {
        number: member.number,
        ..standing
    })
}

/// Dates a story as changed when a report of it was, which was corrected `at` now, where that tells it: in an output of
/// everything, or of a label that it has by itself or, as the newest report, with the story.
pub(super) fn note_change(
    connection: &Connection,
    (story, report): (i64, i64),
    at: Timestamp,
) -> Result<()> {
    let newest = connection
        .prepare_cached(NEWEST)?
        .query_row([story], |row| row.get(0))?;
    let mut members = members(connection, story, (newest, None))?;
    if !members.iter().any(|member| member.number == report) {
        return Ok(());
    }
    let mut names = labels::of_article(connection, report)?;
    if report == newest {
        names.extend(shares::taken(connection, report)?);
    }
    let tells = |members: &[Member]| -> Result<bool> {
        let teller = teller(connection, members, report)?;
        Ok(teller.is_some_and(|teller| teller.number == report))
    };
    if tells(&members)? {
        return founders::change(connection, (story, report), at);
    }
    let mut is_listed = connection.prepare_cached(LISTED)?;
    for name in names {
        // One of a rule that waits is no reader's yet.
        if rules::label_of(connection, &name)?.is_none() {
            continue;
        }
        for member in &mut members {
            member.is_listed = is_listed.exists((&name, member.number))?;
        }
        if tells(&members)? {
            return founders::change(connection, (story, report), at);
        }
    }
    Ok(())
}

/// Returns the report that tells the entry of a story in an output of what has `label`.
pub(super) fn report(
    connection: &Connection,
    story: i64,
    (candidate, label): (&Candidate, Option<&str>),
) -> Result<i64> {
    let members = members(connection, story, (candidate.number, label))?;
    let teller = teller(connection, &members, candidate.number)?;
    Ok(teller.map_or(candidate.number, |teller| teller.number))
}

/// Reads the reports of a story that may tell it: with the first ones the one that it began with, and the one for which
/// the output holds the story.
fn members(
    connection: &Connection,
    story: i64,
    (candidate, label): (i64, Option<&str>),
) -> Result<Vec<Member>> {
    let mut members: Vec<Member> = Vec::new();
    let mut by_feed: BTreeMap<i64, usize> = BTreeMap::new();
    let mut statement = connection.prepare_cached(MEMBERS)?;
    let mut rows = statement.query((story, label, LOOKED_AT))?;
    while members.len() < TELLERS
        && let Some(row) = rows.next()?
    {
        let found = member(row)?;
        let of_feed = by_feed.entry(found.feed).or_default();
        *of_feed += 1;
        if *of_feed <= OF_ONE_FEED {
            members.push(found);
        }
    }
    let founder = founders::article(connection, story)?;
    for number in founder.into_iter().chain([candidate]) {
        if !members.iter().any(|member| member.number == number) {
            let mut statement = connection.prepare_cached(MEMBER)?;
            members.push(statement.query_row((number, label), member)?);
        }
    }
    Ok(members)
}

fn member(row: &Row<'_>) -> Result<Member> {
    Ok(Member {
        number: row.get("id")?,
        feed: row.get("feed")?,
        is_listed: row.get("is_listed")?,
        word: (
            row.get::<_, RoleName>("role")?.0,
            Reverse(row.get("weight")?),
        ),
    })
}
