//! `merganser backup DIR` and `merganser vacuum`: copies of the database, and less room for it.

use super::Places;
use super::directory;
use super::exit::{Code, Failure};
use super::owner::hand_over;
use super::progress::Bar;
use super::table::bytes;
use crate::clock::{Clock as _, SystemClock};
use crate::model::Watch;
use crate::store::{self, StoreError};
use crate::text::is_for_room;
use anyhow::{Context as _, anyhow};
use jiff::{SignedDuration, Timestamp};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _, stdout};
use std::iter;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The directory for copies, made where it is not there
    #[arg(value_name = "DIR", value_parser = directory::parser())]
    directory: PathBuf,
    /// Keep so many of the newest copies there, and remove older ones
    #[arg(long, value_name = "N", allow_negative_numbers = true,
          value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

/// How the names of copies begin and end; between is the instant, so that their order is that of time.
const NAME: (&str, &str) = ("merganser-", ".db");

/// Mode of copies: what the database holds is for its owner alone.
const PRIVATE: u32 = 0o600;

/// How directories are called in which copies are made, and who may look into them: the copy in it has no mode of its
/// own until it is there.
const SCRATCH: &str = ".merganser-backup-";
const PRIVATE_DIRECTORY: u32 = 0o700;

/// How a copy is called, but for the instant in its name where another one has that.
pub(super) struct Name<'n> {
    before: &'n str,
    at: Timestamp,
    after: &'n str,
}

impl<'n> Name<'n> {
    /// Returns the name of a copy that is made now: what stands before the instant, and after it.
    pub(super) fn now(before: &'n str, after: &'n str) -> Self {
        let at = SystemClock.now();
        Self { before, at, after }
    }

    /// Returns the names that it may have, the first one that is free: of this second or, since a copy that is there stays,
    /// of one after it. So the order of names stays that of copies.
    fn each(&self) -> impl Iterator<Item = String> {
        let later = |at: &Timestamp| at.checked_add(SignedDuration::from_secs(1)).ok();
        iter::successors(Some(self.at), later).map(|at| {
            let at = at.strftime("%Y%m%dT%H%M%SZ");
            format!("{}{at}{}", self.before, self.after)
        })
    }
}

/// A copy that has its name.
pub(super) struct Copy {
    pub(super) path: PathBuf,
    size: u64,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let (state, from) = (places.state()?, places.database()?);
    let directory = &options.directory;
    let bar = Bar::begin("copying (MiB)");
    let name = Name::now(NAME.0, NAME.1);
    let copy = written((&state, &from), directory, &name, &bar.watch())?;
    bar.clear();
    let mut out = stdout().lock();
    writeln!(
        out,
        "{}: {}, read through and whole",
        copy.path.display(),
        bytes(copy.size)
    )?;
    let removed = match options.keep {
        Some(keep) => thinned(directory, keep).map_err(|error| failed(directory, error))?,
        None => 0,
    };
    match removed {
        0 => {}
        1 => writeln!(out, "1 older copy removed")?,
        some => writeln!(out, "{some} older copies removed")?,
    }
    Ok(())
}

fn failed(directory: &Path, error: io::Error) -> Failure {
    if is_for_room(&error) {
        let path = directory.to_path_buf();
        return StoreError::Full { path }.into();
    }
    let error = match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            anyhow!("a file is there, name a directory")
        }
        _ => anyhow::Error::new(error),
    };
    let error = error.context(format!("{} cannot be written", directory.display()));
    Failure::new(Code::State, error)
}

/// Writes a copy of the database `from` of a state into a directory under a name, whole or not at all, and over none that is
/// there. In the state itself
/// it belongs to whose that is, as the directory does.
pub(super) fn written(
    (state, from): (&Path, &Path),
    directory: &Path,
    name: &Name<'_>,
    watch: &Watch,
) -> Result<Copy, Failure> {
    if from.try_exists().is_ok_and(|is_there| !is_there) {
        // Before a directory is made for nothing.
        let path = from.to_path_buf();
        return Err(StoreError::Missing { path }.into());
    }
    let failed = |error| failed(directory, error);
    make(directory).map_err(failed)?;
    give(state, directory)?;
    let to = directory.join(name.each().next().unwrap_or_default());
    let scratch = Scratch::enter(directory).map_err(failed)?;
    let part = scratch.place.path().join("copy");
    store::copy(from, &part, watch).map_err(|error| error.renamed(&part, &to))?;
    let copy = published(&part, directory, name).map_err(failed)?;
    // As long as that is there, the copy has two names.
    drop(scratch);
    give(state, &copy.path)?;
    Ok(copy)
}

/// Makes a directory for copies that nobody else may look into, and those above it; one that is there stays as it is.
fn make(directory: &Path) -> io::Result<()> {
    if let Some(above) = directory.parent() {
        fs::create_dir_all(above)?;
    }
    match DirBuilder::new().mode(PRIVATE_DIRECTORY).create(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        made => made,
    }
}

/// Gives what was made in a state to whose that is.
pub(super) fn give(state: &Path, made: &Path) -> Result<(), Failure> {
    hand_over(state, made).map_err(|error| {
        let made = made.display();
        let error = anyhow::Error::new(error);
        Failure::from(error.context(format!("{made} cannot be given to the owner of the state")))
    })
}

