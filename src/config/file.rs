//! Reading the files that a configuration is made of, without waiting for what is none.
//!
//! A pipe blocks who opens it until somebody writes, which may be never, and a device may have no end: the daemon
//! that reads its configuration again would poll and answer no more. So nothing is waited for when it is opened,
//! what is no regular file is refused, and no more is read than such a file may have.

use rustix::fs::{Mode, OFlags};
use std::fs::{File, FileType};
use std::io::{self, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

/// Why a file was not read; each is what is said of the file.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    /// It is something else.
    #[error("is {0}, no file")]
    NoFile(&'static str),
    /// It has more than so many bytes.
    #[error("has more than {} KiB", .0 / 1024)]
    TooLarge(u64),
    /// What the system says.
    #[error("cannot be read: {0}")]
    System(#[from] io::Error),
}

/// Returns the bytes of a regular file of at most `most` bytes.
pub(super) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let how = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, how, Mode::empty()).map_err(refused)?);
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        return Err(io::Error::from(rustix::io::Errno::ISDIR).into());
    }
    if !kind.is_file() {
        return Err(FileError::NoFile(name(kind)));
    }
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(FileError::TooLarge(most));
    }
    Ok(bytes)
}

/// Returns the text of such a file.
pub(super) fn text(path: &Path, most: u64) -> Result<String, FileError> {
    let text = String::from_utf8(bytes(path, most)?);
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text").into())
}

/// A socket cannot be opened at all, and the system's words for it name no socket.
fn refused(error: rustix::io::Errno) -> FileError {
    match error {
        rustix::io::Errno::NXIO => FileError::NoFile("a socket"),
        error => io::Error::from(error).into(),
    }
}

fn name(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::CWD;
    use std::fs;
    use std::os::unix::net::UnixListener;

    #[test]
    fn what_is_no_file_is_refused_and_not_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(CWD, at("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        fs::write(at("whole"), "12345678").unwrap();
        fs::write(at("large"), "123456789").unwrap();
        fs::write(at("bytes"), b"\xFF").unwrap();
        for (path, expected) in [
            (at("pipe"), "is a pipe, no file"),
            (at("socket"), "is a socket, no file"),
            ("/dev/zero".into(), "is a device, no file"),
            (at("large"), "has more than 0 KiB"),
            (at("bytes"), "cannot be read: it is not UTF-8 text"),
            (at("whole"), "12345678"),
        ] {
            let said = text(&path, 8).unwrap_or_else(|error| error.to_string());
            assert_eq!(said, expected, "{}", path.display());
        }
        let kind = |path: &Path| match bytes(path, 8) {
            Err(FileError::System(error)) => Some(error.kind()),
            _ => None,
        };
        assert_eq!(kind(directory.path()), Some(io::ErrorKind::IsADirectory));
        assert_eq!(kind(&at("none")), Some(io::ErrorKind::NotFound));
    }
}
