//! The archive of a new feed. Names cite docs/protocol.md.

use crate::origin::{Origin, Reply};
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use std::sync::Arc;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// An Atom document with one entry, that names the one before it.
fn document(title: &str, before: Option<&str>) -> Reply {
    let link = before.map_or_else(String::new, |href| {
        format!("<link rel=\"prev-archive\" href=\"{href}\"/>")
    });
    Reply::feed(text(title, &link))
}

/// The same with anything before the entry.
fn text(title: &str, ahead: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\">\
         <id>urn:example:feed</id><title>A feed</title><updated>2026-11-24T05:00:00Z</updated>{ahead}\
         <entry><id>urn:example:{title}</id><title>{title}</title>\
         <link href=\"https://a.example/{title}\"/><updated>2026-11-20T05:00:00Z</updated>\
         <content>{title}, told at some length</content></entry></feed>"
    )
}

async fn with_backfill(documents: u32) -> TestDaemon {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/feed\"\n";
    TestDaemon::start(&format!("{feed}backfill = {documents}\n")).await
}

fn paths(test: &TestDaemon) -> Vec<String> {
    let asked = test.origin.asked().into_iter();
    asked.map(|asked| asked.path).collect()
}

/// P39: after the first poll, once, at the pace of the host, over a restart, and for nothing but its
/// entries.
#[tokio::test]
async fn p39_an_archive_is_read_after_the_first_poll() {
    let mut test = with_backfill(10).await;
    test.origin.say("/feed", document("new", Some("/2")));
    test.origin.say("/2", document("older", Some("/1?page=1")));
    test.origin.say("/1?page=1", document("oldest", None));
    test.run_for(MINUTE).await;
    assert_eq!(paths(&test), ["/feed", "/2", "/1?page=1"]);
    for pair in test.origin.asked().windows(2) {
        assert!(pair[1].at.duration_since(pair[0].at) >= SignedDuration::from_secs(1));
    }
    let merged = test.output("/all.atom");
    assert!(
        ["new", "older", "oldest"]
            .iter()
            .all(|title| merged.contains(title))
    );
    test.run_for(HOUR * 30).await;
    let asked = test.origin.asked();
    assert!(asked.len() > 4);
    assert!(
        asked[3..]
            .iter()
            .all(|asked| asked.path == "/feed" && asked.is_conditional())
    );
    assert!(asked[3].at.duration_since(asked[0].at) >= HOUR, "P12");
    test.finish().await;
}

/// What the feed withdraws and its archive has still goes with the next poll, whose document is the one of before, and is asked for
/// whole once.
#[tokio::test]
async fn u35_what_an_archive_brings_is_withdrawn() {
    let mut test = with_backfill(10).await;
    let tombstone = "<deleted-entry xmlns=\"http://purl.org/atompub/tombstones/1.0\" \
                     ref=\"urn:example:old\" when=\"2026-11-21T05:00:00Z\"/>";
    let link = "<link rel=\"prev-archive\" href=\"/1\"/>";
    let new = text("new", &format!("{link}{tombstone}"));
    test.origin.say("/feed", Reply::feed(new));
    test.origin.say("/1", document("old", None));
    test.run_for(MINUTE).await;
    assert!(test.output("/all.atom").contains("urn:example:old"));
    test.run_for(HOUR * 30).await;
    assert!(!test.output("/all.atom").contains("urn:example:old"));
    let asked = test.origin.asked();
    let whole = asked
        .iter()
        .filter(|it| it.path == "/feed" && !it.is_conditional());
    assert_eq!(whole.count(), 2);
    test.finish().await;
}

#[tokio::test]
async fn p39_an_archive_is_read_on_after_a_crash() {
    let mut test = with_backfill(10).await;
    test.origin.say("/feed", document("new", Some("/2")));
    test.origin.say("/2", document("older", Some("/1")));
    test.origin.say("/1", document("oldest", None));
    test.origin.hold("/1");
    let origin = test.origin.clone();
    tokio::select! {
        _ = test.run_for(MINUTE) => panic!("it waits"),
        () = origin.arrival("/1") => {}
    }
    test.kill().await;
    test.origin.release();
    test.run_for(MINUTE).await;
    assert_eq!(paths(&test), ["/feed", "/2", "/1", "/1"]);
    assert!(test.output("/all.atom").contains("oldest"));
    test.finish().await;
}

/// Nothing is asked of who gives no archive, or where the operator wants none; and what leads astray or in
/// a circle ends.
#[tokio::test]
async fn p39_an_archive_ends() {
    for (documents, replies, expected) in [
        (0, vec![("/feed", Some("/2"))], vec!["/feed"]),
        (9, vec![("/feed", None)], vec!["/feed"]),
        (
            1,
            vec![("/feed", Some("/2")), ("/2", Some("/1"))],
            vec!["/feed", "/2"],
        ),
        (9, vec![("/feed", Some("/feed"))], vec!["/feed"]),
        (
            9,
            vec![("/feed", Some("/2")), ("/2", Some("/2"))],
            vec!["/feed", "/2"],
        ),
        (
            9,
            vec![("/feed", Some("/2")), ("/2", Some("/feed"))],
            vec!["/feed", "/2"],
        ),
        (
            3,
            vec![
                ("/feed", Some("/2")),
                ("/2", Some("/1")),
                ("/1", Some("/2")),
            ],
            vec!["/feed", "/2", "/1", "/2"],
        ),
        (9, vec![("/feed", Some("/none"))], vec!["/feed", "/none"]),
        (9, vec![("/feed", Some("http://127.0.0.2/"))], vec!["/feed"]),
        (
            9,
            vec![("/feed", Some("file:///etc/passwd"))],
            vec!["/feed"],
        ),
        (9, vec![("/feed", Some("/2?token=secret"))], vec!["/feed"]),
    ] {
        let mut test = with_backfill(documents).await;
        for (path, before) in &replies {
            test.origin.say(path, document(&path[1..], *before));
        }
        test.run_for(MINUTE).await;
        assert_eq!(paths(&test), expected, "{replies:?}");
        test.finish().await;
    }
}

/// S6: a stranger who answers for a page of the archive cannot have the feed's own origin asked with the
/// feed's credentials; one that leads on among its own pages is followed, without them.
#[tokio::test]
async fn s6_a_stranger_leads_nowhere_in_the_feeds_own_origin() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/feed\"\nbackfill = 9\nheaders = { X-Key = \"canary\" }\n";
    let mut test = TestDaemon::start(feed).await;
    let stranger = Origin::start(Arc::clone(&test.clock)).await;
    let away = Reply::status(302).header("location", &stranger.url("/page"));
    let (further, home) = (stranger.url("/further"), test.origin.url("/private"));
    test.origin.say("/feed", document("new", Some("/2")));
    test.origin.say("/2", away);
    stranger.say("/page", document("page", Some(&further)));
    stranger.say("/further", document("further", Some(&home)));
    test.origin.say("/private", document("private", None));
    test.run_for(MINUTE).await;
    assert_eq!(paths(&test), ["/feed", "/2"]);
    let asked = stranger.asked();
    assert_eq!(asked.len(), 2);
    assert!(
        asked
            .iter()
            .all(|asked| !asked.headers.contains_key("x-key"))
    );
    test.finish().await;
}
