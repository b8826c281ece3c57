//! `migrate` through the real binary.

use crate::program::{Place, QUIET, Running};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Returns where the migrations are, in their order.
pub(crate) fn steps() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut steps: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    steps
}

/// Makes the database that a merganser of this schema left, with an entry of its time in it where there is room.
pub(crate) fn old_database(place: &Place, schema: u32) -> PathBuf {
    std::fs::create_dir_all(place.path().join("state")).unwrap();
    let path = place.path().join("state/merganser.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    for step in steps().iter().take(usize::try_from(schema).unwrap()) {
        let sql = std::fs::read_to_string(step.join("up.sql")).unwrap();
        connection.execute_batch(&sql).unwrap();
    }
    connection
        .execute_batch(&format!(
            "INSERT INTO identity (id, authority, created_at) VALUES (1, 'of-before.example', 0);
             PRAGMA application_id = 0x4D657267; PRAGMA user_version = {schema};"
        ))
        .unwrap();
    path
}

pub(crate) fn schema(path: &Path) -> u32 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap()
}

fn copies(place: &Place) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place.path().join("state/backups")) else {
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Root who migrates the state of a service, or copies it into itself, leaves nothing there that is root's: the timer of
/// copies could not write. What root copies elsewhere is root's.
#[test]
fn what_root_makes_belongs_to_the_owner_of_the_state() {
    const SERVICE: u32 = 61_184;
    for (command, made_in, owner) in [
        (&["migrate"][..], "state/backups", SERVICE),
        (&["backup", "state/backups"], "state/backups", SERVICE),
        (&["backup", "state/own/deep"], "state/own/deep", SERVICE),
        (&["backup", "copies"], "copies", 0),
    ] {
        let place = Place::new(QUIET);
        if command == ["migrate"] {
            old_database(&place, 10);
        } else {
            place.print(&["poll"]);
        }
        let state = place.path().join("state");
        for path in [state.clone(), state.join("merganser.db")] {
            if std::os::unix::fs::chown(path, Some(SERVICE), Some(SERVICE)).is_err() {
                // Who is not root makes nothing that is root's.
                return;
            }
        }
        place.print(command);
        let directory = place.path().join(made_in);
        let made = std::fs::read_dir(&directory).unwrap();
        let mut made: Vec<PathBuf> = made.map(|it| it.unwrap().path()).collect();
        assert_eq!(made.len(), 1, "{command:?}");
        made.push(directory.clone());
        if made_in == "state/own/deep" {
            made.push(state.join("own"));
        }
        for path in made {
            let is = std::fs::metadata(&path).unwrap();
            let path = path.display();
            assert_eq!((is.uid(), is.gid()), (owner, owner), "{command:?}: {path}");
        }
    }
}

/// Where copies lie behind a link, what that leads to is not given away.
#[test]
fn what_a_link_leads_to_keeps_its_owner() {
    const SERVICE: u32 = 61_184;
    let place = Place::new(QUIET);
    let path = old_database(&place, 10);
    let elsewhere = place.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, place.path().join("state/backups")).unwrap();
    let owner = std::fs::metadata(&elsewhere).unwrap().uid();
    for path in [place.path().join("state"), path] {
        // Who is not root gives nothing away at all.
        std::os::unix::fs::chown(path, Some(SERVICE), Some(SERVICE)).ok();
    }
    place.print(&["migrate"]);
    assert_eq!(copies(&place).len(), 1);
    assert_eq!(std::fs::metadata(&elsewhere).unwrap().uid(), owner);
}

