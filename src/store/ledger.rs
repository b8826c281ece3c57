//! The ledger of an archive: which is in force, what it notes, which documents it has (`archives.rs` says what for).

use super::Digest;
use super::archived::{self, Asked, Key};
use super::archives::{Arrivals, Former, Ledger, Sheet, Waiting};
use super::late;
use super::rows::{At, count, integer};
use super::writer::Pen;
use crate::publish::{self, Output};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeSet;

/// Documents that are dropped in one transaction.
const DROPPED: usize = 50;

/// Times as many entries of an archive as are listed in which what is listed is looked for: these are its last, but for what
/// came and went, and to look for one alone takes longer than to read ten.
const LATELY: usize = 2;

/// Entries of an archive that ended which are forgotten in one transaction.
const FORGOTTEN: i64 = 5000;

/// Digits of the name of an archive: as many as no two archives of one database share.
const NAME_DIGITS: usize = 12;

/// Notes what came to an output, and returns its archive.
pub(super) fn note(pen: &mut Pen<'_>, arrivals: &Arrivals) -> Result<Option<Ledger>> {
    let (connection, output) = (pen.connection, &arrivals.output);
    let Some(asked) = Asked::new(connection, &pen.identity.authority, output)? else {
        return Ok(None);
    };
    // What is listed by another rule tells nothing of what is to be archived by this one.
    if rule_of(connection, output)? != arrivals.seen.rule {
        return Ok(None);
    }
    let (archive, is_new) = begun(pen, arrivals)?;
    let noted_to = asked.note_new(archive, arrivals.seen.up_to)?;
    let is_behind =
        asked.note_late(archive, arrivals.seen.late_to)? || noted_to < arrivals.seen.up_to;
    for (id, article) in &arrivals.others {
        archived::append(connection, archive, &archived::key(id), *article)?;
    }
    let listed = arrivals.listed.iter();
    let listed: Vec<(Key, i64)> = listed.map(|(id, it)| (archived::key(id), *it)).collect();
    let known = archived::last(connection, archive, listed.len().saturating_mul(LATELY))?;
    for (entry, article) in listed.iter().filter(|it| !known.contains(&it.0)) {
        archived::append(connection, archive, entry, *article)?;
    }
    drop_empty(connection, archive)?;
    let listed: BTreeSet<Key> = listed.into_iter().map(|(entry, _)| entry).collect();
    let waiting = waiting(&asked, archive, &listed)?;
    let ledger = in_force(connection, &output.ledger())?;
    Ok(ledger.map(|(_, ledger)| Ledger {
        is_new,
        is_behind,
        waiting,
        ..ledger
    }))
}

/// Reads the digest of the rule that selects the articles of an output; none where none does.
pub(super) fn rule_of(connection: &Connection, output: &Output) -> Result<Option<Vec<u8>>> {
    let Some(label) = output.label() else {
        return Ok(None);
    };
    connection
        .prepare_cached("SELECT digest FROM rules WHERE label = ?1")?
        .query_row([label], |row| row.get(0))
        .optional()
}

/// Mixes what decides which entries an output has with the rule that holds for it.
pub(super) fn basis_of(connection: &Connection, output: &Output, basis: &Digest) -> Result<Digest> {
    let mut digest = blake3::Hasher::new();
    digest.update(basis);
    if let Some(label) = output.label() {
        digest.update(label.as_bytes());
        digest.update(&[0]);
        digest.update(&rule_of(connection, output)?.unwrap_or_default());
    }
    Ok(*digest.finalize().as_bytes())
}

/// Returns the archive of an output that is in force; begins one where there is none of these entries, and tells whether it did.
fn begun(pen: &Pen<'_>, arrivals: &Arrivals) -> Result<(i64, bool)> {
    let (connection, output) = (pen.connection, &arrivals.output);
    let basis = basis_of(connection, output, &arrivals.basis)?;
    let named = output.ledger();
    if let Some((held, ledger)) = in_force(connection, &named)? {
        if held == basis {
            return Ok((ledger.archive, false));
        }
        end(connection, ledger.archive, arrivals.now)?;
    }
    if let Some(archive) = taken_up(connection, &named, &basis)? {
        return Ok((archive, false));
    }
    let number: i64 =
        connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM archives", [], |row| {
            row.get(0)
        })?;
    connection
        .prepare_cached(
            "INSERT INTO archives (id, output, basis, name, begun_at, late_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            number,
            &named,
            basis,
            name(pen, &basis, (number, arrivals.now)),
            At(arrivals.now),
            late::last(connection)?,
        ))?;
    Ok((number, true))
}

