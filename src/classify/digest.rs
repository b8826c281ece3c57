//! Digests of rules, which tell whether what was found by a rule is what it would find now.
//!
//! A digest covers all that a rule depends on: its query, score, weights and scope, the terms of every alias that it leads
//! to, the topics that it rests on with the feeds that give them, the groups of feeds where it asks for one, and the
//! version of this program, which may read words in another way than the one before. What an entry is by itself (its
//! language, its address, its feed) does not change with feeds.toml.

use super::aliases::Aliases;
use super::parser::parse;
use super::rules::{Alias, Rule, Standing};
use super::stems::STEMMED;
use super::topics::{Named, named};
use crate::model::Rules;
use std::collections::{BTreeMap, BTreeSet};

/// What stands between two parts in what is digested: no text of a feeds.toml holds it.
const BETWEEN: &[u8] = &[0xFF];

/// How words are read and counted between two versions: small words that are written as one with another, places that
/// count once, rules that find what they find alone, and languages that words tell.
const READING: &[u8] = b"joined words; places once; each rule alone; languages by words";

/// Returns the digests of rules, which hold of entries of these feeds, each with where it stands.
pub fn digests(aliases: &[Alias], rules: &[Rule], feeds: &[(&str, Standing<'_>)]) -> Rules {
    let texts = Texts::new(aliases, rules, feeds);
    let of = rules.iter();
    let of: BTreeMap<String, [u8; 16]> = of
        .map(|rule| (rule.name.clone(), texts.digest(rule)))
        .collect();
    let mut whole = blake3::Hasher::new();
    for (label, digest) in &of {
        part(&mut whole, label.as_bytes());
        part(&mut whole, digest);
    }
    Rules {
        whole: short(&whole),
        of,
        pulls: rules
            .iter()
            .filter(|rule| rule.pulls)
            .map(|rule| (rule.name.clone(), rule.scope.clone()))
            .collect(),
        asked: texts.asked(),
        excluding: texts.excluding(),
        open: None,
    }
}

/// Returns the topics that a rule names, each with whether it asks for it, and not only leaves it out.
pub fn topics_of(rule: &Rule) -> BTreeMap<String, bool> {
    let named = parse(&rule.query).map(|node| named(&node));
    let Named {
        topics, excluded, ..
    } = named.unwrap_or_default();
    let in_query = topics.into_iter().map(|topic| {
        let is_wanted = !excluded.contains(&topic);
        (topic, is_wanted)
    });
    let inherited = rule.inherits.iter().map(|topic| (topic.clone(), true));
    in_query.chain(inherited).collect()
}

/// All that rules may rest on.
struct Texts<'a> {
    /// The rules and what they name, by their names.
    rules: BTreeMap<&'a str, (&'a Rule, Named)>,
    /// Digests of the aliases that they name.
    aliases: BTreeMap<String, [u8; 16]>,
    /// The feeds that give a topic, each with its group, which is told as the reason.
    given: BTreeMap<&'a str, BTreeSet<(&'a str, Option<&'a str>)>>,
    /// Digest of which feeds are in which groups.
    groups: [u8; 16],
}

