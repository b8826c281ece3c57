//! The aliases: their terms read, and their references to one another checked.
//!
//! The operator's own come before the packs of the same name: whoever disagrees with a pack writes it anew,
//! and all that include it follow.

use super::foreign;
use super::lexer::{Fault, term};
use super::meant;
use super::packs::{self, PACKS};
use super::rules::{Alias, Place, RuleProblem};
use super::syntax::{Form, Term};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What one term of an alias says.
#[derive(Clone, Debug)]
pub(super) enum Member {
    /// Look for this.
    Term(Term),
    /// What is found within this does not count.
    Not(Term),
    /// All that this alias lists.
    Alias(String, Range<usize>),
}

/// All aliases by name.
pub(super) struct Aliases<'a> {
    /// The members, each with its index among the terms as written.
    members: BTreeMap<&'a str, Members<'a>>,
}

/// The members of one alias: of the operator's, or a pack's.
type Members<'a> = Cow<'a, [(usize, Member)]>;

/// A phrase within which terms do not count.
pub(super) struct Exclusion<'a> {
    /// The alias that lists it.
    pub(super) alias: &'a str,
    /// The phrase.
    pub(super) term: &'a Term,
    /// The aliases whose terms do not count in it: the one that lists it, and those that this includes.
    pub(super) of: BTreeSet<&'a str>,
}

impl<'a> Aliases<'a> {
    /// Reads the terms of all aliases; those at fault are left out and reported.
    pub(super) fn read(aliases: &'a [Alias], problems: &mut Vec<RuleProblem>) -> Self {
        let mut members: BTreeMap<&str, Members<'_>> = BTreeMap::new();
        for (name, pack) in PACKS.iter() {
            members.insert(name, Cow::Borrowed(pack));
        }
        for alias in aliases {
            let mut read = Vec::with_capacity(alias.terms.len());
            for (at, text) in alias.terms.iter().enumerate() {
                match member(text) {
                    Ok(member) => read.push((at, member)),
                    Err(fault) => problems.push(problem(&alias.name, at, fault)),
                }
            }
            members.insert(alias.name.as_str(), Cow::Owned(read));
        }
        let aliases = Self { members };
        aliases.check_references(problems);
        aliases
    }

    /// Returns all terms of an alias and of those it names, each with the alias that lists it; `None`
    /// when there is no such alias.
    ///
    /// An alias that is reached twice gives its terms once, so the result is never longer than the
    /// file, and a cycle ends.
    pub(super) fn terms(&self, name: &str) -> Option<Vec<(&'a str, &Term)>> {
        let reached = self.reached_from(name)?;
        let terms = reached.into_iter().flat_map(|alias| {
            self.members(alias)
                .iter()
                .filter_map(move |(_, member)| match member {
                    Member::Term(term) => Some((alias, term)),
                    Member::Not(_) | Member::Alias(..) => None,
                })
        });
        Some(terms.collect())
    }

