//! Feeds whose ids are none: no article twice, none lost, at no poll.

mod editions;
mod edits;
mod heirs;
mod properties;
mod renamed;
mod reuse;
mod series;

use super::*;
use crate::model::{
    Cut, Format, GuidHealth, Guids, Hints, IdentityBy, ParsedEntry, ParsedFeed, Text,
};
use crate::normalize::{self, Normalized, Origin, UrlRules};
use std::collections::BTreeSet;

/// Headlines that have no word in common.
const HEADLINES: [&str; 8] = [
    "Harbour reopens after storm",
    "Parliament passes water bill",
    "Scientists count rare pangolins",
    "Local baker wins national prize",
    "Railway strike enters third week",
    "Museum returns stolen bronze",
    "Drought empties southern reservoirs",
    "Chess champion retires early",
];

/// An entry of article `number`; `id` and `url` as the publisher has them today.
fn item(number: usize, id: &str, url: &str) -> ParsedEntry {
    ParsedEntry {
        id: (!id.is_empty()).then(|| id.to_owned()),
        url: (!url.is_empty()).then(|| url.to_owned()),
        title: Text::plain(HEADLINES[number]),
        // Finer than the store keeps it.
        published_at: Some(
            hour(-20 + i64::try_from(number).unwrap()) + SignedDuration::from_micros(7),
        ),
        ..ParsedEntry::default()
    }
}

fn page(number: usize) -> String {
    format!("https://news.example/page-{number}")
}

/// A feed of a paper that has several.
fn of_paper(name: &str) -> FeedSeed {
    FeedSeed {
        outlet: Outlet {
            owner: Some("paper".to_owned()),
            ..Outlet::default()
        },
        ..seed(name, 1)
    }
}

/// Polls the feed as the spine does, and returns what became of it.
fn polled(scene: &Scene, at: i64, entries: Vec<ParsedEntry>) -> PollCounts {
    polled_keeping(scene, at, entries, usize::MAX)
}

/// The same, where all but the first entries are remembered only.
fn polled_keeping(scene: &Scene, at: i64, entries: Vec<ParsedEntry>, most: usize) -> PollCounts {
    polled_as(scene, at, entries, most, IdentityBy::Auto)
}

/// The same, where the operator says what tells the entries apart.
fn polled_as(
    scene: &Scene,
    at: i64,
    entries: Vec<ParsedEntry>,
    most: usize,
    identity: IdentityBy,
) -> PollCounts {
    polled_of(scene, ("a", at), entries, (most, identity))
}

/// The same of a feed.
fn polled_of(
    scene: &Scene,
    (name, at): (&str, i64),
    entries: Vec<ParsedEntry>,
    (most, identity): (usize, IdentityBy),
) -> PollCounts {
    let feed = FeedId::new(name);
    let guids = scene
        .store()
        .feed_states(std::slice::from_ref(&feed))
        .unwrap()[0]
        .guids;
    let origin = Origin {
        feed: &feed,
        url: "https://news.example/feed",
        language: None,
        now: hour(at),
        identity: identity.after(guids.health),
        url_rules: &UrlRules::default(),
    };
    let parsed = ParsedFeed {
        format: Format::Rss,
        profile: FeedProfile::default(),
        hints: Hints::default(),
        entries,
        withdrawals: Vec::new(),
        defects: Vec::new(),
        cut: Cut::default(),
    };
    let Normalized { entries, ids, .. } = normalize::normalize(&parsed, &origin);
    let records = entries
        .into_iter()
        .enumerate()
        .map(|(n, entry)| EntryRecord {
            entry,
            topics: Vec::new(),
            keep: n < most,
        });
    let mut record = poll(name, hour(at), records.collect());
    record.state.guids = guids;
    if guids.health.is_good() && identity == IdentityBy::Auto {
        record.state.guids.health = ids.health;
    }
    scene.record(record)
}

fn guids(scene: &Scene) -> Guids {
    let states = scene.store().feed_states(&[FeedId::new("a")]).unwrap();
    states[0].guids
}

fn health(scene: &Scene) -> GuidHealth {
    guids(scene).health
}

/// Checks that each of the first articles is published once, and nothing else is, under ids that stay.
fn check_articles(scene: &Scene, count: usize, ids: &mut BTreeSet<String>) {
    let mut titles = scene.titles(None);
    titles.sort_unstable();
    let mut expected = HEADLINES[..count].to_vec();
    expected.sort_unstable();
    assert_eq!(titles, expected);
    let articles = scene.store().articles(None, 100).unwrap();
    let present: BTreeSet<String> = articles.into_iter().map(|one| one.atom_id).collect();
    assert!(
        ids.is_subset(&present),
        "an id changed: {ids:?} {present:?}"
    );
    *ids = present;
}

