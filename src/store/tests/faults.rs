//! Races, failing records, full disks.

use super::*;
use crate::store::keys::Asked;
use std::path::Path;

/// Makes every poll fail that brings an entry with this title.
const REFUSE_BAD: &str = "
    CREATE TRIGGER bad BEFORE INSERT ON entries WHEN new.title = 'bad'
    BEGIN SELECT RAISE (ABORT, 'no bad news'); END";

#[test]
fn r2_two_polls_at_a_time_make_one_article_of_one_page() {
    let scene = Scene::new();
    let record =
        |feed: &str| record_one(scene.store(), poll(feed, hour(0), vec![entry(feed, "one")]));
    let (a, b, c) = wait(async { tokio::join!(record("a"), record("b"), record("c")) });
    let counts = [a.unwrap(), b.unwrap(), c.unwrap()];
    assert_eq!(counts.iter().map(|counts| counts.new).sum::<u32>(), 1);
    assert_eq!(counts.iter().map(|counts| counts.copies).sum::<u32>(), 2);
}

#[test]
fn r2_a_writer_waits_for_a_lock_of_another_process() {
    let scene = Scene::new();
    let other = raw(&scene.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let record = record_one(scene.store(), poll("a", hour(0), vec![entry("a", "one")]));
    let release = async { other.execute_batch("COMMIT").unwrap() };
    let (counts, ()) = wait(async { tokio::join!(record, release) });
    assert_eq!(counts.unwrap().new, 1);
}

#[test]
fn r4_a_poll_that_fails_in_a_group_leaves_nothing_and_takes_nothing_with_it() {
    let mut scene = Scene::idle();
    let (store, writer) = Store::open(&scene.path(), "news.example", start()).unwrap();
    scene.store = Some(store);
    writer.connection.execute_batch(REFUSE_BAD).unwrap();
    let good = |feed: &str| poll(feed, hour(0), vec![entry(feed, feed)]);
    let bad = edited(entry("b", "two"), "bad");
    let bad = poll("b", hour(0), vec![entry("b", "one"), bad]);
    scene.thread = Some(spawn(writer));
    let stored = wait(scene.store().record(vec![good("a"), bad, good("c")])).unwrap();
    let new: Vec<Option<u32>> = stored
        .iter()
        .map(|it| it.as_ref().ok().map(|counts| counts.new))
        .collect();
    assert_eq!(new, [Some(1), None, Some(1)]);
    let error = stored[1].as_ref().unwrap_err();
    assert!(error.to_string().contains("no bad news"), "{error}");
    assert_eq!(scene.titles(None).len(), 2);
    let ids = [FeedId::new("b")];
    assert_eq!(
        scene.store().feed_states(&ids).unwrap(),
        [FeedState::default()]
    );
    assert!(scene.store().polls(&ids[0], 9).unwrap().is_empty());
}

#[test]
fn r3_what_was_answered_survives_a_crash() {
    let scene = Scene::new();
    let mut crashed = Scene::idle();
    for number in 0..5 {
        let entries = vec![entry("a", &format!("page-{number}"))];
        scene.record(poll("a", hour(number), entries));
        // What lies on the disk at this moment is what a killed process leaves behind.
        for suffix in ["", "-wal"] {
            let (from, to) = (scene.path(), crashed.path());
            std::fs::copy(open::beside(&from, suffix), open::beside(&to, suffix)).unwrap();
        }
        crashed.restart();
        let states = crashed.store().feed_states(&[FeedId::new("a")]).unwrap();
        assert_eq!(states[0].last_poll_at, Some(hour(number)));
        let stored = crashed.store().totals().unwrap().entries;
        assert_eq!(i64::try_from(stored).unwrap(), number + 1);
        crashed.close();
    }
}

#[test]
fn r5_a_full_disk_fails_polls_and_is_recovered_from() {
    let scene = Scene::new();
    let pages = |count: i64| {
        let set = move |pen: &mut crate::store::Pen<'_>| {
            pen.connection
                .query_row(&format!("PRAGMA max_page_count = {count}"), [], |_| Ok(()))
        };
        wait(scene.store().write(set)).unwrap();
    };
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    pages(1);
    let many = || {
        (0..300)
            .map(|number| entry("a", &format!("page-{number}")))
            .collect()
    };
    let error = wait(record_one(scene.store(), poll("a", hour(1), many()))).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(error.to_string().contains("free some space"));
    let ids = [FeedId::new("a")];
    let [state] = scene.store().feed_states(&ids).unwrap().try_into().unwrap();
    assert_eq!(state.last_poll_at, Some(hour(0)));
    assert_eq!(scene.titles(None).len(), 1);
    pages(1_000_000);
    assert_eq!(scene.record(poll("a", hour(2), many())).new, 300);
}

#[test]
fn a_store_without_its_writer_says_so() {
    let mut scene = Scene::idle();
    let (store, writer) = Store::open(&scene.path(), "news.example", start()).unwrap();
    drop(writer);
    let error = wait(record_one(&store, not_modified("a", hour(0)))).unwrap_err();
    assert!(matches!(error, StoreError::Stopped { .. }), "{error}");
    scene.close();
}

#[test]
fn a_hot_key_does_not_bring_all_its_holders() {
    let scene = Scene::new();
    let mut entries: Vec<EntryRecord> = (0..40)
        .map(|number| entry("a", &format!("briefing-{number}")))
        .collect();
    for record in &mut entries {
        record
            .entry
            .keys
            .push(key(KeyKind::Title, "morning briefing"));
    }
    scene.record(poll("a", hour(0), entries));
    let connection = open::reader(&scene.path()).unwrap();
    let mut found = crate::store::keys::Found::default();
    let briefing = key(KeyKind::Title, "morning briefing");
    let asked = Asked {
        document: &crate::store::keys::Document::default(),
        entry: &entry("a", "one").entry,
        at: start(),
        origin: None,
    };
    found.look_up(&connection, &asked, [briefing]).unwrap();
    assert_eq!(found.known.len(), 8);
    assert_eq!(found.known[0].entry_id, "https://a.example/briefing-39");
}

/// What is told is what a person asked for, and not the file in which it is made.
#[test]
fn a_scratch_file_is_told_as_what_it_was_to_become() {
    let (part, path) = (Path::new("/b/.x/copy"), Path::new("/b/a.db"));
    let full = |path: &Path| StoreError::Full {
        path: path.to_path_buf(),
    };
    let told = full(part).renamed(part, path).to_string();
    assert!(told.starts_with("no room to write /b/a.db: "), "{told}");
    let other = full(Path::new("/c.db")).renamed(part, path).to_string();
    assert!(other.starts_with("no room to write /c.db: "), "{other}");
    let denied = StoreError::access("create", part, std::io::ErrorKind::PermissionDenied.into());
    let told = denied.renamed(part, path).to_string();
    assert!(told.starts_with("cannot create /b/a.db: "), "{told}");
    let of_part = || part.to_path_buf();
    let spoilt = StoreError::Spoilt {
        path: of_part(),
        detail: "row 1 missing".to_owned(),
    };
    for (error, expected) in [
        (
            StoreError::Busy { path: of_part() },
            "/b/a.db stayed locked ",
        ),
        (
            spoilt,
            "the copy /b/a.db did not come out whole (row 1 missing); ",
        ),
    ] {
        let told = error.renamed(part, path).to_string();
        assert!(told.starts_with(expected), "{told}");
    }
}
