//! Pages that go on to other news under one id and one address.

use super::*;
use crate::model::publishers_id;

/// The page, with the headline of an article, dated to an hour.
fn live(number: usize, at: i64) -> ParsedEntry {
    ParsedEntry {
        published_at: Some(hour(at)),
        ..item(
            number,
            "https://news.example/live",
            "https://news.example/live",
        )
    }
}

#[test]
fn u2_what_readers_had_stays_when_its_page_goes_on_to_other_news() {
    let mut scene = Scene::new();
    let mut ids = BTreeSet::new();
    for (number, at) in [(0, 0), (1, 12), (2, 24), (3, 36)] {
        let before = scene.store().articles(None, 9).unwrap();
        let counted = polled(&scene, at, vec![live(number, at)]);
        assert_eq!((counted.new, counted.revised), (1, 0), "{number}");
        scene.restart();
        assert!(!polled(&scene, at + 1, vec![live(number, at)]).changed());
        let after = scene.store().articles(None, 9).unwrap();
        assert_eq!(after[1..], before, "{number}");
        check_articles(&scene, number + 1, &mut ids);
    }
    assert_eq!(ids.len(), 4);
    // The publisher's id is the newest's in its feed, and the first's for readers.
    let found = scene
        .store()
        .find("https://news.example/live", &[])
        .unwrap();
    let titles: Vec<&str> = found.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, HEADLINES[..4]);
    assert_eq!(found[0].atom_id, "https://news.example/live");
    assert_eq!(found[3].entry_id, "https://news.example/live");
    for former in &found[..3] {
        assert_ne!(former.entry_id, found[3].entry_id);
        assert_eq!(publishers_id(&former.entry_id), found[3].entry_id);
    }
    assert_eq!(health(&scene), GuidHealth::Good);
}

#[test]
fn an_edit_is_one_of_what_stands_at_the_page() {
    let scene = Scene::new();
    polled(&scene, 0, vec![live(0, 0)]);
    polled(&scene, 24, vec![live(1, 24)]);
    let mut edit = live(1, 24);
    edit.title = Text::plain("Parliament passes water bill after all");
    assert_eq!(polled(&scene, 40, vec![edit]).revised, 1);
    let titles = scene.titles(None);
    assert_eq!(
        titles,
        ["Parliament passes water bill after all", HEADLINES[0]]
    );
    // What changes by the hour is revised, for as long as it does.
    for at in 41..80 {
        let number = usize::try_from(2 + at % 4).unwrap();
        assert_eq!(polled(&scene, at, vec![live(number, at)]).new, 0, "{at}");
    }
    assert_eq!(scene.titles(None).len(), 2);
}

/// R15: nor does the id that readers know come back for something else when it is free again.
#[test]
fn u2_a_page_gets_a_new_id_after_its_first_article_was_purged() {
    let scene = Scene::new();
    let settings = Settings {
        max_entries: Some(1),
        ..Settings::default()
    };
    let mut ids = BTreeSet::new();
    for (number, at) in [(0, 0), (1, 24), (2, 48), (3, 72)] {
        polled(&scene, at, vec![live(number, at)]);
        scene.retain(hour(at), &settings);
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.title, HEADLINES[number]);
        assert!(ids.insert(article.atom_id));
    }
}

#[test]
fn what_is_beyond_the_first_polls_cap_retires_nothing() {
    let scene = Scene::new();
    polled(&scene, 0, vec![live(0, 0)]);
    let counted = polled_keeping(&scene, 24, vec![live(1, 24)], 0);
    assert!(!counted.changed());
    assert_eq!(scene.titles(None), HEADLINES[..1]);
}

