//! What compiles and is hardly what was meant.
//!
//! Knows the operator's own aliases, rules and feeds as they are written, no text: what holds of none or of nearly
//! all that is stored, only the store can tell. The packs are looked through by their own tests.

use super::aliases::Aliases;
use super::facts::{Attribute, Fact};
use super::lexer::Fault;
use super::matcher::{FACT_SCORE, MOST, NEAR_FACTOR};
use super::parser::parse;
use super::rules::{Alias, Place, Rule, RuleProblem, Standing};
use super::syntax::{Form, Kind, Node, Term};
use crate::text::{Languages, fold, is_stop_word, words};
use std::collections::{BTreeMap, BTreeSet};

/// What a score can come to: the most of one operand, and what NEAR makes of it.
const MOST_OF_NEAR: f64 = MOST * NEAR_FACTOR;

/// What kind of mistake it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lint {
    /// No query leads to an alias.
    UnusedAlias,
    /// A rule, a part of one or a term of an alias that can hold of no text.
    NeverMatches,
    /// A term that is in nearly every text.
    StopWord,
    /// A term that finds nothing which another of its alias, or beside it in OR, does not.
    ShadowedTerm,
}

/// Returns what is odd about aliases and rules that compile, in the order of both. `feeds` are all that are polled, each
/// with where it stands.
pub fn lint(
    aliases: &[Alias],
    rules: &[Rule],
    feeds: &[(&str, Standing<'_>)],
) -> Vec<(Lint, RuleProblem)> {
    let read = Aliases::read(aliases, &mut Vec::new());
    let mut found = Findings::among(feeds);
    let mut used = BTreeSet::new();
    for (at, rule) in rules.iter().enumerate() {
        let place = Place::Rule { rule: at };
        if let Ok(node) = parse(&rule.query) {
            found.query(&node, &place, &read, &mut used);
            found.score(&node, rule, place);
        }
    }
    for alias in aliases {
        if !used.contains(alias.name.as_str()) {
            found.unused(alias);
        }
        found.terms(alias, &read);
    }
    found.list
}

struct Findings {
    list: Vec<(Lint, RuleProblem)>,
    /// The ids of feeds and the names of groups that have feeds, folded.
    known: BTreeSet<(Attribute, String)>,
}

impl Findings {
    fn among(feeds: &[(&str, Standing<'_>)]) -> Self {
        let ids = feeds.iter().map(|(id, _)| (Attribute::Feed, fold(id)));
        let groups = feeds.iter().filter_map(|(_, standing)| standing.group);
        let groups = groups.map(|group| (Attribute::Group, fold(group)));
        Self {
            list: Vec::new(),
            known: ids.chain(groups).collect(),
        }
    }

    fn add(&mut self, lint: Lint, place: Place, fault: Fault) {
        self.list.push((lint, fault.at(place)));
    }

    /// Walks a query: words that are everywhere, parts that contradict themselves, aliases that are named.
    fn query<'a>(
        &mut self,
        node: &Node,
        place: &Place,
        aliases: &Aliases<'a>,
        used: &mut BTreeSet<&'a str>,
    ) {
        match &node.kind {
            Kind::Term(term) if is_everywhere(term) => {
                let fault = everywhere(term, node.span.clone());
                self.add(Lint::StopWord, place.clone(), fault);
            }
            Kind::Alias(name) => used.extend(aliases.reached_from(name).unwrap_or_default()),
            Kind::And(legs) => self.contradictions(legs, place),
            Kind::Or(branches) => self.shadows(branches, place),
            Kind::Fact(Fact::Is(attribute, value)) => self.nowhere(node, *attribute, value, place),
            _ => {}
        }
        for inner in node.inner() {
            self.query(inner, place, aliases, used);
        }
    }

    /// Reports legs that say the same as one that is excluded.
    fn contradictions(&mut self, legs: &[Node], place: &Place) {
        let fields: Vec<(String, &Node, bool)> = legs.iter().map(|leg| within("", leg)).collect();
        let excluded: BTreeSet<(&str, String)> = fields
            .iter()
            .filter(|(_, _, excluded)| *excluded)
            .map(|(field, query, _)| (field.as_str(), query.to_string()))
            .collect();
        for (leg, (field, query, is_excluded)) in legs.iter().zip(&fields) {
            let query = query.to_string();
            let is_met = |field| excluded.contains(&(field, query.clone()));
            if !is_excluded && (is_met(field) || is_met("")) {
                let message = format!("`{leg}` must hold and is excluded: this matches nothing");
                let fault = Fault::new(leg.span.clone(), message, "delete one of the two");
                self.add(Lint::NeverMatches, place.clone(), fault);
            }
        }
    }

    /// Reports alternatives that another one covers. One with a boost says that it counts for more.
    fn shadows(&mut self, branches: &[Node], place: &Place) {
        let terms = branches.iter().enumerate();
        let terms: Vec<(usize, &Term)> = terms
            .filter_map(|(at, branch)| match &branch.kind {
                Kind::Term(term) => Some((at, term)),
                _ => None,
            })
            .collect();
        let finders = Finders::of(&terms);
        for (at, term) in &terms {
            let other = finders.other(*at, term);
            if let Some((other, branch)) = other.zip(branches.get(*at)) {
                let fault = shadowed(term, other, branch.span.clone());
                self.add(Lint::ShadowedTerm, place.clone(), fault);
            }
        }
    }

    /// Reports a feed that is not configured, and a group that has no feed.
    fn nowhere(&mut self, node: &Node, attribute: Attribute, value: &str, place: &Place) {
        let message = match attribute {
            Attribute::Feed => format!("no feed has the id `{value}`"),
            Attribute::Group => format!("no feed is in a group `{value}`"),
            _ => return,
        };
        if value.contains('*') || self.known.contains(&(attribute, fold(value))) {
            return;
        }
        let help = "write a name that stands in this file, or `*` for what is not known in full";
        let fault = Fault::new(node.span.clone(), message, help);
        self.add(Lint::NeverMatches, place.clone(), fault);
    }

    fn score(&mut self, node: &Node, rule: &Rule, place: Place) {
        let most = most(node);
        if rule.min_score >= most {
            let least = rule.min_score;
            let message = format!("no score is above {most:.1}, and `min-score` is {least:.1}");
            let help = "lower `min-score`, or write what counts more: `word^2`";
            self.add(
                Lint::NeverMatches,
                place,
                Fault::new(0..rule.query.len(), message, help),
            );
        }
    }

    fn unused(&mut self, alias: &Alias) {
        let place = Place::Alias {
            name: alias.name.clone(),
            term: 0,
        };
        let span = 0..alias.terms.first().map_or(0, String::len);
        let message = format!("no query names the alias `@{}`", alias.name);
        let fault = Fault::new(span, message, "use it, or delete it");
        self.add(Lint::UnusedAlias, place, fault);
    }

    /// Looks through the terms of one alias.
    fn terms(&mut self, alias: &Alias, read: &Aliases<'_>) {
        let terms: Vec<(usize, &Term)> = read.own_terms(&alias.name).collect();
        let excluded: BTreeSet<Vec<String>> =
            read.own_exclusions(&alias.name).map(folded).collect();
        let finders = Finders::of(&terms);
        for (at, term) in terms {
            let span = 0..alias.terms.get(at).map_or(0, String::len);
            let place = Place::Alias {
                name: alias.name.clone(),
                term: at,
            };
            if is_everywhere(term) {
                self.add(Lint::StopWord, place, everywhere(term, span));
            } else if !term.prefix && excluded.contains(&folded(term)) {
                let message = format!("`{term}` never counts: the alias excludes it too");
                let fault = Fault::new(span, message, "delete one of the two");
                self.add(Lint::NeverMatches, place, fault);
            } else if let Some(other) = finders.other(at, term) {
                self.add(Lint::ShadowedTerm, place, shadowed(term, other, span));
            }
        }
    }
}

/// The terms of an alias by what they find, each the first that does.
struct Finders<'t> {
    /// Whole words and phrases.
    whole: BTreeMap<Vec<String>, (usize, &'t Term)>,
    /// Those whose last word is only the beginning of one.
    beginning: BTreeMap<Vec<String>, (usize, &'t Term)>,
}

impl<'t> Finders<'t> {
    fn of(terms: &[(usize, &'t Term)]) -> Self {
        let mut finders = Self {
            whole: BTreeMap::new(),
            beginning: BTreeMap::new(),
        };
        for (at, term) in terms.iter().filter(|(_, term)| term.form != Form::Exact) {
            let kind = if term.prefix {
                &mut finders.beginning
            } else {
                &mut finders.whole
            };
            kind.entry(folded(term)).or_insert((*at, *term));
        }
        finders
    }

    /// Returns another term that finds all that this one does; of two that are the same, the first.
    fn other(&self, at: usize, term: &Term) -> Option<&'t Term> {
        let mut words = folded(term);
        let is_other = |found: &&(usize, &'t Term)| found.0 != at;
        let same = (!term.prefix).then(|| self.whole.get(&words)).flatten();
        if let Some((_, other)) = same.filter(is_other) {
            return Some(other);
        }
        let last = words.pop()?;
        let ends = last.char_indices().map(|(at, c)| at + c.len_utf8());
        for beginning in ends.filter_map(|end| last.get(..end)) {
            words.push(beginning.to_owned());
            if let Some((_, other)) = self.beginning.get(&words).filter(is_other) {
                return Some(other);
            }
            words.pop();
        }
        None
    }
}

/// Returns the words of a term as they are compared.
fn folded(term: &Term) -> Vec<String> {
    let all = words(&term.text);
    all.map(|word| word.folded.into_owned()).collect()
}

/// Tells whether a term is one word that is in nearly every text of its language. An exact one is a name:
/// `=US`.
fn is_everywhere(term: &Term) -> bool {
    let words = folded(term);
    let [word] = words.as_slice() else {
        return false;
    };
    let language = Languages::of(None).word(word);
    term.form != Form::Exact && !term.prefix && is_stop_word(language, word)
}

fn shadowed(term: &Term, by: &Term, span: std::ops::Range<usize>) -> Fault {
    let message = format!("`{term}` finds nothing that `{by}` does not");
    Fault::new(span, message, "delete it")
}

fn everywhere(term: &Term, span: std::ops::Range<usize>) -> Fault {
    Fault::new(
        span,
        format!("`{term}` is in nearly every text"),
        format!(
            "write it in a phrase, or `={}` where only these letters count",
            term.text
        ),
    )
}

/// Returns what a leg of AND asks without fields, boosts and NOT, the fields, and whether it is excluded.
fn within<'n>(fields: &str, leg: &'n Node) -> (String, &'n Node, bool) {
    match &leg.kind {
        Kind::In(part, query) => within(&part.to_string(), query),
        Kind::Boost(query, _) => within(fields, query),
        Kind::Not(query) => {
            let (fields, query, excluded) = within(fields, query);
            (fields, query, !excluded)
        }
        _ => (fields.to_owned(), leg, false),
    }
}

/// Returns what no score of a query comes up to.
fn most(node: &Node) -> f64 {
    let each = |nodes: &[Node]| nodes.iter().map(most).collect::<Vec<f64>>();
    match &node.kind {
        Kind::And(legs) => {
            let mut counted: Vec<&Node> = legs.iter().filter(|leg| !is_fact(leg)).collect();
            if counted.is_empty() {
                counted.extend(legs);
            }
            counted.into_iter().map(most).fold(f64::INFINITY, f64::min)
        }
        Kind::Or(nodes) | Kind::AtLeast(_, nodes) => each(nodes).iter().sum(),
        Kind::In(_, query) => most(query),
        Kind::Boost(query, factor) => most(query) * factor,
        Kind::Not(_) | Kind::Topic(_) => f64::INFINITY,
        Kind::Near(..) => MOST_OF_NEAR,
        // It reaches what places only approach.
        Kind::Fact(_) => FACT_SCORE.next_up(),
        _ => MOST,
    }
}

/// Tells whether a query asks for facts alone, which AND passes over.
fn is_fact(node: &Node) -> bool {
    match &node.kind {
        Kind::Fact(_) => true,
        Kind::Term(_) | Kind::Alias(_) | Kind::Topic(_) | Kind::Not(_) => false,
        _ => node.inner().into_iter().all(is_fact),
    }
}
