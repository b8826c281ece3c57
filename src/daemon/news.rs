//! When hubs are told that there is news (W12): once readers have it, wherever they look.
//!
//! A web server may have it from the files of `publish-dir`, so these come first. But they may take long, fail, or never be
//! written: then hubs are told after [`FILES_WAIT`] at most, since readers over HTTP have it, and once more when the files
//! are written, for those who read them. To tell them of files alone was rejected: one dead disk would silence all.

use super::Daemon;
use super::chores::later;
use super::hubs::{Marks, mark};
use crate::store::Digest;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::mem;
use std::time::Duration;

/// How long hubs are not told of what is served, since it is not in the files yet. These take a moment; and a hub is told
/// no oftener than that anyway.
const FILES_WAIT: Duration = Duration::from_secs(30);

/// What hubs are to be told of.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Paths of outputs that changed.
    untold: BTreeSet<String>,
    /// Since when the first of them waits, by how long the machine has been up.
    since: Option<Duration>,
    /// Those that hubs were told of before the files had them.
    early: BTreeSet<String>,
}

impl News {
    /// Notes what changed.
    pub(super) fn add(&mut self, changed: impl IntoIterator<Item = String>, now: Duration) {
        self.untold.extend(changed);
        if !self.untold.is_empty() {
            self.since.get_or_insert(now);
        }
    }

    /// Returns for how long it waits for the files still; nothing where there is none.
    fn left(&self, now: Duration) -> Option<Duration> {
        Some(FILES_WAIT.saturating_sub(now.saturating_sub(self.since?)))
    }

    fn take(&mut self) -> BTreeSet<String> {
        self.since = None;
        mem::take(&mut self.untold)
    }
}

impl Daemon {
    /// Tells hubs what readers over HTTP have, unless the files of it are about to be written.
    pub(super) fn news_served(&mut self) {
        if self.publish_dir().is_none() {
            self.chores.news.early.clear();
            self.news_unwritten();
        } else if self.chores.exports.silent.is_some() {
            self.news_unwritten();
        }
    }

    /// Tells hubs what the files have now, again where that was told before they had it.
    pub(super) fn news_written(&mut self) {
        let early = mem::take(&mut self.chores.news.early);
        let changed = &self.chores.news.take() | &early;
        self.note_news(&changed);
    }

    /// Tells hubs what readers over HTTP have and the files have not.
    pub(super) fn news_unwritten(&mut self) {
        let changed = self.chores.news.take();
        if changed.is_empty() {
            return;
        }
        self.note_news(&changed);
        if self.publish_dir().is_some() {
            let known = self.active.hub_paths();
            let early = changed.into_iter().filter(|path| known.contains(path));
            self.chores.news.early.extend(early);
        }
    }

    /// Tells whether a hub that heard of an output is to hear of it again: the files of that are not written yet, or
    /// were since. Nothing remembers that but the mark that it lacks.
    pub(super) fn is_to_hear_again(&self, path: &str) -> bool {
        self.chores.news.early.contains(path) || self.chores.hubs.owe(path)
    }

    /// Looks whether hubs have waited long enough for the files.
    pub(super) fn look_at_news(&mut self) {
        let left = self.chores.news.left(self.clock.uptime());
        if left.is_some_and(|left| left.is_zero()) {
            self.news_unwritten();
        }
    }

    /// Returns when to do that next.
    pub(super) fn next_news_at(&self) -> Option<Timestamp> {
        let left = self.chores.news.left(self.clock.uptime())?;
        let left = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
        Some(later(self.clock.now(), left))
    }

    /// Notes what changed of the outputs that hubs hand on.
    fn note_news(&mut self, changed: &BTreeSet<String>) {
        for (path, topic, hub) in self.active.topics() {
            if !changed.contains(&path) {
                continue;
            }
            if let Some(served) = self.shelf.get(&path) {
                let news = (path, mark(hub, &served.digest()));
                self.chores.hubs.note(hub, topic, news);
            }
        }
    }

    /// After a start, once there are outputs: finds those of which hubs were not told as they are. What is not there yet is
    /// looked at when it is, and all else once: it is noted a moment later of what a hub has just been told.
    pub(super) fn owe_news(&mut self) {
        let unsettled = &self.chores.hubs.unsettled;
        if unsettled.as_ref().is_some_and(BTreeSet::is_empty) {
            return;
        }
        let told = match self.store.told() {
            Ok(told) => told,
            Err(error) => return self.store_failed(error.kind(), &error.to_string()),
        };
        if unsettled.is_none() {
            let known = self.active.hub_paths();
            let gone = told.keys().filter(|path| !known.contains(*path));
            let gone = gone.map(|path| (path.clone(), None));
            self.chores.notes.told.extend(gone);
        }
        let served = self.active.topics().into_iter().map(|(path, _, hub)| {
            let served = self.shelf.get(&path);
            (path, served.map(|it| mark(hub, &it.digest())))
        });
        let (owed, left) = owed(unsettled.as_ref(), served, &told);
        self.chores.hubs.unsettled = Some(left);
        self.chores.news.add(owed, self.clock.uptime());
    }
}

/// Returns which documents hubs were not told of as they are, of those that are `unsettled` or of all, and which of them are
/// not there yet. `served` has their marks, where they are there.
fn owed(
    unsettled: Option<&BTreeSet<String>>,
    served: impl Iterator<Item = (String, Option<Digest>)>,
    told: &Marks,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut owed, mut left) = (BTreeSet::new(), BTreeSet::new());
    let served = served.filter(|(path, _)| unsettled.is_none_or(|it| it.contains(path)));
    for (path, served) in served {
        match served {
            None => left.insert(path),
            Some(mark) => told.get(&path) != Some(&mark) && owed.insert(path),
        };
    }
    (owed, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn w12_news_waits_for_the_files_for_a_while_from_the_first_on() {
        let mut news = News::default();
        news.add([], SECOND);
        assert_eq!(news.left(SECOND), None);
        news.add(["/a".to_owned()], SECOND);
        news.add(["/b".to_owned()], SECOND * 20);
        assert_eq!(news.left(SECOND * 30), Some(SECOND));
        assert_eq!(news.left(SECOND * 90), Some(Duration::ZERO));
        assert_eq!(news.take().len(), 2);
        assert_eq!(news.left(SECOND * 90), None);
        news.add(["/a".to_owned()], SECOND * 100);
        assert_eq!(news.left(SECOND * 100), Some(FILES_WAIT));
    }

    #[test]
    fn w12_a_start_looks_once_at_what_hubs_were_told_of() {
        let names = |paths: &[&str]| -> BTreeSet<String> {
            paths.iter().map(|path| (*path).to_owned()).collect()
        };
        let served = |third| {
            let marks = [("/a", Some([1; 32])), ("/b", Some([2; 32])), ("/c", third)];
            marks
                .map(|(path, mark)| (path.to_owned(), mark))
                .into_iter()
        };
        let told = Marks::from([("/a".to_owned(), [1; 32]), ("/c".to_owned(), [3; 32])]);
        let (now, left) = owed(None, served(None), &told);
        assert_eq!((now, &left), (names(&["/b"]), &names(&["/c"])));
        // The hub is being told of the second, which is not noted yet.
        for (third, expected) in [([4; 32], names(&["/c"])), ([3; 32], names(&[]))] {
            let then = owed(Some(&left), served(Some(third)), &told);
            assert_eq!(then, (expected, names(&[])));
        }
    }
}
