//! Commands beside a `feeds.toml` with mistakes: a daemon goes on by the one of before, and what is stored is there.

use crate::origin::{Origin, Reply};
use crate::program::{Place, Running};
use crate::test_daemon::{START, rss};
use merganser::clock::ManualClock;
use serde_json::Value;
use std::sync::Arc;

/// What is told in a line beside what was asked for.
const LINE: &str = "feeds.toml has mistakes, which `merganser check` tells";

async fn origin() -> Origin {
    let origin = Origin::start(Arc::new(ManualClock::new(START.parse().unwrap()))).await;
    let reply = || Reply::feed(rss("a", &[("a", "Storm in the harbour", 5)]));
    origin.say("/a.xml", reply());
    origin.say("/b.xml", Reply::feed(rss("b", &[("b", "Other news", 5)])));
    origin
}

fn config(origin: &Origin) -> String {
    let feed = |id: &str, more: &str| {
        let url = origin.url(&format!("/{id}.xml"));
        format!("[[feed]]\nid = \"{id}\"\nurl = \"{url}\"\n{more}")
    };
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow-networks = [\"127.0.0.1/32\"]\nhost-gap = \"0s\"\n\
         [group.wire]\nschedule = \"every 1h\"\n{}{}\
         [[topic]]\nname = \"harbours\"\ntitle = \"Harbours\"\nquery = \"@mine OR harbour\"\n\
         [alias]\nmine = [\"quay\", \"storm\"]\n",
        feed("a", "group = \"wire\"\n"),
        feed("b", "")
    )
}

/// The same with a mistake, once in the text and once in what it says.
fn mistaken(config: &str) -> [String; 2] {
    [
        config.replace("/32\"]", "/32\""),
        config.replace("group = \"wire\"", "group = \"wrie\"\nshedule = 1"),
    ]
}

/// Runs a command that is to end with a code; returns what it prints for programs and for people.
fn run(place: &Place, arguments: &[&str], code: i32) -> (String, String) {
    let output = place.run(arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, told) = (text(output.stdout), text(output.stderr));
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {out}{told}"
    );
    (out, told)
}

/// What another file filled the state with is not told as if it were in force for this one.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_file_says_is_no_answer() {
    let origin = origin().await;
    let good = config(&origin);
    let place = Place::new(&good);
    place.print(&["poll"]);
    place.write("other.toml", &mistaken(&good)[0]);
    for command in ["list", "topics", "search storm"] {
        let arguments: Vec<&str> = command.split(' ').collect();
        let arguments = [&["--config", "other.toml"], arguments.as_slice()].concat();
        let (out, told) = run(&place, &arguments, 78);
        assert_eq!(out, "", "{command}");
        assert!(told.contains("other.toml: 1 error"), "{command}: {told}");
    }
}

