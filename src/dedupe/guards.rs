//! What speaks against taking two entries for one, key by key.
//!
//! The spans and shares were tuned on labelled pairs of real news, with one aim before all others: no
//! two different articles merged.

use super::discriminators::is_discriminator;
use super::ids::{is_later, is_next_version};
use super::near::have_other_numbers;
use crate::model::{Entry, KeyKind, Known, Place};
use crate::text::{Word, is_stop_word_anywhere, units, words};
use jiff::SignedDuration;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Slugs and article numbers come again: yearly pages, renumbered archives.
const PATH_SPAN: SignedDuration = SignedDuration::from_hours(48);

/// A text of a dozen words or more is copied within days; later it is a rerun.
const CONTENT_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Wire copy spreads within three days; an equal headline later is another event.
pub(super) const TITLE_SPAN: SignedDuration = SignedDuration::from_hours(72);

/// One feed repeats a headline within hours when it issues an article anew, and after a day when it is
/// the next part of a series ("What happened today").
pub(super) const SERIES_SPAN: SignedDuration = SignedDuration::from_hours(20);

/// Two dates that differ by less are one: RSS gives whole seconds, and the store keeps thousandths.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);

/// Share of the shorter title's words that two titles of one article have in common, in per cent. An
/// edited headline keeps its names; below this they are about other things.
const RELATED_PERCENT: usize = 40;

/// Share of the shorter title's words, numbers and days aside, that parts of a series have in common, in
/// per cent.
const SERIES_PERCENT: usize = 60;

/// Words of a text that are compared: its lead, and some more for a summary that stands before it.
const LEAD_WORDS: usize = 120;

/// Share of the words of both titles that are in both, in per cent, where an id is all that two feeds have in common beside
/// them. Ids that count up are known beforehand: "Tunnel will never open" must not stand for "Tunnel opens".
const CLAIMED_PERCENT: usize = 50;

/// Letters of a word that tells what a text is about; shorter ones are in every text.
const TELLING_LETTERS: usize = 5;

/// Such words that a text must have beside its title to be compared.
const TELLING_LEAST: usize = 6;

/// Such words that a short text must have to say by itself that it is about another thing.
const SHORT_LEAST: usize = 3;

/// Share of the shorter text's telling words that copies have in common, in per cent: a copy that was cut
/// or led in otherwise keeps more, reports of two events share a word or two.
const SAME_TEXT_PERCENT: usize = 25;

/// Share of the shorter text's telling words that two versions of an entry have in common, in per cent. An
/// edit keeps most of a text; parts of a series share what stands around the news.
const EDITED_TEXT_PERCENT: usize = 60;

/// Seconds of a day: a date that is a multiple of it is a day without a time.
const SECONDS_OF_DAY: i64 = 86_400;

/// Seconds of a quarter of an hour: a date that is a multiple of it may be of a schedule, or a day in some time zone.
const SECONDS_OF_QUARTER: i64 = 900;

/// What speaks against a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The feed used the id for an article before.
    ReusedId,
    /// Too much time between the two.
    TooFarApart,
    /// The titles have too little in common.
    OtherTitle,
    /// The titles name different numbers, days or months.
    OtherNumbers,
    /// The texts under the title have too little in common.
    OtherText,
    /// The texts have other numbers between the same words.
    OtherFigures,
    /// The next part of a series.
    Series,
}

/// Tells whether a stored entry was found by the id that `entry` would be given.
pub(super) fn is_given(entry: &Entry, known: &Known) -> bool {
    entry
        .given
        .as_ref()
        .is_some_and(|given| given.key == known.key)
}

/// Tells whether the feed itself has used the words of `entry`, or what is its own in an address, before, so
/// long ago that this is the next part of a series. Other feeds may have carried the last part, too, and
/// must not draw this one to it. An entry that was taken from another feed is that one's part.
pub(super) fn recurs(entry: &Entry, known: &[&Known]) -> bool {
    known.iter().any(|known| {
        !matches!(
            known.key.kind,
            KeyKind::Guid | KeyKind::Published | KeyKind::Url
        ) && (known.feed == entry.feed || known.same_source)
            && gap(entry, known) > SERIES_SPAN
    })
}

