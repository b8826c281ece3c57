//! How much is stored and how much waits to be written, to be looked at without a question to the database.
//!
//! Counting a million articles goes through an index of twenty megabytes, so they are counted once, by the writer, and
//! then as they come and go: SQLite tells of each row, and what a transaction changed counts when it is committed.
//! Triggers that keep a row of counts were weighed and rejected: each new article would write a page more.

use super::rows::count;
use super::writer::Message;
use super::{Store, StoreError};
use rusqlite::hooks::Action;
use rusqlite::{Connection, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tokio::sync::mpsc;

/// What may be looked at at any time. It keeps the writer from nothing, not from its end either.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    held: Arc<Held>,
    queue: Option<mpsc::WeakSender<Message>>,
}

impl Gauges {
    /// Returns how many articles and how many stories are stored; `None` until they were counted.
    pub fn held(&self) -> Option<(u64, u64)> {
        let is_counted = self.held.is_counted.load(Ordering::Acquire);
        is_counted.then(|| (self.held.articles.get(), self.held.stories.get()))
    }

    /// Returns how many messages wait for the writer, each with one piece of work or with several.
    pub fn queue(&self) -> usize {
        let queue = self.queue.as_ref().and_then(mpsc::WeakSender::upgrade);
        queue.map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }
}

impl Store {
    /// Returns what there is to look at.
    pub fn gauges(&self) -> Gauges {
        Gauges {
            held: Arc::clone(&self.held),
            queue: self.writer.as_ref().map(mpsc::Sender::downgrade),
        }
    }

    /// Counts what is stored anew; from then on [`Gauges::held`] knows it.
    pub async fn count_held(&self) -> std::result::Result<(), StoreError> {
        let held = Arc::clone(&self.held);
        self.write(move |pen| held.count(pen.connection)).await
    }
}

/// Articles and stories.
#[derive(Debug, Default)]
pub(super) struct Held {
    articles: Tally,
    stories: Tally,
    is_counted: AtomicBool,
}

/// Rows of a table.
#[derive(Debug, Default)]
struct Tally {
    committed: AtomicI64,
    /// By how many more there are in the transaction under way.
    pending: AtomicI64,
}

impl Held {
    /// Has a connection tell of the rows that it makes and removes.
    pub(super) fn follow(self: &Arc<Self>, connection: &Connection) -> Result<()> {
        let held = Arc::clone(self);
        connection.update_hook(Some(move |action, _: &str, table: &str, _| {
            let tally = match table {
                "articles" => &held.articles,
                "stories" => &held.stories,
                _ => return,
            };
            let more = match action {
                Action::SQLITE_INSERT => 1,
                Action::SQLITE_DELETE => -1,
                _ => return,
            };
            tally.pending.fetch_add(more, Ordering::Relaxed);
        }))
    }

    /// Takes in how a transaction ended.
    pub(super) fn settle(&self, is_committed: bool) {
        for tally in [&self.articles, &self.stories] {
            let more = tally.pending.swap(0, Ordering::Relaxed);
            if is_committed {
                tally.committed.fetch_add(more, Ordering::Relaxed);
            }
        }
    }

    /// Counts all rows, inside a transaction, whose own do not count yet.
    fn count(&self, connection: &Connection) -> Result<()> {
        let sql = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM stories)";
        let counts: (i64, i64) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (tally, all) in [(&self.articles, counts.0), (&self.stories, counts.1)] {
            let pending = tally.pending.load(Ordering::Relaxed);
            tally.committed.store(all - pending, Ordering::Relaxed);
        }
        self.is_counted.store(true, Ordering::Release);
        Ok(())
    }
}

impl Tally {
    fn get(&self) -> u64 {
        count(self.committed.load(Ordering::Relaxed))
    }
}
