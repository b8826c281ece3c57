//! The order in which entries come is of no account where it is promised: entries that are one article
//! pairwise, and have nothing in common with others, are one article in any order.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The ways in which a feed may carry article `n`: at its address, by its slug, by its number in the address, by
/// its text, under another headline. Whatever two of them are taken, one key and no guard speaks of them.
fn copy(feed: usize, article: usize, way: usize) -> EntryRecord {
    let name = format!("{article}-{way}");
    let mut record = entry(&format!("feed{feed}"), &name);
    let entry = &mut record.entry;
    let subject = ["walrus", "pangolin", "ibex", "heron", "lynx"][article % 5];
    entry.title = format!("Rare {subject} returns to the marshes of Estonia");
    entry.published_at = hour(-1);
    entry.keys.truncate(1);
    let shared = |kind| key(kind, &format!("{article}"));
    entry.keys.push(shared(KeyKind::Url));
    if way.is_multiple_of(2) {
        entry.keys.push(shared(KeyKind::Slug));
    } else {
        entry.keys.push(shared(KeyKind::Content));
    }
    record
}

/// Which entries are one article, after they came in this order, one poll each.
fn articles(entries: &[(usize, usize, usize)]) -> Vec<Vec<String>> {
    let scene = Scene::new();
    for (minutes, (feed, article, way)) in (0..).zip(entries) {
        let at = hour(0) + SignedDuration::from_mins(minutes);
        scene.record(poll(
            &format!("feed{feed}"),
            at,
            vec![copy(*feed, *article, *way)],
        ));
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_entries_in_any_order_are_the_same_articles(
        entries in proptest::collection::btree_set((0usize..4, 0usize..5, 0usize..4), 1..10),
        seed in any::<u64>(),
    ) {
        let entries: Vec<_> = entries.into_iter().collect();
        let mut other = entries.clone();
        // A shuffle that follows from the seed.
        other.sort_by_key(|entry| blake3::hash(format!("{seed} {entry:?}").as_bytes()).to_hex().to_string());
        prop_assert_eq!(articles(&entries), articles(&other));
    }
}
