//! Which stories a topic takes whole, and what it takes of them.
//!
//! The labels that entries have are stored; that an article is taken with its story is not, but follows
//! from how many reports of this have the label themselves. That number is kept for each story and label
//! (`shares`), with whether it is enough. So a report that comes to a story of five hundred changes a few
//! rows, those of the topics that its story touches, and no other report is written; when the last one
//! tips the scales, the others are read once, to say which outputs show them, and wait to be judged again
//! where a rule asks for the topic (`asking.rs`). A recount at each change,
//! and lists of what is taken, were rejected: both take as long as the story is.
//!
//! Labels are named as they are stored (`rules.rs`), so changed rules come to their own shares while those
//! of the former count.

use super::asking;
use super::labels::Labelled;
use super::late;
use super::parts::{Json, json};
use super::rows::{At, count, feed_id};
use super::{readable, rules};
use crate::classify::{bar, names_languages, said, spoken, takes_story};
use crate::model::{FeedId, Feeds, Scope, Share};
use rusqlite::{Connection, OptionalExtension, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The names of the labels that article `?1` has itself.
macro_rules! own_labels {
    () => {
        "(SELECT m.label FROM entries AS e CROSS JOIN matches AS m ON m.entry = e.id
          WHERE e.article = ?1)"
    };
}

/// What a label may take of stories, as the database has it: which words of the operator say so is not needed.
#[derive(Default, Serialize, Deserialize)]
struct ScopeForm {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    feeds: Option<BTreeSet<String>>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    not_feeds: BTreeSet<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    languages: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    not_languages: Vec<String>,
    /// Whether other rules ask for the label (`asking.rs`).
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    asked: bool,
}

impl From<&Scope> for ScopeForm {
    fn from(scope: &Scope) -> Self {
        let names = |all: &[Feeds]| {
            let feeds = all.iter().flat_map(|feeds| feeds.feeds.iter());
            feeds.map(ToString::to_string).collect()
        };
        Self {
            feeds: (!scope.feeds.is_empty()).then(|| names(&scope.feeds)),
            not_feeds: names(&scope.not_feeds),
            languages: scope.languages.clone(),
            not_languages: scope.not_languages.clone(),
            asked: false,
        }
    }
}

impl From<ScopeForm> for Scope {
    fn from(form: ScopeForm) -> Self {
        let feeds = |names: BTreeSet<String>| Feeds {
            group: None,
            feeds: Arc::new(names.iter().map(FeedId::new).collect()),
        };
        let not_feeds = Some(form.not_feeds).filter(|names| !names.is_empty());
        Self {
            feeds: form.feeds.map(feeds).into_iter().collect(),
            not_feeds: not_feeds.map(feeds).into_iter().collect(),
            languages: form.languages,
            not_languages: form.not_languages,
        }
    }
}

/// Notes that a label takes whole stories, before any entry has it under this name, and whether other rules ask for it.
pub(super) fn begin(connection: &Connection, name: &str, scope: &Scope, asked: bool) -> Result<()> {
    let form = ScopeForm {
        asked,
        ..ScopeForm::from(scope)
    };
    connection
        .prepare_cached("INSERT OR REPLACE INTO pulling (stored_as, scope) VALUES (?1, ?2)")?
        .execute((name, json(&form)?))?;
    Ok(())
}

/// Forgets a label of which no article is left.
pub(super) fn end(connection: &Connection, name: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM pulling WHERE stored_as = ?1")?
        .execute([name])?;
    Ok(())
}

/// Returns what a label takes of stories; `None` for one that takes none.
pub(super) fn scope_of(connection: &Connection, name: &str) -> Result<Option<Scope>> {
    connection
        .prepare_cached("SELECT scope FROM pulling WHERE stored_as = ?1")?
        .query_row([name], |row| Ok(row.get::<_, Json<ScopeForm>>(0)?.0.into()))
        .optional()
}

