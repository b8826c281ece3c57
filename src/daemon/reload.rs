//! Reading feeds.toml again while running: all or nothing.
//!
//! Three may ask for it: a signal, a command over the control socket, and the watch of the file. systemd sends
//! the signal and starts the command at once (`Type=notify-reload` with an `ExecReload=`): the command is given
//! what the signal came to, and the other way round, as long as the bytes are the same.

use super::active::Active;
use super::logs::events;
use super::{Daemon, notify};
use crate::config::{self, Config, ConfigError, Loaded};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where the configuration comes from.
pub struct Source<'a> {
    /// The file.
    pub path: &'a Path,
    /// The environment, which secrets may be taken from.
    pub environment: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.path).finish()
    }
}

/// Who asked for a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// SIGHUP.
    Signal,
    /// A command.
    Command,
    /// A command that takes a file without feeds, too.
    Force,
    /// The file was saved.
    Watch,
}

/// What a reload came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// Whether the file is in force now.
    pub is_in_force: bool,
    /// That in one line, with the first problem of a file that is refused.
    pub message: String,
    /// The problems of the file with their places, warnings among them; may be empty.
    pub report: String,
}

/// How long what a signal came to is handed to the command that systemd starts beside it. On a busy machine a
/// process takes a second or two to start.
const TOGETHER: SignedDuration = SignedDuration::from_secs(10);

/// What reloads came to so far.
#[derive(Debug)]
pub(super) struct Reloads {
    /// Since when the configuration in force is.
    pub(super) in_force_since: Timestamp,
    /// What was wrong with the file that was refused last; none once a good one was read.
    pub(super) rejected: Option<String>,
    /// The digest of the last file that was judged.
    pub(super) digest: [u8; 32],
    last: Option<Judged>,
}

/// A verdict that one other may still ask for.
#[derive(Debug)]
struct Judged {
    by: By,
    at: Timestamp,
    came_to: Reloaded,
}

impl Reloads {
    pub(super) fn new(digest: [u8; 32], now: Timestamp) -> Self {
        Self {
            in_force_since: now,
            rejected: None,
            digest,
            last: None,
        }
    }

    /// Returns what the signal came to that `by` goes with, once; or the command, if it was first.
    fn shared(&mut self, by: By, digest: [u8; 32], now: Timestamp) -> Option<Reloaded> {
        let is_pair = |last: &Judged| {
            let pair = [last.by, by];
            pair.contains(&By::Signal) && pair.contains(&By::Command)
        };
        let is_same = self.digest == digest;
        let last = self.last.take_if(|last| {
            is_same && is_pair(last) && now.duration_since(last.at).abs() <= TOGETHER
        });
        last.map(|last| last.came_to)
    }

    fn note(&mut self, by: By, digest: [u8; 32], now: Timestamp, came_to: &Reloaded) {
        self.digest = digest;
        self.rejected = (!came_to.is_in_force).then(|| came_to.message.clone());
        if came_to.is_in_force {
            self.in_force_since = now;
        }
        self.last = Some(Judged {
            by,
            at: now,
            came_to: came_to.clone(),
        });
    }
}

/// Why a file is refused.
struct Refusal {
    why: String,
    report: String,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        let report = String::new();
        Self { why, report }
    }
}

impl Daemon {
    /// Reads the configuration again, as SIGHUP does, and puts it in force, or keeps the old one and says why:
    /// in the log, and in the status until a good one is read.
    ///
    /// Feeds that did not change keep their schedule and their validators, and their polls go on; the
    /// poll of a feed that changed is dropped, since what it brings is not what is asked for now.
    /// Changed rules are applied to what is stored beside the polls (`relabel.rs`).
    pub async fn reload(&mut self, source: &Source<'_>) -> Reloaded {
        self.reload_by(By::Signal, source).await
    }

    /// Reads the configuration again. systemd is told that a reload goes on where it sent the signal; it
    /// waits for the end of a reload that it knows nothing of, otherwise.
    pub(super) async fn reload_by(&mut self, by: By, source: &Source<'_>) -> Reloaded {
        self.heed_clock();
        if by == By::Signal {
            notify::reloading();
        }
        let text = config::text(source.path);
        let digest = match &text {
            Ok(text) => config::digest(text),
            Err(error) => config::digest(&error.to_string()),
        };
        let shared = self.reloads.shared(by, digest, self.clock.now());
        let came_to = match shared {
            Some(came_to) => came_to,
            None => self.judge(by, source, text, digest).await,
        };
        let status = self.status();
        if by == By::Signal {
            notify::ready(&status);
        } else {
            notify::status(&status);
        }
        came_to
    }

