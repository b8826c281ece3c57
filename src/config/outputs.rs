//! `[[output]]`: what is published, or else the merged feed and one feed per topic.

use super::hub::{self, Hub};
use super::names::{Taken, shown};
use super::problem::{Code, Fault};
use super::protect;
use super::reading::{Reading, Text};
use super::server::{Looks, Section};
use super::table::{Item, Table, strings};
use super::tombstones;
use super::topics::Topics;
use super::values::{duration, line, name, possible_name};
use crate::classify;
use crate::model::output_label;
use crate::publish::{Output, OutputFormat, Selection, Unit};
use crate::serve::Lock;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::time::Duration;
use toml::Spanned;
use url::Url;

/// Paths that the server answers itself, or will.
const RESERVED: [&str; 5] = ["healthz", "index", "metrics", "readyz", "status"];

/// The merged feed, when the file names no output.
const MERGED: &str = "all";

/// Entries of an output ([`Output::MOST`]).
const ITEMS: RangeInclusive<u64> = 1..=5000;

/// Characters of a description: it stands above the articles of a page, and on the index beside all others.
const DESCRIPTION_CHARS: usize = 500;

/// What helps where an output has no path.
const PATH_MISSING: &str = "write the name it is served under: `path = \"all\"`";

/// Independent outlets that carry what an output publishes, at least.
const SOURCES: RangeInclusive<u64> = 1..=Output::MOST_SOURCES;

/// Selects what has a topic, when nothing else stands in `select`.
const TOPIC: &str = "topic:";

/// What outputs there are, and the queries of those that have one of their own.
#[derive(Default)]
pub(super) struct Outputs<'a> {
    pub(super) list: Vec<Output>,
    /// Labels with the query that gives them.
    pub(super) queries: Vec<(String, Text<'a>)>,
    /// Locks by the paths of the outputs.
    pub(super) locks: BTreeMap<String, Lock>,
    /// Hubs that outputs name for themselves.
    pub(super) hubs: Vec<Hub>,
    /// Topics that outputs were warned of which may be meant to select them.
    pub(super) meant: BTreeSet<String>,
    paths: Taken,
}

/// Reads all outputs, in the order of the file. What holds everything has the title of `server`, and what names
/// no hub has its hub.
pub(super) fn read<'a>(
    root: &mut Table<'a>,
    server: &Section,
    topics: &Topics<'_>,
    reading: &mut Reading<'a>,
) -> Outputs<'a> {
    let mut outputs = Outputs::default();
    let mut tables = root.tables("output", reading);
    // Of a part of the file, the tables may stand in another.
    if tables.is_empty() && !reading.is_part {
        outputs.add_defaults(server, topics, reading);
    }
    while let Some(mut table) = tables.next(reading) {
        outputs.add(&mut table, server, topics, reading);
        table.finish(reading);
    }
    outputs
}

impl<'a> Outputs<'a> {
    /// Returns the title of an output that has none of its own, with its path where another output before it has that title:
    /// lists of outputs and feed readers tell them apart by their titles alone. The first keeps it, so that one more output
    /// gives no other a new title.
    fn told_apart(&self, title: String, path: &str) -> String {
        if self.list.iter().any(|output| output.title == title) {
            format!("{title}: {path}")
        } else {
            title
        }
    }

    /// Adds the merged feed and one feed per topic.
    fn add_defaults(&mut self, server: &Section, topics: &Topics<'_>, reading: &mut Reading<'_>) {
        let default_output = |path: &str, title: &str, selection| Output {
            hub: server.hub_url(),
            archive: server.archive,
            ..default_output(path, title, selection, &server.looks)
        };
        self.paths.take(MERGED, &(0..0));
        self.list
            .push(default_output(MERGED, &server.title, Selection::All));
        let mut seen = BTreeSet::new();
        for topic in &topics.list {
            // Two topics of one name are reported as such.
            if seen.insert(&topic.name) && self.is_free(&topic.name, &topic.span, reading) {
                let selection = Selection::Label(topic.name.clone());
                let output = default_output(&topic.name, &topic.title, selection);
                self.list.push(output);
            }
        }
    }