/// Counts an article that got a label.
pub(super) fn listed(connection: &Connection, at: Labelled, name: &str) -> Result<()> {
    let counted = connection
        .prepare_cached(
            "INSERT INTO shares (story, label, members, newest_at, pulled)
             SELECT a.story, p.stored_as, 1, ?3, 0 FROM pulling AS p
             CROSS JOIN articles AS a ON a.id = ?2
             WHERE p.stored_as = ?1 AND a.story IS NOT NULL
             ON CONFLICT (story, label) DO UPDATE SET members = members + 1",
        )?
        .execute((name, at.article, At(at.published_at)))?;
    weigh_of(connection, at.article, counted)
}

/// Counts out an article that lost a label.
pub(super) fn unlisted(connection: &Connection, at: Labelled, name: &str) -> Result<()> {
    let counted = connection
        .prepare_cached(
            "UPDATE shares SET members = members - 1
             WHERE label = ?1 AND story = (SELECT story FROM articles WHERE id = ?2)",
        )?
        .execute((name, at.article))?;
    weigh_of(connection, at.article, counted)
}

/// Weighs the story of an article anew, where something was counted.
fn weigh_of(connection: &Connection, article: i64, counted: usize) -> Result<()> {
    if counted == 0 {
        return Ok(());
    }
    let story = story_of(connection, article)?;
    story.map_or(Ok(()), |story| weigh(connection, story))
}

/// Returns the story of an article.
pub(super) fn story_of(connection: &Connection, article: i64) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT story FROM articles WHERE id = ?1")?
        .query_row([article], |row| row.get(0))
}

/// Takes over that an article went from one story to another; its row says so already.
pub(super) fn moved(
    connection: &Connection,
    article: i64,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<()> {
    if from == to {
        return Ok(());
    }
    late::moved(connection, article, to)?;
    if let Some(from) = from {
        stir(connection, article, from)?;
        asking::article(connection, article, from)?;
        connection
            .prepare_cached("UPDATE stories SET reports = reports - 1 WHERE id = ?1")?
            .execute([from])?;
        connection
            .prepare_cached(concat!(
                "UPDATE shares SET members = members - 1 WHERE story = ?2 AND label IN ",
                own_labels!()
            ))?
            .execute((article, from))?;
        weigh(connection, from)?;
    }
    if let Some(to) = to {
        connection
            .prepare_cached("UPDATE stories SET reports = reports + 1 WHERE id = ?1")?
            .execute([to])?;
        connection
            .prepare_cached(concat!(
                "INSERT INTO shares (story, label, members, newest_at, pulled)
                 SELECT ?2, stored_as, 1, 0, 0 FROM pulling WHERE stored_as IN ",
                own_labels!(),
                " ON CONFLICT (story, label) DO UPDATE SET members = members + 1"
            ))?
            .execute((article, to))?;
        weigh(connection, to)?;
        stir(connection, article, to)?;
        asking::article(connection, article, to)?;
    }
    Ok(())
}

/// A row of `shares`.
struct Row {
    label: String,
    members: i64,
    newest_at: i64,
    pulled: bool,
}

/// Says of each label of a story whether it takes the whole story.
fn weigh(connection: &Connection, story: i64) -> Result<()> {
    let rows = rows(connection, story)?;
    if rows.is_empty() {
        return Ok(());
    }
    let (reports, newest_at): (i64, Option<i64>) = connection
        .prepare_cached(
            "SELECT reports, (SELECT max(published_at) FROM articles WHERE story = ?1)
             FROM stories WHERE id = ?1",
        )?
        .query_row([story], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let newest_at = newest_at.unwrap_or_default();
    for row in rows {
        let pulled = takes_story(count(row.members), count(reports));
        if pulled && !row.pulled {
            late::told(connection, story, Some(&row.label))?;
        }
        if pulled != row.pulled {
            stir_all(connection, story, &row.label)?;
            asking::story(connection, story, &row.label)?;
        }
        if row.members <= 0 {
            connection
                .prepare_cached("DELETE FROM shares WHERE story = ?1 AND label = ?2")?
                .execute((story, &row.label))?;
        } else if (pulled, newest_at) != (row.pulled, row.newest_at) {
            connection
                .prepare_cached(
                    "UPDATE shares SET pulled = ?3, newest_at = ?4 WHERE story = ?1 AND label = ?2",
                )?
                .execute((story, &row.label, pulled, newest_at))?;
        }
    }
    Ok(())
}

fn rows(connection: &Connection, story: i64) -> Result<Vec<Row>> {
    connection
        .prepare_cached("SELECT label, members, newest_at, pulled FROM shares WHERE story = ?1")?
        .query_map([story], |row| {
            Ok(Row {
                label: row.get(0)?,
                members: row.get(1)?,
                newest_at: row.get(2)?,
                pulled: row.get(3)?,
            })
        })?
        .collect()
}

/// Notes that an article comes to a story that is taken, or leaves it: what shows the article shows another list of
/// topics with it.
fn stir(connection: &Connection, article: i64, story: i64) -> Result<()> {
    let stirred = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO stirred (label)
             SELECT label FROM shares WHERE story = ?1 AND pulled = 1",
        )?
        .execute([story])?;
    if stirred > 0 {
        connection
            .prepare_cached(concat!(
                "INSERT OR IGNORE INTO stirred (label) SELECT * FROM ",
                own_labels!()
            ))?
            .execute([article])?;
    }
    Ok(())
}

/// Notes that a label takes a story now, or no more: what shows any of its reports shows another list of topics. A
/// label that no reader sees changes nothing.
fn stir_all(connection: &Connection, story: i64, label: &str) -> Result<()> {
    let seen = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO stirred (label) SELECT stored_as FROM rules WHERE stored_as = ?1",
        )?
        .execute([label])?;
    if seen > 0 {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO stirred (label) SELECT m.label FROM articles AS a
                 CROSS JOIN entries AS e ON e.article = a.id
                 CROSS JOIN matches AS m ON m.entry = e.id WHERE a.story = ?1",
            )?
            .execute([story])?;
    }
    Ok(())
}

