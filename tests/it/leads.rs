//! Which of the feeds that carry an article tells it.

use crate::origin::Reply;
use crate::test_daemon::{START, TestDaemon, rss};
use feed_rs::model::Entry;
use jiff::SignedDuration;
use merganser::daemon::{Choice, Progress};

const DAY: SignedDuration = SignedDuration::from_hours(24);

const TITLE: &str = "Lighthouse keeper finds a message after ninety years";

const TEASER: &str =
    "A bottle from 1936 washed ashore below the cliffs, with greetings for whoever finds it";

/// Begins the links of a paper that lead to where both feeds are fetched, as those of the hub do then.
const AT_THE_ORIGIN: &str = "https://origin.example/";

/// The document of a feed that carries the report with this text, published at this hour.
fn told_as(feed: &str, hour: u32, text: &str) -> String {
    let document = rss(feed, &[(feed, TITLE, hour)]);
    document.replace(&format!("{TITLE}, told at some length"), text)
}

/// A hub that is polled before the paper can be.
async fn hub_then_paper(hub_keys: &str, paper: String) -> TestDaemon {
    let config = format!(
        "[[feed]]\nid = \"hub\"\nurl = \"ORIGIN/hub.xml\"\n{hub_keys}\n\
         [[feed]]\nid = \"paper\"\nurl = \"ORIGIN/paper.xml\"\n"
    );
    let mut test = TestDaemon::start(&config).await;
    let site = test.origin.url("/");
    let mut hub = told_as("hub", 4, TEASER);
    if paper.contains(AT_THE_ORIGIN) {
        hub = hub.replace("https://hub.example/", &site);
    }
    test.origin.say("/hub.xml", Reply::feed(hub));
    test.run_due().await;
    assert_eq!(told(&the_entry(&mut test)), "hub");
    let paper = paper.replace(AT_THE_ORIGIN, &site);
    test.origin.say("/paper.xml", Reply::feed(paper));
    test.run_for(DAY).await;
    test
}

/// The only entry of the merged output.
fn the_entry(test: &mut TestDaemon) -> Entry {
    let feed = feed_rs::parser::parse(test.output("/all.atom").as_bytes()).unwrap();
    let [entry] = feed.entries.try_into().unwrap();
    entry
}

/// The feed that tells an entry: its items name no author, so it is one (U6).
fn told(entry: &Entry) -> String {
    entry.authors[0].name.clone().unwrap()
}

fn links(entry: &Entry, rel: &str) -> Vec<String> {
    let links = entry.links.iter();
    let links = links.filter(|link| link.rel.as_deref() == Some(rel));
    links.map(|link| link.href.clone()).collect()
}

/// An aggregator's teaser gives way to the original: one entry, of the same id, which credits the first.
#[tokio::test]
async fn the_original_tells_what_an_aggregator_had_first() {
    let paper = told_as("paper", 5, "A bottle from 1936, with greetings.");
    let mut test = hub_then_paper("role = \"aggregator\"", paper).await;
    let entry = the_entry(&mut test);
    assert_eq!(told(&entry), "paper");
    assert_eq!(links(&entry, "alternate"), ["https://paper.example/paper"]);
    assert_eq!(links(&entry, "via"), ["https://hub.example/hub"]);
    assert!(links(&entry, "related").is_empty(), "named once");
    let published = entry.published.unwrap().timestamp();
    let hour: jiff::Timestamp = "2026-11-24T04:00:00Z".parse().unwrap();
    assert_eq!(published, hour.as_second(), "U7");

    // It is settled, through polls and restarts.
    let atom = test.output("/all.atom");
    test.run_for(DAY).await;
    test.restart().await;
    test.run_due().await;
    assert_eq!(test.output("/all.atom"), atom);

    // The operator's word reaches what is stored, and the id outlives it.
    test.config = test
        .config
        .replace("\"aggregator\"", "\"original\"\nweight = 60");
    test.reload().await;
    test.run_due().await;
    let again = the_entry(&mut test);
    assert_eq!((told(&again), again.id), ("hub".to_owned(), entry.id));
    test.finish().await;
}

/// Who polls by hand has another role reach what is stored, too.
#[tokio::test]
async fn a_role_is_heeded_by_a_poll_by_hand() {
    let paper = told_as("paper", 5, TEASER);
    let mut test = hub_then_paper("", paper).await;
    assert_eq!(told(&the_entry(&mut test)), "hub");
    test.config = test
        .config
        .replace("id = \"hub\"", "id = \"hub\"\nrole = \"aggregator\"");
    test.restart().await;
    let none_is_due = Choice::default();
    let mut ignore = |_: Progress<'_>| {};
    let polled = test.daemon().poll_now(&none_is_due, &mut ignore);
    polled.await.unwrap();
    // Nothing is published by hand, and a daemon would choose at its start.
    let database = rusqlite::Connection::open(test.database()).unwrap();
    let told = "SELECT f.name FROM entries AS e JOIN feeds AS f ON f.id = e.feed WHERE e.leads = 1";
    let told: String = database.query_row(told, [], |row| row.get(0)).unwrap();
    assert_eq!(told, "paper");
    test.finish().await;
}

