//! `merganser migrate`: brings the database up to date on purpose, with a copy of before.

use super::exit::Failure;
use super::progress::Bar;
use super::table::count;
use super::{Places, backup};
use crate::clock::{Clock as _, SystemClock};
use crate::store;
use std::io::{Write as _, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Where copies of before lie in the state directory: those of the timer are there, too.
const COPIES: &str = "backups";

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let (state, path) = (places.state()?, places.database()?);
    let mut out = stdout().lock();
    let before = store::condition(&path)?;
    let lacking = before.lacking();
    if lacking.is_empty() {
        let schema = before.schema;
        writeln!(out, "{}: schema {schema}, up to date", path.display())?;
        return Ok(());
    }
    let number = u64::try_from(lacking.len()).unwrap_or(u64::MAX);
    let (from, to) = (before.schema, before.known);
    let steps = count(number, "migration");
    writeln!(
        out,
        "{}: schema {from} of {to}, {steps} lacking",
        path.display()
    )?;
    for name in &lacking {
        writeln!(out, "  {name}")?;
    }
    if options.dry_run {
        writeln!(
            out,
            "nothing was changed; without --dry-run a copy is made, and then these"
        )?;
        return Ok(());
    }
    let lock = store::lock(&state)?;
    let now = SystemClock.now();
    // Not by a name that `--keep` counts: the way back stays until somebody removes it.
    let name = format!("before-{to}-{}.db", now.strftime("%Y%m%dT%H%M%SZ"));
    let bar = Bar::begin("copying (MiB)");
    let copies = state.join(COPIES);
    let copy = backup::written((&state, &path), &copies, &name, &bar.watch())?;
    bar.turn_to("bringing it up to date");
    let migrated = store::migrate(&lock, &path, now, &bar.watch());
    bar.clear();
    writeln!(out, "copied to {}", copy.path.display())?;
    migrated?;
    writeln!(out, "{}: schema {to}", path.display())?;
    Ok(())
}
