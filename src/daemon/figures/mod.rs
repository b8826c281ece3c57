//! What the daemon counts and knows of itself for operators: behind `/metrics` and `/status`.
//!
//! The loop notes what happens; who asks is answered from what was noted, without a look into the database. A feed
//! has a row for as long as it is configured: a label is an id of `feeds.toml`, never something that a publisher
//! wrote.

mod board;
mod metrics;
mod process;
mod row;
mod storage;
mod text;

use super::report::PollReport;
use super::run::SILENT;
use super::transitions::{Transitions, format_of};
use crate::clock::Clock;
use crate::config::Config;
use crate::control::{InDoubt, Need};
use crate::fetch;
use crate::model::{FeedId, ReasonKind};
use crate::serve::{Report, Resource, Traffic};
use ipnet::IpNet;
use jiff::Timestamp;
pub(super) use row::Row;
use row::{Second, WORDS};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use storage::Storage;
use text::Spans;

pub(super) use board::escaped;

/// Upper ends of the buckets of what takes a fetch: a 304 from nearby takes a twentieth of a second.
const FETCH: &[Duration] = &[
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

/// Those of how late a poll begins, and how long news take to readers: outputs are rendered every two seconds at
/// most, and hosts make each other's feeds wait for minutes.
const WAIT: &[Duration] = &[
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
];

/// How it is with what is written beside the database.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Exports {
    /// Whether the files of `publish-dir` are as they should be; nothing where there are to be none, or nobody knows yet.
    pub(super) files: Option<bool>,
    /// When they were written last.
    pub(super) files_at: Option<Timestamp>,
    /// Archives that are not up to date.
    pub(super) archives_behind: usize,
}

/// Why an entry is found to be a copy in another feed.
const COPIES: [ReasonKind; 7] = [
    ReasonKind::SameId,
    ReasonKind::SameUrl,
    ReasonKind::SameSlug,
    ReasonKind::SameNumber,
    ReasonKind::SameContent,
    ReasonKind::SameTitle,
    ReasonKind::SameWords,
];

/// All that is counted and known.
#[derive(Debug)]
struct Facts {
    started_at: Timestamp,
    /// The line of the status.
    status: String,
    /// What somebody is needed for, but by feeds.
    needs: Vec<Need>,
    /// By id.
    feeds: Vec<Row>,
    operators: Vec<IpNet>,
    /// How polls of each feed ended.
    fetches: BTreeMap<(FeedId, &'static str), u64>,
    fetch: Spans,
    /// How long the origin took for the first word of it.
    head: Spans,
    lag: Spans,
    latency: Spans,
    /// Those of documents, by what they came in.
    bytes: BTreeMap<&'static str, u64>,
    stored: u64,
    copies: u64,
    /// These by the kind of reason, by its name.
    copied_by: BTreeMap<&'static str, u64>,
    revised: u64,
    /// Reloads that were taken, that were refused, and that failed for no fault of the file.
    reloads: (u64, u64, u64),
    is_last_good: bool,
    reloaded_at: Timestamp,
    /// The topics that there are, and outputs with a query of their own.
    labels: BTreeSet<String>,
    /// When something came to one of these last.
    topics: BTreeMap<String, Timestamp>,
    /// New entries that are in one of these by themselves.
    matches: BTreeMap<String, u64>,
    under_way: usize,
    /// How long the machine had been up when the loop came by last; nothing before it began.
    stood_at: Option<Duration>,
    storage: Storage,
    exports: Exports,
    /// Whether our own network is down.
    is_offline: bool,
    /// Proxies that are not reached.
    unreached_proxies: usize,
    /// Polls that are not counted yet, by feed.
    in_doubt: BTreeMap<String, InDoubt>,
    /// Until when the hosts are let rest of which feeds are asked, by feed, where these refused.
    at_rest: BTreeMap<String, Timestamp>,
    /// Hubs that heard, and that did not.
    pushes: (u64, u64),
    /// Outputs that were rendered.
    rendered: u64,
    /// Since when something waits to be published.
    unpublished_since: Option<Timestamp>,
}

/// What is counted and known, shared by the loop and by who answers.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    facts: Arc<Mutex<Facts>>,
    clock: Arc<dyn Clock>,
    transitions: Transitions,
}

