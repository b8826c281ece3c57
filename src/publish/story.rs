//! The page of a story, for people: who reported an event, in order, and what it has to do with our topics (U25).
//!
//! Its address comes from the id of the article that the story began with, as does the id of the entry that
//! stands for it (`ids.rs`): it stays while the story grows, parts or merges.

use super::address::{language, web};
use super::ids::story_digest;
use super::index::whence;
use super::page::{
    LEAD_CHARS, PAGE_BYTES, Page, clock, heading, isolated, language_of, lead, moment, text,
};
use super::page_name;
use super::settings::{Output, Selection, Site};
use super::text::line;
use super::view::{Elsewhere, title};
use crate::model::{Article, Story, StoryReport};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The directory of these pages, and what leads from there to the others.
const DIRECTORY: &str = "stories/";
const ROOT: &str = "../";

/// What the name of such a page ends with.
const SUFFIX: &str = ".html";

/// Stories of the newest articles of an output that have a page, and never fewer than [`FEWEST`]: as many as its own
/// page has articles.
const OF_OUTPUT: usize = 50;
const FEWEST: usize = 4;

/// Pages that may be about, unless there are hundreds of outputs: each takes some six thousand bytes of memory.
const PAGES: usize = 1000;

/// Which stories have a page, by their numbers, and how many reports each page knows of.
pub type StoryPages = BTreeMap<i64, u64>;

/// Returns the name under which the page of a story is served, without the slash.
pub fn story_page_name(founder: &str) -> String {
    format!("{DIRECTORY}{}{SUFFIX}", story_digest(founder))
}

/// Tells whether a page of a story has this name. No document of an archive does, be it that of an output called `stories`.
pub fn is_story_page(name: &str) -> bool {
    let digest = name.strip_prefix(DIRECTORY);
    let digest = digest.and_then(|name| name.strip_suffix(SUFFIX));
    digest.is_some_and(|digest| !digest.contains('/'))
}

/// Returns the stories of an output's articles that are to have a page, those of the newest articles; `outputs` is how
/// many outputs there are whose stories have.
pub fn paged_stories(articles: &[Article], outputs: usize) -> Vec<i64> {
    let most = (PAGES / outputs.max(1)).clamp(FEWEST, OF_OUTPUT);
    let mut seen = BTreeSet::new();
    let stories = articles.iter().filter_map(|it| it.story.as_ref());
    let numbers = stories.map(|story| story.number);
    numbers.filter(|it| seen.insert(*it)).take(most).collect()
}

/// Renders the page of a story; its topics lead to those of the `outputs` that are for everybody.
pub fn story(site: &Site, outputs: &[&Output], story: &Story) -> Vec<u8> {
    let title = title(&story.first);
    let header = format!(
        "<p><a href=\"{ROOT}\" dir=\"auto\">{}</a></p>\n<h1{}>{}</h1>\n<p>{}</p>\n",
        text(&site.title),
        language_of(&story.first),
        text(&title),
        summary(story),
    );
    let main = first(story) + &topics(site, outputs, story) + &reports(story);
    Page {
        site,
        root: ROOT,
        title: &title,
        head: String::new(),
        header,
        main,
    }
    .finish()
}

/// How many reports there are, by how many, and from when to when.
fn summary(story: &Story) -> String {
    let number = story.number();
    let outlets = match story.outlets {
        Some(1) => ", told by one outlet".to_owned(),
        Some(outlets) if outlets > 1 => format!(", told by {outlets} independent outlets"),
        _ => String::new(),
    };
    let dates = || story.reports.iter().map(|report| report.published_at);
    let span = dates().min().zip(dates().max());
    let span = span.map(|(from, to)| format!(", {}", span_of(from, to)));
    format!("{number} reports{outlets}{}", span.unwrap_or_default())
}

/// From when to when, without what would be said twice: a day, a minute.
fn span_of(from: Timestamp, to: Timestamp) -> String {
    let shown = |at: Timestamp| at.strftime("%F %H:%M").to_string();
    let day = |at: Timestamp| at.strftime("%F").to_string();
    if shown(from) == shown(to) {
        format!("all of {}", moment(from))
    } else if day(from) == day(to) {
        format!("from {} to {}", moment(from), clock(to))
    } else {
        format!("from {} to {}", moment(from), moment(to))
    }
}

