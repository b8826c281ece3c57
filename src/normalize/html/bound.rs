//! Which markup a full HTML parser must not be given: what could cost it more than linear time or memory.
//!
//! The HTML standard has four places where a short text makes long work: elements left open are walked
//! at later tags; formatting elements left open (`<b>`, `<a>`) are opened anew, with all attributes, in
//! every later block; each attribute of a tag is compared with those before it; and a reference that is
//! none is read twice. How bad it gets depends on what is closed where, which only a parser knows. So this
//! counts what could be at worst: every `<` counts, in a comment or not, and an end tag is believed only
//! where all since its start tag is so plain that every parser closes it there (`Tags::believed`).

use super::allow::element;
use crate::text::reference;
use std::borrow::Cow;

/// Elements walked over by all tags of one text, if each walks over all that were opened before it: at
/// worst 90 ms (measured). An article of 4,000 elements, each closed, is within; long ones in earnest have
/// a thousand or two.
const MAX_STEPS: usize = 16_000_000;

/// How often the length of a text its formatting tags may come to when they are opened anew, so that time
/// and memory grow with the text alone. An article with a tag in each 40 bytes may leave ten links or 70
/// `<b>` open from its beginning; nearly all in earnest leave none.
const MAX_COPIES: usize = 32;

/// Texts up to this long count as so long: in few words one forgotten end tag weighs much.
const MIN_COPIED_BYTES: usize = 2048;

/// What an element of the tree takes beside its attributes, in bytes of a tag: about 200 bytes, and an
/// attribute about ten times what it is written in.
const ELEMENT_BYTES: usize = 16;

/// How often the end tag of a formatting element may open those within it anew (the loop of the adoption
/// agency algorithm; HTML, 13.2.6.4.7).
const MAX_ADOPTIONS: usize = 8;

/// The formatting elements whose start tag ends another of their kind.
const ALONE: &[&str] = &["a", "nobr"];

/// References that are none. Their work grows with the square (measured: 1.2 s for 250,000, at most 60 ms
/// for so many); a text in earnest has a few bare `&`.
const MAX_BROKEN_REFERENCES: usize = 10_000;

/// Attributes of one tag. Real tags have a few dozen; the work grows with the square.
const MAX_ATTRIBUTES: usize = 500;

/// How often the tags of a text may pass over it while their attributes are counted.
const MAX_PASSES: usize = 4;

/// Elements that the standard opens anew after their parent was closed.
const FORMATTING: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Elements of the allow-list that keep formatting elements apart, or end others in ways of their own.
const PARTITIONS: &[&str] = &[
    "caption", "col", "colgroup", "rp", "rt", "ruby", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr",
];

/// Tells whether a full parser could need more than linear time or memory for `source`.
pub(super) fn is_costly(source: &str) -> bool {
    has_costly_tags(source) || has_many_broken_references(source)
}

/// Tells whether the tags of a text could walk over, open or compare too much.
///
/// Each `<` is tried, for one in a quoted value may yet be a tag to the parser. Tags in earnest end where
/// the next begins, so all tries together pass over the text about once; when they pass over it several
/// times, the text is made to confuse.
fn has_costly_tags(source: &str) -> bool {
    let mut tags = Tags::new(source.len());
    source
        .match_indices('<')
        .filter_map(|(at, _)| source.get(at + 1..))
        .any(|tag| tags.count(tag).is_none())
}

/// What the tags of a text could cost, counted as they come; `None` from any of its methods when it is too
/// much.
struct Tags<'a> {
    elements: usize,
    /// What may yet be walked over, passed over and copied.
    steps_left: usize,
    passes_left: usize,
    copies_left: usize,
    /// What it takes to open once all formatting elements that may be open.
    open_bytes: usize,
    /// The elements that may be closed for certain, the innermost last, with what their tags took.
    ///
    /// They hold no tag but those of each other and of what has no content, each written out in full; so
    /// no comment, value or script begins in them, no table moves them, and whatever else they end, the
    /// end tag of a formatting element finds it open or gone (HTML, 13.2.6.4.7).
    believed: Vec<(Cow<'a, str>, usize)>,
}

impl<'a> Tags<'a> {
    /// Begins a text of so many bytes.
    fn new(bytes: usize) -> Self {
        Self {
            elements: 0,
            steps_left: MAX_STEPS,
            passes_left: bytes.saturating_mul(MAX_PASSES),
            copies_left: bytes.max(MIN_COPIED_BYTES).saturating_mul(MAX_COPIES),
            open_bytes: 0,
            believed: Vec::new(),
        }
    }

