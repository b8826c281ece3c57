//! `merganser completions SHELL` and `merganser man [COMMAND]`: what shells and `man` want to know. `merganser man feeds.toml` is
//! of the file.

use super::Arguments;
use super::exit::Failure;
use crate::config;
use clap::builder::Resettable;
use clap::{Arg, Command, CommandFactory as _, ValueHint};
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::{Write as _, stdout};

/// The page that is of no command.
const FILE: &str = "feeds.toml";

/// The day of this version, which CHANGELOG.md has once it is released: one that is built on another day has the same pages.
const DATE: &str = "2026-11-27";

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell that is to complete commands
    #[arg(value_enum)]
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub(super) struct Page {
    /// The command, or `feeds.toml` [default: the program as a whole]
    command: Option<String>,
}

/// Prints what the shell is to load.
pub(super) fn completions(options: &Completions) -> Result<(), Failure> {
    // Into memory first: a reader that goes away is no reason to panic.
    let mut script = Vec::new();
    let mut command = wordy(Arguments::command());
    clap_complete::generate(options.shell, &mut command, "merganser", &mut script);
    if options.shell == Shell::Fish {
        script.extend(of_arguments(&command).into_bytes());
    }
    stdout().lock().write_all(&script)?;
    Ok(())
}

/// Has no file offered for what is a word: a topic, a group, an id. What may be a file has a hint by its type, or one
/// of its own.
fn wordy(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let is_word = arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown;
        if is_word {
            arg.value_hint(ValueHint::Other)
        } else {
            arg
        }
    });
    command.mut_subcommands(wordy)
}

/// Returns what fish is not told by clap: which words the arguments of a command may be, and where none is a file.
fn of_arguments(program: &Command) -> String {
    let is_word = |arg: &Arg| arg.get_value_hint() == ValueHint::Other;
    let commands = program.get_subcommands();
    let of_words = commands.filter(|command| command.get_positionals().all(is_word));
    let lines = of_words.map(|command| {
        let values = command.get_positionals().flat_map(Arg::get_possible_values);
        let values: Vec<String> = values.map(|it| it.get_name().to_owned()).collect();
        let name = command.get_name();
        let using =
            format!("complete -c merganser -n '__fish_merganser_using_subcommand {name}' -f");
        match values.join(" ") {
            none if none.is_empty() => using,
            values => format!("{using} -a '{values}'"),
        }
    });
    let lines: Vec<String> = lines.collect();
    lines.join("\n") + "\n"
}

/// Prints a page in the language of `man`.
pub(super) fn man(options: &Page) -> Result<(), Failure> {
    if options.command.as_deref() == Some(FILE) {
        write!(stdout(), "{}", config::manual(DATE))?;
        return Ok(());
    }
    let mut program = Arguments::command();
    program.build();
    let command = match &options.command {
        None => program,
        Some(name) => named(&program, name)?,
    };
    // A page names all options, where a slip is answered with less.
    let command = command.override_usage(Resettable::Reset);
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text)?;
    let text = trimmed(&String::from_utf8_lossy(&text));
    let mut text = headed(&with_values(text, &command), &command);
    if options.command.is_none() {
        text.push_str(FILES);
    }
    stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Returns a page without what `man` passes over: breaks around an empty line, and spaces at the ends of lines. What clap
/// calls extra are notes of ours.
fn trimmed(page: &str) -> String {
    page.replace("\n.br\n\n.br\n", "\n.sp\n")
        .replace(" \n", "\n")
        .replace(".SH EXTRA", ".SH NOTES")
}

/// Returns a page with the head that feeds.toml(5) has: with the date and the version at its foot.
fn headed(page: &str, command: &Command) -> String {
    let Some((before, head)) = page.split_once(".TH ") else {
        return page.to_owned();
    };
    let below = head.split_once('\n').map_or("", |(_, below)| below);
    let name = command.get_display_name();
    let name = name.unwrap_or_else(|| command.get_name());
    let version = env!("CARGO_PKG_VERSION");
    format!("{before}.TH {name} 1 \"{DATE}\" \"merganser {version}\"\n{below}")
}

/// Returns a page whose synopsis names what options take, which is left out there.
fn with_values(mut page: String, command: &Command) -> String {
    for option in command.get_arguments() {
        let (Some(long), Some([value])) = (option.get_long(), option.get_value_names()) else {
            continue;
        };
        if option.get_action().takes_values() {
            let long = format!("\\fB\\-\\-{}\\fR", long.replace('-', "\\-"));
            page = page.replacen(
                &format!("[{long}]"),
                &format!("[{long} \\fI{value}\\fR]"),
                1,
            );
        }
    }
    page
}

/// The section that `man` pages of programs have.
const FILES: &str = "\
.SH FILES
.TP
\\fI./feeds.toml\\fR, else \\fI/etc/merganser/feeds.toml\\fR
The configuration.
.TP
\\fI/var/lib/merganser\\fR of a service, else \\fI~/.local/state/merganser\\fR
The database, the archives and the socket at which commands ask the daemon.
";

fn named(program: &Command, name: &str) -> Result<Command, Failure> {
    let command = program.find_subcommand(name).ok_or_else(|| {
        Failure::found(format!(
            "there is no command `{name}`: `merganser --help` lists them"
        ))
    })?;
    Ok(command.clone())
}
