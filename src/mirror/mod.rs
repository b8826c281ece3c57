//! Documents as files in a directory, for web servers and object stores: the only module that writes files
//! for others to read.
//!
//! Knows names, bytes and dates; not what they are. A web server that reads the directory meanwhile sees
//! each file as it was or as it is, never half of it, and after a crash as well.
//!
//! Invariants: a file that merganser did not write is neither changed nor removed; which it wrote stands in
//! a list in the directory ([`LIST`]), which names a file before it is there. A file whose document did not
//! change is not touched, so that what copies the directory elsewhere copies what changed.
//!
//! - `alone`: keeping others out meanwhile.
//! - `files`: writing one file so that it is there whole.
//! - `list`: what was written.
//! - `owner`: by whom.

mod alone;
mod files;
mod list;
mod owner;
#[cfg(test)]
mod tests;

pub use alone::{Alone, alone, holder, try_alone};
pub use owner::{Owner, refuse_others, refuse_others_beneath, sign};

use crate::text::no_room;
use bytes::Bytes;
use files::Place;
use jiff::Timestamp;
use list::List;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the list of what was written.
pub const LIST: &str = ".merganser-files";

/// What a directory is, whatever it is called: its file system, and its number there.
pub type Identity = (u64, u64);

/// BLAKE3 of a document.
pub type Digest = [u8; 32];

/// Tells of names of files whether they are such.
pub type Such<'a> = &'a dyn Fn(&str) -> bool;

/// A file as it is to be.
pub struct File<'a> {
    /// Its name beneath the directory: `all.atom`, with `/` between the parts of one that lies deeper.
    pub name: String,
    /// Of which document it is a form.
    pub digest: Digest,
    /// When the document changed last: the file's date, from which web servers make `Last-Modified`.
    pub modified_at: Timestamp,
    /// Makes the content; called where it has to be written.
    pub content: Box<dyn Fn() -> io::Result<Bytes> + 'a>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that were written.
    pub written: usize,
    /// Files that were removed.
    pub removed: usize,
    /// Files that were as they are to be.
    pub kept: usize,
}

impl Written {
    /// Returns what was done with something else beside.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            written: self.written + other.written,
            removed: self.removed + other.removed,
            kept: self.kept + other.kept,
        }
    }
}

/// Why the directory is not what it is to be. Every file in it is whole all the same.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// A file is in the way.
    #[error(
        "{} is there and merganser did not write it: move it away, or name another directory",
        .0.display()
    )]
    Foreign(PathBuf),
    /// The directory is for something else.
    #[error("{} is merganser's own: name another directory", .0.display())]
    Ours(PathBuf),
    /// Another writes in the directory.
    #[error(
        "{} is kept by another merganser, {owner}: name another directory; or, where that one writes here no more, take the \
         second line out of {}",
        list.parent().unwrap_or(list).display(),
        list.display()
    )]
    Theirs {
        /// The list of what it wrote.
        list: PathBuf,
        /// Whose it is.
        owner: Owner,
    },
    /// A file is where a directory is to be.
    #[error("cannot make {}: a file is there, name a directory", .0.display())]
    NoDirectory(PathBuf),
    /// A name that no file beneath the directory has.
    #[error("{0:?} is no name of a file")]
    Name(String),
    /// The list is none of ours.
    #[error("{} cannot be read as a list of files: move it away", .0.display())]
    List(PathBuf),
    /// The disk is full.
    #[error("{}", no_room(.0))]
    Full(PathBuf),
    /// The file system refused.
    #[error("cannot {what} {}: {cause}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
}

