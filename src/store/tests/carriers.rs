//! How many outlets carry what, and what is listed for that.

use super::shares::{EVENT, event};
use super::stories::{brings, report, stored, story};
use super::*;
use crate::store::Openly;

/// Brings reports of the event, each from a feed and a site of its own.
fn bring(scene: &Scene, numbers: &[usize]) {
    for number in numbers {
        let (feed, record) = event(*number, &["lima"]);
        brings(scene, &feed, i64::try_from(*number).unwrap(), vec![record]);
    }
}

fn titles(scene: &Scene, label: Option<&str>, outlets: u64) -> Vec<String> {
    let articles = scene.store().carried(label, outlets, 100).unwrap();
    articles.into_iter().map(|article| article.title).collect()
}

fn outlets(scene: &Scene, number: usize) -> u64 {
    stored(scene, &format!("f{number}"), EVENT[number].0).outlets
}

/// Nothing but the list changes: what is dated as changed is what was edited.
#[test]
fn an_article_enters_when_its_story_reaches_the_number() {
    let scene = Scene::new();
    bring(&scene, &[0, 1]);
    assert!(titles(&scene, None, 3).is_empty());
    assert_eq!(titles(&scene, None, 2).len(), 2);
    bring(&scene, &[2]);
    for label in [None, Some("lima")] {
        let listed = scene.store().carried(label, 3, 2).unwrap();
        assert_eq!(listed[0].title, EVENT[2].1, "newest first (U29)");
        assert_eq!(listed.len(), 2);
        let changed = listed
            .iter()
            .any(|it| it.updated_at != it.published_at && it.updated_at > hour(0));
        assert!(!changed, "{listed:?}");
    }
    assert!(titles(&scene, Some("other"), 3).is_empty());
    assert!(titles(&scene, None, 4).is_empty());
    assert_eq!(outlets(&scene, 0), 3);
}

#[test]
fn outlets_of_one_owner_are_one() {
    let scene = Scene::new();
    let owned = |feed: &str, owner: Option<&str>| FeedSeed {
        outlet: Outlet {
            owner: owner.map(str::to_owned),
            ..Outlet::default()
        },
        ..seed(feed, 0)
    };
    let all = |owner| vec![owned("f0", owner), owned("f1", owner), owned("f2", None)];
    wait(scene.store().set_feeds(all(Some("press")), start())).unwrap();
    bring(&scene, &[0, 1, 2]);
    assert_eq!(outlets(&scene, 0), 2);
    assert!(titles(&scene, None, 3).is_empty());
    // The operator says that they are not.
    wait(scene.store().set_feeds(all(None), start())).unwrap();
    wait(scene.store().choose_leads(hour(3))).unwrap();
    assert_eq!(titles(&scene, None, 3).len(), 3);
    wait(scene.store().set_feeds(all(Some("press")), start())).unwrap();
    wait(scene.store().choose_leads(hour(3))).unwrap();
    assert!(titles(&scene, None, 3).is_empty());
}

/// An article that three papers print is carried by three, whether or not there is anything else on it.
#[test]
fn copies_count_without_a_story_and_with_one() {
    let scene = Scene::new();
    let (feed, first) = event(0, &[]);
    brings(&scene, &feed, 0, vec![first.clone()]);
    for (feed, at) in [("p", 1), ("q", 2)] {
        let mut copy = report(feed, "shock", 0, EVENT[0].1, EVENT[0].2);
        copy.entry
            .keys
            .push(key(KeyKind::Url, first.entry.url.as_deref().unwrap()));
        brings(&scene, feed, at, vec![copy]);
    }
    assert_eq!(story(&scene, "f0", "shock"), None);
    assert_eq!(titles(&scene, None, 3), [EVENT[0].1]);
    bring(&scene, &[1]);
    assert_eq!(outlets(&scene, 1), 4);
    assert_eq!(titles(&scene, None, 4).len(), 2);
}

/// The report of that number becomes one of another event.
fn turn(scene: &Scene, number: usize) {
    let lead = "Hundreds of firemen fight flames in the pine woods north of Lisbon as winds turn";
    let (feed, name) = (format!("f{number}"), EVENT[number].0);
    let hours = i64::try_from(number).unwrap();
    let fire = report(&feed, name, hours, "Woods burn north of Lisbon", lead);
    brings(scene, &feed, 6, vec![fire]);
}

