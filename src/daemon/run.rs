//! The loop: starts what is due, takes in what ended, until told to stop.

use super::signals::{Signal, Signals};
use super::step::Round;
use super::take_in::next_ended;
use super::watch::Watcher;
use super::{Daemon, Server, Source, notify};
use crate::model::Health;
use crate::store::StoreError;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::time::Duration;

/// The longest sleep: a wall clock that is moved is noticed within this (R7).
const NAP: SignedDuration = SignedDuration::from_secs(30);

/// The loop that has not come by for so long hangs: twice the longest sleep. After a sleep of the machine it may seem so
/// until the nap that it was in is over.
pub(super) const SILENT: Duration = Duration::from_mins(1);

/// Why a daemon ended that was not told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The writer's thread is gone: nothing can be stored any more.
    #[error(
        "the writer of the database broke down: please report it; a restart goes on where it was"
    )]
    Writer,
    /// What is written is in a file that is not at its path any more.
    #[error(transparent)]
    Displaced(StoreError),
    /// The server is gone: nobody is answered any more.
    #[error("the server broke down: please report it; a restart goes on where it was")]
    Server,
}

impl Daemon {
    /// Runs until SIGTERM or SIGINT, then takes the daemon apart. SIGHUP reads `source` again.
    ///
    /// # Errors
    /// When a part of the daemon broke down without which it is of no use: whoever started it may start
    /// it again.
    pub async fn run(mut self, signals: &mut Signals, source: &Source) -> Result<(), RunError> {
        let mut status = self.status();
        notify::ready(&status);
        tracing::info!("{status}");
        let outcome = loop {
            self.heed_clock();
            if let Err(error) = self.heed_place() {
                break Err(RunError::Displaced(error));
            }
            self.heed_wanted();
            self.tend_file(source).await;
            let now = self.clock.now();
            self.look_at_doubts();
            self.start_what_is_due(now);
            self.look_at_exports();
            self.tell_of_us();
            self.start_chore(now);
            let present = self.status();
            self.stand(&present, now);
            if present != status {
                notify::status(&present);
                status = present;
            }
            self.feed_watchdog();
            let wake_at = self.wake_at(now);
            let clock = Arc::clone(&self.clock);
            tokio::select! {
                biased;
                signal = signals.next(self.docket.hears_signals()) => match signal {
                    Signal::Stop => break Ok(()),
                    Signal::Reload => self.ask_for_reload(),
                },
                _ = self.writer.end() => break Err(RunError::Writer),
                () = Server::ended(self.server.as_mut()) => {
                    self.server = None;
                    break Err(RunError::Server);
                }
                () = self.errands.end() => {}
                ended = next_ended(&mut self.polls) => if let Some(ended) = ended {
                    self.take_in_all(ended, true, &mut |_| {});
                },
                Some(done) = self.chores.under_way.join_next() => self.finish_chore(done),
                written = self.chores.exports.end() => self.finish_files(written),
                Some(done) = self.chores.relabelling.join_next() => self.finish_relabelling(done),
                Some(told) = self.chores.hubs.under_way.join_next() => self.finish_telling(told),
                // Last, since there is no end to what others may ask and save.
                asked = self.orders.next() => self.obey(asked, source),
                () = Watcher::stirs(self.watcher.as_ref()) => {}
                () = clock.wait_until(wake_at) => {}
            }
        };
        notify::stopping();
        tracing::info!("stopping");
        self.stop().await;
        outcome
    }

    /// Notes how things stand, for operators.
    fn stand(&self, status: &str, now: Timestamp) {
        self.figures.stand(status, self.needs(), self.polls.len());
        self.figures.queue(now, &|| self.agenda.due_by(now));
    }

    /// Starts polls that are due. While the database fails, none: each would fetch what cannot be kept
    /// (R5).
    fn start_what_is_due(&mut self, now: Timestamp) {
        if self.store_rests_until.is_some() {
            return;
        }
        let round = Round {
            due_by: now,
            again: true,
            chosen: false,
            force: false,
        };
        if let Err(error) = self.start_due(round) {
            self.store_failed(error.kind(), &error.to_string());
        }
    }

    fn wake_at(&self, now: Timestamp) -> Timestamp {
        let watchdog = notify::watchdog().map(|allowed| allowed / 3);
        let watchdog = watchdog.and_then(|every| SignedDuration::try_from(every).ok());
        let nap = watchdog.map_or(NAP, |every| every.min(NAP));
        let latest = now.saturating_add(nap).unwrap_or(now);
        // While the network is down, an attempt has to end before the next.
        let may_probe = self.network.down_since().is_none() || self.polls.is_empty();
        let may_start = self.store_rests_until.is_none() && !self.is_full() && may_probe;
        let poll = self.next_due_at().filter(|_| may_start);
        let may_try = self.store_rests_until.is_none() && !self.is_full();
        let attempt = self.next_try_at().filter(|_| may_try);
        let next = poll.into_iter().chain(attempt).chain(self.next_chore_at());
        let look = self
            .next_look_at()
            .into_iter()
            .chain(self.next_tending_at())
            .chain(self.next_wanted_at())
            .chain(self.next_export_look_at());
        next.chain(look).chain([latest]).min().unwrap_or(latest)
    }

