//! What polls came to, as they come and summed up.

use super::Manner;
use crate::cli::Form;
use crate::cli::exit::{Code, Failure};
use crate::cli::progress::Bar;
use crate::cli::table::{Table, bytes, count, reading_width};
use crate::control::{Answer, Polled};
use crate::daemon::Progress;
use crate::model::{FailureKind, FeedId, Outcome};
use anyhow::anyhow;
use serde_json::json;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write, stderr, stdout};

/// Says that no host was reached: whose fault that is cannot be told where all of them are an intranet's, or of one machine.
pub(in crate::cli) fn unreached(tried: Option<&(FeedId, String)>) -> String {
    let tried = tried.map_or_else(String::new, |(feed, why)| format!(" (of {feed}: {why})"));
    format!(
        "no host can be reached{tried}: the network of this machine is down, or all servers that were tried are"
    )
}

/// Prints reports as they come, and what they add up to.
pub(super) struct Printer {
    form: Form,
    /// Whether nothing is told of what went well.
    is_quiet: bool,
    /// Drawn in the place of the reports.
    bar: Option<Bar>,
    sums: Sums,
    /// Whether our own network is down.
    offline: bool,
    /// A feed that was tried then, and what came of it.
    tried: Option<(FeedId, String)>,
    /// How many feeds the daemon was to poll and did not, though nobody forbids it.
    open: usize,
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
    failed: Vec<Polled>,
    /// Feeds that were chosen and not polled, and why.
    skipped: Vec<(String, String)>,
}

impl Printer {
    pub(super) fn new((form, is_quiet): Manner) -> Self {
        Self {
            form,
            is_quiet,
            bar: None,
            sums: Sums::default(),
            offline: false,
            tried: None,
            open: 0,
            out: BufWriter::new(stdout()),
            is_watched: stdout().is_terminal(),
            broken: None,
        }
    }

