//! Rules that ask for a topic which takes whole stories, and so hold of an entry by what else its story has.
//!
//! Such a rule (`topic:lima AND NOT lang:ru`, `inherits = ["lima"]`) is decided entry by entry, as all are, with the
//! topics that take its story as given. When that changes for an article (a story is taken or let go, the article comes to
//! it or leaves it), its entries wait in `relabel_queue` and are judged again. Only where a rule asks: topics of which
//! nobody asks are listed with their stories (`listing.rs`), and nothing is judged again for them.
//!
//! Rejected: to evaluate such a query on the lists of its topics. Its other parts would have to be kept for every entry,
//! as verdicts for each case of what its story may have.

use super::{labels, shares};
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Tells whether a label is asked for; its row in `pulling` is `p`.
macro_rules! is_asked {
    () => {
        "coalesce(json_extract(p.scope, '$.asked'), 0)"
    };
}

/// Tells whether story `?2` is taken by a label that is asked for.
macro_rules! is_taken {
    () => {
        concat!(
            "EXISTS (SELECT 1 FROM shares AS s CROSS JOIN pulling AS p ON p.stored_as = s.label
             WHERE s.story = ?2 AND s.pulled = 1 AND ",
            is_asked!(),
            ")"
        )
    };
}

/// Has the entries of an article judged again that comes to a story which is taken, or leaves it.
pub(super) fn article(connection: &Connection, article: i64, story: i64) -> Result<()> {
    connection
        .prepare_cached(concat!(
            "INSERT OR IGNORE INTO relabel_queue (entry)
             SELECT id FROM entries WHERE article = ?1 AND ",
            is_taken!()
        ))?
        .execute((article, story))?;
    Ok(())
}

/// Has all entries of a story judged again which a label takes now, or no more.
pub(super) fn story(connection: &Connection, story: i64, label: &str) -> Result<()> {
    connection
        .prepare_cached(concat!(
            "INSERT OR IGNORE INTO relabel_queue (entry)
             SELECT e.id FROM pulling AS p CROSS JOIN articles AS a CROSS JOIN entries AS e ON e.article = a.id
             WHERE p.stored_as = ?2 AND ",
            is_asked!(),
            " AND a.story = ?1"
        ))?
        .execute((story, label))?;
    Ok(())
}

/// Has those of some entries judged again whose story is taken: those after one number and up to another.
pub(super) fn entries(connection: &Connection, (after, to): (i64, i64)) -> Result<()> {
    let any: bool = connection
        .prepare_cached(concat!(
            "SELECT EXISTS (SELECT 1 FROM pulling AS p WHERE ",
            is_asked!(),
            ")"
        ))?
        .query_row([], |row| row.get(0))?;
    if any {
        connection
            .prepare_cached(concat!(
                "INSERT OR IGNORE INTO relabel_queue (entry)
                 SELECT e.id FROM entries AS e CROSS JOIN articles AS a ON a.id = e.article
                 CROSS JOIN shares AS s ON s.story = a.story
                 CROSS JOIN pulling AS p ON p.stored_as = s.label
                 WHERE e.id > ?1 AND e.id <= ?2 AND s.pulled = 1 AND ",
                is_asked!()
            ))?
            .execute((after, to))?;
    }
    Ok(())
}

/// Has an entry judged again that was labelled without regard to its story, where that is taken; returns whether it is.
pub(super) fn entry(connection: &Connection, entry: i64, of: i64) -> Result<bool> {
    let is_taken = is_taken(connection, of)?;
    if is_taken {
        super::rules::enqueue(connection, entry)?;
    }
    Ok(is_taken)
}

/// Tells whether a label that is asked for takes the story of an article.
pub(super) fn is_taken(connection: &Connection, article: i64) -> Result<bool> {
    connection
        .prepare_cached(concat!(
            "SELECT EXISTS (
                 SELECT 1 FROM articles AS a CROSS JOIN shares AS s ON s.story = a.story
                 CROSS JOIN pulling AS p ON p.stored_as = s.label
                 WHERE a.id = ?1 AND s.pulled = 1 AND ",
            is_asked!(),
            ")"
        ))?
        .query_row([article], |row| row.get(0))
}

/// Tells whether entries wait to be judged again.
pub(super) fn waits(connection: &Connection) -> Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM relabel_queue)")?
        .query_row([], |row| row.get(0))
}

/// Returns the labels that take an article with its story, of those that are stored under these names.
pub(super) fn taking(
    connection: &Connection,
    article: i64,
    names: &BTreeMap<String, String>,
) -> Result<Vec<String>> {
    let taken: BTreeSet<String> = shares::taken(connection, article)?.into_iter().collect();
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let labels = names.iter().filter(|(_, name)| taken.contains(*name));
    Ok(labels.map(|(label, _)| label.clone()).collect())
}

/// Returns the names of the labels of all reports of the stories of some articles: these tell of each other what
/// everybody may read.
pub(super) fn told_beside(
    connection: &Connection,
    articles: &BTreeSet<i64>,
) -> Result<BTreeSet<String>> {
    let mut told = BTreeMap::new();
    for article in articles {
        let story = shares::story_of(connection, *article)?;
        // One of those reports tells of all; of a report that is not among the first, none is told.
        if let Some(story) = story.filter(|story| !told.contains_key(story)) {
            let labels = labels::told_with(connection, *article)?;
            told.extend((!labels.is_empty()).then_some((story, labels)));
        }
    }
    Ok(told.into_values().flatten().collect())
}
