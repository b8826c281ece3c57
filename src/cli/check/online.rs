//! `check --online`: each feed is asked once, as a poll asks it, and nothing is stored.

use super::scratch::scratch;
use super::tls::{self, Known};
use crate::cli::Places;
use crate::cli::asked::as_a_poll_would;
use crate::cli::exit::{Failure, say};
use crate::cli::poll::unreached;
use crate::cli::preview::patience;
use crate::cli::progress::Bar;
use crate::cli::run::{block_on, log};
use crate::cli::status::moved::{NEVER, is_never_adopted};
use crate::cli::table::{Table, count};
use crate::clock::SystemClock;
use crate::config::{self, Config, FeedSettings};
use crate::daemon::{Choice, Daemon, EndedAt, PollReport, Progress, StateDir};
use crate::model::Outcome;
use crate::schedule;
use crate::store;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use url::Url;

/// The status of an origin that is in trouble.
const UNAVAILABLE: u16 = 503;

/// What the feeds answered.
pub(super) struct Online {
    /// How many were asked.
    pub(super) asked: usize,
    /// Those that did not answer with a feed, or were not asked, in the order of the file.
    pub(super) failed: Vec<Answer>,
    /// How many of these were not asked.
    pub(super) left: usize,
    /// Those that answered elsewhere, at the end of permanent redirects, with where.
    pub(super) moved: Vec<Answer>,
    /// Those that are asked without TLS and answer with it, too.
    pub(super) plain: BTreeSet<String>,
    /// Those that answered with a feed and did not move, and at which address each did.
    answered: BTreeMap<String, Option<Url>>,
    /// The names of hosts that refused to be asked, or were in trouble.
    refused: BTreeSet<String>,
    file: String,
    /// Where the feeds begin in the file.
    lines: BTreeMap<String, usize>,
}

/// What is to be told of a feed's answer.
pub(super) struct Answer {
    pub(super) feed: String,
    /// The line where it begins in the file.
    pub(super) line: usize,
    pub(super) message: String,
}

/// Polls all enabled feeds in a state directory that goes afterwards: so hosts are asked one request at a time
/// and with the pauses of a daemon (P32), by the same routes, and what is known of the feeds stays as it is. From that
/// come the addresses of those that moved, and who asked for patience.
pub(super) fn ask(
    places: &Places,
    mut config: Config,
    file: &str,
    text: &str,
) -> Result<Online, Failure> {
    log("error");
    let (_tidying, directory) = scratch()?;
    let state = StateDir::claim(directory.path())?;
    let mut online = Online::new(file, text);
    let held = as_a_poll_would(places, &mut config);
    for feed in config.feeds.iter_mut().filter(|feed| feed.enabled) {
        if let Some(why) = held.why(feed.id.as_str()) {
            feed.enabled = false;
            online.leave(feed.id.as_str(), format!("not asked: {why}"));
        }
    }
    let config = for_a_look(config);
    block_on(async {
        poll(config.clone(), state, &mut online).await?;
        let again = tls::again(config, &tls::with_tls, &mut |feed, twin| {
            online.is_worth_another_look(feed, twin) && held.why_at(twin).is_none()
        });
        online.take(tls::ask(again, directory.path()).await);
        Ok(())
    })?;
    online.failed.sort_by_key(|answer| answer.line);
    online.moved.sort_by_key(|answer| answer.line);
    Ok(online)
}

/// Takes out of a configuration what goes beyond a look: outputs with their files and hubs, the database and
/// archives.
fn for_a_look(mut config: Config) -> Config {
    config.outputs.clear();
    config.server.publish_dir = None;
    // Whatever it is called, and in whichever directory: that of the look is empty.
    config.storage.path = store::Settings::default().path;
    for feed in &mut config.feeds {
        feed.backfill = 0;
    }
    config
}

