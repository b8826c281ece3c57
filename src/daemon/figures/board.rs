//! How the feeds fare, for an operator: a page, and the same for programs.

use super::row::Second;
use super::{Facts, Row, WORDS};
use crate::control::{InDoubt, Need};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Rows that the page shows. A browser takes seconds for more, and nobody reads them.
const SHOWN: usize = 1000;

/// Things that need somebody of which the page is still seen as a whole.
const FEW: usize = 3;

/// Returns the rows, those first that a person may have to look at, the longest failing before the others.
fn rows(facts: &Facts) -> Vec<&Row> {
    let place = |row: &Row| WORDS.iter().position(|word| *word == row.word());
    let mut rows: Vec<_> = facts.feeds.iter().collect();
    rows.sort_by_key(|row| (place(row), std::cmp::Reverse(row.failures), &row.id));
    rows
}

/// What somebody is needed for: by the daemon itself, then by feeds, and what can wait last.
struct Needs<'a> {
    ours: &'a [Need],
    rows: &'a [&'a Row],
    now: Timestamp,
}

impl Needs<'_> {
    /// Returns them, each made as it is asked for: all of 100,000 feeds may need somebody.
    fn iter(&self) -> impl Iterator<Item = Cow<'_, Need>> {
        let of_feeds = |waits: bool| {
            let needs = self
                .rows
                .iter()
                .filter_map(|row| row.standing().need(self.now));
            needs
                .filter(move |need| need.can_wait == waits)
                .map(Cow::Owned)
        };
        let ours = self.ours.iter().map(Cow::Borrowed);
        ours.chain(of_feeds(false)).chain(of_feeds(true))
    }
}

impl Serialize for Needs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

/// The states of feeds, in the order in which they are counted; see [`Row::state`].
const STATES: [&str; 5] = ["ok", "new", "failing", "gone", "disabled"];

/// How much there is of what, as far as that is known without a look into the database.
struct Header {
    /// How many feeds are in each of [`STATES`].
    states: [usize; STATES.len()],
    /// Articles and stories, once they were counted.
    held: Option<(u64, u64)>,
    /// Bytes of the database with its log, and of the log.
    sizes: (u64, u64),
}

impl Header {
    fn of(facts: &Facts) -> Self {
        let number = |state| {
            facts
                .feeds
                .iter()
                .filter(|row| row.state() == state)
                .count()
        };
        Self {
            states: STATES.map(number),
            held: facts.storage.held(),
            sizes: facts.storage.sizes(),
        }
    }

    /// Says it on a line of the page.
    fn line(&self) -> String {
        let all: usize = self.states.iter().sum();
        let some = self.states.iter().zip(STATES);
        let some = some.filter(|(number, _)| **number > 0);
        let some = some.map(|(number, state)| format!("{number} {state}"));
        let some: Vec<String> = some.collect();
        let held = self.held.map_or_else(String::new, |(articles, stories)| {
            let article = if articles == 1 { "article" } else { "articles" };
            let story = if stories == 1 { "story" } else { "stories" };
            format!("; {articles} {article}, {stories} {story} of several")
        });
        let (size, log) = self.sizes;
        let (size, log) = (mebibytes(size), mebibytes(log));
        format!(
            "feeds {all}: {}{held}; database {size}, {log} of it in its log",
            some.join(", ")
        )
    }
}

/// Returns an amount of bytes in MiB, to the tenth.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// What programs are told.
#[derive(Serialize)]
struct Told<'a> {
    version: &'a str,
    started_at: String,
    status: &'a str,
    needs_you: Needs<'a>,
    config_in_force_since: String,
    config_last_reload_successful: bool,
    feeds_by_state: BTreeMap<&'a str, usize>,
    articles: Option<u64>,
    stories: Option<u64>,
    bytes: u64,
    log_bytes: u64,
    feeds: Feeds<'a>,
}

/// The rows, each made as it is written: of 100,000 a tree would take 100 MB.
struct Feeds<'a> {
    rows: &'a [&'a Row],
    facts: &'a Facts,
}

