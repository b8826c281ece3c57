//! Compiles all queries, to report their faults where they stand in the file.

use super::alias::Alias;
use super::examples;
use super::problem::{Code, Fault};
use super::reading::{Reading, Text};
use super::topics::Topics;
use crate::classify::{self, Classifier, Lint, Place, Rule, RuleProblem};
use std::ops::Range;

/// The least score of what an output's own query selects: that it is true is enough.
const OUTPUT_MIN_SCORE: f64 = 0.0;

/// Makes rules of topics and outputs' queries, and reports all that is wrong with them or the aliases.
pub(super) fn compile(
    aliases: &[Alias<'_>],
    topics: &Topics<'_>,
    outputs: &[(String, Text<'_>)],
    reading: &mut Reading<'_>,
) -> (Vec<classify::Alias>, Vec<Rule>) {
    let named = topics.list.iter().filter_map(|topic| {
        let query = topic.query.as_ref()?;
        Some((&topic.name, query, topic.min_score))
    });
    let outputs = outputs
        .iter()
        .map(|(name, query)| (name, query, OUTPUT_MIN_SCORE));
    let (texts, rules): (Vec<&Text<'_>>, Vec<Rule>) = named
        .chain(outputs)
        .map(|(name, query, min_score)| (query, rule(name, query, min_score)))
        .unzip();
    let compiled: Vec<classify::Alias> = aliases.iter().map(Alias::compiled).collect();

    match Classifier::compile(&compiled, &rules) {
        Ok(classifier) => {
            examples::check(topics, &classifier, &compiled, &rules, reading);
            odd(aliases, &texts, &compiled, &rules, reading);
        }
        Err(problems) => {
            for problem in problems {
                let place = place(&problem, aliases, &texts);
                let fault = Fault::new(Code::BadQuery, problem.message, problem.help);
                reading.report(place, fault);
            }
        }
    }
    (compiled, rules)
}

/// Warns of what compiles and is hardly what was meant. Of a file with errors nothing is said: what it
/// leaves out may be what an alias is for.
fn odd(
    aliases: &[Alias<'_>],
    queries: &[&Text<'_>],
    compiled: &[classify::Alias],
    rules: &[Rule],
    reading: &mut Reading<'_>,
) {
    if reading.has_errors() {
        return;
    }
    for (lint, problem) in classify::lint(compiled, rules) {
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

fn code(lint: Lint) -> Code {
    match lint {
        Lint::UnusedAlias => Code::UnusedAlias,
        Lint::NeverMatches => Code::NeverMatches,
        Lint::StopWord => Code::StopWord,
        Lint::ShadowedTerm => Code::ShadowedTerm,
    }
}

fn rule(name: &str, query: &Text<'_>, min_score: f64) -> Rule {
    Rule {
        name: name.to_owned(),
        query: query.value.clone().into_owned(),
        min_score,
    }
}

/// Finds the text that the classifier speaks of in the file; the beginning of the file if it has none.
fn place(problem: &RuleProblem, aliases: &[Alias<'_>], queries: &[&Text<'_>]) -> Range<usize> {
    let text = match &problem.place {
        Place::Rule { rule } => queries.get(*rule).copied(),
        Place::Alias { name, term } => {
            let alias = aliases.iter().find(|alias| alias.name == *name);
            alias.and_then(|alias| alias.terms.get(*term))
        }
    };
    text.map_or(0..0, |text| text.part(&problem.span))
}
