//! Feeds, polls and what else is remembered.

use super::*;
use crate::model::{
    Adopted, Backfill, Cloud, Failure, FailureKind, FeedRow, GuidHealth, Guids, Hints, HostPace,
    Moved, PollRow, Sighting,
};
use jiff::civil::Weekday;

fn states(scene: &Scene, feeds: &[&str]) -> Vec<FeedState> {
    let ids: Vec<FeedId> = feeds.iter().copied().map(FeedId::new).collect();
    scene.store().feed_states(&ids).unwrap()
}

fn sighting(url: &str) -> Sighting {
    Sighting {
        url: url.to_owned(),
        first_seen_at: hour(-30),
        count: 4,
    }
}

#[test]
fn a_state_comes_back_as_it_went_even_after_a_restart() {
    let mut scene = Scene::new();
    let mut record = poll("a", hour(0), Vec::new());
    record.state = FeedState {
        failures: 3,
        retry_after_at: Some(hour(2)),
        health: Health::Failing,
        last_error: "no route".to_owned(),
        hints: Hints {
            ttl: Some(Duration::from_mins(30)),
            skip_hours: vec![0, 23],
            skip_days: vec![Weekday::Monday, Weekday::Sunday],
            update_period: Some(Duration::from_hours(12)),
            update_base: Some(hour(3)),
            hubs: vec!["https://hub.example/".to_owned()],
            cloud: Some(Cloud {
                url: "http://cloud.example:80/notify".to_owned(),
                protocol: "http-post".to_owned(),
                procedure: String::new(),
            }),
            prev_archive: Some("https://news.example/archive/1".to_owned()),
            next_page: Some("https://news.example/feed?page=2".to_owned()),
        },
        guids: Guids {
            health: GuidHealth::ChannelLink,
            suspicion: GuidHealth::Changing,
        },
        newest_at: Some(hour(-1)),
        gone_at: Some(hour(0)),
        refusals: 2,
        deaf_tags: 3,
        astray: 2,
        is_blank: true,
        moved: Some(Moved {
            sighted: Some(sighting("https://newest.example/feed")),
            adopted: Some(Adopted {
                seen: sighting("https://new.example/feed"),
                failures: 2,
                fingerprint: Some([7; 16]),
            }),
            given_up: Some(sighting("https://old.example/feed")),
        }),
        backfill: Some(Backfill {
            url: "https://news.example/archive/2".to_owned(),
            pages: 1,
        }),
        ..record.state
    };
    record.state.validators.last_modified = Some(b"yesterday \xe9".to_vec());
    record.state.validators.max_age = Some(Duration::from_mins(10));
    scene.record(record.clone());
    scene.restart();
    let unknown = FeedState::default();
    assert_eq!(states(&scene, &["b", "a"]), [unknown, record.state]);
}

/// P18: what a host wants outlives a restart, until it is forgotten.
#[test]
fn hosts_that_refused_are_remembered() {
    let mut scene = Scene::new();
    let pace = |gap| HostPace {
        gap: Duration::from_secs(gap),
        rests_until: Some(hour(4)),
        refused_at: hour(0),
    };
    let save = |scene: &Scene, host: &str, pace| {
        wait(scene.store().save_hosts(vec![(host.into(), pace)])).unwrap();
    };
    save(&scene, "b:443", Some(pace(60)));
    save(&scene, "a:443", Some(pace(1)));
    save(&scene, "a:443", Some(pace(2)));
    save(&scene, "b:443", None);
    scene.restart();
    let hosts = scene.store().hosts().unwrap();
    assert_eq!(hosts, [("a:443".to_owned(), pace(2))]);
}