async fn poll(config: Config, state: StateDir, online: &mut Online) -> Result<(), Failure> {
    let mut daemon = Daemon::build(config, state, Arc::new(SystemClock), None).await?;
    let choice = Choice {
        all: true,
        ..Choice::default()
    };
    let bar = Bar::of_waiting();
    let (mut of, mut offline) = (0, None);
    let polled = daemon
        .poll_now(&choice, &mut |progress| match progress {
            Progress::Begun { total, .. } => of = total,
            Progress::Polled(report) => {
                online.add(report);
                let whole = |number| u64::try_from(number).unwrap_or(u64::MAX);
                bar.tell(whole(online.asked), whole(of));
            }
            Progress::Left(left) => {
                for (feed, why) in left {
                    online.leave(feed.as_str(), why);
                }
            }
            Progress::Offline(tried) => offline = Some(unreached(tried.as_ref())),
        })
        .await;
    daemon.stop().await;
    bar.clear();
    polled?;
    match offline {
        Some(why) => Err(Failure::found(why)),
        None => Ok(()),
    }
}

/// Tells whether whoever answered a poll wants to be left alone.
fn has_refused(report: &PollReport) -> bool {
    matches!(report.outcome, Outcome::Throttled | Outcome::Crowded)
        || report.status == Some(UNAVAILABLE)
}

/// Names the host of an address, whatever the port.
fn host_name(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(host.strip_suffix('.').unwrap_or(host).to_owned())
}

impl Online {
    /// Begins one of the feeds of a file.
    fn new(file: &str, text: &str) -> Self {
        Self {
            asked: 0,
            failed: Vec::new(),
            left: 0,
            moved: Vec::new(),
            plain: BTreeSet::new(),
            answered: BTreeMap::new(),
            refused: BTreeSet::new(),
            file: file.to_owned(),
            lines: config::feed_lines(text),
        }
    }

    fn add(&mut self, report: &PollReport) {
        self.asked += 1;
        let ended_at = report.ended_at.as_ref().map(|EndedAt(url)| url.clone());
        if has_refused(report) {
            self.refused.extend(ended_at.as_ref().and_then(host_name));
        }
        if !matches!(report.outcome, Outcome::Modified | Outcome::NotModified) {
            // Of how often it says so, one look cannot tell, and it pauses nothing.
            let message = match report.outcome {
                Outcome::Gone => "410 Gone".to_owned(),
                Outcome::Throttled | Outcome::Crowded => {
                    patience(report.status, report.retry_after_at)
                }
                _ => report.words(),
            };
            self.fail(report.feed.as_str(), message);
        } else if let Some(url) = &report.moves_to {
            let fate = if is_never_adopted(url) {
                NEVER.to_owned()
            } else {
                let sure = schedule::what_is_sure();
                format!("`merganser apply-redirects` writes that after {sure}")
            };
            let message = format!("says that it moved for good to {url}: {fate}");
            let answer = self.answer(report.feed.as_str(), message);
            self.moved.push(answer);
        } else {
            self.answered.insert(report.feed.to_string(), ended_at);
        }
    }

    /// Takes which feeds brought with TLS what they brought without. That it could not be found out takes nothing from what
    /// all of them answered before.
    fn take(&mut self, same: Result<BTreeSet<String>, Failure>) {
        match same {
            Ok(same) => self.plain.extend(same),
            Err(failure) => say(&format!(
                "merganser: whether feeds at `http://` answer with TLS, too, was not found out: {}",
                failure.words()
            )),
        }
    }

    /// Tells whether a feed may answer at its address with TLS, and nobody knows. Of one that led there by itself it notes
    /// that it does; where one moved is told already.
    fn is_worth_another_look(&mut self, feed: &FeedSettings, twin: &Url) -> bool {
        let id = feed.id.as_str();
        let Some(ended_at) = self.answered.get(id) else {
            return false;
        };
        let known = tls::known(&feed.target.url, ended_at.as_ref(), twin);
        if known == Known::Answers {
            self.plain.insert(id.to_owned());
        }
        // Whoever wants to be asked less is one host by all of its ports, though each is paced by itself.
        known == Known::Nothing && !host_name(twin).is_some_and(|host| self.refused.contains(&host))
    }

    fn fail(&mut self, feed: &str, message: impl Into<String>) {
        let answer = self.answer(feed, message.into());
        self.failed.push(answer);
    }

    /// Notes that a feed is not asked.
    fn leave(&mut self, feed: &str, why: impl Into<String>) {
        self.left += 1;
        self.fail(feed, why);
    }

