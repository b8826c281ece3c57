//! `merganser explain CODE`: what the code of a problem means, and what helps.

use super::Format;
use super::check::NO_ANSWER;
use crate::config::{Code, Severity};
use serde_json::json;
use std::io::{self, Write};

/// What is told of a code.
pub(super) struct Told {
    code: &'static str,
    severity: &'static str,
    meaning: &'static str,
    remedy: &'static str,
}

/// Returns what is told of a code, as it is printed (`error[unknown-key]`) or by itself; `None` of anything else.
pub(super) fn of(name: &str) -> Option<Told> {
    let bare = name.strip_suffix(']').and_then(|it| it.split_once('['));
    let bare = bare.map_or(name, |(_, code)| code);
    if bare == NO_ANSWER {
        return Some(Told {
            code: NO_ANSWER,
            severity: "code 1 of `check --online`; a daemon runs all the same",
            meaning: "A feed did not answer with a feed.",
            remedy: "The message tells what came in its place. `merganser preview ID` asks it once more, and `merganser why ID` \
                     tells how it fared before.",
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
        remedy: code.remedy(),
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
