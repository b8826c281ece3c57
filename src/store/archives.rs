//! The archives of outputs: what was ever an entry of one, in the order in which it came, and in which document it
//! stands (RFC 5005; `publish/archive.rs` says when there is another).
//!
//! An archive is found by what decides which entries it has. When that changes, by a reload or with the rules
//! that hold, it ends, and another begins with all that is stored; or the one of before goes on, where the same entries
//! are wanted again within days. What came is noted when an output is
//! published: new articles by their numbers, and what the output lists without having had it before, such
//! as an edited entry or one whose story found another outlet. What enters so old that no output lists it is written down
//! where it enters (`late.rs`). Once a day all is looked through for what was missed ([`Store::unnoted`]): rules that
//! ask for a topic of a story, outlets that are counted anew.
//!
//! What waits for its document and is no entry any more by then is struck out; what has one stays there. A document
//! goes when all its articles are gone from the store, the oldest first, so that who walks back comes to all that
//! is left.

use super::archived::{Asked, Key};
use super::deleted;
use super::late;
use super::ledger;
use super::openly::{Audience, Openly};
use super::window;
use super::writer::{self, Message, Pen, Work};
use super::{Digest, Store, StoreError};
use crate::model::Article;
use crate::publish::Output;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Result;
use std::collections::BTreeSet;

/// What is to be noted of an output.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// The output.
    pub output: Output,
    /// What decides which entries it has, but for the rule that selects (`publish::basis`).
    pub basis: Digest,
    /// What was there when it was read.
    pub seen: Seen,
    /// What it lists: published ids, each with the article that stands for it.
    pub listed: Vec<(String, i64)>,
    /// What else is among its entries.
    pub others: Vec<(String, i64)>,
    /// When.
    pub now: Timestamp,
}

/// An archive as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Its number.
    pub archive: i64,
    /// Its name in addresses.
    pub generation: String,
    /// Whether it began just now.
    pub is_new: bool,
    /// The first document that is there.
    pub first: u64,
    /// The last; less than the first where there is none.
    pub last: u64,
    /// Whether all that was stored when it began has its document.
    pub is_whole: bool,
    /// Whether more articles are to be looked at.
    pub is_behind: bool,
    /// What waits for its document, as much as is looked at, in order.
    pub waiting: Vec<Waiting>,
    /// The names of those of the output that ended.
    pub former: BTreeSet<String>,
}

/// An entry that waits for its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its place among the entries of the archive.
    pub position: i64,
    /// The article that stands for it.
    pub article: i64,
    /// Whether the output lists it.
    pub is_listed: bool,
    /// What names it.
    pub(super) entry: Key,
}

/// A document of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its number.
    pub number: u64,
    /// Its last entry.
    pub last: i64,
    /// The digests of its formats, in their order.
    pub digests: Vec<Digest>,
    /// When it was made.
    pub modified_at: Timestamp,
}

/// An archive that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Of which output.
    pub output: String,
    /// Its name in addresses.
    pub generation: String,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// What an output was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Articles up to this number were there.
    pub up_to: i64,
    /// What happened to others up to this number had (`late.rs`).
    pub(super) late_to: i64,
    /// The digest of the rule that selected them; none where none did.
    pub(super) rule: Option<Vec<u8>>,
}

impl Seen {
    /// Returns the digest of the rule that selected them; `None` where none did, or one that is not known.
    pub fn rule(&self) -> Option<[u8; 16]> {
        self.rule.as_deref()?.try_into().ok()
    }
}

/// What an output lists, in its order: each article with the number of the one that put it there.
pub type Listed = Vec<(i64, Article)>;

