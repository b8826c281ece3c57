//! What comes back by way of other feeds: through planets, and through other aggregators that take from us.

use super::*;
use crate::model::Source;

/// An entry without an address under this id: nothing but the id says what it is.
fn under(feed: &str, id: &str, title: &str) -> EntryRecord {
    let mut record = edited(entry(feed, title), title);
    record.entry.keys = vec![key(KeyKind::Guid, &format!("{feed} {id}"))];
    record.entry.entry_id = id.to_owned();
    record.entry.url = None;
    record
}

/// The entry as a planet has it from a feed.
fn taken_from(mut record: EntryRecord, id: &str, self_url: Option<&str>) -> EntryRecord {
    record.entry.source = Some(Source {
        id: id.to_owned(),
        title: "Where it is from".to_owned(),
        self_url: self_url.map(ToOwned::to_owned),
        ..Source::default()
    });
    record
}

fn articles(scene: &Scene) -> i64 {
    scene.value("SELECT count(*) FROM articles")
}

fn reasons(scene: &Scene) -> Vec<String> {
    let mut reasons = Vec::new();
    let each = &mut |entry: crate::model::StoredEntry| {
        reasons.push(format!(
            "{}: {}",
            entry.reason.kind.name(),
            entry.reason.text
        ));
        Ok(())
    };
    scene.store().export(each).unwrap();
    reasons
}

/// A scene whose feeds are configured and have been read once.
fn scene() -> Scene {
    let scene = Scene::new();
    let seeds = vec![seed("a", 1), seed("planet", 1), seed("z", 1)];
    wait(scene.store().set_feeds(seeds, start())).unwrap();
    scene.record(poll("a", hour(-2), Vec::new()));
    scene
}

/// A poll of a feed that says who it is.
fn poll(feed: &str, at: Timestamp, entries: Vec<EntryRecord>) -> PollRecord {
    PollRecord {
        profile: Some(FeedProfile {
            id: Some(format!("tag:{feed}.example,2020:feed")),
            self_url: Some(format!("https://feeds.{feed}.example/all/")),
            ..FeedProfile::default()
        }),
        ..super::poll(feed, at, entries)
    }
}

const HARBOUR: &str = "Harbour reopens after the storm";

/// U30: an id that is published means the same wherever it comes from, in either order.
#[test]
fn u30_a_published_id_is_the_same_article_in_another_feed() {
    for order in [["a", "planet"], ["planet", "a"]] {
        let scene = scene();
        for (hours, feed) in (0..).zip(order) {
            let record = under(feed, "urn:isbn:0451450523", HARBOUR);
            scene.record(poll(feed, hour(hours), vec![record]));
        }
        assert_eq!(articles(&scene), 1);
        let expected = format!(
            "same-id: the published id of urn:isbn:0451450523 in feed {}",
            order[0]
        );
        assert_eq!(reasons(&scene)[1], expected);
        // Known by its own feed's id from then on.
        let again = under("a", "urn:isbn:0451450523", HARBOUR);
        assert_eq!(scene.record(poll("a", hour(5), vec![again])).copies, 0);
    }
}

/// U30: what was published under an id that we made comes back under that.
#[test]
fn u30_an_id_of_ours_comes_back_as_its_article() {
    let scene = scene();
    scene.record(poll("a", hour(0), vec![under("a", "no iri", HARBOUR)]));
    let id = scene.store().articles(None, 1).unwrap()[0].atom_id.clone();
    assert!(id.starts_with("tag:news.example,"), "{id}");
    scene.record(poll("z", hour(1), vec![under("z", &id, HARBOUR)]));
    // To the very feed that it was from, too: it takes from a neighbour.
    scene.record(poll("a", hour(1), vec![under("a", &id, HARBOUR)]));
    assert_eq!(articles(&scene), 1);
    // Whoever claims it for something else gets another.
    let claim = under("planet", &id, "Railway strike enters its third week");
    scene.record(poll("planet", hour(2), vec![claim]));
    assert_eq!(articles(&scene), 2);
}

