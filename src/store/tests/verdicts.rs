//! What becomes of entries.

use super::*;
use crate::model::{GuidHealth, ReasonKind, StoredEntry};
use std::collections::BTreeMap;

/// What a poll says of itself; here each feed brings its news with its first, which names it.
fn counts(seen: u32, new: u32, revised: u32, copies: u32, labels: &[&str]) -> PollCounts {
    PollCounts {
        seen,
        new,
        revised,
        withdrawn: 0,
        copies,
        copied_by: BTreeMap::new(),
        unlabelled: false,
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        matches: labels
            .iter()
            .filter(|_| new + copies > 0)
            .map(|label| ((*label).to_owned(), 1))
            .collect(),
        renamed: new + copies > 0,
        source_changed: false,
        guid_health: GuidHealth::Good,
    }
}

fn members(scene: &Scene, entry_id: &str) -> Vec<StoredEntry> {
    let found = scene.store().find(entry_id, &[]).unwrap();
    scene.store().members(found[0].article).unwrap()
}

#[test]
fn a_new_entry_makes_an_article_and_says_all_that_it_said() {
    let scene = Scene::new();
    let record = labelled(entry("a", "one"), &["output:best", "zoo", "asia"]);
    let counted = scene.record(poll("a", hour(0), vec![record.clone()]));
    assert_eq!(counted, counts(1, 1, 0, 0, &["asia", "output:best", "zoo"]));
    let [article] = scene
        .store()
        .articles(Some("zoo"), 9)
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(article.atom_id, "https://a.example/one");
    assert_eq!(article.content, record.entry.content);
    assert_eq!(article.summary, record.entry.summary);
    assert_eq!(article.url, record.entry.url);
    assert_eq!(article.topics, ["asia", "zoo"]);
    assert_eq!(article.source.title, "The a");
    assert_eq!(article.source.updated_at, Some(hour(0)));
    assert!(article.copies.is_empty());
}

#[test]
fn u8_a_poll_without_news_changes_nothing_that_is_published() {
    let scene = Scene::new();
    let one = || labelled(entry("a", "one"), &["zoo"]);
    scene.record(poll("a", hour(0), vec![one()]));
    let before = scene.store().articles(None, 9).unwrap();
    let counted = scene.record(poll("a", hour(30), vec![one()]));
    assert_eq!(counted, counts(1, 0, 0, 0, &[]));
    assert!(!counted.changed());
    assert_eq!(scene.store().articles(None, 9).unwrap(), before);
}

#[test]
fn listed_at_moves_once_a_day() {
    let scene = Scene::new();
    for (at, expected) in [(0, 0), (23, 0), (24, 24), (47, 24), (48, 48)] {
        scene.record(poll("a", hour(at), vec![entry("a", "one")]));
        let listed_at: i64 = scene.value("SELECT listed_at FROM entries");
        assert_eq!(listed_at, hour(expected).as_millisecond(), "{at}");
    }
}

#[test]
fn u7_a_revision_keeps_its_dates_and_moves_updated_forward_only() {
    let scene = Scene::new();
    let one = entry("a", "one");
    scene.record(poll("a", hour(0), vec![one.clone()]));
    for (at, title, claimed, expected) in [
        (1, "Second", hour(1), hour(1)),
        (2, "Third", hour(-9), hour(2)),
        (3, "Fourth", hour(500), hour(3)),
        (4, "Fifth", hour(4), hour(4)),
    ] {
        let mut edit = edited(one.clone(), title);
        edit.entry.updated_at = claimed;
        edit.entry.published_at = hour(-7);
        let counted = scene.record(poll("a", hour(at), vec![edit]));
        assert_eq!(counted, counts(1, 0, 1, 0, &[]));
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.title, title);
        assert_eq!(article.updated_at, expected);
        assert_eq!(article.published_at, hour(-1));
    }
    let [entry] = members(&scene, &one.entry.entry_id).try_into().unwrap();
    assert_eq!(
        (entry.first_seen_at, entry.published_at),
        (hour(0), hour(-1))
    );
    assert_eq!(entry.reason.kind, ReasonKind::New);
}

