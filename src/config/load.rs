//! From a path to the text of a `feeds.toml`.

use super::file::{self, FileError};
use super::lines::Lines;
use super::{Code, Loaded, Position, Problem, read};
use std::io;
use std::path::{Path, PathBuf};

/// A hundred times the size of a file with a thousand feeds; a device or a log by mistake is larger.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error(
        "no configuration at {}{}: `merganser add ADDRESS` begins one, `merganser print example` prints the one that comes with merganser, --config names another", path.display(),
        also.as_ref().map(|it| format!(" or {}", it.display())).unwrap_or_default()
    )]
    Missing {
        /// Where it was looked for,
        path: PathBuf,
        /// and where else, after that.
        also: Option<PathBuf>,
    },
    /// There is no such file, which was named.
    #[error("there is no file {}, which was named as the configuration: put one there, or name another", path.display())]
    NotThere {
        /// Its path.
        path: PathBuf,
    },
    /// The path leads to a directory.
    #[error("{} is a directory: name the file in it, such as {}", path.display(), path.join("feeds.toml").display())]
    Directory {
        /// The path.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("{} cannot be read: {cause}; the user that runs merganser must be able to", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The path leads to a pipe, a socket or a device.
    #[error("{} is {what}, no file: write it to a file, and name that", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
        /// What it is, with its article.
        what: &'static str,
    },
    /// The file is not UTF-8.
    #[error("{} is not UTF-8 text: line {} has other bytes; save it as UTF-8", path.display(), at.line)]
    NotText {
        /// The path.
        path: PathBuf,
        /// The first byte at fault.
        at: Position,
    },
    /// The file is larger than any configuration.
    #[error("{} has more than {} MiB: this is no feeds.toml", path.display(), LARGEST / 1024 / 1024)]
    TooLarge {
        /// The path.
        path: PathBuf,
    },
    /// The file was read and refused.
    #[error("{} is refused: {}", path.display(), first(problems))]
    Refused {
        /// The path.
        path: PathBuf,
        /// All that is wrong with it, at least one error among them.
        problems: Vec<Problem>,
    },
}

impl ConfigError {
    /// Says where else a file was looked for that is not there.
    #[must_use]
    pub fn not_at(self, other: &Path) -> Self {
        match self {
            Self::Missing { path, .. } => Self::Missing {
                path,
                also: Some(other.to_owned()),
            },
            other => other,
        }
    }

    /// Says that the file was named: how one begins is no news to who has one.
    #[must_use]
    pub fn of_named(self) -> Self {
        match self {
            Self::Missing { path, .. } => Self::NotThere { path },
            other => other,
        }
    }

    /// Tells whether there is no file at all where one was named.
    pub fn is_misnamed(&self) -> bool {
        matches!(
            self,
            Self::NotThere { .. } | Self::Directory { .. } | Self::NoFile { .. }
        )
    }

    /// Returns what is wrong at one place of a file that is no text, as a problem of it.
    pub fn problem(&self) -> Option<Problem> {
        let Self::NotText { at, .. } = self else {
            return None;
        };
        let end = Position {
            column: at.column + 1,
            ..*at
        };
        Some(Problem {
            code: Code::NotUtf8,
            severity: Code::NotUtf8.severity(),
            span: 0..0,
            start: *at,
            end,
            message: "a byte here is not UTF-8 text".to_owned(),
            help: "save the file as UTF-8".to_owned(),
            related: None,
        })
    }
}

/// Says the first error in one line, for logs, and how many problems there are.
fn first(problems: &[Problem]) -> String {
    let mut errors = problems
        .iter()
        .filter(|problem| problem.severity == super::Severity::Error);
    let first = errors.next().map(ToString::to_string).unwrap_or_default();
    match errors.count() {
        0 => first,
        more => format!("{first}, and {more} more"),
    }
}

/// Reads and checks the configuration at `path`.
///
/// # Errors
///
/// The file is not there, is a directory, cannot be read, is not UTF-8, is too large, or has at least
/// one error in it. To show people the lines at fault, take [`text`], [`read`] and
/// [`render`](super::render()) one by one.
pub fn load(
    path: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, ConfigError> {
    let text = text(path)?;
    read(&text, environment).map_err(|problems| ConfigError::Refused {
        path: path.to_owned(),
        problems,
    })
}

/// Returns the text of the configuration at `path`, unchecked.
///
/// # Errors
///
/// Those of [`load`], but for what is wrong in the text.
pub fn text(path: &Path) -> Result<String, ConfigError> {
    let bytes = file::bytes(path, LARGEST).map_err(|error| unreadable(path, error))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let good = error.as_bytes().get(..good).unwrap_or_default();
        let good = String::from_utf8_lossy(good);
        ConfigError::NotText {
            path: path.to_owned(),
            at: Lines::of(&good).position(good.len()),
        }
    })
}

fn unreadable(path: &Path, error: FileError) -> ConfigError {
    let path = path.to_owned();
    let cause = match error {
        FileError::NoFile(what) => return ConfigError::NoFile { path, what },
        FileError::TooLarge(_) => return ConfigError::TooLarge { path },
        FileError::System(cause) => cause,
    };
    match cause.kind() {
        io::ErrorKind::NotFound => ConfigError::Missing { path, also: None },
        io::ErrorKind::IsADirectory => ConfigError::Directory { path },
        _ => ConfigError::Unreadable { path, cause },
    }
}
