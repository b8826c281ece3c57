//! Which subscriptions become feeds, under which ids and groups, and which do not and why.

use crate::cli::add::{free_id, name_of};
use crate::config::{self, Config, NewFeed};
use crate::fetch;
use crate::model::Subscription;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// What is to be done with a list.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The new feeds, in the order of the list.
    pub(super) feeds: Vec<NewFeed>,
    /// What stays outside, and why.
    pub(super) left: Vec<(String, String)>,
    /// Groups that the file has.
    there: BTreeSet<String>,
}

impl Plan {
    pub(super) fn new(config: &Config, text: &str, list: &[Subscription]) -> Self {
        let places = config::feed_places(text);
        let known = places.into_iter().map(|(url, place)| {
            let where_it_is = format!(
                "feed `{}` in line {} has this address",
                place.id, place.line
            );
            (url, where_it_is)
        });
        let mut names = Names {
            fetch: config.fetch.clone(),
            addresses: known.collect(),
            ids: config
                .feeds
                .iter()
                .map(|feed| feed.id.to_string())
                .collect(),
            ..Names::default()
        };
        let mut plan = Self {
            there: config::group_names(text),
            ..Self::default()
        };
        for subscription in list {
            match names.feed(subscription) {
                Ok(feed) => plan.feeds.push(feed),
                Err(why) => {
                    let name = match subscription.title.as_str() {
                        "" => shown(&subscription.url),
                        title => title.to_owned(),
                    };
                    plan.left.push((name, why));
                }
            }
        }
        plan
    }

    /// Returns the groups of the feeds that the file does not have, in the order of their first feeds.
    pub(super) fn groups(&self) -> Vec<String> {
        let mut seen = self.there.clone();
        let groups = self.feeds.iter().filter_map(|feed| feed.group.as_ref());
        groups
            .filter(|group| seen.insert((*group).clone()))
            .cloned()
            .collect()
    }
}

/// Names that are taken, and those of folders.
#[derive(Debug, Default)]
struct Names {
    /// What may be fetched.
    fetch: fetch::Settings,
    /// Addresses as [`config::alike`] has them, and who has each.
    addresses: BTreeMap<String, String>,
    ids: BTreeSet<String>,
    /// The last number of each name that is taken, so that a thousand feeds of one title do not take a million
    /// looks.
    numbers: BTreeMap<String, u32>,
    /// The groups of folders.
    folders: BTreeMap<Vec<String>, String>,
    /// Folders whose names have nothing that a group's may have.
    unnamed: usize,
}

impl Names {
    fn feed(&mut self, subscription: &Subscription) -> Result<NewFeed, String> {
        let url = address(&subscription.url, &self.fetch)?;
        let alike = config::alike(&url);
        if let Some(holder) = self.addresses.get(&alike) {
            return Err(holder.clone());
        }
        let given = subscription.id.as_ref();
        let given = given.filter(|id| config::possible_name(id) == **id && !id.is_empty());
        let id = match given {
            Some(id) if !self.ids.contains(id) => id.clone(),
            _ => {
                let name = name_of(&subscription.title, &url);
                let last = self.numbers.entry(name.clone()).or_insert(1);
                free_id(&name, last, &|id| self.ids.contains(id))
            }
        };
        self.ids.insert(id.clone());
        self.addresses.insert(
            alike,
            format!("`{id}`, above it in the list, has this address"),
        );
        let title = Some(subscription.title.trim()).filter(|title| !title.is_empty());
        Ok(NewFeed {
            id,
            url: url.into(),
            group: self.group(&subscription.folders),
            title: title.map(ToOwned::to_owned),
            is_off: subscription.is_off,
        })
    }

    /// Returns the group of a folder: its name, after those of the folders that it lies in.
    fn group(&mut self, folders: &[String]) -> Option<String> {
        if folders.is_empty() {
            return None;
        }
        if let Some(group) = self.folders.get(folders) {
            return Some(group.clone());
        }
        let mut group = config::possible_name(&folders.join(" "));
        if group.is_empty() {
            self.unnamed += 1;
            group = format!("folder-{}", self.unnamed);
        }
        self.folders.insert(folders.to_vec(), group.clone());
        Some(group)
    }
}

/// Reads an address of a list that may be fetched.
fn address(text: &str, settings: &fetch::Settings) -> Result<Url, String> {
    let text = text.trim();
    let text = match text.strip_prefix("feed:") {
        Some(rest) if rest.starts_with("http") => rest.to_owned(),
        Some(rest) => format!("http:{rest}"),
        None => text.to_owned(),
    };
    let url = Url::parse(&text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "this is no whole address".to_owned(),
        error => format!("this is no address: {error}"),
    })?;
    match fetch::refusal(settings, &url) {
        None => Ok(url),
        Some(why) => Err(why),
    }
}

fn shown(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => fetch::shown(&url),
        Err(_) => cut(address),
    }
}

fn cut(text: &str) -> String {
    crate::cli::table::cut(text, 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(title: &str, url: &str, folders: &[&str]) -> Subscription {
        Subscription {
            title: title.to_owned(),
            url: url.to_owned(),
            folders: folders.iter().map(|it| (*it).to_owned()).collect(),
            ..Subscription::default()
        }
    }

    #[test]
    fn what_becomes_of_a_list() {
        let text = "[group.news]\n[[feed]]\nid = \"one\"\nurl = \"https://one.example/feed/\"\n";
        let config = config::read_without_secrets(text).unwrap().config;
        let list = [
            subscription("One again", "http://ONE.example/feed#x", &[]),
            subscription("Two", "feed://two.example/rss", &["News"]),
            subscription(
                "Two",
                "feed:https://three.example/rss",
                &["News", "World & more"],
            ),
            subscription("", "https://two.example/rss", &[]),
            subscription("दर्पण", "https://four.example/", &["समाचार"]),
            subscription("Mail", "mailto:a@b.example", &[]),
            subscription("Script", "javascript:alert(1)", &[]),
            subscription("Bare", "five.example/rss", &[]),
            subscription("", "", &[]),
            subscription("Metadata", "http://169.254.169.254/latest", &[]),
            subscription("Inside", "http://localhost:8080/rss", &[]),
        ];
        let plan = Plan::new(&config, text, &list);
        let line = |feed: &NewFeed| {
            let group = feed.group.as_deref().unwrap_or("-");
            format!("{} {group} {}", feed.id, feed.url)
        };
        assert_eq!(
            plan.feeds.iter().map(line).collect::<Vec<_>>(),
            [
                "two news http://two.example/rss",
                "two-2 news-world-more https://three.example/rss",
                "four-example folder-1 https://four.example/",
            ]
        );
        assert_eq!(plan.groups(), ["news-world-more", "folder-1"]);
        let left = plan.left.iter().map(|(name, why)| format!("{name}: {why}"));
        assert_eq!(
            left.collect::<Vec<_>>(),
            [
                "One again: feed `one` in line 4 has this address",
                "https://two.example/rss: `two`, above it in the list, has this address",
                "Mail: `mailto` addresses are not fetched, only http and https",
                "Script: `javascript` addresses are not fetched, only http and https",
                "Bare: this is no whole address",
                ": this is no whole address",
                "Metadata: 169.254.169.254 is not a public address and not in allow-networks",
                "Inside: localhost is this machine and loopback is not in allow-networks",
            ]
        );
    }
}
