//! The files of a run: whether they are there, whole, and for whom.

use super::Finding;
use crate::cli::table::{bytes, count};
use crate::config::{self, Config, Loaded};
use crate::store::{self, StoreError};
use rustix::fs::{Access, access};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Bits of a mode: what others may do, and what they and the group may.
const OTHERS_WRITE: u32 = 0o002;
const OTHERS: u32 = 0o007;
const NOT_OWNER: u32 = 0o077;

fn mode(metadata: &Metadata) -> u32 {
    metadata.mode() & 0o777
}

/// Reads the configuration; secrets are for the daemon's eyes.
pub(super) fn configuration(path: &Path) -> (Option<Config>, Finding) {
    const CHECK: &str = "configuration";
    let shown = path.display();
    let text = match config::text(path) {
        Ok(text) => text,
        Err(error) => return (None, Finding::fail(CHECK, error.to_string(), "")),
    };
    let Loaded { config, warnings } = match config::read_without_secrets(&text) {
        Ok(loaded) => loaded,
        Err(problems) => {
            let problems = count(u64::try_from(problems.len()).unwrap_or(u64::MAX), "problem");
            let next = "`merganser check` tells each, and what to write instead";
            return (
                None,
                Finding::fail(CHECK, format!("{shown}: {problems}"), next),
            );
        }
    };
    let mode = fs::metadata(path).map_or(0, |it| mode(&it));
    let finding = if mode & OTHERS_WRITE != 0 {
        let found = format!("{shown}: everybody may write to it (mode {mode:o})");
        Finding::warn(CHECK, found, format!("`chmod o-w {shown}`"))
    } else {
        let number = |length| u64::try_from(length).unwrap_or(u64::MAX);
        let feeds = count(number(config.feeds.len()), "feed");
        let warnings = count(number(warnings.len()), "warning");
        Finding::ok(CHECK, format!("{shown}: {feeds}, {warnings}"))
    };
    (Some(config), finding)
}

/// Looks at the state directory.
pub(super) fn state(path: &Path) -> Finding {
    const CHECK: &str = "state";
    let shown = path.display();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return future(path),
        Err(error) => {
            let next = "run this as root, or as the user of the daemon";
            return Finding::fail(CHECK, format!("{shown}: {error}"), next);
        }
    };
    if !metadata.is_dir() {
        let next = "name a directory with --state, or move the file away";
        return Finding::fail(CHECK, format!("{shown} is no directory"), next);
    }
    if access(path, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let next = "run this as root, or as the user of the daemon";
        return Finding::fail(
            CHECK,
            format!("{shown}: this user may not write there"),
            next,
        );
    }
    let owner = metadata.uid();
    if let Some(name) = stranger(owner, &held(path)) {
        let found = format!("{shown}: {name} belongs to another user than the directory");
        let next = format!("stop the daemon, then `chown -R --reference={shown} {shown}/.`");
        return Finding::fail(CHECK, found, next);
    }
    match mode(&metadata) {
        mode if mode & NOT_OWNER != 0 => {
            let found = format!("{shown}: not for its owner alone (mode {mode:o})");
            Finding::warn(CHECK, found, format!("`chmod 700 {shown}`"))
        }
        _ => Finding::ok(CHECK, format!("{shown}, for its owner alone")),
    }
}

/// Tells whether a directory that is not there can be made.
fn future(path: &Path) -> Finding {
    const CHECK: &str = "state";
    let shown = path.display();
    let above = existing(path);
    if access(above, Access::WRITE_OK | Access::EXEC_OK).is_ok() {
        return Finding::ok(CHECK, format!("{shown} is made by the first run"));
    }
    let above = above.display();
    let found = format!("{shown} is not there, and this user may not make it in {above}");
    Finding::fail(
        CHECK,
        found,
        "name another with --state, or run this as the user of the daemon",
    )
}

/// Returns the nearest directory above that there is, or the path itself.
pub(super) fn existing(path: &Path) -> &Path {
    let here = Path::new(".");
    let found = path.ancestors().find(|it| it.exists());
    found
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(here)
}

/// Returns the files of a directory, by name, with who owns them.
fn held(directory: &Path) -> Vec<(String, u32)> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let owner = entry.metadata().ok()?.uid();
            Some((entry.file_name().to_string_lossy().into_owned(), owner))
        })
        .collect()
}

/// Returns the first file that the owner of the directory does not own: a command that root ran there leaves
/// such, and the daemon cannot write to them.
fn stranger(owner: u32, files: &[(String, u32)]) -> Option<&str> {
    let mut names: Vec<&str> = files
        .iter()
        .filter(|(_, of)| *of != owner)
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.first().copied()
}

/// Reads the database through.
pub(super) fn database(path: &Path) -> Finding {
    const CHECK: &str = "database";
    let shown = path.display();
    let condition = match store::examine(path) {
        Ok(condition) => condition,
        Err(StoreError::Missing { .. }) => {
            return Finding::ok(CHECK, format!("{shown} is made by the first run"));
        }
        Err(error) => return Finding::of_error(CHECK, &error),
    };
    let (schema, known) = (condition.schema, condition.known);
    if schema < known {
        let found = format!("{shown}: schema {schema}, and this merganser writes {known}");
        let next = "`merganser migrate` brings it up to date, with a copy of before; so does the next start, without";
        return Finding::warn(CHECK, found, next);
    }
    let (size, mode) = fs::metadata(path).map_or((0, 0), |it| (it.len(), mode(&it)));
    if mode & NOT_OWNER != 0 {
        let found = format!("{shown}: not for its owner alone (mode {mode:o})");
        return Finding::warn(CHECK, found, format!("`chmod 600 {shown}`"));
    }
    let size = bytes(size);
    Finding::ok(
        CHECK,
        format!("{shown}: {size}, schema {schema}, read through and whole"),
    )
}

/// Looks at the socket at which commands ask the daemon.
pub(super) fn control(state: &Path, sockets: &[PathBuf]) -> Finding {
    const CHECK: &str = "control";
    let Some(pid) = store::holder(state) else {
        return Finding::ok(CHECK, format!("no daemon runs on {}", state.display()));
    };
    let found = sockets.iter().find_map(|path| {
        let metadata = fs::metadata(path).ok()?;
        metadata
            .file_type()
            .is_socket()
            .then_some((path, mode(&metadata)))
    });
    match found {
        None => Finding::warn(
            CHECK,
            format!("the daemon runs (process {pid}), and has no control socket"),
            "`merganser reload` cannot ask it: start the daemon anew, its log says why there is none",
        ),
        Some((path, mode)) if mode & OTHERS != 0 => {
            let path = path.display();
            let found = format!("{path}: everybody may ask the daemon (mode {mode:o})");
            Finding::warn(CHECK, found, format!("`chmod o-rwx {path}`"))
        }
        Some((path, _)) => Finding::ok(
            CHECK,
            format!(
                "the daemon runs (process {pid}) and is asked at {}",
                path.display()
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_user_is_a_stranger() {
        let files = |owners: &[u32]| -> Vec<(String, u32)> {
            let names = ["merganser.db", "merganser.db-wal", "archives"];
            names
                .map(str::to_owned)
                .into_iter()
                .zip(owners.iter().copied())
                .collect()
        };
        assert_eq!(stranger(7, &[]), None);
        assert_eq!(stranger(7, &files(&[7, 7, 7])), None);
        assert_eq!(stranger(7, &files(&[7, 0, 7])), Some("merganser.db-wal"));
        assert_eq!(stranger(7, &files(&[0, 0, 0])), Some("archives"));
    }
}
