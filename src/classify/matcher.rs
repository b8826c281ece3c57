//! A compiled query against a reading: whether it holds, how strongly, and by what.
//!
//! The score rests on places: a term gives `4 t / (t + 2)` where `t` adds up the weights of all its
//! places, so that the tenth mention adds little. OR and ATLEAST add up what holds, AND is as strong as
//! its weakest leg, NEAR as its weakest operand and half as much again, and `^` multiplies: a score, or
//! within an operand of NEAR the weights of its places. Places of one operand that share a word count once. Evidence shows the strongest places, not all that
//! counted.
//!
//! A fact (`site:`, `lang:`) has no places. It gives [`FACT_SCORE`] where it stands alone or in OR, and
//! AND passes over it: `lang:hi oil` is as strong as `oil`. A topic gives its own score.

use super::evidence::Outcome;
use super::facts::FactId;
use super::lexicon::SetId;
use super::reading::{Field, Hit, Reading, Zone};
use super::syntax::{Part, Reach};
use std::collections::BTreeMap;

/// The score that an operand approaches as its places add up.
pub(super) const MOST: f64 = 4.0;

/// Weight at which an operand has half of [`MOST`]: a little over one place in the lead.
const HALF_AT: f64 = 2.0;

/// What NEAR counts more than AND: words that stand together are about each other.
pub(super) const NEAR_FACTOR: f64 = 1.5;

/// Weight of a place below the lead, where background and other news are mentioned too.
const REST_WEIGHT: f64 = 0.5;

/// What a fact gives: as much as any number of places, as nothing about it is uncertain.
pub(super) const FACT_SCORE: f64 = MOST;

/// The place of a rule in the order in which rules are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RuleId(pub(super) usize);

/// Terms to look for, in a part of the entry or in all of it.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// The terms.
    pub(super) set: SetId,
    /// Where they count.
    pub(super) part: Option<Part>,
    /// How many times each place counts.
    pub(super) boost: f64,
}

/// One operand of NEAR.
#[derive(Debug)]
pub(super) struct Operand {
    /// Any of these.
    pub(super) leaves: Vec<Leaf>,
    /// How far it may be away from the operand before it; `None` for the first.
    pub(super) reach: Option<Reach>,
}

/// A query ready to be evaluated. By construction it holds only where something shows it.
#[derive(Debug)]
pub(super) enum Plan {
    /// A term occurs.
    Leaf(Leaf),
    /// The entry has this.
    Fact(FactId),
    /// That rule holds.
    Topic(RuleId),
    /// All legs hold, and none of `without`.
    And {
        /// At least one.
        legs: Vec<Plan>,
        /// What was behind NOT.
        without: Vec<Plan>,
    },
    /// At least so many hold: OR is one.
    AtLeast(usize, Vec<Plan>),
    /// Each operand occurs near the one before it.
    Near(Vec<Operand>),
    /// Its score counts so many times.
    Boost(Box<Plan>, f64),
}

/// What places weigh for a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    /// One in the title.
    pub(super) title: f64,
    /// One in the lead.
    pub(super) lead: f64,
}

impl Weights {
    /// Returns what a place weighs.
    pub(super) fn of(self, zone: Zone) -> f64 {
        match zone {
            Zone::Title => self.title,
            Zone::Lead => self.lead,
            Zone::Rest => REST_WEIGHT,
        }
    }
}

/// How strongly a query holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Strength {
    /// The score.
    pub(super) score: f64,
    /// Whether it rests on facts alone, and so never is the weakest leg.
    pub(super) is_fact: bool,
}

impl Strength {
    /// Returns what a fact gives.
    pub(super) fn fact(score: f64) -> Self {
        let is_fact = true;
        Self { score, is_fact }
    }

    fn places(score: f64) -> Self {
        Self {
            score,
            is_fact: false,
        }
    }

    fn times(self, factor: f64) -> Self {
        Self {
            score: self.score * factor,
            ..self
        }
    }

