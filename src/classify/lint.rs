//! What compiles and is hardly what was meant.
//!
//! Knows the operator's own aliases, rules and feeds as they are written, no text: what holds of none or of nearly
//! all that is stored, only the store can tell. The packs are looked through by their own tests.

use super::aliases::Aliases;
use super::facts::{Attribute, Fact};
use super::lexer::Fault;
use super::matcher::{FACT_SCORE, MOST, NEAR_FACTOR};
use super::never;
use super::parser::parse;
use super::rules::{Alias, Place, Rule, RuleProblem, Standing};
use super::slips::slips;
use super::syntax::{Form, Kind, Node, Term};
use crate::text::{Languages, are_stop_words_of_one_language, fold, is_stop_word, words};
use std::collections::{BTreeMap, BTreeSet};

/// What a score can come to: the most of one operand, and what NEAR makes of it.
const MOST_OF_NEAR: f64 = MOST * NEAR_FACTOR;

/// Words for operators in other languages, in capitals, and the operators.
const OPERATORS: &[(&str, &str)] = &[
    ("E", "AND"),
    ("EN", "AND"),
    ("ET", "AND"),
    ("NICHT", "NOT"),
    ("NIET", "NOT"),
    ("NON", "NOT"),
    ("NÃO", "NOT"),
    ("O", "OR"),
    ("ODER", "OR"),
    ("OF", "OR"),
    ("OHNE", "NOT"),
    ("OU", "OR"),
    ("SAUF", "NOT"),
    ("UND", "AND"),
    ("Y", "AND"),
    ("И", "AND"),
    ("ИЛИ", "OR"),
    ("НЕ", "NOT"),
];

