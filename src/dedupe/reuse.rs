//! Whether the page of an entry went on to other news.
//!
//! Some pages are written anew and again under one id and one address: the live page of a broadcaster, the
//! weather, "questions of our readers". What readers were shown must not become something else in their
//! hands, and what is new must not hide behind it. So the page begins a new article, and what was
//! stored stays the old one.
//!
//! The opposite error is as bad: an edited headline is no news. So all of it must speak for it: title and
//! text have next to nothing in common with what stands there, the publisher dates it anew, and what stands
//! there has stood for half a day. A page that changes by the hour (the state of a system, a live
//! report) therefore is one article that is revised; one that is written anew each day is one a day.
//!
//! Where others are at stake it does not wait: where other outlets carry the article at pages of their own, whose report
//! would be shown nowhere, and where the words that stand there now are those of another article, which would be there twice.
//! So it is where an entry tells nothing, and would tell its news behind what another says.
//! Then title and text decide, where there is enough to tell, and were it in two steps. What is taken back so soon is what it
//! was before, and no third article.
//!
//! Of what retention took, or the first poll passed over, the text is gone. There the publisher must say that
//! it is another article by the date of publication, which an edit leaves alone, and the titles must share nothing.

use super::discriminators::is_discriminator;
use super::guards::{SERIES_SPAN, Titles, telling};
use super::ids::{TITLE_LEAST, TITLE_LETTERS};
use super::own::is_row;
use crate::model::{Entry, Known, Place, Said, is_retired};
use crate::text::{is_stop_word_anywhere, units, without_outlet, words};
use jiff::SignedDuration;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// For how long a page must have said something, and how much later it must be dated, before it can go on
/// to other news. Morning and evening of a daily page are twelve hours apart; while an event unfolds its
/// headline is rewritten more often.
const STOOD: SignedDuration = SignedDuration::from_hours(12);

/// Share of the shorter title's telling words that two titles may have in common, in per cent: "Live" at
/// the beginning of both is a quarter of four. Headlines rewritten at one address share half of theirs in
/// the middle.
const TITLE_PERCENT: usize = 25;

/// Share of the telling words of the shorter, title and text together, that both may have, in per cent. Of some thousand pairs of
/// real reports that have nothing to do with each other 99 in 100 share less, of labelled reports of one event under such
/// headlines none in texts of some sentences, and one in five in a line or two: then of another side of it.
const TEXT_PERCENT: usize = 15;

/// Telling words that they have at the least for that: a headline with a line. Of fewer it is chance that they share none.
const TEXT_LEAST: usize = 8;

/// Share of its telling words that an edit leaves, in per cent, from which on it put something right, a headline among it, and
/// is not what took a page from one thing to another, were it in two steps.
const REWORDED_PERCENT: usize = 60;

/// Share of them that what is there again has in common with what was there before, in per cent.
const RETURNED_PERCENT: usize = 60;

/// Tells whether `entry`, which has id and address of `known`, is other news than what stands there.
///
/// Not where the operator says that ids are to be believed (`identity = "guid"`).
pub(super) fn is_other_news(entry: &Entry, known: &Known) -> bool {
    let is_same_page = entry.given.is_some() && known.place == Place::Same;
    is_same_page
        && match known.entry {
            Some(_) => {
                let stands = Says::new(&known.title, &known.text);
                is_long_after(entry, known) && Says::of(entry).differs(&stands)
            }
            None => is_published_anew(entry, known),
        }
}

/// Tells whether an entry is another article than one that is only remembered.
fn is_published_anew(entry: &Entry, known: &Known) -> bool {
    let is_later = entry.published_at.duration_since(known.published_at) >= STOOD;
    entry.dated && is_later && shared_title(&entry.title, &known.title) == Some(0)
}

/// Tells whether an entry comes long enough after what stands there was written.
fn is_long_after(entry: &Entry, known: &Known) -> bool {
    let is_dated_anew = entry.updated_at.duration_since(known.updated_at) >= STOOD;
    known.stood >= STOOD && (is_dated_anew || !entry.dated)
}

/// What stands at a page.
struct Says<'a> {
    title: &'a str,
    text: Cow<'a, str>,
}

impl<'a> Says<'a> {
    fn new(title: &'a str, text: &'a str) -> Self {
        let text = text.into();
        Self { title, text }
    }

    fn of(entry: &'a Entry) -> Self {
        let text = format!("{} {}", entry.summary_text, entry.content_text);
        Self {
            title: &entry.title,
            text: text.into(),
        }
    }

    fn other(said: &'a Said) -> Self {
        Self::new(&said.title, &said.text)
    }

