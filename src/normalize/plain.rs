//! One-line plain texts: titles, names, labels.

use super::chars::{is_forbidden_in_line, push_collapsed};
use crate::model::{Text, TextKind};
use crate::text::{cut, reference};

/// Longer titles are cut (S12): no headline is, and a feed that puts its article there must not bloat
/// every index.
const MAX_LINE_BYTES: usize = 1024;

/// How much markup is looked through for the text of a line.
const MAX_SOURCE_BYTES: usize = 16 * 1024;

/// Returns a text as one plain line (U12): markup removed, references decoded once, white space
/// collapsed, unwanted characters gone (S13), at most 1 KiB.
///
/// In a plain text every character stands for itself: `<b>` is three characters.
pub(super) fn line(text: &Text) -> String {
    let source = cut(&text.value, MAX_SOURCE_BYTES);
    let mut line = String::with_capacity(source.len().min(MAX_LINE_BYTES));
    match text.kind {
        TextKind::Plain => source.chars().for_each(|c| push(c, &mut line)),
        TextKind::Html => push_html(source, &mut line),
    }
    line.truncate(cut(&line, MAX_LINE_BYTES).trim_end().len());
    line
}

/// Returns a name or label as one plain line, whatever the publisher's format did to it.
pub(super) fn name(text: &str) -> String {
    line(&Text::html(text))
}

/// As [`name`]; `None` when nothing is left.
pub(super) fn optional_name(text: Option<&str>) -> Option<String> {
    text.map(name).filter(|name| !name.is_empty())
}

/// Returns all text of markup, white space collapsed, without building a tree: linear whatever comes.
pub(super) fn text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    push_html(html, &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// Appends one character of text.
fn push(c: char, line: &mut String) {
    if c.is_whitespace() || !is_forbidden_in_line(c) {
        push_collapsed(c, line);
    }
}

/// Appends the text of markup.
fn push_html(html: &str, line: &mut String) {
    // Without a `>` ahead nothing is a tag; looking for one each time would take quadratic time.
    let after_tags = html.rsplit('>').next().map_or(0, str::len);
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, special) = rest.split_at(at);
        before.chars().for_each(|c| push(c, line));
        rest = match special.strip_prefix('&') {
            Some(after) => push_reference(after, line),
            None if special.len() > after_tags => push_tag(special, line),
            None => push_bare(special, line),
        };
    }
    rest.chars().for_each(|c| push(c, line));
}

/// Appends what the reference after an `&` stands for; returns what follows it.
fn push_reference<'a>(after: &'a str, line: &mut String) -> &'a str {
    let Some(found) = reference(after) else {
        push('&', line);
        return after;
    };
    found
        .first
        .into_iter()
        .chain(found.second)
        .for_each(|c| push(c, line));
    found.rest
}

/// Passes over the tag or comment that `text` begins with, or appends a `<` that begins none.
fn push_tag<'a>(text: &'a str, line: &mut String) -> &'a str {
    let after = text.get(1..).unwrap_or_default();
    let is_tag =
        after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    let Some((tag, rest)) = after.split_once('>').filter(|_| is_tag) else {
        return push_bare(text, line);
    };
    if parts_words(tag) {
        push(' ', line);
    }
    rest
}

/// Appends the `<` that `text` begins with; returns what follows it.
fn push_bare<'a>(text: &'a str, line: &mut String) -> &'a str {
    push('<', line);
    text.get(1..).unwrap_or_default()
}

/// Tells whether words on both sides of a tag are two: so with line breaks and paragraphs, not with
/// `<b>`.
fn parts_words(tag: &str) -> bool {
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let name = tag
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    ["br", "p", "div", "li", "td", "h1", "h2", "h3"]
        .iter()
        .any(|block| name.eq_ignore_ascii_case(block))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn u12_titles_are_plain_text_decoded_once() {
        for (title, expected) in [
            ("AT&T", "AT&T"),
            ("AT&amp;T", "AT&T"),
            ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("&lt;b&gt; is bold", "<b> is bold"),
            ("a&mdash;b", "a—b"),
            ("&copy; 2024&nbsp;&nbsp;x", "© 2024 x"),
            ("Modi &#8217;s <b>visit</b>", "Modi ’s visit"),
            ("one<br/>two", "one two"),
            ("x < y, 3 <4 and <3", "x < y, 3 <4 and <3"),
            ("a <b", "a <b"),
            ("<!-- no -->text", "text"),
            ("  two\n lines\t ", "two lines"),
            ("q?a=1&b=2", "q?a=1&b=2"),
            ("", ""),
        ] {
            assert_eq!(line(&Text::html(title)), expected, "{title}");
        }
    }

    #[test]
    fn u12_a_plain_title_stands_for_itself() {
        assert_eq!(
            line(&Text::plain("The <b> element & more")),
            "The <b> element & more"
        );
        assert_eq!(
            line(&Text::plain("&amp; is a\n reference")),
            "&amp; is a reference"
        );
    }

    #[test]
    fn s13_controls_and_overrides_leave_a_title() {
        let title = "a\u{0}b\u{85}c\u{202E}d\u{2066}e\u{FFFD}f\u{FFFE}&#1;&#x202E;g";
        assert_eq!(name(title), "ab cdefg");
    }

    #[test]
    fn s12_a_long_title_is_cut() {
        assert!(name(&"é ".repeat(4000)).len() <= MAX_LINE_BYTES);
    }

    proptest! {
        #[test]
        fn a_line_is_one_clean_line(text in "(\\PC|[<>&;\u{0}-\u{20}]|&lt;|&amp;){0,60}") {
            let line = name(&text);
            prop_assert_eq!(line.trim(), &line);
            let unclean = |c: char| is_forbidden_in_line(c) || c.is_whitespace() && c != ' ';
            prop_assert!(!line.contains(unclean) && !line.contains("  "));
        }
    }
}
