//! What an edit of an entry changed, and whether readers are to be told.
//!
//! A reader is told that an entry changed by its date, and looks at it again for that; so the date moves
//! with a correction and stays with all that changes by itself: dates, markup, addresses, the age of a
//! report, the count of its comments. What a small change means `correction.rs` says.

use super::correction::{Rewriting, differs_by_what_runs, meaning};
use super::excerpt::is_cut;
use crate::model::{Edit, Meaning};
use crate::text::{Word, without_outlet, words};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Share of the words of a text that an edit changes, in per cent. What it takes to put a name right in a
/// report of a page is below it, a paragraph more is above.
const CHANGED_PERCENT: usize = 3;

/// Words that it changes at the least: in a summary of a line each is more than that share, and one is a
/// spelling put right or a unit that rolled over ("minutes ago" to "hour ago"), unless it means another thing
/// (`correction.rs`).
const CHANGED_LEAST: usize = 2;

/// Title and plain text of an entry at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a> {
    /// The title.
    pub title: &'a str,
    /// Summary and content.
    pub text: &'a str,
}

/// A version that is compared with several others: its words are counted once, and not before they are asked for.
#[derive(Debug)]
pub struct Counted<'a> {
    version: Version<'a>,
    words: OnceCell<BTreeMap<Cow<'a, str>, usize>>,
}

impl<'a> Counted<'a> {
    /// Takes a version.
    pub fn new(version: Version<'a>) -> Self {
        Self {
            version,
            words: OnceCell::new(),
        }
    }

    /// Returns the version.
    pub fn version(&self) -> Version<'a> {
        self.version
    }

    /// Tells whether the titles say the same.
    pub fn is_titled_as(&self, other: &Counted<'_>) -> bool {
        is_same_title(self.version.title, other.version.title)
    }

    /// Returns how often each word of the text is in it; numbers are none.
    fn words(&self) -> &BTreeMap<Cow<'a, str>, usize> {
        self.words.get_or_init(|| {
            let mut counts = BTreeMap::new();
            for word in folded(words(self.version.text)).filter(|word| !is_number(word)) {
                *counts.entry(word).or_default() += 1;
            }
            counts
        })
    }
}

/// Returns what differs between two versions that two feeds may have of an article; `None` where readers need not
/// be told.
///
/// Numbers count in a title, where they are news, and not in a text: there are more that run by
/// themselves (ages, reading times, counts, quotations) than corrections that touch nothing else.
pub fn edit(old: Version<'_>, new: Version<'_>) -> Option<Edit> {
    large(&Counted::new(old), &Counted::new(new)).ok()
}

/// What an edit of one entry changed, and what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it changed, as it would be told.
    pub edit: Edit,
    /// Whether that is so much that it need not be looked at what it means.
    is_large: bool,
    /// What a few changed words mean, where that is to be told.
    pub meaning: Option<Meaning>,
    /// Whether any word is another one, numbers aside.
    has_words: bool,
    /// Whether it is the beginning of what was there, cut off.
    is_cut: bool,
}

impl Change {
    /// Compares two versions; in sentences that are the same but for a few words it counts what these mean.
    pub fn new(old: &Counted<'_>, new: &Counted<'_>, how: Rewriting) -> Self {
        let found = large(old, new);
        let is_cut =
            found.is_ok_and(|edit| !edit.title) && is_cut(old.version.text, new.version.text);
        let is_large = found.is_ok() && !is_cut;
        let (Ok(edit) | Err(edit)) = found;
        let is_small = !is_large && !is_cut;
        let mut change = Self {
            edit,
            is_large,
            meaning: if is_small { means(old, new, how) } else { None },
            has_words: !is_small || changed_words(old, new).0 > 0,
            is_cut,
        };
        if change.is_none() {
            change.edit.percent = 0;
        }
        change
    }

    /// Tells whether it is a correction.
    pub fn counts(&self) -> bool {
        self.is_large || self.meaning.is_some()
    }

    /// Tells whether it is but the beginning of what was there, cut off: a site that goes over to excerpts puts nothing right.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Tells whether what stands there says the same, dates, markup and numbers that run by themselves aside.
    pub fn is_none(&self) -> bool {
        !self.has_words && self.meaning.is_none()
    }

    /// Tells whether it is but a number that is another one.
    pub fn is_of_a_number(&self) -> bool {
        self.meaning == Some(Meaning::Number)
    }
}

/// How much a version is like one that readers were told before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    /// It says something else.
    No,
    /// It says the same, with other numbers.
    ButForNumbers,
    /// It says the same.
    Yes,
}

/// Tells whether readers who were told of a former version of an entry were told of this one. Where the
/// titles tell, no word of the texts is looked at.
pub fn alike(former: &Counted<'_>, new: &Counted<'_>, how: Rewriting) -> Alike {
    if !former.is_titled_as(new) || is_rewritten(changed_words(former, new)) {
        return Alike::No;
    }
    match means(former, new, how) {
        None => Alike::Yes,
        Some(Meaning::Number) => Alike::ButForNumbers,
        Some(Meaning::Word | Meaning::Sense) => Alike::No,
    }
}