#[test]
fn a_copy_joins_the_article_with_its_labels() {
    let scene = Scene::new();
    let lead = labelled(entry("a", "one"), &["zoo"]);
    scene.record(poll("a", hour(0), vec![lead.clone()]));
    let copy = labelled(entry("b", "one"), &["asia"]);
    let counted = scene.record(poll("b", hour(1), vec![copy]));
    let mut expected = counts(1, 0, 0, 1, &["asia", "zoo"]);
    expected.copied_by.insert("same-url", 1);
    // The article was in the zoo before.
    expected.matches.remove("zoo");
    assert_eq!(counted, expected);
    let [article] = scene
        .store()
        .articles(Some("asia"), 9)
        .unwrap()
        .try_into()
        .unwrap();
    // It is told there by the entry that has the label.
    assert_eq!(article.source.title, "The b");
    assert_eq!(article.topics, ["asia", "zoo"]);
    assert_eq!(article.copies.len(), 1);
    assert_eq!(article.copies[0].feed_title, "The a");
    assert_eq!(Some(&article.copies[0].url), lead.entry.url.as_ref());
    let leads = members(&scene, &lead.entry.entry_id);
    let leads: Vec<bool> = leads.iter().map(|entry| entry.leads).collect();
    assert_eq!(leads, [true, false]);
}

#[test]
fn a_copys_revision_changes_neither_text_nor_date_of_the_article() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    scene.record(poll("b", hour(1), vec![entry("b", "one")]));
    let before = scene.store().articles(None, 9).unwrap();
    let mut edit = edited(entry("b", "one"), "Another headline");
    edit.entry.updated_at = hour(2);
    let counted = scene.record(poll("b", hour(2), vec![edit]));
    assert_eq!(counted, counts(1, 0, 1, 0, &[]));
    assert_eq!(scene.store().articles(None, 9).unwrap(), before);
}

#[test]
fn labels_follow_revisions_and_are_those_of_all_entries() {
    let scene = Scene::new();
    let lead = |labels: &[&str], title| labelled(edited(entry("a", "one"), title), labels);
    scene.record(poll("a", hour(0), vec![lead(&["zoo", "asia"], "1")]));
    scene.record(poll(
        "b",
        hour(1),
        vec![labelled(entry("b", "one"), &["zoo"])],
    ));
    let counted = scene.record(poll("a", hour(2), vec![lead(&["law"], "2")]));
    assert_eq!(counted.labels, ["asia", "law", "zoo"]);
    for (label, expected) in [("asia", 0), ("law", 1), ("zoo", 1)] {
        assert_eq!(scene.titles(Some(label)).len(), expected, "{label}");
    }
}

#[test]
fn two_entries_of_one_document_meet() {
    let scene = Scene::new();
    let mut twin = entry("a", "one");
    twin.entry.entry_id = "https://a.example/twin".to_owned();
    twin.entry.keys[0] = key(KeyKind::Guid, "a twin");
    let counted = scene.record(poll("a", hour(0), vec![entry("a", "one"), twin]));
    assert_eq!(counted.seen, 2);
    assert_eq!(scene.store().articles(None, 9).unwrap().len(), 1);
}

#[test]
fn u3_the_first_keeps_an_id_that_two_claim() {
    let mut scene = Scene::new();
    let claim = |feed: &str, name: &str| {
        let mut record = entry(feed, name);
        record.entry.entry_id = "https://claimed.example/id".to_owned();
        record
    };
    scene.record(poll("a", hour(0), vec![claim("a", "one")]));
    scene.record(poll("b", hour(1), vec![claim("b", "two")]));
    scene.restart();
    let ids = |scene: &Scene| {
        let articles = scene.store().articles(None, 9).unwrap();
        let ids: Vec<String> = articles
            .into_iter()
            .map(|article| article.atom_id)
            .collect();
        ids
    };
    let before = ids(&scene);
    assert_eq!(before[1], "https://claimed.example/id");
    assert!(before[0].starts_with("tag:news.example,"), "{before:?}");
    scene.record(poll(
        "b",
        hour(2),
        vec![edited(claim("b", "two"), "New words")],
    ));
    assert_eq!(ids(&scene), before);
}

#[test]
fn u3_an_id_of_ours_that_a_publisher_claims_is_not_given_twice() {
    let scene = Scene::new();
    let mut honest = entry("a", "one");
    honest.entry.entry_id = "no iri".to_owned();
    let mut spoof = entry("b", "two");
    spoof.entry.entry_id =
        crate::publish::minted_atom_id("news.example", &honest.entry.feed, "no iri");
    scene.record(poll("b", hour(0), vec![spoof]));
    scene.record(poll("a", hour(1), vec![honest]));
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM articles"), 2);
}

#[test]
fn an_entry_id_names_one_entry_whatever_its_keys_say() {
    let scene = Scene::new();
    let one = entry("a", "one");
    let mut reused = entry("a", "two");
    reused.entry.entry_id.clone_from(&one.entry.entry_id);
    scene.record(poll("a", hour(0), vec![one]));
    let counted = scene.record(poll("a", hour(1), vec![reused]));
    assert_eq!((counted.new, counted.revised), (0, 1));
    assert_eq!(scene.titles(None), ["Pangolins sighted near two"]);
}

