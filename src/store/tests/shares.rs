//! Topics that take whole stories: what they take, and when they let go of it.

use super::stories::{brings, ferry, quake, report, rescue, story};
use super::*;
use crate::model::{Feeds, Rules, Scope, Share};
use crate::store::{Found, Judge};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Reports of one event, no two of them in the words of the other.
pub(super) const EVENT: [(&str, &str, &str); 6] = [
    (
        "shock",
        "Strong quake shakes Lima, houses collapse",
        "A strong quake shook the coast of Peru before dawn and brought down houses in Lima",
    ),
    (
        "rescue",
        "Rescuers search Lima houses after quake",
        "Rescue teams search collapsed houses in Lima after a strong quake off the coast of Peru",
    ),
    (
        "doctors",
        "Lima quake: hospitals full after houses collapse",
        "Doctors in Lima treat hundreds who were hurt when houses collapsed in the strong quake off Peru",
    ),
    (
        "power",
        "Power is back in parts of Lima after strong quake",
        "Electricity returned to parts of Lima, where the strong quake off Peru collapsed houses",
    ),
    (
        "tents",
        "Tents for quake survivors reach Lima houses",
        "Tents for survivors of the strong quake in Lima, Peru, whose houses collapsed, came by plane",
    ),
    (
        "school",
        "Lima schools stay shut after quake, houses collapse",
        "Schools in Lima, Peru, stay shut a week after the strong quake, in which houses collapsed",
    ),
];

/// The report of that number, from a feed of its own.
pub(super) fn event(number: usize, labels: &[&str]) -> (String, EntryRecord) {
    let (name, title, lead) = EVENT[number];
    let feed = format!("f{number}");
    let hours = i64::try_from(number).unwrap();
    let record = report(&feed, name, hours, title, lead);
    (feed, labelled(record, labels))
}

/// Rules of these labels, of which one takes whole stories.
fn rules(labels: &[&str], pulls: &str, scope: Scope) -> Arc<Rules> {
    let of = labels.iter().map(|label| ((*label).to_owned(), [1; 16]));
    Arc::new(Rules {
        whole: digest(&format!("{labels:?} {pulls} {scope:?}")),
        of: of.collect(),
        pulls: BTreeMap::from([(pulls.to_owned(), scope)]),
        ..Rules::default()
    })
}

/// A store in which the topic `lima` takes whole stories, and `other` does not.
pub(super) fn scene(scope: Scope) -> (Scene, Arc<Rules>) {
    let scene = Scene::new();
    let rules = rules(&["lima", "other"], "lima", scope);
    wait(scene.store().want_rules(Arc::clone(&rules))).unwrap();
    (scene, rules)
}

/// Brings a report of the event; returns the labels whose outputs change.
pub(super) fn bring(
    scene: &Scene,
    rules: &Arc<Rules>,
    number: usize,
    labels: &[&str],
) -> Vec<String> {
    let (feed, record) = event(number, labels);
    let at = hour(i64::try_from(number).unwrap());
    let poll = PollRecord {
        rules: Arc::clone(rules),
        ..poll(&feed, at, vec![record])
    };
    scene.record(poll).labels
}

fn titles(numbers: &[usize]) -> Vec<String> {
    let titles = numbers.iter().map(|number| EVENT[*number].1.to_owned());
    titles.collect()
}

#[test]
fn a_story_comes_and_goes_with_the_share_of_it_that_matches() {
    let (scene, rules) = scene(Scope::default());
    for (number, labels, expected, changed) in [
        (0, &["lima"][..], &[0][..], &["lima"][..]),
        (1, &["other"], &[0], &["lima", "other"]),
        // Two of three: the one between comes with them.
        (2, &["lima"], &[2, 1, 0], &["lima", "other"]),
        (3, &[], &[3, 2, 1, 0], &["lima", "other"]),
        // Two of five.
        (4, &[], &[2, 0], &["lima", "other"]),
        (5, &["lima"], &[5, 4, 3, 2, 1, 0], &["lima", "other"]),
    ] {
        let found = bring(&scene, &rules, number, labels);
        assert_eq!(scene.titles(Some("lima")), titles(expected), "{number}");
        assert_eq!(found, changed, "{number}");
    }
    assert_eq!(scene.titles(Some("other")), titles(&[1]));
    let limited = scene.store().articles(Some("lima"), 2).unwrap();
    assert_eq!(limited[0].title, EVENT[5].1);
    assert_eq!(limited[1].topics, ["lima"], "taken with its story");
    assert_eq!(
        scene.store().labelled("lima").unwrap().len(),
        6,
        "for who plans"
    );
    scene.retain(
        hour(6),
        &Settings {
            max_entries: Some(3),
            ..Settings::default()
        },
    );
    assert_eq!(scene.titles(Some("lima")), titles(&[5]), "one of three");
}

