//! The strict reader: takes markup in one narrow grammar, or nothing.
//!
//! The grammar: tags of allow-listed elements in lower case, attributes with quoted values, references
//! with their semicolon, comments. Anything that a browser would read otherwise than it looks (a stray
//! `<`, an unknown element, an end tag too many, a block in a paragraph) is not in it, so that here
//! reading needs no repair: what is read is what a full parser would have built.

use super::allow::{Model, attribute, element};
use super::write::{Attribute, Writer};
use crate::text::reference;
use std::borrow::Cow;

/// Deeper nesting is left to the full parser and its bounds (S12).
const MAX_DEPTH: usize = 64;

/// Reads all of `source` into `writer`; `None` when it is not in the grammar, or the writer is full.
pub(super) fn read<'a>(
    source: &'a str,
    mut nesting: Nesting,
    writer: &mut Writer<'_>,
) -> Option<()> {
    let mut attributes: Vec<Attribute<'a>> = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'<' | b'&')) {
        let (run, special) = rest.split_at_checked(at)?;
        writer.text(run);
        rest = if let Some(after) = special.strip_prefix('&') {
            text_reference(after, writer)?
        } else if let Some(after) = special.strip_prefix("</") {
            end_tag(after, &mut nesting, writer)?
        } else if let Some(after) = special.strip_prefix("<!--") {
            comment(after)?
        } else {
            attributes.clear();
            start_tag(special.get(1..)?, &mut attributes, &mut nesting, writer)?
        };
        if writer.is_full() {
            return None;
        }
    }
    writer.text(rest);
    nesting.is_closed().then_some(())
}

/// Writes what a reference in text stands for.
fn text_reference<'a>(after: &'a str, writer: &mut Writer<'_>) -> Option<&'a str> {
    if let Some(found) = reference(after) {
        // What a browser shows for no character, and whether, only a full parser knows.
        writer.character(found.first?);
        found.second.into_iter().for_each(|c| writer.character(c));
        return Some(found.rest);
    }
    // Before a letter or digit it could be a reference that needs no semicolon.
    let is_bare = !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '#');
    is_bare.then(|| {
        writer.character('&');
        after
    })
}

/// Passes over a comment; those that browsers end elsewhere are not in the grammar.
fn comment(after: &str) -> Option<&str> {
    let (body, rest) = after.split_once("-->")?;
    let is_plain = !body.starts_with('>') && !body.starts_with("->") && !body.contains("--!");
    is_plain.then_some(rest)
}

/// Reads `name>`; white space may stand before the `>`.
fn end_tag<'a>(after: &'a str, nesting: &mut Nesting, writer: &mut Writer<'_>) -> Option<&'a str> {
    let (name, rest) = after.split_once('>')?;
    let (name, model) = element(name.trim_ascii_end())?;
    if model.is_void() {
        return None;
    }
    nesting.close(name)?;
    writer.end(name, model);
    Some(rest)
}

/// Reads a name, attributes and `>` or, without content, `/>`.
fn start_tag<'a>(
    after: &'a str,
    attributes: &mut Vec<Attribute<'a>>,
    nesting: &mut Nesting,
    writer: &mut Writer<'_>,
) -> Option<&'a str> {
    let end = after.bytes().position(|b| !b.is_ascii_alphanumeric())?;
    let (name, model) = element(after.get(..end)?)?;
    let mut rest = after.get(end..)?;
    loop {
        let trimmed = rest.trim_ascii_start();
        if let Some(after) = trimmed.strip_prefix('>') {
            rest = after;
            break;
        }
        if let Some(after) = trimmed.strip_prefix("/>") {
            rest = model.is_void().then_some(after)?;
            break;
        }
        if trimmed.len() == rest.len() {
            return None;
        }
        rest = read_attribute(trimmed, name, attributes)?;
    }
    nesting.open(name, model)?;
    writer.start(name, model, attributes);
    Some(rest)
}

/// Reads one attribute, and keeps it when it is allow-listed.
fn read_attribute<'a>(
    text: &'a str,
    element: &str,
    attributes: &mut Vec<Attribute<'a>>,
) -> Option<&'a str> {
    let is_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_:".contains(b);
    let end = text
        .bytes()
        .position(|b| !is_name(&b))
        .filter(|&end| end > 0)?;
    let (name, rest) = text.split_at_checked(end)?;
    let (value, rest) = match rest.strip_prefix('=') {
        Some(quoted) => quoted_value(quoted)?,
        // A name alone must end where a browser ends it.
        None if rest.starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')) => {
            ("", rest)
        }
        None => return None,
    };
    if let Some(kind) = attribute(element, name) {
        // Of two with one name browsers keep the first: rare enough for the full parser.
        if attributes.iter().any(|known| known.name == name) {
            return None;
        }
        let value = decoded_value(value)?;
        attributes.push(Attribute { name, value, kind });
    }
    Some(rest)
}

