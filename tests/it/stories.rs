//! A visit of state as a dozen outlets tell it, through the real binary: which of it is one story.

use crate::program::Place;
use serde_json::Value;
use std::collections::BTreeMap;

/// What came of the texts in `tests/stories/visit.jsonl`: their part in it, and their rows of the export.
fn visit() -> Vec<(String, Value)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories/visit.jsonl");
    let texts = std::fs::read_to_string(file).unwrap();
    let mut texts: Vec<Value> = texts
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    texts.sort_by_key(|text| text["at"].to_string());
    let lines: Vec<String> = texts.iter().map(line).collect();
    let place = Place::new("");
    place.write("history.jsonl", lines.join("\n"));
    place.print(&["replay", "history.jsonl"]);
    let export = place.print(&["export"]);
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
