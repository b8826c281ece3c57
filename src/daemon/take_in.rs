//! What the end of a poll changes: agenda, outputs to be rendered, health, log.

use super::leg::{Ended, Leg};
use super::network::Doubtful;
use super::report::{self, PollReport};
use super::{Daemon, Polling, moved};
use crate::fetch;
use crate::model::{FailureKind, FeedId, Health, HostPace, Outcome};
use crate::schedule::{self, End};
use jiff::{SignedDuration, Timestamp};
use std::future::pending;
use std::mem;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::timeout;

/// A request that ended: with what it led to, or in a panic.
pub(super) type Joined = Result<(task::Id, Option<Ended>), JoinError>;

/// How long a feed is put off whose poll panicked, a fault of ours that asking again would repeat.
const PANIC_RETRY: SignedDuration = SignedDuration::from_hours(1);

/// How long a request is waited for before it is waited for again: less than any time limit of a
/// connection. A timer that would be the next of all to ring makes the runtime wake itself by a system
/// call, and without one that rings sooner, those of each new connection would be: two of five thousand
/// polls each, and a look at all sockets for nothing after most of them.
const RING: Duration = Duration::from_secs(5);

/// Waits until a request has ended, or for [`RING`]; for ever while none is under way.
pub(super) async fn next_ended(polls: &mut JoinSet<Option<Ended>>) -> Option<Joined> {
    if polls.is_empty() {
        return pending().await;
    }
    timeout(RING, polls.join_next_with_id())
        .await
        .ok()
        .flatten()
}

impl Daemon {
    /// Takes in what a request led to, and what others led to that ended meanwhile, so that those who come
    /// next are started together: the states of feeds that are read at once are read in one go.
    pub(super) fn take_in_all(
        &mut self,
        first: Joined,
        again: bool,
        each: &mut (dyn FnMut(&PollReport) + Send),
    ) {
        self.heed_clock();
        let mut joined = Some(first);
        while let Some(ended) = joined {
            if let Some(report) = self.take_in(ended, again) {
                each(&report);
            }
            joined = self.polls.try_join_next_with_id();
        }
    }

    /// Takes in what a request led to; `again` enters its feed in the agenda again when its poll is over.
    /// Returns the report then, unless the poll panicked or was dropped by a reload.
    fn take_in(&mut self, joined: Joined, again: bool) -> Option<PollReport> {
        let (task, ended) = match joined {
            Ok((task, ended)) => (task, ended),
            Err(error) => (error.id(), None),
        };
        let Polling { feed, host, .. } = self.polling.remove(&task)?;
        let now = self.clock.now();
        match ended {
            Some(Ended::Polled(report)) => {
                self.tries.remove(&feed);
                self.forced.remove(&feed);
                self.take_doubt(&feed);
                self.request_ended(&feed, host, report.end);
                self.host_answered(report.reached);
                if report.status.is_some() {
                    self.excused.remove(&feed);
                }
                if report.moved.is_some() {
                    self.rehost(&feed);
                }
                self.reschedule(&feed, report.next_due_at.filter(|_| again));
                self.tell_wanted(&report);
                self.heed_proxy(&report);
                self.note(&report);
                Some(*report)
            }
            Some(Ended::Onward(leg)) => {
                self.request_ended(&feed, host, End::Answered);
                let reached = leg.reached();
                // Before anything is decided of what is in doubt: this one is under way.
                self.park(&feed, *leg, now);
                self.host_answered(reached);
                None
            }
            Some(Ended::InDoubt(record, asked_at)) => {
                self.request_ended(&feed, host.clone(), End::Nothing);
                let host = host.unwrap_or_default();
                self.doubt(Doubtful::new(*record, host, asked_at, now), again);
                None
            }
            None => {
                tracing::error!(%feed, "the poll of feed {feed} panicked: please report it");
                self.request_ended(&feed, host, End::Nothing);
                self.note_repeat(&feed, false);
                self.leave_wanted(&feed, "its poll panicked: please report it");
                self.reschedule(&feed, now.checked_add(PANIC_RETRY).ok().filter(|_| again));
                None
            }
        }
    }

