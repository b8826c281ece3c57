//! How `merganser status` goes on after what needs somebody: the daemon, and how much there is of what.

use super::Line;
use crate::cli::places::Known;
use crate::cli::table::{Table, bytes, instant, long_span, reading_width};
use crate::cli::topics::a_day_before;
use crate::control::{Queue, Running};
use crate::model::Totals;
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The states of feeds, in the order in which they are told; see [`Line::word`].
const STATES: [&str; 5] = ["ok", "new", "failing", "gone", "disabled"];

/// How many topics people are told of: `merganser topics` tells of all.
const TOPICS: usize = 6;

/// The daemon, and how much there is.
pub(super) struct Header {
    /// The process that holds the state, if one does.
    holder: Option<u32>,
    /// What the daemon says of itself, where it may be asked.
    running: Option<Running>,
    /// How many feeds are in each of [`STATES`].
    states: [usize; STATES.len()],
    totals: Totals,
    /// Articles that came in the last day.
    lately: u64,
    /// The topics in the order of the file, each with how many articles it holds.
    topics: Vec<(String, u64)>,
    /// How many outputs there are, and how many of them are for who has a key; none of a file with mistakes, since nobody
    /// knows then what is served.
    outputs: Option<(usize, usize)>,
}

impl Header {
    /// Reads what the store knows; `lines` are all feeds.
    pub(super) fn read(
        (known, store): (&Known, &Store),
        lines: &[Line<'_>],
        (holder, running): (Option<u32>, Option<Running>),
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let config = &known.config;
        let is_whole = known.mistakes.is_none();
        let names = config.site.topics.iter().map(|(name, _)| name);
        let labels: Vec<&str> = names.clone().map(String::as_str).collect();
        let (holdings, lately) = store.holdings(&labels, a_day_before(now))?;
        let topics = names.cloned().zip(holdings.iter().map(|it| it.articles));
        let number = |state: &str| lines.iter().filter(|line| line.word() == state).count();
        Ok(Self {
            holder,
            running,
            states: STATES.map(number),
            totals: store.totals()?,
            lately,
            topics: topics.collect(),
            outputs: is_whole.then_some((config.outputs.len(), config.locks.len())),
        })
    }

    pub(super) fn print(&self, out: &mut dyn Write, now: Timestamp) -> io::Result<()> {
        writeln!(
            out,
            "merganser {}: {}",
            env!("CARGO_PKG_VERSION"),
            self.daemon(now)
        )?;
        let totals = &self.totals;
        let mut table = Table::default();
        table.row(&["feeds", &self.feeds()]);
        if let Some(queue) = self.queue() {
            let Queue { under_way, due } = queue;
            table.row(&["queue", &format!("{under_way} under way, {due} more due")]);
        }
        table.row(&["articles", &self.articles()]);
        if !self.topics.is_empty() {
            table.row(&["topics", &self.largest_topics()]);
        }
        if let Some(outputs) = self.outputs() {
            table.row(&["outputs", &outputs]);
        }
        let (size, log) = (bytes(totals.bytes), bytes(totals.log_bytes));
        table.row(&["database", &format!("{size}, {log} of it in its log")]);
        table.print_within(reading_width(), out)?;
        writeln!(out)
    }

    fn daemon(&self, now: Timestamp) -> String {
        let Some(running) = &self.running else {
            return match self.holder {
                Some(pid) => format!("daemon runs with pid {pid}"),
                None => "no daemon runs".to_owned(),
            };
        };
        let version = match running.version.as_str() {
            env!("CARGO_PKG_VERSION") => String::new(),
            other => format!(", of version {other}"),
        };
        let up = running.up_since.parse::<Timestamp>();
        let up = up.map(|since| format!(", up {}", long_span(now.duration_since(since))));
        let config = running.config_since.parse::<Timestamp>();
        let config = config.map(|since| format!(", configuration of {}", instant(since)));
        format!(
            "daemon runs with pid {}{version}{}{}",
            running.pid,
            up.unwrap_or_default(),
            config.unwrap_or_default()
        )
    }

    fn feeds(&self) -> String {
        let all: usize = self.states.iter().sum();
        let some = self.states.iter().zip(STATES);
        let some = some.filter(|(number, _)| **number > 0);
        let some: Vec<String> = some
            .map(|(number, state)| format!("{number} {state}"))
            .collect();
        match some.join(", ") {
            none if none.is_empty() => all.to_string(),
            some => format!("{all}: {some}"),
        }
    }

    fn articles(&self) -> String {
        let Totals {
            entries,
            articles,
            stories,
            tombstones,
            ..
        } = self.totals;
        let lately = self.lately;
        let of = match entries {
            1 => "1 entry".to_owned(),
            entries => format!("{entries} entries"),
        };
        let stories = match stories {
            1 => "1 story".to_owned(),
            stories => format!("{stories} stories"),
        };
        let remembered = match tombstones {
            0 => String::new(),
            // What left, and what was never taken in, as the older entries of a first poll.
            some => format!("; of {some} more the keys alone"),
        };
        format!("{articles}, {lately} of the last day; {of}, {stories}{remembered}")
    }

    /// Returns what the daemon that runs has to do.
    fn queue(&self) -> Option<Queue> {
        self.running.as_ref()?.queue
    }

    fn outputs(&self) -> Option<String> {
        Some(match self.outputs? {
            (all, 0) => all.to_string(),
            (all, locked) => format!("{all}, {locked} of them with a key"),
        })
    }

    /// Names the topics that hold most.
    fn largest_topics(&self) -> String {
        let mut topics: Vec<&(String, u64)> = self.topics.iter().collect();
        topics.sort_by_key(|(_, number)| Reverse(*number));
        let named = topics.iter().take(TOPICS);
        let named = named.map(|(name, number)| format!("{name} {number}"));
        let mut named: Vec<String> = named.collect();
        if let Some(more) = topics.len().checked_sub(TOPICS).filter(|more| *more > 0) {
            named.push(format!("and {more} more: `merganser topics`"));
        }
        named.join(", ")
    }

    /// Adds all of it to what programs are told.
    pub(super) fn tell(&self, members: &mut Map<String, Value>) {
        let running = self.running.as_ref();
        let totals = &self.totals;
        let states = STATES.iter().zip(self.states);
        let states: BTreeMap<&str, usize> =
            states.map(|(state, number)| (*state, number)).collect();
        let topics = self.topics.iter();
        let topics = topics.map(|(name, number)| json!({ "topic": name, "articles": number }));
        let told = [
            ("version", json!(env!("CARGO_PKG_VERSION"))),
            ("pid", json!(running.map(|it| it.pid).or(self.holder))),
            ("daemon_version", json!(running.map(|it| &it.version))),
            ("up_since", json!(running.map(|it| &it.up_since))),
            ("config_since", json!(running.map(|it| &it.config_since))),
            ("feeds_by_state", json!(states)),
            ("queue", json!(self.queue())),
            ("outputs", json!(self.outputs.map(|(all, _)| all))),
            ("entries", json!(totals.entries)),
            ("articles", json!(totals.articles)),
            ("articles_last_day", json!(self.lately)),
            ("stories", json!(totals.stories)),
            ("tombstones", json!(totals.tombstones)),
            ("topics", json!(topics.collect::<Vec<_>>())),
            ("bytes", json!(totals.bytes)),
            ("log_bytes", json!(totals.log_bytes)),
        ];
        members.extend(told.map(|(name, value)| (name.to_owned(), value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also on the first day, when nothing has left yet.
    #[test]
    fn what_is_remembered_by_its_keys_is_not_said_to_have_left() {
        let header = |tombstones| Header {
            holder: None,
            running: None,
            states: [0; STATES.len()],
            totals: Totals {
                entries: 2,
                articles: 1,
                stories: 1,
                tombstones,
                ..Totals::default()
            },
            lately: 1,
            topics: Vec::new(),
            outputs: None,
        };
        let stored = "1, 1 of the last day; 2 entries, 1 story";
        assert_eq!(header(0).articles(), stored);
        let told = format!("{stored}; of 31 more the keys alone");
        assert_eq!(header(31).articles(), told);
    }
}
