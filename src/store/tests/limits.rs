//! Limits of single feeds.

use super::*;
use crate::store::Limits;

fn days(days: i64) -> Timestamp {
    hour(24 * days)
}

const DAY: Duration = Duration::from_hours(24);

/// Settings under which the feed `a` has limits.
fn of_a(retention: Option<u32>, max_entries: Option<u64>) -> Settings {
    let limits = Limits {
        retention: retention.map(|days| days * DAY),
        max_entries,
    };
    Settings {
        limits: [(FeedId::new("a"), limits)].into(),
        ..Settings::default()
    }
}

fn scene() -> Scene {
    let scene = Scene::new();
    let seeds = vec![seed("a", 1), seed("b", 1)];
    wait(scene.store().set_feeds(seeds, start())).unwrap();
    scene
}

/// A report of a day, published then.
fn report(feed: &str, day: i64) -> EntryRecord {
    let mut record = edited(
        entry(feed, &format!("report-{day}")),
        &format!("Report {day}"),
    );
    record.entry.published_at = days(day);
    record
}

#[test]
fn a_feed_is_kept_for_less_long_than_others() {
    let scene = scene();
    for feed in ["a", "b"] {
        scene.record(poll(feed, days(0), vec![entry(feed, feed)]));
        scene.record(poll(
            feed,
            days(2),
            vec![report(feed, if feed == "a" { 1 } else { 2 })],
        ));
    }
    let settings = of_a(Some(7), None);
    assert_eq!(scene.retain(days(6), &settings), 0);
    // What it lists stays.
    assert_eq!(scene.retain(days(20), &settings), 1);
    assert_eq!(scene.retain(days(20), &settings), 0);
    assert_eq!(scene.store().totals().unwrap().articles, 3);
    scene.record(poll("a", days(21), vec![entry("a", "a")]));
    assert_eq!(scene.retain(days(22), &settings), 1);
    assert_eq!(scene.retain(days(181), &settings), 1);
    // Longer than all are kept is not possible.
    assert_eq!(scene.retain(days(183), &of_a(Some(900), None)), 0);
}

/// An article is kept whole or not at all: as long as the feed that keeps it longest.
#[test]
fn an_article_of_two_feeds_is_kept_as_long_as_by_the_longer() {
    let scene = scene();
    scene.record(poll("b", days(0), vec![entry("b", "one")]));
    scene.record(poll("a", days(170), vec![entry("a", "one")]));
    scene.record(poll("a", days(172), Vec::new()));
    scene.record(poll("b", days(172), Vec::new()));
    let settings = of_a(Some(7), None);
    assert_eq!(scene.retain(days(178), &settings), 0);
    // Over for the one by its own period, for the other by that of all.
    assert_eq!(scene.retain(days(181), &settings), 2);
    assert_eq!(
        scene.value::<i64>("SELECT count(*) FROM entries WHERE purged_at IS NULL"),
        0
    );
}

/// R15: a feed that lists more than is kept of it brings nothing back, and nothing is done about it daily.
#[test]
fn r15_what_a_feed_lists_beyond_its_limit_stays_away() {
    let scene = scene();
    let settings = of_a(None, Some(10));
    let listed = || (0..50).map(|day| report("a", day)).collect::<Vec<_>>();
    assert_eq!(scene.record(poll("a", days(50), listed())).new, 50);
    // Other feeds have one of the oldest and one of the newest of them.
    let copies = vec![report("b", 0), report("b", 49)];
    assert_eq!(scene.record(poll("b", days(50), copies.clone())).copies, 2);
    // What the other feed carries stays, and nothing goes in its place.
    assert_eq!(scene.retain(days(52), &settings), 39);
    let newest = (40..50).rev().chain([0]).map(|day| format!("Report {day}"));
    assert_eq!(scene.titles(None), newest.collect::<Vec<_>>());
    for day in 53..460 {
        let changed = scene.record(poll("a", days(day), listed())).changed();
        assert!(!changed, "{day}");
        assert!(!scene.record(poll("b", days(day), copies.clone())).changed());
        if day % 30 == 0 {
            assert_eq!(scene.retain(days(day), &settings), 0);
        }
    }
    // News take the place of the oldest, and a third feed brings nothing back that readers had for days.
    let mut more = listed();
    more.push(report("a", 460));
    assert_eq!(scene.record(poll("a", days(460), more)).new, 1);
    let late = poll("c", days(460), vec![report("c", 3)]);
    assert!(!scene.record(late).changed());
    assert_eq!(scene.retain(days(460), &settings), 1);
    assert_eq!(scene.titles(None)[0], "Report 460");
    assert_eq!(scene.titles(None).len(), 11);
    // Listed no more, they are forgotten 400 days later; what the other feed lists is there still.
    scene.record(poll("a", days(461), Vec::new()));
    for (day, left) in [(859, 50), (862, 0)] {
        scene.retain(days(day), &settings);
        assert_eq!(scene.store().totals().unwrap().tombstones, left);
        assert_eq!(scene.titles(None), ["Report 49", "Report 0"]);
    }
}

#[test]
fn a_feed_pays_for_what_it_leads_and_not_for_its_copies() {
    let scene = scene();
    let reports = |feed: &str| (0..20).map(|day| report(feed, day)).collect::<Vec<_>>();
    scene.record(poll("b", days(20), reports("b")));
    scene.record(poll("a", days(20), reports("a")));
    assert_eq!(scene.retain(days(20), &of_a(None, Some(1))), 0);
}

