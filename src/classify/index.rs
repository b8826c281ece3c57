//! Which rules may hold of an entry, so that only these are evaluated.
//!
//! A query that holds shows certain things: of an AND every leg, of an OR some branch. So each rule is
//! filed under things of which it needs at least one, and where none of them is in an entry the rule
//! cannot hold. There are usually several such choices; the one that is expected to be met least often is
//! taken. How often that is, is guessed from the words, as no counts are at hand when rules are compiled;
//! a wrong guess costs time and changes no verdict.

use super::facts::FactId;
use super::lexicon::{Lexicon, SetId};
use super::matcher::{Operand, Plan, RuleId};
use super::reading::Reading;
use super::syntax::Part;
use crate::text::{Languages, is_stop_word, words};
use std::collections::BTreeMap;

/// Something of which the presence lets a rule hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trigger {
    /// A term of the set stands in the part.
    Set(SetId, Option<Part>),
    /// The fact holds.
    Fact(FactId),
    /// The other rule holds.
    Topic(RuleId),
}

/// What a rule needs at least one of.
#[derive(Debug, Default)]
struct Need {
    triggers: Vec<Trigger>,
    /// How often one of them is expected, as a share of all entries; above 1 where several often are.
    cost: f64,
}

impl Need {
    fn of(trigger: Trigger, cost: f64) -> Self {
        Self {
            triggers: vec![trigger],
            cost,
        }
    }

    fn any(needs: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::default();
        for need in needs {
            any.triggers.extend(need.triggers);
            any.cost += need.cost;
        }
        any
    }
}

/// How often a fact holds: a language or a group is that of many entries.
const FACT_COST: f64 = 0.2;

/// How often a topic holds.
const TOPIC_COST: f64 = 0.1;

/// How much rarer a word is in titles, which are short.
const TITLE_SHARE: f64 = 0.2;

/// How often a word of grammar is in a text.
const STOP_WORD_COST: f64 = 1.0;

/// How many words of a text begin like one, for each of these.
const PREFIX_WORDS: f64 = 4.0;

/// Expects needs of plans.
struct Expectation {
    /// How often each set is met.
    sets: Vec<f64>,
}

impl Expectation {
    fn new(lexicon: &Lexicon) -> Self {
        let mut sets = vec![0.0; lexicon.sets()];
        for pattern in lexicon.patterns() {
            let cost = pattern_cost(&pattern.written);
            let sums = pattern.sets.iter().map(|set| set.0);
            sums.for_each(|set| sets.get_mut(set).into_iter().for_each(|sum| *sum += cost));
        }
        Self { sets }
    }

    fn set(&self, set: SetId, part: Option<Part>) -> Need {
        let share = if part == Some(Part::Title) {
            TITLE_SHARE
        } else {
            1.0
        };
        let cost = self.sets.get(set.0).map_or(1.0, |cost| cost * share);
        Need::of(Trigger::Set(set, part), cost)
    }

    /// Returns what a plan needs. Its depth is bounded by that of queries.
    fn need(&self, plan: &Plan) -> Need {
        match plan {
            Plan::Leaf(leaf) => self.set(leaf.set, leaf.part),
            Plan::Fact(fact) => Need::of(Trigger::Fact(*fact), FACT_COST),
            Plan::Topic(rule) => Need::of(Trigger::Topic(*rule), TOPIC_COST),
            Plan::And { legs, .. } => cheapest(legs.iter().map(|leg| self.need(leg))),
            Plan::AtLeast(count, plans) => {
                // where so many hold, at most that many less one are not among any of the others
                let mut needs: Vec<Need> = plans.iter().map(|plan| self.need(plan)).collect();
                needs.sort_by(|a, b| a.cost.total_cmp(&b.cost));
                needs.truncate((plans.len() + 1).saturating_sub(*count));
                Need::any(needs)
            }
            Plan::Near(operands) => cheapest(operands.iter().map(|it| self.operand(it))),
            Plan::Boost(plan, _) => self.need(plan),
        }
    }

    fn operand(&self, operand: &Operand) -> Need {
        let leaves = operand.leaves.iter();
        Need::any(leaves.map(|leaf| self.set(leaf.set, leaf.part)))
    }
}

fn cheapest(needs: impl Iterator<Item = Need>) -> Need {
    needs
        .min_by(|a, b| a.cost.total_cmp(&b.cost))
        .unwrap_or_default()
}

/// Guesses how often a pattern is in a text: as often as its rarest word. Long words are rare.
fn pattern_cost(written: &str) -> f64 {
    let rarest = words(written)
        .map(|word| {
            let language = Languages::of(None).word(&word.folded);
            if is_stop_word(language, &word.folded) {
                return STOP_WORD_COST;
            }
            let length = u32::try_from(word.folded.chars().count()).unwrap_or(u32::MAX);
            1.0 / (1.0 + f64::from(length)).powi(2)
        })
        .fold(STOP_WORD_COST, f64::min);
    if written.contains('*') {
        rarest * PREFIX_WORDS
    } else {
        rarest
    }
}

