//! What is left of an entry that retention took or its publisher, or that was never shown.

use super::coverage::Names;
use super::table::{Table, instant};
use crate::model::{FeedId, Tombstone, publishers_id};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Tells what is left of an entry, and for how long.
pub(super) fn print(out: &mut dyn Write, left: &Tombstone, names: &Names<'_>) -> io::Result<()> {
    writeln!(out, "{}", left.title)?;
    let mut facts = Table::default();
    facts.row(&["  feed", &names.of(&left.feed)]);
    let id = publishers_id(&left.entry_id);
    facts.row(&["  id", &id.escape_debug().to_string()]);
    facts.row(&["  published", &instant(left.published_at)]);
    facts.print(out)?;
    let seen = instant(left.first_seen_at);
    match left.purged_at {
        Some(left_at) => {
            let why = match left.withdrawn_at {
                Some(_) => "withdrawn by its publisher (RFC 6721)",
                None => "purged by retention (`retention` or `max-entries`)",
            };
            writeln!(out, "was here from {seen} to {}; {why}", instant(left_at))?;
        }
        None => match &left.left {
            Some(feed) => writeln!(
                out,
                "never shown: seen first on {seen}, when it had left the feed {feed}"
            )?,
            None => writeln!(
                out,
                "seen first on {seen}; never shown (beyond `first-poll-entries`), or left before the update that notes when"
            )?,
        },
    }
    if left.withdrawn_at.is_some() {
        writeln!(
            out,
            "it is back when the feed lists it with a later date of change"
        )?;
    }
    match left.kept_until {
        Some(until) => writeln!(
            out,
            "its keys are kept until {}, so that it does not come back as news\n",
            instant(until)
        ),
        None => writeln!(
            out,
            "its keys are kept while the feed lists it, and 400 days after, so that it does not come back as news\n"
        ),
    }
}

/// Returns what `explain` tells programs of an entry that left.
pub(super) fn object(left: &Tombstone) -> Value {
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "feed": left.feed.as_str(),
        "entry_id": left.entry_id,
        "title": left.title,
        "published": left.published_at.to_string(),
        "first_seen": left.first_seen_at.to_string(),
        "purged": text(left.purged_at),
        "withdrawn": text(left.withdrawn_at),
        "left": left.left.as_ref().map(FeedId::as_str),
        "kept_until": text(left.kept_until),
    })
}