/// A feed that tells what others write, and little of it for long, takes nothing from them.
#[test]
fn a_feed_of_few_articles_takes_none_from_another() {
    let reports = |feed: &str, days: std::ops::Range<i64>| {
        days.map(|day| report(feed, day)).collect::<Vec<_>>()
    };
    let few = of_a(None, Some(2));
    let limited = scene();
    limited.record(poll("a", days(20), reports("a", 0..300)));
    limited.record(poll("b", days(20), reports("b", 0..290)));
    assert_eq!(limited.retain(days(20), &few), 8);
    assert_eq!(limited.retain(days(21), &few), 0);
    assert_eq!(limited.store().totals().unwrap().articles, 292);
    // What went before the other had it is new there, as long as hardly anybody had it.
    for (kept, new) in [(hour(23), 8), (hour(24), 0)] {
        let scene = scene();
        scene.record(poll("a", hour(0), reports("a", -10..0)));
        assert_eq!(scene.retain(kept, &few), 8);
        let late = poll("b", hour(30), reports("b", -10..-2));
        assert_eq!(scene.record(late).new, new, "{kept}");
        let late = poll("a", hour(31), reports("a", -10..0));
        assert_eq!(scene.record(late).new, 0, "{kept}");
    }
}

#[test]
fn a_flood_is_cut_in_batches_and_the_rest_is_left_alone() {
    let scene = scene();
    let named = |feed: &'static str| {
        let one = move |number| {
            let mut record = entry(feed, &format!("{feed}-{number}"));
            record.entry.published_at = start() + SignedDuration::from_mins(number);
            edited(record, &format!("{feed} {number}"))
        };
        (0..900).map(one).collect::<Vec<_>>()
    };
    scene.record(poll("a", hour(0), named("a")));
    scene.record(poll("b", hour(0), named("b")));
    let trimmed = wait(scene.store().trim(hour(1), &of_a(None, Some(20)))).unwrap();
    assert_eq!(trimmed, 880);
    let all = Settings {
        max_entries: Some(30),
        ..of_a(None, Some(20))
    };
    assert_eq!(wait(scene.store().trim(hour(1), &all)).unwrap(), 890);
    assert_eq!(scene.titles(None)[0], "b 899");
}

#[test]
fn many_limited_feeds_are_looked_at_in_few_transactions() {
    let scene = scene();
    let mut settings = Settings::default();
    for number in 0..300 {
        let feed = format!("feed-{number}");
        for day in 0..2 {
            scene.record(poll(
                &feed,
                days(day * 10),
                vec![entry(&feed, &format!("{feed}-{day}"))],
            ));
        }
        let limits = Limits {
            retention: Some(5 * DAY),
            max_entries: Some(100),
        };
        settings.limits.insert(FeedId::new(feed), limits);
    }
    // None of them is configured, so that none lists anything.
    assert_eq!(scene.retain(days(11), &settings), 300);
    assert_eq!(scene.retain(days(16), &settings), 300);
}

/// What left is told with when and why, and until when it is known.
#[test]
fn what_left_is_told() {
    let scene = scene();
    scene.record(poll("a", days(0), vec![entry("a", "one")]));
    let mut beyond = entry("b", "beyond");
    beyond.keep = false;
    scene.record(poll("b", days(0), vec![beyond]));
    scene.record(poll("a", days(2), Vec::new()));
    let find = |name: &str| {
        let left = scene.store().tombstones(name, &[]).unwrap();
        left.into_iter()
            .map(|it| {
                let elsewhere = it.left.map(|feed| feed.to_string());
                (it.feed.to_string(), it.purged_at, elsewhere, it.kept_until)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(find("https://a.example/one"), []);
    scene.retain(days(190), &Settings::default());
    let purged = ("a".to_owned(), Some(days(190)), None, Some(days(400)));
    assert_eq!(find("https://a.example/one"), [purged]);
    let beyond = ("b".to_owned(), None, None, None);
    assert_eq!(find("https://b.example/beyond"), [beyond]);
    let mut late = entry("c", "one");
    late.entry.entry_id = "late".to_owned();
    assert_eq!(scene.record(poll("c", days(191), vec![late])).new, 0);
    assert_eq!(find("late")[0].2.as_deref(), Some("a"));
}

/// Two feeds that carry the same keep of it what the one keeps that keeps more, and no limit is void for the other.
#[test]
fn an_article_goes_that_is_beyond_the_limits_of_all_its_feeds() {
    for (of_b, expected) in [(Some(5), 5), (Some(8), 8), (Some(0), 5), (None, 30)] {
        let scene = scene();
        for day in 0..30 {
            scene.record(poll("a", days(day), vec![report("a", day)]));
            let copied = scene.record(poll("b", days(day), vec![report("b", day)]));
            assert_eq!(copied.copies, 1, "{day}");
        }
        for feed in ["a", "b"] {
            scene.record(poll(feed, days(33), Vec::new()));
        }
        let mut settings = of_a(None, Some(5));
        let limits = Limits {
            retention: None,
            max_entries: of_b,
        };
        settings.limits.insert(FeedId::new("b"), limits);
        scene.retain(days(33), &settings);
        assert_eq!(
            scene.store().totals().unwrap().articles,
            expected,
            "{of_b:?}"
        );
        let newest: i64 = scene.value("SELECT max(published_at) FROM articles");
        assert_eq!(newest, days(29).as_millisecond(), "the oldest go");
        assert_eq!(scene.retain(days(33), &settings), 0);
    }
}
