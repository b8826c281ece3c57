//! Addresses of feeds that readers of our outputs are not told (S7): those in networks that are not public, and those
//! that are asked with anything secret.
//!
//! Judged by what feeds.toml says of a feed that it names, and by the address alone, so that a feed that it names no
//! more, and what an aggregator says of its own sources, is judged as well. In place of the address, an entry's source
//! has the feed's title and, where that is public, its home page.

mod secret;

use crate::config::{Config, FeedSettings};
use crate::fetch;
use crate::model::{Article, FeedId, Person, Source, Story};
use crate::{publish, text};
use secret::Secret;
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
    /// These addresses, wherever publishers write them.
    secret: Secret,
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
        let mut addresses = Secret::default();
        for feed in secret {
            addresses.add(feed);
            let only = feeds.entry(fetch::shown(&feed.target.url));
            let only = only.and_modify(|it| *it = None);
            only.or_insert_with(|| Some(feed.id.clone()));
            names.insert(feed.id.clone());
        }
        Self {
            feeds,
            names,
            secret: addresses,
            is_at_home,
        }
    }

    /// Tells whether the address of a feed may be told to everybody.
    pub(super) fn tells(&self, feed: &FeedSettings) -> bool {
        is_everybodys(feed, self.is_at_home)
    }

    /// Takes out of an article what is not to be told.
    pub(super) fn hush(&self, article: &mut Article, judged: &mut Judged) {
        let feed = article.feed.as_ref();
        self.hush_source(&mut article.source, feed, judged);
        self.hush_people(&mut article.authors, judged);
        for outlet in outlets(article) {
            self.hush_text(outlet);
        }
        if !self.secret.is_empty() {
            self.hush_words(article);
        }
    }

    /// Puts an id of ours in the place of a published one that is the address of a feed of ours that is not told, or goes on
    /// from there; `authority`: whose such ids are.
    pub(super) fn hush_id(&self, authority: &str, id: &mut String) {
        if self.secret.is_in(id) {
            *id = publish::minted_atom_id(authority, &FeedId::default(), id);
        }
    }

    /// Takes out of a story what is not to be told.
    pub(super) fn hush_story(&self, story: &mut Story) {
        self.hush(&mut story.first, &mut Judged::default());
        for report in &mut story.reports {
            self.hush_text(&mut report.feed_title);
            self.hush_secrets(&mut report.title);
            report.url = report.url.take().filter(|it| !self.secret.is_in(it));
        }
    }

    /// Takes the addresses of our feeds that are not told out of what an article says. Others are its own business: a long
    /// number in a link is mostly that of an article, and no secret.
    fn hush_words(&self, article: &mut Article) {
        let is_told = |address: &String| !self.secret.is_in(address);
        article.url = article.url.take().filter(is_told);
        article.first = article.first.take().filter(|it| is_told(&it.url));
        article.copies.retain(|it| is_told(&it.url));
        article.reports.retain(|it| is_told(&it.url));
        article.enclosures.retain(|it| is_told(&it.url));
        self.hush_secrets(&mut article.title);
        for report in &mut article.reports {
            self.hush_secrets(&mut report.title);
        }
        for category in &mut article.categories {
            category.scheme = category.scheme.take().filter(is_told);
            for text in iter::once(&mut category.term).chain(&mut category.label) {
                self.hush_secrets(text);
            }
        }
        for html in article.summary.iter_mut().chain(&mut article.content) {
            if let Some(told) = text::without_cited_in_html(html, |it| self.secret.is_in(it)) {
                *html = told;
            }
        }
    }

    /// Takes the addresses of our feeds that are not told out of a text.
    fn hush_secrets(&self, text: &mut String) {
        if let Some(told) = text::without_cited(text, |it| self.secret.is_in(it)) {
            *text = told;
        }
    }

    /// Takes out of a source what is not to be told, wherever the publisher says it. `feed` is the one of ours that it is:
    /// two that differ by their keys have one address here.
    fn hush_source(&self, source: &mut Source, feed: Option<&FeedId>, judged: &mut Judged) {
        // The title first: it may be the name of the source.
        for text in iter::once(&mut source.title).chain(&mut source.rights) {
            self.hush_text(text);
        }
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
    }

    /// Takes out of what is said of people what is not to be told.
    fn hush_people(&self, people: &mut [Person], judged: &mut Judged) {
        for person in people {
            self.hush_address(&mut person.url, judged);
            self.hush_text(&mut person.name);
        }
    }

    /// Takes an address away that is not to be told.
    fn hush_address(&self, address: &mut Option<String>, judged: &mut Judged) {
        let is_told = |it: &String| !self.secret.is_in(it) && self.is_told(it, judged);
        *address = address.take().filter(is_told);
    }

    /// Tells whether everybody may know an address that a publisher names.
    pub(super) fn shows(&self, address: &str) -> bool {
        !self.secret.is_in(address) && self.may_be_told(address)
    }

    /// Takes addresses out of a text that are not to be told.
    pub(super) fn hush_text(&self, text: &mut String) {
        if text.contains("://") || text.contains('%') {
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
        let told = text::without_cited(text, |piece| {
            self.secret.is_in(piece) || self.has_secret(piece)
        });
        told.unwrap_or_else(|| text.to_owned())
    }

    /// Tells whether a piece of a text has an address that is not to be told, by what it is. It may end before the piece: at a
    /// bracket, or with a dot.
    fn has_secret(&self, piece: &str) -> bool {
        let addresses = text::addresses(piece).take(MOST_JUDGED);
        addresses.filter_map(of_web).any(|address| {
            let shorter = address.split(|c| BRACKETS.contains(c)).next();
            let shorter = shorter.map(|it| it.trim_end_matches(|c| ".,;:!?".contains(c)));
            let mut ways = [Some(address), shorter].into_iter().flatten();
            ways.any(|it| !self.may_be_told(it))
        })
    }

    /// Tells whether readers may know an address, by that alone; what is none is no address of a feed.
    fn may_be_told(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else {
            return true;
        };
        !is_of_web(&url) || is_shown(&url, self.is_at_home)
    }
}

/// So many addresses are judged of a piece of a text: each may be as long as all that follows it.
const MOST_JUDGED: usize = 16;

/// What may stand in an address, and is mostly what stands around one.
const BRACKETS: &str = "()[]{}|'";

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

/// Returns the names of those who have an article, too.
fn outlets(article: &mut Article) -> impl Iterator<Item = &mut String> {
    let copies = article.copies.iter_mut().chain(&mut article.first);
    let reports = article.reports.iter_mut().map(|it| &mut it.feed_title);
    copies.map(|it| &mut it.feed_title).chain(reports)
}

/// Returns an address without what stands before its scheme of the web; `None` where it has another.
fn of_web(address: &str) -> Option<&str> {
    let scheme = address.split_once("://")?.0.to_ascii_lowercase();
    let web = ["https", "http"]
        .into_iter()
        .find(|it| scheme.ends_with(it))?;
    address.get(scheme.len() - web.len()..)
}

/// Tells whether a text is an address of the web, however its scheme is written.
fn is_web(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| is_of_web(&url))
}

/// Tells whether an address has a scheme of the web.
fn is_of_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

#[cfg(test)]
mod tests;
