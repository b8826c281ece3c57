//! What feeds told that they list no more.

use super::*;

/// Another report, which keeps a document from being empty.
fn other(feed: &str) -> EntryRecord {
    entry(feed, &format!("else of {feed}"))
}

/// Has a feed list these entries at so many hours, beside another one.
fn lists(scene: &Scene, feed: &str, at: i64, mut entries: Vec<EntryRecord>) {
    entries.push(other(feed));
    scene.record(poll(feed, hour(at), entries));
}

/// The report as a feed changed it, at so many hours by its date.
fn changed(feed: &str, text: &str, at: i64) -> EntryRecord {
    let mut record = report(feed, text, -1);
    record.entry.updated_at = hour(at);
    record
}

/// Who tells the report, what, and when it changed last.
fn told(scene: &Scene) -> (String, String, Timestamp) {
    let mut articles = scene.store().articles(None, 9).unwrap();
    articles.retain(|it| it.title == entry("a", "one").entry.title);
    let [article] = articles.try_into().unwrap();
    let text = article.content.unwrap();
    (article.source.title, text, article.updated_at)
}

/// Feeds `a` and `b`, fetched so, of an owner where there is one.
fn of(urls: [&str; 2], owner: Option<&str>) -> Scene {
    let scene = Scene::new();
    let feed = |name: &str, url: &str| FeedSeed {
        url: url.to_owned(),
        outlet: Outlet {
            owner: owner.map(str::to_owned),
            ..Outlet::default()
        },
        ..seed(name, 1)
    };
    set_feeds(&scene, &[feed("a", urls[0]), feed("b", urls[1])]);
    scene
}

const OF_ONE_SITE: [&str; 2] = ["https://news.example/a.xml", "https://news.example/b.xml"];
const ELSEWHERE: [&str; 2] = ["https://feeds.example/a.xml", "https://feeds.example/b.xml"];

/// Two sections of an outlet list a report, and the one that told it has dropped it when it is put right.
#[test]
fn u7_what_another_section_puts_right_is_told_once_the_first_has_dropped_it() {
    let corrected = REPORT.replace("sandbank", "reef");
    let anew = "Nobody was aboard, says the ferry line.";
    for (urls, owner, text, is_told) in [
        (OF_ONE_SITE, None, corrected.as_str(), true),
        (OF_ONE_SITE, None, anew, false),
        (ELSEWHERE, None, &corrected, false),
        (ELSEWHERE, Some("paper"), &corrected, true),
        (ELSEWHERE, Some("paper"), anew, true),
    ] {
        for is_dropped_first in [true, false] {
            let scene = of(urls, owner);
            lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
            lists(&scene, "b", 1, vec![report("b", REPORT, -1)]);
            if is_dropped_first {
                lists(&scene, "a", 2, Vec::new());
            }
            // While the first lists it that tells it: it may have been put right there by its next poll.
            lists(&scene, "b", 3, vec![changed("b", text, 3)]);
            if !is_dropped_first {
                assert_eq!(told(&scene).0, "The a");
                lists(&scene, "a", 4, Vec::new());
            }
            let at = match (is_told, is_dropped_first) {
                (true, true) => 3,
                (true, false) => 4,
                (false, _) => -1,
            };
            let (who, what, when) = told(&scene);
            let expected = if is_told { "The b" } else { "The a" };
            assert_eq!(
                (who.as_str(), when),
                (expected, hour(at)),
                "{urls:?} {owner:?} {text}"
            );
            assert_eq!(what == format!("<p>{text}</p>"), is_told);
            // It is told on as it is however both come and go, out of windows and caches, and whoever brings it as well.
            let before = told(&scene);
            for turn in 0..3 {
                let at = 5 + 5 * turn;
                lists(&scene, "b", at, Vec::new());
                lists(&scene, "a", at + 1, vec![report("a", REPORT, -1)]);
                lists(&scene, "b", at + 2, vec![changed("b", text, 3)]);
                lists(
                    &scene,
                    &format!("c{turn}"),
                    at + 3,
                    vec![report("c", REPORT, -1)],
                );
                lists(&scene, "a", at + 4, Vec::new());
                assert_eq!(told(&scene), before, "{urls:?} {owner:?} {text} {turn}");
            }
        }
    }
}

