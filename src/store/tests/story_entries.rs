//! What an output of stories lists.

use super::shares::MERGING;
use super::stories::{brings, ferry, quake, report, rescue, story};
use super::*;
use crate::publish::{Output, Selection, Unit};

/// The entries of an output of stories.
pub(super) fn entries(scene: &Scene) -> Vec<Article> {
    let output = Output {
        unit: Unit::Story,
        ..Output::new("stories", "Stories", Selection::All)
    };
    scene.store().window(&output, 9).unwrap()
}

/// The only entry.
#[track_caller]
pub(super) fn entry(scene: &Scene) -> Article {
    let [entry] = entries(scene).try_into().unwrap();
    entry
}

fn ids(scene: &Scene) -> Vec<String> {
    entries(scene).into_iter().map(|it| it.atom_id).collect()
}

#[test]
fn u2_u7_a_story_that_grows_keeps_its_id_and_its_dates() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    let alone = entry(&scene);
    assert_ne!(
        alone.atom_id,
        scene.store().articles(None, 9).unwrap()[0].atom_id,
        "U3"
    );
    assert!(alone.reports.is_empty());
    for (feed, at) in [("b", 2), ("c", 3)] {
        brings(&scene, feed, at, vec![rescue(feed, at)]);
    }
    assert!(story(&scene, "c", "rescue").is_some());
    let grown = entry(&scene);
    assert_eq!(grown.atom_id, alone.atom_id);
    assert_eq!(grown.published_at, alone.published_at);
    assert_eq!(grown.updated_at, alone.updated_at);
    assert_eq!(grown.title, alone.title, "of equals the first tells it");
    assert_eq!(grown.reports.len(), 2);
}

#[test]
fn u7_a_correction_of_the_first_report_moves_the_date_of_its_story() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 2, vec![rescue("b", 2)]);
    let before = entry(&scene);
    let mut edit = quake("a", 0);
    edit.entry.title.push_str(", forty dead");
    refresh(&mut edit);
    brings(&scene, "a", 4, vec![edit]);
    let after = entry(&scene);
    assert_eq!(after.atom_id, before.atom_id);
    assert!(after.updated_at > before.updated_at);
}

#[test]
fn u3_what_leaves_a_story_that_it_began_takes_another_id() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    let lead =
        "Rescuers dig in collapsed houses of Lima after the strong quake off the coast of Peru";
    let digging = "Lima quake: rescuers dig in collapsed houses";
    brings(
        &scene,
        "c",
        1,
        vec![report("c", "digging", 1, digging, lead)],
    );
    let before = entry(&scene);
    let fire = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    let other = report("a", "quake", 0, "Woods burn north of Lisbon", fire);
    brings(&scene, "a", 3, vec![other]);
    assert_eq!(story(&scene, "a", "quake"), None);
    let after = entries(&scene);
    assert_eq!(after.len(), 2);
    let kept = after
        .iter()
        .find(|it| it.atom_id == before.atom_id)
        .unwrap();
    assert!(kept.title.contains("Lima"), "{}", kept.title);
    // It may begin another.
    let left: Vec<String> = ids(&scene)
        .into_iter()
        .filter(|id| *id != before.atom_id)
        .collect();
    let more = report("d", "fire", 3, "Pine woods burn near Lisbon", fire);
    brings(&scene, "d", 3, vec![more]);
    assert!(story(&scene, "d", "fire").is_some());
    let mut expected = vec![before.atom_id, left[0].clone()];
    let mut now = ids(&scene);
    expected.sort();
    now.sort();
    assert_eq!(now, expected);
}

#[test]
fn stories_that_merge_keep_the_id_of_the_older() {
    let scene = Scene::new();
    let lima = |feed: &str, title: &str, lead: &str| report(feed, "lima", 0, title, lead);
    let (halves, both) = MERGING.split_at(4);
    let mut seen = Vec::new();
    for (feed, title, lead) in halves {
        brings(&scene, feed, 0, vec![lima(feed, title, lead)]);
        seen.push(ids(&scene));
    }
    assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 2, 2]);
    for (feed, title, lead) in both {
        brings(&scene, feed, 1, vec![lima(feed, title, lead)]);
    }
    assert_eq!(ids(&scene), seen[0]);
}

#[test]
fn another_report_tells_a_story_where_its_feed_goes_first() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0), ferry("a", 0)]);
    brings(&scene, "b", 2, vec![rescue("b", 2)]);
    let before = entries(&scene);
    let seeds = ["a", "b"].map(|name| {
        let mut seed = seed(name, 0);
        seed.outlet.weight = if name == "b" { 90 } else { 50 };
        seed
    });
    wait(scene.store().set_feeds(seeds.to_vec(), hour(3))).unwrap();
    let after = entries(&scene);
    let of = |list: &[Article]| {
        list.iter()
            .find(|it| it.title.contains("Lima"))
            .unwrap()
            .clone()
    };
    let (before, after) = (of(&before), of(&after));
    assert!(after.title.starts_with("Rescuers"), "{}", after.title);
    assert_eq!(after.atom_id, before.atom_id);
    assert_eq!(
        (after.published_at, after.updated_at),
        (before.published_at, before.updated_at)
    );
}

