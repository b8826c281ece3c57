//! The writer: the only place that makes HTML, and its plain text beside it.

use super::allow::{Model, Value, may_wait};
use super::base::Base;
use super::pictures::Pictures;
use super::{Markup, lazy, pixel, source_set};
use crate::normalize::chars::{part_raised, push_collapsed};
use std::borrow::Cow;
use std::ops::Range;

/// An attribute of the allow-list with its decoded value.
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: Cow<'a, str>,
    pub(super) kind: Value,
}

/// Writes HTML and plain text side by side.
pub(super) struct Writer<'a> {
    base: &'a Base<'a>,
    /// How many bytes either form may have.
    limit: usize,
    markup: Markup,
    /// Where a `<pre>` ended: a line feed that comes there would be dropped by browsers.
    pre_end: Option<usize>,
    /// Whether a `<sup>` has begun whose text is yet to come.
    is_raised: bool,
    pictures: Pictures,
}

/// What a start tag that was written holds.
#[derive(Default)]
struct Tag {
    /// Whether it has an address to follow or to show.
    has_address: bool,
    /// Where the address of its `src` stands in the HTML; empty without one.
    source: Range<usize>,
}

impl<'a> Writer<'a> {
    /// Begins a fragment of about `size` bytes, and of at most `limit` in either form.
    pub(super) fn new(base: &'a Base<'a>, size: usize, limit: usize) -> Self {
        base.begin_reading();
        Self {
            base,
            limit,
            markup: Markup {
                html: String::with_capacity(size),
                text: String::with_capacity(size),
            },
            pre_end: None,
            is_raised: false,
            pictures: Pictures::default(),
        }
    }

    /// Writes text whose characters stand for themselves.
    pub(super) fn text(&mut self, text: &str) {
        let text = if self.pre_end == Some(self.markup.html.len()) {
            text.trim_start_matches('\n')
        } else {
            text
        };
        if text.is_empty() {
            return;
        }
        if std::mem::take(&mut self.is_raised) {
            part_raised(text, &mut self.markup.text);
        }
        self.pictures.text(text);
        push_escaped(text, &mut self.markup.html);
        push_text(text, &mut self.markup.text);
    }

    /// Writes one character of text.
    pub(super) fn character(&mut self, c: char) {
        self.text(c.encode_utf8(&mut [0; 4]));
    }

    /// Writes a start tag with those attributes whose values hold; a picture that shows nothing, or
    /// nothing new, is left out.
    pub(super) fn start(&mut self, name: &str, model: Model, attributes: &mut Vec<Attribute<'_>>) {
        self.part_words(name, model);
        if model == Model::Unwrapped {
            self.pictures.enter();
            return;
        }
        self.is_raised |= name == "sup";
        let start = self.markup.html.len();
        let is_lazy = may_wait(name) && lazy::unveil(name, attributes, self.base);
        let is_unseen = name == "img" && pixel::is_unseen(attributes);
        let tag = self.tag(name, attributes);
        match name {
            "img" if !is_unseen && self.is_picture(&tag, is_lazy) => {
                self.pictures.show(tag.source, is_lazy);
            }
            "img" => {
                self.leave_out(start);
                self.pictures.await_address(!tag.has_address);
            }
            "source" if !tag.has_address => self.markup.html.truncate(start),
            _ => self.pictures.tag(name),
        }
        if name == "pre" {
            self.pre_end = Some(self.markup.html.len());
        }
    }

    /// Writes an end tag, or takes back what has turned out to hold nothing.
    pub(super) fn end(&mut self, name: &str, model: Model) {
        self.is_raised &= name != "sup";
        if model == Model::Unwrapped {
            self.pictures.leave();
        } else if let Some(start) = self.pictures.empty_shell(name, &self.markup.html) {
            self.leave_out(start);
        } else {
            self.markup.html.push_str("</");
            self.markup.html.push_str(name);
            self.markup.html.push('>');
            self.pictures.tag(name);
        }
        self.part_words(name, model);
    }

    /// Tells whether more was written than there is room for: nothing is worth writing any more.
    pub(super) fn is_full(&self) -> bool {
        self.markup.html.len().max(self.markup.text.len()) > self.limit
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

    /// Takes back the HTML from `start` on, where a picture began or what held one.
    fn leave_out(&mut self, start: usize) {
        self.markup.html.truncate(start);
        self.pictures.lose(start);
    }

    /// Tells whether an image that was written is one for readers, and shown here first.
    fn is_picture(&mut self, tag: &Tag, is_lazy: bool) -> bool {
        let html = &self.markup.html;
        let source = html.get(tag.source.clone()).unwrap_or_default();
        tag.has_address
            && !pixel::is_counter(source)
            && !self.pictures.take_twin(source, is_lazy, html)
    }

    /// Writes a start tag with the attributes whose values hold.
    fn tag(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Tag {
        self.markup.html.push('<');
        self.markup.html.push_str(name);
        let mut tag = Tag::default();
        for attribute in attributes {
            let Some(value) = self.attribute(attribute) else {
                continue;
            };
            tag.has_address |= matches!(attribute.name, "href" | "src" | "srcset");
            if attribute.name == "src" {
                tag.source = value;
            }
        }
        if name == "a" && tag.has_address {
            self.markup.html.push_str(" rel=\"noopener noreferrer\"");
        }
        // Without them nothing is seen: publishers have a script that plays it, or let it play by itself.
        let is_shown = attributes.iter().any(|it| it.name == "controls");
        if matches!(name, "audio" | "video") && !is_shown {
            self.markup.html.push_str(" controls=\"\"");
        }
        self.markup.html.push('>');
        tag
    }

    /// Writes one attribute, if its value holds; returns where the value stands.
    fn attribute(&mut self, attribute: &Attribute<'_>) -> Option<Range<usize>> {
        let value = match attribute.kind {
            Value::Text => Cow::Borrowed(attribute.value.as_ref()),
            Value::Link | Value::Resource => self.base.written(&attribute.value, attribute.kind)?,
            Value::Resources => Cow::Owned(source_set::resolved(&attribute.value, self.base)?),
            Value::Hint => return None,
        };
        let html = &mut self.markup.html;
        html.push(' ');
        html.push_str(attribute.name);
        html.push_str("=\"");
        let start = html.len();
        push_escaped_value(&value, html);
        let end = html.len();
        html.push('"');
        Some(start..end)
    }
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
