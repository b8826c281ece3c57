//! What is kept for how long.

use super::*;

fn days(days: i64) -> Timestamp {
    hour(24 * days)
}

fn settings(max_entries: Option<u64>) -> Settings {
    Settings {
        max_entries,
        ..Settings::default()
    }
}

/// A scene whose feeds are configured.
fn scene() -> Scene {
    let scene = Scene::new();
    wait(
        scene
            .store()
            .set_feeds(vec![seed("a", 1), seed("b", 1)], start()),
    )
    .unwrap();
    scene
}

#[test]
fn r15_what_is_purged_does_not_come_back_as_news() {
    let scene = scene();
    let one = || labelled(entry("a", "one"), &["zoo"]);
    scene.record(poll("a", hour(0), vec![one()]));
    scene.record(poll("a", days(2), vec![entry("a", "two")]));
    assert_eq!(scene.retain(days(180), &settings(None)), 0);
    assert_eq!(scene.retain(days(181), &settings(None)), 1);
    assert_eq!(scene.titles(None), ["Pangolins sighted near two"]);
    assert!(scene.titles(Some("zoo")).is_empty());
    let counted = scene.record(poll("a", days(182), vec![one()]));
    assert_eq!((counted.seen, counted.new), (1, 0));
}

#[test]
fn what_a_feed_lists_stays() {
    let scene = scene();
    for at in [0, 100, 300] {
        scene.record(poll("a", days(at), vec![entry("a", "evergreen")]));
        scene.record(not_modified("a", days(at + 1)));
    }
    assert_eq!(scene.retain(days(302), &settings(None)), 0);
    let mut gone = not_modified("a", days(303));
    gone.state.health = Health::Gone;
    scene.record(gone);
    assert_eq!(scene.retain(days(303), &settings(None)), 1);
}

/// P38: what a part of a document leaves out is as listed as before.
#[test]
fn p38_a_part_of_a_document_unlists_nothing() {
    let scene = scene();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    let part = PollRecord {
        profile: None,
        status: Some(226),
        ..poll("a", days(200), vec![entry("a", "two")])
    };
    scene.record(part);
    assert_eq!(scene.retain(days(201), &settings(None)), 0);
    scene.record(poll("a", days(202), vec![entry("a", "two")]));
    assert_eq!(scene.retain(days(203), &settings(None)), 1);
}

#[test]
fn a_feed_that_is_configured_no_more_lists_nothing() {
    let scene = scene();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    wait(scene.store().set_feeds(vec![seed("b", 1)], days(1))).unwrap();
    assert_eq!(scene.retain(days(179), &settings(None)), 0);
    assert_eq!(scene.retain(days(181), &settings(None)), 1);
}

#[test]
fn an_article_stays_whole_while_a_copy_is_young_or_listed() {
    let scene = scene();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    scene.record(poll("b", days(5), vec![entry("b", "one")]));
    scene.record(poll("a", days(6), Vec::new()));
    assert_eq!(scene.retain(days(190), &settings(None)), 0);
    scene.record(poll("b", days(191), Vec::new()));
    assert_eq!(scene.retain(days(192), &settings(None)), 2);
}

#[test]
fn keys_are_forgotten_long_after_the_last_listing() {
    let scene = scene();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    scene.record(poll("a", days(2), Vec::new()));
    assert_eq!(scene.retain(days(200), &settings(None)), 1);
    // Listed once more: forgotten 400 days after that, not after the first time.
    scene.record(poll("a", days(300), vec![entry("a", "one")]));
    scene.record(poll("a", days(302), Vec::new()));
    scene.retain(days(600), &settings(None));
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM keys"), 2);
    scene.retain(days(701), &settings(None));
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM keys"), 0);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM entries"), 0);
}

#[test]
fn keys_stay_while_a_document_that_never_changes_lists_them() {
    let scene = scene();
    let mut beyond = entry("a", "old");
    beyond.keep = false;
    scene.record(poll("a", hour(0), vec![beyond.clone()]));
    scene.record(not_modified("a", days(900)));
    scene.retain(days(900), &settings(None));
    beyond.keep = true;
    let counted = scene.record(poll("a", days(901), vec![beyond, entry("a", "new")]));
    assert_eq!(counted.new, 1);
}

