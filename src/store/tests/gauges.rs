//! What may be looked at without asking the database.

use super::stories::{ferry, quake, rescue};
use super::*;

/// The counts that are kept are those that the tables have, whatever came and went, and are not known before all was
/// counted once.
#[test]
fn articles_and_stories_are_counted_as_they_come_and_go() {
    let mut scene = Scene::new();
    scene.record(poll("a", hour(1), vec![quake("a", 1), ferry("a", 1)]));
    let gauges = scene.store().gauges();
    assert_eq!(gauges.held(), None);
    wait(scene.store().count_held()).unwrap();
    assert_eq!(gauges.held(), Some((2, 0)));
    scene.record(poll("b", hour(2), vec![rescue("b", 2)]));
    assert_eq!(gauges.held(), Some((3, 1)));
    let later = hour(24 * 600);
    let settings = Settings {
        retention: Duration::from_hours(24 * 30),
        ..Settings::default()
    };
    let gone = [poll("a", later, Vec::new()), poll("b", later, Vec::new())];
    for poll in gone {
        scene.record(poll);
    }
    assert_eq!(
        wait(scene.store().retain((later, later), &settings)).unwrap(),
        3
    );
    assert_eq!(gauges.held(), Some((0, 0)));
    wait(scene.store().count_held()).unwrap();
    assert_eq!(gauges.held(), Some((0, 0)));
    assert_eq!(gauges.queue(), 0);
    scene.close();
    assert_eq!(gauges.queue(), 0, "looking keeps no writer alive");
}

/// What a transaction made that was rolled back is not counted.
#[test]
fn what_was_not_committed_does_not_count() {
    let mut scene = Scene::idle();
    let (store, writer) = Store::open(&scene.path(), "news.example", start()).unwrap();
    scene.store = Some(store);
    let refuse = "CREATE TRIGGER bad BEFORE INSERT ON entries WHEN new.title = 'bad'
        BEGIN SELECT RAISE (ABORT, 'no bad news'); END";
    writer.connection.execute_batch(refuse).unwrap();
    scene.thread = Some(spawn(writer));
    wait(scene.store().count_held()).unwrap();
    let bad = edited(entry("b", "two"), "bad");
    let polls = vec![
        poll("a", hour(0), vec![entry("a", "one")]),
        poll("b", hour(0), vec![entry("b", "first"), bad]),
    ];
    wait(scene.store().record(polls)).unwrap();
    assert_eq!(scene.store().gauges().held(), Some((1, 0)));
}
