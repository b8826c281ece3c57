//! `merganser remove`, `enable` and `disable`: feeds of feeds.toml by their ids.

use super::{Editing, again, next_step, no_feed_among};
use crate::cli::Places;
use crate::cli::exit::{Failure, say};
use crate::config::{self, EditError};
use std::io::{Write as _, stdout};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Ids {
    /// The ids of the feeds, as in feeds.toml
    #[arg(required = true)]
    ids: Vec<String>,
    /// Tell what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Takes feeds out of the file. What was stored of them stays until it is too old.
pub(in crate::cli) fn remove(places: &Places, options: &Ids) -> Result<(), Failure> {
    let words = ("removed", "its entries stay until `retention` takes them");
    each(places, options, words, config::without_feed)
}

/// Lets feeds be polled again.
pub(in crate::cli) fn enable(places: &Places, options: &Ids) -> Result<(), Failure> {
    each(
        places,
        options,
        ("enabled", "it is polled again"),
        |text, id| config::with_feed_enabled(text, id, true),
    )
}

/// Keeps feeds in the file, to be polled no more.
pub(in crate::cli) fn disable(places: &Places, options: &Ids) -> Result<(), Failure> {
    each(
        places,
        options,
        ("disabled", "it is polled no more"),
        |text, id| config::with_feed_enabled(text, id, false),
    )
}

/// Edits the file for each of the feeds named, all of them or none.
fn each(
    places: &Places,
    options: &Ids,
    words: (&str, &str),
    edit: impl Fn(&str, &str) -> Result<String, EditError>,
) -> Result<(), Failure> {
    again(|| once(places, options, words, &edit))
}

fn once(
    places: &Places,
    options: &Ids,
    (done, outcome): (&str, &str),
    edit: impl Fn(&str, &str) -> Result<String, EditError>,
) -> Result<(), Failure> {
    let editing = Editing::open(places)?;
    let mut edited = editing.text.clone();
    let mut told = Vec::new();
    let lines = config::feed_lines(&editing.text);
    for id in &options.ids {
        let line = *lines.get(id).ok_or_else(|| {
            let ids: Vec<&str> = lines.keys().map(String::as_str).collect();
            no_feed_among(id, &ids)
        })?;
        edited = match edit(&edited, id) {
            // Named twice.
            Err(EditError::NoFeed) => continue,
            edited => edited.map_err(|error| editing.refused(error))?,
        };
        told.push((id, line));
    }
    let loaded = editing.read(&edited)?;
    if edited != editing.text && !options.dry_run {
        editing.write(&edited)?;
    }
    let news = editing.news(&edited, loaded.warnings);
    if !news.is_empty() {
        say(news.trim_end());
    }
    let mut out = stdout().lock();
    let path = editing.path.display();
    for (id, line) in told {
        if options.dry_run {
            writeln!(out, "{path}:{line}: `{id}` would be {done}")?;
        } else {
            writeln!(out, "{path}:{line}: `{id}` is {done}: {outcome}")?;
        }
    }
    if options.dry_run {
        writeln!(out, "nothing is written")?;
        return Ok(());
    }
    writeln!(out, "{}", next_step(places, &editing.config))?;
    Ok(())
}