#[test]
fn the_oldest_leave_when_there_are_too_many() {
    let scene = scene();
    let named = |number| edited(entry("a", &format!("page-{number}")), &format!("{number}"));
    scene.record(poll("a", hour(0), (0..600).map(named).collect()));
    assert_eq!(scene.retain(hour(1), &settings(Some(600))), 0);
    assert_eq!(scene.retain(hour(1), &settings(Some(2))), 598);
    let mut titles = scene.titles(None);
    titles.sort();
    assert_eq!(titles, ["598", "599"]);
    assert_eq!(scene.retain(hour(1), &settings(Some(0))), 2);
}

#[test]
fn a_large_store_is_purged_in_batches() {
    let scene = Scene::new();
    for batch in 0..3 {
        let named = |number| entry("a", &format!("page-{batch}-{number}"));
        scene.record(poll("a", hour(batch), (0..900).map(named).collect()));
    }
    assert_eq!(scene.retain(days(365), &settings(None)), 2700);
    assert_eq!(scene.store().totals().unwrap().entries, 0);
}

#[test]
fn a_tombstone_that_dedupe_takes_for_new_is_used_again() {
    let scene = scene();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    scene.record(poll("a", days(2), Vec::new()));
    scene.retain(days(200), &settings(None));
    // The same id under keys that nothing stored shares.
    let mut again = entry("a", "elsewhere");
    again.entry.entry_id = entry("a", "one").entry.entry_id;
    let counted = scene.record(poll("a", days(201), vec![again]));
    assert_eq!(counted.new, 1);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM entries"), 1);
}

#[test]
fn what_one_feed_lists_again_is_not_listed_by_another() {
    let scene = scene();
    for feed in ["a", "b"] {
        scene.record(poll(feed, hour(0), vec![entry(feed, "one")]));
        scene.record(poll(feed, days(2), Vec::new()));
    }
    assert_eq!(scene.retain(days(200), &settings(None)), 2);
    // Under a new id, so that the address finds what both feeds had.
    let mut again = entry("a", "one");
    again.entry.keys[0] = key(KeyKind::Guid, "another");
    again.entry.entry_id = "another".to_owned();
    assert_eq!(scene.record(poll("a", days(300), vec![again])).new, 0);
    let listed_at = |feed: &str| {
        let sql =
            "SELECT e.listed_at FROM entries AS e JOIN feeds AS f ON f.id = e.feed WHERE f.name";
        scene.value::<i64>(&format!("{sql} = '{feed}'"))
    };
    assert_eq!(listed_at("a"), days(300).as_millisecond());
    assert_eq!(listed_at("b"), hour(0).as_millisecond());
}

/// A feed that is switched off lists nothing: what it brought goes by its age.
#[test]
fn what_a_feed_brought_that_is_switched_off_is_not_kept_for_ever() {
    for (enabled, expected) in [(true, 0), (false, 1)] {
        let scene = scene();
        scene.record(poll("a", hour(0), vec![entry("a", "one")]));
        let feeds = ["a", "b"].map(|feed| FeedSeed {
            enabled,
            ..seed(feed, 1)
        });
        wait(scene.store().set_feeds(feeds.to_vec(), days(1))).unwrap();
        assert_eq!(scene.retain(days(200), &settings(None)), expected);
        let listed: i64 = scene.value("SELECT count(*) FROM entries WHERE listed = 1");
        assert_eq!(listed, i64::from(enabled));
    }
}

/// It is told for a week, whether or not a daemon was there to forget it.
#[test]
fn u33_what_left_long_ago_is_told_no_more() {
    let scene = Scene::new();
    scene.meddle(&format!(
        "INSERT INTO deleted (output, entry, deleted_at) VALUES ('all', 'urn:x', {})",
        start().as_millisecond()
    ));
    let output = Output::new("all", "All", Selection::All);
    let told = |days: i64| {
        let now = start() + SignedDuration::from_hours(24 * days);
        scene.store().turnover(&output, now).unwrap().deleted.len()
    };
    assert_eq!([told(0), told(7), told(8)], [1, 1, 0]);
}
