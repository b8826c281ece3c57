//! What a request says and what it does not, and what is remembered of it (P29 to P31, P33, P44).

use super::rig::{DAY, HOUR, Rig, feed};
use super::wire::{Answer, Request};
use crate::program::Place;
use crate::test_daemon::{START, rss};
use jiff::Timestamp;

fn document() -> String {
    rss("a", &[("one", "First", 5)])
}

/// Returns the name of a field that a request has, in lower case.
fn names(request: &Request) -> Vec<String> {
    let text = String::from_utf8_lossy(&request.bytes).into_owned();
    let fields = text.lines().skip(1);
    let names = fields.filter_map(|line| Some(line.split_once(':')?.0.to_ascii_lowercase()));
    names.collect()
}

/// The same one always: when refused too, and after a restart.
#[tokio::test]
async fn p29_the_user_agent_names_us_and_whom_to_ask() {
    let contact = "[server]\ncontact = \"desk@example.org\"\n";
    let version = env!("CARGO_PKG_VERSION");
    let plain = format!("merganser/{version}");
    for (server, expected) in [
        ("", plain.clone()),
        (contact, format!("{plain} (+desk@example.org)")),
    ] {
        let mut rig = Rig::start(&format!("{server}{}", feed("a", "WIRE/a", ""))).await;
        let refusal = || Answer::new("403 Forbidden", "");
        rig.wire
            .say_each("/a", [refusal(), refusal(), Answer::ok(document())]);
        rig.test.run_for(DAY).await;
        rig.test.restart().await;
        rig.test.run_for(DAY).await;
        let requests = rig.wire.requests();
        assert!(requests.len() > 10, "{}", requests.len());
        for request in requests {
            let sent = request.field("user-agent").unwrap();
            assert_eq!(String::from_utf8_lossy(&sent), expected);
        }
        rig.test.finish().await;
    }
}

#[tokio::test]
async fn p30_feeds_are_asked_for_first_and_anything_is_taken() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    rig.wire.say("/a", Answer::redirect(302, "/b"));
    rig.wire.say("/b", Answer::ok(document()));
    rig.poll().await;
    let requests = rig.wire.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let accept = request.field("accept").unwrap();
        let accept = String::from_utf8_lossy(&accept).into_owned();
        assert!(accept.starts_with("application/atom+xml, application/rss+xml, "));
        assert!(accept.contains("*/*;q=0.1"), "{accept}");
    }
    rig.test.finish().await;
}

/// A cookie is set, pages lead to each other, and requests stay as they were: these fields, what makes them
/// conditional, and the address as it is written.
#[tokio::test]
async fn p31_no_cookie_no_referer_no_decoration() {
    let path = "/feed.xml?b=2&a=1&empty=&%7Ex=%2f";
    let mut rig = Rig::start(&feed("a", &format!("WIRE{path}"), "")).await;
    let cookie = "set-cookie: id=1; path=/\nset-cookie: b=2; max-age=99999";
    let there = format!("302 Found\n{cookie}\nlocation: /there?x=1");
    let here = format!("200 OK\n{cookie}\netag: \"1\"\nlast-modified: then");
    rig.wire.say_each(
        path,
        [Answer::new(here, document()), Answer::new(there, "")],
    );
    let end = format!("200 OK\n{cookie}\netag: \"2\"");
    rig.wire.say("/there?x=1", Answer::new(end, document()));
    rig.test.run_for(DAY).await;
    rig.test.restart().await;
    rig.test.run_for(DAY).await;
    let requests = rig.wire.requests();
    assert!(requests.len() > 40, "{}", requests.len());
    let always = ["accept", "accept-encoding", "host", "user-agent"];
    for request in requests {
        let mut names = names(&request);
        let has_tag = names.iter().any(|name| name == "if-none-match");
        // P38: together with a tag.
        let is_condition = |name: &str| name.starts_with("if-") || (has_tag && name == "a-im");
        names.retain(|name| !is_condition(name));
        names.sort();
        assert_eq!(names, always);
        let line = String::from_utf8_lossy(&request.bytes).into_owned();
        let asked = line.lines().next().unwrap();
        let expected = [path, "/there?x=1"].map(|path| format!("GET {path} HTTP/1.1"));
        assert!(expected.contains(&asked.to_owned()), "{asked}");
    }
    rig.test.finish().await;
}

/// `check` names both places, and no daemon starts with it.
#[test]
fn p33_two_feeds_with_one_address_are_a_problem() {
    let one = feed("one", "https://feeds.example.org/a.xml", "");
    let other = feed("other", "http://Feeds.example.org:80/a.xml/#top", "");
    let third = feed("third", "https://feeds.example.org./%61.xml", "");
    let errors = Place::new(&format!("{one}{third}")).fail(&["check"], 78);
    assert!(errors.contains("duplicate-url"), "{errors}");
    let place = Place::new(&format!("{one}{other}"));
    for command in [&["check"][..], &["run"], &["poll", "--all"]] {
        let errors = place.fail(command, 78);
        let place = errors.contains("feeds.toml:7:") && errors.contains("feeds.toml:3:");
        assert!(place && errors.contains("duplicate-url"), "{errors}");
    }
}

/// What each poll brought, and when the next one is and why: the database tells, in order.
#[tokio::test]
async fn p44_polls_are_remembered_with_what_came_of_them() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let first = document();
    let second = rss("a", &[("one", "First, corrected", 5), ("two", "Second", 6)]);
    rig.wire.say_each(
        "/a",
        [
            Answer::new("200 OK\netag: \"1\"\ncache-control: max-age=7200", &first),
            Answer::new("304 X", ""),
            Answer::new("200 OK\netag: \"2\"", &second),
            Answer::new("500 Oops", ""),
            Answer::new("429 X\nretry-after: 18000", ""),
        ],
    );
    let start: Timestamp = START.parse().unwrap();
    for _ in 0..5 {
        rig.poll_next().await;
    }
    rig.test.restart().await;
    let feed = merganser::model::FeedId::new("a");
    let mut polls = rig.test.daemon().store().polls(&feed, 9).unwrap();
    polls.sort_by_key(|poll| poll.at);
    let told: Vec<_> = polls
        .iter()
        .map(|poll| (&*poll.outcome, poll.status, poll.new, poll.revised))
        .collect();
    let expected = [
        ("modified", Some(200), 1, 0),
        ("not-modified", Some(304), 0, 0),
        ("modified", Some(200), 1, 1),
        ("http", Some(500), 0, 0),
        ("throttled", Some(429), 0, 0),
    ];
    assert_eq!(told, expected);
    let bytes: Vec<u64> = polls.iter().map(|poll| poll.bytes).collect();
    let sizes = [first.len(), 0, second.len(), 0, 0].map(|size| u64::try_from(size).unwrap());
    assert_eq!(bytes, sizes);
    assert_eq!(polls[0].at, start);
    for (poll, next) in polls.iter().zip(&polls[1..]) {
        assert_eq!(poll.next_due_at, Some(next.at));
    }
    for (poll, reason) in
        polls
            .iter()
            .zip(["fresh for", "fresh for", "rhythm", "failure", "Retry-After"])
    {
        assert!(poll.due_reason.contains(reason), "{}", poll.due_reason);
    }
    let last = rig.state("a");
    assert_eq!(last.next_due_at, polls[4].next_due_at);
    assert!(polls[4].next_due_at.unwrap() >= polls[4].at + HOUR * 5);
    rig.test.finish().await;
}
