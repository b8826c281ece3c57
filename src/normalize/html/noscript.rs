//! `noscript`: what a page shows to those who run no scripts, which is all of us.
//!
//! `ammonia` parses as a browser with scripts does, and to that browser the inside of `noscript` is bare
//! text: its tags would be shown to readers as such. So the element gets a name that no parser knows
//! before it is parsed. The mark in that name is a character that no source holds and that is dropped
//! from all that the parser gives, so a `<noscript>` in a quoted value stays what it is.
//!
//! Rejected: to take the tags away from the source, after which nothing tells what stood in them.

use super::is_named;
use std::borrow::Cow;

/// The element.
pub(super) const NAME: &str = "noscript";

/// What makes another name of it.
const MARK: char = '\u{1}';

/// The name under which a full parser gets to see the element.
pub(super) const MARKED: &str = "noscript\u{1}";

/// Returns markup whose `noscript` elements are ordinary ones to any parser.
pub(super) fn marked(source: &str) -> Cow<'_, str> {
    let mut marked = String::new();
    let mut copied = 0;
    for (at, _) in source.match_indices('<') {
        let tag = source.get(at + 1..).unwrap_or_default();
        let name_at = at + 1 + usize::from(tag.starts_with('/'));
        if source.get(name_at..).is_some_and(|tag| is_named(tag, NAME)) {
            let end = name_at + NAME.len();
            marked.push_str(source.get(copied..end).unwrap_or_default());
            marked.push(MARK);
            copied = end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(source);
    }
    marked.push_str(source.get(copied..).unwrap_or_default());
    Cow::Owned(marked)
}

/// Returns what a parser gave so that the next one takes the elements away: what stands in them has to
/// settle among what stands around them, for they are not written.
pub(super) fn unmarked(clean: &str) -> String {
    clean.replace(MARKED, &format!("{MARKED}{MARK}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_get_another_name_and_nothing_else_does() {
        assert_eq!(MARKED, format!("{NAME}{MARK}"));
        for (source, expected) in [
            ("<noscript>a</noscript>", "<noscript+>a</noscript+>"),
            ("é<NoScript a=b>", "é<NoScript+ a=b>"),
            (
                "noscript <noscripts> < noscript> </",
                "noscript <noscripts> < noscript> </",
            ),
            ("<noscript", "<noscript+"),
        ] {
            assert_eq!(marked(source).replace(MARK, "+"), expected, "{source}");
        }
    }
}
