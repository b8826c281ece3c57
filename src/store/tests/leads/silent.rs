//! What feeds told that are polled no more.

use super::*;

/// What an outlet puts right was never seen where its feed had told the article under an id that is polled no more; and those of
/// others have it no more than they had.
#[test]
fn a_feed_under_another_id_tells_what_it_told() {
    let again = FeedSeed {
        id: FeedId::new("a2"),
        ..seed("a", 1)
    };
    let corrected = REPORT.replace("sandbank", "reef");
    for after in [vec![again.clone()], vec![off(), again]] {
        let scene = Scene::new();
        let others = ["b", "c", "d"].map(|feed| seed(feed, 1));
        set_feeds(&scene, &[&[seed("a", 1)], &others[..]].concat());
        scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
        scene.record(poll("c", hour(1), vec![report("c", "Ferry aground.", -1)]));
        scene.record(poll("b", hour(1), vec![report("b", REPORT, -1)]));
        set_feeds(&scene, &[&after[..], &others].concat());
        // Not even who has its words, before the feed is polled.
        scene.record(poll("b", hour(2), vec![report("b", &corrected, 1)]));
        assert_eq!(told(&scene), ("The a".to_owned(), hour(-1)));
        scene.record(poll("a2", hour(3), vec![report("a2", REPORT, -1)]));
        assert_eq!(told(&scene), ("The a2".to_owned(), hour(-1)));
        scene.record(poll("a2", hour(20), vec![report("a2", &corrected, 19)]));
        scene.record(poll("d", hour(21), vec![report("d", REPORT, -1)]));
        assert_eq!(told(&scene), ("The a2".to_owned(), hour(19)));
    }
}

/// The outlet has the report at its page in other words by the time that its feed is polled under another id.
#[test]
fn a_feed_under_another_id_tells_what_its_page_says_now() {
    let text = "Nobody was aboard, says the ferry line.";
    let at = |url: &str, feed| FeedSeed {
        url: url.to_owned(),
        ..feed
    };
    let page = "https://news.example/a";
    let again = FeedSeed {
        id: FeedId::new("a2"),
        ..seed("a", 1)
    };
    for (again, is_told) in [
        (at(page, again), true),
        // Another feed of the site, with less of each report, is no other state of it. So is one with another token.
        (at("https://news.example/b", seed("a2", 1)), false),
        (at(page, seed("a2", 1)), false),
        (at("https://other.example/feed", seed("a2", 1)), false),
    ] {
        let scene = Scene::new();
        set_feeds(&scene, &[at(page, seed("a", 1))]);
        scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
        let url = again.url.clone();
        set_feeds(&scene, &[again]);
        let brought = report("a2", text, 2);
        assert_eq!(scene.record(poll("a2", hour(2), vec![brought])).copies, 1);
        let who = if is_told {
            ("The a2".to_owned(), hour(2))
        } else {
            ("The a".to_owned(), hour(-1))
        };
        assert_eq!(told(&scene), who, "{url}");
    }
}

/// A feed that is switched off, or left out, and comes back: its articles are its own, and what it puts right is told.
#[test]
fn a_feed_that_comes_back_has_what_it_told() {
    for without in [vec![off(), seed("b", 1)], vec![seed("b", 1)]] {
        let scene = Scene::new();
        let both = [seed("a", 1), seed("b", 1)];
        set_feeds(&scene, &both);
        scene.record(poll("b", hour(0), vec![report("b", "Comments", -1)]));
        scene.record(poll("a", hour(0), vec![report("a", &at_length(), -1)]));
        set_feeds(&scene, &[role("a", Role::Original, 60), seed("b", 1)]);
        choose_leads(&scene, 1);
        assert_eq!(told(&scene).0, "The a");
        set_feeds(&scene, &without);
        choose_leads(&scene, 2);
        let before = told(&scene);
        assert_eq!(before.0, "The a");
        scene.record(poll("b", hour(3), vec![report("b", "Points: 13", -1)]));
        assert_eq!(told(&scene), before);
        set_feeds(&scene, &[role("a", Role::Original, 60), seed("b", 1)]);
        let corrected = at_length().replace("sandbank", "reef");
        scene.record(poll("a", hour(20), vec![report("a", &corrected, 19)]));
        assert_eq!(told(&scene), ("The a".to_owned(), hour(19)));
    }
}

