//! The HTML page `/`: every output with what it is about, what is newest in it, and its addresses (U24).

use super::page::{
    PAGE_BYTES, Page, discovery_link, discovery_links, headline, moment, rate, text,
};
use super::settings::{Output, OutputFormat, Site};
use super::{address, description, file_name, page_name};
use crate::model::Article;
use jiff::Timestamp;

/// Titles of each output on the page: enough to see what it is about.
const LATEST: usize = 4;

/// What the page says of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// How often there is something new.
    rate: String,
    /// The newest articles: title with source and date, HTML.
    latest: Vec<String>,
}

impl Card {
    /// Makes the card of an output of its articles, newest first.
    pub fn new(articles: &[Article]) -> Self {
        Self {
            rate: rate(articles),
            latest: articles.iter().take(LATEST).map(item).collect(),
        }
    }
}

/// The link to the list of the feeds.
const SOURCES: &str = " <a href=\"sources.opml\">Where the articles come from (OPML)</a>";

/// An output on the page.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    /// The output.
    pub output: &'a Output,
    /// What is said of it.
    pub card: &'a Card,
}

/// Renders the page that lists `outputs`, in their order; `has_sources`: whether the feeds are listed elsewhere.
///
/// Of many outputs less is said of each, so that the page stays small.
pub fn index(site: &Site, outputs: &[Listing<'_>], has_sources: bool) -> Vec<u8> {
    let lists = if has_sources { SOURCES } else { "" };
    let parts: Vec<Parts<'_>> = outputs.iter().map(|it| Parts::new(site, it)).collect();
    let pages = (0..=LATEST)
        .rev()
        .map(|latest| page(site, &parts, (latest, lists)));
    let mut smallest = Vec::new();
    for page in pages {
        if page.len() <= PAGE_BYTES {
            return page;
        }
        smallest = page;
    }
    smallest
}

/// What is the same of an output however much is said of all.
struct Parts<'a> {
    card: &'a Card,
    /// How it is discovered in all of its formats, and in the first.
    links: (String, String),
    /// Its section of the page up to the newest articles.
    section: String,
}

impl<'a> Parts<'a> {
    fn new(site: &Site, listing: &Listing<'a>) -> Self {
        let Listing { output, card } = *listing;
        let first = output.formats.first();
        let first = first.map(|format| discovery_link(output, *format, ""));
        Self {
            card,
            links: (discovery_links(output, ""), first.unwrap_or_default()),
            section: section(site, output, card),
        }
    }
}

fn page(site: &Site, outputs: &[Parts<'_>], (latest, lists): (usize, &str)) -> Vec<u8> {
    let head = outputs.iter().map(|it| match latest {
        0 => it.links.1.as_str(),
        _ => it.links.0.as_str(),
    });
    let cards = outputs.iter().map(|it| {
        let newest = newest(it.card, latest);
        format!("{}{newest}</section>\n", it.section)
    });
    let cards: String = cards.collect();
    let title = text(&site.title);
    Page {
        site,
        root: "",
        title: &site.title,
        head: head.collect(),
        header: format!(
            "<h1>{title}</h1>\n\
             <p>Copy the address of a feed into your feed reader, and new articles come to you.</p>\n\
             <p class=\"formats\"><a href=\"feeds.opml\">All feeds in one file (OPML)</a>{lists}</p>\n"
        ),
        main: format!("<div class=\"cards\">\n{cards}</div>\n"),
    }
    .finish()
}

/// The section of an output up to its newest articles.
fn section(site: &Site, output: &Output, card: &Card) -> String {
    let title = text(&output.title);
    let page = text(&page_name(output)).to_string();
    let about = about(site, output, &card.rate);
    let buttons = buttons(output, "");
    let copy = output.formats.first().map_or_else(String::new, |format| {
        let address = text(&address(site, output, *format)).to_string();
        format!("<p><code class=\"address\">{address}</code></p>\n")
    });
    format!(
        "<section>\n<h2><a href=\"{page}\">{title}</a></h2>\n<p class=\"about\">{about}</p>\n\
         <p class=\"formats\">\n{buttons}</p>\n{copy}"
    )
}

/// What an output is, and how much comes.
pub(super) fn about(site: &Site, output: &Output, rate: &str) -> String {
    let described = text(&description(site, output)).to_string();
    match rate {
        "" => described,
        rate => format!("{described}; {rate}"),
    }
}

/// Links to an output in all of its formats; see [`discovery_links`] for the key.
pub(super) fn buttons(output: &Output, key: &str) -> String {
    let formats = output.formats.iter();
    formats.map(|format| button(output, *format, key)).collect()
}

fn button(output: &Output, format: OutputFormat, key: &str) -> String {
    let label = format.label();
    format!(
        "<a class=\"button\" href=\"{}{}\" aria-label=\"{label}: {}\">{label}</a>\n",
        text(&file_name(output, format)),
        text(key),
        text(&output.title),
    )
}

fn newest(card: &Card, most: usize) -> String {
    if card.latest.is_empty() {
        return "<p class=\"empty\">No articles yet.</p>\n".to_owned();
    }
    let items: String = card.latest.iter().take(most).cloned().collect();
    if items.is_empty() {
        return items;
    }
    format!("<ol>\n{items}</ol>\n")
}

fn item(article: &Article) -> String {
    format!(
        "<li>{}<br><small>{}</small></li>\n",
        headline(article),
        whence(article, article.published_at),
    )
}

/// Who published an article, and when.
pub(super) fn whence(article: &Article, at: Timestamp) -> String {
    format!("{} · {}", text(&article.source.title), moment(at))
}
