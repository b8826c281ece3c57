//! With which article a story began: the entry that stands for it in an output goes by that article (U2).
//!
//! An article that is in no story stands for itself, so an entry keeps its id when its article becomes the
//! first of a story, and while that grows. No two entries of an output have one founder: where the founder left
//! its story, which goes on, it gets another name.

use rusqlite::{Connection, OptionalExtension, Result};

/// What follows the id of an article that founded a story and left it.
const AGAIN: char = '\n';

/// Returns by which name a story begins with this article, or the article stands for itself.
pub(super) fn of_article(connection: &Connection, article: i64) -> Result<String> {
    let mut name: String = connection
        .prepare_cached("SELECT atom_id FROM articles WHERE id = ?1")?
        .query_row([article], |row| row.get(0))?;
    let mut taken = connection.prepare_cached("SELECT 1 FROM stories WHERE founder = ?1")?;
    while taken.exists([&name])? {
        name.push(AGAIN);
    }
    Ok(name)
}

/// Returns the name of a story; `None` for one that is gone.
pub(super) fn of_story(connection: &Connection, story: i64) -> Result<Option<String>> {
    let found = connection
        .prepare_cached("SELECT founder FROM stories WHERE id = ?1")?
        .query_row([story], |row| row.get(0));
    found.optional().map(Option::flatten)
}
