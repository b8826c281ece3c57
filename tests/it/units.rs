//! What is shipped for systemd, as far as it can be looked at without one: `tests/systemd/run` boots one.

use crate::program::Place;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// Returns the values of a key in a unit, in their order.
fn values(unit: &str, key: &str) -> Vec<String> {
    let prefix = format!("{key}=");
    let lines = unit.lines().filter_map(|line| line.strip_prefix(&prefix));
    lines.map(str::to_owned).collect()
}

/// What the units call can be called: a command or an option that is renamed is renamed here, too.
#[test]
fn the_units_call_what_there_is() {
    let place = Place::new("");
    for (unit, key) in [
        ("merganser.service", "ExecStart"),
        ("merganser.service", "ExecReload"),
        ("merganser-backup.service", "ExecStart"),
    ] {
        let calls = values(&read(&format!("systemd/{unit}")), key);
        assert_eq!(calls.len(), 1, "{unit}: {key}");
        let arguments = calls[0].strip_prefix("/usr/bin/merganser ").unwrap();
        let arguments: Vec<&str> = arguments.split(' ').chain(["--help"]).collect();
        place.print(&arguments);
    }
}

/// The contract between the unit and the program: the order of the types, and the code that ends the attempts.
#[test]
fn r16_the_unit_fits_the_program() {
    let unit = read("systemd/merganser.service");
    let types = values(&unit, "Type");
    assert_eq!(
        types,
        ["notify", "notify-reload"],
        "older systemd keeps the first"
    );
    assert_eq!(values(&unit, "RestartPreventExitStatus"), ["78"]);
    let socket = read("systemd/merganser.socket");
    assert_eq!(values(&socket, "FileDescriptorName"), ["http"]);
    assert_eq!(values(&socket, "ListenStream"), ["127.0.0.1:8420"]);
}

/// Each event that the program names by an id is explained, and no other.
#[test]
fn the_catalog_explains_each_event() {
    let catalog = read("systemd/merganser.catalog");
    let explained: Vec<&str> = catalog
        .lines()
        .filter_map(|line| line.strip_prefix("-- "))
        .collect();
    let source = read("src/daemon/logs/events.rs");
    let named: Vec<&str> = source
        .split('"')
        .filter(|part| part.len() == 32 && part.chars().all(|c| c.is_ascii_hexdigit()))
        .collect();
    assert_eq!(explained, named);
}

/// The scripts of the package name units that it brings, and all that can be enabled.
#[test]
fn the_package_knows_its_units() {
    let called = |script: &str| -> BTreeSet<String> {
        let text = read(script);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"-.@".contains(c));
        let units = words.filter(|word| {
            word.starts_with("merganser")
                && [".service", ".socket", ".timer"]
                    .iter()
                    .any(|kind| word.ends_with(kind))
        });
        units.map(str::to_owned).collect()
    };
    let mut brought = called("packaging/deb");
    // an example, which no script starts
    assert!(brought.remove("merganser-alert@.service"));
    let enabled = brought
        .iter()
        .filter(|unit| read(&format!("systemd/{unit}")).contains("[Install]"));
    let enabled: BTreeSet<String> = enabled.cloned().collect();
    assert!(!enabled.is_empty());
    for script in ["postinst", "prerm", "postrm"] {
        let named = called(&format!("packaging/debian/{script}"));
        assert!(named.is_subset(&brought), "{script}: {named:?}");
        assert!(named.is_superset(&enabled), "{script}: {named:?}");
    }
}

/// What systemd keeps of a timer goes with a purge.
#[test]
fn a_purge_removes_what_is_kept_of_timers() {
    let postrm = read("packaging/debian/postrm");
    let units = std::fs::read_dir(root().join("systemd")).unwrap();
    let units = units.map(|it| it.unwrap().file_name().into_string().unwrap());
    let timers: Vec<String> = units
        .filter_map(|unit| unit.strip_suffix(".timer").map(str::to_owned))
        .collect();
    assert!(!timers.is_empty());
    for timer in timers {
        let is_kept = read(&format!("systemd/{timer}.timer")).contains("Persistent=yes");
        let stamp = format!("rm -f /var/lib/systemd/timers/stamp-{timer}.timer\n");
        assert_eq!(postrm.contains(&stamp), is_kept, "{timer}");
    }
}

/// The scripts that boot a systemd or make a package can be read by the shells that run them.
#[test]
fn the_scripts_are_whole() {
    for (script, interpreter) in [
        ("tests/systemd/run", "bash"),
        ("tests/systemd/init.sh", "sh"),
        ("tests/systemd/inside.sh", "bash"),
        ("tests/systemd/origin.sh", "bash"),
        ("tests/systemd/package.sh", "bash"),
        ("tests/systemd/package-inside.sh", "bash"),
        ("packaging/deb", "bash"),
        ("packaging/debian/preinst", "sh"),
        ("packaging/debian/postinst", "sh"),
        ("packaging/debian/prerm", "sh"),
        ("packaging/debian/postrm", "sh"),
    ] {
        let read = Command::new(interpreter)
            .arg("-n")
            .arg(root().join(script))
            .status();
        assert!(read.unwrap().success(), "{script}");
    }
    for unit in [
        "tests/systemd/origin.socket",
        "tests/systemd/origin@.service",
    ] {
        assert!(Path::new(&root().join(unit)).exists(), "{unit}");
    }
}

/// Who has the program alone has all that packages bring beside it.
#[test]
fn what_packages_bring_is_printed() {
    let place = Place::new("");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (what, file) in [
        ("systemd", "systemd/merganser.service"),
        ("socket", "systemd/merganser.socket"),
        ("example", "feeds.toml"),
        ("grafana", "dashboards/merganser.json"),
        ("alerts", "dashboards/alerts.yml"),
    ] {
        let expected = std::fs::read_to_string(root.join(file)).unwrap();
        assert_eq!(place.print(&["print", what]), expected, "{what}");
    }
    place.fail(&["print", "alerts", "one"], 1);
}
