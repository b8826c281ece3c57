//! What an output says of other reports of one event.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use feed_rs::model::Entry;
use jiff::SignedDuration;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Each outlet has its reports in a topic of its own.
pub(crate) const CONFIG: &str = r#"
[group.harbour]
topics = ["harbour"]
[group.ledger]
topics = ["ledger"]
[[topic]]
name = "harbour"
query = "nothing-has-this"
[[topic]]
name = "ledger"
query = "nothing-has-this-either"
[[feed]]
id = "harbour"
url = "ORIGIN/harbour.xml"
group = "harbour"
title = "Harbour Post"
[[feed]]
id = "ledger"
url = "ORIGIN/ledger.xml"
group = "ledger"
title = "Northern Ledger"
"#;

pub(crate) const HARBOUR: (&str, &str) = (
    "Lighthouse keeper of Skerry rock rescues nine sailors from burning ferry",
    "The keeper of the Skerry lighthouse rowed through the storm to the burning ferry Aurora and brought nine \
     sailors ashore before it sank, the coast guard of Vestmark said.",
);

pub(crate) const LEDGER: (&str, &str) = (
    "Nine sailors of the ferry Aurora saved by the Skerry lighthouse keeper",
    "Nine sailors owe their lives to the keeper of the lighthouse on Skerry rock, who rowed to the burning ferry \
     Aurora in a storm. The coast guard of Vestmark said that the ferry sank an hour later.",
);

/// A document with one report.
pub(crate) fn document(feed: &str, (title, text): (&str, &str), hour: u32) -> String {
    let document = rss(feed, &[(feed, title, hour)]);
    document.replace(&format!("{title}, told at some length"), text)
}

fn entry(test: &mut TestDaemon, path: &str) -> Entry {
    let feed = feed_rs::parser::parse(test.output(path).as_bytes()).unwrap();
    let [entry] = feed.entries.try_into().unwrap();
    entry
}

/// What readers are shown of an entry.
fn shown(entry: &Entry) -> String {
    let content = entry.content.clone().and_then(|content| content.body);
    let summary = entry.summary.clone().map(|summary| summary.content);
    content.or(summary).unwrap()
}

/// An entry that is reported elsewhere says so in every output that holds it, and is no news for that: id and
/// dates stay (U2, U7). What a restart prints is the same (U8).
#[tokio::test]
async fn u10_an_entry_tells_who_else_reports_it_and_is_not_new_for_that() {
    let mut test = TestDaemon::start(CONFIG).await;
    let harbour = Reply::feed(document("harbour", HARBOUR, 3));
    test.origin.say("/harbour.xml", harbour);
    test.run_due().await;
    let before = entry(&mut test, "/harbour.atom");
    assert!(!shown(&before).contains("Also reported"));

    let ledger = Reply::feed(document("ledger", LEDGER, 5));
    test.origin.say("/ledger.xml", ledger);
    test.run_for(DAY).await;
    let after = entry(&mut test, "/harbour.atom");
    let line = "Also reported by <a href=\"https://ledger.example/ledger\" rel=\"noopener noreferrer\">\
                Northern Ledger</a>.";
    assert!(shown(&after).contains(line), "{}", shown(&after));
    assert_eq!(after.id, before.id);
    assert_eq!(
        (after.published, after.updated),
        (before.published, before.updated)
    );
    let related = after
        .links
        .iter()
        .find(|it| it.rel.as_deref() == Some("related"));
    let related = related.unwrap();
    assert_eq!(related.href, "https://ledger.example/ledger");
    assert_eq!(
        related.title.as_deref(),
        Some(&*format!("Northern Ledger: {}", LEDGER.0))
    );
    let other = entry(&mut test, "/ledger.atom");
    assert!(shown(&other).contains("Harbour Post</a>."));

    let paths = ["/all.atom", "/all.json", "/harbour.rss", "/ledger.json"];
    let printed = paths.map(|path| test.output(path));
    test.restart().await;
    test.run_due().await;
    assert_eq!(paths.map(|path| test.output(path)), printed);
    test.finish().await;
}

/// One entry for both, of the id and the dates of the first, in every format; and after a restart (U2, U7, U8).
#[tokio::test]
async fn u2_an_output_of_stories_has_one_entry_for_all_reports() {
    let config = format!("{CONFIG}\n[[output]]\npath = \"stories\"\nunit = \"story\"\n");
    let mut test = TestDaemon::start(&config).await;
    let harbour = Reply::feed(document("harbour", HARBOUR, 3));
    test.origin.say("/harbour.xml", harbour);
    test.run_due().await;
    let before = entry(&mut test, "/stories.atom");
    let ledger = Reply::feed(document("ledger", LEDGER, 5));
    test.origin.say("/ledger.xml", ledger);
    test.run_for(DAY).await;
    let after = entry(&mut test, "/stories.atom");
    assert_eq!(after.id, before.id);
    assert_eq!(
        (after.published, after.updated),
        (before.published, before.updated)
    );
    assert_eq!(after.title.as_ref().unwrap().content, HARBOUR.0);
    let item = format!(">Northern Ledger: {}</a></li>", LEDGER.0);
    assert!(shown(&after).contains(&item), "{}", shown(&after));
    let topics: Vec<&str> = after.categories.iter().map(|it| it.term.as_str()).collect();
    assert_eq!(topics, ["harbour", "ledger"]);

    let printed = test.output("/stories.json");
    test.restart().await;
    test.run_due().await;
    assert_eq!(test.output("/stories.json"), printed);
    test.finish().await;
}

/// Another headline there is another link here, also where the two share no topic; what leaves the story leaves
/// the line.
#[tokio::test]
async fn u10_what_changes_in_one_report_changes_in_the_outputs_of_the_others() {
    let mut test = TestDaemon::start(CONFIG).await;
    let harbour = Reply::feed(document("harbour", HARBOUR, 3));
    test.origin.say("/harbour.xml", harbour);
    let ledger = Reply::feed(document("ledger", LEDGER, 5));
    test.origin.say("/ledger.xml", ledger);
    test.run_due().await;
    let retold = (
        "Skerry keeper saves nine sailors of burning ferry Aurora",
        LEDGER.1,
    );
    let ledger = Reply::feed(document("ledger", retold, 5));
    test.origin.say("/ledger.xml", ledger);
    test.run_for(DAY).await;
    let told = test.output("/harbour.atom");
    assert!(
        told.contains(&format!("Northern Ledger: {}", retold.0)),
        "{told}"
    );

    let other = (
        "Price of herring falls",
        "Herring was sold for less than ever on the market of Vestmark today.",
    );
    let ledger = Reply::feed(document("ledger", other, 5));
    test.origin.say("/ledger.xml", ledger);
    test.run_for(DAY).await;
    let told = test.output("/harbour.atom");
    assert!(!told.contains("Northern Ledger"), "{told}");
    test.finish().await;
}
