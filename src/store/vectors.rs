//! What the texts of young articles are compared by, and who is like whom.

use super::retain::Progress;
use super::rows::At;
use super::{corpus, texts};
use crate::dedupe::{self, Near, STORY_GAP, Term, Vector};
use crate::model::{Entry, FeedId};
use crate::normalize;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How old an article is at most to be compared with others, by its own date: a backlog of months finds
/// its company in days that are gone.
const COMPARED_AGE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A slot of postings in milliseconds: twice the gap between two articles that are compared, so that those
/// of any instant are in two slots at most.
const SLOT_MS: i64 = 144 * 3_600_000;

/// Articles looked at for one term, the nearest before it in time: on 57,000 texts 32 find what 400 find.
const POSTED: i64 = 32;

/// Articles that are compared, those that share the heaviest terms: their vectors are read.
const MOST_NEIGHBOURS: usize = 48;

/// Articles whose words are compared, those most alike.
const MOST_NEAR: usize = 4;

/// A text of fewer terms says too little to be compared.
const LEAST_TERMS: usize = 3;

/// Rows that are removed in one transaction.
const BATCH: i64 = 2000;

/// What an article that is not stored yet is compared by, and what is like it.
pub(super) struct Company {
    /// Its terms.
    pub(super) terms: Vec<Term>,
    /// Their weights.
    pub(super) vector: Vector,
    /// Its title.
    pub(super) title: String,
    /// Registrable domain of its address.
    pub(super) site: Option<String>,
    /// When it was published.
    pub(super) published_at: Timestamp,
    /// What shares heavy terms with it, the most alike first.
    pub(super) neighbours: Vec<Neighbour>,
}

/// A stored article that shares heavy terms.
pub(super) struct Neighbour {
    pub(super) article: i64,
    pub(super) story: Option<i64>,
    pub(super) published_at: Timestamp,
    pub(super) site: Option<String>,
    pub(super) likeness: f32,
}

/// Finds the company of an article that this entry tells, at the instant `at`; `None` where it is too old or
/// says too little. The article itself is not among it as long as it has no vector.
pub(super) fn company(
    connection: &Connection,
    entry: &Entry,
    published_at: Timestamp,
    at: Timestamp,
) -> Result<Option<Company>> {
    if at.duration_since(published_at) > COMPARED_AGE {
        return Ok(None);
    }
    let terms = dedupe::terms(entry);
    if terms.len() < LEAST_TERMS {
        return Ok(None);
    }
    let (corpus, having) = corpus::known(connection, &terms)?;
    let vector = Vector::new(&terms, corpus, &having);
    let mut articles = sharing(connection, &vector, published_at)?;
    articles.truncate(MOST_NEIGHBOURS);
    let neighbours = neighbours(connection, &articles, &vector)?;
    Ok(Some(Company {
        terms,
        vector,
        title: entry.title.clone(),
        site: entry.url.as_deref().and_then(normalize::site),
        published_at,
        neighbours,
    }))
}

/// Finds articles that share heavy terms, those that share the most weight first.
fn sharing(connection: &Connection, vector: &Vector, published_at: Timestamp) -> Result<Vec<i64>> {
    let from = At(published_at
        .saturating_sub(STORY_GAP)
        .unwrap_or(Timestamp::MIN));
    let to = At(published_at
        .saturating_add(STORY_GAP)
        .unwrap_or(Timestamp::MAX));
    let mut statement = connection.prepare_cached(
        "SELECT article FROM postings
         WHERE slot = ?1 AND term = ?2 AND published_at BETWEEN ?3 AND ?4
         ORDER BY published_at DESC, article DESC LIMIT ?5",
    )?;
    let mut weights: BTreeMap<i64, f32> = BTreeMap::new();
    for (term, weight) in vector.telling() {
        for slot in slot(from.0)..=slot(to.0) {
            let mut rows = statement.query((slot, term, from, to, POSTED))?;
            while let Some(row) = rows.next()? {
                *weights.entry(row.get(0)?).or_default() += weight * weight;
            }
        }
    }
    let mut articles: Vec<(i64, f32)> = weights.into_iter().collect();
    articles.sort_by(|(one, weight), (other, others)| {
        let by_weight = others.total_cmp(weight);
        by_weight.then_with(|| Reverse(*one).cmp(&Reverse(*other)))
    });
    Ok(articles.into_iter().map(|(article, _)| article).collect())
}

/// Reads articles that may be like another, the most alike first.
fn neighbours(
    connection: &Connection,
    articles: &[i64],
    vector: &Vector,
) -> Result<Vec<Neighbour>> {
    // Prepared once: looking it up in the cache costs as much as running it.
    let mut statement = connection.prepare_cached(
        "SELECT a.story, v.published_at, v.site, v.vector
         FROM vectors AS v CROSS JOIN articles AS a ON a.id = v.article
         WHERE v.article = ?1",
    )?;
    let mut neighbours = Vec::with_capacity(articles.len());
    for &article in articles {
        let found = statement.query_row([article], |row| {
            let own = Vector::from_bytes(row.get_ref(3)?.as_blob()?);
            Ok(Neighbour {
                article,
                story: row.get(0)?,
                published_at: row.get::<_, At>(1)?.0,
                site: row.get(2)?,
                likeness: vector.likeness(&own),
            })
        });
        neighbours.extend(found.optional()?);
    }
    neighbours.sort_by(|one, other| {
        let by_likeness = other.likeness.total_cmp(&one.likeness);
        by_likeness.then_with(|| one.article.cmp(&other.article))
    });
    Ok(neighbours)
}

