//! The command line: one file per subcommand.
//!
//! Arguments become a call of the library, results become text for people or JSON for programs, errors
//! become a message with the next step and an exit code (`exit::Code`). Results go to standard output,
//! everything else to standard error.

mod add;
mod apply_redirects;
mod asked;
mod backup;
mod check;
mod codes;
mod coverage;
mod demo;
mod directory;
mod doctor;
mod edit;
mod edits;
mod exit;
mod explain;
mod export;
mod hints;
mod import;
mod list;
mod migrate;
mod near;
mod owner;
mod places;
mod plan;
mod poll;
mod ports;
mod preview;
mod print;
mod progress;
mod publish;
mod reload;
mod replay;
mod room;
mod run;
mod schema;
mod search;
mod shell;
mod status;
mod systemd;
mod table;
#[cfg(test)]
mod tests;
mod tombstone;
mod topics;
mod verdicts;
mod why;

use clap::{Parser, Subcommand, ValueEnum};
use exit::Failure;
use places::environment;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

/// Polls RSS, Atom and JSON feeds, keeps one copy of each article, and publishes one merged feed and one
/// feed per topic.
///
/// Everything is said in one file, feeds.toml. Without a command, the daemon runs.
#[derive(Debug, Parser)]
#[command(name = "merganser", version, after_help = AFTER_HELP)]
struct Arguments {
    #[command(flatten)]
    places: Places,
    /// Whether problems, and log lines for people, have colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "\
Exit codes:
   0  ok
   1  something was found wrong
   2  the command line is not understood
  74  the state directory or the database cannot be used
  78  feeds.toml has problems

First steps:
  merganser demo    a day of invented news, without a network
  merganser check   reads your feeds.toml
  merganser         runs it";

/// Where the configuration and the state are.
#[derive(Debug, clap::Args)]
struct Places {
    /// The configuration [default: ./feeds.toml, else /etc/merganser/feeds.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[arg(long, global = true, value_name = "DIR", help = STATE_HELP)]
    state: Option<PathBuf>,
}

/// A constant, since markup has no place in it.
const STATE_HELP: &str = "The directory of the database [default: $STATE_DIRECTORY, else \
                          the service's beside its configuration, else \
                          $XDG_STATE_HOME/merganser, else ~/.local/state/merganser]";

/// When what is written to standard error has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// At a terminal that knows them, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always, for what shows them and is no terminal
    Always,
    /// Never
    Never,
}

/// When the command line wants colours, which one process is told once.
static COLOUR: OnceLock<Colour> = OnceLock::new();

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people; `table` is understood, too.
    #[default]
    #[value(alias = "table")]
    Text,
    /// For programs.
    Json,
}

/// How lists are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Aligned columns for people; `text` is understood, too.
    #[default]
    #[value(alias = "text")]
    Table,
    /// A line each, with tabs between the cells.
    Plain,
    /// Objects for programs, each on a line.
    Json,
}

