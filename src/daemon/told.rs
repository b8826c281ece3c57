//! What readers are told of articles, and what they are not.

use super::discreet::Judged;
use super::press::Press;
use crate::classify::{self, Rule};
use crate::config::Config;
use crate::model::{Article, is_topic};
use crate::publish::{Deleted, Output};
use crate::store::Openly;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the labels that nobody is to know without a key (U31): those that `select` of protected outputs leads to, by
/// itself or by the topics that it names, and that `select` of no other names.
///
/// A topic that a protected output only leaves out is among them: better none is told than one too many.
pub(super) fn locked(config: &Config) -> BTreeSet<String> {
    let rules: BTreeMap<&str, &Rule> = config.rules.iter().map(|it| (&*it.name, it)).collect();
    let named = |label: &str| {
        let rule = rules.get(label);
        rule.map(|rule| classify::topics_of(rule))
            .unwrap_or_default()
    };
    let mut open = BTreeSet::new();
    for label in config.open_outputs().filter_map(Output::label) {
        if !is_topic(label) {
            let wanted = named(label).into_iter().filter(|(_, is_wanted)| *is_wanted);
            open.extend(wanted.map(|(topic, _)| topic));
        }
        open.insert(label.to_owned());
    }
    let protected = config.outputs.iter();
    let protected = protected.filter(|output| config.locks.contains_key(&output.path));
    let mut ahead: Vec<String> = protected
        .filter_map(Output::label)
        .map(str::to_owned)
        .collect();
    let mut locked = BTreeSet::new();
    while let Some(label) = ahead.pop() {
        // What an open topic is made of is no more secret than the topic.
        if !open.contains(&label) && locked.insert(label.clone()) {
            ahead.extend(named(&label).into_keys());
        }
    }
    locked
}

impl Press {
    /// Returns an output with what may be told in it: where it is for everybody, what such outputs select (U31).
    pub(super) fn audience<'a>(&'a self, output: &'a Output) -> (&'a Output, Option<&'a Openly>) {
        let is_locked = self.active.config.locks.contains_key(&output.path);
        (output, (!is_locked).then_some(&self.settled.openly))
    }

    /// Leaves out of articles addresses of feeds that nobody is to know, labels of topics that the configuration no longer
    /// has, and in outputs for everybody those of topics that are not (U31).
    pub(super) fn keep_what_is_told(&self, output: &Output, articles: &mut [Article]) {
        let topics = self.active.config.site.topics.iter();
        let topics: BTreeSet<&str> = topics.map(|(name, _)| name.as_str()).collect();
        let is_locked = self.active.config.locks.contains_key(&output.path);
        let is_told = |name: &String| {
            topics.contains(name.as_str()) && (is_locked || !self.settled.hidden.contains(name))
        };
        let authority = &self.store.identity().authority;
        let mut judged = Judged::default();
        for article in articles.iter_mut() {
            self.active.discreet.hush(article, &mut judged);
            let id = &mut article.atom_id;
            self.active.discreet.hush_id(authority, id);
            article.topics.retain(is_told);
        }
    }

    /// Leaves out of what is told of entries that left an output what nobody is to know.
    pub(super) fn tell_ids(&self, mut deleted: Vec<Deleted>) -> Vec<Deleted> {
        let authority = &self.store.identity().authority;
        for deleted in &mut deleted {
            self.active.discreet.hush_id(authority, &mut deleted.id);
        }
        deleted
    }

    /// Returns the outputs that are for everybody: what is not is not told to everybody.
    pub(super) fn open_outputs(&self) -> impl Iterator<Item = &Output> {
        self.active.config.open_outputs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const TOPICS: &str = r#"
        [[feed]]
        id = "a"
        url = "https://a.example/feed"
        [[topic]]
        name = "nightjar"
        query = "topic:core OR bird"
        [[topic]]
        name = "core"
        query = "owl"
        [[topic]]
        name = "swift"
        query = "swift"
    "#;

    /// The topics of which only who has a key is told, where these are the queries of an output for everybody, beside one
    /// that has all, and of a protected one.
    #[track_caller]
    fn check(open: &str, protected: &str, expected: &[&str]) {
        let text = format!(
            "{TOPICS}[[output]]\npath = \"all\"\n[[output]]\npath = \"open\"\nselect = \"{open}\"\n\
             [[output]]\npath = \"desk\"\nselect = \"{protected}\"\nprotect = \"canary-of-the-desk-7f3a\"\n"
        );
        let config = config::read(&text, &|_| None).unwrap().config;
        let mut locked = locked(&config);
        locked.retain(|label| is_topic(label));
        assert!(
            locked.iter().eq(expected),
            "{open} | {protected}: {locked:?}"
        );
    }

    #[test]
    fn u31_a_topic_that_protected_outputs_alone_ask_for_is_told_to_nobody_else() {
        check("*", "*", &[]);
        check("*", "rain", &[]);
        check("*", "topic:nightjar", &["core", "nightjar"]);
        check("*", "topic:nightjar -sport", &["core", "nightjar"]);
        check("*", "rain -topic:swift", &["swift"]);
        check("topic:nightjar", "topic:nightjar rain", &[]);
        check("topic:nightjar OR rain", "topic:nightjar -sport", &[]);
        check(
            "rain -topic:nightjar",
            "topic:nightjar rain",
            &["core", "nightjar"],
        );
        check("topic:core", "topic:nightjar rain", &["nightjar"]);
        // That an open topic rests on it tells nobody its name.
        check("topic:nightjar", "topic:core rain", &["core"]);
    }
}
