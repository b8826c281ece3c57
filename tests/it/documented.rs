//! What docs/cli.md and the README tell of the JSON of commands is what they print, and what docs/operating.md tells of the
//! daemon's answers what it says.

use crate::asked::answering;
use crate::origin::{Origin, Reply};
use crate::program::{Place, QUIET};
use crate::test_daemon::rss;
use jiff::Timestamp;
use merganser::clock::ManualClock;
use merganser::control::{
    Answer, Awaited, InDoubt, Need, Polled, Queue, Resting, Running, Unpolled, Verdict,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is told in its own place: entries as `export` prints them, hints as `preview` does.
const ELSEWHERE: [&str; 4] = ["entry", "copies", "reports", "hints"];

/// Evidence, as `export` prints it, under the names that it has in other places.
const EVIDENCE: [&str; 3] = ["evidence", "excluded", "missing"];

/// What stands in a block for what may be anything.
const ANYTHING: [&str; 4] = ["PATH", "TEXT", "NAME", "ID"];

/// Two feeds of one id, the second of which is told with where the first is.
const TWICE: &str = "[[feed]]\nid = \"a\"\nurl = \"https://a.example/1\"\n\
                     [[feed]]\nid = \"a\"\nurl = \"https://a.example/2\"\n";

/// A feed whose entry has all that an entry may have.
const FULL: &str = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Full</title><id>urn:full</id>\
    <updated>2026-11-24T05:00:00Z</updated><entry><title>Harbour</title><id>urn:one</id><updated>2026-11-24T05:00:00Z</updated>\
    <author><name>A. Bea</name></author><category term=\"port\"/>\
    <link href=\"https://full.example/one\"/><link rel=\"enclosure\" href=\"https://full.example/one.mp3\"/></entry></feed>";

/// Returns what a page tells of something: from words in it up to where the next thing begins.
fn section(page: &str, begin: &str, end: &str) -> String {
    let path = format!("{}/{page}", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(path).unwrap();
    let (_, section) = page.split_once(begin).unwrap();
    section.split(end).next().unwrap().to_owned()
}

/// Returns the names of members in the objects that a section shows, in blocks or between backquotes.
fn names(section: &str) -> BTreeSet<String> {
    let blocks = section.split("```text\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    let spans = section.split('`').filter(|span| span.starts_with("{\""));
    let names = blocks
        .chain(spans)
        .flat_map(|text| text.split('"').skip(1).step_by(2));
    let names = names.filter(|name| !ANYTHING.contains(name));
    names.map(ToOwned::to_owned).collect()
}

/// Returns the names in a section of docs/cli.md.
fn documented(heading: &str) -> BTreeSet<String> {
    names(&section("docs/cli.md", &format!("\n{heading}\n\n"), "\n#"))
}

/// Returns the names in what the README tells of the format of a command.
fn formatted(command: &str) -> BTreeSet<String> {
    names(&section(
        "README.md",
        &format!("\n**`merganser {command} "),
        "\n\n**",
    ))
}

/// Collects the names of members, but of what is told elsewhere.
fn members(value: &Value, elsewhere: &[&str], names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                if !elsewhere.contains(&name.as_str()) {
                    members(value, elsewhere, names);
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                members(value, elsewhere, names);
            }
        }
        _ => {}
    }
}

