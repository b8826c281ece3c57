//! The rows of `feeds` and `polls`.

use super::hints::HintsForm;
use super::moves;
use super::origin;
use super::parts::{Json, ProfileForm, json};
use super::rows::{
    At, RoleName, Span, count, feed_id, feed_state, instant, integer, state_columns,
};
use super::{Store, StoreError};
use crate::model::{
    Defect, FailureKind, FeedId, FeedProfile, FeedRow, FeedState, Guids, Health, LastPoll, Outcome,
    Outlet, PollCounts, PollRecord, PollRow,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, RowIndex, params};
use std::collections::BTreeMap;

/// Polls remembered of each feed (P44): at the shortest sensible interval of an hour, eight days.
const POLLS: i64 = 200;

/// Writes a feed's state after a poll. What a document says stays until the next document. Without
/// RETURNING, for which SQLite would make a table in memory at each poll.
const SAVE_STATE: &str = "
    UPDATE feeds SET
        next_due_at = ?2, due_reason = ?3, last_poll_at = ?4, last_success_at = ?5, failures = ?6,
        retry_after_at = ?7, health = ?8, last_error = ?9, validators_url = ?10, etag = ?11,
        last_modified = ?12, body_digest = ?13, hints = ?14, rhythm_ms = ?15,
        profile = coalesce(?16, profile), defects = coalesce(?17, defects),
        read_at = coalesce(?18, read_at), guid_health = ?19, guid_suspicion = ?20,
        newest_at = ?21, gone_at = ?22, refusals = ?23, deaf_tags = ?24, moved = ?25, backfill = ?26,
        polls = ?27
    WHERE id = ?1";

/// A feed whose state was written after a poll.
pub(super) struct Saved {
    /// The feed's number.
    pub(super) feed: i64,
    /// How many polls of it there were, with this one.
    pub(super) polls: i64,
    /// Whether the feed says something else of itself than before.
    pub(super) is_renamed: bool,
    /// Whether that is told in entries of it.
    pub(super) is_news: bool,
}

/// Writes the state that a poll left; a feed that no configuration named gets its row here.
pub(super) fn save_state(connection: &Connection, record: &PollRecord) -> Result<Saved> {
    let (number, polls) = row_of(connection, &record.feed, record.at)?;
    let polls = polls.saturating_add(1);
    let state = &record.state;
    let profile = record.profile.as_ref().map(ProfileForm::from);
    let profile = profile.as_ref().map(json).transpose()?;
    // Of a part of a document nothing follows for what it leaves out (P38), and of its archive nothing (P39).
    let read = record.profile.is_some();
    let defects = record
        .tells_defects()
        .then(|| json(&record.defects))
        .transpose()?;
    let is_other = match &profile {
        Some(profile) => profile_text(connection, number)? != *profile,
        None => false,
    };
    let is_news = is_other && has_entries(connection, number)?;
    connection.prepare_cached(SAVE_STATE)?.execute(params![
        number,
        state.next_due_at.map(At),
        state.due_reason,
        state.last_poll_at.map(At),
        state.last_success_at.map(At),
        state.failures,
        state.retry_after_at.map(At),
        state.health.name(),
        state.last_error,
        state.validators.url,
        state.validators.etag,
        state.validators.last_modified,
        state.body_digest,
        json(&HintsForm::from(state))?,
        state.rhythm.map(Span),
        profile,
        defects,
        read.then_some(At(record.at)),
        state.guids.health.name(),
        state.guids.suspicion.name(),
        state.newest_at.map(At),
        state.gone_at.map(At),
        state.refusals,
        state.deaf_tags,
        moves::moved_text(state.moved.as_ref())?,
        moves::backfill_text(state.backfill.as_ref())?,
        polls,
    ])?;
    if is_other {
        origin::save_names(connection, number)?;
    }
    Ok(Saved {
        feed: number,
        polls,
        is_renamed: is_other,
        is_news,
    })
}

/// Writes what the entries of a poll told of their feed's ids, and the defect that is to be told of it
/// beside those that reading the document found.
pub(super) fn save_guids(
    connection: &Connection,
    number: i64,
    guids: Guids,
    defect: Option<&Defect>,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE feeds SET guid_health = ?2, guid_suspicion = ?3,
                 defects = iif(?4 IS NULL, defects, json_insert(defects, '$[#]', ?4))
             WHERE id = ?1",
        )?
        .execute((
            number,
            guids.health.name(),
            guids.suspicion.name(),
            defect.map(ToString::to_string),
        ))?;
    Ok(())
}

/// Reads what a feed said of itself, as it is stored.
fn profile_text(connection: &Connection, number: i64) -> Result<String> {
    connection
        .prepare_cached("SELECT profile FROM feeds WHERE id = ?1")?
        .query_row([number], |row| row.get(0))
}

