//! What entries said before they were edited.
//!
//! Kept are the first version and the last few of those that readers were told and then told to be changed:
//! what was said first, and what was put right of late. There are as many as they were told of changes. All between would let an entry that is edited for
//! ever grow for ever.

use super::packed::Unpacked;
use super::rows::{At, count, instant};
use super::writer::Pen;
use super::{edited, texts, told};
use crate::dedupe::{self, Alike, Change, Counted, Heard, Rewriting, Version, Wording};
use crate::model::{Edit, Entry, FeedId, FormerVersion, LastEdit, Meaning, Telling};
use crate::text::{Languages, cut};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

/// Versions kept beside the first: a page that is edited all day tells of its last hours.
const LAST_KEPT: i64 = 7;

/// Bytes of former versions that are compared word by word in one poll. What says the same to the letter is known
/// beyond it, too; what else comes is told. A document of the longest kind whose entries are all edited at each
/// poll would else keep the writer busy with eight texts for each.
const COMPARED_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of a text that are compared and kept: about ten thousand words, more than any report has.
const TEXT_BYTES: usize = 64 * 1024;

/// What an entry says, as far as it is compared with what it said.
pub(super) struct Says {
    title: String,
    text: String,
    pub(super) language: Option<String>,
    /// Whether its publisher dates it.
    is_dated: bool,
    /// When it was changed, by its publisher.
    pub(super) updated_at: Timestamp,
}

impl Says {
    /// Takes it from what was polled.
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            title: entry.title.clone(),
            text: texts::plain_of(entry.summary.as_deref(), entry.content.as_deref()),
            language: entry.language.clone(),
            is_dated: entry.dated,
            updated_at: entry.updated_at,
        }
    }

    /// Reads it from what is stored.
    pub(super) fn stored(connection: &Connection, number: i64) -> Result<Self> {
        let text = texts::plain(connection, number)?;
        connection
            .prepare_cached(
                "SELECT e.title, t.language, t.updated_at FROM entries AS e
                 CROSS JOIN texts AS t ON t.entry = e.id WHERE e.id = ?1",
            )?
            .query_row([number], |row| {
                Ok(Self {
                    title: row.get(0)?,
                    text,
                    language: row.get(1)?,
                    is_dated: true,
                    updated_at: row.get::<_, At>(2)?.0,
                })
            })
    }

    pub(super) fn version(&self) -> Version<'_> {
        version(&self.title, &self.text)
    }
}

/// When an entry is looked at, and what for.
pub(super) struct Look<'c> {
    /// The instant of the poll.
    pub(super) at: Timestamp,
    /// What was compared in the poll so far.
    pub(super) compared: &'c mut Compared,
}

/// Compares an entry with what readers were told of it, and keeps that where they are to be told of a change. Returns
/// what the edit was, and whether other words stood there, numbers aside.
///
/// They are told once: two caches of a publisher that answer in turns, one of them out of date, bring a
/// correction again at every other poll. So what was said before is told again when it has stood for hours.
pub(super) fn keep(
    pen: &mut Pen<'_>,
    number: i64,
    says: &Says,
    look: &mut Look<'_>,
) -> Result<(LastEdit, bool)> {
    let before = Says::stored(pen.connection, number)?;
    let stored = Counted::new(before.version());
    let new = Counted::new(says.version());
    let kept = told::of(pen.connection, number)?;
    let kept = kept
        .as_ref()
        .map(|(title, text)| Counted::new(version(title, text)));
    let known = kept.as_ref().unwrap_or(&stored);
    let waits = edited::waits(pen.connection, number)?;
    let how = Rewriting {
        languages: Languages::of(says.language.as_deref()),
        // What waits is dated, whatever else was edited since.
        is_dated: waits.as_ref().is_some_and(was_dated)
            || says.is_dated && says.updated_at > before.updated_at,
    };
    let change = Change::new(known, &new, how);
    let step = Change::new(&stored, &new, how);
    // A number that runs makes what stands there no other text.
    let is_reworded = step.counts() && !dedupe::says_the_same(&stored, &new, how);
    let again = match waits.map(|edit| edit.telling) {
        Some(Telling::SaidBefore(until)) if !is_reworded => until,
        _ => None,
    };
    let telling = telling(pen.connection, number, (&change, &new, again), (how, look))?;
    let is_told = telling == Telling::Told;
    if is_told {
        insert(pen, number, known.version(), (change.edit, look.at))?;
    }
    if is_told || change.is_none() {
        told::forget(pen.connection, number)?;
    } else {
        told::keep(pen, number, stored.version())?;
    }
    // A longer excerpt, or the text of one, puts nothing right.
    let is_longer = || dedupe::is_cut(new.version().text, stored.version().text);
    let is_changed = step.counts() && (step.edit.title || !is_longer());
    // Nor does it, or what is told of what stood there, make that younger: the page may go on to other news
    // (`dedupe/reuse.rs`).
    if is_told || is_reworded {
        pen.connection
            .prepare_cached(
                "UPDATE texts SET updated_at = ?2, changed_at = iif(?4, ?3, changed_at) WHERE entry = ?1",
            )?
            .execute((number, At(says.updated_at), At(look.at), is_changed))?;
    } else if telling.until().is_some() {
        // It is told by this date.
        pen.connection
            .prepare_cached("UPDATE texts SET updated_at = max(updated_at, ?2) WHERE entry = ?1")?
            .execute((number, At(says.updated_at)))?;
    }
    let edit = LastEdit {
        at: look.at,
        edit: change.edit,
        meaning: change.meaning,
        telling,
    };
    Ok((edit, is_reworded))
}