#[test]
fn a_revision_that_meets_another_article_stays_its_own() {
    let scene = Scene::new();
    let one = labelled(entry("a", "one"), &["zoo"]);
    scene.record(poll("a", hour(0), vec![one.clone(), entry("b", "two")]));
    // The page moves to an address that another article has.
    let mut moved = edited(one, "Pangolins sighted near two");
    moved.entry.keys[1] = entry("b", "two").entry.keys[1];
    moved.entry.url = entry("b", "two").entry.url;
    let counted = scene.record(poll("a", hour(1), vec![moved.clone()]));
    assert_eq!(counted, counts(1, 0, 1, 0, &["zoo"]));
    assert_eq!(scene.titles(Some("zoo")).len(), 1);
    // What comes under that address later is a copy of one of the two, and always of the same.
    let copied = scene.record(poll("c", hour(2), vec![entry("c", "two")]));
    assert_eq!((copied.new, copied.copies), (0, 1));
    let again = scene.record(poll("a", hour(3), vec![moved]));
    assert_eq!(again, counts(1, 0, 0, 0, &[]));
    assert_eq!(scene.titles(None).len(), 2);
}

#[test]
fn an_entry_under_a_new_id_is_a_copy_of_itself() {
    let scene = Scene::new();
    let one = entry("a", "one");
    scene.record(poll("a", hour(0), vec![one.clone()]));
    let mut renamed = one.clone();
    renamed.entry.entry_id = "urn:new".to_owned();
    renamed.entry.keys[0] = key(KeyKind::Guid, "a urn:new");
    for at in [1, 2] {
        scene.record(poll("a", hour(at), vec![renamed.clone()]));
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.atom_id, one.entry.entry_id, "U2");
    }
    assert_eq!(members(&scene, "urn:new").len(), 2);
}

#[test]
fn keys_of_former_texts_still_find_an_entry_up_to_a_bound() {
    let scene = Scene::new();
    let mut one = entry("a", "one");
    for number in 0..30 {
        one = edited(one, &format!("Edit {number}"));
        one.entry.keys[1] = key(KeyKind::Url, &format!("https://news.example/{number}"));
        scene.record(poll("a", hour(number), vec![one.clone()]));
    }
    let find = |number| {
        let key = key(KeyKind::Url, &format!("https://news.example/{number}"));
        scene.store().find("", &[key]).unwrap().len()
    };
    assert_eq!((find(29), find(25), find(0)), (1, 1, 0));
}

#[test]
fn what_is_beyond_the_first_polls_cap_is_remembered_only() {
    let scene = Scene::new();
    let mut beyond = labelled(entry("a", "old"), &["zoo"]);
    beyond.keep = false;
    let counted = scene.record(poll("a", hour(0), vec![entry("a", "one"), beyond]));
    assert_eq!(counted, counts(2, 1, 0, 0, &[]));
    let again = vec![entry("a", "one"), entry("a", "old")];
    assert_eq!(
        scene.record(poll("a", hour(1), again)),
        counts(2, 0, 0, 0, &[])
    );
    assert_eq!(scene.titles(None).len(), 1);
    assert_eq!(scene.store().feeds().unwrap()[0].entries, 1);
}

#[test]
fn articles_come_newest_first_and_the_last_stored_first_of_equals() {
    let scene = Scene::new();
    let at = |name: &str, published_at| {
        let mut record = labelled(entry("a", name), &["zoo"]);
        record.entry.published_at = published_at;
        record.entry.title = name.to_owned();
        record
    };
    let entries = vec![
        at("middle", hour(-5)),
        at("equal", hour(-5)),
        at("oldest", hour(-9)),
        at("newest", hour(-1)),
    ];
    scene.record(poll("a", hour(0), entries));
    for label in [None, Some("zoo")] {
        let expected = ["newest", "equal", "middle", "oldest"];
        assert_eq!(scene.titles(label), expected);
        assert_eq!(scene.store().articles(label, 2).unwrap().len(), 2);
    }
}

#[test]
fn u5_an_aggregated_entry_keeps_its_source() {
    let scene = Scene::new();
    let mut one = entry("a", "one");
    let source = crate::model::Source {
        id: "https://origin.example/".to_owned(),
        title: "Origin".to_owned(),
        updated_at: Some(hour(-2)),
        ..crate::model::Source::default()
    };
    one.entry.source = Some(source.clone());
    scene.record(poll("a", hour(0), vec![one]));
    assert_eq!(scene.store().articles(None, 9).unwrap()[0].source, source);
}

