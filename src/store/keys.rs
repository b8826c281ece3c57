//! Who carries which identity key.

use super::rows::{At, KeyBytes, RoleName, instant, key_bytes, key_code};
use super::{crowd, retired, revisions, texts};
use crate::dedupe;
use crate::model::{Entry, EntryRecord, FeedId, Key, KeyKind, Known, Place, Role};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Result, Row, Rows};
use std::collections::BTreeSet;

/// Holders of a key that dedupe is asked about, where there are no more: nearly always.
const FEW: usize = 8;

/// Of a key that more carry, one more is read, which tells it.
const ONE_MORE: i64 = 9;

/// Reads who carries a key, the newest first.
pub(super) const HOLDERS: &str = "
    SELECT e.id, e.listed_at, e.article, f.name, e.entry_id, e.published_at, e.content_digest, e.title,
        e.keys, e.leads, e.first_seen_at, e.origin, e.purged_at, f.role, e.withdrawn_at
    FROM keys AS k
    CROSS JOIN entries AS e ON e.id = k.entry
    CROSS JOIN feeds AS f ON f.id = e.feed
    WHERE k.kind = ?1 AND k.digest = ?2
    ORDER BY k.entry DESC
    LIMIT ?3";

/// The same of one entry.
pub(super) const HOLDER: &str = "
    SELECT e.id, e.listed_at, e.article, f.name, e.entry_id, e.published_at, e.content_digest, e.title,
        e.keys, e.leads, e.first_seen_at, e.origin, e.purged_at, f.role, e.withdrawn_at
    FROM entries AS e
    CROSS JOIN feeds AS f ON f.id = e.feed
    WHERE e.id = ?1";

/// Keys of an entry, those of its former texts included. Each revision may bring a new one, so
/// without a bound an entry that is edited for ever would grow for ever.
const MOST: usize = 12;

/// An entry at hand, as it is looked up.
pub(super) struct Asked<'a> {
    pub(super) entry: &'a Entry,
    /// When its poll was.
    pub(super) at: Timestamp,
    /// The document that it stands in.
    pub(super) document: &'a Document<'a>,
    /// What its feed took it from, if it did ([`super::origin::of`]).
    pub(super) origin: Option<String>,
}

impl Asked<'_> {
    /// Returns the name of the feed that it comes from in the end.
    pub(super) fn origin(&self) -> &str {
        let own = self.entry.feed.as_str();
        self.origin.as_deref().unwrap_or(own)
    }
}

/// The document that entries stand in.
#[derive(Default)]
pub(super) struct Document<'a> {
    /// Their ids.
    ids: BTreeSet<&'a str>,
    /// Addresses that several of them have.
    shared: BTreeSet<KeyBytes>,
    /// Whether it is all that the feed lists, and no part of that, nor of its archive.
    is_whole: bool,
}

impl<'a> Document<'a> {
    pub(super) fn new(entries: &'a [EntryRecord], is_whole: bool) -> Self {
        let ids = entries.iter().map(|it| it.entry.entry_id.as_str());
        let (mut all, mut shared) = (BTreeSet::new(), BTreeSet::new());
        for record in entries {
            let mut keys = record.entry.keys.iter();
            let url = keys.find(|key| key.kind == KeyKind::Url).map(key_bytes);
            shared.extend(url.filter(|url| !all.insert(*url)));
        }
        Self {
            ids: ids.collect(),
            shared,
            is_whole,
        }
    }

    /// Tells whether it is all that the feed lists.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Tells whether it has another entry beside one of it.
    fn has_beside(&self, entry: &Entry, entry_id: &str) -> bool {
        entry_id != entry.entry_id && self.ids.contains(entry_id)
    }

    /// Tells whether an entry of the feed that has this key as well is listed no more, and no two entries have that, where it is
    /// an address.
    fn has_left(&self, key: &Key, entry_id: &str) -> bool {
        self.is_whole && !self.ids.contains(entry_id) && !self.shared.contains(&key_bytes(key))
    }
}

/// What is stored of the entries that share keys with one at hand.
#[derive(Default)]
pub(super) struct Found {
    /// For `dedupe`, in the order in which the keys were looked up, the newest entry of a key first.
    pub(super) known: Vec<Known>,
    /// The rows of the same entries: number, and when last seen listed.
    rows: Vec<(i64, Timestamp)>,
}

impl Found {
    /// Looks keys of an entry up.
    pub(super) fn look_up(
        &mut self,
        connection: &Connection,
        asked: &Asked<'_>,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<()> {
        let mut statement = connection.prepare_cached(HOLDERS)?;
        for key in keys {
            let (known, numbers) = (self.known.len(), self.rows.len());
            let rows = statement.query((key_code(key.kind), key.digest, ONE_MORE))?;
            self.take(connection, asked, key, rows)?;
            if self.known.len() - known > FEW {
                self.known.truncate(known);
                self.rows.truncate(numbers);
                self.choose(connection, asked, key)?;
            }
            if key.kind == KeyKind::Url {
                self.read_editions(connection, known)?;
            }
        }
        Ok(())
    }

