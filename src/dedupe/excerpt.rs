//! Whether a text is but the beginning of another.
//!
//! A site that goes over to excerpts edits each of its entries at once, and puts nothing right.

use crate::text::words;

/// What stands where a text was cut off.
const CUT_MARKS: [&str; 2] = ["…", "..."];

/// Words of what is left of it at the least: less is hardly the beginning of anything.
const CUT_LEAST: usize = 5;

/// Words that may stand behind the mark: "Continue reading", and of which site the post is.
const CUT_REST: usize = 40;

/// Tells whether a text is the beginning of another, with the mark of where it was cut off, and at the most a line behind that.
pub(super) fn is_cut(old: &str, new: &str) -> bool {
    let mark = CUT_MARKS.iter().filter_map(|mark| new.rfind(mark));
    let Some((begins, ends)) = mark.max().and_then(|at| new.split_at_checked(at)) else {
        return false;
    };
    let (mut all, mut kept) = (words(old), words(begins).peekable());
    let mut count = 0;
    while let Some(word) = kept.next() {
        let is_last = kept.peek().is_none();
        let is_there = all.next().is_some_and(|old| {
            old.folded == word.folded || is_last && old.folded.starts_with(&*word.folded)
        });
        if !is_there {
            return false;
        }
        count += 1;
    }
    count >= CUT_LEAST && all.next().is_some() && words(ends).take(CUT_REST + 1).count() <= CUT_REST
}

#[cfg(test)]
mod tests {
    use super::super::{Change, Counted, Rewriting, Version};
    use crate::text::Languages;

    const TITLE: &str = "Pangolins return to the northern hills";
    const TEXT: &str = "Rangers counted twelve of them near the river on Sunday morning.";

    #[test]
    fn the_beginning_of_what_was_there_is_cut_off() {
        let how = Rewriting {
            languages: Languages::of(None),
            is_dated: true,
        };
        let long = format!("{TEXT} They will count again in spring, and hope for more.");
        for (title, new, is_cut) in [
            (
                TITLE,
                "Rangers counted twelve of them near the river [...]",
                true,
            ),
            (TITLE, "Rangers counted twelve of them near the ri…", true),
            (
                TITLE,
                "Rangers counted twelve of them […] The post first appeared on Hills.",
                true,
            ),
            // What is taken out is put right, and so is what says something else.
            (TITLE, TEXT, false),
            (
                TITLE,
                "Rangers counted thirty of them near the river [...]",
                false,
            ),
            (TITLE, "Rangers counted ...", false),
            (
                "Pangolins leave",
                "Rangers counted twelve of them near the river …",
                false,
            ),
        ] {
            let counted = |title, text| Counted::new(Version { title, text });
            let (old, new) = (counted(TITLE, &long), counted(title, new));
            let change = Change::new(&old, &new, how);
            assert_eq!(
                (change.is_cut(), change.counts()),
                (is_cut, !is_cut),
                "{change:?}"
            );
            assert!(!change.is_none());
            assert!(Change::new(&new, &old, how).counts());
        }
    }
}