    async fn judge(
        &mut self,
        by: By,
        source: &Source<'_>,
        text: Result<String, ConfigError>,
        digest: [u8; 32],
    ) -> Reloaded {
        let file = source.path.display();
        let verdict = match text {
            Ok(text) => self.take(by, source, &text).await,
            Err(error) => Err(Refusal::from(error.to_string())),
        };
        let came_to = match verdict {
            Ok(report) => Reloaded {
                is_in_force: true,
                message: format!("{file} was reloaded"),
                report,
            },
            Err(Refusal { why, report }) => Reloaded {
                is_in_force: false,
                message: why,
                report,
            },
        };
        let now = self.clock.now();
        self.reloads.note(by, digest, now, &came_to);
        self.figures.reloaded(came_to.is_in_force, now);
        match &self.reloads.rejected {
            None => tracing::info!(
                message_id = events::RELOAD_DONE,
                "{file} was reloaded: {}",
                self.status()
            ),
            Some(why) => tracing::error!(
                message_id = events::RELOAD_REFUSED,
                "{file} was REJECTED, the one before stays in force: {why}; \
                 `merganser check --config {file}` tells all"
            ),
        }
        came_to
    }

    /// Puts a text in force, if it is good. Returns its warnings as people read them.
    async fn take(&mut self, by: By, source: &Source<'_>, text: &str) -> Result<String, Refusal> {
        let file = source.path.display().to_string();
        let report = |problems: &[_]| config::render(problems, &file, text, false);
        match config::read(text, source.environment) {
            Ok(Loaded { config, warnings }) => {
                for warning in &warnings {
                    tracing::warn!("{file}:{warning}");
                }
                self.put_in_force(by, config).await?;
                Ok(report(&warnings))
            }
            Err(problems) => {
                let report = report(&problems);
                let path = source.path.to_owned();
                let why = ConfigError::Refused { path, problems }.to_string();
                Err(Refusal { why, report })
            }
        }
    }

    async fn put_in_force(&mut self, by: By, config: Config) -> Result<(), String> {
        let feeds = self.active.config.feeds.len();
        if config.feeds.is_empty() && feeds > 0 && by != By::Force {
            return Err(format!(
                "it names no feed, and the configuration in force has {feeds}: save it whole, or take it as it is \
                 with `merganser reload --force`"
            ));
        }
        only_what_needs_no_restart(&config, &self.active.config)?;
        let active = Active::new(config).map_err(|error| error.to_string())?;
        self.take_up(Arc::new(active))
            .await
            .map_err(|error| error.to_string())?;
        self.chores.publish_all(self.clock.now());
        Ok(())
    }
}

/// The listener and the database are opened once: a file that changes either is refused, since the rest of it
/// would be half of what it says.
fn only_what_needs_no_restart(config: &Config, running: &Config) -> Result<(), String> {
    let (listen, listens) = (config.server.listen, running.server.listen);
    let (path, has) = (&config.storage.path, &running.storage.path);
    let (key, now) = if listen != listens {
        ("`listen` in [server]", listens.to_string())
    } else if path != has {
        ("`path` in [storage]", has.display().to_string())
    } else {
        return Ok(());
    };
    Err(format!(
        "{key} changes with a restart only: restart (`systemctl restart merganser`), or write \"{now}\" again"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn came_to(message: &str) -> Reloaded {
        Reloaded {
            is_in_force: false,
            message: message.to_owned(),
            report: String::new(),
        }
    }

    /// The signal and the command that come together are judged once; whoever comes alone is judged anew,
    /// since secrets and files of rules may have changed under the same bytes.
    #[test]
    fn a_signal_and_a_command_share_a_verdict_once() {
        let later = NOW + TOGETHER + SignedDuration::from_secs(1);
        for (first, second, digest, at, is_shared) in [
            (By::Signal, By::Command, 1, NOW, true),
            (By::Command, By::Signal, 1, NOW, true),
            (By::Signal, By::Command, 2, NOW, false),
            (By::Signal, By::Command, 1, later, false),
            (By::Signal, By::Signal, 1, NOW, false),
            (By::Command, By::Command, 1, NOW, false),
            (By::Watch, By::Command, 1, NOW, false),
            (By::Signal, By::Force, 1, NOW, false),
        ] {
            let mut reloads = Reloads::new([0; 32], NOW);
            reloads.note(first, [1; 32], NOW, &came_to("no"));
            let shared = reloads.shared(second, [digest; 32], at);
            assert_eq!(shared.is_some(), is_shared, "{first:?}, {second:?}");
            if is_shared {
                assert_eq!(reloads.shared(second, [digest; 32], at), None, "once");
            }
        }
    }
}
