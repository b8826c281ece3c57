//! What the texts of young articles are compared by, and who is like whom.
//!
//! An article is compared by the words of the entry that tells it; when another does, or it is edited, it is
//! compared anew.

use super::retain::Progress;
use super::rows::At;
use super::{corpus, texts};
use crate::dedupe::{self, COMPARED_AGE, Near, Report, STORY_GAP, Term, Vector};
use crate::model::FeedId;
use crate::normalize;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A slot of postings in milliseconds: twice the gap between two articles that are compared, so that those
/// of any instant are in two slots at most.
const SLOT_MS: i64 = 144 * 3_600_000;

/// Articles looked at for one term in a slot, the nearest in time before it, and as many after: on 57,000
/// texts 32 find what 400 find.
const POSTED: i64 = 32;

/// Articles that are compared, those that share the heaviest terms: their vectors are read. On the same
/// texts 42 share any, on the average.
const MOST_NEIGHBOURS: usize = 48;

/// Articles whose words are compared, those most alike: each is unpacked, and copies are at the top.
const MOST_NEAR: usize = 4;

/// Outlets of an article that are asked about: one that more carry is wire copy, which none of them repeats.
const MOST_OUTLETS: i64 = 32;

/// A text of fewer terms says too little to be compared: two words in common are all of it.
const LEAST_TERMS: usize = 3;

/// Rows that are removed in one transaction: some milliseconds.
const BATCH: i64 = 2000;

/// What an article is compared by, and what is like it.
pub(super) struct Company {
    /// Its terms.
    pub(super) terms: Vec<Term>,
    /// Their weights.
    pub(super) vector: Vector,
    /// Its title.
    pub(super) title: String,
    /// The feed that tells it.
    pub(super) feed: String,
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
    pub(super) likeness: f32,
}

/// The entry that tells an article.
pub(super) struct Lead {
    pub(super) number: i64,
    pub(super) feed: String,
    pub(super) entry_id: String,
    pub(super) title: String,
    pub(super) url: Option<String>,
    language: Option<String>,
    published_at: Timestamp,
}

impl Lead {
    /// Names it for the operator; a title is one clean line.
    pub(super) fn named(&self) -> String {
        format!("\"{}\" in feed {}", self.title, self.feed)
    }
}

/// What is said of an article, and by whom.
pub(super) struct Told<'a> {
    pub(super) report: Report<'a>,
    pub(super) feed: &'a str,
    pub(super) url: Option<&'a str>,
    /// When the article was published.
    pub(super) published_at: Timestamp,
}

/// Finds the company of an article at the instant `at`; `None` where it is too old or says too little. The
/// article itself is not among it as long as it has no vector.
pub(super) fn company(
    connection: &Connection,
    told: &Told<'_>,
    at: Timestamp,
) -> Result<Option<Company>> {
    if !dedupe::is_compared(told.published_at, at) {
        return Ok(None);
    }
    let terms = dedupe::terms(&told.report);
    if terms.len() < LEAST_TERMS {
        return Ok(None);
    }
    let (corpus, having) = corpus::known(connection, &terms)?;
    let vector = Vector::new(&terms, corpus, &having);
    let mut articles = sharing(connection, &vector, told.published_at)?;
    articles.truncate(MOST_NEIGHBOURS);
    let neighbours = neighbours(connection, &articles, &vector)?;
    Ok(Some(Company {
        terms,
        vector,
        title: told.report.title.to_owned(),
        feed: told.feed.to_owned(),
        site: told.url.and_then(normalize::site),
        published_at: told.published_at,
        neighbours,
    }))
}

/// Finds the company of a stored article, by the words of the entry that tells it now.
pub(super) fn company_of(
    connection: &Connection,
    article: i64,
    at: Timestamp,
) -> Result<Option<Company>> {
    let lead = lead(connection, article)?;
    let [summary, content] = texts::plain_parts(connection, lead.number)?;
    let told = Told {
        report: Report {
            title: &lead.title,
            summary: &summary,
            content: &content,
            language: lead.language.as_deref(),
        },
        feed: &lead.feed,
        url: lead.url.as_deref(),
        published_at: lead.published_at,
    };
    company(connection, &told, at)
}

