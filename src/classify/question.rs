//! A query that is asked for the moment and not kept: `merganser search`.

use super::Classifier;
use super::rules::{Alias, Rule, RuleProblem, Standing};
use super::topics::led_to;
use crate::model::{Entry, TopicMatch};

/// The label of the question among rules: no topic has it.
const LABEL: &str = "";

/// One query and what it leads to, ready for entries. It may ask for ages.
#[derive(Debug)]
pub struct Question {
    classifier: Classifier,
    asks_for_stories: bool,
}

impl Question {
    /// Compiles a query that may name these aliases and rules, which compile without it.
    ///
    /// # Errors
    ///
    /// All that is wrong with the query; each span is one of its text.
    pub fn new(aliases: &[Alias], rules: &[Rule], query: &str) -> Result<Self, Vec<RuleProblem>> {
        let beside = |others: Vec<&Rule>| -> Vec<Rule> {
            let others = others.into_iter().cloned();
            others.chain([Rule::new(LABEL, query)]).collect()
        };
        let others = led_to(rules, query);
        let asks_for_stories = others.iter().any(|rule| rule.pulls);
        let classifier = Classifier::compile_for_now(aliases, &beside(others));
        // Which name was meant is found among all.
        let classifier = classifier.or_else(|_| {
            let all = beside(rules.iter().collect());
            Classifier::compile_for_now(aliases, &all)
        })?;
        Ok(Self {
            classifier,
            asks_for_stories,
        })
    }

    /// Tells whether it asks for a topic that takes whole stories: then [`Standing::with_story`] is to be known.
    pub fn asks_for_stories(&self) -> bool {
        self.asks_for_stories
    }

    /// Returns score and evidence of an entry that it holds of.
    pub fn ask(&self, entry: &Entry, standing: &Standing<'_>) -> Option<TopicMatch> {
        let found = self.classifier.classify(entry, standing);
        found.into_iter().find(|found| found.topic == LABEL)
    }
}
