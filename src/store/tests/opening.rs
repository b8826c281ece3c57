//! Opening: pragmas, refusals, what is left untouched.

use super::*;
use crate::model::{Guids, Watch};
use rusqlite::types::Value;
use std::fs;
use std::path::Path;

/// Everything in a directory with its bytes.
fn contents(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap_or_default()))
        .collect();
    files.sort();
    files
}

#[test]
fn r11_migrations_are_valid() {
    let migrations = rusqlite_migration::Migrations::from_directory(&open::DIRECTORY).unwrap();
    migrations.validate().unwrap();
}

#[test]
fn r1_pragmas_are_set_on_every_connection() {
    let mut scene = Scene::new();
    scene.close();
    let (writer, _) =
        open::writer(&scene.path(), "other.example", start(), &Watch::default()).unwrap();
    let reader = open::reader(&scene.path()).unwrap();
    for connection in [&writer, &reader] {
        for (pragma, expected) in [
            ("busy_timeout", "5000"),
            ("journal_mode", "wal"),
            ("synchronous", "1"),
            ("foreign_keys", "1"),
            ("journal_size_limit", "33554432"),
            ("temp_store", "2"),
            ("trusted_schema", "0"),
            ("application_id", "1298494055"),
        ] {
            let read = |row: &rusqlite::Row<'_>| row.get(0);
            let value = connection.query_row(&format!("PRAGMA {pragma}"), [], read);
            let text = match value.unwrap() {
                Value::Integer(number) => number.to_string(),
                Value::Text(text) => text,
                other => panic!("{pragma}: {other:?}"),
            };
            assert_eq!(text, expected, "{pragma}");
        }
    }
}

#[test]
fn r9_what_is_no_database_is_refused_as_it_stands() {
    let check = |make: &dyn Fn(&Path), expected: &str| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("merganser.db");
        make(&path);
        let before = contents(directory.path());
        let errors = [
            Store::open(&path, "news.example", start()).map(drop),
            Store::open_read_only(&path).map(drop),
        ];
        for error in errors.map(Result::unwrap_err) {
            let text = error.to_string();
            assert!(text.contains(expected), "{text}");
            assert!(text.contains(&path.display().to_string()), "{text}");
        }
        assert_eq!(contents(directory.path()), before);
    };
    check(
        &|path| fs::write(path, "dear diary").unwrap(),
        "some other file",
    );
    check(
        &|path| fs::write(path, "x".repeat(5000)).unwrap(),
        "some other file",
    );
    check(&|path| fs::write(path, "").unwrap(), "an empty file");
    check(&|path| fs::create_dir(path).unwrap(), "a directory");
    check(
        &|path| raw(path).execute_batch("CREATE TABLE other (id)").unwrap(),
        "another program",
    );
}

#[test]
fn r9_a_missing_place_is_named() {
    let scene = Scene::idle();
    let missing = Store::open_read_only(&scene.path()).unwrap_err();
    assert!(matches!(missing, StoreError::Missing { .. }));
    let path = scene.directory.path().join("no/such/merganser.db");
    let text = Store::open(&path, "news.example", start())
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with("cannot create ") && text.contains("no/such"),
        "{text}"
    );
    assert!(contents(scene.directory.path()).is_empty());
}

#[test]
fn r9_a_place_where_nothing_can_be_written_is_named() {
    let mut scene = Scene::new();
    scene.close();
    // Stands for a directory that is not ours, where no log can be made: root, who may run this, can
    // write everywhere.
    let log = open::beside(&scene.path(), "-wal");
    fs::create_dir(&log).unwrap();
    let before = contents(scene.directory.path());
    let error = Store::open(&scene.path(), "news.example", start()).unwrap_err();
    assert!(matches!(error, StoreError::Access { .. }), "{error}");
    assert!(error.to_string().contains("may read and write there"));
    // What the system says stands in the text already.
    assert!(std::error::Error::source(&error).is_none());
    assert_eq!(contents(scene.directory.path()), before);
    fs::remove_dir(log).unwrap();
}

#[test]
fn r9_damaged_pages_are_found_and_nothing_is_changed() {
    let mut scene = Scene::new();
    let entries = (0..200).map(|number| entry("a", &format!("page-{number}")));
    scene.record(poll("a", hour(0), entries.collect()));
    scene.close();
    let sound = fs::read(scene.path()).unwrap();
    for page in [2, 5, 20] {
        let mut bytes = sound.clone();
        bytes[page * 4096..][..4096].fill(0xA5);
        fs::write(scene.path(), &bytes).unwrap();
        let error = Store::open(&scene.path(), "news.example", start()).unwrap_err();
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "{page}: {error}"
        );
        assert!(error.to_string().contains("put a copy back"));
        assert!(fs::read(scene.path()).unwrap() == bytes, "{page}: changed");
        assert!(!open::beside(&scene.path(), "-wal").exists());
    }
    fs::write(scene.path(), sound).unwrap();
}

#[test]
fn r9_a_cut_off_file_is_found() {
    let mut scene = Scene::new();
    scene.close();
    let sound = fs::read(scene.path()).unwrap();
    for length in [20, 600, 4096, sound.len() - 4096] {
        fs::write(scene.path(), &sound[..length]).unwrap();
        assert!(Store::open(&scene.path(), "news.example", start()).is_err());
        assert_eq!(fs::read(scene.path()).unwrap(), &sound[..length]);
    }
    fs::write(scene.path(), sound).unwrap();
}

