//! Which markup a full HTML parser must not be given: what could cost it more than linear time.
//!
//! The HTML standard has four places where a short text makes long work: elements left open are walked
//! at later tags; formatting elements left open (`<b>`, `<a>`) are opened anew in every later block; each
//! attribute of a tag is compared with those before it; and a reference that is none is read twice. How
//! bad it gets depends on what is closed where, which only a parser knows. So this counts what could be
//! at worst: no end tag is believed, and every `<` counts, in a comment or not.

use crate::text::reference;

/// Elements walked over by all tags of one text, if each walks over all that were opened before it: at
/// worst 90 ms (measured). An article of 4,000 elements, each closed, is within; long ones in earnest have
/// a thousand or two.
const MAX_STEPS: usize = 16_000_000;

/// Formatting tags times elements: elements of the tree at worst, about 200 bytes each. An article of 300
/// links and 1,500 elements is within.
const MAX_CLONES: usize = 500_000;

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

/// Tells whether a full parser could need more than linear time or memory for `source`.
pub(super) fn is_costly(source: &str) -> bool {
    has_many_steps(source) || has_many_attributes(source) || has_many_broken_references(source)
}

/// Tells whether the tags of a text could walk over, or open, too many elements.
fn has_many_steps(source: &str) -> bool {
    let (mut elements, mut formatting, mut steps) = (0_usize, 0_usize, 0_usize);
    source.split('<').skip(1).any(|tag| {
        let name_bytes = tag.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = tag.get(..name_bytes).unwrap_or_default();
        let is_formatting = |known: &&str| name.eq_ignore_ascii_case(known);
        formatting += usize::from(FORMATTING.iter().any(is_formatting));
        elements += usize::from(!name.is_empty() || makes_an_element(tag));
        if !name.is_empty() || tag.starts_with('/') {
            steps += elements;
        }
        steps > MAX_STEPS || elements * formatting > MAX_CLONES
    })
}

/// The two end tags that make an element when none is open.
fn makes_an_element(tag: &str) -> bool {
    ["/p", "/br"].iter().any(|end| {
        tag.get(..end.len())
            .is_some_and(|tag| tag.eq_ignore_ascii_case(end))
    })
}

/// Where in a tag the count of attributes is (HTML, 13.2.5.32 to 13.2.5.39).
#[derive(Clone, Copy)]
enum Place {
    Between,
    Name,
    BeforeValue,
    Unquoted,
    Quoted(u8),
}

/// Tells whether some tag has more attributes than any in earnest, or could have.
///
/// Each `<` is tried, for one in a quoted value may yet be a tag to the parser. Tags in earnest end where
/// the next begins, so all tries together pass over the text about once; when they pass over it several
/// times, the text is made to confuse.
fn has_many_attributes(source: &str) -> bool {
    let mut passes_left = source.len().saturating_mul(MAX_PASSES);
    for tag in source
        .match_indices('<')
        .filter_map(|(at, _)| source.get(at + 1..))
    {
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let left = tag_bytes(tag).and_then(|passed| passes_left.checked_sub(passed));
        match left {
            Some(left) => passes_left = left,
            None => return true,
        }
    }
    false
}

/// Tells whether a text has more references that are none than any in earnest.
fn has_many_broken_references(source: &str) -> bool {
    let broken = source.split('&').skip(1).filter(|after| {
        after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '#')
            && reference(after).is_none()
    });
    broken.take(MAX_BROKEN_REFERENCES + 1).count() > MAX_BROKEN_REFERENCES
}

/// Returns the bytes up to the end of the tag that begins with `tag`; `None` when it has too many
/// attributes. Its name counts as the first.
fn tag_bytes(tag: &str) -> Option<usize> {
    let mut attributes = 0;
    let mut place = Place::Between;
    for (at, b) in tag.bytes().enumerate() {
        let parts = b.is_ascii_whitespace();
        place = match place {
            Place::Quoted(quote) if b != quote => continue,
            Place::Quoted(_) => Place::Between,
            _ if b == b'>' => return Some(at),
            Place::BeforeValue if parts => continue,
            Place::BeforeValue if matches!(b, b'"' | b'\'') => Place::Quoted(b),
            Place::BeforeValue => Place::Unquoted,
            Place::Unquoted if !parts => continue,
            Place::Between | Place::Name if b == b'=' && attributes > 0 => Place::BeforeValue,
            _ if parts || b == b'/' => Place::Between,
            Place::Name => continue,
            Place::Between | Place::Unquoted => {
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