/// Who had it first, with the first words of that report.
fn first(story: &Story) -> String {
    let article = &story.first;
    let url = article.url.as_deref().and_then(web);
    let credit = Elsewhere::of(article, url.as_ref()).first.map(|copy| {
        format!(
            "<p>First published by <a href=\"{}\" rel=\"noreferrer\">{}</a>.</p>\n",
            text(&copy.url),
            isolated(&copy.feed_title)
        )
    });
    let lead = match lead(article, LEAD_CHARS).as_str() {
        "" => String::new(),
        words => format!("<p{}>{}</p>\n", language_of(article), text(words)),
    };
    format!(
        "<section aria-labelledby=\"first\">\n<h2 id=\"first\">First report</h2>\n<article>\n{}\n\
         <p class=\"whence\">{}</p>\n{lead}{}</article>\n</section>\n",
        heading(article),
        whence(article, article.published_at),
        credit.unwrap_or_default(),
    )
}

/// The topics of a story, each with the words by which it is in it, and with a link to the first output of it.
fn topics(site: &Site, outputs: &[&Output], story: &Story) -> String {
    let titled = |name: &String, title: &str| {
        let is_of = |it: &&&Output| matches!(&it.selection, Selection::Label(of) if of == name);
        match outputs.iter().find(is_of) {
            None => isolated(title),
            Some(output) => {
                let page = text(&page_name(output)).to_string();
                format!("<a href=\"{ROOT}{page}\">{}</a>", isolated(title))
            }
        }
    };

    let items = story.topics.iter().filter_map(|(name, words)| {
        let (_, title) = site.topics.iter().find(|(known, _)| known == name)?;
        let words = words.iter().map(|word| line(word));
        let words = words.filter(|word| !word.is_empty());
        let words: Vec<String> = words
            .map(|word| format!("<q>{}</q>", isolated(&word)))
            .collect();
        let why = match words.join(", ") {
            none if none.is_empty() => none,
            words => format!("<br><small>It says {words}.</small>"),
        };
        Some(format!("<li>{}{why}</li>\n", titled(name, title)))
    });
    match items.collect::<String>() {
        none if none.is_empty() => none,
        items => format!(
            "<section aria-labelledby=\"topics\">\n<h2 id=\"topics\">Topics</h2>\n<ul class=\"topics\">\n{items}</ul>\n</section>\n"
        ),
    }
}

/// All reports, in the order of their publication.
fn reports(story: &Story) -> String {
    let (mut items, mut told) = (String::new(), 0);
    for report in &story.reports {
        let item = item(report);
        if items.len() + item.len() > PAGE_BYTES / 2 {
            continue;
        }
        items.push_str(&item);
        told += 1;
    }
    let left = story.number().saturating_sub(told);
    let left = match left {
        0 => String::new(),
        1 => "<p class=\"about\">And one more.</p>\n".to_owned(),
        left => format!("<p class=\"about\">And {left} more.</p>\n"),
    };
    format!(
        "<section aria-labelledby=\"reports\">\n<h2 id=\"reports\">All reports, in order</h2>\n<ol>\n{items}</ol>\n\
         {left}</section>\n"
    )
}

fn item(report: &StoryReport) -> String {
    let outlet = isolated(&report.feed_title);
    let words = match line(&report.title) {
        none if none.is_empty() => text(&report.feed_title).to_string(),
        title => text(&title).to_string(),
    };
    let tag = report.language.as_deref().and_then(language);
    let tag = tag.map_or_else(String::new, |tag| format!(" lang=\"{}\"", text(&tag)));
    let words = match report.url.as_deref().and_then(web) {
        Some(url) => format!(
            "<a href=\"{}\" rel=\"noreferrer\"{tag} dir=\"auto\">{words}</a>",
            text(&url)
        ),
        None => format!("<span{tag} dir=\"auto\">{words}</span>"),
    };
    let at = moment(report.published_at);
    format!("<li>{words}<br><small>{outlet} · {at}</small></li>\n")
}
