//! What a document is that is no feed, said so that the operator knows what to do (P43).

use super::discover::{FeedLink, Found, feeds};
use super::markup::{Scanner, Token};
use super::texts::line;
use super::{NotAFeed, ParseError};
use crate::text::cut;
use std::fmt;
use url::{Position, Url};

/// How much of a page is looked through for the marks of a bot wall.
const WALL_WITHIN: usize = 64 * 1024;

/// How many feeds a message names.
const MAX_NAMED: usize = 3;

/// Longest name in a message, in bytes.
const MAX_SHOWN: usize = 200;

/// Texts that a page in place of the feed holds, and who puts it there. Each is of the wall itself, and
/// not of the scripts that the same firm puts into pages that it lets through.
const WALLS: [(&str, &str); 21] = [
    ("_cf_chl_opt", "Cloudflare"),
    ("cf-chl-", "Cloudflare"),
    ("/orchestrate/chl_", "Cloudflare"),
    ("Attention Required! | Cloudflare", "Cloudflare"),
    ("captcha-delivery.com", "DataDome"),
    ("<iframe src=\"/_Incapsula_Resource", "Imperva"),
    ("Incapsula incident ID", "Imperva"),
    ("errors.edgesuite.net", "Akamai"),
    ("sec-if-cpt-container", "Akamai"),
    ("px-captcha", "HUMAN"),
    ("awsWafCookieDomainList", "AWS WAF"),
    ("Vercel Security Checkpoint", "Vercel"),
    ("window.KPSDK", "Kasada"),
    ("sucuri_cloudproxy_js", "Sucuri"),
    ("Sucuri WebSite Firewall", "Sucuri"),
    ("validate.perfdrive.com", "Radware"),
    ("__qrator", "Qrator"),
    ("/.well-known/sgcaptcha", "SiteGround"),
    ("<title>DDoS-Guard", "DDoS-Guard"),
    ("/.within.website/", "Anubis"),
    ("unusual traffic from your computer network", "Google"),
];

/// Elements by which a page is known when `html` itself is left out.
const PAGE_ELEMENTS: [&str; 12] = [
    "html", "head", "body", "meta", "script", "div", "title", "h1", "p", "br", "b", "center",
];

/// Returns the error for a document without a feed in it; `url` is where it came from.
pub(super) fn refuse(text: &str, url: Option<&Url>) -> ParseError {
    let mut scanner = Scanner::new(text);
    let first = std::iter::from_fn(|| scanner.next_tag()).find_map(|token| match token {
        Token::Open(tag) => Some(tag.name),
        Token::Close(_) => None,
    });
    ParseError::NotAFeed(match first {
        None => NotAFeed::Other("a document without any markup".to_owned()),
        Some(name) if is_page(name) || has_doctype(text) => page(text, url),
        Some(name) => NotAFeed::Other(format!("an XML document <{}>", line(cut(name, MAX_SHOWN)))),
    })
}

fn is_page(name: &str) -> bool {
    PAGE_ELEMENTS.iter().any(|it| it.eq_ignore_ascii_case(name))
}

fn has_doctype(text: &str) -> bool {
    let start = text.trim_start().get(.."<!doctype html".len());
    start.is_some_and(|it| it.eq_ignore_ascii_case("<!doctype html"))
}

/// A page that leads to feeds is no wall, whatever else is in it.
fn page(text: &str, url: Option<&Url>) -> NotAFeed {
    let (found, feeds) = feeds(text, url);
    match wall(text) {
        Some(wall) if found == Found::Guessed => NotAFeed::Wall(wall),
        _ => NotAFeed::Page { found, feeds },
    }
}

fn wall(text: &str) -> Option<&'static str> {
    let head = cut(text, WALL_WITHIN);
    let found = WALLS.iter().find(|(mark, _)| head.contains(mark));
    found.map(|&(_, name)| name)
}

impl fmt::Display for NotAFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (found, feeds) = match self {
            Self::Other(what) => return write!(f, "{what}, which is no feed"),
            Self::Wall(wall) => {
                return write!(
                    f,
                    "a page of {wall} that keeps programs out, in place of the feed"
                );
            }
            Self::Page { found, feeds } => (found, feeds),
        };
        let named = feeds.iter().take(MAX_NAMED);
        let named: Vec<&str> = match found {
            Found::Guessed if feeds.is_empty() => {
                return f.write_str("an HTML page, which names no feed");
            }
            Found::Guessed => of_one_host(named),
            Found::Advertised | Found::Linked => named.map(|it| it.url.as_str()).collect(),
        };
        write!(f, "{found}: {}", named.join(", "))
    }
}

/// Returns addresses of one host in short: the first whole, of the others what follows the host.
fn of_one_host<'f>(mut feeds: impl Iterator<Item = &'f FeedLink>) -> Vec<&'f str> {
    let first = feeds.next().map_or("", |it| it.url.as_str());
    let parsed = Url::parse(first).ok();
    let host = parsed.as_ref().map_or("", |it| &it[..Position::BeforePath]);
    let others = feeds.map(|it| it.url.strip_prefix(host).unwrap_or(&it.url));
    [first].into_iter().chain(others).collect()
}

/// Says what a page is whose feeds were found so; their addresses follow.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Advertised => "an HTML page; the feeds it names",
            Self::Linked => "an HTML page; what it links to and may be a feed",
            Self::Guessed => "an HTML page, which names no feed; untried guesses",
        })
    }
}