    fn add(
        &mut self,
        table: &mut Table<'a>,
        server: &Section,
        topics: &Topics<'_>,
        reading: &mut Reading<'a>,
    ) {
        table.require("path", PATH_MISSING, reading);
        let path = table.parse("path", "all", reading, path_name);
        let title = table.parse("title", "All stories", reading, line);
        let description = table.parse("description", "All that ..", reading, description);
        let select = table.string("select", "*", reading);
        let items = table.integer("items", ITEMS, reading);
        let unit = table.parse("unit", "story", reading, unit);
        let stay = table.parse("stay", "24h", reading, |text| {
            duration(text, Duration::ZERO)
        });
        let per_feed = table.integer("max-per-feed", ITEMS, reading);
        let min_sources = table.integer("min-sources", SOURCES, reading);
        let formats = table.take("formats");
        let formats = formats.and_then(|item| formats_of(item, reading));
        let looks = Looks::read(table, &server.looks, reading);
        let also_reported = table.boolean("also-reported", reading);
        let lock = protect::read(table, "protect", reading);
        let hub = hub::read(table, reading);
        let archive = table.boolean("archive", reading);
        let tombstones = tombstones::read(table, reading);

        let Some(path) = path else { return };
        let (span, path) = (path.span(), path.into_inner());
        if !self.is_free(&path, &span, reading) {
            return;
        }
        if select.is_none() && topics.get(&path).is_some() {
            self.warn_of_whole(&path, &span, reading);
        }
        let selection = self.selection(&path, select, topics, reading);
        let is_protected = lock.is_some();
        self.hubs.extend(hub.clone().filter(|_| !is_protected));
        let hub = hub_of(hub, is_protected, server, reading);
        self.locks.extend(lock.map(|lock| (path.clone(), lock)));
        let told_apart = || {
            let title = title_of(&selection, &path, &server.title, topics);
            self.told_apart(title, &path)
        };
        let title = title.map_or_else(told_apart, Spanned::into_inner);
        let formats = formats.unwrap_or(OutputFormat::ALL.to_vec());
        let unit = unit.map(Spanned::into_inner).unwrap_or_default();
        let tombstones = tombstones.is_some_and(|it| it.fit(&formats, unit, reading));
        self.list.push(Output {
            title,
            description: description.map(Spanned::into_inner),
            selection,
            path,
            items: items.map_or(Output::ITEMS, entries),
            formats,
            unit,
            stay: stay.map_or(Output::STAY, Spanned::into_inner),
            max_per_feed: per_feed.map(entries),
            min_sources: min_sources.unwrap_or(*SOURCES.start()),
            also_reported: also_reported.unwrap_or(true),
            language: looks.language,
            icon: looks.icon,
            logo: looks.logo,
            hub,
            archive: archive.unwrap_or(server.archive),
            tombstones,
            is_protected,
        });
    }

    /// Reads `select`: everything, a topic, or a query that then becomes a rule of its own.
    fn selection(
        &mut self,
        path: &str,
        select: Option<Text<'a>>,
        topics: &Topics<'_>,
        reading: &mut Reading<'_>,
    ) -> Selection {
        let Some(query) = select.filter(|query| query.value.trim() != "*") else {
            return Selection::All;
        };
        let topic = query.value.trim().strip_prefix(TOPIC);
        let Some(topic) = topic.filter(|topic| name(topic).is_ok()) else {
            let label = output_label(path);
            self.warn_of_words(&query, topics, reading);
            self.queries.push((label.clone(), query));
            return Selection::Label(label);
        };
        if topics.get(topic).is_none() {
            let start = query.value.find(TOPIC).unwrap_or_default() + TOPIC.len();
            let part = query.part(&(start..start + topic.len()));
            topics.report_unknown(topic, part, reading);
        }
        Selection::Label(topic.to_owned())
    }

    /// Warns of a query that has words alone, each the name of a topic.
    fn warn_of_words(&mut self, query: &Text<'_>, topics: &Topics<'_>, reading: &mut Reading<'_>) {
        let words = classify::bare_words(&query.value);
        if !words.iter().all(|(word, _)| topics.get(word).is_some()) {
            return;
        }
        let is_alone = words.len() == 1;
        for (word, span) in words {
            let message =
                format!("`{word}` is a word to look for here, and there is a topic of that name");
            // In quotes it is a word, and where it is all there is the text has others around it.
            let help = if is_alone {
                format!("write `topic:{word}`, or `'\"{word}\"'` for the word")
            } else {
                format!("write `topic:{word}`")
            };
            let fault = Fault::new(Code::TopicAsWord, message, help);
            reading.report(query.part(&span), fault);
            self.meant.insert(word);
        }
    }

    /// Warns of an output that is called as a topic and holds everything: who protects a topic hardly means to lock up all
    /// that there is.
    fn warn_of_whole(&mut self, path: &str, span: &Range<usize>, reading: &mut Reading<'_>) {
        let message =
            format!("the output `{path}` holds everything, and not only the topic of that name");
        let help = format!(
            "write `select = \"topic:{path}\"` beside it, or `select = \"*\"` if everything is meant"
        );
        let fault = Fault::new(Code::WholeOutput, message, help);
        reading.report(span.clone(), fault);
        self.meant.insert(path.to_owned());
    }

