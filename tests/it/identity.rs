//! Publishers whose ids are none: readers get each article once, under an id that stays, and the operator is
//! told.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use merganser::daemon::PollReport;
use merganser::model::GuidHealth;
use serde_json::Value;
use std::collections::BTreeMap;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What happens on the days of the tests, one report a day.
const HEADLINES: [&str; 6] = [
    "Harbour reopens after storm",
    "Parliament passes water bill",
    "Scientists count rare pangolins",
    "Local baker wins national prize",
    "Railway strike enters third week",
    "Museum returns stolen bronze",
];

/// One item of a document.
struct Item {
    id: String,
    title: String,
    url: String,
    day: usize,
}

/// The report of a day of a publisher.
fn report(publisher: &str, day: usize, id: &str) -> Item {
    Item {
        id: id.to_owned(),
        title: format!("{publisher}: {}", HEADLINES[day]),
        url: format!("https://{publisher}.example/report-{day}"),
        day,
    }
}

fn document(publisher: &str, items: &[Item]) -> Reply {
    let item = |item: &Item| {
        format!(
            "<item><guid>{}</guid><title>{}</title><link>{}</link>\
             <pubDate>{:02} Nov 2026 05:00:00 GMT</pubDate></item>",
            item.id,
            item.title,
            item.url,
            18 + item.day
        )
    };
    let items: String = items.iter().map(item).collect();
    Reply::feed(format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>{publisher}</title>\
         <link>https://{publisher}.example/</link>{items}</channel></rss>"
    ))
}

