//! Feeds put into the text of a `feeds.toml`, taken out, switched on and off; every other byte stays.
//!
//! As in `edit`, the spans say which bytes are meant. What comes out is read again and compared with what was
//! asked for, value by value: a file that is written in a way that was not thought of here (feeds in an
//! inline array, a feed's table after another one) is refused, not spoilt.

use super::edit::{each_feed, value};
use super::feeds::{alike, as_pasted};
use super::lines::Lines;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};
use url::Url;

/// A feed as it is written into the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewFeed {
    /// Its name.
    pub id: String,
    /// Its address.
    pub url: String,
    /// The group that it is in.
    pub group: Option<String>,
    /// The operator's title.
    pub title: Option<String>,
    /// Whether it is switched off.
    pub is_off: bool,
}

/// Why a text cannot be edited as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such feed.
    #[error("there is no such feed in it")]
    NoFeed,
    /// The place is written as few people write it.
    #[error(
        "it is written in a way that is not edited by program (each feed has to stand under `[[feed]]`): edit it yourself"
    )]
    Unusual,
}

/// Where a feed stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPlace {
    /// Its name.
    pub id: String,
    /// The line of its address, from 1.
    pub line: usize,
    /// Its address, as it is written there.
    pub url: Url,
}

/// Returns the feeds of a text by their addresses, as [`alike`] writes these; the first of two that have one.
pub fn feed_places(text: &str) -> BTreeMap<String, FeedPlace> {
    let (document, _) = DeTable::parse_recoverable(text);
    let lines = Lines::of(text);
    let mut places = BTreeMap::new();
    each_feed(document.get_ref(), |id, feed| {
        let Some(address) = feed.get("url") else {
            return;
        };
        let Some(url) = address
            .get_ref()
            .as_str()
            .and_then(|it| Url::parse(it).ok())
        else {
            return;
        };
        let line = lines.position(address.span().start).line;
        let id = id.to_owned();
        let place = places.entry(alike(&url));
        place.or_insert(FeedPlace { id, line, url });
    });
    places
}

/// Returns the feed of a text that an address is of, also where it was pasted with what links gather on their way.
pub fn feed_at(text: &str, url: &Url) -> Option<FeedPlace> {
    let mut places = feed_places(text);
    if let Some(place) = places.remove(&alike(url)) {
        return Some(place);
    }
    let pasted = as_pasted(url);
    let places = places.into_values();
    let same = places.filter(|place| as_pasted(&place.url) == pasted);
    same.min_by_key(|place| place.line)
}

/// Returns the line in which a feed begins, from 1.
pub fn feed_line(text: &str, id: &str) -> Option<usize> {
    let (document, _) = DeTable::parse_recoverable(text);
    let feed = feed_of(document.get_ref(), id)?;
    Some(Lines::of(text).position(feed.start).line)
}

/// Returns the lines in which all feeds begin, by their ids; of two feeds of one id the first. One look at the
/// text, where [`feed_line`] takes one for each feed.
pub fn feed_lines(text: &str) -> BTreeMap<String, usize> {
    let (document, _) = DeTable::parse_recoverable(text);
    let lines = Lines::of(text);
    let feeds = value(document.get_ref(), "feed").and_then(DeValue::as_array);
    let mut found = BTreeMap::new();
    for feed in feeds.into_iter().flatten() {
        let table = feed.get_ref().as_table();
        if let Some(id) = table.and_then(|table| value(table, "id")?.as_str()) {
            let line = lines.position(feed.span().start).line;
            found.entry(id.to_owned()).or_insert(line);
        }
    }
    found
}

/// Returns the names of the groups of a text.
pub fn group_names(text: &str) -> BTreeSet<String> {
    let (document, _) = DeTable::parse_recoverable(text);
    let groups = value(document.get_ref(), "group").and_then(DeValue::as_table);
    let names = groups.into_iter().flat_map(|groups| groups.keys());
    names.map(|name| name.get_ref().to_string()).collect()
}

/// Adds feeds after the last one, and the groups named, which have no keys, after the last of these.
///
/// # Errors
///
/// [`EditError::Unusual`]
pub fn with_feeds(text: &str, groups: &[String], feeds: &[NewFeed]) -> Result<String, EditError> {
    let mut wanted = table(text)?;
    let (document, _) = DeTable::parse_recoverable(text);
    let document = document.get_ref();
    let end = line_end(text);
    let last_group = last_group(document).map(|block| end_of_block(text, block));
    let last_feed = last_feed(document).map(|block| end_of_block(text, block));
    let at_end = text.len();
    let mut edited = text.to_owned();
    let of_groups = groups.iter().map(|name| format!("[group.{name}]{end}"));
    let of_groups: Vec<String> = of_groups.chain([String::new()]).collect();
    let of_groups = of_groups.join(end);
    let of_feeds: Vec<String> = feeds.iter().map(|feed| written(feed, end)).collect();
    let (at_group, at_feed) = (
        last_group.or(last_feed).unwrap_or(at_end),
        last_feed.unwrap_or(at_end),
    );
    let of_feeds = of_feeds.join(end);
    // The later place first, so that the other one stays where it is.
    let parts = match at_group.cmp(&at_feed) {
        Ordering::Less => vec![(at_feed, of_feeds), (at_group, of_groups)],
        Ordering::Equal => vec![(at_feed, format!("{of_groups}{of_feeds}"))],
        Ordering::Greater => vec![(at_group, of_groups), (at_feed, of_feeds)],
    };
    for (at, part) in parts {
        put(&mut edited, at, part.trim_end_matches(['\r', '\n']), end);
    }
    for name in groups {
        sub_table(&mut wanted, "group")?.insert(name.clone(), Value::Table(Table::new()));
    }
    let list = wanted.entry("feed").or_insert(Value::Array(Vec::new()));
    let list = list.as_array_mut().ok_or(EditError::Unusual)?;
    list.extend(feeds.iter().map(as_value));
    checked(edited, &wanted)
}