#[test]
fn lists_come_back_as_they_went() {
    use crate::model::{Category, Enclosure, Person};
    let scene = Scene::new();
    let mut one = entry("a", "one");
    one.entry.authors = vec![Person {
        name: "Ada \"A\" Лим".to_owned(),
        email: Some("ada@example.org".to_owned()),
        url: None,
    }];
    one.entry.categories = vec![Category {
        term: "animals".to_owned(),
        ..Category::default()
    }];
    one.entry.enclosures = vec![Enclosure {
        url: "https://a.example/one.mp3".to_owned(),
        media_type: None,
        length: Some(7),
    }];
    scene.record(poll("a", hour(0), vec![one.clone()]));
    let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
    assert_eq!(article.authors, one.entry.authors);
    assert_eq!(article.categories, one.entry.categories);
    assert_eq!(article.enclosures, one.entry.enclosures);
}

/// What a feed says of itself is published with each entry; its private address must not be.
#[test]
fn s7_a_feed_that_names_itself_by_a_secret_address_is_not_quoted() {
    let scene = Scene::new();
    wait(scene.store().set_feeds(vec![seed("a", 1)], start())).unwrap();
    for (query, expected) in [
        ("token=canary", "https://a.example/feed"),
        ("page=1", "https://a.example/self?page=1"),
    ] {
        let mut record = poll("a", hour(0), vec![entry("a", "one")]);
        let own = format!("https://a.example/self?{query}");
        let profile = record.profile.as_mut().unwrap();
        (profile.id, profile.self_url) = (Some(own.clone()), Some(own.clone()));
        profile.home_url = Some(own);
        scene.record(record);
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.source.id, expected);
        assert!(!format!("{:?}", article.source).contains("canary"));
        assert!(
            !scene
                .value::<String>("SELECT profile FROM feeds")
                .contains("canary")
        );
    }
}

#[test]
fn a_page_under_a_new_id_at_each_poll_does_not_grow() {
    let scene = Scene::new();
    let renamed = |number: i64| {
        let mut record = entry("a", "one");
        record.entry.entry_id = format!("id-{number}");
        record.entry.keys[0] = key(KeyKind::Guid, &record.entry.entry_id);
        record
    };
    for number in 0..50 {
        let counted = scene.record(poll("a", hour(number), vec![renamed(number)]));
        assert_eq!(counted.changed(), number < 8, "{number}");
    }
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM entries"), 8);
    // It is still listed, by whatever id, and other feeds still find it.
    let listed_at: i64 = scene.value("SELECT max(listed_at) FROM entries");
    assert!(listed_at > hour(50 - 24).as_millisecond());
    assert_eq!(
        scene
            .record(poll("b", hour(50), vec![entry("b", "one")]))
            .copies,
        1
    );
}

#[test]
fn an_article_tells_of_twenty_copies() {
    let scene = Scene::new();
    for number in 0..30 {
        let feed = format!("feed-{number}");
        scene.record(poll(&feed, hour(number), vec![entry(&feed, "one")]));
    }
    let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
    assert_eq!(article.copies.len(), 20);
}

#[test]
fn an_entry_that_its_id_finds_needs_no_other_key() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![entry("a", "one")]));
    scene.record(poll("b", hour(0), vec![entry("b", "one")]));
    let connection = open::reader(&scene.path()).unwrap();
    for (record, expected) in [
        (entry("a", "one"), 1),
        (
            edited(entry("a", "one"), "More pangolins sighted near one"),
            1,
        ),
        (entry("c", "one"), 2),
    ] {
        let (_, found) = crate::store::record::decide(
            &connection,
            &record.entry,
            (start(), &crate::store::keys::Document::default()),
        )
        .unwrap();
        assert_eq!(found.known.len(), expected, "{}", record.entry.title);
    }
}

/// S22: an entry that comes back from an output of ours is its article, not another one each time.
#[test]
fn s22_an_entry_of_our_own_output_is_no_news() {
    let scene = Scene::new();
    let mut bare = entry("a", "one");
    bare.entry.entry_id = "no iri".to_owned();
    scene.record(poll("a", hour(0), vec![bare]));
    let ours = scene.store().articles(None, 9).unwrap()[0].atom_id.clone();
    assert!(ours.starts_with("tag:"), "{ours}");
    for (feed, at) in [("loop", hour(1)), ("another", hour(2))] {
        let mut again = entry(feed, "words of its own");
        again.entry.entry_id.clone_from(&ours);
        let counted = scene.record(poll(feed, at, vec![again]));
        assert_eq!((counted.new, counted.copies), (0, 1), "{feed}");
    }
    assert_eq!(scene.store().totals().unwrap().articles, 1);
}
