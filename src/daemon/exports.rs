//! Writing what is served as files, on a thread of its own, and what is told of it.
//!
//! `publish-dir` may lie where a write has no end: on a file system of a machine that is gone. No system call tells, and
//! none calls a write off. So the loop sends a thread and goes on; other chores wait for it a moment, and then no more.
//! One thread writes in a directory at most, whatever it is called (`claims`), so that none that comes back late writes
//! over what is newer. Where another directory is named meanwhile, its files are written at once, and the thread of the one
//! before writes nothing more when it comes back. Where that one is named again it is waited for, and then all is written anew.
//!
//! The runtime's own threads for blocking work were rejected: its end waits for them, and so would a stop.

mod claims;
mod pulse;

use super::active::Active;
use super::chores::later;
use super::press::Archives;
use super::{Daemon, archive, figures};
use crate::clock::Clock;
use crate::mirror::{MirrorError, Written};
use jiff::{SignedDuration, Timestamp};
use std::future::poll_fn;
use std::mem;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread::Builder;
use std::time::Duration;
use tokio::sync::oneshot;

pub(super) use claims::Claims;
pub(super) use pulse::Pulse;

/// How long other chores wait for the files: mostly they are written in a moment, and then nothing is removed from an
/// archive while it is read for them.
const IN_ROW: Duration = Duration::from_secs(5);

/// How long the thread may write nothing before it is told that it does not come back. A disk that is busy takes
/// seconds for a file.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a stop waits for files that are being written. What is half done is done by the next start.
const FAREWELL: SignedDuration = SignedDuration::from_secs(1);

/// How long a command waits for a look at the directory.
const LOOK: Duration = Duration::from_secs(3);

/// What writing came to: what was done, and the archives that are there now; or why not.
pub(super) type Outcome = Result<(Written, Arc<Archives>), Fault>;

/// Why files were not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// In words.
    pub(super) why: String,
    /// Whether another merganser keeps the directory: nothing is the matter with that, and the words tell what helps.
    pub(super) is_kept: bool,
}

impl From<String> for Fault {
    fn from(why: String) -> Self {
        let is_kept = false;
        Self { why, is_kept }
    }
}

impl From<MirrorError> for Fault {
    fn from(error: MirrorError) -> Self {
        Self {
            why: error.to_string(),
            is_kept: matches!(error, MirrorError::Theirs { .. }),
        }
    }
}

/// The threads that write.
#[derive(Debug, Default)]
pub(super) struct Exports {
    away: Option<Away>,
    /// Those of directories that nobody wants any more, which have not come back.
    lost: Vec<Away>,
    /// What came of one that could not be sent.
    back: Option<Outcome>,
    /// Why nothing is written while a thread does not come back.
    pub(super) silent: Option<Unwritten>,
    /// In which directories any of them writes.
    claims: Claims,
}

#[derive(Debug)]
struct Away {
    directory: PathBuf,
    /// By how long the machine has been up.
    began: Duration,
    pulse: Pulse,
    /// How often it had shown that it gets on, and when that was seen last.
    seen: (u64, Duration),
    /// Whether it was said that it does not come back.
    is_told: bool,
    /// Whether it was given up once: what it brings is of no use.
    is_old: bool,
    brings: oneshot::Receiver<Outcome>,
}

/// A thread that does not come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Silent {
    /// Where it writes.
    pub(super) directory: PathBuf,
    /// For how long it has done nothing.
    pub(super) span: Duration,
}

impl Exports {
    /// Tells whether files may be written in a directory: nobody does.
    pub(super) fn is_free(&self, directory: Option<&Path>) -> bool {
        let is_lost = self
            .lost
            .iter()
            .any(|it| Some(it.directory.as_path()) == directory);
        self.away.is_none() && self.back.is_none() && !is_lost
    }

    /// Sends a thread to write in a directory.
    pub(super) fn send(
        &mut self,
        directory: PathBuf,
        now: Duration,
        work: impl FnOnce(&Pulse) -> Outcome + Send + 'static,
    ) {
        let (bring, brings) = oneshot::channel();
        let pulse = Pulse::default();
        let shown = pulse.clone();
        // Nobody waits for it any more when the daemon is gone.
        let work = move || drop(bring.send(work(&shown)));
        match Builder::new().name("publish-dir".to_owned()).spawn(work) {
            Ok(_) => {
                self.away = Some(Away {
                    directory,
                    began: now,
                    pulse,
                    seen: (0, now),
                    is_told: false,
                    is_old: false,
                    brings,
                });
            }
            Err(error) => {
                let why = format!("there is no thread to write it: {error}");
                self.back = Some(Err(why.into()));
            }
        }
    }

