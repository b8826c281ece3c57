//! One line of JSON each way.

use super::polled::{Polled, Unpolled};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What a command asks of the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Reads feeds.toml again.
    Reload {
        /// The file that the operator means, absolute; a daemon of another refuses. `None`: whichever it has.
        #[serde(default)]
        config: Option<PathBuf>,
        /// Whether to answer with the verdict, and not before there is one.
        #[serde(default)]
        wait: bool,
        /// Whether a file without feeds is taken in the place of one that had some.
        #[serde(default)]
        force: bool,
    },
    /// Tells how it is, at once.
    Status,
    /// Polls feeds now.
    Poll {
        /// The file that the operator means, absolute and as the daemon has it; one of another file refuses, and tells which
        /// it runs. `None`: whichever it has. Left out then, since a daemon of before does not know the word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        config: Option<PathBuf>,
        /// These; answered when they are done.
        #[serde(default)]
        feeds: Vec<String>,
        /// All that are enabled; answered at once.
        #[serde(default)]
        all: bool,
        /// Whether everything is to be fetched and read again.
        #[serde(default)]
        force: bool,
    },
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was done.
    Done,
    /// It was taken on; what comes of it is told in the log.
    Accepted,
    /// The configuration has problems: the one before stays in force.
    Refused,
    /// It could not be done, or was not understood.
    Failed,
    /// It means another feeds.toml than the one that the daemon runs.
    Elsewhere,
    /// The database fails, so that nothing was tried.
    Unstored,
}

/// What the daemon answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// How it ended.
    pub verdict: Verdict,
    /// That in one line.
    pub message: String,
    /// What a person wants to see before that line: the problems of a file with their places. May be empty.
    #[serde(default)]
    pub report: String,
    /// What somebody is needed for, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// What the daemon says of itself, where that was asked for, or where another one was meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<Running>,
    /// What polls came to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub polled: Vec<Polled>,
    /// Feeds that were not polled, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unpolled: Vec<Unpolled>,
    /// How many more there are than are listed.
    #[serde(default)]
    pub more_unpolled: usize,
    /// How many feeds were taken on, where nobody waits for what comes of them.
    #[serde(default)]
    pub entered: usize,
    /// Whether no host can be reached: the network of the daemon is down.
    #[serde(default)]
    pub is_offline: bool,
}

/// A daemon that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Its version, which may be another than the command's.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// Since when it runs, as RFC 3339 has it,
    pub up_since: String,
    /// and its configuration is in force.
    pub config_since: String,
    /// The file of that, absolute; none where it is not told.
    #[serde(default)]
    pub config: Option<PathBuf>,
    /// What the text of that had for a digest when it was read last, be it in force or refused; none where it is not told.
    #[serde(default)]
    pub config_digest: Option<[u8; 32]>,
    /// Where readers reach it; none where it is not told.
    #[serde(default)]
    pub listen: Option<SocketAddr>,
    /// Whether that was handed over to it, by systemd say, so that `listen` of the file counts for nothing.
    #[serde(default)]
    pub is_handed_over: bool,
    /// Its polls; none where that is not told, as by a daemon of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    /// The directory of files in force, as it is configured; none where there is none, or it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_dir: Option<PathBuf>,
    /// The feeds in force that are switched off; none where that is not told, as by a daemon of before, or of too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off: Option<Vec<String>>,
    /// Polls that reached nobody, of which it is not known yet whose fault that is; the first thousand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_doubt: Vec<InDoubt>,
    /// Hosts that refused, or are in trouble, and are let rest; the first thousand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resting: Vec<Resting>,
    /// Feeds of such hosts that commands wait for; the first thousand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaited: Vec<Awaited>,
}

/// The polls of a daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// How many are under way.
    pub under_way: usize,
    /// How many feeds are due besides, and wait for their host, a free place, the network or the database.
    pub due: usize,
}

/// A host that is let rest. Of one that is in trouble, the daemon alone knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resting {
    /// The host, as `name:port`.
    pub host: String,
    /// Until when none of its feeds is polled, as RFC 3339 has it.
    pub until: String,
}

/// A feed that is to be polled as soon as its host has rested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// Its id.
    pub feed: String,
    /// The host, as `name:port`.
    pub host: String,
    /// Until when that is let rest, as RFC 3339 has it.
    pub until: String,
}

/// A poll that is not counted yet, and is in no database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InDoubt {
    /// The id of its feed.
    pub feed: String,
    /// When it was, as RFC 3339 has it.
    pub at: String,
    /// How it failed.
    pub error: String,
    /// When its feed is asked again, as RFC 3339 has it; empty of a daemon of before, which does not tell.
    #[serde(default)]
    pub next_poll: String,
}

impl InDoubt {
    /// Why it does not count yet.
    pub const WHY: &str = "as it may be away for a moment, or the network here at fault";

    /// Why its feed is asked again so soon.
    pub const AGAIN: &str = "its last poll reached nobody, and is not counted yet";
}

/// One thing that somebody should do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// What it is about: `database`, `feeds.toml`.
    pub what: String,
    /// What is the matter, and what helps.
    pub why: String,
    /// Since when, as RFC 3339 has it; none where that is not known.
    pub since: Option<String>,
    /// Whether things go on well without it.
    #[serde(default)]
    pub can_wait: bool,
}

impl Need {
    /// Makes one.
    pub fn new(what: &str, why: String, since: Timestamp) -> Self {
        Self {
            what: what.to_owned(),
            why,
            since: Some(since.to_string()),
            can_wait: false,
        }
    }
}

impl Answer {
    /// Makes one without a report.
    pub fn new(verdict: Verdict, message: impl Into<String>) -> Self {
        Self {
            verdict,
            message: message.into(),
            report: String::new(),
            needs: Vec::new(),
            running: None,
            polled: Vec::new(),
            unpolled: Vec::new(),
            more_unpolled: 0,
            entered: 0,
            is_offline: false,
        }
    }

    /// Makes that to who means another feeds.toml than the one that the daemon runs.
    pub fn elsewhere(meant: &Path, ours: &Path) -> Self {
        let ours = std::path::absolute(ours).unwrap_or_else(|_| ours.to_owned());
        let message = format!(
            "the daemon that is asked runs {}, not {}: name that file with --config, or with --state the directory of the \
             daemon that is meant",
            ours.display(),
            meant.display()
        );
        Self::new(Verdict::Elsewhere, message)
    }

    /// Returns the line.
    pub(super) fn line(&self) -> String {
        // A struct of strings always has a form in JSON.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}
