//! Which articles are stored as reports of one event.

use super::*;
use crate::model::StoredEntry;

/// An entry at an address of its own with a headline and a lead, published at the given hour.
pub(super) fn report(feed: &str, name: &str, at: i64, title: &str, lead: &str) -> EntryRecord {
    let mut record = entry(feed, name);
    let entry = &mut record.entry;
    entry.url = Some(format!("https://{feed}.example/{name}"));
    title.clone_into(&mut entry.title);
    lead.clone_into(&mut entry.summary_text);
    entry.summary = Some(format!("<p>{lead}</p>"));
    entry.content = None;
    entry.published_at = hour(at);
    entry.keys.truncate(1);
    entry
        .keys
        .push(key(KeyKind::Url, entry.url.as_deref().unwrap()));
    refresh(&mut record);
    record
}

const QUAKE: &str =
    "A strong quake shook the coast of Peru before dawn and brought down houses in Lima";

pub(super) fn quake(feed: &str, at: i64) -> EntryRecord {
    report(
        feed,
        "quake",
        at,
        "Strong quake shakes Lima, houses collapse",
        QUAKE,
    )
}

pub(super) fn rescue(feed: &str, at: i64) -> EntryRecord {
    let lead =
        "Rescue teams search collapsed houses in Lima after a strong quake off the coast of Peru";
    report(
        feed,
        "rescue",
        at,
        "Rescuers search Lima houses after quake",
        lead,
    )
}

pub(super) fn ferry(feed: &str, at: i64) -> EntryRecord {
    let lead =
        "A ferry with ninety people sank in a storm before Veracruz, the navy of Mexico said";
    report(feed, "ferry", at, "Ferry sinks off Veracruz", lead)
}

/// The stored entry of a feed at an address.
pub(super) fn stored(scene: &Scene, feed: &str, name: &str) -> StoredEntry {
    let id = format!("https://{feed}.example/{name}");
    let found = scene.store().find(&id, &[]).unwrap();
    found
        .into_iter()
        .find(|entry| entry.entry_id == id)
        .unwrap()
}

pub(super) fn story(scene: &Scene, feed: &str, name: &str) -> Option<i64> {
    stored(scene, feed, name).story
}

/// A poll at the hour at which what it brings was published.
pub(super) fn brings(scene: &Scene, feed: &str, at: i64, entries: Vec<EntryRecord>) -> PollCounts {
    scene.record(poll(feed, hour(at), entries))
}

#[test]
fn reports_of_one_event_are_one_story() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0), ferry("a", 0)]);
    assert_eq!(story(&scene, "a", "quake"), None, "alone so far");
    brings(&scene, "b", 2, vec![rescue("b", 2)]);
    let born = story(&scene, "a", "quake");
    assert!(born.is_some());
    assert_eq!(story(&scene, "b", "rescue"), born);
    assert_eq!(story(&scene, "a", "ferry"), None);
    let reason: String =
        scene.value("SELECT story_reason FROM articles WHERE story_reason IS NOT NULL");
    assert!(
        reason.contains("Strong quake shakes Lima") && reason.contains("quake"),
        "{reason}"
    );
}

#[test]
fn the_event_of_another_week_is_another_story() {
    let scene = Scene::new();
    brings(&scene, "a", 0, vec![quake("a", 0)]);
    brings(&scene, "b", 80, vec![rescue("b", 80)]);
    assert_eq!(story(&scene, "b", "rescue"), None);
}

#[test]
fn a_daily_column_is_no_story() {
    let scene = Scene::new();
    let column = |day: i64| {
        let title = format!("Gold rate today, March {day}: check prices in Chennai and Mumbai");
        report(
            "a",
            &format!("gold{day}"),
            day * 24,
            &title,
            "Prices of gold in Chennai and Mumbai by carat",
        )
    };
    for day in 0..3 {
        brings(&scene, "a", day * 24, vec![column(day)]);
    }
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM stories"), 0);
}

#[test]
fn a_wire_report_under_another_headline_is_a_copy() {
    let scene = Scene::new();
    let text = "A ferry with ninety people on board sank in a storm off the coast of Veracruz early on Tuesday, \
        the navy said. Divers brought 61 of them ashore by noon, and three boats went on looking for others.";
    let wire = |feed: &str, title: &str| report(feed, "ferry", 0, title, text);
    brings(
        &scene,
        "a",
        0,
        vec![wire(
            "a",
            "Ferry sinks off Veracruz, navy searches for missing",
        )],
    );
    let counts = brings(
        &scene,
        "b",
        1,
        vec![wire(
            "b",
            "Ferry sinks off Veracruz as navy searches for many",
        )],
    );
    assert_eq!((counts.new, counts.copies), (0, 1));
    assert_eq!(
        stored(&scene, "b", "ferry").reason.kind.name(),
        "same-words"
    );
}