/// R15: the words that retention took stay away, and what else the page says then does not, under an id of ours.
#[test]
fn u2_a_page_whose_news_was_purged_is_not_silent_for_ever() {
    let scene = Scene::new();
    let nothing = Settings {
        max_entries: Some(0),
        ..Settings::default()
    };
    polled(&scene, 0, vec![live(0, 0)]);
    for (number, at) in [(1, 48), (2, 96)] {
        assert_eq!(scene.retain(hour(at - 2), &nothing), 1);
        assert!(!polled(&scene, at - 1, vec![live(number - 1, at - 48)]).changed());
        let next = || vec![live(number, at)];
        assert_eq!(polled(&scene, at, next()).new, 1, "{number}");
        assert!(!polled(&scene, at + 1, next()).changed());
        let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
        assert_eq!(article.title, HEADLINES[number]);
        assert!(article.atom_id.starts_with("tag:"), "{}", article.atom_id);
    }
    assert_eq!(health(&scene), GuidHealth::Good);
}

/// What lay beyond the first poll's cap was never shown: the page goes on under its own id.
#[test]
fn a_page_of_the_backlog_goes_on_to_news() {
    let scene = Scene::new();
    assert!(!polled_keeping(&scene, 0, vec![live(0, 0)], 0).changed());
    assert!(!polled(&scene, 1, vec![live(0, 0)]).changed());
    assert_eq!(polled(&scene, 24, vec![live(1, 24)]).new, 1);
    let [article] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
    assert_eq!(article.atom_id, "https://news.example/live");
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM entries"), 1);
}

/// Nor is the id of what retention took given to another feed once the page went on to other news.
#[test]
fn u3_the_id_of_purged_news_is_given_to_nobody_when_its_page_goes_on() {
    let scene = Scene::new();
    let nothing = Settings {
        max_entries: Some(0),
        ..Settings::default()
    };
    polled(&scene, 0, vec![live(0, 0)]);
    let [first] = scene.store().articles(None, 9).unwrap().try_into().unwrap();
    assert_eq!(scene.retain(hour(46), &nothing), 1);
    assert_eq!(polled(&scene, 48, vec![live(1, 48)]).new, 1);
    let mut claim = edited(entry("d", "coins"), "Coins for everybody tonight");
    claim.entry.entry_id.clone_from(&first.atom_id);
    assert_eq!(scene.record(poll("d", hour(49), vec![claim])).new, 1);
    let articles = scene.store().articles(None, 9).unwrap();
    assert!(articles.iter().all(|it| it.atom_id != first.atom_id));
}

/// However the entries of a feed are told apart, what another outlet reports stays when one goes on to other news, at once.
#[test]
fn u2_a_page_leaves_what_another_outlet_reports_whatever_tells_its_entries_apart() {
    let airline = "The airline cancelled flights after its pilots walked out; eleven thousand travellers are stranded, and \
                   railways offer extra trains between Alder and Brask";
    let vaccine = "Researchers protected volunteers against river fever for years; the agency for medicines decides in March, \
                   villages along the Sonn follow";
    let said = |site: &str, number: usize, text: &str| ParsedEntry {
        summary: Some(Text::plain(text)),
        published_at: Some(hour(-1)),
        ..item(
            number,
            &format!("https://{site}.example/1"),
            &format!("https://{site}.example/page"),
        )
    };
    for identity in [IdentityBy::Auto, IdentityBy::Guid, IdentityBy::Link] {
        let scene = Scene::new();
        let brings = |feed, at, entry| polled_of(&scene, (feed, at), vec![entry], (9, identity));
        brings("a", 0, said("news", 0, airline));
        assert_eq!(brings("b", 0, said("other", 0, airline)).copies, 1);
        let counted = brings("b", 1, said("other", 1, vaccine));
        assert_eq!((counted.new, counted.revised), (1, 0), "{identity:?}");
        assert_eq!(brings("b", 2, said("other", 0, airline)).new, 0);
        assert_eq!(brings("a", 2, said("news", 0, airline)).new, 0);
        let mut titles = scene.titles(None);
        titles.sort_unstable();
        assert_eq!(titles, HEADLINES[..2], "{identity:?}");
    }
}

