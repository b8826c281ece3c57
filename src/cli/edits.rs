//! What is told of the edits of an entry.

use super::table::{count, instant};
use crate::model::{Edit, FormerVersion, LastEdit, Meaning, StoredEntry, Telling};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Tells what the entry said before it was edited, and what became of its last edit.
pub(super) fn print(
    out: &mut dyn Write,
    entry: &StoredEntry,
    history: &[FormerVersion],
) -> io::Result<()> {
    if !history.is_empty() {
        let times = count(entry.revisions, "time");
        let told = if entry.leads {
            "were"
        } else {
            "would have been"
        };
        writeln!(out, "edited {times} in a way that readers {told} told of")?;
    }
    for former in history {
        let (until, changed) = (instant(former.replaced_at), changed(former.edit));
        writeln!(out, "  until {until}: {}", former.title)?;
        writeln!(out, "    edit {} changed {changed}", former.number)?;
    }
    let Some(last) = &entry.last_edit else {
        return Ok(());
    };
    let (at, what) = (instant(last.at), last_changed(last));
    writeln!(out, "last edit at {at}: {what}")?;
    if entry.leads {
        writeln!(out, "  {}", telling(last.telling))
    } else {
        writeln!(
            out,
            "  readers were not told: another entry tells the article"
        )
    }
}

/// Says what an edit changed.
fn changed(edit: Edit) -> String {
    match edit {
        Edit {
            title: true,
            percent: 0,
        } => "the title".to_owned(),
        Edit {
            title: true,
            percent,
        } => format!("the title and {percent} % of the text"),
        Edit {
            title: false,
            percent: 0,
        } => "no word".to_owned(),
        Edit {
            title: false,
            percent,
        } => format!("{percent} % of the text"),
    }
}

/// Says what the last edit changed of what readers knew.
fn last_changed(last: &LastEdit) -> String {
    let changed = changed(last.edit);
    match last.meaning {
        None => format!("changed {changed} against what readers were told last"),
        Some(Meaning::Word) => format!("put another word into a sentence of the lead ({changed})"),
        Some(Meaning::Number) => {
            format!("put another number into a sentence of the lead ({changed})")
        }
        Some(Meaning::Sense) => {
            format!("put a name or a negation into a sentence of the lead ({changed})")
        }
    }
}

/// Says whether readers were told, and why not.
fn telling(telling: Telling) -> String {
    match telling {
        Telling::Told => "readers were told".to_owned(),
        Telling::Same => {
            "readers were not told: markup, dates and numbers that run by themselves are no news"
                .to_owned()
        }
        Telling::Small => {
            "readers were not told: so few words mean nothing else, or the publisher does not date them".to_owned()
        }
        Telling::Cut => {
            "readers were not told: it is the beginning of what they know, cut off".to_owned()
        }
        Telling::SaidBefore(None) => "readers were not told: it said so before".to_owned(),
        Telling::SaidBefore(Some(until)) => format!(
            "readers are told after {}, if it still says so: it said so before",
            instant(until)
        ),
        Telling::Runs => {
            "readers were not told: a number that is another again, and that the publisher does not date".to_owned()
        }
        Telling::Held(until) => format!(
            "readers are told after {}, if it still says so: they were told of this entry lately",
            instant(until)
        ),
    }
}

/// Returns a former version as `explain --format json` prints it.
pub(super) fn version(former: &FormerVersion) -> Value {
    json!({
        "number": former.number,
        "until": former.replaced_at.to_string(),
        "title": former.title,
        "text": former.text,
        "title_changed": former.edit.title,
        "text_changed_percent": former.edit.percent,
    })
}

/// Returns the last edit as `export` prints it.
pub(super) fn last(edit: &LastEdit) -> Value {
    json!({
        "at": edit.at.to_string(),
        "title_changed": edit.edit.title,
        "text_changed_percent": edit.edit.percent,
        "meaning": edit.meaning.map(Meaning::name),
        "told": edit.telling.name(),
        "until": edit.telling.until().map(|until| until.to_string()),
    })
}
