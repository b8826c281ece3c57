//! What readers get. Names cite docs/protocol.md.

use crate::origin::Reply;
use crate::test_daemon::{START, TestDaemon, rss};
use jiff::SignedDuration;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

const TOPICS: &str = r#"
[alias]
india = ["India", "Modi"]
russia = ["Russia", "Moscow"]
[[topic]]
name = "india-russia"
title = "India and Russia"
query = "@india @russia"
[[topic]]
name = "trade"
title = "Trade"
query = "tariff*"
[[feed]]
id = "a"
url = "ORIGIN/a.xml"
[[feed]]
id = "b"
url = "ORIGIN/b.xml"
"#;

fn ids(atom: &str) -> Vec<String> {
    let feed = feed_rs::parser::parse(atom.as_bytes()).unwrap();
    feed.entries.into_iter().map(|entry| entry.id).collect()
}

fn titles(atom: &str) -> Vec<String> {
    let feed = feed_rs::parser::parse(atom.as_bytes()).unwrap();
    feed.entries
        .into_iter()
        .map(|entry| entry.title.unwrap().content)
        .collect()
}

#[tokio::test]
async fn articles_reach_the_merged_feed_and_their_topics() {
    let mut test = TestDaemon::start(TOPICS).await;
    let a = rss(
        "a",
        &[
            ("visit", "Modi lands in Moscow", 5),
            ("rain", "Rain in Kerala", 4),
        ],
    );
    let b = rss("b", &[("duty", "Tariffs on steel rise", 3)]);
    test.origin.say("/a.xml", Reply::feed(a));
    test.origin.say("/b.xml", Reply::feed(b));
    test.run_due().await;
    let all = test.output("/all.atom");
    assert_eq!(
        titles(&all),
        [
            "Modi lands in Moscow",
            "Rain in Kerala",
            "Tariffs on steel rise"
        ]
    );
    assert_eq!(
        titles(&test.output("/india-russia.atom")),
        ["Modi lands in Moscow"]
    );
    assert_eq!(
        titles(&test.output("/trade.rss")),
        ["Tariffs on steel rise"]
    );
    assert!(test.output("/").contains("India and Russia"));
    test.finish().await;
}

/// U2, U7, U8: ids, dates and bytes stay through restart, kill and polls that bring nothing.
#[tokio::test]
async fn u8_the_same_state_gives_the_same_bytes() {
    let mut test = TestDaemon::start(TOPICS).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("visit", "Modi lands in Moscow", 5)])),
    );
    test.origin.say(
        "/b.xml",
        Reply::feed(rss("b", &[("duty", "Tariffs rise", 3)])),
    );
    test.run_due().await;
    let paths = ["/all.atom", "/all.rss", "/india-russia.atom", "/"];
    let before: Vec<String> = paths.iter().map(|path| test.output(path)).collect();
    test.run_for(DAY).await;
    test.restart().await;
    test.run_due().await;
    test.kill().await;
    test.run_due().await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(test.output(path), before, "{path}");
    }
    test.finish().await;
}

/// A correction keeps its place and its id; it is never a second entry.
#[tokio::test]
async fn a_corrected_entry_is_one_entry() {
    let mut test = TestDaemon::start(TOPICS).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("duty", "Tariffs rise to 5 %", 5)])),
    );
    test.run_due().await;
    let before = ids(&test.output("/trade.atom"));
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("duty", "Tariffs rise to 6 %", 5)])),
    );
    test.run_for(DAY).await;
    let atom = test.output("/trade.atom");
    assert_eq!(titles(&atom), ["Tariffs rise to 6 %"]);
    assert_eq!(ids(&atom), before, "U2");
    test.finish().await;
}

/// The same article in two feeds is one entry that names the other place.
#[tokio::test]
async fn a_copy_in_another_feed_is_one_entry() {
    let mut test = TestDaemon::start(TOPICS).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("duty", "Tariffs rise", 5)])),
    );
    test.run_due().await;
    let copy = rss("b", &[("duty", "Tariffs rise", 5)]).replace(
        "<link>https://duty.example/duty",
        "<link>https://duty.example/duty?utm_source=rss",
    );
    test.origin.say("/b.xml", Reply::feed(copy));
    test.run_for(DAY * 2).await;
    assert_eq!(titles(&test.output("/all.atom")), ["Tariffs rise"]);
    test.finish().await;
}

/// A new feed brings its newest entries under their own dates, and its old ones never come as news.
#[tokio::test]
async fn a_new_feed_does_not_flood() {
    let config =
        "[defaults]\nfirst-poll-entries = 2\n[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n";
    let mut test = TestDaemon::start(config).await;
    let old = [
        ("n1", "One", 1),
        ("n2", "Two", 2),
        ("n3", "Three", 3),
        ("n4", "Four", 4),
    ];
    // Its address is there before its entries are: none of that is its first document.
    test.origin.say("/a.xml", Reply::status(500));
    test.run_due().await;
    test.origin.say("/a.xml", Reply::feed(rss("a", &[])));
    test.run_for(HOUR * 3).await;
    test.restart().await;
    test.origin.say("/a.xml", Reply::feed(rss("a", &old)));
    test.run_for(HOUR * 2).await;
    assert_eq!(titles(&test.output("/all.atom")), ["Four", "Three"]);
    let mut items = old.to_vec();
    items.push(("n5", "Five", 5));
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(DAY).await;
    assert_eq!(titles(&test.output("/all.atom")), ["Five", "Four", "Three"]);
    test.finish().await;
}

