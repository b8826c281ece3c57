//! `check --online`, and what `list` and `status` tell of the feeds that it would find wanting.

use crate::origin::{Origin, Reply};
use crate::program::{Place, Running};
use crate::test_daemon::rss;
use merganser::clock::ManualClock;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;

async fn origin() -> Origin {
    let start = "2026-11-24T06:00:00Z".parse().unwrap();
    Origin::start(Arc::new(ManualClock::new(start))).await
}

/// Feeds that answer well, not at all and with a page, and one that is not asked.
fn config(origin: &Origin) -> String {
    let feed = |id: &str, more: &str| {
        format!(
            "[[feed]]\nid = \"{id}\"\nurl = \"{}\"\n{more}",
            origin.url(&format!("/{id}"))
        )
    };
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow-networks = [\"127.0.0.0/8\"]\nhost-gap = \"0s\"\n[group.wire]\nschedule = \"every 2h\"\n{}{}{}{}",
        feed("good", "group = \"wire\"\n"),
        feed(
            "missing",
            "schedule = \"0 6 * * *\"\ntimezone = \"Asia/Kolkata\"\n"
        ),
        feed("page", ""),
        feed("off", "enabled = false\n")
    )
}

/// Waits until a daemon serves, and returns at which address and port: with `127.0.0.1:0` in its file the system gave it a free one.
pub(crate) fn serves_at(running: &mut Running) -> String {
    let line = running.wait_for("serving at");
    // Behind the address that readers know stands where it listens, if that is another.
    let (_, rest) = line.rsplit_once("127.0.0.1:").unwrap();
    let port = rest.split(|c: char| !c.is_ascii_digit()).next();
    format!("127.0.0.1:{}", port.unwrap())
}

