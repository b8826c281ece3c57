//! Entries whose publisher changes their ids: once, or at each edit.

use super::*;
use crate::model::Withdrawal;

/// The page, with this id, headline and text, changed so many hours after the first poll.
pub(super) fn version(id: &str, title: &str, text: &str, at: i64) -> ParsedEntry {
    ParsedEntry {
        title: Text::plain(title),
        summary: Some(Text::plain(text)),
        published_at: Some(hour(at)),
        ..item(0, id, &page(0))
    }
}

pub(super) const TEXT: &str = "The ferry ran aground on a sandbank at dusk, and fishermen brought every passenger ashore before midnight";

/// A headline that is no other article's.
pub(super) const LONG: &str = "Ferry aground off the harbour of Larnholm at dusk";

/// Readers were shown the first version for good: what came under the next id was a copy of it, and told nothing.
#[test]
fn u7_a_correction_under_another_id_is_told() {
    let corrected = TEXT.replace("sandbank", "reef near the lighthouse");
    for ids in [
        [
            "https://news.example/1#0",
            "https://news.example/1#1",
            "https://news.example/1#2",
        ],
        ["one", "two", "two"],
        ["", "two", "two"],
        ["one", "two", "three"],
    ] {
        let scene = Scene::new();
        assert_eq!(
            polled(&scene, 0, vec![version(ids[0], "Ferry aground", TEXT, -1)]).new,
            1
        );
        let id = scene.store().articles(None, 9).unwrap()[0].atom_id.clone();
        let counted = polled(&scene, 1, vec![version(ids[1], "Ferry aground", TEXT, -1)]);
        assert!(!counted.changed(), "{ids:?} {counted:?}");
        let counted = polled(
            &scene,
            3,
            vec![version(ids[2], "Ferry aground", &corrected, 2)],
        );
        assert_eq!(
            (counted.new, counted.revised, counted.copies),
            (0, 1, 0),
            "{ids:?}"
        );
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.atom_id, id, "{ids:?}");
        assert!(article.summary.unwrap().contains("lighthouse"), "{ids:?}");
        assert_eq!(article.updated_at, hour(2), "{ids:?}");
        // By a cache that is out of date it is the same entry.
        let counted = polled(&scene, 4, vec![version(ids[0], "Ferry aground", TEXT, -1)]);
        assert_eq!((counted.new, counted.copies), (0, 0), "{ids:?}");
        assert_eq!(scene.store().articles(None, 9).unwrap().len(), 1);
    }
}

/// What is withdrawn is so under the id that it had before, too: a document of before does not bring it back.
#[test]
fn u35_what_has_another_id_by_now_is_withdrawn_under_both() {
    let scene = Scene::new();
    for (at, id) in [(0, "one"), (1, "two")] {
        let counted = polled(&scene, at, vec![version(id, LONG, TEXT, -1)]);
        assert_eq!(counted.new, u32::from(at == 0));
    }
    let withdrawal = Withdrawal {
        id: "two".to_owned(),
        at: hour(2),
        restored_at: None,
    };
    let counted = scene.record(PollRecord {
        withdrawals: vec![withdrawal],
        ..poll("a", hour(2), Vec::new())
    });
    assert_eq!(counted.withdrawn, 1);
    for (at, id) in [(3, "one"), (4, "two")] {
        let counted = polled(&scene, at, vec![version(id, LONG, TEXT, -1)]);
        assert!(!counted.changed(), "{id}");
    }
    let counted = polled(&scene, 5, vec![version("two", LONG, TEXT, 5)]);
    assert_eq!(counted.new, 1);
}

