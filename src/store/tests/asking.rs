//! Rules that ask for a topic which takes whole stories: what is judged again, and when.

use super::shares::{EVENT, event};
use super::*;
use crate::model::{Rules, Scope};
use crate::store::Judge;
use std::collections::BTreeMap;

/// Rules by which `lima` takes whole stories, and `part` and `rest` ask for it.
fn rules(asked: bool) -> Arc<Rules> {
    let of = ["lima", "part", "rest"].map(|label| (label.to_owned(), [u8::from(asked); 16]));
    let asked = asked.then(|| "lima".to_owned());
    Arc::new(Rules {
        whole: digest(&format!("{asked:?}")),
        of: of.into(),
        pulls: BTreeMap::from([("lima".to_owned(), Scope::default())]),
        excluding: asked.iter().map(|_| "rest".to_owned()).collect(),
        asked: asked.into_iter().collect(),
        open: None,
    })
}

/// Judges as the queries `title:(shakes OR search)`, `topic:lima -title:power` and `-topic:lima` would.
fn judge() -> Judge {
    Arc::new(|entry: &Entry, with_story: &[String]| {
        let is_lima = ["shakes", "search"]
            .iter()
            .any(|it| entry.title.contains(it));
        let has_lima = is_lima || with_story == ["lima"];
        let is_part = has_lima && !entry.title.contains("Power");
        let labels = [("lima", is_lima), ("part", is_part), ("rest", !has_lima)];
        let labels = labels.into_iter().filter(|(_, holds)| *holds);
        let labels: Vec<&str> = labels.map(|(label, _)| label).collect();
        labelled(super::entry("a", "any"), &labels).topics
    })
}

/// Brings a report as a poll labels it, without regard to its story; returns whether entries wait.
fn bring(scene: &Scene, rules: &Arc<Rules>, number: usize) -> bool {
    let (feed, mut record) = event(number, &[]);
    record.topics = judge()(&record.entry, &[]);
    let at = hour(i64::try_from(number).unwrap());
    let poll = PollRecord {
        rules: Arc::clone(rules),
        ..poll(&feed, at, vec![record])
    };
    scene.record(poll).unlabelled
}

/// Judges what waits; returns the labels of what was judged.
fn settle(scene: &Scene, rules: &Arc<Rules>) -> Vec<String> {
    let mut judged = Vec::new();
    loop {
        let left = wait(scene.store().switch_rules(Arc::clone(rules), judge()));
        let left = left.unwrap().unwrap();
        judged.extend(left.judged);
        if !left.queued {
            return judged;
        }
    }
}

fn titles(numbers: &[usize]) -> Vec<String> {
    let titles = numbers.iter().map(|number| EVENT[*number].1.to_owned());
    titles.collect()
}

#[test]
fn who_asks_for_a_topic_has_its_stories_while_it_has_them() {
    let scene = Scene::new();
    let rules = rules(true);
    wait(scene.store().want_rules(Arc::clone(&rules))).unwrap();
    for (number, waits, part) in [
        (0, false, &[0][..]),
        (3, false, &[0]),
        // Two of three: the power cut is with them, and not in the part.
        (1, true, &[1, 0]),
        (2, true, &[2, 1, 0]),
        // Two of five.
        (4, true, &[1, 0]),
    ] {
        assert_eq!(bring(&scene, &rules, number), waits, "{number}");
        let judged = settle(&scene, &rules);
        assert_eq!(judged.contains(&"part".to_owned()), waits, "{number}");
        assert_eq!(scene.titles(Some("part")), titles(part), "{number}");
        assert!(settle(&scene, &rules).is_empty());
    }
}

#[test]
fn an_edited_entry_of_a_story_keeps_its_labels_until_it_is_judged_with_it() {
    let scene = Scene::new();
    let rules = rules(true);
    wait(scene.store().want_rules(Arc::clone(&rules))).unwrap();
    for number in 0..3 {
        bring(&scene, &rules, number);
    }
    settle(&scene, &rules);
    for (more, expected) in [(", say doctors", 3), (" without Power", 2)] {
        let (feed, mut record) = event(2, &[]);
        record.entry.title.push_str(more);
        refresh(&mut record);
        let counts = scene.record(PollRecord {
            rules: Arc::clone(&rules),
            ..poll(&feed, hour(9), vec![record])
        });
        assert!(counts.unlabelled);
        assert_eq!(scene.titles(Some("part")).len(), 3);
        settle(&scene, &rules);
        assert_eq!(scene.titles(Some("part")).len(), expected, "{more}");
    }
}

#[test]
fn nothing_waits_where_nobody_asks() {
    let scene = Scene::new();
    let rules = rules(false);
    wait(scene.store().want_rules(Arc::clone(&rules))).unwrap();
    for number in 0..EVENT.len() {
        assert!(!bring(&scene, &rules, number));
    }
}

