//! What outputs tell of what left them (RFC 6721). Names cite docs/protocol.md.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use jiff::{SignedDuration, Timestamp};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

const CONFIG: &str = r#"
[storage]
retention = "30d"
[[topic]]
name = "trade"
query = "tariff*"
[[output]]
path = "trade"
select = "topic:trade"
items = 2
stay = "0s"
tombstones = true
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
"#;

fn ids(test: &mut TestDaemon) -> Vec<String> {
    let feed = feed_rs::parser::parse(test.output("/trade.atom").as_bytes()).unwrap();
    feed.entries.into_iter().map(|entry| entry.id).collect()
}

fn told(test: &mut TestDaemon) -> Vec<String> {
    let document = test.output("/trade.atom");
    let lines = document.lines().map(str::to_owned);
    lines
        .filter(|line| line.contains("at:deleted-entry"))
        .collect()
}

/// Has the topic another query.
async fn select(test: &mut TestDaemon, before: &str, after: &str) {
    test.config = test.config.replace(before, after);
    test.reload().await;
    test.run_for(HOUR).await;
}

/// When the one entry of an Atom document was changed.
fn updated(test: &mut TestDaemon, path: &str) -> Timestamp {
    let document = test.output(path);
    let entry = between(&document, "<entry>", "</entry>");
    between(entry, "<updated>", "</updated>").parse().unwrap()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

async fn bring(test: &mut TestDaemon, items: &[(&str, &str, u32)]) {
    test.origin.say("/a.xml", Reply::feed(rss("a", items)));
    test.run_for(HOUR * 3).await;
}

const STEEL: (&str, &str, u32) = ("steel", "Tariffs on steel rise", 1);
const STEEL_EDITED: (&str, &str, u32) = ("steel", "Duties on steel rise", 1);
const OSLO: (&str, &str, u32) = ("oslo", "Tariff talks between Oslo and Lima collapse", 2);
const BEETS: (&str, &str, u32) = ("beets", "Farmers of sugar beets welcome their tariff", 3);
const BEETS_EDITED: (&str, &str, u32) = ("beets", "Farmers of sugar beets welcome their levy", 3);

/// What an output takes back is told in Atom, until it comes back or a week has passed.
#[tokio::test]
async fn u33_what_is_taken_back_is_told() {
    let mut test = TestDaemon::start(CONFIG).await;
    bring(&mut test, &[STEEL]).await;
    let [id] = ids(&mut test).try_into().unwrap();
    assert!(told(&mut test).is_empty());
    bring(&mut test, &[STEEL_EDITED]).await;
    assert!(ids(&mut test).is_empty());
    let [line] = told(&mut test).try_into().unwrap();
    assert!(line.contains(&format!("ref=\"{id}\"")), "{line}");
    assert!(!test.output("/trade.rss").contains("deleted-entry"));
    let before = test.output("/trade.atom");
    test.restart().await;
    test.run_due().await;
    assert_eq!(test.output("/trade.atom"), before, "U8");
    bring(&mut test, &[STEEL]).await;
    assert_eq!(ids(&mut test), [id]);
    assert!(told(&mut test).is_empty(), "it came back");
    bring(&mut test, &[STEEL_EDITED]).await;
    assert_eq!(told(&mut test).len(), 1);
    test.run_for(DAY * 9).await;
    assert!(told(&mut test).is_empty());
    test.finish().await;
}

/// What is an entry again is dated after what was told of it, in each format and for as long as it is listed: of the two the later
/// one holds for who deletes what he is told (RFC 6721, 3). No word of it changed: where nothing was told it is dated as before.
#[tokio::test]
async fn u33_what_comes_back_is_dated_after_that() {
    let beside = "[[output]]\npath = \"beside\"\nselect = \"topic:trade\"\n";
    let mut test = TestDaemon::start(&format!("{CONFIG}{beside}")).await;
    bring(&mut test, &[STEEL]).await;
    let first = updated(&mut test, "/trade.atom");
    let mut told_at = first;
    for pause in [DAY * 2, DAY * 9] {
        select(&mut test, "tariff*", "duties").await;
        let [line] = told(&mut test).try_into().unwrap();
        let when: Timestamp = between(&line, "when=\"", "\"").parse().unwrap();
        assert!(when > told_at, "{when} {told_at}");
        test.run_for(pause).await;
        select(&mut test, "duties", "tariff*").await;
        assert_eq!(ids(&mut test).len(), 1);
        told_at = updated(&mut test, "/trade.atom");
        assert!(told_at > when, "{told_at} {when}");
        assert_eq!(updated(&mut test, "/beside.atom"), first);
        let json = test.output("/trade.json");
        assert!(
            json.contains(&format!("\"date_modified\":\"{told_at}\"")),
            "{json}"
        );
        let before = test.output("/trade.atom");
        test.restart().await;
        test.run_for(DAY).await;
        assert_eq!(test.output("/trade.atom"), before, "U8");
    }
    test.finish().await;
}

/// What the window pushed out is not told, nor what retention took.
#[tokio::test]
async fn u33_what_is_only_listed_no_more_is_not_told() {
    let mut test = TestDaemon::start(CONFIG).await;
    bring(&mut test, &[STEEL]).await;
    bring(&mut test, &[STEEL, OSLO, BEETS]).await;
    assert_eq!(ids(&mut test).len(), 2, "one is pushed out");
    assert!(told(&mut test).is_empty());
    bring(&mut test, &[STEEL_EDITED, OSLO, BEETS]).await;
    assert!(told(&mut test).is_empty(), "it was listed no more");
    bring(&mut test, &[OSLO, BEETS_EDITED]).await;
    assert_eq!(told(&mut test).len(), 1);
    // Listed by no document for more than a day, and then for longer than what is kept.
    for guid in ["rain", "sun", "wind"] {
        bring(&mut test, &[(guid, "Weather in Kerala", 4)]).await;
        test.run_for(DAY * 20).await;
    }
    assert!(ids(&mut test).is_empty());
    assert!(told(&mut test).is_empty(), "retention takes nothing back");
    test.finish().await;
}
