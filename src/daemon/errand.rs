//! Reading feeds.toml, and what it names, on a thread of its own.
//!
//! The file, or a secret or rules that it names, may lie where a read has no end: on a file system of a machine that
//! is gone, or of a program that hangs. No system call tells, and none calls a read off. So the loop touches none of
//! these files: it sends for them and goes on. One thread is away at most, and the next is sent when that is back,
//! however long it takes.
//!
//! The runtime's own threads for blocking work were rejected: the loop could not tell how many of them hang, and the
//! end of the runtime waits for them.

use super::verdict::{self, Found, Question};
use super::watch::{Stamp, open, stamp};
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::thread::Builder;
use std::time::Duration;
use tokio::sync::oneshot;

/// What the thread is sent for.
#[derive(Debug)]
pub(super) enum Errand {
    /// To watch the directory of a file.
    Watch(PathBuf),
    /// To look what tells a file from another at its path.
    Look(PathBuf),
    /// To read and check the file.
    Read(Box<Question>),
}

/// What it brought.
#[derive(Debug)]
pub(super) enum Brought {
    Watch(io::Result<OwnedFd>),
    Look(Option<Stamp>),
    Read(Box<Found>),
    /// Nothing, and why.
    Nothing(String),
}

/// The thread, if one is away.
#[derive(Debug, Default)]
pub(super) struct Errands {
    away: Option<Away>,
    back: Option<Brought>,
}

#[derive(Debug)]
struct Away {
    /// Since when, by how long the machine has been up.
    since: Duration,
    /// Whether it was said that this is long.
    is_told: bool,
    brings: oneshot::Receiver<Brought>,
}

impl Errands {
    /// Tells whether another may be sent.
    pub(super) fn is_free(&self) -> bool {
        self.away.is_none() && self.back.is_none()
    }

    /// Sends a thread, where none is away; else nothing is done.
    pub(super) fn send(&mut self, errand: Errand, now: Duration) {
        self.run(move || run(errand), now);
    }

    fn run(&mut self, work: impl FnOnce() -> Brought + Send + 'static, now: Duration) {
        if !self.is_free() {
            return;
        }
        let (bring, brings) = oneshot::channel();
        // Nobody waits for it any more when the daemon is gone.
        let work = move || drop(bring.send(work()));
        match Builder::new().name("feeds.toml".to_owned()).spawn(work) {
            Ok(_) => {
                self.away = Some(Away {
                    since: now,
                    is_told: false,
                    brings,
                });
            }
            Err(error) => {
                let why = format!("there is no thread to read it: {error}");
                self.back = Some(Brought::Nothing(why));
            }
        }
    }

    /// Waits until the thread is back; for ever where none is away.
    pub(super) async fn end(&mut self) {
        if self.back.is_some() {
            return;
        }
        let Some(away) = &mut self.away else {
            return std::future::pending().await;
        };
        let brought = (&mut away.brings).await;
        self.away = None;
        self.back = Some(brought.unwrap_or_else(|_| panicked()));
    }

    /// Takes what was brought, if the thread is back.
    pub(super) fn take(&mut self) -> Option<Brought> {
        if let Some(away) = &mut self.away {
            match away.brings.try_recv() {
                Err(oneshot::error::TryRecvError::Empty) => return None,
                brought => self.back = Some(brought.unwrap_or_else(|_| panicked())),
            }
            self.away = None;
        }
        self.back.take()
    }

    /// Tells, once for each errand, that the thread is away for as long as this.
    pub(super) fn is_late(&mut self, patience: Duration, now: Duration) -> bool {
        let away = self.away.as_mut();
        let late = away.filter(|it| !it.is_told && now.saturating_sub(it.since) >= patience);
        late.is_some_and(|it| !std::mem::replace(&mut it.is_told, true))
    }
}

fn panicked() -> Brought {
    Brought::Nothing("reading it panicked, please report it".to_owned())
}

fn run(errand: Errand) -> Brought {
    match errand {
        Errand::Watch(file) => Brought::Watch(open(&file)),
        Errand::Look(file) => Brought::Look(stamp(&file)),
        Errand::Read(question) => Brought::Read(Box::new(verdict::find(&question))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    const SECOND: Duration = Duration::from_secs(1);

    /// Work that is counted.
    fn counted(started: &Arc<AtomicUsize>) -> impl FnOnce() -> Brought + Send + 'static {
        let started = Arc::clone(started);
        move || {
            started.fetch_add(1, Ordering::SeqCst);
            Brought::Look(None)
        }
    }

    /// A read that does not end holds one thread: no other is started while it is away, and one is when it is back.
    #[tokio::test]
    async fn one_thread_is_away_at_most() {
        let (release, held) = channel::<()>();
        let started = Arc::new(AtomicUsize::new(0));
        let mut errands = Errands::default();
        let work = counted(&started);
        errands.run(
            move || {
                held.recv().unwrap();
                work()
            },
            Duration::ZERO,
        );
        for _ in 0..100 {
            errands.run(counted(&started), Duration::ZERO);
            assert!(!errands.is_free() && errands.take().is_none());
        }
        assert!(!errands.is_late(SECOND, SECOND / 2));
        assert!(errands.is_late(SECOND, SECOND));
        assert!(!errands.is_late(SECOND, SECOND * 2), "told once");
        release.send(()).unwrap();
        errands.end().await;
        assert!(!errands.is_free(), "it has to be taken");
        assert!(matches!(errands.take(), Some(Brought::Look(None))));
        assert_eq!(started.load(Ordering::SeqCst), 1);
        errands.run(counted(&started), Duration::ZERO);
        errands.end().await;
        assert_eq!(started.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_panic_brings_nothing_and_says_so() {
        let mut errands = Errands::default();
        errands.run(|| panic!("on purpose"), Duration::ZERO);
        errands.end().await;
        let brought = errands.take();
        assert!(
            matches!(&brought, Some(Brought::Nothing(why)) if why.contains("panicked")),
            "{brought:?}"
        );
        assert!(errands.is_free());
    }
}
