//! `merganser migrate`: brings the database up to date on purpose, with a copy of before.

use super::exit::Failure;
use super::progress::Bar;
use super::table::count;
use super::{Places, backup};
use crate::clock::{Clock as _, SystemClock};
use crate::store;
use anyhow::Context as _;
use rustix::fs::OFlags;
use rustix::io::Errno;
use std::fs::{self, File};
use std::io::{self, Write as _, stdout};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Where copies of before lie in the state directory: those of the timer are there, too.
const COPIES: &str = "backups";

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let config = places.load_without_secrets()?;
    let state = places.state()?;
    let path = state.join(&config.storage.path);
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
    let failed = |path: &Path| {
        format!(
            "{} cannot be given to the owner of the state",
            path.display()
        )
    };
    fs::create_dir_all(&copies).map_err(|error| backup::failed(&copies, error))?;
    hand_over(&state, &copies).with_context(|| failed(&copies))?;
    let copy = backup::written(&path, &copies, &name, &bar.watch())?;
    hand_over(&state, &copy.path).with_context(|| failed(&copy.path))?;
    bar.turn_to("bringing it up to date");
    let migrated = store::migrate(&lock, &path, now, &bar.watch());
    bar.clear();
    writeln!(out, "copied to {}", copy.path.display())?;
    migrated?;
    writeln!(out, "{}: schema {to}", path.display())?;
    Ok(())
}

/// The user of the system who may do all.
const ROOT: u32 = 0;

/// Gives what root has made in the state of a service to whose that is, which could not put copies there else.
///
/// Who owns the state may have put a link there, to have something else given away: none is followed, and what has
/// another name elsewhere stays root's.
fn hand_over(state: &Path, made: &Path) -> io::Result<()> {
    let of_state = fs::metadata(state)?;
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).map_err(io::Error::other)?;
    let made = match File::options().read(true).custom_flags(flags).open(made) {
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => return Ok(()),
        made => made?,
    };
    let is = made.metadata()?;
    if is.uid() != ROOT || of_state.uid() == ROOT || (is.is_file() && is.nlink() > 1) {
        return Ok(());
    }
    fchown(&made, Some(of_state.uid()), Some(of_state.gid()))
}
