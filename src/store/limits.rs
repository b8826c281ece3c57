//! What is kept of single feeds, which may be less than of all.
//!
//! By age an article goes when the period of the feed is over for each of its entries, and no feed lists any of
//! them. By count a feed pays for what it tells: the articles that it leads are counted, and the oldest go,
//! listed or not, unless another feed carries them, too: a feed that repeats what others write must not take
//! it from them. Their keys keep them from coming back.
//!
//! What the limits are is not stored: `feeds.toml` says so each time.

use super::reckoned::Span;
use super::retain::{BATCH, Progress, WINDOW, is_listed, lag, purge_all};
use super::rows::{At, count, integer};
use super::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeMap;
use std::mem;

/// Articles counted in one transaction, from an index: some milliseconds.
const COUNTED: u64 = 50_000;

/// A feed with limits of its own.
#[derive(Clone, Copy, Debug)]
struct Feed {
    number: i64,
    /// What was first seen before this has been kept long enough; `None`: as that of all.
    before: Option<Timestamp>,
    /// Articles that it may lead.
    most: Option<u64>,
}

/// The feeds with limits of their own, and what holds for the others.
#[derive(Debug)]
pub(super) struct Limited {
    feeds: Vec<Feed>,
    /// The same by number: since when what a feed brings has been kept long enough.
    befores: BTreeMap<i64, Timestamp>,
    /// That of all others.
    before: Timestamp,
    now: Timestamp,
}

/// Old entries of a feed that it does not list, with their articles.
pub(super) const OLD: &str = concat!(
    "SELECT e.id, e.article, e.first_seen_at, ",
    is_listed!(),
    " IS TRUE
     FROM entries AS e INDEXED BY entries_by_feed CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE e.feed = ?2 AND e.article IS NOT NULL AND e.id > ?3
     ORDER BY e.id LIMIT ?4"
);

/// The entries of an article: feed, when first seen, and whether it is listed.
const MEMBERS: &str = concat!(
    "SELECT e.feed, e.first_seen_at, ",
    is_listed!(),
    " IS TRUE
     FROM entries AS e INDEXED BY entries_by_article CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE e.article = ?2"
);

/// How many articles a feed leads, from an index.
pub(super) const LED: &str =
    "SELECT count(*) FROM entries INDEXED BY entries_led WHERE feed = ?1 AND leads = 1";

/// The oldest of them after some, from the same.
pub(super) const OLDEST: &str = "SELECT l.article FROM entries AS l INDEXED BY entries_led
    WHERE l.feed = ?1 AND l.leads = 1 ORDER BY l.published_at, l.id LIMIT ?2 OFFSET ?3";

/// Which other feeds carry an article, each with its last entry of it.
pub(super) const CARRIERS: &str =
    "SELECT e.feed, e.id FROM entries AS e INDEXED BY entries_by_article
     WHERE e.article = ?1 AND e.feed <> ?2";

/// The oldest entry of as many as a feed may have, the last stored; none where it has fewer.
pub(super) const KEPT: &str = "SELECT id FROM entries INDEXED BY entries_by_feed
    WHERE feed = ?1 AND article IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?2";

/// Finds the feeds that settings give limits, as they stand at `now`, with ages reckoned to `until`.
pub(super) fn limited(
    connection: &Connection,
    settings: &Settings,
    (until, now): Span,
) -> Result<Limited> {
    let before = |span| {
        let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        until.saturating_sub(span).unwrap_or(Timestamp::MIN)
    };
    let mut number = connection.prepare_cached("SELECT id FROM feeds WHERE name = ?1")?;
    let mut feeds = Vec::new();
    for (feed, limits) in &settings.limits {
        let own = limits.retention.filter(|own| *own < settings.retention);
        let number = number.query_row([feed.as_str()], |row| row.get(0));
        feeds.extend(number.optional()?.map(|number| Feed {
            number,
            before: own.map(before),
            most: limits.max_entries,
        }));
    }
    let of = |feed: &Feed| Some((feed.number, feed.before?));
    Ok(Limited {
        befores: feeds.iter().filter_map(of).collect(),
        before: before(settings.retention),
        feeds,
        now,
    })
}

impl Limited {
    /// Returns how many entries a feed with a limit may have.
    fn most(&self, feed: i64) -> Option<u64> {
        let mut feeds = self.feeds.iter();
        feeds.find(|it| it.number == feed)?.most
    }

    /// Returns since when what a feed brings has been kept long enough.
    fn before(&self, feed: i64) -> Timestamp {
        let own = self.befores.get(&feed);
        own.copied().unwrap_or(self.before)
    }
}