    /// Returns the weaker of two, of which facts are never one unless both are.
    fn weaker(self, other: Self) -> Self {
        let key = |it: &Self| (it.is_fact, it.score);
        if key(&other) < key(&self) {
            other
        } else {
            self
        }
    }
}

/// A place and what it weighs.
pub(super) type Weighed = (Hit, f64);

/// What made a query true.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// Places, each with what it weighs.
    pub(super) hits: Vec<Weighed>,
    /// Facts.
    pub(super) facts: Vec<FactId>,
    /// Rules that it rests on.
    pub(super) topics: Vec<RuleId>,
}

impl Trail {
    fn mark(&self) -> [usize; 3] {
        [self.hits.len(), self.facts.len(), self.topics.len()]
    }

    fn back_to(&mut self, [hits, facts, topics]: [usize; 3]) {
        self.hits.truncate(hits);
        self.facts.truncate(facts);
        self.topics.truncate(topics);
    }
}

/// What a plan is evaluated on.
#[derive(Clone, Copy)]
pub(super) struct Evaluation<'a> {
    /// The entry.
    pub(super) reading: &'a Reading<'a>,
    /// What places weigh.
    pub(super) weights: Weights,
    /// The rules that hold, of those that come before in the order.
    pub(super) outcomes: &'a BTreeMap<RuleId, Outcome>,
}

impl Plan {
    /// Returns how strongly the query holds, or `None`, and adds what made it true.
    pub(super) fn strength(&self, on: Evaluation<'_>, trail: &mut Trail) -> Option<Strength> {
        let before = trail.mark();
        let strength = match self {
            Self::Leaf(leaf) => leaf.strength(on, trail),
            Self::Fact(fact) => on.reading.fact(*fact).map(|_| {
                trail.facts.push(*fact);
                Strength::fact(FACT_SCORE)
            }),
            Self::Topic(rule) => on.outcomes.get(rule).map(|outcome| {
                trail.topics.push(*rule);
                outcome.strength
            }),
            Self::And { legs, without } => all(legs, without, on, trail),
            Self::AtLeast(count, plans) => at_least(*count, plans, on, trail),
            Self::Near(operands) => near(operands, on, trail),
            Self::Boost(plan, factor) => plan.strength(on, trail).map(|it| it.times(*factor)),
        };
        if strength.is_none() {
            trail.back_to(before);
        }
        strength
    }
}

impl Leaf {
    fn hits<'r>(&self, on: Evaluation<'r>) -> impl Iterator<Item = Weighed> + use<'r> {
        let (part, boost) = (self.part, self.boost);
        let hits = on.reading.hits(self.set);
        hits.filter(move |hit| hit.is_in(part))
            .map(move |hit| (hit, on.weights.of(hit.zone) * boost))
    }

    fn strength(&self, on: Evaluation<'_>, trail: &mut Trail) -> Option<Strength> {
        let before = trail.hits.len();
        trail.hits.extend(self.hits(on));
        strength(trail.hits.get(before..).unwrap_or_default())
    }
}

/// Returns what places give together, which are in order of text and word; `None` for no place.
///
/// Places that share a word are one mention, and the first counts: an alias finds "Indians" once, by `Indian*` and by
/// `Indians`, and "New Delhi" once, by that and by `Delhi`.
fn strength(hits: &[Weighed]) -> Option<Strength> {
    let (mut total, mut counted) = (0.0, None);
    for (hit, weight) in hits {
        if counted < Some((hit.field, hit.first)) {
            counted = Some((hit.field, hit.last));
            total += weight;
        }
    }
    (!hits.is_empty()).then(|| Strength::places(MOST * total / (total + HALF_AT)))
}

