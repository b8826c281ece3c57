//! The files of a run: whether they are there, whole, and for whom.

use super::{Finding, Level, Subject};
use crate::cli::Places;
use crate::cli::check::verdict;
use crate::cli::directory::existing;
use crate::cli::table::{bytes, count};
use crate::config::{self, Config, Loaded};
use crate::store::{self, StoreError};
use crate::text::FULL;
use rustix::fs::{Access, access};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Bits of a mode: what others may do, and what they and the group may.
const OTHERS_WRITE: u32 = 0o002;
pub(super) const OTHERS: u32 = 0o007;
const NOT_OWNER: u32 = 0o077;

pub(super) fn mode(metadata: &Metadata) -> u32 {
    metadata.mode() & 0o777
}

/// What could be read of the configuration.
#[derive(Default)]
pub(super) struct Read {
    /// All of it, where it has no problems.
    pub(super) config: Option<Config>,
    /// Where the database is in the state directory, which can be read of a file with problems, too.
    pub(super) storage: Option<PathBuf>,
}

/// Reads the configuration; secrets are for the daemon's eyes.
pub(super) fn configuration(places: &Places) -> (Read, Finding) {
    const CHECK: &str = "configuration";
    let path = places.config();
    let shown = path.display();
    let text = match places.text() {
        Ok(text) => text,
        Err(error) => return (Read::default(), Finding::of_error(CHECK, &error)),
    };
    let Loaded { config, warnings } = match config::read_without_secrets(&text) {
        Ok(loaded) => loaded,
        Err(problems) => {
            let found = verdict(&path, &problems);
            let next = "`merganser check` tells each, and what to write instead";
            let read = Read {
                config: None,
                storage: config::storage_path(&text),
            };
            return (read, Finding::fail(CHECK, found, next));
        }
    };
    let mode = fs::metadata(&path).map_or(0, |it| mode(&it));
    let finding = if mode & OTHERS_WRITE != 0 {
        let found = format!("{shown}: everybody may write to it (mode {mode:o})");
        Finding::warn(CHECK, found, format!("`chmod o-w {shown}`"))
    } else {
        let number = |length| u64::try_from(length).unwrap_or(u64::MAX);
        let feeds = count(number(config.feeds.len()), "feed");
        let warnings = count(number(warnings.len()), "warning");
        Finding::ok(CHECK, format!("{shown}: {feeds}, {warnings}"))
    };
    let read = Read {
        storage: Some(config.storage.path.clone()),
        config: Some(config),
    };
    (read, finding)
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

/// Tells whether this user may make files in a directory, or make that.
pub(super) fn is_open(path: &Path) -> bool {
    let at = existing(path);
    at.is_dir() && access(at, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// Tells whether a directory that is not there can be made.
fn future(path: &Path) -> Finding {
    const CHECK: &str = "state";
    let shown = path.display();
    if is_open(path) {
        return Finding::ok(CHECK, format!("{shown} is made by the first run"));
    }
    let above = existing(path).display();
    let found = format!("{shown} is not there, and this user may not make it in {above}");
    Finding::fail(
        CHECK,
        found,
        "name another with --state, or run this as the user of the daemon",
    )
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

/// The check of the database.
const DATABASE: &str = "database";

/// Reads the database through, and asks the daemon that runs by it: what is whole may not be what that has open.
pub(super) fn database(subject: &Subject) -> Finding {
    let read = read_through(subject);
    let words = match subject.holder {
        Ok(Some(_)) if read.level != Level::Fail => subject.told.of_database(),
        _ => None,
    };
    let Some(words) = words else {
        return read;
    };
    // Its advice is to ask here.
    let words = words.split("; `merganser doctor`").next().unwrap_or(words);
    Finding::fail(
        DATABASE,
        format!("{}; but the daemon that runs says: {words}", read.found),
        against(words),
    )
}

/// Says what helps against what a daemon says of its database. On a full disk none starts: the one that runs is to be kept.
fn against(words: &str) -> &'static str {
    if words.contains(FULL) {
        return "make room, or raise the quota of its user: the daemon goes on within a minute, and none starts before";
    }
    "start the daemon anew if another file was put in its place; else its log tells what it met"
}

/// Reads it through. One that this user may not read is no fault of a state that is another's.
fn read_through(subject: &Subject) -> Finding {
    let Some(path) = &subject.database else {
        return Finding::skip(DATABASE, "feeds.toml says where it is");
    };
    let shown = path.display();
    let condition = match store::examine(path, &subject.bar.watch()) {
        Ok(condition) => condition,
        Err(StoreError::Missing { .. }) if subject.is_open => {
            return Finding::ok(DATABASE, format!("{shown} is made by the first run"));
        }
        Err(StoreError::Missing { .. }) => {
            return Finding::skip(DATABASE, "there is none, and this user may make none");
        }
        Err(error) if !subject.is_open && error.kind() == "denied" => {
            return Finding::skip(DATABASE, Finding::of_error(DATABASE, &error).found);
        }
        Err(error) => return Finding::of_error(DATABASE, &error),
    };
    let (schema, known) = (condition.schema, condition.known);
    if schema < known {
        let found = format!("{shown}: schema {schema}, and this merganser writes {known}");
        let next = "`merganser migrate` brings it up to date, with a copy of before; so does the next start, without";
        return Finding::warn(DATABASE, found, next);
    }
    let (size, mode) = fs::metadata(path).map_or((0, 0), |it| (it.len(), mode(&it)));
    if mode & NOT_OWNER != 0 {
        let found = format!("{shown}: not for its owner alone (mode {mode:o})");
        return Finding::warn(DATABASE, found, format!("`chmod 600 {shown}`"));
    }
    let size = bytes(size);
    Finding::ok(
        DATABASE,
        format!("{shown}: {size}, schema {schema}, read through and whole"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R5: a restart is no advice where it would end what still serves readers.
    #[test]
    fn on_a_full_disk_room_is_made() {
        let path = || PathBuf::from("/srv/merganser.db");
        for (error, word) in [
            (StoreError::Full { path: path() }, "make room"),
            (StoreError::Busy { path: path() }, "start the daemon"),
        ] {
            let next = against(&error.to_string());
            assert!(next.starts_with(word), "{error}: {next}");
        }
    }

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