/// Without a word of the operator, a text at length of the site to which both lead takes a teaser's place, and
/// nothing else does: anybody can copy a teaser and add to it.
#[tokio::test]
async fn a_text_at_length_tells_what_a_teaser_announced() {
    let same = told_as("paper", 3, TEASER);
    let other = told_as(
        "paper",
        3,
        &format!("{TITLE}. {}", "Cheap watches. ".repeat(120)),
    );
    let full = format!(
        "{TEASER}. {}",
        "She read it aloud to the harbour. ".repeat(40)
    );
    let elsewhere = told_as("paper", 3, &full);
    // Anybody can lead to the hub.
    let under_its_link = elsewhere.replace("https://paper.example/", "https://hub.example/");
    let of_one_site = elsewhere.replace("https://paper.example/", AT_THE_ORIGIN);
    let papers = Some("https://paper.example/paper");
    for (paper, expected, first) in [
        (same, "hub", papers),
        (other, "hub", papers),
        (elsewhere, "hub", papers),
        (under_its_link, "hub", Some("https://hub.example/paper")),
        (of_one_site, "paper", None),
    ] {
        let mut test = hub_then_paper("", paper).await;
        let entry = the_entry(&mut test);
        assert_eq!(told(&entry), expected);
        let via = links(&entry, "via");
        assert_eq!(via, Vec::from_iter(first));
        let changed = entry.updated.unwrap().timestamp();
        let start: jiff::Timestamp = START.parse().unwrap();
        assert_eq!(changed > start.as_second(), expected == "paper");
        test.finish().await;
    }
}

/// What was rendered before readers are let in is not rendered again for roles that nobody changed.
#[tokio::test]
async fn a_start_renders_once_and_again_for_another_role() {
    let paper = told_as("paper", 5, TEASER);
    let mut test = hub_then_paper("", paper).await;
    // An archive is looked through after each start, with what its output lists.
    test.config.insert_str(0, "[server]\narchive = false\n");
    test.restart_serving().await;
    test.run_due().await;
    let atom = test.output("/all.atom");
    test.restart_serving().await;
    // Would show if anything was read again.
    let database = rusqlite::Connection::open(test.database()).unwrap();
    let retitled = "UPDATE entries SET title = 'Lighthouse closed'";
    assert!(database.execute(retitled, []).unwrap() > 0);
    test.run_due().await;
    assert_eq!(test.output("/all.atom"), atom);
    test.config = test
        .config
        .replace("/hub.xml\"", "/hub.xml\"\nrole = \"rewrite\"");
    test.restart_serving().await;
    test.run_due().await;
    assert_eq!(told(&the_entry(&mut test)), "paper");
    test.finish().await;
}

/// What one section of a paper has dropped is told as another one put it right; not so what stands in a document beyond what is
/// read of it.
#[tokio::test]
async fn what_is_not_read_of_a_long_document_is_not_dropped() {
    const READ: usize = 2000;
    let section =
        |id| format!("[[feed]]\nid = \"{id}\"\nurl = \"ORIGIN/{id}.xml\"\nowner = \"paper\"\n");
    let config = format!("{}{}", section("front"), section("coast"));
    let others: Vec<String> = (0..READ).map(|it| format!("front-{it}")).collect();
    let others = others.iter().map(|it| (it.as_str(), it.as_str(), 5));
    for (is_listed, teller) in [(true, "front"), (false, "coast")] {
        let mut test = TestDaemon::start(&config).await;
        let coast = told_as("coast", 4, TEASER);
        let coast = coast.replace("https://coast.example/coast", "https://front.example/front");
        test.origin
            .say("/front.xml", Reply::feed(told_as("front", 4, TEASER)));
        test.run_due().await;
        test.origin.say("/coast.xml", Reply::feed(coast.clone()));
        test.run_for(DAY).await;
        assert_eq!(told(&the_entry(&mut test)), "front");

        let report = is_listed.then_some(("front", TITLE, 4));
        let items: Vec<_> = others.clone().chain(report).collect();
        let long = rss("front", &items).replace(&format!("{TITLE}, told at some length"), TEASER);
        // A feed whose entries are at other sites leaves the report to who has most at its own.
        let long = long.replace("https://front-", "https://front.example/front-");
        test.origin.say("/front.xml", Reply::feed(long));
        test.run_for(DAY).await;
        let corrected = coast.replace(
            "greetings for whoever finds it",
            "a map of the harbour and three coins",
        );
        test.origin.say("/coast.xml", Reply::feed(corrected));
        test.run_for(DAY).await;
        // It is no more among the newest that are published.
        let database = rusqlite::Connection::open(test.database()).unwrap();
        let told_by = "SELECT f.name FROM entries AS e JOIN feeds AS f ON f.id = e.feed
                       WHERE e.leads = 1 AND e.title = ?1";
        let told_by: String = database
            .query_row(told_by, [TITLE], |row| row.get(0))
            .unwrap();
        assert_eq!(told_by, teller);
        test.finish().await;
    }
}
