//! What a feed withdraws leaves, and nothing else does.

use super::stories::{brings, ferry, quake, rescue, story};
use super::story_entries::entries;
use super::*;
use crate::model::{Source, Withdrawal};
use std::collections::BTreeSet;

/// A poll that withdraws entries of a feed by their names, as of so many hours after the beginning.
pub(super) fn withdraws(
    feed: &str,
    at: i64,
    entries: Vec<EntryRecord>,
    told: &[(&str, i64)],
) -> PollRecord {
    let withdrawals = told.iter().map(|(name, when)| Withdrawal {
        id: format!("https://{feed}.example/{name}"),
        at: hour(*when),
        restored_at: None,
    });
    PollRecord {
        withdrawals: withdrawals.collect(),
        ..poll(feed, hour(at), entries)
    }
}

/// The entry as its publisher dates it later.
fn updated(mut record: EntryRecord, at: i64) -> EntryRecord {
    record.entry.updated_at = hour(at);
    record
}

pub(super) fn one() -> EntryRecord {
    labelled(entry("a", "one"), &["zoo"])
}

fn count(scene: &Scene) -> i64 {
    scene.value("SELECT count(*) FROM entries")
}

#[test]
fn u35_an_article_that_has_no_other_entry_goes() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![one(), entry("a", "two")]));
    let atom_id = scene.store().articles(Some("zoo"), 9).unwrap()[0]
        .atom_id
        .clone();
    let counts = scene.record(withdraws("a", 2, vec![entry("a", "two")], &[("one", 1)]));
    assert!(counts.changed() && counts.labels == ["zoo"], "{counts:?}");
    assert_eq!(counts.withdrawn, 1);
    assert_eq!(scene.titles(None), ["Pangolins sighted near two"]);
    assert!(scene.titles(Some("zoo")).is_empty());
    // As long as that is told, listed without it, in a part of a document, or cited with other words.
    for (at, record) in [
        (3, withdraws("a", 3, Vec::new(), &[("one", 1)])),
        (4, poll("a", hour(4), vec![one()])),
        (
            5,
            PollRecord {
                profile: None,
                ..poll("a", hour(5), vec![one()])
            },
        ),
        (
            6,
            poll(
                "a",
                hour(6),
                vec![edited(one(), "Pangolins counted near one")],
            ),
        ),
        (7, poll("a", hour(7), vec![updated(one(), 1)])),
    ] {
        assert!(!scene.record(record).changed(), "{at}");
    }
    let counts = scene.record(poll("a", hour(8), vec![updated(one(), 2)]));
    assert_eq!(counts.new, 1, "it is dated later");
    assert_eq!(
        scene.store().articles(Some("zoo"), 9).unwrap()[0].atom_id,
        atom_id
    );
    let counts = scene.record(withdraws("a", 9, Vec::new(), &[("one", 1)]));
    assert_eq!(counts.withdrawn, 0, "that was before");
    assert_eq!(scene.titles(Some("zoo")).len(), 1);
}

/// Of what is withdrawn once more only what is dated after the last time is there again.
#[test]
fn u35_the_last_time_counts() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![one()]));
    for when in [1, 5, 3] {
        scene.record(withdraws("a", 6, Vec::new(), &[("one", when)]));
    }
    for (at, expected) in [(5, 0), (6, 1)] {
        let counts = scene.record(poll("a", hour(7 + at), vec![updated(one(), at)]));
        assert_eq!(counts.new, expected, "{at}");
    }
}

/// When an entry was changed by its publisher, as of when it is withdrawn -> whether it goes.
#[test]
fn u35_an_entry_that_is_dated_later_stands() {
    for (dated_at, when, goes) in [
        (Some(-1), -2, false),
        (Some(-1), -1, true),
        (None, -2, true),
    ] {
        let scene = Scene::new();
        let mut record = entry("a", "one");
        let at = dated_at.map_or(hour(0), hour);
        (record.entry.published_at, record.entry.updated_at) = (at, at);
        record.entry.dated = dated_at.is_some();
        scene.record(poll("a", hour(0), vec![record.clone()]));
        scene.record(withdraws("a", 1, Vec::new(), &[("one", when)]));
        assert_eq!(scene.titles(None).is_empty(), goes, "{dated_at:?} {when}");
        // Without a date nothing says that it came later.
        record.entry.updated_at = if record.entry.dated { at } else { hour(2) };
        scene.record(poll("a", hour(2), vec![record]));
        assert_eq!(scene.titles(None).is_empty(), goes, "{dated_at:?} {when}");
    }
}

