//! Addresses that texts cite, and texts without some of them (S7).

use std::ops::Range;

/// What stands in the place of an address that was taken out.
const NOTE: &str = "an address that is not told";

/// What stands between the scheme of an address and its host.
const MARK: &str = "://";

/// How that is written within another address.
const ENCODED: [&str; 2] = ["%3A%2F%2F", "%3a%2f%2f"];

/// What ends a sentence and no address.
const ENDS: [char; 11] = ['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '*'];

/// Returns the pieces of a text in which addresses stand, with their places: from a blank, a quote or an angle bracket to
/// the next, so that none goes on in another piece. One piece may hold several.
pub fn cited(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let pieces = text.split_inclusive(parts).map(move |piece| {
        let start = at;
        at += piece.len();
        (start, piece.trim_end_matches(parts))
    });
    // A character is found faster than three, and most pieces are words.
    pieces.filter(|(_, piece)| {
        let is_encoded = || ENCODED.iter().any(|mark| piece.contains(mark));
        piece.contains(':') && piece.contains(MARK) || piece.contains('%') && is_encoded()
    })
}

/// Returns each address of such a piece, from its scheme to the end of the piece.
pub fn addresses(piece: &str) -> impl Iterator<Item = &str> {
    let marks = piece.match_indices(MARK);
    marks.filter_map(|(at, _)| piece.get(scheme_of(piece.get(..at)?)..))
}

/// Returns where the scheme begins with which a text ends.
fn scheme_of(head: &str) -> usize {
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    head.trim_end_matches(is_of_scheme).len()
}

/// Returns a plain text without the pieces of it that are secret, from the scheme of the first address in each; `None` where
/// none is.
pub fn without_cited(text: &str, is_secret: impl Fn(&str) -> bool) -> Option<String> {
    let mut secret = cited(text).filter(|(_, piece)| is_secret(piece)).peekable();
    secret.peek()?;
    let (mut told, mut from) = (String::with_capacity(text.len()), 0);
    for (start, piece) in secret {
        let place = place(start, piece);
        let before = text.get(from..place.start).unwrap_or_default();
        push(&mut told, before, text.get(place.end..).unwrap_or_default());
        from = place.end;
    }
    told.push_str(text.get(from..).unwrap_or_default());
    Some(told)
}

/// As [`without_cited`], of HTML as we write it: an attribute that has such a piece goes as a whole.
pub fn without_cited_in_html(html: &str, is_secret: impl Fn(&str) -> bool) -> Option<String> {
    let mut secret = cited(html).filter(|(_, piece)| is_secret(piece)).peekable();
    secret.peek()?;
    let (mut told, mut from, mut is_tag) = (String::with_capacity(html.len()), 0, false);
    for (start, piece) in secret {
        if start < from {
            // It stands in an attribute that has gone.
            continue;
        }
        let before = html.get(from..start).unwrap_or_default();
        if let Some(at) = before.rfind(['<', '>']) {
            is_tag = before.get(at..).is_some_and(|it| it.starts_with('<'));
        }
        if is_tag {
            let head = before.rsplit_once("=\"").map_or(before, |(head, _)| head);
            told.push_str(head.rsplit_once(' ').map_or(head, |(head, _)| head));
            let end = html.get(start..).and_then(|rest| rest.find('"'));
            from = end.map_or(html.len(), |end| start + end + 1);
            // What stands around no attribute of ours makes no address together.
            let after = html.get(from..).unwrap_or_default();
            told.extend(after.starts_with(|c| !parts(c)).then_some(' '));
        } else {
            let place = place(start, piece);
            let before = html.get(from..place.start).unwrap_or_default();
            push(&mut told, before, html.get(place.end..).unwrap_or_default());
            from = place.end;
        }
    }
    told.push_str(html.get(from..).unwrap_or_default());
    Some(told)
}

/// Returns where in a text the addresses of a piece begin and end.
fn place(start: usize, piece: &str) -> Range<usize> {
    let begin = piece
        .split_once(MARK)
        .map_or(0, |(head, _)| scheme_of(head));
    start + begin..start + piece.trim_end_matches(ENDS).len()
}

/// Appends what stands before an address, and that it is not told.
fn push(told: &mut String, before: &str, after: &str) {
    told.push_str(before);
    if before.ends_with('(') && after.starts_with(')') {
        told.push_str(NOTE);
    } else {
        told.extend(["(", NOTE, ")"]);
    }
}

/// Tells whether no address goes on over a character.
fn parts(c: char) -> bool {
    // Nearly all is ASCII, and each character of each text is asked.
    if c.is_ascii() {
        return matches!(c, '\t'..='\r' | ' ' | '<' | '>' | '"' | '`');
    }
    matches!(c, '«' | '»' | '“' | '”' | '„' | '‘' | '’' | '‚') || c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_secret(piece: &str) -> bool {
        piece.contains("canary")
    }

    #[test]
    fn s7_an_address_is_taken_out_of_a_text() {
        let note = format!("({NOTE})");
        for (text, expected) in [
            ("at a://canary now", "at NOTE now"),
            ("(a://canary)", "NOTE"),
            ("[a://canary], a://told.", "[NOTE], a://told."),
            ("via:a+b://canary. End", "via:NOTE. End"),
            ("=a://told|a://canary", "=NOTE"),
            (
                "“a://canary”\u{3000}a://canary<a://canary>",
                "“NOTE”\u{3000}NOTE<NOTE>",
            ),
            (
                "mailto:x?u=a%3a%2F%2F canary",
                "mailto:x?u=a%3a%2F%2F canary",
            ),
        ] {
            let expected = expected.replace("NOTE", &note);
            let found = without_cited(text, is_secret);
            assert_eq!(found.as_deref().unwrap_or(text), expected);
        }
        for (text, expected) in [
            ("u=a%3A%2F%2Fcanary", true),
            ("canary a://b", false),
            ("", false),
        ] {
            assert_eq!(without_cited(text, is_secret).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn s7_an_attribute_goes_with_its_address() {
        let note = format!("({NOTE})");
        for (html, expected) in [
            ("<p>a://canary &amp; a://b</p>", "<p>NOTE &amp; a://b</p>"),
            (
                "<a href=\"a://canary?x&amp;y\" rel=\"z\">it</a> a://canary",
                "<a rel=\"z\">it</a> NOTE",
            ),
            (
                "<img alt=\"a &quot;=\" src=\"a://b\" srcset=\"a://b 1x, a://canary 2x, a://canary 3x\">",
                "<img alt=\"a &quot;=\" src=\"a://b\">",
            ),
            ("<a href=\"mailto:x?u=a%3A%2F%2Fcanary\">a", "<a>a"),
            ("<a href=\"a://canary", "<a"),
            ("a:// <canarya://\"canary", "a:// canary"),
        ] {
            let expected = expected.replace("NOTE", &note);
            let found = without_cited_in_html(html, is_secret);
            assert_eq!(found.as_deref().unwrap_or(html), expected);
        }
        assert_eq!(without_cited_in_html("<b>a://b</b>", is_secret), None);
    }

    proptest! {
        #[test]
        fn s7_whatever_stands_around_it_goes(text in "(a://|canary|[ <>\"=()ä.]){0,12}") {
            for without in [
                without_cited(&text, is_secret),
                without_cited_in_html(&text, is_secret),
            ] {
                let told = without.unwrap_or_else(|| text.clone());
                prop_assert!(!cited(&told).any(|(_, piece)| is_secret(piece)), "{told}");
            }
        }
    }
}
