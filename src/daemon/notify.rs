//! What systemd is told: the `sd_notify` contract of a `Type=notify-reload` service.
//!
//! Every call is one datagram to `$NOTIFY_SOCKET`; without one, nothing happens. A datagram that
//! cannot be sent is logged and otherwise ignored: systemd's timeouts are the answer to that.

use sd_notify::NotifyState;
use std::time::Duration;

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

/// Returns how often [`alive`] is to be said: a third of what the unit's `WatchdogSec=` allows.
pub(super) fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|allowed| allowed / 3)
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "cannot notify systemd");
    }
}
