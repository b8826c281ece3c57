//! What is told, and what is not.

use super::conditions::of_feed;
use super::*;
use crate::config;
use crate::daemon::discreet::Discreet;
use crate::model::{Failure, FailureKind, Health, Outcome, PollCounts, Wire};
use crate::schedule::End;
use std::time::Duration;

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn feed(id: &str) -> About {
    About::Feed(FeedId::new(id))
}

fn failing() -> Condition {
    Condition::new(Turn::Failing, "timeout", "nobody answered")
}

/// What was told, oldest first: of what, and what it became.
fn told(transitions: &Transitions) -> Vec<(About, Turn)> {
    let state = transitions.state();
    let all = state.all.iter();
    all.map(|it| (it.about.clone(), it.turn)).collect()
}

#[test]
fn a_turn_is_told_once() {
    let transitions = Transitions::default();
    for (is, is_told) in [
        (Condition::well(), false),
        (failing(), true),
        (failing(), false),
        (Condition::well(), true),
        (Condition::well(), false),
    ] {
        let came = transitions.turn(&feed("a"), now(), is.clone());
        assert_eq!(came.is_some(), is_told, "{is:?}");
    }
    let all = transitions.state().all.clone();
    assert!(all[0].at < all[1].at, "two entries of one instant are two");
    assert_eq!(all[1].what, "failing", "what it recovered from");
    let again = Transitions::default();
    again.remember(all);
    let came = again.turn(&feed("a"), now() + HOUR, Condition::well());
    assert_eq!(came, None, "a restart tells nothing twice");
}

/// A feed that flips each hour for a month is told of twice a day, keeps a few entries, and pushes out nobody.
#[test]
fn a_feed_that_flips_fills_nothing() {
    let transitions = Transitions::default();
    let down = Condition::new(Turn::Failing, "", "");
    assert!(transitions.turn(&About::Network, now(), down).is_some());
    let mut times = 0;
    for hour in 0..24 * 30 {
        let is = if hour % 2 == 0 {
            failing()
        } else {
            Condition::well()
        };
        let at = now() + HOUR * hour;
        times += usize::from(transitions.turn(&feed("a"), at, is).is_some());
    }
    assert!(times <= 30 * OF_A_FEED_A_DAY, "{times}");
    let told = told(&transitions);
    assert_eq!(told.len(), 1 + OF_ONE, "{told:?}");
    assert_eq!(told[0].0, About::Network);
    // When it is left alone, the last that is told is what it is.
    let later = now() + DAY * 40;
    transitions.turn(&feed("a"), later, failing());
    assert_eq!(transitions.last(&feed("a")), Turn::Failing);
}

/// When many feeds turn at once, so many are told and then that there are more, once; those that were not told are
/// when there is room.
#[test]
fn many_at_once_are_one() {
    let transitions = Transitions::default();
    let all: Vec<About> = (0..500).map(|n| feed(&format!("f{n}"))).collect();
    for about in &all {
        transitions.turn(about, now(), failing());
    }
    let at_once = told(&transitions);
    assert_eq!(at_once.len(), OF_FEEDS_AN_HOUR + 1);
    assert_eq!(at_once.last(), Some(&(About::Feeds, Turn::Many)));
    for hours in 1..48 {
        for about in &all {
            transitions.turn(about, now() + HOUR * hours, failing());
        }
    }
    assert_eq!(told(&transitions).len(), MOST);
    let few = Transitions::default();
    for about in &all {
        few.turn(about, now(), failing());
    }
    let last = all[499].clone();
    let came = few.turn(&last, now() + HOUR, failing());
    assert_eq!(came.unwrap().last().unwrap().about, last);
}

fn report(outcome: Outcome, failures: u32) -> PollReport {
    let health = match outcome {
        Outcome::Failed(_) => Health::Failing,
        _ => Health::Ok,
    };
    PollReport {
        feed: FeedId::new("a"),
        outcome,
        status: None,
        bytes: 10,
        elapsed: Duration::from_millis(80),
        wire: Wire::default(),
        reached: None,
        counts: PollCounts::default(),
        next_due_at: Some(now()),
        retry_after_at: None,
        due_reason: String::new(),
        guids_failed: None,
        end: End::Answered,
        health,
        failures,
        newest_at: None,
        rhythm: None,
        unstored: None,
        ended_at: None,
        asked_at: None,
        moves_to: None,
        is_own_output: None,
        moved: None,
    }
}

fn failed(kind: FailureKind, failures: u32) -> PollReport {
    let message = "see http://10.1.2.3/x, and https://news.example/y";
    report(Outcome::Failed(Failure::new(kind, message)), failures)
}

fn discreet() -> Discreet {
    Discreet::new(&config::read("", &|_| None).unwrap().config)
}

