//! Which topics an entry is in, and why.
//!
//! A topic is a query over the texts of an entry and what else is known of it. Knows entries and words,
//! nothing of feeds.toml, of stored topics or of outputs. The same rules, the same entry and the same
//! [`Standing`] always give the same answer.
//!
//! ```text
//! Modi Putin                 both words; AND may be written
//! oil OR gas                 either; AND binds tighter, parentheses group
//! sanctions -sport           not the second; NOT may be written
//! "price cap"  sanction*     a phrase, in any quotes; words that begin so
//! S-400                      the phrase "S 400"
//! =US                        letter by letter, where `US` would also find `us`; `=us` finds both
//! title:visit  body:(a OR b) only in the title; only in summary or content
//! @india  @country/india     any term of the alias: the operator's, or a pack
//! @india NEAR/10 @russia     at most ten words apart, in one text
//! sanction* ONEAR/6 @russia  the same, in this order
//! ATLEAST/2(a, b, c)         two of the three queries
//! BrahMos^2                  counts twice in the score; so does (a OR b)^2
//! site:bbc.co.uk  lang:hi    author, category, url, site, feed, group, lang or type is this
//! site:(bbc.co.uk OR dw.com) either; values are whole, `*` in one stands for anything
//! topic:energy -topic:sport  in another topic, and in none of these
//! age:<2d  age:>1w           younger, older; only where the answer is not kept
//! ```
//!
//! Words are whole words, folded as [`crate::text`] folds them, and in the languages of `stems` found
//! whatever their endings.
//!
//! What a field says (`site:`, `lang:`) is a condition: it has a score of its own, for a query that asks
//! nothing else, and never weakens what it stands beside. `topic:` has the score of that topic, and holds
//! where the feed gave the topic, too. Labels are kept with an entry, and an age is another one tomorrow;
//! so a topic cannot ask for it, and [`Classifier::compile_for_now`] is for those who can.
//!
//! A text goes through once for all rules: `lexicon` numbers the words that rules ask for, `reading`
//! notes where they occur, `index` names the rules that may hold by these, and `matcher` evaluates each of
//! them on the places and on `facts`. On the way there a query is text, tokens (`lexer`, `fields`), a tree (`parser`, `syntax`) and a plan (`compile`, with
//! `aliases` and `topics`).

mod aliases;
mod answers;
mod compile;
mod digest;
mod evidence;
mod exclusion;
mod facts;
mod fields;
mod foreign;
#[doc(hidden)]
pub mod fuzzing;
mod index;
mod lexer;
mod lexicon;
mod lint;
mod matcher;
mod meant;
mod never;
mod packs;
mod parser;
mod pull;
mod question;
mod reading;
mod rules;
mod scope;
mod slips;
mod spoken;
mod stems;
mod syntax;
#[cfg(test)]
mod tests;
mod topics;
mod trial;
mod why;

pub use digest::{digests, topics_of};
pub use evidence::GIVEN;
pub use lint::{Lint, lint};
pub use packs::{Pack, nearest_pack, packs};
pub use pull::{TAKES_STORY, takes_story};
pub use question::Question;
pub use rules::{Alias, Place, Rule, RuleProblem, Standing};
pub use scope::{Bar, bar, names_languages};
pub use slips::bare_words;
pub use spoken::{Spoken, said, spoken};
pub use trial::Sample;
pub use why::{Verdict, why, why_one};

use crate::model::{Entry, Scope, TopicMatch};
use compile::Answer;
use evidence::{Outcome, evidence, given};
use index::{Index, Selected};
use lexicon::Lexicon;
use matcher::{Evaluation, Plan, RuleId, Strength, Trail, Weights};
use reading::Reading;
use std::collections::{BTreeMap, BTreeSet};

/// No score is higher, so that none is infinite: rules that rest on one another multiply.
const HIGHEST_SCORE: f64 = 1e9;

/// All rules of a configuration, ready for entries.
#[derive(Debug)]
pub struct Classifier {
    lexicon: Lexicon,
    /// In the order of evaluation: a rule comes after those that it rests on.
    rules: Vec<CompiledRule>,
    index: Index,
    by_name: BTreeMap<String, RuleId>,
}

