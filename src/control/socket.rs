//! The daemon's end of the socket.

use super::wire::{Answer, Request, Verdict};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener as Bound, UnixStream as Dialled};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// The longest request: a path has 4096 bytes at most, and six times that where each is escaped.
pub(super) const REQUEST_BYTES: u64 = 32 * 1024;

/// How long a client may take to say what it wants, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Clients at once; an operator has one or two. Others wait in the kernel's queue.
const CLIENTS: usize = 8;

/// Who may ask: the daemon's own user, and root.
const OURS: u32 = 0o600;

/// Who may ask where the directory hands its group on (setgid): that group, too.
const OURS_AND_GROUP: u32 = 0o660;

/// The setgid bit of a directory.
const SETGID: u32 = 0o2000;

/// Why there is no control socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// A process listens there.
    #[error(
        "another daemon is asked at {}: stop it, or give each its own $RUNTIME_DIRECTORY or --state",
        path.display()
    )]
    Live {
        /// Where.
        path: PathBuf,
    },
    /// The system refuses it, or something else is there.
    #[error("no control socket at {}: {cause}; `merganser reload` will not work", path.display())]
    Refused {
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// A socket that commands can reach the daemon at; its file goes with it.
#[derive(Debug)]
pub struct Listener {
    bound: Bound,
    path: PathBuf,
    /// Device and number of the file, by which it is told from a later one.
    file: (u64, u64),
}

impl Listener {
    /// Takes `path` for this process, also where a process that is gone left its socket.
    ///
    /// The mode is 0600, or 0660 in a setgid directory. The file is made beside and put in place: at no moment
    /// may anybody connect who should not.
    ///
    /// # Errors
    /// When a process listens there, something else than a socket is there, or the system refuses.
    pub fn bind(path: &Path) -> Result<Self, BindError> {
        let refused = |cause| BindError::Refused {
            path: path.to_owned(),
            cause,
        };
        let there = path.symlink_metadata().ok();
        if there.is_some_and(|it| !it.file_type().is_socket()) {
            return Err(refused(io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        if Dialled::connect(path).is_ok() {
            return Err(BindError::Live {
                path: path.to_owned(),
            });
        }
        bind_beside(path).map_err(refused)
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn bind_beside(path: &Path) -> io::Result<Listener> {
    let beside = path.with_extension("new");
    // Left by a process that ended between these lines.
    std::fs::remove_file(&beside).ok();
    let bound = Bound::bind(&beside)?;
    bound.set_nonblocking(true)?;
    let directory = path.parent().map(Path::metadata).transpose()?;
    let hands_on = directory.is_some_and(|it| it.mode() & SETGID != 0);
    let mode = if hands_on { OURS_AND_GROUP } else { OURS };
    std::fs::set_permissions(&beside, Permissions::from_mode(mode))?;
    let file = beside.symlink_metadata()?;
    std::fs::rename(&beside, path)?;
    Ok(Listener {
        bound,
        path: path.to_owned(),
        file: (file.dev(), file.ino()),
    })
}

impl Drop for Listener {
    fn drop(&mut self) {
        let there = self.path.symlink_metadata().ok();
        if there.is_some_and(|it| (it.dev(), it.ino()) == self.file) {
            std::fs::remove_file(&self.path).ok();
        }
    }
}

/// A request that waits for its answer.
#[derive(Debug)]
pub struct Asked {
    /// What is asked.
    pub request: Request,
    reply: oneshot::Sender<Answer>,
}

impl Asked {
    /// Answers. A client that went away misses it.
    pub fn answer(self, answer: Answer) {
        drop(self.reply.send(answer));
    }
}

/// Hands what commands ask to `to`, and its answers to them, for as long as it is driven.
///
/// # Errors
/// When the socket does not become one of the runtime's.
pub async fn serve(listener: Listener, to: mpsc::Sender<Asked>) -> io::Result<()> {
    let socket = UnixListener::from_std(listener.bound.try_clone()?)?;
    let mut clients = FuturesUnordered::new();
    loop {
        tokio::select! {
            // A failed accept is tried again with the next client.
            Ok((client, _)) = socket.accept(), if clients.len() < CLIENTS => {
                clients.push(tend(client, to.clone()));
            }
            Some(()) = clients.next() => {}
        }
    }
}

/// Serves one client: its request, the answer, the end.
async fn tend(client: UnixStream, to: mpsc::Sender<Asked>) {
    let (reading, mut writing) = client.into_split();
    let mut line = String::new();
    let mut reader = BufReader::new(reading.take(REQUEST_BYTES));
    let read = timeout(PATIENCE, reader.read_line(&mut line)).await;
    let answer = match read {
        Ok(Ok(_)) => answer(&line, &to).await,
        Ok(Err(error)) => Answer::new(Verdict::Failed, format!("no request: {error}")),
        Err(_) => return,
    };
    let line = answer.line();
    // Who does not take it misses it.
    drop(timeout(PATIENCE, writing.write_all(line.as_bytes())).await);
}

async fn answer(line: &str, to: &mpsc::Sender<Asked>) -> Answer {
    let request = match serde_json::from_str(line) {
        Ok(request) => request,
        Err(error) => {
            let why = format!("this daemon does not understand the request: {error}");
            return Answer::new(Verdict::Failed, why);
        }
    };
    let (reply, answered) = oneshot::channel();
    let gone = || Answer::new(Verdict::Failed, "the daemon is stopping");
    if to.send(Asked { request, reply }).await.is_err() {
        return gone();
    }
    answered.await.unwrap_or_else(|_| gone())
}
