//! What all formats say of one article, decided once: title, body, authors, categories, links.
//!
//! Everything in a view is clean, plain where it says so, absolute where it is an address, and free of
//! duplicates; the writers only write.

use super::address::{email, language, media_type, web};
use super::ids::{category_scheme, is_own_atom_id, topic_scheme};
use super::text::{clean, escape_into, excerpt, line, name, named, pictures};
use super::{Publication, Site, reports};
use crate::model::{Article, Category, Copy, Enclosure, Person, is_topic};
use std::collections::BTreeSet;

/// Copies that are told of an article: enough to choose from. Wire copy that a hundred outlets carry
/// would else fill the document with addresses.
pub(super) const MAX_COPIES: usize = 20;

/// What an enclosure of unknown type is, where a format wants a type.
pub(super) const UNKNOWN_MEDIA_TYPE: &str = "application/octet-stream";

/// Title of an article that says nothing at all.
const UNTITLED: &str = "Untitled";

/// An article as it is published.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The article.
    pub(super) article: &'a Article,
    /// One plain line, never empty (U12).
    pub(super) title: String,
    /// Where it can be read.
    pub(super) url: Option<String>,
    /// HTML; always there when there is no summary.
    pub(super) content: Option<String>,
    /// HTML; only where it differs from the content.
    pub(super) summary: Option<String>,
    /// At least one (U6).
    pub(super) authors: Vec<Person>,
    /// Topics first, then the publisher's labels (U11).
    pub(super) categories: Vec<Category>,
    /// The first picture of the text that readers see.
    pub(super) picture: Option<String>,
    /// Attached media, no address twice.
    pub(super) enclosures: Vec<Enclosure>,
    /// The first copies at other addresses than the article's own, then the other reports of its story, no
    /// address twice.
    pub(super) copies: Vec<Copy>,
    /// Who published it first, at another address than the article's own; not among the copies.
    pub(super) first: Option<Copy>,
    /// Language tag.
    pub(super) language: Option<String>,
}

impl<'a> View<'a> {
    /// Decides what is said of `article`.
    pub(super) fn new(publication: &Publication<'_>, article: &'a Article) -> Self {
        let title = title(article);
        let url = article.url.as_deref().and_then(web);
        let (mut content, mut summary) = body(article, &title, url.is_some());
        let shown = content.as_ref().or(summary.as_ref());
        let picture = shown.and_then(|html| pictures(html).find_map(|url| web(&url)));
        let line = reports::beneath(publication.output, article, url.as_ref());
        if let (Some(line), Some(html)) = (line, content.as_mut().or(summary.as_mut())) {
            html.push_str(&line);
        }
        let Elsewhere {
            first,
            mut copies,
            told,
        } = Elsewhere::of(article, url.as_ref());
        copies.extend(reports::links(article, &told));
        Self {
            title,
            content,
            summary,
            picture,
            authors: authors(article, publication.site),
            categories: categories(article, publication),
            enclosures: enclosures(article),
            copies,
            first,
            language: article.language.as_deref().and_then(language),
            url,
            article,
        }
    }
}

/// Characters of a title that is made of the first words of a text: about what a reader shows of one.
pub(super) const TITLE_CHARS: usize = 80;

/// Returns the title; without one, the first words of the text; without those, where it came from.
pub(super) fn title(article: &Article) -> String {
    let filled = |text: String| (!text.is_empty()).then_some(text);
    let html = article.summary.as_ref().or(article.content.as_ref());
    filled(line(&article.title))
        .or_else(|| filled(excerpt(html?, TITLE_CHARS)))
        .or_else(|| filled(line(&article.source.title)))
        .unwrap_or_else(|| UNTITLED.to_owned())
}

/// Returns content and summary: never neither, and never only a summary where there is no address to
/// read on (RFC 4287, 4.1.2).
fn body(article: &Article, title: &str, has_url: bool) -> (Option<String>, Option<String>) {
    let filled = |html: &Option<String>| {
        let html = clean(html.as_deref()?).trim().to_owned();
        (!html.is_empty()).then_some(html)
    };
    let content = filled(&article.content);
    let summary = filled(&article.summary).filter(|summary| content.as_ref() != Some(summary));
    match (content, summary) {
        (None, None) => {
            let mut html = String::new();
            escape_into(&mut html, title, named);
            (Some(html), None)
        }
        (None, Some(summary)) if !has_url => (Some(summary), None),
        told => told,
    }
}

/// Returns the entry's authors, else those of its source, else the source itself, else the site's (U6).
fn authors(article: &Article, site: &Site) -> Vec<Person> {
    let own = people(&article.authors);
    if !own.is_empty() {
        return own;
    }
    let of_source = people(&article.source.authors);
    if !of_source.is_empty() {
        return of_source;
    }
    let name = Some(name(&article.source.title)).filter(|name| !name.is_empty());
    vec![Person {
        name: name.unwrap_or_else(|| site_author(site)),
        ..Person::default()
    }]
}