#[derive(Debug)]
struct CompiledRule {
    name: String,
    plan: Plan,
    min_score: f64,
    weights: Weights,
    scope: Scope,
    /// Whether that names languages.
    of_languages: bool,
    /// The rules whose entries it has, too.
    heir_of: Vec<RuleId>,
}

/// The rules that hold whatever an entry says.
struct Known {
    /// Those that its feed gives it.
    given: BTreeSet<RuleId>,
    /// Those that take its story.
    with_story: BTreeSet<RuleId>,
}

impl CompiledRule {
    fn new(rule: &Rule, plan: Plan, heir_of: Vec<RuleId>) -> Self {
        let weight = |boost: f64| boost.clamp(0.0, Rule::MAX_BOOST);
        Self {
            name: rule.name.clone(),
            plan,
            min_score: rule.min_score,
            weights: Weights {
                title: weight(rule.title_boost),
                lead: weight(rule.lead_boost),
            },
            scope: rule.scope.clone(),
            of_languages: names_languages(&rule.scope),
            heir_of,
        }
    }

    fn admits(&self, reading: &Reading<'_>) -> bool {
        let tag = self.of_languages.then(|| reading.spoken().tag);
        bar(&self.scope, &reading.entry().feed, tag.flatten()).is_none()
    }
}

impl Classifier {
    /// Compiles rules and the aliases they use.
    ///
    /// # Errors
    ///
    /// Every problem at once: the first syntax fault of each query or else all of its other faults
    /// (unknown aliases and topics, queries that only exclude, operands that NEAR cannot take, topics that
    /// rest on themselves, ages), every term of an alias that is none, and aliases that contain themselves.
    pub fn compile(aliases: &[Alias], rules: &[Rule]) -> Result<Self, Vec<RuleProblem>> {
        Self::compiled(aliases, rules, Answer::Kept)
    }

    /// Compiles rules whose answer is not kept: they may ask for the age of an entry.
    ///
    /// # Errors
    ///
    /// As [`Classifier::compile`].
    pub fn compile_for_now(aliases: &[Alias], rules: &[Rule]) -> Result<Self, Vec<RuleProblem>> {
        Self::compiled(aliases, rules, Answer::OfTheMoment)
    }

    fn compiled(
        aliases: &[Alias],
        rules: &[Rule],
        answer: Answer,
    ) -> Result<Self, Vec<RuleProblem>> {
        let compiled = compile::compile(aliases, rules, answer)?;
        let plans = compiled.plans.into_iter();
        let rules: Vec<CompiledRule> = plans
            .filter_map(|(at, plan, heir_of)| {
                Some(CompiledRule::new(rules.get(at)?, plan, heir_of))
            })
            .collect();
        let names = rules.iter().map(|rule| rule.name.clone());
        let plans: Vec<&Plan> = rules.iter().map(|rule| &rule.plan).collect();
        let mut index = Index::new(&compiled.lexicon, &plans);
        for (rule, id) in rules.iter().zip((0..).map(RuleId)) {
            rule.heir_of.iter().for_each(|from| index.rest(id, *from));
        }
        Ok(Self {
            index,
            by_name: names.zip((0..).map(RuleId)).collect(),
            lexicon: compiled.lexicon,
            rules,
        })
    }

    /// Returns the topics of an entry with score and evidence, sorted by name.
    ///
    /// A topic that the entry has by the feed it stands in is never missing, unless its scope leaves the entry out:
    /// where its query is false too, it has its least score and the one piece of evidence whose term is `topics`.
    pub fn classify(&self, entry: &Entry, standing: &Standing<'_>) -> Vec<TopicMatch> {
        let reading = Reading::new(&self.lexicon, entry, standing);
        let candidates = self.index.candidates(&reading);
        self.topics(&reading, candidates, standing)
    }

    /// Returns the same by evaluating every rule, for those who compare.
    #[doc(hidden)]
    pub fn classify_by_all(&self, entry: &Entry, standing: &Standing<'_>) -> Vec<TopicMatch> {
        let reading = Reading::new(&self.lexicon, entry, standing);
        self.topics(&reading, self.index.all(), standing)
    }

