//! Why a rule holds of an entry or does not, in words.
//!
//! All rules are evaluated once, as for any entry, and one that holds is told as it came out. A query that does not hold
//! is taken apart along its tree, and its parts are asked of the entry as queries of their own, all in one evaluation
//! (`answers.rs`): so the answer is always that of the evaluator, whatever the language learns, it takes as long as the
//! query is, and nothing of this stands in the way of the many entries of which nobody asks why.

use super::answers::Answers;
use super::evidence::{given, inherited_from};
use super::parser::parse;
use super::rules::{Alias, Rule, Standing};
use super::syntax::{Kind, Node, Part, Reach};
use super::topics::rested_on;
use super::{Classifier, bar, spoken};
use crate::model::{Entry, Evidence, TopicMatch};
use std::collections::BTreeMap;

/// Longest part that is quoted, in characters; what is longer is cut.
const QUOTED: usize = 80;

/// Reasons that are told of one rule: who has mended the first few asks again.
const MAX_MISSING: usize = 32;

/// Places that are shown of one rule that does not hold, and as many of what it excludes.
const MAX_SHOWN: usize = 64;

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

impl Verdict {
    /// Returns that of a rule of which nothing is known yet.
    fn new(rule: &Rule) -> Self {
        Self {
            label: rule.name.clone(),
            holds: false,
            score: None,
            min_score: rule.min_score,
            evidence: Vec::new(),
            excluded: Vec::new(),
            missing: Vec::new(),
            barred: None,
        }
    }
}

/// What rules come to of an entry, by their labels.
type Held = BTreeMap<String, TopicMatch>;

/// Returns what each rule says of an entry, in their order; of rules that do not compile that nothing holds.
pub fn why(
    aliases: &[Alias],
    rules: &[Rule],
    entry: &Entry,
    standing: &Standing<'_>,
) -> Vec<Verdict> {
    let held = held(aliases, rules, (entry, standing));
    let one = |rule| verdict((aliases, rules), rule, (entry, standing), &held);
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
    let around = rested_on(rules, rule).into_iter().chain([rule]);
    let around: Vec<Rule> = around.cloned().collect();
    let held = held(aliases, &around, (entry, standing));
    verdict((aliases, rules), rule, (entry, standing), &held)
}

