//! The page of an output, for people: what a browser shows at the address of a feed (U25).
//!
//! Made here and not by XSLT, which browsers give up. The first words of an article stand on it and not the
//! whole: the rest is at the publisher's, one click away, with the pictures that our policy does not load.

use super::address::web;
use super::index::{about, buttons, whence};
use super::page::{
    LEAD_CHARS, PAGE_BYTES, Page, breakable, discovery_links, heading, isolated, language_of, lead,
    rate, text,
};
use super::settings::{Output, OutputFormat, Site};
use super::story::{StoryPages, story_page_name};
use super::view::{Elsewhere, TITLE_CHARS};
use super::{address, file_name, publication_title};
use crate::model::Article;

/// Articles on the page.
const ARTICLES: usize = 50;

/// Copies that are named beneath an article.
const COPIES: usize = 4;

/// What the page of an output says besides its articles.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Which stories have a page that is linked.
    pub stories: StoryPages,
    /// What the addresses of a protected output end with, for who has its key: `?key=..`.
    pub key: String,
    /// Which format the newest document of its archive is linked in, and under which name; none where there is none.
    pub older: Option<(OutputFormat, String)>,
}

/// Renders the page of an output of its articles, newest first.
pub fn reading(site: &Site, output: &Output, articles: &[Article], beside: &Beside) -> Vec<u8> {
    let title = publication_title(output);
    let header = format!(
        "<p><a href=\"./\" dir=\"auto\">{}</a></p>\n<h1 dir=\"auto\">{}</h1>\n<p>{}</p>\n",
        text(&site.title),
        text(&title),
        about(site, output, &rate(articles)),
    );
    Page {
        site,
        root: "",
        title: &title,
        head: described(output) + &discovery_links(output, &beside.key),
        header,
        main: subscribe(site, output, &beside.key)
            + &latest(site, articles, &beside.stories)
            + &older(beside),
    }
    .finish()
}

/// What search engines and previews of links say of the page, where the operator says it.
fn described(output: &Output) -> String {
    let own = output.description.as_deref().map(text);
    own.map_or_else(String::new, |own| {
        format!("<meta name=\"description\" content=\"{own}\">\n")
    })
}

/// How to have the output in a feed reader.
fn subscribe(site: &Site, output: &Output, key: &str) -> String {
    let formats = output.formats.iter();
    let addresses: String = formats
        .map(|format| place(site, output, *format, key))
        .collect();
    format!(
        "<section aria-labelledby=\"subscribe\">\n<h2 id=\"subscribe\">Subscribe</h2>\n\
         <p>This is a feed. Copy an address into your feed reader, and new articles come to you.</p>\n\
         <p class=\"formats\">\n{}</p>\n<dl>\n{addresses}</dl>\n</section>\n",
        buttons(output, key)
    )
}

/// A format with its address, and a link to the document itself: at its address a browser is shown this page.
fn place(site: &Site, output: &Output, format: OutputFormat, key: &str) -> String {
    let address = breakable(&(address(site, output, format) + key));
    let label = format.label();
    let source = match key {
        "" => format!("{}?raw", file_name(output, format)),
        key => format!("{}{key}&raw", file_name(output, format)),
    };
    format!(
        "<dt>{label}</dt>\n<dd><code class=\"address\">{address}</code> \
         <a href=\"{}\" aria-label=\"Source: {label}\">Source</a></dd>\n",
        text(&source)
    )
}

fn latest(site: &Site, articles: &[Article], stories: &StoryPages) -> String {
    let newest: Vec<&Article> = articles.iter().take(ARTICLES).collect();
    let (mut items, told) = listed(site, &newest, stories, LEAD_CHARS);
    if told < newest.len() {
        // Rather fewer words of each than fewer of them: some scripts take three bytes for a letter.
        (items, _) = listed(site, &newest, stories, TITLE_CHARS);
    }
    if items.is_empty() {
        items.push_str("<p class=\"empty\">No articles yet.</p>\n");
    }
    format!(
        "<section class=\"latest\" aria-labelledby=\"latest\">\n<h2 id=\"latest\">Latest</h2>\n\
         {items}</section>\n"
    )
}

/// The newest articles, each with so many characters of its first words, as far as there is room; and how many these are.
fn listed(
    site: &Site,
    articles: &[&Article],
    stories: &StoryPages,
    lead_chars: usize,
) -> (String, usize) {
    // Head, foot and addresses take a few thousand.
    let room = PAGE_BYTES - PAGE_BYTES / 10;
    let (mut items, mut told) = (String::new(), 0);
    for article in articles {
        let item = item(site, article, stories, lead_chars);
        if items.len() + item.len() > room {
            continue;
        }
        items.push_str(&item);
        told += 1;
    }
    (items, told)
}

/// Where what is listed no more is to be had.
fn older(beside: &Beside) -> String {
    let Some((format, name)) = &beside.older else {
        return String::new();
    };
    let (label, key) = (format.label(), text(&beside.key));
    format!(
        "<p>For feed readers: <a href=\"{}{key}\">older entries ({label})</a></p>\n",
        text(name)
    )
}

fn item(site: &Site, article: &Article, stories: &StoryPages, lead_chars: usize) -> String {
    let words = lead(article, lead_chars);
    let lead = match words.as_str() {
        "" => String::new(),
        words => format!("<p{}>{}</p>\n", language_of(article), text(words)),
    };
    format!(
        "<article>\n{}\n<p class=\"whence\">{}{}</p>\n{lead}{}</article>\n",
        heading(article),
        whence(article, article.published_at),
        topics(site, article),
        elsewhere(article, stories),
    )
}

/// The topics of an article, by their titles.
fn topics(site: &Site, article: &Article) -> String {
    let known = site.topics.iter();
    let known = known.filter(|(name, _)| article.topics.contains(name));
    let told = |title: &str| format!(" · {}", isolated(title));
    known.map(|(_, title)| told(title)).collect()
}

/// Where else an article stands, and who else reports it.
fn elsewhere(article: &Article, stories: &StoryPages) -> String {
    let links = copies(article) + &story(article, stories);
    match links.as_str() {
        "" => links,
        links => format!("<ul class=\"copies\">\n{links}</ul>\n"),
    }
}

/// The page of its story.
fn story(article: &Article, stories: &StoryPages) -> String {
    let story = article.story.as_ref();
    let found = story.and_then(|story| Some((story, stories.get(&story.number)?)));
    found.map_or_else(String::new, |(story, reports)| {
        let page = text(&story_page_name(&story.founder)).to_string();
        format!("<li><a href=\"{page}\">The whole story: {reports} reports</a></li>\n")
    })
}

fn copies(article: &Article) -> String {
    let url = article.url.as_deref().and_then(web);
    let elsewhere = Elsewhere::of(article, url.as_ref());
    let first = elsewhere.first.iter();
    let first = first.map(|copy| ("First published by ", copy));
    let others = elsewhere.copies.iter().map(|copy| ("Also in ", copy));
    let links = first.chain(others).take(COPIES).map(|(what, copy)| {
        format!(
            "<li>{what}<a href=\"{}\" rel=\"noreferrer\">{}</a></li>\n",
            text(&copy.url),
            isolated(&copy.feed_title)
        )
    });
    links.collect()
}