    /// Counts what follows a `<`.
    fn count(&mut self, tag: &'a str) -> Option<()> {
        if let Some(tag) = tag.strip_prefix('/') {
            return self.end(tag);
        }
        let name = name(tag);
        if name.is_empty() {
            // A comment may begin here.
            self.believed.clear();
            return Some(());
        }
        self.start(tag, name)
    }

    /// Counts a start tag.
    fn start(&mut self, tag: &'a str, name: Cow<'a, str>) -> Option<()> {
        let bytes = tag_bytes(tag)?;
        self.passes_left = self.passes_left.checked_sub(bytes)?;
        self.elements += 1;
        let is_formatting = FORMATTING.contains(&name.as_ref());
        self.step(ALONE.contains(&name.as_ref()))?;
        let weight = if is_formatting {
            bytes + ELEMENT_BYTES
        } else {
            0
        };
        self.open_bytes += weight;
        let after_name = tag.get(name.len()..)?;
        let is_whole = after_name
            .starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
            && bytes < tag.len()
            && !tag.get(..bytes)?.contains('<');
        match element(&name).filter(|_| !PARTITIONS.contains(&name.as_ref())) {
            Some((_, model)) if is_whole && model.is_void() => {}
            found if is_whole && (is_formatting || found.is_some()) => {
                self.believed.push((name, weight));
            }
            _ => self.believed.clear(),
        }
        Some(())
    }

    /// Counts an end tag.
    fn end(&mut self, tag: &str) -> Option<()> {
        let name = name(tag);
        let after = tag.get(name.len()..)?.trim_ascii_start();
        let believed = self.believed.pop();
        let is_whole = after.starts_with('>');
        if let Some((_, weight)) = believed.filter(|(open, _)| is_whole && *open == name) {
            self.open_bytes = self.open_bytes.saturating_sub(weight);
            return self.step(false);
        }
        self.believed.clear();
        // These two make an element when none is open.
        self.elements += usize::from(matches!(name.as_ref(), "p" | "br"));
        self.step(FORMATTING.contains(&name.as_ref()))
    }

    /// Walks over all elements, and opens anew all that may be open; where one is ended that may not be
    /// the innermost, as often as may be.
    fn step(&mut self, is_adoption: bool) -> Option<()> {
        let times = if is_adoption { MAX_ADOPTIONS } else { 1 };
        self.steps_left = self.steps_left.checked_sub(self.elements)?;
        let copied = self.open_bytes.checked_mul(times)?;
        self.copies_left = self.copies_left.checked_sub(copied)?;
        Some(())
    }
}

/// Returns the letters and digits that the inside of a tag begins with, in lower case; empty when no
/// letter comes first.
fn name(tag: &str) -> Cow<'_, str> {
    if !tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Cow::Borrowed("");
    }
    let bytes = tag.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = tag.get(..bytes).unwrap_or_default();
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Owned(name.to_ascii_lowercase());
    }
    Cow::Borrowed(name)
}

/// Tells whether a text has more references that are none than any in earnest.
fn has_many_broken_references(source: &str) -> bool {
    let broken = source.split('&').skip(1).filter(|after| {
        after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '#')
            && reference(after).is_none()
    });
    broken.take(MAX_BROKEN_REFERENCES + 1).count() > MAX_BROKEN_REFERENCES
}

/// Where in a tag the count of attributes is (HTML, 13.2.5.8 and 13.2.5.32 to 13.2.5.40).
#[derive(Clone, Copy)]
enum Place {
    Tag,
    Before,
    Name,
    AfterName,
    BeforeValue,
    Unquoted,
    Quoted(u8),
}