/// Returns the names of members of all objects that commands print, but of what is told elsewhere.
fn printed_but(place: &Place, elsewhere: &[&str], commands: &[&[&str]]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for arguments in commands {
        let output = place.run(&[*arguments, &["--format", "json"]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty(), "{arguments:?}");
        for line in text.lines() {
            members(&serde_json::from_str(line).unwrap(), elsewhere, &mut names);
        }
    }
    names
}

fn printed(place: &Place, commands: &[&[&str]]) -> BTreeSet<String> {
    let elsewhere = [ELSEWHERE.as_slice(), &EVIDENCE].concat();
    printed_but(place, &elsewhere, commands)
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
         [alias]\nquay = [\"harbour\"]\n[[topic]]\nname = \"port\"\nquery = '@quay'\n{}",
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
            printed(&place, &[&["status"], &["status", "one"]]),
            &[
                "at",
                "under_way",
                "due",
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
            printed(
                &place,
                &[
                    &explain,
                    &["explain", "--file", "text.txt"],
                    &["explain", "unknown-key"],
                ],
            ),
            &[
                "best",
                "reports",
                "reason",
                "members",
                "tombstone",
                "entry_id",
                "first_seen",
                "purged",
                "withdrawn",
                "left",
                "kept_until",
            ],
        ),
    ] {
        let mut expected = printed;
        if section == "why" {
            // As `status` has it.
            let feed = documented("### status");
            expected.retain(|name| !feed.contains(name) || documented("### why").contains(name));
        }
        expected.extend(lacking.iter().map(|name| (*name).to_owned()));
        assert_eq!(documented(&format!("### {section}")), expected, "{section}");
    }
}

/// What is no command's history: tables, looks at files and at the machine. Each prints every member that is documented, and
/// none beside.
#[tokio::test(flavor = "multi_thread")]
async fn the_json_of_tables_and_looks_is_documented() {
    let (place, _, _origin) = polled_twice().await;
    place.write("broken.toml", TWICE);
    for (heading, commands) in [
        ("## Listing", &[["list"].as_slice()][..]),
        ("## Topics", &[&["topics"]]),
        ("## Doctor", &[&["doctor"]]),
        (
            "## Checking",
            &[
                &["check", "--online"],
                &["check", "broken.toml"],
                &["check", "nothing.toml"],
            ],
        ),
        ("### import and export of feeds", &[&["export"]]),
    ] {
        assert_eq!(documented(heading), printed(&place, commands), "{heading}");
    }
}

/// The README tells of what is read in its own right, evidence and hints among it.
#[tokio::test(flavor = "multi_thread")]
async fn the_formats_of_the_readme_are_printed() {
    let (place, _, _origin) = polled_twice().await;
    place.write("full.atom", FULL);
    let feeds = std::fs::read_to_string(place.path().join("feeds.toml")).unwrap();
    let edited = feeds.replace("'@quay'", "'fish'");
    for (command, arguments, lacking) in [
        ("preview", &["preview", "full.atom"][..], &[][..]),
        ("search", &["search", "harbour"], &[]),
        ("plan", &["plan"], &["remark"]),
    ] {
        if command == "plan" {
            place.write("feeds.toml", &edited);
        }
        let mut expected = printed(&place, &[arguments]);
        expected.extend(lacking.iter().map(|name| (*name).to_owned()));
        assert_eq!(formatted(command), expected, "{command}");
    }
    let mut exported = BTreeSet::new();
    for line in place.print(&["export"]).lines() {
        let entry = serde_json::from_str(line).unwrap();
        members(&entry, &[], &mut exported);
    }
    assert_eq!(formatted("export"), exported);
}

/// What is said of `status` where the database cannot be read: what the daemon says of itself is all that there is.
#[test]
fn status_without_a_database_tells_what_is_needed_alone() {
    let place = Place::new(QUIET);
    let need = json!({ "what": "database", "why": "it is damaged", "since": null });
    let answer = json!({ "verdict": "done", "message": "", "needs": [need] });
    let (_state, _asked) = answering(&place, vec![answer]);
    place.write("state/merganser.db", "no database");
    let printed = printed_but(&place, &["needs_you"], &[&["status"]]);
    let page = section("docs/cli.md", "\n### status\n\n", "\n#");
    let told = page
        .split("where the database cannot be read,")
        .nth(1)
        .unwrap();
    let object = told.split('`').nth(1).unwrap();
    assert_eq!(names(&format!("`{object}`")), printed);
}

/// Returns an answer that has all that one may have.
fn full_answer() -> Answer {
    let at = Timestamp::UNIX_EPOCH.to_string();
    let in_doubt = InDoubt {
        feed: "one".to_owned(),
        at: at.clone(),
        error: "no answer".to_owned(),
        next_poll: at.clone(),
    };
    let resting = Resting {
        host: "feeds.example:443".to_owned(),
        until: at.clone(),
    };
    let awaited = Awaited {
        feed: "one".to_owned(),
        host: "feeds.example:443".to_owned(),
        until: at.clone(),
    };
    let running = Running {
        version: "1".to_owned(),
        pid: 1,
        up_since: at.clone(),
        config_since: at,
        config: None,
        config_digest: None,
        listen: None,
        is_handed_over: false,
        queue: Some(Queue {
            under_way: 1,
            due: 0,
        }),
        publish_dir: Some("www".into()),
        off: Some(Vec::new()),
        in_doubt: vec![in_doubt],
        resting: vec![resting],
        awaited: vec![awaited],
    };
    let unpolled = Unpolled {
        feed: "one".to_owned(),
        why: "it rests".to_owned(),
        is_open: false,
    };
    let need = Need::new("database", "it fails".to_owned(), Timestamp::UNIX_EPOCH);
    Answer {
        needs: vec![need],
        running: Some(running),
        polled: vec![Polled::default()],
        unpolled: vec![unpolled],
        ..Answer::new(Verdict::Done, "done")
    }
}

#[test]
fn answers_at_the_control_socket_are_documented() {
    let mut said = BTreeSet::new();
    let answer = serde_json::to_value(full_answer()).unwrap();
    members(&answer, &[], &mut said);
    let told = section("docs/operating.md", "\n### The control socket\n", "\n#");
    assert_eq!(names(&told), said);
}
