//! The one thread that writes.
//!
//! SQLite has one writer at a time anyway; giving it a thread of its own keeps async tasks from
//! waiting on the disk and lets many polls share one commit. What waits in the queue is written in one
//! `BEGIN IMMEDIATE` transaction (R2). When a piece of it fails, all is rolled back and each piece is
//! written in a transaction of its own, so that a piece that fails leaves nothing behind and takes
//! nothing with it (R4). Answers go out after the commit, never before. A full disk fails what does
//! not fit, and the writer goes on with the next (R5).
//!
//! A savepoint for each piece was rejected: SQLite then keeps a copy of every page that a piece is the
//! first to change, which cost a tenth of a large poll, for a failure that hardly ever happens.

use super::gauges::Held;
use super::packed::Packer;
use super::place::Place;
use super::shown::Shown;
use super::{Store, StoreError, seal};
use crate::model::Identity;
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Messages that may wait. Who has more waits for room with what it brought, which bounds the memory.
pub(super) const QUEUE: usize = 64;

/// Pieces of work in one transaction: enough that the commit costs little, few enough that the first
/// does not wait long for its answer. What comes in one message is not divided.
const GROUP: usize = 64;

/// What a piece of work writes with.
pub(super) struct Pen<'a> {
    /// The connection, inside the transaction.
    pub(super) connection: &'a Connection,
    /// Who we are.
    pub(super) identity: &'a Identity,
    /// What readers may have seen.
    pub(super) shown: &'a Shown,
    /// Packs long texts.
    pub(super) packer: &'a mut Packer,
}

/// A piece of work whose result awaits the commit.
pub(super) trait Job: Send {
    /// Does the work; again when the transaction was rolled back.
    fn run(&mut self, pen: &mut Pen<'_>) -> rusqlite::Result<()>;
    /// Answers, after the commit or after a failure.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

/// A job made of a closure.
struct Piece<F, T> {
    task: F,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

/// Makes a job of a closure; its result will be had from the receiver.
pub(super) fn job<F, T>(task: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, StoreError>>)
where
    F: Fn(&mut Pen<'_>) -> rusqlite::Result<T> + Send + 'static,
    T: Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let work = Piece {
        task,
        result: None,
        reply,
    };
    (Box::new(work), answer)
}

impl<F, T> Job for Piece<F, T>
where
    F: Fn(&mut Pen<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, pen: &mut Pen<'_>) -> rusqlite::Result<()> {
        self.result = Some((self.task)(pen)?);
        Ok(())
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let answer = match (failure, self.result) {
            (Some(failure), _) => Err(failure),
            (None, Some(result)) => Ok(result),
            // Only a job that failed has no result, and it is answered with its failure.
            (None, None) => return,
        };
        // Whoever asked may have gone; what was written stays written.
        drop(self.reply.send(answer));
    }
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Polls, with whatever waited beside them.
    Polls,
    /// All else: retention, rules, what was served.
    #[default]
    Upkeep,
}

impl Work {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Polls, Self::Upkeep];

    /// Returns the stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Polls => "polls",
            Self::Upkeep => "upkeep",
        }
    }
}

/// Who is told what the writer does, on its thread: whoever has a clock can tell how long it takes.
pub trait Onlooker: Send {
    /// A transaction begins.
    fn begins(&mut self);
    /// It is over, committed or not.
    fn ended(&mut self, work: Work);
}

/// What is sent to the writer.
pub(super) enum Message {
    /// To be written, together and in this order.
    Write(Work, Vec<Box<dyn Job>>),
    /// Bring the log into the file and empty it.
    Checkpoint(oneshot::Sender<Result<(), StoreError>>),
    /// Answer: you are there.
    Knock(oneshot::Sender<()>),
}

impl Store {
    /// Waits for a sign of life of the writer: it has taken what was handed to it before.
    ///
    /// # Errors
    /// When there is no writer any more.
    pub async fn knock(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Knock(reply)).await?;
        answer.await.map_err(|_| self.stopped())
    }

    /// Writes a row as it is, which tells whether anything can be written again (R5).
    pub async fn try_out(&self) -> Result<(), StoreError> {
        self.write(|pen| {
            let same = "UPDATE identity SET created_at = created_at";
            pen.connection.execute(same, []).map(drop)
        })
        .await
    }
}

/// What waited in the queue.
#[derive(Default)]
struct Group {
    work: Work,
    jobs: Vec<Box<dyn Job>>,
    checkpoints: Vec<oneshot::Sender<Result<(), StoreError>>>,
}