    /// Returns in which directories the threads write.
    pub(super) fn claims(&self) -> Claims {
        self.claims.clone()
    }

    /// Returns why nothing was written until the thread came back, if it has.
    pub(super) fn was_silent(&mut self) -> Option<Unwritten> {
        let is_back = self.away.is_none();
        self.silent.take_if(|_| is_back)
    }

    /// Waits until a thread is back, and returns what it brought; nothing of one that was given up. For ever where none
    /// is away.
    pub(super) async fn end(&mut self) -> Option<Outcome> {
        if let Some(back) = self.back.take() {
            return Some(back);
        }
        poll_fn(|context| {
            let before = self.lost.len();
            self.lost
                .retain_mut(|it| Pin::new(&mut it.brings).poll(context).is_pending());
            let came = self.away.as_mut();
            let came = came.map(|away| Pin::new(&mut away.brings).poll(context));
            match came {
                Some(Poll::Ready(brought)) => {
                    let is_old = self.away.take().is_some_and(|away| away.is_old);
                    let brought = brought.unwrap_or_else(|_| Err(panicked().into()));
                    Poll::Ready((!is_old).then_some(brought))
                }
                _ if self.lost.len() < before => Poll::Ready(None),
                _ => Poll::Pending,
            }
        })
        .await
    }

    /// Returns for how long other chores wait for it; nothing where they do not.
    pub(super) fn in_row(&self, now: Duration) -> Option<Duration> {
        let age = now.saturating_sub(self.away.as_ref()?.began);
        IN_ROW.checked_sub(age).filter(|left| !left.is_zero())
    }

    /// Looks whether the thread gets on; returns for how long it has not, where that is long.
    pub(super) fn look(&mut self, now: Duration) -> Option<Silent> {
        let away = self.away.as_mut()?;
        let beats = away.pulse.beats();
        if beats != away.seen.0 {
            away.seen = (beats, now);
        }
        let span = now.saturating_sub(away.seen.1);
        (span >= PATIENCE).then(|| Silent {
            directory: away.directory.clone(),
            span,
        })
    }

    /// Returns after how long it is to be looked at whether the thread gets on; nothing where that was told.
    fn next_look(&self, now: Duration) -> Option<Duration> {
        let away = self.away.as_ref().filter(|away| !away.is_told)?;
        Some(PATIENCE.saturating_sub(now.saturating_sub(away.seen.1)))
    }

    /// Tells, once for each thread, that it does not come back.
    fn is_news(&mut self) -> bool {
        let away = self.away.as_mut();
        away.is_some_and(|away| !mem::replace(&mut away.is_told, true))
    }

    /// Takes back that a thread does not come back, once it gets on again; tells whether it did.
    fn revive(&mut self) -> bool {
        let Some(away) = self.away.as_mut().filter(|away| away.is_told) else {
            return false;
        };
        away.is_told = false;
        self.silent.take().is_some()
    }

    /// Gives a thread up that writes elsewhere than is wanted, and waits again for one that writes there.
    fn leave(&mut self, wanted: Option<&Path>) {
        let is_elsewhere = |away: &mut Away| Some(away.directory.as_path()) != wanted;
        if let Some(mut away) = self.away.take_if(is_elsewhere) {
            away.pulse.give_up();
            (away.is_old, away.is_told) = (true, false);
            self.lost.push(away);
            self.silent = None;
        }
        let is_there = |away: &Away| Some(away.directory.as_path()) == wanted;
        if self.away.is_none()
            && let Some(place) = self.lost.iter().position(is_there)
        {
            self.away = Some(self.lost.swap_remove(place));
        }
    }

    /// Waits a moment for files that are being written, unless nobody knows whether they ever will be.
    pub(super) async fn stop(&mut self, clock: &dyn Clock) {
        if self.away.is_none() || self.look(clock.uptime()).is_some() {
            return;
        }
        let deadline = later(clock.now(), FAREWELL);
        tokio::select! {
            biased;
            _ = self.end() => {}
            () = clock.wait_until(deadline) => {}
        }
    }
}

