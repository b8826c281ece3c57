//! The daemon's end of the socket.

use super::waiting::{Heard, Waiting};
use super::wire::{Answer, Request, Verdict};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::fs::{DirBuilder, File, Metadata, Permissions};
use std::future::{pending, poll_fn};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener as Bound, UnixStream as Dialled};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

/// What a client may cost, and an accept that fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Clients at once that have not said yet what they want: the oldest gives way to one more. And those that
    /// wait for an answer, when nobody else is accepted: others wait in the kernel's queue.
    pub(super) clients: usize,
    /// Clients beside those that wait for polls, which may take long: one more is refused, and others are served.
    pub(super) pollers: usize,
    /// How long a client may take to say what it wants, and to take the answer.
    pub(super) patience: Duration,
    /// How long nobody is accepted after an accept failed.
    pub(super) rest: Duration,
}

impl Limits {
    /// Those of service. An operator has one client or two. An accept that failed for want of descriptors fails
    /// again at once: to try it ever again would take a core.
    pub(super) const DEFAULT: Self = Self {
        clients: 8,
        pollers: 4,
        patience: Duration::from_secs(5),
        rest: Duration::from_secs(1),
    };
}

/// Who may ask: the daemon's own user, and root.
const OURS: u32 = 0o600;

/// Who may ask where the directory hands its group on (setgid): that group, too.
const OURS_AND_GROUP: u32 = 0o660;

/// What the directory beside the socket ends with; and the socket in it, with a name so short that one which fits
/// in place fits there.
const WORKSHOP: &str = "d";
const UNFINISHED: &str = "s";

/// How often another process may be found to have left while this one came: each is a daemon that starts.
const ENTRIES: usize = 16;

