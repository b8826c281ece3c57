//! `merganser why`: how one feed came to where it is, as a story.

mod advice;
mod story;

pub(super) use advice::against;

use super::exit::Failure;
use super::places::Known;
use super::status::needs::warn_of_another_file;
use super::status::{self, Line, facts};
use super::table::reading_width;
use super::{Form, Places};
use crate::clock::{Clock as _, SystemClock};
use crate::model::{FeedId, PollRow};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The feed
    id: String,
    /// How to print it; `plain` and `json` have every poll that is remembered, newest first
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// More polls than are remembered of a feed (P44).
const ALL: usize = 1000;

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Known { config, mistakes } = places.known()?;
    let told = warn_of_another_file(places, mistakes.is_some());
    let store = places.store(&config.storage)?;
    let line = status::line((&config, &store), &told, &options.id)?;
    let polls = store.polls(&FeedId::new(&options.id), ALL)?;
    let mut out = stdout().lock();
    match options.format {
        Form::Table => print(&mut out, &line, &polls, SystemClock.now())?,
        Form::Plain => {
            for poll in &polls {
                writeln!(out, "{}", plain(poll))?;
            }
        }
        Form::Json => {
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
        if let Some(sentence) = story::counted_anew(polls, line.row.state.failures) {
            writeln!(out, "{sentence}")?;
        }
    }
    writeln!(out, "\nWhat to do:")?;
    advice::table(line, polls.first(), now).print_within(width, out)
}

/// Returns a poll for programs that read lines: cells between tabs, instants in full, what is not known empty.
fn plain(poll: &PollRow) -> String {
    let why = if poll.message.is_empty() {
        &poll.due_reason
    } else {
        &poll.message
    };
    let cells = [
        poll.at.to_string(),
        poll.outcome.clone(),
        poll.status.map_or_else(String::new, |it| it.to_string()),
        poll.bytes.to_string(),
        poll.new.to_string(),
        poll.revised.to_string(),
        poll.copies.to_string(),
        poll.next_due_at
            .map_or_else(String::new, |at| at.to_string()),
        why.clone(),
    ];
    cells.join("\t")
}

fn object(poll: &PollRow) -> Value {
    json!({
        "at": poll.at.to_string(),
        "outcome": poll.outcome,
        "message": poll.message,
        "status": poll.status,
        "redirects": poll.redirects,
        "bytes": poll.bytes,
        "elapsed_ms": u64::try_from(poll.elapsed.as_millis()).unwrap_or(u64::MAX),
        "new": poll.new,
        "revised": poll.revised,
        "copies": poll.copies,
        "withdrawn": poll.withdrawn,
        "next_due": poll.next_due_at.map(|at| at.to_string()),
        "reason": poll.due_reason,
    })
}