impl Facts {
    /// Returns when a feed is polled next, and why then; one in doubt is asked again, and none before its host has rested.
    fn next_poll<'f>(&self, row: &'f Row) -> (Second, Cow<'f, str>) {
        let doubt = self.in_doubt.get(row.id.as_str());
        let again_at: Option<Timestamp> = doubt.and_then(|it| it.next_poll.parse().ok());
        match again_at {
            Some(_) => (again_at.into(), InDoubt::AGAIN.into()),
            None => match self.after_rest(row) {
                rested if rested.instant() > row.next_poll_at.instant() => {
                    let told = format!("its host rests; {}", row.due_reason);
                    (rested, told.trim_end_matches("; ").to_owned().into())
                }
                due_at => (due_at, (&*row.due_reason).into()),
            },
        }
    }

    /// Returns when a feed is polled that is due, and whose host may have to rest first.
    fn after_rest(&self, row: &Row) -> Second {
        let rests_until = self.at_rest.get(row.id.as_str()).copied();
        match (row.next_poll_at.instant(), row.word()) {
            // It would be at once.
            (None, "new") => rests_until.into(),
            (due_at, _) => {
                let rested = |at: Timestamp| rests_until.map_or(at, |until| at.max(until));
                due_at.map(rested).into()
            }
        }
    }
}

impl Figures {
    pub(super) fn new(clock: Arc<dyn Clock>, database: PathBuf) -> Self {
        let now = clock.now();
        let facts = Facts {
            started_at: now,
            status: String::new(),
            needs: Vec::new(),
            feeds: Vec::new(),
            operators: Vec::new(),
            fetches: BTreeMap::new(),
            fetch: Spans::new(FETCH),
            head: Spans::new(FETCH),
            lag: Spans::new(WAIT),
            latency: Spans::new(WAIT),
            // A metric that is not there yet cannot increase.
            bytes: BTreeMap::from(fetch::CODINGS.map(|coding| (coding, 0))),
            stored: 0,
            copies: 0,
            copied_by: BTreeMap::from(COPIES.map(|kind| (kind.name(), 0))),
            revised: 0,
            reloads: (0, 0, 0),
            is_last_good: true,
            reloaded_at: now,
            labels: BTreeSet::new(),
            topics: BTreeMap::new(),
            matches: BTreeMap::new(),
            under_way: 0,
            stood_at: None,
            storage: Storage::new(database),
            exports: Exports::default(),
            is_offline: false,
            unreached_proxies: 0,
            in_doubt: BTreeMap::new(),
            at_rest: BTreeMap::new(),
            pushes: (0, 0),
            rendered: 0,
            unpublished_since: None,
        };
        Self {
            facts: Arc::new(Mutex::new(facts)),
            clock,
            transitions: Transitions::default(),
        }
    }

