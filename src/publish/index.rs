//! The HTML page `/`: every output with what it is about, what is newest in it, and its addresses (U24).

use super::page::{
    PAGE_BYTES, Page, breakable, discovery_link, discovery_links, headline, isolated, moment, rate,
    text,
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
/// Of many outputs less is said of each, so that the page stays small: fewer of the newest articles, then one address, then
/// the name alone. Of those that are too many for that the first are named, and where all are.
pub fn index(site: &Site, outputs: &[Listing<'_>], has_sources: bool) -> Vec<u8> {
    let lists = if has_sources { SOURCES } else { "" };
    let parts: Vec<Parts<'_>> = outputs.iter().map(|it| Parts::new(site, it)).collect();
    let pages = (0..=LATEST)
        .rev()
        .map(Detail::Newest)
        .chain([Detail::Address, Detail::Name]);
    let mut smallest = Vec::new();
    for detail in pages {
        smallest = page(site, &parts, (detail, lists));
        if smallest.len() <= PAGE_BYTES {
            break;
        }
    }
    smallest
}

/// How much is said of each output.
#[derive(Clone, Copy)]
enum Detail {
    /// How it is to be had, and so many of its newest articles.
    Newest(usize),
    /// What it is about, and one address.
    Address,
    /// Its name, which leads to its page.
    Name,
}

/// What is the same of an output however much is said of all.
struct Parts<'a> {
    card: &'a Card,
    /// How it is discovered in all of its formats, and in the first.
    links: (String, String),
    /// Its name as a link to its page.
    name: String,
    /// What it is about.
    about: String,
    /// How it is to be had in each format.
    buttons: String,
    /// One address of it.
    address: String,
}

impl<'a> Parts<'a> {
    fn new(site: &Site, listing: &Listing<'a>) -> Self {
        let Listing { output, card } = *listing;
        let first = output.formats.first();
        let link = first.map(|format| discovery_link(output, *format, ""));
        let address = first.map(|format| {
            let address = breakable(&address(site, output, *format));
            format!("<p><code class=\"address\">{address}</code></p>\n")
        });
        Self {
            card,
            links: (discovery_links(output, ""), link.unwrap_or_default()),
            name: format!(
                "<a href=\"{}\" dir=\"auto\">{}</a>",
                text(&page_name(output)),
                text(&output.title)
            ),
            about: about(site, output, &card.rate),
            buttons: buttons(output, ""),
            address: address.unwrap_or_default(),
        }
    }

    /// How the head of the page tells of it.
    fn head(&self, detail: Detail) -> &str {
        match detail {
            Detail::Newest(0) => &self.links.1,
            Detail::Newest(_) => &self.links.0,
            Detail::Address | Detail::Name => "",
        }
    }

    /// Its section of the page, or its place in a list.
    fn section(&self, detail: Detail) -> String {
        let Self {
            name,
            about,
            buttons,
            address,
            ..
        } = self;
        let head = format!("<section>\n<h2>{name}</h2>\n<p class=\"about\">{about}</p>\n");
        match detail {
            Detail::Newest(most) => {
                let newest = newest(self.card, most);
                format!("{head}<p class=\"formats\">\n{buttons}</p>\n{address}{newest}</section>\n")
            }
            Detail::Address => format!("{head}{address}</section>\n"),
            Detail::Name => format!("<li>{name}</li>\n"),
        }
    }
}

fn page(site: &Site, outputs: &[Parts<'_>], (detail, lists): (Detail, &str)) -> Vec<u8> {
    let title = text(&site.title);
    let main = if let Detail::Name = detail {
        names(outputs)
    } else {
        let cards: String = outputs.iter().map(|it| it.section(detail)).collect();
        format!("<div class=\"cards\">\n{cards}</div>\n")
    };
    Page {
        site,
        root: "",
        title: &site.title,
        head: outputs.iter().map(|it| it.head(detail)).collect(),
        header: format!(
            "<h1 dir=\"auto\">{title}</h1>\n\
             <p>Copy the address of a feed into your feed reader, and new articles come to you.</p>\n\
             <p class=\"formats\"><a href=\"feeds.opml\">All feeds in one file (OPML)</a>{lists}</p>\n"
        ),
        main,
    }
    .finish()
}

/// The names of outputs, as many as a page may hold.
fn names(outputs: &[Parts<'_>]) -> String {
    // Head and foot take a few thousand.
    let room = PAGE_BYTES - PAGE_BYTES / 10;
    let (mut items, mut named) = (String::new(), 0);
    for output in outputs {
        let item = output.section(Detail::Name);
        if items.len() + item.len() > room {
            break;
        }
        items.push_str(&item);
        named += 1;
    }
    let left = match outputs.len() - named {
        0 => String::new(),
        left => format!("<p>And {left} more: all of them are in the file (OPML).</p>\n"),
    };
    format!("<ul>\n{items}</ul>\n{left}")
}

/// What an output is, and how much comes.
pub(super) fn about(site: &Site, output: &Output, rate: &str) -> String {
    let described = description(site, output);
    if output.description.is_some() {
        // It may be a sentence, in any language.
        let described = isolated(&described);
        return match rate {
            "" => described,
            rate => format!("{described} ({rate})"),
        };
    }
    let described = text(&described).to_string();
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
    format!("{} · {}", isolated(&article.source.title), moment(at))
}