#[test]
fn u35_another_feed_tells_it_on() {
    for (withdrawn, remains, labels) in [("a", "The b", 0), ("b", "The a", 1)] {
        let scene = Scene::new();
        scene.record(poll("a", hour(0), vec![one()]));
        let copy = edited(entry("b", "one"), "Pangolins sighted near one, says b");
        scene.record(poll("b", hour(1), vec![copy]));
        let before = scene.store().articles(None, 9).unwrap();
        assert_eq!(before[0].copies.len(), 1);
        let counts = scene.record(withdraws(withdrawn, 2, Vec::new(), &[("one", 2)]));
        assert!(counts.changed() && counts.labels == ["zoo"], "{counts:?}");
        let after = scene.store().articles(None, 9).unwrap();
        assert_eq!(after.len(), 1, "{withdrawn}");
        assert_eq!(after[0].source.title, remains);
        assert_eq!(after[0].atom_id, before[0].atom_id, "U2");
        assert!(after[0].copies.is_empty());
        let is_reworded = after[0].title != before[0].title;
        assert_eq!(after[0].updated_at == hour(2), is_reworded, "U7");
        assert_eq!(scene.titles(Some("zoo")).len(), labels, "{withdrawn}");
        let again = entry(withdrawn, "one");
        assert!(
            !scene
                .record(poll(withdrawn, hour(3), vec![again]))
                .changed()
        );
        let counts = scene.record(poll(
            withdrawn,
            hour(4),
            vec![updated(one_of(withdrawn), 3)],
        ));
        assert_eq!((counts.new, counts.copies), (0, 1), "{withdrawn}");
    }
}

fn one_of(feed: &str) -> EntryRecord {
    entry(feed, "one")
}

#[test]
fn u35_nothing_that_another_feed_has_is_withdrawn() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![one()]));
    let of_a = |feed: &str, at| PollRecord {
        withdrawals: withdraws("a", at, Vec::new(), &[("one", at), ("never", at)]).withdrawals,
        ..poll(feed, hour(at), Vec::new())
    };
    assert!(!scene.record(of_a("b", 1)).changed());
    assert_eq!(scene.titles(None).len(), 1);
    assert_eq!(count(&scene), 1, "of ids that nobody has nothing is stored");
    // What readers had for days is news from whoever brings it after that.
    assert_eq!(scene.record(of_a("a", 50)).withdrawn, 1);
    let counts = scene.record(poll("b", hour(51), vec![entry("b", "one")]));
    assert_eq!(counts.new, 1);
}

/// A report of a story of two or three is withdrawn, and listed again later: the others go on, and it is back under its id.
#[test]
fn u35_a_story_goes_on_without_a_report() {
    for (name, feed) in [("quake", "a"), ("rescue", "b")] {
        for third in [None, Some(rescue("c", 2))] {
            let scene = Scene::new();
            brings(&scene, "a", 0, vec![quake("a", 0), ferry("a", 0)]);
            brings(&scene, "b", 2, vec![rescue("b", 2)]);
            let has_third = third.is_some();
            brings(&scene, "c", 2, third.into_iter().collect());
            let before = ids(&scene);
            assert_eq!(before.len(), 3 + usize::from(has_third));
            let entry_of_story = story_entry(&scene);
            scene.record(withdraws(feed, 3, Vec::new(), &[(name, 3)]));
            assert_eq!(ids(&scene).len(), before.len() - 1);
            assert_eq!(story_entry(&scene), entry_of_story, "{name} {has_third}");
            let record = match name {
                "quake" => quake("a", 0),
                _ => rescue("b", 2),
            };
            let counts = scene.record(poll(feed, hour(5), vec![updated(record, 4)]));
            assert_eq!(counts.new, 1);
            assert_eq!(ids(&scene), before, "U2: {name} {has_third}");
            assert_eq!(story_entry(&scene), entry_of_story, "{name} {has_third}");
            assert!(story(&scene, feed, name).is_some());
        }
    }
}

/// The ids of all articles.
fn ids(scene: &Scene) -> BTreeSet<String> {
    let articles = scene.store().articles(None, 9).unwrap();
    articles.into_iter().map(|it| it.atom_id).collect()
}

/// The id under which an output of stories has the quake, by whomever it is told.
fn story_entry(scene: &Scene) -> String {
    let is_of_quake = |it: &Article| it.title.contains("quake");
    entries(scene)
        .into_iter()
        .find(is_of_quake)
        .unwrap()
        .atom_id
}

/// What founded a story and was withdrawn comes back with other news under its id: the story keeps its name, and it has another.
#[test]
fn u35_a_founder_that_comes_back_takes_no_name() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 2, vec![rescue("b", 2)]);
    let (before, entry_of_story) = (ids(&scene), story_entry(&scene));
    scene.record(withdraws("a", 3, Vec::new(), &[("quake", 3)]));
    let mut record = ferry("a", 4);
    let former = quake("a", 0).entry;
    (record.entry.entry_id, record.entry.keys) = (former.entry_id, former.keys);
    brings(&scene, "a", 4, vec![updated(record, 4)]);
    assert_eq!(ids(&scene), before, "U2");
    assert_eq!(story_entry(&scene), entry_of_story);
    let all: BTreeSet<String> = entries(&scene).into_iter().map(|it| it.atom_id).collect();
    assert_eq!(all.len(), 2);
}

