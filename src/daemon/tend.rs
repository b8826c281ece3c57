//! The steps of a reload: the file is sent for, what comes back is put in force, what does not is given up.

use super::chores::later;
use super::docket::{Asker, Case, PATIENCE};
use super::errand::{Brought, Errand};
use super::orders::{accepted, answer};
use super::reload::{By, Reloaded, Source};
use super::verdict::{Found, Question, Read};
use super::{Daemon, notify};
use crate::control::Answer;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

impl Daemon {
    /// Asks for a reload, as SIGHUP does; [`Daemon::tend_file`] does it.
    pub fn ask_for_reload(&mut self) {
        self.enter(Asker::silent(By::Signal));
    }

    /// Reads the configuration again, as SIGHUP does, and puts it in force, or keeps the old one and says why:
    /// in the log, and in the status until a good one is read.
    ///
    /// Feeds that did not change keep their schedule and their validators, and their polls go on; the
    /// poll of a feed that changed is dropped, since what it brings is not what is asked for now.
    /// Changed rules are applied to what is stored beside the polls (`relabel.rs`).
    pub async fn reload(&mut self, source: &Source) -> Reloaded {
        self.ask_for_reload();
        loop {
            if let Some(came_to) = self.tend_file(source).await {
                return came_to;
            }
            self.wait_for_file().await;
        }
    }

    /// Looks whether feeds.toml was saved, where it is watched, and reads it again then. Returns what came of
    /// that.
    pub async fn heed_file(&mut self, source: &Source) -> Option<Reloaded> {
        loop {
            let came_to = self.tend_file(source).await;
            let is_idle = self.errands.is_free() && self.docket.is_empty();
            if came_to.is_some() || is_idle {
                return came_to;
            }
            self.wait_for_file().await;
        }
    }

    /// Does what is to be done at this moment about the file: looks whether it was saved, sends for it where somebody
    /// asked, puts it in force when it is there, and gives up who waits for too long. Waits for none of its bytes.
    /// Returns what came of a reload, if one ended.
    pub async fn tend_file(&mut self, source: &Source) -> Option<Reloaded> {
        self.notice_stirs();
        let brought = self.errands.take();
        let mut came_to = match brought {
            None => None,
            Some(Brought::Watch(opened)) => {
                self.see(opened, source);
                None
            }
            Some(Brought::Look(stamp)) => {
                self.look(stamp);
                None
            }
            Some(Brought::Read(found)) => self.conclude(*found, source).await,
            Some(Brought::Nothing(why)) => self.conclude(nothing(source, &why), source).await,
        };
        let now = self.clock.uptime();
        for case in self.docket.overdue(self.errands.is_free(), now) {
            came_to = self.give_up(case, source).or(came_to);
        }
        if self.errands.is_late(PATIENCE, now) {
            let file = source.path.display();
            tracing::warn!(
                "{file}, or a file that it names, does not answer: it is read when it does, and all else goes on"
            );
        }
        self.send_for(source);
        came_to
    }

    /// Returns when to call [`Daemon::tend_file`] next, unless something comes back or is asked before.
    pub fn next_tending_at(&self) -> Option<Timestamp> {
        let at = self.docket.next_at(self.errands.is_free())?;
        let left = at.saturating_sub(self.clock.uptime());
        let left = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
        Some(later(self.clock.now(), left))
    }

    /// Enters one who asks for a reload.
    pub(super) fn enter(&mut self, asker: Asker) {
        self.docket.enter(asker, self.clock.uptime());
    }

    /// Waits until what was sent for is there, or the pause between two reloads is over.
    async fn wait_for_file(&mut self) {
        match self.next_tending_at().filter(|_| self.errands.is_free()) {
            Some(at) => self.clock.wait_until(at).await,
            None => self.errands.end().await,
        }
    }

    /// Sends for the file where somebody asked, else looks at it where that is due; nothing where something is sent for.
    fn send_for(&mut self, source: &Source) {
        if !self.errands.is_free() {
            return;
        }
        let now = self.clock.uptime();
        let known = self.reloads.digest;
        let errand = match self.docket.begin(now) {
            Some(case) => {
                // systemd is told of a reload that it sent the signal for, and waits for the end of any that it is told of.
                if case.has(By::Signal) {
                    notify::reloading();
                }
                Some(Errand::Read(Box::new(question(case, known, source))))
            }
            None => self.next_look(source),
        };
        if let Some(errand) = errand {
            self.errands.send(errand, now);
        }
    }

    /// Puts in force what was read, for those who asked; nothing where they were given up.
    async fn conclude(&mut self, found: Found, source: &Source) -> Option<Reloaded> {
        let Some(mut case) = self.docket.end() else {
            self.look_again();
            return None;
        };
        let Found { strangers, read } = found;
        let is_stranger = |asker: &mut Asker| {
            let meant = asker.meant.as_ref();
            meant.is_some_and(|meant| strangers.contains(meant))
        };
        for asker in case.askers.extract_if(.., is_stranger) {
            let meant = asker.meant.clone().unwrap_or_default();
            asker.answer(Answer::elsewhere(&meant, &source.path));
        }
        let read = read?;
        let begun_at = self.clock.uptime();
        self.heed_clock();
        self.try_store_now();
        let came_to = self.judge(&case.ways(), source, read).await;
        let now = self.clock.uptime();
        self.docket.rest(now.saturating_sub(begun_at), now);
        self.tell(case, &came_to);
        Some(came_to)
    }

    /// Gives up a reload whose file does not answer. What nobody asked for is looked for again.
    fn give_up(&mut self, case: Case, source: &Source) -> Option<Reloaded> {
        if case.is_unasked() {
            self.look_again();
            return None;
        }
        if !case.is_begun && case.has(By::Signal) {
            notify::reloading();
        }
        let read = Read::failure(format!(
            "{} could not be read in {} seconds: its file system, or that of a file that it names, does not answer",
            source.path.display(),
            PATIENCE.as_secs()
        ));
        let came_to = self.refuse(&case.ways(), source, read);
        self.tell(case, &came_to);
        // It may be another than the one in force, once it answers.
        self.look_again();
        Some(came_to)
    }

    /// Tells all who asked, and systemd.
    fn tell(&mut self, case: Case, came_to: &Reloaded) {
        let status = self.status();
        if case.has(By::Signal) {
            notify::ready(&status);
        } else {
            notify::status(&status);
        }
        for asker in case.askers {
            let answer = if asker.waits || came_to.has_failed {
                answer(came_to.clone(), &status)
            } else {
                accepted()
            };
            asker.answer(answer);
        }
    }
}

/// Returns what is asked of the file for those of a case.
fn question(case: &Case, known: [u8; 32], source: &Source) -> Question {
    let askers = case.askers.iter();
    Question {
        source: source.clone(),
        meant: askers.filter_map(|asker| asker.meant.clone()).collect(),
        is_wanted: case.askers.iter().any(|asker| asker.meant.is_none()),
        known: case.is_unasked().then_some(known),
    }
}

/// Returns what is found where the thread brought nothing.
fn nothing(source: &Source, why: &str) -> Found {
    let why = format!("{} cannot be read: {why}", source.path.display());
    Found {
        strangers: BTreeSet::new(),
        read: Some(Read::failure(why)),
    }
}
