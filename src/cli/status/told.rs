//! What the daemon that runs says it needs somebody for, which its database may not be able to tell.

use super::Line;
use super::needs::{FILES, Need};
use crate::cli::Places;
use crate::cli::places::sockets_of;
use crate::cli::table::{ago, instant};
use crate::config;
use crate::control::{self, Answer, AskError, InDoubt, Request, Running};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What a need is about that is for a daemon which does not answer.
pub(super) const DAEMON: &str = "daemon";

/// One that is for what it cannot write to, or not read.
const DATABASE: &str = "database";

/// And one that is for the network being down.
const NETWORK: &str = "network";

/// What a daemon says.
#[derive(Debug, Default)]
pub(in crate::cli) struct Told {
    /// What it needs somebody for.
    pub(super) needs: Vec<Need>,
    /// How long it runs, and by what; nothing where none runs, or it is not to be asked by us.
    pub(in crate::cli) running: Option<Running>,
    /// Whether one answered: what it does not tell of itself is well, as far as it knows.
    answers: bool,
    /// Why one that is there did not.
    pub(in crate::cli) unanswered: Option<AskError>,
}

impl Told {
    /// Tells whether the daemon knows of no fault of the files: those that are not what is served are being written, which
    /// takes a moment after each change. `pid` is who holds the state; where nobody does, who answered is another's daemon.
    pub(in crate::cli) fn writes_files(&self, pid: Option<u32>) -> bool {
        self.answers && pid.is_some() && !self.tells_of_files()
    }

    /// Returns its process and its feeds.toml, where that is another file than the one here.
    pub(in crate::cli) fn of_another_file(&self, here: &Path) -> Option<(u32, &Path)> {
        let running = self.running.as_ref()?;
        let theirs = of_another_file(running, here)?;
        Some((running.pid, theirs))
    }

    /// Returns its process and its feeds.toml, where that is not to be seen and the file here has another text than it has read:
    /// it is gone, or the one here by another name, as for one in a container.
    pub(in crate::cli) fn of_unseen_file(&self, here: &Path) -> Option<(u32, &Path)> {
        let running = self.running.as_ref()?;
        let theirs = running.config.as_deref()?;
        let is_unseen = theirs.canonicalize().is_err() && is_unread(running, here);
        is_unseen.then_some((running.pid, theirs))
    }

    /// Returns its process where the file here is its feeds.toml, and is not the text that it has read.
    pub(in crate::cli) fn of_unread_text(&self, here: &Path) -> Option<u32> {
        let running = self.running.as_ref()?;
        let theirs = running.config.as_ref()?;
        let is_same = theirs.canonicalize().is_ok() && of_another_file(running, here).is_none();
        (is_same && is_unread(running, here)).then_some(running.pid)
    }

    /// Tells feeds what it has of polls that are not counted yet, until when their hosts are let rest, and whether the network
    /// is down.
    pub(in crate::cli) fn tell(&self, lines: &mut [Line<'_>]) {
        let resting = self.running.iter().flat_map(|it| &it.resting);
        let rests = resting.filter_map(|it| Some((it.host.as_str(), it.until.parse().ok()?)));
        let rests: BTreeMap<&str, Timestamp> = rests.collect();
        let all = self.running.iter().flat_map(|it| &it.in_doubt);
        let known: BTreeMap<&str, &InDoubt> = all.map(|it| (it.feed.as_str(), it)).collect();
        let is_offline = self.needs.iter().any(|need| need.what == NETWORK);
        for line in lines {
            let known = known.get(line.id);
            line.doubt = known.and_then(|it| Doubt::of(it));
            if let Some(at) = known.and_then(|it| it.next_poll.parse().ok()) {
                let state = &mut line.row.state;
                (state.next_due_at, state.due_reason) = (Some(at), InDoubt::AGAIN.to_owned());
            }
            let rest = rests.get(line.host.as_str()).copied();
            line.rests_until = line.rests_until.max(rest.filter(|_| line.enabled));
            line.is_offline = is_offline;
        }
    }

    /// Tells whether it is known already what is the matter with the daemon. That nobody had systemd start one is no more
    /// than a hint: feeds that wait for it are.
    pub(super) fn tells_of_daemon(&self) -> bool {
        let mut needs = self.needs.iter();
        needs.any(|need| need.what == DAEMON && !need.can_wait)
    }

    /// Returns what it says of its database, where that fails or hangs.
    pub(in crate::cli) fn of_database(&self) -> Option<&str> {
        let mut needs = self.needs.iter();
        let need = needs.find(|need| need.what == DATABASE)?;
        Some(&need.words)
    }

    /// Tells whether it says itself how it is with the files.
    pub(super) fn tells_of_files(&self) -> bool {
        self.needs.iter().any(|need| need.what == FILES)
    }
}

/// A poll that reached nobody, of which it is not known yet whose fault that is.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) at: Timestamp,
    pub(super) error: String,
}

impl Doubt {
    /// Why it does not count yet.
    pub(super) const WHY: &str = InDoubt::WHY;

