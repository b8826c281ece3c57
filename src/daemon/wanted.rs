//! Who waits for polls that a command asked for, and what they are told.
//!
//! Each is told of each of its feeds what came of it, or why nothing did; and is answered when there is nothing left to
//! wait for, or after [`PATIENCE`].

use crate::control::{Answer, Asked, Polled, Unpolled, Verdict};
use crate::model::FeedId;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// How long a command waits: less than it takes the daemon for one that hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);

/// Who waits for polls.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    waiting: Vec<Waiting>,
    /// Feeds whose next poll is to be of themselves, and not of their archives; each with what that made of when they are
    /// due.
    chosen: BTreeMap<FeedId, Due>,
    /// Those of which everything is to be fetched again.
    forced: BTreeSet<FeedId>,
}

/// What somebody's wish made of when a feed is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing: it was due, or is being polled.
    #[default]
    AsBefore,
    /// It is due now, and was at another instant, or never.
    Sooner(Option<Timestamp>),
}

/// Which poll brings what is wanted of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brings {
    /// The first that ends.
    First,
    /// The one after that: what is under way is of an archive, or does not fetch everything again.
    Second,
}

#[derive(Debug)]
struct Waiting {
    asked: Asked,
    left: BTreeMap<FeedId, Brings>,
    polled: Vec<Polled>,
    unpolled: Vec<Unpolled>,
    /// Whether the network was down when the last of the polls ended.
    is_offline: bool,
    /// By how long the machine has been up.
    until: Duration,
}

impl Waiting {
    /// Answers with what there is.
    fn answer(self) {
        let answer = Answer {
            polled: self.polled,
            unpolled: self.unpolled,
            is_offline: self.is_offline,
            ..Answer::new(Verdict::Done, "the daemon that runs polled them")
        };
        self.asked.answer(answer);
    }

    /// Answers with what there is, and with why what is left is not among it.
    fn give_up(mut self, why: &dyn Fn(&FeedId) -> String, is_offline: bool) {
        let left = self.left.keys();
        self.unpolled
            .extend(left.map(|feed| unpolled(feed, why(feed), true)));
        self.is_offline |= is_offline;
        self.answer();
    }
}

/// Says why a feed is not polled; `is_open`: though it might be.
pub(super) fn unpolled(feed: &FeedId, why: impl Into<String>, is_open: bool) -> Unpolled {
    Unpolled {
        feed: feed.to_string(),
        why: why.into(),
        is_open,
    }
}

impl Wanted {
    /// Has the next poll of a feed be one of itself; `force`: of all that it has.
    pub(super) fn choose(&mut self, feed: &FeedId, force: bool) {
        self.chosen.entry(feed.clone()).or_default();
        if force {
            self.forced.insert(feed.clone());
        }
    }

    /// Takes out whether a feed was chosen, and whether everything of it is to be fetched again.
    pub(super) fn take(&mut self, feed: &FeedId) -> (bool, bool) {
        (self.chosen.remove(feed).is_some(), self.forced.remove(feed))
    }

    /// Says that a feed that was chosen is due sooner for it than at `formerly`.
    pub(super) fn hasten(&mut self, feed: &FeedId, formerly: Option<Timestamp>) {
        if let Some(due) = self.chosen.get_mut(feed) {
            *due = Due::Sooner(formerly);
        }
    }

    /// Forgets that a feed was chosen, and returns what that made of when it is due.
    pub(super) fn withdraw(&mut self, feed: &FeedId) -> Option<Due> {
        self.forced.remove(feed);
        self.chosen.remove(feed)
    }

    /// Moves every instant, since the clock was set.
    pub(super) fn shift(&mut self, moved: &dyn Fn(&FeedId, Timestamp) -> Timestamp) {
        for (feed, due) in &mut self.chosen {
            if let Due::Sooner(Some(at)) = due {
                *at = moved(feed, *at);
            }
        }
    }

    /// Returns the feeds that are chosen and whose polls have not begun.
    pub(super) fn chosen(&self) -> impl Iterator<Item = &FeedId> {
        self.chosen.keys()
    }

    /// Tells whether the next poll of a feed is to be one of itself, and whether of all that it has.
    pub(super) fn is_chosen(&self, feed: &FeedId) -> Option<bool> {
        let is_chosen = self.chosen.contains_key(feed);
        is_chosen.then(|| self.forced.contains(feed))
    }

    /// Enters who waits, and lets those go whose clients are gone. Who waits for nothing is answered.
    pub(super) fn enter(
        &mut self,
        asked: Asked,
        left: BTreeMap<FeedId, Brings>,
        unpolled: Vec<Unpolled>,
        now: Duration,
    ) {
        self.waiting.retain(|it| !it.asked.is_gone());
        self.waiting.push(Waiting {
            asked,
            left,
            polled: Vec::new(),
            unpolled,
            is_offline: false,
            until: now.saturating_add(PATIENCE),
        });
        self.answer_complete();
    }

    /// Takes in what a poll came to; `again`: its feed is polled once more, for those who want that; `is_offline`: the network
    /// is down.
    pub(super) fn brought(
        &mut self,
        feed: &FeedId,
        polled: &dyn Fn() -> Polled,
        again: bool,
        is_offline: bool,
    ) {
        for waiting in &mut self.waiting {
            match waiting.left.get_mut(feed) {
                Some(brings) if again && *brings == Brings::Second => *brings = Brings::First,
                Some(_) => {
                    waiting.left.remove(feed);
                    waiting.polled.push(polled());
                    waiting.is_offline = is_offline;
                }
                None => {}
            }
        }
        self.answer_complete();
    }

    /// Takes in that a feed is not polled for those who wait, and why; `is_open`: though it might be.
    pub(super) fn leave(&mut self, feed: &FeedId, why: &str, is_open: bool) {
        self.take(feed);
        let concerned = self.waiting.iter_mut();
        for waiting in concerned.filter_map(|it| it.left.remove(feed).map(|_| it)) {
            waiting.unpolled.push(unpolled(feed, why, is_open));
        }
        self.answer_complete();
    }

    /// Returns the feeds that somebody waits for.
    pub(super) fn left(&self) -> BTreeSet<FeedId> {
        let waiting = self.waiting.iter();
        waiting.flat_map(|it| it.left.keys().cloned()).collect()
    }

    /// Answers all, with why what is left is not polled.
    pub(super) fn give_up(&mut self, why: &str, is_offline: bool) {
        for waiting in self.waiting.drain(..) {
            waiting.give_up(&|_| why.to_owned(), is_offline);
        }
    }

    /// Answers those who have waited for long enough, with why what is left is not polled yet.
    pub(super) fn answer_late(&mut self, now: Duration, why: &dyn Fn(&FeedId) -> String) {
        for waiting in self.waiting.extract_if(.., |it| it.until <= now) {
            waiting.give_up(why, false);
        }
    }

    /// Returns when the first of them has waited for long enough.
    pub(super) fn next(&self) -> Option<Duration> {
        self.waiting.iter().map(|it| it.until).min()
    }

    fn answer_complete(&mut self) {
        for waiting in self.waiting.extract_if(.., |it| it.left.is_empty()) {
            waiting.answer();
        }
    }
}
