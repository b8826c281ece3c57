//! Syntax trees to plans: aliases looked up, terms numbered, and what cannot work refused.

use super::aliases::Aliases;
use super::lexer::Fault;
use super::lexicon::{Lexicon, LexiconBuilder, SetId};
use super::matcher::{Leaf, Operand, Plan};
use super::parser::parse;
use super::rules::{Alias, Place, Rule, RuleProblem};
use super::syntax::{Kind, Node, Part, Term};
use std::collections::HashMap;

/// Compiles all rules, or returns every problem of aliases and rules.
pub(super) fn compile(
    aliases: &[Alias],
    rules: &[Rule],
) -> Result<(Lexicon, Vec<Plan>), Vec<RuleProblem>> {
    let mut problems = Vec::new();
    let aliases = Aliases::read(aliases, &mut problems);
    let mut compiler = Compiler {
        aliases,
        lexicon: LexiconBuilder::default(),
        sets: HashMap::new(),
        faults: Vec::new(),
    };
    let mut plans = Vec::with_capacity(rules.len());
    for (at, rule) in rules.iter().enumerate() {
        plans.extend(compiler.rule(&rule.query));
        let faults = compiler.faults.drain(..);
        problems.extend(faults.map(|fault| fault.at(Place::Rule { rule: at })));
    }
    if problems.is_empty() {
        Ok((compiler.lexicon.finish(), plans))
    } else {
        Err(problems)
    }
}

struct Compiler<'a> {
    aliases: Aliases<'a>,
    lexicon: LexiconBuilder,
    /// Sets by what they are written as, so that a term of many rules is looked for once.
    sets: HashMap<String, SetId>,
    /// What is wrong with the rule at hand.
    faults: Vec<Fault>,
}

impl Compiler<'_> {
    /// Compiles one query; `None` after a fault.
    fn rule(&mut self, query: &str) -> Option<Plan> {
        match parse(query) {
            Ok(node) => self.positive(&node, None),
            Err(fault) => self.fail(fault),
        }
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

    fn near(&mut self, first: &Node, rest: &[(u32, Node)], part: Option<Part>) -> Option<Plan> {
        let mut operands = vec![self.operand(first, 0, part)];
        for (distance, node) in rest {
            operands.push(self.operand(node, *distance, part));
        }
        operands.into_iter().collect::<Option<_>>().map(Plan::Near)
    }

    fn operand(&mut self, node: &Node, distance: u32, part: Option<Part>) -> Option<Operand> {
        let mut leaves = Vec::new();
        self.gather(node, part, &mut leaves)?;
        Some(Operand { leaves, distance })
    }

    /// Collects the terms of an operand of NEAR.
    fn gather(&mut self, node: &Node, part: Option<Part>, leaves: &mut Vec<Leaf>) -> Option<()> {
        match &node.kind {
            Kind::Term(term) => leaves.push(self.term(term, part)),
            Kind::Alias(name) => leaves.push(self.alias(node, name, part)?),
            Kind::In(inner, query) => {
                let part = self.narrowed(node, part, *inner)?;
                self.gather(query, Some(part), leaves)?;
            }
            Kind::Or(branches) => {
                for branch in branches {
                    self.gather(branch, part, leaves)?;
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
        Leaf { set, part }
    }

    fn alias(&mut self, node: &Node, name: &str, part: Option<Part>) -> Option<Leaf> {
        let written = format!("@{name}");
        if let Some(set) = self.sets.get(&written) {
            return Some(Leaf { set: *set, part });
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
            self.lexicon.add_exclusion(&exclusion);
        }
        self.sets.insert(written, set);
        Some(Leaf { set, part })
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
