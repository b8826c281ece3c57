//! What needs a person: what does not mend itself, however long one waits.

use super::told::{self, Told};
use super::{Behind, Line};
use crate::cli::Places;
use crate::cli::exit::say;
use crate::cli::places::is_system;
use crate::cli::systemd::{Bearing, Units};
use crate::cli::table::{Table, instant, reading_width};
use crate::clock::{Clock as _, SystemClock};
use crate::daemon::{Ending, Standing};
use crate::model::{FeedState, LastPoll};
use crate::store;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

/// What a need is about that is for the files, as the daemon says it, too.
pub(super) const FILES: &str = "publish-dir";

/// What a need is about that is for the configuration, as the daemon says it, too.
const FILE: &str = "feeds.toml";

/// One thing that somebody should do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// The feed, or what else it is about.
    pub(super) what: String,
    /// What is the matter, and what helps.
    pub(super) words: String,
    /// Whether things go on well without it.
    pub(super) can_wait: bool,
    /// Since when, where that is known.
    pub(super) since: Option<Timestamp>,
}

/// Returns what a feed needs, as `/status` of a daemon tells it, too; `last` is what the store has of its last poll.
pub(super) fn of_feed(line: &Line<'_>, last: Option<&LastPoll>, now: Timestamp) -> Option<Need> {
    let state = &line.row.state;
    let ending = last.map(|last| Ending::of(&last.outcome, last.status));
    let standing = Standing {
        id: line.id,
        enabled: line.enabled,
        is_own_output: line.is_own_output(),
        health: state.health,
        ending: ending.unwrap_or_default(),
        failures: state.failures,
        last_error: &state.last_error,
        last_success_at: state.last_success_at,
        next_poll_at: state.next_due_at,
        retry_after_at: state.retry_after_at,
        asked_at: line.asked_at(),
    };
    standing.need(now).map(|need| Need {
        what: need.what,
        words: need.why,
        can_wait: need.can_wait,
        since: None,
    })
}

/// Returns what the files need that are written beside what is served; `is_written`: whether a daemon that knows of no
/// fault is about to write those that are behind, which needs nobody.
pub(super) fn of_files(behind: Option<&Behind>, is_written: bool) -> Option<Need> {
    let (directory, files) = behind?;
    let directory = directory.display();
    let words = match files {
        None => format!(
            "{directory} does not answer: its file system hangs; see that it is mounted and its server runs"
        ),
        Some(files) if files.is_empty() || is_written => return None,
        Some(_) => format!("{directory} is not up to date: the log of the daemon tells why"),
    };
    Some(Need {
        what: FILES.to_owned(),
        words,
        can_wait: false,
        since: None,
    })
}

/// Returns what is to be done where the file has mistakes, or is gone, unless the daemon that runs says itself what it has against
/// it.
pub(super) fn of_mistakes(told: &Told, here: &Path, holder: Option<u32>) -> Option<Need> {
    if told.needs.iter().any(|need| need.what == FILE) {
        return None;
    }
    let pid = told.running.as_ref().map(|it| it.pid).or(holder);
    let meanwhile = match pid {
        Some(pid) => {
            format!("the daemon, pid {pid}, goes on by the one of before, and none starts by this")
        }
        None => "no daemon starts by it".to_owned(),
    };
    let what = if here.try_exists().unwrap_or(true) {
        "has mistakes, which `merganser check` tells"
    } else {
        "is not there, put it back"
    };
    Some(Need {
        what: FILE.to_owned(),
        words: format!("{what}: {meanwhile}"),
        can_wait: false,
        since: None,
    })
}

/// Returns what is to be done where the daemon runs another file than the one that is told of.
pub(super) fn of_another_file(told: &Told, here: &Path) -> Option<Need> {
    let (pid, theirs) = told.of_another_file(here)?;
    let words = format!(
        "the daemon, pid {pid}, runs {}, not {}, which this goes by: name its file with --config, or with \
         --state the directory of the daemon that is meant",
        theirs.display(),
        here.display()
    );
    Some(Need {
        what: FILE.to_owned(),
        words,
        can_wait: false,
        since: None,
    })
}

/// Returns what is to be done where the file of the daemon is not to be seen, and the one that is told of has another text than
/// it has read: a reload puts that in force only where both are one.
pub(super) fn of_unseen_file(told: &Told, here: &Path) -> Option<Need> {
    let (pid, theirs) = told.of_unseen_file(here)?;
    let words = format!(
        "the daemon, pid {pid}, runs {}, which is not to be seen from here, and has not read what is in {}: put its file \
         back if that is gone, or name with --state the directory of the daemon that is meant",
        theirs.display(),
        here.display()
    );
    Some(Need {
        what: FILE.to_owned(),
        words,
        can_wait: true,
        since: None,
    })
}

