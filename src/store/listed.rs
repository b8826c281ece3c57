//! Which entries the last whole document of their feed has.
//!
//! One that its feed has dropped gives way to what is put right at its page in another feed of the same outlet
//! (`dedupe::successor`): a front page lists a report for hours, the section for days.

use super::lead;
use super::record::Poll;
use rusqlite::{OptionalExtension, Result};
use std::collections::BTreeSet;

/// The entries that the document of a feed had until now.
pub(super) const LISTED: &str =
    "SELECT id FROM entries INDEXED BY entries_listed WHERE feed = ?1 AND listed = 1";

/// The article of an entry that tells it, where others have it as well.
pub(super) const SHARED: &str = "
    SELECT e.article FROM entries AS e WHERE e.id = ?1 AND e.leads = 1 AND EXISTS (
        SELECT 1 FROM entries AS o INDEXED BY entries_by_article
        WHERE o.article = e.article AND o.id <> e.id)";

impl Poll<'_, '_> {
    /// Notes which entries a whole document has, and has those articles told by others that are to be, now that it has
    /// dropped the entries that told them.
    pub(super) fn drop_unlisted(&mut self) -> Result<()> {
        let connection = self.pen.connection;
        let before: BTreeSet<i64> = connection
            .prepare_cached(LISTED)?
            .query_map([self.feed], |row| row.get(0))?
            .collect::<Result<_>>()?;
        let dropped: Vec<i64> = before.difference(&self.listed).copied().collect();
        let mut mark = connection
            .prepare_cached("UPDATE entries SET listed = ?2 WHERE id = ?1 AND feed = ?3")?;
        for number in self.listed.difference(&before) {
            mark.execute((number, 1, self.feed))?;
        }
        for number in &dropped {
            mark.execute((number, None::<i64>, self.feed))?;
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
        if !lead::is_due(connection, (article, number))? {
            return Ok(());
        }
        self.note_story(article)?;
        // Readers were told by nobody of what they see now.
        if lead::choose(connection, (article, number), true, self.at)?.is_some() {
            self.update_article(article, self.at)?;
        }
        self.note_story(article)?;
        self.note_labels(article)
    }
}
