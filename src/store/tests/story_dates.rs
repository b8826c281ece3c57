//! When the entry of a story was changed: as readers see it (U7).

use super::shares::{EVENT, event};
use super::stories::{brings, quake, report, rescue, story};
use super::story_entries::{entries, entry};
use super::tellers::scene;
use super::*;
use crate::model::{Role, Scope};
use crate::publish::{Output, Selection, Unit};

/// An output of the stories of a label.
fn stories_of(label: &str) -> Output {
    Output {
        unit: Unit::Story,
        ..Output::new(label, label, Selection::Label(label.to_owned()))
    }
}

/// When the entry that goes by an id was changed.
fn updated(scene: &Scene, atom_id: &str) -> Timestamp {
    let mut found = entries(scene).into_iter();
    found.find(|it| it.atom_id == atom_id).unwrap().updated_at
}

/// The page of a report, with other news on it.
fn turned(feed: &str, name: &str, at: i64) -> EntryRecord {
    let lead = "The master lifted the trophy before a crowd in Norway after seven hours of play";
    report(feed, name, at, "Chess final in Oslo won", lead)
}

/// A report with more in its title.
fn corrected(mut record: EntryRecord) -> EntryRecord {
    record.entry.title.push_str(", forty dead");
    refresh(&mut record);
    record
}

/// Readers see the words of one report: to correct that one is news, and no other. What was told of is not taken back when
/// the report leaves, and the one that the story began with is all that is left.
#[test]
fn u7_a_correction_of_the_report_that_tells_a_story_moves_its_date_and_of_no_other() {
    let scene = scene();
    brings(&scene, "b", 0, vec![quake("b", 0)]);
    brings(&scene, "agency", 2, vec![rescue("agency", 2)]);
    let told = entry(&scene);
    assert!(told.title.starts_with("Rescuers"), "{}", told.title);
    assert_eq!(told.published_at, hour(0));
    assert!(told.updated_at <= hour(0), "it came with the quake");
    brings(&scene, "b", 4, vec![corrected(quake("b", 0))]);
    assert_eq!(entry(&scene).updated_at, told.updated_at, "a link only");
    brings(&scene, "agency", 5, vec![corrected(rescue("agency", 2))]);
    assert_eq!(entry(&scene).updated_at, hour(5));
    brings(&scene, "agency", 6, vec![turned("agency", "rescue", 2)]);
    assert_eq!(story(&scene, "b", "quake"), None);
    let left = entries(&scene);
    let left = left.iter().find(|it| it.atom_id == told.atom_id).unwrap();
    assert!(left.title.starts_with("Strong quake"), "{}", left.title);
    assert_eq!((left.published_at, left.updated_at), (hour(0), hour(5)));
}

/// A correction that its publisher dates before readers were told of another is dated by us, as that of an article is.
#[test]
fn u7_the_date_of_a_story_moves_with_each_correction_that_readers_see() {
    let scene = scene();
    brings(&scene, "b", 0, vec![quake("b", 0)]);
    brings(&scene, "flood", 1, vec![rescue("flood", 1)]);
    brings(&scene, "b", 4, vec![corrected(quake("b", 0))]);
    assert_eq!(entry(&scene).updated_at, hour(4));
    // From now on another one tells it.
    let mut full = rescue("agency", 2);
    full.entry.updated_at = hour(3);
    brings(&scene, "agency", 5, vec![full.clone()]);
    assert!(entry(&scene).title.starts_with("Rescuers"));
    assert_eq!(entry(&scene).updated_at, hour(4), "growth is no change");
    full.entry.updated_at = hour(3) + SignedDuration::from_mins(30);
    brings(&scene, "agency", 6, vec![corrected(full)]);
    assert_eq!(entry(&scene).updated_at, hour(6));
}

/// An output of a topic may have a story told by another report than all have; its correction is news there.
#[test]
fn u7_a_correction_of_the_report_that_tells_a_story_in_a_topic_moves_its_date() {
    let scene = scene();
    let of_topic = |record| labelled(record, &["lima"]);
    brings(&scene, "b", 0, vec![of_topic(quake("b", 0))]);
    brings(&scene, "agency", 2, vec![rescue("agency", 2)]);
    let topic = stories_of("lima");
    let in_topic = || scene.store().window(&topic, 9).unwrap().remove(0);
    assert!(in_topic().title.starts_with("Strong quake"));
    assert!(entry(&scene).title.starts_with("Rescuers"));
    brings(&scene, "b", 4, vec![of_topic(corrected(quake("b", 0)))]);
    assert_eq!(in_topic().updated_at, hour(4));
    assert_eq!(entry(&scene).updated_at, hour(4), "an id has one date");
}

