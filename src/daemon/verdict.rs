//! What feeds.toml says, read and checked, before anything of it is in force. Runs beside the loop (`errand.rs`).

use super::reload::Source;
use crate::config::{self, Code, ConfigError, Loaded, Problem};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What is asked of the file.
#[derive(Debug)]
pub(super) struct Question {
    /// The file.
    pub(super) source: Source,
    /// Files of which is asked whether they are the same.
    pub(super) meant: BTreeSet<PathBuf>,
    /// Whether it is to be read even where none of them is.
    pub(super) is_wanted: bool,
    /// The digest of a text that is no news; `None`: any is to be read, and told when it cannot be.
    pub(super) known: Option<[u8; 32]>,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Those of the files that are others.
    pub(super) strangers: BTreeSet<PathBuf>,
    /// The file; `None` where nobody wants it, or it is no news.
    pub(super) read: Option<Read>,
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct Read {
    /// Of its text; of why there is none.
    pub(super) digest: [u8; 32],
    /// What it says.
    pub(super) verdict: Result<Good, Refusal>,
}

/// A file without errors.
#[derive(Debug)]
pub(super) struct Good {
    pub(super) text: String,
    pub(super) loaded: Loaded,
    /// Its warnings as people read them.
    pub(super) report: String,
}

/// Why a file is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) report: String,
    /// Whether it is for no fault of the file.
    pub(super) has_failed: bool,
    /// Whether a check of the file finds it, too.
    pub(super) is_in_check: bool,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self {
            why,
            report: String::new(),
            has_failed: false,
            is_in_check: false,
        }
    }
}

impl Refusal {
    /// Returns one for these problems of the text.
    pub(super) fn of(problems: Vec<Problem>, source: &Source, text: &str) -> Self {
        let report = report(&problems, source, text);
        let path = source.path.clone();
        let why = ConfigError::Refused { path, problems }.to_string();
        Self {
            report,
            ..Self::from(why)
        }
    }

    /// Returns one that is for no fault of the file.
    pub(super) fn failure(why: String) -> Self {
        Self {
            has_failed: true,
            ..Self::from(why)
        }
    }
}

impl Read {
    /// Returns what there is where nothing could be read, for no fault of the file.
    pub(super) fn failure(why: String) -> Self {
        Self {
            digest: config::digest(&why),
            verdict: Err(Refusal::failure(why)),
        }
    }
}

/// Looks at the files, and reads ours where that is wanted.
pub(super) fn find(question: &Question) -> Found {
    let ours = &question.source.path;
    let meant = question.meant.iter();
    let strangers: BTreeSet<PathBuf> = meant.filter(|it| !is_same(it, ours)).cloned().collect();
    let is_wanted = question.is_wanted || strangers.len() < question.meant.len();
    Found {
        read: is_wanted.then(|| news(question)).flatten(),
        strangers,
    }
}

/// Tells whether two paths lead to one file; a file that is missing is at its path.
fn is_same(one: &Path, other: &Path) -> bool {
    let plain = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    plain(one).ok() == plain(other).ok()
}

/// Reads the file, unless it is what is known.
fn news(question: &Question) -> Option<Read> {
    let text = config::text(&question.source.path);
    if let Some(known) = question.known {
        // What cannot be read is told by whoever asks for a reload: it may be readable in a moment.
        let text = text.as_ref().ok()?;
        if config::digest(text) == known {
            return None;
        }
    }
    Some(read(&question.source, text))
}

/// Checks the text of the file, with the secrets and the rules that it names.
fn read(source: &Source, text: Result<String, ConfigError>) -> Read {
    let text = match text {
        Ok(text) => text,
        Err(error @ ConfigError::Unreadable { .. }) => return Read::failure(error.to_string()),
        Err(error) => {
            let why = error.to_string();
            return Read {
                digest: config::digest(&why),
                verdict: Err(Refusal::from(why)),
            };
        }
    };
    let digest = config::digest(&text);
    let verdict = match config::read(&text, source.environment.as_ref()) {
        Ok(loaded) => Ok(Good {
            report: report(&loaded.warnings, source, &text),
            loaded,
            text,
        }),
        Err(problems) => Err(Refusal {
            is_in_check: true,
            ..Refusal::of(problems, source, &text)
        }),
    };
    Read { digest, verdict }
}

/// Returns problems as people read them, without colours: they go to whoever asks.
fn report(problems: &[Problem], source: &Source, text: &str) -> String {
    config::render(problems, &source.path.display().to_string(), text, false)
}

/// Warnings that are logged one by one: a log is no place for a hundred.
const LOGGED: usize = 3;

/// Logs what is doubtful in a file that is taken: the first few, and how many there are beside.
pub fn log_warnings(file: &Path, warnings: &[Problem]) {
    let file = file.display();
    let listed = warnings
        .iter()
        .filter(|warning| warning.code != Code::ManyWarnings);
    for warning in listed.clone().take(LOGGED) {
        tracing::warn!("{file}:{warning}");
    }
    let more = listed.skip(LOGGED).count();
    if more > 0 {
        tracing::warn!(
            "{file}: {more} more warnings, which `merganser check --config {file}` lists"
        );
    }
}