/// Without a daemon what is stored is there, and nothing else is made up.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_told_by_what_is_in_force() {
    let origin = origin().await;
    let good = config(&origin);
    let place = Place::new(&good);
    place.print(&["poll"]);
    for text in mistaken(&good) {
        place.write("feeds.toml", &text);
        for (arguments, word) in [
            (&["search", "storm"][..], "Storm in the harbour"),
            (&["search", "@mine"], "Storm in the harbour"),
            (&["search", "topic:harbours"], "Storm in the harbour"),
            (&["why", "a"], "What to do:"),
            (&["status", "b"], "entries    1"),
            (&["explain", "https://a.example/a"], "harbours"),
            (&["topics"], "harbours\tHarbours\t1\t"),
            (&["list"], "b\t\tok\t\t"),
        ] {
            let (out, told) = run(&place, arguments, 0);
            assert!(out.contains(word), "{arguments:?}: {out}");
            assert_eq!(told.matches(LINE).count(), 1, "{arguments:?}: {told}");
        }
        let (out, _) = run(&place, &["list", "--format", "json"], 0);
        let listed: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
        assert_eq!(
            (&listed["id"], &listed["state"]),
            (&"a".into(), &"ok".into())
        );
        assert!(
            listed["group"].is_null() && listed["schedule"].is_null(),
            "{listed}"
        );
        for arguments in [&["vacuum"][..], &["migrate", "--dry-run"], &["migrate"]] {
            let (out, told) = run(&place, arguments, 0);
            assert!(out.contains("merganser.db"), "{arguments:?}: {out}");
            assert!(
                told.contains("feeds.toml has mistakes"),
                "{arguments:?}: {told}"
            );
        }
        let (out, told) = run(&place, &["status"], 1);
        assert!(
            out.contains("no daemon starts by it") && out.contains("2: 2 ok"),
            "{out}{told}"
        );
        // What the file alone says is not to be had.
        for arguments in [
            &["list", "--group", "wire"][..],
            &["poll", "a"],
            &["preview", "a"],
            &["plan"],
            &["explain", "--file", "feeds.toml"],
        ] {
            run(&place, arguments, 78);
        }
    }
    // Where nothing was stored yet, there is nothing to go by.
    let place = Place::new("[[feed\n");
    for command in [
        &["list"][..],
        &["status"],
        &["search", "storm"],
        &["topics"],
    ] {
        run(&place, command, 78);
    }
}

/// A topic whose rule cannot be read, or is another than the one in force, says nothing: what is stored is told of it, and
/// nothing leads to a command that ends by the mistakes.
#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_what_is_stored_of_topics_that_cannot_be_read() {
    let origin = origin().await;
    let good = format!(
        "{}[[topic]]\nname = \"storms\"\nquery = \"storm\"\n[[topic]]\nname = \"gulls\"\nquery = \"gull\"\n",
        config(&origin)
    );
    let place = Place::new(&good);
    place.print(&["poll"]);
    let unread = "its rule cannot be read: see `merganser check`";
    let other =
        "the rule that can be read of feeds.toml is not the one in force: see `merganser check`";
    for (was, is, why) in [
        ("\"storm\"\n", "\"(storm\"\n", unread),
        ("\"storm\"\n", "\"(storm\"\nshedule = 1\n", unread),
        ("\"storm\"\n", "\"storm\"\nmin-score = \"9\"\n", ""),
        ("\"storm\"\n", "\"gust\"\nshedule = 1\n", other),
    ] {
        place.write("feeds.toml", good.replace(was, is));
        let (out, told) = run(&place, &["explain", "https://a.example/a"], 0);
        for (topic, state) in [("harbours", "in"), ("storms", "in"), ("gulls", "out")] {
            assert!(out.contains(&format!("  {topic}: {state}")), "{is}: {out}");
        }
        assert!(out.contains(why), "{is}: {out}{told}");
        assert!(!out.contains("merganser plan"), "{is}: {out}");
        let is_stored = out.contains(", as is stored");
        assert_eq!(is_stored, !why.is_empty(), "{is}: {out}");
        let json = ["explain", "https://a.example/a", "--format", "json"];
        let told: Value = serde_json::from_str(&run(&place, &json, 0).0).unwrap();
        let verdicts = told["verdicts"].as_array().unwrap();
        let storms = verdicts.iter().find(|it| it["topic"] == "storms").unwrap();
        assert_eq!(storms["in"], true, "{is}: {storms}");
        assert_eq!(storms["unread"].is_null(), why.is_empty(), "{is}: {storms}");
        assert_eq!(storms["evidence"][0]["text"], "Storm", "{is}: {storms}");
    }
    let one = ["explain", "https://a.example/a", "--topic"];
    let (out, _) = run(&place, &[&one, &["storms"][..]].concat(), 0);
    assert!(
        out.contains("storms: in") && !out.contains("harbours"),
        "{out}"
    );
    let (_, told) = run(&place, &[&one[..], &["storm"]].concat(), 1);
    assert!(
        told.contains("no topic `storm` in force: did you mean `storms`?"),
        "{told}"
    );
}

