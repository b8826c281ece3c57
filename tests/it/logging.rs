//! The log of a daemon that is collected: an object in each line.

use crate::origin::{Origin, Reply};
use crate::program::{Place, QUIET, Running};
use crate::test_daemon::{START, rss};
use merganser::clock::ManualClock;
use std::sync::Arc;

/// Where no person sees the log come, a line is an object, with the fields that the journal would have; a variable says
/// otherwise, as it does for the tests.
#[test]
fn a_log_that_is_collected_is_for_programs() {
    let place = Place::new(QUIET);
    let mut command = place.command(&["run"]);
    command.env("MERGANSER_LOG_FORMAT", "jsn");
    let mut running = Running::command(command);
    let read = |running: &mut Running, text: &str| -> serde_json::Value {
        let line = running.wait_for(text);
        serde_json::from_str(&line).unwrap()
    };
    // One that is misspelled says nothing otherwise, and is told.
    let misspelled = read(&mut running, "MERGANSER_LOG_FORMAT");
    assert_eq!(misspelled["level"], "warn");
    let serving = read(&mut running, "serving at");
    assert_eq!(serving["level"], "info");
    let at: jiff::Timestamp = serving["time"].as_str().unwrap().parse().unwrap();
    assert!(at > jiff::Timestamp::UNIX_EPOCH, "{at}");
    let message = serving["message"].as_str().unwrap();
    assert!(message.starts_with("serving at http://"), "{message}");
    place.write("feeds.toml", QUIET.replace("enabled", "enabeld"));
    running.signal("-HUP");
    let refused = read(&mut running, "REJECTED");
    assert_eq!(refused["level"], "error");
    assert_eq!(refused["message_id"], "115b8daf14924fbd95f37cbe2469b373");
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("enabeld"), "{message}");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// Nothing is said of answers that a feed may never have given.
#[test]
fn a_feed_that_never_answered_fails_and_did_not_begin_to() {
    let place = Place::new(
        "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow-networks = [\"127.0.0.1\"]\n\
         [[feed]]\nid = \"dead\"\nurl = \"http://127.0.0.1:1/a.xml\"\n",
    );
    let mut running = Running::command(place.command(&["run"]));
    let line = running.wait_for("feed dead");
    let words = "feed dead fails: connection to 127.0.0.1:1 refused; next poll ";
    assert!(line.contains(words), "{line}");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// Who wants to hear more than usual, or less, need not know the language of filters; that goes before it.
#[tokio::test(flavor = "multi_thread")]
async fn as_much_is_logged_as_is_asked_for() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let origin = Origin::start(clock).await;
    origin.say("/a.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    let url = origin.url("/a.xml");
    let place = Place::new(&format!(
        "[fetch]\nallow-networks = [\"127.0.0.1\"]\nhost-gap = \"0s\"\n\
         [[feed]]\nid = \"a\"\nurl = \"{url}\"\ntimezone = \"Europe/Paris\"\n"
    ));
    for (arguments, filter, expected) in [
        (&["poll", "--all", "-v"][..], "", true),
        (&["poll", "--all", "-v"], "error", false),
        (&["poll", "--all"], "", false),
        (&["poll", "--all", "-q"], "", false),
    ] {
        let mut command = place.command(arguments);
        if !filter.is_empty() {
            command.env("MERGANSER_LOG", filter);
        }
        let told = String::from_utf8(command.output().unwrap().stderr).unwrap();
        assert_eq!(
            told.contains(" DEBUG "),
            expected,
            "{arguments:?} {filter}: {told}"
        );
    }
    // A daemon that ends at once, by a port that another has.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap();
    let text = std::fs::read_to_string(place.path().join("feeds.toml")).unwrap();
    place.write(
        "feeds.toml",
        format!("[server]\nlisten = \"{taken}\"\n{text}"),
    );
    let told = place.fail(&["run", "-q"], 1);
    assert!(
        told.contains(" WARN ") && !told.contains(" INFO "),
        "{told}"
    );
}

/// What a publisher would write into the log.
const FORGED: &str = "2026-11-24T06:00:00.000000Z ERROR the daemon broke down";

/// S18: whatever of a feed is logged is in the line that says so, with nothing in it that a terminal obeys.
#[tokio::test(flavor = "multi_thread")]
async fn s18_what_a_feed_says_is_one_line_of_the_log() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let origin = Origin::start(clock).await;
    let title = format!("One\n{FORGED}\u{1b}[31m&#10;{FORGED}&#27;[2J&#x9b;2J\u{202e}\n");
    let page = format!(
        "<!doctype html><title>{title}</title><link rel=\"alternate\" type=\"application/rss+xml\" \
         href=\"/a\u{1b}[31m&#10;{FORGED}\">"
    );
    let feeds = [
        ("told", rss(&title, &[(&title, &title, 5)])),
        ("foreign", format!("<x\u{1b}[31m\u{202e}>{title}</x>")),
        ("page", page),
    ];
    let feeds = feeds.map(|(id, document)| {
        let path = format!("/{id}");
        origin.say(&path, Reply::feed(document));
        format!("[[feed]]\nid = \"{id}\"\nurl = \"{}\"\n", origin.url(&path))
    });
    let place = Place::new(&format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow-networks = [\"127.0.0.1\"]\nhost-gap = \"0s\"\n{}",
        feeds.concat()
    ));
    let mut command = place.command(&["run"]);
    command.env("MERGANSER_LOG", "merganser=trace");
    let mut running = Running::command(command);
    running.wait_for("serving at");
    // Tells the same, and ends when all was polled.
    place.run(&["poll", "--all", "--force"]);
    running.signal("-TERM");
    let (code, log) = running.end();
    assert_eq!(code, Some(0), "{log}");
    for words in [
        "feed told: modified; next poll ",
        "feed foreign fails: an XML document <x[31m>, which is no feed; next poll ",
        "feed page fails: an HTML page; the feeds it names: http://",
    ] {
        assert!(log.contains(words), "no {words:?} in {log}");
    }
    for line in log.lines() {
        let (at, _) = line.split_once(' ').unwrap();
        assert!(at.parse::<jiff::Timestamp>().is_ok(), "{line:?} in {log}");
        assert!(!line.starts_with(FORGED), "{line}");
        let is_obeyed = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!line.contains(is_obeyed), "{line:?}");
    }
}

