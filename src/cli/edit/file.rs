//! Putting another text in the place of a file, whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::Path;

/// Mode of a new file, less what the umask takes: the service reads it as another user.
const READABLE: u32 = 0o644;

/// Why a file is left as it is that somebody else wrote in the meantime: what it holds can be read and edited anew.
#[derive(Debug, thiserror::Error)]
#[error("it was changed meanwhile, try again")]
struct Changed;

/// Tells whether a file was not replaced because somebody else wrote it in the meantime.
pub(super) fn is_changed(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.and_then(|it| it.downcast_ref::<Changed>()).is_some()
}

/// Replaces `before`, the text of the file at `path`, by `after`; without a `before` there must be no file.
///
/// A link stays a link: the file that it leads to is replaced, by another one that is written beside it
/// first, so that a crash leaves one of the two. Mode and, where that is permitted, owner stay.
///
/// # Errors
///
/// When the file cannot be written, and when it holds something else than `before` by now.
pub(super) fn replace(path: &Path, before: Option<&str>, after: &str) -> io::Result<()> {
    let Some(before) = before else {
        return begin(path, after);
    };
    let path = fs::canonicalize(path)?;
    let directory = path.parent().unwrap_or(Path::new("/"));
    let metadata = fs::metadata(&path)?;
    let mut file = tempfile::Builder::new()
        .prefix(".feeds.toml.")
        .tempfile_in(directory)?;
    file.write_all(after.as_bytes())?;
    // Nobody but root may give files away; who cannot owns the new one.
    drop(fchown(
        file.as_file(),
        Some(metadata.uid()),
        Some(metadata.gid()),
    ));
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    let _held = held(&path, before)?;
    file.persist(&path)?;
    File::open(directory)?.sync_all()
}

/// Opens the file that is to be replaced and locks it for as long as that takes, so that of two who found `before`
/// in it one replaces it. Nobody waits for a lock: whoever has one is about to write.
fn held(path: &Path, before: &str) -> io::Result<File> {
    let mut file = File::open(path)?;
    let changed = || io::Error::other(Changed);
    // Where files cannot be locked, what it holds is all that is known.
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(changed());
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let (ours, there) = (file.metadata()?, fs::metadata(path)?);
    let is_there = (ours.dev(), ours.ino()) == (there.dev(), there.ino());
    if !is_there || text != before.as_bytes() {
        return Err(changed());
    }
    Ok(file)
}

/// Writes a file where there is none.
fn begin(path: &Path, text: &str) -> io::Result<()> {
    if path.is_symlink() {
        let target = fs::read_link(path)?;
        let target = target.display();
        return Err(io::Error::other(format!(
            "it is a link to {target}, where no file is; make that file, or remove the link"
        )));
    }
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".feeds.toml.")
        .permissions(fs::Permissions::from_mode(READABLE))
        .tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    /// A directory with the file `real` of mode 640, and a link to it.
    fn directory() -> TempDir {
        let directory = TempDir::new().unwrap();
        let real = directory.path().join("real");
        fs::write(&real, "before").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", directory.path().join("link")).unwrap();
        directory
    }

    #[test]
    fn a_file_is_replaced_behind_its_link() {
        let directory = directory();
        let link = directory.path().join("link");
        replace(&link, Some("before"), "after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let real = directory.path().join("real");
        assert_eq!(fs::read_to_string(&real).unwrap(), "after");
        let mode = fs::metadata(&real).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_somebody_else_wrote_is_kept() {
        let directory = directory();
        let real = directory.path().join("real");
        let refused = replace(&real, Some("older"), "after").unwrap_err();
        assert!(refused.to_string().contains("changed meanwhile"));
        assert_eq!(fs::read_to_string(&real).unwrap(), "before");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
        assert!(is_changed(&refused));
        let held = File::open(&real).unwrap();
        held.lock().unwrap();
        assert!(is_changed(
            &replace(&real, Some("before"), "after").unwrap_err()
        ));
        drop(held);
        let none = directory.path().join("none");
        let dangling = directory.path().join("dangling");
        symlink("nowhere", &dangling).unwrap();
        let refused = replace(&dangling, None, "after").unwrap_err().to_string();
        assert!(
            refused.contains("it is a link to nowhere, where no file is"),
            "{refused}"
        );
        replace(&none, Some(""), "after").unwrap_err();
        replace(&real, None, "after").unwrap_err();
        assert_eq!(fs::read_to_string(&real).unwrap(), "before");
        replace(&none, None, "after").unwrap();
        assert_eq!(fs::read_to_string(&none).unwrap(), "after");
    }
}