/// Of more entries than are read what was never read is no news where it stands at the other end one day, and what is new
/// is, wherever that is.
#[tokio::test]
async fn old_entries_of_a_large_feed_never_come_as_news() {
    let start: jiff::Timestamp = START.parse().unwrap();
    let item = |at: i64| {
        let date = start - HOUR * (2603 - i32::try_from(at).unwrap());
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
        format!(
            "<item><guid>https://a.example/{at}</guid><title>Report {at}</title>\
             <link>https://a.example/{at}</link><pubDate>{date}</pubDate></item>"
        )
    };
    let document = |items: &mut dyn Iterator<Item = i64>| {
        let items: String = items.map(item).collect();
        Reply::feed(format!(
            "<rss version=\"2.0\"><channel><title>a</title><link>https://a.example/</link>\
             <description>news</description>{items}</channel></rss>"
        ))
    };
    let config =
        "[defaults]\nfirst-poll-entries = 1\n[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n";
    let mut test = TestDaemon::start(config).await;
    test.origin.say("/a.xml", document(&mut (0..2600).rev()));
    test.run_due().await;
    assert_eq!(titles(&test.output("/all.atom")), ["Report 2599"]);
    // The newest stand first, then last.
    let news = ["Report 2601", "Report 2600", "Report 2599"];
    test.origin.say("/a.xml", document(&mut (0..2602).rev()));
    test.run_for(DAY).await;
    assert_eq!(titles(&test.output("/all.atom")), news);
    test.origin.say("/a.xml", document(&mut (0..2603)));
    test.run_for(DAY).await;
    assert_eq!(
        titles(&test.output("/all.atom")),
        [&["Report 2602"], &news[..]].concat()
    );
    // What nobody read before stands first.
    let mixed = (0..2000).rev().chain(2000..2603);
    test.origin.say("/a.xml", document(&mut { mixed }));
    test.run_for(DAY).await;
    assert_eq!(titles(&test.output("/all.atom")).len(), 4);
    test.finish().await;
}

/// U27: without any feed that answers, every output is valid and empty.
#[tokio::test]
async fn u27_outputs_without_entries_are_valid() {
    let mut test = TestDaemon::start(TOPICS).await;
    test.run_due().await;
    for path in ["/all.atom", "/trade.atom", "/india-russia.rss"] {
        let output = test.output(path);
        assert!(
            feed_rs::parser::parse(output.as_bytes())
                .unwrap()
                .entries
                .is_empty()
        );
    }
    test.finish().await;
}

/// U28, U29: beyond `items`, what came within a day stays, and so does what is dated long before it came; each
/// where its date puts it.
#[tokio::test]
async fn u29_who_asks_once_a_day_misses_nothing() {
    let config = "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n\
                  [[output]]\npath = \"all\"\nitems = 2\n";
    let mut test = TestDaemon::start(config).await;
    let mut items = vec![("n1", "One", 1), ("n3", "Three", 3), ("n4", "Four", 4)];
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_due().await;
    assert_eq!(titles(&test.output("/all.atom")), ["Four", "Three"]);

    test.run_for(DAY * 2).await;
    items.extend([("n5", "Five", 5), ("n6", "Six", 6), ("n7", "Seven", 7)]);
    items.push(("n2", "Two", 2));
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(DAY * 2).await;
    let burst = ["Seven", "Six", "Five", "Two"];
    assert_eq!(titles(&test.output("/all.atom")), burst);

    test.run_for(DAY * 2).await;
    assert_eq!(
        titles(&test.output("/all.atom")),
        burst,
        "nothing came since"
    );
    items.push(("n8", "Eight", 8));
    test.origin.say("/a.xml", Reply::feed(rss("a", &items)));
    test.run_for(DAY * 2).await;
    assert_eq!(titles(&test.output("/all.json")), ["Eight", "Seven"]);
    test.finish().await;
}

/// What is edited out of a topic leaves its output with the next rendering, and stays where it still belongs.
#[tokio::test]
async fn what_matches_no_more_leaves() {
    let mut test = TestDaemon::start(TOPICS).await;
    let a = |title: &str| Reply::feed(rss("a", &[("duty", title, 5)]));
    test.origin.say("/a.xml", a("Tariffs on steel rise"));
    test.run_due().await;
    assert_eq!(ids(&test.output("/trade.json")).len(), 1);
    test.origin.say("/a.xml", a("Duties on steel rise"));
    test.run_for(DAY).await;
    for format in ["atom", "rss", "json"] {
        assert!(ids(&test.output(&format!("/trade.{format}"))).is_empty());
    }
    assert_eq!(titles(&test.output("/all.atom")), ["Duties on steel rise"]);
    test.finish().await;
}
