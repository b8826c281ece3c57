//! `merganser doctor`: what a run needs of this machine, and what would be in its way. Changes nothing.
//!
//! - `files`: the configuration, the state directory, the database, the control socket;
//! - `machine`: room, clock, names, certificates, the port;
//! - `unit`: the unit that is installed, against the one that comes with this program;
//! - `outputs`: what is served, rendered and read back.
//!
//! How feeds fare is `status`, what `feeds.toml` says wrong `check`.

mod files;
mod machine;
mod outputs;
mod unit;

use super::exit::Failure;
use super::places::sockets_of;
use super::status::told::by_daemon;
use super::table::{Table, count};
use super::{Form, Places};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use serde_json::{Value, json};
use std::io::{self, Write, stdout};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The unit of systemd to look at [default: the one that is installed]
    #[arg(long, value_name = "FILE")]
    unit: Option<PathBuf>,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// As it should be.
    Ok,
    /// It runs, but somebody should look.
    Warn,
    /// A run would not start, or not do its work.
    Fail,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What one check found.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// What was looked at, in a word.
    check: &'static str,
    level: Level,
    found: String,
    /// What to do; nothing where all is well.
    next: String,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, found, "")
    }

    fn warn(check: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(check, Level::Warn, found, next)
    }

    fn fail(check: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(check, Level::Fail, found, next)
    }

    fn new(
        check: &'static str,
        level: Level,
        found: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            check,
            level,
            found: found.into(),
            next: next.into(),
        }
    }

    /// Returns the line for programs that read lines: cells between tabs.
    fn plain(&self) -> String {
        let cells = [self.level.name(), self.check, &self.found, &self.next];
        cells
            .map(|cell| cell.replace(['\t', '\n', '\r'], " "))
            .join("\t")
    }

    /// Makes one of an error whose text ends with the next step, after a semicolon.
    fn of_error(check: &'static str, error: &dyn std::error::Error) -> Self {
        let text = error.to_string();
        let (found, next) = text.split_once("; ").unwrap_or((&text, ""));
        Self::fail(check, found, next)
    }
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let findings = findings(places, options)?;
    let mut out = stdout().lock();
    match options.format {
        Form::Table => print(&mut out, &findings)?,
        Form::Plain => {
            for finding in &findings {
                writeln!(out, "{}", finding.plain())?;
            }
        }
        Form::Json => writeln!(out, "{}", object(&findings))?,
    }
    let failed = findings.iter().filter(|it| it.level == Level::Fail).count();
    match failed {
        0 => Ok(()),
        some => {
            let some = count(u64::try_from(some).unwrap_or(u64::MAX), "check");
            Err(Failure::found(format!("{some} failed, see above")))
        }
    }
}

fn findings(places: &Places, options: &Options) -> Result<Vec<Finding>, Failure> {
    let state = places.state()?;
    let (config, configuration) = files::configuration(&places.config());
    let mut findings = vec![configuration, files::state(&state)];
    if let Some(config) = &config {
        findings.push(files::database(&state.join(&config.storage.path)));
    }
    findings.push(files::control(&state, &sockets_of(&state)));
    findings.push(machine::room(&state, config.as_ref()));
    findings.push(machine::clock(&state, config.as_ref()));
    if let Some(config) = &config {
        findings.extend(with_config(places, config)?);
    }
    findings.push(unit::look(options.unit.as_deref()));
    Ok(findings)
}

/// What can be looked at only by what `feeds.toml` says.
fn with_config(places: &Places, config: &Config) -> Result<Vec<Finding>, Failure> {
    let state = places.state()?;
    let told = by_daemon(places, SystemClock.now());
    Ok(vec![
        machine::names(config),
        machine::certificates(config),
        machine::listener(config, &state),
        outputs::look(config, &state, &told),
    ])
}

fn print(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
    let mut table = Table::default();
    for finding in findings {
        table.row(&[finding.level.name(), finding.check, &finding.found]);
        if !finding.next.is_empty() {
            table.row(&["", "", &finding.next]);
        }
    }
    table.print_within(super::table::reading_width(), out)
}

fn object(findings: &[Finding]) -> Value {
    let checks = findings.iter().map(|finding| {
        json!({
            "check": finding.check,
            "level": finding.level.name(),
            "found": finding.found,
            "next": finding.next,
        })
    });
    json!({ "checks": checks.collect::<Vec<_>>() })
}