/// Returns what is to be done where the file was changed, and the daemon has not read it since.
pub(super) fn of_unread_text(told: &Told, here: &Path) -> Option<Need> {
    let pid = told.of_unread_text(here)?;
    let words = format!(
        "was changed since the daemon, pid {pid}, read it: `merganser reload --wait` puts that in force"
    );
    Some(Need {
        what: FILE.to_owned(),
        words,
        can_wait: true,
        since: None,
    })
}

/// Says beforehand where what is told of the feeds and topics is not what the daemon goes by; returns what it says.
/// `has_mistakes`: whether that was said of the file already.
pub(in crate::cli) fn warn_of_another_file(places: &Places, has_mistakes: bool) -> Told {
    let told = told::by_daemon_at_once(places, SystemClock.now());
    let config = places.config();
    // Of one that does not answer, that is what is told.
    let silent = told.needs.iter().find(|need| need.what == told::DAEMON);
    if let Some(need) = of_another_file(&told, &config).as_ref().or(silent) {
        say(&need.words);
    } else if !has_mistakes {
        say_unread_text(&told, &config);
    }
    told
}

/// Says where a daemon that is asked for polls goes by another text than the file has.
pub(in crate::cli) fn warn_of_unread_text(places: &Places) {
    let told = told::by_daemon_at_once(places, SystemClock.now());
    say_unread_text(&told, &places.config());
}

fn say_unread_text(told: &Told, config: &Path) {
    if let Some(need) = of_unseen_file(told, config) {
        say(&need.words);
    } else if let Some(need) = of_unread_text(told, config) {
        say(&format!("{} {}", config.display(), need.words));
    }
}

/// Returns what is to be done where a daemon filled the state last and none runs now, once feeds wait for it. Who polls by
/// a timer of their own fills the state by a command, and wants no daemon.
pub(super) fn of_overdue(lines: &[Line<'_>], now: Timestamp) -> Option<Need> {
    let overdue: Vec<Timestamp> = lines
        .iter()
        .filter(|line| line.enabled)
        .filter_map(|line| missed(&line.row.state, now))
        .collect();
    let since = *overdue.iter().min()?;
    let feeds = match overdue.len() {
        1 => "1 feed is".to_owned(),
        some => format!("{some} feeds are"),
    };
    let words = format!(
        "none runs, and {feeds} overdue since {}: `systemctl start merganser`, or `merganser run`, starts one, and the log \
         tells why the last ended",
        instant(since)
    );
    Some(Need {
        what: told::DAEMON.to_owned(),
        words,
        can_wait: false,
        since: Some(since),
    })
}

/// Returns when a feed was due that has missed a whole interval after it.
fn missed(state: &FeedState, now: Timestamp) -> Option<Timestamp> {
    let due_at = state.next_due_at?;
    let interval = due_at.duration_since(state.last_poll_at?);
    (now.duration_since(due_at) > interval).then_some(due_at)
}

/// Returns what is to be done where systemd does not bring up the daemon of the service's state. Nobody may want one there
/// who did not enable it, as who polls by a timer.
pub(super) fn of_units(told: &Told, state: &Path) -> Option<Need> {
    let is_down = is_system(state) && told.running.is_none() && store::holder(state).is_none();
    let trouble = is_down.then(|| Units::asked().trouble()).flatten()?;
    let can_wait = match trouble.bearing {
        Bearing::Down | Bearing::Kept => false,
        Bearing::Unasked => true,
        Bearing::Lacking => return None,
    };
    Some(Need {
        what: told::DAEMON.to_owned(),
        words: format!("none runs: {}; {}", trouble.found, trouble.next),
        can_wait,
        since: None,
    })
}

/// Prints what needs a person; nothing where nothing does.
pub(super) fn print(out: &mut dyn Write, needs: &[Need]) -> io::Result<()> {
    if needs.is_empty() {
        return Ok(());
    }
    writeln!(out, "needs you")?;
    let mut table = Table::default();
    for need in needs {
        let sign = if need.can_wait { "  !" } else { "  x" };
        table.row(&[sign, &need.what, &need.words]);
    }
    table.print_within(reading_width(), out)?;
    writeln!(out)
}

/// The same for programs.
pub(super) fn object(needs: &[Need]) -> Value {
    let need = |need: &Need| {
        let since = need.since.map(|at| at.to_string());
        json!({ "what": need.what, "why": need.words, "can_wait": need.can_wait, "since": since })
    };
    needs.iter().map(need).collect()
}

/// Says on standard error what needs a person, beside what programs read line by line.
pub(super) fn say_them(needs: &[Need]) -> io::Result<()> {
    let mut told = Vec::new();
    print(&mut told, needs)?;
    if !told.is_empty() {
        say(String::from_utf8_lossy(&told).trim_end());
    }
    Ok(())
}