/// What programs are told of a feed.
#[derive(Serialize)]
struct Feed<'a> {
    id: &'a str,
    state: &'a str,
    failures: u32,
    last_error: &'a str,
    last_success_at: Option<String>,
    next_poll_at: Option<String>,
    due_reason: Cow<'a, str>,
    newest_at: Option<String>,
    in_doubt: Option<Doubted<'a>>,
}

/// A poll that is not counted yet.
#[derive(Serialize)]
struct Doubted<'a> {
    at: &'a str,
    error: &'a str,
}

impl Serialize for Feeds<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.rows.iter().map(|row| {
            let in_doubt = self.facts.in_doubt.get(row.id.as_str());
            let (next_poll_at, due_reason) = self.facts.next_poll(row);
            let instant = |at: Second| at.instant().map(|at| at.to_string());
            Feed {
                id: row.id.as_str(),
                state: row.state(),
                failures: row.failures,
                last_error: &row.last_error,
                last_success_at: instant(row.last_success_at),
                next_poll_at: instant(next_poll_at),
                due_reason,
                newest_at: instant(row.newest_at),
                in_doubt: in_doubt.map(|InDoubt { at, error, .. }| Doubted { at, error }),
            }
        }))
    }
}

pub(super) fn json(facts: &Facts, now: Timestamp) -> String {
    let rows = rows(facts);
    let header = Header::of(facts);
    let told = Told {
        version: env!("CARGO_PKG_VERSION"),
        started_at: facts.started_at.to_string(),
        status: &facts.status,
        needs_you: Needs {
            ours: &facts.needs,
            rows: &rows,
            now,
        },
        config_in_force_since: facts.reloaded_at.to_string(),
        config_last_reload_successful: facts.is_last_good,
        feeds_by_state: STATES.into_iter().zip(header.states).collect(),
        articles: header.held.map(|(articles, _)| articles),
        stories: header.held.map(|(_, stories)| stories),
        bytes: header.sizes.0,
        log_bytes: header.sizes.1,
        feeds: Feeds { rows: &rows, facts },
    };
    let text = serde_json::to_string(&told).unwrap_or_default();
    format!("{text}\n")
}

pub(super) fn page(facts: &Facts, now: Timestamp) -> String {
    let all = rows(facts);
    let rows = all.iter().take(SHOWN).map(|row| line(row, facts, now));
    let rows: String = rows.collect();
    let rest = match all.len().saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!(
            "<p>{rest} more feeds are not shown; none of them needs more than these. \
             All are in <a href=\"status.json\">status.json</a>.</p>\n"
        ),
    };
    let (version, status) = (env!("CARGO_PKG_VERSION"), escaped(&facts.status));
    let started = minute(facts.started_at);
    let config = minute(facts.reloaded_at);
    let header = Header::of(facts).line();
    let needed = Needs {
        ours: &facts.needs,
        rows: &all,
        now,
    };
    let header = format!("<p>{header}</p>\n");
    // How many there are is not to be looked for beneath a list of screens.
    let (above, below) = if needed.iter().nth(FEW).is_some() {
        (header, String::new())
    } else {
        (String::new(), header)
    };
    let needs = needs(&needed);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Status of merganser</title>\n\
         <link rel=\"stylesheet\" href=\"style.css\">\n<link rel=\"icon\" href=\"favicon.ico\">\n\
         <link rel=\"alternate\" type=\"application/atom+xml\" title=\"What turned (Atom)\" href=\"status/health.atom\">\n</head>\n<body>\n<header>\n<h1>Status</h1>\n\
         {above}{needs}<p>{status}</p>\n<p>merganser {version}, up since {started}, configuration of {config}</p>\n\
         {below}<p>What turned, for feed readers: <a href=\"status/health.atom\">/status/health.atom</a></p>\n</header>\n<main>\n\
         <div class=\"wide\" role=\"region\" aria-label=\"Feeds\" tabindex=\"0\">\n<table>\n\
         <thead><tr><th scope=\"col\">feed</th><th scope=\"col\">state</th><th scope=\"col\">failures</th>\
         <th scope=\"col\">last success</th><th scope=\"col\">next poll</th><th scope=\"col\">why</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</div>\n{rest}</main>\n</body>\n</html>\n"
    )
}

