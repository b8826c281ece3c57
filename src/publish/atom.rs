//! Atom 1.0 (RFC 4287).
//!
//! Titles are `type="text"`, bodies `type="html"`: escaped HTML is what readers handle best, and XHTML
//! needs a second namespace and a second serialiser.

use super::address::{email, web};
use super::ids::{output_atom_id, source_atom_id};
use super::text::{in_xml, line};
use super::view::{View, people, site_author};
use super::xml::Xml;
use super::{GENERATOR, OutputFormat, Publication, VERSION, rfc3339};
use super::{archive, deleted};
use crate::model::{Article, Category, Enclosure, Person, Source};
use jiff::Timestamp;

/// Instants before this one are no dates of feeds but defaults of software; validators call them
/// implausible (U7). 1990-01-01T00:00:00Z.
const FIRST_PLAUSIBLE_SECOND: i64 = 631_152_000;

/// Media RSS: what says which picture stands for an entry.
pub(super) const MEDIA_NAMESPACE: &str = "http://search.yahoo.com/mrss/";

/// Bytes of an entry beside its texts: addresses, dates and names, of which real ones have some hundreds.
const BESIDE_TEXTS: usize = 1024;

/// Writes the document.
pub(super) fn document(
    publication: &Publication<'_>,
    views: &[View<'_>],
    updated_at: Timestamp,
) -> Vec<u8> {
    let mut xml = Xml::of(views.iter().map(length).sum());
    let language = publication.language();
    let deleted = deleted::told(publication, views);
    let last = deleted.iter().map(|it| it.at).max();
    let updated_at = last.map_or(updated_at, |last| last.max(updated_at));
    let history = if publication.is_archive() {
        archive::NAMESPACE
    } else {
        ""
    };
    xml.open(
        "feed",
        &[
            ("xmlns", "http://www.w3.org/2005/Atom"),
            ("xmlns:media", MEDIA_NAMESPACE),
            ("xmlns:fh", history),
            ("xmlns:at", deleted::namespace(&deleted)),
            ("xml:lang", language.as_deref().unwrap_or_default()),
        ],
    );
    head(&mut xml, publication, updated_at);
    for view in views {
        entry(&mut xml, publication, view);
    }
    deleted::write(&mut xml, &deleted);
    xml.close("feed");
    xml.finish()
}

/// Returns about how many bytes an entry takes: an eighth of HTML is escaped.
fn length(view: &View<'_>) -> usize {
    let texts = view.content.iter().chain(&view.summary).map(String::len);
    texts.map(|length| length + length / 8).sum::<usize>() + BESIDE_TEXTS
}

fn head(xml: &mut Xml, publication: &Publication<'_>, updated_at: Timestamp) {
    let Publication {
        site,
        identity,
        output,
        ..
    } = *publication;
    xml.text(
        "id",
        &[],
        &output_atom_id(&identity.authority, &output.path),
    );
    xml.text("title", &[], &in_xml(&publication.title()));
    xml.text("subtitle", &[], &in_xml(&publication.description()));
    xml.text("updated", &[], &rfc3339(updated_at));
    document_links(xml, publication);
    link(xml, "alternate", &publication.reading(), "text/html");
    let contact = site.contact.as_deref();
    let author = Person {
        name: site_author(site),
        email: contact.and_then(email),
        url: contact.and_then(web),
    };
    authors(xml, &[author]);
    xml.text("generator", &[("version", VERSION)], GENERATOR);
    for (name, url) in [("icon", &output.icon), ("logo", &output.logo)] {
        if let Some(url) = url {
            xml.text(name, &[], url);
        }
    }
}

/// What the document says of itself, of others of the output, and of its hub.
fn document_links(xml: &mut Xml, publication: &Publication<'_>) {
    const ATOM: &str = "application/atom+xml";
    link(xml, "self", &publication.address(OutputFormat::Atom), ATOM);
    if publication.is_archive() {
        xml.empty("fh:archive", &[]);
        link(
            xml,
            "current",
            &publication.current(OutputFormat::Atom),
            ATOM,
        );
    }
    if let Some(older) = publication.older(OutputFormat::Atom) {
        link(xml, "prev-archive", &older, ATOM);
    }
    if let Some(hub) = publication.hub() {
        xml.empty("link", &[("rel", "hub"), ("href", hub)]);
    }
}

fn entry(xml: &mut Xml, publication: &Publication<'_>, view: &View<'_>) {
    let article = view.article;
    let language = view.language.as_deref().unwrap_or_default();
    xml.open("entry", &[("xml:lang", language)]);
    xml.text("id", &[], &article.atom_id);
    xml.text("title", &[], &in_xml(&view.title));
    xml.text("published", &[], &rfc3339(article.published_at));
    xml.text("updated", &[], &rfc3339(article.updated_at));
    links(xml, view);
    authors(xml, &view.authors);
    for category in &view.categories {
        write_category(xml, category);
    }
    source(xml, publication, article);
    if let Some(summary) = &view.summary {
        xml.html("summary", &[], summary);
    }
    if let Some(content) = &view.content {
        xml.html("content", &[], content);
    }
    if let Some(picture) = &view.picture {
        let attributes = [
            ("url", picture.as_str()),
            ("medium", "image"),
            ("isDefault", "true"),
        ];
        xml.empty("media:content", &attributes);
    }
    xml.close("entry");
}

fn links(xml: &mut Xml, view: &View<'_>) {
    if let Some(url) = &view.url {
        link(xml, "alternate", url, "text/html");
    }
    let first = view.first.iter().map(|first| ("via", first));
    let copies = view.copies.iter().map(|copy| ("related", copy));
    for (rel, copy) in first.chain(copies) {
        let title = in_xml(&copy.feed_title);
        let attributes = [
            ("rel", rel),
            ("type", "text/html"),
            ("href", copy.url.as_str()),
            ("title", &*title),
        ];
        xml.empty("link", &attributes);
    }
    for enclosure in &view.enclosures {
        write_enclosure(xml, enclosure);
    }
}

fn link(xml: &mut Xml, rel: &str, href: &str, media_type: &str) {
    xml.empty(
        "link",
        &[("rel", rel), ("type", media_type), ("href", href)],
    );
}

fn write_enclosure(xml: &mut Xml, enclosure: &Enclosure) {
    let length = enclosure.length.map(|bytes| bytes.to_string());
    let attributes = [
        ("rel", "enclosure"),
        ("type", enclosure.media_type.as_deref().unwrap_or_default()),
        ("length", length.as_deref().unwrap_or_default()),
        ("href", enclosure.url.as_str()),
    ];
    xml.empty("link", &attributes);
}

fn authors(xml: &mut Xml, authors: &[Person]) {
    for author in authors {
        xml.open("author", &[]);
        xml.text("name", &[], &author.name);
        if let Some(url) = &author.url {
            xml.text("uri", &[], url);
        }
        if let Some(email) = &author.email {
            xml.text("email", &[], email);
        }
        xml.close("author");
    }
}

fn write_category(xml: &mut Xml, category: &Category) {
    let term = in_xml(&category.term);
    let label = in_xml(category.label.as_deref().unwrap_or_default());
    let attributes = [
        ("term", &*term),
        ("scheme", category.scheme.as_deref().unwrap_or_default()),
        ("label", &*label),
    ];
    xml.empty("category", &attributes);
}

/// Writes `atom:source` (U5).
///
/// Its `updated` is the source's own word where that is plausible: neither a default of software nor after the instants at
/// which we met the entry or it changed; else the entry's, at which the source did change. Nothing of it is of this document,
/// so that the entry is the same in all (U3).
fn source(xml: &mut Xml, publication: &Publication<'_>, article: &Article) {
    let source = &article.source;
    let latest = article.first_seen_at.max(article.updated_at);
    let updated_at = source
        .updated_at
        .filter(|&at| at.as_second() >= FIRST_PLAUSIBLE_SECOND && at <= latest)
        .unwrap_or(article.updated_at);
    xml.open("source", &[]);
    let id = source_atom_id(&publication.identity.authority, source);
    xml.text("id", &[], &id);
    xml.text("title", &[], &in_xml(&source_title(source)));
    xml.text("updated", &[], &rfc3339(updated_at));
    if let Some(url) = source.self_url.as_deref().and_then(web) {
        xml.empty("link", &[("rel", "self"), ("href", &url)]);
    }
    if let Some(url) = source.home_url.as_deref().and_then(web) {
        link(xml, "alternate", &url, "text/html");
    }
    authors(xml, &people(&source.authors));
    let rights = line(source.rights.as_deref().unwrap_or_default());
    if !rights.is_empty() {
        xml.text("rights", &[], &in_xml(&rights));
    }
    xml.close("source");
}

/// Returns the title of a source, its id when the title holds nothing that may be written.
pub(super) fn source_title(source: &Source) -> String {
    [line(&source.title), line(&source.id)]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| "Unknown source".to_owned())
}
