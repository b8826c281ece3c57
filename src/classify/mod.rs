//! Which topics an entry is in, and why.
//!
//! A topic is a query over title, summary and content. Knows entries and words, nothing of feeds.toml,
//! of stored topics or of outputs. The same rules and the same entry always give the same answer.
//!
//! ```text
//! Modi Putin                 both words; AND may be written
//! oil OR gas                 either; AND binds tighter, parentheses group
//! sanctions -sport           not the second; NOT may be written
//! "price cap"  sanction*     a phrase; words that begin so
//! S-400                      the phrase "S 400"
//! =US                        letter by letter, where `US` would also find `us`
//! title:visit  body:(a OR b) only in the title; only in summary or content
//! @india  @country/india     any term of the alias: the operator's, or a pack
//! @india NEAR/10 @russia     at most ten words apart, in one text
//! ATLEAST/2(a, b, c)         two of the three queries
//! BrahMos^2                  counts twice in the score
//! ```
//!
//! Words are whole words, folded as [`crate::text`] folds them; there is no stemming, because no one
//! stemmer serves a feed list in many languages, and an operator can see what `prefix*` will find.
//!
//! A text goes through once for all rules: `lexicon` numbers the words that rules ask for, `reading`
//! notes where they occur, `matcher` evaluates each rule on these places. On the way there a query is
//! text, tokens (`lexer`), a tree (`parser`, `syntax`) and a plan (`compile`, with `aliases`).

mod aliases;
mod compile;
mod digest;
mod evidence;
mod exclusion;
mod lexer;
mod lexicon;
mod lint;
mod matcher;
mod packs;
mod parser;
mod reading;
mod rules;
mod syntax;
#[cfg(test)]
mod tests;
mod trial;
mod why;

pub use digest::digests;
pub use lint::{Lint, lint};
pub use rules::{Alias, Place, Rule, RuleProblem};
pub use trial::Sample;
pub use why::{Verdict, why};

use crate::model::{Entry, TopicMatch};
use evidence::{evidence, given_by_feed};
use lexicon::Lexicon;
use matcher::Plan;
use reading::Reading;
use std::collections::BTreeSet;

/// All rules of a configuration, ready for entries.
#[derive(Debug)]
pub struct Classifier {
    lexicon: Lexicon,
    rules: Vec<CompiledRule>,
}

#[derive(Debug)]
struct CompiledRule {
    name: String,
    plan: Plan,
    min_score: f64,
}

impl Classifier {
    /// Compiles rules and the aliases they use.
    ///
    /// # Errors
    ///
    /// Every problem at once: the first syntax fault of each query or else all of its other faults
    /// (unknown aliases, queries that only exclude, operands that NEAR cannot take), every term of an
    /// alias that is none, and aliases that contain themselves.
    pub fn compile(aliases: &[Alias], rules: &[Rule]) -> Result<Self, Vec<RuleProblem>> {
        let (lexicon, plans) = compile::compile(aliases, rules)?;
        let rules = rules.iter().zip(plans);
        Ok(Self {
            lexicon,
            rules: rules
                .map(|(rule, plan)| CompiledRule {
                    name: rule.name.clone(),
                    plan,
                    min_score: rule.min_score,
                })
                .collect(),
        })
    }

    /// Returns the topics of an entry with score and evidence, sorted by name.
    ///
    /// `given` are the topics that the entry has by the feed it stands in. Such a topic is never
    /// missing: where its query is false too, it has its least score and the one piece of evidence
    /// whose field is `feed`.
    pub fn classify(&self, entry: &Entry, given: &[String]) -> Vec<TopicMatch> {
        let mut topics = self.matches(entry);
        for name in given.iter().collect::<BTreeSet<_>>() {
            match topics.iter_mut().find(|found| found.topic == *name) {
                Some(found) => found.evidence.push(given_by_feed(entry)),
                None => topics.push(TopicMatch {
                    topic: name.clone(),
                    score: self.least_score(name),
                    evidence: vec![given_by_feed(entry)],
                }),
            }
        }
        topics.sort_by(|a, b| a.topic.cmp(&b.topic));
        topics
    }

    /// Returns the rules that hold, in the order they were given.
    fn matches(&self, entry: &Entry) -> Vec<TopicMatch> {
        if self.rules.is_empty() {
            return Vec::new();
        }
        let reading = Reading::new(&self.lexicon, entry);
        if reading.is_empty() {
            return Vec::new();
        }
        let rules = self.rules.iter();
        rules
            .filter_map(|rule| {
                let mut hits = Vec::new();
                let score = rule.plan.score(&reading, &mut hits)?;
                (score >= rule.min_score).then(|| TopicMatch {
                    topic: rule.name.clone(),
                    score,
                    evidence: evidence(&self.lexicon, &reading, hits),
                })
            })
            .collect()
    }

    fn least_score(&self, name: &str) -> f64 {
        let rule = self.rules.iter().find(|rule| rule.name == name);
        rule.map_or(0.0, |rule| rule.min_score)
    }
}
