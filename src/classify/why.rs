//! Why a rule holds of an entry or does not, in words.
//!
//! A query that does not hold is taken apart along its tree, and each part is asked of the entry as a query of its
//! own: so the answer is always that of the evaluator, whatever the language learns, and nothing of this stands in the
//! way of the many entries of which nobody asks why.

use super::evidence::{given_by_feed, inherited_from};
use super::parser::parse;
use super::rules::{Alias, Rule, Standing};
use super::syntax::{Kind, Node, Part, Reach};
use super::topics::led_to;
use super::{Classifier, bar};
use crate::model::{Entry, Evidence};

/// Parts of a query that are asked at most: more than a person writes or reads.
const MAX_PARTS: usize = 256;

/// Longest part that is quoted, in characters; what is longer is cut.
const QUOTED: usize = 80;

/// What a rule says of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The label that the rule gives.
    pub label: String,
    /// Whether it gives it.
    pub holds: bool,
    /// The score, where the query holds.
    pub score: Option<f64>,
    /// The least score that counts.
    pub min_score: f64,
    /// What matched: of a query that does not hold, of those parts that do.
    pub evidence: Vec<Evidence>,
    /// What was found that the query excludes.
    pub excluded: Vec<Evidence>,
    /// What was missing, a phrase for each.
    pub missing: Vec<String>,
    /// What leaves the entry out, whatever it says.
    pub barred: Option<String>,
}

/// Returns what each rule says of an entry, in their order; of a rule that does not compile that nothing holds.
pub fn why(
    aliases: &[Alias],
    rules: &[Rule],
    entry: &Entry,
    standing: &Standing<'_>,
) -> Vec<Verdict> {
    let one = |rule| why_one(aliases, rules, rule, entry, standing);
    rules.iter().map(one).collect()
}

/// Returns what one of the rules says of an entry.
pub fn why_one(
    aliases: &[Alias],
    rules: &[Rule],
    rule: &Rule,
    entry: &Entry,
    standing: &Standing<'_>,
) -> Verdict {
    let mut inquiry = Inquiry {
        aliases,
        rule,
        others: led_to(rules, &rule.query),
        entry,
        standing,
        asked: 0,
        verdict: Verdict {
            label: rule.name.clone(),
            holds: false,
            score: None,
            min_score: rule.min_score,
            evidence: Vec::new(),
            excluded: Vec::new(),
            missing: Vec::new(),
            barred: None,
        },
    };
    inquiry.ask();
    let mut verdict = inquiry.verdict;
    if standing.topics.contains(&rule.name) {
        verdict.holds = true;
        verdict.evidence.push(given_by_feed(entry));
    }
    if !verdict.holds {
        inherit(&mut verdict, (aliases, rules), rule, (entry, standing));
    }
    let bar = bar(&rule.scope, &entry.feed, entry.language.as_deref());
    verdict.barred = bar.map(|bar| bar.to_string());
    verdict.holds &= verdict.barred.is_none();
    verdict
}

/// Looks whether a topic that a rule inherits from holds of the entry.
fn inherit(
    verdict: &mut Verdict,
    (aliases, rules): (&[Alias], &[Rule]),
    rule: &Rule,
    (entry, standing): (&Entry, &Standing<'_>),
) {
    let others = rule
        .inherits
        .iter()
        .filter_map(|name| rules.iter().find(|it| it.name == *name));
    let verdicts = others.map(|other| why_one(aliases, rules, other, entry, standing));
    let score = |verdict: &Verdict| verdict.score.unwrap_or(verdict.min_score);
    let strongest = verdicts
        .filter(|other| other.holds)
        .max_by(|one, other| score(one).total_cmp(&score(other)));
    if let Some(from) = strongest {
        verdict.holds = true;
        verdict.score = Some(score(&from));
        verdict.evidence = vec![inherited_from(&from.label)];
        verdict.evidence.extend(from.evidence);
    } else if !rule.inherits.is_empty() {
        let names: Vec<String> = rule
            .inherits
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let missing = format!(
            "it inherits from {}, and is in none of these",
            names.join(", ")
        );
        verdict.missing.push(missing);
    }
}

/// The questions about one rule and one entry.
struct Inquiry<'a> {
    aliases: &'a [Alias],
    rule: &'a Rule,
    /// The rules that it rests on.
    others: Vec<&'a Rule>,
    entry: &'a Entry,
    standing: &'a Standing<'a>,
    /// Parts that were asked.
    asked: usize,
    verdict: Verdict,
}

