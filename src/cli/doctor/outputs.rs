//! What is served: rendered into a directory that goes away again, and read back as a reader would.

use super::Finding;
use crate::cli::status::told::Told;
use crate::cli::table::count;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::daemon::{files_behind, publish_files};
use crate::model::Watch;
use crate::parse::{self, Document};
use crate::store::{self, Store};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const CHECK: &str = "outputs";

/// How the files of feeds end.
const FEEDS: [&str; 2] = ["atom", "rss"];

/// Renders what is for everybody, reads it back, and compares `publish-dir` with it; a daemon that answers knows better
/// than a look whether that is as it should be.
pub(super) fn look(config: &Config, state: &Path, told: &Told) -> Finding {
    let database = state.join(&config.storage.path);
    if !database.exists() {
        return Finding::ok(CHECK, "nothing is stored that could be served");
    }
    let store = match Store::look_into(&database) {
        Ok(store) => store,
        Err(error) => return Finding::of_error(CHECK, &error),
    };
    match read_back(config, &store, state) {
        Err(reason) => {
            let next =
                "no configuration should lead to this: please tell it as a fault of merganser";
            Finding::fail(CHECK, reason, next)
        }
        Ok(number) => files(config, &store, state, told).unwrap_or_else(|| {
            let feeds = count(number, "feed");
            Finding::ok(
                CHECK,
                format!("{feeds} rendered, read back without a fault"),
            )
        }),
    }
}

/// Returns how many feeds were rendered and read back, or the first fault.
fn read_back(config: &Config, store: &Store, state: &Path) -> Result<u64, String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let from = (store, state);
    publish_files(
        config.clone(),
        from,
        SystemClock.now(),
        (scratch.path(), &Watch::default(), &|_| ()),
    )
    .map_err(|error| error.to_string())?;
    let paths = feeds(scratch.path()).map_err(|error| error.to_string())?;
    for path in &paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        faultless(path).map_err(|fault| format!("{name}: {fault}"))?;
    }
    Ok(u64::try_from(paths.len()).unwrap_or(u64::MAX))
}

fn feeds(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|it| it.to_str());
        if extension.is_some_and(|it| FEEDS.contains(&it)) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
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
fn files(config: &Config, store: &Store, state: &Path, told: &Told) -> Option<Finding> {
    let directory = state.join(config.server.publish_dir.as_ref()?);
    let behind = match files_behind(config, store, &directory) {
        Ok(Some(behind)) => behind,
        Ok(None) => return Some(silent(&directory)),
        Err(error) => return Some(Finding::of_error(CHECK, &error)),
    };
    if behind.is_empty() || told.writes_files(store::holder(state)) {
        return None;
    }
    let files = count(u64::try_from(behind.len()).unwrap_or(u64::MAX), "file");
    let shown = directory.display();
    let found = format!("{shown}: {files} behind what is served");
    let next = format!("the daemon writes them within a minute: see that it may write in {shown}");
    Some(Finding::warn(CHECK, found, next))
}

fn silent(directory: &Path) -> Finding {
    let found = format!("{} does not answer", directory.display());
    let next =
        "see that it is mounted and its server runs: the daemon writes the files when it answers";
    Finding::fail(CHECK, found, next)
}
