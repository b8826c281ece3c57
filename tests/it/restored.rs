//! A database that was put back, and the addresses that were handed out since it was copied.

use crate::archives::{SMALL, feed, file, get, told, walk};
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use std::path::PathBuf;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Copies the database as `merganser backup` does.
fn copy(test: &TestDaemon) -> PathBuf {
    let copy = test.state().join("copy.db");
    let database = rusqlite::Connection::open(test.database()).unwrap();
    let sql = format!("VACUUM INTO '{}'", copy.display());
    database.execute_batch(&sql).unwrap();
    copy
}

/// Whether files are there that the copy does not know, or none at all, and whether it knows of any.
#[tokio::test]
async fn u28_an_address_names_the_same_bytes_after_a_database_was_put_back() {
    for (copied_at, is_lost) in [(10, false), (10, true), (2, false), (2, true)] {
        check(copied_at, is_lost).await;
    }
}

async fn check(copied_at: u32, is_lost: bool) {
    let mut test = TestDaemon::start(SMALL).await;
    for upto in (1..=copied_at).step_by(3).chain([copied_at]) {
        test.origin.say("/a.xml", feed(upto));
        test.run_for(HOUR).await;
    }
    let copy = copy(&test);
    test.origin.say("/a.xml", feed(copied_at + 8));
    test.run_for(HOUR * 2).await;
    let before = walk(&mut test, "/all.atom");
    assert!(before.len() > 1);
    let generation = test
        .daemon()
        .shelf()
        .archive("all")
        .unwrap()
        .generation
        .clone();

    if is_lost {
        std::fs::remove_dir_all(test.state().join("archive")).unwrap();
    }
    test.put_back(&copy).await;
    // Others than those that came after the copy.
    test.origin.say("/a.xml", feed(copied_at + 20));
    test.run_for(HOUR * 2).await;
    let archive = test.daemon().shelf().archive("all").unwrap();
    assert!(
        archive.former.contains(&generation),
        "{copied_at} {is_lost}"
    );
    for (path, document) in before.iter().skip(1) {
        if file(&mut test, path).is_some() {
            assert_eq!(get(&mut test, path).text, document.text, "{path}");
        }
    }
    let met = told(&walk(&mut test, "/all.atom"));
    assert_eq!(met.len(), usize::try_from(copied_at).unwrap() + 8);
    test.finish().await;
}
