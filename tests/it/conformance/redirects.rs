//! Redirects: followed step by step, within limits, and written nowhere (P22 to P24).

use super::rig::{DAY, HOUR, Rig, clock, failure, feed};
use super::wire::{Answer, Wire};
use crate::program::Place;
use crate::test_daemon::rss;
use merganser::model::{FailureKind, Outcome};

fn document() -> String {
    rss("a", &[("one", "First", 5)])
}

/// Each is followed at each poll, from the address that the operator gave: not all of a chain are for good.
#[tokio::test]
async fn p22_redirects_are_followed_hop_by_hop() {
    let statuses = [301, 302, 303, 307, 308];
    let ids = statuses.map(|status| format!("f{status}"));
    let mut rig = Rig::with_feeds(&ids.each_ref().map(String::as_str)).await;
    for (id, status) in ids.iter().zip(statuses) {
        let (start, half, end) = (
            format!("/{id}"),
            format!("/{id}/half"),
            format!("/{id}/end?x=1"),
        );
        rig.wire.say(&start, Answer::redirect(status, &half));
        rig.wire.say(&half, Answer::redirect(302, "end?x=1#top"));
        rig.wire.say(&end, Answer::ok(document()));
    }
    for report in rig.test.run_due().await {
        assert_eq!(report.outcome, Outcome::Modified, "{}", report.feed);
    }
    // Without validators they are asked every two hours.
    rig.test.run_for(HOUR * 3).await;
    for id in &ids {
        let of_feed = |path: &String| path.trim_start_matches('/').starts_with(id.as_str());
        let paths = rig.wire.requests().into_iter().map(|it| it.path());
        let paths: Vec<String> = paths.filter(of_feed).collect();
        let chain = ["", "/half", "/end?x=1"].map(|rest| format!("/{id}{rest}"));
        assert_eq!(paths, [chain.clone(), chain].concat());
    }
    assert!(rig.published().contains("First"));
    rig.test.finish().await;
}

/// Neither a move for good nor an end is written into the operator's file.
#[tokio::test(flavor = "multi_thread")]
async fn p23_polls_write_nothing_into_feeds_toml() {
    let wire = Wire::start("127.0.0.1", clock()).await;
    wire.say("/moved", Answer::redirect(301, "/new"));
    wire.say("/new", Answer::ok(document()));
    wire.say("/gone", Answer::new("410 Gone", ""));
    let feeds = ["moved", "gone"].map(|id| feed(id, &wire.url(&format!("/{id}")), ""));
    let config = format!(
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n{}",
        feeds.concat()
    );
    let place = Place::new(&config);
    let file = place.path().join("feeds.toml");
    let before = file.metadata().unwrap().modified().unwrap();
    for _ in 0..3 {
        place.run(&["poll", "--all", "--force"]);
    }
    assert_eq!(wire.requests_for("/moved").len(), 3);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), config);
    assert_eq!(file.metadata().unwrap().modified().unwrap(), before);
    let here = std::fs::read_dir(place.path()).unwrap();
    let mut names: Vec<_> = here.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["feeds.toml", "state"]);
}

/// Each is a failure that leaves everything as it was, though a document comes with it.
#[tokio::test]
async fn p24_redirects_that_lead_nowhere_are_failures() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let first = Answer::new("200 OK\netag: \"1\"", document());
    rig.wire.say("/a", first);
    rig.poll().await;
    for n in 0..12 {
        let next = format!("/far/{}", n + 1);
        rig.wire
            .say(&format!("/far/{n}"), Answer::redirect(302, &next));
    }
    rig.wire.say("/circle", Answer::redirect(307, "/a"));
    for (location, kind, requests) in [
        ("", FailureKind::Redirect, 1),
        ("\nlocation: http://[", FailureKind::Redirect, 1),
        ("\nlocation: /a", FailureKind::Redirect, 1),
        ("\nlocation: /circle", FailureKind::Redirect, 2),
        ("\nlocation: /far/0", FailureKind::Redirect, 11),
        ("\nlocation: file:///etc/passwd", FailureKind::Blocked, 1),
    ] {
        let news = rss("a", &[("two", "Second", 5)]);
        let head = format!("302 Found\netag: \"2\"{location}");
        rig.wire.say("/a", Answer::new(head, news));
        let before = rig.wire.requests().len();
        let report = rig.poll_next().await.remove(0);
        assert_eq!(failure(&report).0, kind, "{location:?}");
        let asked = rig.wire.requests().len() - before;
        assert_eq!(asked, requests, "{location:?}");
        let last = rig.wire.requests_for("/a").pop().unwrap();
        assert_eq!(last.field("if-none-match").unwrap(), b"\"1\"");
    }
    rig.test.run_for(DAY).await;
    let published = rig.published();
    assert!(published.contains("First") && !published.contains("Second"));
    rig.test.finish().await;
}