/// A directory that a copy is made in, which nobody else may look into.
struct Scratch {
    place: TempDir,
    /// Locked until the copy is made; the system lets go of it when the process is killed.
    _lock: File,
}

impl Scratch {
    /// Makes one, and removes those that killed processes left.
    fn enter(directory: &Path) -> io::Result<Self> {
        clear_left(directory);
        let place = tempfile::Builder::new()
            .prefix(SCRATCH)
            .permissions(fs::Permissions::from_mode(PRIVATE_DIRECTORY))
            .tempdir_in(directory)?;
        let lock = File::open(place.path())?;
        // A file system that knows no locks does for one copy at a time: nothing is removed there.
        lock.try_lock().ok();
        Ok(Self { place, _lock: lock })
    }
}

/// Removes what killed processes left in a directory for copies: each may be as large as the database.
pub(super) fn clear_left(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_scratch = entry.file_name().to_string_lossy().starts_with(SCRATCH);
        if is_scratch && entry.file_type().is_ok_and(|it| it.is_dir()) {
            remove_left(&entry.path());
        }
    }
}

/// Removes a directory that no process works in. What is not ours to remove stays.
fn remove_left(path: &Path) {
    if File::open(path).is_ok_and(|lock| lock.try_lock().is_ok()) {
        fs::remove_dir_all(path).ok();
    }
}

/// Puts a copy that is on the disk under its name, or the next one that is free: another may be made at the same time.
fn published(part: &Path, directory: &Path, name: &Name<'_>) -> io::Result<Copy> {
    let file = File::options().read(true).write(true).open(part)?;
    file.set_permissions(fs::Permissions::from_mode(PRIVATE))?;
    file.sync_all()?;
    for name in name.each() {
        let path = directory.join(name);
        match fs::hard_link(part, &path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            linked => {
                linked?;
                File::open(directory)?.sync_all()?;
                let size = file.metadata()?.len();
                return Ok(Copy { path, size });
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Removes all copies but the newest; files of other names stay. Returns how many went.
fn thinned(directory: &Path, keep: u32) -> io::Result<u64> {
    let mut copies: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(is_copy) && entry.file_type()?.is_file() {
            copies.push(entry.path());
        }
    }
    copies.sort();
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    let old = copies.len().saturating_sub(keep);
    for path in copies.iter().take(old) {
        fs::remove_file(path)?;
    }
    Ok(u64::try_from(old).unwrap_or(u64::MAX))
}

/// Tells whether a name is one that copies get: `merganser-20261126T140500Z.db`.
fn is_copy(name: &str) -> bool {
    let instant = name
        .strip_prefix(NAME.0)
        .and_then(|it| it.strip_suffix(NAME.1));
    instant.is_some_and(|instant| {
        let like = |(c, pattern): (char, char)| match pattern {
            '0' => c.is_ascii_digit(),
            pattern => c == pattern,
        };
        let pattern = "00000000T000000Z";
        instant.len() == pattern.len() && instant.chars().zip(pattern.chars()).all(like)
    })
}

/// Gives back what the database no longer needs of the disk; no daemon may run.
pub(super) fn vacuum(places: &Places) -> Result<(), Failure> {
    let (state, path) = (places.state()?, places.database()?);
    let size = || fs::metadata(&path).map_or(0, |it| it.len());
    let before = size();
    if path.try_exists().is_ok_and(|is_there| !is_there) {
        return Err(StoreError::Missing { path }.into());
    }
    let lock = store::lock(&state)?;
    let bar = Bar::begin("packing the database");
    store::shrink(&lock, &path, &bar.watch())?;
    bar.clear();
    let (before, after) = (bytes(before), bytes(size()));
    writeln!(stdout(), "{}: {before} before, {after} now", path.display())
        .context("standard output cannot be written")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever types it twice within a second has two copies, as has who types `migrate` again after one that was killed.
    #[test]
    fn a_copy_takes_a_name_that_is_free() {
        let directory = tempfile::tempdir().unwrap();
        let (part, copies) = (directory.path().join("part"), directory.path());
        let at = "2026-11-27T21:30:59.7Z".parse().unwrap();
        let after = ".db";
        for (before, content, expected) in [
            ("merganser-", "one", "merganser-20261127T213059Z.db"),
            ("merganser-", "two", "merganser-20261127T213100Z.db"),
            ("merganser-", "three", "merganser-20261127T213101Z.db"),
            ("before-24-", "four", "before-24-20261127T213059Z.db"),
        ] {
            fs::write(&part, content).unwrap();
            let name = Name { before, at, after };
            let copy = published(&part, copies, &name).unwrap();
            assert_eq!(copy.path, copies.join(expected));
            assert_eq!(copy.size, u64::try_from(content.len()).unwrap());
            fs::remove_file(&part).unwrap();
            assert_eq!(fs::read_to_string(&copy.path).unwrap(), content);
            if before == NAME.0 {
                assert!(is_copy(expected), "{expected}");
            }
        }
        let first = fs::read_to_string(copies.join("merganser-20261127T213059Z.db"));
        assert_eq!(first.unwrap(), "one");
    }
}
