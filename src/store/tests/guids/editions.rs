//! What a feed has at one page under one headline: editions of it, or versions of one entry.

use super::renamed::version;
use super::*;
use crate::model::{Role, Source};

/// What editions of a page say.
const TEXTS: [&str; 3] = [
    "Fishermen brought every passenger ashore before midnight after the vessel struck a sandbank",
    "Librarians celebrate returned volumes after thousands come home to shelves across valley towns",
    "Forty players visit ninety schools until summer and bring instruments that children may borrow",
];

/// An edition of the page, under an id.
fn edition(id: &str, number: usize) -> Vec<ParsedEntry> {
    let at = i64::try_from(number).unwrap() * 5;
    vec![version(id, "Today's menu", TEXTS[number], at)]
}

/// Editions under one headline at one page, each with an id and a text of its own: each is an entry, and where the text is too
/// short to tell the last one is what the page says.
#[test]
fn u2_each_edition_of_a_page_is_an_entry() {
    let texts = [
        "Fishermen brought every passenger ashore before midnight after the vessel struck a sandbank",
        "Librarians celebrate returned volumes after thousands come home to shelves across valley towns",
        "Forty players visit ninety schools until summer and bring instruments that children may borrow",
        "Pumpkin gnocchi with roasted hazelnuts, buckwheat pancakes, poached quinces and buttermilk",
    ];
    let edition = |number: usize, text: &str| {
        let at = i64::try_from(number).unwrap() * 5;
        version(&format!("edition {number}"), "Today's menu", text, at)
    };
    for window in [1, 3] {
        let scene = Scene::new();
        for now in 0..texts.len() {
            let listed = (now.saturating_sub(window - 1)..=now).rev();
            let listed = listed.map(|number| edition(number, texts[number]));
            let at = i64::try_from(now).unwrap() * 5 + 1;
            assert_eq!(
                polled(&scene, at, listed.collect()).new,
                1,
                "{window} {now}"
            );
        }
        assert_eq!(scene.store().articles(None, 9).unwrap().len(), 4);
    }
    let scene = Scene::new();
    for (number, text) in [(0, "Soup"), (1, "Fish"), (2, "Eggs")] {
        let at = i64::try_from(number).unwrap() * 5;
        polled(&scene, at + 1, vec![edition(number, text)]);
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.summary.as_deref(), Some(text));
    }
}

/// Another feed of the outlet has the editions as well: each is a copy of its own.
#[test]
fn editions_that_two_feeds_have_are_told_apart() {
    let edition = |id: &str, number: usize| edition(&format!("{id}{number}"), number);
    let all = (usize::MAX, IdentityBy::Auto);
    for is_between in [true, false] {
        let scene = Scene::new();
        polled(&scene, 1, edition("a", 0));
        if is_between {
            assert_eq!(polled_of(&scene, ("b", 2), edition("b", 0), all).copies, 1);
        }
        assert_eq!(polled(&scene, 6, edition("a", 1)).new, 1, "{is_between}");
        assert_eq!(polled_of(&scene, ("b", 7), edition("b", 1), all).copies, 1);
        let articles = scene.store().articles(None, 9).unwrap();
        let copies = articles
            .iter()
            .map(|it| (it.summary.as_deref(), it.copies.len()));
        let expected = [
            (Some(TEXTS[1]), 1),
            (Some(TEXTS[0]), usize::from(is_between)),
        ];
        assert_eq!(copies.collect::<Vec<_>>(), expected);
    }
}

/// Where another feed of the outlet had an edition first, or has all of them under the address, each is an entry all the same.
#[test]
fn editions_that_another_feed_had_first_are_told_apart() {
    let all = (usize::MAX, IdentityBy::Auto);
    // What the other feed has before this one has its second edition: ids and numbers of editions.
    for others in [&[("b1", 1)][..], &[("b", 0), ("b", 1)]] {
        let scene = Scene::new();
        polled(&scene, 1, edition("a0", 0));
        for (at, (id, number)) in (2..).step_by(3).zip(others) {
            let counted = polled_of(&scene, ("b", at), edition(id, *number), all);
            assert_eq!(counted.new, 0, "{id} {number}");
        }
        assert_eq!(polled(&scene, 6, edition("a1", 1)).new, 1, "{others:?}");
        let articles = scene.store().articles(None, 9).unwrap();
        let said = articles.iter().map(|it| it.summary.as_deref());
        assert_eq!(said.collect::<Vec<_>>(), [Some(TEXTS[1]), Some(TEXTS[0])]);
    }
}

/// What says something else than all of them is told apart from none: it is one of them, in words of its own.
#[test]
fn what_is_no_edition_of_several_is_a_copy_at_their_address() {
    let all = (usize::MAX, IdentityBy::Auto);
    let scene = Scene::new();
    for number in [0, 1] {
        let at = i64::try_from(number).unwrap() * 5 + 1;
        let counted = polled(&scene, at, edition(&format!("a{number}"), number));
        assert_eq!(counted.new, 1);
    }
    for (feed, number) in [("b", 1), ("c", 2)] {
        let counted = polled_of(&scene, (feed, 7), edition(feed, number), all);
        assert_eq!((counted.new, counted.copies), (0, 1), "{feed}");
    }
}

