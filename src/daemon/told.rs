//! What readers are told of articles, and what they are not.

use super::press::Press;
use crate::model::{Article, Report};
use crate::publish::{Output, Selection};
use crate::store::{Openly, StoreError};

impl Press {
    /// Leaves out of articles addresses of feeds that nobody is to know, labels of topics that the configuration no longer
    /// has, and in outputs for everybody those of topics that are not, and reports that no such output lists (U31).
    pub(super) fn keep_what_is_told(
        &self,
        output: &Output,
        articles: &mut [Article],
    ) -> Result<(), StoreError> {
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
        let openly = self.openly();
        if is_locked || openly.has_all(1) {
            return Ok(());
        }
        let reports = articles.iter().flat_map(|article| &article.reports);
        let told = reports.map(|report| report.article).collect();
        let told = self.store.openly(&openly, &told)?;
        let is_told = |report: &Report| told.contains(&report.article);
        let articles = articles.iter_mut();
        articles.for_each(|article| article.reports.retain(is_told));
        Ok(())
    }

    /// Returns what outputs for everybody select: no other reports are named where everybody reads.
    pub(super) fn openly(&self) -> Openly {
        Openly::of(&mut self.open_outputs())
    }

    /// Returns the outputs that are for everybody: what is not is not told to everybody.
    pub(super) fn open_outputs(&self) -> impl Iterator<Item = &Output> {
        let config = &self.active.config;
        let is_open = |output: &&Output| !config.locks.contains_key(&output.path);
        config.outputs.iter().filter(is_open)
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