/// Takes a feed out: its table with all that stands in it. What stands above its header stays.
///
/// # Errors
///
/// See [`EditError`].
pub fn without_feed(text: &str, id: &str) -> Result<String, EditError> {
    let mut wanted = table(text)?;
    let list = wanted.get_mut("feed").and_then(Value::as_array_mut);
    let list = list.ok_or(EditError::NoFeed)?;
    list.remove(index_of(list, id)?);
    if list.is_empty() {
        wanted.remove("feed");
    }
    let (document, _) = DeTable::parse_recoverable(text);
    let block = feed_of(document.get_ref(), id).ok_or(EditError::NoFeed)?;
    let start = text
        .get(..block.start)
        .and_then(|before| before.rfind('\n'));
    let start = start.map_or_else(|| mark(text), |at| at + 1);
    let end = end_of_block(text, block);
    let (before, after) = (text.get(..start), text.get(end..));
    let (before, after) = (
        before.ok_or(EditError::Unusual)?,
        after.ok_or(EditError::Unusual)?,
    );
    checked(joined(before, after), &wanted)
}

/// Switches a feed on or off.
///
/// # Errors
///
/// See [`EditError`].
pub fn with_feed_enabled(text: &str, id: &str, enabled: bool) -> Result<String, EditError> {
    let mut wanted = table(text)?;
    let list = wanted.get_mut("feed").and_then(Value::as_array_mut);
    let list = list.ok_or(EditError::NoFeed)?;
    let at = index_of(list, id)?;
    let feed = list.get_mut(at).and_then(Value::as_table_mut);
    feed.ok_or(EditError::Unusual)?
        .insert("enabled".to_owned(), Value::Boolean(enabled));

    let mut place = None;
    let (document, _) = DeTable::parse_recoverable(text);
    each_feed(document.get_ref(), |it, feed| {
        if it == id {
            let span = |key| feed.get(key).map(Spanned::span);
            place = place
                .take()
                .or(Some((span("enabled"), span("url").or(span("id")))));
        }
    });
    let mut edited = text.to_owned();
    match place {
        Some((Some(span), _)) => edited.replace_range(span, &enabled.to_string()),
        Some((None, Some(after))) => {
            let block = feed_of(document.get_ref(), id).ok_or(EditError::NoFeed)?;
            let is_inline = text.get(block).is_some_and(|it| it.starts_with('{'));
            if is_inline {
                edited.insert_str(after.end, &format!(", enabled = {enabled}"));
            } else {
                let at = end_of_line(text, after.end);
                put_line(
                    &mut edited,
                    at,
                    &format!("enabled = {enabled}"),
                    line_end(text),
                );
            }
        }
        _ => return Err(EditError::NoFeed),
    }
    checked(edited, &wanted)
}

/// Writes a text as a TOML string on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => quoted.extend(["\\u", &format!("{:04X}", u32::from(c))]),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Writes a feed as a table, each line with its end.
fn written(feed: &NewFeed, end: &str) -> String {
    let group = feed.group.as_deref().map(|group| ("group", quoted(group)));
    let title = feed.title.as_deref().map(|title| ("title", quoted(title)));
    let off = feed.is_off.then(|| ("enabled", "false".to_owned()));
    let keys = [
        Some(("id", quoted(&feed.id))),
        Some(("url", quoted(&feed.url))),
        group,
        title,
        off,
    ];
    let keys = keys.into_iter().flatten();
    let mut table = format!("[[feed]]{end}");
    for (key, value) in keys {
        table.extend([key, " = ", &value, end]);
    }
    table
}

fn as_value(feed: &NewFeed) -> Value {
    let mut table = Table::new();
    let text = |text: &str| Value::String(text.to_owned());
    table.insert("id".to_owned(), text(&feed.id));
    table.insert("url".to_owned(), text(&feed.url));
    for (key, value) in [("group", &feed.group), ("title", &feed.title)] {
        if let Some(value) = value {
            table.insert(key.to_owned(), text(value));
        }
    }
    if feed.is_off {
        table.insert("enabled".to_owned(), Value::Boolean(false));
    }
    Value::Table(table)
}

