//! What systemd is told: the `sd_notify` contract of a `Type=notify-reload` service.
//!
//! Every call is one datagram to `$NOTIFY_SOCKET`; without one, nothing happens. A datagram that
//! cannot be sent is logged and otherwise ignored: systemd's timeouts are the answer to that.

use crate::clock::Clock;
use crate::model::Watch;
use jiff::SignedDuration;
use sd_notify::NotifyState;
use std::mem;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Says that the daemon serves and polls, and what it is doing.
pub(super) fn ready(status: &str) {
    send(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Says what the daemon is doing.
pub(super) fn status(status: &str) {
    send(&[NotifyState::Status(status)]);
}

/// Says that a reload began. [`ready`] must follow, whatever comes of it.
///
/// Monotonic time and state go in one datagram: apart, `systemctl reload` hangs.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => send(&[
            NotifyState::Reloading,
            now,
            NotifyState::Status("reloading feeds.toml"),
        ]),
        Err(error) => tracing::warn!(%error, "cannot tell systemd of the reload"),
    }
}

/// Says that the daemon is on its way out.
pub(super) fn stopping() {
    send(&[
        NotifyState::Stopping,
        NotifyState::Status("writing what is under way"),
    ]);
}

/// Says that the loop is alive.
pub(super) fn alive() {
    send(&[NotifyState::Watchdog]);
}

/// Returns how long systemd waits for the next [`alive`]: `WatchdogSec=` of the unit.
pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// How often systemd is told that the start goes on.
const STILL_STARTING: SignedDuration = SignedDuration::from_secs(5);

/// How long it then waits for the next word: several times that, for a machine that is busy.
const MORE_TIME: u32 = 30_000_000;

/// While it exists, systemd is told that the start takes longer: a database of another version is brought up to
/// date, and one that was not closed well is read as a whole, which may take minutes.
#[derive(Debug)]
pub struct Starting {
    _task: JoinSet<()>,
    /// How many migrations are done, and of how many.
    steps: watch::Sender<(u64, u64)>,
}

impl Starting {
    /// Begins; must be called within a runtime of several threads, since opening the database blocks one.
    pub fn begin(clock: Arc<dyn Clock>) -> Self {
        let (steps, mut told) = watch::channel((0, 0));
        let mut task = JoinSet::new();
        task.spawn(async move {
            loop {
                let status = opening(*told.borrow_and_update());
                send(&[
                    NotifyState::ExtendTimeoutUsec(MORE_TIME),
                    NotifyState::Status(&status),
                ]);
                let next = clock.now().saturating_add(STILL_STARTING);
                tokio::select! {
                    () = clock.wait_until(next.unwrap_or_default()) => {}
                    // Who would tell is there for as long as this is.
                    _ = told.changed() => {}
                }
            }
        });
        Self { _task: task, steps }
    }

    /// Returns who is told how far the opening of the database is: how many migrations are done, and of how many.
    pub fn watch(&self) -> Watch {
        let steps = self.steps.clone();
        Watch::new(move |done, of| {
            steps.send_if_modified(|told| mem::replace(told, (done, of)) != (done, of));
        })
    }
}

/// Says what is done with the database before it is open.
fn opening((done, of): (u64, u64)) -> String {
    if of == 0 {
        return "opening the database: checking it, bringing it up to date".to_owned();
    }
    // The one that is under way.
    let number = done.saturating_add(1).min(of);
    format!("opening the database: migrating {number} of {of}")
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "cannot notify systemd");
    }
}
