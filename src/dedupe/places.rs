//! Whether the addresses of a feed are places in a list, at which article follows article.
//!
//! The links of some feeds number what is listed (`show?item=1`): with each article that comes on top all others move to the
//! next address. What is at an address is not one entry there, and a headline that is found at another address of the
//! document is the article that it was. One that is moved by hand is no rule: the feed is judged by most of its entries, at
//! the second poll that says the same (`ids.rs`).

use super::guards::{Titles, is_of_one_instant, texts_are_alike};
use crate::model::{Entry, Known};
use crate::text::words;

/// Tells whether an entry says what its feed had at another address of the document: under the same title the same text, be
/// it none, or at the same instant. Of what is only remembered the title is all there is.
pub fn says_it_elsewhere(entry: &Entry, known: &Known) -> bool {
    let folded = |text| words(text).map(|word| word.folded);
    let own = folded(&entry.summary_text).chain(folded(&entry.content_text));
    is_titled_as(entry, known)
        && (known.entry.is_none()
            || own.eq(folded(&known.text))
            || is_of_one_instant(entry, known)
            || texts_are_alike(entry, known))
}

/// Tells whether an entry has the title of what is stored.
pub(super) fn is_titled_as(entry: &Entry, known: &Known) -> bool {
    let folded = |title| words(title).map(|word| word.folded);
    folded(&entry.title).eq(folded(&known.title))
}

/// Tells whether an entry may be what its feed had at its address, as far as that says anything: not what the document has at
/// another one, and where addresses are places, only what says most of it, with the same numbers and days.
pub(super) fn is_in_place(entry: &Entry, known: &Known) -> bool {
    let titles = || Titles::new(&entry.title, &known.title);
    let is_edit = || {
        let titles = titles();
        titles.are_related() && !titles.disagree() && texts_are_alike(entry, known)
    };
    !known.is_elsewhere && (!entry.by_title || is_edit())
}