/// Purges one batch of what feeds with a retention of their own brought before it and list no more.
///
/// Entries are numbered as they come, so all that follow a young one are young. What is left after a pass is
/// listed somewhere, or another feed keeps it for longer.
pub(super) fn purge_old(
    connection: &Connection,
    mut progress: Progress,
    limited: &Limited,
) -> Result<Progress> {
    let mut looked_at = 0;
    let mut purged = 0;
    while looked_at < WINDOW && purged < BATCH {
        let Some(feed) = limited.feeds.get(progress.feed) else {
            progress.done = true;
            break;
        };
        let Some(before) = feed.before else {
            progress.feed += 1;
            continue;
        };
        let rows = old_entries(connection, feed.number, progress.after)?;
        // A feed costs something even where it has nothing old.
        looked_at += integer(count_of(&rows)) + 1;
        let is_last = count_of(&rows) < count(BATCH);
        let young = rows.iter().position(|row| row.first_seen_at >= before);
        let old = rows.get(..young.unwrap_or(rows.len())).unwrap_or_default();
        let mut over = Vec::new();
        for row in old.iter().filter(|row| !row.is_listed) {
            if !over.contains(&row.article) && is_over(connection, row.article, limited)? {
                over.push(row.article);
            }
        }
        let gone = purge_all(connection, &over, limited.now)?;
        purged += integer(gone);
        progress.purged += gone;
        let last = old.last().filter(|_| !is_last && young.is_none());
        progress.feed += usize::from(last.is_none());
        progress.after = last.map_or(0, |last| last.id);
    }
    Ok(progress)
}

/// Returns a number of rows as they are counted.
fn count_of<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

/// An entry of a feed with a retention of its own.
struct Entry {
    id: i64,
    article: i64,
    first_seen_at: Timestamp,
    is_listed: bool,
}

/// Reads the entries of a feed after one.
fn old_entries(connection: &Connection, feed: i64, after: i64) -> Result<Vec<Entry>> {
    connection
        .prepare_cached(OLD)?
        .query_map((lag(), feed, after, BATCH), |row| {
            Ok(Entry {
                id: row.get(0)?,
                article: row.get(1)?,
                first_seen_at: row.get::<_, At>(2)?.0,
                is_listed: row.get(3)?,
            })
        })?
        .collect()
}

/// Tells whether an article has been kept long enough for each of its entries, and is listed nowhere.
fn is_over(connection: &Connection, article: i64, limited: &Limited) -> Result<bool> {
    let mut statement = connection.prepare_cached(MEMBERS)?;
    let mut rows = statement.query((lag(), article))?;
    while let Some(row) = rows.next()? {
        let (feed, At(seen), is_listed): (i64, At, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if is_listed || seen >= limited.before(feed) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Purges one batch of the oldest articles of feeds that lead more than they may, and that no other feed
/// carries within its own limit. The latter stay in the excess, so that none younger goes in their place.
pub(super) fn purge_excess(
    connection: &Connection,
    mut progress: Progress,
    limited: &Limited,
) -> Result<Progress> {
    let mut counted = 0;
    while counted < COUNTED {
        let Some(feed) = limited.feeds.get(progress.feed) else {
            progress.done = true;
            break;
        };
        progress.feed += 1;
        let Some(most) = feed.most else { continue };
        let led: i64 = connection
            .prepare_cached(LED)?
            .query_row([feed.number], |row| row.get(0))?;
        counted += count(led) + 1;
        let stayed = mem::take(&mut progress.after);
        let excess = integer(count(led).saturating_sub(most)) - stayed;
        if excess > 0 {
            let asked = (feed.number, excess.min(BATCH), stayed);
            let (over, shared) = oldest(connection, asked, limited)?;
            progress.purged += purge_all(connection, &over, limited.now)?;
            // What is left of the excess is for the next transaction.
            if excess > BATCH {
                progress.feed -= 1;
                progress.after = stayed + shared;
            }
            break;
        }
    }
    Ok(progress)
}

/// Returns the oldest articles that a feed leads: those that no other keeps, and how many of them others do.
fn oldest(
    connection: &Connection,
    asked: (i64, i64, i64),
    limited: &Limited,
) -> Result<(Vec<i64>, i64)> {
    let mut statement = connection.prepare_cached(OLDEST)?;
    let mut rows = statement.query(asked)?;
    let mut others = Others {
        connection,
        limited,
        kept: BTreeMap::new(),
    };
    let (mut over, mut shared) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let article = row.get(0)?;
        if others.keep(article, asked.0)? {
            shared += 1;
        } else {
            over.push(article);
        }
    }
    Ok((over, shared))
}

/// What other feeds may keep of the articles of one.
struct Others<'a> {
    connection: &'a Connection,
    limited: &'a Limited,
    /// The oldest entry that each of them keeps, as far as they were asked for.
    kept: BTreeMap<i64, i64>,
}

impl Others<'_> {
    /// Tells whether another feed has an article among so many entries, the last stored, as it may have. One without a
    /// limit has.
    fn keep(&mut self, article: i64, but: i64) -> Result<bool> {
        let mut statement = self.connection.prepare_cached(CARRIERS)?;
        let mut rows = statement.query((article, but))?;
        while let Some(row) = rows.next()? {
            let (feed, entry): (i64, i64) = (row.get(0)?, row.get(1)?);
            if entry >= self.oldest_kept(feed)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the oldest entry that a feed may keep.
    fn oldest_kept(&mut self, feed: i64) -> Result<i64> {
        if let Some(known) = self.kept.get(&feed) {
            return Ok(*known);
        }
        let found = match self.limited.most(feed) {
            None => None,
            Some(0) => Some(i64::MAX),
            Some(most) => self
                .connection
                .prepare_cached(KEPT)?
                .query_row((feed, integer(most - 1)), |row| row.get(0))
                .optional()?,
        };
        let oldest = found.unwrap_or(i64::MIN);
        self.kept.insert(feed, oldest);
        Ok(oldest)
    }
}
