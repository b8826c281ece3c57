//! What all pages have in common: head, foot, escaping, moments.
//!
//! No script, no inline style: pages are served under a policy that allows neither (S16), and their
//! stylesheet is a document of its own. Addresses of ours are relative, so that a page works under
//! whatever name and path it was reached.

use super::address::{email, language, web};
use super::settings::{Output, OutputFormat, Site};
use super::text::{ends_sentence, escape_into, excerpt, line, named};
use super::view::{TITLE_CHARS, title};
use super::{GENERATOR, VERSION, file_name, rfc3339};
use crate::model::Article;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::fmt;

/// The stylesheet of the pages, to be served as `/style.css` (`text/css; charset=utf-8`).
pub const STYLE: &str = include_str!("style.css");

/// The icon of the pages, to be served as `/favicon.ico` ([`ICON_TYPE`]): a picture of 32 by 32 pixels, three streams that
/// become one. Not SVG, which would be text: Safari and many feed readers, which ask for it, too, show no icon of that kind.
pub const ICON: &[u8] = include_bytes!("favicon.ico");

/// The media type of [`ICON`].
pub const ICON_TYPE: &str = "image/vnd.microsoft.icon";

/// Bytes that a page has at most: what a telephone at the edge of its net loads in a moment.
pub(super) const PAGE_BYTES: usize = 60_000;

/// Characters of the first words of an article on a page: what it is about, in three lines of a page and six of a telephone.
/// Fifty articles of that take some 40 of the 60 thousand bytes of [`PAGE_BYTES`].
pub(super) const LEAD_CHARS: usize = 200;

/// A page that is being put together; all its texts are HTML.
pub(super) struct Page<'a> {
    pub(super) site: &'a Site,
    /// What leads from the page to `/`: nothing, or `../`.
    pub(super) root: &'a str,
    /// What the tab is called: plain text.
    pub(super) title: &'a str,
    /// More elements of the head.
    pub(super) head: String,
    pub(super) header: String,
    pub(super) main: String,
}

impl Page<'_> {
    /// Writes the page.
    pub(super) fn finish(self) -> Vec<u8> {
        let title = text(self.title);
        let contact = contact(self.site);
        let Self {
            root,
            head,
            header,
            main,
            ..
        } = self;
        let page = format!(
            r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="{root}style.css">
<link rel="icon" href="{root}favicon.ico">
{head}</head>
<body>
<header>
{header}</header>
<main>
{main}</main>
<footer>
<p>{contact}Made by {GENERATOR} {VERSION}.</p>
</footer>
</body>
</html>
"#
        );
        page.into_bytes()
    }
}

/// The elements by which browsers and readers find an output, in all of its formats.
///
/// `key`: what an address of a protected output ends with, for who has its key.
pub(super) fn discovery_links(output: &Output, key: &str) -> String {
    let formats = output.formats.iter();
    formats
        .map(|format| discovery_link(output, *format, key))
        .collect()
}

/// The element by which browsers and readers find an output in one format.
pub(super) fn discovery_link(output: &Output, format: OutputFormat, key: &str) -> String {
    let media_type = format.media_type().split(';').next().unwrap_or_default();
    format!(
        "<link rel=\"alternate\" type=\"{media_type}\" title=\"{} ({})\" href=\"{}{}\">\n",
        text(&output.title),
        format.label(),
        text(&file_name(output, format)),
        text(key),
    )
}

/// An article's title amid a line, as a link where there is an address, in the language that it has.
pub(super) fn headline(article: &Article) -> String {
    linked(article, &language_of(article))
}

/// The same as a heading, which stands at the side where its letters begin, as the text beneath does.
pub(super) fn heading(article: &Article) -> String {
    let title = linked(article, "");
    format!("<h3{}>{title}</h3>", language_of(article))
}

fn linked(article: &Article, language: &str) -> String {
    let title = text(&title(article));
    match article.url.as_deref().and_then(web) {
        Some(url) => format!(
            "<a href=\"{}\" rel=\"noreferrer\"{language}>{title}</a>",
            text(&url)
        ),
        None => format!("<span{language}>{title}</span>"),
    }
}

/// The attributes of a text in an article's language; its letters tell which way it runs.
pub(super) fn language_of(article: &Article) -> String {
    let tag = article.language.as_deref().and_then(language);
    tag.map_or_else(
        || " dir=\"auto\"".to_owned(),
        |tag| format!(" lang=\"{}\" dir=\"auto\"", text(&tag)),
    )
}

/// The first words of an article, up to so many characters, and where its title is made of them those that come after.
pub(super) fn lead(article: &Article, most: usize) -> String {
    let html = article.summary.as_ref().or(article.content.as_ref());
    let words = |most| html.map(|html| excerpt(html, most)).unwrap_or_default();
    let title = title(article);
    if words(TITLE_CHARS) != title {
        return open_ended(words(most));
    }
    let more = words(TITLE_CHARS + most);
    let begun = title.strip_suffix('…').filter(|_| more != title);
    let rest = begun.and_then(|begun| more.strip_prefix(begun));
    let rest = rest.map(|rest| rest.trim_start_matches([' ', '·']));
    open_ended(rest.map_or_else(String::new, |rest| format!("…{rest}")))
}

