//! What can go wrong with the store, in words that say what, where and what to do next (R9).

use super::permit::advice_to_read;
use crate::text::{is_for_room, no_room};
use rusqlite::ErrorCode;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do as asked.
///
/// The texts read after "failed to ...". Every variant leaves what is stored as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process works on this state directory (R12).
    #[error(
        "{} is held by another merganser{}; stop that one or choose another state directory",
        path.display(), Holder(*pid)
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, where it has written so.
        pid: Option<u32>,
    },
    /// Nothing is there to be read.
    #[error("there is no database at {}; `merganser run` or `merganser poll` makes one", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// Something else lies where the database should be; it is not overwritten.
    #[error("{} is {found}, not a database; move it away, or put the database back from a copy", path.display())]
    NotADatabase {
        /// Where.
        path: PathBuf,
        /// What it is, with its article.
        found: &'static str,
    },
    /// An SQLite database of another program.
    #[error("{} is the database of another program; set `path` in [storage] to another file", path.display())]
    Foreign {
        /// Where.
        path: PathBuf,
    },
    /// A database that a newer merganser has written (R10).
    #[error(
        "{} has schema {found} and this merganser knows up to {known}; run the newer version again",
        path.display()
    )]
    Newer {
        /// Where.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// The newest schema known here.
        known: usize,
    },
    /// A database that an older merganser has written, to be read without being changed.
    #[error(
        "{} has schema {found} and this merganser reads {known}; `merganser migrate` brings it up \
         to date, with a copy of before; so does the next start, without",
        path.display()
    )]
    Older {
        /// Where.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// The schema known here.
        known: usize,
    },
    /// A database whose pages do not fit together.
    #[error(
        "{} is damaged ({detail}); move it and its -wal file away and put a copy back, save what \
         can be read with `sqlite3 FILE .recover`, or start with an empty state directory",
        path.display()
    )]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// A copy that was written and does not read back as a whole database.
    #[error(
        "the copy {} did not come out whole ({detail}); copy once more, look at the disk and the memory of this machine if \
         it does so again, and have `merganser doctor` read the database through",
        path.display()
    )]
    Spoilt {
        /// The copy.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// No room left (R5).
    #[error("{}; free some space", no_room(path))]
    Full {
        /// Where.
        path: PathBuf,
    },
    /// Another process kept the database locked.
    #[error("{} stayed locked by another process; close what else has it open", path.display())]
    Busy {
        /// Where.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot {doing} {}: {cause}; {}", path.display(), advice_to_read(path, cause.kind()))]
    Access {
        /// What was tried: `read`, `create`.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Its answer. Not a `source`: the text has it already, and would be told twice.
        cause: io::Error,
    },
    /// This user may not write; nothing was touched.
    #[error("this user may not write {}: {cause}; {advice}", path.display())]
    Unwritable {
        /// What.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
        /// What hinders, and what helps.
        advice: String,
    },
    /// A log that a process left holds what the file does not, and this user may not read it.
    #[error(
        "{} has a log beside it with what is not in the file yet, and to read that, files are made in the directory: this \
         user may not write in it; ask as root or as the user of the daemon, or start the daemon",
        path.display()
    )]
    Logged {
        /// The database.
        path: PathBuf,
    },
    /// SQLite refused.
    #[error("{}: {detail}", path.display())]
    Refused {
        /// Where.
        path: PathBuf,
        /// Its answer.
        detail: String,
    },
    /// Something was to be written through a store opened for reading.
    #[error("{} is open for reading only", path.display())]
    ReadOnly {
        /// Where.
        path: PathBuf,
    },
    /// What is open is not what is at the path.
    #[error(
        "{} was {was} while it was open: what comes is lost with the file that was there; stop the daemon before anything is \
         put in its place, and start it after",
        path.display()
    )]
    Displaced {
        /// The database or the lock.
        path: PathBuf,
        /// What became of the file: `deleted`, `replaced`.
        was: &'static str,
    },
    /// The writer has stopped.
    #[error("the writer of {} has stopped", path.display())]
    Stopped {
        /// Where.
        path: PathBuf,
    },
    /// What was read could not be passed on.
    #[error("cannot write what was read: {0}")]
    Sink(#[source] io::Error),
}

impl StoreError {
    /// Reads SQLite's answer.
    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, detail }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                let cause = io::Error::new(io::ErrorKind::PermissionDenied, detail);
                let doing = "open";
                Self::Access { doing, path, cause }
            }
            _ => Self::Refused { path, detail },
        }
    }

    /// Returns its kind in a word, one of a few, for who counts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Full { .. } => "full",
            Self::Busy { .. } | Self::Locked { .. } => "locked",
            Self::Access { .. }
            | Self::ReadOnly { .. }
            | Self::Unwritable { .. }
            | Self::Logged { .. } => "denied",
            Self::Damaged { .. } | Self::NotADatabase { .. } => "damaged",
            _ => "other",
        }
    }

    /// Returns an error of the file `part` as one of what that was to become: a person does not know `part`.
    #[must_use]
    pub fn renamed(mut self, part: &Path, path: &Path) -> Self {
        if let Some(of) = self.path_mut().filter(|of| *of == part) {
            *of = path.to_path_buf();
        }
        self
    }

    /// Returns what it is an error of.
    fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::Locked { path, .. }
            | Self::Missing { path }
            | Self::NotADatabase { path, .. }
            | Self::Foreign { path }
            | Self::Newer { path, .. }
            | Self::Older { path, .. }
            | Self::Damaged { path, .. }
            | Self::Spoilt { path, .. }
            | Self::Full { path }
            | Self::Busy { path }
            | Self::Access { path, .. }
            | Self::Unwritable { path, .. }
            | Self::Logged { path }
            | Self::Refused { path, .. }
            | Self::ReadOnly { path }
            | Self::Displaced { path, .. }
            | Self::Stopped { path } => Some(path),
            Self::Sink(_) => None,
        }
    }

    /// Makes an answer of the operating system one of ours.
    pub(super) fn access(doing: &'static str, path: &Path, cause: io::Error) -> Self {
        let path = path.to_path_buf();
        if is_for_room(&cause) {
            return Self::Full { path };
        }
        Self::Access { doing, path, cause }
    }
}

/// The process that holds a lock, told in passing.
struct Holder(Option<u32>);

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(pid) => write!(f, " (process {pid})"),
            None => Ok(()),
        }
    }
}
