//! `backup` and `vacuum` through the real binary.

use crate::program::{Place, QUIET, Running};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// A place with some entries stored.
fn place() -> Place {
    let place = Place::new(QUIET);
    let line = |minute: u32| {
        let at = format!("2026-11-24T06:{minute:02}:00Z");
        let text = "word ".repeat(3000);
        serde_json::json!({
            "feed": "off",
            "at": at,
            "entry": { "id": format!("#{minute}"), "title": format!("Entry {minute}"), "content_text": text },
        })
        .to_string()
    };
    let lines: Vec<String> = (0..40).map(line).collect();
    place.write("history.jsonl", lines.join("\n"));
    place.print(&["replay", "history.jsonl"]);
    place
}

fn copies(place: &Place) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.path().join("copies")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Beside a daemon, too: the copy holds what the database does, and opens in its place.
#[test]
fn a_copy_is_whole_and_can_be_put_back() {
    let place = place();
    let before = place.print(&["export"]);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let told = place.print(&["backup", "copies"]);
    assert!(told.contains("read through and whole"), "{told}");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    let paths = copies(&place);
    assert_eq!(paths.len(), 1, "{paths:?}");
    assert_eq!(
        paths[0].metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );

    let other = Place::new(QUIET);
    std::fs::create_dir(other.path().join("state")).unwrap();
    std::fs::copy(&paths[0], other.path().join("state/merganser.db")).unwrap();
    assert_eq!(other.print(&["export"]), before);
    other.print(&["poll"]);
}

/// A half-edited file keeps no timer from making copies, nor anybody from getting at what is stored; what cannot be
/// read of it is taken to be as it is without.
#[test]
fn a_copy_wants_of_the_file_where_the_database_is_and_no_more() {
    let place = place();
    let entries = place.print(&["export"]);
    let state = place.path().join("state");
    std::fs::rename(state.join("merganser.db"), state.join("other.db")).unwrap();
    let elsewhere = format!("[storage]\npath = \"other.db\"\n{QUIET}");
    for broken in ["[[topic]]\nname = \"t\"\nquery = \"(a b\"\n", "[[topic\n"] {
        place.write("feeds.toml", format!("{elsewhere}{broken}"));
        let output = place.run(&["backup", "copies", "--keep", "1"]);
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(0), "{broken}: {told}");
        assert!(
            told.contains("has mistakes") && told.contains("other.db"),
            "{told}"
        );
        assert_eq!(place.print(&["export"]), entries);
        std::fs::remove_dir_all(place.path().join("copies")).unwrap();
    }
    place.fail(&["export", "--format", "opml"], 78);
    std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
    place.fail(&["backup", "copies"], 78);
}

/// A name has the second, and whoever types it twice within one has two copies.
#[test]
fn copies_of_one_second_are_two() {
    let place = place();
    let told: Vec<String> = (0..3).map(|_| place.print(&["backup", "copies"])).collect();
    let paths = copies(&place);
    assert_eq!(paths.len(), 3, "{told:?}");
    let names = paths.iter().map(|path| path.file_name().unwrap());
    for (name, told) in names.zip(told) {
        let begins = format!("copies/{}: ", name.to_str().unwrap());
        assert!(told.starts_with(&begins), "{told}");
    }
}

/// `--keep` removes older copies, and nothing that is no copy.
#[test]
fn older_copies_go() {
    let place = place();
    let folder = place.path().join("copies");
    std::fs::create_dir(&folder).unwrap();
    for name in [
        "merganser-20250101T000000Z.db",
        "merganser-20250102T000000Z.db",
        "merganser-mine.db",
        "notes.txt",
    ] {
        std::fs::write(folder.join(name), "old").unwrap();
    }
    let told = place.print(&["backup", "copies", "--keep", "2"]);
    assert!(told.contains("1 older copy removed"), "{told}");
    let names: Vec<String> = copies(&place)
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert_eq!(names[0], "merganser-20250102T000000Z.db");
    assert_eq!(names[2..], ["merganser-mine.db", "notes.txt"]);
    place.fail(&["backup", "copies", "--keep", "0"], 2);
}

/// What a killed run left goes with the next; where one is at work, nothing is touched.
#[test]
fn what_a_killed_run_left_goes() {
    let place = place();
    let folder = place.path().join("copies");
    for name in ["left", "used"] {
        let scratch = folder.join(format!(".merganser-backup-{name}"));
        std::fs::create_dir_all(&scratch).unwrap();
        std::fs::write(scratch.join("copy"), "half a database").unwrap();
    }
    let used = std::fs::File::open(folder.join(".merganser-backup-used")).unwrap();
    used.lock().unwrap();
    place.print(&["backup", "copies"]);
    let copies = copies(&place);
    assert_eq!(copies.len(), 2, "{copies:?}");
    assert!(copies[0].ends_with(".merganser-backup-used"), "{copies:?}");
}

/// What cannot be copied leaves nothing behind.
#[test]
fn what_cannot_be_copied_leaves_nothing() {
    let place = place();
    let database = place.path().join("state/merganser.db");
    std::fs::write(&database, "a letter\n".repeat(100)).unwrap();
    place.fail(&["backup", "copies"], 74);
    assert!(copies(&place).is_empty());
    place.write("file", "theirs");
    place.fail(&["backup", "file"], 74);
    let empty = Place::new(QUIET);
    empty.fail(&["backup", "copies"], 74);
    assert!(!empty.path().join("copies").exists());
    let none = empty.fail(&["vacuum"], 74);
    assert!(none.contains("there is no database at"), "{none}");
}

/// Of what is damaged the database is named, which somebody has to see to, and not a copy that is gone by then.
#[test]
fn r9_a_damaged_database_is_named() {
    let place = place();
    let database = place.path().join("state/merganser.db");
    let mut bytes = std::fs::read(&database).unwrap();
    // A page that is met when it is copied, and not when the file is opened.
    let (page, length) = (4096, bytes.len());
    bytes[length - 2 * page..length - page].fill(0x5a);
    std::fs::write(&database, bytes).unwrap();
    let refused = place.fail(&["backup", "copies"], 74);
    assert!(
        refused.contains("state/merganser.db is damaged"),
        "{refused}"
    );
    assert!(copies(&place).is_empty());
}

/// R12: only without a daemon; and everything is there afterwards.
#[test]
fn r12_the_database_gives_room_back() {
    let place = place();
    let database = place.path().join("state/merganser.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    let bloat = "CREATE TABLE bloat AS SELECT zeroblob(2000000) AS b; DROP TABLE bloat;";
    connection.execute_batch(bloat).unwrap();
    drop(connection);
    let entries = place.print(&["export"]);
    let before = database.metadata().unwrap().len();
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let refused = place.fail(&["vacuum"], 74);
    assert!(refused.contains(&running.id().to_string()), "{refused}");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    let told = place.print(&["vacuum"]);
    assert!(told.contains(" before, "), "{told}");
    assert!(database.metadata().unwrap().len() + 1_900_000 < before);
    assert_eq!(place.print(&["export"]), entries);
    place.print(&["poll"]);
}