/// Which feeds are switched off, a daemon tells; without one what can be read of the file does.
#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_switched_off_as_they_are_in_force() {
    let origin = origin().await;
    let off = "enabled = false\n";
    let good = config(&origin).replace("[[topic]]", &format!("{off}[[topic]]"));
    let place = Place::new(&good);
    place.print(&["poll"]);
    let states = || {
        let (out, _) = run(&place, &["list", "--format", "plain"], 0);
        let state = |line: &str| line.split('\t').nth(2).unwrap().to_owned();
        out.lines().map(state).collect::<Vec<_>>()
    };
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    // The other one, in a file with a mistake.
    let changed = good.replace(off, "");
    let changed = changed.replace("group = \"wire\"\n", &format!("{off}shedule = 1\n"));
    place.write("feeds.toml", &changed);
    assert_eq!(states(), ["ok", "disabled"]);
    // Or nothing but that.
    place.write("feeds.toml", "[[");
    assert_eq!(states(), ["ok", "disabled"]);
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    place.write("feeds.toml", &changed);
    assert_eq!(states()[0], "disabled");
}

/// A daemon goes on by the file of before: it is asked as ever, and `status` says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_goes_on_by_the_file_of_before() {
    let origin = origin().await;
    let good = config(&origin);
    let place = Place::new(&good);
    place.print(&["poll"]);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    for text in mistaken(&good) {
        place.write("feeds.toml", &text);
        let (out, told) = run(&place, &["poll", "a", "--force"], 0);
        assert!(out.contains("1 feed: 1 "), "{out}{told}");
        assert!(told.contains(LINE), "{told}");
        let (out, _) = run(&place, &["poll", "--all"], 0);
        assert!(out.contains("2 feeds are asked by the daemon"), "{out}");
        run(&place, &["poll", "--group", "wire"], 78);
        let (out, _) = run(&place, &["status"], 1);
        for words in [
            "daemon runs with pid",
            "goes on by the one of before",
            "2: 2 ok",
        ] {
            assert!(out.contains(words), "{words}: {out}");
        }
    }
    // Of a file that is named and is none, no daemon of another is asked.
    std::fs::create_dir(place.path().join("folder")).unwrap();
    for (named, words) in [
        (
            "nope.toml",
            "there is no file nope.toml, which was named as the configuration",
        ),
        ("folder", "folder is a directory: name the file in it"),
    ] {
        let (out, told) = run(&place, &["--config", named, "status"], 78);
        assert_eq!((out.as_str(), told.lines().count()), ("", 1), "{told}");
        assert!(
            told.starts_with(words) && !told.contains("merganser add"),
            "{told}"
        );
    }
    // Once it was told to read the file, it says itself what it has against it.
    run(&place, &["reload", "--wait"], 78);
    let (out, _) = run(&place, &["status"], 1);
    assert!(
        out.contains("was REJECTED") && !out.contains("goes on by the one of before"),
        "{out}"
    );
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// A file that was emptied is refused, and keeps no command from telling of what goes on; with `--force` there is no feed.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_beside_an_emptied_file_is_told() {
    let origin = origin().await;
    let good = config(&origin);
    let place = Place::new(&good);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.print(&["poll", "a", "b"]);
    let (_, server) = good.split_at(good.find("[group").unwrap());
    assert!(server.contains("[[feed]]"));
    place.write("feeds.toml", good.replace(server, ""));
    place.fail(&["reload", "--wait"], 78);
    let (out, told) = run(&place, &["list"], 0);
    let line = "feeds.toml names no feed, and is refused: ";
    assert!(out.contains("a\t") && out.contains("b\t"), "{out}");
    assert!(told.contains(line), "{told}");
    let (out, told) = run(&place, &["why", "a", "--format", "json"], 0);
    assert!(out.contains("\"last_success\""), "{out}");
    assert!(told.contains(line), "{told}");
    let (out, _) = run(&place, &["status"], 1);
    assert!(
        out.contains("feeds     2: 2 ok") && out.contains("REJECTED"),
        "{out}"
    );
    let address = origin.url("/c.xml");
    let add = ["add", "--no-fetch", &address];
    let (_, told) = run(&place, &add, 1);
    let words = "feeds.toml names no feed, and the daemon that runs has 2 feeds of it";
    assert!(told.contains(words), "{told}");
    let emptied = std::fs::read(place.path().join("feeds.toml")).unwrap();
    std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
    run(&place, &add, 1);
    assert!(!place.path().join("feeds.toml").exists());
    place.write("feeds.toml", emptied);
    place.print(&["reload", "--wait", "--force"]);
    let (out, told) = run(&place, &["list"], 0);
    assert_eq!((out.as_str(), told.as_str()), ("", ""));
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// The same beside a file that is no text, as one saved as UTF-16, and beside none at all; what was never in force is not.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_beside_a_file_that_is_no_text_is_told() {
    let origin = origin().await;
    let good = config(&origin);
    let place = Place::new(&good);
    place.print(&["poll"]);
    let goes_on = "; this goes by the feeds and topics in force";
    let wide = "\u{feff}".encode_utf16().chain(good.encode_utf16());
    let wide: Vec<u8> = wide.flat_map(u16::to_le_bytes).collect();
    place.write("feeds.toml", wide);
    for (words, needs) in [
        (
            "feeds.toml is not UTF-8 text",
            "which `merganser check` tells",
        ),
        (
            "no configuration at feeds.toml",
            "is not there, put it back",
        ),
    ] {
        let (out, told) = run(&place, &["list"], 0);
        assert!(out.contains("a\t") && out.contains("b\t"), "{out}");
        assert!(told.contains(words) && told.contains(goes_on), "{told}");
        let (out, told) = run(&place, &["why", "a", "--format", "json"], 0);
        assert!(out.contains("\"last_success\""), "{out}");
        assert!(told.contains(words), "{told}");
        let (out, _) = run(&place, &["status"], 1);
        assert!(
            out.contains("feeds     2: 2 ok") && out.contains(needs),
            "{out}"
        );
        if words.contains("UTF-8") {
            std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
        }
    }
    let nothing = |arguments: &[&str]| {
        let (out, told) = run(&place, arguments, 78);
        assert!(out.is_empty() && !told.contains(goes_on), "{told}");
    };
    nothing(&["--config", "feeds.toml", "list"]);
    // A folder that never had one is not told of another's.
    let state = place.path().join("state");
    let elsewhere = Place::new("");
    std::fs::remove_file(elsewhere.path().join("feeds.toml")).unwrap();
    let (out, _) = run(
        &elsewhere,
        &["list", "--state", state.to_str().unwrap()],
        78,
    );
    assert_eq!(out, "");
    // Which of two databases is meant, the file would say.
    place.write("state/news.db", "");
    nothing(&["list"]);
    std::fs::remove_dir_all(place.path().join("state")).unwrap();
    run(&place, &["list"], 78);
}

/// Where the feeds cannot be asked, programs are told of the file what they are told without asking, and by the code that it
/// was not all.
#[test]
fn what_was_found_is_told_where_nobody_can_be_asked() {
    let place = Place::new("[[feed]]\nid = \"a\"\nurl = \"http://127.0.0.1:1/a.xml\"\n");
    for form in ["text", "json", "sarif", "github"] {
        let arguments = ["check", "--format", form];
        let told = place.print(&arguments);
        assert!(told.contains("blocked-address"), "{form}: {told}");
        let mut look = place.command(&arguments);
        look.arg("--online")
            .env("TMPDIR", place.path().join("none"));
        let look = look.output().unwrap();
        assert_eq!(String::from_utf8(look.stdout).unwrap(), told, "{form}");
        let errors = String::from_utf8(look.stderr).unwrap();
        assert_eq!(look.status.code(), Some(1), "{form}: {errors}");
        assert!(errors.starts_with("merganser: "), "{form}: {errors}");
    }
}
