//! The command's end of the socket.

use super::wire::{Answer, Request};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest answer: a hundred problems with their lines are a twentieth of it.
const ANSWER_BYTES: u64 = 4 * 1024 * 1024;

/// How long the answer may take. A reload waits for the database, and systemd for the reload, a minute.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long what takes no time may take: a loop that is busy comes by within a second, and a reload may be before.
const SOON: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens there.
    #[error("no daemon is asked at {}", path.display())]
    Nobody {
        /// Where.
        path: PathBuf,
    },
    /// The socket is somebody else's.
    #[error("{} is another user's: ask as root, or as the user that runs merganser", path.display())]
    Forbidden {
        /// Where.
        path: PathBuf,
    },
    /// The daemon is there and does nothing, or works longer than anybody waits.
    #[error(
        "the daemon at {} took the request and has not answered within {} seconds: it may be stopped (SIGSTOP), or at \
         work still; `merganser status` and its log tell more, and what is asked may yet be done",
        path.display(),
        patience.as_secs()
    )]
    Late {
        /// Where.
        path: PathBuf,
        /// How long it was waited for.
        patience: Duration,
    },
    /// The daemon ended, or is another version.
    #[error("the daemon at {} gave no answer: {cause}; its log tells more", path.display())]
    Silent {
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// Asks the daemon at `path` and waits for its answer.
///
/// # Errors
/// When nobody listens there, who listens may not be asked, or gives no answer.
pub fn ask(path: &Path, request: &Request) -> Result<Answer, AskError> {
    ask_within(PATIENCE, path, request)
}

/// The same for what is answered at once.
///
/// # Errors
/// As [`ask`].
pub fn ask_soon(path: &Path, request: &Request) -> Result<Answer, AskError> {
    ask_within(SOON, path, request)
}

/// The same, with another patience.
///
/// # Errors
/// As [`ask`].
pub fn ask_within(patience: Duration, path: &Path, request: &Request) -> Result<Answer, AskError> {
    let path = path.to_owned();
    let stream = match UnixStream::connect(&path) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(AskError::Forbidden { path });
        }
        Err(_) => return Err(AskError::Nobody { path }),
    };
    exchange(stream, request, patience).map_err(|cause| match cause.kind() {
        // The system has two names for it.
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => AskError::Late { path, patience },
        _ => AskError::Silent { path, cause },
    })
}

fn exchange(mut stream: UnixStream, request: &Request, patience: Duration) -> io::Result<Answer> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    stream.write_all(line.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream.take(ANSWER_BYTES)).read_line(&mut answer)?;
    if answer.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_str(&answer)?)
}