impl Inquiry<'_> {
    fn ask(&mut self) {
        let rule = self.rule;
        if let Some((score, evidence)) = self.found(&rule.query) {
            let (verdict, least) = (&mut self.verdict, rule.min_score);
            (verdict.score, verdict.evidence) = (Some(score), evidence);
            verdict.holds = score >= least;
            if !verdict.holds {
                let short = format!("its score is {score:.1}, and `min-score` {least:.1}");
                verdict.missing.push(short);
            }
        } else if let Ok(node) = parse(&rule.query) {
            self.take_apart(&node, None);
        }
    }

    /// Returns score and evidence of a query that holds, whatever its score.
    fn found(&mut self, query: &str) -> Option<(f64, Vec<Evidence>)> {
        self.asked += 1;
        if self.asked > MAX_PARTS {
            return None;
        }
        let asked = Rule {
            min_score: f64::MIN,
            title_boost: self.rule.title_boost,
            lead_boost: self.rule.lead_boost,
            ..Rule::new("", query)
        };
        let others = self.others.iter().map(|rule| (*rule).clone());
        let rules: Vec<Rule> = others.chain([asked]).collect();
        let classifier = Classifier::compile(self.aliases, &rules).ok()?;
        let found = classifier.classify(self.entry, self.standing);
        let found = found.into_iter().find(|found| found.topic.is_empty())?;
        Some((found.score, found.evidence))
    }

    /// Asks a part of a query; what makes it hold is noted.
    fn holds(&mut self, node: &Node, part: Option<Part>) -> bool {
        let Some((_, evidence)) = self.found(&spelled(node, part)) else {
            return false;
        };
        self.verdict.evidence.extend(evidence);
        true
    }

    fn miss(&mut self, missing: String) {
        if !self.verdict.missing.contains(&missing) {
            self.verdict.missing.push(missing);
        }
    }

    /// Finds out what is missing to a part that does not hold.
    fn take_apart(&mut self, node: &Node, part: Option<Part>) {
        match &node.kind {
            Kind::And(legs) => legs.iter().for_each(|leg| self.leg(leg, part)),
            Kind::Or(branches) => self.branches(node, branches, part),
            Kind::AtLeast(count, queries) => {
                let held = queries.iter().filter(|it| self.holds(it, part)).count();
                let of = queries.len();
                self.miss(format!(
                    "{held} of {of} hold where {count} must: {}",
                    quoted(node, part)
                ));
            }
            Kind::Near(first, rest) => self.near(node, first, rest, part),
            Kind::In(inner, query) => self.take_apart(query, Some(*inner)),
            Kind::Boost(query, _) => self.take_apart(query, part),
            Kind::Fact(_) | Kind::Topic(_) => self.miss(format!("`{node}` does not hold")),
            _ => self.miss(format!("{} does not occur", quoted(node, part))),
        }
    }

    /// Looks at a leg of AND: whether it holds, or what it excludes is there.
    fn leg(&mut self, leg: &Node, part: Option<Part>) {
        if let Some((query, part)) = excluded(leg, part) {
            if let Some((_, evidence)) = self.found(&spelled(query, part)) {
                let verb = verb(query);
                self.miss(format!("{} is excluded, and {verb}", quoted(query, part)));
                self.verdict.excluded.extend(evidence);
            }
        } else if !self.holds(leg, part) {
            self.take_apart(leg, part);
        }
    }

    /// Of alternatives none of which holds, takes apart those that are more than one term.
    fn branches(&mut self, node: &Node, branches: &[Node], part: Option<Part>) {
        let composite = branches.iter().filter(|branch| is_composite(branch));
        let composite: Vec<&Node> = composite.collect();
        if composite.len() < branches.len() {
            let verb = verb(node);
            self.miss(format!("none of {} {verb}", quoted(node, part)));
        }
        for branch in composite {
            self.take_apart(branch, part);
        }
    }

    /// Says which operand of NEAR is missing, or how far apart they are.
    fn near(&mut self, node: &Node, first: &Node, rest: &[(Reach, Node)], part: Option<Part>) {
        let operands = std::iter::once(first).chain(rest.iter().map(|(_, operand)| operand));
        let mut places = Vec::with_capacity(rest.len() + 1);
        let mut all = true;
        for operand in operands {
            let Some((_, evidence)) = self.found(&spelled(operand, part)) else {
                all = false;
                self.miss(format!("{} does not occur", quoted(operand, part)));
                continue;
            };
            self.verdict.evidence.extend(evidence.iter().cloned());
            places.push(evidence);
        }
        if !all {
            return;
        }
        let query = quoted(node, part);
        for (pair, (reach, _)) in places.windows(2).zip(rest) {
            let [one, other] = pair else { continue };
            self.miss(match nearest(one, other, *reach) {
                None if nearest(other, one, *reach).is_some() => {
                    format!("{query}: they stand the other way round")
                }
                Some((words, a, b)) => {
                    format!("{query}: the nearest are {words} words apart, `{a}` and `{b}`")
                }
                None => format!("{query}: they stand in no one text together"),
            });
        }
    }
}

