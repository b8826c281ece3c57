//! The signals that a daemon obeys.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Mutex, PoisonError};
use std::{fs, io, mem, process, thread};
use tokio::runtime::Builder;
use tokio::signal::unix::{self, SignalKind};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: stop.
    Stop,
    /// SIGHUP: read feeds.toml again.
    Reload,
}

/// The signals of the process, from the moment this is made on.
#[derive(Debug)]
pub struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
    hangup: unix::Signal,
}

impl Signals {
    /// Takes over the three signals.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            hangup: unix::signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal; SIGHUP waits until it is heard.
    pub async fn next(&mut self, hears_hangup: bool) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.hangup.recv(), if hears_hangup => Signal::Reload,
        }
    }
}

/// What a process ends with whom a signal ended: what shells say of one, 128 and its number.
const HUNG_UP: i32 = 129;
const INTERRUPTED: i32 = 130;
const TERMINATED: i32 = 143;

/// What is to be done before a signal ends the process. Several may have something to tidy up, and one ends it.
static LASTS: Mutex<Lasts> = Mutex::new(Lasts {
    are_heard: false,
    given: 0,
    all: BTreeMap::new(),
});

type Last = Box<dyn FnOnce() + Send>;

struct Lasts {
    /// Whether a thread waits for signals.
    are_heard: bool,
    /// How many there were.
    given: u64,
    /// Those that are to be done still, by their numbers.
    all: BTreeMap<u64, Last>,
}

/// Something that is to be done before a signal ends the process, until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Tidying(u64);

impl Drop for Tidying {
    fn drop(&mut self) {
        let mut lasts = LASTS.lock().unwrap_or_else(PoisonError::into_inner);
        let last = lasts.all.remove(&self.0);
        // What it holds may have something to tidy up itself.
        drop(lasts);
        drop(last);
    }
}

/// Has `last` done before SIGINT, SIGTERM or SIGHUP ends a command, unless what this returns is dropped before; the command then
/// ends at once, whatever it is about: what a database has of it is whole by the database's own means. A SIGHUP that it was told
/// to ignore, as `nohup` does, ends nothing.
///
/// # Errors
/// When the system refuses the handlers, or a thread that waits for them.
pub fn before_interrupt(last: impl FnOnce() + Send + 'static) -> io::Result<Tidying> {
    let mut lasts = LASTS.lock().unwrap_or_else(PoisonError::into_inner);
    if !lasts.are_heard {
        end_by_signal()?;
        lasts.are_heard = true;
    }
    lasts.given += 1;
    let number = lasts.given;
    lasts.all.insert(number, Box::new(last));
    Ok(Tidying(number))
}

/// Starts the thread that waits for a signal, and ends the process.
fn end_by_signal() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate, mut hangup) = {
        let _inside = runtime.enter();
        // A handler would take the place of that it is ignored.
        let hangup = (!is_hangup_ignored()).then(|| unix::signal(SignalKind::hangup()));
        (
            unix::signal(SignalKind::interrupt())?,
            unix::signal(SignalKind::terminate())?,
            hangup.transpose()?,
        )
    };
    let wait = move || {
        let code = runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => INTERRUPTED,
                _ = terminate.recv() => TERMINATED,
                () = hung_up(hangup.as_mut()) => HUNG_UP,
            }
        });
        let mut lasts = LASTS.lock().unwrap_or_else(PoisonError::into_inner);
        for last in mem::take(&mut lasts.all).into_values() {
            last();
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the work cannot be asked to return"
        )]
        process::exit(code)
    };
    thread::Builder::new()
        .name("interrupt".to_owned())
        .spawn(wait)?;
    Ok(())
}

/// Waits for a SIGHUP; for ever where it is not heard.
async fn hung_up(hangup: Option<&mut unix::Signal>) {
    match hangup {
        Some(hangup) => drop(hangup.recv().await),
        None => pending().await,
    }
}

/// Tells whether this process ignores SIGHUP, as far as the system says. Nothing else does: to ask by `sigaction` takes
/// unsafe code.
fn is_hangup_ignored() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status))
}

/// Tells so by the text of `/proc/PID/status`, where `SigIgn:` has a bit for each signal, the lowest for the first.
fn ignores_hangup(status: &str) -> bool {
    let mut lines = status.lines();
    let ignored = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    ignored.is_some_and(|bits| bits & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_not_tidied_up() {
        let is_there = |number| LASTS.lock().unwrap().all.contains_key(&number);
        let [one, other] = [(); 2].map(|()| before_interrupt(|| ()).unwrap());
        let (first, second) = (one.0, other.0);
        drop(one);
        assert_eq!([first, second].map(is_there), [false, true]);
        drop(other);
        assert!(!is_there(second));
    }

    #[test]
    fn what_is_ignored_is_told_by_its_bit() {
        for (line, expected) in [
            ("SigIgn:\t0000000000000001", true),
            ("SigIgn:\t0000000000001001", true),
            ("SigIgn:\t0000000000001006", false),
            ("SigCgt:\t0000000000000001", false),
            ("SigIgn:\t", false),
        ] {
            let status = format!("Name:\tmerganser\n{line}\nSigBlk:\t0000000000000001\n");
            assert_eq!(ignores_hangup(&status), expected, "{line}");
        }
    }
}
