//! Changed rules over what is stored: old labels until the last entry is judged, then the new ones at once.

use super::*;
use crate::model::Rules;
use crate::store::{Found, Judge, RuleDigests};

/// Rules of these labels, each with a digest of its version.
fn rules(versions: &[(&str, u8)]) -> Arc<Rules> {
    let of = versions
        .iter()
        .map(|(label, version)| ((*label).to_owned(), [*version; 16]));
    let text = format!("{versions:?}");
    Arc::new(Rules {
        whole: digest(&text),
        of: of.collect(),
        ..Rules::default()
    })
}

/// A poll whose entries were labelled by these rules.
fn poll_by(rules: &Arc<Rules>, hours: i64, entries: Vec<EntryRecord>) -> PollRecord {
    PollRecord {
        rules: Arc::clone(rules),
        ..poll("a", hour(hours), entries)
    }
}

/// Judges an entry by its title: it has each label that stands there.
fn judge(labels: &'static [&'static str]) -> Judge {
    Arc::new(|entry: &Entry, _: &[String]| {
        let named = labels.iter().filter(|label| entry.title.contains(**label));
        let named: Vec<&str> = named.copied().collect();
        labelled(super::entry("a", "any"), &named).topics
    })
}

/// Reads and stages everything up to where the store says.
fn stage(scene: &Scene, rules: &Arc<Rules>, judge: &Judge, to: i64) -> bool {
    let read = scene.store().readable(0, to).unwrap();
    let found: Found = read
        .iter()
        .map(|read| (read.number, judge(&read.entry, &[])))
        .collect();
    wait(scene.store().stage(Arc::clone(rules), found, to)).unwrap()
}

fn switch(scene: &Scene, rules: &Arc<Rules>, judge: &Judge) -> bool {
    let left = wait(
        scene
            .store()
            .switch_rules(Arc::clone(rules), Arc::clone(judge)),
    );
    left.unwrap().is_some_and(|left| !left.staged)
}

fn sweep(scene: &Scene) {
    while wait(scene.store().sweep_labels()).unwrap() {}
    for table in ["unread_labels", "staged_rules", "relabel_queue"] {
        assert_eq!(
            scene.value::<i64>(&format!("SELECT count(*) FROM {table}")),
            0,
            "{table}"
        );
    }
}

/// A store with two entries, one of them in the topic `one`.
fn scene(old: &Arc<Rules>) -> Scene {
    let scene = Scene::new();
    wait(scene.store().want_rules(Arc::clone(old))).unwrap();
    let entries = vec![labelled(entry("a", "one"), &["one"]), entry("a", "two")];
    let counts = scene.record(poll_by(old, 0, entries));
    assert!(!counts.unlabelled);
    assert_eq!(counts.labels, ["one"]);
    scene
}

const ONE: &str = "Pangolins sighted near one";
const TWO: &str = "Pangolins sighted near two";

#[test]
fn readers_see_the_old_labels_until_the_switch_and_then_the_new_ones() {
    let (old, new) = (rules(&[("one", 1)]), rules(&[("one", 2), ("two", 1)]));
    let scene = scene(&old);
    let pending = wait(scene.store().want_rules(Arc::clone(&new))).unwrap();
    assert_eq!(Vec::from_iter(&pending.changed), ["one", "two"]);
    // The new rule of the topic `one` finds the second entry, and that alone.
    let judge: Judge = Arc::new(|entry: &Entry, _: &[String]| {
        let is_two = entry.title == TWO;
        let labels: &[&str] = if is_two { &["one", "two"] } else { &[] };
        labelled(super::entry("a", "any"), labels).topics
    });
    assert!(stage(&scene, &new, &judge, pending.up_to));
    assert_eq!(scene.titles(Some("one")), [ONE]);
    assert!(scene.titles(Some("two")).is_empty());
    assert!(switch(&scene, &new, &judge));
    assert_eq!(scene.titles(Some("one")), [TWO]);
    assert_eq!(scene.titles(Some("two")), [TWO]);
    sweep(&scene);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM matches"), 2);
}

/// Digests are told while others hold than are wanted, and of no rules but these.
#[test]
fn what_holds_is_told_where_that_is_not_what_is_wanted() {
    let (old, new) = (rules(&[("one", 1)]), rules(&[("one", 2), ("two", 1)]));
    let scene = scene(&old);
    let held = |wanted: &Arc<Rules>| scene.store().note_shown(wanted).unwrap();
    assert_eq!(held(&old), None);
    let one = RuleDigests::from([("one".to_owned(), Some([1; 16]))]);
    assert_eq!(held(&new).as_ref(), Some(&one));
    let pending = wait(scene.store().want_rules(Arc::clone(&new))).unwrap();
    assert_eq!(held(&new).as_ref(), Some(&one));
    assert_eq!(held(&old).as_ref(), Some(&one), "they hold, and go");
    let judge = judge(&["one", "two"]);
    assert!(stage(&scene, &new, &judge, pending.up_to));
    assert_eq!(held(&new).as_ref(), Some(&one));
    assert!(switch(&scene, &new, &judge));
    assert_eq!(held(&new), None);
    let two =
        [("one", 2), ("two", 1)].map(|(label, version)| (label.to_owned(), Some([version; 16])));
    assert_eq!(held(&old), Some(two.into()));
}

