//! What needs a person: what does not mend itself, however long one waits.

use super::{Behind, Line, moved};
use crate::cli::table::{Table, reading_width, span};
use crate::model::Health;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io::{self, Write};

/// How long a feed may fail before somebody should look: outages of publishers end within a weekend.
const PATIENCE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// How often a feed may fail that never succeeded: with growing pauses, that takes as long.
const NEVER: u32 = 8;

/// What a need is about that is for the files, as the daemon says it, too.
pub(super) const FILES: &str = "publish-dir";

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

impl Need {
    fn of(line: &Line<'_>, words: impl Into<String>) -> Self {
        Self {
            what: line.id.to_owned(),
            words: words.into(),
            can_wait: false,
            since: None,
        }
    }
}

/// How a poll ended: the name of its outcome, and the HTTP status.
pub(super) type Ending<'e> = (&'e str, Option<u16>);

/// Returns what a feed needs; `last` is how its last poll ended.
pub(super) fn of_feed(line: &Line<'_>, last: Ending<'_>, now: Timestamp) -> Option<Need> {
    let state = &line.row.state;
    if !line.enabled {
        return None;
    }
    let id = line.id;
    if line.is_own_output() {
        let words = "it is an output of ours: remove it, nothing of it is taken";
        return Some(Need::of(line, words));
    }
    if state.health == Health::Gone {
        let words = format!("410 Gone: `merganser remove {id}`, or `merganser disable {id}`");
        return Some(Need::of(line, words));
    }
    if state.health == Health::Failing
        && let Some(why) = why_failing(line, last, now)
    {
        let words = format!("{}: {why}; `merganser why {id}`", state.last_error);
        return Some(Need::of(line, words));
    }
    line.asked_at().map(|url| Need {
        can_wait: true,
        ..Need::of(
            line,
            format!("moved for good to {url}: {}", moved::SHORT_ADVICE),
        )
    })
}

/// Says why a failure does not pass by itself; `None` where it may.
fn why_failing(line: &Line<'_>, last: Ending<'_>, now: Timestamp) -> Option<String> {
    let state = &line.row.state;
    let never = state.last_success_at.is_none();
    let why = match last {
        ("http", Some(401 | 407)) => "it wants other credentials",
        ("blocked", _) => "the address is not one that may be reached",
        ("too-large", _) => "`max-body` is too small for it",
        ("not-a-feed", _) if never => "there is no feed at this address",
        ("http", Some(404)) if never => "nothing is there",
        _ if never && state.failures >= NEVER => "it never answered well",
        _ => {
            let since = now.duration_since(state.last_success_at?);
            return (since >= PATIENCE).then(|| format!("for {}", span(since)));
        }
    };
    Some(why.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FeedRow, FeedState, IdentityBy};

    fn line(state: FeedState) -> Line<'static> {
        let row = FeedRow {
            state,
            ..FeedRow::default()
        };
        Line {
            id: "a",
            enabled: true,
            identity: IdentityBy::Auto,
            row,
        }
    }

    /// Health, last outcome with its status, hours since the last success; and whether somebody is needed.
    #[test]
    fn what_mends_itself_needs_nobody() {
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        for (health, outcome, status, success, expected) in [
            (Health::Ok, "modified", Some(200), Some(1), ""),
            (Health::New, "", None, None, ""),
            (Health::Gone, "gone", Some(410), Some(9), "410 Gone"),
            (Health::Failing, "http", Some(500), Some(71), ""),
            (Health::Failing, "http", Some(500), Some(72), "for 3 d"),
            (Health::Failing, "http", Some(503), None, ""),
            (
                Health::Failing,
                "http",
                Some(401),
                Some(1),
                "other credentials",
            ),
            (Health::Failing, "http", Some(404), None, "nothing is there"),
            (Health::Failing, "http", Some(404), Some(5), ""),
            (
                Health::Failing,
                "not-a-feed",
                Some(200),
                None,
                "no feed at this address",
            ),
            (Health::Failing, "not-a-feed", Some(200), Some(5), ""),
            (Health::Failing, "blocked", None, Some(1), "may be reached"),
            (Health::Failing, "dns", None, None, ""),
        ] {
            let ago = success.map(|hours| now - SignedDuration::from_hours(hours));
            let line = line(FeedState {
                health,
                last_success_at: ago,
                ..FeedState::default()
            });
            let need = of_feed(&line, (outcome, status), now);
            let words = need.map_or_else(String::new, |need| need.words);
            let fits = words.contains(expected) && words.is_empty() == expected.is_empty();
            assert!(fits, "{outcome} {status:?} {success:?}: {words:?}");
        }
        let mut off = line(FeedState {
            health: Health::Gone,
            ..FeedState::default()
        });
        off.enabled = false;
        assert_eq!(of_feed(&off, ("gone", None), now), None);
    }
}