fn panicked() -> String {
    "a panic, please report it".to_owned()
}

/// Why something is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unwritten {
    /// Since when.
    pub(super) since: Timestamp,
    /// What is the matter.
    pub(super) why: String,
    /// What is not written.
    pub(super) what: PathBuf,
    /// Whether it is another's.
    pub(super) is_kept: bool,
}

impl Daemon {
    /// Gives up what is written where nobody wants it any more: another `publish-dir` is in force.
    pub(super) fn leave_exports(&mut self, before: &Active) {
        let wanted = self.publish_dir();
        if before.config.server.publish_dir == self.active.config.server.publish_dir {
            return;
        }
        let now = self.clock.now();
        let chores = &mut self.chores;
        chores.exports.leave(wanted.as_deref());
        (chores.files_fail, chores.files_at) = (None, None);
        chores.files.are_written = false;
        chores.files_from = Some(now);
        // Where it is named again it may hold what was to go.
        chores.files.come_first |= mem::take(&mut chores.files.first_sent);
        // What stands in the one says nothing of the other.
        chores.archives.written.clear();
    }

    /// Looks whether the thread that writes files gets on. That it does not is said once in the log, and taken back.
    pub(super) fn look_at_exports(&mut self) {
        self.look_at_news();
        let (now, uptime) = (self.clock.now(), self.clock.uptime());
        let Some(silent) = self.chores.exports.look(uptime) else {
            if self.chores.exports.revive() {
                tracing::info!("`publish-dir` answers again: its files are being written");
            }
            return;
        };
        let span = SignedDuration::try_from(silent.span).unwrap_or_default();
        let why = format!("{} does not answer", silent.directory.display());
        if self.chores.exports.is_news() {
            tracing::error!(
                "`publish-dir` is not up to date: {why}; the files are written when it does, and all else goes on"
            );
        }
        let since = now.checked_sub(span).unwrap_or(now);
        let failed = self.chores.files_fail.as_ref().map(|it| it.since);
        self.chores.exports.silent = Some(Unwritten {
            since: failed.map_or(since, |failed| failed.min(since)),
            why,
            what: silent.directory,
            is_kept: false,
        });
        self.chores.files.are_written = false;
        self.news_unwritten();
    }

    /// Returns why the files are not written, as far as anybody knows.
    pub(super) fn files_trouble(&self) -> Option<&Unwritten> {
        let silent = self.chores.exports.silent.as_ref();
        silent.or(self.chores.files_fail.as_ref())
    }

    /// Returns when to do that next.
    pub(super) fn next_export_look_at(&self) -> Option<Timestamp> {
        let left = self.chores.exports.next_look(self.clock.uptime());
        let left = left.map(|left| SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX));
        let look = left.map(|left| later(self.clock.now(), left));
        look.into_iter().chain(self.next_news_at()).min()
    }

    /// Notes for operators how it is with files and archives.
    pub(super) fn note_exports(&self) {
        let has_files = self.active.config.server.publish_dir.is_some();
        let has_failed = self.files_trouble().is_some();
        let is_known = has_failed || self.chores.files.are_written;
        self.figures.exports(figures::Exports {
            files: (has_files && is_known).then_some(!has_failed),
            files_at: self.chores.files_at.filter(|_| has_files),
            archives_behind: self.chores.archives.failed.len(),
        });
    }

    /// Returns what is the matter with the archives, if one is not up to date: with the first, and how many there are.
    pub(super) fn archives_trouble(&self) -> Option<Unwritten> {
        let archives = &self.chores.archives;
        let (output, why) = archives.failed.first_key_value()?;
        let more = match archives.failed.len() {
            1 => String::new(),
            some => format!(", and {} more", some.saturating_sub(1)),
        };
        Some(Unwritten {
            since: archives.failed_since?,
            why: format!("{output}{more} FAILS: {why}"),
            what: self.state.path().join(archive::DIRECTORY),
            is_kept: false,
        })
    }
}

/// Looks into a directory that may not answer; nothing where it does not.
pub(super) fn look_into<T: Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (bring, brings) = channel();
    let work = move || drop(bring.send(look()));
    let sent = Builder::new().name("publish-dir".to_owned()).spawn(work);
    sent.ok().and_then(|_| brings.recv_timeout(LOOK).ok())
}

#[cfg(test)]
mod tests;
