//! The command's end of the socket.

use super::wire::{Answer, Awaited, Request};
use jiff::Timestamp;
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

/// How long one that lives takes to say that it does, a thousand times over.
const AT_ONCE: Duration = Duration::from_secs(1);

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

/// The same for what takes its time: of who is silent for long it is told by `told` in a line, once, which hosts it waits for,
/// or that it does not say either how it is; and it is waited for on.
///
/// # Errors
/// As [`ask`].
pub fn ask_telling(
    path: &Path,
    request: &Request,
    told: &dyn Fn(&str),
) -> Result<Answer, AskError> {
    telling([SOON, AT_ONCE, PATIENCE], path, request, told)
}

/// The same, with the patience until it is looked whether it lives, for that, and in all.
pub(super) fn telling(
    [soon, at_once, patience]: [Duration; 3],
    path: &Path,
    request: &Request,
    told: &dyn Fn(&str),
) -> Result<Answer, AskError> {
    let late = || match ask_within(at_once, path, &Request::Status) {
        Ok(alive) => {
            if let Some(words) = awaited(request, &alive) {
                told(&words);
            }
        }
        Err(AskError::Late { .. }) => told(&format!(
            "the daemon at {} has not answered within {} seconds, nor says how it is: it may be stopped (SIGSTOP); \
             it is waited for, {} seconds in all",
            path.display(),
            soon.as_secs(),
            patience.as_secs()
        )),
        Err(_) => {}
    };
    asked(path, patience, |stream| {
        exchange(stream, request, (patience, Some((soon, &late))))
    })
}

/// Says for which hosts the feeds of a request wait, and until when, as the daemon tells.
fn awaited(request: &Request, told: &Answer) -> Option<String> {
    let Request::Poll { feeds, .. } = request else {
        return None;
    };
    let awaited = told.running.iter().flat_map(|it| &it.awaited);
    let ours = awaited.filter(|it| feeds.contains(&it.feed));
    let ours: Vec<(Timestamp, &Awaited)> = ours
        .filter_map(|it| Some((it.until.parse().ok()?, it)))
        .collect();
    let (until, Awaited { feed, host, .. }) = ours.iter().max_by_key(|(until, _)| *until)?;
    let until = until.strftime("%H:%M:%S UTC");
    Some(match ours.len() {
        1 => format!("{feed} waits for its host {host}, which is let rest until {until}"),
        many => format!(
            "{many} feeds wait for hosts that are let rest, the last for {host} until {until}"
        ),
    })
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
    asked(path, patience, |stream| {
        exchange(stream, request, (patience, None))
    })
}

/// Connects to the daemon at `path` and has `exchange` ask it.
fn asked(
    path: &Path,
    patience: Duration,
    exchange: impl FnOnce(UnixStream) -> io::Result<Answer>,
) -> Result<Answer, AskError> {
    let path = path.to_owned();
    let stream = match UnixStream::connect(&path) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(AskError::Forbidden { path });
        }
        Err(_) => return Err(AskError::Nobody { path }),
    };
    exchange(stream).map_err(|cause| {
        if is_late(&cause) {
            AskError::Late { path, patience }
        } else {
            AskError::Silent { path, cause }
        }
    })
}

/// Tells whether it was waited for in vain; the system has two names for it.
fn is_late(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// What is done when nothing came for so long.
type Late<'a> = (Duration, &'a dyn Fn());

/// Asks, and waits for the answer.
fn exchange(
    mut stream: UnixStream,
    request: &Request,
    (patience, late): (Duration, Option<Late<'_>>),
) -> io::Result<Answer> {
    stream.set_write_timeout(Some(patience))?;
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    stream.write_all(line.as_bytes())?;
    let mut left = patience;
    let mut reader = BufReader::new(stream.take(ANSWER_BYTES));
    if let Some((soon, late)) = late {
        reader.get_ref().get_ref().set_read_timeout(Some(soon))?;
        match reader.fill_buf() {
            Err(error) if is_late(&error) => late(),
            // Who asks was stopped meanwhile (Ctrl-Z, `fg`); it goes on waiting.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            begun => drop(begun?),
        }
        left = patience.saturating_sub(soon).max(soon);
    }
    reader.get_ref().get_ref().set_read_timeout(Some(left))?;
    let mut answer = String::new();
    reader.read_line(&mut answer)?;
    if answer.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_str(&answer)?)
}
