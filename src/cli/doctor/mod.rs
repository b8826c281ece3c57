//! `merganser doctor`: what a run needs of this machine, and what would be in its way. Changes nothing.
//!
//! - `files`: the configuration, the state directory, the database;
//! - `control`: the daemon that runs, and where it is asked;
//! - `machine`: room, clock, names, certificates;
//! - `listener`: the port, and who has it;
//! - `unit`: the unit that is installed, against the one that comes with this program, and what systemd says of it;
//! - `outputs`: what is served, rendered and read back.
//!
//! What cannot be looked at is said to be neither well nor ill.
//!
//! How feeds fare is `status`, what `feeds.toml` says wrong `check`.

mod control;
mod files;
mod listener;
mod machine;
mod outputs;
mod unit;

use super::exit::{Failure, say};
use super::places::{is_system, sockets_of};
use super::progress::Bar;
use super::status::told::{Told, by_daemon};
use super::systemd::Units;
use super::table::{Table, count};
use super::{Form, Places};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::store;
use serde_json::{Value, json};
use std::fmt;
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
    /// Not looked at, or not all of it: nothing is known.
    Skip,
    /// It runs, but somebody should look.
    Warn,
    /// A run would not start, or not do its work.
    Fail,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skip => "skip",
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
    /// What to do; nothing where all is well, or another check tells it that keeps this one from looking.
    next: String,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, found, "")
    }

    /// Makes one of what could not be looked at, and why.
    fn skip(check: &'static str, why: impl fmt::Display) -> Self {
        Self::new(check, Level::Skip, format!("not looked at: {why}"), "")
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
    verdict(&findings)
}

/// Fails where a check did, and says how many found out nothing: by themselves they are no failure, since what keeps one
/// from looking that should is told by a check of its own.
fn verdict(findings: &[Finding]) -> Result<(), Failure> {
    let of = |level| {
        let number = findings.iter().filter(|it| it.level == level).count();
        u64::try_from(number).unwrap_or(u64::MAX)
    };
    let (failed, skipped) = (of(Level::Fail), of(Level::Skip));
    let unseen = format!("{} not looked at", count(skipped, "check"));
    match (failed, skipped) {
        (0, 0) => Ok(()),
        (0, _) => {
            say(&format!("merganser: {unseen}, see above"));
            Ok(())
        }
        (_, 0) => Err(Failure::found(format!(
            "{} failed, see above",
            count(failed, "check")
        ))),
        (_, _) => Err(Failure::found(format!(
            "{} failed, {unseen}, see above",
            count(failed, "check")
        ))),
    }
}

/// What is looked at.
struct Subject {
    state: PathBuf,
    /// Whether this user may make files in the state directory, or make that.
    is_open: bool,
    /// The database, as far as feeds.toml says where it is.
    database: Option<PathBuf>,
    /// Nothing where it has problems.
    config: Option<Config>,
    /// Who holds the state, as far as this user may see that.
    holder: io::Result<Option<u32>>,
    /// What the daemon says.
    told: Told,
    /// What systemd says, where the state is the service's.
    units: Units,
    /// Who waits is told by it what takes long.
    bar: Bar,
}

fn findings(places: &Places, options: &Options) -> Result<Vec<Finding>, Failure> {
    let state = places.state()?;
    let (read, configuration) = files::configuration(places);
    let subject = Subject {
        is_open: files::is_open(&state),
        database: read.storage.map(|path| state.join(path)),
        config: read.config,
        holder: store::seen_holder(&state),
        told: by_daemon(places, SystemClock.now()),
        units: match options.unit {
            None if is_system(&state) => Units::asked(),
            _ => Units::default(),
        },
        bar: Bar::begin("reading the database"),
        state,
    };
    let mut findings = vec![
        configuration,
        files::state(&subject.state),
        files::database(&subject),
    ];
    subject.bar.pass_to("looking at the machine");
    findings.extend([
        control::look(&subject, &sockets_of(&subject.state), &places.config()),
        machine::room(&subject),
        machine::clock(&subject),
    ]);
    findings.extend(by_config(&subject));
    subject.bar.pass_to("looking at the unit");
    let runs = subject.told.running.is_some() || matches!(subject.holder, Ok(Some(_)));
    findings.push(unit::look(options.unit.as_deref(), &subject.units, runs));
    Ok(findings)
}

/// What can be looked at only by what `feeds.toml` says.
fn by_config(subject: &Subject) -> Vec<Finding> {
    let Some(config) = &subject.config else {
        let why = "`configuration` tells what keeps feeds.toml from being read";
        let checks = ["names", "certificates", "listener", outputs::CHECK];
        return checks.map(|check| Finding::skip(check, why)).into();
    };
    subject.bar.pass_to("looking up names");
    let names = machine::names(config);
    subject.bar.pass_to("looking at the machine");
    vec![
        names,
        machine::certificates(config),
        listener::look(config, &subject.holder, (&subject.told, &subject.units)),
        outputs::look(config, subject),
    ]
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
