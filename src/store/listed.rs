//! Which entries the last whole document of their feed has.
//!
//! One that its feed has dropped gives way to what is put right at its page in another feed of the outlet, or comes there under
//! another id (`dedupe/dropped.rs`): a front page lists a report for hours, the section for days.

use super::lead;
use super::record::Poll;
use rusqlite::{OptionalExtension, Result};

/// The entries that the document of a feed had until now.
pub(super) const LISTED: &str =
    "SELECT id FROM entries INDEXED BY entries_listed WHERE feed = ?1 AND listed = 1";

/// The article of an entry that tells it, where others have it as well.
pub(super) const SHARED: &str = "
    SELECT e.article FROM entries AS e WHERE e.id = ?1 AND e.leads = 1 AND EXISTS (
        SELECT 1 FROM entries AS o INDEXED BY entries_by_article
        WHERE o.article = e.article AND o.id <> e.id)";

impl Poll<'_, '_> {
    /// Reads which entries the document before this one had; nothing is asked of what is no whole document.
    pub(super) fn read_listed(&mut self) -> Result<()> {
        if self.document.is_whole() {
            let mut statement = self.pen.connection.prepare_cached(LISTED)?;
            let listed = statement.query_map([self.feed], |row| row.get(0))?;
            self.listed_before = listed.collect::<Result<_>>()?;
        }
        Ok(())
    }

    /// Notes that a whole document has a stored entry of the feed, before it is asked who tells its article.
    pub(super) fn list(&mut self, number: i64) -> Result<()> {
        let is_known = !self.document.is_whole() || self.listed_before.contains(&number);
        if self.listed.insert(number) && !is_known {
            self.pen
                .connection
                .prepare_cached("UPDATE entries SET listed = 1 WHERE id = ?1 AND feed = ?2")?
                .execute((number, self.feed))?;
        }
        Ok(())
    }

    /// Notes which of the entries of before a whole document has no more, and has those articles told by others that are to be:
    /// nothing is dropped by a document that is empty for once.
    pub(super) fn drop_unlisted(&mut self) -> Result<()> {
        if self.listed.is_empty() {
            return Ok(());
        }
        let connection = self.pen.connection;
        let mut mark =
            connection.prepare_cached("UPDATE entries SET listed = NULL WHERE id = ?1")?;
        let dropped: Vec<i64> = self
            .listed_before
            .difference(&self.listed)
            .copied()
            .collect();
        for number in &dropped {
            mark.execute([number])?;
        }
        dropped
            .into_iter()
            .try_for_each(|number| self.hand_on(number))
    }

    /// Has the article of a dropped entry told by what was put right at its page before that.
    fn hand_on(&mut self, number: i64) -> Result<()> {
        let connection = self.pen.connection;
        let article: Option<i64> = connection
            .prepare_cached(SHARED)?
            .query_row([number], |row| row.get(0))
            .optional()?;
        let Some(article) = article else {
            return Ok(());
        };
        let Some((heir, notice)) = lead::heir(connection, (article, number), self.at)? else {
            return Ok(());
        };
        self.note_story(article)?;
        lead::take_over(connection, (article, notice), (number, heir), self.at)?;
        self.note_story(article)?;
        self.note_labels(article)?;
        self.counts.revised += 1;
        Ok(())
    }
}
