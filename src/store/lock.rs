//! One process per state directory (R12).

use super::place::Place;
use super::{StoreError, permit};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek as _, Write};
use std::path::{Path, PathBuf};

/// Name of the lock file in the state directory.
const FILE: &str = "merganser.lock";

/// A pid, a word and a path, which has at most 4096 bytes, and the pid again; more is not read, whoever wrote the file.
const BYTES: u64 = 4160;

/// What stands before the path in the second line: what the worker was.
const DAEMON: &str = "run ";
const COMMAND: &str = "poll ";

/// Who filled a state directory, and by which feeds.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Whether it was a daemon, and not a command that polled.
    pub is_daemon: bool,
    /// The file, absolute.
    pub config: PathBuf,
}

impl Worker {
    /// Reads the second line of a lock file.
    fn of(text: &str) -> Option<Self> {
        let line = text.lines().nth(1)?;
        let daemon = line.strip_prefix(DAEMON);
        let config = daemon.or_else(|| line.strip_prefix(COMMAND))?;
        Some(Self {
            is_daemon: daemon.is_some(),
            config: PathBuf::from(config),
        })
    }

    /// Returns it; nothing of a path that a line cannot hold.
    fn line(&self) -> Option<String> {
        let path = self.config.to_str().filter(|it| !it.contains('\n'))?;
        let word = if self.is_daemon { DAEMON } else { COMMAND };
        Some(format!("{word}{path}"))
    }
}

/// Holds the state directory for this process until it is dropped, or until the process ends,
/// however it ends.
///
/// The file stays: removing it would let a third process lock a new one beside a second that still
/// waits on the old.
#[derive(Debug)]
pub struct StateLock {
    file: File,
    place: Place,
    /// Who filled the directory last.
    worker: Option<Worker>,
}

impl StateLock {
    /// Refuses a state directory whose lock is not ours any more: it is gone, or another process may hold one like it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Displaced`].
    pub fn check(&self) -> Result<(), StoreError> {
        self.place.check()
    }

    /// Notes who fills the directory now, and returns who did before.
    ///
    /// # Errors
    ///
    /// The lock file cannot be written.
    pub fn note(&mut self, worker: Worker) -> io::Result<Option<Worker>> {
        write(&mut self.file, Some(&worker), true)?;
        Ok(self.worker.replace(worker))
    }
}

impl Drop for StateLock {
    /// Gives the lock back by itself: closing the file would not, while a process that is just being started still has
    /// its copy of it.
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}

/// Takes the state directory for this process, making it (mode 0700) where it is missing.
///
/// # Errors
///
/// [`StoreError::Locked`] with the holder's pid when another process has it, and
/// [`StoreError::Access`] when the directory or the lock file cannot be made, and [`StoreError::Unwritable`] when this user
/// may make no files there.
pub fn lock(state: &Path) -> Result<StateLock, StoreError> {
    let path = state.join(FILE);
    let failed = |error| StoreError::access("create", &path, error);
    directory(state).map_err(|error| unmade(state, error))?;
    permit::refuse_closed(state)?;
    let mut file = options().open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = written(&file);
            return Err(StoreError::Locked { path, pid });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let worker = Worker::of(&text(&file));
    write(&mut file, worker.as_ref(), false).map_err(failed)?;
    let place = Place::holding(&file.metadata().map_err(failed)?, &path);
    Ok(StateLock {
        file,
        place,
        worker,
    })
}

/// Makes the state directory and those above it.
fn directory(state: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(state)
}

/// Says why a state directory could not be made.
fn unmade(state: &Path, error: io::Error) -> StoreError {
    let path = state.to_path_buf();
    if state.is_file() {
        let detail =
            "it is a file: --state names a directory, and --config the configuration".to_owned();
        return StoreError::Refused { path, detail };
    }
    match error.kind() {
        ErrorKind::PermissionDenied => StoreError::Unwritable {
            path,
            cause: error,
            advice: permit::advice_to_make(state),
        },
        _ => StoreError::access("create", state, error),
    }
}

/// Opens the file without emptying it: until the lock is ours, it names another.
fn options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Returns the pid of the process that holds the state directory, `None` when none does.
///
/// Takes and changes nothing; a process may come or go the moment after.
pub fn holder(state: &Path) -> Option<u32> {
    seen_holder(state).ok().flatten()
}