/// Returns what a daemon answers.
pub(crate) fn get(address: &str, path: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn publish(origin: &Origin) {
    let items = [
        ("a", "One", 1),
        ("b", "Two", 2),
        ("c", "Three", 3),
        ("d", "Four", 4),
    ];
    origin.say("/good", Reply::feed(rss("Good", &items)));
    origin.say(
        "/page",
        Reply::feed("<!doctype html><html><body>Log in</body></html>"),
    );
}

/// Each enabled feed is asked once, and nothing is stored.
#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_asked_once_and_nothing_is_stored() {
    let origin = origin().await;
    publish(&origin);
    let place = Place::new(&config(&origin));
    let output = place.run(&["check", "--online"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    for words in [
        "feeds.toml: good: 4 feeds",
        "feeds.toml:12  missing  ",
        "404",
        "feeds.toml:17  page     ",
        "3 feeds asked, 2 did not answer with a feed\n",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("2 feeds did not answer with a feed"),
        "{errors}"
    );
    let mut asked: Vec<String> = origin.asked().into_iter().map(|asked| asked.path).collect();
    asked.sort();
    assert_eq!(asked, ["/good", "/missing", "/page"]);
    assert!(!place.path().join("state").exists());

    let output = place.run(&["check", "--online", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["online"]["asked"], 3);
    assert_eq!(told["online"]["failed"][0]["feed"], "missing");
    assert_eq!(told["online"]["failed"][0]["line"], 12);
    let output = place.run(&["check", "--online", "--format", "sarif"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["runs"][0]["results"][1]["ruleId"], "no-answer");
    let output = place.run(&["check", "--online", "--format", "github"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("::warning file=feeds.toml,line=12,title=no-answer::feed `missing`: "),
        "{told}"
    );

    origin.say("/missing", Reply::feed(rss("Found", &[])));
    origin.say("/page", Reply::feed(rss("Page", &[])));
    let told = place.print(&["check", "--online"]);
    assert!(told.contains("3 feeds asked, 0 did not"), "{told}");
}

/// What moved is told with what becomes of it, and is no failure.
#[tokio::test(flavor = "multi_thread")]
async fn what_moved_is_told() {
    let origin = origin().await;
    publish(&origin);
    let place = Place::new(&config(&origin));
    origin.say("/missing", Reply::feed(rss("Found", &[])));
    let elsewhere = origin.url("/elsewhere");
    origin.say("/elsewhere", Reply::feed(rss("Page", &[])));
    origin.say("/page", Reply::status(301).header("location", &elsewhere));
    let told = place.print(&["check", "--online"]);
    let line = format!(
        "feeds.toml:17  page  says that it moved for good to {elsewhere}: `merganser apply-redirects` writes that \
             after 5 polls in a row over 48 hours\n"
    );
    assert!(told.contains(&line), "{told}");
    assert!(
        told.ends_with("0 did not answer with a feed, 1 said to have moved for good\n"),
        "{told}"
    );
    let told = place.print(&["check", "--online", "--format", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["online"]["moved"][0]["feed"], "page");
    let secret = origin.url("/elsewhere?token=canary");
    origin.say("/elsewhere?token=canary", Reply::feed(rss("Page", &[])));
    origin.say("/page", Reply::status(301).header("location", &secret));
    let told = place.print(&["check", "--online"]);
    assert!(
        told.contains("token=***: never adopted, as a secret is in it"),
        "{told}"
    );
    origin.say("/page", Reply::status(301).header("location", &elsewhere));
    let told = place.print(&["check", "--online", "--format", "github"]);
    assert!(
        told.contains("line=17,title=moved::feed `page`: says that it moved"),
        "{told}"
    );
}

/// The database of a look is its own, wherever that of the daemon lies; and that is never outside its directory.
#[tokio::test(flavor = "multi_thread")]
async fn r12_a_look_has_a_database_of_its_own() {
    let origin = origin().await;
    origin.say("/good", Reply::feed(rss("Good", &[])));
    let file = |path: &str| {
        let url = origin.url("/good");
        format!(
            "[storage]\npath = \"{path}\"\n[fetch]\nallow-networks = [\"127.0.0.0/8\"]\n\
             [[feed]]\nid = \"good\"\nurl = \"{url}\"\n"
        )
    };
    let place = Place::new(&file("deep/other.db"));
    let told = place.print(&["check", "--online"]);
    assert!(told.contains("1 feed asked, 0 did not"), "{told}");
    let real = place.path().join("real.db").display().to_string();
    for path in [&*real, "../real.db"] {
        place.write("feeds.toml", file(path));
        for command in [
            "check --online",
            "poll",
            "status",
            "vacuum",
            "backup copies",
            "migrate",
        ] {
            let arguments: Vec<&str> = command.split(' ').collect();
            let refused = place.fail(&arguments, 78);
            let words = "the database lies in the state directory, which `--state` names";
            assert!(refused.contains(words), "{command}: {refused}");
        }
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

/// A file that is not there is told in each form, and is code 78.
#[test]
fn a_missing_file_is_told_to_programs_too() {
    let place = Place::new("");
    for (form, words) in [
        ("text", ""),
        (
            "json",
            "\"error\":\"there is no file none.toml, which was named",
        ),
        ("sarif", "\"executionSuccessful\":false"),
        ("github", "::error::there is no file none.toml"),
    ] {
        for named in [&["--config", "none.toml"][..], &["none.toml"]] {
            let output = place.run(&[&["check", "--format", form], named].concat());
            assert_eq!(output.status.code(), Some(78), "{form}");
            let told = String::from_utf8(output.stdout).unwrap();
            assert!(told.contains(words), "{form}: {told}");
        }
    }
    place.write("other.toml", "");
    for both in [
        ["check", "other.toml", "--config", "none.toml"],
        ["--config", "none.toml", "check", "other.toml"],
    ] {
        let refused = place.fail(&both, 2);
        assert!(refused.contains("cannot be used with"), "{refused}");
    }
    assert!(
        place
            .print(&["check", "other.toml"])
            .contains("\nother.toml: good")
    );
}

/// Bytes that are no text are a problem like others: with a code, and at their place.
#[test]
fn bytes_that_are_no_text_have_a_place() {
    let place = Place::new("");
    place.write("feeds.toml", b"# a\n# \xc3\xa9 caf\xe9 \xe9\n".as_slice());
    let told = |form| {
        let output = place.run(&["check", "--format", form]);
        assert_eq!(output.status.code(), Some(78), "{form}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(
        told("github")
            .starts_with("::error file=feeds.toml,line=2,col=8,endColumn=9,title=not-utf8::"),
        "{}",
        told("github")
    );
    let object: Value = serde_json::from_str(&told("json")).unwrap();
    let problem = &object["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["line"]),
        (&"not-utf8".into(), &2.into())
    );
    let log: Value = serde_json::from_str(&told("sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "not-utf8");
}

/// `list` works before anything was polled, and tells how the feeds fare afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_listed() {
    let origin = origin().await;
    publish(&origin);
    let place = Place::new(&config(&origin));
    let cells = |line: &str| {
        line.split('\t')
            .map(ToOwned::to_owned)
            .collect::<Vec<String>>()
    };
    let told = place.print(&["list"]);
    let lines: Vec<Vec<String>> = told.lines().map(cells).collect();
    let good = origin.url("/good");
    assert_eq!(
        lines[0],
        ["good", "wire", "new", "every 2h", "", "", "", &good]
    );
    assert_eq!(lines[1][3], "0 6 * * * (Asia/Kolkata)");
    assert_eq!(lines[2][3], "adaptive");
    assert_eq!((lines[3][2].as_str(), lines.len()), ("disabled", 4));
    assert_eq!(place.print(&["list", "--group", "wire"]).lines().count(), 1);
    let none = place.fail(&["list", "--group", "nope"], 1);
    assert!(
        none.contains("no group `nope` in feeds.toml: there is wire"),
        "{none}"
    );
    let meant = place.fail(&["list", "--group", "wier"], 1);
    assert!(meant.contains("did you mean `wire`?"), "{meant}");

    // What a timer mails is what is wrong.
    let told = place.print(&["poll", "--all", "--quiet"]);
    let failed: Vec<&str> = told.split_whitespace().collect();
    assert!(
        told.lines().count() == 2 && !failed.contains(&"good"),
        "{told}"
    );
    let told = place.print(&["list", "--format", "json"]);
    let good: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    assert_eq!(good["state"], "ok");
    assert_eq!(good["entries"], 4);
    for command in ["why", "status", "remove", "disable", "apply-redirects"] {
        let meant = place.fail(&[command, "misssing"], 1);
        assert!(
            meant.contains("no feed `misssing` in feeds.toml: did you mean `missing`?"),
            "{command}: {meant}"
        );
    }
    // In the zone of the line, whatever clock the operator has.
    for command in ["why", "status"] {
        let told = place.print(&[command, "missing"]).replace('\n', " ");
        let times = told.matches(" 06:00 IST").count();
        assert!(
            told.contains("`0 6 * * *` (Asia/Kolkata) fires ") && times == 3,
            "{told}"
        );
        assert!(!place.print(&[command, "good"]).contains("fires"));
    }
    assert_eq!(good["entries_a_day"], 24);
    assert!(good["last_success"].as_str().unwrap().ends_with('Z'));
    let table = place.print(&["list", "--format", "table"]);
    assert!(
        table.starts_with("feed     group  state     schedule "),
        "{table}"
    );
    let failing = place.print(&["list", "--failing"]);
    let ids: Vec<&str> = failing
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(ids, ["missing", "page"]);
}

/// What does not mend itself stands first in `status`, which is code 1 then.
#[tokio::test(flavor = "multi_thread")]
async fn status_begins_with_what_needs_somebody() {
    let origin = origin().await;
    publish(&origin);
    let place = Place::new(&config(&origin));
    place.print(&["poll", "--all"]);
    let output = place.run(&["status"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "needs you");
    assert!(
        lines[1].starts_with("  x  missing  404 Not Found ("),
        "{told}"
    );
    assert!(
        lines[1].ends_with("nothing is there); `merganser why missing`"),
        "{told}"
    );
    assert!(
        lines[2].contains("there is no feed at this address"),
        "{told}"
    );
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("2 things need you, see above"), "{errors}");
    let output = place.run(&["status", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["needs_you"][1]["what"], "page");
    assert_eq!(told["needs_you"][1]["can_wait"], false);

    place.print(&["disable", "missing", "page"]);
    assert!(!place.print(&["status"]).contains("needs you"));
    let told: Value = serde_json::from_str(&place.print(&["status", "--format", "json"])).unwrap();
    assert_eq!(told["needs_you"], serde_json::json!([]));
}

/// A daemon tells over HTTP what `status` tells, of polls that were before it, too.
#[tokio::test(flavor = "multi_thread")]
async fn r20_a_daemon_tells_what_status_tells() {
    let origin = origin().await;
    publish(&origin);
    let place = Place::new(&config(&origin));
    place.print(&["poll", "--all"]);
    let output = place.run(&["status", "--format", "json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut running = Running::start(&place);
    let address = serves_at(&mut running);
    let board = get(&address, "/status.json");
    let board: Value = serde_json::from_str(&board).unwrap();
    assert_eq!(board["needs_you"], told["needs_you"]);
    let states = |feeds: &Value| {
        let feeds = feeds.as_array().unwrap().iter();
        let pairs = feeds.map(|it| (it["id"].to_string(), it["state"].to_string()));
        pairs.collect::<BTreeMap<_, _>>()
    };
    assert_eq!(states(&board["feeds"]), states(&told["feeds"]));
    let page = get(&address, "/status");
    assert!(
        page.contains("<h2>Needs you</h2>\n<ul>\n<li><strong>missing</strong>: 404 "),
        "{page}"
    );
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// For programs that read lines, in the words of `list`; what needs somebody stands beside it.
#[tokio::test(flavor = "multi_thread")]
async fn status_and_why_print_lines_for_programs() {
    let origin = origin().await;
    publish(&origin);
    let place = Place::new(&config(&origin));
    place.print(&["poll", "--all"]);
    let output = place.run(&["status", "--format", "plain"]);
    assert_eq!(output.status.code(), Some(1));
    let plain = String::from_utf8(output.stdout).unwrap();
    let cells: Vec<&str> = plain.lines().next().unwrap().split('\t').collect();
    assert_eq!(
        (cells[0], cells[1], cells[5], cells.len()),
        ("missing", "failing", "1", 8)
    );
    assert!(cells[2].ends_with('Z') && cells[3].is_empty(), "{plain}");
    assert_eq!(plain.lines().count(), 4);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with("needs you\n  x  missing "), "{errors}");
    let one = place.print(&["status", "good", "--format", "plain"]);
    assert!(one.starts_with("good\tok\t2"), "{one}");
    let polls = place.print(&["why", "good", "--format", "plain"]);
    let cells: Vec<&str> = polls.trim_end_matches('\n').split('\t').collect();
    assert_eq!(
        (cells[1], cells[2], cells[4], cells.len()),
        ("modified", "200", "4", 9)
    );
    let facts = |form: &str| place.print(&["why", "off", "--format", form]);
    assert_eq!(facts("text"), facts("table"));
    let listed = place.print(&["list", "--format", "text"]);
    assert!(listed.starts_with("feed     group  state"), "{listed}");
}

/// Warnings that are too many to list are counted, and a start logs the first of them alone.
#[test]
fn many_warnings_are_counted() {
    let feed = |number: usize| {
        format!(
            "[[feed]]\nid = \"f{number}\"\nurl = \"https://f{number}.example/feed\"\nenabled = false\n\
             schedule = \"every 1m\"\n"
        )
    };
    let of = |number: usize| {
        let feeds: String = (0..number).map(feed).collect();
        format!("[server]\nlisten = \"127.0.0.1:0\"\n{feeds}")
    };
    let place = Place::new(&of(100));
    let told = place.print(&["check"]);
    assert!(
        told.contains("good, with 100 warnings: 100 feeds"),
        "{told}"
    );
    assert!(!told.contains("not listed"), "{told}");
    place.write("feeds.toml", of(150));
    let told = place.print(&["check"]);
    assert!(
        told.contains("good, with more than 100 warnings: 150 feeds"),
        "{told}"
    );
    assert!(told.contains("50 more warnings are not listed"), "{told}");

    let mut running = Running::start(&place);
    running.wait_for("97 more warnings, which `merganser check --config feeds.toml` lists");
    running.wait_for("serving at");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// Under `nohup` it goes on when its terminal is gone.
#[test]
fn a_hangup_that_is_ignored_ends_nothing() {
    let origin = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = format!(
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n[[feed]]\nid = \"a\"\nurl = \"http://{}/\"\n",
        origin.local_addr().unwrap()
    );
    let place = Place::new(&config);
    let scratch = place.path().join("tmp");
    std::fs::create_dir(&scratch).unwrap();
    let look = place.command(&["check", "--online"]);
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "trap '' HUP; exec \"$0\" check --online"])
        .arg(look.get_program())
        .current_dir(place.path())
        .env_clear()
        .env("STATE_DIRECTORY", place.path().join("state"))
        .env("TMPDIR", &scratch)
        .stdout(Stdio::null());
    let running = Running::command(command);
    let asked = origin.accept().unwrap();
    running.signal("-HUP");
    running.signal("-TERM");
    let (ended, told) = running.end();
    assert_eq!(ended, Some(143), "{told}");
    assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0);
    drop(asked);
}