/// Redirects lead to many hosts once: those that refused are kept for eight days, or for their rest.
#[test]
fn old_refusals_are_forgotten() {
    let scene = Scene::new();
    let pace = |refused_at, rests_until| HostPace {
        gap: Duration::from_secs(1),
        rests_until,
        refused_at: hour(refused_at),
    };
    let mut hosts: Vec<_> = (0..12_000)
        .map(|n| (format!("stranger-{n}").into(), Some(pace(0, Some(hour(4))))))
        .collect();
    hosts.push(("resting".into(), Some(pace(0, Some(hour(200))))));
    hosts.push(("restless".into(), Some(pace(0, None))));
    hosts.push(("young".into(), Some(pace(8, None))));
    hosts.push(("to come".into(), Some(pace(1000, None))));
    wait(scene.store().save_hosts(hosts)).unwrap();
    let kept = |scene: &Scene, now| {
        scene.retain(hour(now), &Settings::default());
        let hosts = scene.store().hosts().unwrap().into_iter();
        hosts.map(|(host, _)| host).collect::<Vec<_>>()
    };
    assert_eq!(kept(&scene, 8 * 24).len(), 12_004);
    assert_eq!(kept(&scene, 8 * 24 + 1), ["resting", "to come", "young"]);
    assert_eq!(kept(&scene, 9 * 24), ["to come"]);
}

#[test]
fn p9_p21_a_changed_address_starts_afresh_but_heeds_retry_after() {
    let scene = Scene::new();
    let set = |seeds| wait(scene.store().set_feeds(seeds, start())).unwrap();
    set(vec![seed("a", 1), seed("b", 1)]);
    for feed in ["a", "b"] {
        let mut record = poll(feed, hour(0), Vec::new());
        record.state = FeedState {
            retry_after_at: Some(hour(5)),
            failures: 3,
            health: Health::Gone,
            last_error: "410 Gone".to_owned(),
            newest_at: Some(hour(-1)),
            gone_at: Some(hour(-1)),
            refusals: 2,
            deaf_tags: 3,
            rhythm: Some(Duration::from_hours(1)),
            ..record.state
        };
        scene.record(record);
    }
    let before = states(&scene, &["b"]);
    set(vec![seed("a", 2), seed("b", 1)]);
    assert_eq!(states(&scene, &["b"]), before);
    let [changed] = states(&scene, &["a"]).try_into().unwrap();
    let expected = FeedState {
        retry_after_at: Some(hour(5)),
        ..FeedState::default()
    };
    assert_eq!(changed, expected);
}

/// P10, P22: a feed that is configured where it had moved to is the feed that it was.
#[test]
fn p22_the_adopted_address_is_no_new_one() {
    let scene = Scene::new();
    let set = |seeds| wait(scene.store().set_feeds(seeds, start())).unwrap();
    set(vec![seed("a", 1), seed("b", 1)]);
    for feed in ["a", "b"] {
        let mut record = poll(feed, hour(0), Vec::new());
        record.state.moved = Some(Moved {
            sighted: Some(sighting("https://newest.example/feed")),
            adopted: Some(Adopted {
                seen: sighting("https://new.example/feed"),
                failures: 1,
                fingerprint: Some(seed(feed, 2).fingerprint),
            }),
            given_up: None,
        });
        scene.record(record);
    }
    let before = states(&scene, &["a"]).remove(0);
    set(vec![seed("a", 2), seed("b", 3)]);
    let [arrived, other] = states(&scene, &["a", "b"]).try_into().unwrap();
    let moved = Some(Moved {
        sighted: Some(sighting("https://newest.example/feed")),
        ..Moved::default()
    });
    assert_eq!(arrived, FeedState { moved, ..before });
    assert!(other.validators.is_empty() && other.moved.is_none());
    let again = states(&scene, &["a"]);
    set(vec![seed("a", 2), seed("b", 3)]);
    assert_eq!(states(&scene, &["a"]), again);
}

#[test]
fn feeds_tell_their_title_entries_and_defects() {
    let scene = Scene::new();
    wait(
        scene
            .store()
            .set_feeds(vec![seed("a", 1), seed("b", 1)], start()),
    )
    .unwrap();
    let mut record = poll("a", hour(0), vec![entry("a", "one"), entry("a", "two")]);
    record.defects = vec!["bad-date: \"soon\"".to_owned()];
    scene.record(record);
    scene.record(not_modified("a", hour(1)));
    let [a, b] = scene.store().feeds().unwrap().try_into().unwrap();
    let FeedRow {
        title,
        entries,
        defects,
        url,
        ..
    } = a;
    assert_eq!((title.as_str(), entries), ("The a", 2));
    assert_eq!(defects, ["bad-date: \"soon\""]);
    assert_eq!(url, "https://a.example/feed");
    assert_eq!((b.id.as_str(), b.entries), ("b", 0));
}