/// Returns the names of labels whose articles changed because a story did, and forgets them.
pub(super) fn stirred(connection: &Connection) -> Result<Vec<String>> {
    let stirred: Vec<String> = connection
        .prepare_cached("SELECT label FROM stirred")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_>>()?;
    if !stirred.is_empty() {
        connection
            .prepare_cached("DELETE FROM stirred")?
            .execute([])?;
    }
    Ok(stirred)
}

/// Returns the names of the labels that take the story of an article, whatever they take of it.
pub(super) fn taking(connection: &Connection, article: i64) -> Result<Vec<String>> {
    connection
        .prepare_cached(
            "SELECT s.label FROM articles AS a CROSS JOIN shares AS s ON s.story = a.story
             WHERE a.id = ?1 AND s.pulled = 1",
        )?
        .query_map([article], |row| row.get(0))?
        .collect()
}

/// Returns the names of the labels that take a story, whatever they take of it.
pub(super) fn taking_story(connection: &Connection, story: i64) -> Result<Vec<String>> {
    connection
        .prepare_cached("SELECT label FROM shares WHERE story = ?1 AND pulled = 1")?
        .query_map([story], |row| row.get(0))?
        .collect()
}

/// Which labels take some of the stories whose numbers are given as JSON.
pub(super) const TAKING: &str = "
    SELECT story, label FROM shares WHERE story IN (SELECT value FROM json_each(?1)) AND pulled = 1";

