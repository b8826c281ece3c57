//! [`Moved`] and [`Backfill`] in the database (JSON), and what is kept of hosts that refused.

use super::parts::{Json, json};
use super::retain::Progress;
use super::rows::{At, Span, instant};
use crate::model::{Adopted, Backfill, HostPace, Moved, Sighting};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Result, Row, RowIndex, params};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How long a refusal is kept: a day longer than the agenda heeds it, which is a week, so that no clock that
/// differs a little takes one away that counts. Redirects lead to hosts that are never asked again, and
/// only an answer takes a host out otherwise.
const REFUSALS_KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Hosts removed in one transaction: rows of a hundred bytes, found by looking through all.
const HOSTS_BATCH: u16 = 5000;

/// [`Moved`] in the database. Members without a value are left out.
#[derive(Serialize, Deserialize)]
struct MovedForm<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sighted: Option<SightingForm<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adopted: Option<AdoptedForm<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_up: Option<SightingForm<'a>>,
}

/// [`Sighting`] in the database.
#[derive(Serialize, Deserialize)]
struct SightingForm<'a> {
    url: Cow<'a, str>,
    first_seen_at: i64,
    count: u32,
}

/// [`Adopted`] in the database.
#[derive(Serialize, Deserialize)]
struct AdoptedForm<'a> {
    seen: SightingForm<'a>,
    #[serde(default)]
    failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<[u8; 16]>,
}

impl<'a> From<&'a Sighting> for SightingForm<'a> {
    fn from(seen: &'a Sighting) -> Self {
        Self {
            url: Cow::Borrowed(&seen.url),
            first_seen_at: seen.first_seen_at.as_millisecond(),
            count: seen.count,
        }
    }
}

impl From<SightingForm<'_>> for Sighting {
    fn from(form: SightingForm<'_>) -> Self {
        Self {
            url: form.url.into_owned(),
            first_seen_at: Timestamp::from_millisecond(form.first_seen_at).unwrap_or_default(),
            count: form.count,
        }
    }
}

/// [`Backfill`] in the database.
#[derive(Serialize, Deserialize)]
struct BackfillForm<'a> {
    url: Cow<'a, str>,
    pages: u32,
}

/// Writes where a feed moved to.
pub(super) fn moved_text(moved: Option<&Moved>) -> Result<Option<String>> {
    let form = moved.map(|moved| MovedForm {
        sighted: moved.sighted.as_ref().map(SightingForm::from),
        adopted: moved.adopted.as_ref().map(|adopted| AdoptedForm {
            seen: SightingForm::from(&adopted.seen),
            failures: adopted.failures,
            fingerprint: adopted.fingerprint,
        }),
        given_up: moved.given_up.as_ref().map(SightingForm::from),
    });
    form.as_ref().map(json).transpose()
}

/// Reads where a feed moved to.
pub(super) fn moved(row: &Row<'_>, column: impl RowIndex) -> Result<Option<Moved>> {
    let form = row.get::<_, Option<Json<MovedForm<'static>>>>(column)?;
    Ok(form.map(|Json(form)| Moved {
        sighted: form.sighted.map(Sighting::from),
        adopted: form.adopted.map(|form| Adopted {
            seen: form.seen.into(),
            failures: form.failures,
            fingerprint: form.fingerprint,
        }),
        given_up: form.given_up.map(Sighting::from),
    }))
}

/// Writes what is left of a feed's archive.
pub(super) fn backfill_text(backfill: Option<&Backfill>) -> Result<Option<String>> {
    let form = backfill.map(|backfill| BackfillForm {
        url: Cow::Borrowed(&backfill.url),
        pages: backfill.pages,
    });
    form.as_ref().map(json).transpose()
}

/// Reads what is left of a feed's archive.
pub(super) fn backfill(row: &Row<'_>, column: usize) -> Result<Option<Backfill>> {
    let form = row.get::<_, Option<Json<BackfillForm<'static>>>>(column)?;
    Ok(form.map(|Json(form)| Backfill {
        url: form.url.into_owned(),
        pages: form.pages,
    }))
}

/// Writes what a host is believed to want; `None` forgets it.
pub(super) fn save_host(
    connection: &Connection,
    authority: &str,
    pace: Option<&HostPace>,
) -> Result<()> {
    let Some(pace) = pace else {
        connection
            .prepare_cached("DELETE FROM hosts WHERE authority = ?1")?
            .execute([authority])?;
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT INTO hosts (authority, gap_ms, rests_until, refused_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (authority) DO UPDATE SET
                 gap_ms = excluded.gap_ms, rests_until = excluded.rests_until,
                 refused_at = excluded.refused_at",
        )?
        .execute(params![
            authority,
            Span(pace.gap),
            pace.rests_until.map(At),
            At(pace.refused_at)
        ])?;
    Ok(())
}

/// Reads what is kept of hosts, by authority.
pub(super) fn hosts(connection: &Connection) -> Result<Vec<(String, HostPace)>> {
    let mut statement = connection.prepare_cached(
        "SELECT authority, gap_ms, rests_until, refused_at FROM hosts ORDER BY authority",
    )?;
    let rows = statement.query_map([], |row| {
        let pace = HostPace {
            gap: row.get::<_, Span>(1)?.0,
            rests_until: instant(row, 2)?,
            refused_at: row.get::<_, At>(3)?.0,
        };
        Ok((row.get(0)?, pace))
    })?;
    rows.collect()
}

/// Forgets one batch of hosts whose refusals no one heeds any more.
pub(super) fn forget_hosts(
    connection: &Connection,
    progress: Progress,
    now: Timestamp,
) -> Result<Progress> {
    let before = now.saturating_sub(REFUSALS_KEPT).unwrap_or(Timestamp::MIN);
    let removed = connection
        .prepare_cached(
            "DELETE FROM hosts WHERE authority IN (
                 SELECT authority FROM hosts
                 WHERE refused_at < ?1 AND coalesce(rests_until, ?2) <= ?2 LIMIT ?3)",
        )?
        .execute((At(before), At(now), HOSTS_BATCH))?;
    Ok(Progress {
        done: removed < usize::from(HOSTS_BATCH),
        ..progress
    })
}