    fn answer(&self, feed: &str, message: String) -> Answer {
        Answer {
            feed: feed.to_owned(),
            line: self.lines.get(feed).copied().unwrap_or(1),
            message,
        }
    }
}

impl fmt::Display for Online {
    /// Writes a line for each feed that failed or moved, and how many were asked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        for answer in self.failed.iter().chain(&self.moved) {
            let place = format!("{}:{}", self.file, answer.line);
            table.row(&[&place, &answer.feed, &answer.message]);
        }
        let mut text = Vec::new();
        // Memory takes all that is written.
        drop(table.print(&mut text));
        f.write_str(&String::from_utf8_lossy(&text))?;
        let asked = u64::try_from(self.asked).unwrap_or(u64::MAX);
        let moved = match self.moved.len() {
            0 => String::new(),
            some => format!(", {some} said to have moved for good"),
        };
        let left = match self.left {
            0 => String::new(),
            some => format!(", {some} not asked"),
        };
        writeln!(
            f,
            "{} asked, {} did not answer with a feed{moved}{left}",
            count(asked, "feed"),
            self.failed.len().saturating_sub(self.left)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::tls::tests::origin;

    /// Polls feeds at these paths of an origin that answers so often, and returns what became of that with the feeds that
    /// are worth another look.
    async fn polled(paths: &[&str], answers: usize) -> (Online, Vec<String>) {
        let (address, asked) = origin(answers);
        let feeds = paths.iter().map(|path| {
            let id = path.trim_start_matches('/');
            format!("[[feed]]\nid = \"{id}\"\nurl = \"http://{address}{path}\"\n")
        });
        let feeds: String = feeds.collect();
        let text = format!("[fetch]\nallow-networks = [\"127.0.0.1\"]\nhost-gap = \"0s\"\n{feeds}");
        let config = config::read(&text, &|_| None).unwrap().config;
        let directory = tempfile::TempDir::new().unwrap();
        let state = StateDir::claim(directory.path()).unwrap();
        let mut online = Online::new("feeds.toml", &text);
        let polled = poll(config.clone(), state, &mut online).await;
        assert!(polled.is_ok());
        assert_eq!(asked.join().unwrap().len(), answers);
        // As the addresses with TLS would: one is where that feed led.
        let twin = |url: &Url| match url.path() {
            "/led" => url.join("/a").ok(),
            path => url.join(&format!("/same{path}")).ok(),
        };
        let again = tls::again(config, &twin, &mut |feed, twin| {
            online.is_worth_another_look(feed, twin)
        });
        let again = again.feeds.iter().map(|feed| feed.id.to_string());
        (online, again.collect())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn where_a_feed_leads_by_itself_it_is_not_asked_again() {
        let (online, again) = polled(&["/a", "/led"], 3).await;
        assert_eq!(again, ["a"]);
        assert!(online.failed.is_empty());
        assert_eq!(online.plain, BTreeSet::from(["led".to_owned()]));
    }

    /// A fault of ours between the two looks, as a disk that is full by then.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_fault_of_the_second_look_takes_nothing_from_the_first() {
        let (mut online, _) = polled(&["/a", "/led"], 3).await;
        online.take(Err(Failure::found("no space left on device")));
        assert_eq!(online.asked, 2);
        assert_eq!(online.plain, BTreeSet::from(["led".to_owned()]));
        online.take(Ok(BTreeSet::from(["a".to_owned()])));
        assert_eq!(online.plain.len(), 2);
    }

    /// P17: what refused is asked for nothing else, by its other ports neither, and told by what it said: of a pause, a look
    /// knows nothing.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_host_that_refused_is_not_asked_at_its_other_ports() {
        for (refusal, told) in [
            (
                "/busy",
                "its origin asks for patience (429): ask again after 2",
            ),
            (
                "/asking",
                "its origin asks for patience (429): it does not say",
            ),
            ("/down", "503"),
        ] {
            let (online, again) = polled(&["/a", refusal], 2).await;
            assert_eq!(online.failed.len(), 1, "{refusal}");
            let message = &online.failed[0].message;
            assert!(message.contains(told), "{refusal}: {message}");
            assert!(again.is_empty(), "{refusal}: {again:?}");
        }
    }
}
