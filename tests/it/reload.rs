//! A configuration that changes under a running daemon; see also `program` for SIGHUP itself.

use crate::origin::{Asked, Reply};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;

/// Feeds that did not change keep schedule and validators through a changed file.
#[tokio::test]
async fn an_unchanged_feed_is_not_asked_again() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    test.origin
        .say("/a.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    test.origin
        .say("/b.xml", Reply::feed(rss("b", &[("two", "Second", 5)])));
    test.run_due().await;
    let b = test.origin.url("/b.xml");
    let another = format!("[[feed]]\nid = \"b\"\nurl = \"{b}\"\n");
    test.config.push_str(&another);
    test.restart().await;
    test.run_due().await;
    assert_eq!(test.origin.asked_for("/a.xml").len(), 1);
    assert_eq!(test.origin.asked_for("/b.xml").len(), 1);
    test.run_for(SignedDuration::from_hours(48)).await;
    let asked = test.origin.asked_for("/a.xml");
    assert!(asked.iter().skip(1).all(Asked::is_conditional));
    test.finish().await;
}

/// A feed that leaves the file is polled no more; its articles stay.
#[tokio::test]
async fn a_removed_feed_is_polled_no_more() {
    let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml"]).await;
    test.origin
        .say("/a.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    test.origin
        .say("/b.xml", Reply::feed(rss("b", &[("two", "Second", 5)])));
    test.run_due().await;
    let end = test.config.rfind("[[feed]]").unwrap();
    test.config.truncate(end);
    test.restart().await;
    test.run_for(SignedDuration::from_hours(48)).await;
    assert_eq!(test.origin.asked_for("/b.xml").len(), 1);
    let all = test.output("/all.atom");
    assert!(all.contains("First") && all.contains("Second"));
    test.finish().await;
}