/// Reads the articles whose words may be those of the entry.
pub(super) fn near(connection: &Connection, company: &Company) -> Result<Vec<Near>> {
    let alike = |neighbour: &&Neighbour| neighbour.likeness >= dedupe::NEAR_LIKENESS;
    let neighbours = company.neighbours.iter().filter(alike).take(MOST_NEAR);
    let near = neighbours.map(|neighbour| {
        let (number, feed, entry_id, title): (i64, String, String, String) = connection
            .prepare_cached(
                "SELECT e.id, f.name, e.entry_id, e.title
                 FROM entries AS e INDEXED BY entries_by_article
                 CROSS JOIN feeds AS f ON f.id = e.feed
                 WHERE e.article = ?1 AND e.leads = 1",
            )?
            .query_row([neighbour.article], |row| row.try_into())?;
        Ok(Near {
            article: neighbour.article,
            feed: FeedId::new(feed),
            entry_id,
            site: neighbour.site.clone(),
            title,
            text: texts::plain(connection, number)?,
            published_at: neighbour.published_at,
        })
    });
    near.collect()
}

/// Reads the title by which an article is told, and the feed that tells it.
pub(super) fn told(connection: &Connection, article: i64) -> Result<(String, String)> {
    connection
        .prepare_cached(
            "SELECT e.title, f.name FROM entries AS e INDEXED BY entries_by_article
             CROSS JOIN feeds AS f ON f.id = e.feed
             WHERE e.article = ?1 AND e.leads = 1",
        )?
        .query_row([article], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Reads the weights of an article's terms, where they are still kept.
pub(super) fn read(connection: &Connection, article: i64) -> Result<Option<Vector>> {
    connection
        .prepare_cached("SELECT vector FROM vectors WHERE article = ?1")?
        .query_row([article], |row| {
            Ok(Vector::from_bytes(row.get_ref(0)?.as_blob()?))
        })
        .optional()
}

/// Makes an article findable by its terms.
pub(super) fn insert(connection: &Connection, article: i64, company: &Company) -> Result<()> {
    let at = At(company.published_at);
    connection
        .prepare_cached(
            "INSERT INTO vectors (article, published_at, site, vector) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((article, at, &company.site, company.vector.to_bytes()))?;
    each_posting(
        connection,
        "INSERT OR IGNORE INTO postings (slot, term, published_at, article) VALUES (?1, ?2, ?3, ?4)",
        (article, at),
        &company.vector,
    )
}

/// Makes an article no longer findable by its terms.
pub(super) fn remove(connection: &Connection, article: i64) -> Result<()> {
    let found: Option<(At, Vec<u8>)> = connection
        .prepare_cached("SELECT published_at, vector FROM vectors WHERE article = ?1")?
        .query_row([article], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((at, vector)) = found else {
        return Ok(());
    };
    each_posting(
        connection,
        "DELETE FROM postings WHERE slot = ?1 AND term = ?2 AND published_at = ?3 AND article = ?4",
        (article, at),
        &Vector::from_bytes(&vector),
    )?;
    connection
        .prepare_cached("DELETE FROM vectors WHERE article = ?1")?
        .execute([article])?;
    Ok(())
}

/// Runs a statement for each term by which an article is found.
fn each_posting(
    connection: &Connection,
    sql: &str,
    (article, at): (i64, At),
    vector: &Vector,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    for (term, _) in vector.telling() {
        statement.execute((slot(at.0), term, at, article))?;
    }
    Ok(())
}

/// Returns the slot of an instant.
fn slot(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(SLOT_MS)
}

/// Removes one batch of what is too old to be compared: no article that comes from now on finds it.
pub(super) fn forget(
    connection: &Connection,
    progress: Progress,
    now: Timestamp,
) -> Result<Progress> {
    let kept = COMPARED_AGE.saturating_add(STORY_GAP);
    let before = now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
    let postings = connection
        .prepare_cached(
            "DELETE FROM postings WHERE (slot, term, published_at, article) IN
                 (SELECT slot, term, published_at, article FROM postings WHERE slot < ?1 LIMIT ?2)",
        )?
        .execute((slot(before), BATCH))?;
    let vectors = connection
        .prepare_cached(
            "DELETE FROM vectors WHERE article IN
                 (SELECT article FROM vectors WHERE published_at < ?1 LIMIT ?2)",
        )?
        .execute((At(before), BATCH))?;
    Ok(Progress {
        done: postings == 0 && vectors == 0,
        ..progress
    })
}