/// Returns the author of the whole, never empty.
pub(super) fn site_author(site: &Site) -> String {
    [name(&site.author), name(&site.title)]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| super::GENERATOR.to_owned())
}

/// Returns the people that have a name, with what may be published of them (S15).
pub(super) fn people(people: &[Person]) -> Vec<Person> {
    people
        .iter()
        .map(|person| Person {
            name: name(&person.name),
            email: person.email.as_deref().and_then(email),
            url: person.url.as_deref().and_then(web),
        })
        .filter(|person| !person.name.is_empty())
        .collect()
}

fn categories(article: &Article, publication: &Publication<'_>) -> Vec<Category> {
    let authority = &publication.identity.authority;
    let scheme = topic_scheme(authority);
    let topics = article
        .topics
        .iter()
        .filter(|topic| is_topic(topic))
        .map(|topic| Category {
            term: line(topic),
            scheme: Some(scheme.clone()),
            label: Some(line(topic_title(publication.site, topic))),
        });
    let labels = article.categories.iter().map(|category| Category {
        term: line(&category.term),
        scheme: category
            .scheme
            .as_deref()
            .filter(|scheme| !is_own_atom_id(authority, scheme))
            .and_then(category_scheme),
        label: category.label.as_deref().map(line),
    });
    let mut seen = BTreeSet::new();
    topics
        .chain(labels)
        .filter(|category| !category.term.is_empty())
        .filter(|category| seen.insert((category.scheme.clone(), category.term.clone())))
        .collect()
}

/// Returns the title of a topic, its name when `feeds.toml` no longer has it.
fn topic_title<'a>(site: &'a Site, topic: &'a str) -> &'a str {
    site.topics
        .iter()
        .find(|(name, _)| name == topic)
        .map_or(topic, |(_, title)| title)
}

fn enclosures(article: &Article) -> Vec<Enclosure> {
    let mut seen = BTreeSet::new();
    article
        .enclosures
        .iter()
        .filter_map(|enclosure| {
            Some(Enclosure {
                url: web(&enclosure.url)?,
                media_type: enclosure.media_type.as_deref().and_then(media_type),
                length: enclosure.length,
            })
        })
        .filter(|enclosure| seen.insert(enclosure.url.clone()))
        .collect()
}

/// Returns a copy as it is published; `None` where its address cannot be.
fn copy(copy: &Copy) -> Option<Copy> {
    Some(Copy {
        feed_title: line(&copy.feed_title),
        url: web(&copy.url)?,
    })
}

/// Where an article can be read beside its own address.
pub(super) struct Elsewhere {
    /// Who published it first.
    pub(super) first: Option<Copy>,
    /// The first copies, no address twice.
    pub(super) copies: Vec<Copy>,
    /// The places of all these addresses, and of its own.
    told: BTreeSet<String>,
}

impl Elsewhere {
    /// Finds it for an article that can be read at `url`: what stands there, too, is the same to a reader, whichever feed
    /// had it.
    pub(super) fn of(article: &Article, url: Option<&String>) -> Self {
        let outlet = line(&article.source.title);
        let is_there = |it: &Copy| url.is_some_and(|url| is_same(url, (&outlet, it)));
        let first = article.first.as_ref().and_then(copy);
        let first = first.filter(|first| !is_there(first));
        let first_url = first.iter().map(|it| &it.url);
        let told = url.into_iter().chain(first_url);
        let mut told: BTreeSet<String> = told.map(|url| place(url).to_owned()).collect();
        let copies = article.copies.iter().filter_map(copy);
        let copies = copies.filter(|copy| !is_there(copy));
        let copies = copies.filter(|copy| told.insert(place(&copy.url).to_owned()));
        let copies = copies.take(MAX_COPIES).collect();
        Self {
            first,
            copies,
            told,
        }
    }
}

/// Returns what of an address tells one page from another: scheme and a slash at the end hardly do.
pub(super) fn place(url: &str) -> &str {
    let (_, place) = url.split_once("://").unwrap_or(("", url));
    place.trim_end_matches('/')
}

/// Tells whether a copy is what an outlet has at `url`: there, or under the name of the outlet at an address that differs by
/// what links gather on their way alone. A feed that was subscribed under two addresses has such copies.
fn is_same(url: &str, (outlet, copy): (&str, &Copy)) -> bool {
    fn page(url: &str) -> &str {
        let end = url.find(['?', '#']).unwrap_or(url.len());
        place(url.get(..end).unwrap_or_default())
    }
    place(url) == place(&copy.url) || outlet == copy.feed_title && page(url) == page(&copy.url)
}
