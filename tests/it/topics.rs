//! What `merganser topics` tells of the topics, by the real binary.

use crate::program::Place;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const CONFIG: &str = r#"
[[feed]]
id = "a"
url = "https://a.example/feed"
[[topic]]
name = "zoo"
title = "From the zoo"
query = "pangolin OR heron"
[[topic]]
name = "birds"
query = "heron"
[[topic]]
name = "bridges"
query = "bridge"
[[topic]]
name = "silent"
query = "quagga"
"#;

/// A history of entries that came so many hours ago.
fn history(now: Timestamp, entries: &[(i64, &str)]) -> String {
    let line = |(number, (hours, title)): (usize, &(i64, &str))| {
        let at = now - SignedDuration::from_hours(*hours);
        let entry = json!({ "id": number.to_string(), "title": title, "url": format!("https://a.example/{number}") });
        format!(
            "{}\n",
            json!({ "feed": "a", "at": at.to_string(), "entry": entry })
        )
    };
    entries.iter().enumerate().map(line).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program that is tested goes by the time of day"
)]
fn stored() -> (Place, Timestamp) {
    let place = Place::new(CONFIG);
    let now = Timestamp::now();
    let entries = [
        (24 * 7, "Pangolin crosses the road"),
        (30, "Heron lands on the bridge"),
        (1, "Heron leaves again"),
        (1, "Parliament votes on the budget"),
    ];
    place.write("history.jsonl", history(now, &entries));
    place.print(&["replay", "history.jsonl"]);
    (place, now)
}