    /// Takes a path, and reports when it is the server's or another output's.
    fn is_free(&mut self, path: &str, span: &Range<usize>, reading: &mut Reading<'_>) -> bool {
        if RESERVED.contains(&path) {
            let message = format!("`{path}` is a page of the server");
            let fault = Fault::new(Code::ReservedPath, message, "choose another name");
            reading.report(span.clone(), fault);
            return false;
        }
        let Some(first) = self.paths.take(path, span) else {
            return true;
        };
        let message = format!("two outputs have the path `{path}`");
        let fault = Fault::new(
            Code::DuplicatePath,
            message,
            "give one of them another name",
        );
        if first.is_empty() {
            reading.report(span.clone(), fault);
        } else {
            reading.report_with(span.clone(), fault, first, "the first is here");
        }
        false
    }
}

fn default_output(path: &str, title: &str, selection: Selection, looks: &Looks) -> Output {
    let looks = looks.clone();
    Output {
        language: looks.language,
        icon: looks.icon,
        logo: looks.logo,
        ..Output::new(path, title, selection)
    }
}

/// Returns the hub of an output: its own, or else that of all. One that is not for everybody has none.
fn hub_of(
    own: Option<Hub>,
    is_protected: bool,
    server: &Section,
    reading: &mut Reading<'_>,
) -> Option<Url> {
    match own {
        Some(hub) if is_protected => {
            hub.warn("a hub cannot fetch what is protected", reading);
            None
        }
        Some(hub) => {
            hub.warn_if_idle(&server.public_url, reading);
            hub.url
        }
        None => server.hub_url().filter(|_| !is_protected),
    }
}

/// Reads the name that an output is served under. Where it is written as in the address of a document, the name in that is
/// meant, not one made of all of it.
fn path_name(text: &str) -> Result<String, Fault> {
    name(text).map_err(|fault| {
        let bare = text.trim_start_matches('/');
        let stem = match bare.rsplit_once('.') {
            Some((stem, ending)) if is_ending(ending) => stem,
            _ => bare,
        };
        match possible_name(stem) {
            meant if stem == text || meant.is_empty() => fault,
            meant => Fault {
                help: format!("write the name alone, to which `formats` gives endings: `{meant}`"),
                ..fault
            },
        }
    })
}

/// Tells whether documents end so, here or elsewhere.
fn is_ending(text: &str) -> bool {
    text == "xml" || OutputFormat::ALL.iter().any(|format| format.name() == text)
}

/// Reads what an entry stands for.
fn unit(text: &str) -> Result<Unit, Fault> {
    let found = Unit::ALL.into_iter().find(|unit| unit.name() == text);
    found.ok_or_else(|| {
        let message = format!("an entry is no `{}`", shown(text));
        Fault::new(Code::BadValue, message, "write `article` or `story`")
    })
}

/// Reads what an output is: a line that a page has room for.
fn description(text: &str) -> Result<String, Fault> {
    let text = line(text)?;
    let length = text.chars().count();
    if length <= DESCRIPTION_CHARS {
        return Ok(text);
    }
    let message = format!("this has {length} characters");
    let help = format!("write up to {DESCRIPTION_CHARS}");
    Err(Fault::new(Code::BadValue, message, help))
}

/// Returns a number of entries that was read within [`ITEMS`] as machines count, of which any counts so far.
fn entries(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns the title of an output that has none of its own, if no other has it before it: what it shows by that name elsewhere.
fn title_of(selection: &Selection, path: &str, merged: &str, topics: &Topics<'_>) -> String {
    match selection {
        Selection::All => merged.to_owned(),
        Selection::Label(label) => {
            let topic = topics.get(label);
            topic.map_or(path, |topic| &topic.title).to_owned()
        }
    }
}

/// Reads `formats`: at least one, each once, in the order of all pages.
fn formats_of<'a>(item: Item<'a>, reading: &mut Reading<'a>) -> Option<Vec<OutputFormat>> {
    let known = OutputFormat::ALL.map(OutputFormat::name);
    let span = item.span.clone();
    let names = strings(item, "atom", reading)?;
    if names.is_empty() {
        let message = "an output without a format is never seen";
        let help = "write `formats = [\"atom\"]`, or leave the key out";
        reading.report(span, Fault::new(Code::BadValue, message, help));
    }
    let mut formats = Vec::new();
    for text in &names {
        let format = OutputFormat::ALL
            .iter()
            .find(|format| format.name() == text.value);
        if format.is_none() {
            let message = format!("there is no format `{}`", shown(&text.value));
            let help = reading.suggestion(&text.value, known);
            let fault = Fault::new(Code::BadValue, message, help);
            reading.report(text.span.clone(), fault);
        }
        formats.extend(format);
    }
    formats.sort();
    formats.dedup();
    Some(formats)
}