/// What kind of mistake it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lint {
    /// No query leads to an alias.
    UnusedAlias,
    /// A rule, a part of one or a term of an alias that can hold of no text.
    NeverMatches,
    /// A word that was meant as an operator.
    MisspeltOperator,
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
            found.words(&node, rule, &place);
            for slip in slips(&rule.query) {
                found.add(Lint::MisspeltOperator, place.clone(), slip);
            }
            found.conditions(&node, rule, &place);
            if rule.min_score <= 0.0 {
                found.alternatives(&node, &place);
            }
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

    /// Walks a query: parts that contradict themselves or say nothing more, aliases that are named.
    fn query<'a>(
        &mut self,
        node: &Node,
        place: &Place,
        aliases: &Aliases<'a>,
        used: &mut BTreeSet<&'a str>,
    ) {
        match &node.kind {
            Kind::Alias(name) => used.extend(aliases.reached_from(name).unwrap_or_default()),
            Kind::And(legs) => self.contradictions(legs, place),
            Kind::Or(branches) => self.shadows(branches, place),
            Kind::Near(..) => self.torn(node, place),
            Kind::AtLeast(_, queries) => self.twice(queries, place),
            Kind::Fact(Fact::Is(attribute, value)) => self.nowhere(node, *attribute, value, place),
            _ => {}
        }
        for inner in node.inner() {
            self.query(inner, place, aliases, used);
        }
    }

    /// Reports legs that hold only where something is found that another one excludes.
    fn contradictions(&mut self, legs: &[Node], place: &Place) {
        let excluded = never::excluded(legs);
        let terms = never::excluded_terms(legs);
        for leg in legs {
            let (field, query, is_not) = never::within("", leg);
            if !is_not && never::is_excluded(&field, query, &excluded) {
                let message = format!("`{leg}` must hold and is excluded: this matches nothing");
                self.never(leg, message, "delete one of the two", place);
                continue;
            }
            let term = match &query.kind {
                Kind::Term(term) if !is_not => term,
                _ => continue,
            };
            if let Some(other) = never::found_within((&field, term), &terms) {
                let message = format!(
                    "`{leg}` must hold, and `{other}`, which is excluded, is found in it: this matches nothing"
                );
                self.never(leg, message, "delete one of the two", place);
            }
        }
    }

    fn never(&mut self, node: &Node, message: String, help: &str, place: &Place) {
        let fault = Fault::new(node.span.clone(), message, help);
        self.add(Lint::NeverMatches, place.clone(), fault);
    }

    /// Reports NEAR across fields, of which each is a text of its own.
    fn torn(&mut self, near: &Node, place: &Place) {
        if never::is_torn(near) {
            let message = format!("`{near}` asks for words of two texts: this matches nothing");
            let help = "NEAR is within the title or within the body: name one field, or none";
            self.never(near, message, help, place);
        }
    }

    /// Reports conditions of a whole query that hold of no entry together, or of none that the rule may hold.
    fn conditions(&mut self, query: &Node, rule: &Rule, place: &Place) {
        if let Some((one, other)) = never::at_odds(query) {
            let message = format!("`{one}` and `{other}` hold of no entry both");
            self.never(
                other,
                message,
                "delete one of the two, or write OR between",
                place,
            );
        }
        if let Some((leg, key)) = never::out_of_scope(query, &rule.scope) {
            let message = format!("{key} let nothing in of which `{leg}` holds");
            self.never(leg, message, "delete one of the two", place);
        }
    }

    /// Reports queries of ATLEAST that count twice.
    fn twice(&mut self, queries: &[Node], place: &Place) {
        let mut met = BTreeSet::new();
        for query in queries {
            if !met.insert(query.to_string()) {
                let message = format!("`{query}` stands twice, and counts for two");
                let fault = Fault::new(query.span.clone(), message, "delete one of the two");
                self.add(Lint::ShadowedTerm, place.clone(), fault);
            }
        }
    }

    /// Walks a query for alternatives that another one covers.
    fn alternatives(&mut self, node: &Node, place: &Place) {
        if let Kind::Or(branches) = &node.kind {
            self.covered(branches, place);
        }
        for inner in node.inner() {
            self.alternatives(inner, place);
        }
    }

    /// Reports alternatives that ask for another one and more: `oil OR (oil gas)`. They tell by their scores alone, so
    /// that nothing is said where the rule asks for one.
    fn covered(&mut self, branches: &[Node], place: &Place) {
        let all: BTreeSet<String> = branches.iter().map(ToString::to_string).collect();
        for branch in branches {
            let Kind::And(legs) = &branch.kind else {
                continue;
            };
            let other = legs.iter().find(|leg| all.contains(&leg.to_string()));
            if let Some(other) = other {
                let message = format!("`{branch}` finds nothing that `{other}` does not");
                let fault = Fault::new(branch.span.clone(), message, "delete it");
                self.add(Lint::ShadowedTerm, place.clone(), fault);
            }
        }
    }

    /// Reports words that are everywhere, in the language that the rule is for or in the one whose words they all are,
    /// and operators of other languages.
    fn words(&mut self, query: &Node, rule: &Rule, place: &Place) {
        let mut terms = Vec::new();
        gather(query, &mut terms);
        let mut tags: Vec<&str> = rule.scope.languages.iter().map(String::as_str).collect();
        let facts = never::legs(query).into_iter().filter_map(never::values);
        let said = facts.filter(|(attribute, _)| *attribute == Attribute::Lang);
        tags.extend(said.flat_map(|(_, values)| values));
        let is_all = is_grammar(&terms);
        for (node, term) in terms {
            let is_plain = term.form == Form::Word && !term.prefix;
            let operator = operator(&term.text).filter(|_| is_plain);
            let fault = if let Some(operator) = operator {
                foreign_operator(term, operator, node.span.clone())
            } else if is_all || is_everywhere(term, &tags) {
                everywhere(term, node.span.clone())
            } else {
                continue;
            };
            self.add(Lint::StopWord, place.clone(), fault);
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

    /// Reports a feed that is not configured, a group that has no feed, and an address that none can be.
    fn nowhere(&mut self, node: &Node, attribute: Attribute, value: &str, place: &Place) {
        let message = match attribute {
            Attribute::Feed => format!("no feed has the id `{value}`"),
            Attribute::Group => format!("no feed is in a group `{value}`"),
            Attribute::Url if never::is_no_address(value) => {
                let message = format!("`{node}` is no whole address, and they are compared whole");
                let help =
                    "write `*` for the rest, as in `url:*/opinion/*`, or `site:` for a domain";
                return self.never(node, message, help, place);
            }
            _ => return,
        };
        if value.contains('*') || self.known.contains(&(attribute, fold(value))) {
            return;
        }
        let help = "write a name that stands in feeds.toml, or `*` for what is not known in full";
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
            if is_everywhere(term, &[]) {
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
        let last = words.pop().filter(|last| !never::is_inflected(last))?;
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

/// Returns a term as one folded word; `None` for what says more. An exact one is a name: `=US`.
fn one_word(term: &Term) -> Option<String> {
    let mut words = folded(term);
    let is_one = words.len() == 1 && term.form != Form::Exact && !term.prefix;
    words.pop().filter(|_| is_one)
}

/// Tells whether a term is one word that is in nearly every text of the language that its script says, or of one of
/// these.
fn is_everywhere(term: &Term, tags: &[&str]) -> bool {
    let tags = tags.iter().map(|tag| Some(*tag)).chain([None]);
    let languages: Vec<Languages> = tags.map(Languages::of).collect();
    one_word(term).is_some_and(|word| {
        let mut languages = languages.iter().map(|it| it.word(&word));
        languages.any(|language| is_stop_word(language, &word))
    })
}

/// Tells whether terms are all words of grammar of one language, whichever. A single one may be a word of another:
/// `war`.
fn is_grammar(terms: &[(&Node, &Term)]) -> bool {
    let words: Option<BTreeSet<String>> = terms.iter().map(|(_, term)| one_word(term)).collect();
    words.is_some_and(|words| words.len() > 1 && are_stop_words_of_one_language(&words))
}

/// Collects the terms of a query.
fn gather<'n>(node: &'n Node, terms: &mut Vec<(&'n Node, &'n Term)>) {
    if let Kind::Term(term) = &node.kind {
        terms.push((node, term));
    }
    for inner in node.inner() {
        gather(inner, terms);
    }
}

/// Returns the operator that a word in capitals was meant for, in another language.
fn operator(word: &str) -> Option<&'static str> {
    let found = OPERATORS.iter().find(|(foreign, _)| *foreign == word);
    found.map(|(_, operator)| *operator)
}

fn foreign_operator(term: &Term, operator: &str, span: std::ops::Range<usize>) -> Fault {
    let written = &term.text;
    let message = format!("`{written}` is a word to look for here, and no operator");
    Fault::new(
        span,
        message,
        format!("write `{operator}`, or `={written}` for these letters"),
    )
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