    /// Lets a feed wait at another host from now on: it moved for good, or back.
    fn rehost(&mut self, feed: &FeedId) {
        let Some(number) = self.active.number(feed) else {
            return;
        };
        let states = self.store.feed_states(std::slice::from_ref(feed));
        let adopted = states
            .ok()
            .and_then(|states| moved::authority(states.first()?));
        let configured = self
            .active
            .feed(number)
            .map(|it| fetch::authority(&it.target.url));
        if let Some(authority) = adopted.or(configured) {
            self.agenda.rehost(number, &authority);
            self.rests_changed = true;
        }
    }

    /// Hands over to who tells of feeds which of them are polled later than they are due, as their hosts are let rest: once a
    /// turn of the loop, as all feeds are walked for it.
    pub(super) fn tell_rests(&mut self) {
        if !mem::take(&mut self.rests_changed) {
            return;
        }
        let at_rest = self.agenda.at_rest(self.clock.now()).into_iter();
        let told = at_rest.filter_map(|(number, until)| {
            let feed = self.active.feed(number)?;
            Some((feed.id.to_string(), until))
        });
        self.figures.at_rest(told.collect());
    }

    /// Says how a request for a feed ended, where one was made.
    fn request_ended(&mut self, feed: &FeedId, host: Option<Arc<str>>, end: End) {
        let (Some(host), Some(number)) = (host, self.active.number(feed)) else {
            return;
        };
        if let Some((host, pace)) = self.agenda.finish(number, end, self.clock.now()) {
            log_pace(&host, pace.as_ref());
            self.chores.notes.hosts.insert(host, pace);
            self.rests_changed = true;
        }
        self.rests_changed |= matches!(end, End::Troubled | End::Nothing);
        if end != End::Nothing {
            self.network.note_alive(&host);
        }
    }

    /// Lets a poll wait for the host that it was redirected to.
    fn park(&mut self, feed: &FeedId, leg: Leg, now: Timestamp) {
        if let Some(number) = self.active.number(feed) {
            self.agenda.go_on(number, &leg.authority(), now);
            self.parked.insert(number, leg);
        }
    }

    /// Enters a feed again whose poll is over, where it has a due instant and is polled; tells whether.
    pub(super) fn reschedule(&mut self, feed: &FeedId, next_due_at: Option<Timestamp>) -> bool {
        let number = self.active.number(feed);
        let enabled = |number: &usize| self.active.feed(*number).is_some_and(|feed| feed.enabled);
        let Some((number, due_at)) = number.filter(enabled).zip(next_due_at) else {
            return false;
        };
        self.agenda.put(number, due_at);
        true
    }

    /// Notes what a poll changed. A record that could not be stored says nothing of its feed.
    fn note(&mut self, report: &PollReport) {
        self.figures.polled(report, self.clock.now());
        self.chores.stale.all |= report.counts.source_changed;
        self.chores.stale.renamed |= report.counts.renamed;
        self.chores.rules_are_due |= report.counts.unlabelled;
        if report.counts.changed() {
            let settings = &self.active.config.storage;
            self.chores
                .flood
                .note(&report.feed, &report.counts, settings);
            self.chores.stale.changed = true;
            let labels = report.counts.labels.iter().cloned();
            self.chores.stale.labels.extend(labels);
        }
        match &report.outcome {
            Outcome::Failed(failure) if failure.kind == FailureKind::Store => {
                let kind = report.unstored.unwrap_or_default();
                self.store_failed(kind, &failure.message);
                return;
            }
            _ => self.store_works(),
        }
        let fails = matches!(report.health, Health::Failing | Health::Gone);
        if report.outcome.is_success() || fails {
            report::log(report, self.failing.contains_key(&report.feed));
        }
        // A first refusal for its siblings' sake, or a page of its archive, is not the feed's failure.
        if !fails {
            self.failing.remove(&report.feed);
        } else if self.active.number(&report.feed).is_some() {
            self.failing.insert(report.feed.clone(), report.health);
        }
        self.tell_of_feed(report);
    }
}

/// Logs what a host that refused is believed to want: once for each change.
fn log_pace(host: &str, pace: Option<&HostPace>) {
    let Some(pace) = pace else {
        tracing::info!("host {host} has not refused for long: it is asked as any other again");
        return;
    };
    let until = pace
        .rests_until
        .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let until = until.as_deref().unwrap_or("now");
    if pace.gap.is_zero() {
        tracing::info!("host {host} refuses: it rests until {until}");
    } else {
        let gap = schedule::span(pace.gap);
        tracing::info!(
            "host {host} refuses: it rests until {until}, and is asked at most every {gap} from then on"
        );
    }
}
