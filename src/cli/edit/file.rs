//! Putting another text in the place of a file, whole or not at all.

use std::fs::{self, File, Metadata, TryLockError};
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

/// Mode of a new file that holds a credential: who else may read it, its owner says.
const PRIVATE: u32 = 0o600;

/// The bits of a mode by which the group reads, and everybody.
const GROUP_READS: u32 = 0o040;
const OTHERS_READ: u32 = 0o004;

/// Gives a file to a user and a group; `None` leaves it the one that it has.
type GiveTo<'f> = &'f dyn Fn(&File, Option<u32>, Option<u32>) -> io::Result<()>;

/// Replaces `before`, the text of the file at `path`, by `after`, and tells whether it kept its owner.
///
/// A link stays a link: the file that it leads to is replaced, by another one that is written beside it
/// first, so that a crash leaves one of the two. Mode and group stay and, where that is permitted, the owner.
///
/// # Errors
///
/// When the file cannot be written, when it holds something else than `before` by now, and when its group,
/// which reads it, would lose it.
pub(super) fn replace(path: &Path, before: &str, after: &str) -> io::Result<bool> {
    replaced(path, before, after, &|file, user, group| {
        fchown(file, user, group)
    })
}

fn replaced(path: &Path, before: &str, after: &str, give: GiveTo<'_>) -> io::Result<bool> {
    let path = fs::canonicalize(path)?;
    let directory = path.parent().unwrap_or(Path::new("/"));
    let metadata = fs::metadata(&path)?;
    refuse_read_only(&metadata)?;
    let mut file = tempfile::Builder::new()
        .prefix(".feeds.toml.")
        .tempfile_in(directory)
        .map_err(|error| no_room_in(directory, &error))?;
    file.write_all(after.as_bytes())?;
    let kept = hand_over(file.as_file(), &metadata, give)?;
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    let _held = held(&path, before)?;
    file.persist(&path)?;
    File::open(directory)?.sync_all()?;
    Ok(kept)
}

/// Refuses a file that nobody may write: who may put another in its place would change it all the same.
///
/// # Errors
///
/// When nobody may.
pub(super) fn refuse_read_only(metadata: &Metadata) -> io::Result<()> {
    if !metadata.permissions().readonly() {
        return Ok(());
    }
    let mode = metadata.mode() & 0o777;
    Err(io::Error::other(format!(
        "nobody may write it (mode {mode:o}), and that is heeded: `chmod u+w` first, if it was not meant"
    )))
}