/// R11: what lacks is told, a copy of before is made, and what was in the database is in it afterwards.
#[test]
fn r11_a_database_of_before_is_brought_up_to_date() {
    let place = Place::new(QUIET);
    let path = old_database(&place, 10);
    let before = std::fs::read(&path).unwrap();
    let told = place.print(&["migrate", "--dry-run"]);
    for text in ["schema 10 of ", "\n  11-arrivals\n", "nothing was changed"] {
        assert!(told.contains(text), "{text} in\n{told}");
    }
    assert!(!told.contains("10-counts"), "{told}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(copies(&place).is_empty());

    let told = place.print(&["migrate"]);
    let copies = copies(&place);
    assert_eq!(copies.len(), 1, "{told}");
    assert!(
        told.contains(&format!("copied to {}", copies[0].display())),
        "{told}"
    );
    assert_eq!(schema(&copies[0]), 10);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&copies[0]), 0o600);
    assert_eq!(mode(copies[0].parent().unwrap()), 0o700);
    let now = schema(&path);
    assert!(
        now > 10 && told.ends_with(&format!("schema {now}\n")),
        "{told}"
    );
    let connection = rusqlite::Connection::open(&path).unwrap();
    let authority: String = connection
        .query_row("SELECT authority FROM identity", [], |row| row.get(0))
        .unwrap();
    assert_eq!(authority, "of-before.example");
    drop(connection);

    let told = place.print(&["migrate"]);
    assert!(told.contains("up to date"), "{told}");
    place.print(&["status"]);
}

/// R11: the copy of a `migrate` that failed is named, and is that of the next one as long as nothing is written: another
/// would take the room that the first came to want.
#[test]
fn r11_the_copy_of_a_migration_that_failed_serves_the_next() {
    let place = Place::new(QUIET);
    let path = old_database(&place, 10);
    let write = |sql: &str| {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    // What a migration makes is there.
    write("CREATE TABLE transitions (a)");
    let errors = place.fail(&["migrate"], 74);
    let first = copies(&place);
    assert_eq!(first.len(), 1, "{errors}");
    let stands = format!("; the copy of before stands at {}\n", first[0].display());
    assert!(errors.contains("already exists"), "{errors}");
    assert!(errors.ends_with(&stands), "{errors}");
    // A name is for a second.
    let earlier = first[0].with_file_name("before-24-20261101T120000Z.db");
    std::fs::rename(&first[0], &earlier).unwrap();
    let first = [earlier];
    let stands = format!("; the copy of before stands at {}\n", first[0].display());

    // As who was killed in the midst of copying leaves it.
    let half = place.path().join("state/backups/.merganser-backup-x1");
    std::fs::create_dir(&half).unwrap();
    std::fs::write(half.join("copy"), "half").unwrap();
    let output = place.run(&["migrate"]);
    let (told, errors) = (output.stdout, String::from_utf8(output.stderr).unwrap());
    let told = String::from_utf8(told).unwrap();
    assert!(errors.ends_with(&stands), "{errors}");
    let is_copy = format!("{} is a copy of it already\n", first[0].display());
    assert!(told.ends_with(&is_copy), "{told}");
    assert_eq!(copies(&place), first);

    // What was written since is in no copy yet, and the one of before stays.
    write("DROP TABLE transitions");
    place.print(&["migrate"]);
    let all = copies(&place);
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all.contains(&first[0]), "{all:?}");
    assert!(all.iter().all(|it| schema(it) == 10), "{all:?}");
}

/// R11: each copy that is compared is read through, so no more than the newest two are.
#[test]
fn r11_no_more_than_the_newest_copies_are_compared() {
    for (newer, is_taken) in [(1, true), (2, false)] {
        let place = Place::new(QUIET);
        let path = old_database(&place, 10);
        let folder = place.path().join("state/backups");
        std::fs::create_dir(&folder).unwrap();
        let at = |day: usize| folder.join(format!("before-24-2026110{day}T120000Z.db"));
        std::fs::copy(&path, at(0)).unwrap();
        for day in 1..=newer {
            std::fs::write(at(day), "of another day").unwrap();
        }
        let told = place.print(&["migrate"]);
        assert_eq!(told.contains("is a copy of it already"), is_taken, "{told}");
    }
}