/// A toll that rises, under the next version of an id: one article at one address.
#[test]
fn u2_the_next_version_of_an_id_is_the_same_entry() {
    let scene = Scene::new();
    for (number, toll) in (0..).zip([8, 9, 11, 14]) {
        let entry = version(
            &format!("https://news.example/1#{number}"),
            &format!("Earthquake in the north kills {toll} people"),
            &format!(
                "The earthquake killed {toll} people in the hills, a minister said, and dozens are missing under houses"
            ),
            number,
        );
        let counted = polled(&scene, number, vec![entry]);
        let expected = if number == 0 { (1, 0) } else { (0, 1) };
        assert_eq!((counted.new, counted.revised), expected, "{toll}");
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert!(article.title.contains(&toll.to_string()));
    }
}

/// Notices that are listed one at a time at a page count in their ids as versions of one do: a line or two says nothing of whether
/// they are one.
#[test]
fn u2_the_next_notice_of_a_page_replaces_nothing() {
    let notice = |number: i64, strength: &str, depth: i64| {
        version(
            &format!("https://quakes.example/latest#{number}"),
            &format!("Magnitude {strength} quake near Larnholm"),
            &format!("Depth {depth} km"),
            number,
        )
    };
    let scene = Scene::new();
    polled(&scene, 1, vec![notice(1, "4.8", 10)]);
    let counted = polled(&scene, 2, vec![notice(2, "5.1", 7)]);
    assert_eq!((counted.new, counted.revised), (1, 0));
}

/// A site gives its entries other ids and addresses: they are where they are now, and what is put right there is told.
#[test]
fn u7_what_is_put_right_at_another_address_is_told() {
    let at = |id: &str, url: &str, text: &str, at| {
        vec![ParsedEntry {
            url: Some(url.to_owned()),
            ..version(id, "Ferry aground off harbour", text, at)
        }]
    };
    let corrected = TEXT.replace("sandbank", "reef near the lighthouse");
    for (moved, is_its_own) in [
        ("https://news.example/archive/ferry", true),
        // Where the feed is fetched.
        ("https://a.example/ferry", true),
        // Who is told in a list of links is not known by that.
        ("https://evil.example/ferry", false),
    ] {
        let scene = Scene::new();
        wait(scene.store().set_feeds(vec![seed("a", 1)], start())).unwrap();
        polled(&scene, 0, at("one", &page(0), TEXT, -1));
        let counted = polled(&scene, 1, at("two", moved, TEXT, -1));
        assert_eq!((counted.new, counted.copies), (0, 1));
        let told = || {
            let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
            (article.url, article.updated_at, article.summary)
        };
        let (url, updated_at, _) = told();
        assert_eq!(
            (url.as_deref() == Some(moved), updated_at),
            (is_its_own, hour(-1)),
            "{moved}"
        );
        polled(&scene, 2, at("two", moved, &corrected, 2));
        let (_, updated_at, text) = told();
        assert_eq!(updated_at == hour(2), is_its_own, "{moved}");
        assert_eq!(text.as_ref() == Some(&corrected), is_its_own, "{moved}");
    }
}

/// A relaunch cuts the texts otherwise: where the entries are now is no news. Nor is that another author's copy is listed still.
#[test]
fn what_moves_is_no_news_and_another_author_is_none() {
    let by = |name: &str, entry: ParsedEntry| ParsedEntry {
        authors: vec![crate::model::Person {
            name: name.to_owned(),
            email: None,
            url: None,
        }],
        ..entry
    };
    let moved = "https://news.example/archive/ferry";
    let excerpt = format!("{TEXT}, the coast guard said");
    for (author, text, at) in [("Ann", excerpt.as_str(), -1), ("Bob", TEXT, 1)] {
        let scene = Scene::new();
        polled(&scene, 0, vec![by("Ann", version("one", LONG, TEXT, -1))]);
        let next = ParsedEntry {
            url: Some(moved.to_owned()),
            ..version("two", LONG, text, at)
        };
        assert_eq!(polled(&scene, 2, vec![by(author, next)]).copies, 1);
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.updated_at, hour(-1), "{author}");
        assert_eq!(
            article.url.as_deref() == Some(moved),
            author == "Ann",
            "{author}"
        );
    }
}

