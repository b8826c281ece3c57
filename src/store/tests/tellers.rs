//! Who tells a story, and who is said to have been first, where feeds date what they bring before all else.

use super::shares::EVENT;
use super::stories::{brings, quake, report, rescue, story};
use super::story_entries::{entries, entry};
use super::story_heirs;
use super::*;
use crate::model::Role;
use crate::publish::{Output, Selection, Unit};

/// Feeds that were there long before: the operator trusts the first most.
pub(super) fn scene() -> Scene {
    let scene = Scene::new();
    let seeds = ["agency", "b", "flood"].map(|name| {
        let mut seed = seed(name, 1);
        seed.outlet.weight = if name == "agency" { 90 } else { 50 };
        seed
    });
    wait(scene.store().set_feeds(seeds.to_vec(), hour(-1000))).unwrap();
    scene
}

/// So many reports of the quake by one feed, seen at an hour and dated three days before; no two are one article.
fn flood(scene: &Scene, at: i64, reports: i64) {
    let report = |number| {
        let title = format!("Cheap flats: Lima quake, houses collapse in ward {number}");
        let lead = format!("A strong quake off Peru brought down houses in ward {number} of Lima");
        report("flood", &format!("n{number}"), at - 70, &title, &lead)
    };
    brings(scene, "flood", at, (0..reports).map(report).collect());
    let joined = "SELECT count(*) FROM articles WHERE story = 1";
    assert!(
        scene.value::<i64>(joined) > reports,
        "they are of the story"
    );
}

#[test]
fn a_flood_of_backdated_reports_takes_no_story_over() {
    let scene = scene();
    brings(&scene, "agency", 0, vec![quake("agency", 0)]);
    let before = entry(&scene);
    flood(&scene, 1, 70);
    let after = entry(&scene);
    assert_eq!(
        (
            &after.atom_id,
            &after.title,
            after.published_at,
            after.updated_at
        ),
        (
            &before.atom_id,
            &before.title,
            before.published_at,
            before.updated_at
        )
    );
    assert_eq!(after.topics, before.topics);
}

/// A report that the operator ranks higher tells a story also where one feed has more than all places among the first.
#[test]
fn a_flood_keeps_no_better_report_from_telling() {
    let scene = scene();
    brings(&scene, "b", 0, vec![quake("b", 0)]);
    flood(&scene, 1, 70);
    story_heirs::flood(&scene, 3, 300);
    let mut rescue = rescue("agency", 2);
    rescue = labelled(rescue, &["rescue"]);
    brings(&scene, "agency", 2, vec![rescue]);
    assert_eq!(story(&scene, "agency", "rescue"), Some(1));
    let (name, title, lead) = EVENT[2];
    brings(&scene, "b", 3, vec![report("b", name, 3, title, lead)]);
    assert_eq!(story(&scene, "b", name), Some(1));
    let told = entry(&scene);
    assert!(told.title.starts_with("Rescuers"), "{}", told.title);
    assert!(
        told.topics.contains(&"rescue".to_owned()),
        "{:?}",
        told.topics
    );
}

