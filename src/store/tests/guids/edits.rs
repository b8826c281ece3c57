//! Edits and corrections, whatever the ids are.

use super::*;

const REPORT: &str = "Flames were seen from the harbour shortly before midnight; firefighters from three \
                      villages needed hours, and neighbours opened their kitchens to those without a roof";

/// Headline and summary of the only article.
fn only(scene: &Scene) -> (String, String) {
    let mut articles = scene.store().articles(None, 100).unwrap();
    assert_eq!(articles.len(), 1);
    let article = articles.remove(0);
    (article.title, article.summary.unwrap_or_default())
}

#[test]
fn headline_and_slug_may_be_rewritten_over_one_text() {
    let scene = Scene::new();
    let written = |title: &str, url: &str| ParsedEntry {
        title: Text::plain(title),
        content: Some(Text::plain(REPORT)),
        ..item(0, "https://news.example/?p=1", url)
    };
    polled(&scene, 0, vec![written("Fire downtown", &page(0))]);
    for (at, title) in [
        (1, "Blaze kills two in Elm Street"),
        (2, "After the inferno"),
    ] {
        let url = page(usize::try_from(at).unwrap());
        assert_eq!(polled(&scene, at, vec![written(title, &url)]).revised, 1);
        assert_eq!(only(&scene).0, title);
    }
    assert_eq!(guids(&scene), Guids::default());
}

/// An Atom feed without links dates its entries by their last change.
#[test]
fn a_date_of_a_change_is_no_other_article() {
    let scene = Scene::new();
    let written = |title: &str, at| ParsedEntry {
        title: Text::plain(title),
        content: Some(Text::plain(REPORT)),
        published_at: None,
        updated_at: Some(hour(at)),
        ..item(0, "urn:x:1", "")
    };
    polled(&scene, 0, vec![written("Fire downtown", 0)]);
    for (at, title) in [
        (9, "Blaze kills two in Elm Street"),
        (50, "After the inferno"),
    ] {
        assert_eq!(polled(&scene, at, vec![written(title, at)]).revised, 1);
        assert_eq!(only(&scene).0, title);
    }
}

/// What was stored while the ids were believed is put right when they are no more.
#[test]
fn corrections_reach_readers_after_the_ids_failed() {
    let id = |number: usize, at: i64| format!("id-{number}-{at}");
    for identity in [IdentityBy::Auto, IdentityBy::Link] {
        let scene = Scene::new();
        let document = |at: i64| (0..4).map(|n| item(n, &id(n, at), &page(n))).collect();
        for at in 0..3 {
            polled(&scene, at, document(at));
        }
        assert_eq!(health(&scene), GuidHealth::Changing);
        let mut ids = BTreeSet::new();
        check_articles(&scene, 4, &mut ids);
        for (at, title, summary) in [
            (3, HEADLINES[0], "A word more"),
            (4, "Ferries sail again", "A word more"),
            (5, "All is well", "And another"),
        ] {
            let edited = ParsedEntry {
                title: Text::plain(title),
                summary: Some(Text::plain(summary)),
                ..item(0, &id(0, at), &page(0))
            };
            let again = vec![edited.clone()];
            let counted = polled_as(&scene, at, vec![edited], usize::MAX, identity);
            assert_eq!((counted.new, counted.copies, counted.revised), (0, 0, 1));
            assert!(!polled_as(&scene, at, again, usize::MAX, identity).changed());
            let articles = scene.store().articles(None, 100).unwrap();
            let now: BTreeSet<String> = articles.iter().map(|one| one.atom_id.clone()).collect();
            assert_eq!(now, ids);
            let told = |one: &Article| {
                one.title == title && one.summary.as_deref().is_some_and(|s| s.contains(summary))
            };
            assert!(articles.iter().any(told), "{title} {summary}");
        }
    }
}

/// Two versions at one address are one entry where addresses count: they do not take turns.
#[test]
fn versions_in_one_document_do_not_overwrite_each_other() {
    let scene = Scene::new();
    let version = |title: &str, at| ParsedEntry {
        title: Text::plain(title),
        updated_at: Some(hour(at)),
        ..item(0, "1", &page(0))
    };
    let both = || {
        vec![
            version("Ferries sail again", 2),
            version("Fire downtown", 1),
        ]
    };
    for at in [3, 4, 5] {
        let counted = polled_as(&scene, at, both(), usize::MAX, IdentityBy::Link);
        assert_eq!((counted.new, counted.revised), (u32::from(at == 3), 0));
        assert_eq!(only(&scene).0, "Ferries sail again");
    }
}