impl<'a> Texts<'a> {
    fn new(aliases: &'a [Alias], rules: &'a [Rule], feeds: &'a [(&str, Standing<'_>)]) -> Self {
        let read = Aliases::read(aliases, &mut Vec::new());
        let rules: BTreeMap<&str, (&Rule, Named)> = rules
            .iter()
            .map(|rule| {
                let named = parse(&rule.query).map(|node| named(&node));
                let mut named = named.unwrap_or_default();
                named.topics.extend(rule.inherits.iter().cloned());
                (rule.name.as_str(), (rule, named))
            })
            .collect();
        let used: BTreeSet<&String> = rules.values().flat_map(|(_, it)| &it.aliases).collect();
        let mut given: BTreeMap<&str, BTreeSet<(&str, Option<&str>)>> = BTreeMap::new();
        for (feed, standing) in feeds {
            for topic in standing.topics {
                given
                    .entry(topic)
                    .or_default()
                    .insert((feed, standing.group));
            }
        }
        Self {
            aliases: used
                .into_iter()
                .map(|name| (name.clone(), of_alias(&read, name)))
                .collect(),
            rules,
            given,
            groups: of_groups(feeds),
        }
    }

    /// Returns the labels that take whole stories and that other rules ask for.
    fn asked(&self) -> BTreeSet<String> {
        let named = self.rules.values().flat_map(|(_, named)| &named.topics);
        named.filter(|name| self.pulls(name)).cloned().collect()
    }

    /// Returns the labels that an entry may lose when its story is taken. One that takes stories itself is left out:
    /// what it has of a story is counted, and would be too little while the entry waits to be judged.
    fn excluding(&self) -> BTreeSet<String> {
        let resting = self.resting(|name| self.pulls(name));
        let excluding = |(name, (_, named)): (&&'a str, &(&Rule, Named))| {
            let is_excluded =
                |topic: &String| self.pulls(topic) || resting.contains(topic.as_str());
            named.excluded.iter().any(is_excluded).then_some(*name)
        };
        let excluding: BTreeSet<&str> = self.rules.iter().filter_map(excluding).collect();
        let resting = self.resting(|name| excluding.contains(name));
        let excluding = excluding.into_iter().chain(resting);
        excluding
            .filter(|name| !self.pulls(name))
            .map(str::to_owned)
            .collect()
    }

    /// Returns the rules that name one of which `is_first` holds, or another of those returned.
    fn resting(&self, is_first: impl Fn(&str) -> bool) -> BTreeSet<&'a str> {
        let mut resting = BTreeSet::new();
        loop {
            let before = resting.len();
            let rests = |topic: &String| is_first(topic) || resting.contains(topic.as_str());
            let of_these = |(_, (_, named)): &(_, &(_, Named))| named.topics.iter().any(rests);
            let found: Vec<&str> = self
                .rules
                .iter()
                .filter(of_these)
                .map(|(name, _)| *name)
                .collect();
            resting.extend(found);
            if resting.len() == before {
                return resting;
            }
        }
    }

    fn pulls(&self, name: &str) -> bool {
        let rule = self.rules.get(name);
        rule.is_some_and(|(rule, _)| rule.pulls)
    }

    /// Digests a rule with all that it leads to, each part once and in the order of names.
    fn digest(&self, rule: &'a Rule) -> [u8; 16] {
        let mut reached = BTreeSet::from([rule.name.as_str()]);
        let mut ahead = vec![rule.name.as_str()];
        let named = |name: &str| self.rules.get(name).map(|(_, named)| named);
        while let Some(named) = ahead.pop().and_then(named) {
            let new = named.topics.iter().map(String::as_str);
            ahead.extend(new.filter(|name| reached.insert(name)));
        }
        let mut digest = blake3::Hasher::new();
        part(&mut digest, env!("CARGO_PKG_VERSION").as_bytes());
        part(&mut digest, format!("{STEMMED:?}").as_bytes());
        part(&mut digest, READING);
        let mut aliases = BTreeSet::new();
        let mut asks_for_group = false;
        let mut asks_for_stories = false;
        for (rule, named) in reached.iter().filter_map(|name| self.rules.get(name)) {
            self.add(&mut digest, rule);
            aliases.extend(&named.aliases);
            asks_for_group |= named.group;
            asks_for_stories |= named.topics.iter().any(|topic| self.pulls(topic));
        }
        for alias in aliases {
            part(&mut digest, alias.as_bytes());
            digest.update(self.aliases.get(alias).map_or(&[], |it| it.as_slice()));
        }
        if asks_for_group {
            part(&mut digest, &self.groups);
        }
        // What asks for a topic that takes whole stories found no stories once.
        if asks_for_stories {
            part(&mut digest, b"with stories");
        }
        short(&digest)
    }

    /// Adds what a rule says by itself, and who gives its label.
    fn add(&self, digest: &mut blake3::Hasher, rule: &Rule) {
        part(digest, rule.name.as_bytes());
        part(digest, rule.query.as_bytes());
        for number in [rule.min_score, rule.title_boost, rule.lead_boost] {
            part(digest, &number.to_bits().to_be_bytes());
        }
        membership(digest, rule);
        for (feed, group) in self.given.get(rule.name.as_str()).into_iter().flatten() {
            part(digest, feed.as_bytes());
            part(digest, group.unwrap_or_default().as_bytes());
        }
    }
}