impl Store {
    /// Returns the first `most` articles that an output lists, and what that was read from. One for everybody comes with
    /// what these may be told.
    pub fn listed(
        &self,
        output: (&Output, Option<&Openly>),
        most: usize,
    ) -> std::result::Result<(Seen, Listed), StoreError> {
        self.pool.read(|connection| {
            let newest = "SELECT coalesce(max(id), 0) FROM articles";
            let seen = Seen {
                up_to: connection
                    .prepare_cached(newest)?
                    .query_row([], |row| row.get(0))?,
                late_to: late::last(connection)?,
                rule: ledger::rule_of(connection, output.0)?,
            };
            let listed = window::articles(connection, &self.identity, output, most)?;
            Ok((seen, listed))
        })
    }

    /// Notes what came to an output and returns its archive, which is begun where there is none; `None` while the
    /// rule that selects is not known yet, or is another than it was read by. Blocks.
    pub fn note(&self, arrivals: Arrivals) -> std::result::Result<Option<Ledger>, StoreError> {
        self.write_blocking(move |pen| ledger::note(pen, &arrivals))
    }

    /// Returns the archive of an output as it stands; `None` where there is none, or one of other entries.
    pub fn ledger(
        &self,
        output: &Output,
        basis: &Digest,
    ) -> std::result::Result<Option<Ledger>, StoreError> {
        self.pool.read(|connection| {
            let Some(asked) = Asked::new(connection, &self.identity.authority, output)? else {
                return Ok(None);
            };
            let basis = ledger::basis_of(connection, output, basis)?;
            let found = ledger::in_force(connection, &asked.output.ledger())?;
            Ok(found.filter(|(held, _)| *held == basis).map(|it| it.1))
        })
    }

    /// Returns under which names outputs have an archive now ([`Output::ledger`]).
    pub fn ledgers(&self) -> std::result::Result<BTreeSet<String>, StoreError> {
        self.pool.read(ledger::names)
    }

    /// Tells whether an output has an archive, and one of other entries or documents: it begins another.
    pub fn has_another_archive(
        &self,
        output: &Output,
        basis: &Digest,
    ) -> std::result::Result<bool, StoreError> {
        self.pool.read(|connection| {
            let basis = ledger::basis_of(connection, output, basis)?;
            let found = ledger::in_force(connection, &output.ledger())?;
            Ok(found.is_some_and(|(held, _)| held != basis))
        })
    }

    /// Tells whether an archive of an output ended that had these entries and documents, by the rule that holds: it goes on.
    pub fn has_ended_archive(
        &self,
        output: &Output,
        basis: &Digest,
    ) -> std::result::Result<bool, StoreError> {
        self.pool.read(|connection| {
            let basis = ledger::basis_of(connection, output, basis)?;
            let found = ledger::ended(connection, &output.ledger(), &basis)?;
            Ok(found.is_some())
        })
    }

    /// Returns entries of an output that its archive has not noted, a few thousand at most: published ids, each with the
    /// article that stands for it. Reads all articles of the output.
    pub fn unnoted(
        &self,
        output: &Output,
        archive: i64,
    ) -> std::result::Result<Vec<(String, i64)>, StoreError> {
        self.pool.read(|connection| {
            let asked = Asked::new(connection, &self.identity.authority, output)?;
            asked.map_or(Ok(Vec::new()), |asked| asked.unnoted(archive))
        })
    }

    /// Reads the articles that stand for entries now; `None` for what is an entry of the output no more. One for everybody
    /// comes with what these may be told.
    pub fn archived(
        &self,
        (output, openly): (&Output, Option<&Openly>),
        entries: &[Waiting],
    ) -> std::result::Result<Vec<Option<Article>>, StoreError> {
        self.pool.read(|connection| {
            let asked = Asked::new(connection, &self.identity.authority, output)?;
            let Some(asked) = asked else {
                return Ok(vec![None; entries.len()]);
            };
            let audience = Audience::new(openly);
            let read = |it: &Waiting| asked.article((it.article, &it.entry), &audience);
            entries.iter().map(read).collect()
        })
    }

    /// Returns the entries of a document.
    pub fn entries_of(
        &self,
        archive: i64,
        sheet: &Sheet,
    ) -> std::result::Result<Vec<Waiting>, StoreError> {
        self.pool
            .read(|connection| ledger::entries_of(connection, archive, sheet))
    }

