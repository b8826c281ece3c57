//! Which entry tells an article.

mod dropped;
mod silent;

use super::*;
use crate::model::{Article, Role};
use crate::store::openly::Audience;
use crate::store::{Openly, articles, lead};

/// What both entries say.
const REPORT: &str = "The ferry ran aground on a sandbank at dusk, and every passenger was brought ashore by \
                      fishermen before midnight.";

/// An entry of page `one` of a feed with this text, at so many hours.
fn report(feed: &str, text: &str, at: i64) -> EntryRecord {
    let mut record = entry(feed, "one");
    record.entry.summary = None;
    record.entry.content = Some(format!("<p>{text}</p>"));
    record.entry.content_text = text.to_owned();
    record.entry.published_at = hour(at);
    record.entry.updated_at = hour(at);
    refresh(&mut record);
    record
}

/// The report at the length of an article.
fn at_length() -> String {
    format!("{REPORT} {}", "The inquiry goes on. ".repeat(60))
}

/// A scene with feeds `a` and `b` that are fetched at the site to which their entries lead.
fn of_one_site() -> Scene {
    let scene = Scene::new();
    let at_the_site = |feed| FeedSeed {
        url: format!("https://news.example/{feed}.xml"),
        ..seed(feed, 1)
    };
    set_feeds(&scene, &[at_the_site("a"), at_the_site("b")]);
    scene
}

fn role(feed: &str, role: Role, weight: u8) -> FeedSeed {
    let outlet = Outlet {
        role,
        weight,
        owner: None,
    };
    FeedSeed {
        outlet,
        ..seed(feed, 1)
    }
}

fn set_feeds(scene: &Scene, feeds: &[FeedSeed]) {
    wait(scene.store().set_feeds(feeds.to_vec(), start())).unwrap();
}

fn choose_leads(scene: &Scene, at: i64) -> u64 {
    let changed = wait(scene.store().choose_leads(hour(at))).unwrap();
    changed.unwrap_or_default()
}

fn the_article(scene: &Scene) -> Article {
    let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
    article
}

/// Who tells the only article, and when it changed last.
fn told(scene: &Scene) -> (String, Timestamp) {
    let article = the_article(scene);
    (article.source.title, article.updated_at)
}

#[test]
fn a_better_role_takes_an_article_over_and_its_identity_stays() {
    let scene = Scene::new();
    set_feeds(&scene, &[role("a", Role::Aggregator, 100), seed("b", 1)]);
    let mut passed_on = labelled(report("a", &at_length(), -1), &["zoo"]);
    passed_on.entry.url = Some("https://a.example/out?one".to_owned());
    scene.record(poll("a", hour(0), vec![passed_on.clone()]));
    let before = the_article(&scene);
    let original = labelled(report("b", "Ferry aground, all safe.", -3), &["sea"]);
    let counted = scene.record(poll("b", hour(1), vec![original.clone()]));
    assert_eq!((counted.new, counted.copies), (0, 1));
    assert_eq!(counted.labels, ["sea", "zoo"]);
    let after = the_article(&scene);
    assert_eq!(after.atom_id, before.atom_id, "U2");
    assert_eq!(after.published_at, before.published_at, "U7");
    assert_eq!(
        (after.first_seen_at, after.known_at),
        (hour(1), Some(hour(0)))
    );
    assert_eq!(after.updated_at, hour(1));
    assert_eq!(after.source.title, "The b");
    assert_eq!(after.content, original.entry.content);
    assert_eq!(after.url, original.entry.url);
    assert_eq!(after.topics, ["sea", "zoo"]);
    assert_eq!(Some(&after.copies[0].url), passed_on.entry.url.as_ref());
    assert_eq!(after.first, None, "the lead itself");
    // It is news once: neither does the article change again, nor does it fall back.
    let again = vec![original];
    assert!(!scene.record(poll("b", hour(9), again)).changed());
    scene.record(poll("a", hour(10), vec![passed_on]));
    assert_eq!(the_article(&scene), after);
}

