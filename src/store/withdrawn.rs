//! Takes out what its feed withdraws (RFC 6721): the feed's own entry and nothing else.
//!
//! Where it is all that there is of its article, that goes as retention takes one, but outputs that listed it tell so. Where
//! others have the article, one of them tells it on. What recognises the entry stays, with the instant as of which it was
//! withdrawn: only what its feed dates later is it again (`dedupe/own.rs`).

use super::by_name::{self, Named};
use super::lead::{self, Notice};
use super::members::Members;
use super::record::Poll;
use super::rows::At;
use super::{deleted, joined, labels, noted, published, retain};
use crate::model::Withdrawal;
use jiff::Timestamp;
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Whether an article has another entry.
pub(super) const OTHERS: &str = "
    SELECT 1 FROM entries INDEXED BY entries_by_article WHERE article = ?1 AND id <> ?2 LIMIT 1";

/// Keeps since when an article is here, before the first of its entries leaves it: those that come after that are younger.
const KEEP_ARRIVAL: &str = "
    UPDATE articles SET arrived_at = (SELECT min(first_seen_at) FROM entries WHERE article = ?1)
    WHERE id = ?1 AND arrived_at IS NULL";

impl Poll<'_, '_> {
    /// Takes out what the feed withdraws, as far as it is stored: of other ids nothing is kept.
    pub(super) fn withdraw_all(&mut self, withdrawals: &[Withdrawal]) -> Result<()> {
        let mut noted = BTreeMap::new();
        for withdrawal in withdrawals {
            let named = by_name::find(self.pen.connection, self.feed, &withdrawal.id)?;
            let Some(named) = named else { continue };
            match (withdrawal.restored_at, named.article) {
                (Some(at), _) => self.restore(&named, at)?,
                (None, Some(article)) => {
                    self.withdraw((&named, article), withdrawal.at, &mut noted)?;
                }
                (None, None) => self.withdraw_again(&named, withdrawal.at)?,
            }
        }
        Ok(())
    }

    /// Takes an entry out, unless its publisher dates it after that.
    fn withdraw(
        &mut self,
        (named, article): (&Named, i64),
        at: Timestamp,
        noted: &mut BTreeMap<i64, i64>,
    ) -> Result<()> {
        if named.updated_at > Some(at) {
            return Ok(());
        }
        let connection = self.pen.connection;
        self.note(article, noted)?;
        let mut has_others = connection.prepare_cached(OTHERS)?;
        if has_others.exists((article, named.number))? {
            self.part(named.number, article)?;
            self.note(article, noted)?;
        } else {
            deleted::tell(connection, article, self.at)?;
            retain::purge(connection, article, self.at)?;
        }
        self.wary.retain(|(entry, _)| *entry != named.number);
        self.counts.withdrawn += 1;
        self.mark(named.number, at)
    }

    /// Notes that something of an article is another. A story that is noted, with all its labels, is not read for each of its reports
    /// that leaves, but where more have come to it by what leaves: the next teller of an article may be of another story.
    fn note(&mut self, article: i64, noted: &mut BTreeMap<i64, i64>) -> Result<()> {
        let connection = self.pen.connection;
        let story = noted::story(connection, article)?;
        let is_noted = |(story, reports)| noted.get(&story).is_some_and(|known| reports <= *known);
        if !story.is_some_and(is_noted) {
            self.note_story(article)?;
            // Else it is one that the others do not tell of.
            if labels::is_told_with(connection, article)? {
                noted.extend(story);
            }
        }
        self.note_labels(article)
    }

    /// Moves the instant as of which an entry is withdrawn that was before: it may have been listed between the two.
    fn withdraw_again(&self, named: &Named, at: Timestamp) -> Result<()> {
        // As precise as what is stored, or each poll would write it.
        let is_later = |before: Timestamp| at.as_millisecond() > before.as_millisecond();
        if named.withdrawn_at.is_some_and(is_later) {
            self.mark(named.number, at)?;
        }
        Ok(())
    }

    /// Keeps when an entry was put back that its feed lists beside its withdrawal, in the words of before: it may go on withdrawing
    /// it when it lists it no more.
    fn restore(&self, named: &Named, at: Timestamp) -> Result<()> {
        self.pen
            .connection
            .prepare_cached(
                "UPDATE texts SET updated_at = ?2 WHERE entry = ?1 AND updated_at < ?2",
            )?
            .execute((named.number, At(at)))?;
        Ok(())
    }

    fn mark(&self, entry: i64, at: Timestamp) -> Result<()> {
        self.pen
            .connection
            .prepare_cached("UPDATE entries SET withdrawn_at = ?2 WHERE id = ?1")?
            .execute((entry, At(at)))?;
        Ok(())
    }

    /// Takes an entry out of an article that others have as well, of which one tells it on.
    fn part(&self, number: i64, article: i64) -> Result<()> {
        let connection = self.pen.connection;
        connection
            .prepare_cached(KEEP_ARRIVAL)?
            .execute([article])?;
        published::keep(connection, (article, Some(number)))?;
        let leads: bool = connection
            .prepare_cached("SELECT leads FROM entries WHERE id = ?1")?
            .query_row([number], |row| row.get(0))?;
        if leads && let Some(next) = next(connection, (article, number))? {
            let notice = Notice::ByWords {
                is_corrected: false,
            };
            lead::take_over(connection, (article, notice), (number, next), self.at)?;
        }
        let before = labels::of_article(connection, article)?;
        retain::strip(connection, number)?;
        let after = labels::of_article(connection, article)?;
        let at = labels::labelled(connection, article)?;
        labels::unlist(connection, at, before.difference(&after))?;
        connection
            .prepare_cached(
                "UPDATE entries SET article = NULL, leads = 0, purged_at = ?2, held_until = NULL,
                     listed = NULL WHERE id = ?1",
            )?
            .execute((number, At(self.at)))?;
        // Another entry may have brought a label now, or be the first.
        after
            .iter()
            .try_for_each(|label| joined::settle(connection, article, label))
    }
}

/// Returns the entry that is to tell an article in the place of one that leaves, as if the oldest of the others told it now: one
/// whose page went on to other news only where there are no others.
fn next(connection: &Connection, (article, leaves): (i64, i64)) -> Result<Option<i64>> {
    let members = Members::read(connection, article, leaves)?;
    let others: BTreeSet<i64> = members.standings.iter().map(|it| it.number).collect();
    let others = others.into_iter().filter(|it| *it != leaves).collect();
    let members = members.of(&others);
    let oldest = others.difference(&members.former).next();
    let Some(oldest) = oldest.or(others.first()).copied() else {
        return Ok(None);
    };
    Ok(members.elect(connection, oldest)?.or(Some(oldest)))
}
