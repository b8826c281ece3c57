//! Polls that commands ask for while the daemon runs.
//!
//! The feeds are entered as due now: their hosts are asked one request at a time, and rest between them, as ever. So a
//! publisher sees one who asks, and not a daemon and a command beside it. Whoever asked is answered when the last of
//! the feeds is done, or cannot be, and after a while with what there is: the rest is polled all the same.
//!
//! No feed is polled twice at once. What is under way brings what is wanted where it is of the feed itself and nothing
//! is forced; else the feed is asked once more when it is over. What was in doubt before is forgotten: stored later, it
//! would undo what the new poll says.

use super::Daemon;
use super::active::Active;
use super::chores::later;
use super::leg::Leg;
use super::report::PollReport;
use super::step::must_not_be_asked;
use super::trouble::NOTHING_POLLED;
use super::wanted::{Brings, Due, PATIENCE, unpolled};
use crate::control::{Answer, Asked, Polled, Unpolled, Verdict};
use crate::model::FeedId;
use crate::schedule::End;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// So many of all feeds are named that are not polled, as of problems: nobody reads more, and those of a big host that
/// rests would fill more than an answer may be long. A request cannot name so many that those which it names would.
const MOST_UNPOLLED: usize = 100;

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
        let polling = &self.polling;
        self.wanted.answer_late(self.clock.uptime(), &|feed| {
            if polling.values().any(|it| it.feed == *feed) {
                format!("its poll is not over yet: `merganser why {feed}` tells what came of it")
            } else {
                "its turn has not come yet: the daemon polls it when its host is free".to_owned()
            }
        });
    }

    /// Returns when to do that next.
    pub(super) fn next_wanted_at(&self) -> Option<Timestamp> {
        let left = self.wanted.next()?.saturating_sub(self.clock.uptime());
        let left = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
        Some(later(self.clock.now(), left))
    }

    /// Enters feeds as due now, and who asked for them as waiting; of all feeds nobody waits for the last.
    pub(super) fn poll_for(&mut self, asked: Asked, want: &Want) {
        let mut entered = BTreeMap::new();
        let mut unpolled = match self.enter_wanted(want, &mut entered) {
            Ok(unpolled) => unpolled,
            Err((verdict, why)) => return asked.answer(Answer::new(verdict, why)),
        };
        if want.all {
            self.try_some(&mut entered.keys());
            let more_unpolled = unpolled.len().saturating_sub(MOST_UNPOLLED);
            unpolled.truncate(MOST_UNPOLLED);
            let down_since = self.network.down_since();
            return asked.answer(Answer {
                unpolled,
                more_unpolled,
                ..taken_on(entered.len(), down_since)
            });
        }
        self.try_all(entered.keys().cloned());
        let now = self.clock.uptime();
        self.wanted.enter(asked, entered, unpolled, now);
    }

    /// Enters the feeds; returns those that must not be asked, or why none can be.
    fn enter_wanted(
        &mut self,
        want: &Want,
        entered: &mut BTreeMap<FeedId, Brings>,
    ) -> Result<Vec<Unpolled>, (Verdict, String)> {
        if self.store_rests_until.is_some() {
            return Err((Verdict::Unstored, NOTHING_POLLED.to_owned()));
        }
        let now = self.clock.now();
        let held_back = self.store.held_back(now);
        let held_back = held_back.map_err(|it| (Verdict::Unstored, it.to_string()))?;
        let feeds = self.wanted_feeds(want)?;
        let under_way = self.under_way_of_now();
        let mut unpolled_feeds = Vec::new();
        for (number, feed) in feeds {
            let polling = under_way.get(&feed).copied();
            let state = held_back.get(&feed);
            let why = state.and_then(|state| must_not_be_asked(state, want.force, now));
            let rest = || self.rest_of(number).filter(|_| polling.is_none());
            if let Some(why) = why.or_else(rest) {
                unpolled_feeds.push(unpolled(&feed, why, false));
                continue;
            }
            self.await_wanted(&feed);
            let brings = self.enter_now(number, &feed, want.force, polling);
            entered.insert(feed, brings);
        }
        Ok(unpolled_feeds)
    }

    /// Returns the feeds that are being asked for, each with whether that is of the feed itself. Of all feeds at once: to go
    /// through the polls for each of a hundred thousand would hold up the loop.
    fn under_way_of_now(&self) -> BTreeMap<FeedId, bool> {
        let polling = self.polling.values();
        polling.map(|it| (it.feed.clone(), it.is_of_now)).collect()
    }

    /// Enters a feed as due now, or once more when what is under way is over; tells which brings what is wanted.
    fn enter_now(
        &mut self,
        number: usize,
        feed: &FeedId,
        force: bool,
        polling: Option<bool>,
    ) -> Brings {
        let parked = self.parked.get(&number).map(Leg::is_of_feed);
        let under_way = polling.or(parked);
        if under_way == Some(true) && !force {
            return Brings::First;
        }
        self.wanted.choose(feed, force);
        if under_way.is_some() {
            return Brings::Second;
        }
        self.enter_at(number, feed, self.clock.now());
        Brings::First
    }

    /// Enters a feed that was chosen as due at `now`, unless it is due already: it would lose its place in the queue.
    fn enter_at(&mut self, number: usize, feed: &FeedId, now: Timestamp) {
        let due_at = self.agenda.due_at(number);
        if due_at.is_none_or(|at| at > now) {
            self.wanted.hasten(feed, due_at);
            self.agenda.put(number, now);
        }
    }

    /// Tells who waits what a poll came to, and enters its feed once more where somebody wants more than that brings.
    pub(super) fn tell_wanted(&mut self, report: &PollReport) {
        let feed = &report.feed;
        if let Some(force) = self.wanted.is_chosen(feed)
            && let Some((why, is_open)) = self.held_back(feed, force)
        {
            let is_offline = self.network.down_since().is_some();
            self.wanted
                .brought(feed, &|| report.told(), true, is_offline);
            self.wanted.leave(feed, &why, is_open);
        }
        self.ask_once_more(feed, &|| report.told());
        if matches!(report.end, End::Refused(_) | End::Troubled) {
            self.leave_resting();
        }
    }

    /// Tells who waits what a poll came to, and enters its feed once more where somebody wants that; tells whether.
    pub(super) fn ask_once_more(&mut self, feed: &FeedId, polled: &dyn Fn() -> Polled) -> bool {
        let number = self.active.number(feed);
        let number = number.filter(|_| self.wanted.is_chosen(feed).is_some());
        let is_offline = self.network.down_since().is_some();
        self.wanted
            .brought(feed, polled, number.is_some(), is_offline);
        if let Some(number) = number {
            self.enter_at(number, feed, self.clock.now());
            self.try_all([feed.clone()]);
        }
        number.is_some()
    }

    /// Says why a feed is not asked once more, and whether it might be: its publisher's word is final, a database that
    /// cannot be read is not.
    fn held_back(&self, feed: &FeedId, force: bool) -> Option<(String, bool)> {
        let now = self.clock.now();
        match self.store.held_back(now) {
            Ok(states) => Some((must_not_be_asked(states.get(feed)?, force, now)?, false)),
            Err(error) => Some((
                format!("whether its publisher lets it be asked cannot be read: {error}"),
                true,
            )),
        }
    }

    /// Says that a feed which waits would wait for a host that rests for longer than anybody waits here.
    fn rest_of(&self, number: usize) -> Option<String> {
        let patience = SignedDuration::try_from(PATIENCE).ok()?;
        let (host, until) = self.agenda.rest_of(number)?;
        if until <= later(self.clock.now(), patience) {
            return None;
        }
        let until = until.strftime("%Y-%m-%d %H:%M UTC");
        Some(format!("its host {host} is let rest until {until}"))
    }

    /// Tells who waits for feeds of hosts that rest by now.
    fn leave_resting(&mut self) {
        let under_way = self.under_way_of_now();
        let left = self.wanted.left().into_iter();
        for feed in left.filter(|it| !under_way.contains_key(it)) {
            let number = self.active.number(&feed);
            if let Some(why) = number.and_then(|it| self.rest_of(it)) {
                self.withdraw_wanted(&feed);
                self.wanted.leave(&feed, &why, false);
            }
        }
    }

    /// Tells who waits for a feed why it is not polled.
    pub(super) fn leave_wanted(&mut self, feed: &FeedId, why: &str) {
        self.tries.remove(feed);
        self.wanted.leave(feed, why, true);
    }

    /// Answers all who wait, with why what is left is not polled; that is not polled later by their wish.
    pub(super) fn give_up_wanted(&mut self, why: &str, is_offline: bool) {
        for feed in self.wanted.left() {
            self.withdraw_wanted(&feed);
        }
        self.wanted.give_up(why, is_offline);
    }

    /// Forgets that a feed was to be polled by somebody's wish: it is due again when it was without that.
    fn withdraw_wanted(&mut self, feed: &FeedId) {
        self.tries.remove(feed);
        let due = self.wanted.withdraw(feed);
        let number = self.active.number(feed);
        // What waits elsewhere, or is being polled, is not there by that wish.
        let number = number.filter(|it| self.agenda.due_at(*it).is_some());
        match (number, due) {
            (Some(number), Some(Due::Sooner(Some(at)))) => self.agenda.put(number, at),
            (Some(number), Some(Due::Sooner(None))) => self.agenda.withdraw(number),
            _ => {}
        }
    }

    /// Tells who waits for feeds whose polls another configuration ended, or of which it says something else.
    pub(super) fn leave_dropped(&mut self, dropped: &[FeedId], active: &Active) {
        for feed in dropped {
            let why = match active.number(feed) {
                Some(_) => {
                    "feeds.toml was read again meanwhile, with other settings for it: poll it again"
                }
                None => "feeds.toml was read again meanwhile, and lacks it now",
            };
            self.leave_wanted(feed, why);
        }
    }

    /// Enters in a new agenda what was chosen and has not begun.
    pub(super) fn enter_chosen(&mut self, now: Timestamp) {
        let under_way: BTreeSet<&FeedId> = self.polling.values().map(|it| &it.feed).collect();
        let chosen = self.wanted.chosen();
        let chosen = chosen.filter(|feed| !under_way.contains(feed));
        let numbers = chosen.filter_map(|it| Some((self.active.number(it)?, it.clone())));
        let numbers: Vec<(usize, FeedId)> = numbers.collect();
        for (number, feed) in numbers {
            if !self.parked.contains_key(&number) {
                self.enter_at(number, &feed, now);
            }
        }
    }

    /// Returns the feeds that are meant, with their numbers.
    fn wanted_feeds(&self, want: &Want) -> Result<Vec<(usize, FeedId)>, (Verdict, String)> {
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
            None => Err((Verdict::Failed, unknown(&id))),
        });
        found.collect()
    }
}

/// Says that a feed of the file is not one of ours.
fn unknown(id: &FeedId) -> String {
    format!(
        "the daemon that runs has no feed `{id}`: `merganser reload --wait` has it read feeds.toml again"
    )
}

/// Returns the answer to who asked for all. `down_since`: since when the network is down.
fn taken_on(number: usize, down_since: Option<Timestamp>) -> Answer {
    let feeds = match number {
        1 => "1 feed is".to_owned(),
        some => format!("{some} feeds are"),
    };
    let when = match down_since {
        None => ", each when its host is free".to_owned(),
        Some(since) => {
            let since = since.strftime("%H:%M UTC");
            format!(
                " as soon as one host answers: the network counts as down since {since}, and some are tried at once"
            )
        }
    };
    let message = format!(
        "{feeds} asked by the daemon that runs{when}; `merganser status` tells how they fare"
    );
    Answer {
        entered: number,
        ..Answer::new(Verdict::Accepted, message)
    }
}
