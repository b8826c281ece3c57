//! Which labels entries have, and which articles therefore. Names are what labels are stored as (`rules.rs`).

use super::parts::{Json, json};
use super::rows::At;
use super::writer::Pen;
use super::{asking, founders, joined, late, rules, shares, tellers};
use crate::model::{Rules, TopicMatch};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::{BTreeMap, BTreeSet};

/// An article as the index of labels knows it.
#[derive(Clone, Copy)]
pub(super) struct Labelled {
    /// The article.
    pub(super) article: i64,
    /// When it was published, which never changes.
    pub(super) published_at: Timestamp,
}

/// Reads how an article is listed.
pub(super) fn labelled(connection: &Connection, article: i64) -> Result<Labelled> {
    let published_at = connection
        .prepare_cached("SELECT published_at FROM articles WHERE id = ?1")?
        .query_row([article], |row| row.get::<_, At>(0))?
        .0;
    Ok(Labelled {
        article,
        published_at,
    })
}

/// Finds how the article of a stored entry is listed; `None` for what is only remembered.
pub(super) fn of_entry(connection: &Connection, entry: i64) -> Result<Option<Labelled>> {
    connection
        .prepare_cached(
            "SELECT a.id, a.published_at FROM entries AS e CROSS JOIN articles AS a ON a.id = e.article
             WHERE e.id = ?1",
        )?
        .query_row([entry], |row| {
            Ok(Labelled {
                article: row.get(0)?,
                published_at: row.get::<_, At>(1)?.0,
            })
        })
        .optional()
}

/// Gives an entry the labels that it has by `rules`, and its article. Where other rules hold, or will, only those of
/// rules that stay are given, and the entry is judged again later, as where its story has more; returns whether that is so.
/// What its story may take away again is not given before that: readers keep what they saw for a moment.
pub(super) fn give(
    connection: &Connection,
    entry: i64,
    at: Labelled,
    (matches, rules): (&[TopicMatch], &Rules),
) -> Result<bool> {
    let is_excluding = |found: &&TopicMatch| rules.excluding.contains(&found.topic);
    let waits =
        matches.iter().any(|it| is_excluding(&it)) && asking::is_taken(connection, at.article)?;
    for found in matches.iter().filter(|it| !(waits && is_excluding(it))) {
        if let Some(name) = rules::stored_as(connection, &found.topic, rules)? {
            write(connection, entry, at, &name, found)?;
        }
    }
    if rules::hold(connection, rules)? {
        return asking::entry(connection, entry, at.article);
    }
    rules::enqueue(connection, entry)?;
    Ok(true)
}

/// Takes from an entry what its story may take away and nobody has seen of it yet, where that turned out to be taken after
/// the labels were given; it is judged again. Readers may have seen those of the names that are `seen`.
fn withhold(
    connection: &Connection,
    (entry, seen): (i64, &BTreeSet<String>),
    at: Labelled,
    rules: &Rules,
) -> Result<()> {
    if !asking::entry(connection, entry, at.article)? {
        return Ok(());
    }
    let before = of_article(connection, at.article)?;
    for label in &rules.excluding {
        let name = rules::stored_as(connection, label, rules)?;
        if let Some(name) = name.filter(|name| !seen.contains(name)) {
            remove_match(connection, entry, &name)?;
        }
    }
    let after = of_article(connection, at.article)?;
    unlist(connection, at, before.difference(&after))
}

/// Withholds it from `new` entries, from those of earlier polls that nobody can have seen either, and from those that were
/// edited since what nobody can have seen of them.
pub(super) fn withhold_unseen(
    pen: &Pen<'_>,
    new: Vec<(i64, Labelled)>,
    rules: &Rules,
) -> Result<()> {
    if rules.excluding.is_empty() {
        return Ok(());
    }
    let connection = pen.connection;
    for (entry, at) in new {
        withhold(connection, (entry, &BTreeSet::new()), at, rules)?;
    }
    let mut waiting: BTreeMap<i64, BTreeSet<String>> = connection
        .prepare_cached("SELECT entry FROM relabel_queue WHERE entry > ?1")?
        .query_map([pen.shown.up_to()], |row| {
            Ok((row.get(0)?, BTreeSet::new()))
        })?
        .collect::<Result<_>>()?;
    let mut waits = connection.prepare_cached("SELECT 1 FROM relabel_queue WHERE entry = ?1")?;
    for (entry, had) in pen.shown.edited_since() {
        if waits.exists([entry])? {
            waiting.insert(entry, had);
        }
    }
    for (entry, seen) in &waiting {
        if let Some(at) = of_entry(connection, *entry)? {
            withhold(connection, (*entry, seen), at, rules)?;
        }
    }
    Ok(())
}

/// Remembers which labels an entry has that is about to be edited, where its story may take away what the edit brings.
pub(super) fn remember(pen: &Pen<'_>, entry: i64, rules: &Rules) -> Result<()> {
    if rules.excluding.is_empty() || !pen.shown.wants(entry) {
        return Ok(());
    }
    let had = pen
        .connection
        .prepare_cached("SELECT label FROM matches WHERE entry = ?1")?
        .query_map([entry], |row| row.get(0))?
        .collect::<Result<_>>()?;
    pen.shown.remember(entry, had);
    Ok(())
}

/// Writes why an entry has a label, under the name that this is stored as, and lists its article there.
pub(super) fn write(
    connection: &Connection,
    entry: i64,
    at: Labelled,
    name: &str,
    found: &TopicMatch,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO matches (entry, label, score, evidence) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((entry, name, found.score, json(&found.evidence)?))?;
    joined::settle(connection, at.article, name)?;
    list(connection, at, [name])
}