/// Returns what speaks against taking `entry` for a copy of `known`, if anything does. `recurs`: what
/// [`recurs`] said of the entry.
pub(super) fn objection(entry: &Entry, known: &Known, recurs: bool) -> Option<Refusal> {
    let gap = gap(entry, known);
    let titles = || Titles::new(&entry.title, &known.title);
    match known.key.kind {
        KeyKind::Guid if !is_given(entry, known) => Some(Refusal::ReusedId),
        // The same words of the same moment under two ids of one feed: the id was changed. Of another
        // moment, or of none, they are news of a feed that says little.
        KeyKind::Guid if gap >= MOMENT || !entry.dated => Some(Refusal::TooFarApart),
        KeyKind::Guid => {
            (known.content_digest != entry.content_digest).then_some(Refusal::OtherText)
        }
        // One feed that has two ids for one page (states of a system, parts of a list) means two things,
        // unless the title says otherwise. And any feed can name an address that is another's: a title
        // of its own, or none, must not hide what stands there.
        KeyKind::Url => {
            let titles = titles();
            let is_own = known.feed == entry.feed;
            if !is_own && titles.one_is_missing() || !titles.are_related() {
                Some(Refusal::OtherTitle)
            } else if is_own && titles.disagree() && !counts_on(entry, known) {
                Some(Refusal::OtherNumbers)
            } else if is_own && is_another_edition(entry, known) {
                Some(Refusal::OtherText)
            } else {
                None
            }
        }
        KeyKind::Published => claimed(entry, known),
        KeyKind::Slug | KeyKind::ArticleNumber if gap > PATH_SPAN => Some(Refusal::TooFarApart),
        KeyKind::Content if gap > CONTENT_SPAN => Some(Refusal::TooFarApart),
        KeyKind::Title if gap > TITLE_SPAN => Some(Refusal::TooFarApart),
        _ if recurs && gap > SERIES_SPAN => Some(Refusal::Series),
        KeyKind::Slug | KeyKind::ArticleNumber => match titles() {
            // Part of an address, and no words to confirm it, is too little.
            titles if titles.shorter() == 0 || !titles.are_related() => Some(Refusal::OtherTitle),
            titles if titles.disagree() => Some(Refusal::OtherNumbers),
            _ if texts_differ(entry, known) => Some(Refusal::OtherText),
            _ if known.key.kind == KeyKind::Slug && is_filled_in_anew(entry, known) => {
                Some(Refusal::OtherFigures)
            }
            _ => None,
        },
        // What looks like the name of an outlet is none where one feed has two of them.
        KeyKind::Content if known.feed == entry.feed && !titles().one_holds_other() => {
            Some(Refusal::OtherTitle)
        }
        KeyKind::Content => None,
        KeyKind::Title => match titles() {
            titles if !titles.one_holds_other() => Some(Refusal::OtherTitle),
            titles if titles.differ_in_numbers() => Some(Refusal::OtherNumbers),
            _ if texts_differ(entry, known) => Some(Refusal::OtherText),
            _ if is_filled_in_anew(entry, known) => Some(Refusal::OtherFigures),
            _ => None,
        },
    }
}

/// Tells whether a feed fills one form in again under one headline, as each of a day's weather reports: other numbers between the
/// same words, at an address and with a date of its own. What is issued anew keeps the date, or the numbers.
fn is_filled_in_anew(entry: &Entry, known: &Known) -> bool {
    let is_own = known.feed == entry.feed && entry.dated && known.dated;
    let text = || format!("{} {}", entry.summary_text, entry.content_text);
    let is_anew = || have_other_numbers(&text(), &known.text, LEAD_WORDS);
    is_own && !is_of_one_moment(entry, known) && is_anew()
}