impl Group {
    fn take(&mut self, message: Message) {
        match message {
            Message::Write(work, jobs) => {
                self.work = self.work.min(work);
                self.jobs.extend(jobs);
            }
            Message::Checkpoint(reply) => self.checkpoints.push(reply),
            // Whoever asked may have gone.
            Message::Knock(reply) => drop(reply.send(())),
        }
    }
}

/// The database file, open for writing.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    /// When it was last checked as a whole.
    pub(super) checked_at: Timestamp,
}

/// The writing end of a store; [`Writer::run`] gives it a thread's whole attention.
pub struct Writer {
    path: PathBuf,
    place: Option<Place>,
    checked_at: Timestamp,
    identity: Identity,
    shown: Shown,
    packer: Packer,
    pub(super) connection: Connection,
    held: Arc<Held>,
    messages: mpsc::Receiver<Message>,
    onlooker: Option<Box<dyn Onlooker>>,
}

impl Writer {
    /// Puts the parts together.
    pub(super) fn new(
        file: File,
        (identity, shown, held): (Identity, Shown, Arc<Held>),
        messages: mpsc::Receiver<Message>,
    ) -> Result<Self, StoreError> {
        held.follow(&file.connection)
            .map_err(|error| StoreError::sqlite(&file.path, &error))?;
        let packer = Packer::new();
        Ok(Self {
            packer: packer.map_err(|error| StoreError::access("write", &file.path, error))?,
            place: Place::of(&file.path).ok(),
            path: file.path,
            checked_at: file.checked_at,
            identity,
            shown,
            connection: file.connection,
            held,
            messages,
            onlooker: None,
        })
    }

    /// Has somebody look on.
    #[must_use]
    pub fn watched_by(mut self, onlooker: Box<dyn Onlooker>) -> Self {
        self.onlooker = Some(onlooker);
        self
    }

    /// Writes what the stores send until the last of them is dropped; blocks meanwhile.
    ///
    /// Closing brings the log into the file, and seals it.
    pub fn run(mut self) {
        while let Some(first) = self.messages.blocking_recv() {
            let mut group = Group::default();
            group.take(first);
            while group.jobs.len() < GROUP
                && let Ok(message) = self.messages.try_recv()
            {
                group.take(message);
            }
            self.write(group.work, group.jobs);
            self.checkpoint(group.checkpoints);
        }
        // Another file that was put in the place of ours is not what we checked.
        let is_ours = self.place.is_none_or(|place| place.check().is_ok());
        if self.connection.close().is_ok() && is_ours {
            seal::close(&self.path, self.checked_at);
        }
    }

    /// Writes a group, or its jobs one by one when that fails, and answers them.
    ///
    /// A lock that another process holds is not waited for once per job.
    fn write(&mut self, work: Work, mut jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        let outcome = self.watched(work, &mut jobs);
        let busy =
            |error: &rusqlite::Error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
        if jobs.len() > 1 && outcome.as_ref().is_err_and(|error| !busy(error)) {
            for job in jobs {
                self.write(work, vec![job]);
            }
            return;
        }
        for job in jobs {
            let failure = outcome.as_ref().err();
            job.answer(failure.map(|error| StoreError::sqlite(&self.path, error)));
        }
    }

    /// Runs a group in one transaction, and tells of it.
    fn watched(&mut self, work: Work, jobs: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
        if let Some(onlooker) = &mut self.onlooker {
            onlooker.begins();
        }
        let outcome = self.transact(jobs);
        self.held.settle(outcome.is_ok());
        self.shown.settle(outcome.is_ok());
        if let Some(onlooker) = &mut self.onlooker {
            onlooker.ended(work);
        }
        outcome
    }

    /// Runs a group in one transaction.
    fn transact(&mut self, jobs: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut pen = Pen {
            connection: &transaction,
            identity: &self.identity,
            shown: &self.shown,
            packer: &mut self.packer,
        };
        for job in jobs {
            job.run(&mut pen)?;
        }
        transaction.commit()
    }

    /// Answers requests for a checkpoint.
    fn checkpoint(&self, replies: Vec<oneshot::Sender<Result<(), StoreError>>>) {
        for reply in replies {
            let outcome = self
                .connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .map_err(|error| StoreError::sqlite(&self.path, &error));
            drop(reply.send(outcome));
        }
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
