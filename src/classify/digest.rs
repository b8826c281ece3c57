//! Digests of rules, which tell whether what was found by a rule is what it would find now.
//!
//! A digest covers all that a rule depends on: its query and score, the terms of every alias that it leads
//! to, the topics that it refers to, the feeds that give it, and the version of this program, which may read
//! words in another way than the one before. References are found in the text and not in the tree: one too
//! many only means that a rule is applied again that need not be.

use super::rules::{Alias, Rule};
use crate::model::Rules;
use std::collections::{BTreeMap, BTreeSet};

/// What stands before the name of an alias.
const ALIAS: &str = "@";

/// What stands before the name of a topic in a query that refers to it.
const TOPIC: &str = "topic:";

/// What stands between two parts in what is digested: no text of a feeds.toml holds it.
const BETWEEN: &[u8] = &[0xFF];

/// Returns the digests of rules. `given` names the feeds whose entries have a topic whatever they say, by topic.
pub fn digests(aliases: &[Alias], rules: &[Rule], given: &BTreeMap<&str, BTreeSet<&str>>) -> Rules {
    let texts = Texts {
        aliases: aliases.iter().map(|it| (it.name.as_str(), it)).collect(),
        rules: rules.iter().map(|it| (it.name.as_str(), it)).collect(),
    };
    let of = rules.iter().map(|rule| {
        let mut digest = texts.digest(rule);
        for feed in given.get(rule.name.as_str()).into_iter().flatten() {
            part(&mut digest, feed.as_bytes());
        }
        (rule.name.clone(), short(&digest))
    });
    let of: BTreeMap<String, [u8; 16]> = of.collect();
    let mut whole = blake3::Hasher::new();
    for (label, digest) in &of {
        part(&mut whole, label.as_bytes());
        part(&mut whole, digest);
    }
    Rules {
        whole: short(&whole),
        of,
    }
}

/// All that rules may refer to, by name.
struct Texts<'a> {
    aliases: BTreeMap<&'a str, &'a Alias>,
    rules: BTreeMap<&'a str, &'a Rule>,
}

impl<'a> Texts<'a> {
    /// Digests a rule with all that it leads to, each part once and in the order of names.
    fn digest(&self, rule: &'a Rule) -> blake3::Hasher {
        let (mut aliases, mut topics) = (BTreeSet::new(), BTreeSet::from([rule.name.as_str()]));
        let mut ahead = vec![rule.query.as_str()];
        while let Some(text) = ahead.pop() {
            let named_here = named(text, ALIAS).filter_map(|name| self.aliases.get(name));
            for alias in named_here.filter(|alias| aliases.insert(alias.name.as_str())) {
                ahead.extend(alias.terms.iter().map(String::as_str));
            }
            let named_here = named(text, TOPIC).filter_map(|name| self.rules.get(name));
            for rule in named_here.filter(|rule| topics.insert(rule.name.as_str())) {
                ahead.push(&rule.query);
            }
        }
        let mut digest = blake3::Hasher::new();
        part(&mut digest, env!("CARGO_PKG_VERSION").as_bytes());
        for rule in topics.iter().filter_map(|name| self.rules.get(name)) {
            part(&mut digest, rule.name.as_bytes());
            part(&mut digest, rule.query.as_bytes());
            part(&mut digest, &rule.min_score.to_bits().to_be_bytes());
        }
        for alias in aliases.iter().filter_map(|name| self.aliases.get(name)) {
            part(&mut digest, alias.name.as_bytes());
            for term in &alias.terms {
                part(&mut digest, term.as_bytes());
            }
        }
        digest
    }
}

/// Returns the names that stand after a sign.
fn named<'t>(text: &'t str, sign: &str) -> impl Iterator<Item = &'t str> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    text.split(sign).skip(1).map(move |after| {
        let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
        after.get(..end).unwrap_or_default()
    })
}

fn part(digest: &mut blake3::Hasher, bytes: &[u8]) {
    digest.update(bytes).update(BETWEEN);
}

fn short(digest: &blake3::Hasher) -> [u8; 16] {
    let mut short = [0; 16];
    digest.finalize_xof().fill(&mut short);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(alias: &str, query: &str, min_score: f64, feed: &str) -> [u8; 16] {
        let aliases = [("india", alias), ("asia", "@india"), ("other", "Chad")];
        let aliases = aliases.map(|(name, term)| Alias {
            name: name.to_owned(),
            terms: vec![term.to_owned()],
        });
        let rules = [("a", query), ("b", "@asia (oil)"), ("c", "topic:b gas")];
        let rules = rules.map(|(name, query)| Rule {
            name: name.to_owned(),
            query: query.to_owned(),
            min_score,
        });
        let given = BTreeMap::from([("c", BTreeSet::from([feed]))]);
        digests(&aliases, &rules, &given).of["c"]
    }

    #[test]
    fn a_digest_changes_with_all_that_the_rule_depends_on_and_nothing_else() {
        let one = of("Modi", "oil", 1.0, "wire");
        assert_eq!(of("Modi", "gas", 1.0, "wire"), one, "another rule");
        for (what, other) in [
            (
                "a term of an alias of an alias of a topic",
                of("Delhi", "oil", 1.0, "wire"),
            ),
            ("the score", of("Modi", "oil", 2.0, "wire")),
            ("the feeds that give it", of("Modi", "oil", 1.0, "press")),
        ] {
            assert_ne!(other, one, "{what}");
        }
    }
}
