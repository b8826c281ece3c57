//! Compiles all queries, to report their faults where they stand in the file.

use super::alias::Alias;
use super::examples;
use super::lines::Lines;
use super::membership::Known;
use super::outputs::Outputs;
use super::problem::{Code, Fault, Problem};
use super::reading::{Reading, Text, one_line};
use super::scopes;
use super::settings::{Config, FeedSettings, standings};
use super::topics::Topics;
use crate::classify::{self, Classifier, Lint, Place, Rule, RuleProblem};
use crate::publish::Output;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Makes rules of topics and outputs' queries, and reports all that is wrong with them or the aliases.
pub(super) fn compile(
    aliases: &[Alias<'_>],
    topics: &Topics<'_>,
    outputs: &Outputs<'_>,
    (feeds, known): (&[FeedSettings], &Known),
    reading: &mut Reading<'_>,
) -> (Vec<classify::Alias>, Vec<Rule>) {
    let named = topics.list.iter().filter_map(|topic| {
        let query = topic.query.as_ref();
        if query.is_none() && !topic.only_inherits {
            return None;
        }
        let rule = Rule {
            min_score: topic.min_score,
            title_boost: topic.title_boost,
            lead_boost: topic.lead_boost,
            ..rule(&topic.name, query)
        };
        let words = Words {
            query,
            inherits: &topic.membership.inherits,
        };
        Some((words, topic.membership.add_to(rule, known, reading)))
    });
    let named: Vec<(Words<'_>, Rule)> = named.collect();
    // that the query of an output is true is enough
    let own = outputs.queries.iter().map(|(name, query)| {
        let (query, inherits) = (Some(query), [].as_slice());
        (Words { query, inherits }, rule(name, query))
    });
    let (texts, rules): (Vec<Words<'_>>, Vec<Rule>) = named.into_iter().chain(own).unzip();
    let compiled: Vec<classify::Alias> = aliases.iter().map(Alias::compiled).collect();

    match Classifier::compile(&compiled, &rules) {
        Ok(_) if reading.is_part => {}
        Ok(classifier) => {
            examples::check(topics, &classifier, &compiled, &rules, reading);
            if !reading.has_errors() {
                let found = classify::lint(&compiled, &rules, &standings(feeds));
                odd(aliases, &texts, found, reading);
                empty(topics, &rules, feeds, reading);
                unpublished(topics, &rules, outputs, reading);
            }
        }
        Err(problems) => {
            let is_part = reading.is_part;
            let is_told = |problem: &RuleProblem| !(is_part && problem.is_of_others);
            for problem in problems.into_iter().filter(is_told) {
                let place = place(&problem, aliases, &texts);
                let fault = Fault::new(Code::BadQuery, problem.message, problem.help);
                reading.report(place, fault);
            }
        }
    }
    (compiled, rules)
}

/// Returns what is wrong with a query that stands in no file, with its places in the query.
pub fn query_problems(query: &str, found: Vec<RuleProblem>) -> Vec<Problem> {
    let found = found.into_iter().map(|found| (Code::BadQuery, found));
    of_query(query, found)
}

/// Returns what is odd about a query that stands in no file and compiles, with its places in the query.
pub fn query_remarks(query: &str, config: &Config) -> Vec<Problem> {
    let rules = [Rule::new("", query)];
    let found = classify::lint(&config.aliases, &rules, &standings(&config.feeds));
    let found = found.into_iter().map(|(lint, found)| (code(lint), found));
    // The aliases are the file's, which `check` looks through.
    let own = found.filter(|(_, found)| matches!(found.place, Place::Rule { .. }));
    of_query(query, own)
}

fn of_query(query: &str, found: impl Iterator<Item = (Code, RuleProblem)>) -> Vec<Problem> {
    let lines = Lines::of(query);
    let problem = |(code, found): (Code, RuleProblem)| Problem {
        code,
        severity: code.severity(),
        start: lines.position(found.span.start),
        end: lines.position(found.span.end),
        span: found.span,
        message: one_line(found.message),
        help: one_line(found.help),
        related: None,
    };
    found.map(problem).collect()
}

/// Warns of what compiles and is hardly what was meant. Of a file with errors nothing is said: what it
/// leaves out may be what an alias is for.
fn odd(
    aliases: &[Alias<'_>],
    queries: &[Words<'_>],
    found: Vec<(Lint, RuleProblem)>,
    reading: &mut Reading<'_>,
) {
    for (lint, problem) in found {
        let alias = match (&problem.place, lint) {
            (Place::Alias { name, .. }, Lint::UnusedAlias) => {
                aliases.iter().find(|alias| alias.name == *name)
            }
            _ => None,
        };
        let place = alias.map_or_else(
            || place(&problem, aliases, queries),
            |alias| alias.span.clone(),
        );
        let fault = Fault::new(code(lint), problem.message, problem.help);
        reading.report(place, fault);
    }
}

/// Warns of topics that can hold nothing.
fn empty(topics: &Topics<'_>, rules: &[Rule], feeds: &[FeedSettings], reading: &mut Reading<'_>) {
    let rules: BTreeMap<&str, &Rule> = rules.iter().map(|it| (it.name.as_str(), it)).collect();
    for topic in &topics.list {
        if let Some(rule) = rules.get(topic.name.as_str()) {
            scopes::warn(&topic.membership, &rule.scope, feeds, reading);
        }
    }
}

/// Warns of topics that no output selects and no query names: who writes the first `[[output]]` loses the one that each
/// topic had without.
fn unpublished(
    topics: &Topics<'_>,
    rules: &[Rule],
    outputs: &Outputs<'_>,
    reading: &mut Reading<'_>,
) {
    let selected = outputs.list.iter().filter_map(Output::label);
    let named = rules
        .iter()
        .flat_map(|rule| classify::topics_of(rule).into_keys());
    let used: BTreeSet<String> = selected.map(str::to_owned).chain(named).collect();
    for topic in &topics.list {
        let name = &topic.name;
        // Of one that an output may have been meant to select, that is said.
        if !used.contains(name) && !outputs.meant.contains(name) {
            let message = format!(
                "no output selects the topic `{name}`: readers see it as a category at most"
            );
            let help = format!(
                "write `select = \"topic:{name}\"` in an `[[output]]` of its own, if it is to have one"
            );
            let fault = Fault::new(Code::UnpublishedTopic, message, help);
            reading.report(topic.span.clone(), fault);
        }
    }
}

fn code(lint: Lint) -> Code {
    match lint {
        Lint::UnusedAlias => Code::UnusedAlias,
        Lint::NeverMatches => Code::NeverMatches,
        Lint::MisspeltOperator => Code::MisspeltOperator,
        Lint::StopWord => Code::StopWord,
        Lint::ShadowedTerm => Code::ShadowedTerm,
    }
}

fn rule(name: &str, query: Option<&Text<'_>>) -> Rule {
    Rule::new(name, query.map_or("", |query| &query.value))
}

/// What a rule is written as.
#[derive(Clone, Copy)]
struct Words<'w> {
    query: Option<&'w Text<'w>>,
    inherits: &'w [Text<'w>],
}

/// Finds the text that the classifier speaks of in the file; the beginning of the file if it has none.
fn place(problem: &RuleProblem, aliases: &[Alias<'_>], queries: &[Words<'_>]) -> Range<usize> {
    let text = match &problem.place {
        Place::Rule { rule } => queries.get(*rule).and_then(|words| words.query),
        Place::Inherited { rule, which } => queries
            .get(*rule)
            .and_then(|words| words.inherits.get(*which)),
        Place::Alias { name, term } => {
            let alias = aliases.iter().find(|alias| alias.name == *name);
            alias.and_then(|alias| alias.terms.get(*term))
        }
    };
    text.map_or(0..0, |text| text.part(&problem.span))
}
