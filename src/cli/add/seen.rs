//! What a feed holds that is to be added, and which topics its entries would be in.

use super::look::Looked;
use crate::classify::Classifier;
use crate::cli::hints;
use crate::cli::table::{ago, count, cut};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, FeedSettings, standing};
use crate::fetch;
use crate::model::{Entry, FeedId, IdentityBy, Key, KeyKind, TopicMatch};
use crate::normalize::{self, Origin};
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Longest title that is shown.
const TITLE_WIDTH: usize = 70;

/// A feed that was looked at, in the configuration that it is to be in.
pub(super) struct Seen<'s> {
    pub(super) looked: &'s Looked,
    pub(super) config: &'s Config,
    pub(super) settings: Option<&'s FeedSettings>,
    /// What is stored, where anything is.
    pub(super) store: Option<Store>,
}

impl Seen<'_> {
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let feed = &self.looked.feed;
        let url = fetch::shown(&self.looked.address);
        let now = SystemClock.now();
        let origin = Origin {
            feed: &FeedId::new("new"),
            url: &url,
            language: self.settings.and_then(|it| it.language.as_deref()),
            now,
            identity: self.settings.map_or(IdentityBy::Auto, |it| it.identity),
            url_rules: &self.config.url_rules,
        };
        let normalized = normalize::normalize(feed, &origin);
        let title = feed
            .profile
            .title
            .as_deref()
            .unwrap_or("a feed without title");
        writeln!(out, "{url}")?;
        let dates = feed.entries.iter();
        let newest = dates
            .filter_map(|entry| entry.published_at.or(entry.updated_at))
            .max();
        let newest = newest.map_or_else(
            || "none dated".to_owned(),
            |at| format!("newest {}", ago(Some(at.min(now)), now)),
        );
        let entries = entries(feed.entries.len());
        writeln!(
            out,
            "{}: {}, {entries}, {newest}",
            cut(title, TITLE_WIDTH),
            feed.format
        )?;
        if let Some(asked) = hints::words(&feed.hints) {
            writeln!(out, "it asks: {asked}")?;
        }
        let ids = normalized.ids;
        if !ids.health.is_good() {
            writeln!(
                out,
                "ids: {}: {ids}; identity by address",
                ids.health.name()
            )?;
        }
        if !feed.defects.is_empty() {
            let number = u64::try_from(feed.defects.len()).unwrap_or(u64::MAX);
            writeln!(
                out,
                "{}, as `merganser preview` shows",
                count(number, "defect")
            )?;
        }
        if let Some(id) = self.holder(&normalized.entries) {
            let all = match normalized.entries.len() {
                1 => "its entry is".to_owned(),
                _ => format!("all of the {entries} are"),
            };
            writeln!(out, "{all} in {id} already")?;
        }
        if let Some(topics) = self.topics(&origin) {
            writeln!(out, "topics of the {entries} now: {topics}")?;
        }
        Ok(())
    }

    /// Returns the first feed of the file in which all of these entries are or were, by what is stored. It may be the same
    /// feed at another address, and as well one that has this as a part: only who reads both can tell, so it is no refusal.
    fn holder(&self, entries: &[Entry]) -> Option<&FeedId> {
        let store = self.store.as_ref()?;
        let own = self.settings.map(|it| &it.id);
        let others = self.config.feeds.iter().map(|feed| &feed.id);
        let mut holders: Vec<&FeedId> = others.filter(|id| Some(*id) != own).collect();
        if entries.is_empty() {
            return None;
        }
        for entry in entries {
            let keys = entry.keys.iter().copied();
            // The others only propose, and its id means something within its feed alone.
            let keys = keys.filter(|key| matches!(key.kind, KeyKind::Url | KeyKind::Content));
            let keys: Vec<Key> = keys.collect();
            let found = store.find("", &keys).ok()?.into_iter().map(|it| it.feed);
            let left = store.tombstones("", &keys).ok()?.into_iter();
            let feeds: BTreeSet<FeedId> = found.chain(left.map(|it| it.feed)).collect();
            holders.retain(|id| feeds.contains(*id));
            if holders.is_empty() {
                return None;
            }
        }
        holders.first().copied()
    }

    /// Says how many entries are in each topic, the largest first; `None` where there are no topics.
    fn topics(&self, origin: &Origin<'_>) -> Option<String> {
        let rules = &self.config.rules;
        let classifier = Classifier::compile(&self.config.aliases, rules).ok()?;
        let standing = standing(self.settings);
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut none = 0;
        for parsed in &self.looked.feed.entries {
            let labels = classifier.classify(&normalize::entry(parsed, origin), &standing);
            let topics = labels.into_iter().filter(TopicMatch::is_topic);
            let before: usize = counts.values().sum();
            for label in topics {
                *counts.entry(label.topic).or_default() += 1;
            }
            none += usize::from(counts.values().sum::<usize>() == before);
        }
        if self.config.site.topics.is_empty() {
            return None;
        }
        let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(topic, number)| (std::cmp::Reverse(*number), topic.clone()));
        let counts = counts
            .iter()
            .map(|(topic, number)| format!("{topic} {number}"));
        let counts: Vec<String> = counts.chain([format!("none {none}")]).collect();
        Some(counts.join(", "))
    }
}

fn entries(number: usize) -> String {
    if number == 1 {
        "1 entry".to_owned()
    } else {
        format!("{number} entries")
    }
}
