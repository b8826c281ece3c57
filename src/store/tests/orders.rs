//! The order in which entries come is of no account where it is promised: entries that are one article
//! pairwise, and have nothing in common with others, are one article in any order.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What the copies of article `n` have in common: one key each, and nothing else that proposes.
const SHARED: [KeyKind; 5] = [
    KeyKind::Url,
    KeyKind::Slug,
    KeyKind::ArticleNumber,
    KeyKind::Content,
    KeyKind::Title,
];

/// Headlines of one article, as desks edit them. Where the headline is what copies share they have the first.
const HEADLINES: [&str; 3] = [
    "Rare lynx returns to the marshes of Estonia",
    "Rare lynx seen again in marshes of Estonia",
    "Lynx returns to Estonia: rare cat in the marshes",
];

/// How many hours after the first a copy is published at most: within all spans of the guards.
const HOURS: i64 = 40;

/// A copy of an article, in a feed of its own.
fn copy(article: usize, number: usize) -> EntryRecord {
    let shared = SHARED[article];
    let mut record = entry(&format!("feed{number}"), &format!("{article}-{number}"));
    let entry = &mut record.entry;
    let headline = match shared {
        KeyKind::Title => HEADLINES[0],
        _ => HEADLINES[number % HEADLINES.len()],
    };
    let animal = ["lynx", "walrus", "ibex", "heron", "pangolin"][article];
    entry.title = headline.to_lowercase().replace("lynx", animal);
    let hours = i64::try_from(number * 13).unwrap() % HOURS;
    entry.published_at = hour(hours - HOURS);
    entry.keys.truncate(1);
    entry.keys.push(key(shared, &article.to_string()));
    record
}

/// Which entries are one article, after they came in this order, a poll each.
fn articles(entries: &[(usize, usize)]) -> Vec<Vec<String>> {
    let scene = Scene::new();
    for (minutes, (article, number)) in (0..).zip(entries) {
        let at = hour(0) + SignedDuration::from_mins(minutes);
        let feed = format!("feed{number}");
        scene.record(poll(&feed, at, vec![copy(*article, *number)]));
    }
    let mut by_article: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let each = &mut |entry: crate::model::StoredEntry| {
        by_article
            .entry(entry.article)
            .or_default()
            .push(entry.entry_id);
        Ok(())
    };
    scene.store().export(each).unwrap();
    let mut articles: Vec<Vec<String>> = by_article.into_values().collect();
    for article in &mut articles {
        article.sort();
    }
    articles.sort();
    articles
}

#[test]
fn copies_share_what_they_are_known_by() {
    for (article, shared) in SHARED.iter().enumerate() {
        let found = articles(&[(article, 0), (article, 1), (article, 2)]);
        assert_eq!(found.len(), 1, "{shared:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_entries_in_any_order_are_the_same_articles(
        entries in proptest::collection::btree_set((0..SHARED.len(), 0usize..6), 1..12),
        seed in any::<u64>(),
    ) {
        let entries: Vec<_> = entries.into_iter().collect();
        let mut other = entries.clone();
        // A shuffle that follows from the seed.
        other.sort_by_key(|entry| *blake3::hash(format!("{seed} {entry:?}").as_bytes()).as_bytes());
        prop_assert_eq!(articles(&entries), articles(&other));
    }
}
