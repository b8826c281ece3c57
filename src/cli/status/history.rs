//! `merganser status ID`: one feed and its last polls.

use super::{Format, Line, feed_object};
use crate::cli::table::{Table, bytes, instant};
use crate::model::{Health, PollRow};
use serde_json::json;
use std::io::{self, Write};

pub(super) fn print(
    out: &mut dyn Write,
    line: &Line<'_>,
    polls: &[PollRow],
    format: Format,
) -> io::Result<()> {
    match format {
        Format::Json => {
            let polls: Vec<_> = polls.iter().map(object).collect();
            writeln!(
                out,
                "{}",
                json!({ "feed": feed_object(line), "polls": polls })
            )
        }
        Format::Text => {
            print_feed(out, line)?;
            print_polls(out, polls)
        }
    }
}

fn print_feed(out: &mut dyn Write, line: &Line<'_>) -> io::Result<()> {
    let state = &line.row.state;
    let next = match (state.next_due_at, state.health) {
        (Some(at), _) => format!("{}: {}", instant(at), state.due_reason),
        (None, Health::New) => "now: it was never polled".to_owned(),
        (None, _) => format!("never: {}", state.due_reason),
    };
    let mut facts = Table::default();
    facts.row(&["feed", line.id]);
    facts.row(&["title", &line.row.title]);
    facts.row(&["address", &line.row.url]);
    facts.row(&["state", line.word()]);
    facts.row(&["next poll", &next]);
    if !state.last_error.is_empty() {
        facts.row(&["last error", &state.last_error]);
    }
    if let Some(health) = line.guids_failed() {
        let health = format!(
            "{}: {}; identity by address",
            health.name(),
            health.sentence()
        );
        facts.row(&["ids", &health]);
    }
    facts.print(out)?;
    for defect in &line.row.defects {
        writeln!(out, "defect     {defect}")?;
    }
    Ok(())
}

fn print_polls(out: &mut dyn Write, polls: &[PollRow]) -> io::Result<()> {
    let mut table = Table::new(&[
        "polled", "outcome", "status", "size", "time", "new", "revised", "copies", "then",
    ]);
    for poll in polls {
        let status = poll
            .status
            .map_or_else(|| "-".to_owned(), |status| status.to_string());
        let then = if poll.message.is_empty() {
            &poll.due_reason
        } else {
            &poll.message
        };
        table.row(&[
            instant(poll.at),
            poll.outcome.clone(),
            status,
            bytes(poll.bytes),
            format!("{} ms", poll.elapsed.as_millis()),
            poll.new.to_string(),
            poll.revised.to_string(),
            poll.copies.to_string(),
            then.clone(),
        ]);
    }
    writeln!(out)?;
    table.print(out)
}

fn object(poll: &PollRow) -> serde_json::Value {
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
