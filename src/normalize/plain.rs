//! One-line plain texts: titles, names, labels.

use super::chars::{is_forbidden_in_line, part_raised, push_collapsed};
use crate::model::{Text, TextKind};
use crate::text::{cut, reference};

/// Longer titles are cut (S12): no headline is, and a feed that puts its article there must not bloat
/// every index.
const MAX_LINE_BYTES: usize = 1024;

/// How much markup is looked through for the text of a line.
const MAX_SOURCE_BYTES: usize = 16 * 1024;

/// The elements whose content is no text for readers and that titles have in them, mostly by accident.
const UNSEEN: &[&str] = &["script", "style"];

/// The elements that part words: those that begin a line, a cell or a list.
const PARTING: &str = "address article aside audio blockquote br caption col colgroup dd details div \
    dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li nav ol p picture pre rp rt ruby \
    section source summary table tbody td tfoot th thead tr ul video";

/// The elements of HTML, those of former versions too. What looks like another is text in a title:
/// `Vec<T>`, `<john@doe.com>`.
const ELEMENTS: &str = "a abbr acronym address applet area article aside audio b base bdi bdo big blink \
    blockquote body br button canvas caption center cite code col colgroup data datalist dd del details \
    dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 \
    h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark \
    marquee math menu meta meter nav nobr noframes noscript object ol optgroup option output p param \
    picture pre progress q rp rt ruby s samp script search section select slot small source span strike \
    strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track \
    tt u ul var video wbr";

/// Returns a text as one plain line (U12): markup removed, references decoded once, white space
/// collapsed, unwanted characters gone (S13), at most 1 KiB.
///
/// In a plain text every character stands for itself: `<b>` is three characters.
pub(super) fn line(text: &Text) -> String {
    let source = cut(&text.value, MAX_SOURCE_BYTES);
    let mut reader = Reader::new(source.len().min(MAX_LINE_BYTES));
    reader.is_line = true;
    match text.kind {
        TextKind::Plain => reader.run(source),
        TextKind::Html => reader.markup(source),
    }
    let mut line = reader.text;
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
    let mut reader = Reader::new(html.len());
    reader.markup(html);
    let mut text = reader.text;
    text.truncate(text.trim_end().len());
    text
}

/// Tells whether the inside of a tag begins with a name.
pub(super) fn is_named(tag: &str, name: &str) -> bool {
    tag.split_at_checked(name.len())
        .is_some_and(|(start, after)| {
            start.eq_ignore_ascii_case(name)
                && !after.starts_with(|c: char| c.is_ascii_alphanumeric())
        })
}

/// Returns what follows the end tag of the element `name`, if there is one.
pub(super) fn after_end<'a>(source: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = source;
    while let Some((_, tag)) = rest.split_once("</") {
        if is_named(tag, name) {
            return tag.split_once('>').map(|(_, after)| after);
        }
        rest = tag;
    }
    None
}

/// Tells whether the inside of what looks like a tag is markup: a declaration, an element of HTML or one
/// with a prefix, and no more words in it than attributes have.
fn is_markup(tag: &str) -> bool {
    let inner = tag.strip_prefix('/').unwrap_or(tag);
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric());
    let (name, after) = inner
        .split_at_checked(end.unwrap_or(inner.len()))
        .unwrap_or_default();
    let is_element = || ELEMENTS.split(' ').any(|it| it.eq_ignore_ascii_case(name));
    let is_whole = || matches!(after.trim(), "" | "/") || after.contains('=');
    // Without its controls, or the tag inside it, a text could turn out to be a tag.
    let is_garbled = tag.contains(is_forbidden_in_line) || tag.contains('<');
    let is_foreign = name.is_empty() || after.starts_with([':', '-']);
    is_garbled || is_foreign || (is_element() && is_whole())
}

/// Reads the text of markup, tag by tag.
struct Reader {
    text: String,
    /// Whether what is no element of HTML is text.
    is_line: bool,
    /// Whether a `<sup>` has begun whose text is yet to come.
    is_raised: bool,
    /// Whether something unseen was not closed: to look for its end each time would take quadratic time.
    has_open: bool,
}