/// The last archive of output `?1` that ended and had the entries that `?2` stands for.
pub(super) const ENDED: &str = "
    SELECT id FROM archives INDEXED BY archives_ended
    WHERE output = ?1 AND ended_at IS NOT NULL AND basis = ?2 ORDER BY ended_at DESC LIMIT 1";

/// Takes up again an archive of the same entries that ended, as a rule that was changed and is back leaves no trace. What
/// came meanwhile has higher numbers, or is looked for before the output leads to it.
fn taken_up(connection: &Connection, output: &str, basis: &Digest) -> Result<Option<i64>> {
    let ended = ended(connection, output, basis)?;
    if let Some(archive) = ended {
        connection
            .prepare_cached(
                "UPDATE archives SET ended_at = NULL, is_whole = 0, late_to = ?2 WHERE id = ?1",
            )?
            .execute((archive, late::last(connection)?))?;
    }
    Ok(ended)
}

/// Returns the archive that is taken up again where that of an output is to have such entries.
pub(super) fn ended(connection: &Connection, output: &str, basis: &Digest) -> Result<Option<i64>> {
    connection
        .prepare_cached(ENDED)?
        .query_row((output, basis), |row| row.get(0))
        .optional()
}

/// Reads under which names outputs have an archive.
pub(super) fn names(connection: &Connection) -> Result<BTreeSet<String>> {
    connection
        .prepare_cached("SELECT output FROM archives WHERE ended_at IS NULL")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Names an archive: as none of this database was named, and hardly one of another that had the same address.
fn name(pen: &Pen<'_>, basis: &Digest, (number, now): (i64, Timestamp)) -> String {
    let mut digest = blake3::Hasher::new();
    digest.update(basis);
    let created_at = pen.identity.created_at.as_millisecond();
    for part in [created_at, number, now.as_millisecond()] {
        digest.update(&part.to_le_bytes());
    }
    let hex = digest.finalize().to_hex();
    hex.chars().take(NAME_DIGITS).collect()
}

/// Reads the archive of an output that is in force, with what decides which entries it has.
pub(super) fn in_force(connection: &Connection, output: &str) -> Result<Option<(Digest, Ledger)>> {
    connection
        .prepare_cached(
            "SELECT id, basis, name, first_page, is_whole,
                 (SELECT max(number) FROM archive_pages WHERE archive = a.id) AS last
             FROM archives AS a WHERE output = ?1 AND ended_at IS NULL",
        )?
        .query_row([output], |row| {
            let first = count(row.get("first_page")?);
            let last: Option<i64> = row.get("last")?;
            let ledger = Ledger {
                archive: row.get("id")?,
                generation: row.get("name")?,
                is_new: false,
                first,
                last: last.map_or(first.saturating_sub(1), count),
                is_whole: row.get("is_whole")?,
                is_behind: false,
                waiting: Vec::new(),
                former: former_of(connection, output)?,
            };
            Ok((row.get("basis")?, ledger))
        })
        .optional()
}

/// Reads what waits, as much as is looked at. What the output does not list may be an entry no more, and is struck
/// out then: nothing would have to be archived for it.
fn waiting(asked: &Asked<'_>, archive: i64, listed: &BTreeSet<Key>) -> Result<Vec<Waiting>> {
    let connection = asked.connection;
    let most = publish::looked_at(asked.output);
    loop {
        let mut waiting = archived::waiting(connection, archive, most)?;
        let full = waiting.len() >= most;
        let mut struck = Vec::new();
        for entry in &mut waiting {
            entry.is_listed = listed.contains(&entry.entry);
            if !entry.is_listed && !asked.is_entry(entry.article, &entry.entry)? {
                struck.push(entry.position);
            }
        }
        strike(connection, archive, &struck)?;
        if struck.is_empty() || !full {
            waiting.retain(|entry| !struck.contains(&entry.position));
            return Ok(waiting);
        }
    }
}

/// Strikes out entries by their positions.
pub(super) fn strike(connection: &Connection, archive: i64, struck: &[i64]) -> Result<()> {
    let mut statement =
        connection.prepare_cached("DELETE FROM archived WHERE archive = ?1 AND position = ?2")?;
    struck
        .iter()
        .try_for_each(|position| statement.execute((archive, position)).map(drop))
}

/// Writes that there is a document.
pub(super) fn close_sheet(
    connection: &Connection,
    archive: i64,
    sheet: &Sheet,
    struck: &[i64],
) -> Result<()> {
    strike(connection, archive, struck)?;
    connection
        .prepare_cached(
            "INSERT INTO archive_pages (archive, number, last, digests, modified_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            archive,
            integer(sheet.number),
            sheet.last,
            sheet.digests.concat(),
            At(sheet.modified_at),
        ))?;
    Ok(())
}

