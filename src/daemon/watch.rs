//! The watch of feeds.toml: reads it again when it was saved, if `watch` in `[server]` says so.
//!
//! Editors save in many ways: they truncate and write, rename a new file over the old, take the old away and
//! make another, or swap a link. All of them stir the directory, so it is the directory that is watched
//! (`eyes.rs`), and what stirs in it only says that it may be time to look. A look comes when the directory was
//! quiet for a moment; a file that is not there, or is what it was when it was looked at last, is left alone;
//! one whose bytes were judged before, too. What inotify does not see (network file systems, bind mounts, a
//! file behind a link into another directory) is seen by its stamp, every half minute.
//!
//! The directory and the file may hang: both are looked at beside the loop (`errand.rs`).
//!
//! [`Watch`] is a state machine over instants, stamps and digests, without a file; `tend.rs` drives it.

mod eyes;

use super::Daemon;
use super::chores::later;
use super::docket::Asker;
use super::errand::Errand;
use super::reload::{By, Source};
use eyes::Eyes;
use jiff::{SignedDuration, Timestamp};
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// How long the directory must be quiet: the steps of a save lie a few milliseconds apart, and who saved does
/// not notice.
const QUIET: SignedDuration = SignedDuration::from_millis(300);

/// The longest that a directory which is never quiet puts a look off.
const RESTLESS: SignedDuration = SignedDuration::from_secs(3);

/// How often the stamp is looked at, whatever inotify says.
const EVERY: SignedDuration = SignedDuration::from_secs(30);

/// What changes when a file is written or another is put in its place: device, inode, size, and the time of the
/// last change, which nothing can set back.
pub(super) type Stamp = (u64, u64, u64, i64, i64);

/// When to look at the file, and whether to read it.
#[derive(Debug)]
struct Watch {
    /// When the directory began to stir, and when to look for it.
    stirred: Option<(Timestamp, Timestamp)>,
    /// When to look at the stamp whatever stirs.
    next_at: Timestamp,
    /// The file when it was looked at last; `None`: there was none.
    stamp: Option<Stamp>,
}

impl Watch {
    fn new(stamp: Option<Stamp>, now: Timestamp) -> Self {
        Self {
            stirred: None,
            next_at: later(now, EVERY),
            stamp,
        }
    }

    /// Takes in that something stirs.
    fn stir(&mut self, now: Timestamp) {
        let since = self.stirred.map_or(now, |(since, _)| since);
        let look_at = later(now, QUIET).min(later(since, RESTLESS));
        self.stirred = Some((since, look_at));
    }

    /// Returns when to look next.
    fn due_at(&self) -> Timestamp {
        let quiet_at = self.stirred.map(|(_, look_at)| look_at);
        quiet_at
            .into_iter()
            .chain([self.next_at])
            .min()
            .unwrap_or(self.next_at)
    }

    /// Takes in how the file is, at an instant that is due. Tells whether it is to be read: what changed
    /// unseen may be half written, so that it is waited for as if it had been seen.
    fn look(&mut self, stamp: Option<Stamp>, now: Timestamp) -> bool {
        let is_quiet = self.stirred.is_some_and(|(_, look_at)| look_at <= now);
        self.next_at = later(now, EVERY);
        if !is_quiet {
            if stamp != self.stamp {
                self.stir(now);
            }
            return false;
        }
        self.stirred = None;
        let is_another = stamp.is_some() && stamp != self.stamp;
        self.stamp = stamp;
        is_another
    }

    /// Moves every instant by `span`, because the clock was set.
    fn shift(&mut self, span: SignedDuration) {
        self.next_at = later(self.next_at, span);
        self.stirred = self
            .stirred
            .map(|(since, look_at)| (later(since, span), later(look_at, span)));
    }
}

/// The watch of one file.
#[derive(Debug)]
pub(super) struct Watcher {
    watch: Watch,
    /// None where the system gives none: the stamp is looked at all the same.
    eyes: Option<Eyes>,
}

impl Watcher {
    /// Waits until something stirs; for ever where nobody would see it.
    pub(super) async fn stirs(watcher: Option<&Self>) {
        match watcher.and_then(|it| it.eyes.as_ref()) {
            Some(eyes) => eyes.stir().await,
            None => std::future::pending().await,
        }
    }

    /// Moves every instant by `span`, because the clock was set.
    pub(super) fn shift(&mut self, span: SignedDuration) {
        self.watch.shift(span);
    }
}

/// Returns the directory that a file is in.
fn directory(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => Path::new("/"),
    }
}

/// Returns what tells a file from another at its path, behind links.
pub(super) fn stamp(file: &Path) -> Option<Stamp> {
    let it = fs::metadata(file).ok()?;
    let changed_at = (it.ctime(), it.ctime_nsec());
    Some((it.dev(), it.ino(), it.size(), changed_at.0, changed_at.1))
}

/// Begins to watch the directory of a file.
pub(super) fn open(file: &Path) -> io::Result<OwnedFd> {
    eyes::open(directory(file))
}

impl Daemon {
    /// Returns when to look at the file next, where it is watched and nothing is sent for.
    pub fn next_look_at(&self) -> Option<Timestamp> {
        let watcher = self.watcher.as_ref().filter(|_| self.errands.is_free());
        Some(watcher?.watch.due_at())
    }

