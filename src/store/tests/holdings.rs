//! How much is stored under labels, and what they share.

use super::*;
use crate::store::Holding;

fn holdings(scene: &Scene, labels: &[&str], since: Timestamp) -> (Vec<Holding>, u64) {
    scene.store().holdings(labels, since).unwrap()
}

fn held(articles: u64, lately: u64, newest_at: Option<Timestamp>) -> Holding {
    Holding {
        articles,
        lately,
        newest_at,
    }
}

/// Articles count when they came, and one that came at the very instant counts, too.
#[test]
fn what_a_label_holds_is_counted_by_arrival() {
    let scene = Scene::new();
    let one = |name: &str, labels: &[&str]| labelled(entry("a", name), labels);
    let labels = ["rain", "sea", "none"];
    assert_eq!(
        holdings(&scene, &labels, hour(0)),
        (vec![Holding::default(); 3], 0)
    );
    for (at, entries) in [
        (
            1,
            vec![one("first", &["rain"]), one("second", &["rain", "sea"])],
        ),
        (30, vec![one("third", &["rain"]), one("fourth", &[])]),
        (40, vec![one("fifth", &["sea"])]),
    ] {
        scene.record(poll("a", hour(at), entries));
    }
    for (since, rain, sea, all) in [
        (0, 3, 2, 5),
        (1, 3, 2, 5),
        (2, 1, 1, 3),
        (30, 1, 1, 3),
        (31, 0, 1, 1),
        (41, 0, 0, 0),
    ] {
        let expected = vec![
            held(3, rain, Some(hour(30))),
            held(2, sea, Some(hour(40))),
            held(0, 0, None),
        ];
        let found = holdings(&scene, &labels, hour(since));
        assert_eq!(found, (expected, all), "since hour {since}");
    }
}

#[test]
fn what_labels_share_is_counted_once_for_each_two() {
    let scene = Scene::new();
    let one = |name: &str, labels: &[&str]| labelled(entry("a", name), labels);
    let entries = vec![
        one("first", &["rain", "sea", "sun"]),
        one("second", &["sea", "rain"]),
        one("third", &["sun"]),
    ];
    scene.record(poll("a", hour(1), entries));
    let shared = scene
        .store()
        .shared(&["sun", "rain", "dew", "sea"])
        .unwrap();
    let expected = [((0, 1), 1), ((0, 3), 1), ((1, 3), 2)];
    assert!(shared.into_iter().eq(expected));
}