#[test]
fn of_equal_roles_the_higher_weight_leads() {
    let scene = Scene::new();
    set_feeds(&scene, &[seed("a", 1), role("b", Role::Original, 51)]);
    scene.record(poll("a", hour(0), vec![report("a", &at_length(), -1)]));
    scene.record(poll("b", hour(1), vec![report("b", REPORT, -2)]));
    assert_eq!(told(&scene), ("The b".to_owned(), hour(1)));
}

/// Of what readers know a part is kept, and a long read is longer: who takes it over in the same words brings no news.
#[test]
fn what_is_longer_than_what_is_kept_is_no_news() {
    let long = format!("{REPORT} {}", "The inquiry goes on. ".repeat(3400));
    let spelled = long.replace("brought ashore", "led ashore");
    let scene = Scene::new();
    set_feeds(&scene, &[seed("a", 1), role("b", Role::Original, 51)]);
    for (at, feed, text) in [(0, "a", &long), (1, "a", &spelled), (2, "b", &spelled)] {
        scene.record(poll(feed, hour(at), vec![report(feed, text, -1)]));
    }
    assert_eq!(told(&scene), ("The b".to_owned(), hour(-1)));
}

/// An article of hundreds of entries is told as one of few is, at the same cost.
#[test]
fn who_comes_late_to_an_article_of_many_is_looked_at_too() {
    let scene = Scene::new();
    set_feeds(&scene, &[role("b", Role::Original, 51)]);
    for number in 0..300 {
        let feed = format!("a{number}");
        scene.record(poll(&feed, hour(0), vec![report(&feed, REPORT, -1)]));
    }
    scene.record(poll("b", hour(1), vec![report("b", REPORT, -2)]));
    assert_eq!(told(&scene).0, "The b");
    // It stays as the one that tells it now, and loses to the first again.
    scene.record(poll("c", hour(2), vec![report("c", REPORT, -2)]));
    assert_eq!(told(&scene).0, "The b");
    set_feeds(&scene, &[role("b", Role::Aggregator, 50)]);
    assert_eq!(choose_leads(&scene, 3), 1);
    assert_eq!(told(&scene).0, "The a0");
}

#[test]
fn time_alone_takes_nothing_over() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
    let before = told(&scene);
    let earlier = report("b", &format!("{REPORT} Nobody was hurt."), -9);
    scene.record(poll("b", hour(1), vec![earlier.clone()]));
    assert_eq!(told(&scene), before);
    let article = the_article(&scene);
    let first = article.first.unwrap();
    assert_eq!(first.feed_title, "The b");
    assert_eq!(Some(first.url), earlier.entry.url);
}

#[test]
fn a_fuller_text_takes_over_when_it_has_the_words() {
    let other = "Cheap watches and bracelets, delivered tomorrow. ".repeat(60);
    for (text, expected) in [
        (at_length(), ("The b", hour(1))),
        (other, ("The a", hour(-1))),
        // As good as the first, in its class.
        (format!("{REPORT} No inquiry."), ("The a", hour(-1))),
    ] {
        let scene = of_one_site();
        scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
        scene.record(poll("b", hour(1), vec![report("b", &text, 0)]));
        let (title, updated_at) = told(&scene);
        assert_eq!((title.as_str(), updated_at), expected, "{text}");
    }
}

#[test]
fn words_that_replace_those_of_the_first_lose_the_lead() {
    let scene = of_one_site();
    scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
    scene.record(poll("b", hour(1), vec![report("b", &at_length(), 0)]));
    let more = format!(
        "{} {}",
        at_length(),
        "The captain was heard in court. ".repeat(9)
    );
    let mut edit = report("b", &more, 0);
    edit.entry.updated_at = hour(2);
    scene.record(poll("b", hour(2), vec![edit]));
    assert_eq!(told(&scene), ("The b".to_owned(), hour(2)));
    let other = "Cheap watches and bracelets, delivered tomorrow. ".repeat(60);
    scene.record(poll("b", hour(3), vec![report("b", &other, 0)]));
    assert_eq!(told(&scene), ("The a".to_owned(), hour(3)));
}

