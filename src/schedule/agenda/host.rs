//! One host of the agenda: what is under way there, who waits, and when it may be asked again.

use crate::model::HostPace;
use crate::schedule::jitter::later;
use crate::schedule::pace::{self, Refusal};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

/// Requests to a host this close together may be too many for it; what lies further apart is not what a
/// refusal is about.
pub(super) const CROWD: Duration = Duration::from_hours(1);

/// So often in a row a refusal of one feed, and of no other between, may be about the pace. With the next the feed is what
/// the host does not like, though it may answer for it now and then.
const ABOUT_PACE: u8 = 2;

/// A feed that waits, and since when.
pub(super) type Waiter = (Timestamp, usize);

/// How a request ended, as far as its host's pace depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With an answer.
    Answered,
    /// With a refusal.
    Refused(Refusal),
    /// With 503, and no word about when: the host is in trouble, whichever feed it was asked for.
    Troubled,
    /// With nothing, or with nothing that says anything of the host.
    Nothing,
}

/// The feed that a host refused last.
#[derive(Clone, Copy, Debug)]
struct Refused {
    /// Its number; `None` once the configuration has it no more.
    feed: Option<usize>,
    /// Whether the host answered for another since.
    spared_others: bool,
    /// So often in a row it refused that feed, and answered for others between.
    times: u8,
}

impl Refused {
    /// Takes in that the host refuses a feed.
    fn then(before: Option<Self>, feed: usize) -> Self {
        let same = before.filter(|it| it.feed.is_none_or(|it| it == feed));
        let times = same.map_or(1, |it| it.times.saturating_add(it.spared_others.into()));
        Self {
            feed: Some(feed),
            spared_others: false,
            times,
        }
    }
}

/// A host: what is under way there, and what waits.
#[derive(Clone, Debug, Default)]
pub(super) struct Host {
    /// The feed that it is being asked for.
    pub(super) busy: Option<usize>,
    /// When its last request ended.
    asked_at: Option<Timestamp>,
    /// The feed of that request, if it is known.
    asked_for: Option<usize>,
    /// When the last request ended that was for another feed than that.
    asked_for_another_at: Option<Timestamp>,
    /// When it last answered without refusing.
    answered_at: Option<Timestamp>,
    /// So many of its last answers in a row told of trouble. Not remembered over a restart: it is a matter of minutes.
    troubled: u8,
    /// Which feed it refused last. Not remembered over a restart: its pace is felt for twice more then, at most.
    refused: Option<Refused>,
    /// What it wants, where it refused.
    pub(super) pace: Option<HostPace>,
    /// Its feeds that are due, in order of arrival.
    own: VecDeque<Waiter>,
    /// Feeds whose polls were led here, in order of arrival.
    led: VecDeque<Waiter>,
    /// Whether its own are next where both wait. They take turns: whichever are many, the others wait no
    /// longer than twice their number. Of a host that was just asked for its own, the polls that are
    /// under way are next.
    own_next: bool,
    /// When the next of them may go, and which it is; set while it stands in the set of ready hosts.
    pub(super) ready: Option<Waiter>,
}

impl Host {
    /// Returns the pause between two requests to it.
    fn gap(&self, least: Duration) -> Duration {
        let learnt = self.pace.map_or(Duration::ZERO, |pace| pace.gap);
        least.max(learnt).max(pace::in_trouble(self.troubled))
    }

    /// Returns when it may be asked again, as far as it alone is concerned.
    pub(super) fn free_at(&self, gap: Duration) -> Timestamp {
        let rested = self
            .asked_at
            .map_or(Timestamp::MIN, |at| later(at, self.gap(gap)));
        let until = self.pace.and_then(|pace| pace.rests_until);
        rested.max(until.unwrap_or(Timestamp::MIN))
    }

    /// Returns until when it is let rest, where it refused or is in trouble.
    pub(super) fn rests_until(&self) -> Option<Timestamp> {
        let trouble = self.asked_at.filter(|_| self.troubled > 0);
        let trouble = trouble.map(|at| later(at, pace::in_trouble(self.troubled)));
        trouble.max(self.pace.and_then(|pace| pace.rests_until))
    }

    /// Returns who is next and when; `None` while it is busy, or nobody waits.
    pub(super) fn next(&self, gap: Duration) -> Option<Waiter> {
        let queue = if self.led_goes() {
            &self.led
        } else {
            &self.own
        };
        let (since, feed) = *queue.front().filter(|_| self.busy.is_none())?;
        Some((self.free_at(gap).max(since), feed))
    }

    /// Takes out who is next: it is busy with it then.
    pub(super) fn take(&mut self) -> Option<usize> {
        self.own_next = self.led_goes();
        let queue = if self.own_next {
            &mut self.led
        } else {
            &mut self.own
        };
        let (_, feed) = queue.pop_front()?;
        self.busy = Some(feed);
        Some(feed)
    }

    /// Tells whether a poll that was led here is next.
    fn led_goes(&self) -> bool {
        !self.led.is_empty() && (self.own.is_empty() || !self.own_next)
    }

    /// Lets one of its own feeds wait, or one whose poll was led here.
    pub(super) fn push(&mut self, waiter: Waiter, is_led: bool) {
        if is_led {
            self.led.push_back(waiter);
        } else {
            self.own.push_back(waiter);
        }
    }

