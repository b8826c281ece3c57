//! A reader's XML parser: the document as a tree, or a panic where it is none.

use super::*;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::collections::BTreeMap;

/// An element with what is inside it.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Its qualified name.
    pub(super) name: String,
    /// Its attributes, values decoded.
    pub(super) attributes: BTreeMap<String, String>,
    /// Its own text.
    pub(super) text: String,
    /// Its elements, in order.
    pub(super) children: Vec<Element>,
}

impl Element {
    fn start(start: &BytesStart<'_>) -> Self {
        let attribute = |attribute: Result<quick_xml::events::attributes::Attribute<'_>, _>| {
            let attribute = attribute.unwrap();
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).unwrap();
            (attribute.key.as_ref().to_owned(), value.into_owned())
        };
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: start.attributes().map(attribute).collect(),
            ..Self::default()
        }
    }

    pub(super) fn all(&self, name: &str) -> std::vec::IntoIter<&Element> {
        let named = self.children.iter().filter(|child| child.name == name);
        named.collect::<Vec<_>>().into_iter()
    }

    /// The only child of that name.
    #[track_caller]
    pub(super) fn one(&self, name: &str) -> &Element {
        let found: Vec<_> = self.all(name).collect();
        assert_eq!(found.len(), 1, "{name} in {self:#?}");
        found[0]
    }

    #[track_caller]
    pub(super) fn told(&self, name: &str) -> &str {
        &self.one(name).text
    }

    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// The links with that relation.
    pub(super) fn links(&self, rel: &str) -> Vec<&Element> {
        self.all("link")
            .filter(|link| link.attribute("rel") == rel)
            .collect()
    }

    /// This element and everything below it.
    pub(super) fn walk(&self, each: &mut dyn FnMut(&Element)) {
        each(self);
        self.children.iter().for_each(|child| child.walk(each));
    }
}

/// Reads a document; panics where it is not well-formed or holds what S13 forbids.
#[track_caller]
pub(super) fn parse(bytes: &[u8]) -> Element {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.chars().all(text::is_allowed), "forbidden character");
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>"));
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(Element::start(&start)),
            Event::Empty(start) => open
                .last_mut()
                .unwrap()
                .children
                .push(Element::start(&start)),
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => open.last_mut().unwrap().text += &text.xml10_content(),
            Event::CData(text) => open.last_mut().unwrap().text += &text.xml10_content(),
            Event::GeneralRef(reference) => {
                open.last_mut().unwrap().text.push(resolved(&reference));
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("unexpected {other:?}"),
        }
    }
    let mut root = open.pop().unwrap();
    assert!(open.is_empty());
    assert_eq!(root.children.len(), 1);
    root.children.remove(0)
}

fn resolved(reference: &BytesRef<'_>) -> char {
    if let Some(c) = reference.resolve_char_ref().unwrap() {
        return c;
    }
    let name = reference.xml10_content();
    let text = quick_xml::escape::resolve_predefined_entity(&name).unwrap();
    text.chars().next().unwrap()
}