/// Unless what is there now puts right what readers were told: what waits for that would be told by nobody else.
#[test]
fn u7_what_waits_is_told_by_what_moved() {
    let wrong = TEXT.replace("sandbank", "reef near the lighthouse");
    for (texts, is_told) in [([TEXT, &wrong, TEXT], true), ([TEXT, TEXT, TEXT], false)] {
        let scene = Scene::new();
        for (at, text) in (0..).zip(texts) {
            polled(&scene, at, vec![version("one", LONG, text, -1)]);
        }
        let moved = ParsedEntry {
            url: Some("https://news.example/archive/ferry".to_owned()),
            ..version("two", LONG, TEXT, -1)
        };
        assert_eq!(polled(&scene, 3, vec![moved]).copies, 1);
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        let expected = if is_told { 3 } else { -1 };
        assert_eq!(article.updated_at, hour(expected), "{texts:?}");
    }
}

/// The former id is listed beside the next one for a while, as while two caches have a document each.
#[test]
fn u7_what_was_listed_twice_for_a_while_is_put_right() {
    let corrected = TEXT.replace("sandbank", "reef near the lighthouse");
    let says = |id, text: &str, at| version(id, "Ferry aground", text, at);
    let scene = Scene::new();
    polled(&scene, 0, vec![says("one", TEXT, -1)]);
    polled(
        &scene,
        1,
        vec![says("one", TEXT, -1), says("two", TEXT, -1)],
    );
    polled(&scene, 2, vec![says("two", TEXT, -1)]);
    polled(&scene, 3, vec![says("two", &corrected, 3)]);
    let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
    assert_eq!(
        (article.updated_at, article.summary),
        (hour(3), Some(corrected))
    );
}

/// So is what was put right while both were listed, under the date of before: it is told once the former id goes.
#[test]
fn u7_what_was_put_right_beside_its_former_id_is_told() {
    let corrected = TEXT.replace("sandbank", "reef near the lighthouse");
    let spelled = TEXT.replace("brought", "led");
    let long = format!("{TEXT}.{}", " The inquiry goes on.".repeat(60));
    let denied = long.replace("ran aground", "never ran aground");
    for (former, text, expected) in [
        (TEXT, &corrected, 2),
        (TEXT, &spelled, -1),
        (&long, &denied, 2),
    ] {
        let says = |id, text: &str| version(id, LONG, text, -1);
        let scene = Scene::new();
        polled(&scene, 0, vec![says("one", former)]);
        polled(&scene, 1, vec![says("one", former), says("two", text)]);
        polled(&scene, 2, vec![says("two", text)]);
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.summary.as_ref(), Some(text));
        assert_eq!(article.updated_at, hour(expected), "{text}");
    }
}