impl Form {
    /// Returns the form for where the output goes.
    fn usual() -> Self {
        if std::io::stdout().is_terminal() {
            Self::Table
        } else {
            Self::Plain
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: poll, store, publish and serve (the default)
    Run(run::Options),
    /// Make the daemon that runs read feeds.toml again, and tell what came of it
    Reload(reload::Options),
    /// Check feeds.toml: every problem with its place and what to write instead
    Check(check::Options),
    /// Add a feed to feeds.toml: looks at it, or finds it on a page, and shows what it holds
    Add(add::Options),
    /// Take feeds out of feeds.toml
    Remove(edit::Ids),
    /// Poll feeds again that were disabled
    Enable(edit::Ids),
    /// Keep feeds in feeds.toml and poll them no more
    Disable(edit::Ids),
    /// Poll once what is due, or all, or the named feeds
    // As clap has it, a slip in an option makes that a part of how the command is used.
    #[command(override_usage = "merganser poll [OPTIONS] [IDS]...")]
    Poll(poll::Options),
    /// Show what is read from a feed, without storing anything
    Preview(preview::Options),
    /// Write what is served as files, for a web server or an object store
    Publish(publish::Options),
    /// List the feeds of feeds.toml, with group, schedule and how each fares
    List(list::Options),
    /// Tell how many articles each topic of feeds.toml holds, when the newest came, and what it shares with others
    Topics(topics::Options),
    /// Show what needs you, how the feeds fare and when each is polled next
    Status(status::Options),
    /// Tell how a feed came to where it is: its polls as a story, and what to do
    Why(why::Options),
    /// Write the addresses of feeds that moved for good to feeds.toml, and change nothing else in it
    ApplyRedirects(apply_redirects::Options),
    /// Tell all about a stored entry, or what the topics say of a file: in or out, and why
    Explain(explain::Options),
    /// Tell what an edited feeds.toml would change of what is stored: which articles enter and leave each topic
    Plan(plan::Options),
    /// Find stored articles by a query in the language of topics, the newest first
    Search(search::Options),
    /// Print what comes with merganser: its aliases, its unit of systemd, the shipped feeds.toml
    Print(print::Options),
    /// Look at what a run needs of this machine: files and who may read them, room, clock, names, port, database
    Doctor(doctor::Options),
    /// Write a copy of the database into a directory, beside a daemon or without one
    Backup(backup::Options),
    /// Give back what the database no longer needs of the disk; no daemon may run
    Vacuum,
    /// Bring the database up to date after an upgrade, with a copy of before; the next start does it, too
    Migrate(migrate::Options),
    /// Print the JSON Schema of feeds.toml, or the reference of its keys
    Schema(schema::Options),
    /// Print what a shell loads to complete the commands
    Completions(shell::Completions),
    /// Print the manual page of the program, of one command, or of feeds.toml
    Man(shell::Page),
    /// Run a history of entries through the pipeline, with the clock at each entry's time
    Replay(replay::Options),
    /// Add the feeds of an OPML file to feeds.toml, its folders as groups
    Import(import::Options),
    /// Print every stored entry with what was decided about it, or the feeds as OPML or JSON
    Export(export::Options),
    /// Run a daemon over a dozen built-in feeds of invented news; needs no network
    Demo(demo::Options),
}

/// Runs the program: parses the arguments, carries out the command, returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(arguments: Arguments) -> Result<(), Failure> {
    let places = arguments.places;
    COLOUR.get_or_init(|| arguments.color);
    let usual = || Command::Run(run::Options::default());
    match arguments.command.unwrap_or_else(usual) {
        Command::Run(options) => run::run(&places, &options),
        Command::Reload(options) => reload::run(&places, &options),
        Command::Check(options) => check::run(&places, &options),
        Command::Add(options) => add::run(&places, &options),
        Command::Remove(ids) => edit::remove(&places, &ids),
        Command::Enable(ids) => edit::enable(&places, &ids),
        Command::Disable(ids) => edit::disable(&places, &ids),
        Command::Poll(options) => poll::run(&places, &options),
        Command::Preview(options) => preview::run(&places, &options),
        Command::Publish(options) => publish::run(&places, &options),
        Command::List(options) => list::run(&places, &options),
        Command::Topics(options) => topics::run(&places, &options),
        Command::Status(options) => status::run(&places, &options),
        Command::Why(options) => why::run(&places, &options),
        Command::ApplyRedirects(options) => apply_redirects::run(&places, &options),
        Command::Explain(options) => explain::run(&places, &options),
        Command::Plan(options) => plan::run(&places, &options),
        Command::Search(options) => search::run(&places, &options),
        Command::Print(options) => print::run(&options),
        Command::Doctor(options) => doctor::run(&places, &options),
        Command::Backup(options) => backup::run(&places, &options),
        Command::Vacuum => backup::vacuum(&places),
        Command::Migrate(options) => migrate::run(&places, &options),
        Command::Schema(options) => schema::run(&options),
        Command::Completions(options) => shell::completions(&options),
        Command::Man(options) => shell::man(&options),
        Command::Replay(options) => replay::run(&places, &options),
        Command::Import(options) => import::run(&places, &options),
        Command::Export(options) => export::run(&places, &options),
        Command::Demo(options) => demo::run(&options),
    }
}

/// Tells whether standard error is a terminal, where progress bars belong.
fn on_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Tells whether what goes to standard error is coloured: as `--color` says, else at a terminal that knows colours, unless
/// `NO_COLOR` says anything (no-color.org).
fn wants_colour() -> bool {
    match COLOUR.get().copied().unwrap_or_default() {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            let is_refused = environment("NO_COLOR").is_some_and(|value| !value.is_empty());
            let is_dumb = environment("TERM").is_some_and(|name| name == "dumb");
            on_terminal() && !is_refused && !is_dumb
        }
    }
}
