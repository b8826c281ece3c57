//! The unit that is installed, against the one that comes with this program.

use super::{Finding, Level};
use crate::cli::print::UNIT;
use crate::cli::systemd::{Bearing, Units};
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

/// Tells what systemd has against the units; else compares this unit, or the one that is installed, with ours. Where a
/// daemon runs that systemd did not start, its service is not to be started beside it.
pub(super) fn look(named: Option<&Path>, units: &Units, is_run_otherwise: bool) -> Finding {
    let is_meant = |bearing| is_run_otherwise && bearing == Bearing::Unasked;
    if let Some(trouble) = units.trouble().filter(|it| !is_meant(it.bearing)) {
        let level = match trouble.bearing {
            Bearing::Down => Level::Fail,
            Bearing::Unasked | Bearing::Lacking => Level::Warn,
        };
        return Finding::new(CHECK, level, trouble.found, trouble.next);
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
    use super::*;

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
