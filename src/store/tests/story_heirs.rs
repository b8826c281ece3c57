//! What stands for a story when the report that it began with is gone.

use super::shares::{EVENT, event};
use super::stories::{brings, report, story};
use super::story_entries::{entries, entry};
use super::*;
use crate::store::labels;

/// By what readers know an entry again.
fn identity(entry: &Article) -> (String, Timestamp, Timestamp) {
    (entry.atom_id.clone(), entry.published_at, entry.updated_at)
}

/// Brings reports of the event, each from a feed of its own.
fn bring(scene: &Scene, numbers: &[usize]) {
    for number in numbers {
        let (feed, record) = event(*number, &[]);
        brings(scene, &feed, i64::try_from(*number).unwrap(), vec![record]);
    }
}

/// Has retention leave so many of the newest entries.
fn leave(scene: &Scene, entries: u64) {
    let most = Settings {
        max_entries: Some(entries),
        ..Settings::default()
    };
    assert!(scene.retain(hour(9), &most) > 0);
}

/// The report of that number with other words in its title.
fn edited_report(number: usize, more: &str) -> (String, EntryRecord) {
    let (feed, mut record) = event(number, &[]);
    record.entry.title.push_str(more);
    refresh(&mut record);
    (feed, record)
}

/// The report of that number becomes one of another event.
fn turn(scene: &Scene, number: usize) {
    let lead = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    let (feed, name) = (format!("f{number}"), EVENT[number].0);
    let hours = i64::try_from(number).unwrap();
    let fire = report(&feed, name, hours, "Woods burn north of Lisbon", lead);
    brings(scene, &feed, 8, vec![fire]);
}

/// Retention takes report after report, the story ends and begins again, and readers see one entry.
#[test]
fn u2_u7_a_story_outlives_the_report_that_it_began_with() {
    let scene = Scene::new();
    bring(&scene, &[0]);
    let first = identity(&entry(&scene));
    bring(&scene, &[1, 2]);
    for left in [2, 1] {
        leave(&scene, left);
        assert_eq!(identity(&entry(&scene)), first, "{left}");
    }
    assert_eq!(story(&scene, "f2", "doctors"), None, "alone");
    bring(&scene, &[3, 4]);
    assert!(story(&scene, "f4", "tents").is_some());
    assert_eq!(identity(&entry(&scene)), first);
    assert_eq!(entry(&scene).reports.len(), 2);
    for left in [2, 1] {
        leave(&scene, left);
        assert_eq!(identity(&entry(&scene)), first, "{left}");
    }
    assert_eq!(entry(&scene).title, EVENT[4].1);
    // What is left may be corrected.
    let (feed, edit) = edited_report(4, ", and none too soon");
    brings(&scene, &feed, 9, vec![edit]);
    let corrected = entry(&scene);
    assert_eq!(
        (corrected.atom_id, corrected.published_at),
        (first.0, first.1)
    );
    assert_eq!(corrected.updated_at, hour(9));
}

#[test]
fn the_dates_of_a_story_are_those_it_had_when_its_first_report_went() {
    let scene = Scene::new();
    bring(&scene, &[0, 1, 2]);
    let (feed, edit) = edited_report(0, ", forty dead");
    brings(&scene, &feed, 5, vec![edit]);
    let first = identity(&entry(&scene));
    assert_eq!(first.2, hour(5));
    leave(&scene, 2);
    assert_eq!(identity(&entry(&scene)), first);
    // Of the others, the one that tells it dates its changes.
    let (feed, edit) = edited_report(2, ", forty dead");
    brings(&scene, &feed, 8, vec![edit]);
    assert_eq!(identity(&entry(&scene)), first);
    let (feed, edit) = edited_report(1, ", forty dead");
    brings(&scene, &feed, 9, vec![edit]);
    assert_eq!(identity(&entry(&scene)), (first.0, first.1, hour(9)));
}

/// The name stays with what is left of the story, and goes to no report that left it.
#[test]
fn u3_a_story_that_falls_apart_after_its_first_report_went_keeps_its_name() {
    let scene = Scene::new();
    bring(&scene, &[0, 1, 2]);
    let first = identity(&entry(&scene));
    leave(&scene, 2);
    turn(&scene, 1);
    assert_eq!(story(&scene, "f2", "doctors"), None);
    let after = entries(&scene);
    let kept = after.iter().find(|it| it.atom_id == first.0).unwrap();
    assert_eq!((kept.title.as_str(), after.len()), (EVENT[2].1, 2));
    assert_eq!(identity(kept), first);
}

