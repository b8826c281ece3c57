//! `merganser list`: the feeds of feeds.toml, one a line, with how each fares.

use super::edit::refuse_unknown_group;
use super::exit::{Code, Failure};
use super::places::Known;
use super::status::needs::warn_of_another_file;
use super::status::{Line, lines, stored_lines};
use super::table::{Table, ago};
use super::{Form, Places};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, FeedSettings};
use crate::schedule::Schedule;
use crate::store::Store;
use anyhow::anyhow;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write, stdout};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Only feeds that fail, are gone, or were never polled
    #[arg(long)]
    failing: bool,
    /// Only the feeds of this group
    #[arg(long)]
    group: Option<String>,
    /// How to print them [default: table on a terminal, else plain]
    #[arg(long, value_enum)]
    format: Option<Form>,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let (config, is_read) = if options.group.is_some() {
        // Which feeds are in it, the file alone says.
        (places.load_without_secrets()?, true)
    } else {
        let Known { config, mistakes } = places.known()?;
        (config, mistakes.is_none())
    };
    let told = warn_of_another_file(places, !is_read);
    if let Some(group) = &options.group {
        refuse_unknown_group(places, group)?;
    }
    let now = SystemClock.now();
    let mut lines = stored(places, &config, now)?;
    told.tell(&mut lines);
    let listed: Vec<Listed<'_>> = lines
        .into_iter()
        .zip(&config.feeds)
        .map(|(line, feed)| Listed {
            feed,
            line,
            is_read,
        })
        .filter(|it| !options.failing || (it.feed.enabled && !it.line.is_well()))
        .filter(|it| options.group.is_none() || options.group == it.feed.group)
        .collect();
    let mut out = stdout().lock();
    match options.format.unwrap_or_else(Form::usual) {
        Form::Table if listed.is_empty() => writeln!(out, "{}", none(options))?,
        Form::Table => print(&mut out, &listed, now)?,
        Form::Plain => {
            for it in &listed {
                writeln!(out, "{}", it.plain())?;
            }
        }
        Form::Json => {
            for it in &listed {
                writeln!(out, "{}", it.object())?;
            }
        }
    }
    Ok(())
}

/// Returns the feeds with what is stored of them; nothing is where nothing was ever polled.
fn stored<'c>(
    places: &Places,
    config: &'c Config,
    now: Timestamp,
) -> Result<Vec<Line<'c>>, Failure> {
    match store_if_any(places, config)? {
        Some(store) => Ok(stored_lines(config, &store, now)?),
        None => Ok(lines(config, Vec::new())),
    }
}

/// Opens the database for reading; `None` where nothing was ever stored.
pub(super) fn store_if_any(places: &Places, config: &Config) -> Result<Option<Store>, Failure> {
    let database = places.state().map(|it| it.join(&config.storage.path));
    // One that cannot be looked at is not one that is not there.
    let is_missing = |it: &PathBuf| it.try_exists().is_ok_and(|is_there| !is_there);
    if database.as_ref().map_or(true, is_missing) {
        refuse_no_state(places)?;
        return Ok(None);
    }
    Ok(Some(places.store(&config.storage)?))
}

/// Refuses a directory that was named and is not there, mostly for a slip of the pen.
fn refuse_no_state(places: &Places) -> Result<(), Failure> {
    let named = places.state.as_deref();
    match named.filter(|it| it.try_exists().is_ok_and(|is_there| !is_there)) {
        Some(state) => {
            let error = anyhow!(
                "there is no directory {}, which --state names",
                state.display()
            );
            Err(Failure::new(Code::State, error))
        }
        None => Ok(()),
    }
}

/// What stands in the place of what a file with mistakes does not tell.
const UNKNOWN: &str = "?";

/// A feed as it is listed.
struct Listed<'a> {
    feed: &'a FeedSettings,
    line: Line<'a>,
    /// Whether the file could be read: it alone says group and schedule.
    is_read: bool,
}

