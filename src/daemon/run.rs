//! The loop: polls what is due, publishes what changed, removes what is old, until told to stop.

use super::press::{self, Press, Stale};
use super::signals::{Signal, Signals};
use super::step::Round;
use super::{Daemon, Source, notify};
use jiff::{SignedDuration, Timestamp};
use std::mem;
use std::sync::Arc;

/// Least pause between two publishings while polls are under way: a round of a thousand feeds renders
/// the outputs a few times and not a thousand.
const PUBLISH_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// How long work on the database rests after a failure of it (R5).
const STORE_REST: SignedDuration = SignedDuration::from_mins(1);

/// How often what is too old is removed.
const RETAIN_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// The longest sleep: a wall clock that jumps is noticed within this (R7).
const NAP: SignedDuration = SignedDuration::from_secs(30);

impl Daemon {
    /// Runs until SIGTERM or SIGINT, then takes the daemon apart. SIGHUP reads `source` again.
    pub async fn run(mut self, signals: &mut Signals, source: &Source<'_>) {
        notify::ready(&self.status());
        tracing::info!("{}", self.status());
        let mut status = String::new();
        loop {
            let wake_at = self.work().await;
            let now = mem::replace(&mut status, self.status());
            if now != status {
                notify::status(&status);
            }
            notify::alive();
            let clock = Arc::clone(&self.clock);
            tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    Signal::Stop => break,
                    Signal::Reload => self.reload(source).await,
                },
                Some(ended) = self.polls.join_next_with_id() => {
                    self.take_in(ended, true);
                }
                () = clock.wait_until(wake_at) => {}
            }
        }
        notify::stopping();
        tracing::info!("stopping");
        self.stop().await;
    }

    /// Does what is due now and returns when to look again.
    async fn work(&mut self) -> Timestamp {
        let now = self.clock.now();
        let round = Round {
            due_by: now,
            again: true,
            force: false,
        };
        if let Err(error) = self.start_due(round) {
            self.store_failed(&error.to_string());
        }
        if self.polls.is_empty() || self.publish_from <= now {
            self.publish().await;
        }
        if self.retain_at <= now {
            self.retain().await;
        }
        self.wake_at(now)
    }

    fn wake_at(&self, now: Timestamp) -> Timestamp {
        let watchdog =
            notify::watchdog_interval().and_then(|every| SignedDuration::try_from(every).ok());
        let nap = watchdog.map_or(NAP, |every| every.min(NAP));
        let full = self.polls.len() >= self.active.in_flight_max();
        let next = self.agenda.next_at().filter(|_| !full);
        let publish = (!self.stale.is_empty()).then_some(self.publish_from);
        let latest = now.saturating_add(nap).unwrap_or(now);
        next.into_iter()
            .chain(publish)
            .chain([latest])
            .min()
            .unwrap_or(latest)
    }

    /// Renders what is stale. A failure is logged once; the old documents stay on the shelf (U27).
    pub(super) async fn publish(&mut self) {
        let now = self.clock.now();
        if self.stale.is_empty() || (self.store_fails && now < self.publish_from) {
            return;
        }
        let stale = mem::take(&mut self.stale);
        let press = Press {
            store: self.store.clone(),
            active: Arc::clone(&self.active),
            shelf: Arc::clone(&self.shelf),
            now,
        };
        let mut rest = PUBLISH_PAUSE;
        match press::publish(press, stale).await {
            Ok(()) => self.vitals.set(Ok(())),
            Err(error) => {
                self.store_failed(&error.to_string());
                self.stale = Stale::everything();
                rest = STORE_REST;
            }
        }
        self.publish_from = now.saturating_add(rest).unwrap_or(now);
    }

    /// Removes what is too old, once a day.
    pub(super) async fn retain(&mut self) {
        let now = self.clock.now();
        if now < self.retain_at {
            return;
        }
        self.retain_at = now.saturating_add(RETAIN_EVERY).unwrap_or(Timestamp::MAX);
        match self.store.retain(now, &self.active.config.storage).await {
            Ok(0) => {}
            Ok(removed) => {
                tracing::info!(removed, "removed entries that are older than the retention");
                self.stale = Stale::everything();
            }
            Err(error) => self.store_failed(&error.to_string()),
        }
    }

    /// Says that the database failed: once in the log, and in `/healthz` until it works again.
    pub(super) fn store_failed(&mut self, message: &str) {
        if !self.store_fails {
            tracing::error!("the database fails, polls are put off: {message}");
        }
        self.store_fails = true;
        self.vitals.set(Err(message.to_owned()));
    }

    /// Says that the database works.
    pub(super) fn store_works(&mut self) {
        if self.store_fails {
            tracing::info!("the database works again");
            self.store_fails = false;
            self.vitals.set(Ok(()));
        }
    }

    /// Returns the line that `systemctl status` shows.
    pub(super) fn status(&self) -> String {
        let feeds = self
            .active
            .config
            .feeds
            .iter()
            .filter(|feed| feed.enabled)
            .count();
        let outputs = self.active.config.outputs.len();
        let failing = self.failing.len();
        let next = self
            .agenda
            .next_at()
            .map(|at| format!(", next poll {}", at.strftime("%H:%M UTC")));
        format!(
            "{feeds} feeds, {failing} failing, {outputs} outputs{}",
            next.unwrap_or_default()
        )
    }
}