#[test]
fn a_constant_id_over_documents_of_one_entry_loses_nothing() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    for number in 0..6 {
        let at = i64::try_from(number).unwrap() * 3;
        let one = || item(number, "1", &page(number));
        assert_eq!(polled(&scene, at, vec![one()]).new, 1);
        check_articles(&scene, number + 1, &mut ids);
        // The same again, and then edited, under the same id and address.
        assert!(!polled(&scene, at + 1, vec![one()]).changed());
        let mut edited = one();
        edited.summary = Some(Text::plain(format!("A word of {number} more")));
        assert_eq!(polled(&scene, at + 2, vec![edited]).revised, 1, "{number}");
        check_articles(&scene, number + 1, &mut ids);
        let expected = match number {
            0 | 1 => GuidHealth::Good,
            _ => GuidHealth::Reused,
        };
        assert_eq!(health(&scene), expected, "{number}");
    }
    // An old article that comes back is none that is new.
    assert_eq!(polled(&scene, 30, vec![item(0, "1", &page(0))]).new, 0);
    check_articles(&scene, 6, &mut ids);
}

#[test]
fn a_constant_id_outlives_its_first_article() {
    let scene = Scene::new();
    polled(&scene, 0, vec![item(0, "1", &page(0))]);
    polled(&scene, 1, vec![item(1, "2", &page(1))]);
    scene.retain(hour(24 * 181), &Settings::default());
    assert!(scene.titles(None).is_empty());
    assert_eq!(
        polled(&scene, 24 * 182, vec![item(2, "1", &page(2))]).new,
        1
    );
    assert_eq!(
        polled(&scene, 24 * 182, vec![item(0, "1", &page(0))]).new,
        0
    );
}

#[test]
fn an_edit_under_a_good_id_is_a_revision() {
    let scene = Scene::new();
    let wordy = |title: &str, url: &str| ParsedEntry {
        title: Text::plain(title),
        ..item(0, "1", url)
    };
    for (at, title, url) in [
        (
            0,
            "Harbour reopens after storm",
            "https://news.example/harbour-reopens",
        ),
        // Another headline, then another slug with it, then the site moves.
        (
            1,
            "Ferries sail again",
            "https://news.example/harbour-reopens",
        ),
        (
            2,
            "Ferries sail again from harbour",
            "https://news.example/ferries-sail",
        ),
        (
            3,
            "Ferries sail again from harbour",
            "https://moved.example/x/ferries",
        ),
        // A site whose addresses follow the headline.
        (
            4,
            "Ferries from the harbour",
            "https://moved.example/ferries-1234567",
        ),
        (
            5,
            "Ferries: harbour is safe",
            "https://moved.example/all-is-well-1234567",
        ),
    ] {
        let counted = polled(&scene, at, vec![wordy(title, url)]);
        assert_eq!(
            (counted.new, counted.revised),
            (u32::from(at == 0), u32::from(at > 0)),
            "{title}"
        );
        assert_eq!(scene.titles(None), [title]);
    }
    assert_eq!(guids(&scene), Guids::default());
}

/// Makes the entry of an article under an id.
type Kind = fn(usize, &str) -> ParsedEntry;

/// One poll is healthy, at the next all entries have one id, and then one of them is left: with addresses
/// and without, in many words and in few.
#[test]
fn ids_that_turn_bad_publish_nothing_again() {
    let bare = |number, id: &str| item(number, id, "");
    let with_url = |number, id: &str| item(number, id, &page(number));
    let untitled = |number: usize, id: &str| ParsedEntry {
        title: Text::default(),
        summary: Some(Text::plain(HEADLINES[number])),
        ..item(number, id, "")
    };
    let kinds: [Kind; 3] = [with_url, bare, untitled];
    for (which, entry) in kinds.iter().enumerate() {
        let scene = Scene::new();
        let healthy = (0..5).map(|number| entry(number, &format!("id-{number}")));
        assert_eq!(polled(&scene, 0, healthy.collect()).new, 5);
        let bad = |count| (0..count).map(|number| entry(number, "same")).collect();
        for (at, document, new) in [
            (1, bad(6), 1),
            (2, bad(6), 0),
            (3, bad(1), 0),
            (4, bad(7), 1),
        ] {
            assert_eq!(polled(&scene, at, document).new, new, "{which} {at}");
            assert_eq!(health(&scene), GuidHealth::Repeated);
        }
        assert_eq!(scene.store().totals().unwrap().articles, 7, "{which}");
    }
}

#[test]
fn a_feed_that_shrinks_to_one_of_its_repeated_ids_keeps_all() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    let document = |numbers: std::ops::Range<usize>| {
        let entries = numbers.map(|number| item(number, "same", &page(number)));
        entries.collect::<Vec<_>>()
    };
    for (at, numbers, count) in [(0, 0..5, 5), (1, 4..5, 5), (2, 5..6, 6), (3, 0..6, 6)] {
        polled(&scene, at, document(numbers));
        check_articles(&scene, count, &mut ids);
    }
}

