//! With which article a story began: the entry that stands for it in an output goes by that article (U2).
//!
//! An article that is in no story stands for itself, so an entry keeps its id when its article becomes the
//! first of a story, and while that grows. No two entries of an output have one founder: where the founder left
//! its story, which goes on, it gets another name.
//!
//! The entry outlives its founder: its dates are the story's own. Published it was when the founder was, and changed when a
//! report was corrected that told it (`tellers.rs`). When retention took the founder, and a single article is left, this one
//! is its heir: it stands for what the story was, under its name and dates, until it begins another story or goes itself.
//! Where the founder is stored it may stand for itself again, and is not dated earlier then than readers were told (U7). One that
//! its publisher withdrew and lists again finds its name taken, and gets another.

use super::rows::At;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result};

/// What follows the id of an article that founded a story and left it.
const AGAIN: char = '\n';

/// When an entry that stands for a story was published and changed.
pub(super) type Dates = (Timestamp, Timestamp);

/// Returns by which name a story begins with this article, or the article stands for itself.
pub(super) fn of_article(connection: &Connection, article: i64) -> Result<String> {
    let mut name: String = connection
        .prepare_cached(
            "SELECT coalesce((SELECT founder FROM heirs WHERE article = ?1),
                 (SELECT atom_id FROM articles WHERE id = ?1))",
        )?
        .query_row([article], |row| row.get(0))?;
    let mut taken = connection.prepare_cached(
        "SELECT 1 FROM stories WHERE founder = ?1
         UNION ALL SELECT 1 FROM heirs WHERE founder = ?1 AND article <> ?2",
    )?;
    while taken.exists((&name, article))? {
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

/// Returns the article that a story began with; `None` where that is not among its reports.
pub(super) fn article(connection: &Connection, story: i64) -> Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT a.id FROM stories AS s
             CROSS JOIN articles AS a ON a.atom_id = rtrim(s.founder, char(10)) AND a.story = s.id
             WHERE s.id = ?1",
        )?
        .query_row([story], |row| row.get(0))
        .optional()
}

/// Returns the dates of the entry that stands for a story; `None` where nothing is known of its founder.
pub(super) fn dates(connection: &Connection, story: i64) -> Result<Option<Dates>> {
    let dates = connection
        .prepare_cached("SELECT published_at, updated_at FROM stories WHERE id = ?1")?
        .query_row([story], |row| {
            let [published, updated] = [row.get::<_, Option<At>>(0)?, row.get(1)?];
            Ok(published
                .zip(updated)
                .map(|(At(published), At(updated))| (published, updated)))
        });
    dates.optional().map(Option::flatten)
}

/// Dates the entry that stands for a story as changed when one of its reports was, where that is later, else `at` now: so are
/// articles dated themselves (`record.rs`).
pub(super) fn change(
    connection: &Connection,
    (story, report): (i64, i64),
    at: Timestamp,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE stories SET updated_at = iif(
                 a.updated_at > stories.updated_at, a.updated_at, max(stories.updated_at, ?3))
             FROM articles AS a WHERE stories.id = ?1 AND a.id = ?2",
        )?
        .execute((story, report, At(at)))?;
    Ok(())
}

/// Dates the entry that stands for an article which is in no story likewise, where it has another date than the article.
pub(super) fn change_alone(connection: &Connection, article: i64, at: Timestamp) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE heirs SET updated_at = iif(
                 a.updated_at > heirs.updated_at, a.updated_at, max(heirs.updated_at, ?2))
             FROM articles AS a WHERE heirs.article = ?1 AND a.id = ?1",
        )?
        .execute((article, At(at)))?;
    connection
        .prepare_cached(
            "UPDATE articles SET entry_updated_at = max(entry_updated_at, ?2)
             WHERE id = ?1 AND updated_at <= entry_updated_at",
        )?
        .execute((article, At(at)))?;
    Ok(())
}

/// Returns when the report was published that a story began with, else when the story was born.
pub(super) fn begun_at(connection: &Connection, story: i64) -> Result<Timestamp> {
    if let Some((published_at, _)) = dates(connection, story)? {
        return Ok(published_at);
    }
    let At(born_at) = connection
        .prepare_cached("SELECT born_at FROM stories WHERE id = ?1")?
        .query_row([story], |row| row.get(0))?;
    Ok(born_at)
}

/// Returns the dates of the entry that stands for an article alone: those of the story whose heir it is, else its own, no
/// change earlier than was told of the stories that began with it.
pub(super) fn dates_alone(connection: &Connection, article: i64) -> Result<Dates> {
    connection
        .prepare_cached(
            "SELECT coalesce(h.published_at, a.published_at),
                 coalesce(h.updated_at, max(a.updated_at, coalesce(a.entry_updated_at, a.updated_at)))
             FROM articles AS a LEFT JOIN heirs AS h ON h.article = a.id WHERE a.id = ?1",
        )?
        .query_row([article], |row| {
            Ok((row.get::<_, At>(0)?.0, row.get::<_, At>(1)?.0))
        })
}

/// Tells whether a story of this article began with it.
pub(super) fn began(connection: &Connection, article: i64) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM articles AS a CROSS JOIN stories AS s ON s.id = a.story
             WHERE a.id = ?1 AND a.atom_id = rtrim(s.founder, char(10))",
        )?
        .exists([article])
}

/// Makes a story that begins with an article, under the name and with the dates by which that stands for itself.
pub(super) fn found(connection: &Connection, first: i64, at: Timestamp) -> Result<i64> {
    let name = of_article(connection, first)?;
    let (published, updated) = dates_alone(connection, first)?;
    connection
        .prepare_cached(
            "INSERT INTO stories (born_at, founder, published_at, updated_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((At(at), name, At(published), At(updated)))?;
    let story = connection.last_insert_rowid();
    disinherit(connection, first)?;
    Ok(story)
}

/// Keeps when the entry of a story that ends was changed with the article that it began with, where that is stored.
pub(super) fn ends(connection: &Connection, story: i64) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE articles SET entry_updated_at = max(coalesce(entry_updated_at, 0), s.updated_at)
             FROM stories AS s WHERE s.id = ?1 AND articles.atom_id = rtrim(s.founder, char(10))
                 AND s.updated_at > articles.updated_at",
        )?
        .execute([story])?;
    Ok(())
}

/// Makes the last article of a story its heir, where the founder is stored no more.
pub(super) fn bequeath(connection: &Connection, story: i64, last: i64) -> Result<()> {
    let Some((published, updated)) = dates(connection, story)? else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO heirs (article, founder, published_at, updated_at)
             SELECT ?2, founder, ?3, ?4 FROM stories AS s
             WHERE id = ?1 AND founder IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM articles WHERE atom_id = rtrim(s.founder, char(10)))",
        )?
        .execute((story, last, At(published), At(updated)))?;
    Ok(())
}

/// Forgets whose heir an article is.
pub(super) fn disinherit(connection: &Connection, article: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM heirs WHERE article = ?1")?
        .execute([article])?;
    Ok(())
}
