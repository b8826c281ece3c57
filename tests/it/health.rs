//! What operators are told of how feeds and the daemon turned, as documents for their feed readers.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::publish::OutputFormat;
use serde_json::Value;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The document in JSON.
fn document(test: &mut TestDaemon) -> Value {
    let resource = test.daemon().health(OutputFormat::Json).unwrap();
    serde_json::from_slice(&resource.body()).unwrap()
}

/// The titles of its entries, newest first.
fn titles(test: &mut TestDaemon) -> Vec<String> {
    let document = document(test);
    let items = document["items"].as_array().unwrap().iter();
    items
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

/// The bytes of all formats; each is a feed.
fn bytes(test: &mut TestDaemon) -> Vec<Vec<u8>> {
    let formats = OutputFormat::ALL.into_iter();
    let bytes = formats.map(|format| {
        let body = test.daemon().health(format).unwrap().body().to_vec();
        let read = feed_rs::parser::parse(&body[..]);
        read.unwrap_or_else(|error| panic!("{format:?}: {error}"));
        body
    });
    bytes.collect()
}

/// A feed that fails, recovers, and is gone is told of once each, with ids that stay, over a restart too; and to no
/// reader of ours.
#[tokio::test]
async fn r20_each_turn_of_a_feed_is_one_entry() {
    let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml"]).await;
    let well = Reply::feed(rss("a", &[("one", "First", 5)]));
    test.origin.say("/a.xml", well.clone());
    test.origin.say("/b.xml", well.clone());
    test.run_due().await;
    assert!(titles(&mut test).is_empty());
    let empty = bytes(&mut test);
    test.origin.say("/a.xml", Reply::status(503));
    test.run_for(HOUR * 3).await;
    test.run_for(HOUR * 72).await;
    assert_eq!(
        titles(&mut test),
        ["a-xml fails: its host answers with an error"]
    );
    let told = bytes(&mut test);
    assert_ne!(told, empty);
    let entry = document(&mut test)["items"][0].clone();
    let says = entry["content_html"].as_str().unwrap();
    assert!(says.contains("503"), "{says}");
    assert!(says.contains("`merganser why a-xml`"), "{says}");
    test.restart().await;
    test.run_for(HOUR * 30).await;
    assert_eq!(bytes(&mut test), told, "the same bytes after a restart");
    test.origin.say("/a.xml", well);
    test.run_for(HOUR * 30).await;
    test.origin.say("/b.xml", Reply::status(410));
    test.run_for(HOUR * 24 * 9).await;
    // Nobody waits for it: it fails no more. Nor does it after a start.
    for _ in 0..2 {
        let status = test.daemon().status();
        assert!(
            status.starts_with("2 feeds, 0 failing, 1 gone, 1 output"),
            "{status}"
        );
        test.restart().await;
    }
    assert_eq!(
        titles(&mut test),
        [
            "b-xml is gone (410)",
            "a-xml recovered",
            "a-xml fails: its host answers with an error"
        ]
    );
    assert_eq!(document(&mut test)["items"][2], entry);
    bytes(&mut test);
    let shelf = test.daemon().shelf().all();
    for (path, resource) in shelf.iter() {
        let body = String::from_utf8_lossy(&resource.body()).into_owned();
        assert!(!path.contains("health"), "{path}");
        assert!(!body.contains("status/health"), "{path}: {body}");
        assert!(!body.contains("fails:"), "{path}: {body}");
    }
    test.finish().await;
}

/// One that fails every other poll is told of to nobody.
#[tokio::test]
async fn r20_a_feed_that_flips_is_no_news() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    for n in 0..200 {
        let reply = if n % 2 == 0 {
            Reply::status(500)
        } else {
            Reply::feed(rss("a", &[("one", &format!("Version {n}"), 5)]))
        };
        test.origin.say("/a.xml", reply);
        let next = test.daemon().next_due_at().unwrap();
        test.clock.set(next.max(test.now()));
        test.run_due().await;
    }
    assert!(titles(&mut test).is_empty());
    test.finish().await;
}

/// A file that is refused, and the one that is taken after it; a database that fails, which is told while it does.
#[tokio::test]
async fn r20_the_daemon_tells_of_itself() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://feeds.example.org/a\"\nenabled = false\n";
    let mut test = TestDaemon::plain(feed.to_owned()).await;
    test.config = format!("{feed}tite = \"canary\"\n");
    let minute = SignedDuration::from_mins(1);
    // Whoever edits the file has it refused a few times, which passes.
    for _ in 0..3 {
        test.reload().await;
        test.clock.advance(minute * 9);
        test.run_due().await;
        let refused = std::mem::replace(&mut test.config, feed.to_owned());
        test.reload().await;
        test.run_due().await;
        test.config = refused;
        assert!(titles(&mut test).is_empty());
    }
    // What is refused again in the place of what was refused is one refusal.
    test.reload().await;
    test.clock.advance(minute * 6);
    test.config.push_str("# The same.\n");
    test.reload().await;
    test.clock.advance(minute * 4);
    test.run_due().await;
    assert_eq!(titles(&mut test), ["feeds.toml was refused"]);
    let says = document(&mut test)["items"][0]["content_html"].to_string();
    assert!(says.contains("`merganser check`"), "{says}");
    test.clock.advance(HOUR);
    test.config = feed.to_owned();
    test.reload().await;
    test.run_due().await;
    assert_eq!(
        titles(&mut test),
        ["feeds.toml is in force again", "feeds.toml was refused"]
    );
    let database = rusqlite::Connection::open(test.database()).unwrap();
    let refuse = "CREATE TRIGGER sabotage BEFORE INSERT ON feeds
        BEGIN SELECT RAISE(FAIL, 'no room'); END";
    database.execute_batch(refuse).unwrap();
    test.config
        .push_str(&feed.replace("\"a\"", "\"b\"").replace("/a\"", "/b\""));
    test.reload().await;
    test.run_due().await;
    let now = titles(&mut test);
    assert_eq!(
        now[..2],
        ["feeds.toml could not be taken up", "The database fails"]
    );
    database.execute_batch("DROP TRIGGER sabotage").unwrap();
    test.clock.advance(HOUR);
    test.run_due().await;
    test.reload().await;
    test.run_due().await;
    let now = titles(&mut test);
    assert_eq!(
        now[..2],
        ["feeds.toml is in force again", "The database works again"]
    );
    bytes(&mut test);
    test.restart().await;
    assert_eq!(titles(&mut test), now);
    test.finish().await;
}
