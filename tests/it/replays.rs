//! A history through the real binary: what becomes of an entry is up to what was before it in the file.

use crate::program::Place;
use serde_json::{Value, json};

/// Entries of the history.
const ENTRIES: usize = 20;

/// Lines of it: each entry is edited often, and far more lines than the writer's queue takes.
const LINES: usize = 400;

/// Says the time of a line, one a minute.
fn at(line: usize) -> String {
    format!("2026-03-01T{:02}:{:02}:00Z", line / 60, line % 60)
}

/// The title of an entry that came with a line.
fn title(line: usize) -> String {
    format!("Ferry {} has {line} passengers aboard", line % ENTRIES)
}

/// Replays the history in a new place and returns what is exported then.
fn exported() -> String {
    let place = Place::new("");
    let line = |number: usize| {
        let entry = json!({
            "id": format!("ferry-{}", number % ENTRIES),
            "url": format!("https://harbour.example/ferry-{}", number % ENTRIES),
            "title": title(number),
        });
        json!({"feed": "harbour", "at": at(number), "entry": entry}).to_string()
    };
    let lines: Vec<String> = (0..LINES).map(line).collect();
    place.write("history.jsonl", lines.join("\n"));
    place.print(&["replay", "history.jsonl"]);
    place.print(&["export"])
}

/// Checks that every entry was first seen where it first stands, and says what it said last.
fn check(export: &str) {
    let rows: Vec<Value> = export
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), ENTRIES);
    for (number, row) in rows.iter().enumerate() {
        assert_eq!(row["entry_id"], format!("ferry-{number}"), "{row:#}");
        assert_eq!(row["first_seen"], at(number), "{row:#}");
        assert_eq!(row["title"], title(LINES - ENTRIES + number), "{row:#}");
    }
}

#[test]
fn a_replay_is_stored_in_the_order_of_the_file() {
    let export = exported();
    check(&export);
    assert_eq!(exported(), export);
}

/// A hub and a paper that carry one report, the hub first, as a history that names them so.
fn told_twice(hub: &str, paper: &str) -> String {
    let line = |feed: &str, minute: u32, text: &str| {
        let entry = json!({
            "id": format!("report-{minute}"),
            "url": "https://wire.example/keeper",
            "title": "Lighthouse keeper finds a message after ninety years",
            "content_text": text,
        });
        json!({"feed": feed, "at": format!("2026-03-01T00:{minute:02}:00Z"), "entry": entry})
            .to_string()
    };
    let long =
        "A bottle from 1936 washed ashore below the cliffs, with greetings for whoever finds it.";
    [
        line(hub, 1, long),
        line(paper, 2, "A bottle from 1936, with greetings."),
    ]
    .join("\n")
}

/// The feed whose entry tells the only article.
fn told_by(place: &Place) -> String {
    let explained = place.print(&["explain", "https://wire.example/keeper", "--format", "json"]);
    // The entry that tells an article stands for it.
    let [told] = explained.lines().collect::<Vec<_>>().try_into().unwrap();
    let told: Value = serde_json::from_str(told).unwrap();
    told["entry"]["feed"].as_str().unwrap().to_owned()
}

/// What feeds.toml says of feeds decides what a replay shows, whether they go by id or by address.
#[test]
fn a_replay_goes_by_the_outlets_of_the_configuration() {
    let feed = |id: &str, more: &str| {
        format!(
            "[[feed]]\nid = \"{id}\"\nurl = \"https://{id}.example/feed?utm_source=x\"\n{more}\n"
        )
    };
    let aggregated = feed("hub", "role = \"aggregator\"") + &feed("paper", "role = \"original\"");
    let by_address = ("https://HUB.example/feed", "http://paper.example/feed/");
    for (config, (hub, paper), lead) in [
        (aggregated.clone(), ("hub", "paper"), "paper"),
        (aggregated, by_address, "paper"),
        // Of equals the first.
        (
            feed("hub", "") + &feed("paper", ""),
            ("hub", "paper"),
            "hub",
        ),
        (String::new(), by_address, by_address.0),
    ] {
        let place = Place::new(&config);
        place.write("history.jsonl", told_twice(hub, paper));
        place.print(&["replay", "history.jsonl"]);
        assert_eq!(told_by(&place), lead, "{hub}");
    }
}

/// Another word of the operator reaches what was replayed before, and a daemon's feeds are as they were.
#[test]
fn a_replay_has_what_is_stored_told_by_its_outlets() {
    let feed = |id: &str, role: &str| {
        format!("[[feed]]\nid = \"{id}\"\nurl = \"https://{id}.example/feed\"\nrole = \"{role}\"\n")
    };
    let place = Place::new(&(feed("hub", "original") + &feed("paper", "original")));
    place.write("history.jsonl", told_twice("hub", "paper"));
    place.print(&["replay", "history.jsonl"]);
    assert_eq!(told_by(&place), "hub");
    place.write(
        "feeds.toml",
        feed("hub", "rewrite") + &feed("paper", "original"),
    );
    place.write("nothing.jsonl", "");
    place.print(&["replay", "nothing.jsonl"]);
    assert_eq!(told_by(&place), "paper");
}

/// Nothing of a file is stored that names a feed by a secret, by nothing, or is yet to come (S7).
#[test]
fn s7_a_history_that_cannot_be_published_is_not_stored() {
    let line = |feed: &str, at: &str| {
        let entry = json!({"id": "a", "title": "Ferry"});
        json!({"feed": feed, "at": at, "entry": entry}).to_string()
    };
    let then = "2026-03-01T00:00:00Z";
    for (text, why) in [
        (
            line("https://ann:canary@harbour.example/", then),
            "an address with a secret in it",
        ),
        (
            line("https://harbour.example/?token=canary", then),
            "an address with a secret in it",
        ),
        (
            line("https://harbour.example/5d41d8cd98f00b204e98/feed", then),
            "an address with a secret",
        ),
        (line("", then), "`feed` is empty"),
        (
            line("har\u{1b}bour", then),
            "`feed` holds a control character",
        ),
        (line(&"h".repeat(2000), then), "`feed` is longer"),
        (line("harbour", "2099-01-01T00:00:00Z"), "is yet to come"),
    ] {
        let place = Place::new("");
        let good = line("https://harbour.example/feed", then);
        place.write("history.jsonl", format!("{good}\n{text}\n"));
        let said = place.fail(&["replay", "history.jsonl"], 1);
        assert!(said.contains(why), "{said}");
        assert!(!said.contains("canary"), "{said}");
        assert!(!place.path().join("state/merganser.db").exists(), "{said}");
    }
}

/// A database is never older than the first that is known.
#[test]
fn a_history_without_a_line_is_of_now() {
    let place = Place::new("");
    place.write("history.jsonl", "");
    place.print(&["replay", "history.jsonl"]);
    place.print(&["publish", "out"]);
    let atom = std::fs::read_to_string(place.path().join("out/all.atom")).unwrap();
    assert!(!atom.contains("<updated>1970-"), "{atom}");
}
