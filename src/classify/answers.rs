//! What the parts of a query come to of one entry: each a rule of its own, all evaluated at once.

use super::Classifier;
use super::evidence::Outcome;
use super::matcher::{Evaluation, RuleId, Trail};
use super::reading::{Hit, Reading};
use super::rules::{Alias, Rule, Standing};
use super::syntax::Reach;
use crate::model::Entry;
use std::collections::{BTreeMap, HashMap};

/// The answers to some queries.
pub(super) struct Answers<'a> {
    classifier: Classifier,
    reading: Reading<'a>,
    outcomes: BTreeMap<RuleId, Outcome>,
    /// The rules that stand for the queries.
    rules: HashMap<String, RuleId>,
}

impl<'a> Answers<'a> {
    /// Asks queries that are parts of a rule, beside the rules that this rests on. They hold whatever their score.
    /// `None` when they do not compile.
    pub(super) fn new(
        aliases: &[Alias],
        (rule, others): (&Rule, Vec<&Rule>),
        mut queries: Vec<String>,
        (entry, standing): (&'a Entry, &Standing<'_>),
    ) -> Option<Self> {
        queries.sort_unstable();
        queries.dedup();
        let asked = queries.iter().zip(0..).map(|(query, number)| Rule {
            min_score: f64::MIN,
            title_boost: rule.title_boost,
            lead_boost: rule.lead_boost,
            ..Rule::new(name(number), query)
        });
        let rules: Vec<Rule> = others.into_iter().cloned().chain(asked).collect();
        let classifier = Classifier::compile(aliases, &rules).ok()?;
        let reading = Reading::new(&classifier.lexicon, entry, standing);
        let candidates = classifier.index.candidates(&reading);
        let known = classifier.known(standing);
        let outcomes = classifier.outcomes((&reading, standing), candidates, &known);
        let rules = queries.into_iter().zip(0..).filter_map(|(query, number)| {
            let rule = classifier.by_name.get(&name(number))?;
            Some((query, *rule))
        });
        Some(Self {
            rules: rules.collect(),
            classifier,
            reading,
            outcomes,
        })
    }

    /// Returns what a query comes to, if it holds.
    pub(super) fn outcome(&self, query: &str) -> Option<&Outcome> {
        self.outcomes.get(self.rules.get(query)?)
    }

    /// Says how far apart two operands of NEAR are that occur; `None` where they are near enough.
    pub(super) fn apart(&self, (one, other): &(String, String), reach: Reach) -> Option<String> {
        let (one, other) = (self.places(one), self.places(other));
        match nearest(&one, &other, reach.ordered) {
            Some((words, ..)) if words <= reach.distance => None,
            Some((words, a, b)) => {
                let (a, b) = (self.reading.words(&a), self.reading.words(&b));
                Some(format!(
                    "the nearest are {words} words apart, `{a}` and `{b}`"
                ))
            }
            None if nearest(&one, &other, false).is_some() => {
                Some("they stand the other way round".to_owned())
            }
            None => Some("they stand in no one text together".to_owned()),
        }
    }

    /// Returns all places that make a query hold, in order of text and word.
    fn places(&self, query: &str) -> Vec<Hit> {
        let rule = self.rules.get(query);
        let Some(rule) = rule.and_then(|rule| self.classifier.rules.get(rule.0)) else {
            return Vec::new();
        };
        let on = Evaluation {
            reading: &self.reading,
            weights: rule.weights,
            outcomes: &self.outcomes,
        };
        let mut trail = Trail::default();
        rule.plan.strength(on, &mut trail);
        let mut places: Vec<Hit> = trail.hits.into_iter().map(|(hit, _)| hit).collect();
        places.sort_unstable_by_key(|hit| (hit.field, hit.first, hit.last));
        places
    }
}

/// The name of the rule for a query: no topic has a space in its name.
fn name(number: usize) -> String {
    format!("part {number}")
}

/// Returns the nearest two places in one text, one of each side and those of the first before those of the other where
/// the order counts, and how many words they are apart. Places that share a word are one mention.
fn nearest(one: &[Hit], other: &[Hit], ordered: bool) -> Option<(u32, Hit, Hit)> {
    let forward = one
        .iter()
        .filter_map(|a| after(a, other).map(|(apart, b)| (apart, *a, b)));
    let back = other.iter().filter(|_| !ordered);
    let back = back.filter_map(|b| after(b, one).map(|(apart, a)| (apart, a, *b)));
    forward
        .chain(back)
        .min_by_key(|(apart, a, b)| (*apart, a.field, a.first, b.first))
}

/// Returns the first of `places` that begins after a place in the same text, and how many words after.
fn after(place: &Hit, places: &[Hit]) -> Option<(u32, Hit)> {
    let next = places.partition_point(|it| (it.field, it.first) <= (place.field, place.last));
    let next = places.get(next).filter(|it| it.field == place.field)?;
    Some((next.first.saturating_sub(place.last), *next))
}
