//! Publishers who have one id for the parts of a series.

use super::*;

/// A part of a series: its title, where it is, and when it came.
fn part(title: &str, url: &str, at: i64) -> ParsedEntry {
    ParsedEntry {
        title: Text::plain(title),
        published_at: Some(hour(at)),
        ..item(0, "1", url)
    }
}

/// Polls parts one by one and checks that each is published, once, and stays.
fn check(parts: &[ParsedEntry], hours: i64) {
    let scene = Scene::new();
    for (number, one) in (0..).zip(parts) {
        let counted = polled(&scene, number * hours, vec![one.clone()]);
        assert_eq!((counted.new, counted.revised), (1, 0), "{number} {one:?}");
        assert!(!polled(&scene, number * hours, vec![one.clone()]).changed());
    }
    let last = i64::try_from(parts.len()).unwrap() * hours;
    for one in parts {
        assert!(
            !polled(&scene, last, vec![one.clone()]).changed(),
            "{one:?}"
        );
    }
    let published = scene.store().articles(None, 100).unwrap().len();
    assert_eq!(published, parts.len());
}

#[test]
fn one_headline_and_slug_a_day_is_an_article_a_day() {
    let daily = |day: i64| {
        let slug = "todays-news-in-five-minutes";
        let url = format!("https://news.example/2026/03/{:02}/{slug}/", day + 1);
        part("Today's news in five minutes", &url, day * 24)
    };
    check(&(0..5).map(daily).collect::<Vec<_>>(), 24);
    // The number of a show is that of all its parts.
    let shows: Vec<ParsedEntry> = (0..)
        .zip(["monday", "tuesday", "wednesday", "thursday"])
        .map(|(at, day)| {
            let url = format!("https://news.example/show/1234567/{day}");
            part(&format!("The show on {day}"), &url, at * 24)
        })
        .collect();
    check(&shows, 24);
}

#[test]
fn parts_of_a_series_are_told_by_day_number_or_headline() {
    let named = |title: &str, at| {
        let slug = title.to_lowercase().replace([' ', ':'], "-");
        part(title, &format!("https://news.example/{slug}"), at)
    };
    let network = |at: i64, title: &str| named(&format!("Example News Network: {title}"), at * 24);
    check(
        &[
            network(0, "Harbour reopens"),
            network(1, "Parliament votes"),
            network(2, "Museum returns bronze"),
        ],
        24,
    );
    check(
        &[named("07:00 bulletin", 0), named("17:00 bulletin", 10)],
        10,
    );
    // A podcast whose every part leads to the front page.
    let parts = |home: &str| {
        let days = (0..).zip(["Monday", "Tuesday", "Wednesday"]);
        days.map(|(at, day)| part(&format!("The Daily: {day}"), home, at * 24))
            .collect::<Vec<_>>()
    };
    for home in ["", "https://news.example/"] {
        check(&parts(home), 24);
    }
}

#[test]
fn what_was_not_kept_of_a_series_does_not_hide_the_rest() {
    let untitled = |number: usize| ParsedEntry {
        title: Text::default(),
        ..item(number, "1", &page(number))
    };
    let podcast = |number: usize| {
        let at = i64::try_from(number).unwrap() * 24;
        part(&format!("The Daily: part {number}"), "", at)
    };
    for entry in [untitled, podcast] {
        let scene = Scene::new();
        assert_eq!(polled_keeping(&scene, 0, vec![entry(0)], 0).new, 0);
        for number in 1..4 {
            let at = i64::try_from(number).unwrap() * 24;
            assert_eq!(polled(&scene, at, vec![entry(number)]).new, 1, "{number}");
        }
        assert_eq!(polled(&scene, 200, vec![entry(0)]).new, 0);
    }
}

/// Posts without a word, each at an address of its own, under one id.
#[test]
fn pictures_without_words_are_told_by_their_addresses() {
    let picture = |number: usize| ParsedEntry {
        title: Text::default(),
        ..item(number, "1", &page(number))
    };
    check(&(0..4).map(picture).collect::<Vec<_>>(), 3);
}

/// Four reports of one evening share an id. The first three were listed at once, and so it was not believed.
#[test]
fn an_entry_that_is_stored_does_not_overwrite_the_one_that_has_its_id() {
    let scene = Scene::new();
    let report = |place: &str| {
        let title = format!("Election results in the {place}");
        ParsedEntry {
            id: Some("s".to_owned()),
            ..part(&title, &format!("https://news.example/{place}"), 0)
        }
    };
    let three = ["north", "south", "east"].map(report);
    assert_eq!(polled(&scene, 1, three.to_vec()).new, 3);
    assert_eq!(polled(&scene, 2, vec![report("west")]).new, 1);
    for one in &three {
        assert!(!polled(&scene, 3, vec![one.clone()]).changed());
    }
    let mut edited = report("north");
    edited.title = Text::plain("Final results in the north");
    assert_eq!(polled(&scene, 4, vec![edited]).revised, 1);
    assert_eq!(
        scene.titles(None).into_iter().collect::<BTreeSet<_>>(),
        [
            "Final results in the north",
            "Election results in the south",
            "Election results in the east",
            "Election results in the west"
        ]
        .map(str::to_owned)
        .into()
    );
}
