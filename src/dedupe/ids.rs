//! What entries tell of the ids of their feed, entry by entry and poll by poll.
//!
//! An id that comes back is the same entry, edited, unless address and headline are another's: then the
//! publisher uses one id for many articles, and taken at its word each would overwrite the last. An entry
//! that is known by its address or its words and comes under an id never seen has been renamed. Either
//! happens once to a sound feed, when it gets other software. So what is done with an entry is decided at
//! once, and what is thought of the feed at the second poll that says the same.

use super::guards::{
    SERIES_SPAN, Titles, is_in_its_place, is_of_one_instant, is_of_one_moment, texts_are_alike,
    texts_differ,
};
use crate::model::{Defect, Entry, GuidHealth, Guids, Known, Place};

/// Letters of a word that tells what a headline is about; in most alphabets articles and prepositions
/// are shorter. Without an address in common these are too little: "in the north of the" is half a title.
pub(super) const TITLE_LETTERS: usize = 4;

/// Such words that both must have to be compared by them alone.
pub(super) const TITLE_LEAST: usize = 2;

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

/// Tells whether `known`, which has the id of `entry` but neither its address nor all its words, is another
/// article.
pub(super) fn is_another(entry: &Entry, known: &Known) -> bool {
    let text = format!("{} {}", entry.summary_text, entry.content_text);
    let words = Comparison::new((&entry.title, &known.title), (&text, &known.text));
    let is_next = is_later(entry, known);
    let is_edit = words.related == Some(true) && !words.disagree && !is_next;
    if is_edit || texts_are_alike(entry, known) && !(is_next && words.disagree) {
        return false;
    }
    // A headline that counts on, at an address with a session in it: the date of publication stays with an edit. Parts of a
    // series that come in one document may be dated alike.
    let counts_on = words.related == Some(true) && is_in_its_place(entry, known);
    match known.place {
        Place::Same | Place::Other => !counts_on || texts_differ(entry, known),
        // Without addresses a headline that is rewritten looks as one of another article: again the date tells.
        Place::Unknown if words.related.is_some() => !is_of_one_instant(entry, known),
        // Two that say nothing: the id is all there is, unless it is another moment's.
        Place::Unknown => entry.exact && known.dated && !is_of_one_moment(entry, known),
    }
}

/// Tells whether an entry was published so much later or earlier than `known` that it is another part of a
/// series. What has no date has that of the poll at which we saw it first, and cannot be earlier.
pub(super) fn is_later(entry: &Entry, known: &Known) -> bool {
    let later = entry.published_at.duration_since(known.published_at);
    let apart = if known.dated { later.abs() } else { later };
    entry.dated && apart > SERIES_SPAN
}

/// Tells whether two ids are one but for the number behind its last `#`: `https://paper.example/1#0`, then `#1` after an edit.
pub(super) fn is_next_version(one: &str, other: &str) -> bool {
    let of_version = |id: &str| {
        let (base, number) = id.rsplit_once('#')?;
        let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
        is_number.then(|| base.to_owned())
    };
    of_version(one).is_some_and(|base| of_version(other) == Some(base))
}

/// What the words of two entries say of them.
struct Comparison {
    /// Whether they may be of one article; `None` where one of them has none.
    related: Option<bool>,
    /// Whether each has a number or a day that the other lacks.
    disagree: bool,
}

impl Comparison {
    /// Compares headlines, or texts where one of the entries has no headline.
    fn new(titles: (&str, &str), texts: (&str, &str)) -> Self {
        let all = Titles::new(titles.0, titles.1);
        let ((left, right), all) = match all.shorter() {
            0 => (texts, Titles::new(texts.0, texts.1)),
            _ => (titles, all),
        };
        let telling = Titles::of_letters(left, right, TITLE_LETTERS);
        let related = match telling.shorter() {
            _ if all.shorter() == 0 => None,
            ..TITLE_LEAST => Some(all.are_related()),
            _ => Some(telling.are_related()),
        };
        Self {
            related,
            disagree: all.disagree(),
        }
    }
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
