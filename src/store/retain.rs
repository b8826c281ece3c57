//! What is kept for how long.
//!
//! An article is kept whole or not at all, so that its lead entry, and with it what is published, never
//! changes by age. It goes when all its entries were first seen before the retention period and no feed
//! lists any of them any more; the period of a feed may be shorter (`limits.rs`). What recognises its entries
//! stays (R15): a feed may bring an old entry back, and it must not come back as news. That too goes once no
//! feed has listed it for [`KEYS_KEPT`].

use super::record::LISTED_LAG;
use super::rows::At;
use super::{founders, gone_voices, keys, labels, published, revisions, stories, vectors};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result};

/// How long an entry is recognised after it was last seen: an annual event's page comes round within
/// it.
pub(super) const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Articles looked at in one transaction: some milliseconds, so that polls need not wait long.
pub(super) const WINDOW: i64 = 2000;

/// Rows removed in one transaction; each takes a dozen statements.
pub(super) const BATCH: i64 = 250;

/// Whether feed `f` lists its entry `e`.
///
/// A feed that is configured, switched on and not gone lists what its last document listed, for as long as it has
/// no other; `listed_at` may lag behind that by [`LISTED_LAG`], here `?1`. A feed that fails for ever so
/// keeps its last document's entries: they are few, and an outage must not cost any.
macro_rules! is_listed {
    () => {
        "(f.configured = 1 AND f.enabled = 1 AND f.health <> 'gone' AND e.listed_at > f.read_at - ?1)"
    };
}
pub(super) use is_listed;

/// Articles of a window that are due to go: none of their entries is young or still listed.
pub(super) const OLD: &str = concat!(
    "SELECT a.id FROM articles AS a
     WHERE a.id > ?2 AND a.id <= ?3 AND NOT EXISTS (
         SELECT 1 FROM entries AS e CROSS JOIN feeds AS f ON f.id = e.feed
         WHERE e.article = a.id AND (e.first_seen_at >= ?4 OR ",
    is_listed!(),
    "))
     ORDER BY a.id LIMIT ?5"
);

/// Tombstones that are due to go: last seen listed long ago, and listed no more.
pub(super) const FORGOTTEN: &str = concat!(
    "SELECT e.id, e.keys FROM entries AS e CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE e.article IS NULL AND e.listed_at < ?2 AND ",
    is_listed!(),
    " IS NOT TRUE
     ORDER BY e.listed_at LIMIT ?3"
);

/// How far a pass has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The feed looked at, where they are looked at one by one.
    pub(super) feed: usize,
    /// The last article looked at, or the last entry of the feed; of an excess, how many articles stay.
    pub(super) after: i64,
    /// Entries purged so far.
    pub(super) purged: u64,
    /// Whether all is done.
    pub(super) done: bool,
}

/// When the first article of a window was first seen.
const FIRST: &str = "
    SELECT coalesce(a.arrived_at, (SELECT min(first_seen_at) FROM entries WHERE article = a.id))
    FROM articles AS a WHERE a.id > ?1 ORDER BY a.id LIMIT 1";

/// Purges one batch of what was first seen before `before` and is no longer listed, at `now`.
///
/// Articles are numbered as they come, so all that follow a young one are young: looking at each of them
/// took longer than a poll of thousands of feeds without news.
pub(super) fn purge_old(
    connection: &Connection,
    progress: Progress,
    (before, now): (Timestamp, Timestamp),
) -> Result<Progress> {
    let mut first = connection.prepare_cached(FIRST)?;
    let first = first.query_row([progress.after], |row| row.get(0));
    let first: Option<At> = first.optional()?;
    if first.is_none_or(|At(first)| first >= before) {
        return Ok(Progress {
            done: true,
            ..progress
        });
    }
    let newest = newest_article(connection)?;
    let end = progress.after.saturating_add(WINDOW).min(newest);
    let window = (lag(), progress.after, end, At(before), BATCH);
    let old = numbers(connection, OLD, window)?;
    let purged = purge_all(connection, &old, now)?;
    let full = i64::try_from(old.len()).is_ok_and(|found| found >= BATCH);
    let after = old.last().copied().filter(|_| full).unwrap_or(end);
    Ok(Progress {
        after,
        purged: progress.purged + purged,
        done: after >= newest,
        ..progress
    })
}

/// Purges one batch of the oldest articles, listed or not, until `excess` entries are gone, at `now`.
pub(super) fn purge_excess(
    connection: &Connection,
    progress: Progress,
    (excess, now): (u64, Timestamp),
) -> Result<Progress> {
    let mut purged = progress.purged;
    let oldest = numbers(
        connection,
        "SELECT id FROM articles ORDER BY published_at, id LIMIT ?1",
        [BATCH],
    )?;
    for article in &oldest {
        if purged >= excess {
            break;
        }
        purged += purge(connection, *article, now)?;
    }
    Ok(Progress {
        purged,
        done: purged >= excess || oldest.is_empty(),
        ..progress
    })
}

/// Forgets one batch of purged entries that no feed has listed for long.
pub(super) fn forget(
    connection: &Connection,
    progress: Progress,
    now: Timestamp,
) -> Result<Progress> {
    let before = now.saturating_sub(KEYS_KEPT).unwrap_or(Timestamp::MIN);
    let rows: Vec<(i64, Vec<u8>)> = connection
        .prepare_cached(FORGOTTEN)?
        .query_map((lag(), At(before), BATCH), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_>>()?;
    for (number, packed) in &rows {
        keys::forget(connection, *number, packed)?;
    }
    Ok(Progress {
        done: i64::try_from(rows.len()).is_ok_and(|found| found < BATCH),
        ..progress
    })
}

/// Returns [`LISTED_LAG`] as columns count it.
pub(super) fn lag() -> i64 {
    i64::try_from(LISTED_LAG.as_millis()).unwrap_or(i64::MAX)
}

/// Returns the number of the newest article.
fn newest_article(connection: &Connection) -> Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) FROM articles", [], |row| {
        row.get(0)
    })
}

