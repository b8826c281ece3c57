//! `[[topic.example]]`: what a topic must hold of, and what not.
//!
//! A rule that breaks one of its own examples is as wrong as one that does not compile: the file is
//! refused. So a change of an alias is told of at once where it spoils a topic that nobody thought of.

use super::names::shown;
use super::problem::{Code, Fault};
use super::reading::{Reading, Text};
use super::table::Table;
use super::topics::Topics;
use super::values::language;
use crate::classify::{self, Alias, Classifier, Rule, Sample, Standing};
use crate::model::TopicMatch;
use crate::text::words;
use std::ops::Range;
use toml::Spanned;

/// Broken examples of which the reason is told: finding it takes a compilation for each part of the
/// query, and nobody mends more in one go.
const EXPLAINED: usize = 20;

/// Parts of a query, or matches, that a reason names; what is said of them together fits in a line.
const MAX_PARTS: usize = 4;

/// One example and where it stands.
pub(super) struct Example<'a> {
    title: Option<Text<'a>>,
    summary: Option<Text<'a>>,
    language: Option<String>,
    expect: bool,
}

impl Example<'_> {
    fn sample(&self) -> Sample {
        let value = |text: &Option<Text<'_>>| {
            let value = text.as_ref().map(|text| text.value.clone().into_owned());
            value.unwrap_or_default()
        };
        Sample {
            title: value(&self.title),
            summary: value(&self.summary),
            language: self.language.clone(),
        }
    }

    /// Returns what it is known by: its title, or else its summary, and where that stands.
    fn name(&self) -> (String, Range<usize>) {
        let texts = [&self.title, &self.summary].into_iter().flatten();
        let mut texts = texts.filter(|text| !text.value.trim().is_empty());
        texts.next().map_or_else(
            || (String::new(), 0..0),
            |text| (shown(&text.value), text.span.clone()),
        )
    }
}

/// Reads the examples of one topic; those that cannot be used are reported and left out.
pub(super) fn read<'a>(topic: &mut Table<'a>, reading: &mut Reading<'a>) -> Vec<Example<'a>> {
    let mut examples = Vec::new();
    let mut tables = topic.tables_of("example", "topic.example", reading);
    while let Some(mut table) = tables.next(reading) {
        examples.extend(example(&mut table, reading));
        table.finish(reading);
    }
    examples
}

fn example<'a>(table: &mut Table<'a>, reading: &mut Reading<'a>) -> Option<Example<'a>> {
    let help = "write `expect = true`, or `false` where the topic must leave it out";
    table.require("expect", help, reading);
    let texts_are_there = table.has("title") || table.has("summary");
    let title = table.string("title", "Envoys meet", reading);
    let summary = table.string("summary", "They spoke of the border.", reading);
    let language = table.parse("lang", "en", reading, language);
    let expect = table.boolean("expect", reading);

    let texts = [title.as_ref(), summary.as_ref()];
    let has_words = |text: &Text<'_>| words(&text.value).next().is_some();
    let has_words = texts.into_iter().flatten().any(has_words);
    // A text of the wrong type was reported.
    if !has_words && (texts.iter().any(Option::is_some) || !texts_are_there) {
        let help = "write `title = \"..\"`, `summary = \"..\"` or both";
        let fault = Fault::new(Code::MissingKey, "an example without a word of text", help);
        reading.report(table.span.clone(), fault);
    }
    Some(Example {
        title,
        summary,
        language: language.map(Spanned::into_inner),
        expect: expect.filter(|_| has_words)?,
    })
}

/// Reports each example that its topic does not do what it is to do with.
pub(super) fn check(
    topics: &Topics<'_>,
    classifier: &Classifier,
    aliases: &[Alias],
    rules: &[Rule],
    reading: &mut Reading<'_>,
) {
    let mut explained = 0;
    for topic in &topics.list {
        for example in &topic.examples {
            // Looking for what would not be listed is dear.
            if reading.is_full() {
                return;
            }
            let sample = example.sample();
            let found = classifier.try_rule(&topic.name, &sample);
            if found.is_some() == example.expect {
                continue;
            }
            explained += 1;
            let rule = rules.iter().find(|rule| rule.name == topic.name);
            let rule = rule.filter(|_| explained <= EXPLAINED);
            let why = rule.map(|rule| why(found.as_ref(), aliases, (rule, rules), &sample));
            report(&topic.name, example, &why.unwrap_or_default(), reading);
        }
    }
}

/// Says why a rule, one of all, holds of an example, or why not.
fn why(
    found: Option<&TopicMatch>,
    aliases: &[Alias],
    (rule, rules): (&Rule, &[Rule]),
    sample: &Sample,
) -> String {
    let Some(found) = found else {
        let nowhere = Standing::default();
        let verdict = classify::why_one(aliases, rules, rule, &sample.entry(), &nowhere);
        let missing: Vec<String> = verdict.missing.into_iter().take(MAX_PARTS).collect();
        return format!(": {}", missing.join("; "));
    };
    let pieces = found.evidence.iter().take(MAX_PARTS).map(|piece| {
        let alias = piece.alias.as_ref().map(|name| format!(" (@{name})"));
        let alias = alias.unwrap_or_default();
        format!("{}:\"{}\"{alias}", piece.field, piece.text)
    });
    let pieces: Vec<String> = pieces.collect();
    format!(": score {:.1} by {}", found.score, pieces.join(", "))
}

fn report(topic: &str, example: &Example<'_>, why: &str, reading: &mut Reading<'_>) {
    let (name, place) = example.name();
    let (says, mend) = if example.expect {
        ("leaves out", "widen")
    } else {
        ("takes in", "narrow")
    };
    let message = format!("the topic `{topic}` {says} its example \"{name}\"{why}");
    let expect = !example.expect;
    let help =
        format!("{mend} the query or its aliases, or write `expect = {expect}` if that is right");
    reading.report(place, Fault::new(Code::BrokenExample, message, help));
}