#[test]
fn shares_are_told_of_each_report() {
    let (scene, rules) = scene(Scope::default());
    for (number, labels) in [(0, &["lima"][..]), (1, &["lima"]), (2, &["other"])] {
        bring(&scene, &rules, number, labels);
    }
    let share = Share {
        topic: "lima".to_owned(),
        members: 2,
        reports: 3,
        takes: true,
    };
    for (name, feed) in [("shock", "f0"), ("doctors", "f2")] {
        let stored = stories::stored(&scene, feed, name);
        assert_eq!(stored.shares, std::slice::from_ref(&share), "{name}");
    }
}

#[test]
fn what_a_topic_may_not_hold_it_does_not_take() {
    let out = Feeds {
        group: Some("hobby".to_owned()),
        feeds: Arc::new([FeedId::new("f2")].into()),
    };
    let scope = Scope {
        not_feeds: vec![out],
        not_languages: vec!["ru".to_owned()],
        ..Scope::default()
    };
    let (scene, rules) = scene(scope);
    for (number, labels) in [(0, &["lima"][..]), (1, &["lima"]), (2, &[]), (3, &[])] {
        bring(&scene, &rules, number, labels);
    }
    assert_eq!(scene.titles(Some("lima")), titles(&[3, 1, 0]));
    let article = scene.store().articles(None, 9).unwrap().remove(1);
    assert_eq!(article.title, EVENT[2].1);
    assert!(article.topics.is_empty());
    assert!(!stories::stored(&scene, "f2", "doctors").shares[0].takes);
}

/// Of a report that says no language its words tell it, as they do where its labels are found.
#[test]
fn a_topic_of_some_languages_takes_what_words_tell_to_be_in_them() {
    for (language, taken) in [("en", &[2, 1, 0][..]), ("de", &[1, 0])] {
        let (scene, rules) = scene(Scope {
            languages: vec![language.to_owned()],
            ..Scope::default()
        });
        for (number, labels) in [(0, &["lima"][..]), (1, &["lima"]), (2, &[])] {
            bring(&scene, &rules, number, labels);
        }
        assert_eq!(scene.titles(Some("lima")), titles(taken), "{language}");
    }
}

#[test]
fn a_report_that_turns_to_other_news_is_let_go() {
    let (scene, rules) = scene(Scope::default());
    for (number, labels) in [(0, &["lima"][..]), (1, &["lima"]), (2, &[])] {
        bring(&scene, &rules, number, labels);
    }
    assert_eq!(scene.titles(Some("lima")).len(), 3);
    let lead = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    let fire = report("f2", "doctors", 2, "Woods burn north of Lisbon", lead);
    let counts = scene.record(PollRecord {
        rules: Arc::clone(&rules),
        ..poll("f2", hour(4), vec![fire])
    });
    assert_eq!(counts.labels, ["lima"]);
    assert_eq!(scene.titles(Some("lima")), titles(&[1, 0]));
    // And one that matches no more takes the rest with it.
    bring(&scene, &rules, 3, &[]);
    assert_eq!(scene.titles(Some("lima")), titles(&[3, 1, 0]));
    let counts = {
        let (feed, mut record) = event(0, &[]);
        record.entry.title.push_str(", say the police");
        refresh(&mut record);
        scene.record(PollRecord {
            rules: Arc::clone(&rules),
            ..poll(&feed, hour(5), vec![record])
        })
    };
    assert_eq!(counts.labels, ["lima"]);
    assert_eq!(scene.titles(Some("lima")), titles(&[1]));
}

