//! `merganser check`: every problem of a feeds.toml, and of the feeds that it names.

mod forms;
mod online;
mod scratch;
mod tls;

use super::exit::{self, Failure};
use super::list::store_if_any;
use super::places::environment;
use super::table::count;
use super::{Places, wants_colour};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, Code, Config, ConfigError, Loaded, Problem, Severity};
use crate::daemon::silent_topics;
use anyhow::anyhow;
use clap::ValueEnum;
pub(super) use forms::{MOVED, NO_ANSWER};
use online::Online;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The file to check, as with `--config`
    #[arg(value_name = "FILE", conflicts_with = "config")]
    file: Option<PathBuf>,
    /// Ask each enabled feed once, too, as a poll would, and store nothing
    #[arg(long)]
    online: bool,
    /// How to print the problems
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// What is told of two files, in the words of clap: `good` would be said of one of them.
const TWO_FILES: &str = "error: the argument '[FILE]' cannot be used with '--config <FILE>': each names the file to check";

/// How problems are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people, with the lines at fault
    #[default]
    Text,
    /// For programs, one object
    Json,
    /// SARIF 2.1.0, for what gathers the findings of checks
    Sarif,
    /// Commands of GitHub's workflows, which shows them at the lines of a change
    Github,
}

/// What was found of a file.
struct Findings<'f> {
    /// What it is called.
    file: &'f str,
    problems: &'f [Problem],
    /// What the feeds answered, where they were asked.
    online: Option<&'f Online>,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    // Of an option that stands before the command, clap does not see that it excludes one after it.
    if options.file.is_some() && places.config.is_some() {
        return Err(Failure::new(exit::Code::Usage, anyhow!(TWO_FILES)));
    }
    let places = &Places {
        config: options.file.clone().or_else(|| places.config.clone()),
        state: places.state.clone(),
    };
    let path = places.config();
    let shown = path.display().to_string();
    let text = places.text();
    let text = text.inspect_err(|error| unreadable(options.format, &shown, error))?;
    let loaded = match config::check(&text, &environment) {
        Ok(loaded) => loaded,
        Err(problems) => return Err(broken(options.format, &path, &text, &problems)?),
    };
    let Loaded {
        config,
        mut warnings,
    } = loaded;
    warnings.extend(silent(places, &config, &text));
    if options.format == Form::Text {
        let mut out = stdout().lock();
        write!(out, "{}", rendered(&path, &text, &warnings))?;
        writeln!(out, "{}: {}", verdict(&path, &warnings), contents(&config))?;
    }
    let online = options
        .online
        .then(|| online::ask(places, config, &shown, &text));
    let online = online
        .transpose()
        .inspect_err(|_| unasked(options.format, &shown, &warnings))?;
    let plain = online
        .as_ref()
        .map(|online| config::plain_http(&text, &online.plain));
    let plain = plain.unwrap_or_default();
    if options.format == Form::Text {
        write!(stdout().lock(), "{}", rendered(&path, &text, &plain))?;
    }
    let warnings = [warnings, plain].concat();
    let findings = Findings {
        file: &shown,
        problems: &warnings,
        online: online.as_ref(),
    };
    print(options.format, &findings)?;
    match online {
        Some(online) if !online.failed.is_empty() => {
            let failed = u64::try_from(online.failed.len()).unwrap_or(u64::MAX);
            let or = if online.left > 0 {
                " or were not asked"
            } else {
                ""
            };
            Err(Failure::found(format!(
                "{} did not answer with a feed{or}, see above",
                count(failed, "feed")
            )))
        }
        _ => Ok(()),
    }
}

/// Returns a warning for each topic to which nothing came for a month; none where no database can be read, as where files are checked
/// before they are brought to their machine.
fn silent(places: &Places, config: &Config, text: &str) -> Vec<Problem> {
    if config.site.topics.is_empty() {
        return Vec::new();
    }
    let store = store_if_any(places, config).ok().flatten();
    let silent = store.and_then(|store| silent_topics(&store, config, SystemClock.now()).ok());
    config::silent_topics(text, &silent.unwrap_or_default())
}