#[test]
fn a_first_that_becomes_fuller_gets_its_article_back_when_the_copy_lacks_its_words() {
    let scene = of_one_site();
    scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
    scene.record(poll("b", hour(1), vec![report("b", &at_length(), 0)]));
    let corrected =
        "The freighter, not the ferry, burned yesterday; officials apologise. ".repeat(30);
    scene.record(poll("a", hour(2), vec![report("a", &corrected, -1)]));
    assert_eq!(told(&scene), ("The a".to_owned(), hour(2)));
}

#[test]
fn the_same_words_under_another_lead_are_no_news() {
    let scene = Scene::new();
    set_feeds(&scene, &[role("a", Role::Rewrite, 50), seed("b", 1)]);
    scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
    let copy = report("b", &REPORT.to_uppercase(), -1);
    scene.record(poll("b", hour(1), vec![copy]));
    assert_eq!(told(&scene), ("The b".to_owned(), hour(-1)));
}

#[test]
fn a_change_of_role_or_weight_reaches_what_is_stored() {
    let mut scene = Scene::new();
    set_feeds(&scene, &[seed("a", 1), seed("b", 1)]);
    for feed in ["a", "b"] {
        // More than a batch of them.
        let mut entries: Vec<_> = (0..300)
            .map(|number| {
                edited(
                    entry(feed, &format!("page-{number}")),
                    &format!("Page {number}"),
                )
            })
            .collect();
        for record in &mut entries {
            record.entry.content = Some(format!("<p>{feed}1st {feed}2nd {feed}third</p>"));
            refresh(record);
        }
        scene.record(poll(feed, hour(0), entries));
    }
    let by = |scene: &Scene, feed: &str| {
        let articles = scene.store().articles(None, 999).unwrap();
        let title = format!("The {feed}");
        let of = articles.iter().filter(|one| one.source.title == title);
        of.count()
    };
    assert_eq!((choose_leads(&scene, 1), by(&scene, "a")), (0, 300));
    set_feeds(&scene, &[role("a", Role::Original, 40), seed("b", 1)]);
    scene.restart();
    assert_eq!((choose_leads(&scene, 2), by(&scene, "b")), (300, 300));
    let articles = scene.store().articles(None, 999).unwrap();
    assert!(articles.iter().all(|one| one.updated_at == hour(2)));
    // Nothing is done twice, nor for a feed that stays what it was.
    assert_eq!(wait(scene.store().choose_leads(hour(3))).unwrap(), None);
    set_feeds(&scene, &[role("a", Role::Original, 40), seed("b", 1)]);
    assert_eq!(scene.value::<i64>("SELECT count(chosen_to) FROM feeds"), 0);
    set_feeds(
        &scene,
        &[role("a", Role::Wire, 40), role("b", Role::Aggregator, 50)],
    );
    assert_eq!((choose_leads(&scene, 4), by(&scene, "a")), (300, 300));
}

#[test]
fn what_was_stored_before_is_judged_by_its_length() {
    let mut connection = Connection::open_in_memory().unwrap();
    let migrations = rusqlite_migration::Migrations::from_directory(&open::DIRECTORY).unwrap();
    migrations.to_version(&mut connection, 4).unwrap();
    connection
        .execute_batch(
            "INSERT INTO feeds (id, name, added_at) VALUES (1, 'a', 0);
             INSERT INTO articles (id, atom_id, published_at, updated_at) VALUES (1, 'x', 0, 0);
             INSERT INTO entries (feed, entry_id, article, leads, title, published_at,
                     first_seen_at, listed_at, content_digest, keys)
                 SELECT 1, value, 1, value = 1, '', 0, 0, 0, x'', x''
                 FROM json_each('[1, 2, 3, 4, 5]');
             INSERT INTO texts (entry, summary, content, authors, categories, enclosures,
                     updated_at, reason_kind, reason)
                 SELECT id, iif(id = 1, NULL, 'short'),
                     CASE id WHEN 3 THEN printf('%0600d', 0) WHEN 4 THEN printf('%01800d', 0)
                         WHEN 5 THEN zeroblob(700) END,
                     '[]', '[]', '[]', 0, 'new', '' FROM entries;",
        )
        .unwrap();
    migrations.to_latest(&mut connection).unwrap();
    let mut statement = connection
        .prepare("SELECT completeness FROM texts ORDER BY entry")
        .unwrap();
    let classes = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    let classes: Vec<i64> = classes.map(Result::unwrap).collect();
    assert_eq!(classes, [0, 0, 1, 2, 2]);
}

