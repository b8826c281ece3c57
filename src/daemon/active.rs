//! The configuration that is running, with everything that was compiled from it.

use super::discreet::Discreet;
use super::{StartError, press, told};
use crate::classify::{self, Classifier};
use crate::config::{Config, FeedSettings, standings};
use crate::fetch::{self, Fetcher, Target};
use crate::model::{FeedId, Rules};
use crate::publish;
use crate::schedule::Agenda;
use crate::store::{FeedSeed, Openly, Seeds};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use url::Url;

/// One configuration in force. A poll keeps the one that it began with; a reload puts another beside it.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) config: Config,
    pub(super) classifier: Classifier,
    /// What tells its rules from others.
    pub(super) rules: Arc<Rules>,
    pub(super) fetcher: Fetcher,
    /// Which addresses of feeds readers are not told.
    pub(super) discreet: Discreet,
    /// What outputs for everybody select, beside which nothing is told to everybody.
    pub(super) openly: Arc<Openly>,
    /// The labels that protected outputs alone ask for.
    pub(super) locked: Arc<BTreeSet<String>>,
    /// Where each feed stands in `config.feeds`.
    numbers: HashMap<FeedId, usize>,
    /// The host of each feed, by its number; feeds of one host share its name.
    host_of: Vec<Arc<str>>,
}

impl Active {
    /// Compiles a configuration.
    pub(super) fn new(config: Config) -> Result<Self, StartError> {
        let classifier = Classifier::compile(&config.aliases, &config.rules)
            .map_err(|problems| StartError::rules(&problems))?;
        let fetcher = Fetcher::new(&config.fetch)?;
        let ids = config.feeds.iter().map(|feed| feed.id.clone());
        let numbers = ids.zip(0..).collect();
        Ok(Self {
            host_of: host_of(&config.feeds),
            rules: Arc::new(digests(&config)),
            discreet: Discreet::new(&config),
            openly: Arc::new(openly(&config)),
            locked: Arc::new(told::locked(&config)),
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
        Agenda::new(self.host_of.clone(), self.config.fetch.host_gap)
    }

    /// Returns the hosts that those of the feeds are on which are polled, and meant.
    pub(super) fn hosts(&self, is_meant: &dyn Fn(&FeedId) -> bool) -> HashSet<&Arc<str>> {
        let feeds = self.config.feeds.iter().zip(&self.host_of);
        let meant = feeds.filter(|(feed, _)| feed.enabled && is_meant(&feed.id));
        meant.map(|(_, host)| host).collect()
    }

    /// Returns the hubs that outputs have.
    pub(super) fn hubs(&self) -> impl Iterator<Item = &Url> {
        let outputs = self.config.outputs.iter();
        outputs.filter_map(|output| output.hub.as_ref())
    }

    /// Returns every document that a hub hands on: its path, its address, and the hub.
    pub(super) fn topics(&self) -> Vec<(String, String, &Url)> {
        let site = &self.config.site;
        let topics = self.config.outputs.iter().filter_map(|output| {
            let hub = output.hub.as_ref()?;
            let formats = output.formats.iter();
            Some(formats.map(move |format| {
                let address = publish::address(site, output, *format);
                (press::path(output, *format), address, hub)
            }))
        });
        topics.flatten().collect()
    }

    /// Returns the paths of the documents that hubs hand on.
    pub(super) fn hub_paths(&self) -> BTreeSet<String> {
        let topics = self.topics().into_iter();
        topics.map(|(path, ..)| path).collect()
    }
}

/// What the store has to know of the configured feeds.
impl Seeds for Arc<Active> {
    fn count(&self) -> usize {
        self.config.feeds.len()
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    fn seed(&self, number: usize) -> Option<FeedSeed> {
        self.feed(number).map(seed)
    }
}

/// Returns what the outputs of a configuration that are for everybody select.
fn openly(config: &Config) -> Openly {
    Openly::of(&mut config.open_outputs())
}

/// Returns what tells the rules of a configuration from others.
pub(super) fn digests(config: &Config) -> Rules {
    let standings = standings(&config.feeds);
    let mut rules = classify::digests(&config.aliases, &config.rules, &standings);
    // Where nothing is protected, no feed is anybody's secret.
    if !config.locks.is_empty() {
        rules.open = openly(config).labels();
    }
    rules
}

/// Returns the hosts of feeds.
fn host_of(feeds: &[FeedSettings]) -> Vec<Arc<str>> {
    let mut known: HashSet<Arc<str>> = HashSet::new();
    let hosts = feeds.iter().map(|feed| {
        let host = fetch::authority(&feed.target.url);
        if let Some(host) = known.get(host.as_str()) {
            return Arc::clone(host);
        }
        let host: Arc<str> = host.into();
        known.insert(Arc::clone(&host));
        host
    });
    hosts.collect()
}

/// The fingerprint changes with all that makes another resource of an address, so that validators of
/// the old one are never sent for the new (P9).
fn seed(feed: &FeedSettings) -> FeedSeed {
    FeedSeed {
        id: feed.id.clone(),
        url: fetch::shown(&feed.target.url),
        title: feed.title.clone(),
        language: feed.language.clone(),
        outlet: feed.outlet.clone(),
        enabled: feed.enabled,
        fingerprint: fingerprint(&feed.target),
    }
}

/// Returns a digest of all that is asked: address, credentials and headers.
pub(super) fn fingerprint(target: &Target) -> [u8; 16] {
    let mut digest = blake3::Hasher::new();
    let mut part = |text: &str| {
        digest.update(text.as_bytes());
        digest.update(&[0]);
    };
    part(target.url.as_str());
    for header in &target.headers {
        part(&header.name);
        part(&header.value);
    }
    let mut fingerprint = [0; 16];
    digest.finalize_xof().fill(&mut fingerprint);
    fingerprint
}