/// The new rule is weighed beside the old one, and holds from the switch on.
#[test]
fn a_topic_that_takes_whole_stories_from_now_on_takes_those_of_before() {
    let scene = Scene::new();
    let before = Arc::new(Rules {
        pulls: BTreeMap::new(),
        ..(*rules(&["lima"], "lima", Scope::default())).clone()
    });
    wait(scene.store().want_rules(Arc::clone(&before))).unwrap();
    for (number, labels) in [(0, &["lima"][..]), (1, &["lima"]), (2, &[])] {
        bring(&scene, &before, number, labels);
    }
    assert_eq!(scene.titles(Some("lima")), titles(&[1, 0]));
    let after = Arc::new(Rules {
        whole: [7; 16],
        of: BTreeMap::from([("lima".to_owned(), [7; 16])]),
        pulls: BTreeMap::from([("lima".to_owned(), Scope::default())]),
        ..Rules::default()
    });
    relabel(&scene, &after, &[EVENT[0].1, EVENT[1].1]);
    assert_eq!(scene.titles(Some("lima")), titles(&[2, 1, 0]));
    relabel(&scene, &before, &[EVENT[0].1, EVENT[1].1]);
    assert_eq!(scene.titles(Some("lima")), titles(&[1, 0]));
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM pulling"), 0);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM shares"), 0);
}

/// Applies rules by which the topic `lima` holds the articles of these titles.
fn relabel(scene: &Scene, rules: &Arc<Rules>, held: &'static [&'static str]) {
    relabel_by(
        scene,
        rules,
        Arc::new(move |entry: &Entry, _: &[String]| {
            let labels: &[&str] = if held.contains(&entry.title.as_str()) {
                &["lima"]
            } else {
                &[]
            };
            labelled(super::entry("a", "any"), labels).topics
        }),
    );
}

fn relabel_by(scene: &Scene, rules: &Arc<Rules>, judge: Judge) {
    let store = scene.store();
    let pending = wait(store.want_rules(Arc::clone(rules))).unwrap();
    let read = store.readable(0, pending.up_to).unwrap();
    let found: Found = read
        .iter()
        .map(|read| (read.number, judge(&read.entry, &[])))
        .collect();
    assert!(wait(store.stage(Arc::clone(rules), found, pending.up_to)).unwrap());
    let left = wait(store.switch_rules(Arc::clone(rules), judge)).unwrap();
    assert!(left.is_some_and(|left| !left.staged));
    while wait(store.sweep_labels()).unwrap() {}
}

/// Two stories without a word in common, and three reports that have the words of both.
pub(super) const MERGING: [(&str, &str, &str); 7] = [
    (
        "a",
        "Harbour quake: cranes topple",
        "Cranes toppled in the harbour, ships drift",
    ),
    (
        "b",
        "Cranes topple in harbour quake",
        "Ships drift, cranes toppled in the harbour",
    ),
    (
        "c",
        "Airport shut, runway cracked",
        "The runway cracked, flights wait at the airport",
    ),
    (
        "d",
        "Runway cracked at airport, shut",
        "Flights wait, airport shut with a cracked runway",
    ),
    (
        "e",
        "Harbour quake: cranes topple, airport shut, runway cracked",
        "Cranes toppled in the harbour, ships drift, flights wait at the airport, the runway cracked",
    ),
    (
        "f",
        "Quake: harbour cranes topple, airport runway cracked, shut",
        "Cranes toppled in the harbour, ships drift, flights wait at the airport, the runway cracked",
    ),
    (
        "g",
        "Cranes topple in harbour, runway cracked at airport: quake",
        "Cranes toppled in the harbour, ships drift, flights wait at the airport, the runway cracked",
    ),
];