    fn of(told: &InDoubt) -> Option<Self> {
        Some(Self {
            at: told.at.parse().ok()?,
            error: told.error.clone(),
        })
    }
}

/// Returns the feeds.toml of a daemon, where that is another file than the one here. Of a file that is not to be seen from
/// here, as one in a container, nothing is known.
pub(in crate::cli) fn of_another_file<'r>(running: &'r Running, here: &Path) -> Option<&'r Path> {
    let theirs = running.config.as_deref()?;
    let (ours, known) = (here.canonicalize().ok()?, theirs.canonicalize().ok()?);
    (ours != known).then_some(theirs)
}

/// Tells whether the file here has another text than a daemon has read, as far as both are known.
fn is_unread(running: &Running, here: &Path) -> bool {
    let (read, text) = (running.config_digest, config::text(here));
    text.is_ok_and(|text| read.is_some_and(|read| read != config::digest(&text)))
}

/// Asks the daemon of this state at the first socket at which there is one; nothing where none runs, or it is not to be
/// asked by us.
pub(in crate::cli) fn by_daemon(places: &Places, now: Timestamp) -> Told {
    asked(places, now, control::ask_soon)
}

/// The same beside what does not need the daemon: one that hangs keeps nobody waiting for long.
pub(in crate::cli) fn by_daemon_at_once(places: &Places, now: Timestamp) -> Told {
    /// One that lives answers in milliseconds.
    const AT_ONCE: Duration = Duration::from_secs(1);
    asked(places, now, |path, request| {
        control::ask_within(AT_ONCE, path, request)
    })
}

fn asked(
    places: &Places,
    now: Timestamp,
    ask: impl Fn(&Path, &Request) -> Result<Answer, AskError>,
) -> Told {
    let sockets = places.state().map(|state| sockets_of(&state));
    let mut unanswered = None;
    for socket in sockets.unwrap_or_default() {
        match ask(&socket, &Request::Status) {
            Ok(answer) => {
                let needs = answer.needs.into_iter();
                return Told {
                    needs: needs.map(|need| need_of(need, now)).collect(),
                    running: answer.running,
                    answers: true,
                    unanswered: None,
                };
            }
            Err(error @ AskError::Late { .. }) => {
                return Told {
                    needs: vec![silent(&error)],
                    unanswered: Some(error),
                    ..Told::default()
                };
            }
            Err(AskError::Nobody { .. }) => {}
            Err(error) => unanswered = Some(error),
        }
    }
    Told {
        unanswered,
        ..Told::default()
    }
}

fn need_of(need: control::Need, now: Timestamp) -> Need {
    let since: Option<Timestamp> = need.since.and_then(|since| since.parse().ok());
    let when = since.map(|at| format!("since {} ({}), ", instant(at), ago(Some(at), now)));
    Need {
        what: need.what,
        words: format!("{}{}", when.unwrap_or_default(), need.why),
        can_wait: need.can_wait,
        since,
    }
}

/// A daemon that does not answer does not poll either.
fn silent(error: &AskError) -> Need {
    Need {
        what: DAEMON.to_owned(),
        words: error.to_string(),
        can_wait: false,
        since: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::status::{facts, lines};
    use crate::model::{FeedId, FeedRow, FeedState, Health};
    use jiff::SignedDuration;

    /// While the network is down, what is due is put off.
    #[test]
    fn what_is_due_is_put_off_while_the_network_is_down() {
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let text = ["due", "later", "new", "off"].map(|id| {
            format!(
                "[[feed]]\nid = \"{id}\"\nurl = \"https://{id}.example/\"\nenabled = {}\n",
                id != "off"
            )
        });
        let config = config::read(&text.concat(), &|_| None).unwrap().config;
        let hour = SignedDuration::from_hours(1);
        let row = |id, next_due_at| FeedRow {
            id: FeedId::new(id),
            state: FeedState {
                health: Health::Ok,
                last_poll_at: Some(now - hour),
                next_due_at: Some(next_due_at),
                ..FeedState::default()
            },
            ..FeedRow::default()
        };
        let rows = vec![row("due", now), row("later", now + hour), row("off", now)];
        let mut lines = lines(&config, rows);
        let told = |lines: &[Line<'_>]| -> Vec<String> {
            lines.iter().map(|line| line.next_poll(now)).collect()
        };
        assert_eq!(told(&lines), ["now", "in 1 h", "now", "never"]);
        let down = Told {
            needs: vec![Need {
                what: NETWORK.to_owned(),
                words: String::new(),
                can_wait: false,
                since: None,
            }],
            ..Told::default()
        };
        down.tell(&mut lines);
        assert_eq!(told(&lines), ["put off", "in 1 h", "put off", "never"]);
        let mut facts_of = Vec::new();
        facts::table(&lines[0], now)
            .print_within(200, &mut facts_of)
            .unwrap();
        let facts_of = String::from_utf8(facts_of).unwrap();
        assert!(
            facts_of.contains("next poll  put off until the network"),
            "{facts_of}"
        );
        Told::default().tell(&mut lines);
        assert_eq!(told(&lines), ["now", "in 1 h", "now", "never"]);
    }
}
