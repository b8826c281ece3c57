//! `doctor` through the real binary.

use crate::checking::serves_at;
use crate::program::{Place, QUIET, Running};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A unit that is this version's, so that what this machine has does not count.
fn unit() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/merganser.service");
    path.to_str().unwrap().to_owned()
}

/// What was found, by check: level, finding, next step.
type Found = BTreeMap<String, (String, String, String)>;

/// Runs it, which must end with this code.
fn doctor(place: &Place, code: i32) -> Found {
    let unit = unit();
    let output = place.run(&["doctor", "--format", "json", "--unit", &unit]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = object["checks"].as_array().unwrap().iter();
    checks
        .map(|it| {
            let found = (text(it, "level"), text(it, "found"), text(it, "next"));
            (text(it, "check"), found)
        })
        .collect()
}

/// Asserts what one check found.
fn assert_found(found: &Found, check: &str, level: &str, part: &str) {
    let (is, told, next) = &found[check];
    assert_eq!(is, level, "{check}: {told}");
    assert!(told.contains(part), "{check}: {told}");
    let is_quiet = matches!(level, "ok" | "skip");
    assert_eq!(next.is_empty(), is_quiet, "{check}: {next}");
}

/// Every file below a directory with what it holds.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.is_file() {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Before the first run, after it, and beside a daemon all is well, and nothing is changed.
#[test]
fn a_good_place_has_nothing_to_mend() {
    let place = Place::new(QUIET);
    let before = files(place.path());
    let found = doctor(&place, 0);
    assert_found(&found, "state", "ok", "made by the first run");
    assert_found(&found, "database", "ok", "made by the first run");
    assert_eq!(files(place.path()), before);
    place.write(
        "history.jsonl",
        r#"{"feed": "off", "at": "2026-11-24T06:00:00Z", "entry": {"id": "1", "title": "A & B <c>", "content_text": "x"}}"#,
    );
    place.print(&["replay", "history.jsonl"]);
    let before = files(place.path());
    let found = doctor(&place, 0);
    for (check, part) in [
        ("configuration", "1 feed, 0 warnings"),
        ("state", "for its owner alone"),
        ("database", "read through and whole"),
        ("control", "no daemon runs"),
        ("names", "no feed needs one"),
        ("listener", "is free"),
        (
            "outputs",
            "1 output in 3 documents rendered, read back without a fault",
        ),
        ("unit", "is this version's"),
    ] {
        assert_found(&found, check, "ok", part);
    }
    assert_eq!(found.len(), 11, "{found:?}");
    assert_eq!(files(place.path()), before);

    let mut running = Running::start(&place);
    running.wait_for("serving at");
    let found = doctor(&place, 0);
    let pid = running.id().to_string();
    assert_found(&found, "control", "ok", &pid);
    assert_found(&found, "listener", "ok", &pid);
}

/// What somebody should look at is told with the step to take, and is no failure.
#[test]
fn what_is_lax_is_warned_of() {
    let place = Place::new(QUIET);
    place.print(&["poll"]);
    let state = place.path().join("state");
    chmod(&state, 0o755);
    chmod(&state.join("merganser.db"), 0o644);
    chmod(&place.path().join("feeds.toml"), 0o666);
    place.write("old.service", "[Service]\nType=simple\n");
    let found = doctor(&place, 0);
    assert_found(&found, "state", "warn", "mode 755");
    assert_found(&found, "database", "warn", "mode 644");
    assert_found(&found, "configuration", "warn", "mode 666");
    let plain = place.print(&["doctor", "--unit", "old.service", "--format", "plain"]);
    for line in plain.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), 4, "{line}");
        assert_eq!(cells[3].is_empty(), cells[0] == "ok", "{line}");
    }
    assert!(plain.contains("warn\tunit\t"), "{plain}");
    let text = place.print(&["doctor", "--unit", "old.service"]);
    for part in [
        "warn  unit",
        "has `Type=simple`",
        "systemctl edit",
        "`chmod 700 ",
    ] {
        let words = part.split(' ').filter(|it| !it.is_empty());
        let words: Vec<&str> = words.collect();
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&words.join(" ")), "{part} in\n{text}");
    }
}

