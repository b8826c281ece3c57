//! The aliases: their terms read, and their references to one another checked.

use super::lexer::{Fault, term};
use super::rules::{Alias, Place, RuleProblem};
use super::syntax::{Form, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What one term of an alias says.
enum Member {
    /// Look for this.
    Term(Term),
    /// All that this alias lists.
    Alias(String),
}

/// All aliases by name.
pub(super) struct Aliases<'a> {
    /// The members, each with its index among the terms as written.
    members: BTreeMap<&'a str, Vec<(usize, Member)>>,
}

impl<'a> Aliases<'a> {
    /// Reads the terms of all aliases; those at fault are left out and reported.
    pub(super) fn read(aliases: &'a [Alias], problems: &mut Vec<RuleProblem>) -> Self {
        let mut members = BTreeMap::new();
        for alias in aliases {
            let mut read = Vec::with_capacity(alias.terms.len());
            for (at, text) in alias.terms.iter().enumerate() {
                match member(text) {
                    Ok(member) => read.push((at, member)),
                    Err(fault) => problems.push(problem(&alias.name, at, fault)),
                }
            }
            members.insert(alias.name.as_str(), read);
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
            let members = self.members.get(alias).into_iter().flatten();
            members.filter_map(move |(_, member)| match member {
                Member::Term(term) => Some((alias, term)),
                Member::Alias(_) => None,
            })
        });
        Some(terms.collect())
    }

    /// Says that there is no alias of this name, and which one may have been meant.
    pub(super) fn unknown(&self, name: &str, span: Range<usize>) -> Fault {
        let nearest = self
            .members
            .keys()
            .map(|known| (strsim::damerau_levenshtein(name, known), known))
            .filter(|(edits, known)| *edits <= 2 && *edits < known.chars().count())
            .min();
        let help = match nearest {
            Some((_, known)) => format!("did you mean `@{known}`?"),
            None => format!("add a key `{name}` to [alias]"),
        };
        Fault::new(span, format!("unknown alias `@{name}`"), help)
    }

    /// Returns the aliases that `name` leads to, itself included.
    fn reached_from(&self, name: &str) -> Option<BTreeSet<&'a str>> {
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
        let members = self.members.get(alias).into_iter().flatten();
        members.filter_map(|(at, member)| match member {
            Member::Alias(other) => Some((*at, other.as_str())),
            Member::Term(_) => None,
        })
    }

    /// Reports names that are no alias, and every reference that leads back to where it came from.
    fn check_references(&self, problems: &mut Vec<RuleProblem>) {
        let mut finished = BTreeSet::new();
        for alias in self.members.keys() {
            self.walk_from(alias, &mut finished, problems);
        }
    }

    /// Walks along all references from an alias, in depth and with the path at hand: a reference to an
    /// alias on the path closes a cycle. What is `finished` is not walked again.
    fn walk_from<'s>(
        &'s self,
        start: &'s str,
        finished: &mut BTreeSet<&'s str>,
        problems: &mut Vec<RuleProblem>,
    ) {
        let mut path = vec![(start, self.references(start))];
        while let Some((alias, ahead)) = path.last_mut() {
            let alias = *alias;
            let next = ahead.next().filter(|_| !finished.contains(alias));
            let Some((at, other)) = next else {
                finished.insert(alias);
                path.pop();
                continue;
            };
            let span = 0..other.len() + 1;
            if let Some(from) = path.iter().position(|(earlier, _)| *earlier == other) {
                let way = path
                    .iter()
                    .skip(from)
                    .map(|(earlier, _)| format!("@{earlier} -> "));
                let fault = circular(&format!("{}@{other}", way.collect::<String>()), span);
                problems.push(problem(alias, at, fault));
            } else if self.members.contains_key(other) {
                path.push((other, self.references(other)));
            } else {
                problems.push(problem(alias, at, self.unknown(other, span)));
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
}

fn problem(alias: &str, term: usize, fault: Fault) -> RuleProblem {
    let place = Place::Alias {
        name: alias.to_owned(),
        term,
    };
    fault.at(place)
}

/// Reads one term of an alias. Several words are a phrase, without quotes.
fn member(text: &str) -> Result<Member, Fault> {
    let bare = text.trim();
    if let Some(name) = bare.strip_prefix('@') {
        return Ok(Member::Alias(name.to_owned()));
    }
    let stem = bare.strip_suffix('*');
    let exact = bare.strip_prefix('=');
    let plain = exact.or(stem).unwrap_or(bare);
    if plain.contains(['(', ')', ':', '"', '*', '^', '@', '=']) {
        return Err(Fault::new(
            0..text.len(),
            format!("`{bare}` is not a term"),
            "an alias lists words, phrases (without quotes), prefix*, =Exact words and @others",
        ));
    }
    let form = match exact {
        Some(_) => Form::Exact,
        None if plain.contains(char::is_whitespace) => Form::Phrase,
        None => Form::Word,
    };
    term(plain, form, stem.is_some(), 0..text.len()).map(Member::Term)
}