/// A rule that asks from now on finds the stories that were taken before, and none before the switch.
#[test]
fn who_asks_from_now_on_has_the_stories_of_before() {
    let scene = Scene::new();
    let (before, after) = (rules(false), rules(true));
    wait(scene.store().want_rules(Arc::clone(&before))).unwrap();
    for number in 0..3 {
        bring(&scene, &before, number);
    }
    assert_eq!(scene.titles(Some("part")), titles(&[1, 0]));
    let pending = wait(scene.store().want_rules(Arc::clone(&after))).unwrap();
    let read = scene.store().readable(0, pending.up_to).unwrap();
    let found = read.iter().map(|it| (it.number, judge()(&it.entry, &[])));
    let stage = scene
        .store()
        .stage(Arc::clone(&after), found.collect(), pending.up_to);
    assert!(wait(stage).unwrap());
    assert_eq!(scene.titles(Some("part")), titles(&[1, 0]));
    settle(&scene, &after);
    assert_eq!(scene.titles(Some("part")), titles(&[2, 1, 0]));
    while wait(scene.store().sweep_labels()).unwrap() {}
}

/// Nor is what came with an earlier poll, unless readers may have seen it since.
#[test]
fn what_nobody_has_seen_goes_with_the_poll_that_takes_its_story() {
    for (is_seen, before, after) in [(false, &[3][..], &[][..]), (true, &[3], &[3])] {
        let scene = Scene::new();
        let rules = rules(true);
        wait(scene.store().want_rules(Arc::clone(&rules))).unwrap();
        scene.store().note_shown(&rules).unwrap();
        bring(&scene, &rules, 0);
        bring(&scene, &rules, 3);
        assert_eq!(scene.titles(Some("rest")), titles(before));
        if is_seen {
            scene.store().note_shown(&rules).unwrap();
        }
        assert!(bring(&scene, &rules, 1));
        assert_eq!(scene.titles(Some("rest")), titles(after), "{is_seen}");
        settle(&scene, &rules);
        assert!(scene.titles(Some("rest")).is_empty());
        // Two of five: it is no part of the topic any more, and nothing was lost of it.
        bring(&scene, &rules, 2);
        bring(&scene, &rules, 4);
        settle(&scene, &rules);
        assert!(scene.titles(Some("rest")).contains(&titles(&[3])[0]));
    }
}

/// What an edit brought goes, too, unless readers may have seen it: since the edit, or since it was there before.
#[test]
fn what_an_edit_brought_goes_with_the_poll_that_takes_its_story() {
    for (before, is_seen, left) in [
        (&[][..], false, 0),
        (&[], true, 1),
        (&["rest"], false, 1),
        (&["part"], false, 0),
    ] {
        let scene = Scene::new();
        let rules = rules(true);
        wait(scene.store().want_rules(Arc::clone(&rules))).unwrap();
        let brings = |hours, edit: &str, topics: Option<&[&str]>| {
            let (feed, mut record) = event(3, topics.unwrap_or_default());
            record.entry.title.push_str(edit);
            if topics.is_none() {
                record.topics = judge()(&record.entry, &[]);
            }
            refresh(&mut record);
            scene.record(PollRecord {
                rules: Arc::clone(&rules),
                ..poll(&feed, hour(hours), vec![record])
            });
        };
        let rest = || scene.titles(Some("rest")).len();
        bring(&scene, &rules, 0);
        brings(3, "", Some(before));
        scene.store().note_shown(&rules).unwrap();
        // Of two edits the first counts: what was there before it, readers have seen.
        brings(4, ", says the mayor", None);
        brings(5, ", says the grid", None);
        assert_eq!(rest(), 1, "{before:?}");
        if is_seen {
            scene.store().note_shown(&rules).unwrap();
        }
        assert!(bring(&scene, &rules, 1));
        assert_eq!(rest(), left, "{before:?} {is_seen}");
        settle(&scene, &rules);
        assert_eq!(rest(), 0, "{before:?} {is_seen}");
    }
}

/// What a story takes away is never there for a moment, since readers keep what they see: neither of what comes to a story
/// that is taken, nor of what is taken with the last entry of its own document, nor of what is edited.
#[test]
fn what_its_story_excludes_is_not_there_before_that_is_judged() {
    let scene = Scene::new();
    let rules = rules(true);
    wait(scene.store().want_rules(Arc::clone(&rules))).unwrap();
    bring(&scene, &rules, 0);
    let records = [3, 1].map(|number| {
        let (_, mut record) = event(number, &[]);
        record.topics = judge()(&record.entry, &[]);
        record.entry.feed = FeedId::new("b");
        record
    });
    let poll = PollRecord {
        rules: Arc::clone(&rules),
        ..poll("b", hour(1), records.into())
    };
    assert!(scene.record(poll.clone()).unlabelled);
    assert!(scene.titles(Some("rest")).is_empty(), "with the others");
    settle(&scene, &rules);
    assert!(bring(&scene, &rules, 2));
    assert!(scene.titles(Some("rest")).is_empty(), "after them");
    let mut edited = poll.entries[0].clone();
    edited.entry.title.push_str(", say some");
    refresh(&mut edited);
    let entries = vec![edited];
    assert!(scene.record(PollRecord { entries, ..poll }).unlabelled);
    assert!(scene.titles(Some("rest")).is_empty(), "edited");
    settle(&scene, &rules);
    assert!(scene.titles(Some("rest")).is_empty());
    // Two of five: from then on they are there.
    bring(&scene, &rules, 4);
    settle(&scene, &rules);
    assert_eq!(scene.titles(Some("rest")).len(), 3);
}
