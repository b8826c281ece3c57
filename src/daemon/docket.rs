//! Who asked for a reload, and which verdict each of them gets.
//!
//! One verdict is under way at most, and one to come: whoever asks while one is under way shares the next with all
//! who ask until that begins, since what is being read may be older than what they saved. Between two there is a
//! pause: a storm of signals, commands or saves is a verdict now and then, and polls go on beside it.
//!
//! A file that does not answer is given up after a while, for all who wait for it.
//!
//! All instants are by how long the machine has been up: no clock that is set keeps anybody waiting.

use super::reload::By;
use crate::control::{Answer, Asked};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// The least pause between two verdicts. systemd sends a signal and starts a command beside it, so that this is what
/// `systemctl reload` takes; to put a thousand feeds in force takes the loop a twentieth of it.
const PAUSE: Duration = Duration::from_millis(500);

/// So many times as long as a verdict took the loop, the next is not begun: with a hundred thousand feeds that is
/// seconds, and four fifths of the time are for polls, whoever asks and however often.
const SHARE: u32 = 4;

/// The longest pause: who asks for a reload waits for it, systemd a minute.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long the file, and what it names, may take to be read. A disk that sleeps, or a file system of another machine
/// that is busy, takes seconds; who waits longer than this waits for what is gone.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// One who asked.
#[derive(Debug)]
pub(super) struct Asker {
    /// How.
    pub(super) by: By,
    /// The file that is meant, where its name does not tell whether that is ours.
    pub(super) meant: Option<PathBuf>,
    /// Whether the verdict is waited for, and not only that it will come.
    pub(super) waits: bool,
    /// Where the answer goes.
    pub(super) asked: Option<Asked>,
}

impl Asker {
    /// Returns one who is answered nothing.
    pub(super) fn silent(by: By) -> Self {
        Self {
            by,
            meant: None,
            waits: false,
            asked: None,
        }
    }

    /// Answers, where an answer is wanted.
    pub(super) fn answer(self, answer: Answer) {
        if let Some(asked) = self.asked {
            asked.answer(answer);
        }
    }
}

/// All who get one verdict.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) askers: Vec<Asker>,
    /// Whether the file was sent for.
    pub(super) is_begun: bool,
    /// Since when the first of them waits, or since when the file was sent for.
    since: Duration,
}

impl Case {
    fn new(since: Duration) -> Self {
        Self {
            askers: Vec::new(),
            is_begun: false,
            since,
        }
    }

    /// Tells whether anybody asked in this way.
    pub(super) fn has(&self, by: By) -> bool {
        self.askers.iter().any(|asker| asker.by == by)
    }

    /// Tells whether nobody asked and the file was only seen to be another.
    pub(super) fn is_unasked(&self) -> bool {
        self.askers.iter().all(|asker| asker.by == By::Watch)
    }

    /// Returns the ways in which they asked.
    pub(super) fn ways(&self) -> BTreeSet<By> {
        self.askers.iter().map(|asker| asker.by).collect()
    }
}

/// What is under way, and what is to come.
#[derive(Debug, Default)]
pub(super) struct Docket {
    under_way: Option<Case>,
    to_come: Option<Case>,
    /// Nothing is begun before this.
    rests_until: Duration,
}

impl Docket {
    /// Enters one who asks. Of those who are answered nothing, one of each kind is enough.
    pub(super) fn enter(&mut self, asker: Asker, now: Duration) {
        let case = self.to_come.get_or_insert_with(|| Case::new(now));
        let is_alike = |it: &Asker| it.by == asker.by && it.asked.is_none();
        if asker.asked.is_some() || !case.askers.iter().any(is_alike) {
            case.askers.push(asker);
        }
    }

    /// Tells whether it would change anything if the signal came once more.
    pub(super) fn hears_signals(&self) -> bool {
        !self.to_come.as_ref().is_some_and(|it| it.has(By::Signal))
    }

    /// Tells whether nobody waits for anything.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_none() && self.to_come.is_none()
    }

    /// Returns when to look here next; what is to come can be begun only when nothing else is sent for.
    pub(super) fn next_at(&self, is_free: bool) -> Option<Duration> {
        let under_way = self.under_way.as_ref().map(|case| case.since + PATIENCE);
        let begins_at = |case: &Case| case.since.max(self.rests_until);
        let to_come = self.to_come.as_ref().map(|case| {
            let patience = if is_free { Duration::ZERO } else { PATIENCE };
            begins_at(case) + patience
        });
        under_way.into_iter().chain(to_come).min()
    }

    /// Begins what is to come, if the pause is over; called when nothing is sent for.
    pub(super) fn begin(&mut self, now: Duration) -> Option<&Case> {
        if self.rests_until > now {
            return None;
        }
        let mut case = self.to_come.take()?;
        case.is_begun = true;
        case.since = now;
        Some(self.under_way.insert(case))
    }

    /// Takes what was under way, since the file was read. `None`: it was given up.
    pub(super) fn end(&mut self) -> Option<Case> {
        self.under_way.take()
    }

    /// Takes what waits for the file for too long.
    pub(super) fn overdue(&mut self, is_free: bool, now: Duration) -> Vec<Case> {
        let is_late = |case: &mut Case| case.since + PATIENCE <= now;
        let under_way = self.under_way.take_if(is_late);
        let rests_until = self.rests_until;
        let is_late = |case: &mut Case| case.since.max(rests_until) + PATIENCE <= now;
        let to_come = self.to_come.take_if(|case| !is_free && is_late(case));
        under_way.into_iter().chain(to_come).collect()
    }

    /// Begins the pause after a verdict that took the loop so long.
    pub(super) fn rest(&mut self, took: Duration, now: Duration) {
        let pause = took.saturating_mul(SHARE).clamp(PAUSE, LONGEST_PAUSE);
        self.rests_until = now + pause;
    }
}

#[cfg(test)]
mod tests;
