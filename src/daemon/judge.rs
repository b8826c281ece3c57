//! Rules over everything stored: read in chunks, judged off the async threads, handed on in order.

use super::active::Active;
use crate::classify::{Classifier, Rule, Standing};
use crate::config::{as_said, standing};
use crate::model::{Entry, Rules, TopicMatch};
use crate::store::{Readable, Store, StoreError};
use futures_util::stream::{self, Stream, StreamExt as _};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Entries of a chunk at most: enough that a transaction for what they match costs little, few enough that long texts
/// stay within some megabytes and nobody waits long for the writer.
const CHUNK: i64 = 512;

/// Chunks read and judged at once: a small machine has two cores, and polls, which are few against a million
/// entries, share them.
const WORKERS: usize = 2;

/// Some rules of a configuration, and no others.
#[derive(Debug)]
pub(super) struct Bench {
    active: Arc<Active>,
    /// Their labels.
    labels: BTreeSet<String>,
    /// Compiled from them alone; none where one of them rests on another topic, and all have to be judged.
    own: Option<Classifier>,
}

/// Makes something of an entry, where there is something to be made.
pub(super) type Make<T> = Arc<dyn Fn(&Readable) -> Option<T> + Send + Sync>;

/// What came of a chunk.
#[derive(Debug)]
pub(super) struct Chunk<T> {
    /// What was made of its entries.
    pub(super) made: Vec<T>,
    /// Entries up to this number were read.
    pub(super) to: i64,
}

impl Bench {
    /// Takes the rules that give these labels.
    pub(super) fn new(active: Arc<Active>, labels: BTreeSet<String>) -> Self {
        let config = &active.config;
        let rules = config.rules.iter();
        let rules: Vec<Rule> = rules
            .filter(|rule| labels.contains(&rule.name))
            .cloned()
            .collect();
        Self {
            own: Classifier::compile(&config.aliases, &rules).ok(),
            active,
            labels,
        }
    }

    /// Returns the labels.
    pub(super) fn labels(&self) -> &BTreeSet<String> {
        &self.labels
    }

    /// Returns what tells the rules of the configuration from others.
    pub(super) fn rules(&self) -> &Rules {
        &self.active.rules
    }

    /// Returns which of the labels an entry has by itself, and why; `with_story` are the topics that take its story.
    pub(super) fn judge(&self, entry: &Entry, with_story: &[String]) -> Vec<TopicMatch> {
        let number = self.active.number(&entry.feed);
        let feed = number.and_then(|number| self.active.feed(number));
        let classifier = self.own.as_ref().unwrap_or(&self.active.classifier);
        let standing = Standing {
            with_story,
            ..standing(feed)
        };
        let mut found = classifier.classify(&as_said(entry, feed), &standing);
        found.retain(|found| self.labels.contains(&found.topic));
        found
    }
}

/// Makes something of every entry stored with a number after `after` and up to `to`, in their order and off the async
/// threads. Nothing is held open between two chunks.
pub(super) fn each<T: Send + 'static>(
    store: Store,
    (after, to): (i64, i64),
    make: Make<T>,
) -> impl Stream<Item = Result<Chunk<T>, StoreError>> {
    let starts = std::iter::successors(Some(after), |start| start.checked_add(CHUNK));
    let starts = starts.take_while(move |start| *start < to);
    let chunks = starts.map(move |start| {
        let (store, make) = (store.clone(), Arc::clone(&make));
        let end = start.saturating_add(CHUNK).min(to);
        async move {
            let stopped = store.stopped();
            let work = move || -> Result<Chunk<T>, StoreError> {
                let read = store.readable(start, end)?;
                Ok(Chunk {
                    made: read.iter().filter_map(|entry| make(entry)).collect(),
                    to: end,
                })
            };
            #[expect(clippy::disallowed_methods, reason = "reading and judging block")]
            let chunk = tokio::task::spawn_blocking(work).await;
            chunk.unwrap_or(Err(stopped))
        }
    });
    stream::iter(chunks).buffered(WORKERS)
}
