//! What readers are told of articles, and what they are not.

use super::press::Press;
use crate::model::Article;
use crate::publish::Output;
use crate::store::Openly;
use std::collections::BTreeSet;

impl Press {
    /// Returns an output with what may be told in it: where it is for everybody, what such outputs select (U31).
    pub(super) fn audience<'a>(&'a self, output: &'a Output) -> (&'a Output, Option<&'a Openly>) {
        let is_locked = self.active.config.locks.contains_key(&output.path);
        (output, (!is_locked).then_some(&self.active.openly))
    }

    /// Leaves out of articles addresses of feeds that nobody is to know, labels of topics that the configuration no longer
    /// has, and in outputs for everybody those of topics that are not (U31).
    pub(super) fn keep_what_is_told(&self, output: &Output, articles: &mut [Article]) {
        let topics = self.active.config.site.topics.iter();
        let topics: BTreeSet<&str> = topics.map(|(name, _)| name.as_str()).collect();
        let is_locked = self.active.config.locks.contains_key(&output.path);
        let is_told = |name: &String| {
            topics.contains(name.as_str()) && (is_locked || !self.active.locked.contains(name))
        };
        for article in articles.iter_mut() {
            let feed = article.feed.as_ref();
            self.active.discreet.hush(&mut article.source, feed);
            article.topics.retain(is_told);
        }
    }

    /// Returns the outputs that are for everybody: what is not is not told to everybody.
    pub(super) fn open_outputs(&self) -> impl Iterator<Item = &Output> {
        self.active.config.open_outputs()
    }
}
