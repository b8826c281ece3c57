//! `merganser replay`: a history of entries through the pipeline, with the clock at each entry's time.
//!
//! How history is imported and how rules are evaluated: no network, no retention, no cap for a first
//! poll. The file is read twice, so that a fault in its last line is found before anything is stored.

use super::Places;
use super::exit::Failure;
use super::progress::Bar;
use super::run::{block_on, log};
use super::table::count;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::daemon::{PastEntry, Replay, StateDir};
use crate::model::FeedId;
use crate::{fetch, parse, text};
use anyhow::{Context as _, anyhow, bail};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::{Path, PathBuf};
use url::Url;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Lines of {"feed", "at", "entry"}, in order of "at": feed is an id or an address, at an RFC 3339
    /// instant, entry an item of JSON Feed 1.1
    file: PathBuf,
}

/// One line of the file.
#[derive(Debug, Deserialize)]
struct Line<'a> {
    feed: String,
    at: String,
    #[serde(borrow)]
    entry: &'a RawValue,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    log("error");
    let config = places.load_without_secrets()?;
    if !options.file.is_file() {
        let file = options.file.display();
        let why = if options.file.exists() {
            "it is no file: what is replayed is read twice"
        } else {
            "there is no such file"
        };
        return Err(Failure::found(format!("{file}: {why}")));
    }
    let bar = Bar::begin("checking the file");
    let history = check(&options.file, &bar)?;
    let state = StateDir::claim(&places.own_state()?)?;
    bar.turn_to("entries stored");
    block_on(write(config, state, &history, (&options.file, bar)))
}

async fn write(
    config: Config,
    state: StateDir,
    history: &History,
    (file, bar): (&Path, Bar),
) -> Result<(), Failure> {
    // A database that is made here is as old as its history.
    let replay = Replay::open(config, state, history.first_at)?;
    let mut fault = None;
    let lines = Lines::open(file)?.map_while(|line| line.map_err(|error| fault = Some(error)).ok());
    let told = (1..).zip(lines).map(|(number, past)| {
        bar.tell(number, history.entries);
        past
    });
    let replayed = replay.run(told).await;
    replay.close().await;
    drop(bar);
    let counts = replayed?;
    if let Some(fault) = fault {
        return Err(fault.into());
    }
    writeln!(
        stdout(),
        "{}: {}, {} revised, {} copies",
        entries(counts.seen),
        count(counts.new, "new article"),
        counts.revised,
        counts.copies
    )?;
    Ok(())
}

fn entries(number: u32) -> String {
    if number == 1 {
        "1 entry".to_owned()
    } else {
        format!("{number} entries")
    }
}

/// What is known of a file that has been read.
struct History {
    /// The time of its first line; now where it has none.
    first_at: Timestamp,
    /// How many lines it has.
    entries: u64,
}

/// Reads the whole file without storing anything.
fn check(file: &Path, bar: &Bar) -> anyhow::Result<History> {
    let mut times = Lines::open(file)?.map(|line| line.map(|past| past.at));
    let first = times.next().transpose()?;
    let mut entries = u64::from(first.is_some());
    for time in times {
        time?;
        entries += 1;
        bar.tell(entries, 0);
    }
    Ok(History {
        first_at: first.unwrap_or_else(|| SystemClock.now()),
        entries,
    })
}

/// The lines of a file, each read and checked.
struct Lines {
    input: std::io::Lines<BufReader<File>>,
    file: PathBuf,
    number: usize,
    last_at: Timestamp,
    now: Timestamp,
}

impl Lines {
    fn open(file: &Path) -> anyhow::Result<Self> {
        let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self {
            input: BufReader::new(opened).lines(),
            file: file.to_owned(),
            number: 0,
            last_at: Timestamp::MIN,
            now: SystemClock.now(),
        })
    }

    fn read(&mut self, text: &str) -> anyhow::Result<PastEntry> {
        let line: Line<'_> = serde_json::from_str(text).map_err(|error| json_fault(&error))?;
        let at: Timestamp = line.at.parse().map_err(|_| {
            anyhow!(
                "`at` is {:?}, no instant such as 2026-11-24T06:00:00Z",
                line.at
            )
        })?;
        if at < self.last_at {
            let above = self.last_at;
            bail!("`at` is {at}, before the line above it ({above}): sort the file by `at`");
        }
        if at > self.now {
            bail!("`at` is {at}, which is yet to come");
        }
        self.last_at = at;
        if let Some(fault) = name_fault(&line.feed) {
            bail!("{fault}");
        }
        let entry =
            parse::json_item(line.entry.get()).map_err(|error| anyhow!("{}", error.failure()))?;
        Ok(PastEntry {
            feed: FeedId::new(line.feed),
            at,
            entry,
        })
    }
}

/// Longest name of a feed: that of any id or usual address.
const MAX_FEED_BYTES: usize = 1024;

/// Returns why a text cannot name a feed. What it names is a title for readers where the feed has none, and stands in the
/// database (S7).
fn name_fault(feed: &str) -> Option<&'static str> {
    let url = Url::parse(feed).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let is_secret = |url: &Url| fetch::has_secrets(url) || text::has_secret_path(url.path());
    match feed {
        feed if feed.trim().is_empty() => Some("`feed` is empty"),
        feed if feed.len() > MAX_FEED_BYTES => Some("`feed` is longer than 1024 bytes"),
        feed if feed.chars().any(char::is_control) => Some("`feed` holds a control character"),
        _ if url.as_ref().is_some_and(is_secret) => {
            Some("`feed` is an address with a secret in it: write the id of the feed")
        }
        _ => None,
    }
}

/// Says what is wrong with a line; its number is told elsewhere.
fn json_fault(error: &serde_json::Error) -> anyhow::Error {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(what, _)| what);
    anyhow!(
        "column {}: {what}; a line is {{\"feed\": .., \"at\": .., \"entry\": {{..}}}}",
        error.column()
    )
}

impl Iterator for Lines {
    type Item = anyhow::Result<PastEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.input.next()?;
        self.number += 1;
        let read = line.map_err(Into::into).and_then(|text| {
            // A byte order mark may stand before the first line.
            self.read(text.strip_prefix('\u{feff}').unwrap_or(&text))
        });
        let place = format!("{}, line {}", self.file.display(), self.number);
        Some(read.context(place))
    }
}