    /// Returns those of the candidates that hold, and what the feed gives, sorted by name.
    fn topics(
        &self,
        reading: &Reading<'_>,
        candidates: Selected,
        standing: &Standing<'_>,
    ) -> Vec<TopicMatch> {
        let named: BTreeSet<&String> = standing.topics.iter().collect();
        let known = self.known(standing);
        let outcomes = self.outcomes((reading, standing), candidates, &known);
        let own = outcomes.into_iter().filter(|(_, it)| !it.with_story);
        let known = own.filter_map(|(id, outcome)| {
            Some(TopicMatch {
                topic: self.rules.get(id.0)?.name.clone(),
                score: outcome.strength.score,
                evidence: outcome.evidence,
            })
        });
        let unknown = named
            .iter()
            .filter(|name| !self.by_name.contains_key(**name));
        let unknown = unknown.map(|name| TopicMatch {
            topic: (*name).clone(),
            score: 0.0,
            evidence: vec![given(reading.entry(), standing)],
        });
        let mut topics: Vec<TopicMatch> = known.chain(unknown).collect();
        topics.sort_by(|a, b| a.topic.cmp(&b.topic));
        topics
    }

    /// Returns the rules that hold whatever an entry says.
    fn known(&self, standing: &Standing<'_>) -> Known {
        let ids = |names: &[String]| -> BTreeSet<RuleId> {
            let ids = names.iter().filter_map(|name| self.by_name.get(name));
            ids.copied().collect()
        };
        Known {
            given: ids(standing.topics),
            with_story: ids(standing.with_story),
        }
    }

    /// Returns the rules that hold, of the candidates, of those that rest on others that hold, and of those
    /// that hold whatever the entry says.
    fn outcomes(
        &self,
        (reading, standing): (&Reading<'_>, &Standing<'_>),
        mut candidates: Selected,
        known: &Known,
    ) -> BTreeMap<RuleId, Outcome> {
        for id in known.given.union(&known.with_story) {
            candidates.add(*id);
        }
        let mut outcomes = BTreeMap::new();
        let mut next = candidates.from(0);
        while let Some(id) = next {
            next = candidates.from(id.0 + 1);
            let rule = self.rules.get(id.0);
            if rule.is_some_and(|rule| !rule.admits(reading)) {
                continue;
            }
            let own = rule.and_then(|rule| self.outcome(rule, reading, &outcomes));
            let mut outcome = own.or_else(|| self.inherited(rule?, &outcomes));
            let min_score = rule.map_or(0.0, |rule| rule.min_score);
            if known.given.contains(&id) {
                let outcome = outcome.get_or_insert_with(|| Outcome {
                    strength: Strength::fact(min_score),
                    evidence: Vec::new(),
                    with_story: false,
                });
                outcome.evidence.push(given(reading.entry(), standing));
            }
            if known.with_story.contains(&id) {
                let name = rule.map_or("", |rule| &rule.name);
                outcome = outcome.or_else(|| Some(Outcome::taken_with_story(name, min_score)));
            }
            if let Some(outcome) = outcome {
                outcomes.insert(id, outcome);
                self.index.after(id).for_each(|rule| candidates.add(rule));
                next = candidates.from(id.0 + 1);
            }
        }
        outcomes
    }

    /// Returns the strongest of the outcomes that a rule inherits.
    fn inherited(
        &self,
        rule: &CompiledRule,
        outcomes: &BTreeMap<RuleId, Outcome>,
    ) -> Option<Outcome> {
        let found = rule.heir_of.iter().filter_map(|id| {
            let name = &self.rules.get(id.0)?.name;
            Some((name, outcomes.get(id)?))
        });
        let strength = |outcome: &Outcome| outcome.strength.score;
        let (name, strongest) =
            found.max_by(|(_, one), (_, other)| strength(one).total_cmp(&strength(other)))?;
        Some(strongest.inherited_from(name))
    }

    /// Evaluates one rule.
    fn outcome(
        &self,
        rule: &CompiledRule,
        reading: &Reading<'_>,
        outcomes: &BTreeMap<RuleId, Outcome>,
    ) -> Option<Outcome> {
        let on = Evaluation {
            reading,
            weights: rule.weights,
            outcomes,
        };
        let mut trail = Trail::default();
        let mut strength = rule.plan.strength(on, &mut trail)?;
        strength.score = strength.score.min(HIGHEST_SCORE);
        (strength.score >= rule.min_score).then(|| Outcome {
            strength,
            evidence: evidence(&self.lexicon, reading, outcomes, trail),
            with_story: false,
        })
    }
}
