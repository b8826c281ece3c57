//! What we published comes back: directly, and through planets that republish it.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A news desk whose entries have ids of every kind: IRIs, and none.
fn desk() -> String {
    let item = |id: &str, title: &str, hour: u32| {
        format!(
            "<entry><id>{id}</id><title>{title}</title>\
             <updated>2026-11-24T{hour:02}:00:00Z</updated>\
             <summary>{title}, told at some length by the desk</summary></entry>"
        )
    };
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>tag:desk.example,2020:feed</id>\
         <title>The desk</title><updated>2026-11-24T05:00:00Z</updated>{}{}{}</feed>",
        item("tag:desk.example,2020:1", "Harbour reopens after storm", 3),
        item("desk 2", "Parliament passes water bill", 4),
        item("urn:isbn:0451450523", "Museum returns stolen bronze", 5),
    )
}

fn config(feeds: &[&str]) -> String {
    let feed = |id: &&str| {
        format!("[[feed]]\nid = \"{id}\"\nurl = \"ORIGIN/{id}\"\nschedule = \"every 1h\"\n")
    };
    feeds.iter().map(feed).collect()
}

fn totals(test: &mut TestDaemon) -> (u64, u64) {
    let totals = test.daemon().store().totals().unwrap();
    (totals.articles, totals.entries)
}

fn status(test: &TestDaemon, arguments: &[&str]) -> String {
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap();
    place.print(&[&["status", "--state", state], arguments].concat())
}