#[test]
fn who_names_an_address_of_anothers_site_does_not_tell_the_article() {
    let page = |feed: &str| {
        let mut record = report(feed, REPORT, -1);
        record.entry.url = Some("https://a.example/page".to_owned());
        record.entry.keys.truncate(1);
        record
            .entry
            .keys
            .push(key(KeyKind::Url, "https://a.example/page"));
        record
    };
    let by_id = |feed: &str| {
        let mut record = report(feed, &format!("{REPORT} Cheap watches."), -1);
        record.entry.entry_id = "https://a.example/page".to_owned();
        record.entry.url = Some(format!("https://{feed}.example/spam"));
        record.entry.keys = vec![
            key(KeyKind::Guid, feed),
            key(KeyKind::Url, "https://a.example/page"),
        ];
        record
    };
    for claim in [page("b"), by_id("b")] {
        let scene = Scene::new();
        set_feeds(&scene, &[seed("a", 1), seed("b", 1)]);
        scene.record(poll("b", hour(0), vec![claim]));
        scene.record(poll("a", hour(1), vec![page("a")]));
        assert_eq!(told(&scene).0, "The a");
    }
}

/// Articles that many carry are chosen few at a time, so that polls need not wait, and each is.
#[test]
fn leads_of_what_many_carry_are_chosen_in_small_transactions() {
    let mut scene = Scene::new();
    set_feeds(&scene, &[seed("a", 1), seed("b", 2)]);
    scene.meddle(
        "CREATE TEMP TABLE n AS
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 6000 - 1) SELECT i FROM n;
         INSERT INTO articles (id, atom_id, published_at, updated_at)
             SELECT i, 'urn:' || i, 1000, 1000 FROM n WHERE i BETWEEN 1 AND 100;
         INSERT INTO entries (id, feed, entry_id, article, leads, title, published_at, first_seen_at,
                 listed_at, content_digest, keys)
             SELECT i + 1, 1 + (i < 100), 'urn:' || i, 1 + i % 100, i < 100, 'Pangolins', 1000, 1000, 1000,
                 zeroblob(16), x'' FROM n;
         INSERT INTO texts (entry, content, authors, categories, enclosures, updated_at, reason_kind, reason)
             SELECT i + 1, '', '[]', '[]', '[]', 1000, 'new', '' FROM n;",
    );
    set_feeds(&scene, &[seed("a", 1), role("b", Role::Rewrite, 50)]);
    scene.close();
    let connection = raw(&scene.path());
    let mut steps = Vec::new();
    while let Some(changed) = lead::choose_batch(&connection, hour(1)).unwrap() {
        steps.push(changed);
    }
    assert_eq!(steps.iter().sum::<u64>(), 100);
    assert!(steps.iter().all(|changed| *changed <= 40), "{steps:?}");
    scene.restart();
}

/// What a feed that is hosted elsewhere says of its own site is its own all the same: another feed's longer copy under
/// its link, whatever that feed calls itself, tells nothing in its place.
#[test]
fn u3_a_longer_copy_takes_nothing_from_a_feed_that_is_hosted_elsewhere() {
    let spoof = at_length();
    let at_the_site = |feed: &str, name: &str, id: &str, text: &str| {
        let mut record = report(feed, text, -1);
        record.entry.keys[0] = key(KeyKind::Guid, &format!("{feed} {id}"));
        record.entry.keys[1] = key(KeyKind::Url, name);
        id.clone_into(&mut record.entry.entry_id);
        record.entry.url = Some(format!("https://paper.example/{name}"));
        record
    };
    for (says_home, claims_home, brings) in [
        // By its entries alone; or by its word; and the other says the same of itself.
        (false, false, 0),
        (true, false, 0),
        (true, true, 0),
        // Most of what the other brings is from that site, too: anybody can bring that, under another's words.
        (true, true, 9),
    ] {
        let scene = Scene::new();
        let hosted = FeedSeed {
            url: "https://feeds.example/paper".to_owned(),
            ..seed("paper", 1)
        };
        set_feeds(&scene, &[hosted, seed("d", 1)]);
        let named = |mut record: PollRecord, is_named: bool| {
            let home = is_named.then(|| "https://paper.example/".to_owned());
            record.profile.as_mut().unwrap().home_url = home;
            record
        };
        let own = at_the_site("paper", "one", "https://paper.example/one", REPORT);
        scene.record(named(poll("paper", hour(0), vec![own]), says_home));
        let others = (0..brings).map(|number| {
            let name = format!("other-{number}");
            edited(at_the_site("d", &name, &name, "Short."), &name)
        });
        let mut entries: Vec<_> = others.collect();
        entries.push(at_the_site("d", "one", "https://d.example/77", &spoof));
        let counted = scene.record(named(poll("d", hour(1), entries), claims_home));
        assert_eq!(counted.copies, 1);
        let articles = scene.store().articles(None, 99).unwrap();
        let told = articles
            .iter()
            .find(|article| article.title == "Pangolins sighted near one");
        assert_eq!(told.unwrap().source.title, "The paper", "{brings}");
    }
}

