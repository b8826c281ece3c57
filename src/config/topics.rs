//! `[[topic]]`: named queries.

use super::examples::{self, Example};
use super::membership::{self, Membership};
use super::names::shown;
use super::problem::{Code, Fault};
use super::reading::{Reading, Text};
use super::table::Table;
use super::values::{line, name};
use crate::classify::Rule;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// A topic and where its query stands.
pub(super) struct Topic<'a> {
    pub(super) name: String,
    /// Where the name stands.
    pub(super) span: Range<usize>,
    pub(super) title: String,
    /// `None` when it could not be read, which was reported, or when the topic only inherits.
    pub(super) query: Option<Text<'a>>,
    /// Whether it has no query, and needs none.
    pub(super) only_inherits: bool,
    pub(super) min_score: f64,
    pub(super) title_boost: f64,
    pub(super) lead_boost: f64,
    /// What it takes and leaves out beside its query.
    pub(super) membership: Membership<'a>,
    /// What it must hold of, and what not.
    pub(super) examples: Vec<Example<'a>>,
}

/// All topics in the order of the file.
#[derive(Default)]
pub(super) struct Topics<'a> {
    pub(super) list: Vec<Topic<'a>>,
    /// Names with their places in the list; of two with one name, the first.
    index: BTreeMap<String, usize>,
}

impl<'a> Topics<'a> {
    /// Returns the topic of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Topic<'a>> {
        self.list.get(*self.index.get(name)?)
    }

    /// Reports that a topic is named at `span` that is not there.
    pub(super) fn report_unknown(&self, name: &str, span: Range<usize>, reading: &mut Reading<'_>) {
        let names = self.list.iter().map(|topic| topic.name.as_str());
        let help = match reading.suggestion(name, names) {
            none if none.is_empty() => "write a `[[topic]]` of that name".to_owned(),
            help => help,
        };
        let message = format!("there is no topic `{}`", shown(name));
        reading.report(span, Fault::new(Code::UnknownTopic, message, help));
    }

    fn add(&mut self, topic: Topic<'a>, reading: &mut Reading<'_>) {
        if let Some(first) = self.get(&topic.name) {
            let message = format!("two topics have the name `{}`", topic.name);
            let fault = Fault::new(Code::DuplicateId, message, "give one of them another name");
            let first = first.span.clone();
            reading.report_with(topic.span.clone(), fault, first, "the first is here");
        } else {
            self.index.insert(topic.name.clone(), self.list.len());
        }
        self.list.push(topic);
    }
}

/// Reads all topics. Those without a name are left out.
pub(super) fn read<'a>(root: &mut Table<'a>, reading: &mut Reading<'a>) -> Topics<'a> {
    let mut topics = Topics::default();
    let mut tables = root.tables("topic", reading);
    while let Some(mut table) = tables.next(reading) {
        if let Some(topic) = topic(&mut table, reading) {
            topics.add(topic, reading);
        }
        table.finish(reading);
    }
    topics
}

fn topic<'a>(table: &mut Table<'a>, reading: &mut Reading<'a>) -> Option<Topic<'a>> {
    table.mend("name", reading);
    table.require("name", "write a short name: `name = \"politics\"`", reading);
    let name = table.parse("name", "politics", reading, name);
    let title = table.parse("title", "Politics", reading, line);
    let membership = membership::read(table, reading);
    let only_inherits = !membership.inherits.is_empty() && !table.has("query");
    if !only_inherits {
        let help = "write what to look for: `query = 'summit'`";
        table.require("query", help, reading);
    }
    let query = table.string("query", "summit", reading);
    let min_score = table.number("min-score", f64::MAX, reading);
    let title_boost = table.number("title-boost", Rule::MAX_BOOST, reading);
    let lead_boost = table.number("lead-boost", Rule::MAX_BOOST, reading);
    let examples = examples::read(table, reading);

    let name = name?;
    let (span, name) = (name.span(), name.into_inner());
    Some(Topic {
        title: title.map_or_else(|| name.clone(), Spanned::into_inner),
        name,
        span,
        query,
        min_score: min_score.unwrap_or_default(),
        title_boost: title_boost.unwrap_or(Rule::TITLE_BOOST),
        lead_boost: lead_boost.unwrap_or(Rule::LEAD_BOOST),
        only_inherits,
        membership,
        examples,
    })
}
