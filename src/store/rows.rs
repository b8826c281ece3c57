//! How values of the model stand in rows.

use super::hints::HintsForm;
use super::moves;
use super::parts::Json;
use crate::model::{
    FeedId, FeedState, GuidHealth, Guids, Health, Key, KeyKind, ReasonKind, Role, Validators,
};
use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Result, Row, RowIndex};
use std::time::Duration;

/// An instant as milliseconds since 1970: what is finer is cut off, what is beyond the calendar is cut to
/// its ends, so that no number in a row can keep the daemon from starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At(pub(super) Timestamp);

impl ToSql for At {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.0.as_millisecond().into())
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        let end = if number < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Ok(Self(Timestamp::from_millisecond(number).unwrap_or(end)))
    }
}

/// A span as milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(pub(super) Duration);

impl ToSql for Span {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Span {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let span = u64::try_from(value.as_i64()?).map_err(FromSqlError::other)?;
        Ok(Self(Duration::from_millis(span)))
    }
}

/// A number that SQLite cannot hold whole; what is beyond its range is cut to it.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads a number that cannot be negative; 0 for one that is.
pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// Writes numbers as JSON, in which a statement takes as many as there are.
pub(super) fn numbers(numbers: &[i64]) -> String {
    // Numbers always have a form in JSON.
    serde_json::to_string(numbers).unwrap_or_default()
}

/// Returns the number of a kind of key in the database: never changed, never used again.
pub(super) fn key_code(kind: KeyKind) -> u8 {
    match kind {
        KeyKind::Guid => 1,
        KeyKind::Url => 2,
        KeyKind::Slug => 3,
        KeyKind::ArticleNumber => 4,
        KeyKind::Content => 5,
        KeyKind::Title => 6,
        KeyKind::Published => 7,
    }
}

/// A key as `entries.keys` holds it: one byte of kind, then the digest.
pub(super) type KeyBytes = [u8; 17];

/// Packs a key.
pub(super) fn key_bytes(key: &Key) -> KeyBytes {
    let mut bytes = [0; 17];
    let (kind, digest) = bytes.split_at_mut(1);
    kind.fill(key_code(key.kind));
    digest.copy_from_slice(&key.digest);
    bytes
}

/// Reads a stable name back.
fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str) -> FromSqlResult<T> {
    all.iter()
        .copied()
        .find(|one| name(*one) == text)
        .ok_or_else(|| FromSqlError::Other(format!("unknown name {text:?}").into()))
}

/// A feed's health by its stable name.
pub(super) struct HealthName(pub(super) Health);

impl FromSql for HealthName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        named(&Health::ALL, Health::name, value.as_str()?).map(Self)
    }
}

/// The health of a feed's ids by its stable name.
struct GuidHealthName(GuidHealth);

impl FromSql for GuidHealthName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        named(&GuidHealth::ALL, GuidHealth::name, value.as_str()?).map(Self)
    }
}

/// The role of a feed by its stable name.
pub(super) struct RoleName(pub(super) Role);

impl FromSql for RoleName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        named(&Role::ALL, Role::name, value.as_str()?).map(Self)
    }
}

/// A kind of reason by its stable name.
pub(super) struct ReasonName(pub(super) ReasonKind);

impl FromSql for ReasonName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        named(&ReasonKind::ALL, ReasonKind::name, value.as_str()?).map(Self)
    }
}

/// Reads a column that holds an instant or nothing.
pub(super) fn instant(row: &Row<'_>, column: impl RowIndex) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<At>>(column)?.map(|at| at.0))
}

/// Reads a column that holds a span or nothing.
fn span(row: &Row<'_>, column: usize) -> Result<Option<Duration>> {
    Ok(row.get::<_, Option<Span>>(column)?.map(|span| span.0))
}

/// Reads the name of a feed.
pub(super) fn feed_id(row: &Row<'_>, column: impl RowIndex) -> Result<FeedId> {
    row.get::<_, String>(column).map(FeedId::new)
}

/// The columns of `feeds` that make a state.
macro_rules! state_columns {
    () => {
        "next_due_at, due_reason, last_poll_at, last_success_at, failures, retry_after_at, health,
             last_error, validators_url, etag, last_modified, body_digest, hints, rhythm_ms,
             guid_health, guid_suspicion, newest_at, gone_at, refusals, deaf_tags, moved, backfill"
    };
}
pub(super) use state_columns;

/// Reads a feed's state from a row that begins with [`state_columns`]. By place, not by name: a name is
/// looked for among all the columns, which took longer than all else at the start.
pub(super) fn feed_state(row: &Row<'_>) -> Result<FeedState> {
    let hints = row.get::<_, Json<HintsForm<'_>>>(12)?.0;
    Ok(FeedState {
        next_due_at: instant(row, 0)?,
        due_reason: row.get(1)?,
        last_poll_at: instant(row, 2)?,
        last_success_at: instant(row, 3)?,
        failures: row.get(4)?,
        retry_after_at: instant(row, 5)?,
        health: row.get::<_, HealthName>(6)?.0,
        last_error: row.get(7)?,
        validators: Validators {
            url: row.get(8)?,
            etag: row.get(9)?,
            last_modified: row.get(10)?,
            max_age: hints.max_age(),
            ..Validators::default()
        },
        body_digest: row.get(11)?,
        astray: hints.astray(),
        is_blank: hints.is_blank(),
        hints: hints.into(),
        rhythm: span(row, 13)?,
        guids: Guids {
            health: row.get::<_, GuidHealthName>(14)?.0,
            suspicion: row.get::<_, GuidHealthName>(15)?.0,
        },
        newest_at: instant(row, 16)?,
        gone_at: instant(row, 17)?,
        refusals: row.get(18)?,
        deaf_tags: row.get(19)?,
        moved: moves::moved(row, 20)?,
        backfill: moves::backfill(row, 21)?,
    })
}
