//! Faults of text that is not TOML.

use super::problem::{Code, Fault};
use super::reading::Reading;
use std::ops::Range;
use toml::de::Error;

/// Tables of which there may be many, so that each has two brackets.
const LISTS: [&str; 3] = ["feed", "output", "topic"];

/// What the parser says of a key or a table that was there before.
const TWICE: &str = "duplicate key";

/// Reports what the TOML parser found wrong: what it says first of each line. What a value was meant to be is not
/// repeated: it may be a secret (S7).
pub(super) fn report(errors: &[Error], text: &str, reading: &mut Reading<'_>) {
    if let Some((span, fault)) = other_language(text) {
        reading.report(span, fault);
        return;
    }
    let mut errors: Vec<(Range<usize>, &Error)> = errors
        .iter()
        .map(|error| (error.span().unwrap_or_default(), error))
        .collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut told: Option<Range<usize>> = None;
    // Of a table that stands twice, the keys do too: the place up to which nothing but these came.
    let mut twin: Option<usize> = None;
    for (span, error) in errors {
        let is_same_line = told
            .as_ref()
            .is_some_and(|last| is_one_line(text, last, &span));
        let line = line(text, span.start);
        let is_header = line.trim_start().starts_with('[');
        let is_twice = error.message() == TWICE;
        twin = twin.filter(|from| !has_header(text, *from..span.start));
        if is_same_line || (is_twice && twin.is_some() && !is_header) {
            twin = twin.map(|_| span.start);
            continue;
        }
        twin = (is_header && is_twice).then_some(span.end);
        told = Some(span.clone());
        reading.report(span, fault(error, line, is_header));
    }
}

/// Tells whether a header of a table begins a line after the first of a part of the text.
fn has_header(text: &str, part: Range<usize>) -> bool {
    let mut lines = text.get(part).unwrap_or_default().split('\n').skip(1);
    lines.any(|line| line.trim_start().starts_with('['))
}

/// Tells whether nothing between two places ends a line.
fn is_one_line(text: &str, first: &Range<usize>, second: &Range<usize>) -> bool {
    let between = text.get(first.start.min(second.start)..second.start);
    between.is_some_and(|between| !between.contains('\n'))
}

fn fault(error: &Error, line: &str, is_header: bool) -> Fault {
    let message = error.message();
    // What the parser would take besides is of no use to people: they meant a text.
    let message = message
        .split(", expected literal string")
        .next()
        .unwrap_or(message);
    let (message, help) = match message {
        TWICE if is_header => ("this table stands twice", help(line, is_header)),
        TWICE => (
            "this key stands twice in its table",
            "remove one of the two; a new feed, topic or output begins with `[[..]]`".to_owned(),
        ),
        message => (message, help(line, is_header)),
    };
    Fault::new(Code::Syntax, message, help)
}

/// Finds out what a text is that was never meant to be TOML; its first line tells.
fn other_language(text: &str) -> Option<(Range<usize>, Fault)> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        start += line.len();
        (
            start - line.len(),
            line.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']),
        )
    });
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let (at, first) = lines.next()?;
    let (what, help) = if first.starts_with('{') {
        (
            "this is JSON",
            "write TOML: `[[feed]]`, and below it `id = \"..\"` and `url = \"..\"`",
        )
    } else if first.starts_with('<') {
        (
            "this is XML",
            "of an OPML file, `merganser import FILE` takes the feeds",
        )
    } else if first.starts_with("https://") || first.starts_with("http://") {
        (
            "this is a list of addresses",
            "add each with `merganser add ADDRESS`",
        )
    } else if is_yaml(first) && !lines.any(|(_, line)| line.contains('=')) {
        (
            "this is YAML",
            "write TOML: `[[feed]]`, and below it `id = \"..\"` and `url = \"..\"`",
        )
    } else {
        return None;
    };
    Some((at..at, Fault::new(Code::Syntax, what, help)))
}

/// Tells whether a line is a key of YAML: a name, and a colon at its end or before a blank.
fn is_yaml(line: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    line == "---"
        || line.split_once(':').is_some_and(|(key, value)| {
            !key.is_empty() && key.chars().all(name) && (value.is_empty() || value.starts_with(' '))
        })
}

/// Says what a line that is not TOML should have been.
fn help(line: &str, is_header: bool) -> String {
    let name = line.trim().strip_prefix('[').unwrap_or_default();
    let name = name.strip_suffix(']').unwrap_or_default().trim();
    if LISTS.contains(&name) {
        return format!("write `[[{name}]]`: there may be many");
    }
    if is_header && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !name.is_empty()
    {
        return format!("write these keys below the first `[{name}]`, and remove this line");
    }
    let (key, value) = line.split_once('=').unwrap_or((line, ""));
    let value = value.trim();
    let plain = |c: char| c.is_alphanumeric() || "-.:/*@ ".contains(c);
    let help = if value.contains(['“', '”', '„', '‘', '’']) {
        "these are typographic quotes, write `\"`"
    } else if key.contains('\u{feff}') {
        "a byte order mark stands here that no editor shows: delete the line and type it again"
    } else if line.contains(['\u{a0}', '\u{202f}', '\u{3000}']) {
        "a blank in this line is none of the space bar: delete it and type a space"
    } else if value.is_empty() && is_yaml(line.trim()) {
        "write `=` between a key and its value"
    } else if !value.is_empty() && value.chars().all(plain) {
        "put text in quotes: `key = \"text\"`"
    } else if value.starts_with(['"', '\'']) && !is_closed(value) {
        "close the quotes at the end of the text"
    } else {
        "the rest of the file is checked once all of it is TOML"
    };
    help.to_owned()
}

/// Tells whether a value that begins with a quote has the same one once more.
fn is_closed(value: &str) -> bool {
    let quote = value.chars().next().unwrap_or('"');
    value.matches(quote).count() >= 2
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
