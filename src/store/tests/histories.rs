//! Whatever polls bring in whatever order, the invariants hold: a [`Scene`] checks them when it ends.

use super::*;
use proptest::prelude::*;

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// A poll of a feed: of each entry its page, its title, its labels and whether it is kept.
    Poll(u8, Vec<(u8, u8, Vec<u8>, bool)>),
    /// Retention, with a bound on entries.
    Retain(Option<u64>),
    /// Only these feeds are configured.
    Configure(Vec<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    let labels = prop::collection::vec(0..3_u8, 0..3);
    let entry = (0..6_u8, 0..3_u8, labels, prop::bool::weighted(0.9));
    let entries = prop::collection::vec(entry, 0..6);
    prop_oneof![
        8 => (0..3_u8, entries).prop_map(|(feed, entries)| Step::Poll(feed, entries)),
        1 => prop::option::of(0..8_u64).prop_map(Step::Retain),
        1 => prop::collection::vec(0..3_u8, 0..3).prop_map(Step::Configure),
    ]
}

fn feed(number: u8) -> String {
    format!("feed-{number}")
}

fn brought(feed: &str, (page, title, labels, keep): (u8, u8, Vec<u8>, bool)) -> EntryRecord {
    let titled = edited(
        entry(feed, &format!("page-{page}")),
        &format!("Title {title}"),
    );
    let labels: std::collections::BTreeSet<String> = labels
        .iter()
        .map(|label| format!("label-{label}"))
        .collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    EntryRecord {
        keep,
        ..labelled(titled, &labels)
    }
}

/// Takes one step at an instant.
fn take(scene: &Scene, step: Step, at: Timestamp) {
    match step {
        Step::Poll(number, entries) => {
            let feed = feed(number);
            let entries = entries.into_iter().map(|parts| brought(&feed, parts));
            let record = poll(&feed, at, entries.collect());
            let seen = record.entries.len();
            // Readers may be told now of what came before.
            let wait = format!(
                "SELECT count(*) FROM entries AS e JOIN feeds AS f ON f.id = e.feed
                 WHERE f.name = '{feed}' AND e.held_until <= {}",
                at.as_millisecond()
            );
            let wait = scene.value::<u32>(&wait);
            let counts = scene.record(record);
            assert_eq!(counts.seen, u32::try_from(seen).unwrap());
            assert!(counts.new + counts.revised + counts.copies <= counts.seen + wait);
        }
        Step::Retain(max_entries) => {
            let settings = Settings {
                max_entries,
                ..Settings::default()
            };
            scene.retain(at, &settings);
            let entries = scene.store().totals().unwrap().entries;
            assert!(max_entries.is_none_or(|most| entries <= most));
        }
        Step::Configure(feeds) => {
            let seeds = feeds.into_iter().map(|number| seed(&feed(number), 1));
            wait(scene.store().set_feeds(seeds.collect::<Vec<_>>(), at)).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_history_leaves_a_sound_database(
        steps in prop::collection::vec((step(), 0..2000_i64), 1..20)
    ) {
        let scene = Scene::new();
        let mut at = 0;
        for (step, hours) in steps {
            at += hours;
            take(&scene, step, hour(at));
        }
    }
}