/// An id that is no IRI says something at its source alone.
#[test]
fn an_id_is_looked_up_at_the_source_that_an_entry_names() {
    for (id, self_url, expected) in [
        ("tag:a.example,2020:feed", None, 1),
        ("https://a.example/feed", None, 1),
        ("http://feeds.a.example/all", None, 1),
        ("urn:other", Some("http://a.example/feed/"), 1),
        ("urn:other", None, 2),
        ("https://stranger.example/feed", None, 2),
    ] {
        let original = || under("a", "1234", HARBOUR);
        let copy = || taken_from(under("planet", "1234", HARBOUR), id, self_url);
        let scene = scene();
        scene.record(poll("a", hour(0), vec![original()]));
        scene.record(poll("planet", hour(1), vec![copy()]));
        assert_eq!(articles(&scene), expected, "{id}");
        // The planet was asked first.
        let scene = self::scene();
        scene.record(poll("planet", hour(0), vec![copy()]));
        scene.record(poll("a", hour(1), vec![original()]));
        assert_eq!(articles(&scene), expected, "{id}, planet first");
    }
}

#[test]
fn two_planets_have_an_entry_from_one_source() {
    let scene = scene();
    for feed in ["planet", "z"] {
        let copy = taken_from(under(feed, "1234", HARBOUR), "https://far.example/", None);
        scene.record(poll(feed, hour(0), vec![copy]));
    }
    // The same number without a source is something else.
    scene.record(poll("a", hour(1), vec![under("a", "1234", HARBOUR)]));
    assert_eq!(articles(&scene), 2);
    assert_eq!(
        reasons(&scene)[1],
        "same-id: the id that its source gives to 1234 in feed planet"
    );
}

/// What a planet calls a feed changes with the feed's address.
#[test]
fn the_names_of_a_feed_follow_its_address() {
    let scene = scene();
    let names = "SELECT group_concat(n.name, ' ') FROM feed_names AS n
        JOIN feeds AS f ON f.id = n.feed WHERE f.name = 'a'";
    let before = "a.example/feed feeds.a.example/all tag:a.example,2020:feed";
    assert_eq!(scene.value::<String>(names), before);
    let moved = FeedSeed {
        url: "https://moved.example/feed".to_owned(),
        ..seed("a", 2)
    };
    wait(scene.store().set_feeds(vec![moved], hour(1))).unwrap();
    let after = "feeds.a.example/all moved.example/feed tag:a.example,2020:feed";
    assert_eq!(scene.value::<String>(names), after);
}

/// An id of many feeds is not looked at in all of them.
#[test]
fn an_id_that_everybody_uses_is_looked_up_in_a_few() {
    let scene = scene();
    for number in 0..100 {
        let feed = format!("feed-{number}");
        let record = under(
            &feed,
            "tag:x.example,2020:1",
            &format!("Report {number} of them"),
        );
        scene.record(poll(&feed, hour(0), vec![record]));
    }
    assert_eq!(articles(&scene), 100);
    let connection = open::reader(&scene.path()).unwrap();
    let record = under("a", "tag:x.example,2020:1", HARBOUR);
    let (_, found) = crate::store::record::decide(
        &connection,
        &record.entry,
        (start(), &crate::store::keys::Document::default()),
    )
    .unwrap();
    assert_eq!(found.known.len(), 8);
}

/// R15: a planet does not bring back what retention took, however long it lists it.
#[test]
fn r15_what_is_purged_does_not_come_back_through_a_planet() {
    let scene = scene();
    let id = "urn:isbn:0451450523";
    scene.record(poll("a", hour(0), vec![under("a", id, HARBOUR)]));
    scene.record(poll("a", hour(48), Vec::new()));
    let settings = Settings::default();
    assert_eq!(scene.retain(hour(24 * 190), &settings), 1);
    for day in [191, 400, 700, 1000] {
        let copy = under("planet", id, HARBOUR);
        let counts = scene.record(poll("planet", hour(24 * day), vec![copy]));
        assert_eq!((counts.seen, counts.new, counts.copies), (1, 0, 0), "{day}");
        scene.retain(hour(24 * day), &settings);
    }
    // What was never shown is no reason.
    let mut beyond = under("a", "urn:isbn:1", "Pangolins counted in the north");
    beyond.keep = false;
    scene.record(poll("a", hour(24 * 1001), vec![beyond]));
    let copy = under("planet", "urn:isbn:1", "Pangolins counted in the north");
    assert_eq!(
        scene
            .record(poll("planet", hour(24 * 1001), vec![copy]))
            .new,
        1
    );
}
