//! Who tells an article on when its entry goes, where others stood between the two.

use super::renamed::{LONG, TEXT, version};
use super::*;

/// An entry with the headline of the report, at a page.
fn says(id: &str, number: usize, text: &str, at: i64) -> ParsedEntry {
    ParsedEntry {
        url: Some(page(number)),
        ..version(id, LONG, text, at)
    }
}

/// What readers have of the report, and when it changed last.
fn told(scene: &Scene) -> (Option<String>, Timestamp) {
    let mut articles = scene.store().articles(None, 9).unwrap();
    articles.retain(|it| it.title == LONG);
    let [article] = articles.try_into().unwrap();
    (article.summary, article.updated_at)
}

/// The report at the length of an article.
fn at_length() -> String {
    format!("{TEXT}.{}", " The inquiry goes on.".repeat(60))
}

/// Sections of a paper drop a report one after the other, each at an address that the next one knows, and each put it right: readers,
/// who had the words of the first, are told of those of the last. So they are, be it by a word, where the sections have but their host
/// in common.
#[test]
fn u7_what_was_put_right_in_two_steps_is_told() {
    let of_site = |name: &str| FeedSeed {
        url: format!("https://news.example/{name}.xml"),
        ..seed(name, 1)
    };
    let flash = "Nobody was aboard, says the ferry line, and divers inspect the bottom";
    let report = "Tugboats wait for the tide while councils argue about the price of salvage";
    let long = at_length();
    let denied = long.replace("ran aground", "never ran aground");
    let spelled = denied.replace("never", "not");
    for (feeds, [first, second, third]) in [
        (["a", "b", "c"].map(of_paper), [TEXT, flash, report]),
        (["a", "b", "c"].map(of_site), [&long, &denied, &spelled]),
    ] {
        let scene = Scene::new();
        wait(scene.store().set_feeds(feeds.to_vec(), start())).unwrap();
        let all = (usize::MAX, IdentityBy::Auto);
        for (hour, feed, entry) in [
            (0, "a", Some(says("a1", 0, first, -1))),
            (1, "b", Some(says("b1", 0, first, -1))),
            (2, "c", Some(says("c1", 1, first, -1))),
            (3, "b", Some(says("b1", 1, second, 3))),
            (4, "c", Some(says("c1", 1, third, 4))),
            (5, "b", None),
            (6, "a", None),
        ] {
            let listed = entry.into_iter().chain([item(7, "else", &page(7))]);
            polled_of(&scene, (feed, hour), listed.collect(), all);
        }
        assert_eq!(told(&scene), (Some(third.to_owned()), hour(6)));
    }
}

/// What is put right beside its former id, and is at another address by the time that this goes, is told as well; what only moved is
/// no news.
#[test]
fn u7_what_was_put_right_before_it_moved_is_told() {
    let long = at_length();
    let denied = long.replace("ran aground", "never ran aground");
    for (text, expected) in [(&denied, 3), (&long, -1)] {
        let scene = Scene::new();
        let first = || says("one", 0, &long, -1);
        polled(&scene, 0, vec![first()]);
        polled(&scene, 1, vec![first(), says("two", 0, &long, -1)]);
        polled(&scene, 2, vec![first(), says("two", 0, text, -1)]);
        let counted = polled(&scene, 3, vec![says("three", 1, text, -1)]);
        assert_eq!((counted.new, counted.copies), (0, 1));
        assert_eq!(told(&scene), (Some(text.clone()), hour(expected)));
    }
}

/// What was elected for its length, and has gone by then, is no step: who stands in its place has more than readers know, as that had.
#[test]
fn who_succeeds_what_was_elected_is_compared_with_what_readers_have() {
    let spoke = |numbers: std::ops::Range<usize>| {
        let words: Vec<String> = numbers.map(|number| format!("witness{number}")).collect();
        words.join(" ")
    };
    let first = spoke(0..70);
    let cut = format!("{} …", spoke(0..46));
    let fuller = format!("{} {}", spoke(0..46), spoke(80..96));
    let scene = Scene::new();
    let one = |text: &str| says("one", 0, text, -1);
    polled(&scene, 0, vec![one(&first)]);
    for (at, id, number) in [(1, "two", 1), (2, "three", 2)] {
        let counted = polled(&scene, at, vec![one(&first), says(id, number, &fuller, -1)]);
        assert_eq!((counted.new, counted.copies), (0, 1), "{id}");
    }
    assert_eq!(told(&scene), (Some(first), hour(-1)));
    polled(&scene, 3, vec![one(&cut), says("three", 2, &fuller, -1)]);
    assert_eq!(told(&scene), (Some(fuller), hour(3)));
}