/// Tells whether two versions say the same but for numbers: one that was put right and is another again may run by
/// itself.
pub fn says_the_same(former: &Counted<'_>, new: &Counted<'_>, how: Rewriting) -> bool {
    alike(former, new, how) != Alike::No
}

/// Returns what was changed so much that it need not be looked at what it means; else the change as it would be
/// told.
fn large(old: &Counted<'_>, new: &Counted<'_>) -> Result<Edit, Edit> {
    let is_retitled = !old.is_titled_as(new);
    let changed = changed_words(old, new);
    let percent = (changed.0 * 100).div_ceil(changed.1.max(1));
    let edit = |percent: usize| Edit {
        title: is_retitled,
        percent: percent.try_into().unwrap_or(u8::MAX),
    };
    if is_retitled || is_rewritten(changed) {
        Ok(edit(percent))
    } else {
        Err(edit(percent.max(1)))
    }
}

/// Returns what a few changed words of the text mean, where that is to be told.
fn means(old: &Counted<'_>, new: &Counted<'_>, how: Rewriting) -> Option<Meaning> {
    let (old, new) = (old.version.text, new.version.text);
    let found = (old != new).then(|| meaning(old, new, how.languages))?;
    found.filter(move |meaning| how.is_dated || *meaning != Meaning::Word)
}

/// Tells whether so many words of so many changed make another text.
fn is_rewritten((changed, all): (usize, usize)) -> bool {
    changed >= CHANGED_LEAST && changed * 100 > all * CHANGED_PERCENT
}

/// Tells whether two titles have the same words in the same order. That one has the name of its outlet at
/// its end is no difference; two ends are one, for they need not be names (`Verdict - guilty`). Nor is a number that
/// runs by itself (`updated 8:05, 13 comments`).
fn is_same_title(old: &str, new: &str) -> bool {
    let is_same = |old, new| folded(words(old)).eq(folded(words(new)));
    old == new
        || is_same(old, new)
        || is_same(without_outlet(old), new)
        || is_same(old, without_outlet(new))
        || differs_by_what_runs(old, new)
}

/// Counts how many words were changed between two texts, whatever their order, and how many the longer one
/// has. A word in the place of another is one change.
fn changed_words(old: &Counted<'_>, new: &Counted<'_>) -> (usize, usize) {
    if old.version.text == new.version.text {
        return (0, 0);
    }
    let (old, new) = (old.words(), new.words());
    let lacking = |here: &BTreeMap<_, usize>, there: &BTreeMap<_, usize>| {
        let lacking = |(word, count): (&_, &usize)| {
            count.saturating_sub(there.get(word).copied().unwrap_or_default())
        };
        here.iter().map(lacking).sum::<usize>()
    };
    let all = |words: &BTreeMap<_, usize>| words.values().sum::<usize>();
    (
        lacking(old, new).max(lacking(new, old)),
        all(old).max(all(new)),
    )
}

/// Returns words as they are compared.
fn folded<'a>(words: impl Iterator<Item = Word<'a>>) -> impl Iterator<Item = Cow<'a, str>> {
    words.map(|word| word.folded)
}