/// Parts what says that there is more from a sentence that ends before it, and has it follow no comma.
fn open_ended(words: String) -> String {
    let Some(head) = words.strip_suffix('…') else {
        return words;
    };
    let head = head.trim_end_matches([',', ';', ':']);
    let space = if ends_sentence(head) { " " } else { "" };
    format!("{head}{space}…")
}

/// An address that breaks after a slash where it has no room, and not within a name.
pub(super) fn breakable(address: &str) -> String {
    let address = text(address).to_string();
    let (scheme, rest) = address.split_once("://").unwrap_or(("", &address));
    let rest = rest.replace('/', "/<wbr>");
    if scheme.is_empty() {
        return rest;
    }
    format!("{scheme}://{rest}")
}

/// An instant for people and for programs.
pub(super) fn moment(at: Timestamp) -> String {
    let shown = at.strftime("%-d %b %Y, %H:%M UTC");
    format!("<time datetime=\"{}\">{shown}</time>", rfc3339(at))
}

/// The same of a day that is told already.
pub(super) fn clock(at: Timestamp) -> String {
    let shown = at.strftime("%H:%M UTC");
    format!("<time datetime=\"{}\">{shown}</time>", rfc3339(at))
}

/// What lies within that tells of no rhythm, unless there are [`MANY`] of it: less than two days have two nights.
const SHORT: SignedDuration = SignedDuration::from_hours(48);

/// So many articles tell of a rhythm, however close they are: half of what an output lists unless it is told otherwise.
const MANY: usize = 50;

/// So many that came as news speak against a backlog.
const FEW: usize = 3;

/// How often there is something new, by the articles of an output; empty where they do not tell.
///
/// What was old when it came, as nearly all that a feed has when it is first polled, tells only where too little came as news,
/// and where that does not speak against it: three of today are not one a month.
pub(super) fn rate(articles: &[Article]) -> String {
    let is_news = |it: &&Article| it.first_seen_at.duration_since(it.published_at) < SHORT;
    let dates = |articles: Vec<&Article>| articles.iter().map(|it| it.published_at).collect();
    let news: Vec<Timestamp> = dates(articles.iter().filter(is_news).collect());
    let came = i64::try_from(news.len()).unwrap_or(i64::MAX);
    let is_believed = |&(intervals, span): &Rhythm| {
        let expected = intervals.saturating_mul(SHORT.as_secs()) / span;
        news.len() < FEW || expected.saturating_mul(3) >= came
    };
    let of_all = || rhythm(dates(articles.iter().collect())).filter(is_believed);
    let Some((intervals, span)) = rhythm(news.clone()).or_else(of_all) else {
        return String::new();
    };
    let per = |hours: i64| {
        let seconds = SignedDuration::from_hours(hours).as_secs();
        (intervals.saturating_mul(seconds) + span / 2) / span
    };
    match (per(24), per(24 * 7), per(24 * 30)) {
        (day, ..) if day >= 2 => format!("about {day} a day"),
        (_, week, _) if week >= 2 => format!("about {week} a week"),
        (_, _, month) if month >= 2 => format!("about {month} a month"),
        _ => "about one a month or fewer".to_owned(),
    }
}

/// So many articles after another, and the seconds in which they came.
type Rhythm = (i64, i64);

/// Returns the rhythm of articles by their dates; `None` where they tell of none.
///
/// Reckoned between the newest of them and an older one, and not up to now: a page says the same until something changes.
/// The newer half tells where it is of some days: one article of years ago is no rhythm of today.
fn rhythm(mut dates: Vec<Timestamp>) -> Option<Rhythm> {
    dates.sort_unstable_by_key(|at| Reverse(*at));
    let span_to = |index: usize| {
        let (last, at) = dates.first().zip(dates.get(index))?;
        Some((index, last.duration_since(*at).as_secs()))
    };
    let half =
        span_to(dates.len() / 2).filter(|(half, span)| *half > 1 && *span >= SHORT.as_secs());
    let (intervals, span) = half.or_else(|| span_to(dates.len().checked_sub(1)?))?;
    let intervals = i64::try_from(intervals).unwrap_or(i64::MAX);
    // Few of a short time are a busy morning, and more a day than all outputs together have in a week. A short time of many
    // is what the window holds of a busy output.
    let is_short = span < SHORT.as_secs() && dates.len() < MANY;
    let tells = intervals > 1 && !is_short && span >= SignedDuration::from_hours(1).as_secs();
    tells.then_some((intervals, span))
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

/// Plain text, fit to stand in the text of an element or between the quotes of an attribute.
pub(super) fn text(plain: &str) -> Escaped {
    Escaped(line(plain))
}

/// A name amid words of ours: it runs as its letters do, and turns none of what stands around it.
pub(super) fn isolated(plain: &str) -> String {
    format!("<bdi>{}</bdi>", text(plain))
}

/// See [`text`]. A type of its own, so that nothing unescaped slips into a place that wants it.
pub(super) struct Escaped(String);

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaped = String::with_capacity(self.0.len());
        escape_into(&mut escaped, &self.0, named);
        f.write_str(&escaped)
    }
}