/// Reads numbers.
pub(super) fn numbers(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<i64>> {
    connection
        .prepare_cached(sql)?
        .query_map(params, |row| row.get(0))?
        .collect()
}

/// Purges articles; returns how many entries they had.
pub(super) fn purge_all(connection: &Connection, articles: &[i64], now: Timestamp) -> Result<u64> {
    articles
        .iter()
        .map(|article| purge(connection, *article, now))
        .sum()
}

/// Removes an article; its entries become tombstones. Returns how many they were.
pub(super) fn purge(connection: &Connection, article: i64, now: Timestamp) -> Result<u64> {
    vectors::remove(connection, article)?;
    let story = stories::leave(connection, article)?;
    if let Some(story) = story {
        gone_voices::keep(connection, article, story)?;
    }
    gone_voices::forget_article(connection, article)?;
    founders::disinherit(connection, article)?;
    published::keep(connection, (article, None))?;
    let labels = labels::of_article(connection, article)?;
    let at = labels::labelled(connection, article)?;
    labels::unlist(connection, at, &labels)?;
    let entries = numbers(
        connection,
        "SELECT id FROM entries WHERE article = ?1",
        [article],
    )?;
    for entry in &entries {
        strip(connection, *entry)?;
    }
    connection
        .prepare_cached(
            "UPDATE entries SET article = NULL, leads = 0, purged_at = ?2, held_until = NULL,
                 listed = NULL WHERE article = ?1",
        )?
        .execute((article, At(now)))?;
    connection
        .prepare_cached("DELETE FROM articles WHERE id = ?1")?
        .execute([article])?;
    if let Some(story) = story {
        stories::settle(connection, story)?;
    }
    Ok(u64::try_from(entries.len()).unwrap_or(u64::MAX))
}

/// Forgets all of an entry but what recognises it, before it leaves its article.
pub(super) fn strip(connection: &Connection, entry: i64) -> Result<()> {
    labels::remove_matches(connection, entry)?;
    revisions::forget(connection, entry)?;
    connection
        .prepare_cached("DELETE FROM texts WHERE entry = ?1")?
        .execute([entry])?;
    Ok(())
}
