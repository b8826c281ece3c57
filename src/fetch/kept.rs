//! Which connections are kept for the next request to their host.
//!
//! Most hosts are asked once an hour or two: a connection kept for them is a socket held for nothing.
//! Where a host has several feeds that are due together, or leads from one of its addresses to another,
//! the next request comes within seconds, and a kept connection saves it the handshake. So a connection is
//! kept where the last visits say that it pays: a request came within [`IDLE`] of another, now or the last
//! time that the host was asked. Nobody has to say which hosts those are.
//!
//! Measured on loopback with TLS: twenty feeds on each of fifty hosts, asked in a row, take 0.20 ms of CPU a
//! poll instead of 0.86. Keeping all of them was rejected: over 1,000 hosts that are asked once it takes a
//! quarter more CPU and 28 MB at the peak instead of 12, and thousands of sockets with thousands of hosts.
//! So was keeping those of hosts that several feeds name: their polls are mostly far apart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a connection is kept. Load balancers and web servers hang up after 60 seconds and more, so it
/// is mostly we who do: what hangs up first seldom sends into a connection that is gone.
pub(super) const IDLE: Duration = Duration::from_secs(45);

/// The client looks for connections that were idle for too long only once in [`IDLE`].
const OPEN: Duration = Duration::from_secs(90);

/// Connections that are kept at once. A service often has 1024 sockets, and polls and readers need some.
const MAX_KEPT: usize = 128;

/// Hosts whose habits are remembered: far more than are asked within [`IDLE`], and less than a megabyte.
const MAX_HOSTS: usize = 4096;

/// Least time between two looks for hosts to forget: with more hosts than are remembered, each new one
/// would look through all of them, and find hardly one more than the one before.
const SWEEP: Duration = Duration::from_secs(1);

/// What becomes of the connection of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    /// It is made for this request alone.
    Single,
    /// It is made, and kept.
    Kept,
    /// It is one that was kept, unless that one is gone.
    Reused,
}

/// The memory of hosts, by name and port.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    hosts: HashMap<String, Habits>,
    /// When hosts were last forgotten.
    swept_at: Option<Instant>,
    /// Hosts whose connections were kept, and when they are closed at the latest.
    open_until: HashMap<String, Instant>,
}

/// How a host was asked lately.
#[derive(Clone, Copy, Debug)]
struct Habits {
    asked_at: Instant,
    /// Whether a request of this visit came soon after another.
    followed: bool,
    /// Whether one of the visit before did.
    followed_before: bool,
}

impl Kept {
    /// Says what becomes of the connection of a request that is made now.
    pub(super) fn connection(&self, host: &str, now: Instant) -> Connection {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.pays(host, now) {
            memory.keep(host, now)
        } else {
            Connection::Single
        }
    }

    /// Notes that the origin keeps no connection, whatever we would.
    pub(super) fn closed(&self, host: &str) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.open_until.remove(host);
    }
}

impl Memory {
    /// Tells whether another request is likely to come soon, or one came just before this.
    fn pays(&mut self, host: &str, now: Instant) -> bool {
        if let Some(habits) = self.hosts.get_mut(host) {
            return habits.ask(now);
        }
        if self.hosts.len() >= MAX_HOSTS {
            self.sweep(now);
        }
        if self.hosts.len() < MAX_HOSTS {
            let first = Habits {
                asked_at: now,
                followed: false,
                followed_before: false,
            };
            self.hosts.insert(host.to_owned(), first);
        }
        false
    }

    fn sweep(&mut self, now: Instant) {
        let since = self.swept_at.map(|at| now.saturating_duration_since(at));
        if since.is_none_or(|since| since >= SWEEP) {
            self.hosts
                .retain(|_, it| it.followed || is_soon(it.asked_at, now));
            self.swept_at = Some(now);
        }
    }

    fn keep(&mut self, host: &str, now: Instant) -> Connection {
        if let Some(until) = self.open_until.get_mut(host) {
            let is_open = *until > now;
            *until = now + OPEN;
            return if is_open {
                Connection::Reused
            } else {
                Connection::Kept
            };
        }
        if self.open_until.len() >= MAX_KEPT {
            self.open_until.retain(|_, until| *until > now);
        }
        if self.open_until.len() >= MAX_KEPT {
            return Connection::Single;
        }
        self.open_until.insert(host.to_owned(), now + OPEN);
        Connection::Kept
    }
}

impl Habits {
    fn ask(&mut self, now: Instant) -> bool {
        if is_soon(self.asked_at, now) {
            self.followed = true;
        } else {
            self.followed_before = self.followed;
            self.followed = false;
        }
        self.asked_at = now;
        self.followed || self.followed_before
    }
}

fn is_soon(asked_at: Instant, now: Instant) -> bool {
    now.saturating_duration_since(asked_at) < IDLE
}

#[cfg(test)]
mod tests {
    use super::Connection::{Kept, Reused, Single};
    use super::*;

    /// Asks a host after pauses of so many seconds.
    fn check(pauses: &[(u64, Connection)]) {
        let kept = super::Kept::default();
        let mut now = Instant::now();
        for (number, (pause, expected)) in pauses.iter().enumerate() {
            now += Duration::from_secs(*pause);
            assert_eq!(kept.connection("a:443", now), *expected, "{number}");
        }
    }

    #[test]
    fn hosts_asked_now_and_then_keep_nothing() {
        check(&[(0, Single), (3600, Single), (45, Single), (3600, Single)]);
    }

    #[test]
    fn hosts_asked_again_soon_keep_their_connection() {
        check(&[(0, Single), (1, Kept), (1, Reused), (44, Reused)]);
    }

    /// A host that leads from one address to another does so each time.
    #[test]
    fn the_visit_before_tells_what_the_next_will_be() {
        check(&[
            (0, Single),
            (1, Kept),
            (3600, Kept),
            (1, Reused),
            (3600, Kept),
            (3600, Single),
        ]);
    }

    #[test]
    fn hosts_that_hang_up_are_not_taken_at_our_word() {
        let kept = super::Kept::default();
        let now = Instant::now();
        for expected in [Single, Kept, Kept] {
            assert_eq!(kept.connection("a:443", now), expected);
            kept.closed("a:443");
        }
    }

    /// Nothing is learnt of hosts beyond those that are remembered, until some were not asked for a while.
    #[test]
    fn hosts_make_room_for_others() {
        let kept = super::Kept::default();
        let now = Instant::now();
        for number in 0..MAX_HOSTS {
            kept.connection(&format!("h{number}:443"), now);
        }
        for (pause, expected) in [(0, Single), (1, Single), (45, Single), (46, Kept)] {
            let now = now + Duration::from_secs(pause);
            assert_eq!(kept.connection("a:443", now), expected, "{pause}");
        }
    }

    #[test]
    fn connections_that_are_kept_are_few() {
        let kept = super::Kept::default();
        let now = Instant::now();
        let hosts: Vec<String> = (0..2 * MAX_HOSTS).map(|n| format!("h{n}:443")).collect();
        let ask = |host: &String, now| kept.connection(host, now);
        assert!(hosts.iter().all(|host| ask(host, now) == Single));
        let kept_now = hosts.iter().filter(|host| ask(host, now) == Kept);
        assert_eq!(kept_now.count(), MAX_KEPT);
        assert_eq!(kept.0.lock().unwrap().hosts.len(), MAX_HOSTS);
        // Others have their turn when those are closed.
        let later = now + OPEN;
        assert_eq!(ask(&hosts[MAX_KEPT], later), Kept);
    }
}