#[test]
fn p44_the_last_two_hundred_polls_are_remembered() {
    let scene = Scene::new();
    let mut failed = not_modified("a", hour(0));
    failed.outcome = Outcome::Failed(Failure::new(FailureKind::Dns, "no such host"));
    failed.status = None;
    scene.record(failed);
    let polls = |limit| scene.store().polls(&FeedId::new("a"), limit).unwrap();
    let [first] = polls(9).try_into().unwrap();
    let expected = PollRow {
        at: hour(0),
        outcome: "dns".to_owned(),
        message: "no such host".to_owned(),
        status: None,
        redirects: Vec::new(),
        bytes: 4096,
        elapsed: Duration::from_millis(120),
        new: 0,
        revised: 0,
        withdrawn: 0,
        copies: 0,
        next_due_at: Some(hour(1)),
        due_reason: "every hour".to_owned(),
    };
    assert_eq!(first, expected);
    for number in 1..=210 {
        scene.record(not_modified("a", hour(number)));
    }
    assert_eq!(polls(1000).len(), 200);
    assert_eq!(polls(1)[0].at, hour(210));
}

#[test]
fn outputs_remember_what_was_served() {
    let mut scene = Scene::new();
    let set = |scene: &Scene, path: &str, byte, at| {
        let rendered = vec![(path.to_owned(), [byte; 32], at)];
        wait(scene.store().set_rendered(rendered, Vec::new())).unwrap();
    };
    set(&scene, "/all.atom", 1, hour(1));
    set(&scene, "/all.rss", 2, hour(1));
    set(&scene, "/all.atom", 3, hour(2));
    set(&scene, "/wet.rss", 4, hour(2));
    let gone = vec!["/wet.rss".to_owned(), "/dry.rss".to_owned()];
    wait(scene.store().set_rendered(Vec::new(), gone)).unwrap();
    scene.restart();
    let rendered = scene.store().rendered().unwrap();
    assert_eq!(rendered["/all.atom"], ([3; 32], hour(2)));
    assert_eq!(rendered["/all.rss"], ([2; 32], hour(1)));
    assert_eq!(rendered.len(), 2);
}

#[test]
fn an_export_brings_every_entry_once_and_passes_failures_on() {
    let scene = Scene::new();
    let entries = (0..1200).map(|number| entry("a", &format!("page-{number}")));
    scene.record(poll("a", hour(0), entries.collect()));
    let mut ids = std::collections::BTreeSet::new();
    let mut each = |entry: crate::model::StoredEntry| {
        assert!(ids.insert(entry.entry_id));
        Ok(())
    };
    scene.store().export(&mut each).unwrap();
    assert_eq!(ids.len(), 1200);
    let mut refuse = |_| Err(std::io::ErrorKind::BrokenPipe.into());
    let error = scene.store().export(&mut refuse).unwrap_err();
    assert!(matches!(error, StoreError::Sink(_)));
}

#[test]
fn entries_are_found_by_id_published_id_and_key() {
    let scene = Scene::new();
    let one = labelled(entry("a", "one"), &["zoo", "asia"]);
    scene.record(poll("a", hour(0), vec![one.clone(), entry("a", "two")]));
    scene.record(poll("b", hour(1), vec![entry("b", "one")]));
    let find = |text: &str, keys: &[Key]| scene.store().find(text, keys).unwrap();
    let [found] = find("https://b.example/one", &[]).try_into().unwrap();
    assert!(!found.leads);
    let both = find(&found.atom_id, &[]);
    assert_eq!(both.len(), 2);
    assert_eq!(
        find("", &[key(KeyKind::Url, "https://news.example/one")]),
        both
    );
    assert_eq!(scene.store().members(found.article).unwrap(), both);
    let [lead, _] = both.try_into().unwrap();
    assert_eq!(lead.topics.len(), 2);
    assert_eq!(lead.topics[1], one.topics[0]);
    assert_eq!((lead.first_seen_at, lead.published_at), (hour(0), hour(-1)));
    assert!(find("nothing", &[key(KeyKind::Title, "x")]).is_empty());
}