/// Makes the files in `directory` be `files`, and removes those that were written before and are none of them.
///
/// The directory is made where there is none. One who writes to a directory has to be alone at it. `seen` is called for each
/// file that was looked at, written or removed: who waits knows that it gets on.
///
/// # Errors
/// See [`MirrorError`]. Where a foreign file is in the way, or nothing can be written, nothing was changed but what
/// is no more, which is removed first; else what could be written before the fault is, each file whole, and the next call goes on.
pub fn write(
    directory: &Path,
    files: &[File<'_>],
    seen: &dyn Fn(),
) -> Result<Written, MirrorError> {
    // First of all, whatever else fails: it may be for everybody no more.
    let removed = prune(directory, (files, &|_| false), seen)?;
    let done = extend(directory, files, seen)?;
    Ok(done.with(removed))
}

/// Removes what was written before, is none of `files` and does not stay by its name, and writes nothing.
///
/// # Errors
/// See [`MirrorError`].
pub fn prune(
    directory: &Path,
    (files, stays): (&[File<'_>], Such<'_>),
    seen: &dyn Fn(),
) -> Result<Written, MirrorError> {
    let (place, before) = open(directory, files)?;
    seen();
    let names: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let (kept, gone) = before.split(&|name| names.contains(name) || stays(name));
    for name in gone.names() {
        place.remove(name)?;
        seen();
    }
    let removed = gone.names().count();
    if removed > 0 {
        kept.write(&place)?;
        seen();
    }
    Ok(Written {
        removed,
        ..Written::default()
    })
}

/// Writes `files`, one after the other, and leaves there what was written before.
///
/// # Errors
/// See [`MirrorError`].
pub fn extend(
    directory: &Path,
    files: &[File<'_>],
    seen: &dyn Fn(),
) -> Result<Written, MirrorError> {
    let (place, before) = open(directory, files)?;
    let is_stale = |file: &&File<'_>| {
        seen();
        !before.has(file) || !place.has(file)
    };
    let stale: Vec<&File<'_>> = files.iter().filter(is_stale).collect();
    for file in &stale {
        refuse_foreign(&place, &before, file)?;
        seen();
    }
    // A file that is on the list and not there does no harm; one that is there and not on it would never go.
    before.announcing(&stale).write(&place)?;
    seen();
    for file in &stale {
        place.put(file)?;
        seen();
    }
    place.settle()?;
    seen();
    before.with(files).write(&place)?;
    Ok(Written {
        written: stale.len(),
        removed: 0,
        kept: files.len() - stale.len(),
    })
}

/// Returns a directory, which is made where there is none, and what was written there, without what a killed run left.
fn open(directory: &Path, files: &[File<'_>]) -> Result<(Place, List), MirrorError> {
    if let Some(file) = files.iter().find(|file| !is_name(&file.name)) {
        return Err(MirrorError::Name(file.name.clone()));
    }
    let place = Place::new(directory)?;
    let before = List::read(&place)?;
    place.clear(&before.names().collect::<Vec<_>>());
    Ok((place, before))
}

/// Removes what was written to `directory`, and the directory where nothing else is in it. One to which nothing was written
/// is left alone, and so is one to which anything was written that is not ours by its name: whoever wrote it goes on there.
///
/// # Errors
/// See [`MirrorError`].
pub fn clear_out(
    directory: &Path,
    is_ours: Such<'_>,
    seen: &dyn Fn(),
) -> Result<Written, MirrorError> {
    let list = directory.join(LIST);
    if !list.is_file() {
        return Ok(Written::default());
    }
    if !List::read(&Place::new(directory)?)?.names().all(is_ours) {
        return Ok(Written::default());
    }
    let done = write(directory, &[], seen)?;
    std::fs::remove_file(&list).map_err(files::failed("remove", &list))?;
    // One that is not empty is somebody's.
    std::fs::remove_dir(directory).ok();
    Ok(done)
}

/// Returns what a directory is, which is made where there is none.
///
/// # Errors
/// When the file system refuses.
pub fn identity(directory: &Path) -> Result<Identity, MirrorError> {
    use std::os::unix::fs::MetadataExt as _;
    Place::new(directory)?;
    let held = std::fs::metadata(directory).map_err(files::failed("look at", directory))?;
    Ok((held.dev(), held.ino()))
}

/// Makes a directory that nobody else may look into, where there is none.
///
/// # Errors
/// When the file system refuses.
pub fn make_private(directory: &Path) -> Result<(), MirrorError> {
    use std::os::unix::fs::DirBuilderExt as _;
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(directory);
    made.map_err(files::failed("make", directory))
}

/// Writes one file, whatever else is in `directory`, which is made where there is none.
///
/// # Errors
/// See [`MirrorError`]. Then the file is as it was before.
pub fn add(
    directory: &Path,
    name: &str,
    content: &[u8],
    modified_at: Timestamp,
) -> Result<(), MirrorError> {
    if !is_name(name) {
        return Err(MirrorError::Name(name.to_owned()));
    }
    let place = Place::made(directory)?;
    place.put_bytes(name, content, Some(modified_at))?;
    place.settle()
}

/// Returns the names of what lies in a directory, in order; none where there is none.
pub fn names(directory: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Removes a file or a directory with all that is in it.
///
/// # Errors
/// When the file system refuses.
pub fn remove_all(path: &Path) -> Result<(), MirrorError> {
    let removed = if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    removed.map_err(files::failed("remove", path))
}

/// Returns which of these documents the files in `directory` are not, or not any more; all of them where it
/// cannot be read.
///
/// `documents` are names of files with the digest of what they are to be.
pub fn behind(directory: &Path, documents: &BTreeMap<String, Digest>) -> Vec<String> {
    let list = Place::there(directory).and_then(|place| List::read(&place).ok());
    let is_behind = |(name, digest): &(&String, &Digest)| {
        let held = list.as_ref().and_then(|list| list.digest(name));
        held != Some(*digest)
    };
    let behind = documents.iter().filter(is_behind);
    behind.map(|(name, _)| name.clone()).collect()
}

/// Returns the names of the files that were written to a directory and are not removed yet; none where it cannot be read.
pub fn listed(directory: &Path) -> BTreeSet<String> {
    let list = Place::there(directory).and_then(|place| List::read(&place).ok());
    let names = list.iter().flat_map(List::names);
    names.map(str::to_owned).collect()
}

/// Tells whether a file of this name is there that was not written here.
pub fn is_theirs(directory: &Path, name: &str) -> bool {
    let place = Place::there(directory).filter(|place| place.is_taken(name));
    let list = place.map(|place| List::read(&place));
    list.is_some_and(|list| list.is_ok_and(|list| list.digest(name).is_none()))
}

/// Returns the documents that files in `directory` hold as they were written, by name, each with the file's date;
/// none where it cannot be read.
pub fn held(directory: &Path) -> BTreeMap<String, (Digest, Timestamp)> {
    let place = Place::there(directory);
    let held = place.and_then(|place| {
        let list = List::read(&place).ok()?;
        let held = list.documents().filter_map(|(name, digest)| {
            let date = place.date_of(name, digest)?;
            Some((name.to_owned(), (*digest, date)))
        });
        Some(held.collect())
    });
    held.unwrap_or_default()
}

/// Lets a file be written only where there is none, ours, or one that is the same.
fn refuse_foreign(place: &Place, before: &List, file: &File<'_>) -> Result<(), MirrorError> {
    let is_ours = before.digest(&file.name).is_some();
    if is_ours || !place.is_taken(&file.name) {
        return Ok(());
    }
    if place.holds(&file.name, &place.content(file)?) {
        return Ok(());
    }
    Err(MirrorError::Foreign(place.path(&file.name)))
}

/// Tells whether a name leads to a file beneath the directory, and to none of those for our own use.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !part.is_empty() && !part.starts_with('.') && part.chars().all(plain)
    };
    name.split('/').all(is_part)
}
