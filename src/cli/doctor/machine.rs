//! What a run needs of the machine: room, a clock, names, certificates.

use super::{Finding, Level, Subject};
use crate::cli::directory::existing;
use crate::cli::room::free;
use crate::cli::run::block_on;
use crate::cli::table::{bytes, count, instant};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::fetch;
use crate::store::{self, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::io::ErrorKind;
use std::path::Path;
use url::Host;

const ROOM: &str = "room";

/// Less than this is no room: the write-ahead log alone takes up to 32 MiB.
const LEAST_ROOM: u64 = 64 * 1024 * 1024;

/// How much should be free beside what a second copy of the database takes, as `backup`, `vacuum` and some
/// migrations make one: the growth of some months.
const SPARE_ROOM: u64 = 256 * 1024 * 1024;

/// Looks at the room of the file system that the state is in.
pub(super) fn room(subject: &Subject) -> Finding {
    let size = subject.database.as_deref().and_then(size);
    let place = existing(&subject.state);
    match free(place) {
        Ok(free) => judged_room(free, size),
        Err(error) => Finding::skip(ROOM, format!("{}: {error}", place.display())),
    }
}

/// Returns how large the database is with its log, and that alone, where it is to be seen.
fn size(database: &Path) -> Option<(u64, u64)> {
    match store::sizes(database) {
        Ok(sizes) => Some(sizes),
        Err(error) if error.kind() == ErrorKind::NotFound => Some((0, 0)),
        Err(_) => None,
    }
}

fn judged_room(free: u64, database: Option<(u64, u64)>) -> Finding {
    const CHECK: &str = ROOM;
    let has = match database {
        None => "how large the database is was not looked at".to_owned(),
        Some((0, _)) => "there is no database yet".to_owned(),
        Some((all, log)) => format!(
            "the database has {}, {} of it in its log",
            bytes(all),
            bytes(log)
        ),
    };
    let found = format!("{} free, {has}", bytes(free));
    if free < LEAST_ROOM {
        return Finding::fail(
            CHECK,
            found,
            "make room: nothing can be stored soon, or now",
        );
    }
    if free < database.unwrap_or_default().0.saturating_add(SPARE_ROOM) {
        let next =
            "too little for a copy: make room, or shorten `retention` and run `merganser vacuum`";
        return Finding::warn(CHECK, found, next);
    }
    let level = if database.is_some() {
        Level::Ok
    } else {
        Level::Skip
    };
    Finding::new(CHECK, level, found, "")
}

/// No clock is right that is before this: the program is younger.
const YOUNGEST: Timestamp = Timestamp::constant(1_793_491_200, 0);

/// How far apart clocks of one machine may be, as of two boots.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// Compares the clock with what was stored by it.
pub(super) fn clock(subject: &Subject) -> Finding {
    let last = subject.database.as_deref().ok_or(Unread);
    judged_clock(SystemClock.now(), last.and_then(last_poll))
}

/// A database that was not read; `database` tells why.
#[derive(Clone, Copy, Debug)]
struct Unread;

/// Returns when something was polled last, if ever.
fn last_poll(database: &Path) -> Result<Option<Timestamp>, Unread> {
    let store = match Store::look_into(database) {
        Ok(store) => store,
        Err(StoreError::Missing { .. }) => return Ok(None),
        Err(_) => return Err(Unread),
    };
    let feeds = store.feeds().map_err(|_| Unread)?;
    let polls = feeds.iter().filter_map(|row| row.state.last_poll_at);
    Ok(polls.max())
}

fn judged_clock(now: Timestamp, last_poll: Result<Option<Timestamp>, Unread>) -> Finding {
    const CHECK: &str = "clock";
    let shown = instant(now);
    if now < YOUNGEST {
        let found = format!("{shown}, before this program was made");
        return Finding::fail(CHECK, found, "set it: `timedatectl set-ntp true`");
    }
    match last_poll {
        Err(Unread) => {
            let found = format!("{shown}, not compared with the last poll: no database was read");
            Finding::new(CHECK, Level::Skip, found, "")
        }
        Ok(Some(at)) if at.duration_since(now) > SLACK => {
            let found = format!("{shown}, and the last poll was at {}", instant(at));
            Finding::warn(
                CHECK,
                found,
                "one of them is wrong: `timedatectl` tells whether the clock is set",
            )
        }
        _ => Finding::ok(CHECK, shown),
    }
}

/// How many names are looked up: that one is not found may be its own fault, that none is not.
const NAMES: usize = 3;

/// Looks up hosts of feeds until one is found.
pub(super) fn names(config: &Config) -> Finding {
    const CHECK: &str = "names";
    let names = hosts(config);
    if names.is_empty() {
        return Finding::ok(CHECK, "no feed needs one looked up");
    }
    let mut reasons = Vec::new();
    for name in names {
        let answer = block_on(async { Ok(fetch::resolves(&name).await) });
        match answer {
            Ok(Ok(())) => return Finding::ok(CHECK, format!("{name} has an address")),
            Ok(Err(reason)) => reasons.push(reason),
            Err(_) => reasons.push(format!("{name} could not be looked up")),
        }
    }
    let next = "see /etc/resolv.conf; with no-lan.conf, a resolver in a private network is cut off";
    Finding::fail(CHECK, reasons.join("; "), next)
}

/// Returns the first few names that polls look up: none of what goes through a proxy.
fn hosts(config: &Config) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for feed in config.feeds.iter().filter(|feed| feed.enabled) {
        let target = &feed.target;
        let Some(Host::Domain(name)) = target.url.host() else {
            continue;
        };
        if target.route.proxy.is_none() && !names.iter().any(|it| it == name) {
            names.push(name.to_owned());
        }
        if names.len() == NAMES {
            break;
        }
    }
    names
}

