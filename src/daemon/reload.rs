//! Reading feeds.toml again while running: all or nothing.
//!
//! Three may ask for it: a signal, a command over the control socket, and the watch of the file. systemd sends
//! the signal and starts the command at once (`Type=notify-reload` with an `ExecReload=`): what the signal put in
//! force is not taken up again for the command, nor the other way round. The file is read all the same, with the
//! secrets and rules that it names, and only what is equal in all of this is shared: whoever mends a secret and asks
//! again is told what came of that.
//!
//! This is the verdict itself; `docket` has who waits for one, `errand` and `verdict` read the file beside the loop, and
//! `tend` has the steps.

use super::Daemon;
use super::active::Active;
use super::logs::events;
use super::verdict::{self, Good, Read, Refusal};
use crate::config::{self, Config};
use crate::publish::{self, Output};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The environment as a function from names to values; it may be asked on another thread.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where the configuration comes from.
#[derive(Clone)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The environment, which secrets may be taken from.
    pub environment: Environment,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.path).finish()
    }
}

/// Who asked for a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Whether that is for no fault of the file: it could not be read, or the database could not be written.
    pub has_failed: bool,
    /// That in one line, with the first problem of a file that is refused.
    pub message: String,
    /// The problems of the file with their places, warnings among them; may be empty.
    pub report: String,
    /// Whether a check of the file finds what it is refused for.
    pub is_in_check: bool,
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
    pub(super) rejected: Option<Rejected>,
    /// The digest of the last file that was judged.
    pub(super) digest: [u8; 32],
    /// Whether somebody else holds the listener, so that `listen` is not looked at.
    is_listener_held: bool,
    last: Option<Judged>,
}

/// A file that is not in force, and why.
#[derive(Clone, Debug)]
pub(super) struct Rejected {
    /// When it was read.
    pub(super) at: Timestamp,
    /// When the first in a row was read.
    pub(super) since: Timestamp,
    /// Whether that is for no fault of the file.
    pub(super) has_failed: bool,
    /// Its first problem.
    pub(super) why: String,
    /// The command that tells all that is wrong with it; none where its text is without fault.
    pub(super) check: Option<String>,
}

/// A verdict that one other may still ask for.
#[derive(Debug)]
struct Judged {
    /// How it was asked for.
    ways: BTreeSet<By>,
    at: Timestamp,
    came_to: Reloaded,
}

impl Reloads {
    pub(super) fn new(digest: [u8; 32], now: Timestamp) -> Self {
        Self {
            in_force_since: now,
            rejected: None,
            digest,
            is_listener_held: false,
            last: None,
        }
    }

    /// Returns what the signal alone came to beside a command alone, once; or the command, if it was first.
    fn beside(&mut self, ways: &BTreeSet<By>, now: Timestamp) -> Option<Reloaded> {
        let is_pair = |last: &Judged| {
            let both = BTreeSet::from([By::Signal, By::Command]);
            last.ways.len() == 1 && ways.len() == 1 && &last.ways | ways == both
        };
        let last = self
            .last
            .take_if(|last| is_pair(last) && now.duration_since(last.at).abs() <= TOGETHER);
        last.map(|last| last.came_to)
    }

    fn note(
        &mut self,
        ways: &BTreeSet<By>,
        digest: [u8; 32],
        now: Timestamp,
        came_to: &Reloaded,
        file: &Path,
    ) {
        self.digest = digest;
        let since = self.rejected.as_ref().map_or(now, |it| it.since);
        self.rejected = (!came_to.is_in_force).then(|| Rejected {
            at: now,
            since,
            has_failed: came_to.has_failed,
            why: came_to.message.clone(),
            check: came_to
                .is_in_check
                .then(|| format!("merganser check --config {}", file.display())),
        });
        if came_to.is_in_force {
            self.in_force_since = now;
        }
        self.last = Some(Judged {
            ways: ways.clone(),
            at: now,
            came_to: came_to.clone(),
        });
    }
}

impl Daemon {
    /// Tells whether somebody else holds the listener.
    pub(super) fn is_listener_held(&self) -> bool {
        self.reloads.is_listener_held
    }

    /// Leaves `listen` alone from now on: somebody else holds the listener.
    pub fn keep_listener(&mut self) {
        self.reloads.is_listener_held = true;
    }