/// Reports that a feed dated back, and that only one more of its own joined to the first, are a story of their own when that
/// one is edited away: they keep neither the id nor the date by which readers know the first.
#[test]
fn u2_a_story_that_falls_apart_stays_with_the_report_that_it_began_with() {
    let scene = scene();
    brings(&scene, "agency", 0, vec![quake("agency", 0)]);
    let before = entry(&scene);
    let says = |name, title, lead| report("flood", name, -2, title, lead);
    let bridge = says(
        "bridge",
        "Strong Lima quake: cheap flats, houses for rent",
        "Cheap flats and lofts for rent in towers with pool after a strong quake shook the coast and brought down houses",
    );
    let flats = says(
        "flats",
        "Cheap flats for rent after quake: lofts, towers",
        "Cheap flats and lofts for rent in towers with pool and garage, houses too",
    );
    let lofts = says(
        "lofts",
        "Cheap lofts and flats for rent in towers",
        "Cheap flats and lofts for rent in towers with pool, garage and garden",
    );
    brings(&scene, "flood", 1, vec![bridge]);
    brings(&scene, "flood", 2, vec![flats, lofts]);
    assert_eq!(story(&scene, "flood", "lofts"), Some(1), "joined by it");
    assert_eq!(entry(&scene).atom_id, before.atom_id);
    let chess = "The master lifted the trophy before a crowd in Norway after seven hours of play";
    let away = says("bridge", "Chess final in Oslo won by sacrifice", chess);
    brings(&scene, "flood", 3, vec![away]);
    assert_ne!(story(&scene, "flood", "lofts"), None);
    let after = entries(&scene);
    let same = after.iter().find(|it| it.atom_id == before.atom_id);
    let same = same.map(|it| (&it.title, it.published_at));
    assert_eq!(same, Some((&before.title, before.published_at)));
    assert_eq!(after.len(), 3);
}

