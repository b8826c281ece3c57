//! Addresses of feeds that readers of our outputs are not told (S7): those in networks that are not public, and those
//! that are asked with anything secret.
//!
//! Judged by what feeds.toml says of a feed that it names, and by the address alone, so that a feed that it names no
//! more, and what an aggregator says of its own sources, is judged as well. In place of the address, an entry's source
//! has the feed's title and, where that is public, its home page.

use crate::config::{Config, FeedSettings};
use crate::fetch;
use crate::model::{FeedId, Person, Source};
use crate::{publish, text};
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use url::Url;

/// What is told to nobody.
#[derive(Debug)]
pub(super) struct Discreet {
    /// The feeds whose addresses are not told, by these; `None` where several differ by what is masked.
    feeds: BTreeMap<String, Option<FeedId>>,
    /// Their names.
    names: BTreeSet<FeedId>,
    /// Whether our readers are on this machine: then its loopback is no secret to them.
    is_at_home: bool,
}

/// Which addresses may be told by what they are, as far as that was asked.
#[derive(Debug, Default)]
pub(super) struct Judged(BTreeMap<String, bool>);

impl Discreet {
    /// Judges the feeds of a configuration.
    pub(super) fn new(config: &Config) -> Self {
        let is_at_home = publish::is_local(&config.site.public_url);
        let feeds = config.feeds.iter();
        let secret = feeds.filter(|feed| !is_everybodys(feed, is_at_home));
        let (mut feeds, mut names) = (BTreeMap::new(), BTreeSet::new());
        for feed in secret {
            let only = feeds.entry(fetch::shown(&feed.target.url));
            let only = only.and_modify(|it| *it = None);
            only.or_insert_with(|| Some(feed.id.clone()));
            names.insert(feed.id.clone());
        }
        Self {
            feeds,
            names,
            is_at_home,
        }
    }

    /// Tells whether the address of a feed may be told to everybody.
    pub(super) fn tells(&self, feed: &FeedSettings) -> bool {
        is_everybodys(feed, self.is_at_home)
    }

    /// Takes out of a source what is not to be told, wherever the publisher says it. `feed` is the one of ours that it is:
    /// two that differ by their keys have one address here.
    pub(super) fn hush(&self, source: &mut Source, feed: Option<&FeedId>, judged: &mut Judged) {
        let own = source.self_url.as_deref().unwrap_or(&source.id);
        let known = self.feeds.get(own).or_else(|| self.feeds.get(&source.id));
        let is_ours = feed.is_some_and(|feed| self.names.contains(feed));
        let is_secret = is_ours || known.is_some() || !self.is_told(own, judged);
        let id_is_told = self.is_told(&source.id, judged);
        if is_secret {
            source.self_url = None;
        }
        if is_secret && is_web(&source.id) || !id_is_told {
            // Of a name, since an address that nobody is to know could be guessed from its digest.
            let feed = feed.or_else(|| known?.as_ref());
            let name = feed.map_or(source.title.as_str(), FeedId::as_str);
            source.id = format!("{NAMED}{name}");
        }
        self.hush_address(&mut source.home_url, judged);
        self.hush_people(&mut source.authors, judged);
        for text in iter::once(&mut source.title).chain(&mut source.rights) {
            self.hush_text(text);
        }
    }

    /// Takes out of what is said of people what is not to be told.
    pub(super) fn hush_people(&self, people: &mut [Person], judged: &mut Judged) {
        for person in people {
            self.hush_address(&mut person.url, judged);
            self.hush_text(&mut person.name);
        }
    }

    /// Takes an address away that is not to be told.
    fn hush_address(&self, address: &mut Option<String>, judged: &mut Judged) {
        let is_told = |it: &String| !self.feeds.contains_key(it) && self.is_told(it, judged);
        *address = address.take().filter(is_told);
    }

    /// Takes addresses out of a text that are not to be told.
    pub(super) fn hush_text(&self, text: &mut String) {
        if text.contains("://") {
            *text = self.cleared(text);
        }
    }

    /// As [`Self::may_be_told`]; what was judged before is not judged again, as the articles of an output have few sources.
    fn is_told(&self, address: &str, judged: &mut Judged) -> bool {
        if let Some(known) = judged.0.get(address) {
            return *known;
        }
        let is_told = self.may_be_told(address);
        judged.0.insert(address.to_owned(), is_told);
        is_told
    }