    /// Returns what turned, which is told with the rest.
    pub(super) fn transitions(&self) -> Transitions {
        self.transitions.clone()
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up a configuration, with how its feeds fare; what is counted of feeds and topics that left goes with them.
    pub(super) fn take_up(&self, mut feeds: Vec<Row>, config: &Config) {
        feeds.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let mut facts = self.facts();
        facts
            .fetches
            .retain(|(feed, _), _| place(&feeds, feed).is_ok());
        facts.feeds = feeds;
        let rules = config.rules.iter().map(|rule| &rule.name);
        let given = config.site.topics.iter().map(|(name, _)| name);
        let labels: BTreeSet<String> = rules.chain(given).cloned().collect();
        facts.topics.retain(|name, _| labels.contains(name));
        facts.matches.retain(|name, _| labels.contains(name));
        facts.labels = labels;
        facts.operators.clone_from(&config.server.admin_from);
    }

    /// Notes how a poll ended.
    pub(super) fn polled(&self, report: &PollReport, now: Timestamp) {
        let mut facts = self.facts();
        let ended = (report.feed.clone(), report.outcome.name());
        *facts.fetches.entry(ended).or_default() += 1;
        facts.fetch.note(report.elapsed);
        if let Some(after) = report.wire.head_after {
            facts.head.note(after);
        }
        if let Some(coding) = report.wire.coding {
            *facts.bytes.entry(coding).or_default() += report.bytes;
        }
        facts.stored += u64::from(report.counts.new);
        facts.copies += u64::from(report.counts.copies);
        for (by, count) in &report.counts.copied_by {
            *facts.copied_by.entry(by).or_default() += u64::from(*count);
        }
        facts.revised += u64::from(report.counts.revised);
        if report.counts.changed() {
            facts.unpublished_since.get_or_insert(now);
        }
        for label in &report.counts.labels {
            // A poll that began before a reload may find topics that are no more.
            if facts.labels.contains(label) {
                facts.topics.insert(label.clone(), now);
            }
        }
        for (label, count) in &report.counts.matches {
            if facts.labels.contains(label) {
                *facts.matches.entry(label.clone()).or_default() += u64::from(*count);
            }
        }
        if let Ok(row) = place(&facts.feeds, &report.feed)
            && let Some(row) = facts.feeds.get_mut(row)
        {
            row.polled(report, now);
        }
    }

    /// Notes how late a poll began.
    pub(super) fn began_late(&self, by: Duration) {
        self.facts().lag.note(by);
    }

    /// Notes that readers get what came, for which so many outputs were rendered.
    pub(super) fn published(&self, now: Timestamp, rendered: u64) {
        let mut facts = self.facts();
        facts.rendered += rendered;
        if let Some(since) = facts.unpublished_since.take() {
            let span = Duration::try_from(now.duration_since(since));
            facts.latency.note(span.unwrap_or_default());
        }
    }

    /// Returns how many outputs were rendered.
    pub(super) fn rendered(&self) -> u64 {
        self.facts().rendered
    }

    /// Notes what a reload came to.
    pub(super) fn reloaded(&self, is_in_force: bool, has_failed: bool, now: Timestamp) {
        let mut facts = self.facts();
        facts.is_last_good = is_in_force;
        if is_in_force {
            facts.reloads.0 += 1;
            facts.reloaded_at = now;
        } else if has_failed {
            facts.reloads.2 += 1;
        } else {
            facts.reloads.1 += 1;
        }
    }

    /// Notes whether a hub heard.
    pub(super) fn hub_told(&self, heard: bool) {
        let mut facts = self.facts();
        if heard {
            facts.pushes.0 += 1;
        } else {
            facts.pushes.1 += 1;
        }
    }

    /// Notes which polls are in doubt, and when their feeds are asked again.
    pub(super) fn in_doubt(&self, doubts: Vec<InDoubt>) {
        let doubts = doubts.into_iter().map(|it| (it.feed.clone(), it)).collect();
        self.facts().in_doubt = doubts;
    }

    /// Notes until when the hosts of feeds are let rest.
    pub(super) fn at_rest(&self, feeds: BTreeMap<String, Timestamp>) {
        self.facts().at_rest = feeds;
    }

    /// Notes whether our own network is down, and how many proxies are not reached.
    pub(super) fn roads(&self, is_offline: bool, unreached_proxies: usize) {
        let mut facts = self.facts();
        facts.is_offline = is_offline;
        facts.unreached_proxies = unreached_proxies;
    }

    /// Notes how it is with what is written.
    pub(super) fn exports(&self, exports: Exports) {
        self.facts().exports = exports;
    }

    /// Returns since when it is counted: the start.
    pub(super) fn started_at(&self) -> Timestamp {
        self.facts().started_at
    }

    /// Notes how things stand, and that the loop came by.
    pub(super) fn stand(&self, status: &str, needs: Vec<Need>, under_way: usize) {
        let stood_at = self.clock.uptime();
        let mut facts = self.facts();
        facts.stood_at = Some(stood_at);
        facts.needs = needs;
        status.clone_into(&mut facts.status);
        facts.under_way = under_way;
    }
}

impl Report for Figures {
    fn is_for(&self, client: IpAddr) -> bool {
        self.facts()
            .operators
            .iter()
            .any(|net| net.contains(&client))
    }

    fn metrics(&self, traffic: &Traffic) -> String {
        metrics::page(&self.facts(), traffic)
    }

    fn silent(&self) -> Option<&'static str> {
        let now = self.clock.uptime();
        let stood_at = self.facts().stood_at;
        if stood_at.is_some_and(|at| now.saturating_sub(at) >= SILENT) {
            return Some("the scheduler gives no sign of life");
        }
        self.stuck().map(|_| storage::STUCK_WORDS)
    }

    fn page(&self) -> String {
        board::page(&self.facts(), self.clock.now())
    }

    fn json(&self) -> String {
        board::json(&self.facts(), self.clock.now())
    }

    fn document(&self, path: &str) -> Option<Arc<Resource>> {
        self.transitions.document(format_of(path)?)
    }
}

/// Finds the row of a feed among those that are sorted by id.
fn place(rows: &[Row], feed: &FeedId) -> Result<usize, usize> {
    rows.binary_search_by(|row| row.id.cmp(feed))
}

#[cfg(test)]
mod tests;
