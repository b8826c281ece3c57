//! `merganser why`: how one feed came to where it is, as a story.

mod advice;
mod story;

use super::exit::Failure;
use super::status::{self, Line, facts};
use super::table::reading_width;
use super::{Format, Places};
use crate::clock::{Clock as _, SystemClock};
use crate::model::{FeedId, PollRow};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The feed
    id: String,
    /// How to print it; `json` has every poll that is remembered, newest first
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// More polls than are remembered of a feed (P44).
const ALL: usize = 1000;

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let config = places.load_without_secrets()?;
    let store = places.store(&config.storage)?;
    let line = status::line(&config, &store, &options.id)?;
    let polls = store.polls(&FeedId::new(&options.id), ALL)?;
    let mut out = stdout().lock();
    match options.format {
        Format::Text => print(&mut out, &line, &polls, SystemClock.now())?,
        Format::Json => {
            let polls: Vec<_> = polls.iter().map(object).collect();
            let object = json!({ "feed": facts::object(&line), "polls": polls });
            writeln!(out, "{object}")?;
        }
    }
    Ok(())
}

fn print(
    out: &mut dyn Write,
    line: &Line<'_>,
    polls: &[PollRow],
    now: Timestamp,
) -> io::Result<()> {
    let width = reading_width();
    facts::table(line, now).print_within(width, out)?;
    if !polls.is_empty() {
        writeln!(out, "\n{}", story::heading(polls))?;
        story::table(polls).print_within(width, out)?;
    }
    writeln!(out, "\nWhat to do:")?;
    advice::table(line, polls.first()).print_within(width, out)
}

fn object(poll: &PollRow) -> Value {
    json!({
        "at": poll.at.to_string(),
        "outcome": poll.outcome,
        "message": poll.message,
        "status": poll.status,
        "bytes": poll.bytes,
        "elapsed_ms": u64::try_from(poll.elapsed.as_millis()).unwrap_or(u64::MAX),
        "new": poll.new,
        "revised": poll.revised,
        "copies": poll.copies,
        "next_due": poll.next_due_at.map(|at| at.to_string()),
        "reason": poll.due_reason,
    })
}
