//! RSS 2.0 with the RSS profile (U15), through the `rss` crate.
//!
//! Dublin Core names the authors, as `author` must be a mail address; `content:encoded` carries the full
//! text where there is a summary beside it. The crate escapes `&`, `<` and `>` by name, and the profile
//! wants numbers; [`numeric_escapes`] puts them in.

use super::address::{has_dotted_host, web};
use super::archive;
use super::atom::{MEDIA_NAMESPACE, source_title};
use super::text::{clean, in_xml};
use super::view::{UNKNOWN_MEDIA_TYPE, View};
use super::{GENERATOR, OutputFormat, Publication, VERSION, rfc3339};
use crate::model::Source;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Image, Item};
use std::collections::BTreeMap;

/// Minutes for which readers may keep the document: the `max-age` that it is served with.
const TTL_MINUTES: &str = "5";

/// What else stands in the document, by prefix; those of Dublin Core and of `content` come by themselves.
const NAMESPACES: [(&str, &str); 2] = [
    ("atom", "http://www.w3.org/2005/Atom"),
    ("media", MEDIA_NAMESPACE),
];

/// Writes the document.
pub(super) fn document(
    publication: &Publication<'_>,
    views: &[View<'_>],
    updated_at: Timestamp,
) -> Vec<u8> {
    let channel = Channel {
        title: in_xml(&publication.title()).into_owned(),
        link: publication.reading(),
        description: in_xml(&publication.description()).into_owned(),
        language: publication.language(),
        image: image(publication),
        last_build_date: rfc822(updated_at),
        generator: Some(format!("{GENERATOR} {VERSION}")),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        // An archive may be kept for ever, which no number says.
        ttl: (!publication.is_archive()).then(|| TTL_MINUTES.to_owned()),
        extensions: channel_links(publication),
        namespaces: namespaces(publication),
        items: views.iter().map(item).collect(),
        ..Channel::default()
    };
    // Writing to memory does not fail, and the crate checks nothing else.
    let bytes = channel
        .pretty_write_to(Vec::new(), b' ', 0)
        .unwrap_or_default();
    numeric_escapes(&String::from_utf8_lossy(&bytes)).into_bytes()
}

/// The picture of the document; title and link are those of the channel (RSS 2.0).
fn image(publication: &Publication<'_>) -> Option<Image> {
    let output = publication.output;
    Some(Image {
        url: output.logo.as_ref().or(output.icon.as_ref())?.clone(),
        title: in_xml(&publication.title()).into_owned(),
        link: publication.reading(),
        ..Image::default()
    })
}

/// Which prefixes stand for what.
fn namespaces(publication: &Publication<'_>) -> BTreeMap<String, String> {
    let history = [("fh", archive::NAMESPACE)];
    let history = history.iter().filter(|_| publication.is_archive());
    let all = NAMESPACES.iter().chain(history);
    all.map(|(prefix, name)| ((*prefix).to_owned(), (*name).to_owned()))
        .collect()
}

/// The addresses of the document itself, of others of the output and of its hub, as Atom has them.
fn channel_links(publication: &Publication<'_>) -> ExtensionMap {
    let link = |rel: &str, address: &str| {
        let media_type = if rel == "hub" {
            ""
        } else {
            "application/rss+xml"
        };
        let attributes = [("rel", rel), ("type", media_type), ("href", address)];
        element("atom", "link", &attributes, None)
    };
    let itself = link("self", &publication.address(OutputFormat::Rss));
    let archive = publication.is_archive().then(|| {
        let current = publication.current(OutputFormat::Rss);
        [
            element("fh", "archive", &[], None),
            link("current", &current),
        ]
    });
    let older = publication.older(OutputFormat::Rss);
    let older = older.map(|address| link("prev-archive", &address));
    let hub = publication.hub().map(|hub| link("hub", hub));
    let others = archive.into_iter().flatten().chain(older).chain(hub);
    extensions([itself].into_iter().chain(others))
}

/// An element of another namespace, with its prefix and name; attributes without a value are left out.
fn element(
    prefix: &'static str,
    name: &'static str,
    attributes: &[(&str, &str)],
    value: Option<String>,
) -> (&'static str, &'static str, Extension) {
    let attributes = attributes.iter().filter(|(_, value)| !value.is_empty());
    let extension = Extension {
        name: format!("{prefix}:{name}"),
        attrs: attributes
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        value,
        ..Extension::default()
    };
    (prefix, name, extension)
}

/// Gathers elements as the crate wants them.
fn extensions(
    elements: impl IntoIterator<Item = (&'static str, &'static str, Extension)>,
) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    for (prefix, name, extension) in elements {
        let named = map.entry(prefix.to_owned()).or_default();
        named.entry(name.to_owned()).or_default().push(extension);
    }
    map
}

