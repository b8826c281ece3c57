//! What there is to know of one feed now: `merganser status ID`, and the beginning of `merganser why ID`.

use super::told::Doubt;
use super::{Line, moved};
use crate::cli::hints;
use crate::cli::table::{Table, ago, count, instant, until};
use crate::model::{FeedState, Health};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Returns the facts, a row each; what there is nothing to say of is left out.
pub(in crate::cli) fn table(line: &Line<'_>, now: Timestamp) -> Table {
    let state = &line.row.state;
    let failures = (state.failures > 0).then(|| failures(state, now));
    let asks = hints::words(&state.hints);
    let ids = line.guids_failed().map(|health| {
        let (name, sentence) = (health.name(), health.sentence());
        format!("{name}: {sentence}; identity by address")
    });
    let refusals = (state.refusals > 0).then(|| {
        let refusals = count(state.refusals, "refusal");
        format!("{refusals} (429 or 503) not forgiven yet: it is asked less often")
    });
    let mut facts = Table::default();
    facts.row(&["feed", line.id]);
    let rows = [
        ("title", Some(line.row.title.clone())),
        ("address", Some(line.row.url.clone())),
        ("asked at", line.asked_at().map(ToOwned::to_owned)),
        ("state", Some(line.word().to_owned())),
        ("failures", failures),
        ("last poll", Some(last_poll(line, now))),
        ("next poll", Some(next_poll(line, now))),
        ("cron", firings(line, now)),
        ("entries", Some(line.row.entries.to_string())),
        ("asks", asks),
        ("ids", ids),
        ("refusals", refusals),
    ];
    for (name, fact) in rows {
        if let Some(fact) = fact.filter(|fact| !fact.is_empty()) {
            facts.row(&[name, &fact]);
        }
    }
    for sentence in moved::sentences(state.moved.as_ref()) {
        facts.row(&["moved", &sentence]);
    }
    if line.asked_at().is_some() {
        facts.row(&["", moved::ADVICE]);
    }
    facts
}

/// Says how long it has been failing, and how it failed last.
fn failures(state: &FeedState, now: Timestamp) -> String {
    let success = match state.last_success_at {
        None => "no success so far".to_owned(),
        at => format!("last success {}", ago(at, now)),
    };
    format!(
        "{} in a row, {success}: {}",
        state.failures, state.last_error
    )
}

/// Says when it was polled last, and of a poll that is not counted yet how it failed: that stands nowhere else.
fn last_poll(line: &Line<'_>, now: Timestamp) -> String {
    let when = line.last_poll(now);
    match &line.doubt {
        None => when,
        Some(Doubt { error, .. }) => {
            format!("{when}, not counted yet, {}: {error}", Doubt::WHY)
        }
    }
}

fn next_poll(line: &Line<'_>, now: Timestamp) -> String {
    let state = &line.row.state;
    if line.is_put_off(now) {
        return "put off until the network of the daemon works".to_owned();
    }
    match (state.next_due_at, state.health) {
        _ if !line.enabled => format!("never: {}", state.due_reason),
        (Some(at), _) => {
            let (when, reason) = (instant(at), &state.due_reason);
            if let Some(until_then) = line.held_up(at, now) {
                let rested = instant(until_then);
                return format!(
                    "{rested}, {}: its host is let rest until then; due {when}: {reason}",
                    until(until_then, now)
                );
            }
            format!("{when}, {}: {reason}", until(at, now))
        }
        (None, Health::New) => match line.held_up(now, now) {
            Some(at) => format!(
                "{}, {}: its host is let rest until then; it was never polled",
                instant(at),
                until(at, now)
            ),
            None => "now: it was never polled".to_owned(),
        },
        (None, _) => format!("never: {}", state.due_reason),
    }
}

/// Says when the cron line of a feed fires next, which is polled by one: in its time zone, as it is written.
fn firings(line: &Line<'_>, now: Timestamp) -> Option<String> {
    /// So many tell one day from each day, and a week from its working days.
    const FIRINGS: usize = 3;
    let is_over = line.row.state.health == Health::Gone;
    let cron = line.cron.filter(|_| line.enabled && !is_over)?;
    let firings = cron.firings_after(now).take(FIRINGS);
    let shown: Vec<String> = firings
        .map(|at| at.strftime("%a %Y-%m-%d %H:%M %Z").to_string())
        .collect();
    Some(if shown.is_empty() {
        format!("{cron} never fires again")
    } else {
        format!("{cron} fires {}", shown.join(", "))
    })
}

/// Prints the defects of the feed's last document.
pub(super) fn print_defects(out: &mut dyn Write, line: &Line<'_>) -> io::Result<()> {
    for defect in &line.row.defects {
        writeln!(out, "defect     {defect}")?;
    }
    Ok(())
}

/// Returns the line for programs that read lines: cells between tabs, instants in full, what is not known empty.
pub(super) fn plain(line: &Line<'_>) -> String {
    let state = &line.row.state;
    let instant = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    let why = if state.last_error.is_empty() {
        &state.due_reason
    } else {
        &state.last_error
    };
    let cells = [
        line.id.to_owned(),
        line.word().to_owned(),
        instant(state.last_poll_at),
        instant(state.last_success_at),
        instant(line.next_poll_at()),
        state.failures.to_string(),
        line.row.entries.to_string(),
        why.clone(),
    ];
    cells.join("\t")
}

/// Returns what `status` tells programs of a feed.
pub(in crate::cli) fn object(line: &Line<'_>) -> Value {
    let state = &line.row.state;
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let in_doubt = line.doubt.as_ref();
    let in_doubt = in_doubt.map(|it| json!({ "at": it.at.to_string(), "error": it.error }));
    json!({
        "id": line.id,
        "url": line.row.url,
        "title": line.row.title,
        "state": line.word(),
        "entries": line.row.entries,
        "last_poll": text(state.last_poll_at),
        "last_success": text(state.last_success_at),
        "next_poll": text(line.next_poll_at()),
        "reason": state.due_reason,
        "failures": state.failures,
        "error": state.last_error,
        "in_doubt": in_doubt,
        "refusals": state.refusals,
        "hints": hints::object(&state.hints),
        "moved": moved::object(state.moved.as_ref()),
        "guid_health": state.guids.health.name(),
        "identity": line.identity.name(),
        "defects": line.row.defects,
    })
}