    /// Reads the texts of what was found from a place on by an address, where several articles have that: the text says of which
    /// an entry is.
    fn read_editions(&mut self, connection: &Connection, from: usize) -> Result<()> {
        let found = self.known.iter().skip(from);
        let articles: BTreeSet<i64> = found.filter_map(|known| known.article).collect();
        if articles.len() < 2 {
            return Ok(());
        }
        for known in self.known.iter_mut().skip(from) {
            if known.article.is_some() && known.text.is_empty() {
                known.text = texts::plain(connection, known.number)?;
            }
        }
        Ok(())
    }

    /// Takes of the many that carry a key those that dedupe is asked about.
    fn choose(&mut self, connection: &Connection, asked: &Asked<'_>, key: Key) -> Result<()> {
        let mut statement = connection.prepare_cached(HOLDER)?;
        for holder in crowd::choose(connection, &asked.entry.feed, key)? {
            self.take(connection, asked, key, statement.query([holder])?)?;
        }
        Ok(())
    }

    /// Takes what carries a key out of rows with the columns of [`HOLDERS`].
    pub(super) fn take(
        &mut self,
        connection: &Connection,
        asked: &Asked<'_>,
        key: Key,
        mut rows: Rows<'_>,
    ) -> Result<()> {
        while let Some(row) = rows.next()? {
            let (number, listed_at) = (row.get(0)?, row.get::<_, At>(1)?.0);
            self.known.push(known(connection, asked, key, number, row)?);
            self.rows.push((number, listed_at));
        }
        Ok(())
    }

    /// Returns the stored entries in question, each with when it was last seen listed; an entry that
    /// was found by several keys is named several times.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&Known, i64, Timestamp)> {
        let rows = self.known.iter().zip(&self.rows);
        rows.map(|(known, (number, listed_at))| (known, *number, *listed_at))
    }
}

/// Reads what dedupe wants to know of a holder of `key`, which the entry at hand has too.
fn known(
    connection: &Connection,
    asked: &Asked<'_>,
    key: Key,
    number: i64,
    row: &Row<'_>,
) -> Result<Known> {
    let article: Option<i64> = row.get(2)?;
    let content_digest = row.get(6)?;
    let entry = asked.entry;
    let feed = row.get::<_, String>(3).map(FeedId::new)?;
    let is_of_feed = feed == entry.feed;
    let is_own = key.kind == KeyKind::Guid || key.kind == KeyKind::Url && is_of_feed;
    let is_id = is_own || key.kind == KeyKind::Published;
    let is_edited = is_id && content_digest != entry.content_digest;
    let place = match row.get_ref(8)?.as_blob() {
        Ok(packed) if is_edited && key.kind == KeyKind::Guid => place(entry, packed),
        _ => Place::Unknown,
    };
    let text = match article {
        Some(_) if is_edited || is_weak(key.kind) => texts::plain(connection, number)?,
        _ => String::new(),
    };
    let (entry_id, title): (String, String) = (row.get(4)?, row.get(7)?);
    let (published_at, first_seen_at) = (row.get::<_, At>(5)?, row.get::<_, At>(10)?);
    let (origin, purged_at): (Option<String>, Option<At>) = (row.get(11)?, row.get(12)?);
    let is_left = is_of_feed && asked.document.has_left(&key, &entry_id);
    let (mut others, mut former) = (Vec::new(), Vec::new());
    let (mut updated_at, mut stood) = (published_at.0, SignedDuration::ZERO);
    if is_own && is_edited && article.is_some() {
        let (dated_at, changed_at) = revisions::standing(connection, number)?;
        let since = changed_at.unwrap_or(first_seen_at.0);
        (updated_at, stood) = (dated_at, asked.at.duration_since(since));
        let goes_by_it = entry.by_address || key.kind == KeyKind::Guid || is_left;
        if goes_by_it && dedupe::is_reworded(entry, &title, &text) {
            others = retired::others(connection, number)?;
            former = retired::former(connection, number, (entry, asked.at))?;
        }
    }
    Ok(Known {
        is_beside: is_of_feed && asked.document.has_beside(entry, &entry_id),
        is_left,
        is_passed_on: origin.is_some() || row.get::<_, RoleName>(13)?.0 == Role::Aggregator,
        key,
        number,
        entry: article.map(|_| number),
        article,
        same_source: asked.origin() == origin.as_deref().unwrap_or(feed.as_str()),
        had: had(first_seen_at, purged_at),
        feed,
        entry_id,
        published_at: published_at.0,
        // Without a plausible date, or with one ahead of us, it has that of the poll.
        dated: published_at != first_seen_at,
        leads: row.get(9)?,
        is_new: first_seen_at.0.as_millisecond() == asked.at.as_millisecond(),
        withdrawn_at: instant(row, 14)?,
        content_digest,
        title,
        place,
        text,
        updated_at,
        stood,
        others,
        former,
    })
}

/// For how long what was purged, if it was, was stored.
fn had(first_seen_at: At, purged_at: Option<At>) -> SignedDuration {
    purged_at.map_or(SignedDuration::ZERO, |at| {
        at.0.duration_since(first_seen_at.0)
    })
}

