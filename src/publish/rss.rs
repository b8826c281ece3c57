//! RSS 2.0 with the RSS profile (U15), through the `rss` crate.
//!
//! Dublin Core names the authors, as `author` must be a mail address; `content:encoded` carries the full
//! text where there is a summary beside it. The crate escapes `&`, `<` and `>` by name, and the profile
//! wants numbers; [`numeric_escapes`] puts them in.

use super::address::{has_dotted_host, web};
use super::atom::source_title;
use super::text::clean;
use super::view::View;
use super::{GENERATOR, OutputFormat, Publication, VERSION};
use crate::model::{Article, Source};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Item};
use std::collections::BTreeMap;

/// Minutes for which readers may keep the document: the `max-age` that it is served with.
const TTL_MINUTES: &str = "5";

/// What an enclosure of unknown type is; RSS wants one.
const UNKNOWN_MEDIA_TYPE: &str = "application/octet-stream";

/// Writes the document.
pub(super) fn document(
    publication: &Publication<'_>,
    articles: &[&Article],
    updated_at: Timestamp,
) -> Vec<u8> {
    let channel = Channel {
        title: publication.title(),
        link: publication.site.public_url.to_string(),
        description: publication.description(),
        last_build_date: rfc822(updated_at),
        generator: Some(format!("{GENERATOR} {VERSION}")),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        ttl: Some(TTL_MINUTES.to_owned()),
        extensions: self_link(&publication.address(OutputFormat::Rss)),
        namespaces: BTreeMap::from([("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned())]),
        items: articles
            .iter()
            .map(|article| item(&View::new(publication, article)))
            .collect(),
        ..Channel::default()
    };
    // Writing to memory does not fail, and the crate checks nothing else.
    let bytes = channel
        .pretty_write_to(Vec::new(), b' ', 0)
        .unwrap_or_default();
    numeric_escapes(&String::from_utf8_lossy(&bytes)).into_bytes()
}

fn self_link(address: &str) -> ExtensionMap {
    let attributes = [
        ("rel", "self"),
        ("type", "application/rss+xml"),
        ("href", address),
    ];
    let link = Extension {
        name: "atom:link".to_owned(),
        attrs: attributes
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..Extension::default()
    };
    BTreeMap::from([(
        "atom".to_owned(),
        BTreeMap::from([("link".to_owned(), vec![link])]),
    )])
}

fn item(view: &View<'_>) -> Item {
    let (description, content) = match (&view.summary, &view.content) {
        (Some(summary), content) => (Some(summary), content.clone()),
        (None, content) => (content.as_ref(), None),
    };
    Item {
        title: Some(view.title.clone()),
        link: view.url.clone(),
        description: description.cloned(),
        content,
        guid: Some(guid(view)),
        pub_date: rfc822(view.article.published_at),
        categories: categories(view),
        enclosure: enclosure(view),
        source: source(&view.article.source),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: view
                .authors
                .iter()
                .map(|author| author.name.clone())
                .collect(),
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

/// The same id as in Atom; a permalink only when it is the very address of the article.
fn guid(view: &View<'_>) -> Guid {
    let value = clean(&view.article.atom_id).into_owned();
    Guid {
        permalink: view.url.as_ref() == Some(&value),
        value,
    }
}

fn categories(view: &View<'_>) -> Vec<Category> {
    view.categories
        .iter()
        .map(|category| Category {
            name: category.term.clone(),
            domain: category.scheme.clone(),
        })
        .collect()
}

/// The first enclosure that RSS can express: one an item, with a dotted host (RSS profile).
fn enclosure(view: &View<'_>) -> Option<Enclosure> {
    let first = view
        .enclosures
        .iter()
        .find(|enclosure| has_dotted_host(&enclosure.url))?;
    let media_type = first.media_type.as_deref().unwrap_or(UNKNOWN_MEDIA_TYPE);
    Some(Enclosure {
        url: first.url.clone(),
        // The profile's way to say that nobody knows.
        length: first.length.unwrap_or(0).to_string(),
        mime_type: media_type.to_owned(),
    })
}

/// The feed that the item came from; RSS has no source without an address.
fn source(source: &Source) -> Option<rss::Source> {
    let url = [source.self_url.as_deref(), source.home_url.as_deref()]
        .into_iter()
        .flatten()
        .find_map(web)?;
    Some(rss::Source {
        url,
        title: Some(source_title(source)),
    })
}

/// Returns an instant as RFC 822 has it, in GMT with four digits for the year; `None` for years that
/// have none.
fn rfc822(at: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

/// Rewrites the named escapes outside CDATA sections as numeric ones; see `text::numeric`.
fn numeric_escapes(xml: &str) -> String {
    let mut sections = xml.split("<![CDATA[");
    let mut text = numeric(sections.next().unwrap_or_default());
    for section in sections {
        let (data, markup) = section.split_once("]]>").unwrap_or((section, ""));
        text.extend(["<![CDATA[", data, "]]>", &numeric(markup)]);
    }
    text
}

fn numeric(xml: &str) -> String {
    // The ampersand first: what it makes is matched by none of the others.
    xml.replace("&amp;", "&#x26;")
        .replace("&lt;", "&#x3C;")
        .replace("&gt;", "&#x3E;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u15_escapes_become_numeric_outside_cdata() {
        for (xml, expected) in [
            ("<t>a &amp; &lt;b&gt;</t>", "<t>a &#x26; &#x3C;b&#x3E;</t>"),
            ("<t>&amp;lt;</t>", "<t>&#x26;lt;</t>"),
            (
                "&amp;<![CDATA[&amp;&lt;]]>&lt;<![CDATA[]]]]><![CDATA[>]]>",
                "&#x26;<![CDATA[&amp;&lt;]]>&#x3C;<![CDATA[]]]]><![CDATA[>]]>",
            ),
        ] {
            assert_eq!(numeric_escapes(xml), expected, "{xml}");
        }
    }
}
