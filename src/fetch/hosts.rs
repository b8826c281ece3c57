//! Turns: one request at a time to a host, a pause between two, so many under way over all.
//!
//! A host is an authority, `name:port`. Who comes first is served first (tokio's mutex is fair). A
//! fetch holds a turn only for one hop and takes its slot last, when nothing is left to wait for, so a
//! crowded host never keeps slots from others, and no fetch ever holds two turns: nothing can lock up.

use crate::clock::Clock;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// Hosts remembered before idle ones are forgotten for the first time: far more than one process
/// polls at once, and less than a megabyte.
const SWEEP_AT: usize = 4096;

/// When a host may be asked next; `None` before the first request. Locked while one is under way.
type Turn = Arc<Mutex<Option<Timestamp>>>;

/// All hosts that were asked lately.
#[derive(Debug)]
pub(super) struct Hosts {
    table: StdMutex<Table>,
}

#[derive(Debug)]
struct Table {
    turns: HashMap<String, Turn>,
    /// Size at which to look for idle hosts: twice what the last look left, so that a table full of
    /// busy hosts is not combed at each request.
    sweep_at: usize,
}

impl Hosts {
    /// Makes an empty table.
    pub(super) fn new() -> Self {
        Self {
            table: StdMutex::new(Table {
                turns: HashMap::new(),
                sweep_at: SWEEP_AT,
            }),
        }
    }

    fn turn(&self, authority: &str, now: Timestamp) -> Turn {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = table.turns.get(authority) {
            return Arc::clone(turn);
        }
        if table.turns.len() >= table.sweep_at {
            table.turns.retain(|_, turn| !is_idle(turn, now));
            table.sweep_at = (table.turns.len() * 2).max(SWEEP_AT);
        }
        let turn = Turn::default();
        table.turns.insert(authority.to_owned(), Arc::clone(&turn));
        turn
    }
}

/// Tells whether nobody uses or awaits the turn and its pause is over. The table's lock is held, so
/// nobody can take it up meanwhile.
fn is_idle(turn: &Turn, now: Timestamp) -> bool {
    Arc::strong_count(turn) == 1
        && turn
            .try_lock()
            .is_ok_and(|free_at| free_at.is_none_or(|free_at| free_at <= now))
}

/// The way to a host: its turn, its pause, a slot.
#[derive(Debug)]
pub(super) struct Gate {
    hosts: Arc<Hosts>,
    slots: Arc<Semaphore>,
    gap: Duration,
}

impl Gate {
    /// Opens a gate with `concurrency` slots (at least one) over `hosts`.
    pub(super) fn new(hosts: Arc<Hosts>, concurrency: usize, gap: Duration) -> Self {
        let slots = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            hosts,
            slots: Arc::new(Semaphore::new(slots)),
            gap,
        }
    }

    /// Returns the table, for a gate with other settings that keeps the pace.
    pub(super) fn hosts(&self) -> Arc<Hosts> {
        Arc::clone(&self.hosts)
    }

    /// Waits until `authority` may be asked. The host is taken until the pass is dropped.
    pub(super) async fn enter<'a>(&self, authority: &str, clock: &'a dyn Clock) -> Pass<'a> {
        let turn = self.hosts.turn(authority, clock.now());
        let turn = turn.lock_owned().await;
        if let Some(free_at) = *turn {
            // A clock that was set back must not hold the host for longer than its pause.
            clock
                .wait_until(free_at.min(later(clock.now(), self.gap)))
                .await;
        }
        Pass {
            // Fails only when the semaphore is closed, which nobody does.
            _slot: Arc::clone(&self.slots).acquire_owned().await.ok(),
            turn,
            clock,
            gap: self.gap,
        }
    }
}

/// Leave to ask one host; when dropped, the host's pause begins.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    turn: OwnedMutexGuard<Option<Timestamp>>,
    _slot: Option<OwnedSemaphorePermit>,
    clock: &'a dyn Clock,
    gap: Duration,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.turn = Some(later(self.clock.now(), self.gap));
    }
}

fn later(instant: Timestamp, span: Duration) -> Timestamp {
    instant.saturating_add(span).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use futures_util::FutureExt;
    use jiff::SignedDuration;

    const GAP: Duration = Duration::from_secs(1);

    fn clock() -> ManualClock {
        ManualClock::new("2026-11-01T12:00:00Z".parse().unwrap())
    }

    fn gate(concurrency: usize) -> Gate {
        Gate::new(Arc::new(Hosts::new()), concurrency, GAP)
    }

    /// P32: one at a time to a host; two hosts do not wait for each other.
    #[tokio::test]
    async fn a_host_is_asked_one_at_a_time() {
        let (gate, clock) = (gate(16), clock());
        let first = gate.enter("a:80", &clock).await;
        assert!(gate.enter("a:80", &clock).now_or_never().is_none());
        assert!(gate.enter("b:80", &clock).now_or_never().is_some());
        drop(first);
        assert!(gate.enter("a:80", &clock).now_or_never().is_some());
    }

    #[tokio::test]
    async fn the_pause_runs_from_end_to_start() {
        let (gate, clock) = (gate(16), clock());
        let pass = gate.enter("a:80", &clock).await;
        clock.advance(SignedDuration::from_secs(20));
        let left_at = clock.now();
        drop(pass);
        let _pass = gate.enter("a:80", &clock).await;
        assert_eq!(clock.now(), later(left_at, GAP));
    }

    /// R7: a clock set back by a day holds no host for a day.
    #[tokio::test]
    async fn a_clock_set_back_costs_one_pause() {
        let (gate, clock) = (gate(16), clock());
        drop(gate.enter("a:80", &clock).await);
        clock.advance(SignedDuration::from_hours(-24));
        let set_to = clock.now();
        let _pass = gate.enter("a:80", &clock).await;
        assert_eq!(clock.now(), later(set_to, GAP));
    }

    #[tokio::test]
    async fn slots_are_shared_by_all_hosts_and_not_held_by_those_who_wait() {
        let (gate, clock) = (gate(2), clock());
        let first = gate.enter("a:80", &clock).await;
        assert!(gate.enter("a:80", &clock).now_or_never().is_none());
        let second = gate.enter("b:80", &clock).now_or_never();
        assert!(second.is_some(), "a waiting fetch holds a slot");
        assert!(gate.enter("c:80", &clock).now_or_never().is_none());
        drop(first);
        assert!(gate.enter("c:80", &clock).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_new_gate_keeps_the_pace() {
        let (gate, clock) = (gate(1), clock());
        let started_at = clock.now();
        drop(gate.enter("a:80", &clock).await);
        let gate = Gate::new(gate.hosts(), 4, GAP);
        drop(gate.enter("a:80", &clock).await);
        assert_eq!(clock.now(), later(started_at, GAP));
    }

    #[tokio::test]
    async fn idle_hosts_are_forgotten_and_busy_ones_are_not() {
        let (gate, clock) = (gate(16), clock());
        let _busy = gate.enter("busy:80", &clock).await;
        for host in 0..3 * SWEEP_AT {
            drop(gate.enter(&format!("h{host}:80"), &clock).await);
            clock.advance(SignedDuration::from_secs(2));
        }
        let table = gate.hosts.table.lock().unwrap();
        assert!(table.turns.len() <= SWEEP_AT);
        assert!(table.turns.contains_key("busy:80"));
    }
}