fn print(form: Form, findings: &Findings<'_>) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match form {
        Form::Text => {
            if let Some(online) = findings.online {
                write!(out, "{online}")?;
            }
        }
        Form::Json => writeln!(out, "{}", forms::json(findings))?,
        Form::Sarif => writeln!(out, "{}", forms::sarif(findings))?,
        Form::Github => write!(out, "{}", forms::github(findings))?,
    }
    Ok(())
}

/// Prints the problems of a file with errors, and returns the failure that it is.
fn broken(form: Form, path: &Path, text: &str, problems: &[Problem]) -> Result<Failure, Failure> {
    if form == Form::Text {
        return Ok(refused(path, text, problems));
    }
    let findings = Findings {
        file: &path.display().to_string(),
        problems,
        online: None,
    };
    print(form, &findings)?;
    Ok(Failure::new(
        exit::Code::Config,
        anyhow!(verdict(path, problems)),
    ))
}

/// Tells programs that there is no text to check; people are told by the failure.
fn unreadable(form: Form, file: &str, error: &ConfigError) {
    let problems: Vec<Problem> = error.problem().into_iter().collect();
    let findings = Findings {
        file,
        problems: &problems,
        online: None,
    };
    let told = match form {
        Form::Text => return,
        _ if !problems.is_empty() => {
            drop(print(form, &findings));
            return;
        }
        Form::Json => forms::unread_json(file, error).to_string(),
        Form::Sarif => forms::unread_sarif(error).to_string(),
        Form::Github => forms::unread_github(error),
    };
    // What cannot be printed is told by the exit code.
    drop(writeln!(stdout(), "{told}"));
}

/// Tells programs what was found of the file alone, where asking the feeds came to nothing; people were told before.
fn unasked(form: Form, file: &str, problems: &[Problem]) {
    if form == Form::Text {
        return;
    }
    let findings = Findings {
        file,
        problems,
        online: None,
    };
    // What cannot be printed is told by the exit code.
    drop(print(form, &findings));
}

/// Returns the failure of every command that meets a file with errors: all problems, then their number.
pub(super) fn refused(path: &Path, text: &str, problems: &[Problem]) -> Failure {
    let refused = exit::Refused {
        path: path.to_owned(),
        report: rendered(path, text, problems),
        verdict: verdict(path, problems),
        problems: problems.to_vec(),
    };
    Failure::new(exit::Code::Config, refused)
}

/// Returns the problems as people read them, with an empty line after each.
pub(super) fn rendered(path: &Path, text: &str, problems: &[Problem]) -> String {
    let report = config::render(problems, &path.display().to_string(), text, wants_colour());
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

pub(super) fn verdict(path: &Path, problems: &[Problem]) -> String {
    let of = |severity| {
        let found = problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count();
        u64::try_from(found).unwrap_or(u64::MAX)
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let path = path.display();
    let is_all = |problem: &Problem| problem.code != Code::ManyWarnings;
    if !problems.iter().all(is_all) {
        return format!(
            "{path}: good, with more than {} warnings",
            warnings.saturating_sub(1)
        );
    }
    let is_toml = problems.iter().all(|it| it.code != Code::Syntax);
    let rest = if is_toml {
        ""
    } else {
        "; not all of it could be looked at: check again once it is TOML"
    };
    match (errors, warnings) {
        (0, 0) => format!("{path}: good"),
        (0, _) => format!("{path}: good, with {}", count(warnings, "warning")),
        (_, 0) => format!("{path}: {}{rest}", count(errors, "error")),
        _ => format!(
            "{path}: {} and {}{rest}",
            count(errors, "error"),
            count(warnings, "warning")
        ),
    }
}
