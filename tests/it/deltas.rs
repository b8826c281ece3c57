//! Requests and answers that spare a publisher the whole document. Names cite docs/protocol.md.

use crate::origin::{Asked, Reply};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::model::Outcome;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn sends(asked: &Asked, name: &str) -> bool {
    asked.headers.contains_key(name)
}

/// An origin whose tags never match, as Apache's with a content coding, and whose date does.
fn deaf(titles: &[(&str, &str, u32)], modified: &str) -> Reply {
    Reply {
        deaf_to_tags: true,
        ..Reply::feed(rss("deaf", titles)).header("last-modified", modified)
    }
}

/// P27: after three full answers for nothing the date goes alone, and is answered with 304. Once a change
/// was found that way, the tag is sent no more; restarts change nothing.
#[tokio::test]
async fn p27_tags_that_never_match_are_left_out() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let first = [("one", "First", 5)];
    let monday = "Mon, 23 Nov 2026 05:00:00 GMT";
    test.origin.say("/a.xml", deaf(&first, monday));
    let reports = test.run_for(hours(12)).await;
    let statuses: Vec<Option<u16>> = reports.iter().map(|report| report.status).collect();
    assert_eq!(statuses[..5], [200, 200, 200, 200, 304].map(Some));
    assert!(
        reports[1..]
            .iter()
            .all(|report| report.outcome == Outcome::NotModified)
    );
    let asked = test.origin.asked();
    assert!(
        asked[1..4]
            .iter()
            .all(|asked| sends(asked, "if-none-match"))
    );
    assert!(
        asked[1..]
            .iter()
            .all(|asked| asked.headers["if-modified-since"] == monday)
    );

    // Until the date is proven, the tag is tried once a day.
    test.restart().await;
    let before = test.origin.asked().len();
    test.run_for(hours(72)).await;
    let asked = test.origin.asked();
    let tagged = asked[before..]
        .iter()
        .filter(|asked| sends(asked, "if-none-match"));
    assert!((2..=4).contains(&tagged.count()), "once a day");

    let tuesday = "Tue, 24 Nov 2026 05:00:00 GMT";
    test.origin
        .say("/a.xml", deaf(&[("two", "Second", 5), first[0]], tuesday));
    test.run_for(hours(3)).await;
    test.restart().await;
    let before = test.origin.asked().len();
    let reports = test.run_for(hours(72)).await;
    assert!(reports.len() > 20);
    assert!(reports.iter().all(|report| report.status == Some(304)));
    let asked = test.origin.asked();
    for asked in &asked[before..] {
        assert!(!sends(asked, "if-none-match"));
        assert_eq!(asked.headers["if-modified-since"], tuesday);
    }
    assert!(test.output("/all.atom").contains("Second"));
    test.finish().await;
}

/// P27: an origin whose date does not move with the document is not taken at its date for longer than a day.
#[tokio::test]
async fn p27_a_date_that_never_moves_loses_nothing() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let monday = "Mon, 23 Nov 2026 05:00:00 GMT";
    test.origin
        .say("/a.xml", deaf(&[("one", "First", 5)], monday));
    test.run_for(hours(12)).await;
    test.origin
        .say("/a.xml", deaf(&[("two", "Second", 5)], monday));
    test.run_for(hours(26)).await;
    assert!(test.output("/all.atom").contains("Second"));
    test.finish().await;
}

/// P27, P1: an origin that matches its tags gets both, however often it answers in full.
#[tokio::test]
async fn p27_tags_that_match_are_sent() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let modified = "Mon, 23 Nov 2026 05:00:00 GMT";
    let body = rss("a", &[("one", "First", 5)]);
    let good = Reply::feed(body).header("last-modified", modified);
    let full = Reply {
        conditional: false,
        ..good.clone()
    };
    for _ in 0..4 {
        test.origin.say("/a.xml", full.clone());
        test.run_for(hours(2)).await;
        test.origin.say("/a.xml", good.clone());
        test.run_for(hours(2)).await;
    }
    let asked = test.origin.asked();
    assert!(asked.len() > 12, "{} requests", asked.len());
    assert!(asked[1..].iter().all(|asked| sends(asked, "if-none-match")));
    test.finish().await;
}

/// A part of a document: one entry, and nothing of what the whole one says of itself.
fn part(guid: &str, title: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title></title><item><guid>{guid}</guid>\
         <title>{title}</title><link>https://parts.example/{guid}</link></item></channel></rss>"
    )
}

/// P38: an origin may send what is new alone. The rest stays, what the feed says of itself too; the next
/// change is asked for whole.
#[tokio::test]
async fn p38_what_is_new_may_come_alone() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let items = [
        ("one", "First", 2),
        ("two", "Second", 3),
        ("three", "Third", 4),
    ];
    let ttl = "<description>news</description><ttl>180</ttl>";
    let whole = rss("whole", &items).replacen("<description>news</description>", ttl, 1);
    let reply = |status, body: String, etag: &str| Reply {
        status,
        body: body.into_bytes(),
        ..Reply::default().header("etag", etag)
    };
    test.origin
        .say("/a.xml", reply(200, whole.clone(), "\"1\""));
    test.run_due().await;
    test.origin
        .say("/a.xml", reply(226, part("four", "Fourth"), "\"2\""));
    let reports = test.run_for(hours(4)).await;
    let news = &reports[0];
    assert_eq!(
        (news.status, &news.outcome),
        (Some(226), &Outcome::Modified)
    );
    assert_eq!((news.counts.new, news.counts.source_changed), (1, false));
    assert_eq!(
        news.due_reason, "the feed's ttl is 3 h",
        "as the whole document said"
    );
    let all = test.output("/all.atom");
    for title in ["First", "Second", "Third", "Fourth", "<title>whole</title>"] {
        assert!(all.contains(title), "{title}");
    }
    // The bytes of the whole document are not those that we have now: it is read.
    test.restart().await;
    test.origin
        .say("/a.xml", reply(304, String::new(), "\"2\""));
    test.run_for(hours(4)).await;
    test.origin.say("/a.xml", reply(200, whole, "\"3\""));
    let reports = test.run_for(hours(7)).await;
    assert_eq!(reports[0].outcome, Outcome::Modified);
    assert_eq!(reports[1].outcome, Outcome::NotModified);
    let sent = test.origin.asked();
    let sent: Vec<(Option<&str>, bool)> = sent
        .iter()
        .map(|asked| {
            let tag = asked.headers.get("if-none-match");
            (tag.map(|tag| tag.to_str().unwrap()), sends(asked, "a-im"))
        })
        .collect();
    let expected = [
        (None, false),
        (Some("\"1\""), true),
        (Some("\"2\""), false),
        (Some("\"2\""), false),
        (Some("\"3\""), true),
    ];
    assert_eq!(sent[..5], expected);
    test.finish().await;
}

/// P38: a 226 that nobody asked for is read as the document it is.
#[tokio::test]
async fn p38_a_226_that_nobody_asked_for_is_a_document() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let reply = Reply {
        status: 226,
        conditional: false,
        ..Reply::feed(rss("unasked", &[("one", "First", 5)]))
    };
    test.origin.say("/a.xml", reply);
    let reports = test.run_for(hours(5)).await;
    assert_eq!(reports[0].outcome, Outcome::Modified);
    assert!(
        reports[1..]
            .iter()
            .all(|report| report.outcome == Outcome::NotModified)
    );
    let all = test.output("/all.atom");
    assert!(all.contains("First") && all.contains("<title>unasked</title>"));
    test.finish().await;
}