/// What RSS has no element of its own for: when the entry last changed, its picture, and the media beside the
/// one that may be its `enclosure`.
fn item_extensions(view: &View<'_>, enclosure: Option<&str>) -> ExtensionMap {
    let updated_at = rfc3339(view.article.updated_at);
    let others = view.enclosures.iter();
    let others: Vec<_> = others
        .filter(|other| Some(other.url.as_str()) != enclosure)
        .collect();
    let picture = view.picture.as_deref();
    // It may be attached, too, and is told once.
    let is_attached = others
        .iter()
        .any(|other| Some(other.url.as_str()) == picture);
    let alone = picture.filter(|_| !is_attached);
    let alone = alone.map(|url| medium(url, picture, None));
    let others = others
        .into_iter()
        .map(|other| medium(&other.url, picture, Some(other)));
    extensions(
        [element("atom", "updated", &[], Some(updated_at))]
            .into_iter()
            .chain(alone)
            .chain(others),
    )
}

/// A medium at `url`: the picture of the entry, an attachment, or both.
fn medium(
    url: &str,
    picture: Option<&str>,
    attached: Option<&crate::model::Enclosure>,
) -> (&'static str, &'static str, Extension) {
    let media_type = attached.and_then(|it| it.media_type.as_deref());
    let length = attached.and_then(|it| it.length).filter(|&bytes| bytes > 0);
    let length = length.map(|bytes| bytes.to_string());
    let (kind, is_default) = match picture {
        Some(picture) if picture == url => ("image", "true"),
        _ => ("", ""),
    };
    let attributes = [
        ("url", url),
        ("type", media_type.unwrap_or_default()),
        ("fileSize", length.as_deref().unwrap_or_default()),
        ("medium", kind),
        ("isDefault", is_default),
    ];
    element("media", "content", &attributes, None)
}

fn item(view: &View<'_>) -> Item {
    let (description, content) = match (&view.summary, &view.content) {
        (Some(summary), content) => (Some(summary), content.clone()),
        (None, content) => (content.as_ref(), None),
    };
    let enclosure = enclosure(view);
    let enclosed = enclosure.as_ref().map(|enclosure| enclosure.url.as_str());
    Item {
        title: Some(in_xml(&view.title).into_owned()),
        link: view.url.clone(),
        description: description.cloned(),
        content,
        guid: Some(guid(view)),
        pub_date: rfc822(view.article.published_at),
        categories: categories(view),
        extensions: item_extensions(view, enclosed),
        enclosure,
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
            name: in_xml(&category.term).into_owned(),
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
        title: Some(in_xml(&source_title(source)).into_owned()),
    })
}

/// Returns an instant as RFC 822 has it, in GMT with four digits for the year; `None` for years that
/// have none.
fn rfc822(at: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

/// Rewrites the named escapes outside CDATA sections as numeric ones; see `text::numeric`.
fn numeric_escapes(xml: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(xml.len()), xml);
    while let Some((markup, section)) = rest.split_once("<![CDATA[") {
        // A section may hold what begins one.
        let (data, after) = section.split_once("]]>").unwrap_or((section, ""));
        text.extend([&numeric(markup), "<![CDATA[", data, "]]>"]);
        rest = after;
    }
    text.push_str(&numeric(rest));
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
            (
                "<![CDATA[a <![CDATA[ b &amp;]]>&amp;",
                "<![CDATA[a <![CDATA[ b &amp;]]>&#x26;",
            ),
        ] {
            assert_eq!(numeric_escapes(xml), expected, "{xml}");
        }
    }
}
