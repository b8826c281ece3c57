//! Ids that readers know from what is stored no more: nobody else gets them (U2, U3).

use super::shares::event;
use super::stories::brings;
use super::*;
use crate::publish::minted_atom_id;

/// An entry of a feed under an id of our choice.
fn under(id: &str, feed: &str, name: &str) -> EntryRecord {
    let mut record = entry(feed, name);
    record.entry.keys[0] = key(KeyKind::Guid, &format!("{feed} {id}"));
    id.clone_into(&mut record.entry.entry_id);
    record
}

/// Ids that are published, newest first.
fn published(scene: &Scene) -> Vec<String> {
    let articles = scene.store().articles(None, 9).unwrap();
    articles
        .into_iter()
        .map(|article| article.atom_id)
        .collect()
}

/// Has retention take everything.
fn purge(scene: &Scene, at: Timestamp) {
    let nothing = Settings {
        max_entries: Some(0),
        ..Settings::default()
    };
    assert!(scene.retain(at, &nothing) > 0);
    assert!(published(scene).is_empty());
}

#[test]
fn u3_the_id_of_what_retention_took_is_given_to_no_other_feed() {
    let id = "https://a.example/live";
    let ours = minted_atom_id("news.example", &FeedId::new("a"), "no iri");
    for (first, claimed) in [(id, id), ("no iri", &ours)] {
        let scene = Scene::new();
        scene.record(poll("a", hour(0), vec![under(first, "a", "one")]));
        assert_eq!(published(&scene), [claimed]);
        purge(&scene, hour(48));
        let says = |feed, title| edited(under(claimed, feed, title), title);
        scene.record(poll("d", hour(49), vec![says("d", "Coins for everybody")]));
        let [given] = published(&scene).try_into().unwrap();
        let expected = minted_atom_id("news.example", &FeedId::new("d"), claimed);
        assert_eq!(given, expected, "{claimed}");
        // As long as either is remembered.
        purge(&scene, hour(96));
        scene.record(poll(
            "e",
            hour(97),
            vec![says("e", "Lottery draws tonight")],
        ));
        let [given] = published(&scene).try_into().unwrap();
        assert_ne!(given, claimed);
    }
}

/// What only we make names an output, a story or an entry of ours, also where none has it so far.
#[test]
fn u3_no_publisher_gets_an_id_that_is_ours() {
    let scene = Scene::new();
    let tag = |specific: &str| format!("tag:news.example,2026:{specific}");
    let claimed = ["output:all", "story:2c01", "entry:2c01", "topics"].map(tag);
    let own = [tag("essay:1"), "https://paper.example/1".to_owned()];
    let all: Vec<&String> = claimed.iter().chain(&own).collect();
    for (at, id) in (0..).zip(&all) {
        let said = edited(
            under(id, "paper", id),
            &format!("Otters counted by mill {at}"),
        );
        scene.record(poll("paper", hour(at), vec![said]));
    }
    let published = published(&scene);
    assert_eq!(published.len(), all.len());
    for id in &claimed {
        let minted = minted_atom_id("news.example", &FeedId::new("paper"), id);
        assert!(
            !published.contains(id) && published.contains(&minted),
            "{id}"
        );
    }
    assert!(own.iter().all(|id| published.contains(id)));
}

/// What was only carried under an id, or only remembered, was not published by it.
#[test]
fn u2_an_id_that_no_reader_knows_is_the_publishers() {
    let scene = Scene::new();
    let id = "https://paper.example/report";
    let mut carried = under(id, "hub", "one");
    carried.entry.keys[1] = entry("wire", "one").entry.keys[1];
    let mut beyond = under("https://paper.example/old", "hub", "two");
    beyond.keep = false;
    scene.record(poll("wire", hour(0), vec![entry("wire", "one")]));
    let counted = scene.record(poll("hub", hour(1), vec![carried, beyond]));
    assert_eq!((counted.copies, counted.new), (1, 0));
    purge(&scene, hour(48));
    for (at, id) in [(49, id), (98, "https://paper.example/old")] {
        let said = edited(under(id, "paper", id), "Otters counted by the mill");
        scene.record(poll("paper", hour(at), vec![said]));
        assert_eq!(published(&scene), [id]);
        purge(&scene, hour(at + 48));
    }
}

/// An id that is that of an entry in very many feeds names nothing, and not all of them are looked at.
#[test]
fn an_id_of_very_many_feeds_is_nobodys() {
    let scene = Scene::new();
    let id = "https://template.example/hello-world";
    for number in 0..66 {
        let feed = format!("f{number}");
        let name = format!("{feed}-hello");
        let said = edited(under(id, &feed, &name), &format!("Hello from {number}"));
        scene.record(poll(&feed, hour(0), vec![said]));
    }
    assert_eq!(published(&scene).len(), 9);
    purge(&scene, hour(48));
    let late = edited(under(id, "late", "late"), "Otters counted by the mill");
    scene.record(poll("late", hour(49), vec![late]));
    assert_ne!(published(&scene), [id]);
}

/// A story goes by the article that it began with, also when that is gone: no other article gets its name.
#[test]
fn u3_the_id_by_which_a_story_goes_is_given_to_no_article() {
    let scene = Scene::new();
    for number in 0..3 {
        let (feed, record) = event(number, &[]);
        brings(&scene, &feed, i64::try_from(number).unwrap(), vec![record]);
    }
    let founder: String = scene.value("SELECT founder FROM stories");
    let leave_two = Settings {
        max_entries: Some(2),
        ..Settings::default()
    };
    assert_eq!(scene.retain(hour(9), &leave_two), 1);
    scene.meddle("DELETE FROM keys WHERE entry IN (SELECT id FROM entries WHERE article IS NULL)");
    scene.meddle("DELETE FROM entries WHERE article IS NULL");
    let claim = edited(under(&founder, "d", "casino"), "Coins for everybody");
    scene.record(poll("d", hour(10), vec![claim]));
    assert!(!published(&scene).contains(&founder), "{founder}");
}