#[test]
fn ids_that_change_at_each_poll_publish_nothing_again() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    for at in 0..12 {
        // A new article comes at each third poll.
        let count = 4 + usize::try_from(at / 3).unwrap();
        let entries = (0..count).map(|number| {
            let id = format!("https://news.example/page-{number}?session={at}");
            item(number, &id, &page(number))
        });
        polled(&scene, at, entries.collect());
        check_articles(&scene, count, &mut ids);
        let expected = match at {
            0 | 1 => GuidHealth::Good,
            _ => GuidHealth::Changing,
        };
        assert_eq!(health(&scene), expected, "{at}");
    }
    // There are no more rows, and edits are seen.
    let rows: i64 =
        scene.value("SELECT max(n) FROM (SELECT count(*) AS n FROM entries GROUP BY article)");
    assert_eq!(rows, 1);
    let mut edited = item(7, "any", &page(7));
    polled(&scene, 20, vec![item(7, "some", &page(7))]);
    edited.summary = Some(Text::plain("More"));
    assert_eq!(polled(&scene, 21, vec![edited]).revised, 1);
}

/// A site moves to https with all its ids, once: what it had is known, and what it has is believed.
#[test]
fn ids_that_change_once_publish_nothing_again_and_are_believed() {
    let at_scheme = |scheme: &str, count: usize, url: bool| {
        let entries = (0..count).map(|number| {
            let id = format!("{scheme}://news.example/?p={number}");
            item(number, &id, &if url { page(number) } else { String::new() })
        });
        entries.collect::<Vec<_>>()
    };
    for url in [true, false] {
        let scene = Scene::new();
        let mut ids = BTreeSet::new();
        // Beyond the first poll's cap are entries that must not come as news either.
        polled_keeping(&scene, 0, at_scheme("http", 7, url), 4);
        check_articles(&scene, 4, &mut ids);
        assert_eq!(polled(&scene, 1, at_scheme("https", 7, url)).new, 0);
        assert_eq!(guids(&scene).suspicion, GuidHealth::Changing);
        for at in 2..5 {
            assert!(
                !polled(&scene, at, at_scheme("https", 7, url)).changed(),
                "{at}"
            );
            assert_eq!(guids(&scene), Guids::default());
        }
        check_articles(&scene, 4, &mut ids);
        assert_eq!(polled(&scene, 6, at_scheme("https", 8, url)).new, 1);
    }
}

/// Ids that number the places of a list name another article with each that comes.
#[test]
fn ids_that_are_places_in_the_list_lose_nothing() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    for count in 3..8 {
        let newest_first = (0..count).rev().take(3).enumerate();
        let entries = newest_first
            .map(|(place, number)| item(number, &format!("item-{place}"), &page(number)));
        polled(&scene, i64::try_from(count).unwrap(), entries.collect());
        check_articles(&scene, count, &mut ids);
    }
    assert_eq!(health(&scene), GuidHealth::Reused);
}

#[test]
fn what_entries_tell_is_kept_with_the_defects_of_the_document() {
    let scene = Scene::new();
    let defects = |scene: &Scene| scene.store().feeds().unwrap()[0].defects.clone();
    polled(&scene, 0, vec![item(0, "1", &page(0))]);
    assert!(defects(&scene).is_empty());
    polled(&scene, 1, vec![item(1, "1", &page(1))]);
    assert_eq!(
        defects(&scene),
        ["reused-id: 1 of 1 known entries came under the id of another"]
    );
    let counted = polled(&scene, 2, vec![item(2, "1", &page(2))]);
    assert_eq!(counted.guid_health, GuidHealth::Reused);
    let state = &scene.store().feeds().unwrap()[0].state;
    assert_eq!(state.guids.health, GuidHealth::Reused);
}

#[test]
fn another_address_is_another_feed_with_other_ids() {
    let mut scene = Scene::new();
    let set = |scene: &Scene, print, url: &str| {
        let url = url.to_owned();
        let seed = FeedSeed {
            url,
            ..seed("a", print)
        };
        wait(scene.store().set_feeds(vec![seed], start())).unwrap();
    };
    let (old, new) = ("https://a.example/feed", "https://a.example/new");
    set(&scene, 1, old);
    let bad = (0..5).map(|number| item(number, "same", &page(number)));
    polled(&scene, 0, bad.collect());
    scene.restart();
    // Another token asks the same publisher.
    for print in [1, 2] {
        set(&scene, print, old);
        assert_eq!(health(&scene), GuidHealth::Repeated);
    }
    set(&scene, 3, new);
    assert_eq!(guids(&scene), Guids::default());
}

#[test]
fn history_says_nothing_of_todays_ids() {
    let scene = Scene::new();
    for at in 0..4 {
        let feed = FeedId::new("a");
        let origin = Origin {
            feed: &feed,
            url: "",
            language: None,
            now: hour(at),
            identity: IdentityBy::Auto,
            url_rules: &UrlRules::default(),
        };
        let number = usize::try_from(at).unwrap();
        let record = EntryRecord {
            entry: normalize::entry(&item(number, "1", &page(number)), &origin),
            topics: Vec::new(),
            keep: true,
        };
        let records = (vec![record], Arc::default());
        let counted = wait(scene.store().import(feed.clone(), hour(at), records)).unwrap();
        assert_eq!(counted.new, 1, "{at}");
    }
    assert_eq!(guids(&scene), Guids::default());
}
