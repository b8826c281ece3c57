//! `[storage]`: the database and how long it remembers.

use super::problem::{Code, Fault};
use super::reading::Reading;
use super::salvage::readable;
use super::table::Table;
use super::values::duration;
use crate::store::Settings;
use std::path::{Component, PathBuf};
use std::time::Duration;
use toml::Spanned;
use toml::de::DeTable;

/// Less would forget entries that feeds still list, or have listed minutes ago.
const SHORTEST_RETENTION: Duration = Duration::from_hours(1);

/// Its keys.
const KEYS: [&str; 3] = ["path", "retention", "max-entries"];

/// Reads `[storage]`, or returns what holds without it.
pub(super) fn read<'a>(root: &mut Table<'a>, reading: &mut Reading<'a>) -> Settings {
    let defaults = Settings::default();
    let Some(mut table) = root.table("storage", reading) else {
        return defaults;
    };
    let path = table.parse("path", "merganser.db", reading, path);
    let retention = retention(&mut table, reading);
    let max_entries = max_entries(&mut table, reading);
    table.finish(reading);
    Settings {
        path: path.map_or(defaults.path, Spanned::into_inner),
        retention: retention.map_or(defaults.retention, Spanned::into_inner),
        max_entries,
        ..defaults
    }
}

/// Returns `path` of a text that may be no configuration, as far as that can be read: what a copy of the database wants of
/// it, which is not to wait until a query is mended. `None` where what it says is no such path: which database is meant,
/// nobody knows then.
pub fn storage_path(text: &str) -> Option<PathBuf> {
    let text = readable(text);
    let (document, _) = DeTable::parse_recoverable(&text);
    let document = document.get_ref();
    let Some(section) = document.get("storage") else {
        // A table that has it under another name is this one with a slip.
        let mut tables = document.values().filter_map(|it| it.get_ref().as_table());
        let is_elsewhere = tables.any(|it| it.contains_key("path"));
        return (!is_elsewhere).then(|| Settings::default().path);
    };
    let section = section.get_ref().as_table()?;
    if let Some(written) = section.get("path") {
        return path(written.get_ref().as_str()?).ok();
    }
    // So is a key that it does not have.
    let is_known = |key: &str| KEYS.contains(&key);
    let mut keys = section.keys().map(|it| it.get_ref().as_ref());
    keys.all(is_known).then(|| Settings::default().path)
}

/// Reads `retention`, of all or of a feed.
pub(super) fn retention<'a>(
    table: &mut Table<'a>,
    reading: &mut Reading<'a>,
) -> Option<Spanned<Duration>> {
    table.parse("retention", "180d", reading, |text| {
        duration(text, SHORTEST_RETENTION)
    })
}

/// Reads `max-entries`, of all or of a feed.
pub(super) fn max_entries<'a>(table: &mut Table<'a>, reading: &mut Reading<'a>) -> Option<u64> {
    table.integer("max-entries", 1..=u64::from(u32::MAX), reading)
}

/// Reads the name of the database file. It lies in the state directory, which one process holds at a time: of
/// a file elsewhere, two state directories could have a writer each.
fn path(text: &str) -> Result<PathBuf, Fault> {
    let wrong = |message: &str| {
        let help = "write a file name, which is looked for in the state directory: `merganser.db`";
        Err(Fault::new(Code::BadValue, message, help))
    };
    let path = PathBuf::from(text);
    let is_inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !path.components().all(is_inside) {
        return wrong("the database lies in the state directory, which `--state` names");
    }
    if path.file_name().is_none() || text.ends_with('/') || text.contains('\0') {
        return wrong("this is no file name");
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database that is not meant is neither copied nor packed.
    #[test]
    fn a_file_with_mistakes_tells_of_its_database_or_not() {
        let default = Settings::default().path;
        let path = |path: &str| Some(PathBuf::from(path));
        for (text, expected) in [
            ("", Some(default.clone())),
            ("[[", Some(default.clone())),
            (
                "[storage]\npath = \"other.db\"\nx = 1\n[[",
                path("other.db"),
            ),
            (
                "[fetch]\nallow-networks = [\"10.0.0.0/8\"\n[storage]\npath = \"other.db\"\n",
                path("other.db"),
            ),
            ("[storage]\npath = \"../other.db\"\n", None),
            ("[storage]\npath = 1\n", None),
            ("[storage]\npaht = \"other.db\"\n", None),
            ("[storge]\npath = \"other.db\"\n", None),
            ("[[storage]]\npath = \"other.db\"\n", None),
            ("storage = \"other.db\"\n", None),
            (
                "[storage]\nretention = \"soon\"\n[[output]]\npath = \"all\"\n",
                Some(default),
            ),
            ("[storage]\npath = other.db\n", path("other.db")),
        ] {
            assert_eq!(storage_path(text), expected, "{text}");
        }
    }

    /// R12: the lock of the state directory is that of the database.
    #[test]
    fn r12_the_database_lies_in_the_state_directory() {
        for (text, is_taken) in [
            ("merganser.db", true),
            ("./merganser.db", true),
            ("db/merganser.db", true),
            ("..db", true),
            ("/var/lib/merganser/merganser.db", false),
            ("../merganser.db", false),
            ("db/../../merganser.db", false),
            ("..", false),
            ("/", false),
            (".", false),
            ("db/", false),
            ("", false),
            ("a\0b", false),
        ] {
            assert_eq!(path(text).is_ok(), is_taken, "{text:?}");
        }
    }
}
