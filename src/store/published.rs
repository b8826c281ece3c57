//! Under which id an article is published.

use super::labels::Labelled;
use super::retired;
use super::rows::At;
use super::writer::Pen;
use crate::model::Entry;
use crate::publish;
use jiff::Timestamp;
use rusqlite::Result;

/// Makes an article of an entry, under the id that it is published by for as long as it is stored (U2): the
/// publisher's where it can serve and is free, else one of our own.
///
/// Two feeds may claim one id, by accident or to pass for another; the first keeps it (U3). A publisher may
/// even claim an id that we would make: then another is made, and it has to guess that one too.
///
/// `feed` is the number of the feed, `at` the instant of the poll.
pub(super) fn insert(pen: &Pen<'_>, feed: i64, entry: &Entry, at: Timestamp) -> Result<Labelled> {
    let authority = &pen.identity.authority;
    let mut id = publish::entry_atom_id(&entry.entry_id);
    let mut salted = entry.entry_id.clone();
    if retired::is_worn(pen.connection, feed, &salted)? {
        // Readers know the id as that of other news, even if these are gone by now.
        (id, salted) = (None, format!("{salted}\n{at}"));
    }
    loop {
        let id = id
            .take()
            .unwrap_or_else(|| publish::minted_atom_id(authority, &entry.feed, &salted));
        if let Some(article) = claim(pen, &id, entry)? {
            let published_at = entry.published_at;
            return Ok(Labelled {
                article,
                published_at,
            });
        }
        salted.push('\n');
    }
}

/// Makes an article with this id, unless another has it.
fn claim(pen: &Pen<'_>, atom_id: &str, entry: &Entry) -> Result<Option<i64>> {
    // Without RETURNING, which would have SQLite keep a copy of each page that is changed.
    let made = pen
        .connection
        .prepare_cached(
            "INSERT INTO articles (atom_id, published_at, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (atom_id) DO NOTHING",
        )?
        .execute((atom_id, At(entry.published_at), At(entry.updated_at)))?;
    Ok((made > 0).then(|| pen.connection.last_insert_rowid()))
}
