//! Queries that can hold of nothing, as far as they say so themselves.
//!
//! Knows trees alone. What it finds, [`lint`](super::lint()) reports.

use super::facts::{Attribute, Fact};
use super::scope::{Bar, bar};
use super::stems::STEMMED;
use super::syntax::{Form, Kind, Node, Part, Term};
use crate::model::{FeedId, Scope};
use crate::text::{Languages, fold, words};
use std::collections::{BTreeMap, BTreeSet};

/// Queries as they are written, each with the fields around it.
pub(super) type Written = BTreeSet<(String, String)>;

/// Returns what a leg of AND asks without fields, boosts and NOT, the fields, and whether it is excluded.
pub(super) fn within<'n>(fields: &str, leg: &'n Node) -> (String, &'n Node, bool) {
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

/// So many excluded terms of one AND are compared with the others by their words, and phrases of so many words: a file
/// may hold a query as long as itself.
const COMPARED: usize = 64;

/// Returns the terms that the legs of an AND exclude, each with the fields around it.
pub(super) fn excluded_terms(legs: &[Node]) -> Vec<(String, &Term)> {
    let legs = legs.iter().map(|leg| within("", leg));
    let terms = legs.filter_map(|(field, query, is_excluded)| match &query.kind {
        Kind::Term(term) if is_excluded && term.form != Form::Exact => Some((field, term)),
        _ => None,
    });
    terms.take(COMPARED).collect()
}

/// Returns the excluded term that is found wherever this one is: `oil*` of "oil", `oil` of "crude oil".
pub(super) fn found_within<'n>(
    (field, term): (&str, &Term),
    excluded: &[(String, &'n Term)],
) -> Option<&'n Term> {
    let wanted: Vec<String> = folded(term).take(COMPARED).collect();
    let is_met = |(of, other): &&(String, &Term)| {
        (of.is_empty() || of == field) && holds_all(&wanted, term.prefix, other)
    };
    excluded.iter().find(is_met).map(|(_, other)| *other)
}

/// Tells whether a term is found in every text that has these words in a row, the last of which may be a beginning.
fn holds_all(wanted: &[String], is_beginning: bool, term: &Term) -> bool {
    let words: Vec<String> = folded(term).take(COMPARED).collect();
    let (Some((last, before)), true) = (words.split_last(), !words.is_empty()) else {
        return false;
    };
    let ends = words.len()..=wanted.len();
    ends.into_iter().any(|end| {
        let row = wanted.get(end - words.len()..end).unwrap_or_default();
        let is_whole = end < wanted.len() || !is_beginning;
        row.split_last().is_some_and(|(end, start)| {
            let is_met = if term.prefix {
                end.starts_with(last.as_str()) && !is_inflected(end)
            } else {
                is_whole && end == last
            };
            start == before && is_met
        })
    })
}

/// Tells whether a folded word is found in other forms, too, which need not begin as it does: `санкция` in "санкций".
pub(super) fn is_inflected(word: &str) -> bool {
    STEMMED.contains(&Languages::of(None).word(word))
}

fn folded(term: &Term) -> impl Iterator<Item = String> {
    words(&term.text).map(|word| word.folded.into_owned())
}

/// Returns what the legs of an AND exclude: who excludes alternatives excludes each.
pub(super) fn excluded(legs: &[Node]) -> Written {
    let mut found = Written::new();
    let legs = legs.iter().map(|leg| within("", leg));
    let excluded = legs.filter(|(_, _, is_excluded)| *is_excluded);
    let mut ahead: Vec<(String, &Node)> =
        excluded.map(|(field, query, _)| (field, query)).collect();
    while let Some((field, query)) = ahead.pop() {
        if let Kind::Or(branches) = &query.kind {
            let branches = branches.iter().map(|branch| within(&field, branch));
            let branches = branches.filter(|(_, _, is_excluded)| !is_excluded);
            ahead.extend(branches.map(|(field, query, _)| (field, query)));
        }
        found.insert((field, query.to_string()));
    }
    found
}

/// Tells whether a query holds only where something is found that is excluded. Its depth is bounded by that of queries.
pub(super) fn is_excluded(field: &str, query: &Node, excluded: &Written) -> bool {
    let text = query.to_string();
    let is_met = |field: &str| excluded.contains(&(field.to_owned(), text.clone()));
    if is_met(field) || is_met("") {
        return true;
    }
    let falls = |node: &Node| {
        let (field, query, is_not) = within(field, node);
        !is_not && is_excluded(&field, query, excluded)
    };
    match &query.kind {
        Kind::Or(branches) => branches.iter().all(falls),
        Kind::And(legs) => legs.iter().any(falls),
        Kind::AtLeast(count, queries) => {
            let standing = queries.iter().filter(|query| !falls(query));
            standing.count() < *count
        }
        Kind::Near(..) => query.inner().into_iter().any(falls),
        _ => false,
    }
}

/// Tells whether the operands of a NEAR can never be in one text: it is within the title or within the body.
pub(super) fn is_torn(near: &Node) -> bool {
    let operands = near.inner();
    let all = |part: Part| operands.iter().all(|operand| may_be_in(operand, part));
    !all(Part::Title) && !all(Part::Body)
}

fn may_be_in(operand: &Node, part: Part) -> bool {
    match &operand.kind {
        Kind::In(inner, _) => *inner == part,
        Kind::Or(branches) => branches.iter().any(|branch| may_be_in(branch, part)),
        Kind::Boost(query, _) => may_be_in(query, part),
        _ => true,
    }
}

/// Returns the legs that must hold of a query: those of AND, or itself.
pub(super) fn legs(query: &Node) -> Vec<&Node> {
    match &query.kind {
        Kind::And(inner) => inner.iter().flat_map(legs).collect(),
        Kind::Boost(query, _) => legs(query),
        _ => vec![query],
    }
}

/// Returns which values a leg lets an attribute have of which an entry has one; `None` where it says nothing of it, or
/// leaves some open.
pub(super) fn values(leg: &Node) -> Option<(Attribute, Vec<&str>)> {
    match &leg.kind {
        Kind::Boost(query, _) => values(query),
        Kind::Fact(Fact::Is(attribute, value)) => {
            let is_one = !matches!(
                attribute,
                Attribute::Author | Attribute::Category | Attribute::Type
            );
            (is_one && !value.contains('*')).then(|| (*attribute, vec![value.as_str()]))
        }
        Kind::Or(branches) => {
            let mut branches = branches.iter().map(values);
            let (attribute, mut all) = branches.next()??;
            for branch in branches {
                let (other, more) = branch?;
                all.extend(Some(more).filter(|_| other == attribute)?);
            }
            Some((attribute, all))
        }
        _ => None,
    }
}

/// Returns two legs of a query that ask for different values of one thing.
pub(super) fn at_odds(query: &Node) -> Option<(&Node, &Node)> {
    let mut met: BTreeMap<Attribute, (&Node, BTreeSet<String>)> = BTreeMap::new();
    for leg in legs(query) {
        let Some((attribute, values)) = values(leg) else {
            continue;
        };
        let wanted: BTreeSet<String> = values.into_iter().map(|it| key(attribute, it)).collect();
        if let Some((other, allowed)) = met.get_mut(&attribute) {
            allowed.retain(|value| wanted.contains(value));
            if allowed.is_empty() {
                return Some((*other, leg));
            }
        } else {
            met.insert(attribute, (leg, wanted));
        }
    }
    None
}

/// Returns what two values have in common that can hold of one entry: of language tags the language.
fn key(attribute: Attribute, value: &str) -> String {
    let folded = fold(value);
    match attribute {
        Attribute::Lang => language(&folded).to_owned(),
        _ => folded,
    }
}

fn language(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// Returns a leg of a query that the scope of its rule lets nothing through for, and the key that does not.
pub(super) fn out_of_scope<'n>(query: &'n Node, scope: &Scope) -> Option<(&'n Node, &'static str)> {
    let legs = legs(query).into_iter();
    let mut found = legs.filter_map(|leg| {
        let (attribute, values) = values(leg)?;
        let bars = values
            .into_iter()
            .map(|value| barred(attribute, value, scope));
        let bars: Option<Vec<&'static str>> = bars.collect();
        Some((leg, *bars?.first()?))
    });
    found.next()
}

fn barred(attribute: Attribute, value: &str, scope: &Scope) -> Option<&'static str> {
    match attribute {
        Attribute::Feed => match bar(scope, &FeedId::new(fold(value)), None)? {
            Bar::NoFeed => Some("`include-feeds` and `include-groups`"),
            Bar::Feed(_) => Some("`exclude-feeds` and `exclude-groups`"),
            Bar::NoLanguage | Bar::Language(_) => None,
        },
        Attribute::Lang => {
            let value = value.to_ascii_lowercase();
            let is_kind_of = |tag: &String| {
                let rest = value.strip_prefix(&tag.to_ascii_lowercase());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            };
            let is_akin = |tag: &String| language(tag).eq_ignore_ascii_case(language(&value));
            if scope.not_languages.iter().any(is_kind_of) {
                return Some("`exclude-languages`");
            }
            let is_open = scope.languages.is_empty() || scope.languages.iter().any(is_akin);
            (!is_open).then_some("`include-languages`")
        }
        _ => None,
    }
}

/// Tells whether no address can be what `url:` asks for: it is compared whole, and addresses begin with a scheme.
pub(super) fn is_no_address(value: &str) -> bool {
    let folded = fold(value);
    let head = folded.split('*').next().unwrap_or_default();
    !head.contains(':') && !"https".starts_with(head)
        || !folded.contains('*') && !folded.contains("://")
}
