//! Changes of entries that readers are told of later than they were seen (`dedupe/telling.rs`).
//!
//! They are told with the first poll of the feed after that, whatever it brings: a document that stays as it is answers 304
//! for days, and an entry leaves it.

use super::record::{Poll, stored};
use super::revisions::{self, Look, Says};
use super::rows::At;
use super::{labels, last_edit, shares, stories};
use crate::model::Telling;
use rusqlite::{Connection, Result};

/// Entries of a feed of whose changes readers are to be told by an instant, those that wait for longer first.
pub(super) const DUE: &str = "
    SELECT id FROM entries INDEXED BY entries_held
    WHERE feed = ?1 AND held_until <= ?2 AND article IS NOT NULL ORDER BY held_until";

/// Tells whether a change of an entry is held back.
pub(super) fn is_held(connection: &Connection, number: i64) -> Result<bool> {
    connection
        .prepare_cached("SELECT held_until IS NOT NULL FROM entries WHERE id = ?1")?
        .query_row([number], |row| row.get(0))
}

impl Poll<'_, '_> {
    /// Keeps what readers know of a stored entry that is about to be rewritten, what the edit is, and whether it is held
    /// back.
    /// Returns whether they are told of one.
    pub(super) fn keep(&mut self, number: i64, says: &Says, is_held: bool) -> Result<bool> {
        let look = &mut Look {
            at: self.at,
            compared: &mut self.compared,
            is_held,
        };
        let edit = revisions::keep(self.pen, number, says, look)?;
        last_edit::write(self.pen.connection, number, &edit)?;
        self.pen
            .connection
            .prepare_cached(
                "UPDATE entries SET held_until = ?2 WHERE id = ?1 AND held_until IS NOT ?2",
            )?
            .execute((number, edit.telling.until().map(At)))?;
        Ok(edit.telling == Telling::Told)
    }

    /// Tells readers of the changes of the feed's entries that were held back until now.
    pub(super) fn tell_held(&mut self) -> Result<()> {
        let due: Vec<i64> = self
            .pen
            .connection
            .prepare_cached(DUE)?
            .query_map((self.feed, At(self.at)), |row| row.get(0))?
            .collect::<Result<_>>()?;
        due.into_iter().try_for_each(|number| self.tell(number))
    }

    /// Tells readers of a change that was held back: it still stands there.
    fn tell(&mut self, number: i64) -> Result<()> {
        let says = Says::stored(self.pen.connection, number)?;
        if !self.keep(number, &says, true)? {
            return Ok(());
        }
        let connection = self.pen.connection;
        let stored = stored(connection, number)?;
        let article = stored.at.article;
        self.note_story(article)?;
        if stored.leads {
            self.update_article(article, says.updated_at)?;
            stories::compare_corrected(connection, article, self.at)?;
        }
        self.note_story(article)?;
        self.labels.extend(labels::of_article(connection, article)?);
        self.labels.extend(shares::taking(connection, article)?);
        self.counts.revised += 1;
        Ok(())
    }
}