/// Reads the documents that are there, in order.
pub(super) fn sheets(connection: &Connection, archive: i64) -> Result<Vec<Sheet>> {
    connection
        .prepare_cached(
            "SELECT number, last, digests, modified_at FROM archive_pages WHERE archive = ?1
             AND number >= (SELECT first_page FROM archives WHERE id = ?1) ORDER BY number",
        )?
        .query_map([archive], |row| {
            let digests: Vec<u8> = row.get(2)?;
            let (digests, _) = digests.as_chunks();
            Ok(Sheet {
                number: count(row.get(0)?),
                last: row.get(1)?,
                digests: digests.to_vec(),
                modified_at: row.get::<_, At>(3)?.0,
            })
        })?
        .collect()
}

/// Reads the entries of a document.
pub(super) fn entries_of(
    connection: &Connection,
    archive: i64,
    sheet: &Sheet,
) -> Result<Vec<Waiting>> {
    let before: Option<i64> = connection
        .prepare_cached("SELECT max(last) FROM archive_pages WHERE archive = ?1 AND number < ?2")?
        .query_row((archive, integer(sheet.number)), |row| row.get(0))?;
    archived::between(
        connection,
        archive,
        (before.unwrap_or_default(), sheet.last),
    )
}

/// Drops the oldest documents of which no article is stored any more.
fn drop_empty(connection: &Connection, archive: i64) -> Result<()> {
    for _ in 0..DROPPED {
        let oldest: Option<(i64, i64)> = connection
            .prepare_cached(
                "SELECT number, last FROM archive_pages WHERE archive = ?1 ORDER BY number LIMIT 1",
            )?
            .query_row([archive], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((number, last)) = oldest else {
            return Ok(());
        };
        let lives = connection
            .prepare_cached(
                "SELECT 1 FROM archived AS x CROSS JOIN articles AS a ON a.id = x.article
                 WHERE x.archive = ?1 AND x.position <= ?2 LIMIT 1",
            )?
            .exists((archive, last))?;
        if lives {
            return Ok(());
        }
        connection
            .prepare_cached("DELETE FROM archived WHERE archive = ?1 AND position <= ?2")?
            .execute((archive, last))?;
        // The last one stays on the list: its number is never another's, and what waits comes after it.
        let is_last: bool = !connection
            .prepare_cached("SELECT 1 FROM archive_pages WHERE archive = ?1 AND number > ?2")?
            .exists((archive, number))?;
        if !is_last {
            connection
                .prepare_cached("DELETE FROM archive_pages WHERE archive = ?1 AND number = ?2")?
                .execute((archive, number))?;
        }
        connection
            .prepare_cached("UPDATE archives SET first_page = ?2 WHERE id = ?1")?
            .execute((archive, number + 1))?;
        if is_last {
            return Ok(());
        }
    }
    Ok(())
}

/// Ends an archive for good: it is not taken up again.
pub(super) fn close(connection: &Connection, archive: i64, now: Timestamp) -> Result<()> {
    end(connection, archive, now)?;
    connection
        .prepare_cached("UPDATE archives SET basis = x'' WHERE id = ?1")?
        .execute([archive])?;
    Ok(())
}

/// Ends the archives of all outputs but these, and for good those that one of these had for others than it is for now: an
/// output that is opened, or closed, begins anew (U31).
pub(super) fn keep_apart(
    connection: &Connection,
    outputs: &[Output],
    now: Timestamp,
) -> Result<()> {
    let kept = outputs.iter().filter(|output| output.archive);
    end_others(connection, &kept.map(Output::ledger).collect(), now)?;
    let mut close = connection
        .prepare_cached("UPDATE archives SET basis = x'' WHERE output = ?1 AND basis <> x''")?;
    for output in outputs {
        close.execute([output.other_ledger()])?;
    }
    Ok(())
}

/// Ends the archives of which the ledgers have none of these names.
fn end_others(connection: &Connection, kept: &BTreeSet<String>, now: Timestamp) -> Result<()> {
    let archives: Vec<(i64, String)> = connection
        .prepare_cached("SELECT id, output FROM archives WHERE ended_at IS NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    for (archive, _) in archives.iter().filter(|it| !kept.contains(&it.1)) {
        end(connection, *archive, now)?;
    }
    Ok(())
}

/// Ends an archive.
pub(super) fn end(connection: &Connection, archive: i64, now: Timestamp) -> Result<()> {
    connection
        .prepare_cached("UPDATE archives SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL")?
        .execute((archive, At(now)))?;
    Ok(())
}

/// Ends the archives of all other outputs, and forgets some of what was in one that ended `until` then; tells whether there is
/// more.
pub(super) fn sweep(
    connection: &Connection,
    outputs: &BTreeSet<String>,
    (until, now): (Timestamp, Timestamp),
) -> Result<bool> {
    end_others(connection, outputs, now)?;
    late::forget(connection)?;
    connection
        .prepare_cached("UPDATE archives SET basis = x'' WHERE ended_at <= ?1 AND basis <> x''")?
        .execute([At(until)])?;
    let full: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT a.id, min(x.position) FROM archives AS a
             CROSS JOIN archived AS x INDEXED BY archived_in_order ON x.archive = a.id
             WHERE a.ended_at IS NOT NULL AND a.basis = x'' GROUP BY a.id LIMIT 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((archive, first)) = full else {
        return Ok(false);
    };
    connection
        .prepare_cached("DELETE FROM archived WHERE archive = ?1 AND position < ?2")?
        .execute((archive, first.saturating_add(FORGOTTEN)))?;
    connection
        .prepare_cached("DELETE FROM archive_pages WHERE archive = ?1")?
        .execute([archive])?;
    Ok(true)
}

/// Forgets archives that ended up to an instant, once nothing is left of what was in them.
pub(super) fn forget(connection: &Connection, until: Timestamp) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM archive_pages WHERE archive IN (
                 SELECT id FROM archives WHERE ended_at <= ?1)",
        )?
        .execute([At(until)])?;
    connection
        .prepare_cached(
            "DELETE FROM archives WHERE ended_at <= ?1
             AND NOT EXISTS (SELECT 1 FROM archived WHERE archive = archives.id)",
        )?
        .execute([At(until)])?;
    Ok(())
}

/// The archives of an output that ended.
pub(super) const FORMER: &str = "
    SELECT name FROM archives INDEXED BY archives_ended WHERE output = ?1 AND ended_at IS NOT NULL";

/// Reads the names of the archives of an output that ended.
pub(super) fn former_of(connection: &Connection, output: &str) -> Result<BTreeSet<String>> {
    connection
        .prepare_cached(FORMER)?
        .query_map([output], |row| row.get(0))?
        .collect()
}

/// Reads the archives that ended, in the order in which they began.
pub(super) fn former(connection: &Connection) -> Result<Vec<Former>> {
    connection
        .prepare_cached(
            "SELECT output, name, ended_at FROM archives WHERE ended_at IS NOT NULL ORDER BY id",
        )?
        .query_map([], |row| {
            let ledger: String = row.get(0)?;
            Ok(Former {
                output: Output::path_of(&ledger).to_owned(),
                generation: row.get(1)?,
                ended_at: row.get::<_, At>(2)?.0,
            })
        })?
        .collect()
}