/// Neither dates nor addresses, and other ids at each poll: found out at the third.
#[test]
fn undated_entries_under_new_ids_are_found_out() {
    let scene = Scene::new();
    let document = |at: i64| {
        let one = |number| ParsedEntry {
            published_at: None,
            ..item(number, &format!("id-{number}-{at}"), "")
        };
        (0..3).map(one).collect()
    };
    for (at, new, expected) in [
        (0, 3, GuidHealth::Good),
        (1, 3, GuidHealth::Good),
        (2, 3, GuidHealth::Changing),
        (3, 0, GuidHealth::Changing),
        (4, 0, GuidHealth::Changing),
    ] {
        let counted = polled(&scene, at, document(at));
        assert_eq!((counted.new, health(&scene)), (new, expected), "{at}");
    }
}

/// Two of many entries share an id; when one of them leaves, it is the other's own again.
#[test]
fn ids_that_take_turns_publish_nothing_again() {
    let scene = Scene::new();
    let entry = |number: usize| ParsedEntry {
        title: Text::plain(format!("Note {number}")),
        published_at: None,
        ..item(0, &format!("id-{}", number.max(1)), "")
    };
    let document = |from: usize| (from..40).map(entry).collect::<Vec<_>>();
    assert_eq!(polled(&scene, 0, document(0)).new, 40);
    for (at, from) in [(1, 1), (2, 0), (3, 1)] {
        assert!(!polled(&scene, at, document(from)).changed(), "{at}");
    }
    assert_eq!(guids(&scene), Guids::default());
}

/// A feed that lists each article twice, and news alone at each poll, changes no ids.
#[test]
fn doubles_within_a_document_say_nothing_of_its_ids() {
    let scene = Scene::new();
    for at in 0..2 {
        let first = usize::try_from(at).unwrap() * 4;
        let twice = (first..first + 4).flat_map(|number| {
            ["x", "y"].map(|kind| item(number, &format!("{kind}-{number}"), &page(number)))
        });
        let counted = polled(&scene, at, twice.collect());
        assert_eq!((counted.new, counted.copies), (4, 4));
        assert_eq!(guids(&scene), Guids::default());
    }
}

/// New software numbers all articles anew, once: each comes under the id of another, and is not that.
#[test]
fn ids_that_shift_once_are_believed() {
    let scene = Scene::new();
    let mut ids = BTreeSet::new();
    let document = |shift: usize, count: usize| {
        let entries = (0..count).map(|n| item(n, &format!("id-{}", n + shift), &page(n)));
        entries.collect::<Vec<_>>()
    };
    polled(&scene, 0, document(0, 3));
    check_articles(&scene, 3, &mut ids);
    assert_eq!(polled(&scene, 1, document(1, 3)).revised, 0);
    assert_eq!(guids(&scene).suspicion, GuidHealth::Reused);
    for (at, count) in [(2, 3), (3, 4), (4, 5)] {
        let counted = polled(&scene, at, document(1, count));
        assert_eq!(counted.new, u32::from(count > 3));
        assert_eq!(guids(&scene), Guids::default(), "{at}");
        check_articles(&scene, count, &mut ids);
    }
    // They are edited as any.
    let mut edited = document(1, 5);
    edited[0].summary = Some(Text::plain("A word more"));
    assert_eq!(polled(&scene, 5, edited).revised, 1);
    check_articles(&scene, 5, &mut ids);
}

/// Two stations at one address read the same: the second has an id of its own beside the first, and is no edit of it.
#[test]
fn what_the_document_still_lists_is_not_replaced() {
    let scene = Scene::new();
    let reading = |id: &str, level: usize| ParsedEntry {
        title: Text::plain(format!("Water level at the lock: {level} m")),
        summary: Some(Text::plain(REPORT)),
        published_at: Some(hour(-20) + SignedDuration::from_mins(7)),
        ..item(0, id, &page(0))
    };
    polled(&scene, 0, vec![reading("upstream", 3)]);
    let both = vec![reading("downstream", 4), reading("upstream", 4)];
    let counted = polled(&scene, 1, both);
    let found = (counted.new, counted.revised, counted.copies);
    assert_eq!(found, (1, 1, 0));
    // Where the first is listed no more, its id changed with the number.
    let scene = Scene::new();
    polled(&scene, 0, vec![reading("upstream?3", 3)]);
    let counted = polled(&scene, 1, vec![reading("upstream?4", 4)]);
    assert_eq!((counted.new, counted.revised, counted.copies), (0, 1, 0));
}