/// What keeps a run from starting is a failure, each told for itself.
#[test]
fn what_stops_a_run_fails() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let place = Place::new(&QUIET.replace("127.0.0.1:0", &format!("127.0.0.1:{port}")));
    let state = place.path().join("state");
    std::fs::create_dir(&state).unwrap();
    chmod(&state, 0o700);
    let database = state.join("merganser.db");
    std::fs::write(&database, "a letter\n".repeat(100)).unwrap();
    let found = doctor(&place, 1);
    assert_found(&found, "database", "fail", "not a database");
    assert_found(&found, "listener", "fail", &port.to_string());
    let errors = place.fail(&["doctor", "--unit", "none.service"], 1);
    assert!(
        errors.contains("checks failed, 2 checks not looked at, see above"),
        "{errors}"
    );

    std::fs::remove_file(&database).unwrap();
    place.write("feeds.toml", "[[feed]]\n");
    let found = doctor(&place, 1);
    assert_found(&found, "configuration", "fail", " error");
    assert_eq!(found.len(), 11, "{found:?}");
    assert_found(&found, "database", "ok", "made by the first run");
    for check in ["names", "certificates", "listener", "outputs"] {
        assert_found(&found, check, "skip", "not looked at");
    }
    std::fs::remove_file(place.path().join("feeds.toml")).unwrap();
    assert_found(&doctor(&place, 1), "database", "skip", "not looked at");
    place.write("feeds.toml", QUIET);
    std::fs::remove_dir(&state).unwrap();
    std::fs::write(&state, "").unwrap();
    assert_found(&doctor(&place, 1), "state", "fail", "no directory");
}

/// Pages that do not fit together are found, and a database of before or of later is told from them.
#[test]
fn r9_a_database_is_read_through() {
    let place = Place::new(QUIET);
    place.print(&["poll"]);
    let database = place.path().join("state/merganser.db");
    let whole = std::fs::read(&database).unwrap();
    let set = |version: u32| {
        std::fs::write(&database, &whole).unwrap();
        let connection = rusqlite::Connection::open(&database).unwrap();
        connection
            .pragma_update(None, "user_version", version)
            .unwrap();
    };
    set(999);
    assert_found(&doctor(&place, 1), "database", "fail", "schema 999");
    set(3);
    let found = doctor(&place, 0);
    assert_found(&found, "database", "warn", "schema 3");
    assert_found(&found, "outputs", "skip", "not looked at");
    assert_found(&found, "clock", "skip", "not compared with the last poll");
    let mut torn = whole.clone();
    let middle = torn.len() / 2;
    torn[middle..].fill(0xff);
    std::fs::write(&database, torn).unwrap();
    assert_found(&doctor(&place, 1), "database", "fail", "damaged");
}

/// The daemon says where it serves readers: another file's wish is not taken for it, and a size is told that was seen.
#[test]
fn the_listener_is_whose_it_is() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    place.write("feeds.toml", "[[feed]\n");
    let found = doctor(&place, 1);
    assert_found(&found, "room", "ok", "the database has ");
    assert_found(&found, "database", "ok", "read through and whole");

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let wanted = nobody.local_addr().unwrap().to_string();
    place.write("feeds.toml", QUIET.replace("127.0.0.1:0", &wanted));
    assert_found(&doctor(&place, 1), "listener", "fail", &wanted);
    drop(nobody);
    let found = doctor(&place, 0);
    assert_found(&found, "listener", "warn", "nobody serves readers at");
    assert_found(&found, "listener", "warn", &wanted);
    std::fs::rename(
        place.path().join("feeds.toml"),
        place.path().join("other.toml"),
    )
    .unwrap();
    place.write("feeds.toml", QUIET);
    let found = doctor(&place, 0);
    assert_found(&found, "listener", "ok", "is the daemon's");
    let plain = place.print(&["--config", "other.toml", "doctor", "--format", "plain"]);
    assert!(plain.contains("warn\tcontrol\t"), "{plain}");
}

