//! What docs/cli.md tells of the JSON of commands is what they print.

use crate::origin::{Origin, Reply};
use crate::program::Place;
use crate::test_daemon::rss;
use merganser::clock::ManualClock;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is told in its own place: entries as `export` prints them, hints as `preview` does, evidence.
const ELSEWHERE: [&str; 7] = [
    "entry", "copies", "reports", "evidence", "excluded", "missing", "hints",
];

/// Returns the names in the blocks of a section.
fn documented(section: &str) -> BTreeSet<String> {
    let path = format!("{}/docs/cli.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(path).unwrap();
    let (_, section) = page.split_once(&format!("\n### {section}\n\n")).unwrap();
    let section = section.split("\n#").next().unwrap();
    let blocks = section.split("```text\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    let names = blocks.flat_map(|block| block.split('"').skip(1).step_by(2));
    let names = names.filter(|name| !["PATH", "TEXT"].contains(name));
    names.map(ToOwned::to_owned).collect()
}

/// Collects the names of members, but of what is told elsewhere.
fn members(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                if !ELSEWHERE.contains(&name.as_str()) {
                    members(value, names);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| members(value, names)),
        _ => {}
    }
}

/// Returns the names of members of all objects that commands print.
fn printed(place: &Place, commands: &[&[&str]]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for arguments in commands {
        let output = place.run(&[*arguments, &["--format", "json"]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty(), "{arguments:?}");
        for line in text.lines() {
            members(&serde_json::from_str(line).unwrap(), &mut names);
        }
    }
    names
}

/// Returns a place with two feeds that have one article, which was edited, and one that is not there; and what its first
/// poll printed.
async fn polled_twice() -> (Place, BTreeSet<String>, Origin) {
    let start = "2026-11-24T06:00:00Z".parse().unwrap();
    let origin = Origin::start(Arc::new(ManualClock::new(start))).await;
    let feeds = ["one", "two", "none"].map(|id| {
        let url = origin.url(&format!("/{id}"));
        format!("[[feed]]\nid = \"{id}\"\nurl = \"{url}\"\n")
    });
    let place = Place::new(&format!(
        "[fetch]\nallow-networks = [\"127.0.0.0/8\"]\nhost-gap = \"0s\"\n\
         [[topic]]\nname = \"port\"\nquery = 'harbour'\n{}",
        feeds.concat()
    ));
    let say = |title: &str| {
        let items = [("item", title, 5)];
        origin.say("/one", Reply::feed(rss("one", &items)));
        origin.say("/two", Reply::feed(rss("two", &items)));
    };
    say("Harbour reopens");
    let polled = printed(&place, &[&["poll", "--all"]]);
    say("Harbour of Mumbai reopens after the storm");
    place.run(&["poll", "--all"]);
    place.write("text.txt", "Harbour reopens\n\nToday.\n");
    (place, polled, origin)
}

/// Of each section all members are printed, but those of what this place has not, and none beside them.
#[tokio::test(flavor = "multi_thread")]
async fn the_json_of_commands_is_documented() {
    let (place, polled, _origin) = polled_twice().await;
    let explain = ["explain", "https://item.example/item"];
    for (section, printed, lacking) in [
        (
            "status",
            printed(&place, &[&["status"]]),
            &[
                "at",
                "read",
                "all",
                "path",
                "behind",
                "adopted",
                "first_seen",
                "sightings",
                "sighted",
                "given_up",
            ][..],
        ),
        ("why", printed(&place, &[&["why", "one"]]), &[]),
        ("poll", polled, &["accepted", "unpolled", "more_unpolled"]),
        (
            "explain",
            printed(&place, &[&explain, &["explain", "--file", "text.txt"]]),
            &[
                "best",
                "reports",
                "reason",
                "members",
                "tombstone",
                "entry_id",
                "first_seen",
                "purged",
                "left",
                "kept_until",
            ],
        ),
    ] {
        let mut expected = printed;
        if section == "why" {
            // As `status` has it.
            let feed = documented("status");
            expected.retain(|name| !feed.contains(name) || documented("why").contains(name));
        }
        expected.extend(lacking.iter().map(|name| (*name).to_owned()));
        assert_eq!(documented(section), expected, "{section}");
    }
    let one = printed(&place, &[&["status", "one"]]);
    assert!(
        one.contains("feed") && one.contains("guid_health"),
        "{one:?}"
    );
}
