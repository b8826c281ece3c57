//! The one thread that writes.
//!
//! SQLite has one writer at a time anyway; giving it a thread of its own keeps async tasks from
//! waiting on the disk and lets many polls share one commit. What waits in the queue is written in one
//! `BEGIN IMMEDIATE` transaction (R2), each piece of work inside a savepoint, so that a piece that
//! fails leaves nothing behind and takes nothing with it (R4). Answers go out after the commit, never
//! before. When the transaction itself is lost (disk full), all of its pieces fail, what was stored
//! stays, and the writer goes on with the next (R5).

use super::StoreError;
use super::packed::Packer;
use crate::model::Identity;
use rusqlite::{Connection, Savepoint, TransactionBehavior};
use std::path::{Path, PathBuf};
use tokio::sync::{mpsc, oneshot};

/// Pieces of work that may wait: as many as one group takes. More polls than that wait for room with
/// what they brought, which bounds the memory.
pub(super) const QUEUE: usize = 64;

/// Pieces of work in one transaction: enough that the commit costs little, few enough that the first
/// does not wait long for its answer.
const GROUP: usize = 64;

/// What a piece of work writes with, inside its savepoint.
pub(super) struct Pen<'a> {
    /// The connection, inside the transaction.
    pub(super) connection: &'a Connection,
    /// Who we are.
    pub(super) identity: &'a Identity,
    /// Packs long texts.
    pub(super) packer: &'a mut Packer,
}

/// A piece of work whose result awaits the commit.
pub(super) trait Job: Send {
    /// Does the work.
    fn run(&mut self, pen: &mut Pen<'_>) -> rusqlite::Result<()>;
    /// Answers, after the commit or after a failure.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

/// A job made of a closure.
pub(super) struct Work<F, T> {
    work: Option<F>,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Work<F, T> {
    /// Pairs work with where its result goes.
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, StoreError>>) -> Self {
        let (work, result) = (Some(work), None);
        Self {
            work,
            result,
            reply,
        }
    }
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce(&mut Pen<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, pen: &mut Pen<'_>) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.result = Some(work(pen)?);
        }
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

/// What is sent to the writer.
pub(super) enum Message {
    /// To be written.
    Write(Box<dyn Job>),
    /// Bring the log into the file and empty it.
    Checkpoint(oneshot::Sender<Result<(), StoreError>>),
}

/// The writing end of a store; [`Writer::run`] gives it a thread's whole attention.
pub struct Writer {
    path: PathBuf,
    identity: Identity,
    packer: Packer,
    connection: Connection,
    messages: mpsc::Receiver<Message>,
}

impl Writer {
    /// Puts the parts together.
    pub(super) fn new(
        path: &Path,
        connection: Connection,
        identity: Identity,
        messages: mpsc::Receiver<Message>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_path_buf(),
            identity,
            packer: Packer::new().map_err(|error| StoreError::access("write", path, error))?,
            connection,
            messages,
        })
    }

    /// Writes what the stores send until the last of them is dropped; blocks meanwhile.
    ///
    /// Closing brings the log into the file.
    pub fn run(mut self) {
        while let Some(first) = self.messages.blocking_recv() {
            let mut jobs = Vec::new();
            let mut checkpoints = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Write(job) => jobs.push(job),
                    Message::Checkpoint(reply) => checkpoints.push(reply),
                }
                let full = jobs.len() + checkpoints.len() >= GROUP;
                next = if full {
                    None
                } else {
                    self.messages.try_recv().ok()
                };
            }
            self.write(jobs);
            self.checkpoint(checkpoints);
        }
    }

    /// Writes a group and answers it.
    fn write(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        let outcome = self.transact(&mut jobs);
        let mut failures = outcome
            .as_ref()
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter();
        for job in jobs {
            let failure = match &outcome {
                Ok(_) => failures.next().and_then(Option::as_ref),
                Err(error) => Some(error),
            };
            job.answer(failure.map(|error| StoreError::sqlite(&self.path, error)));
        }
    }

    /// Runs a group in one transaction; returns the failure of each of its jobs.
    ///
    /// # Errors
    ///
    /// When nothing of the group is stored.
    fn transact(
        &mut self,
        jobs: &mut [Box<dyn Job>],
    ) -> rusqlite::Result<Vec<Option<rusqlite::Error>>> {
        let mut transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut failures = Vec::with_capacity(jobs.len());
        for job in jobs {
            let savepoint = transaction.savepoint()?;
            let mut pen = Pen {
                connection: &savepoint,
                identity: &self.identity,
                packer: &mut self.packer,
            };
            let outcome = job.run(&mut pen);
            failures.push(settle(savepoint, outcome)?);
        }
        transaction.commit()?;
        Ok(failures)
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
        f.debug_struct("Writer").field("path", &self.path).finish()
    }
}

/// Keeps or undoes what a job did; returns its failure.
///
/// # Errors
///
/// When SQLite has rolled the whole transaction back by itself, as it may when the disk is full.
fn settle(
    mut savepoint: Savepoint<'_>,
    outcome: rusqlite::Result<()>,
) -> rusqlite::Result<Option<rusqlite::Error>> {
    let Err(error) = outcome else {
        savepoint.commit()?;
        return Ok(None);
    };
    if savepoint.is_autocommit() {
        return Err(error);
    }
    savepoint.rollback()?;
    savepoint.commit()?;
    Ok(Some(error))
}
