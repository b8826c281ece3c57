//! Lists of feeds as OPML 2.0, which every feed reader imports: what we publish, and what we poll (U24).

use super::address::web;
use super::settings::{Output, Site};
use super::text::{in_xml, line};
use super::xml::Xml;
use super::{address, publication_title, reading_address};
use crate::model::Subscription;
use std::collections::{BTreeMap, BTreeSet};

/// The media type of the lists.
pub const OPML: &str = "text/x-opml; charset=utf-8";

/// A feed that is polled, as others may know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// Its title.
    pub title: String,
    /// Its address, which holds nothing secret.
    pub url: String,
    /// The address of its site, where it is known and may be.
    pub home: Option<String>,
    /// The group that it is in.
    pub group: Option<String>,
}

/// Writes the list of our outputs, each in its first format.
pub fn outputs_opml(site: &Site, outputs: &[&Output]) -> Vec<u8> {
    let mut xml = head(&site.title);
    for output in outputs {
        let Some(format) = output.formats.first() else {
            continue;
        };
        outline(
            &mut xml,
            &publication_title(output),
            &address(site, output, *format),
            Some(&reading_address(site, output)),
        );
    }
    finish(xml)
}

/// Writes the list of the feeds that we poll, by group, in their order.
pub fn sources_opml(site: &Site, feeds: &[Polled]) -> Vec<u8> {
    let mut xml = head(&format!("Sources of {}", site.title));
    let mut groups: Vec<Option<&str>> = Vec::new();
    for feed in feeds {
        let group = feed.group.as_deref();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    for group in groups {
        if let Some(group) = group {
            xml.open("outline", &[("text", &in_xml(&line(group)))]);
        }
        for feed in feeds.iter().filter(|feed| feed.group.as_deref() == group) {
            let home = feed.home.as_deref().and_then(web);
            outline(&mut xml, &feed.title, &feed.url, home.as_deref());
        }
        if group.is_some() {
            xml.close("outline");
        }
    }
    finish(xml)
}

/// The namespace of the attributes that say what OPML has no words for, so that a list which is read in again
/// gives what it was made of. A name and no address: nobody else can come to own one in `.invalid` (RFC 6761, 6.4).
const NAMESPACE: &str = "https://merganser.invalid/ns/opml";

/// Writes feeds with the folders that they are in, for another program or for us. Those without a title are shown by what
/// `own` has for their ids: what they call themselves.
pub fn subscriptions_opml(
    title: &str,
    feeds: &[Subscription],
    own: &BTreeMap<String, String>,
) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.open(
        "opml",
        &[("version", "2.0"), ("xmlns:merganser", NAMESPACE)],
    );
    inside(&mut xml, title);
    let mut folders: Vec<&[String]> = Vec::new();
    let mut known: BTreeSet<&[String]> = BTreeSet::new();
    for feed in feeds {
        if known.insert(&feed.folders) {
            folders.push(&feed.folders);
        }
    }
    let mut members: BTreeMap<&[String], Vec<&Subscription>> = BTreeMap::new();
    for feed in feeds {
        members.entry(&feed.folders).or_default().push(feed);
    }
    for folder in folders {
        for name in folder {
            xml.open("outline", &[("text", &in_xml(&line(name)))]);
        }
        for feed in members.get(folder).into_iter().flatten() {
            let title = line(&feed.title);
            let title = in_xml(&title);
            let id = feed.id.as_deref().unwrap_or_default();
            let own = own.get(id).map(|own| line(own)).unwrap_or_default();
            let own = in_xml(&own);
            let names = [&*title, &*own, id, &*feed.url];
            let shown = names.iter().find(|name| !name.is_empty());
            let attributes = [
                ("type", "rss"),
                ("text", shown.copied().unwrap_or_default()),
                ("title", &*title),
                ("xmlUrl", &*feed.url),
                ("merganser:id", id),
                ("merganser:enabled", if feed.is_off { "false" } else { "" }),
            ];
            xml.empty("outline", &attributes);
        }
        for _ in folder {
            xml.close("outline");
        }
    }
    finish(xml)
}

fn head(title: &str) -> Xml {
    let mut xml = Xml::new();
    xml.open("opml", &[("version", "2.0")]);
    inside(&mut xml, title);
    xml
}

/// Writes what stands before the first feed.
fn inside(xml: &mut Xml, title: &str) {
    xml.open("head", &[]);
    xml.text("title", &[], &in_xml(&line(title)));
    xml.close("head");
    xml.open("body", &[]);
}

/// Writes a feed and the page of it.
///
/// Whatever its format is, its type is `rss`: OPML 2.0 names no other, and there are readers that pass over what has one.
fn outline(xml: &mut Xml, title: &str, url: &str, page: Option<&str>) {
    let title = line(title);
    let title = in_xml(&title);
    let shown = if title.is_empty() { url } else { &title };
    let attributes = [
        ("type", "rss"),
        ("text", shown),
        ("title", shown),
        ("xmlUrl", url),
        ("htmlUrl", page.unwrap_or_default()),
    ];
    xml.empty("outline", &attributes);
}

fn finish(mut xml: Xml) -> Vec<u8> {
    xml.close("body");
    xml.close("opml");
    xml.finish()
}