    pub(super) fn take(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Begun { total, skipped } => {
                self.sums.total = total;
                self.sums.skip(skipped);
                let people = self.form == Form::Table && self.is_watched && !self.is_quiet;
                self.bar = people.then(Bar::of_waiting).filter(Bar::is_seen);
            }
            Progress::Polled(report) => self.add(report.told()),
            Progress::Left(left) => self.sums.skip(left),
            Progress::Offline(tried) => {
                self.offline = true;
                self.tried = tried;
            }
        }
    }

    /// Prints what came of polls that the daemon did.
    pub(super) fn take_answer(&mut self, answer: Answer) {
        self.offline |= answer.is_offline;
        self.open += answer.unpolled.iter().filter(|it| it.is_open).count();
        self.sums.total += answer.polled.len();
        let skipped = answer.unpolled.into_iter();
        let skipped = skipped.map(|it| (it.feed, it.why));
        self.sums.skipped.extend(skipped);
        for polled in answer.polled {
            self.add(polled);
        }
    }

    fn add(&mut self, polled: Polled) {
        let line = match self.form {
            Form::Table => line(&polled),
            Form::Plain => plain(&polled),
            Form::Json => object(&polled).to_string(),
        };
        let failed = self.sums.failed.len();
        self.sums.add(polled);
        if self.is_quiet && self.sums.failed.len() == failed {
            return;
        }
        let written = match &self.bar {
            Some(bar) => {
                bar.turn_to(&self.sums.beside_a_bar());
                bar.tell(self.sums.polled(), whole(self.sums.total));
                Ok(())
            }
            None => writeln!(self.out, "{line}"),
        };
        let shown = if self.is_watched {
            self.out.flush()
        } else {
            Ok(())
        };
        self.broken = self.broken.take().or(written.and(shown).err());
    }

    /// Prints the summary: the sums, then the feeds that were not polled, and where no line told of them those that did
    /// not answer as they should.
    ///
    /// The run was completed whatever the feeds answered; but what could not be stored is a failure.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.broken = self.broken.take().or(self.out.flush().err());
        if let Some(bar) = &self.bar {
            bar.clear();
        }
        if let Some(broken) = self.broken {
            return Err(broken.into());
        }
        if self.form == Form::Table && !self.is_quiet {
            self.sums.print(&mut stdout().lock(), self.bar.is_some())?;
        } else {
            self.sums.tell_skipped(&mut stderr().lock())?;
        }
        match self.sums.not_stored() {
            0 if self.offline => Err(Failure::found(format!(
                "{}. Nothing is counted against the feeds that were tried; poll again when it works",
                unreached(self.tried.as_ref())
            ))),
            0 if self.sums.not_asked() > 0 => {
                let feeds = count(self.sums.not_asked(), "feed");
                Err(Failure::found(format!(
                    "{feeds} could not be asked: the proxy cannot be reached, see above. Nothing is counted against the \
                     feeds; poll again when it runs"
                )))
            }
            0 if self.open > 0 => {
                let feeds = count(whole(self.open), "feed");
                Err(Failure::found(format!(
                    "of {feeds} nothing came back: see above"
                )))
            }
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
    fn skip(&mut self, feeds: Vec<(FeedId, String)>) {
        let feeds = feeds.into_iter();
        self.skipped
            .extend(feeds.map(|(feed, why)| (feed.to_string(), why)));
    }

    fn add(&mut self, polled: Polled) {
        self.new += u64::from(polled.new);
        self.revised += u64::from(polled.revised);
        self.copies += u64::from(polled.copies);
        if polled.outcome == Outcome::Modified.name() {
            self.modified += 1;
        } else if polled.outcome == Outcome::NotModified.name() {
            self.unchanged += 1;
        } else {
            self.failed.push(polled);
        }
    }

    fn print(&self, out: &mut dyn Write, with_failures: bool) -> io::Result<()> {
        if self.total == 0 && self.skipped.is_empty() {
            return writeln!(
                out,
                "nothing is due: `merganser status` shows when, --all polls all the same"
            );
        }
        writeln!(out, "{self}")?;
        let failed = self.failed.iter().filter(|_| with_failures);
        let failed = failed.map(|polled| (polled.feed.as_str(), polled.words.clone()));
        let skipped = self.skipped.iter();
        let skipped = skipped.map(|(feed, why)| (feed.as_str(), format!("not polled: {why}")));
        let mut lines: Vec<(&str, String)> = failed.chain(skipped).collect();
        lines.sort();
        let mut table = Table::default();
        for (feed, text) in lines {
            table.row(&[format!("  {feed}"), text]);
        }
        table.print_within(reading_width(), out)
    }

    /// Says which feeds were not polled where results are for programs.
    fn tell_skipped(&self, out: &mut dyn Write) -> io::Result<()> {
        for (feed, why) in &self.skipped {
            writeln!(out, "{feed}: not polled: {why}")?;
        }
        Ok(())
    }

    /// Returns the sums in the few words for which a bar leaves room on a terminal of 80 columns.
    fn beside_a_bar(&self) -> String {
        let (new, failed) = (self.new, self.failed.len());
        format!("{new} new, {failed} failed, {} unchanged", self.unchanged)
    }

    fn of_kind(&self, is: impl Fn(&Polled) -> bool) -> u64 {
        whole(self.failed.iter().filter(|polled| is(polled)).count())
    }

    /// Returns how many feeds have been polled.
    fn polled(&self) -> u64 {
        self.modified + self.unchanged + whole(self.failed.len())
    }

    /// Returns how many feeds were not asked, since their proxy was not reached.
    fn not_asked(&self) -> u64 {
        self.of_kind(|polled| polled.outcome == FailureKind::Proxy.name())
    }

    fn not_stored(&self) -> u64 {
        self.of_kind(|polled| polled.is_unstored)
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
        let unreachable = self.of_kind(|polled| polled.is_unreachable);
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

pub(super) fn whole(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The width of the column of feed ids; longer ones push their line to the right.
const ID_WIDTH: usize = 24;

fn line(polled: &Polled) -> String {
    let status = polled
        .status
        .map_or_else(|| "-".to_owned(), |status| status.to_string());
    let amount = bytes(polled.bytes);
    let (feed, elapsed) = (&polled.feed, polled.elapsed_ms);
    format!(
        "{feed:ID_WIDTH$}  {status:>3}  {amount:>10}  {elapsed:>6} ms  {}",
        result(polled)
    )
}

fn result(polled: &Polled) -> String {
    if polled.outcome == Outcome::Modified.name() {
        let (new, revised) = (polled.new, polled.revised);
        let withdrawn = match polled.withdrawn {
            0 => String::new(),
            number => format!(", {number} withdrawn"),
        };
        format!(
            "{new} new, {revised} revised, {}{withdrawn}",
            copies(polled.copies)
        )
    } else if polled.outcome == Outcome::NotModified.name() {
        "unchanged".to_owned()
    } else {
        polled.words.clone()
    }
}

fn copies(number: impl Into<u64>) -> String {
    match number.into() {
        1 => "1 copy".to_owned(),
        number => format!("{number} copies"),
    }
}

/// Returns the line for programs that read lines: cells between tabs.
fn plain(polled: &Polled) -> String {
    let ended_well = [Outcome::Modified, Outcome::NotModified].map(|it| it.name());
    let why = if ended_well.contains(&polled.outcome.as_str()) {
        &polled.reason
    } else {
        &polled.words
    };
    let status = polled.status.map(|status| status.to_string());
    [
        polled.feed.as_str(),
        &polled.outcome,
        &status.unwrap_or_default(),
        &polled.bytes.to_string(),
        &polled.elapsed_ms.to_string(),
        &polled.new.to_string(),
        &polled.revised.to_string(),
        &polled.copies.to_string(),
        polled.next_due.as_deref().unwrap_or_default(),
        &why.replace(['\t', '\n', '\r'], " "),
    ]
    .join("\t")
}

fn object(polled: &Polled) -> serde_json::Value {
    json!({
        "feed": polled.feed,
        "outcome": polled.outcome,
        "message": polled.message,
        "status": polled.status,
        "bytes": polled.bytes,
        "elapsed_ms": polled.elapsed_ms,
        "new": polled.new,
        "revised": polled.revised,
        "copies": polled.copies,
        "withdrawn": polled.withdrawn,
        "next_due": polled.next_due,
        "reason": polled.reason,
    })
}