fn table(text: &str) -> Result<Table, EditError> {
    text.parse().map_err(|_| EditError::Unusual)
}

fn sub_table<'t>(table: &'t mut Table, key: &str) -> Result<&'t mut Table, EditError> {
    let found = table.entry(key).or_insert(Value::Table(Table::new()));
    found.as_table_mut().ok_or(EditError::Unusual)
}

/// Returns the text if it says what is wanted.
fn checked(edited: String, wanted: &Table) -> Result<String, EditError> {
    if edited.parse::<Table>().as_ref() == Ok(wanted) {
        Ok(edited)
    } else {
        Err(EditError::Unusual)
    }
}

fn index_of(feeds: &[Value], id: &str) -> Result<usize, EditError> {
    let is_it = |feed: &Value| feed.get("id").and_then(Value::as_str) == Some(id);
    feeds.iter().position(is_it).ok_or(EditError::NoFeed)
}

/// Returns the bytes from a feed's header to the end of its last value.
fn feed_of(document: &DeTable<'_>, id: &str) -> Option<Range<usize>> {
    let feeds = value(document, "feed").and_then(DeValue::as_array)?;
    let has_id = |feed: &&Spanned<DeValue<'_>>| {
        let feed = feed.get_ref().as_table();
        feed.and_then(|feed| value(feed, "id")?.as_str()) == Some(id)
    };
    feeds.iter().find(has_id).map(reach)
}

fn last_feed(document: &DeTable<'_>) -> Option<Range<usize>> {
    let feeds = value(document, "feed").and_then(DeValue::as_array)?;
    feeds.iter().last().map(reach)
}

fn last_group(document: &DeTable<'_>) -> Option<Range<usize>> {
    let groups = value(document, "group").and_then(DeValue::as_table)?;
    groups.values().map(reach).max_by_key(|reach| reach.end)
}

/// Returns the bytes from where a value begins to where the last of what is in it ends.
fn reach(of: &Spanned<DeValue<'_>>) -> Range<usize> {
    let span = of.span();
    let end = match of.get_ref() {
        DeValue::Table(table) => table.values().map(|it| reach(it).end).max(),
        DeValue::Array(array) => array.iter().map(|it| reach(it).end).max(),
        _ => None,
    };
    span.start..span.end.max(end.unwrap_or_default())
}

/// Returns the place after a block: after its last line and the comments right below that, up to an empty
/// line or a heading. They are about what is above them: keys that are commented out, mostly.
fn end_of_block(text: &str, block: Range<usize>) -> usize {
    let mut end = end_of_line(text, block.end);
    while let Some(rest) = text.get(end..).filter(|rest| !rest.is_empty()) {
        let line = rest.split('\n').next().unwrap_or_default();
        let is_heading = line.contains("---") || line.contains("===");
        if !line.trim_start().starts_with('#') || is_heading {
            break;
        }
        end = end_of_line(text, end);
    }
    end
}

/// Returns the place after the line end that follows `at`.
fn end_of_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |line| at + line + 1)
}

/// Returns the length of the byte order mark, if there is one.
fn mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { 3 } else { 0 }
}

/// Returns how the lines of the text end.
fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// Puts lines at the begin of a line, with an empty line before and after unless there is one.
fn put(text: &mut String, at: usize, lines: &str, end: &str) {
    if lines.is_empty() {
        return;
    }
    let before = text.get(mark(text)..at).unwrap_or_default();
    let above = match before {
        "" => "",
        it if it.ends_with("\n\n") || it.ends_with("\n\r\n") => "",
        it if it.ends_with('\n') => end,
        _ => &format!("{end}{end}"),
    };
    let after = text.get(at..).unwrap_or_default();
    let below = if after.is_empty() || after.starts_with(['\r', '\n']) {
        ""
    } else {
        end
    };
    let part = format!("{above}{lines}{end}{below}");
    text.insert_str(at, &part);
}

/// Puts a line at the begin of a line.
fn put_line(text: &mut String, at: usize, line: &str, end: &str) {
    let is_ended = text.get(..at).is_some_and(|before| before.ends_with('\n'));
    let part = if is_ended {
        format!("{line}{end}")
    } else {
        format!("{end}{line}")
    };
    text.insert_str(at, &part);
}

/// Joins what stood before and after something that went. The empty line that kept it from what was before it
/// goes along, where there is another one, or nothing, after it.
fn joined(before: &str, after: &str) -> String {
    let is_apart = after.is_empty() || after.starts_with(['\r', '\n']);
    if before.len() == mark(before) && is_apart {
        return format!("{before}{}", without_line_end(after));
    }
    let is_open = before.ends_with("\n\n") || before.ends_with("\n\r\n");
    if is_open && is_apart {
        let before = before.strip_suffix('\n').unwrap_or(before);
        let before = before.strip_suffix('\r').unwrap_or(before);
        return format!("{before}{after}");
    }
    format!("{before}{after}")
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_prefix('\r').unwrap_or(text);
    text.strip_prefix('\n').unwrap_or(text)
}

#[cfg(test)]
mod tests;
