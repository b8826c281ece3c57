//! The feeds of a configuration, made known to the database.

use super::feeds::{number, outlet};
use super::rows::At;
use super::{languages, moves, origin};
use crate::model::{FeedId, Moved, Outlet};
use jiff::Timestamp;
use rusqlite::{Connection, Result, Row, params};

/// A feed as `feeds.toml` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSeed {
    /// Stable name.
    pub id: FeedId,
    /// Address fit to be shown: without credentials (S7).
    pub url: String,
    /// The operator's title, in place of the feed's own.
    pub title: Option<String>,
    /// Language of entries that say none, as their documents.
    pub language: Option<String>,
    /// Digest of address, credentials and headers: when it changes, what is remembered for the next
    /// request no longer holds.
    pub fingerprint: [u8; 16],
    /// Who speaks in it.
    pub outlet: Outlet,
    /// Whether it is polled.
    pub enabled: bool,
}

/// The feeds of a configuration, by their numbers in it. A seed is made when it is asked for: 100,000 at once take
/// 30 MB, at the moment when a start needs the most memory anyway.
pub trait Seeds: Send + 'static {
    /// Returns how many there are.
    fn count(&self) -> usize;

    /// Returns the number of the feed of that name.
    fn number(&self, name: &str) -> Option<usize>;

    /// Returns the feed of that number.
    fn seed(&self, number: usize) -> Option<FeedSeed>;
}

/// Makes the configured feeds known and the others not configured.
///
/// A feed whose address, credentials or headers changed starts afresh, its first poll included: what
/// its validators, its failures and a 410 said was about another resource (P9, P21). What its ids proved to
/// be holds as long as the address does: another token asks the same publisher. A `Retry-After` is still
/// heeded, as it may be the same host's. A feed whose address became the one that it is asked at already,
/// since it moved there for good (P22), is the same resource: all stays as it is.
///
/// One walk over the table finds what is another than it was, mostly nothing; no row is held for longer than that.
pub(super) fn set_feeds(connection: &Connection, feeds: &impl Seeds, now: Timestamp) -> Result<()> {
    let Changes {
        known,
        changed,
        orphaned,
    } = changes(connection, feeds)?;
    for (feed, held) in &changed {
        if held.fingerprint != Some(feed.fingerprint) {
            if held.is_adopted_by(feed) {
                arrive(connection, feed, held.moved.as_ref())?;
            } else {
                reset(connection, feed)?;
            }
        }
        save(connection, feed, now)?;
    }
    for (number, _) in known.iter().enumerate().filter(|(_, known)| !**known) {
        if let Some(feed) = feeds.seed(number) {
            save(connection, &feed, now)?;
        }
    }
    for name in orphaned {
        connection
            .prepare_cached("UPDATE feeds SET configured = 0 WHERE name = ?1")?
            .execute([name])?;
    }
    origin::name_all(connection)
}

/// What a configuration changes.
struct Changes {
    /// Of each of its feeds, by number, whether there is a row.
    known: Vec<bool>,
    /// Its feeds of which it makes something else than the last one, with what that made of them.
    changed: Vec<(FeedSeed, Configured)>,
    /// The names of feeds that it does not name and the last one did.
    orphaned: Vec<String>,
}

/// Compares a configuration with what the last one made of every feed.
fn changes(connection: &Connection, feeds: &impl Seeds) -> Result<Changes> {
    let mut changes = Changes {
        known: vec![false; feeds.count()],
        changed: Vec::new(),
        orphaned: Vec::new(),
    };
    let mut statement = connection.prepare_cached(
        "SELECT name, configured, fingerprint, url, given_title, moved, role, weight, owner, language,
             enabled
         FROM feeds",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let held = configured(row)?;
        let number = feeds.number(&name);
        match number.and_then(|number| Some((number, feeds.seed(number)?))) {
            Some((number, feed)) => {
                if let Some(known) = changes.known.get_mut(number) {
                    *known = true;
                }
                if !held.is_as_in(&feed) {
                    changes.changed.push((feed, held));
                }
            }
            None if held.names => changes.orphaned.push(name),
            None => {}
        }
    }
    Ok(changes)
}

