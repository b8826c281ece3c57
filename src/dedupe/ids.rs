//! What entries tell of the ids of their feed, entry by entry and poll by poll.
//!
//! An id that comes back is the same entry, edited, unless address and headline are another's: then the
//! publisher uses one id for many articles, and taken at its word each would overwrite the last. An entry
//! that is known by its address or its words and comes under an id never seen has been renamed. Either
//! happens once to a sound feed, when it gets other software. So what is done with an entry is decided at
//! once, and what is thought of the feed at the second poll that says the same.

use super::guards::{SERIES_SPAN, Titles, gap, is_of_one_moment, texts_differ};
use crate::model::{Defect, Entry, GuidHealth, Guids, Known, Place};

/// Letters of a word that tells what a headline is about; in most alphabets articles and prepositions
/// are shorter. Without an address in common these are too little: "in the north of the" is half a title.
const TELLING_LETTERS: usize = 4;

/// Such words that both must have to be compared by them alone.
const TELLING_LEAST: usize = 2;

/// Renamed entries of one poll below which nothing is thought of the feed: a publisher renames one or two
/// by hand.
const MIN_RENAMED: u32 = 3;

/// What an entry tells of its feed's ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Nothing: it goes by no id of the publisher's, or is not known.
    Silent,
    /// It is known by its id.
    Kept,
    /// It is known, and not by its id.
    Renamed,
    /// Its id was another article's. It goes by the id that it is given.
    Reused,
    /// So it does, and that is known already.
    StillReused,
}

impl Sign {
    /// Tells whether the entry goes by the id that it is given and not by its publisher's.
    pub fn is_reused(self) -> bool {
        matches!(self, Self::Reused | Self::StillReused)
    }
}

/// Tells whether `known`, which has the id of `entry`, is another article.
pub(super) fn is_another(entry: &Entry, known: &Known) -> bool {
    let is_unchanged = known.content_digest == entry.content_digest;
    if entry.given.is_none() || is_unchanged || known.place == Place::Same {
        return false;
    }
    let is_of_one = are_of_one(entry, known);
    match known.place {
        Place::Other if is_of_one == Some(true) => is_next_of_a_series(entry, known),
        Place::Other => is_of_one == Some(false),
        // Without addresses a headline that is rewritten looks as one of another article: the date tells,
        // which stays with an edit, or else the text.
        Place::Unknown if is_of_one != Some(false) => false,
        Place::Unknown if entry.dated => !is_of_one_moment(entry, known),
        Place::Unknown | Place::Same => texts_differ(entry, known),
    }
}

/// Tells whether an entry at an address of its own is the next part of what `known` is a part of: a day
/// later, about another day or with another text under the headline.
fn is_next_of_a_series(entry: &Entry, known: &Known) -> bool {
    gap(entry, known) > SERIES_SPAN
        && (Titles::new(&entry.title, &known.title).disagree() || texts_differ(entry, known))
}

/// Tells whether two entries may be of one article by their headlines, or by their texts where one of them
/// has no headline; `None` where there are no words to compare.
fn are_of_one(entry: &Entry, known: &Known) -> Option<bool> {
    are_alike(&entry.title, &known.title).or_else(|| {
        let text = format!("{} {}", entry.summary_text, entry.content_text);
        are_alike(&text, &known.text)
    })
}

/// Tells whether two texts have words enough in common; `None` where one of them has none.
fn are_alike(left: &str, right: &str) -> Option<bool> {
    let all = Titles::new(left, right);
    if all.shorter() == 0 {
        return None;
    }
    let telling = Titles::of_letters(left, right, TELLING_LETTERS);
    let words = if telling.shorter() < TELLING_LEAST {
        all
    } else {
        telling
    };
    Some(words.are_related())
}

/// What the entries of one poll tell of the ids of their feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    kept: u32,
    renamed: u32,
    reused: u32,
}

impl Tally {
    /// Counts one entry.
    pub fn note(&mut self, sign: Sign) {
        let count = match sign {
            Sign::Silent | Sign::StillReused => return,
            Sign::Kept => &mut self.kept,
            Sign::Renamed => &mut self.renamed,
            Sign::Reused => &mut self.reused,
        };
        *count = count.saturating_add(1);
    }

    /// Returns what to think of the feed's ids after this poll.
    ///
    /// A poll in which no known entry came back, as where only news is sent, changes nothing.
    pub fn judge(&self, before: Guids) -> Guids {
        let found = self.found().filter(|_| before.health.is_good());
        match found {
            None => before,
            Some(found) if found == before.suspicion => Guids {
                health: found,
                suspicion: GuidHealth::Good,
            },
            Some(found) => Guids {
                suspicion: found,
                ..before
            },
        }
    }

    /// Returns what is to be told of the document; `None` where nothing is.
    pub fn defect(&self) -> Option<Defect> {
        let all = self.all();
        let told = |code, message| Some(Defect { code, message });
        if self.found() == Some(GuidHealth::Changing) {
            let renamed = self.renamed;
            told(
                "changing-id",
                format!("{renamed} of {all} known entries came under another id"),
            )
        } else if self.reused > 0 {
            let reused = self.reused;
            told(
                "reused-id",
                format!("{reused} of {all} known entries came under the id of another"),
            )
        } else {
            None
        }
    }

    /// Returns what most of the entries say; `None` where there are too few to say anything.
    fn found(&self) -> Option<GuidHealth> {
        let is_most = |part: u32| part.saturating_mul(2) > self.all();
        if is_most(self.reused) {
            Some(GuidHealth::Reused)
        } else if is_most(self.renamed) && self.renamed >= MIN_RENAMED {
            Some(GuidHealth::Changing)
        } else {
            (self.kept > 0).then_some(GuidHealth::Good)
        }
    }

    /// Counts the entries that were known by id or otherwise.
    fn all(&self) -> u32 {
        self.kept
            .saturating_add(self.renamed)
            .saturating_add(self.reused)
    }
}
