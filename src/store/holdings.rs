//! How much is stored under labels, and what they have in common, for people who ask how a topic fares.
//!
//! All of it is read from the indexes of labels when it is asked: articles are counted in one walk through the index of
//! their label, those that came lately from the first of them on, which is found by halving, since articles are numbered
//! as they come. What labels share is counted among the articles that came last alone. Counts that are kept with each
//! label were rejected: each new article would write a page more for a question that is asked now and then.

use super::rows::{At, count};
use super::{Store, StoreError, rules};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeMap;

/// Among how many of the articles that came last those are counted which labels share.
pub const SHARED_AMONG: u32 = 100_000;

/// How many articles a label has.
pub(super) const HELD: &str = "SELECT count(*), max(article) FROM labels WHERE label = ?1";

/// How many of them came lately.
pub(super) const CAME: &str = "SELECT count(*) FROM labels INDEXED BY labels_by_arrival
    WHERE label = ?1 AND article >= ?2";

/// Those that came after another.
pub(super) const LAST: &str = "SELECT article FROM labels INDEXED BY labels_by_arrival
    WHERE label = ?1 AND article > ?2";

/// When an article came that has a number or the next that there is.
pub(super) const ARRIVAL: &str = "SELECT a.id,
        (SELECT min(first_seen_at) FROM entries INDEXED BY entries_by_article WHERE article = a.id)
    FROM articles AS a WHERE a.id >= ?1 ORDER BY a.id LIMIT 1";

/// How much is stored under a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Articles.
    pub articles: u64,
    /// Those of them that came since the instant that was asked for.
    pub lately: u64,
    /// When the last of them came.
    pub newest_at: Option<Timestamp>,
}

impl Store {
    /// Returns how much readers find under each of these labels, in their order, and how many articles of all came
    /// since an instant.
    pub fn holdings(
        &self,
        labels: &[&str],
        since: Timestamp,
    ) -> std::result::Result<(Vec<Holding>, u64), StoreError> {
        self.pool.read(|connection| {
            let first = first_since(connection, since)?;
            let holdings = labels.iter();
            let holdings = holdings.map(|label| holding(connection, label, first));
            let lately: i64 = connection
                .prepare_cached("SELECT count(*) FROM articles WHERE id >= ?1")?
                .query_row([first], |row| row.get(0))?;
            Ok((holdings.collect::<Result<_>>()?, count(lately)))
        })
    }

    /// Returns how many of the last [`SHARED_AMONG`] articles each two of these labels share, where they share some. Two
    /// labels are named by their places, the first first.
    pub fn shared(
        &self,
        labels: &[&str],
    ) -> std::result::Result<BTreeMap<(usize, usize), u64>, StoreError> {
        self.pool.read(|connection| shared(connection, labels))
    }
}

fn holding(connection: &Connection, label: &str, first: i64) -> Result<Holding> {
    let Some(name) = rules::name_of(connection, label)? else {
        return Ok(Holding::default());
    };
    let (articles, newest): (i64, Option<i64>) = connection
        .prepare_cached(HELD)?
        .query_row([&name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let lately: i64 = connection
        .prepare_cached(CAME)?
        .query_row((&name, first), |row| row.get(0))?;
    let arrival = newest
        .map(|newest| arrival(connection, newest))
        .transpose()?;
    Ok(Holding {
        articles: count(articles),
        lately: count(lately),
        newest_at: arrival.flatten().map(|(_, at)| at),
    })
}

/// Returns the article of this number or the next that there is, and when it came.
fn arrival(connection: &Connection, article: i64) -> Result<Option<(i64, Timestamp)>> {
    connection
        .prepare_cached(ARRIVAL)?
        .query_row([article], |row| {
            let at: Option<At> = row.get(1)?;
            Ok((row.get(0)?, at.map_or(Timestamp::MIN, |at| at.0)))
        })
        .optional()
}

/// Returns the number from which on articles came since an instant.
fn first_since(connection: &Connection, since: Timestamp) -> Result<i64> {
    let end = |sql: &str| -> Result<Option<i64>> {
        connection
            .prepare_cached(sql)?
            .query_row([], |row| row.get(0))
    };
    let mut low = end("SELECT min(id) FROM articles")?.unwrap_or_default();
    let newest = end("SELECT max(id) FROM articles")?;
    let mut high = newest.map_or(low, |newest| newest.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        match arrival(connection, middle)? {
            Some((found, at)) if at < since => low = found.saturating_add(1),
            _ => high = middle,
        }
    }
    Ok(low)
}

fn shared(connection: &Connection, labels: &[&str]) -> Result<BTreeMap<(usize, usize), u64>> {
    let newest: Option<i64> =
        connection.query_row("SELECT max(id) FROM articles", [], |row| row.get(0))?;
    let after = newest.unwrap_or_default() - i64::from(SHARED_AMONG);
    let mut found: Vec<(i64, usize)> = Vec::new();
    let mut last = connection.prepare_cached(LAST)?;
    for (place, label) in labels.iter().enumerate() {
        if let Some(name) = rules::name_of(connection, label)? {
            for article in last.query_map((&name, after), |row| row.get(0))? {
                found.push((article?, place));
            }
        }
    }
    found.sort_unstable();
    let mut shared = BTreeMap::new();
    for of_one in found.chunk_by(|(one, _), (other, _)| one == other) {
        for (number, (_, first)) in of_one.iter().enumerate() {
            for (_, second) in of_one.iter().skip(number + 1) {
                *shared.entry((*first, *second)).or_default() += 1;
            }
        }
    }
    Ok(shared)
}