/// Digests what a rule says beside its query, if it does: one that says nothing has the digest that it had when
/// there was nothing to be said.
fn membership(digest: &mut blake3::Hasher, rule: &Rule) {
    if rule.pulls {
        part(digest, b"story-pull");
    }
    for topic in &rule.inherits {
        part(digest, b"inherits");
        part(digest, topic.as_bytes());
    }
    let scope = &rule.scope;
    for (key, all) in [("feeds", &scope.feeds), ("not feeds", &scope.not_feeds)] {
        for feeds in all {
            part(digest, key.as_bytes());
            for feed in feeds.feeds.iter() {
                part(digest, feed.as_str().as_bytes());
            }
        }
    }
    for (key, tags) in [
        ("languages", &scope.languages),
        ("not languages", &scope.not_languages),
    ] {
        for tag in tags {
            part(digest, key.as_bytes());
            part(digest, tag.as_bytes());
        }
    }
}

/// Digests all terms that an alias leads to, and what these exclude.
fn of_alias(aliases: &Aliases<'_>, name: &str) -> [u8; 16] {
    let mut digest = blake3::Hasher::new();
    for (alias, term) in aliases.terms(name).unwrap_or_default() {
        part(&mut digest, alias.as_bytes());
        part(&mut digest, term.to_string().as_bytes());
    }
    for exclusion in aliases.exclusions(name) {
        part(&mut digest, exclusion.alias.as_bytes());
        part(&mut digest, format!("-{}", exclusion.term).as_bytes());
    }
    short(&digest)
}