/// What is put right twice, the second time in other words, is told by the section that told it first: the words of what
/// was dropped are out of date. What is only fetched there loses it: many sites have one host for all who write there.
#[test]
fn who_took_over_what_was_dropped_tells_it_on() {
    let anew = "Nobody was aboard, says the ferry line.";
    for (owner, expected) in [(Some("paper"), "The b"), (None, "The a")] {
        let scene = of(OF_ONE_SITE, owner);
        lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
        lists(&scene, "b", 1, vec![report("b", REPORT, -1)]);
        lists(&scene, "a", 2, Vec::new());
        let corrected = REPORT.replace("sandbank", "reef");
        lists(&scene, "b", 3, vec![changed("b", &corrected, 3)]);
        assert_eq!(told(&scene).0, "The b");
        lists(&scene, "b", 30, vec![changed("b", anew, 30)]);
        let (who, what, when) = told(&scene);
        assert_eq!((who.as_str(), when), (expected, hour(30)));
        assert_eq!(
            what == format!("<p>{anew}</p>"),
            expected == "The b",
            "{what}"
        );
    }
}

/// What is put right is put on top again, where the window had passed it.
#[test]
fn what_comes_back_put_right_is_told() {
    let corrected = REPORT.replace("sandbank", "reef");
    for is_back in [true, false] {
        let scene = of(OF_ONE_SITE, Some("paper"));
        lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
        lists(&scene, "b", 1, vec![report("b", REPORT, -1)]);
        let edit = || vec![changed("b", &corrected, 4)];
        if is_back {
            lists(&scene, "a", 2, Vec::new());
            lists(&scene, "b", 3, Vec::new());
            lists(&scene, "b", 4, edit());
        } else {
            lists(&scene, "b", 4, edit());
            lists(&scene, "b", 5, Vec::new());
            lists(&scene, "a", 6, Vec::new());
        }
        assert_eq!(told(&scene).0, "The b", "{is_back}");
    }
}

/// Both sections put the same right, one after the other, each in an excerpt of its own.
#[test]
fn what_both_put_right_is_told_once() {
    let scene = of(OF_ONE_SITE, Some("paper"));
    let corrected = REPORT.replace("sandbank", "reef");
    let excerpt = "The ferry ran aground on a reef …";
    lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
    lists(
        &scene,
        "b",
        1,
        vec![report("b", "The ferry ran aground on a sandbank …", -1)],
    );
    lists(&scene, "a", 2, vec![changed("a", &corrected, 2)]);
    lists(&scene, "b", 3, vec![changed("b", excerpt, 2)]);
    let before = told(&scene);
    assert_eq!((&*before.0, before.2), ("The a", hour(2)));
    lists(&scene, "a", 4, Vec::new());
    assert_eq!(told(&scene), before);
    // What is put right after that is told.
    let excerpt = "The ferry ran aground on a wreck …";
    lists(&scene, "b", 5, vec![changed("b", excerpt, 5)]);
    assert_eq!(told(&scene).2, hour(5));
}

/// Both put the same right, the second time by who had it first, on top again.
#[test]
fn what_both_put_right_is_told_once_also_by_who_comes_back() {
    let corrected = REPORT.replace("sandbank", "reef");
    let scene = of(OF_ONE_SITE, Some("paper"));
    lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
    lists(
        &scene,
        "b",
        1,
        vec![report("b", "The ferry ran aground on a sandbank …", -1)],
    );
    lists(&scene, "a", 2, Vec::new());
    let excerpt = "The ferry ran aground on a reef …";
    lists(&scene, "b", 3, vec![changed("b", excerpt, 3)]);
    let before = told(&scene);
    assert_eq!((&*before.0, before.2), ("The b", hour(3)));
    lists(&scene, "a", 4, vec![changed("a", &corrected, 3)]);
    assert_eq!(told(&scene), before);
    let corrected = corrected.replace("dusk", "noon");
    lists(&scene, "a", 5, vec![changed("a", &corrected, 5)]);
    let (who, _, when) = told(&scene);
    assert_eq!((who.as_str(), when), ("The a", hour(5)));
}

