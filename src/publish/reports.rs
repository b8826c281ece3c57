//! Who else tells what an article tells: links, and a line below its text.
//!
//! The line is part of the text, as readers show that and few show links. It says nothing that moves `updated`
//! (U7): an entry does not become news by being reported elsewhere, too.

use super::address::web;
use super::text::{escape_into, line, named};
use super::view::{MAX_COPIES, place};
use super::{Output, Unit};
use crate::model::{Article, Copy, Report};
use std::collections::BTreeSet;

/// Outlets that the line names before it counts; one more is named rather than counted.
const NAMED: usize = 2;

/// Returns the other reports of an article's story as links, each with outlet and headline; none whose
/// place is among those `told` already.
pub(super) fn links(article: &Article, told: &BTreeSet<String>) -> Vec<Copy> {
    let mut seen = told.clone();
    let reports = article.reports.iter().take(Article::REPORTS);
    let links = reports.filter_map(|report| {
        let (outlet, title) = (line(&report.feed_title), line(&report.title));
        let feed_title = match (outlet.as_str(), title.as_str()) {
            (outlet, "") => outlet.to_owned(),
            ("", title) => title.to_owned(),
            (outlet, title) => format!("{outlet}: {title}"),
        };
        let url = web(&report.url)?;
        Some(Copy { feed_title, url })
    });
    let is_new = |link: &Copy| seen.insert(place(&link.url).to_owned());
    links.filter(is_new).collect()
}

/// Returns what an entry says of them below its text, as HTML; `url`: where the article can be read.
pub(super) fn beneath(output: &Output, article: &Article, url: Option<&String>) -> Option<String> {
    match output.unit {
        _ if !output.also_reported => None,
        Unit::Article => line_of(article, (first(article), &article.reports), url),
        // Its reports are listed, and so those that have this one as well are told by themselves. Who had this one first is
        // not who reported the event first, by which the entry is dated.
        Unit::Story => {
            let first = first(article).filter(|_| article.story.is_none());
            let line = line_of(article, (first, &[]), url);
            let told: String = line.into_iter().chain(list(article)).collect();
            (!told.is_empty()).then_some(told)
        }
    }
}

/// Returns the list of the other reports of a story, for the entry that stands for all of them; `None` where
/// there are none.
fn list(article: &Article) -> Option<String> {
    let reports = links(article, &BTreeSet::new()).into_iter();
    let named = reports.filter(|report| !report.feed_title.is_empty());
    let items: Vec<String> = named
        .map(|report| link(&(report.feed_title, report.url)))
        .collect();
    let list = items.join("</li><li>");
    (!items.is_empty()).then(|| format!("<p>Other reports:</p><ul><li>{list}</li></ul>"))
}

/// Returns the line that says who had an article first and who else has it or reports its event; `None` where nobody does that
/// has a name.
///
/// `url`: where the article can be read. An outlet is named once, and the one that tells the article not at all.
fn line_of(
    article: &Article,
    (first, reports): (Option<(&str, &str)>, &[Report]),
    url: Option<&String>,
) -> Option<String> {
    let mut seen = BTreeSet::from([line(&article.source.title)]);
    let mut fresh = |outlet: &str, at: &str| {
        let (outlet, at) = (line(outlet), web(at)?);
        let is_other = !outlet.is_empty() && url.is_none_or(|url| place(url) != place(&at));
        (is_other && seen.insert(outlet.clone())).then_some((outlet, at))
    };
    let first = first.and_then(|(outlet, at)| fresh(outlet, at));
    let copies = article.first.iter().chain(&article.copies);
    let copies = copies.map(|copy| (&copy.feed_title, &copy.url));
    let told = reports
        .iter()
        .map(|report| (&report.feed_title, &report.url));
    let others: Vec<Outlet> = copies
        .chain(told)
        .filter_map(|(outlet, at)| fresh(outlet, at))
        .collect();
    let is_bounded = reports.len() >= Article::REPORTS || article.copies.len() >= MAX_COPIES;
    let first = first.map(|outlet| format!("First reported by {}.", link(&outlet)));
    let also = list_of(&others, is_bounded).map(|list| format!("Also reported by {list}."));
    let told: Vec<String> = first.into_iter().chain(also).collect();
    (!told.is_empty()).then(|| format!("<p>{}</p>", told.join(" ")))
}

/// An outlet, and where it has it.
type Outlet = (String, String);

/// Returns who published an article before the one who tells it, or reported its event before.
fn first(article: &Article) -> Option<(&str, &str)> {
    let copy = article.first.as_ref();
    let copy = copy.map(|copy| (copy.feed_title.as_str(), copy.url.as_str()));
    let mut reports = article.reports.iter();
    let report = reports.find(|report| !report.is_backdated);
    let report = report.filter(|report| report.published_at < article.published_at);
    copy.or_else(|| report.map(|it| (it.feed_title.as_str(), it.url.as_str())))
}

/// Lists outlets: names the first and counts the others; those that nobody counted are "others".
fn list_of(outlets: &[Outlet], is_bounded: bool) -> Option<String> {
    let named = match outlets.len() {
        some if some <= NAMED + 1 && !is_bounded => some,
        _ => NAMED,
    };
    let mut parts: Vec<String> = outlets.iter().take(named).map(link).collect();
    match outlets.len() - parts.len() {
        _ if parts.is_empty() => return None,
        _ if is_bounded => parts.push("others".to_owned()),
        0 => {}
        more => parts.push(format!("{more} more")),
    }
    match parts.split_last()? {
        (last, []) => Some(last.clone()),
        (last, before) => Some(format!("{} and {last}", before.join(", "))),
    }
}

/// A link to what an outlet has of it.
fn link((outlet, url): &Outlet) -> String {
    let mut html = "<a href=\"".to_owned();
    escape_into(&mut html, url, named);
    html.push_str("\" rel=\"noopener noreferrer\">");
    escape_into(&mut html, outlet, named);
    html.push_str("</a>");
    html
}
