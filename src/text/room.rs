//! How a disk that is full is told, by whoever wants to write.

use std::io;
use std::path::Path;

/// What is said of a disk without room, or of a user who may not have more of it.
pub const FULL: &str = "the disk or the quota is full";

/// Tells whether what is missing is room on the disk, or in the quota of the user.
pub fn is_for_room(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// Says that there is no room for a file, or for more in it.
pub fn no_room(path: &Path) -> String {
    let path = path.display();
    format!("no room to write {path}: {FULL}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use io::ErrorKind;

    #[test]
    fn a_full_disk_is_told_from_other_faults() {
        for (kind, expected) in [
            (ErrorKind::StorageFull, true),
            (ErrorKind::QuotaExceeded, true),
            (ErrorKind::PermissionDenied, false),
        ] {
            assert_eq!(is_for_room(&io::Error::from(kind)), expected, "{kind:?}");
        }
        let full = "no room to write /var/a.db: the disk or the quota is full";
        assert_eq!(no_room(Path::new("/var/a.db")), full);
    }
}