    /// Returns the line that `systemctl status` shows.
    pub fn status(&self) -> String {
        let feeds = self.active.config.feeds.iter();
        let feeds = feeds.filter(|feed| feed.enabled).count();
        let outputs = self.active.config.outputs.len();
        // Nobody waits for those any more.
        let gone = self.failing.values();
        let gone = gone.filter(|health| **health == Health::Gone).count();
        let failing = self.failing.len() - gone;
        let gone = match gone {
            0 => String::new(),
            some => format!(", {some} gone"),
        };
        let plural = |number: usize| if number == 1 { "" } else { "s" };
        let mut status = format!(
            "{feeds} feed{}, {failing} failing{gone}, {outputs} output{}",
            plural(feeds),
            plural(outputs)
        );
        if let Some(next) = self.agenda.next_at() {
            let next = of_day(next, self.clock.now());
            write!(status, ", next poll {next}").ok();
        }
        if let Some((since, next)) = self.network_down() {
            let since = since.strftime("; the network is DOWN since %H:%M UTC");
            status.push_str(&since.to_string());
            let next = next.map(|at| at.strftime(", tried again at %H:%M UTC").to_string());
            status.push_str(&next.unwrap_or_default());
        }
        if let Some((since, name)) = self.proxies.trouble() {
            let since = since.strftime("%H:%M UTC");
            let told = format!("; the proxy {name} is NOT reached since {since}");
            status.push_str(&told);
        }
        if !self.chores.relabelling.is_empty() {
            status.push_str("; applying rules to what is stored");
        }
        if let Some(until) = self.store_rests_until {
            let until = until.strftime("; the database FAILS, tried again at %H:%M UTC");
            status.push_str(&until.to_string());
        }
        if let Some(unwritten) = self.files_trouble() {
            let told = format!("; publish-dir FAILS: {}", unwritten.why);
            status.push_str(&told);
            let next = self.files_from().map(|at| at.max(self.clock.now()));
            let next = next.map(|at| at.strftime(" (tried again at %H:%M UTC)").to_string());
            status.push_str(&next.unwrap_or_default());
        }
        if let Some(unwritten) = self.archives_trouble() {
            let told = format!("; the archive of {}", unwritten.why);
            status.push_str(&told);
        }
        if let Some(rejected) = &self.reloads.rejected {
            let since = self.reloads.in_force_since;
            let since = since.strftime("%Y-%m-%d %H:%M UTC");
            let at = rejected.at.strftime("%H:%M UTC");
            let verdict = if rejected.has_failed {
                "could NOT be taken up"
            } else {
                "was REJECTED"
            };
            let verdict =
                format!("; the feeds.toml of {since} runs on, the newer {verdict} at {at}: ");
            status.push_str(&verdict);
            status.push_str(&rejected.why);
        }
        status
    }
}

/// Says when something is to be: the time, and the day as well where that is another.
fn of_day(at: Timestamp, now: Timestamp) -> impl Display {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let is_today = day(at) == day(now);
    at.strftime(if is_today {
        "%H:%M UTC"
    } else {
        "%Y-%m-%d %H:%M UTC"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, ManualClock, Wait};
    use crate::config;
    use crate::daemon::StateDir;
    use crate::serve::Report;
    use std::future::pending;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use tempfile::TempDir;
    use tokio::sync::Notify;

    #[test]
    fn another_day_is_named() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-11-27T23:58:00Z");
        for (then, expected) in [
            ("2026-11-27T23:59:00Z", "23:59 UTC"),
            ("2026-11-28T00:01:00Z", "2026-11-28 00:01 UTC"),
        ] {
            assert_eq!(of_day(at(then), now).to_string(), expected);
        }
    }

    /// Some hours of naps.
    const NAPS: usize = 500;

    /// A clock that goes on by each nap, and stands still after so many.
    #[derive(Debug)]
    struct Naps {
        clock: ManualClock,
        taken: AtomicUsize,
        are_over: Notify,
    }

    impl Clock for Naps {
        fn now(&self) -> Timestamp {
            self.clock.now()
        }

        fn uptime(&self) -> Duration {
            self.clock.uptime()
        }

        fn wait_until(&self, instant: Timestamp) -> Wait<'_> {
            if self.taken.fetch_add(1, Relaxed) < NAPS {
                return self.clock.wait_until(instant);
            }
            self.are_over.notify_one();
            Box::pin(pending())
        }
    }

    /// A daemon that has nothing to do for hours lives, and shows it.
    #[tokio::test]
    async fn r16_a_daemon_without_work_gives_signs_of_life() {
        let place = TempDir::new().unwrap();
        let clock = Arc::new(Naps {
            clock: ManualClock::new("2026-11-24T06:00:00Z".parse().unwrap()),
            taken: AtomicUsize::new(0),
            are_over: Notify::new(),
        });
        let state = StateDir::claim(place.path()).unwrap();
        let config = config::read("", &|_| None).unwrap().config;
        let used: Arc<Naps> = Arc::clone(&clock);
        let daemon = Daemon::build(config, state, used, None).await.unwrap();
        let figures = daemon.figures.clone();
        let source = Source {
            path: place.path().join("feeds.toml"),
            environment: Arc::new(|_| None),
        };
        let (begun, mut signals) = (clock.uptime(), Signals::new().unwrap());
        tokio::select! {
            ended = daemon.run(&mut signals, &source) => panic!("{ended:?}"),
            () = clock.are_over.notified() => {}
        }
        assert!(clock.uptime() >= begun + SILENT * 10);
        assert_eq!(figures.silent(), None);
    }
}