/// Tells whether a feed has something else at an address of its own, under another id: the next of a page's editions, "Today's
/// menu", or what stands beside it there. What has the next version of its id is that, rewritten, and so is what has its very
/// date and is of the feed's own. A day later an edit keeps most of a text, and of a short one under the same headline all.
fn is_another_edition(entry: &Entry, known: &Known) -> bool {
    let is_rewritten = || match shared_text(entry, &known.title, &known.text) {
        Some(percent) => percent < EDITED_TEXT_PERCENT,
        None => entry.title == known.title && entry.content_digest != known.content_digest,
    };
    let is_other = texts_differ(entry, known) || is_later(entry, known) && is_rewritten();
    // A whole document has no other entry there by now, so that dates on the quarter are none of a schedule.
    let is_rewritten_there = || known.is_left && is_of_one_instant(entry, known);
    // What a feed passes on from others is not known by an instant: it may be another's.
    let is_passed_on = entry.source.is_some() || known.is_passed_on;
    let is_version = || {
        is_next_version(&entry.entry_id, &known.entry_id)
            || !is_passed_on && (is_in_its_place(entry, known) || is_rewritten_there())
    };
    is_other && known.entry.is_some() && !is_version()
}

/// Returns what speaks against an entry that has the id of a stored one of another feed.
///
/// Any feed can name an id that is another's, were it one still to come, so the words have to say it as well: most of
/// those of the titles, or the texts under titles that are related, and never under another text. Where one of two has no
/// title its text stands for it: what is published has one made of its first words, and comes back with it.
fn claimed(entry: &Entry, known: &Known) -> Option<Refusal> {
    let title = own_title(entry);
    let says = |title: &str, text: &str| {
        let words = Titles::new(title, text);
        words.shorter() > 0 && words.are_related()
    };
    // One that we gave names what we published, and nothing that is still to come. What retention took has no text.
    let is_known = known.entry_id != entry.entry_id || known.entry.is_none();
    let is_related = match (title.is_empty(), known.title.is_empty()) {
        (false, false) => {
            let titles = Titles::new(title, &known.title);
            let is_said = || shared_text(entry, &known.title, &known.text);
            titles.are_related()
                && (is_known
                    || titles.share(CLAIMED_PERCENT)
                    || is_said().is_some_and(|percent| percent >= SAME_TEXT_PERCENT))
        }
        (true, false) => {
            says(&known.title, &entry.summary_text) || says(&known.title, &entry.content_text)
        }
        (false, true) => says(title, &known.text),
        (true, true) => is_same_text(entry, known),
    };
    if !is_related {
        Some(Refusal::OtherTitle)
    } else if Titles::new(title, &known.title).disagree() {
        Some(Refusal::OtherNumbers)
    } else if !is_known && texts_differ(entry, known) {
        Some(Refusal::OtherText)
    } else {
        None
    }
}

/// Returns the title of an entry; none where it is but the name of its source, as what has neither title nor
/// text is published.
fn own_title(entry: &Entry) -> &str {
    let source = entry.source.as_ref();
    if source.is_some_and(|source| source.title == entry.title) {
        ""
    } else {
        &entry.title
    }
}

/// Tells whether two entries without titles say the same, or stand at one address where they say too little.
fn is_same_text(entry: &Entry, known: &Known) -> bool {
    match shared_text(entry, &known.title, &known.text) {
        Some(percent) => percent >= SAME_TEXT_PERCENT,
        None => known.content_digest == entry.content_digest || known.place == Place::Same,
    }
}

/// Tells whether the texts of two entries under one title are about other things: two town councils
/// approve their budgets on one evening. Of short texts it is enough that they share nothing, and one of a
/// word or two says nothing.
pub(super) fn texts_differ(entry: &Entry, known: &Known) -> bool {
    let (shared, shorter) = shared_words(entry, &known.title, &known.text);
    match shorter {
        TELLING_LEAST.. => shared * 100 < shorter * SAME_TEXT_PERCENT,
        SHORT_LEAST.. => shared == 0,
        _ => false,
    }
}

/// Returns how much of the shorter text of two entries is in the other, in per cent of the words that tell
/// what it is about beyond the titles; `None` where it is too short to tell. Which of the two is stored is
/// of no account.
pub(super) fn shared_text(entry: &Entry, title: &str, text: &str) -> Option<usize> {
    let (shared, shorter) = shared_words(entry, title, text);
    (shorter >= TELLING_LEAST).then(|| shared * 100 / shorter)
}

