//! What commands ask of the daemon over the control socket.

use super::Daemon;
use super::chores::later;
use super::docket::Asker;
use super::poll_for::Want;
use super::reload::{By, Reloaded, Source};
use crate::clock::Clock;
use crate::control::{
    self, Answer, Asked, Awaited, Listener, Queue, Request, Resting, Running, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use std::io;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Requests that wait for the loop: as many as there may be clients would do, and one is enough.
const WAITING: usize = 1;

/// How long clients that do not take their answer may hold up a stop.
const FAREWELL: SignedDuration = SignedDuration::from_secs(1);

/// The control socket at work; nothing where there is none.
#[derive(Debug, Default)]
pub(super) struct Orders {
    asked: Option<mpsc::Receiver<Asked>>,
    /// What drives the socket, and ends with us.
    task: JoinSet<io::Result<()>>,
}

impl Orders {
    fn of(listener: Listener) -> Self {
        let (to, asked) = mpsc::channel(WAITING);
        let mut task = JoinSet::new();
        task.spawn(control::serve(listener, to));
        Self {
            asked: Some(asked),
            task,
        }
    }

    /// Waits for the next request; for ever where there is no socket.
    pub(super) async fn next(&mut self) -> Asked {
        if let Some(asked) = &mut self.asked {
            if let Some(asked) = asked.recv().await {
                return asked;
            }
            let ended = self.task.join_next().await;
            tracing::error!(
                "the control socket broke down, `merganser reload` will not work: please report it; SIGHUP reloads, \
                 and a restart makes another: {ended:?}"
            );
            self.asked = None;
        }
        std::future::pending().await
    }

    /// Ends the socket, and lets its file go. Who waits for an answer is told that there will be none.
    pub(super) async fn stop(&mut self, clock: &dyn Clock) {
        self.asked = None;
        let deadline = later(clock.now(), FAREWELL);
        tokio::select! {
            biased;
            _ = self.task.join_next() => {}
            () = clock.wait_until(deadline) => {}
        }
        self.task.shutdown().await;
    }
}

/// So many of one sort are named in an answer, which may be 4 MiB long.
pub(super) const MOST_TOLD: usize = 1000;

/// Writes an instant as one that is stored is told, to the millisecond.
pub(super) fn said(at: Timestamp) -> String {
    let stored = Timestamp::from_millisecond(at.as_millisecond());
    stored.unwrap_or(at).to_string()
}

/// How the answer begins to who asked for a reload that failed for no fault of the file.
pub const NOT_TAKEN_UP: &str = "FAILED";

impl Daemon {
    /// Lets commands reach the daemon at a socket, while it runs.
    pub fn listen_for_commands(&mut self, listener: Listener) {
        self.orders = Orders::of(listener);
    }

    /// Waits for what a command asks for next, and enters it, as the loop does.
    pub async fn heed_order(&mut self, source: &Source) {
        let asked = self.orders.next().await;
        self.obey(asked, source);
    }

    /// Says what runs.
    fn running(&self, source: &Source) -> Running {
        Running {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            up_since: self.figures.started_at().to_string(),
            config_since: self.reloads.in_force_since.to_string(),
            config: std::path::absolute(&source.path).ok(),
            config_digest: Some(self.reloads.digest),
            listen: self.server.as_ref().and_then(|server| server.address),
            is_handed_over: self.is_listener_held(),
            queue: Some(Queue {
                under_way: self.polls.len(),
                due: self.agenda.due_by(self.clock.now()),
            }),
            publish_dir: self.active.config.server.publish_dir.clone(),
            off: self.off(),
            in_doubt: self.in_doubt(),
            resting: self.resting(),
            awaited: self.awaited(),
        }
    }

    /// Returns the feeds that commands wait for and whose hosts are let rest.
    fn awaited(&self) -> Vec<Awaited> {
        let resting = self.agenda.resting(self.clock.now());
        let left = self.wanted.left().into_iter();
        let awaited = left.filter_map(|feed| {
            let (host, _) = self.agenda.rest_of(self.active.number(&feed)?)?;
            Some(Awaited {
                feed: feed.to_string(),
                until: said(*resting.get(&*host)?),
                host: host.to_string(),
            })
        });
        awaited.take(MOST_TOLD).collect()
    }

    /// Returns the hosts that are let rest: until when, feeds that are due before are polled no sooner.
    fn resting(&self) -> Vec<Resting> {
        let resting = self.agenda.resting(self.clock.now()).into_iter();
        let told = resting.take(MOST_TOLD).map(|(host, until)| Resting {
            host: host.to_owned(),
            until: said(until),
        });
        told.collect()
    }

    /// Returns the ids of the feeds that are switched off, unless an answer would be long by them.
    fn off(&self) -> Option<Vec<String>> {
        let feeds = self.active.config.feeds.iter();
        let off = feeds.filter(|feed| !feed.enabled);
        let off: Vec<String> = off
            .take(MOST_TOLD + 1)
            .map(|it| it.id.to_string())
            .collect();
        (off.len() <= MOST_TOLD).then_some(off)
    }

    /// Enters what a command asks for. Whether it means our file is told here where the name of the file tells.
    pub(super) fn obey(&mut self, asked: Asked, source: &Source) {
        let Some(asked) = self.in_place(asked) else {
            return;
        };
        let (config, wait, force) = match asked.request.clone() {
            Request::Reload {
                config,
                wait,
                force,
            } => (config, wait, force),
            Request::Poll {
                config,
                feeds,
                all,
                force,
            } => {
                let ours = std::path::absolute(&source.path).ok();
                // Whether another name leads to our file is for who asks to find out: the disk may not answer.
                if let Some(meant) = config.filter(|meant| Some(meant) != ours.as_ref()) {
                    return asked.answer(Answer {
                        running: Some(self.running(source)),
                        ..Answer::elsewhere(&meant, &source.path)
                    });
                }
                return self.poll_for(asked, &Want { feeds, all, force });
            }
            Request::Status => {
                let needs = self.needs();
                let answer = Answer::new(Verdict::Done, self.status());
                return asked.answer(Answer {
                    needs,
                    running: Some(self.running(source)),
                    ..answer
                });
            }
        };
        let ours = std::path::absolute(&source.path).ok();
        let who = Asker {
            by: if force { By::Force } else { By::Command },
            meant: config.filter(|meant| Some(meant) != ours.as_ref()),
            waits: wait,
            asked: Some(asked),
        };
        if wait || who.meant.is_some() {
            return self.enter(who);
        }
        self.enter(Asker::silent(who.by));
        who.answer(accepted());
    }
}

/// Returns the answer to who does not wait for the verdict.
pub(super) fn accepted() -> Answer {
    let message = "feeds.toml will be read again; `--wait` waits for what comes of it";
    Answer::new(Verdict::Accepted, message)
}

/// Returns the answer to who does.
pub(super) fn answer(came_to: Reloaded, status: &str) -> Answer {
    let Reloaded {
        is_in_force,
        has_failed,
        message,
        report,
        ..
    } = came_to;
    let (verdict, message) = if is_in_force {
        (Verdict::Done, format!("{message}: {status}"))
    } else if has_failed {
        let message = format!("{NOT_TAKEN_UP}, the configuration before stays in force: {message}");
        (Verdict::Failed, message)
    } else {
        let message = format!("REJECTED, the configuration before stays in force: {message}");
        (Verdict::Refused, message)
    };
    Answer {
        report,
        ..Answer::new(verdict, message)
    }
}
