//! `doctor` through the real binary.

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
    assert_eq!(next.is_empty(), level == "ok", "{check}: {next}");
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
        ("outputs", "rendered, read back without a fault"),
        ("unit", "is this version's"),
    ] {
        assert_found(&found, check, "ok", part);
    }
    assert!(!found["outputs"].1.starts_with('0'), "{found:?}");
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
    assert!(errors.contains("checks failed, see above"), "{errors}");

    std::fs::remove_file(&database).unwrap();
    place.write("feeds.toml", "[[feed]]\n");
    let found = doctor(&place, 1);
    assert_found(&found, "configuration", "fail", "problem");
    assert!(!found.contains_key("listener"), "{found:?}");
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
    assert_found(&doctor(&place, 1), "database", "warn", "schema 3");
    let mut torn = whole.clone();
    let middle = torn.len() / 2;
    torn[middle..].fill(0xff);
    std::fs::write(&database, torn).unwrap();
    assert_found(&doctor(&place, 1), "database", "fail", "damaged");
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
