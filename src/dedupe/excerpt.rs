//! Whether a text is but the beginning of another.
//!
//! A site that goes over to excerpts edits each of its entries at once, and puts nothing right.

use crate::text::{Word, words};

/// What stands where a text was cut off.
const CUT_MARKS: [&str; 2] = ["…", "..."];

/// Words of what is left of it at the least: less is hardly the beginning of anything.
const CUT_LEAST: usize = 5;

/// Words that may stand behind the mark: "Continue reading", and of which site the post is.
const CUT_REST: usize = 40;

/// Marks of a text that are looked at, from its end: an excerpt has its own, and a link to the rest.
const MARKS_TRIED: usize = 3;

/// Tells whether a text is the beginning of another, with the mark of where it was cut off, and at the most some lines behind that,
/// less than was left out. Where the other has the mark there, too, as what has an excerpt before its text, the words behind it must be those
/// of the other, and what is left out must be that text, which begins as the excerpt does.
pub fn is_cut(old: &str, new: &str) -> bool {
    let marks = CUT_MARKS
        .iter()
        .flat_map(|mark| new.rmatch_indices(mark).take(MARKS_TRIED));
    let mut marks: Vec<usize> = marks.map(|(at, _)| at).collect();
    marks.sort_unstable_by(|one, other| other.cmp(one));
    let mut halves = marks
        .into_iter()
        .take(MARKS_TRIED)
        .filter_map(|at| new.split_at_checked(at));
    halves.any(|(begins, ends)| is_cut_at(old, begins, ends))
}

/// Tells whether a text is the beginning of another, cut off where its second half begins with a mark.
fn is_cut_at(old: &str, begins: &str, ends: &str) -> bool {
    let rest = words(ends).take(CUT_REST + 1).count();
    let (mut all, mut kept) = (words(old), words(begins).peekable());
    let (mut count, mut kept_to) = (0, 0);
    while let Some(word) = kept.next() {
        let is_last = kept.peek().is_none();
        let is_it = |old: &Word<'_>| {
            old.folded == word.folded || is_last && old.folded.starts_with(&*word.folded)
        };
        let Some(there) = all.next().filter(is_it) else {
            return false;
        };
        (count, kept_to) = (count + 1, there.end);
    }
    if count < CUT_LEAST || rest > CUT_REST {
        return false;
    }
    let left_out: Vec<_> = all.take(CUT_REST + CUT_LEAST).collect();
    let next = left_out.first().map_or(old.len(), |word| word.start);
    let between = old.get(kept_to..next).unwrap_or_default();
    if !CUT_MARKS.iter().any(|mark| between.contains(mark)) {
        return rest < left_out.len();
    }
    let is_word = |(one, other): (Word<'_>, &Word<'_>)| one.folded == other.folded;
    let is_kept = rest <= left_out.len() && words(ends).zip(&left_out).all(is_word);
    let begins_anew = |at: &[Word<'_>]| words(begins).zip(at).all(is_word);
    is_kept && left_out.windows(CUT_LEAST).skip(rest).any(begins_anew)
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
            // What stands behind the mark is no line of the site's.
            (
                TITLE,
                &format!("Rangers counted twelve of them … {}", TEXT.repeat(2)),
                false,
            ),
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
        let marked = |end: &str| format!("Rangers counted twelve of them near the river ... {end}");
        let (old, new) = (marked("They are well, says the park."), marked("None is."));
        let [old, new] = [&old, &new].map(|text| Counted::new(Version { title: TITLE, text }));
        assert!(!Change::new(&old, &new, how).is_cut());
        let version = |text| Counted::new(Version { title: TITLE, text });
        let stopped = "Rangers counted twelve of them near the river. ... They are well, says the park, and more come.";
        let other = "Rangers counted twelve of them near the river. ... None is.";
        assert!(!Change::new(&version(stopped), &version(other), how).is_cut());
        // An excerpt stood before the text.
        let excerpt = marked("");
        let both = format!("{excerpt} The post is of the Hills. {long}");
        for new in [&excerpt, &format!("{excerpt} The post is of the Hills.")] {
            assert!(
                Change::new(&version(&both), &version(new), how).is_cut(),
                "{new}"
            );
        }
    }

    /// What has an ellipsis of its own, or stands behind an excerpt, is not cut off at that.
    #[test]
    fn what_is_taken_out_behind_a_mark_is_put_right() {
        let how = Rewriting {
            languages: Languages::of(None),
            is_dated: true,
        };
        let excerpt = "Rangers counted twelve of them near the […]";
        let fraud = "The park's own rangers are charged with fraud, says the court in the valley.";
        let says = "The head of the park told reporters on Sunday: I … never took money.";
        for (old, new, is_cut) in [
            (format!("{says} {fraud}"), says.to_owned(), false),
            (
                format!("{excerpt} {TEXT} {fraud}"),
                format!("{excerpt} {TEXT}"),
                false,
            ),
            (
                format!("{excerpt} {TEXT} {fraud}"),
                excerpt.to_owned(),
                true,
            ),
            (format!("{excerpt} {fraud}"), excerpt.to_owned(), false),
            // The link to the rest has a mark, too.
            (
                format!("{TEXT} {fraud}"),
                format!("{excerpt} Read more…"),
                true,
            ),
            (
                format!("{TEXT} {fraud}"),
                format!("{excerpt} Read … all of it ... here …"),
                false,
            ),
        ] {
            let counted = |text| Counted::new(Version { title: TITLE, text });
            let change = Change::new(&counted(&old), &counted(&new), how);
            assert_eq!(
                (change.is_cut(), change.counts()),
                (is_cut, !is_cut),
                "{old} -> {new}"
            );
        }
    }
}
