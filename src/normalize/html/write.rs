//! The writer: the only place that makes HTML, and its plain text beside it.

use super::allow::{Model, Value};
use super::base::Base;
use super::{Markup, source_set};
use crate::normalize::chars::push_collapsed;
use std::borrow::Cow;

/// An attribute of the allow-list with its decoded value.
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: Cow<'a, str>,
    pub(super) kind: Value,
}

/// Writes HTML and plain text side by side.
pub(super) struct Writer<'a> {
    base: &'a Base<'a>,
    markup: Markup,
    /// Whether a line feed that comes now would be dropped by browsers: just after `<pre>`.
    at_pre: bool,
}

impl<'a> Writer<'a> {
    /// Begins a fragment of about `size` bytes.
    pub(super) fn new(base: &'a Base<'a>, size: usize) -> Self {
        base.begin();
        Self {
            base,
            markup: Markup {
                html: String::with_capacity(size),
                text: String::with_capacity(size),
            },
            at_pre: false,
        }
    }

    /// Writes text whose characters stand for themselves.
    pub(super) fn text(&mut self, text: &str) {
        let text = if self.at_pre {
            text.trim_start_matches('\n')
        } else {
            text
        };
        if text.is_empty() {
            return;
        }
        self.at_pre = false;
        push_escaped(text, &mut self.markup.html);
        push_text(text, &mut self.markup.text);
    }

    /// Writes one character of text.
    pub(super) fn character(&mut self, c: char) {
        self.text(c.encode_utf8(&mut [0; 4]));
    }

    /// Writes a start tag with those attributes whose values hold; an image that is none is left out.
    pub(super) fn start(&mut self, name: &str, model: Model, attributes: &[Attribute<'_>]) {
        self.part_words(name, model);
        self.at_pre = name == "pre";
        if is_pixel(name, attributes) {
            return;
        }
        let start = self.markup.html.len();
        self.markup.html.push('<');
        self.markup.html.push_str(name);
        let mut has_address = false;
        for attribute in attributes {
            let is_written = self.attribute(attribute);
            has_address |= is_written && matches!(attribute.name, "href" | "src" | "srcset");
        }
        match name {
            "a" if has_address => self.markup.html.push_str(" rel=\"noopener noreferrer\">"),
            "img" | "source" if !has_address => self.markup.html.truncate(start),
            _ => self.markup.html.push('>'),
        }
    }

    /// Writes an end tag.
    pub(super) fn end(&mut self, name: &str, model: Model) {
        self.at_pre = false;
        self.markup.html.push_str("</");
        self.markup.html.push_str(name);
        self.markup.html.push('>');
        self.part_words(name, model);
    }

    /// Returns what was written.
    pub(super) fn finish(mut self) -> Markup {
        let Markup { html, text } = &mut self.markup;
        text.truncate(text.trim_end().len());
        html.truncate(html.trim_ascii_end().len());
        html.drain(..html.len() - html.trim_ascii_start().len());
        self.markup
    }

    /// Keeps words apart in the plain text that stand in different blocks.
    fn part_words(&mut self, name: &str, model: Model) {
        if model.parts_words(name) {
            push_collapsed(' ', &mut self.markup.text);
        }
    }

    /// Writes one attribute; tells whether its value held.
    fn attribute(&mut self, attribute: &Attribute<'_>) -> bool {
        let value = match attribute.kind {
            Value::Text => Some(Cow::Borrowed(attribute.value.as_ref())),
            Value::Link | Value::Resource => self.base.resolve(&attribute.value, attribute.kind),
            Value::Resources => source_set::resolved(&attribute.value, self.base).map(Cow::Owned),
        };
        let Some(value) = value else { return false };
        let html = &mut self.markup.html;
        html.push(' ');
        html.push_str(attribute.name);
        html.push_str("=\"");
        push_escaped_value(&value, html);
        html.push('"');
        true
    }
}

/// Tells whether an image is of at most one pixel: it is there to count readers, not to be seen.
fn is_pixel(name: &str, attributes: &[Attribute<'_>]) -> bool {
    let is_dot = |side| {
        attributes
            .iter()
            .any(|a| a.name == side && matches!(a.value.as_ref(), "0" | "1" | "0px" | "1px"))
    };
    name == "img" && is_dot("width") && is_dot("height")
}

/// Appends text to plain text, white space collapsed.
fn push_text(run: &str, text: &mut String) {
    for (at, word) in run.split(char::is_whitespace).enumerate() {
        if at > 0 {
            push_collapsed(' ', text);
        }
        text.push_str(word);
    }
}

/// Appends text as HTML text.
pub(super) fn push_escaped(text: &str, html: &mut String) {
    push_replaced(text, html, |b| matches!(b, b'&' | b'<' | b'>'));
}

/// Appends text as the value of a quoted attribute.
fn push_escaped_value(value: &str, html: &mut String) {
    push_replaced(value, html, |b| matches!(b, b'&' | b'<' | b'>' | b'"'));
}

/// Appends text, the characters that `is_special` picks as references.
fn push_replaced(text: &str, html: &mut String, is_special: impl Fn(u8) -> bool) {
    let mut rest = text;
    while let Some((before, after)) = rest
        .bytes()
        .position(&is_special)
        .and_then(|at| rest.split_at_checked(at))
    {
        html.push_str(before);
        html.push_str(match after.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            _ => "&quot;",
        });
        rest = after.get(1..).unwrap_or_default();
    }
    html.push_str(rest);
}
