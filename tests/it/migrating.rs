//! `migrate` through the real binary.

use crate::program::{Place, QUIET, Running};
use std::path::{Path, PathBuf};

/// Makes the database that a merganser of this schema left, with an entry of its time in it where there is room.
fn old_database(place: &Place, schema: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut steps: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    std::fs::create_dir_all(place.path().join("state")).unwrap();
    let path = place.path().join("state/merganser.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    for step in steps.iter().take(usize::try_from(schema).unwrap()) {
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

fn schema(path: &Path) -> u32 {
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
