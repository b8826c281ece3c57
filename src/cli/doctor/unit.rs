//! The unit that is installed, against the one that comes with this program.

use super::Finding;
use crate::cli::print::UNIT;
use crate::cli::systemd::{Bearing, Trouble, Units};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where systemd looks for units, the first that has one counts.
const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// How many lines are told of a unit that differs.
const TOLD: usize = 3;

const CHECK: &str = "unit";

/// What ends what systemd tries in vain beside a daemon that is run by other means.
const LEFT_TO_ANOTHER: &str =
    "`systemctl disable --now merganser.socket merganser; systemctl reset-failed 'merganser.*'`";

/// Tells what systemd has against the units; else compares this unit, or the one that is installed, with ours.
pub(super) fn look(named: Option<&Path>, units: &Units, runs: bool) -> Finding {
    let trouble = units.trouble();
    if let Some(finding) = trouble.and_then(|it| of_systemd(it, runs)) {
        return finding;
    }
    let installed = || {
        let paths = FOLDERS
            .iter()
            .map(|it| Path::new(it).join("merganser.service"));
        paths.into_iter().find(|path| path.exists())
    };
    let Some(path) = named.map(PathBuf::from).or_else(installed) else {
        return Finding::ok(
            CHECK,
            "none is installed; `merganser print systemd` prints one",
        );
    };
    let shown = path.display();
    match fs::read_to_string(&path) {
        Ok(text) => judged(&shown.to_string(), &text),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Finding::skip(CHECK, format!("{shown}: {error}"))
        }
        Err(error) => Finding::fail(
            CHECK,
            format!("{shown}: {error}"),
            "name another with --unit",
        ),
    }
}

/// Judges what systemd has against a unit. Where a daemon runs while the service is down, systemd did not start it: readers
/// are answered, what keeps the service from being started beside it is as it should be, and a start would be in vain.
fn of_systemd(trouble: Trouble, runs: bool) -> Option<Finding> {
    let Trouble {
        found,
        next,
        bearing,
    } = trouble;
    match (bearing, runs) {
        (Bearing::Down | Bearing::Kept, false) => Some(Finding::fail(CHECK, found, next)),
        (Bearing::Lacking, _) | (Bearing::Unasked, false) => {
            Some(Finding::warn(CHECK, found, next))
        }
        (Bearing::Kept | Bearing::Unasked, true) => None,
        (Bearing::Down, true) => {
            let found = format!("a daemon runs that systemd did not start, and {found}");
            let next = format!(
                "{LEFT_TO_ANOTHER}; where systemd is to run it, stop that one first: {next}"
            );
            Some(Finding::warn(CHECK, found, next))
        }
    }
}

fn judged(shown: &str, text: &str) -> Finding {
    let (ours, theirs) = (settings(UNIT), settings(text));
    if theirs.is_empty() {
        let found = format!("{shown} says nothing, which keeps the service from starting");
        return Finding::warn(
            CHECK,
            found,
            "`systemctl unmask merganser` where that is not meant",
        );
    }
    let lacking = ours
        .difference(&theirs)
        .map(|line| format!("lacks `{line}`"));
    let more = theirs.difference(&ours).map(|line| format!("has `{line}`"));
    let mut differences: Vec<String> = more.chain(lacking).collect();
    if differences.is_empty() {
        return Finding::ok(CHECK, format!("{shown} is this version's"));
    }
    let rest = differences.len().saturating_sub(TOLD);
    differences.truncate(TOLD);
    let rest = match rest {
        0 => String::new(),
        some => format!(", and {some} more"),
    };
    let found = format!(
        "{shown} is not this version's: {}{rest}",
        differences.join(", ")
    );
    let next = "`merganser print systemd` prints it; what you change belongs into `systemctl edit merganser`";
    Finding::warn(CHECK, found, next)
}

/// Returns the lines that say something; where the program lies is everybody's own affair.
fn settings(unit: &str) -> BTreeSet<String> {
    let lines = unit.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    lines.map(placeless).collect()
}

/// Writes the program's path as its name.
fn placeless(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let (key, value) = word.split_once('=').unwrap_or(("", word));
        match (value.starts_with('/') && value.ends_with("/merganser"), key) {
            (false, _) => word.to_owned(),
            (true, "") => "merganser".to_owned(),
            (true, key) => format!("{key}=merganser"),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    /// Nobody starts a second daemon beside one that answers because systemd does not run it.
    #[test]
    fn what_keeps_the_service_from_starting_is_no_failure_beside_a_daemon() {
        for (bearing, alone, beside) in [
            (Bearing::Down, Level::Fail, Some(Level::Warn)),
            (Bearing::Kept, Level::Fail, None),
            (Bearing::Unasked, Level::Warn, None),
            (Bearing::Lacking, Level::Warn, Some(Level::Warn)),
        ] {
            let judged = |runs| {
                let trouble = Trouble {
                    found: "it is".to_owned(),
                    next: "do it".to_owned(),
                    bearing,
                };
                of_systemd(trouble, runs)
            };
            let level = |finding: Option<Finding>| finding.map(|it| it.level);
            assert_eq!(level(judged(false)), Some(alone), "{bearing:?}");
            assert_eq!(level(judged(true)), beside, "{bearing:?}");
            if bearing == Bearing::Down {
                let finding = judged(true).unwrap();
                assert!(finding.found.contains("a daemon runs"), "{finding:?}");
                assert!(
                    finding.next.ends_with("stop that one first: do it"),
                    "{finding:?}"
                );
            }
        }
    }

    #[test]
    fn a_unit_differs_by_what_it_says() {
        let same = UNIT.replace("/usr/bin/merganser", "/opt/x/bin/merganser");
        let bare: String = UNIT
            .lines()
            .filter(|it| !it.starts_with('#'))
            .collect::<Vec<_>>()
            .join("\n\n");
        let old = UNIT.replace("WatchdogSec=60s", "WatchdogSec=10s");
        for (text, level, part) in [
            (UNIT, Level::Ok, "this version's"),
            (&same, Level::Ok, "this version's"),
            (&bare, Level::Ok, "this version's"),
            (
                &old,
                Level::Warn,
                "has `WatchdogSec=10s`, lacks `WatchdogSec=60s`",
            ),
            ("[Service]\n", Level::Warn, " more"),
            ("", Level::Warn, "says nothing"),
        ] {
            let finding = judged("a.service", text);
            assert_eq!(finding.level, level, "{finding:?}");
            assert!(finding.found.contains(part), "{finding:?}");
        }
    }
}
