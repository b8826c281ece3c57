//! Changes of entries that readers are told of later than they were seen (`dedupe/telling.rs`).

use super::record::{Poll, stored};
use super::revisions::{self, Look};
use super::rows::At;
use super::{labels, last_edit, shares, stories};
use crate::model::{Entry, Telling};
use rusqlite::Result;

impl Poll<'_, '_> {
    /// Keeps what readers know of a stored entry that is about to be rewritten, what the edit is, and whether it is held
    /// back.
    /// Returns whether they are told of one.
    pub(super) fn keep(&mut self, number: i64, entry: &Entry, is_held: bool) -> Result<bool> {
        let look = &mut Look {
            at: self.at,
            compared: &mut self.compared,
            is_held,
        };
        let edit = revisions::keep(self.pen, number, entry, look)?;
        last_edit::write(self.pen.connection, number, &edit)?;
        self.pen
            .connection
            .prepare_cached(
                "UPDATE entries SET held_until = ?2 WHERE id = ?1 AND held_until IS NOT ?2",
            )?
            .execute((number, edit.telling.until().map(At)))?;
        Ok(edit.telling == Telling::Told)
    }

    /// Tells readers of a change that was held back: it still stands there.
    pub(super) fn tell_held(&mut self, number: i64, entry: &Entry) -> Result<()> {
        if !self.keep(number, entry, true)? {
            return Ok(());
        }
        let connection = self.pen.connection;
        let stored = stored(connection, number)?;
        let article = stored.at.article;
        self.note_story(article)?;
        if stored.leads {
            self.update_article(article, entry)?;
            stories::compare_again(connection, article, self.at)?;
        }
        self.note_story(article)?;
        self.labels.extend(labels::of_article(connection, article)?);
        self.labels.extend(shares::taking(connection, article)?);
        self.counts.revised += 1;
        Ok(())
    }
}