/// The report that a story began with takes its page to other news, and the story ends: alone, it is dated as readers see it.
#[test]
fn u7_what_a_story_began_with_is_dated_no_earlier_when_that_is_over() {
    let scene = scene();
    brings(&scene, "b", 0, vec![quake("b", 0)]);
    brings(&scene, "agency", 2, vec![rescue("agency", 2)]);
    brings(&scene, "agency", 5, vec![corrected(rescue("agency", 2))]);
    let told = entry(&scene);
    assert_eq!(told.updated_at, hour(5));
    let mut other = turned("b", "quake", 0);
    other.entry.updated_at = hour(4);
    brings(&scene, "b", 6, vec![other]);
    assert_eq!(story(&scene, "b", "quake"), None);
    assert_eq!(updated(&scene, &told.atom_id), hour(6), "other words");
    // It begins another, and has its dates there as well.
    brings(&scene, "flood", 7, vec![turned("flood", "chess", 7)]);
    assert!(story(&scene, "flood", "chess").is_some());
    assert_eq!(updated(&scene, &told.atom_id), hour(6));
}

/// What is left of a story is corrected, by a publisher that dates it before readers were told last.
#[test]
fn u7_the_heir_of_a_story_is_changed_when_it_is_corrected() {
    let scene = Scene::new();
    for number in [0, 1] {
        let (feed, record) = event(number, &[]);
        brings(&scene, &feed, i64::try_from(number).unwrap(), vec![record]);
    }
    let (feed, first) = event(0, &[]);
    brings(&scene, &feed, 6, vec![corrected(first)]);
    let most = Settings {
        max_entries: Some(1),
        ..Settings::default()
    };
    assert!(scene.retain(hour(8), &most) > 0);
    let (feed, left) = event(1, &[]);
    assert_eq!(entry(&scene).title, left.entry.title);
    assert_eq!(entry(&scene).updated_at, hour(6));
    let mut edit = corrected(left);
    edit.entry.updated_at = hour(5);
    brings(&scene, &feed, 9, vec![edit]);
    assert_eq!(entry(&scene).updated_at, hour(9));
}

/// An edit that brings a report to a story is growth; where the story begins with that report, its publisher dates it.
#[test]
fn u7_what_comes_to_a_story_by_an_edit_is_no_correction_of_it() {
    for (first, second, expected) in [("b", "agency", hour(0)), ("agency", "b", hour(3))] {
        let scene = scene();
        let of = |feed: &str| {
            let mut record = quake(feed, 0);
            record.entry.updated_at = hour(0);
            record
        };
        for feed in [first, second] {
            let it = if feed == "b" {
                of(feed)
            } else {
                turned(feed, "quake", 0)
            };
            brings(&scene, feed, 0, vec![it]);
        }
        assert_eq!(entries(&scene).len(), 2);
        let mut edit = rescue("agency", 0);
        let page = quake("agency", 0).entry;
        (edit.entry.entry_id, edit.entry.url) = (page.entry_id, page.url);
        edit.entry.keys = page.keys;
        edit.entry.updated_at = hour(3);
        refresh(&mut edit);
        brings(&scene, "agency", 5, vec![edit]);
        let told = entry(&scene);
        assert!(told.title.starts_with("Rescuers"), "{}", told.title);
        assert_eq!(told.updated_at, expected, "{first} was first");
    }
}

/// A topic that takes whole stories lists one for its newest report, which tells it there though it has not the topic.
#[test]
fn u7_a_report_that_comes_with_its_story_is_corrected_in_the_topic_that_takes_it() {
    let (scene, rules) = shares::scene(Scope::default());
    let seeds = [(0, 90), (1, 50), (2, 50), (3, 70)].map(|(number, weight)| {
        let mut seed = seed(&format!("f{number}"), 1);
        seed.outlet.weight = weight;
        seed
    });
    wait(scene.store().set_feeds(seeds.to_vec(), hour(-1000))).unwrap();
    for (number, labels) in [(0, &[][..]), (1, &["lima"]), (2, &["lima"]), (3, &[])] {
        shares::bring(&scene, &rules, number, labels);
    }
    let topic = stories_of("lima");
    let in_topic = || scene.store().window(&topic, 9).unwrap().remove(0);
    assert_eq!(in_topic().title, EVENT[3].1);
    assert_eq!(entry(&scene).title, EVENT[0].1);
    let (feed, record) = event(3, &[]);
    let edit = PollRecord {
        rules: Arc::clone(&rules),
        ..poll(&feed, hour(7), vec![corrected(record)])
    };
    scene.record(edit);
    assert_eq!(in_topic().updated_at, hour(7));
}

