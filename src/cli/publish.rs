//! `merganser publish`: what is served, as files.

use super::Places;
use super::directory;
use super::exit::{Code, Failure, say};
use super::progress::Bar;
use super::table::count;
use crate::clock::{Clock as _, SystemClock};
use crate::daemon::{PublishError, publish_files};
use crate::publish;
use std::io::{Write as _, stdout};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Where the files go; made where there is none
    #[arg(value_name = "DIR", value_parser = directory::parser())]
    directory: PathBuf,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let config = places.load_without_secrets()?;
    let store = places.store(&config.storage)?;
    let state = places.state()?;
    let from = (&store, state.as_path());
    let public_url = config.site.public_url.clone();
    let bar = Bar::begin("outputs rendered");
    let waits = |what: &str| bar.aside(|| say(&format!("merganser: {what}")));
    let (directory, watch) = (options.directory.as_path(), bar.watch());
    let (done, unknown) =
        publish_files(config, from, SystemClock.now(), (directory, &watch, &waits))?;
    bar.clear();
    writeln!(
        stdout().lock(),
        "{}: {} written, {} removed, {} as before",
        options.directory.display(),
        count(u64::try_from(done.written).unwrap_or(u64::MAX), "file"),
        done.removed,
        done.kept
    )?;
    if publish::is_local(&public_url) {
        say(&format!(
            "the files lead to {public_url}, which is this machine: write `public-url` before anybody subscribes"
        ));
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = unknown.iter().map(|path| format!("`{path}`")).collect();
    Err(Failure::found(format!(
        "the rules that feeds.toml has now are not applied to what is stored yet, so nobody knows what is in {}: \
         the files of that are as they were. `merganser poll` applies them, and so does a daemon that runs by this file",
        names.join(", ")
    )))
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Start(error) => Self::from(error),
            PublishError::Store(error) => Self::from(error),
            PublishError::Mirror(error) => Self::new(Code::Found, error),
            error @ (PublishError::Held { .. } | PublishError::Thread(_)) => {
                Self::new(Code::Found, error)
            }
        }
    }
}