/// What a poll came to, and what is told of its feed, in its order.
#[test]
fn what_passes_by_itself_is_not_told() {
    let gone = |next_due_at| PollReport {
        next_due_at,
        ..report(Outcome::Gone, 1)
    };
    let moved = |words: &str| PollReport {
        moved: Some(words.to_owned()),
        ..report(Outcome::Modified, 0)
    };
    for (report, expected) in [
        (failed(FailureKind::Timeout, 1), &[][..]),
        (failed(FailureKind::Timeout, 2), &[]),
        (failed(FailureKind::Timeout, 3), &[Turn::Failing]),
        (failed(FailureKind::Timeout, 12), &[Turn::Failing]),
        (failed(FailureKind::Timeout, 13), &[]),
        (failed(FailureKind::NotAFeed, 4), &[Turn::NotAFeed]),
        (report(Outcome::Throttled, 0), &[]),
        (gone(Some(now())), &[]),
        (gone(None), &[Turn::Gone]),
        (moved("moved for good"), &[Turn::Moved, Turn::Well]),
        (moved("is asked at its"), &[Turn::Returned, Turn::Well]),
    ] {
        let told = of_feed(&report, Turn::Well, &discreet(), now());
        let turns: Vec<Turn> = told.iter().map(|it| it.turn).collect();
        assert_eq!(turns, expected, "{report:?}");
    }
}

/// Days since the newest entry, days between two of them, what was told last, and what the feed is.
#[test]
fn a_feed_is_silent_by_its_own_measure() {
    let well = Some(Turn::Well);
    for (days, gap, before, expected) in [
        (29, 1, Turn::Well, well),
        (30, 1, Turn::Well, Some(Turn::Silent)),
        (31, 1, Turn::Silent, Some(Turn::Silent)),
        (40, 1, Turn::Silent, None),
        // It was so when it was added.
        (400, 1, Turn::Well, well),
        (400, 1, Turn::Failing, well),
        (60, 7, Turn::Well, well),
        (70, 7, Turn::Well, Some(Turn::Silent)),
        (0, 1, Turn::Silent, well),
    ] {
        let report = PollReport {
            newest_at: Some(now() - DAY * days),
            rhythm: Some(Duration::from_hours(24 * gap)),
            ..report(Outcome::NotModified, 0)
        };
        let told = of_feed(&report, before, &discreet(), now());
        let turn = told.first().map(|it| it.turn);
        assert_eq!(turn, expected, "{days} {gap} {before:?}");
    }
    let undated = report(Outcome::Modified, 0);
    let told = of_feed(&undated, Turn::Well, &discreet(), now());
    assert_eq!(told, [Condition::well()]);
}

/// Addresses that are nobody's business are in no entry; those of a feed that nobody is to know leave with all else
/// that is said of its failure.
#[test]
fn s7_addresses_that_are_not_told_are_left_out() {
    let config = "[server]\npublic-url = \"https://feeds.example/\"\n\
        [[feed]]\nid = \"a\"\nurl = \"https://news.example/y\"\n\
        [[feed]]\nid = \"inner\"\nurl = \"https://desk.example/y\"\nauth = { bearer = \"word\" }\n";
    let active = Active::new(config::read(config, &|_| None).unwrap().config).unwrap();
    let active = Arc::new(active);
    let transitions = Transitions::default();
    let authority = "feeds.example".to_owned();
    let identity = Identity {
        authority,
        created_at: now(),
    };
    transitions.take_up(Arc::clone(&active), identity);
    for id in ["a", "inner", "former"] {
        let report = failed(FailureKind::Connect, 3);
        for is in of_feed(&report, Turn::Well, &active.discreet, now()) {
            transitions.turn(&feed(id), now(), is);
        }
    }
    let is_blocked = of_feed(
        &failed(FailureKind::Blocked, 3),
        Turn::Well,
        &active.discreet,
        now(),
    );
    assert_eq!(is_blocked[0].detail, "");
    let document = transitions.document(OutputFormat::Atom).unwrap();
    let text = String::from_utf8(document.body().to_vec()).unwrap();
    assert!(!text.contains("10.1.2.3"), "{text}");
    assert_eq!(text.matches("https://news.example/y").count(), 1, "{text}");
    assert_eq!(text.matches("fails: its host").count(), 3, "{text}");
}

/// Nothing is the matter with a directory that another keeps.
#[test]
fn a_directory_of_another_is_told_as_such() {
    let of = |is_kept| {
        let unwritten = Unwritten {
            since: now(),
            why: "/srv/www is another's".to_owned(),
            what: "/srv/www".into(),
            is_kept,
        };
        let transitions = Transitions::default();
        let told = transitions.turn(&About::Files, now(), super::unwritten(&unwritten));
        words::of(&told.unwrap()[0], false).text.join(" ")
    };
    for (is_kept, expected) in [(true, false), (false, true)] {
        let text = of(is_kept);
        assert!(text.contains("/srv/www is another"), "{text}");
        assert_eq!(text.contains("is mounted and answers"), expected, "{text}");
    }
}