    /// Lets a feed wait no longer.
    pub(super) fn remove(&mut self, feed: usize) {
        self.own.retain(|(_, waiting)| *waiting != feed);
        self.led.retain(|(_, waiting)| *waiting != feed);
    }

    /// Returns the feeds that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = usize> {
        self.own.iter().chain(&self.led).map(|(_, feed)| *feed)
    }

    /// Returns since when one of its own feeds waits, if it does.
    pub(super) fn due_at(&self, feed: usize) -> Option<Timestamp> {
        let waiter = self.own.iter().find(|(_, waiting)| *waiting == feed)?;
        Some(waiter.0)
    }

    /// Tells whether it was asked for another feed than `feed` within the last hour.
    ///
    /// A feed that is not known is another one. Should it have been the same, one request comes a quarter of
    /// an hour after a refusal instead of four; should another be taken for the same, all feeds of the
    /// host are silent for four hours, and the pace is not learnt that would spare it the next refusal.
    pub(super) fn is_crowded(&self, feed: usize, now: Timestamp) -> bool {
        let at = if self.asked_for == Some(feed) {
            self.asked_for_another_at
        } else {
            self.asked_at
        };
        at.is_some_and(|at| now < later(at, CROWD))
    }

    /// Takes in that its request is over.
    pub(super) fn finish(&mut self, feed: usize, end: End, least: Duration, now: Timestamp) {
        self.busy = None;
        self.troubled = match end {
            End::Troubled => self.troubled.saturating_add(1),
            End::Nothing => self.troubled,
            End::Answered | End::Refused(_) => 0,
        };
        match end {
            End::Answered => {
                self.answered_at = Some(now);
                self.pace.take_if(|pace| pace::is_forgiven(pace, now));
                if let Some(refused) = &mut self.refused {
                    refused.spared_others |= refused.feed != Some(feed);
                }
            }
            End::Refused(refusal) => self.refuse(feed, refusal, least, now),
            End::Troubled | End::Nothing => {}
        }
        if self.asked_for != Some(feed) {
            self.asked_for_another_at = self.asked_at;
        }
        self.asked_for = Some(feed);
        self.asked_at = Some(now);
    }

    /// Takes in that it refused. What is a feed's own matter makes it no slower, nor slow for longer.
    fn refuse(&mut self, feed: usize, refusal: Refusal, least: Duration, now: Timestamp) {
        let refused = Refused::then(self.refused, feed);
        self.refused = Some(refused);
        let again = refusal.again || refused.times > ABOUT_PACE;
        let refusal = Refusal { again, ..refusal };
        let since_answer = self.answered_at.map(|at| now.duration_since(at));
        let since_answer = since_answer.and_then(|it| Duration::try_from(it).ok());
        let learnt = self.pace.map_or(Duration::ZERO, |pace| pace.gap);
        let gap = learnt.max(least);
        let pace = pace::refused(refusal, gap, learnt, since_answer, now);
        let slow_since = self.pace.map(|pace| pace.refused_at);
        self.pace = Some(HostPace {
            refused_at: slow_since.filter(|_| again).unwrap_or(now),
            ..pace
        });
    }

    /// Learns that it was asked for a feed.
    pub(super) fn recall(&mut self, feed: usize, at: Timestamp) {
        let at = Some(at);
        if at > self.asked_at {
            self.asked_for_another_at = self.asked_at;
            (self.asked_for, self.asked_at) = (Some(feed), at);
        } else if self.asked_for != Some(feed) {
            self.asked_for_another_at = self.asked_for_another_at.max(at);
        }
    }

    /// Learns what was known of it before feeds were numbered anew; `number_of`: by their numbers of before.
    pub(super) fn succeed(&mut self, before: &Self, number_of: &dyn Fn(usize) -> Option<usize>) {
        self.asked_at = before.asked_at;
        self.asked_for = before.asked_for.and_then(number_of);
        self.asked_for_another_at = before.asked_for_another_at;
        self.answered_at = before.answered_at;
        self.troubled = before.troubled;
        let refused = before.refused.map(|it| Refused {
            feed: it.feed.and_then(number_of),
            ..it
        });
        self.refused = refused;
        self.pace = before.pace;
    }

    /// Moves every instant.
    pub(super) fn shift(&mut self, moved: &dyn Fn(Timestamp) -> Timestamp) {
        self.asked_at = self.asked_at.map(moved);
        self.asked_for_another_at = self.asked_for_another_at.map(moved);
        self.answered_at = self.answered_at.map(moved);
        for (at, _) in self.own.iter_mut().chain(&mut self.led) {
            *at = moved(*at);
        }
        if let Some(pace) = &mut self.pace {
            pace.rests_until = pace.rests_until.map(moved);
            pace.refused_at = moved(pace.refused_at);
        }
    }

    /// Tells whether nothing would be lost with it.
    pub(super) fn is_blank(&self, gap: Duration, now: Timestamp) -> bool {
        self.busy.is_none()
            && self.own.is_empty()
            && self.led.is_empty()
            && self.pace.is_none_or(|pace| pace::is_past(&pace, now))
            && self.asked_at.is_none_or(|at| later(at, CROWD) <= now)
            && self.free_at(gap) <= now
    }
}
