//! The daemon that runs, and the socket at which commands ask it.

use super::files::{OTHERS, mode};
use super::{Finding, Subject};
use crate::control::AskError;
use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

const CHECK: &str = "control";

/// Looks at the sockets, the likeliest first, of who holds the state.
pub(super) fn look(subject: &Subject, sockets: &[PathBuf], config: &Path) -> Finding {
    let state = subject.state.display();
    let pid = match &subject.holder {
        Ok(None) => return Finding::ok(CHECK, format!("no daemon runs on {state}")),
        Ok(Some(pid)) => pid,
        Err(error) => {
            return Finding::skip(CHECK, format!("whether a daemon runs on {state}: {error}"));
        }
    };
    let found = sockets.iter().find_map(|path| {
        let metadata = fs::metadata(path).ok()?;
        let is_socket = metadata.file_type().is_socket();
        is_socket.then(|| (path.display(), mode(&metadata)))
    });
    let Some((path, mode)) = found else {
        return Finding::warn(
            CHECK,
            format!("the daemon runs (process {pid}), and has no control socket"),
            "`merganser reload` cannot ask it: start the daemon anew, its log says why there is none",
        );
    };
    match &subject.told.unanswered {
        Some(error @ AskError::Forbidden { .. }) => {
            return Finding::skip(
                CHECK,
                format!("the daemon runs (process {pid}), and {error}"),
            );
        }
        Some(error) => return Finding::of_error(CHECK, error),
        None if subject.told.running.is_none() => {
            return Finding::warn(
                CHECK,
                format!("process {pid} holds the state, and nobody answers at {path}"),
                "it is a command that ends by itself, or a daemon that could not listen there: its log says why",
            );
        }
        None => {}
    }
    if mode & OTHERS != 0 {
        let found = format!("{path}: everybody may ask the daemon (mode {mode:o})");
        return Finding::warn(CHECK, found, format!("`chmod o-rwx {path}`"));
    }
    if let Some((pid, theirs)) = subject.told.of_another_file(config) {
        let found = format!(
            "the daemon runs (process {pid}) by {}, not by {}",
            theirs.display(),
            config.display()
        );
        let next = "name its file with --config, or with --state the directory of the daemon that is meant";
        return Finding::warn(CHECK, found, next);
    }
    if let Some((pid, theirs)) = subject.told.of_unseen_file(config) {
        let found = format!(
            "the daemon runs (process {pid}) by {}, which is not to be seen from here, and has not read what is in {}",
            theirs.display(),
            config.display()
        );
        let next = "put its file back if that is gone, or name with --state the directory of the daemon that is meant";
        return Finding::warn(CHECK, found, next);
    }
    if subject.told.of_unread_text(config).is_some() {
        let found = format!(
            "the daemon runs (process {pid}), and {} was changed since it read it",
            config.display()
        );
        return Finding::warn(CHECK, found, "`merganser reload --wait` puts that in force");
    }
    let found = format!("the daemon runs (process {pid}) and is asked at {path}");
    Finding::ok(CHECK, found)
}