/// Writes what a configuration says of a feed.
fn save(connection: &Connection, feed: &FeedSeed, now: Timestamp) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO feeds (name, url, given_title, fingerprint, configured, added_at, role,
                 weight, owner, enabled)
             VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (name) DO UPDATE SET
                 url = excluded.url, given_title = excluded.given_title,
                 fingerprint = excluded.fingerprint, configured = 1, role = excluded.role,
                 weight = excluded.weight, owner = excluded.owner, enabled = excluded.enabled,
                 chosen_to = iif(role = excluded.role AND weight = excluded.weight
                     AND owner IS excluded.owner, chosen_to, 0)",
        )?
        .execute(params![
            feed.id.as_str(),
            feed.url,
            feed.title,
            feed.fingerprint,
            At(now),
            feed.outlet.role.name(),
            feed.outlet.weight,
            feed.outlet.owner,
            feed.enabled,
        ])?;
    languages::set(connection, feed.id.as_str(), feed.language.as_deref())?;
    origin::save_names(connection, number(connection, &feed.id, now)?)
}

/// What the last configuration made of a feed.
struct Configured {
    /// Whether it names it.
    names: bool,
    fingerprint: Option<[u8; 16]>,
    url: String,
    title: Option<String>,
    language: Option<String>,
    /// Where it moved to since.
    moved: Option<Moved>,
    outlet: Outlet,
    enabled: bool,
}

impl Configured {
    /// Tells whether a configuration makes the same of it.
    fn is_as_in(&self, feed: &FeedSeed) -> bool {
        self.names
            && self.fingerprint == Some(feed.fingerprint)
            && self.url == feed.url
            && self.title == feed.title
            && self.language == feed.language
            && self.outlet == feed.outlet
            && self.enabled == feed.enabled
    }

    /// Tells whether a configuration asks what is asked already: the adopted address with all that goes
    /// there, and nothing else.
    fn is_adopted_by(&self, feed: &FeedSeed) -> bool {
        let adopted = self.moved.as_ref().and_then(|moved| moved.adopted.as_ref());
        adopted.is_some_and(|adopted| adopted.fingerprint == Some(feed.fingerprint))
    }
}

/// Reads what the last configuration made of a feed.
fn configured(row: &Row<'_>) -> Result<Configured> {
    Ok(Configured {
        names: row.get(1)?,
        fingerprint: row.get(2)?,
        url: row.get(3)?,
        title: row.get(4)?,
        language: row.get("language")?,
        moved: moves::moved(row, 5)?,
        outlet: outlet(row)?,
        enabled: row.get("enabled")?,
    })
}

/// Notes that a feed is configured where it had moved to. What it leads to from there goes on being seen.
fn arrive(connection: &Connection, feed: &FeedSeed, moved: Option<&Moved>) -> Result<()> {
    let sighted = moved.and_then(|moved| moved.sighted.clone());
    let moved = sighted.map(|seen| Moved {
        sighted: Some(seen),
        ..Moved::default()
    });
    connection
        .prepare_cached("UPDATE feeds SET moved = ?2 WHERE name = ?1")?
        .execute((feed.id.as_str(), moves::moved_text(moved.as_ref())?))?;
    Ok(())
}

/// Forgets what was learnt about another resource under the same name.
fn reset(connection: &Connection, feed: &FeedSeed) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE feeds SET next_due_at = NULL, due_reason = '', last_poll_at = NULL,
                 last_success_at = NULL, failures = 0, health = 'new', last_error = '', validators_url = '', etag = NULL, last_modified = NULL,
                 body_digest = NULL, hints = '{}', rhythm_ms = NULL, newest_at = NULL, gone_at = NULL,
                 refusals = 0, deaf_tags = 0, moved = NULL, backfill = NULL,
                 guid_health = iif(url = ?2, guid_health, 'good'),
                 guid_suspicion = iif(url = ?2, guid_suspicion, 'good')
             WHERE name = ?1",
        )?
        .execute((feed.id.as_str(), &feed.url))?;
    Ok(())
}