/// Tells whether the publisher dated an edit of which readers are told later.
pub(super) fn was_dated(edit: &LastEdit) -> bool {
    match edit.telling {
        Telling::Held(_) => true,
        // It counts for nothing else.
        Telling::SaidBefore(_) => edit.meaning == Some(Meaning::Word),
        _ => false,
    }
}

/// Decides whether readers are told of a change, by what they were told before.
fn telling(
    connection: &Connection,
    number: i64,
    (change, new, again): (&Change, &Counted<'_>, Option<Timestamp>),
    (how, look): (Rewriting, &mut Look<'_>),
) -> Result<Telling> {
    let mut heard = Heard {
        told: &[],
        alike: Alike::No,
        again,
    };
    if !change.counts() {
        return Ok(dedupe::telling(change, how, heard, look.at));
    }
    let former = history(connection, number)?;
    let told: Vec<Timestamp> = former.iter().map(|kept| kept.replaced_at).collect();
    let former: Vec<_> = former
        .iter()
        .rev()
        .map(|kept| Counted::new(version(&kept.title, &kept.text)))
        .collect();
    heard.alike = look.compared.alike(&former, new, how);
    heard.told = &told;
    Ok(dedupe::telling(change, how, heard, look.at))
}

/// How much was compared with former versions in a poll.
#[derive(Debug, Default)]
pub(super) struct Compared {
    bytes: usize,
}

impl Compared {
    /// Tells how much a version is like one of the former ones, as far as there is room to compare them.
    fn alike(&mut self, former: &[Counted<'_>], version: &Counted<'_>, how: Rewriting) -> Alike {
        let new = version.version();
        let mut most = Alike::No;
        for kept in former {
            let old = kept.version();
            if old.title == new.title && old.text == new.text {
                return Alike::Yes;
            }
            if !kept.is_titled_as(version) || self.bytes >= COMPARED_BYTES {
                continue;
            }
            self.bytes += old.text.len();
            most = most.max(dedupe::alike(kept, version, how));
        }
        most
    }
}

/// Returns what is compared of an entry.
pub(super) fn version<'a>(title: &'a str, text: &'a str) -> Version<'a> {
    let text = cut(text, TEXT_BYTES);
    Version { title, text }
}

/// Adds a version to those of an entry, in the place of the second of them where there are too many.
fn insert(
    pen: &mut Pen<'_>,
    entry: i64,
    version: Version<'_>,
    (edit, at): (Edit, Timestamp),
) -> Result<()> {
    let connection = pen.connection;
    let number = edits(connection, entry)? + 1;
    connection
        .prepare_cached(
            "INSERT INTO revisions (entry, number, replaced_at, title, text, new_title, new_percent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            entry,
            number,
            At(at),
            version.title,
            pen.packer.pack(version.text)?,
            edit.title,
            edit.percent,
        ])?;
    connection
        .prepare_cached("DELETE FROM revisions WHERE entry = ?1 AND number > 1 AND number <= ?2")?
        .execute((entry, number - LAST_KEPT))?;
    Ok(())
}

/// Counts the edits of an entry.
fn edits(connection: &Connection, entry: i64) -> Result<i64> {
    connection
        .prepare_cached("SELECT coalesce(max(number), 0) FROM revisions WHERE entry = ?1")?
        .query_row([entry], |row| row.get(0))
}

/// Reads the versions of an entry that are kept, oldest first.
fn history(connection: &Connection, entry: i64) -> Result<Vec<FormerVersion>> {
    connection
        .prepare_cached(
            "SELECT number, replaced_at, title, text, new_title, new_percent FROM revisions
             WHERE entry = ?1 ORDER BY number",
        )?
        .query_map([entry], former)?
        .collect()
}

/// Reads what an entry said first, where readers were told of a change of it since.
pub(super) fn first(connection: &Connection, entry: i64) -> Result<Option<Wording>> {
    connection
        .prepare_cached("SELECT title, text FROM revisions WHERE entry = ?1 AND number = 1")?
        .query_row([entry], |row| {
            let (title, Unpacked(text)) = (row.get(0)?, row.get(1)?);
            Ok(Wording { title, text })
        })
        .optional()
}

/// Reads those of an entry by its name.
pub(super) fn of(
    connection: &Connection,
    feed: &FeedId,
    entry_id: &str,
) -> Result<Vec<FormerVersion>> {
    connection
        .prepare_cached(
            "SELECT r.number, r.replaced_at, r.title, r.text, r.new_title, r.new_percent
             FROM feeds AS f
             CROSS JOIN entries AS e ON e.entry_id = ?2 AND e.feed = f.id
             CROSS JOIN revisions AS r ON r.entry = e.id
             WHERE f.name = ?1 ORDER BY r.number",
        )?
        .query_map((feed.as_str(), entry_id), former)?
        .collect()
}

/// Reads one version.
fn former(row: &Row<'_>) -> Result<FormerVersion> {
    Ok(FormerVersion {
        number: count(row.get(0)?),
        replaced_at: row.get::<_, At>(1)?.0,
        title: row.get(2)?,
        text: row.get::<_, Unpacked>(3)?.0,
        edit: Edit {
            title: row.get(4)?,
            percent: row.get(5)?,
        },
    })
}

/// Reads what the publisher dates what stands in an entry, and when it was seen to say so first, where that
/// was by an edit.
pub(super) fn standing(
    connection: &Connection,
    entry: i64,
) -> Result<(Timestamp, Option<Timestamp>)> {
    connection
        .prepare_cached("SELECT updated_at, changed_at FROM texts WHERE entry = ?1")?
        .query_row([entry], |row| {
            Ok((row.get::<_, At>(0)?.0, instant(row, 1)?))
        })
}

/// Forgets what an entry said.
pub(super) fn forget(connection: &Connection, entry: i64) -> Result<()> {
    told::forget(connection, entry)?;
    connection
        .prepare_cached("DELETE FROM revisions WHERE entry = ?1")?
        .execute([entry])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOW: fn() -> Rewriting = || Rewriting {
        languages: Languages::of(None),
        is_dated: false,
    };

    fn counted<'a>(title: &'a str, text: &'a str) -> Counted<'a> {
        Counted::new(version(title, text))
    }

    #[test]
    fn beyond_a_bound_only_what_is_the_same_to_the_letter_is_known() {
        let text = "Rangers counted twelve of them near the river on Sunday morning.";
        let touched = "Rangers counted twelve of them near the lake on Sunday morning.";
        let former = [counted("Otters", text), counted("Pangolins", text)];
        for (bytes, expected) in [
            (0, [true, true, false]),
            (COMPARED_BYTES, [true, false, false]),
        ] {
            let says = [text, touched, "Something else altogether."];
            let found = says.map(|says| {
                let mut compared = Compared { bytes };
                compared.alike(&former, &counted("Pangolins", says), HOW()) == Alike::Yes
            });
            assert_eq!(found, expected, "{bytes}");
        }
    }

    #[test]
    fn another_title_costs_nothing() {
        let former = [
            counted("Otters", "Twelve of them."),
            counted("Voles", "Two of them."),
        ];
        let mut compared = Compared::default();
        let mut alike = |title, text| compared.alike(&former, &counted(title, text), HOW());
        assert_eq!(alike("Pangolins", "None."), Alike::No);
        assert_eq!(alike("Voles", "None at all."), Alike::No);
        assert_eq!(compared.bytes, "Two of them.".len());
    }
}
