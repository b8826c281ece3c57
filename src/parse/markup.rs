//! A tolerant tokenizer: tags, attributes and the raw text of leaf elements.
//!
//! Knows XML as it is written, not as it is specified: unquoted and unfinished attributes, sections that
//! never close, stray `<`. It never fails, and it looks at a byte no more often than there are names of
//! leaves: each search that ran to the end in vain is remembered.

use super::references::{decode, literal};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// More attributes than this are not looked at; `media:content` has 14.
const MAX_ATTRIBUTES: usize = 64;

/// Names of ends at which a leaf that never closes must stop, beside that of the root.
const BOUNDARIES: [&str; 3] = ["item", "entry", "channel"];

/// One start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    /// The qualified name as written.
    pub(super) name: &'a str,
    /// Whether the element ends with its start tag.
    pub(super) empty: bool,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// Returns the attributes as written, values not decoded.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || next_attribute(&mut rest)).take(MAX_ATTRIBUTES)
    }

    /// Returns the decoded, trimmed value of an attribute; `None` without it or when it is empty.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let value = decode(self.raw(name)?);
        (!value.is_empty()).then_some(value)
    }

    /// As [`Self::attribute`], of an attribute that is an id.
    pub(super) fn id(&self, name: &str) -> Option<Cow<'a, str>> {
        let value = literal(self.raw(name)?);
        (!value.is_empty()).then_some(value)
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        let is_it = |(it, _): &(&str, &str)| it.eq_ignore_ascii_case(name);
        self.attributes().find(is_it).map(|(_, raw)| raw)
    }

    /// Tells whether the attributes may hold `text`, without taking them apart.
    pub(super) fn mentions(&self, text: &str) -> bool {
        !self.attributes.is_empty() && self.attributes.contains(text)
    }
}

/// What stands at a `<`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'a> {
    /// A start tag.
    Open(Tag<'a>),
    /// An end tag with its qualified name.
    Close(&'a str),
}

/// Reads tags from a document; text between them is passed over.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
    /// Qualified name of the root, at whose end every leaf ends; empty while there is none.
    root: &'a str,
    /// Whether the last leaf or tag was cut off by the end of the document.
    is_cut: bool,
    /// Terminators that do not occur in what is left.
    absent: Vec<&'static str>,
    /// Leaf names that do not close while more than so many bytes are left.
    unclosed: Vec<(&'static str, usize)>,
}

impl<'a> Scanner<'a> {
    /// Starts at the beginning of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            root: "",
            is_cut: false,
            absent: Vec::new(),
            unclosed: Vec::new(),
        }
    }

    /// Says which element is the root. Its name alone is a boundary, and not those of other roots: RDF
    /// stands in pictures (SVG), and a text about feeds may hold one.
    pub(super) fn enter(&mut self, root: &'a str) {
        self.root = root;
    }

    /// Tells whether the last leaf ended because the document did, or a tag did: what there is of it may
    /// be half of what it was.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Returns how many bytes are left behind what was read last.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Returns the next tag, passing over text, comments, declarations, instructions and CDATA.
    pub(super) fn next_tag(&mut self) -> Option<Token<'a>> {
        loop {
            let markup = after(self.rest, find(self.rest, b'<')? + 1);
            let skipped = self.section(markup);
            if skipped > 0 {
                self.rest = after(markup, skipped);
            } else if let Some(end) = markup.strip_prefix('/') {
                return Some(Token::Close(self.end_tag(end)));
            } else if markup.starts_with(is_name_start) {
                return self.start_tag(markup).map(Token::Open);
            } else {
                self.rest = markup;
            }
        }
    }

    fn end_tag(&mut self, markup: &'a str) -> &'a str {
        let end = markup.find(['>', '<']).unwrap_or(markup.len());
        let (name, rest) = split(markup, end);
        self.is_cut = rest.is_empty();
        self.rest = rest.strip_prefix('>').unwrap_or(rest);
        name.trim()
    }

    /// Reads a start tag; one that the end of the document cuts off is none, for half an address in it
    /// would be another's.
    fn start_tag(&mut self, markup: &'a str) -> Option<Tag<'a>> {
        let (body, rest) = split(markup, tag_end(markup));
        self.is_cut = rest.is_empty();
        self.rest = rest.strip_prefix('>').unwrap_or(rest);
        let (body, empty) = match body.strip_suffix('/') {
            Some(body) => (body, true),
            None => (body, false),
        };
        let name = body.find(is_name_end).unwrap_or(body.len());
        let (name, attributes) = split(body, name);
        (!self.is_cut).then(|| Tag {
            name,
            empty,
            attributes: attributes.trim(),
        })
    }

    /// Returns the raw content of the leaf element that `tag` has just opened and passes over its end.
    ///
    /// `key` is the leaf's name in the vocabulary. The content ends at the end tag. Where the next entry
    /// begins before one is found, the element was never closed, and ends at the next tag of any kind.
    pub(super) fn leaf(&mut self, tag: &Tag<'a>, key: &'static str) -> &'a str {
        self.is_cut = false;
        if tag.empty {
            return "";
        }
        if self.is_known_unclosed(key) {
            return self.until_next_tag();
        }
        match self.leaf_end(tag.name) {
            LeafEnd::Close(at) => {
                let (raw, rest) = split(self.rest, at);
                self.end_tag(after(rest, "</".len()));
                raw
            }
            LeafEnd::Boundary(at) => {
                let left = self.rest.len().saturating_sub(at);
                self.unclosed.retain(|(it, _)| *it != key);
                self.unclosed.push((key, left));
                if left == 0 && self.rest.trim_start().starts_with("<![CDATA[") {
                    return self.until_the_end();
                }
                self.until_next_tag()
            }
        }
    }

    fn is_known_unclosed(&self, key: &str) -> bool {
        let left = self.rest.len();
        self.unclosed.iter().any(|&(it, at)| it == key && left > at)
    }

    fn leaf_end(&mut self, name: &str) -> LeafEnd {
        let text = self.rest;
        let mut at = 0;
        while let Some(found) = find(after(text, at), b'<') {
            at += found;
            let markup = after(text, at + 1);
            let skipped = self.section(markup);
            if skipped > 0 {
                at += 1 + skipped;
                continue;
            }
            match markup.strip_prefix('/') {
                Some(end) if is_named(end, name) => return LeafEnd::Close(at),
                Some(end) if self.is_boundary(end) => return LeafEnd::Boundary(at),
                None if is_boundary_start(markup) => return LeafEnd::Boundary(at),
                _ => at += 1,
            }
        }
        LeafEnd::Boundary(text.len())
    }

    fn is_boundary(&self, markup: &str) -> bool {
        let name = name_at(markup);
        let local = local_name(name);
        name == self.root || BOUNDARIES.iter().any(|it| it.eq_ignore_ascii_case(local))
    }

    /// An open section reaches to the end, whatever is in it.
    fn until_the_end(&mut self) -> &'a str {
        self.is_cut = true;
        std::mem::take(&mut self.rest)
    }

    fn until_next_tag(&mut self) -> &'a str {
        let text = self.rest;
        let mut at = 0;
        loop {
            let Some(found) = find(after(text, at), b'<') else {
                return self.until_the_end();
            };
            at += found;
            let skipped = self.section(after(text, at + 1));
            if skipped == 0 {
                break;
            }
            at += 1 + skipped;
        }
        let (raw, rest) = split(text, at);
        self.rest = rest;
        raw
    }

    /// Returns how many bytes after a `<` belong to something that is no tag; 0 at a tag.
    fn section(&mut self, markup: &str) -> usize {
        let (opening, terminator) = match markup.as_bytes() {
            [b'!', b'-', b'-', ..] => ("!--", "-->"),
            [b'!', b'[', ..] if markup.starts_with("![CDATA[") => ("![CDATA[", "]]>"),
            [b'!', ..] => ("!", ">"),
            [b'?', ..] => ("?", ">"),
            _ => return 0,
        };
        if self.absent.contains(&terminator) {
            return opening.len();
        }
        let body = after(markup, opening.len()).as_bytes();
        if let Some(at) = memmem::find(body, terminator.as_bytes()) {
            return opening.len() + at + terminator.len();
        }
        self.absent.push(terminator);
        self.is_cut = true;
        opening.len()
    }
}