fn objects(place: &Place) -> Vec<Value> {
    let printed = place.print(&["topics", "--format", "json"]);
    let lines = printed.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn topics_are_counted_for_people_and_for_programs() {
    let (place, now) = stored();
    let table = place.print(&["topics", "--format", "table"]);
    let expected = "\
topic    title         articles  last day  newest    shares most with
zoo      From the zoo  3         1         1 h ago   birds 2, bridges 1
birds    birds         2         1         1 h ago   zoo 2, bridges 1
bridges  bridges       1         0         30 h ago  zoo 1, birds 1
silent   silent        0         0         never     -
";
    assert_eq!(table, expected);
    let plain = place.print(&["topics"]);
    let lines: Vec<Vec<&str>> = plain
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(lines.len(), 4);
    let mut zoo = lines[0].clone();
    let newest: Timestamp = zoo.remove(4).parse().unwrap();
    assert_eq!(
        zoo,
        [
            "zoo",
            "From the zoo",
            "3",
            "1",
            "birds 2, bridges 1",
            "applied"
        ]
    );
    let hour = SignedDuration::from_hours(1);
    assert!(now.duration_since(newest) - hour < SignedDuration::from_secs(1));
    assert_eq!(lines[3], ["silent", "silent", "0", "0", "", "", "applied"]);
    let silent = json!({
        "topic": "silent", "title": "silent", "articles": 0, "articles_last_day": 0, "newest": null, "shared": [],
        "applied": true,
    });
    let objects = objects(&place);
    assert_eq!(objects[3], silent);
    let shared =
        json!([{ "topic": "birds", "articles": 2 }, { "topic": "bridges", "articles": 1 }]);
    assert_eq!(objects[0]["shared"], shared);
}

/// A rule that was changed, and one that is new, are not those by which was counted, and that is said.
#[test]
fn rules_that_are_not_applied_yet_are_told() {
    let (place, _) = stored();
    let changed = CONFIG.replace("query = \"heron\"", "query = \"stork\"");
    let new = "[[topic]]\nname = \"budget\"\nquery = \"budget\"\n";
    place.write("feeds.toml", format!("{changed}{new}"));
    let table = place.print(&["topics", "--format", "table"]);
    for words in [
        "not applied to what is stored yet: `birds`, `budget`. ",
        "`merganser reload --wait` where a daemon runs",
    ] {
        assert!(table.contains(words), "{words} in\n{table}");
    }
    let objects = objects(&place);
    let told: Vec<(&Value, &Value)> = objects
        .iter()
        .map(|it| (&it["articles"], &it["applied"]))
        .collect();
    let expected = [
        (json!(3), json!(true)),
        (json!(2), json!(false)),
        (json!(1), json!(true)),
        (json!(0), json!(true)),
        (json!(0), json!(false)),
    ];
    assert!(
        told.into_iter().eq(expected
            .iter()
            .map(|(articles, applied)| (articles, applied)))
    );
}

/// `status` names the topics that hold most, counts feeds by state, and tells programs all of it.
#[test]
fn status_tells_how_much_there_is() {
    let (place, _) = stored();
    let status = place.print(&["status"]);
    for line in [
        "merganser 0.1.0: no daemon runs",
        "feeds     1: 1 new",
        "articles  4, 2 of the last day; 4 entries, 0 stories",
        "topics    zoo 3, birds 2, bridges 1, silent 0",
        "database  ",
    ] {
        let line = line.replace("0.1.0", env!("CARGO_PKG_VERSION"));
        assert!(status.contains(&line), "{line} in\n{status}");
    }
    let told = place.print(&["status", "--format", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    for (member, expected) in [
        ("pid", Value::Null),
        ("up_since", Value::Null),
        ("config_since", Value::Null),
        ("daemon_version", Value::Null),
        ("articles", json!(4)),
        ("articles_last_day", json!(2)),
        ("stories", json!(0)),
    ] {
        assert_eq!(told[member], expected, "{member}");
    }
    let by_state = json!({ "ok": 0, "new": 1, "failing": 0, "gone": 0, "disabled": 0 });
    assert_eq!(told["feeds_by_state"], by_state);
    assert_eq!(
        told["topics"][1],
        json!({ "topic": "birds", "articles": 2 })
    );
    assert!(told["log_bytes"].as_u64() < told["bytes"].as_u64());
    let more = (0..7).map(|it| format!("[[topic]]\nname = \"t{it}\"\nquery = \"word{it}\"\n"));
    place.write(
        "feeds.toml",
        format!("{CONFIG}{}", more.collect::<String>()),
    );
    let status = place.print(&["status"]);
    let words = "t0 0, t1 0, and 5 more: `merganser topics`\n";
    assert!(status.contains(words), "{status}");
}

/// Before anything is stored the topics are listed all the same; without topics, it is said what one is.
#[test]
fn topics_are_listed_before_anything_is_stored() {
    let place = Place::new(CONFIG);
    let table = place.print(&["topics", "--format", "table"]);
    assert!(
        table.contains("bridges  bridges       0         0         never"),
        "{table}"
    );
    assert!(table.contains("nothing is stored yet"), "{table}");
    assert_eq!(objects(&place)[0]["applied"], json!(false));
    place.write(
        "feeds.toml",
        "[[feed]]\nid = \"a\"\nurl = \"https://a.example/feed\"\n",
    );
    let none = place.print(&["topics", "--format", "table"]);
    assert!(none.contains("no topic in feeds.toml"), "{none}");
    assert_eq!(place.print(&["topics"]), "");
}

/// `check` tells of a topic to which nothing came for a month, where the database has been filled for longer and knows the topic as the
/// file has it.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the program that is tested goes by the time of day"
)]
fn check_tells_of_a_silent_topic() {
    let now = Timestamp::now();
    let told = |place: &Place| {
        let checked = place.print(&["check", "--format", "json"]);
        let checked: Value = serde_json::from_str(&checked).unwrap();
        let problems = checked["problems"].as_array().unwrap().iter();
        let silent = problems.filter(|it| it["code"] == "silent-topic");
        silent
            .map(|it| it["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let says = |name: &str| format!("`{name}` has nothing of the last 30 days");
    for (days, expected) in [
        (20, Vec::new()),
        (40, vec![says("bridges"), says("silent")]),
    ] {
        let place = Place::new(CONFIG);
        assert!(told(&place).is_empty(), "there is no database");
        let (long_ago, lately) = (24 * days, 1);
        let entries = [
            (long_ago, "The bridge is closed"),
            (lately, "Heron leaves again"),
        ];
        place.write("history.jsonl", history(now, &entries));
        place.print(&["replay", "history.jsonl"]);
        assert_eq!(told(&place), expected, "{days}");
        // What is kept for less may have come and be gone.
        for table in ["storage", "defaults"] {
            let short = format!("{CONFIG}[{table}]\nretention = \"29d\"\n");
            place.write("feeds.toml", short);
            assert!(told(&place).is_empty(), "{days} {table}");
        }
        // What the file has now is not what was looked for.
        place.write("feeds.toml", CONFIG.replace("quagga", "quaggas"));
        assert!(!told(&place).contains(&says("silent")), "{days}");
    }
}
