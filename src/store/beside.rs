//! What other outlets say that carry an article at pages of their own: an edit of one of them is none of theirs.

use super::keys;
use super::texts;
use crate::model::Said;
use rusqlite::{Connection, Result};

/// Entries of other feeds in the article of one, but for those that follow it: under its id, or taken from its feed, or
/// both from one.
pub(super) const OTHERS: &str = "
    SELECT o.id, o.title, o.keys, e.keys FROM entries AS e
    CROSS JOIN entries AS o INDEXED BY entries_by_article
        ON o.article = e.article AND o.feed <> e.feed AND o.entry_id <> e.entry_id
    CROSS JOIN feeds AS f ON f.id = e.feed
    CROSS JOIN feeds AS g ON g.id = o.feed
    WHERE e.id = ?1 AND coalesce(o.origin, g.name) <> coalesce(e.origin, f.name)
    ORDER BY o.id LIMIT ?2";

/// Entries that are looked at: an article of more outlets has words that all of these have.
const LOOKED_AT: i64 = 8;

/// Reads what others say that carry the article of a stored entry, not at its page: what stands there is edited with it.
pub(super) fn others(connection: &Connection, number: i64) -> Result<Vec<Said>> {
    let mut statement = connection.prepare_cached(OTHERS)?;
    let mut rows = statement.query((number, LOOKED_AT))?;
    let mut others = Vec::new();
    while let Some(row) = rows.next()? {
        let packed = [row.get_ref(2)?.as_blob()?, row.get_ref(3)?.as_blob()?];
        if !keys::are_at_one_page(packed) {
            others.push(Said {
                title: row.get(1)?,
                text: texts::plain(connection, row.get(0)?)?,
            });
        }
    }
    Ok(others)
}