    /// Returns the documents of an archive that are there, in order.
    pub fn sheets(&self, archive: i64) -> std::result::Result<Vec<Sheet>, StoreError> {
        self.pool
            .read(|connection| ledger::sheets(connection, archive))
    }

    /// Writes that a document holds the entries up to its last, but for those of `struck`, which are none any
    /// more. Blocks.
    pub fn close_sheet(
        &self,
        archive: i64,
        sheet: Sheet,
        struck: Vec<i64>,
    ) -> std::result::Result<(), StoreError> {
        self.write_blocking(move |pen| {
            ledger::close_sheet(pen.connection, archive, &sheet, &struck)
        })
    }

    /// Strikes out what waits and is no entry any more. Blocks.
    pub fn strike(&self, archive: i64, struck: Vec<i64>) -> std::result::Result<(), StoreError> {
        self.write_blocking(move |pen| ledger::strike(pen.connection, archive, &struck))
    }

    /// Writes that all that was stored when an archive began has its document. Blocks.
    pub fn set_whole(&self, archive: i64) -> std::result::Result<(), StoreError> {
        self.write_blocking(move |pen| {
            pen.connection
                .prepare_cached("UPDATE archives SET is_whole = 1 WHERE id = ?1")?
                .execute([archive])
                .map(drop)
        })
    }

    /// Ends an archive for good, so that another begins. Blocks.
    pub fn end_archive(&self, archive: i64, now: Timestamp) -> std::result::Result<(), StoreError> {
        self.write_blocking(move |pen| ledger::close(pen.connection, archive, now))
    }

    /// Has these outputs be all there are: ends the archives of others, and forgets what was noted of outputs that tell what
    /// left them. What an output had for those with its key is never another's, nor its own once it is for everybody, nor the
    /// other way round (U31). Blocks.
    pub fn keep_apart(
        &self,
        outputs: Vec<Output>,
        now: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        self.write_blocking(move |pen| {
            ledger::keep_apart(pen.connection, &outputs, now)?;
            let telling = outputs.iter().filter(|output| output.tombstones);
            deleted::forget(pen.connection, &telling.map(Output::ledger).collect())
        })
    }

    /// Ends the archives of which the ledgers have none of these names, and forgets some of what was in archives that ended `grace` before
    /// now, which are not taken up again; returns whether there is more. Blocks.
    pub fn sweep_archives(
        &self,
        outputs: BTreeSet<String>,
        now: Timestamp,
        grace: SignedDuration,
    ) -> std::result::Result<bool, StoreError> {
        let until = now.saturating_sub(grace).unwrap_or(now);
        self.write_blocking(move |pen| ledger::sweep(pen.connection, &outputs, (until, now)))
    }

    /// Forgets archives that ended up to an instant, once nothing is left of what was in them. Blocks.
    pub fn forget_archives(&self, until: Timestamp) -> std::result::Result<(), StoreError> {
        self.write_blocking(move |pen| ledger::forget(pen.connection, until))
    }

    /// Returns the archives that ended.
    pub fn former_archives(&self) -> std::result::Result<Vec<Former>, StoreError> {
        self.pool.read(ledger::former)
    }

    /// Has the writer do a piece of work and waits for it, where that may block.
    pub(super) fn write_blocking<F, T>(&self, work: F) -> std::result::Result<T, StoreError>
    where
        F: Fn(&mut Pen<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let Some(writer) = &self.writer else {
            let path = self.pool.path().to_path_buf();
            return Err(StoreError::ReadOnly { path });
        };
        let (job, answer) = writer::job(work);
        let sent = writer.blocking_send(Message::Write(Work::Upkeep, vec![job]));
        sent.map_err(|_| self.stopped())?;
        let answered = answer.blocking_recv();
        answered.unwrap_or_else(|_| Err(self.stopped()))
    }
}
