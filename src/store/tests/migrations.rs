//! What becomes of a database that an older merganser left.

use super::*;

/// A directory with a database of an older schema, in which a feed `a` has an article and a tombstone.
fn older(version: usize) -> Scene {
    let scene = Scene::idle();
    let mut connection = raw(&scene.path());
    let migrations = rusqlite_migration::Migrations::from_directory(&open::DIRECTORY).unwrap();
    migrations.to_version(&mut connection, version).unwrap();
    connection
        .execute_batch(
            "PRAGMA application_id = 0x4D657267;
             INSERT INTO identity VALUES (1, 'news.example', 1000);
             INSERT INTO feeds (id, name, url, configured, added_at, health, fingerprint, profile)
                 VALUES (1, 'a', 'https://A.example:443/feed/', 1, 1000, 'ok', zeroblob(16),
                     '{\"id\": \"HTTP://feeds.A.example/all\"}');
             INSERT INTO articles (id, atom_id, published_at, updated_at) VALUES (1, 'urn:x', 1000, 1000);
             INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                     listed_at, content_digest, keys)
                 VALUES (1, 1, 'urn:x', 1, 1, 'Pangolins counted', 1000, 1000, 1000, zeroblob(16), x''),
                     (2, 1, 'urn:y', NULL, 0, 'Otters counted', 1000, 1000, 1000, zeroblob(16), x'');
             INSERT INTO texts (entry, content, authors, categories, enclosures, updated_at, reason_kind,
                     reason)
                 VALUES (1, 'Twelve by the river.', '[]', '[]', '[]', 1000, 'new', '');",
        )
        .unwrap();
    scene
}

/// The feed as the configuration had it that the older merganser read.
fn same() -> FeedSeed {
    FeedSeed {
        url: "https://A.example:443/feed/".to_owned(),
        ..seed("a", 0)
    }
}

/// Nothing in `feeds.toml` changed, and yet the names are there.
#[test]
fn feeds_of_before_get_the_names_that_others_get() {
    let mut scene = older(7);
    scene.restart();
    let names = "SELECT group_concat(name, ' ') FROM feed_names";
    assert_eq!(scene.value::<Option<String>>(names), None);
    wait(scene.store().set_feeds(vec![same()], start())).unwrap();
    let expected = "a.example/feed feeds.a.example/all";
    assert_eq!(scene.value::<String>(names), expected);
}

/// The history of a feed goes on where it was, instead of starting again at its first row.
#[test]
fn polls_of_before_are_numbered_on() {
    let mut scene = older(9);
    raw(&scene.path())
        .execute_batch(
            "INSERT INTO polls VALUES
                 (1, 41, 1000, 'modified', '', 200, 9, 9, 1, 0, 0, NULL, ''),
                 (1, 42, 2000, 'not-modified', '', 304, 0, 9, 0, 0, 0, NULL, '');",
        )
        .unwrap();
    scene.restart();
    scene.record(poll("a", hour(3), Vec::new()));
    scene.record(poll("new", hour(3), Vec::new()));
    let numbers = "SELECT group_concat(f.name || number, ' ' ORDER BY p.feed, number)
         FROM polls AS p JOIN feeds AS f ON f.id = p.feed";
    assert_eq!(scene.value::<String>(numbers), "a41 a42 a43 new1");
}

/// The one that the others joined began a story, whichever was stored first.
#[test]
fn stories_of_before_know_what_they_began_with() {
    let mut scene = older(11);
    raw(&scene.path())
        .execute_batch(
            "INSERT INTO stories (id, born_at) VALUES (7, 1000);
             INSERT INTO articles (id, atom_id, published_at, updated_at, story)
                 VALUES (2, 'urn:z', 2000, 2000, 7);
             UPDATE articles SET story = 7, story_reason = 'like the other' WHERE id = 1;
             INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                     listed_at, content_digest, keys)
                 VALUES (3, 1, 'urn:z', 2, 1, 'Pangolins', 2000, 2000, 2000, zeroblob(16), x'');
             INSERT INTO texts (entry, authors, categories, enclosures, updated_at, reason_kind, reason)
                 VALUES (3, '[]', '[]', '[]', 2000, 'new', '');",
        )
        .unwrap();
    scene.restart();
    let founder = "SELECT founder FROM stories WHERE id = 7";
    assert_eq!(scene.value::<String>(founder), "urn:z");
}

/// Stories of before know how many reports they have; how many outlets, they learn with the leads.
#[test]
fn stories_of_before_are_counted() {
    let mut scene = older(9);
    scene.meddle(
        "INSERT INTO feeds (id, name, url, configured, added_at, health)
             VALUES (2, 'b', 'https://b.example/feed', 1, 1000, 'ok');
         INSERT INTO stories (id, born_at) VALUES (1, 1000);
         INSERT INTO articles (id, atom_id, published_at, updated_at, story)
             VALUES (2, 'urn:z', 1000, 1000, 1);
         UPDATE articles SET story = 1 WHERE id = 1;
         INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                 listed_at, content_digest, keys)
             VALUES (3, 2, 'urn:z', 2, 1, 'More pangolins', 1000, 1000, 1000, zeroblob(16), x'');
         INSERT INTO texts (entry, url, content, authors, categories, enclosures, updated_at,
                 reason_kind, reason)
             VALUES (3, 'https://b.example/z', '', '[]', '[]', '[]', 1000, 'new', '');",
    );
    scene.restart();
    assert_eq!(scene.value::<i64>("SELECT reports FROM stories"), 2);
    assert!(scene.store().carried(None, 2, 9).unwrap().is_empty());
    wait(scene.store().choose_leads(start())).unwrap();
    assert_eq!(scene.store().carried(None, 2, 9).unwrap().len(), 2);
}

/// A story of before whose founder is gone keeps the dates that it had, whoever comes.
#[test]
fn stories_of_before_keep_their_dates() {
    let mut scene = older(13);
    scene.meddle(
        "INSERT INTO stories (id, born_at, founder, reports) VALUES (7, 1000, 'urn:gone', 2);
         INSERT INTO articles (id, atom_id, published_at, updated_at, story) VALUES (2, 'urn:z', 900, 2000, 7);
         UPDATE articles SET story = 7 WHERE id = 1;
         INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                 listed_at, content_digest, keys)
             VALUES (3, 1, 'urn:z', 2, 1, 'More pangolins', 900, 1000, 1000, zeroblob(16), x'');
         INSERT INTO texts (entry, authors, categories, enclosures, updated_at, reason_kind, reason)
             VALUES (3, '[]', '[]', '[]', 2000, 'new', '');",
    );
    scene.restart();
    let dates = "SELECT published_at || ' ' || updated_at FROM stories WHERE id = 7";
    assert_eq!(scene.value::<String>(dates), "900 2000");
}