    /// Returns a text without addresses that are not to be told.
    pub(super) fn cleared(&self, text: &str) -> String {
        let cleared = text.split(' ').map(|word| {
            let address = word.trim_matches(|c: char| "().,;:'\"<>`".contains(c));
            let is_told = self.may_be_told(address) && !self.feeds.contains_key(address);
            if is_told {
                word
            } else {
                "(an address that is not told)"
            }
        });
        cleared.collect::<Vec<_>>().join(" ")
    }

    /// Tells whether readers may know an address, by that alone; what is none is no address of a feed.
    fn may_be_told(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else {
            return true;
        };
        !is_of_web(&url) || is_shown(&url, self.is_at_home)
    }
}

/// How the id begins of a source whose address is not told. No such scheme may stand in an output: it is published as
/// a digest.
const NAMED: &str = "feed-named:";

/// Tells whether the address of a feed may be told to everybody.
fn is_everybodys(feed: &FeedSettings, is_at_home: bool) -> bool {
    let target = &feed.target;
    let bare =
        feed.tells_address && target.headers.is_empty() && target.route.allow_networks.is_none();
    bare && is_shown(&target.url, is_at_home)
}

/// Tells whether an address is public and has nothing in it that is masked.
fn is_shown(url: &Url, is_at_home: bool) -> bool {
    let is_near = is_at_home && publish::is_local(url);
    let is_bare = fetch::shown(url) == url.as_str()
        && !text::has_secret_query(url.as_str())
        && !text::has_secret_path(url.path());
    is_bare && (is_near || fetch::is_public(url))
}

/// Tells whether a text is an address of the web, however its scheme is written.
fn is_web(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| is_of_web(&url))
}

