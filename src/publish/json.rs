//! JSON Feed 1.1 (U14).
//!
//! What the format has no field for (the source of an entry, when it was first seen, where else it can be read) stands in an
//! extension object of ours, as the format provides: its name begins with `_`, and readers that do not know
//! it pass over it.

use super::atom::source_title;
use super::ids::source_atom_id;
use super::text::{clean, plain};
use super::view::{UNKNOWN_MEDIA_TYPE, View, site_author};
use super::{OutputFormat, Publication, address, rfc3339};
use crate::model::{Copy, Enclosure, Person, Source};
use serde::Serialize;

/// What the document calls itself.
const VERSION_URL: &str = "https://jsonfeed.org/version/1.1";

/// A document; fields in the order in which they are written.
#[derive(Debug, Serialize)]
struct Document<'a> {
    version: &'static str,
    title: String,
    home_page_url: String,
    /// Of the document that readers subscribe to, which is what names the feed.
    feed_url: String,
    /// What came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<String>,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    favicon: Option<&'a str>,
    authors: Vec<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Item<'a>>,
}

/// Who tells subscribers of news.
#[derive(Debug, Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

/// An entry.
#[derive(Debug, Serialize)]
struct Item<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    title: String,
    /// Always there: the content, or else the summary.
    content_html: String,
    /// Plain text, as the format wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    #[serde(rename = "_merganser")]
    extension: Extension,
}

#[derive(Debug, Serialize)]
struct Author {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Attachment<'a> {
    url: String,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

/// What Atom says in `source` and in its links, and what it has no place for.
#[derive(Debug, Serialize)]
struct Extension {
    source: Origin,
    /// When we first saw the article; what publishers date stands in `date_published`.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<Reference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Reference>,
}

/// The feed that an entry came from (U5).
#[derive(Debug, Serialize)]
struct Origin {
    id: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_page_url: Option<String>,
}

/// Where else an article can be read.
#[derive(Debug, Serialize)]
struct Reference {
    url: String,
    title: String,
}

/// A hub as the format names it.
fn web_sub(url: &str) -> Hub<'_> {
    Hub {
        kind: "WebSub",
        url,
    }
}

/// Writes the document.
pub(super) fn document(publication: &Publication<'_>, views: &[View<'_>]) -> Vec<u8> {
    let (site, output) = (publication.site, publication.output);
    let contact = site.contact.as_deref();
    let document = Document {
        version: VERSION_URL,
        title: publication.title(),
        home_page_url: publication.reading(),
        feed_url: publication.current(OutputFormat::Json),
        next_url: publication.older(OutputFormat::Json),
        description: publication.description(),
        // Both are square; a logo is not.
        icon: output.icon.as_deref(),
        favicon: output.icon.as_deref(),
        authors: vec![Author {
            name: site_author(site),
            url: contact.and_then(address::web),
        }],
        language: publication.language(),
        hubs: publication.hub().map(web_sub).into_iter().collect(),
        items: views.iter().map(|view| item(publication, view)).collect(),
    };
    // Writing to memory does not fail, and every key is a string.
    let mut bytes = serde_json::to_vec(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn item<'a>(publication: &Publication<'_>, view: &'a View<'_>) -> Item<'a> {
    let article = view.article;
    let (content, summary) = match (&view.content, &view.summary) {
        (Some(content), summary) => (content, summary.as_deref().map(plain)),
        (None, Some(summary)) => (summary, None),
        // A view has one of the two.
        (None, None) => (&view.title, None),
    };
    Item {
        id: clean(&article.atom_id).into_owned(),
        url: view.url.clone(),
        title: view.title.clone(),
        content_html: content.clone(),
        summary: summary.filter(|summary| !summary.is_empty()),
        image: view.picture.as_deref(),
        date_published: rfc3339(article.published_at),
        date_modified: rfc3339(article.updated_at),
        authors: view.authors.iter().map(author).collect(),
        tags: tags(view),
        language: view.language.clone(),
        attachments: view.enclosures.iter().map(attachment).collect(),
        extension: Extension {
            source: origin(publication, &article.source),
            first_seen: article.known_at.map(rfc3339),
            via: view.first.as_ref().map(reference),
            related: view.copies.iter().map(reference).collect(),
        },
    }
}

fn author(person: &Person) -> Author {
    Author {
        name: person.name.clone(),
        url: person.url.clone(),
    }
}

/// The terms of the categories, each once: a tag has no scheme that tells two of them apart.
fn tags(view: &View<'_>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for category in &view.categories {
        if !tags.contains(&category.term) {
            tags.push(category.term.clone());
        }
    }
    tags
}

fn attachment(enclosure: &Enclosure) -> Attachment<'_> {
    let media_type = enclosure.media_type.as_deref();
    Attachment {
        url: enclosure.url.clone(),
        mime_type: media_type.unwrap_or(UNKNOWN_MEDIA_TYPE),
        size_in_bytes: enclosure.length,
    }
}

fn origin(publication: &Publication<'_>, source: &Source) -> Origin {
    let id = source_atom_id(&publication.identity.authority, source);
    Origin {
        id: clean(&id).into_owned(),
        title: source_title(source),
        feed_url: source.self_url.as_deref().and_then(address::web),
        home_page_url: source.home_url.as_deref().and_then(address::web),
    }
}

fn reference(copy: &Copy) -> Reference {
    Reference {
        url: copy.url.clone(),
        title: copy.feed_title.clone(),
    }
}
