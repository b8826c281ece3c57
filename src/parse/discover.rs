//! The feeds of an HTML page: those that it advertises, else those that it links to, else the addresses
//! at which sites of its kind have them.
//!
//! Nothing is fetched. What is found is told to the operator, who asked for the page as a feed.

use super::address::{inner_base, is_of_the_web};
use super::markup::{Scanner, Tag, Token, local_name};
use super::texts::line;
use crate::text::cut;
use std::borrow::Cow;
use url::Url;

/// How many feeds of one page are taken; pages that advertise more do so for every section they have.
const MAX_FEEDS: usize = 8;

/// Longest address of a feed, in bytes.
const MAX_ADDRESS: usize = 512;

/// A feed that a page leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedLink {
    /// Its address, absolute where the page's own is known.
    pub url: String,
    /// What the page calls it.
    pub title: Option<String>,
}

/// Where the feeds of a page come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The page says that they are its feeds (`<link rel="alternate">`).
    Advertised,
    /// It links to them, and their addresses look like those of feeds.
    Linked,
    /// Sites made by the same program have them there; nobody said that this one does.
    Guessed,
}

/// Media types of feeds.
const FEED_TYPES: [&str; 4] = [
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
];

/// Media types that may be a feed's: so they are advertised too, and so are other things.
const VAGUE_TYPES: [&str; 3] = ["application/json", "application/xml", "text/xml"];

/// Last parts of the paths of feeds.
const FEED_NAMES: [&str; 9] = [
    "feed",
    "feeds",
    "rss",
    "atom",
    "rss.xml",
    "atom.xml",
    "feed.xml",
    "index.xml",
    "feed.json",
];

/// Endings of the paths of feeds.
const FEED_ENDINGS: [&str; 3] = [".rss", ".atom", ".rdf"];

/// What programs that make sites call themselves (`<meta name="generator">`), and where the feed is.
const GENERATORS: [(&str, &str); 14] = [
    ("wordpress", "/feed/"),
    ("ghost", "/rss/"),
    ("hugo", "/index.xml"),
    ("jekyll", "/feed.xml"),
    ("eleventy", "/feed.xml"),
    ("drupal", "/rss.xml"),
    ("joomla", "/?format=feed&type=rss"),
    ("blogger", "/feeds/posts/default"),
    ("typo3", "/rss.xml"),
    ("wix", "/blog-feed.xml"),
    ("substack", "/feed"),
    ("discourse", "/latest.rss"),
    (
        "mediawiki",
        "/index.php?title=Special:RecentChanges&feed=atom",
    ),
    ("mastodon", ".rss"),
];

/// Where feeds are on sites of no known kind, the likeliest first.
const LIKELY: [&str; 3] = ["/feed/", "/rss.xml", "/atom.xml"];

/// Returns the feeds of the page `text`, which came from `url`, the likeliest first.
pub(super) fn feeds(text: &str, url: Option<&Url>) -> (Found, Vec<FeedLink>) {
    let mut page = Page {
        base: url.cloned(),
        ..Page::default()
    };
    let mut scanner = Scanner::new(text);
    while let Some(token) = scanner.next_tag() {
        let Token::Open(tag) = token else { continue };
        if ["script", "style"]
            .iter()
            .any(|it| tag.name.eq_ignore_ascii_case(it))
        {
            scanner.leaf(&tag, "script"); // what looks like markup in it is a string
        } else {
            page.take(&tag);
        }
    }
    // The comments of one article are a feed too, and seldom the one that is meant.
    page.advertised
        .sort_by_key(|feed| feed.url.contains("comment"));
    if !page.advertised.is_empty() {
        (Found::Advertised, page.advertised)
    } else if !page.linked.is_empty() {
        (Found::Linked, page.linked)
    } else {
        (Found::Guessed, page.guesses(url))
    }
}

/// What a page has told so far.
#[derive(Debug, Default)]
struct Page {
    base: Option<Url>,
    has_base: bool,
    advertised: Vec<FeedLink>,
    linked: Vec<FeedLink>,
    /// Path at which the program that made it has its feed.
    usual: Option<&'static str>,
}

