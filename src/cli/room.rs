//! Room on the disks that a command is going to write to.

use super::table::bytes;
use rustix::fs::{StatVfs, statvfs};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Returns how many bytes are free in the file system of a place; what it keeps for root is not.
pub(super) fn free(place: &Path) -> rustix::io::Result<u64> {
    statvfs(place).map(|system| of(&system))
}

fn of(system: &StatVfs) -> u64 {
    system.f_bavail.saturating_mul(system.f_frsize)
}

/// The file system of a place.
#[derive(Clone, Copy)]
struct Disk {
    device: u64,
    free: u64,
}

/// Says where there is less room than is wanted in these places, and how much: `needs 20.0 MiB in DIR, 5.0 MiB are free`.
/// Of a place that is not to be seen, and of file systems that do not say how large they are, nothing is known; nor of
/// quotas.
pub(super) fn lacking(wanted: &[(&Path, u64)]) -> Option<String> {
    let seen = wanted.iter().filter_map(|(place, bytes)| {
        let system = statvfs(*place).ok().filter(|it| it.f_blocks > 0)?;
        let disk = Disk {
            device: fs::metadata(place).ok()?.dev(),
            free: of(&system),
        };
        Some((*place, *bytes, disk))
    });
    judged(&seen.collect::<Vec<_>>())
}

fn judged(wanted: &[(&Path, u64, Disk)]) -> Option<String> {
    wanted.iter().find_map(|(place, _, disk)| {
        let there = wanted.iter().filter(|it| it.2.device == disk.device);
        let all = there.fold(0, |all: u64, (_, bytes, _)| all.saturating_add(*bytes));
        (all > disk.free).then(|| {
            let (all, free) = (bytes(all), bytes(disk.free));
            format!("needs {all} in {}, {free} are free", place.display())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn what_is_wanted_of_one_disk_is_added_up() {
        let disk = |device, free| Disk {
            device,
            free: free * MIB,
        };
        for (copy, database, expected) in [
            ((10, disk(1, 20)), (10, disk(1, 20)), None),
            (
                (10, disk(1, 19)),
                (10, disk(1, 19)),
                Some("needs 20.0 MiB in /copies, 19.0 MiB are free"),
            ),
            ((0, disk(1, 19)), (10, disk(1, 19)), None),
            ((10, disk(1, 19)), (10, disk(2, 10)), None),
            (
                (10, disk(1, 19)),
                (10, disk(2, 9)),
                Some("needs 10.0 MiB in /state, 9.0 MiB are free"),
            ),
        ] {
            let (copies, state) = (Path::new("/copies"), Path::new("/state"));
            let wanted = [
                (copies, copy.0 * MIB, copy.1),
                (state, database.0 * MIB, database.1),
            ];
            assert_eq!(judged(&wanted).as_deref(), expected);
        }
    }

    #[test]
    fn a_disk_is_asked_for_its_room() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(lacking(&[(place.path(), 1)]), None);
        let told = lacking(&[(place.path(), u64::MAX)]).unwrap();
        let expected = format!(" in {}, ", place.path().display());
        assert!(told.contains(&expected), "{told}");
        let nowhere = place.path().join("nowhere");
        assert_eq!(lacking(&[(&nowhere, u64::MAX)]), None);
    }
}
