//! When an article came to the outputs of a label, where that is later than it was first seen: another feed has it, too, and
//! brought the label with it (U29).
//!
//! It follows from the entries that the article has and from their labels, so that rules which change and come back leave
//! no trace: it is the first entry with the label, where the article has one before it. An entry that is edited
//! into a topic came when it was first seen.

use rusqlite::{Connection, Result};

/// Says by which entry an article came to a label, by the name that it is stored as, after an entry of it got that.
pub(super) fn settle(connection: &Connection, article: i64, name: &str) -> Result<()> {
    let (first, labelled): (Option<i64>, Option<i64>) = connection
        .prepare_cached(
            "SELECT min(e.id), min(iif(m.entry IS NULL, NULL, e.id)) FROM entries AS e
             LEFT JOIN matches AS m ON m.entry = e.id AND m.label = ?2 WHERE e.article = ?1",
        )?
        .query_row((article, name), |row| Ok((row.get(0)?, row.get(1)?)))?;
    match labelled.filter(|_| labelled > first) {
        Some(entry) => connection
            .prepare_cached(
                "INSERT OR REPLACE INTO joined (label, article, entry) VALUES (?1, ?2, ?3)",
            )?
            .execute((name, article, entry))
            .map(drop),
        None => forget(connection, article, name),
    }
}

/// Forgets it of an article that has the label no more.
pub(super) fn forget(connection: &Connection, article: i64, name: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM joined WHERE label = ?1 AND article = ?2")?
        .execute((name, article))?;
    Ok(())
}
