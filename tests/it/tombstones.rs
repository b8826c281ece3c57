//! What outputs tell of what left them (RFC 6721). Names cite docs/protocol.md.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use crate::why::say;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

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

/// How the ids of the Atom document begin.
const X: &str = "https://x.example/";

/// An entry of an Atom document: its guid, its title, and the hour at which it was changed.
type Told<'a> = (&'a str, &'a str, u32);

/// An Atom document with entries, and what it withdraws.
fn atom(entries: &[Told<'_>], withdrawn: &[(&str, u32)]) -> String {
    let entry = |(guid, title, hour): &Told<'_>| {
        format!(
            "<entry><id>https://x.example/{guid}</id><title>{title}</title><link href='https://{guid}.example/{guid}'/>\
             <updated>2026-11-24T{hour:02}:00:00Z</updated><summary>{title}, at some length</summary></entry>"
        )
    };
    let tombstone = |(guid, hour): &(&str, u32)| {
        format!(
            "<at:deleted-entry ref='https://x.example/{guid}' when='2026-11-24T{hour:02}:00:00Z'/>"
        )
    };
    let entries: String = entries.iter().map(entry).collect();
    let withdrawn: String = withdrawn.iter().map(tombstone).collect();
    format!(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0'>\
         <id>https://x.example/feed</id><title>a</title><updated>2026-11-24T05:00:00Z</updated>{withdrawn}{entries}</feed>"
    )
}

/// What a publisher takes back leaves what we publish, and those who read us are told.
#[tokio::test]
async fn u35_what_a_publisher_withdraws_leaves() {
    let mut test = TestDaemon::start(CONFIG).await;
    for (entries, withdrawn, listed, is_told) in [
        (&[STEEL, OSLO][..], &[][..], &["oslo", "steel"][..], false),
        (&[OSLO], &[("steel", 5), ("beets", 5)], &["oslo"], true),
        // Listed again, unchanged or dated before that, it is withdrawn still.
        (&[STEEL, OSLO], &[], &["oslo"], true),
        (&[("steel", STEEL.1, 4)], &[("steel", 5)], &["oslo"], true),
        (
            &[("steel", STEEL.1, 6), OSLO],
            &[("steel", 5)],
            &["steel", "oslo"],
            false,
        ),
    ] {
        let reply = Reply::feed(atom(entries, withdrawn));
        test.origin.say("/a.xml", reply);
        test.run_for(HOUR * 3).await;
        let ids = ids(&mut test);
        let names = ids.iter().map(|id| id.trim_start_matches(X));
        assert_eq!(
            names.collect::<Vec<_>>(),
            listed,
            "{entries:?} {withdrawn:?}"
        );
        let told = told(&mut test);
        assert_eq!(told.len(), usize::from(is_told), "{told:?}");
        assert!(told.iter().all(|line| line.contains("x.example/steel\"")));
        for path in ["/trade.rss", "/trade.json"] {
            let is_listed = test.output(path).contains(STEEL.1);
            assert_eq!(is_listed, listed.contains(&"steel"), "{path}");
        }
    }
    let why = say(&test, &["why", "a", "--format", "json"]);
    let why: Value = serde_json::from_str(&why).unwrap();
    let polls = why["polls"].as_array().unwrap().iter();
    let withdrawn: Vec<_> = polls.filter(|it| it["withdrawn"] == 1).collect();
    assert_eq!(withdrawn.len(), 1);
    let story = say(&test, &["why", "a"]);
    assert!(story.contains("1 withdrawn; "), "{story}");
    test.finish().await;
}

/// A merganser that polls another has what that has, whenever an entry leaves and comes back.
#[tokio::test]
async fn u35_one_of_ours_follows_another() {
    let above = format!("[server]\npublic-url = \"https://above.example/\"\n{CONFIG}");
    let mut above = TestDaemon::start(&above).await;
    let mut below = TestDaemon::start(CONFIG).await;
    bring(&mut above, &[STEEL, OSLO]).await;
    below.run_for(HOUR * 3).await;
    let mut before = "tariff*";
    for (query, pause) in [
        ("tariff*", HOUR * 8),
        ("talks", HOUR * 8),
        ("tariff*", HOUR * 50),
        ("talks", DAY * 9),
        ("tariff*", HOUR * 8),
    ] {
        select(&mut above, before, query).await;
        before = query;
        below.run_for(HOUR).await;
        let document = above.output("/trade.atom");
        below.origin.say("/a.xml", Reply::feed(document));
        above.run_for(pause).await;
        below.run_for(pause).await;
        assert_eq!(ids(&mut below), ids(&mut above), "{query}");
        let listed = if query == "talks" { 1 } else { 2 };
        assert_eq!(ids(&mut below).len(), listed);
    }
    above.finish().await;
    below.finish().await;
}
