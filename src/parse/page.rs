//! What a document is that is no feed, said so that the operator knows what to do (P43).

use super::ParseError;
use super::markup::{Scanner, Tag, Token, local_name};
use crate::text::cut;
use std::borrow::Cow;
use url::Url;

/// How much of a page is looked through for the marks of a bot wall.
const WALL_WITHIN: usize = 64 * 1024;

/// How many advertised feeds a message names.
const MAX_ADVERTISED: usize = 3;

/// Longest name or address in a message.
const MAX_SHOWN: usize = 200;

/// Texts that a page in place of the feed holds, and who puts it there.
const WALLS: [(&str, &str); 11] = [
    ("challenge-platform", "Cloudflare"),
    ("cf-chl-", "Cloudflare"),
    ("Attention Required! | Cloudflare", "Cloudflare"),
    ("captcha-delivery.com", "DataDome"),
    ("_Incapsula_Resource", "Imperva"),
    ("errors.edgesuite.net", "Akamai"),
    ("px-captcha", "HUMAN"),
    ("awsWafCookieDomainList", "AWS WAF"),
    ("sgcaptcha", "SiteGround"),
    ("ddos-guard", "DDoS-Guard"),
    ("/.within.website/", "Anubis"),
];

/// Elements by which a page is known when `html` itself is left out.
const PAGE_ELEMENTS: [&str; 6] = ["html", "head", "body", "meta", "script", "div"];

/// Returns the error for a document without a feed in it; `url` is where it came from.
pub(super) fn refuse(text: &str, url: Option<&Url>) -> ParseError {
    let mut scanner = Scanner::new(text);
    let first = std::iter::from_fn(|| scanner.next_tag()).find_map(|token| match token {
        Token::Open(tag) => Some(tag.name),
        Token::Close(_) => None,
    });
    let message = match first {
        None => "the document holds no markup".to_owned(),
        Some(name) if is_page(name) || has_doctype(text) => page(text, url),
        Some(name) => format!("an XML document <{}>, which is no feed", shown(name)),
    };
    ParseError::NotAFeed(message)
}

fn is_page(name: &str) -> bool {
    PAGE_ELEMENTS.iter().any(|it| it.eq_ignore_ascii_case(name))
}

fn has_doctype(text: &str) -> bool {
    let start = text.trim_start().get(.."<!doctype html".len());
    start.is_some_and(|it| it.eq_ignore_ascii_case("<!doctype html"))
}

fn page(text: &str, url: Option<&Url>) -> String {
    if let Some(wall) = wall(text) {
        return format!("a page of {wall} that keeps programs out, in place of the feed");
    }
    match advertised(text, url).as_slice() {
        [] => "an HTML page, which names no feed".to_owned(),
        feeds => format!("an HTML page; the feeds it names: {}", feeds.join(", ")),
    }
}

fn wall(text: &str) -> Option<&'static str> {
    let head = cut(text, WALL_WITHIN);
    let found = WALLS.iter().find(|(mark, _)| head.contains(mark));
    found.map(|&(_, name)| name)
}

/// The addresses in `<link rel="alternate" type="application/rss+xml" href="...">`.
fn advertised(text: &str, url: Option<&Url>) -> Vec<String> {
    let mut scanner = Scanner::new(text);
    let mut feeds = Vec::new();
    while let Some(token) = scanner.next_tag() {
        let Token::Open(tag) = token else { continue };
        let Some(href) = feed_link(&tag) else {
            continue;
        };
        let joined = url.and_then(|base| base.join(&href).ok());
        let feed = shown(joined.as_ref().map_or(&*href, Url::as_str));
        if !feeds.contains(&feed) {
            feeds.push(feed);
        }
        if feeds.len() == MAX_ADVERTISED {
            break;
        }
    }
    feeds
}

fn feed_link<'a>(tag: &Tag<'a>) -> Option<Cow<'a, str>> {
    let is_link = local_name(tag.name).eq_ignore_ascii_case("link");
    let media_type = is_link.then(|| tag.attribute("type")).flatten()?;
    let is_feed = ["rss+xml", "atom+xml", "feed+json", "rdf+xml"]
        .iter()
        .any(|it| media_type.contains(it));
    let rel = tag.attribute("rel")?;
    (is_feed && rel.eq_ignore_ascii_case("alternate")).then(|| tag.attribute("href"))?
}

/// The start of a text from outside, without control characters, for a message.
fn shown(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_SHOWN)
        .collect()
}