fn held(aliases: &[Alias], rules: &[Rule], (entry, standing): (&Entry, &Standing<'_>)) -> Held {
    let classifier = Classifier::compile(aliases, rules);
    let found = classifier.map(|classifier| classifier.classify(entry, standing));
    let found = found.unwrap_or_default().into_iter();
    found.map(|found| (found.topic.clone(), found)).collect()
}

fn verdict(
    (aliases, rules): (&[Alias], &[Rule]),
    rule: &Rule,
    (entry, standing): (&Entry, &Standing<'_>),
    held: &Held,
) -> Verdict {
    if let Some(found) = held.get(&rule.name) {
        return Verdict {
            holds: true,
            score: Some(found.score),
            evidence: found.evidence.clone(),
            ..Verdict::new(rule)
        };
    }
    let mut inquiry = Inquiry::new((aliases, rules), rule, (entry, standing));
    inquiry.ask();
    let mut verdict = inquiry.finish();
    if standing.topics.contains(&rule.name) {
        verdict.evidence.push(given(entry, standing));
    }
    inherit(&mut verdict, rule, held);
    let bar = bar(&rule.scope, &entry.feed, spoken(entry).tag);
    verdict.barred = bar.map(|bar| bar.to_string());
    verdict
}

/// Looks whether topics that a rule inherits from hold of the entry: then the rule would, were it not barred.
fn inherit(verdict: &mut Verdict, rule: &Rule, held: &Held) {
    let found = rule.inherits.iter().filter_map(|name| held.get(name));
    let strongest = found.max_by(|one, other| one.score.total_cmp(&other.score));
    if let Some(from) = strongest {
        verdict.score = Some(from.score);
        verdict.evidence = vec![inherited_from(&from.topic)];
        verdict.evidence.extend(from.evidence.iter().cloned());
    } else if !rule.inherits.is_empty() {
        let names = rule.inherits.iter().map(|name| format!("`{name}`"));
        let names = names.collect::<Vec<_>>().join(", ");
        let missing = format!("it inherits from {names}, and is in none of these");
        verdict.missing.push(missing);
    }
}

/// The questions about one rule and one entry.
struct Inquiry<'a> {
    rule: &'a Rule,
    node: Option<Node>,
    /// What the parts of the query come to; `None` where the rule does not compile.
    answers: Option<Answers<'a>>,
    verdict: Verdict,
    /// Reasons that are not told.
    untold: usize,
}

impl<'a> Inquiry<'a> {
    fn new(
        (aliases, rules): (&'a [Alias], &'a [Rule]),
        rule: &'a Rule,
        on: (&'a Entry, &'a Standing<'a>),
    ) -> Self {
        let node = Some(rule).filter(|rule| !rule.only_inherits());
        let node = node.and_then(|rule| parse(&rule.query).ok());
        let answers = node.as_ref().and_then(|node| {
            let mut questions = vec![rule.query.clone()];
            questions_of(node, None, &mut questions);
            Answers::new(aliases, (rule, rested_on(rules, rule)), questions, on)
        });
        Self {
            rule,
            node,
            answers,
            verdict: Verdict::new(rule),
            untold: 0,
        }
    }

    fn ask(&mut self) {
        let (rule, least) = (self.rule, self.rule.min_score);
        if let Some((score, evidence)) = self.found(&rule.query) {
            self.verdict.score = Some(score);
            self.verdict.evidence = evidence;
            // One that is strong enough is out for its scope.
            if score < least {
                self.miss(format!(
                    "its score is {score:.1}, and `min-score` {least:.1}"
                ));
            }
        } else if let Some(node) = self.node.take().filter(|_| self.answers.is_some()) {
            self.take_apart(&node, None);
        }
    }

    fn finish(self) -> Verdict {
        let mut verdict = self.verdict;
        if self.untold > 0 {
            verdict.missing.push(format!("and {} more", self.untold));
        }
        verdict
    }

    /// Returns score and evidence of a query that holds, whatever its score.
    fn found(&self, query: &str) -> Option<(f64, Vec<Evidence>)> {
        let outcome = self.answers.as_ref()?.outcome(query)?;
        Some((outcome.strength.score, outcome.evidence.clone()))
    }

    /// Asks a part of a query; what makes it hold is noted.
    fn holds(&mut self, node: &Node, part: Option<Part>) -> bool {
        let found = self.found(&spelled(node, part));
        let holds = found.is_some();
        let evidence = found.map_or_else(Vec::new, |(_, evidence)| evidence);
        show(&mut self.verdict.evidence, evidence);
        holds
    }

    fn miss(&mut self, missing: String) {
        let told = &mut self.verdict.missing;
        if told.contains(&missing) {
        } else if told.len() < MAX_MISSING {
            told.push(missing);
        } else {
            self.untold += 1;
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
                show(&mut self.verdict.excluded, evidence);
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
        let operands: Vec<&Node> = operands.collect();
        let mut all = true;
        for operand in &operands {
            if !self.holds(operand, part) {
                all = false;
                self.miss(format!("{} does not occur", quoted(operand, part)));
            }
        }
        if !all {
            return;
        }
        let (query, untold) = (quoted(node, part), self.verdict.missing.len());
        for (pair, (reach, _)) in operands.windows(2).zip(rest) {
            let [one, other] = pair else { continue };
            let pair = (spelled(one, part), spelled(other, part));
            let far = self.answers.as_ref().and_then(|it| it.apart(&pair, *reach));
            if let Some(far) = far {
                self.miss(format!("{query}: {far}"));
            }
        }
        if self.verdict.missing.len() == untold {
            self.miss(format!(
                "{query}: each is near the next, but not all in one place"
            ));
        }
    }
}

/// Adds places to those that are shown, each once.
fn show(shown: &mut Vec<Evidence>, more: Vec<Evidence>) {
    for piece in more {
        if shown.len() < MAX_SHOWN && !shown.contains(&piece) {
            shown.push(piece);
        }
    }
}

/// Collects the queries that taking a node apart may ask.
fn questions_of(node: &Node, part: Option<Part>, questions: &mut Vec<String>) {
    match &node.kind {
        Kind::And(legs) => {
            for leg in legs {
                if let Some((query, part)) = excluded(leg, part) {
                    questions.push(spelled(query, part));
                } else {
                    questions.push(spelled(leg, part));
                    questions_of(leg, part, questions);
                }
            }
        }
        Kind::Or(branches) => {
            let composite = branches.iter().filter(|branch| is_composite(branch));
            composite.for_each(|branch| questions_of(branch, part, questions));
        }
        Kind::AtLeast(..) | Kind::Near(..) => {
            questions.extend(node.inner().into_iter().map(|it| spelled(it, part)));
        }
        Kind::In(inner, query) => questions_of(query, Some(*inner), questions),
        Kind::Boost(query, _) => questions_of(query, part, questions),
        Kind::Term(_) | Kind::Alias(_) | Kind::Fact(_) | Kind::Topic(_) | Kind::Not(_) => {}
    }
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
