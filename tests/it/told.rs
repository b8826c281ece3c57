//! What everybody is told of articles that stand in feeds of protected outputs, too (U31): nothing of these.

use crate::archives::unpacked;
use crate::origin::Reply;
use crate::reported::{CONFIG as FEEDS, HARBOUR, LEDGER, document};
use crate::test_daemon::{TestDaemon, rss};
use feed_rs::model::Entry;
use jiff::SignedDuration;
use std::fs;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the harbour's two feeds bring is for everybody, what the ledger's brings for those with a key.
const OUTPUTS: &str = r#"
[[output]]
path = "harbour"
select = "topic:harbour"
items = 1
stay = "0s"
[[output]]
path = "stories"
select = "topic:harbour"
unit = "story"
[[output]]
path = "ledger"
select = "topic:ledger"
protect = "canary-of-the-desk-7f3a"
[[output]]
path = "all"
protect = "canary-of-the-desk-7f3a"
"#;

/// Another feed of the harbour's.
const EVENING: &str = r#"
[[feed]]
id = "evening"
url = "ORIGIN/evening.xml"
group = "harbour"
title = "Harbour Evening"
"#;

/// What nobody without the key is to read.
const SECRETS: [&str; 3] = ["Northern Ledger", "ledger.example", "topic:ledger"];

async fn start(weight: &str) -> TestDaemon {
    // The ledger comes last there.
    let config = format!("{OUTPUTS}{FEEDS}{weight}\n{EVENING}");
    let test = TestDaemon::start(&config).await;
    for feed in ["harbour", "evening", "ledger"] {
        let empty = Reply::feed(rss(feed, &[]));
        test.origin.say(&format!("/{feed}.xml"), empty);
    }
    test
}

/// Has a feed bring a report, whose id is its address, and polls.
async fn bring(test: &mut TestDaemon, feed: &str, report: (&str, &str), hour: u32) {
    let document = document(feed, report, hour);
    let id = format!("<guid>https://{feed}.example/{feed}</guid>");
    let document = document.replace(&format!("<guid isPermaLink=\"false\">{feed}</guid>"), &id);
    assert!(document.contains(&id));
    test.origin
        .say(&format!("/{feed}.xml"), Reply::feed(document));
    test.run_for(DAY).await;
}

/// Everything that everybody may read, archives too.
fn open_documents(test: &mut TestDaemon) -> Vec<(String, String)> {
    let shelf = test.daemon().shelf().all();
    let open = shelf.iter().filter(|(_, it)| !it.is_protected());
    let mut told: Vec<(String, String)> = open
        .map(|(path, it)| {
            let body = String::from_utf8_lossy(&it.body()).into_owned();
            (path.clone(), body)
        })
        .collect();
    let archives = test.state().join("archive");
    let mut files = ["harbour", "stories"].map(|it| archives.join(it)).to_vec();
    while let Some(path) = files.pop() {
        match fs::read_dir(&path) {
            Ok(inner) => files.extend(inner.map(|it| it.unwrap().path())),
            Err(_) if path.exists() => {
                told.push((path.display().to_string(), unpacked(&path)));
            }
            Err(_) => {}
        }
    }
    told
}

#[track_caller]
fn check(test: &mut TestDaemon) {
    for (path, document) in open_documents(test) {
        for secret in SECRETS {
            assert!(!document.contains(secret), "{secret} in {path}: {document}");
        }
    }
}

fn entry(test: &mut TestDaemon, path: &str) -> Entry {
    let feed = feed_rs::parser::parse(test.output(path).as_bytes()).unwrap();
    let [entry] = feed.entries.try_into().unwrap();
    entry
}

