//! What becomes an entry of an output after its archive looked at it, and when it counts as come.

use super::*;
use crate::model::Rules;
use crate::publish::Unit;
use crate::store::{Arrivals, Ledger};

/// An output of what has a label.
fn output(label: &str) -> Output {
    Output {
        items: 2,
        ..Output::new("some", "Some", Selection::Label(label.to_owned()))
    }
}

/// Rules under which a label holds.
fn rules(label: &str) -> Arc<Rules> {
    Arc::new(Rules {
        whole: [1; 16],
        of: [(label.to_owned(), [1; 16])].into(),
        ..Rules::default()
    })
}

/// Notes what an output lists, until nothing more is to be looked at.
fn note(scene: &Scene, output: &Output) -> Ledger {
    loop {
        let arrivals = read(scene, output);
        let ledger = scene.store().note(arrivals).unwrap().unwrap();
        if !ledger.is_behind {
            return ledger;
        }
    }
}

/// What an output lists now.
fn read(scene: &Scene, output: &Output) -> Arrivals {
    let (seen, listed) = scene.store().listed((output, None), 10).unwrap();
    let listed = listed
        .iter()
        .map(|(number, it)| (it.atom_id.clone(), *number));
    Arrivals {
        output: output.clone(),
        basis: [1; 32],
        seen,
        listed: listed.collect(),
        others: Vec::new(),
        now: start(),
    }
}

/// A store in which the rule of a label holds, and a poll by it.
fn scene(label: &str) -> (Scene, impl Fn(&Scene, &str, i64, Vec<EntryRecord>)) {
    let scene = Scene::new();
    let rules = rules(label);
    wait(scene.store().want_rules(Arc::clone(&rules))).unwrap();
    let brings = move |scene: &Scene, feed: &str, hours: i64, entries: Vec<EntryRecord>| {
        scene.record(PollRecord {
            rules: Arc::clone(&rules),
            ..poll(feed, hour(hours), entries)
        });
    };
    (scene, brings)
}

const ROWS: &str = "SELECT count(*) FROM late WHERE label = 'zoo'";

#[test]
fn what_gets_a_label_late_is_noted_once_and_forgotten() {
    let (scene, brings) = scene("zoo");
    let zoo = output("zoo");
    let old = || entry("inner", "old");
    let names = ["n1", "n2", "n3", "n4"];
    let newer = || names.map(|name| labelled(entry("a", name), &["zoo"]));
    brings(&scene, "inner", 0, vec![old()]);
    brings(&scene, "a", 1, newer().to_vec());
    assert_eq!(note(&scene, &zoo).waiting.len(), 4);
    assert_eq!(scene.value::<i64>(ROWS), 0, "new articles are no late ones");

    let mut same = labelled(entry("a", "old"), &["zoo"]);
    same.entry.published_at = hour(-30);
    brings(&scene, "a", 2, vec![same]);
    assert_eq!(scene.value::<i64>(ROWS), 1);
    let waiting = note(&scene, &zoo).waiting;
    assert_eq!(waiting.len(), 5);
    assert_eq!(note(&scene, &zoo).waiting, waiting);

    // One row is left, so that numbers go on.
    brings(&scene, "b", 3, vec![labelled(entry("b", "n1"), &["zoo"])]);
    note(&scene, &zoo);
    let last = "SELECT max(number) FROM late";
    let number: i64 = scene.value(last);
    let outputs = std::collections::BTreeSet::from(["some".to_owned()]);
    let grace = SignedDuration::ZERO;
    scene
        .store()
        .sweep_archives(outputs, start(), grace)
        .unwrap();
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM late"), 1);
    assert_eq!(scene.value::<i64>(last), number);
}

#[test]
fn a_story_that_is_told_otherwise_is_looked_at_with_all_its_reports() {
    let (scene, brings) = scene("zoo");
    let carried = Output {
        min_sources: 2,
        ..Output::new("some", "Some", Selection::All)
    };
    let told = Output {
        unit: Unit::Story,
        ..Output::new("told", "Told", Selection::All)
    };
    brings(
        &scene,
        "a",
        0,
        vec![stories::quake("a", 0), stories::ferry("a", 0)],
    );
    assert!(note(&scene, &carried).waiting.is_empty());
    assert_eq!(note(&scene, &told).waiting.len(), 2);
    brings(&scene, "b", 2, vec![stories::rescue("b", 2)]);
    assert_eq!(note(&scene, &carried).waiting.len(), 2);
    assert_eq!(
        note(&scene, &told).waiting.len(),
        2,
        "by the same name as before"
    );
}

