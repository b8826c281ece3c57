//! Reads stored entries as rules read them.

use super::packed::Unpacked;
use super::parts::{CategoryForm, EnclosureForm, PersonForm, items};
use super::rows::{At, feed_id};
use super::{Store, StoreError, listing, rules};
use crate::model::{Entry, Scope};
use crate::normalize;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row};

/// A stored entry as it was when it came, as far as rules look at it.
#[derive(Clone, Debug)]
pub struct Readable {
    /// Its number.
    pub number: i64,
    /// The article that it is an entry of.
    pub article: i64,
    /// When that was published.
    pub published_at: Timestamp,
    /// The story of that.
    pub story: Option<i64>,
    /// What it says. What recognises it is left out.
    pub entry: Entry,
}

/// What an article is shown by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The title of the entry that tells it.
    pub title: String,
    /// The feed of that.
    pub feed: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// When it was published.
    pub published_at: Timestamp,
}

/// All columns that rules look at, by place: a name is looked for among all of them.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT e.id, e.article, a.published_at, f.name, e.entry_id, t.url, e.title, t.summary, t.content,
                 t.authors, t.categories, t.language, e.published_at, t.updated_at,
                 t.enclosures, a.story, t.language_given
             FROM entries AS e
             CROSS JOIN articles AS a ON a.id = e.article
             CROSS JOIN texts AS t ON t.entry = e.id
             CROSS JOIN feeds AS f ON f.id = e.feed
             WHERE ",
            $condition
        )
    };
}

impl Store {
    /// Returns the stored entries with numbers after `after` and up to `to`, in their order.
    pub fn readable(&self, after: i64, to: i64) -> Result<Vec<Readable>, StoreError> {
        self.pool.read(|connection| {
            connection
                .prepare_cached(select!("e.id > ?1 AND e.id <= ?2 ORDER BY e.id"))?
                .query_map((after, to), readable)?
                .collect()
        })
    }

    /// Returns a stored entry by feed and id.
    pub fn readable_entry(
        &self,
        feed: &str,
        entry_id: &str,
    ) -> Result<Option<Readable>, StoreError> {
        self.pool.read(|connection| {
            connection
                .prepare_cached(select!("e.entry_id = ?2 AND f.name = ?1"))?
                .query_row((feed, entry_id), readable)
                .optional()
        })
    }

    /// Returns the entries of an article.
    pub fn readable_article(&self, article: i64) -> Result<Vec<Readable>, StoreError> {
        self.pool.read(|connection| of_article(connection, article))
    }

    /// Returns the number of the newest entry.
    pub fn newest_entry(&self) -> Result<i64, StoreError> {
        self.pool.read(|connection| {
            let sql = "SELECT coalesce(max(id), 0) FROM entries";
            connection.query_row(sql, [], |row| row.get(0))
        })
    }

    /// Returns the articles with a label, each with its date of publication; in the order of that.
    pub fn labelled(&self, label: &str) -> Result<Vec<(Timestamp, i64)>, StoreError> {
        self.pool
            .read(|connection| match rules::name_of(connection, label)? {
                Some(name) => listing::all(connection, &name),
                None => Ok(Vec::new()),
            })
    }

    /// Returns how many reports a story has, and those that a scope holds, each with its date of publication.
    pub fn in_scope(
        &self,
        story: i64,
        scope: &Scope,
    ) -> Result<(u64, Vec<(Timestamp, i64)>), StoreError> {
        self.pool
            .read(|connection| listing::in_scope(connection, story, scope))
    }

    /// Returns what an article is shown by; `None` when it is stored no more.
    pub fn headline(&self, article: i64) -> Result<Option<Headline>, StoreError> {
        self.pool.read(|connection| headline(connection, article))
    }
}

/// Reads the entries of an article.
pub(super) fn of_article(connection: &Connection, article: i64) -> Result<Vec<Readable>> {
    connection
        .prepare_cached(select!("e.article = ?1 ORDER BY e.id"))?
        .query_map([article], readable)?
        .collect()
}

/// Reads what an article is shown by.
pub(super) fn headline(connection: &Connection, article: i64) -> Result<Option<Headline>> {
    connection
        .prepare_cached(
            "SELECT e.title, f.name, t.url, a.published_at FROM articles AS a
             CROSS JOIN entries AS e ON e.article = a.id AND e.leads = 1
             CROSS JOIN texts AS t ON t.entry = e.id
             CROSS JOIN feeds AS f ON f.id = e.feed
             WHERE a.id = ?1",
        )?
        .query_row([article], |row| {
            Ok(Headline {
                title: row.get(0)?,
                feed: row.get(1)?,
                url: row.get(2)?,
                published_at: row.get::<_, At>(3)?.0,
            })
        })
        .optional()
}

/// Reads one entry; `None` when it is stored no more.
pub(super) fn one(connection: &Connection, number: i64) -> Result<Option<Entry>> {
    connection
        .prepare_cached(select!("e.id = ?1"))?
        .query_row([number], |row| readable(row).map(|read| read.entry))
        .optional()
}

fn readable(row: &Row<'_>) -> Result<Readable> {
    let html = |column: usize| -> Result<Option<String>> {
        Ok(row.get::<_, Option<Unpacked>>(column)?.map(|text| text.0))
    };
    let (summary, content) = (html(7)?, html(8)?);
    let text = |html: &Option<String>| html.as_deref().map(normalize::plain_text);
    let published_at = row.get::<_, At>(12)?.0;
    Ok(Readable {
        number: row.get(0)?,
        article: row.get(1)?,
        published_at: row.get::<_, At>(2)?.0,
        story: row.get(15)?,
        entry: Entry {
            feed: feed_id(row, 3)?,
            entry_id: row.get(4)?,
            given: None,
            by_address: false,
            keys: Vec::new(),
            url: row.get(5)?,
            title: row.get(6)?,
            summary_text: text(&summary).unwrap_or_default(),
            content_text: text(&content).unwrap_or_default(),
            summary,
            content,
            authors: items::<PersonForm<'_>, _>(row, 9)?,
            categories: items::<CategoryForm<'_>, _>(row, 10)?,
            enclosures: items::<EnclosureForm<'_>, _>(row, 14)?,
            language: row.get(11)?,
            language_given: row.get(16)?,
            published_at,
            updated_at: row.get::<_, At>(13)?.0,
            dated: true,
            exact: true,
            source: None,
            content_digest: [0; 16],
        },
    })
}