/// Digests which feeds are in which groups, in the order of the feeds' names.
fn of_groups(feeds: &[(&str, Standing<'_>)]) -> [u8; 16] {
    let groups = feeds
        .iter()
        .filter_map(|(feed, it)| Some((feed, it.group?)));
    let groups: BTreeMap<_, _> = groups.collect();
    let mut digest = blake3::Hasher::new();
    for (feed, group) in groups {
        part(&mut digest, feed.as_bytes());
        part(&mut digest, group.as_bytes());
    }
    short(&digest)
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
    use crate::model::{FeedId, Feeds, Scope};
    use std::sync::Arc;

    /// What a test changes.
    struct Parts {
        alias: &'static str,
        query: &'static str,
        referring: &'static str,
        min_score: f64,
        title_boost: f64,
        feed: &'static str,
        given: &'static str,
        group: &'static str,
    }

    const PARTS: Parts = Parts {
        alias: "Modi",
        query: "oil",
        referring: "topic:(b OR d) gas",
        min_score: 1.0,
        title_boost: 3.0,
        feed: "wire",
        given: "c",
        group: "asia",
    };

    fn of(parts: &Parts) -> [u8; 16] {
        let aliases = [
            ("india", parts.alias),
            ("asia", "@india"),
            ("other", "Chad"),
        ];
        let aliases = aliases.map(|(name, term)| Alias {
            name: name.to_owned(),
            terms: vec![term.to_owned()],
        });
        let rules = [
            ("a", parts.query),
            ("b", "@asia (oil)"),
            ("c", parts.referring),
            ("d", "chess @country/chad"),
        ];
        let rules = rules.map(|(name, query)| Rule {
            min_score: parts.min_score,
            title_boost: parts.title_boost,
            ..Rule::new(name, query)
        });
        let given = [parts.given.to_owned()];
        let standing = Standing {
            topics: &given,
            group: Some(parts.group),
            ..Standing::default()
        };
        digests(&aliases, &rules, &[(parts.feed, standing)]).of["c"]
    }

    #[test]
    fn a_digest_changes_with_all_that_the_rule_depends_on_and_nothing_else() {
        let one = of(&PARTS);
        let another_rule = Parts {
            query: "gas",
            ..PARTS
        };
        assert_eq!(of(&another_rule), one);
        for (what, other) in [
            (
                "a term of an alias of an alias of a topic",
                Parts {
                    alias: "Delhi",
                    ..PARTS
                },
            ),
            (
                "the score",
                Parts {
                    min_score: 2.0,
                    ..PARTS
                },
            ),
            (
                "the weights",
                Parts {
                    title_boost: 2.0,
                    ..PARTS
                },
            ),
            (
                "the group that gives it, which is told",
                Parts {
                    group: "news",
                    ..PARTS
                },
            ),
            (
                "the feeds that give it",
                Parts {
                    feed: "press",
                    ..PARTS
                },
            ),
            (
                "those that give what it rests on",
                Parts {
                    given: "d",
                    ..PARTS
                },
            ),
        ] {
            assert_ne!(of(&other), one, "{what}");
        }
    }

    #[test]
    fn who_is_in_a_group_counts_where_that_is_asked_for() {
        for (referring, is_asked) in [("topic:b group:asia", true), ("topic:b", false)] {
            let [one, other] = ["asia", "news"].map(|group| {
                of(&Parts {
                    referring,
                    group,
                    given: "a",
                    ..PARTS
                })
            });
            assert_eq!(other != one, is_asked, "{referring}");
        }
    }

    #[test]
    fn what_is_inherited_counts_with_all_that_it_rests_on() {
        let of = |query: &str, inherits: &[&str]| {
            let inherits = inherits.iter().map(|name| (*name).to_owned()).collect();
            let heir = Rule {
                inherits,
                ..Rule::new("c", "")
            };
            let rules = [Rule::new("a", query), Rule::new("b", "topic:a gas"), heir];
            digests(&[], &rules, &[]).of["c"]
        };
        let one = of("oil", &["b"]);
        assert_ne!(one, of("coal", &["b"]));
        assert_ne!(one, of("oil", &["a"]));
        assert_ne!(one, of("oil", &["a", "b"]));
    }

    #[test]
    fn who_asks_for_a_topic_that_takes_whole_stories_is_known() {
        let pulling = |pulls| Rule {
            pulls,
            ..Rule::new("a", "oil")
        };
        let heir = Rule {
            inherits: vec!["a".to_owned()],
            ..Rule::new("c", "")
        };
        for (other, is_asked) in [
            (Rule::new("c", "gas"), false),
            (Rule::new("c", "gas -topic:a"), true),
            (heir, true),
        ] {
            let of = |pulls| digests(&[], &[pulling(pulls), other.clone()], &[]);
            let (with, without) = (of(true), of(false));
            assert_eq!(with.asked.contains("a"), is_asked, "{other:?}");
            assert!(without.asked.is_empty());
            assert_eq!(with.of["c"] != without.of["c"], is_asked, "{other:?}");
        }
    }

    #[test]
    fn what_a_rule_takes_and_leaves_out_is_digested() {
        let feeds = |names: &[&str]| {
            let feeds = names.iter().map(FeedId::new).collect();
            vec![Feeds {
                group: None,
                feeds: Arc::new(feeds),
            }]
        };
        let scope = Scope::default();
        let tags = || vec!["en".to_owned()];
        let scopes = [
            scope.clone(),
            Scope {
                feeds: feeds(&["a"]),
                ..scope.clone()
            },
            Scope {
                feeds: feeds(&["a", "b"]),
                ..scope.clone()
            },
            Scope {
                feeds: feeds(&[]),
                ..scope.clone()
            },
            Scope {
                not_feeds: feeds(&["a"]),
                ..scope.clone()
            },
            Scope {
                languages: tags(),
                ..scope.clone()
            },
            Scope {
                not_languages: tags(),
                ..scope
            },
        ];
        let rules = scopes.into_iter().flat_map(|scope| {
            [false, true].map(|pulls| Rule {
                scope: scope.clone(),
                pulls,
                ..Rule::new("a", "oil")
            })
        });
        let digest = |rule: Rule| digests(&[], &[rule], &[]).whole;
        let of: BTreeSet<[u8; 16]> = rules.map(digest).collect();
        assert_eq!(of.len(), 14);
    }
}