    /// Takes in whether anything stirs, where the file is watched.
    pub(super) fn notice_stirs(&mut self) {
        let now = self.clock.now();
        if !self.active.config.server.watch {
            self.watcher = None;
        }
        if let Some(watcher) = &mut self.watcher
            && watcher.eyes.as_ref().is_some_and(Eyes::saw)
        {
            watcher.watch.stir(now);
        }
    }

    /// Returns what is to be sent for to see whether the file was saved, if it is time to, where the file is watched.
    pub(super) fn next_look(&mut self, source: &Source) -> Option<Errand> {
        let now = self.clock.now();
        if !self.active.config.server.watch {
            return None;
        }
        let Some(watcher) = &self.watcher else {
            let watch = Watch::new(None, now);
            self.watcher = Some(Watcher { watch, eyes: None });
            return Some(Errand::Watch(source.path.clone()));
        };
        let is_due = watcher.watch.due_at() <= now;
        is_due.then(|| Errand::Look(source.path.clone()))
    }

    /// Takes in that the directory is watched, or why not: then the stamp is looked at all the same.
    pub(super) fn see(&mut self, opened: io::Result<OwnedFd>, source: &Source) {
        let now = self.clock.now();
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        watcher.eyes = opened
            .and_then(Eyes::new)
            .inspect_err(|error| {
                let file = source.path.display();
                tracing::warn!("{file} is looked at every 30 s only: {error}");
            })
            .ok();
        // It may have been saved since it was read.
        watcher.watch.stir(now);
    }

    /// Takes in how the file is, and asks for a reload where it may have been saved.
    pub(super) fn look(&mut self, stamp: Option<Stamp>) {
        let now = self.clock.now();
        let watcher = self.watcher.as_mut();
        if watcher.is_some_and(|it| it.watch.look(stamp, now)) {
            self.enter(Asker::silent(By::Watch));
        }
    }

    /// Forgets how the file was, so that it is read when it is looked at next.
    pub(super) fn look_again(&mut self) {
        let now = self.clock.now();
        if let Some(watcher) = &mut self.watcher {
            watcher.watch = Watch::new(None, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, ManualClock};

    const MOMENT: SignedDuration = SignedDuration::from_millis(10);

    fn clock() -> ManualClock {
        ManualClock::new("2026-11-24T06:00:00Z".parse().unwrap())
    }

    fn file(version: u64) -> Stamp {
        (1, version, 100, 0, 0)
    }

    /// Moves the clock to the next look and returns what came of it.
    fn next(watch: &mut Watch, stamp: Option<Stamp>, clock: &ManualClock) -> bool {
        clock.set(watch.due_at());
        watch.look(stamp, clock.now())
    }

    #[test]
    fn a_save_is_read_once_when_it_is_over() {
        let clock = clock();
        let mut watch = Watch::new(Some(file(1)), clock.now());
        for _ in 0..5 {
            watch.stir(clock.now());
            clock.advance(MOMENT);
            assert!(watch.due_at() > clock.now(), "in the middle of a save");
        }
        assert!(next(&mut watch, Some(file(2)), &clock));
        assert!(!next(&mut watch, Some(file(2)), &clock));
    }

    /// Between taking the old file away and putting the new one there, there is none.
    #[test]
    fn a_file_that_is_not_there_is_waited_for() {
        let clock = clock();
        let mut watch = Watch::new(Some(file(1)), clock.now());
        watch.stir(clock.now());
        assert!(!next(&mut watch, None, &clock));
        watch.stir(clock.now());
        assert!(next(&mut watch, Some(file(1)), &clock), "it is back");
    }

    #[test]
    fn what_stirs_beside_the_file_is_not_read_for() {
        let clock = clock();
        let mut watch = Watch::new(Some(file(1)), clock.now());
        watch.stir(clock.now());
        assert!(!next(&mut watch, Some(file(1)), &clock));
    }

    #[test]
    fn a_directory_that_is_never_quiet_is_looked_at_all_the_same() {
        let clock = clock();
        let mut watch = Watch::new(Some(file(1)), clock.now());
        let start = clock.now();
        let mut reads = 0;
        while clock.now().duration_since(start) < RESTLESS * 2 {
            watch.stir(clock.now());
            clock.advance(MOMENT);
            if watch.due_at() <= clock.now() && watch.look(Some(file(2)), clock.now()) {
                reads += 1;
            }
        }
        assert_eq!(reads, 1);
    }

    /// What inotify does not tell is seen within half a minute, and read when it has settled.
    #[test]
    fn an_unseen_change_is_found_by_the_stamp() {
        let clock = clock();
        let start = clock.now();
        let mut watch = Watch::new(Some(file(1)), start);
        assert!(
            !next(&mut watch, Some(file(2)), &clock),
            "it may be half written"
        );
        assert!(next(&mut watch, Some(file(3)), &clock));
        assert!(clock.now().duration_since(start) <= EVERY + QUIET);
        assert!(!next(&mut watch, Some(file(3)), &clock));
    }

    #[test]
    fn a_clock_that_is_set_puts_no_look_off() {
        let clock = clock();
        let hour = SignedDuration::from_hours(1);
        let mut watch = Watch::new(Some(file(1)), clock.now());
        watch.stir(clock.now());
        clock.jump(-hour);
        watch.shift(-hour);
        assert!(watch.due_at().duration_since(clock.now()) <= QUIET);
    }
}
