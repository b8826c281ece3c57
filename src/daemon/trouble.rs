//! When the database fails, and works again.

use super::Daemon;
use super::chores::later;
use super::logs::events;
use jiff::{SignedDuration, Timestamp};

/// How long the database rests after it failed: what is tried is one row, and whoever has made room waits for it.
const FIRST_REST: SignedDuration = SignedDuration::from_secs(15);

/// Each time that it fails again it rests for twice as long, up to this: a disk is full for hours at times.
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(1);

/// What who asks for a poll is told then.
pub(super) const NOTHING_POLLED: &str =
    "the database fails, and nothing is polled until it works: `merganser status` tells what helps";

/// What is the matter with the database.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    /// Since when.
    pub(super) since: Timestamp,
    /// In a word.
    pub(super) kind: &'static str,
    /// In words that say what helps.
    pub(super) message: String,
}

impl Daemon {
    /// Says that the database failed: once in the log, and in `/readyz` until it works again.
    pub(super) fn store_failed(&mut self, kind: &'static str, message: &str) {
        self.figures.database_failed(kind);
        let now = self.clock.now();
        // Polls that were under way fail after the first, and make nothing worse.
        if self.store_rests_until.is_some_and(|until| until > now) {
            return;
        }
        let before = self.store_rests_until.map(|_| self.store_rest);
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
        self.trouble = Some(Trouble {
            since,
            kind,
            message: message.to_owned(),
        });
        self.store_rest = before.map_or(FIRST_REST, |rest| (rest * 2).min(LONGEST_REST));
        let until = later(now, self.store_rest);
        if before.is_none() {
            tracing::error!(
                message_id = events::DATABASE_FAILS,
                "the database fails, polls are put off, it is tried again at {} and every minute from then on: \
                 {message}",
                until.strftime("%H:%M:%S UTC")
            );
        }
        self.store_rests_until = Some(until);
        self.give_up_wanted(NOTHING_POLLED, false);
        self.tell_vitals();
    }

    /// Has a database that fails tried at once: who asks for a reload may have mended it.
    pub(super) fn try_store_now(&mut self) {
        let now = self.clock.now();
        self.store_rests_until = self.store_rests_until.map(|until| until.min(now));
    }

    /// Says that the database works.
    pub(super) fn store_works(&mut self) {
        self.trouble = None;
        if self.store_rests_until.take().is_some() {
            tracing::info!("the database works again");
            self.tell_vitals();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `journalctl -x` says of it is what is done.
    #[test]
    fn the_catalog_says_how_long_the_database_rests() {
        let catalog = include_str!("../../systemd/merganser.catalog");
        let pauses = format!(
            "after {} seconds, then after longer pauses",
            FIRST_REST.as_secs()
        );
        assert!(catalog.contains(&pauses), "{catalog}");
        assert!(catalog.contains("of a minute at most"), "{catalog}");
        assert_eq!(LONGEST_REST, SignedDuration::from_mins(1));
    }
}
