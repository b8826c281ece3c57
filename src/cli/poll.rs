//! `merganser poll`: one round by hand.

use super::edit::no_feed;
use super::exit::{Code, Failure, say};
use super::places::sockets_of;
use super::progress::Bar;
use super::run::{block_on, filled_by_another, log};
use super::table::{bytes, count};
use super::{Format, Places};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::control::{self, Answer, AskError, Polled, Request, Unpolled, Verdict};
use crate::daemon::{Choice, Daemon, Progress, StateDir};
use crate::model::{FailureKind, FeedId, Outcome};
use crate::store;
use anyhow::anyhow;
use serde_json::json;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write, stderr, stdout};
use std::path::Path;
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
    if let Some(answer) = beside_daemon(places, options)? {
        return print_answer(options, answer);
    }
    let config = places.load()?.config;
    let choice = choice(&config, options)?;
    let state = places.state()?;
    // Found by the service's configuration, not named: what root left there the service might not open.
    if state != places.own_state()? {
        return Err(Failure::new(Code::State, anyhow!(NOT_RUNNING)));
    }
    let mut state = StateDir::claim(&state)?;
    if let Some(before) = state.fill_by(&places.config(), false) {
        say(&filled_by_another(&before));
    }
    block_on(poll(config, state, &choice, options.format))
}

/// What is told where the service's state is meant and nobody is there to ask.
const NOT_RUNNING: &str = "the service does not run: `systemctl start merganser` has it poll what is due; to poll beside it, \
                           name another directory with --state";

/// Has the daemon that runs poll, so that a publisher is asked by one of us; nothing where none runs that can be asked.
fn beside_daemon(places: &Places, options: &Options) -> Result<Option<Answer>, Failure> {
    if store::holder(&places.state()?).is_none() {
        return Ok(None);
    }
    // A name that the file lacks is told with those that it has.
    choice(&places.load_without_secrets()?, options)?;
    if options.ids.is_empty() && !options.all {
        // What holds the state may be another command, which polls nothing that is due.
        let answered = ask(places, &Request::Status, control::ask_soon)?;
        return Ok(answered.map(|_| Answer::new(Verdict::Accepted, BY_ITSELF)));
    }
    let request = Request::Poll {
        feeds: options.ids.clone(),
        all: options.all,
        force: options.force,
    };
    ask(places, &request, control::ask)
}

/// What is told where nobody need ask for anything.
const BY_ITSELF: &str = "the daemon that runs polls what is due by itself: name feeds, or --all, to have them polled now";

/// Asks the daemon at the first socket at which there is one; nothing where there is none.
fn ask(
    places: &Places,
    request: &Request,
    by: impl Fn(&Path, &Request) -> Result<Answer, AskError>,
) -> Result<Option<Answer>, Failure> {
    for socket in sockets_of(&places.state()?) {
        match by(&socket, request) {
            Err(AskError::Nobody { .. }) => {}
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => return Err(Failure::found(error.to_string())),
        }
    }
    Ok(None)
}

/// Prints what came of polls that the daemon did.
fn print_answer(options: &Options, answer: Answer) -> Result<(), Failure> {
    match answer.verdict {
        Verdict::Done => {}
        Verdict::Accepted => return Ok(print_accepted(options.format, &answer)?),
        Verdict::Unstored => return Err(Failure::new(Code::State, anyhow!(answer.message))),
        Verdict::Refused | Verdict::Failed => return Err(Failure::found(answer.message)),
    }
    let open = answer.unpolled.iter().filter(|it| it.is_open).count();
    let skipped = answer.unpolled.into_iter();
    let skipped: Vec<(String, String)> = skipped.map(|it| (it.feed, it.why)).collect();
    let mut printer = Printer::new(options.format);
    printer.offline = answer.is_offline;
    printer.open = open;
    printer.sums.total = answer.polled.len();
    printer.sums.skipped = skipped;
    for polled in answer.polled {
        printer.add(polled);
    }
    printer.finish()
}

/// Prints what the daemon took on without anybody waiting for it: in one object for programs.
fn print_accepted(format: Format, answer: &Answer) -> io::Result<()> {
    let mut out = stdout().lock();
    let unpolled = answer.unpolled.iter();
    if format == Format::Json {
        let unpolled = unpolled.map(|it| json!({ "feed": it.feed, "reason": it.why }));
        let unpolled: Vec<serde_json::Value> = unpolled.collect();
        let object = json!({
            "accepted": answer.entered,
            "message": answer.message,
            "unpolled": unpolled,
            "more_unpolled": answer.more_unpolled,
        });
        return writeln!(out, "{object}");
    }
    writeln!(out, "{}", answer.message)?;
    for Unpolled { feed, why, .. } in unpolled {
        writeln!(out, "  {feed}  not polled: {why}")?;
    }
    match answer.more_unpolled {
        0 => Ok(()),
        more => writeln!(out, "  and {} more", count(whole(more), "feed")),
    }
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

/// Says that no host was reached: whose fault that is cannot be told where all of them are an intranet's, or of one machine.
pub(super) fn unreached(tried: Option<&(FeedId, String)>) -> String {
    let tried = tried.map_or_else(String::new, |(feed, why)| format!(" (of {feed}: {why})"));
    format!(
        "no host can be reached{tried}: the network of this machine is down, or all servers that were tried are"
    )
}

/// Prints reports as they come, and what they add up to.
struct Printer {
    format: Format,
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
    fn new(format: Format) -> Self {
        Self {
            format,
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

    fn take(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Begun { total, skipped } => {
                self.sums.total = total;
                self.sums.skip(skipped);
                let people = self.format == Format::Text && self.is_watched;
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

    fn add(&mut self, polled: Polled) {
        let line = match self.format {
            Format::Text => line(&polled),
            Format::Json => object(&polled).to_string(),
        };
        self.sums.add(polled);
        let written = match &self.bar {
            Some(bar) => {
                bar.turn_to(&self.sums.to_string());
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

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.total == 0 && self.skipped.is_empty() {
            return writeln!(
                out,
                "nothing is due: `merganser status` shows when, --all polls all the same"
            );
        }
        writeln!(out, "{self}")?;
        let failed = self.failed.iter();
        let failed = failed.map(|polled| (polled.feed.as_str(), polled.words.clone()));
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

    /// Says which feeds were not polled where results are for programs.
    fn tell_skipped(&self, out: &mut dyn Write) -> io::Result<()> {
        for (feed, why) in &self.skipped {
            writeln!(out, "{feed}: not polled: {why}")?;
        }
        Ok(())
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

fn whole(number: usize) -> u64 {
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
        format!("{new} new, {revised} revised, {}", copies(polled.copies))
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
        "next_due": polled.next_due,
        "reason": polled.reason,
    })
}