/// Tells whether something of a feed is published, and with it what the feed says of itself.
fn has_entries(connection: &Connection, number: i64) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM entries WHERE feed = ?1 AND article IS NOT NULL)",
        )?
        .query_row([number], |row| row.get(0))
}

/// Returns the number of a feed; one that has no row gets one, added at `at`.
pub(super) fn number(connection: &Connection, feed: &FeedId, at: Timestamp) -> Result<i64> {
    row_of(connection, feed, at).map(|(number, _)| number)
}

/// Returns the number of a feed, and how many polls of it there were.
fn row_of(connection: &Connection, feed: &FeedId, at: Timestamp) -> Result<(i64, i64)> {
    let known = connection
        .prepare_cached("SELECT id, polls FROM feeds WHERE name = ?1")?
        .query_row([feed.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    connection
        .prepare_cached("INSERT INTO feeds (name, added_at) VALUES (?1, ?2)")?
        .execute((feed.as_str(), At(at)))?;
    Ok((connection.last_insert_rowid(), 0))
}

/// Remembers a poll of a feed, under its number there, and forgets the one that is too old by it.
pub(super) fn add_poll(
    connection: &Connection,
    (feed, number): (i64, i64),
    record: &PollRecord,
    counts: &PollCounts,
) -> Result<()> {
    let message = match &record.outcome {
        Outcome::Failed(failure) => failure.message.as_str(),
        _ => "",
    };
    connection
        .prepare_cached(
            "INSERT INTO polls (feed, number, at, outcome, message, status, bytes, elapsed_ms, new,
                 revised, copies, next_due_at, due_reason, redirects, withdrawn)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            feed,
            number,
            At(record.at),
            record.outcome.name(),
            message,
            record.status,
            integer(record.bytes),
            Span(record.elapsed),
            counts.new,
            counts.revised,
            counts.copies,
            record.state.next_due_at.map(At),
            record.state.due_reason,
            statuses(&record.redirects),
            counts.withdrawn,
        ])?;
    if number > POLLS {
        connection
            .prepare_cached("DELETE FROM polls WHERE feed = ?1 AND number <= ?2")?
            .execute((feed, number - POLLS))?;
    }
    Ok(())
}

/// Returns statuses as `polls.redirects` has them.
fn statuses(all: &[u16]) -> String {
    let all: Vec<String> = all.iter().map(u16::to_string).collect();
    all.join(" ")
}

/// Reads them again.
fn numbers(text: &str) -> Vec<u16> {
    text.split(' ').filter_map(|it| it.parse().ok()).collect()
}

/// Reads who speaks in a feed.
pub(super) fn outlet(row: &Row<'_>) -> Result<Outlet> {
    Ok(Outlet {
        role: row.get::<_, RoleName>("role")?.0,
        weight: row.get("weight")?,
        owner: row.get("owner")?,
    })
}

/// Reads the states of feeds, in the order asked for.
pub(super) fn states(connection: &Connection, ids: &[FeedId]) -> Result<Vec<FeedState>> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT ",
        state_columns!(),
        " FROM feeds WHERE name = ?1"
    ))?;
    ids.iter()
        .map(|id| {
            let state = statement.query_row([id.as_str()], feed_state).optional()?;
            Ok(state.unwrap_or_default())
        })
        .collect()
}

/// Hands the state of every feed that has a row to `each`: one walk over the table, which takes half as long
/// as looking each of them up by its name.
pub(super) fn each_state(
    connection: &Connection,
    each: &mut dyn FnMut(FeedId, FeedState),
) -> Result<()> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT ",
        state_columns!(),
        ", name FROM feeds ORDER BY id"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(feed_id(row, "name")?, feed_state(row)?);
    }
    Ok(())
}

/// Reads the states of the feeds that are gone, or whose origin asked for patience until after `now`.
pub(super) fn held_back(
    connection: &Connection,
    now: Timestamp,
) -> Result<BTreeMap<FeedId, FeedState>> {
    connection
        .prepare_cached(concat!(
            "SELECT ",
            state_columns!(),
            ", name FROM feeds WHERE health = ?1 OR retry_after_at > ?2"
        ))?
        .query_map((Health::Gone.name(), At(now)), |row| {
            Ok((feed_id(row, "name")?, feed_state(row)?))
        })?
        .collect()
}

/// All feeds; how many entries each has is counted in an index, whose rows are never followed.
pub(super) const ROWS: &str = concat!(
    "SELECT ",
    state_columns!(),
    ", f.name, f.url, f.profile, f.defects, coalesce(n.entries, 0) AS entries
     FROM feeds AS f
     LEFT JOIN (
         SELECT feed, count(*) AS entries FROM entries WHERE article IS NOT NULL GROUP BY feed
     ) AS n ON n.feed = f.id
     ORDER BY f.name"
);

/// Reads all feeds, by name.
pub(super) fn rows(connection: &Connection) -> Result<Vec<FeedRow>> {
    connection
        .prepare_cached(ROWS)?
        .query_map([], row)?
        .collect()
}