/// Dates that never move: once who told it has dropped it as well, what the first puts right is told.
#[test]
fn what_comes_back_is_put_right_again_where_the_other_has_dropped_it() {
    let put_right = |feed: &str, word: &str| report(feed, &REPORT.replace("sandbank", word), -1);
    let excerpt = |word: &str| report("b", &format!("The ferry ran aground on a {word} …"), -1);
    let scene = of(OF_ONE_SITE, Some("paper"));
    lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
    lists(&scene, "b", 1, vec![excerpt("sandbank")]);
    lists(&scene, "a", 2, Vec::new());
    let stranded = report("b", "The ferry lies stranded on a reef …", -1);
    lists(&scene, "b", 3, vec![stranded]);
    assert_eq!(told(&scene).0, "The b");
    lists(&scene, "a", 4, vec![put_right("a", "reef")]);
    assert_eq!(told(&scene).0, "The b");
    lists(&scene, "b", 5, Vec::new());
    lists(
        &scene,
        "a",
        6,
        vec![put_right("a", "wreck of a fishing boat")],
    );
    let (who, what, _) = told(&scene);
    assert_eq!(who, "The a");
    assert!(what.contains("wreck"), "{what}");
}

/// A section that lists its reports a day late.
#[test]
fn what_is_listed_late_is_dated_all_the_same() {
    let late = |feed, text: &str, at| {
        let mut record = changed(feed, text, at);
        record.entry.published_at = hour(-30);
        refresh(&mut record);
        record
    };
    let scene = of(OF_ONE_SITE, Some("paper"));
    let corrected = REPORT.replace("sandbank", "reef");
    lists(&scene, "b", -20, Vec::new());
    lists(&scene, "a", -18, vec![late("a", REPORT, -30)]);
    lists(&scene, "b", 5, vec![late("b", REPORT, -30)]);
    lists(&scene, "a", 6, vec![late("a", &corrected, 6)]);
    lists(&scene, "a", 8, Vec::new());
    let corrected = corrected.replace("dusk", "noon");
    lists(&scene, "b", 9, vec![late("b", &corrected, 9)]);
    let (who, _, when) = told(&scene);
    assert_eq!((who.as_str(), when), ("The b", hour(9)));
}

/// Both sections go over to excerpts, one after the other, and back.
#[test]
fn what_both_cut_off_is_told_by_neither() {
    let scene = of(OF_ONE_SITE, None);
    let whole = at_length();
    let cut = format!("{REPORT} The inquiry goes […]");
    lists(&scene, "b", 0, vec![report("b", &whole, -1)]);
    lists(&scene, "a", 1, vec![report("a", &whole, -1)]);
    let dated = told(&scene).2;
    for (at, feed, text) in [
        (2, "b", &cut),
        (3, "a", &cut),
        (4, "b", &whole),
        (5, "a", &whole),
    ] {
        lists(&scene, feed, at, vec![report(feed, text, -1)]);
        assert_eq!(told(&scene).2, dated, "{at}");
    }
}

/// Where a section is switched off, what it put right stays.
#[test]
fn what_was_put_right_is_not_taken_back_by_who_had_dropped_it() {
    let scene = of(OF_ONE_SITE, Some("paper"));
    lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
    lists(&scene, "b", 1, vec![report("b", REPORT, -1)]);
    lists(&scene, "a", 2, Vec::new());
    let corrected = REPORT.replace("sandbank", "reef");
    lists(&scene, "b", 3, vec![changed("b", &corrected, 3)]);
    let before = told(&scene);
    assert_eq!(before.0, "The b");
    let of_paper = |name: &str, enabled| FeedSeed {
        url: format!("https://news.example/{name}.xml"),
        enabled,
        ..seed(name, 1)
    };
    set_feeds(&scene, &[of_paper("a", true), of_paper("b", false)]);
    lists(&scene, "c", 5, vec![report("c", REPORT, -1)]);
    lists(&scene, "a", 6, vec![report("a", &format!("{REPORT} "), -1)]);
    assert_eq!(told(&scene), before);
}