#[test]
fn a_story_that_loses_a_report_loses_its_outlet() {
    let scene = Scene::new();
    bring(&scene, &[0, 1, 2]);
    turn(&scene, 2);
    assert_eq!([0, 1, 2].map(|it| outlets(&scene, it)), [2, 2, 1]);
    turn(&scene, 1);
    assert_eq!(outlets(&scene, 0), 1, "alone");
    assert!(titles(&scene, None, 3).is_empty());
}

/// What readers were shown does not go because what others wrote grew old.
#[test]
fn retention_takes_no_outlet_away() {
    let scene = Scene::new();
    bring(&scene, &[0, 1, 2]);
    let one = Settings {
        max_entries: Some(1),
        ..Settings::default()
    };
    scene.retain(hour(3), &one);
    assert_eq!(titles(&scene, None, 3), [EVENT[2].1]);
    bring(&scene, &[3]);
    assert_eq!(titles(&scene, None, 3).len(), 2, "it begins a story anew");
    turn(&scene, 3);
    assert_eq!([2, 3].map(|it| outlets(&scene, it)), [3, 1]);
}

/// Nor do they count beside the reports that are left: what a page says of both is about the same reports.
#[test]
fn u25_a_page_counts_the_outlets_of_the_reports_that_it_tells() {
    let scene = Scene::new();
    bring(&scene, &[0, 1, 2, 3]);
    let two = Settings {
        max_entries: Some(2),
        ..Settings::default()
    };
    scene.retain(hour(4), &two);
    let (feed, _) = event(4, &[]);
    let mut copy = report(&feed, "copy", 4, EVENT[3].1, EVENT[3].2);
    let (_, of) = event(3, &[]);
    copy.entry
        .keys
        .push(key(KeyKind::Url, of.entry.url.as_deref().unwrap()));
    brings(&scene, &feed, 5, vec![copy]);
    assert_eq!(outlets(&scene, 3), 5, "two are gone, one has a copy");
    let all = Openly::of(&mut [Output::new("all", "All", Selection::All)].iter());
    let number = story(&scene, "f3", EVENT[3].0).unwrap();
    let page = scene.store().story(number, &all).unwrap().unwrap();
    assert_eq!((page.number(), page.outlets), (2, Some(2)));
}

#[test]
fn outlets_of_what_was_stored_before_are_counted_with_the_leads() {
    let scene = Scene::new();
    bring(&scene, &[0, 1, 2]);
    scene.meddle("UPDATE stories SET outlets = 1; UPDATE feeds SET chosen_to = 0");
    assert!(titles(&scene, None, 3).is_empty());
    wait(scene.store().choose_leads(hour(3))).unwrap();
    assert_eq!(titles(&scene, None, 3).len(), 3);
}

/// Has the operator say who owns these feeds, and what follows from it.
fn own(scene: &Scene, press: &[&str]) {
    let seeds = (0..4).map(|number| {
        let feed = format!("f{number}");
        let owner = press.contains(&feed.as_str()).then(|| "press".to_owned());
        FeedSeed {
            outlet: Outlet {
                owner,
                ..Outlet::default()
            },
            ..seed(&feed, 0)
        }
    });
    wait(scene.store().set_feeds(seeds.collect::<Vec<_>>(), start())).unwrap();
    wait(scene.store().choose_leads(hour(9))).unwrap();
}

/// Another owner of a feed counts in what retention took, and takes nothing of it; in a story that goes on, and in
/// an article that is left of one.
#[test]
fn owners_count_in_what_retention_took() {
    for left in [2, 1] {
        let scene = Scene::new();
        own(&scene, &[]);
        bring(&scene, &[0, 1, 2]);
        let most = Settings {
            max_entries: Some(left),
            ..Settings::default()
        };
        scene.retain(hour(3), &most);
        for (owned, expected) in [
            (&["f0", "f1"][..], 2),
            (&[], 3),
            (&["f2"], 3),
            (&["f0", "f2"], 2),
            (&["f0", "f1", "f2"], 1),
            (&[], 3),
        ] {
            own(&scene, owned);
            assert_eq!(outlets(&scene, 2), expected, "{left} {owned:?}");
        }
        bring(&scene, &[3]);
        assert_eq!(outlets(&scene, 2), 4, "{left}");
        own(&scene, &["f0", "f3"]);
        assert_eq!(outlets(&scene, 2), 3, "{left}");
        // What is gone goes with the last report of it.
        let none = Settings {
            max_entries: Some(0),
            ..Settings::default()
        };
        scene.retain(hour(4), &none);
        assert_eq!(scene.value::<i64>("SELECT count(*) FROM gone_voices"), 0);
    }
}
