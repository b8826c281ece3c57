//! Everything stored as it is at one moment, for who asks much of it at once.

use super::readable::{self, Headline, Readable};
use super::rows::At;
use super::{Store, StoreError, rules, shares};
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::Path;

/// What is stored at one moment.
///
/// While it is open the log is not emptied (R6): nobody is waited for who may be slow.
pub struct Snapshot<'c> {
    connection: &'c Connection,
    /// The file, for messages.
    path: &'c Path,
}

impl Store {
    /// Hands over the articles of one moment, the newest first and none older than `since`, as long as `each` says so.
    ///
    /// One transaction for all: one for each article costs as much as the article, and a poll between two could have an
    /// article missed or met twice.
    pub fn newest_first(
        &self,
        since: Option<Timestamp>,
        each: &mut dyn FnMut(i64, &Snapshot<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let outcome = self.pool.read(|connection| {
            let snapshot = Snapshot {
                connection,
                path: self.pool.path(),
            };
            snapshot.newest_first(since, each)
        })?;
        outcome.map_or(Ok(()), Err)
    }
}

impl Snapshot<'_> {
    /// Returns with the failure of `each` that ended it, if one did.
    fn newest_first(
        &self,
        since: Option<Timestamp>,
        each: &mut dyn FnMut(i64, &Self) -> Result<bool, StoreError>,
    ) -> rusqlite::Result<Option<StoreError>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM articles WHERE published_at >= ?1 ORDER BY published_at DESC, id DESC",
        )?;
        let mut rows = statement.query([At(since.unwrap_or(Timestamp::MIN))])?;
        while let Some(row) = rows.next()? {
            match each(row.get(0)?, self) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Ok(Some(error)),
            }
        }
        Ok(None)
    }

    /// Returns the entries of an article.
    pub fn entries(&self, article: i64) -> Result<Vec<Readable>, StoreError> {
        self.read(|connection| readable::of_article(connection, article))
    }

    /// Returns what an article is shown by.
    pub fn headline(&self, article: i64) -> Result<Option<Headline>, StoreError> {
        self.read(|connection| readable::headline(connection, article))
    }

    /// Returns the topics that take an article with its story, by name.
    pub fn taking(&self, article: i64) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            let names = shares::taken(connection, article)?;
            Ok(rules::labels_of(connection, names)?.into_iter().collect())
        })
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        read(self.connection).map_err(|error| StoreError::sqlite(self.path, &error))
    }
}

impl std::fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}