fn is_of_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const CONFIG: &str = r#"
        [server]
        public-url = "PUBLIC"
        [fetch]
        allow-networks = ["10.0.0.0/8", "127.0.0.0/8"]
        [[feed]]
        id = "open"
        url = "https://news.example/feed"
        [[feed]]
        id = "token"
        url = "https://news.example/feed?token=canary"
        [[feed]]
        id = "bearer"
        url = "https://canary.example/feed"
        auth = { bearer = "word" }
        [[feed]]
        id = "inner"
        url = "https://canary-2.example/feed"
        allow-networks = ["10.1.0.0/16"]
        [[feed]]
        id = "kept"
        url = "https://kept.example/few/canary/feed"
        tell-address = false
        [[feed]]
        id = "drawn"
        url = "https://drawn.example/5d41d8cd98f00b204e98/feed"
        [[feed]]
        id = "near"
        url = "http://10.2.3.4/feed"
        [[feed]]
        id = "here"
        url = "http://127.0.0.1:81/feed"
    "#;

    fn discreet(public_url: &str) -> Discreet {
        let text = CONFIG.replace("PUBLIC", public_url);
        let loaded = config::read(&text, &|_| None).unwrap();
        Discreet::new(&loaded.config)
    }

    /// What is left of a source with this address, id and home page.
    fn left(discreet: &Discreet, address: &str, id: &str, home: &str) -> String {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut source = Source {
            id: id.to_owned(),
            title: "Title".to_owned(),
            self_url: some(address),
            home_url: some(home),
            ..Source::default()
        };
        discreet.hush(&mut source, None, &mut Judged::default());
        assert_eq!(source.title, "Title");
        let parts = [Some(source.id), source.self_url, source.home_url];
        parts.map(Option::unwrap_or_default).join(" ")
    }

    #[test]
    fn s7_addresses_that_are_not_for_everybody_are_left_out() {
        let home = "https://news.example/";
        let tag = "tag:news.example,2026:feed";
        let discreet = discreet("https://feeds.example/");
        for (address, id, home, expected) in [
            (
                "https://news.example/feed",
                "https://news.example/feed",
                home,
                "https://news.example/feed https://news.example/feed https://news.example/",
            ),
            (
                "https://news.example/feed?token=***",
                "https://news.example/feed?token=***",
                home,
                "feed-named:token  https://news.example/",
            ),
            (
                "https://news.example/feed?token=***",
                tag,
                home,
                "tag:news.example,2026:feed  https://news.example/",
            ),
            (
                "https://canary.example/feed",
                "https://canary.example/feed",
                "https://canary.example/feed",
                "feed-named:bearer  ",
            ),
            (
                "https://canary-2.example/feed",
                "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
                home,
                "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a  https://news.example/",
            ),
            (
                "http://10.2.3.4/feed",
                "http://10.2.3.4/",
                "http://10.2.3.4/",
                "feed-named:near  ",
            ),
            (
                "HTTP://10.2.3.4/feed",
                "HTTP://10.2.3.4/",
                "Http://10.2.3.4/",
                "feed-named:Title  ",
            ),
            (
                "https://news.example/feed",
                " HTTPS://10.2.3.4/canary",
                home,
                "feed-named:Title https://news.example/feed https://news.example/",
            ),
            ("http://127.0.0.1:81/feed", "x", "", "x  "),
        ] {
            assert_eq!(
                left(&discreet, address, id, home),
                expected,
                "{address} {id}"
            );
        }
    }

    /// By the operator's word, or as it looks drawn by lot.
    #[test]
    fn s7_an_address_that_few_are_to_know_is_left_out() {
        let discreet = discreet("https://feeds.example/");
        for (address, expected) in [
            ("https://kept.example/few/canary/feed", "feed-named:kept  "),
            (
                "https://drawn.example/5d41d8cd98f00b204e98/feed",
                "feed-named:drawn  ",
            ),
        ] {
            assert_eq!(left(&discreet, address, address, ""), expected);
        }
    }

    /// What an aggregator says of its sources is none of ours, either.
    #[test]
    fn s7_what_no_file_names_is_judged_by_its_address() {
        let (home, tag) = ("https://news.example/", "tag:news.example,2026:feed");
        let discreet = discreet("https://feeds.example/");
        for (address, id, home, expected) in [
            (
                "http://192.168.1.1/feed",
                "http://192.168.1.1/feed",
                home,
                "feed-named:Title  https://news.example/",
            ),
            (
                "http://intranet/feed",
                "http://intranet/",
                "http://desk.local/",
                "feed-named:Title  ",
            ),
            (
                "https://ann:pw@news.example/",
                tag,
                "",
                "tag:news.example,2026:feed  ",
            ),
            (
                "",
                "https://news.example/",
                home,
                "https://news.example/  https://news.example/",
            ),
            (
                "",
                "http://[::1]/",
                home,
                "feed-named:Title  https://news.example/",
            ),
        ] {
            let left = left(&discreet, address, id, home);
            assert_eq!(left, expected, "{address} {id}");
        }
    }

    /// What is masked is the one thing in which two addresses differ, and they are two sources all the same.
    #[test]
    fn s7_feeds_that_differ_by_a_key_are_two_sources() {
        let other =
            "[[feed]]\nid = \"other\"\nurl = \"https://news.example/feed?token=canary-2\"\n";
        let text = CONFIG.replace("PUBLIC", "https://feeds.example/") + other;
        let loaded = config::read(&text, &|_| None).unwrap();
        let discreet = Discreet::new(&loaded.config);
        let address = "https://news.example/feed?token=***";
        for (feed, expected) in [
            (Some("token"), "feed-named:token"),
            (Some("other"), "feed-named:other"),
            // It is named no more.
            (Some("former"), "feed-named:former"),
            (None, "feed-named:Title"),
        ] {
            let mut source = Source {
                id: address.to_owned(),
                title: "Title".to_owned(),
                self_url: Some(address.to_owned()),
                ..Source::default()
            };
            let feed = feed.map(FeedId::new);
            discreet.hush(&mut source, feed.as_ref(), &mut Judged::default());
            assert_eq!((source.id.as_str(), source.self_url), (expected, None));
        }
    }

    /// Publishers name their feed's address in many places.
    #[test]
    fn s7_an_address_is_left_out_wherever_it_is_said() {
        let discreet = discreet("https://feeds.example/");
        let secret = "https://news.example/feed?token=canary";
        let said = || Person {
            name: format!("Ann ({secret})"),
            url: Some(secret.to_owned()),
            ..Person::default()
        };
        let mut source = Source {
            title: format!("News at {secret}"),
            rights: Some(format!("All of <{secret}>")),
            authors: vec![said()],
            ..Source::default()
        };
        let mut people = vec![said()];
        let mut judged = Judged::default();
        discreet.hush(&mut source, Some(&FeedId::new("token")), &mut judged);
        discreet.hush_people(&mut people, &mut judged);
        let told = format!("{source:?} {people:?}");
        assert!(!told.contains("canary"), "{told}");
        assert_eq!(source.title, "News at (an address that is not told)");
        assert_eq!(people, source.authors);
    }

    #[test]
    fn readers_on_this_machine_know_where_it_is() {
        let discreet = discreet("http://127.0.0.1:8420/");
        let here = "http://127.0.0.1:81/feed";
        assert_eq!(left(&discreet, here, here, ""), format!("{here} {here} "));
        assert_eq!(left(&discreet, "http://10.2.3.4/feed", "x", ""), "x  ");
    }
}