#[test]
fn totals_count_and_a_checkpoint_empties_the_log() {
    let scene = Scene::new();
    scene.record(poll(
        "a",
        hour(0),
        vec![entry("a", "one"), entry("a", "two")],
    ));
    scene.record(poll("b", hour(1), vec![entry("b", "one")]));
    let totals = scene.store().totals().unwrap();
    assert_eq!((totals.entries, totals.articles), (3, 2));
    wait(scene.store().checkpoint()).unwrap();
    let log = open::beside(&scene.path(), "-wal");
    assert_eq!(std::fs::metadata(log).unwrap().len(), 0);
    let file = std::fs::metadata(scene.path()).unwrap().len();
    assert_eq!(scene.store().totals().unwrap().bytes, file);
}

/// U5, U8: what a feed says of itself stands in its entries, so a change of it is told; the operator's
/// title goes before the feed's own.
#[test]
fn a_feed_that_calls_itself_otherwise_is_told() {
    let mut scene = Scene::new();
    let told = |scene: &mut Scene, title: &str, at| {
        let mut record = poll("a", at, vec![entry("a", "one")]);
        let profile = FeedProfile {
            title: Some(title.to_owned()),
            ..FeedProfile::default()
        };
        record.profile = Some(profile);
        scene.record(record).source_changed
    };
    assert!(!told(&mut scene, "Gazette", hour(0)), "the first document");
    assert!(!told(&mut scene, "Gazette", hour(1)));
    assert!(told(&mut scene, "New Gazette", hour(2)));
    let title = |scene: &Scene| {
        scene.store().articles(None, 1).unwrap()[0]
            .source
            .title
            .clone()
    };
    assert_eq!(title(&scene), "New Gazette");
    let given = FeedSeed {
        title: Some("Our Gazette".to_owned()),
        ..seed("a", 1)
    };
    wait(scene.store().set_feeds(vec![given], hour(3))).unwrap();
    assert_eq!(title(&scene), "Our Gazette");
}

#[test]
fn what_a_feed_says_of_itself_is_news_once_it_has_entries() {
    let scene = Scene::new();
    let one = || vec![entry("a", "one")];
    // Known by its history alone, and published under its name so far.
    let past = (one(), Arc::default());
    wait(scene.store().import(FeedId::new("a"), hour(0), past)).unwrap();
    assert!(scene.record(poll("a", hour(1), one())).source_changed);
    assert!(!scene.record(poll("a", hour(2), one())).source_changed);
    assert!(
        !scene
            .record(poll("b", hour(2), vec![entry("b", "two")]))
            .source_changed
    );
    let mut renamed = poll("a", hour(3), one());
    renamed.profile.as_mut().unwrap().title = Some("The B".to_owned());
    assert!(scene.record(renamed).source_changed);
}

/// P18, P19, P39: what a document of the archive was kept from says nothing of when the feed is asked again.
#[test]
fn only_a_poll_of_the_feed_itself_says_when_it_is_asked_again() {
    let unreached = Outcome::Failed(Failure::new(FailureKind::Proxy, "refused"));
    for (outcome, of_proxy) in [(unreached, true), (Outcome::Crowded, false)] {
        let scene = Scene::new();
        for (asked_at, expected) in [(hour(1), true), (hour(0), false)] {
            let mut record = poll("a", hour(1), Vec::new());
            record.outcome = outcome.clone();
            record.state.last_poll_at = Some(asked_at);
            scene.record(record);
            let last = scene.store().last_polls().unwrap();
            let last = last.get(&FeedId::new("a")).unwrap();
            let (proxy, crowd) = (last.is_of_proxy(), last.was_crowded());
            let expected = (expected && of_proxy, expected && !of_proxy);
            assert_eq!((proxy, crowd), expected, "{asked_at}");
        }
    }
}

/// What is decided after a poll is told in the place of what it decided, and nothing else of it is another.
#[test]
fn what_is_decided_anew_is_stored() {
    let scene = Scene::new();
    scene.record(poll("a", hour(0), Vec::new()));
    scene.record(poll("b", hour(0), Vec::new()));
    let before = states(&scene, &["a", "b"]);
    let anew = vec![(FeedId::new("a"), Some(hour(9)), "by feeds.toml".to_owned())];
    wait(scene.store().decide_anew(anew)).unwrap();
    let expected = FeedState {
        next_due_at: Some(hour(9)),
        due_reason: "by feeds.toml".to_owned(),
        ..before[0].clone()
    };
    assert_eq!(states(&scene, &["a", "b"]), [expected, before[1].clone()]);
}
