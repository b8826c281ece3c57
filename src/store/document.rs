//! Which entries of a document stood at other addresses of it before: of some feeds the addresses are places in a list.
//!
//! `dedupe` says what is the same (`dedupe/places.rs`), and is told of each entry what it was. That is looked up once for a
//! document, and only where an entry is not known by its id or address, or has another title than that.

use super::keys::{Asked, Found, HOLDER};
use super::rows::{KeyBytes, key_bytes, key_code};
use crate::dedupe;
use crate::model::{Entry, EntryRecord, Key, KeyKind};
use crate::text::fold;
use rusqlite::{Connection, Result};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Entries with a key of an address that are looked at, the newest first: those of others, and what left the list, have it as
/// well.
const LOOKED_AT: i64 = 32;

/// What a feed has at an address, or had when it was listed last.
pub(super) const STOOD: &str = "
    SELECT e.id, e.title, e.keys FROM (
        SELECT entry FROM keys WHERE kind = ?1 AND digest = ?2 ORDER BY entry DESC LIMIT ?4) AS n
    CROSS JOIN entries AS e ON e.id = n.entry
    WHERE e.feed = (SELECT id FROM feeds WHERE name = ?3)";

/// The entries of a poll.
pub(super) struct Document<'a> {
    entries: &'a [EntryRecord],
    ids: BTreeSet<&'a str>,
    moved: OnceCell<Moved>,
}

/// What moved between the addresses of a document.
#[derive(Default)]
struct Moved {
    /// By the addresses at which it is now, the numbers of the rows.
    by_address: BTreeMap<Key, i64>,
    rows: BTreeSet<i64>,
    /// Whether most of it did.
    is_rule: bool,
}

/// A row of the feed, and the address that it stood at.
type Stood = (i64, Key);

impl<'a> Document<'a> {
    pub(super) fn new(entries: &'a [EntryRecord]) -> Self {
        let ids = entries.iter().map(|it| it.entry.entry_id.as_str());
        Self {
            entries,
            ids: ids.collect(),
            moved: OnceCell::new(),
        }
    }

    /// Tells whether it lists an entry with this id.
    pub(super) fn lists(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Marks among what was found of an entry what is at another address now, and adds what moved to that of the entry.
    pub(super) fn mark(
        &self,
        connection: &Connection,
        asked: &Asked<'_>,
        found: &mut Found,
    ) -> Result<()> {
        let Some(address) = address(asked.entry).filter(|_| is_doubtful(asked.entry, found)) else {
            return Ok(());
        };
        let moved = self.moved(connection, asked)?;
        let feed = &asked.entry.feed;
        for known in found.known.iter_mut().filter(|known| known.feed == *feed) {
            let is_place = moved.is_rule && known.key.kind == KeyKind::Url;
            known.is_elsewhere = is_place || moved.rows.contains(&known.number);
        }
        if let Some(row) = moved.by_address.get(&address) {
            let mut statement = connection.prepare_cached(HOLDER)?;
            found.take(connection, asked, address, statement.query([row])?)?;
            if let Some(known) = found.known.last_mut() {
                known.is_moved = true;
            }
        }
        Ok(())
    }

    /// Returns what moved in it.
    fn moved(&self, connection: &Connection, asked: &Asked<'_>) -> Result<&Moved> {
        if let Some(moved) = self.moved.get() {
            return Ok(moved);
        }
        let moved = self.read(connection, asked)?;
        Ok(self.moved.get_or_init(|| moved))
    }

    /// Looks up what the feed has at the addresses of the document, and finds it again by its titles. A title that several
    /// entries have names none.
    fn read(&self, connection: &Connection, asked: &Asked<'_>) -> Result<Moved> {
        let listed = || {
            let entries = self.entries.iter().map(|record| &record.entry);
            entries.filter_map(|entry| Some((address(entry)?, entry)))
        };
        let mut titled: BTreeMap<String, Vec<(Key, &Entry)>> = BTreeMap::new();
        for (address, entry) in listed().filter(|(_, entry)| !entry.title.is_empty()) {
            let bearers = titled.entry(fold(&entry.title)).or_default();
            bearers.push((address, entry));
        }
        let mut stood: BTreeMap<String, Vec<Stood>> = BTreeMap::new();
        for (address, entry) in listed() {
            for (row, title) in at(connection, entry, address)? {
                stood.entry(fold(&title)).or_default().push((row, address));
            }
        }
        let (mut moved, mut stayed) = (Moved::default(), 0);
        for (title, rows) in stood {
            let Some([(address, entry)]) = titled.get(&title).map(Vec::as_slice) else {
                continue;
            };
            if rows.iter().any(|(_, stood)| stood == address) {
                stayed += 1;
            } else if let Some(row) = rows.iter().map(|(row, _)| *row).max()
                && says_it(connection, (asked, entry), (row, *address))?
            {
                moved.by_address.insert(*address, row);
                moved.rows.insert(row);
            }
        }
        let least = usize::try_from(dedupe::MIN_MOVED).unwrap_or(usize::MAX);
        moved.is_rule = moved.rows.len() >= least && moved.rows.len() > stayed;
        Ok(moved)
    }
}

/// Returns the address of an entry, unless it goes by its id whatever that is.
fn address(entry: &Entry) -> Option<Key> {
    let is_asked = entry.by_address || entry.given.is_some();
    let mut keys = entry.keys.iter().filter(|_| is_asked);
    keys.find(|key| key.kind == KeyKind::Url).copied()
}

/// Tells whether an entry is to be looked for at other addresses: it goes by its own, or another title had that or its id. News
/// under an id of its own, as most feeds have it, costs nothing.
fn is_doubtful(entry: &Entry, found: &Found) -> bool {
    let mut own = found.known.iter().filter(|it| it.feed == entry.feed);
    let is_of_it = |kind| matches!(kind, KeyKind::Guid | KeyKind::Url);
    entry.by_address || own.any(|it| is_of_it(it.key.kind) && it.title != entry.title)
}

/// Returns what the feed of an entry has at an address, each with its title: not what has moved away since.
fn at(connection: &Connection, entry: &Entry, address: Key) -> Result<Vec<(i64, String)>> {
    let mut statement = connection.prepare_cached(STOOD)?;
    let feed = entry.feed.as_str();
    let mut rows = statement.query((key_code(address.kind), address.digest, feed, LOOKED_AT))?;
    let mut stood = Vec::new();
    while let Some(row) = rows.next()? {
        let packed: Vec<u8> = row.get(2)?;
        let (keys, _) = packed.as_chunks::<{ size_of::<KeyBytes>() }>();
        let url = key_code(KeyKind::Url);
        let present = keys.iter().find(|key| key.first() == Some(&url));
        if present == Some(&key_bytes(&address)) {
            stood.push((row.get(0)?, row.get(1)?));
        }
    }
    Ok(stood)
}

/// Tells whether an entry of the document says what a row does that stood elsewhere.
fn says_it(
    connection: &Connection,
    (asked, entry): (&Asked<'_>, &Entry),
    (row, address): Stood,
) -> Result<bool> {
    let asked = Asked {
        entry,
        at: asked.at,
        document: asked.document,
        origin: None,
    };
    let mut found = Found::default();
    let mut statement = connection.prepare_cached(HOLDER)?;
    found.take(connection, &asked, address, statement.query([row])?)?;
    let mut known = found.known.iter();
    Ok(known.any(|known| dedupe::says_it_elsewhere(entry, known)))
}