/// Where a leaf ends, in bytes from the end of its start tag.
enum LeafEnd {
    /// At its end tag.
    Close(usize),
    /// It has none before this place, where another element must begin or end.
    Boundary(usize),
}

/// Returns the part before and after any prefix of a qualified name.
pub(super) fn local_name(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Where an ASCII character is; on long texts several times faster than the standard library.
fn find(text: &str, wanted: u8) -> Option<usize> {
    memchr(wanted, text.as_bytes())
}

fn after(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

fn split(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name_end(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=' | '"' | '\'')
}

/// The name at the start of a tag's text.
fn name_at(markup: &str) -> &str {
    let end = |c: char| is_name_end(c) || c == '<';
    markup.split(end).next().unwrap_or_default()
}

fn is_named(markup: &str, name: &str) -> bool {
    name_at(markup).eq_ignore_ascii_case(name)
}

/// An entry cannot begin inside a leaf; `channel` or `feed` there may be prose in markup.
fn is_boundary_start(markup: &str) -> bool {
    let name = name_at(markup);
    name.eq_ignore_ascii_case("item") || name.eq_ignore_ascii_case("entry")
}

/// Length of a tag up to its `>`.
///
/// Quotes hide a `>`, but a `<` inside quotes means that a quote was forgotten: then the tag ends at the
/// first `>` there was, or at that `<`.
fn tag_end(markup: &str) -> usize {
    let mut quote = None;
    let mut hidden = None;
    let mut before = 0;
    for (at, byte) in markup.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (_, b'<') if may_be_markup(after(markup, at + 1)) => return hidden.unwrap_or(at),
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (Some(it), _) if it == byte => quote = None,
            (Some(_), b'>') => hidden = hidden.or(Some(at)),
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    hidden.unwrap_or(markup.len())
}

/// Tells whether a `<` before `text` may begin markup, and is no sign for "less than".
fn may_be_markup(text: &str) -> bool {
    text.starts_with(|c: char| is_name_start(c) || matches!(c, '/' | '!' | '?')) || text.is_empty()
}

fn next_attribute<'a>(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
    let text = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    if text.is_empty() {
        return None;
    }
    let end = text
        .find(|c: char| c.is_ascii_whitespace() || c == '=')
        .unwrap_or(text.len());
    let (name, after_name) = split(text, end);
    let Some(value) = after_name.trim_start().strip_prefix('=') else {
        *rest = after_name;
        return Some((name, ""));
    };
    let (value, after_value) = attribute_value(value.trim_start());
    *rest = after_value;
    Some((name, value))
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(text.len());
    split(text, end)
}
