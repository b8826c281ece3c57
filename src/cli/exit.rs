//! Exit codes and the last words of a failed command.

use crate::config::{ConfigError, Position, Problem, Severity};
use crate::daemon::{RunError, StartError};
use crate::fetch::FetchError;
use crate::store::StoreError;
use clap::error::{ContextKind, ContextValue};
use std::error::Error;
use std::io::{self, Write};
use std::num::ParseIntError;
use std::path::PathBuf;
use std::process::ExitCode;

/// Exit codes, as the README documents them; 74 and 78 are those of `sysexits.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// The command ran and found something wrong.
    Found = 1,
    /// The command line was not understood.
    Usage = 2,
    /// State directory or database cannot be used.
    State = 74,
    /// feeds.toml has problems. systemd does not restart on this one.
    Config = 78,
}

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    code: Code,
    error: anyhow::Error,
    /// Whether the log has it, so that nothing is left to print.
    is_logged: bool,
}

/// A feeds.toml that is refused: its problems as people read them, and one by one.
#[derive(Debug, thiserror::Error)]
#[error("{report}{verdict}")]
pub(super) struct Refused {
    pub(super) path: PathBuf,
    /// All problems with their lines.
    pub(super) report: String,
    /// How many there are, in one line.
    pub(super) verdict: String,
    pub(super) problems: Vec<Problem>,
}

impl Failure {
    pub(super) fn new(code: Code, error: impl Into<anyhow::Error>) -> Self {
        Self {
            code,
            error: error.into(),
            is_logged: false,
        }
    }

    pub(super) fn found(message: impl Into<String>) -> Self {
        Self::new(Code::Found, anyhow::Error::msg(message.into()))
    }

    /// Returns the failure with what it is a failure of before it.
    pub(super) fn of(self, what: String) -> Self {
        Self {
            error: self.error.context(what),
            ..self
        }
    }

    /// Returns the failure with what else is to be known behind it.
    pub(super) fn and(self, more: &str) -> Self {
        let error = anyhow::anyhow!("{:#}; {more}", self.error);
        Self { error, ..self }
    }

    /// Tells whether an answer of the operating system is the cause, and of some kind.
    pub(super) fn is_of(&self, kind: impl Fn(&io::Error) -> bool) -> bool {
        self.error.downcast_ref::<io::Error>().is_some_and(kind)
    }

    /// Tells whether what is missing is room on the disk.
    pub(super) fn is_for_room(&self) -> bool {
        let store = self.error.downcast_ref::<StoreError>();
        matches!(store, Some(StoreError::Full { .. }))
    }

    /// Says it in one line, for one that ends nothing.
    pub(super) fn words(&self) -> String {
        format!("{:#}", self.error)
    }

    /// Prints the failure and returns its exit code.
    ///
    /// A reader that went away (`merganser export | head`) is no failure.
    pub(super) fn report(&self) -> ExitCode {
        if self.error.chain().any(is_broken_pipe) {
            return ExitCode::SUCCESS;
        }
        if self.is_logged {
            return ExitCode::from(self.code);
        }
        let text = format!("{:#}", self.error);
        let text = text.trim_end();
        // A report of problems has headings of its own.
        if matches!(self.code, Code::Config | Code::Usage) {
            say(text);
        } else {
            say(&format!("merganser: {text}"));
        }
        ExitCode::from(self.code)
    }

    /// Logs the failure, each problem of a feeds.toml in a line with code and place beside its words, in the stead of what
    /// [`Failure::report`] prints. A log that wants to hear of no errors has it printed all the same.
    pub(super) fn logged(self) -> Self {
        if !tracing::enabled!(tracing::Level::ERROR) {
            return self;
        }
        if let Some(refused) = self.error.downcast_ref::<Refused>() {
            refused.log();
        } else {
            self.log();
        }
        Self {
            is_logged: true,
            ..self
        }
    }

    /// Logs it in one line, with the place of what makes a file no text.
    fn log(&self) {
        let message = format!("{:#}", self.error);
        let config = self.error.downcast_ref::<ConfigError>();
        if let Some(problem) = config.and_then(ConfigError::problem) {
            log_problem(&problem, &message);
        } else {
            tracing::error!("{}", message.trim_end());
        }
    }
}

impl Refused {
    fn log(&self) {
        for problem in &self.problems {
            log_problem(problem, &format!("{}:{problem}", self.path.display()));
        }
        tracing::error!("{}", self.verdict);
    }
}

/// Logs a problem, with what programs sort it by.
fn log_problem(problem: &Problem, message: &str) {
    let code = problem.code.name();
    let Position { line, column } = problem.start;
    match problem.severity {
        Severity::Error => tracing::error!(code, line, column, "{message}"),
        Severity::Warning => tracing::warn!(code, line, column, "{message}"),
    }
}