/// What `status` prints where something needs a person, which is code 1.
fn needy_status(test: &TestDaemon) -> String {
    let place = Place::new(&test.config);
    let output = place.run(&["status", "--state", test.state().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stdout).unwrap()
}

/// U30: nothing of our own outputs is taken, in whatever format and under whatever address they come.
#[tokio::test]
async fn u30_our_own_output_is_no_feed() {
    let mut test =
        TestDaemon::start(&config(&["desk", "mine-atom", "mine-rss", "mine-json"])).await;
    test.origin.say("/desk", Reply::feed(desk()));
    test.run_for(DAY).await;
    let before = test.output("/all.atom");
    for format in ["atom", "rss", "json"] {
        let output = test.output(&format!("/all.{format}"));
        test.origin
            .say(&format!("/mine-{format}"), Reply::feed(output));
    }
    test.run_for(2 * DAY).await;
    assert_eq!(totals(&mut test), (3, 3));
    assert_eq!(test.output("/all.atom"), before);
    let all = needy_status(&test);
    assert_eq!(all.matches("it is an output of ours: remove it").count(), 3);
    assert_eq!(
        all.matches("our own output, remove it; ").count(),
        3,
        "{all}"
    );
    for id in ["mine-atom", "mine-rss", "mine-json"] {
        let one = status(&test, &[id]);
        let told = "own-output: this is our own output all: nothing of it is taken; \
                    remove the feed from feeds.toml";
        assert!(one.contains(told), "{one}");
    }
    test.finish().await;
}

/// Another aggregator's feed that holds what we published: entries, ids and sources as they were.
fn planet(output: &str, title: &str) -> String {
    let own = "<id>tag:127.0.0.1,2026:output:all</id>";
    assert!(output.contains(own), "{output}");
    let output = output.replacen(own, &format!("<id>tag:{title}.example,2020:feed</id>"), 1);
    output.replacen("127.0.0.1:8420", &format!("{title}.example"), 2)
}

/// U30: what a planet republishes of us is what we have, whichever of its feeds is polled first.
#[tokio::test]
async fn u30_what_comes_back_through_a_planet_is_no_news() {
    let mut test = TestDaemon::start(&config(&["desk", "planet", "orbit"])).await;
    test.origin.say("/desk", Reply::feed(desk()));
    test.run_for(DAY).await;
    let ours = test.output("/all.atom");
    test.origin
        .say("/planet", Reply::feed(planet(&ours, "planet")));
    test.run_for(DAY).await;
    // Three entries of the desk, and as many copies.
    assert_eq!(totals(&mut test), (3, 6));
    // Round and round.
    for _ in 0..3 {
        let ours = test.output("/all.atom");
        test.origin
            .say("/planet", Reply::feed(planet(&ours, "planet")));
        test.origin
            .say("/orbit", Reply::feed(planet(&ours, "orbit")));
        test.run_for(DAY).await;
    }
    assert_eq!(totals(&mut test), (3, 9));
    assert!(
        status(&test, &["planet"])
            .lines()
            .all(|line| !line.contains("own-output"))
    );

    // One that has polled the planet first, and the desk after it.
    let mut other = TestDaemon::start(&config(&["planet", "desk"])).await;
    other.origin.say(
        "/planet",
        Reply::feed(planet(&ours, "planet").replace("127.0.0.1,2026", "far.example,2026")),
    );
    other.run_for(DAY).await;
    assert_eq!(totals(&mut other), (3, 3));
    other.origin.say("/desk", Reply::feed(desk()));
    other.run_for(DAY).await;
    // The planet gave the entry without an IRI an id of its own: its words tell what it is.
    assert_eq!(totals(&mut other), (3, 6));
    test.finish().await;
    other.finish().await;
}

/// U30: what stands for a story here is no news when a planet carries it, as its reports are here.
#[tokio::test]
async fn u30_a_story_that_comes_back_is_no_news() {
    let config = format!(
        "[server]\npublic-url = \"https://news.example/\"\n\
         [[output]]\npath = \"all\"\nunit = \"story\"\n{}",
        config(&["desk", "planet"])
    );
    let mut test = TestDaemon::start(&config).await;
    test.origin.say("/desk", Reply::feed(desk()));
    test.run_for(DAY).await;
    let ours = test.output("/all.atom");
    assert_eq!(ours.matches("<id>tag:news.example,2026:story:").count(), 3);
    let own = "<id>tag:news.example,2026:output:all</id>";
    let planet = ours.replacen(own, "<id>tag:planet.example,2020:feed</id>", 1);
    let planet = planet.replacen("https://news.example/", "https://planet.example/", 2);
    test.origin.say("/planet", Reply::feed(planet));
    test.run_for(DAY).await;
    assert_eq!(totals(&mut test), (3, 3));
    test.finish().await;
}

/// Reports of a feed, so many of them.
fn reports(number: usize) -> String {
    let reports: Vec<(String, String)> = (0..number)
        .map(|number| (format!("n{number}"), format!("Report {number} of the year")))
        .collect();
    let items = reports
        .iter()
        .map(|(guid, title)| (guid.as_str(), title.as_str(), 5));
    rss("a", &items.collect::<Vec<_>>())
}

/// R15: a machine that starts with a clock of next year removes nothing by it, and goes on where it was.
#[tokio::test]
async fn r15_a_start_by_a_clock_that_leapt_removes_nothing() {
    let feed =
        "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a\"\nschedule = \"every 24h\"\nretention = \"30d\"\n";
    let mut test = TestDaemon::start(feed).await;
    test.origin.say(
        "/a",
        Reply::feed(rss("a", &[("a1", "Harbour reopens after storm", 4)])),
    );
    test.run_due().await;
    test.origin.say(
        "/a",
        Reply::feed(rss("a", &[("a2", "Museum returns stolen bronze", 4)])),
    );
    test.run_for(DAY).await;
    let again = rss("a", &[("a2", "Museum returns stolen bronze", 4)]) + "<!-- again -->";
    test.origin.say("/a", Reply::feed(again));
    test.run_for(2 * DAY).await;
    test.clock.jump(400 * DAY);
    for _ in 0..2 {
        test.restart().await;
        test.run_for(DAY).await;
        assert_eq!(totals(&mut test), (2, 2));
    }
    test.clock.jump(-402 * DAY);
    test.restart().await;
    test.run_for(DAY).await;
    assert_eq!(totals(&mut test), (2, 2));
    test.run_for(31 * DAY).await;
    assert_eq!(
        totals(&mut test),
        (1, 1),
        "what is too old goes all the same"
    );
    test.finish().await;
}

/// Lets a month pass in which the feed `a` lists what it listed, in other bytes.
async fn month(test: &mut TestDaemon, round: usize) {
    let document = format!("{}<!-- {round} -->", reports(50));
    test.origin.say("/a", Reply::feed(document));
    let reports = test.run_for(30 * DAY).await;
    let news = reports.iter().map(|it| it.counts.new + it.counts.copies);
    assert_eq!(news.sum::<u32>(), u32::from(round == 0), "{round}");
}

/// R15: what a feed lists beyond its limit leaves within minutes and stays away, through 400 days of keys.
#[tokio::test]
async fn r15_a_feed_that_floods_is_cut_back_and_brings_nothing_back() {
    let feeds = "[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a\"\nschedule = \"every 24h\"\nmax-entries = 10\n\
                 [[feed]]\nid = \"b\"\nurl = \"ORIGIN/b\"\nschedule = \"every 24h\"\nretention = \"7d\"\n";
    let mut test = TestDaemon::start(feeds).await;
    test.origin.say("/a", Reply::feed(reports(5)));
    test.origin.say(
        "/b",
        Reply::feed(rss("b", &[("b1", "Harbour reopens after storm", 4)])),
    );
    test.run_due().await;
    assert_eq!(totals(&mut test).0, 6);
    test.origin.say("/a", Reply::feed(reports(50)));
    test.run_for(DAY).await;
    // One of the other feed beside the ten.
    assert_eq!(totals(&mut test), (11, 11));
    let published = test.output("/all.atom");
    assert_eq!(published.matches("<entry").count(), 11);
    test.origin.say(
        "/b",
        Reply::feed(rss("b", &[("b2", "Museum returns stolen bronze", 4)])),
    );
    for round in 0..12 {
        month(&mut test, round).await;
    }
    // The one that its feed dropped is gone, and what it lists stays.
    assert_eq!(totals(&mut test), (11, 11));
    test.origin.say(
        "/b",
        Reply::feed(rss("b", &[("b1", "Harbour reopens after storm", 4)])),
    );
    test.run_for(2 * DAY).await;
    assert_eq!(totals(&mut test), (10, 10));
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap();
    let told = place.print(&["explain", "https://b1.example/b1", "--state", state]);
    for words in [
        "was here from 2026-11-24 ",
        "purged by retention",
        "its keys are kept while the feed lists it",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    // Longer than keys are kept of what no feed lists; what the other feed listed is over meanwhile.
    for round in 12..15 {
        month(&mut test, round).await;
    }
    assert_eq!(totals(&mut test), (10, 10));
    test.finish().await;
}