    /// Judges the file as it was read, for those who asked in these ways, and puts it in force if it is good.
    pub(super) async fn judge(
        &mut self,
        ways: &BTreeSet<By>,
        source: &Source,
        read: Read,
    ) -> Reloaded {
        let before = self.reloads.beside(ways, self.clock.now());
        let file = source.path.display();
        let Read { digest, verdict } = read;
        // Also where nothing more is said of it: it was read.
        self.reloads.digest = digest;
        let verdict = match verdict {
            Ok(Good { loaded, .. })
                if self.is_in_force(&loaded.config) && is_good(before.as_ref()) =>
            {
                tracing::info!("{file} is as it was reloaded a moment ago");
                return before.unwrap_or_else(|| good(source, String::new()));
            }
            Ok(good) => {
                verdict::log_warnings(&source.path, &good.loaded.warnings);
                self.put_in_force(ways, source, good).await
            }
            Err(refusal) => Err(refusal),
        };
        let came_to = came_to(source, verdict);
        if !came_to.is_in_force && before.as_ref() == Some(&came_to) {
            tracing::info!("{file} is REJECTED as it was a moment ago");
            return came_to;
        }
        self.note_verdict(ways, source, digest, &came_to);
        came_to
    }

    /// Notes that the file could not be read for those who asked in these ways.
    pub(super) fn refuse(&mut self, ways: &BTreeSet<By>, source: &Source, read: Read) -> Reloaded {
        let came_to = came_to(source, read.verdict.map(|good| good.report));
        self.note_verdict(ways, source, read.digest, &came_to);
        came_to
    }

    /// Notes what a reload came to, and logs it.
    fn note_verdict(
        &mut self,
        ways: &BTreeSet<By>,
        source: &Source,
        digest: [u8; 32],
        came_to: &Reloaded,
    ) {
        let file = source.path.display();
        let now = self.clock.now();
        self.reloads.note(ways, digest, now, came_to, &source.path);
        self.figures
            .reloaded(came_to.is_in_force, came_to.has_failed, now);
        match &self.reloads.rejected {
            None => tracing::info!(
                message_id = events::RELOAD_DONE,
                "{file} was reloaded: {}",
                self.status()
            ),
            Some(Rejected { why, check, .. }) => tracing::error!(
                message_id = events::RELOAD_REFUSED,
                "{file} {}, the one before stays in force: {why}{}",
                if came_to.has_failed {
                    "could NOT be taken up"
                } else {
                    "was REJECTED"
                },
                // Of what is not in its text, a check of it says nothing.
                match check {
                    None => String::new(),
                    Some(check) => format!("; `{check}` tells all"),
                }
            ),
        }
    }

    /// Tells whether a configuration is the one in force, secrets and rules for addresses included.
    fn is_in_force(&self, config: &Config) -> bool {
        *config == self.active.config
    }

    /// Puts a file without errors in force, and returns its warnings.
    async fn put_in_force(
        &mut self,
        ways: &BTreeSet<By>,
        source: &Source,
        good: Good,
    ) -> Result<String, Refusal> {
        let (config, running) = (good.loaded.config, &self.active.config);
        let feeds = running.feeds.len();
        if config.feeds.is_empty() && feeds > 0 && !ways.contains(&By::Force) {
            return Err(Refusal::from(format!(
                "it names no feed, and the configuration in force has {feeds}: save it whole, or take it as it is \
                 with `merganser reload --force`"
            )));
        }
        let is_listener_held = self.reloads.is_listener_held;
        let late = config::needs_restart(&good.text, &config, running, is_listener_held);
        if !late.is_empty() {
            return Err(Refusal::of(late, source, &good.text));
        }
        let active = Active::new(config).map_err(|error| error.to_string())?;
        let before = Arc::clone(&self.active);
        // Before those that come are stored as well. What cannot be read is told of as what begins.
        let stored = self.store.feed_titles().unwrap_or_default();
        if let Err(error) = self.take_up(Arc::new(active)).await {
            self.store_failed(error.kind(), &error.to_string());
            return Err(Refusal::failure(error.to_string()));
        }
        self.leave_exports(before.as_ref());
        self.expect_outputs();
        self.close(&before.config);
        let at = self.clock.now();
        self.chores.publish_all(at);
        self.chores.try_files(at);
        let mut report = good.report;
        let rules = [&before, &self.active].map(|it| &it.rules.of);
        let goes_on = |output: &Output| self.archive_goes_on(output, rules);
        let (before, now) = (&before.config, &self.active.config);
        let changes = [
            config::feeds_changed(before, now),
            config::feeds_renamed(before, now, |id| stored.contains_key(id)),
            config::outputs_changed(before, now),
            config::address_changed(before, now),
            config::archives_ended(before, now, goes_on),
            config::files_left(
                self.state.path(),
                before.server.publish_dir.as_deref(),
                now.server.publish_dir.as_deref(),
            ),
        ];
        for (at, told) in changes.into_iter().flatten().enumerate() {
            tracing::info!("{told}");
            if at == 0 && !report.is_empty() {
                // Warnings before it end in their help.
                report.push('\n');
            }
            report.push_str(&told);
            report.push('\n');
        }
        Ok(report)
    }