/// While the first report is stored its name is its own, though the story ends.
#[test]
fn u3_a_report_that_leaves_the_story_it_began_is_no_ones_heir() {
    let scene = Scene::new();
    bring(&scene, &[0, 1]);
    let before = entry(&scene);
    turn(&scene, 0);
    let named = |entry: &Article| (entry.title.clone(), entry.atom_id == before.atom_id);
    let mut after: Vec<_> = entries(&scene).iter().map(named).collect();
    after.sort();
    let expected = [(EVENT[1].1, false), ("Woods burn north of Lisbon", true)];
    assert_eq!(
        after,
        expected.map(|(title, is_it)| (title.to_owned(), is_it))
    );
}

/// A story that retention took the first report of merges with another as if it was there.
#[test]
fn u2_a_story_that_merges_after_its_first_report_went_keeps_its_name() {
    let scene = Scene::new();
    let lima = |feed: &str, title: &str, lead: &str| {
        brings(&scene, feed, 0, vec![report(feed, "lima", 0, title, lead)]);
    };
    let (toppled, cracked) = (
        "Cranes toppled in the harbour, ships drift",
        "The runway cracked, flights wait at the airport",
    );
    lima("a", "Harbour quake: cranes topple", toppled);
    let first = identity(&entry(&scene));
    lima(
        "b",
        "Cranes topple in harbour quake",
        "Ships drift, cranes toppled in the harbour",
    );
    lima(
        "h",
        "Quake topples cranes of the harbour",
        "Ships drift as cranes toppled in the harbour",
    );
    lima("c", "Airport shut, runway cracked", cracked);
    lima(
        "d",
        "Runway cracked at airport, shut",
        "Flights wait, airport shut with a cracked runway",
    );
    assert_eq!(entries(&scene).len(), 2);
    leave(&scene, 4);
    let both = format!("{toppled}. {cracked}");
    lima(
        "e",
        "Harbour quake: cranes topple, airport shut, runway cracked",
        &both,
    );
    lima(
        "f",
        "Quake: harbour cranes topple, airport runway cracked, shut",
        &both,
    );
    lima(
        "g",
        "Cranes topple in harbour, runway cracked at airport: quake",
        &both,
    );
    assert_eq!(identity(&entry(&scene)), first);
}

/// Reports that were published earlier and came later, more than are read for an entry.
pub(super) fn flood(scene: &Scene, feed: i64, reports: i64) {
    scene.meddle(&format!(
        "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {reports})
             SELECT i FROM n;
         INSERT INTO articles (id, atom_id, published_at, updated_at, story)
             SELECT 1000 + i, 'urn:n' || i, 1000 + i, 1000 + i, (SELECT max(id) FROM stories) FROM n;
         INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                 listed_at, content_digest, keys)
             SELECT 1000 + i, {feed}, 'urn:n' || i, 1000 + i, 1, 'Quake', 1000 + i, 1000, 1000, zeroblob(16), x''
             FROM n;
         INSERT INTO texts (entry, content, authors, categories, enclosures, updated_at, reason_kind, reason)
             SELECT 1000 + i, '', '[]', '[]', '[]', 1000, 'new', '' FROM n;
         UPDATE stories SET reports = (SELECT count(*) FROM articles WHERE story = stories.id);",
    ));
}

/// U7: however many reports are older than the one that it began with, that one dates the entry.
#[test]
fn u7_the_first_report_dates_a_story_of_hundreds() {
    let scene = Scene::new();
    bring(&scene, &[0]);
    let (feed, other) = event(1, &["lima"]);
    brings(&scene, &feed, 1, vec![other]);
    let first = identity(&entry(&scene));
    flood(&scene, 1, 2100);
    assert_eq!(identity(&entry(&scene)), first);
    // A correction of it is one of the entry, and what shows that is told.
    let (feed, edit) = edited_report(0, ", forty dead");
    brings(&scene, &feed, 5, vec![labelled(edit, &["lima"])]);
    assert_eq!(entry(&scene).updated_at, hour(5));
    let connection = open::reader(&scene.path()).unwrap();
    let told = |article| labels::told_with(&connection, article).unwrap();
    assert!(told(1).contains("lima"), "{:?}", told(1));
    assert!(told(2).is_empty(), "it is far from the first");
}
