//! Histories of polls, and what they tell of a move.

use super::*;
use crate::model::{Failure, FailureKind};
use proptest::prelude::*;

const OLD: &str = "http://old.example/feed";

fn start() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

/// Reads `301 https://a/ 302 https://b/`.
fn hops(text: &str) -> Vec<Hop> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let hop = |pair: &[&str]| Hop {
        status: pair[0].parse().unwrap(),
        url: pair[1].to_owned(),
    };
    words.chunks(2).map(hop).collect()
}

/// Reads how a poll ended: with a failure where the word is none of these.
fn outcome(word: &str) -> Outcome {
    match word {
        "new" => Outcome::Modified,
        "same" => Outcome::NotModified,
        "gone" => Outcome::Gone,
        "wait" => Outcome::Throttled,
        other => Outcome::Failed(Failure::new(FailureKind::Http, other)),
    }
}

/// Plays polls twelve hours apart. A step is an outcome with the redirects before it.
fn play(configured: &str, steps: &[(&str, &str)]) -> Option<Moved> {
    let (mut moved, mut now) = (None, start());
    for (word, chain) in steps {
        moved = moved_after(
            moved.as_ref(),
            configured,
            &hops(chain),
            &outcome(word),
            now,
        );
        now += SignedDuration::from_hours(12);
    }
    moved
}

/// Writes what came out on one line: `sighted URL 3`, `adopted URL (1 failed), sighted URL 2`.
fn words(moved: Option<&Moved>) -> String {
    let moved = moved.cloned().unwrap_or_default();
    let mut parts = Vec::new();
    if let Some(adopted) = moved.adopted {
        let failed = match adopted.failures {
            0 => String::new(),
            failures => format!(" ({failures} failed)"),
        };
        parts.push(format!("adopted {}{failed}", adopted.seen.url));
    }
    if let Some(seen) = moved.sighted {
        parts.push(format!("sighted {} {}", seen.url, seen.count));
    }
    if let Some(seen) = moved.given_up {
        parts.push(format!("given up {}", seen.url));
    }
    parts.join(", ")
}

fn check(configured: &str, steps: &[(&str, &str)], expected: &str) {
    let moved = play(configured, steps);
    assert_eq!(words(moved.as_ref()), expected, "{steps:?}");
}

/// One poll that is led there.
const SEEN: (&str, &str) = ("same", "301 https://new.example/feed");

/// Five polls that are led to a new address, two days from the first to the last.
const ADOPTING: [(&str, &str); 5] = [SEEN; 5];

fn after_adoption(steps: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let leak = |(word, chain): &(&str, &str)| {
        let word: &'static str = match *word {
            "new" => "new",
            "same" => "same",
            "gone" => "gone",
            "wait" => "wait",
            _ => "500",
        };
        (word, (*chain).to_owned())
    };
    ADOPTING.iter().chain(steps).map(leak).collect()
}

fn check_after_adoption(steps: &[(&str, &str)], expected: &str) {
    let steps = after_adoption(steps);
    let steps: Vec<(&str, &str)> = steps.iter().map(|(w, c)| (*w, c.as_str())).collect();
    check(OLD, &steps, expected);
}

/// P22: five sightings in a row over two days, of any mixture of 301 and 308, in one hop or several.
#[test]
fn permanent_redirects_are_believed_in_the_end() {
    let seen = SEEN;
    check(OLD, &[], "");
    check(OLD, &[("new", "")], "");
    check(OLD, &[seen; 4], "sighted https://new.example/feed 4");
    check(OLD, &ADOPTING, "adopted https://new.example/feed");
    let by_steps = (
        "new",
        "308 http://old.example/rss 301 https://new.example/feed",
    );
    check(
        OLD,
        &[seen, by_steps, seen, by_steps, seen],
        "adopted https://new.example/feed",
    );
    let hourly = |count: i64| {
        (0..count).fold(None, |moved, hour| {
            let now = start() + SignedDuration::from_hours(hour);
            moved_after(moved.as_ref(), OLD, &hops(seen.1), &outcome("same"), now)
        })
    };
    assert_eq!(
        words(hourly(48).as_ref()),
        "sighted https://new.example/feed 48"
    );
    assert_eq!(
        words(hourly(49).as_ref()),
        "adopted https://new.example/feed"
    );
}

#[test]
fn what_breaks_the_row() {
    let seen = SEEN;
    let other = ("new", "301 https://other.example/feed");
    for (step, expected) in [
        (other, "sighted https://other.example/feed 1"),
        (("same", ""), ""),
        (("same", "302 https://new.example/feed"), ""),
        (("same", "303 https://new.example/feed"), ""),
        (("same", "307 https://new.example/feed"), ""),
        (
            (
                "same",
                "301 https://old.example/feed 302 https://new.example/feed",
            ),
            "",
        ),
        (("500", "302 https://new.example/feed"), ""),
        // These say nothing of where the feed is.
        (("500", ""), "sighted https://new.example/feed 4"),
        (("wait", ""), "sighted https://new.example/feed 4"),
        (
            ("500", "301 https://new.example/feed"),
            "sighted https://new.example/feed 4",
        ),
        (
            ("gone", "301 https://new.example/feed"),
            "sighted https://new.example/feed 4",
        ),
    ] {
        check(OLD, &[seen, seen, seen, seen, step], expected);
    }
    // A page in the place of a feed, however often.
    check(OLD, &[("not-a-feed", "301 https://login.example/"); 20], "");
}

