//! `merganser migrate`: brings the database up to date on purpose, with a copy of before.

use super::directory::existing;
use super::exit::{Code, Failure};
use super::progress::Bar;
use super::table::{bytes, count};
use super::{Places, backup, room};
use crate::clock::{Clock as _, SystemClock};
use crate::model::Watch;
use crate::store::{self, StateLock};
use anyhow::anyhow;
use std::fs;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
}

/// Where copies of before lie in the state directory: those of the timer are there, too.
const COPIES: &str = "backups";

/// How their names begin and end; between are the schema that the database was to get, and the instant.
const NAME: (&str, &str) = ("before-", ".db");

/// How many of them are compared: each is read through, and what an older one holds was written over long ago.
const COMPARED: usize = 2;

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
    let copies = state.join(COPIES);
    let bar = Bar::begin("looking at copies of before");
    let standing = standing(&lock, (&state, &path), &copies, &bar.watch())?;
    let size = store::size_of_copy(&path)?;
    let (copy, told) = if let Some(copy) = standing {
        let told = format!("{} is a copy of it already", copy.display());
        (copy, told)
    } else {
        refuse_without_room((&path, size), &copies, room::left(existing(&copies)))?;
        bar.turn_to("copying (MiB)");
        let copy = made((&state, &path), (&copies, to), &bar.watch());
        let copy = copy.map_err(|failure| and_room(failure, size, &copies))?;
        let told = format!("copied to {}", copy.display());
        (copy, told)
    };
    bar.clear();
    writeln!(out, "{told}")?;
    if let Some(short) = short(size, room::left(&path)) {
        writeln!(
            out,
            "migrations may write all of it anew, which takes {short}"
        )?;
    }
    let bar = Bar::begin("bringing it up to date");
    let migrated = store::migrate(&lock, &path, SystemClock.now(), &bar.watch());
    bar.clear();
    migrated.map_err(|error| {
        let stands = format!("the copy of before stands at {}", copy.display());
        wanting(Failure::from(error), size).and(&stands)
    })?;
    writeln!(out, "{}: schema {to}", path.display())?;
    Ok(())
}

/// Finds the copy that a `migrate` made which came no further: another one would take the room that it came to want.
fn standing(
    lock: &StateLock,
    (state, path): (&Path, &Path),
    copies: &Path,
    watch: &Watch,
) -> Result<Option<PathBuf>, Failure> {
    backup::clear_left(copies);
    let mut newest = of_before(copies).into_iter().rev().take(COMPARED);
    let Some(copy) = newest.find(|copy| store::is_copy(lock, copy, path, watch)) else {
        return Ok(None);
    };
    backup::give(state, &copy)?;
    Ok(Some(copy))
}

/// Makes a copy of the database of a state before it gets a schema: not one that `--keep` counts, as the way back stays until
/// somebody removes it.
fn made(
    (state, path): (&Path, &Path),
    (copies, schema): (&Path, usize),
    watch: &Watch,
) -> Result<PathBuf, Failure> {
    let before = format!("{}{schema}-", NAME.0);
    let name = backup::Name::now(&before, NAME.1);
    let copy = backup::written((state, path), copies, &name, watch)?;
    Ok(copy.path)
}

/// Refuses to begin where a copy has no room: which there has to be where the copies are.
fn refuse_without_room(
    (path, size): (&Path, u64),
    copies: &Path,
    left: Option<u64>,
) -> Result<(), Failure> {
    let Some(short) = short(size, left) else {
        return Ok(());
    };
    let (path, place) = (path.display(), copies.display());
    let told = anyhow!(
        "{path} stays as it is: a copy in {place} takes {short}; free some space, or have `merganser backup DIR` make the \
         copy elsewhere and the next start, which makes none, bring it up to date"
    );
    Err(and_earlier(Failure::new(Code::State, told), copies))
}

/// Says how much is wanted and what is left, where that is less: `about 20.0 MiB, and 5.0 MiB are free`.
fn short(wanted: u64, left: Option<u64>) -> Option<String> {
    let left = left.filter(|it| *it < wanted)?;
    Some(format!(
        "about {}, and {} are free",
        bytes(wanted),
        bytes(left)
    ))
}