/// Tells whether a key says so little that the texts must say it as well.
fn is_weak(kind: KeyKind) -> bool {
    matches!(
        kind,
        KeyKind::Slug | KeyKind::ArticleNumber | KeyKind::Title
    )
}

/// Says where an entry is that has these packed keys, seen from another.
fn place(entry: &Entry, packed: &[u8]) -> Place {
    let (stored, _) = packed.as_chunks::<{ size_of::<KeyBytes>() }>();
    let Some(own) = entry.keys.iter().find(|key| key.kind == KeyKind::Url) else {
        return Place::Unknown;
    };
    let url = key_code(KeyKind::Url);
    if stored.contains(&key_bytes(own)) {
        Place::Same
    } else if stored.iter().any(|key| key.first() == Some(&url)) {
        Place::Other
    } else {
        Place::Unknown
    }
}

/// Returns the keys of an entry as `entries.keys` holds them: those of its present text first, then
/// the former ones as far as there is room.
pub(super) fn packed(keys: &[Key], former: &[u8]) -> Vec<u8> {
    let mut all: Vec<KeyBytes> = Vec::with_capacity(keys.len());
    let (former, _) = former.as_chunks();
    for key in keys.iter().map(key_bytes).chain(former.iter().copied()) {
        if all.len() < MOST && !all.contains(&key) {
            all.push(key);
        }
    }
    all.concat()
}

/// Tells whether a key is among packed ones.
pub(super) fn has(packed: &[u8], key: &Key) -> bool {
    let (all, _) = packed.as_chunks::<{ size_of::<KeyBytes>() }>();
    all.contains(&key_bytes(key))
}

/// Tells whether an address is among the packed keys of both.
pub(super) fn share_address(one: &[u8], other: &[u8]) -> bool {
    let (others, _) = other.as_chunks::<{ size_of::<KeyBytes>() }>();
    addresses(one).any(|key| others.contains(key))
}

/// Returns those of packed keys that are addresses.
fn addresses(packed: &[u8]) -> impl Iterator<Item = &KeyBytes> {
    let (keys, _) = packed.as_chunks::<{ size_of::<KeyBytes>() }>();
    let url = key_code(KeyKind::Url);
    keys.iter().filter(move |key| key.first() == Some(&url))
}

/// Whether a feed had a later entry with a key in another article.
const LATER: &str = "
    SELECT 1 FROM keys AS k
    CROSS JOIN entries AS e ON e.id = k.entry
    WHERE k.kind = ?1 AND k.digest = ?2 AND e.feed = ?3 AND e.article <> ?4 AND e.id > ?5
    LIMIT 1";

/// Tells whether a feed had something else than an article at an address of these packed keys, after an entry.
pub(super) fn had_another_since(
    connection: &Connection,
    (feed, article, entry): (i64, i64, i64),
    packed: &[u8],
) -> Result<bool> {
    let mut statement = connection.prepare_cached(LATER)?;
    for key in addresses(packed) {
        let (kind, digest) = key.split_at(1);
        if statement.exists((kind.first(), digest, feed, article, entry))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns packed keys without those of some kinds.
pub(super) fn without(packed: &[u8], kinds: &[u8]) -> Vec<u8> {
    let (keys, _) = packed.as_chunks::<{ size_of::<KeyBytes>() }>();
    let is_kept = |key: &&KeyBytes| key.first().is_none_or(|kind| !kinds.contains(kind));
    keys.iter()
        .filter(is_kept)
        .copied()
        .collect::<Vec<_>>()
        .concat()
}

/// Makes `entry` findable by its packed keys.
pub(super) fn insert(connection: &Connection, entry: i64, packed: &[u8]) -> Result<()> {
    each(
        connection,
        "INSERT OR IGNORE INTO keys (kind, digest, entry) VALUES (?1, ?2, ?3)",
        entry,
        packed,
    )
}

/// Makes `entry` no longer findable by its packed keys.
pub(super) fn remove(connection: &Connection, entry: i64, packed: &[u8]) -> Result<()> {
    each(
        connection,
        "DELETE FROM keys WHERE kind = ?1 AND digest = ?2 AND entry = ?3",
        entry,
        packed,
    )
}

/// Forgets a tombstone: it has neither texts nor labels, so that its keys are all that refers to it.
pub(super) fn forget(connection: &Connection, tombstone: i64, packed: &[u8]) -> Result<()> {
    remove(connection, tombstone, packed)?;
    connection
        .prepare_cached("DELETE FROM entries WHERE id = ?1")?
        .execute([tombstone])?;
    Ok(())
}

/// Runs a statement for each packed key of an entry.
fn each(connection: &Connection, sql: &str, entry: i64, packed: &[u8]) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let (keys, _) = packed.as_chunks::<{ size_of::<KeyBytes>() }>();
    for key in keys {
        let (kind, digest) = key.split_at(1);
        statement.execute((kind.first(), digest, entry))?;
    }
    Ok(())
}