/// What a topic leaves out is not shown in it for being a copy: an entry with the label tells the article there, under the
/// id and at the dates that it has everywhere.
#[test]
fn a_topic_is_told_by_what_it_has() {
    let scene = Scene::new();
    let feeds = [
        role("board", Role::Original, 90),
        role("b", Role::Aggregator, 50),
        role("c", Role::Wire, 50),
    ];
    set_feeds(&scene, &feeds);
    let brings = |feed: &str, at, labels: &[&str]| {
        let record = labelled(report(feed, REPORT, at), labels);
        scene.record(poll(feed, hour(at), vec![record]));
    };
    let told = |label| {
        let articles = scene.store().articles(label, 9).unwrap();
        let [article] = articles.try_into().unwrap();
        let copies = article.copies.iter().map(|copy| copy.feed_title.clone());
        let copies: Vec<String> = copies.collect();
        let whole = (article.atom_id, article.published_at, article.updated_at);
        (article.source.title, copies.join(" "), whole)
    };
    brings("board", 0, &["all"]);
    brings("b", 1, &["all", "merger"]);
    let everywhere = told(None);
    assert_eq!((&*everywhere.0, &*everywhere.1), ("The board", "The b"));
    assert_eq!(told(Some("all")), everywhere);
    let (by, copies, whole) = told(Some("merger"));
    assert_eq!((&*by, &*copies), ("The b", "The board"));
    assert_eq!(whole, everywhere.2);
    // Of those that have it, the one that would tell the article if there were no others.
    brings("c", 2, &["merger"]);
    assert_eq!(told(Some("merger")).0, "The c");
    assert_eq!(told(Some("all")).0, "The board");
}

/// Who had it first counts for who may be told of that entry, and so does an entry of the same feed, were it one of before.
#[test]
fn an_article_was_known_when_the_first_was_seen_that_may_be_told() {
    let scene = Scene::new();
    set_feeds(&scene, &[seed("a", 1), role("b", Role::Original, 60)]);
    scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
    let open = |entry_id: &str| {
        let mut record = labelled(report("b", &at_length(), -1), &["zoo"]);
        record.entry.entry_id = entry_id.to_owned();
        record
    };
    scene.record(poll("b", hour(1), vec![open("b1")]));
    scene.record(poll("b", hour(2), vec![open("b1"), open("b2")]));
    scene.record(poll("b", hour(3), vec![open("b2")]));
    let zoo = Output::new("zoo", "Zoo", Selection::Label("zoo".to_owned()));
    let openly = Openly::of(&mut [zoo].iter());
    let connection = open::reader(&scene.path()).unwrap();
    let entries: i64 = scene.value("SELECT count(*) FROM entries");
    assert_eq!(entries, 3);
    let number: i64 = scene.value("SELECT id FROM articles");
    for (openly, expected) in [(None, 0), (Some(&openly), 1)] {
        let audience = Audience::new(openly);
        let told = articles::one(&connection, (number, None), &audience).unwrap();
        assert_eq!(told.unwrap().known_at, Some(hour(expected)), "{openly:?}");
    }
}
