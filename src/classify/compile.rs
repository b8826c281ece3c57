//! Syntax trees to plans: aliases looked up, terms numbered, and what cannot work refused.

use super::aliases::Aliases;
use super::facts::Fact;
use super::lexer::Fault;
use super::lexicon::{Lexicon, LexiconBuilder, SetId};
use super::matcher::{Leaf, Operand, Plan, RuleId};
use super::parser::parse;
use super::rules::{Alias, Place, Rule, RuleProblem};
use super::syntax::{Kind, Node, Part, Reach, Term};
use super::topics::Topics;
use std::collections::HashMap;

/// Rules ready to be evaluated.
pub(super) struct Compiled {
    /// What they look for.
    pub(super) lexicon: Lexicon,
    /// Their plans, each with the index of its rule and the rules that this inherits from, in an order in which a
    /// rule comes after those that it rests on.
    pub(super) plans: Vec<(usize, Plan, Vec<RuleId>)>,
}

/// Whether the answer is kept with the entry, or asked for the moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is: an answer that changes by itself would be wrong from tomorrow on.
    Kept,
    /// It is not.
    OfTheMoment,
}

/// Compiles all rules, or returns every problem of aliases and rules.
pub(super) fn compile(
    aliases: &[Alias],
    rules: &[Rule],
    answer: Answer,
) -> Result<Compiled, Vec<RuleProblem>> {
    let mut problems = Vec::new();
    let aliases = Aliases::read(aliases, &mut problems);
    let mut faults: Vec<(Place, Fault)> = Vec::new();
    let mut nodes: Vec<Option<Node>> = Vec::with_capacity(rules.len());
    for (at, rule) in rules.iter().enumerate() {
        let parsed = Some(rule).filter(|rule| !rule.only_inherits());
        let parsed = parsed.map(|rule| parse(&rule.query)).transpose();
        let parsed = parsed.map_err(|fault| faults.push((Place::Rule { rule: at }, fault)));
        nodes.push(parsed.unwrap_or_default());
    }
    let topics = Topics::new(rules);
    let (order, circular) = topics.order(&nodes);
    faults.extend(circular);
    let mut compiler = Compiler::new(aliases, topics, &order, answer);
    let mut plans = Vec::with_capacity(rules.len());
    for rule in order {
        let node = nodes.get(rule).and_then(Option::as_ref);
        // What asks nothing is like OR without branches.
        let nothing = || Some(Plan::AtLeast(1, Vec::new()));
        let plan = node.map_or_else(nothing, |node| compiler.positive(node, None));
        let heir_of = rules.get(rule).map(|it| compiler.inherited(it));
        plans.extend(plan.map(|plan| (rule, plan, heir_of.unwrap_or_default())));
        let place = Place::Rule { rule };
        faults.extend(compiler.faults.drain(..).map(|it| (place.clone(), it)));
    }
    faults.sort_by(|(one, a), (other, b)| (one, a.span.start).cmp(&(other, b.span.start)));
    problems.extend(faults.into_iter().map(|(place, fault)| fault.at(place)));
    if problems.is_empty() {
        let lexicon = compiler.lexicon.finish();
        Ok(Compiled { lexicon, plans })
    } else {
        Err(problems)
    }
}

struct Compiler<'a> {
    aliases: Aliases<'a>,
    topics: Topics<'a>,
    /// The place of each rule in the order of evaluation.
    places: Vec<RuleId>,
    answer: Answer,
    lexicon: LexiconBuilder,
    /// Sets by what they are written as, so that a term of many rules is looked for once.
    sets: HashMap<String, SetId>,
    /// What is wrong with the rule at hand.
    faults: Vec<Fault>,
}

impl<'a> Compiler<'a> {
    fn new(aliases: Aliases<'a>, topics: Topics<'a>, order: &[usize], answer: Answer) -> Self {
        let mut places = vec![RuleId(0); order.len()];
        for (at, rule) in order.iter().enumerate() {
            if let Some(place) = places.get_mut(*rule) {
                *place = RuleId(at);
            }
        }
        Self {
            aliases,
            topics,
            places,
            answer,
            lexicon: LexiconBuilder::default(),
            sets: HashMap::new(),
            faults: Vec::new(),
        }
    }