/// A copy that says something else puts nothing right; nor does a part, a document of which not all was read, or one that is empty
/// for once, say that anything was dropped.
#[test]
fn what_is_dropped_is_told_on_where_nothing_was_put_right() {
    let corrected = REPORT.replace("sandbank", "reef").replace("dusk", "noon");
    let corrected = corrected.replace("midnight", "dawn");
    let part = || PollRecord {
        profile: None,
        ..poll("a", hour(2), vec![other("a")])
    };
    for (name, copy, edit, record) in [
        (
            "a copy",
            report("b", &corrected, -1),
            None,
            poll("a", hour(2), vec![other("a")]),
        ),
        (
            "an empty document",
            report("b", REPORT, -1),
            Some(changed("b", &corrected, 3)),
            poll("a", hour(2), Vec::new()),
        ),
        (
            "a part",
            report("b", REPORT, -1),
            Some(changed("b", &corrected, 3)),
            part(),
        ),
        (
            "one of which not all was read",
            report("b", REPORT, -1),
            Some(changed("b", &corrected, 3)),
            PollRecord {
                has_more: true,
                ..poll("a", hour(2), vec![other("a")])
            },
        ),
    ] {
        let scene = of(OF_ONE_SITE, None);
        lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
        lists(&scene, "b", 1, vec![copy]);
        let before = told(&scene);
        scene.record(record);
        if let Some(edit) = edit {
            lists(&scene, "b", 3, vec![edit]);
        }
        assert_eq!(told(&scene), before, "{name}");
    }
}

/// What both have put right was told by the first.
#[test]
fn what_was_told_before_it_was_dropped_is_told_on_by_who_told_it() {
    let scene = of(OF_ONE_SITE, Some("paper"));
    let corrected = REPORT.replace("sandbank", "reef");
    lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
    lists(&scene, "b", 1, vec![report("b", REPORT, -1)]);
    lists(&scene, "a", 2, vec![changed("a", &corrected, 2)]);
    lists(&scene, "b", 3, vec![changed("b", &corrected, 2)]);
    let before = told(&scene);
    assert_eq!((&*before.0, before.2), ("The a", hour(2)));
    lists(&scene, "a", 4, Vec::new());
    assert_eq!(told(&scene), before);
}

/// Two caches of a section answer by turns when the first drops the report: it is told by that section once readers are told what
/// that says.
#[test]
fn what_waits_takes_over_what_was_dropped_when_it_is_told() {
    let scene = of(OF_ONE_SITE, None);
    let before = REPORT.replace("fishermen", "fishers");
    let after = before.replace("sandbank", "reef");
    lists(&scene, "a", 0, vec![report("a", REPORT, -1)]);
    lists(&scene, "b", 1, vec![report("b", &before, -1)]);
    lists(&scene, "b", 2, vec![changed("b", &after, 2)]);
    lists(&scene, "b", 3, vec![changed("b", &before, 3)]);
    lists(&scene, "a", 4, Vec::new());
    assert_eq!(told(&scene).0, "The a");
    lists(&scene, "b", 9, vec![changed("b", &before, 3)]);
    assert_eq!(told(&scene).0, "The b");
}

/// A report that is pushed off the front page changes no label: nothing is rendered for it, unless it is told by another then.
#[test]
fn what_is_dropped_is_rendered_where_another_tells_it() {
    for (text, is_told) in [
        (REPORT, false),
        (&*REPORT.replace("sandbank", "reef"), true),
    ] {
        let scene = of(OF_ONE_SITE, None);
        let labelled = |record| labelled(record, &["zoo"]);
        lists(&scene, "a", 0, vec![labelled(report("a", REPORT, -1))]);
        lists(&scene, "b", 1, vec![labelled(report("b", REPORT, -1))]);
        lists(&scene, "b", 2, vec![labelled(changed("b", text, 2))]);
        let counts = scene.record(poll("a", hour(3), vec![other("a")]));
        assert_eq!(counts.changed(), is_told, "{counts:?}");
        assert_eq!(
            counts.labels.iter().any(|it| it == "zoo"),
            is_told,
            "{counts:?}"
        );
        let listed: i64 = scene.value("SELECT count(*) FROM entries WHERE listed = 1");
        assert_eq!(listed, 3);
    }
}