/// Returns the bytes up to the end of the tag that begins with `tag`; `None` when it has too many
/// attributes.
fn tag_bytes(tag: &str) -> Option<usize> {
    let mut attributes = 0;
    let mut place = Place::Tag;
    for (at, b) in tag.bytes().enumerate() {
        let parts = b.is_ascii_whitespace();
        place = match place {
            Place::Quoted(quote) if b != quote => continue,
            Place::Quoted(_) => Place::Before,
            _ if b == b'>' => return Some(at),
            Place::BeforeValue if parts => continue,
            Place::BeforeValue if matches!(b, b'"' | b'\'') => Place::Quoted(b),
            Place::BeforeValue => Place::Unquoted,
            Place::Unquoted if !parts => continue,
            Place::Unquoted => Place::Before,
            Place::Name | Place::AfterName if b == b'=' => Place::BeforeValue,
            Place::Name | Place::AfterName if parts => Place::AfterName,
            _ if parts || b == b'/' => Place::Before,
            Place::Tag | Place::Name => continue,
            // Here even a `=` begins a name.
            Place::Before | Place::AfterName => {
                attributes += 1;
                Place::Name
            }
        };
        if attributes > MAX_ATTRIBUTES {
            return None;
        }
    }
    Some(tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_markup_is_not_costly() {
        let link = "<p>Some text with <a href=\"https://example.org/?a=1&b=2\" title='x > y'>a link</a>.</p>";
        assert!(!is_costly(&link.repeat(300)));
        assert!(!is_costly(&format!(
            "<img src=\"data:image/png;base64,{}\">",
            "ab/=".repeat(50_000)
        )));
        assert!(!is_costly(&"a < b ".repeat(1000)));
        assert!(!is_costly(&"<td>&#1080;&amp;</td>".repeat(3500)));
        assert!(!is_costly(&"&#1080;".repeat(70_000)));
        let card = "<div><A HREF=/x><h3>t</h3><p><span>a</span><img src=y></p></A></div>\
            <table><tr><td><b><font size=1><i>a</i><br/></font></b></td></tr></table>";
        assert!(!is_costly(&card.repeat(250)));
        let forgotten = "<p><b>a</p>".repeat(10)
            + &"<p><i>b</i> and some more words, as they are</p>".repeat(1500);
        assert!(!is_costly(&forgotten));
    }

    #[test]
    fn s12_an_end_tag_is_believed_only_where_every_parser_closes() {
        let left_open = |piece: &str| {
            let mut tags = Tags::new(1 << 20);
            let all = piece.match_indices('<');
            all.for_each(|(at, _)| tags.count(piece.get(at + 1..).unwrap()).unwrap());
            tags.open_bytes > 0
        };
        for piece in [
            "<b>x</b>",
            "<B>x</b >",
            "<a href=\">\" x='>'><i><img>x</i></a>",
            "<p><a><div><p>x<br></p></div></a>",
            "<a><picture><source><img></picture></a>",
        ] {
            assert!(!left_open(piece), "{piece}");
        }
        for piece in [
            "<b>x",
            "<b><p></b></p>",
            "<b><div><p></div></p></b>",
            "<b><!-- </b> -->",
            "<b><?x </b>",
            "<b></ </b>",
            "<b x=\"</b>",
            "<b =\" y=\"></b>\">",
            "<b/='\" y=\"></b>\">",
            "<b x=a\"></c></b>",
            "<b x=\"</b>\">",
            "<b><b></b x=\"</b>\">",
            "<b><script></b></script>",
            "<b><title></b>",
            "<b><table></b></table>",
            "<b><td></td></b>",
            "<b-x></b>",
        ] {
            assert!(left_open(piece), "{piece}");
        }
    }

    #[test]
    fn s12_what_grows_faster_than_its_text_is_costly() {
        let open = |tag: &str, count| tag.repeat(count);
        let formatting = open("<b a=1>", 2000);
        for source in [
            open("<div>", 20_000),
            open("<a", 9000),
            open("<div>", 4000) + &open("</h1>", 4000),
            open("<svg>", 4000) + &open("</g>", 4000),
            open("&#", 30_000),
            open("&amp", 30_000),
            formatting.clone() + &open("<p>", 2000),
            format!("<!--{formatting}-->") + &open("<p>", 2000),
            format!("<p>{}", open("<b title=1>", 250)) + &open("x<p>", 1700),
            format!("<p><b title='{}'>", open("1", 100_000)) + &open("x<p>", 1700),
            format!("<p><b {}>", open("a ", 499)) + &open("x<p>", 1700),
            open("<b><div>", 1000) + &open("</b>", 1000),
            format!("<p {}>", open("a=\">\" ", 600)),
            format!("<p {}>", open("a ", 600)),
            format!("<p/{}>", open("a/", 600)),
            format!("<p x=y{}>", open(" a=b", 600)),
        ] {
            assert!(
                is_costly(&source),
                "{}",
                source.get(..40).unwrap_or_default()
            );
        }
    }
}
