//! Rewrites stored entries, and has readers told of it: now, or later than it was seen (`dedupe/telling.rs`).
//!
//! What is told later is told with the first poll of the feed after that, whatever it brings: a document that stays as it is
//! answers 304 for days, and an entry leaves it.

use super::labels::Labelled;
use super::lead::{self, Teller};
use super::record::Poll;
use super::revisions::{self, Look, Says};
use super::rows::At;
use super::{keys, last_edit, stories, texts};
use crate::model::{EntryRecord, LastEdit, Reason, Telling};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result};

/// Entries of a feed of whose changes readers are to be told by an instant, those that wait for longer first. One in whose place
/// other news stand waits until it is back there, unless it tells its article.
pub(super) const DUE: &str = "
    SELECT id FROM entries INDEXED BY entries_held
    WHERE feed = ?1 AND held_until <= ?2 AND article IS NOT NULL
        AND (leads = 1 OR instr(entry_id, char(30)) = 0)
    ORDER BY held_until";

/// Returns the last edit of an entry where readers are told later of what it says.
pub(super) fn waits(connection: &Connection, number: i64) -> Result<Option<LastEdit>> {
    let last = connection
        .prepare_cached(
            "SELECT t.last_edit FROM entries AS e CROSS JOIN texts AS t ON t.entry = e.id
             WHERE e.id = ?1 AND e.held_until IS NOT NULL",
        )?
        .query_row([number], last_edit::of)
        .optional()?;
    Ok(last.flatten())
}

/// A stored entry about to be rewritten.
pub(super) struct Stored {
    at: Labelled,
    leads: bool,
    content_digest: [u8; 16],
    pub(super) keys: Vec<u8>,
}

/// What became of an edit.
#[derive(Default)]
pub(super) struct Kept {
    /// Whether readers are told.
    pub(super) is_told: bool,
    /// Whether other words stand there than before, numbers aside.
    pub(super) is_reworded: bool,
}

impl Poll<'_, '_> {
    /// Rewrites a stored entry. When it was published and first seen stays, and so does its article. One that is back at its
    /// page after other news stood there, and tells its article no more, tells it again when readers are told of what it
    /// says: a page that goes to and fro, with a counter, would have the article told by turns.
    pub(super) fn revise(
        &mut self,
        (number, is_back): (i64, bool),
        record: &EntryRecord,
        reason: &Reason,
    ) -> Result<()> {
        let (entry, connection) = (&record.entry, self.pen.connection);
        self.list(number)?;
        let stored = stored(connection, number)?;
        let is_edited = stored.content_digest != entry.content_digest;
        let Kept {
            is_told,
            is_reworded,
        } = if is_edited {
            self.keep(number, &Says::of(entry))?
        } else {
            Kept::default()
        };
        let keys = keys::packed(&entry.keys, &stored.keys);
        keys::remove(connection, number, &stored.keys)?;
        keys::insert(connection, number, &keys)?;
        connection
            .prepare_cached(
                "UPDATE entries SET title = ?2, listed_at = ?3, content_digest = ?4, keys = ?5
                 WHERE id = ?1",
            )?
            .execute((
                number,
                &entry.title,
                At(self.at),
                entry.content_digest,
                &keys,
            ))?;
        texts::write(self.pen, number, entry, reason, self.source_updated_at)?;
        let article = stored.at.article;
        if is_edited {
            self.note_story(article)?;
        }
        let mut is_chosen = false;
        if is_edited && (is_told || !is_back || stored.leads) {
            is_chosen = self.choose(number, (&stored, is_told), entry.updated_at)?;
        }
        // Its story goes by what stands there, whether or not readers are told that it does.
        if stored.leads && !is_chosen && !is_told && is_reworded {
            stories::compare_again(connection, article, self.at)?;
        }
        if is_edited {
            self.note_story(article)?;
        }
        self.relabel(number, stored.at, &record.topics)?;
        self.counts.revised += 1;
        Ok(())
    }

    /// Has the article of an edited entry told by who is to tell it now, dates what readers are told of, and returns whether it
    /// is told by another one.
    fn choose(
        &self,
        number: i64,
        (stored, is_told): (&Stored, bool),
        updated_at: Timestamp,
    ) -> Result<bool> {
        let (connection, article) = (self.pen.connection, stored.at.article);
        if stored.leads && is_told {
            self.update_article(article, updated_at)?;
        }
        let teller = lead::choose(connection, (article, number), is_told, self.at)?;
        // What is told of it may have been told already, by who told the article until now.
        let is_news = |it: &Teller| it.number == number && it.says_other;
        if is_told && teller.as_ref().is_some_and(is_news) {
            self.update_article(article, updated_at)?;
        }
        if is_told && stored.leads && teller.is_none() {
            stories::compare_corrected(connection, article, self.at)?;
        }
        Ok(teller.is_some())
    }

    /// Dates the last change of an article as its publisher does, where that is later than before and not
    /// in the future, else as it was seen: a correction reaches readers though its publisher did not
    /// date it (U7).
    pub(super) fn update_article(&self, article: i64, updated_at: Timestamp) -> Result<()> {
        self.pen
            .connection
            .prepare_cached(
                "UPDATE articles SET updated_at = CASE
                     WHEN ?2 > updated_at AND ?2 <= ?3 THEN ?2 ELSE max(updated_at, ?3) END
                 WHERE id = ?1",
            )?
            .execute((article, At(updated_at), At(self.at)))?;
        Ok(())
    }

    /// Keeps what readers know of a stored entry that is about to be rewritten, what the edit is, and whether it is held
    /// back.
    pub(super) fn keep(&mut self, number: i64, says: &Says) -> Result<Kept> {
        let look = &mut Look {
            at: self.at,
            compared: &mut self.compared,
        };
        let (edit, is_reworded) = revisions::keep(self.pen, number, says, look)?;
        last_edit::write(self.pen.connection, number, &edit)?;
        self.pen
            .connection
            .prepare_cached(
                "UPDATE entries SET held_until = ?2 WHERE id = ?1 AND held_until IS NOT ?2",
            )?
            .execute((number, edit.telling.until().map(At)))?;
        Ok(Kept {
            is_told: edit.telling == Telling::Told,
            is_reworded,
        })
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
        if !self.keep(number, &says)?.is_told {
            return Ok(());
        }
        let connection = self.pen.connection;
        let stored = stored(connection, number)?;
        let article = stored.at.article;
        self.note_story(article)?;
        self.choose(number, (&stored, true), says.updated_at)?;
        self.note_story(article)?;
        self.note_labels(article)?;
        self.counts.revised += 1;
        Ok(())
    }
}

/// Reads what rewriting an entry needs.
pub(super) fn stored(connection: &Connection, number: i64) -> Result<Stored> {
    connection
        .prepare_cached(
            "SELECT a.id, a.published_at, e.leads, e.content_digest, e.keys
             FROM entries AS e CROSS JOIN articles AS a ON a.id = e.article
             WHERE e.id = ?1",
        )?
        .query_row([number], |row| {
            let (article, At(published_at)) = (row.get(0)?, row.get(1)?);
            Ok(Stored {
                at: Labelled {
                    article,
                    published_at,
                },
                leads: row.get(2)?,
                content_digest: row.get(3)?,
                keys: row.get(4)?,
            })
        })
}
