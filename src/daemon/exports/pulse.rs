//! By what the loop and a thread that writes know of each other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// By which a thread shows that it gets on, and learns that nobody wants what it does any more.
#[derive(Clone, Debug, Default)]
pub(in crate::daemon) struct Pulse(Arc<Signs>);

#[derive(Debug, Default)]
struct Signs {
    beats: AtomicU64,
    is_given_up: AtomicBool,
}

impl Pulse {
    /// Says that something was done.
    pub(in crate::daemon) fn beat(&self) {
        self.0.beats.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn beats(&self) -> u64 {
        self.0.beats.load(Ordering::Relaxed)
    }

    /// Has the thread end as soon as it looks.
    pub(super) fn give_up(&self) {
        self.0.is_given_up.store(true, Ordering::SeqCst);
    }

    /// Looks whether somebody wants what is done.
    ///
    /// # Errors
    /// When nobody does.
    pub(in crate::daemon) fn heed(&self) -> io::Result<()> {
        if self.0.is_given_up.load(Ordering::SeqCst) {
            return Err(io::Error::other("nobody wants it any more"));
        }
        Ok(())
    }
}