fn all(legs: &[Plan], without: &[Plan], on: Evaluation<'_>, trail: &mut Trail) -> Option<Strength> {
    let mut weakest: Option<Strength> = None;
    for leg in legs {
        let strength = leg.strength(on, trail)?;
        weakest = Some(weakest.map_or(strength, |weakest| weakest.weaker(strength)));
    }
    let excluded = without
        .iter()
        .any(|plan| plan.strength(on, &mut Trail::default()).is_some());
    weakest.filter(|_| !excluded)
}

fn at_least(
    count: usize,
    plans: &[Plan],
    on: Evaluation<'_>,
    trail: &mut Trail,
) -> Option<Strength> {
    let mut holding = 0;
    let mut sum = Strength::fact(0.0);
    for strength in plans.iter().filter_map(|plan| plan.strength(on, trail)) {
        holding += 1;
        sum.score += strength.score;
        sum.is_fact &= strength.is_fact;
    }
    (holding >= count).then_some(sum)
}

/// Keeps of each operand the hits that are part of a chain through all operands: going forward, those
/// with a neighbour in the operand before; then back, those with a neighbour in the one after. That
/// is linear in the hits but for sorting, where listing the chains would not be.
fn near(operands: &[Operand], on: Evaluation<'_>, trail: &mut Trail) -> Option<Strength> {
    let mut done: Vec<(Vec<Weighed>, Option<Reach>)> = Vec::with_capacity(operands.len());
    for operand in operands {
        let mut found = operand.hits(on);
        if let (Some((previous, _)), Some(reach)) = (done.last(), operand.reach) {
            keep_near(&mut found, previous, reach, Side::Before);
        }
        if found.is_empty() {
            return None;
        }
        done.push((found, operand.reach));
    }
    let (mut later, mut reach) = done.pop()?;
    let mut weakest = strength(&later)?;
    trail.hits.extend(&later);
    while let Some((mut found, to_previous)) = done.pop() {
        keep_near(&mut found, &later, reach?, Side::After);
        weakest = weakest.weaker(strength(&found)?);
        trail.hits.extend(&found);
        (later, reach) = (found, to_previous);
    }
    Some(weakest.times(NEAR_FACTOR))
}

impl Operand {
    fn hits(&self, on: Evaluation<'_>) -> Vec<Weighed> {
        let hits = self.leaves.iter().flat_map(|leaf| leaf.hits(on));
        let mut hits: Vec<Weighed> = hits.collect();
        if self.leaves.len() > 1 {
            // Of two that begin at one word, the one that counts more comes first.
            hits.sort_by(|(a, one), (b, other)| {
                let order = (a.field, a.first).cmp(&(b.field, b.first));
                order.then_with(|| other.total_cmp(one))
            });
        }
        hits
    }
}

/// Where the other operand is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Keeps those of `hits` that stand in one field with one of `others` and within reach of it. The others
/// are those of the operand that is written on `side`, which counts where the order does.
/// Hits that share a word are not near each other: they are the same mention.
fn keep_near(hits: &mut Vec<Weighed>, others: &[Weighed], reach: Reach, side: Side) {
    let sorted = |word: fn(&Hit) -> u32| {
        let places = others.iter().map(|(other, _)| (other.field, word(other)));
        let mut places: Vec<(Field, u32)> = places.collect();
        places.sort_unstable();
        places
    };
    let (firsts, lasts) = (sorted(|other| other.first), sorted(|other| other.last));
    let either = |wanted: Side| !reach.ordered || side == wanted;
    hits.retain(|(hit, _)| {
        let next = firsts.partition_point(|place| *place <= (hit.field, hit.last));
        let is_followed = firsts.get(next).is_some_and(|(field, first)| {
            *field == hit.field && first.abs_diff(hit.last) <= reach.distance
        });
        let previous = lasts.partition_point(|place| *place < (hit.field, hit.first));
        let is_preceded = previous
            .checked_sub(1)
            .and_then(|at| lasts.get(at))
            .is_some_and(|(field, last)| {
                *field == hit.field && hit.first.abs_diff(*last) <= reach.distance
            });
        either(Side::After) && is_followed || either(Side::Before) && is_preceded
    });
}