/// Returns the failure of a copy with how much room it wants and who has some, where that is what lacks.
fn and_room(failure: Failure, size: u64, copies: &Path) -> Failure {
    if failure.is_for_room() {
        return and_earlier(wanting(failure, size), copies);
    }
    failure
}

/// Returns a failure with how much room may be wanted, where that is what lacks. Migrations may want more still: what they
/// write stands in the log, and then in the file as well.
fn wanting(failure: Failure, size: u64) -> Failure {
    if failure.is_for_room() {
        return failure.and(&format!("about {} may be wanted", bytes(size)));
    }
    failure
}

/// Returns a failure for want of room with the copies that take it.
fn and_earlier(failure: Failure, copies: &Path) -> Failure {
    let earlier = of_before(copies);
    let names: Vec<String> = earlier.iter().map(|it| it.display().to_string()).collect();
    if names.is_empty() {
        return failure;
    }
    failure.and(&format!(
        "copies of what it was earlier are {}",
        names.join(", ")
    ))
}

/// Returns the copies of before that are there, the oldest first.
fn of_before(copies: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(copies).into_iter().flatten().flatten();
    let is_one = |path: &PathBuf| {
        let name = path.file_name().and_then(|it| it.to_str());
        name.is_some_and(|it| it.starts_with(NAME.0) && it.ends_with(NAME.1))
    };
    let mut of_before: Vec<PathBuf> = entries.map(|it| it.path()).filter(is_one).collect();
    of_before.sort_by_cached_key(|path| made_at(path));
    of_before
}

/// Returns the instant in the name of a copy of before, as it is written there: whichever schema it was made for.
fn made_at(path: &Path) -> Option<String> {
    let (_, instant) = path.file_stem()?.to_str()?.rsplit_once('-')?;
    Some(instant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_is_told() {
        const MIB: u64 = 1 << 20;
        for (wanted, left, expected) in [
            (20, Some(20), None),
            (20, Some(19), Some("about 20.0 MiB, and 19.0 MiB are free")),
            (20, Some(0), Some("about 20.0 MiB, and 0 B are free")),
            (0, Some(0), None),
            (20, None, None),
        ] {
            let left = left.map(|it: u64| it * MIB);
            assert_eq!(short(wanted * MIB, left).as_deref(), expected);
        }
    }

    #[test]
    fn a_copy_without_room_is_not_begun() {
        let directory = tempfile::tempdir().unwrap();
        let (copies, path) = (directory.path(), Path::new("/s/a.db"));
        let refused = |left| refuse_without_room((path, 2048), copies, left);
        assert!(refused(Some(2048)).is_ok() && refused(None).is_ok());
        let words = refused(Some(1024)).unwrap_err().words();
        let place = copies.display();
        let expected = format!(
            "/s/a.db stays as it is: a copy in {place} takes about 2.0 KiB, and 1.0 KiB are free; "
        );
        assert!(words.starts_with(&expected), "{words}");
        assert!(words.contains("`merganser backup DIR`"), "{words}");
        assert!(!words.contains("earlier"), "{words}");

        let name = "before-24-20261101T120000Z.db";
        fs::write(copies.join(name), "").unwrap();
        let words = refused(Some(1024)).unwrap_err().words();
        let expected = format!("; copies of what it was earlier are {place}/{name}");
        assert!(words.ends_with(&expected), "{words}");
    }

    #[test]
    fn copies_of_before_are_told_by_age() {
        let directory = tempfile::tempdir().unwrap();
        for name in [
            "before-24-20261103T120000Z.db",
            "before-9-20261101T120000Z.db",
            "before-25-20261102T120000Z.db",
            "before-25-20261104T120000Z.db-wal",
            "merganser-20261104T120000Z.db",
        ] {
            fs::write(directory.path().join(name), "").unwrap();
        }
        let found = of_before(directory.path());
        let days: Vec<_> = found.iter().filter_map(|path| made_at(path)).collect();
        let expected = ["01", "02", "03"].map(|day| format!("202611{day}T120000Z"));
        assert_eq!(days, expected);
    }
}