/// An entry counts for the feed that tells it, and not for the one that reported last.
#[test]
fn u28_a_feed_is_bounded_by_the_stories_that_it_tells() {
    let scene = Scene::new();
    let mut seed = seed("agency", 0);
    seed.outlet.weight = 90;
    wait(scene.store().set_feeds(vec![seed], start())).unwrap();
    let calm = report(
        "calm",
        "berth",
        0,
        "Notice of the harbour board: berth closed",
        "",
    );
    brings(&scene, "calm", 0, vec![calm]);
    brings(&scene, "agency", 1, vec![quake("agency", 1)]);
    brings(&scene, "late", 2, vec![rescue("late", 2)]);
    brings(&scene, "late", 3, vec![ferry("late", 3)]);
    assert!(story(&scene, "late", "rescue").is_some());
    let output = Output {
        unit: Unit::Story,
        max_per_feed: Some(1),
        ..Output::new("stories", "Stories", Selection::All)
    };
    let listed = |scene: &Scene| {
        let listed = scene.store().window(&output, 9).unwrap();
        let mut titles: Vec<_> = listed.into_iter().map(|it| it.title).collect();
        titles.sort();
        titles
    };
    let all = listed(&scene);
    assert_eq!(all.len(), 3, "{all:?}");
    // One more story that the same feed tells is too many.
    let fire = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    let woods = report("agency", "fire", 4, "Woods burn north of Lisbon", fire);
    brings(&scene, "agency", 4, vec![woods]);
    let now = listed(&scene);
    assert_eq!(now.len(), 3, "{now:?}");
    assert!(!now.iter().any(|title| title.contains("Lima")), "{now:?}");
}

#[test]
fn u28_one_feed_or_one_event_takes_no_place_of_others() {
    let scene = Scene::new();
    let old = [("calm", ferry("calm", 0)), ("other", quake("other", 0))];
    for (feed, record) in old {
        brings(&scene, feed, 0, vec![record]);
    }
    let flood = |number: i64| {
        let title = format!("Notice {number} of the harbour board: berth {number}");
        report("flood", &format!("n{number}"), 2, &title, "")
    };
    brings(&scene, "flood", 2, (0..40).map(flood).collect());
    let output = Output {
        items: 4,
        stay: Duration::ZERO,
        max_per_feed: Some(2),
        ..Output::new("few", "Few", Selection::All)
    };
    let listed = scene.store().window(&output, 9).unwrap();
    let floods = |article: &&Article| article.title.starts_with("Notice");
    assert_eq!(listed.iter().filter(floods).count(), 2);
    assert_eq!(listed.len(), 4, "those of the others are there");
}

/// So many reports of one event by two feeds, from the given hour on, none in the words of another.
fn coverage(scene: &Scene, at: i64, reports: i64) {
    let seen = [
        "a bridge",
        "a church",
        "the port",
        "a school",
        "the market",
        "a hotel",
        "the jail",
        "a dam",
        "the mint",
        "a zoo",
        "the mole",
        "a mine",
    ];
    for (number, what) in (0..reports).zip(seen) {
        for feed in ["one", "two"] {
            let title = format!("Lima quake: {feed} sees {what} collapse, houses too");
            let lead =
                format!("In Lima {what} collapsed in the strong quake off Peru, {feed} says");
            let name = format!("n{number}");
            brings(
                scene,
                feed,
                at,
                vec![report(feed, &name, at, &title, &lead)],
            );
        }
    }
}

/// What enough outlets carry is no part of an index, and is listed until there are as many entries all the same.
#[test]
fn u28_one_event_takes_no_place_of_others_where_so_many_carry_them() {
    let scene = Scene::new();
    let woods = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    for feed in ["one", "two"] {
        brings(&scene, feed, 0, vec![ferry(feed, 0)]);
        let title = format!("Woods burn north of Lisbon, {feed} hears");
        brings(
            &scene,
            feed,
            0,
            vec![report(feed, "woods", 0, &title, woods)],
        );
    }
    coverage(&scene, 2, 12);
    let reports: i64 = scene.value(
        "SELECT count(*) FROM articles WHERE story = (SELECT story FROM articles ORDER BY id DESC)",
    );
    assert!(reports >= 20, "{reports}");
    let listed = |min_sources, max_per_feed| {
        let output = Output {
            items: 3,
            stay: Duration::ZERO,
            unit: Unit::Story,
            min_sources,
            max_per_feed,
            ..Output::new("stories", "Stories", Selection::All)
        };
        scene.store().window(&output, 9).unwrap().len()
    };
    assert_eq!(
        [listed(1, None), listed(2, None), listed(2, Some(9))],
        [3; 3]
    );
}
