//! Faults of text that is not TOML.

use super::problem::{Code, Fault};
use super::reading::Reading;
use toml::de::Error;

/// Tables of which there may be many, so that each has two brackets.
const LISTS: [&str; 3] = ["feed", "output", "topic"];

/// Reports what the TOML parser found wrong. What a value was meant to be is not repeated: it may be a
/// secret (S7).
pub(super) fn report(errors: &[Error], text: &str, reading: &mut Reading<'_>) {
    for error in errors {
        let span = error.span().unwrap_or_default();
        let help = help(line(text, span.start));
        reading.report(span, Fault::new(Code::Syntax, error.message(), help));
    }
}

/// Says what a line that is not TOML should have been.
fn help(line: &str) -> String {
    let name = line.trim().strip_prefix('[').unwrap_or_default();
    let name = name.strip_suffix(']').unwrap_or_default().trim();
    if LISTS.contains(&name) {
        return format!("write `[[{name}]]`");
    }
    let value = line.split_once('=').map_or("", |(_, value)| value.trim());
    let plain = |c: char| c.is_alphanumeric() || "-.:/*@ ".contains(c);
    let help = if value.contains(['“', '”', '„', '‘', '’']) {
        "these are typographic quotes, write `\"`"
    } else if !value.is_empty() && value.chars().all(plain) {
        "put text in quotes: `key = \"text\"`"
    } else {
        "the rest of the file is checked once all of it is TOML"
    };
    help.to_owned()
}

/// Returns the line around `offset`, as far as it is near.
fn line(text: &str, offset: usize) -> &str {
    /// Lines longer than that are not looked at whole, so that many faults in one cost little.
    const WINDOW: usize = 200;
    let from = text.floor_char_boundary(offset.saturating_sub(WINDOW));
    let to = text.floor_char_boundary(offset.saturating_add(WINDOW));
    let before = text.get(from..offset).unwrap_or_default();
    let after = text.get(offset..to).unwrap_or_default();
    let start = before.rfind('\n').map_or(from, |end| from + end + 1);
    let end = after.find(['\r', '\n']).map_or(to, |end| offset + end);
    text.get(start..end).unwrap_or_default()
}
