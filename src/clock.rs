//! Where the time comes from: the machine's clock in service, a hand-moved one in tests.
//!
//! Every instant that merganser stores or compares comes from a [`Clock`]; clippy's
//! `disallowed-methods` keeps other sources out. Reading the time is all a pure stage may wish for,
//! and it gets even that as an argument; waiting is the daemon's business.

use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A wait that a clock granted.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells the time and waits for it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Returns the present instant.
    fn now(&self) -> Timestamp;

    /// Returns how long the machine has been up, suspended or not: what passes between two readings of
    /// it is real time, whatever the clock was set to meanwhile (R7).
    fn uptime(&self) -> Duration;

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

    fn uptime(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::try_from(time).unwrap_or_default()
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
    time: Mutex<Time>,
}

#[derive(Debug)]
struct Time {
    now: Timestamp,
    uptime: Duration,
}

impl ManualClock {
    /// Starts at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            time: Mutex::new(Time {
                now,
                uptime: Duration::ZERO,
            }),
        }
    }

    /// Lets time pass until `instant`; does nothing when it is past.
    pub fn set(&self, instant: Timestamp) {
        self.advance(instant.duration_since(self.now()));
    }

    /// Lets so much time pass; none when it is negative.
    pub fn advance(&self, span: SignedDuration) {
        let span = Duration::try_from(span).unwrap_or_default();
        let mut time = self.time();
        time.now = time.now.saturating_add(span).unwrap_or(Timestamp::MAX);
        time.uptime += span;
    }

    /// Sets the clock forward or back by so much, in no time.
    pub fn jump(&self, span: SignedDuration) {
        let mut time = self.time();
        time.now = time.now.saturating_add(span).unwrap_or(time.now);
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.time().now
    }

    fn uptime(&self) -> Duration {
        self.time().uptime
    }

    fn wait_until(&self, instant: Timestamp) -> Wait<'_> {
        self.set(instant);
        Box::pin(std::future::ready(()))
    }
}