/// Tells whether a word is a number: `12`, `1,204`, `3.5k`.
fn is_number(word: &str) -> bool {
    word.starts_with(char::is_numeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Languages;

    const TITLE: &str = "Pangolins return to the northern hills";
    const TEXT: &str = "Rangers counted twelve of them near the river on Sunday morning.";

    fn how(is_dated: bool) -> Rewriting {
        Rewriting {
            languages: Languages::of(None),
            is_dated,
        }
    }

    fn edited(title: &str, text: &str) -> Option<Edit> {
        let version = |title, text| Version { title, text };
        let found = edit(version(TITLE, TEXT), version(title, text));
        let back = edit(version(title, text), version(TITLE, TEXT));
        assert_eq!(found, back, "{title}: {text}");
        let counted = |title, text| Counted::new(version(title, text));
        let is_same = says_the_same(&counted(TITLE, TEXT), &counted(title, text), how(false));
        assert_eq!(is_same, found.is_none(), "{title}: {text}");
        found
    }

    /// What an edit is, where readers are to be told of it.
    fn edit_of(old: &Counted<'_>, new: &Counted<'_>, how: Rewriting) -> Option<Edit> {
        let change = Change::new(old, new, how);
        change.counts().then_some(change.edit)
    }

    #[test]
    fn a_title_counts_by_its_words() {
        for (title, is_edit) in [
            (TITLE, false),
            ("PANGOLINS return – to the northern hills!", false),
            (
                "Pangolins return to the northern hills - The Gazette",
                false,
            ),
            ("Pangolins return to the northern hills | Gazette", false),
            ("Pangolins return to the southern hills", true),
            ("Pangolins to return the northern hills", true),
            (
                "Pangolins return to the northern hills - again, and this time for good",
                true,
            ),
            ("Twelve pangolins return to the northern hills", true),
            ("12 pangolins return to the northern hills", true),
            ("", true),
        ] {
            let expected = is_edit.then_some(Edit {
                title: true,
                percent: 0,
            });
            assert_eq!(edited(title, TEXT), expected, "{title}");
        }
        let verdict = |end: &str| format!("The verdict of the court - {end}");
        let (old, new) = (verdict("guilty"), verdict("not guilty"));
        let version = |title| Version { title, text: "" };
        assert!(edit(version(&old), version(&new)).is_some());
    }

    #[test]
    fn a_number_that_runs_in_a_title_is_no_edit() {
        for (old, new, is_edit) in [
            (
                "Storm: what we know (updated 8:05, 0 comments)",
                "Storm: what we know (updated 21:40, 1,204 comments)",
                false,
            ),
            ("Storm, updated at 5 pm", "Storm, updated at 6 pm", false),
            ("Storm, 59 minutes ago", "Storm, 1 hour ago", false),
            ("Буря, обновлено 8:05", "Буря, обновлено 9:15", false),
            ("Storm leaves 12 dead", "Storm leaves 21 dead", true),
            ("Match begins at 8 pm", "Match begins at 9 pm", true),
            ("Match moved to 3 March", "Match moved to 4 March", true),
            (
                "Storm: what we know, 12 dead (updated 8:05)",
                "Storm: what we know, 21 dead (updated 9:05)",
                true,
            ),
            ("Storm (updated 8:05)", "Gale (updated 9:05)", true),
            ("Storm (updated 8:05)", "Storm (updated 8:05) kills", true),
            ("3 comments", "", true),
        ] {
            let version = |title| Version { title, text: "" };
            assert_eq!(edit(version(old), version(new)).is_some(), is_edit, "{new}");
            assert_eq!(edit(version(new), version(old)).is_some(), is_edit, "{old}");
        }
    }

    #[test]
    fn a_text_counts_by_the_share_of_its_words() {
        for (text, percent) in [
            (TEXT, None),
            // Spaces, case, punctuation, order.
            (
                "On Sunday morning rangers COUNTED twelve; of them,  near the river",
                None,
            ),
            (
                "Rangers counted twelve of them near the lake on Sunday morning.",
                None,
            ),
            (
                "Rangers counted twelve of them near the lake on Monday morning.",
                Some(19),
            ),
            (
                "Rangers counted twelve of them near the river on Sunday morning. Correction: it was a Monday.",
                Some(32),
            ),
            ("", Some(100)),
        ] {
            let expected = percent.map(|percent| Edit {
                title: false,
                percent,
            });
            assert_eq!(edited(TITLE, text), expected, "{text}");
        }
    }

    #[test]
    fn what_runs_by_itself_is_no_edit() {
        for (old, new) in [
            ("Updated 59 minutes ago", "Updated 1 hour ago"),
            (
                "Updated 3 hours ago. 5 min read",
                "Updated 4 hours ago. 6 min read",
            ),
            (
                "Updated 14:05, 3 March 2026",
                "Updated 09:30, 28 April 2026",
            ),
            ("9 comments, 12 shares", "1,204 comments, 3.5k shares"),
            ("Обновлено 3 часа назад", "Обновлено 5 часов назад"),
            ("३ टिप्पणियाँ", "१२ टिप्पणियाँ"),
        ] {
            let version = |text| Counted::new(Version { title: TITLE, text });
            let found = edit_of(&version(old), &version(new), how(true));
            assert_eq!(found, None, "{old}");
        }
    }

    /// In a text of two hundred words six may change, and a seventh is told.
    #[test]
    fn a_long_text_may_change_a_little() {
        let text = |changed: usize| {
            let word = |n| match n {
                n if n < changed => format!("new{n} "),
                n => format!("old{n} "),
            };
            (0..200).map(word).collect::<String>()
        };
        let (old, six, seven) = (text(0), text(6), text(7));
        let version = |text| Version { title: TITLE, text };
        assert_eq!(edit(version(&old), version(&six)), None);
        let told = edit(version(&old), version(&seven));
        assert_eq!(told.map(|edit| edit.percent), Some(4));
    }

    /// What says a number, a negation or a name more is told once; what comes in the place of it again is not,
    /// where it is a number.
    #[test]
    fn a_small_change_is_told_by_what_it_means() {
        let text = |toll: &str, verdict: &str| {
            let rest = "Nobody else stood before the court that day. ".repeat(60);
            format!(
                "The fire at the mill killed {toll} people in one night. The owner was found {verdict} of arson. {rest}"
            )
        };
        let version = |text| Counted::new(Version { title: TITLE, text });
        let [first, toll, again, verdict] = [
            text("12", "guilty"),
            text("21", "guilty"),
            text("24", "guilty"),
            text("24", "not guilty"),
        ];
        let [first, toll, again, verdict] =
            [&first, &toll, &again, &verdict].map(|text| version(text));
        let small = Some(Edit {
            title: false,
            percent: 1,
        });
        for (old, new) in [(&first, &toll), (&toll, &again), (&again, &verdict)] {
            assert_eq!(edit_of(old, new, how(false)), small);
        }
        assert!(says_the_same(&first, &again, how(true)));
        assert!(!says_the_same(&first, &verdict, how(false)));
        // Of two feeds it is no more than it was.
        assert_eq!(edit(first.version(), verdict.version()), None);
    }
}