impl Reader {
    fn new(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            is_line: false,
            is_raised: false,
            has_open: false,
        }
    }

    /// Appends the text of markup.
    fn markup(&mut self, html: &str) {
        // Without a `>` ahead nothing is a tag; looking for one each time would take quadratic time.
        let after_tags = html.rsplit('>').next().map_or(0, str::len);
        let mut rest = html;
        while let Some(at) = rest.find(['<', '&']) {
            let (before, special) = rest.split_at(at);
            self.run(before);
            rest = match special.strip_prefix('&') {
                Some(after) => self.reference(after),
                None if special.len() > after_tags => self.tag(special),
                None => self.bare(special),
            };
        }
        self.run(rest);
    }

    /// Appends characters that stand for themselves.
    fn run(&mut self, text: &str) {
        if self.is_raised && !text.is_empty() {
            self.is_raised = false;
            part_raised(text, &mut self.text);
        }
        for c in text.chars() {
            if c.is_whitespace() || !is_forbidden_in_line(c) {
                push_collapsed(c, &mut self.text);
            }
        }
    }

    /// Appends what the reference after an `&` stands for; returns what follows it.
    fn reference<'a>(&mut self, after: &'a str) -> &'a str {
        let Some(found) = reference(after) else {
            self.run("&");
            return after;
        };
        for c in found.first.into_iter().chain(found.second) {
            self.run(c.encode_utf8(&mut [0; 4]));
        }
        found.rest
    }

    /// Passes over the tag or comment that `text` begins with, and over what readers do not see, or
    /// appends a `<` that begins none.
    fn tag<'a>(&mut self, text: &'a str) -> &'a str {
        let after = text.get(1..).unwrap_or_default();
        let is_tag =
            after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let Some((tag, rest)) = after.split_once('>').filter(|_| is_tag) else {
            return self.bare(text);
        };
        if self.is_line && !is_markup(tag) {
            return self.bare(text);
        }
        if let Some(comment) = after.strip_prefix("!--") {
            let end = |it: &'a str| it.split_once("-->").map(|(_, after)| after);
            return self.after_unseen(comment, end).unwrap_or(rest);
        }
        if let Some(name) = UNSEEN.iter().find(|name| is_named(tag, name)) {
            let end = |it: &'a str| after_end(it, name);
            return self.after_unseen(rest, end).unwrap_or(rest);
        }
        let name = tag.strip_prefix('/').unwrap_or(tag);
        if PARTING.split(' ').any(|parting| is_named(name, parting)) {
            push_collapsed(' ', &mut self.text);
        }
        self.is_raised = is_named(tag, "sup") || self.is_raised && !is_named(tag, "/sup");
        rest
    }

    /// Returns what follows something unseen, if it ends; else only its tag is passed over.
    fn after_unseen<'a>(
        &mut self,
        inside: &'a str,
        end: impl FnOnce(&'a str) -> Option<&'a str>,
    ) -> Option<&'a str> {
        let after = (!self.has_open).then(|| end(inside)).flatten();
        self.has_open |= after.is_none();
        after
    }

    /// Appends the `<` that `text` begins with; returns what follows it.
    fn bare<'a>(&mut self, text: &'a str) -> &'a str {
        self.run("<");
        text.get(1..).unwrap_or_default()
    }
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
            ("a<!-- <b>no</b> > -->b", "ab"),
            ("a <!-- b > c", "a c"),
            ("a<script>alert('<b>')</script>b<STYLE>p{}</STYLE >c", "abc"),
            ("the <script> tag", "the tag"),
            ("Using Vec<T> and <details>", "Using Vec<T> and"),
            ("a<b and c>d", "a<b and c>d"),
            ("by <john@doe.com>", "by <john@doe.com>"),
            ("<a href='x'>b</a><o:p>c</o:p><wbr/>", "bc"),
            ("<script>a <style>b</style> c", "a b c"),
            ("un<b>believ</b>able", "unbelievable"),
            ("<h4>one</h4>two<TD>three", "one two three"),
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
    fn a_raised_number_is_no_part_of_the_word_before_it() {
        for (title, expected) in [
            ("10<sup>6</sup> ft<sup>2</sup>", "10 6 ft 2"),
            ("claim<SUP class=x><a href=\"#n\">3</a></SUP>.", "claim 3."),
            ("1<sup>st</sup>, 2<sup>nd</sup>", "1st, 2nd"),
            (
                "H<sub>2</sub>O, <sup>14</sup>C (<sup>3</sup>He)",
                "H2O, 14C (3He)",
            ),
            ("a<sup></sup>1, b <sup> 2</sup>", "a1, b 2"),
            ("10<sup>&#54;</sup>", "10 6"),
            ("<support>10</support>", "<support>10</support>"),
        ] {
            assert_eq!(line(&Text::html(title)), expected, "{title}");
        }
        assert_eq!(line(&Text::plain("10<sup>6")), "10<sup>6");
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
