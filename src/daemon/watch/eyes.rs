//! What stirs in a directory, by inotify.
//!
//! rustix, which is here already, opens it, and tokio reads it, without a thread and without unsafe code. The
//! crate `notify` was weighed and rejected: it brings a thread, a channel and adapters for other systems to
//! watch one directory of this one, and its licence (CC0) is none that `deny.toml` has.

use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
use rustix::io::read;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use tokio::net::unix::pipe::Receiver;

/// Bytes of events that are read in one go: some dozens. What they say does not matter.
const BUFFER: usize = 4096;

/// What a save may do. Reading is not among it: we read.
const STIRS: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO);

/// An open watch of one directory.
#[derive(Debug)]
pub(super) struct Eyes {
    inotify: OwnedFd,
    /// The same, as the runtime waits for it. It is no pipe, but read like one.
    wake: Receiver,
}

/// Opens one, outside of the runtime; takes as long as it takes to look at the directory.
///
/// # Errors
/// When the directory is not there, or the system has no watch left.
pub(super) fn open(directory: &Path) -> io::Result<OwnedFd> {
    let inotify = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
    add_watch(&inotify, directory, STIRS)?;
    Ok(inotify)
}

impl Eyes {
    /// Takes over an open watch.
    ///
    /// # Errors
    /// When the runtime cannot wait for it.
    pub(super) fn new(inotify: OwnedFd) -> io::Result<Self> {
        let wake = Receiver::from_owned_fd_unchecked(inotify.try_clone()?)?;
        Ok(Self { inotify, wake })
    }

    /// Waits until something stirs, which [`Eyes::saw`] then takes.
    pub(super) async fn stir(&self) {
        // An error means that the runtime ends.
        drop(self.wake.readable().await);
    }

    /// Takes what stirred and tells whether anything did.
    pub(super) fn saw(&self) -> bool {
        let mut events = [0; BUFFER];
        let mut any = false;
        while read(&self.inotify, &mut events).is_ok_and(|bytes| bytes > 0) {
            any = true;
        }
        // The runtime learns from this alone that there is nothing left to wake us for.
        while self.wake.try_read(&mut events).is_ok_and(|bytes| bytes > 0) {
            any = true;
        }
        any
    }
}