/// What the operator ranks alike is told by what tells more, and else by what was stored first, whatever its date.
#[test]
fn of_equals_the_one_that_tells_more_tells_a_story_and_no_date_counts() {
    let scene = scene();
    brings(&scene, "flood", 0, vec![quake("flood", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", -9)]);
    assert_eq!(story(&scene, "b", "rescue"), Some(1));
    assert!(entry(&scene).title.starts_with("Strong quake"));
    let mut full = rescue("c", 2);
    full.entry.title = "Lima after the quake: houses collapse, rescuers search".to_owned();
    full.entry.content = Some(full.entry.summary_text.repeat(30));
    full.entry.content_text = full.entry.summary_text.repeat(30);
    refresh(&mut full);
    brings(&scene, "c", 2, vec![full]);
    assert_eq!(story(&scene, "c", "rescue"), Some(1));
    let told = entry(&scene);
    assert!(told.title.starts_with("Lima after"), "{}", told.title);
    assert_eq!(told.published_at, hour(0), "U2: of the same entry");
}

/// Whether a copy is told as the first, by when its feed was added and what date it has.
#[test]
fn nobody_is_first_by_a_date_at_which_its_feed_did_not_have_it() {
    for (added, dated, is_first) in [
        (-1000, -1, true),
        (-1000, -20, true),
        (-1000, -40, false),
        (-1000, 1, false),
        // What a new feed brings is its backlog.
        (0, -40, true),
    ] {
        let scene = scene();
        let feeds = vec![seed("late", 1), seed("agency", 1)];
        wait(scene.store().set_feeds(feeds, hour(added))).unwrap();
        brings(&scene, "agency", 0, vec![quake("agency", 0)]);
        let mut copy = quake("agency", 0);
        copy.entry.feed = FeedId::new("late");
        copy.entry.entry_id = "https://late.example/1".to_owned();
        copy.entry.published_at = hour(dated);
        copy.entry.keys[0] = key(KeyKind::Guid, "late 1");
        assert_eq!(brings(&scene, "late", 1, vec![copy]).copies, 1);
        let told = scene.store().articles(None, 9).unwrap();
        assert_eq!(told[0].first.is_some(), is_first, "{added} {dated}");
        assert_eq!(told[0].published_at, hour(0));
    }
}

/// It is no backlog of the feed that tells it now: it came before that was polled.
#[test]
fn u29_what_came_lately_stays_where_a_feed_that_was_added_since_tells_it() {
    let scene = scene();
    let dated = |feed: &str, name: &str, at| {
        let mut record = super::entry(feed, name);
        record.entry.published_at = hour(at);
        record
    };
    brings(&scene, "b", 0, vec![dated("b", "old", -30)]);
    let newer = ["one", "two"].map(|name| dated("b", name, 1));
    brings(&scene, "b", 1, newer.to_vec());
    let output = Output {
        items: 2,
        ..Output::new("all", "All", Selection::All)
    };
    let of_old = || {
        let listed = scene.store().window(&output, 9).unwrap();
        let old = listed.into_iter().find(|it| it.title.ends_with("old"));
        old.and_then(|it| it.feed)
    };
    assert_eq!(of_old(), Some(FeedId::new("b")));
    let mut wire = seed("wire", 1);
    wire.outlet.weight = 99;
    wait(scene.store().set_feeds(vec![wire], hour(2))).unwrap();
    brings(&scene, "wire", 3, vec![dated("wire", "old", -30)]);
    assert_eq!(of_old(), Some(FeedId::new("wire")));
}

/// `max-per-feed` counts an article for the feed that tells it in the output, whichever leads it elsewhere; of an article
/// and of one that stands for its story.
#[test]
fn u28_an_article_counts_for_the_feed_that_tells_it_in_the_output() {
    let scene = scene();
    let names = ["one", "two", "three"];
    brings(
        &scene,
        "agency",
        0,
        names.map(|it| super::entry("agency", it)).to_vec(),
    );
    let zoo = |feed: &str, name: &str| labelled(super::entry(feed, name), &["zoo"]);
    brings(&scene, "b", 1, vec![zoo("b", "one")]);
    brings(&scene, "c", 1, vec![zoo("c", "two")]);
    let listed = |selection: &Selection, unit| {
        let output = Output {
            unit,
            max_per_feed: Some(1),
            ..Output::new("zoo", "Zoo", selection.clone())
        };
        scene.store().window(&output, 9).unwrap().len()
    };
    for unit in [Unit::Article, Unit::Story] {
        assert_eq!(listed(&Selection::All, unit), 1, "the agency tells all");
        assert_eq!(listed(&Selection::Label("zoo".to_owned()), unit), 2);
    }
    brings(&scene, "b", 2, vec![zoo("b", "three")]);
    for unit in [Unit::Article, Unit::Story] {
        let listed = listed(&Selection::Label("zoo".to_owned()), unit);
        assert_eq!(listed, 2, "one of those that `b` tells");
    }
}

#[test]
fn other_reports_of_a_story_say_which_came_too_late_for_their_dates() {
    let scene = scene();
    brings(&scene, "agency", 0, vec![quake("agency", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", -60)]);
    assert_eq!(story(&scene, "b", "rescue"), Some(1));
    let told = entry(&scene);
    assert_eq!(told.reports.len(), 1);
    assert!(told.reports[0].is_backdated);
    wait(
        scene
            .store()
            .set_feeds(vec![role("c", Role::Wire)], hour(2)),
    )
    .unwrap();
    let tents = report(
        "c",
        "tents",
        -60,
        "Tents for quake survivors reach Lima houses",
        "Tents for survivors of the strong quake in Lima, Peru, whose houses collapsed, came by plane",
    );
    brings(&scene, "c", 2, vec![tents]);
    let told = entry(&scene).reports;
    assert_eq!(told.iter().filter(|report| report.is_backdated).count(), 1);
    assert_eq!(told.len(), 2);
}

/// Who tells a report now may have come days after its date: what counts is when the first one came.
#[test]
fn a_report_that_another_tells_late_came_in_time() {
    let scene = scene();
    brings(&scene, "agency", 0, vec![quake("agency", 0)]);
    brings(&scene, "b", 1, vec![rescue("b", 1)]);
    let mut better = seed("c", 1);
    better.outlet.weight = 70;
    wait(scene.store().set_feeds(vec![better], hour(2))).unwrap();
    let before = entry(&scene).reports;
    let mut copy = rescue("c", 1);
    let there = key(KeyKind::Url, "https://b.example/rescue");
    copy.entry.keys.push(there);
    brings(&scene, "c", 60, vec![copy]);
    let told = entry(&scene).reports;
    assert_eq!((before.len(), told.len()), (1, 1), "{told:?}");
    assert_ne!(told[0].url, before[0].url, "another tells it");
    assert!(!told[0].is_backdated);
}

fn role(feed: &str, role: Role) -> FeedSeed {
    let mut seed = seed(feed, 1);
    seed.outlet.role = role;
    seed
}