    /// Returns the places of the rules that a rule inherits from.
    fn inherited(&self, rule: &Rule) -> Vec<RuleId> {
        let rules = rule
            .inherits
            .iter()
            .filter_map(|name| self.topics.get(name));
        let places = rules.filter_map(|rule| self.places.get(rule).copied());
        places.collect()
    }

    fn fail<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }

    /// Compiles a node of which at least one hit must tell.
    fn positive(&mut self, node: &Node, part: Option<Part>) -> Option<Plan> {
        match &node.kind {
            Kind::Term(term) => Some(Plan::Leaf(self.term(term, part))),
            Kind::Alias(name) => self.alias(node, name, part).map(Plan::Leaf),
            Kind::Fact(_) | Kind::Topic(_) if part.is_some() => self.fail(of_the_whole(node)),
            Kind::Fact(Fact::Age(_)) if self.answer == Answer::Kept => self.fail(changes(node)),
            Kind::Fact(fact) => Some(Plan::Fact(self.lexicon.add_fact(fact))),
            // one that is not there was reported already
            Kind::Topic(name) => {
                let place = self.places.get(self.topics.get(name)?)?;
                Some(Plan::Topic(*place))
            }
            Kind::In(inner, query) => {
                let part = self.narrowed(node, part, *inner)?;
                self.positive(query, Some(part))
            }
            Kind::Not(_) => self.fail(only_excludes(node)),
            Kind::And(legs) => self.and(node, legs, part),
            Kind::Or(branches) => Some(Plan::AtLeast(1, self.each(branches, part)?)),
            Kind::AtLeast(count, queries) => Some(Plan::AtLeast(*count, self.each(queries, part)?)),
            Kind::Near(first, rest) => self.near(first, rest, part),
            Kind::Boost(query, factor) => {
                let plan = self.positive(query, part)?;
                Some(Plan::Boost(Box::new(plan), *factor))
            }
        }
    }

    /// Compiles all nodes, so that each reports its faults.
    fn each(&mut self, nodes: &[Node], part: Option<Part>) -> Option<Vec<Plan>> {
        let plans: Vec<Option<Plan>> = nodes.iter().map(|n| self.positive(n, part)).collect();
        plans.into_iter().collect()
    }

    fn and(&mut self, node: &Node, legs: &[Node], part: Option<Part>) -> Option<Plan> {
        let mut positive = Vec::new();
        let mut negative = Vec::new();
        for leg in legs {
            match excluded(leg, part) {
                Some((query, part)) => negative.push(self.positive(query, part)),
                None => positive.push(self.positive(leg, part)),
            }
        }
        if positive.is_empty() {
            return self.fail(only_excludes(node));
        }
        Some(Plan::And {
            legs: positive.into_iter().collect::<Option<_>>()?,
            without: negative.into_iter().collect::<Option<_>>()?,
        })
    }

    fn near(&mut self, first: &Node, rest: &[(Reach, Node)], part: Option<Part>) -> Option<Plan> {
        let mut operands = vec![self.operand(first, None, part)];
        for (reach, node) in rest {
            operands.push(self.operand(node, Some(*reach), part));
        }
        operands.into_iter().collect::<Option<_>>().map(Plan::Near)
    }

    fn operand(
        &mut self,
        node: &Node,
        reach: Option<Reach>,
        part: Option<Part>,
    ) -> Option<Operand> {
        let mut leaves = Vec::new();
        self.gather(node, part, 1.0, &mut leaves)?;
        Some(Operand { leaves, reach })
    }

    /// Collects the terms of an operand of NEAR.
    fn gather(
        &mut self,
        node: &Node,
        part: Option<Part>,
        boost: f64,
        leaves: &mut Vec<Leaf>,
    ) -> Option<()> {
        let boosted = |leaf: Leaf| Leaf { boost, ..leaf };
        match &node.kind {
            Kind::Term(term) => leaves.push(boosted(self.term(term, part))),
            Kind::Alias(name) => leaves.push(boosted(self.alias(node, name, part)?)),
            Kind::Boost(query, factor) => self.gather(query, part, boost * factor, leaves)?,
            Kind::In(inner, query) => {
                let part = self.narrowed(node, part, *inner)?;
                self.gather(query, Some(part), boost, leaves)?;
            }
            Kind::Or(branches) => {
                for branch in branches {
                    self.gather(branch, part, boost, leaves)?;
                }
            }
            _ => return self.fail(no_place(node)),
        }
        Some(())
    }

    fn term(&mut self, term: &Term, part: Option<Part>) -> Leaf {
        let lexicon = &mut self.lexicon;
        let set = *self
            .sets
            .entry(term.to_string())
            .or_insert_with(|| lexicon.add_set([(None, term)]));
        leaf(set, part)
    }

    fn alias(&mut self, node: &Node, name: &str, part: Option<Part>) -> Option<Leaf> {
        let written = format!("@{name}");
        if let Some(set) = self.sets.get(&written) {
            return Some(leaf(*set, part));
        }
        let Some(terms) = self.aliases.terms(name) else {
            let fault = self.aliases.unknown(name, node.span.clone());
            return self.fail(fault);
        };
        if terms.is_empty() {
            return self.fail(Fault::new(
                node.span.clone(),
                format!("the alias `{written}` has no terms"),
                "give it terms in [alias], or leave it out of the query",
            ));
        }
        let terms = terms.into_iter().map(|(alias, term)| (Some(alias), term));
        let set = self.lexicon.add_set(terms);
        for exclusion in self.aliases.exclusions(name) {
            self.lexicon.add_exclusion(&exclusion, set);
        }
        self.sets.insert(written, set);
        Some(leaf(set, part))
    }

    /// Returns the part that both a field and what stands around it allow.
    fn narrowed(&mut self, node: &Node, outer: Option<Part>, inner: Part) -> Option<Part> {
        match outer {
            Some(outer) if outer != inner => self.fail(Fault::new(
                node.span.clone(),
                format!("`{inner}` within `{outer}` can match nothing"),
                "delete one of the two fields",
            )),
            _ => Some(inner),
        }
    }
}

