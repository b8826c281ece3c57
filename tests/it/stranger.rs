//! The way of somebody who has only the README: what it says is typed as it stands there.

use crate::origin::{Origin, Reply};
use crate::program::{Place, Running};
use merganser::clock::ManualClock;
use std::sync::Arc;

/// What the README needs beside it here: feeds on loopback, and a port of its own.
pub(crate) const LOOPBACK: &str =
    "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow-networks = [\"127.0.0.0/8\"]\n";

/// What stands in the place of this at the origin.
pub(crate) const SITE: &str = "https://harbour-wire.example";

/// Returns the blocks of code of a section, each with its language.
fn blocks<'t>(page: &'t str, heading: &str) -> Vec<(&'t str, &'t str)> {
    let (_, section) = page.split_once(&format!("## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let code = section.split("```").skip(1).step_by(2);
    code.map(|block| block.split_once('\n').unwrap()).collect()
}

/// Serves the feed that the README speaks of.
pub(crate) async fn harbour_wire() -> Origin {
    let start = "2026-11-24T06:00:00Z".parse().unwrap();
    let origin = Origin::start(Arc::new(ManualClock::new(start))).await;
    let item = format!(
        "<item><title>Harbour reopens after the storm</title><link>{}</link>\
         <pubDate>Tue, 24 Nov 2026 05:00:00 GMT</pubDate></item>",
        origin.url("/reopens")
    );
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>Harbour Wire</title><link>{}</link>\
         <description>News</description>{item}</channel></rss>",
        origin.url("/")
    );
    origin.say("/world.rss", Reply::feed(feed));
    origin
}

/// Types a line, and returns what is printed; what runs on is kept.
fn typed(place: &Place, line: &str, running: &mut Option<Running>) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[0], "merganser", "{line}");
    if words[1] != "run" {
        return place.print(&words[1..]);
    }
    let mut daemon = Running::start(place);
    daemon.wait_for("serving at");
    *running = Some(daemon);
    String::new()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_leads_to_a_feed_and_a_topic() {
    let origin = harbour_wire().await;
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let place = Place::new(LOOPBACK);
    let (mut running, mut told) = (None, String::new());
    for (language, block) in blocks(&readme, "Your own feeds") {
        if language == "toml" {
            let before = std::fs::read_to_string(place.path().join("feeds.toml")).unwrap();
            place.write("feeds.toml", format!("{before}\n{block}"));
            continue;
        }
        for line in block.lines() {
            let line = line.replace(SITE, origin.url("/").trim_end_matches('/'));
            told.push_str(&typed(&place, &line, &mut running));
        }
    }
    assert!(running.is_some(), "{told}");
    for words in [
        "added `harbour-wire`",
        "1 feed: 1 modified",
        "good: 1 feed, 1 topic, 2 outputs",
        "harbours: new: 1 enter, 0 leave",
        "feeds.toml was reloaded: 1 feed",
        "harbours: in, score",
        "nothing, all is well",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
}

/// What other services call their commands leads to what is done here.
#[test]
fn commands_of_other_services_are_understood() {
    let place = Place::new(LOOPBACK);
    for (name, words) in [
        ("stop", "Ctrl-C ends it"),
        ("start", "`merganser run` is the daemon"),
        ("serve", "`merganser run` is the daemon"),
        ("restart", "`merganser reload --wait`"),
        ("version", "`merganser --version`"),
        ("rename", "under which the feed begins anew"),
        ("reindex", "applies changed topics to what is stored"),
        ("serch", "'search'"),
        ("-v", "`--version`"),
        ("status -v", "`merganser run -v`"),
        ("-q", "`merganser poll -q`"),
        ("run -q -v", "cannot be used with"),
        ("poll --al", "Usage: merganser poll [OPTIONS] [IDS]..."),
        ("-c feeds.toml", "`--config FILE`"),
        ("add a.example b.example", "`merganser import FILE`"),
        ("add a.example --topics x", "by its `query` in feeds.toml"),
        (
            "check --examples",
            "tries the examples of all topics each time",
        ),
        (
            "search --limit x storm",
            "`x` is no number that `--limit <N>`",
        ),
        (
            "search --limit -1 storm",
            "`-1` is no number that `--limit <N>`",
        ),
        (
            "search storm --since -1d",
            "write how long ago it was (`36h`",
        ),
        ("search storm -gulls", "`merganser search 'storm -gulls'`"),
        ("add a.example --pick -1", "`-1` is no number"),
        ("backup out --keep -1", "-1 is not in 1.."),
        ("backup -", "write a directory"),
        ("publish https://a.example/", "write a directory"),
    ] {
        let arguments: Vec<&str> = name.split(' ').collect();
        let told = place.fail(&arguments, 2);
        assert!(told.contains(words), "{name}: {told}");
    }
    for made in ["-", "https:", "out"] {
        assert!(!place.path().join(made).exists(), "{made}");
    }
}

/// Before there is anything, commands say how to begin.
#[test]
fn an_empty_folder_says_how_to_begin() {
    let place = Place::new(LOOPBACK);
    for (arguments, words) in [
        (
            ["list", "--format", "table"].as_slice(),
            "`merganser add ADDRESS` adds one",
        ),
        (&["list", "--format", "table", "--failing"], "no feed fails"),
    ] {
        let told = place.print(arguments);
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    place.print(&["poll"]);
    let told = place.print(&["plan"]);
    assert!(told.contains("nothing to plan"), "{told}");
    place.write("said.txt", "Harbour reopens after the storm");
    let told = place.print(&["explain", "--file", "said.txt"]);
    assert!(told.contains("topics: none"), "{told}");
    let refused = place.fail(&["poll", "nobody"], 1);
    assert!(
        refused.contains("`merganser list` lists the ids"),
        "{refused}"
    );
    std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
    let refused = place.fail(&["list"], 78);
    assert!(
        refused.contains("`merganser add ADDRESS` begins one"),
        "{refused}"
    );
}