/// Finds articles that share heavy terms, those that share the most weight first.
fn sharing(connection: &Connection, vector: &Vector, published_at: Timestamp) -> Result<Vec<i64>> {
    let (at, from, to) = (
        At(published_at),
        At(published_at
            .saturating_sub(STORY_GAP)
            .unwrap_or(Timestamp::MIN)),
        At(published_at
            .saturating_add(STORY_GAP)
            .unwrap_or(Timestamp::MAX)),
    );
    let mut before = connection.prepare_cached(
        "SELECT article FROM postings
         WHERE slot = ?1 AND term = ?2 AND published_at BETWEEN ?3 AND ?4
         ORDER BY published_at DESC, article DESC LIMIT ?5",
    )?;
    let mut after = connection.prepare_cached(
        "SELECT article FROM postings
         WHERE slot = ?1 AND term = ?2 AND published_at > ?3 AND published_at <= ?4
         ORDER BY published_at, article LIMIT ?5",
    )?;
    let mut weights: BTreeMap<i64, f32> = BTreeMap::new();
    for (term, weight) in vector.telling() {
        let mut note = |article| *weights.entry(article).or_default() += weight * weight;
        for slot in slot(from.0)..=slot(at.0) {
            let mut rows = before.query((slot, term, from, at, POSTED))?;
            while let Some(row) = rows.next()? {
                note(row.get(0)?);
            }
        }
        for slot in slot(at.0)..=slot(to.0) {
            let mut rows = after.query((slot, term, at, to, POSTED))?;
            while let Some(row) = rows.next()? {
                note(row.get(0)?);
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
        "SELECT a.story, v.published_at, v.vector
         FROM vectors AS v CROSS JOIN articles AS a ON a.id = v.article
         WHERE v.article = ?1",
    )?;
    let mut neighbours = Vec::with_capacity(articles.len());
    for &article in articles {
        let found = statement.query_row([article], |row| {
            let own = Vector::from_bytes(row.get_ref(2)?.as_blob()?);
            Ok(Neighbour {
                article,
                story: row.get(0)?,
                published_at: row.get::<_, At>(1)?.0,
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

/// Reads the stories of the company anew, after some of it was moved.
pub(super) fn read_stories(connection: &Connection, company: &mut Company) -> Result<()> {
    let mut statement = connection.prepare_cached("SELECT story FROM articles WHERE id = ?1")?;
    for neighbour in &mut company.neighbours {
        neighbour.story = statement.query_row([neighbour.article], |row| row.get(0))?;
    }
    Ok(())
}

/// Reads the articles whose words may be those of an entry, but for those in `refused`.
pub(super) fn near(
    connection: &Connection,
    company: &Company,
    refused: &[i64],
) -> Result<Vec<Near>> {
    let is_alike = |neighbour: &&Neighbour| {
        neighbour.likeness >= dedupe::NEAR_LIKENESS && !refused.contains(&neighbour.article)
    };
    let neighbours = company.neighbours.iter().filter(is_alike).take(MOST_NEAR);
    let near = neighbours.map(|neighbour| {
        let lead = lead(connection, neighbour.article)?;
        Ok(Near {
            article: neighbour.article,
            text: texts::beginning(connection, lead.number)?,
            outlets: outlets(connection, neighbour.article)?,
            feed: FeedId::new(lead.feed),
            entry_id: lead.entry_id,
            title: lead.title,
            published_at: neighbour.published_at,
        })
    });
    near.collect()
}

/// Reads who carries an article: feeds, and the sites of the addresses there.
fn outlets(connection: &Connection, article: i64) -> Result<Vec<(FeedId, Option<String>)>> {
    connection
        .prepare_cached(
            "SELECT f.name, t.url FROM entries AS e INDEXED BY entries_by_article
             CROSS JOIN texts AS t ON t.entry = e.id
             CROSS JOIN feeds AS f ON f.id = e.feed
             WHERE e.article = ?1 LIMIT ?2",
        )?
        .query_map((article, MOST_OUTLETS), |row| {
            let url: Option<String> = row.get(1)?;
            let feed = FeedId::new(row.get::<_, String>(0)?);
            Ok((feed, url.as_deref().and_then(normalize::site)))
        })?
        .collect()
}

/// Reads the entry that tells an article.
pub(super) fn lead(connection: &Connection, article: i64) -> Result<Lead> {
    connection
        .prepare_cached(
            "SELECT e.id, f.name, e.entry_id, e.title, t.url, t.language, a.published_at
             FROM entries AS e INDEXED BY entries_by_article
             CROSS JOIN texts AS t ON t.entry = e.id
             CROSS JOIN feeds AS f ON f.id = e.feed
             CROSS JOIN articles AS a ON a.id = e.article
             WHERE e.article = ?1 AND e.leads = 1",
        )?
        .query_row([article], |row| {
            Ok(Lead {
                number: row.get(0)?,
                feed: row.get(1)?,
                entry_id: row.get(2)?,
                title: row.get(3)?,
                url: row.get(4)?,
                language: row.get(5)?,
                published_at: row.get::<_, At>(6)?.0,
            })
        })
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
        .prepare_cached("INSERT INTO vectors (article, published_at, vector) VALUES (?1, ?2, ?3)")?
        .execute((article, at, company.vector.to_bytes()))?;
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

/// Removes one batch of what is too old to be compared, slot by slot: no article that comes from now on
/// finds it.
pub(super) fn forget(
    connection: &Connection,
    progress: Progress,
    now: Timestamp,
) -> Result<Progress> {
    let kept = COMPARED_AGE.saturating_add(STORY_GAP);
    let first = slot(now.saturating_sub(kept).unwrap_or(Timestamp::MIN));
    let postings = connection
        .prepare_cached(
            "DELETE FROM postings WHERE (slot, term, published_at, article) IN
                 (SELECT slot, term, published_at, article FROM postings WHERE slot < ?1 LIMIT ?2)",
        )?
        .execute((first, BATCH))?;
    // A vector goes after its postings, which it is needed to find.
    if postings > 0 {
        return Ok(progress);
    }
    let vectors = connection
        .prepare_cached(
            "DELETE FROM vectors WHERE article IN
                 (SELECT article FROM vectors WHERE published_at < ?1 LIMIT ?2)",
        )?
        .execute((first.saturating_mul(SLOT_MS), BATCH))?;
    Ok(Progress {
        done: vectors == 0,
        ..progress
    })
}
