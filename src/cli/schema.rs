//! `merganser schema`: what feeds.toml may hold, for editors and as a page.

use super::exit::Failure;
use crate::config;
use clap::ValueEnum;
use std::io::{Write as _, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// The JSON Schema, by which editors complete and check the file
    #[default]
    Json,
    /// The reference of all keys
    Markdown,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match options.format {
        Form::Json => writeln!(out, "{:#}", config::schema())?,
        Form::Markdown => write!(out, "{}", config::reference())?,
    }
    Ok(())
}