#[test]
fn what_comes_meanwhile_waits_for_the_new_rules_whoever_labelled_it() {
    let (old, new) = (
        rules(&[("one", 1), ("near", 1)]),
        rules(&[("one", 2), ("near", 1)]),
    );
    let scene = scene(&old);
    let pending = wait(scene.store().want_rules(Arc::clone(&new))).unwrap();
    let judge = judge(&["one", "near"]);
    // By the old rules and by the new ones; one is new, one is an edit of what is stored.
    let three = labelled(entry("a", "three and one"), &["near"]);
    let counts = scene.record(poll_by(&old, 1, vec![three]));
    assert!(counts.unlabelled);
    let two = edited(entry("a", "two"), "Two now near one");
    scene.record(poll_by(&new, 2, vec![two]));
    // A rule that stays gives its label at once; one that changes does not.
    assert_eq!(scene.titles(Some("near")).len(), 1);
    assert_eq!(scene.titles(Some("one")), [ONE]);
    assert!(stage(&scene, &new, &judge, pending.up_to));
    assert!(switch(&scene, &new, &judge));
    assert_eq!(scene.titles(Some("one")).len(), 3);
    // A poll that began before all of it and ends after it.
    let four = labelled(entry("a", "four, one"), &["near"]);
    assert!(scene.record(poll_by(&old, 3, vec![four])).unlabelled);
    assert_eq!(scene.titles(Some("one")).len(), 3);
    assert!(switch(&scene, &new, &judge));
    assert_eq!(scene.titles(Some("one")).len(), 4);
    sweep(&scene);
}

#[test]
fn it_goes_on_after_a_kill_and_is_given_up_for_other_rules() {
    let (old, new) = (rules(&[("one", 1)]), rules(&[("one", 2)]));
    let mut scene = scene(&old);
    let judge = judge(&["two"]);
    wait(scene.store().want_rules(Arc::clone(&new))).unwrap();
    assert!(stage(&scene, &new, &judge, 1));
    assert!(!switch(&scene, &new, &judge), "not all is read");
    scene.restart();
    let pending = wait(scene.store().want_rules(Arc::clone(&new))).unwrap();
    assert_eq!((pending.read_to, pending.up_to), (1, 2));
    assert_eq!(scene.store().relabelling().unwrap(), Some((1, 2)));
    let third = rules(&[("one", 3)]);
    let pending = wait(scene.store().want_rules(Arc::clone(&third))).unwrap();
    assert_eq!((pending.read_to, pending.up_to), (0, 2));
    assert!(!stage(&scene, &new, &judge, 2), "others are wanted");
    assert!(!switch(&scene, &new, &judge));
    // Back to what holds: nothing is to be read.
    let pending = wait(scene.store().want_rules(old)).unwrap();
    assert!(!pending.staged);
    assert_eq!(scene.titles(Some("one")), [ONE]);
    sweep(&scene);
}

#[test]
fn a_rule_that_is_removed_takes_its_label_with_it_and_no_other() {
    let (old, new) = (rules(&[("one", 1)]), rules(&[]));
    let scene = scene(&old);
    let pending = wait(scene.store().want_rules(Arc::clone(&new))).unwrap();
    assert!(pending.staged && pending.changed.is_empty());
    assert_eq!(pending.up_to, 0, "nothing is to be read");
    assert!(switch(&scene, &new, &judge(&[])));
    assert!(scene.titles(Some("one")).is_empty());
    assert_eq!(scene.titles(None).len(), 2);
    assert!(
        scene
            .store()
            .articles(None, 9)
            .unwrap()
            .iter()
            .all(|it| it.topics.is_empty())
    );
    sweep(&scene);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM matches"), 0);
}

#[test]
fn what_retention_takes_meanwhile_leaves_nothing_behind() {
    let (old, new) = (rules(&[("one", 1)]), rules(&[("one", 2)]));
    let scene = scene(&old);
    let judge = judge(&["one", "two"]);
    let pending = wait(scene.store().want_rules(Arc::clone(&new))).unwrap();
    let read = scene.store().readable(0, pending.up_to).unwrap();
    scene.record(poll_by(&new, 1, vec![entry("a", "other")]));
    let settings = Settings {
        max_entries: Some(1),
        ..Settings::default()
    };
    assert_eq!(scene.retain(hour(2), &settings), 2);
    let found = read
        .iter()
        .map(|read| (read.number, judge(&read.entry, &[])));
    let found: Found = found.collect();
    assert!(wait(scene.store().stage(Arc::clone(&new), found, pending.up_to)).unwrap());
    assert!(switch(&scene, &new, &judge));
    sweep(&scene);
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM labels"), 0);
}