fn leaf(set: SetId, part: Option<Part>) -> Leaf {
    let boost = 1.0;
    Leaf { set, part, boost }
}

/// Returns the query that a leg of AND excludes, and where; `None` for a leg that must hold.
fn excluded(leg: &Node, part: Option<Part>) -> Option<(&Node, Option<Part>)> {
    match &leg.kind {
        Kind::Not(query) => Some((query, part)),
        Kind::In(inner, query) if part.is_none_or(|outer| outer == *inner) => {
            excluded(query, Some(*inner))
        }
        _ => None,
    }
}

fn of_the_whole(node: &Node) -> Fault {
    Fault::new(
        node.span.clone(),
        format!("`{node}` is said of the whole entry"),
        "write it beside `title:` or `body:`, not behind it",
    )
}

fn changes(node: &Node) -> Fault {
    Fault::new(
        node.span.clone(),
        format!("`{node}` changes by itself, and the topics of an entry are kept with it"),
        "leave it out: outputs hold the newest entries anyway, and `merganser search` takes it",
    )
}

fn no_place(node: &Node) -> Fault {
    Fault::new(
        node.span.clone(),
        format!("`{node}` has no one place that NEAR could measure from"),
        "on both sides of NEAR write a word, a phrase, an alias, or several of these joined by OR \
         in parentheses",
    )
}

fn only_excludes(node: &Node) -> Fault {
    Fault::new(
        node.span.clone(),
        format!("`{node}` only excludes"),
        format!(
            "write beside it what to look for: `word {node}`; an alternative of OR needs its own"
        ),
    )
}