/// Who comes first, and who tells the article to those who may know all, makes no difference.
#[tokio::test]
async fn u31_a_copy_in_a_feed_of_protected_outputs_is_told_to_nobody_else() {
    for (weight, first, second) in [
        ("", "ledger", "harbour"),
        ("", "harbour", "ledger"),
        ("weight = 90", "ledger", "harbour"),
        ("weight = 90", "harbour", "ledger"),
    ] {
        let mut test = start(weight).await;
        bring(&mut test, first, HARBOUR, 3).await;
        bring(&mut test, second, HARBOUR, 4).await;
        let open = entry(&mut test, "/harbour.atom");
        let closed = entry(&mut test, "/all.atom");
        assert_eq!(open.links[0].href, "https://harbour.example/harbour");
        assert_eq!(
            (&open.id, open.published, open.updated),
            (&closed.id, closed.published, closed.updated)
        );
        let all = test.output("/all.atom");
        assert!(all.contains("Northern Ledger") && all.contains("Harbour Post"));
        // The article moves on to the archive, and nothing else comes with it.
        let other = (
            "Price of herring falls",
            "Herring was sold for less than ever.",
        );
        bring(&mut test, "evening", other, 5).await;
        check(&mut test);
        let documents = open_documents(&mut test);
        let telling = documents.iter().filter(|(_, it)| it.contains(HARBOUR.0));
        assert!(telling.count() > 6);

        let printed = test.output("/harbour.json");
        test.restart().await;
        test.run_due().await;
        assert_eq!(test.output("/harbour.json"), printed);
        test.finish().await;
    }
}

/// The id stays what it was before everybody was told of the article, and is no address of what nobody is to know.
#[tokio::test]
async fn u2_u31_an_id_stays_when_an_article_is_told_to_everybody() {
    let mut test = start("").await;
    bring(&mut test, "ledger", HARBOUR, 3).await;
    let before = entry(&mut test, "/ledger.atom");
    assert!(before.id.starts_with("tag:"), "{}", before.id);
    bring(&mut test, "harbour", HARBOUR, 4).await;
    let (open, closed) = (
        entry(&mut test, "/harbour.atom"),
        entry(&mut test, "/ledger.atom"),
    );
    assert_eq!([&open.id, &closed.id], [&before.id, &before.id]);
    assert_eq!([open.published, closed.published], [before.published; 2]);
    test.finish().await;
}

/// A report that stands in feeds of both kinds is named as everybody may have it.
#[tokio::test]
async fn u31_a_report_is_named_by_the_copy_that_everybody_may_read() {
    let mut test = start("weight = 90").await;
    bring(&mut test, "harbour", HARBOUR, 3).await;
    bring(&mut test, "ledger", LEDGER, 4).await;
    check(&mut test);
    let documents = open_documents(&mut test);
    let names = |(_, it): &(String, String)| it.contains(LEDGER.0);
    assert!(!documents.iter().any(names));
    bring(&mut test, "evening", LEDGER, 5).await;
    check(&mut test);
    let story = test.output("/stories.json");
    assert!(story.contains("evening.example/evening"), "{story}");
    let shelf = test.daemon().shelf().all();
    let pages: Vec<&String> = shelf
        .keys()
        .filter(|it| it.starts_with("/stories/"))
        .collect();
    let [page] = pages.as_slice() else {
        panic!("{pages:?}")
    };
    let page = test.output(page);
    assert!(page.contains("Harbour Evening"), "{page}");
    // How many outlets there are tells of one more than are named.
    assert!(page.contains("<p>2 reports, from "), "{page}");
    test.finish().await;
}

/// A feed of which nothing is told is in no list; it is when an output for everybody has something of it.
#[tokio::test]
async fn u24_u31_the_list_of_feeds_has_those_that_everybody_is_told_of() {
    let mut test = start("").await;
    bring(&mut test, "ledger", LEDGER, 3).await;
    bring(&mut test, "harbour", HARBOUR, 4).await;
    test.run_for(DAY).await;
    let sources = test.output("/sources.opml");
    let listed = ["Harbour Post", "Northern Ledger"].map(|title| sources.contains(title));
    assert_eq!(listed, [true, false], "{sources}");
    test.config = test.config.replacen(
        "select = \"topic:ledger\"\nprotect = \"canary-of-the-desk-7f3a\"",
        "select = \"topic:ledger\"",
        1,
    );
    test.reload().await;
    test.run_due().await;
    let sources = test.output("/sources.opml");
    assert!(sources.contains("Northern Ledger"), "{sources}");
    test.finish().await;
}
