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
