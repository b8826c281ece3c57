//! What becomes of a database that an older merganser left.

use super::*;
use crate::publish::{Output, Selection, Turnover};
use crate::store::Arrivals;

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

/// The text of the migration is no news to whoever has no room for it.
#[test]
fn r5_a_migration_without_room_says_so() {
    let scene = older(22);
    let mut connection = raw(&scene.path());
    connection
        .query_row("PRAGMA max_page_count = 1", [], |_| Ok(()))
        .unwrap();
    let error = open::migrate(&mut connection, &scene.path(), &Arc::default()).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
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

/// A story of before whose founder is among its reports has its dates from there, whatever its name has behind it.
#[test]
fn stories_of_before_have_the_dates_of_what_they_began_with() {
    for (founder, expected) in [
        ("'urn:x'", "1000 3000"),
        ("'urn:z'", "2000 4000"),
        ("'urn:x' || char(10)", "1000 3000"),
        ("'urn:x' || char(10, 10)", "1000 3000"),
        ("'urn:gone' || char(10)", "1000 3000"),
    ] {
        let mut scene = older(13);
        scene.meddle(&format!(
            "INSERT INTO stories (id, born_at, founder, reports) VALUES (7, 1000, {founder}, 2);
             INSERT INTO articles (id, atom_id, published_at, updated_at, story) VALUES (2, 'urn:z', 2000, 4000, 7);
             UPDATE articles SET story = 7, updated_at = 3000 WHERE id = 1;
             INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                     listed_at, content_digest, keys)
                 VALUES (3, 1, 'urn:z', 2, 1, 'More pangolins', 2000, 2000, 2000, zeroblob(16), x'');
             INSERT INTO texts (entry, authors, categories, enclosures, updated_at, reason_kind, reason)
                 VALUES (3, '[]', '[]', '[]', 2000, 'new', '');"
        ));
        scene.restart();
        let dates = "SELECT published_at || ' ' || updated_at FROM stories";
        assert_eq!(scene.value::<String>(dates), expected, "{founder}");
        assert_eq!(scene.value::<i64>("SELECT count(*) FROM heirs"), 0);
    }
}

/// What was left of a story of before, and was corrected since, is dated so.
#[test]
fn heirs_of_before_are_dated_as_they_were() {
    for (updated, expected) in [(2500, 3000), (4000, 4000)] {
        let mut scene = older(24);
        scene.meddle(&format!(
            "INSERT INTO heirs (article, founder, published_at, updated_at, since)
                 VALUES (1, 'urn:gone', 1000, 3000, 2000);
             UPDATE articles SET updated_at = {updated} WHERE id = 1;"
        ));
        scene.restart();
        let dates = "SELECT updated_at FROM heirs";
        assert_eq!(scene.value::<i64>(dates), expected, "{updated}");
    }
}

/// Of entries of before, those that say no language get the one that feeds.toml says, and no others.
#[test]
fn entries_of_before_keep_the_language_that_they_say() {
    let mut scene = older(14);
    scene.meddle(
        "UPDATE texts SET language = 'de' WHERE entry = 1;
         INSERT INTO articles (id, atom_id, published_at, updated_at) VALUES (2, 'urn:z', 2000, 2000);
         INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                 listed_at, content_digest, keys)
             VALUES (3, 1, 'urn:z', 2, 1, 'More pangolins', 2000, 2000, 2000, zeroblob(16), x'');
         INSERT INTO texts (entry, authors, categories, enclosures, updated_at, reason_kind, reason)
             VALUES (3, '[]', '[]', '[]', 2000, 'new', '');",
    );
    scene.restart();
    let seed = FeedSeed {
        language: Some("hi".to_owned()),
        ..same()
    };
    wait(scene.store().set_feeds(vec![seed], start())).unwrap();
    assert_eq!(wait(scene.store().apply_languages()).unwrap(), 1);
    let read = scene.store().readable(0, i64::MAX).unwrap();
    let languages: Vec<_> = read.iter().map(|it| it.entry.language.as_deref()).collect();
    assert_eq!(languages, [Some("de"), Some("hi")]);
}

/// What a feed listed at its last poll, or at one within the day before, is listed; it is not noted at each poll that it is. A feed that
/// was never read lists nothing.
#[test]
fn what_feeds_of_before_listed_is_known() {
    const HOUR: i64 = 3_600_000;
    for (read_at, listed) in [(Some(25 * HOUR), "3 4"), (None, "")] {
        let mut scene = older(26);
        let read_at = read_at.map_or("NULL".to_owned(), |at: i64| (at + 1000).to_string());
        let entry = |number: i64, at: i64| {
            format!(
                "({number}, 1, 'urn:{number}', 1, 0, 'Pangolins', 1000, 1000, {at}, zeroblob(16), x'')"
            )
        };
        let others = [
            entry(3, 1001 + HOUR),
            entry(4, 1000 + 25 * HOUR),
            entry(5, 1000 + HOUR),
        ];
        scene.meddle(&format!(
            "UPDATE feeds SET read_at = {read_at};
             INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                     listed_at, content_digest, keys) VALUES {};
             INSERT INTO texts (entry, authors, categories, enclosures, updated_at, reason_kind, reason)
                 SELECT id, '[]', '[]', '[]', 1000, 'copy', '' FROM entries WHERE id > 2;",
            others.join(", ")
        ));
        scene.restart();
        let found = "SELECT ifnull(group_concat(id, ' '), '') FROM (SELECT id FROM entries WHERE listed = 1 ORDER BY id)";
        assert_eq!(scene.value::<String>(found), listed, "{read_at}");
    }
}

