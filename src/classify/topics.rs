//! Which rules rest on which, by `topic:name` or by inheriting, and the order in which all can be evaluated.

use super::facts::{Attribute, Fact};
use super::lexer::Fault;
use super::meant;
use super::parser::parse;
use super::rules::{Place, Rule};
use super::syntax::{Kind, Node};
use crate::model::is_topic;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The rules that queries may name.
pub(super) struct Topics<'a> {
    rules: &'a [Rule],
    /// Rules by name; of two with one name, the first.
    index: BTreeMap<&'a str, usize>,
}

/// A reference to a rule, and where it stands.
type Reference = (usize, Place, Range<usize>);

impl<'a> Topics<'a> {
    /// Enters all rules.
    pub(super) fn new(rules: &'a [Rule]) -> Self {
        let mut index = BTreeMap::new();
        for (at, rule) in rules.iter().enumerate() {
            index.entry(rule.name.as_str()).or_insert(at);
        }
        Self { rules, index }
    }

    /// Returns the number of the rule of that name.
    pub(super) fn get(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Returns the rules in an order in which each comes after those that it names, and what is wrong
    /// with references, each with the rule that holds it.
    pub(super) fn order(&self, nodes: &[Option<Node>]) -> (Vec<usize>, Vec<(Place, Fault)>) {
        let mut faults = Vec::new();
        let mut references = Vec::with_capacity(nodes.len());
        for (rule, node) in nodes.iter().enumerate() {
            let mut found = Vec::new();
            if let Some(node) = node {
                self.gather(node, &Place::Rule { rule }, &mut found, &mut faults);
            }
            self.inherited(rule, &mut found, &mut faults);
            references.push(found);
        }
        let mut walk = Walk {
            topics: self,
            references,
            marks: vec![Mark::New; nodes.len()],
            order: Vec::with_capacity(nodes.len()),
            faults,
        };
        (0..nodes.len()).for_each(|rule| walk.from(rule));
        (walk.order, walk.faults)
    }

    /// Collects the references of a query.
    fn gather(
        &self,
        node: &Node,
        place: &Place,
        found: &mut Vec<Reference>,
        faults: &mut Vec<(Place, Fault)>,
    ) {
        if let Kind::Topic(name) = &node.kind {
            let span = node.span.clone();
            match self.get(name) {
                Some(rule) => found.push((rule, place.clone(), span)),
                None => faults.push((place.clone(), self.unknown(name, "topic:", span))),
            }
        }
        for inner in node.inner() {
            self.gather(inner, place, found, faults);
        }
    }

    /// Collects the topics that a rule inherits from.
    fn inherited(&self, rule: usize, found: &mut Vec<Reference>, faults: &mut Vec<(Place, Fault)>) {
        let names = self.rules.get(rule).map(|rule| rule.inherits.iter());
        for (which, name) in names.into_iter().flatten().enumerate() {
            let (place, span) = (Place::Inherited { rule, which }, 0..name.len());
            match self.get(name).filter(|_| is_topic(name)) {
                Some(rule) => found.push((rule, place, span)),
                None => faults.push((place, self.unknown(name, "", span))),
            }
        }
    }

    fn unknown(&self, name: &str, before: &str, span: Range<usize>) -> Fault {
        let known = self.index.keys().copied().filter(|name| is_topic(name));
        let written = meant::quoted(name);
        let help = match meant::nearest(name, known) {
            Some(known) => format!("did you mean `{before}{known}`?"),
            None => format!("write a [[topic]] with the name `{written}`"),
        };
        Fault::new(span, format!("there is no topic `{written}`"), help).of_others()
    }

    fn name(&self, rule: usize) -> &str {
        self.rules.get(rule).map_or("", |rule| rule.name.as_str())
    }
}

/// Returns the rules that a query leads to, each once, in the order of their names.
pub(super) fn led_to<'r>(rules: &'r [Rule], query: &str) -> Vec<&'r Rule> {
    reached(rules, topics_of(query))
}

/// Returns the rules that a rule rests on, by its query or because it inherits from them, each once, in the order of
/// their names.
pub(super) fn rested_on<'r>(rules: &'r [Rule], rule: &Rule) -> Vec<&'r Rule> {
    let inherited = rule.inherits.iter().cloned();
    reached(rules, inherited.chain(topics_of(&rule.query)).collect())
}

