//! Addresses of archives that were handed out before a database was put back, or a rule.

use crate::archives::{SMALL, TOPIC, feed, file, get, told, walk};
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use std::path::PathBuf;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
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

fn generation(test: &mut TestDaemon) -> String {
    let archive = test.daemon().shelf().archive("zoo").unwrap();
    archive.generation.clone()
}

/// A rule that is back within two days has its archive again, with what came meanwhile; one that is back later has another.
#[tokio::test]
async fn u28_a_rule_that_is_back_has_its_archive_again() {
    let mut test = TestDaemon::start(TOPIC).await;
    test.origin.say("/a.xml", feed(8));
    test.run_for(MINUTE).await;
    let first = generation(&mut test);
    let before = walk(&mut test, "/zoo.atom");
    let names = ["/zoo.atom", "/zoo.rss", "/zoo.json", "/zoo.html"];
    let served = names.map(|name| test.output(name));
    let other = test.config.replace("\"Item\"", "'number AND NOT 4'");
    let same = std::mem::replace(&mut test.config, other.clone());
    test.reload().await;
    test.run_for(MINUTE).await;
    let second = generation(&mut test);
    assert_ne!(second, first);

    test.config.clone_from(&same);
    test.reload().await;
    test.run_for(MINUTE).await;
    assert_eq!(names.map(|name| test.output(name)), served);

    test.config.clone_from(&other);
    test.reload().await;
    test.origin.say("/a.xml", feed(12));
    test.run_for(HOUR * 24).await;
    assert_eq!(generation(&mut test), second);
    assert_eq!(told(&walk(&mut test, "/zoo.atom")).len(), 11);
    test.config.clone_from(&same);
    test.reload().await;
    test.run_for(MINUTE).await;
    assert_eq!(generation(&mut test), first);
    for (path, document) in before.iter().skip(1) {
        assert_eq!(get(&mut test, path).text, document.text, "{path}");
    }
    let walked = walk(&mut test, "/zoo.atom");
    assert_eq!(told(&walked).len(), 12);
    let archived: Vec<&String> = walked.iter().skip(1).flat_map(|(_, it)| &it.ids).collect();
    let once: std::collections::BTreeSet<&String> = archived.iter().copied().collect();
    assert_eq!(once.len(), archived.len());
    let archive = test.daemon().shelf().archive("zoo").unwrap();
    assert!(archive.former.contains(&second) && !archive.former.contains(&first));

    test.config.clone_from(&other);
    test.reload().await;
    test.run_for(HOUR * 24 * 4).await;
    test.config = same;
    test.reload().await;
    test.run_for(MINUTE).await;
    assert!(![&first, &second].contains(&&generation(&mut test)));
    assert_eq!(told(&walk(&mut test, "/zoo.atom")).len(), 12);
    test.finish().await;
}

/// The addresses of what ended are gone for a year, as long as caches may keep them, and then never were.
#[tokio::test]
async fn u28_an_archive_that_ended_is_forgotten_after_a_year() {
    let mut test = TestDaemon::start(TOPIC).await;
    test.origin.say("/a.xml", feed(8));
    test.run_for(MINUTE).await;
    let first = generation(&mut test);
    test.config = test.config.replace("\"Item\"", "'number AND NOT 4'");
    test.reload().await;
    test.run_for(MINUTE).await;
    for (days, expected) in [(360, true), (10, false)] {
        test.clock.advance(HOUR * 24 * days);
        // Forgotten on one day, and told on the next.
        test.run_for(HOUR * 49).await;
        let archive = test.daemon().shelf().archive("zoo").unwrap();
        assert_eq!(archive.former.contains(&first), expected);
    }
    test.finish().await;
}