/// The same, where it matters that nobody is only said to hold what was looked at.
///
/// # Errors
///
/// When this user may not look, and in the moment before who holds it has written its pid.
pub fn seen_holder(state: &Path) -> io::Result<Option<u32>> {
    let file = match File::open(state.join(FILE)) {
        Ok(file) => file,
        Err(error) => {
            return match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => Ok(None),
                _ => Err(error),
            };
        }
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => match written(&file) {
            Some(pid) => Ok(Some(pid)),
            None => Err(ErrorKind::WouldBlock.into()),
        },
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Tells whether a process holds the state directory or did once, as far as this user may look into it.
pub fn was_held(state: &Path) -> bool {
    state.join(FILE).exists()
}

/// Returns who filled the state directory last, as far as that is known and this user may look into it.
pub fn last_worker(state: &Path) -> Option<Worker> {
    Worker::of(&text(&File::open(state.join(FILE)).ok()?))
}

/// Tells whether who holds a state directory is a daemon that fills it, and not a command, as far as this user may look into
/// it.
pub fn is_daemons(state: &Path) -> bool {
    let text = File::open(state.join(FILE)).map(|file| text(&file));
    text.is_ok_and(|text| {
        let worker = Worker::of(&text);
        let mut lines = text.lines();
        // Who only holds it has the pid of before nowhere.
        let (holder, filler) = (lines.next(), lines.nth(1));
        worker.is_some_and(|it| it.is_daemon) && holder == filler
    })
}

/// Reads the pid in the lock file.
fn written(file: &File) -> Option<u32> {
    text(file).lines().next()?.trim().parse().ok()
}

/// Reads the lock file from where it is read, as far as that can be.
fn text(file: &File) -> String {
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes).ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes our pid into the lock file, and who fills the directory; the pid once more where that `is_us`.
fn write(file: &mut File, worker: Option<&Worker>, is_us: bool) -> io::Result<()> {
    let pid = format!("{}\n", std::process::id());
    let mut text = pid.clone();
    if let Some(line) = worker.and_then(Worker::line) {
        text.push_str(&line);
        text.push('\n');
        text.push_str(if is_us { &pid } else { "" });
    }
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r12_a_second_opener_is_told_who_holds_the_state() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("new/state");
        assert!(!was_held(&state));
        let held = lock(&state).unwrap();
        let error = lock(&state).unwrap_err();
        let us = std::process::id();
        assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. } if pid == us));
        assert!(error.to_string().contains(&format!("process {us}")));
        assert_eq!(holder(&state), Some(us));
        drop(held);
        assert_eq!(holder(&state), None);
        assert!(was_held(&state));
        lock(&state).unwrap();
    }

    /// Who comes next is told; who only holds the directory for a while changes nothing of it.
    #[test]
    fn who_filled_a_state_is_remembered() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path();
        let worker = |is_daemon, config: &str| Worker {
            is_daemon,
            config: config.into(),
        };
        let (one, other) = (worker(true, "/etc/a b.toml"), worker(false, "/b.toml"));
        assert_eq!(last_worker(state), None);
        assert_eq!(lock(state).unwrap().note(one.clone()).unwrap(), None);
        drop(lock(state).unwrap());
        assert_eq!(last_worker(state), Some(one.clone()));
        let mut held = lock(state).unwrap();
        assert!(!is_daemons(state));
        held.note(one.clone()).unwrap();
        assert!(is_daemons(state));
        assert_eq!(held.note(other.clone()).unwrap(), Some(one));
        assert_eq!(last_worker(state), Some(other));
        assert!(!is_daemons(state));
        assert_eq!(holder(state), Some(std::process::id()));
        held.note(worker(true, "/two\nlines")).unwrap();
        assert_eq!(last_worker(state), None);
        // As versions before wrote it.
        drop(held);
        std::fs::write(state.join(FILE), "12345\n").unwrap();
        assert_eq!(last_worker(state), None);
    }

    #[test]
    fn r9_a_state_that_cannot_be_made_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("file");
        std::fs::write(&state, "").unwrap();
        let text = lock(&state).unwrap_err().to_string();
        assert!(text.contains("file: it is a file: --state"), "{text}");
        let text = lock(&state.join("below")).unwrap_err().to_string();
        assert!(text.contains("cannot create"), "{text}");
        let denied = io::Error::from(ErrorKind::PermissionDenied);
        let text = unmade(&directory.path().join("theirs"), denied).to_string();
        assert!(text.contains("this user may not write"), "{text}");
        let above = format!("may make nothing in {}", directory.path().display());
        assert!(text.contains(&above), "{text}");
    }
}
