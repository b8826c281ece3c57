//! The HTML page `/`: every output with its addresses and what is newest in it (U24).
//!
//! No script, no inline style: the page is served under a policy that allows neither (S16), and its
//! stylesheet is a document of its own. Addresses of ours are relative, so that the page works under
//! whatever name and path it was reached.

use super::address::{email, web};
use super::text::{escape_into, line, named};
use super::view::title;
use super::{GENERATOR, Output, OutputFormat, Site, VERSION, file_name};
use crate::model::Article;
use jiff::Timestamp;
use std::fmt;

/// The stylesheet of the page, to be served as `/style.css` (`text/css; charset=utf-8`).
pub const STYLE: &str = include_str!("style.css");

/// Titles of each output on the page: enough to see what it is about.
const LATEST: usize = 4;

/// An output on the page.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    /// The output.
    pub output: &'a Output,
    /// Its articles, newest first; the first few are shown.
    pub articles: &'a [Article],
}

/// Renders the page that lists `outputs`, in their order.
pub fn index(site: &Site, outputs: &[Listing<'_>]) -> Vec<u8> {
    let title = text(&site.title);
    let discovery: String = outputs.iter().map(discovery_links).collect();
    let cards: String = outputs.iter().map(card).collect();
    let contact = contact(site);
    let page = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="style.css">
{discovery}</head>
<body>
<header>
<h1>{title}</h1>
<p>Copy the address of a feed into your feed reader, and new articles come to you.</p>
</header>
<main>
{cards}</main>
<footer>
<p>{contact}Made by {GENERATOR} {VERSION}.</p>
</footer>
</body>
</html>
"#
    );
    page.into_bytes()
}

/// The elements by which browsers and readers find the feeds of an output from the page.
fn discovery_links(listing: &Listing<'_>) -> String {
    let formats = listing.output.formats.iter();
    formats
        .map(|&format| discovery_link(listing.output, format))
        .collect()
}

fn discovery_link(output: &Output, format: OutputFormat) -> String {
    let media_type = format.media_type().split(';').next().unwrap_or_default();
    format!(
        "<link rel=\"alternate\" type=\"{media_type}\" title=\"{} ({})\" href=\"{}\">\n",
        text(&output.title),
        label(format),
        text(&file_name(output, format)),
    )
}

fn card(listing: &Listing<'_>) -> String {
    let title = text(&listing.output.title);
    let formats = listing.output.formats.iter();
    let buttons: String = formats
        .map(|&format| button(listing.output, format))
        .collect();
    let latest = latest(listing.articles);
    format!(
        "<section>\n<h2>{title}</h2>\n<p class=\"formats\">\n{buttons}</p>\n{latest}</section>\n"
    )
}

fn button(output: &Output, format: OutputFormat) -> String {
    let label = label(format);
    format!(
        "<a class=\"button\" href=\"{}\" aria-label=\"{} as {label}\">{label}</a>\n",
        text(&file_name(output, format)),
        text(&output.title),
    )
}

fn latest(articles: &[Article]) -> String {
    if articles.is_empty() {
        return "<p class=\"empty\">No articles yet.</p>\n".to_owned();
    }
    let items: String = articles.iter().take(LATEST).map(article_item).collect();
    format!("<ol>\n{items}</ol>\n")
}

fn article_item(article: &Article) -> String {
    let title = text(&title(article));
    let heading = match article.url.as_deref().and_then(web) {
        Some(url) => format!("<a href=\"{}\" rel=\"noreferrer\">{title}</a>", text(&url)),
        None => title.to_string(),
    };
    format!(
        "<li>{heading}<br><small>{} · {}</small></li>\n",
        text(&article.source.title),
        moment(article.published_at),
    )
}

/// An instant for people and for programs.
fn moment(at: Timestamp) -> String {
    let shown = at.strftime("%-d %b %Y, %H:%M UTC");
    format!("<time datetime=\"{}\">{shown}</time>", super::rfc3339(at))
}

/// The operator's address, where there is one that a link can hold.
fn contact(site: &Site) -> String {
    let contact = site.contact.as_deref().unwrap_or_default();
    let address = email(contact)
        .map(|address| format!("mailto:{address}"))
        .or_else(|| web(contact));
    address.map_or_else(String::new, |address| {
        format!("<a href=\"{}\">Contact</a>. ", text(&address))
    })
}

fn label(format: OutputFormat) -> &'static str {
    match format {
        OutputFormat::Atom => "Atom",
        OutputFormat::Rss => "RSS",
        OutputFormat::Json => "JSON",
    }
}

/// Plain text, fit to stand in the text of an element or between the quotes of an attribute.
fn text(plain: &str) -> Escaped {
    Escaped(line(plain))
}

/// See [`text`]. A type of its own, so that nothing unescaped slips into a place that wants it.
struct Escaped(String);

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaped = String::with_capacity(self.0.len());
        escape_into(&mut escaped, &self.0, named);
        f.write_str(&escaped)
    }
}