    /// Returns what an alias, and those it names, exclude.
    pub(super) fn exclusions(&self, name: &str) -> Vec<Exclusion<'_>> {
        let reached = self.reached_from(name).unwrap_or_default();
        let all = reached.into_iter().flat_map(|alias| {
            self.own_exclusions(alias).map(move |term| Exclusion {
                alias,
                term,
                of: self.reached_from(alias).unwrap_or_default(),
            })
        });
        all.collect()
    }

    /// Returns the terms that an alias itself lists, each with its index.
    pub(super) fn own_terms(&self, alias: &str) -> impl Iterator<Item = (usize, &Term)> {
        self.members(alias)
            .iter()
            .filter_map(|(at, member)| match member {
                Member::Term(term) => Some((*at, term)),
                Member::Not(_) | Member::Alias(..) => None,
            })
    }

    /// Returns what an alias itself excludes.
    pub(super) fn own_exclusions(&self, alias: &str) -> impl Iterator<Item = &Term> {
        self.members(alias)
            .iter()
            .filter_map(|(_, member)| match member {
                Member::Not(term) => Some(term),
                Member::Term(_) | Member::Alias(..) => None,
            })
    }

    fn members(&self, alias: &str) -> &[(usize, Member)] {
        self.members.get(alias).map_or(&[], |members| members)
    }

    /// Says that there is no alias of this name, and which one may have been meant.
    pub(super) fn unknown(&self, name: &str, span: Range<usize>) -> Fault {
        let written = meant::quoted(name);
        let near = || meant::nearest(name, self.members.keys().copied());
        let help = if let Some(pack) = meant::pack(name) {
            format!("did you mean `@{pack}`? else add a key `{written}` to [alias]")
        } else if let Some(known) = near().or_else(|| packs::nearest_pack(name)) {
            format!("did you mean `@{known}`?")
        } else {
            format!(
                "add a key `{written}` to [alias]; `merganser print packs` lists what is there without one"
            )
        };
        Fault::new(span, format!("unknown alias `@{written}`"), help).of_others()
    }

    /// Tells whether an alias is the operator's and no pack.
    fn is_own(&self, name: &str) -> bool {
        matches!(self.members.get(name), Some(Cow::Owned(_)))
    }

    /// Returns the aliases that `name` leads to, itself included.
    pub(super) fn reached_from(&self, name: &str) -> Option<BTreeSet<&'a str>> {
        let (start, _) = self.members.get_key_value(name)?;
        let mut reached = BTreeSet::from([*start]);
        let mut ahead = vec![*start];
        while let Some(alias) = ahead.pop() {
            let others = self.references(alias).map(|(_, other)| other);
            let known = others.filter_map(|other| self.members.get_key_value(other));
            ahead.extend(
                known
                    .map(|(other, _)| *other)
                    .filter(|other| reached.insert(other)),
            );
        }
        Some(reached)
    }

    /// Returns the aliases that an alias names, known or not, each with the index of the term.
    fn references(&self, alias: &str) -> impl Iterator<Item = (usize, &str)> + use<'_, 'a> {
        self.members(alias)
            .iter()
            .filter_map(|(at, member)| match member {
                Member::Alias(other, _) => Some((*at, other.as_str())),
                Member::Term(_) | Member::Not(_) => None,
            })
    }

    /// Reports names that are no alias, and every reference that leads back to where it came from.
    fn check_references(&self, problems: &mut Vec<RuleProblem>) {
        let mut finished = BTreeSet::new();
        for alias in self.members.keys() {
            self.walk_from(alias, &mut finished, problems);
        }
    }

    /// Returns where in a term the alias stands that it names.
    fn span_at(&self, alias: &str, term: usize) -> Range<usize> {
        let mut members = self.members(alias).iter();
        let found = members.find_map(|(at, member)| match member {
            Member::Alias(_, span) if *at == term => Some(span.clone()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// Walks along all references from an alias, in depth and with the path at hand: a reference to an
    /// alias on the path closes a cycle. What is `finished` is not walked again.
    fn walk_from<'s>(
        &'s self,
        start: &'s str,
        finished: &mut BTreeSet<&'s str>,
        problems: &mut Vec<RuleProblem>,
    ) {
        let mut path = vec![(start, self.references(start), 0)];
        while let Some((alias, ahead, left_by)) = path.last_mut() {
            let alias = *alias;
            let next = ahead.next().filter(|_| !finished.contains(alias));
            let Some((at, other)) = next else {
                finished.insert(alias);
                path.pop();
                continue;
            };
            *left_by = at;
            if let Some(from) = path.iter().position(|(earlier, ..)| *earlier == other) {
                let circle = path.iter().skip(from);
                let way = circle
                    .clone()
                    .map(|(earlier, ..)| format!("@{earlier} -> "));
                let way = format!("{}@{other}", way.collect::<String>());
                // Packs name no circle by themselves: at least one of it is the operator's to mend.
                let mut own = circle.rev().filter(|(name, ..)| self.is_own(name));
                let (alias, at) = own.next().map_or((alias, at), |(name, _, at)| (*name, *at));
                let fault = circular(&way, self.span_at(alias, at));
                problems.push(problem(alias, at, fault));
            } else if self.members.contains_key(other) {
                path.push((other, self.references(other), 0));
            } else {
                problems.push(problem(
                    alias,
                    at,
                    self.unknown(other, self.span_at(alias, at)),
                ));
            }
        }
    }
}

fn circular(way: &str, span: Range<usize>) -> Fault {
    Fault::new(
        span,
        format!("the alias contains itself: {way}"),
        "delete this term, or one further along that way",
    )
    .of_others()
}

fn problem(alias: &str, term: usize, fault: Fault) -> RuleProblem {
    let place = Place::Alias {
        name: alias.to_owned(),
        term,
    };
    fault.at(place)
}

/// Reads one term of an alias. Several words are a phrase, without quotes.
pub(super) fn member(text: &str) -> Result<Member, Fault> {
    let bare = text.trim();
    if let Some(name) = bare.strip_prefix('@') {
        let start = text.len() - text.trim_start().len();
        return Ok(Member::Alias(name.to_owned(), start..start + bare.len()));
    }
    match bare.strip_prefix('-') {
        Some(excluded) => listed(text, excluded).map(Member::Not),
        None => listed(text, bare).map(Member::Term),
    }
}

/// What an alias lists.
const TERMS: &str = "an alias lists words, phrases (without quotes), prefix*, =Exact words and @others, any of which is enough; `-` \
     before one says that what is found within it does not count";

/// Says what of a term is an operator in a query, here or elsewhere: as a phrase it would find next to nothing. A name
/// that is all in capitals may hold AND.
fn query_in(term: &str) -> Option<String> {
    let first = term.chars().next()?;
    let at_first = 0..first.len_utf8();
    if foreign::before(first, &at_first).is_some() || foreign::within(term, 0).is_some() {
        return Some(format!(
            "`{term}` is not a term: signs are no operators in an alias"
        ));
    }
    let is_shouted = !term.chars().any(|c| c.is_alphabetic() && !c.is_uppercase());
    let mut words = term.split_whitespace();
    let operator = words.find(|word| is_operator(word) && !is_shouted)?;
    Some(format!(
        "`{term}` is not a term: `{operator}` is no operator in an alias"
    ))
}

/// Tells whether a word is an operator of queries.
fn is_operator(word: &str) -> bool {
    matches!(word, "AND" | "OR" | "NOT") || word.starts_with("NEAR/") || word.starts_with("ONEAR/")
}

/// Reads `bare`, which is `text` without what stands before the term.
fn listed(text: &str, bare: &str) -> Result<Term, Fault> {
    let stem = bare.strip_suffix('*');
    let exact = bare.strip_prefix('=');
    let plain = exact.or(stem).unwrap_or(bare);
    if plain.contains(['(', ')', ':', '"', '*', '^', '@', '=']) {
        return Err(Fault::new(
            0..text.len(),
            format!("`{bare}` is not a term"),
            TERMS,
        ));
    }
    if exact.is_none()
        && let Some(message) = query_in(plain)
    {
        return Err(Fault::new(0..text.len(), message, TERMS));
    }
    let form = match exact {
        Some(_) => Form::Exact,
        None if plain.contains(char::is_whitespace) => Form::Phrase,
        None => Form::Word,
    };
    term(plain, form, stem.is_some(), 0..text.len())
}