/// Counts the telling words beyond the titles that the texts of two entries share, and those of the shorter.
fn shared_words(entry: &Entry, title: &str, text: &str) -> (usize, usize) {
    let titles = units(&entry.title).chain(units(title));
    let titles: BTreeSet<_> = titles.map(|word| word.folded).collect();
    let own = units(&entry.summary_text).chain(units(&entry.content_text));
    let (own, other) = (telling(own, &titles), telling(units(text), &titles));
    (own.intersection(&other).count(), own.len().min(other.len()))
}

/// Returns the words at the beginning of a text that tell what it is about beyond its title.
pub(super) fn telling<'a>(
    text: impl Iterator<Item = Word<'a>>,
    titles: &BTreeSet<Cow<'_, str>>,
) -> BTreeSet<Cow<'a, str>> {
    text.take(LEAD_WORDS)
        .map(|word| word.folded)
        .filter(|word| is_telling(word) && !titles.contains(word))
        .collect()
}

/// Tells whether a word is long enough to tell what a text is about. A letter of a script without spaces
/// stands for a word, and two of them do.
fn is_telling(word: &str) -> bool {
    word.chars().count() >= TELLING_LETTERS || word.starts_with(|c: char| c >= '\u{E00}')
}

/// Tells whether both were published at one time.
pub(super) fn is_of_one_moment(entry: &Entry, known: &Known) -> bool {
    gap(entry, known) < MOMENT
}

/// Tells whether both have one date of publication with a time, which stays with an edit. A mere day is that of many.
pub(super) fn is_of_one_instant(entry: &Entry, known: &Known) -> bool {
    let is_midnight = entry.published_at.as_second() % SECONDS_OF_DAY == 0;
    entry.exact && known.dated && !is_midnight && is_of_one_moment(entry, known)
}

/// Tells whether a feed only counted on in the title of what it had at an address, a toll or comments: the instant and
/// the text are the same, and it stands in the place of what is there, not beside it as the values of two stations do.
fn counts_on(entry: &Entry, known: &Known) -> bool {
    is_in_its_place(entry, known) && (texts_are_alike(entry, known) || says_the_same(entry, known))
}

/// Tells whether two texts are the same but for numbers and days, were they short.
fn says_the_same(entry: &Entry, known: &Known) -> bool {
    let own = words(&entry.summary_text).chain(words(&entry.content_text));
    let own = own.filter(|word| !is_discriminator(&word.folded));
    let mut own = own.map(|word| word.folded).peekable();
    let other = words(&known.text).filter(|word| !is_discriminator(&word.folded));
    own.peek().is_some() && own.eq(other.map(|word| word.folded))
}

/// Tells whether an entry stands in the place of what its feed had, as far as nothing speaks against it: where neither
/// has a date, its id may have changed with a number in its title. There the texts must not be those of two notices.
pub(super) fn may_be_in_its_place(entry: &Entry, known: &Known) -> bool {
    let are_undated = !entry.dated && !known.dated;
    let is_apart = known.is_new || known.is_beside;
    is_in_its_place(entry, known) || are_undated && !is_apart && texts_may_be_one(entry, known)
}

/// Tells whether two texts may be one, edited: they are alike, or too short to tell and not about other things.
fn texts_may_be_one(entry: &Entry, known: &Known) -> bool {
    match shared_text(entry, &known.title, &known.text) {
        Some(percent) => percent >= EDITED_TEXT_PERCENT,
        None => !texts_differ(entry, known),
    }
}

/// Tells whether an entry of one instant with what its feed had stands in the place of that.
pub(super) fn is_in_its_place(entry: &Entry, known: &Known) -> bool {
    let is_round = entry.published_at.as_second() % SECONDS_OF_QUARTER == 0;
    !known.is_new && !known.is_beside && !is_round && is_of_one_instant(entry, known)
}

/// Tells whether two entries have one text, edited.
pub(super) fn texts_are_alike(entry: &Entry, known: &Known) -> bool {
    shared_text(entry, &known.title, &known.text)
        .is_some_and(|percent| percent >= EDITED_TEXT_PERCENT)
}

/// The time between the publication of both.
pub(super) fn gap(entry: &Entry, known: &Known) -> SignedDuration {
    entry.published_at.duration_since(known.published_at).abs()
}

