//! `[storage]`: the database and how long it remembers.

use super::problem::{Code, Fault};
use super::reading::Reading;
use super::table::Table;
use super::values::duration;
use crate::store::Settings;
use std::path::PathBuf;
use std::time::Duration;
use toml::Spanned;

/// Less would forget entries that feeds still list, or have listed minutes ago.
const SHORTEST_RETENTION: Duration = Duration::from_hours(1);

/// Reads `[storage]`, or returns what holds without it.
pub(super) fn read<'a>(root: &mut Table<'a>, reading: &mut Reading<'a>) -> Settings {
    let defaults = Settings::default();
    let Some(mut table) = root.table("storage", reading) else {
        return defaults;
    };
    let path = table.parse("path", "merganser.db", reading, path);
    let retention = table.parse("retention", "180d", reading, |text| {
        duration(text, SHORTEST_RETENTION)
    });
    let max_entries = table.integer("max-entries", 1..=u64::from(u32::MAX), reading);
    table.finish(reading);
    Settings {
        path: path.map_or(defaults.path, Spanned::into_inner),
        retention: retention.map_or(defaults.retention, Spanned::into_inner),
        max_entries,
    }
}

/// Reads the name of the database file.
fn path(text: &str) -> Result<PathBuf, Fault> {
    let path = PathBuf::from(text);
    if path.file_name().is_some() && !text.ends_with('/') && !text.contains('\0') {
        return Ok(path);
    }
    let help = "write a file name, which is looked for in the state directory: `merganser.db`";
    Err(Fault::new(Code::BadValue, "this is no file name", help))
}
