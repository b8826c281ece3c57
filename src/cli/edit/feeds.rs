//! `merganser remove`, `enable` and `disable`: feeds of feeds.toml by their ids.

use super::{Editing, again, next_step, no_feed_among};
use crate::cli::Places;
use crate::cli::exit::{Failure, say};
use crate::config::{self, EditError, FeedSettings};
use std::collections::BTreeSet;
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
    let words = (
        "removed",
        "its entries stay as they are until `retention` takes them",
    );
    each(places, options, words, config::without_feed, |_| false)
}

/// Lets feeds be polled again.
pub(in crate::cli) fn enable(places: &Places, options: &Ids) -> Result<(), Failure> {
    each(
        places,
        options,
        ("enabled", "it is polled again"),
        |text, id| config::with_feed_enabled(text, id, true),
        |feed| feed.enabled,
    )
}

/// Keeps feeds in the file, to be polled no more.
pub(in crate::cli) fn disable(places: &Places, options: &Ids) -> Result<(), Failure> {
    each(
        places,
        options,
        (
            "disabled",
            "it is polled no more, and its entries stay as they are",
        ),
        |text, id| config::with_feed_enabled(text, id, false),
        |feed| !feed.enabled,
    )
}

/// Edits the file for each of the feeds named, all of them or none; those stay of which `is_done` tells that they are so.
fn each(
    places: &Places,
    options: &Ids,
    words: (&str, &str),
    edit: impl Fn(&str, &str) -> Result<String, EditError>,
    is_done: impl Fn(&FeedSettings) -> bool,
) -> Result<(), Failure> {
    again(|| once(places, options, words, &edit, &is_done))
}

fn once(
    places: &Places,
    options: &Ids,
    (done, outcome): (&str, &str),
    edit: impl Fn(&str, &str) -> Result<String, EditError>,
    is_done: impl Fn(&FeedSettings) -> bool,
) -> Result<(), Failure> {
    let editing = Editing::open(places)?;
    let mut edited = editing.text.clone();
    let mut told = Vec::new();
    let feeds = editing.config.feeds.iter();
    let as_meant: BTreeSet<&str> = feeds
        .filter(|feed| is_done(feed))
        .map(|feed| feed.id.as_str())
        .collect();
    let lines = config::feed_lines(&editing.text);
    for id in &options.ids {
        let line = *lines.get(id).ok_or_else(|| {
            let ids: Vec<&str> = lines.keys().map(String::as_str).collect();
            no_feed_among(id, &ids)
        })?;
        if told.iter().any(|(it, _)| *it == id) {
            continue;
        }
        told.push((id, line));
        if !as_meant.contains(id.as_str()) {
            edited = edit(&edited, id).map_err(|error| editing.refused(error))?;
        }
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
        if as_meant.contains(id.as_str()) {
            writeln!(out, "{path}:{line}: `{id}` is {done} as it was")?;
        } else if options.dry_run {
            writeln!(out, "{path}:{line}: `{id}` would be {done}")?;
        } else {
            writeln!(out, "{path}:{line}: `{id}` is {done}: {outcome}")?;
        }
    }
    if options.dry_run || edited == editing.text {
        writeln!(out, "nothing is written")?;
        return Ok(());
    }
    writeln!(out, "{}", next_step(places, &editing.config))?;
    Ok(())
}