impl Listed<'_> {
    /// Returns its group, empty where it is in none; `None` where that is not known.
    fn group(&self) -> Option<&str> {
        let group = self.feed.group.as_deref().unwrap_or_default();
        self.is_read.then_some(group)
    }

    /// Says when it is polled, as feeds.toml would; `None` where that is not known.
    fn schedule(&self) -> Option<String> {
        let policy = &self.feed.policy;
        let schedule = match &policy.schedule {
            Schedule::Adaptive => "adaptive".to_owned(),
            Schedule::Every(pause) => format!("every {}", spoken(*pause)),
            Schedule::Cron(line) => line.to_string().replace('`', ""),
        };
        self.is_read.then_some(schedule)
    }

    /// Returns how many entries come in a day, by the median gap between its newest ones.
    fn per_day(&self) -> Option<u64> {
        const DAY: Duration = Duration::from_hours(24);
        let gap = self.line.row.state.rhythm?.as_secs();
        let twice = DAY.as_secs().saturating_mul(2).checked_div(gap)?;
        Some(twice.div_ceil(2))
    }

    fn row(&self, now: Timestamp) -> [String; 8] {
        let state = &self.line.row.state;
        let per_day = self
            .per_day()
            .map_or_else(|| "-".to_owned(), |it| it.to_string());
        [
            self.line.id.to_owned(),
            self.group().unwrap_or(UNKNOWN).to_owned(),
            self.line.word().to_owned(),
            self.schedule().unwrap_or_else(|| UNKNOWN.to_owned()),
            ago(state.last_success_at, now),
            self.line.next_poll(now),
            per_day,
            self.line.row.url.clone(),
        ]
    }

    /// Returns the line for programs that read lines: cells between tabs, instants in full.
    fn plain(&self) -> String {
        let state = &self.line.row.state;
        let instant = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
        let per_day = self.per_day().map_or_else(String::new, |it| it.to_string());
        [
            self.line.id,
            self.group().unwrap_or_default(),
            self.line.word(),
            &self.schedule().unwrap_or_default(),
            &instant(state.last_success_at),
            &instant(self.line.next_poll_at()),
            &per_day,
            &self.line.row.url,
        ]
        .join("\t")
    }

    fn object(&self) -> Value {
        let state = &self.line.row.state;
        let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
        json!({
            "id": self.line.id,
            "url": self.line.row.url,
            "title": self.line.row.title,
            "group": self.group().filter(|group| !group.is_empty()),
            "enabled": self.feed.enabled,
            "state": self.line.word(),
            "schedule": self.schedule(),
            "last_success": instant(state.last_success_at),
            "next_poll": instant(self.line.next_poll_at()),
            "entries": self.line.row.entries,
            "entries_a_day": self.per_day(),
            "error": state.last_error,
        })
    }
}

/// Writes a pause as feeds.toml does: `15m`, `1h`.
fn spoken(pause: Duration) -> String {
    match pause.as_secs() {
        seconds if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// Says why nothing is listed.
fn none(options: &Options) -> String {
    match (&options.group, options.failing) {
        (None, false) => "no feed in feeds.toml: `merganser add ADDRESS` adds one".to_owned(),
        (None, true) => "no feed fails".to_owned(),
        (Some(group), false) => format!("no feed is in group `{group}`"),
        (Some(group), true) => format!("no feed of group `{group}` fails"),
    }
}

fn print(out: &mut dyn Write, listed: &[Listed<'_>], now: Timestamp) -> io::Result<()> {
    let mut table = Table::new(&[
        "feed",
        "group",
        "state",
        "schedule",
        "last success",
        "next poll",
        "a day",
        "address",
    ]);
    for it in listed {
        table.row(&it.row(now));
    }
    // What a row is about gives way last, and commands want it whole.
    let (yielding, leaving) = ([7, 1, 0], [6, 3, 4]);
    table.print_in_short((&yielding, &leaving), out)
}