/// The port of a daemon that is to serve at all addresses from the next start on is its own, and nobody else's.
#[test]
fn a_wider_address_is_no_fault_of_another() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    let address = serves_at(&mut running);
    let (_, port) = address.rsplit_once(':').unwrap();
    let wanted = format!("0.0.0.0:{port}\"\npublic-url = \"https://news.example.org/");
    place.write("feeds.toml", QUIET.replace("127.0.0.1:0", &wanted));
    let found = doctor(&place, 0);
    assert_found(&found, "listener", "warn", "serves readers at 127.0.0.1:");
}

/// Who holds the state and answers at no socket is no daemon that could be asked, and serves nobody.
#[test]
fn a_socket_that_was_left_behind_is_no_answer() {
    let place = Place::new(QUIET);
    let mut running = Running::start(&place);
    running.wait_for("serving at");
    running.signal("-KILL");
    running.end();
    let _held = merganser::store::lock(&place.path().join("state")).unwrap();
    let found = doctor(&place, 0);
    assert_found(&found, "control", "warn", "nobody answers at");
    assert_found(&found, "listener", "ok", "is free");
}

/// Of an output that only those with a key may read nothing is rendered, which is said.
#[test]
fn outputs_that_are_not_looked_at_are_named() {
    let outputs = "[[output]]\npath = \"all\"\nformats = [\"atom\"]\n\
                   [[output]]\npath = \"own\"\nselect = \"title:otter\"\nprotect = { env = \"KEY\" }\n";
    let place = Place::new(&format!("{QUIET}{outputs}"));
    let mut poll = place.command(&["poll"]);
    assert!(
        poll.env("KEY", "0123456789abcdef0123456789abcdef")
            .status()
            .unwrap()
            .success()
    );
    let found = doctor(&place, 0);
    assert_found(&found, "outputs", "ok", "1 output in 1 document rendered");
    assert_found(
        &found,
        "outputs",
        "ok",
        "not looked at, for those with a key: own",
    );
}