/// A paper's reports were followed at length, at another's host or its own, and its feed of excerpts is now: no report is cut down
/// to that. What says as much takes over.
#[test]
fn an_excerpt_does_not_take_the_place_of_the_report() {
    let of_paper = |feed: &str, text: &str| {
        let mut record = report(feed, text, -1);
        "https://news.example/one".clone_into(&mut record.entry.entry_id);
        record
    };
    let more: Vec<String> = (0..60)
        .map(|number| format!("witness{number} spoke"))
        .collect();
    let in_full = format!("{REPORT} {}", more.join(" "));
    for bridge in ["https://feeds.example/paper", "https://news.example/full"] {
        for (text, is_told) in [(REPORT, false), (&in_full, true)] {
            let scene = Scene::new();
            let at = |feed: &str, url: &str| FeedSeed {
                url: url.to_owned(),
                ..seed(feed, 1)
            };
            set_feeds(&scene, &[at("a", bridge)]);
            scene.record(poll("a", hour(0), vec![of_paper("a", &in_full)]));
            set_feeds(&scene, &[at("d", "https://news.example/rss")]);
            let counts = scene.record(poll("d", hour(2), vec![of_paper("d", text)]));
            assert_eq!(counts.copies, 1);
            let who = if is_told { "The d" } else { "The a" };
            assert_eq!(told(&scene), (who.to_owned(), hour(-1)), "{bridge}");
        }
    }
}

/// The first answer under another id is one that a cache has kept: what was corrected under the one of before stays so.
#[test]
fn a_stale_answer_under_another_id_takes_no_correction_back() {
    let scene = Scene::new();
    let again = FeedSeed {
        id: FeedId::new("a2"),
        ..seed("a", 1)
    };
    let corrected = REPORT.replace("sandbank", "reef");
    let changed = |feed: &str, text: &str, at: i64| {
        let mut record = report(feed, text, -1);
        record.entry.updated_at = hour(at);
        record
    };
    set_feeds(&scene, &[seed("a", 1)]);
    scene.record(poll("a", hour(0), vec![changed("a", REPORT, -1)]));
    scene.record(poll("a", hour(2), vec![changed("a", &corrected, 2)]));
    let before = told(&scene);
    assert_eq!(before, ("The a".to_owned(), hour(2)));
    set_feeds(&scene, &[again]);
    scene.record(poll("a2", hour(3), vec![changed("a2", REPORT, -1)]));
    assert_eq!(told(&scene), before);
    scene.record(poll("a2", hour(4), vec![changed("a2", &corrected, 2)]));
    assert_eq!(told(&scene), ("The a2".to_owned(), hour(2)));
}

/// A feed has its id again after it had another one for a while: what it put right meanwhile was told then.
#[test]
fn what_was_told_under_another_id_is_not_told_again() {
    let scene = Scene::new();
    let again = FeedSeed {
        id: FeedId::new("a2"),
        ..seed("a", 1)
    };
    let corrected = REPORT.replace("sandbank", "reef");
    set_feeds(&scene, &[seed("a", 1)]);
    scene.record(poll("a", hour(0), vec![report("a", REPORT, -1)]));
    set_feeds(&scene, &[again]);
    scene.record(poll("a2", hour(2), vec![report("a2", REPORT, -1)]));
    scene.record(poll("a2", hour(3), vec![report("a2", &corrected, 3)]));
    assert_eq!(told(&scene), ("The a2".to_owned(), hour(3)));
    set_feeds(&scene, &[seed("a", 1)]);
    scene.record(poll("a", hour(5), vec![report("a", &corrected, 3)]));
    assert_eq!(told(&scene), ("The a".to_owned(), hour(3)));
    // What is put right since is.
    let corrected = corrected.replace("dusk", "noon");
    scene.record(poll("a", hour(7), vec![report("a", &corrected, 7)]));
    assert_eq!(told(&scene), ("The a".to_owned(), hour(7)));
}

/// Feed `a`, switched off.
fn off() -> FeedSeed {
    FeedSeed {
        enabled: false,
        ..seed("a", 1)
    }
}