/// Reads what feeds call themselves.
pub(super) fn titles(connection: &Connection) -> Result<BTreeMap<FeedId, String>> {
    connection
        .prepare_cached("SELECT name, coalesce(profile ->> 'title', '') FROM feeds")?
        .query_map([], |row| Ok((feed_id(row, "name")?, row.get(1)?)))?
        .collect()
}

impl Store {
    /// Returns where the sites of feeds are, of those that say so. Whether everybody may know that is not judged.
    pub fn feed_homes(&self) -> std::result::Result<BTreeMap<FeedId, String>, StoreError> {
        self.pool.read(homes)
    }
}

fn homes(connection: &Connection) -> Result<BTreeMap<FeedId, String>> {
    connection
        .prepare_cached(
            "SELECT name, profile ->> 'home_url' AS home FROM feeds
             WHERE profile ->> 'home_url' IS NOT NULL",
        )?
        .query_map([], |row| Ok((feed_id(row, "name")?, row.get(1)?)))?
        .collect()
}

/// Reads one feed.
fn row(row: &Row<'_>) -> Result<FeedRow> {
    Ok(FeedRow {
        id: feed_id(row, "name")?,
        url: row.get("url")?,
        title: profile(row, "profile")?.title.unwrap_or_default(),
        state: feed_state(row)?,
        entries: count(row.get("entries")?),
        defects: row.get::<_, Json<_>>("defects")?.0,
    })
}

/// Reads what a feed says of itself.
pub(super) fn profile(row: &Row<'_>, column: impl RowIndex) -> Result<FeedProfile> {
    let form: Json<ProfileForm<'static>> = row.get(column)?;
    Ok(form.0.into())
}

/// Reads the last polls of a feed, newest first.
pub(super) fn polls(connection: &Connection, feed: &FeedId, limit: usize) -> Result<Vec<PollRow>> {
    connection
        .prepare_cached(
            "SELECT at, outcome, message, status, bytes, elapsed_ms, new, revised, copies,
                 next_due_at, due_reason, redirects, withdrawn
             FROM polls WHERE feed = (SELECT id FROM feeds WHERE name = ?1)
             ORDER BY number DESC LIMIT ?2",
        )?
        .query_map((feed.as_str(), limit_of(limit)), poll)?
        .collect()
}

/// Reads how the last poll of each feed ended that fails, that was kept by its proxy or refused for the pace of its host, or whose
/// last document had defects, by the feed.
pub(super) fn last_polls(connection: &Connection) -> Result<BTreeMap<FeedId, LastPoll>> {
    let told = [
        Health::Failing.name(),
        FailureKind::Proxy.name(),
        Outcome::Crowded.name(),
    ];
    connection
        .prepare_cached(
            "SELECT f.name, f.defects, p.outcome, p.status, p.at IS f.last_poll_at AS of_feed FROM feeds AS f
             JOIN polls AS p ON p.feed = f.id AND p.number = f.polls
             WHERE f.health = ?1 OR f.defects <> '[]' OR p.outcome IN (?2, ?3)",
        )?
        .query_map(told, |row| {
            let last = LastPoll {
                is_of_feed: row.get("of_feed")?,
                outcome: row.get("outcome")?,
                status: row.get("status")?,
                defects: row.get::<_, Json<_>>("defects")?.0,
            };
            Ok((feed_id(row, "name")?, last))
        })?
        .collect()
}

impl Store {
    /// Writes when feeds are due, and why, where that is not what their last polls decided.
    pub async fn decide_anew(
        &self,
        anew: Vec<(FeedId, Option<Timestamp>, String)>,
    ) -> std::result::Result<(), StoreError> {
        if anew.is_empty() {
            return Ok(());
        }
        self.write(move |pen| {
            let sql = "UPDATE feeds SET next_due_at = ?2, due_reason = ?3 WHERE name = ?1";
            let mut statement = pen.connection.prepare_cached(sql)?;
            for (feed, at, reason) in &anew {
                statement.execute((feed.as_str(), at.map(At), reason))?;
            }
            Ok(())
        })
        .await
    }
}

/// Returns a limit as SQLite takes it.
pub(super) fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Reads one poll.
fn poll(row: &Row<'_>) -> Result<PollRow> {
    Ok(PollRow {
        at: row.get::<_, At>("at")?.0,
        outcome: row.get("outcome")?,
        message: row.get("message")?,
        status: row.get("status")?,
        bytes: count(row.get("bytes")?),
        elapsed: row.get::<_, Span>("elapsed_ms")?.0,
        new: row.get("new")?,
        revised: row.get("revised")?,
        copies: row.get("copies")?,
        withdrawn: row.get("withdrawn")?,
        next_due_at: instant(row, "next_due_at")?,
        due_reason: row.get("due_reason")?,
        redirects: numbers(&row.get::<_, String>("redirects")?),
    })
}
