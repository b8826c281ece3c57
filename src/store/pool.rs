//! Connections for reading.

use super::place::Place;
use super::{StoreError, open};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Idle connections kept: reads are short, so two at a time are rare. More are opened when needed and
/// closed after use.
const IDLE: usize = 2;

/// Opens connections for reading as they are needed and keeps a few.
pub(super) struct Pool {
    path: PathBuf,
    /// Which file is there, where that could be looked at.
    place: Option<Place>,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    /// Starts with the connection that is open already, if there is one.
    pub(super) fn new(path: &Path, open: Option<Connection>) -> Self {
        Self {
            path: path.to_path_buf(),
            place: Place::of(path).ok(),
            idle: Mutex::new(Vec::from_iter(open)),
        }
    }

    /// Returns the database file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns which file that was at the opening.
    pub(super) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// Reads in one transaction, so that all that is read is of one moment.
    ///
    /// It ends with the closure: a reader that is kept waiting would keep the log from being emptied
    /// (R6).
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut connection = match self.take() {
            Some(connection) => connection,
            None => open::reader(&self.path)?,
        };
        let outcome = connection
            .transaction()
            .and_then(|transaction| read(&transaction));
        // Its pages stay with it. To give them back empties what all connections keep, which is one group of pages as SQLite
        // is bundled: in 5,000 polls beside 200 outputs the writer read 465,000 pages again, and 20,000 without that.
        self.give_back(connection);
        outcome.map_err(|error| StoreError::sqlite(&self.path, &error))
    }

    /// Takes an idle connection.
    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    /// Keeps a connection for the next reader.
    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(connection);
        }
    }
}