/// What enough outlets carry since another owns a feed is looked at with the reload that says so; in a story, and alone.
#[test]
fn what_another_owner_brings_in_is_looked_at() {
    let (scene, brings) = scene("zoo");
    let carried = Output {
        items: 1,
        stay: Duration::ZERO,
        min_sources: 2,
        ..Output::new("some", "Some", Selection::All)
    };
    let own = |scene: &Scene, owner: Option<&str>| {
        let mut seeds = ["a", "b", "c"].map(|feed| seed(feed, 0));
        for seed in &mut seeds[..2] {
            seed.outlet.owner = owner.map(str::to_owned);
        }
        wait(scene.store().set_feeds(seeds.to_vec(), start())).unwrap();
        wait(scene.store().choose_leads(hour(9))).unwrap();
    };
    // Each at a site of its own.
    let entry = |feed: &str, name: &str| {
        let mut record = entry(feed, name);
        record.entry.url = Some(format!("https://{feed}.example/{name}"));
        record
    };
    let only_last = |scene: &Scene| {
        let (_, listed) = scene.store().listed((&carried, None), 9).unwrap();
        listed.len() == 1 && listed[0].1.title.contains("three")
    };
    own(&scene, Some("press"));
    brings(
        &scene,
        "a",
        0,
        vec![stories::quake("a", 0), entry("a", "two")],
    );
    let copy = entry("b", "two");
    brings(&scene, "b", 1, vec![stories::rescue("b", 1), copy]);
    for feed in ["a", "c"] {
        let mut three = entry(feed, "three");
        three.entry.published_at = hour(8);
        brings(&scene, feed, 8, vec![three]);
    }
    assert_eq!(note(&scene, &carried).waiting.len(), 1);
    assert!(only_last(&scene));
    own(&scene, None);
    assert!(only_last(&scene), "the others are too old to be listed");
    assert_eq!(note(&scene, &carried).waiting.len(), 4);
    // Nothing is looked at where nothing grew.
    let rows = "SELECT coalesce(max(number), 0) FROM late";
    let before: i64 = scene.value(rows);
    own(&scene, Some("press"));
    assert_eq!(scene.value::<i64>(rows), before);
    assert_eq!(note(&scene, &carried).waiting.len(), 1);
}

/// Half a day of events is looked at in parts.
#[test]
fn many_events_are_looked_at_in_parts() {
    let (scene, brings) = scene("zoo");
    let zoo = output("zoo");
    brings(&scene, "a", 0, vec![labelled(entry("a", "one"), &["zoo"])]);
    let waiting = note(&scene, &zoo).waiting;
    scene.meddle(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
         INSERT INTO late (label, article) SELECT 'zoo', 1 FROM n",
    );
    assert_eq!(note(&scene, &zoo).waiting, waiting);
    assert_eq!(scene.value::<i64>("SELECT late_to FROM archives"), 1300);
}

/// An article comes to a label with the first entry that has it, until none has.
#[test]
fn an_article_comes_to_a_label_with_its_first_entry_there() {
    let (scene, brings) = scene("zoo");
    let one = |feed: &str, labels: &[&str]| labelled(entry(feed, "one"), labels);
    let joined = || {
        scene.value::<Option<String>>(
            "SELECT group_concat(label || ' ' || article || ' ' || entry) FROM joined",
        )
    };
    brings(&scene, "a", 0, vec![one("a", &[])]);
    brings(&scene, "b", 1, vec![one("b", &["zoo"])]);
    brings(&scene, "c", 2, vec![one("c", &["zoo"])]);
    assert_eq!(joined(), Some("zoo 1 2".to_owned()));
    for feed in ["b", "c"] {
        let without = edited(one(feed, &[]), "Pangolins gone from one");
        brings(&scene, feed, 3, vec![without]);
    }
    assert_eq!(joined(), None);
    // Where the first has it, there is nothing to say.
    brings(&scene, "a", 4, vec![labelled(entry("a", "two"), &["zoo"])]);
    brings(&scene, "b", 5, vec![labelled(entry("b", "two"), &["zoo"])]);
    assert_eq!(joined(), None);
}

/// It is listed by then, and would have been archived for not being.
#[test]
fn what_happens_after_the_output_was_read_is_looked_at_the_next_time() {
    let (scene, brings) = scene("zoo");
    let zoo = output("zoo");
    brings(&scene, "inner", 0, vec![entry("inner", "old")]);
    brings(&scene, "a", 1, vec![labelled(entry("a", "n1"), &["zoo"])]);
    note(&scene, &zoo);
    let before = read(&scene, &zoo);
    brings(&scene, "a", 2, vec![labelled(entry("a", "old"), &["zoo"])]);
    let ledger = scene.store().note(before).unwrap().unwrap();
    assert_eq!((ledger.waiting.len(), ledger.is_behind), (1, false));
    let waiting = note(&scene, &zoo).waiting;
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|it| it.is_listed));
}