/// S7: nothing secret is stored; and what is encrypted is not given up for what is not.
#[test]
fn what_is_never_adopted() {
    let always = |configured, chain| words(play(configured, &[("same", chain); 20]).as_ref());
    assert_eq!(
        always(OLD, "301 https://new.example/feed?a=1&token=hidden"),
        "sighted https://new.example/feed?a=1&token=*** 20"
    );
    assert_eq!(always(OLD, "301 https://u:p@new.example/feed"), "");
    assert_eq!(always(OLD, "301 nowhere"), "");
    let long = format!("301 https://new.example/{}", "x".repeat(LONGEST_URL));
    assert_eq!(always(OLD, &long), "");
    let https = "https://old.example/feed";
    assert_eq!(always(https, "301 http://new.example/feed"), "");
    let through_http = "301 http://old.example/feed/ 301 https://new.example/feed";
    assert_eq!(always(https, through_http), "");
    assert_eq!(
        always(OLD, through_http),
        "adopted https://new.example/feed"
    );
}

#[test]
fn an_adopted_address_may_lead_further_or_back() {
    let further = ("new", "308 https://newest.example/feed");
    let back = ("new", "301 http://old.example/feed");
    let home = ("new", "301 https://old.example/feed");
    check_after_adoption(&[("same", "")], "adopted https://new.example/feed");
    check_after_adoption(
        &[further; 4],
        "adopted https://new.example/feed, sighted https://newest.example/feed 4",
    );
    check_after_adoption(
        &[further, further, ("same", "")],
        "adopted https://new.example/feed",
    );
    check_after_adoption(&[further; 5], "adopted https://newest.example/feed");
    check_after_adoption(&[back; 9], "adopted https://new.example/feed");
    check_after_adoption(&[home; 5], "adopted https://old.example/feed");
    let secure = "https://old.example/feed";
    check(secure, &[ADOPTING, [home; 5]].concat(), "");
}

#[test]
fn an_adopted_address_that_fails_is_given_up() {
    let bad = ("500", "");
    let gone = ("gone", "");
    let wait = ("wait", "");
    check_after_adoption(&[bad, bad], "adopted https://new.example/feed (2 failed)");
    check_after_adoption(
        &[bad, bad, ("same", "")],
        "adopted https://new.example/feed",
    );
    check_after_adoption(
        &[wait, bad, wait, bad, wait],
        "adopted https://new.example/feed (2 failed)",
    );
    check_after_adoption(&[bad; 3], "given up https://new.example/feed");
    check_after_adoption(&[bad; 9], "given up https://new.example/feed");
    check_after_adoption(&[gone], "given up https://new.example/feed");
    check_after_adoption(&[gone, ("same", "")], "");
    check_after_adoption(&[gone, SEEN], "sighted https://new.example/feed 1");
    check_after_adoption(
        &[gone, SEEN, SEEN, SEEN, SEEN, SEEN],
        "adopted https://new.example/feed",
    );
}

/// A first sighting by a clock that was a year ahead.
#[test]
fn a_clock_that_was_wrong_holds_nothing_up() {
    let ahead = start() + SignedDuration::from_hours(24 * 365);
    let first = moved_after(None, OLD, &hops(SEEN.1), &Outcome::Modified, ahead);
    let moved = (0..4).fold(first, |moved, day| {
        let now = start() + SignedDuration::from_hours(24 * day);
        moved_after(moved.as_ref(), OLD, &hops(SEEN.1), &Outcome::Modified, now)
    });
    assert_eq!(words(moved.as_ref()), "adopted https://new.example/feed");
}

fn steps() -> impl Strategy<Value = (String, String)> {
    let outcomes = prop_oneof![
        5 => Just("same"), 1 => Just("500"), 1 => Just("gone"), 1 => Just("wait")
    ];
    let chains = prop_oneof![
        6 => Just(SEEN.1),
        1 => Just(""),
        1 => Just("302 https://new.example/feed"),
        1 => Just("301 https://new.example/feed?key=hidden"),
        1 => Just("301 http://other.example/feed"),
        1 => Just("301 https://new.example/feed 301 https://newest.example/feed"),
    ];
    (outcomes, chains).prop_map(|(word, chain)| (word.to_owned(), chain.to_owned()))
}

proptest! {
    /// Whatever comes together: an address is adopted only by the last of five polls in two days that all
    /// ended there and found the feed, and nothing secret is ever remembered.
    #[test]
    fn nothing_is_adopted_that_was_not_seen(
        played in prop::collection::vec((steps(), 0_i64..30), 0..80)
    ) {
        let (mut moved, mut now) = (None::<Moved>, start());
        // What the polls since the last adoption or redirect of another kind were led to.
        let mut row: Vec<(Timestamp, String)> = Vec::new();
        for ((word, chain), hours) in &played {
            now += SignedDuration::from_hours(*hours);
            let (hops, outcome) = (hops(chain), outcome(word));
            let before = moved.clone().and_then(|moved| moved.adopted);
            moved = moved_after(moved.as_ref(), OLD, &hops, &outcome, now);
            if outcome.is_success() {
                let end = hops.last().map_or("", |hop| &hop.url).to_owned();
                row.push((now, end));
            }
            let adopted = moved.as_ref().and_then(|moved| moved.adopted.as_ref());
            let address = |it: &Adopted| it.seen.url.clone();
            if let Some(new) = adopted.filter(|new| before.as_ref().map(address) != Some(address(new))) {
                let last: Vec<_> = row.iter().rev().take(5).collect();
                prop_assert!(last.len() == 5 && last.iter().all(|(_, url)| *url == new.seen.url));
                prop_assert!(now.duration_since(new.seen.first_seen_at) >= ADOPT_SPAN);
            }
            let told = words(moved.as_ref());
            prop_assert!(!told.contains("hidden"), "{told}");
            prop_assert!(moved.as_ref() != Some(&Moved::default()));
        }
    }
}
