//! What outputs tell of what left them, and what came back.

use super::withdrawn::{one, withdraws};
use super::*;

/// What is withdrawn while an output is rendered that lists it is told with the next rendering.
#[test]
fn u35_what_goes_while_it_is_listed_is_told() {
    let scene = Scene::new();
    let two = || entry("a", "two");
    scene.record(poll("a", hour(0), vec![two(), one()]));
    let output = Output::new("all", "All", Selection::All);
    let listed = || {
        let (_, listed) = scene.store().listed((&output, None), 9).unwrap();
        let keys = listed.into_iter().map(|(number, it)| (it.atom_id, number));
        keys.collect::<Vec<_>>()
    };
    let told = |listed: Vec<(String, i64)>, at| {
        let turnover = scene.store().note_turnover(&output, listed, hour(at));
        let deleted = turnover.unwrap().deleted.into_iter();
        deleted.map(|it| it.id).collect::<Vec<_>>()
    };
    let before = listed();
    assert!(told(before.clone(), 1).is_empty());
    scene.record(withdraws("a", 2, vec![two()], &[("one", 2)]));
    // Its number is the next one's.
    for brought in [vec![two()], vec![two(), entry("a", "three")]] {
        scene.record(poll("a", hour(3), brought));
        for listed in [before.clone(), listed()] {
            assert_eq!(told(listed, 4), ["https://a.example/one"]);
        }
    }
}

/// What comes back stays dated for as long as it is listed, and of what left no more is remembered than is of use.
#[test]
fn u33_what_left_is_remembered() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![one()]));
    let output = Output::new("all", "All", Selection::All);
    let listed = |is: bool| {
        let (_, listed) = scene.store().listed((&output, None), 9).unwrap();
        let keys = listed.into_iter().map(|(number, it)| (it.atom_id, number));
        keys.filter(|_| is).collect::<Vec<_>>()
    };
    let note = |is, days: i64| {
        let turnover = scene
            .store()
            .note_turnover(&output, listed(is), hour(24 * days));
        turnover.unwrap()
    };
    note(true, 0);
    scene.meddle(&format!(
        "INSERT INTO deleted (output, entry, deleted_at) VALUES ('all', 'https://a.example/one', {})",
        hour(24).as_millisecond()
    ));
    scene.meddle("DELETE FROM listed");
    let relisted = note(true, 2).relisted;
    assert_eq!(relisted.values().copied().collect::<Vec<_>>(), [hour(48)]);
    assert_eq!(note(true, 500).relisted, relisted, "U7");
    scene.meddle(&format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 12000)
         INSERT INTO deleted (output, entry, deleted_at) SELECT 'all', 'urn:' || n, {} + n FROM n",
        hour(24 * 499).as_millisecond()
    ));
    assert_eq!(note(true, 500).relisted, relisted);
    let count: i64 = scene.value("SELECT count(*) FROM deleted");
    assert_eq!(
        count, 10_002,
        "the ten thousand, the one before them, and what is listed"
    );
}
