//! Who else tells what an article tells: links, and a line below its text.
//!
//! The line is part of the text, as readers show that and few show links. It says nothing that moves `updated`
//! (U7): an entry does not become news by being reported elsewhere, too.

use super::address::web;
use super::text::{escape_into, line, named};
use crate::model::{Article, Copy};
use std::collections::BTreeSet;

/// Outlets that the line names before it counts; one more is named rather than counted.
const NAMED: usize = 2;

/// Returns the other reports of an article's story as links, each with outlet and headline; none whose
/// address is among those `told` already.
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
    links.filter(|link| seen.insert(link.url.clone())).collect()
}

/// Returns the list of the other reports of a story, for the entry that stands for all of them; `None` where
/// there are none.
pub(super) fn list(article: &Article) -> Option<String> {
    let reports = links(article, &BTreeSet::new()).into_iter();
    let named = reports.filter(|report| !report.feed_title.is_empty());
    let items: Vec<String> = named
        .map(|report| link(&(report.feed_title, report.url)))
        .collect();
    let list = items.join("</li><li>");
    (!items.is_empty()).then(|| format!("<p>Other reports:</p><ul><li>{list}</li></ul>"))
}

/// Returns the line that says who else has an article; `None` where nobody does that has a name.
///
/// `url`: where the article can be read. An outlet is named once, and the one that tells the article not at all.
pub(super) fn also(article: &Article, url: Option<&String>) -> Option<String> {
    let mut seen = BTreeSet::from([line(&article.source.title)]);
    let copies = article.copies.iter();
    let copies = copies.map(|copy| (&copy.feed_title, &copy.url));
    let reports = article.reports.iter();
    let reports = reports.map(|report| (&report.feed_title, &report.url));
    let outlets: Vec<(String, String)> = copies
        .chain(reports)
        .filter_map(|(outlet, at)| Some((line(outlet), web(at)?)))
        .filter(|(outlet, at)| !outlet.is_empty() && Some(at) != url)
        .filter(|(outlet, _)| seen.insert(outlet.clone()))
        .collect();
    let is_bounded = article.reports.len() >= Article::REPORTS;
    let named = match outlets.len() {
        0 => return None,
        some if some <= NAMED + 1 && !is_bounded => some,
        _ => NAMED,
    };
    let mut parts: Vec<String> = outlets.iter().take(named).map(link).collect();
    match outlets.len() - parts.len() {
        _ if is_bounded => parts.push("others".to_owned()),
        0 => {}
        more => parts.push(format!("{more} more")),
    }
    let list = match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => return None,
    };
    Some(format!("<p>Also reported by {list}.</p>"))
}

/// A link to what an outlet has of it.
fn link((outlet, url): &(String, String)) -> String {
    let mut html = "<a href=\"".to_owned();
    escape_into(&mut html, url, named);
    html.push_str("\" rel=\"noopener noreferrer\">");
    escape_into(&mut html, outlet, named);
    html.push_str("</a>");
    html
}