/// Names and certificates are asked for what the feeds need.
#[test]
fn feeds_need_names_and_certificates() {
    let feed = "[[feed]]\nid = \"on\"\nurl = \"https://localhost/a.xml\"\n\
                allow-networks = [\"127.0.0.0/8\"]\n";
    let place = Place::new(&format!("{QUIET}{feed}"));
    let unit = unit();
    let mut command = place.command(&["doctor", "--format", "json", "--unit", &unit]);
    command.env("SSL_CERT_FILE", place.path().join("none.pem"));
    command.env("SSL_CERT_DIR", place.path().join("none"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let level = |name: &str| {
        let checks = object["checks"].as_array().unwrap();
        let check = checks.iter().find(|it| it["check"] == name).unwrap();
        check["level"].clone()
    };
    assert_eq!(level("certificates"), "fail", "{object}");
    assert_eq!(level("names"), "ok", "{object}");
}

/// What systemd says of the service's units, as it is told by a program of this name: no machine of tests has them failed.
fn with_systemd(place: &Place, says: &str, arguments: &[&str]) -> std::process::Output {
    let folder = place.path().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    place.write("bin/told", says);
    place.write("bin/systemctl", "#!/bin/sh\ncat \"${0%/*}/told\"\n");
    chmod(&folder.join("systemctl"), 0o755);
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let mut command = place.command(arguments);
    command
        .args(["--state", "/var/lib/merganser"])
        .env("PATH", path);
    command.output().unwrap()
}

/// What systemd says of the units as they are installed, and not started.
const SHIPPED: &str = "Id=merganser.service\nLoadState=loaded\nActiveState=inactive\nDynamicUser=yes\n\
                       PrivateUsers=yes\n\nId=merganser.socket\nLoadState=loaded\nActiveState=inactive\n";

/// A place whose commands ask our systemd; nothing where they would find the service of this machine.
#[expect(clippy::print_stderr, reason = "what is not tried is told")]
fn place_of_units() -> Option<Place> {
    for there in [
        "/run/merganser/control.sock",
        "/var/lib/merganser/merganser.db",
    ] {
        if Path::new(there).exists() {
            eprintln!("SKIPPED: {there} is the service's of this machine");
            return None;
        }
    }
    if !cfg!(debug_assertions) {
        eprintln!("SKIPPED: a release build asks the systemd of this machine");
        return None;
    }
    Some(Place::new(&QUIET.replace("127.0.0.1:0", "127.0.0.1:80")))
}

/// Returns the line of `doctor` about a check, where systemd says this.
fn line(place: &Place, says: &str, check: &str) -> String {
    let output = with_systemd(place, says, &["doctor", "--format", "plain"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let is_it = |line: &&str| line.split('\t').nth(1) == Some(check);
    text.lines().find(is_it).unwrap().to_owned()
}

fn status(place: &Place, says: &str) -> String {
    let output = with_systemd(place, says, &["status"]);
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What keeps the service down is told by who is asked about it, with what to do: nothing of it is in feeds.toml or in the
/// state.
#[test]
fn what_systemd_has_given_up_is_told() {
    const FAILED: &str = "Id=merganser.service\nLoadState=loaded\nActiveState=failed\nResult=start-limit-hit\n\n\
                          Id=merganser.socket\nLoadState=loaded\nActiveState=failed\n";
    let Some(place) = place_of_units() else {
        return;
    };
    let anew = "`systemctl reset-failed merganser.service merganser.socket; systemctl restart merganser.service`";
    let unit = line(&place, FAILED, "unit");
    assert!(unit.starts_with("fail\t") && unit.contains(anew), "{unit}");
    let listener = line(&place, SHIPPED, "listener");
    assert!(listener.starts_with("fail\t"), "{listener}");
    assert!(listener.contains("merganser.socket"), "{listener}");
    assert!(!line(&place, SHIPPED, "unit").contains("given up"));

    let told = status(&place, FAILED);
    assert!(told.contains("none runs: systemd has given up"), "{told}");
    assert!(told.contains(anew), "{told}");
    assert!(!status(&place, SHIPPED).contains("given up"));
}

/// Who listens there for the service is no failure, and who does so no more is one.
#[test]
fn a_port_that_systemd_holds_is_well() {
    let Some(place) = place_of_units() else {
        return;
    };
    let of_socket = |told: &str| {
        let says = format!(
            "Id=merganser.service\nLoadState=loaded\nActiveState=inactive\n\nId=merganser.socket\nLoadState=loaded\n{told}\n"
        );
        line(&place, &says, "listener")
    };
    let held = of_socket("ActiveState=active\nListen=127.0.0.1:80 (Stream)");
    let expected = "ok\tlistener\t127.0.0.1:80 (Stream) is held by merganser.socket";
    assert!(held.starts_with(expected), "{held}");
    let masked = "Id=merganser.service\nLoadState=masked\nActiveState=inactive\n\nId=merganser.socket\nLoadState=loaded\n\
                  ActiveState=active\nListen=127.0.0.1:80 (Stream)\n";
    let in_vain = line(&place, masked, "listener");
    let expected = "fail\tlistener\t127.0.0.1:80 (Stream) is held by merganser.socket, and merganser.service does not";
    assert!(in_vain.starts_with(expected), "{in_vain}");
    let given_up = of_socket("ActiveState=failed");
    assert!(given_up.starts_with("fail\t"), "{given_up}");
    let anew = "reset-failed merganser.socket; systemctl restart merganser.service";
    assert!(given_up.contains(anew), "{given_up}");
}

/// That nobody has systemd run the service can wait, and changes nothing of how the command ends.
#[test]
fn a_unit_that_is_not_enabled_is_told() {
    let Some(place) = place_of_units() else {
        return;
    };
    let disabled = SHIPPED.replace("DynamicUser", "UnitFileState=disabled\nDynamicUser");
    let unit = line(&place, &disabled, "unit");
    assert!(unit.starts_with("warn\t"), "{unit}");
    let told = status(&place, &disabled);
    let expected = "! daemon none runs: merganser.service is neither started nor enabled; `systemctl enable --now";
    assert!(told.contains(expected), "{told}");
    for format in ["table", "plain", "json"] {
        let output = with_systemd(&place, &disabled, &["status", "--format", format]);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(74), "{errors}");
        assert_eq!(errors.matches("no database").count(), 1, "{errors}");
    }
}
