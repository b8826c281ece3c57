//! Where the time comes from: the machine's clock in service, a hand-moved one in tests.
//!
//! Every instant that merganser stores or compares comes from a [`Clock`]; clippy's
//! `disallowed-methods` keeps other sources out. Reading the time is all a pure stage may wish for,
//! and it gets even that as an argument; waiting is the daemon's business.

use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A wait that a clock granted.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells the time and waits for it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Returns the present instant.
    fn now(&self) -> Timestamp;

    /// Waits until `instant`; returns at once when it has passed.
    fn wait_until(&self, instant: Timestamp) -> Wait<'_>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one home of the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one home of waiting")]
    fn wait_until(&self, instant: Timestamp) -> Wait<'_> {
        let span = Duration::try_from(instant.duration_since(self.now())).unwrap_or_default();
        Box::pin(tokio::time::sleep(span))
    }
}

/// A clock that stands still until it is moved: nothing waits for real time.
///
/// [`Clock::wait_until`] moves it forward to the instant asked for, so a daemon that is stepped with
/// it runs through host gaps and back-offs at once, in order.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
}

impl ManualClock {
    /// Starts at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now: Mutex::new(now),
        }
    }

    /// Moves to `instant`, backwards too.
    pub fn set(&self, instant: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = instant;
    }

    /// Moves forward by `span`.
    pub fn advance(&self, span: SignedDuration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(span).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until(&self, instant: Timestamp) -> Wait<'_> {
        if instant > self.now() {
            self.set(instant);
        }
        Box::pin(std::future::ready(()))
    }
}