/// The words of two titles.
pub(super) struct Titles<'a> {
    shared: BTreeSet<Cow<'a, str>>,
    only_left: BTreeSet<Cow<'a, str>>,
    only_right: BTreeSet<Cow<'a, str>>,
}

impl<'a> Titles<'a> {
    /// Compares all words.
    pub(super) fn new(left: &'a str, right: &'a str) -> Self {
        Self::of_letters(left, right, 1)
    }

    /// Compares the words of at least so many letters; of what is no title but a text, its lead.
    pub(super) fn of_letters(left: &'a str, right: &'a str, least: usize) -> Self {
        let set = |title: &'a str| {
            units(title)
                .take(LEAD_WORDS)
                .map(|word| word.folded)
                .filter(|word| word.chars().nth(least.saturating_sub(1)).is_some())
                .collect::<BTreeSet<_>>()
        };
        let (left, right) = (set(left), set(right));
        Self {
            shared: left.intersection(&right).cloned().collect(),
            only_left: left.difference(&right).cloned().collect(),
            only_right: right.difference(&left).cloned().collect(),
        }
    }

    /// Tells whether enough of the shorter title is in the other, grammar aside where there is more. A missing
    /// title says nothing against.
    pub(super) fn are_related(&self) -> bool {
        let telling = |words: &BTreeSet<Cow<'_, str>>| {
            let words = words.iter();
            words.filter(|word| !is_stop_word_anywhere(word)).count()
        };
        let (left, right) = (telling(&self.only_left), telling(&self.only_right));
        let shared = telling(&self.shared);
        match shared + left.min(right) {
            0 => self.shared.len() * 100 >= self.shorter() * RELATED_PERCENT,
            shorter => shared * 100 >= shorter * RELATED_PERCENT,
        }
    }

    /// Returns the words that one title alone has, the first's and the second's.
    pub(super) fn own_words(&self) -> [&BTreeSet<Cow<'a, str>>; 2] {
        [&self.only_left, &self.only_right]
    }

    /// Returns how many words of the shorter title are in the other, in per cent; `None` where one has none.
    pub(super) fn shared_percent(&self) -> Option<usize> {
        (self.shared.len() * 100).checked_div(self.shorter())
    }

    /// Counts the words of the title that has fewer.
    pub(super) fn shorter(&self) -> usize {
        self.shared.len() + self.only_left.len().min(self.only_right.len())
    }

    /// Tells whether one of two titles has no words.
    pub(super) fn one_is_missing(&self) -> bool {
        self.shared.is_empty() && (self.only_left.is_empty() != self.only_right.is_empty())
    }

    /// Tells whether one title has all the words of the other, and perhaps the name of its outlet.
    fn one_holds_other(&self) -> bool {
        self.only_left.is_empty() || self.only_right.is_empty()
    }

    /// Tells whether so many per cent of all their words are in both.
    pub(super) fn share(&self, percent: usize) -> bool {
        let all = self.shared.len() + self.only_left.len() + self.only_right.len();
        !self.shared.is_empty() && self.shared.len() * 100 >= all * percent
    }

    /// Tells whether the titles are alike but for numbers, days and months, as those of a daily column are.
    pub(super) fn are_parts_of_a_series(&self) -> bool {
        let plain = |words: &BTreeSet<Cow<'_, str>>| {
            words.iter().filter(|word| !is_discriminator(word)).count()
        };
        let (left, right) = (plain(&self.only_left), plain(&self.only_right));
        let shared = plain(&self.shared);
        let are_alike = shared * 100 >= (shared + left.min(right)) * SERIES_PERCENT;
        are_alike && shared > 0 && (self.differ_in_numbers() || left + right == 0)
    }

    /// Tells whether each title has a number, day or month that the other lacks.
    pub(super) fn disagree(&self) -> bool {
        has_discriminator(&self.only_left) && has_discriminator(&self.only_right)
    }

    /// Tells whether either title has a number, day or month that the other lacks.
    fn differ_in_numbers(&self) -> bool {
        has_discriminator(&self.only_left) || has_discriminator(&self.only_right)
    }
}

/// Tells whether among words there is one that tells parts of a series or states of an event apart.
fn has_discriminator(words: &BTreeSet<Cow<'_, str>>) -> bool {
    words.iter().any(|word| is_discriminator(word))
}