#[test]
fn r10_a_newer_schema_is_refused_untouched() {
    let mut scene = Scene::new();
    scene.close();
    let newer = open::newest_schema() + 1;
    scene.meddle(&format!("PRAGMA user_version = {newer}"));
    let before = contents(scene.directory.path());
    for opened in [
        Store::open(&scene.path(), "news.example", start()).map(drop),
        Store::open_read_only(&scene.path()).map(drop),
    ] {
        let error = opened.unwrap_err();
        assert!(matches!(error, StoreError::Newer { found, known, .. } if found == known + 1));
    }
    assert_eq!(contents(scene.directory.path()), before);
}

/// A database as the first schema had it, with a feed and an article, is brought up to date whole.
#[test]
fn r11_a_database_of_the_first_schema_is_taken_over() {
    let scene = Scene::idle();
    let mut connection = raw(&scene.path());
    let migrations = rusqlite_migration::Migrations::from_directory(&open::DIRECTORY).unwrap();
    migrations.to_version(&mut connection, 1).unwrap();
    connection
        .execute_batch(
            "PRAGMA application_id = 0x4D657267;
             INSERT INTO identity VALUES (1, 'old.example', 1000);
             INSERT INTO feeds (id, name, url, configured, added_at, health, etag, ttl_ms, rhythm_ms, defects)
                 VALUES (7, 'a', 'https://a.example/feed', 1, 1000, 'ok', x'2231', 120000, 60000, '[\"bad-date: x\"]');
             INSERT INTO polls VALUES (7, 1, 1000, 'modified', '', 200, 9, 9, 1, 0, 0, NULL, '');
             INSERT INTO articles (id, atom_id, published_at, updated_at) VALUES (3, 'urn:x', 1000, 1000);
             INSERT INTO entries VALUES (5, 7, 'urn:x', 3, 1, 'Kept', 1000, 1000, 1000, x'00', x'');
             INSERT INTO texts VALUES (5, NULL, NULL, 'Text', '[]', '[]', '[]', NULL, 1000, NULL, NULL, 'new', 'x');",
        )
        .unwrap();
    drop(connection);
    let (store, writer) = Store::open(&scene.path(), "news.example", start()).unwrap();
    drop(writer);
    assert_eq!(
        usize::try_from(scene.value::<i64>("PRAGMA user_version")).unwrap(),
        open::newest_schema()
    );
    assert_eq!(store.identity().authority, "old.example");
    let [feed] = store.feeds().unwrap().try_into().unwrap();
    assert_eq!((feed.entries, feed.defects.len()), (1, 1));
    assert_eq!(feed.state.guids, Guids::default());
    assert_eq!(feed.state.validators.etag.as_deref(), Some(&b"\"1"[..]));
    assert_eq!(feed.state.hints.ttl, Some(Duration::from_mins(2)));
    assert_eq!(feed.state.rhythm, Some(Duration::from_mins(1)));
    assert_eq!(store.polls(&feed.id, 9).unwrap().len(), 1);
    let [article] = store.articles(None, 9).unwrap().try_into().unwrap();
    assert_eq!(
        (article.title.as_str(), article.atom_id.as_str()),
        ("Kept", "urn:x")
    );
}

#[test]
fn an_older_schema_is_left_to_the_daemon() {
    let mut scene = Scene::new();
    scene.close();
    scene.meddle("PRAGMA user_version = 0");
    let error = Store::open_read_only(&scene.path()).unwrap_err();
    assert!(
        matches!(error, StoreError::Older { found: 0, .. }),
        "{error}"
    );
}

#[test]
fn the_identity_is_fixed_when_the_file_is_made() {
    let mut scene = Scene::new();
    scene.restart();
    scene.close();
    let (store, _writer) = Store::open(&scene.path(), "moved.example", hour(9)).unwrap();
    assert_eq!(store.identity().authority, "news.example");
    assert_eq!(store.identity().created_at, start());
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    for (path, _) in contents(scene.directory.path()) {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn readers_open_beside_a_writer_and_without_one() {
    let mut scene = Scene::new();
    let beside = Store::open_read_only(&scene.path()).unwrap();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    assert_eq!(beside.articles(None, 9).unwrap().len(), 1);
    drop(beside);
    scene.close();
    assert!(!open::beside(&scene.path(), "-wal").exists());
    let alone = Store::open_read_only(&scene.path()).unwrap();
    assert_eq!(alone.articles(None, 9).unwrap().len(), 1);
    let refused = wait(alone.checkpoint()).unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly { .. }));
}

#[test]
fn a_still_file_is_read_without_a_trace() {
    let mut scene = Scene::idle();
    let odd = scene.directory.path().join("a?b#c %20.db");
    let (store, writer) = Store::open(&odd, "news.example", start()).unwrap();
    drop((store, writer));
    let before = contents(scene.directory.path());
    let connection = open::still_reader(&odd).unwrap();
    assert_eq!(
        open::identity(&connection).unwrap().authority,
        "news.example"
    );
    assert_eq!(contents(scene.directory.path()), before);
    scene.close();
}