/// A label that came with an entry that leaves came with the next that has it; who withdraws all that it has stops nobody.
#[test]
fn u35_a_label_that_another_brought_stays() {
    let scene = Scene::new();
    scene.record(poll(
        "a",
        hour(0),
        vec![entry("a", "one"), entry("a", "two")],
    ));
    for (feed, at) in [("b", 1), ("c", 2)] {
        let copy = labelled(entry(feed, "one"), &["zoo"]);
        assert_eq!(scene.record(poll(feed, hour(at), vec![copy])).copies, 1);
    }
    scene.record(withdraws("b", 3, Vec::new(), &[("one", 3)]));
    assert_eq!(scene.titles(Some("zoo")).len(), 1);
    let joined = "SELECT f.name FROM joined AS j JOIN entries AS e ON e.id = j.entry JOIN feeds AS f ON f.id = e.feed";
    assert_eq!(scene.value::<String>(joined), "c");
}

/// An article is as old as it is, whichever of its entries leaves: what came after it is not kept for longer.
#[test]
fn u35_what_is_old_goes_though_an_article_before_it_is_told_on() {
    let scene = Scene::new();
    let seeds = vec![seed("a", 1), seed("b", 1)];
    wait(scene.store().set_feeds(seeds, start())).unwrap();
    let days = |days: i64| 24 * days;
    scene.record(poll(
        "a",
        hour(0),
        vec![entry("a", "one"), entry("a", "two")],
    ));
    scene.record(poll("b", hour(days(60)), vec![entry("b", "one")]));
    scene.record(withdraws(
        "a",
        days(61),
        vec![entry("a", "three")],
        &[("one", days(61))],
    ));
    assert_eq!(scene.titles(None).len(), 3);
    assert_eq!(scene.retain(hour(days(181)), &Settings::default()), 1);
    let mut left = scene.titles(None);
    left.sort_unstable();
    assert_eq!(
        left,
        ["Pangolins sighted near one", "Pangolins sighted near three"]
    );
}

/// A feed withdraws what it has under an id.
fn takes_back(feed: &str, id: &str, at: i64) -> PollRecord {
    let withdrawal = Withdrawal {
        id: id.to_owned(),
        at: hour(at),
        restored_at: None,
    };
    PollRecord {
        withdrawals: vec![withdrawal],
        ..poll(feed, hour(at), Vec::new())
    }
}

/// The entry of a feed under this id.
fn under(feed: &str, id: &str) -> EntryRecord {
    let mut record = entry(feed, "one");
    id.clone_into(&mut record.entry.entry_id);
    record.entry.keys[0] = key(KeyKind::Guid, &format!("{feed} {id}"));
    record
}

/// Who copies an article and takes the copy back has no right to its id by that, whoever takes the article before or after it, and how.
#[test]
fn u3_who_withdrew_a_copy_gets_no_id_by_it() {
    for own in ["https://b.example/one", "1234"] {
        for id in [own, "https://h.example/one"] {
            for how in ["purged", "withdrawn", "withdrawn first", "other news"] {
                a_copy_is_withdrawn(own, id, how);
            }
        }
    }
}

/// Under which id its own feed has it, and another, and how its own feed takes it.
fn a_copy_is_withdrawn(own: &str, id: &str, how: &str) {
    let scene = Scene::new();
    scene.record(poll("b", hour(0), vec![under("b", own)]));
    let before = ids(&scene);
    let copy = under("h", id);
    assert_eq!(
        scene.record(poll("h", hour(1), vec![copy.clone()])).copies,
        1
    );
    let withdraw = |feed, id| assert_eq!(scene.record(takes_back(feed, id, 2)).withdrawn, 1);
    let elsewhere = |mut record: EntryRecord, title, feed: &str| {
        record.entry.keys[1] = key(KeyKind::Url, &format!("https://{feed}.example/other"));
        edited(updated(record, 4), title)
    };
    match how {
        "purged" => {
            withdraw("h", id);
            let settings = Settings {
                max_entries: Some(0),
                ..Settings::default()
            };
            scene.retain(hour(3), &settings);
        }
        "withdrawn" => {
            withdraw("h", id);
            withdraw("b", own);
        }
        _ => {
            withdraw("b", own);
            if how == "other news" {
                let other = elsewhere(under("b", own), "Ferry sinks before Veracruz", "b");
                assert_eq!(scene.record(poll("b", hour(3), vec![other])).new, 1);
            }
            withdraw("h", id);
        }
    }
    let other = elsewhere(copy, "Coins for everybody who calls today", "h");
    assert_eq!(scene.record(poll("h", hour(4), vec![other])).new, 1);
    let articles = scene.store().articles(None, 9).unwrap();
    let of_h = articles
        .iter()
        .find(|it| it.title.starts_with("Coins"))
        .unwrap();
    assert!(!before.contains(&of_h.atom_id), "{own} {id} {how}");
}

