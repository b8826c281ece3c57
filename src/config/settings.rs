//! The whole of `feeds.toml`, checked and resolved.

use crate::classify::Standing;
use crate::model::{Entry, FeedId, IdentityBy, Outlet};
use crate::normalize::{self, UrlRules};
use crate::{classify, fetch, publish, schedule, serve, store};
use ipnet::IpNet;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// The table `[server]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where to listen for readers.
    pub listen: SocketAddr,
    /// Where what is served is written as files, too; relative to the state directory.
    pub publish_dir: Option<PathBuf>,
    /// Whether `feeds.toml` is read again when it was saved.
    pub watch: bool,
    /// From where `/status` and `/metrics` may be asked for.
    pub admin_from: Vec<IpNet>,
    /// What opens the feed of how things turned to readers elsewhere.
    pub health_key: Option<serve::Lock>,
}

/// One feed with everything that applies to it: its own keys, then its group's, then the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSettings {
    /// Stable name.
    pub id: FeedId,
    /// What to fetch.
    pub target: fetch::Target,
    /// The group it is in.
    pub group: Option<String>,
    /// The operator's title, in place of the feed's own.
    pub title: Option<String>,
    /// Whether it is polled.
    pub enabled: bool,
    /// Whether readers may be told its address.
    pub tells_address: bool,
    /// When it is polled.
    pub policy: schedule::Policy,
    /// How many entries of its backlog the first poll keeps.
    pub first_poll_entries: usize,
    /// How many documents of its archive are read after its first poll (P39).
    pub backfill: u32,
    /// Language of its entries where they and the document are silent.
    pub language: Option<String>,
    /// What tells its entries apart.
    pub identity: IdentityBy,
    /// Who speaks in it.
    pub outlet: Outlet,
    /// What may be kept of it.
    pub limits: store::Limits,
    /// Topics that all its entries are in, by its group.
    pub topics: Vec<String>,
}

/// Returns what is known of entries by the feed that they stand in; where it is not configured, that is little.
pub fn standing(feed: Option<&FeedSettings>) -> Standing<'_> {
    Standing {
        topics: feed.map_or(&[], |feed| &feed.topics),
        with_story: &[],
        group: feed.and_then(|feed| feed.group.as_deref()),
        site: normalize::site,
        now: None,
    }
}

/// Returns an entry as it is by what the file says of its feed: in that language, where neither it nor its document says
/// one.
pub fn as_said<'e>(entry: &'e Entry, feed: Option<&FeedSettings>) -> Cow<'e, Entry> {
    match feed.filter(|feed| entry.language_given && feed.language != entry.language) {
        Some(feed) => Cow::Owned(Entry {
            language: feed.language.clone(),
            ..entry.clone()
        }),
        None => Cow::Borrowed(entry),
    }
}

/// Returns the feeds by their ids, each with where it stands.
pub fn standings(feeds: &[FeedSettings]) -> Vec<(&str, Standing<'_>)> {
    let feeds = feeds.iter();
    feeds
        .map(|feed| (feed.id.as_str(), standing(Some(feed))))
        .collect()
}

/// Everything a run needs to know from the operator.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Listening.
    pub server: Server,
    /// What all outputs have in common.
    pub site: publish::Site,
    /// The database.
    pub storage: store::Settings,
    /// Fetching.
    pub fetch: fetch::Settings,
    /// The feeds in file order.
    pub feeds: Vec<FeedSettings>,
    /// What is known of addresses beyond what is built in.
    pub url_rules: Arc<UrlRules>,
    /// The aliases in file order, as written.
    pub aliases: Vec<classify::Alias>,
    /// The topics in file order, then a rule named `output:PATH` for each output whose `select` is a
    /// query of its own.
    pub rules: Vec<classify::Rule>,
    /// The outputs in file order; the defaults when the file names none.
    pub outputs: Vec<publish::Output>,
    /// The locks of outputs that are not for everybody, by their paths.
    pub locks: BTreeMap<String, serve::Lock>,
    /// What tells the text that this was read from, and not what secrets and files it names hold.
    pub digest: [u8; 32],
}

impl Config {
    /// Returns the outputs that are for everybody.
    pub fn open_outputs(&self) -> impl Iterator<Item = &publish::Output> {
        let outputs = self.outputs.iter();
        outputs.filter(|output| !self.locks.contains_key(&output.path))
    }
}