/// A page that goes on to other news leaves what others report of it, whatever ids it has meanwhile.
#[test]
fn u2_a_page_with_other_ids_leaves_what_others_report() {
    let harbour = (
        "Ferry aground off harbour",
        "Fishermen brought every passenger ashore before midnight after the vessel struck a sandbank, its captain said; \
         divers inspect the damaged bottom while tugboats wait for the tide",
    );
    let library = (
        "Librarians celebrate amnesty results",
        "Librarians celebrate returned volumes after thousands come home to shelves across valley towns; teachers borrow \
         encyclopedias again, councils abolish penalties, and grandmothers apologise with marmalade",
    );
    let between = (
        "Ferry aground off harbour, librarians celebrate amnesty results",
        "Fishermen brought every passenger ashore before midnight after the vessel struck a sandbank; librarians \
         celebrate returned volumes after thousands come home to shelves",
    );
    for (ids, second) in [
        (["one", "two", "one"], harbour),
        (["one", "two", "three"], between),
        (["p#0", "p#1", "p#2"], between),
    ] {
        let scene = Scene::new();
        let says = |id, (title, text): (&str, &str), at| vec![version(id, title, text, at)];
        polled(&scene, 0, says(ids[0], harbour, -1));
        let elsewhere = ParsedEntry {
            url: Some("https://other.example/ferry".to_owned()),
            ..version("elsewhere", harbour.0, harbour.1, -1)
        };
        let all = (usize::MAX, IdentityBy::Auto);
        assert_eq!(polled_of(&scene, ("b", 0), vec![elsewhere], all).copies, 1);
        let counted = polled(&scene, 1, says(ids[1], second, 1));
        assert_eq!((counted.new, counted.copies), (0, 0), "{ids:?}");
        let counted = polled(&scene, 2, says(ids[2], library, 2));
        assert_eq!((counted.new, counted.revised), (1, 0), "{ids:?}");
        let articles = scene.store().articles(None, 9).unwrap();
        let [new, before] = articles.try_into().unwrap();
        assert_eq!(new.title, library.0, "{ids:?}");
        assert!(before.title.starts_with(harbour.0), "{ids:?}");
        // It is back there, edited, for good or by a cache.
        let edited = harbour.1.replace("captain", "mate");
        let edited = says(ids[2], ("Ferry aground off the harbour mouth", &edited), -1);
        let counted = polled(&scene, 3, edited);
        assert_eq!((counted.new, counted.copies), (0, 0), "{ids:?}");
        let articles = scene.store().articles(None, 9).unwrap();
        let titles: Vec<&str> = articles.iter().map(|it| &*it.title).collect();
        assert_eq!(titles.len(), 2, "{ids:?}");
        assert!(titles.contains(&library.0), "{ids:?} {titles:?}");
    }
}

/// Other software gives other ids, and other dates: when it was published where the last one said when it was changed, or dates
/// where there were none.
#[test]
fn what_other_software_dates_is_no_older_state() {
    let excerpt =
        "The ferry ran aground on a sandbank at dusk, and fishermen brought every passenger ashore";
    for updated_at in [Some(2), None] {
        let scene = Scene::new();
        let first = ParsedEntry {
            published_at: updated_at.map(|_| hour(-1)),
            updated_at: updated_at.map(hour),
            ..version("one", "Ferry aground", TEXT, -1)
        };
        polled(&scene, 3, vec![first]);
        let counted = polled(
            &scene,
            4,
            vec![version("two", "Ferry aground", excerpt, -1)],
        );
        assert_eq!((counted.revised, counted.copies), (1, 0), "{updated_at:?}");
    }
}

/// What has another id beside one that is listed still is another entry, also when that had the other's id before.
#[test]
fn two_ids_of_one_document_are_two_entries() {
    let scene = Scene::new();
    let one = || version("one", "Ferry aground", TEXT, -1);
    let two = |text: &str| version("two", "Ferry aground", text, -1);
    polled(&scene, 0, vec![one()]);
    assert!(!polled(&scene, 1, vec![two(TEXT)]).changed());
    let longer = format!("{TEXT}, as the coast guard confirmed on Friday");
    let counted = polled(&scene, 2, vec![one(), two(&longer)]);
    assert_eq!((counted.new, counted.revised, counted.copies), (0, 1, 1));
    for at in 3..5 {
        assert!(
            !polled(&scene, at, vec![one(), two(&longer)]).changed(),
            "{at}"
        );
    }
}

/// The next part of a series at one address, a day later, is no edit of the last one; nor is what has none of its words.
#[test]
fn the_next_part_at_an_address_replaces_nothing() {
    let other = "Librarians celebrate returned volumes after an amnesty brings thousands of them home to the valley";
    let half = "The ferry ran aground on a sandbank at dusk, and librarians celebrate volumes that an amnesty brings home to the valley";
    for (at, text, revised) in [(24, half, 0), (3, half, 1), (3, other, 0)] {
        let scene = Scene::new();
        polled(
            &scene,
            0,
            vec![version("one", "Morning briefing", TEXT, -1)],
        );
        let next = version("two", "Morning briefing", text, at - 1);
        assert_eq!(
            polled(&scene, at, vec![next]).revised,
            revised,
            "{at} {text}"
        );
    }
}