/// Nor does the other feed, which has one entry for all of them, put the former right with the next when the first drops it.
#[test]
fn an_edition_is_not_put_right_by_the_next() {
    let all = (usize::MAX, IdentityBy::Auto);
    // Whether the first lists other news alone between two editions, so that the other tells the next one before.
    for is_between in [false, true] {
        let scene = Scene::new();
        let feeds = ["a", "b"].map(of_paper).to_vec();
        wait(scene.store().set_feeds(feeds, start())).unwrap();
        for number in 0..TEXTS.len() {
            let at = i64::try_from(number).unwrap() * 5;
            if number > 0 {
                polled_of(&scene, ("b", at + 1), edition("b", number), all);
            }
            let counted = polled(&scene, at + 2, edition(&format!("a{number}"), number));
            assert_eq!(
                counted.new,
                u32::from(number == 0 || !is_between),
                "{number}"
            );
            if number == 0 {
                polled_of(&scene, ("b", 3), edition("b", 0), all);
            }
            if is_between {
                polled(&scene, at + 4, vec![item(7, "else", &page(7))]);
            }
            let mut articles = scene.store().articles(None, 9).unwrap();
            articles.retain(|it| it.title == "Today's menu");
            let said = articles
                .iter()
                .rev()
                .map(|it| it.summary.as_deref().unwrap());
            let expected = if is_between { number } else { 0 }..=number;
            assert_eq!(
                said.collect::<Vec<_>>(),
                TEXTS[expected],
                "{is_between} {number}"
            );
        }
    }
}

const FLASH: &str = "More follows shortly; our correspondents are travelling towards the harbour";

/// What is said behind the flash.
const REPORT: &str = TEXTS[0];

/// An entry of the page under its headline, published so many seconds past eleven.
fn dated(id: &str, text: &str, seconds: i64) -> ParsedEntry {
    ParsedEntry {
        published_at: Some(hour(-1) + SignedDuration::from_secs(seconds)),
        ..version(id, "Ferry aground", text, 0)
    }
}

/// A flash that is written anew under another id keeps its date; daily lines under one headline are news of their days, also
/// where the first poll passed some over.
#[test]
fn u2_a_report_is_no_edition_of_its_flash_and_a_line_a_day_is_one() {
    // To the second, or planned for the hour.
    for seconds in [7, 0] {
        let scene = Scene::new();
        polled(&scene, 0, vec![dated("one", FLASH, seconds)]);
        let counted = polled(&scene, 1, vec![dated("two", REPORT, seconds)]);
        assert_eq!((counted.new, counted.revised), (0, 1), "{seconds}");
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.summary.as_deref(), Some(REPORT));
    }
    let scene = Scene::new();
    let line = |day, text| version(&format!("day {day}"), "Today's menu", text, day * 24);
    let first = vec![line(1, "Soup"), line(0, "Fish")];
    assert_eq!(polled_keeping(&scene, 25, first, 1).new, 1);
    for (day, text) in (2..).zip([
        "Eggs", "Rice", "Peas", "Corn", "Figs", "Plums", "Nuts", "Leek", "Beans",
    ]) {
        let counted = polled(&scene, day * 24 + 1, vec![line(day, text)]);
        assert_eq!(counted.new, 1, "{text}");
    }
}

/// Of what a feed passes on from others one date says less, and readers have both: nobody tells the article of a flash on in other
/// words there.
#[test]
fn u2_a_report_that_is_passed_on_is_not_lost_behind_its_flash() {
    let agency = Source {
        id: "https://agency.example/feed".to_owned(),
        title: "Agency".to_owned(),
        home_url: None,
        self_url: None,
        updated_at: None,
        authors: Vec::new(),
        rights: None,
    };
    for (role, source) in [(Role::Aggregator, None), (Role::Original, Some(agency))] {
        for seconds in [7, 0] {
            let scene = Scene::new();
            let outlet = Outlet {
                role,
                ..Outlet::default()
            };
            let feeds = vec![FeedSeed {
                outlet,
                ..seed("a", 1)
            }];
            wait(scene.store().set_feeds(feeds, start())).unwrap();
            for (at, id, text) in [(0, "one", FLASH), (1, "two", REPORT)] {
                let entry = ParsedEntry {
                    source: source.clone(),
                    ..dated(id, text, seconds)
                };
                assert_eq!(
                    polled(&scene, at, vec![entry]).new,
                    1,
                    "{role:?} {seconds} {id}"
                );
            }
            assert_eq!(scene.store().articles(None, 9).unwrap().len(), 2);
        }
    }
}
