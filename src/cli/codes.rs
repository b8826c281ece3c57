//! `merganser explain CODE`: what a code means, and what helps: of a problem of feeds.toml, of how a poll ended, of a defect
//! of a document.

use super::Format;
use super::check::{MOVED, NO_ANSWER};
use super::why::against;
use crate::config::{Code, Severity};
use crate::model::{DEFECTS, FailureKind};
use serde_json::json;
use std::io::{self, Write};

/// What is told of a code.
pub(super) struct Told {
    code: &'static str,
    severity: &'static str,
    meaning: &'static str,
    remedy: String,
}

/// Returns what is told of a code, as it is printed (`error[unknown-key]`, `bad-date:`) or by itself; `None` of anything
/// else.
pub(super) fn of(name: &str) -> Option<Told> {
    of_problem(name)
        .or_else(|| of_outcome(name))
        .or_else(|| of_defect(name.trim_end_matches(':')))
}

/// Returns what is told of the code of a problem.
fn of_problem(name: &str) -> Option<Told> {
    let bare = name.strip_suffix(']').and_then(|it| it.split_once('['));
    let bare = bare.map_or(name, |(_, code)| code);
    if bare == NO_ANSWER {
        return Some(Told {
            code: NO_ANSWER,
            severity: "code 1 of `check --online`; a daemon runs all the same",
            meaning: "A feed did not answer with a feed.",
            remedy: "The message tells what came in its place. `merganser preview ID` asks it once more, and `merganser why ID` \
                     tells how it fared before."
                .to_owned(),
        });
    }
    if bare == MOVED {
        return Some(Told {
            code: MOVED,
            severity: "told by `check --online`, and no failure; a daemon runs all the same",
            meaning: "A feed answered at another address, at the end of permanent redirects.",
            remedy: "One look does not tell that it stays so: a daemon asks there once its polls say the same for long enough. \
                     `merganser apply-redirects` then writes the new address into feeds.toml, which may also be done by hand."
                .to_owned(),
        });
    }
    let code = Code::ALL.iter().find(|it| it.name() == bare)?;
    Some(Told {
        code: code.name(),
        severity: match code.severity() {
            Severity::Error => {
                "an error: the file is refused, and a daemon that runs keeps the one before"
            }
            Severity::Warning => "a warning: the file is taken",
        },
        meaning: code.meaning(),
        remedy: code.remedy().to_owned(),
    })
}

/// Outcomes of polls that are no failures of their own, and what they mean.
const OTHER_OUTCOMES: [(&str, &str); 3] = [
    (
        "gone",
        "The publisher ended the feed (410), or says so: that is believed when it is said again a day later.",
    ),
    (
        "throttled",
        "The origin asks for patience (429, or 503 with a `Retry-After`): it is left alone as long as it says.",
    ),
    (
        "crowded",
        "Its host is asked for too many feeds (429): nothing is counted against this one.",
    ),
];

/// Returns what is told of how polls end, as `why`, `poll` and the metrics name it.
fn of_outcome(name: &str) -> Option<Told> {
    let failure = FailureKind::ALL.iter().find(|kind| kind.name() == name);
    let other = || OTHER_OUTCOMES.iter().find(|(other, _)| *other == name);
    let (code, meaning) = match failure {
        Some(kind) => (kind.name(), kind.meaning()),
        None => *other()?,
    };
    let remedy = |status| against(code, status, "ADDRESS");
    let remedy = match code {
        "http" => [
            ("401", Some(401)),
            ("403", Some(403)),
            ("407", Some(407)),
            ("500 and above", Some(500)),
            ("Others", None),
        ]
        .map(|(which, status)| format!("{which}: {}", remedy(status)))
        .join(". "),
        "gone" => "`merganser remove ID` takes it out of feeds.toml, `merganser poll --force ID` asks once more".to_owned(),
        "store" => "`merganser doctor` looks at disk and permissions".to_owned(),
        _ => remedy(None),
    };
    Some(Told {
        code,
        severity: "how a poll ends, as `merganser why ID --format json` and the metrics name it",
        meaning,
        remedy,
    })
}

/// Returns what is told of a defect of a document.
fn of_defect(name: &str) -> Option<Told> {
    let (code, meaning) = DEFECTS.iter().find(|(code, _)| *code == name)?;
    Some(Told {
        code,
        severity: "a defect of a document, which is read all the same",
        meaning,
        remedy: "The publisher alone can mend it. `merganser preview ID` tells all defects of a feed, and what was read.".to_owned(),
    })
}

impl Told {
    /// Prints it.
    pub(super) fn print(&self, out: &mut dyn Write, format: Format) -> io::Result<()> {
        let Self {
            code,
            severity,
            meaning,
            remedy,
        } = self;
        match format {
            Format::Text => writeln!(out, "{code}, {severity}\n\n{meaning}\n{remedy}"),
            Format::Json => {
                let object = json!({
                    "code": code,
                    "severity": severity,
                    "meaning": meaning,
                    "remedy": remedy,
                });
                writeln!(out, "{object}")
            }
        }
    }
}
