//! `merganser why ID`: the last polls of a feed as a story (P44), beside a daemon that runs.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use serde_json::Value;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// What the program says of a state, in one line of words.
pub(crate) fn say(test: &TestDaemon, arguments: &[&str]) -> String {
    let place = Place::new(&test.config);
    let state = test.state().to_str().unwrap();
    place.print(&[arguments, &["--state", state]].concat())
}

/// P44: quiet polls are told as one, news and failures stand out, each with what followed and why.
#[tokio::test]
async fn p44_why_tells_the_polls_of_a_feed_as_a_story() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let ttl = "<ttl>90</ttl><skipHours><hour>2</hour></skipHours></channel>";
    let document =
        |items: &[(&str, &str, u32)]| Reply::feed(rss("a", items).replace("</channel>", ttl));
    test.origin.say("/a.xml", document(&[("one", "First", 5)]));
    test.run_for(hours(24)).await;
    let two = [("two", "Second", 6), ("one", "First, put right", 5)];
    test.origin.say("/a.xml", document(&two));
    test.run_for(hours(12)).await;
    test.origin.say("/a.xml", Reply::status(503));
    test.run_for(hours(12)).await;

    let story = say(&test, &["why", "a-xml"]);
    for words in [
        "feed       a-xml",
        "asks       a copy may be kept for 90 min; nothing new at hours 2 UTC",
        "503 Service Unavailable",
        "24 Nov 06:00 ",
        "1 new; ",
        "1 new, 1 revised; ",
        " polls without news (304), every 1 h ",
        ". Next: the feed's ttl is 1 h 30 min",
        " times: 503 Service Unavailable. Next: ",
        " failure in a row: paused ",
        "What to do:\n  -  nothing, it is tried again: the fault is at the publisher's",
    ] {
        assert!(story.contains(words), "{words} in\n{story}");
    }
    let short = story.lines().filter(|line| line.starts_with("  ")).count();
    assert!(short <= 7, "{story}");

    let facts = say(&test, &["status", "a-xml"]);
    assert!(facts.contains("state      failing"), "{facts}");
    assert!(facts.contains("`merganser why a-xml`"), "{facts}");
    assert!(!facts.contains("304"), "{facts}");
    let place = Place::new(&test.config);
    assert!(place.fail(&["why", "nobody"], 74).contains("database"));
    test.finish().await;
}

