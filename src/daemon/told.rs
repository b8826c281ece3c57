//! What readers are told of articles, and what they are not.

use super::press::Press;
use crate::model::Article;
use crate::publish::{Output, Selection};
use crate::store::Openly;

impl Press {
    /// Returns an output with what may be told in it: where it is for everybody, what such outputs select (U31).
    pub(super) fn audience<'a>(&'a self, output: &'a Output) -> (&'a Output, Option<&'a Openly>) {
        let is_locked = self.active.config.locks.contains_key(&output.path);
        (output, (!is_locked).then_some(&self.active.openly))
    }

    /// Leaves out of articles addresses of feeds that nobody is to know, labels of topics that the configuration no longer
    /// has, and in outputs for everybody those of topics that are not (U31).
    pub(super) fn keep_what_is_told(&self, output: &Output, articles: &mut [Article]) {
        let topics = &self.active.config.site.topics;
        let is_locked = self.active.config.locks.contains_key(&output.path);
        for article in articles.iter_mut() {
            let feed = article.feed.as_ref();
            self.active.discreet.hush(&mut article.source, feed);
            article
                .topics
                .retain(|name| topics.iter().any(|(known, _)| known == name));
            if !is_locked {
                article.topics.retain(|name| !self.is_locked(name));
            }
        }
    }

    /// Returns the outputs that are for everybody: what is not is not told to everybody.
    pub(super) fn open_outputs(&self) -> impl Iterator<Item = &Output> {
        self.active.config.open_outputs()
    }

    /// Tells whether a topic is published in protected outputs alone.
    pub(super) fn is_locked(&self, topic: &str) -> bool {
        let is_topic = |output: &&Output| matches!(&output.selection, Selection::Label(label) if label == topic);
        let mut outputs = self
            .active
            .config
            .outputs
            .iter()
            .filter(is_topic)
            .peekable();
        let locks = &self.active.config.locks;
        outputs.peek().is_some() && outputs.all(|output| locks.contains_key(&output.path))
    }
}
