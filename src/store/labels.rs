//! Which labels entries have, and which articles therefore.

use super::parts::{Json, json};
use super::rows::At;
use crate::model::TopicMatch;
use jiff::Timestamp;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;

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

/// Writes why an entry has its labels.
pub(super) fn insert_matches(
    connection: &Connection,
    entry: i64,
    matches: &[TopicMatch],
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO matches (entry, label, score, evidence) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for found in matches {
        let evidence = json(&found.evidence)?;
        statement.execute((entry, &found.topic, found.score, evidence))?;
    }
    Ok(())
}

/// Forgets the labels of an entry.
pub(super) fn remove_matches(connection: &Connection, entry: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM matches WHERE entry = ?1")?
        .execute([entry])?;
    Ok(())
}

/// Reads the labels of an entry, by name.
pub(super) fn matches(connection: &Connection, entry: i64) -> Result<Vec<TopicMatch>> {
    connection
        .prepare_cached(
            "SELECT label, score, evidence FROM matches WHERE entry = ?1 ORDER BY label",
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

/// Reads the labels of an article: those of all its entries, by name.
pub(super) fn of_article(connection: &Connection, article: i64) -> Result<BTreeSet<String>> {
    connection
        .prepare_cached(
            "SELECT m.label FROM entries AS e CROSS JOIN matches AS m ON m.entry = e.id
             WHERE e.article = ?1",
        )?
        .query_map([article], |row| row.get(0))?
        .collect()
}

/// Lists an article under labels; it may be there already.
pub(super) fn list(
    connection: &Connection,
    at: Labelled,
    labels: impl IntoIterator<Item: AsRef<str>>,
) -> Result<()> {
    each(
        connection,
        "INSERT OR IGNORE INTO labels (label, published_at, article) VALUES (?1, ?2, ?3)",
        at,
        labels,
    )
}

/// Lists an article under labels no more.
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
    )
}

/// Runs a statement for each label of an article.
fn each(
    connection: &Connection,
    sql: &str,
    at: Labelled,
    labels: impl IntoIterator<Item: AsRef<str>>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    for label in labels {
        statement.execute((label.as_ref(), At(at.published_at), at.article))?;
    }
    Ok(())
}