/// Two feeds of a publisher withdraw what they share and list it again, as often as they like: it is one article.
#[test]
fn u35_what_two_feeds_share_is_one_article_again() {
    for orders in [["ab", "ab"], ["ab", "ba"], ["ba", "ab"]] {
        shared_goes_and_comes(orders, |_| "https://news.example/1".to_owned());
        shared_goes_and_comes(orders, |feed| format!("https://{feed}.example/one"));
    }
}

/// In which orders the feeds withdraw it, and under which id each has it.
fn shared_goes_and_comes(orders: [&str; 2], id: fn(&str) -> String) {
    let scene = Scene::new();
    let feeds = |all: &str| all.chars().map(String::from).collect::<Vec<_>>();
    let list = |order: &str, at| {
        for feed in feeds(order) {
            let record = updated(under(&feed, &id(&feed)), at);
            scene.record(poll(&feed, hour(at), vec![record]));
        }
        assert_eq!(ids(&scene).len(), 1, "{orders:?} {}", id("x"));
    };
    list("ab", 0);
    for (round, order) in (0..).zip(orders) {
        for feed in feeds(order) {
            let counts = scene.record(takes_back(&feed, &id(&feed), 2 + 4 * round));
            assert_eq!(counts.withdrawn, 1);
        }
        assert!(ids(&scene).is_empty());
        list(orders[1], 4 + 4 * round);
    }
}

/// What others list is theirs, also where they say from whom they have it: it stays, and is news when it comes after that.
#[test]
fn u35_what_passes_it_on_stays() {
    for id in ["https://a.example/one", "https://planet.example/one"] {
        passed_on_stays(id, true);
        passed_on_stays(id, false);
    }
}

/// Under which id a planet has it, and whether it had it before it was withdrawn.
fn passed_on_stays(id: &str, is_before: bool) {
    let scene = Scene::new();
    let seeds = vec![seed("a", 1), seed("planet", 1)];
    wait(scene.store().set_feeds(seeds, start())).unwrap();
    scene.record(poll("a", hour(0), vec![one(), entry("a", "two")]));
    let mut passed_on = under("planet", id);
    passed_on.entry.source = Some(Source {
        id: "https://a.example/feed".to_owned(),
        ..Source::default()
    });
    let brings = |at| scene.record(poll("planet", hour(at), vec![passed_on.clone()]));
    if is_before {
        assert_eq!(brings(1).copies, 1);
    }
    let listed = vec![entry("a", "two")];
    let counts = scene.record(withdraws("a", 30, listed, &[("one", 30)]));
    assert_eq!(counts.withdrawn, 1);
    assert_eq!(brings(31).new, u32::from(!is_before), "{id}");
    assert_eq!(scene.titles(None).len(), 2, "{id} {is_before}");
    let counts = scene.record(poll("a", hour(100), vec![updated(one(), 100)]));
    assert_eq!((counts.new, counts.copies), (0, 1), "{id} {is_before}");
}

/// What was put back stands, also when the feed lists it no more and goes on telling that it was withdrawn.
#[test]
fn u35_what_was_put_back_is_not_withdrawn_by_the_word_of_before() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![one()]));
    let mut record = withdraws("a", 4, vec![updated(one(), 3)], &[("one", 2)]);
    record.withdrawals[0].restored_at = Some(hour(3));
    assert!(!scene.record(record).changed());
    for (at, goes) in [(2, false), (3, true)] {
        let counts = scene.record(withdraws("a", 5, vec![entry("a", "two")], &[("one", at)]));
        assert_eq!(counts.withdrawn, u32::from(goes), "{at}");
    }
}

/// A feed may take back all that it has, as often as it likes.
#[test]
fn u35_a_feed_withdraws_all_of_its_own() {
    let scene = Scene::new();
    let names: Vec<String> = (0..300).map(|it| format!("{it}")).collect();
    let all = |feed: &str| names.iter().map(|name| entry(feed, name)).collect();
    scene.record(poll("a", hour(0), all("a")));
    scene.record(poll(
        "b",
        hour(0),
        vec![entry("b", "7"), entry("b", "other")],
    ));
    let told: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
    for expected in [300, 0] {
        let counts = scene.record(withdraws("a", 1, Vec::new(), &told));
        assert_eq!(counts.withdrawn, expected);
        let mut left = scene.titles(None);
        left.sort_unstable();
        assert_eq!(
            left,
            ["Pangolins sighted near 7", "Pangolins sighted near other"]
        );
    }
}
