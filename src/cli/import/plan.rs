//! Which subscriptions become feeds, under which ids and groups, and which do not and why.

use crate::cli::add::{free_id, name_of};
use crate::cli::edit;
use crate::cli::table::{self, shown_address};
use crate::config::{self, Config, NewFeed};
use crate::fetch;
use crate::model::{Subscription, Watch};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done with a list.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The new feeds, in the order of the list.
    pub(super) feeds: Vec<NewFeed>,
    /// What stays outside, and why.
    pub(super) left: Vec<(String, String)>,
    /// How much of that is there already.
    pub(super) known: usize,
    /// Whether some of it lies where nobody is asked unless the file allows it.
    pub(super) has_inside: bool,
    /// Groups that the file has.
    there: BTreeSet<String>,
    /// The group of each folder of the list.
    folders: BTreeMap<Vec<String>, String>,
}

impl Plan {
    pub(super) fn new(config: &Config, text: &str, list: &[Subscription], watch: &Watch) -> Self {
        let places = config::feed_places(text);
        let mut known: Vec<_> = places.into_values().collect();
        // Of those which differ in what links gather alone, the first is named.
        known.sort_by_key(|place| Reverse(place.line));
        let known = known.into_iter().map(|place| {
            let where_it_is = format!(
                "feed `{}` in line {} has this address",
                place.id, place.line
            );
            (config::as_pasted(&place.url), where_it_is)
        });
        let there = config::group_names(text);
        let mut names = Names {
            routes: routes(text, &there),
            taken: there.clone(),
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
            there,
            ..Self::default()
        };
        let of = u64::try_from(list.len()).unwrap_or(u64::MAX);
        for (done, subscription) in (0..).zip(list) {
            watch.tell(done, of);
            match names.feed(subscription) {
                Ok(feed) => plan.feeds.push(feed),
                Err(why) => {
                    let name = match subscription.title.as_str() {
                        "" => cut(&shown_address(&subscription.url)),
                        title => title.to_owned(),
                    };
                    plan.left.push((name, why));
                }
            }
        }
        plan.folders = names.folders;
        (plan.has_inside, plan.known) = (names.has_inside, names.known);
        plan
    }

