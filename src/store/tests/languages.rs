//! The language that feeds.toml says, and changes.

use super::*;

fn said(language: Option<&str>) -> FeedSeed {
    FeedSeed {
        language: language.map(str::to_owned),
        ..seed("a", 1)
    }
}

/// An entry in a language that is its own, or that of its feed.
fn spoken(name: &str, language: Option<&str>, is_given: bool) -> EntryRecord {
    let mut record = entry("a", name);
    record.entry.language = language.map(str::to_owned);
    record.entry.language_given = is_given;
    record
}

fn languages(scene: &Scene) -> Vec<Option<String>> {
    let read = scene.store().readable(0, i64::MAX).unwrap();
    read.into_iter().map(|read| read.entry.language).collect()
}

#[test]
fn entries_that_say_no_language_have_that_of_their_feed_as_it_is_now() {
    let mut scene = Scene::new();
    let say = |scene: &Scene, language| {
        wait(scene.store().set_feeds(vec![said(language)], start())).unwrap();
        wait(scene.store().apply_languages()).unwrap()
    };
    assert_eq!(say(&scene, Some("en")), 0);
    let entries = vec![
        spoken("own", Some("en"), false),
        spoken("given", Some("en"), true),
        spoken("none", None, true),
    ];
    scene.record(poll("a", start(), entries));
    assert_eq!(say(&scene, Some("en")), 0);
    for (language, changed) in [(Some("hi"), 2), (Some("hi"), 0), (None, 2), (Some("ru"), 2)] {
        assert_eq!(say(&scene, language), changed, "{language:?}");
        let language = language.map(str::to_owned);
        assert_eq!(
            languages(&scene),
            [Some("en".to_owned()), language.clone(), language]
        );
        let waiting = scene.value::<i64>("SELECT count(*) FROM relabel_queue");
        assert_eq!(waiting, 2);
    }
    // What is broken off goes on.
    wait(scene.store().set_feeds(vec![said(Some("de"))], start())).unwrap();
    scene.restart();
    assert_eq!(wait(scene.store().apply_languages()).unwrap(), 2);
    assert_eq!(
        scene.store().languages().unwrap()[&FeedId::new("a")].as_deref(),
        Some("de")
    );
}