/// What an output listed before it had an archive, and before it told of what left, is in the one and left nothing.
#[test]
fn outputs_of_before_begin_their_archives_with_what_is_stored() {
    for version in [15, 16] {
        let mut scene = older(version);
        scene.restart();
        let output = Output {
            archive: true,
            tombstones: true,
            ..Output::new("all", "All", Selection::All)
        };
        let store = scene.store();
        let (seen, listed) = store.listed((&output, None), 9).unwrap();
        let listed: Vec<_> = listed
            .iter()
            .map(|(number, it)| (it.atom_id.clone(), *number))
            .collect();
        assert_eq!(listed, [("urn:x".to_owned(), 1)]);
        let arrivals = Arrivals {
            output: output.clone(),
            basis: [1; 32],
            seen,
            listed: listed.clone(),
            others: Vec::new(),
            now: start(),
        };
        let ledger = store.note(arrivals).unwrap().unwrap();
        let read = store.archived((&output, None), &ledger.waiting).unwrap();
        let titles: Vec<_> = read.into_iter().flatten().map(|it| it.title).collect();
        assert_eq!(titles, ["Pangolins counted"], "{version}");
        assert!(store.note_turnover(&output, listed, start()).unwrap() == Turnover::default());
        assert!(store.note_turnover(&output, Vec::new(), start()).unwrap() == Turnover::default());
        assert!(store.sheets(ledger.archive).unwrap().is_empty());
    }
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

/// What left before is known by the ids that its publisher gave.
#[test]
fn ids_of_what_left_before_are_given_to_no_other_feed() {
    let mut scene = older(17);
    raw(&scene.path())
        .execute_batch("UPDATE entries SET purged_at = 2000 WHERE id = 2")
        .unwrap();
    scene.restart();
    let mut claim = edited(entry("d", "casino"), "Coins for everybody");
    "urn:y".clone_into(&mut claim.entry.entry_id);
    assert_eq!(scene.record(poll("d", hour(0), vec![claim])).new, 1);
    let given = "SELECT count(*) FROM articles WHERE atom_id = 'urn:y'";
    assert_eq!(scene.value::<i64>(given), 0);
}

/// R11: whoever is killed while a database is brought up to date leaves the one of before, however far it came: what
/// stands on the disk at any step is opened and brought up to date anew.
#[test]
fn r11_a_migration_that_is_cut_off_leaves_what_was_before() {
    let mut scene = older(5);
    let grow = "WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
             INSERT INTO articles (id, atom_id, published_at, updated_at) SELECT i, 'urn:n' || i, 1000, 1000 FROM n;
             INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                     listed_at, content_digest, keys)
                 SELECT id, 1, atom_id, id, 1, 'Otters', 1000, 1000, 1000, zeroblob(16), x'' FROM articles WHERE id > 2;
             INSERT INTO texts (entry, content, authors, categories, enclosures, updated_at, reason_kind, reason)
                 SELECT id, printf('%.*c', 2000, 'x'), '[]', '[]', '[]', 1000, 'new', '' FROM entries WHERE id > 2;
             PRAGMA journal_mode = WAL;";
    scene.meddle(grow);
    let mut database = raw(&scene.path());
    // Pages that are changed go to the log at once, as they do where more are changed than are held.
    database
        .execute_batch("PRAGMA cache_size = 4; PRAGMA wal_autocheckpoint = 0;")
        .unwrap();
    let transaction = database.transaction().unwrap();
    let mut steps: Vec<_> = open::DIRECTORY.dirs().collect();
    steps.sort_by_key(|step| step.path());
    let mut spilt = 0;
    for step in steps.iter().skip(5) {
        let sql = step.get_file(step.path().join("up.sql")).unwrap();
        transaction
            .execute_batch(sql.contents_utf8().unwrap())
            .unwrap();
        let mut cut = Scene::idle();
        for suffix in ["", "-wal"] {
            let held = open::beside(&scene.path(), suffix);
            std::fs::copy(held, open::beside(&cut.path(), suffix)).unwrap();
        }
        spilt = spilt.max(open::beside(&cut.path(), "-wal").metadata().unwrap().len());
        let before = "SELECT count(*) FROM pragma_table_info('texts') WHERE name = 'completeness'";
        assert_eq!(cut.value::<i64>(before), 0, "{}", step.path().display());
        assert_eq!(open::schema_of(&cut.path()).unwrap(), 5);
        cut.restart();
        assert_eq!(open::schema_of(&cut.path()).unwrap(), open::newest_schema());
        assert_eq!(
            cut.value::<i64>("SELECT count(*) FROM texts WHERE completeness > 0"),
            398
        );
    }
    assert!(spilt > 500_000, "the cuts were none: {spilt} bytes");
    transaction.rollback().unwrap();
    drop(database);
    // What must hold of every database is of the newest schema.
    scene.restart();
}
