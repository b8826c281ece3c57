//! `merganser poll`: one round by hand.

use super::edit::no_feed;
use super::exit::{Code, Failure};
use super::progress::Bar;
use super::run::{block_on, log};
use super::table::{bytes, count};
use super::{Format, Places};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::daemon::{Choice, Daemon, PollReport, Progress, StateDir};
use crate::model::{FailureKind, FeedId, Outcome};
use anyhow::anyhow;
use serde_json::json;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write, stdout};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The feeds to poll, due or not [default: those that are due]
    ids: Vec<String>,
    /// Poll all enabled feeds, due or not
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Fetch and read everything again: forget validators and 410s
    #[arg(long)]
    force: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is logged beside the results: only what is not told there.
const LEVEL: &str = "error";

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    log(LEVEL);
    let config = places.load()?.config;
    let choice = choice(&config, options)?;
    let state = StateDir::claim(&places.state()?)?;
    block_on(poll(config, state, &choice, options.format))
}

/// Turns the arguments into a choice; a name that feeds.toml lacks is refused.
fn choice(config: &Config, options: &Options) -> Result<Choice, Failure> {
    let feeds: Vec<FeedId> = options.ids.iter().map(FeedId::new).collect();
    for id in &feeds {
        if !config.feeds.iter().any(|feed| feed.id == *id) {
            return Err(no_feed(id.as_str()));
        }
    }
    Ok(Choice {
        all: options.all,
        feeds,
        force: options.force,
    })
}

async fn poll(
    config: Config,
    state: StateDir,
    choice: &Choice,
    format: Format,
) -> Result<(), Failure> {
    let mut daemon = Daemon::build(config, state, Arc::new(SystemClock), None).await?;
    let mut printer = Printer::new(format);
    let polled = daemon
        .poll_now(choice, &mut |progress| printer.take(progress))
        .await;
    daemon.stop().await;
    polled?;
    printer.finish()
}

/// Prints reports as they come, and what they add up to.
struct Printer {
    format: Format,
    /// Drawn in the place of the reports.
    bar: Option<Bar>,
    sums: Sums,
    /// Whether our own network is down.
    offline: bool,
    /// A system call for each line would cost as much as storing the poll that it tells of.
    out: BufWriter<Stdout>,
    /// Whether somebody looks on, who is to see each line as it comes.
    is_watched: bool,
    /// Why standard output could not be written.
    broken: Option<io::Error>,
}

/// What the reports add up to.
#[derive(Debug, Default)]
struct Sums {
    total: usize,
    modified: u64,
    unchanged: u64,
    new: u64,
    revised: u64,
    copies: u64,
    failed: Vec<PollReport>,
    /// Feeds that were chosen and not polled, and why.
    skipped: Vec<(FeedId, String)>,
}

impl Printer {
    fn new(format: Format) -> Self {
        Self {
            format,
            bar: None,
            sums: Sums::default(),
            offline: false,
            out: BufWriter::new(stdout()),
            is_watched: stdout().is_terminal(),
            broken: None,
        }
    }

    fn take(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Begun { total, skipped } => {
                self.sums.total = total;
                self.sums.skipped = skipped;
                let people = self.format == Format::Text && self.is_watched;
                self.bar = people.then(Bar::of_waiting).filter(Bar::is_seen);
            }
            Progress::Polled(report) => self.add(report),
            Progress::Left(left) => self.sums.skipped.extend(left),
            Progress::Offline => self.offline = true,
        }
    }

    fn add(&mut self, report: &PollReport) {
        self.sums.add(report);
        let written = match (&self.bar, self.format) {
            (Some(bar), _) => {
                bar.turn_to(&self.sums.to_string());
                bar.tell(self.sums.polled(), whole(self.sums.total));
                Ok(())
            }
            (None, Format::Text) => writeln!(self.out, "{}", line(report)),
            (None, Format::Json) => writeln!(self.out, "{}", object(report)),
        };
        let shown = if self.is_watched {
            self.out.flush()
        } else {
            Ok(())
        };
        self.broken = self.broken.take().or(written.and(shown).err());
    }

    /// Prints the summary: the sums, then the feeds that did not answer as they should.
    ///
    /// The run was completed whatever the feeds answered; but what could not be stored is a failure.
    fn finish(mut self) -> Result<(), Failure> {
        self.broken = self.broken.take().or(self.out.flush().err());
        if let Some(bar) = &self.bar {
            bar.clear();
        }
        if let Some(broken) = self.broken {
            return Err(broken.into());
        }
        if self.format == Format::Text {
            self.sums.print(&mut stdout().lock())?;
        }
        match self.sums.not_stored() {
            0 if self.offline => Err(Failure::found(
                "no host can be reached: the network of this machine is down. Nothing is counted against \
                 the feeds that were tried; poll again when it works",
            )),
            0 => Ok(()),
            number => {
                let feeds = count(number, "feed");
                let error = anyhow!("what {feeds} brought could not be stored: see above");
                Err(Failure::new(Code::State, error))
            }
        }
    }
}

