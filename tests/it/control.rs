//! `merganser reload` and the socket that it asks at, with the real program.

use crate::program::{Place, QUIET, Running};
use std::os::unix::fs::PermissionsExt;

/// One more feed that is not polled.
const ANOTHER: &str =
    "[[feed]]\nid = \"two\"\nurl = \"https://feeds.example.org/b.xml\"\nenabled = false\n";

fn start(config: &str) -> (Place, Running) {
    let place = Place::new(config);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    (place, running)
}

/// The verdict comes with the command: in words, with the place of each problem, and as its exit code. A file
/// that is refused leaves the old one in force.
#[test]
fn r18_a_reload_tells_what_came_of_it() {
    let (place, mut running) = start(QUIET);
    place.write("feeds.toml", format!("{QUIET}{ANOTHER}"));
    let told = place.print(&["reload", "--wait"]);
    assert!(told.contains("was reloaded: 0 feeds"), "{told}");
    running.wait_for("was reloaded");

    place.write("feeds.toml", format!("{QUIET}{ANOTHER}shedule = 1\n"));
    let refused = place.fail(&["reload", "--wait"], 78);
    for word in ["feeds.toml:11:1", "shedule", "schedule", "REJECTED"] {
        assert!(refused.contains(word), "{word} in {refused}");
    }
    running.wait_for("REJECTED");
    let accepted = place.print(&["reload"]);
    assert!(accepted.contains("--wait"), "{accepted}");
    running.wait_for("REJECTED");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// What systemd starts beside its signal gets the signal's verdict; the file is not taken up twice.
#[test]
fn r18_a_signal_and_a_command_are_one_reload() {
    let (place, mut running) = start(QUIET);
    place.write("feeds.toml", format!("{QUIET}{ANOTHER}"));
    running.signal("-HUP");
    running.wait_for("was reloaded");
    place.print(&["reload", "--wait"]);
    running.signal("-TERM");
    let (code, log) = running.end();
    assert_eq!(code, Some(0));
    assert!(!log.contains("was reloaded:"), "{log}");
}

/// Whoever mends a secret and asks again, in another way, is told what came of that, and not what came of the secret
/// that was missing.
#[test]
fn r18_a_secret_that_was_mended_is_read() {
    let (place, mut running) = start(QUIET);
    let secret = place.path().join("secret");
    place.write(
        "feeds.toml",
        format!("{QUIET}{ANOTHER}[[output]]\npath = \"desk\"\nprotect = {{ file = {secret:?} }}\n"),
    );
    running.signal("-HUP");
    running.wait_for("REJECTED");
    place.write("secret", "canary-of-the-desk-one-7f3a");
    assert!(place.print(&["reload", "--wait"]).contains("was reloaded"));
    running.wait_for("was reloaded");

    std::fs::remove_file(&secret).unwrap();
    place.fail(&["reload", "--wait"], 78);
    running.wait_for("REJECTED");
    place.write("secret", "canary-of-the-desk-two-7f3a");
    running.signal("-HUP");
    running.wait_for("was reloaded");
    // The file and what it came to are the same, and what it names is not.
    place.write("secret", "canary-of-the-desk-three-7f3a");
    place.print(&["reload", "--wait"]);
    running.wait_for("was reloaded:");
    // Nothing changed.
    running.signal("-HUP");
    running.wait_for("as it was reloaded a moment ago");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// A file that lost its feeds is not what was meant, until somebody says so. What needs a restart is refused
/// whole, and named.
#[test]
fn r18_what_cannot_be_meant_is_refused() {
    let (place, running) = start(QUIET);
    let empty = "[server]\nlisten = \"127.0.0.1:0\"\n";
    let moved = QUIET.replace("127.0.0.1:0", "127.0.0.1:1");
    let elsewhere = format!("[storage]\npath = \"other.db\"\n{QUIET}");
    for (text, word) in [
        (empty, "--force"),
        ("", "--force"),
        (&moved, "`listen`"),
        (&elsewhere, "`path`"),
        ("[[feed", "error[syntax]"),
    ] {
        place.write("feeds.toml", text);
        let refused = place.fail(&["reload", "--wait"], 78);
        assert!(refused.contains(word), "{word} in {refused}");
    }
    place.write(
        "feeds.toml",
        format!("[storage]\npath = \"other.db\"\n{moved}"),
    );
    let refused = place.fail(&["reload", "--wait"], 78);
    let (path, listen) = ("feeds.toml:2:8", "feeds.toml:4:10");
    for word in [
        "error[needs-restart]: `path`",
        path,
        "error[needs-restart]: `listen`",
        listen,
        "and 1 more",
    ] {
        assert!(refused.contains(word), "{word} in {refused}");
    }
    assert!(
        !refused.contains("merganser check"),
        "its text is good: {refused}"
    );
    place.write("feeds.toml", empty);
    place.print(&["reload", "--wait", "--force"]);
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// Without a daemon the next step is told; a daemon of another file is not reloaded by mistake.
#[test]
fn who_is_not_there_or_is_another_is_told() {
    let place = Place::new(QUIET);
    let nobody = place.fail(&["reload", "--wait"], 1);
    assert!(nobody.contains("systemctl start"), "{nobody}");

    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.write("other.toml", QUIET);
    let other = place.fail(&["reload", "--config", "other.toml"], 1);
    assert!(
        other.contains("feeds.toml") && other.contains("other.toml"),
        "{other}"
    );
    let ours = ["reload", "--wait", "--config", "./feeds.toml"];
    assert!(place.print(&ours).contains("was reloaded"));
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}

/// In a folder with a feeds.toml of its own, nothing is said of the daemon as if it ran that; in one without, the daemon
/// that there is is meant.
#[test]
fn a_daemon_of_another_folder_is_told_from_one_of_this() {
    let (place, running) = start(QUIET);
    let other = Place::new(QUIET);
    let state = place.path().join("state");
    let run = |arguments: &[&str]| {
        let mut command = other.command(arguments);
        let output = command.env("STATE_DIRECTORY", &state).output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        let words: Vec<&str> = told.split_whitespace().collect();
        (output.status.code(), words.join(" "))
    };
    let theirs = place.path().join("feeds.toml").canonicalize().unwrap();
    let theirs = theirs.to_str().unwrap();
    for (arguments, code, word) in [
        (&["reload", "--wait"][..], Some(1), "runs"),
        (&["reload"], Some(1), "runs"),
        (&["status"], Some(1), "runs"),
        (&["list"], Some(0), "runs"),
        (&["topics"], Some(0), "runs"),
        (&["why", "off"], Some(0), "runs"),
        (&["status", "off"], Some(0), "runs"),
        (&["poll"], Some(1), "runs"),
        (&["poll", "off"], Some(1), "runs"),
        (&["poll", "--all"], Some(1), "runs"),
        (&["enable", "off"], Some(0), "nobody puts that in force"),
        (&["disable", "off"], Some(0), "nobody puts that in force"),
        (&["remove", "off"], Some(0), "nobody puts that in force"),
    ] {
        let (ended, told) = run(arguments);
        assert_eq!(ended, code, "{arguments:?}: {told}");
        assert!(
            told.contains(word) && told.contains(theirs),
            "{arguments:?}: {told}"
        );
    }
    // By a link the file here is theirs, and where there is none here whichever they have is meant.
    std::fs::remove_file(other.path().join("feeds.toml")).unwrap();
    std::os::unix::fs::symlink(theirs, other.path().join("feeds.toml")).unwrap();
    for arguments in [&["poll", "--all"][..], &["poll"]] {
        let (ended, told) = run(arguments);
        assert_eq!(ended, Some(0), "{arguments:?}: {told}");
        assert!(told.contains("the daemon that runs"), "{told}");
    }
    std::fs::remove_file(other.path().join("feeds.toml")).unwrap();
    let (ended, told) = run(&["reload", "--wait"]);
    assert_eq!(ended, Some(0), "{told}");
    assert!(told.contains(&format!("{theirs} was reloaded")), "{told}");
    drop(running);
}

/// Whose own file is gone has not read another one that lies here, and no reload puts that in force.
#[test]
fn a_daemon_without_its_file_is_not_taken_for_one_of_this_folder() {
    // Of this machine, which no feed may reach that is not allowed to.
    let text = QUIET.replace("https://feeds.example.org", "http://127.0.0.1:1");
    let (place, running) = start(&text);
    let gone = place.path().join("feeds.toml");
    std::fs::rename(&gone, place.path().join("away.toml")).unwrap();
    let other = Place::new(&format!("{text}# Ours.\n"));
    let told = |arguments: &[&str]| {
        let mut command = other.command(arguments);
        let state = place.path().join("state");
        let output = command.env("STATE_DIRECTORY", state).output().unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        told.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let commands = [
        &["status"][..],
        &["status", "off"],
        &["why", "off"],
        &["list"],
        &["topics"],
        &["doctor"],
        &["poll", "off"],
    ];
    let unseen = "feeds.toml, which is not to be seen from here";
    for arguments in commands.into_iter().chain([&["enable", "off"][..]]) {
        let told = told(arguments);
        assert!(told.contains(unseen), "{arguments:?}: {told}");
        let reload = "`merganser reload --wait` puts that in force";
        assert!(!told.contains(reload), "{arguments:?}: {told}");
    }
    other.write("feeds.toml", text);
    for arguments in commands {
        let told = told(arguments);
        assert!(!told.contains(unseen), "{arguments:?}: {told}");
    }
    drop(running);
}

/// Who names the file of a daemon that is gone is told what that goes on by; who names one that there never was, that it is not there.
#[test]
fn the_lost_file_of_a_daemon_may_be_named() {
    let (place, running) = start(QUIET);
    std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
    for command in [
        &["status"][..],
        &["status", "off"],
        &["list"],
        &["why", "off"],
    ] {
        let asked = |file: &str| {
            let output = place.run(&[&["--config", file], command].concat());
            let told = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8(told).unwrap())
        };
        let (_, told) = asked("feeds.toml");
        let goes_on = [
            "is not there, put it back",
            "goes by the feeds and topics in force",
        ];
        assert!(told.contains("off"), "{command:?}: {told}");
        assert!(
            goes_on.iter().any(|it| told.contains(it)),
            "{command:?}: {told}"
        );
        let (code, told) = asked("feed.toml");
        assert_eq!(code, Some(78), "{command:?}: {told}");
        assert!(!told.contains("off"), "{command:?}: {told}");
    }
    drop(running);
}

/// With the first `[[output]]` those that were made without one go: what readers lose is said before and when it happens.
#[test]
fn outputs_that_go_are_told() {
    let topic = "[[topic]]\nname = \"desk\"\nquery = \"desk\"\n";
    let (place, mut running) = start(&format!("{QUIET}{topic}"));
    let before = place.path().join("before.toml");
    std::fs::copy(place.path().join("feeds.toml"), before).unwrap();
    let output = "[[output]]\npath = \"desk\"\n";
    place.write("feeds.toml", format!("{QUIET}{topic}{output}"));
    let planned = place.print(&["plan"]);
    assert!(planned.contains("\noutputs: - /all (404)\n"), "{planned}");
    let told = "outputs: - /all (404), ~ /desk (holds everything now)";
    let planned = place.print(&["plan", "--against", "before.toml"]);
    assert!(planned.contains(told), "{planned}");
    let output = place.run(&["reload", "--wait"]);
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(report.contains(told), "{report}");
    // Below its warnings, and apart from them.
    let lines: Vec<&str> = report.lines().collect();
    let at = lines.iter().position(|line| *line == told).unwrap();
    assert_eq!(lines[at - 1], "", "{report}");
    running.wait_for(told);
}

/// What a reload takes out of the polls is said, as what it takes from readers is.
#[test]
fn feeds_that_go_are_told() {
    // Of this machine, which no feed may reach that is not allowed to.
    let two = "[[feed]]\nid = \"two\"\nurl = \"http://127.0.0.1:9/b.xml\"\n";
    let off = format!("{QUIET}{two}enabled = false\n");
    let (place, mut running) = start(&off);
    for (text, told) in [
        (QUIET, "feeds: - two\n"),
        (&off, "feeds: + two\n"),
        (&format!("{QUIET}{two}"), "feeds: ~ two (switched on)\n"),
        (&off, "feeds: ~ two (switched off)\n"),
    ] {
        place.write("feeds.toml", text);
        let output = place.run(&["reload", "--wait"]);
        let report = String::from_utf8(output.stderr).unwrap();
        assert!(report.contains(told), "{report}");
        running.wait_for(told.trim_end());
    }
    let output = place.run(&["poll", "two"]);
    let told = String::from_utf8(output.stderr).unwrap();
    let word = "`two` has `enabled = false`: it is polled this once";
    assert_eq!(told.matches(word).count(), 1, "{told}");
}

/// A feed with another id begins anew, which is said before and when it happens.
#[test]
fn a_feed_under_another_id_is_told() {
    let (place, mut running) = start(QUIET);
    let told = "feeds under another id: away (was off): each begins anew";
    place.write("feeds.toml", QUIET.replace("\"off\"", "\"away\""));
    let planned = place.print(&["plan"]);
    assert!(planned.contains(told), "{planned}");
    let planned: serde_json::Value =
        serde_json::from_str(&place.print(&["plan", "--format", "json"])).unwrap();
    assert!(
        planned["feeds"].as_str().unwrap().starts_with(told),
        "{planned}"
    );
    let output = place.run(&["reload", "--wait"]);
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(report.contains(told), "{report}");
    running.wait_for(told);
    let planned = place.print(&["plan"]);
    assert!(!planned.contains("another id"), "{planned}");
    // What is put back is stored, and goes on.
    place.write("feeds.toml", QUIET);
    let output = place.run(&["reload", "--wait"]);
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && !report.contains("another id"),
        "{report}"
    );
}

/// The socket is for the daemon's own user; one that a killed daemon left is replaced, and that of a daemon
/// which runs is not.
#[test]
fn the_socket_outlives_no_daemon() {
    let (place, running) = start(QUIET);
    let socket = place.path().join("state/control.sock");
    assert_eq!(
        socket.metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );

    let mut second = place.command(&["run", "--state", "other"]);
    second.env("RUNTIME_DIRECTORY", place.path().join("state"));
    let refused = second.output().unwrap();
    assert_eq!(refused.status.code(), Some(74));
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.contains("another daemon"), "{refused}");

    running.signal("-KILL");
    running.end();
    assert!(socket.exists());
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.print(&["reload", "--wait"]);
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
    assert!(!socket.exists());
}

/// What stands in a directory that is published to no more is nobody's task, which is said before and when it happens.
#[test]
fn a_publish_dir_that_is_left_is_told() {
    let key = |directory: &str| format!("[server]\npublish-dir = \"{directory}\"\n");
    let with = |directory: &str| QUIET.replace("[server]\n", &key(directory));
    let (place, mut running) = start(&with("www"));
    place.write("before.toml", with("www"));
    let planned = place.print(&["plan"]);
    assert!(!planned.contains("publish-dir"), "{planned}");
    for (text, now) in [(&*with("other"), "/other: "), (QUIET, "none: ")] {
        place.write("feeds.toml", text);
        let against = ["plan", "--against", "before.toml"];
        for arguments in [&["plan"][..], &against] {
            let planned = place.print(arguments);
            let is_told = planned.contains("publish-dir: /") && planned.contains(now);
            assert!(is_told, "{arguments:?}: {planned}");
        }
        let output = place.run(&["reload", "--wait"]);
        let report = String::from_utf8(output.stderr).unwrap();
        let is_told = report.contains("publish-dir: /") && report.contains(now);
        assert!(is_told && report.contains("kept up no more"), "{report}");
        running.wait_for(now);
    }
    let planned = place.print(&["plan"]);
    assert!(!planned.contains("publish-dir"), "{planned}");
}

/// Another `public-url` begins all archives anew, and their addresses answer 410: that is said before and when it happens,
/// also where no daemon runs.
#[test]
fn another_public_url_is_told() {
    let at = |host: &str| {
        let key = format!("[server]\npublic-url = \"https://{host}.example/\"\n");
        QUIET.replace("[server]\n", &key)
    };
    let place = Place::new(&at("one"));
    place.print(&["poll"]);
    place.print(&["publish", "out"]);
    place.write("before.toml", at("one"));
    let planned = place.print(&["plan"]);
    assert!(!planned.contains("archives:"), "{planned}");
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.write("feeds.toml", at("two"));
    let archives =
        "archives: /all begins anew: the addresses of the documents of before answer 410";
    let address = "public-url: https://one.example/ -> https://two.example/: ";
    let planned = place.print(&["plan"]);
    assert!(planned.contains(archives), "{planned}");
    let planned = place.print(&["plan", "--against", "before.toml"]);
    assert!(
        planned.contains(archives) && planned.contains(address),
        "{planned}"
    );
    let output = place.run(&["reload", "--wait"]);
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(
        report.contains(archives) && report.contains(address),
        "{report}"
    );
    running.wait_for(archives);
}