/// Reads the machine's CA certificates, where a feed needs them.
pub(super) fn certificates(config: &Config) -> Finding {
    const CHECK: &str = "certificates";
    let feeds = config.feeds.iter().filter(|feed| feed.enabled);
    let number = feeds
        .filter(|feed| feed.target.url.scheme() == "https")
        .count();
    let feeds = count(u64::try_from(number).unwrap_or(u64::MAX), "feed");
    match fetch::certificates() {
        Ok(()) => Finding::ok(
            CHECK,
            format!("the machine's are there, for {feeds} over https"),
        ),
        Err(_) if number == 0 => Finding::ok(CHECK, "none, and no feed over https"),
        Err(reason) => {
            let next =
                "install the package `ca-certificates`, or name a file of them in $SSL_CERT_FILE";
            Finding::fail(CHECK, format!("{reason}, and {feeds} over https"), next)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn room_is_for_a_second_copy() {
        const MIB: u64 = 1024 * 1024;
        for (free, database, level) in [
            (0, Some(0), Level::Fail),
            (63 * MIB, Some(0), Level::Fail),
            (100 * MIB, Some(0), Level::Warn),
            (300 * MIB, Some(0), Level::Ok),
            (300 * MIB, Some(100 * MIB), Level::Warn),
            (u64::MAX, Some(u64::MAX), Level::Ok),
            (63 * MIB, None, Level::Fail),
            (100 * MIB, None, Level::Warn),
            (300 * MIB, None, Level::Skip),
        ] {
            let finding = judged_room(free, database.map(|all| (all, all / 2)));
            assert_eq!(finding.level, level, "{free} {database:?}");
        }
    }

    /// As `status` tells it: most of a young database is in its log.
    #[test]
    fn the_size_of_a_database_is_told_with_its_log() {
        let directory = tempfile::TempDir::new().unwrap();
        let database = directory.path().join("merganser.db");
        assert_eq!(size(&database), Some((0, 0)));
        std::fs::write(&database, [0; 1024]).unwrap();
        std::fs::write(directory.path().join("merganser.db-wal"), [0; 2048]).unwrap();
        assert_eq!(size(&database), Some((3072, 2048)));
        let found = judged_room(u64::MAX, size(&database)).found;
        let told = "the database has 3.0 KiB, 2.0 KiB of it in its log";
        assert!(found.ends_with(told), "{found}");
    }

    #[test]
    fn a_clock_is_neither_before_the_program_nor_before_its_polls() {
        let now: Timestamp = "2026-12-24T12:00:00Z".parse().unwrap();
        let after = |minutes| Some(now + SignedDuration::from_mins(minutes));
        for (now, last, level) in [
            (Timestamp::UNIX_EPOCH, Err(Unread), Level::Fail),
            (now, Err(Unread), Level::Skip),
            (now, Ok(None), Level::Ok),
            (now, Ok(after(-60)), Level::Ok),
            (now, Ok(after(4)), Level::Ok),
            (now, Ok(after(6)), Level::Warn),
        ] {
            assert_eq!(judged_clock(now, last).level, level, "{now} {last:?}");
        }
        assert_eq!(YOUNGEST.to_string(), "2026-11-01T00:00:00Z");
    }
}
