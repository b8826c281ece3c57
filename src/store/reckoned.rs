//! To when retention is reckoned: by the clock, unless that has leapt.
//!
//! A machine whose clock is ahead at its start, or is set wrong, would remove all that is older than the retention before then,
//! and at the right hour it is gone for good. So a leap counts for nothing, and after it retention goes on from where it was,
//! twice as fast as the clock until it has caught up: of a wrong clock each day costs the oldest two days at most, and after
//! a daemon was stopped for long some is kept for longer than it need be. A leap after a leap is believed: somebody
//! polls by hand, every few months. To ask origins for the time was rejected: many have it wrong, and who polls by hand may
//! reach none.

use super::rows::At;
use super::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result};

/// To when ages are reckoned, and what the clock says.
pub(super) type Span = (Timestamp, Timestamp);

/// A clock that went so far since retention was last looked at has leapt, or nobody was there: a daemon looks once a day.
const LEAP: SignedDuration = SignedDuration::from_hours(30 * 24);

/// To when retention was reckoned, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reckoned {
    until: Timestamp,
    at: Timestamp,
    /// Whether the clock had leapt then.
    leapt: bool,
}

impl Reckoned {
    /// Returns what is reckoned at `now`; a clock that is behind takes nothing of it back.
    fn go_on(self, now: Timestamp) -> Self {
        let passed = now.duration_since(self.at);
        let leapt = passed > LEAP;
        let until = if passed.is_negative() || leapt && !self.leapt {
            self.until
        } else {
            let until = self.until.saturating_add(passed + passed);
            until.unwrap_or(Timestamp::MAX).min(now.max(self.until))
        };
        Self {
            until,
            at: now,
            leapt,
        }
    }
}

impl Store {
    /// Returns to when retention is reckoned, at `now` the latest, and remembers that. Where there is nothing to go by, that is
    /// `now`.
    pub async fn reckon_retention(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        self.write(move |pen| {
            let first = Reckoned {
                until: now,
                at: now,
                leapt: false,
            };
            let known = known(pen.connection)?;
            let Reckoned { until, at, leapt } = known.map_or(first, |known| known.go_on(now));
            pen.connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO reckoned (id, until, at, leapt) VALUES (1, ?1, ?2, ?3)",
                )?
                .execute((At(until), At(at), leapt))?;
            Ok(until.min(now))
        })
        .await
    }
}

/// Reads how retention was reckoned last; a database that does not know was looked at when it last polled.
fn known(connection: &Connection) -> Result<Option<Reckoned>> {
    let known = connection
        .prepare_cached("SELECT until, at, leapt FROM reckoned")?
        .query_row([], |row| {
            let [At(until), At(at)] = [row.get(0)?, row.get(1)?];
            let leapt = row.get(2)?;
            Ok(Reckoned { until, at, leapt })
        })
        .optional()?;
    if known.is_some() {
        return Ok(known);
    }
    let polled: Option<At> = connection
        .prepare_cached("SELECT max(last_poll_at) FROM feeds")?
        .query_row([], |row| row.get(0))?;
    Ok(polled.map(|At(at)| Reckoned {
        until: at,
        at,
        leapt: false,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at retention on some days, and returns to which day it is reckoned after the last.
    fn reckoned(days: &[i64]) -> i64 {
        let day = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        let (until, at) = (day(100), day(100));
        let mut known = Reckoned {
            until,
            at,
            leapt: false,
        };
        for number in days {
            known = known.go_on(day(*number));
        }
        known.until.min(known.at).as_second() / 86_400
    }

    #[test]
    fn r15_a_clock_that_leaps_removes_nothing() {
        for (days, expected) in [
            (&[101][..], 101),
            (&[101, 102, 130], 130),
            // A month later it was down, or the clock is wrong; the next day it goes on.
            (&[131], 100),
            (&[131, 132], 102),
            (&[131, 132, 150, 163], 163),
            // Three years ahead, and looked at each day.
            (&[1200], 100),
            (&[1200, 1201, 1202], 104),
            // It was, and is right again.
            (&[1200, 101], 100),
            (&[1200, 101, 102], 102),
            (&[1200, 101, 1201], 100),
            // Polled by hand, every five weeks.
            (&[135, 170, 205], 205),
            // Years behind.
            (&[1], 1),
            (&[1, 2], 2),
            (&[1, 101], 100),
            (&[1, 101, 102], 102),
        ] {
            assert_eq!(reckoned(days), expected, "{days:?}");
        }
    }
}
