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
//! Then title and text decide, where the texts are long enough. What is taken back so soon is what it was before, and no
//! third article.
//!
//! Of what retention took, or the first poll passed over, the text is gone. There the publisher must say that
//! it is another article by the date of publication, which an edit leaves alone, and the titles must share nothing.

use super::guards::{EDITED_TEXT_PERCENT, Titles, shared_text, shared_words};
use super::ids::{TITLE_LEAST, TITLE_LETTERS};
use crate::model::{Entry, Known, Place, Said};
use crate::text::{without_outlet, words};
use jiff::SignedDuration;

/// For how long a page must have said something, and how much later it must be dated, before it can go on
/// to other news. Morning and evening of a daily page are twelve hours apart; while an event unfolds its
/// headline is rewritten more often.
const STOOD: SignedDuration = SignedDuration::from_hours(12);

/// Share of the shorter title's telling words that two titles may have in common, in per cent: "Live" at
/// the beginning of both is a quarter of four. Headlines rewritten at one address share half of theirs in
/// the middle.
const TITLE_PERCENT: usize = 25;

/// Share of the shorter text's telling words that two texts may have in common, in per cent. Rewritten
/// texts under one address share a third and more; texts of two events share a word by chance.
const TEXT_PERCENT: usize = 10;

/// Telling words beyond the titles that both texts have at the least where an entry is other news at once: a line or two. Of
/// fewer it is chance that they share none, and a headline is rewritten within the hour.
const REPLACED_LEAST: usize = 8;

/// Tells whether `entry`, which has id and address of `known`, is other news than what stands there.
///
/// Not where the operator says that ids are to be believed (`identity = "guid"`).
pub(super) fn is_other_news(entry: &Entry, known: &Known) -> bool {
    let is_same_page = entry.given.is_some() && known.place == Place::Same;
    is_same_page
        && match known.entry {
            Some(_) => is_long_after(entry, known) && differs(entry, (&known.title, &known.text)),
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

/// Tells whether an entry says next to nothing of this any more, by texts that are long enough to tell at once.
pub fn is_replaced(entry: &Entry, title: &str, text: &str) -> bool {
    can_tell(entry, title, text) && differs(entry, (title, text))
}

/// Tells whether an entry says next to nothing any more of what the other outlets say that carry the article of `known`, which
/// is what stands there. What is too short to tell is passed over: some have but a headline.
pub(super) fn leaves_others(entry: &Entry, known: &Known) -> bool {
    let others = known.others.iter().map(|it| (&*it.title, &*it.text));
    let mut telling = others
        .filter(|(title, text)| can_tell(entry, title, text))
        .peekable();
    telling.peek().is_some() && telling.all(|other| differs(entry, other))
}

/// Returns the row of what its feed had of late under the id of an entry and has there again, where others are at stake.
pub(super) fn returns_to(entry: &Entry, known: &Known) -> Option<i64> {
    let leaves_others = leaves_others(entry, known);
    let mut former = known.former.iter();
    let former = former.find(|it| {
        let Said { title, text } = &it.said;
        let titles = Titles::new(&entry.title, title);
        let shared = shared_text(entry, title, text).unwrap_or_default();
        (leaves_others || it.is_shared)
            && can_tell(entry, title, text)
            && titles.are_related()
            && !titles.disagree()
            && shared >= EDITED_TEXT_PERCENT
    })?;
    Some(former.number)
}

/// Tells whether two texts are long enough to tell at once whether they are about one thing.
fn can_tell(entry: &Entry, title: &str, text: &str) -> bool {
    shared_words(entry, title, text).1 >= REPLACED_LEAST
}

/// Tells whether title and text have next to nothing in common with those of another. Where the texts are too short to
/// tell, no word that tells anything may be in both titles, and the texts must not be the same.
fn differs(entry: &Entry, (title, text): (&str, &str)) -> bool {
    let Some(titles) = shared_title(&entry.title, title) else {
        return false;
    };
    match shared_text(entry, title, text) {
        Some(shared) => titles <= TITLE_PERCENT && shared <= TEXT_PERCENT,
        None => titles == 0 && !has_text(entry, text),
    }
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

/// Tells whether an entry has this text, were it little: "Comments".
fn has_text(entry: &Entry, text: &str) -> bool {
    let own = words(&entry.summary_text).chain(words(&entry.content_text));
    let mut own = own.map(|word| word.folded).peekable();
    own.peek().is_some() && own.eq(words(text).map(|word| word.folded))
}