/// A publisher: its name, and what it says on a day.
type Publisher = (&'static str, fn(usize) -> Vec<Item>);

/// The publishers, and what each says on a day: its reports so far, newest first, under ids of its kind.
const PUBLISHERS: [Publisher; 6] = [
    ("constant", |today| vec![report("constant", today, "1")]),
    ("home", |today| {
        let id = "https://home.example";
        (0..=today)
            .rev()
            .map(|day| report("home", day, id))
            .collect()
    }),
    ("session", |today| {
        let id = |day| format!("https://session.example/report-{day}?s={today}");
        let days = (0..=today).rev();
        days.map(|day| report("session", day, &id(day))).collect()
    }),
    // The list is long on some days and holds one report on others.
    ("shrinks", |today| {
        let most = if today % 2 == 1 { 5 } else { 1 };
        let days = (0..=today).rev().take(most);
        days.map(|day| report("shrinks", day, "same")).collect()
    }),
    ("moves", |today| {
        let scheme = if today < 3 { "http" } else { "https" };
        let id = |day| format!("{scheme}://moves.example/?p={day}");
        let days = (0..=today).rev();
        days.map(|day| report("moves", day, &id(day))).collect()
    }),
    ("edits", |today| {
        let days = (0..=today).rev();
        let mut items: Vec<Item> = days
            .map(|day| report("edits", day, &format!("edits-{day}")))
            .collect();
        for item in items.iter_mut().skip(1) {
            item.title = format!("edits: wrong, and put right on day {today}: {}", item.day);
        }
        items
    }),
];

/// The feeds whose ids prove to be none, and how.
const FAILED: [(&str, &str); 4] = [
    ("constant", "reused"),
    ("home", "channel-link"),
    ("session", "changing"),
    ("shrinks", "repeated"),
];

async fn start() -> TestDaemon {
    let feed =
        |(name, _): &Publisher| format!("[[feed]]\nid = \"{name}\"\nurl = \"ORIGIN/{name}.xml\"\n");
    let feeds: String = PUBLISHERS.iter().map(feed).collect();
    TestDaemon::start(&feeds).await
}

/// Publishes a day's documents and lets them be polled.
async fn live(test: &mut TestDaemon, day: usize) -> Vec<PollReport> {
    for (name, say) in PUBLISHERS {
        test.origin
            .say(&format!("/{name}.xml"), document(name, &say(day)));
    }
    test.run_for(DAY).await
}

/// Titles of the output by their ids.
fn published(test: &mut TestDaemon) -> BTreeMap<String, String> {
    let atom = test.output("/all.atom");
    let feed = feed_rs::parser::parse(atom.as_bytes()).unwrap();
    let titled = |entry: feed_rs::model::Entry| (entry.id, entry.title.unwrap().content);
    feed.entries.into_iter().map(titled).collect()
}

/// What the program says of the feeds, beside the running daemon.
fn status(test: &TestDaemon, arguments: &[&str]) -> String {
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap();
    place.print(&[&["status", "--state", state], arguments].concat())
}

fn guid_health(test: &TestDaemon) -> BTreeMap<String, String> {
    let status: Value = serde_json::from_str(&status(test, &["--format", "json"])).unwrap();
    let feeds = status["feeds"].as_array().unwrap().iter();
    let owned = |value: &Value| value.as_str().unwrap().to_owned();
    feeds
        .map(|feed| (owned(&feed["id"]), owned(&feed["guid_health"])))
        .collect()
}

/// U2: whatever publishers do with their ids, each article is there once and under one id for ever.
#[tokio::test]
async fn u2_each_article_is_published_once_whatever_its_ids_do() {
    let mut test = start().await;
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    let mut failed: Vec<(String, GuidHealth)> = Vec::new();
    for (day, headline) in HEADLINES.iter().enumerate() {
        if day == 3 {
            test.restart().await;
        }
        for report in live(&mut test, day).await {
            let told = report
                .guids_failed
                .map(|health| (report.feed.to_string(), health));
            failed.extend(told);
        }
        let present = published(&mut test);
        assert_eq!(
            present.len(),
            PUBLISHERS.len() * (day + 1),
            "{day}: {present:#?}"
        );
        for (id, title) in &before {
            let now = &present[id];
            assert!(
                now == title || title.starts_with("edits"),
                "{id}: {title}, {now}"
            );
        }
        for (name, _) in PUBLISHERS {
            let newest = format!("{name}: {headline}");
            let there = present.values().filter(|title| **title == newest);
            assert_eq!(there.count(), 1, "{newest}");
        }
        before = present;
    }
    // What is put right under a good id is put right where it stands.
    let corrected = before
        .values()
        .filter(|title| title.contains("put right on day 5"));
    assert_eq!(corrected.count(), 5);
    // Each is told of once, when it turns.
    failed.sort_by(|one, other| one.0.cmp(&other.0));
    let failed: Vec<(&str, &str)> = failed
        .iter()
        .map(|(feed, health)| (feed.as_str(), health.name()))
        .collect();
    assert_eq!(failed, FAILED);
    test.finish().await;
}

/// What is wrong stays, is shown, and is the operator's to overrule.
#[tokio::test]
async fn ids_that_failed_are_shown_until_the_operator_decides() {
    let mut test = start().await;
    for day in 0..5 {
        live(&mut test, day).await;
    }
    let health = guid_health(&test);
    let bad: Vec<(&str, &str)> = health
        .iter()
        .filter(|(_, health)| *health != "good")
        .map(|(feed, health)| (feed.as_str(), health.as_str()))
        .collect();
    assert_eq!(bad, FAILED);
    let all = status(&test, &[]);
    assert!(all.contains("ids channel-link; "), "{all}");
    let home = status(&test, &["home"]);
    for words in ["identity by address", "channel-link-id: 5 of 5 entries"] {
        assert!(home.contains(words), "{words} in\n{home}");
    }
    // A document that looks well changes nothing..
    test.origin.say(
        "/home.xml",
        document("home", &[report("home", 4, "good-4")]),
    );
    test.run_for(DAY).await;
    assert_eq!(guid_health(&test)["home"], "channel-link");
    // ..the operator's word does, and neither publishes anything again.
    let before = published(&mut test);
    let word = |identity: &str| format!("id = \"home\"\nidentity = \"{identity}\"\n");
    test.config = test.config.replace("id = \"home\"\n", &word("guid"));
    test.restart().await;
    assert!(!status(&test, &[]).contains("ids channel-link"));
    // At once, and not with the next document.
    test.run_for(DAY).await;
    assert_eq!(guid_health(&test)["home"], "good");
    let items = [report("home", 5, "good-5"), report("home", 4, "good-4")];
    test.origin.say("/home.xml", document("home", &items));
    test.run_for(DAY).await;
    assert_eq!(guid_health(&test)["home"], "good");
    test.config = test.config.replace(&word("guid"), &word("link"));
    test.restart().await;
    let items = [report("home", 5, "new-5"), report("home", 4, "new-4")];
    test.origin.say("/home.xml", document("home", &items));
    test.run_for(DAY).await;
    let after = published(&mut test);
    assert_eq!(after.len(), before.len() + 1, "{after:#?}");
    assert!(before.keys().all(|id| after.contains_key(id)));
    test.finish().await;
}

/// U2: a number in the title moves, and with it the id, or the session in the link: the publisher dates it as before, and
/// readers have it once.
#[tokio::test]
async fn u2_a_title_that_counts_on_is_one_article() {
    const EVENTS: [[&str; 3]; 2] = [
        [
            "Timber ship aground",
            "Bridge gives way",
            "Fire at the mill",
        ],
        [
            "Petition for trams",
            "Choir seeks voices",
            "Library lends skates",
        ],
    ];
    const TEXTS: [&str; 2] = [
        "rescuers search the surroundings for survivors, officials say more people are missing",
        "neighbours gathered on Saturday, organisers were surprised how quickly everybody answered",
    ];
    let item = |name: &str, round: usize, at: usize| {
        let (id, link, of) = match name {
            "revised" => (format!("{at}?rev={round}"), format!("{at}"), 0),
            _ => (format!("{at}"), format!("s{round}/{at}"), 1),
        };
        let (event, text) = (EVENTS[of][at], TEXTS[of]);
        format!(
            "<item><guid isPermaLink=\"false\">{id}</guid><title>{event}, {} saved</title>\
             <link>https://{name}.example/{link}</link><pubDate>18 Nov 2026 05:0{at}:11 GMT</pubDate>\
             <description>{event}: {text}</description></item>",
            round * 4 + at
        )
    };
    let names = ["revised", "session"];
    let feed = |name: &str| format!("[[feed]]\nid = \"{name}\"\nurl = \"ORIGIN/{name}.xml\"\n");
    let mut test = TestDaemon::start(&names.map(feed).concat()).await;
    for round in 0..5 {
        for name in names {
            let items: String = (0..3).map(|at| item(name, round, at)).collect();
            let document = format!(
                "<rss version=\"2.0\"><channel><title>{name}</title><link>https://{name}.example/</link>\
                 <description>news</description>{items}</channel></rss>"
            );
            test.origin
                .say(&format!("/{name}.xml"), Reply::feed(document));
        }
        test.run_for(SignedDuration::from_hours(2)).await;
        let present = published(&mut test);
        assert_eq!(present.len(), 6, "{round}: {present:#?}");
    }
    let health = guid_health(&test);
    assert_eq!(
        (&*health["revised"], &*health["session"]),
        ("changing", "good")
    );
    // What is at an address is one entry from then on, as what has an id is: readers see what holds.
    let last = published(&mut test);
    let newest = last.values().filter(|title| title.ends_with(" saved"));
    let of_last = newest.filter(|title| (16..19).any(|it| title.contains(&format!(" {it} "))));
    assert_eq!(of_last.count(), 6, "{last:#?}");
    test.finish().await;
}