/// Where a line of the log is an object, so is why the daemon does not start, in the lines of a bad file one for each
/// problem; a log for people, and one that asks for no errors, has it in words.
#[test]
fn why_it_does_not_start_is_logged_in_the_form_of_the_log() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap();
    let place = Place::new(&QUIET.replace("127.0.0.1:0", &taken.to_string()));
    let lines = |place: &Place, code| -> Vec<serde_json::Value> {
        let mut command = place.command(&["run"]);
        let output = command.env("MERGANSER_LOG_FORMAT", "json").output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(code));
        let told = String::from_utf8(output.stderr).unwrap();
        let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{told}"));
        told.lines().map(read).collect()
    };
    let is_error = |line: &serde_json::Value, message: &str| {
        let told = line["message"].as_str().unwrap();
        assert_eq!(line["level"], "error");
        assert!(told.starts_with(message), "{told}");
    };
    let told = lines(&place, 1);
    assert_eq!(told.len(), 1, "{told:?}");
    is_error(&told[0], &format!("cannot listen on {taken}: "));

    let unknown = QUIET.replace("enabled", "enabeld");
    place.write("feeds.toml", format!("{unknown}colour = \"red\"\n"));
    let told = lines(&place, 78);
    assert_eq!(told.len(), 3, "{told:?}");
    is_error(&told[0], "feeds.toml:6:1: no key `enabeld`");
    is_error(&told[1], "feeds.toml:7:1: no key `colour`");
    is_error(&told[2], "feeds.toml: 2 errors");
    for (problem, line) in [(&told[0], 6), (&told[1], 7)] {
        assert_eq!(problem["code"], "unknown-key");
        assert_eq!(
            (&problem["line"], &problem["column"]),
            (&line.into(), &1.into())
        );
    }
    let mut silent = place.command(&["run"]);
    silent.env("MERGANSER_LOG_FORMAT", "json");
    let silent = silent.env("MERGANSER_LOG", "off").output().unwrap().stderr;
    let in_words = place.run(&["run"]).stderr;
    assert_eq!(silent, in_words);
    assert!(
        in_words.starts_with(b"error[unknown-key]: "),
        "{in_words:?}"
    );

    place.write("feeds.toml", b"# fine\n# \xff\n");
    let told = lines(&place, 78);
    assert_eq!(told.len(), 1, "{told:?}");
    is_error(&told[0], "feeds.toml is not UTF-8 text: line 2");
    assert_eq!(
        (&told[0]["code"], &told[0]["column"]),
        (&"not-utf8".into(), &3.into())
    );
}
