//! A state that this user may not write: what is said, how it ends, and that nothing is changed (R9).
//!
//! Root may write everything, so a run by root goes on as another user.

use crate::program::{Place, QUIET};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::SystemTime;

/// Whom root becomes: "nobody", of whom nothing is anywhere.
const OTHER: u32 = 65534;

/// A place of a user who is not root, with a database and the program in it.
struct Closed {
    place: Place,
    /// Where the tests of root run the program.
    other: Option<(u32, PathBuf)>,
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

impl Closed {
    fn new() -> Self {
        let place = Place::new(QUIET);
        place.print(&["poll"]);
        let is_root = fs::metadata(place.path()).unwrap().uid() == 0;
        let other = is_root.then(|| {
            // The one that was built may lie where nobody else may look.
            let program = place.path().join("merganser");
            let built = env!("CARGO_BIN_EXE_merganser");
            if fs::hard_link(built, &program).is_err() {
                fs::copy(built, &program).unwrap();
            }
            mode(place.path(), 0o755);
            let state = place.path().join("state");
            for path in fs::read_dir(&state).unwrap().map(|it| it.unwrap().path()) {
                chown(path, Some(OTHER), None).unwrap();
            }
            chown(state, Some(OTHER), None).unwrap();
            (OTHER, program)
        });
        Self { place, other }
    }

    fn state(&self) -> PathBuf {
        self.place.path().join("state")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.place.command(arguments);
        if let Some((user, program)) = &self.other {
            let mut other = std::process::Command::new(program);
            other
                .args(arguments)
                .current_dir(self.place.path())
                .env_clear()
                .env("STATE_DIRECTORY", self.state())
                .uid(*user);
            command = other;
        }
        command.output().unwrap()
    }

    fn fail(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(74), "{arguments:?}: {errors}");
        errors
    }

    /// What is in the state directory, sizes and times, but for the lock, which names who held it last.
    fn held(&self) -> BTreeMap<PathBuf, (u64, SystemTime)> {
        let entries = fs::read_dir(self.state()).unwrap();
        let held = entries.map(|entry| {
            let path = entry.unwrap().path();
            let metadata = fs::metadata(&path).unwrap();
            (path, (metadata.len(), metadata.modified().unwrap()))
        });
        held.filter(|(path, _)| !path.ends_with("merganser.lock"))
            .collect()
    }
}

/// Whoever may not write is told what, why and what helps, before anything is touched; whoever only reads, reads.
#[test]
fn r9_a_state_that_is_not_to_be_written_is_left_alone() {
    let closed = Closed::new();
    let (state, database) = (closed.state(), closed.state().join("merganser.db"));
    for (path, modes, names) in [
        (&state, (0o555, 0o700), "state"),
        (&database, (0o444, 0o600), "merganser.db"),
    ] {
        mode(path, modes.0);
        let before = closed.held();
        for arguments in [&["run"][..], &["poll"], &["vacuum"]] {
            let errors = closed.fail(arguments);
            for part in ["may not write", names, "`chmod u+w`"] {
                assert!(errors.contains(part), "{part}: {errors}");
            }
        }
        for arguments in [
            &["status"][..],
            &["list"],
            &["why", "off"],
            &["search", "otter"],
            &["export"],
        ] {
            let output = closed.run(arguments);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
        }
        assert_eq!(closed.held(), before, "{names}");
        mode(path, modes.1);
    }
    assert_eq!(closed.run(&["poll"]).status.code(), Some(0));
}

/// A log that a killed daemon left holds what the file does not: who may not read it is told so, and not shown less.
#[test]
fn r9_a_log_that_cannot_be_read_is_named() {
    let closed = Closed::new();
    let database = closed.state().join("merganser.db");
    let writer = rusqlite::Connection::open(&database).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
            INSERT INTO rules (label, digest, stored_as) VALUES ('x', x'', 'x');",
        )
        .unwrap();
    let log = fs::read(closed.state().join("merganser.db-wal")).unwrap();
    drop(writer);
    let beside = closed.state().join("merganser.db-wal");
    fs::write(&beside, log).unwrap();
    if let Some((user, _)) = &closed.other {
        chown(&beside, Some(*user), None).unwrap();
    }
    mode(&closed.state(), 0o555);
    for arguments in [&["status"][..], &["list"]] {
        let errors = closed.fail(arguments);
        for part in ["a log beside it", "may not write in", "user of the daemon"] {
            assert!(errors.contains(part), "{part}: {errors}");
        }
    }
    mode(&closed.state(), 0o700);
}

/// What this user may not look at `doctor` says nothing of, neither that it is well nor that there is nothing.
#[test]
fn doctor_tells_what_it_may_not_look_at() {
    let closed = Closed::new();
    let unit = closed.place.path().join("none.service");
    fs::write(&unit, "[Service]\n").unwrap();
    let levels = |state: &str| -> BTreeMap<String, String> {
        let unit = unit.to_str().unwrap();
        let arguments = [
            "--state", state, "doctor", "--format", "plain", "--unit", unit,
        ];
        let output = closed.run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains("not looked at, see above"), "{errors}");
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| line.split('\t'));
        let cells = lines.map(|mut cells| {
            let level = cells.next().unwrap().to_owned();
            (cells.next().unwrap().to_owned(), level)
        });
        cells.collect()
    };
    mode(&closed.state(), 0o000);
    let found = levels("state");
    assert_eq!(found["state"], "fail", "{found:?}");
    for check in ["database", "control", "room", "clock", "outputs"] {
        assert_eq!(found[check], "skip", "{check}: {found:?}");
    }
    assert_eq!(found["listener"], "ok", "{found:?}");
    mode(&closed.state(), 0o555);
    let found = levels("state/new");
    assert_eq!(found["state"], "fail", "{found:?}");
    for check in ["database", "outputs"] {
        assert_eq!(found[check], "skip", "{check}: {found:?}");
    }
    for check in ["control", "room", "clock"] {
        assert_eq!(found[check], "ok", "{check}: {found:?}");
    }
    mode(&closed.state(), 0o700);
}

/// A directory that cannot be looked into is not taken for an empty one.
#[test]
fn r9_a_closed_directory_is_not_an_empty_one() {
    let closed = Closed::new();
    mode(&closed.state(), 0o000);
    for arguments in [&["run"][..], &["status"], &["list"], &["vacuum"]] {
        let errors = closed.fail(arguments);
        assert!(errors.contains("state"), "{errors}");
        assert!(!errors.contains("there is no database"), "{errors}");
    }
    mode(&closed.state(), 0o700);
}
