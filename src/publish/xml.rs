//! A writer of XML documents that cannot write a malformed one by its texts.
//!
//! An own writer, because `quick_xml::Writer` returns an I/O result from every call, which in memory
//! means nothing, writes characters that XML forbids as they are, and has the named escapes only.
//! Names are constants of the callers; a test parses what comes out.

use super::text::{Escapes, escape_into, named, numeric};

/// Attributes of an element, in order; one with an empty value is left out.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

/// A document being written, one element a line.
#[derive(Debug)]
pub(super) struct Xml(String);

impl Xml {
    /// Begins a document.
    pub(super) fn new() -> Self {
        Self::of(0)
    }

    /// Begins a document of about so many bytes: one that grows is copied again and again.
    pub(super) fn of(bytes: usize) -> Self {
        let mut document = String::with_capacity(bytes);
        document.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        Self(document)
    }

    /// Writes the start of an element that has elements inside.
    pub(super) fn open(&mut self, name: &str, attributes: Attributes<'_>) {
        self.tag(name, attributes, ">\n");
    }

    /// Writes the end of an element.
    pub(super) fn close(&mut self, name: &str) {
        self.0.extend(["</", name, ">\n"]);
    }

    /// Writes an element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.tag(name, attributes, "/>\n");
    }

    /// Writes an element with plain text.
    pub(super) fn text(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.leaf(name, attributes, text, numeric);
    }

    /// Writes an element with escaped HTML, said to be such by `type="html"`.
    pub(super) fn html(&mut self, name: &str, attributes: Attributes<'_>, html: &str) {
        let typed: Vec<_> = [("type", "html")]
            .into_iter()
            .chain(attributes.iter().copied())
            .collect();
        self.leaf(name, &typed, html, named);
    }

    /// Returns the document.
    pub(super) fn finish(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    fn leaf(&mut self, name: &str, attributes: Attributes<'_>, text: &str, escapes: Escapes) {
        self.tag(name, attributes, ">");
        escape_into(&mut self.0, text, escapes);
        self.close(name);
    }

    fn tag(&mut self, name: &str, attributes: Attributes<'_>, end: &str) {
        self.0.extend(["<", name]);
        for (key, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
            self.0.extend([" ", key, "=\""]);
            escape_into(&mut self.0, value, numeric);
            self.0.push('"');
        }
        self.0.push_str(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_are_escaped() {
        let mut xml = Xml::new();
        xml.open("a", &[("x", "\"<&>\u{0}'"), ("left-out", "")]);
        xml.text("b", &[], "1 < 2 && ]]> \u{FFFE}");
        xml.html("c", &[("k", "v")], "<p>&amp;</p>");
        xml.empty("d", &[]);
        xml.close("a");
        let expected = concat!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n",
            "<a x=\"&#x22;&#x3C;&#x26;&#x3E;'\">\n",
            "<b>1 &#x3C; 2 &#x26;&#x26; ]]&#x3E; </b>\n",
            "<c type=\"html\" k=\"v\">&lt;p&gt;&amp;amp;&lt;/p&gt;</c>\n",
            "<d/>\n",
            "</a>\n",
        );
        assert_eq!(String::from_utf8(xml.finish()).unwrap(), expected);
    }
}