/// Forgets the labels of an entry.
pub(super) fn remove_matches(connection: &Connection, entry: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM matches WHERE entry = ?1")?
        .execute([entry])?;
    Ok(())
}

/// Forgets one label of an entry, by the name that it is stored as.
pub(super) fn remove_match(connection: &Connection, entry: i64, name: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM matches WHERE entry = ?1 AND label = ?2")?
        .execute((entry, name))?;
    Ok(())
}

/// Returns some articles that are listed under a name.
pub(super) fn listed(connection: &Connection, name: &str, most: i64) -> Result<Vec<Labelled>> {
    connection
        .prepare_cached("SELECT article, published_at FROM labels WHERE label = ?1 LIMIT ?2")?
        .query_map((name, most), |row| {
            Ok(Labelled {
                article: row.get(0)?,
                published_at: row.get::<_, At>(1)?.0,
            })
        })?
        .collect()
}

/// Forgets one label of an article and all its entries, by the name that it is stored as.
pub(super) fn remove_of_article(connection: &Connection, at: Labelled, name: &str) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM matches WHERE label = ?2
             AND entry IN (SELECT id FROM entries WHERE article = ?1)",
        )?
        .execute((at.article, name))?;
    unlist(connection, at, [name])
}

/// Reads the labels of an entry that readers see, by name.
pub(super) fn matches(connection: &Connection, entry: i64) -> Result<Vec<TopicMatch>> {
    connection
        .prepare_cached(
            "SELECT r.label, m.score, m.evidence FROM matches AS m
             CROSS JOIN rules AS r ON r.stored_as = m.label
             WHERE m.entry = ?1 ORDER BY r.label",
        )?
        .query_map([entry], |row| {
            Ok(TopicMatch {
                topic: row.get(0)?,
                score: row.get(1)?,
                evidence: row.get::<_, Json<_>>(2)?.0,
            })
        })?
        .collect()
}

/// Reads the names of all labels of an article, those of all its entries, whether or not readers see them.
pub(super) fn of_article(connection: &Connection, article: i64) -> Result<BTreeSet<String>> {
    connection
        .prepare_cached(
            "SELECT m.label FROM entries AS e CROSS JOIN matches AS m ON m.entry = e.id
             WHERE e.article = ?1",
        )?
        .query_map([article], |row| row.get(0))?
        .collect()
}

/// Reads the names of all labels of some articles.
pub(super) fn of_articles(
    connection: &Connection,
    articles: impl Iterator<Item = i64>,
) -> Result<BTreeSet<String>> {
    let mut labels = BTreeSet::new();
    for article in articles {
        labels.append(&mut of_article(connection, article)?);
    }
    Ok(labels)
}

/// Reads the names of all labels under which something else is published when an article comes to its story,
/// leaves it or changes there. It is told of by the others where it is one of the first or the very first, which may tell the
/// story, and else by none: a story of thousands, which is hardly one, is not read through for each of them.
pub(super) fn told_with(connection: &Connection, article: i64) -> Result<BTreeSet<String>> {
    if is_told_with(connection, article)? {
        return of_reports(connection, article);
    }
    Ok(BTreeSet::new())
}

/// Tells whether it is told of by the others.
pub(super) fn is_told_with(connection: &Connection, article: i64) -> Result<bool> {
    let earlier: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM (
                 SELECT 1 FROM articles AS one
                 CROSS JOIN articles AS a INDEXED BY articles_by_story ON a.story = one.story
                 WHERE one.id = ?1 AND a.published_at <= one.published_at AND a.id <> one.id
                 LIMIT ?2)",
        )?
        .query_row((article, tellers::LOOKED_AT), |row| row.get(0))?;
    Ok(earlier < tellers::LOOKED_AT || founders::began(connection, article)?)
}

/// Reads the names of all labels of the reports of the story of an article.
pub(super) fn of_reports(connection: &Connection, article: i64) -> Result<BTreeSet<String>> {
    connection
        .prepare_cached(
            "SELECT DISTINCT m.label FROM articles AS one
             CROSS JOIN articles AS a INDEXED BY articles_by_story ON a.story = one.story
             CROSS JOIN entries AS e ON e.article = a.id
             CROSS JOIN matches AS m ON m.entry = e.id
             WHERE one.id = ?1",
        )?
        .query_map([article], |row| row.get(0))?
        .collect()
}

/// Lists an article under names of labels; it may be there already.
fn list(
    connection: &Connection,
    at: Labelled,
    labels: impl IntoIterator<Item: AsRef<str>>,
) -> Result<()> {
    each(
        connection,
        "INSERT OR IGNORE INTO labels (label, published_at, article) VALUES (?1, ?2, ?3)",
        at,
        labels,
        |connection, at, name| {
            late::labelled(connection, at.article, name)?;
            shares::listed(connection, at, name)
        },
    )
}

/// Lists an article under names of labels no more.
pub(super) fn unlist(
    connection: &Connection,
    at: Labelled,
    labels: impl IntoIterator<Item: AsRef<str>>,
) -> Result<()> {
    each(
        connection,
        "DELETE FROM labels WHERE label = ?1 AND published_at = ?2 AND article = ?3",
        at,
        labels,
        |connection, at, name| {
            joined::forget(connection, at.article, name)?;
            shares::unlisted(connection, at, name)
        },
    )
}

/// Runs a statement for each label of an article, and counts where it changed something.
fn each(
    connection: &Connection,
    sql: &str,
    at: Labelled,
    labels: impl IntoIterator<Item: AsRef<str>>,
    count: fn(&Connection, Labelled, &str) -> Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    for label in labels {
        let label = label.as_ref();
        if statement.execute((label, At(at.published_at), at.article))? > 0 {
            count(connection, at, label)?;
        }
    }
    Ok(())
}