    /// Tells whether an archive that ended goes on where the rule stays as it is that selects what is in it. What cannot be read
    /// is told of as what begins.
    fn archive_goes_on(
        &self,
        output: &Output,
        [before, now]: [&BTreeMap<String, [u8; 16]>; 2],
    ) -> bool {
        let label = output.label();
        let is_same = label.is_none_or(|label| before.get(label) == now.get(label));
        let basis = publish::basis(&self.active.config.site, output);
        let has_ended = |basis| self.store.has_ended_archive(output, basis);
        is_same && has_ended(&basis).is_ok_and(|it| it)
    }
}

fn is_good(came_to: Option<&Reloaded>) -> bool {
    came_to.is_some_and(|it| it.is_in_force)
}

/// Returns what a file comes to that was put in force, with its warnings.
fn good(source: &Source, report: String) -> Reloaded {
    // Whoever asks may stand in another folder, with a feeds.toml of its own.
    let path = std::path::absolute(&source.path).unwrap_or_else(|_| source.path.clone());
    Reloaded {
        is_in_force: true,
        has_failed: false,
        message: format!("{} was reloaded", path.display()),
        report,
        is_in_check: false,
    }
}

/// Returns what a verdict is for those who asked.
fn came_to(source: &Source, verdict: Result<String, Refusal>) -> Reloaded {
    match verdict {
        Ok(report) => good(source, report),
        Err(Refusal {
            why,
            report,
            has_failed,
            is_in_check,
        }) => Reloaded {
            is_in_force: false,
            has_failed,
            message: why,
            report,
            is_in_check,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn came_to(message: &str) -> Reloaded {
        Reloaded {
            is_in_force: false,
            has_failed: false,
            message: message.to_owned(),
            report: String::new(),
            is_in_check: false,
        }
    }

    /// The signal and the command that come together go together once; whoever comes alone comes anew.
    #[test]
    fn a_signal_and_a_command_go_together_once() {
        let later = NOW + TOGETHER + SignedDuration::from_secs(1);
        let (signal, command) = (vec![By::Signal], vec![By::Command]);
        let both = vec![By::Signal, By::Command];
        for (first, second, at, is_pair) in [
            (&signal, &command, NOW, true),
            (&command, &signal, NOW, true),
            (&signal, &command, later, false),
            (&signal, &signal, NOW, false),
            (&command, &command, NOW, false),
            (&both, &command, NOW, false),
            (&signal, &both, NOW, false),
            (&vec![By::Watch], &command, NOW, false),
            (&signal, &vec![By::Force], NOW, false),
        ] {
            let ways = |ways: &[By]| ways.iter().copied().collect::<BTreeSet<By>>();
            let (first, second) = (ways(first), ways(second));
            let mut reloads = Reloads::new([0; 32], NOW);
            reloads.note(
                &first,
                [1; 32],
                NOW,
                &came_to("no"),
                Path::new("feeds.toml"),
            );
            let before = reloads.beside(&second, at);
            assert_eq!(before.is_some(), is_pair, "{first:?}, {second:?}");
            if is_pair {
                assert_eq!(reloads.beside(&second, at), None, "once");
            }
        }
    }
}