/// The rules by what they need.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By number of the set.
    by_set: Vec<Vec<(Option<Part>, RuleId)>>,
    by_fact: BTreeMap<FactId, Vec<RuleId>>,
    by_topic: BTreeMap<RuleId, Vec<RuleId>>,
    rules: usize,
}

impl Index {
    /// Files rules, which are given in the order of evaluation.
    pub(super) fn new(lexicon: &Lexicon, plans: &[&Plan]) -> Self {
        let expectation = Expectation::new(lexicon);
        let mut index = Self {
            by_set: vec![Vec::new(); lexicon.sets()],
            ..Self::default()
        };
        for (plan, rule) in plans.iter().zip((0..).map(RuleId)) {
            index.rules += 1;
            let mut triggers = expectation.need(plan).triggers;
            triggers.sort_unstable();
            triggers.dedup();
            for trigger in triggers {
                index.file(trigger, rule);
            }
        }
        index
    }

    fn file(&mut self, trigger: Trigger, rule: RuleId) {
        match trigger {
            Trigger::Set(set, part) => {
                if let Some(rules) = self.by_set.get_mut(set.0) {
                    rules.push((part, rule));
                }
            }
            Trigger::Fact(fact) => self.by_fact.entry(fact).or_default().push(rule),
            Trigger::Topic(other) => self.by_topic.entry(other).or_default().push(rule),
        }
    }

    /// Has a rule come up when another one holds.
    pub(super) fn rest(&mut self, rule: RuleId, on: RuleId) {
        self.file(Trigger::Topic(on), rule);
    }

    /// Returns the rules that may hold of an entry by what it says and is. Those that rest on topics come
    /// with [`Index::after`].
    pub(super) fn candidates(&self, reading: &Reading<'_>) -> Selected {
        let mut selected = Selected::none(self.rules);
        for (set, in_title, in_body) in reading.present() {
            let rules = self.by_set.get(set.0).into_iter().flatten();
            let rules = rules.filter(|(part, _)| match part {
                None => true,
                Some(Part::Title) => in_title,
                Some(Part::Body) => in_body,
            });
            rules.for_each(|(_, rule)| selected.add(*rule));
        }
        let rules = reading.facts().filter_map(|fact| self.by_fact.get(&fact));
        rules.flatten().for_each(|rule| selected.add(*rule));
        selected
    }

    /// Returns all rules.
    pub(super) fn all(&self) -> Selected {
        let mut all = Selected::none(self.rules);
        (0..self.rules).for_each(|rule| all.add(RuleId(rule)));
        all
    }

    /// Returns the rules that may hold because this one does. They all come after it.
    pub(super) fn after(&self, rule: RuleId) -> impl Iterator<Item = RuleId> {
        self.by_topic.get(&rule).into_iter().flatten().copied()
    }
}

/// A set of rules, from which they are taken in order.
#[derive(Debug)]
pub(super) struct Selected {
    /// A bit for each rule.
    bits: Vec<u64>,
}

impl Selected {
    fn none(rules: usize) -> Self {
        Self {
            bits: vec![0; rules.div_ceil(BITS)],
        }
    }

    /// Adds a rule.
    pub(super) fn add(&mut self, rule: RuleId) {
        if let Some(bits) = self.bits.get_mut(rule.0 / BITS) {
            *bits |= 1 << (rule.0 % BITS);
        }
    }

    /// Returns the first rule of that number or a higher one.
    pub(super) fn from(&self, number: usize) -> Option<RuleId> {
        let (at, bit) = (number / BITS, number % BITS);
        let first = self.bits.get(at)? & (u64::MAX << bit);
        let rest = self.bits.get(at + 1..).unwrap_or_default().iter().copied();
        std::iter::once(first)
            .chain(rest)
            .zip(at..)
            .find(|(bits, _)| *bits != 0)
            .map(|(bits, at)| {
                RuleId(at * BITS + usize::try_from(bits.trailing_zeros()).unwrap_or(0))
            })
    }
}

/// Bits of a number in [`Selected`].
const BITS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_come_in_order() {
        let mut selected = Selected::none(200);
        for rule in [130, 0, 63, 64, 199] {
            selected.add(RuleId(rule));
        }
        let first = selected.from(0);
        let all = std::iter::successors(first, |rule| selected.from(rule.0 + 1));
        assert_eq!(
            all.map(|rule| rule.0).collect::<Vec<_>>(),
            [0, 63, 64, 130, 199]
        );
        assert_eq!(Selected::none(0).from(0), None);
    }

    #[test]
    fn long_and_plain_words_are_the_rare_ones() {
        let costs = ["BrahMos", "oil", "price*", "the"].map(pattern_cost);
        assert!(costs.is_sorted(), "{costs:?}");
        assert!(pattern_cost("\"the BrahMos\"") <= pattern_cost("BrahMos"));
    }
}