/// What others than the owner may do.
const OTHERS: u32 = 0o077;

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
    /// The mode is 0600, or 0660 in a setgid directory. The file is made where nobody else may look, and put in
    /// place: at no moment may anybody connect who should not.
    ///
    /// # Errors
    /// When a process listens there, something else than a socket is there, or the system refuses.
    pub fn bind(path: &Path) -> Result<Self, BindError> {
        let refused = |cause| BindError::Refused {
            path: path.to_owned(),
            cause,
        };
        let workshop = Workshop::enter(path).map_err(refused)?;
        let there = path.symlink_metadata().ok();
        if there.is_some_and(|it| !it.file_type().is_socket()) {
            return Err(refused(io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        if Dialled::connect(path).is_ok() {
            return Err(BindError::Live {
                path: path.to_owned(),
            });
        }
        workshop.make(path).map_err(refused)
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A directory beside the socket that nobody else may look into, and one process at a time works in: of two that
/// start at once, the second finds the socket of the first in place.
///
/// A socket has the mode of the umask until it is given another, so that it must not be seen before. A lock on the
/// directory of the socket itself was rejected, since whoever may read that might hold it for ever.
struct Workshop {
    path: PathBuf,
    /// Locked until it is dropped.
    _lock: File,
}

impl Workshop {
    /// Takes it for this process; waits for another that is in it, which takes a moment.
    fn enter(socket: &Path) -> io::Result<Self> {
        let path = socket.with_extension(WORKSHOP);
        // It is gone as soon as another process has left it.
        for _ in 0..ENTRIES {
            let made = DirBuilder::new().mode(0o700).create(&path);
            if let Err(error) = made
                && error.kind() != io::ErrorKind::AlreadyExists
            {
                return Err(error);
            }
            let Ok(lock) = File::open(&path) else {
                continue;
            };
            lock.lock()?;
            let (ours, there) = (lock.metadata()?, path.symlink_metadata().ok());
            if there.is_none_or(|it| file(&it) != file(&ours)) {
                continue;
            }
            // Somebody else's, made for us to find.
            if ours.mode() & OTHERS != 0 {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            return Ok(Self { path, _lock: lock });
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Makes the socket, and puts it in place of what is there.
    fn make(self, path: &Path) -> io::Result<Listener> {
        let beside = self.path.join(UNFINISHED);
        // Left by a process that ended between these lines.
        std::fs::remove_file(&beside).ok();
        let bound = Bound::bind(&beside)?;
        bound.set_nonblocking(true)?;
        let directory = path.parent().map(Path::metadata).transpose()?;
        let hands_on = directory.is_some_and(|it| it.mode() & SETGID != 0);
        let mode = if hands_on { OURS_AND_GROUP } else { OURS };
        std::fs::set_permissions(&beside, Permissions::from_mode(mode))?;
        let written = beside.symlink_metadata()?;
        std::fs::rename(&beside, path)?;
        Ok(Listener {
            bound,
            path: path.to_owned(),
            file: file(&written),
        })
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        std::fs::remove_dir(&self.path).ok();
    }
}

/// Returns device and number of a file.
fn file(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

impl Drop for Listener {
    fn drop(&mut self) {
        let there = self.path.symlink_metadata().ok();
        if there.is_some_and(|it| file(&it) == self.file) {
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

    /// Tells whether the client went away.
    pub fn is_gone(&self) -> bool {
        self.reply.is_closed()
    }

    /// Makes one, and where its answer comes.
    #[cfg(test)]
    pub(crate) fn new(request: Request) -> (Self, oneshot::Receiver<Answer>) {
        let (reply, answered) = oneshot::channel();
        (Self { request, reply }, answered)
    }
}

/// Hands what commands ask to `to`, and its answers to them, until nobody takes them any more: who waits for an answer
/// then is told.
///
/// # Errors
/// When the socket does not become one of the runtime's.
pub async fn serve(listener: Listener, to: mpsc::Sender<Asked>) -> io::Result<()> {
    let socket = UnixListener::from_std(listener.bound.try_clone()?)?;
    let accept = |context: &mut Context<'_>| {
        let accepted = socket.poll_accept(context);
        accepted.map_ok(|(client, _)| client)
    };
    serve_from(accept, Limits::DEFAULT, to).await;
    Ok(())
}

/// Serves whom `accept` lets in, within limits, until nobody takes requests any more and all who asked are answered.
pub(super) async fn serve_from(
    mut accept: impl FnMut(&mut Context<'_>) -> Poll<io::Result<UnixStream>>,
    limits: Limits,
    to: mpsc::Sender<Asked>,
) {
    let mut waiting = Waiting::default();
    let mut clients = FuturesUnordered::new();
    let mut pollers = FuturesUnordered::new();
    // Since the last accept failed: nobody is accepted until then.
    let mut rests_until: Option<Instant> = None;
    let mut fails = false;
    let mut is_over = false;
    while !is_over || !clients.is_empty() || !pollers.is_empty() {
        let has_room = clients.len() < limits.clients;
        let may_accept = has_room && rests_until.is_none() && !is_over;
        // One of the branches is always open: who may not be accepted waits for a client or for time.
        tokio::select! {
            accepted = poll_fn(&mut accept), if may_accept => match accepted {
                Ok(client) => {
                    fails = false;
                    waiting.enter(client, limits);
                }
                Err(error) => {
                    if !fails {
                        tracing::warn!("no command is accepted at the control socket for now: {error}");
                    }
                    fails = true;
                    rests_until = Instant::now().checked_add(limits.rest);
                }
            },
            () = pass(rests_until), if rests_until.is_some() => rests_until = None,
            Some(heard) = waiting.next() => if let Some(Heard { client, request }) = heard {
                let request = understand(request, pollers.len() < limits.pollers);
                let waits = request.as_ref().is_ok_and(waits_for_polls);
                let group = if waits { &mut pollers } else { &mut clients };
                group.push(tend(client, request, limits, to.clone()));
            },
            Some(()) = clients.next() => {}
            Some(()) = pollers.next() => {}
            () = to.closed(), if !is_over => is_over = true,
        }
    }
}

/// Lets time pass until an instant.
async fn pass(until: Option<Instant>) {
    if let Some(until) = until {
        timeout_at(until, pending::<()>()).await.ok();
    }
}

/// What who would be one more that waits for polls is told.
const CROWDED: &str = "as many commands as may be wait for polls already: name all feeds in one, `merganser poll ID ..`, or ask \
                       again in a minute";

/// Serves one client that has said what it wants: the answer, the end.
async fn tend(
    mut client: UnixStream,
    request: Result<Request, String>,
    limits: Limits,
    to: mpsc::Sender<Asked>,
) {
    let answer = match request {
        Ok(request) => answer(&mut client, request, &to).await,
        Err(why) => Some(Answer::new(Verdict::Failed, why)),
    };
    if let Some(line) = answer.map(|it| it.line()) {
        // Who does not take it misses it.
        drop(timeout(limits.patience, client.write_all(line.as_bytes())).await);
    }
}

/// How the answer begins to a request that has a word which this version does not know.
pub const NOT_UNDERSTOOD: &str = "this daemon does not understand the request";

/// Returns what a client wants, or why it gets none of that. `has_room`: for who waits for polls.
fn understand(line: io::Result<String>, has_room: bool) -> Result<Request, String> {
    let line = line.map_err(|error| format!("no request: {error}"))?;
    let request =
        serde_json::from_str(&line).map_err(|error| format!("{NOT_UNDERSTOOD}: {error}"))?;
    if waits_for_polls(&request) && !has_room {
        return Err(CROWDED.to_owned());
    }
    Ok(request)
}

/// Tells whether the answer comes when polls are over.
fn waits_for_polls(request: &Request) -> bool {
    matches!(request, Request::Poll { all: false, .. })
}

/// Has a request answered; `None` where the client does not wait for it any more. What is asked is done all the same.
async fn answer(
    client: &mut UnixStream,
    request: Request,
    to: &mpsc::Sender<Asked>,
) -> Option<Answer> {
    let (reply, answered) = oneshot::channel();
    let gone = || Answer::new(Verdict::Failed, "the daemon is stopping");
    if to.send(Asked { request, reply }).await.is_err() {
        return Some(gone());
    }
    tokio::select! {
        biased;
        answer = answered => Some(answer.unwrap_or_else(|_| gone())),
        () = leaves(client) => None,
    }
}

/// Waits until a client has gone. One that only has nothing more to say may still listen: it is waited for.
async fn leaves(client: &mut UnixStream) {
    let mut more = [0; 64];
    // What it says beside its request is read and forgotten.
    while client.read(&mut more).await.is_ok_and(|read| read > 0) {}
    let ends = client.ready(Interest::READABLE | Interest::WRITABLE).await;
    if ends.is_ok_and(|ends| !ends.is_write_closed()) {
        pending::<()>().await;
    }
}
