//! What is served: rendered into a directory that goes away again, and read back as a reader would.

use super::{Finding, Level, Subject};
use crate::cli::progress::Bar;
use crate::cli::table::count;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::daemon::{files_behind, publish_files};
use crate::parse::{self, Document};
use crate::store::{Store, StoreError};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

pub(super) const CHECK: &str = "outputs";

/// Renders what is for everybody, reads it back, and compares `publish-dir` with it; a daemon that answers knows better
/// than a look whether that is as it should be.
pub(super) fn look(config: &Config, subject: &Subject) -> Finding {
    let state = &subject.state;
    let store = match Store::look_into(&state.join(&config.storage.path)) {
        Ok(store) => store,
        Err(StoreError::Missing { .. }) if subject.is_open => {
            return Finding::ok(CHECK, "nothing is stored that could be served");
        }
        Err(_) => return Finding::skip(CHECK, "`database` tells what keeps it from being read"),
    };
    match read_back(config, &store, (state, &subject.bar)) {
        Err(reason) => {
            let next =
                "no configuration should lead to this: please tell it as a fault of merganser";
            Finding::fail(CHECK, reason, next)
        }
        Ok(seen) => files(config, &store, subject).unwrap_or_else(|| seen.finding(config)),
    }
}

/// What was rendered and read back.
#[derive(Default)]
struct Seen {
    outputs: u64,
    /// In all formats of those.
    documents: u64,
    /// Of which outputs nobody knows what they have, until a daemon has judged what is stored by their rules.
    unknown: BTreeSet<String>,
}

impl Seen {
    /// Says what was seen, and what is served and was not.
    fn finding(&self, config: &Config) -> Finding {
        let (outputs, documents) = (
            count(self.outputs, "output"),
            count(self.documents, "document"),
        );
        let mut found = format!("{outputs} in {documents} rendered, read back without a fault");
        let unknown = self.unknown.iter().map(String::as_str);
        let locked = config.locks.keys().map(String::as_str);
        for (paths, why) in [
            (locked.collect::<Vec<_>>(), "for those with a key"),
            (
                unknown.collect(),
                "waiting for a daemon to judge by its rule",
            ),
        ] {
            if !paths.is_empty() {
                found = format!("{found}; not looked at, {why}: {}", paths.join(", "));
            }
        }
        let level = match self.outputs {
            0 => Level::Skip,
            _ => Level::Ok,
        };
        Finding::new(CHECK, level, found, "")
    }
}

/// Returns what was rendered and read back, or the first fault.
fn read_back(config: &Config, store: &Store, (state, bar): (&Path, &Bar)) -> Result<Seen, String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let from = (store, state);
    bar.turn_to("outputs rendered");
    let (_, unknown) = publish_files(
        config.clone(),
        from,
        SystemClock.now(),
        (scratch.path(), &bar.watch(), &|_| ()),
    )
    .map_err(|error| error.to_string())?;
    let mut seen = Seen {
        unknown,
        ..Seen::default()
    };
    bar.turn_to("documents read back");
    let open = config.open_outputs();
    for output in open.filter(|it| !seen.unknown.contains(&it.path)) {
        for format in &output.formats {
            let name = format!("{}.{}", output.path, format.name());
            let path = scratch.path().join(&name);
            faultless(&path).map_err(|fault| format!("{name}: {fault}"))?;
            seen.documents = seen.documents.saturating_add(1);
            bar.tell(seen.documents, 0);
        }
        seen.outputs = seen.outputs.saturating_add(1);
    }
    Ok(seen)
}

/// Reads a document as a reader would; the first thing that is wrong with it is the error.
fn faultless(path: &Path) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let document = Document {
        bytes: &bytes,
        charset: Some("utf-8"),
        url: "",
    };
    let feed = parse::parse(&document).map_err(|error| error.to_string())?;
    match feed.defects.first() {
        None => Ok(()),
        Some(defect) => Err(defect.to_string()),
    }
}

/// Says that `publish-dir` is not what is served, where it is not.
fn files(config: &Config, store: &Store, subject: &Subject) -> Option<Finding> {
    let directory = subject.state.join(config.server.publish_dir.as_ref()?);
    let behind = match files_behind(config, store, &directory) {
        Ok(Some(behind)) => behind,
        Ok(None) => return Some(silent(&directory)),
        Err(error) => return Some(Finding::of_error(CHECK, &error)),
    };
    let holder = subject.holder.as_ref().ok().copied().flatten();
    if behind.is_empty() || subject.told.writes_files(holder) {
        return None;
    }
    let files = count(u64::try_from(behind.len()).unwrap_or(u64::MAX), "file");
    let shown = directory.display();
    let found = format!("{shown}: {files} behind what is served");
    let next = if holder.is_some() {
        format!("the daemon writes them within a minute: see that it may write in {shown}")
    } else {
        format!("no daemon runs that writes them: start one, or run `merganser publish {shown}`")
    };
    Some(Finding::warn(CHECK, found, next))
}

fn silent(directory: &Path) -> Finding {
    let found = format!("{} does not answer", directory.display());
    let next =
        "see that it is mounted and its server runs: the daemon writes the files when it answers";
    Finding::fail(CHECK, found, next)
}