/// The third article of a page may have a headline like the first; nobody has that from here.
#[test]
fn u2_a_page_is_not_taken_for_a_copy_of_what_it_said_days_ago() {
    let scene = Scene::new();
    let said = |title: &str, text: &str, at| ParsedEntry {
        title: Text::plain(title),
        summary: Some(Text::plain(text)),
        ..live(0, at)
    };
    for (at, title, text) in [
        (
            0,
            "Storm hits the coast",
            "Waves damage promenades while trains between harbours wait for daylight",
        ),
        (
            24,
            "Budget passes",
            "Ministers promise cheaper railways, schools receive seventy million",
        ),
        (
            48,
            "Storm leaves the coast",
            "Insurers count claims; engineers inspect bridges before reopening",
        ),
    ] {
        assert_eq!(
            polled(&scene, at, vec![said(title, text, at)]).new,
            1,
            "{title}"
        );
    }
    assert_eq!(scene.titles(None).len(), 3);
}

const STORM: &str = "Waves damage promenades while trains between harbours wait for daylight and ferries for calmer weather";
const BUDGET: &str = "Ministers promise cheaper railways, schools receive seventy million, opposition walks out before midnight";
const VACCINE: &str = "Researchers protected volunteers against river fever for years; agency for medicines decides, villages follow";

/// The page, with a text of its own.
fn saying(number: usize, text: &str, at: i64) -> ParsedEntry {
    ParsedEntry {
        summary: Some(Text::plain(text)),
        ..live(number, at)
    }
}

/// Whoever follows the page, or has its headline: after a stale answer it is followed still.
#[test]
fn u7_a_page_is_followed_after_a_stale_answer() {
    let planet = saying(3, STORM, 0);
    let headline = ParsedEntry {
        published_at: Some(hour(0)),
        ..item(3, "one", "https://other.example/one")
    };
    for beside in [None, Some(planet), Some(headline)] {
        let scene = Scene::new();
        assert_eq!(polled(&scene, 0, vec![saying(3, STORM, 0)]).new, 1);
        if let Some(beside) = beside {
            let counted = polled_of(&scene, ("b", 1), vec![beside], (9, IdentityBy::Auto));
            assert_eq!(counted.copies, 1);
        }
        assert_eq!(polled(&scene, 13, vec![saying(4, BUDGET, 13)]).new, 1);
        let rows = scene.value::<i64>("SELECT count(*) FROM entries");
        for (at, number, text, dated) in [
            (14, 3, STORM, 0),
            (15, 4, BUDGET, 13),
            (16, 3, STORM, 0),
            (17, 4, BUDGET, 13),
        ] {
            let counted = polled(&scene, at, vec![saying(number, text, dated)]);
            assert_eq!((counted.new, counted.copies), (0, 0), "{at}");
            let mut titles = scene.titles(None);
            titles.sort_unstable();
            assert_eq!(titles, HEADLINES[3..5], "{at}");
        }
        let corrected = BUDGET.replace("seventy", "ninety");
        let counted = polled(&scene, 18, vec![saying(4, &corrected, 18)]);
        assert_eq!(counted.revised, 1);
        let articles = scene.store().articles(None, 9).unwrap();
        assert_eq!(articles.len(), 2);
        let text = articles[0].summary.as_deref().unwrap();
        assert!(text.contains("ninety million"), "{text}");
        assert_eq!(scene.value::<i64>("SELECT count(*) FROM entries"), rows);
    }
}

/// The live page of an outlet has what another feed of it reports elsewhere, for a while, and nothing of what it says next
/// is hidden behind that.
#[test]
fn u2_a_page_goes_on_from_what_its_outlet_reports_elsewhere() {
    let scene = Scene::new();
    let report = ParsedEntry {
        url: Some("https://news.example/budget".to_owned()),
        id: Some("budget".to_owned()),
        ..saying(1, BUDGET, 1)
    };
    assert_eq!(polled(&scene, 0, vec![saying(0, STORM, 0)]).new, 1);
    polled_of(&scene, ("b", 1), vec![report], (9, IdentityBy::Auto));
    assert_eq!(polled(&scene, 2, vec![saying(1, BUDGET, 2)]).copies, 1);
    assert_eq!(polled(&scene, 3, vec![saying(2, VACCINE, 3)]).new, 1);
    let mut titles = scene.titles(None);
    titles.sort_unstable();
    let mut all = HEADLINES[..3].to_vec();
    all.sort_unstable();
    assert_eq!(titles, all);
    // And it is revised where it stands.
    let edited = VACCINE.replace("years", "decades");
    assert_eq!(polled(&scene, 4, vec![saying(2, &edited, 4)]).revised, 1);
}