/// P44: programs get every poll that is remembered, with all that is known of it.
#[tokio::test]
async fn p44_why_gives_programs_all_polls() {
    let config = "[[feed]]\nid = \"a-xml\"\nurl = \"ORIGIN/a.xml\"\nschedule = \"every 15m\"\n";
    let mut test = TestDaemon::start(config).await;
    let reply = Reply::feed(rss("a", &[("one", "First", 5)]));
    test.origin.say("/a.xml", reply);
    test.run_for(hours(72)).await;
    let told = say(&test, &["why", "a-xml", "--format", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let polls = told["polls"].as_array().unwrap();
    assert_eq!(polls.len(), 200);
    let at = |poll: &Value| poll["at"].as_str().unwrap().to_owned();
    assert!(polls.windows(2).all(|pair| at(&pair[0]) > at(&pair[1])));
    let last = &polls[0];
    assert_eq!(last["outcome"], "not-modified");
    assert_eq!(last["status"], 304);
    assert_eq!(last["new"], 0);
    assert_eq!(last["revised"], 0);
    assert_eq!(last["reason"], "every 15 min by feeds.toml");
    assert!(last["next_due"].is_string() && last["elapsed_ms"].is_u64());
    assert!(last["bytes"].is_u64());
    assert_eq!(told["feed"]["id"], "a-xml");
    test.finish().await;
}

/// What a feed is found behind is told, but not where it led, which may hold a secret.
#[tokio::test]
async fn why_tells_redirects() {
    let config = "[[feed]]\nid = \"a-xml\"\nurl = \"ORIGIN/a.xml\"\n";
    let mut test = TestDaemon::start(config).await;
    for (from, status, to) in [
        ("/a.xml", 302, "/b.xml?key=cherry"),
        ("/b.xml?key=cherry", 301, "/c.xml"),
    ] {
        test.origin
            .say(from, Reply::status(status).header("location", to));
    }
    test.origin
        .say("/c.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    test.run_for(hours(1)).await;
    let told = say(&test, &["why", "a-xml", "--format", "json"]);
    let object: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        object["polls"][0]["redirects"],
        serde_json::json!([302, 301])
    );
    let sentences = say(&test, &["why", "a-xml"]);
    assert!(
        sentences.contains(", behind 2 redirects (302, 301)"),
        "{sentences}"
    );
    assert!(![told, sentences].concat().contains("cherry"));
    test.finish().await;
}

/// What helps is named as what does it: the key for who asks, and the command for what is to leave.
#[tokio::test]
async fn why_names_what_helps() {
    let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml", "/c.xml"]).await;
    test.origin.say("/a.xml", Reply::status(401));
    test.origin.say("/b.xml", Reply::status(410));
    test.origin.say("/c.xml", Reply::status(403));
    test.run_for(hours(60)).await;
    for (id, words) in [
        ("a-xml", "by `auth` in feeds.toml"),
        ("b-xml", "`merganser remove b-xml` takes it out"),
        ("b-xml", "`merganser poll --force b-xml`"),
        ("c-xml", "(`auth` or `headers` in feeds.toml)"),
    ] {
        assert_advised(&test, id, words);
    }
    test.finish().await;
}

/// What ended a poll without being a failure of the feed is told of, too, with what comes of it.
#[tokio::test]
async fn why_does_not_call_well_what_was_refused() {
    let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml"]).await;
    for path in ["/a.xml", "/b.xml"] {
        let feed = rss("a", &[("one", "First", 5)]);
        test.origin.say(path, Reply::feed(feed));
    }
    test.run_for(hours(1)).await;
    // Its host was asked for the other one a moment before.
    test.origin.say("/b.xml", Reply::status(429));
    test.run_for(hours(1) / 6).await;
    assert_advised(&test, "b-xml", "its host is asked more slowly from now on");
    test.origin.say("/a.xml", Reply::status(410));
    test.run_for(hours(3)).await;
    assert_advised(
        &test,
        "a-xml",
        "which is believed when it says so once more",
    );
    test.finish().await;
}

/// Asserts that something is advised for a feed.
#[track_caller]
fn assert_advised(test: &TestDaemon, id: &str, words: &str) {
    // Long lines are broken.
    let story = say(test, &["why", id]);
    let story = story.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(story.contains(words), "{words} in\n{story}");
    assert!(!story.contains("all is well"), "{story}");
}

/// A feed that was never polled, and one that the file does not name.
#[test]
fn why_of_nothing() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://feeds.example.org/a.xml\"\nenabled = false\n";
    let place = Place::new(feed);
    place.write("history.jsonl", "");
    place.print(&["replay", "history.jsonl"]);
    let story = place.print(&["why", "a"]);
    assert!(story.contains("`merganser enable a`"), "{story}");
    assert!(!story.contains("polls"), "{story}");
    assert!(place.fail(&["why", "b"], 1).contains("no feed `b`"));
}

/// P15: a cron line is kept after a failure, which is told where the feed is told of, and needs somebody where it comes in years.
#[tokio::test(flavor = "multi_thread")]
async fn p15_a_failure_does_not_hasten_a_rare_cron_line() {
    let origin = crate::origin::Origin::start(std::sync::Arc::new(
        merganser::clock::ManualClock::new(crate::test_daemon::START.parse().unwrap()),
    ))
    .await;
    origin.say("/a.xml", Reply::status(503));
    let place = Place::new(&format!(
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n[[feed]]\nid = \"rare\"\nurl = \"{}\"\n\
         schedule = \"0 9 29 2 *\"\n",
        origin.url("/a.xml")
    ));
    place.run(&["poll"]);
    for (command, words) in [
        (
            &["check"][..],
            "a poll that fails is not tried again before",
        ),
        (
            &["why", "rare"],
            "its cron line is kept: it is tried again on 20",
        ),
        (
            &["why", "rare"],
            "and before by `merganser poll rare` alone",
        ),
        (
            &["status", "rare"],
            "by feeds.toml, which is kept after a failure, too",
        ),
        (&["status"], "its schedule has it asked again on 20"),
    ] {
        let output = place.run(command);
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(words), "{command:?} {words}: {told}");
    }
}

/// P17: nothing leads to a poll by hand that would be refused.
#[tokio::test(flavor = "multi_thread")]
async fn p17_no_advice_to_poll_before_the_origin_is_ready() {
    let origin = crate::origin::Origin::start(std::sync::Arc::new(
        merganser::clock::ManualClock::new(crate::test_daemon::START.parse().unwrap()),
    ))
    .await;
    let month = Reply::status(500).header("retry-after", "2592000");
    origin.say("/a.xml", month);
    let place = Place::new(&format!(
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n[[feed]]\nid = \"rare\"\nurl = \"{}\"\n\
         schedule = \"0 9 29 2 *\"\n",
        origin.url("/a.xml")
    ));
    place.run(&["poll"]);
    for (command, words, is_told) in [
        (&["poll", "rare"][..], "its origin asked us to wait", true),
        (&["why", "rare"], "its cron line is kept", true),
        (&["why", "rare"], "merganser poll rare", false),
        (&["status"], "merganser poll rare", false),
    ] {
        let output = place.run(command);
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(told.contains(words), is_told, "{command:?}: {told}");
    }
}