/// Writes what somebody is needed for; nothing where nobody is.
fn needs(needs: &Needs<'_>) -> String {
    let items: String = needs.iter().take(SHOWN).map(|need| item(&need)).collect();
    if items.is_empty() {
        return items;
    }
    let rest = match needs.iter().skip(SHOWN).count() {
        0 => String::new(),
        rest => format!("<li>and {rest} more, which <code>merganser status</code> tells</li>\n"),
    };
    format!("<h2>Needs you</h2>\n<ul>\n{items}{rest}</ul>\n")
}

/// Writes one thing that somebody should do.
fn item(need: &Need) -> String {
    let (what, why) = (escaped(&need.what), coded(&need.why));
    let since = need.since.as_ref().map(|since| {
        let at: Option<Timestamp> = since.parse().ok();
        let told = at.map(minute);
        let (since, told) = (escaped(since), escaped(told.as_ref().unwrap_or(since)));
        format!(" (since <time datetime=\"{since}\">{told}</time>)")
    });
    let waits = if need.can_wait { " (can wait)" } else { "" };
    format!(
        "<li><strong>{what}</strong>{}{waits}: {why}</li>\n",
        since.unwrap_or_default()
    )
}

/// Writes a text whose commands stand between backticks; where these are no pairs, as it is.
fn coded(text: &str) -> String {
    let text = escaped(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text;
    }
    let code = |(at, part): (usize, &&str)| match at % 2 {
        0 => (*part).to_owned(),
        _ => format!("<code>{part}</code>"),
    };
    parts.iter().enumerate().map(code).collect()
}

/// Says when a feed is polled that is polled next `at` an instant.
fn next_poll(row: &Row, facts: &Facts, (at, now): (Option<Timestamp>, Timestamp)) -> String {
    let is_due = at.map_or(row.word() == "new", |at| at <= now);
    if facts.is_offline && is_due {
        return "put off until the network works".to_owned();
    }
    at.map_or_else(String::new, minute)
}

/// Returns an instant as people read it, to the minute.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Writes the line of a feed, with its poll in doubt.
fn line(row: &Row, facts: &Facts, now: Timestamp) -> String {
    let (at, due_reason) = facts.next_poll(row);
    let next_poll = next_poll(row, facts, (at.instant(), now));
    let doubt = facts.in_doubt.get(row.id.as_str());
    let last_success = row.last_success_at.instant();
    let why: Cow<'_, str> = match doubt {
        Some(InDoubt { error, .. }) => format!("{error}; not counted yet, {}", InDoubt::WHY).into(),
        None if row.last_error.is_empty() => due_reason,
        None => (&*row.last_error).into(),
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escaped(row.id.as_str()),
        row.state(),
        row.failures,
        last_success.map_or_else(String::new, minute),
        next_poll,
        escaped(&why),
    )
}

/// Escapes a text for HTML: a publisher's server may have had its words in an error.
pub(in crate::daemon) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_as_one() {
        for (held, expected) in [
            (
                None,
                "feeds 1: 1 ok; database 1.0 MiB, 0.0 MiB of it in its log",
            ),
            (
                Some((2, 1)),
                "feeds 1: 1 ok; 2 articles, 1 story of several; database 1.0 MiB, 0.0 MiB of it in its log",
            ),
            (
                Some((1, 0)),
                "feeds 1: 1 ok; 1 article, 0 stories of several; database 1.0 MiB, 0.0 MiB of it in its log",
            ),
        ] {
            let header = Header {
                states: [1, 0, 0, 0, 0],
                held,
                sizes: (1 << 20, 0),
            };
            assert_eq!(header.line(), expected);
        }
    }
}
