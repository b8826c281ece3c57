//! How many articles have a term: what makes a rare word tell more than a common one.
//!
//! Counted in batches: an article has fifty terms, each on a page of its own, and writing all of them with
//! each article would cost more than the article. A batch is not counted at once, which would keep one
//! article waiting for thousands of pages, but spread over the articles that follow, and is done when about half
//! as many have come. Until then articles are compared by counts that are off by a batch.

use super::retain::Progress;
use crate::dedupe::{Corpus, Term, Vector};
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeMap;

/// Articles of a batch at first: a new store soon knows its own common words.
const FIRST_BATCH: i64 = 16;

/// Articles of a batch later: a third of the terms then stand for several articles.
const LAST_BATCH: i64 = 256;

/// A batch is so small a part of what was read before.
const BATCH_PART: i64 = 16;

/// After so many articles one counts half: words come into use and go out of it within months.
const HALF_LIFE: i64 = 1 << 16;

/// Terms whose count fell below this were in one article, some half-lives ago.
const FORGOTTEN: f64 = 0.2;

/// Parts in which the terms are looked through for what is forgotten, a transaction each.
const PARTS: i64 = 64;

/// Reads how much is known of terms: of how many articles, and how many have each of them.
pub(super) fn known(connection: &Connection, terms: &[Term]) -> Result<(Corpus, Vec<f32>)> {
    let (documents, weight): (f32, f64) = connection
        .prepare_cached("SELECT documents / weight, weight FROM corpus")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut statement =
        connection.prepare_cached("SELECT articles / ?2 FROM terms WHERE term = ?1")?;
    let having = terms
        .iter()
        .map(|term| {
            let found = statement.query_row((term.number, weight), |row| row.get(0));
            Ok(found.optional()?.unwrap_or_default())
        })
        .collect::<Result<_>>()?;
    Ok((Corpus { documents }, having))
}

/// Counts the terms of the articles up to `newest`, once they are enough to be worth it: a part now, and the
/// rest with the articles that follow.
pub(super) fn learn(connection: &Connection, newest: i64) -> Result<()> {
    let (counted, read_to): (i64, i64) = connection
        .prepare_cached("SELECT counted, read_to FROM corpus")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    // Numbers of articles go back when the newest were purged.
    let read_to = read_to.min(newest - 1);
    let batch = (counted / BATCH_PART).clamp(FIRST_BATCH, LAST_BATCH);
    if newest - read_to >= batch {
        read_batch(connection, counted, (read_to, newest))?;
    }
    count_part(connection)
}

/// Reads the terms of the articles after one and up to another, and lays them up to be counted.
fn read_batch(connection: &Connection, counted: i64, (after, to): (i64, i64)) -> Result<()> {
    let mut terms: BTreeMap<u32, u32> = BTreeMap::new();
    let mut articles = 0;
    let mut statement = connection
        .prepare_cached("SELECT vector FROM vectors WHERE article > ?1 AND article <= ?2")?;
    let mut rows = statement.query((after, to))?;
    while let Some(row) = rows.next()? {
        articles += 1;
        for number in Vector::from_bytes(row.get_ref(0)?.as_blob()?).numbers() {
            *terms.entry(number).or_default() += 1;
        }
    }
    let counted = counted.saturating_add(articles);
    connection
        .prepare_cached(
            "UPDATE corpus SET documents = documents + ?1 * ?2, weight = ?2, counted = ?3, read_to = ?4",
        )?
        .execute((articles, weight(counted), counted, to))?;
    let mut lay_up = connection.prepare_cached("INSERT INTO uncounted (terms) VALUES (?1)")?;
    let terms: Vec<(u32, u32)> = terms.into_iter().collect();
    let parts = usize::try_from(to - after).unwrap_or(usize::MAX) / 2;
    let size = terms.len().div_ceil(parts.max(1)).max(1);
    for part in terms.chunks(size) {
        let bytes = part
            .iter()
            .flat_map(|(term, articles)| [term.to_le_bytes(), articles.to_le_bytes()]);
        lay_up.execute([bytes.flatten().collect::<Vec<u8>>()])?;
    }
    Ok(())
}

/// Counts the part that was laid up first.
fn count_part(connection: &Connection) -> Result<()> {
    let part: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT id, terms FROM uncounted ORDER BY id LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((part, terms)) = part else {
        return Ok(());
    };
    let mut count = connection.prepare_cached(
        "INSERT INTO terms (term, articles) VALUES (?1, ?2 * (SELECT weight FROM corpus))
         ON CONFLICT (term) DO UPDATE SET articles = articles + excluded.articles",
    )?;
    let (numbers, _) = terms.as_chunks::<4>().0.as_chunks::<2>();
    for [term, articles] in numbers {
        count.execute((u32::from_le_bytes(*term), u32::from_le_bytes(*articles)))?;
    }
    connection
        .prepare_cached("DELETE FROM uncounted WHERE id = ?1")?
        .execute([part])?;
    Ok(())
}

/// Returns how much an article counts after so many.
fn weight(counted: i64) -> f64 {
    let lives = i32::try_from(counted / HALF_LIFE).unwrap_or(i32::MAX);
    // Beyond a thousand half-lives a double has no room: sixty million articles.
    2f64.powi(lives.min(1000))
}

/// Forgets one part of the terms that nobody has used for long.
pub(super) fn forget(connection: &Connection, progress: Progress) -> Result<Progress> {
    let size = i64::from(u32::MAX) / PARTS + 1;
    let end = progress.after.saturating_add(size);
    connection
        .prepare_cached(
            "DELETE FROM terms WHERE term >= ?1 AND term < ?2
             AND articles < ?3 * (SELECT weight FROM corpus)",
        )?
        .execute((progress.after, end, FORGOTTEN))?;
    Ok(Progress {
        after: end,
        done: end > i64::from(u32::MAX),
        ..progress
    })
}