/// Returns the same of several stories, whose numbers are given as JSON: each with a label that takes it.
pub(super) fn taking_stories(connection: &Connection, stories: &str) -> Result<Vec<(i64, String)>> {
    connection
        .prepare_cached(TAKING)?
        .query_map([stories], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Returns the names of the labels that take an article with its story.
pub(super) fn taken(connection: &Connection, article: i64) -> Result<Vec<String>> {
    taken_by(connection, article, taking(connection, article)?)
}

/// Returns those of the labels that take the story of an article that take the article.
pub(super) fn taken_by(
    connection: &Connection,
    article: i64,
    taking: Vec<String>,
) -> Result<Vec<String>> {
    let mut taken = taking;
    let mut failed = Ok(());
    taken.retain(|name| {
        let may = may_take(connection, article, name);
        may.unwrap_or_else(|error| {
            failed = Err(error);
            false
        })
    });
    failed.map(|()| taken)
}

fn may_take(connection: &Connection, article: i64, name: &str) -> Result<bool> {
    match scope_of(connection, name)? {
        Some(scope) => admits(connection, article, &scope),
        None => Ok(false),
    }
}

/// Tells whether an article has an entry that a scope holds.
pub(super) fn admits(connection: &Connection, article: i64, scope: &Scope) -> Result<bool> {
    if *scope == Scope::default() {
        return Ok(true);
    }
    Ok(!admitted(connection, article, scope)?.is_empty())
}

/// Returns the entries of an article that a scope holds.
pub(super) fn admitted(
    connection: &Connection,
    article: i64,
    scope: &Scope,
) -> Result<BTreeSet<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT e.id, f.name, t.language FROM entries AS e
         CROSS JOIN texts AS t ON t.entry = e.id
         CROSS JOIN feeds AS f ON f.id = e.feed WHERE e.article = ?1",
    )?;
    let mut rows = statement.query([article])?;
    let mut admitted = BTreeSet::new();
    let of_languages = names_languages(scope);
    while let Some(row) = rows.next()? {
        let (entry, tag): (i64, Option<String>) = (row.get("id")?, row.get("language")?);
        let unsaid = if said(tag.as_deref()).is_none() && of_languages {
            readable::one(connection, entry)?
        } else {
            None
        };
        let guessed = unsaid.as_ref().and_then(|entry| spoken(entry).tag);
        let language = said(tag.as_deref()).or(guessed);
        if bar(scope, &feed_id(row, "name")?, language).is_none() {
            admitted.insert(entry);
        }
    }
    Ok(admitted)
}

/// Returns the entries of an article that a label has with its story.
pub(super) fn taken_entries(
    connection: &Connection,
    article: i64,
    name: &str,
) -> Result<BTreeSet<i64>> {
    let mut is_taken = connection.prepare_cached(
        "SELECT 1 FROM articles AS a
         CROSS JOIN shares AS s ON s.story = a.story AND s.label = ?2 AND s.pulled = 1
         WHERE a.id = ?1",
    )?;
    if !is_taken.exists((article, name))? {
        return Ok(BTreeSet::new());
    }
    match scope_of(connection, name)? {
        Some(scope) => admitted(connection, article, &scope),
        None => Ok(BTreeSet::new()),
    }
}

/// Returns the labels of an article that readers see: those that it has itself, and those that take its story.
pub(super) fn labels_of(
    connection: &Connection,
    article: i64,
    own: BTreeSet<String>,
) -> Result<BTreeSet<String>> {
    let taken = taken(connection, article)?;
    rules::labels_of(connection, own.into_iter().chain(taken))
}

/// Reads how much of the story of an article is in topics that take whole stories, of those that readers see.
pub(super) fn of_article(connection: &Connection, article: i64) -> Result<Vec<Share>> {
    let found: Vec<(String, String, i64, i64, bool)> = connection
        .prepare_cached(
            "SELECT r.label, r.stored_as, h.members, s.reports, h.pulled FROM articles AS a
             CROSS JOIN stories AS s ON s.id = a.story
             CROSS JOIN shares AS h ON h.story = a.story
             CROSS JOIN rules AS r ON r.stored_as = h.label
             WHERE a.id = ?1 ORDER BY r.label",
        )?
        .query_map([article], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })?
        .collect::<Result<_>>()?;
    let share = |(topic, name, members, reports, pulled): (String, String, _, _, bool)| {
        Ok(Share {
            topic,
            members: count(members),
            reports: count(reports),
            takes: pulled && may_take(connection, article, &name)?,
        })
    };
    found.into_iter().map(share).collect()
}
