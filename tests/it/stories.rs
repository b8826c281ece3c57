//! A visit of state as a dozen outlets tell it, through the real binary: which of it is one story.

use crate::program::Place;
use serde_json::Value;
use std::collections::BTreeMap;

/// The texts in `tests/stories/visit.jsonl`, in the order in which they came.
fn texts() -> Vec<Value> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories/visit.jsonl");
    let texts = std::fs::read_to_string(file).unwrap();
    let mut texts: Vec<Value> = texts
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    texts.sort_by_key(|text| text["at"].to_string());
    texts
}

/// Replays texts in a new place.
fn replayed(texts: &[Value]) -> Place {
    let place = Place::new("");
    let lines: Vec<String> = texts.iter().map(line).collect();
    place.write("history.jsonl", lines.join("\n"));
    place.print(&["replay", "history.jsonl"]);
    place
}

/// What came of the texts: their part in the story, and their rows of the export.
fn visit() -> Vec<(String, Value)> {
    let texts = texts();
    let export = replayed(&texts).print(&["export"]);
    let rows = export
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows: BTreeMap<String, Value> = rows.map(|row| (row["title"].to_string(), row)).collect();
    let part = |text: &Value| {
        let row = rows[&text["title"].to_string()].clone();
        (text["role"].as_str().unwrap().to_owned(), row)
    };
    texts.iter().map(part).collect()
}

/// A line for `replay`.
fn line(text: &Value) -> String {
    let slug = text["title"]
        .as_str()
        .unwrap()
        .replace(|c: char| !c.is_alphanumeric(), "-");
    serde_json::json!({
        "feed": text["feed"],
        "at": text["at"],
        "entry": {
            "id": slug,
            "url": format!("https://{}.example/{slug}", text["feed"].as_str().unwrap()),
            "title": text["title"],
            "summary": text["summary"],
            "date_published": text["at"],
        },
    })
    .to_string()
}

#[test]
fn rewrites_and_reports_of_a_visit_are_one_story_and_other_news_is_not() {
    let texts = visit();
    assert_eq!(texts.len(), 16);
    let story = texts[0].1["story"].clone();
    assert!(story.is_string());
    for (role, row) in &texts {
        match role.as_str() {
            "apart" => assert_ne!(row["story"], story, "{row:#}"),
            _ => assert_eq!(row["story"], story, "{row:#}"),
        }
        assert_eq!(
            row["reason"]["code"], "new",
            "each is an article of its own: {row:#}"
        );
    }
}

#[test]
fn a_replay_comes_to_the_same_bytes() {
    let texts = texts();
    let all: Vec<String> = (0..2)
        .map(|_| replayed(&texts).print(&["export"]))
        .collect();
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0].lines().count(), texts.len());
}

#[test]
fn explain_tells_the_story_of_an_article() {
    let place = replayed(&texts());
    let told = place.print(&["explain", "https://kyiv-courier.example/Zelensky-condemns-Modi-s-hug-with-Putin-in-Moscow-after-hospital-strike"]);
    for words in [
        "story s1: 14 reports, told by 14 independent outlets\n",
        "  first reported by capital-agency (not in feeds.toml): India's Modi arrives in Moscow",
        "  this one is ",
        " % like ",
        "\n  2024-07-08 15:20 UTC  capital-agency ",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    let alone = place.print(&["explain", "https://chess-board.example/Teenager-from-Chennai-beats-Russian-champion-in-Prague-chess-final"]);
    assert!(
        alone.contains("\nstory: none; nothing else that is stored reports it\n"),
        "{alone}"
    );
}
