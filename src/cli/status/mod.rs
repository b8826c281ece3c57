//! `merganser status`: how the feeds fare.

mod history;

use super::exit::Failure;
use super::table::{Table, ago, bytes, count, cut, until};
use super::{Format, Places};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, FeedSettings};
use crate::fetch;
use crate::model::{FeedId, FeedRow, GuidHealth, Health, IdentityBy, Totals};
use crate::store;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// One feed, with its last polls and why the next is when it is
    id: Option<String>,
    /// Only feeds that fail, are gone, or were never polled
    #[arg(long)]
    failing: bool,
    /// How to print the feeds
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Polls of one feed that are shown: a screenful.
const HISTORY: usize = 20;

/// A feed of the configuration with what the store knows of it.
struct Line<'a> {
    id: &'a str,
    enabled: bool,
    identity: IdentityBy,
    row: FeedRow,
}

impl Line<'_> {
    /// Returns its state in one word.
    fn word(&self) -> &'static str {
        if self.enabled {
            self.row.state.health.name()
        } else {
            "disabled"
        }
    }

    /// Says when it is polled next.
    fn next_poll(&self, now: Timestamp) -> String {
        match (self.row.state.next_due_at, self.row.state.health) {
            _ if !self.enabled => "never".to_owned(),
            (Some(at), _) => until(at, now),
            (None, Health::New) => "now".to_owned(),
            (None, _) => "never".to_owned(),
        }
    }

    /// Returns what speaks against its ids, where that counts: not where the operator has decided.
    fn guids_failed(&self) -> Option<GuidHealth> {
        let health = self.row.state.guids.health;
        (self.identity == IdentityBy::Auto && !health.is_good()).then_some(health)
    }

    /// Says why it is as it is: what failed last, else why it is due when it is. Ids that are not
    /// believed stand first, where a terminal does not cut them off.
    fn why(&self) -> String {
        let state = &self.row.state;
        let why = if state.last_error.is_empty() {
            &state.due_reason
        } else {
            &state.last_error
        };
        match self.guids_failed() {
            Some(health) => format!("ids {}; {why}", health.name()),
            None => why.clone(),
        }
    }

    fn is_well(&self) -> bool {
        self.row.state.health == Health::Ok
    }
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let config = places.load_without_secrets()?;
    let store = places.store(&config.storage)?;
    let pid = store::holder(&places.state()?);
    let mut lines = lines(&config, store.feeds()?);
    if let Some(id) = &options.id {
        lines.retain(|line| line.id == id);
        let line = lines.first().ok_or_else(|| {
            Failure::found(format!(
                "no feed `{id}` in feeds.toml: `merganser status` lists the ids"
            ))
        })?;
        let polls = store.polls(&FeedId::new(id), HISTORY)?;
        return Ok(history::print(
            &mut stdout().lock(),
            line,
            &polls,
            options.format,
        )?);
    }
    if options.failing {
        lines.retain(|line| line.enabled && !line.is_well());
    }
    // What needs a person stands first; within a state the file's order holds.
    lines.sort_by_key(|line| (line.is_well(), !line.enabled));
    let totals = store.totals()?;
    let now = SystemClock.now();
    let mut out = stdout().lock();
    match options.format {
        Format::Text => print(&mut out, &lines, &totals, pid, now)?,
        Format::Json => writeln!(out, "{}", object(&lines, &totals, pid))?,
    }
    Ok(())
}

fn lines(config: &Config, rows: Vec<FeedRow>) -> Vec<Line<'_>> {
    let mut rows: BTreeMap<String, FeedRow> = rows
        .into_iter()
        .map(|row| (row.id.as_str().to_owned(), row))
        .collect();
    let feeds = config.feeds.iter().map(|feed| Line {
        id: feed.id.as_str(),
        enabled: feed.enabled,
        identity: feed.identity,
        row: row(feed, rows.remove(feed.id.as_str())),
    });
    feeds.collect()
}

/// Returns what is known of a feed, under the operator's title where there is one.
fn row(feed: &FeedSettings, stored: Option<FeedRow>) -> FeedRow {
    let row = stored.unwrap_or_else(|| FeedRow {
        url: fetch::shown(&feed.target.url),
        ..FeedRow::default()
    });
    FeedRow {
        title: feed.title.clone().unwrap_or(row.title),
        ..row
    }
}

/// Longest reason that is shown on a terminal; `status ID` has all of it.
const REASON_WIDTH: usize = 60;

fn print(
    out: &mut dyn Write,
    lines: &[Line<'_>],
    totals: &Totals,
    pid: Option<u32>,
    now: Timestamp,
) -> io::Result<()> {
    let daemon = pid.map_or("no daemon runs".to_owned(), |pid| {
        format!("daemon runs with pid {pid}")
    });
    let size = bytes(totals.bytes);
    writeln!(
        out,
        "merganser {}: {daemon}; {}, {}, database {size}\n",
        env!("CARGO_PKG_VERSION"),
        count(totals.articles, "article"),
        if totals.entries == 1 {
            "1 entry".to_owned()
        } else {
            format!("{} entries", totals.entries)
        },
    )?;
    let out_is_terminal = stdout().is_terminal();
    let mut table = Table::new(&["feed", "state", "last poll", "next poll", "entries", "why"]);
    for line in lines {
        let state = &line.row.state;
        let why = line.why();
        table.row(&[
            line.id.to_owned(),
            line.word().to_owned(),
            ago(state.last_poll_at, now),
            line.next_poll(now),
            line.row.entries.to_string(),
            if out_is_terminal {
                cut(&why, REASON_WIDTH)
            } else {
                why
            },
        ]);
    }
    table.print(out)
}

fn object(lines: &[Line<'_>], totals: &Totals, pid: Option<u32>) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "pid": pid,
        "entries": totals.entries,
        "articles": totals.articles,
        "bytes": totals.bytes,
        "feeds": lines.iter().map(feed_object).collect::<Vec<_>>(),
    })
}

fn feed_object(line: &Line<'_>) -> Value {
    let state = &line.row.state;
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": line.id,
        "url": line.row.url,
        "title": line.row.title,
        "state": line.word(),
        "entries": line.row.entries,
        "last_poll": text(state.last_poll_at),
        "last_success": text(state.last_success_at),
        "next_poll": text(state.next_due_at),
        "reason": state.due_reason,
        "failures": state.failures,
        "error": state.last_error,
        "guid_health": state.guids.health.name(),
        "identity": line.identity.name(),
        "defects": line.row.defects,
    })
}