#[test]
fn stories_that_merge_and_part_are_weighed_anew() {
    let (scene, rules) = scene(Scope::default());
    let bring = |at, record: EntryRecord| {
        let feed = record.entry.feed.as_str().to_owned();
        scene.record(PollRecord {
            rules: Arc::clone(&rules),
            ..poll(&feed, hour(at), vec![record])
        })
    };
    for (feed, title, lead) in MERGING {
        let labels: &[&str] = if "cd".contains(feed) { &[] } else { &["lima"] };
        bring(1, labelled(report(feed, "port", 0, title, lead), labels));
    }
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM stories"), 1);
    assert_eq!(scene.titles(Some("lima")).len(), 7, "five of seven");
    for (feed, title, lead) in [
        (
            "e",
            "Woods burn north of Lisbon",
            "Firemen fight flames in pine woods as winds turn",
        ),
        (
            "f",
            "Ferry sinks off Veracruz",
            "Ninety people were aboard when a storm came up",
        ),
        (
            "g",
            "Chess: a draw in the ninth game",
            "Both masters offered to end it after forty moves",
        ),
    ] {
        bring(2, report(feed, "port", 0, title, lead));
    }
    assert_ne!(story(&scene, "a", "port"), story(&scene, "c", "port"));
    assert_eq!(
        scene.titles(Some("lima")),
        [MERGING[1].1, MERGING[0].1],
        "two of two, and none of two"
    );
}

/// What is written for one report more does not depend on how many there are.
#[test]
fn a_report_more_is_as_cheap_in_a_large_story_as_in_a_small_one() {
    let (scene, rules) = scene(Scope::default());
    for (number, labels) in [(0, &["lima"][..]), (1, &["lima", "other"])] {
        bring(&scene, &rules, number, labels);
    }
    let ferry = labelled(ferry("z", 1), &["lima"]);
    scene.record(PollRecord {
        rules,
        ..poll("z", hour(1), vec![ferry])
    });
    let connection = raw(&scene.path());
    let written = [2, 500].map(|more| {
        connection
            .execute_batch(&format!(
                "BEGIN;
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {more})
                 INSERT INTO articles (atom_id, published_at, updated_at, story)
                     SELECT 'urn:' || i, 1000, 1000, (SELECT id FROM stories) FROM n;
                 UPDATE stories SET reports = 2 + {more};
                 UPDATE shares SET members = 1 + {more};
                 UPDATE articles SET story = (SELECT id FROM stories) WHERE id = 3;"
            ))
            .unwrap();
        let count = || -> i64 {
            let total = "SELECT total_changes()";
            connection.query_row(total, [], |row| row.get(0)).unwrap()
        };
        let before = count();
        crate::store::shares::moved(&connection, 3, None, Some(1)).unwrap();
        let written = count() - before;
        connection.execute_batch("ROLLBACK").unwrap();
        written
    });
    assert_eq!(written, [3, 3], "a story, a share, a label to be rendered");
}

#[test]
fn a_database_without_such_topics_counts_nothing() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![labelled(quake("a", 0), &["lima"])]);
    brings(&scene, "b", 1, vec![labelled(rescue("b", 1), &["lima"])]);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM shares"), 0);
    assert_eq!(scene.value::<i64>("SELECT reports FROM stories"), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// In whatever order reports come, match and go, what is kept of a story is what counting it comes to
    /// (`INVARIANTS`, when the scene ends), and equal stories are taken alike.
    #[test]
    fn the_order_of_arrival_changes_nothing(
        order in Just((0..EVENT.len()).collect::<Vec<_>>()).prop_shuffle(),
        matching in proptest::collection::vec(any::<bool>(), EVENT.len()),
        left in 0_u64..6,
    ) {
        let (scene, rules) = scene(Scope::default());
        for number in order {
            let labels: &[&str] = if matching[number] { &["lima"] } else { &[] };
            bring(&scene, &rules, number, labels);
        }
        let one_story = "SELECT count(*) = 1 AND max(reports) = 6 FROM stories";
        prop_assert!(scene.value::<bool>(one_story));
        let members: Vec<usize> = (0..EVENT.len()).rev().filter(|it| matching[*it]).collect();
        let expected = if members.len() >= 3 { (0..EVENT.len()).rev().collect() } else { members };
        prop_assert_eq!(scene.titles(Some("lima")), titles(&expected));
        let settings = Settings { max_entries: Some(left), ..Settings::default() };
        scene.retain(hour(7), &settings);
        let newest: Vec<usize> = (0..EVENT.len()).rev().take(usize::try_from(left).unwrap()).collect();
        let members: Vec<usize> = newest.iter().copied().filter(|it| matching[*it]).collect();
        let is_taken = members.len() >= 2 && members.len() * 2 >= newest.len();
        let expected = if is_taken { newest } else { members };
        prop_assert_eq!(scene.titles(Some("lima")), titles(&expected));
    }
}
