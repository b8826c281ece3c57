//! Polls that commands ask for while the daemon runs, and who waits for what comes of them.
//!
//! The feeds are entered as due now: their hosts are asked one request at a time, and rest between them, as ever. So a
//! publisher sees one who asks, and not a daemon and a command beside it. Whoever asked is answered when the last of
//! the feeds is done, or after [`PATIENCE`] with what there is: the rest is polled all the same.

use super::Daemon;
use super::chores::later;
use super::report::PollReport;
use super::step::must_not_be_asked;
use crate::control::{Answer, Asked, Polled, Unpolled, Verdict};
use crate::model::FeedId;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a command waits: less than it takes the daemon for one that hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// Who waits for polls.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    waiting: Vec<Waiting>,
    /// Feeds that are to be polled themselves, and not their archives.
    chosen: BTreeSet<FeedId>,
    /// Those of which everything is to be fetched again.
    forced: BTreeSet<FeedId>,
}

#[derive(Debug)]
struct Waiting {
    asked: Asked,
    left: BTreeSet<FeedId>,
    polled: Vec<Polled>,
    unpolled: Vec<Unpolled>,
    /// By how long the machine has been up.
    until: Duration,
}

impl Waiting {
    /// Answers with what there is; of those that are left, `why` they are not among it.
    fn answer(mut self, why: &str) {
        let left = self.left.iter();
        self.unpolled.extend(left.map(|feed| unpolled(feed, why)));
        let answer = Answer {
            polled: self.polled,
            unpolled: self.unpolled,
            ..Answer::new(Verdict::Done, "the daemon that runs polled them")
        };
        self.asked.answer(answer);
    }
}

fn unpolled(feed: &FeedId, why: impl Into<String>) -> Unpolled {
    Unpolled {
        feed: feed.to_string(),
        why: why.into(),
    }
}

impl Wanted {
    /// Takes out whether a feed was chosen, and whether everything of it is to be fetched again.
    pub(super) fn take(&mut self, feed: &FeedId) -> (bool, bool) {
        (self.chosen.remove(feed), self.forced.remove(feed))
    }

    /// Takes in what a poll came to.
    pub(super) fn note(&mut self, report: &PollReport) {
        let concerned = self.waiting.iter_mut();
        for waiting in concerned.filter_map(|it| it.left.remove(&report.feed).then_some(it)) {
            waiting.polled.push(report.told());
        }
        for waiting in self.waiting.extract_if(.., |it| it.left.is_empty()) {
            waiting.answer("");
        }
    }

    /// Answers all, with why what is left is not polled.
    pub(super) fn give_up(&mut self, why: &str) {
        for waiting in self.waiting.drain(..) {
            waiting.answer(why);
        }
    }

    /// Answers those who have waited for long enough.
    fn answer_late(&mut self, now: Duration) {
        let late = self.waiting.extract_if(.., |it| it.until <= now);
        for waiting in late {
            waiting.answer("its turn has not come yet: the daemon polls it when its host is free");
        }
    }

    /// Returns when the first of them has waited for long enough.
    fn next(&self) -> Option<Duration> {
        self.waiting.iter().map(|it| it.until).min()
    }
}

/// What a command asks to be polled.
#[derive(Debug)]
pub(super) struct Want {
    pub(super) feeds: Vec<String>,
    pub(super) all: bool,
    pub(super) force: bool,
}

impl Daemon {
    /// Answers those who have waited for polls for long enough.
    pub(super) fn heed_wanted(&mut self) {
        self.wanted.answer_late(self.clock.uptime());
    }

    /// Returns when to do that next.
    pub(super) fn next_wanted_at(&self) -> Option<Timestamp> {
        let left = self.wanted.next()?.saturating_sub(self.clock.uptime());
        let left = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
        Some(later(self.clock.now(), left))
    }

    /// Enters feeds as due now, and who asked for them as waiting; of all feeds nobody waits for the last.
    pub(super) fn poll_for(&mut self, asked: Asked, want: &Want) {
        let mut entered = BTreeSet::new();
        let unpolled = match self.enter_wanted(want, &mut entered) {
            Ok(unpolled) => unpolled,
            Err(why) => return asked.answer(Answer::new(Verdict::Failed, why)),
        };
        if want.all {
            let feeds = match entered.len() {
                1 => "1 feed is".to_owned(),
                some => format!("{some} feeds are"),
            };
            let message = format!(
                "{feeds} asked by the daemon that runs, each when its host is free; `merganser status` tells how they fare"
            );
            let answer = Answer::new(Verdict::Accepted, message);
            return asked.answer(Answer { unpolled, ..answer });
        }
        let waiting = Waiting {
            asked,
            left: entered,
            polled: Vec::new(),
            unpolled,
            until: self.clock.uptime() + PATIENCE,
        };
        if waiting.left.is_empty() {
            waiting.answer("");
        } else {
            self.wanted.waiting.push(waiting);
        }
    }

    /// Enters the feeds; returns those that must not be asked, or why none can be.
    fn enter_wanted(
        &mut self,
        want: &Want,
        entered: &mut BTreeSet<FeedId>,
    ) -> Result<Vec<Unpolled>, String> {
        if self.store_rests_until.is_some() {
            let why = "the database fails, and nothing is polled until it works: `merganser status` tells what helps";
            return Err(why.to_owned());
        }
        if self.network.down_since().is_some() {
            let why = "no host can be reached: the network of the daemon is down; `merganser status` tells when it is tried \
                       again";
            return Err(why.to_owned());
        }
        let now = self.clock.now();
        let held_back = self.store.held_back(now).map_err(|it| it.to_string())?;
        let mut unpolled_feeds = Vec::new();
        for (number, feed) in self.wanted_feeds(want)? {
            let state = held_back.get(&feed);
            let why = state.and_then(|state| must_not_be_asked(state, want.force, now));
            if let Some(why) = why {
                unpolled_feeds.push(unpolled(&feed, why));
                continue;
            }
            self.enter_now(number, &feed, want.force);
            entered.insert(feed);
        }
        Ok(unpolled_feeds)
    }

    /// Enters a feed as due now. What is being asked of it already brings what is wanted.
    fn enter_now(&mut self, number: usize, feed: &FeedId, force: bool) {
        let is_under_way = self.polling.values().any(|it| it.feed == *feed);
        if is_under_way || self.parked.contains_key(&number) {
            return;
        }
        self.agenda.put(number, self.clock.now());
        self.wanted.chosen.insert(feed.clone());
        if force {
            self.wanted.forced.insert(feed.clone());
        }
    }

    /// Returns the feeds that are meant, with their numbers.
    fn wanted_feeds(&self, want: &Want) -> Result<Vec<(usize, FeedId)>, String> {
        if want.all {
            let feeds = self.active.config.feeds.iter().enumerate();
            let enabled = feeds.filter(|(_, feed)| feed.enabled);
            return Ok(enabled
                .map(|(number, feed)| (number, feed.id.clone()))
                .collect());
        }
        let feeds = want.feeds.iter().map(FeedId::new);
        let found = feeds.map(|id| match self.active.number(&id) {
            Some(number) => Ok((number, id)),
            None => Err(format!(
                "the daemon that runs has no feed `{id}`: `merganser reload --wait` has it read feeds.toml again"
            )),
        });
        found.collect()
    }
}
