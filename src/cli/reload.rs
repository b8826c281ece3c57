//! `merganser reload`: asks the daemon that runs to read feeds.toml again.

use super::Places;
use super::exit::{Code, Failure, say};
use crate::control::{self, Answer, AskError, Request, Verdict};
use crate::daemon::NOT_TAKEN_UP;
use anyhow::anyhow;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Wait for the verdict and print it: code 78 when the file is refused, 74 when it could not be taken up
    #[arg(long)]
    wait: bool,
    /// Take a file without feeds, too, where the daemon has some
    #[arg(long)]
    force: bool,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let config = places.meant_config().map(std::path::absolute);
    let request = Request::Reload {
        config: config.transpose()?,
        wait: options.wait,
        force: options.force,
    };
    let Answer {
        verdict,
        message,
        report,
        ..
    } = ask(&places.control_sockets(), &request)?;
    if !report.is_empty() {
        say(&report);
    }
    match verdict {
        Verdict::Done | Verdict::Accepted => writeln!(stdout(), "{message}")?,
        Verdict::Refused => return Err(Failure::new(Code::Config, anyhow!(message))),
        Verdict::Failed if message.starts_with(NOT_TAKEN_UP) => {
            return Err(Failure::new(Code::State, anyhow!(message)));
        }
        Verdict::Failed | Verdict::Elsewhere => return Err(Failure::found(message)),
        Verdict::Unstored => return Err(Failure::new(Code::State, anyhow!(message))),
    }
    Ok(())
}

/// Asks the daemon at the first of these sockets at which there is one.
fn ask(sockets: &[PathBuf], request: &Request) -> Result<Answer, Failure> {
    for socket in sockets {
        match control::ask_telling(socket, request, &say) {
            Err(AskError::Nobody { .. }) => {}
            Ok(answer) => return Ok(answer),
            Err(error) => return Err(Failure::found(error.to_string())),
        }
    }
    let looked = sockets.iter().map(|socket| shown(socket));
    Err(Failure::found(format!(
        "no daemon runs that could reload (looked at {}): start one with `systemctl start merganser` or \
         `merganser run`, which reads feeds.toml anyway; `merganser check` reads it without one",
        looked.collect::<Vec<_>>().join(", ")
    )))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