    /// Returns the folders of the new feeds whose groups have other names than they, and these.
    pub(super) fn renamed(&self) -> Vec<(String, &str)> {
        let groups: BTreeSet<&str> = self
            .feeds
            .iter()
            .filter_map(|it| it.group.as_deref())
            .collect();
        let folders = self
            .folders
            .iter()
            .map(|(path, group)| (path.join(" / "), group.as_str()));
        let renamed = folders.filter(|(folder, group)| {
            groups.contains(group) && !folder.eq_ignore_ascii_case(group)
        });
        renamed
            .map(|(folder, group)| (cut(&folder), group))
            .collect()
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
    /// How the feeds of each group that is there are fetched, and those of none.
    routes: BTreeMap<Option<String>, fetch::Route>,
    /// Addresses as [`config::as_pasted`] has them, and who has each.
    addresses: BTreeMap<String, String>,
    ids: BTreeSet<String>,
    /// The last number of each name that is taken, so that a thousand feeds of one title do not take a million
    /// looks.
    numbers: BTreeMap<String, u32>,
    /// The groups of folders.
    folders: BTreeMap<Vec<String>, String>,
    /// Groups that are there, and those of folders.
    taken: BTreeSet<String>,
    /// Those of folders whose names could not be kept: no other folder may come into one by its name.
    own: BTreeSet<String>,
    /// Whether a network that is not public was refused.
    has_inside: bool,
    /// How many have an address that is there already.
    known: usize,
}

impl Names {
    fn feed(&mut self, subscription: &Subscription) -> Result<NewFeed, String> {
        let url = edit::address(&subscription.url).map_err(|why| {
            // Where the list has a title, that alone would be named.
            let (address, title) = (cut(&shown_address(&subscription.url)), &subscription.title);
            if address.is_empty() || title.is_empty() {
                return why;
            }
            format!("{why} (`{address}`)")
        })?;
        let route = self.route(&subscription.folders);
        // The list is somebody else's.
        if let Some(why) = fetch::refusal(&self.fetch, &route, &url) {
            self.has_inside |= why.ends_with("not in allow-networks");
            return Err(why);
        }
        let pasted = config::as_pasted(&url);
        if let Some(holder) = self.addresses.get(&pasted) {
            self.known += 1;
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
            pasted,
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

    /// Returns how a feed of a folder is fetched: as its group says, where that is in the file already.
    fn route(&self, folders: &[String]) -> fetch::Route {
        let name = folders.join(" ");
        let group = match self.folders.get(folders) {
            Some(group) => group.clone(),
            None => config::possible_name(&name),
        };
        let is_it = letters(&group) >= letters(&name) && !folders.is_empty();
        let ours = self.routes.get(&is_it.then_some(group));
        let route = ours.or_else(|| self.routes.get(&None));
        route.cloned().unwrap_or_default()
    }

    /// Returns the group of a folder: its name, after those of the folders that it lies in.
    ///
    /// A folder whose name a group cannot have says nothing of which group it is: what stands in one that is there
    /// has keys and topics of its own, so that it gets the next one that is free.
    fn group(&mut self, folders: &[String]) -> Option<String> {
        if folders.is_empty() {
            return None;
        }
        if let Some(group) = self.folders.get(folders) {
            return Some(group.clone());
        }
        let name = folders.join(" ");
        let mut group = config::possible_name(&name);
        let is_unnamed = group.is_empty();
        let is_lossy = letters(&group) < letters(&name);
        if is_unnamed {
            group.push_str("folder");
        }
        let first = u32::from(!is_unnamed);
        let taken = if is_lossy { &self.taken } else { &self.own };
        if is_unnamed || taken.contains(&group) {
            let last = self.numbers.entry(format!("[{group}]")).or_insert(first);
            group = free_id(&group, last, &|group| {
                group == "folder" || self.taken.contains(group)
            });
        }
        if is_lossy {
            self.own.insert(group.clone());
        }
        self.taken.insert(group.clone());
        self.folders.insert(folders.to_vec(), group.clone());
        Some(group)
    }
}

/// Counts letters and digits: a name that has fewer than its folder is one of many folders.
fn letters(text: &str) -> usize {
    text.chars().filter(|it| it.is_alphanumeric()).count()
}

/// Returns how a new feed of each of these groups would be fetched, and one of none: what the file says of a feed that is
/// put into it for a look. Where it is no configuration with them, that is as it comes.
fn routes(text: &str, groups: &BTreeSet<String>) -> BTreeMap<Option<String>, fetch::Route> {
    let of = [None].into_iter().chain(groups.iter().cloned().map(Some));
    let looks: Vec<NewFeed> = (0..)
        .zip(of)
        .map(|(number, group)| NewFeed {
            id: format!("{LOOK}-{number}"),
            url: format!("https://{number}.{LOOK}.invalid/"),
            group,
            title: None,
            is_off: true,
        })
        .collect();
    let edited = config::with_feeds(text, &[], &looks).ok();
    let loaded = edited.and_then(|edited| config::read_without_secrets(&edited).ok());
    let feeds = loaded.into_iter().flat_map(|loaded| loaded.config.feeds);
    feeds
        .filter(|feed| feed.id.as_str().starts_with(LOOK))
        .map(|feed| (feed.group, feed.target.route))
        .collect()
}

/// What feeds are called that are put into a file for a look.
const LOOK: &str = "merganser-look";

fn cut(text: &str) -> String {
    /// Addresses are longer than titles; what is wrong with one comes after it.
    const WIDTH: usize = 80;
    table::cut(text, WIDTH)
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

    /// What a group cannot be called by comes into no group that is there, and nothing else into its own.
    #[test]
    fn folders_of_other_scripts_stay_apart() {
        let text = "[group.folder-1]\n[group.rer]\n";
        let config = config::read_without_secrets(text).unwrap().config;
        let folders: [&[&str]; 8] = [
            &["Новости"],
            &["日本"],
            &["Новости"],
            &["Folder 3"],
            &["Яrer"],
            &["Юrer"],
            &["RER"],
            &["📰"],
        ];
        let list = folders.iter().enumerate().map(|(number, folders)| {
            subscription("", &format!("https://f{number}.example/"), folders)
        });
        let plan = Plan::new(&config, text, &list.collect::<Vec<_>>(), &Watch::default());
        let groups = plan.feeds.iter().filter_map(|feed| feed.group.as_deref());
        assert_eq!(
            groups.collect::<Vec<_>>(),
            [
                "folder-2",
                "folder-3",
                "folder-2",
                "folder-3-2",
                "rer-2",
                "rer-3",
                "rer",
                "folder-4"
            ]
        );
        assert!(plan.renamed().contains(&("日本".to_owned(), "folder-3")));
        assert!(!plan.renamed().iter().any(|(_, group)| *group == "rer"));
    }

    /// P33: what links gather on their way makes no other feed, in the list as in the file; another parameter does.
    #[test]
    fn an_address_is_one_however_it_was_pasted() {
        let feed = |id: &str, query: &str| {
            format!("[[feed]]\nid = \"{id}\"\nurl = \"https://one.example/feed{query}\"\n")
        };
        let text = feed("one", "?utm_source=x") + &feed("also", "?utm_source=y");
        let config = config::read_without_secrets(&text).unwrap().config;
        let list = [
            "https://one.example//feed#x",
            "https://two.example/feed?a=1&utm_medium=rss",
            "https://two.example/feed?a=1",
            "https://two.example/feed?a=2",
        ];
        let list = list.map(|url| subscription("", url, &[]));
        let plan = Plan::new(&config, &text, &list, &Watch::default());
        let urls = plan.feeds.iter().map(|feed| feed.url.as_str());
        assert_eq!(
            urls.collect::<Vec<_>>(),
            [
                "https://two.example/feed?a=1&utm_medium=rss",
                "https://two.example/feed?a=2"
            ]
        );
        let left: Vec<&str> = plan.left.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(
            left,
            [
                "feed `one` in line 3 has this address",
                "`two-example`, above it in the list, has this address",
            ]
        );
        assert_eq!(plan.known, 2);
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
            subscription("Bare", "five.example/a feed", &[]),
            subscription("File", "five.xml", &[]),
            subscription("", "", &[]),
            subscription("Metadata", "http://169.254.169.254/latest", &[]),
            subscription("Inside", "http://localhost:8080/rss", &[]),
        ];
        let plan = Plan::new(&config, text, &list, &Watch::default());
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
                "bare - https://five.example/a%20feed",
            ]
        );
        assert_eq!(plan.groups(), ["news-world-more", "folder-1"]);
        let left = plan.left.iter().map(|(name, why)| format!("{name}: {why}"));
        assert_eq!(
            left.collect::<Vec<_>>(),
            [
                "One again: feed `one` in line 4 has this address",
                "https://two.example/rss: `two`, above it in the list, has this address",
                "Mail: `mailto` addresses are not fetched, only http and https (`b.example`)",
                "Script: `javascript` addresses are not fetched, only http and https (`javascript:alert(1)`)",
                "File: this is no whole address: write `https://example.org/feed.xml` (`five.xml`)",
                ": this is no whole address: write `https://example.org/feed.xml`",
                "Metadata: 169.254.169.254 is not a public address and not in allow-networks",
                "Inside: localhost is this machine and loopback is not in allow-networks",
            ]
        );
    }
}