fn is_broken_pipe(cause: &(dyn Error + 'static)) -> bool {
    let io = cause.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        #[expect(clippy::as_conversions, reason = "a fieldless enum of small numbers")]
        Self::from(code as u8)
    }
}

/// Prints to standard error. That it is closed is nobody's concern: there is nowhere to say so.
pub(super) fn say(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}

/// Prints clap's message; help and version that were asked for are no failure.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let meant = of_services(error).or_else(|| excluded(error));
    if let Some(meant) = meant.or_else(|| slip(error)) {
        say(&format!("error: {meant}"));
        return ExitCode::from(Code::Usage);
    }
    if error.print().is_err() || error.use_stderr() {
        ExitCode::from(Code::Usage)
    } else {
        ExitCode::SUCCESS
    }
}

/// Says what is meant by options and arguments that others have, where ours are others.
fn slip(error: &clap::Error) -> Option<String> {
    let context = |kind| error.get(kind).map(ToString::to_string);
    let argument = context(ContextKind::InvalidArg)?;
    if let Some(number) = error
        .source()
        .and_then(|it| it.downcast_ref::<ParseIntError>())
    {
        let value = context(ContextKind::InvalidValue).unwrap_or_default();
        return Some(format!(
            "`{value}` is no number that `{argument}` could be: {number}"
        ));
    }
    match argument.as_str() {
        "-c" => Some("there is no option `-c`: `--config FILE` names the configuration".to_owned()),
        "-v" => Some(
            "there is no option `-v` here: `--version` tells the version, and `merganser run -v` is a daemon that logs more"
                .to_owned(),
        ),
        "-q" => Some(
            "there is no option `-q` here: `merganser run -q` and `merganser poll -q` tell of what is wrong alone"
                .to_owned(),
        ),
        "--topics" => Some(
            "there is no option `--topics`: a topic says which entries it holds, by its `query` in feeds.toml, which may name feeds (`feed:ID`)"
                .to_owned(),
        ),
        "--examples" => Some(
            "there is no option `--examples`: `merganser check` tries the examples of all topics each time"
                .to_owned(),
        ),
        more if !more.starts_with(['-', '<']) => {
            let is_add = context(ContextKind::Usage)?.contains("merganser add ");
            is_add.then(|| {
                format!("`add` takes one address, and `{more}` is another: `merganser import FILE` adds many")
            })
        }
        _ => None,
    }
}

/// Says how a query has a word that is excluded, which is an option to the shell's eye.
fn excluded(error: &clap::Error) -> Option<String> {
    let context = |kind| error.get(kind).map(ToString::to_string);
    let usage = context(ContextKind::Usage)?;
    let option = context(ContextKind::InvalidArg)?;
    let is_word = option.starts_with('-') && !option.starts_with("--");
    (is_word && usage.contains("merganser search")).then(|| {
        format!(
            "there is no option `{option}`: a query with a word that is excluded stands in quotes, \
             `merganser search 'storm -gulls'`, after `--` where it begins with one"
        )
    })
}

/// Says what is done in the place of a command that other services have, and not which of ours has letters in common
/// with it.
fn of_services(error: &clap::Error) -> Option<String> {
    let ContextValue::String(name) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    let instead = match name.as_str() {
        "start" | "serve" | "server" | "daemon" => {
            "`merganser run` is the daemon, `systemctl start merganser` that of a package"
        }
        "stop" | "kill" | "quit" => "Ctrl-C ends it, of a package `systemctl stop merganser`",
        "restart" => {
            "`merganser reload --wait` has the daemon that runs read feeds.toml, `systemctl restart merganser` \
             starts that of a package anew"
        }
        "version" => "write `merganser --version`",
        "delete" | "rm" => "`merganser remove ID` takes a feed out of feeds.toml",
        "rename" | "mv" => {
            "write another `id` into feeds.toml, under which the feed begins anew; `title` is what readers see"
        }
        "reindex" => {
            "nothing is indexed: a reload, or the next start, applies changed topics to what is stored"
        }
        "config" | "validate" | "test" => "`merganser check` reads feeds.toml",
        _ => return None,
    };
    Some(format!("there is no command `{name}`: {instead}"))
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(Code::Found, error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::from(io::Error::from(error))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Code::Found, error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // What could not be written was our output.
            StoreError::Sink(error) => Self::from(error),
            error => Self::new(Code::State, error),
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self::new(Code::Found, error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Code::Config, error)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let code = match error {
            RunError::Writer | RunError::Displaced(_) => Code::State,
            RunError::Server => Code::Found,
        };
        Self::new(code, error)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let code = match error {
            StartError::Store(_) => Code::State,
            StartError::Rules(_) => Code::Config,
            StartError::Fetch(_) | StartError::Writer(_) | StartError::Server(_) => Code::Found,
        };
        Self::new(code, error)
    }
}
