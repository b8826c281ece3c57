//! A compiled query against a reading: whether it holds, how strongly, and by which hits.
//!
//! The score rests on places: a term gives `4 t / (t + 2)` where `t` adds up the weights of all its
//! places, so that the tenth mention adds little. OR and ATLEAST add up what holds, AND is as strong as
//! its weakest leg, NEAR as its weakest operand and half as much again, and `^` multiplies. Evidence
//! shows the strongest places, not all that counted.

use super::lexicon::SetId;
use super::reading::{Field, Hit, Reading};
use super::syntax::Part;

/// The score that an operand approaches as its places add up.
pub(super) const MOST: f64 = 4.0;

/// Weight at which an operand has half of [`MOST`]: a little over one place in the lead.
const HALF_AT: f64 = 2.0;

/// What NEAR counts more than AND: words that stand together are about each other.
pub(super) const NEAR_FACTOR: f64 = 1.5;

/// Terms to look for, in a part of the entry or in all of it.
#[derive(Debug)]
pub(super) struct Leaf {
    /// The terms.
    pub(super) set: SetId,
    /// Where they count.
    pub(super) part: Option<Part>,
}

/// One operand of NEAR.
#[derive(Debug)]
pub(super) struct Operand {
    /// Any of these.
    pub(super) leaves: Vec<Leaf>,
    /// How many words it may be away from the operand before it.
    pub(super) distance: u32,
}

/// A query ready to be evaluated. By construction it holds only where a hit shows it.
#[derive(Debug)]
pub(super) enum Plan {
    /// A term occurs.
    Leaf(Leaf),
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

impl Plan {
    /// Returns the score, or `None` when the query does not hold, and adds the hits that made it true.
    pub(super) fn score(&self, reading: &Reading<'_>, hits: &mut Vec<Hit>) -> Option<f64> {
        let before = hits.len();
        let score = match self {
            Self::Leaf(leaf) => leaf.score(reading, hits),
            Self::And { legs, without } => all(legs, without, reading, hits),
            Self::AtLeast(count, plans) => at_least(*count, plans, reading, hits),
            Self::Near(operands) => near(operands, reading, hits),
            Self::Boost(plan, factor) => plan.score(reading, hits).map(|score| score * factor),
        };
        if score.is_none() {
            hits.truncate(before);
        }
        score
    }
}

impl Leaf {
    fn hits<'r>(&self, reading: &'r Reading<'_>) -> impl Iterator<Item = Hit> + use<'_, 'r> {
        let hits = reading.hits(self.set).iter().copied();
        hits.filter(|hit| hit.is_in(self.part))
    }

    fn score(&self, reading: &Reading<'_>, hits: &mut Vec<Hit>) -> Option<f64> {
        let before = hits.len();
        hits.extend(self.hits(reading));
        strength(hits.get(before..).unwrap_or_default())
    }
}

/// Returns what places give together; `None` for no place.
fn strength(hits: &[Hit]) -> Option<f64> {
    let total: f64 = hits.iter().map(|hit| hit.weight).sum();
    (!hits.is_empty()).then(|| MOST * total / (total + HALF_AT))
}

fn all(legs: &[Plan], without: &[Plan], reading: &Reading<'_>, hits: &mut Vec<Hit>) -> Option<f64> {
    let mut weakest = f64::INFINITY;
    for leg in legs {
        weakest = weakest.min(leg.score(reading, hits)?);
    }
    let excluded = without
        .iter()
        .any(|plan| plan.score(reading, &mut Vec::new()).is_some());
    (!excluded).then_some(weakest)
}

fn at_least(
    count: usize,
    plans: &[Plan],
    reading: &Reading<'_>,
    hits: &mut Vec<Hit>,
) -> Option<f64> {
    let mut holding = 0;
    let mut sum = 0.0;
    for score in plans.iter().filter_map(|plan| plan.score(reading, hits)) {
        holding += 1;
        sum += score;
    }
    (holding >= count).then_some(sum)
}

/// Keeps of each operand the hits that are part of a chain through all operands: going forward, those
/// with a neighbour in the operand before; then back, those with a neighbour in the one after. That
/// is linear in the hits but for sorting, where listing the chains would not be.
fn near(operands: &[Operand], reading: &Reading<'_>, hits: &mut Vec<Hit>) -> Option<f64> {
    let mut done: Vec<(Vec<Hit>, u32)> = Vec::with_capacity(operands.len());
    for operand in operands {
        let mut found = operand.hits(reading);
        if let Some((previous, _)) = done.last() {
            keep_near(&mut found, previous, operand.distance);
        }
        if found.is_empty() {
            return None;
        }
        done.push((found, operand.distance));
    }
    let (mut later, mut distance) = done.pop()?;
    let mut weakest = strength(&later)?;
    hits.extend(&later);
    while let Some((mut found, to_previous)) = done.pop() {
        keep_near(&mut found, &later, distance);
        weakest = weakest.min(strength(&found)?);
        hits.extend(&found);
        (later, distance) = (found, to_previous);
    }
    Some(weakest * NEAR_FACTOR)
}

impl Operand {
    fn hits(&self, reading: &Reading<'_>) -> Vec<Hit> {
        self.leaves
            .iter()
            .flat_map(|leaf| leaf.hits(reading))
            .collect()
    }
}

/// Keeps those of `hits` that stand in one field with one of `others`, at most `distance` words away.
/// Hits that share a word are not near each other: they are the same mention.
fn keep_near(hits: &mut Vec<Hit>, others: &[Hit], distance: u32) {
    let sorted = |word: fn(&Hit) -> u32| {
        let mut places: Vec<(Field, u32)> = others.iter().map(|o| (o.field, word(o))).collect();
        places.sort_unstable();
        places
    };
    let (firsts, lasts) = (sorted(|other| other.first), sorted(|other| other.last));
    hits.retain(|hit| {
        let next = firsts.partition_point(|place| *place <= (hit.field, hit.last));
        let follows = firsts.get(next).is_some_and(|(field, first)| {
            *field == hit.field && first.abs_diff(hit.last) <= distance
        });
        let previous = lasts.partition_point(|place| *place < (hit.field, hit.first));
        let precedes = previous
            .checked_sub(1)
            .and_then(|at| lasts.get(at))
            .is_some_and(|(field, last)| {
                *field == hit.field && hit.first.abs_diff(*last) <= distance
            });
        follows || precedes
    });
}