/// A number that is told again when it is due, and not before.
#[test]
fn u7_a_change_that_was_held_back_is_one_of_the_story_when_it_is_told() {
    let scene = scene();
    let says = |toll: i64, at: i64| {
        let mut record = rescue("agency", 0);
        let said = format!("<p>The landslide left {toll} dead in two villages of the north.</p>");
        record.entry.content = Some(said);
        record.entry.updated_at = hour(at);
        refresh(&mut record);
        record
    };
    brings(&scene, "b", 0, vec![quake("b", 0)]);
    for (toll, at) in [(12, 0), (21, 1), (34, 2)] {
        brings(&scene, "agency", at, vec![says(toll, at)]);
    }
    assert!(story(&scene, "agency", "rescue").is_some());
    assert_eq!(entry(&scene).updated_at, hour(1));
    scene.record(not_modified("agency", hour(4)));
    assert_eq!(entry(&scene).updated_at, hour(2), "dated so");
}

/// Another entry tells the report that tells the story, in other words.
#[test]
fn u7_a_report_that_another_entry_tells_is_a_change_of_its_story() {
    let scene = scene();
    let passed_on = FeedSeed {
        outlet: Outlet {
            role: Role::Aggregator,
            ..seed("planet", 1).outlet
        },
        ..seed("planet", 1)
    };
    wait(
        scene
            .store()
            .set_feeds(vec![passed_on, seed("agency", 1)], start()),
    )
    .unwrap();
    let mut copy = quake("planet", 0);
    let original = rescue("agency", 0);
    copy.entry.url.clone_from(&original.entry.url);
    copy.entry.keys = original.entry.keys.clone();
    refresh(&mut copy);
    brings(&scene, "planet", 0, vec![copy]);
    brings(&scene, "b", 1, vec![event(2, &[]).1]);
    let before = entry(&scene);
    assert_eq!(before.reports.len(), 1);
    brings(&scene, "agency", 2, vec![original]);
    let after = entry(&scene);
    assert!(after.title.starts_with("Rescuers"), "{}", after.title);
    assert_eq!(after.atom_id, before.atom_id);
    assert!(before.updated_at < hour(2));
    assert_eq!(after.updated_at, hour(2));
}

/// What a report said before is not told at once, but its story goes by what stands there.
#[test]
fn a_report_that_is_mended_is_in_its_story_again() {
    let scene = scene();
    brings(&scene, "b", 0, vec![quake("b", 0)]);
    brings(&scene, "agency", 1, vec![rescue("agency", 1)]);
    let told = entry(&scene);
    brings(&scene, "agency", 2, vec![turned("agency", "rescue", 1)]);
    assert_eq!(entries(&scene).len(), 2);
    brings(&scene, "agency", 3, vec![rescue("agency", 1)]);
    let again = entry(&scene);
    assert_eq!((&again.atom_id, &again.title), (&told.atom_id, &told.title));
}

/// Nor is it told for ever by what has nothing to do with it any more, because readers were told enough of that page today.
#[test]
fn a_report_of_which_enough_was_told_leaves_its_story_all_the_same() {
    let scene = scene();
    brings(&scene, "b", 0, vec![quake("b", 0)]);
    let mut says = rescue("agency", 1);
    brings(&scene, "agency", 1, vec![says.clone()]);
    let told = entry(&scene);
    for at in 2..6 {
        says = corrected(says);
        brings(&scene, "agency", at, vec![says.clone()]);
        assert_eq!(entry(&scene).updated_at, hour(at));
    }
    brings(&scene, "agency", 6, vec![turned("agency", "rescue", 1)]);
    assert_eq!(story(&scene, "b", "quake"), None);
    let left = entries(&scene);
    let left = left.iter().find(|it| it.atom_id == told.atom_id).unwrap();
    assert!(left.title.starts_with("Strong quake"), "{}", left.title);
}