/// Splits a quoted value from what follows it.
fn quoted_value(quoted: &str) -> Option<(&str, &str)> {
    let quote = if quoted.starts_with('"') { '"' } else { '\'' };
    quoted.strip_prefix(quote)?.split_once(quote)
}

/// Decodes the references of a value as a browser does.
fn decoded_value(value: &str) -> Option<Cow<'_, str>> {
    if !value.contains('&') {
        return Some(Cow::Borrowed(value));
    }
    let mut decoded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        rest = after;
        if let Some(found) = reference(after) {
            decoded.push(found.first?);
            decoded.extend(found.second);
            rest = found.rest;
        } else if is_literal_in_value(after) {
            decoded.push('&');
        } else {
            return None;
        }
    }
    decoded.push_str(rest);
    Some(Cow::Owned(decoded))
}

/// Tells whether an `&` before `after` stands for itself in any browser: no name follows, or one that
/// ends in `=`, as in `?a=1&b=2`.
fn is_literal_in_value(after: &str) -> bool {
    let end = after.bytes().position(|b| !b.is_ascii_alphanumeric());
    let next = end.and_then(|end| after.as_bytes().get(end));
    match end {
        Some(0) => next != Some(&b'#'),
        _ => next == Some(&b'='),
    }
}

/// Which order of elements is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Strict,
    Settled,
    Any,
}

/// The elements that are open, and whether their order is to be judged.
pub(super) struct Nesting {
    open: Vec<(&'static str, Model)>,
    order: Order,
}

impl Nesting {
    /// For markup of unknown order: only what no parser would rearrange is taken.
    pub(super) fn strict() -> Self {
        Self::new(Order::Strict)
    }

    /// For markup that a full parser gave: also what only such a parser can judge, when nothing around
    /// it is out of order.
    pub(super) fn settled() -> Self {
        Self::new(Order::Settled)
    }

    /// For markup that a full parser gave, in whatever order.
    pub(super) fn any() -> Self {
        Self::new(Order::Any)
    }

    fn new(order: Order) -> Self {
        Self {
            open: Vec::new(),
            order,
        }
    }

    /// Opens an element, if it may stand here.
    fn open(&mut self, name: &'static str, model: Model) -> Option<()> {
        if self.order != Order::Any && !self.may_open(name, model) {
            return None;
        }
        if !model.is_void() {
            self.open.push((name, model));
        }
        Some(())
    }

    /// Tells whether a browser would put the element where it is written (HTML, 13.2.6.4.7).
    fn may_open(&self, name: &str, model: Model) -> bool {
        let within = |outer| self.open.iter().any(|&(_, open)| open == outer);
        let parent = self.open.last().map_or("", |(name, _)| name);
        let is_settled = self.order == Order::Settled;
        let is_deep = self.open.len() >= MAX_DEPTH;
        match model {
            _ if is_deep && !is_settled => false,
            Model::Phrase | Model::Void | Model::Unwrapped => true,
            Model::Anchor => !within(Model::Anchor),
            Model::Heading => !within(Model::Paragraph) && !within(Model::Heading),
            Model::Intricate | Model::IntricateVoid => {
                is_settled
                    && match name {
                        "rp" | "rt" => parent == "ruby",
                        "pre" | "table" => !within(Model::Paragraph),
                        _ => true,
                    }
            }
            _ if within(Model::Paragraph) => false,
            // Alone they are at fault, but no parser moves them.
            Model::ListItem | Model::Definition if is_settled && !within(model) => true,
            Model::ListItem => matches!(parent, "ul" | "ol"),
            Model::Definition => parent == "dl",
            Model::Block | Model::Paragraph | Model::Rule => true,
        }
    }

    /// Closes the innermost element, which must be `name`.
    fn close(&mut self, name: &str) -> Option<()> {
        let (open, _) = self.open.pop()?;
        (open == name).then_some(())
    }

    /// Tells whether every element has been closed.
    fn is_closed(&self) -> bool {
        self.open.is_empty()
    }
}
