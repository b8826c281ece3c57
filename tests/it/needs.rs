//! What a daemon that runs needs somebody for, as the real `merganser status` tells it.

use crate::checking;
use crate::program::{Place, QUIET, Running};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

/// What `status` prints, and its code.
fn status(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    let output = place.run(&[&["status"], arguments].concat());
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

/// What is needed, of `status --format json`: about what, and why.
fn needs(place: &Place) -> Vec<(String, String)> {
    let (_, printed) = status(place, &["--format", "json"]);
    let object: Value = serde_json::from_str(&printed).unwrap();
    let needs = object["needs_you"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    needs
        .map(|need| {
            assert!(need["since"].as_str().unwrap().ends_with('Z'), "{need}");
            (text(&need["what"]), text(&need["why"]))
        })
        .collect()
}

/// Starts a daemon, and returns the address at which readers reach it.
fn started(place: &Place) -> (Running, String) {
    let mut running = Running::start(place);
    let serving = running.wait_for("serving at");
    let (_, listening) = serving.split_once("listening on ").unwrap();
    let address = listening.split([' ', ',', '\n']).next().unwrap();
    (running, address.to_owned())
}

fn another(id: &str) -> String {
    format!("[[feed]]\nid = \"{id}\"\nurl = \"https://feeds.example.org/{id}\"\nenabled = false\n")
}

/// A poll that is not counted yet stands in no database, and is told all the same.
#[test]
fn a_poll_in_doubt_is_told() {
    let silent = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let at = |number: usize| silent[number].local_addr().unwrap();
    let config = format!(
        "[fetch]\nallow-networks = [\"127.0.0.0/8\"]\nhost-gap = \"0s\"\ntimeout = \"10m\"\n{QUIET}[[feed]]\nid = \"dead\"\nurl = \"http://127.0.0.1:1/a.xml\"\n\
         [[feed]]\nid = \"mute\"\nurl = \"http://{}/a.xml\"\n[[feed]]\nid = \"still\"\nurl = \"http://{}/a.xml\"\n",
        at(0),
        at(1)
    );
    let place = Place::new(&config);
    let (running, address) = started(&place);
    let polled = place.run(&["poll", "dead"]);
    assert_eq!(polled.status.code(), Some(0), "it may be the feed's fault");
    let polled = String::from_utf8(polled.stdout).unwrap();
    assert!(polled.contains("not counted"), "{polled}");
    let not_yet = "not counted yet";
    for arguments in [&["status"][..], &["status", "dead"], &["why", "dead"]] {
        let told = String::from_utf8(place.run(arguments).stdout).unwrap();
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [not_yet, "127.0.0.1:1 refused"] {
            assert!(told.contains(words), "{arguments:?}: {words} in {told}");
        }
        assert!(!told.contains("dead new never"), "{told}");
    }
    // The two that do not answer are asked all the while.
    let (_, told) = status(&place, &["--format", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let queue = serde_json::json!({ "under_way": 2, "due": 0 });
    assert_eq!((&told["queue"], &told["outputs"]), (&queue, &1.into()));
    let (_, told) = status(&place, &[]);
    let rows: Vec<Vec<&str>> = told
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    for row in ["queue 2 under way, 0 more due", "outputs 1"] {
        let row: Vec<&str> = row.split(' ').collect();
        assert!(rows.contains(&row), "{row:?} in {told}");
    }
    let (_, told) = status(&place, &["dead", "--format", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let error = told["feed"]["in_doubt"]["error"].as_str().unwrap();
    assert!(error.contains("refused"), "{told}");
    let reason = told["feed"]["reason"].as_str().unwrap();
    assert!(reason.contains("its last poll reached nobody"), "{told}");
    let instant = |at: &Value| -> jiff::Timestamp { at.as_str().unwrap().parse().unwrap() };
    let (at, next) = (&told["feed"]["in_doubt"]["at"], &told["feed"]["next_poll"]);
    assert!(instant(next) > instant(at), "{told}");
    let page = checking::get(&address, "/status");
    assert!(page.contains(not_yet), "{page}");
    let told = checking::get(&address, "/status.json");
    assert!(
        told.contains("\"in_doubt\":{\"at\":\"") && told.contains("refused"),
        "{told}"
    );
    drop(running);
}

/// A file that was changed is not in force before the daemon reads it, and who asks about a feed is told so.
#[test]
fn a_file_that_is_not_read_yet_is_told() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"http://127.0.0.1:1/a.xml\"\nenabled = false\n";
    let place = Place::new(&format!("{QUIET}{feed}"));
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let commands = [
        &["poll", "a"][..],
        &["status"],
        &["status", "a"],
        &["why", "a"],
        &["list"],
        &["topics"],
        &["doctor"],
    ];
    let tell = |expected: bool| {
        for arguments in commands {
            let told = place.run(arguments);
            let told = [told.stdout, told.stderr].concat();
            let told = String::from_utf8(told).unwrap();
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            let is_told = told.contains("feeds.toml was changed since")
                && told.contains("merganser reload --wait");
            assert_eq!(is_told, expected, "{arguments:?}: {told}");
        }
    };
    tell(false);
    place.write(
        "feeds.toml",
        format!("{QUIET}{feed}group = \"g\"\n[group.g]\n"),
    );
    tell(true);
    assert_eq!(status(&place, &[]).0, Some(0), "that can wait");
    place.print(&["reload", "--wait"]);
    tell(false);
    // A change that changes nothing is read as well.
    place.write(
        "feeds.toml",
        format!("{QUIET}{feed}group = \"g\"\n[group.g]\n# That is all.\n"),
    );
    tell(true);
    place.print(&["reload", "--wait"]);
    tell(false);
    drop(running);
}

/// A daemon that ended is missed once feeds have missed an interval, and by who polls without one it never is.
#[test]
fn a_daemon_that_is_gone_is_missed() {
    let place = Place::new(&format!(
        "{QUIET}[[feed]]\nid = \"on\"\nurl = \"http://127.0.0.1:1/a.xml\"\n"
    ));
    place.print(&["poll"]);
    let late = || {
        let database = rusqlite::Connection::open(place.path().join("state/merganser.db")).unwrap();
        let sql = "UPDATE feeds SET last_poll_at = ?1 - 9000000, next_due_at = ?1 - 4000000 WHERE name = 'on'";
        let now = jiff::Timestamp::now().as_millisecond();
        assert_eq!(database.execute(sql, [now]).unwrap(), 1);
        let sooner = "UPDATE feeds SET last_poll_at = ?1 - 6000000 WHERE name = 'on'";
        (database, sooner, now)
    };
    // Of the feed, too, something is said.
    let missing = || -> Vec<String> {
        let (_, printed) = status(&place, &["--format", "json"]);
        let object: Value = serde_json::from_str(&printed).unwrap();
        let needs = object["needs_you"].as_array().unwrap().iter();
        let needs = needs.filter(|need| need["what"] == "daemon");
        needs
            .map(|need| need["why"].as_str().unwrap().to_owned())
            .collect()
    };
    drop(late());
    assert!(missing().is_empty());
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    let (database, sooner, now) = late();
    assert!(missing().is_empty(), "it may start in time");
    database.execute(sooner, [now]).unwrap();
    let told = missing();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("none runs, and 1 feed is overdue since "),
        "{told:?}"
    );
    let (code, printed) = status(&place, &[]);
    assert_eq!(code, Some(1));
    let first = printed.lines().nth(1).unwrap();
    assert!(first.starts_with("  x  daemon"), "{printed}");
}

/// Returns what `doctor` finds of the database.
fn doctored(place: &Place) -> String {
    let output = place.run(&["doctor", "--format", "plain"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let line = printed.lines().find(|line| line.contains("\tdatabase\t"));
    line.unwrap().to_owned()
}

/// A database that fails comes first, with since when and what helps, and is gone from there when it works.
#[test]
fn r5_status_says_that_the_database_fails() {
    let place = Place::new(QUIET);
    let (running, address) = started(&place);
    let health = || ["/healthz", "/readyz"].map(|path| checking::get(&address, path));
    let well = ["ok", "{\"ready\":true,\"reasons\":[]}"];
    assert_eq!(health(), well);
    let (code, printed) = status(&place, &[]);
    assert_eq!(code, Some(0), "{printed}");
    let database = rusqlite::Connection::open(place.path().join("state/merganser.db")).unwrap();
    let refuse = "CREATE TRIGGER sabotage BEFORE INSERT ON feeds
        BEGIN SELECT RAISE(FAIL, 'the shelf is full'); END";
    database.execute_batch(refuse).unwrap();
    place.write("feeds.toml", format!("{QUIET}{}", another("next")));
    let refused = place.fail(&["reload", "--wait"], 74);
    assert!(refused.contains("the shelf is full"), "{refused}");
    let refused = place.fail(&["poll", "off"], 74);
    assert!(refused.contains("nothing is polled"), "{refused}");
    let unready = "{\"ready\":false,\"reasons\":[\"the database fails\"]}";
    assert_eq!(health(), ["ok", unready], "a restart would not mend it");
    let served = checking::get(&address, "/all.atom");
    assert!(served.starts_with("<?xml"), "{served}");
    let (code, printed) = status(&place, &[]);
    assert_eq!(code, Some(1), "{printed}");
    let mut lines = printed.lines();
    assert_eq!(lines.next(), Some("needs you"));
    let first = lines.next().unwrap();
    assert!(first.starts_with("  x  database"), "{first}");
    assert!(first.contains("since 20"), "{first}");
    let told = needs(&place);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].1.contains("the shelf is full"), "{told:?}");
    assert!(told[0].1.contains("`merganser doctor`"), "{told:?}");
    assert!(told[1].1.contains("could NOT be taken up"), "{told:?}");
    let path = place.path().join("state/merganser.db");
    for mode in [0o644, 0o600] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let found = doctored(&place);
        assert!(found.contains("the shelf is full\tstart the"), "{found}");
    }
    database.execute_batch("DROP TRIGGER sabotage").unwrap();
    place.print(&["reload", "--wait"]);
    let (code, printed) = status(&place, &[]);
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(health(), well);
    let found = doctored(&place);
    assert!(found.starts_with("ok\t"), "{found}");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// Files that cannot be written are told with the directory, since when, and what helps; a reload that names another one
/// mends it.
#[test]
fn status_says_that_publish_dir_fails() {
    let place = Place::new(QUIET);
    place.write("occupied", "no directory");
    let publishing = |name: &str| {
        let directory = place.path().join(name).display().to_string();
        let line = format!("[server]\npublish-dir = \"{directory}\"\n");
        QUIET.replace("[server]\n", &line)
    };
    place.write("feeds.toml", publishing("occupied"));
    let mut running = Running::start(&place);
    running.wait_for("`publish-dir` is not up to date");
    let told = needs(&place);
    let (what, why) = &told[0];
    assert_eq!((told.len(), what.as_str()), (1, "publish-dir"));
    for part in [
        "NOT up to date",
        "occupied",
        "may be written by",
        "has room",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
    place.write("feeds.toml", publishing("www"));
    place.print(&["reload", "--wait"]);
    let index = place.path().join("www/index.html");
    // Each asks the daemon, which writes meanwhile.
    let is_mended = |_| status(&place, &[]).0 == Some(0) && index.exists();
    assert!((0..300).any(is_mended), "{}", index.display());
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// What is served and not in the files yet needs nobody while a daemon answers that knows of no fault: each change is
/// there for a moment. Without one somebody should look.
#[test]
fn files_that_a_daemon_is_about_to_write_need_nobody() {
    let place = Place::new(QUIET);
    let www = place.path().join("www").display().to_string();
    let line = format!("[server]\npublish-dir = \"{www}\"\n");
    place.write("feeds.toml", QUIET.replace("[server]\n", &line));
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    // As if it had been rendered anew just now.
    let database = rusqlite::Connection::open(place.path().join("state/merganser.db")).unwrap();
    let render = "UPDATE outputs SET digest = zeroblob(32) WHERE path = '/all.atom'";
    assert_eq!(database.execute(render, []).unwrap(), 1);
    let (code, printed) = status(&place, &[]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(!printed.contains("needs you"), "{printed}");
    assert!(printed.contains("up to date yet"), "{printed}");
    assert!(printed.contains("knows of no fault"), "{printed}");
    let outputs = |level: &str| {
        let told = place.run(&["doctor", "--format", "json"]).stdout;
        let told: Value = serde_json::from_slice(&told).unwrap();
        let mut checks = told["checks"].as_array().unwrap().iter();
        let found = checks.find(|it| it["check"] == "outputs").unwrap();
        assert_eq!(found["level"], level, "{found}");
    };
    outputs("ok");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    let (code, printed) = status(&place, &[]);
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("the log tells why"), "{printed}");
    outputs("warn");
}

/// A file that was refused is told with verdict, instant and what to do, though it cannot be read by `status` either;
/// and so is one without fault that cannot be taken up without a restart.
#[test]
fn status_says_what_became_of_a_reload() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let moved = QUIET.replace("127.0.0.1:0", "127.0.0.1:1");
    for (text, why, then) in [
        (
            format!("{QUIET}tite = 1\n"),
            "tite",
            "`merganser check --config feeds.toml`",
        ),
        (
            moved,
            "`listen` in [server]",
            "`merganser reload --wait` has it read again",
        ),
    ] {
        place.write("feeds.toml", text);
        place.fail(&["reload", "--wait"], 78);
        let (code, printed) = status(&place, &[]);
        assert_eq!(code, Some(1), "{printed}");
        assert!(
            printed.starts_with("needs you\n  x  feeds.toml"),
            "{printed}"
        );
        let told = needs(&place);
        let (what, words) = &told[0];
        assert_eq!((told.len(), what.as_str()), (1, "feeds.toml"));
        for part in ["since 20", "was REJECTED", "runs on", why, then] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
    place.write("feeds.toml", QUIET);
    place.print(&["reload", "--wait"]);
    assert_eq!(status(&place, &[]).0, Some(0));
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    // Without a daemon there is what was stored, and that none starts by the file.
    place.write("feeds.toml", "tite = 1\n");
    let (code, told) = status(&place, &[]);
    assert_eq!(code, Some(1), "{told}");
    let need = "needs you\n  x  feeds.toml  has mistakes, which `merganser check` tells: no daemon starts by it\n\n";
    assert!(told.starts_with(need), "{told}");
}