/// What has the words of nothing there is another article, also under what looks like the next version of an id.
#[test]
fn u2_another_item_of_a_page_replaces_nothing() {
    let other = "Librarians celebrate returned volumes after an amnesty brings thousands of them home to the valley";
    let scene = Scene::new();
    let ferry = || version("https://news.example/page#1", "Ferry aground", TEXT, -1);
    polled(&scene, 0, vec![ferry()]);
    let mayor = version("https://news.example/page#2", "Mayor resigns", other, 1);
    let counted = polled(&scene, 2, vec![mayor]);
    assert_eq!((counted.new, counted.revised), (1, 0));
    assert!(!polled(&scene, 3, vec![ferry()]).changed());
    assert_eq!(scene.store().articles(None, 9).unwrap().len(), 2);
}

/// A cache that still has the id and the words of before, which we never saw, takes nothing back. Of what is listed twice
/// neither is the entry, but the first tells what the page says now.
#[test]
fn what_is_older_replaces_nothing_and_what_is_listed_twice_tells() {
    let says = |id, text, at| version(id, "Ferry aground", text, at);
    for (brought, told) in [
        (
            vec![says("one", "The ferry ran aground on a sandbank", -1)],
            0,
        ),
        (
            vec![
                says("two", "The ferry ran aground and sank", 3),
                says("three", "The ferry ran aground and burned", 3),
            ],
            1,
        ),
    ] {
        let scene = Scene::new();
        polled(&scene, 1, vec![version("four", "Ferry aground", TEXT, 0)]);
        let counted = polled(&scene, 4, brought);
        assert_eq!((counted.new, counted.revised), (0, told));
        assert!(counted.copies > 0);
    }
}

/// A part of what the feed lists says nothing of what it leaves out.
#[test]
fn p38_a_part_of_a_document_changes_no_ids() {
    let says = |id: &str, text: &str| {
        let mut record = entry("a", "one");
        record.entry.keys[0] = key(KeyKind::Guid, id);
        id.clone_into(&mut record.entry.entry_id);
        record.entry.given = Some(crate::model::GivenId {
            id: "given".to_owned(),
            key: key(KeyKind::Guid, "given"),
        });
        record.entry.content_text = text.to_owned();
        refresh(&mut record);
        record
    };
    for (is_whole, expected) in [(false, (0, 1)), (true, (1, 0))] {
        let scene = Scene::new();
        scene.record(poll("a", hour(0), vec![says("one", TEXT)]));
        let mut part = poll(
            "a",
            hour(1),
            vec![edited(
                says("two", TEXT),
                "Pangolins sighted near one again",
            )],
        );
        part.profile = part.profile.filter(|_| is_whole);
        let counted = scene.record(part);
        assert_eq!((counted.revised, counted.copies), expected);
    }
}

/// Two states of a system that say the same, without an address, where ids are believed whatever they are.
#[test]
fn u2_an_id_that_is_believed_is_changed_by_no_words() {
    let says = |id: &str, title: &str| ParsedEntry {
        title: Text::plain(title),
        url: None,
        published_at: None,
        ..item(0, id, "")
    };
    let scene = Scene::new();
    for (at, id, title, new) in [
        (0, "one", "All systems are operational", 1),
        (1, "two", "All systems are operational", 0),
        (2, "two", "Outage in the north", 1),
    ] {
        let entries = vec![says(id, title)];
        let counted = polled_as(&scene, at, entries, usize::MAX, IdentityBy::Guid);
        assert_eq!((counted.new, counted.revised), (new, 0), "{at}");
    }
}