/// Says of the directory, and not of a file that nobody asked for, that nothing can be written there.
fn no_room_in(directory: &Path, error: &io::Error) -> io::Error {
    let (kind, directory) = (error.kind(), directory.display());
    let message = format!("no file can be made in {directory}, which it takes: {kind}");
    io::Error::new(kind, message)
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

/// Gives a new file the owner and group of the old one, and tells whether it has that owner now.
///
/// Nobody but root may give files away, and a request for both fails as a whole; but a group to others of
/// which one belongs, anybody may give. By its group the service reads the file.
fn hand_over(file: &File, of: &Metadata, give: GiveTo<'_>) -> io::Result<bool> {
    let (user, group) = (of.uid(), of.gid());
    let is_given = give(file, Some(user), Some(group)).is_ok();
    if is_given || give(file, None, Some(group)).is_ok() {
        return Ok(is_given);
    }
    let mode = of.mode();
    if mode & GROUP_READS != 0 && mode & OTHERS_READ == 0 {
        return Err(io::Error::other(format!(
            "its group {group}, which reads it, would lose it: do this as root, or as a user of that group"
        )));
    }
    Ok(file.metadata()?.uid() == user)
}

/// Writes a file where there is none; one that holds a credential for its owner alone.
///
/// # Errors
///
/// When it cannot be written, and when there is a file by now.
pub(super) fn begin(path: &Path, text: &str, has_secrets: bool) -> io::Result<()> {
    if path.is_symlink() {
        let target = fs::read_link(path)?;
        let target = target.display();
        return Err(io::Error::other(format!(
            "it is a link to {target}, where no file is; make that file, or remove the link"
        )));
    }
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let mode = if has_secrets { PRIVATE } else { READABLE };
    let mut file = tempfile::Builder::new()
        .prefix(".feeds.toml.")
        .permissions(fs::Permissions::from_mode(mode))
        .tempfile_in(directory)
        .map_err(|error| no_room_in(directory, &error))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    let done = file.persist_noclobber(path);
    done.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => io::Error::other(Changed),
        _ => error.error,
    })?;
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    /// Whoever takes the right to write away, means it: by another file in its place the text would change all the same.
    #[test]
    fn a_file_that_nobody_may_write_is_left() {
        let directory = directory();
        let real = directory.path().join("real");
        let before = fs::read_to_string(&real).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o444)).unwrap();
        let error = replace(&real, &before, "other").unwrap_err().to_string();
        assert!(error.contains("(mode 444)"), "{error}");
        assert_eq!(fs::read_to_string(&real).unwrap(), before);
    }

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
        assert!(replace(&link, "before", "after").unwrap());
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
        let refused = replace(&real, "older", "after").unwrap_err();
        assert!(refused.to_string().contains("changed meanwhile"));
        assert_eq!(fs::read_to_string(&real).unwrap(), "before");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
        assert!(is_changed(&refused));
        let held = File::open(&real).unwrap();
        held.lock().unwrap();
        assert!(is_changed(&replace(&real, "before", "after").unwrap_err()));
        drop(held);
        let none = directory.path().join("none");
        let dangling = directory.path().join("dangling");
        symlink("nowhere", &dangling).unwrap();
        let refused = begin(&dangling, "after", false).unwrap_err().to_string();
        assert!(
            refused.contains("it is a link to nowhere, where no file is"),
            "{refused}"
        );
        replace(&none, "", "after").unwrap_err();
        let nowhere = directory.path().join("nowhere");
        let refused = begin(&nowhere.join("feeds.toml"), "after", false);
        let why = "which it takes: entity not found";
        let expected = format!("no file can be made in {}, {why}", nowhere.display());
        assert_eq!(refused.unwrap_err().to_string(), expected);
        assert!(is_changed(&begin(&real, "after", false).unwrap_err()));
        assert_eq!(fs::read_to_string(&real).unwrap(), "before");
        begin(&none, "after", false).unwrap();
        assert_eq!(fs::read_to_string(&none).unwrap(), "after");
    }

    /// Gives files as the system does for who is neither root nor the owner: to groups of which one is, at most.
    fn give_as(is_member: bool) -> impl Fn(&File, Option<u32>, Option<u32>) -> io::Result<()> {
        move |_, user, _| match user {
            None if is_member => Ok(()),
            _ => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    #[test]
    fn the_group_keeps_what_it_reads() {
        for (mode, is_member, kept) in [
            (0o640, true, Some(false)),
            (0o660, true, Some(false)),
            (0o640, false, None),
            (0o660, false, None),
            (0o644, false, Some(true)),
            (0o600, false, Some(true)),
        ] {
            let directory = directory();
            let real = directory.path().join("real");
            fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
            let done = replaced(&real, "before", "after", &give_as(is_member));
            let what = format!("{mode:o} {is_member}: {done:?}");
            assert_eq!(done.as_ref().ok(), kept.as_ref(), "{what}");
            let text = if kept.is_some() { "after" } else { "before" };
            assert_eq!(fs::read_to_string(&real).unwrap(), text, "{what}");
            let now = fs::metadata(&real).unwrap();
            assert_eq!(now.mode() & 0o777, mode, "{what}");
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "{what}");
            let refusal = done.err().map(|error| error.to_string());
            let told = refusal.is_none_or(|it| it.contains("do this as root"));
            assert!(told, "{what}");
        }
    }
}
