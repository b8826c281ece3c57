//! Stores what no key knows: by its words it is a copy all the same, or the report of a story, or neither.

use super::record::Poll;
use super::vectors::Told;
use super::{corpus, stories, vectors};
use crate::dedupe::{self, Report};
use crate::model::{EntryRecord, Known, Reason, Verdict};
use rusqlite::Result;

impl Poll<'_, '_> {
    /// Stores an entry as a copy where its words are those of another article, else as an article of its own,
    /// in the story that it reports.
    ///
    /// `refused` is what shares a key with it, and was found to be something else; it takes id and address of a row that it
    /// `retires`.
    pub(super) fn store_fresh(
        &mut self,
        record: &EntryRecord,
        reason: &Reason,
        (refused, retires): (&[Known], Option<i64>),
    ) -> Result<()> {
        let (entry, connection) = (&record.entry, self.pen.connection);
        let told = Told {
            report: Report::of(entry),
            feed: entry.feed.as_str(),
            url: entry.url.as_deref(),
            published_at: entry.published_at,
        };
        let Some(company) = vectors::company(connection, &told, self.at)? else {
            self.retire(retires)?;
            return self.store(record, None, reason).map(drop);
        };
        let refused: Vec<i64> = refused.iter().filter_map(|known| known.article).collect();
        let near = vectors::near(connection, &company, &refused)?;
        match dedupe::near_copy(entry, company.site.as_deref(), &near) {
            // Its keys are enough to know it by at the next poll.
            Some(Verdict::Copy { article, .. }) if self.is_full(article)? => self.remember(entry),
            Some(Verdict::Copy { article, reason }) => {
                self.retire(retires)?;
                self.store(record, Some(article), &reason).map(drop)
            }
            _ => {
                self.retire(retires)?;
                let Some(article) = self.store(record, None, reason)? else {
                    return Ok(());
                };
                vectors::insert(connection, article, &company)?;
                stories::join(connection, article, &company, self.at)?;
                self.note_story(article)?;
                corpus::learn(connection, article)
            }
        }
    }
}