impl Sums {
    fn add(&mut self, report: &PollReport) {
        match report.outcome {
            Outcome::Modified => self.modified += 1,
            Outcome::NotModified => self.unchanged += 1,
            _ => self.failed.push(report.clone()),
        }
        self.new += u64::from(report.counts.new);
        self.revised += u64::from(report.counts.revised);
        self.copies += u64::from(report.counts.copies);
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.total == 0 && self.skipped.is_empty() {
            return writeln!(
                out,
                "nothing is due: `merganser status` shows when, --all polls all the same"
            );
        }
        writeln!(out, "{self}")?;
        let failed = self.failed.iter();
        let failed = failed.map(|report| (report.feed.as_str(), words(report)));
        let skipped = self.skipped.iter();
        let skipped = skipped.map(|(feed, why)| (feed.as_str(), format!("not polled: {why}")));
        let mut lines: Vec<(&str, String)> = failed.chain(skipped).collect();
        lines.sort();
        let widths = lines.iter().map(|(feed, _)| feed.chars().count());
        let width = widths.max().unwrap_or_default();
        for (feed, text) in lines {
            writeln!(out, "  {feed:width$}  {text}")?;
        }
        Ok(())
    }

    fn of_kind(&self, is: impl Fn(FailureKind) -> bool) -> u64 {
        let kinds = self
            .failed
            .iter()
            .filter_map(|report| match &report.outcome {
                Outcome::Failed(failure) => Some(failure.kind),
                _ => None,
            });
        whole(kinds.filter(|kind| is(*kind)).count())
    }

    /// Returns how many feeds have been polled.
    fn polled(&self) -> u64 {
        self.modified + self.unchanged + whole(self.failed.len())
    }

    fn not_stored(&self) -> u64 {
        self.of_kind(|kind| kind == FailureKind::Store)
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = whole(self.failed.len());
        let feeds = count(self.polled(), "feed");
        let (modified, unchanged) = (self.modified, self.unchanged);
        write!(
            f,
            "{feeds}: {modified} modified, {unchanged} unchanged, {failed} failed"
        )?;
        let unreachable = self.of_kind(FailureKind::is_unreachable);
        if unreachable > 0 {
            write!(f, " ({unreachable} unreachable)")?;
        }
        let articles = count(self.new, "new article");
        write!(
            f,
            "; {articles}, {} revised, {}",
            self.revised,
            copies(self.copies)
        )
    }
}

fn whole(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The width of the column of feed ids; longer ones push their line to the right.
const ID_WIDTH: usize = 24;

fn line(report: &PollReport) -> String {
    let status = report
        .status
        .map_or_else(|| "-".to_owned(), |status| status.to_string());
    let amount = bytes(report.bytes);
    let elapsed = report.elapsed.as_millis();
    let feed = &report.feed;
    format!(
        "{feed:ID_WIDTH$}  {status:>3}  {amount:>10}  {elapsed:>6} ms  {}",
        result(report)
    )
}

fn result(report: &PollReport) -> String {
    let counts = &report.counts;
    match report.outcome {
        Outcome::Modified => {
            let (new, revised) = (counts.new, counts.revised);
            format!("{new} new, {revised} revised, {}", copies(counts.copies))
        }
        Outcome::NotModified => "unchanged".to_owned(),
        _ => words(report),
    }
}

fn copies(number: impl Into<u64>) -> String {
    match number.into() {
        1 => "1 copy".to_owned(),
        number => format!("{number} copies"),
    }
}

/// Says what went wrong.
pub(super) fn words(report: &PollReport) -> String {
    match &report.outcome {
        Outcome::Failed(failure) => failure.to_string(),
        Outcome::Gone if report.next_due_at.is_none() => {
            "410 Gone: polled no more; remove it, or try --force".to_owned()
        }
        Outcome::Gone => format!("410 Gone: {}", report.due_reason),
        Outcome::Throttled => format!("asks for patience: {}", report.due_reason),
        Outcome::Crowded => format!("its host asks for patience: {}", report.due_reason),
        Outcome::Modified | Outcome::NotModified => report.outcome.name().to_owned(),
    }
}

fn object(report: &PollReport) -> serde_json::Value {
    let message = match &report.outcome {
        Outcome::Failed(failure) => Some(failure.message.as_str()),
        _ => None,
    };
    json!({
        "feed": report.feed.as_str(),
        "outcome": report.outcome.name(),
        "message": message,
        "status": report.status,
        "bytes": report.bytes,
        "elapsed_ms": u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        "new": report.counts.new,
        "revised": report.counts.revised,
        "copies": report.counts.copies,
        "next_due": report.next_due_at.map(|at| at.to_string()),
        "reason": report.due_reason,
    })
}