    /// Returns the words that tell what it is about.
    fn telling(&self) -> BTreeSet<Cow<'_, str>> {
        let title = units(without_outlet(self.title));
        let nothing = BTreeSet::new();
        telling(title.chain(units(&self.text)), &nothing)
            .into_iter()
            .filter(|word| !is_stop_word_anywhere(word) && !is_discriminator(word))
            .collect()
    }

    /// Returns how much of the telling words of the shorter the other has as well, in per cent; `None` where these are too few.
    fn shared(&self, other: &Self) -> Option<usize> {
        let (own, others) = (self.telling(), other.telling());
        let shorter = own.len().min(others.len());
        (shorter >= TEXT_LEAST).then(|| own.intersection(&others).count() * 100 / shorter)
    }

    /// Tells whether title and text have next to nothing in common with those of another. Where there is too little to tell,
    /// no word that tells anything may be in both titles, and the texts must not be the same.
    fn differs(&self, other: &Self) -> bool {
        let Some(titles) = shared_title(self.title, other.title) else {
            return false;
        };
        match self.shared(other) {
            Some(shared) => titles <= TITLE_PERCENT && shared <= TEXT_PERCENT,
            None => titles == 0 && !self.has_text_of(other),
        }
    }

    /// Tells whether its text has words beside those of its title that are enough to tell what it is about.
    fn has_telling_text(&self) -> bool {
        let title = units(without_outlet(self.title));
        let title: BTreeSet<_> = telling(title, &BTreeSet::new());
        self.telling().difference(&title).count() >= TEXT_LEAST
    }

    /// Tells whether others still say something of it.
    fn is_told_by(&self, others: &[Said]) -> bool {
        telling_of(others).any(|other| {
            self.shared(&other)
                .is_some_and(|shared| shared > TEXT_PERCENT)
        })
    }

    /// Tells whether it differs from another by words that are enough to tell.
    fn is_other_than(&self, other: &Self) -> bool {
        self.shared(other).is_some() && self.differs(other)
    }

    /// Tells whether both have one text, were it little: "Comments".
    fn has_text_of(&self, other: &Self) -> bool {
        let folded = |text| words(text).map(|word| word.folded);
        let mut own = folded(&self.text).peekable();
        own.peek().is_some() && own.eq(folded(&other.text))
    }
}

/// Tells whether an entry says so much else than stands there under its id that it may be something else, at once.
pub fn is_reworded(entry: &Entry, title: &str, text: &str) -> bool {
    let (new, stands) = (Says::of(entry), Says::new(title, text));
    new.shared(&stands)
        .is_some_and(|shared| shared < REWORDED_PERCENT)
}

/// Tells whether an entry says next to nothing of what stands there any more, by words that are enough to tell at once.
pub(super) fn is_replaced(entry: &Entry, known: &Known) -> bool {
    Says::of(entry).is_other_than(&Says::new(&known.title, &known.text))
}

/// Tells whether an entry says next to nothing any more of what the other outlets say that carry the article of `known`, which
/// is what stands there, and still said something of it. Who says too little beside a headline is passed over.
pub(super) fn leaves_others(entry: &Entry, known: &Known) -> bool {
    let (new, stands) = (Says::of(entry), Says::new(&known.title, &known.text));
    is_reworded(entry, &known.title, &known.text)
        && stands.is_told_by(&known.others)
        && telling_of(&known.others).all(|other| new.is_other_than(&other))
}

/// Returns those that say enough beside a headline.
fn telling_of(others: &[Said]) -> impl Iterator<Item = Says<'_>> {
    others
        .iter()
        .map(Says::other)
        .filter(Says::has_telling_text)
}

/// Tells whether an entry that went on to other news ([`is_replaced`]) tells nothing where it stands, and nobody there says any
/// of it: nobody would be shown them.
pub(super) fn is_hidden(entry: &Entry, stands: &Known, known: &[&Known]) -> bool {
    let new = Says::of(entry);
    let is_told_there = |it: &&Known| {
        it.article == stands.article && !is_row(it, stands) && !is_retired(&it.entry_id)
    };
    let mut others = stands.others.iter().map(Says::other);
    !stands.leads && !known.iter().any(is_told_there) && others.all(|other| new.differs(&other))
}

/// Returns the row of what its feed had of late under the id of an entry, or at its address, and has there again: what a
/// cache brings is dated before what it takes the place of, and what other outlets tell is not told a second time. What the feed
/// alone has, and dates anew or not at all, is revised where it is: the state of a system that is over is news.
pub(super) fn returns_to(entry: &Entry, known: &Known, leaves: bool) -> Option<i64> {
    let new = Says::of(entry);
    let mut former = known.former.iter();
    let former = former.find(|it| {
        let said = Says::other(&it.said);
        let titles = Titles::new(new.title, said.title);
        let shared = new.shared(&said).unwrap_or_default();
        let is_same = titles.are_related() && !titles.disagree();
        // It is older than what stands there, or that is older than the row, and was brought by a cache.
        let is_late = || {
            let is_older = entry.updated_at < known.updated_at;
            entry.dated && (is_older || known.updated_at < it.updated_at)
        };
        // The weather of the day after has the words of that of the day before.
        let apart = entry.updated_at.duration_since(it.updated_at).abs();
        let may_be_it = || !entry.dated || apart < SERIES_SPAN;
        is_same
            && shared >= RETURNED_PERCENT
            && (leaves || is_late() || may_be_it() && said.is_told_by(&it.others))
    })?;
    Some(former.number)
}

/// Returns how much two titles have in common, in per cent of the telling words of the shorter; `None` where
/// one has no words.
fn shared_title(one: &str, other: &str) -> Option<usize> {
    let (one, other) = (without_outlet(one), without_outlet(other));
    let telling = Titles::of_letters(one, other, TITLE_LETTERS);
    if telling.shorter() < TITLE_LEAST {
        return Titles::new(one, other).shared_percent();
    }
    telling.shared_percent()
}
