//! Room in the file systems that a command is going to write to.

use rustix::fs::{StatVfs, statvfs};
use rustix::process::geteuid;
use std::path::Path;

/// Returns how many bytes are free in the file system of a place; what it keeps for root is not.
pub(super) fn free(place: &Path) -> rustix::io::Result<u64> {
    statvfs(place).map(|system| of_everybody(&system))
}

/// Returns how many bytes this user may still write in the file system of a place. Of a place that is not to be seen, and
/// of file systems that do not say how large they are, nothing is known; nor of quotas.
pub(super) fn left(place: &Path) -> Option<u64> {
    let system = statvfs(place).ok()?;
    left_of(&system, geteuid().is_root())
}

fn left_of(system: &StatVfs, is_root: bool) -> Option<u64> {
    let left = if is_root {
        system.f_bfree.saturating_mul(system.f_frsize)
    } else {
        of_everybody(system)
    };
    (system.f_blocks > 0).then_some(left)
}

fn of_everybody(system: &StatVfs) -> u64 {
    system.f_bavail.saturating_mul(system.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_asked_for_its_room() {
        let place = tempfile::tempdir().unwrap();
        let mut system = statvfs(place.path()).unwrap();
        (system.f_frsize, system.f_bfree, system.f_bavail) = (512, 5, 3);
        for (blocks, is_root, expected) in [
            (10, false, Some(3 * 512)),
            (10, true, Some(5 * 512)),
            (0, false, None),
            (0, true, None),
        ] {
            system.f_blocks = blocks;
            assert_eq!(left_of(&system, is_root), expected);
        }
        assert_eq!(left(&place.path().join("nowhere")), None);
    }
}
