//! Writing a file so that it is there whole or not at all, and a directory that knows which are.

use super::{Digest, File, LIST, MirrorError};
use crate::text::is_for_room;
use bytes::Bytes;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::NamedTempFile;

/// How files are called while they are written; none of those that are to be there begins with a dot.
const PREFIX: &str = ".merganser-";
const SUFFIX: &str = ".new";

/// What is published may be read by all, whatever the mask of a service that has secrets elsewhere.
const FILE_MODE: u32 = 0o644;
const DIRECTORY_MODE: u32 = 0o755;

/// A directory of files for others.
#[derive(Debug)]
pub(super) struct Place {
    directory: PathBuf,
}

impl Place {
    /// Returns a directory, which is made where there is none.
    pub(super) fn new(directory: &Path) -> Result<Self, MirrorError> {
        make_directory(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    /// Clears away what a run that was killed left half-written, beside the list and beside these files.
    ///
    /// Nowhere else: a directory in this one may be another's, who is writing there right now.
    pub(super) fn clear(&self, names: &[&str]) {
        let beside = names.iter().filter_map(|name| name.rsplit_once('/'));
        let beside: BTreeSet<PathBuf> = beside.map(|(parent, _)| self.path(parent)).collect();
        let is_ours = |directory: &&PathBuf| {
            self.is_beneath(&directory.join(LIST))
                && fs::symlink_metadata(directory.join(LIST)).is_err()
        };
        clear(&self.directory);
        for directory in beside.iter().filter(is_ours) {
            clear(directory);
        }
    }

    /// Returns a directory, which is made where there is none.
    pub(super) fn made(directory: &Path) -> Result<Self, MirrorError> {
        make_directory(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    /// Returns a directory if there is one; nothing is touched.
    pub(super) fn there(directory: &Path) -> Option<Self> {
        directory.is_dir().then(|| Self {
            directory: directory.to_owned(),
        })
    }

    /// Returns the path of a file.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Reads a file as text. Nothing else is opened: reading from a pipe would never end.
    pub(super) fn text(&self, name: &str) -> io::Result<String> {
        let path = self.path(name);
        if !fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is no file"));
        }
        fs::read_to_string(path)
    }

    /// Tells whether something is there under a name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path(name)).is_ok()
    }

    /// Tells whether a file has this content.
    pub(super) fn holds(&self, name: &str, content: &[u8]) -> bool {
        let path = self.path(name);
        let length = fs::symlink_metadata(&path).map(|it| it.is_file().then_some(it.len()));
        let is_as_long = length.is_ok_and(|it| it == u64::try_from(content.len()).ok());
        is_as_long && fs::read(&path).is_ok_and(|held| held == content)
    }

    /// Tells whether a file that was written is there, and nobody has written it since: it has the date that
    /// it was given.
    pub(super) fn has(&self, file: &File<'_>) -> bool {
        let held = fs::symlink_metadata(self.path(&file.name));
        let held = held.ok().filter(fs::Metadata::is_file);
        held.and_then(|it| it.modified().ok()) == Some(date(file.modified_at))
    }

    /// Returns the date of a file that has the bytes of this document; `None` where it has not.
    pub(super) fn date_of(&self, name: &str, digest: &Digest) -> Option<Timestamp> {
        let path = self.path(name);
        let held = fs::symlink_metadata(&path)
            .ok()
            .filter(fs::Metadata::is_file)?;
        let is_whole = fs::read(&path).is_ok_and(|bytes| blake3::hash(&bytes) == *digest);
        let modified = held.modified().ok().filter(|_| is_whole)?;
        Timestamp::try_from(modified).ok()
    }

    /// Makes the content of a file.
    pub(super) fn content(&self, file: &File<'_>) -> Result<Bytes, MirrorError> {
        (file.content)().map_err(failed("make", &self.path(&file.name)))
    }

    /// Writes a file.
    pub(super) fn put(&self, file: &File<'_>) -> Result<(), MirrorError> {
        let content = self.content(file)?;
        self.put_bytes(&file.name, &content, Some(file.modified_at))
    }

    /// Writes these bytes: beside the file first, to the disk, and then in its place.
    pub(super) fn put_bytes(
        &self,
        name: &str,
        bytes: &[u8],
        modified_at: Option<Timestamp>,
    ) -> Result<(), MirrorError> {
        let path = self.path(name);
        let parent = path.parent().unwrap_or(&self.directory);
        make_directory(parent)?;
        if !self.is_beneath(&path) {
            return Err(MirrorError::Foreign(parent.to_owned()));
        }
        let write = || -> io::Result<()> {
            let mut temporary = tempfile::Builder::new()
                .prefix(PREFIX)
                .suffix(SUFFIX)
                .tempfile_in(parent)
                .map_err(|error| io::Error::from(error.kind()))?;
            fill(&mut temporary, bytes, modified_at)?;
            temporary.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(failed("write", &path))
    }

    /// Removes a file, and the directories beneath this one that are empty then. One that is gone is gone.
    pub(super) fn remove(&self, name: &str) -> Result<(), MirrorError> {
        let path = self.path(name);
        if !self.is_beneath(&path) {
            return Ok(());
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(failed("remove", &path)(error));
            }
            _ => {}
        }
        let parents = path.ancestors().skip(1);
        for parent in parents.take_while(|parent| *parent != self.directory) {
            // One that is not empty is somebody's.
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Tells whether what leads to a path from here are directories, and no links to elsewhere.
    fn is_beneath(&self, path: &Path) -> bool {
        let parents = path.ancestors().skip(1);
        let mut beneath = parents.take_while(|parent| *parent != self.directory);
        beneath.all(|parent| fs::symlink_metadata(parent).is_ok_and(|it| it.is_dir()))
    }

    /// Has the names of all files on the disk.
    pub(super) fn settle(&self) -> Result<(), MirrorError> {
        let directory = fs::File::open(&self.directory);
        let synced = directory.and_then(|directory| directory.sync_all());
        synced.map_err(failed("sync", &self.directory))
    }
}

/// Writes content, mode and date of a file that nobody knows yet. A failure does not name it: it has another name the
/// next time, and what fails in the same way again is told once.
fn fill(
    temporary: &mut NamedTempFile,
    bytes: &[u8],
    modified_at: Option<Timestamp>,
) -> io::Result<()> {
    let file = temporary.as_file_mut();
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    if let Some(at) = modified_at {
        file.set_modified(date(at))?;
    }
    // Or a crash could leave the name without the content.
    file.sync_all()
}

/// Makes a directory where there is none, with those above it.
fn make_directory(path: &Path) -> Result<(), MirrorError> {
    // The empty path is what lies above a relative one: the directory that we are in.
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_directory(parent)?;
    }
    let made = fs::create_dir(path)
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(DIRECTORY_MODE)));
    made.map_err(failed("make", path))
}

/// Removes what was being written in a directory when a run was killed. What cannot be removed harms nobody.
fn clear(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// Returns an instant as file systems have it, in whole seconds, which is what HTTP has.
fn date(at: Timestamp) -> SystemTime {
    let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
    seconds.into()
}

pub(super) fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> MirrorError {
    let path = path.to_owned();
    move |cause| match (what, cause.kind()) {
        ("make", ErrorKind::AlreadyExists | ErrorKind::NotADirectory) => {
            MirrorError::NoDirectory(path)
        }
        _ if is_for_room(&cause) => MirrorError::Full(path),
        _ => MirrorError::Io { what, path, cause },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_as_elsewhere() {
        let path = Path::new("/srv/www/a.atom");
        let told = |kind| failed("write", path)(io::Error::from(kind)).to_string();
        let full = "no room to write /srv/www/a.atom: the disk or the quota is full";
        assert_eq!(told(ErrorKind::StorageFull), full);
        assert_eq!(told(ErrorKind::QuotaExceeded), full);
        assert!(told(ErrorKind::PermissionDenied).starts_with("cannot write /srv/www/a.atom: "));
    }

    #[test]
    fn a_file_that_cannot_be_filled_is_not_named() {
        let whole = NamedTempFile::new().unwrap();
        let only_read = fs::File::open(whole.path()).unwrap();
        let mut broken = NamedTempFile::from_parts(only_read, whole.into_temp_path());
        let name = broken.path().display().to_string();
        let error = fill(&mut broken, b"new", None).unwrap_err();
        assert!(!error.to_string().contains(&name), "{error}");
    }
}