/// R10: what cannot be brought up to date stays as it is, and no copy is made of it.
#[test]
fn r10_what_cannot_be_migrated_stays_as_it_is() {
    let place = Place::new(QUIET);
    let errors = place.fail(&["migrate"], 74);
    assert!(errors.contains("there is no database at"), "{errors}");
    let path = old_database(&place, 10);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    for arguments in [&["migrate"][..], &["migrate", "--dry-run"]] {
        let errors = place.fail(arguments, 74);
        assert!(errors.contains("run the newer version again"), "{errors}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(copies(&place).is_empty());
}

/// What stands in the place of the directory for copies is told as what it is, and nothing is changed.
#[test]
fn a_file_in_the_place_of_the_copies_is_told() {
    let place = Place::new(QUIET);
    let path = old_database(&place, 10);
    std::fs::write(place.path().join("state/backups"), "").unwrap();
    let errors = place.fail(&["migrate"], 74);
    assert!(errors.contains("backups cannot be written"), "{errors}");
    assert!(!errors.contains("owner"), "{errors}");
    assert_eq!(schema(&path), 10);
}

/// R12: not beside a process that writes, who is named; to ask is allowed.
#[test]
fn r12_nothing_is_migrated_under_a_daemon() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let path = place.path().join("state/merganser.db");
    let newest = schema(&path);
    // As if a daemon of before ran on.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .pragma_update(None, "user_version", newest - 1)
        .unwrap();
    drop(connection);
    place.print(&["migrate", "--dry-run"]);
    let errors = place.fail(&["migrate"], 74);
    assert!(errors.contains(&running.id().to_string()), "{errors}");
    assert_eq!(schema(&path), newest - 1);
    assert!(copies(&place).is_empty());
}

/// Adds so many entries with texts of two kilobytes to a database of schema 5.
fn grow(path: &Path, entries: u32) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             BEGIN;
             INSERT INTO feeds (id, name, url, configured, added_at, health)
                 VALUES (1, 'off', 'https://feeds.example.org/a.xml', 1, 1000, 'ok');
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {entries})
             INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at, listed_at,
                     content_digest, keys)
                 SELECT i, 1, 'urn:n' || i, NULL, 0, 'Otters', 1000, 1000, 1000, zeroblob(16), x'' FROM n;
             INSERT INTO texts (entry, content, authors, categories, enclosures, updated_at, reason_kind, reason)
                 SELECT id, printf('%.*c', 2000, 'x'), '[]', '[]', '[]', 1000, 'new', '' FROM entries;
             COMMIT;
             PRAGMA wal_checkpoint(TRUNCATE);"
        ))
        .unwrap();
}

/// R11: SIGKILL at any moment of it leaves the database of before or the one of after, and the next run completes it;
/// the copy that `migrate` makes first is whole then, and the next one makes no other.
#[test]
fn r11_a_kill_while_it_is_brought_up_to_date_costs_nothing() {
    const ENTRIES: u32 = 12_000;
    let mut cut_off = 0;
    for (log, next) in [(1, "migrate"), (1 << 20, "poll"), (8 << 20, "migrate")] {
        let place = Place::new(QUIET);
        let path = old_database(&place, 5);
        grow(&path, ENTRIES);
        let mut child = place.command(&["migrate"]).spawn().unwrap();
        let wal = PathBuf::from(format!("{}-wal", path.display()));
        let has_come_far = || std::fs::metadata(&wal).is_ok_and(|it| it.len() >= log);
        while !has_come_far() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let found = schema(&path);
        cut_off += u32::from(found == 5);
        let made = copies(&place);
        assert_eq!(made.len(), 1, "it comes before anything is changed");
        assert_eq!(schema(&made[0]), 5);
        // A poll does as a start.
        let told = place.print(&[next]);
        let is_again = told.contains(" is a copy of it already");
        assert_eq!(is_again, next == "migrate" && found == 5, "{told}");
        assert_eq!(copies(&place), made);
        assert!(schema(&path) > found || found > 5, "{found}");
        let connection = rusqlite::Connection::open(&path).unwrap();
        let number =
            |sql: &str| -> u32 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(
            number("SELECT count(*) FROM texts WHERE completeness = 2"),
            ENTRIES
        );
        let whole: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(whole, "ok");
        place.print(&["status"]);
    }
    assert!(cut_off > 0, "no kill came in time");
}