impl Page {
    fn take(&mut self, tag: &Tag<'_>) {
        let name = local_name(tag.name);
        if name.eq_ignore_ascii_case("link") {
            if self.advertised.len() < MAX_FEEDS && is_advertised(tag) {
                let feed = self.feed(tag);
                add(feed, &mut self.advertised);
            }
        } else if name.eq_ignore_ascii_case("a") && self.linked.len() < MAX_FEEDS {
            if tag
                .attribute("href")
                .is_some_and(|href| looks_like_a_feed(&href))
            {
                let feed = self.feed(tag);
                add(feed, &mut self.linked);
            }
        } else if name.eq_ignore_ascii_case("base") {
            self.rebase(tag);
        } else if name.eq_ignore_ascii_case("meta") && self.usual.is_none() {
            self.usual = usual_path(tag);
        }
    }

    /// Takes the `<base href>` of the page; of several the first counts (HTML, 4.2.3).
    fn rebase(&mut self, tag: &Tag<'_>) {
        if std::mem::replace(&mut self.has_base, true) {
            return;
        }
        let href = tag.attribute("href").unwrap_or_default();
        let base = inner_base(self.base.as_ref(), &href);
        self.base = base.or_else(|| self.base.take());
    }

    fn feed(&self, tag: &Tag<'_>) -> Option<FeedLink> {
        let href = tag.attribute("href")?;
        let joined = self.base.as_ref().and_then(|base| base.join(&href).ok());
        let url = joined.as_ref().map_or(&*href, Url::as_str);
        let is_fit = url.len() <= MAX_ADDRESS && joined.as_ref().is_none_or(is_of_the_web);
        let title = tag.attribute("title").map(|it| line(&it));
        is_fit.then(|| FeedLink {
            url: line(url),
            title: title.filter(|it| !it.is_empty()),
        })
    }

    /// The addresses at which such sites have their feeds, but for the one that brought this page.
    fn guesses(&self, url: Option<&Url>) -> Vec<FeedLink> {
        let Some(url) = url else { return Vec::new() };
        let path = url.path().trim_end_matches('/');
        let usual = self.usual.map(|usual| match usual.strip_prefix('.') {
            Some(_) => format!("{path}{usual}"),
            None => usual.to_owned(),
        });
        let likely = LIKELY.map(str::to_owned);
        let paths = usual.map_or_else(|| likely.to_vec(), |usual| vec![usual]);
        let urls = paths.iter().filter_map(|path| url.join(path).ok());
        urls.filter(|it| it != url)
            .map(|it| FeedLink {
                url: it.into(),
                title: None,
            })
            .collect()
    }
}

fn add(feed: Option<FeedLink>, feeds: &mut Vec<FeedLink>) {
    let Some(feed) = feed else { return };
    if feeds.iter().all(|it| it.url != feed.url) {
        feeds.push(feed);
    }
}

/// Tells whether a `link` says that it leads to a feed.
fn is_advertised(tag: &Tag<'_>) -> bool {
    let rel = tag.attribute("rel").unwrap_or_default();
    let is = |wanted: &str| {
        rel.split_ascii_whitespace()
            .any(|it| it.eq_ignore_ascii_case(wanted))
    };
    if !is("alternate") {
        return is("feed");
    }
    let media_type = tag
        .attribute("type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let is_vague = VAGUE_TYPES.contains(&media_type);
    let href = tag.attribute("href").unwrap_or_default();
    FEED_TYPES.contains(&media_type) || (is_vague && looks_like_a_feed(&href))
}

/// Tells whether an address is such as feeds have.
fn looks_like_a_feed(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let name = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let name = cut(name, MAX_ADDRESS).to_ascii_lowercase();
    FEED_NAMES.contains(&&*name) || FEED_ENDINGS.iter().any(|it| name.ends_with(it))
}

fn usual_path(tag: &Tag<'_>) -> Option<&'static str> {
    let name = tag.attribute("name")?;
    if !name.eq_ignore_ascii_case("generator") {
        return None;
    }
    let program = tag
        .attribute("content")
        .map(Cow::into_owned)?
        .to_ascii_lowercase();
    let known = GENERATORS
        .iter()
        .find(|(name, _)| program.starts_with(name));
    known.map(|&(_, path)| path)
}
