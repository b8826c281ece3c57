//! Whose the files are that root makes in the state of a service.

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::Path;

/// The user of the system who may do all.
const ROOT: u32 = 0;

/// Gives what root has made in a state directory to whose that is, who could put nothing beside it else, nor remove it: the
/// file or directory at `made`, and those that it lies in. What lies elsewhere keeps its owner.
///
/// Who owns the state may have put a link there, to have something else given away: from the state on none is followed, and
/// what has another name elsewhere stays root's.
///
/// # Errors
///
/// When what was made cannot be looked at. Who may not give it away has made nothing that is root's.
pub(super) fn hand_over(state: &Path, made: &Path) -> io::Result<()> {
    match handed_over(state, made) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => Ok(()),
        handed => handed,
    }
}

fn handed_over(state: &Path, made: &Path) -> io::Result<()> {
    let (state, made) = (fs::canonicalize(state)?, fs::canonicalize(made)?);
    let Ok(way) = made.strip_prefix(&state) else {
        return Ok(());
    };
    let mut at = File::open(&state)?;
    let owner = at.metadata()?;
    if owner.uid() == ROOT {
        return Ok(());
    }
    // A pipe that somebody put there keeps nobody waiting.
    let how = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    for name in way {
        at = File::from(openat(&at, name, how, Mode::empty())?);
        let is = at.metadata()?;
        let is_ours = is.is_dir() || is.is_file() && is.nlink() == 1;
        if is_ours && is.uid() == ROOT {
            fchown(&at, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    Ok(())
}
