//! Entries of the past, stored in the order in which they are handed over.

use super::{Store, StoreError, Work, record, writer};
use crate::model::{EntryRecord, FeedId, PollCounts, Rules};
use jiff::Timestamp;
use std::future::Future;
use std::sync::Arc;
use writer::Message;

impl Store {
    /// Stores entries that a feed had at some time in the past, whole or not at all, and returns what
    /// became of them.
    ///
    /// No poll is remembered, and what the feed's next poll goes by stays as it is. A feed that is not
    /// known gets a row.
    pub async fn import(
        &self,
        feed: FeedId,
        at: Timestamp,
        entries: (Vec<EntryRecord>, Arc<Rules>),
    ) -> Result<PollCounts, StoreError> {
        self.queue_import(feed, at, entries).await?.await
    }

    /// As [`Store::import`], but returns as soon as the writer has the entries in its queue, with the answer
    /// to be awaited: what is queued first is stored first, whoever awaits which answer when.
    pub async fn queue_import(
        &self,
        feed: FeedId,
        at: Timestamp,
        (entries, rules): (Vec<EntryRecord>, Arc<Rules>),
    ) -> Result<impl Future<Output = Result<PollCounts, StoreError>> + use<>, StoreError> {
        let (job, answer) =
            writer::job(move |pen| record::import(pen, (&feed, at), &entries, &rules));
        self.send(Message::Write(Work::Upkeep, vec![job])).await?;
        let path = self.pool.path().to_path_buf();
        Ok(async move {
            let stopped = |_| Err(StoreError::Stopped { path });
            answer.await.unwrap_or_else(stopped)
        })
    }
}
