//! The configuration that is running, with everything that was compiled from it.

use super::StartError;
use crate::classify::Classifier;
use crate::config::{Config, FeedSettings};
use crate::fetch::Fetcher;
use crate::model::FeedId;
use crate::schedule::Agenda;
use crate::store::FeedSeed;
use std::collections::BTreeMap;

/// One configuration in force. A poll keeps the one that it began with; a reload puts another beside it.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) config: Config,
    pub(super) classifier: Classifier,
    pub(super) fetcher: Fetcher,
    /// Where each feed stands in `config.feeds`.
    numbers: BTreeMap<FeedId, usize>,
}

impl Active {
    /// Compiles a configuration; `running` lends its memory of the hosts (P32) to a reload.
    pub(super) fn new(config: Config, running: Option<&Self>) -> Result<Self, StartError> {
        let classifier = Classifier::compile(&config.aliases, &config.rules)
            .map_err(|problems| StartError::rules(&problems))?;
        let fetcher = match running {
            Some(running) => running.fetcher.with_settings(&config.fetch)?,
            None => Fetcher::new(&config.fetch)?,
        };
        let ids = config.feeds.iter().map(|feed| feed.id.clone());
        let numbers = ids.zip(0..).collect();
        Ok(Self {
            config,
            classifier,
            fetcher,
            numbers,
        })
    }

    /// Returns the number of a feed, `None` when the configuration does not name it.
    pub(super) fn number(&self, id: &FeedId) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// Returns the feed of that number.
    pub(super) fn feed(&self, number: usize) -> Option<&FeedSettings> {
        self.config.feeds.get(number)
    }

    /// Returns how many polls may be under way: as many as exchanges, and as many again whose documents
    /// are being read and stored. The bound keeps bodies that wait for the parser out of memory.
    pub(super) fn in_flight_max(&self) -> usize {
        self.config.fetch.concurrency.saturating_mul(2)
    }

    /// Starts an empty agenda for these feeds.
    pub(super) fn agenda(&self) -> Agenda {
        let mut hosts = BTreeMap::new();
        let host_of = self.config.feeds.iter().map(|feed| {
            let url = &feed.target.url;
            let next = hosts.len();
            *hosts
                .entry((url.host_str(), url.port_or_known_default()))
                .or_insert(next)
        });
        Agenda::new(host_of.collect())
    }

    /// Returns what the store has to know of the configured feeds.
    pub(super) fn seeds(&self) -> Vec<FeedSeed> {
        self.config.feeds.iter().map(seed).collect()
    }
}

/// The fingerprint changes with all that makes another resource of an address, so that validators of
/// the old one are never sent for the new (P9).
fn seed(feed: &FeedSettings) -> FeedSeed {
    let mut digest = blake3::Hasher::new();
    let mut part = |text: &str| {
        digest.update(text.as_bytes());
        digest.update(&[0]);
    };
    part(feed.target.url.as_str());
    for header in &feed.target.headers {
        part(&header.name);
        part(&header.value);
    }
    let mut fingerprint = [0; 16];
    digest.finalize_xof().fill(&mut fingerprint);
    FeedSeed {
        id: feed.id.clone(),
        url: crate::fetch::shown(&feed.target.url),
        title: feed.title.clone(),
        fingerprint,
    }
}
