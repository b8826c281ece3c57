//! `merganser check`: every problem of a feeds.toml.

use super::exit::{Code, Failure};
use super::places::environment;
use super::table::count;
use super::{Format, Places, on_terminal};
use crate::config::{self, Config, Loaded, Problem, Severity};
use anyhow::anyhow;
use serde_json::json;
use std::io::{Write, stdout};
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// How to print the problems
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let path = places.config();
    let shown = path.display().to_string();
    let text = config::text(&path).inspect_err(|error| {
        if options.format == Format::Json {
            let object = json!({ "file": shown, "error": error.to_string(), "problems": [] });
            // What cannot be printed is told by the exit code.
            drop(writeln!(stdout(), "{object}"));
        }
    })?;
    let read = config::check(&text, &environment);
    if options.format == Format::Json {
        let problems = read
            .as_ref()
            .map_or_else(|problems| problems, |loaded| &loaded.warnings);
        writeln!(
            stdout(),
            "{}",
            json!({ "file": shown, "problems": problems })
        )?;
    }
    let Loaded { config, warnings } = read.map_err(|problems| match options.format {
        Format::Json => Failure::new(Code::Config, anyhow!(verdict(&path, &problems))),
        Format::Text => refused(&path, &text, &problems),
    })?;
    if options.format == Format::Text {
        let mut out = stdout().lock();
        write!(out, "{}", rendered(&path, &text, &warnings))?;
        writeln!(out, "{}: {}", verdict(&path, &warnings), contents(&config))?;
    }
    Ok(())
}

/// Returns the failure of every command that meets a file with errors: all problems, then their number.
pub(super) fn refused(path: &Path, text: &str, problems: &[Problem]) -> Failure {
    let report = rendered(path, text, problems);
    Failure::new(Code::Config, anyhow!("{report}{}", verdict(path, problems)))
}

/// Returns the problems as people read them, with an empty line after each.
pub(super) fn rendered(path: &Path, text: &str, problems: &[Problem]) -> String {
    let report = config::render(problems, &path.display().to_string(), text, on_terminal());
    if report.is_empty() {
        report
    } else {
        format!("{report}\n")
    }
}

fn contents(config: &Config) -> String {
    let amount = |amount: usize, noun: &str| count(u64::try_from(amount).unwrap_or(u64::MAX), noun);
    let feeds = amount(config.feeds.len(), "feed");
    let topics = amount(config.site.topics.len(), "topic");
    let outputs = amount(config.outputs.len(), "output");
    format!("{feeds}, {topics}, {outputs}")
}

fn verdict(path: &Path, problems: &[Problem]) -> String {
    let of = |severity| {
        let found = problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count();
        u64::try_from(found).unwrap_or(u64::MAX)
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let path = path.display();
    match (errors, warnings) {
        (0, 0) => format!("{path}: good"),
        (0, _) => format!("{path}: good, with {}", count(warnings, "warning")),
        (_, 0) => format!("{path}: {}", count(errors, "error")),
        _ => format!(
            "{path}: {} and {}",
            count(errors, "error"),
            count(warnings, "warning")
        ),
    }
}