/// What an entry says again, and readers are not yet told, is told with who takes the article over and says it as well, be it a word.
#[test]
fn u7_what_waits_is_told_by_who_takes_over() {
    let long = at_length();
    for (right, wrong) in [
        (
            REPORT,
            REPORT.replace("sandbank", "reef").replace("dusk", "noon"),
        ),
        (&long, long.replace("was brought", "was not brought")),
    ] {
        let says = |feed: &str, text: &str| vec![report(feed, text, -1)];
        let scene = Scene::new();
        set_feeds(&scene, &[seed("a", 1), role("b", Role::Original, 60)]);
        for (at, text) in [(0, right), (1, &wrong), (2, right)] {
            lists(&scene, "a", at, says("a", text));
        }
        let (_, what, when) = told(&scene);
        assert_eq!(what, format!("<p>{right}</p>"));
        assert_eq!(when, hour(1), "what was said before waits");
        lists(&scene, "b", 3, says("b", right));
        let (who, _, when) = told(&scene);
        assert_eq!((who.as_str(), when), ("The b", hour(3)), "{right}");
    }
}

/// A copy that is cut off as well, elsewhere, is no news to readers who were not told of the first.
#[test]
fn what_both_cut_off_is_no_news_by_who_takes_over() {
    let whole = at_length();
    let cut = format!("{REPORT} The inquiry goes […]");
    let elsewhere = cut.replace("every", "each");
    let later = format!("{REPORT} The inquiry goes on. The inquiry […]");
    for (elsewhere, is_corrected, expected) in [
        (&elsewhere, false, -1),
        (&elsewhere, true, 3),
        (&later, false, -1),
        (&later, true, 3),
    ] {
        let scene = Scene::new();
        set_feeds(&scene, &[seed("a", 1), role("b", Role::Original, 60)]);
        lists(&scene, "a", 0, vec![report("a", &whole, -1)]);
        lists(&scene, "a", 1, vec![report("a", &cut, -1)]);
        assert_eq!(told(&scene).2, hour(-1));
        let mut text = elsewhere.clone();
        if is_corrected {
            text = text.replace("sandbank", "reef").replace("dusk", "noon");
        }
        lists(&scene, "b", 3, vec![report("b", &text, -1)]);
        let (who, _, when) = told(&scene);
        assert_eq!((who.as_str(), when), ("The b", hour(expected)));
    }
}

/// A section whose excerpts are longer from a day on puts nothing right: the report that another has dropped stays whole.
#[test]
fn what_is_cut_off_later_than_before_puts_nothing_right() {
    let short = "The ferry ran aground on a sandbank at dusk …".to_owned();
    let longer = format!("{REPORT} The inquiry goes …");
    let corrected = longer.replace("sandbank", "reef").replace("dusk", "noon");
    for (text, expected) in [(longer, "The a"), (corrected, "The b")] {
        let scene = of(OF_ONE_SITE, Some("paper"));
        lists(&scene, "a", 0, vec![report("a", &at_length(), -1)]);
        lists(&scene, "b", 1, vec![report("b", &short, -1)]);
        lists(&scene, "a", 2, Vec::new());
        lists(&scene, "b", 3, vec![changed("b", &text, 3)]);
        assert_eq!(told(&scene).0, expected, "{text}");
    }
}

/// Unless it has another headline as well.
#[test]
fn u7_what_has_another_headline_is_put_right_however_long_it_is() {
    let headed = |feed: &str, title: &str, text: &str| {
        let mut record = report(feed, text, -1);
        record.entry.title = title.to_owned();
        refresh(&mut record);
        vec![record]
    };
    let (wrong, right) = (
        "Skipper found guilty of fraud",
        "Skipper found not guilty of fraud",
    );
    let scene = of(OF_ONE_SITE, Some("paper"));
    let short = "The ferry ran aground on a sandbank at dusk …";
    lists(&scene, "a", 0, headed("a", wrong, short));
    lists(&scene, "b", 1, headed("b", wrong, short));
    lists(&scene, "a", 2, Vec::new());
    lists(
        &scene,
        "b",
        3,
        headed("b", right, &format!("{REPORT} The inquiry goes …")),
    );
    let articles = scene.store().articles(None, 9).unwrap();
    let article = articles.iter().find(|it| it.title.starts_with("Skipper"));
    let told = article.map(|it| (it.title.as_str(), it.updated_at));
    assert_eq!(told, Some((right, hour(3))));
}