fn topics_of(query: &str) -> Vec<String> {
    let named = parse(query).map(|node| named(&node).topics);
    named.unwrap_or_default().into_iter().collect()
}

/// Returns the rules of these names and all that they rest on.
fn reached(rules: &[Rule], mut ahead: Vec<String>) -> Vec<&Rule> {
    let by_name: BTreeMap<&str, &Rule> = rules.iter().map(|it| (it.name.as_str(), it)).collect();
    let mut reached: BTreeMap<&str, &Rule> = BTreeMap::new();
    while let Some(name) = ahead.pop() {
        let Some(rule) = by_name.get(name.as_str()) else {
            continue;
        };
        if reached.insert(&rule.name, rule).is_none() {
            ahead.extend(topics_of(&rule.query));
            ahead.extend(rule.inherits.iter().cloned());
        }
    }
    reached.into_values().collect()
}

/// What a query names beside words.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Topics.
    pub(super) topics: BTreeSet<String>,
    /// Those of them that are excluded.
    pub(super) excluded: BTreeSet<String>,
    /// Aliases.
    pub(super) aliases: BTreeSet<String>,
    /// Whether it asks for the group of a feed.
    pub(super) group: bool,
}

/// Returns what a query names.
pub(super) fn named(node: &Node) -> Named {
    fn walk(node: &Node, is_excluded: bool, named: &mut Named) {
        match &node.kind {
            Kind::Topic(name) => {
                named.topics.insert(name.clone());
                named.excluded.extend(is_excluded.then(|| name.clone()));
            }
            Kind::Alias(name) => drop(named.aliases.insert(name.clone())),
            Kind::Fact(Fact::Is(Attribute::Group, _)) => named.group = true,
            _ => {}
        }
        let is_excluded = is_excluded || matches!(node.kind, Kind::Not(_));
        let inner = node.inner().into_iter();
        inner.for_each(|it| walk(it, is_excluded, named));
    }
    let mut named = Named::default();
    walk(node, false, &mut named);
    named
}

/// How far the walk is with a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    OnPath,
    Done,
}

/// A walk along all references, in depth and with the path at hand: a reference to a rule on the path
/// closes a cycle.
struct Walk<'t, 'a> {
    topics: &'t Topics<'a>,
    references: Vec<Vec<Reference>>,
    marks: Vec<Mark>,
    order: Vec<usize>,
    faults: Vec<(Place, Fault)>,
}

impl Walk<'_, '_> {
    fn from(&mut self, start: usize) {
        let mut path: Vec<(usize, usize)> = self.enter(start).into_iter().collect();
        while let Some((rule, next)) = path.last_mut() {
            let rule = *rule;
            let reference = self
                .references
                .get(rule)
                .and_then(|all| all.get(*next))
                .cloned();
            *next += 1;
            let Some((target, place, span)) = reference else {
                self.set(rule, Mark::Done);
                self.order.push(rule);
                path.pop();
                continue;
            };
            if self.marks.get(target) == Some(&Mark::OnPath) {
                let way = path.iter().map(|(rule, _)| *rule);
                let fault = self.circular(way.skip_while(|rule| *rule != target), target, span);
                self.faults.push((place, fault));
            } else {
                path.extend(self.enter(target));
            }
        }
    }

    /// Puts a rule on the path unless it is done with.
    fn enter(&mut self, rule: usize) -> Option<(usize, usize)> {
        let is_new = self.marks.get(rule) == Some(&Mark::New);
        is_new.then(|| {
            self.set(rule, Mark::OnPath);
            (rule, 0)
        })
    }

    fn set(&mut self, rule: usize, mark: Mark) {
        if let Some(old) = self.marks.get_mut(rule) {
            *old = mark;
        }
    }

    fn circular(&self, way: impl Iterator<Item = usize>, end: usize, span: Range<usize>) -> Fault {
        let names = way
            .chain([end])
            .map(|rule| format!("topic:{}", self.topics.name(rule)));
        let way = names.collect::<Vec<_>>().join(" -> ");
        Fault::new(
            span,
            format!("the topic rests on itself: {way}"),
            "take this reference out, or one further along that way",
        )
        .of_others()
    }
}
