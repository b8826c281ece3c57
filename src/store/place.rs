//! Whether a file that is open is still the one at its path.

use super::{Store, StoreError};
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A file that is open: where it should be found, and which one it is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    path: PathBuf,
    file: (u64, u64),
}

impl Place {
    /// Remembers the file that is at a path now.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::holding(&std::fs::metadata(path)?, path))
    }

    /// Remembers an open file by what the system says of it.
    pub(super) fn holding(metadata: &Metadata, path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            file: file(metadata),
        }
    }

    /// Refuses a path at which there is no file any more, or another one.
    ///
    /// Of a path that cannot be looked at nothing is known, and so nothing is said.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let was = match std::fs::metadata(&self.path) {
            Ok(metadata) if file(&metadata) != self.file => "replaced",
            Err(error) if error.kind() == io::ErrorKind::NotFound => "deleted",
            _ => return Ok(()),
        };
        let path = self.path.clone();
        Err(StoreError::Displaced { path, was })
    }
}

impl Store {
    /// Refuses a database that is not the file at its path any more: what is written would be lost with it, and what is
    /// read would come from two files, since readers open it by its path.
    ///
    /// # Errors
    ///
    /// [`StoreError::Displaced`].
    pub fn check_place(&self) -> Result<(), StoreError> {
        self.pool.place().map_or(Ok(()), Place::check)
    }
}

/// Device and inode: a file keeps both for as long as it is open.
pub(super) fn file(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_that_was_deleted_or_replaced_is_not_the_one_that_is_open() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        fs::write(&path, "pages").unwrap();
        let open = fs::File::open(&path).unwrap();
        let place = Place::of(&path).unwrap();
        fs::write(&path, "other pages").unwrap();
        place.check().unwrap();
        fs::rename(&path, directory.path().join("b.db")).unwrap();
        let gone = place.check().unwrap_err().to_string();
        assert!(gone.contains("a.db was deleted"), "{gone}");
        fs::write(&path, "pages").unwrap();
        let other = place.check().unwrap_err().to_string();
        assert!(other.contains("a.db was replaced"), "{other}");
        drop(open);
    }
}