/// By its address an entry has its title in its id: what is taken back may have another one than it had.
#[test]
fn u2_what_is_taken_back_is_known_under_another_headline() {
    let scene = Scene::new();
    let brings = |feed, at, (title, text): (&str, &str), site: &str| {
        let page = ParsedEntry {
            id: None,
            url: Some(format!("https://{site}.example/live")),
            title: Text::plain(title),
            ..saying(0, text, 0)
        };
        polled_of(&scene, (feed, at), vec![page], (9, IdentityBy::Link))
    };
    let storm = "Storm floods the old harbour";
    brings("a", 0, (storm, STORM), "news");
    assert_eq!(brings("b", 1, (storm, STORM), "other").copies, 1);
    let edited = STORM.replace("calmer", "milder");
    let budget = "Parliament passes the budget";
    assert_eq!(brings("b", 2, (budget, BUDGET), "other").new, 1);
    for (at, title, text) in [
        (3, "Storm floods old harbour at night", &*edited),
        (4, "Parliament passes budget", BUDGET),
        (5, storm, STORM),
    ] {
        let counted = brings("b", at, (title, text), "other");
        assert_eq!((counted.new, counted.copies), (0, 0), "{at}");
        let titles = scene.titles(None);
        let of_budget = titles.iter().filter(|it| it.starts_with("Parliament"));
        assert_eq!((titles.len(), of_budget.count()), (2, 1), "{at}");
    }
    assert_eq!(scene.value::<i64>("SELECT count(*) FROM entries"), 3);
}

/// What the page of an entry went on to is not kept, in the first poll of a feed at another address: what readers had stays, as
/// listed, and what is there still is brought by the next poll.
#[test]
fn a_page_that_goes_on_to_what_is_not_kept_goes_on_later() {
    let scene = Scene::new();
    polled(&scene, 0, vec![saying(0, STORM, 0)]);
    for at in [24, 25, 60] {
        let page = vec![saying(1, BUDGET, 24)];
        assert!(!polled_keeping(&scene, at, page, 0).changed());
    }
    assert_eq!(scene.titles(None), [HEADLINES[0]]);
    let listed = "SELECT max(listed_at - first_seen_at) / 3600000 FROM entries";
    assert_eq!(scene.value::<i64>(listed), 60);
    assert_eq!(polled(&scene, 61, vec![saying(1, BUDGET, 24)]).new, 1);
}

/// Two regions of one feed that say the same for a while are two entries all the while.
#[test]
fn states_of_one_feed_that_meet_stay_apart() {
    let calm = "There are currently no warnings in force; forecasters expect moderate westerly winds, showers inland";
    let surge = "Storm surge expected along estuaries; residents prepare sandbags, harbour masters close gates before midnight";
    let flood = "Rivers burst embankments upstream; villages evacuated, engineers inspect bridges, trains replaced with coaches";
    let region = |name: &str, title: &str, text: &str| ParsedEntry {
        title: Text::plain(title),
        summary: Some(Text::plain(text)),
        ..item(0, name, &format!("https://news.example/{name}"))
    };
    let (calm, flood) = (
        ("No warnings in force today", calm),
        ("Flood alarm upstream", flood),
    );
    for has_follower in [false, true] {
        let scene = Scene::new();
        let polls = |at, west: (&str, &str)| {
            let east = region("east", calm.0, calm.1);
            let entries = vec![region("west", west.0, west.1), east.clone()];
            if has_follower {
                polled_of(&scene, ("b", at), vec![east], (9, IdentityBy::Auto));
            }
            polled(&scene, at, entries)
        };
        polls(0, ("Storm surge warning", surge));
        polls(1, calm);
        polls(2, flood);
        let titles = scene.titles(None);
        assert!(titles.contains(&flood.0.to_owned()), "{titles:?}");
        assert!(titles.contains(&calm.0.to_owned()), "{titles:?}");
    }
}