/// Returns the nearest two of places in one text that stand in the order that is asked for, and how many words they
/// are apart.
fn nearest<'e>(
    one: &'e [Evidence],
    other: &'e [Evidence],
    reach: Reach,
) -> Option<(u32, &'e str, &'e str)> {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
    let in_one_text =
        pairs.filter(|(a, b)| a.field == b.field && (!reach.ordered || a.position <= b.position));
    let apart = in_one_text.map(|(a, b)| {
        let (first, second) = if a.position <= b.position {
            (a, b)
        } else {
            (b, a)
        };
        let words = first.text.split_whitespace().count().saturating_sub(1);
        let last = first.position + u32::try_from(words).unwrap_or_default();
        let gap = second.position.saturating_sub(last);
        (gap, a.text.as_str(), b.text.as_str())
    });
    apart.min()
}

/// Returns the query that a leg of AND excludes, and where.
fn excluded(leg: &Node, part: Option<Part>) -> Option<(&Node, Option<Part>)> {
    match &leg.kind {
        Kind::Not(query) => Some((query, part)),
        Kind::In(inner, query) => excluded(query, Some(*inner)),
        _ => None,
    }
}

/// Says of a part of a query that it is so: terms occur, and what is no text holds.
fn verb(node: &Node) -> &'static str {
    match &node.kind {
        Kind::Fact(_) | Kind::Topic(_) => "holds",
        Kind::Or(nodes) if nodes.iter().all(|node| verb(node) == "holds") => "holds",
        Kind::Boost(query, _) => verb(query),
        _ => "occurs",
    }
}

fn is_composite(node: &Node) -> bool {
    match &node.kind {
        Kind::And(_) | Kind::Or(_) | Kind::AtLeast(..) | Kind::Near(..) => true,
        Kind::In(_, query) | Kind::Boost(query, _) => is_composite(query),
        _ => false,
    }
}

/// Writes a part of a query as a query of its own.
fn spelled(node: &Node, part: Option<Part>) -> String {
    match (part, &node.kind) {
        (None, _) | (_, Kind::In(..)) => node.to_string(),
        (Some(part), _) => format!("{part}({node})"),
    }
}

/// Writes it for people.
fn quoted(node: &Node, part: Option<Part>) -> String {
    let text = match (part, is_composite(node)) {
        (Some(part), false) => format!("{part}{node}"),
        _ => spelled(node, part),
    };
    if text.chars().count() <= QUOTED {
        return format!("`{text}`");
    }
    let cut: String = text.chars().take(QUOTED).collect();
    format!("`{cut} ..`")
}
